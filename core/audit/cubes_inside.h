/*
 * cubes_inside.h - what cubes.c and cubes_intake.c share; nobody else includes it.
 */
#ifndef EH_AUDIT_CUBES_INSIDE_H
#define EH_AUDIT_CUBES_INSIDE_H

#include "audit/cubes.h"

/* One evaluation on the way into a cube. */
struct eh_decided {
	uint32_t stratum;               /* word */
	int32_t month;                  /* eh_period_of, EH_PERIOD_NONE = no time */
	enum eh_decision_kind decision;
	bool has_score;
	double score;
};

struct eh_decided_list {
	struct eh_decided *v;
	size_t n, cap;
	struct eh_kind_cell *cell;      /* [cap] scratch */
};
struct eh_decided eh_decided_of(const struct eh_evaluation *e, uint32_t stratum);
bool eh_decided_same(const struct eh_decided_list *a, const struct eh_decided_list *b);
int eh_decided_push(struct eh_decided_list *l, const struct eh_decided *d, struct eh_err *err);
void eh_decided_free(struct eh_decided_list *l);

/* A person with these decisions more (sign 1) or less (-1) in the cube. */
int eh_decided_count(struct eh_kinds *k, uint32_t profile, struct eh_decided_list *l, int sign, struct eh_err *err);

/* Word of the stratum of an evaluation: its own position, else the candidate's as the profile says. */
uint32_t eh_stratum_word(struct eh_name_builder *words, const char *profile, const char *position, const char *stage,
			 const char *question);

/* Pairs of candidate and judge that are new, put by the pile; *shared grows by the candidates who became shared. */
struct eh_judges;
struct eh_judges *eh_judges_new(struct eh_txn *txn);
void eh_judges_free(struct eh_judges **j);
int eh_judges_add(struct eh_judges *j, const char *candidate, const char *evaluator, uint64_t *shared,
		  struct eh_err *err);
int eh_judges_flush(struct eh_judges *j, uint64_t *shared, struct eh_err *err);

/* dated: those by months are of the evaluations too. */
int eh_cubes_mark(struct eh_txn *txn, uint64_t shared, uint64_t version, bool dated, struct eh_err *err);
/* The version that this transaction's changes have; before: the state when it began. */
uint64_t eh_cubes_next(const struct eh_cubes_state *before);
/* Stores the cube of an evaluator; an empty one is taken away.  What is stored already is left with its version unless
 * `moved` (other persons have the same decisions), else *changed is set. */
int eh_cubes_put(struct eh_txn *txn, const char *evaluator, struct eh_kinds *k, uint64_t version, bool moved,
		 bool *changed, struct eh_err *err);
int eh_cubes_load(struct eh_txn *txn, const char *evaluator, struct eh_kinds *k, struct eh_err *err);

/*
 * The cubes by months of one evaluator after the other while they change (cubes.h).  Words are those of the cubes; what
 * has not been put is not stored.
 */
struct eh_dated;
struct eh_dated *eh_dated_new(struct eh_txn *txn, struct eh_name_builder *words /* borrowed */);
void eh_dated_free(struct eh_dated **d);                /* NULL-safe */
void eh_dated_begin(struct eh_dated *d, const char *evaluator);
/* A person with these decisions more (sign 1) or less (-1). */
int eh_dated_count(struct eh_dated *d, uint32_t profile, struct eh_decided_list *l, int sign, struct eh_err *err);
/* Stores what the evaluator at hand has now. */
int eh_dated_put(struct eh_dated *d, struct eh_err *err);
/* From here on what is counted is all that an evaluator has: nothing stored is read. */
void eh_dated_anew(struct eh_dated *d);
/* In the place of eh_dated_put, nothing is stored: *stored grows by his cubes that there are, *wrong by those that are
 * missing or differ. */
int eh_dated_compare(struct eh_dated *d, uint64_t *stored, uint64_t *wrong, struct eh_err *err);

#endif
