/*
 * splice.h - another number of elements in the middle of an array.
 */
#ifndef EH_AUDIT_SPLICE_H
#define EH_AUDIT_SPLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"

/*
 * array: address of a pointer to n elements of `size` bytes, of which from..to-1 give way to m others, that are not
 * set; cap >= n and the new number: elements there is room for afterwards, and one more.  False: out of memory, nothing
 * is changed.
 */
static inline bool eh_splice(void *array, size_t size, size_t n, size_t from, size_t to, size_t m, size_t cap)
{
	void *old = NULL, *v = NULL;

	memcpy(&old, array, sizeof old);
	v = eh_try_realloc(old, cap + 1, size);
	if (v == NULL)
		return false;
	memcpy(array, &v, sizeof v);
	if (m != to - from && n > to)
		memmove((char *)v + (from + m) * size, (char *)v + to * size, (n - to) * size);
	return true;
}

#endif
