/*
 * lint_model.h - what lint.c notes down of a text and lint_types.c concludes from: which variables there are, where
 * each value comes from, and which fields are read of it.
 */
#ifndef EH_LUA_LINT_MODEL_H
#define EH_LUA_LINT_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lua/lexer.h"
#include "policy/author.h"

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
	struct eh_token library;        /* evenhand.library("NAME"): the name; kind EH_TOKEN_END: it is none */
};

struct eh_lint_var {
	struct eh_token name;
	bool changed;                   /* assigned after its declaration: nothing is concluded of it */
	size_t function;                /* declared as this function, or EH_NONE */
	struct eh_token library;        /* declared as this library */
};

/* dst has the value of src; element: dst goes through the list src. */
struct eh_lint_flow {
	size_t dst;
	struct eh_chain src;
	bool element;
};

struct eh_lint_call {
	size_t var;                     /* called, or EH_NONE: what is not written here */
	bool spread;                    /* what it gets may be read by name: pairs, or a function that is not known */
	struct eh_chain arg[EH_CHAIN_MAX];
	size_t n;
};

struct eh_lint_function {
	size_t param[EH_CHAIN_MAX];     /* variables */
	size_t n;
};

/* The text says `field = value` in a table or assignment, with these the policy's callbacks begin. */
struct eh_lint_role {
	struct eh_token name;
	struct eh_chain value;
};

struct eh_lint_model {
	struct eh_lint_var *var;
	struct eh_chain *use;
	struct eh_lint_flow *flow;
	struct eh_lint_call *call;
	struct eh_lint_function *function;
	struct eh_lint_role *role;
	size_t n_var, n_use, n_flow, n_call, n_function, n_role;
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
/* Facts that are read but do not exist, or are not declared. */
void eh_lint_conclude(struct eh_lint_model *m, const struct eh_policy_info *info);

#endif
