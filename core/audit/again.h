/*
 * again.h - an audit that is kept, so that a change costs what it changes: one more evaluation, another limit.
 *
 * Evaluations are counted into kinds with weights (data.h), or rows of one person each.  What an
 * evaluator's findings rest on are his own kinds, so the others' are kept; everybody's and the positions' findings are
 * made anew from kept patterns and kept histograms of scores, in which his part is replaced (pool.h, score_pools.h);
 * peers, families and benchmark over all findings.  The result has the same bytes as eh_audit_run on the changed data,
 * on any number of threads, because every statistic that is made anew is made by the same steps in the same order.
 */
#ifndef EH_AUDIT_AGAIN_H
#define EH_AUDIT_AGAIN_H

#include "audit/audit.h"
#include "audit/replace.h"
#include "audit/rows.h"
#include "audit/score_kinds.h"

struct eh_kept;

/*
 * Audits and keeps.  d: as eh_audit_run wants it; borrowed, and changed by nobody but eh_kept_replace until
 * eh_kept_free.
 */
int eh_kept_new(struct eh_kept **out, struct eh_audit_data *d, const struct eh_audit_settings *s,
		const struct eh_progress *progress, struct eh_err *err);
void eh_kept_free(struct eh_kept **k);                  /* NULL-safe */

/* As of the last audit; borrowed.  Verdicts may be written into them; they stay where a finding is not made anew. */
struct eh_findings eh_kept_findings(const struct eh_kept *k);

/*
 * What an evaluator decided is now this, of the same positions, strata and classes as the data have: v [n > 0], in the
 * order in which data gathered anew would number them; scored: his scores, whose content goes into the data, NULL where
 * those have none.  *changed (NULL = nobody asks) is set where that is something else than before.  Shown by the next
 * eh_kept_again.  EH_EINVAL: the data are not of counted kinds; EH_ERANGE: too many decisions; nothing is changed.
 * After EH_ENOMEM nothing but eh_kept_free is possible.
 */
int eh_kept_replace(struct eh_kept *k, uint32_t evaluator, const struct eh_kind_now *v, size_t n,
		    struct eh_score_kinds *scored, bool *changed, struct eh_err *err);

/*
 * The same where candidates are one person each, of known classes; positions, strata and classes are those that the
 * data have (rows.h).  What is made anew is more: whoever judged his candidates too is in everybody's findings beside
 * him, so those are made from all rows again.  EH_EINVAL, EH_ERANGE: nothing is changed.  After EH_ENOMEM nothing but
 * eh_kept_free is possible.
 */
int eh_kept_replace_rows(struct eh_kept *k, uint32_t evaluator, const struct eh_rows_now *now, struct eh_err *err);

/*
 * Audits what was replaced since, with these settings.  Settings that differ in reference, seed, known_only,
 * plain_ratio, boschloo or median_known, another set of groups above the smallest share, or predicted classes, make
 * everything anew; with any others only what depends on them is.  EH_EINVAL: settings that are not usable; nothing is
 * changed.  After any other error nothing but eh_kept_free is possible.
 */
int eh_kept_again(struct eh_kept *k, const struct eh_audit_settings *s, struct eh_err *err);

#endif
