/* Classes in bytes and decisions by candidate; see order.h. */
#include "audit/order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/threads.h"

#ifndef EH_ORDER_STRETCH
#define EH_ORDER_STRETCH ((size_t)1 << 17)
#endif
#define STRETCH EH_ORDER_STRETCH        /* [candidates] whose classes are one task */
#define SHARE_WORTH 100000u             /* [candidates] from which on threads are worth their start */

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

/* A stretch of the candidates in one attribute. */
struct stretch {
	size_t attribute, from, to;
	bool predicted;                 /* somebody's class is */
	uint64_t known[EH_CODES];       /* persons of each code */
};

/* Few codes are many candidates': four counts beside each other need not wait for each other's additions. */
static void count_codes(const struct eh_order *o, struct stretch *s)
{
	const uint8_t *code = o->code[s->attribute];
	const uint32_t *weight = o->d->weight;
	uint32_t count[4][EH_CODES] = { { 0 } };

	for (size_t i = s->from; weight != NULL && i < s->to; i++)
		s->known[code[i]] += weight[i];
	for (size_t i = s->from; weight == NULL && i < s->to; i++)
		count[i % 4][code[i]]++;
	for (size_t k = 0; k < EH_CODES; k++)
		s->known[k] += (uint64_t)count[0][k] + count[1][k] + count[2][k] + count[3][k];
}

static int fill_codes(struct eh_order *o, bool known_only, struct stretch *s, struct eh_err *err)
{
	const struct eh_attribute_data *a = &o->d->attributes[s->attribute];
	uint8_t *code = o->code[s->attribute];

	for (size_t i = s->from; i < s->to; i++) {
		int rc = EH_OK;

		if (a->group[i] < -1 || a->group[i] >= (int16_t)a->n_groups || a->provenance[i] > EH_PREDICTED)
			return eh_err_set(err, EH_EINVAL,
					  "%s of candidate %s: the class is not in the attribute's list",
					  a->name, name_of(o->d, i));
		code[i] = code_of(a->group[i], a->provenance[i], known_only);
		if (code[i] != EH_CODE_PREDICTED)
			continue;
		s->predicted = true;
		if (a->prob != NULL)
			rc = check_prob(o->d, a, i, err);
		if (rc < 0)
			return rc;
	}
	count_codes(o, s);
	return EH_OK;
}

static int no_memory(const struct eh_order *o, struct eh_err *err)
{
	return eh_err_set(err, EH_ENOMEM, "audit: out of memory for %zu decisions", o->d->n_decisions);
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

/* Looks through all there is: who was judged twice, and the classes, stretch by stretch. */
struct look {
	struct eh_order *o;
	bool known_only;
	struct stretch *stretch;
};

static int look_task(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	const struct look *l = ctx;

	(void)slot;
	(void)inside;
	if (i > 0)
		return fill_codes(l->o, l->known_only, &l->stretch[i - 1], err);
	return look_for_repeats(l->o) < 0 ? no_memory(l->o, err) : EH_OK;
}

static int make_codes(struct eh_order *o, struct eh_err *err)
{
	const size_t n = o->d->candidates.n;

	o->code = eh_try_calloc(o->d->n_attributes + 1, sizeof *o->code);
	o->known = eh_try_calloc(o->d->n_attributes + 1, sizeof *o->known);
	if (o->code == NULL || o->known == NULL)
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory");
	for (size_t a = 0; a < o->d->n_attributes; a++) {
		o->code[a] = eh_try_pages(n + 1, sizeof **o->code);
		if (o->code[a] == NULL)
			return eh_err_set(err, EH_ENOMEM, "audit: out of memory for %zu candidates", n);
	}
	return EH_OK;
}

static int look_through(struct eh_order *o, bool known_only, struct eh_err *err)
{
	const size_t m = o->d->candidates.n, each = m / STRETCH + (m % STRETCH != 0), n = each * o->d->n_attributes;
	const bool shared = m >= SHARE_WORTH;
	const struct eh_steps steps = { .jobs = shared ? o->d->threads : 1 };
	const struct eh_crew crew = eh_crew_of(&steps);
	struct look l = { .o = o, .known_only = known_only, .stretch = eh_try_calloc(n + 1, sizeof *l.stretch) };
	int rc = l.stretch != NULL ? EH_OK : no_memory(o, err);

	for (size_t i = 0; i < n && rc == EH_OK; i++) {
		const size_t from = i % each * STRETCH;

		l.stretch[i].attribute = i / each;
		l.stretch[i].from = from;
		l.stretch[i].to = m - from < STRETCH ? m : from + STRETCH;
	}
	if (shared && rc == EH_OK)
		rc = eh_crew_run(&crew, n + 1, n + 1, look_task, &l, err);
	for (size_t i = 0; !shared && i <= n && rc == EH_OK; i++)
		rc = look_task(&l, 0, i, &crew, err);
	for (size_t i = 0; i < n && rc == EH_OK; i++) {
		o->predicted = o->predicted || l.stretch[i].predicted;
		for (size_t k = 0; k < EH_CODES; k++)
			o->known[l.stretch[i].attribute][k] += l.stretch[i].known[k];
	}
	free(l.stretch);
	return rc;
}

int eh_order_make(struct eh_order *o, const struct eh_audit_data *d, bool known_only, struct eh_err *err)
{
	const bool several = d->position != NULL && d->positions.n > 1;
	int rc = EH_OK;

	*o = (struct eh_order){ .d = d, .n_positions = several ? d->positions.n : 1 };
	if (d->n_decisions >= EH_DECISIONS_MAX || d->candidates.n >= UINT32_MAX)
		return eh_err_set(err, EH_ERANGE, "audit: %zu decisions on %zu candidates are too many",
				  d->n_decisions, d->candidates.n);
	rc = make_codes(o, err);
	if (rc == EH_OK)
		rc = look_through(o, known_only, err);
	if (rc == EH_OK && (((!o->single || several || o->predicted) && index_candidates(o) < 0) ||
			    (several && index_positions(o) < 0)))
		rc = no_memory(o, err);
	if (rc < 0)
		eh_order_free(o);
	return rc;
}

static void forget_rows(struct eh_order *o)
{
	free(o->candidate_at);
	free(o->row);
	free(o->owner_from);
	o->candidate_at = o->row = o->owner_from = NULL;
}

void eh_order_refuse(struct eh_order *o, size_t attribute)
{
	uint8_t *code = o->code[attribute];
	uint64_t *known = o->known[attribute];

	for (size_t i = 0; known[EH_CODE_PREDICTED] > 0 && i < o->d->candidates.n; i++)
		if (code[i] == EH_CODE_PREDICTED)
			code[i] = EH_CODE_REFUSED;
	known[EH_CODE_REFUSED] += known[EH_CODE_PREDICTED];
	known[EH_CODE_PREDICTED] = 0;
	o->predicted = false;
	for (size_t a = 0; a < o->d->n_attributes; a++)
		o->predicted = o->predicted || o->known[a][EH_CODE_PREDICTED] > 0;
	if (o->single && o->position_at == NULL && !o->predicted)
		forget_rows(o);
}

void eh_order_keep_codes(struct eh_order *o)
{
	forget_rows(o);
	free(o->position_at);
	free(o->by_position);
	o->position_at = o->by_position = NULL;
}

int eh_order_look_again(struct eh_order *o, struct eh_err *err)
{
	return look_for_repeats(o) < 0 ? no_memory(o, err) : EH_OK;
}

void eh_order_free(struct eh_order *o)
{
	eh_order_keep_codes(o);
	for (size_t a = 0; o->code != NULL && a < o->d->n_attributes; a++)
		free(o->code[a]);
	free(o->code);
	free(o->known);
	free(o->position);
	memset(o, 0, sizeof *o);
}
