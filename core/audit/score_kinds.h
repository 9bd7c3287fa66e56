/*
 * score_kinds.h - the scores of one evaluator as kinds of persons: who has these scores in these strata, and how many
 * of a profile do.  Data of counted kinds (data.h, weight) have them in the place of a score for each row.
 *
 * Scores are kept apart from decisions: a kind of decisions times a kind of scores would be as many kinds as persons,
 * and no statistic asks for both.  The score of each stratum is kept, not only the mean, because a policy's own finding
 * may look at a part of the strata.
 */
#ifndef EH_AUDIT_SCORE_KINDS_H
#define EH_AUDIT_SCORE_KINDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/score_table.h"

struct eh_score_cell {
	double score;
	uint32_t stratum;
};

struct eh_score_kind {
	/* a candidate of the same evaluator, with the classes and position of these persons and with decisions in the
	 * strata of their scores; 0 = the evaluator's first */
	uint32_t who;
	uint32_t persons;               /* > 0 */
	size_t first, n;                /* cells, in ascending order of their strata */
};

struct eh_score_kinds {
	struct eh_score_kind *kind;     /* [n] */
	struct eh_score_cell *cell;
	size_t n, n_cells, kind_room, cell_room;
};
void eh_score_kinds_free(struct eh_score_kinds *k);     /* leaves it empty */

/* One kind more, whose cells follow.  False: out of memory. */
bool eh_score_kinds_push(struct eh_score_kinds *k, uint32_t who, uint32_t persons);
bool eh_score_kinds_cell(struct eh_score_kinds *k, uint32_t stratum, double score);
bool eh_score_kinds_same(const struct eh_score_kinds *a, const struct eh_score_kinds *b);

/* Mean score of the persons of a kind, added up in the order of the strata. */
double eh_score_kind_mean(const struct eh_score_kinds *k, size_t i);
/* Persons of an evaluator of d->scored by their mean score; out has room for its kinds.  Returns their number. */
size_t eh_score_kinds_persons(struct eh_scored_persons *out, const struct eh_audit_data *d, uint32_t evaluator);

#endif
