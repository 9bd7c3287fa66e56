/* desk/: who says of what class a candidate is, from the table to audit, model, card and screens. */
#include "desk_measured.h"

#include "desk/card.h"

#define FROM 30 /* C30..C39: another record says so, the candidates said nothing */

static void import_classes_of_others(void)
{
	struct eh_buf b;

	eh_buf_init(&b, 1u << 20);
	eh_buf_printf(&b, "candidate_id,jurisdiction,declared.sex,imported.sex\n");
	for (int i = FROM; i < 40; i++)
		eh_buf_printf(&b, "C%02d,DE,,%s\n", i, i % 2 == 0 ? "female" : "male");
	import(EH_IMPORT_CANDIDATES, "hr.csv", eh_buf_cstr(&b));
	eh_buf_free(&b);
}

static struct eh_finding finding_on(const char *evaluator, const char *group)
{
	struct eh_audit_result *r = eh_xcalloc(1, sizeof *r);
	struct eh_finding f = { .declared = UINT64_MAX };
	struct eh_err err = EH_ERR_INIT;

	if (eh_desk_audit(desk, policy_path, NULL, true, NULL, r, &err) != EH_OK)
		fail_msg("%s", err.msg);
	for (size_t i = 0; i < r->findings.n; i++)
		if (strcmp(r->findings.v[i].evaluator, evaluator) == 0 && strcmp(r->findings.v[i].group, group) == 0)
			f = r->findings.v[i];
	eh_audit_result_free(r);
	free(r);
	return f;
}

static void an_audit_counts_them_apart_and_uses_both(void **state)
{
	struct eh_finding f = finding_on("BAD", "female");
	double ratio = f.impact_ratio.value;

	(void)state;
	assert_int_equal(f.declared, 40);
	assert_int_equal(f.imported, 0);
	import_classes_of_others();
	f = finding_on("BAD", "female");
	assert_int_equal(f.declared, 30);
	assert_int_equal(f.imported, 10);
	assert_int_equal(f.predicted + f.unknown, 0);
	assert_true(f.impact_ratio.value == ratio);
}

/* Trains sex; the report without its card. */
static struct eh_train_report train_with(bool declared_only, bool refresh)
{
	static const char *const sex = "sex";
	const struct eh_train_options o = { .attributes = &sex, .n = 1, .seed = 1, .refresh = refresh,
					    .declared_only = declared_only };
	struct eh_train_report *r = eh_xcalloc(1, sizeof *r), out;
	struct eh_err err = EH_ERR_INIT;
	size_t n = 0;

	if (eh_desk_train(desk, &o, NULL, r, 1, &n, NULL, &err) != EH_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(n, 1);
	free(r->card);
	r->card = NULL;
	out = *r;
	free(r);
	return out;
}

static void last_detail(char out[EH_DETAIL_MAX + 1], const char *verb)
{
	struct eh_journal_entry *v = NULL;
	size_t n = 0;

	out[0] = '\0';
	assert_int_equal(eh_desk_journal(desk, 0, &v, &n, NULL), EH_OK);
	for (size_t i = 0; i < n; i++)
		if (strcmp(v[i].verb, verb) == 0)
			(void)snprintf(out, EH_DETAIL_MAX + 1, "%s", v[i].detail);
	eh_list_free(&v);
}

static void training_uses_both_and_tells_them_apart(void **state)
{
	struct eh_card_section part[EH_CARD_SECTIONS];
	struct eh_train_report r;
	struct eh_card *card = NULL;
	char detail[EH_DETAIL_MAX + 1];
	size_t n, found = 0;

	(void)state;
	measure_everybody();
	import_classes_of_others();
	r = train_with(false, false);
	assert_int_equal(r.candidates, 40);
	assert_int_equal(r.declared, 30);
	assert_int_equal(r.imported, 10);
	assert_int_equal(r.imported_left_out, 0);
	last_detail(detail, "train");
	assert_non_null(strstr(detail, "40 candidates, classes of 30 declared and of 10 imported"));
	assert_int_equal(eh_desk_card(desk, "sex", &card, NULL), EH_OK);
	assert_int_equal(eh_model_imported(card->model), 10);   /* through the store */
	assert_false(eh_model_declared_only(card->model));
	assert_int_equal(card->now.declared, 30);
	assert_int_equal(card->now.imported, 10);
	assert_int_equal(card->now.may_train, 40);
	n = eh_card_sections(part, card, 200);
	for (size_t i = 0; i < n; i++)
		found += strstr(part[i].text, "declared 30: they said so; imported 10: another record says so") != NULL;
	assert_int_equal(found, 1);
	eh_card_sections_free(part, n);
	eh_card_free(&card);
	/* what taught it stays what it was when a person says so later */
	import(EH_IMPORT_CANDIDATES, "said.csv", "candidate_id,jurisdiction,declared.sex\nC30,DE,female\n");
	assert_int_equal(eh_desk_card(desk, "sex", &card, NULL), EH_OK);
	assert_int_equal(eh_model_imported(card->model), 10);
	assert_int_equal(card->now.declared, 31);
	assert_int_equal(card->now.imported, 9);
	eh_card_free(&card);
}

static void declared_only_leaves_the_imported_out_and_a_refresh_keeps_to_it(void **state)
{
	struct eh_train_report r;
	char detail[EH_DETAIL_MAX + 1];

	(void)state;
	measure_everybody();
	import_classes_of_others();
	r = train_with(true, false);
	assert_int_equal(r.candidates, 30);
	assert_int_equal(r.declared, 30);
	assert_int_equal(r.imported, 0);
	assert_int_equal(r.imported_left_out, 10);
	last_detail(detail, "train");
	assert_non_null(strstr(detail, "30 candidates, classes of 30 declared and of 0 imported (declared only)"));
	consent("C07", "train", false);
	r = train_with(false, true);
	assert_int_equal(r.state, EH_TRAINED);
	assert_true(r.declared_only);
	assert_int_equal(r.candidates, 29);
	assert_int_equal(r.imported, 0);
	assert_int_equal(train_with(false, false).imported, 10);
}

static void nothing_to_learn_from_names_what_was_left_out(void **state)
{
	static const char *const team = "team";
	const struct eh_train_options o = { .attributes = &team, .n = 1, .seed = 1, .declared_only = true };
	struct eh_train_report *r = eh_xcalloc(1, sizeof *r);
	struct eh_err err = EH_ERR_INIT;
	size_t n = 0;

	(void)state;
	measure_everybody();
	import(EH_IMPORT_CANDIDATES, "team.csv", "candidate_id,jurisdiction,imported.team\nC00,US-IL,a\nC01,US-IL,b\n");
	assert_int_equal(eh_desk_train(desk, &o, NULL, r, 1, &n, NULL, &err), EH_EINVAL);
	assert_non_null(strstr(err.msg, "0 declared groups"));
	assert_non_null(strstr(err.msg, "2 imported"));
	free(r);
}

static void classifying_overwrites_neither(void **state)
{
	struct eh_classify_report r;
	struct eh_finding f;

	(void)state;
	measure_everybody();
	import_classes_of_others();
	import(EH_IMPORT_EVALUATIONS, "more.csv", "evaluator_id,candidate_id,decision\nBAD,C40,0\nBAD,C41,1\n");
	(void)train_with(false, false);
	assert_int_equal(classify_sex(&r, NULL), EH_OK);
	assert_int_equal(r.declared, 30);
	assert_int_equal(r.imported, 10);
	assert_int_equal(r.classified, 4);
	f = finding_on("BAD", "female");
	assert_int_equal(f.predicted + f.assume.refused, 2);    /* so few teach a weak model: its estimate is refused */
	/* known after it was predicted: at once, before anybody classifies again */
	import(EH_IMPORT_CANDIDATES, "late.csv", "candidate_id,jurisdiction,imported.sex\nC40,US-IL,female\n");
	f = finding_on("BAD", "female");
	assert_int_equal(f.declared, 30);
	assert_int_equal(f.imported, 11);
	assert_int_equal(f.predicted + f.assume.refused, 1);
	assert_int_equal(classify_sex(&r, NULL), EH_OK);
	assert_int_equal(r.imported, 11);
	assert_int_equal(r.classified, 3);
}

static void lists_and_a_candidate_show_who_says_so(void **state)
{
	struct eh_standing *s = eh_xcalloc(1, sizeof *s);
	struct eh_dossier *d = eh_xcalloc(1, sizeof *d);
	struct eh_candidate_line *v = NULL;
	size_t n = 0;

	(void)state;
	measure_everybody();
	import_classes_of_others();
	import(EH_IMPORT_CANDIDATES, "age.csv", "candidate_id,jurisdiction,declared.age_40\nC30,DE,40_plus\n");
	assert_int_equal(eh_desk_candidates(desk, &v, &n, NULL), EH_OK);
	assert_int_equal(n, MEASURED);
	assert_true(v[0].declared && !v[0].imported);
	assert_true(v[30].declared && v[30].imported);
	assert_true(!v[31].declared && v[31].imported);
	assert_true(!v[40].declared && !v[40].imported);
	eh_list_free(&v);
	assert_int_equal(eh_desk_candidate(desk, "C30", d, NULL), EH_OK);
	assert_int_equal(d->n_classes, 2);
	assert_string_equal(d->classes[0].attribute, "age_40");
	assert_int_equal(d->classes[0].source, EH_BY_CANDIDATE);
	assert_string_equal(d->classes[1].group, "female");
	assert_int_equal(d->classes[1].source, EH_BY_RECORD);
	eh_dossier_free(d);
	assert_int_equal(eh_desk_standing(desk, s, NULL), EH_OK);
	assert_string_equal(s->attribute, "sex");
	assert_int_equal(s->declared, 30);
	assert_int_equal(s->imported, 10);
	free(d);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_audit_counts_them_apart_and_uses_both, setup, teardown),
		cmocka_unit_test_setup_teardown(training_uses_both_and_tells_them_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(declared_only_leaves_the_imported_out_and_a_refresh_keeps_to_it, setup,
						teardown),
		cmocka_unit_test_setup_teardown(nothing_to_learn_from_names_what_was_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(classifying_overwrites_neither, setup, teardown),
		cmocka_unit_test_setup_teardown(lists_and_a_candidate_show_who_says_so, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
