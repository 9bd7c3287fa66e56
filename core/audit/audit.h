/*
 * audit.h - decisions and classes to findings without a verdict.
 *
 * Order of the work: counts -> rates and ratios -> candidate-clustered tests -> predicted
 * classes (EM) -> family correction -> leave-one-out peers -> benchmark.  Verdicts are a policy's
 * business (policy/policy.h); only the built-in four-fifths result is formed here: too_few below the minimum of
 * persons, watch below the limit, cannot_conclude without a ratio, else ok.
 *
 * Peers: under "rest", a fixed reference and "majority" everybody's ratio of the same group; under "highest", where the
 * reference differs between evaluators, everybody's ratio of the same two groups.
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
	uint32_t threads;               /* 0 = one per core; every number gives the same bytes */
	uint32_t min_share;             /* [1/10000 of the pool] a smaller group is listed, not compared; 0..5000 */
	bool boschloo;                  /* compute p_boschloo: milliseconds for each finding */
	bool median_known;              /* the median of the scores leaves out persons of unknown class */
	bool anytime;                   /* the family corrects p_anytime: growing data are looked at more than once */
	uint32_t look;                  /* struct eh_finding */
};
#define EH_MIN_SHARE 200u               /* 2 %: facts/statistics.md 4 */
#define EH_AUDIT_SETTINGS_INIT                                                                                         \
	{ 4, 5, EH_REF_REST, "", 10, 30, "bh", 0.05, 1, false, false, 0, EH_MIN_SHARE, false, false, false, 0 }

struct eh_findings {
	struct eh_finding *v;           /* [n]: per attribute: pooled first, pooled per position, then by evaluator;
					 * within each by group */
	size_t n;
};

/*
 * d must be sorted (eh_audit_data_sort).  EH_EINVAL: limit, family or reference unusable; EH_ENOMEM; EH_ECANCEL.
 * Nothing in d is changed.
 */
int eh_audit_run(struct eh_findings *out, const struct eh_audit_data *d, const struct eh_audit_settings *s,
		 const struct eh_progress *progress, struct eh_err *err);
/* Index of the group that EH_REF_MAJORITY makes the reference in d, by known and (not with known_only, nor where the
 * classifier refuses them) predicted classes; -1: nobody has a class.  EH_EINVAL, EH_ENOMEM. */
int eh_audit_majority(int *out, const struct eh_audit_data *d, size_t attribute, bool known_only, struct eh_err *err);
void eh_findings_free(struct eh_findings *f);

#endif
