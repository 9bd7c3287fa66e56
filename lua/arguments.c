/* Reading and answering; see arguments.h. */
#include "lua/arguments.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/facts.h"
#include "lua/primitives.h"
#include "lua/sandbox.h"

#define LIMIT_MAX 1000000 /* audit/table.h */
#define SHOWN_MAX 40	  /* [bytes] of a policy's text in a message: the mend must find room behind it */
#define CLASS_FIELDS_MAX 32
#define N_OF(a) (sizeof(a) / sizeof(a)[0])

int eh_arg_error(lua_State *L, const struct eh_spot *at, const char *format, ...)
{
	va_list ap;

	luaL_checkstack(L, 8, "message");
	luaL_where(L, 1);				   // where
	lua_pushfstring(L, "evenhand.%s: ", at->function); // where name
	if (at->item != NULL)
		lua_pushfstring(L, "%s %I: ", at->item, (lua_Integer)at->place);
	else
		lua_pushliteral(L, ""); // where name place
	va_start(ap, format);
	lua_pushvfstring(L, format, ap); // where name place text
	va_end(ap);
	lua_concat(L, 4); // message
	return lua_error(L);
}

const char *eh_arg_type(lua_State *L, int idx)
{
	switch (lua_type(L, idx)) {
	case LUA_TBOOLEAN:
		return "a boolean";
	case LUA_TNUMBER:
		return "a number";
	case LUA_TSTRING:
		return "a string";
	case LUA_TTABLE:
		return "a table";
	case LUA_TFUNCTION:
		return "a function";
	case LUA_TUSERDATA:
		return "read-only facts";
	default:
		return "nil";
	}
}

const char *eh_arg_short(lua_State *L, const char *text)
{
	luaL_checkstack(L, 4, "text");
	lua_pushlstring(L, text, strnlen(text, SHOWN_MAX));
	if (strlen(text) <= SHOWN_MAX)
		return lua_tostring(L, -1);
	lua_pushliteral(L, "...");
	lua_concat(L, 2);
	return lua_tostring(L, -1);
}

uint64_t eh_arg_integer(lua_State *L, int idx, const struct eh_spot *at, const char *name, int64_t max)
{
	lua_Integer x = 0;

	if (lua_type(L, idx) != LUA_TNUMBER)
		eh_arg_error(L, at, "%s is %s: give an integer, 0 or more", name, eh_arg_type(L, idx));
	if (!lua_isinteger(L, idx)) {
		double value = lua_tonumber(L, idx);

		if (isnan(value))
			eh_arg_error(L, at, "%s is not a number (NaN): give an integer, 0 or more", name);
		eh_arg_error(L, at,
			     "%s is %f, a float: counts are integers (math.tointeger makes one of a whole float)", name,
			     (lua_Number)value);
	}
	x = lua_tointeger(L, idx);
	if (x < 0)
		eh_arg_error(L, at, "%s is %I: it cannot be below 0", name, x);
	if (x > max)
		eh_arg_error(L, at, "%s is %I: at most %I", name, x, (lua_Integer)max);
	return (uint64_t)x;
}

void eh_arg_pair(lua_State *L, int idx, const struct eh_spot *at, const char *prefix, uint64_t *selected, uint64_t *n)
{
	char name[2][24];

	(void)snprintf(name[0], sizeof name[0], "%sselected", prefix);
	(void)snprintf(name[1], sizeof name[1], "%sn", prefix);
	*selected = eh_arg_integer(L, idx, at, name[0], EH_ARG_COUNT_MAX);
	*n = eh_arg_integer(L, idx + 1, at, name[1], EH_ARG_COUNT_MAX);
	if (*selected > *n)
		eh_arg_error(L, at, "%s is %I of %s = %I: selected cannot exceed n", name[0], (lua_Integer)*selected,
			     name[1], (lua_Integer)*n);
}

struct eh_fourfold eh_arg_fourfold(lua_State *L, int idx, const struct eh_spot *at)
{
	struct eh_fourfold t = { 0, 0, 0, 0 };

	eh_arg_pair(L, idx, at, "", &t.a, &t.n1);
	eh_arg_pair(L, idx + 2, at, "ref_", &t.b, &t.n2);
	return t;
}

struct eh_fourfold eh_arg_fourfold_in(lua_State *L, int idx, const struct eh_spot *at)
{
	static const char *const names[] = { "selected", "n", "ref_selected", "ref_n" };
	struct eh_fourfold t;
	int first = 0;

	idx = lua_absindex(L, idx);
	luaL_checkstack(L, 6, "counts");
	if (!lua_istable(L, idx))
		eh_arg_error(L, at, "%s where {selected, n, ref_selected, ref_n} is wanted", eh_arg_type(L, idx));
	first = lua_gettop(L) + 1;
	if (lua_rawgeti(L, idx, 1) != LUA_TNIL) {
		for (lua_Integer i = 2; i <= 4; i++)
			lua_rawgeti(L, idx, i); // selected n ref_selected ref_n
	} else {
		lua_pop(L, 1);
		for (size_t i = 0; i < N_OF(names); i++)
			eh_arg_field(L, idx, names[i]); // selected n ref_selected ref_n
	}
	t = eh_arg_fourfold(L, first, at);
	lua_settop(L, first - 1);
	return t;
}

double eh_arg_number(lua_State *L, int idx, const struct eh_spot *at, const char *name, double lo, double hi)
{
	double x = 0.0;

	if (lua_type(L, idx) != LUA_TNUMBER)
		eh_arg_error(L, at, "%s is %s: give a number, %f to %f", name, eh_arg_type(L, idx), (lua_Number)lo,
			     (lua_Number)hi);
	x = lua_tonumber(L, idx);
	if (isnan(x))
		eh_arg_error(L, at, "%s is not a number (NaN): give a number, %f to %f", name, (lua_Number)lo,
			     (lua_Number)hi);
	if (x < lo || x > hi)
		eh_arg_error(L, at, "%s is %f: it must be %f to %f", name, (lua_Number)x, (lua_Number)lo,
			     (lua_Number)hi);
	return x;
}

void eh_arg_limit(lua_State *L, int idx, const struct eh_spot *at, int32_t *num, int32_t *den)
{
	static const char *const names[] = { "num", "den" };
	int32_t *out[] = { num, den };

	idx = lua_absindex(L, idx);
	luaL_checkstack(L, 4, "limit");
	if (lua_type(L, idx) != LUA_TTABLE && lua_type(L, idx) != LUA_TUSERDATA)
		eh_arg_error(L, at, "limit is %s: give two integers, such as {4, 5}, or facts.limit",
			     eh_arg_type(L, idx));
	for (int i = 0; i < 2; i++) {
		if (lua_type(L, idx) == LUA_TUSERDATA) /* facts: their fields are the program's own */
			lua_getfield(L, idx, names[i]);
		else if (lua_rawgeti(L, idx, i + 1) == LUA_TNIL) {
			lua_pop(L, 1);
			eh_arg_field(L, idx, names[i]);
		}
		*out[i] = (int32_t)eh_arg_integer(L, -1, at, i == 0 ? "limit[1] (num)" : "limit[2] (den)", LIMIT_MAX);
		if (*out[i] == 0)
			eh_arg_error(L, at, "limit has a 0: both numbers are 1 or more, such as {4, 5}");
		lua_pop(L, 1);
	}
}

size_t eh_arg_list(lua_State *L, int idx, const struct eh_spot *at, const char *name)
{
	lua_Unsigned n = 0;

	if (!lua_istable(L, idx))
		eh_arg_error(L, at, "%s is %s: give a list", name, eh_arg_type(L, idx));
	n = lua_rawlen(L, idx);
	if (n > EH_ARG_LIST_MAX)
		eh_arg_error(L, at, "%s has %I entries: at most %d", name, (lua_Integer)n, EH_ARG_LIST_MAX);
	return (size_t)n;
}

static bool is_known(const char *key, size_t len, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(names[i]) == len && memcmp(names[i], key, len) == 0)
			return true;
	return false;
}

/* Of several unknown ones the first in byte order is named: the order of lua_next depends on a seed. */
void eh_arg_fields(lua_State *L, int idx, const struct eh_spot *at, const char *const *names, size_t n, int places)
{
	const char *first = NULL, *odd = NULL;
	char near[160] = "";
	double keys = 0.0;

	idx = lua_absindex(L, idx);
	luaL_checkstack(L, 4, "fields");
	for (lua_pushnil(L); lua_next(L, idx) != 0; lua_pop(L, 1)) { // key value
		size_t len = 0;
		const char *key = NULL;

		keys += 1.0;
		if (lua_isinteger(L, -2) && lua_tointeger(L, -2) >= 1 && lua_tointeger(L, -2) <= places)
			continue;
		if (lua_type(L, -2) != LUA_TSTRING) {
			const char *type = eh_arg_type(L, -2);

			odd = odd == NULL || strcmp(type, odd) < 0 ? type : odd;
			continue;
		}
		key = lua_tolstring(L, -2, &len);
		if (!is_known(key, len, names, n) && (first == NULL || strcmp(key, first) < 0))
			first = key;
	}
	eh_sandbox_spend(L, at->function, keys);
	if (odd != NULL)
		eh_arg_error(L, at, "%s is no key of this table", odd);
	if (first == NULL)
		return;
	eh_near_names(near, sizeof near, first, names, n);
	eh_arg_error(L, at, "unknown field %s%s", eh_arg_short(L, first), near);
}

int eh_arg_field(lua_State *L, int idx, const char *name)
{
	idx = lua_absindex(L, idx);
	lua_pushstring(L, name);
	return lua_rawget(L, idx);
}

const char *eh_arg_plain(lua_State *L, int idx, const struct eh_spot *at, const char *name)
{
	const char *text = lua_tostring(L, idx);

	if (strlen(text) != lua_rawlen(L, idx))
		eh_arg_error(L, at, "%s holds a zero byte: give plain text", name);
	return text;
}

size_t eh_arg_option(lua_State *L, int idx, const struct eh_spot *at, const char *name, const char *const *options,
		     size_t n)
{
	size_t len = 0;
	const char *text = lua_type(L, idx) == LUA_TSTRING ? lua_tolstring(L, idx, &len) : NULL;
	const char *type = eh_arg_type(L, idx); /* before anything is pushed where an absent argument would be */
	int list = 0;

	for (size_t i = 0; i < n && text != NULL; i++)
		if (strlen(options[i]) == len && memcmp(options[i], text, len) == 0)
			return i;
	luaL_checkstack(L, 4, "options");
	lua_pushliteral(L, ""); // list
	list = lua_gettop(L);
	for (size_t i = 0; i < n; i++) {
		lua_pushfstring(L, "%s%s", i > 0 ? ", " : "", options[i]);
		lua_concat(L, 2); // list
	}
	if (text == NULL)
		eh_arg_error(L, at, "%s is %s: give one of %s", name, type, lua_tostring(L, list));
	return (size_t)eh_arg_error(L, at, "%s \"%s\" is not known: give one of %s", name, eh_arg_short(L, text),
				    lua_tostring(L, list));
}

/* ---- results ---- */

static void push_num(lua_State *L, struct eh_num x)
{
	if (x.defined)
		lua_pushnumber(L, x.value);
	else
		lua_pushnil(L);
}

int eh_return_num(lua_State *L, struct eh_num x)
{
	push_num(L, x);
	if (x.defined)
		return 1;
	lua_pushstring(L, eh_undef_text(x.why));
	return 2;
}

/* name = reason in the table why of the result on top of the stack. */
static void set_why(lua_State *L, const char *name, const char *why)
{
	lua_getfield(L, -1, "why"); // result why
	lua_pushstring(L, why);	    // result why reason
	lua_setfield(L, -2, name);  // result why
	lua_pop(L, 1);		    // result
}

static const struct eh_primitive_class *class_named(const char *name)
{
	const struct eh_primitive_class *c = NULL;

	for (size_t i = 0; (c = eh_primitive_class(i)) != NULL && strcmp(c->name, name) != 0; i++)
		;
	return c;
}

/* result or its why, key; upvalues: the class, and whether it is why. */
static int missing_field(lua_State *L)
{
	const struct eh_primitive_class *c = lua_touserdata(L, lua_upvalueindex(1));
	const bool why = lua_toboolean(L, lua_upvalueindex(2)) != 0;
	const char *names[CLASS_FIELDS_MAX] = { NULL }, *key = NULL;
	char near[160] = "";

	if (lua_type(L, 2) != LUA_TSTRING)
		return luaL_error(L, "%s is read by field name, not by %s", c->name, eh_arg_type(L, 2));
	key = lua_tostring(L, 2);
	for (size_t i = 0; i < c->n && i < CLASS_FIELDS_MAX; i++) {
		names[i] = c->field[i].name;
		if (strcmp(key, names[i]) != 0 || strlen(key) != lua_rawlen(L, 2))
			continue;
		if (!why && eh_arg_field(L, 1, "why") == LUA_TTABLE) {
			(void)eh_arg_field(L, -1, key);
			eh_sandbox_note_nil(L, NULL, c->name, names[i], lua_tostring(L, -1));
		}
		lua_pushnil(L);
		return 1;
	}
	eh_near_names(near, sizeof near, key, names, c->n);
	return luaL_error(L, "unknown field %s of %s%s%s", eh_arg_short(L, key), c->name, why ? ".why" : "", near);
}

/* Sets the metatable of the class for the table on top of the stack. */
static void set_class(lua_State *L, const struct eh_primitive_class *c, bool why)
{
	const void *key = why ? (const void *)c->field : (const void *)c;

	if (lua_rawgetp(L, LUA_REGISTRYINDEX, key) != LUA_TTABLE) {
		lua_pop(L, 1);
		lua_createtable(L, 0, 2);		  // t mt
		lua_pushlightuserdata(L, (void *)(uintptr_t)c);
		lua_pushboolean(L, why);
		lua_pushcclosure(L, missing_field, 2);
		lua_setfield(L, -2, "__index"); // t mt
		eh_sandbox_hide(L);
		lua_pushvalue(L, -1);
		lua_rawsetp(L, LUA_REGISTRYINDEX, key);
	}
	lua_setmetatable(L, -2); // t
}

void eh_row_new(lua_State *L, const char *class_name, int fields)
{
	luaL_checkstack(L, 10, "result");
	lua_createtable(L, 0, fields); // result
	set_class(L, class_named(class_name), false);
}

void eh_result_new(lua_State *L, const char *class_name, int fields)
{
	eh_row_new(L, class_name, fields + 1); // result
	lua_newtable(L);		       // result why
	set_class(L, class_named(class_name), true);
	lua_setfield(L, -2, "why"); // result
}

void eh_result_num(lua_State *L, const char *name, struct eh_num x)
{
	push_num(L, eh_num_told(name, x));
	lua_setfield(L, -2, name);
	if (eh_num_remark(name, x) != NULL)
		set_why(L, name, eh_num_remark(name, x));
}

static void push_interval(lua_State *L, struct eh_interval x)
{
	eh_result_new(L, "OwnInterval", 2);
	eh_result_num(L, "low", x.low);
	eh_result_num(L, "high", x.high);
}

int eh_return_interval(lua_State *L, struct eh_interval x)
{
	if (!x.low.defined && !x.high.defined)
		return eh_return_num(L, x.low);
	push_interval(L, x);
	return 1;
}

void eh_result_interval(lua_State *L, const char *name, struct eh_interval x)
{
	if (!x.low.defined && !x.high.defined) {
		set_why(L, name, eh_undef_text(x.low.why));
		return;
	}
	push_interval(L, x);
	lua_setfield(L, -2, name);
}

void eh_result_integer(lua_State *L, const char *name, uint64_t x)
{
	lua_pushinteger(L, (lua_Integer)x);
	lua_setfield(L, -2, name);
}

void eh_result_tri(lua_State *L, const char *name, enum eh_tri x, enum eh_undef why)
{
	if (x == EH_UNKNOWN) {
		set_why(L, name, eh_undef_text(why));
		return;
	}
	lua_pushboolean(L, x == EH_YES);
	lua_setfield(L, -2, name);
}
