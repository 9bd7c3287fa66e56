/* evenhand policy repl: a prompt in the sandbox, on sample facts or those of a project. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/entries.h"
#include "cli/line_editor.h"
#include "cli/policy.h"
#include "policy/registry.h"

#define PROMPT "> "
#define PROMPT_ON ">> "
#define TEXT_MAX (64u * 1024u) /* [bytes] of one input of several lines */

_Static_assert(LINE_EDITOR_NAME_MAX == EH_REPL_NAME_MAX, "names go from the engine to the editor as they are");

/* Without a policy of the author's own something has to be loaded. */
static const char no_policy[] =
	"return { name = \"repl\", api = 1, version = \"1\", check = function() return \"ok\" end }";

static size_t complete(void *ctx, const char *line, char (*names)[LINE_EDITOR_NAME_MAX], size_t max)
{
	void **both = ctx;
	const struct cli *c = both[0];

	return c->engine->author->repl_complete(both[1], line, names, max);
}

static void help(void)
{
	puts("findings  the list of facts     f  the first of them     project  facts about the project, or nil\n"
	     "policy    the policy's table    check(f)  its verdict    print(...)\n"
	     "An expression is shown, a statement is run; variables without local stay.  Every line has the budgets\n"
	     "of a policy.  Tab completes; :drop gives up an input of several lines; :quit leaves.");
}

/* Adds line to *text; false: it is too long. */
static bool append(char **text, const char *line)
{
	char *longer = *text != NULL ? eh_xasprintf("%s\n%s", *text, line) : eh_xasprintf("%s", line);

	free(*text);
	*text = longer;
	return strlen(longer) <= TEXT_MAX;
}

/* Runs the input so far; false: it goes on in the next line. */
static bool run_text(const struct cli *c, struct eh_repl *r, const char *text, size_t *errors)
{
	char *shown = NULL;
	enum eh_repl_outcome outcome = c->engine->author->repl_run(r, text, &shown);

	switch (outcome) {
	case EH_REPL_INCOMPLETE:
		break;
	case EH_REPL_DONE:
		if (shown[0] != '\0')
			puts(shown);
		break;
	case EH_REPL_ERROR:
	case EH_REPL_STOPPED:
		(void)fflush(stdout);
		fprintf(stderr, "%s\n", shown);
		if (outcome == EH_REPL_STOPPED)
			fputs("the worker was replaced: what this input did is undone, what came before stands\n",
			      stderr);
		++*errors;
		break;
	}
	(void)fflush(stdout);
	free(shown);
	return outcome != EH_REPL_INCOMPLETE;
}

/* One input after the other.  The exit status of a session that no person sat at tells whether anything went wrong. */
static int session(const struct cli *c, struct eh_policy *p, const struct eh_policy_case *facts)
{
	struct eh_repl *r = c->engine->author->repl_new(p, facts);
	void *both[] = { (void *)(uintptr_t)c, r };
	const struct line_editor_spec spec = { "evenhand", "repl_history", complete, both };
	char *text = NULL, *line = NULL;
	size_t errors = 0;
	bool terminal = false;

	if (r == NULL)
		return -1;
	terminal = line_editor_begin(&spec);
	if (terminal)
		cli_say(c, "%zu findings, the first is f; policy %s; :help says what there is", facts->n,
			c->engine->info(p)->name);
	while ((line = line_editor_read(text != NULL ? PROMPT_ON : PROMPT)) != NULL) {
		bool quit = text == NULL && (strcmp(line, ":quit") == 0 || strcmp(line, ":q") == 0);

		line_editor_remember(line);
		if (text == NULL && strcmp(line, ":help") == 0) {
			help();
		} else if (text != NULL && strcmp(line, ":drop") == 0) {
			free(text);
			text = NULL;
		} else if (!quit && (text != NULL || line[strspn(line, " \t")] != '\0')) {
			if (!append(&text, line) || run_text(c, r, text, &errors)) {
				free(text);
				text = NULL;
			}
		}
		free(line);
		if (quit)
			break;
	}
	if (text != NULL) {
		fprintf(stderr, "the last input is not complete\n");
		errors++;
	}
	free(text);
	if (terminal)
		putchar('\n');
	line_editor_end();
	c->engine->author->repl_free(&r);
	return terminal ? 0 : errors > 0;
}

/* ---- on a project ---- */

/*
 * The project's facts, and the decisions behind them, are in memory while its audit asks the policy.  So the session
 * takes the policy's place in a dry audit: nothing is stored, and the store is suspended as for any policy.
 */
static struct {
	const struct cli *c;
	struct eh_policy_engine engine;
	struct eh_policy_info info;
	bool begun;
	int status;
} stage;

/* Whatever the policy asks for, a person may look at the project's facts. */
static const struct eh_policy_info *info(const struct eh_policy *p)
{
	stage.info = *stage.c->engine->info(p);
	stage.info.wants_project = true;
	stage.info.wants_places = true; /* counts of jurisdictions */
	return &stage.info;
}

static int judge(struct eh_policy *p, const struct eh_policy_case *facts, struct eh_policy_answer *out,
		 struct eh_err *err)
{
	(void)err;
	stage.begun = true;
	stage.status = session(stage.c, p, facts);
	for (size_t i = 0; i < facts->n; i++)
		out->verdicts[i] = (struct eh_verdict){ .kind = EH_OK_VERDICT };
	return EH_OK;
}

static int check(struct eh_policy *p, const struct eh_finding *facts, size_t n,
		 const struct eh_audit_settings *settings, struct eh_verdict *out, struct eh_policy_use *use,
		 struct eh_err *err)
{
	const struct eh_policy_case one = { .findings = facts, .n = n, .settings = settings };
	struct eh_policy_answer answer = { .verdicts = out };

	*use = (struct eh_policy_use){ 0 };
	return judge(p, &one, &answer, err);
}

static int on_project(struct cli *c, const char *dir)
{
	struct eh_audit_result *r = eh_xcalloc(1, sizeof *r);
	struct eh_desk *d = NULL;
	int rc = EH_OK;

	stage.c = c;
	stage.engine = *c->engine;
	stage.engine.info = info;
	stage.engine.judge = judge;
	stage.engine.check = check;
	rc = eh_desk_open(&d, dir, &stage.engine, &c->err);
	if (rc == EH_OK)
		rc = eh_desk_audit(d, c->argc > 0 ? c->argv[0] : EH_POLICY_DEFAULT_NAME, NULL, true, NULL, r, &c->err);
	if (rc == EH_OK && !stage.begun)
		rc = r->policy_status != EH_OK
			     ? eh_err_set(&c->err, EH_EPOLICY, "%s", r->policy_message)
			     : eh_err_set(&c->err, EH_ENOENT,
					  "%s has no findings to look at; --sample takes made-up ones", dir);
	if (rc == EH_OK && stage.status < 0)
		rc = eh_err_set(&c->err, EH_EENV, "the program's file author/repl.lua is missing; install it again");
	eh_audit_result_free(r);
	free(r);
	eh_desk_close(&d);
	return rc == EH_OK ? stage.status : cli_fail(c);
}

static int on_samples(struct cli *c)
{
	struct eh_finding *f = eh_xcalloc(SAMPLES, sizeof *f);
	struct eh_policy *p = NULL;
	char path[1024] = "";
	int rc = EH_OK, status = 0;

	if (c->argc == 0) {
		rc = c->engine->load_text(&p, "repl.lua", no_policy, sizeof no_policy - 1, &c->err);
	} else {
		rc = policy_find(c, path, sizeof path);
		if (rc == EH_OK)
			rc = c->engine->load(&p, path, &c->err);
	}
	if (rc == EH_OK) {
		const struct eh_policy_info *info = c->engine->info(p);
		struct eh_policy_case facts = { .findings = f, .n = SAMPLES, .settings = &info->settings };

		for (size_t i = 0; i < SAMPLES; i++)
			f[i] = policy_sample(info, i);
		status = session(c, p, &facts);
		if (status < 0)
			rc = eh_err_set(&c->err, EH_EENV,
					"the program's file author/repl.lua is missing; install it again");
	}
	if (p != NULL)
		c->engine->free(&p);
	free(f);
	return rc == EH_OK ? status : cli_fail(c);
}

static int run_repl(struct cli *c)
{
	char dir[1024];
	const char *project = cli_has(c, "sample") ? NULL : policy_project(c, dir, sizeof dir);

	if (c->engine->author == NULL)
		return cli_error(c, EH_EENV, "this program has no policy engine");
	if (project == NULL && c->project != NULL && !cli_has(c, "sample"))
		return cli_error(c, EH_EENV, "%s is no project; evenhand init makes one", c->project);
	return project != NULL ? on_project(c, project) : on_samples(c);
}

static const struct cli_flag flags[] = { { "sample", NULL, "made-up findings instead of the project's" },
					 { NULL, NULL, NULL } };

const struct cli_entry cli_policy_repl = {
	.name = "policy repl",
	.usage = "[NAME|FILE]",
	.summary = "Opens a prompt in the policies' sandbox",
	.help = "Example: evenhand --project demo policy repl evaluator_screen\n\n"
		"findings is the list of facts, f the first of them, policy the policy's table and check(f) its "
		"verdict; evenhand.counts counts the project's decisions.  Everything is read-only, and nothing is "
		"stored.  Without a project, or with --sample, the findings are the made-up ones of \"policy check\".  "
		"Every input runs in the locked worker with a policy's budgets; one that is stopped takes only "
		"itself along.  Tab completes names, and the history is kept in the user's state directory.  "
		"Without a terminal the inputs are read from stdin.",
	.flags = flags,
	.max_args = 1,
	.output = CLI_TEXT,
	.run = run_repl,
};
