/*
 * `rates` on a table of plain rows: no cell is copied that was seen before, no candidate's id kept.  Whatever this file
 * does not understand is left to rates.c, which knows the words for it; see plain.h, deal.h, exchange.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "exchange/deal.h"
#include "exchange/import.h"
#include "exchange/plain.h"
#include "exchange/rates.h"
#include "exchange/terms.h"

#ifndef EH_RATES_SHARE_WORTH
#define EH_RATES_SHARE_WORTH                                                                                           \
	((uint64_t)1 << 20) /* [bytes] of the table from which on another thread is worth its start */
#endif
#define THREADS_MAX 64
#define CELL_MAX (EH_NAME_MAX > EH_ID_MAX ? EH_NAME_MAX : EH_ID_MAX) /* [bytes] of a cell that is part of a kind */
#define KEY_MAX (EH_RATES_CLASSES_MAX + EH_RATES_STRATA_MAX + 2)
#define BITS 16u /* of a kind in a tag; the others are the evaluator's */
#define BITS_FEW 10u
#define BITS_MANY 22u

_Static_assert(EH_RATES_CLASSES_MAX == EH_DEAL_CLASSES, "one group for each class column");

/* How the table is read this time. */
struct manner {
	const struct eh_rates_table *r;
	bool event; /* part of the stratum: there are repeats without it */
	unsigned bits;
	size_t parts;
	size_t key[KEY_MAX], n_key; /* columns whose cells make a kind, ascending */
	bool together;		    /* they stand side by side */
};

/* One thread's part of the file; numbers are its own. */
struct reader {
	const struct manner *m;
	struct eh_terms evaluators, keys, strata;
	struct eh_deal_kind *kind; /* [kinds_cap] by key; groups by class column */
	size_t kinds_cap;
	eh_name groups[EH_RATES_CLASSES_MAX][EH_GROUPS_MAX];
	size_t n_groups[EH_RATES_CLASSES_MAX];
	uint32_t *count; /* [count_cap][parts] decisions by evaluator */
	size_t count_cap;
	struct eh_deal deal;
	struct eh_plain_part part;
	uint64_t rows, holds;
	bool many_evaluators, many_kinds; /* more than the tags can hold */
};

/* ---- rows ---- */

struct cell {
	char text[CELL_MAX + 1];
	size_t len;
};

static bool take_cell(struct cell *c, const char *const *at, size_t i)
{
	c->len = (size_t)(at[i + 1] - at[i]) - 1;
	if (c->len > CELL_MAX)
		return false;
	memcpy(c->text, at[i], c->len);
	c->text[c->len] = '\0';
	return true;
}

static bool good_id(const char *s, size_t len) { return eh_id_valid(s, len) && s[0] != ' ' && s[len - 1] != ' '; }

static int new_evaluator(struct reader *s, const struct eh_term_key *key, uint32_t *out)
{
	if (!good_id(key->s, key->len))
		return EH_PLAIN_ODD;
	if (s->evaluators.n >= (uint64_t)1 << (32 - s->m->bits)) {
		s->many_evaluators = true;
		return EH_PLAIN_ODD;
	}
	*out = eh_terms_add(&s->evaluators, key);
	if (*out != EH_TERM_NONE && *out >= s->count_cap) {
		size_t cap = s->count_cap != 0 ? 2 * s->count_cap : 256;
		void *p = eh_try_realloc(s->count, cap * s->m->parts, sizeof *s->count);

		if (p == NULL)
			return EH_ENOMEM;
		s->count = p;
		memset(s->count + s->count_cap * s->m->parts, 0, (cap - s->count_cap) * s->m->parts * sizeof *s->count);
		s->count_cap = cap;
	}
	return *out == EH_TERM_NONE ? EH_ENOMEM : EH_OK;
}

/* The strata's cells joined as rates.c joins them, and the event's. */
static int read_stratum(struct reader *s, const char *const *at, struct eh_deal_kind *k)
{
	const struct eh_rates_table *r = s->m->r;
	char name[(EH_RATES_STRATA_MAX + 1) * (CELL_MAX + 2) + EH_PLAIN_PAD] = "";
	struct eh_term_key key;
	struct cell c;
	size_t used = 0;

	for (size_t i = 0; i < r->n_strata; i++) {
		if (!take_cell(&c, at, r->strata[i]) || (c.len > 0 && !eh_id_valid(c.text, c.len)))
			return EH_PLAIN_ODD;
		used += (size_t)snprintf(name + used, sizeof name - used, "%s%s", i > 0 ? EH_RATES_JOINT : "", c.text);
	}
	if (s->m->event) {
		/* rows on hold repeat nothing and need no stratum of their own */
		if (k->decision == EH_DEAL_HOLD)
			return EH_OK;
		if (!take_cell(&c, at, r->event))
			return EH_PLAIN_ODD;
		used += (size_t)snprintf(name + used, sizeof name - used, "%s%s", used > 0 ? EH_RATES_JOINT : "",
					 c.text);
	}
	key = eh_term_key(name, used);
	k->stratum = eh_terms_add(&s->strata, &key);
	return k->stratum == EH_TERM_NONE ? EH_ENOMEM : EH_OK;
}

static int read_group(struct reader *s, const char *const *at, size_t class, int8_t *out)
{
	eh_name *groups = s->groups[class];
	struct cell c;
	size_t g = 0;

	*out = -1;
	if (!take_cell(&c, at, s->m->r->classes[class].at))
		return EH_PLAIN_ODD;
	if (eh_class_unknown(c.text))
		return EH_OK;
	while (g < s->n_groups[class] && strcmp(groups[g], c.text) != 0)
		g++;
	if (g == s->n_groups[class]) {
		if (!eh_group_valid(c.text, c.len) || g == EH_GROUPS_MAX)
			return EH_PLAIN_ODD;
		memcpy(groups[s->n_groups[class]++], c.text, c.len + 1);
	}
	*out = (int8_t)g;
	return EH_OK;
}

static int read_kind(struct reader *s, const char *const *at, struct eh_deal_kind *k)
{
	enum eh_decision_kind decision = EH_HOLD;
	struct cell c;
	int rc = EH_OK;

	memset(k, 0, sizeof *k);
	if (!take_cell(&c, at, s->m->r->decision) || eh_decision_parse(&decision, c.text, NULL) != EH_OK)
		return EH_PLAIN_ODD;
	k->decision = decision == EH_HOLD ? (uint8_t)EH_DEAL_HOLD : decision == EH_ADVANCE;
	rc = read_stratum(s, at, k);
	for (size_t i = 0; i < s->m->r->n_classes && rc == EH_OK; i++)
		rc = read_group(s, at, i, &k->group[i]);
	return rc;
}

static int new_kind(struct reader *s, const char *const *at, const struct eh_term_key *key, uint32_t *out)
{
	struct eh_deal_kind k;
	int rc = read_kind(s, at, &k);

	if (rc != EH_OK)
		return rc;
	if (s->keys.n >= (uint64_t)1 << s->m->bits) {
		s->many_kinds = true;
		return EH_PLAIN_ODD;
	}
	if (s->keys.n == s->kinds_cap) {
		size_t cap = s->kinds_cap != 0 ? 2 * s->kinds_cap : 256;
		void *p = eh_try_realloc(s->kind, cap, sizeof *s->kind);

		if (p == NULL)
			return EH_ENOMEM;
		s->kind = p;
		s->kinds_cap = cap;
	}
	*out = eh_terms_add(&s->keys, key);
	if (*out == EH_TERM_NONE)
		return EH_ENOMEM;
	s->kind[*out] = k;
	return EH_OK;
}

/* The cells that make a kind, with the commas between them: plain cells hold none, so no two kinds have one key. */
static int find_kind(struct reader *s, const char *const *at, uint32_t *out)
{
	const struct manner *m = s->m;
	char copy[KEY_MAX * (CELL_MAX + 1) + EH_PLAIN_PAD];
	const char *cells = at[m->key[0]];
	size_t len = (size_t)(at[m->key[m->n_key - 1] + 1] - cells) - 1;
	struct eh_term_key key;

	if (!m->together) {
		len = 0;
		for (size_t i = 0; i < m->n_key; i++) {
			size_t cell = (size_t)(at[m->key[i] + 1] - at[m->key[i]]);

			if (cell > CELL_MAX + 1)
				return EH_PLAIN_ODD;
			memcpy(copy + len, at[m->key[i]], cell);
			copy[len + cell - 1] = ',';
			len += cell;
		}
		memset(copy + len, 0, 8);
		cells = copy;
	}
	key = eh_term_key(cells, len);
	*out = eh_terms_find(&s->keys, &key);
	return *out != EH_TERM_NONE ? EH_OK : new_kind(s, at, &key, out);
}

static bool read_score(const struct reader *s, const char *const *at, double *out)
{
	struct cell c;

	*out = NAN;
	if (!take_cell(&c, at, s->m->r->score))
		return false;
	return c.len == 0 || eh_parse_f64(out, c.text, -EH_RATES_SCORE_LIMIT, EH_RATES_SCORE_LIMIT, NULL) == EH_OK;
}

static int on_row(void *ctx, const char *const *at, bool wide, struct eh_err *err)
{
	struct reader *s = ctx;
	const struct eh_rates_table *r = s->m->r;
	const char *who = at[r->evaluator], *id = at[r->candidate];
	const size_t len = (size_t)(at[r->candidate + 1] - id) - 1;
	const struct eh_term_key key = eh_term_key(who, (size_t)(at[r->evaluator + 1] - who) - 1);
	uint32_t evaluator = eh_terms_find(&s->evaluators, &key), kind = 0;
	double score = NAN;
	int rc = EH_OK, pile;

	if (len == 0 || len > EH_ID_MAX || id[0] == ' ' || id[len - 1] == ' ' || (wide && !eh_id_valid(id, len)))
		return EH_PLAIN_ODD;
	if (evaluator == EH_TERM_NONE)
		rc = new_evaluator(s, &key, &evaluator);
	if (rc == EH_OK)
		rc = find_kind(s, at, &kind);
	if (rc == EH_OK && r->score != EH_RATES_NO_COLUMN && !read_score(s, at, &score))
		rc = EH_PLAIN_ODD;
	pile = rc != EH_OK ? rc : eh_deal_add(&s->deal, id, len, evaluator << s->m->bits | kind, score);
	if (pile < 0)
		return eh_err_set(err, EH_ENOMEM, "no memory for the rows of the table");
	if (rc != EH_OK)
		return rc;
	s->rows++;
	if (s->kind[kind].decision == EH_DEAL_HOLD)
		s->holds++;
	else
		s->count[evaluator * s->m->parts + eh_deal_part((unsigned)pile, s->m->parts)]++;
	return EH_OK;
}

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
static bool join_groups(struct eh_rates_table *r, const struct reader *v, size_t n)
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

/* Groups by class column to groups by attribute, the reader's strata to all strata. */
static void translate(struct reader *s, const struct eh_audit_data *out, const uint32_t *strata)
{
	const struct eh_rates_table *r = s->m->r;
	int8_t to[EH_RATES_CLASSES_MAX][EH_GROUPS_MAX];

	for (size_t k = 0; k < r->n_classes; k++)
		for (size_t g = 0; r->classes[k].into != EH_RATES_NO_COLUMN && g < s->n_groups[k]; g++) {
			const struct eh_attribute_data *a = &out->attributes[r->classes[k].into];

			to[k][g] = (int8_t)group_of(a->groups, a->n_groups, s->groups[k][g]);
		}
	for (uint32_t i = 0; i < s->keys.n; i++) {
		struct eh_deal_kind old = s->kind[i];

		if (s->strata.n > 0)
			s->kind[i].stratum = strata[old.stratum];
		for (size_t k = 0; k < r->n_classes; k++)
			if (r->classes[k].into != EH_RATES_NO_COLUMN)
				s->kind[i].group[r->classes[k].into] = old.group[k] < 0 ? -1 : to[k][old.group[k]];
	}
}

/* What the readers hold to audit data; EH_PLAIN_ODD also where a row is at fault that no reader could see alone. */
static int join(struct eh_audit_data *out, struct eh_rates_table *r, struct reader *v, size_t n,
		struct eh_deal_order *o, struct eh_csv_table *t, struct eh_err *err)
{
	const struct eh_terms *evaluators[THREADS_MAX] = { NULL }, *strata[THREADS_MAX] = { NULL };
	struct eh_deal_source source[THREADS_MAX] = { { NULL } };
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
	for (size_t i = 0; i < n; i++) {
		translate(&v[i], out, where[i]);
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

static void choose_key(struct manner *m)
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
	struct reader *v = ctx;
	int rc = eh_plain_read(&v[i].part, err);

	(void)slot;
	(void)inside;
	/* a crew hands on errors: odd is one here, told from the others by its code */
	return rc == EH_PLAIN_ODD ? eh_err_set(err, EH_EFORMAT, "not plain") : rc;
}

static void reader_free(struct reader *s)
{
	eh_terms_free(&s->evaluators);
	eh_terms_free(&s->keys);
	eh_terms_free(&s->strata);
	free(s->kind);
	free(s->count);
	eh_deal_free(&s->deal);
}

/* Reads the parts with a thread each. */
static int read_parts(struct reader *v, const struct manner *m, const struct file *f, uint64_t rows, size_t n_fields,
		      struct eh_err *err)
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
		v[i].part = (struct eh_plain_part){ f->fd, from, to, n_fields, on_row, &v[i] };
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
	struct manner m = { .r = r, .event = *repeats > 0, .bits = *bits, .parts = threads_for(o, f->to - f->from) };
	struct reader *v = eh_xcalloc(m.parts, sizeof *v);
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
		reader_free(&v[i]);
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
