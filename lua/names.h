/*
 * names.h - every name that a policy's author can write, with its type and meaning: the one table behind the type
 * stubs, the settings of luacheck and lua-language-server, evenhand-lua(7), `policy check` and the prompt of
 * `policy repl`.
 *
 * Facts are described by facts.h, functions in C by primitives.h; the rest is here.  tests/lua/test_stub.c compares all
 * of it with what the sandbox really has, both ways.
 */
#ifndef EH_LUA_NAMES_H
#define EH_LUA_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "policy/author.h"

/* Meaning of facts.c's fields; NULL: a field without one, which the test refuses. */
const char *eh_script_fact_doc(const char *section, const char *field);
const char *eh_script_section_doc(const char *section);
const char *eh_script_fact_doc_at(size_t i);    /* "section.field" of the i-th text; NULL past the end */

struct eh_script_name {
	const char *name;
	const char *type;               /* of a function its signature, "(ratio: number?): string" */
	const char *doc;
	bool optional;                  /* a field that may be left out */
};
/* In the order of the manual; NULL past the end. */
const struct eh_script_name *eh_script_helper(size_t i);        /* functions of scripts/evenhand.lua */
const struct eh_script_name *eh_script_field(size_t i);         /* of a policy's table */
const struct eh_script_name *eh_script_verdict(size_t i);       /* words that check() may return */
const struct eh_script_name *eh_script_spec(size_t i);          /* what there is in a spec beside all this */

/* evenhand.project, and the argument of compute, then the tables in it; NULL past the end. */
struct eh_script_class {
	const char *name;               /* of the type, without "evenhand." */
	const char *path;               /* one such table in the project: "jurisdictions.1"; "" = the project */
	const char *doc;
	const struct eh_script_name *field;     /* [n] */
	size_t n;
};
const struct eh_script_class *eh_script_project(size_t i);

/* Global names of the sandbox; fields: NULL-terminated names of what is in it, NULL = a function or a value. */
struct eh_script_global {
	const char *name;
	const char *const *fields;      /* NULL for evenhand: its functions are the two tables above */
};
const struct eh_script_global *eh_script_global(size_t i);

/* Is it a global of the sandbox, and a field of that library?  field NULL: the global alone. */
bool eh_script_known(const char *global, const char *field);
/* A shipped library, and what its table has. */
struct eh_script_library {
	const char *name, *doc;
	const struct eh_script_name *field; /* [n] */
	size_t n;
};
const struct eh_script_library *eh_script_library(size_t i);    /* by name; NULL past the end */
/* Is there that library, and that field in it?  field NULL: the library alone. */
bool eh_script_library_known(const char *library, const char *field);
void eh_script_library_near(char *out, size_t size, const char *library, const char *field);

/* ": did you mean x?" for such a name. */
void eh_script_near(char *out, size_t size, const char *global, const char *field);
/* The section behind a chain of facts such as {"em", "interval"}; NULL: a field that is none. */
const char *eh_script_section(const char *section, const char *field, bool *exists);

/* Writes one of the files that are made from the tables. */
void eh_script_page(FILE *out, enum eh_author_page page);

#endif
