/*
 * assess.h - all statistics of one group in one slice: from counts to the numbers a decision looks at.
 */
#ifndef EH_AUDIT_ASSESS_H
#define EH_AUDIT_ASSESS_H

#include "audit/audit.h"
#include "audit/counts.h"
#include "audit/peers.h"
#include "audit/slice.h"

/* What the findings of one slice and attribute share. */
struct eh_scope_data {
	const struct eh_slice *slice;
	const struct eh_cube *cube;
	const struct eh_attribute_data *attribute;
	const struct eh_audit_settings *settings;
	eh_groups eligible;             /* groups that are not below two percent */
	int fixed;                      /* index of the fixed reference, or -1 */
};

/* Beside a finding, for the work over all findings of a run. */
struct eh_work {
	struct eh_peer peer;            /* ln ratio and its variance */
	bool mirror;                    /* shares its p with an earlier finding: enters the family through that one */
};

/* The scope has predicted persons and probabilities for them: basis EH_BASIS_SCREENING. */
bool eh_scope_predicted(const struct eh_scope_data *d);

/*
 * Fills f and w for every group of the attribute [n_groups]; the caller has set evaluator, attribute and position.
 * Verdicts stay EH_OK_VERDICT with an empty reason; only builtin is formed.  q, benchmark and peers stay undefined.
 * EH_ENOMEM.
 */
int eh_assess(struct eh_finding *f, struct eh_work *w, const struct eh_scope_data *d, struct eh_err *err);

/* The persons of focal group g (1), of the set (0), of neither (-1): side [n_persons]. */
void eh_scope_sides(int8_t *side, const struct eh_scope_data *d, size_t g, eh_groups reference);

#endif
