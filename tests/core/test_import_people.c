/* What an import leaves of what is stored, and which classes and consents it takes. */
#include "tests/core/import_project.h"

static int keep_evaluation(void *ctx, const struct eh_evaluation *e, struct eh_err *err)
{
	(void)err;
	memcpy(ctx, e, sizeof *e);
	return EH_OK;
}

static int keep_consent(void *ctx, const struct eh_consent *c, struct eh_err *err)
{
	(void)err;
	memcpy(ctx, c, sizeof *c);
	return EH_OK;
}

static void missing_columns_of_people_keep_what_is_stored_and_empty_cells_clear_it(void **state)
{
	struct eh_import_report r;
	struct eh_txn *txn = NULL;
	struct eh_candidate c;
	struct eh_evaluator e;

	(void)state;
	base_data();
	r = good(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction\nC1,US-IL\nC2,FR\n");
	assert_int_equal(r.same, 1);
	assert_int_equal(r.changed, 1);
	r = good(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,declared.age,name\nC1,US-IL,old,Ann\n");
	assert_int_equal(r.changed, 1);
	r = good(EH_IMPORT_EVALUATORS, "evaluator_id,unit\nE1,south\n");
	assert_int_equal(r.changed, 1);
	txn = temp_txn(&project);
	assert_int_equal(eh_candidate_get(txn, "C1", &c, NULL), EH_OK);
	assert_string_equal(c.position, "clerk");
	assert_string_equal(c.name, "Ann");
	assert_string_equal(eh_candidate_declared(&c, "sex"), "female");
	assert_string_equal(eh_candidate_declared(&c, "age"), "old");
	assert_int_equal(eh_candidate_get(txn, "C2", &c, NULL), EH_OK);
	assert_string_equal(c.jurisdiction, "FR");
	assert_string_equal(eh_candidate_declared(&c, "sex"), "male");
	assert_int_equal(eh_evaluator_get(txn, "E1", &e, NULL), EH_OK);
	assert_string_equal(e.name, "Ann");
	assert_string_equal(e.unit, "south");
	assert_string_equal(e.email, "ann@example.org");
	eh_txn_abort(&txn);
	r = good(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,position_id,declared.sex\nC1,US-IL,,\n");
	assert_int_equal(r.changed, 1);
	r = good(EH_IMPORT_EVALUATORS, "evaluator_id,name\nE1,\n");
	assert_int_equal(r.changed, 1);
	txn = temp_txn(&project);
	assert_int_equal(eh_candidate_get(txn, "C1", &c, NULL), EH_OK);
	assert_string_equal(c.position, "");
	assert_null(eh_candidate_declared(&c, "sex"));
	assert_string_equal(eh_candidate_declared(&c, "age"), "old");
	assert_int_equal(eh_evaluator_get(txn, "E1", &e, NULL), EH_OK);
	assert_string_equal(e.name, "");
	assert_string_equal(e.unit, "south");
	eh_txn_abort(&txn);
}

static void missing_columns_of_evaluations_and_consents_keep_what_is_stored(void **state)
{
	struct eh_import_report r;
	struct eh_txn *txn = NULL;
	struct eh_evaluation e;
	struct eh_consent c;

	(void)state;
	base_data();
	(void)good(EH_IMPORT_EVALUATIONS,
		   "evaluator_id,candidate_id,decision,score,decided_at\nE1,C1,1,3.5,2026-01-01\n");
	r = good(EH_IMPORT_EVALUATIONS, "evaluator_id,candidate_id,decision\nE1,C1,1\n");
	assert_int_equal(r.same, 1);
	r = good(EH_IMPORT_EVALUATIONS, "evaluator_id,candidate_id,decision,decided_at\nE1,C1,0,\n");
	assert_int_equal(r.changed, 1);
	(void)good(EH_IMPORT_CONSENTS, "candidate_id,purpose,granted,at,notice,expires\n"
				       "C1,watch,yes,2026-01-01,n1,2027-01-01\n");
	r = good(EH_IMPORT_CONSENTS, "candidate_id,purpose,granted,at\nC1,watch,yes,2026-01-01\n");
	assert_int_equal(r.same, 1);
	assert_int_equal(entries(EH_T_CONSENTS), 1);
	r = good(EH_IMPORT_CONSENTS, "candidate_id,purpose,granted,at,expires\nC1,watch,yes,2026-01-01,\n");
	assert_int_equal(r.fresh, 1);
	txn = temp_txn(&project);
	assert_int_equal(eh_evaluations_each(txn, keep_evaluation, &e, NULL), EH_OK);
	assert_int_equal(e.decision, EH_REJECT);
	assert_true(e.has_score);
	assert_true(e.score > 3.4 && e.score < 3.6);
	assert_false(e.has_time);
	assert_int_equal(eh_consents_each(txn, "C1", keep_consent, &c, NULL), EH_OK);
	assert_string_equal(c.notice, "n1");
	assert_int_equal(c.expires, 0);
	eh_txn_abort(&txn);
}

static void declared_attributes_that_are_kept_count_to_the_maximum(void **state)
{
	(void)state;
	(void)good(EH_IMPORT_CANDIDATES,
		   "candidate_id,jurisdiction,declared.a,declared.b,declared.c,declared.d,declared.e,declared.f,"
		   "declared.g,declared.h\nC1,DE,x,x,x,x,x,x,x,x\n");
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,declared.i\nC1,DE,x\n", "2:1", "more than 8");
}

static void consent_that_no_place_could_use_is_refused_and_a_refusal_of_it_is_not(void **state)
{
	static const char *const never[] = { "emotion", "religion", "health" };
	struct eh_import_report r;

	(void)state;
	base_data();
	for (size_t i = 0; i < 3; i++) {
		char text[200];

		(void)snprintf(text, sizeof text,
			       "candidate_id,purpose,granted,at\nC1,watch,yes,2026-01-01\nC1,infer:%s,yes,2026-01-01\n",
			       never[i]);
		bad(EH_IMPORT_CONSENTS, text, "3:4", "never inferred, anywhere");
	}
	assert_int_equal(entries(EH_T_CONSENTS), 0);
	r = good(EH_IMPORT_CONSENTS, "candidate_id,purpose,granted,at\nC1,infer:emotion,no,2026-01-01\n");
	assert_string_equal(r.note, "");
	r = good(EH_IMPORT_CONSENTS, "candidate_id,purpose,granted,at\nC1,infer:race,yes,2026-01-01\n");
	assert_string_equal(r.note, "");
	r = good(EH_IMPORT_CONSENTS, "candidate_id,purpose,granted,at\nC2,infer:race,yes,2026-01-01\n");
	assert_int_equal(r.fresh, 1);
	assert_non_null(strstr(r.note, "infer:race recorded; the place DE does not allow it: it will not be used"));
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,declared.emotion\nC1,US,sad\n", "1:27", "refused");
	r = good(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,declared.religion,declared.disability\nC1,US,a,no\n");
	assert_int_equal(r.changed, 1);
}

static void places_that_do_not_exist_are_refused(void **state)
{
	(void)state;
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction\nC1,US\nC2,XX-YY\n", "3:4", "no country 'XX'");
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction\nC1,ZZ-99\n", "2:4", "no country 'ZZ'");
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction\nC1,US-ZZ\n", "2:4", "no state 'ZZ'");
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction\nC1,US-I\n", "2:4", "no state 'I'");
	(void)good(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction\nC1,US-DC\nC2,US-PR\nC3,CA-ON\nC4,AT-9\nC5,GB-SCT\n"
					 "C6,UK\nC7,CH\nC8,BR\n");
}

static void groups_that_differ_in_case_are_told_with_their_counts(void **state)
{
	struct eh_import_report r;

	(void)state;
	r = good(EH_IMPORT_CANDIDATES,
		 "candidate_id,jurisdiction,declared.sex\nC1,US,female\nC2,US,male\nC3,US,female\n");
	assert_string_equal(r.note, "");
	r = good(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,declared.sex\nC4,US,Female\n");
	assert_string_equal(r.note,
			    "attribute sex: 'Female' (1 candidate) and 'female' (2) are counted as two groups");
	r = good(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,imported.sex\nC5,US,female\n");
	assert_string_equal(r.note,
			    "attribute sex: 'Female' (1 candidate) and 'female' (3) are counted as two groups");
}

/* "female (declared)", "" = not known */
static const char *class_of(const char *candidate, const char *attribute)
{
	static char text[EH_NAME_MAX + 16];
	struct eh_txn *txn = temp_txn(&project);
	const struct eh_declared *d = NULL;
	struct eh_candidate c;

	assert_int_equal(eh_candidate_get(txn, candidate, &c, NULL), EH_OK);
	eh_txn_abort(&txn);
	d = eh_candidate_class(&c, attribute);
	text[0] = '\0';
	if (d != NULL)
		(void)snprintf(text, sizeof text, "%s (%s)", d->group, eh_class_source_name(d->source));
	return text;
}

static void what_is_declared_wins_in_every_order(void **state)
{
	static const struct {
		const char *tables[3]; /* one after the other, of candidate C1; NULL = no more */
		const char *want, *note; /* the note of the last one */
	} cases[] = {
		{ { "imported.sex\nC1,US,male" }, "male (imported)", "" },
		{ { "declared.sex,imported.sex\nC1,US,female,male" }, "female (declared)",
		  "imported.sex: 1 candidate declared it, and what is declared stays (1 differs)" },
		{ { "imported.sex,declared.sex\nC1,US,male,female" }, "female (declared)",
		  "imported.sex: 1 candidate declared it, and what is declared stays (1 differs)" },
		{ { "imported.sex,declared.sex\nC1,US,female,female" }, "female (declared)",
		  "imported.sex: 1 candidate declared it, and what is declared stays (0 differ)" },
		{ { "declared.sex,imported.sex\nC1,US,,male" }, "male (imported)", "" },
		{ { "imported.sex,declared.sex\nC1,US,male,declined" }, "male (imported)", "" },
		{ { "declared.sex,imported.sex\nC1,US,female," }, "female (declared)", "" },
		{ { "declared.sex\nC1,US,female", "imported.sex\nC1,US,male" }, "female (declared)",
		  "imported.sex: 1 candidate declared it, and what is declared stays (1 differs)" },
		{ { "imported.sex\nC1,US,male", "declared.sex\nC1,US,female" }, "female (declared)", "" },
		{ { "imported.sex\nC1,US,male", "declared.sex\nC1,US,female", "imported.sex\nC1,US,male" },
		  "female (declared)",
		  "imported.sex: 1 candidate declared it, and what is declared stays (1 differs)" },
		/* an empty cell clears what its own column brought, nothing else */
		{ { "imported.sex\nC1,US,male", "declared.sex\nC1,US," }, "male (imported)", "" },
		{ { "imported.sex\nC1,US,male", "imported.sex\nC1,US," }, "", "" },
		{ { "declared.sex\nC1,US,female", "imported.sex\nC1,US," }, "female (declared)", "" },
		{ { "declared.sex\nC1,US,female", "declared.sex\nC1,US," }, "", "" },
		{ { "declared.sex\nC1,US,female", "declared.sex,imported.sex\nC1,US,,male" }, "male (imported)", "" },
		{ { "imported.sex\nC1,US,male", "declared.age\nC1,US,old" }, "male (imported)", "" },
		{ { "declared.sex\nC1,US,female", "imported.age\nC1,US,old" }, "female (declared)", "" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct eh_import_report r;

		assert_int_equal(setup(state), 0);
		for (size_t k = 0; k < 3 && cases[i].tables[k] != NULL; k++) {
			char text[200];

			(void)snprintf(text, sizeof text, "candidate_id,jurisdiction,%s\n", cases[i].tables[k]);
			r = good(EH_IMPORT_CANDIDATES, text);
			assert_int_equal(r.rows, 1);
		}
		if (strcmp(class_of("C1", "sex"), cases[i].want) != 0 || strcmp(r.note, cases[i].note) != 0)
			fail_msg("case %zu: '%s', note '%s'", i, class_of("C1", "sex"), r.note);
		assert_int_equal(teardown(state), 0);
	}
}

static void imported_classes_have_the_gates_of_declared_ones(void **state)
{
	struct eh_import_report r;

	(void)state;
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,imported.emotion\nC1,US,sad\n", "1:27",
	    "no protected class");
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,imported.zip\nC1,US,1\n", "1:27", "Illinois HB 3773");
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,imported.Sex\nC1,US,f\n", "1:27", "write imported. and");
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,imported.sex\nC1,US,\"a;b\"\n", "2:7",
	    "imported.sex: 'a;b' is not a group name");
	/* one that a declared class keeps out is looked at too */
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,declared.sex,imported.sex\nC1,US,f,\"a;b\"\n", "2:9",
	    "imported.sex: 'a;b' is not a group name");
	bad(EH_IMPORT_EVALUATORS, "evaluator_id,imported.sex\nE1,f\n", "1:14", "unknown column 'imported.sex'");
	r = good(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,imported.religion,imported.disability\nC1,US,a,no\n");
	assert_int_equal(r.fresh, 1);
	r = good(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,imported.religion,imported.disability\nC1,US,a,no\n");
	assert_int_equal(r.same, 1);
}

static void both_sources_of_an_attribute_take_one_place(void **state)
{
	(void)state;
	(void)good(EH_IMPORT_CANDIDATES,
		   "candidate_id,jurisdiction,declared.a,imported.a,declared.b,imported.b,declared.c,imported.c,"
		   "declared.d,"
		   "imported.d,declared.e,imported.e,imported.f,imported.g,declared.h\nC1,DE,1,2,1,2,1,2,1,2,1,2,2,2,"
		   "1\n");
	assert_string_equal(class_of("C1", "e"), "1 (declared)");
	assert_string_equal(class_of("C1", "g"), "2 (imported)");
	(void)good(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,declared.g\nC1,DE,3\n");
	assert_string_equal(class_of("C1", "g"), "3 (declared)");
	bad(EH_IMPORT_CANDIDATES, "candidate_id,jurisdiction,imported.i\nC1,DE,x\n", "2:1", "more than 8");
	bad(EH_IMPORT_CANDIDATES,
	    "candidate_id,jurisdiction,declared.a,imported.b,declared.c,imported.d,declared.e,imported.f,declared.g,"
	    "imported.h,imported.i\nC2,DE,1,1,1,1,1,1,1,1,1\n", "1:115", "more than 8 attributes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(missing_columns_of_people_keep_what_is_stored_and_empty_cells_clear_it,
						setup, teardown),
		cmocka_unit_test_setup_teardown(missing_columns_of_evaluations_and_consents_keep_what_is_stored, setup,
						teardown),
		cmocka_unit_test_setup_teardown(declared_attributes_that_are_kept_count_to_the_maximum, setup,
						teardown),
		cmocka_unit_test_setup_teardown(consent_that_no_place_could_use_is_refused_and_a_refusal_of_it_is_not,
						setup, teardown),
		cmocka_unit_test_setup_teardown(places_that_do_not_exist_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(groups_that_differ_in_case_are_told_with_their_counts, setup, teardown),
		cmocka_unit_test(what_is_declared_wins_in_every_order), /* a project for each case */
		cmocka_unit_test_setup_teardown(imported_classes_have_the_gates_of_declared_ones, setup, teardown),
		cmocka_unit_test_setup_teardown(both_sources_of_an_attribute_take_one_place, setup, teardown),
	};

	return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}
