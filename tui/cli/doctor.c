/* evenhand doctor: is everything here that the program needs, and is the project sound? */
#include <stdlib.h>

#include "base/mem.h"
#include "cli/cli.h"
#include "cli/entries.h"

#define LINES_MAX 32

/* As with every command that wants a project: environment, not failure. */
static int no_project(struct cli *c)
{
	c->err.code = EH_EENV;
	return cli_fail(c);
}

static int run(struct cli *c)
{
	static const char *const states[] = { "ok", "remark", "BROKEN" };
	struct eh_doctor_line *v = eh_xcalloc(LINES_MAX, sizeof *v);
	struct eh_json *doc = eh_json_object(), *rows = eh_json_array();
	struct cli_table *t = cli_table_new("state what text+");
	struct eh_desk *desk = NULL;
	size_t n;
	int status = 0, put;

	if (eh_desk_find_project(c->dir, sizeof c->dir, c->project, &c->err) == EH_OK) {
		if (eh_desk_open(&desk, c->dir, c->engine, &c->err) != EH_OK)
			status = no_project(c);
	} else if (c->project != NULL ||
		   (getenv("EVENHAND_PROJECT") != NULL && getenv("EVENHAND_PROJECT")[0] != '\0')) {
		status = no_project(c);
	}
	n = eh_desk_doctor(desk, c->engine, v, LINES_MAX);
	eh_json_str(doc, "schema", "evenhand.doctor/1");
	for (size_t i = 0; i < n; i++) {
		struct eh_json *j = eh_json_object();

		eh_json_str(j, "what", v[i].what);
		eh_json_str(j, "state", states[v[i].state]);
		eh_json_str(j, "text", v[i].text);
		eh_json_push(rows, j);
		cli_cell(t, "%s", states[v[i].state]);
		cli_cell(t, "%s", v[i].what);
		cli_cell(t, "%s", v[i].text);
		if (v[i].state == 2)
			status = eh_status_exit(EH_EENV);
	}
	eh_json_set(doc, "lines", rows);
	put = cli_finish(c, EH_OK, &doc, &t);
	eh_desk_close(&desk);
	free(v);
	return status != 0 ? status : put;
}

const struct cli_entry cli_doctor = {
	.name = "doctor", .usage = "", .summary = "Looks over the machine and the project, and names the mend",
	.help = "Works without a project too.  Exit status 3 when something that is needed is broken.",
	.max_args = 0, .run = run,
};
