/* One text of a policy, and what lies between two: lines that scroll. */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "parts/draw.h"
#include "policy/diff.h"
#include "views/view.h"

#define LABEL 12                        /* [columns] */
#define NUMBER 6                        /* [columns] of a line's number */
#define DIFF_CONTEXT 3                  /* lines around a change */
#define TAB 4                           /* [columns] of a tab, so that code fits a narrow screen */

struct lines {
	struct { enum element element; char *text; } *v;
	size_t n, cap;
};

static void lines_free(struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].text);
	free(l->v);
	*l = (struct lines){ NULL, 0, 0 };
}

static void add(struct lines *l, enum element e, char *text)
{
	if (l->n == l->cap) {
		l->cap = l->cap > 0 ? 2 * l->cap : 128;
		l->v = eh_xrealloc(l->v, l->cap, sizeof *l->v);
	}
	l->v[l->n].element = e;
	l->v[l->n++].text = text;
}

static void title(struct lines *l, const char *text)
{
	if (l->n > 0)
		add(l, E_TEXT, eh_xstrdup(""));
	add(l, E_TITLE, eh_xstrdup(text));
}

/* A label and its text, which goes on below itself. */
static void fact(struct lines *l, enum element e, const char *label, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static void fact(struct lines *l, enum element e, const char *label, const char *fmt, ...)
{
	char text[2048], *part[32];
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	n = draw_wrap(text, COLS - 2 - LABEL, part, sizeof part / sizeof part[0]);
	for (size_t i = 0; i < n; i++) {
		add(l, e, eh_xasprintf("%-*s%s", LABEL, i == 0 ? label : "", part[i]));
		free(part[i]);
	}
}

/* Bytes of s that fit in `width` columns; at least one character. */
static size_t fitting(const char *s, int width)
{
	size_t n = 0;

	while (s[n] != '\0') {
		char one[8] = "";
		size_t len = 1;

		while (((unsigned char)s[n + len] & 0xc0) == 0x80 && len < sizeof one - 1)
			len++;
		memcpy(one, s + n, len);
		width -= draw_width(one);
		if (width < 0 && n > 0)
			break;
		n += len;
	}
	return n;
}

/* The bytes of s on one line: to the last blank behind a word, where the rest does not fit; *skip blanks are left
 * out behind them. */
static size_t code_bytes(const char *s, int width, size_t *skip)
{
	const size_t n = fitting(s, width), indent = strspn(s, " ");
	size_t k = n;

	*skip = s[n] == ' ';
	if (s[n] == '\0' || s[n] == ' ')
		return n;
	while (k > indent && s[k - 1] != ' ')
		k--;
	return k > indent ? k : n;
}

/* A line of code behind its head, cut where the screen ends and continued below: nothing of a rule may be hidden. */
static void code(struct lines *l, enum element e, const char *head, const char *text, size_t len)
{
	char *plain = eh_xmalloc(3 * len + TAB * len + 1), *at = plain;
	int width = COLS - 2 - NUMBER;
	size_t used = 0;

	for (size_t i = 0; i < len;) {
		size_t n = 0;

		while (i + n < len && text[i + n] != '\t')
			n++;
		eh_text_printable(plain + used, 3 * n + 1, text + i, n);
		used += strlen(plain + used);
		i += n;
		for (int k = 0; i < len && k < TAB; k++)
			plain[used++] = ' ';
		i += i < len;
	}
	plain[used] = '\0';
	do {
		size_t skip = 0, n = code_bytes(at, width, &skip);

		add(l, e, eh_xasprintf("%-*s%.*s", NUMBER, at == plain ? head : "", (int)n, at));
		at += n + skip;
	} while (*at != '\0');
	free(plain);
}

/* ---- drawing, for both ---- */

static void draw_lines(struct view *v, const struct lines *l, int *scroll, const char *left, const char *none)
{
	int height = LINES - 4, n = (int)l->n, last;
	char right[64];

	v->scroll_max = n > height ? n - height : 0;
	*scroll = *scroll > v->scroll_max ? v->scroll_max : *scroll;
	last = *scroll + height < n ? *scroll + height : n;
	(void)snprintf(right, sizeof right, "lines %d-%d of %d", n > 0 ? *scroll + 1 : 0, last, n);
	draw_title(left, right);
	for (int i = *scroll; i < last; i++)
		draw_text(2 + i - *scroll, 1, COLS - 2, false, l->v[i].element, l->v[i].text);
	if (n == 0)
		(void)draw_paragraph(2, 1, COLS - 2, 4, E_TEXT, none);
	v->cursor_y = 2;
	v->cursor_x = 1;
}

static void jump(const struct lines *l, int *scroll, int step, int scroll_max)
{
	int at = *scroll + step;

	while (at > 0 && at < (int)l->n && l->v[at].element != E_TITLE)
		at += step;
	*scroll = at < 0 ? 0 : at > scroll_max ? scroll_max : at;
}

/* ---- one policy ---- */

struct policy_state {
	struct eh_policy_row row;
	struct eh_policy_row *all;      /* [n] of its name */
	size_t n;
	char *text;
	size_t len;
	struct eh_policy_info info;
	bool known;                     /* info was read: it loads */
	struct lines lines;
	int width, scroll;
};

/* The rows of its name; its own row as it stands now, or as it was where it is gone. */
static void take_rows(struct policy_state *s, struct eh_policy_row *rows, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(rows[i].name, s->row.name) != 0)
			continue;
		if (strcmp(rows[i].hash, s->row.hash) == 0)
			s->row = rows[i];
		rows[kept++] = rows[i];
	}
	eh_list_free(&s->all);
	s->all = rows;
	s->n = kept;
}

static int policy_load(struct view *v, struct eh_err *err)
{
	struct policy_state *s = v->state;
	struct eh_policy_row *rows = NULL;
	struct eh_policy_source *source = eh_xcalloc(1, sizeof *source);
	size_t n = 0;
	int rc = eh_desk_policy_rows(v->screens->desk, NULL, true, &rows, &n, err);

	if (rc == EH_OK) {
		take_rows(s, rows, n);
		rc = eh_desk_policy_source(v->screens->desk, s->row.spec, source, err);
	} else {
		eh_list_free(&rows);
	}
	if (rc == EH_OK) {
		s->known = eh_desk_policy_info(v->screens->desk, source, &s->info, NULL) == EH_OK;
		free(s->text);
		s->text = source->text;
		s->len = source->len;
		source->text = NULL;
		/* a file that was saved meanwhile is another text */
		if (strcmp(source->hash, s->row.hash) != 0) {
			memcpy(s->row.hash, source->hash, sizeof s->row.hash);
			for (size_t i = 0; i < s->n; i++)
				if (strcmp(s->all[i].hash, s->row.hash) == 0)
					s->row = s->all[i];
		}
		s->width = 0;
	}
	eh_policy_source_free(source);
	free(source);
	return rc;
}

static void mark(struct lines *l, const char *label, const struct eh_policy_mark *m)
{
	char at[EH_TIME_TEXT];

	if (m->at == 0)
		return;
	eh_format_time(at, m->at);
	fact(l, E_TEXT, label, "%.10s by %s%s%s", at, m->who.login, m->reason[0] != '\0' ? ": " : "", m->reason);
}

static void add_state(struct lines *l, const struct eh_policy_row *r)
{
	const char *slash = strrchr(r->path, '/');
	const bool waits = r->state == EH_POLICY_DEFAULT && r->stored.state == EH_POLICY_PROPOSED;
	char at[EH_TIME_TEXT];

	title(l, "State");
	fact(l, r->drifted || waits ? E_WATCH : E_TEXT, "state", "%s%s", eh_policy_state_text(r->state),
	     r->drifted			   ? "; its file has another text"
	     : waits			   ? "; proposed, waits for a second person"
	     : r->state == EH_POLICY_DRAFT ? ": nobody proposed it"
					   : "");
	fact(l, E_TEXT, "sha256", "%s", r->hash);
	mark(l, "proposed", &r->stored.proposed);
	mark(l, "approved", &r->stored.approved);
	mark(l, "retired", &r->stored.retired);
	if (r->stored.loosened[0] != '\0')
		fact(l, E_WATCH, "loosens", "%s", r->stored.loosened);
	if (r->path[0] != '\0')
		fact(l, E_TEXT, "file", "%s, %s", slash != NULL ? slash + 1 : r->path,
		     eh_policy_origin_text(r->origin));
	else
		fact(l, E_TEXT, "file", "none has this text");
	if (r->author[0] != '\0')
		fact(l, E_TEXT, "author", "%s (as the text says)", r->author);
	if (r->pack[0] != '\0')
		fact(l, r->pack_holds ? E_TEXT : E_WATCH, "pack", "%s", r->pack);
	if (!r->has_run) {
		fact(l, E_TEXT, "last run", "none");
		return;
	}
	eh_format_time(at, r->run.at);
	fact(l, E_TEXT, "last run", "%llu, %.10s, limit %d/%d: %u notify, %u watch, %u too few, %u ok, %u other",
	     (unsigned long long)r->run.seq, at, r->run.limit_num, r->run.limit_den, r->run.notify, r->run.watch,
	     r->run.too_few, r->run.ok, r->run.other);
}

static void add_settings(struct lines *l, const struct eh_policy_info *p)
{
	const struct eh_audit_settings *s = &p->settings;
	char names[EH_POLICY_ATTRIBUTES_MAX * (EH_NAME_MAX + 2) + 1] = "";

	for (size_t i = 0, len = 0; i < p->n_attributes && len < sizeof names; i++)
		len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", i > 0 ? ", " : "", p->attributes[i]);
	title(l, "Settings");
	fact(l, E_TEXT, "limit", "%d/%d against %s", s->limit_num, s->limit_den, s->reference == EH_REF_FIXED
	     ? s->fixed_reference : s->reference == EH_REF_REST ? "the rest"
	     : s->reference == EH_REF_MAJORITY ? "the largest group" : "the highest rate");
	fact(l, E_TEXT, "minimum", "%u persons in a group, %u in all, %.2f %% of the pool", s->min_group, s->min_total,
	     s->min_share / 100.0);
	fact(l, E_TEXT, "evidence", "alpha %g, correction %s, p for %s", s->alpha, s->family,
	     s->anytime ? "any number of looks" : "one look");
	fact(l, E_TEXT, "looks at", "%s%s", names[0] != '\0' ? names : "every attribute",
	     s->known_only ? "; known classes only" : "");
	for (size_t i = 0; i < p->n_intersect; i++)
		fact(l, E_TEXT, "crosses", "%s and %s", p->intersect[i][0], p->intersect[i][1]);
	fact(l, E_TEXT, "reads", "%s", p->needs[0] != '\0' ? p->needs : "every fact");
	if (p->has_gate || p->has_summarise)
		fact(l, E_TEXT, "has", "%s%s%s", p->has_gate ? "a gate of its own" : "",
		     p->has_gate && p->has_summarise ? ", " : "", p->has_summarise ? "a summary" : "");
}

static const struct eh_policy_mark *last_mark(const struct eh_policy_version *v)
{
	if (v->retired.at != 0)
		return &v->retired;
	return v->approved.at != 0 ? &v->approved : &v->proposed;
}

static void add_versions(struct lines *l, const struct policy_state *s)
{
	char at[EH_TIME_TEXT];

	title(l, "Versions of this name");
	for (size_t i = 0; i < s->n; i++) {
		const struct eh_policy_row *r = &s->all[i];
		const struct eh_policy_mark *m = last_mark(&r->stored);
		char act[80] = "";

		eh_format_time(at, m->at);
		if (m->at != 0)
			(void)snprintf(act, sizeof act, ", %.10s by %s", at, m->who.login);
		fact(l, E_TEXT, r->version[0] != '\0' ? r->version : "-", "%.12s  %s%s%s", r->hash,
		     eh_policy_state_text(r->state), act, strcmp(r->hash, s->row.hash) == 0 ? "  (this)" : "");
	}
}

static void add_text(struct lines *l, const char *text, size_t len)
{
	struct eh_diff_line *v = NULL;
	size_t changes, n = eh_diff_lines(&v, text, len, text, len, &changes);
	char head[16];

	title(l, "Text");
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(head, sizeof head, "%4zu", v[i].new_line);
		code(l, E_TEXT, head, v[i].text, v[i].len);
	}
	free(v);
}

static void policy_draw(struct view *v)
{
	struct policy_state *s = v->state;
	char left[EH_NAME_MAX + 64];

	if (s->width != COLS) {
		lines_free(&s->lines);
		add_state(&s->lines, &s->row);
		if (s->known)
			add_settings(&s->lines, &s->info);
		else
			fact(&s->lines, E_ALARM, "error", "%s", s->row.error);
		add_versions(&s->lines, s);
		add_text(&s->lines, s->text, s->len);
		s->width = COLS;
	}
	(void)snprintf(left, sizeof left, "Policy %s %s   %s", s->row.name, s->row.version,
		       eh_policy_state_text(s->row.state));
	draw_lines(v, &s->lines, &s->scroll, left, "");
}

static void policy_view_act(struct view *v, enum action a)
{
	struct policy_state *s = v->state;

	if (a == ACT_NEXT_SECTION)
		jump(&s->lines, &s->scroll, 1, v->scroll_max);
	else if (a == ACT_PREV_SECTION)
		jump(&s->lines, &s->scroll, -1, v->scroll_max);
	else
		(void)policy_act(v->screens, &s->row, a);
}

static bool policy_view_can(const struct view *v, enum action a)
{
	const struct policy_state *s = v->state;

	return a == ACT_NEXT_SECTION || a == ACT_PREV_SECTION ? v->scroll_max > 0 : policy_can(&s->row, a);
}

static void policy_close(struct view *v)
{
	struct policy_state *s = v->state;

	lines_free(&s->lines);
	eh_list_free(&s->all);
	free(s->text);
	free(s);
}

static const struct view_ops policy_ops = { V_POLICY, policy_load, policy_draw, policy_view_act, NULL, policy_view_can,
					    policy_close };

struct view *policy_view(struct screens *screens, const struct eh_policy_row *row)
{
	struct policy_state *s = eh_xcalloc(1, sizeof *s);
	struct view *v = view_new(&policy_ops, screens, s);

	s->row = *row;
	v->scroll = &s->scroll;
	return v;
}

/* ---- two versions ---- */

struct diff_state {
	struct eh_policy_row row;
	struct eh_policy_row *all;      /* [n] the others of its name */
	size_t n, at;                   /* at: compared with that one */
	char loosened[EH_LOOSENED_MAX + 1];
	struct eh_policy_source old, new;
	struct lines lines;
	bool same;
	int width, scroll;
};

/* The one that runs first, then as they are listed. */
static void take_others(struct diff_state *s, struct eh_policy_row *rows, size_t n)
{
	char hash[EH_DIGEST_HEX] = "";
	size_t kept = 0;

	if (s->at < s->n)
		memcpy(hash, s->all[s->at].hash, sizeof hash);
	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].name, s->row.name) == 0 && strcmp(rows[i].hash, s->row.hash) != 0)
			rows[kept++] = rows[i];
	eh_list_free(&s->all);
	s->all = rows;
	s->n = kept;
	s->at = 0;
	for (size_t i = 0; i < kept; i++)
		if (strcmp(rows[i].hash, hash) == 0)
			s->at = i;
}

static int read_both(struct view *v, struct eh_err *err)
{
	struct diff_state *s = v->state;
	struct eh_policy_info *a = eh_xcalloc(2, sizeof *a), *b = a + 1;
	int rc;

	eh_policy_source_free(&s->old);
	eh_policy_source_free(&s->new);
	s->loosened[0] = '\0';
	s->width = 0;
	rc = eh_desk_policy_source(v->screens->desk, s->row.spec, &s->new, err);
	if (rc == EH_OK)
		rc = eh_desk_policy_source(v->screens->desk, s->all[s->at].spec, &s->old, err);
	if (rc == EH_OK && eh_desk_policy_info(v->screens->desk, &s->old, a, NULL) == EH_OK &&
	    eh_desk_policy_info(v->screens->desk, &s->new, b, NULL) == EH_OK)
		eh_policy_loosened(s->loosened, a, b);
	free(a);
	return rc;
}

static int diff_load(struct view *v, struct eh_err *err)
{
	struct diff_state *s = v->state;
	struct eh_policy_row *rows = NULL;
	size_t n = 0;
	int rc = eh_desk_policy_rows(v->screens->desk, NULL, true, &rows, &n, err);

	if (rc != EH_OK) {
		eh_list_free(&rows);
		return rc;
	}
	take_others(s, rows, n);
	if (s->n == 0)
		return eh_err_set(err, EH_ENOENT, "there is no other version of %s to compare with", s->row.name);
	return read_both(v, err);
}

/* Only what changed and a few lines around it: a gap is told. */
static void diff_make(struct diff_state *s)
{
	struct eh_diff_line *d = NULL;
	size_t changes, n = eh_diff_lines(&d, s->old.text, s->old.len, s->new.text, s->new.len, &changes);
	size_t shown = 0;
	char head[16];

	lines_free(&s->lines);
	s->same = changes == 0;
	if (s->loosened[0] != '\0')
		fact(&s->lines, E_WATCH, "loosens", "%s", s->loosened);
	for (size_t i = 0; i < n && changes > 0; i++) {
		bool near = false;

		for (size_t k = i > DIFF_CONTEXT ? i - DIFF_CONTEXT : 0; k < n && k <= i + DIFF_CONTEXT; k++)
			near = near || d[k].kind != ' ';
		if (!near)
			continue;
		if (i > shown || (i > 0 && shown == 0))
			add(&s->lines, E_HEAD, eh_xasprintf("%*s...", NUMBER, ""));
		shown = i + 1;
		(void)snprintf(head, sizeof head, "%4zu%c", d[i].kind == '-' ? d[i].old_line : d[i].new_line,
			       d[i].kind);
		code(&s->lines, d[i].kind == '-' ? E_WATCH : d[i].kind == '+' ? E_TITLE : E_TEXT, head, d[i].text,
		     d[i].len);
	}
	free(d);
}

static void diff_draw(struct view *v)
{
	struct diff_state *s = v->state;
	const struct eh_policy_row *old = &s->all[s->at];
	char left[EH_NAME_MAX + 160];

	if (s->width != COLS)
		diff_make(s);
	s->width = COLS;
	(void)snprintf(left, sizeof left, "%s %s %.6s against %s %.6s (%s)", s->row.name, s->row.version, s->row.hash,
		       old->version, old->hash, eh_policy_state_text(old->state));
	draw_lines(v, &s->lines, &s->scroll, left, "the same text");
}

static void diff_act(struct view *v, enum action a)
{
	struct diff_state *s = v->state;
	struct eh_err err = EH_ERR_INIT;

	if (a != ACT_OTHER)
		return;
	s->at = (s->at + 1) % s->n;
	s->scroll = 0;
	if (read_both(v, &err) != EH_OK)
		screens_say(v->screens, "%s", err.msg);
}

static bool diff_can(const struct view *v, enum action a)
{
	const struct diff_state *s = v->state;

	return a != ACT_OTHER || s->n > 1;
}

static void diff_close(struct view *v)
{
	struct diff_state *s = v->state;

	lines_free(&s->lines);
	eh_list_free(&s->all);
	eh_policy_source_free(&s->old);
	eh_policy_source_free(&s->new);
	free(s);
}

static const struct view_ops diff_ops = { V_DIFF, diff_load, diff_draw, diff_act, NULL, diff_can, diff_close };

struct view *diff_view(struct screens *screens, const struct eh_policy_row *row)
{
	struct diff_state *s = eh_xcalloc(1, sizeof *s);
	struct view *v = view_new(&diff_ops, screens, s);

	s->row = *row;
	v->scroll = &s->scroll;
	return v;
}
