/* The loop of the screens: draw, wait for a key or for somebody's commit, act; with filter line, palette and help. */
#define NCURSES_WIDECHAR 1
#include "tui.h"

#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "parts/draw.h"
#include "parts/line.h"
#include "views/view.h"

#define MIN_COLS 40
#define MIN_LINES 10

enum mode { MODE_NORMAL, MODE_FILTER, MODE_PALETTE, MODE_HELP };

struct loop {
	struct screens screens;
	enum mode mode;
	struct line line;               /* filter text, palette text */
	char old_filter[64];
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

static void draw_footer(struct loop *l)
{
	const struct action_info *rows[ACT_COUNT];
	size_t n = keys_of(top(l)->ops->kind, rows, ACT_COUNT);
	int x = 1, y = LINES - 1;

	draw_text(y, 0, COLS, false, E_FOOTER, "");
	for (size_t i = 0; i < n; i++) {
		int key = draw_width(rows[i]->name), word = draw_width(rows[i]->footer);

		if (rows[i]->footer[0] == '\0' || x + key + 1 + word > COLS - 1)
			continue;
		draw_text(y, x, key, false, E_KEY, rows[i]->name);
		draw_text(y, x + key + 1, word, false, E_FOOTER, rows[i]->footer);
		x += key + word + 3;
	}
}

/* Rows of the palette that hold every word typed. */
static size_t palette_rows(struct loop *l, const struct action_info **out)
{
	const struct action_info *rows[ACT_COUNT];
	size_t n = keys_of(top(l)->ops->kind, rows, ACT_COUNT), kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (rows[i]->id == ACT_PALETTE)
			continue;
		if (l->line.len == 0 || strcasestr(rows[i]->help, l->line.text) != NULL || strcasestr(rows[i]->footer, l->line.text) != NULL)
			out[kept++] = rows[i];
	}
	return kept;
}

static void draw_palette(struct loop *l)
{
	const struct action_info *rows[ACT_COUNT];
	size_t n = palette_rows(l, rows);
	int height = LINES - 4;

	draw_title("Do what?", "type words, Enter does it, Esc leaves");
	if (l->chosen >= n)
		l->chosen = n > 0 ? n - 1 : 0;
	for (size_t i = 0; i < n && (int)i < height; i++) {
		enum element e = i == l->chosen ? E_SELECTED : E_TEXT;

		draw_text(2 + (int)i, 0, COLS, false, e, "");
		draw_text(2 + (int)i, 2, 10, false, e, rows[i]->name);
		draw_text(2 + (int)i, 13, COLS - 14, false, e, rows[i]->help);
	}
	draw_rule(LINES - 2);
	draw_text(LINES - 1, 0, COLS, false, E_FOOTER, ":");
	(void)move(LINES - 1, line_draw(&l->line, LINES - 1, 2, COLS - 4, true));
}

static void draw_help(struct loop *l)
{
	const struct action_info *rows[ACT_COUNT];
	int n = (int)keys_of(top(l)->ops->kind, rows, ACT_COUNT), height = LINES - 4;

	if (l->help_scroll > n - height)
		l->help_scroll = n > height ? n - height : 0;
	draw_title("Keys of this screen", "any other key leaves");
	for (int i = 0; i < height && i + l->help_scroll < n; i++) {
		draw_text(2 + i, 2, 10, false, E_KEY, rows[i + l->help_scroll]->name);
		draw_text(2 + i, 13, COLS - 14, false, E_TEXT, rows[i + l->help_scroll]->help);
	}
	draw_rule(LINES - 2);
	draw_text(LINES - 1, 1, COLS - 2, false, E_FOOTER, "j k scroll   States: !! notify  ! watch  ? too few  . ok  x not allowed  ~ cannot conclude  # policy error");
	(void)move(2, 2);
}

static void draw_all(struct loop *l)
{
	struct view *v = top(l);

	(void)erase();
	if (COLS < MIN_COLS || LINES < MIN_LINES) {
		draw_textf(0, 0, COLS, E_TEXT, "needs %dx%d, has %dx%d", MIN_COLS, MIN_LINES, COLS, LINES);
		(void)refresh();
		return;
	}
	if (l->mode == MODE_PALETTE) {
		draw_palette(l);
	} else if (l->mode == MODE_HELP) {
		draw_help(l);
	} else {
		v->cursor_y = -1;
		v->ops->draw(v);
		draw_rule(LINES - 2);
		if (l->screens.message[0] != '\0')
			draw_text(LINES - 2, 0, COLS, false, E_MESSAGE, l->screens.message);
		if (l->mode == MODE_FILTER) {
			draw_text(LINES - 1, 0, COLS, false, E_FOOTER, "/");
			(void)move(LINES - 1, line_draw(&l->line, LINES - 1, 1, COLS - 2, true));
		} else {
			draw_footer(l);
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
	line_init(&l->line, sizeof t->filter - 1, t->filter);
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
	case ACT_HELP:
		l->help_scroll = 0;
		l->mode = MODE_HELP;
		break;
	case ACT_REDRAW: (void)redrawwin(stdscr); break;
	case ACT_BACK: view_back(&l->screens); break;
	default: v->ops->act(v, a); break;
	}
}

static void filter_key(struct loop *l, int key, bool is_key)
{
	struct table *t = top(l)->table;

	if (!is_key && key == 27) {
		table_filter(t, "");
		l->mode = MODE_NORMAL;
	} else if (!is_key && (key == '\r' || key == '\n')) {
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
	size_t n = palette_rows(l, rows);

	if (!is_key && key == 27) {
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

static void help_key(struct loop *l, int key, bool is_key)
{
	if ((!is_key && key == 'j') || (is_key && key == KEY_DOWN))
		l->help_scroll++;
	else if ((!is_key && key == 'k') || (is_key && key == KEY_UP))
		l->help_scroll -= l->help_scroll > 0;
	else
		l->mode = MODE_NORMAL;
}

static void key_pressed(struct loop *l, int key, bool is_key)
{
	struct view *v = top(l);
	enum action a;

	if (is_key && key == KEY_RESIZE)
		return;                         /* drawn anew in any mode */
	if (l->mode == MODE_FILTER) {
		filter_key(l, key, is_key);
	} else if (l->mode == MODE_PALETTE) {
		palette_key(l, key, is_key);
	} else if (l->mode == MODE_HELP) {
		help_key(l, key, is_key);
	} else {
		l->screens.message[0] = '\0';
		a = keys_action(v->ops->kind, key, is_key);
		if (!is_key && key == 3)        /* Ctrl-C: raw mode gives it as a key */
			l->screens.leave = true;
		else if (a == ACT_NONE && !is_key && key == 27 && v->table != NULL && v->table->filter[0] != '\0')
			table_filter(v->table, "");
		else if (v->ops->key != NULL && (a == ACT_NONE || (!is_key && key >= 32)) && v->ops->key(v, key, is_key))
			;
		else if (a != ACT_NONE)
			act(l, a);
	}
}

static void mouse_pressed(struct loop *l)
{
	struct table *t = top(l)->table;
	MEVENT e;

	if (getmouse(&e) != OK || t == NULL || l->mode != MODE_NORMAL || t->n_shown == 0)
		return;
	table_move(t, (long)e.y - top(l)->cursor_y);
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
	first = desk_view(&l->screens);
	rc = first->ops->load(first, err);
	l->screens.stack[l->screens.depth++] = first;
	if (rc == EH_OK)
		rc = term_open(o, err);
	if (rc == EH_OK) {
		l->version = eh_desk_version(desk);
		run_loop(l);
		term_close();
	}
	while (l->screens.depth > 1)
		view_back(&l->screens);
	first->ops->close(first);
	free(first);
	free(l);
	return rc;
}
