/*
 * audit.h - decisions and classes to findings without a verdict.
 *
 * Order of the work: counts -> rates and ratios -> candidate-clustered tests -> predicted
 * classes (EM) -> family correction -> leave-one-out peers -> benchmark.  Verdicts are a policy's
 * business (policy/policy.h); only the built-in four-fifths result is formed here: too_few below the minimum of
 * persons, watch below the limit, cannot_conclude without a ratio, else ok.
 *
 * Peers: under "rest" and a fixed reference everybody's ratio of the same group; under "highest", where the reference
 * differs between evaluators, everybody's ratio of the same two groups.
 */
#ifndef EH_AUDIT_AUDIT_H
#define EH_AUDIT_AUDIT_H

#include "audit/data.h"
#include "audit/finding.h"
#include "base/progress.h"

struct eh_audit_settings {
	int32_t limit_num, limit_den;   /* 4, 5 */
	enum eh_reference_rule reference;       /* EH_REF_REST for evaluator_screen */
	eh_name fixed_reference;        /* EH_REF_FIXED */
	uint32_t min_group, min_total;  /* [persons] 10, 30 */
	char family[8];                 /* "bh", "holm", "by", "none" */
	double alpha;                   /* .05 */
	uint64_t seed;                  /* of anything drawn; printed */
	bool known_only;                /* predicted classes count as unknown; for rules of law */
	/* the finding's own ratio, with its interval, test and effect, is that of the plain table even where there are
	 * several strata; for rules of law */
	bool plain_ratio;
};
#define EH_AUDIT_SETTINGS_INIT { 4, 5, EH_REF_REST, "", 10, 30, "bh", 0.05, 1, false, false }

struct eh_findings {
	struct eh_finding *v;           /* [n]: per attribute: pooled first, pooled per position, then by evaluator;
					 * within each by group */
	size_t n;
};

/*
 * d must be sorted (eh_audit_data_sort).  EH_EINVAL: limit, family or reference unusable;
 * EH_ENOMEM.  Nothing in d is changed.
 */
int eh_audit_run(struct eh_findings *out, const struct eh_audit_data *d, const struct eh_audit_settings *s,
		 const struct eh_progress *progress, struct eh_err *err);
void eh_findings_free(struct eh_findings *f);

#endif
