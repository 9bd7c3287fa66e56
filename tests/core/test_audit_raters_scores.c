/* Evaluators as raters: scores, agreement, and what rows stand for. */
#include "tests/core/raters_world.h"

/* ---- scores, agreement ---- */

static void scores_in_the_middle(void **state)
{
	struct world w = fair(10, 150);
	struct eh_raters_settings s = settings();
	struct eh_audit_data d;
	struct eh_raters r;
	struct eh_rng rng;

	(void)state;
	make(&d, &w, 8);
	eh_rng_seed(&rng, 4);
	d.score = eh_xcalloc(d.n_decisions, sizeof *d.score);
	d.has_score = eh_xcalloc(d.n_decisions, 1);
	for (size_t e = 0; e < d.evaluators.n; e++)
		for (size_t i = d.evaluator_at[e]; i < d.evaluator_at[e + 1]; i++) {
			d.has_score[i] = e != 9;
			d.score[i] = 50.0 + (e == 2 ? -8.0 : 0.0) + (e == 6 ? 4.0 : 10.0) * eh_rng_normal(&rng);
		}
	run(&r, &d, &s);
	assert_true(fabs(r.v[6].scores.spread.value - 0.4) < 0.1);
	assert_non_null(strstr(r.v[6].sentence, "bunch in the middle"));
	assert_true(fabs(r.v[2].scores.severity.value - 8.0 * 8.0 / 9.0) < 2.5);
	assert_int_equal(r.v[9].scores.spread.why, EH_U_NO_SCORES);
	assert_string_equal(r.v[1].sentence, "no difference that could be told");
	assert_int_equal(r.scores.alpha.why, EH_U_ONE_RATING);
	done(&r, &d);
}

/* Two judge the same twenty: observed agreement by hand, expected from their rates. */
static void agreement_of_two(void **state)
{
	struct build b = { 0 };
	struct eh_raters_settings s = settings();
	struct eh_audit_data d;
	struct eh_raters r;
	struct eh_raters_pair pair;

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		char name[32];

		(void)snprintf(name, sizeof name, "c%02hhu", (unsigned char)i);
		build_person(&b, name, "clerk", (int)(i % 2));
		build_row(&b, "A", name, "s", i < 10);
		build_row(&b, "B", name, "s", i < 6 || i >= 16);
	}
	build_finish(&d, &b, sexes, 2);
	run(&r, &d, &s);
	assert_int_equal(r.decisions.units, 20);
	assert_int_equal(r.v[0].pairs, 20);
	assert_true(fabs(r.v[0].observed_agreement.value - 0.6) < 1e-12);
	assert_true(fabs(r.observed_agreement.value - 0.6) < 1e-12);
	assert_true(fabs(r.expected_agreement.value - 0.5) < 1e-9);
	assert_true(fabs(r.decisions.alpha.value - (1.0 - 39.0 * 16.0 / (2.0 * 20.0 * 20.0))) < 1e-12);
	assert_int_equal(eh_raters_compare(&pair, &r, &d, &s, 0, 1, NULL), EH_OK);
	assert_true(fabs(pair.kappa.value - 0.2) < 1e-12);
	assert_int_equal(pair.units, 20);
	done(&r, &d);
}

/* One candidate who stands for n persons is n persons of his kind. */
static void a_weight_is_so_many_persons(void **state)
{
	struct build many = { 0 }, few = { 0 };
	struct eh_raters_settings s = settings();
	struct eh_audit_data d, w;
	struct eh_raters r, q;

	(void)state;
	for (unsigned e = 0; e < 5; e++)
		for (unsigned g = 0; g < 2; g++) {
			char who[32];

			(void)snprintf(who, sizeof who, "E%hhu", (unsigned char)e);
			build_cell(&many, who, "s", (int)g, cell_n(e, 1, g), cell_y(e, 1, g));
			build_cell(&few, who, "s", (int)g, 2, 1);
		}
	build_finish(&d, &many, sexes, 2);
	build_finish(&w, &few, sexes, 2);
	w.weight = eh_xcalloc(w.candidates.n, sizeof *w.weight);
	for (uint32_t e = 0; e < 5; e++)
		for (size_t i = w.evaluator_at[e]; i < w.evaluator_at[e + 1]; i++) {
			unsigned g = (unsigned)w.attributes[0].group[w.candidate[i]];

			w.weight[w.candidate[i]] = w.selected[i] ? cell_y(e, 1, g) : cell_n(e, 1, g) - cell_y(e, 1, g);
		}
	run(&r, &d, &s);
	run(&q, &w, &s);
	assert_int_equal(q.n_decisions, d.n_decisions);
	for (size_t e = 0; e < r.n; e++) {
		assert_int_equal(r.v[e].persons, q.v[e].persons);
		assert_int_equal(r.v[e].selected, q.v[e].selected);
		assert_true(fabs(r.v[e].severity.value - q.v[e].severity.value) < 1e-9);
		assert_true(fabs(r.v[e].se.value - q.v[e].se.value) < 1e-9);
		assert_int_equal(r.v[e].bias[1].persons, q.v[e].bias[1].persons);
		assert_true(fabs(r.v[e].bias[1].t.value - q.v[e].bias[1].t.value) < 1e-9);
	}
	eh_raters_free(&q);
	eh_audit_data_free(&w);
	done(&r, &d);
}

/* Rows in any order: the day of a decision stays with it. */
static void days_move_with_their_rows(void **state)
{
	enum { N = 3000 };
	struct eh_audit_data d = { 0 };
	struct eh_rng rng;
	struct eh_err err = EH_ERR_INIT;
	uint32_t order[N];

	(void)state;
	eh_rng_seed(&rng, 2);
	for (uint32_t i = 0; i < N; i++)
		order[i] = i;
	eh_rng_shuffle(&rng, order, N);
	d.evaluators.n = 3;
	d.candidates.n = N;
	d.strata.n = 1;
	assert_int_equal(eh_audit_data_room(&d, N, false, &err), EH_OK);
	d.decided = eh_xcalloc(N, sizeof *d.decided);
	for (uint32_t i = 0; i < N; i++) {
		d.candidate[i] = order[i];
		d.evaluator[i] = order[i] % 3;
		d.decided[i] = (int32_t)order[i] - 7;
	}
	assert_int_equal(eh_audit_data_sort(&d, &err), EH_OK);
	for (size_t i = 0; i < N; i++)
		assert_int_equal(d.decided[i], (int32_t)d.candidate[i] - 7);
	d.evaluators.n = d.candidates.n = d.strata.n = 0;
	eh_audit_data_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scores_in_the_middle),
		cmocka_unit_test(agreement_of_two),
		cmocka_unit_test(a_weight_is_so_many_persons),
		cmocka_unit_test(days_move_with_their_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
