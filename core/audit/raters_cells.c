/* The decisions as cells evaluator x stratum x classes, and as ratings of units; see raters.h. */
#include <stdlib.h>
#include <string.h>

#include "audit/raters_inside.h"
#include "base/mem.h"

struct keyed {
	uint64_t key;
	uint32_t row;
};

static int by_key(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

static int by_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int no_memory(const struct eh_raters_work *w, struct eh_err *err)
{
	return eh_err_set(err, EH_ENOMEM, "%s: no memory for the raters of %zu decisions", w->d->source,
			  w->d->n_decisions);
}

/* ---- classes ---- */

static uint8_t class_of(const struct eh_raters_work *w, const struct eh_attribute_data *a, size_t candidate)
{
	size_t best = 0;

	if (a->group[candidate] >= 0)
		return (uint8_t)a->group[candidate];
	if (!(w->s->predicted > 0.0) || a->prob == NULL || a->provenance[candidate] != EH_PREDICTED)
		return EH_NO_CLASS;
	for (size_t g = 1; g < a->n_groups; g++)
		if (a->prob[candidate * a->n_groups + g] > a->prob[candidate * a->n_groups + best])
			best = g;
	return a->prob[candidate * a->n_groups + best] >= w->s->predicted ? (uint8_t)best : EH_NO_CLASS;
}

/* All classes of a candidate in one number: mixed radix, the last value of each digit = not known. */
static uint64_t code_of(const struct eh_raters_work *w, size_t candidate)
{
	uint64_t code = 0;

	for (size_t k = 0; k < w->d->n_attributes; k++) {
		size_t n = w->d->attributes[k].n_groups;
		uint8_t g = w->class[k][candidate];

		code = code * (n + 1) + (g == EH_NO_CLASS ? n : g);
	}
	return code;
}

static int fill_classes(struct eh_raters_work *w, struct eh_err *err)
{
	double room = 1.0;

	w->class = eh_xcalloc(w->d->n_attributes + 1, sizeof *w->class);
	for (size_t k = 0; k < w->d->n_attributes; k++) {
		const struct eh_attribute_data *a = &w->d->attributes[k];

		room *= (double)a->n_groups + 1.0;
		w->class[k] = eh_try_malloc(w->d->candidates.n + 1, 1);
		if (w->class[k] == NULL)
			return no_memory(w, err);
		for (size_t c = 0; c < w->d->candidates.n; c++)
			w->class[k][c] = class_of(w, a, c);
	}
	if (room < 1e18)
		return EH_OK;
	return eh_err_set(err, EH_ERANGE, "%zu attributes are too many for one model; name some of them",
			  w->d->n_attributes);
}

/* combo [n_candidates] index among the combinations that there are, in the order of their codes. */
static int number_combinations(struct eh_raters_work *w, uint32_t *combo, struct eh_err *err)
{
	const size_t n = w->d->candidates.n, attributes = w->d->n_attributes;
	uint64_t *code = eh_try_malloc(n + 1, sizeof *code);
	size_t kinds = 0;

	if (code == NULL)
		return no_memory(w, err);
	for (size_t c = 0; c < n; c++)
		code[c] = code_of(w, c);
	qsort(code, n, sizeof *code, by_u64);
	for (size_t c = 0; c < n; c++)
		if (kinds == 0 || code[kinds - 1] != code[c])
			code[kinds++] = code[c];
	w->combos = eh_try_malloc(kinds * attributes + 1, 1);
	for (size_t c = 0; w->combos != NULL && c < n; c++) {
		uint64_t mine = code_of(w, c);
		const uint64_t *at = bsearch(&mine, code, kinds, sizeof *code, by_u64);

		combo[c] = (uint32_t)(at - code);
		for (size_t k = 0; k < attributes; k++)
			w->combos[combo[c] * attributes + k] = w->class[k][c];
	}
	free(code);
	return w->combos != NULL ? EH_OK : no_memory(w, err);
}

/* ---- cells ---- */

static uint32_t stratum_of(const struct eh_raters_work *w, size_t row)
{
	if (!w->s->by_position)
		return w->d->stratum[row];
	return w->d->position != NULL ? w->d->position[w->d->candidate[row]] : 0;
}

/* The level of an attribute that most decisions have is its base, without a column of its own. */
static void choose_bases(struct eh_raters_work *w, uint32_t *column_of, uint32_t *next)
{
	size_t at = 0;

	for (size_t k = 0; k < w->d->n_attributes; k++) {
		const size_t groups = w->d->attributes[k].n_groups;
		uint64_t n[EH_GROUPS_MAX + 1] = { 0 };
		size_t base = 0;

		for (size_t i = 0; i < w->d->n_decisions; i++) {
			uint8_t g = w->class[k][w->d->candidate[i]];

			n[g == EH_NO_CLASS ? groups : g] += eh_raters_weight(w->d, w->d->candidate[i]);
		}
		w->out->unknown[k] = n[groups];
		for (size_t g = 1; g < groups; g++)
			base = n[g] > n[base] ? g : base;
		for (size_t g = 0; g <= groups; g++)
			column_of[at++] = g == base ? EH_NO_COLUMN : (*next)++;
		for (size_t g = 0; g < groups; g++)
			w->out->groups[w->first_group[k] + g] = (struct eh_raters_group){
				.attribute = (uint32_t)k, .group = (uint32_t)g, .is_base = g == base
			};
	}
}

/* column_of: [attributes, each n_groups + 1] */
static void fill_cell(struct eh_raters_work *w, const uint32_t *column_of, size_t i, uint32_t stratum, uint32_t combo)
{
	struct eh_cells *c = &w->out->cells;
	uint32_t *column = c->column + i * c->width;

	column[0] = stratum;
	for (size_t k = 0; k < w->d->n_attributes; k++) {
		const size_t groups = w->d->attributes[k].n_groups;
		uint8_t g = w->combos[combo * w->d->n_attributes + k];

		column[1 + k] = column_of[g == EH_NO_CLASS ? groups : g];
		column_of += groups + 1;
	}
	w->combination[i] = combo;
}

static void aggregate(struct eh_raters_work *w, const uint32_t *combo, const uint32_t *column_of, struct keyed *v)
{
	const struct eh_audit_data *d = w->d;
	struct eh_cells *c = &w->out->cells;

	for (size_t e = 0; e < d->evaluators.n; e++) {
		const size_t from = d->evaluator_at[e], n = d->evaluator_at[e + 1] - from;

		c->at[e] = c->n;
		for (size_t i = 0; i < n; i++)
			v[i] = (struct keyed){ (uint64_t)stratum_of(w, from + i) << 32 | combo[d->candidate[from + i]],
					       (uint32_t)i };
		qsort(v, n, sizeof *v, by_key);
		for (size_t i = 0; i < n; i++) {
			uint32_t weight;

			if (i == 0 || v[i].key != v[i - 1].key)
				fill_cell(w, column_of, c->n++, (uint32_t)(v[i].key >> 32), (uint32_t)v[i].key);
			weight = eh_raters_weight(d, d->candidate[from + v[i].row]);
			c->count[c->n - 1] += weight;
			c->selected[c->n - 1] += d->selected[from + v[i].row] != 0 ? weight : 0;
			w->cell_of[from + v[i].row] = (uint32_t)(c->n - 1);
		}
	}
	c->at[d->evaluators.n] = c->n;
}

static size_t most_rows(const struct eh_audit_data *d)
{
	size_t most = 0;

	for (size_t e = 0; e < d->evaluators.n; e++) {
		size_t n = d->evaluator_at[e + 1] - d->evaluator_at[e];

		most = n > most ? n : most;
	}
	return most;
}

static bool cells_room(struct eh_raters_work *w)
{
	const struct eh_audit_data *d = w->d;
	struct eh_cells *c = &w->out->cells;
	const size_t n = d->n_decisions + 1;

	c->n_evaluators = d->evaluators.n;
	c->width = 1 + d->n_attributes;
	c->at = eh_try_calloc(d->evaluators.n + 1, sizeof *c->at);
	c->column = eh_try_calloc(n, c->width * sizeof *c->column);
	c->count = eh_try_calloc(n, sizeof *c->count);
	c->selected = eh_try_calloc(n, sizeof *c->selected);
	w->combination = eh_try_calloc(n, sizeof *w->combination);
	w->cell_of = eh_try_calloc(n, sizeof *w->cell_of);
	return c->at != NULL && c->column != NULL && c->count != NULL && c->selected != NULL &&
	       w->combination != NULL && w->cell_of != NULL;
}

int eh_raters_cells(struct eh_raters_work *w, struct eh_err *err)
{
	const struct eh_audit_data *d = w->d;
	uint32_t *combo = eh_try_calloc(d->candidates.n + 1, sizeof *combo), next;
	struct keyed *v = eh_try_malloc(most_rows(d) + 1, sizeof *v);
	uint32_t *column_of = eh_xcalloc(w->out->n_bias + d->n_attributes + 1, sizeof *column_of);
	int rc = combo != NULL && v != NULL && cells_room(w) ? EH_OK : no_memory(w, err);

	if (rc == EH_OK)
		rc = fill_classes(w, err);
	if (rc == EH_OK)
		rc = number_combinations(w, combo, err);
	if (rc == EH_OK) {
		w->out->n_strata = !w->s->by_position ? d->strata.n : d->position != NULL ? d->positions.n : 1;
		next = (uint32_t)w->out->n_strata;
		choose_bases(w, column_of, &next);
		w->out->cells.n_columns = next;
		aggregate(w, combo, column_of, v);
	}
	free(combo);
	free(v);
	free(column_of);
	return rc;
}

/* ---- units ---- */

static bool units_room(struct eh_raters_work *w, size_t n)
{
	w->unit_at = eh_try_calloc(n + 2, sizeof *w->unit_at);
	w->unit_rater = eh_try_calloc(n + 1, sizeof *w->unit_rater);
	w->unit_row = eh_try_calloc(n + 1, sizeof *w->unit_row);
	w->unit_candidate = eh_try_calloc(n + 1, sizeof *w->unit_candidate);
	w->unit_value = eh_try_calloc(n + 1, sizeof *w->unit_value);
	return w->unit_at != NULL && w->unit_rater != NULL && w->unit_row != NULL && w->unit_candidate != NULL &&
	       w->unit_value != NULL;
}

static void units_free(struct eh_raters_work *w)
{
	free(w->unit_at);
	free(w->unit_rater);
	free(w->unit_row);
	free(w->unit_candidate);
	free(w->unit_value);
	w->unit_at = NULL;
	w->unit_rater = w->unit_row = w->unit_candidate = NULL;
	w->unit_value = NULL;
	w->n_units = 0;
}

static bool counts_in(const struct eh_audit_data *d, size_t row, bool scores)
{
	return !scores || (d->score != NULL && d->has_score[row]);
}

/* v [kept]: rows dealt to their candidates, each with stratum and evaluator as its key. */
static size_t deal_rows(const struct eh_raters_work *w, struct keyed *v, size_t *at, bool scores)
{
	const struct eh_audit_data *d = w->d;
	size_t n = 0;

	for (size_t i = 0; i < d->n_decisions; i++)
		if (counts_in(d, i, scores))
			at[d->candidate[i] + 2]++, n++;
	for (size_t c = 1; c < d->candidates.n + 2; c++)
		at[c] += at[c - 1];
	for (uint32_t e = 0; e < d->evaluators.n; e++)
		for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++)
			if (counts_in(d, i, scores))
				v[at[d->candidate[i] + 1]++] =
					(struct keyed){ (uint64_t)d->stratum[i] << 32 | e, (uint32_t)i };
	return n;
}

int eh_raters_units(struct eh_raters_work *w, bool scores, struct eh_err *err)
{
	const struct eh_audit_data *d = w->d;
	size_t *at = eh_try_calloc(d->candidates.n + 3, sizeof *at), n;
	struct keyed *v = eh_try_malloc(d->n_decisions + 1, sizeof *v);

	units_free(w);
	if (at == NULL || v == NULL || !units_room(w, d->n_decisions)) {
		free(at);
		free(v);
		return no_memory(w, err);
	}
	n = deal_rows(w, v, at, scores);
	for (uint32_t c = 0; c < d->candidates.n; c++) {
		if (at[c + 1] > at[c] + 1)
			qsort(v + at[c], at[c + 1] - at[c], sizeof *v, by_key);
		for (size_t i = at[c]; i < at[c + 1]; i++) {
			if (i == at[c] || v[i].key >> 32 != v[i - 1].key >> 32) {
				w->unit_candidate[w->n_units] = c;
				w->unit_at[w->n_units++] = i;
			}
			w->unit_rater[i] = (uint32_t)v[i].key;
			w->unit_row[i] = v[i].row;
			w->unit_value[i] = scores ? d->score[v[i].row] : (double)d->selected[v[i].row];
		}
	}
	w->unit_at[w->n_units] = n;
	free(at);
	free(v);
	return EH_OK;
}

struct eh_ratings eh_raters_ratings(const struct eh_raters_work *w)
{
	return (struct eh_ratings){ w->n_units, w->d->evaluators.n, w->unit_at, w->unit_rater, w->unit_value,
				    w->unit_candidate };
}

void eh_raters_work_free(struct eh_raters_work *w)
{
	for (size_t k = 0; w->class != NULL && k < w->d->n_attributes; k++)
		free(w->class[k]);
	free(w->class);
	free(w->cell_of);
	free(w->combination);
	free(w->combos);
	free(w->w);
	free(w->var);
	free(w->first_group);
	units_free(w);
}
