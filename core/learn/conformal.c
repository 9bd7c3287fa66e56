/* Class-conditional conformal decision sets; see conformal.h. */
#include "learn/conformal.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "learn/scale.h"

int eh_conformal_alloc(struct eh_conformal *c, size_t k, struct eh_err *err)
{
	for (size_t g = 0; g < k; g++) {
		c->score[g] = eh_try_calloc(c->n[g], sizeof *c->score[g]);
		if (c->score[g] == NULL && c->n[g] > 0) {
			eh_conformal_free(c);
			return eh_err_set(err, EH_ENOMEM, "out of memory for the calibration of the decision sets");
		}
	}
	return EH_OK;
}

void eh_conformal_free(struct eh_conformal *c)
{
	for (size_t g = 0; g < EH_GROUPS_MAX; g++)
		free(c->score[g]);
	memset(c, 0, sizeof *c);
}

int eh_conformal_fit(struct eh_conformal *out, const double *p, const int32_t *group, size_t n, size_t k,
		     struct eh_err *err)
{
	uint32_t at[EH_GROUPS_MAX] = { 0 };
	int rc = EH_OK;

	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < n; i++)
		out->n[group[i]]++;
	rc = eh_conformal_alloc(out, k, err);
	if (rc != EH_OK)
		return rc;
	for (size_t i = 0; i < n; i++)
		out->score[group[i]][at[group[i]]++] = 1.0 - p[i * k + (size_t)group[i]];
	for (size_t g = 0; g < k; g++)
		if (out->n[g] > 1)
			qsort(out->score[g], out->n[g], sizeof *out->score[g], eh_double_cmp);
	return EH_OK;
}

/* How many of v[n], ascending, are not below s. */
static size_t not_below(const double *v, size_t n, double s)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t middle = lo + (hi - lo) / 2;

		if (v[middle] < s)
			lo = middle + 1;
		else
			hi = middle;
	}
	return n - lo;
}

uint32_t eh_conformal_set(const struct eh_conformal *c, const double *p, size_t k, int leave)
{
	uint32_t set = 0;

	for (size_t g = 0; g < k; g++) {
		size_t left = leave == (int)g ? 1 : 0;
		size_t above = not_below(c->score[g], c->n[g], 1.0 - p[g]) - left;

		if ((double)(1 + above) / (double)(c->n[g] - left + 1) > EH_ALPHA)
			set |= 1u << g;
	}
	return set;
}

bool eh_conformal_can_exclude(uint32_t n)
{
	return 1.0 / ((double)n + 1.0) <= EH_ALPHA;
}

void eh_conformal_decisions(struct eh_decisions *out, const struct eh_conformal *c, const double *p,
			    const int32_t *group, size_t n, size_t k)
{
	memset(out, 0, k * sizeof *out);
	for (size_t g = 0; g < k; g++) {
		out[g].n = c->n[g];
		out[g].can_exclude = eh_conformal_can_exclude(c->n[g]);
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t own = 1u << group[i], set = eh_conformal_set(c, p + i * k, k, group[i]);
		struct eh_decisions *d = &out[group[i]];
		bool single = set != 0 && (set & (set - 1)) == 0;

		d->covered += (set & own) != 0;
		d->decided += single;
		d->wrong += single && set != own;
	}
}
