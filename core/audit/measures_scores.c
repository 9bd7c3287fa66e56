/* Scores of every finding of a run; see measures.h. */
#include "audit/measures.h"

#include <stdlib.h>
#include <string.h>

#include "audit/counts.h"
#include "audit/score_kinds.h"
#include "audit/scores.h"
#include "base/mem.h"

struct room {
	const struct eh_order *o;
	size_t most;		       /* persons with scores, or kinds of them */
	struct eh_scored_persons *all; /* [most] everybody, by value; then of one evaluator after the other */
	struct eh_scored_persons *by_position; /* [most] the same, by position and value; NULL with one position */
	size_t *at;			       /* [n_positions + 1] */
	size_t n;			       /* of everybody */
};

/* ---- who has which score in a scope ---- */

static int no_memory(const struct room *r, struct eh_err *err)
{
	return eh_err_set(err, EH_ENOMEM, "audit: out of memory for the scores of %zu persons", r->most);
}

/* The rows of an evaluator lie by candidate. */
static size_t of_rows(struct room *r, uint32_t e)
{
	const struct eh_audit_data *d = r->o->d;
	size_t n = 0;

	for (size_t i = d->evaluator_at[e], next; i < d->evaluator_at[e + 1]; i = next) {
		double sum = 0.0;
		uint32_t count = 0;

		for (next = i; next < d->evaluator_at[e + 1] && d->candidate[next] == d->candidate[i]; next++) {
			sum += d->has_score[next] ? d->score[next] : 0.0;
			count += d->has_score[next] != 0;
		}
		if (count > 0)
			r->all[n++] = (struct eh_scored_persons){ sum / count, d->candidate[i], 1 };
	}
	return n;
}

static size_t of_evaluator(struct room *r, uint32_t e)
{
	return r->o->d->scored != NULL ? eh_score_kinds_persons(r->all, r->o->d, e) : of_rows(r, e);
}

/* A person's scores of all evaluators together. */
static int everybody_of_rows(struct room *r, struct eh_err *err)
{
	const struct eh_audit_data *d = r->o->d;
	double *sum = eh_try_calloc(d->candidates.n + 1, sizeof *sum);
	uint32_t *count = eh_try_calloc(d->candidates.n + 1, sizeof *count);
	int rc = EH_OK;

	if (sum == NULL || count == NULL)
		rc = no_memory(r, err);
	for (size_t i = 0; i < d->n_decisions && rc == EH_OK; i++) {
		sum[d->candidate[i]] += d->has_score[i] ? d->score[i] : 0.0;
		count[d->candidate[i]] += d->has_score[i] != 0;
	}
	for (uint32_t c = 0; c < d->candidates.n && rc == EH_OK; c++)
		if (count[c] > 0)
			r->all[r->n++] = (struct eh_scored_persons){ sum[c] / count[c], c, 1 };
	free(sum);
	free(count);
	return rc;
}

/* Counted persons were judged by one evaluator each, so his score is the person's. */
static int everybody(struct room *r, struct eh_err *err)
{
	const struct eh_audit_data *d = r->o->d;

	if (d->scored == NULL)
		return everybody_of_rows(r, err);
	for (uint32_t e = 0; e < d->evaluators.n; e++)
		r->n += eh_score_kinds_persons(r->all + r->n, d, e);
	return EH_OK;
}

/* Each position's, in the order in which they are in everybody's. */
static int deal(struct room *r, struct eh_err *err)
{
	const struct eh_order *o = r->o;

	if (o->n_used == 0)
		return EH_OK;
	r->by_position = eh_try_malloc(r->n + 1, sizeof *r->by_position);
	r->at = eh_try_calloc(o->n_positions + 2, sizeof *r->at);
	if (r->by_position == NULL || r->at == NULL)
		return no_memory(r, err);
	for (size_t i = 0; i < r->n; i++)
		r->at[eh_order_position(o, r->all[i].candidate) + 2]++;
	for (size_t p = 2; p < o->n_positions + 2; p++)
		r->at[p] += r->at[p - 1];
	for (size_t i = 0; i < r->n; i++)
		r->by_position[r->at[eh_order_position(o, r->all[i].candidate) + 1]++] = r->all[i];
	return EH_OK;
}

/* ---- a scope's findings ---- */

/* One attribute in one scope. */
struct scope {
	struct eh_finding *f; /* [n_groups] */
	size_t n_groups;
	const struct eh_score_table *t;
	/* values that somebody of the two sides has, and how many: [n], room for all lines */
	double *value;
	uint32_t *focal, *reference;
	size_t n;
};

/* The two sides of a comparison; who is in no group for certain is bit n_groups. */
static void choose(struct scope *x, eh_groups focal, eh_groups reference)
{
	x->n = 0;
	for (size_t i = 0; i < x->t->n; i++) {
		const struct eh_score_line *line = &x->t->v[i];
		const bool a = (focal >> line->group & 1u) != 0, b = (reference >> line->group & 1u) != 0;

		if (!a && !b)
			continue;
		if (x->n == 0 || x->value[x->n - 1] < line->value) {
			x->value[x->n] = line->value;
			x->focal[x->n] = x->reference[x->n] = 0;
			x->n++;
		}
		x->focal[x->n - 1] += a ? line->persons : 0;
		x->reference[x->n - 1] += b ? line->persons : 0;
	}
}

static struct eh_num median_of(struct scope *x, bool known)
{
	const eh_groups nobody_knows = (eh_groups)1u << x->n_groups, groups = nobody_knows - 1;

	choose(x, known ? groups : groups | nobody_knows, 0);
	return x->n > 0 ? eh_num(eh_score_median_counts(x->value, x->focal, x->n)) : eh_undefined(EH_U_NO_SCORES);
}

/* The groups f is compared with. */
static eh_groups reference_of(const struct eh_finding *f, size_t n_groups, size_t g)
{
	eh_groups set = 0;

	for (size_t h = 0; h < n_groups; h++)
		if (h != g && !f[h].below_two_percent &&
		    (strcmp(f[g].reference, "rest") == 0 || strcmp(f[g].reference, f[h].group) == 0))
			set |= (eh_groups)1u << h;
	return set;
}

static void copy(struct eh_finding_scores *out, const struct eh_score_test *t, struct eh_num median)
{
	*out = (struct eh_finding_scores){ .n = t->n, .ref_n = t->ref_n, .median = median,
					  .scoring_rate = t->scoring_rate, .ref_scoring_rate = t->ref_scoring_rate,
					  .scoring_ratio = t->scoring_ratio, .cohen_d = t->cohen_d,
					  .hedges_g = t->hedges_g, .p_welch = t->p_welch, .p_mann_whitney = t->p_rank,
					  .ks = t->ks, .rank_exact = t->rank_exact };
}

static uint64_t above(const struct scope *x, double median)
{
	uint64_t high = 0;

	for (size_t i = 0; i < x->n; i++)
		high += x->value[i] > median ? x->focal[i] : 0;
	return high;
}

/*
 * Under the rule "highest" the scoring rate has a highest group of its own (Local Law 144 divides by the highest
 * scoring rate), which need not be the one with the highest rate of selection.
 */
static void against_highest(struct eh_finding *f, size_t n_groups, const uint64_t *high, const uint64_t *n)
{
	struct eh_fourfold t = { 0, 0, 0, 0 };

	for (size_t g = 0; g < n_groups; g++)
		if (!f[g].below_two_percent && n[g] > 0 && (t.n2 == 0 || high[g] * t.n2 > t.b * n[g])) {
			t.b = high[g];
			t.n2 = n[g];
		}
	for (size_t g = 0; g < n_groups; g++) {
		if (f[g].below_two_percent || n[g] == 0)
			continue;
		t.a = high[g];
		t.n1 = n[g];
		f[g].scores.scoring_ratio = eh_table_ratio(&t);
		f[g].scores.ref_scoring_rate = eh_rate(t.b, t.n2);
	}
}

/* All groups of one attribute in one scope. */
static int fill(struct scope *x, const struct eh_audit_settings *s, struct eh_err *err)
{
	struct eh_finding *f = x->f;
	struct eh_num median = median_of(x, s->median_known);
	uint64_t high[EH_GROUPS_MAX], persons[EH_GROUPS_MAX];
	int rc = EH_OK;

	if (!median.defined)
		return EH_OK;
	for (size_t g = 0; g < x->n_groups && rc == EH_OK; g++) {
		enum eh_undef why = f[g].below_two_percent ? EH_U_BELOW_TWO_PERCENT : EH_U_IS_REFERENCE;
		bool alone = f[g].below_two_percent || f[g].is_reference;
		struct eh_score_test t;

		choose(x, (eh_groups)1u << g, alone ? 0 : reference_of(f, x->n_groups, g));
		rc = eh_score_test_counts(&t, x->value, x->focal, x->reference, x->n, median.value, err);
		if (rc < 0)
			break;
		high[g] = above(x, median.value);
		persons[g] = t.n;
		if (alone)
			t.scoring_ratio = t.ref_scoring_rate = t.cohen_d = t.hedges_g = t.p_welch = t.p_rank = t.ks =
				eh_undefined(why);
		t.scoring_rate = eh_rate(high[g], persons[g]);
		copy(&f[g].scores, &t, median);
	}
	if (rc == EH_OK && s->reference == EH_REF_HIGHEST)
		against_highest(f, x->n_groups, high, persons);
	return rc;
}

int eh_measures_score_table(struct eh_finding *v, const struct eh_order *o, const struct eh_audit_settings *s,
			    size_t scope, size_t attribute, const struct eh_score_table *t, struct eh_err *err)
{
	const struct eh_attribute_data *a = o->d->attributes;
	const size_t scopes = 1 + o->n_used + o->d->evaluators.n;
	size_t base = scope * a[attribute].n_groups;
	struct scope x = { .n_groups = a[attribute].n_groups, .t = t };
	int rc = EH_OK;

	for (size_t k = 0; k < attribute; k++)
		base += scopes * a[k].n_groups;
	x.f = &v[base];
	x.value = eh_try_malloc(t->n + 1, sizeof *x.value);
	x.focal = eh_try_malloc(2 * (t->n + 1), sizeof *x.focal);
	x.reference = x.focal + t->n + 1;
	if (x.value == NULL || x.focal == NULL)
		rc = eh_err_set(err, EH_ENOMEM, "audit: out of memory for %zu scores", t->n);
	if (rc == EH_OK)
		rc = fill(&x, s, err);
	free(x.value);
	free(x.focal);
	return rc;
}

struct filling {
	struct room *r;
	const struct eh_audit_settings *s;
	struct eh_finding *v;
};

static int fill_scope(const struct filling *x, size_t scope, struct eh_scored_persons *v, size_t n, struct eh_err *err)
{
	int rc = EH_OK;

	for (size_t a = 0; a < x->r->o->d->n_attributes && rc == EH_OK; a++) {
		struct eh_score_table t;

		rc = eh_score_table_make(&t, x->r->o, a, v, n, err);
		if (rc == EH_OK)
			rc = eh_measures_score_table(x->v, x->r->o, x->s, scope, a, &t, err);
		eh_score_table_free(&t);
	}
	return rc;
}

/* Everybody, the positions, the evaluators. */
static int fill_all(const struct filling *x, struct eh_err *err)
{
	struct room *r = x->r;
	const struct eh_order *o = r->o;
	int rc = everybody(r, err);

	if (rc == EH_OK)
		rc = fill_scope(x, 0, r->all, r->n, err);
	if (rc == EH_OK)
		rc = deal(r, err);
	for (size_t i = 0; i < o->n_used && rc == EH_OK; i++) {
		const size_t *at = &r->at[o->position[i]];

		rc = fill_scope(x, 1 + i, r->by_position + at[0], at[1] - at[0], err);
	}
	for (uint32_t e = 0; e < o->d->evaluators.n && rc == EH_OK; e++)
		rc = fill_scope(x, 1 + o->n_used + e, r->all, of_evaluator(r, e), err);
	return rc;
}

int eh_measures_scores(struct eh_finding *v, const struct eh_order *o, const struct eh_audit_settings *s,
		       struct eh_err *err)
{
	const struct eh_audit_data *d = o->d;
	struct room r = { .o = o, .most = d->scored == NULL ? d->candidates.n : 0 };
	const struct filling x = { &r, s, v };
	int rc = EH_OK;

	if (d->score == NULL && d->scored == NULL)
		return EH_OK;
	for (size_t e = 0; d->scored != NULL && e < d->evaluators.n; e++)
		r.most += d->scored[e].n;
	r.all = eh_try_calloc(r.most + 1, sizeof *r.all);
	rc = r.all != NULL ? fill_all(&x, err) : no_memory(&r, err);
	free(r.all);
	free(r.by_position);
	free(r.at);
	return rc;
}

int eh_measures_score_evaluator(struct eh_finding *v, const struct eh_order *o, const struct eh_audit_settings *s,
				uint32_t evaluator, struct eh_err *err)
{
	struct room r = { .o = o, .most = o->d->scored[evaluator].n };
	const struct filling x = { &r, s, v };
	int rc;

	r.all = eh_try_malloc(r.most + 1, sizeof *r.all);
	rc = r.all == NULL ? no_memory(&r, err)
			   : fill_scope(&x, 1 + o->n_used + evaluator, r.all, of_evaluator(&r, evaluator), err);
	free(r.all);
	return rc;
}
