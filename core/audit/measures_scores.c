/* Scores of every finding of a run; see measures.h. */
#include "audit/measures.h"

#include <stdlib.h>
#include <string.h>

#include "audit/counts.h"
#include "audit/scores.h"
#include "base/mem.h"

/* A person's mean score in a scope. */
struct scored {
	double value;
	uint32_t candidate;
};

struct room {
	const struct eh_order *o;
	const struct eh_audit_settings *s;
	struct scored *v;               /* [n_candidates] of one scope, by value */
	double *sum;                    /* [n_candidates] of everybody's scores */
	uint32_t *count;
	double *focal, *reference;      /* [n_candidates] */
};

static int by_value(const void *a, const void *b)
{
	const struct scored *x = a, *y = b;

	if (x->value < y->value || x->value > y->value)
		return x->value < y->value ? -1 : 1;
	return (x->candidate > y->candidate) - (x->candidate < y->candidate);
}

/* The rows of an evaluator lie by candidate. */
static size_t of_evaluator(struct room *r, uint32_t e)
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
			r->v[n++] = (struct scored){ sum / count, d->candidate[i] };
	}
	return n;
}

/* Everybody, or the candidates of one position. */
static size_t of_everybody(struct room *r, const uint32_t *position)
{
	size_t n = 0;

	for (uint32_t c = 0; c < r->o->d->candidates.n; c++)
		if (r->count[c] > 0 && (position == NULL || eh_order_position(r->o, c) == *position))
			r->v[n++] = (struct scored){ r->sum[c] / r->count[c], c };
	return n;
}

static int group_of(const struct room *r, size_t attribute, const struct scored *x)
{
	return eh_code_group(r->o->code[attribute][x->candidate]);
}

/* Scores of a set of groups, upwards. */
static size_t gather(double *out, const struct room *r, size_t attribute, size_t n, eh_groups set)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		int g = group_of(r, attribute, &r->v[i]);

		if (g >= 0 && (set >> g & 1u) != 0)
			out[m++] = r->v[i].value;
	}
	return m;
}

static struct eh_num median_of(const struct room *r, size_t attribute, size_t n)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++)
		if (!r->s->median_known || group_of(r, attribute, &r->v[i]) >= 0)
			r->focal[m++] = r->v[i].value;
	return m > 0 ? eh_num(eh_score_median(r->focal, m)) : eh_undefined(EH_U_NO_SCORES);
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

static void above(uint64_t *high, const double *v, size_t n, double median)
{
	*high = 0;
	for (size_t i = 0; i < n; i++)
		*high += v[i] > median;
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
static int fill(struct eh_finding *f, const struct room *r, size_t attribute, size_t n, struct eh_err *err)
{
	const size_t n_groups = r->o->d->attributes[attribute].n_groups;
	struct eh_num median = median_of(r, attribute, n);
	uint64_t high[EH_GROUPS_MAX], count[EH_GROUPS_MAX];
	int rc = EH_OK;

	if (!median.defined)
		return EH_OK;
	for (size_t g = 0; g < n_groups && rc == EH_OK; g++) {
		enum eh_undef why = f[g].below_two_percent ? EH_U_BELOW_TWO_PERCENT : EH_U_IS_REFERENCE;
		bool alone = f[g].below_two_percent || f[g].is_reference;
		size_t a = gather(r->focal, r, attribute, n, (eh_groups)1u << g);
		size_t b = alone ? 0 : gather(r->reference, r, attribute, n, reference_of(f, n_groups, g));
		struct eh_score_test t;

		above(&high[g], r->focal, a, median.value);
		count[g] = a;
		rc = eh_score_test(&t, r->focal, a, r->reference, b, median.value, err);
		if (rc < 0)
			break;
		if (alone)
			t.scoring_ratio = t.ref_scoring_rate = t.cohen_d = t.hedges_g = t.p_welch = t.p_rank = t.ks =
				eh_undefined(why);
		t.scoring_rate = eh_rate(high[g], a);
		copy(&f[g].scores, &t, median);
	}
	if (rc == EH_OK && r->s->reference == EH_REF_HIGHEST)
		against_highest(f, n_groups, high, count);
	return rc;
}

/* scope: 0 pooled, then the positions, then the evaluators. */
static int fill_scope(struct eh_finding *v, struct room *r, size_t scope, struct eh_err *err)
{
	const struct eh_audit_data *d = r->o->d;
	const size_t scopes = 1 + r->o->n_used + d->evaluators.n;
	size_t n, base = 0;
	int rc = EH_OK;

	if (scope == 0)
		n = of_everybody(r, NULL);
	else if (scope <= r->o->n_used)
		n = of_everybody(r, &r->o->position[scope - 1]);
	else
		n = of_evaluator(r, (uint32_t)(scope - 1 - r->o->n_used));
	qsort(r->v, n, sizeof *r->v, by_value);
	for (size_t a = 0; a < d->n_attributes && rc == EH_OK; a++) {
		rc = fill(&v[base + scope * d->attributes[a].n_groups], r, a, n, err);
		base += scopes * d->attributes[a].n_groups;
	}
	return rc;
}

int eh_measures_scores(struct eh_finding *v, const struct eh_order *o, const struct eh_audit_settings *s,
		       struct eh_err *err)
{
	const struct eh_audit_data *d = o->d;
	size_t n = d->candidates.n;
	struct room r = { .o = o, .s = s };
	int rc = EH_ENOMEM;

	if (d->score == NULL)
		return EH_OK;
	r.v = eh_try_calloc(n + 1, sizeof *r.v);
	r.sum = eh_try_calloc(n + 1, sizeof *r.sum);
	r.count = eh_try_calloc(n + 1, sizeof *r.count);
	r.focal = eh_try_calloc(n + 1, sizeof *r.focal);
	r.reference = eh_try_calloc(n + 1, sizeof *r.reference);
	if (r.v == NULL || r.sum == NULL || r.count == NULL || r.focal == NULL || r.reference == NULL) {
		eh_err_set(err, rc, "audit: out of memory for the scores of %zu persons", n);
		goto out;
	}
	for (size_t i = 0; i < d->n_decisions; i++) {
		r.sum[d->candidate[i]] += d->has_score[i] ? d->score[i] : 0.0;
		r.count[d->candidate[i]] += d->has_score[i] != 0;
	}
	rc = EH_OK;
	for (size_t scope = 0; scope < 1 + o->n_used + d->evaluators.n && rc == EH_OK; scope++)
		rc = fill_scope(v, &r, scope, err);
out:
	free(r.v);
	free(r.sum);
	free(r.count);
	free(r.focal);
	free(r.reference);
	return rc;
}
