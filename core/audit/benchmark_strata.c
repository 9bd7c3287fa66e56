/* The stratified ratio of a second set; see benchmark_strata.h. */
#include "audit/benchmark_strata.h"

#include <stdlib.h>
#include <string.h>

#include "audit/strata.h"
#include "base/mem.h"

#define NO_CELL UINT32_MAX

/* Persons of the set who judged a candidate in a stratum. */
struct judged {
	uint32_t stratum, n, selected;
};

struct eh_bench_strata {
	struct eh_bench_ground ground;
	/* cells: a place and a stratum in which somebody decided there */
	size_t n_cells, cap;
	uint64_t *key;                  /* [n_cells] place << 32 | stratum */
	size_t *place_at;               /* [places + 1] */
	uint32_t *by_place;             /* [n_cells] */
	struct eh_count *sum;           /* [n_cells][n_groups] of the set */
	/* what each evaluator decided in his cells */
	size_t *own_at;                 /* [evaluators + 1] */
	uint32_t *own_cell;
	struct eh_count *own;           /* [own_at[evaluators]][n_groups] */
	/* only with shared: */
	size_t *judged_at;              /* [candidates + 1] */
	struct judged *judged;
	uint32_t *judged_of;            /* [decisions] */
	/* of one ratio: */
	struct eh_count *table;         /* [strata][n_groups] */
	bool *met;                      /* [strata] */
	uint32_t *list;                 /* strata met */
	size_t n_list;
	struct eh_fourfold *fourfold;   /* [strata] */
};

/* ---- cells ---- */

/* Open addressing over the keys; slots are a power of 2 and at most half full. */
struct index {
	uint32_t *slot;                 /* cell, or NO_CELL */
	size_t mask;
};

static size_t first_slot(const struct index *x, uint64_t key)
{
	/* the multiplier of Fibonacci hashing, 2^64 over the golden ratio */
	return (size_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & x->mask;
}

static size_t slot_of(const struct index *x, const uint64_t *keys, uint64_t key)
{
	size_t i = first_slot(x, key);

	while (x->slot[i] != NO_CELL && keys[x->slot[i]] != key)
		i = (i + 1) & x->mask;
	return i;
}

/* Twice the cells there were room for. */
static bool grow(struct eh_bench_strata *s, struct index *x)
{
	const size_t cap = s->cap != 0 ? 2 * s->cap : 256;
	uint64_t *key = eh_try_realloc(s->key, cap, sizeof *key);
	uint32_t *slot = NULL;

	if (key == NULL)
		return false;
	s->key = key;
	slot = eh_try_malloc(2 * cap, sizeof *slot);
	if (slot == NULL)
		return false;
	memset(slot, 0xff, 2 * cap * sizeof *slot);
	free(x->slot);
	*x = (struct index){ slot, 2 * cap - 1 };
	s->cap = cap;
	for (size_t i = 0; i < s->n_cells; i++)
		x->slot[slot_of(x, s->key, s->key[i])] = (uint32_t)i;
	return true;
}

static uint64_t key_of(const struct eh_bench_strata *s, uint32_t e, size_t row)
{
	const struct eh_bench_ground *g = &s->ground;
	const struct eh_audit_data *d = g->order->d;
	uint64_t place = 0;

	if (g->part != NULL)
		place = g->part[e];
	else if (g->n_places > 1)
		place = eh_order_position(g->order, d->candidate[row]);
	return place << 32 | d->stratum[row];
}

/* of: [decisions] the cell of each. */
static bool find_cells(struct eh_bench_strata *s, uint32_t *of)
{
	const struct eh_audit_data *d = s->ground.order->d;
	struct index x = { NULL, 0 };
	bool well = grow(s, &x);

	for (uint32_t e = 0; e < d->evaluators.n && well; e++)
		for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1] && well; i++) {
			const uint64_t key = key_of(s, e, i);
			size_t at = slot_of(&x, s->key, key);

			if (x.slot[at] == NO_CELL) {
				well = s->n_cells < s->cap || grow(s, &x);
				if (!well)
					break;
				at = slot_of(&x, s->key, key);
				x.slot[at] = (uint32_t)s->n_cells;
				s->key[s->n_cells++] = key;
			}
			of[i] = x.slot[at];
		}
	free(x.slot);
	return well;
}

static bool list_cells(struct eh_bench_strata *s)
{
	const size_t places = s->ground.n_places;

	s->place_at = eh_try_calloc(places + 2, sizeof *s->place_at);
	s->by_place = eh_try_malloc(s->n_cells + 1, sizeof *s->by_place);
	if (s->place_at == NULL || s->by_place == NULL)
		return false;
	for (size_t i = 0; i < s->n_cells; i++)
		s->place_at[(s->key[i] >> 32) + 2]++;
	for (size_t p = 0; p < places; p++)
		s->place_at[p + 2] += s->place_at[p + 1];
	for (size_t i = 0; i < s->n_cells; i++)
		s->by_place[s->place_at[(s->key[i] >> 32) + 1]++] = (uint32_t)i;
	return true;
}

/* ---- what each evaluator decided ---- */

static void count_own(struct eh_bench_strata *s, const uint32_t *of, size_t row, const uint32_t *place_of)
{
	const struct eh_audit_data *d = s->ground.order->d;
	const uint32_t candidate = d->candidate[row];
	const int g = eh_code_group(s->ground.code[candidate]);
	const uint64_t n = d->weight != NULL ? d->weight[candidate] : 1;

	if (g >= 0) {
		struct eh_count *to = &s->own[place_of[of[row]] * s->ground.n_groups + (size_t)g];

		to->n += n;
		to->selected += n * d->selected[row];
	}
}

/* place_of[cell] is where the evaluator's list has it, right where it is not below the list's begin. */
static bool fill_own(struct eh_bench_strata *s, const uint32_t *of)
{
	const struct eh_audit_data *d = s->ground.order->d;
	uint32_t *place_of = eh_try_malloc(s->n_cells + 1, sizeof *place_of);
	size_t n;
	bool well = false;

	if (place_of == NULL)
		return false;
	memset(place_of, 0xff, (s->n_cells + 1) * sizeof *place_of);
	for (int pass = 0; pass < 2; pass++) {
		n = 0;
		for (uint32_t e = 0; e < d->evaluators.n; e++) {
			s->own_at[e] = n;
			for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++) {
				uint32_t *at = &place_of[of[i]];

				/* not one of his yet; NO_CELL is above all */
				if (*at < s->own_at[e] || *at >= n) {
					*at = (uint32_t)n++;
					if (pass == 1)
						s->own_cell[*at] = of[i];
				}
				if (pass == 1)
					count_own(s, of, i, place_of);
			}
		}
		s->own_at[d->evaluators.n] = n;
		if (pass == 1)
			break;
		memset(place_of, 0xff, (s->n_cells + 1) * sizeof *place_of);
		s->own_cell = eh_try_malloc(n + 1, sizeof *s->own_cell);
		s->own = eh_try_calloc(n * s->ground.n_groups + 1, sizeof *s->own);
		if (s->own_cell == NULL || s->own == NULL)
			goto out;
	}
	well = true;
out:
	free(place_of);
	return well;
}

/* ---- candidates ---- */

/* Their decisions lie together, sorted by evaluator and stratum: few strata, met again and again. */
static bool list_judged(struct eh_bench_strata *s)
{
	const struct eh_order *o = s->ground.order;
	const struct eh_audit_data *d = o->d;
	size_t n = 0;

	if (!s->ground.shared)
		return true;
	s->judged_at = eh_try_calloc(d->candidates.n + 1, sizeof *s->judged_at);
	s->judged = eh_try_malloc(d->n_decisions + 1, sizeof *s->judged);
	s->judged_of = eh_try_malloc(d->n_decisions + 1, sizeof *s->judged_of);
	if (s->judged_at == NULL || s->judged == NULL || s->judged_of == NULL)
		return false;
	for (size_t c = 0; c < d->candidates.n; c++) {
		const size_t from = n;
		size_t k = from;

		for (uint32_t i = o->candidate_at[c]; i < o->candidate_at[c + 1]; i++) {
			const uint32_t stratum = d->stratum[o->row[i]];
			size_t left = n - from;

			/* on from the one before, once round */
			for (; left > 0 && s->judged[k].stratum != stratum; left--)
				k = k + 1 < n ? k + 1 : from;
			if (left == 0) {
				k = n;
				s->judged[n++] = (struct judged){ stratum, 0, 0 };
			}
			s->judged_of[o->row[i]] = (uint32_t)k;
		}
		s->judged_at[c + 1] = n;
	}
	return true;
}

static bool fill(struct eh_bench_strata *s)
{
	const struct eh_audit_data *d = s->ground.order->d;
	const size_t groups = s->ground.n_groups, strata = d->strata.n;
	uint32_t *of = eh_try_malloc(d->n_decisions + 1, sizeof *of);
	bool well;

	s->own_at = eh_try_calloc(d->evaluators.n + 1, sizeof *s->own_at);
	well = of != NULL && s->own_at != NULL && find_cells(s, of) && list_cells(s) && fill_own(s, of) &&
	       list_judged(s);
	free(of);
	if (!well)
		return false;
	s->sum = eh_try_calloc(s->n_cells * groups + 1, sizeof *s->sum);
	s->table = eh_try_calloc(strata * groups + 1, sizeof *s->table);
	s->met = eh_try_calloc(strata + 1, sizeof *s->met);
	s->list = eh_try_calloc(strata + 1, sizeof *s->list);
	s->fourfold = eh_try_calloc(strata + 1, sizeof *s->fourfold);
	return s->sum != NULL && s->table != NULL && s->met != NULL && s->list != NULL && s->fourfold != NULL;
}

int eh_bench_strata_new(struct eh_bench_strata **out, const struct eh_bench_ground *ground)
{
	struct eh_bench_strata *s = eh_try_calloc(1, sizeof *s);

	*out = s;
	if (s == NULL)
		return EH_ENOMEM;
	s->ground = *ground;
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
	free(x->key);
	free(x->place_at);
	free(x->by_place);
	free(x->sum);
	free(x->own_at);
	free(x->own_cell);
	free(x->own);
	free(x->judged_at);
	free(x->judged);
	free(x->judged_of);
	free(x->table);
	free(x->met);
	free(x->list);
	free(x->fourfold);
	free(x);
	*s = NULL;
}

/* ---- the set ---- */

/* Sums are modulo 2^64: to take away is to add the negative. */
static void add(struct eh_count *to, const struct eh_count *from, size_t groups, uint64_t sign)
{
	for (size_t g = 0; g < groups; g++) {
		to[g].n += sign * from[g].n;
		to[g].selected += sign * from[g].selected;
	}
}

void eh_bench_strata_turn(struct eh_bench_strata *s, uint32_t e, bool in)
{
	const struct eh_audit_data *d = s->ground.order->d;
	const size_t groups = s->ground.n_groups;
	const uint64_t sign = in ? 1 : UINT64_MAX;

	for (size_t i = s->own_at[e]; i < s->own_at[e + 1]; i++)
		add(&s->sum[s->own_cell[i] * groups], &s->own[i * groups], groups, sign);
	for (size_t i = d->evaluator_at[e]; s->judged_of != NULL && i < d->evaluator_at[e + 1]; i++) {
		struct judged *to = &s->judged[s->judged_of[i]];

		to->n += (uint32_t)sign;
		to->selected += (uint32_t)sign * d->selected[i];
	}
}

static struct eh_count *meet(struct eh_bench_strata *s, uint32_t stratum)
{
	if (!s->met[stratum]) {
		s->met[stratum] = true;
		s->list[s->n_list++] = stratum;
	}
	return &s->table[stratum * s->ground.n_groups];
}

static void meet_candidates(struct eh_bench_strata *s, uint32_t e)
{
	const struct eh_audit_data *d = s->ground.order->d;

	for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++) {
		const uint32_t c = d->candidate[i];
		const int g = eh_code_group(s->ground.code[c]);

		/* rows are in the order of candidates: each once */
		if (g < 0 || (i > d->evaluator_at[e] && d->candidate[i - 1] == c))
			continue;
		for (size_t k = s->judged_at[c]; k < s->judged_at[c + 1]; k++) {
			struct eh_count *to = &meet(s, s->judged[k].stratum)[g];

			to->n += s->judged[k].n;
			to->selected += s->judged[k].selected;
		}
	}
}

static void meet_places(struct eh_bench_strata *s, const uint32_t *place, size_t n)
{
	const size_t groups = s->ground.n_groups;

	for (size_t i = 0; i < n; i++)
		for (size_t k = s->place_at[place[i]]; k < s->place_at[place[i] + 1]; k++) {
			const uint32_t cell = s->by_place[k];

			add(meet(s, (uint32_t)s->key[cell]), &s->sum[cell * groups], groups, 1);
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

struct eh_num eh_bench_strata_ratio(struct eh_bench_strata *s, uint32_t e, bool in, const uint32_t *place, size_t n,
				    size_t g, eh_groups reference)
{
	const size_t groups = s->ground.n_groups;
	struct eh_num ratio;

	if (place == NULL)
		meet_candidates(s, e);
	else
		meet_places(s, place, n);
	for (size_t i = s->own_at[e]; in && i < s->own_at[e + 1]; i++)
		add(meet(s, (uint32_t)s->key[s->own_cell[i]]), &s->own[i * groups], groups, UINT64_MAX);
	sort_met(s);
	for (size_t k = 0; k < s->n_list; k++) {
		struct eh_count *c = &s->table[s->list[k] * groups];
		struct eh_fourfold t = { c[g].selected, c[g].n, 0, 0 };

		for (size_t r = 0; r < groups; r++)
			if ((reference >> r & 1u) != 0) {
				t.b += c[r].selected;
				t.n2 += c[r].n;
			}
		s->fourfold[k] = t;
		memset(c, 0, groups * sizeof *c);
		s->met[s->list[k]] = false;
	}
	ratio = eh_strata_ratio(s->fourfold, s->n_list);
	s->n_list = 0;
	return ratio;
}
