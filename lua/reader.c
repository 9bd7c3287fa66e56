/* Tables that a policy hands over, read raw; see reader.h. */
#include "lua/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "base/text.h"

static bool is_word(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Is "field =" written at text[i]? */
static bool assigned_at(const struct eh_source *src, size_t i, const char *field, size_t flen)
{
	size_t j = i + flen;

	if (j > src->len || memcmp(src->text + i, field, flen) != 0 || (i > 0 && is_word(src->text[i - 1])))
		return false;
	while (j < src->len && (src->text[j] == ' ' || src->text[j] == '\t'))
		j++;
	return j + 1 < src->len && src->text[j] == '=' && src->text[j + 1] != '=';
}

/* Does a table's field begin at text[i]?  Then '{', ',' or ';' stands before it. */
static bool in_table(const struct eh_source *src, size_t i)
{
	while (i > 0 && strchr(" \t\r\n", src->text[i - 1]) != NULL)
		i--;
	return i > 0 && strchr("{,;", src->text[i - 1]) != NULL;
}

/* Line on which the field is written: the first "field =" inside a table, so that a local of the same name does not
 * take its place, else the first anywhere; 0 when there is none (built in a loop, say). */
static int line_of(const struct eh_source *src, const char *field)
{
	size_t flen = strlen(field);
	int line = 1, first = 0;

	for (size_t i = 0; i < src->len; i++) {
		if (src->text[i] == '\n')
			line++;
		if (!assigned_at(src, i, field, flen))
			continue;
		if (in_table(src, i))
			return line;
		first = first == 0 ? line : first;
	}
	return first;
}

void eh_lua_refuse(const struct eh_lua_reader *r, const char *field, const char *fmt, ...)
{
	char text[400] = "";
	int line = line_of(r->src, field);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (line > 0)
		lua_pushfstring(r->L, "%s:%d: %s", r->src->file, line, text);
	else
		lua_pushfstring(r->L, "%s: %s", r->src->file, text);
	lua_error(r->L);
	__builtin_unreachable();
}

int eh_lua_field(const struct eh_lua_reader *r, const char *name)
{
	lua_pushstring(r->L, name);
	return lua_rawget(r->L, r->table);
}

bool eh_lua_optional(const struct eh_lua_reader *r, const char *name, int type)
{
	int t = eh_lua_field(r, name);

	if (t == LUA_TNIL) {
		lua_pop(r->L, 1);
		return false;
	}
	if (t != type)
		eh_lua_refuse(r, name, "%s must be a %s, not a %s", name, lua_typename(r->L, type),
			      lua_typename(r->L, t));
	/* words are compared as C strings: what stands behind a zero byte must not be there */
	if (type == LUA_TSTRING && strlen(lua_tostring(r->L, -1)) != lua_rawlen(r->L, -1))
		eh_lua_refuse(r, name, "%s holds a zero byte: write plain text", name);
	return true;
}

const char *eh_lua_text(const struct eh_lua_reader *r, const char *name, size_t max)
{
	size_t len = 0;
	const char *s = lua_tolstring(r->L, -1, &len);

	if (len == 0 || len > max || strlen(s) != len || !eh_id_valid(s, len))
		eh_lua_refuse(r, name, "%s must be 1 to %zu bytes of plain text", name, max);
	return s;
}

lua_Integer eh_lua_list(const struct eh_lua_reader *r, const char *name, lua_Integer max)
{
	lua_Integer len = (lua_Integer)lua_rawlen(r->L, -1), keys = 0;

	for (lua_pushnil(r->L); lua_next(r->L, -2) != 0; lua_pop(r->L, 1))
		keys++;
	if (len != keys || len > max)
		eh_lua_refuse(r, name, "%s must be a list of at most %d entries", name, (int)max);
	return len;
}

void eh_lua_only(lua_State *L, int idx, const char *const *names, size_t n, const struct eh_lua_reader *r,
		       const char *what)
{
	char worst[48] = "", near[160] = "";
	bool found = false;

	for (lua_pushnil(L); lua_next(L, idx) != 0; lua_pop(L, 1)) {
		char key[48] = "";
		bool known = false;

		if (lua_type(L, -2) == LUA_TSTRING)
			eh_text_printable(key, sizeof key, lua_tostring(L, -2), lua_rawlen(L, -2));
		else if (lua_isinteger(L, -2))
			(void)snprintf(key, sizeof key, "[%lld]", (long long)lua_tointeger(L, -2));
		else
			(void)snprintf(key, sizeof key, "[%s]", luaL_typename(L, -2));
		for (size_t i = 0; i < n && !known; i++)
			known = strcmp(key, names[i]) == 0;
		if (!known && (!found || strcmp(key, worst) < 0)) {
			memcpy(worst, key, sizeof worst);
			found = true;
		}
	}
	if (!found)
		return;
	eh_near_names(near, sizeof near, worst, names, n);
	if (r != NULL)
		eh_lua_refuse(r, worst, "unknown field \"%s\" in %s%s", worst, what, near);
	luaL_error(L, "unknown field \"%s\" in %s%s", worst, what, near);
}

bool eh_lua_take(lua_State *L, int table, const char *const *names, int n, int first)
{
	for (lua_pushnil(L); lua_next(L, table) != 0;) {                // key value
		size_t len = 0;
		const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &len) : "";
		int i = 0;

		while (i < n && (strcmp(key, names[i]) != 0 || len != strlen(names[i])))
			i++;
		if (i == n) {
			lua_pop(L, 2);
			return false;
		}
		lua_replace(L, first + i);                              // key
	}
	return true;
}
