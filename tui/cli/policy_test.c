/* evenhand policy test: a policy's spec in the sandbox. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/entries.h"
#include "cli/policy.h"

static const char spec_end[] = "_spec.lua";

/* Where the spec of a policy is looked for, from the policy's directory on. */
static const char *const places[] = { "", "tests/", "../tests/", "../tests/lua/", "../tests/lua/shipped/" };

static bool is_spec(const char *path)
{
	size_t len = strlen(path), end = sizeof spec_end - 1;

	return len > end && strcmp(path + len - end, spec_end) == 0;
}

/* Length of the directory in path, with its slash. */
static int directory(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? (int)(slash - path) + 1 : 0;
}

static int find_spec(struct cli *c, char *out, size_t size, const char *policy)
{
	int dir = directory(policy);
	const char *base = policy + dir;
	size_t len = strlen(base);

	len = len > 4 && strcmp(base + len - 4, ".lua") == 0 ? len - 4 : len;
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		int n = snprintf(out, size, "%.*s%s%.*s%s", dir, policy, places[i], (int)len, base, spec_end);

		if (n > 0 && (size_t)n < size && access(out, R_OK) == 0)
			return EH_OK;
	}
	return eh_err_set(&c->err, EH_ENOENT,
			  "there is no %.*s%s beside %s nor in tests/ there; name it: evenhand policy "
			  "test %s SPEC",
			  (int)len, base, spec_end, policy, c->argv[0]);
}

/* The policy of a spec that was named alone: beside it, or named so. */
static int find_policy_of(struct cli *c, char *out, size_t size, const char *spec)
{
	size_t len = strlen(spec) - (sizeof spec_end - 1);
	char project[1024], name[EH_NAME_MAX + 1];
	int dir = directory(spec);

	if (snprintf(out, size, "%.*s.lua", (int)len, spec) < (int)size && access(out, R_OK) == 0)
		return EH_OK;
	(void)snprintf(name, sizeof name, "%.*s", (int)len - dir, spec + dir);
	return eh_policy_find(out, size, policy_project(c, project, sizeof project), name, &c->err);
}

static int find_both(struct cli *c, char *policy, char *spec, size_t size)
{
	int rc = EH_OK;

	if (c->argc == 1 && is_spec(c->argv[0])) {
		rc = eh_text_copy(spec, size, c->argv[0], "the spec's path", &c->err);
		return rc == EH_OK ? find_policy_of(c, policy, size, spec) : rc;
	}
	rc = policy_find(c, policy, size);
	if (rc != EH_OK)
		return rc;
	return c->argc > 1 ? eh_text_copy(spec, size, c->argv[1], "the spec's path", &c->err)
			   : find_spec(c, spec, size, policy);
}

/* ---- what it prints ---- */

static const char *const outcomes[EH_SPEC_OUTCOMES] = { "passed", "failed", "error", "pending" };

static size_t count(const struct eh_spec_result *r, enum eh_spec_outcome outcome)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += r->v[i].outcome == (int32_t)outcome;
	return n;
}

static void put_tap(const struct eh_spec_result *r)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct eh_spec_case *v = &r->v[i];
		bool good = v->outcome == EH_SPEC_PASSED || v->outcome == EH_SPEC_PENDING;

		/* TAP reads # as the begin of a directive */
		printf("%sok %zu - ", good ? "" : "not ", i + 1);
		for (const char *s = v->name; *s != '\0'; s++)
			putchar(*s == '#' ? '.' : *s);
		puts(v->outcome == EH_SPEC_PENDING ? " # SKIP not written yet" : "");
		if (v->message[0] != '\0')
			printf("# %s\n", v->message);
	}
	printf("1..%zu\n", r->n);
}

static void put_dots(const struct eh_spec_result *r)
{
	for (size_t i = 0; i < r->n; i++) {
		putchar(".-E*"[r->v[i].outcome]);
		if (i % 70 == 69)
			putchar('\n');
	}
	putchar('\n');
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].message[0] != '\0')
			printf("%s: %s\n  %s\n", outcomes[r->v[i].outcome], r->v[i].name, r->v[i].message);
}

static struct eh_json *document(const struct eh_policy_info *info, const char *spec, const struct eh_spec_result *r,
				const char *trouble)
{
	struct eh_json *doc = eh_json_object(), *cases = eh_json_array();

	eh_json_str(doc, "schema", "evenhand.policy_test/1");
	eh_json_str(doc, "policy", info->name);
	eh_json_str(doc, "hash", info->hash);
	eh_json_str(doc, "spec", spec);
	for (size_t i = 0; i < r->n; i++) {
		struct eh_json *j = eh_json_object();

		eh_json_str(j, "name", r->v[i].name);
		eh_json_str(j, "outcome", outcomes[r->v[i].outcome]);
		eh_json_str(j, "message", r->v[i].message);
		eh_json_push(cases, j);
	}
	eh_json_set(doc, "cases", cases);
	eh_json_str(doc, "error", trouble);
	eh_json_int(doc, "instructions", (int64_t)r->use.instructions);
	eh_json_int(doc, "memory", (int64_t)r->use.memory);
	return doc;
}

static int show(struct cli *c, const struct eh_policy_info *info, const char *spec, const struct eh_spec_result *r,
		int rc)
{
	const size_t bad = count(r, EH_SPEC_FAILED) + count(r, EH_SPEC_ERROR);
	int status = 0;

	if (c->format == CLI_JSON) {
		struct eh_json *doc = document(info, spec, r, rc == EH_OK ? NULL : c->err.msg);

		status = cli_put_json(c, &doc);
	} else if (isatty(STDOUT_FILENO) != 0) {
		put_dots(r);
	} else {
		put_tap(r);
	}
	if (rc != EH_OK)
		return cli_fail(c);
	if (r->n == 0)
		return cli_error(c, EH_EPOLICY, "%s has no case: write it(\"...\", function() ... end)", spec);
	cli_say(c, "%zu passed, %zu failed, %zu errors, %zu pending; less than %llu thousand instructions, %.3f s",
		count(r, EH_SPEC_PASSED), count(r, EH_SPEC_FAILED), count(r, EH_SPEC_ERROR), count(r, EH_SPEC_PENDING),
		(unsigned long long)r->use.instructions / 1000 + 1, r->use.seconds);
	return status != 0 ? status : bad > 0;
}

static int run_test(struct cli *c)
{
	char policy[1024] = "", spec[1024] = "";
	struct eh_spec_result r = { .v = NULL };
	struct eh_policy *p = NULL;
	int rc = find_both(c, policy, spec, sizeof policy), status = 0;

	if (c->engine->author == NULL)
		return cli_error(c, EH_EENV, "this program has no policy engine");
	if (rc == EH_OK)
		rc = c->engine->load(&p, policy, &c->err);
	if (rc != EH_OK)
		return cli_fail(c);
	rc = c->engine->author->spec(&r, p, spec, &c->err);
	status = r.n > 0 || rc == EH_OK ? show(c, c->engine->info(p), spec, &r, rc) : cli_fail(c);
	c->engine->free(&p);
	free(r.v);
	return status;
}

const struct cli_entry cli_policy_test = {
	.name = "policy test",
	.usage = "NAME|FILE [SPEC]",
	.summary = "Runs a policy's spec in the sandbox",
	.help = "Example: evenhand policy test my_policy\n\n"
		"The spec is NAME_spec.lua beside the policy or in tests/ there, or the file named.  It is written "
		"with "
		"describe, it and assert as for busted; facts.evaluator(\"E1\"):group(\"female\", 40, 12) makes up "
		"decisions, and run(policy) has the program itself audit them and asks the policy.  It runs in the "
		"same "
		"locked worker and with the same budgets as a policy.  Prints TAP, dots on a terminal; exit status 1 "
		"when a case fails.  evenhand-policy(5) has examples.",
	.min_args = 1,
	.max_args = 2,
	.output = CLI_DOCUMENT,
	.run = run_test,
};
