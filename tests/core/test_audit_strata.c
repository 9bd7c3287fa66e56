/* Several tables and several tests: strata, families, peers, against the case files. */
#include "tests/core/audit_cases.h"

#include "audit/family.h"
#include "audit/peers.h"
#include "audit/homogeneity.h"
#include "audit/strata.h"

#define CLOSED 1e-9
#define EXACT_ODDS 2e-4                 /* cases/README.md: R's root tolerance */
#define STRATA_MAX 16

struct collected {
	struct eh_fourfold v[STRATA_MAX];
	char names[STRATA_MAX][64];
	size_t n;
};

static struct eh_fourfold *stratum(struct collected *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->names[i], name) == 0)
			return &c->v[i];
	assert_true(c->n < STRATA_MAX);
	(void)snprintf(c->names[c->n], sizeof c->names[0], "%s", name);
	return &c->v[c->n++];
}

/* The tables of one case (NULL: the whole file), focal = the group of that name. */
static void collect(struct collected *out, const char *file, const char *which, const char *focal)
{
	struct cases c;

	memset(out, 0, sizeof *out);
	cases_open(&c, file);
	while (cases_next(&c)) {
		struct eh_fourfold *t;

		if (which != NULL && strcmp(cases_get(&c, "case"), which) != 0)
			continue;
		t = stratum(out, cases_get(&c, "stratum"));
		if (strcmp(cases_get(&c, "group"), focal) == 0) {
			t->a = cases_count(&c, "selected");
			t->n1 = cases_count(&c, "applicants");
		} else {
			t->b = cases_count(&c, "selected");
			t->n2 = cases_count(&c, "applicants");
		}
	}
	cases_close(&c);
}

static void check_ratio(const char *file, const char *table, const struct eh_strata *s)
{
	struct eh_interval i = eh_log_interval(s->ratio.value, s->var_ln.value);
	double z = log(s->ratio.value) / sqrt(s->var_ln.value);

	check_other(file, table, "", "rr_mh", s->ratio.value, CLOSED);
	check_other(file, table, "", "rr_mh_var_ln", s->var_ln.value, CLOSED);
	check_other(file, table, "", "rr_mh_lo", i.low.value, CLOSED);
	check_other(file, table, "", "rr_mh_hi", i.high.value, CLOSED);
	check_other(file, table, "", "rr_mh_z", z, CLOSED);
	check_other(file, table, "", "rr_mh_p_two_sided", eh_p_of_z(eh_num(z)).value, CLOSED);
}

static void check_common(const char *file, const char *table, const struct eh_strata *s)
{
	check_other(file, table, "", "cmh", s->cmh.value, CLOSED);
	check_other(file, table, "", "cmh_p", s->p_cmh.value, CLOSED);
	check_other(file, table, "", "cmh_yates", s->cmh_yates.value, CLOSED);
	check_other(file, table, "", "cmh_yates_p", eh_p_of_chi(s->cmh_yates, 1.0).value, CLOSED);
	check_other(file, table, "", "cmh_expected", s->expected, CLOSED);
	check_other(file, table, "", "cmh_var", s->variance, CLOSED);
	check_other(file, table, "", "cmh_sum_a", (double)s->comparable.a, 0.0);
	check_other(file, table, "", "or_mh", s->odds.value, CLOSED);
	check_other(file, table, "", "or_mh_lo", s->odds_interval.low.value, CLOSED);
	check_other(file, table, "", "or_mh_hi", s->odds_interval.high.value, CLOSED);
	check_other(file, table, "", "breslow_day", s->breslow_day.value, CLOSED);
	check_other(file, table, "", "breslow_day_p", s->p_breslow_day.value, CLOSED);
	check_other(file, table, "", "breslow_day_df", (double)s->used - 1.0, 0.0);
	check_other(file, table, "", "tarone", s->tarone.value, CLOSED);
	check_other(file, table, "", "tarone_p", s->p_tarone.value, CLOSED);
}

static struct eh_fourfold together(const struct collected *c)
{
	struct eh_fourfold all = { 0, 0, 0, 0 };

	for (size_t i = 0; i < c->n; i++) {
		all.a += c->v[i].a;
		all.n1 += c->v[i].n1;
		all.b += c->v[i].b;
		all.n2 += c->v[i].n2;
	}
	return all;
}

static void check_strata(const char *file, const char *table, const struct collected *c)
{
	struct eh_fourfold all = together(c);
	struct eh_num z = eh_table_z(&all);
	struct eh_strata_exact e;
	struct eh_strata s;

	eh_strata(&s, c->v, c->n);
	check_ratio(file, table, &s);
	check_common(file, table, &s);
	assert_int_equal(eh_strata_exact(&e, c->v, c->n, NULL), EH_OK);
	check_other(file, table, "", "cmh_exact_p", e.p.value, CLOSED);
	check_other(file, table, "", "cmh_exact_or_cond_mle", e.odds.value, EXACT_ODDS);
	check_other(file, table, "", "pooled_ratio", eh_table_ratio(&all).value, CLOSED);
	check_other(file, table, "", "pooled_chi2", z.value * z.value, CLOSED);
	check_other(file, table, "", "pooled_p", eh_p_of_z(z).value, CLOSED);
}

static void stratified_cases_are_reproduced(void **state)
{
	static const char *const names[] = { "mussel", "edge_base", "edge_neutral", "edge_all_selected" };
	struct collected c;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		collect(&c, "stratified_cases.csv", names[i], "focal");
		check_strata("stratified_cases.csv", names[i], &c);
	}
}

static void berkeley_fails_pooled_passes_stratified_and_is_warned_about(void **state)
{
	struct eh_finding f = { .basis = EH_BASIS_KNOWN };
	struct eh_homogeneity h;
	struct eh_fourfold all;
	struct eh_strata s;
	struct collected c;

	(void)state;
	collect(&c, "ucb_admissions.csv", NULL, "Female");
	assert_int_equal(c.n, 6);
	check_strata("ucb_admissions.csv", "Female/Male", &c);
	for (size_t i = 0; i < c.n; i++)
		check_other("ucb_admissions.csv", "Female/Male", c.names[i], "impact_ratio_female_to_male",
			    eh_table_ratio(&c.v[i]).value, CLOSED);
	all = together(&c);
	eh_strata(&s, c.v, c.n);
	f.below_limit = eh_table_below(&all, 4, 5);
	f.ratio_below = eh_strata_below(&s, 4, 5);
	f.mh_ratio = s.ratio;
	f.p_breslow_day = s.p_breslow_day;
	h = eh_homogeneity(&s, c.v, c.n, 1.0);
	assert_int_equal(h.test, EH_STRATA_BRESLOW_DAY);
	f.homogeneity_test = h.test;
	f.p_homogeneity = h.p;
	assert_int_equal(f.below_limit, EH_YES);
	assert_int_equal(f.ratio_below, EH_NO);
	assert_int_equal(eh_strata_notes(&f), EH_NOTE_UNEQUAL | EH_NOTE_REVERSED);
	assert_true(strlen(eh_strata_note_text(&f, EH_NOTE_UNEQUAL)) > 0);
	assert_true(s.shortfall < 0.0);
}

static void exactly_four_fifths_in_every_stratum_is_not_below(void **state)
{
	static const struct eh_fourfold v[] = { { 2, 3, 5, 6 }, { 12, 21, 5, 7 }, { 4, 10, 7, 14 }, { 4, 13, 5, 13 },
					       { 8, 33, 10, 33 } };
	struct eh_strata s;

	(void)state;
	eh_strata(&s, v, sizeof v / sizeof *v);
	assert_true(close_to(s.ratio.value, 0.8, 1e-14));
	assert_int_equal(eh_strata_below(&s, 4, 5), EH_NO);
}

/* In one stratum it is the swap of the table; in several it can be told by doing it. */
static void a_swap_turns_the_order_where_the_sums_say_so(void **state)
{
	static const struct eh_fourfold turned[] = { { 5, 10, 6, 10 }, { 2, 20, 2, 6 } };
	struct eh_strata s;

	(void)state;
	for (uint64_t a = 0; a <= 9; a++)
		for (uint64_t b = 0; b <= 7; b++)
			for (uint64_t m = 1; m <= 3; m++) {
				const struct eh_fourfold t = { a, 9, b, 7 };

				eh_strata(&s, &t, 1);
				assert_int_equal(eh_strata_flips(&s, m), eh_table_flips(&t, m));
			}
	eh_strata(&s, turned, 2);
	/* 1/2 short of even in the first, 14/13 in the second */
	assert_true(s.s - s.r > 1.0 && s.s - s.r < 2.0);
	assert_int_equal(eh_strata_flips(&s, 1), EH_NO);
	assert_int_equal(eh_strata_flips(&s, 2), EH_YES);
	eh_strata(&s, NULL, 0);
	assert_int_equal(eh_strata_flips(&s, 1), EH_UNKNOWN);
}

static void strata_without_information_give_reasons(void **state)
{
	static const struct eh_fourfold none[] = { { 3, 8, 0, 0 }, { 0, 0, 2, 4 } };
	static const struct eh_fourfold nobody[] = { { 0, 8, 0, 4 }, { 0, 3, 0, 4 } };
	static const struct eh_fourfold reference_none[] = { { 3, 8, 0, 4 }, { 1, 3, 0, 4 } };
	struct eh_strata s;

	(void)state;
	eh_strata(&s, none, 2);
	assert_int_equal(s.ratio.why, EH_U_NO_COMMON_STRATUM);
	assert_int_equal(s.p_cmh.why, EH_U_NO_COMMON_STRATUM);
	assert_int_equal(s.odds.why, EH_U_NO_COMMON_STRATUM);
	assert_int_equal(eh_strata_ratio(none, 2).ratio.why, EH_U_NO_COMMON_STRATUM);
	assert_int_equal(eh_strata_below(&s, 4, 5), EH_UNKNOWN);
	eh_strata(&s, none, 1);
	assert_int_equal(s.ratio.why, EH_U_EMPTY_GROUP);
	eh_strata(&s, nobody, 2);
	assert_int_equal(s.ratio.why, EH_U_NOBODY_SELECTED);
	assert_int_equal(s.p_cmh.why, EH_U_ZERO_VARIANCE);
	eh_strata(&s, reference_none, 2);
	assert_int_equal(s.ratio.why, EH_U_REFERENCE_NONE_SELECTED);
	eh_strata(&s, NULL, 0);
	assert_int_equal(s.ratio.why, EH_U_EMPTY_GROUP);
}

/* One table: Fisher's test and odds ratio again; Robins-Breslow-Greenland is Woolf's interval. */
static void one_stratum_is_the_table_itself(void **state)
{
	static const struct eh_fourfold v[] = { { 4, 17, 17, 31 }, { 0, 0, 3, 9 }, { 0, 5, 0, 8 }, { 5, 5, 8, 8 } };
	struct eh_strata_exact e;
	struct eh_exact x = eh_table_exact(v);
	struct eh_strata s;
	double woolf = 1.0 / 4 + 1.0 / 13 + 1.0 / 17 + 1.0 / 14;

	(void)state;
	eh_strata(&s, v, 1);
	assert_true(close_to(s.odds.value, eh_table_odds(v).value, 1e-14));
	assert_true(close_to(s.odds_interval.low.value, eh_log_interval(s.odds.value, woolf).low.value, 1e-12));
	assert_int_equal(s.tarone.why, EH_U_ONE_STRATUM);
	/* the strata after the first say nothing */
	assert_int_equal(eh_strata_exact(&e, v, 4, NULL), EH_OK);
	assert_true(close_to(e.p.value, x.fisher.value, 1e-14));
	assert_true(close_to(e.mid.value, x.mid_a.value, 1e-14));
	assert_true(close_to(e.odds.value, eh_table_odds_conditional(v).value, 1e-12));
}

static void odds_without_information_give_reasons(void **state)
{
	static const struct eh_fourfold up[] = { { 3, 8, 0, 4 }, { 1, 3, 0, 4 } };
	static const struct eh_fourfold down[] = { { 0, 8, 2, 4 }, { 0, 3, 1, 4 } };
	static const struct eh_fourfold nobody[] = { { 0, 8, 0, 4 } };
	static const struct eh_fourfold huge[] = { { 10001, 20001, 10000, 20001 } };
	struct eh_strata_exact e;
	struct eh_strata s;

	(void)state;
	eh_strata(&s, up, 2);
	assert_int_equal(s.odds.why, EH_U_UNBOUNDED);
	assert_int_equal(s.odds_interval.low.why, EH_U_ZERO_VARIANCE);
	assert_int_equal(eh_strata_exact(&e, up, 2, NULL), EH_OK);
	assert_int_equal(e.odds.why, EH_U_UNBOUNDED);
	eh_strata(&s, down, 2);
	assert_true(s.odds.defined && s.odds.value == 0.0);
	assert_int_equal(eh_strata_exact(&e, down, 2, NULL), EH_OK);
	assert_true(e.odds.value == 0.0);
	eh_strata(&s, nobody, 1);
	assert_int_equal(s.odds.why, EH_U_ZERO_VARIANCE);
	assert_int_equal(eh_strata_exact(&e, nobody, 1, NULL), EH_OK);
	assert_int_equal(e.p.why, EH_U_ZERO_VARIANCE);
	assert_int_equal(eh_strata_exact(&e, huge, 1, NULL), EH_OK);
	assert_int_equal(e.p.why, EH_U_NOT_COMPUTED);
	eh_strata(&s, NULL, 0);
	assert_int_equal(s.odds.why, EH_U_EMPTY_GROUP);
}

static void families_are_those_of_p_adjust(void **state)
{
	static const char *const which[] = { "m8", "m7_gap_ties" };
	static const struct { enum eh_family_method method; const char *name; } methods[] = {
		{ EH_FAMILY_BH, "bh" }, { EH_FAMILY_HOLM, "holm" }, { EH_FAMILY_BY, "by" },
		{ EH_FAMILY_BONFERRONI, "bonferroni" }, { EH_FAMILY_HOCHBERG, "hochberg" },
	};

	(void)state;
	for (size_t w = 0; w < 2; w++) {
		struct eh_num p[16], q[16];
		struct cases c;
		uint32_t size = 0, n = 0, defined = 0;

		cases_open(&c, "multiplicity.csv");
		while (cases_next(&c)) {
			const char *text = cases_get(&c, "p");

			if (strcmp(cases_get(&c, "case"), which[w]) != 0)
				continue;
			p[n] = strcmp(text, "undefined") == 0 ? eh_undefined(EH_U_NO_P) : eh_num(strtod(text, NULL));
			defined += p[n++].defined;
		}
		cases_close(&c);
		for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
			assert_int_equal(eh_family_adjust(q, p, n, methods[m].method, &size, NULL), EH_OK);
			assert_int_equal(size, defined);
			for (uint32_t i = 0; i < n; i++) {
				char item[16];

				(void)snprintf(item, sizeof item, "%u", i + 1);
				assert_int_equal(q[i].defined, p[i].defined);
				if (q[i].defined)
					check_other("multiplicity.csv", which[w], item, methods[m].name, q[i].value,
						    CLOSED);
			}
		}
	}
}

static void family_names_are_checked(void **state)
{
	struct eh_err err = EH_ERR_INIT;
	enum eh_family_method m = EH_FAMILY_NONE;

	(void)state;
	assert_int_equal(eh_family_parse(&m, "by", &err), EH_OK);
	assert_int_equal(m, EH_FAMILY_BY);
	assert_int_equal(eh_family_parse(&m, "bonferoni", &err), EH_EINVAL);
	assert_non_null(strstr(err.msg, "bonferoni"));
}

/*
 * The case file's crowd includes the evaluator; leaving him out changes y - c by W/(W - w) and its variance by
 * the same factor, so z grows by sqrt(W/(W - w)), W the sum of all weights.
 */
static void leave_one_out_agrees_with_the_crowd_of_the_case_file(void **state)
{
	struct collected evaluators[5];
	struct eh_peer peer[5];
	struct cases c;
	double all = 0.0, crowd = 0.0;

	(void)state;
	memset(evaluators, 0, sizeof evaluators);
	cases_open(&c, "benchmark.csv");
	while (cases_next(&c)) {
		struct eh_fourfold *t = stratum(&evaluators[cases_get(&c, "evaluator")[1] - '1'],
						cases_get(&c, "stratum"));

		*t = (struct eh_fourfold){ cases_count(&c, "focal_selected"), cases_count(&c, "focal_n"),
					   cases_count(&c, "reference_selected"), cases_count(&c, "reference_n") };
	}
	cases_close(&c);
	for (size_t e = 0; e < 5; e++) {
		struct eh_strata s;

		eh_strata(&s, evaluators[e].v, evaluators[e].n);
		peer[e] = (struct eh_peer){ .has = true, .y = log(s.ratio.value), .v = s.var_ln.value };
		all += 1.0 / s.var_ln.value;
		crowd += log(s.ratio.value) / s.var_ln.value;
	}
	check_other("benchmark.csv", "all", "", "crowd_ln_rr", crowd / all, CLOSED);
	eh_peers(peer, 5);
	for (size_t e = 0; e < 5; e++) {
		char item[3] = { 'E', (char)('1' + e), '\0' };
		double grow = all / (all - 1.0 / peer[e].v);

		check_other("benchmark.csv", "all", item, "rr_mh_var_ln", peer[e].v, CLOSED);
		check_other("benchmark.csv", "all", item, "rr_mh", exp(peer[e].y), CLOSED);
		check_other("benchmark.csv", "all", item, "benchmark_z", peer[e].z.value / sqrt(grow), CLOSED);
		check_other("benchmark.csv", "all", item, "benchmark_p_less",
			    0.5 * erfc(-peer[e].z.value / sqrt(grow) / sqrt(2.0)), CLOSED);
		check_other("benchmark.csv", "all", item, "ratio_to_crowd", exp(log(peer[e].ratio.value) / grow),
			    CLOSED);
	}
	assert_true(peer[2].p.value < 0.01);
}

static void who_has_no_peers_is_not_compared(void **state)
{
	struct eh_peer v[2] = { { .has = true, .y = -1.0, .v = 0.1 }, { .has = false } };

	(void)state;
	eh_peers(v, 2);
	assert_int_equal(v[0].p.why, EH_U_NO_PEERS);
	assert_int_equal(v[1].p.why, EH_U_NOT_COMPUTED);
}

/* One selected of a million against none of one, and the other way round: a variance of ln ratio beyond all sense. */
static void an_end_beyond_all_doubles_is_unbounded(void **state)
{
	const struct eh_fourfold v[] = { { 1, 1 << 20, 0, 1 }, { 0, 1, 1, 1 << 20 } };
	struct eh_strata s;
	struct eh_interval x;

	(void)state;
	eh_strata(&s, v, 2);
	assert_true(s.ratio.defined && s.var_ln.defined && s.odds.defined);
	x = eh_log_interval(s.ratio.value, s.var_ln.value);
	assert_true(x.low.defined && x.low.value >= 0.0);
	assert_int_equal(x.high.why, EH_U_UNBOUNDED);
	assert_false(s.odds_interval.high.defined);
	assert_int_equal(s.odds_interval.high.why, EH_U_UNBOUNDED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stratified_cases_are_reproduced),
		cmocka_unit_test(berkeley_fails_pooled_passes_stratified_and_is_warned_about),
		cmocka_unit_test(exactly_four_fifths_in_every_stratum_is_not_below),
		cmocka_unit_test(a_swap_turns_the_order_where_the_sums_say_so),
		cmocka_unit_test(strata_without_information_give_reasons),
		cmocka_unit_test(one_stratum_is_the_table_itself),
		cmocka_unit_test(odds_without_information_give_reasons),
		cmocka_unit_test(families_are_those_of_p_adjust),
		cmocka_unit_test(family_names_are_checked),
		cmocka_unit_test(leave_one_out_agrees_with_the_crowd_of_the_case_file),
		cmocka_unit_test(who_has_no_peers_is_not_compared),
		cmocka_unit_test(an_end_beyond_all_doubles_is_unbounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
