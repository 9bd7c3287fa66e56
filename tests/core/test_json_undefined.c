/*
 * What an audit leaves undefined says why in a word that a reader can follow: of the reference that it is the
 * reference, of everybody together that there is nobody beside them; nothing says only that it was not computed.
 * Counts of what was not compared are null, and never 0.
 */
#include "tests/core/audit_build.h"

#include "base/json.h"
#include "exchange/exchange.h"

static const char *const groups[] = { "a", "b", "c", "tiny" };

/* Four groups in two strata, one too small to be compared; every candidate is judged by two of the evaluators, but
 * those of LONE, in a position where nobody else judges, and without anybody of group c. */
static void make(struct eh_audit_data *d)
{
	struct build b = BUILD_INIT;

	for (unsigned i = 0; i < 300; i++) {
		const char *stratum = i % 2 == 0 ? "first" : "second";
		char name[16], judge[8];

		(void)snprintf(name, sizeof name, "c%03u", i);
		build_person(&b, name, i < 150 ? "clerk" : "cook", i == 7 ? 3 : (int)(i % 3));
		for (unsigned k = 0; k < 2; k++) {
			(void)snprintf(judge, sizeof judge, "E%u", (i + k * (1 + i % 2)) % 5);
			build_row(&b, judge, name, stratum, (i * 7 + k * 3) % 10 < (i % 3 == 0 ? 3u : 6u));
		}
	}
	for (unsigned i = 0; i < 20; i++) {
		char name[16];

		(void)snprintf(name, sizeof name, "l%02u", i);
		build_person(&b, name, "pilot", (int)(i % 2));
		build_row(&b, "LONE", name, "alone", i % 4 < 2);
	}
	build_finish(d, &b, groups, 4);
}

static char *text_of(const struct eh_finding *f)
{
	struct eh_json *j = eh_json_finding(f);
	char *text = eh_json_text(j);

	eh_json_free(&j);
	return text;
}

/* The part of the text from `from` to the first `to` behind it, copied. */
static void part(char *out, size_t size, const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from), *end = at != NULL ? strstr(at, to) : NULL;

	if (end == NULL || (size_t)(end - at) >= size)
		fail_msg("no %s in %.200s", from, text);
	(void)snprintf(out, size, "%.*s", (int)(end - at), at);
}

/* Reasons of the benchmark, the pairs and the others, all `why`: [evaluators] and the reason of each count. */
static void nothing_beside(const char *text, const char *why)
{
	static const char *const counts[] = { "benchmark.evaluators", "benchmark.n",	  "benchmark.rate",
					      "paired.pairs",	      "paired.ref_split", "paired.p",
					      "peers.corrected",      "peers.ref_n",	  "peers.z" };
	char wanted[80], object[600];

	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		(void)snprintf(wanted, sizeof wanted, "\"%s\":\"%s\"", counts[i], why);
		if (strstr(text, wanted) == NULL)
			fail_msg("no %s in %s", wanted, strstr(text, "\"why\""));
	}
	part(object, sizeof object, text, "\"benchmark\":{", "}");
	assert_null(strpbrk(object, "0123456789"));
	part(object, sizeof object, text, "\"paired\":{", "}");
	assert_null(strpbrk(object, "0123456789"));
	part(object, sizeof object, text, "\"peers\":{", "}");
	assert_null(strpbrk(object, "0123456789"));
}

struct seen {
	unsigned reference, pooled, small, alone;
};

static void look_at(const struct eh_finding *f, struct seen *seen)
{
	char *text = text_of(f);
	const char *reasons = strstr(text, "\"why\":{");

	assert_non_null(reasons);
	if (strstr(reasons, "\"not_computed\"") != NULL || strstr(reasons, ":\"\"") != NULL)
		fail_msg("%s %s %s: %s", f->evaluator, f->position, f->group, reasons);
	if (f->is_reference) {
		nothing_beside(text, "is_reference");
		assert_non_null(strstr(text, "\"em.ratio\":\"is_reference\""));
		seen->reference++;
	} else if (f->below_two_percent) {
		nothing_beside(text, "below_two_percent");
		seen->small++;
	} else if (f->evaluator[0] == '\0') {
		nothing_beside(text, "pooled");
		assert_non_null(strstr(text, "\"em.ratio\":\"nobody_predicted\""));
		seen->pooled++;
	} else if (!f->peers_ratio.defined && f->bench_evaluators == 0) {
		seen->alone++;
	}
	free(text);
}

static void every_reason_can_be_followed(void **state)
{
	static const enum eh_reference_rule rules[] = { EH_REF_REST, EH_REF_HIGHEST, EH_REF_MAJORITY, EH_REF_FIXED };
	struct eh_audit_data d;

	(void)state;
	make(&d);
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
		struct seen seen = { 0, 0, 0, 0 };
		struct eh_findings f;

		s.reference = rules[i];
		if (rules[i] == EH_REF_FIXED)
			strcpy(s.fixed_reference, "c");
		run_audit(&f, &d, &s);
		for (size_t k = 0; k < f.n; k++)
			look_at(&f.v[k], &seen);
		assert_true(seen.pooled > 0 && seen.small > 0 && seen.alone > 0);
		assert_true((seen.reference > 0) == (rules[i] != EH_REF_REST));
		eh_findings_free(&f);
	}
	eh_audit_data_free(&d);
}

/* What is repeated, not asked for, and too few to be looked at has its own word. */
static void what_was_left_out_says_for_what(void **state)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data d;
	struct eh_findings f;
	const struct eh_finding *x;

	(void)state;
	make(&d);
	run_audit(&f, &d, &s);
	x = find_finding(&f, "", "", "a");
	assert_true(x->z.why == EH_U_REPEATED && x->posterior.why == EH_U_REPEATED);
	assert_int_equal(x->p_boschloo.why, EH_U_NOT_ASKED);
	x = find_finding(&f, "LONE", "", "c");
	assert_int_equal(x->impact_ratio.why, EH_U_EMPTY_GROUP);
	assert_int_equal(x->peers_ratio.why, EH_U_EMPTY_GROUP);
	eh_findings_free(&f);
	s.boschloo = true;
	run_audit(&f, &d, &s);
	assert_int_equal(find_finding(&f, "", "", "a")->p_boschloo.why, EH_U_REPEATED);
	eh_findings_free(&f);
	eh_audit_data_free(&d);
}

/* Each reason is told in words too: explain and the manual have no bare name among them. */
static void every_reason_has_words(void **state)
{
	(void)state;
	for (unsigned why = EH_U_NONE + 1; why < EH_U_COUNT; why++) {
		const char *words = eh_undef_words((enum eh_undef)why);

		if (strcmp(words, eh_undef_text((enum eh_undef)why)) == 0 || strchr(words, ' ') == NULL)
			fail_msg("no words for %s", words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_can_be_followed),
		cmocka_unit_test(what_was_left_out_says_for_what),
		cmocka_unit_test(every_reason_has_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
