/* The second set of evaluators; see benchmark.h. */
#include "audit/benchmark.h"

#include <stdlib.h>
#include <string.h>

#include "audit/benchmark_strata.h"
#include "audit/connect.h"
#include "base/mem.h"

/* Who met whom is found in bits, for as many evaluators at a time as fit in here. */
#define BITS_ROOM ((size_t)32 << 20)    /* [bytes] */

/* Lists of evaluators: v[at[i] .. at[i + 1] - 1] belong to i, sorted. */
struct lists {
	size_t *at;
	uint32_t *v;
	size_t n, cap;
};

struct eh_bench {
	const struct eh_order *order;
	size_t n_evaluators, n_candidates, n_positions;
	struct lists partners;          /* per evaluator: others who share a candidate */
	struct lists places;            /* per evaluator: positions where he judged */
	struct lists judges;            /* per position: who judged there */
	size_t words;                   /* of 64 evaluators */
	uint64_t *there;                /* [positions][words] the same in bits; NULL where that takes too much room */
	uint32_t *mark;                 /* [evaluators] scratch */
	/* one position for all: what the strata join stands for positions (audit/connect.h), else not used */
	struct eh_connect strata;
};

/* Decisions of the evaluators within the limit. */
struct tally {
	uint64_t n, selected;
};

static bool push(struct lists *l, uint32_t x)
{
	if (l->n == l->cap) {
		size_t cap = l->cap != 0 ? 2 * l->cap : 64;
		uint32_t *v = eh_try_realloc(l->v, cap, sizeof *v);

		if (v == NULL)
			return false;
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = x;
	return true;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void sort_last(struct lists *l, size_t from)
{
	if (l->n - from > 1)
		qsort(l->v + from, l->n - from, sizeof *l->v, by_number);
}

/* Evaluators from..to-1 and the others they met. */
struct meetings {
	size_t from, to, words;         /* of 64 bits per evaluator */
	uint64_t *bits;                 /* [to - from][words] */
	uint64_t *mask;                 /* [words] scratch, all 0 */
	uint32_t *panel, *last;         /* [evaluators] of a candidate, sorted and each once; of the one before */
};

/* Everybody in the panel has met the others. */
static void mark_panel(struct meetings *m, size_t n)
{
	const uint32_t *panel = m->panel;

	for (size_t i = 0; i < n && n >= m->words; i++)
		m->mask[panel[i] / 64] |= UINT64_C(1) << panel[i] % 64;
	for (size_t i = 0; i < n; i++) {
		uint64_t *row = NULL;

		if (panel[i] < m->from || panel[i] >= m->to)
			continue;
		row = &m->bits[(panel[i] - m->from) * m->words];
		for (size_t j = 0; j < n && n < m->words; j++)
			row[panel[j] / 64] |= UINT64_C(1) << panel[j] % 64;
		for (size_t k = 0; k < m->words && n >= m->words; k++)
			row[k] |= m->mask[k];
	}
	if (n >= m->words)
		memset(m->mask, 0, m->words * sizeof *m->mask);
}

/* Candidate by candidate; a panel that is the last one's again is not marked again. */
static void meet_all(struct meetings *m, const struct eh_order *o)
{
	size_t n_last = 0;

	for (size_t c = 0; c < o->d->candidates.n; c++) {
		uint32_t *swap = m->panel;
		size_t n = 0;

		for (uint32_t i = o->candidate_at[c]; i < o->candidate_at[c + 1]; i++) {
			uint32_t e = eh_order_owner(o, o->row[i]);

			if (n == 0 || m->panel[n - 1] != e)
				m->panel[n++] = e;
		}
		if (n < 2 || (n == n_last && memcmp(m->panel, m->last, n * sizeof *m->panel) == 0))
			continue;
		mark_panel(m, n);
		m->panel = m->last;
		m->last = swap;
		n_last = n;
	}
}

static int take_partners(struct eh_bench *b, const struct meetings *m)
{
	for (size_t e = m->from; e < m->to; e++) {
		for (size_t k = 0; k < m->words; k++) {
			uint64_t left = m->bits[(e - m->from) * m->words + k];

			for (; left != 0; left &= left - 1) {
				size_t x = 64 * k + (size_t)__builtin_ctzll(left);

				if (x != e && !push(&b->partners, (uint32_t)x))
					return EH_ENOMEM;
			}
		}
		b->partners.at[e + 1] = b->partners.n;
	}
	return EH_OK;
}

static int list_partners(struct eh_bench *b)
{
	const size_t n = b->n_evaluators, words = (n + 63) / 64;
	size_t most = n == 0 ? 0 : BITS_ROOM / (words * sizeof(uint64_t)) + 1, at_once = most < n ? most : n;
	struct meetings m = { .words = words };
	int rc = EH_OK;

	/* with weights nobody was judged by two (data.h) */
	if (b->order->single || b->order->d->weight != NULL)
		return EH_OK;
	m.bits = eh_try_malloc(at_once * words + 1, sizeof *m.bits);
	m.mask = eh_try_calloc(words + 1, sizeof *m.mask);
	m.panel = eh_try_calloc(n + 1, sizeof *m.panel);
	m.last = eh_try_calloc(n + 1, sizeof *m.last);
	if (m.bits == NULL || m.mask == NULL || m.panel == NULL || m.last == NULL)
		rc = EH_ENOMEM;
	for (; m.from < n && rc == EH_OK; m.from = m.to) {
		m.to = m.from + at_once < n ? m.from + at_once : n;
		memset(m.bits, 0, (m.to - m.from) * words * sizeof *m.bits);
		meet_all(&m, b->order);
		rc = take_partners(b, &m);
	}
	free(m.bits);
	free(m.mask);
	free(m.panel);
	free(m.last);
	return rc;
}

/*
 * Who shares no candidate with anybody is compared with those of his positions.  Where the data name none, evaluators
 * whom no chain of strata joins did not do the same work: each such part counts as a position.
 */
static int join_strata(struct eh_bench *b)
{
	bool alone = false;

	for (size_t e = 0; e < b->n_evaluators && !alone; e++)
		alone = b->partners.at[e + 1] == b->partners.at[e];
	if (!alone || b->n_positions > 1 || b->order->d->strata.n < 2)
		return EH_OK;
	if (eh_connect_make(&b->strata, b->order->d, EH_LINK_STRATUM, NULL) < 0)
		return EH_ENOMEM;
	if (b->strata.n > 1)
		b->n_positions = b->strata.n;
	else
		eh_connect_free(&b->strata);
	return EH_OK;
}

/* place[] holds, per position, 1 + the evaluator who was last met there. */
static int list_places(struct eh_bench *b, uint32_t e, uint32_t *place)
{
	const struct eh_order *o = b->order;
	size_t from = b->places.n;

	b->places.at[e] = from;
	for (size_t i = o->d->evaluator_at[e]; i < o->d->evaluator_at[e + 1]; i++) {
		uint32_t p = b->strata.n > 1 ? b->strata.of[e] : eh_order_position(o, o->d->candidate[i]);

		if (place[p] == e + 1)
			continue;
		place[p] = e + 1;
		if (!push(&b->places, p))
			return EH_ENOMEM;
		if (b->places.n - from == b->n_positions || b->strata.n > 1)
			break;
	}
	sort_last(&b->places, from);
	b->places.at[e + 1] = b->places.n;
	return EH_OK;
}

/* The places of evaluators turned round. */
static int list_judges(struct eh_bench *b)
{
	b->judges.v = eh_try_malloc(b->places.n + 1, sizeof *b->judges.v);
	if (b->judges.v == NULL)
		return EH_ENOMEM;
	b->judges.n = b->places.n;
	for (size_t i = 0; i < b->places.n; i++)
		b->judges.at[b->places.v[i] + 1]++;
	for (size_t p = 0; p < b->n_positions; p++)
		b->judges.at[p + 1] += b->judges.at[p];
	for (uint32_t e = 0; e < b->n_evaluators; e++)
		for (size_t i = b->places.at[e]; i < b->places.at[e + 1]; i++)
			b->judges.v[b->judges.at[b->places.v[i]]++] = e;
	for (size_t p = b->n_positions; p > 0; p--)
		b->judges.at[p] = b->judges.at[p - 1];
	b->judges.at[0] = 0;
	return EH_OK;
}

/* Where evaluators judged in several positions the judges of these are put together for each of them: bits do it. */
static int mark_judges(struct eh_bench *b)
{
	b->words = (b->n_evaluators + 63) / 64;
	if (b->n_positions < 2 || b->words > BITS_ROOM / sizeof(uint64_t) / b->n_positions)
		return EH_OK;
	b->there = eh_try_calloc(b->n_positions * b->words + 1, sizeof *b->there);
	if (b->there == NULL)
		return EH_ENOMEM;
	for (size_t p = 0; p < b->n_positions; p++)
		for (size_t i = b->judges.at[p]; i < b->judges.at[p + 1]; i++)
			b->there[p * b->words + b->judges.v[i] / 64] |= UINT64_C(1) << b->judges.v[i] % 64;
	return EH_OK;
}

static int fill_lists(struct eh_bench *b)
{
	uint32_t *place = NULL;
	int rc = EH_ENOMEM;

	b->partners.at = eh_try_calloc(b->n_evaluators + 1, sizeof(size_t));
	b->places.at = eh_try_calloc(b->n_evaluators + 1, sizeof(size_t));
	b->mark = eh_try_calloc(b->n_evaluators + 1, sizeof *b->mark);
	if (b->partners.at == NULL || b->places.at == NULL || b->mark == NULL || list_partners(b) < 0 ||
	    join_strata(b) < 0)
		goto out;
	place = eh_try_calloc(b->n_positions + 1, sizeof *place);
	b->judges.at = eh_try_calloc(b->n_positions + 1, sizeof(size_t));
	if (place == NULL || b->judges.at == NULL)
		goto out;
	rc = EH_OK;
	for (uint32_t e = 0; e < b->n_evaluators && rc == EH_OK; e++)
		rc = list_places(b, e, place);
	if (rc == EH_OK)
		rc = list_judges(b);
	if (rc == EH_OK)
		rc = mark_judges(b);
out:
	free(place);
	return rc;
}

int eh_bench_new(struct eh_bench **out, const struct eh_order *order, struct eh_err *err)
{
	struct eh_bench *b = eh_try_calloc(1, sizeof *b);
	int rc = EH_ENOMEM;

	*out = NULL;
	if (b != NULL) {
		b->order = order;
		b->n_evaluators = order->d->evaluators.n;
		b->n_candidates = order->d->candidates.n;
		b->n_positions = order->n_positions;
		rc = fill_lists(b);
	}
	if (rc < 0) {
		eh_bench_free(&b);
		return eh_err_set(err, rc, "audit: out of memory for the lists of %zu evaluators",
				  order->d->evaluators.n);
	}
	*out = b;
	return EH_OK;
}

void eh_bench_free(struct eh_bench **b)
{
	if (*b == NULL)
		return;
	free((*b)->partners.at);
	free((*b)->partners.v);
	free((*b)->places.at);
	free((*b)->places.v);
	free((*b)->judges.at);
	free((*b)->judges.v);
	free((*b)->mark);
	free((*b)->there);
	eh_connect_free(&(*b)->strata);
	free(*b);
	*b = NULL;
}

static bool within(const struct eh_finding *f)
{
	return !f->below_two_percent && (f->is_reference || f->ratio_below == EH_NO);
}

struct count {
	uint32_t n, selected;
};

/* What the sets around the groups of one attribute need. */
struct circle {
	const struct eh_bench *b;
	const struct eh_finding *f;     /* [evaluators][n_groups] */
	const uint8_t *code;            /* [candidates] of order.h */
	size_t n_groups;
	struct tally *place;            /* [places of b][n_groups] what the evaluator decided there */
	/* of one set: */
	bool *in;                       /* [evaluators] */
	uint64_t *in_bits;              /* [words of b] */
	struct tally *position;         /* [positions][n_groups] */
	uint32_t *size;                 /* [positions] evaluators of the set who judged there */
	struct count *candidate;        /* [candidates] decisions on him; NULL where nobody was judged twice */
	struct eh_bench_strata *strata; /* the set once more; NULL where nobody's own ratio is stratified */
	/* of the evaluator before who was compared by position; those after him often judged in the same ones */
	uint32_t before, met;           /* UINT32_MAX = none */
	struct tally there[EH_GROUPS_MAX];
};

static void add(struct tally *to, uint64_t n, uint64_t selected)
{
	to->n += n;
	to->selected += selected;
}

/* With one position for each it is what the findings say already. */
static void fill_places(struct circle *c, uint32_t e, uint32_t *at)
{
	const struct eh_bench *b = c->b;
	const struct eh_audit_data *d = b->order->d;

	if (b->n_positions == 1 || b->strata.n > 1) {
		for (size_t g = 0; b->places.at[e] < b->places.at[e + 1] && g < c->n_groups; g++)
			c->place[b->places.at[e] * c->n_groups + g] = (struct tally){
				c->f[e * c->n_groups + g].n, c->f[e * c->n_groups + g].selected
			};
		return;
	}
	for (size_t i = b->places.at[e]; i < b->places.at[e + 1]; i++)
		at[b->places.v[i]] = (uint32_t)(i - b->places.at[e]);
	for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++) {
		int g = eh_code_group(c->code[d->candidate[i]]);
		size_t place = b->places.at[e] + at[eh_order_position(b->order, d->candidate[i])];
		uint64_t n = d->weight != NULL ? d->weight[d->candidate[i]] : 1;

		if (g >= 0)
			add(&c->place[place * c->n_groups + (size_t)g], n, n * d->selected[i]);
	}
}

/* From the set around one group to that around another: who is in both is left alone.  Sums are modulo 2^64. */
static void fill_circle(struct circle *c, size_t g)
{
	const struct eh_bench *b = c->b;
	const struct eh_audit_data *d = b->order->d;

	c->before = UINT32_MAX;
	for (size_t e = 0; e < b->n_evaluators; e++) {
		const bool in = within(&c->f[e * c->n_groups + g]);
		const uint64_t sign = in ? 1 : UINT64_MAX;

		if (in == c->in[e])
			continue;
		c->in[e] = in;
		c->in_bits[e / 64] ^= UINT64_C(1) << e % 64;
		if (c->strata != NULL)
			eh_bench_strata_turn(c->strata, (uint32_t)e, in);
		for (size_t i = b->places.at[e]; i < b->places.at[e + 1]; i++) {
			const struct tally *from = &c->place[i * c->n_groups];

			c->size[b->places.v[i]] += (uint32_t)sign;
			for (size_t k = 0; k < c->n_groups; k++)
				add(&c->position[b->places.v[i] * c->n_groups + k], sign * from[k].n,
				    sign * from[k].selected);
		}
		for (size_t i = d->evaluator_at[e]; c->candidate != NULL && i < d->evaluator_at[e + 1]; i++) {
			struct count *to = &c->candidate[d->candidate[i]];

			to->n += (uint32_t)sign;
			to->selected += (uint32_t)sign * d->selected[i];
		}
	}
}

/* Takes evaluator e's own decisions out again. */
static void take_own(struct tally *total, const struct circle *c, uint32_t e)
{
	for (size_t g = 0; c->in[e] && g < c->n_groups; g++) {
		total[g].n -= c->f[e * c->n_groups + g].n;
		total[g].selected -= c->f[e * c->n_groups + g].selected;
	}
}

/* Totals per group over the candidates of e; returns the size of the set. */
static uint32_t from_candidates(struct tally *total, const struct circle *c, uint32_t e)
{
	const struct eh_bench *b = c->b;
	const struct eh_audit_data *d = b->order->d;
	uint32_t n = 0;

	for (size_t i = b->partners.at[e]; i < b->partners.at[e + 1]; i++)
		n += c->in[b->partners.v[i]];
	for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++) {
		uint32_t x = d->candidate[i];
		int group = eh_code_group(c->code[x]);

		if (group >= 0 && (i == d->evaluator_at[e] || x != d->candidate[i - 1]))
			add(&total[group], c->candidate[x].n, c->candidate[x].selected);
	}
	take_own(total, c, e);
	return n;
}

/* Evaluators of the set who judged in some position of e; several positions may have the same ones. */
static uint32_t size_of_union(const struct circle *c, uint32_t e)
{
	const struct eh_bench *b = c->b;
	const size_t from = b->places.at[e], to = b->places.at[e + 1];
	uint32_t n = 0;

	for (size_t k = 0; b->there != NULL && k < b->words; k++) {
		uint64_t met = 0;

		for (size_t i = from; i < to; i++)
			met |= b->there[b->places.v[i] * b->words + k];
		n += (uint32_t)__builtin_popcountll(met & c->in_bits[k]);
	}
	if (b->there != NULL)
		return n;
	/* mark[] is 1 + e for an evaluator met */
	for (size_t i = from; i < to; i++)
		for (size_t j = b->judges.at[b->places.v[i]]; j < b->judges.at[b->places.v[i] + 1]; j++) {
			uint32_t x = b->judges.v[j];

			n += b->mark[x] != e + 1 && c->in[x];
			b->mark[x] = e + 1;
		}
	return n;
}

static bool same_places(const struct eh_bench *b, uint32_t e, uint32_t other)
{
	const size_t n = b->places.at[e + 1] - b->places.at[e];

	return n == b->places.at[other + 1] - b->places.at[other] &&
	       memcmp(&b->places.v[b->places.at[e]], &b->places.v[b->places.at[other]], n * sizeof *b->places.v) == 0;
}

/* The same over the positions of e. */
static uint32_t from_positions(struct tally *total, struct circle *c, uint32_t e)
{
	const struct eh_bench *b = c->b;
	const size_t from = b->places.at[e], to = b->places.at[e + 1];

	if (c->before == UINT32_MAX || !same_places(b, e, c->before)) {
		memset(c->there, 0, sizeof c->there);
		for (size_t i = from; i < to; i++)
			for (size_t g = 0; g < c->n_groups; g++) {
				const struct tally *t = &c->position[b->places.v[i] * c->n_groups + g];

				add(&c->there[g], t->n, t->selected);
			}
		c->met = to - from == 1 ? c->size[b->places.v[from]] : size_of_union(c, e);
		c->before = e;
	}
	memcpy(total, c->there, c->n_groups * sizeof *total);
	take_own(total, c, e);
	return c->met - c->in[e];
}

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

/* Others with a decision in a position of e; judges counted per position, so that it is only good for "any". */
static size_t colleagues(const struct eh_bench *b, uint32_t e)
{
	size_t n = 0;

	for (size_t i = b->places.at[e]; i < b->places.at[e + 1]; i++)
		n += b->judges.at[b->places.v[i] + 1] - b->judges.at[b->places.v[i]] - 1;
	return n;
}

static void conclude(struct eh_finding *f, const struct tally *total, const struct eh_attribute_data *a, size_t g,
		     eh_groups reference, uint32_t evaluators, enum eh_undef none)
{
	struct eh_fourfold t = { total[g].selected, total[g].n, 0, 0 };

	/* it may be filled in a second time, and the set be empty now */
	f->bench_evaluators = evaluators;
	f->bench_n = f->bench_selected = 0;
	f->bench_rate = f->bench_ratio = f->deviation = eh_undefined(none);
	if (evaluators == 0)
		return;
	for (size_t r = 0; r < a->n_groups; r++) {
		if ((reference >> r & 1u) != 0) {
			t.b += total[r].selected;
			t.n2 += total[r].n;
		}
	}
	f->bench_n = t.n1;
	f->bench_selected = t.a;
	f->bench_rate = eh_rate(t.a, t.n1);
	f->bench_ratio = eh_table_ratio(&t);
}

/* A ratio over strata is set beside one over strata: the plain ratio of the same decisions may be far from it where the
 * groups apply to different positions, and the difference would say nothing about the evaluator. */
static void set_deviation(struct eh_finding *f, struct circle *c, uint32_t e, bool alone, size_t g, eh_groups reference)
{
	const struct eh_bench *b = c->b;

	if (f->bench_evaluators == 0)
		return;
	if (f->rests_on == EH_RATIO_STRATIFIED)
		f->bench_ratio = eh_bench_strata_ratio(c->strata, e, c->in[e],
						       alone ? &b->places.v[b->places.at[e]] : NULL,
						       b->places.at[e + 1] - b->places.at[e], g, reference);
	f->deviation = !f->bench_ratio.defined ? f->bench_ratio : !f->ratio.defined ? f->ratio :
		       eh_num(f->ratio.value - f->bench_ratio.value);
}

static void circle_free(struct circle *c)
{
	free(c->place);
	free(c->in);
	free(c->in_bits);
	free(c->position);
	free(c->size);
	free(c->candidate);
	eh_bench_strata_free(&c->strata);
}

/* Where some finding needs it. */
static int make_strata(struct circle *c)
{
	const struct eh_bench *b = c->b;
	const struct eh_bench_ground ground = { .order = b->order,
						.code = c->code,
						.n_groups = c->n_groups,
						.n_places = b->n_positions,
						.part = b->strata.n > 1 ? b->strata.of : NULL,
						.shared = b->partners.n > 0 };

	for (size_t i = 0; i < b->n_evaluators * c->n_groups; i++)
		if (c->f[i].rests_on == EH_RATIO_STRATIFIED)
			return eh_bench_strata_new(&c->strata, &ground);
	return EH_OK;
}

static int circle_make(struct circle *c, const struct eh_bench *b)
{
	uint32_t *at = eh_try_calloc(b->n_positions + 1, sizeof *at);

	c->place = eh_try_calloc(b->places.n * c->n_groups + 1, sizeof *c->place);
	c->in = eh_try_calloc(b->n_evaluators + 1, sizeof *c->in);
	c->in_bits = eh_try_calloc(b->words + 1, sizeof *c->in_bits);
	c->position = eh_try_calloc(b->n_positions * c->n_groups + 1, sizeof *c->position);
	c->size = eh_try_calloc(b->n_positions + 1, sizeof *c->size);
	if (b->partners.n > 0)
		c->candidate = eh_try_calloc(b->n_candidates + 1, sizeof *c->candidate);
	if (at == NULL || c->place == NULL || c->in == NULL || c->in_bits == NULL || c->position == NULL ||
	    c->size == NULL || (b->partners.n > 0 && c->candidate == NULL)) {
		free(at);
		return EH_ENOMEM;
	}
	for (uint32_t e = 0; e < b->n_evaluators; e++)
		fill_places(c, e, at);
	free(at);
	return make_strata(c);
}

int eh_bench_fill(struct eh_finding *f, const struct eh_bench *b, size_t attribute, eh_groups eligible,
		  enum eh_reference_rule rule, struct eh_err *err)
{
	const struct eh_attribute_data *a = &b->order->d->attributes[attribute];
	struct circle c = { .b = b, .f = f, .code = b->order->code[attribute], .n_groups = a->n_groups };
	int rc = circle_make(&c, b);

	for (size_t g = 0; g < a->n_groups && rc == EH_OK; g++) {
		if ((eligible >> g & 1u) == 0)
			continue;
		fill_circle(&c, g);
		memset(b->mark, 0, (b->n_evaluators + 1) * sizeof *b->mark);
		for (uint32_t e = 0; e < b->n_evaluators; e++) {
			struct eh_finding *x = &f[e * a->n_groups + g];
			struct tally total[EH_GROUPS_MAX] = { { 0, 0 } };
			bool alone = b->partners.at[e + 1] == b->partners.at[e];
			eh_groups against = reference_set(x, a, g, eligible, rule);
			uint32_t size;

			if (x->is_reference)
				continue;
			size = alone ? from_positions(total, &c, e) : from_candidates(total, &c, e);
			conclude(x, total, a, g, against, size,
				 alone && colleagues(b, e) == 0 && b->n_evaluators > 1 ? EH_U_DISCONNECTED :
											   EH_U_NO_PEERS);
			set_deviation(x, &c, e, alone, g, against);
		}
	}
	circle_free(&c);
	return rc < 0 ? eh_err_set(err, rc, "audit: out of memory for the benchmark of %s", a->name) : EH_OK;
}
