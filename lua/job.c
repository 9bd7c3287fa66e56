/* One run of a policy in the locked child: load, check and summarise, or gate. */
#include "lua/job.h"

#include <locale.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "audit/intersect.h"
#include "base/mem.h"
#include "lua/engine.h"
#include "lua/job_inside.h"

struct run {
	struct eh_sandbox sandbox;
	const struct eh_job *job;
	const struct eh_finding *findings;      /* [n] those of this part */
	size_t n;
	struct eh_lua_head *head;
	struct eh_policy_info *info;
	struct eh_policy_info own_info; /* where the record has none */
	struct eh_verdict *verdicts;    /* [n] */
	struct eh_lua_own_list *own;    /* NULL = not asked for */
	struct eh_hook_answer *answers; /* [job->n] of a notice */
	bool declared[EH_FACTS_MAX];
	struct eh_subject *subjects;    /* [n], Lua userdata: lives as long as the state */
};

/* ---- Lua side: every function here is called through eh_sandbox_call ---- */

/* Runs the file and checks its table: leaves the table on the stack. */
static void load_policy(lua_State *L, struct run *r)
{
	const struct eh_source *src = &r->job->source;

	eh_sandbox_compile(L, src->file, src->text, src->len);          // chunk
	lua_call(L, 0, 1);                                              // policy
	eh_contract_policy(L, -1, src, r->info);
}

static int in_state(lua_State *L)
{
	struct run *r = lua_touserdata(L, 1);

	eh_sandbox_open(&r->sandbox, r->job->helper, r->job->helper_len);
	eh_facts_open(L);
	load_policy(L, r);              // r policy
	return 1;
}

/* check, subject, pooled, struct eh_verdict *: asks for the verdict on one finding. */
static int ask_check(lua_State *L)
{
	lua_pushvalue(L, 1);                            // check subject pooled verdict check
	eh_facts_push(L, lua_touserdata(L, 2));         // check subject pooled verdict check facts
	lua_call(L, 1, 1);                              // check subject pooled verdict result
	eh_contract_verdict(L, 5, lua_toboolean(L, 3), lua_touserdata(L, 4));
	return 0;
}

static int make_subjects(lua_State *L)
{
	struct run *r = lua_touserdata(L, 1);
	const bool *declared = eh_contract_needs(r->info, r->declared) ? r->declared : NULL;

	r->subjects = lua_newuserdatauv(L, r->n * sizeof *r->subjects, 0);
	for (size_t i = 0; i < r->n; i++)
		r->subjects[i] = (struct eh_subject){ &r->findings[i], r->job->settings, NULL, declared };
	luaL_ref(L, LUA_REGISTRYINDEX);
	return 0;
}

static int list_of_facts(lua_State *L)
{
	struct run *r = lua_touserdata(L, 1);

	lua_createtable(L, (int)r->n, 0);
	for (size_t i = 0; i < r->n; i++) {
		r->subjects[i].verdict = &r->verdicts[i];
		eh_facts_push(L, &r->subjects[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

static const char *pooled_name(const struct eh_finding *f)
{
	return f->evaluator[0] != '\0' ? f->evaluator : "all evaluators";
}

/* One entry of what summarise() returned: index at key, verdict at value. */
static void apply_change(lua_State *L, struct run *r, int key, int value)
{
	lua_Integer i = 0;
	struct eh_verdict changed;
	const struct eh_finding *f = NULL;

	if (!lua_isinteger(L, key) || lua_tointeger(L, key) < 1 || (size_t)lua_tointeger(L, key) > r->n)
		luaL_error(L, "summarise() must return a table whose keys are places in its list, 1 to %d",
			   (int)r->n);
	i = lua_tointeger(L, key) - 1;
	changed = r->verdicts[i];
	f = &r->findings[i];
	if (changed.kind == EH_NOT_ALLOWED || changed.kind == EH_POLICY_ERROR)
		luaL_error(L, "summarise() may not change finding %d (%s, %s): its verdict is %s", (int)i + 1,
			   pooled_name(f), f->group, eh_verdict_text(changed.kind));
	eh_contract_verdict(L, value, f->evaluator[0] == '\0', &changed);
	r->verdicts[i] = changed;
}

static int apply_changes(lua_State *L)
{
	struct run *r = lua_touserdata(L, 1);

	if (lua_isnoneornil(L, 2))
		return 0;
	if (!lua_istable(L, 2))
		return luaL_error(L, "summarise() returned a %s: return nil or a table of changed verdicts by place",
				  luaL_typename(L, 2));
	for (lua_pushnil(L); lua_next(L, 2) != 0; lua_pop(L, 1))        // r changes key value
		apply_change(L, r, 3, 4);
	return 0;
}

/* ---- C side ---- */

void eh_job_message(struct eh_sandbox *sb, char *out, size_t size)
{
	lua_State *L = sb->L;
	const char *file = sb->file;
	const char *msg = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "an error without a message";
	size_t len = strlen(file), used = 0;
	char line[16] = "";

	if (strcmp(msg, "not enough memory") == 0) {
		if (sb->memory_line > 0)
			(void)snprintf(line, sizeof line, ":%d", sb->memory_line);
		(void)snprintf(out, size, "%s%s: not enough memory: a policy has %u MiB", file, line,
			       (unsigned)(EH_LUA_MEMORY >> 20));
	} else {
		if (strncmp(msg, file, len) != 0 || msg[len] != ':')
			used = (size_t)snprintf(out, size, "%s: ", file);
		used = used < size ? used : size - 1;
		eh_text_printable(out + used, size - used, msg, strlen(msg));
	}
	lua_pop(L, 1);
}

/* f(...) with light userdata arguments already on the stack above it; false: the message is in head. */
static bool call(struct run *r, int nargs, int nresults)
{
	if (eh_sandbox_call(&r->sandbox, nargs, nresults))
		return true;
	eh_job_message(&r->sandbox, r->head->message, sizeof r->head->message);
	r->head->outcome = EH_LUA_ERROR;
	return false;
}

static bool call_c(struct run *r, lua_CFunction f, int nresults)
{
	lua_pushcfunction(r->sandbox.L, f);
	lua_pushlightuserdata(r->sandbox.L, r);
	return call(r, 1, nresults);
}

static bool looks_at(const struct eh_policy_info *info, const char *attribute)
{
	const char *join = NULL;
	eh_name first = "";

	for (size_t i = 0; i < info->n_attributes; i++)
		if (strcmp(info->attributes[i], attribute) == 0)
			return true;
	if (info->n_attributes == 0)
		return true;
	join = strstr(attribute, EH_INTERSECT_JOIN);
	if (join == NULL)
		return false;
	(void)snprintf(first, sizeof first, "%.*s", (int)(join - attribute), attribute);
	return looks_at(info, first) && looks_at(info, join + strlen(EH_INTERSECT_JOIN));
}

static bool check_steps(struct run *r, size_t i, struct eh_verdict *v)
{
	lua_State *L = r->sandbox.L;
	bool pooled = r->findings[i].evaluator[0] == '\0';

	lua_pushcfunction(L, ask_check);                // policy f
	lua_getfield(L, 1, "check");                    // policy f check
	lua_pushlightuserdata(L, &r->subjects[i]);      // policy f check subject
	lua_pushboolean(L, pooled);                     // policy f check subject pooled
	lua_pushlightuserdata(L, v);                    // policy f check subject pooled verdict
	return eh_sandbox_call(&r->sandbox, 4, 0);      // policy | message
}

/* What goes wrong here is this finding's policy_error and nobody else's. */
static void check_one(struct run *r, size_t i)
{
	const struct eh_finding *f = &r->findings[i];
	struct eh_verdict *v = &r->verdicts[i];

	if (!looks_at(r->info, f->attribute)) {
		v->kind = EH_CANNOT_CONCLUDE;
		(void)snprintf(v->reason, sizeof v->reason, "Policy %s does not look at %s.", r->info->name,
			       f->attribute);
		return;
	}
	if (!check_steps(r, i, v)) {
		*v = (struct eh_verdict){ .kind = EH_POLICY_ERROR };
		eh_job_message(&r->sandbox, v->reason, sizeof v->reason);
	}
}

/* The policy's table is at stack index 1 and stays there. */
static bool run_check(struct run *r)
{
	lua_State *L = r->sandbox.L;

	if (!call_c(r, make_subjects, 0))
		return false;
	for (size_t i = 0; i < r->n; i++) {
		/* three kilobytes, read here and there: every fact would wait for memory */
		if (i + 1 < r->n)
			eh_mem_fetch(&r->findings[i + 1], offsetof(struct eh_finding, verdict));
		check_one(r, i);
	}
	if (r->own != NULL && r->info->has_compute)
		eh_job_compute(&r->sandbox, r->job->project, r->own);
	if (!r->info->has_summarise)
		return true;
	lua_getfield(L, 1, "summarise");                // policy summarise
	if (!call_c(r, list_of_facts, 1) || !call(r, 1, 1))     // policy changes
		return false;
	lua_pushcfunction(L, apply_changes);            // policy changes f
	lua_insert(L, -2);                              // policy f changes
	lua_pushlightuserdata(L, r);
	lua_insert(L, -2);                              // policy f r changes
	return call(r, 2, 0);
}

static int ask_gate(lua_State *L)
{
	const struct run *r = lua_touserdata(L, 1);

	lua_pushvalue(L, 2);                            // r gate gate
	lua_pushstring(L, r->job->jurisdiction);
	lua_pushstring(L, r->job->attribute);
	lua_call(L, 2, 1);                              // r gate answer
	return 1;
}

static bool run_gate(struct run *r)
{
	lua_State *L = r->sandbox.L;

	if (!r->info->has_gate) {
		r->head->gate_open = 1;
		return true;
	}
	lua_pushcfunction(L, ask_gate);                 // policy f
	lua_pushlightuserdata(L, r);                    // policy f r
	lua_getfield(L, 1, "gate");                     // policy f r gate
	if (!call(r, 2, 1))                             // policy answer
		return false;
	if (lua_type(L, -1) != LUA_TBOOLEAN) {
		(void)snprintf(r->head->message, sizeof r->head->message,
			       "%s: gate() must return true or false, not a %s", r->sandbox.file, luaL_typename(L, -1));
		r->head->outcome = EH_LUA_ERROR;
		return false;
	}
	r->head->gate_open = lua_toboolean(L, -1);
	return true;
}

static bool run_notices(struct run *r)
{
	if (r->info->has_hook)
		eh_job_notices(&r->sandbox, r->info->name, r->job->notices, r->job->n, r->answers);
	return true;
}

/* lua_getfield on the policy's own table would ask its metatable: its parts are taken out raw once.  As keys of this
 * table their names stay interned, so that a later lua_getfield allocates nothing and cannot raise unprotected. */
static int detach(lua_State *L)
{
	static const char *const parts[] = { "check", "summarise", "gate", "compute", "on_notification" };

	lua_createtable(L, 0, 5);                       // policy parts
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		lua_pushstring(L, parts[i]);            // policy parts name
		lua_rawget(L, 1);                       // policy parts f
		lua_setfield(L, 2, parts[i]);           // policy parts
	}
	return 1;
}

static bool run_all(struct run *r)
{
	if (!call_c(r, in_state, 1))                    // policy
		return false;
	lua_pushcfunction(r->sandbox.L, detach);        // policy f
	lua_insert(r->sandbox.L, -2);                   // f policy
	if (!call(r, 1, 1))                             // parts
		return false;
	switch (r->job->kind) {
	case EH_JOB_CHECK: return run_check(r);
	case EH_JOB_GATE: return run_gate(r);
	case EH_JOB_NOTICE: return run_notices(r);
	default: return true;
	}
}

static void run_budgeted(struct run *r)
{
	if (setjmp(r->sandbox.out_of_budget) != 0) {
		(void)snprintf(r->head->message, sizeof r->head->message, EH_LUA_SPENT,
			       r->sandbox.where[0] != '\0' ? r->sandbox.where : r->sandbox.file,
			       EH_LUA_INSTRUCTIONS / 1000000u);
		r->head->outcome = EH_LUA_OUT_OF_BUDGET;
		return;
	}
	if (!eh_sandbox_create(&r->sandbox)) {
		(void)snprintf(r->head->message, sizeof r->head->message, "%s: no memory for a Lua state",
			       r->sandbox.file);
		r->head->outcome = EH_LUA_ERROR;
		return;
	}
	if (run_all(r))
		r->head->outcome = EH_LUA_DONE;
}

/* The findings from..to-1 of a check, or all of another job, in a state of its own. */
static void run_part(const struct eh_job *job, void *record, size_t from, size_t to)
{
	struct eh_lua_head *head = record;
	struct run r = { .job = job, .head = head };
	const bool last = job->kind != EH_JOB_CHECK || to == job->n;

	r.info = job->kind == EH_JOB_LOAD ? &((struct eh_lua_load_record *)record)->info : &r.own_info;
	if (job->kind == EH_JOB_CHECK) {
		r.findings = job->findings + from;
		r.n = to - from;
		r.verdicts = ((struct eh_lua_check_record *)record)->verdicts + from;
	}
	if (job->compute && last)
		r.own = (void *)(r.verdicts + r.n);
	if (job->kind == EH_JOB_NOTICE)
		r.answers = ((struct eh_lua_notice_record *)record)->answers;
	r.sandbox.file = job->source.file;
	r.sandbox.data = job->data;
	r.sandbox.project = job->project;
	r.sandbox.libraries = job->libraries;
	r.sandbox.libraries_len = job->libraries_len;
	r.sandbox.instructions_max = EH_LUA_INSTRUCTIONS;
	r.sandbox.memory_max = EH_LUA_MEMORY;
	head->outcome = EH_LUA_SILENT;
	run_budgeted(&r);
	head->instructions += r.sandbox.instructions;
	if (head->outcome == EH_LUA_DONE && head->instructions >= EH_LUA_INSTRUCTIONS) {
		head->outcome = EH_LUA_OUT_OF_BUDGET;
		(void)snprintf(head->message, sizeof head->message, EH_LUA_SPENT, job->source.file,
			       EH_LUA_INSTRUCTIONS / 1000000u);
	}
	head->memory = r.sandbox.memory_peak > head->memory ? r.sandbox.memory_peak : head->memory;
	if (!last && head->outcome == EH_LUA_DONE)
		eh_sandbox_close(&r.sandbox);
}

void eh_job_run(void *ctx, int fd, void *record)
{
	const struct eh_job *job = ctx;
	struct eh_lua_head *head = record;
	size_t from = 0, to = job->n;

	(void)fd;       /* the source came by fork: a policy worker has no descriptor */
	/* the program follows the user's LC_CTYPE: string.upper and %a would follow it too */
	(void)setlocale(LC_ALL, "C");
	if (job->kind != EH_JOB_CHECK) {
		run_part(job, record, 0, 0);
		return;
	}
	do {
		to = job->n - from > job->part ? from + job->part : job->n;
		run_part(job, record, from, to);
		from = to;
	} while (to < job->n && head->outcome == EH_LUA_DONE);
}
