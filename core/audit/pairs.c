/* Paired decisions on the same candidates; see pairs.h. */
#include "audit/pairs.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* A candidate of the first side.  Balance: advanced less rejected. */
struct person {
	uint32_t candidate;
	bool second_seen;
	int64_t first, second;
};

static bool is_member(const struct eh_attribute_data *a, uint32_t candidate, size_t group)
{
	return a->group[candidate] == (int16_t)group &&
	       (a->provenance[candidate] == EH_DECLARED || a->provenance[candidate] == EH_IMPORTED);
}

/* Rows of one evaluator are sorted by candidate (data.h): the list is too. */
static size_t take_first(struct person *v, const struct eh_audit_data *d, size_t evaluator,
			 const struct eh_attribute_data *a, size_t group)
{
	size_t n = 0;

	for (size_t i = d->evaluator_at[evaluator]; i < d->evaluator_at[evaluator + 1]; i++) {
		uint32_t c = d->candidate[i];

		if (!is_member(a, c, group))
			continue;
		if (n == 0 || v[n - 1].candidate != c)
			v[n++] = (struct person){ .candidate = c };
		v[n - 1].first += d->selected[i] != 0 ? 1 : -1;
	}
	return n;
}

static struct person *find(struct person *v, size_t n, uint32_t candidate)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (v[mid].candidate < candidate)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && v[lo].candidate == candidate ? &v[lo] : NULL;
}

static void take_second(struct person *v, size_t n, const struct eh_audit_data *d, size_t evaluator)
{
	for (size_t i = d->evaluator_at[evaluator]; i < d->evaluator_at[evaluator + 1]; i++) {
		struct person *p = find(v, n, d->candidate[i]);

		if (p == NULL)
			continue;
		p->second_seen = true;
		p->second += d->selected[i] != 0 ? 1 : -1;
	}
}

int eh_pairs_count(struct eh_pairs *out, const struct eh_audit_data *d, size_t evaluator, const bool *second,
		   size_t attribute, size_t group, struct eh_err *err)
{
	const size_t room = d->evaluator_at[evaluator + 1] - d->evaluator_at[evaluator];
	struct person *v = NULL;
	size_t n = 0;

	memset(out, 0, sizeof *out);
	if (d->weight != NULL)
		return eh_err_set(err, EH_EINVAL, "the data are counts of persons: their decisions cannot be paired");
	v = eh_try_malloc(room + 1, sizeof *v);
	if (v == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for %zu pairs", room);
	n = take_first(v, d, evaluator, &d->attributes[attribute], group);
	for (size_t e = 0; e < d->evaluators.n && n > 0; e++)
		if (e != evaluator && second[e])
			take_second(v, n, d, e);
	for (size_t i = 0; i < n; i++) {
		if (!v[i].second_seen)
			continue;
		if (v[i].first == 0 || v[i].second == 0)
			out->split++;
		else if (v[i].first > 0)
			*(v[i].second > 0 ? &out->both : &out->first_only) += 1;
		else
			*(v[i].second > 0 ? &out->second_only : &out->neither) += 1;
	}
	free(v);
	return EH_OK;
}
