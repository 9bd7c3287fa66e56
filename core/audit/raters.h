/*
 * raters.h - the evaluators as raters: who is harsh to all, and who is harsh to one group.
 *
 * Severity is the evaluator's own constant in a mixed model of the decisions (severity.h) whose fixed effects are the
 * strata and the groups of every attribute; persons whose class is not known are a level of their own.  Bias is what
 * an evaluator does to one group beyond his severity and beyond what all evaluators together do to it: a pool that is
 * biased as a whole shows in `groups`, not here (facts/statistics.md 13; vocabulary of the FACETS program).
 *
 * The candidate is the unit: where an evaluator decides several times about one person, variances of his sums are
 * widened by the correlation of residuals within (evaluator, person), estimated once over all.
 */
#ifndef EH_AUDIT_RATERS_H
#define EH_AUDIT_RATERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/agreement.h"
#include "audit/connect.h"
#include "audit/data.h"
#include "audit/finding.h"
#include "audit/severity.h"
#include "base/err.h"
#include "base/num.h"

struct eh_raters_settings {
	bool by_position;               /* strata are the candidates' positions, not position x stage x question */
	enum eh_link link;              /* what joins evaluators that may be compared */
	char family[8];                 /* "bh", "holm", "by", "none" */
	double alpha;                   /* of q in the sentences */
	uint32_t min_group;             /* [persons] of the group and of the rest: below it a bias has no q */
	unsigned draws;                 /* of the bootstrap */
	uint64_t seed;
	double predicted;               /* 0 = predicted classes are not known; else the least posterior that counts */
};
#define EH_RATERS_SETTINGS_INIT { false, EH_LINK_STRATUM, "bh", 0.05, 10, 1000, 1, 0.0 }

struct eh_rater_bias {
	uint32_t attribute, group;      /* indexes into the data */
	uint64_t n, selected, persons;  /* decisions that inform the model */
	double expected;                /* selections by the model with his own severity */
	/*
	 * [logit] against the rest of his persons and the other evaluators' treatment of the group; negative = harsher
	 * on it.  EH_U_EMPTY_GROUP, EH_U_NOBODY_SELECTED, EH_U_EVERYBODY_SELECTED, EH_U_NO_PEERS.
	 */
	struct eh_num size, se;
	struct eh_num t, p;             /* size / se; two-sided, Student on persons - 2 */
	struct eh_num q;                /* EH_U_TOO_FEW below min_group */
	/* [logit] his severity to the rest of his persons, against the mean: harsh to all is harsh to them too */
	struct eh_num rest, rest_se;
};

/* Trend of the residuals over decided_at, against the trend of all. */
struct eh_rater_drift {
	uint64_t n;                     /* decisions with a time */
	/* [logit per 30 d] positive = grows harsher; EH_U_NO_TIMES, EH_U_ZERO_VARIANCE (one day), EH_U_NO_PEERS */
	struct eh_num size, se;
	struct eh_num p, q;
};

/* Scores beyond severity and strata.  Of decisions alone no centrality is defined: EH_U_NO_SCORES. */
struct eh_rater_scores {
	uint64_t n, persons;
	struct eh_num severity, se;     /* [points] below the others */
	struct eh_num spread;           /* SD of his scores over that of the others' [1]; below 1 = central */
	struct eh_num p, q;             /* spread is 1 */
};

#define EH_SENTENCE_MAX 767

struct eh_rater {
	uint32_t component;             /* EH_NO_COMPONENT */
	uint64_t n, persons, selected;  /* all his decisions */
	uint64_t informing;             /* those that inform the model */
	struct eh_num severity, se, p, q;       /* [logit] positive = harsher than the mean; EH_U_NO_PEERS */
	bool extreme;                   /* all or none selected of those that inform: shrunk */
	double design_effect;           /* variance of his sum over that of independent decisions, >= 1 */
	struct eh_num infit, outfit;    /* mean squares, 1 expected */
	uint64_t pairs;                 /* decisions of others on the same candidate and stratum */
	struct eh_num observed_agreement, expected_agreement;   /* 0..1; EH_U_ONE_RATING */
	struct eh_rater_drift drift;
	struct eh_rater_scores scores;
	struct eh_rater_bias *bias;     /* [n_bias of the result] attributes in order, then groups */
	char sentence[EH_SENTENCE_MAX + 1];
};

/* The pool's own difference: effect of a group against the attribute's largest one, over all evaluators. */
struct eh_raters_group {
	uint32_t attribute, group;
	uint64_t n, selected;
	bool is_base;
	struct eh_num effect, se;       /* [logit] */
};

struct eh_raters_agreement {
	struct eh_num alpha, alpha_ordinal, fleiss;     /* alpha: decisions nominal, scores interval */
	struct eh_interval alpha_interval;      /* bootstrap over candidates, 95 % */
	struct eh_icc icc;              /* scores only */
	uint64_t units;                 /* candidate x stratum with two or more ratings */
};

struct eh_raters {
	struct eh_rater *v;             /* [n] in the order of the evaluators' names */
	size_t n, n_bias;
	uint64_t n_decisions;
	struct eh_rater_bias *bias;     /* [n][n_bias] what v[i].bias points into */
	struct eh_raters_group *groups; /* [n_bias] */
	uint64_t *unknown;              /* [n_attributes] decisions on persons without a known class */
	size_t n_attributes;
	struct eh_connect candidates, strata;
	struct eh_severity model;
	struct eh_cells cells;
	size_t n_strata;                /* of the model */
	uint64_t silent;                /* decisions in strata or groups where all or none were selected */
	double correlation;             /* of residuals within (evaluator, person), 0..1 */
	double design_effect;           /* mean; the chi-square is divided by it */
	struct eh_num chi_square, p_chi;
	struct eh_num observed_agreement, expected_agreement;
	struct eh_num drift;            /* [logit per 30 d] of all, positive = all grow harsher */
	/* biases that are defined, over all evaluators and groups; EH_U_NO_CLASSES: of no attribute two groups are
	 * known, so that who is harsh to all may be harsh to one group only */
	struct eh_num interactions;
	uint32_t family_size, severity_family, drift_family, spread_family;
	struct eh_raters_agreement decisions, scores;
};

/* d must be sorted.  EH_EINVAL: a setting; EH_ENOENT: no decisions; EH_ENOMEM.  After an error *out is empty. */
int eh_raters_run(struct eh_raters *out, const struct eh_audit_data *d, const struct eh_raters_settings *s,
		  struct eh_err *err);
void eh_raters_free(struct eh_raters *r);

/* Severity of evaluator a (index) against b: EH_EREFUSED when nothing links them (connect.h). */
struct eh_raters_pair {
	struct eh_num difference, se, p;        /* [logit] positive = a is harsher */
	size_t units;                   /* judged by both */
	struct eh_num kappa;            /* of their decisions */
};
int eh_raters_compare(struct eh_raters_pair *out, const struct eh_raters *r, const struct eh_audit_data *d,
		      const struct eh_raters_settings *s, uint32_t a, uint32_t b, struct eh_err *err);

#endif
