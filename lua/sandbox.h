/*
 * sandbox.h - a Lua state in which a policy can do nothing but compute (facts/reliability.md 4.2).
 *
 * Allow-list environment, text-only loading, an allocator with a cap and an instruction budget
 * that nothing in Lua can catch: when it is spent the hook leaves Lua by longjmp, past every pcall
 * and without a __gc or __close being run, and the state is never touched again.
 */
#ifndef EH_LUA_SANDBOX_H
#define EH_LUA_SANDBOX_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lua.h>

#include "lua/nils.h"
#include "lua/pool.h"
#include "policy/project.h"

struct eh_audit_data;

struct eh_sandbox {
	lua_State *L;
	const char *file;               /* last component of the policy's path, as in messages */
	const struct eh_project *project;       /* evenhand.project; NULL = nil */
	uint64_t instructions;          /* spent: steps of the hook, and what functions in C took */
	uint64_t instructions_max;
	size_t memory, memory_peak, memory_max;         /* [bytes] */
	struct eh_lua_pool pool;
	int memory_line;                /* line of the policy at the last allocation that was refused, 0 = none */
	jmp_buf out_of_budget;          /* set by the caller before anything runs */
	char where[160];                /* file:line at which the budget ended */
	const struct eh_audit_data *data;       /* what evenhand.counts counts, borrowed; NULL = nothing */
	const char *libraries;          /* [libraries_len] for evenhand.library (policy/library.h); NULL = none */
	size_t libraries_len;
	struct eh_nils nils;            /* since the last call from C */
};

/* Creates the state: sb->file, the maxima and out_of_budget are the caller's.  false: no memory. */
bool eh_sandbox_create(struct eh_sandbox *sb);
/* For a worker that runs several states one after the other; the last one is left to _exit. */
void eh_sandbox_close(struct eh_sandbox *sb);

/* The rest raises Lua errors: call it inside eh_sandbox_call. */

/* Fills the environment, runs the helper library and locks everything. */
void eh_sandbox_open(struct eh_sandbox *sb, const char *helper, size_t helper_len);
/* Compiles text as a chunk of the given file name and pushes the function. */
void eh_sandbox_compile(lua_State *L, const char *file, const char *text, size_t len);

/* The one protected call: nargs arguments and a function on the stack, nresults left there.  false: an error
 * message (a string that names file:line of the policy where that is known) is on the stack instead. */
bool eh_sandbox_call(struct eh_sandbox *sb, int nargs, int nresults);

/*
 * For functions in C that Lua calls, before they work: takes so many instructions from the budget.  At its end it
 * leaves Lua like the hook, so nothing may be held that only a return frees.  Work that the whole budget could not pay
 * raises an error instead, "evenhand.FUNCTION: ..."; nothing is taken then.
 */
void eh_sandbox_spend(lua_State *L, const char *function, double instructions);
const struct eh_audit_data *eh_sandbox_data(lua_State *L);
/* What was carried behind the policy's text. */
const char *eh_sandbox_libraries(lua_State *L, size_t *len);
/* What is nil where the policy reads it (nils.h). */
void eh_sandbox_note_nil(lua_State *L, const char *outer, const char *section, const char *name, const char *why);
/* The metatable on top of the stack is the program's: getmetatable gives nil for a table that has it. */
void eh_sandbox_hide(lua_State *L);
/* Replaces the table on the stack by an empty read-only proxy of it. */
void eh_sandbox_lock(lua_State *L);

#endif
