/* evenhand init DIR: a new project. */
#include "cli/cli.h"
#include "cli/entries.h"

static int run(struct cli *c)
{
	if (eh_desk_init(c->argv[0], &c->err) != EH_OK)
		return cli_fail(c);
	if (c->format == CLI_JSON) {
		struct eh_json *doc = eh_json_object();

		eh_json_str(doc, "schema", "evenhand.init/1");
		eh_json_str(doc, "project", c->argv[0]);
		return cli_put_json(c, &doc);
	}
	cli_say(c, "%s is a project now; next: evenhand --project %s import evaluators FILE.csv", c->argv[0],
		c->argv[0]);
	return 0;
}

const struct cli_entry cli_init = {
	.name = "init",
	.usage = "DIR",
	.summary = "Makes DIR a new project",
	.help = "Example: evenhand init audit-2026\n\n"
		"The directory is made with mode 0700; the store inside is readable by you alone.",
	.min_args = 1,
	.max_args = 1,
	.output = CLI_ACT,
	.run = run,
};
