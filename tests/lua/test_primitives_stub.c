/* One table of functions (lua/primitives.c): sandbox, stub, luacheck settings and manual say the same. */
#include "policy_fixture.h"

#include <libgen.h>

#include "lua/primitives.h"

#define TEXT_MAX (256u * 1024u)

static char *slurp(const char *name)
{
	char path[4200] = "", helper[4096] = "";
	char *text = calloc(1, TEXT_MAX);
	FILE *in = NULL;

	assert_non_null(text);
	assert_int_equal(eh_data_path(helper, sizeof helper, EH_DATA_POLICY, "evenhand.lua", NULL), 0);
	(void)snprintf(path, sizeof path, "%s/%s", dirname(dirname(helper)), name);
	in = fopen(path, "rb");
	if (in == NULL)
		fail_msg("%s cannot be opened", path);
	assert_true(fread(text, 1, TEXT_MAX - 1, in) > 0);
	fclose(in);
	return text;
}

/* End of a type that begins at s: the ',' or ')' outside of brackets, or the end. */
static const char *end_of_type(const char *s)
{
	int depth = 0;

	for (; *s != '\0' && (depth > 0 || (*s != ',' && *s != ')')); s++)
		depth += (*s == '(' || *s == '<') - (*s == ')' || *s == '>');
	return s;
}

/* "---@param", "---@return" and the function line that the signature makes; args gets the names. */
static void expected_block(char *out, size_t size, char *args, size_t args_size, const struct eh_primitive *p)
{
	const char *s = p->signature + 1;
	size_t used = (size_t)snprintf(out, size, "--- %s\n", p->doc), n = 0;

	args[0] = '\0';
	while (*s != ')') {
		const char *colon = strchr(s, ':'), *end = NULL;
		int len = 0;

		assert_non_null(colon);
		end = end_of_type(colon + 2);
		len = (int)(colon - s);
		used += (size_t)snprintf(out + used, size - used, "---@param %.*s %.*s\n", len, s,
					 (int)(end - colon - 2), colon + 2);
		n += (size_t)snprintf(args + n, args_size - n, "%s%.*s", n > 0 ? ", " : "",
				      s[len - 1] == '?' ? len - 1 : len, s);
		s = *end == ',' ? end + 2 : end;
	}
	for (s += 3; *s != '\0';) {
		const char *end = end_of_type(s);

		used += (size_t)snprintf(out + used, size - used, "---@return %.*s\n", (int)(end - s), s);
		s = *end == ',' ? end + 2 : end;
	}
	(void)snprintf(out + used, size - used, "function evenhand.%s(%s) end\n", p->name, args);
}

static void the_stub_has_every_function_as_it_is(void **state)
{
	char *stub = slurp("scripts/meta/evenhand.d.lua");

	(void)state;
	for (size_t i = 0; eh_primitive(i) != NULL; i++) {
		char block[2048] = "", args[256] = "";

		expected_block(block, sizeof block, args, sizeof args, eh_primitive(i));
		if (strstr(stub, block) == NULL)
			fail_msg("the stub lacks:\n%s", block);
		assert_true(i == 0 || strcmp(eh_primitive(i - 1)->name, eh_primitive(i)->name) < 0);
	}
	free(stub);
}

static void the_stub_has_every_class_and_word(void **state)
{
	char *stub = slurp("scripts/meta/evenhand.d.lua");
	char block[4096] = "";

	(void)state;
	for (size_t i = 0; eh_primitive_class(i) != NULL; i++) {
		const struct eh_primitive_class *c = eh_primitive_class(i);
		size_t used = (size_t)snprintf(block, sizeof block, "--- %s\n---@class evenhand.%s\n", c->doc, c->name);

		for (size_t k = 0; k < c->n; k++)
			used += (size_t)snprintf(block + used, sizeof block - used, "---@field %s %s%s%s\n",
						 c->field[k].name, c->field[k].type,
						 c->field[k].doc[0] != '\0' ? " " : "", c->field[k].doc);
		(void)snprintf(block + used, sizeof block - used, "\n");
		if (strstr(stub, block) == NULL)
			fail_msg("the stub lacks:\n%s", block);
	}
	for (size_t i = 0; eh_primitive_options(i) != NULL; i++) {
		const struct eh_primitive_options *o = eh_primitive_options(i);
		size_t used = (size_t)snprintf(block, sizeof block, "---@alias evenhand.%s", o->name);

		for (size_t k = 0; k < o->n; k++)
			used += (size_t)snprintf(block + used, sizeof block - used, "%s\"%s\"", k > 0 ? "|" : " ",
						 o->option[k]);
		(void)snprintf(block + used, sizeof block - used, "\n");
		if (strstr(stub, block) == NULL)
			fail_msg("the stub lacks: %s", block);
	}
	free(stub);
}

/* Names in signatures are classes or words that there are. */
static void every_type_in_a_signature_exists(void **state)
{
	char *stub = slurp("scripts/meta/evenhand.d.lua");

	(void)state;
	for (size_t i = 0; eh_primitive(i) != NULL; i++)
		for (const char *at = eh_primitive(i)->signature; (at = strstr(at, "evenhand.")) != NULL; at++) {
			char type[64] = "", class_line[96] = "", alias[96] = "";

			assert_int_equal(sscanf(at, "evenhand.%63[A-Za-z]", type), 1);
			(void)snprintf(class_line, sizeof class_line, "---@class evenhand.%s\n", type);
			(void)snprintf(alias, sizeof alias, "---@alias evenhand.%s ", type);
			if (strstr(stub, class_line) == NULL && strstr(stub, alias) == NULL)
				fail_msg("%s: evenhand.%s is not in the stub", eh_primitive(i)->name, type);
		}
	free(stub);
}

static void manual_and_luacheck_know_every_function(void **state)
{
	char *man = slurp("man/evenhand-policy.5"), *rc = slurp(".luacheckrc");

	(void)state;
	for (size_t i = 0; eh_primitive(i) != NULL; i++) {
		char row[64] = "", quoted[64] = "";

		(void)snprintf(row, sizeof row, "\n%s(", eh_primitive(i)->name);
		(void)snprintf(quoted, sizeof quoted, "\"%s\"", eh_primitive(i)->name);
		if (strstr(man, row) == NULL)
			fail_msg("the manual lacks %s", eh_primitive(i)->name);
		if (strstr(rc, quoted) == NULL)
			fail_msg(".luacheckrc lacks %s", quoted);
	}
	for (size_t i = 0; eh_primitive_options(i) != NULL; i++)
		for (size_t k = 0; k < eh_primitive_options(i)->n; k++) {
			char quoted[64] = "";

			(void)snprintf(quoted, sizeof quoted, "\"%s\"", eh_primitive_options(i)->option[k]);
			if (strstr(man, quoted) == NULL)
				fail_msg("the manual lacks %s", quoted);
		}
	free(man);
	free(rc);
}

/* In the sandbox; and no function of the helper library has the same name. */
static void the_sandbox_has_every_function(void **state)
{
	char *helper = slurp("scripts/evenhand.lua");
	char text[4096] = WRAP_HEAD "check = function()\n";
	struct eh_audit_settings settings = EH_AUDIT_SETTINGS_INIT;
	struct eh_finding f = make_finding();
	struct eh_policy *p = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_verdict v;

	(void)state;
	for (size_t i = 0; eh_primitive(i) != NULL; i++) {
		char line[96] = "";

		(void)snprintf(line, sizeof line, "\nfunction evenhand.%s(", eh_primitive(i)->name);
		assert_null(strstr(helper, line));
		(void)snprintf(line, sizeof line, "assert(type(evenhand.%s) == 'function')\n", eh_primitive(i)->name);
		strcat(text, line);
	}
	strcat(text, "return 'ok' end }");
	assert_int_equal(policy_from(&p, text, &err), 0);
	assert_int_equal(eh_lua_engine()->check(p, &f, 1, &settings, &v, NULL, &err), 0);
	assert_int_equal(v.kind, EH_OK_VERDICT);
	eh_lua_engine()->free(&p);
	free(helper);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_stub_has_every_function_as_it_is),
		cmocka_unit_test(the_stub_has_every_class_and_word),
		cmocka_unit_test(every_type_in_a_signature_exists),
		cmocka_unit_test(manual_and_luacheck_know_every_function),
		cmocka_unit_test(the_sandbox_has_every_function),
	};

	return cmocka_run_group_tests_name("stub of the functions in C", tests, NULL, NULL);
}
