/* What compute() and on_notification() hand over; see contract.h. */
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "base/text.h"
#include "lua/reader.h"
#include "lua/record.h"
#include "policy/own.h"

#define N_OF(a) (sizeof (a) / sizeof (a)[0])

/* Fields of a finding; the first four as eh_contract_verdict_at wants them. */
enum field { VERDICT, SCOPE, REASON, RULE, ATTRIBUTE, GROUP, REFERENCE, SUBJECT, EVALUATOR, POSITION, STAGE, QUESTION,
	     PERIOD, N, SELECTED, REF_N, REF_SELECTED, FIELDS };

static const char *const names[FIELDS] = { "verdict", "scope", "reason", "rule", "attribute", "group", "reference",
					   "subject", "evaluator", "position", "stage", "question", "period", "n",
					   "selected", "ref_n", "ref_selected" };

/* The string at idx into out[size]; nil leaves it as it is.  false: nil. */
static bool take_text(lua_State *L, int idx, const char *name, char *out, size_t size)
{
	size_t len = 0;
	const char *s = NULL;

	if (lua_isnil(L, idx))
		return false;
	if (lua_type(L, idx) != LUA_TSTRING)
		luaL_error(L, "%s must be a string, not a %s", name, luaL_typename(L, idx));
	s = lua_tolstring(L, idx, &len);
	if (len >= size || strlen(s) != len || !eh_text_clean(s, false))
		luaL_error(L, "%s must be at most %d bytes of printable text", name, (int)size - 1);
	memcpy(out, s, len + 1);
	return true;
}

static uint64_t take_count(lua_State *L, int idx, const char *name)
{
	if (!lua_isinteger(L, idx) || lua_tointeger(L, idx) < 0)
		luaL_error(L, "%s must be a whole number that is not negative", name);
	return (uint64_t)lua_tointeger(L, idx);
}

static void take_counts(lua_State *L, int first, struct eh_own *o)
{
	uint64_t *const to[] = { &o->n, &o->selected, &o->ref_n, &o->ref_selected };
	int given = 0;

	for (int i = 0; i < 4; i++)
		given += !lua_isnil(L, first + N + i);
	if (given != 0 && given != 4)
		luaL_error(L, "n, selected, ref_n and ref_selected go together: give all four or none");
	o->claimed = given == 4;
	for (int i = 0; i < given; i++)
		*to[i] = take_count(L, first + N + i, names[N + i]);
}

static void take_keys(lua_State *L, int first, struct eh_own *o)
{
	const struct {
		enum field field;
		enum eh_crosstab_key key;
		char *out;
		size_t size;
	} keys[] = {
		{ EVALUATOR, EH_CROSSTAB_EVALUATOR, o->evaluator, sizeof o->evaluator },
		{ POSITION, EH_CROSSTAB_POSITION, o->position, sizeof o->position },
		{ STAGE, EH_CROSSTAB_STAGE, o->stage, sizeof o->stage },
		{ QUESTION, EH_CROSSTAB_QUESTION, o->question, sizeof o->question },
		{ PERIOD, EH_CROSSTAB_PERIOD, o->period, sizeof o->period },
	};

	for (size_t i = 0; i < N_OF(keys); i++)
		if (take_text(L, first + (int)keys[i].field, names[keys[i].field], keys[i].out, keys[i].size))
			o->narrowed |= 1u << keys[i].key;
}

/* table, struct eh_own *: one finding. */
static int read_finding(lua_State *L)
{
	struct eh_own *o = lua_touserdata(L, 2);
	const int first = 3;
	const char *wrong = NULL;

	if (!lua_istable(L, 1))
		return luaL_error(L, "it is a %s: write {attribute = ..., group = ..., verdict = ...}",
				  luaL_typename(L, 1));
	luaL_checkstack(L, FIELDS + 4, "finding");
	lua_settop(L, first + FIELDS - 1);                              // table own nil ...
	if (!eh_lua_take(L, 1, names, FIELDS, first))
		eh_lua_only(L, 1, names, FIELDS, NULL, "a finding");
	(void)take_text(L, first + ATTRIBUTE, "attribute", o->attribute, sizeof o->attribute);
	(void)take_text(L, first + GROUP, "group", o->group, sizeof o->group);
	(void)take_text(L, first + REFERENCE, "reference", o->reference, sizeof o->reference);
	(void)take_text(L, first + SUBJECT, "subject", o->subject, sizeof o->subject);
	take_keys(L, first, o);
	take_counts(L, first, o);
	eh_contract_verdict_at(L, first, o->evaluator[0] == '\0', &o->verdict);
	wrong = eh_own_wrong(o);
	return wrong != NULL ? luaL_error(L, "%s", wrong) : 0;
}

uint32_t eh_contract_own(lua_State *L, int idx, struct eh_own *out)
{
	lua_Integer n = 0, keys = 0;

	idx = lua_absindex(L, idx);
	luaL_checkstack(L, 8, "list of findings");
	if (lua_isnil(L, idx))
		return 0;
	if (!lua_istable(L, idx))
		luaL_error(L, "compute() returned a %s: return a list of findings, or nothing",
			   luaL_typename(L, idx));
	n = (lua_Integer)lua_rawlen(L, idx);
	for (lua_pushnil(L); lua_next(L, idx) != 0; lua_pop(L, 1))
		keys++;
	if (n != keys || n > EH_OWN_MAX)
		luaL_error(L, "compute() must return a list of at most %d findings", EH_OWN_MAX);
	for (lua_Integer i = 0; i < n; i++) {
		lua_pushcfunction(L, read_finding);                     // f
		lua_rawgeti(L, idx, i + 1);                             // f finding
		lua_pushlightuserdata(L, &out[i]);                      // f finding own
		if (lua_pcall(L, 2, 0, 0) != LUA_OK)                    // | message
			luaL_error(L, "finding %d of compute(): %s", (int)i + 1, lua_tostring(L, -1));
	}
	return (uint32_t)n;
}

static void take_roles(lua_State *L, int idx, struct eh_hook_answer *out)
{
	lua_Integer n = 0;

	if (lua_isnil(L, idx))
		return;
	if (!lua_istable(L, idx) || (n = (lua_Integer)lua_rawlen(L, idx)) > EH_HOOK_ROLES_MAX)
		luaL_error(L, "to must be a list of at most %d role words such as \"supervisor\"", EH_HOOK_ROLES_MAX);
	for (lua_Integer i = 0; i < n; i++) {
		size_t len = 0;
		const char *s = lua_rawgeti(L, idx, i + 1) == LUA_TSTRING ? lua_tolstring(L, -1, &len) : "";

		/* an address is never a policy's to know */
		if (!eh_lua_role_valid(s, len))
			luaL_error(L, "to[%d] must be a role word such as \"supervisor\": 1 to 32 of a-z and '_'",
				   (int)i + 1);
		memcpy(out->roles[i], s, len + 1);
		lua_pop(L, 1);
	}
	out->n_roles = (uint32_t)n;
}

void eh_contract_answer(lua_State *L, int idx, struct eh_hook_answer *out)
{
	static const char *const fields[] = { "text", "to" };
	int first = 0;

	idx = lua_absindex(L, idx);
	memset(out, 0, sizeof *out);
	out->silent = lua_isnil(L, idx);
	if (out->silent)
		return;
	if (!lua_istable(L, idx))
		luaL_error(L, "on_notification() returned a %s: return {text = ..., to = {...}}, or nothing",
			   luaL_typename(L, idx));
	luaL_checkstack(L, 8, "answer");
	first = lua_gettop(L) + 1;
	lua_settop(L, first + 1);                               // nil nil
	if (!eh_lua_take(L, idx, fields, N_OF(fields), first))
		eh_lua_only(L, idx, fields, N_OF(fields), NULL, "what on_notification() returned");
	if (lua_type(L, first) != LUA_TSTRING || lua_rawlen(L, first) == 0)
		luaL_error(L, "on_notification() must say a text, or return nothing");
	eh_text_printable(out->text, sizeof out->text, lua_tostring(L, first), lua_rawlen(L, first));
	take_roles(L, first + 1, out);
	lua_settop(L, first - 1);
}
