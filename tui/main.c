/* The program: joins core, Lua engine and screens, and lists the commands. */
#include <locale.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/entries.h"
#include "lua/engine.h"

const struct cli_entry *const cli_entries[] = {
	&cli_init, &cli_import, &cli_extract, &cli_show_candidate, &cli_indicators, &cli_train, &cli_classify,
	&cli_audit, &cli_trend, &cli_calibrate, &cli_rates, &cli_raters,
	&cli_evaluators, &cli_metrics, &cli_notifications_list, &cli_notifications_show, &cli_notifications_confirm,
	&cli_notifications_reject, &cli_notifications_act, &cli_notifications_close, &cli_explain,
	&cli_policy_list, &cli_policy_new, &cli_policy_check, &cli_policy_test, &cli_policy_repl, &cli_policy_run,
	&cli_policy_explain, &cli_policy_show,
	&cli_policy_propose, &cli_policy_approve, &cli_policy_retire, &cli_policy_diff, &cli_policy_declare,
	&cli_policy_declarations,
	&cli_model_list, &cli_model_card, &cli_model_export, &cli_model_remove,
	&cli_mail_send, &cli_mail_status,
	&cli_consent_grant, &cli_consent_withdraw, &cli_consent_list,
	&cli_journal_show, &cli_journal_verify, &cli_doctor, &cli_demo, &cli_tui,
	&cli_help, &cli_version, &cli_completion, &cli_manual, NULL
};

int main(int argc, char **argv)
{
	/* characters of the terminal only: numbers and times never depend on the locale */
	(void)setlocale(LC_CTYPE, "");
	(void)umask(077);
	return cli_main(argc, argv, eh_lua_engine());
}
