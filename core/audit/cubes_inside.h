/*
 * cubes_inside.h - what cubes.c and cubes_intake.c share; nobody else includes it.
 */
#ifndef EH_AUDIT_CUBES_INSIDE_H
#define EH_AUDIT_CUBES_INSIDE_H

#include "audit/cubes.h"

/* One evaluation on the way into a cube. */
struct eh_decided {
	uint32_t stratum;               /* word */
	enum eh_decision_kind decision;
	bool has_score;
	double score;
};

struct eh_decided_list {
	struct eh_decided *v;
	size_t n, cap;
	struct eh_kind_cell *cell;      /* [cap] scratch */
};
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

int eh_cubes_mark(struct eh_txn *txn, uint64_t shared, uint64_t version, struct eh_err *err);
/* The version that this transaction's changes have; before: the state when it began. */
uint64_t eh_cubes_next(const struct eh_cubes_state *before);
/* Stores the cube of an evaluator; an empty one is taken away.  What is stored already is left with its version unless
 * `moved` (other persons have the same decisions), else *changed is set. */
int eh_cubes_put(struct eh_txn *txn, const char *evaluator, struct eh_kinds *k, uint64_t version, bool moved,
		 bool *changed, struct eh_err *err);
int eh_cubes_load(struct eh_txn *txn, const char *evaluator, struct eh_kinds *k, struct eh_err *err);

#endif
