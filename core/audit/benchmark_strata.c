/* The second set on an evaluator's own candidates; see benchmark_strata.h. */
#include "audit/benchmark_strata.h"

#include <stdlib.h>
#include <string.h>

#include "audit/benchmark_spread.h"
#include "base/mem.h"

#define AHEAD 24                        /* rows: candidates lie far apart, so they are asked for early */

/* Persons of the set who judged a candidate in a stratum. */
struct judged {
	uint32_t stratum, n, selected;
	int16_t group;                  /* his, -1 = not known for certain */
	bool one;                       /* he was judged in this stratum only */
};

struct eh_bench_strata {
	const struct eh_order *order;
	const uint8_t *code;
	size_t n_groups;
	size_t *judged_at;              /* [candidates + 1] */
	struct judged *judged;
	uint32_t *judged_of;            /* [decisions] */
	/* of one question: */
	struct eh_count *table;         /* [strata][n_groups] */
	bool *met;                      /* [strata] */
	uint32_t *list;                 /* strata met */
	size_t n_list;
	struct eh_fourfold *fourfold;   /* [strata] */
	struct eh_linear *set, *own;    /* [strata] */
	struct eh_linear *room;         /* [strata] */
};

/* Their decisions lie together, sorted by evaluator and stratum: few strata, met again and again. */
static bool list_judged(struct eh_bench_strata *s)
{
	const struct eh_order *o = s->order;
	const struct eh_audit_data *d = o->d;
	size_t n = 0;

	s->judged_at = eh_try_calloc(d->candidates.n + 1, sizeof *s->judged_at);
	s->judged = eh_try_malloc(d->n_decisions + 1, sizeof *s->judged);
	s->judged_of = eh_try_malloc(d->n_decisions + 1, sizeof *s->judged_of);
	if (s->judged_at == NULL || s->judged == NULL || s->judged_of == NULL)
		return false;
	for (size_t c = 0; c < d->candidates.n; c++) {
		const int16_t group = (int16_t)eh_code_group(s->code[c]);
		const size_t from = n;
		size_t k = from;

		for (uint32_t i = o->candidate_at[c]; i < o->candidate_at[c + 1]; i++) {
			const uint32_t stratum = d->stratum[o->row[i]];
			size_t left = n - from;

			if (i + AHEAD < d->n_decisions) {
				__builtin_prefetch(&d->stratum[o->row[i + AHEAD]]);
				__builtin_prefetch(&s->judged_of[o->row[i + AHEAD]], 1);
			}

			/* on from the one before, once round */
			for (; left > 0 && s->judged[k].stratum != stratum; left--)
				k = k + 1 < n ? k + 1 : from;
			if (left == 0) {
				k = n;
				s->judged[n++] = (struct judged){ stratum, 0, 0, group, false };
			}
			s->judged_of[o->row[i]] = (uint32_t)k;
		}
		if (n - from == 1)
			s->judged[from].one = true;
		s->judged_at[c + 1] = n;
	}
	return true;
}

static bool fill(struct eh_bench_strata *s)
{
	const size_t strata = s->order->d->strata.n;

	s->table = eh_try_calloc(strata * s->n_groups + 1, sizeof *s->table);
	s->met = eh_try_calloc(strata + 1, sizeof *s->met);
	s->list = eh_try_calloc(strata + 1, sizeof *s->list);
	s->fourfold = eh_try_calloc(strata + 1, sizeof *s->fourfold);
	s->set = eh_try_calloc(strata + 1, sizeof *s->set);
	s->own = eh_try_calloc(strata + 1, sizeof *s->own);
	s->room = eh_try_calloc(strata + 1, sizeof *s->room);
	return s->table != NULL && s->met != NULL && s->list != NULL && s->fourfold != NULL && s->set != NULL &&
	       s->own != NULL && s->room != NULL && list_judged(s);
}

int eh_bench_strata_new(struct eh_bench_strata **out, const struct eh_order *order, const uint8_t *code,
			size_t n_groups)
{
	struct eh_bench_strata *s = eh_try_calloc(1, sizeof *s);

	*out = s;
	if (s == NULL)
		return EH_ENOMEM;
	s->order = order;
	s->code = code;
	s->n_groups = n_groups;
	if (fill(s))
		return EH_OK;
	eh_bench_strata_free(out);
	return EH_ENOMEM;
}

void eh_bench_strata_free(struct eh_bench_strata **s)
{
	struct eh_bench_strata *x = *s;

	if (x == NULL)
		return;
	free(x->judged_at);
	free(x->judged);
	free(x->judged_of);
	free(x->table);
	free(x->met);
	free(x->list);
	free(x->fourfold);
	free(x->set);
	free(x->own);
	free(x->room);
	free(x);
	*s = NULL;
}

/* ---- the set ---- */

void eh_bench_strata_turn(struct eh_bench_strata *s, uint32_t e, bool in)
{
	const struct eh_audit_data *d = s->order->d;
	const uint32_t sign = in ? 1 : UINT32_MAX;      /* sums are modulo 2^32: to take away is to add the negative */

	for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++) {
		struct judged *to = &s->judged[s->judged_of[i]];

		if (i + AHEAD < d->n_decisions)
			__builtin_prefetch(&s->judged[s->judged_of[i + AHEAD]], 1);
		to->n += sign;
		to->selected += sign * d->selected[i];
	}
}

static struct eh_count *meet(struct eh_bench_strata *s, uint32_t stratum)
{
	if (!s->met[stratum]) {
		s->met[stratum] = true;
		s->list[s->n_list++] = stratum;
	}
	return &s->table[stratum * s->n_groups];
}

static void meet_judged(struct eh_bench_strata *s, const struct judged *from)
{
	struct eh_count *to = &meet(s, from->stratum)[from->group];

	to->n += from->n;
	to->selected += from->selected;
}

static void meet_candidates(struct eh_bench_strata *s, uint32_t e)
{
	const struct eh_audit_data *d = s->order->d;

	for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++) {
		const uint32_t c = d->candidate[i];
		const struct judged *here = &s->judged[s->judged_of[i]];

		if (i + AHEAD < d->n_decisions)
			__builtin_prefetch(&s->judged[s->judged_of[i + AHEAD]]);
		/* rows are in the order of candidates: each once */
		if (here->group < 0 || (i > d->evaluator_at[e] && d->candidate[i - 1] == c))
			continue;
		if (here->one) {
			meet_judged(s, here);
			continue;
		}
		for (size_t k = s->judged_at[c]; k < s->judged_at[c + 1]; k++)
			meet_judged(s, &s->judged[k]);
	}
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The last digits of the sums must not depend on the order in which strata were met. */
static void sort_met(struct eh_bench_strata *s)
{
	bool sorted = true;

	for (size_t k = 1; k < s->n_list && sorted; k++)
		sorted = s->list[k - 1] < s->list[k];
	if (!sorted)
		qsort(s->list, s->n_list, sizeof *s->list, by_number);
}


/* Group g of the counts [n_groups] against the reference. */
static struct eh_fourfold against(const struct eh_count *v, size_t n_groups, size_t g, eh_groups reference)
{
	struct eh_fourfold t = { v[g].selected, v[g].n, 0, 0 };

	for (size_t r = 0; r < n_groups; r++)
		if ((reference >> r & 1u) != 0) {
			t.b += v[r].selected;
			t.n2 += v[r].n;
		}
	return t;
}

/* The tables of the set, and what it decided in all. */
static void count_set(struct eh_bench_answer *out, struct eh_bench_strata *s, const struct eh_bench_ask *q)
{
	const size_t groups = s->n_groups;

	meet_candidates(s, q->e);
	for (size_t k = 0; q->in && k < q->n_own; k++)
		for (size_t r = 0; r < groups; r++) {
			struct eh_count *to = &meet(s, q->stratum[k])[r];

			to->n -= q->own[k * groups + r].n;
			to->selected -= q->own[k * groups + r].selected;
		}
	sort_met(s);
	memset(out->total, 0, sizeof out->total);
	for (size_t k = 0; k < s->n_list; k++) {
		struct eh_count *c = &s->table[s->list[k] * groups];

		for (size_t r = 0; r < groups; r++) {
			out->total[r].n += c[r].n;
			out->total[r].selected += c[r].selected;
		}
		s->fourfold[k] = against(c, groups, q->g, q->reference);
		memset(c, 0, groups * sizeof *c);
		s->met[s->list[k]] = false;
	}
}

/* The linear form of the ratio of n tables, to[stratum[k]] for table k; plain: one, to[0].  False: it has none. */
static bool linear_of(struct eh_bench_strata *s, struct eh_linear *to, size_t n, const uint32_t *stratum,
		      const struct eh_strata_ratio *m)
{
	if (!m->ratio.defined || !(m->r > 0.0))
		return false;
	eh_linear_fill(s->room, s->fourfold, n, m);
	for (size_t k = 0; k < n; k++)
		to[stratum != NULL ? stratum[k] : 0] = s->room[k];
	return true;
}

/* Leaves the tables of the set in fourfold, however the ratio is made. */
static bool set_ratio(struct eh_bench_answer *out, struct eh_bench_strata *s, const struct eh_bench_ask *q)
{
	size_t n = s->n_list;

	if (!q->by_strata) {
		s->fourfold[0] = against(out->total, s->n_groups, q->g, q->reference);
		n = 1;
	}
	out->ratio = eh_strata_ratio(s->fourfold, n);
	return linear_of(s, s->set, n, q->by_strata ? s->list : NULL, &out->ratio);
}

static bool own_ratio(struct eh_bench_strata *s, const struct eh_bench_ask *q)
{
	struct eh_fourfold all = { 0, 0, 0, 0 };
	struct eh_strata_ratio m;
	size_t n = q->n_own;

	for (size_t k = 0; k < q->n_own; k++) {
		const struct eh_fourfold t = against(&q->own[k * s->n_groups], s->n_groups, q->g, q->reference);

		s->fourfold[k] = t;
		all = (struct eh_fourfold){ all.a + t.a, all.n1 + t.n1, all.b + t.b, all.n2 + t.n2 };
	}
	if (!q->own_by_strata) {
		s->fourfold[0] = all;
		n = 1;
	}
	m = eh_strata_ratio(s->fourfold, n);
	return linear_of(s, s->own, n, q->own_by_strata ? q->stratum : NULL, &m);
}

/* Whose ratio has a linear form, in s->set and s->own: of every stratum that the candidates were judged in. */
struct linear {
	bool set, own;
};

/* What is known of the candidate whom the rows from..to-1 of the evaluator are about. */
struct one {
	double x, y;                    /* his part in the evaluator's ln ratio, and in that of the set */
	int64_t first, second;          /* decisions of either side: advanced less rejected */
	int64_t by_set;                 /* decisions of the set */
};

static struct one look_at(const struct eh_bench_strata *s, const struct eh_bench_ask *q, struct linear has,
			  size_t from, size_t to, bool focal)
{
	const struct eh_audit_data *d = s->order->d;
	const uint32_t c = d->candidate[from];
	/* where the candidate begins lies far apart once more, and most need not be asked for it */
	const struct judged *here = &s->judged[s->judged_of[from]];
	const struct judged *first = here->one ? here : &s->judged[s->judged_at[c]];
	const struct judged *end = here->one ? here + 1 : &s->judged[s->judged_at[c + 1]];
	struct one x = { 0.0, 0.0, 0, 0, 0 };

	for (const struct judged *j = first; j < end; j++) {
		if (has.set)
			x.y += eh_linear_part(&s->set[q->by_strata ? j->stratum : 0], focal, j->n, j->selected);
		x.by_set += j->n;
		x.second += 2 * (int64_t)j->selected - (int64_t)j->n;
	}
	for (size_t i = from; i < to; i++) {
		const uint32_t stratum = d->stratum[i];
		const int word = d->selected[i] != 0 ? 1 : -1;

		x.first += word;
		if (has.own)
			x.x += eh_linear_part(&s->own[q->own_by_strata ? stratum : 0], focal, 1.0, d->selected[i]);
		if (!q->in)
			continue;
		if (has.set)
			x.y -= eh_linear_part(&s->set[q->by_strata ? stratum : 0], focal, 1.0, d->selected[i]);
		x.by_set--;
		x.second -= word;
	}
	/* what is left where only he decided is rounding */
	if (x.by_set == 0)
		x.y = 0.0;
	return x;
}

static void look_at_candidates(struct eh_bench_answer *out, struct eh_bench_strata *s, const struct eh_bench_ask *q,
			       struct eh_joint *joint, struct linear has)
{
	const struct eh_audit_data *d = s->order->d;
	size_t to;

	for (size_t from = d->evaluator_at[q->e]; from < d->evaluator_at[q->e + 1]; from = to) {
		const int16_t group = s->judged[s->judged_of[from]].group;
		const bool focal = group == (int16_t)q->g;
		struct one x;

		if (from + AHEAD < d->n_decisions)
			__builtin_prefetch(&s->judged[s->judged_of[from + AHEAD]]);
		for (to = from + 1; to < d->evaluator_at[q->e + 1] && d->candidate[to] == d->candidate[from]; to++)
			;
		if (group < 0 || (!focal && (q->reference >> group & 1u) == 0))
			continue;
		x = look_at(s, q, has, from, to, focal);
		joint->xx[focal] += x.x * x.x;
		if (x.by_set == 0)
			continue;
		joint->yy[focal] += x.y * x.y;
		joint->xy[focal] += x.x * x.y;
		joint->candidates[focal] += 1.0;
		eh_pairs_add(&out->pairs[focal], x.first, x.second);
	}
}

void eh_bench_strata_ask(struct eh_bench_answer *out, struct eh_bench_strata *s, const struct eh_bench_ask *q)
{
	struct eh_joint joint = { .candidates = { 0.0, 0.0 } };
	struct linear has;

	memset(out->pairs, 0, sizeof out->pairs);
	count_set(out, s, q);
	has.set = set_ratio(out, s, q);
	has.own = has.set && q->linear && own_ratio(s, q);
	look_at_candidates(out, s, q, &joint, has);
	if (has.set)
		out->ratio.var_ln = eh_joint_variance(&joint);
	out->correlation = eh_joint_correlation(&joint);
	s->n_list = 0;
}
