/* Reads the rows of the one table of `rates`; see exchange.h. */
#include "exchange/rates.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "exchange/import.h"

#define SUM_TOLERANCE 1e-6 /* of a row of probabilities */
#define SCORE_LIMIT 1e12

/* Room for candidate index i in every array that has one cell per candidate. */
static int room_for(struct eh_rates_table *r, uint32_t i, struct eh_err *err)
{
	size_t cap = r->cap != 0 ? r->cap : 512, old = r->cap;
	void *p = NULL;

	if (i < r->cap)
		return EH_OK;
	while (cap <= i)
		cap *= 2;
	for (size_t k = 0; k < r->n_classes; k++) {
		struct eh_rates_class *c = &r->classes[k];

		if ((p = eh_try_realloc(c->value, cap, sizeof *c->value)) == NULL)
			goto full;
		c->value = p;
		memset(c->value + old, 0xff, (cap - old) * sizeof *c->value); /* -1 */
	}
	if (r->prob.used) {
		if ((p = eh_try_realloc(r->prob.p, cap * r->prob.n, sizeof *r->prob.p)) == NULL)
			goto full;
		r->prob.p = p;
		if ((p = eh_try_realloc(r->prob.line, cap, sizeof *r->prob.line)) == NULL)
			goto full;
		r->prob.line = p;
		memset(r->prob.line + old, 0, (cap - old) * sizeof *r->prob.line);
	}
	if ((p = eh_try_realloc(r->conflict, cap, sizeof *r->conflict)) == NULL)
		goto full;
	r->conflict = p;
	memset(r->conflict + old, 0, (cap - old) * sizeof *r->conflict);
	r->cap = cap;
	return EH_OK;
full:
	return eh_err_set(err, EH_ENOMEM, "no memory for the classes of %zu candidates", cap);
}

/* Index of the cell's group, -1 for an unknown class or after an error. */
static int16_t read_class(struct eh_csv_table *t, struct eh_rates_class *k, const struct eh_csv_cell *c)
{
	size_t g = 0;

	if (eh_class_unknown(c->text))
		return -1;
	while (g < k->n_groups && strcmp(k->groups[g], c->text) != 0)
		g++;
	if (g < k->n_groups)
		return (int16_t)g;
	if (!eh_group_valid(c->text, c->len)) {
		eh_table_error(t, c->line, c->column,
			       "'%s' is not a group name; write 1 to %d letters, digits, blanks or _ - + / .",
			       eh_shown(c->text).text, EH_NAME_MAX);
		return -1;
	}
	if (g == EH_GROUPS_MAX) {
		eh_table_error(
			t, c->line, c->column,
			"column '%s' has more than %d groups; is it a class? Name the class columns with --class",
			k->column, EH_GROUPS_MAX);
		t->stop = true;
		return -1;
	}
	memcpy(k->groups[k->n_groups++], c->text, c->len + 1);
	return (int16_t)g;
}

/* The row's classes into v[n_classes], and what they say about the candidate. */
static void read_classes(struct eh_csv_table *t, const struct eh_csv_row *row, uint32_t candidate, int16_t *v)
{
	struct eh_rates_table *r = t->ctx;

	for (size_t k = 0; k < r->n_classes && !t->stop; k++) {
		int16_t *known = &r->classes[k].value[candidate];

		v[k] = read_class(t, &r->classes[k], &row->field[r->classes[k].at]);
		if (v[k] < 0 || *known == v[k])
			continue;
		if (*known >= 0 && !r->conflict[candidate]) {
			r->conflict[candidate] = true;
			r->n_conflicts++;
		}
		*known = v[k];
	}
}

static void read_prob(struct eh_csv_table *t, struct eh_rates_prob *p, uint32_t candidate, const struct eh_csv_row *row)
{
	const struct eh_csv_cell *first = &row->field[p->at[0]];
	double v[EH_GROUPS_MAX], sum = 0.0;
	struct eh_err why = EH_ERR_INIT;
	size_t empty = 0;

	for (size_t g = 0; g < p->n; g++) {
		const struct eh_csv_cell *c = &row->field[p->at[g]];

		v[g] = 0.0;
		if (c->len == 0)
			empty++;
		else if (eh_parse_f64(&v[g], c->text, 0.0, 1.0, &why) != EH_OK) {
			eh_table_error(t, c->line, c->column, "probability of '%s': %s", p->groups[g], why.msg);
			return;
		}
		sum += v[g];
	}
	if (empty == p->n)
		return;
	if (empty > 0 || fabs(sum - 1.0) > SUM_TOLERANCE) {
		eh_table_error(t, first->line, first->column,
			       "the probabilities of the row add up to %.9g, not to 1%s; write all of them, with "
			       "enough digits", sum, empty > 0 ? ", and some are empty" : "");
		return;
	}
	if (p->line[candidate] == 0) {
		memcpy(p->p + candidate * p->n, v, p->n * sizeof v[0]);
		p->line[candidate] = (uint32_t)first->line;
	} else if (memcmp(p->p + candidate * p->n, v, p->n * sizeof v[0]) != 0) {
		eh_table_error(t, first->line, first->column,
			       "the candidate's probabilities differ from those in line %u", p->line[candidate]);
	}
}

/* Joins the stratum cells; false after an error. */
static bool read_stratum(struct eh_csv_table *t, const struct eh_csv_row *row, uint32_t *out)
{
	struct eh_rates_table *r = t->ctx;
	char name[EH_RATES_STRATA_MAX * (EH_ID_MAX + 3) + 1] = "";
	size_t used = 0;

	for (size_t i = 0; i < r->n_strata; i++) {
		const struct eh_csv_cell *c = &row->field[r->strata[i]];

		if (c->len > 0 && !eh_id_valid(c->text, c->len)) {
			eh_table_error(t, c->line, c->column,
				       "'%s' cannot name a stratum: 1 to %d bytes without control characters",
				       eh_shown(c->text).text, EH_ID_MAX);
			return false;
		}
		used += (size_t)snprintf(name + used, sizeof name - used, "%s%s", i > 0 ? EH_RATES_JOINT : "", c->text);
	}
	*out = eh_names_add(r->stratum_names, name);
	return true;
}

static bool good_id(struct eh_csv_table *t, const struct eh_csv_cell *c, const char *what)
{
	if (eh_id_valid(c->text, c->len) && c->text[0] != ' ' && c->text[c->len - 1] != ' ')
		return true;
	if (c->len == 0)
		eh_table_error(t, c->line, c->column, "%s is empty; every row needs it", what);
	else
		eh_table_error(t, c->line, c->column,
			       "%s '%s' is not an id: 1 to %d bytes without control characters and outer blanks", what,
			       eh_shown(c->text).text, EH_ID_MAX);
	return false;
}

static int add_row(struct eh_rates_table *r, const struct eh_rates_row *x, const int16_t *classes, struct eh_err *err)
{
	if (r->n_rows == r->rows_cap) {
		size_t cap = r->rows_cap != 0 ? 2 * r->rows_cap : 1024;
		void *p = eh_try_realloc(r->rows, cap, sizeof *r->rows);
		void *q = NULL;

		if (p != NULL) {
			r->rows = p;
			q = eh_try_realloc(r->row_class, cap * (r->n_classes + 1), sizeof *r->row_class);
		}
		if (q == NULL)
			return eh_err_set(err, EH_ENOMEM, "no memory for %zu decisions", cap);
		r->row_class = q;
		r->rows_cap = cap;
	}
	memcpy(r->row_class + r->n_rows * r->n_classes, classes, r->n_classes * sizeof *classes);
	r->rows[r->n_rows++] = *x;
	return EH_OK;
}

static int on_row(struct eh_csv_table *t, const struct eh_csv_row *row, struct eh_err *err)
{
	struct eh_rates_table *r = t->ctx;
	const struct eh_csv_cell *ev = &row->field[r->evaluator], *ca = &row->field[r->candidate],
				 *de = &row->field[r->decision];
	uint64_t before = eh_table_errors(t);
	enum eh_decision_kind decision = EH_HOLD;
	struct eh_err why = EH_ERR_INIT;
	int16_t classes[EH_RATES_CLASSES_MAX] = { 0 };
	struct eh_rates_row x;
	int rc = EH_OK;

	memset(&x, 0, sizeof x);
	if (!good_id(t, ev, "evaluator_id") || !good_id(t, ca, "candidate_id") || !read_stratum(t, row, &x.stratum))
		return EH_OK;
	if (eh_decision_parse(&decision, de->text, &why) != EH_OK)
		eh_table_error(t, de->line, de->column, "decision: %s", why.msg);
	if (ev->line > UINT32_MAX)
		return eh_err_set(err, EH_ERANGE, "more than %u lines", UINT32_MAX);
	x.evaluator = eh_names_add(r->evaluators, ev->text);
	x.candidate = eh_names_add(r->candidates, ca->text);
	x.event = r->event != EH_RATES_NO_COLUMN ? eh_names_add(r->event_names, row->field[r->event].text) : 0;
	x.line = (uint32_t)row->field[0].line;
	rc = room_for(r, x.candidate, err);
	if (rc == EH_OK)
		read_classes(t, row, x.candidate, classes);
	if (rc == EH_OK && r->prob.used)
		read_prob(t, &r->prob, x.candidate, row);
	if (r->score != EH_RATES_NO_COLUMN && row->field[r->score].len > 0) {
		const struct eh_csv_cell *c = &row->field[r->score];

		x.has_score = 1;
		if (eh_parse_f64(&x.score, c->text, -SCORE_LIMIT, SCORE_LIMIT, &why) != EH_OK)
			eh_table_error(t, c->line, c->column, "score: %s", why.msg);
	}
	if (rc != EH_OK || eh_table_errors(t) > before)
		return rc;
	x.selected = decision == EH_ADVANCE;
	if (decision == EH_HOLD) {
		r->holds++;
		return EH_OK;
	}
	return add_row(r, &x, classes, err);
}

static void table_free(struct eh_rates_table *r)
{
	struct eh_name_builder *b[4] = { r->evaluators, r->candidates, r->stratum_names, r->event_names };

	for (size_t i = 0; i < 4; i++) {
		struct eh_names names = { NULL, 0 };

		if (b[i] == NULL)
			continue; /* finished already */
		eh_names_finish(&b[i], &names, NULL);
		eh_names_free(&names);
	}
	for (size_t k = 0; k < EH_RATES_CLASSES_MAX; k++)
		free(r->classes[k].value);
	free(r->prob.p);
	free(r->prob.line);
	free(r->conflict);
	free(r->row_class);
	free(r->rows);
	free(r);
}

int eh_rates_read(struct eh_audit_data *out, const char *path, const struct eh_rates_options *o,
		  struct eh_import_report *report, struct eh_err *err)
{
	struct eh_rates_table *r = eh_xcalloc(1, sizeof *r);
	struct eh_csv_table table = { .report = report, .header = eh_rates_header, .row = on_row, .ctx = r };
	int rc = EH_OK;

	memset(out, 0, sizeof *out);
	memset(report, 0, sizeof *report);
	r->options = o;
	r->evaluators = eh_names_new();
	r->candidates = eh_names_new();
	r->stratum_names = eh_names_new();
	r->event_names = eh_names_new();
	rc = eh_table_read(&table, path, err);
	if (rc == EH_OK)
		(void)snprintf(out->source, sizeof out->source, "%s", strcmp(path, "-") == 0 ? "stdin" : path);
	rc = rc == EH_OK ? eh_rates_finish(out, r, &table, err) : rc;
	if (rc != EH_OK)
		eh_audit_data_free(out);
	table_free(r);
	return rc;
}
