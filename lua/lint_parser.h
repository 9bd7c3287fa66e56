/*
 * lint_parser.h - the reading of a text for lint.c: words, variables in sight, what an expression stands for; see
 * lint_model.h for what is noted down.  It is no compiler: a text that is not Lua is read as far as it can be.
 */
#ifndef EH_LUA_LINT_PARSER_H
#define EH_LUA_LINT_PARSER_H

#include "lua/lint_model.h"

#define EH_LINT_DEPTH_MAX 200 /* as deep as Lua's own compiler goes; a text that is deeper does not load */

struct eh_lint_parser {
	struct eh_lexer lexer;
	struct eh_token now, then;
	struct eh_lint_model m;
	size_t text;   /* which one is read: 0 = the policy's own, k = its library k - 1 */
	size_t *scope; /* [n_scope] variables in sight, inner ones last */
	size_t n_scope;
	int depth, functions; /* blocks and functions around the place */
	bool exporting;	      /* the next table is what the text returns */
	bool returned;	      /* the next table is what a function returns */
	const char *taken;    /* the next table is handed over as this class, or NULL */
	bool lost;	      /* deeper than Lua itself goes: the rest is not looked at */
};

/* ---- lint_parse.c: statements ---- */

/* Reads one text into the model; nothing of the texts before is in sight. */
void eh_lint_parse(struct eh_lint_parser *p, size_t text, const char *s, size_t len);
void eh_lint_block(struct eh_lint_parser *p);

/* ---- lint_values.c: words, variables, expressions ---- */

void eh_lint_advance(struct eh_lint_parser *p);
bool eh_lint_at(const struct eh_lint_parser *p, const char *text);
bool eh_lint_take(struct eh_lint_parser *p, const char *text); /* goes on where the word is this one */
bool eh_lint_ended(const struct eh_lint_parser *p);

size_t eh_lint_new_function(struct eh_lint_parser *p);
/* A variable that is in sight from here on; function: EH_NONE, or the one that it is declared as. */
size_t eh_lint_declare(struct eh_lint_parser *p, struct eh_token name, size_t function);
size_t eh_lint_find_var(const struct eh_lint_parser *p, const struct eh_token *name); /* or EH_NONE */
void eh_lint_flows(struct eh_lint_parser *p, size_t dst, const struct eh_chain *src, bool element);
void eh_lint_role(struct eh_lint_parser *p, struct eh_token name, const struct eh_chain *value);
void eh_lint_use(struct eh_lint_parser *p, const struct eh_chain *c);

struct eh_chain eh_lint_nothing(void);
void eh_lint_add_field(struct eh_chain *c, struct eh_token name);
/* NAME or ( e ), then .name, [e], calls.  *called: the last of it is a call. */
struct eh_chain eh_lint_suffixed(struct eh_lint_parser *p, bool *called);
/* What is more than one value's name is nothing. */
struct eh_chain eh_lint_expression(struct eh_lint_parser *p);
/* e, e, ...: the first ones into out; how many. */
size_t eh_lint_expressions(struct eh_lint_parser *p, struct eh_chain out[EH_CHAIN_MAX]);
/* What is behind the word function and its name. */
void eh_lint_function_body(struct eh_lint_parser *p, size_t function, bool method);

#endif
