/* Evaluators as raters: severity against glmer, harsh to all and harsh to one group, edges. */
#include "tests/core/raters_world.h"

/* ---- the model ---- */

/*
 * R 4.2.2, lme4 1.1-31: glmer(cbind(y, n - y) ~ stratum + group + (1 | evaluator), binomial, nAGQ = 0) on the cells
 * of fixed_cells: sd, -2 log L without sum of 2 lchoose(n, y), -ranef of E0, E4, E7.
 */
#define GLMER_SD 1.4467680446
#define GLMER_DEVIANCE 963.4708209102
static const double glmer_severity[] = { 0.4500641359, 0.3584302280, -3.5805912167 };

/* From the same fit: severity against the mean of E0..E6 (E7 is extreme), its standard error from the joint information
 * of fixed effects and evaluators; and E0 against E4. */
static const double glmer_centred[][2] = {
	{ -0.0614488950, 0.1899633961 }, { -0.1530828030, 0.1879086696 }, { -4.0921042477, 0.6933252363 }
};
static const double glmer_difference[2] = { 0.0916339079, 0.2886766998 };

static void fixed_cells(struct eh_audit_data *d)
{
	struct build b = { 0 };

	for (unsigned e = 0; e < 8; e++)
		for (unsigned s = 0; s < 3; s++)
			for (unsigned g = 0; g < 2; g++) {
				char who[32], stratum[32];

				(void)snprintf(who, sizeof who, "E%hhu", (unsigned char)e);
				(void)snprintf(stratum, sizeof stratum, "s%hhu", (unsigned char)s);
				build_cell(&b, who, stratum, (int)g, cell_n(e, s, g), cell_y(e, s, g));
			}
	build_finish(d, &b, sexes, 2);
}

static void the_model_is_that_of_glmer(void **state)
{
	struct eh_audit_data d;
	struct eh_raters_settings s = settings();
	static const unsigned who[] = { 0, 4, 7 };
	struct eh_raters_pair pair;
	struct eh_raters r;

	(void)state;
	fixed_cells(&d);
	run(&r, &d, &s);
	assert_true(r.model.converged);
	assert_true(fabs(r.model.sd - GLMER_SD) < 2e-4);
	assert_true(fabs(r.model.deviance - GLMER_DEVIANCE) < 1e-3 && r.model.deviance < GLMER_DEVIANCE + 1e-6);
	for (size_t i = 0; i < sizeof who / sizeof *who; i++)
		assert_true(fabs(r.model.v[who[i]].severity.value - glmer_severity[i]) < 5e-4);
	for (size_t i = 0; i < sizeof who / sizeof *who; i++) {
		assert_true(fabs(r.v[who[i]].severity.value - glmer_centred[i][0]) < 5e-4);
		assert_true(fabs(r.v[who[i]].se.value - glmer_centred[i][1]) < 5e-4);
	}
	assert_int_equal(eh_raters_compare(&pair, &r, &d, &s, 0, 4, NULL), EH_OK);
	assert_true(fabs(pair.difference.value - glmer_difference[0]) < 5e-4);
	assert_true(fabs(pair.se.value - glmer_difference[1]) < 5e-4);
	/* E7 selected everybody: drawn to the mean, finite, and flagged */
	assert_true(r.v[7].extreme && r.v[7].severity.defined && r.v[7].severity.value < -1.0);
	assert_non_null(strstr(r.v[7].sentence, "advanced all of"));
	assert_false(r.v[0].extreme);
	assert_int_equal(r.v[7].bias[0].size.why, EH_U_EVERYBODY_SELECTED);
	done(&r, &d);
}

/* Firth's penalty on one 2x2 table is half a person more in each cell (Heinze & Schemper 2002). */
static void a_slope_is_half_a_person_in_each_cell(void **state)
{
	static const double tables[][4] = { { 4, 17, 17, 31 }, { 0, 10, 5, 10 }, { 7, 7, 3, 9 }, { 0, 6, 8, 8 } };

	(void)state;
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		const double a = tables[i][0], n1 = tables[i][1], b = tables[i][2], n2 = tables[i][3];
		const double p1 = (a + .5) / (n1 + 1.0), p2 = (b + .5) / (n2 + 1.0);
		const double offset[] = { 0.7, 0.7 }, z[] = { 1.0, 0.0 }, n[] = { n1, n2 }, y[] = { a, b };
		struct eh_slope s = eh_slope_fit(2, offset, z, n, y);

		assert_true(fabs(s.size.value - log(p1 * (1.0 - p2) / (p2 * (1.0 - p1)))) < 1e-8);
		assert_true(fabs(s.se.value - sqrt(1.0 / (n1 * p1 * (1.0 - p1)) + 1.0 / (n2 * p2 * (1.0 - p2)))) <
			    1e-8);
	}
}

static void a_slope_has_its_reasons(void **state)
{
	const double offset[] = { 0, 0 }, z[] = { 1, 0 }, same[] = { 1, 1 }, n[] = { 5, 5 }, y[] = { 2, 3 };
	const double none[] = { 0, 0 };

	(void)state;
	assert_int_equal(eh_slope_fit(0, offset, z, n, y).size.why, EH_U_EMPTY_GROUP);
	assert_int_equal(eh_slope_fit(2, offset, same, n, y).size.why, EH_U_ZERO_VARIANCE);
	assert_int_equal(eh_slope_fit(2, offset, z, n, none).size.why, EH_U_NOBODY_SELECTED);
	assert_int_equal(eh_slope_fit(2, offset, z, n, n).size.why, EH_U_EVERYBODY_SELECTED);
}

/* ---- who is harsh to whom ---- */

static void harsh_to_all_and_harsh_to_one_group(void **state)
{
	struct world w = fair(20, 400);
	struct eh_audit_data d;
	struct eh_raters r;

	(void)state;
	w.severity[3] = 1.2;
	w.severity[5] = -1.2;
	w.bias[7] = -1.5;
	w.severity[11] = 1.0;
	w.bias[11] = -1.5;
	run_world(&r, &d, &w, 1);
	assert_non_null(strstr(r.v[3].sentence, "harsh to all"));
	assert_null(strstr(r.v[3].sentence, "female"));
	assert_non_null(strstr(r.v[5].sentence, "lenient to all"));
	assert_non_null(strstr(r.v[7].sentence, "harsh to female"));
	assert_non_null(strstr(r.v[11].sentence, "harsh to all"));
	assert_non_null(strstr(r.v[11].sentence, "harsh to female"));
	assert_string_equal(r.v[0].sentence, "no difference that could be told");
	assert_true(fabs(r.v[7].bias[0].size.value + 1.5) < 3.0 * r.v[7].bias[0].se.value);
	/* two groups: the one's loss is the other's gain, one test */
	assert_true(fabs(r.v[7].bias[0].size.value + r.v[7].bias[1].size.value) < 1e-6);
	assert_true(fabs(r.v[7].bias[0].q.value - r.v[7].bias[1].q.value) < 1e-15);
	assert_int_equal(r.family_size, 20);
	assert_true(r.p_chi.value < 1e-10);
	/* the pool's own difference, .3, stands with the groups and accuses nobody */
	assert_true(fabs(r.groups[0].effect.defined ? -r.groups[0].effect.value : r.groups[1].effect.value) > 0.2);
	done(&r, &d);
}

/* A bias is measured against the others, not against a pool that he is half of himself. */
static void of_two_each_is_held_against_the_other(void **state)
{
	struct build b = { 0 };
	struct eh_raters_settings s = settings();
	struct eh_audit_data d;
	struct eh_raters r;
	const double difference = 2.0 * log(0.4 / 0.6);

	(void)state;
	build_cell(&b, "A", "s", 0, 500, 200);
	build_cell(&b, "A", "s", 1, 500, 300);
	build_cell(&b, "B", "s", 0, 500, 250);
	build_cell(&b, "B", "s", 1, 500, 250);
	build_finish(&d, &b, sexes, 2);
	run(&r, &d, &s);
	assert_true(fabs(r.v[0].bias[0].size.value - difference) < 0.02);
	assert_true(fabs(r.v[1].bias[0].size.value + difference) < 0.02);
	assert_true(fabs(r.v[0].bias[0].se.value - sqrt(4.0 / 120.0 * 0.25 + 4.0 / 125.0 * 0.25) * sqrt(2.0)) < 0.01);
	done(&r, &d);
}

/* Women lose what men win: he is not harsh to all, though he advances fewer than the others. */
static void harsh_to_women_only(void **state)
{
	struct build b = { 0 };
	struct eh_raters_settings s = settings();
	struct eh_audit_data d;
	struct eh_raters r;

	(void)state;
	for (unsigned e = 0; e < 8; e++) {
		char who[32];

		(void)snprintf(who, sizeof who, "E%hhu", (unsigned char)e);
		build_cell(&b, who, "s", 0, 200, e == 7 ? 40 : 100 + e % 3);
		build_cell(&b, who, "s", 1, 200, e == 7 ? 115 : 100 - e % 3);
	}
	build_finish(&d, &b, sexes, 2);
	run(&r, &d, &s);
	assert_true(r.v[7].q.value < 0.05 && r.v[7].severity.value > 0.0);
	assert_null(strstr(r.v[7].sentence, "to all"));
	assert_non_null(strstr(r.v[7].sentence, "harsh to female"));
	assert_true(r.v[7].bias[0].rest.value < 0.0);
	done(&r, &d);
}

/* Over fair worlds p is below .05 in a twentieth, and nobody is accused. */
static void the_innocent_are_left_alone(void **state)
{
	unsigned tests = 0, bias = 0, drift = 0, chi = 0, accused = 0, rounds = 20;

	(void)state;
	for (uint64_t seed = 1; seed <= rounds; seed++) {
		struct world w = fair(30, 120);
		struct eh_audit_data d;
		struct eh_raters r;

		run_world(&r, &d, &w, 100 + seed);
		chi += r.p_chi.value < 0.05;
		for (size_t e = 0; e < r.n; e++) {
			tests++;
			bias += r.v[e].bias[0].p.value < 0.05;
			drift += r.v[e].drift.p.value < 0.05;
			accused += strcmp(r.v[e].sentence, "no difference that could be told") != 0;
		}
		done(&r, &d);
	}
	/* 600 tests: .05 +- 3 sd = .023 ... .077 */
	assert_true(bias > 0.023 * tests && bias < 0.077 * tests);
	assert_true(drift > 0.023 * tests && drift < 0.077 * tests);
	assert_true(chi <= 4);          /* of 20 */
	assert_true(accused <= 6);
}

/* Several decisions on one person are not as many persons. */
static void persons_are_the_unit(void **state)
{
	unsigned tests = 0, wrong = 0;
	double effect = 0.0;

	(void)state;
	for (uint64_t seed = 1; seed <= 12; seed++) {
		struct world w = fair(25, 60);
		struct eh_audit_data d;
		struct eh_raters r;

		w.questions = 5;
		w.person = 2.5;
		run_world(&r, &d, &w, 900 + seed);
		effect += r.design_effect / 12.0;
		for (size_t e = 0; e < r.n; e++) {
			tests++;
			wrong += r.v[e].bias[0].p.value < 0.05;
		}
		assert_int_equal(r.v[0].persons, 60);
		done(&r, &d);
	}
	assert_true(effect > 2.0 && effect < 5.0);
	assert_true(wrong < 0.09 * tests);      /* without the design effect it is a third */
}

static void drift_is_found(void **state)
{
	struct world w = fair(15, 600);
	struct eh_audit_data d;
	struct eh_raters r;

	(void)state;
	w.drift[4] = 0.25;
	run_world(&r, &d, &w, 5);
	assert_true(fabs(r.v[4].drift.size.value - 0.25) < 3.0 * r.v[4].drift.se.value);
	assert_non_null(strstr(r.v[4].sentence, "grows harsher over time"));
	assert_string_equal(r.v[2].sentence, "no difference that could be told");
	free(d.decided);
	d.decided = NULL;
	eh_raters_free(&r);
	run(&r, &d, &(struct eh_raters_settings)EH_RATERS_SETTINGS_INIT);
	assert_int_equal(r.v[4].drift.size.why, EH_U_NO_TIMES);
	assert_int_equal(r.drift.why, EH_U_NO_TIMES);
	done(&r, &d);
}

/* ---- parts, silence, unknown ---- */

static void parts_are_not_compared(void **state)
{
	struct world w = fair(6, 200);
	struct eh_raters_settings s = settings();
	struct eh_audit_data d;
	struct eh_raters r;
	struct eh_raters_pair pair;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	w.alone[4] = true;
	run_world(&r, &d, &w, 3);
	assert_int_equal(r.strata.n, 2);
	assert_int_equal(r.model.df, 4);        /* six in two parts */
	assert_int_equal(r.v[4].severity.why, EH_U_NO_PEERS);
	assert_non_null(strstr(r.v[4].sentence, "not comparable"));
	assert_int_equal(eh_raters_compare(&pair, &r, &d, &s, 0, 4, &err), EH_EREFUSED);
	assert_non_null(strstr(err.msg, "(E00, E01, E02 and 2 more) with (E04)"));
	assert_int_equal(eh_raters_compare(&pair, &r, &d, &s, 0, 1, &err), EH_OK);
	assert_true(fabs(pair.difference.value - (r.v[0].severity.value - r.v[1].severity.value)) < 1e-12);
	assert_int_equal(pair.units, 0);
	assert_int_equal(pair.kappa.why, EH_U_ONE_RATING);
	s.link = EH_LINK_CANDIDATE;     /* nobody shares a candidate */
	assert_int_equal(eh_raters_compare(&pair, &r, &d, &s, 0, 1, &err), EH_EREFUSED);
	done(&r, &d);
}

static void strata_that_say_nothing_are_left_out(void **state)
{
	struct build b = { 0 };
	struct eh_raters_settings s = settings();
	struct eh_audit_data d;
	struct eh_raters r;

	(void)state;
	build_cell(&b, "A", "open", 0, 20, 8);
	build_cell(&b, "A", "open", 1, 20, 12);
	build_cell(&b, "B", "open", 0, 20, 10);
	build_cell(&b, "B", "open", 1, 20, 9);
	build_cell(&b, "B", "shut", 0, 7, 0);
	build_cell(&b, "C", "shut", 1, 6, 0);
	build_cell(&b, "B", "open", -1, 5, 5);  /* unknown class, all advanced: leaves with its level */
	build_finish(&d, &b, sexes, 2);
	run(&r, &d, &s);
	assert_int_equal(r.silent, 18);
	assert_int_equal(r.unknown[0], 5);
	assert_int_equal(r.v[2].severity.why, EH_U_EMPTY_GROUP);
	assert_int_equal(r.v[2].informing, 0);
	assert_non_null(strstr(r.v[2].sentence, "no decision that tells anything"));
	assert_int_equal(r.v[2].bias[0].size.why, EH_U_EMPTY_GROUP);
	done(&r, &d);
}

static void one_evaluator_has_no_peers(void **state)
{
	struct build b = { 0 };
	struct eh_raters_settings s = settings();
	struct eh_audit_data d;
	struct eh_raters r;

	(void)state;
	build_cell(&b, "A", "s", 0, 20, 8);
	build_cell(&b, "A", "s", 1, 20, 12);
	build_finish(&d, &b, sexes, 2);
	run(&r, &d, &s);
	assert_int_equal(r.v[0].severity.why, EH_U_NO_PEERS);
	assert_int_equal(r.v[0].bias[0].size.why, EH_U_NO_PEERS);
	assert_int_equal(r.chi_square.why, EH_U_NO_PEERS);
	assert_int_equal(r.model.reliability.why, EH_U_ZERO_VARIANCE);
	done(&r, &d);
}

static void predicted_classes_wait_to_be_asked_for(void **state)
{
	struct build b = { 0 };
	struct eh_raters_settings s = settings();
	struct eh_audit_data d;
	struct eh_raters r;

	(void)state;
	build_cell(&b, "A", "s", 0, 20, 8);
	build_cell(&b, "A", "s", 1, 20, 12);
	build_cell(&b, "B", "s", 1, 20, 12);
	for (unsigned i = 0; i < 10; i++) {
		char name[32];
		struct built_person *p;

		(void)snprintf(name, sizeof name, "guess%hhu", (unsigned char)i);
		p = build_person(&b, name, "clerk", -2);
		p->p[0] = i < 6 ? 0.95 : 0.7;
		p->p[1] = 1.0 - p->p[0];
		build_row(&b, "B", name, "s", i % 2 == 0);
	}
	build_finish(&d, &b, sexes, 2);
	run(&r, &d, &s);
	assert_int_equal(r.unknown[0], 10);
	assert_int_equal(r.v[1].bias[0].n, 0);
	eh_raters_free(&r);
	s.predicted = 0.9;
	run(&r, &d, &s);
	assert_int_equal(r.unknown[0], 4);
	assert_int_equal(r.v[1].bias[0].n, 6);
	done(&r, &d);
}

/* ---- the same bytes, and no memory ---- */

static void the_same_bytes_again(void **state)
{
	struct world w = fair(12, 80);
	struct eh_raters_settings s = settings();
	struct eh_audit_data d;
	struct eh_raters a, b;

	(void)state;
	w.severity[2] = 0.8;
	make(&d, &w, 6);
	run(&a, &d, &s);
	run(&b, &d, &s);
	for (size_t e = 0; e < a.n; e++) {
		assert_memory_equal(&a.v[e].severity.value, &b.v[e].severity.value, sizeof(double));
		assert_memory_equal(&a.v[e].bias[1].q.value, &b.v[e].bias[1].q.value, sizeof(double));
		assert_string_equal(a.v[e].sentence, b.v[e].sentence);
	}
	eh_raters_free(&b);
	done(&a, &d);
}

static void memory_may_end_anywhere(void **state)
{
	struct world w = fair(4, 12);
	struct eh_raters_settings s = settings();
	struct eh_audit_data d;
	struct eh_raters r;
	struct eh_err err = EH_ERR_INIT;
	int rc = EH_ENOMEM;

	(void)state;
	make(&d, &w, 6);
	for (unsigned n = 1; rc != EH_OK; n++) {
		eh_mem_fail_at(n);
		rc = eh_raters_run(&r, &d, &s, &err);
		assert_true(rc == EH_OK || rc == EH_ENOMEM);
	}
	eh_mem_fail_at(0);
	done(&r, &d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_model_is_that_of_glmer),
		cmocka_unit_test(a_slope_is_half_a_person_in_each_cell),
		cmocka_unit_test(a_slope_has_its_reasons),
		cmocka_unit_test(harsh_to_all_and_harsh_to_one_group),
		cmocka_unit_test(of_two_each_is_held_against_the_other),
		cmocka_unit_test(harsh_to_women_only),
		cmocka_unit_test(the_innocent_are_left_alone),
		cmocka_unit_test(persons_are_the_unit),
		cmocka_unit_test(drift_is_found),
		cmocka_unit_test(parts_are_not_compared),
		cmocka_unit_test(strata_that_say_nothing_are_left_out),
		cmocka_unit_test(one_evaluator_has_no_peers),
		cmocka_unit_test(predicted_classes_wait_to_be_asked_for),
		cmocka_unit_test(the_same_bytes_again),
		cmocka_unit_test(memory_may_end_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
