/* The finding object and the document around it: names of fields, null with a reason, the same bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange/exchange.h"

static struct eh_finding some_finding(const char *evaluator, const char *attribute, const char *group)
{
	struct eh_finding f;
	struct eh_num *numbers[] = { &f.rate,
				     &f.ref_rate,
				     &f.impact_ratio,
				     &f.interval.low,
				     &f.interval.high,
				     &f.z,
				     &f.p_z,
				     &f.p_fisher,
				     &f.p_mid,
				     &f.shortfall,
				     &f.mh_ratio,
				     &f.p_cmh,
				     &f.p_breslow_day,
				     &f.p_homogeneity,
				     &f.homogeneity_inflation,
				     &f.mh_interval.low,
				     &f.mh_interval.high,
				     &f.detectable,
				     &f.em_ratio,
				     &f.weighted_ratio,
				     &f.p_em,
				     &f.em_interval.low,
				     &f.em_interval.high,
				     &f.em_n,
				     &f.em_selected,
				     &f.ratio,
				     &f.ratio_interval.low,
				     &f.ratio_interval.high,
				     &f.p,
				     &f.q,
				     &f.q_holm,
				     &f.bench_rate,
				     &f.bench_ratio,
				     &f.deviation,
				     &f.peers_ratio,
				     &f.peers_z,
				     &f.peers_p,
				     &f.peers_q,
				     &f.peers_others,
				     &f.bench_interval.low,
				     &f.bench_interval.high,
				     &f.deviation_interval.low,
				     &f.deviation_interval.high,
				     &f.paired.p,
				     &f.paired.p_group,
				     &f.paired.ref_split };

	memset(&f, 0, sizeof f);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		*numbers[i] = eh_undefined(EH_U_NOT_COMPUTED);
	(void)snprintf(f.evaluator, sizeof f.evaluator, "%s", evaluator);
	(void)snprintf(f.attribute, sizeof f.attribute, "%s", attribute);
	(void)snprintf(f.group, sizeof f.group, "%s", group);
	strcpy(f.reference, "rest");
	f.n = 17;
	f.selected = 4;
	f.ref_n = 31;
	f.ref_selected = 17;
	f.persons = 17;
	f.ref_persons = 31;
	f.strata = 1;
	f.rate = eh_num(4.0 / 17.0);
	f.ref_rate = eh_num(17.0 / 31.0);
	f.impact_ratio = eh_num((4.0 / 17.0) / (17.0 / 31.0));
	f.interval = (struct eh_interval){ eh_num(0.165), eh_undefined(EH_U_UNBOUNDED) };
	strcpy(f.interval_method, "score");
	f.below_limit = EH_YES;
	f.ratio_below = EH_UNKNOWN;
	f.flips = EH_NO;
	f.limit_num = 4;
	f.limit_den = 5;
	f.unknown = 3;
	f.declared = 48;
	f.family_size = 7;
	f.family_rank = 3;
	f.bench_kind = EH_BENCH_STRATA;
	f.bench_strata = 2;
	f.bench_interval.low = eh_num(0.75);
	f.deviation_interval.low = eh_num(-0.5);
	f.paired.pairs = 9;
	f.paired.first = 1;
	f.paired.second = 4;
	f.paired.split = 2;
	f.peers_corrected = true;
	f.peers_evaluators = 5;
	f.peers_n = 50;
	f.verdict = EH_WATCH;
	f.builtin = EH_NOTIFY;
	strcpy(f.reason, "a \"reason\"");
	return f;
}

static void has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("%s not in %s", part, text);
}

static char *text_of(struct eh_json *j)
{
	char *text = eh_json_text(j);

	eh_json_free(&j);
	return text;
}

static void finding_has_every_field_of_the_contract(void **state)
{
	static const char *const names[] = { "evaluator",
					     "attribute",
					     "group",
					     "n",
					     "selected",
					     "rate",
					     "is_reference",
					     "impact_ratio",
					     "undefined",
					     "below_limit",
					     "interval",
					     "interval_method",
					     "z",
					     "p_z",
					     "p_fisher",
					     "p_mid",
					     "shortfall",
					     "flips",
					     "mh_ratio",
					     "p_cmh",
					     "p_breslow_day",
					     "p_homogeneity",
					     "homogeneity_test",
					     "benchmark",
					     "deviation_interval",
					     "deviation_method",
					     "paired",
					     "p_group",
					     "family_rank",
					     "corrected",
					     "q",
					     "detectable",
					     "provenance",
					     "verdict",
					     "reason",
					     "persons",
					     "ref_persons",
					     "reference",
					     "position",
					     "strata",
					     "below_two_percent",
					     "mh_interval",
					     "p",
					     "p_method",
					     "basis",
					     "ratio",
					     "ratio_interval",
					     "ratio_below",
					     "q_holm",
					     "peers",
					     "em",
					     "builtin",
					     "scope",
					     "posterior",
					     "cohen_h",
					     "phi",
					     "odds_ratio",
					     "odds_interval",
					     "shortfall_pooled",
					     "p_boschloo",
					     "uncertain_n",
					     "uncertain_selected",
					     "ratio_if_unknown_low",
					     "ratio_if_unknown_high",
					     "scores" };
	struct eh_finding f = some_finding("E1", "sex", "female");
	char *text = text_of(eh_json_finding(&f));

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char quoted[64];

		(void)snprintf(quoted, sizeof quoted, "\"%s\":", names[i]);
		has(text, quoted);
	}
	free(text);
}

static void values_are_written_as_the_contract_says(void **state)
{
	struct eh_finding f = some_finding("E1", "sex", "female");
	char *text = text_of(eh_json_finding(&f));

	(void)state;
	has(text, "\"rate\":0.23529411764705882,");
	has(text, "\"below_limit\":true,");
	has(text, "\"ratio_below\":null,");
	has(text, "\"flips\":false,");
	has(text, "\"family_size\":7,\"family_rank\":3,");
	has(text, "\"benchmark\":{\"evaluators\":null,\"same\":\"strata\",\"strata\":2,");
	has(text, "\"impact_ratio\":null,\"interval\":[0.75,null],\"deviation\":null,");
	has(text, "\"deviation_interval\":[-0.5,null],\"deviation_method\":\"MOVER (Zou & Donner 2008), independent");
	has(text, "\"interval\":[0.16500000000000001,null],");
	has(text, "\"position\":null,");
	has(text, "\"undefined\":null,");
	has(text, "\"scope\":null,");
	has(text, "\"verdict\":\"watch\",");
	has(text, "\"builtin\":\"notify\",");
	has(text, "\"reason\":\"a \\\"reason\\\"\",");
	has(text, "\"assumption\":null,");
	has(text, "\"provenance\":{\"declared\":48,\"imported\":0,\"predicted\":0,\"unknown\":3,\"refused\":0},");
	has(text, "\"scores\":null,");
	free(text);
	f.scores.n = 8;
	f.scores.scoring_rate = eh_num(0.25);
	f.scores.p_mann_whitney = eh_num(0.5);
	f.scores.cohen_d = eh_undefined(EH_U_ONE_PERSON);
	text = text_of(eh_json_finding(&f));
	has(text, "\"scores\":{\"n\":8,\"ref_n\":0,\"median\":null,\"scoring_rate\":0.25,");
	has(text, "\"rank_method\":\"Mann-Whitney, normal (ties, continuity)\",");
	has(text, "\"scores.cohen_d\":\"one_person\"");
	free(text);
}

static void counts_are_there_only_where_something_was_counted(void **state)
{
	struct eh_finding f = some_finding("E1", "sex", "female");
	char *text = NULL;

	(void)state;
	f.bench_kind = EH_BENCH_CANDIDATES;
	f.bench_evaluators = 3;
	f.paired.ref_split = eh_num(5.0);
	f.peers_others = eh_num(1.0);
	text = text_of(eh_json_finding(&f));
	has(text, "\"benchmark\":{\"evaluators\":3,\"same\":\"candidates\",\"strata\":2,\"n\":0,\"selected\":0,");
	has(text, "\"paired\":{\"pairs\":9,\"first\":1,\"second\":4,\"split\":2,\"ref_pairs\":0,\"ref_first\":0,"
		  "\"ref_second\":0,\"ref_split\":5,");
	has(text, "\"corrected\":true,\"evaluators\":5,\"impact_ratio\":1.0,\"n\":50,\"selected\":0,\"ref_n\":0,");
	free(text);
	/* stored before it was kept what the set is of, and who the others are */
	f.bench_kind = EH_BENCH_NONE;
	f.peers_ratio = eh_num(0.5);
	f.peers_others = eh_undefined(EH_U_NOT_COMPUTED);
	text = text_of(eh_json_finding(&f));
	has(text, "\"benchmark\":{\"evaluators\":3,\"same\":null,\"strata\":null,\"n\":0,");
	has(text, "\"peers\":{\"ratio\":0.5,\"corrected\":null,\"evaluators\":null,");
	has(text, "\"benchmark.strata\":\"not_computed\"");
	free(text);
}

static void undefined_numbers_are_null_with_a_reason(void **state)
{
	struct eh_finding f = some_finding("E1", "sex", "female");
	char *text = NULL;

	(void)state;
	f.impact_ratio = f.ratio = eh_undefined(EH_U_REFERENCE_NONE_SELECTED);
	f.below_limit = EH_UNKNOWN;
	f.z = eh_undefined(EH_U_NOBODY_SELECTED);
	f.flips = EH_UNKNOWN;
	text = text_of(eh_json_finding(&f));
	has(text, "\"impact_ratio\":null,\"undefined\":\"reference_none_selected\",\"below_limit\":null,");
	has(text, "\"z\":null,");
	has(text, "\"why\":{");
	has(text, "\"z\":\"nobody_selected\"");
	has(text, "\"benchmark\":{\"evaluators\":null,\"same\":\"strata\",\"strata\":2,\"n\":null,"
		  "\"selected\":null,\"rate\":null,");
	has(text, "\"paired\":{\"pairs\":null,\"first\":null,\"second\":null,\"split\":null,\"ref_pairs\":null,"
		  "\"ref_first\":null,\"ref_second\":null,\"ref_split\":null,\"p\":null,");
	has(text, "\"peers\":{\"ratio\":null,\"corrected\":null,\"evaluators\":null,\"impact_ratio\":null,\"n\":null,"
		  "\"selected\":null,\"ref_n\":null,\"ref_selected\":null,\"z\":null,");
	has(text, "\"benchmark.evaluators\":\"not_computed\"");
	has(text, "\"paired.ref_split\":\"not_computed\"");
	has(text, "\"peers.corrected\":\"not_computed\"");
	has(text, "\"peers.ref_selected\":\"not_computed\"");
	has(text, "\"benchmark.rate\":\"not_computed\"");
	has(text, "\"benchmark.deviation_interval.high\":\"not_computed\"");
	has(text, "\"benchmark.interval.high\":\"not_computed\"");
	has(text, "\"paired.p_group\":\"not_computed\"");
	has(text, "\"peers.impact_ratio\":\"not_computed\"");
	has(text, "\"interval.high\":\"unbounded\"");
	has(text, "\"flips\":\"reference_none_selected\"");
	free(text);
	f.impact_ratio = f.ratio = eh_num(1.2);
	text = text_of(eh_json_finding(&f));
	has(text, "\"flips\":\"swap_impossible\"");
	free(text);
	/* the plain ratio is there, and is not what is judged */
	f.ratio = eh_undefined(EH_U_NO_COMMON_STRATUM);
	text = text_of(eh_json_finding(&f));
	has(text, "\"flips\":\"no_common_stratum\"");
	free(text);
}

static void document_groups_findings(void **state)
{
	struct eh_finding v[6];
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	char *text = NULL, *again = NULL;

	(void)state;
	v[0] = some_finding("", "race", "A");
	v[0].family_size = 99; /* the pooled findings are a family of their own */
	v[1] = some_finding("", "sex", "female");
	v[2] = some_finding("", "sex", "female");
	strcpy(v[2].position, "clerk");
	v[3] = some_finding("E1", "sex", "female");
	v[4] = some_finding("E1", "sex", "male");
	v[5] = some_finding("E2", "sex", "female");
	text = text_of(eh_json_findings("evenhand.rates/1", "t.csv", 48, &s, v, 6));
	again = text_of(eh_json_findings("evenhand.rates/1", "t.csv", 48, &s, v, 6));
	assert_string_equal(text, again);
	assert_int_equal(strncmp(text,
				 "{\"schema\":\"evenhand.rates/1\",\"source\":\"t.csv\",\"rows\":48,\"limit\":[4,5],"
				 "\"reference\":\"rest\",\"family\":{\"method\":\"bh\",\"size\":7},",
				 118),
			 0);
	has(text, "\"attributes\":[{\"attribute\":\"race\",\"unknown\":3,\"pooled\":{\"groups\":[{");
	has(text, "\"positions\":[],\"evaluators\":[]},{\"attribute\":\"sex\",\"unknown\":3,");
	has(text, "\"positions\":[{\"position\":\"clerk\",\"groups\":[{");
	has(text, "\"evaluators\":[{\"evaluator\":\"E1\",\"groups\":[{");
	has(text, "{\"evaluator\":\"E2\",\"groups\":[{");
	free(text);
	free(again);
	s.reference = EH_REF_FIXED;
	strcpy(s.fixed_reference, "male");
	text = text_of(eh_json_findings("evenhand.audit/1", NULL, 0, &s, v, 0));
	has(text, "\"source\":null,\"rows\":0,\"limit\":[4,5],\"reference\":\"male\"");
	has(text, "\"attributes\":[]}");
	free(text);
}

/* The document of `rates` made by so many threads; caller frees. */
static char *rates_text(const struct eh_finding *v, size_t n, uint32_t threads)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_import_report *report = calloc(1, sizeof *report);
	struct eh_err err = EH_ERR_INIT;
	FILE *fp = tmpfile();
	char *text = NULL;
	long size = 0;

	assert_non_null(fp);
	s.threads = threads;
	assert_int_equal(eh_json_rates(fp, "t.csv", report, &s, v, n, NULL, &err), EH_OK);
	size = ftell(fp);
	rewind(fp);
	text = calloc((size_t)size + 1, 1);
	assert_int_equal(fread(text, 1, (size_t)size, fp), size);
	(void)fclose(fp);
	free(report);
	return text;
}

static size_t times(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)) != NULL; text += strlen(what))
		n++;
	return n;
}

#define MANY 900

/* Three attributes, of which the last has no pooled finding: pooled, positions, evaluators with 1 to 7 groups each. */
static size_t many_findings(struct eh_finding *v)
{
	static const char *const attributes[] = { "age_40", "race", "sex" };
	size_t n = 0;

	for (size_t a = 0; a < 3; a++)
		for (size_t i = 0; i < MANY / 3; i++, n++) {
			const size_t unit = (i - 10) / (1 + a * 3);

			v[n] = some_finding("", attributes[a], i % 2 == 0 ? "one" : "two");
			if (i >= 20)
				(void)snprintf(v[n].evaluator, sizeof v[n].evaluator, "E%03zu", unit);
			else if (i >= 10 || a == 2)
				(void)snprintf(v[n].position, sizeof v[n].position, "P%zu", i / 3);
			v[n].rate = eh_num((double)n / 977.0);
			v[n].z = n % 3 == 0 ? eh_undefined(EH_U_ZERO_VARIANCE) : eh_num(-(double)n);
		}
	return n;
}

/* The bytes are the same whoever makes the pieces, at every number of findings around the ends of pieces. */
static void threads_write_the_same_bytes(void **state)
{
	static const size_t counts[] = { 0, 1, 63, 64, 65, 128, 129, 300, 301, 320, 600, MANY };
	struct eh_finding *v = calloc(MANY, sizeof *v);

	(void)state;
	assert_int_equal(many_findings(v), MANY);
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		char *alone = rates_text(v, counts[i], 1);
		struct eh_json *tree = eh_json_parse(alone, strlen(alone));

		assert_non_null(tree);
		eh_json_free(&tree);
		assert_int_equal(times(alone, "\"is_reference\": "), counts[i]);
		assert_int_equal(times(alone, "\"pooled\": {"), (counts[i] + 299) / 300);
		assert_int_equal(times(alone, "\"evaluators\": ["), (counts[i] + 299) / 300);
		for (uint32_t threads = 2; threads <= 5; threads++) {
			char *text = rates_text(v, counts[i], threads);

			assert_string_equal(text, alone);
			free(text);
		}
		free(alone);
	}
	free(v);
}

/* Read back and written by the other writer (json.h) it is the same document. */
static void the_stream_is_the_tree(void **state)
{
	struct eh_finding *v = calloc(MANY, sizeof *v);
	struct eh_err err = EH_ERR_INIT;
	FILE *fp = tmpfile();
	char *text = NULL, *again = NULL;
	struct eh_json *tree = NULL;

	(void)state;
	assert_non_null(fp);
	text = rates_text(v, many_findings(v), 2);
	tree = eh_json_parse(text, strlen(text));
	assert_int_equal(eh_json_write(tree, fp, &err), EH_OK);
	assert_int_equal(ftell(fp), strlen(text));
	again = calloc(strlen(text) + 1, 1);
	rewind(fp);
	assert_int_equal(fread(again, 1, strlen(text), fp), strlen(text));
	assert_string_equal(again, text);
	(void)fclose(fp);
	free(again);
	free(text);
	free(v);
	eh_json_free(&tree);
}

static void a_full_disk_is_told(void **state)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_import_report *report = calloc(1, sizeof *report);
	struct eh_finding *v = calloc(MANY, sizeof *v);
	struct eh_err err = EH_ERR_INIT;
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	if (full == NULL)
		skip();
	for (s.threads = 1; s.threads <= 2; s.threads++)
		assert_int_equal(eh_json_rates(full, "t.csv", report, &s, v, many_findings(v), NULL, &err), EH_EIO);
	(void)fclose(full);
	free(report);
	free(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_write_the_same_bytes),
		cmocka_unit_test(the_stream_is_the_tree),
		cmocka_unit_test(a_full_disk_is_told),
		cmocka_unit_test(finding_has_every_field_of_the_contract),
		cmocka_unit_test(values_are_written_as_the_contract_says),
		cmocka_unit_test(counts_are_there_only_where_something_was_counted),
		cmocka_unit_test(undefined_numbers_are_null_with_a_reason),
		cmocka_unit_test(document_groups_findings),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
