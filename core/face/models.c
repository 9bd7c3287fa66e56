/* Loading of the pinned model files; see models.h. */
#include "face/models.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/paths.h"

/* Name, exact size and digest: facts/vision.md 2.2. */
static const struct model {
	const char *name;
	size_t size;
	const char *digest;
} models[EH_MODEL_N] = {
	[EH_MODEL_SHORT] = { "face_detection_short_range.tflite", 229032,
			     "3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633" },
	[EH_MODEL_FULL] = { "face_detection_full_range.tflite", 1083984,
			    "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3" },
	[EH_MODEL_MESH] = { "face_landmark.tflite", 1241896,
			    "c603fa6149219a3e9487dc9abd7a0c24474c77263273d24868378cdf40aa26d1" },
	[EH_MODEL_CANON] = { "face_geometry.binarypb", 19376,
			     "bdbcda96dfcb7da883da124aaa2c55dee49770d934f0fcc71747f8c21bdc75b4" },
};

const char *eh_model_digest(enum eh_model which)
{
	return models[which].digest;
}

static int read_checked(unsigned char *p, const struct model *m, FILE *file, const char *path, struct eh_err *err)
{
	char digest[EH_DIGEST_HEX] = "";
	size_t n = fread(p, 1, m->size, file);

	if (ferror(file))
		return eh_err_set(err, EH_EIO, "%s cannot be read", path);
	eh_sha256_hex(digest, p, n);
	if (n != m->size || fgetc(file) != EOF || strcmp(digest, m->digest) != 0)
		return eh_err_set(err, EH_EFORMAT, "%s is not the model this program was made for (its SHA-256 should "
				  "be %s); remove it and run \"make setup\"", path, m->digest);
	return EH_OK;
}

int eh_model_load(unsigned char **data, size_t *size, enum eh_model which, struct eh_err *err)
{
	const struct model *m = &models[which];
	char path[PATH_MAX] = "";
	unsigned char *p = NULL;
	FILE *file = NULL;
	int rc = EH_OK;

	*data = NULL;
	*size = 0;
	rc = eh_data_path(path, sizeof path, EH_DATA_MODEL, m->name, err);
	if (rc < 0)
		return rc;
	file = fopen(path, "rb");
	if (file == NULL)
		return eh_err_set(err, EH_EIO, "%s cannot be opened", path);
	p = eh_try_malloc(m->size, 1);
	if (p == NULL)
		rc = eh_err_set(err, EH_ENOMEM, "out of memory while reading %s", path);
	else
		rc = read_checked(p, m, file, path, err);
	if (rc == EH_OK) {
		*data = p;
		*size = m->size;
		p = NULL;
	}
	(void)fclose(file);
	free(p);
	return rc;
}
