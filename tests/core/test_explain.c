/* One finding in words: width, the numbers put in, what would have changed it, careful words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange/exchange.h"

static struct eh_finding some_finding(uint64_t a, uint64_t n1, uint64_t b, uint64_t n2)
{
	struct eh_finding f;
	struct eh_num u = eh_undefined(EH_U_NOT_COMPUTED);
	struct eh_num *numbers[] = { &f.z,
				     &f.p_z,
				     &f.p_mid,
				     &f.mh_ratio,
				     &f.p_cmh,
				     &f.p_breslow_day,
				     &f.p_homogeneity,
				     &f.mh_interval.low,
				     &f.mh_interval.high,
				     &f.em_ratio,
				     &f.weighted_ratio,
				     &f.p_em,
				     &f.em_interval.low,
				     &f.em_interval.high,
				     &f.em_n,
				     &f.em_selected,
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
				     &f.detectable };

	memset(&f, 0, sizeof f);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		*numbers[i] = u;
	strcpy(f.evaluator, "E01");
	strcpy(f.attribute, "sex");
	strcpy(f.group, "female");
	strcpy(f.reference, "rest");
	f.selected = a;
	f.n = f.persons = n1;
	f.ref_selected = b;
	f.ref_n = f.ref_persons = n2;
	f.strata = 1;
	f.limit_num = 4;
	f.limit_den = 5;
	f.rate = eh_num((double)a / (double)n1);
	f.ref_rate = eh_num((double)b / (double)n2);
	f.impact_ratio = f.ratio = eh_num(f.rate.value / f.ref_rate.value);
	f.below_limit = f.ratio_below = 5 * a * n2 < 4 * b * n1 ? EH_YES : EH_NO;
	f.interval = f.ratio_interval = (struct eh_interval){ eh_num(0.165), eh_num(0.962) };
	strcpy(f.interval_method, "score (Miettinen-Nurminen)");
	f.p = f.p_fisher = eh_num(0.0666);
	strcpy(f.p_method, "Fisher, mid-p");
	f.q = eh_num(0.03);
	f.q_holm = eh_num(0.04);
	f.family_size = 24;
	f.alpha = eh_num(0.05);
	f.p_anytime = eh_num(0.31);
	f.min_group = 10;
	f.min_total = 30;
	strcpy(f.family_method, "bh");
	f.shortfall = eh_num(5.32);
	f.flips = EH_NO;
	f.imported = n1 + n2;
	f.verdict = EH_NOTIFY;
	f.builtin = EH_NOTIFY;
	f.scope = EH_SCOPE_INDIVIDUAL;
	strcpy(f.reason, "ratio below 4/5, q below .05, shortfall at least one person, not turned round by one swap");
	return f;
}

static void has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("%s not in:\n%s", part, text);
}

static void lines_fit_eighty_columns(const char *text)
{
	for (const char *p = text; *p != '\0'; p += strcspn(p, "\n") + 1) {
		size_t len = strcspn(p, "\n");

		if (len > 80)
			fail_msg("%zu columns: %.*s", len, (int)len, p);
		assert_true(len == 0 || p[len - 1] != ' ');
	}
}

/* Folds line breaks so that a sentence can be looked for. */
static char *fold(char *text)
{
	size_t n = 0;

	assert_non_null(text);
	lines_fit_eighty_columns(text);
	for (const char *p = text; *p != '\0'; p++) {
		char c = *p == '\n' ? ' ' : *p;

		if (c != ' ' || (n > 0 && text[n - 1] != ' '))
			text[n++] = c;
	}
	text[n] = '\0';
	return text;
}

static char *folded(const struct eh_finding *f) { return fold(eh_explain_text(f)); }

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

static void words_are_careful_for_every_verdict(void **state)
{
	(void)state;
	for (int v = 0; v < EH_VERDICT_COUNT; v++)
		for (int reference = 0; reference < 2; reference++) {
			struct eh_finding f = some_finding(4, 17, 17, 31);
			char *text = NULL;

			f.verdict = (enum eh_verdict_kind)v;
			f.is_reference = reference != 0;
			f.predicted = 4;
			f.basis = EH_BASIS_SCREENING;
			f.strata = 3;
			f.bench_evaluators = 2;
			text = folded(&f);
			has(text, eh_verdict_text(f.verdict));
			assert_null(strstr(text, "unlawful"));
			assert_null(strstr(text, "illegal"));
			assert_null(strstr(text, "compliant"));
			free(text);
		}
}

/* facts/statistics.md 12: both assumptions in words, what supports the answer, the share of each provenance. */
static void both_assumptions_are_told(void **state)
{
	struct eh_finding f = some_finding(4, 17, 17, 31);
	char *text;

	(void)state;
	f.basis = EH_BASIS_SCREENING;
	f.declared = 30;
	f.imported = 0;
	f.predicted = 70;
	f.em_ratio = f.ratio = eh_num(0.512);
	f.em_interval = f.ratio_interval = (struct eh_interval){ eh_num(0.3), eh_num(0.85) };
	f.p_em = eh_num(0.01);
	f.weighted_ratio = eh_num(0.713);
	f.robust = f.assume.em_supports = true;
	f.assume.bounds = (struct eh_interval){ eh_num(0.2), eh_num(1.4) };
	f.assume.cells = 3;
	f.assume.n_eff = eh_num(61.4);
	f.assume.auc = eh_num(0.91);
	f.assume.auc_lo = eh_num(0.86);
	f.assume.ece = eh_num(0.04);
	f.assume.labelled = 30;
	f.assume.p_score = eh_num(0.4);
	f.assume.p_class = eh_num(0.01);
	f.assume.matrix_ratio = eh_undefined(EH_U_ILL_CONDITIONED);
	text = folded(&f);
	has(text, "screening only, never proof: 30 persons declared, 0 imported, 70 predicted, 0 unknown");
	has(text, "Bias acts on class: ratio 0.512 (EM), 95 % interval 0.300 to 0.850, p 0.0100.");
	has(text, "Bias acts on appearance as the model sees it: ratio 0.713 (weighted).");
	has(text, "Without any assumption: 0.200 to 1.400 (Frechet bounds on 3 cells of predicted persons).");
	has(text, "Below the limit by EM: yes; by the weighted ratio: yes; by the bounds: no. So the answer is robust");
	has(text, "class given score p 0.0100; class matters beyond appearance, which speaks for the EM ratio.");
	has(text, "tell as much as 61 on persons of known class.");
	has(text, "Classifier: AUC 0.910, lower end of its interval 0.860, calibration error (ECE) 0.040");
	free(text);
	f.robust = false;
	f.assume.p_score = f.assume.p_class = eh_undefined(EH_U_TOO_FEW);
	(void)snprintf(f.guard, sizeof f.guard, "classifier too weak");
	text = folded(&f);
	has(text, "So the answer depends on the assumption.");
	has(text, "cannot be checked on the 30 persons of known class with a score: there are too few.");
	has(text, "Not judged: classifier too weak.");
	free(text);
	f.assume.bounds_support = true;
	text = folded(&f);
	has(text, "So the answer holds whatever is assumed.");
	free(text);
	/* no estimate at all: two that are not there agree on nothing */
	f.em_ratio = f.weighted_ratio = f.ratio = eh_undefined(EH_U_NOT_IDENTIFIED);
	f.assume.bounds_support = f.assume.em_supports = false;
	text = folded(&f);
	has(text, "So the answer is open: there is no estimate to go by.");
	free(text);
}

/* The estimate refused by a guard: what the finding rests on, its share, and whether the unknown could turn it. */
static void a_refused_estimate_is_told_with_what_is_left(void **state)
{
	struct eh_finding f = some_finding(14, 37, 27, 41);
	char *text;

	(void)state;
	(void)snprintf(f.guard, sizeof f.guard, "classifier too weak: AUC");
	f.em_ratio = f.weighted_ratio = f.p_em = eh_undefined(EH_U_GUARD);
	f.declared = 60;
	f.imported = 18;
	f.predicted = 0;
	f.unknown = f.assume.refused = 234;
	f.assume.auc_lo = eh_num(0.55);
	f.below_limit = f.ratio_below = EH_YES;
	f.ratio_if_unknown_low = eh_num(0.1);
	f.ratio_if_unknown_high = eh_num(3.0);
	text = folded(&f);
	has(text, "Predicted refused: classifier too weak: AUC. There is no estimate.");
	has(text, "The 234 persons whose class was predicted count as unknown. The finding rests on the 78 of 312 "
		  "persons whose class is known (25 %)");
	has(text, "were all of them on one side, the plain ratio could lie at the limit or above, which the verdict does");
	has(text, "lower end of its interval 0.550");
	has(text, "from known classes only");
	assert_null(strstr(text, "screening only"));
	assert_null(strstr(text, "Frechet"));
	free(text);
	f.ratio_if_unknown_high = eh_num(0.7);
	text = folded(&f);
	has(text, "whatever they are, the plain ratio is below the limit");
	free(text);
	f.below_limit = f.ratio_below = EH_NO;
	f.verdict = EH_OK_VERDICT;
	text = folded(&f);
	has(text, "the plain ratio could lie below the limit, which the verdict does not see");
	free(text);
	f.ratio_if_unknown_low = eh_num(0.9);
	text = folded(&f);
	has(text, "whatever they are, the plain ratio is not below the limit");
	free(text);
	/* the numbers alone say it too */
	text = eh_numbers_text(&f);
	has(text, "refused, 234 persons count as unknown");
	free(text);
	/* nobody of known class: the guard all the same */
	f.n = f.ref_n = f.persons = f.ref_persons = f.declared = f.imported = 0;
	f.verdict = EH_CANNOT_CONCLUDE;
	text = folded(&f);
	has(text, "Predicted refused: classifier too weak: AUC.");
	has(text, "0 of 234 persons whose class is known (0 %)");
	has(text, "of known class alone at least");
	free(text);
}

/* What each verdict says of itself, and what would change it. */
static void every_verdict_says_what_it_means(void **state)
{
	static const struct {
		enum eh_verdict_kind kind;
		const char *meaning, *change;
	} want[] = {
		{ EH_WATCH, "Below the limit, but not all that the policy wants", "With a corrected p below 0.05" },
		{ EH_NOTIFY, "a reason to look and to hear the evaluator",
		  "At a corrected p of 0.05 or more (now 0.0300) it would be watch." },
		{ EH_TOO_FEW, "neither clean nor a violation",
		  "To find a ratio of 0.60 four times out of five, about" },
		{ EH_NOT_ALLOWED, "no verdict was formed", "No count would change this. The policy's gate() says" },
		{ EH_CANNOT_CONCLUDE, "no answer that the policy accepts",
		  "One selection of the reference would give a ratio" },
		{ EH_POLICY_ERROR, "never read it as \"no violation\"", "Mend the policy (evenhand policy check FILE" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
		struct eh_finding f = some_finding(4, 17, 17, 31);
		char *text = NULL;

		f.verdict = want[i].kind;
		strcpy(f.rule, "some rule");
		f.q = f.verdict == EH_WATCH ? eh_num(0.9) : f.q;
		f.anytime = f.verdict == EH_WATCH; /* then no count is told that would do it */
		if (f.verdict == EH_CANNOT_CONCLUDE) {
			f.ratio = f.impact_ratio = eh_undefined(EH_U_REFERENCE_NONE_SELECTED);
			f.below_limit = f.ratio_below = EH_UNKNOWN;
		}
		text = folded(&f);
		has(text, want[i].meaning);
		has(text, want[i].change);
		has(text, "the policy's rule that spoke: some rule");
		/* n, interval, reason, family, smallest ratio: in every one */
		has(text, "17 persons");
		has(text, "95 % interval");
		has(text, "24 comparisons");
		if (f.verdict != EH_NOT_ALLOWED && f.verdict != EH_POLICY_ERROR)
			has(text, f.verdict == EH_TOO_FEW ? "smallest ratio that could be found is not defined"
							  : "smallest ratio that could be found");
		free(text);
	}
}

/* Whom a notification is addressed to, and why; nobody is said to be as biased as another. */
static void the_grade_is_told_for_one_and_for_all(void **state)
{
	struct eh_finding f = some_finding(4, 17, 17, 31);
	char *text = NULL;

	(void)state;
	f.verdict = EH_NOTIFY;
	f.scope = EH_SCOPE_SYSTEMIC;
	f.peers_q = f.peers_ratio = eh_undefined(EH_U_NO_PEERS);
	text = folded(&f);
	has(text, "notify, systemic: there is no comparison with others that would set the evaluator apart, so it is ");
	assert_null(strstr(text, "does not stand out"));
	free(text);
	f.peers_ratio = eh_num(0.95);
	f.peers_q = eh_num(0.25);
	text = folded(&f);
	has(text,
	    "notify, systemic: the evaluator does not stand out from the others, so it is addressed to the process");
	has(text,
	    "Were the distance from the other evaluators told from chance (corrected p now 0.2500), it would be about "
	    "this evaluator.");
	has(text, "hear the evaluator and decide");
	free(text);
	f.evaluator[0] = '\0';
	text = folded(&f);
	has(text, "systemic: it is about all evaluators together");
	has(text, "a reason to look at how people are selected here");
	assert_null(strstr(text, "hear the evaluator"));
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

static void conditions_are_told_with_their_numbers(void **state)
{
	struct eh_finding f = some_finding(4, 17, 17, 31);
	char *text = NULL;

	(void)state;
	f.q = eh_num(0.2);
	f.shortfall = eh_num(0.4);
	f.verdict = EH_WATCH;
	text = folded(&f);
	has(text, "yes: enough persons: 17 and 31, at least 10 of either side; 48 in all, at least 30");
	has(text, "yes: ratio below 4/5: 0.429");
	has(text, "no: corrected p below 0.05: 0.2000");
	has(text, "no: at least one person short: 0.400");
	has(text, "yes: the swap of one person leaves the order as it is");
	free(text);
}

/* 8 of 20 against 14 of 20: mid-p .0679; 7: .0333, 6: .0147 (R, dhyper); doubled by the family. */
static void the_missing_evidence_is_counted(void **state)
{
	struct eh_finding f = some_finding(8, 20, 14, 20);
	char *text = NULL;

	(void)state;
	f.verdict = EH_WATCH;
	f.p = f.p_mid = eh_num(0.0679);
	f.q = eh_num(2.0 * 0.0679);
	text = folded(&f);
	has(text, "With about 2 fewer of female selected, all else as it is, the corrected p would be below 0.05.");
	free(text);
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

/* The sentence under the verdict rests on limit and minima as the numbers have them, whatever word the policy chose. */
static void no_verdict_is_told_against_the_numbers(void **state)
{
	static const enum eh_tri below[] = { EH_YES, EH_NO, EH_UNKNOWN };
	static const enum eh_verdict_kind builtin[] = { EH_OK_VERDICT, EH_WATCH, EH_TOO_FEW, EH_CANNOT_CONCLUDE };

	(void)state;
	for (int kind = 0; kind < EH_VERDICT_COUNT; kind++)
		for (size_t i = 0; i < 3 * 4 * 2; i++) {
			struct eh_finding f = some_finding(4, 17, 17, 31);
			const bool enough = i >= 12;
			char *text = NULL;

			f.verdict = (enum eh_verdict_kind)kind;
			f.ratio_below = below[i % 3];
			f.builtin = builtin[i / 3 % 4];
			f.min_group = enough ? 10 : 20;
			text = folded(&f);
			if (f.ratio_below != EH_NO)
				assert_null(strstr(text, "Not below the limit"));
			if (f.ratio_below != EH_YES)
				assert_null(strstr(text, "Below the limit, but"));
			if (f.ratio_below != EH_YES)
				assert_null(strstr(text, "violation of the policy's limit"));
			if (f.verdict == EH_OK_VERDICT && f.ratio_below == EH_YES)
				has(text, "asks for no response although the ratio is below the limit");
			if (!enough)
				assert_null(strstr(text, "with as many persons as the policy asks for"));
			if (enough && f.verdict == EH_TOO_FEW)
				has(text, "although the minima of the run are met");
			if (f.verdict == EH_OK_VERDICT && f.builtin == EH_WATCH)
				has(text, "does not agree with the policy's ok");
			if (f.verdict == EH_OK_VERDICT && f.ratio_below == EH_UNKNOWN && f.builtin != EH_OK_VERDICT)
				assert_null(strstr(text, "Nothing in this comparison asks"));
			free(text);
		}
}

/* What is about the project has no ratio, and no limit to be below. */
static void a_finding_about_the_project_is_told_without_a_limit(void **state)
{
	struct eh_finding f = some_finding(4, 17, 17, 31);

	(void)state;
	f.own = true;
	strcpy(f.subject, "consent");
	f.attribute[0] = f.group[0] = f.evaluator[0] = '\0';
	for (int kind = 0; kind < EH_VERDICT_COUNT; kind++) {
		char *text = NULL;

		f.verdict = (enum eh_verdict_kind)kind;
		text = folded(&f);
		assert_null(strstr(text, "elow the limit"));
		assert_null(strstr(text, "Too few persons"));
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_stand_in_the_formula),
		cmocka_unit_test(what_would_change_it_is_exact),
		cmocka_unit_test(undefined_values_say_why),
		cmocka_unit_test(both_assumptions_are_told),
		cmocka_unit_test(a_refused_estimate_is_told_with_what_is_left),
		cmocka_unit_test(words_are_careful_for_every_verdict),
		cmocka_unit_test(every_verdict_says_what_it_means),
		cmocka_unit_test(no_verdict_is_told_against_the_numbers),
		cmocka_unit_test(a_finding_about_the_project_is_told_without_a_limit),
		cmocka_unit_test(conditions_are_told_with_their_numbers),
		cmocka_unit_test(the_grade_is_told_for_one_and_for_all),
		cmocka_unit_test(without_a_known_class_there_is_nothing_to_count),
		cmocka_unit_test(each_interval_has_its_own_method),
		cmocka_unit_test(numbers_have_the_words_of_the_explanation),
		cmocka_unit_test(the_missing_evidence_is_counted),
		cmocka_unit_test(looks_are_told),
		cmocka_unit_test(a_disconnected_benchmark_is_refused),
		cmocka_unit_test(more_persons_than_expected_are_no_shortfall),
		cmocka_unit_test(whether_the_strata_differ_is_told_by_the_test_that_holds),
		cmocka_unit_test(the_process_without_its_evaluators_findings),
		cmocka_unit_test(who_has_a_notification_of_his_own_is_named),
	};

	return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
