/* string.format for policies: what reasons are made of is written here, the rest by the library. */
#include "lua/format.h"

#include <stdbool.h>
#include <string.h>

#include <lauxlib.h>

#include "base/text.h"

/* Like luaL_tolstring, but what has no text of its own becomes its type's name: an address would leak the
 * layout of the host's memory and differ from run to run. */
void eh_lua_push_text(lua_State *L, int idx)
{
	idx = lua_absindex(L, idx);
	if (luaL_callmeta(L, idx, "__tostring")) { // text
		if (lua_type(L, -1) != LUA_TSTRING)
			luaL_error(L, "'__tostring' must return a string");
		return;
	}
	switch (lua_type(L, idx)) {
	case LUA_TNIL:
	case LUA_TBOOLEAN:
	case LUA_TNUMBER:
	case LUA_TSTRING:
		luaL_tolstring(L, idx, NULL);
		break;
	default:
		lua_pushstring(L, luaL_typename(L, idx));
	}
}

static bool is_flag(char c)
{
	return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == ' ' || c == '#';
}

/* Is the conversion at f (behind the '%') one that write_simple knows?  Then its length, else 0. */
static size_t simple(const char *f)
{
	if (f[0] == 's' || f[0] == 'd')
		return 1;
	return f[0] == '.' && f[1] >= '0' && f[1] <= '9' && f[2] == 'f' ? 3 : 0;
}

/* Looks through the format: raises for %p, puts the text of tables and the like in their place.  True: nothing but
 * simple conversions, and an argument for each. */
static bool prepare(lua_State *L, const char *f, const char *end, int nargs)
{
	bool all_simple = true;
	int arg = 1;

	while ((f = memchr(f, '%', (size_t)(end - f))) != NULL) {
		f++;
		if (f < end && *f == '%') {
			f++;
			continue;
		}
		arg++;
		all_simple = all_simple && arg <= nargs && simple(f) > 0;
		while (f < end && is_flag(*f))
			f++;
		if (f >= end)
			break;
		if (*f == 'p')
			luaL_error(L, "invalid conversion '%%p' to 'format': a policy sees no addresses");
		/* strings and numbers have the text that format itself gives them */
		if (*f == 's' && arg <= nargs && lua_type(L, arg) != LUA_TSTRING && lua_type(L, arg) != LUA_TNUMBER) {
			eh_lua_push_text(L, arg); // ... text
			lua_replace(L, arg);	  // ...
		}
	}
	return all_simple;
}

static void add_fixed(luaL_Buffer *b, lua_Number v, unsigned decimals)
{
	char text[EH_REAL_TEXT];
	int len = eh_format_fixed(text, v, decimals);

	if (len > 0)
		luaL_addlstring(b, text, (size_t)len);
	else
		luaL_addsize(b, (size_t)snprintf(luaL_prepbuffsize(b, 512), 512, "%.*f", (int)decimals, v));
}

/* One conversion of the argument at arg; f is behind the '%'. */
static void write_simple(lua_State *L, luaL_Buffer *b, const char *f, int arg)
{
	char text[EH_REAL_TEXT];
	size_t len = 0;
	const char *s = NULL;

	switch (*f) {
	case 's':
		/* a number becomes its text in place: nobody else sees this argument */
		s = lua_tolstring(L, arg, &len);
		luaL_addlstring(b, s, len);
		break;
	case 'd':
		len = (size_t)eh_format_int(text, luaL_checkinteger(L, arg));
		luaL_addlstring(b, text, len);
		break;
	default:
		add_fixed(b, luaL_checknumber(L, arg), (unsigned)(f[1] - '0'));
	}
}

/*
 * The library reads each conversion twice, has printf write it and copies the text; a check formats some ten texts, and
 * they were a third of its time.  What is not simple goes to the library: its function runs in this call's place, on
 * its arguments; it has no upvalues of its own.
 */
int eh_lua_format(lua_State *L)
{
	size_t len = 0;
	const char *f = luaL_checklstring(L, 1, &len), *end = f + len, *next = NULL;
	luaL_Buffer b;
	int arg = 1;

	if (!prepare(L, f, end, lua_gettop(L)))
		return lua_tocfunction(L, lua_upvalueindex(1))(L);
	luaL_buffinit(L, &b);
	while ((next = memchr(f, '%', (size_t)(end - f))) != NULL) {
		luaL_addlstring(&b, f, (size_t)(next - f));
		f = next + 1;
		if (*f == '%') {
			luaL_addchar(&b, '%');
			f++;
			continue;
		}
		write_simple(L, &b, f, ++arg);
		f += simple(f);
	}
	luaL_addlstring(&b, f, (size_t)(end - f));
	luaL_pushresult(&b);
	return 1;
}
