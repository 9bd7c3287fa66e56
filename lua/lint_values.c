/* Words, variables and expressions of a Lua text; see lint_parser.h. */
#include <string.h>

#include "base/mem.h"
#include "lua/lint_parser.h"

#define KEYS_MAX 32

/* ---- the words ---- */

void eh_lint_advance(struct eh_lint_parser *p)
{
	p->now = p->then;
	p->then = eh_lexer_next(&p->lexer);
}

bool eh_lint_at(const struct eh_lint_parser *p, const char *text) { return eh_token_is(&p->now, text); }

bool eh_lint_take(struct eh_lint_parser *p, const char *text)
{
	if (!eh_lint_at(p, text))
		return false;
	eh_lint_advance(p);
	return true;
}

bool eh_lint_ended(const struct eh_lint_parser *p) { return p->lost || p->now.kind == EH_TOKEN_END; }

/* ---- variables ---- */

size_t eh_lint_new_function(struct eh_lint_parser *p)
{
	p->m.function = eh_xrealloc(p->m.function, p->m.n_function + 1, sizeof *p->m.function);
	p->m.function[p->m.n_function] = (struct eh_lint_function){ .text = p->text };
	return p->m.n_function++;
}

size_t eh_lint_declare(struct eh_lint_parser *p, struct eh_token name, size_t function)
{
	p->m.var = eh_xrealloc(p->m.var, p->m.n_var + 1, sizeof *p->m.var);
	p->m.var[p->m.n_var] = (struct eh_lint_var){ .name = name, .text = p->text, .function = function,
						     .library = { EH_TOKEN_END, "", 0, 0 },
						     .alias = eh_lint_nothing() };
	p->scope = eh_xrealloc(p->scope, p->n_scope + 1, sizeof *p->scope);
	p->scope[p->n_scope++] = p->m.n_var;
	return p->m.n_var++;
}

size_t eh_lint_find_var(const struct eh_lint_parser *p, const struct eh_token *name)
{
	for (size_t i = p->n_scope; i-- > 0;) {
		const struct eh_token *t = &p->m.var[p->scope[i]].name;

		if (t->len == name->len && memcmp(t->s, name->s, t->len) == 0)
			return p->scope[i];
	}
	return EH_NONE;
}

void eh_lint_flows(struct eh_lint_parser *p, size_t dst, const struct eh_chain *src, bool element)
{
	p->m.flow = eh_xrealloc(p->m.flow, p->m.n_flow + 1, sizeof *p->m.flow);
	p->m.flow[p->m.n_flow++] = (struct eh_lint_flow){ dst, *src, element };
}

static void keep_use(struct eh_lint_parser *p, const struct eh_chain *c)
{
	p->m.use = eh_xrealloc(p->m.use, p->m.n_use + 1, sizeof *p->m.use);
	p->m.use[p->m.n_use++] = *c;
}

static void keep_role(struct eh_lint_parser *p, struct eh_token name, const struct eh_chain *value, bool exported)
{
	p->m.role = eh_xrealloc(p->m.role, p->m.n_role + 1, sizeof *p->m.role);
	p->m.role[p->m.n_role++] = (struct eh_lint_role){ name, *value, p->text, exported };
}

void eh_lint_role(struct eh_lint_parser *p, struct eh_token name, const struct eh_chain *value)
{
	keep_role(p, name, value, false);
}

struct eh_chain eh_lint_nothing(void)
{
	static const struct eh_token none = { EH_TOKEN_END, "", 0, 0 };

	return (struct eh_chain){ .var = EH_NONE, .function = EH_NONE, .global = none, .library = none };
}

/* ---- expressions ---- */

static void parameters(struct eh_lint_parser *p, size_t function, bool method)
{
	static const struct eh_token self = { EH_TOKEN_NAME, "self", 4, 0 };
	struct eh_lint_function *f = NULL;

	if (method)
		(void)eh_lint_declare(p, self, EH_NONE);
	(void)eh_lint_take(p, "(");
	while (!eh_lint_ended(p) && !eh_lint_at(p, ")")) {
		if (p->now.kind == EH_TOKEN_NAME) {
			size_t v = eh_lint_declare(p, p->now, EH_NONE);

			f = &p->m.function[function];
			if (f->n < EH_CHAIN_MAX)
				f->param[f->n++] = v;
		}
		eh_lint_advance(p);
	}
	(void)eh_lint_take(p, ")");
}

void eh_lint_function_body(struct eh_lint_parser *p, size_t function, bool method)
{
	size_t outside = p->n_scope;

	p->functions++;
	parameters(p, function, method);
	eh_lint_block(p);
	p->functions--;
	(void)eh_lint_take(p, "end");
	p->n_scope = outside;
}

/* The names that a table gives, as far as they fit. */
struct keys {
	struct eh_token v[KEYS_MAX];
	size_t n;
	bool verdict; /* one of them is, and a word is its value */
};

/* name = ; the value comes next. */
static void look_at_key(struct eh_lint_parser *p, const char *taken, const struct eh_token *name, struct keys *keys)
{
	struct eh_lexer ahead = p->lexer;

	if (keys->n < KEYS_MAX)
		keys->v[keys->n++] = *name;
	keys->verdict = keys->verdict || (eh_token_is(name, "verdict") && p->now.kind == EH_TOKEN_STRING);
	if (taken == NULL)
		return;
	eh_lint_field_of(p->m.out, taken, name, true);
	if (!eh_lint_at(p, "{"))
		return;
	for (struct eh_token t = p->then; t.kind == EH_TOKEN_STRING || eh_token_is(&t, ","); t = eh_lexer_next(&ahead))
		if (t.kind == EH_TOKEN_STRING)
			eh_lint_listed(p->m.out, taken, name, &t);
}

/* { [e] = e, name = e, e } */
static void table(struct eh_lint_parser *p)
{
	const bool exported = p->exporting, returned = p->returned;
	const char *taken = p->taken;
	struct keys keys = { .n = 0 };

	p->exporting = p->returned = false;
	p->taken = NULL;
	(void)eh_lint_take(p, "{");
	while (!eh_lint_ended(p) && !eh_lint_at(p, "}")) {
		if (p->now.kind == EH_TOKEN_NAME && eh_token_is(&p->then, "=")) {
			struct eh_token name = p->now;
			struct eh_chain value;

			eh_lint_advance(p);
			eh_lint_advance(p);
			if (eh_token_is(&p->then, ",") || eh_token_is(&p->then, "}"))
				eh_lint_verdict(p->m.out, &name, &p->now);
			look_at_key(p, taken, &name, &keys);
			value = eh_lint_expression(p);
			keep_role(p, name, &value, exported);
		} else if (eh_lint_take(p, "[")) {
			(void)eh_lint_expression(p);
			(void)eh_lint_take(p, "]");
			(void)eh_lint_take(p, "=");
			(void)eh_lint_expression(p);
		} else {
			p->returned = returned && eh_lint_at(p, "{"); /* a list of findings */
			(void)eh_lint_expression(p);
		}
		if (!eh_lint_take(p, ",") && !eh_lint_take(p, ";") && !eh_lint_at(p, "}"))
			eh_lint_advance(p); /* not Lua: go on all the same */
	}
	(void)eh_lint_take(p, "}");
	for (size_t i = 0; keys.verdict && returned && i < keys.n; i++)
		eh_lint_verdict_key(p->m.out, &keys.v[i]);
}

/* The arguments of a call of callee. */
static void arguments(struct eh_lint_parser *p, const struct eh_chain *callee)
{
	struct eh_lint_call c = { .callee = *callee, .text = p->text, .line = p->now.line };

	/* the functions of evenhand read what a finding is called, which needs not be declared */
	c.spread = !(callee->var == EH_NONE &&
		     (eh_token_is(&callee->global, "evenhand") || eh_token_is(&callee->global, "ipairs")));
	if (p->now.kind == EH_TOKEN_STRING) {
		eh_lint_advance(p);
	} else if (eh_lint_at(p, "{")) {
		p->taken = eh_lint_taken(callee, 0);
		table(p);
	} else if (eh_lint_take(p, "(")) {
		for (size_t k = 0; !eh_lint_ended(p) && !eh_lint_at(p, ")"); k++) {
			struct eh_chain arg;

			if (p->now.kind == EH_TOKEN_STRING &&
			    (eh_token_is(&p->then, ",") || eh_token_is(&p->then, ")")))
				eh_lint_option(p->m.out, callee, k, &p->now);
			if (eh_lint_at(p, "{"))
				p->taken = eh_lint_taken(callee, k);
			arg = eh_lint_expression(p);
			if (c.n < EH_CHAIN_MAX)
				c.arg[c.n++] = arg;
			if (!eh_lint_take(p, ",") && !eh_lint_at(p, ")"))
				eh_lint_advance(p);
		}
		(void)eh_lint_take(p, ")");
	}
	p->m.call = eh_xrealloc(p->m.call, p->m.n_call + 1, sizeof *p->m.call);
	p->m.call[p->m.n_call++] = c;
}

void eh_lint_add_field(struct eh_chain *c, struct eh_token name)
{
	if (c->n < EH_CHAIN_MAX)
		c->field[c->n++] = name;
	else
		c->longer = true;
}

void eh_lint_use(struct eh_lint_parser *p, const struct eh_chain *c)
{
	if (c->var != EH_NONE) {
		const struct eh_lint_var *v = &p->m.var[c->var];

		if (v->library.kind == EH_TOKEN_STRING && c->n > 0 && c->field[0].kind == EH_TOKEN_NAME)
			eh_lint_library_field(p->m.out, &v->library, &c->field[0]);
		keep_use(p, c);
	} else if (c->global.kind == EH_TOKEN_NAME)
		eh_lint_global(p->m.out, c);
}

/* callee( is being called: the name of the library that this gives. */
static struct eh_token library_called(struct eh_lint_parser *p, const struct eh_chain *callee)
{
	const struct eh_token *argument = eh_lint_at(p, "(") ? &p->then : &p->now;

	if (callee->var != EH_NONE || !eh_token_is(&callee->global, "evenhand") || callee->n != 1 ||
	    !eh_token_is(&callee->field[0], "library"))
		return eh_lint_nothing().library;
	eh_lint_library(p->m.out, argument, p->now.line);
	return *argument;
}

struct eh_chain eh_lint_suffixed(struct eh_lint_parser *p, bool *called)
{
	static const struct eh_token computed = { EH_TOKEN_END, "", 0, 0 };
	struct eh_chain c = eh_lint_nothing();

	*called = false;
	if (p->now.kind == EH_TOKEN_NAME) {
		c.var = eh_lint_find_var(p, &p->now);
		if (c.var == EH_NONE)
			c.global = p->now;
		eh_lint_advance(p);
	} else if (eh_lint_take(p, "(")) {
		(void)eh_lint_expression(p);
		(void)eh_lint_take(p, ")");
	}
	while (!eh_lint_ended(p)) {
		*called = false;
		if (eh_lint_take(p, ".")) {
			eh_lint_add_field(&c, p->now);
			eh_lint_advance(p);
		} else if (eh_lint_take(p, "[")) {
			(void)eh_lint_expression(p);
			(void)eh_lint_take(p, "]");
			eh_lint_add_field(&c, computed);
		} else if (eh_lint_at(p, ":") || eh_lint_at(p, "(") || eh_lint_at(p, "{") ||
			   p->now.kind == EH_TOKEN_STRING) {
			const struct eh_token library = library_called(p, &c);
			const char *result = eh_lint_result(&c);

			if (eh_lint_take(p, ":")) {
				eh_lint_add_field(&c, p->now);
				eh_lint_advance(p);
				c.method = true;
			}
			eh_lint_use(p, &c);
			arguments(p, &c);
			c = eh_lint_nothing();
			c.library = library;
			c.result = result;
			*called = true;
		} else {
			break;
		}
		if (c.var == EH_NONE && c.global.kind != EH_TOKEN_NAME && !*called) {
			/* evenhand.effects(...).phi */
			if (c.result != NULL && c.n == 1 && c.field[0].kind == EH_TOKEN_NAME)
				eh_lint_field_of(p->m.out, c.result, &c.field[0], false);
			c = eh_lint_nothing();
		}
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

static struct eh_chain simple(struct eh_lint_parser *p)
{
	struct eh_chain c = eh_lint_nothing();
	bool called = false;

	if (eh_lint_at(p, "function")) {
		eh_lint_advance(p);
		c.function = eh_lint_new_function(p);
		eh_lint_function_body(p, c.function, false);
	} else if (eh_lint_at(p, "{")) {
		table(p);
	} else if (p->now.kind == EH_TOKEN_NAME || eh_lint_at(p, "(")) {
		c = eh_lint_suffixed(p, &called);
		eh_lint_use(p, &c);
	} else if (!eh_lint_ended(p) && !eh_lint_at(p, ")") && !eh_lint_at(p, "}") && !eh_lint_at(p, "]") &&
		   !eh_lint_at(p, "end")) {
		eh_lint_advance(p);
	}
	return c;
}

struct eh_chain eh_lint_expression(struct eh_lint_parser *p)
{
	struct eh_chain c = eh_lint_nothing();
	bool mixed = false;

	if (++p->depth > EH_LINT_DEPTH_MAX)
		p->lost = true;
	while (!eh_lint_ended(p)) {
		while (eh_lint_at(p, "-") || eh_lint_at(p, "not") || eh_lint_at(p, "#") || eh_lint_at(p, "~")) {
			mixed = true;
			eh_lint_advance(p);
		}
		c = simple(p);
		if (!is_binary(&p->now))
			break;
		mixed = true;
		eh_lint_advance(p);
	}
	p->depth--;
	return mixed ? eh_lint_nothing() : c;
}

size_t eh_lint_expressions(struct eh_lint_parser *p, struct eh_chain out[EH_CHAIN_MAX])
{
	size_t n = 0;

	do {
		struct eh_chain c = eh_lint_expression(p);

		if (n < EH_CHAIN_MAX)
			out[n++] = c;
	} while (!eh_lint_ended(p) && eh_lint_take(p, ","));
	return n;
}
