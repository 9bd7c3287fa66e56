/* Tables on the screen; see table.h. */
#define NCURSES_WIDECHAR 1
#include "parts/table.h"

#include <curses.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "parts/draw.h"
#include "parts/words.h"

void table_init(struct table *t, const struct table_column *columns, int n_columns)
{
	memset(t, 0, sizeof *t);
	t->columns = columns;
	t->n_columns = n_columns;
	t->sort = t->sorted_by = -1;
}

void table_free(struct table *t)
{
	free(t->rows);
	free(t->shown);
	t->rows = NULL;
	t->shown = NULL;
	t->n = t->n_shown = t->cap = 0;
}

void table_begin(struct table *t)
{
	t->n = 0;
}

struct table_row *table_add(struct table *t, const char *id)
{
	struct table_row *r;

	if (t->n == t->cap) {
		t->cap = t->cap != 0 ? 2 * t->cap : 64;
		t->rows = eh_xrealloc(t->rows, t->cap, sizeof *t->rows);
	}
	r = &t->rows[t->n++];
	memset(r, 0, sizeof *r);
	(void)snprintf(r->id, sizeof r->id, "%s", id);
	return r;
}

void table_cell(struct table_row *r, int column, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(r->cell[column], TABLE_CELL_MAX, fmt, ap);
	va_end(ap);
}

void table_num(struct table_row *r, int column, struct eh_num v, int decimals)
{
	r->numeric[column] = true;
	r->has_key[column] = v.defined;
	r->key[column] = v.value;
	if (v.defined)
		table_cell(r, column, "%.*f", decimals, v.value);
	else
		table_cell(r, column, "-");
}

void table_p(struct table_row *r, int column, struct eh_num v)
{
	char words[WORDS_P];

	table_num(r, column, v, 4);
	table_cell(r, column, "%s", words_p(words, v));
}

/* ---- filter and sort ---- */

static bool matches(const struct table *t, const struct table_row *r)
{
	if (t->filter[0] == '\0')
		return true;
	for (int c = 0; c < t->n_columns; c++)
		if (strcasestr(r->cell[c], t->filter) != NULL)
			return true;
	return false;
}

static bool visible(const struct table *t, int c)
{
	return COLS >= t->columns[c].from_cols && (t->columns[c].to_cols == 0 || COLS <= t->columns[c].to_cols);
}

/* The column that the sort shows in now: the one chosen, or another of the same title; -1 when there is none.  By
 * what cannot be seen nothing is sorted: the header would not tell the order. */
static int shown_sort(const struct table *t)
{
	for (int c = 0; c < t->n_columns && t->sort >= 0; c++)
		if (visible(t, c) && strcmp(t->columns[c].title, t->columns[t->sort].title) == 0)
			return c;
	return -1;
}

static int compare(const void *a, const void *b, void *table)
{
	const struct table *t = table;
	size_t i = *(const size_t *)a, k = *(const size_t *)b;
	const struct table_row *x = &t->rows[i], *y = &t->rows[k];
	int c = t->sorted_by, order = 0;

	if (c >= 0 && (x->numeric[c] || y->numeric[c])) {
		if (x->has_key[c] != y->has_key[c])
			return x->has_key[c] ? -1 : 1;          /* undefined last in both directions */
		order = x->key[c] < y->key[c] ? -1 : x->key[c] > y->key[c];
	} else if (c >= 0) {
		order = strcmp(x->cell[c], y->cell[c]);
	}
	if (t->reverse)
		order = -order;
	return order != 0 ? order : i < k ? -1 : i > k;
}

static void place_selection(struct table *t)
{
	for (size_t i = 0; i < t->n_shown; i++) {
		if (strcmp(t->rows[t->shown[i]].id, t->selected) == 0) {
			t->at = i;
			return;
		}
	}
	if (t->at >= t->n_shown)
		t->at = t->n_shown > 0 ? t->n_shown - 1 : 0;
	/* a record that a filter hides stays the one to come back to */
	if (t->n_shown > 0 && t->filter[0] == '\0')
		(void)snprintf(t->selected, sizeof t->selected, "%s", t->rows[t->shown[t->at]].id);
}

void table_end(struct table *t)
{
	t->shown = eh_xrealloc(t->shown, t->n + 1, sizeof *t->shown);
	t->n_shown = 0;
	for (int c = 0; c < t->n_columns; c++) {
		t->need[c] = draw_width(t->columns[c].title) + 1;       /* and the mark of the sort */
		for (size_t i = 0; i < t->n; i++)
			if (draw_width(t->rows[i].cell[c]) > t->need[c])
				t->need[c] = draw_width(t->rows[i].cell[c]);
	}
	for (size_t i = 0; i < t->n; i++)
		if (matches(t, &t->rows[i]))
			t->shown[t->n_shown++] = i;
	t->sorted_by = shown_sort(t);
	if (t->n_shown > 1)
		qsort_r(t->shown, t->n_shown, sizeof *t->shown, compare, t);
	place_selection(t);
}

void table_filter(struct table *t, const char *text)
{
	(void)snprintf(t->filter, sizeof t->filter, "%s", text);
	table_end(t);
}

static bool sortable(const struct table *t, int c)
{
	return t->columns[c].kind != TABLE_PLOT && t->columns[c].title[0] != '\0' && visible(t, c);
}

void table_sort_next(struct table *t)
{
	do {
		t->sort++;
		if (t->sort >= t->n_columns)
			t->sort = -1;
	} while (t->sort >= 0 && !sortable(t, t->sort));
	t->reverse = false;
	table_end(t);
}

void table_reverse(struct table *t)
{
	t->reverse = !t->reverse;
	table_end(t);
}

void table_move(struct table *t, long by)
{
	long at = (long)t->at + by;

	if (t->n_shown == 0)
		return;
	t->at = at < 0 ? 0 : at >= (long)t->n_shown ? t->n_shown - 1 : (size_t)at;
	(void)snprintf(t->selected, sizeof t->selected, "%s", t->rows[t->shown[t->at]].id);
}

bool table_pick(struct table *t, int y)
{
	if (y < t->y || y >= t->y + t->height || t->top + (size_t)(y - t->y) >= t->n_shown)
		return false;
	table_move(t, (long)t->top + y - t->y - (long)t->at);
	return true;
}

void table_select(struct table *t, const char *id)
{
	(void)snprintf(t->selected, sizeof t->selected, "%s", id);
	place_selection(t);
}

const struct table_row *table_selected(const struct table *t)
{
	return t->n_shown > 0 ? &t->rows[t->shown[t->at]] : NULL;
}

/* ---- drawing ---- */

/* A column's width; flexible ones give 0. */
static int fixed_width(const struct table *t, int c)
{
	int max = t->columns[c].width;

	if (t->columns[c].kind != TABLE_FIT)
		return max;
	max += COLS > 80 ? (COLS - 80) / 2 : 0;
	return t->need[c] < max ? t->need[c] : max;
}

static int flexible_width(const struct table *t)
{
	int fixed = 2, flexible = 0;

	for (int c = 0; c < t->n_columns; c++) {
		if (!visible(t, c))
			continue;
		fixed += fixed_width(t, c) + 1;
		flexible += t->columns[c].width == 0;
	}
	return flexible > 0 && COLS - fixed > 4 ? (COLS - fixed) / flexible : 4;
}

static void draw_head_cell(const struct table *t, int c, int y, int x, int width)
{
	char title[64];

	if (t->columns[c].kind == TABLE_PLOT && t->plot_head != NULL) {
		t->plot_head(y, x, width);
		return;
	}
	(void)snprintf(title, sizeof title, "%s%s", t->columns[c].title,
		       c != t->sorted_by ? "" : term_symbol(t->reverse ? S_SORT_DOWN : S_SORT_UP));
	draw_text(y, x, width, t->columns[c].kind == TABLE_RIGHT, E_HEAD, title);
}

static int column_width(const struct table *t, int c, int flex)
{
	return t->columns[c].width > 0 ? fixed_width(t, c) : flex;
}

static void draw_header(const struct table *t, int y, int flex)
{
	int x = 2;

	draw_text(y, 0, COLS, false, E_HEAD, "");
	for (int c = 0; c < t->n_columns; c++) {
		int w = column_width(t, c, flex);

		if (!visible(t, c))
			continue;
		draw_head_cell(t, c, y, x, w);
		x += w + 1;
	}
}

static void draw_row(const struct table *t, size_t i, int y, int flex)
{
	const struct table_row *r = &t->rows[t->shown[i]];
	bool selected = i == t->at;
	enum element e = selected ? E_SELECTED : r->element;
	int x = 2;

	draw_text(y, 0, COLS, false, e, selected ? term_symbol(S_POINTER) : "");
	for (int c = 0; c < t->n_columns; c++) {
		int w = column_width(t, c, flex);

		if (!visible(t, c))
			continue;
		if (t->columns[c].kind == TABLE_PLOT && t->plot != NULL)
			t->plot(t->ctx, r, y, x, w, r->element);        /* never reversed: a move costs less */
		else
			draw_text(y, x, w, t->columns[c].kind == TABLE_RIGHT, e, r->cell[c]);
		x += w + 1;
	}
}

int table_draw(struct table *t, int y, int height)
{
	int flex = flexible_width(t);

	if (t->sorted_by != shown_sort(t))              /* columns came or went with the size of the screen */
		table_end(t);
	t->y = y + 1;
	t->height = height > 1 ? height - 1 : 1;
	if (t->at < t->top)
		t->top = t->at;
	if (t->at >= t->top + (size_t)t->height)
		t->top = t->at - (size_t)t->height + 1;
	if (t->top + (size_t)t->height > t->n_shown)
		t->top = t->n_shown > (size_t)t->height ? t->n_shown - (size_t)t->height : 0;
	draw_header(t, y, flex);
	for (int i = 0; i < t->height && t->top + (size_t)i < t->n_shown; i++)
		draw_row(t, t->top + (size_t)i, y + 1 + i, flex);
	return t->n_shown > 0 ? y + 1 + (int)(t->at - t->top) : -1;
}
