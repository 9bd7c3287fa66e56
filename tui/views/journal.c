/* The journal: who did what, when and why, newest first, with its verification. */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/text.h"
#include "parts/draw.h"
#include "views/view.h"

enum { C_SEQ, C_TIME, C_WHO, C_VERB, C_OBJECT, C_DETAIL, C_N_COLUMNS };

static const struct table_column columns[C_N_COLUMNS] = {
	{ "seq", 5, TABLE_RIGHT, 0, 0 }, { "time", 16, TABLE_LEFT, 54, 0 }, { "who", 8, TABLE_FIT, 72, 0 },
	{ "verb", 20, TABLE_FIT, 0, 0 }, { "object", 17, TABLE_FIT, 44, 0 }, { "detail", 0, TABLE_LEFT, 80, 0 },
};

struct state {
	struct table table;
	struct eh_journal_state verified;
	bool intact;
	char why[200];
	char *details;                  /* [n][EH_DETAIL_MAX + 1] */
};

static int load(struct view *v, struct eh_err *err)
{
	struct state *s = v->state;
	struct eh_journal_entry *list = NULL;
	struct eh_err bad = EH_ERR_INIT;
	size_t n = 0;
	int rc = eh_desk_journal(v->screens->desk, 0, &list, &n, err);

	if (rc != EH_OK) {
		eh_list_free(&list);
		return rc;
	}
	s->intact = eh_desk_journal_verify(v->screens->desk, &s->verified, &bad) == EH_OK;
	(void)snprintf(s->why, sizeof s->why, "%.199s", bad.msg);
	s->details = eh_xrealloc(s->details, n + 1, EH_DETAIL_MAX + 1);
	table_begin(&s->table);
	for (size_t i = n; i-- > 0;) {
		const struct eh_journal_entry *e = &list[i];
		struct table_row *r;
		char id[24], at[EH_TIME_TEXT];

		(void)snprintf(id, sizeof id, "%llu", (unsigned long long)e->seq);
		eh_format_time(at, e->time);
		r = table_add(&s->table, id);
		r->payload = n - 1 - i;
		memcpy(s->details + r->payload * (EH_DETAIL_MAX + 1), e->detail, sizeof e->detail);
		table_num(r, C_SEQ, eh_num((double)e->seq), 0);
		table_cell(r, C_TIME, "%.10s %.5s", at, at + 11);
		table_cell(r, C_WHO, "%s", e->actor.login);
		table_cell(r, C_VERB, "%s", e->verb);
		table_cell(r, C_OBJECT, "%.95s", e->object);
		table_cell(r, C_DETAIL, "%.90s", e->detail);
	}
	table_end(&s->table);
	eh_list_free(&list);
	return EH_OK;
}

static void draw(struct view *v)
{
	struct state *s = v->state;
	const struct table_row *sel = table_selected(&s->table);
	char left[160], right[160], head[EH_DIGEST_HEX];
	int detail = detail_lines(s->table.n, 8), broken = s->intact ? 0 : 2;

	eh_hex(head, s->verified.head, sizeof s->verified.head);
	if (s->intact)
		(void)snprintf(left, sizeof left, "Journal   intact, %llu entries, head %.12s",
			       (unsigned long long)s->verified.entries, head);
	else
		(void)snprintf(left, sizeof left, "Journal   %s BROKEN at entry %llu",
			       eh_verdict_symbol(EH_NOTIFY, term_ascii()),  (unsigned long long)s->verified.broken_at);
	rows_text(right, sizeof right, &s->table);
	draw_title(left, right);
	v->cursor_y = table_draw(&s->table, 2, LINES - 5 - detail - broken);
	v->cursor_x = 2;
	(void)draw_paragraph(LINES - 2 - detail - broken, 1, COLS - 2, broken, E_ALARM, s->why);
	if (sel == NULL)
		draw_empty(3, &s->table, "no entry");
	else
		(void)draw_paragraph(LINES - 2 - detail, 1, COLS - 2, detail, E_TEXT,
				     s->details + sel->payload * (EH_DETAIL_MAX + 1));
}

static void act(struct view *v, enum action a)
{
	if (a == ACT_EVALUATORS)
		view_open(evaluators_view(v->screens, NULL));
	else if (a == ACT_NOTIFICATIONS)
		view_open(notifications_view(v->screens));
}

static void close_view(struct view *v)
{
	struct state *s = v->state;

	table_free(&s->table);
	free(s->details);
	free(s);
}

static const struct view_ops ops = { V_JOURNAL, load, draw, act, NULL, NULL, close_view };

struct view *journal_view(struct screens *screens)
{
	struct state *s = eh_xcalloc(1, sizeof *s);
	struct view *v = view_new(&ops, screens, s);

	table_init(&s->table, columns, C_N_COLUMNS);
	v->table = &s->table;
	return v;
}
