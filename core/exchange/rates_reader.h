/*
 * rates_reader.h - one thread's reading of a plain `rates` table: its rows to piles (deal.h) and to what is the same in
 * many of them.  Between rates_plain.c and rates_reader.c only.
 */
#ifndef EH_EXCHANGE_RATES_READER_H
#define EH_EXCHANGE_RATES_READER_H

#include "exchange/deal.h"
#include "exchange/rates.h"
#include "exchange/terms.h"

#define EH_RATES_CELL_MAX (EH_NAME_MAX > EH_ID_MAX ? EH_NAME_MAX : EH_ID_MAX) /* [bytes] of a cell of a kind */
#define EH_RATES_KEY_MAX (EH_RATES_CLASSES_MAX + EH_RATES_STRATA_MAX + 2)

_Static_assert(EH_RATES_CLASSES_MAX == EH_DEAL_CLASSES, "one group for each class column");

/* How the table is read this time. */
struct eh_rates_manner {
	const struct eh_rates_table *r;
	bool event;    /* part of the stratum: there are repeats without it */
	unsigned bits; /* of a kind in a tag; the others are the evaluator's */
	size_t parts;
	size_t key[EH_RATES_KEY_MAX], n_key; /* columns whose cells make a kind, ascending */
	bool together;			     /* they stand side by side */
};

/* One thread's part of the file; numbers are its own. */
struct eh_rates_reader {
	const struct eh_rates_manner *m;
	struct eh_terms evaluators, keys, strata;
	struct eh_deal_kind *kind; /* [kinds_cap] by key; groups by class column */
	size_t kinds_cap;
	eh_name groups[EH_RATES_CLASSES_MAX][EH_GROUPS_MAX];
	size_t n_groups[EH_RATES_CLASSES_MAX];
	uint32_t *count; /* [count_cap][parts] decisions by evaluator */
	size_t count_cap;
	char cells[EH_RATES_KEY_MAX * (EH_RATES_CELL_MAX + 1) + EH_PLAIN_PAD]; /* of a kind, where they stand apart */
	struct eh_deal deal;
	struct eh_plain_part part;
	uint64_t rows, holds;
	bool many_evaluators, many_kinds; /* more than the tags can hold */
};

/* An eh_plain_fn; ctx: the reader. */
int eh_rates_plain_row(void *ctx, const char *const *at, bool wide, struct eh_err *err);
void eh_rates_reader_free(struct eh_rates_reader *s);

#endif
