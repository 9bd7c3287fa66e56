/* Which facts a policy and its libraries read, and whether it has declared them; see lint.h. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lua/facts.h"
#include "lua/lint_model.h"
#include "lua/names.h"

struct reads {
	bool fact[EH_FACTS_MAX];
	size_t text[EH_FACTS_MAX]; /* where first; in the policy's own text rather than in a library's */
	uint32_t line[EH_FACTS_MAX];
	bool by_name; /* something may have been read by a name that the text does not show */
};

/* The line of the policy's own text that hands facts to a function of that library. */
static uint32_t asked_at(const struct eh_lint_model *m, const struct eh_lint_types *t, size_t text)
{
	for (size_t i = 0; i < m->n_call; i++) {
		const struct eh_lint_call *c = &m->call[i];

		if (c->text > 0 || c->function == EH_NONE || m->function[c->function].text != text)
			continue;
		for (size_t k = 0; k < c->n; k++)
			if (eh_lint_type_of(m, t, &c->arg[k]) != NULL)
				return c->line;
	}
	/* check = stages.judge_facts */
	for (size_t i = 0; i < m->n_var; i++)
		if (m->var[i].text == 0 && m->var[i].library.kind == EH_TOKEN_STRING &&
		    eh_token_is(&m->var[i].library, m->library[text - 1].name))
			return m->var[i].name.line;
	return 1;
}

/* Not a section of facts: what is read of it needs no declaration. */
static bool is_class(const char *type) { return isupper((unsigned char)type[0]) != 0; }

static void unknown_fact(const struct eh_lint_model *m, const struct eh_lint_types *t, size_t text, const char *section,
			 const char *name, uint32_t line)
{
	char near[160] = "";

	eh_lint_near_field(near, sizeof near, section, name);
	if (text == 0)
		eh_lint_remark(m->out, true, line, "unknown %s %s.%s%s", is_class(section) ? "field" : "fact", section,
			       name, near);
	else
		eh_lint_remark(m->out, true, asked_at(m, t, text), "library %s reads an unknown fact %s.%s "
			       "(library/%s.lua:%u)%s", m->library[text - 1].name, section, name,
			       m->library[text - 1].name, line, near);
}

static void note_read(struct reads *r, size_t fact, size_t text, uint32_t line)
{
	if (!r->fact[fact] || (r->text[fact] > 0 && text == 0)) {
		r->text[fact] = text;
		r->line[fact] = line;
	}
	r->fact[fact] = true;
}

static void look_at_use(const struct eh_lint_model *m, const struct eh_lint_types *t, const struct eh_chain *c,
			struct reads *r)
{
	const char *type = t->blocked[c->var] || m->var[c->var].changed ? NULL : t->var[c->var];

	for (size_t i = 0; i < c->n && type != NULL; i++) {
		char name[64];
		bool exists = false;
		const char *next = NULL;

		if (c->field[i].kind != EH_TOKEN_NAME) {
			r->by_name = r->by_name || (type != eh_lint_list && !is_class(type));
			type = eh_lint_field_type(type, &c->field[i]);
			continue;
		}
		if (type == eh_lint_list)
			return;
		(void)snprintf(name, sizeof name, "%.*s", c->field[i].len < 63 ? (int)c->field[i].len : 63,
			       c->field[i].s);
		next = eh_lint_section(type, name, &exists);
		if (!exists) {
			unknown_fact(m, t, m->var[c->var].text, type, name, c->field[i].line);
			return;
		}
		if (strcmp(type, "facts") == 0 && eh_fact_index(name) >= 0)
			note_read(r, (size_t)eh_fact_index(name), m->var[c->var].text, c->field[i].line);
		type = next;
	}
}

/* Facts handed to what is written in none of the texts, and is not of evenhand: it may read anything. */
static void look_at_call(const struct eh_lint_model *m, const struct eh_lint_types *t, const struct eh_lint_call *c,
			 struct reads *r)
{
	for (size_t i = 0; c->spread && c->function == EH_NONE && i < c->n; i++) {
		const char *type = eh_lint_type_of(m, t, &c->arg[i]);

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
		if (m->role[i].text == 0 && eh_token_is(&m->role[i].name, "needs"))
			return m->role[i].name.line;
	return 1;
}

static void undeclared(const struct eh_lint_model *m, const struct eh_lint_types *t, const char *name, size_t text,
		       uint32_t line)
{
	if (text == 0)
		eh_lint_remark(m->out, true, line, "fact %s is read but not declared: add \"%s\" to needs", name, name);
	else
		eh_lint_remark(m->out, true, asked_at(m, t, text), "fact %s is read by library %s (library/%s.lua:%u) "
			       "but not declared: add \"%s\" to needs", name, m->library[text - 1].name,
			       m->library[text - 1].name, line, name);
}

static void compare_needs(const struct eh_lint_model *m, const struct eh_lint_types *t,
			  const struct eh_policy_info *info, const struct reads *r)
{
	if (info == NULL || info->needs[0] == '\0')
		return;
	for (size_t i = 0; eh_fact_name(i) != NULL; i++) {
		const char *name = eh_fact_name(i);
		struct eh_fact_info fact;

		if (eh_fact_always(i) || !eh_fact_info(&fact, "facts", i) || fact.summarise)
			continue;
		if (r->fact[i] && !declared(info, name))
			undeclared(m, t, name, r->text[i], r->line[i]);
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
	struct eh_lint_types t = { eh_xcalloc(m->n_var + 1, sizeof *t.var),
				   eh_xcalloc(m->n_var + 1, sizeof *t.blocked) };
	struct reads r;

	memset(&r, 0, sizeof r);
	eh_lint_types(m, &t);
	for (size_t i = 0; i < m->n_use; i++)
		look_at_use(m, &t, &m->use[i], &r);
	for (size_t i = 0; i < m->n_call; i++)
		look_at_call(m, &t, &m->call[i], &r);
	compare_needs(m, &t, info, &r);
	list_reads(m->out, &r);
	free(t.var);
	free(t.blocked);
}
