/*
 * reader.h - reading a table that a policy hands over, raw and with messages that name the line; for the files that
 * know what must stand in it.  All functions raise Lua errors.
 */
#ifndef EH_LUA_READER_H
#define EH_LUA_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "lua/contract.h"

struct eh_lua_reader {
	lua_State *L;
	int table;                      /* stack index */
	const struct eh_source *src;
	struct eh_policy_info *info;
};

/* Raises "file:line: text" with the line where the field is written. */
void eh_lua_refuse(const struct eh_lua_reader *r, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), noreturn));
/* Pushes the raw field; its type. */
int eh_lua_field(const struct eh_lua_reader *r, const char *name);
/* An optional field of the given type: false and nothing pushed when it is absent. */
bool eh_lua_optional(const struct eh_lua_reader *r, const char *name, int type);
/* The string on the stack, without a NUL inside and at most max bytes. */
const char *eh_lua_text(const struct eh_lua_reader *r, const char *name, size_t max);
/* Length of the list on the stack: as many keys as its length says. */
lua_Integer eh_lua_list(const struct eh_lua_reader *r, const char *name, lua_Integer max);
/* Raises for the first (in byte order) key of the table at idx that is not among names; r NULL: no line is named. */
void eh_lua_only(lua_State *L, int idx, const char *const *names, size_t n, const struct eh_lua_reader *r,
		 const char *what);
/*
 * Puts the values of the table's fields at first, first + 1, ... in the order of names, nil for what is not there: the
 * caller has set these places to nil.  false: a key that is not among names.
 */
bool eh_lua_take(lua_State *L, int table, const char *const *names, int n, int first);

/* The fields of the policy's table into info, which has its defaults (lua/contract_fields.c). */
void eh_contract_fields(struct eh_lua_reader *r);

#endif
