/* Who judged whom and where; see benchmark_inside.h. */
#include "audit/benchmark_inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Who met whom is found in bits, for as many evaluators at a time as fit in here. */
#define BITS_ROOM ((size_t)32 << 20)    /* [bytes] */

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

/* place[] holds, per place, 1 + the evaluator who was last met there. */
static int list_places(struct eh_bench *b, uint32_t e, uint32_t *place)
{
	const struct eh_audit_data *d = b->order->d;
	size_t from = b->places.n;

	b->places.at[e] = from;
	for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++) {
		uint32_t p = eh_bench_place(b, i);

		if (place[p] == e + 1)
			continue;
		place[p] = e + 1;
		if (!push(&b->places, p))
			return EH_ENOMEM;
		if (b->places.n - from == b->n_places)
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
	for (size_t p = 0; p < b->n_places; p++)
		b->judges.at[p + 1] += b->judges.at[p];
	for (uint32_t e = 0; e < b->n_evaluators; e++)
		for (size_t i = b->places.at[e]; i < b->places.at[e + 1]; i++)
			b->judges.v[b->judges.at[b->places.v[i]]++] = e;
	for (size_t p = b->n_places; p > 0; p--)
		b->judges.at[p] = b->judges.at[p - 1];
	b->judges.at[0] = 0;
	return EH_OK;
}

/* Where evaluators judged in several places the judges of these are put together for each of them: bits do it. */
static int mark_judges(struct eh_bench *b)
{
	b->words = (b->n_evaluators + 63) / 64;
	if (b->n_places < 2 || b->words > BITS_ROOM / sizeof(uint64_t) / b->n_places)
		return EH_OK;
	b->there = eh_try_calloc(b->n_places * b->words + 1, sizeof *b->there);
	if (b->there == NULL)
		return EH_ENOMEM;
	for (size_t p = 0; p < b->n_places; p++)
		for (size_t i = b->judges.at[p]; i < b->judges.at[p + 1]; i++)
			b->there[p * b->words + b->judges.v[i] / 64] |= UINT64_C(1) << b->judges.v[i] % 64;
	return EH_OK;
}

/* Did somebody else decide in a place of his? */
static bool accompanied(const struct eh_bench *b, uint32_t e)
{
	for (size_t i = b->places.at[e]; i < b->places.at[e + 1]; i++)
		if (b->judges.at[b->places.v[i] + 1] - b->judges.at[b->places.v[i]] > 1)
			return true;
	return false;
}

/* The strata met in each position, in the order of the rows; one that lies in several may come twice. */
static int list_strata(struct lists *out, const struct eh_bench *b)
{
	const struct eh_order *o = b->order;
	const struct eh_audit_data *d = o->d;
	struct lists met = { .at = NULL };      /* position, stratum, position, stratum ... */
	uint32_t *last = eh_try_malloc(d->strata.n + 1, sizeof *last);
	int rc = EH_ENOMEM;

	out->at = eh_try_calloc(o->n_positions + 1, sizeof *out->at);
	if (last == NULL || out->at == NULL)
		goto out;
	memset(last, 0xff, (d->strata.n + 1) * sizeof *last);
	for (size_t i = 0; i < d->n_decisions; i++) {
		const uint32_t p = eh_order_position(o, d->candidate[i]);

		if (last[d->stratum[i]] == p)
			continue;
		last[d->stratum[i]] = p;
		if (!push(&met, p) || !push(&met, d->stratum[i]))
			goto out;
	}
	out->v = eh_try_malloc(met.n / 2 + 1, sizeof *out->v);
	if (out->v == NULL)
		goto out;
	for (size_t i = 0; i < met.n; i += 2)
		out->at[met.v[i] + 1]++;
	for (size_t p = 0; p < o->n_positions; p++)
		out->at[p + 1] += out->at[p];
	for (size_t i = 0; i < met.n; i += 2)
		out->v[out->at[met.v[i]]++] = met.v[i + 1];
	for (size_t p = o->n_positions; p > 0; p--)
		out->at[p] = out->at[p - 1];
	out->at[0] = 0;
	rc = EH_OK;
out:
	free(met.v);
	free(last);
	return rc;
}

/* place[] as list_places has it. */
static int reach_positions(struct eh_bench *b, uint32_t e, const struct lists *strata, uint32_t *place)
{
	const struct eh_audit_data *d = b->order->d;
	const size_t from = b->reach.n;

	for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++) {
		const uint32_t p = eh_order_position(b->order, d->candidate[i]);

		for (size_t k = strata->at[p]; k < strata->at[p + 1]; k++) {
			if (place[strata->v[k]] == e + 1)
				continue;
			place[strata->v[k]] = e + 1;
			if (!push(&b->reach, strata->v[k]))
				return EH_ENOMEM;
		}
	}
	sort_last(&b->reach, from);
	return EH_OK;
}

/* Who shares no candidate, and in whose strata nobody else decided, is compared with those of his positions. */
static int list_reach(struct eh_bench *b, uint32_t *place)
{
	struct lists strata = { .at = NULL };
	int rc = EH_OK;

	memset(place, 0, (b->n_places + 1) * sizeof *place);
	for (uint32_t e = 0; e < b->n_evaluators && rc == EH_OK; e++) {
		b->reach.at[e] = b->reach.n;
		if (b->by_stratum && b->order->n_positions > 1 && eh_bench_alone(b, e) && !accompanied(b, e)) {
			if (strata.at == NULL)
				rc = list_strata(&strata, b);
			if (rc == EH_OK)
				rc = reach_positions(b, e, &strata, place);
		}
		b->reach.at[e + 1] = b->reach.n;
	}
	free(strata.at);
	free(strata.v);
	return rc;
}

static int fill_lists(struct eh_bench *b)
{
	uint32_t *place = NULL;
	int rc = EH_ENOMEM;

	b->partners.at = eh_try_calloc(b->n_evaluators + 1, sizeof(size_t));
	b->places.at = eh_try_calloc(b->n_evaluators + 1, sizeof(size_t));
	b->reach.at = eh_try_calloc(b->n_evaluators + 1, sizeof(size_t));
	if (b->partners.at == NULL || b->places.at == NULL || b->reach.at == NULL ||
	    list_partners(b) < 0)
		goto out;
	place = eh_try_calloc(b->n_places + 1, sizeof *place);
	b->judges.at = eh_try_calloc(b->n_places + 1, sizeof(size_t));
	if (place == NULL || b->judges.at == NULL)
		goto out;
	rc = EH_OK;
	for (uint32_t e = 0; e < b->n_evaluators && rc == EH_OK; e++)
		rc = list_places(b, e, place);
	if (rc == EH_OK)
		rc = list_judges(b);
	if (rc == EH_OK)
		rc = mark_judges(b);
	if (rc == EH_OK)
		rc = list_reach(b, place);
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
		b->by_stratum = order->d->strata.n > 1;
		b->n_places = b->by_stratum ? order->d->strata.n : order->n_positions;
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
	for (size_t a = 0; (*b)->own != NULL && a < (*b)->order->d->n_attributes; a++)
		free((*b)->own[a]);
	free((*b)->own);
	free((*b)->there);
	free((*b)->reach.at);
	free((*b)->reach.v);
	free(*b);
	*b = NULL;
}
