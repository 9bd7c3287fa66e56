/* The policy's table and its verdicts, parsed into C before anything is done with them. */
#include "lua/contract.h"

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "base/text.h"
#include "lua/names.h"
#include "lua/reader.h"

#define FIELDS_MAX 48
#define VERDICTS_MAX 8
#define N_OF(a) (sizeof (a) / sizeof (a)[0])

void eh_contract_policy(lua_State *L, int idx, const struct eh_source *src, struct eh_policy_info *info)
{
	const char *names[FIELDS_MAX];
	size_t n = 0;
	struct eh_lua_reader r = { L, lua_absindex(L, idx), src, info };

	*info = (struct eh_policy_info){ .settings = EH_AUDIT_SETTINGS_INIT };
	if (!lua_istable(L, idx)) {
		lua_pushfstring(L, "%s: a policy file must return its table, not a %s", src->file,
				luaL_typename(L, idx));
		lua_error(L);
	}
	luaL_checkstack(L, 8, "policy table");
	for (; n < FIELDS_MAX && eh_script_field(n) != NULL; n++)
		names[n] = eh_script_field(n)->name;
	eh_lua_only(L, r.table, names, n, &r, "the policy's table");
	eh_contract_fields(&r);
}

static void parse_kind(lua_State *L, int idx, struct eh_verdict *out)
{
	enum eh_verdict_kind kind = EH_POLICY_ERROR;
	char shown[48] = "", near[160] = "";
	const char *words[VERDICTS_MAX];
	size_t n = 0;

	if (lua_type(L, idx) != LUA_TSTRING)
		luaL_error(L, "the verdict must be a string, not a %s", luaL_typename(L, idx));
	if (lua_rawlen(L, idx) != strlen(lua_tostring(L, idx)) || eh_verdict_parse(&kind, lua_tostring(L, idx)) < 0) {
		eh_text_printable(shown, sizeof shown, lua_tostring(L, idx), lua_rawlen(L, idx));
		for (; n < VERDICTS_MAX && eh_script_verdict(n) != NULL; n++)
			words[n] = eh_script_verdict(n)->name;
		eh_near_names(near, sizeof near, shown, words, n);
		luaL_error(L, "unknown verdict \"%s\"%s", shown,
			   near[0] != '\0' ? near : ": ok, watch, notify, too_few, not_allowed or cannot_conclude");
	}
	if (kind == EH_POLICY_ERROR)
		luaL_error(L, "policy_error is the engine's own verdict: raise an error instead");
	out->kind = kind;
}

static void parse_scope(lua_State *L, int idx, bool pooled, struct eh_verdict *out)
{
	int32_t scope = pooled ? EH_SCOPE_SYSTEMIC : EH_SCOPE_INDIVIDUAL;
	const char *s = NULL;

	if (lua_type(L, idx) != LUA_TNIL) {
		s = lua_type(L, idx) == LUA_TSTRING && lua_rawlen(L, idx) == strlen(lua_tostring(L, idx)) ?
			    lua_tostring(L, idx) : "";
		if (strcmp(s, "individual") == 0)
			scope = EH_SCOPE_INDIVIDUAL;
		else if (strcmp(s, "systemic") == 0)
			scope = EH_SCOPE_SYSTEMIC;
		else
			luaL_error(L, "scope must be \"individual\" or \"systemic\"");
	}
	out->scope = out->kind == EH_NOTIFY ? scope : EH_SCOPE_NONE;
}

static void parse_text(lua_State *L, int idx, const char *name, char *out, size_t size)
{
	if (lua_type(L, idx) == LUA_TSTRING)
		eh_text_printable(out, size, lua_tostring(L, idx), lua_rawlen(L, idx));
	else if (lua_type(L, idx) != LUA_TNIL)
		luaL_error(L, "the %s must be a string, not a %s", name, luaL_typename(L, idx));
}

void eh_contract_verdict_at(lua_State *L, int first, bool pooled, struct eh_verdict *out)
{
	parse_kind(L, first, out);
	parse_scope(L, first + 1, pooled, out);
	parse_text(L, first + 2, "reason", out->reason, sizeof out->reason);
	parse_text(L, first + 3, "rule", out->rule, sizeof out->rule);
}

void eh_contract_verdict(lua_State *L, int idx, bool pooled, struct eh_verdict *out)
{
	static const char *const names[] = { "verdict", "scope", "reason", "rule" };
	int first = 0;

	idx = lua_absindex(L, idx);
	luaL_checkstack(L, 8, "verdict");
	first = lua_gettop(L) + 1;
	lua_settop(L, first + 3);                               // nil nil nil nil
	if (lua_type(L, idx) == LUA_TSTRING) {
		parse_kind(L, idx, out);
		parse_scope(L, first, pooled, out);
		lua_pop(L, 4);
		return;
	}
	if (!lua_istable(L, idx))
		luaL_error(L, "check() returned a %s: return {verdict = \"...\", reason = \"...\"} "
			   "or the verdict's name", luaL_typename(L, idx));
	if (!eh_lua_take(L, idx, names, N_OF(names), first))    // verdict scope reason rule
		eh_lua_only(L, idx, names, N_OF(names), NULL, "the verdict");
	eh_contract_verdict_at(L, first, pooled, out);
	lua_pop(L, 4);
}

bool eh_contract_needs(const struct eh_policy_info *info, bool declared[EH_FACTS_MAX])
{
	char name[48] = "";
	int at = 0, len = 0;

	for (size_t i = 0; i < EH_FACTS_MAX; i++)
		declared[i] = eh_fact_always(i);
	if (info->needs[0] == '\0')
		return false;
	while (sscanf(info->needs + at, "%47s%n", name, &len) == 1) {
		int i = eh_fact_index(name);

		if (i >= 0)
			declared[i] = true;
		at += len;
	}
	return true;
}
