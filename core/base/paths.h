/*
 * paths.h - where the program's own files are.
 *
 * Searched in this order: $EVENHAND_DATA, the source tree beside the binary (BUILD/../),
 * ../share/evenhand beside the binary (an install that was staged or moved), the compiled-in
 * PREFIX/share/evenhand.  Relative entries are never looked up below the current
 * directory.
 */
#ifndef EH_BASE_PATHS_H
#define EH_BASE_PATHS_H

#include <stddef.h>

#include "base/err.h"

enum eh_data_kind {
	EH_DATA_MODEL,          /* assets/models/NAME          | share/evenhand/models/NAME */
	EH_DATA_POLICY,         /* scripts/NAME                | share/evenhand/policies/NAME */
	EH_DATA_PORTRAIT        /* assets/portraits/NAME       | share/evenhand/portraits/NAME */
};

/* Fills out[size] with the first existing path.  EH_ENOENT names every place that was tried
 * and the mend. */
int eh_data_path(char *out, size_t size, enum eh_data_kind kind, const char *name, struct eh_err *err);

#endif
