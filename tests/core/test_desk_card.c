/* desk/card.c: what a card knows of the project, and exports.  "test_desk_card measure DIR N" gives the candidates
 * C001..C00N of a project synthetic vectors, odd ones female: for the shell tests, which have no recordings. */
#include "desk_project.h"

#include "desk/card.h"
#include "learn_people.h"
#include "paper.h"

#define FIRST 40 /* declared a class */
#define SECOND 12

static void put_vectors(const char *dir, int n)
{
	struct people people = people_make((size_t)n, 2, 1.5, 1.5, 7);
	struct eh_store *s = NULL;
	struct eh_txn *txn = NULL;

	assert_int_equal(eh_store_open(&s, dir, NULL), EH_OK);
	assert_int_equal(eh_txn_begin(&txn, s, true, NULL), EH_OK);
	for (int i = 0; i < n; i++) {
		struct eh_vector *v = &people.vector[i];

		(void)snprintf(v->candidate, sizeof v->candidate, "C%03d", i + 1);
		assert_int_equal(eh_vector_put(txn, v, NULL), EH_OK);
	}
	assert_int_equal(eh_txn_commit(&txn, NULL), EH_OK);
	eh_store_close(&s);
	people_free(&people);
}

/* FIRST with a class, most of them in Illinois; SECOND without, half of them in a place nobody taught from. */
static void populate(void)
{
	static const char *const purposes[] = { "watch", "face", "voice", "train", "infer:sex" };
	struct eh_buf b;
	char dir[100];

	eh_buf_init(&b, 1u << 20);
	eh_buf_printf(&b, "candidate_id,jurisdiction,position_id,declared.sex,declared.age_40\n");
	for (int i = 1; i <= FIRST + SECOND; i++)
		eh_buf_printf(&b, "C%03d,%s,%s,%s,%s\n", i, i > FIRST + SECOND / 2 ? "US-NY" : "US-IL", "nurse",
			      i > FIRST ? ""
			      : i % 2	? "female"
					: "male",
			      i > FIRST	  ? ""
			      : i % 4 < 2 ? "40_plus"
					  : "under_40");
	import(EH_IMPORT_CANDIDATES, "people.csv", eh_buf_cstr(&b));
	eh_buf_reset(&b);
	eh_buf_printf(&b, "candidate_id,purpose,granted,at" PAPER_COLUMNS "\n");
	for (int i = 1; i <= FIRST + SECOND; i++)
		for (int k = 0; k < 5; k++)
			eh_buf_printf(&b, "C%03d,%s,yes,2026-01-01" PAPER_CELLS "\n", i, purposes[k]);
	import(EH_IMPORT_CONSENTS, "consents.csv", eh_buf_cstr(&b));
	eh_buf_free(&b);
	(void)snprintf(dir, sizeof dir, "%s", eh_desk_dir(desk));
	eh_desk_close(&desk);
	put_vectors(dir, FIRST + SECOND);
	assert_int_equal(eh_desk_open(&desk, dir, &engine, NULL), EH_OK);
}

static void train(void)
{
	const char *attribute = "sex";
	struct eh_train_options o = { .attributes = &attribute, .n = 1, .seed = 1 };
	struct eh_train_report *r = eh_xcalloc(1, sizeof *r);
	struct eh_err err = EH_ERR_INIT;
	size_t n = 0;

	if (eh_desk_train(desk, &o, NULL, r, 1, &n, NULL, &err) != EH_OK)
		fail_msg("%s", err.msg);
	free(r->card);
	free(r);
}

static void withdraw(const char *candidate, const char *purpose)
{
	struct eh_consent c = { .granted = false, .at = 1770000000 };
	enum eh_change change;

	(void)snprintf(c.candidate, sizeof c.candidate, "%s", candidate);
	(void)snprintf(c.purpose, sizeof c.purpose, "%s", purpose);
	assert_int_equal(eh_desk_consent(desk, &c, &change, NULL), EH_OK);
}

static struct eh_card *get_card(void)
{
	struct eh_card *card = NULL;
	struct eh_err err = EH_ERR_INIT;

	if (eh_desk_card(desk, "sex", &card, &err) != EH_OK)
		fail_msg("%s", err.msg);
	return card;
}

static const struct eh_represent_row *row_of(const struct eh_represent *r, enum eh_factor f, const char *value)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->row[i].factor == (uint8_t)f && strcmp(r->row[i].value, value) == 0)
			return &r->row[i];
	fail_msg("no row %s", value);
	return NULL;
}

static void the_card_counts_consents_and_compares_with_the_pool(void **state)
{
	const char *const attribute = "sex";
	struct eh_classify_report r;
	struct eh_card *card = NULL;
	size_t n = 0;

	(void)state;
	assert_int_equal(eh_desk_card(desk, "sex", &card, NULL), EH_ENOENT);
	assert_null(card);
	populate();
	withdraw("C001", "train");
	train();
	card = get_card();
	assert_true(card->now.known);
	assert_int_equal(card->now.withdrawn, 0);
	assert_int_equal(card->now.declared, 40 + FIRST);
	assert_int_equal(card->now.open_place, 40 + FIRST);
	assert_int_equal(card->now.may_train, FIRST - 1);
	assert_int_equal(card->now.measured, FIRST - 1);
	assert_int_equal(card->now.undeclared, SECOND);
	assert_int_equal(card->now.may_infer, SECOND);
	assert_int_equal(card->now.classified, 0);
	assert_int_equal(card->now.represent.taught, FIRST - 1);
	assert_int_equal(card->now.represent.pool, SECOND);
	assert_true(row_of(&card->now.represent, EH_BY_CLASS, "female")->taught == FIRST / 2 - 1);
	assert_true(row_of(&card->now.represent, EH_BY_PLACE, "US-NY")->thin);
	assert_false(row_of(&card->now.represent, EH_BY_PLACE, "US-IL")->thin);
	eh_card_free(&card);
	assert_int_equal(eh_desk_classify(desk, attribute, NULL, &r, 1, &n, NULL), EH_OK);
	card = get_card();
	assert_int_equal(card->now.classified, r.classified);
	assert_int_equal(card->now.determined, r.classified - r.undetermined);
	assert_int_equal(card->now.represent.pool_with_class, r.classified);
	eh_card_free(&card);
}

static void subgroups_of_other_declared_classes_are_in_it(void **state)
{
	struct eh_card_section part[EH_CARD_SECTIONS];
	struct eh_card *card = NULL;
	size_t n = 0, found = 0;

	(void)state;
	populate();
	train();
	card = get_card();
	n = eh_card_sections(part, card, 78);
	for (size_t i = 0; i < n; i++)
		found += strstr(part[i].text, "age_40 40_plus: 20 candidates") != NULL;
	assert_int_equal(found, 1);
	eh_card_sections_free(part, n);
	eh_card_free(&card);
}

static void a_withdrawal_makes_the_card_stale_and_forbids_the_export(void **state)
{
	struct eh_export_report report;
	struct eh_err err = EH_ERR_INIT;
	struct eh_card *card = NULL;
	char why[512], *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size), *scale = fopen("/dev/null", "w");

	(void)state;
	populate();
	train();
	card = get_card();
	assert_int_equal(eh_card_state(card, why, sizeof why), EH_CARD_IN_USE);
	assert_string_equal(why, "");
	eh_card_free(&card);
	withdraw("C003", "train");
	card = get_card();
	assert_int_equal(card->now.withdrawn, 1);
	assert_int_equal(eh_card_state(card, why, sizeof why), EH_CARD_STALE);
	assert_non_null(strstr(why, "evenhand train"));
	eh_card_free(&card);
	assert_int_equal(eh_desk_model_export(desk, "sex", -1, NULL, out, scale, &report, &err), EH_EREFUSED);
	assert_non_null(strstr(err.msg, "nothing was exported"));
	(void)fclose(out);
	(void)fclose(scale);
	assert_int_equal(size, 0);
	free(text);
}

static void an_export_is_in_the_journal_and_names_no_candidate(void **state)
{
	struct eh_export_report report;
	struct eh_err err = EH_ERR_INIT;
	struct eh_journal_entry *v = NULL;
	char *text = NULL, *table = NULL;
	size_t size = 0, n = 0;
	FILE *out = open_memstream(&text, &size), *scale = open_memstream(&table, &size);

	(void)state;
	populate();
	train();
	if (eh_desk_model_export(desk, "sex", EH_VOICE_ONLY, "male", out, scale, &report, &err) != EH_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(report.part, EH_VOICE_ONLY);
	assert_int_equal(report.candidates, FIRST);
	assert_int_equal(eh_desk_journal(desk, 0, &v, &n, NULL), EH_OK);
	assert_string_equal(v[n - 1].verb, "model.export");
	assert_string_equal(v[n - 1].object, report.model);
	assert_non_null(strstr(v[n - 1].detail, "voice, group male"));
	eh_list_free(&v);
	assert_int_equal(eh_desk_model_export(desk, "sex", EH_VOICE_ONLY, "martian", out, scale, &report, &err),
			 EH_EINVAL);
	(void)fclose(out);
	(void)fclose(scale);
	assert_non_null(strstr(text, "svm_type c_svc"));
	for (int i = 1; i <= FIRST; i++) {
		char id[16];

		(void)snprintf(id, sizeof id, "C%03d", i);
		assert_null(strstr(text, id));
		assert_null(strstr(table, id));
	}
	free(text);
	free(table);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_card_counts_consents_and_compares_with_the_pool, setup, teardown),
		cmocka_unit_test_setup_teardown(subgroups_of_other_declared_classes_are_in_it, setup, teardown),
		cmocka_unit_test_setup_teardown(a_withdrawal_makes_the_card_stale_and_forbids_the_export, setup,
						teardown),
		cmocka_unit_test_setup_teardown(an_export_is_in_the_journal_and_names_no_candidate, setup, teardown),
	};

	if (argc == 4 && strcmp(argv[1], "measure") == 0) {
		put_vectors(argv[2], atoi(argv[3]));
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
