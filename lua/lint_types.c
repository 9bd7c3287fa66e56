/* Which values of a text are facts, and what is read of them; see lint.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lua/facts.h"
#include "lua/lint_model.h"
#include "lua/names.h"

/* What a value is: a section of facts by its name, a list of findings, or not known. */
static const char *const list = "(list)";

struct types {
	const char **var; /* [n_var] section, list or NULL */
	bool *blocked;	  /* [n_var] gets different things: nothing is concluded */
};

/* A field of a section: what is behind it, NULL for a value of its own.  Whether it exists is said elsewhere. */
static const char *field_type(const char *type, const struct eh_token *field)
{
	char name[64];
	bool exists = false;

	if (type == NULL)
		return NULL;
	if (type == list)
		return field->kind == EH_TOKEN_NAME ? NULL : "facts";
	if (field->kind != EH_TOKEN_NAME)
		return NULL;
	(void)snprintf(name, sizeof name, "%.*s", field->len < 63 ? (int)field->len : 63, field->s);
	return eh_script_section(type, name, &exists);
}

static const char *type_of(const struct eh_lint_model *m, const struct types *t, const struct eh_chain *c)
{
	const char *type = NULL;

	if (c->var == EH_NONE || c->longer || m->var[c->var].changed || t->blocked[c->var])
		return NULL;
	type = t->var[c->var];
	for (size_t i = 0; i < c->n && type != NULL; i++)
		type = field_type(type, &c->field[i]);
	return type;
}

static size_t function_of(const struct eh_lint_model *m, const struct eh_chain *c)
{
	if (c->function != EH_NONE)
		return c->function;
	if (c->var == EH_NONE || c->n > 0 || m->var[c->var].changed)
		return EH_NONE;
	return m->var[c->var].function;
}

/* Where values begin: the parameters of the policy's callbacks. */
static void begin(const struct eh_lint_model *m, struct types *t)
{
	for (size_t i = 0; i < m->n_var; i++)
		t->var[i] = NULL;
	for (size_t i = 0; i < m->n_role; i++) {
		const bool check = eh_token_is(&m->role[i].name, "check");
		const size_t f = function_of(m, &m->role[i].value);

		if (f == EH_NONE || m->function[f].n == 0 || (!check && !eh_token_is(&m->role[i].name, "summarise")))
			continue;
		if (!t->blocked[m->function[f].param[0]])
			t->var[m->function[f].param[0]] = check ? "facts" : list;
	}
}

/* dst gets src: into *changed whether something became known; final: what does not agree is blocked. */
static void give(struct types *t, size_t dst, const char *type, bool final, bool *changed)
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

static bool pass(const struct eh_lint_model *m, struct types *t, bool final)
{
	bool changed = false;

	for (size_t i = 0; i < m->n_flow; i++) {
		const char *type = type_of(m, t, &m->flow[i].src);

		if (m->flow[i].element)
			type = type == list ? "facts" : NULL;
		give(t, m->flow[i].dst, type, final, &changed);
	}
	for (size_t i = 0; i < m->n_call; i++) {
		const struct eh_lint_call *c = &m->call[i];
		const struct eh_chain callee = { .var = c->var, .function = EH_NONE };
		const size_t f = c->var != EH_NONE ? function_of(m, &callee) : EH_NONE;

		for (size_t k = 0; f != EH_NONE && k < c->n && k < m->function[f].n; k++)
			give(t, m->function[f].param[k], type_of(m, t, &c->arg[k]), final, &changed);
	}
	return changed;
}

static void conclude_types(const struct eh_lint_model *m, struct types *t)
{
	do {
		begin(m, t);
		while (pass(m, t, false))
			;
	} while (pass(m, t, true));
}

/* ---- what is read ---- */

struct reads {
	bool fact[EH_FACTS_MAX];
	uint32_t line[EH_FACTS_MAX];
	bool by_name; /* something may have been read by a name that the text does not show */
};

static void unknown_fact(struct eh_lint *out, const char *section, const char *name, uint32_t line)
{
	const char *names[EH_FACTS_MAX];
	char near[160] = "";
	struct eh_fact_info info;
	size_t n = 0;

	while (n < EH_FACTS_MAX && eh_fact_info(&info, section, n))
		names[n++] = info.name;
	eh_near_names(near, sizeof near, name, names, n);
	eh_lint_remark(out, true, line, "unknown fact %s.%s%s", section, name, near);
}

static void look_at_use(const struct eh_lint_model *m, const struct types *t, const struct eh_chain *c, struct reads *r)
{
	const char *type = t->blocked[c->var] || m->var[c->var].changed ? NULL : t->var[c->var];

	for (size_t i = 0; i < c->n && type != NULL; i++) {
		char name[64];
		bool exists = false;
		const char *next = NULL;

		if (c->field[i].kind != EH_TOKEN_NAME) {
			r->by_name = r->by_name || type != list;
			type = field_type(type, &c->field[i]);
			continue;
		}
		if (type == list)
			return;
		(void)snprintf(name, sizeof name, "%.*s", c->field[i].len < 63 ? (int)c->field[i].len : 63,
			       c->field[i].s);
		next = eh_script_section(type, name, &exists);
		if (!exists) {
			unknown_fact(m->out, type, name, c->field[i].line);
			return;
		}
		if (strcmp(type, "facts") == 0 && eh_fact_index(name) >= 0) {
			int k = eh_fact_index(name);

			if (!r->fact[k])
				r->line[k] = c->field[i].line;
			r->fact[k] = true;
		}
		type = next;
	}
}

/* Facts handed to what is not written in this text, and not in the library: it may read anything. */
static void look_at_call(const struct eh_lint_model *m, const struct types *t, const struct eh_lint_call *c,
			 struct reads *r)
{
	for (size_t i = 0; c->spread && i < c->n; i++) {
		const char *type = type_of(m, t, &c->arg[i]);

		if (type != NULL && strcmp(type, "facts") == 0)
			r->by_name = true;
	}
}

static bool declared(const struct eh_policy_info *info, const char *name)
{
	const size_t len = strlen(name);

	for (const char *s = info->needs; (s = strstr(s, name)) != NULL; s += len)
		if ((s == info->needs || s[-1] == ' ') && (s[len] == ' ' || s[len] == '\0'))
			return true;
	return false;
}

static uint32_t line_of_needs(const struct eh_lint_model *m)
{
	for (size_t i = 0; i < m->n_role; i++)
		if (eh_token_is(&m->role[i].name, "needs"))
			return m->role[i].name.line;
	return 1;
}

static void compare_needs(const struct eh_lint_model *m, const struct eh_policy_info *info, const struct reads *r)
{
	if (info == NULL || info->needs[0] == '\0')
		return;
	for (size_t i = 0; eh_fact_name(i) != NULL; i++) {
		const char *name = eh_fact_name(i);
		struct eh_fact_info fact;

		if (eh_fact_always(i) || !eh_fact_info(&fact, "facts", i) || fact.summarise)
			continue;
		if (r->fact[i] && !declared(info, name))
			eh_lint_remark(m->out, true, r->line[i],
				       "fact %s is read but not declared: add \"%s\" to needs", name, name);
		else if (!r->fact[i] && !r->by_name && declared(info, name))
			eh_lint_remark(m->out, false, line_of_needs(m),
				       "needs names %s, which nothing here reads: leave it out", name);
	}
}

static void list_reads(struct eh_lint *out, const struct reads *r)
{
	size_t used = 0;

	for (size_t i = 0; eh_fact_name(i) != NULL; i++) {
		int len = 0;

		if (!r->fact[i])
			continue;
		len = snprintf(out->reads + used, sizeof out->reads - used, "%s%s", used > 0 ? " " : "",
			       eh_fact_name(i));
		if (len < 0 || (size_t)len >= sizeof out->reads - used) {
			out->reads[used] = '\0';
			return;
		}
		used += (size_t)len;
	}
}

void eh_lint_conclude(struct eh_lint_model *m, const struct eh_policy_info *info)
{
	struct types t = { eh_xcalloc(m->n_var + 1, sizeof *t.var), eh_xcalloc(m->n_var + 1, sizeof *t.blocked) };
	struct reads r;

	memset(&r, 0, sizeof r);
	conclude_types(m, &t);
	for (size_t i = 0; i < m->n_use; i++)
		look_at_use(m, &t, &m->use[i], &r);
	for (size_t i = 0; i < m->n_call; i++)
		look_at_call(m, &t, &m->call[i], &r);
	compare_needs(m, info, &r);
	list_reads(m->out, &r);
	free(t.var);
	free(t.blocked);
}
