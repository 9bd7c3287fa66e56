/* Rows of a recording and order statistics over them; see series.h. */
#include "voice/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void eh_series_reset(struct eh_series *s)
{
	s->n = 0;
}

void eh_series_free(struct eh_series *s)
{
	for (size_t i = 0; i < EH_SERIES_BLOCKS; i++)
		free(s->block[i]);
	memset(s, 0, sizeof *s);
}

int eh_series_add(struct eh_series *s, struct eh_frame **out, struct eh_err *err)
{
	size_t block = s->n / EH_SERIES_BLOCK;

	*out = NULL;
	if (block >= EH_SERIES_BLOCKS)
		return eh_err_set(err, EH_ERANGE,
				  "more than %u frames (two hours) of sound in one recording; cut it into answers",
				  EH_SERIES_MAX);
	if (s->block[block] == NULL)
		s->block[block] = eh_try_malloc(EH_SERIES_BLOCK, sizeof **s->block);
	if (s->block[block] == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the indicators of %zu frames of sound", s->n + 1);
	*out = &s->block[block][s->n % EH_SERIES_BLOCK];
	memset(*out, 0, sizeof **out);
	s->n++;
	return EH_OK;
}

/* Bits of a float, turned so that unsigned order is numeric order. */
static uint32_t order_key(float v)
{
	uint32_t bits = 0;

	memcpy(&bits, &v, sizeof bits);
	return (bits & UINT32_C(0x80000000)) != 0 ? ~bits : bits | UINT32_C(0x80000000);
}

static float from_key(uint32_t key)
{
	uint32_t bits = (key & UINT32_C(0x80000000)) != 0 ? key & UINT32_C(0x7fffffff) : ~key;
	float v = 0.0f;

	memcpy(&v, &bits, sizeof v);
	return v;
}

/* The k-th smallest, k from 0, byte by byte from the top.  qsort is no choice here: glibc's asks the system for the
 * size of memory at its first large array, and the worker's filter kills for that (facts/first_road.md 2). */
static float kth(const float *v, size_t n, size_t k)
{
	uint32_t prefix = 0, mask = 0;

	for (unsigned shift = 24;; shift -= 8) {
		size_t count[256] = { 0 };
		uint32_t digit = 0;

		for (size_t i = 0; i < n; i++) {
			uint32_t key = order_key(v[i]);

			if ((key & mask) == prefix)
				count[(key >> shift) & 0xffu]++;
		}
		while (k >= count[digit])
			k -= count[digit++];
		prefix |= digit << shift;
		mask |= UINT32_C(0xff) << shift;
		if (shift == 0)
			return from_key(prefix);
	}
}

double eh_quantile(const float *v, size_t n, double q)
{
	double at = q * (double)(n - 1);
	size_t below = (size_t)floor(at);
	double part = at - (double)below;
	double low = (double)kth(v, n, below);

	if (part <= 0.0 || below + 1 >= n)
		return low;
	return low + part * ((double)kth(v, n, below + 1) - low);
}
