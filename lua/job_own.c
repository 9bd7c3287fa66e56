/* compute() and on_notification() in the locked child; see job_inside.h. */
#include "lua/job_inside.h"

#include <string.h>

#include <lauxlib.h>

#include "lua/project.h"

/* compute, project, struct eh_lua_own_list * */
static int ask_compute(lua_State *L)
{
	struct eh_lua_own_list *out = lua_touserdata(L, 3);

	lua_pushvalue(L, 1);                            // compute project out compute
	eh_project_push(L, lua_touserdata(L, 2));       // compute project out compute facts
	lua_call(L, 1, 1);                              // compute project out list
	out->n = eh_contract_own(L, 4, out->v);
	return 0;
}

void eh_job_compute(struct eh_sandbox *sb, const struct eh_project *project, struct eh_lua_own_list *out)
{
	lua_State *L = sb->L;

	lua_pushcfunction(L, ask_compute);              // parts f
	lua_getfield(L, 1, "compute");                  // parts f compute
	lua_pushlightuserdata(L, (void *)project);
	lua_pushlightuserdata(L, out);                  // parts f compute project out
	out->state = EH_LUA_OWN_DONE;
	if (eh_sandbox_call(sb, 3, 0))
		return;
	out->state = EH_LUA_OWN_TROUBLE;
	out->n = 0;
	eh_job_message(sb, out->message, sizeof out->message);
}

static void set_text(lua_State *L, const char *name, const char *text)
{
	if (text[0] == '\0')
		return;
	lua_pushstring(L, text);
	lua_setfield(L, -2, name);
}

static void set_count(lua_State *L, const char *name, uint64_t n)
{
	lua_pushinteger(L, (lua_Integer)n);
	lua_setfield(L, -2, name);
}

/* What a letter may hold: ids and counts, nothing of the reason's text. */
static void push_notice(lua_State *L, const char *policy, const struct eh_hook_notice *v)
{
	const struct eh_finding *f = v->finding;

	lua_createtable(L, 0, 18);                      // notice
	set_text(L, "policy", policy);
	set_text(L, "id", v->id);
	set_text(L, "scope", v->systemic ? "systemic" : "individual");
	set_text(L, "evaluator", f->evaluator);
	set_text(L, "attribute", f->attribute);
	set_text(L, "group", f->group);
	set_text(L, "reference", f->reference);
	set_text(L, "position", f->position);
	set_text(L, "stage", f->stage);
	set_text(L, "question", f->question);
	set_text(L, "period", f->period);
	set_text(L, "subject", f->subject);
	set_text(L, "rule", f->rule);
	set_count(L, "members", v->members);
	if (f->own && !f->counted)
		return;
	set_count(L, "n", f->n);
	set_count(L, "selected", f->selected);
	set_count(L, "ref_n", f->ref_n);
	set_count(L, "ref_selected", f->ref_selected);
}

/* on_notification, struct eh_hook_notice *, struct eh_hook_answer *, name of the policy */
static int ask_notice(lua_State *L)
{
	lua_pushvalue(L, 1);                            // f notice answer policy f
	push_notice(L, lua_touserdata(L, 4), lua_touserdata(L, 2));     // f notice answer policy f table
	lua_call(L, 1, 1);                              // f notice answer policy result
	eh_contract_answer(L, 5, lua_touserdata(L, 3));
	return 0;
}

void eh_job_notices(struct eh_sandbox *sb, const char *policy, const struct eh_hook_notice *v, size_t n,
		    struct eh_hook_answer *out)
{
	lua_State *L = sb->L;

	for (size_t i = 0; i < n; i++) {
		lua_pushcfunction(L, ask_notice);               // parts f
		lua_getfield(L, 1, "on_notification");          // parts f hook
		lua_pushlightuserdata(L, (void *)&v[i]);
		lua_pushlightuserdata(L, &out[i]);
		lua_pushlightuserdata(L, (void *)policy);       // parts f hook notice answer policy
		if (eh_sandbox_call(sb, 4, 0))
			continue;
		out[i] = (struct eh_hook_answer){ .silent = 1 };
		eh_job_message(sb, out[i].trouble, sizeof out[i].trouble);
	}
}
