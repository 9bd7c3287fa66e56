/* Agreement of raters: the case file, figures by hand, edges, the bootstrap, connectedness. */
#include "tests/core/audit_build.h"
#include "tests/core/audit_cases.h"

#include "audit/agreement.h"
#include "audit/connect.h"
#include "base/rng.h"

#define CLOSED 1e-9
#define UNITS 64
#define RATERS 8

/* Ratings row by row, as in the case file. */
struct table {
	size_t n_units, n_raters, at[UNITS + 1];
	uint32_t rater[UNITS * RATERS];
	double value[UNITS * RATERS];
};

static void add_unit(struct table *t, const char *ratings)
{
	char text[256], *rest = text, *word;
	uint32_t rater = 0;
	size_t n = t->at[t->n_units];

	(void)snprintf(text, sizeof text, "%s", ratings);
	while ((word = strsep(&rest, " ")) != NULL) {
		if (strcmp(word, "-") != 0) {
			t->rater[n] = rater;
			t->value[n++] = strtod(word, NULL);
		}
		rater++;
	}
	t->n_raters = rater > t->n_raters ? rater : t->n_raters;
	t->at[++t->n_units] = n;
}

static void load(struct table *t, const char *which)
{
	struct cases c;

	memset(t, 0, sizeof *t);
	cases_open(&c, "ratings.csv");
	while (cases_next(&c))
		if (strcmp(cases_get(&c, "case"), which) == 0)
			add_unit(t, cases_get(&c, "ratings"));
	cases_close(&c);
	assert_true(t->n_units > 0);
}

static struct eh_ratings ratings(const struct table *t)
{
	return (struct eh_ratings){ t->n_units, t->n_raters, t->at, t->rater, t->value, NULL };
}

static struct eh_num alpha(const struct table *t, enum eh_rating_scale scale)
{
	struct eh_ratings r = ratings(t);
	struct eh_num out;

	assert_int_equal(eh_alpha(&out, &r, scale, NULL), EH_OK);
	return out;
}

static struct eh_num kappa(const struct table *t, enum eh_kappa_weight weight, size_t *units)
{
	struct eh_ratings r = ratings(t);
	struct eh_num out;

	assert_int_equal(eh_kappa(&out, units, &r, 0, 1, weight, NULL), EH_OK);
	return out;
}

static struct eh_num fleiss(const struct table *t)
{
	struct eh_ratings r = ratings(t);
	struct eh_num out;

	assert_int_equal(eh_fleiss(&out, &r, NULL), EH_OK);
	return out;
}

static struct eh_icc icc(const struct table *t)
{
	struct eh_ratings r = ratings(t);
	struct eh_icc out;

	assert_int_equal(eh_icc(&out, &r, NULL), EH_OK);
	return out;
}

static struct eh_num statistic(const struct table *t, const char *name)
{
	struct eh_icc i = icc(t);
	const struct {
		const char *name;
		struct eh_num v;
	} all[] = {
		{ "krippendorff_nominal", alpha(t, EH_NOMINAL) },
		{ "krippendorff_ordinal", alpha(t, EH_ORDINAL) },
		{ "krippendorff_interval", alpha(t, EH_INTERVAL) },
		{ "fleiss_kappa", fleiss(t) },
		{ "cohen_kappa", kappa(t, EH_KAPPA_PLAIN, NULL) },
		{ "cohen_kappa_quadratic", kappa(t, EH_KAPPA_QUADRATIC, NULL) },
		{ "icc1", i.icc1 }, { "icc2", i.icc2 }, { "icc3", i.icc3 },
		{ "icc1k", i.icc1k }, { "icc2k", i.icc2k }, { "icc3k", i.icc3k },
	};

	for (size_t k = 0; k < sizeof all / sizeof *all; k++)
		if (strcmp(all[k].name, name) == 0)
			return all[k].v;
	fail_msg("no statistic %s", name);
	return eh_undefined(EH_U_NONE);
}

static void every_case_of_the_file(void **state)
{
	struct cases c;
	size_t n = 0;

	(void)state;
	cases_open(&c, "expected_other.csv");
	while (cases_next(&c)) {
		struct table t;

		if (strcmp(cases_get(&c, "file"), "ratings.csv") != 0)
			continue;
		load(&t, cases_get(&c, "table"));
		check_cell(cases_get(&c, "table"), cases_get(&c, "statistic"), cases_get(&c, "value"),
			   statistic(&t, cases_get(&c, "statistic")), CLOSED);
		n++;
	}
	cases_close(&c);
	assert_int_equal(n, 27);
}

/* 2 x 2 of 3 raters' yes and no: alpha = 1 - (n - 1) Do / De by hand. */
static void alpha_by_hand(void **state)
{
	struct table t = { 0 };

	(void)state;
	add_unit(&t, "1 1 0");          /* 4 unlike ordered pairs / 2 = 2 */
	add_unit(&t, "0 0 -");
	add_unit(&t, "1 - -");          /* left out */
	add_unit(&t, "1 1 1");
	/* n = 8, ones 5, zeros 3: 1 - 7 * 2 / (2 * 5 * 3) */
	assert_true(close_to(alpha(&t, EH_NOMINAL).value, 1.0 - 14.0 / 30.0, 1e-14));
	assert_true(close_to(alpha(&t, EH_INTERVAL).value, 1.0 - 14.0 / 30.0, 1e-14));
}

static void scale_and_shift_change_nothing(void **state)
{
	struct table t, far;

	(void)state;
	load(&t, "alpha_textbook");
	far = t;
	for (size_t i = 0; i < t.at[t.n_units]; i++)
		far.value[i] = 1e6 + 0.25 * t.value[i];
	for (int k = EH_NOMINAL; k <= EH_INTERVAL; k++)
		assert_true(close_to(alpha(&far, (enum eh_rating_scale)k).value,
				     alpha(&t, (enum eh_rating_scale)k).value, 1e-12));
}

static void undefined_values_have_their_reason(void **state)
{
	struct table one = { 0 }, none = { 0 }, gap = { 0 };
	size_t units = 7;

	(void)state;
	add_unit(&one, "1 -");
	add_unit(&one, "- 2");
	assert_int_equal(alpha(&one, EH_INTERVAL).why, EH_U_ONE_RATING);
	assert_int_equal(fleiss(&one).why, EH_U_ONE_RATING);
	assert_int_equal(kappa(&one, EH_KAPPA_LINEAR, &units).why, EH_U_ONE_RATING);
	assert_int_equal(units, 0);
	assert_int_equal(icc(&one).icc1.why, EH_U_ONE_RATING);
	assert_int_equal(alpha(&none, EH_NOMINAL).why, EH_U_ONE_RATING);
	add_unit(&one, "1 1");
	assert_int_equal(icc(&one).icc1.why, EH_U_ONE_PERSON);
	add_unit(&one, "1 1");
	assert_int_equal(alpha(&one, EH_ORDINAL).why, EH_U_ONE_CATEGORY);
	assert_int_equal(kappa(&one, EH_KAPPA_PLAIN, &units).why, EH_U_ONE_CATEGORY);
	assert_int_equal(units, 2);
	assert_int_equal(icc(&one).icc1.why, EH_U_ZERO_VARIANCE);
	add_unit(&gap, "1 2 -");
	add_unit(&gap, "3 4 5");
	assert_int_equal(icc(&gap).icc2.why, EH_U_NOT_CROSSED);
	assert_true(icc(&gap).icc1.defined);
}

/* Disagreement by hand: the distance over the largest one. */
static void linear_kappa_by_hand(void **state)
{
	struct table t = { 0 };
	static const char *const rows[] = { "1 1", "2 2", "3 3", "1 2", "2 3", "3 1" };
	size_t units;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		add_unit(&t, rows[i]);
	/* either rater: 2 of each. chance: 36 * (1/9)(4 * 1/2 + 2 * 1) / 6 = 16/6 ; seen .5 + .5 + 1 = 2 */
	assert_true(close_to(kappa(&t, EH_KAPPA_LINEAR, &units).value, 1.0 - 6.0 * 2.0 / 16.0, 1e-14));
	assert_int_equal(units, 6);
}

static void the_bootstrap_is_seeded_and_covers(void **state)
{
	struct table t = { 0 };
	struct eh_ratings r;
	struct eh_interval a, b, other;
	struct eh_num point;
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 5);
	for (size_t i = 0; i < UNITS; i++) {
		char text[32];
		unsigned base = (unsigned)eh_rng_below(&rng, 5);

		(void)snprintf(text, sizeof text, "%u %u %u", base, base + (unsigned)eh_rng_below(&rng, 2),
			       base + (unsigned)eh_rng_below(&rng, 2));
		add_unit(&t, text);
	}
	r = ratings(&t);
	for (int scale = EH_NOMINAL; scale <= EH_INTERVAL; scale++) {
		assert_int_equal(eh_alpha_interval(&point, &a, &r, (enum eh_rating_scale)scale, 500, 1, NULL), EH_OK);
		assert_int_equal(eh_alpha_interval(&point, &b, &r, (enum eh_rating_scale)scale, 500, 1, NULL), EH_OK);
		assert_int_equal(eh_alpha_interval(&point, &other, &r, (enum eh_rating_scale)scale, 500, 2, NULL),
				 EH_OK);
		assert_memory_equal(&a.low.value, &b.low.value, sizeof a.low.value);
		assert_memory_equal(&a.high.value, &b.high.value, sizeof a.high.value);
		assert_true(fabs(a.low.value - other.low.value) > 0.0);
		assert_true(a.low.value < point.value && point.value < a.high.value);
		assert_true(a.high.value - a.low.value < 0.4);
	}
}

/* The same units twice under one candidate: drawn together, the interval must not shrink. */
static void clusters_are_drawn_together(void **state)
{
	struct table t = { 0 };
	uint32_t cluster[UNITS];
	struct eh_ratings r;
	struct eh_interval apart, together;
	struct eh_num point;

	(void)state;
	for (uint32_t i = 0; i < UNITS; i++) {
		add_unit(&t, i / 2 % 3 == 0 ? "1 0" : i / 2 % 2 ? "1 1" : "0 0");
		cluster[i] = i / 2;
	}
	r = ratings(&t);
	assert_int_equal(eh_alpha_interval(&point, &apart, &r, EH_NOMINAL, 2000, 1, NULL), EH_OK);
	r.cluster = cluster;
	assert_int_equal(eh_alpha_interval(&point, &together, &r, EH_NOMINAL, 2000, 1, NULL), EH_OK);
	assert_true((together.high.value - together.low.value) / (apart.high.value - apart.low.value) > 1.25);
}

static void memory_may_end_anywhere(void **state)
{
	struct table t;
	struct eh_ratings r;
	struct eh_err err = EH_ERR_INIT;
	struct eh_interval interval;
	struct eh_num out;
	struct eh_icc i;
	int rc = EH_ENOMEM;

	(void)state;
	load(&t, "alpha_textbook");
	r = ratings(&t);
	for (unsigned n = 1; rc != EH_OK; n++) {
		eh_mem_fail_at(n);
		rc = eh_alpha_interval(&out, &interval, &r, EH_NOMINAL, 20, 1, &err);
		if (rc == EH_OK)
			rc = eh_fleiss(&out, &r, &err);
		if (rc == EH_OK)
			rc = eh_kappa(&out, NULL, &r, 0, 1, EH_KAPPA_PLAIN, &err);
		if (rc == EH_OK)
			rc = eh_icc(&i, &r, &err);
		assert_true(rc == EH_OK || rc == EH_ENOMEM);
	}
	eh_mem_fail_at(0);
}

/* ---- connectedness ---- */

static void two_parts(struct eh_audit_data *d)
{
	static const char *const groups[] = { "a", "b" };
	static const char *const rows[][3] = {
		{ "E1", "c1", "s1" }, { "E2", "c1", "s1" }, { "E2", "c2", "s1" }, { "E3", "c2", "s2" },
		{ "F1", "d1", "s3" }, { "F2", "d1", "s3" }, { "G", "e1", "s1" },
	};
	struct build b = { 0 };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool known = false;

		for (size_t k = 0; k < i; k++)
			known = known || strcmp(rows[k][1], rows[i][1]) == 0;
		if (!known)
			build_person(&b, rows[i][1], "p", 0);
		build_row(&b, rows[i][0], rows[i][1], rows[i][2], i % 2 == 0);
	}
	build_finish(d, &b, groups, 2);
}

static void parts_are_found_and_named(void **state)
{
	struct eh_audit_data d;
	struct eh_connect c;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	two_parts(&d);          /* E1 E2 E3 F1 F2 G */
	assert_int_equal(eh_connect_make(&c, &d, EH_LINK_CANDIDATE, &err), EH_OK);
	assert_int_equal(c.n, 3);
	assert_int_equal(c.of[0], 0);
	assert_int_equal(c.of[2], 0);
	assert_int_equal(c.of[3], 1);
	assert_int_equal(c.of[5], 2);
	assert_int_equal(c.size[0], 3);
	assert_int_equal(eh_connect_check(&c, &d, 0, 2, &err), EH_OK);
	assert_int_equal(eh_connect_check(&c, &d, 0, 4, &err), EH_EREFUSED);
	assert_non_null(strstr(err.msg, "(E1, E2, E3) with (F1, F2)"));
	assert_int_equal(eh_connect_check_all(&c, &d, &err), EH_EREFUSED);
	assert_non_null(strstr(err.msg, "3 parts"));
	eh_connect_free(&c);
	assert_int_equal(eh_connect_make(&c, &d, EH_LINK_STRATUM, &err), EH_OK);
	assert_int_equal(c.n, 3);       /* E3 judged a candidate of E2, but in a stratum of his own */
	assert_int_equal(eh_connect_check(&c, &d, 0, 5, &err), EH_OK);
	assert_int_equal(eh_connect_check(&c, &d, 0, 3, &err), EH_EREFUSED);
	eh_connect_free(&c);
	eh_audit_data_free(&d);
}

/* Brute force: reachability by repeated closure over random designs. */
static void components_are_those_of_the_closure(void **state)
{
	static const char *const groups[] = { "a", "b" };
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 11);
	for (unsigned round = 0; round < 60; round++) {
		struct build b = { 0 };
		struct eh_audit_data d;
		struct eh_connect c;
		bool reach[12][12] = { { false } };
		char name[32], who[32];

		for (unsigned p = 0; p < 14; p++) {
			(void)snprintf(name, sizeof name, "p%02u", p);
			build_person(&b, name, "x", 0);
		}
		for (unsigned e = 0; e < 12; e++) {
			unsigned first = (unsigned)eh_rng_below(&rng, 14), second = (unsigned)eh_rng_below(&rng, 14);

			(void)snprintf(who, sizeof who, "E%02u", e);
			(void)snprintf(name, sizeof name, "p%02u", first);
			build_row(&b, who, name, "s", true);
			(void)snprintf(name, sizeof name, "p%02u", second);
			if (second != first && round % 3 != 0)
				build_row(&b, who, name, "s", true);
		}
		build_finish(&d, &b, groups, 2);
		for (size_t e = 0; e < 12; e++)
			for (size_t f = 0; f < 12; f++)
				for (size_t i = d.evaluator_at[e]; i < d.evaluator_at[e + 1]; i++)
					for (size_t j = d.evaluator_at[f]; j < d.evaluator_at[f + 1]; j++)
						reach[e][f] = reach[e][f] || d.candidate[i] == d.candidate[j];
		for (size_t k = 0; k < 12; k++)
			for (size_t e = 0; e < 12; e++)
				for (size_t f = 0; f < 12; f++)
					reach[e][f] = reach[e][f] || (reach[e][k] && reach[k][f]);
		assert_int_equal(eh_connect_make(&c, &d, EH_LINK_CANDIDATE, NULL), EH_OK);
		for (size_t e = 0; e < 12; e++)
			for (size_t f = 0; f < 12; f++)
				assert_int_equal(reach[e][f], c.of[e] == c.of[f]);
		eh_connect_free(&c);
		eh_audit_data_free(&d);
	}
}

/* The one link of the second evaluator to the first lies behind many rows of his own; the third has none. */
static void a_link_far_behind_is_found(void **state)
{
	static const char *const groups[] = { "a", "b" };
	struct build b = { 0 };
	struct eh_audit_data d;
	struct eh_connect c;
	char name[32];

	(void)state;
	for (unsigned i = 0; i < 3 * 80; i++) {
		(void)snprintf(name, sizeof name, "p%03u", i);
		build_person(&b, name, "x", 0);
		build_row(&b, i < 80 ? "E0" : i < 160 ? "E1" : "E2", name, i < 80 ? "s0" : i < 160 ? "s1" : "s2", true);
	}
	build_row(&b, "E1", "p159", "s0", true);
	build_finish(&d, &b, groups, 2);
	for (int link = EH_LINK_STRATUM; link <= EH_LINK_WORK; link++) {
		assert_int_equal(eh_connect_make(&c, &d, (enum eh_link)link, NULL), EH_OK);
		assert_int_equal(c.n, 2);
		assert_true(c.of[0] == c.of[1] && c.of[1] != c.of[2]);
		eh_connect_free(&c);
	}
	assert_int_equal(eh_connect_make(&c, &d, EH_LINK_CANDIDATE, NULL), EH_OK);
	assert_int_equal(c.n, 3);
	eh_connect_free(&c);
	eh_audit_data_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_of_the_file),
		cmocka_unit_test(alpha_by_hand),
		cmocka_unit_test(scale_and_shift_change_nothing),
		cmocka_unit_test(undefined_values_have_their_reason),
		cmocka_unit_test(linear_kappa_by_hand),
		cmocka_unit_test(the_bootstrap_is_seeded_and_covers),
		cmocka_unit_test(clusters_are_drawn_together),
		cmocka_unit_test(memory_may_end_anywhere),
		cmocka_unit_test(parts_are_found_and_named),
		cmocka_unit_test(components_are_those_of_the_closure),
		cmocka_unit_test(a_link_far_behind_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
