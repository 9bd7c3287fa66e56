/* Facts about a project as read-only tables; see project.h. */
#include "lua/project.h"

#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include "lua/sandbox.h"

/*
 * In front of each table stands a userdata, as for facts, whose __pairs the sandbox's pairs asks.  A record has the
 * fields that its C struct has: a misspelt one must not read as "nothing".  A map or a list holds what there is.
 */
enum shape { RECORD, MAP };

static int refuse_write(lua_State *L) { return luaL_error(L, "the project's facts are read-only"); }

/* proxy, key: upvalues are the table and the record's name */
static int read_record(lua_State *L)
{
	lua_pushvalue(L, 2);                            // proxy key key
	if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNIL)
		return luaL_error(L, "unknown field %s.%s", lua_tostring(L, lua_upvalueindex(2)),
				  lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2));
	if (lua_islightuserdata(L, -1)) {               // a field without a value; the names live as this function
		eh_sandbox_note_nil(L, NULL, lua_tostring(L, lua_upvalueindex(2)), lua_tostring(L, 2), NULL);
		lua_pushnil(L);
	}
	return 1;
}

static int length(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)lua_rawlen(L, lua_upvalueindex(1)));
	return 1;
}

/* Names in byte order (places of a list from 1); the order is that of the list of names, upvalue 2. */
static int next_entry(lua_State *L)
{
	const lua_Integer n = (lua_Integer)lua_rawlen(L, lua_upvalueindex(2));
	lua_Integer i = 1;

	if (!lua_isnil(L, 2))
		for (bool found = false; i <= n && !found; i++) {
			lua_rawgeti(L, lua_upvalueindex(2), i);
			found = lua_rawequal(L, -1, 2) != 0;
			lua_pop(L, 1);
		}
	for (; i <= n; i++) {
		lua_rawgeti(L, lua_upvalueindex(2), i);         // key
		lua_pushvalue(L, -1);
		if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TLIGHTUSERDATA)
			return 2;                               // key value
		lua_pop(L, 2);
	}
	lua_pushnil(L);
	return 1;
}

/* proxy; upvalues are the table and its keys in order */
static int entries(lua_State *L)
{
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_pushvalue(L, lua_upvalueindex(2));
	lua_pushcclosure(L, next_entry, 2);
	lua_pushvalue(L, 1);
	lua_pushnil(L);
	return 3;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Pushes the list of the keys of the table at t: strings in byte order, or 1..#t. */
static void push_keys(lua_State *L, int t)
{
	const lua_Integer n = (lua_Integer)lua_rawlen(L, t);
	const char **names = NULL;
	size_t count = 0, i = 0;

	for (lua_pushnil(L); lua_next(L, t) != 0; lua_pop(L, 1))
		count++;
	names = lua_newuserdatauv(L, (count + 1) * sizeof *names, 0);   // names
	lua_createtable(L, (int)count, 0);                              // names keys
	if (n == 0) {
		for (lua_pushnil(L); lua_next(L, t) != 0; lua_pop(L, 1))
			names[i++] = lua_tostring(L, -2);
		if (count > 1)
			qsort(names, count, sizeof *names, by_bytes);
	}
	for (size_t k = 0; k < count; k++) {
		if (n == 0)
			lua_pushstring(L, names[k]);
		else
			lua_pushinteger(L, (lua_Integer)k + 1);
		lua_rawseti(L, -2, (lua_Integer)k + 1);
	}
	lua_remove(L, -2);                                              // keys
}

/* Replaces the table on the stack by its proxy. */
static void lock(lua_State *L, enum shape shape, const char *name)
{
	const int t = lua_gettop(L);

	luaL_checkstack(L, 8, "project");
	lua_newuserdatauv(L, 0, 0);                     // t proxy
	lua_createtable(L, 0, 5);                       // t proxy mt
	lua_pushvalue(L, t);
	if (shape == RECORD) {
		lua_pushstring(L, name);
		lua_pushcclosure(L, read_record, 2);    // t proxy mt f
	}
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, refuse_write);
	lua_setfield(L, -2, "__newindex");
	lua_pushvalue(L, t);
	lua_pushcclosure(L, length, 1);
	lua_setfield(L, -2, "__len");
	lua_pushvalue(L, t);
	push_keys(L, t);
	lua_pushcclosure(L, entries, 2);
	lua_setfield(L, -2, "__pairs");
	lua_pushliteral(L, "locked");
	lua_setfield(L, -2, "__metatable");
	lua_setmetatable(L, -2);                        // t proxy
	lua_remove(L, t);                               // proxy
}

static void set_count(lua_State *L, const char *name, uint64_t n)
{
	lua_pushinteger(L, (lua_Integer)n);
	lua_setfield(L, -2, name);
}

/* A field that may have no value: a light userdata stands for that, nil would not be there. */
static void set_absent(lua_State *L, const char *name)
{
	lua_pushlightuserdata(L, NULL);
	lua_setfield(L, -2, name);
}

static void set_day(lua_State *L, const char *name, const char *day)
{
	if (day[0] == '\0') {
		set_absent(L, name);
		return;
	}
	lua_pushstring(L, day);
	lua_setfield(L, -2, name);
}

static void set_num(lua_State *L, const char *name, struct eh_num v)
{
	if (!v.defined) {
		set_absent(L, name);
		return;
	}
	lua_pushnumber(L, v.value);
	lua_setfield(L, -2, name);
}

static void set_bool(lua_State *L, const char *name, bool yes)
{
	lua_pushboolean(L, yes);
	lua_setfield(L, -2, name);
}

static void push_place(lua_State *L, const struct eh_project_place *p)
{
	lua_createtable(L, 0, 9);                               // place
	lua_pushstring(L, p->code);
	lua_setfield(L, -2, "code");
	set_count(L, "candidates", p->candidates);
	set_count(L, "recordings", p->recordings);
	set_count(L, "measured", p->measured);
	set_count(L, "release_missing", p->release_missing);
	set_count(L, "waiver_missing", p->waiver_missing);
	lua_createtable(L, 0, (int)p->n_consent);               // place consents
	for (size_t i = 0; i < p->n_consent; i++) {
		lua_createtable(L, 0, 4);                       // place consents one
		set_count(L, "granted", p->consent[i].granted);
		set_count(L, "withdrawn", p->consent[i].withdrawn);
		set_count(L, "expired", p->consent[i].expired);
		set_count(L, "none", p->consent[i].none);
		lock(L, RECORD, "consent");
		lua_setfield(L, -2, p->consent[i].purpose);     // place consents
	}
	lock(L, MAP, NULL);
	lua_setfield(L, -2, "consent");                         // place
	lua_createtable(L, 0, (int)p->n_inferred);
	for (size_t i = 0; i < p->n_inferred; i++)
		set_count(L, p->inferred[i].attribute, p->inferred[i].n);
	lock(L, MAP, NULL);
	lua_setfield(L, -2, "inferred");
	lock(L, RECORD, "jurisdiction");
}

static void push_places(lua_State *L, const struct eh_project *p)
{
	lua_createtable(L, (int)p->n_places, 0);
	for (size_t i = 0; i < p->n_places; i++) {
		push_place(L, &p->places[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	lock(L, MAP, NULL);
}

static void push_data(lua_State *L, const struct eh_project *p)
{
	lua_createtable(L, 0, 8);
#define X(kind)                                                 \
	lua_createtable(L, 0, 2);                               \
	set_count(L, "n", p->data.kind.n);                      \
	set_day(L, "oldest", p->data.kind.oldest);              \
	lock(L, RECORD, "data." #kind);                         \
	lua_setfield(L, -2, #kind);
	EH_PROJECT_KINDS(X)
#undef X
	lock(L, RECORD, "data");
}

static void push_models(lua_State *L, const struct eh_project *p)
{
	lua_createtable(L, (int)p->n_models, 0);
	for (size_t i = 0; i < p->n_models; i++) {
		const struct eh_project_model *m = &p->models[i];

		lua_createtable(L, 0, 6);
		lua_pushstring(L, m->attribute);
		lua_setfield(L, -2, "attribute");
		set_num(L, "auc", m->auc);
		set_num(L, "auc_lo", m->auc_lo);
		set_day(L, "trained", m->trained);
		set_bool(L, "stale", m->stale);
		set_bool(L, "classifies", m->classifies);
		lock(L, RECORD, "model");
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	lock(L, MAP, NULL);
}

static void push_declarations(lua_State *L, const struct eh_project *p)
{
	lua_createtable(L, 0, (int)p->n_declarations);
	for (size_t i = 0; i < p->n_declarations; i++) {
		lua_pushstring(L, p->declarations[i].value);
		lua_setfield(L, -2, p->declarations[i].key);
	}
	lock(L, MAP, NULL);
}

static void push_notifications(lua_State *L, const struct eh_project *p)
{
	lua_createtable(L, 0, 8);
	set_count(L, "pending", p->notifications.pending);
	set_count(L, "confirmed", p->notifications.confirmed);
	set_count(L, "rejected", p->notifications.rejected);
	set_count(L, "actions", p->notifications.actions);
	set_count(L, "closed", p->notifications.closed);
	set_count(L, "oldest_pending_days", p->notifications.oldest_pending_days);
	lock(L, RECORD, "notifications");
}

void eh_project_push(lua_State *L, const struct eh_project *p)
{
	luaL_checkstack(L, 16, "project");
	if (p == NULL) {
		lua_pushnil(L);
		return;
	}
	lua_createtable(L, 0, 8);                       // project
	lua_pushstring(L, p->as_of);
	lua_setfield(L, -2, "as_of");
	push_places(L, p);
	lua_setfield(L, -2, "jurisdictions");
	push_declarations(L, p);
	lua_setfield(L, -2, "declarations");
	push_data(L, p);
	lua_setfield(L, -2, "data");
	push_models(L, p);
	lua_setfield(L, -2, "models");
	push_notifications(L, p);
	lua_setfield(L, -2, "notifications");
	set_count(L, "evaluators", p->evaluators);
	lock(L, RECORD, "project");
}
