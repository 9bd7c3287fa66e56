/*
 * arguments.h - what a policy hands to the functions of `evenhand`, read and checked; and their results.
 *
 * Everything is read raw (no metamethods): a table that contains itself is a table like any other, because
 * nothing is followed deeper than a function's documentation says.  What does not fit raises
 * "file:line: evenhand.NAME: ..." with the value and the mend.
 */
#ifndef EH_LUA_ARGUMENTS_H
#define EH_LUA_ARGUMENTS_H

#include <stddef.h>
#include <stdint.h>

#include <lua.h>

#include "audit/table.h"

#define EH_ARG_COUNT_MAX (INT64_C(1) << 40) /* audit/table.h */
#define EH_ARG_LIST_MAX 100000

/* Where a value stands, for messages: "evenhand.FUNCTION: ITEM PLACE: ..."; item NULL = not in a list. */
struct eh_spot {
	const char *function;
	const char *item;
	size_t place;
};

/* Raises; formats are those of lua_pushfstring. */
int eh_arg_error(lua_State *L, const struct eh_spot *at, const char *format, ...);

/* "a table", "nil": for messages. */
const char *eh_arg_type(lua_State *L, int idx);
/* The beginning of a text of the policy's, pushed: for messages. */
const char *eh_arg_short(lua_State *L, const char *text);
/* An integer 0..max; a float is none, whatever its value. */
uint64_t eh_arg_integer(lua_State *L, int idx, const struct eh_spot *at, const char *name, int64_t max);
/* selected and n at idx and idx + 1: 0 <= selected <= n <= EH_ARG_COUNT_MAX; prefix "" or "ref_" for messages. */
void eh_arg_pair(lua_State *L, int idx, const struct eh_spot *at, const char *prefix, uint64_t *selected, uint64_t *n);
/* Four counts from idx on: selected, n, ref_selected, ref_n. */
struct eh_fourfold eh_arg_fourfold(lua_State *L, int idx, const struct eh_spot *at);
/* The same out of the table at idx: by name, or in this order. */
struct eh_fourfold eh_arg_fourfold_in(lua_State *L, int idx, const struct eh_spot *at);
/* A number lo..hi, not NaN. */
double eh_arg_number(lua_State *L, int idx, const struct eh_spot *at, const char *name, double lo, double hi);
/* {num, den} or {num = , den = } or facts.limit: 1 <= num, den <= 10^6. */
void eh_arg_limit(lua_State *L, int idx, const struct eh_spot *at, int32_t *num, int32_t *den);
/* A table as a list: its raw length, at most EH_ARG_LIST_MAX. */
size_t eh_arg_list(lua_State *L, int idx, const struct eh_spot *at, const char *name);
/* Every key of the table at idx is among names [n], or an integer 1..places. */
void eh_arg_fields(lua_State *L, int idx, const struct eh_spot *at, const char *const *names, size_t n, int places);
/* Pushes the raw field of the table at idx; returns its type. */
int eh_arg_field(lua_State *L, int idx, const char *name);
/* The string at idx, which is one, and without a zero byte: C compares no further. */
const char *eh_arg_plain(lua_State *L, int idx, const struct eh_spot *at, const char *name);
/* The place of the string at idx among options [n]; absent and byte strings too: raises with the options. */
size_t eh_arg_option(lua_State *L, int idx, const struct eh_spot *at, const char *name, const char *const *options,
		     size_t n);

/* The one number a function returns: it, or nil and the reason; returns how many values that are. */
int eh_return_num(lua_State *L, struct eh_num x);
/* The same for an interval: {low=, high=, why=}, or nil and the reason where both ends are undefined. */
int eh_return_interval(lua_State *L, struct eh_interval x);
/*
 * Pushes a table of the class evenhand.NAME (primitives.h): a field that the class does not have raises, one without a
 * value is nil.  With why, an empty table of reasons is in it.
 */
void eh_result_new(lua_State *L, const char *class_name, int fields);
void eh_row_new(lua_State *L, const char *class_name, int fields); /* without why */
/* Sets a field of the result on top of the stack, or its reason in why. */
void eh_result_num(lua_State *L, const char *name, struct eh_num x);
void eh_result_interval(lua_State *L, const char *name, struct eh_interval x);
void eh_result_integer(lua_State *L, const char *name, uint64_t x);
void eh_result_tri(lua_State *L, const char *name, enum eh_tri x, enum eh_undef why);

#endif
