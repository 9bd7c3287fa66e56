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

/* Rows of the key table that would do something here and now. */
static size_t valid_keys(struct loop *l, const struct action_info **out)
{
	const struct action_info *rows[ACT_COUNT];
	size_t n = keys_of(top(l)->ops->kind, rows, ACT_COUNT), kept = 0;

	for (size_t i = 0; i < n; i++)
		if (view_can(top(l), rows[i]->id))
			out[kept++] = rows[i];
	return kept;
}

/* ---- drawing ---- */

static int footer_width(const struct action_info *a)
{
	return draw_width(a->name) + 1 + draw_width(a->footer) + 2;
}

static bool always_in_footer(enum action a)
{
	return a == ACT_HELP || a == ACT_BACK || a == ACT_LEAVE || a == ACT_COMMIT || a == ACT_CANCEL;
}

/* Help and the ways out are always there; the others as many as fit, the first ones first. */
static void draw_footer(struct loop *l)
{
	const struct action_info *rows[ACT_COUNT];
	size_t n = valid_keys(l, rows);
	int x = 1, y = LINES - 1, room = COLS;

	for (size_t i = 0; i < n; i++)
		if (always_in_footer(rows[i]->id))
			room -= footer_width(rows[i]);
	draw_text(y, 0, COLS, false, E_FOOTER, "");
	for (size_t i = 0; i < n; i++) {
		int key = draw_width(rows[i]->name), word = draw_width(rows[i]->footer);

		if (rows[i]->footer[0] == '\0' || (!always_in_footer(rows[i]->id) && footer_width(rows[i]) > room))
			continue;
		if (!always_in_footer(rows[i]->id))
			room -= footer_width(rows[i]);
		draw_text(y, x, key, false, E_KEY, rows[i]->name);
		draw_text(y, x + key + 1, word, false, E_FOOTER, rows[i]->footer);
		x += footer_width(rows[i]);
	}
}

/* Does the row hold every word typed? */
static bool holds_words(const struct action_info *a, const char *typed)
{
	char word[64];

	for (typed += strspn(typed, " "); *typed != '\0'; typed += strspn(typed, " ")) {
		size_t len = strcspn(typed, " ");

		(void)snprintf(word, sizeof word, "%.*s", (int)len, typed);
		if (strcasestr(a->help, word) == NULL && strcasestr(a->footer, word) == NULL)
			return false;
		typed += len;
	}
	return true;
}

static size_t palette_rows(struct loop *l, const struct action_info **out)
{
	const struct action_info *rows[ACT_COUNT];
	size_t n = valid_keys(l, rows), kept = 0;

	for (size_t i = 0; i < n; i++)
		if (rows[i]->id != ACT_PALETTE && holds_words(rows[i], l->line.text))
			out[kept++] = rows[i];
	return kept;
}

static void draw_key_row(int y, const struct action_info *a, bool chosen)
{
	draw_text(y, 0, COLS, false, chosen ? E_SELECTED : E_TEXT, "");
	draw_text(y, 2, 10, false, chosen ? E_SELECTED : E_KEY, a->name);
	draw_text(y, 13, COLS - 14, false, chosen ? E_SELECTED : E_TEXT, a->help);
}

static void draw_palette(struct loop *l)
{
	const struct action_info *rows[ACT_COUNT];
	size_t n = palette_rows(l, rows), height = (size_t)LINES - 4, from;

	draw_title("Do what?", "type words, Enter does it, Esc leaves");
	if (l->chosen >= n)
		l->chosen = n > 0 ? n - 1 : 0;
	from = l->chosen >= height ? l->chosen - height + 1 : 0;
	for (size_t i = from; i < n && i < from + height; i++)
		draw_key_row(2 + (int)(i - from), rows[i], i == l->chosen);
	if (n == 0)
		draw_text(2, 2, COLS - 3, false, E_TEXT, "nothing that can be done here holds these words");
	draw_rule(LINES - 2);
	draw_text(LINES - 1, 0, COLS, false, E_FOOTER, ":");
	(void)move(LINES - 1, line_draw(&l->line, LINES - 1, 2, COLS - 4, true));
}

static const struct {
	enum eh_verdict_kind verdict;
	const char *help;
} states[] = {
	{ EH_NOTIFY, "a potential violation: a supervisor must answer" },
	{ EH_WATCH, "below the limit, but the evidence does not carry it" },
	{ EH_OK_VERDICT, "within the limit" },
	{ EH_TOO_FEW, "too few people judged to tell" },
	{ EH_NOT_ALLOWED, "the law of the place does not allow this class to be looked at" },
	{ EH_CANNOT_CONCLUDE, "the numbers do not decide it" },
	{ EH_POLICY_ERROR, "the policy failed: no result" },
};
#define N_STATES (int)(sizeof states / sizeof states[0])

static void draw_state_row(int y, int i)
{
	enum element e = verdict_element(states[i].verdict);
	char words[32];

	draw_text(y, 2, 3, false, e, eh_verdict_symbol(states[i].verdict, term_ascii()));
	draw_text(y, 5, 16, false, e, verdict_words(states[i].verdict, words, sizeof words));
	draw_text(y, 22, COLS - 23, false, E_TEXT, states[i].help);
}

/* The keys of the view below, a blank line, and what the words and symbols of verdicts mean. */
static void draw_help(struct loop *l)
{
	const struct action_info *rows[ACT_COUNT];
	int keys = (int)valid_keys(l, rows), n = keys + 1 + N_STATES, height = LINES - 4, end;
	char right[64];

	if (l->help_scroll > n - height)
		l->help_scroll = n > height ? n - height : 0;
	end = l->help_scroll + height < n ? l->help_scroll + height : n;
	(void)snprintf(right, sizeof right, "lines %d-%d of %d", l->help_scroll + 1, end, n);
	draw_title("Keys of this screen, states", right);
	for (int i = l->help_scroll; i < end; i++) {
		int y = 2 + i - l->help_scroll;

		if (i < keys)
			draw_key_row(y, rows[i], false);
		else if (i > keys)
			draw_state_row(y, i - keys - 1);
	}
	draw_rule(LINES - 2);
	draw_text(LINES - 1, 1, COLS - 2, false, E_FOOTER,
		  n > height ? "j k scroll  any other key leaves" : "any key leaves");
	(void)move(2, 2);
}

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
		draw_palette(l);
	} else if (l->mode == MODE_HELP) {
		draw_help(l);
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
	(void)snprintf(l->old_selected, sizeof l->old_selected, "%s", t->selected);
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

	if (!is_key && key == 27) {             /* as it was before */
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
	if (!is_key && key == 3) {              /* Ctrl-C: raw mode gives it as a key */
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
		if (a == ACT_NONE && !is_key && key == 27 && v->table != NULL && v->table->filter[0] != '\0')
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
	term_charset(o);
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
	draft_free(&l->screens.draft);
	first->ops->close(first);
	free(first);
	free(l);
	return rc;
}
