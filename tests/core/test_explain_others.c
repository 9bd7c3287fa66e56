/* What explain says of the family, of the other evaluators and of the second set, with real numbers of real audits. */
#include "tests/core/audit_build.h"

#include <ctype.h>

#include "audit/family.h"
#include "exchange/exchange.h"

static const char *const sexes[] = { "female", "male" };

/* The text with each run of blanks as one: lines are broken where the screen ends. */
static char *folded(const struct eh_finding *f)
{
	char *text = eh_explain_text(f);
	size_t n = 0;

	for (size_t i = 0; text[i] != '\0'; i++)
		if (!isspace((unsigned char)text[i]) || (n > 0 && text[n - 1] != ' '))
			text[n++] = isspace((unsigned char)text[i]) ? ' ' : text[i];
	text[n] = '\0';
	return text;
}

static void has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" not in: %s", part, text);
}

static void has_not(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		fail_msg("\"%s\" in: %s", part, text);
}

/* Two interviews of the same sixty candidates: E0 halves the women, E1 and E2 do not, E3 judges the first only. */
static void panel(struct eh_findings *f, struct eh_audit_data *d, const char *family)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct build b = { NULL, 0, 0, NULL, 0, 0 };

	for (unsigned c = 0; c < 60; c++)
		for (unsigned e = 0; e < 4; e++)
			for (unsigned k = 0; k < (e == 3 ? 1u : 2u); k++) {
				const unsigned at = (c / 2 * 7 + e * 3 + k * 5) % 30;
				char name[16], judge[8];

				(void)snprintf(name, sizeof name, "c%02u", c);
				(void)snprintf(judge, sizeof judge, "E%u", e);
				if (e == 0 && k == 0)
					build_person(&b, name, "clerk", (int)(c % 2));
				build_row(&b, judge, name, k == 0 ? "first" : "second",
					  at < (e == 0 && c % 2 == 0 ? 7u : 15u));
			}
	build_finish(d, &b, sexes, 2);
	(void)snprintf(s.family, sizeof s.family, "%s", family);
	run_audit(f, d, &s);
}

static void the_family_is_told_by_its_formula(void **state)
{
	static const char *const methods[] = { "bh", "by", "holm" };

	(void)state;
	for (size_t m = 0; m < 3; m++) {
		struct eh_audit_data d;
		struct eh_findings f;
		const struct eh_finding *x;
		char wanted[160], *text;

		panel(&f, &d, methods[m]);
		x = find_finding(&f, "E0", "", "female");
		assert_int_equal(x->family_size, 4);
		assert_int_equal(x->family_rank, 1);
		text = folded(x);
		if (m == 0)
			(void)snprintf(wanted, sizeof wanted, "q = p x m / rank = %.4g x 4 / 1 = %.4g, then",
				       x->p.value, 4.0 * x->p.value);
		else if (m == 1)
			(void)snprintf(wanted, sizeof wanted,
				       "q = p x m x h / rank = %.4g x 4 x 2.083 / 1 = %.4g, h = 1", x->p.value,
				       4.0 * x->p.value * (1.0 + 1.0 / 2 + 1.0 / 3 + 1.0 / 4));
		else
			(void)snprintf(wanted, sizeof wanted,
				       "q = p x (m - rank + 1) = %.4g x (4 - 1 + 1) = %.4g, then", x->p.value,
				       4.0 * x->p.value);
		has(text, wanted);
		(void)snprintf(wanted, sizeof wanted, "got%s: %.4g", m == 2 ? ", at most 1)" : ")", x->q.value);
		has(text, wanted);
		free(text);
		eh_findings_free(&f);
		eh_audit_data_free(&d);
	}
}

static void the_second_set_is_told_with_strata_interval_and_pairs(void **state)
{
	struct eh_audit_data d;
	struct eh_findings f;
	struct eh_finding x;
	char wanted[200], *text;

	(void)state;
	panel(&f, &d, "bh");
	x = *find_finding(&f, "E0", "", "female");
	text = folded(&x);
	has(text, "Benchmark second set of 3 evaluators within the limit on the same candidates: ");
	(void)snprintf(wanted, sizeof wanted,
		       ", ratio %.3f (95 %% interval %.3f to %.3f), stratified over 2 strata (Mantel-Haenszel); "
		       "deviation = ",
		       x.bench_ratio.value, x.bench_interval.low.value, x.bench_interval.high.value);
	has(text, wanted);
	(void)snprintf(wanted, sizeof wanted,
		       "95 %% interval of the deviation %.3f to %.3f, MOVER (Zou & Donner 2008), ",
		       x.deviation_interval.low.value, x.deviation_interval.high.value);
	has(text, wanted);
	(void)snprintf(wanted, sizeof wanted, "Pairs of %u candidates of female whom both judged, %u ",
		       (unsigned)x.paired.pairs, (unsigned)x.paired.first);
	has(text, wanted);
	has(text, "does the disagreement go another way on female?");
	has(text, "; by Bonferroni p x ");
	free(text);
	x.paired.split = 7;
	x.paired.ref_split = eh_num(2.0);
	text = folded(&x);
	has(text, "7 more of female and 2 more of the rest are no pair and not counted: one side was divided evenly.");
	(void)snprintf(wanted, sizeof wanted, "on female? mid-p of %u in %u against %u in %u = ",
		       (unsigned)x.paired.first, (unsigned)(x.paired.first + x.paired.second),
		       (unsigned)x.paired.ref_first, (unsigned)(x.paired.ref_first + x.paired.ref_second));
	has(text, wanted);
	free(text);
	/* those of the reference alone, and as an earlier version stored it */
	x.paired.split = 0;
	x.paired.ref_split = eh_num(1.0);
	text = folded(&x);
	has(text, "0 more of female and 1 more of the rest is no pair and not counted: ");
	free(text);
	x.paired.split = 7;
	x.paired.ref_split = eh_undefined(EH_U_NOT_COMPUTED);
	text = folded(&x);
	has(text, "7 more of female are no pair and not counted: one side was divided evenly. How many of the rest "
		  "were none is not stored.");
	free(text);
	x.deviation_interval.low = x.deviation_interval.high = eh_undefined(EH_U_ONE_PERSON);
	x.bench_kind = EH_BENCH_STRATA;
	x.bench_strata = 0;
	text = folded(&x);
	has(text, "within the limit in the strata (position x stage x question) where this evaluator decided: ");
	has(text, ", plain; deviation = ");
	has(text, "no interval of the deviation: ");
	has(text, "Pairs no paired test: the evaluator and the second set share no candidate");
	free(text);
	x.bench_kind = EH_BENCH_CANDIDATES;
	x.paired = (struct eh_finding_paired){ .split = 3, .ref_split = eh_num(4.0) };
	text = folded(&x);
	has(text, "Pairs no paired test: one side was divided evenly on each candidate whom both judged 3 more of "
		  "female and 4 more of the rest are no pair");
	free(text);
	/* as an earlier version stored it */
	x.bench_kind = EH_BENCH_NONE;
	text = folded(&x);
	has(text, "second set of 3 evaluators within the limit: ");
	has_not(text, "Pairs");
	has_not(text, "of the deviation");
	free(text);
	eh_findings_free(&f);
	eh_audit_data_free(&d);
}

static void the_others_stand_beside_the_evaluators_own(void **state)
{
	struct eh_audit_data d;
	struct eh_findings f;
	struct eh_finding x;
	char wanted[240], *text;

	(void)state;
	panel(&f, &d, "bh");
	x = *find_finding(&f, "E0", "", "female");
	text = folded(&x);
	(void)snprintf(wanted, sizeof wanted,
		       "Peers this evaluator: %u of 60 against %u of 60, ratio %.3f; the 3 others together: %u of 150 "
		       "against %u of 150, ratio %.3f",
		       (unsigned)x.selected, (unsigned)x.ref_selected, x.ratio.value, (unsigned)x.peers_selected,
		       (unsigned)x.peers_ref_selected, x.peers_others.value);
	has(text, wanted);
	(void)snprintf(wanted, sizeof wanted, "all others = %.3f / %.3f = %.3f; ", x.ratio.value, x.peers_others.value,
		       x.peers_ratio.value);
	has(text, wanted);
	has_not(text, "half a person");
	free(text);
	x.peers_corrected = true;
	text = folded(&x);
	has(text, "with half a person added to each cell (continuity correction");
	free(text);
	x.peers_ratio = x.peers_z = x.peers_p = x.peers_q = x.peers_others = eh_undefined(EH_U_NO_PEERS);
	text = folded(&x);
	has(text, "Peers no comparison with other evaluators: ");
	free(text);
	eh_findings_free(&f);
	eh_audit_data_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_family_is_told_by_its_formula),
		cmocka_unit_test(the_second_set_is_told_with_strata_interval_and_pairs),
		cmocka_unit_test(the_others_stand_beside_the_evaluators_own),
	};

	return cmocka_run_group_tests_name("explain_others", tests, NULL, NULL);
}
