/* Tables on the screen; see table.h. */
#define NCURSES_WIDECHAR 1
#include "parts/table.h"

#include <curses.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "parts/draw.h"
#include "parts/order.h"
#include "parts/words.h"

void table_init(struct table *t, const struct table_column *columns, int n_columns, table_fill_fn fill, void *ctx)
{
	memset(t, 0, sizeof *t);
	t->columns = columns;
	t->n_columns = n_columns;
	t->fill = fill;
	t->ctx = ctx;
	t->sort = t->sorted_by = -1;
}

void table_free(struct table *t)
{
	free(t->shown);
	free(t->order);
	free(t->words);
	free(t->word_at);
	t->shown = t->order = t->word_at = NULL;
	t->words = NULL;
	t->n = t->n_shown = 0;
}

/* ---- rows as they are asked for ---- */

#define ALL_COLUMNS (~0u)

/* Only what was written last needs to be emptied: a row is larger than what most tables fill of it. */
enum asked { ASK_KEY, ASK_CELLS, ASK_ID, ASK_ALL };

static void ask(const struct table *t, size_t i, unsigned want, enum asked what, struct table_row *r)
{
	r->id[0] = '\0';
	for (int c = 0; c < t->n_columns; c++) {
		r->cell[c][0] = '\0';
		r->has_key[c] = r->numeric[c] = false;
	}
	r->element = E_TEXT;
	r->payload = i;
	r->want = want;
	r->keys_only = what == ASK_KEY;
	r->want_id = what >= ASK_ID;
	t->fill(t->ctx, i, r);
}

bool table_wants(const struct table_row *r, int column)
{
	return (r->want >> column & 1u) != 0 && !(r->keys_only && r->numeric[column]);
}

void table_cell(struct table_row *r, int column, const char *fmt, ...)
{
	va_list ap;

	if (!table_wants(r, column))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(r->cell[column], TABLE_CELL_MAX, fmt, ap);
	va_end(ap);
}

void table_word(struct table_row *r, int column, const char *word)
{
	size_t len;

	if (!table_wants(r, column))
		return;
	len = strnlen(word, TABLE_CELL_MAX - 1);
	memcpy(r->cell[column], word, len);
	r->cell[column][len] = '\0';
}

void table_join(struct table_row *r, int column, const char *const *part, size_t n)
{
	size_t used = 0;

	if (!table_wants(r, column))
		return;
	for (size_t i = 0; i < n; i++) {
		size_t len = strnlen(part[i], TABLE_CELL_MAX - 1 - used);

		memcpy(r->cell[column] + used, part[i], len);
		used += len;
	}
	r->cell[column][used] = '\0';
}

void table_num(struct table_row *r, int column, struct eh_num v, int decimals)
{
	r->numeric[column] = true;
	r->has_key[column] = v.defined;
	r->key[column] = v.value;
	if (v.defined)
		table_cell(r, column, "%.*f", decimals, v.value);
	else
		table_word(r, column, "-");
}

void table_p(struct table_row *r, int column, struct eh_num v)
{
	char words[WORDS_P];

	table_num(r, column, v, 4);
	if (table_wants(r, column))
		table_word(r, column, words_p(words, v));
}

/* ---- words: what a filter looks at, and how wide columns are ---- */

static unsigned word_columns(const struct table *t)
{
	unsigned set = 0;

	for (int c = 0; c < t->n_columns; c++)
		if (t->columns[c].kind == TABLE_LEFT || t->columns[c].kind == TABLE_FIT)
			set |= 1u << c;
	return set;
}

struct words {
	char *v;
	size_t len, cap;
};

static void add_word(struct words *w, const char *s)
{
	size_t len = strlen(s) + 1;

	if (w->cap - w->len < len + 1) {
		w->cap = 2 * (w->cap + len) + 4096;
		w->v = eh_xrealloc(w->v, w->cap, 1);
	}
	for (size_t i = 0; i < len; i++)
		w->v[w->len + i] = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] - 'A' + 'a') : s[i];
	w->len += len;
}

/* One pass over all rows: their words, one behind the other with a line end between, and the widest. */
static void read_words(struct table *t)
{
	const unsigned want = word_columns(t);
	struct words w = { 0 };

	for (int c = 0; c < t->n_columns; c++)
		t->need[c] = draw_width(t->columns[c].title) + 1;       /* and the mark of the sort */
	t->word_at = eh_xrealloc(t->word_at, t->n + 1, sizeof *t->word_at);
	for (size_t i = 0; i < t->n; i++) {
		t->word_at[i] = (uint32_t)w.len;
		ask(t, i, want, ASK_CELLS, &t->row);
		for (int c = 0; c < t->n_columns; c++) {
			if ((want >> c & 1u) == 0 || t->row.cell[c][0] == '\0')
				continue;
			add_word(&w, t->row.cell[c]);
			w.v[w.len - 1] = '\n';
			if (t->columns[c].kind == TABLE_FIT && draw_width(t->row.cell[c]) > t->need[c])
				t->need[c] = draw_width(t->row.cell[c]);
		}
		add_word(&w, "");
	}
	free(t->words);
	t->words = w.v;
}

/* ---- filter and sort ---- */

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

static void filter_rows(struct table *t)
{
	char small[sizeof t->filter];
	size_t len = strlen(t->filter);

	for (size_t i = 0; i <= len; i++)
		small[i] = t->filter[i] >= 'A' && t->filter[i] <= 'Z' ? (char)(t->filter[i] - 'A' + 'a') : t->filter[i];
	t->n_shown = 0;
	for (size_t i = 0; i < t->n; i++)
		if (len == 0 || strstr(t->words + t->word_at[t->order[i]], small) != NULL)
			t->shown[t->n_shown++] = t->order[i];
}

struct cells {
	char *v;
	uint32_t *at;                   /* [rows of the table] */
};

static const char *cell_of(void *cells, uint32_t row)
{
	const struct cells *x = cells;

	return x->v + x->at[row];
}

/* By the words of column c. */
static void sort_words(struct table *t, int c, struct order_slot *v, struct order_slot *spare)
{
	struct cells cells = { NULL, eh_xmalloc((t->n + 1) * sizeof *cells.at) };
	size_t len = 0, cap = 0;

	for (size_t i = 0; i < t->n; i++) {
		size_t size;

		ask(t, v[i].row, 1u << c, ASK_KEY, &t->row);
		size = strlen(t->row.cell[c]) + 1;
		if (cap - len < size) {
			cap = 2 * cap + 4096;
			cells.v = eh_xrealloc(cells.v, cap, 1);
		}
		memcpy(cells.v + len, t->row.cell[c], size);
		cells.at[v[i].row] = (uint32_t)len;
		len += size;
	}
	order_texts(v, spare, t->n, t->reverse, cell_of, &cells);
	free(cells.v);
	free(cells.at);
}

/* All rows, whatever a filter hides: a filter then changes with every key and sorts nothing. */
static void sort_rows(struct table *t)
{
	const int c = t->sorted_by;
	struct order_slot *v, *spare;
	bool numeric = false;

	if (c < 0) {
		for (size_t i = 0; i < t->n; i++)
			t->order[i] = (uint32_t)(t->reverse ? t->n - 1 - i : i);
		return;
	}
	v = eh_xmalloc((t->n + 1) * sizeof *v);
	spare = eh_xmalloc((t->n + 1) * sizeof *spare);
	for (size_t i = 0; i < t->n; i++) {
		v[i].row = (uint32_t)i;
		ask(t, i, 1u << c, ASK_KEY, &t->row);
		numeric = numeric || t->row.numeric[c];
		v[i].key = order_number(t->row.has_key[c], t->row.key[c], t->reverse);
	}
	if (numeric)
		order_sort(v, spare, t->n);
	else
		sort_words(t, c, v, spare);
	for (size_t i = 0; i < t->n; i++)
		t->order[i] = v[i].row;
	free(v);
	free(spare);
}

/* Takes what is at the place of the selection; hold: it is the record to come back to. */
static void pick(struct table *t, bool hold)
{
	ask(t, t->shown[t->at], ALL_COLUMNS, ASK_ALL, &t->picked);
	if (!hold)
		return;
	memcpy(t->selected, t->picked.id, sizeof t->selected);
	t->selected_row = t->shown[t->at];
}

static void place_selection(struct table *t)
{
	size_t at = 0;

	while (at < t->n_shown && t->shown[at] != t->selected_row)
		at++;
	if (at < t->n_shown && t->selected[0] != '\0')
		t->at = at;
	else if (t->at >= t->n_shown)
		t->at = t->n_shown > 0 ? t->n_shown - 1 : 0;
	/* a record that a filter hides stays the one to come back to */
	if (t->n_shown > 0)
		pick(t, t->filter[0] == '\0' || (at < t->n_shown && t->selected[0] != '\0'));
}

/* In which row the selected record is. */
static void find_selected(struct table *t)
{
	for (t->selected_row = 0; t->selected_row < t->n && t->selected[0] != '\0'; t->selected_row++) {
		ask(t, t->selected_row, 0, ASK_ID, &t->row);
		if (strcmp(t->row.id, t->selected) == 0)
			return;
	}
	t->selected_row = t->n;
}

static void arrange(struct table *t)
{
	t->sorted_by = shown_sort(t);
	sort_rows(t);
	filter_rows(t);
	place_selection(t);
}

void table_load(struct table *t, size_t n)
{
	t->n = n;
	t->shown = eh_xrealloc(t->shown, n + 1, sizeof *t->shown);
	t->order = eh_xrealloc(t->order, n + 1, sizeof *t->order);
	read_words(t);
	find_selected(t);
	arrange(t);
}

void table_filter(struct table *t, const char *text)
{
	(void)snprintf(t->filter, sizeof t->filter, "%s", text);
	filter_rows(t);
	place_selection(t);
}

static bool sortable(const struct table *t, int c)
{
	return t->columns[c].kind != TABLE_PLOT && t->columns[c].title[0] != '\0' && visible(t, c);
}

void table_sort_next(struct table *t)
{
	int c = t->sort;

	do {
		c = c + 1 < t->n_columns ? c + 1 : -1;
	} while (c >= 0 && !sortable(t, c));
	t->reverse = false;
	table_sort_by(t, c);
}

void table_sort_by(struct table *t, int column)
{
	t->sort = column;
	if (t->shown != NULL)
		arrange(t);
}

void table_reverse(struct table *t)
{
	t->reverse = !t->reverse;
	arrange(t);
}

void table_move(struct table *t, long by)
{
	long at = (long)t->at + by;

	if (t->n_shown == 0)
		return;
	t->at = at < 0 ? 0 : at >= (long)t->n_shown ? t->n_shown - 1 : (size_t)at;
	pick(t, true);
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
	find_selected(t);
	place_selection(t);
}

const struct table_row *table_selected(const struct table *t)
{
	return t->n_shown > 0 ? &t->picked : NULL;
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

static unsigned visible_columns(const struct table *t)
{
	unsigned set = 0;

	for (int c = 0; c < t->n_columns; c++)
		set |= visible(t, c) ? 1u << c : 0;
	return set;
}

static void draw_row(struct table *t, size_t i, int y, int flex)
{
	const struct table_row *r = &t->row;
	bool selected = i == t->at;
	enum element e;
	int x = 2;

	ask(t, t->shown[i], visible_columns(t), ASK_CELLS, &t->row);
	e = selected ? E_SELECTED : r->element;
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
		arrange(t);
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
