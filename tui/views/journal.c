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

#define SHOWN_MAX 5000                  /* [entries], the last ones: a screen reads them anew with every commit */

struct state {
	struct table table;
	struct eh_journal_state verified;
	bool intact;
	char why[200];
	struct eh_journal_entry *v;     /* oldest first */
	size_t n;
};

static void fill(void *ctx, size_t i, struct table_row *r)
{
	const struct state *s = ctx;
	const struct eh_journal_entry *e = &s->v[s->n - 1 - i];
	char at[EH_TIME_TEXT];

	(void)snprintf(r->id, sizeof r->id, "%llu", (unsigned long long)e->seq);
	r->payload = s->n - 1 - i;
	table_num(r, C_SEQ, eh_num((double)e->seq), 0);
	if (table_wants(r, C_TIME)) {
		eh_format_time(at, e->time);
		table_cell(r, C_TIME, "%.10s %.5s", at, at + 11);
	}
	table_word(r, C_WHO, e->actor.login);
	table_word(r, C_VERB, e->verb);
	table_word(r, C_OBJECT, e->object);
	table_word(r, C_DETAIL, e->detail);
}

static int load(struct view *v, struct eh_err *err)
{
	struct state *s = v->state;
	struct eh_journal_entry *list = NULL;
	struct eh_journal_state verified;
	struct eh_err bad = EH_ERR_INIT;
	uint64_t from = 0;
	size_t n = 0;
	bool intact;
	int rc;

	memset(&verified, 0, sizeof verified);
	intact = eh_desk_journal_verify(v->screens->desk, &verified, &bad) == EH_OK;
	if (intact && verified.entries > SHOWN_MAX)
		from = verified.entries - SHOWN_MAX + 1;
	rc = eh_desk_journal(v->screens->desk, from, &list, &n, err);
	if (rc != EH_OK) {
		eh_list_free(&list);
		return rc;
	}
	eh_list_free(&s->v);
	s->v = list;
	s->n = n;
	s->intact = intact;
	s->verified = verified;
	(void)snprintf(s->why, sizeof s->why, "%.199s", bad.msg);
	table_load(&s->table, n);
	return EH_OK;
}

static void draw(struct view *v)
{
	struct state *s = v->state;
	const struct table_row *sel = table_selected(&s->table);
	char left[160], right[160], head[EH_DIGEST_HEX], last[32] = "";
	int detail = detail_lines(s->table.n, 8), broken = s->intact ? 0 : 2;

	eh_hex(head, s->verified.head, sizeof s->verified.head);
	if (s->verified.entries > SHOWN_MAX)
		(void)snprintf(last, sizeof last, " (here the last %d)", SHOWN_MAX);
	if (s->intact)
		(void)snprintf(left, sizeof left, "Journal   intact, %llu entr%s%s, head %.12s",
			       (unsigned long long)s->verified.entries, s->verified.entries == 1 ? "y" : "ies", last,
			       head);
	else
		(void)snprintf(left, sizeof left, "Journal   %s BROKEN at entry %llu",
			       eh_verdict_symbol(EH_NOTIFY, term_ascii()), (unsigned long long)s->verified.broken_at);
	rows_text(right, sizeof right, &s->table);
	draw_title(left, right);
	v->cursor_y = table_draw(&s->table, 2, LINES - 5 - detail - broken);
	v->cursor_x = 2;
	(void)draw_paragraph(LINES - 2 - detail - broken, 1, COLS - 2, broken, E_ALARM, s->why);
	if (sel == NULL)
		(void)draw_empty(3, &s->table, "no entry");
	else
		(void)draw_paragraph(LINES - 2 - detail, 1, COLS - 2, detail, E_TEXT, s->v[sel->payload].detail);
}

static char *entry_text(const struct eh_journal_entry *e)
{
	char at[EH_TIME_TEXT], previous[EH_DIGEST_HEX], hash[EH_DIGEST_HEX];

	eh_format_time(at, e->time);
	eh_hex(previous, e->previous, sizeof e->previous);
	eh_hex(hash, e->hash, sizeof e->hash);
	return eh_xasprintf("Time        %s\nWho         %s\nVerb        %s\nObject      %s\nDetail      %s\n\n"
			    "Hash        %s\nPrevious    %s\n", at, e->actor.login, e->verb, e->object, e->detail,
			    hash, previous);
}

static void act(struct view *v, enum action a)
{
	struct state *s = v->state;
	const struct table_row *sel = table_selected(&s->table);
	char title[TABLE_ID_MAX + 16];

	if (a == ACT_OPEN && sel != NULL) {
		(void)snprintf(title, sizeof title, "Journal entry %s", sel->id);
		view_open(text_view(v->screens, title, entry_text(&s->v[sel->payload])));
	} else if (a == ACT_EVALUATORS) {
		view_open(evaluators_view(v->screens, NULL));
	} else if (a == ACT_NOTIFICATIONS) {
		view_open(notifications_view(v->screens));
	} else if (a == ACT_CANDIDATES) {
		view_open(candidates_view(v->screens));
	}
}

static void close_view(struct view *v)
{
	struct state *s = v->state;

	eh_list_free(&s->v);
	table_free(&s->table);
	free(s);
}

static const struct view_ops ops = { V_JOURNAL, load, draw, act, NULL, NULL, close_view };

struct view *journal_view(struct screens *screens)
{
	struct state *s = eh_xcalloc(1, sizeof *s);
	struct view *v = view_new(&ops, screens, s);

	table_init(&s->table, columns, C_N_COLUMNS, fill, s);
	v->table = &s->table;
	return v;
}
