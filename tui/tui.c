/* The loop of the screens: draw, wait for a key or for somebody's commit, act; with filter line, palette and help. */
#define NCURSES_WIDECHAR 1
#include "tui.h"

#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parts/draw.h"
#include "parts/line.h"
#include "views/overlay.h"
#include "views/view.h"

#define MIN_COLS 40
#define MIN_LINES 10

enum mode { MODE_NORMAL, MODE_FILTER, MODE_PALETTE, MODE_HELP };

struct loop {
	struct screens screens;
	enum mode mode;
	struct line line;               /* filter text, palette text */
	char old_filter[64], old_selected[TABLE_ID_MAX];
	size_t chosen;                  /* palette row */
	int help_scroll;
	uint64_t version;
	bool stale;
};

static struct view *top(struct loop *l)
{
	return l->screens.stack[l->screens.depth - 1];
}

/* ---- drawing ---- */

/* On the rule above the footer, upwards when it is long. */
static void draw_message(const char *text)
{
	char *lines[4];
	int n = (int)draw_wrap(text, COLS - 2, lines, LINES >= 16 ? 4 : 2);

	for (int i = 0; i < n; i++) {
		draw_text(LINES - 1 - n + i, 0, COLS, false, E_MESSAGE, "");
		draw_text(LINES - 1 - n + i, 1, COLS - 2, false, E_MESSAGE, lines[i]);
		free(lines[i]);
	}
}

static bool too_small(void)
{
	return COLS < MIN_COLS || LINES < MIN_LINES;
}

static void draw_all(struct loop *l)
{
	struct view *v = top(l);

	(void)erase();
	if (too_small()) {
		draw_textf(0, 0, COLS, E_TEXT, "needs %dx%d, has %dx%d", MIN_COLS, MIN_LINES, COLS, LINES);
		(void)move(0, 0);
		(void)refresh();
		return;
	}
	if (l->mode == MODE_PALETTE) {
		l->chosen = palette_draw(v, &l->line, l->chosen);
	} else if (l->mode == MODE_HELP) {
		help_draw(v, &l->help_scroll);
	} else {
		v->cursor_y = -1;
		v->ops->draw(v);
		draw_rule(LINES - 2);
		if (l->screens.message[0] != '\0')
			draw_message(l->screens.message);
		if (l->mode == MODE_FILTER) {
			draw_text(LINES - 1, 0, COLS, false, E_FOOTER, "/");
			(void)move(LINES - 1, line_draw(&l->line, LINES - 1, 1, COLS - 2, true));
		} else {
			footer_draw(v);
			/* screen readers and braille displays follow the hardware cursor */
			(void)move(v->cursor_y >= 0 ? v->cursor_y : LINES - 1, v->cursor_y >= 0 ? v->cursor_x : 0);
		}
	}
	(void)refresh();
}

/* ---- acting ---- */

static void scroll_text(struct view *v, long by)
{
	long at = *v->scroll + by;

	*v->scroll = at < 0 ? 0 : at > v->scroll_max ? v->scroll_max : (int)at;
}

static bool movement(struct view *v, enum action a)
{
	long page = v->table != NULL ? (v->table->height > 1 ? v->table->height - 1 : 1) : LINES - 5;
	long by;

	switch (a) {
	case ACT_DOWN: by = 1; break;
	case ACT_UP: by = -1; break;
	case ACT_PAGE_DOWN: by = page; break;
	case ACT_PAGE_UP: by = -page; break;
	case ACT_FIRST: by = -1000000000; break;
	case ACT_LAST: by = 1000000000; break;
	default: return false;
	}
	if (v->table != NULL)
		table_move(v->table, by);
	else if (v->scroll != NULL)
		scroll_text(v, by);
	return true;
}

static void begin_filter(struct loop *l)
{
	struct table *t = top(l)->table;

	if (t == NULL)
		return;
	(void)snprintf(l->old_filter, sizeof l->old_filter, "%s", t->filter);
	(void)snprintf(l->old_selected, sizeof l->old_selected, "%s", t->selected);
	/* a new text, not the old one's continuation; with an empty line the table is whole */
	line_init(&l->line, sizeof t->filter - 1, "");
	table_filter(t, "");
	l->mode = MODE_FILTER;
}

static void act(struct loop *l, enum action a)
{
	struct view *v = top(l);

	if (movement(v, a))
		return;
	switch (a) {
	case ACT_FILTER: begin_filter(l); break;
	case ACT_SORT: table_sort_next(v->table); break;
	case ACT_REVERSE: table_reverse(v->table); break;
	case ACT_PALETTE:
		line_init(&l->line, 60, "");
		l->chosen = 0;
		l->mode = MODE_PALETTE;
		break;
	case ACT_HELP: case ACT_FORM_HELP:
		l->help_scroll = 0;
		l->mode = MODE_HELP;
		break;
	case ACT_REDRAW: (void)redrawwin(stdscr); break;
	case ACT_BACK: case ACT_LEAVE: view_back(&l->screens); break;
	default: v->ops->act(v, a); break;
	}
}

static void filter_key(struct loop *l, int key, bool is_key)
{
	struct table *t = top(l)->table;

	if (!is_key && key == ESCAPE) {        /* as it was before */
		table_filter(t, l->old_filter);
		table_select(t, l->old_selected);
		l->mode = MODE_NORMAL;
	} else if (!is_key && (key == '\r' || key == '\n')) {
		table_move(t, 0);
		l->mode = MODE_NORMAL;
	} else if (is_key && (key == KEY_DOWN || key == KEY_UP)) {
		table_move(t, key == KEY_DOWN ? 1 : -1);
	} else if (line_key(&l->line, key, is_key)) {
		table_filter(t, l->line.text);
	}
}

static void palette_key(struct loop *l, int key, bool is_key)
{
	const struct action_info *rows[ACT_COUNT];
	size_t n = palette_rows(top(l), l->line.text, rows);

	if (!is_key && key == ESCAPE) {
		l->mode = MODE_NORMAL;
	} else if (!is_key && (key == '\r' || key == '\n')) {
		l->mode = MODE_NORMAL;
		if (l->chosen < n)
			act(l, rows[l->chosen]->id);
	} else if (is_key && key == KEY_DOWN) {
		l->chosen += l->chosen + 1 < n;
	} else if (is_key && key == KEY_UP) {
		l->chosen -= l->chosen > 0;
	} else if (line_key(&l->line, key, is_key)) {
		l->chosen = 0;
	}
}

/* Help moves as a text does; help_draw clamps. */
static void help_key(struct loop *l, int key, bool is_key)
{
	int page = LINES - 5;

	switch (keys_action(V_TEXT, key, is_key)) {
	case ACT_DOWN: l->help_scroll++; break;
	case ACT_UP: l->help_scroll--; break;
	case ACT_PAGE_DOWN: l->help_scroll += page; break;
	case ACT_PAGE_UP: l->help_scroll -= page; break;
	case ACT_FIRST: l->help_scroll = 0; break;
	case ACT_LAST: l->help_scroll = HELP_LAST; break;
	default: l->mode = MODE_NORMAL; break;
	}
}

static void key_pressed(struct loop *l, int key, bool is_key)
{
	struct view *v = top(l);
	enum action a;

	if (is_key && key == KEY_RESIZE)
		return;                         /* drawn anew in any mode */
	if (!is_key && key == CTRL('c')) {      /* Ctrl-C: raw mode gives it as a key */
		l->screens.leave = true;
		return;
	}
	if (too_small())                        /* nobody acts on what cannot be seen */
		return;
	if (l->mode == MODE_FILTER) {
		filter_key(l, key, is_key);
	} else if (l->mode == MODE_PALETTE) {
		palette_key(l, key, is_key);
	} else if (l->mode == MODE_HELP) {
		help_key(l, key, is_key);
	} else {
		l->screens.message[0] = '\0';
		a = keys_action(v->ops->kind, key, is_key);
		if (a == ACT_NONE && !is_key && key == ESCAPE && v->table != NULL && v->table->filter[0] != '\0')
			table_filter(v->table, "");
		else if (v->ops->key != NULL && (a == ACT_NONE || (!is_key && key >= 32)) &&
			 v->ops->key(v, key, is_key))
			;
		else if (a != ACT_NONE)
			act(l, a);
	}
}

static void mouse_pressed(struct loop *l)
{
	struct table *t = top(l)->table;
	MEVENT e;

	if (getmouse(&e) != OK || t == NULL || l->mode != MODE_NORMAL || too_small() || !table_pick(t, e.y))
		return;
	if ((e.bstate & BUTTON1_DOUBLE_CLICKED) != 0)
		act(l, ACT_OPEN);
}

/* Somebody committed: every screen of the stack reads anew, the one on top at once. */
static void reload(struct loop *l)
{
	uint64_t now = eh_desk_version(l->screens.desk);
	struct eh_err err = EH_ERR_INIT;

	if (now == l->version)
		return;
	l->version = now;
	for (int i = 0; i < l->screens.depth; i++)
		if (l->screens.stack[i]->ops->load(l->screens.stack[i], &err) != EH_OK)
			screens_say(&l->screens, "%s", err.msg);
	l->stale = true;
}

static void run_loop(struct loop *l)
{
	l->stale = true;
	while (!l->screens.leave && !term_ended()) {
		wint_t key;
		int rc;

		reload(l);
		if (l->stale)
			draw_all(l);
		l->stale = false;
		rc = get_wch(&key);
		if (rc == ERR)
			continue;               /* nothing came within the time-out */
		l->stale = true;
		if (rc == KEY_CODE_YES && key == KEY_MOUSE)
			mouse_pressed(l);
		else
			key_pressed(l, (int)key, rc == KEY_CODE_YES);
	}
}

int tui_run(struct eh_desk *desk, const struct tui_options *o, struct eh_err *err)
{
	struct loop *l = calloc(1, sizeof *l);
	struct view *first;
	int rc;

	if (l == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory");
	l->screens.desk = desk;
	term_charset(o);
	first = desk_view(&l->screens);
	l->version = eh_desk_version(desk);     /* before the first reading: a commit in between is noticed */
	rc = first->ops->load(first, err);
	l->screens.stack[l->screens.depth++] = first;
	if (rc == EH_OK)
		rc = term_open(o, err);
	if (rc == EH_OK) {
		run_loop(l);
		term_close();
	}
	while (l->screens.depth > 1)
		view_back(&l->screens);
	draft_free(&l->screens.draft);
	first->ops->close(first);
	free(first);
	free(l);
	return rc;
}
