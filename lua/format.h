/*
 * format.h - string.format for policies.
 *
 * Without %p, and what has no text of its own is its type's name for %s: a policy sees no addresses, which would differ
 * from run to run.  The rest is the library's own, byte for byte.
 */
#ifndef EH_LUA_FORMAT_H
#define EH_LUA_FORMAT_H

struct lua_State;

/* A C function whose upvalue 1 is the library's string.format. */
int eh_lua_format(struct lua_State *L);

/* Pushes the text of what is at idx as tostring has it in a policy. */
void eh_lua_push_text(struct lua_State *L, int idx);

#endif
