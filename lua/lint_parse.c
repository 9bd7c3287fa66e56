/* Statements of a Lua text; see lint_parser.h. */
#include <string.h>

#include "lua/lint_parser.h"

static void local_function(struct eh_lint_parser *p)
{
	size_t f = eh_lint_new_function(p);

	(void)eh_lint_declare(p, p->now, f);
	eh_lint_advance(p);
	eh_lint_function_body(p, f, false);
}

static void local_names(struct eh_lint_parser *p)
{
	struct eh_token name[EH_CHAIN_MAX];
	struct eh_chain value[EH_CHAIN_MAX];
	size_t n = 0, values = 0;

	do {
		if (p->now.kind != EH_TOKEN_NAME)
			return;
		if (n < EH_CHAIN_MAX)
			name[n++] = p->now;
		eh_lint_advance(p);
		if (eh_lint_take(p, "<")) {
			eh_lint_advance(p);
			(void)eh_lint_take(p, ">");
		}
	} while (eh_lint_take(p, ","));
	if (eh_lint_take(p, "="))
		values = eh_lint_expressions(p, value);
	for (size_t i = 0; i < n; i++) {
		size_t v = eh_lint_declare(p, name[i], i < values ? value[i].function : EH_NONE);

		if (i >= values)
			continue;
		if (value[i].n == 0)
			p->m.var[v].library = value[i].library;
		p->m.var[v].alias = value[i];
		/* local project = evenhand.project */
		if (eh_token_is(&value[i].global, "evenhand") && value[i].n == 1 &&
		    eh_token_is(&value[i].field[0], "project")) {
			p->m.var[v].alias = eh_lint_nothing();
			p->m.var[v].alias.result = "Project";
		}
		if (value[i].var != EH_NONE)
			eh_lint_flows(p, v, &value[i], false);
	}
}

static void for_loop(struct eh_lint_parser *p)
{
	struct eh_token name[EH_CHAIN_MAX];
	struct eh_chain value[EH_CHAIN_MAX];
	size_t n = 0, calls = p->m.n_call, outside = p->n_scope;

	do {
		if (n < EH_CHAIN_MAX)
			name[n++] = p->now;
		eh_lint_advance(p);
	} while (eh_lint_take(p, ","));
	(void)(eh_lint_take(p, "=") || eh_lint_take(p, "in"));
	(void)eh_lint_expressions(p, value);
	for (size_t i = 0; i < n; i++) {
		size_t v = eh_lint_declare(p, name[i], EH_NONE);

		/* for i, f in ipairs(findings): the one call there is hands over the list */
		if (i == 1 && p->m.n_call == calls + 1 && p->m.call[calls].n == 1 &&
		    p->m.call[calls].arg[0].var != EH_NONE)
			eh_lint_flows(p, v, &p->m.call[calls].arg[0], true);
	}
	(void)eh_lint_take(p, "do");
	eh_lint_block(p);
	(void)eh_lint_take(p, "end");
	p->n_scope = outside;
}

static void assign_to(struct eh_lint_parser *p, const struct eh_chain *c)
{
	char name[64];

	if (c->n > 0) {
		eh_lint_use(p, c);
	} else if (c->var != EH_NONE) {
		p->m.var[c->var].changed = true;
	} else if (c->global.kind == EH_TOKEN_NAME) {
		eh_lint_word(name, &c->global);
		eh_lint_remark(p->m.out, true, c->global.line,
			       "global %s is assigned: a policy has no globals, write local %s", name, name);
	}
}

static void function_statement(struct eh_lint_parser *p)
{
	struct eh_chain c = eh_lint_nothing(), value = eh_lint_nothing();
	bool method = false;

	c.var = eh_lint_find_var(p, &p->now);
	if (c.var == EH_NONE)
		c.global = p->now;
	eh_lint_advance(p);
	while (eh_lint_at(p, ".") || eh_lint_at(p, ":")) {
		method = eh_lint_at(p, ":");
		eh_lint_advance(p);
		eh_lint_add_field(&c, p->now);
		eh_lint_advance(p);
	}
	value.function = eh_lint_new_function(p);
	if (c.n == 0)
		assign_to(p, &c);
	else
		eh_lint_role(p, c.field[c.n - 1], &value);
	eh_lint_function_body(p, value.function, method);
}

static void assignment_or_call(struct eh_lint_parser *p)
{
	struct eh_chain target[EH_CHAIN_MAX], value[EH_CHAIN_MAX];
	bool called = false;
	size_t n = 0, values = 0;

	do {
		struct eh_chain c = eh_lint_suffixed(p, &called);

		if (n < EH_CHAIN_MAX)
			target[n++] = c;
	} while (eh_lint_take(p, ","));
	if (!eh_lint_take(p, "="))
		return;
	values = eh_lint_expressions(p, value);
	for (size_t i = 0; i < n; i++) {
		if (i < values && target[i].n > 0)
			eh_lint_role(p, target[i].field[target[i].n - 1], &value[i]);
		assign_to(p, &target[i]);
	}
}

/* block of the keyword that was taken, up to and with its end */
static void inner(struct eh_lint_parser *p, const char *end)
{
	size_t outside = p->n_scope;

	eh_lint_block(p);
	(void)eh_lint_take(p, end);
	p->n_scope = outside;
}

static void if_statement(struct eh_lint_parser *p)
{
	(void)eh_lint_expression(p);
	(void)eh_lint_take(p, "then");
	for (;;) {
		size_t outside = p->n_scope;

		eh_lint_block(p);
		p->n_scope = outside;
		if (eh_lint_take(p, "elseif")) {
			(void)eh_lint_expression(p);
			(void)eh_lint_take(p, "then");
		} else if (!eh_lint_take(p, "else")) {
			break;
		}
		if (eh_lint_ended(p))
			return;
	}
	(void)eh_lint_take(p, "end");
}

static void repeat_statement(struct eh_lint_parser *p)
{
	size_t outside = p->n_scope;

	eh_lint_block(p);
	if (eh_lint_take(p, "until"))
		(void)eh_lint_expression(p); /* sees the block's variables */
	p->n_scope = outside;
}

/* Of a block. */
static bool at_end(const struct eh_lint_parser *p)
{
	return eh_lint_at(p, "end") || eh_lint_at(p, "else") || eh_lint_at(p, "elseif") || eh_lint_at(p, "until");
}

static void statement(struct eh_lint_parser *p)
{
	struct eh_chain value[EH_CHAIN_MAX];

	if (eh_lint_take(p, "local")) {
		if (eh_lint_take(p, "function"))
			local_function(p);
		else
			local_names(p);
	} else if (eh_lint_take(p, "function")) {
		function_statement(p);
	} else if (eh_lint_take(p, "if")) {
		if_statement(p);
	} else if (eh_lint_take(p, "for")) {
		for_loop(p);
	} else if (eh_lint_take(p, "while")) {
		(void)eh_lint_expression(p);
		(void)eh_lint_take(p, "do");
		inner(p, "end");
	} else if (eh_lint_take(p, "do")) {
		inner(p, "end");
	} else if (eh_lint_take(p, "repeat")) {
		repeat_statement(p);
	} else if (eh_lint_take(p, "return")) {
		if (p->now.kind == EH_TOKEN_STRING && (eh_token_is(&p->then, "end") || eh_token_is(&p->then, ";")))
			eh_lint_returned(p->m.out, &p->now);
		p->exporting = p->functions == 0 && eh_lint_at(p, "{");
		p->returned = p->functions > 0 && eh_lint_at(p, "{");
		if (!at_end(p) && !eh_lint_at(p, ";"))
			(void)eh_lint_expressions(p, value);
	} else if (eh_lint_take(p, "goto") || eh_lint_take(p, "::")) {
		eh_lint_advance(p);
		(void)eh_lint_take(p, "::");
	} else if (p->now.kind == EH_TOKEN_NAME || eh_lint_at(p, "(")) {
		assignment_or_call(p);
	} else {
		eh_lint_advance(p);
	}
}

void eh_lint_block(struct eh_lint_parser *p)
{
	if (++p->depth > EH_LINT_DEPTH_MAX)
		p->lost = true;
	while (!eh_lint_ended(p) && !at_end(p))
		statement(p);
	p->depth--;
}

void eh_lint_parse(struct eh_lint_parser *p, size_t text, const char *s, size_t len)
{
	p->text = text;
	p->n_scope = 0;
	p->depth = p->functions = 0;
	p->lost = p->exporting = p->returned = false;
	p->taken = NULL;
	eh_lexer_begin(&p->lexer, s, len);
	eh_lint_advance(p);
	eh_lint_advance(p);
	while (!eh_lint_ended(p)) {
		eh_lint_block(p);
		if (!eh_lint_ended(p))
			eh_lint_advance(p);
	}
}
