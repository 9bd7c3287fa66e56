/* desk/: a withdrawn candidate leaves the models and the store's file, byte for byte. */
#include "desk_bytes.h"
#include "desk_measured.h"

/* The vector of a candidate as it was measured, and the same values as a model's rows hold them: scaled. */
static size_t values_of(const char *candidate, double *value)
{
	char dir[100];
	struct eh_store *s = NULL;
	struct eh_txn *txn = NULL;
	struct eh_vector *v = calloc(1, sizeof *v);
	struct eh_model *m = NULL;
	const eh_id *ids = NULL;
	size_t n = 0, d = 0, at = 0;

	(void)snprintf(dir, sizeof dir, "%s", eh_desk_dir(desk));
	eh_desk_close(&desk);
	assert_int_equal(eh_store_open(&s, dir, NULL), EH_OK);
	assert_int_equal(eh_txn_begin(&txn, s, false, NULL), EH_OK);
	assert_int_equal(eh_vector_get(txn, candidate, v, NULL), EH_OK);
	for (size_t i = 0; i < EH_VECTOR_N; i++)
		value[n++] = v->value[i];
	assert_int_equal(eh_model_get(txn, "sex", &m, NULL), EH_OK);
	(void)eh_model_contributors(m, &ids);
	for (int k = 0; k < EH_MODALITIES; k++) {
		const struct eh_fit *f = &m->part[k].fit;

		for (at = 0, d = f->d; at < f->n_sv; at++)
			if (strcmp(ids[f->sv_row[at]], candidate) == 0)
				for (size_t c = 0; c < d; c++) {
					/* a value at the winsor limit is everybody's */
					double z = f->sv[at * d + c];
					size_t shared = 0;

					for (size_t o = 0; o < f->n_sv; o++)
						shared += f->sv[o * d + c] == z;
					if (shared == 1)
						value[n++] = z;
				}
	}
	eh_model_free(&m);
	eh_txn_abort(&txn);
	eh_store_close(&s);
	free(v);
	assert_int_equal(eh_desk_open(&desk, dir, &engine, NULL), EH_OK);
	return n;
}

static void withdraw_all(const char *candidate)
{
	static const char *const purposes[] = { "watch", "face", "voice", "train" };

	for (size_t i = 0; i < 4; i++)
		consent(candidate, purposes[i], false);
}

static size_t refresh(struct eh_train_report *r)
{
	size_t n = 0;
	struct eh_err err = EH_ERR_INIT;

	if (train_attributes(NULL, 0, true, NULL, r, &n, &err) != EH_OK)
		fail_msg("%s", err.msg);
	return n;
}

/* facts/learning.md 14 and 16 (10): before found, after not, free pages included. */
static void no_byte_of_a_withdrawn_vector_remains_after_a_refresh(void **state)
{
	static double value[4 * EH_VECTOR_N];
	struct eh_train_report *r = calloc(4, sizeof *r);
	struct eh_classify_report c;
	size_t n, vector = EH_VECTOR_N;

	(void)state;
	measure_everybody();
	(void)train_sex();
	n = values_of("C07", value);
	print_message("# C07: %zu values of the vector, %zu of support vectors\n", vector, n - vector);
	assert_true(n > vector + 20);
	assert_int_equal(found_in_files(value, n), n);
	withdraw_all("C07");
	assert_int_equal(found_in_files(value, vector), 0);             /* the withdrawal took the vector itself */
	assert_true(found_in_files(value + vector, n - vector) > 0);    /* the blocked model has it still */
	assert_int_equal(refresh(r), 1);
	assert_int_equal(r[0].state, EH_TRAINED);
	assert_int_equal(r[0].candidates, 39);
	assert_int_equal(found_in_files(value, n), 0);
	assert_int_equal(stale_models(), 0);
	assert_int_equal(classify_sex(&c, NULL), EH_OK);
	assert_string_equal(last_verb(), "classify");
	free(r[0].card);
	assert_int_equal(refresh(r), 1);
	assert_int_equal(r[0].state, EH_KEPT);
	free(r);
}

/* While others have the project open its file is left alone, and the next who opens it alone rewrites it. */
static void what_was_deleted_while_others_were_in_goes_when_they_have_left(void **state)
{
	static double value[4 * EH_VECTOR_N];
	struct other other;
	char dir[100];

	(void)state;
	measure_everybody();
	(void)train_sex();
	(void)values_of("C07", value);
	other = hold_open();
	consent("C07", "watch", false);
	assert_true(found_in_files(value, EH_VECTOR_N) > 0);
	let_go(&other);
	assert_true(found_in_files(value, EH_VECTOR_N) > 0);
	(void)snprintf(dir, sizeof dir, "%s", eh_desk_dir(desk));
	eh_desk_close(&desk);
	assert_int_equal(eh_desk_open(&desk, dir, &engine, NULL), EH_OK);
	assert_int_equal(found_in_files(value, EH_VECTOR_N), 0);
	assert_string_equal(last_verb(), "store.tidy");
	assert_int_equal(stale_models(), 1);
}

/* Without enough candidates left there is no new model, and the old one does not stay either. */
static void a_stale_model_that_cannot_be_made_anew_is_removed(void **state)
{
	struct eh_train_report *r = calloc(4, sizeof *r);
	struct eh_model_row *rows = NULL;
	size_t n = 1;

	(void)state;
	measure_everybody();
	(void)train_sex();
	for (int i = 0; i < 13; i++) {
		char id[8];

		(void)snprintf(id, sizeof id, "C%02d", 2 * i);
		consent(id, "train", false);
	}
	assert_int_equal(refresh(r), 1);
	assert_int_equal(r[0].state, EH_REMOVED);
	assert_non_null(strstr(r[0].reason, "has 7 candidates"));
	assert_int_equal(eh_desk_models(desk, &rows, &n, NULL), EH_OK);
	assert_int_equal(n, 0);
	assert_string_equal(last_verb(), "store.tidy");
	eh_list_free(&rows);
	free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(no_byte_of_a_withdrawn_vector_remains_after_a_refresh, setup, teardown),
		cmocka_unit_test_setup_teardown(what_was_deleted_while_others_were_in_goes_when_they_have_left, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_stale_model_that_cannot_be_made_anew_is_removed, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
