/* Classes in bytes and decisions by candidate; see order.h. */
#include "audit/order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

_Static_assert(EH_GROUPS_MAX <= EH_CODE_DECLARED, "a group fits beside its provenance");

/* Who a message is about, whether or not the data have names. */
static const char *name_of(const struct eh_audit_data *d, size_t candidate)
{
	return d->candidates.v != NULL ? d->candidates.v[candidate] : "without a name";
}

static int check_prob(const struct eh_audit_data *d, const struct eh_attribute_data *a, size_t i, struct eh_err *err)
{
	const double *p = &a->prob[i * a->n_groups];
	double sum = 0.0;

	for (size_t g = 0; g < a->n_groups; g++) {
		if (!(p[g] >= 0.0 && p[g] <= 1.0))
			return eh_err_set(err, EH_EINVAL, "%s of candidate %s: a class probability is outside 0..1",
					  a->name, name_of(d, i));
		sum += p[g];
	}
	/* room for probabilities that were printed with few digits */
	if (!(fabs(sum - 1.0) < 0.02))
		return eh_err_set(err, EH_EINVAL, "%s of candidate %s: the class probabilities sum to %.3f, not 1",
				  a->name, name_of(d, i), sum);
	return EH_OK;
}

static uint8_t code_of(int16_t group, uint8_t provenance, bool known_only)
{
	switch (provenance) {
	case EH_PREDICTED:
		return (uint8_t)(known_only ? EH_CODE_UNKNOWN : EH_CODE_PREDICTED);
	case EH_DECLARED:
		return group < 0 ? EH_CODE_UNKNOWN : (uint8_t)(EH_CODE_DECLARED + (unsigned)group);
	case EH_IMPORTED:
		return group < 0 ? EH_CODE_UNKNOWN : (uint8_t)(EH_CODE_IMPORTED + (unsigned)group);
	default:
		return EH_CODE_UNKNOWN;
	}
}

static int fill_codes(struct eh_order *o, size_t attribute, bool known_only, struct eh_err *err)
{
	const struct eh_attribute_data *a = &o->d->attributes[attribute];
	const size_t n = o->d->candidates.n;
	uint8_t *code = eh_try_malloc(n + 1, sizeof *code);

	o->code[attribute] = code;
	if (code == NULL)
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory for %zu candidates", n);
	for (size_t i = 0; i < n; i++) {
		int rc = EH_OK;

		if (a->group[i] < -1 || a->group[i] >= (int16_t)a->n_groups || a->provenance[i] > EH_PREDICTED)
			return eh_err_set(err, EH_EINVAL,
					  "%s of candidate %s: the class is not in the attribute's list",
					  a->name, name_of(o->d, i));
		code[i] = code_of(a->group[i], a->provenance[i], known_only);
		if (code[i] != EH_CODE_PREDICTED)
			continue;
		o->predicted = true;
		if (a->prob != NULL)
			rc = check_prob(o->d, a, i, err);
		if (rc < 0)
			return rc;
	}
	return EH_OK;
}

/* Is every candidate in one row at most?  A bit each: the whole table stays in a near cache. */
static int look_for_repeats(struct eh_order *o)
{
	const struct eh_audit_data *d = o->d;
	uint64_t *seen = eh_try_calloc(d->candidates.n / 64 + 1, sizeof *seen);

	if (seen == NULL)
		return EH_ENOMEM;
	o->single = true;
	for (size_t i = 0; i < d->n_decisions && o->single; i++) {
		const uint32_t c = d->candidate[i];
		const uint64_t bit = UINT64_C(1) << (c % 64);

		o->single = (seen[c / 64] & bit) == 0;
		seen[c / 64] |= bit;
	}
	free(seen);
	return EH_OK;
}

/* at[k] was the end of k - 1 and became the end of k while places were handed out. */
static void step_back(uint32_t *at, size_t n)
{
	for (size_t k = n; k > 0; k--)
		at[k] = at[k - 1];
	at[0] = 0;
}

static int index_candidates(struct eh_order *o)
{
	const struct eh_audit_data *d = o->d;
	const size_t n = d->n_decisions, m = d->candidates.n;

	o->candidate_at = eh_try_calloc(m + 1, sizeof *o->candidate_at);
	o->row = eh_try_malloc(n + 1, sizeof *o->row);
	o->owner_from = eh_try_malloc(n / EH_OWNER_STEP + 1, sizeof *o->owner_from);
	if (o->candidate_at == NULL || o->row == NULL || o->owner_from == NULL)
		return EH_ENOMEM;
	for (size_t i = 0; i < n; i++)
		o->candidate_at[d->candidate[i] + 1]++;
	for (size_t c = 0; c < m; c++)
		o->candidate_at[c + 1] += o->candidate_at[c];
	for (size_t i = 0; i < n; i++)
		o->row[o->candidate_at[d->candidate[i]]++] = (uint32_t)i;
	step_back(o->candidate_at, m);
	for (size_t i = 0, e = 0; i < n; i += EH_OWNER_STEP) {
		while (d->evaluator_at[e + 1] <= i)
			e++;
		o->owner_from[i / EH_OWNER_STEP] = (uint32_t)e;
	}
	return EH_OK;
}

/* Candidates by position; those with decisions make a position one that is audited. */
static int index_positions(struct eh_order *o)
{
	const struct eh_audit_data *d = o->d;
	const size_t m = d->candidates.n;

	o->position_at = eh_try_calloc(o->n_positions + 1, sizeof *o->position_at);
	o->by_position = eh_try_malloc(m + 1, sizeof *o->by_position);
	o->position = eh_try_malloc(o->n_positions, sizeof *o->position);
	if (o->position_at == NULL || o->by_position == NULL || o->position == NULL)
		return EH_ENOMEM;
	for (size_t c = 0; c < m; c++)
		o->position_at[d->position[c] + 1]++;
	for (size_t p = 0; p < o->n_positions; p++)
		o->position_at[p + 1] += o->position_at[p];
	for (size_t c = 0; c < m; c++)
		o->by_position[o->position_at[d->position[c]]++] = (uint32_t)c;
	step_back(o->position_at, o->n_positions);
	for (size_t p = 0; p < o->n_positions; p++) {
		bool used = false;

		for (uint32_t i = o->position_at[p]; i < o->position_at[p + 1] && !used; i++)
			used = o->candidate_at[o->by_position[i] + 1] > o->candidate_at[o->by_position[i]];
		if (used)
			o->position[o->n_used++] = (uint32_t)p;
	}
	if (o->n_used < 2)
		o->n_used = 0;
	return EH_OK;
}

int eh_order_make(struct eh_order *o, const struct eh_audit_data *d, bool known_only, struct eh_err *err)
{
	const bool several = d->position != NULL && d->positions.n > 1;
	int rc = EH_OK;

	*o = (struct eh_order){ .d = d, .n_positions = several ? d->positions.n : 1 };
	if (d->n_decisions >= EH_DECISIONS_MAX || d->candidates.n >= UINT32_MAX)
		return eh_err_set(err, EH_ERANGE, "audit: %zu decisions on %zu candidates are too many",
				  d->n_decisions, d->candidates.n);
	o->code = eh_try_calloc(d->n_attributes + 1, sizeof *o->code);
	if (o->code == NULL)
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory");
	for (size_t a = 0; a < d->n_attributes && rc == EH_OK; a++)
		rc = fill_codes(o, a, known_only, err);
	if (rc == EH_OK) {
		rc = look_for_repeats(o);
		if (rc == EH_OK && (!o->single || several || o->predicted))
			rc = index_candidates(o);
		if (rc == EH_OK && several)
			rc = index_positions(o);
		if (rc < 0)
			eh_err_set(err, rc, "audit: out of memory for %zu decisions", d->n_decisions);
	}
	if (rc < 0)
		eh_order_free(o);
	return rc;
}

void eh_order_keep_codes(struct eh_order *o)
{
	free(o->candidate_at);
	free(o->row);
	free(o->position_at);
	free(o->by_position);
	free(o->owner_from);
	o->candidate_at = o->row = o->position_at = o->by_position = o->owner_from = NULL;
}

void eh_order_free(struct eh_order *o)
{
	eh_order_keep_codes(o);
	for (size_t a = 0; o->code != NULL && a < o->d->n_attributes; a++)
		free(o->code[a]);
	free(o->code);
	free(o->position);
	memset(o, 0, sizeof *o);
}
