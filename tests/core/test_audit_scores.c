/* Scores and paired decisions: every figure of cases/scores.csv and paired.csv, and the borders. */
#include "tests/core/audit_cases.h"

#include "audit/paired.h"
#include "audit/scores.h"
#include "base/mem.h"

#define CLOSED 1e-9
#define SCORES_MAX 64

struct scores {
	double v[2][SCORES_MAX], all[2 * SCORES_MAX];
	size_t n[2];
};

static void collect(struct scores *s, const char *which)
{
	struct cases c;

	memset(s, 0, sizeof *s);
	cases_open(&c, "scores.csv");
	while (cases_next(&c)) {
		size_t side = strcmp(cases_get(&c, "group"), "a") == 0 ? 0 : 1;
		char *at = NULL, *next = NULL;

		if (strcmp(cases_get(&c, "case"), which) != 0)
			continue;
		for (at = (char *)cases_get(&c, "scores"); *at != '\0'; at = next) {
			double x = strtod(at, &next);

			assert_true(next != at && s->n[side] < SCORES_MAX);
			s->v[side][s->n[side]++] = x;
			next += strspn(next, " ");
		}
	}
	cases_close(&c);
}

static double median(struct scores *s)
{
	memcpy(s->all, s->v[0], s->n[0] * sizeof *s->all);
	memcpy(s->all + s->n[0], s->v[1], s->n[1] * sizeof *s->all);
	return eh_score_median(s->all, s->n[0] + s->n[1]);
}

/* Every statistic of the expected file by name. */
static struct eh_num statistic(const struct eh_score_test *t, double middle, const char *item, const char *name)
{
	const struct { const char *name; struct eh_num value; } all[] = {
		{ "median", eh_num(middle) },
		{ "scoring_rate", strcmp(item, "a") == 0 ? t->scoring_rate : t->ref_scoring_rate },
		{ "scoring_ratio", t->scoring_ratio },
		{ "cohen_d", t->cohen_d },
		{ "hedges_g", t->hedges_g },
		{ "welch_t", t->welch_t },
		{ "welch_df", t->welch_df },
		{ "welch_p", t->p_welch },
		{ "pooled_t", t->pooled_t },
		{ "pooled_p", t->p_pooled },
		{ "mann_whitney_u_a", t->u },
		{ "mann_whitney_p_cc", t->p_rank_normal },
		{ "mann_whitney_p_nocc", t->p_rank_plain },
		{ "mann_whitney_p_exact", t->p_rank_exact },
		{ "ks_d", t->ks },
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (strcmp(all[i].name, name) == 0)
			return all[i].value;
	fail_msg("no score statistic %s", name);
	return eh_num(0.0);
}

static void every_score_case_is_reproduced(void **state)
{
	struct cases c;
	size_t n = 0;

	(void)state;
	cases_open(&c, "expected_other.csv");
	while (cases_next(&c)) {
		struct eh_score_test t;
		struct scores s;
		char where[128];
		double middle;

		if (strcmp(cases_get(&c, "file"), "scores.csv") != 0)
			continue;
		collect(&s, cases_get(&c, "table"));
		middle = median(&s);
		assert_int_equal(eh_score_test(&t, s.v[0], s.n[0], s.v[1], s.n[1], middle, NULL), EH_OK);
		(void)snprintf(where, sizeof where, "%s %s", cases_get(&c, "table"), cases_get(&c, "item"));
		check_cell(where, cases_get(&c, "statistic"), cases_get(&c, "value"),
			   statistic(&t, middle, cases_get(&c, "item"), cases_get(&c, "statistic")), CLOSED);
		n++;
	}
	cases_close(&c);
	assert_true(n >= 78);
}

static void every_paired_case_is_reproduced(void **state)
{
	struct cases c;
	size_t n = 0;

	(void)state;
	cases_open(&c, "paired.csv");
	while (cases_next(&c)) {
		struct eh_paired p = eh_paired(cases_count(&c, "first_only"), cases_count(&c, "second_only"));
		const struct { const char *name; struct eh_num value; } all[] = {
			{ "mcnemar_chi2", p.chi }, { "mcnemar_p", p.p }, { "mcnemar_cc", p.chi_yates },
			{ "mcnemar_cc_p", p.p_yates }, { "mcnemar_exact_p_two_sided", p.exact },
			{ "mcnemar_exact_p_less", p.less }, { "mcnemar_midp_two_sided", p.mid },
		};
		struct cases e;

		cases_open(&e, "expected_other.csv");
		while (cases_next(&e)) {
			if (strcmp(cases_get(&e, "file"), "paired.csv") != 0 ||
			    strcmp(cases_get(&e, "table"), cases_get(&c, "case")) != 0)
				continue;
			for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
				if (strcmp(cases_get(&e, "statistic"), all[i].name) != 0)
					continue;
				check_cell(cases_get(&c, "case"), all[i].name, cases_get(&e, "value"), all[i].value,
					   CLOSED);
				n++;
			}
		}
		cases_close(&e);
	}
	cases_close(&c);
	assert_int_equal(n, 20);
}

/* Every ranking of 4 against 3 counted by hand. */
static void the_exact_rank_test_counts_rankings(void **state)
{
	(void)state;
	for (unsigned set = 0; set < 128; set++) {
		double x[7], y[7], u = 0.0;
		size_t n = 0, m = 0, extreme = 0, all = 0;
		struct eh_score_test t;

		for (unsigned i = 0; i < 7; i++) {
			if ((set >> i & 1u) != 0)
				x[n++] = i;
			else
				y[m++] = i;
		}
		if (n != 4)
			continue;
		assert_int_equal(eh_score_test(&t, x, n, y, m, 3.0, NULL), EH_OK);
		u = t.u.value;
		for (unsigned other = 0; other < 128; other++) {
			unsigned count = 0, wins = 0, ones = 0;

			for (unsigned i = 0; i < 7; i++) {
				ones += other >> i & 1u;
				for (unsigned j = 0; j < i; j++)
					wins += (other >> i & 1u) != 0 && (other >> j & 1u) == 0;
			}
			count = ones == 4;
			all += count;
			extreme += count != 0 && fabs(wins - 6.0) >= fabs(u - 6.0);
		}
		assert_true(t.rank_exact);
		assert_true(close_to(t.p_rank.value, (double)extreme / (double)all, 1e-12));
	}
}

static void the_rank_test_goes_over_to_the_normal_one_where_it_says(void **state)
{
	double x[60], y[60];
	struct eh_score_test t;

	(void)state;
	for (size_t n = EH_RANK_EXACT - 1; n <= EH_RANK_EXACT; n++) {
		for (size_t i = 0; i < n; i++) {
			x[i] = 2.0 * (double)i;
			y[i] = 2.0 * (double)i + 9.0;
		}
		assert_int_equal(eh_score_test(&t, x, n, y, n, 1.0, NULL), EH_OK);
		assert_int_equal(t.rank_exact, n < EH_RANK_EXACT);
		assert_true(fabs(t.p_rank.value - t.p_rank_normal.value) < 2e-3);
	}
	x[0] = y[0];
	assert_int_equal(eh_score_test(&t, x, 20, y, 20, 1.0, NULL), EH_OK);
	assert_false(t.rank_exact);
	assert_true(strcmp(eh_rank_method_text(true), eh_rank_method_text(false)) != 0);
}

static void scores_without_information_give_reasons(void **state)
{
	double one[] = { 3.0 }, same[] = { 0.1, 0.1, 0.1 };
	struct eh_score_test t;

	(void)state;
	assert_int_equal(eh_score_test(&t, NULL, 0, one, 1, 3.0, NULL), EH_OK);
	assert_int_equal(t.scoring_ratio.why, EH_U_EMPTY_GROUP);
	assert_int_equal(t.p_rank.why, EH_U_EMPTY_GROUP);
	assert_true(t.ref_mean.value == 3.0);
	assert_int_equal(eh_score_test(&t, same, 3, one, 1, 0.1, NULL), EH_OK);
	assert_int_equal(t.cohen_d.why, EH_U_ONE_PERSON);
	assert_true(t.scoring_ratio.value == 0.0);
	assert_int_equal(eh_score_test(&t, one, 1, same, 3, 0.1, NULL), EH_OK);
	assert_int_equal(t.scoring_ratio.why, EH_U_REFERENCE_NONE_SELECTED);
	/* the mean of three tenths is not a tenth in binary: still no variance */
	assert_int_equal(eh_score_test(&t, same, 3, (double[]){ 0.1, 0.1, 0.1, 0.1 }, 4, 0.1, NULL), EH_OK);
	assert_int_equal(t.cohen_d.why, EH_U_ZERO_VARIANCE);
	assert_int_equal(t.p_rank.why, EH_U_ZERO_VARIANCE);
}

static void a_failed_allocation_is_an_error(void **state)
{
	double x[] = { 1.0, 4.0 }, y[] = { 2.0, 3.0, 5.0 };
	struct eh_score_test t;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	eh_mem_fail_at(1);
	assert_int_equal(eh_score_test(&t, x, 2, y, 3, 3.0, &err), EH_ENOMEM);
	eh_mem_fail_at(0);
	assert_non_null(strstr(err.msg, "rank test"));
}

static void paired_tests_agree_with_themselves_at_every_size(void **state)
{
	struct eh_paired p = eh_paired(500000, 501414);

	(void)state;
	/* two standard deviations: about .0455 + the continuity of one pair in a thousand */
	assert_true(p.mid.value < p.exact.value && fabs(p.mid.value - p.p.value) < 1e-6);
	p = eh_paired(3, 3);
	assert_true(p.exact.value == 1.0 && close_to(p.mid.value, 1.0, 1e-15) && p.chi_yates.value == 0.0);
	assert_true(close_to(p.less.value, 42.0 / 64.0, 1e-15));
	p = eh_paired(7, 0);
	assert_true(p.less.value == 1.0 && close_to(p.exact.value, 2.0 / 128.0, 1e-15));
	p = eh_paired(0, 1);
	assert_true(close_to(p.exact.value, 1.0, 1e-15) && close_to(p.mid.value, 0.5, 1e-15));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_score_case_is_reproduced),
		cmocka_unit_test(every_paired_case_is_reproduced),
		cmocka_unit_test(the_exact_rank_test_counts_rankings),
		cmocka_unit_test(the_rank_test_goes_over_to_the_normal_one_where_it_says),
		cmocka_unit_test(scores_without_information_give_reasons),
		cmocka_unit_test(a_failed_allocation_is_an_error),
		cmocka_unit_test(paired_tests_agree_with_themselves_at_every_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
