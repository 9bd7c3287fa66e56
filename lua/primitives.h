/*
 * primitives.h - the functions of `evenhand` that are the program's own statistics: for authors of policies.
 *
 * None of them computes anything itself: they check what they are given (arguments.h), call core/audit and hand
 * back what it says, in the units and under the names that facts and JSON have.  What is undefined is nil, with the
 * reason's word beside it.  Each takes from the run's instruction budget what its work is worth (EH_WORK_NS).
 *
 * The table below is the one source of names, signatures and texts: sandbox, stub and manual say the same.
 */
#ifndef EH_LUA_PRIMITIVES_H
#define EH_LUA_PRIMITIVES_H

#include <stddef.h>
#include <stdint.h>

struct lua_State;

struct eh_primitive {
	const char *name; /* in the table evenhand */
	int (*function)(struct lua_State *L);
	const char *signature; /* "(n: integer, limit?: evenhand.Limit): number?, string?" */
	const char *doc;       /* one line */
};

/* In byte order of the names; NULL past the end. */
const struct eh_primitive *eh_primitive(size_t i);

/* Tables that they take or return: class evenhand.NAME. */
struct eh_primitive_field {
	const char *name, *type, *doc; /* "rate", "number?", "..." */
};
struct eh_primitive_class {
	const char *name, *doc;
	const struct eh_primitive_field *field; /* [n] */
	size_t n;
};
const struct eh_primitive_class *eh_primitive_class(size_t i); /* NULL past the end */

/* Words that a function takes, evenhand.NAME in signatures; in the order of the enumeration. */
enum eh_options { EH_OPTIONS_FAMILY, EH_OPTIONS_INTERVAL, EH_OPTIONS_RATE, EH_OPTIONS_TEST, EH_OPTIONS_COUNTS };
struct eh_primitive_options {
	const char *name;
	const char *const *option; /* [n] */
	size_t n;
};
const struct eh_primitive_options *eh_primitive_options(size_t i); /* NULL past the end */

/* Puts the functions into the table on top of the stack. */
void eh_primitives_open(struct lua_State *L);

/* 50 million instructions are a second of work: half of a run's wall time. */
#define EH_WORK_NS 20.0 /* [ns] for one instruction */

/* primitives_two.c: one 2x2 table */
int eh_primitive_below(struct lua_State *L);
int eh_primitive_effects(struct lua_State *L);
int eh_primitive_impact_ratio(struct lua_State *L);
int eh_primitive_interval(struct lua_State *L);
int eh_primitive_posterior(struct lua_State *L);
int eh_primitive_rate(struct lua_State *L);
int eh_primitive_rate_interval(struct lua_State *L);
int eh_primitive_test(struct lua_State *L);
/* primitives_many.c: several of them, and what is asked before there are any */
int eh_primitive_benchmark(struct lua_State *L);
int eh_primitive_family(struct lua_State *L);
int eh_primitive_power(struct lua_State *L);
int eh_primitive_rates(struct lua_State *L);
int eh_primitive_strata(struct lua_State *L);
int eh_primitive_unseen(struct lua_State *L);
/* paired.c */
int eh_primitive_paired(struct lua_State *L);
/* library.c */
int eh_primitive_library(struct lua_State *L);
/* counts.c */
int eh_primitive_counts(struct lua_State *L);
/* The data of this state are others now: the next count looks at them anew. */
void eh_counts_forget(struct lua_State *L);

#endif
