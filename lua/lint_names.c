/* Names that must exist: globals, functions of the libraries, verdict words; see lint_model.h. */
#include <stdio.h>
#include <string.h>

#include "lua/facts.h"
#include "lua/lint_model.h"
#include "lua/names.h"

#define VERDICTS_MAX 8

void eh_lint_word(char out[64], const struct eh_token *t)
{
	(void)snprintf(out, 64, "%.*s", t->len < 63 ? (int)t->len : 63, t->s);
}

/* What is in Lua and not in a policy has its reason said. */
static const char *reason_of(const char *name)
{
	static const char *const absent[][2] = {
		{ "io", ": a policy reads and writes no files" },
		{ "os", ": a policy has no clock and no system" },
		{ "print", ": say it in the reason; `evenhand policy repl` prints" },
		{ "require", ": a policy is one file; evenhand.library has what the program ships" },
		{ "dofile", ": a policy is one file" },
		{ "load", ": a policy runs no text" },
		{ "loadfile", ": a policy is one file" },
		{ "xpcall", ": use pcall" },
		{ "coroutine", ": a policy has no coroutines" },
		{ "debug", ": a policy sees no stack" },
		{ "package", ": a policy is one file" },
		{ "collectgarbage", ": memory is the program's business" },
	};

	for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
		if (strcmp(absent[i][0], name) == 0)
			return absent[i][1];
	return "";
}

/* evenhand.project.data.vectors */
static void look_at_project(struct eh_lint *out, const struct eh_chain *c)
{
	const char *type = "Project";

	for (size_t i = 1; i < c->n && type != NULL && c->field[i].kind == EH_TOKEN_NAME; i++) {
		eh_lint_field_of(out, type, &c->field[i], false);
		type = eh_lint_field_type(type, &c->field[i]);
	}
}

void eh_lint_global(struct eh_lint *out, const struct eh_chain *c)
{
	char name[64], field[64], near[160] = "";

	eh_lint_word(name, &c->global);
	if (strcmp(name, "_ENV") == 0)
		return;
	if (!eh_script_known(name, NULL)) {
		if (reason_of(name)[0] == '\0')
			eh_script_near(near, sizeof near, name, NULL);
		eh_lint_remark(out, true, c->global.line, "unknown global %s%s%s", name, reason_of(name), near);
		return;
	}
	if (c->n == 0 || c->field[0].kind != EH_TOKEN_NAME)
		return;
	eh_lint_word(field, &c->field[0]);
	if (eh_script_known(name, field)) {
		if (strcmp(name, "evenhand") == 0 && strcmp(field, "project") == 0)
			look_at_project(out, c);
		return;
	}
	eh_script_near(near, sizeof near, name, field);
	eh_lint_remark(out, true, c->field[0].line, "%s has no %s%s", name, field, near);
}

void eh_lint_library(struct eh_lint *out, const struct eh_token *argument, uint32_t line)
{
	char name[64], near[160] = "";

	if (argument->kind != EH_TOKEN_STRING) {
		eh_lint_remark(out, true, line, "evenhand.library takes a name that is written out, "
			       "evenhand.library(\"stages\"): the policy's hash covers what it names");
		return;
	}
	eh_lint_word(name, argument);
	if (eh_script_library_known(name, NULL))
		return;
	eh_script_library_near(near, sizeof near, name, NULL);
	eh_lint_remark(out, true, line, "there is no library \"%s\"%s", name, near);
}

void eh_lint_library_field(struct eh_lint *out, const struct eh_token *library, const struct eh_token *field)
{
	char name[64], word[64], near[160] = "";

	eh_lint_word(name, library);
	eh_lint_word(word, field);
	if (!eh_script_library_known(name, NULL) || eh_script_library_known(name, word))
		return;
	eh_script_library_near(near, sizeof near, name, word);
	eh_lint_remark(out, true, field->line, "library %s has no %s%s", name, word, near);
}

void eh_lint_verdict(struct eh_lint *out, const struct eh_token *name, const struct eh_token *value)
{
	const char *words[VERDICTS_MAX];
	char word[64], near[160] = "";
	size_t n = 0;

	if (!eh_token_is(name, "verdict") || value->kind != EH_TOKEN_STRING)
		return;
	eh_lint_word(word, value);
	for (; n < VERDICTS_MAX && eh_script_verdict(n) != NULL; n++) {
		words[n] = eh_script_verdict(n)->name;
		if (strcmp(words[n], word) == 0)
			return;
	}
	eh_near_names(near, sizeof near, word, words, n);
	eh_lint_remark(out, true, value->line, "unknown verdict \"%s\"%s", word,
		       near[0] != '\0' ? near : ": ok, watch, notify, too_few, not_allowed or cannot_conclude");
}

void eh_lint_returned(struct eh_lint *out, const struct eh_token *value)
{
	const char *words[VERDICTS_MAX];
	char word[64], near[160] = "";
	size_t n = 0;

	eh_lint_word(word, value);
	for (; n < VERDICTS_MAX && eh_script_verdict(n) != NULL; n++) {
		words[n] = eh_script_verdict(n)->name;
		if (strcmp(words[n], word) == 0)
			return;
	}
	eh_near_names(near, sizeof near, word, words, n);
	if (near[0] != '\0')
		eh_lint_remark(out, false, value->line, "\"%s\" is no verdict%s", word, near);
}
