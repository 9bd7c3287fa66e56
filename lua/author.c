/* The authors' tools as one table, and what their workers have in common. */
#include "lua/engine_inside.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/contract.h"
#include "lua/engine.h"
#include "lua/facts.h"
#include "lua/job_inside.h"
#include "lua/lint.h"
#include "lua/names.h"

void eh_author_open(lua_State *L, struct eh_author_child *c)
{
	const struct eh_source *src = &c->job->source;

	eh_sandbox_open(&c->sandbox, c->job->helper, c->job->helper_len);
	eh_facts_open(L);
	eh_sandbox_compile(L, src->file, src->text, src->len); // chunk
	lua_call(L, 0, 1);				       // policy
	eh_contract_policy(L, -1, src, &c->info);
}

static void run_budgeted(struct eh_author_child *c, lua_CFunction main)
{
	if (setjmp(c->sandbox.out_of_budget) != 0) {
		(void)snprintf(c->head->message, sizeof c->head->message,
			       "%s: refused: instruction budget of %u million used up",
			       c->sandbox.where[0] != '\0' ? c->sandbox.where : c->sandbox.file,
			       EH_LUA_INSTRUCTIONS / 1000000u);
		c->head->outcome = EH_LUA_OUT_OF_BUDGET;
		return;
	}
	if (!eh_sandbox_create(&c->sandbox)) {
		(void)snprintf(c->head->message, sizeof c->head->message, "%s: no memory for a Lua state",
			       c->sandbox.file);
		c->head->outcome = EH_LUA_ERROR;
		return;
	}
	lua_pushcfunction(c->sandbox.L, main);
	lua_pushlightuserdata(c->sandbox.L, c);
	if (eh_sandbox_call(&c->sandbox, 1, 0)) {
		c->head->outcome = EH_LUA_DONE;
		return;
	}
	eh_job_message(&c->sandbox, c->head->message, sizeof c->head->message);
	c->head->outcome = EH_LUA_ERROR;
}

void eh_author_child_run(struct eh_author_child *c, const char *file, lua_CFunction main)
{
	(void)setlocale(LC_ALL, "C"); /* as in job.c */
	c->sandbox.file = file;
	c->sandbox.data = c->job->data;
	c->sandbox.project = c->job->project;
	c->sandbox.libraries = c->job->libraries;
	c->sandbox.libraries_len = c->job->libraries_len;
	c->sandbox.instructions_max = EH_LUA_INSTRUCTIONS;
	c->sandbox.memory_max = EH_LUA_MEMORY;
	run_budgeted(c, main);
	c->head->instructions = c->sandbox.instructions;
	c->head->memory = c->sandbox.memory_peak;
}

int eh_author_wait(struct eh_worker **out, const struct eh_worker_spec *spec, const char *file, struct eh_err *err)
{
	struct eh_err worker = EH_ERR_INIT;
	int rc = eh_worker_start(out, spec, &worker);

	if (rc == EH_OK)
		rc = eh_worker_wait(*out, NULL, &worker);
	if (rc < 0)
		return eh_err_set(err, EH_EPOLICY,
				  "%s: refused: %s (a policy has %u million instructions, %u MiB and "
				  "%.0f s)",
				  file, worker.msg, EH_LUA_INSTRUCTIONS / 1000000u, EH_LUA_MEMORY >> 20, EH_LUA_WALL);
	return EH_OK;
}

const struct eh_author_tools eh_lua_author = {
	.lint = eh_lint_text,
	.spec = eh_spec_run,
	.repl_new = eh_repl_new,
	.repl_run = eh_repl_run,
	.repl_complete = eh_repl_complete,
	.repl_free = eh_repl_free,
	.page = eh_script_page,
};
