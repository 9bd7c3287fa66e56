/* Several tables and several tests: strata, families, peers, against the case files. */
#include "tests/core/audit_cases.h"

#include "audit/family.h"
#include "audit/peers.h"
#include "audit/strata.h"

#define CLOSED 1e-9
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

static void check_strata(const char *file, const char *table, const struct collected *c)
{
	struct eh_strata s;

	eh_strata(&s, c->v, c->n);
	check_other(file, table, "", "rr_mh", s.ratio.value, CLOSED);
	check_other(file, table, "", "rr_mh_var_ln", s.var_ln.value, CLOSED);
	check_other(file, table, "", "cmh", s.cmh.value, CLOSED);
	check_other(file, table, "", "cmh_p", s.p_cmh.value, CLOSED);
	check_other(file, table, "", "breslow_day", s.breslow_day.value, CLOSED);
	check_other(file, table, "", "breslow_day_p", s.p_breslow_day.value, CLOSED);
	check_other(file, table, "", "breslow_day_df", (double)s.used - 1.0, 0.0);
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
	struct eh_fourfold all = { 0, 0, 0, 0 };
	struct eh_finding f = { .basis = EH_BASIS_KNOWN };
	struct eh_strata s;
	struct collected c;

	(void)state;
	collect(&c, "ucb_admissions.csv", NULL, "Female");
	assert_int_equal(c.n, 6);
	check_strata("ucb_admissions.csv", "Female/Male", &c);
	for (size_t i = 0; i < c.n; i++) {
		all.a += c.v[i].a;
		all.n1 += c.v[i].n1;
		all.b += c.v[i].b;
		all.n2 += c.v[i].n2;
	}
	check_other("ucb_admissions.csv", "Female/Male", "", "pooled_ratio", eh_table_ratio(&all).value, CLOSED);
	eh_strata(&s, c.v, c.n);
	f.below_limit = eh_table_below(&all, 4, 5);
	f.ratio_below = eh_strata_below(&s, 4, 5);
	f.mh_ratio = s.ratio;
	f.p_breslow_day = s.p_breslow_day;
	assert_int_equal(f.below_limit, EH_YES);
	assert_int_equal(f.ratio_below, EH_NO);
	assert_int_equal(eh_strata_notes(&f), EH_NOTE_UNEQUAL | EH_NOTE_REVERSED);
	assert_true(strlen(eh_strata_note_text(EH_NOTE_UNEQUAL)) > 0);
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
	assert_int_equal(s.ratio.why, EH_U_EMPTY_GROUP);
	assert_int_equal(eh_strata_below(&s, 4, 5), EH_UNKNOWN);
	eh_strata(&s, nobody, 2);
	assert_int_equal(s.ratio.why, EH_U_NOBODY_SELECTED);
	assert_int_equal(s.p_cmh.why, EH_U_ZERO_VARIANCE);
	eh_strata(&s, reference_none, 2);
	assert_int_equal(s.ratio.why, EH_U_REFERENCE_NONE_SELECTED);
	eh_strata(&s, NULL, 0);
	assert_int_equal(s.ratio.why, EH_U_EMPTY_GROUP);
}

static void families_are_those_of_p_adjust(void **state)
{
	static const char *const which[] = { "m8", "m7_gap_ties" };
	static const struct { enum eh_family_method method; const char *name; } methods[] = {
		{ EH_FAMILY_BH, "bh" }, { EH_FAMILY_HOLM, "holm" }, { EH_FAMILY_BY, "by" },
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
		for (size_t m = 0; m < 3; m++) {
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
	double all = 0.0;

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
	}
	eh_peers(peer, 5);
	for (size_t e = 0; e < 5; e++) {
		char item[3] = { 'E', (char)('1' + e), '\0' };
		double grow = all / (all - 1.0 / peer[e].v);

		check_other("benchmark.csv", "all", item, "rr_mh_var_ln", peer[e].v, CLOSED);
		check_other("benchmark.csv", "all", item, "benchmark_z", peer[e].z.value / sqrt(grow), CLOSED);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stratified_cases_are_reproduced),
		cmocka_unit_test(berkeley_fails_pooled_passes_stratified_and_is_warned_about),
		cmocka_unit_test(exactly_four_fifths_in_every_stratum_is_not_below),
		cmocka_unit_test(a_swap_turns_the_order_where_the_sums_say_so),
		cmocka_unit_test(strata_without_information_give_reasons),
		cmocka_unit_test(families_are_those_of_p_adjust),
		cmocka_unit_test(family_names_are_checked),
		cmocka_unit_test(leave_one_out_agrees_with_the_crowd_of_the_case_file),
		cmocka_unit_test(who_has_no_peers_is_not_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
