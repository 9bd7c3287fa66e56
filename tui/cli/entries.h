/*
 * entries.h - the entries of all commands, and what few of them share.
 */
#ifndef EH_CLI_ENTRIES_H
#define EH_CLI_ENTRIES_H

#include "cli/cli.h"

extern const struct cli_entry cli_init, cli_import, cli_extract, cli_train, cli_classify, cli_rates, cli_raters,
	cli_audit, cli_trend, cli_calibrate, cli_evaluators, cli_metrics, cli_notifications_list,
	cli_notifications_show, cli_notifications_confirm,
	cli_notifications_reject, cli_notifications_act, cli_notifications_close,
	cli_explain, cli_policy_list, cli_policy_propose, cli_policy_approve, cli_policy_retire,
	cli_policy_diff, cli_policy_declare, cli_policy_declarations, cli_policy_check, cli_policy_test,
	cli_policy_repl, cli_policy_new, cli_policy_explain, cli_policy_run,
	cli_policy_show, cli_model_list,
	cli_model_card, cli_model_export, cli_model_remove, cli_consent_grant, cli_consent_withdraw, cli_consent_list,
	cli_journal_show, cli_journal_verify, cli_doctor, cli_demo, cli_tui, cli_help, cli_version, cli_completion,
	cli_mail_send, cli_mail_status, cli_manual, cli_indicators, cli_show_candidate;

/*
 * --limit: "4/5", or exactly the same as ".8", "0.80" or "80%", 0 < num <= den <= 1000; unchanged without it.  false:
 * message printed.
 */
bool cli_read_limit(struct cli *c, int32_t *num, int32_t *den);
bool cli_family_valid(const char *text);
/* --limit, --min, --family of a policy run; false: message printed. */
bool cli_read_overrides(struct cli *c, struct eh_audit_overrides *o);
/* --from and --to; false: message printed. */
bool cli_read_days(struct cli *c, struct eh_window *w);
/* Members "window" (null = all days) and "period" (null = not compared by it). */
void cli_put_window(struct eh_json *doc, const struct eh_window *w);
/* --looks; unchanged without it. */
bool cli_read_looks(struct cli *c, char looks[8]);

#endif
