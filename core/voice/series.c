/* Rows of a recording and order statistics over them; see series.h. */
#include "voice/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

_Static_assert(sizeof(struct eh_frame) == 120, "the header states what a row takes");
_Static_assert(EH_SERIES_MAX <= EH_SERIES_BLOCK * EH_SERIES_BLOCKS, "a stretch would not fit");

struct eh_scale eh_scale_of(enum eh_feature feature)
{
	static const struct eh_scale scale[EH_FEATURES] = {
#define X(id, low, step) [id] = { low, step },
		EH_FEATURE_LIST(X)
#undef X
	};

	return scale[feature];
}

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
	if (s->block[block] == NULL)
		s->block[block] = eh_try_malloc(EH_SERIES_BLOCK, sizeof **s->block);
	if (s->block[block] == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the indicators of %zu frames of sound", s->n + 1);
	*out = &s->block[block][s->n % EH_SERIES_BLOCK];
	memset(*out, 0, sizeof **out);
	(*out)->heard = (*out)->first = (*out)->chosen = EH_UNVOICED;
	s->n++;
	return EH_OK;
}

/* The k-th smallest of the codes whose high byte is `high`, k from 0 among them. */
static uint16_t kth_in_row(const uint16_t *v, size_t n, uint32_t high, size_t k)
{
	size_t count[256] = { 0 };
	uint32_t low = 0;

	for (size_t i = 0; i < n; i++)
		if (v[i] >> 8 == high)
			count[v[i] & 0xffu]++;
	while (k >= count[low])
		k -= count[low++];
	return (uint16_t)(high << 8 | low);
}

/* Byte by byte from the top.  qsort is no choice here: glibc's asks the system for the size of memory at its first
 * large array, and the worker's filter kills for that (facts/first_road.md 2). */
double eh_quantile(const uint16_t *v, size_t n, double q)
{
	size_t count[256] = { 0 }, at[2] = { 0, 0 };
	double value[2] = { 0.0, 0.0 }, rank = q * (double)(n - 1);

	for (size_t i = 0; i < n; i++)
		count[v[i] >> 8]++;
	at[0] = (size_t)floor(rank);
	at[1] = at[0] + 1 < n ? at[0] + 1 : at[0];
	for (int side = 0; side < 2; side++) {
		size_t k = at[side];
		uint32_t high = 0;

		if (side == 1 && rank <= (double)at[0])
			break;
		while (k >= count[high])
			k -= count[high++];
		value[side] = (double)kth_in_row(v, n, high, k);
	}
	return rank <= (double)at[0] ? value[0] : value[0] + (rank - (double)at[0]) * (value[1] - value[0]);
}
