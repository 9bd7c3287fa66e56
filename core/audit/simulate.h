/*
 * simulate.h - decisions drawn for a design that is there: who judged whom, in which stratum and of which class stays,
 * who was selected is drawn.  For asking how often a policy would be right (`calibrate`).
 *
 * What is taken from the data's own decisions (all of it without a look at the classes):
 *   ln odds of selection = stratum + evaluator, both random effects (posterior modes, variances by EM), so that a
 *   stratum or an evaluator with few decisions lies near the others;
 *   likeness: how much two decisions on one candidate go together beyond that, apart for two decisions of one evaluator
 *   and of two evaluators: the share of sum e e' in the largest sum that the rates allow, sum min(p, p') - p p'.
 *
 * A decision is "u < p", u uniform: the candidate's own u with probability sqrt(across), the u of this candidate with
 * this evaluator with probability sqrt(within - across), else one of its own.  So every p is exactly kept and every
 * pair of decisions has the likeness that was measured.
 *
 * Bias: some evaluators, another lot each time, have one group each (not looked for in the data, but given); to a
 * candidate of that group their p is p x effect.  A candidate whose class is only predicted has a class drawn from his
 * posterior each time; one of unknown class is treated by nobody by class.  A crossed attribute (audit/intersect.h)
 * behind its parts has the pair of the drawn classes.
 *
 * Deterministic: (seed, repetition) gives the same decisions on every machine, and with another effect the same draws.
 */
#ifndef EH_AUDIT_SIMULATE_H
#define EH_AUDIT_SIMULATE_H

#include <stddef.h>
#include <stdint.h>

#include "audit/data.h"
#include "base/err.h"

struct eh_sim;

/* What was estimated, for showing. */
struct eh_sim_estimates {
	double rate;	    /* decisions that selected / decisions */
	double severity_sd; /* of the evaluators, on the logit */
	double stratum_sd;
	double within, across; /* likeness of two decisions on one candidate: by one evaluator, by two; 0..1 */
};

/* A group that may be the one of a biased evaluator. */
struct eh_sim_cell {
	uint32_t attribute, group;
};

struct eh_sim_plan {
	uint64_t seed;
	uint32_t biased;		/* evaluators; 0 = nobody */
	double effect;			/* 0..1 */
	const struct eh_sim_cell *cell; /* [n_cells], each equally likely among those the evaluator has judged */
	size_t n_cells;
};

#define EH_SIM_INNOCENT UINT32_MAX

/* d must be sorted and is borrowed until eh_sim_free; its `selected` is read here only.  EH_EINVAL: no decisions;
 * EH_ENOMEM: *out is NULL. */
int eh_sim_new(struct eh_sim **out, const struct eh_audit_data *d, struct eh_err *err);
void eh_sim_free(struct eh_sim **s);
const struct eh_sim_estimates *eh_sim_estimates(const struct eh_sim *s);

/* Expected decisions of an evaluator on the group, by known and predicted classes. */
double eh_sim_judged(const struct eh_sim *s, uint32_t evaluator, struct eh_sim_cell cell);

/*
 * Fills selected [n_decisions], in the order of d's rows (it may be d's own column), and guilty [evaluators]: the index
 * of the cell in the plan, or EH_SIM_INNOCENT.  Evaluators with less than one expected decision in every cell are
 * passed over, so there may be fewer guilty ones than asked for; their number is returned.
 */
uint32_t eh_sim_draw(uint8_t *selected, uint32_t *guilty, struct eh_sim *s, const struct eh_sim_plan *plan,
		     uint64_t repetition);

#endif
