/* The second set of evaluators; see benchmark.h. */
#include "audit/benchmark.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Decisions per candidate from which on equal panels are looked for: below, walking every list costs less. */
#define PANEL_WORTH 16

/* Lists of evaluators: v[at[i] .. at[i + 1] - 1] belong to i, sorted. */
struct lists {
	size_t *at;
	uint32_t *v;
	size_t n, cap;
};

struct eh_bench {
	const struct eh_audit_data *d;
	const struct eh_order *order;
	size_t n_positions;
	struct lists partners;          /* per evaluator: others who share a candidate */
	struct lists judges;            /* per position: who judged there */
	uint32_t *mark;                 /* [evaluators] scratch */
	uint32_t *panel;                /* [candidates] the first candidate with the same judges in the same order */
	uint32_t *met;                  /* [candidates] scratch, by panel */
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

/* Order of two candidates by the judges of their decisions; 0 = one panel. */
static int compare_panels(const struct eh_order *o, uint32_t x, uint32_t y)
{
	size_t nx = o->candidate_at[x + 1] - o->candidate_at[x], ny = o->candidate_at[y + 1] - o->candidate_at[y];
	const struct eh_row *rx = &o->by_candidate[o->candidate_at[x]], *ry = &o->by_candidate[o->candidate_at[y]];

	if (nx != ny)
		return nx < ny ? -1 : 1;
	for (size_t i = 0; i < nx; i++)
		if (rx[i].owner != ry[i].owner)
			return rx[i].owner < ry[i].owner ? -1 : 1;
	return 0;
}

static int by_panel(const void *a, const void *b, void *order)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	int c = compare_panels(order, x, y);

	return c != 0 ? c : x < y ? -1 : x > y;
}

/* Large panels that see many candidates are walked once per evaluator and not once per candidate. */
static int find_panels(struct eh_bench *b)
{
	size_t n = b->d->candidates.n;
	uint32_t *sorted = eh_try_calloc(n + 1, sizeof *sorted);
	struct eh_order order = *b->order;

	if (sorted == NULL)
		return EH_ENOMEM;
	for (size_t i = 0; i < n; i++)
		b->panel[i] = sorted[i] = (uint32_t)i;
	if (b->order->n / PANEL_WORTH >= n) {
		qsort_r(sorted, n, sizeof *sorted, by_panel, &order);
		for (size_t i = 1; i < n; i++)
			if (compare_panels(&order, sorted[i - 1], sorted[i]) == 0)
				b->panel[sorted[i]] = b->panel[sorted[i - 1]];
	}
	free(sorted);
	return EH_OK;
}

/* mark[] holds, per evaluator, 1 + the list that met him last; met[] the same per panel. */
static int list_partners(struct eh_bench *b, uint32_t e)
{
	const struct eh_order *o = b->order;
	size_t from = b->partners.n, others = b->d->evaluators.n - 1;

	b->partners.at[e] = from;
	b->mark[e] = e + 1;
	for (size_t i = o->evaluator_at[e]; i < o->evaluator_at[e + 1]; i++) {
		uint32_t c = o->by_evaluator[i].candidate;

		if (b->met[b->panel[c]] == e + 1)
			continue;
		b->met[b->panel[c]] = e + 1;
		if (b->partners.n - from == others)
			break;
		for (size_t j = o->candidate_at[c]; j < o->candidate_at[c + 1]; j++) {
			uint32_t x = o->by_candidate[j].owner;

			if (b->mark[x] == e + 1)
				continue;
			b->mark[x] = e + 1;
			if (!push(&b->partners, x))
				return EH_ENOMEM;
		}
	}
	sort_last(&b->partners, from);
	b->partners.at[e + 1] = b->partners.n;
	return EH_OK;
}

static int list_judges(struct eh_bench *b, uint32_t position)
{
	const struct eh_order *o = b->order;
	size_t from = b->judges.n;

	b->judges.at[position] = from;
	for (size_t i = o->position_at[position]; i < o->position_at[position + 1]; i++) {
		uint32_t x = o->by_position[i].owner;

		if (b->mark[x] == position + 1)
			continue;
		b->mark[x] = position + 1;
		if (!push(&b->judges, x))
			return EH_ENOMEM;
	}
	sort_last(&b->judges, from);
	b->judges.at[position + 1] = b->judges.n;
	return EH_OK;
}

int eh_bench_new(struct eh_bench **out, const struct eh_audit_data *d, const struct eh_order *order, struct eh_err *err)
{
	struct eh_bench *b = eh_try_calloc(1, sizeof *b);
	int rc = EH_ENOMEM;

	*out = NULL;
	if (b == NULL)
		goto out;
	b->d = d;
	b->order = order;
	b->n_positions = d->positions.n != 0 ? d->positions.n : 1;
	b->partners.at = eh_try_calloc(d->evaluators.n + 1, sizeof(size_t));
	b->judges.at = eh_try_calloc(b->n_positions + 1, sizeof(size_t));
	b->mark = eh_try_calloc(d->evaluators.n + 1, sizeof *b->mark);
	b->panel = eh_try_calloc(d->candidates.n + 1, sizeof *b->panel);
	b->met = eh_try_calloc(d->candidates.n + 1, sizeof *b->met);
	if (b->partners.at == NULL || b->judges.at == NULL || b->mark == NULL || b->panel == NULL || b->met == NULL ||
	    find_panels(b) < 0)
		goto out;
	for (uint32_t e = 0; e < d->evaluators.n; e++)
		if (list_partners(b, e) < 0)
			goto out;
	memset(b->mark, 0, (d->evaluators.n + 1) * sizeof *b->mark);
	for (uint32_t p = 0; p < b->n_positions; p++)
		if (list_judges(b, p) < 0)
			goto out;
	*out = b;
	b = NULL;
	rc = EH_OK;
out:
	eh_bench_free(&b);
	return rc < 0 ? eh_err_set(err, rc, "audit: out of memory for the lists of %zu evaluators",
				   d->evaluators.n) : EH_OK;
}

void eh_bench_free(struct eh_bench **b)
{
	if (*b == NULL)
		return;
	free((*b)->partners.at);
	free((*b)->partners.v);
	free((*b)->judges.at);
	free((*b)->judges.v);
	free((*b)->mark);
	free((*b)->panel);
	free((*b)->met);
	free(*b);
	*b = NULL;
}

static int16_t known_group(const struct eh_attribute_data *a, uint32_t candidate)
{
	bool known = a->provenance[candidate] == EH_DECLARED || a->provenance[candidate] == EH_IMPORTED;

	return known ? a->group[candidate] : (int16_t)-1;
}

static bool within(const struct eh_finding *f)
{
	return !f->below_two_percent && (f->is_reference || f->ratio_below == EH_NO);
}

/* What the set around one group needs: who is in it, and its decisions per candidate and per position x group. */
struct circle {
	bool *in;                       /* [evaluators] */
	struct tally *candidate;        /* [candidates] */
	struct tally *position;         /* [positions][n_groups] */
	uint32_t *size;                 /* [positions] evaluators of the set who judged there */
};

static uint32_t position_of(const struct eh_bench *b, uint32_t candidate)
{
	return b->d->position != NULL ? b->d->position[candidate] : 0;
}

static void fill_circle(struct circle *c, const struct eh_bench *b, const struct eh_attribute_data *a,
			const struct eh_finding *f, size_t g)
{
	memset(c->candidate, 0, (b->d->candidates.n + 1) * sizeof *c->candidate);
	memset(c->position, 0, (b->n_positions * a->n_groups + 1) * sizeof *c->position);
	for (size_t e = 0; e < b->d->evaluators.n; e++)
		c->in[e] = within(&f[e * a->n_groups + g]);
	for (size_t p = 0; p < b->n_positions; p++) {
		c->size[p] = 0;
		for (size_t i = b->judges.at[p]; i < b->judges.at[p + 1]; i++)
			c->size[p] += c->in[b->judges.v[i]];
	}
	for (size_t i = 0; i < b->order->n; i++) {
		const struct eh_row *r = &b->order->by_candidate[i];
		int16_t group = known_group(a, r->candidate);
		struct tally *p;

		if (group < 0 || !c->in[r->owner])
			continue;
		c->candidate[r->candidate].n++;
		c->candidate[r->candidate].selected += r->selected;
		p = &c->position[position_of(b, r->candidate) * a->n_groups + (size_t)group];
		p->n++;
		p->selected += r->selected;
	}
}

static void add(struct tally *to, const struct tally *x)
{
	to->n += x->n;
	to->selected += x->selected;
}

/* Takes evaluator e's own decisions out again. */
static void take_own(struct tally *total, const struct eh_bench *b, const struct eh_attribute_data *a, uint32_t e)
{
	for (size_t i = b->order->evaluator_at[e]; i < b->order->evaluator_at[e + 1]; i++) {
		const struct eh_row *r = &b->order->by_evaluator[i];
		int16_t group = known_group(a, r->candidate);

		if (group >= 0) {
			total[group].n--;
			total[group].selected -= r->selected;
		}
	}
}

/* Totals per group over the candidates of e; returns the size of the set. */
static uint32_t from_candidates(struct tally *total, const struct eh_bench *b, const struct eh_attribute_data *a,
				const struct circle *c, uint32_t e)
{
	uint32_t n = 0;

	for (size_t i = b->partners.at[e]; i < b->partners.at[e + 1]; i++)
		n += c->in[b->partners.v[i]];
	for (size_t i = b->order->evaluator_at[e]; i < b->order->evaluator_at[e + 1]; i++) {
		uint32_t x = b->order->by_evaluator[i].candidate;
		int16_t group = known_group(a, x);

		if (group < 0 || (i > b->order->evaluator_at[e] && x == b->order->by_evaluator[i - 1].candidate))
			continue;
		add(&total[group], &c->candidate[x]);
	}
	if (c->in[e])
		take_own(total, b, a, e);
	return n;
}

/*
 * The same over the positions of e; mark[] is 1 + e for an evaluator met, place[] likewise for a position.  The judges
 * of one position are counted already; those of several are walked, because they may be the same people.
 */
static uint32_t from_positions(struct tally *total, const struct eh_bench *b, const struct eh_attribute_data *a,
			       const struct circle *c, uint32_t e, uint32_t *place)
{
	const struct eh_row *rows = &b->order->by_evaluator[b->order->evaluator_at[e]];
	size_t n_rows = b->order->evaluator_at[e + 1] - b->order->evaluator_at[e];
	bool several = false;
	uint32_t n = 0;

	for (size_t i = 1; i < n_rows && !several; i++)
		several = position_of(b, rows[i].candidate) != position_of(b, rows[0].candidate);
	if (!several && n_rows > 0)
		n = c->size[position_of(b, rows[0].candidate)] - c->in[e];
	b->mark[e] = e + 1;
	for (size_t i = 0; i < n_rows; i++) {
		uint32_t p = position_of(b, rows[i].candidate);

		if (place[p] == e + 1)
			continue;
		place[p] = e + 1;
		for (size_t g = 0; g < a->n_groups; g++)
			add(&total[g], &c->position[p * a->n_groups + g]);
		for (size_t j = b->judges.at[p]; several && j < b->judges.at[p + 1]; j++) {
			uint32_t x = b->judges.v[j];

			n += b->mark[x] != e + 1 && c->in[x];
			b->mark[x] = e + 1;
		}
	}
	if (c->in[e])
		take_own(total, b, a, e);
	return n;
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

static void conclude(struct eh_finding *f, const struct tally *total, const struct eh_attribute_data *a, size_t g,
		     eh_groups reference, uint32_t evaluators)
{
	struct eh_fourfold t = { total[g].selected, total[g].n, 0, 0 };

	f->bench_evaluators = evaluators;
	f->bench_rate = f->bench_ratio = f->deviation = eh_undefined(EH_U_NO_PEERS);
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
	f->deviation = !f->bench_ratio.defined ? f->bench_ratio : !f->ratio.defined ? f->ratio :
		       eh_num(f->ratio.value - f->bench_ratio.value);
}

int eh_bench_fill(struct eh_finding *f, const struct eh_bench *b, const struct eh_attribute_data *a, eh_groups eligible,
		  enum eh_reference_rule rule, struct eh_err *err)
{
	size_t n = b->d->evaluators.n;
	struct circle c = { eh_try_calloc(n + 1, sizeof(bool)),
			   eh_try_calloc(b->d->candidates.n + 1, sizeof(struct tally)),
			    eh_try_calloc(b->n_positions * a->n_groups + 1, sizeof(struct tally)),
			    eh_try_calloc(b->n_positions + 1, sizeof(uint32_t)) };
	uint32_t *place = eh_try_calloc(b->n_positions + 1, sizeof *place);
	int rc = EH_ENOMEM;

	if (c.in == NULL || c.candidate == NULL || c.position == NULL || c.size == NULL || place == NULL)
		goto out;
	for (size_t g = 0; g < a->n_groups; g++) {
		if ((eligible >> g & 1u) == 0)
			continue;
		fill_circle(&c, b, a, f, g);
		memset(b->mark, 0, (n + 1) * sizeof *b->mark);
		memset(place, 0, (b->n_positions + 1) * sizeof *place);
		for (uint32_t e = 0; e < n; e++) {
			struct eh_finding *x = &f[e * a->n_groups + g];
			struct tally total[EH_GROUPS_MAX] = { { 0, 0 } };
			bool alone = b->partners.at[e + 1] == b->partners.at[e];
			uint32_t size;

			if (x->is_reference)
				continue;
			size = alone ? from_positions(total, b, a, &c, e, place) : from_candidates(total, b, a, &c, e);
			conclude(x, total, a, g, reference_set(x, a, g, eligible, rule), size);
		}
	}
	rc = EH_OK;
out:
	free(c.in);
	free(c.candidate);
	free(c.position);
	free(c.size);
	free(place);
	return rc < 0 ? eh_err_set(err, rc, "audit: out of memory for the benchmark of %s", a->name) : EH_OK;
}
