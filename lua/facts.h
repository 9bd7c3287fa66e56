/*
 * facts.h - one finding as a policy sees it: read-only, by name, undefined numbers nil.
 *
 * A field that does not exist, or that `needs` does not declare, raises with its name: nil would silently
 * become "no violation".  A field that exists and has no value is nil; facts.why.NAME says why.
 * The table of fields in facts.c is the one source for the sandbox, the author's stub and the manual.
 */
#ifndef EH_LUA_FACTS_H
#define EH_LUA_FACTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/near.h"
#include "policy/policy.h"

struct lua_State;

#define EH_FACTS_MAX 96                 /* room for the fields of the top table */

struct eh_subject {
	const struct eh_finding *finding;
	const struct eh_audit_settings *settings;
	const struct eh_verdict *verdict;       /* NULL in check(), set in summarise() */
	const bool *declared;                   /* [EH_FACTS_MAX] which facts may be read; NULL = all */
};

/* Top-level fact names in the order of the table; NULL past the end. */
const char *eh_fact_name(size_t i);
/* Index of a name, or -1. */
int eh_fact_index(const char *name);
/* Facts that say which finding it is: always readable, whatever `needs` says. */
bool eh_fact_always(size_t i);

/* The same table for those who describe it (names.h): sections "facts", "interval", ..., and their fields. */
struct eh_fact_info {
	const char *name;
	const char *type;               /* "integer", "number?", "boolean", "string?"; of a section "" */
	const char *section;            /* the section behind the name, or NULL */
	bool summarise;                 /* there in summarise() only */
};
const char *eh_fact_section(size_t i);  /* NULL past the end */
bool eh_fact_info(struct eh_fact_info *out, const char *section, size_t i);     /* false: no such section or field */

void eh_facts_open(struct lua_State *L);                        /* once per state, protected */
/* Pushes the read-only value; subject must outlive the state. */
void eh_facts_push(struct lua_State *L, const struct eh_subject *subject);

#endif
