/* Imports one CSV file of any kind into the caller's transaction; see exchange.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/mem.h"
#include "exchange/import.h"
#include "store/codec.h"

/* Classes by who says so; order of enum eh_class_source. */
static const char *const class_prefix[] = { "declared.", "imported." };
#define CLASS_SOURCES (sizeof class_prefix / sizeof class_prefix[0])
#define MOVES_MAX 1000                  /* candidates moved one by one in the counts: beyond, counting anew is faster */

/* What one column of the file is for. */
struct binding {
	const struct eh_import_column *column; /* NULL: a class, or left out ("x.") */
	eh_name attribute;		       /* of declared.ATTRIBUTE or imported.ATTRIBUTE, else "" */
	enum eh_class_source source;	       /* of the class */
	/* imported classes that a declared one kept out; of these, another class */
	uint64_t overruled, differ;
};

struct import {
	struct eh_import_run run;
	const struct eh_import_spec *spec;
	struct binding bind[EH_CSV_FIELDS_MAX];
	struct eh_seen *seen;
	struct eh_buf key;
	size_t n_bind;
	struct eh_import_closed closed;
	struct eh_import_evaluations evaluations;
	size_t moves;                   /* candidates whose profile changed */
};

int eh_import_kind_parse(enum eh_import_kind *out, const char *text, struct eh_err *err)
{
	for (int k = 0; k < EH_IMPORT_KINDS; k++)
		if (strcmp(text, eh_import_specs[k].name) == 0) {
			*out = (enum eh_import_kind)k;
			return EH_OK;
		}
	return eh_err_set(
		err, EH_EUSAGE,
		"'%s' is not a kind of table; write evaluators, candidates, consents, interviews or evaluations",
		eh_shown(text).text);
}

const char *eh_import_kind_text(enum eh_import_kind kind)
{
	return (unsigned)kind < EH_IMPORT_KINDS ? eh_import_specs[kind].name : "unknown";
}

/* Joins by text alone; length in out, 0 for the root itself, SIZE_MAX when it does not fit.  The rest of out is zeroed.
 */
static size_t path_join(char *out, size_t size, const char *dir, const char *path)
{
	const char *parts[2] = { path[0] == '/' ? "" : dir, path };
	size_t used = 0;

	for (size_t i = 0; i < 2; i++)
		for (const char *p = parts[i]; *p != '\0';) {
			size_t len = strcspn(p, "/");

			if (len == 2 && memcmp(p, "..", 2) == 0) {
				while (used > 0 && out[--used] != '/')
					;
			} else if (len > 0 && !(len == 1 && p[0] == '.')) {
				if (used + len + 2 > size)
					return SIZE_MAX;
				out[used++] = '/';
				memcpy(out + used, p, len);
				used += len;
			}
			p += len + (p[len] == '/');
		}
	memset(out + used, 0, size - used);
	return used;
}

int eh_path_absolute(char *out, size_t size, const char *dir, const char *path, struct eh_err *err)
{
	size_t used = 0;

	for (const char *p = path; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return eh_err_set(err, EH_EFORMAT, "the path holds a control character; rename the file");
	used = path_join(out, size, dir, path);
	if (used == SIZE_MAX)
		return eh_err_set(err, EH_ERANGE, "the path is longer than %zu bytes", size - 1);
	return used != 0 ? EH_OK : eh_err_set(err, EH_EFORMAT, "the path names no file");
}

static int directory_of(char *out, size_t size, const char *path, struct eh_err *err)
{
	const char *slash = strrchr(path, '/');
	char cwd[EH_PATH_MAX + 1] = "/";
	char *dir = NULL;
	size_t used = 0;

	if (path[0] != '/' && getcwd(cwd, sizeof cwd) == NULL)
		return eh_err_set(err, EH_ERANGE,
				  "%.200s: the current directory's path is not known; give an absolute path", path);
	dir = eh_xstrndup(path, slash != NULL ? (size_t)(slash - path) + 1 : 0);
	used = path_join(out, size, cwd, dir);
	free(dir);
	return used != SIZE_MAX
		       ? EH_OK
		       : eh_err_set(err, EH_ERANGE, "%.200s: the path is longer than %d bytes", path, EH_PATH_MAX);
}

static const struct eh_import_column *column_named(const struct eh_import_spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->n; i++)
		if (strcmp(spec->column[i].name, name) == 0)
			return &spec->column[i];
	return NULL;
}

/* The column that a name with capitals or outer blanks was most likely meant to be, or NULL. */
static const char *column_meant(const struct eh_import_spec *spec, const char *name)
{
	size_t len = 0;

	name += strspn(name, " ");
	len = strlen(name);
	while (len > 0 && name[len - 1] == ' ')
		len--;
	for (size_t i = 0; i < spec->n; i++)
		if (strlen(spec->column[i].name) == len && strncasecmp(spec->column[i].name, name, len) == 0)
			return spec->column[i].name;
	return NULL;
}

static void unknown_column(struct eh_csv_table *t, const struct eh_import_spec *spec, const struct eh_csv_cell *c,
			   const char *list)
{
	const char *meant = column_meant(spec, c->text);

	if (meant != NULL)
		eh_table_error(t, c->line, c->column, "unknown column '%s'; write it as %s", eh_shown(c->text).text,
			       meant);
	else
		eh_table_error(t, c->line, c->column,
			       "unknown column '%s'; %s may have %s, and x.NAME for what is to be left out",
			       eh_shown(c->text).text, spec->name, list);
}

static void list_columns(char *out, size_t size, const struct eh_import_spec *spec)
{
	size_t used = 0;

	for (size_t i = 0; i < spec->n; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s%s", i > 0 ? ", " : "", spec->column[i].name,
					 spec->column[i].required ? "" : "?");
	if (spec->declared)
		(void)snprintf(out + used, size - used, ", declared.ATTRIBUTE?, imported.ATTRIBUTE?");
}

/* "declared.sex": the attribute's name and its source; NULL: no column of a class. */
static const char *class_column(const char *name, enum eh_class_source *source)
{
	for (size_t i = 0; i < CLASS_SOURCES; i++)
		if (strncmp(name, class_prefix[i], strlen(class_prefix[i])) == 0) {
			*source = (enum eh_class_source)i;
			return name + strlen(class_prefix[i]);
		}
	return NULL;
}

/* Attributes of the columns before n; one of both sources counts once. */
static size_t count_attributes(const struct import *m, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < i && strcmp(m->bind[k].attribute, m->bind[i].attribute) != 0)
			k++;
		count += m->bind[i].attribute[0] != '\0' && k == i;
	}
	return count;
}

static void bind_class(struct eh_csv_table *t, size_t at, const struct eh_csv_cell *c, const char *attribute)
{
	struct import *m = t->ctx;
	struct binding *b = &m->bind[at];

	if (!eh_attribute_valid(attribute, strlen(attribute))) {
		eh_table_error(t, c->line, c->column,
			       "'%s' is not an attribute; write %s and 1 to %d of a-z, 0-9 and _",
			       eh_shown(c->text).text, class_prefix[b->source], EH_NAME_MAX);
	} else if (eh_gate_feeling(attribute)) {
		eh_table_error(t, c->line, c->column,
			       "column '%s' refused: what somebody is held to feel is no protected class, so emotions "
			       "are never taken in; take the column away",
			       eh_shown(c->text).text);
	} else {
		(void)snprintf(b->attribute, sizeof b->attribute, "%s", attribute);
		if (count_attributes(m, at + 1) <= EH_DECLARED_MAX)
			return;
		b->attribute[0] = '\0';
		eh_table_error(t, c->line, c->column, "classes of more than %d attributes; leave some out",
			       EH_DECLARED_MAX);
	}
}

static bool has_column(const struct import *m, const char *name)
{
	for (size_t i = 0; i < m->n_bind; i++)
		if (m->bind[i].column != NULL && strcmp(m->bind[i].column->name, name) == 0)
			return true;
	return false;
}

static int on_header(struct eh_csv_table *t, const struct eh_csv_row *row, struct eh_err *err)
{
	struct import *m = t->ctx;
	char list[256] = "";

	(void)err;
	list_columns(list, sizeof list, m->spec);
	m->n_bind = row->n;
	for (size_t i = 0; i < row->n; i++) {
		const struct eh_csv_cell *c = &row->field[i];
		struct binding *b = &m->bind[i];
		const char *attribute = m->spec->declared ? class_column(c->text, &b->source) : NULL;

		b->column = column_named(m->spec, c->text);
		b->attribute[0] = '\0';
		if (eh_gate_forbidden_column(c->text))
			eh_table_error(t, c->line, c->column,
				       "column '%s' refused: postcodes stand in for race and income and are never "
				       "taken in (Illinois HB 3773); take the column away",
				       eh_shown(c->text).text);
		else if (attribute != NULL)
			bind_class(t, i, c, attribute);
		else if (b->column == NULL && strncmp(c->text, "x.", 2) != 0)
			unknown_column(t, m->spec, c, list);
	}
	for (size_t i = 0; i < m->spec->n; i++) {
		bool there = !m->spec->column[i].required;

		for (size_t k = 0; k < row->n && !there; k++)
			there = m->bind[k].column == &m->spec->column[i];
		if (!there)
			eh_table_error(t, row->field[0].line, row->field[0].column,
				       "column '%s' is missing; %s need %s", m->spec->column[i].name, m->spec->name,
				       list);
	}
	m->evaluations.keep_scores = !has_column(m, "score");
	m->evaluations.keep_days = !has_column(m, "decided_at");
	return EH_OK;
}

/* The cells of one row into r; false when at least one was wrong. */
static bool read_cells(struct eh_csv_table *t, const struct eh_csv_row *row, union eh_import_record *r)
{
	struct import *m = t->ctx;
	uint64_t before = eh_table_errors(t);
	struct eh_err why = EH_ERR_INIT;

	memset(r, 0, sizeof *r);
	for (size_t i = 0; i < row->n && !t->stop; i++) {
		const struct eh_csv_cell *c = &row->field[i];
		const struct binding *b = &m->bind[i];
		int rc = EH_OK;

		if (c->len == 0) {
			if (b->column != NULL && b->column->required)
				eh_table_error(t, c->line, c->column, "%s is empty; every row needs it",
					       b->column->name);
			continue;
		}
		if (b->attribute[0] != '\0')
			rc = eh_class_parse(&r->candidate, b->attribute, b->source, c->text, &why);
		else if (b->column != NULL)
			rc = b->column->parse(r, &m->run, c->text, &why);
		if (rc != EH_OK)
			eh_table_error(t, c->line, c->column, "%s%s: %s",
				       b->attribute[0] != '\0' ? class_prefix[b->source] : "",
				       b->attribute[0] != '\0' ? b->attribute : b->column->name, why.msg);
	}
	return eh_table_errors(t) == before;
}

/* Are the candidate and the evaluator that the row names in the project? */
static int check_references(struct eh_csv_table *t, const struct eh_csv_row *row, bool *good, struct eh_err *err)
{
	struct import *m = t->ctx;

	*good = true;
	for (size_t i = 0; i < row->n; i++) {
		const struct eh_csv_cell *c = &row->field[i];
		const char *refers = m->bind[i].column != NULL ? m->bind[i].column->refers : NULL;
		struct eh_bytes value = { NULL, 0 };
		struct eh_key key;
		int rc = EH_OK;

		if (refers == NULL)
			continue;
		key = eh_key_of(c->text);
		rc = eh_txn_get(m->run.txn, refers[0] == 'c' ? EH_T_CANDIDATES : EH_T_EVALUATORS, eh_key_bytes(&key),
				&value, err);
		if (rc == EH_ENOENT) {
			*good = false;
			eh_table_error(t, c->line, c->column, "there is no %s '%s' in this project; import %ss first",
				       refers, eh_shown(c->text).text, refers);
		} else if (rc == EH_OK && m->spec == &eh_import_specs[EH_IMPORT_EVALUATIONS] && refers[0] == 'c') {
			rc = eh_import_evaluation_candidate(&m->evaluations, value, err);
		}
		if (rc != EH_OK && rc != EH_ENOENT)
			return rc;
	}
	return EH_OK;
}

/* Is the column in this table? */
static bool bound(const struct import *m, const struct eh_import_column *column)
{
	for (size_t i = 0; i < m->n_bind; i++)
		if (m->bind[i].column == column)
			return true;
	return false;
}

static bool bound_class(const struct import *m, const char *attribute, uint8_t source)
{
	for (size_t i = 0; i < m->n_bind; i++)
		if (strcmp(m->bind[i].attribute, attribute) == 0 && m->bind[i].source == source)
			return true;
	return false;
}

/*
 * A stored class stays where the table has no column of its source; a column that is there with an empty cell has
 * cleared it.  What stays stands against the class that the row brings: a declared one wins.
 */
static int keep_classes(const struct import *m, struct eh_candidate *c, const struct eh_candidate *old,
			struct eh_err *err)
{
	for (size_t i = 0; i < old->n_declared; i++) {
		const struct eh_declared *o = &old->declared[i];
		size_t at = 0;

		if (bound_class(m, o->attribute, o->source))
			continue;
		while (at < c->n_declared && strcmp(c->declared[at].attribute, o->attribute) != 0)
			at++;
		if (at == EH_DECLARED_MAX)
			return eh_err_set(err, EH_ERANGE,
					  "with those stored before, the candidate has classes of more than %d "
					  "attributes; leave some out",
					  EH_DECLARED_MAX);
		if (at < c->n_declared && o->source == EH_BY_RECORD)
			continue;
		c->n_declared += at == c->n_declared;
		c->declared[at] = *o;
	}
	return EH_OK;
}

/* A column that is missing leaves the stored value alone; an empty cell has cleared it already. */
static int keep_stored(const struct import *m, union eh_import_record *r, struct eh_err *err)
{
	union eh_import_record old = *r;
	int rc = m->spec->get != NULL ? m->spec->get(m->run.txn, &old, err) : EH_ENOENT;

	if (rc != EH_OK)
		return rc == EH_ENOENT ? EH_OK : rc;
	for (size_t i = 0; i < m->spec->n; i++) {
		const struct eh_import_column *column = &m->spec->column[i];

		if (column->size > 0 && !bound(m, column))
			memcpy((char *)r + column->at, (const char *)&old + column->at, column->size);
	}
	return m->spec->declared ? keep_classes(m, &r->candidate, &old.candidate, err) : EH_OK;
}

/* Counts the imported classes of a stored row that were not taken because the candidate declared one. */
static void count_overruled(struct import *m, const struct eh_csv_row *row, const struct eh_candidate *c)
{
	for (size_t i = 0; i < row->n; i++) {
		struct binding *b = &m->bind[i];
		const char *text = row->field[i].text, *declared = NULL;

		if (b->attribute[0] == '\0' || b->source != EH_BY_RECORD || eh_class_unknown(text))
			continue;
		declared = eh_candidate_declared(c, b->attribute);
		b->overruled += declared != NULL;
		b->differ += declared != NULL && strcmp(declared, text) != 0;
	}
}

/* Of a candidate as he is stored; "" = not there. */
static int read_profile(char profile[EH_PROFILE_TEXT], struct eh_txn *txn, const char *candidate, struct eh_err *err)
{
	struct eh_key key = eh_key_of(candidate);
	struct eh_bytes value = { NULL, 0 };
	int rc = eh_txn_get(txn, EH_T_CANDIDATES, eh_key_bytes(&key), &value, err);

	profile[0] = '\0';
	if (rc != EH_OK)
		return rc == EH_ENOENT ? EH_OK : rc;
	return eh_profile_record(profile, value, err);
}

/* A candidate, and the counts of his decisions where an audit knows something else of him now. */
static int store_candidate(struct import *m, const union eh_import_record *r, enum eh_change *change,
			   struct eh_err *err)
{
	char before[EH_PROFILE_TEXT], after[EH_PROFILE_TEXT] = "";
	int rc = read_profile(before, m->run.txn, r->candidate.id, err);

	if (rc == EH_OK)
		rc = m->spec->put(m->run.txn, r, change, err);
	if (rc == EH_OK && *change == EH_CHANGED)
		rc = read_profile(after, m->run.txn, r->candidate.id, err);
	if (rc != EH_OK || *change != EH_CHANGED || strcmp(before, after) == 0)
		return rc;
	return ++m->moves <= MOVES_MAX ? eh_cubes_moved(m->run.txn, r->candidate.id, before, err) : EH_OK;
}

static int put_row(struct import *m, const union eh_import_record *r, enum eh_change *change, struct eh_err *err)
{
	return m->spec == &eh_import_specs[EH_IMPORT_CANDIDATES] ? store_candidate(m, r, change, err)
								 : m->spec->put(m->run.txn, r, change, err);
}

/* What waits until all rows are read. */
static int finish_rows(struct import *m, struct eh_import_report *report, struct eh_err *err)
{
	struct eh_cubes_state state;
	int rc = eh_import_evaluations_finish(&m->evaluations, report, err);

	if (rc == EH_OK && m->moves > MOVES_MAX) {
		rc = eh_cubes_state(m->run.txn, &state, err);
		if (rc == EH_OK && state.evaluations > 0)
			rc = eh_cubes_recount(m->run.txn, err);
	}
	return rc;
}

/* Puts one good row and counts what it did. */
static int store_row(struct eh_csv_table *t, const struct eh_csv_row *row, union eh_import_record *r,
		     struct eh_err *err)
{
	struct import *m = t->ctx;
	const struct eh_csv_cell *at = &row->field[0];
	enum eh_change change = EH_SAME;
	bool many = m->spec == &eh_import_specs[EH_IMPORT_EVALUATIONS];
	int rc = many ? eh_import_evaluation_take(&m->evaluations, m->run.txn, &r->evaluation, err)
		      : keep_stored(m, r, err);

	if (rc == EH_OK && !many)
		rc = put_row(m, r, &change, err);
	if (rc == EH_EFORMAT || rc == EH_ERANGE) {
		eh_table_error(t, at->line, at->column, "%s", err->msg);
		return EH_OK;
	}
	if (many)
		return rc;
	t->report->fresh += rc == EH_OK && change == EH_NEW;
	t->report->changed += rc == EH_OK && change == EH_CHANGED;
	t->report->same += rc == EH_OK && change == EH_SAME;
	if (rc == EH_OK && m->spec->declared)
		count_overruled(m, row, &r->candidate);
	if (rc == EH_OK && m->spec == &eh_import_specs[EH_IMPORT_CONSENTS])
		rc = eh_import_note_consent(&m->closed, m->run.txn, &r->consent, err);
	return rc;
}

/* What a row says as a whole; the error stands at the column at fault. */
static bool check_row(struct eh_csv_table *t, const struct eh_csv_row *row, const union eh_import_record *r)
{
	struct import *m = t->ctx;
	const struct eh_csv_cell *at = &row->field[0];
	struct eh_err why = EH_ERR_INIT;
	const char *column = NULL;

	if (m->spec->check == NULL || m->spec->check(r, &column, &why) == EH_OK)
		return true;
	for (size_t i = 0; i < row->n && column != NULL; i++)
		if (m->bind[i].column != NULL && strcmp(m->bind[i].column->name, column) == 0)
			at = &row->field[i];
	eh_table_error(t, at->line, at->column, "%s", why.msg);
	return false;
}

static int on_row(struct eh_csv_table *t, const struct eh_csv_row *row, struct eh_err *err)
{
	struct import *m = t->ctx;
	const struct eh_csv_cell *at = &row->field[0];
	union eh_import_record r;
	uint64_t first = 0;
	bool good = false, same = false;
	int rc = EH_OK;

	if (!read_cells(t, row, &r) || !check_row(t, row, &r))
		return EH_OK;
	rc = check_references(t, row, &good, err);
	if (rc != EH_OK || !good)
		return rc;
	eh_buf_reset(&m->key);
	m->spec->key(&m->key, &r);
	if (m->key.failed)
		return eh_err_set(err, EH_ENOMEM, "out of memory");
	/* the record is zeroed before it is filled, so its bytes are its content */
	if (m->spec == &eh_import_specs[EH_IMPORT_EVALUATIONS])
		rc = eh_import_evaluation_seen(m->seen, &m->key, &r.evaluation, at->line, &first, &same, err);
	else
		rc = eh_seen_add(m->seen, m->key.data, m->key.len, &r, m->spec->size, at->line, &first, &same, err);
	if (rc != EH_OK)
		return rc;
	if (first != 0 && !same) {
		eh_table_error(t, at->line, at->column,
			       "the row has the same key as line %llu but says something else; keep one of lines "
			       "%llu and %llu",
			       (unsigned long long)first, (unsigned long long)first, (unsigned long long)at->line);
		return EH_OK;
	}
	/* after an error the rest of the file is only checked: the caller will abort */
	return t->report->n_errors > 0 ? EH_OK : store_row(t, row, &r, err);
}

static int note_table(struct import *m, struct eh_import_report *report, struct eh_err *err)
{
	eh_name attribute[EH_DECLARED_MAX];
	size_t n = 0;

	eh_import_note_closed(report, &m->closed);
	for (size_t i = 0; i < m->n_bind; i++) {
		const struct binding *b = &m->bind[i];

		if (b->overruled > 0)
			eh_import_note(report,
				       "imported.%s: %llu candidate%s declared it, and what is declared stays (%llu "
				       "differ%s)",
				       b->attribute, (unsigned long long)b->overruled, b->overruled == 1 ? "" : "s",
				       (unsigned long long)b->differ, b->differ == 1 ? "s" : "");
		if (b->attribute[0] != '\0' && count_attributes(m, i + 1) > n)
			memcpy(attribute[n++], b->attribute, sizeof attribute[0]);
	}
	return n > 0 ? eh_import_note_groups(report, m->run.txn, attribute, n, err) : EH_OK;
}

int eh_import_csv(struct eh_txn *txn, enum eh_import_kind kind, const char *path, struct eh_import_report *report,
		  struct eh_err *err)
{
	struct eh_csv_table table = { .report = report, .header = on_header, .row = on_row };
	struct import *m = NULL;
	int rc = EH_OK;

	memset(report, 0, sizeof *report);
	if ((unsigned)kind >= EH_IMPORT_KINDS)
		return eh_err_set(err, EH_EINVAL, "unknown kind of table %d", (int)kind);
	m = eh_xcalloc(1, sizeof *m);
	m->run.txn = txn;
	m->spec = &eh_import_specs[kind];
	eh_buf_init(&m->key, 16 * EH_ID_MAX);
	m->seen = eh_seen_new();
	table.ctx = m;
	rc = directory_of(m->run.dir, sizeof m->run.dir, path, err);
	if (rc == EH_OK)
		rc = eh_table_read(&table, path, err);
	if (rc == EH_OK)
		rc = finish_rows(m, report, err);
	if (rc == EH_OK)
		rc = note_table(m, report, err);
	if (rc != EH_OK)
		report->fresh = report->changed = report->same = 0;
	eh_import_evaluations_free(&m->evaluations);
	eh_seen_free(&m->seen);
	eh_buf_free(&m->key);
	free(m);
	return rc;
}
