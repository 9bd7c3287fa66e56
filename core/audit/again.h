/*
 * again.h - an audit that is kept, so that a change costs what it changes: one more evaluation, another limit.
 *
 * Data of kinds with weights only (data.h).  What an evaluator's findings rest on are his own kinds, so the others' are
 * kept; everybody's and the positions' findings are made anew from the kept patterns with the changed numbers; peers,
 * families and benchmark over all findings.  The result has the same bytes as eh_audit_run on the changed data, on any
 * number of threads, because every statistic that is made anew is made by the same steps in the same order.
 */
#ifndef EH_AUDIT_AGAIN_H
#define EH_AUDIT_AGAIN_H

#include "audit/audit.h"

struct eh_kept;

/*
 * Audits and keeps.  d: as eh_audit_run wants it, with weights; borrowed, and changed by nobody but eh_kept_count until
 * eh_kept_free.  EH_EINVAL: without weights.
 */
int eh_kept_new(struct eh_kept **out, struct eh_audit_data *d, const struct eh_audit_settings *s,
		const struct eh_progress *progress, struct eh_err *err);
void eh_kept_free(struct eh_kept **k);                  /* NULL-safe */

/* As of the last audit; borrowed.  Verdicts may be written into them; they stay where a finding is not made anew. */
struct eh_findings eh_kept_findings(const struct eh_kept *k);

/*
 * The kind of a person: candidate number in the data, or UINT32_MAX when there is none like it yet.
 * n decisions in the order of the strata; group [n_attributes], -1 = not known.
 */
uint32_t eh_kept_kind(const struct eh_kept *k, uint32_t evaluator, uint32_t position, const int16_t *group,
		      const uint32_t *stratum, const uint8_t *selected, size_t n);

/* `more` persons more of a kind.  EH_ERANGE: nobody would be left of it; nothing is changed. */
int eh_kept_count(struct eh_kept *k, uint32_t candidate, int32_t more, struct eh_err *err);

/*
 * Audits what was counted since, with these settings.  Settings that differ in limit, min_group, min_total, family and
 * look only reuse what does not depend on them; any other difference, or a group that passes the smallest share, makes
 * everything anew.  After an error nothing but eh_kept_free is possible.
 */
int eh_kept_again(struct eh_kept *k, const struct eh_audit_settings *s, struct eh_err *err);

#endif
