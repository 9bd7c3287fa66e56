/* Other settings of a policy, and at once the notifications that would appear or vanish; nothing is stored. */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "parts/draw.h"
#include "views/view.h"

/* [columns] of the form: the settings, then what they make */
#define NAME_X 3
#define OWN_X 21
#define NOW_X 31
#define RESULT_X 41
#define TOP 2

enum field { F_LIMIT, F_MIN_GROUP, F_MIN_TOTAL, F_MIN_SHARE, F_ALPHA, F_FAMILY, F_LOOKS, N_FIELDS };

static const char *const names[N_FIELDS] = {
	"limit", "minimum, group", "minimum, in all", "smallest share", "alpha", "correction", "looks"
};

/* What Left and Right go through; a value of the policy that is none of them lies between two. */
static const struct { int32_t num, den; } limits[] = {
	{ 1, 4 }, { 1, 3 }, { 2, 5 }, { 1, 2 }, { 3, 5 }, { 2, 3 }, { 7, 10 }, { 3, 4 }, { 4, 5 }, { 17, 20 },
	{ 9, 10 }, { 19, 20 }, { 1, 1 }
};
static const double alphas[] = { 0.001, 0.005, 0.01, 0.02, 0.025, 0.05, 0.1, 0.2 };
static const uint32_t shares[] = { 0, 50, 100, 200, 300, 500, 1000 };
static const char *const families[] = { "none", "bh", "holm", "by" };

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

enum { C_HOW, C_WHO, C_WHAT, C_BEFORE, C_AFTER, C_N_COLUMNS };

static const struct table_column columns[C_N_COLUMNS] = {
	{ "", 10, TABLE_LEFT, 0, 0 }, { "evaluator", 12, TABLE_FIT, 0, 0 }, { "class", 0, TABLE_LEFT, 0, 0 },
	{ "before", 17, TABLE_FIT, 0, 0 }, { "then", 17, TABLE_FIT, 0, 0 },
};

struct state {
	struct eh_policy_row row;
	struct eh_open_audit *audit;
	size_t *order;                  /* [change.n] indices into change.v, in the order of the rows */
	struct eh_audit_settings own, now;      /* the policy's, and those that are tried */
	/* what is compared with: the last stored run of this text, or without one its own settings now */
	struct eh_standpoints base;
	struct eh_audit_head head;
	bool stored;
	struct eh_standpoints tried;
	struct eh_what_if change;
	struct table table;
	enum field field;
};

/* ---- trying ---- */

enum how { APPEARS, VANISHES, CHANGES, N_HOWS };

static enum how how_of(const struct eh_what_if_line *l)
{
	bool was = l->before != NULL && l->before->raises, is = l->after != NULL && l->after->raises;

	return is && !was ? APPEARS : was && !is ? VANISHES : CHANGES;
}

static const char *said(const struct eh_standpoint *p, char *out, size_t size)
{
	return p != NULL ? verdict_words(p->verdict, out, size) : "-";
}

static void fill(void *ctx, size_t i, struct table_row *r)
{
	static const struct { const char *word; enum element element; } hows[N_HOWS] = {
		{ "+ appears", E_ALARM }, { "- vanishes", E_WATCH }, { "  changes", E_TEXT }
	};
	const struct state *s = ctx;
	const struct eh_what_if_line *line = &s->change.v[s->order[i]];
	const struct eh_standpoint *any = line->after != NULL ? line->after : line->before;
	const struct subject about = { any->attribute, any->group, any->position, "", "" };
	enum how how = how_of(line);
	char word[32];

	(void)snprintf(r->id, sizeof r->id, "%s %s %s", any->evaluator, any->attribute, any->group);
	r->payload = s->order[i];
	r->element = hows[how].element;
	table_word(r, C_HOW, hows[how].word);
	table_cell(r, C_WHO, "%s", any->evaluator[0] != '\0' ? any->evaluator : "(all)");
	class_cell(r, C_WHAT, &about);
	table_cell(r, C_BEFORE, "%s", said(line->before, word, sizeof word));
	table_cell(r, C_AFTER, "%s", said(line->after, word, sizeof word));
}

/* Notifications first: they are what is asked for. */
static void show_change(struct state *s)
{
	size_t n = 0;

	s->order = eh_xrealloc(s->order, s->change.n + 1, sizeof *s->order);
	for (int how = 0; how < N_HOWS; how++)
		for (size_t i = 0; i < s->change.n; i++)
			if (how_of(&s->change.v[i]) == (enum how)how)
				s->order[n++] = i;
	table_load(&s->table, n);
}

static int compare(struct state *s, struct eh_err *err)
{
	int rc;

	eh_what_if_free(&s->change);
	eh_standpoints_free(&s->tried);
	rc = eh_desk_standpoints(eh_desk_audit_result(s->audit), &s->tried, err);
	if (rc == EH_OK)
		rc = eh_desk_what_if(&s->base, &s->tried, &s->change, err);
	show_change(s);
	return rc;
}

static int try_settings(struct state *s, struct eh_err *err)
{
	struct eh_audit_overrides o = EH_AUDIT_OVERRIDES_INIT;
	int rc;

	o.limit_num = s->now.limit_num;
	o.limit_den = s->now.limit_den;
	o.min_group = s->now.min_group;
	o.min_total = s->now.min_total;
	o.min_share = (int32_t)s->now.min_share;
	o.alpha = s->now.alpha;
	memcpy(o.family, s->now.family, sizeof o.family);
	(void)snprintf(o.looks, sizeof o.looks, "%s", s->now.anytime ? "anytime" : "once");
	rc = eh_desk_audit_settings(s->audit, &o, NULL, err);
	return rc == EH_OK ? compare(s, err) : rc;
}

/* The last stored run of this text. */
static int read_run(struct view *v, struct eh_err *err)
{
	struct state *s = v->state;
	struct eh_audit_result *r;
	struct eh_finding *f = NULL;
	size_t n = 0;
	int rc = eh_desk_findings(v->screens->desk, s->row.run.seq, &s->head, &f, &n, err);

	r = eh_xcalloc(1, sizeof *r);
	r->findings.v = f;
	r->findings.n = n;
	if (rc == EH_OK)
		rc = eh_desk_standpoints(r, &s->base, err);
	free(r);
	eh_list_free(&f);
	return rc;
}

static int open_audit(struct view *v, struct eh_err *err)
{
	struct state *s = v->state;
	int rc = eh_desk_audit_open(&s->audit, v->screens->desk, s->row.spec, NULL, NULL, err);
	const struct eh_audit_result *r;

	if (rc != EH_OK)
		return rc;
	r = eh_desk_audit_result(s->audit);
	if (r->policy_status != EH_OK)
		return eh_err_set(err, EH_EPOLICY, "%s", r->policy_message);
	s->own = s->now = r->policy.settings;
	s->stored = s->row.has_run;
	s->head = r->head;
	return s->stored ? read_run(v, err) : eh_desk_standpoints(r, &s->base, err);
}

static int load(struct view *v, struct eh_err *err)
{
	struct state *s = v->state;
	int rc = s->audit == NULL ? open_audit(v, err) : eh_desk_audit_refresh(s->audit, NULL, NULL, err);

	return rc == EH_OK ? compare(s, err) : rc;
}

/* ---- the settings ---- */

/* Place of the next value above or below v in a rising list; the last one in that direction stays. */
static size_t step(const double *list, size_t n, double v, int by)
{
	size_t i;

	if (by > 0) {
		for (i = 0; i + 1 < n && list[i] <= v * (1 + 1e-12); i++)
			;
		return i;
	}
	for (i = n - 1; i > 0 && list[i] >= v * (1 - 1e-12); i--)
		;
	return i;
}

static uint32_t step_persons(uint32_t v, int by)
{
	uint32_t size = v < 20 || (v == 20 && by < 0) ? 1 : v < 50 || (v == 50 && by < 0) ? 5 : 10;

	if (by < 0)
		return v > size ? v - size : 1;
	return v + size <= 1000000 ? v + size : v;
}

static void step_limit(struct state *s, int by)
{
	double list[COUNT(limits)];
	size_t i;

	for (i = 0; i < COUNT(limits); i++)
		list[i] = (double)limits[i].num / limits[i].den;
	i = step(list, COUNT(limits), (double)s->now.limit_num / s->now.limit_den, by);
	s->now.limit_num = limits[i].num;
	s->now.limit_den = limits[i].den;
}

static void step_share(struct state *s, int by)
{
	double list[COUNT(shares)];

	for (size_t i = 0; i < COUNT(shares); i++)
		list[i] = shares[i];
	s->now.min_share = shares[step(list, COUNT(shares), s->now.min_share, by)];
}

static void step_family(struct state *s, int by)
{
	size_t i = 0;

	while (i + 1 < COUNT(families) && strcmp(families[i], s->now.family) != 0)
		i++;
	if (by > 0 ? i + 1 < COUNT(families) : i > 0)
		i += by > 0 ? 1 : (size_t)-1;
	(void)snprintf(s->now.family, sizeof s->now.family, "%s", families[i]);
}

static void change(struct view *v, int by)
{
	struct state *s = v->state;
	struct eh_audit_settings before = s->now;
	struct eh_err err = EH_ERR_INIT;

	switch (s->field) {
	case F_LIMIT: step_limit(s, by); break;
	case F_MIN_GROUP: s->now.min_group = step_persons(s->now.min_group, by); break;
	case F_MIN_TOTAL: s->now.min_total = step_persons(s->now.min_total, by); break;
	case F_MIN_SHARE: step_share(s, by); break;
	case F_ALPHA: s->now.alpha = alphas[step(alphas, COUNT(alphas), s->now.alpha, by)]; break;
	case F_FAMILY: step_family(s, by); break;
	default: s->now.anytime = !s->now.anytime; break;
	}
	if (try_settings(s, &err) != EH_OK) {
		s->now = before;
		screens_say(v->screens, "%s", err.msg);
	}
}

static const char *value(char out[24], enum field f, const struct eh_audit_settings *s)
{
	switch (f) {
	case F_LIMIT: (void)snprintf(out, 24, "%d/%d", s->limit_num, s->limit_den); break;
	case F_MIN_GROUP: (void)snprintf(out, 24, "%u", s->min_group); break;
	case F_MIN_TOTAL: (void)snprintf(out, 24, "%u", s->min_total); break;
	case F_MIN_SHARE: (void)snprintf(out, 24, "%.2f %%", s->min_share / 100.0); break;
	case F_ALPHA: (void)snprintf(out, 24, "%g", s->alpha); break;
	case F_FAMILY: (void)snprintf(out, 24, "%.8s", s->family); break;
	default: (void)snprintf(out, 24, "%s", s->anytime ? "anytime" : "once"); break;
	}
	return out;
}

/* ---- drawing ---- */

static void draw_field(struct view *v, int y, enum field f)
{
	struct state *s = v->state;
	char own[24], now[24];
	bool at = s->field == f, changed = strcmp(value(own, f, &s->own), value(now, f, &s->now)) != 0;

	draw_text(y, 1, 2, false, at ? E_SELECTED : E_TEXT, at ? term_symbol(S_POINTER) : "");
	draw_text(y, NAME_X, OWN_X - NAME_X, false, at ? E_SELECTED : E_HEAD, names[f]);
	draw_text(y, OWN_X, NOW_X - OWN_X - 4, true, E_TEXT, own);
	draw_text(y, NOW_X - 3, 3, false, E_TEXT, changed ? "->" : "");
	draw_text(y, NOW_X, RESULT_X - NOW_X - 1, false, changed ? E_WATCH : E_TEXT, changed ? now : "");
	if (at) {
		v->cursor_y = y;
		v->cursor_x = 1;
	}
}

static void draw_result(int y, const char *name, uint32_t before, uint32_t after)
{
	draw_text(y, RESULT_X, 9, false, E_HEAD, name);
	draw_textf(y, RESULT_X + 9, COLS - RESULT_X - 10, before != after ? E_WATCH : E_TEXT,
		   before != after ? "%u -> %u" : "%u", before, after);
}

static void draw(struct view *v)
{
	struct state *s = v->state;
	const struct eh_audit_head *a = &s->head, *b = &eh_desk_audit_result(s->audit)->head;
	char left[EH_NAME_MAX + 64];
	int y = TOP;

	(void)snprintf(left, sizeof left, "What if   %s %s", s->row.name, s->row.version);
	draw_title(left, "nothing is stored");
	for (int f = 0; f < N_FIELDS && y + f < LINES - 3; f++)
		draw_field(v, y + f, (enum field)f);
	draw_result(y, "notify", a->notify, b->notify);
	draw_result(y + 1, "watch", a->watch, b->watch);
	draw_result(y + 2, "too few", a->too_few, b->too_few);
	draw_result(y + 3, "ok", a->ok, b->ok);
	draw_result(y + 4, "other", a->other, b->other);
	if (s->stored)
		draw_textf(y + 5, RESULT_X, COLS - RESULT_X - 1, E_TEXT, "against run %llu",
			   (unsigned long long)a->seq);
	else
		draw_text(y + 5, RESULT_X, COLS - RESULT_X - 1, false, E_TEXT, "against itself");
	draw_textf(y + 6, RESULT_X, COLS - RESULT_X - 1, E_TEXT, "+%u new, -%u gone", s->change.appear,
		   s->change.vanish);
	y += N_FIELDS;
	draw_rule(y);
	if (s->change.n == 0)
		(void)draw_paragraph(y + 1, 1, COLS - 2, 2, E_TEXT,
				     "no notification appears or vanishes, and no verdict changes");
	else
		(void)table_draw(&s->table, y + 1, LINES - 3 - y);
}

/* ---- keys ---- */

static void act(struct view *v, enum action a)
{
	struct state *s = v->state;
	struct eh_err err = EH_ERR_INIT;

	switch (a) {
	case ACT_NEXT_FIELD: s->field = (enum field)(((int)s->field + 1) % N_FIELDS); break;
	case ACT_PREV_FIELD: s->field = (enum field)(((int)s->field + N_FIELDS - 1) % N_FIELDS); break;
	case ACT_MORE: change(v, 1); break;
	case ACT_LESS: change(v, -1); break;
	case ACT_RESET:
		s->now = s->own;
		if (try_settings(s, &err) != EH_OK)
			screens_say(v->screens, "%s", err.msg);
		break;
	default: break;
	}
}

static void close_view(struct view *v)
{
	struct state *s = v->state;

	eh_what_if_free(&s->change);
	free(s->order);
	eh_standpoints_free(&s->tried);
	eh_standpoints_free(&s->base);
	eh_desk_audit_close(&s->audit);
	table_free(&s->table);
	free(s);
}

static const struct view_ops ops = { V_WHATIF, load, draw, act, NULL, NULL, close_view };

struct view *whatif_view(struct screens *screens, const struct eh_policy_row *row)
{
	struct state *s = eh_xcalloc(1, sizeof *s);
	struct view *v = view_new(&ops, screens, s);

	s->row = *row;
	table_init(&s->table, columns, C_N_COLUMNS, fill, s);
	v->table = &s->table;
	return v;
}
