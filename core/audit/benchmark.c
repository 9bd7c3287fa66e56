/* The second set of evaluators; see benchmark.h. */
#include "audit/benchmark.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audit/benchmark_inside.h"
#include "audit/benchmark_spread.h"
#include "audit/benchmark_strata.h"
#include "audit/paired.h"
#include "base/mem.h"

#define AHEAD 24                        /* rows: the classes of candidates lie far apart, so they are asked for early */

static bool within(const struct eh_finding *f)
{
	return !f->below_two_percent && (f->is_reference || f->ratio_below == EH_NO);
}

/* Over the candidates of a group: squared sum of residuals of a candidate, and sum of squares of the single ones. */
struct effect {
	double whole, parts;
};

/* What the sets around the groups of one attribute need. */
struct circle {
	const struct eh_bench *b;
	const struct eh_finding *f;     /* [evaluators][n_groups] */
	const uint8_t *code;            /* [candidates] of order.h */
	size_t n_groups;
	struct eh_count *own;           /* [places of b][n_groups] what the evaluator decided there */
	struct effect effect[EH_GROUPS_MAX];    /* all 0 where nobody was judged twice */
	/* of one set: */
	bool *in;                       /* [evaluators] */
	uint64_t *in_bits;              /* [words of b] */
	struct eh_count *sum;           /* [places][n_groups] */
	uint32_t *size;                 /* [places] evaluators of the set who judged there */
	struct eh_bench_strata *shared; /* the set once more, by candidate; NULL where nobody shares one */
	/* of the evaluator before who was compared by place; those after him often judged in the same ones */
	uint32_t before, met;           /* UINT32_MAX = none */
	uint32_t *mark;                 /* [evaluators] scratch; NULL where b has bits for it */
	struct eh_fourfold *table;      /* [places] scratch */
};

static void add(struct eh_count *to, uint64_t n, uint64_t selected)
{
	to->n += n;
	to->selected += selected;
}

/* ---- what everybody decided ---- */

/* With one place for all it is what the findings say already. */
static void fill_own(struct circle *c, uint32_t e, uint32_t *at)
{
	const struct eh_bench *b = c->b;
	const struct eh_audit_data *d = b->order->d;

	if (b->n_places == 1) {
		for (size_t g = 0; b->places.at[e] < b->places.at[e + 1] && g < c->n_groups; g++)
			c->own[b->places.at[e] * c->n_groups + g] = (struct eh_count){
				c->f[e * c->n_groups + g].n, c->f[e * c->n_groups + g].selected
			};
		return;
	}
	for (size_t i = b->places.at[e]; i < b->places.at[e + 1]; i++)
		at[b->places.v[i]] = (uint32_t)(i - b->places.at[e]);
	for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++) {
		int g = eh_code_group(c->code[d->candidate[i]]);
		size_t place = b->places.at[e] + at[eh_bench_place(b, i)];
		uint64_t n = d->weight != NULL ? d->weight[d->candidate[i]] : 1;

		if (i + AHEAD < d->n_decisions)
			__builtin_prefetch(&c->code[d->candidate[i + AHEAD]]);
		if (g >= 0)
			add(&c->own[place * c->n_groups + (size_t)g], n, n * d->selected[i]);
	}
}

/*
 * Design effect of the decisions in the data: residuals against the rate of group and place.  For who is compared by
 * place: his set may have judged candidates several times, and to walk through them for every finding would cost too
 * much.
 */
static bool fill_effects(struct circle *c)
{
	const struct eh_bench *b = c->b;
	const struct eh_audit_data *d = b->order->d;
	struct eh_count *all = eh_try_calloc(b->n_places * c->n_groups + 1, sizeof *all);
	double *left = eh_try_calloc(b->n_candidates + 1, sizeof *left);

	for (size_t i = 0; all != NULL && i < b->places.n; i++)
		for (size_t g = 0; g < c->n_groups; g++)
			add(&all[b->places.v[i] * c->n_groups + g], c->own[i * c->n_groups + g].n,
			    c->own[i * c->n_groups + g].selected);
	for (size_t i = 0; all != NULL && left != NULL && i < d->n_decisions; i++) {
		const int g = eh_code_group(c->code[d->candidate[i]]);
		const struct eh_count *k = &all[eh_bench_place(b, i) * c->n_groups + (size_t)(g >= 0 ? g : 0)];
		double e;

		if (g < 0)
			continue;
		e = (double)d->selected[i] - (double)k->selected / (double)k->n;
		left[d->candidate[i]] += e;
		c->effect[g].parts += e * e * (d->weight != NULL ? d->weight[d->candidate[i]] : 1.0);
	}
	for (size_t i = 0; all != NULL && left != NULL && i < b->n_candidates; i++) {
		const int g = eh_code_group(c->code[i]);

		if (g >= 0)
			c->effect[g].whole += left[i] * left[i] * (d->weight != NULL ? d->weight[i] : 1.0);
	}
	free(left);
	free(all);
	return left != NULL && all != NULL;
}

static double effect_of(const struct circle *c, eh_groups set)
{
	struct effect sum = { 0.0, 0.0 };

	for (size_t g = 0; g < c->n_groups; g++)
		if ((set >> g & 1u) != 0) {
			sum.whole += c->effect[g].whole;
			sum.parts += c->effect[g].parts;
		}
	return sum.parts > 0.0 ? fmax(1.0, sum.whole / sum.parts) : 1.0;
}

/* ---- the set ---- */

/* From the set around one group to that around another: who is in both is left alone.  Sums are modulo 2^64. */
static void fill_circle(struct circle *c, size_t g)
{
	const struct eh_bench *b = c->b;

	c->before = UINT32_MAX;
	for (size_t e = 0; e < b->n_evaluators; e++) {
		const bool in = within(&c->f[e * c->n_groups + g]);
		const uint64_t sign = in ? 1 : UINT64_MAX;

		if (in == c->in[e])
			continue;
		c->in[e] = in;
		c->in_bits[e / 64] ^= UINT64_C(1) << e % 64;
		if (c->shared != NULL)
			eh_bench_strata_turn(c->shared, (uint32_t)e, in);
		for (size_t i = b->places.at[e]; i < b->places.at[e + 1]; i++) {
			const struct eh_count *from = &c->own[i * c->n_groups];

			c->size[b->places.v[i]] += (uint32_t)sign;
			for (size_t k = 0; k < c->n_groups; k++)
				add(&c->sum[b->places.v[i] * c->n_groups + k], sign * from[k].n,
				    sign * from[k].selected);
		}
	}
}

/* Partners of e who are in the set. */
static uint32_t partners_in(const struct circle *c, uint32_t e)
{
	const struct eh_bench *b = c->b;
	uint32_t n = 0;

	for (size_t i = b->partners.at[e]; i < b->partners.at[e + 1]; i++)
		n += c->in[b->partners.v[i]];
	return n;
}

/* Evaluators of the set who judged in some of the places; several may have the same ones. */
static uint32_t size_of_union(const struct circle *c, uint32_t e, const uint32_t *place, size_t n_places)
{
	const struct eh_bench *b = c->b;
	uint32_t n = 0;

	if (n_places == 1)
		return c->size[place[0]];
	for (size_t k = 0; b->there != NULL && k < b->words; k++) {
		uint64_t met = 0;

		for (size_t i = 0; i < n_places; i++)
			met |= b->there[place[i] * b->words + k];
		n += (uint32_t)__builtin_popcountll(met & c->in_bits[k]);
	}
	if (b->there != NULL)
		return n;
	/* mark[] is 1 + e for an evaluator met; from the set around one group to the next it is cleared */
	for (size_t i = 0; i < n_places; i++)
		for (size_t j = b->judges.at[place[i]]; j < b->judges.at[place[i] + 1]; j++) {
			uint32_t x = b->judges.v[j];

			n += c->mark[x] != e + 1 && c->in[x];
			c->mark[x] = e + 1;
		}
	return n;
}

static bool same_reach(const struct eh_bench *b, uint32_t e, uint32_t other)
{
	size_t n, m;
	const uint32_t *v = eh_bench_reach(b, e, &n), *w = eh_bench_reach(b, other, &m);

	return n == m && memcmp(v, w, n * sizeof *v) == 0;
}

static uint32_t colleagues_in(struct circle *c, uint32_t e)
{
	size_t n;
	const uint32_t *place = eh_bench_reach(c->b, e, &n);

	if (c->before == UINT32_MAX || !same_reach(c->b, e, c->before)) {
		c->met = size_of_union(c, e, place, n);
		c->before = e;
	}
	return c->met - c->in[e];
}

/* Others with a decision where e is compared; judges counted per place, so that it is only good for "any". */
static size_t colleagues(const struct eh_bench *b, uint32_t e)
{
	size_t n, others = 0;
	const uint32_t *place = eh_bench_reach(b, e, &n);

	for (size_t i = 0; i < n; i++)
		others += b->judges.at[place[i] + 1] - b->judges.at[place[i]];
	return others - (b->places.at[e + 1] - b->places.at[e]);
}

/* ---- one finding ---- */

static eh_groups reference_set(const struct eh_finding *f, const struct eh_attribute_data *a, size_t g,
			       eh_groups eligible, enum eh_reference_rule rule)
{
	if (rule == EH_REF_REST)
		return eligible & ~((eh_groups)1u << g);
	for (size_t r = 0; r < a->n_groups; r++)
		if (strcmp(a->groups[r], f->reference) == 0)
			return (eh_groups)1u << r;
	return 0;
}

/* Who decided in one stratum has a plain ratio because it is that of his strata, however many the set's are. */
static bool asks_strata(const struct circle *c, const struct eh_finding *f)
{
	return f->rests_on == EH_RATIO_STRATIFIED || (c->b->by_stratum && f->rests_on == EH_RATIO_PLAIN &&
						      f->mh_ratio.why == EH_U_ONE_STRATUM);
}

static void no_set(struct eh_finding *f, enum eh_undef why, enum eh_undef unpaired)
{
	const struct eh_num none = eh_undefined(why);

	/* it may be filled in a second time, and the set be empty now */
	f->bench_evaluators = f->bench_strata = 0;
	f->bench_n = f->bench_selected = 0;
	f->bench_kind = EH_BENCH_NONE;
	f->bench_rate = f->bench_ratio = f->deviation = f->deviation_interval.low = f->deviation_interval.high = none;
	f->bench_interval.low = f->bench_interval.high = none;
	f->paired = (struct eh_finding_paired){ .ref_split = eh_undefined(unpaired), .p = eh_undefined(unpaired),
						.p_group = eh_undefined(unpaired) };
}

/* ratio: with its variance; plain: it is of the one table t. */
static void conclude(struct eh_finding *f, const struct eh_fourfold *t, const struct eh_strata_ratio *ratio, bool plain,
		     double correlation)
{
	f->bench_n = t->n1;
	f->bench_selected = t->a;
	f->bench_rate = eh_rate(t->a, t->n1);
	f->bench_ratio = plain ? eh_table_ratio(t) : ratio->ratio;
	f->bench_strata = plain ? 0 : ratio->both;
	f->deviation = !f->bench_ratio.defined ? f->bench_ratio : !f->ratio.defined ? f->ratio :
		       eh_num(f->ratio.value - f->bench_ratio.value);
	if (!f->bench_ratio.defined)
		f->bench_interval = (struct eh_interval){ f->bench_ratio, f->bench_ratio };
	else if (!ratio->var_ln.defined)
		f->bench_interval = (struct eh_interval){ ratio->var_ln, ratio->var_ln };
	else
		f->bench_interval = eh_log_interval(f->bench_ratio.value, ratio->var_ln.value);
	f->deviation_interval = eh_mover(f->ratio, f->ratio_interval, f->bench_ratio, f->bench_interval, correlation);
}

/* The places' tables of the set without e, those that have somebody; returns their number.  sum: all together. */
static size_t tables_of(struct eh_fourfold *sum, struct circle *c, uint32_t e, size_t g, eh_groups reference)
{
	const struct eh_bench *b = c->b;
	const size_t groups = c->n_groups, end = b->places.at[e + 1];
	size_t n_places, n = 0, k = b->places.at[e];
	const uint32_t *place = eh_bench_reach(b, e, &n_places);
	uint64_t in[EH_GROUPS_MAX];     /* all bits of a group of the reference */

	*sum = (struct eh_fourfold){ 0, 0, 0, 0 };
	for (size_t r = 0; r < groups; r++)
		in[r] = -(uint64_t)(reference >> r & 1u);
	for (size_t i = 0; i < n_places; i++) {
		const struct eh_count *all = &c->sum[place[i] * groups], *own = NULL;
		struct eh_fourfold t = { all[g].selected, all[g].n, 0, 0 };
		eh_count_pair rest = { 0, 0 };

		if (k < end && b->places.v[k] == place[i])
			own = &c->own[k++ * groups];
		if (!c->in[e])
			own = NULL;
		for (size_t r = 0; r < groups; r++)
			rest += eh_count_load(&all[r]) & in[r];
		for (size_t r = 0; r < groups && own != NULL; r++)
			rest -= eh_count_load(&own[r]) & in[r];
		t.b = rest[1];
		t.n2 = rest[0];
		t.a -= own != NULL ? own[g].selected : 0;
		t.n1 -= own != NULL ? own[g].n : 0;
		*sum = (struct eh_fourfold){ sum->a + t.a, sum->n1 + t.n1, sum->b + t.b, sum->n2 + t.n2 };
		if (t.n1 + t.n2 > 0)
			c->table[n++] = t;
	}
	return n;
}

/* He shares no candidate: by the places.  Those are positions where the data have one stratum for all of them, and the
 * ratio is plain as his own is. */
static void from_places(struct eh_finding *f, struct circle *c, uint32_t e, size_t g, eh_groups reference)
{
	const struct eh_bench *b = c->b;
	const double k = fmax(effect_of(c, (eh_groups)1u << g), effect_of(c, reference));
	struct eh_fourfold sum;
	const size_t n = tables_of(&sum, c, e, g, reference);
	const bool plain = n < 2 || !asks_strata(c, f);
	struct eh_strata_ratio ratio = plain ? eh_strata_ratio(&sum, 1) : eh_strata_ratio(c->table, n);

	if (ratio.var_ln.defined)
		ratio.var_ln.value *= k;
	f->bench_kind = b->by_stratum && b->reach.at[e + 1] == b->reach.at[e] ? EH_BENCH_STRATA : EH_BENCH_POSITIONS;
	/* other candidates: nothing that the two ratios have in common */
	conclude(f, &sum, &ratio, plain, 0.0);
}

static struct eh_num group_test(const struct eh_finding_paired *x)
{
	const uint64_t n = x->first + x->second, ref_n = x->ref_first + x->ref_second;
	const struct eh_fourfold t = { x->first, n, x->ref_first, ref_n };

	if (n == 0 || ref_n == 0)
		return eh_undefined(x->pairs == 0 || x->ref_pairs == 0 ? EH_U_NO_SHARED_CANDIDATE :
									  EH_U_NO_DISCORDANT_PAIR);
	return eh_table_state(&t) != EH_U_NONE ? eh_undefined(EH_U_ZERO_VARIANCE) : eh_table_exact(&t).mid_a;
}

static uint64_t pairs_in(const struct eh_pairs *p)
{
	return p->both + p->first_only + p->second_only + p->neither;
}

static void pair(struct eh_finding_paired *x, const struct eh_pairs *group, const struct eh_pairs *reference)
{
	*x = (struct eh_finding_paired){ .pairs = pairs_in(group),
					 .first = group->first_only,
					 .second = group->second_only,
					 .split = group->split,
					 .ref_pairs = pairs_in(reference),
					 .ref_first = reference->first_only,
					 .ref_second = reference->second_only,
					 .ref_split = eh_num((double)reference->split) };
	x->p = x->pairs > 0 ? eh_paired(x->first, x->second).mid : eh_undefined(EH_U_NO_SHARED_CANDIDATE);
	x->p_group = group_test(x);
}

static void from_candidates(struct eh_finding *f, struct circle *c, uint32_t e, size_t g, eh_groups reference)
{
	const struct eh_bench *b = c->b;
	const struct eh_finding *of_him = &c->f[e * c->n_groups];
	const bool plain = !asks_strata(c, f);
	struct eh_count own[EH_GROUPS_MAX];
	const uint32_t first = 0;
	struct eh_bench_ask q = { .e = e, .in = c->in[e], .g = g, .reference = reference, .by_strata = !plain,
				  .linear = f->rests_on != EH_RATIO_ESTIMATED && f->ratio.defined &&
					    f->ratio.value > 0.0,
				  .own_by_strata = f->rests_on == EH_RATIO_STRATIFIED };
	struct eh_bench_answer got;
	struct eh_fourfold t;

	if (b->by_stratum) {
		q.n_own = b->places.at[e + 1] - b->places.at[e];
		q.stratum = &b->places.v[b->places.at[e]];
		q.own = &c->own[b->places.at[e] * c->n_groups];
	} else {
		for (size_t r = 0; r < c->n_groups; r++)
			own[r] = (struct eh_count){ of_him[r].n, of_him[r].selected };
		q.n_own = 1;
		q.stratum = &first;
		q.own = own;
	}
	eh_bench_strata_ask(&got, c->shared, &q);
	t = (struct eh_fourfold){ got.total[g].selected, got.total[g].n, 0, 0 };
	for (size_t r = 0; r < c->n_groups; r++)
		if ((reference >> r & 1u) != 0) {
			t.b += got.total[r].selected;
			t.n2 += got.total[r].n;
		}
	f->bench_kind = EH_BENCH_CANDIDATES;
	conclude(f, &t, &got.ratio, plain, got.correlation);
	pair(&f->paired, &got.pairs[1], &got.pairs[0]);
}

/* ---- all findings of an attribute ---- */

static void circle_free(struct circle *c)
{
	if (c->b->own == NULL)
		free(c->own);
	free(c->in);
	free(c->in_bits);
	free(c->mark);
	free(c->sum);
	free(c->size);
	free(c->table);
	eh_bench_strata_free(&c->shared);
}

static bool somebody_is_alone(const struct eh_bench *b)
{
	bool alone = false;

	for (uint32_t e = 0; e < b->n_evaluators && !alone; e++)
		alone = eh_bench_alone(b, e);
	return alone;
}

static int circle_make(struct circle *c)
{
	const struct eh_bench *b = c->b;
	uint32_t *at = eh_try_calloc(b->n_places + 1, sizeof *at);
	int rc = EH_OK;

	c->own = b->own != NULL ? c->own : eh_try_calloc(b->places.n * c->n_groups + 1, sizeof *c->own);
	c->in = eh_try_calloc(b->n_evaluators + 1, sizeof *c->in);
	c->in_bits = eh_try_calloc(b->words + 1, sizeof *c->in_bits);
	c->sum = eh_try_calloc(b->n_places * c->n_groups + 1, sizeof *c->sum);
	c->size = eh_try_calloc(b->n_places + 1, sizeof *c->size);
	c->table = eh_try_calloc(b->n_places + 1, sizeof *c->table);
	c->mark = b->there == NULL ? eh_try_calloc(b->n_evaluators + 1, sizeof *c->mark) : NULL;
	if (at == NULL || c->own == NULL || c->in == NULL || c->in_bits == NULL || c->sum == NULL || c->size == NULL ||
	    c->table == NULL || (b->there == NULL && c->mark == NULL)) {
		free(at);
		return EH_ENOMEM;
	}
	for (uint32_t e = 0; b->own == NULL && e < b->n_evaluators; e++)
		fill_own(c, e, at);
	free(at);
	if (b->partners.n > 0)
		rc = eh_bench_strata_new(&c->shared, b->order, c->code, c->n_groups);
	if (rc == EH_OK && !b->order->single && somebody_is_alone(b) && !fill_effects(c))
		rc = EH_ENOMEM;
	return rc;
}

int eh_bench_ahead(struct eh_bench *b, struct eh_err *err)
{
	const struct eh_audit_data *d = b->order->d;

	if (b->n_places == 1)
		return EH_OK;
	b->own = eh_try_calloc(d->n_attributes + 1, sizeof *b->own);
	for (size_t a = 0; b->own != NULL && a < d->n_attributes; a++) {
		b->own[a] = eh_try_calloc(b->places.n * d->attributes[a].n_groups + 1, sizeof **b->own);
		if (b->own[a] == NULL)
			return eh_err_set(err, EH_ENOMEM, "audit: out of memory for the benchmark of %s",
					  d->attributes[a].name);
	}
	return b->own != NULL ? EH_OK : eh_err_set(err, EH_ENOMEM, "audit: out of memory for the benchmark");
}

int eh_bench_count(const struct eh_bench *b, size_t from, size_t to, struct eh_err *err)
{
	const struct eh_audit_data *d = b->order->d;
	uint32_t *at = NULL;

	if (b->own == NULL)
		return EH_OK;
	at = eh_try_calloc(b->n_places + 1, sizeof *at);
	if (at == NULL)
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory for %zu strata", b->n_places);
	for (size_t a = 0; a < d->n_attributes; a++) {
		struct circle c = { .b = b, .code = b->order->code[a], .n_groups = d->attributes[a].n_groups,
				    .own = b->own[a] };

		for (size_t e = from; e < to && e < b->n_evaluators; e++)
			fill_own(&c, (uint32_t)e, at);
	}
	free(at);
	return EH_OK;
}

int eh_bench_recount(const struct eh_bench *b, uint32_t evaluator, struct eh_err *err)
{
	const size_t from = b->places.at[evaluator], n = b->places.at[evaluator + 1] - from;

	for (size_t a = 0; b->own != NULL && a < b->order->d->n_attributes; a++) {
		const size_t groups = b->order->d->attributes[a].n_groups;

		memset(&b->own[a][from * groups], 0, n * groups * sizeof **b->own);
	}
	return eh_bench_count(b, evaluator, (size_t)evaluator + 1, err);
}

static void fill_one(struct eh_finding *f, struct circle *c, uint32_t e, size_t g, eh_groups reference)
{
	const struct eh_bench *b = c->b;
	const bool alone = eh_bench_alone(b, e);
	const uint32_t size = alone ? colleagues_in(c, e) : partners_in(c, e);

	no_set(f, alone && colleagues(b, e) == 0 && b->n_evaluators > 1 ? EH_U_DISCONNECTED : EH_U_NO_PEERS,
	       alone ? EH_U_NO_SHARED_CANDIDATE : EH_U_NO_PEERS);
	if (size == 0)
		return;
	f->bench_evaluators = size;
	if (alone)
		from_places(f, c, e, g, reference);
	else
		from_candidates(f, c, e, g, reference);
}

size_t eh_bench_parts(const struct eh_bench *b, size_t attribute)
{
	const bool apart = b->partners.n == 0 && (b->order->single || b->order->d->weight != NULL) &&
			   (b->own != NULL || b->n_places == 1);

	return apart ? b->order->d->attributes[attribute].n_groups : 1;
}

int eh_bench_fill_part(struct eh_finding *f, const struct eh_bench *b, size_t attribute, size_t part,
		       eh_groups eligible, enum eh_reference_rule rule, struct eh_err *err)
{
	const struct eh_attribute_data *a = &b->order->d->attributes[attribute];
	const bool whole = eh_bench_parts(b, attribute) == 1;
	struct circle c = { .b = b, .f = f, .code = b->order->code[attribute], .n_groups = a->n_groups };
	int rc = EH_OK;

	c.own = b->own != NULL ? b->own[attribute] : NULL;
	rc = circle_make(&c);
	for (size_t g = 0; g < a->n_groups && rc == EH_OK; g++) {
		if ((eligible >> g & 1u) == 0 || (!whole && g != part))
			continue;
		fill_circle(&c, g);
		if (c.mark != NULL)
			memset(c.mark, 0, (b->n_evaluators + 1) * sizeof *c.mark);
		for (uint32_t e = 0; e < b->n_evaluators; e++) {
			struct eh_finding *x = &f[e * a->n_groups + g];

			if (!x->is_reference)
				fill_one(x, &c, e, g, reference_set(x, a, g, eligible, rule));
		}
	}
	circle_free(&c);
	return rc < 0 ? eh_err_set(err, rc, "audit: out of memory for the benchmark of %s", a->name) : EH_OK;
}

int eh_bench_fill(struct eh_finding *f, const struct eh_bench *b, size_t attribute, eh_groups eligible,
		  enum eh_reference_rule rule, struct eh_err *err)
{
	int rc = EH_OK;

	for (size_t part = 0; part < eh_bench_parts(b, attribute) && rc == EH_OK; part++)
		rc = eh_bench_fill_part(f, b, attribute, part, eligible, rule, err);
	return rc;
}
