/* The environment of a policy: what is there, what is guarded, and where it ends. */
#include "lua/sandbox.h"

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>
#include <lualib.h>

#include "lua/format.h"
#include "lua/primitives.h"
#include "lua/project.h"

#define HOOK_STEP 1000          /* VM instructions; facts/reliability.md 4.1 set-up C */

static struct eh_sandbox *sandbox_of(lua_State *L)
{
	struct eh_sandbox *sb = NULL;

	memcpy(&sb, lua_getextraspace(L), sizeof sb);
	return sb;
}

/* Line of the policy that is nearest to where Lua is now, or 0.  Allocates nothing. */
static int policy_line(lua_State *L, const char *file)
{
	lua_Debug ar;

	memset(&ar, 0, sizeof ar);
	for (int level = 0; lua_getstack(L, level, &ar) != 0; level++) {
		if (lua_getinfo(L, "Sl", &ar) != 0 && ar.source[0] == '@' && strcmp(ar.source + 1, file) == 0 &&
		    ar.currentline > 0)
			return ar.currentline;
	}
	return 0;
}

/* ---- budgets ---- */

/* Lua raises its out-of-memory error without calling the message handler: the line is taken down here. */
static void note_memory_end(struct eh_sandbox *sb)
{
	if (sb->L != NULL)
		sb->memory_line = policy_line(sb->L, sb->file);
}

static void *capped_alloc(void *ud, void *ptr, size_t osize, size_t nsize)
{
	struct eh_sandbox *sb = ud;
	size_t old = ptr != NULL ? osize : 0;   /* without a block osize is a type tag, not a size */
	void *p = NULL;

	if (nsize == 0) {
		eh_lua_pool_free(&sb->pool, ptr, old);
		sb->memory -= old;
		return NULL;
	}
	if (nsize <= old || nsize - old <= sb->memory_max - sb->memory)
		p = eh_lua_pool_resize(&sb->pool, ptr, old, nsize);
	if (p == NULL) {
		note_memory_end(sb);
		return NULL;
	}
	sb->memory = sb->memory - old + nsize;
	if (sb->memory > sb->memory_peak)
		sb->memory_peak = sb->memory;
	return p;
}

/* An error raised here could be swallowed by pcall, and xpcall handlers and __gc would run with hooks off
 * (facts/reliability.md 4.1): so nothing is raised, Lua is left for good. */
static void count_hook(lua_State *L, lua_Debug *ar)
{
	struct eh_sandbox *sb = sandbox_of(L);

	sb->instructions += HOOK_STEP;
	if (sb->instructions < sb->instructions_max)
		return;
	if (lua_getinfo(L, "Sl", ar) != 0)
		(void)snprintf(sb->where, sizeof sb->where, "%s:%d", ar->short_src, ar->currentline);
	longjmp(sb->out_of_budget, 1);
}

void eh_sandbox_spend(lua_State *L, const char *function, double instructions)
{
	struct eh_sandbox *sb = sandbox_of(L);
	int line = 0;

	if (!(instructions <= (double)sb->instructions_max))
		luaL_error(L, "evenhand.%s: refused: this is more work than a whole run may do", function);
	sb->instructions += (uint64_t)instructions;
	if (sb->instructions < sb->instructions_max)
		return;
	line = policy_line(L, sb->file);
	if (line > 0)
		(void)snprintf(sb->where, sizeof sb->where, "%s:%d", sb->file, line);
	longjmp(sb->out_of_budget, 1);
}

const struct eh_audit_data *eh_sandbox_data(lua_State *L)
{
	return sandbox_of(L)->data;
}

const char *eh_sandbox_libraries(lua_State *L, size_t *len)
{
	const struct eh_sandbox *sb = sandbox_of(L);

	*len = sb->libraries_len;
	return sb->libraries;
}

void eh_sandbox_note_nil(lua_State *L, const char *outer, const char *section, const char *name, const char *why)
{
	eh_nils_note(&sandbox_of(L)->nils, outer, section, name, why);
}

/* ---- guarded functions of the base library ---- */

static bool is_protected(lua_State *L, int idx)
{
	bool yes = luaL_getmetafield(L, idx, "__metatable") != LUA_TNIL;

	if (yes)
		lua_pop(L, 1);
	return yes;
}

/* The metatable is at index 2.  A finaliser runs with the hook off; what a weak table still holds depends on when
 * the collector last ran. */
static void refuse_metafield(lua_State *L, const char *name)
{
	lua_pushstring(L, name);                        // t mt name
	if (lua_rawget(L, 2) != LUA_TNIL)               // t mt value
		luaL_error(L, "%s is not allowed in a policy", name);
	lua_pop(L, 1);                                  // t mt
}

/*
 * Looking at a metatable when it is set is not enough: "__mode" put into it afterwards makes the table weak all the
 * same.  So no table ever has a policy's own table as its metatable, but a copy that the policy cannot reach, of the
 * fields that Lua and its libraries ask for; all other fields of a metatable mean nothing to them.  The copy knows
 * whose it is, for getmetatable; a metatable that did not change has one copy, however many tables it is set for.
 */
static const char *const events[] = {
	"__index", "__newindex", "__call", "__metatable", "__tostring", "__name", "__pairs", "__close", "__len", "__eq",
	"__lt", "__le", "__concat", "__unm", "__add", "__sub", "__mul", "__div", "__mod", "__pow", "__idiv", "__band",
	"__bor", "__bxor", "__bnot", "__shl", "__shr"
};
#define COPY_WORK 100.0         /* [instructions]: two microseconds */
#define N_EVENTS (sizeof events / sizeof events[0])

static char owner_key;          /* in a copy: the policy's metatable */
static char copies_key;         /* in the registry: metatable -> copy, as long as the metatable lives */

/* Sets a field that is put into a used metatable later: it would be without effect, so say so. */
static int refuse_event(lua_State *L)
{
	if (lua_type(L, 2) == LUA_TSTRING && strncmp(lua_tostring(L, 2), "__", 2) == 0)
		return luaL_error(L, "%s is set after setmetatable: a metatable is read when it is set, write it "
				  "before", lua_tostring(L, 2));
	lua_settop(L, 3);
	lua_rawset(L, 1);
	return 0;
}

static void push_copies(lua_State *L)
{
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &copies_key) == LUA_TTABLE)
		return;
	lua_pop(L, 1);
	lua_newtable(L);                                // copies
	lua_createtable(L, 0, 1);                       // copies mt
	lua_pushliteral(L, "k");
	lua_setfield(L, -2, "__mode");
	lua_setmetatable(L, -2);                        // copies
	lua_pushvalue(L, -1);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &copies_key);
}

/* Is the copy on top still what the metatable at index 2 says? */
static bool copy_holds(lua_State *L)
{
	bool same = true;

	for (size_t i = 0; i < N_EVENTS && same; i++) {
		lua_pushstring(L, events[i]);
		lua_pushvalue(L, -1);
		lua_rawget(L, 2);                       // copy name value
		lua_insert(L, -2);                      // copy value name
		lua_rawget(L, -3);                      // copy value kept
		same = lua_rawequal(L, -1, -2) != 0;
		lua_pop(L, 2);                          // copy
	}
	return same;
}

static void make_copy(lua_State *L)
{
	lua_newtable(L);                                // copy
	for (size_t i = 0; i < N_EVENTS; i++) {
		lua_pushstring(L, events[i]);
		lua_pushvalue(L, -1);
		if (lua_rawget(L, 2) != LUA_TNIL)       // copy name value
			lua_rawset(L, -3);
		else
			lua_pop(L, 2);
	}
	lua_pushvalue(L, 2);
	lua_rawsetp(L, -2, &owner_key);                 // copy
}

/* A metatable that has none itself tells who adds to it in vain. */
static void guard_metatable(lua_State *L)
{
	if (lua_getmetatable(L, 2) != 0) {
		lua_pop(L, 1);
		return;
	}
	if (lua_rawgetp(L, LUA_REGISTRYINDEX, &owner_key) != LUA_TTABLE) {
		lua_pop(L, 1);
		lua_createtable(L, 0, 1);               // guard
		lua_pushcfunction(L, refuse_event);
		lua_setfield(L, -2, "__newindex");
		lua_pushboolean(L, 0);                  // getmetatable: there is none
		lua_rawsetp(L, -2, &owner_key);
		lua_pushvalue(L, -1);
		lua_rawsetp(L, LUA_REGISTRYINDEX, &owner_key);
	}
	lua_setmetatable(L, 2);
}

/* Puts the copy of the metatable at index 2 on the stack. */
static void push_copy(lua_State *L)
{
	luaL_checkstack(L, 10, "metatable");
	push_copies(L);                                 // copies
	lua_pushvalue(L, 2);
	if (lua_rawget(L, -2) == LUA_TTABLE && copy_holds(L)) {
		lua_remove(L, -2);                      // copy
		return;
	}
	lua_pop(L, 1);                                  // copies
	make_copy(L);                                   // copies copy
	lua_pushvalue(L, 2);
	lua_pushvalue(L, -2);
	lua_rawset(L, -4);                              // copies copy
	lua_remove(L, -2);                              // copy
	guard_metatable(L);
}

void eh_sandbox_hide(lua_State *L)
{
	lua_pushboolean(L, 0);
	lua_rawsetp(L, -2, &owner_key);
}

static int guarded_setmetatable(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	if (lua_type(L, 2) != LUA_TNIL && lua_type(L, 2) != LUA_TTABLE)
		return luaL_typeerror(L, 2, "nil or table");
	if (is_protected(L, 1))
		return luaL_error(L, "cannot change a protected metatable");
	lua_settop(L, 2);
	if (lua_istable(L, 2)) {
		refuse_metafield(L, "__gc");
		refuse_metafield(L, "__mode");
		eh_sandbox_spend(L, "setmetatable", COPY_WORK);
		push_copy(L);                           // t mt copy
	}
	lua_setmetatable(L, 1);
	lua_settop(L, 1);
	return 1;
}

static int guarded_getmetatable(lua_State *L)
{
	luaL_checkany(L, 1);
	lua_settop(L, 1);
	if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
		return 1;
	if (lua_getmetatable(L, 1) == 0) {
		lua_pushnil(L);
		return 1;
	}
	if (lua_rawgetp(L, -1, &owner_key) == LUA_TBOOLEAN)
		lua_pushnil(L);
	return 1;
}

static int guarded_rawget(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_checkany(L, 2);
	if (is_protected(L, 1))
		return luaL_error(L, "rawget on a read-only table");
	lua_settop(L, 2);
	lua_rawget(L, 1);
	return 1;
}

static int guarded_rawset(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	luaL_checkany(L, 2);
	luaL_checkany(L, 3);
	if (is_protected(L, 1))
		return luaL_error(L, "rawset on a read-only table");
	lua_settop(L, 3);
	lua_rawset(L, 1);
	return 1;
}

static int guarded_tostring(lua_State *L)
{
	luaL_checkany(L, 1);
	eh_lua_push_text(L, 1);
	return 1;
}

static int refuse_global(lua_State *L)
{
	if (lua_type(L, 2) == LUA_TSTRING)
		return luaL_error(L, "global '%s' is assigned: a policy has no globals, write local %s",
				  lua_tostring(L, 2), lua_tostring(L, 2));
	return luaL_error(L, "a policy has no globals");
}

static int refuse_write(lua_State *L)
{
	return luaL_error(L, "the libraries are read-only");
}

/* ---- the environment ---- */

/* Replaces the table on the stack by an empty read-only proxy of it. */
static void lock_table(lua_State *L, lua_CFunction on_write)
{
	lua_newtable(L);                        // t proxy
	lua_createtable(L, 0, 3);               // t proxy mt
	lua_pushvalue(L, -3);                   // t proxy mt t
	lua_setfield(L, -2, "__index");         // t proxy mt
	lua_pushcfunction(L, on_write);         // t proxy mt f
	lua_setfield(L, -2, "__newindex");      // t proxy mt
	lua_pushliteral(L, "locked");           // t proxy mt "locked"
	lua_setfield(L, -2, "__metatable");     // t proxy mt
	lua_setmetatable(L, -2);                // t proxy
	lua_remove(L, -2);                      // proxy
}

void eh_sandbox_lock(lua_State *L)
{
	lock_table(L, refuse_write);
}

static void remove_fields(lua_State *L, const char *const *names)
{
	for (; *names != NULL; names++) {
		lua_pushnil(L);
		lua_setfield(L, -2, *names);
	}
}

static void open_base(lua_State *L, int env)
{
	/* facts/reliability.md 4.2; next and pairs are replaced once the helper library is there */
	static const char *const allowed[] = { "assert", "error", "ipairs", "next", "pairs", "pcall",
					       "rawequal", "rawlen", "select", "tonumber", "type", "_VERSION", NULL };
	static const luaL_Reg guarded[] = {
		{ "setmetatable", guarded_setmetatable },
		{ "getmetatable", guarded_getmetatable },
		{ "rawget", guarded_rawget },
		{ "rawset", guarded_rawset },
		{ "tostring", guarded_tostring },
		{ NULL, NULL }
	};

	luaL_requiref(L, LUA_GNAME, luaopen_base, 0);   // _G
	for (const char *const *name = allowed; *name != NULL; name++) {
		lua_getfield(L, -1, *name);             // _G value
		lua_setfield(L, env, *name);            // _G
	}
	lua_pop(L, 1);
	lua_pushvalue(L, env);                          // env
	luaL_setfuncs(L, guarded, 0);
	lua_pop(L, 1);
}

static void open_string(lua_State *L, int env)
{
	static const char *const removed[] = { "dump", NULL };

	luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 0);    // string
	remove_fields(L, removed);
	lua_getfield(L, -1, "format");                          // string format
	lua_pushcclosure(L, eh_lua_format, 1);                  // string guarded
	lua_setfield(L, -2, "format");                          // string
	/* all strings share one metatable, whose __index is this very table */
	lua_pushliteral(L, "");                                 // string ""
	lua_getmetatable(L, -1);                                // string "" mt
	lua_pushliteral(L, "locked");                           // string "" mt "locked"
	lua_setfield(L, -2, "__metatable");                     // string "" mt
	lua_pop(L, 2);                                          // string
	lock_table(L, refuse_write);                            // proxy
	lua_setfield(L, env, LUA_STRLIBNAME);
}

static void open_library(lua_State *L, int env, const char *name, lua_CFunction open, const char *const *removed)
{
	luaL_requiref(L, name, open, 0);        // lib
	remove_fields(L, removed);
	lock_table(L, refuse_write);            // proxy
	lua_setfield(L, env, name);
}

/* Puts the helper library's functions in the place of those whose result depends on the seed of Lua's string
 * hash (next, pairs) or on the clock (the pivots of table.sort).  The library is on the stack. */
static void replace_unsteady(lua_State *L, int env)
{
	lua_getfield(L, -1, "pairs_sorted");                    // lib pairs
	lua_setfield(L, env, "pairs");                          // lib
	lua_getfield(L, -1, "next_sorted");                     // lib next
	lua_setfield(L, env, "next");                           // lib
	lua_getfield(L, env, LUA_TABLIBNAME);                   // lib proxy
	luaL_getmetafield(L, -1, "__index");                    // lib proxy table
	lua_getfield(L, -3, "sort");                            // lib proxy table sort
	lua_setfield(L, -2, "sort");                            // lib proxy table
	lua_pop(L, 2);                                          // lib
}

/* Runs the helper library in the bare environment. */
static void open_helper(lua_State *L, int env, const char *helper, size_t len)
{
	eh_sandbox_compile(L, "evenhand.lua", helper, len);     // chunk
	luaL_requiref(L, LUA_GNAME, luaopen_base, 0);           // chunk _G
	lua_getfield(L, -1, "rawget");                          // chunk _G rawget
	lua_remove(L, -2);                                      // chunk rawget
	lua_call(L, 1, 1);                                      // lib
	if (!lua_istable(L, -1))
		luaL_error(L, "evenhand.lua: the helper library returns no table; install the program again");
	replace_unsteady(L, env);
	eh_primitives_open(L);
	eh_project_push(L, sandbox_of(L)->project);             // lib project | nil
	lua_setfield(L, -2, "project");                         // lib
	lock_table(L, refuse_write);                            // proxy
	lua_setfield(L, env, "evenhand");
}

void eh_sandbox_open(struct eh_sandbox *sb, const char *helper, size_t helper_len)
{
	/* and no functions of older Lua, which are there or not as the library was built */
	static const char *const no_random[] = { "random", "randomseed", "atan2", "cosh",  "frexp", "ldexp",
						 "log10",  "pow",	 "sinh",  "tanh", NULL };
	static const char *const nothing[] = { NULL };
	lua_State *L = sb->L;
	int env = 0;

	lua_newtable(L);                        // env
	env = lua_absindex(L, -1);
	open_base(L, env);
	open_string(L, env);
	open_library(L, env, LUA_TABLIBNAME, luaopen_table, nothing);
	open_library(L, env, LUA_MATHLIBNAME, luaopen_math, no_random);
	open_library(L, env, LUA_UTF8LIBNAME, luaopen_utf8, nothing);
	lua_pushvalue(L, env);                  // env env
	lock_table(L, refuse_global);           // env proxy
	lua_pushvalue(L, -1);                   // env proxy proxy
	lua_setfield(L, env, LUA_GNAME);        // env proxy
	/* compiled chunks take their _ENV from here; the library's own globals are gone with it */
	lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);    // env
	open_helper(L, env, helper, helper_len);
	lua_pop(L, 1);
}

/* Puts what is mostly meant behind the compiler's message on top of the stack. */
static void add_mend(lua_State *L)
{
	static const char *const mends[][2] = {
		{ "'}' expected", "; is a comma missing before it?" },
		{ "'end' expected", "; is an end missing, or one too many before it?" },
		{ "<eof> expected", "; is there an end too many before it?" },
		{ "'=' expected", "; a statement is an assignment or a call" },
		{ "'then' expected", "; a comparison is ==, an assignment =" },
	};
	const char *message = lua_tostring(L, -1);

	for (size_t i = 0; i < sizeof mends / sizeof mends[0]; i++) {
		if (strstr(message, mends[i][0]) == NULL)
			continue;
		lua_pushfstring(L, "%s%s", message, mends[i][1]);
		lua_remove(L, -2);
		return;
	}
}

void eh_sandbox_compile(lua_State *L, const char *file, const char *text, size_t len)
{
	const char *chunk = lua_pushfstring(L, "@%s", file);    // name

	if (luaL_loadbufferx(L, text, len, chunk, "t") != LUA_OK) {     // name message
		add_mend(L);
		lua_error(L);
	}
	lua_remove(L, -2);                                              // chunk
	if (strcmp(file, sandbox_of(L)->file) == 0) {
		sandbox_of(L)->nils.text = text;
		sandbox_of(L)->nils.len = len;
	}
}

static int on_panic(lua_State *L)
{
	(void)L;
	return 0;       /* nothing runs unprotected; should it, Lua aborts the worker and the parent says so */
}

bool eh_sandbox_create(struct eh_sandbox *sb)
{
	/* what blocks are larger than what Lua asked for must not be what a policy lacks */
	sb->pool.max = sb->memory_max + sb->memory_max / 8;
	sb->L = lua_newstate(capped_alloc, sb);
	if (sb->L == NULL)
		return false;
	memcpy(lua_getextraspace(sb->L), &sb, sizeof sb);
	lua_atpanic(sb->L, on_panic);
	lua_sethook(sb->L, count_hook, LUA_MASKCOUNT, HOOK_STEP);
	return true;
}

void eh_sandbox_close(struct eh_sandbox *sb)
{
	if (sb->L != NULL)
		lua_close(sb->L);
	sb->L = NULL;
	eh_lua_pool_end(&sb->pool);
}

/* file:line of the policy in front of the message at index 1, also when it was raised by the helper library, a C
 * function or as a table. */
static void put_place(lua_State *L, const struct eh_sandbox *sb)
{
	size_t len = strlen(sb->file);
	const char *msg = lua_tostring(L, 1);
	int line = 0;

	if (strncmp(msg, sb->file, len) == 0 && msg[len] == ':')
		return;
	line = policy_line(L, sb->file);
	if (line > 0)
		lua_pushfstring(L, "%s:%d: %s", sb->file, line, msg);
	else
		lua_pushfstring(L, "%s: %s", sb->file, msg);
	lua_replace(L, 1);
}

/* Error objects become a text that says where it was, and which value was nil. */
static int on_error(lua_State *L)
{
	const struct eh_sandbox *sb = sandbox_of(L);
	char hint[320] = "";

	if (lua_type(L, 1) != LUA_TSTRING) {
		lua_pushfstring(L, "an error was raised with a %s as its message", luaL_typename(L, 1));
		lua_replace(L, 1);
	}
	lua_settop(L, 1);
	put_place(L, sb);
	eh_nils_hint(hint, sizeof hint, &sb->nils, sb->file, lua_tostring(L, 1));
	if (hint[0] != '\0')
		lua_pushfstring(L, "%s%s", lua_tostring(L, 1), hint);
	return 1;
}

bool eh_sandbox_call(struct eh_sandbox *sb, int nargs, int nresults)
{
	lua_State *L = sb->L;
	int handler = lua_gettop(L) - nargs;
	int rc = LUA_OK;

	eh_nils_forget(&sb->nils);
	lua_pushcfunction(L, on_error);         // f args h
	lua_insert(L, handler);                 // h f args
	rc = lua_pcall(L, nargs, nresults, handler);
	lua_remove(L, handler);
	return rc == LUA_OK;
}
