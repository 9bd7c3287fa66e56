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
enum eh_reference_rule { EH_REF_HIGHEST = 0, EH_REF_REST = 1, EH_REF_FIXED = 2 };

#define EH_METHOD_MAX 63
#define EH_REASON_MAX 511
#define EH_POOLED_NAME ""               /* evaluator of a pooled finding */

struct eh_interval {
	struct eh_num low, high;        /* high undefined with EH_U_UNBOUNDED = no upper end */
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
	bool below_two_percent;         /* listed only: neither focal nor reference */
	struct eh_interval interval;    /* 95 % of impact_ratio */
	/* "score (Miettinen-Nurminen)", ...; with strata followed by "; MH: " and the method of mh_interval */
	char interval_method[EH_METHOD_MAX + 1];

	struct eh_num z, p_z, p_fisher, p_mid;          /* of the plain table, only when persons = decisions */
	/* shortfall, flips and detectable: of the known classes; with basis screening of the expected counts (EM) */
	struct eh_num shortfall;        /* [persons] fewer than at the reference's rate, stratum by stratum */
	/* the swap of one person, with all decisions on him, turns the order round (with strata that of mh_ratio) */
	enum eh_tri flips;
	struct eh_num mh_ratio, p_cmh, p_breslow_day;   /* with more than one stratum */
	struct eh_interval mh_interval;
	struct eh_num detectable;       /* smallest ratio findable with power .8 */

	/* predicted classes (statistics.md 12); all undefined when nobody is predicted */
	struct eh_num em_ratio, weighted_ratio, p_em;
	struct eh_interval em_interval;
	struct eh_num em_n, em_selected;                /* expected decisions of the group */
	bool robust;                    /* weighted ratio below the limit too */
	char guard[128];                /* "" = guards met, else which was not */

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
	char family_method[8];          /* "bh", "holm", "by", "none": the one that filled q */

	/* benchmark: the second set of evaluators (the modelled outcome) */
	uint32_t bench_evaluators;
	uint64_t bench_n, bench_selected;
	struct eh_num bench_rate, bench_ratio, deviation;       /* deviation = ratio - bench_ratio */
	/* the evaluator against all others, leave-one-out (first_road.md 7A) */
	struct eh_num peers_ratio, peers_z, peers_p, peers_q;

	uint64_t declared, imported, predicted, unknown;        /* persons of this evaluator, this attribute */

	int32_t limit_num, limit_den;
	uint32_t min_group, min_total;
	enum eh_verdict_kind builtin;   /* the built-in four-fifths result, always shown beside the policy's */
	enum eh_verdict_kind verdict;   /* of the policy */
	enum eh_scope scope;
	char reason[EH_REASON_MAX + 1];
};

const char *eh_ratio_kind_text(enum eh_ratio_kind k);   /* "plain", "stratified", "estimated" */
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
};
int eh_audit_head_put(struct eh_txn *txn, const struct eh_audit_head *h, struct eh_err *err);
/* EH_ENOENT: no audit yet */
int eh_audit_head_last(struct eh_txn *txn, struct eh_audit_head *out, struct eh_err *err);
int eh_audit_head_get(struct eh_txn *txn, uint64_t seq, struct eh_audit_head *out, struct eh_err *err);

#endif
