/* Reads a Lua text without running it: names that do not exist, and the model for lint_types.c. */
#include "lua/lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "lua/lint_model.h"
#include "policy/library.h"

#define DEPTH_MAX 200 /* as deep as Lua's own compiler goes; a text that is deeper does not load */
#define REMARKS_MAX 200

struct parser {
	struct eh_lexer lexer;
	struct eh_token now, then;
	struct eh_lint_model m;
	size_t *scope; /* [n_scope] variables in sight, inner ones last */
	size_t n_scope;
	int depth;
	bool lost; /* deeper than Lua itself goes: the rest is not looked at */
};

void eh_lint_remark(struct eh_lint *out, bool error, uint32_t line, const char *fmt, ...)
{
	struct eh_lint_remark *r = NULL;
	char text[400];
	va_list ap;

	if (out->n >= REMARKS_MAX)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	out->v = eh_xrealloc(out->v, out->n + 1, sizeof *out->v);
	r = &out->v[out->n++];
	r->line = line;
	r->error = error;
	eh_text_printable(r->text, sizeof r->text, text, strlen(text));
	out->errors += error;
}

/* ---- the words ---- */

static void advance(struct parser *p)
{
	p->now = p->then;
	p->then = eh_lexer_next(&p->lexer);
}

static bool at(const struct parser *p, const char *text) { return eh_token_is(&p->now, text); }

static bool take(struct parser *p, const char *text)
{
	if (!at(p, text))
		return false;
	advance(p);
	return true;
}

static bool ended(const struct parser *p) { return p->lost || p->now.kind == EH_TOKEN_END; }

/* ---- variables ---- */

static size_t new_function(struct parser *p)
{
	p->m.function = eh_xrealloc(p->m.function, p->m.n_function + 1, sizeof *p->m.function);
	p->m.function[p->m.n_function] = (struct eh_lint_function){ .n = 0 };
	return p->m.n_function++;
}

static size_t declare(struct parser *p, struct eh_token name, size_t function)
{
	p->m.var = eh_xrealloc(p->m.var, p->m.n_var + 1, sizeof *p->m.var);
	p->m.var[p->m.n_var] = (struct eh_lint_var){ .name = name, .function = function,
						     .library = { EH_TOKEN_END, "", 0, 0 } };
	p->scope = eh_xrealloc(p->scope, p->n_scope + 1, sizeof *p->scope);
	p->scope[p->n_scope++] = p->m.n_var;
	return p->m.n_var++;
}

static size_t find_var(const struct parser *p, const struct eh_token *name)
{
	for (size_t i = p->n_scope; i-- > 0;) {
		const struct eh_token *t = &p->m.var[p->scope[i]].name;

		if (t->len == name->len && memcmp(t->s, name->s, t->len) == 0)
			return p->scope[i];
	}
	return EH_NONE;
}

static void flow(struct parser *p, size_t dst, const struct eh_chain *src, bool element)
{
	p->m.flow = eh_xrealloc(p->m.flow, p->m.n_flow + 1, sizeof *p->m.flow);
	p->m.flow[p->m.n_flow++] = (struct eh_lint_flow){ dst, *src, element };
}

static void use(struct parser *p, const struct eh_chain *c)
{
	p->m.use = eh_xrealloc(p->m.use, p->m.n_use + 1, sizeof *p->m.use);
	p->m.use[p->m.n_use++] = *c;
}

static void role(struct parser *p, struct eh_token name, const struct eh_chain *value)
{
	p->m.role = eh_xrealloc(p->m.role, p->m.n_role + 1, sizeof *p->m.role);
	p->m.role[p->m.n_role++] = (struct eh_lint_role){ name, *value };
}

static struct eh_chain nothing(void)
{
	static const struct eh_token none = { EH_TOKEN_END, "", 0, 0 };

	return (struct eh_chain){ .var = EH_NONE, .function = EH_NONE, .global = none, .library = none };
}

/* ---- expressions ---- */

static struct eh_chain expression(struct parser *p);
static void block(struct parser *p);

static void parameters(struct parser *p, size_t function, bool method)
{
	static const struct eh_token self = { EH_TOKEN_NAME, "self", 4, 0 };
	struct eh_lint_function *f = NULL;

	if (method)
		(void)declare(p, self, EH_NONE);
	(void)take(p, "(");
	while (!ended(p) && !at(p, ")")) {
		if (p->now.kind == EH_TOKEN_NAME) {
			size_t v = declare(p, p->now, EH_NONE);

			f = &p->m.function[function];
			if (f->n < EH_CHAIN_MAX)
				f->param[f->n++] = v;
		}
		advance(p);
	}
	(void)take(p, ")");
}

static void function_body(struct parser *p, size_t function, bool method)
{
	size_t outside = p->n_scope;

	parameters(p, function, method);
	block(p);
	(void)take(p, "end");
	p->n_scope = outside;
}

/* { [e] = e, name = e, e } */
static void table(struct parser *p)
{
	(void)take(p, "{");
	while (!ended(p) && !at(p, "}")) {
		if (p->now.kind == EH_TOKEN_NAME && eh_token_is(&p->then, "=")) {
			struct eh_token name = p->now;
			struct eh_chain value;

			advance(p);
			advance(p);
			if (eh_token_is(&p->then, ",") || eh_token_is(&p->then, "}"))
				eh_lint_verdict(p->m.out, &name, &p->now);
			value = expression(p);
			role(p, name, &value);
		} else if (take(p, "[")) {
			(void)expression(p);
			(void)take(p, "]");
			(void)take(p, "=");
			(void)expression(p);
		} else {
			(void)expression(p);
		}
		if (!take(p, ",") && !take(p, ";") && !at(p, "}"))
			advance(p); /* not Lua: go on all the same */
	}
	(void)take(p, "}");
}

/* The arguments of a call of callee. */
static void arguments(struct parser *p, const struct eh_chain *callee)
{
	struct eh_lint_call c = { .var = callee->n == 0 ? callee->var : EH_NONE };

	/* the library's functions read what a finding is called, which needs not be declared */
	c.spread = c.var == EH_NONE && !(callee->var == EH_NONE && eh_token_is(&callee->global, "evenhand")) &&
		   !eh_token_is(&callee->global, "ipairs");
	if (p->now.kind == EH_TOKEN_STRING) {
		advance(p);
	} else if (at(p, "{")) {
		table(p);
	} else if (take(p, "(")) {
		while (!ended(p) && !at(p, ")")) {
			struct eh_chain arg = expression(p);

			if (c.n < EH_CHAIN_MAX)
				c.arg[c.n++] = arg;
			if (!take(p, ",") && !at(p, ")"))
				advance(p);
		}
		(void)take(p, ")");
	}
	p->m.call = eh_xrealloc(p->m.call, p->m.n_call + 1, sizeof *p->m.call);
	p->m.call[p->m.n_call++] = c;
}

static void add_field(struct eh_chain *c, struct eh_token name)
{
	if (c->n < EH_CHAIN_MAX)
		c->field[c->n++] = name;
	else
		c->longer = true;
}

static void note_use(struct parser *p, const struct eh_chain *c)
{
	if (c->var != EH_NONE) {
		const struct eh_lint_var *v = &p->m.var[c->var];

		if (v->library.kind == EH_TOKEN_STRING && c->n > 0 && c->field[0].kind == EH_TOKEN_NAME)
			eh_lint_library_field(p->m.out, &v->library, &c->field[0]);
		use(p, c);
	} else if (c->global.kind == EH_TOKEN_NAME)
		eh_lint_global(p->m.out, c);
}

/* callee( is being called: the name of the library that this gives. */
static struct eh_token library_called(struct parser *p, const struct eh_chain *callee)
{
	const struct eh_token *argument = at(p, "(") ? &p->then : &p->now;

	if (callee->var != EH_NONE || !eh_token_is(&callee->global, "evenhand") || callee->n != 1 ||
	    !eh_token_is(&callee->field[0], "library"))
		return nothing().library;
	eh_lint_library(p->m.out, argument, p->now.line);
	return *argument;
}

/* NAME or ( e ), then .name, [e], calls.  *called: the last of it is a call. */
static struct eh_chain suffixed(struct parser *p, bool *called)
{
	static const struct eh_token computed = { EH_TOKEN_END, "", 0, 0 };
	struct eh_chain c = nothing();

	*called = false;
	if (p->now.kind == EH_TOKEN_NAME) {
		c.var = find_var(p, &p->now);
		if (c.var == EH_NONE)
			c.global = p->now;
		advance(p);
	} else if (take(p, "(")) {
		(void)expression(p);
		(void)take(p, ")");
	}
	while (!ended(p)) {
		*called = false;
		if (take(p, ".")) {
			add_field(&c, p->now);
			advance(p);
		} else if (take(p, "[")) {
			(void)expression(p);
			(void)take(p, "]");
			add_field(&c, computed);
		} else if (at(p, ":") || at(p, "(") || at(p, "{") || p->now.kind == EH_TOKEN_STRING) {
			const struct eh_token library = library_called(p, &c);

			if (take(p, ":")) {
				add_field(&c, p->now);
				advance(p);
			}
			note_use(p, &c);
			arguments(p, &c);
			c = nothing();
			c.library = library;
			*called = true;
		} else {
			break;
		}
		if (c.var == EH_NONE && c.global.kind != EH_TOKEN_NAME && !*called)
			c = nothing();
	}
	return c;
}

static bool is_binary(const struct eh_token *t)
{
	static const char *const signs[] = { "+", "-",	"*",  "/",   "//", "%", "^", "..", "==", "~=", "<",
					     ">", "<=", ">=", "and", "or", "&", "|", "~",  "<<", ">>" };

	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
		if (eh_token_is(t, signs[i]))
			return true;
	return false;
}

static struct eh_chain simple(struct parser *p)
{
	struct eh_chain c = nothing();
	bool called = false;

	if (at(p, "function")) {
		advance(p);
		c.function = new_function(p);
		function_body(p, c.function, false);
	} else if (at(p, "{")) {
		table(p);
	} else if (p->now.kind == EH_TOKEN_NAME || at(p, "(")) {
		c = suffixed(p, &called);
		note_use(p, &c);
	} else if (!ended(p) && !at(p, ")") && !at(p, "}") && !at(p, "]") && !at(p, "end")) {
		advance(p);
	}
	return c;
}

/* What is more than one value's name is nothing. */
static struct eh_chain expression(struct parser *p)
{
	struct eh_chain c = nothing();
	bool mixed = false;

	if (++p->depth > DEPTH_MAX)
		p->lost = true;
	while (!ended(p)) {
		while (at(p, "-") || at(p, "not") || at(p, "#") || at(p, "~")) {
			mixed = true;
			advance(p);
		}
		c = simple(p);
		if (!is_binary(&p->now))
			break;
		mixed = true;
		advance(p);
	}
	p->depth--;
	return mixed ? nothing() : c;
}

/* e, e, ...: the first ones into out. */
static size_t expressions(struct parser *p, struct eh_chain out[EH_CHAIN_MAX])
{
	size_t n = 0;

	do {
		struct eh_chain c = expression(p);

		if (n < EH_CHAIN_MAX)
			out[n++] = c;
	} while (!ended(p) && take(p, ","));
	return n;
}

/* ---- statements ---- */

static void local_function(struct parser *p)
{
	size_t f = new_function(p);

	(void)declare(p, p->now, f);
	advance(p);
	function_body(p, f, false);
}

static void local_names(struct parser *p)
{
	struct eh_token name[EH_CHAIN_MAX];
	struct eh_chain value[EH_CHAIN_MAX];
	size_t n = 0, values = 0;

	do {
		if (p->now.kind != EH_TOKEN_NAME)
			return;
		if (n < EH_CHAIN_MAX)
			name[n++] = p->now;
		advance(p);
		if (take(p, "<")) {
			advance(p);
			(void)take(p, ">");
		}
	} while (take(p, ","));
	if (take(p, "="))
		values = expressions(p, value);
	for (size_t i = 0; i < n; i++) {
		size_t v = declare(p, name[i], i < values ? value[i].function : EH_NONE);

		if (i < values && value[i].n == 0)
			p->m.var[v].library = value[i].library;
		if (i < values && value[i].var != EH_NONE)
			flow(p, v, &value[i], false);
	}
}

static void for_loop(struct parser *p)
{
	struct eh_token name[EH_CHAIN_MAX];
	struct eh_chain value[EH_CHAIN_MAX];
	size_t n = 0, calls = p->m.n_call, outside = p->n_scope;

	do {
		if (n < EH_CHAIN_MAX)
			name[n++] = p->now;
		advance(p);
	} while (take(p, ","));
	(void)(take(p, "=") || take(p, "in"));
	(void)expressions(p, value);
	for (size_t i = 0; i < n; i++) {
		size_t v = declare(p, name[i], EH_NONE);

		/* for i, f in ipairs(findings): the one call there is hands over the list */
		if (i == 1 && p->m.n_call == calls + 1 && p->m.call[calls].n == 1 &&
		    p->m.call[calls].arg[0].var != EH_NONE)
			flow(p, v, &p->m.call[calls].arg[0], true);
	}
	(void)take(p, "do");
	block(p);
	(void)take(p, "end");
	p->n_scope = outside;
}

static void assign_to(struct parser *p, const struct eh_chain *c)
{
	char name[64];

	if (c->n > 0) {
		note_use(p, c);
	} else if (c->var != EH_NONE) {
		p->m.var[c->var].changed = true;
	} else if (c->global.kind == EH_TOKEN_NAME) {
		eh_lint_word(name, &c->global);
		eh_lint_remark(p->m.out, true, c->global.line,
			       "global %s is assigned: a policy has no globals, write local %s", name, name);
	}
}

static void function_statement(struct parser *p)
{
	struct eh_chain c = nothing(), value = nothing();
	bool method = false;

	c.var = find_var(p, &p->now);
	if (c.var == EH_NONE)
		c.global = p->now;
	advance(p);
	while (at(p, ".") || at(p, ":")) {
		method = at(p, ":");
		advance(p);
		add_field(&c, p->now);
		advance(p);
	}
	value.function = new_function(p);
	if (c.n == 0)
		assign_to(p, &c);
	else
		role(p, c.field[c.n - 1], &value);
	function_body(p, value.function, method);
}

static void assignment_or_call(struct parser *p)
{
	struct eh_chain target[EH_CHAIN_MAX], value[EH_CHAIN_MAX];
	bool called = false;
	size_t n = 0, values = 0;

	do {
		struct eh_chain c = suffixed(p, &called);

		if (n < EH_CHAIN_MAX)
			target[n++] = c;
	} while (take(p, ","));
	if (!take(p, "="))
		return;
	values = expressions(p, value);
	for (size_t i = 0; i < n; i++) {
		if (i < values && target[i].n > 0)
			role(p, target[i].field[target[i].n - 1], &value[i]);
		assign_to(p, &target[i]);
	}
}

/* block of the keyword that was taken, up to and with its end */
static void inner(struct parser *p, const char *end)
{
	size_t outside = p->n_scope;

	block(p);
	(void)take(p, end);
	p->n_scope = outside;
}

static void if_statement(struct parser *p)
{
	(void)expression(p);
	(void)take(p, "then");
	for (;;) {
		size_t outside = p->n_scope;

		block(p);
		p->n_scope = outside;
		if (take(p, "elseif")) {
			(void)expression(p);
			(void)take(p, "then");
		} else if (!take(p, "else")) {
			break;
		}
		if (ended(p))
			return;
	}
	(void)take(p, "end");
}

static void repeat_statement(struct parser *p)
{
	size_t outside = p->n_scope;

	block(p);
	if (take(p, "until"))
		(void)expression(p); /* sees the block's variables */
	p->n_scope = outside;
}

static void statement(struct parser *p)
{
	struct eh_chain value[EH_CHAIN_MAX];

	if (take(p, "local")) {
		if (take(p, "function"))
			local_function(p);
		else
			local_names(p);
	} else if (take(p, "function")) {
		function_statement(p);
	} else if (take(p, "if")) {
		if_statement(p);
	} else if (take(p, "for")) {
		for_loop(p);
	} else if (take(p, "while")) {
		(void)expression(p);
		(void)take(p, "do");
		inner(p, "end");
	} else if (take(p, "do")) {
		inner(p, "end");
	} else if (take(p, "repeat")) {
		repeat_statement(p);
	} else if (take(p, "return")) {
		if (p->now.kind == EH_TOKEN_STRING && (eh_token_is(&p->then, "end") || eh_token_is(&p->then, ";")))
			eh_lint_returned(p->m.out, &p->now);
		if (!at(p, "end") && !at(p, ";") && !at(p, "else") && !at(p, "elseif") && !at(p, "until"))
			(void)expressions(p, value);
	} else if (take(p, "goto") || take(p, "::")) {
		advance(p);
		(void)take(p, "::");
	} else if (p->now.kind == EH_TOKEN_NAME || at(p, "(")) {
		assignment_or_call(p);
	} else {
		advance(p);
	}
}

static void block(struct parser *p)
{
	if (++p->depth > DEPTH_MAX)
		p->lost = true;
	while (!ended(p) && !at(p, "end") && !at(p, "else") && !at(p, "elseif") && !at(p, "until"))
		statement(p);
	p->depth--;
}

static int by_line(const void *a, const void *b)
{
	const struct eh_lint_remark *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return strcmp(x->text, y->text);
}

static void settle(struct eh_lint *out)
{
	size_t kept = 0;

	if (out->n > 1)
		qsort(out->v, out->n, sizeof *out->v, by_line);
	for (size_t i = 0; i < out->n; i++) {
		if (kept > 0 && by_line(&out->v[kept - 1], &out->v[i]) == 0)
			out->errors -= out->v[i].error;
		else
			out->v[kept++] = out->v[i];
	}
	out->n = kept;
}

void eh_lint_text(struct eh_lint *out, const char *text, size_t len, const struct eh_policy_info *info)
{
	struct parser p;

	memset(&p, 0, sizeof p);
	*out = (struct eh_lint){ .v = NULL };
	p.m.out = out;
	/* behind it are the libraries, which have their own lines */
	eh_lexer_begin(&p.lexer, text, eh_library_own(text, len));
	advance(&p);
	advance(&p);
	while (!ended(&p)) {
		block(&p);
		if (!ended(&p))
			advance(&p);
	}
	eh_lint_conclude(&p.m, info);
	settle(out);
	free(p.scope);
	free(p.m.var);
	free(p.m.use);
	free(p.m.flow);
	free(p.m.call);
	free(p.m.function);
	free(p.m.role);
}
