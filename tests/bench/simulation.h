/*
 * simulation.h - tables of known truth for check-simulation.
 */
#ifndef TESTS_BENCH_SIMULATION_H
#define TESTS_BENCH_SIMULATION_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/audit.h"

/*
 * The generator of facts/statistics.md 11: six groups (.50 .18 .16 .10 .04 .02), 20 positions with base rates uniform
 * .20-.60 and their own mix (groups 2-4 x .5-1.5), severity N(0, .35) on the logit, one decision on each candidate.
 */
#define SIM_GROUPS 6
struct sim_table {
	size_t evaluators, each;    /* decisions per evaluator */
	size_t biased;		    /* the first so many evaluators ... */
	double effect;		    /* ... have p x effect for ... */
	int victim_from, victim_to; /* ... one group of this range of indices, drawn for each */
	uint64_t seed;
};
int sim_table_make(struct eh_audit_data *d, int *victim /* [evaluators], -1 = fair */, const struct sim_table *t,
		   struct eh_err *err);
extern const char *const sim_groups[SIM_GROUPS]; /* in byte order */

/*
 * Predicted classes, facts/statistics.md 12: class 1 ("a") with a share of the pool, score N(0, 1) or N(d, 1) for
 * class 1, d = sqrt 2 x normal quantile of the AUC, Platt's calibration on 500 labelled ones.
 */
struct sim_predicted {
	double auc, ratio;     /* rate of class 0 is .5, of class 1 .5 x ratio */
	double labelled, pool; /* share of class 1 */
	bool by_score;	       /* scenario 2: the evaluator reacts to the score, not to the class */
	size_t evaluators, each;
};
/* Returns the true ratio by class; NAN when memory ends. */
double sim_predicted_make(struct eh_audit_data *d, const struct sim_predicted *s, uint64_t seed, uint64_t repetition);

#endif
