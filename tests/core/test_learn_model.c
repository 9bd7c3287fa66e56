/* Models as they are kept: the same bytes for the same rows, the stored form, the card. */
#include "tests/core/learn_people.h"
#include "tests/core/temp_project.h"

#include "base/digest.h"
#include "learn/model.h"
#include "store/codec.h"

static void encode(struct eh_buf *b, const struct eh_model *m)
{
	struct eh_err err = EH_ERR_INIT;

	eh_buf_init(b, 1u << 26);
	if (eh_model_encode(b, m, &err) != EH_OK)
		fail_msg("%s", err.msg);
}

static void row_order_does_not_matter_and_the_seed_does(void **state)
{
	struct people p = people_make(30, 2, 0.8, 0.8, 5);
	struct eh_model *a = people_train(&p, 2, 7), *b = NULL, *c = NULL;
	struct eh_buf ba, bb;

	(void)state;
	people_shuffle_rows(&p, 3);
	b = people_train(&p, 2, 7);
	c = people_train(&p, 2, 8);
	encode(&ba, a);
	encode(&bb, b);
	assert_int_equal(ba.len, bb.len);
	assert_memory_equal(ba.data, bb.data, ba.len);
	assert_string_equal(eh_model_id(a), eh_model_id(b));
	assert_string_not_equal(eh_model_id(a), eh_model_id(c));
	assert_int_equal(strncmp(eh_model_id(a), "sex-", 4), 0);
	assert_int_equal(strlen(eh_model_id(a)), 12);
	eh_buf_free(&ba);
	eh_buf_free(&bb);
	eh_model_free(&a);
	eh_model_free(&b);
	eh_model_free(&c);
	people_free(&p);
}

static void check_same(const struct eh_model *m, const struct eh_model *back, const struct people *p)
{
	struct eh_buf a, b;

	for (size_t i = 0; i < p->n; i++) {
		for (int k = 0; k < EH_MODALITIES; k++) {
			const struct eh_part *part = &m->part[k];
			double raw[EH_VECTOR_N], x = 0.0, y = 0.0;

			for (size_t c = 0; c < part->fit.d; c++)
				raw[c] = p->vector[i].value[part->indicator[c]];
			eh_fit_decide(&part->fit, raw, &x);
			eh_fit_decide(&back->part[k].fit, raw, &y);
			assert_memory_equal(&x, &y, sizeof x);
		}
	}
	encode(&a, m);
	encode(&b, back);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.data, b.data, a.len);
	eh_buf_free(&a);
	eh_buf_free(&b);
}

static void a_stored_model_decides_bit_for_bit_as_before(void **state)
{
	struct people p = people_make(28, 2, 1.0, 1.0, 6), fresh = people_make(40, 2, 1.0, 1.0, 9);
	struct eh_model *m = people_train(&p, 2, 7), *back = NULL;
	struct temp_project project;
	struct eh_txn *txn = NULL;
	struct eh_err err = EH_ERR_INIT;
	char *card = NULL;

	(void)state;
	temp_project_open(&project);
	txn = temp_txn(&project);
	assert_int_equal(eh_model_get(txn, "sex", &back, &err), EH_ENOENT);
	assert_null(back);
	assert_int_equal(eh_model_put(txn, m, 1700000000, &err), EH_OK);
	assert_int_equal(eh_model_get(txn, "sex", &back, &err), EH_OK);
	assert_string_equal(eh_model_id(m), eh_model_id(back));
	check_same(m, back, &fresh);
	card = eh_model_card(back);
	assert_non_null(strstr(card, "2023-11-14T22:13:20Z"));
	free(card);
	assert_int_equal(eh_model_remove(txn, "sex", &err), EH_OK);
	assert_int_equal(eh_model_remove(txn, "sex", &err), EH_ENOENT);
	eh_txn_abort(&txn);
	temp_project_close(&project);
	eh_model_free(&back);
	eh_model_free(&m);
	people_free(&fresh);
	people_free(&p);
}

/* A small model and a store to put it into, in ways that eh_model_put would not. */
struct kept {
	struct people p;
	struct eh_model *m;
	struct temp_project project;
	struct eh_txn *txn;
};

static void kept_open(struct kept *k)
{
	k->p = people_make(20, 2, 1.0, 1.0, 6);
	k->m = people_train(&k->p, 2, 7);
	temp_project_open(&k->project);
	k->txn = temp_txn(&k->project);
}

static void kept_close(struct kept *k)
{
	eh_txn_abort(&k->txn);
	temp_project_close(&k->project);
	eh_model_free(&k->m);
	people_free(&k->p);
}

/* The record is refused as damaged or foreign, with `text` in the message. */
static void assert_refused(struct kept *k, const void *record, size_t len, const char *text)
{
	struct eh_key key = eh_key_of("sex");
	struct eh_err err = EH_ERR_INIT;
	struct eh_model *back = NULL;

	assert_int_equal(eh_txn_put(k->txn, EH_T_MODELS, eh_key_bytes(&key), (struct eh_bytes){ record, len }, &err),
			 EH_OK);
	assert_int_equal(eh_model_get(k->txn, "sex", &back, &err), EH_EFORMAT);
	assert_null(back);
	assert_non_null(strstr(err.msg, text));
}

static void a_changed_byte_of_a_stored_model_is_noticed(void **state)
{
	struct eh_err err = EH_ERR_INIT;
	struct eh_key key = eh_key_of("sex");
	struct eh_bytes value = { NULL, 0 };
	unsigned char *copy = NULL;
	struct kept k;
	size_t len = 0;

	(void)state;
	kept_open(&k);
	assert_int_equal(eh_model_put(k.txn, k.m, 1, &err), EH_OK);
	assert_int_equal(eh_txn_get(k.txn, EH_T_MODELS, eh_key_bytes(&key), &value, &err), EH_OK);
	len = value.len;
	copy = malloc(len);
	assert_non_null(copy);
	memcpy(copy, value.data, len);
	copy[len / 2] ^= 1;
	assert_refused(&k, copy, len, "checksum");
	copy[len / 2] ^= 1;
	for (size_t cut = 0; cut < len; cut += len / 40)        /* cut short anywhere: refused, never read past */
		assert_refused(&k, copy, cut, "model");
	free(copy);
	kept_close(&k);
}

/* Another set of indicators has parts of another length: said before they are read. */
static void a_model_of_another_layout_is_named_as_such(void **state)
{
	unsigned char digest[EH_DIGEST_SIZE];
	struct eh_buf body, b;
	struct kept k;

	(void)state;
	kept_open(&k);
	k.m->layout[0] = k.m->layout[0] == '0' ? '1' : '0';
	encode(&body, k.m);
	body.len -= 100;
	eh_sha256(digest, body.data, body.len);
	eh_buf_init(&b, 1u << 26);
	eh_record_begin(&b, 4);                 /* the version that is written now */
	eh_put_i64(&b, 1700000000);
	eh_put_blob(&b, digest, sizeof digest);
	eh_put_blob(&b, body.data, body.len);
	assert_refused(&k, b.data, b.len, "another set of indicators");
	eh_buf_free(&b);
	eh_buf_free(&body);
	kept_close(&k);
}

static void a_model_of_an_older_program_is_to_be_trained_again(void **state)
{
	struct eh_buf b;
	struct kept k;

	(void)state;
	kept_open(&k);
	eh_buf_init(&b, 1024);
	eh_record_begin(&b, 2);
	eh_put_i64(&b, 1700000000);
	assert_refused(&k, b.data, b.len, "train it again");
	eh_buf_free(&b);
	kept_close(&k);
}

/* What the card and the classification rest on comes back from the store. */
static void report_scope_and_decision_sets_are_stored(void **state)
{
	struct people p = people_make(40, 3, 2.0, 2.0, 4);
	struct eh_declared_by by[40];
	struct temp_project project;
	struct eh_model *m = NULL, *back = NULL;
	struct eh_txn *txn = NULL;
	const struct eh_report *a = NULL, *b = NULL;

	(void)state;
	memset(by, 0, sizeof by);
	for (size_t i = 0; i < 40; i++) {
		by[i].n = 2;
		strcpy(by[i].of[0].attribute, "age");
		strcpy(by[i].of[0].group, i < 4 ? "old" : i < 20 ? "middle" : "young");
		strcpy(by[i].of[1].attribute, "sex");           /* the class itself is no subgroup */
		strcpy(by[i].of[1].group, "x");
		p.row[i].declared = &by[i];
		p.vector[i].has_face = i % 5 != 0;
	}
	m = people_train(&p, 3, 7);
	temp_project_open(&project);
	txn = temp_txn(&project);
	assert_int_equal(eh_model_put(txn, m, 1, NULL), EH_OK);
	assert_int_equal(eh_model_get(txn, "sex", &back, NULL), EH_OK);
	for (int k = 0; k < EH_MODALITIES; k++) {
		a = eh_model_report(m, (enum eh_modality)k);
		b = eh_model_report(back, (enum eh_modality)k);
		assert_memory_equal(a, b, sizeof *a);
		assert_memory_equal(m->part[k].scope[1].chol, back->part[k].scope[1].chol,
				    m->part[k].scope[1].d * sizeof(double));
	}
	a = eh_model_report(back, EH_VOICE_ONLY);
	assert_int_equal(a->n_subgroups, 5);
	assert_string_equal(a->subgroup[0].group, "middle");
	assert_int_equal(a->subgroup[0].n, 16);
	assert_true(a->subgroup[0].measured && a->subgroup[0].has_auc);
	assert_string_equal(a->subgroup[1].group, "old");
	assert_true(a->subgroup[1].n == 4 && !a->subgroup[1].measured);
	assert_string_equal(a->subgroup[3].attribute, "modality");
	assert_string_equal(a->subgroup[3].group, "face and voice");
	assert_string_equal(a->subgroup[4].group, "voice alone");
	assert_int_equal(a->subgroup[4].n, 8);
	assert_int_equal(eh_model_report(back, EH_FUSED)->n_subgroups, 3);      /* there all have both */
	eh_model_free(&back);
	eh_model_free(&m);
	eh_txn_abort(&txn);
	temp_project_close(&project);
	people_free(&p);
}

/* ---- the categorical block ---- */

static void a_categorical_block_is_one_column_per_value(void **state)
{
	struct people p = people_make(60, 2, 0.6, 0.6, 4);
	struct eh_train_plan plan = people_plan(two_groups, 2, 7);
	const char *const nurse[EH_WITH_MAX] = { "nurse", NULL }, *const pilot[EH_WITH_MAX] = { "pilot", NULL };
	struct temp_project project;
	struct eh_model *m = NULL, *back = NULL;
	struct eh_prediction q, r;
	struct eh_txn *txn = NULL;
	char name[96];

	(void)state;
	plan.n_with = 1;
	plan.with[0] = "position";
	for (size_t i = 0; i < 60; i++)         /* tells the class of most */
		p.row[i].with[0] = i % 10 == 9 ? NULL : (p.row[i].group == 1) == (i % 7 != 0) ? "guard" : "nurse";
	assert_int_equal(eh_model_train(&m, &plan, p.row, 60, NULL, NULL), EH_OK);
	assert_int_equal(m->n_levels, 2);
	assert_int_equal(m->part[EH_FUSED].fit.d, class_indicators() + 2);
	eh_column_name(name, sizeof name, m, m->part[EH_FUSED].indicator[class_indicators()]);
	assert_string_equal(name, "position=guard");
	temp_project_open(&project);
	txn = temp_txn(&project);
	assert_int_equal(eh_model_put(txn, m, 1, NULL), EH_OK);
	assert_int_equal(eh_model_get(txn, "sex", &back, NULL), EH_OK);
	for (int k = 0; k < EH_MODALITIES; k++)
		back->part[k].report.classifies = k == EH_FUSED;
	assert_int_equal(eh_model_classify(back, &p.vector[0], nurse, &q, NULL), EH_OK);
	assert_int_equal(eh_model_classify(back, &p.vector[0], NULL, &r, NULL), EH_OK);
	assert_true(q.p[0] > r.p[0] && (q.scope & EH_SF_NEW_VALUE) == 0);       /* nurses are women here */
	assert_int_equal(eh_model_classify(back, &p.vector[0], pilot, &r, NULL), EH_OK);
	assert_true(r.scope & EH_SF_NEW_VALUE);
	eh_model_free(&back);
	eh_model_free(&m);
	eh_txn_abort(&txn);
	temp_project_close(&project);
	people_free(&p);
}

static void postcodes_and_columns_that_are_no_category_are_refused(void **state)
{
	struct people p = people_make(60, 2, 1.5, 1.5, 4);
	struct eh_train_plan plan = people_plan(two_groups, 2, 7);
	char value[60][8];
	struct eh_model *m = NULL;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	plan.n_with = 1;
	for (size_t i = 0; i < 60; i++) {
		(void)snprintf(value[i], sizeof value[i], "v%zu", i);
		p.row[i].with[0] = value[i];
	}
	plan.with[0] = "home_zip";
	assert_int_equal(eh_model_train(&m, &plan, p.row, 60, NULL, &err), EH_EREFUSED);
	assert_non_null(strstr(err.msg, "home_zip"));
	plan.with[0] = "PostalCode";
	assert_int_equal(eh_model_train(&m, &plan, p.row, 60, NULL, &err), EH_EREFUSED);
	plan.with[0] = "position";
	assert_int_equal(eh_model_train(&m, &plan, p.row, 60, NULL, &err), EH_ERANGE);
	assert_non_null(strstr(err.msg, "'position' has too many values"));
	assert_null(m);
	people_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(row_order_does_not_matter_and_the_seed_does),
		cmocka_unit_test(a_stored_model_decides_bit_for_bit_as_before),
		cmocka_unit_test(a_changed_byte_of_a_stored_model_is_noticed),
		cmocka_unit_test(a_model_of_another_layout_is_named_as_such),
		cmocka_unit_test(a_model_of_an_older_program_is_to_be_trained_again),
		cmocka_unit_test(report_scope_and_decision_sets_are_stored),
		cmocka_unit_test(a_categorical_block_is_one_column_per_value),
		cmocka_unit_test(postcodes_and_columns_that_are_no_category_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
