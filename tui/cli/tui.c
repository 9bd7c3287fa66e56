/* evenhand tui: the screens. */
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/entries.h"
#include "tui.h"

static int run(struct cli *c)
{
	struct tui_options o = { TUI_COLOR_AUTO, cli_has(c, "ascii"), cli_has(c, "mouse") };
	const char *color = cli_opt(c, "color");

	if (color != NULL && strcmp(color, "always") == 0)
		o.color = TUI_COLOR_ALWAYS;
	else if (color != NULL && strcmp(color, "never") == 0)
		o.color = TUI_COLOR_NEVER;
	else if (color != NULL && strcmp(color, "auto") != 0)
		return cli_error(c, EH_EUSAGE, "--color is auto, always or never, not '%s'", color);
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return cli_error(
			c, EH_EENV,
			"the screens want a terminal; the same is in: evaluators, metrics, notifications, explain");
	return tui_run(c->desk, &o, &c->err) == EH_OK ? 0 : cli_fail(c);
}

static const struct cli_flag flags[] = {
	{ "color", "WHEN", "auto (default), always, never; NO_COLOR is honoured" },
	{ "ascii", NULL, "plain ASCII characters only" },
	{ "mouse", NULL, "let the mouse select (off by default: the terminal's own selection keeps working)" },
	{ NULL, NULL, NULL }
};

const struct cli_entry cli_tui = {
	.name = "tui", .usage = "", .summary = "Opens the screens: evaluators, evidence, notifications, answers",
	.help = "\"evenhand\" alone on a terminal does the same.  Press ? inside for the keys.",
	.flags = flags, .max_args = 0, .output = CLI_TEXT, .wants_project = true, .run = run,
};
