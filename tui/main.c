/* The program: joins core, Lua engine and screens, and lists the commands. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
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

/*
 * A closed stream's number goes to the next file that is opened, and so, soon, to one of the store: what is printed
 * then would be written over its pages.  Each gets a file on which its use fails as on a closed one.
 */
static bool hold_streams(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			return false;
	return true;
}

int main(int argc, char **argv)
{
	if (!hold_streams())
		return eh_status_exit(EH_EENV);
	/* a reader who has enough ends the program silently, also where whoever started it does not want to know */
	(void)signal(SIGPIPE, SIG_DFL);
	/* characters of the terminal only: numbers and times never depend on the locale */
	(void)setlocale(LC_CTYPE, "");
	(void)umask(077);
	return cli_main(argc, argv, eh_lua_engine());
}
