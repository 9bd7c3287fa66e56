/* One finding in words: width, the numbers put in, what would have changed it, careful words. */
#include "explain_finding.h"

static void numbers_stand_in_the_formula(void **state)
{
	struct eh_finding f = some_finding(4, 17, 17, 31); /* statistics.md 5, main vector */
	char *text = folded(&f);

	(void)state;
	has(text, "evaluator E01, sex: female against the rest");
	has(text, "notify, individual");
	has(text, "(4/17) / (17/31) = 0.429");
	has(text, "5 x 4 x 31 = 620, 4 x 17 x 17 = 1156; the first is less, so the plain ratio is below the limit");
	has(text, "swap of one person would not turn the order round");
	has(text, "0.165 to 0.962, score (Miettinen-Nurminen)");
	has(text, "corrected p (q) 0.0300 by bh over the 24 comparisons");
	has(text, "Policy says ratio below 4/5");
	has(text, "four-fifths result notify");
	has(text, "0 declared, 48 imported");
	has(text, "This is no legal advice.");
	has(text, "potential violation");
	free(text);
}

static void what_would_change_it_is_exact(void **state)
{
	struct eh_finding f = some_finding(4, 17, 17, 31);
	char *text = folded(&f);

	(void)state;
	/* smallest a with 5 a 31 >= 4 17 17 = 1156: a = 8; smallest m with 5 (4+m) 31 >= 4 (17-m) 17: 223 m >= 536, m =
	 * 3 */
	has(text, "4 more of the 17 persons of female selected (8 instead of 4)");
	has(text, "3 selections would have to go from the rest to female");
	free(text);
	f = some_finding(8, 10, 10, 10); /* exactly 4/5 is not below */
	f.verdict = EH_OK_VERDICT;
	text = folded(&f);
	has(text, "the first is equal, so the plain ratio is not below the limit");
	has(text, "1 fewer of female selected (7 instead of 8) would put the plain ratio below the limit");
	free(text);
	f = some_finding(0, 3, 10, 10);
	text = folded(&f);
	has(text, "3 more of the 3 persons of female selected (3 instead of 0)");
	free(text);
	f = some_finding(3, 9, 20, 20);
	f.n = 9;
	f.persons = 3;
	text = folded(&f);
	has(text, "of the 9 decisions of female");
	free(text);
}

static void undefined_values_say_why(void **state)
{
	struct eh_finding f = some_finding(3, 10, 0, 10);
	char *text = NULL;

	(void)state;
	f.impact_ratio = f.ratio = eh_undefined(EH_U_REFERENCE_NONE_SELECTED);
	f.below_limit = f.ratio_below = EH_UNKNOWN;
	f.interval = f.ratio_interval = (struct eh_interval){ eh_num(1.5), eh_undefined(EH_U_UNBOUNDED) };
	f.verdict = EH_CANNOT_CONCLUDE;
	text = folded(&f);
	has(text, "not defined (reference_none_selected): nobody of the reference was selected, so its rate cannot be "
		  "divided by");
	assert_null(strstr(text, "not defined (reference_none_selected) persons"));
	has(text, "1.500 to no upper end");
	assert_null(strstr(text, "nan"));
	assert_null(strstr(text, "potential violation"));
	free(text);
	f = some_finding(2, 5, 3, 5);
	f.verdict = EH_TOO_FEW;
	f.min_group = 10;
	f.min_total = 30;
	f.detectable = eh_num(0.12);
	text = folded(&f);
	has(text, "at least 10 persons in the group and in the reference and 30 in all are needed; there are 5 and 5");
	has(text, "power .8 is 0.120");
	free(text);
}

/* Closed everywhere, or nobody declared: no line of numbers that are none. */
static void without_a_known_class_there_is_nothing_to_count(void **state)
{
	struct eh_finding f = some_finding(4, 17, 17, 31);
	char *text = NULL;

	(void)state;
	f.n = f.selected = f.persons = f.ref_n = f.ref_selected = f.ref_persons = 0;
	f.ratio = f.impact_ratio = f.rate = f.ref_rate = f.p = f.q = eh_undefined(EH_U_EMPTY_GROUP);
	f.below_limit = f.ratio_below = EH_UNKNOWN;
	f.verdict = EH_NOT_ALLOWED;
	f.declared = f.imported = 0;
	f.unknown = f.uncertain_n = 40;
	f.ratio_if_unknown_low = eh_num(0.0);
	text = folded(&f);
	has(text, "no decision on a person whose class is known and may be used here");
	has(text, "persons: 0 declared, 0 imported, 0 predicted, 40 unknown");
	assert_null(strstr(text, "0 of 0"));
	assert_null(strstr(text, "not defined"));
	assert_null(strstr(text, "whatever these classes are"));
	free(text);
}

static void each_interval_has_its_own_method(void **state)
{
	struct eh_finding f = some_finding(4, 17, 17, 31);
	char *text = NULL;

	(void)state;
	f.strata = 2;
	strcpy(f.interval_method, "score (Miettinen-Nurminen); MH: log, Greenland-Robins");
	f.mh_ratio = eh_num(0.4);
	f.mh_interval = (struct eh_interval){ eh_num(0.2), eh_num(0.8) };
	text = folded(&f);
	has(text, "95 % interval 0.165 to 0.962, score (Miettinen-Nurminen) Limit");
	has(text, "95 % interval 0.200 to 0.800, log, Greenland-Robins");
	free(text);
}

/* Breslow-Day's p is told with whether it holds, and where nothing can be told nobody is said to agree. */
static void whether_the_strata_differ_is_told_by_the_test_that_holds(void **state)
{
	static const struct {
		enum eh_strata_test test;
		struct eh_num p, inflation;
		const char *words, *warning;
	} told[] = {
		{ EH_STRATA_BRESLOW_DAY,
		  { 0.0021, EH_U_NONE, true },
		  { 1.0, EH_U_NONE, true },
		  "are the strata alike: Breslow-Day p 0.0021: they DISAGREE, one common ratio hides that",
		  "the strata differ (Breslow-Day p < .05)" },
		{ EH_STRATA_LIANG_SELF,
		  { 0.4, EH_U_NONE, true },
		  { 1.0, EH_U_NONE, true },
		  "are the strata alike: Liang-Self p 0.4000: no sign that they differ; Breslow-Day p 0.0021 does not "
		  "hold, as the strata are too small for that test",
		  "" },
		{ EH_STRATA_LIANG_SELF,
		  { 0.01, EH_U_NONE, true },
		  { 1.5, EH_U_NONE, true },
		  "Liang-Self p 0.0100: they DISAGREE, one common ratio hides that; Breslow-Day p 0.0021 does not "
		  "hold, as the same persons are in several strata",
		  "the strata differ (Liang-Self p < .05)" },
		{ EH_STRATA_UNTESTED,
		  { 0.0, EH_U_NOT_IDENTIFIED, false },
		  { 1.0, EH_U_NONE, true },
		  "are the strata alike: cannot be told (not_identified); Breslow-Day p 0.0021 does not hold",
		  "cannot tell whether the strata differ: there is too little in them" },
		{ EH_STRATA_UNTESTED,
		  { 0.0, EH_U_NOT_COMPUTED, false },
		  { 0.0, EH_U_NOT_COMPUTED, false },
		  "Breslow-Day p 0.0021 of an earlier version, which did not ask whether that test holds here",
		  "cannot tell whether the strata differ: an earlier version" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
		struct eh_finding f = some_finding(4, 17, 17, 31);
		char *text, *numbers;

		f.strata = 20;
		f.mh_ratio = eh_num(0.4);
		f.p_breslow_day = eh_num(0.0021);
		f.homogeneity_test = told[i].test;
		f.p_homogeneity = told[i].p;
		f.homogeneity_inflation = told[i].inflation;
		text = folded(&f);
		numbers = fold(eh_numbers_text(&f));
		has(text, told[i].words);
		has(text, told[i].warning);
		has(numbers, strstr(told[i].words, "p 0."));
		has(numbers, told[i].warning);
		assert_true((told[i].warning[0] != '\0') == (strstr(numbers, "Warning") != NULL));
		assert_null(strstr(numbers, "agree"));
		free(text);
		free(numbers);
	}
}

/* The numbers alone, in the same words; what is next to certain is not told as certain. */
static void numbers_have_the_words_of_the_explanation(void **state)
{
	static const char *const both[] = {
		"Cohen's h -0.500", "phi -0.250",
		"odds ratio 0.359", "probability of a true ratio below the limit (Jeffreys priors) above 0.9999",
		"p below 1e-300",   "individual: the evaluator also differs from the others"
	};
	struct eh_finding f = some_finding(4, 17, 17, 31);
	char *text = NULL, *numbers = NULL;

	(void)state;
	f.verdict = EH_NOTIFY;
	f.scope = EH_SCOPE_INDIVIDUAL;
	f.peers_q = eh_num(0.01);
	f.cohen_h = eh_num(-0.5);
	f.phi = eh_num(-0.25);
	f.odds_ratio = eh_num(0.359);
	f.posterior = eh_num(1.0);
	f.p = eh_num(0.0);
	text = folded(&f);
	numbers = fold(eh_numbers_text(&f));
	for (size_t i = 0; i < sizeof both / sizeof both[0]; i++) {
		has(text, both[i]);
		has(numbers, both[i]);
	}
	has(numbers, "the smallest ratio that could be found is not defined");
	free(text);
	free(numbers);
}

static void looks_are_told(void **state)
{
	struct eh_finding f = some_finding(4, 17, 17, 31);
	char *text = NULL;

	(void)state;
	f.look = 1;
	text = folded(&f);
	assert_null(strstr(text, "Looks"));
	free(text);
	f.look = 4;
	text = folded(&f);
	has(text, "look 4 on these data; p is for one look");
	has(text, "The p for any number of looks is 0.3100");
	free(text);
	f.anytime = true;
	text = folded(&f);
	has(text, "look 4 on these data; the correction took the p that holds at any number of looks, 0.3100");
	has(text, "spread 0.811");
	free(text);
}

static void a_disconnected_benchmark_is_refused(void **state)
{
	struct eh_finding f = some_finding(4, 17, 17, 31);
	char *text = NULL;

	(void)state;
	f.deviation = f.bench_ratio = f.bench_rate = eh_undefined(EH_U_DISCONNECTED);
	text = folded(&f);
	has(text, "Benchmark refused: no other evaluator shares a candidate, a position or a stratum");
	free(text);
	f.bench_evaluators = 2;
	f.bench_n = 60;
	f.bench_selected = 37;
	f.bench_ratio = eh_num(1.057);
	f.deviation = eh_num(-0.628);
	text = folded(&f);
	has(text, "0.429 - 1.057 = -0.628");
	free(text);
}

static void more_persons_than_expected_are_no_shortfall(void **state)
{
	struct eh_finding f = some_finding(60, 100, 40, 100);
	char *text = NULL;

	(void)state;
	f.shortfall = eh_num(-20.0);
	text = folded(&f);
	has(text, "shortfall 100 x 40/100 - 60 = -20.000: 20.0 persons more than at the reference's rate");
	free(text);
	text = eh_numbers_text(&f);
	has(text, "20.0 persons more than");
	free(text);
	f.shortfall = eh_num(5.32);
	text = folded(&f);
	has(text, "5.3 persons fewer than at the reference's rate");
	free(text);
}

static void the_process_without_its_evaluators_findings(void **state)
{
	struct eh_finding f = some_finding(60, 100, 40, 100);
	char *text = NULL;

	(void)state;
	f.evaluator[0] = '\0';
	f.verdict = EH_OK_VERDICT;
	text = eh_explain_process_text(&f, NULL, 0, 3, (struct eh_with_own){ .known = false });
	has(text, "3 evaluators notified by findings of their own on sex female");
	has(text, "no longer stored");
	assert_null(strstr(text, "Verdict     ok"));
	free(text);
	text = eh_explain_process_text(&f, NULL, 0, 0, (struct eh_with_own){ .known = false });
	has(text, "Verdict     ok");
	free(text);
}

static char *process_text(size_t listed, size_t n, size_t named)
{
	static eh_id ids[EH_OWN_NAMED + 5];
	struct eh_finding f = some_finding(60, 100, 40, 100);
	char *text, *to;

	f.evaluator[0] = '\0';
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
		(void)snprintf(ids[i], sizeof ids[i], "X%02zu", i);
	text = eh_explain_process_text(&f, NULL, 0, listed, (struct eh_with_own){ true, n, ids, named });
	/* each run of blanks as one */
	to = text;
	for (const char *p = text; *p != '\0'; p++)
		if ((*p != ' ' && *p != '\n') || (to > text && to[-1] != ' '))
			*to++ = (char)(*p == '\n' ? ' ' : *p);
	*to = '\0';
	return text;
}

static void who_has_a_notification_of_his_own_is_named(void **state)
{
	char *text = process_text(3, 0, 0);

	(void)state;
	has(text, "on sex female, and nobody stands out and has a notification of his own; all together");
	assert_null(strstr(text, "Apart"));
	free(text);
	text = process_text(3, 1, 1);
	has(text, "on sex female, without the 1 who stands out and has a notification of his own; all together");
	has(text, "Apart 1 evaluator with a notification of his own on sex female, the smallest p first: X00 "
		  "Evaluators");
	free(text);
	/* twenty are named, and of more the first twenty */
	text = process_text(3, EH_OWN_NAMED, EH_OWN_NAMED);
	has(text, "without the 20 who stand out and have a notification of their own; all together");
	has(text, "X18, X19 Evaluators");
	free(text);
	text = process_text(3, EH_OWN_NAMED + 5, EH_OWN_NAMED + 5);
	has(text, "Apart 25 evaluators with a notification of their own on sex female, the smallest p first: X00, ");
	has(text, "X18, X19 and 5 more Evaluators");
	free(text);
	/* a record keeps no more ids than it has room for */
	text = process_text(3, 7, 2);
	has(text, "first: X00, X01 and 5 more Evaluators");
	free(text);
	/* all together are notified, and nobody's own finding stands behind it */
	text = process_text(0, 2, 2);
	has(text, "Apart 2 evaluators with a notification of their own on sex female, the smallest p first: X00, X01 ");
	assert_null(strstr(text, "Evaluators"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_stand_in_the_formula),
		cmocka_unit_test(what_would_change_it_is_exact),
		cmocka_unit_test(undefined_values_say_why),
		cmocka_unit_test(without_a_known_class_there_is_nothing_to_count),
		cmocka_unit_test(each_interval_has_its_own_method),
		cmocka_unit_test(numbers_have_the_words_of_the_explanation),
		cmocka_unit_test(looks_are_told),
		cmocka_unit_test(a_disconnected_benchmark_is_refused),
		cmocka_unit_test(more_persons_than_expected_are_no_shortfall),
		cmocka_unit_test(whether_the_strata_differ_is_told_by_the_test_that_holds),
		cmocka_unit_test(the_process_without_its_evaluators_findings),
		cmocka_unit_test(who_has_a_notification_of_his_own_is_named),
	};

	return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
