/* All notifications, those addressed to the process first. */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "parts/draw.h"
#include "parts/words.h"
#include "views/view.h"

enum { C_ID, C_STATE, C_WHO, C_WHAT, C_RATIO, C_Q, C_DAYS, C_N_COLUMNS };

static const struct table_column columns[C_N_COLUMNS] = {
	{ "id", 5, TABLE_FIT, 0, 0 }, { "state", 9, TABLE_FIT, 0, 0 }, { "evaluator", 10, TABLE_FIT, 0, 0 },
	{ "class", 0, TABLE_LEFT, 0, 0 }, { "ratio [95 %]", 18, TABLE_NUMBERS, 58, 0 }, { "q", 7, TABLE_RIGHT, 66, 0 },
	{ "days", 5, TABLE_RIGHT, 74, 0 },
};

struct state {
	struct table table;
	struct eh_notification_lines lines;
	size_t pending;
	bool screening;                 /* an estimate is among them */
	int64_t now;                    /* of the last reading: an order by days stays as it is */
	struct eh_notification *selected;       /* whose reason is shown; NULL = none read */
};

static void fill(void *ctx, size_t i, struct table_row *r)
{
	static const struct notification_columns shared = { C_ID, C_WHO, C_WHAT, C_RATIO, C_Q };
	const struct state *s = ctx;
	const struct eh_notification_line *l = &s->lines.v[i];

	notification_row(r, &shared, l);
	r->element = l->state == EH_N_PENDING ? E_ALARM : E_TEXT;
	table_word(r, C_STATE, eh_notification_state_text(l->state));
	table_num(r, C_DAYS, eh_num((double)((s->now - l->raised_at) / 86400)), 0);
}

static int load(struct view *v, struct eh_err *err)
{
	struct state *s = v->state;
	struct eh_notification_lines lines;
	int rc = eh_desk_notification_lines(v->screens->desk, &lines, err);

	if (rc != EH_OK) {
		eh_notification_lines_free(&lines);
		return rc;
	}
	eh_notification_lines_free(&s->lines);
	s->lines = lines;
	s->now = eh_now();
	s->screening = false;
	s->pending = 0;
	for (size_t i = 0; i < lines.n; i++) {
		s->screening = s->screening || (lines.v[i].basis == EH_BASIS_SCREENING && lines.v[i].ratio.defined);
		s->pending += lines.v[i].state == EH_N_PENDING;
	}
	table_load(&s->table, lines.n);
	free(s->selected);                      /* it may be another now */
	s->selected = NULL;
	return EH_OK;
}

/* The whole notification of the selected row, read when the selection comes to it. */
static const struct eh_notification *whole(struct view *v)
{
	struct state *s = v->state;
	const struct table_row *sel = table_selected(&s->table);
	const uint64_t seq = sel != NULL ? s->lines.v[sel->payload].seq : 0;

	if (s->selected != NULL && s->selected->seq == seq)
		return s->selected;
	free(s->selected);
	s->selected = seq != 0 ? notification_read(v->screens, seq) : NULL;
	return s->selected;
}

static void draw(struct view *v)
{
	struct state *s = v->state;
	const struct eh_notification *n = whole(v);
	int detail = detail_lines(s->lines.n, 8);
	char left[80], right[160], reason[WORDS_REASON];

	(void)snprintf(left, sizeof left, "Notifications   %zu of %zu wait for an answer", s->pending, s->lines.n);
	rows_text(right, sizeof right, &s->table);
	draw_title(left, right);
	if (s->screening)
		draw_screening_legend();
	v->cursor_y = table_draw(&s->table, 2, LINES - 5 - detail);
	v->cursor_x = 2;
	if (table_selected(&s->table) == NULL) {
		(void)draw_empty(3, &s->table,
				 "none: no audit has asked for an answer; after new decisions run: evenhand audit");
		return;
	}
	if (n != NULL)
		(void)draw_paragraph(LINES - 2 - detail, 1, COLS - 2, detail, E_TEXT, words_reason(reason, n));
}

static void act(struct view *v, enum action a)
{
	const struct eh_notification *n = whole(v);

	if (a == ACT_EVALUATORS)
		view_open(evaluators_view(v->screens, n != NULL ? &n->finding : NULL));
	else if (n == NULL)
		return;
	else if (a == ACT_OPEN)
		view_open(notification_text_view(v->screens, n->seq));
	else if (a == ACT_RESPOND)
		view_open(respond_view(v->screens, n->seq));
	else if (a == ACT_METRICS)
		view_open(metrics_view(v->screens, &n->finding));
	else if (a == ACT_EXPLAIN)
		view_open(n->n_members > 0 ? notification_text_view(v->screens, n->seq)
					   : explain_view(v->screens, &n->finding));
}

static bool can(const struct view *v, enum action a)
{
	const struct state *s = v->state;
	const struct table_row *sel = table_selected(&s->table);

	return a != ACT_RESPOND || (sel != NULL && s->lines.v[sel->payload].state != EH_N_CLOSED);
}

static void close_view(struct view *v)
{
	struct state *s = v->state;

	eh_notification_lines_free(&s->lines);
	free(s->selected);
	table_free(&s->table);
	free(s);
}

static const struct view_ops ops = { V_NOTIFICATIONS, load, draw, act, NULL, can, close_view };

struct view *notifications_view(struct screens *screens)
{
	struct state *s = eh_xcalloc(1, sizeof *s);
	struct view *v = view_new(&ops, screens, s);

	table_init(&s->table, columns, C_N_COLUMNS, fill, s);
	v->table = &s->table;
	return v;
}
