/* The verdict in words: careful, never against the numbers, with its conditions and with what a refusal leaves. */
#include "explain_finding.h"

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
	has(text, "were all of them on one side, the plain ratio could lie at the limit or above, which the verdict");
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
	/* a policy without a scope addresses the evaluator; nobody is said to stand out who does not */
	f.scope = EH_SCOPE_INDIVIDUAL;
	text = folded(&f);
	has(text, "notify, individual: the policy addresses it to the evaluator; that the evaluator differs from the "
		  "others is not told from chance");
	assert_null(strstr(text, "it would be addressed to the process"));
	free(text);
	f.peers_q = eh_num(0.01);
	text = folded(&f);
	has(text, "notify, individual: the evaluator also differs from the others");
	has(text, "it would be addressed to the process, not to the evaluator");
	free(text);
	f.scope = EH_SCOPE_SYSTEMIC;
	f.evaluator[0] = '\0';
	text = folded(&f);
	has(text, "systemic: it is about all evaluators together");
	has(text, "a reason to look at how people are selected here");
	assert_null(strstr(text, "hear the evaluator"));
	free(text);
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
		cmocka_unit_test(both_assumptions_are_told),
		cmocka_unit_test(a_refused_estimate_is_told_with_what_is_left),
		cmocka_unit_test(words_are_careful_for_every_verdict),
		cmocka_unit_test(every_verdict_says_what_it_means),
		cmocka_unit_test(no_verdict_is_told_against_the_numbers),
		cmocka_unit_test(a_finding_about_the_project_is_told_without_a_limit),
		cmocka_unit_test(conditions_are_told_with_their_numbers),
		cmocka_unit_test(the_grade_is_told_for_one_and_for_all),
		cmocka_unit_test(the_missing_evidence_is_counted),
	};

	return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
