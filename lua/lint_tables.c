/* Fields, keys and words of the tables that `evenhand` takes and gives; see lint_model.h. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lua/facts.h"
#include "lua/lint_model.h"
#include "lua/names.h"
#include "lua/primitives.h"

#define N_OF(a) (sizeof(a) / sizeof(a)[0])
#define NAMES_MAX 96
#define PREFIX "evenhand."

/* What on_notification() is told; and what a verdict and a finding of compute() may say. */
static const char *const notice[] = { "policy", "id", "scope", "evaluator", "attribute", "group", "reference",
				      "position", "stage", "question", "period", "subject", "rule", "members", "n",
				      "selected", "ref_n", "ref_selected" };
static const char *const verdict[] = { "verdict", "scope", "reason", "rule", "attribute", "group", "reference",
				       "subject", "evaluator", "position", "stage", "question", "period", "n",
				       "selected", "ref_n", "ref_selected" };

static const struct eh_primitive_class *primitive_class(const char *name)
{
	const struct eh_primitive_class *c = NULL;

	for (size_t i = 0; (c = eh_primitive_class(i)) != NULL && strcmp(c->name, name) != 0; i++)
		;
	return c;
}

static const struct eh_script_class *project_class(const char *name)
{
	const struct eh_script_class *c = NULL;

	for (size_t i = 0; (c = eh_script_project(i)) != NULL && strcmp(c->name, name) != 0; i++)
		;
	return c;
}

/* The i-th field of the class and its type; NULL past the end, or of no such class. */
static const char *field_at(const char *class_name, size_t i, const char **type)
{
	const struct eh_primitive_class *a = primitive_class(class_name);
	const struct eh_script_class *b = a == NULL ? project_class(class_name) : NULL;

	*type = "";
	if (strcmp(class_name, EH_LINT_NOTICE) == 0)
		return i < N_OF(notice) ? notice[i] : NULL;
	if (a != NULL && i < a->n) {
		*type = a->field[i].type;
		return a->field[i].name;
	}
	if (b != NULL && i < b->n) {
		*type = b->field[i].type;
		return b->field[i].name;
	}
	return NULL;
}

/* The class that a type text is, "evenhand.Effects" or "evenhand.OwnInterval?"; NULL for lists and everything else. */
static const char *class_of(const char *type, size_t len)
{
	char name[48];
	const size_t head = strlen(PREFIX);

	if (len > 0 && type[len - 1] == '?')
		len--;
	if (len <= head || strncmp(type, PREFIX, head) != 0 || len - head >= sizeof name)
		return NULL;
	(void)snprintf(name, sizeof name, "%.*s", (int)(len - head), type + head);
	if (primitive_class(name) != NULL)
		return primitive_class(name)->name;
	return project_class(name) != NULL ? project_class(name)->name : NULL;
}

const char *eh_lint_section(const char *type, const char *field, bool *exists)
{
	const char *name = NULL, *found = NULL;

	if (isupper((unsigned char)type[0]) == 0)
		return eh_script_section(type, field, exists);
	*exists = false;
	for (size_t i = 0; !*exists && (name = field_at(type, i, &found)) != NULL; i++)
		*exists = strcmp(name, field) == 0;
	return *exists ? class_of(found, strlen(found)) : NULL;
}

void eh_lint_near_field(char *out, size_t size, const char *type, const char *field)
{
	const char *names[NAMES_MAX], *found = NULL;
	struct eh_fact_info info;
	size_t n = 0;

	if (isupper((unsigned char)type[0]) == 0)
		for (; n < NAMES_MAX && eh_fact_info(&info, type, n); n++)
			names[n] = info.name;
	else
		for (; n < NAMES_MAX && (names[n] = field_at(type, n, &found)) != NULL; n++)
			;
	eh_near_names(out, size, field, names, n);
}

void eh_lint_field_of(struct eh_lint *out, const char *type, const struct eh_token *field, bool key)
{
	char name[64], near[160] = "";
	bool exists = false;

	eh_lint_word(name, field);
	(void)eh_lint_section(type, name, &exists);
	if (exists)
		return;
	eh_lint_near_field(near, sizeof near, type, name);
	eh_lint_remark(out, true, field->line, "unknown %s %s of %s%s", key ? "key" : "field", name, type, near);
}

/* ---- calls ---- */

static const struct eh_primitive *primitive_of(const struct eh_chain *callee)
{
	const struct eh_primitive *f = NULL;

	if (callee->var != EH_NONE || callee->n != 1 || !eh_token_is(&callee->global, "evenhand"))
		return NULL;
	for (size_t i = 0; (f = eh_primitive(i)) != NULL && !eh_token_is(&callee->field[0], f->name); i++)
		;
	return f;
}

const char *eh_lint_result(const struct eh_chain *callee)
{
	const struct eh_primitive *f = primitive_of(callee);
	const char *type = f != NULL ? strstr(f->signature, "): ") : NULL;

	return type != NULL ? class_of(type + 3, strcspn(type + 3, ",")) : NULL;
}

/* The type of the k-th parameter, from 0; NULL: there is none. */
static const char *parameter(const struct eh_primitive *f, size_t k, size_t *len)
{
	const char *at = f->signature + 1, *colon = NULL;

	for (; k > 0 && at != NULL; k--) {
		at = strstr(at, ", ");
		at = at != NULL && at < strstr(f->signature, "): ") ? at + 2 : NULL;
	}
	colon = at != NULL ? strstr(at, ": ") : NULL;
	if (colon == NULL)
		return NULL;
	*len = strcspn(colon + 2, ",)|");
	return colon + 2;
}

const char *eh_lint_taken(const struct eh_chain *callee, size_t k)
{
	const struct eh_primitive *f = primitive_of(callee);
	size_t len = 0;
	const char *type = f != NULL ? parameter(f, k, &len) : NULL;

	return type != NULL ? class_of(type, len) : NULL;
}

static const struct eh_primitive_options *options_of(const char *type, size_t len)
{
	const struct eh_primitive_options *o = NULL;
	const size_t head = strlen(PREFIX);

	if (len <= head || strncmp(type, PREFIX, head) != 0)
		return NULL;
	for (size_t i = 0; (o = eh_primitive_options(i)) != NULL; i++)
		if (strlen(o->name) == len - head && strncmp(o->name, type + head, len - head) == 0)
			return o;
	return NULL;
}

static void check_option(struct eh_lint *out, const struct eh_primitive_options *o, const struct eh_token *word)
{
	char name[64], near[160] = "";

	eh_lint_word(name, word);
	for (size_t i = 0; i < o->n; i++)
		if (strcmp(o->option[i], name) == 0)
			return;
	eh_near_names(near, sizeof near, name, o->option, o->n);
	eh_lint_remark(out, true, word->line, "\"%s\" is no %s%s", name, o->name, near);
}

void eh_lint_option(struct eh_lint *out, const struct eh_chain *callee, size_t k, const struct eh_token *word)
{
	const struct eh_primitive *f = primitive_of(callee);
	size_t len = 0;
	const char *type = f != NULL ? parameter(f, k, &len) : NULL;
	const struct eh_primitive_options *o = type != NULL ? options_of(type, len) : NULL;

	if (o != NULL)
		check_option(out, o, word);
}

void eh_lint_listed(struct eh_lint *out, const char *type, const struct eh_token *field, const struct eh_token *word)
{
	const char *name = NULL, *found = NULL;

	for (size_t i = 0; (name = field_at(type, i, &found)) != NULL; i++) {
		const struct eh_primitive_options *o = options_of(found, strcspn(found, "["));

		if (o != NULL && eh_token_is(field, name))
			check_option(out, o, word);
	}
}

/* ---- verdicts ---- */

/* A table may have anything beside its verdict, so only what looks like a slip of the finger is remarked on. */
void eh_lint_verdict_key(struct eh_lint *out, const struct eh_token *key)
{
	char name[64], near[160] = "";

	eh_lint_word(name, key);
	for (size_t i = 0; i < N_OF(verdict); i++)
		if (strcmp(verdict[i], name) == 0)
			return;
	eh_near_names(near, sizeof near, name, verdict, N_OF(verdict));
	if (near[0] != '\0')
		eh_lint_remark(out, false, key->line, "unknown field %s beside a verdict%s", name, near);
}
