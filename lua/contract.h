/*
 * contract.h - reading what a policy hands over: its table and its verdicts.
 *
 * Everything is read raw (no metamethods), checked whole and copied into C structs before
 * anything uses it.  All functions raise a Lua error with a sentence; call them protected.
 */
#ifndef EH_LUA_CONTRACT_H
#define EH_LUA_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>

#include <lua.h>

#include "lua/facts.h"
#include "policy/policy.h"

struct eh_source {
	const char *file;               /* as in messages */
	const char *text;               /* for the line of a field in messages */
	size_t len;
};

/* The table at idx into info (hash and path stay empty). */
void eh_contract_policy(lua_State *L, int idx, const struct eh_source *src, struct eh_policy_info *info);

/* The result of check() at idx.  Without a reason the one that is in out stays. */
void eh_contract_verdict(lua_State *L, int idx, bool pooled, struct eh_verdict *out);

/* The same of four values at first, first + 1, ...: verdict, scope, reason, rule. */
void eh_contract_verdict_at(lua_State *L, int first, bool pooled, struct eh_verdict *out);

/* The list at idx that compute() returned (nil = an empty one), each checked by policy/own.h, into out [EH_OWN_MAX];
 * their number. */
uint32_t eh_contract_own(lua_State *L, int idx, struct eh_own *out);

/* The result of on_notification() at idx. */
void eh_contract_answer(lua_State *L, int idx, struct eh_hook_answer *out);

/* needs as flags by fact index; false when needs is "" (everything may be read). */
bool eh_contract_needs(const struct eh_policy_info *info, bool declared[EH_FACTS_MAX]);

#endif
