/* The recorded numbers of R, scipy and statsmodels (tests/fixtures/audit_oracles.csv; make check-oracles is the live
 * comparison). */
#include "tests/core/audit_cases.h"

#include "audit/table.h"

#define FIXTURE "tests/fixtures/audit_oracles.csv"
#define RELATIVE 1e-9
#define ABSOLUTE 1e-12                  /* of an effect or a statistic that is nothing but rounding */

struct named {
	const char *name;
	struct eh_num value;
};

static void check(const struct cases *c, const struct named *v)
{
	const char *text = cases_get(c, v->name);
	double want = strtod(text, NULL);

	if (text[0] == '\0')
		return;
	if (!v->value.defined || fabs(v->value.value - want) > RELATIVE * fabs(want) + ABSOLUTE)
		fail_msg("%s/%s v %s/%s %s: %.17g (%s), recorded %s", c->cell[0], c->cell[1], c->cell[2], c->cell[3],
			 v->name, v->value.value, eh_undef_text(v->value.why), text);
}

static void check_all(const struct cases *c, const struct eh_fourfold *t)
{
	double a = (double)t->a, n1 = (double)t->n1, b = (double)t->b, n2 = (double)t->n2;
	struct eh_interval katz = eh_table_katz(t), adjusted = eh_table_adjusted_log(t),
			   koopman = eh_score_interval(a, n1, b, n2, false), mn = eh_score_interval(a, n1, b, n2, true),
			   wilson = eh_rate_wilson(t->a, t->n1), exact = eh_rate_exact(t->a, t->n1),
			   jeffreys = eh_rate_jeffreys(t->a, t->n1);
	struct eh_exact e = eh_table_exact(t);
	const struct named all[] = {
		{ "z", eh_table_z(t) }, { "p_z", eh_p_of_z(eh_table_z(t)) }, { "yates", eh_table_yates(t) },
		{ "p_yates", eh_p_of_chi(eh_table_yates(t), 1.0) }, { "fisher", e.fisher }, { "less", e.less },
		{ "greater", e.greater }, { "mid_a", e.mid_a }, { "katz_lo", katz.low }, { "katz_hi", katz.high },
		{ "koopman_lo", koopman.low }, { "koopman_hi", koopman.high }, { "mn_lo", mn.low },
		{ "mn_hi", mn.high }, { "adjusted_lo", adjusted.low }, { "adjusted_hi", adjusted.high },
		{ "odds", eh_table_odds(t) }, { "h", eh_table_h(t) }, { "phi", eh_table_phi(t) },
		{ "wilson_lo", wilson.low }, { "wilson_hi", wilson.high }, { "exact_lo", exact.low },
		{ "exact_hi", exact.high }, { "jeffreys_lo", jeffreys.low }, { "jeffreys_hi", jeffreys.high },
		{ "posterior", eh_table_posterior(t, 4, 5) }, { "g", eh_table_g(t) },
		{ "z_ratio", eh_table_z_ratio(t) },
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		check(c, &all[i]);
}

static void every_recorded_number_is_ours(void **state)
{
	struct cases c;
	size_t n = 0;

	(void)state;
	memset(&c, 0, sizeof c);
	c.file = fopen(FIXTURE, "r");
	if (c.file == NULL)
		fail_msg("%s cannot be opened; run the test from the top of the source tree", FIXTURE);
	assert_true(cases_line(&c, c.head));
	c.n_columns = cases_split(c.head, c.column);
	while (cases_next(&c)) {
		struct eh_fourfold t = { cases_count(&c, "a"), cases_count(&c, "n1"), cases_count(&c, "b"),
					 cases_count(&c, "n2") };

		check_all(&c, &t);
		n++;
	}
	cases_close(&c);
	assert_true(n > 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_recorded_number_is_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
