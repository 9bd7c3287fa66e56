/* Which values of a text are facts; see lint_model.h. */
#include <stdio.h>
#include <string.h>

#include "lua/facts.h"
#include "lua/lint_model.h"
#include "lua/names.h"

const char *const eh_lint_list = "(list)";

/* A field of a section: what is behind it, NULL for a value of its own.  Whether it exists is said elsewhere. */
const char *eh_lint_field_type(const char *type, const struct eh_token *field)
{
	char name[64];
	bool exists = false;

	if (type == NULL)
		return NULL;
	if (type == eh_lint_list)
		return field->kind == EH_TOKEN_NAME ? NULL : "facts";
	if (field->kind != EH_TOKEN_NAME)
		return NULL;
	(void)snprintf(name, sizeof name, "%.*s", field->len < 63 ? (int)field->len : 63, field->s);
	return eh_lint_section(type, name, &exists);
}

const char *eh_lint_type_of(const struct eh_lint_model *m, const struct eh_lint_types *t, const struct eh_chain *c)
{
	const char *type = NULL;

	if (c->var == EH_NONE || c->longer || m->var[c->var].changed || t->blocked[c->var])
		return NULL;
	type = t->var[c->var];
	for (size_t i = 0; i < c->n && type != NULL; i++)
		type = eh_lint_field_type(type, &c->field[i]);
	return type;
}

#define HOPS_MAX 16 /* local b = a, local c = b: nobody writes more */

/* What a variable is that was declared as another one, and that as another: a variable of its own, or the last one. */
static size_t origin(const struct eh_lint_model *m, size_t var)
{
	for (int i = 0; i < HOPS_MAX; i++) {
		const struct eh_lint_var *v = &m->var[var];

		if (v->changed || v->alias.var == EH_NONE || v->alias.n > 0)
			break;
		var = v->alias.var;
	}
	return var;
}

static size_t function_of(const struct eh_lint_model *m, const struct eh_chain *c);

static bool same(const struct eh_token *a, const struct eh_token *b)
{
	return a->len == b->len && memcmp(a->s, b->s, a->len) == 0;
}

/* The function that the library returns under that name. */
static size_t exported(const struct eh_lint_model *m, const struct eh_token *library, const struct eh_token *name)
{
	for (size_t i = 0; i < m->n_role; i++) {
		const struct eh_lint_role *r = &m->role[i];

		if (r->text > 0 && r->exported && same(&r->name, name) &&
		    strlen(m->library[r->text - 1].name) == library->len &&
		    memcmp(m->library[r->text - 1].name, library->s, library->len) == 0)
			return function_of(m, &r->value);
	}
	return EH_NONE;
}

static size_t function_of(const struct eh_lint_model *m, const struct eh_chain *c)
{
	const struct eh_lint_var *v = NULL;

	if (c->function != EH_NONE)
		return c->function;
	if (c->var == EH_NONE || c->longer || c->method)
		return EH_NONE;
	v = &m->var[origin(m, c->var)];
	/* local judge = stages.judge_facts */
	if (c->n == 0 && v->function == EH_NONE && v->alias.var != EH_NONE && v->alias.n == 1 && !v->changed) {
		c = &v->alias;
		v = &m->var[origin(m, c->var)];
	}
	if (v->changed)
		return EH_NONE;
	if (c->n == 0)
		return v->function;
	/* a library asks for no other */
	if (c->n == 1 && v->text == 0 && v->library.kind == EH_TOKEN_STRING && c->field[0].kind == EH_TOKEN_NAME)
		return exported(m, &v->library, &c->field[0]);
	return EH_NONE;
}

/* What the program gives to the policy's function of that name. */
static const char *given(const struct eh_token *name)
{
	if (eh_token_is(name, "check"))
		return "facts";
	if (eh_token_is(name, "summarise"))
		return eh_lint_list;
	if (eh_token_is(name, "compute"))
		return "Project";
	return eh_token_is(name, "on_notification") ? EH_LINT_NOTICE : NULL;
}

/* Where values begin: the parameters of the policy's callbacks, and what functions of evenhand give. */
static void begin(const struct eh_lint_model *m, struct eh_lint_types *t)
{
	for (size_t i = 0; i < m->n_var; i++)
		t->var[i] = m->var[i].alias.n == 0 && !t->blocked[i] ? m->var[i].alias.result : NULL;
	for (size_t i = 0; i < m->n_role; i++) {
		const char *type = given(&m->role[i].name);
		const size_t f = function_of(m, &m->role[i].value);

		/* a library's tables are no policy's */
		if (m->role[i].text > 0 || f == EH_NONE || m->function[f].n == 0 || type == NULL)
			continue;
		if (!t->blocked[m->function[f].param[0]])
			t->var[m->function[f].param[0]] = type;
	}
}

/* dst gets src: into *changed whether something became known; final: what does not agree is blocked. */
static void give(struct eh_lint_types *t, size_t dst, const char *type, bool final, bool *changed)
{
	if (t->blocked[dst])
		return;
	if (final && t->var[dst] != NULL && (type == NULL || strcmp(type, t->var[dst]) != 0)) {
		t->blocked[dst] = true;
		*changed = true;
	} else if (!final && t->var[dst] == NULL && type != NULL) {
		t->var[dst] = type;
		*changed = true;
	}
}

static bool pass(const struct eh_lint_model *m, struct eh_lint_types *t, bool final)
{
	bool changed = false;

	for (size_t i = 0; i < m->n_flow; i++) {
		const char *type = eh_lint_type_of(m, t, &m->flow[i].src);

		if (m->flow[i].element)
			type = type == eh_lint_list ? "facts" : NULL;
		give(t, m->flow[i].dst, type, final, &changed);
	}
	for (size_t i = 0; i < m->n_call; i++) {
		const struct eh_lint_call *c = &m->call[i];
		const size_t f = c->function;

		for (size_t k = 0; f != EH_NONE && k < c->n && k < m->function[f].n; k++)
			give(t, m->function[f].param[k], eh_lint_type_of(m, t, &c->arg[k]), final, &changed);
	}
	return changed;
}

void eh_lint_types(struct eh_lint_model *m, struct eh_lint_types *t)
{
	for (size_t i = 0; i < m->n_call; i++)
		m->call[i].function = function_of(m, &m->call[i].callee);
	do {
		begin(m, t);
		while (pass(m, t, false))
			;
	} while (pass(m, t, true));
}
