/*
 * models.h - the pinned model files (facts/vision.md 2.2).
 */
#ifndef EH_FACE_MODELS_H
#define EH_FACE_MODELS_H

#include <stddef.h>

#include "base/digest.h"
#include "base/err.h"

enum eh_model { EH_MODEL_SHORT, EH_MODEL_FULL, EH_MODEL_MESH, EH_MODEL_CANON, EH_MODEL_N };

/*
 * Reads a whole model file and checks its SHA-256.  *data (caller frees) and *size.
 * EH_ENOENT: no such file, the text names the mend; EH_EFORMAT: other bytes than the pinned ones;
 * EH_EIO, EH_ENOMEM.  After an error *data is NULL.
 */
int eh_model_load(unsigned char **data, size_t *size, enum eh_model which, struct eh_err *err);

/* The pinned digest in hexadecimal. */
const char *eh_model_digest(enum eh_model which);

#endif
