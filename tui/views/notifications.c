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
	struct eh_notification *v;
	size_t n;
	bool screening;                 /* an estimate is among them */
};

static void fill(void *ctx, size_t i, struct table_row *r)
{
	const struct state *s = ctx;
	const struct eh_notification *n = &s->v[i];
	const struct subject about = subject_of(&n->finding);

	eh_notification_id(r->id, n->seq);
	r->element = n->state == EH_N_PENDING ? E_ALARM : E_TEXT;
	table_word(r, C_ID, r->id);
	table_word(r, C_STATE, eh_notification_state_text(n->state));
	table_word(r, C_WHO, n->systemic ? "(process)" : n->finding.evaluator);
	class_cell(r, C_WHAT, &about);
	if (words_by_members(n))
		table_cell(r, C_RATIO, "%u evaluator%s", n->n_members, words_s(n->n_members));
	else
		ratio_interval_cell(r, C_RATIO, &n->finding);
	table_p(r, C_Q, words_by_members(n) ? eh_undefined(EH_U_NOT_COMPUTED) : n->finding.q);
	table_num(r, C_DAYS, eh_num((double)((eh_now() - n->raised_at) / 86400)), 0);
}

static int load(struct view *v, struct eh_err *err)
{
	struct state *s = v->state;
	struct eh_notification *list = NULL;
	size_t count = 0;
	int rc = eh_desk_notifications(v->screens->desk, &list, &count, err);

	if (rc != EH_OK) {
		eh_list_free(&list);
		return rc;
	}
	eh_list_free(&s->v);
	s->v = list;
	s->n = count;
	s->screening = false;
	for (size_t i = 0; i < s->n; i++)
		s->screening = s->screening || is_screening(&s->v[i].finding);
	table_load(&s->table, s->n);
	return EH_OK;
}

static void draw(struct view *v)
{
	struct state *s = v->state;
	const struct table_row *sel = table_selected(&s->table);
	int detail = detail_lines(s->n, 8);
	size_t pending = 0;
	char left[80], right[160], reason[WORDS_REASON];

	for (size_t i = 0; i < s->n; i++)
		pending += s->v[i].state == EH_N_PENDING;
	(void)snprintf(left, sizeof left, "Notifications   %zu of %zu wait for an answer", pending, s->n);
	rows_text(right, sizeof right, &s->table);
	draw_title(left, right);
	if (s->screening)
		draw_screening_legend();
	v->cursor_y = table_draw(&s->table, 2, LINES - 5 - detail);
	v->cursor_x = 2;
	if (sel == NULL) {
		(void)draw_empty(3, &s->table,
				 "none: no audit has asked for an answer; after new decisions run: evenhand audit");
		return;
	}
	(void)draw_paragraph(LINES - 2 - detail, 1, COLS - 2, detail, E_TEXT,
			     words_reason(reason, &s->v[sel->payload]));
}

static void act(struct view *v, enum action a)
{
	struct state *s = v->state;
	const struct table_row *sel = table_selected(&s->table);
	const struct eh_notification *n = sel != NULL ? &s->v[sel->payload] : NULL;

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

	return a != ACT_RESPOND || (sel != NULL && s->v[sel->payload].state != EH_N_CLOSED);
}

static void close_view(struct view *v)
{
	struct state *s = v->state;

	eh_list_free(&s->v);
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
