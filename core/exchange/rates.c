/* Reads the rows of the one table of `rates`; see exchange.h. */
#include "exchange/rates.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "exchange/import.h"

#define SUM_TOLERANCE 1e-6 /* of a row of probabilities */

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

/* What one row says, before anything of it is kept: a row with an error leaves no trace. */
struct said {
	struct eh_rates_row row;
	enum eh_decision_kind decision;
	int32_t day;
	char stratum[EH_RATES_STRATA_MAX * (EH_ID_MAX + 3) + 1];
	int16_t class[EH_RATES_CLASSES_MAX]; /* n_groups of its column: a group that is new */
	double prob[EH_GROUPS_MAX];
	bool has_prob;
};

/* Index of the cell's group, n_groups for one that is new, -1 for an unknown class or after an error. */
static int16_t read_class(struct eh_csv_table *t, const struct eh_rates_class *k, const struct eh_csv_cell *c)
{
	size_t g = 0;

	if (eh_class_unknown(c->text))
		return -1;
	while (g < k->n_groups && strcmp(k->groups[g], c->text) != 0)
		g++;
	if (g < k->n_groups)
		return (int16_t)g;
	if (!eh_group_valid(c->text, c->len)) {
		eh_table_fault(t, EH_FAULT_CLASS, c->line, c->column,
			       "'%s' is not a group name; write 1 to %d letters, digits, blanks or " EH_GROUP_SIGNS,
			       eh_shown(c->text).text, EH_NAME_MAX);
		return -1;
	}
	if (g == EH_GROUPS_MAX) {
		eh_table_fault(t, EH_FAULT_CLASS, c->line, c->column,
			"column '%s' has more than %d groups; is it a class? Name the class columns with --class",
			k->column, EH_GROUPS_MAX);
		t->stop = true;
		return -1;
	}
	return (int16_t)g;
}

/* Takes over the row's classes, and what they say about the candidate. */
static void keep_classes(struct eh_rates_table *r, const struct eh_csv_row *row, uint32_t candidate, const int16_t *v)
{
	for (size_t k = 0; k < r->n_classes; k++) {
		struct eh_rates_class *c = &r->classes[k];
		int16_t *known = &c->value[candidate];

		if (v[k] >= 0 && (size_t)v[k] == c->n_groups)
			memcpy(c->groups[c->n_groups++], row->field[c->at].text, row->field[c->at].len + 1);
		if (v[k] < 0 || *known == v[k])
			continue;
		if (*known >= 0 && !r->conflict[candidate]) {
			r->conflict[candidate] = true;
			r->n_conflicts++;
		}
		*known = v[k];
	}
}

static void read_prob(struct eh_csv_table *t, const struct eh_rates_prob *p, const struct eh_csv_row *row,
		      struct said *s)
{
	const struct eh_csv_cell *first = &row->field[p->at[0]];
	double sum = 0.0;
	struct eh_err why = EH_ERR_INIT;
	size_t empty = 0;

	for (size_t g = 0; g < p->n; g++) {
		const struct eh_csv_cell *c = &row->field[p->at[g]];

		s->prob[g] = 0.0;
		if (c->len == 0)
			empty++;
		else if (eh_parse_f64(&s->prob[g], c->text, 0.0, 1.0, &why) != EH_OK) {
			eh_table_fault(t, EH_FAULT_PROBABILITY, c->line, c->column, "probability of '%s': %s",
				       p->groups[g], why.msg);
			return;
		}
		sum += s->prob[g];
	}
	if (empty == p->n)
		return;
	if (empty > 0 || fabs(sum - 1.0) > SUM_TOLERANCE)
		eh_table_fault(t, EH_FAULT_PROBABILITY, first->line, first->column,
			       "the probabilities of the row add up to %.9g, not to 1%s; write all of them, with "
			       "enough digits",
			       sum, empty > 0 ? ", and some are empty" : "");
	else
		s->has_prob = true;
}

/* false: they are not what another row of the candidate says. */
static bool keep_prob(struct eh_csv_table *t, struct eh_rates_prob *p, uint32_t candidate, const struct eh_csv_row *row,
		      const struct said *s)
{
	const struct eh_csv_cell *first = &row->field[p->at[0]];

	if (!s->has_prob)
		return true;
	if (p->line[candidate] == 0) {
		memcpy(p->p + candidate * p->n, s->prob, p->n * sizeof s->prob[0]);
		p->line[candidate] = (uint32_t)first->line;
	} else if (memcmp(p->p + candidate * p->n, s->prob, p->n * sizeof s->prob[0]) != 0) {
		eh_table_fault(t, EH_FAULT_PROBABILITY, first->line, first->column,
			       "the candidate's probabilities differ from those in line %u", p->line[candidate]);
		return false;
	}
	return true;
}

/* Joins the stratum cells; false after an error. */
static bool read_stratum(struct eh_csv_table *t, const struct eh_csv_row *row, struct said *s)
{
	const struct eh_rates_table *r = t->ctx;
	size_t used = 0;

	for (size_t i = 0; i < r->n_strata; i++) {
		const struct eh_csv_cell *c = &row->field[r->strata[i]];

		if (c->len > 0 && !eh_id_valid(c->text, c->len)) {
			eh_table_fault(t, EH_FAULT_STRATUM, c->line, c->column,
				       "'%s' cannot name a stratum: 1 to %d bytes without control characters",
				       eh_shown(c->text).text, EH_ID_MAX);
			return false;
		}
		used += (size_t)snprintf(s->stratum + used, sizeof s->stratum - used, "%s%s",
					 i > 0 ? EH_RATES_JOINT : "", c->text);
	}
	return true;
}

static bool good_id(struct eh_csv_table *t, const struct eh_csv_cell *c, const char *what)
{
	if (eh_id_valid(c->text, c->len) && c->text[0] != ' ' && c->text[c->len - 1] != ' ')
		return true;
	if (c->len == 0)
		eh_table_fault(t, EH_FAULT_ID, c->line, c->column, "%s is empty; every row needs it", what);
	else
		eh_table_fault(t, EH_FAULT_ID, c->line, c->column,
			       "%s '%s' is not an id: 1 to %d bytes without control characters and outer blanks", what,
			       eh_shown(c->text).text, EH_ID_MAX);
	return false;
}

/* Room for cap rows; NULL stays where it is not of this table. */
static bool grow_rows(struct eh_rates_table *r, size_t cap)
{
	void *p = eh_try_realloc(r->rows, cap, sizeof *r->rows);

	if (p == NULL)
		return false;
	r->rows = p;
	p = eh_try_realloc(r->row_class, cap * (r->n_classes + 1), sizeof *r->row_class);
	if (p == NULL)
		return false;
	r->row_class = p;
	if (r->decided != EH_RATES_NO_COLUMN) {
		p = eh_try_realloc(r->row_day, cap, sizeof *r->row_day);
		if (p == NULL)
			return false;
		r->row_day = p;
	}
	r->rows_cap = cap;
	return true;
}

static int add_row(struct eh_rates_table *r, const struct said *s, struct eh_err *err)
{
	if (r->n_rows == r->rows_cap) {
		size_t cap = r->rows_cap != 0 ? 2 * r->rows_cap : 1024;

		if (!grow_rows(r, cap))
			return eh_err_set(err, EH_ENOMEM, "no memory for %zu decisions", cap);
	}
	memcpy(r->row_class + r->n_rows * r->n_classes, s->class, r->n_classes * sizeof s->class[0]);
	if (r->row_day != NULL)
		r->row_day[r->n_rows] = s->day;
	r->rows[r->n_rows++] = s->row;
	return EH_OK;
}

static void read_day(struct eh_csv_table *t, const struct eh_csv_cell *c, int32_t *out)
{
	struct eh_err why = EH_ERR_INIT;
	int64_t time = 0;

	*out = EH_NO_DAY;
	if (c->len == 0)
		return;
	if (eh_parse_time(&time, c->text, &why) == EH_OK)
		*out = eh_day_of(time);
	else
		eh_table_fault(t, EH_FAULT_TIME, c->line, c->column, "decided_at: %s", why.msg);
}

/* Everything of the row that can be judged without other rows; false after an error. */
static bool read_row(struct eh_csv_table *t, const struct eh_csv_row *row, struct said *s)
{
	const struct eh_rates_table *r = t->ctx;
	const struct eh_csv_cell *de = &row->field[r->decision];
	const uint64_t before = eh_table_errors(t);
	struct eh_err why = EH_ERR_INIT;

	memset(s, 0, sizeof *s);
	if (!good_id(t, &row->field[r->evaluator], "evaluator_id") ||
	    !good_id(t, &row->field[r->candidate], "candidate_id") || !read_stratum(t, row, s))
		return false;
	if (eh_decision_parse(&s->decision, de->text, &why) != EH_OK)
		eh_table_fault(t, EH_FAULT_DECISION, de->line, de->column, "decision: %s", why.msg);
	for (size_t k = 0; k < r->n_classes && !t->stop; k++)
		s->class[k] = read_class(t, &r->classes[k], &row->field[r->classes[k].at]);
	if (r->prob.used)
		read_prob(t, &r->prob, row, s);
	if (r->score != EH_RATES_NO_COLUMN && row->field[r->score].len > 0) {
		const struct eh_csv_cell *c = &row->field[r->score];

		s->row.has_score = 1;
		if (eh_parse_f64(&s->row.score, c->text, -EH_RATES_SCORE_LIMIT, EH_RATES_SCORE_LIMIT, &why) != EH_OK)
			eh_table_fault(t, EH_FAULT_SCORE, c->line, c->column, "score: %s", why.msg);
	}
	if (r->decided != EH_RATES_NO_COLUMN)
		read_day(t, &row->field[r->decided], &s->day);
	return eh_table_errors(t) == before;
}

static int on_row(struct eh_csv_table *t, const struct eh_csv_row *row, struct eh_err *err)
{
	struct eh_rates_table *r = t->ctx;
	struct said s;
	int rc = EH_OK;

	if (row->field[0].line > UINT32_MAX)
		return eh_err_set(err, EH_ERANGE, "more than %u lines", UINT32_MAX);
	if (eh_rates_dropped(r->drops, t, row->field[0].line) || !read_row(t, row, &s))
		return EH_OK;
	s.row.line = (uint32_t)row->field[0].line;
	s.row.candidate = eh_names_add(r->candidates, row->field[r->candidate].text);
	rc = room_for(r, s.row.candidate, err);
	if (rc != EH_OK || (r->prob.used && !keep_prob(t, &r->prob, s.row.candidate, row, &s)))
		return rc;
	keep_classes(r, row, s.row.candidate, s.class);
	s.row.evaluator = eh_names_add(r->evaluators, row->field[r->evaluator].text);
	s.row.stratum = eh_names_add(r->stratum_names, s.stratum);
	s.row.event = r->event != EH_RATES_NO_COLUMN ? eh_names_add(r->event_names, row->field[r->event].text) : 0;
	s.row.selected = s.decision == EH_ADVANCE;
	if (s.decision == EH_HOLD) {
		r->holds++;
		return EH_OK;
	}
	return add_row(r, &s, err);
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
	free(r->row_day);
	free(r->rows);
	free(r);
}

/* A table that is read again is listed again. */
static int begin_list(FILE *list, struct eh_err *err)
{
	if (fflush(list) != 0 || fseeko(list, 0, SEEK_SET) != 0 || ftruncate(fileno(list), 0) != 0)
		return eh_err_set(err, EH_EIO, "the list of rows left out cannot be written: %s", strerror(errno));
	(void)fputs("line,column,reason,message\n", list);
	return EH_OK;
}

static int read_once(struct eh_audit_data *out, FILE *in, const char *path, const struct eh_rates_options *o,
		     struct eh_rates_drops *drops, struct eh_import_report *report, struct eh_err *err)
{
	struct eh_rates_table *r = eh_xcalloc(1, sizeof *r);
	struct eh_csv_table table = { .report = report,
				      .header = eh_rates_header,
				      .row = on_row,
				      .ctx = r,
				      .skip = o->skip,
				      .list = o->skip ? o->list : NULL };
	int rc = table.list != NULL ? begin_list(table.list, err) : EH_OK;

	memset(report, 0, sizeof *report);
	if (rc != EH_OK) {
		free(r);
		return rc;
	}
	r->options = o;
	r->drops = drops;
	r->evaluators = eh_names_new();
	r->candidates = eh_names_new();
	r->stratum_names = eh_names_new();
	r->event_names = eh_names_new();
	eh_table_label(&table, path);
	rc = eh_table_read_from(&table, in, err);
	rc = rc == EH_OK ? eh_rates_finish(out, r, &table, err) : rc;
	if (rc != EH_OK)
		eh_audit_data_free(out);
	table_free(r);
	return rc;
}

/* Rows that only others show to be wrong are known when all are read: then all are read again without them. */
static int read_with_care(struct eh_audit_data *out, const char *path, const struct eh_rates_options *o,
			  struct eh_import_report *report, struct eh_err *err)
{
	struct eh_rates_drops drops = { NULL, 0, 0 };
	char *content = NULL;
	FILE *in = NULL;
	int rc = eh_table_open(&in, path, o->skip ? &content : NULL, err);

	if (rc != EH_OK)
		return rc;
	drops.from = ftello(in);
	while ((rc = read_once(out, in, path, o, &drops, report, err)) == EH_RATES_AGAIN &&
	       fseeko(in, drops.from, SEEK_SET) == 0)
		;
	if (rc == EH_RATES_AGAIN)
		rc = eh_err_set(err, EH_EIO, "%s: cannot be read a second time: %s", path, strerror(errno));
	if (in != stdin)
		(void)fclose(in);
	free(content);
	eh_rates_drops_free(&drops);
	return rc;
}

int eh_rates_read(struct eh_audit_data *out, const char *path, const struct eh_rates_options *o,
		  struct eh_import_report *report, struct eh_err *err)
{
	int rc = EH_PLAIN_ODD;

	memset(out, 0, sizeof *out);
	if (o->skip && o->list != NULL && begin_list(o->list, err) != EH_OK)
		return EH_EIO;
	if (!o->careful)
		rc = eh_rates_plain(out, path, o, report, err);
	if (rc == EH_PLAIN_ODD)
		rc = read_with_care(out, path, o, report, err);
	if (rc == EH_OK) {
		(void)snprintf(out->source, sizeof out->source, "%s", strcmp(path, "-") == 0 ? "stdin" : path);
		out->threads = o->threads;
		rc = eh_rates_pairs(out, o, report, err);
		if (rc != EH_OK)
			eh_audit_data_free(out);
	}
	return rc;
}
