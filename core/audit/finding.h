/*
 * finding.h - one evaluator x attribute x group with its statistics and verdict.
 *
 * Self-contained plain data (no pointers): it crosses to the policy worker, is stored, shown
 * and printed as JSON with the same field names (DESIGN.md 4.3).
 *
 * n and selected count decisions; persons and ref_persons count candidates, the unit of
 * every p-value and interval (DESIGN.md 7).
 */
#ifndef EH_AUDIT_FINDING_H
#define EH_AUDIT_FINDING_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/period.h"
#include "base/err.h"
#include "base/num.h"
#include "base/text.h"
#include "store/store.h"

#define EH_VERDICT_LIST(X)                                                    \
	X(EH_OK_VERDICT,      "ok",              "·")                         \
	X(EH_WATCH,           "watch",           "!")                         \
	X(EH_NOTIFY,          "notify",          "‼")                         \
	X(EH_TOO_FEW,         "too_few",         "?")                         \
	X(EH_NOT_ALLOWED,     "not_allowed",     "×")                         \
	X(EH_CANNOT_CONCLUDE, "cannot_conclude", "~")                         \
	X(EH_POLICY_ERROR,    "policy_error",    "#")

enum eh_verdict_kind {
#define X(id, text, symbol) id,
	EH_VERDICT_LIST(X)
#undef X
	EH_VERDICT_COUNT
};

enum eh_scope { EH_SCOPE_NONE = 0, EH_SCOPE_INDIVIDUAL = 1, EH_SCOPE_SYSTEMIC = 2 };
enum eh_basis { EH_BASIS_KNOWN = 0, EH_BASIS_SCREENING = 1 };   /* known classes only, or with predicted ones */
/* With strata the Mantel-Haenszel ratio, unless the policy asked for the plain one; estimated with predicted
 * classes. */
enum eh_ratio_kind { EH_RATIO_PLAIN = 0, EH_RATIO_STRATIFIED = 1, EH_RATIO_ESTIMATED = 2 };
/* Which test says whether the strata differ (audit/homogeneity.h). */
enum eh_strata_test { EH_STRATA_UNTESTED, EH_STRATA_BRESLOW_DAY, EH_STRATA_LIANG_SELF, EH_STRATA_TESTS };
/* Majority: the largest group of the pool, persons by class, of equal ones the first by the bytes of its name. */
enum eh_reference_rule { EH_REF_HIGHEST = 0, EH_REF_REST = 1, EH_REF_FIXED = 2, EH_REF_MAJORITY = 3 };

/* What the second set decided that the benchmark is of (benchmark.h): about this evaluator's candidates, in the strata
 * in which he decided, or in his positions.  None: there is no second set, or an earlier version stored the finding. */
#define EH_BENCH_LIST(X)                      \
	X(EH_BENCH_NONE,       "none")        \
	X(EH_BENCH_CANDIDATES, "candidates")  \
	X(EH_BENCH_STRATA,     "strata")      \
	X(EH_BENCH_POSITIONS,  "positions")

enum eh_bench_kind {
#define X(id, text) id,
	EH_BENCH_LIST(X)
#undef X
	EH_BENCH_KINDS
};

#define EH_METHOD_MAX 63
#define EH_REASON_MAX 639
#define EH_RULE_MAX 63
#define EH_SUBJECT_MAX 32
#define EH_GUARD_MAX 127
#define EH_POOLED_NAME ""               /* evaluator of a pooled finding */

struct eh_interval {
	struct eh_num low, high;        /* high undefined with EH_U_UNBOUNDED = no upper end */
};

/*
 * Scores of the group against its reference: one per person, the mean of his in the scope (audit/scores.h).  Described,
 * never decided by: these p-values enter no family.
 */
struct eh_finding_scores {
	uint64_t n, ref_n;              /* persons with a score; both 0: the data have none */
	struct eh_num median;           /* of the full sample of the scope: all groups */
	/* share strictly above the median, its ratio to the reference's: the scoring rate of Local Law 144 */
	struct eh_num scoring_rate, ref_scoring_rate, scoring_ratio;
	struct eh_num cohen_d, hedges_g;                /* difference in pooled SD, negative = focal lower */
	struct eh_num p_welch, p_mann_whitney;          /* two-sided */
	struct eh_num ks;               /* largest distance of the two distributions */
	bool rank_exact;                /* p_mann_whitney is the exact one */
};

/*
 * Predicted classes (statistics.md 12) beside em_ratio and weighted_ratio: how far the answer rests on what is assumed
 * about the unseen classes, and what supports it.  Nobody in the scope predicted: all undefined, nothing counted.  The
 * estimate refused by a guard: EH_U_GUARD, but for what is known of the classifier, and `refused` is counted.
 */
struct eh_finding_assumption {
	struct eh_interval bounds;      /* of the ratio, whatever the decisions go by (audit/bounds.h); no
					 * sampling error */
	uint32_t cells;                 /* of predicted persons that they rest on */
	bool em_supports;               /* em_ratio below the limit and em_interval below 1; weighted: robust */
	bool bounds_support;            /* the upper bound is below the limit */
	struct eh_num n_eff;            /* [decisions] of known class that would tell the ratio as surely as these do */
	struct eh_num auc, auc_lo, ece; /* of the classifier, on persons it had not learnt from */
	struct eh_num out_of_scope;     /* share of the predicted persons who are unlike those of the training */
	struct eh_num fit_p;            /* of the pool's scores being some mixture of the labelled
					 * (audit/fit_check.h) */
	uint64_t labelled;              /* persons of known class with a score: behind p_score and p_class */
	struct eh_num p_score, p_class; /* audit/assumption.h: small p_score speaks against EM, small p_class against
					 * the weighted estimate */
	/* for comparison only (audit/comparison.h) */
	struct eh_num threshold_ratio, abstain_ratio, matrix_ratio, matrix_condition;
	uint64_t undetermined;          /* persons whom abstain_ratio leaves out */
	uint64_t refused;               /* predicted persons whose classes a guard refused: `unknown` counts them */
};

/*
 * The evaluator beside the second set on the same candidates (audit/pairs.h, statistics.md 9).  first: only he
 * advanced, second: only the set did; split: candidates on whom one side was divided evenly, who are no pair.  All
 * counts are 0 where the set decided about other candidates (bench_kind).
 */
struct eh_finding_paired {
	uint64_t pairs, first, second, split;           /* candidates of the group */
	uint64_t ref_pairs, ref_first, ref_second;      /* of the reference */
	struct eh_num ref_split;        /* [candidates] whole; EH_U_NOT_COMPUTED: stored by an earlier version */
	struct eh_num p;                /* first against second: McNemar's test, mid-p (audit/paired.h) */
	/*
	 * Does the disagreement go another way on the group than on the reference?  Mid-p (a) of first, second x group,
	 * reference: the exact conditional test of evaluator x group in the logistic model with the candidate's own
	 * level (Gart 1969, Biometrika 56, for matched proportions of two series).  A difference in differences: who is
	 * harsh to everybody has a small p, but no small p_group.
	 */
	struct eh_num p_group;
};

struct eh_finding {
	eh_id evaluator;                /* "" = pooled over all evaluators */
	eh_name attribute, group;
	eh_id position;                 /* pooled per position; "" = all positions */
	char reference[EH_NAME_MAX + 1];/* "rest", or the reference group's name */
	bool is_reference;

	uint64_t n, selected;           /* decisions on the group's persons with a known class */
	uint64_t ref_n, ref_selected;
	uint64_t persons, ref_persons;
	uint32_t strata;                /* position x stage x question with both sides present */
	struct eh_num rate, ref_rate, impact_ratio;
	enum eh_tri below_limit;        /* impact_ratio by exact integers */
	bool below_two_percent;         /* (below min_share) listed only: neither focal nor reference */
	struct eh_interval interval;    /* 95 % of impact_ratio */
	/* "score (Miettinen-Nurminen)", ...; with strata followed by "; MH: " and the method of mh_interval */
	char interval_method[EH_METHOD_MAX + 1];

	struct eh_num z, p_z, p_fisher, p_mid;          /* of the plain table, only when persons = decisions */
	/* shortfall, flips and detectable: of the known classes; with basis screening of the expected counts (EM) */
	struct eh_num shortfall;        /* [persons] fewer than at the reference's rate, stratum by stratum */
	/* the swap of one person, with all decisions on him, turns the order round (with strata that of mh_ratio) */
	enum eh_tri flips;
	struct eh_num mh_ratio, p_cmh, p_breslow_day;   /* with more than one stratum */
	/* Do the strata differ: by Breslow-Day's test where that holds, else by Liang and Self's (audit/homogeneity.h);
	 * EH_U_NOT_COMPUTED: stored by an earlier version, which did not ask whether p_breslow_day holds */
	struct eh_num p_homogeneity;
	enum eh_strata_test homogeneity_test;
	struct eh_num homogeneity_inflation;            /* >= 1, of its variance: persons in several strata */
	struct eh_interval mh_interval;
	struct eh_num detectable;       /* smallest ratio findable with power .8 */

	/* of the plain table; posterior, odds_interval and p_boschloo only when persons = decisions */
	struct eh_num posterior;        /* P(true ratio < limit), independent Jeffreys priors */
	struct eh_num cohen_h, phi;     /* effect sizes, negative = focal lower */
	struct eh_num odds_ratio;       /* where the strata decide Mantel-Haenszel's, else the sample's */
	struct eh_interval odds_interval;               /* 95 %, Robins-Breslow-Greenland; one stratum: Woolf's */
	struct eh_num shortfall_pooled; /* [persons] fewer than at the rate of both together, stratum by stratum */
	struct eh_num p_boschloo;       /* only where the settings ask for it */
	/*
	 * Decisions on persons whose class is not known for certain, and the lowest and highest impact_ratio they
	 * could make, each of them put on the worse side: low = all that were selected with the reference, the others
	 * with the group; high the other way round.
	 */
	uint64_t uncertain_n, uncertain_selected;
	struct eh_num ratio_if_unknown_low, ratio_if_unknown_high;
	struct eh_finding_scores scores;

	/* predicted classes (statistics.md 12); all undefined when nobody is predicted */
	struct eh_num em_ratio, weighted_ratio, p_em;
	struct eh_interval em_interval;
	struct eh_num em_n, em_selected;                /* expected decisions of the group */
	bool robust;                    /* weighted ratio below the limit too */
	char guard[EH_GUARD_MAX + 1];   /* "" = guards met, else which was not: basis is known then (audit/basis.h) */
	struct eh_finding_assumption assume;

	/* what the verdict rests on: the evaluator's own ratio, its interval, its p */
	enum eh_basis basis;
	enum eh_ratio_kind rests_on;    /* which one ratio is */
	struct eh_num ratio;            /* mh_ratio | impact_ratio | em_ratio */
	struct eh_interval ratio_interval;
	enum eh_tri ratio_below;        /* below the limit; exact integers for a plain ratio */
	struct eh_num p;                /* candidate-clustered; enters the family */
	char p_method[EH_METHOD_MAX + 1];
	struct eh_num q, q_holm;        /* corrected in the family */
	uint32_t family_size;
	/* of p in the family, 1 = smallest; of equal ones the last, with Holm the first (audit/family.h); 0 = none */
	uint32_t family_rank;
	char family_method[8];          /* "bh", "holm", "by", "none": the one that filled q */
	struct eh_num alpha;            /* the level that the settings ask for */
	struct eh_num p_anytime;        /* of the same score, right at any number of looks (audit/sequential.h) */
	bool anytime;                   /* p_anytime is what the family corrected, and behind detectable */
	/* stored audits of this project with other decisions than the one before, this one counted: 1 = nothing was
	 * looked at before; 0 = not known, as for a table on its own */
	uint32_t look;

	/* benchmark: the second set of evaluators (the modelled outcome) */
	uint32_t bench_evaluators;
	uint64_t bench_n, bench_selected;
	enum eh_bench_kind bench_kind;
	uint32_t bench_strata;          /* with both sides, that bench_ratio is stratified over; 0 = it is plain */
	struct eh_num bench_rate, bench_ratio, deviation;       /* deviation = ratio - bench_ratio */
	struct eh_interval bench_interval;      /* 95 % of bench_ratio (audit/benchmark.h) */
	struct eh_interval deviation_interval;                  /* 95 % (audit/benchmark.h) */
	struct eh_finding_paired paired;
	/*
	 * The evaluator against all others, leave-one-out (first_road.md 7A): peers_ratio = ratio / peers_others, that
	 * of the others together (audit/peers.h), of whom these are the numbers.  Corrected: ratio is 0 or has no
	 * variance, so half a person was added to each cell, and it is that ratio which is compared.
	 */
	struct eh_num peers_ratio, peers_z, peers_p, peers_q, peers_others;
	bool peers_corrected;
	uint32_t peers_evaluators;
	uint64_t peers_n, peers_selected, peers_ref_n, peers_ref_selected;      /* decisions, classes known */

	uint64_t declared, imported, predicted, unknown;        /* persons of this evaluator, this attribute */

	int32_t limit_num, limit_den;
	uint32_t min_group, min_total;
	uint32_t min_share;             /* [1/10000 of the pool] below it: below_two_percent */
	enum eh_verdict_kind builtin;   /* the built-in four-fifths result, always shown beside the policy's */
	enum eh_verdict_kind verdict;   /* of the policy */
	enum eh_scope scope;
	char reason[EH_REASON_MAX + 1];
	char rule[EH_RULE_MAX + 1];     /* which rule of the policy spoke, as it calls it; "" = it does not say */

	/*
	 * A finding of the policy's own (policy/own.h): in no family, without benchmark and peers.  What it is about
	 * besides evaluator and position, "" = all of them; with a subject it is about the project itself and has
	 * neither attribute nor group.  n, ref_n and what follows from them stand only where counted.
	 */
	bool own, counted;
	eh_id stage, question;
	char period[8];                 /* "2026-03" */
	char subject[EH_SUBJECT_MAX + 1];       /* "consent" */
};

const char *eh_bench_kind_text(enum eh_bench_kind k);   /* "candidates" */
/* Neither second set nor pairs nor peers: all of it undefined for one reason, the counts 0. */
void eh_finding_alone(struct eh_finding *f, enum eh_undef why);
/* How deviation_interval was made, "" where there is none; names of the two tests in struct eh_finding_paired. */
const char *eh_deviation_method(const struct eh_finding *f);
#define EH_PAIRED_METHOD "McNemar mid-p; against the reference: Gart, mid-p (a)"
const char *eh_ratio_kind_text(enum eh_ratio_kind k);   /* "plain", "stratified", "estimated" */
const char *eh_strata_test_text(enum eh_strata_test t); /* "breslow_day", "liang_self"; untested "" */
/* The ratio to name beside it: the plain one, or beside the plain one the stratified; undefined (EH_U_ONE_STRATUM,
 * say) when there is only the one. */
struct eh_num eh_finding_other_ratio(const struct eh_finding *f);

const char *eh_verdict_text(enum eh_verdict_kind v);
const char *eh_verdict_symbol(enum eh_verdict_kind v, bool ascii);     /* ASCII: "!!" for notify, "." for ok */
int eh_verdict_parse(enum eh_verdict_kind *out, const char *text);      /* EH_EFORMAT */

/* Versioned codec of EH_T_FINDINGS: audit number and index in the run. */
int eh_finding_put(struct eh_txn *txn, uint64_t audit, uint32_t index, const struct eh_finding *f, struct eh_err *err);
int eh_finding_get(struct eh_txn *txn, uint64_t audit, uint32_t index, struct eh_finding *out, struct eh_err *err);
int eh_findings_each(struct eh_txn *txn, uint64_t audit,
		     int (*fn)(void *ctx, uint32_t index, const struct eh_finding *f, struct eh_err *err), void *ctx,
		     struct eh_err *err);

/*
 * What the project's registry (policy/registry.h) said of the policy's text when it was run.  Not recorded: stored by
 * an earlier version.  Shipped default: the text that comes with the program, which runs without anybody's approval.
 */
#define EH_POLICY_STATE_LIST(X) \
	X(EH_POLICY_NOT_RECORDED, "not recorded") \
	X(EH_POLICY_DRAFT,        "draft") \
	X(EH_POLICY_PROPOSED,     "proposed") \
	X(EH_POLICY_ACTIVE,       "active") \
	X(EH_POLICY_RETIRED,      "retired") \
	X(EH_POLICY_DEFAULT,      "shipped default")

enum eh_policy_state {
#define X(name, text) name,
	EH_POLICY_STATE_LIST(X)
#undef X
	EH_POLICY_STATES
};
const char *eh_policy_state_text(enum eh_policy_state s);
/* Was a text in this state run without being activated? */
bool eh_policy_state_open(enum eh_policy_state s);

#define EH_LOGIN_MAX 32

/* Does the policy's rule pack (policy/pack.h) hold on the day of the run? */
#define EH_PACK_STATE_LIST(X) \
	X(EH_PACK_NONE,     "none") \
	X(EH_PACK_BEFORE,   "not yet in force") \
	X(EH_PACK_IN_FORCE, "in force") \
	X(EH_PACK_OVER,     "no longer in force")

enum eh_pack_state {
#define X(name, text) name,
	EH_PACK_STATE_LIST(X)
#undef X
	EH_PACK_STATES
};
const char *eh_pack_state_text(enum eh_pack_state s);

#define EH_PACK_TEXT_MAX 223
#define EH_AUTHOR_MAX 95
#define EH_OVERRIDE_REASON_MAX 400

/* Settings of a policy as its text has them, whatever a run used. */
struct eh_head_settings {
	int32_t limit_num, limit_den;
	uint32_t min_group, min_total, min_share;
	char family[8];
	struct eh_num alpha;
	bool anytime;
};

/* What stands at the head of one audit run. */
struct eh_audit_head {
	uint64_t seq;
	int64_t at;
	char policy[EH_NAME_MAX + 1], policy_version[16], policy_hash[65];
	int32_t limit_num, limit_den;
	uint32_t findings, evaluators, notify, watch, too_few, ok, other;
	uint32_t family_size;
	char family_method[8];
	uint64_t decisions, holds;
	uint64_t counts;                /* version of the count cubes (audit/cubes.h), 0 = not known */
	uint32_t look;                  /* struct eh_finding */
	bool anytime;
	/* of the policy's text, and who proposed and who approved it; "" = nobody did */
	enum eh_policy_state policy_state;
	char policy_author[EH_LOGIN_MAX + 1], policy_approver[EH_LOGIN_MAX + 1];
	/* the other settings used; alpha undefined = stored by an earlier version */
	struct eh_num alpha;
	uint32_t min_group, min_total, min_share;
	char author[EH_AUTHOR_MAX + 1]; /* as the policy's text says */
	char pack[EH_PACK_TEXT_MAX + 1];        /* the rule pack and its date, in words (policy/pack.h); "" = none */
	enum eh_pack_state pack_state;
	uint32_t own;                   /* findings of the policy's own; counted in notify, watch ... too */
	struct eh_window window;        /* of the decisions that it looked at */
	/* decisions without a time: left out of a bounded window, else strata of their own */
	uint64_t untimed;
	struct eh_head_settings text;   /* alpha undefined = stored by an earlier version: not known */
	char reason[EH_OVERRIDE_REASON_MAX + 1];        /* why looser settings than those were used; "" = not said */
	/* what the policy's worker used: VM instructions (rounded to a step), [bytes] at most, [s] wall; seconds
	 * undefined = stored by an earlier version */
	uint64_t instructions, memory;
	struct eh_num seconds;
};
/* Which settings of the run are not the text's: bits 1 << enum eh_head_setting; 0 where that is not known. */
#define EH_HEAD_SETTING_LIST(X) \
	X(EH_SET_LIMIT,     "limit") \
	X(EH_SET_MIN_GROUP, "min_group") \
	X(EH_SET_MIN_TOTAL, "min_total") \
	X(EH_SET_MIN_SHARE, "min_share") \
	X(EH_SET_FAMILY,    "family") \
	X(EH_SET_ALPHA,     "alpha") \
	X(EH_SET_LOOKS,     "looks")

enum eh_head_setting {
#define X(name, text) name,
	EH_HEAD_SETTING_LIST(X)
#undef X
	EH_HEAD_SETTINGS
};
const char *eh_head_setting_text(enum eh_head_setting s);
unsigned eh_head_overridden(const struct eh_audit_head *h);

int eh_audit_head_put(struct eh_txn *txn, const struct eh_audit_head *h, struct eh_err *err);
/*
 * The number of the look that an audit would be: of as many decisions as the last one, and the same, it repeats its
 * look, any other is a new one.  counts: version of the count cubes (audit/cubes.h), which tells what is the same; 0 =
 * not known, and where it is not known of one of the two, their number alone tells.  An audit without a look of its own
 * (stored by an earlier version) counts as one.  The last one is that of the same days (window; NULL = all): other days
 * are other data, whose looks are counted on their own.
 */
int eh_audit_look(struct eh_txn *txn, const struct eh_window *window, uint64_t decisions,
		  uint64_t counts, uint32_t *look, struct eh_err *err);
/* EH_ENOENT: no audit yet */
int eh_audit_head_last(struct eh_txn *txn, struct eh_audit_head *out, struct eh_err *err);
int eh_audit_head_get(struct eh_txn *txn, uint64_t seq, struct eh_audit_head *out, struct eh_err *err);

#endif
