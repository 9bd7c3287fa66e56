/*
 * table.h - rows with a selection that follows a record's id, sorting, filtering, scrolling.
 */
#ifndef EH_TUI_PARTS_TABLE_H
#define EH_TUI_PARTS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/num.h"
#include "parts/term.h"

#define TABLE_COLUMNS_MAX 12
#define TABLE_ID_MAX 280
#define TABLE_CELL_MAX 96

enum table_kind {
	TABLE_LEFT, TABLE_RIGHT,        /* text, numbers */
	TABLE_FIT,                      /* text: as wide as its widest cell, at most `width` on 80 columns */
	TABLE_PLOT                      /* drawn by the table's callbacks instead of text */
};

/* Two columns with the same title show the same quantity, never at once: what is sorted by one is sorted by the other
 * on a screen that shows that one. */
struct table_column {
	const char *title;
	int width;                      /* [columns]; 0 = what is left */
	enum table_kind kind;
	int from_cols, to_cols;         /* shown on screens of from..to columns; to 0 = any */
};

struct table_row {
	char id[TABLE_ID_MAX];
	char cell[TABLE_COLUMNS_MAX][TABLE_CELL_MAX];
	double key[TABLE_COLUMNS_MAX];  /* sort key where has_key; undefined ones sort last */
	bool has_key[TABLE_COLUMNS_MAX], numeric[TABLE_COLUMNS_MAX];
	enum element element;           /* of the whole row when it is not selected */
	size_t payload;                 /* the view's own index */
};

struct table {
	const struct table_column *columns;
	int n_columns;
	struct table_row *rows;
	size_t n, cap;
	size_t *shown;                  /* indices of rows after filter and sort */
	size_t n_shown;
	char selected[TABLE_ID_MAX];    /* id, survives reloads */
	size_t at, top;                 /* position of the selection and of the first line, in shown */
	int y, height;                  /* first screen line and number of rows at the last draw */
	int sort;                       /* column chosen, -1 = the order of loading */
	int sorted_by;                  /* the visible column of that title, -1 = the order of loading */
	bool reverse;
	char filter[64];
	int need[TABLE_COLUMNS_MAX];    /* [columns] of the widest cell */
	void (*plot)(void *ctx, const struct table_row *row, int y, int x, int width, enum element e);
	void (*plot_head)(int y, int x, int width);
	void *ctx;
};

void table_init(struct table *t, const struct table_column *columns, int n_columns);
void table_free(struct table *t);

/* Reload: begin, rows, end.  The selection stays on its id, else on its place. */
void table_begin(struct table *t);
struct table_row *table_add(struct table *t, const char *id);
void table_cell(struct table_row *r, int column, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void table_num(struct table_row *r, int column, struct eh_num v, int decimals);
/* A probability as words_p has it. */
void table_p(struct table_row *r, int column, struct eh_num v);
void table_end(struct table *t);

/* Case-blind, any cell.  A selected record that is hidden is selected again when the filter goes, unless the
 * selection was moved meanwhile (table_move by 0 takes what is selected now). */
void table_filter(struct table *t, const char *text);
void table_sort_next(struct table *t);                  /* the next column, then the order of loading */
void table_reverse(struct table *t);
void table_move(struct table *t, long by);              /* clamped */
bool table_pick(struct table *t, int y);                /* the row on that screen line; false = there is none */
void table_select(struct table *t, const char *id);
const struct table_row *table_selected(const struct table *t);  /* NULL when nothing is shown */

/* Header at y, then up to height - 1 rows; returns the screen line of the selection, -1 when empty. */
int table_draw(struct table *t, int y, int height);

#endif
