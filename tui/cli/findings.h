/*
 * findings.h - the table of findings that several commands print.
 */
#ifndef EH_CLI_FINDINGS_H
#define EH_CLI_FINDINGS_H

#include "cli/cli.h"

/* The estimate of a screening is always told as one (DESIGN.md 7): for people "~0.284", and a line below the table. */
bool cli_is_estimate(const struct eh_finding *f);
void cli_ratio_cell(struct cli_table *t, const struct eh_finding *f, int decimals);
/* Who a finding is about, in TSV `pooled` or the evaluator's id; people see the position behind it, so that findings on
 * everybody and on one position differ.  pooled: NULL = one evaluator. */
void cli_evaluator_cell(struct cli_table *t, const struct eh_finding *f, const char *pooled);
void cli_tell_estimates(const struct cli *c, bool any);

/* keep: NULL = all. */
void cli_findings_table(const struct cli *c, const struct eh_finding *v, size_t n,
			bool (*keep)(const struct eh_finding *));

/* own [n_own]: the policy's own findings, behind the others in the same table. */
void cli_findings_tables(const struct cli *c, const struct eh_finding *v, size_t n, const struct eh_finding *own,
			 size_t n_own, bool (*keep)(const struct eh_finding *));
/* The same as a JSON array. */
struct eh_json *cli_own_json(const struct eh_finding *own, size_t n);

/*
 * Of a run's head: policy, policy_version, policy_hash, policy_state, policy_author and policy_approver (who proposed,
 * who approved), policy_text_author, policy_settings (as the text has them), overridden (which the run has otherwise),
 * override_reason, budget_used.
 */
void cli_put_policy(struct eh_json *doc, const struct eh_audit_head *h);
/* Member "settings": what the run used. */
void cli_put_used(struct eh_json *doc, const struct eh_audit_head *h);
/* The same two for people: lines. */
void cli_print_policy(FILE *out, const struct eh_audit_head *h);
/* Member "pack"; null: the policy is no rule pack. */
void cli_put_pack(struct eh_json *doc, const struct eh_audit_result *r);
/* Of a pack that is not in force as a warning, with --quiet too. */
void cli_say_pack(const struct cli *c, const struct eh_audit_result *r);

/* with_own, with_own_count: who stands out beside a notification to the process; null where that was not stored. */
void cli_put_with_own(struct eh_json *doc, const struct eh_notification *n);

#endif
