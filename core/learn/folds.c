/* Stratified folds by candidate; see folds.h. */
#include "learn/folds.h"

#include <stdlib.h>

#include "base/mem.h"

static int32_t next_group(const int32_t *group, size_t n, int32_t after)
{
	int32_t best = -1;

	for (size_t i = 0; i < n; i++)
		if (group[i] > after && (best < 0 || group[i] < best))
			best = group[i];
	return best;
}

int eh_folds_make(uint32_t *fold, const int32_t *group, const uint32_t *owner, size_t n, uint32_t k, struct eh_rng *rng,
		  struct eh_err *err)
{
	uint32_t *first = eh_try_malloc(n, sizeof *first);

	if (first == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the folds of %zu rows", n);
	for (int32_t g = next_group(group, n, -1); g >= 0; g = next_group(group, n, g)) {
		size_t count = 0;

		for (size_t i = 0; i < n; i++)
			if (group[i] == g && (i == 0 || owner[i] != owner[i - 1]))
				first[count++] = (uint32_t)i;
		eh_rng_shuffle(rng, first, count);
		for (size_t c = 0; c < count; c++)
			for (size_t i = first[c]; i < n && owner[i] == owner[first[c]]; i++)
				fold[i] = (uint32_t)(c % k);
	}
	free(first);
	return EH_OK;
}

uint32_t eh_folds_count(const int32_t *group, const uint32_t *owner, size_t n, size_t n_groups, uint32_t most)
{
	for (size_t g = 0; g < n_groups; g++) {
		uint32_t count = 0;

		for (size_t i = 0; i < n; i++)
			count += group[i] == (int32_t)g && (i == 0 || owner[i] != owner[i - 1]);
		if (count < most)
			most = count;
	}
	return most < 2 ? 2 : most;
}
