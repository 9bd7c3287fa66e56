/*
 * table.h - rows with a selection that follows a record's id, sorting, filtering, scrolling.
 *
 * The rows stay with their owner: a table asks for the ones it shows, so that a list of 100,000 takes no more than an
 * order and the words that are searched.
 */
#ifndef EH_TUI_PARTS_TABLE_H
#define EH_TUI_PARTS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/num.h"
#include "parts/term.h"

#define TABLE_COLUMNS_MAX 12
#define TABLE_ID_MAX 280
#define TABLE_CELL_MAX 96

enum table_kind {
	TABLE_LEFT,                     /* words */
	TABLE_FIT,                      /* words: as wide as the widest cell, at most `width` on 80 columns */
	TABLE_RIGHT,                    /* numbers; a filter does not look at them */
	TABLE_NUMBERS,                  /* the same, several of them, from the left: "0.61 [0.47 0.79]" */
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
	size_t payload;                 /* the owner's own index; the row's number unless the owner sets another */
	unsigned want;                  /* bit c: column c is asked for; the others may stay empty */
	bool keys_only;                 /* for a sort: texts of numbers are not needed */
	bool want_id;
};

/* Fills a row that comes empty: element, the id and the cells asked for.  Called for every row when a key is pressed:
 * no reading, no memory. */
typedef void (*table_fill_fn)(void *ctx, size_t i, struct table_row *r);

struct table {
	const struct table_column *columns;
	int n_columns;
	size_t n;
	uint32_t *order;                /* [n] row numbers as they are sorted */
	uint32_t *shown;                /* [n_shown] row numbers after filter and sort */
	size_t n_shown;
	char selected[TABLE_ID_MAX];    /* id, survives reloads; "" = none yet */
	size_t selected_row;            /* where that record is now; n and above = it is gone */
	size_t at, top;                 /* position of the selection and of the first line, in shown */
	int y, height;                  /* first screen line and number of rows at the last draw */
	int sort;                       /* column chosen, -1 = the order of loading */
	int sorted_by;                  /* the visible column of that title, -1 = the order of loading */
	bool reverse;
	char filter[64];
	int need[TABLE_COLUMNS_MAX];    /* [columns] of the widest cell of words */
	table_fill_fn fill;
	void (*plot)(void *ctx, const struct table_row *row, int y, int x, int width, enum element e);
	void (*plot_head)(int y, int x, int width);
	void *ctx;                      /* of the three above; borrowed */
	/* private */
	struct table_row row, picked;   /* the one just asked for; the selected one */
	char *words;                    /* all words of each row in small letters, with NUL */
	uint32_t *word_at;              /* [n] */
};

void table_init(struct table *t, const struct table_column *columns, int n_columns, table_fill_fn fill, void *ctx);
void table_free(struct table *t);

/* The owner has n rows now (at most 2^32 - 1), in the order of loading.  The selection stays on its id, else on its
 * place. */
void table_load(struct table *t, size_t n);

/* For fill functions. */
bool table_wants(const struct table_row *r, int column);        /* is a text of that column asked for? */
void table_cell(struct table_row *r, int column, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void table_word(struct table_row *r, int column, const char *word);
void table_join(struct table_row *r, int column, const char *const *part, size_t n);    /* without blanks between */
void table_num(struct table_row *r, int column, struct eh_num v, int decimals);
/* A probability as words_p has it. */
void table_p(struct table_row *r, int column, struct eh_num v);

/* Case-blind, any cell of words.  A selected record that is hidden is selected again when the filter goes, unless the
 * selection was moved meanwhile (table_move by 0 takes what is selected now). */
void table_filter(struct table *t, const char *text);
void table_sort_next(struct table *t);                  /* the next column, then the order of loading */
void table_sort_by(struct table *t, int column);        /* -1 = the order of loading */
void table_reverse(struct table *t);
void table_move(struct table *t, long by);              /* clamped */
bool table_pick(struct table *t, int y);                /* the row on that screen line; false = there is none */
void table_select(struct table *t, const char *id);
/* NULL when nothing is shown; borrowed until the selection changes. */
const struct table_row *table_selected(const struct table *t);

/* Header at y, then up to height - 1 rows; returns the screen line of the selection, -1 when empty. */
int table_draw(struct table *t, int y, int height);

#endif
