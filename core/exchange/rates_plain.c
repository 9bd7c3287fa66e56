/*
 * `rates` on a table of plain rows: no cell is copied that was seen before, no candidate's id kept.  Whatever this file
 * does not understand is left to rates.c, which knows the words for it; see plain.h, deal.h, exchange.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "exchange/import.h"
#include "exchange/plain.h"
#include "exchange/rates_reader.h"

#ifndef EH_RATES_SHARE_WORTH
#define EH_RATES_SHARE_WORTH                                                                                           \
	((uint64_t)1 << 20) /* [bytes] of the table from which on another thread is worth its start */
#endif
#ifndef EH_RATES_PAGES_WORTH
#define EH_RATES_PAGES_WORTH                                                                                           \
	((uint64_t)4 << 20) /* [bytes] of the table from which on large pages are worth their clearing */
#endif
#define PAGES_MOST ((uint64_t)128 << 20) /* [bytes] up to which rows and columns may be in memory together */
#define THREADS_MAX 64
#define BITS 16u /* of a kind in a tag */
#define BITS_FEW 10u
#define BITS_MANY 22u

/* ---- from the readers' numbers to those of the audit data ---- */

/* The terms of all readers as one sorted table; maps[i]: those of reader i to it, in one piece that the caller frees.
 */
static int join_terms(struct eh_names *out, const struct eh_terms *const *terms, size_t n, uint32_t **maps,
		      uint32_t **piece)
{
	struct eh_name_builder *b = NULL;
	uint32_t *map = NULL;
	size_t total = 0;

	for (size_t i = 0; i < n; i++)
		total += terms[i]->n;
	*piece = eh_try_malloc(total + 1, sizeof **piece);
	if (*piece == NULL)
		return EH_ENOMEM;
	b = eh_names_new();
	total = 0;
	for (size_t i = 0; i < n; i++) {
		maps[i] = *piece + total;
		for (uint32_t k = 0; k < terms[i]->n; k++)
			maps[i][k] = eh_names_add(b, eh_terms_text(terms[i], k));
		total += terms[i]->n;
	}
	eh_names_finish(&b, out, &map);
	for (size_t i = 0; i < total; i++)
		(*piece)[i] = map[(*piece)[i]];
	free(map);
	return EH_OK;
}

static size_t group_of(const eh_name *groups, size_t n, const char *name)
{
	size_t g = 0;

	while (g < n && strcmp(groups[g], name) != 0)
		g++;
	return g;
}

/* The groups of all readers into the table's classes; false: too many. */
static bool join_groups(struct eh_rates_table *r, const struct eh_rates_reader *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < r->n_classes; k++)
			for (size_t g = 0; g < v[i].n_groups[k]; g++) {
				struct eh_rates_class *c = &r->classes[k];

				if (group_of(c->groups, c->n_groups, v[i].groups[k][g]) < c->n_groups)
					continue;
				if (c->n_groups == EH_GROUPS_MAX)
					return false;
				memcpy(c->groups[c->n_groups++], v[i].groups[k][g], sizeof(eh_name));
			}
	return true;
}

/* The class columns that became an attribute, or the second source of one; from[i]: which column class i is. */
static size_t used_classes(struct eh_deal_class *class, size_t *from, const struct eh_rates_table *r)
{
	size_t n = 0;

	for (size_t k = 0; k < r->n_classes; k++) {
		const struct eh_rates_class *c = &r->classes[k];
		const size_t into = c->beside ? c[-1].into : c->into;

		if (into == EH_RATES_NO_COLUMN)
			continue;
		from[n] = k;
		class[n++] = (struct eh_deal_class){ into, c->declared ? EH_DECLARED : EH_IMPORTED };
	}
	return n;
}

/* Groups of class columns to groups of their attributes, the reader's strata to all strata. */
static void translate(struct eh_rates_reader *s, const struct eh_audit_data *out, const struct eh_deal_order *o,
		      const size_t *from, const uint32_t *strata)
{
	int8_t to[EH_DEAL_CLASSES][EH_GROUPS_MAX];

	for (size_t i = 0; i < o->n_classes; i++)
		for (size_t g = 0; g < s->n_groups[from[i]]; g++) {
			const struct eh_attribute_data *a = &out->attributes[o->class[i].attribute];

			to[i][g] = (int8_t)group_of(a->groups, a->n_groups, s->groups[from[i]][g]);
		}
	for (uint32_t k = 0; k < s->keys.n; k++) {
		struct eh_deal_kind old = s->kind[k];

		if (s->strata.n > 0)
			s->kind[k].stratum = strata[old.stratum];
		for (size_t i = 0; i < o->n_classes; i++)
			s->kind[k].group[i] = (int8_t)(old.group[from[i]] < 0 ? -1 : to[i][old.group[from[i]]]);
	}
}

/* What the readers hold to audit data; EH_PLAIN_ODD also where a row is at fault that no reader could see alone. */
static int join(struct eh_audit_data *out, struct eh_rates_table *r, struct eh_rates_reader *v, size_t n,
		struct eh_deal_order *o, struct eh_csv_table *t, struct eh_err *err)
{
	const struct eh_terms *evaluators[THREADS_MAX] = { NULL }, *strata[THREADS_MAX] = { NULL };
	struct eh_deal_source source[THREADS_MAX] = { { NULL } };
	struct eh_deal_class class[EH_DEAL_CLASSES];
	size_t from[EH_DEAL_CLASSES];
	uint32_t *who[THREADS_MAX] = { NULL }, *where[THREADS_MAX] = { NULL }, *who_piece = NULL, *where_piece = NULL;
	struct eh_name_builder *positions = eh_names_new();
	int rc = EH_OK;

	(void)eh_names_add(positions, ""); /* one table is one position */
	eh_names_finish(&positions, &out->positions, NULL);
	for (size_t i = 0; i < n; i++) {
		evaluators[i] = &v[i].evaluators;
		strata[i] = &v[i].strata;
	}
	if (join_terms(&out->evaluators, evaluators, n, who, &who_piece) < 0 ||
	    join_terms(&out->strata, strata, n, where, &where_piece) < 0) {
		rc = eh_err_set(err, EH_ENOMEM, "no memory for the names of the table");
		goto out;
	}
	if (!join_groups(r, v, n) || o->decisions == 0 || o->decisions >= EH_DECISIONS_MAX ||
	    eh_rates_attributes(out, r, t, err) != EH_OK) {
		rc = EH_PLAIN_ODD;
		goto out;
	}
	o->class = class;
	o->n_classes = used_classes(class, from, r);
	for (size_t i = 0; i < n; i++) {
		translate(&v[i], out, o, from, where[i]);
		source[i] = (struct eh_deal_source){ &v[i].deal,	who[i],	    v[i].kind, v[i].count,
						     v[i].evaluators.n, v[i].keys.n };
	}
	o->source = source;
	o->n_sources = n;
	rc = eh_deal_arrange(out, o, err);
out:
	free(who_piece);
	free(where_piece);
	return rc;
}

/* ---- the file ---- */

struct file {
	int fd;
	const char *path;
	uint64_t from, to; /* [bytes] the table in it */
};

static int by_size(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void choose_key(struct eh_rates_manner *m)
{
	const struct eh_rates_table *r = m->r;
	size_t n = 0;

	m->key[n++] = r->decision;
	for (size_t i = 0; i < r->n_strata; i++)
		m->key[n++] = r->strata[i];
	if (m->event)
		m->key[n++] = r->event;
	for (size_t i = 0; i < r->n_classes; i++)
		m->key[n++] = r->classes[i].at;
	qsort(m->key, n, sizeof m->key[0], by_size);
	m->n_key = 0;
	for (size_t i = 0; i < n; i++)
		if (i == 0 || m->key[i] != m->key[m->n_key - 1])
			m->key[m->n_key++] = m->key[i];
	m->together = m->key[m->n_key - 1] - m->key[0] + 1 == m->n_key;
}

/* The header as the careful reader would see it; *rows: where the rows begin. */
static int read_header(const struct file *f, struct eh_csv_table *t, uint64_t *rows, struct eh_err *err)
{
	struct eh_csv_cell *cell = eh_xcalloc(EH_PLAIN_FIELDS_MAX, sizeof *cell);
	char *line = eh_xmalloc(EH_PLAIN_ROW_MAX), *p = line;
	struct eh_csv_row row = { cell, 0 };
	int rc = eh_plain_line(f->fd, f->from, line, rows);

	if (rc == EH_OK && strncmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	if (rc == EH_OK && *p == '\0')
		rc = EH_PLAIN_ODD;
	while (rc == EH_OK && p != NULL) {
		char *comma = strchr(p, ',');

		if (comma != NULL)
			*comma = '\0';
		cell[row.n++] = (struct eh_csv_cell){ p, strlen(p), 1, 1, NULL };
		p = comma != NULL ? comma + 1 : NULL;
		if (row.n == EH_PLAIN_FIELDS_MAX)
			rc = EH_PLAIN_ODD;
	}
	if (rc == EH_OK && (eh_table_header(t, &row, err) != EH_OK || t->report->n_errors > 0))
		rc = EH_PLAIN_ODD;
	free(line);
	free(cell);
	return rc;
}

static int read_part(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	struct eh_rates_reader *v = ctx;
	int rc = eh_plain_read(&v[i].part, err);

	(void)slot;
	(void)inside;
	/* a crew hands on errors: odd is one here, told from the others by its code */
	return rc == EH_PLAIN_ODD ? eh_err_set(err, EH_EFORMAT, "not plain") : rc;
}

/* Reads the parts with a thread each. */
static int read_parts(struct eh_rates_reader *v, const struct eh_rates_manner *m, const struct file *f, uint64_t rows,
		      size_t n_fields, struct eh_err *err)
{
	const struct eh_steps steps = { .jobs = m->parts };
	const struct eh_crew crew = eh_crew_of(&steps);
	const uint64_t size = f->to - rows;
	uint64_t from = rows;
	int rc = EH_OK;

	for (size_t i = 0; i < m->parts; i++) {
		uint64_t to =
			i + 1 == m->parts ? f->to : eh_plain_border(f->fd, rows + size / m->parts * (i + 1), f->to);

		v[i].m = m;
		v[i].deal.scores = m->r->score != EH_RATES_NO_COLUMN;
		v[i].deal.days = m->r->decided != EH_RATES_NO_COLUMN;
		v[i].deal.large_pages = size > EH_RATES_PAGES_WORTH && size < PAGES_MOST;
		v[i].part = (struct eh_plain_part){ f->fd, from, to, n_fields, eh_rates_plain_row, &v[i] };
		from = to;
	}
	rc = m->parts > 1 ? eh_crew_run(&crew, m->parts, m->parts, read_part, v, err) : read_part(v, 0, 0, &crew, err);
	return rc == EH_EFORMAT ? EH_PLAIN_ODD : rc;
}

static size_t threads_for(const struct eh_rates_options *o, uint64_t size)
{
	size_t n = eh_jobs(o->threads), worth = (size_t)(size / EH_RATES_SHARE_WORTH) + 1;

	n = n < worth ? n : worth;
	return n < THREADS_MAX ? n : THREADS_MAX;
}

/* One reading.  EH_PLAIN_ODD with *bits or *repeats changed: another one may do it. */
static int attempt(struct eh_audit_data *out, const struct file *f, const struct eh_rates_options *o,
		   struct eh_import_report *report, unsigned *bits, uint64_t *repeats, struct eh_err *err)
{
	struct eh_rates_table *r = eh_xcalloc(1, sizeof *r);
	struct eh_csv_table t = { .report = report, .header = eh_rates_header, .ctx = r };
	struct eh_rates_manner m = {
		.r = r, .event = *repeats > 0, .bits = *bits, .parts = threads_for(o, f->to - f->from)
	};
	struct eh_rates_reader *v = eh_xcalloc(m.parts, sizeof *v);
	struct eh_deal_order order = { .parts = m.parts, .bits = m.bits, .threads = (uint32_t)m.parts };
	uint64_t rows = 0, holds = 0;
	bool many_evaluators = false, many_kinds = false;
	int rc = EH_OK;

	memset(report, 0, sizeof *report);
	r->options = o;
	eh_table_label(&t, f->path);
	rc = read_header(f, &t, &rows, err);
	if (rc == EH_OK && (r->prob.used || r->n_classes == 0 || (m.event && r->event == EH_RATES_NO_COLUMN)))
		rc = EH_PLAIN_ODD;
	if (rc == EH_OK) {
		choose_key(&m);
		rc = read_parts(v, &m, f, rows, t.n_columns, err);
	}
	for (size_t i = 0; i < m.parts; i++) {
		order.rows += v[i].rows;
		holds += v[i].holds;
		many_evaluators = many_evaluators || v[i].many_evaluators;
		many_kinds = many_kinds || v[i].many_kinds;
	}
	order.decisions = order.rows - holds;
	if (rc == EH_PLAIN_ODD && *bits == BITS && many_evaluators != many_kinds)
		*bits = many_kinds ? BITS_MANY : BITS_FEW;
	if (rc == EH_OK && m.event)
		eh_rates_note_event(&t, r, *repeats);
	if (rc == EH_OK)
		rc = join(out, r, v, m.parts, &order, &t, err);
	if (rc == EH_OK && (order.conflict || order.repeats > 0)) {
		*repeats = order.conflict || m.event ? *repeats : order.repeats;
		rc = EH_PLAIN_ODD;
	}
	eh_rates_note_holds(&t, holds);
	out->holds = holds;
	report->rows = order.rows;
	for (size_t i = 0; i < m.parts; i++)
		eh_rates_reader_free(&v[i]);
	free(v);
	free(r);
	return rc;
}

int eh_rates_plain(struct eh_audit_data *out, const char *path, const struct eh_rates_options *o,
		   struct eh_import_report *report, struct eh_err *err)
{
	bool piped = strcmp(path, "-") == 0;
	struct file f = { .fd = piped ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC), .path = path };
	struct stat st;
	off_t at = piped ? lseek(f.fd, 0, SEEK_CUR) : 0;
	unsigned bits = BITS, before_bits = 0;
	uint64_t repeats = 0, before = 0;
	int rc = EH_PLAIN_ODD;

	/* what cannot be read twice is read with care at once */
	if (f.fd < 0 || fstat(f.fd, &st) != 0 || !S_ISREG(st.st_mode) || at < 0 || at >= st.st_size)
		goto out;
	f.from = (uint64_t)at;
	f.to = (uint64_t)st.st_size;
	do {
		eh_audit_data_free(out);
		before = repeats;
		before_bits = bits;
		rc = attempt(out, &f, o, report, &bits, &repeats, err);
	} while (rc == EH_PLAIN_ODD && (bits != before_bits || repeats != before));
out:
	if (f.fd >= 0 && !piped)
		(void)close(f.fd);
	if (rc != EH_OK)
		eh_audit_data_free(out);
	return rc;
}
