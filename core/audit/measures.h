/*
 * measures.h - the statistics of a finding beside those it is decided by: effect sizes, posterior, bounds for unknown
 * classes, scores.
 */
#ifndef EH_AUDIT_MEASURES_H
#define EH_AUDIT_MEASURES_H

#include "audit/audit.h"
#include "audit/counts.h"
#include "audit/order.h"
#include "audit/score_table.h"
#include "audit/slice.h"
#include "audit/strata.h"

/* All of them undefined for one reason; no scores. */
void eh_measures_none(struct eh_finding *f, enum eh_undef why);

/*
 * From the plain table t and, with several strata, from mh (else NULL).  independent: persons = decisions; without it
 * posterior, odds_interval and p_boschloo are EH_U_REPEATED.  p_boschloo is EH_U_NOT_ASKED unless s asks for it.  f's
 * persons and limit are set.
 */
void eh_measures_table(struct eh_finding *f, const struct eh_fourfold *t, const struct eh_strata *mh, bool independent,
		       const struct eh_audit_settings *s);

/* The uncertain decisions of the scope and what they could make of the table's ratio. */
void eh_measures_unknown(struct eh_finding *f, const struct eh_fourfold *t, const struct eh_cube *cube);

/*
 * Scores of all findings of a run, v in the order of struct eh_findings; nothing where the data have none.  The
 * reference is the finding's own, without the groups below the small-group rule; with the rule "highest" the scoring
 * ratio is against the highest scoring rate (Local Law 144).  The median is that of everybody in the scope with a
 * score, or with s->median_known of the persons whose class is known for certain.  EH_ENOMEM.
 */
int eh_measures_scores(struct eh_finding *v, const struct eh_order *o, const struct eh_audit_settings *s,
		       struct eh_err *err);
/* Those of one scope (0 everybody, then the positions, then the evaluators) and attribute, whose table is known. */
int eh_measures_score_table(struct eh_finding *v, const struct eh_order *o, const struct eh_audit_settings *s,
			    size_t scope, size_t attribute, const struct eh_score_table *t, struct eh_err *err);
/* Those of one evaluator, in data with d->scored. */
int eh_measures_score_evaluator(struct eh_finding *v, const struct eh_order *o, const struct eh_audit_settings *s,
				uint32_t evaluator, struct eh_err *err);

#endif
