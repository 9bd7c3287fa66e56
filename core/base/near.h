/*
 * near.h - what may have been meant by a name that is not there.
 */
#ifndef EH_BASE_NEAR_H
#define EH_BASE_NEAR_H

#include <stddef.h>

/* Names [n] near a misspelt one, as ": did you mean x, y?", or "" when there is none. */
void eh_near_names(char *out, size_t size, const char *wrong, const char *const *names, size_t n);

#endif
