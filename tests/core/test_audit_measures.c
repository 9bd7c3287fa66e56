/* What a finding says beside its decision: effect sizes, posterior, bounds for unknown classes, scores, old records. */
#include "tests/core/audit_build.h"
#include "tests/core/temp_project.h"

#include <math.h>

#include "audit/codec.h"
#include "audit/measures.h"
#include "audit/scores.h"
#include "base/buf.h"
#include "store/codec.h"

static bool near(struct eh_num got, double want)
{
	return got.defined && fabs(got.value - want) <= 1e-9 * fabs(want) + 1e-12;
}

static const struct eh_audit_settings fixed_b = { 4, 5, EH_REF_FIXED, "b", 10, 30, "bh", 0.05, 1, false, false, 1,
						  EH_MIN_SHARE, true, false, false, 0 };

/* facts/statistics.md 5, the main vector, through the whole engine. */
static void the_main_vector_comes_out_of_the_engine(void **state)
{
	struct build b = { NULL, 0, 0, NULL, 0, 0 };
	struct eh_audit_settings s = fixed_b;
	const struct eh_finding *x;
	struct eh_audit_data d;
	struct eh_findings f;

	(void)state;
	build_cell(&b, "E1", "s", 0, 17, 4);
	build_cell(&b, "E1", "s", 1, 31, 17);
	build_finish(&d, &b, (const char *const[]){ "a", "b" }, 2);
	run_audit(&f, &d, &s);
	x = find_finding(&f, "E1", "", "a");
	assert_true(near(x->posterior, 0.930887897703));
	assert_true(near(x->cohen_h, -0.654832926008));
	assert_true(near(x->phi, -0.301847169115));
	assert_true(near(x->odds_ratio, 0.253393665158));
	assert_true(near(x->shortfall, 5.32258064516));
	assert_true(near(x->shortfall_pooled, 3.4375));
	assert_true(fabs(x->p_boschloo.value - 0.0444448704585) < 1e-8);
	assert_true(near(x->odds_interval.low, exp(log(0.253393665158) - 1.959963984540054 *
						  sqrt(1.0 / 4 + 1.0 / 13 + 1.0 / 17 + 1.0 / 14))));
	assert_true(near(x->ratio_if_unknown_low, x->impact_ratio.value));
	assert_true(near(x->ratio_if_unknown_high, x->impact_ratio.value));
	assert_int_equal(x->scores.n, 0);
	assert_int_equal(x->scores.median.why, EH_U_NO_SCORES);
	x = find_finding(&f, "E1", "", "b");
	assert_int_equal(x->posterior.why, EH_U_IS_REFERENCE);
	eh_findings_free(&f);
	s.boschloo = false;
	run_audit(&f, &d, &s);
	assert_int_equal(find_finding(&f, "E1", "", "a")->p_boschloo.why, EH_U_NOT_ASKED);
	eh_findings_free(&f);
	eh_audit_data_free(&d);
}

/* Two decisions per person: descriptions stay, what needs independence goes. */
static void dependent_decisions_have_no_posterior(void **state)
{
	struct build b = { NULL, 0, 0, NULL, 0, 0 };
	const struct eh_finding *x;
	struct eh_audit_data d;
	struct eh_findings f;

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		char name[32];

		(void)snprintf(name, sizeof name, "c%u", i);
		build_person(&b, name, "clerk", i < 15 ? 0 : 1);
		build_row(&b, "E1", name, "q1", i % 3 == 0);
		build_row(&b, "E1", name, "q2", i % 4 == 0);
	}
	build_finish(&d, &b, (const char *const[]){ "a", "b" }, 2);
	run_audit(&f, &d, &fixed_b);
	x = find_finding(&f, "E1", "", "a");
	assert_int_equal(x->posterior.why, EH_U_REPEATED);
	assert_int_equal(x->odds_interval.low.why, EH_U_REPEATED);
	assert_int_equal(x->p_boschloo.why, EH_U_REPEATED);
	assert_true(x->cohen_h.defined && x->phi.defined && x->odds_ratio.defined);
	/* in each question the rate of both together times 15; two decisions to a person */
	assert_true(near(x->shortfall_pooled, (15.0 * (14.0 + 10.0) / 40.0 - (double)x->selected) / 2.0));
	eh_findings_free(&f);
	eh_audit_data_free(&d);
}

/* Every way to give the unknown a class: the bounds are the extremes of all of them. */
static void bounds_hold_for_every_class_the_unknown_could_have(void **state)
{
	enum { UNKNOWN = 6, SELECTED = 2 };
	struct build b = { NULL, 0, 0, NULL, 0, 0 };
	double low = INFINITY, high = -INFINITY;
	const struct eh_finding *x;
	struct eh_audit_data d;
	struct eh_findings f;

	(void)state;
	build_cell(&b, "E1", "s", 0, 12, 4);
	build_cell(&b, "E1", "s", 1, 11, 6);
	build_cell(&b, "E1", "s", 2, 3, 1);
	build_cell(&b, "E1", "s", -1, UNKNOWN, SELECTED);
	build_finish(&d, &b, (const char *const[]){ "a", "b", "c" }, 3);
	run_audit(&f, &d, &fixed_b);
	x = find_finding(&f, "E1", "", "a");
	for (unsigned way = 0; way < 729; way++) {      /* 3^6: focal, reference, neither */
		double a = 4, n1 = 12, c = 6, n2 = 11, ratio;

		for (unsigned i = 0, w = way; i < UNKNOWN; i++, w /= 3) {
			n1 += w % 3 == 0;
			n2 += w % 3 == 1;
			a += w % 3 == 0 && i < SELECTED;
			c += w % 3 == 1 && i < SELECTED;
		}
		ratio = a / n1 / (c / n2);
		low = fmin(low, ratio);
		high = fmax(high, ratio);
	}
	assert_int_equal(x->uncertain_n, UNKNOWN);
	assert_int_equal(x->uncertain_selected, SELECTED);
	assert_true(near(x->ratio_if_unknown_low, low));
	assert_true(near(x->ratio_if_unknown_high, high));
	eh_findings_free(&f);
	eh_audit_data_free(&d);
}

static void bounds_without_information_give_reasons(void **state)
{
	struct eh_cube c = { .n_groups = 2, .unsure = { 4, 0 } };
	struct eh_finding f = { .persons = 5 };

	(void)state;
	/* nobody selected, nor one of the unknown */
	eh_measures_unknown(&f, &(struct eh_fourfold){ 0, 5, 0, 5 }, &c);
	assert_int_equal(f.ratio_if_unknown_low.why, EH_U_NOBODY_SELECTED);
	/* the unknown were all selected: without them the reference had nobody */
	c.unsure.selected = 4;
	eh_measures_unknown(&f, &(struct eh_fourfold){ 2, 5, 0, 5 }, &c);
	assert_int_equal(f.ratio_if_unknown_high.why, EH_U_UNBOUNDED);
	assert_true(near(f.ratio_if_unknown_low, 0.4 / (4.0 / 9.0)));
	c.unsure = (struct eh_count){ 0, 0 };
	eh_measures_unknown(&f, &(struct eh_fourfold){ 0, 0, 2, 5 }, &c);
	assert_int_equal(f.ratio_if_unknown_low.why, EH_U_EMPTY_GROUP);
}

static void the_smallest_share_can_be_set(void **state)
{
	struct build b = { NULL, 0, 0, NULL, 0, 0 };
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_err err = EH_ERR_INIT;
	struct eh_audit_data d;
	struct eh_findings f;

	(void)state;
	build_cell(&b, "E1", "s", 0, 50, 20);
	build_cell(&b, "E1", "s", 1, 48, 20);
	build_cell(&b, "E1", "s", 2, 2, 1);
	build_finish(&d, &b, (const char *const[]){ "a", "b", "c" }, 3);
	run_audit(&f, &d, &s);
	assert_false(find_finding(&f, "E1", "", "c")->below_two_percent);       /* exactly 2 % is not below */
	assert_int_equal(find_finding(&f, "E1", "", "c")->min_share, 200);
	eh_findings_free(&f);
	s.min_share = 201;
	run_audit(&f, &d, &s);
	assert_true(find_finding(&f, "E1", "", "c")->below_two_percent);
	assert_int_equal(find_finding(&f, "E1", "", "c")->phi.why, EH_U_BELOW_TWO_PERCENT);
	eh_findings_free(&f);
	s.min_share = 0;
	run_audit(&f, &d, &s);
	assert_false(find_finding(&f, "E1", "", "c")->below_two_percent);
	eh_findings_free(&f);
	s.min_share = 5001;
	assert_int_equal(eh_audit_run(&f, &d, &s, NULL, &err), EH_EINVAL);
	assert_non_null(strstr(err.msg, "50.01"));
	eh_audit_data_free(&d);
}

/* ---- scores ---- */

struct one {
	const char *candidate;
	int group;
	double score[2];                /* two decisions of E1 */
};

static void scored(struct eh_audit_data *d, const struct one *v, size_t n)
{
	struct build b = { NULL, 0, 0, NULL, 0, 0 };

	for (size_t i = 0; i < n; i++) {
		build_person(&b, v[i].candidate, "clerk", v[i].group);
		build_row(&b, "E1", v[i].candidate, "q1", i % 2 == 0);
		build_row(&b, "E1", v[i].candidate, "q2", i % 2 == 0);
	}
	build_finish(d, &b, (const char *const[]){ "a", "b" }, 2);
	d->score = eh_xcalloc(d->n_decisions, sizeof *d->score);
	d->has_score = eh_xcalloc(d->n_decisions, sizeof *d->has_score);
	for (size_t r = 0; r < d->n_decisions; r++)
		for (size_t i = 0; i < n; i++) {
			bool second = strcmp(d->strata.v[d->stratum[r]], "q2") == 0;

			if (strcmp(d->candidates.v[d->candidate[r]], v[i].candidate) != 0 || v[i].score[second] < 0)
				continue;
			d->score[r] = v[i].score[second];
			d->has_score[r] = 1;
		}
}

/* The case `ties` of facts/statistics.md 13; some of the persons' scores are means of two, one has none. */
static const struct one ties[] = {
	{ "a1", 0, { 3, 3 } }, { "a2", 0, { 4, -1 } }, { "a3", 0, { 4, 6 } }, { "a4", 0, { 2, 2 } },
	{ "a5", 0, { -1, 4 } }, { "a6", 0, { 3, 3 } }, { "a7", 0, { 5, 5 } }, { "a8", 0, { 0, 2 } },
	{ "b1", 1, { 4, 4 } }, { "b2", 1, { 5, 5 } }, { "b3", 1, { 5, 5 } }, { "b4", 1, { 3, 3 } },
	{ "b5", 1, { 6, 6 } }, { "b6", 1, { 4, 4 } }, { "b7", 1, { 5, 5 } }, { "b8", 1, { 3, 5 } },
	{ "b9", 1, { 1, 3 } }, { "b10", 1, { -1, -1 } },
	{ "u1", -1, { 9, 9 } }, { "u2", -1, { 9, 9 } }, { "u3", -1, { 9, 9 } }, { "u4", -1, { 9, 9 } },
	{ "u5", -1, { 9, 9 } }, { "u6", -1, { 9, 9 } },
};

static void check_ties(const struct eh_finding_scores *x)
{
	assert_int_equal(x->n, 8);
	assert_int_equal(x->ref_n, 9);
	assert_true(near(x->median, 4.0));
	assert_true(near(x->scoring_rate, 0.25));
	assert_true(near(x->ref_scoring_rate, 4.0 / 9.0));
	assert_true(near(x->scoring_ratio, 0.5625));
	assert_true(near(x->cohen_d, -0.650676383507));
	assert_true(near(x->hedges_g, -0.617591143667));
	assert_true(near(x->p_welch, 0.206230469325));
	assert_true(near(x->p_mann_whitney, 0.234864859913));
	assert_true(near(x->ks, 0.277777777778));
	assert_false(x->rank_exact);
}

static void scores_are_the_means_of_a_person(void **state)
{
	struct eh_audit_settings s = fixed_b;
	struct eh_audit_data d;
	struct eh_findings f;

	(void)state;
	s.boschloo = false;
	s.median_known = true;
	scored(&d, ties, sizeof ties / sizeof *ties);
	run_audit(&f, &d, &s);
	check_ties(&find_finding(&f, "E1", "", "a")->scores);
	check_ties(&find_finding(&f, "", "", "a")->scores);
	assert_int_equal(find_finding(&f, "E1", "", "b")->scores.scoring_ratio.why, EH_U_IS_REFERENCE);
	assert_true(near(find_finding(&f, "E1", "", "b")->scores.scoring_rate, 4.0 / 9.0));
	eh_findings_free(&f);
	/* with the six unknown in the full sample the median is 5: one of 8 above it never, of 9 one */
	s.median_known = false;
	run_audit(&f, &d, &s);
	assert_true(near(find_finding(&f, "E1", "", "a")->scores.median, 5.0));
	assert_true(near(find_finding(&f, "E1", "", "a")->scores.scoring_rate, 0.0));
	assert_true(near(find_finding(&f, "E1", "", "b")->scores.scoring_rate, 1.0 / 9.0));
	eh_findings_free(&f);
	/* the highest scoring rate is b's, whoever has the highest rate of selection */
	s.reference = EH_REF_HIGHEST;
	s.median_known = true;
	run_audit(&f, &d, &s);
	assert_true(near(find_finding(&f, "E1", "", "a")->scores.scoring_ratio, 0.5625));
	assert_true(near(find_finding(&f, "E1", "", "b")->scores.scoring_ratio, 1.0));
	eh_findings_free(&f);
	eh_audit_data_free(&d);
}

/* ---- records ---- */

static void a_record_of_the_first_layout_is_still_read(void **state)
{
	struct eh_finding f = { .n = 17, .limit_num = 4, .limit_den = 5, .posterior = eh_num(0.9), .phi = eh_num(-0.3),
				.uncertain_n = 3, .min_share = 100, .reason = "ratio 0.4",
				.p_anytime = eh_num(0.25), .look = 3, .anytime = true, .rule = "a rule" };
	unsigned char key[12] = { 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0 };
	struct eh_buf b, other;
	struct temp_project p;
	struct eh_err err = EH_ERR_INIT;
	struct eh_txn *txn = NULL;
	struct eh_finding got;

	(void)state;
	temp_project_open(&p);
	assert_int_equal(eh_txn_begin(&txn, p.store, true, &err), EH_OK);
	assert_int_equal(eh_finding_put(txn, 1, 0, &f, &err), EH_OK);
	assert_int_equal(eh_finding_get(txn, 1, 0, &got, &err), EH_OK);
	assert_true(got.posterior.value == 0.9 && got.min_share == 100 && got.uncertain_n == 3);
	assert_true(got.p_anytime.value == 0.25 && got.look == 3 && got.anytime);
	assert_string_equal(got.rule, "a rule");
	/* the same without what later layouts put behind it: the second began with rests_on */
	eh_buf_init(&b, EH_RECORD_MAX);
	eh_buf_init(&other, EH_RECORD_MAX);
	eh_record_begin(&b, 1);
	eh_record_begin(&other, 1);
	eh_finding_encode(&b, &f);
	f.rests_on = EH_RATIO_STRATIFIED;
	eh_finding_encode(&other, &f);
	assert_int_equal(b.len, other.len);
	for (size_t i = other.len; i-- > 0;)
		b.len = b.data[i] != other.data[i] ? i : b.len;
	assert_true(b.len < other.len);
	assert_int_equal(eh_txn_put(txn, EH_T_FINDINGS, (struct eh_bytes){ key, 12 },
				    (struct eh_bytes){ b.data, b.len }, &err), EH_OK);
	assert_int_equal(eh_finding_get(txn, 1, 0, &got, &err), EH_OK);
	assert_int_equal(got.n, 17);
	assert_string_equal(got.reason, "ratio 0.4");
	assert_int_equal(got.posterior.why, EH_U_NOT_COMPUTED);
	assert_int_equal(got.scores.median.why, EH_U_NO_SCORES);
	assert_int_equal(got.min_share, EH_MIN_SHARE);
	assert_true(got.p_anytime.why == EH_U_NOT_COMPUTED && got.look == 0 && !got.anytime && got.rule[0] == '\0');
	eh_buf_free(&b);
	eh_buf_free(&other);
	eh_txn_abort(&txn);
	temp_project_close(&p);
}

/* Audits on the same number of decisions are one look; those of an earlier version do not say which they were. */
static void stored_audits_are_counted_as_looks(void **state)
{
	static const uint64_t decisions[] = { 100, 100, 150, 150, 120 };
	struct temp_project p;
	struct eh_err err = EH_ERR_INIT;
	struct eh_txn *txn = NULL;
	struct eh_audit_head h = { .look = 0 };
	uint32_t look = 0;

	(void)state;
	temp_project_open(&p);
	assert_int_equal(eh_txn_begin(&txn, p.store, true, &err), EH_OK);
	assert_int_equal(eh_audit_look(txn, NULL, 100, 0, &look, &err), EH_OK);
	assert_int_equal(look, 1);
	for (size_t i = 0; i < sizeof decisions / sizeof decisions[0]; i++) {
		h.seq = i + 1;
		h.decisions = decisions[i];
		assert_int_equal(eh_audit_head_put(txn, &h, &err), EH_OK);
	}
	assert_int_equal(eh_audit_look(txn, NULL, 120, 0, &look, &err), EH_OK);
	assert_int_equal(look, 3);
	assert_int_equal(eh_audit_look(txn, NULL, 200, 0, &look, &err), EH_OK);
	assert_int_equal(look, 4);
	h = (struct eh_audit_head){ .seq = 6, .decisions = 300, .look = 9, .anytime = true };
	assert_int_equal(eh_audit_head_put(txn, &h, &err), EH_OK);
	assert_int_equal(eh_audit_look(txn, NULL, 300, 0, &look, &err), EH_OK);
	assert_int_equal(look, 9);
	assert_int_equal(eh_audit_look(txn, NULL, 301, 0, &look, &err), EH_OK);
	assert_int_equal(look, 10);
	assert_int_equal(eh_audit_head_get(txn, 6, &h, &err), EH_OK);
	assert_true(h.anytime && h.look == 9);
	/* as many decisions as before, but others: one was replaced */
	h = (struct eh_audit_head){ .seq = 7, .decisions = 300, .look = 9, .counts = 41 };
	assert_int_equal(eh_audit_head_put(txn, &h, &err), EH_OK);
	assert_int_equal(eh_audit_look(txn, NULL, 300, 41, &look, &err), EH_OK);
	assert_int_equal(look, 9);
	assert_int_equal(eh_audit_look(txn, NULL, 300, 42, &look, &err), EH_OK);
	assert_int_equal(look, 10);
	assert_int_equal(eh_audit_look(txn, NULL, 300, 0, &look, &err), EH_OK);
	assert_int_equal(look, 9);
	eh_txn_abort(&txn);
	temp_project_close(&p);
}

static void scores_come_back_from_the_store(void **state)
{
	struct eh_audit_settings s = fixed_b;
	struct eh_audit_data d;
	struct eh_findings f;
	struct temp_project p;
	struct eh_err err = EH_ERR_INIT;
	struct eh_txn *txn = NULL;
	struct eh_finding got;

	(void)state;
	s.median_known = true;
	scored(&d, ties, sizeof ties / sizeof *ties);
	run_audit(&f, &d, &s);
	temp_project_open(&p);
	assert_int_equal(eh_txn_begin(&txn, p.store, true, &err), EH_OK);
	assert_int_equal(eh_finding_put(txn, 1, 0, find_finding(&f, "E1", "", "a"), &err), EH_OK);
	assert_int_equal(eh_finding_get(txn, 1, 0, &got, &err), EH_OK);
	check_ties(&got.scores);
	eh_txn_abort(&txn);
	temp_project_close(&p);
	eh_findings_free(&f);
	eh_audit_data_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_main_vector_comes_out_of_the_engine),
		cmocka_unit_test(dependent_decisions_have_no_posterior),
		cmocka_unit_test(bounds_hold_for_every_class_the_unknown_could_have),
		cmocka_unit_test(bounds_without_information_give_reasons),
		cmocka_unit_test(the_smallest_share_can_be_set),
		cmocka_unit_test(scores_are_the_means_of_a_person),
		cmocka_unit_test(a_record_of_the_first_layout_is_still_read),
		cmocka_unit_test(stored_audits_are_counted_as_looks),
		cmocka_unit_test(scores_come_back_from_the_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
