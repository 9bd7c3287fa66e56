/*
 * lint_model.h - what lint_parse.c notes down of a policy's text and its libraries' and lint_types.c and lint_reads.c
 * conclude from: which variables there are, where each value comes from, and which fields are read of it.
 */
#ifndef EH_LUA_LINT_MODEL_H
#define EH_LUA_LINT_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lua/lexer.h"
#include "policy/author.h"
#include "policy/library.h"

#define EH_CHAIN_MAX 6
#define EH_NONE SIZE_MAX

/* variable, then fields: "f.em.interval"; a field without a name is one that is computed: "findings[i]". */
struct eh_chain {
	size_t var;                     /* EH_NONE: not a variable of the text */
	size_t function;                /* a function written here, or EH_NONE */
	struct eh_token global;         /* of no variable: the global's name, or an empty token */
	struct eh_token field[EH_CHAIN_MAX];
	size_t n;
	bool longer;                    /* more fields than fit */
	bool method;                    /* the last field is called with ':' */
	struct eh_token library;        /* evenhand.library("NAME"): the name; kind EH_TOKEN_END: it is none */
	const char *result;             /* class of what a call of evenhand gives, or of evenhand.project; NULL: none */
};

struct eh_lint_var {
	struct eh_token name;
	bool changed;                   /* assigned after its declaration: nothing is concluded of it */
	size_t text;                    /* in which it is: 0 = the policy's own, k = library k - 1 */
	size_t function;                /* declared as this function, or EH_NONE */
	struct eh_token library;        /* declared as this library */
	struct eh_chain alias;          /* declared as this value of an earlier variable */
};

/* dst has the value of src; element: dst goes through the list src. */
struct eh_lint_flow {
	size_t dst;
	struct eh_chain src;
	bool element;
};

struct eh_lint_call {
	struct eh_chain callee;
	size_t text;
	uint32_t line;
	size_t function;                /* of lint_types.c: what callee is, or EH_NONE */
	bool spread;                    /* unless the function is known, what it gets may be read by name: pairs */
	struct eh_chain arg[EH_CHAIN_MAX];
	size_t n;
};

struct eh_lint_function {
	size_t text;
	size_t param[EH_CHAIN_MAX];     /* variables */
	size_t n;
};

/* The text says `field = value` in a table or assignment, with these the policy's callbacks begin. */
struct eh_lint_role {
	struct eh_token name;
	struct eh_chain value;
	size_t text;
	bool exported;                  /* in the table that the text returns */
};

struct eh_lint_model {
	struct eh_lint_var *var;
	struct eh_chain *use;
	struct eh_lint_flow *flow;
	struct eh_lint_call *call;
	struct eh_lint_function *function;
	struct eh_lint_role *role;
	size_t n_var, n_use, n_flow, n_call, n_function, n_role;
	const struct eh_library *library; /* [n_library] carried behind the policy's text */
	size_t n_library;
	struct eh_lint *out;
};

void eh_lint_remark(struct eh_lint *out, bool error, uint32_t line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* The first bytes of a word, for messages. */
void eh_lint_word(char out[64], const struct eh_token *t);
/* A chain that begins with a global: is it one, and is its first field in that library? */
void eh_lint_global(struct eh_lint *out, const struct eh_chain *c);
/* The argument of evenhand.library: is it a name that is written out, and a library's? */
void eh_lint_library(struct eh_lint *out, const struct eh_token *argument, uint32_t line);
/* A field of a variable that is a library: is it there? */
void eh_lint_library_field(struct eh_lint *out, const struct eh_token *library, const struct eh_token *field);
/* name = value in a table: where it is a verdict, is it one? */
void eh_lint_verdict(struct eh_lint *out, const struct eh_token *name, const struct eh_token *value);
/* return "wach": a word alone may be anything, so this is no error. */
void eh_lint_returned(struct eh_lint *out, const struct eh_token *value);

/* ---- lint_tables.c: types are sections of facts, or classes such as "Effects" and "Project" ---- */

#define EH_LINT_NOTICE "Notice"         /* the argument of on_notification() */

/* What is behind a field, NULL for a value of its own. */
const char *eh_lint_section(const char *type, const char *field, bool *exists);
void eh_lint_near_field(char *out, size_t size, const char *type, const char *field);
/* Is it a field of the type?  key: in a table that is handed over. */
void eh_lint_field_of(struct eh_lint *out, const char *type, const struct eh_token *field, bool key);
/* The class that the function of evenhand gives, or takes as its k-th argument, from 0; NULL: none. */
const char *eh_lint_result(const struct eh_chain *callee);
const char *eh_lint_taken(const struct eh_chain *callee, size_t k);
/* A word that is written out as the k-th argument; in a list behind that key: may it stand there? */
void eh_lint_option(struct eh_lint *out, const struct eh_chain *callee, size_t k, const struct eh_token *word);
void eh_lint_listed(struct eh_lint *out, const char *type, const struct eh_token *field, const struct eh_token *word);
/* A key of a table that has a verdict. */
void eh_lint_verdict_key(struct eh_lint *out, const struct eh_token *key);

/* ---- lint_types.c ---- */

/* What values are: a section of facts by its name, eh_lint_list (findings), or NULL: not known. */
struct eh_lint_types {
	const char **var;               /* [n_var] */
	bool *blocked;                  /* [n_var] gets different things: nothing is concluded */
};
extern const char *const eh_lint_list;

/* Where facts go, from the policy's callbacks on, into the libraries' functions too; fills t and the calls'
 * functions. */
void eh_lint_types(struct eh_lint_model *m, struct eh_lint_types *t);
const char *eh_lint_type_of(const struct eh_lint_model *m, const struct eh_lint_types *t, const struct eh_chain *c);
/* What is behind a field of such a value, NULL for a value of its own. */
const char *eh_lint_field_type(const char *type, const struct eh_token *field);

/* ---- lint_reads.c ---- */

/* Facts that are read but do not exist, or are not declared. */
void eh_lint_conclude(struct eh_lint_model *m, const struct eh_policy_info *info);

#endif
