/* Models as they are kept: the same bytes for the same rows, the stored form, the card. */
#include <math.h>

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
	eh_record_begin(&b, 5);                 /* the version that is written now */
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
	eh_record_begin(&b, 3);
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

/* ---- what outer folds said of the contributors ---- */

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The decision sets were calibrated on the same probabilities: they must be all there, each with its candidate. */
static void check_unseen(const struct eh_model *m, const struct people *p)
{
	const eh_id *ids;
	size_t n = eh_model_contributors(m, &ids), count[2] = { 0, 0 };
	double score[2][64];

	for (size_t i = 0; i < n; i++) {
		struct eh_prediction q;
		const struct eh_conformal *c = NULL;
		size_t at = 0, g;

		assert_true(eh_model_unseen(m, i, &q));
		c = &m->part[q.used].conformal;
		while (strcmp(p->vector[at].candidate, ids[i]) != 0)
			at++;
		g = (size_t)p->row[at].group;
		assert_true(fabs(q.p[0] + q.p[1] - 1.0) < 1e-12);
		assert_int_equal(q.scope, 0);
		score[g][count[g]++] = 1.0 - q.p[g];
		assert_int_equal(count[0] + count[1], i + 1);
		assert_true(c->n[g] >= count[g]);
	}
	for (size_t g = 0; g < 2; g++) {
		const struct eh_conformal *c = &m->part[EH_FUSED].conformal;

		for (int k = 1; k < EH_MODALITIES; k++)
			if (m->part[k].skill.auc_lo > m->part[EH_FUSED].skill.auc_lo)
				return; /* another part answers for all: its own numbers are checked by the next test */
		qsort(score[g], count[g], sizeof(double), ascending);
		assert_int_equal(c->n[g], count[g]);
		assert_memory_equal(score[g], c->score[g], count[g] * sizeof(double));
	}
}

/* As version 4 had it: the parts end with their fit. */
static void encode_without_unseen(struct eh_buf *out, const struct eh_model *m)
{
	struct eh_buf all, part, tail;
	size_t parts = 0, at, left[EH_MODALITIES];

	encode(&all, m);
	eh_buf_init(&tail, 1u << 26);
	eh_skill_put(&tail, &m->f0, m->n_groups);
	eh_curve_put(&tail, &m->curve);
	eh_importance_put(&tail, &m->importance);
	for (int k = 0; k < EH_MODALITIES; k++) {
		eh_buf_init(&part, 1u << 26);
		eh_part_put(&part, &m->part[k], m->n_groups);
		left[k] = part.len;
		parts += part.len;
		eh_buf_free(&part);
	}
	at = all.len - tail.len - parts;
	eh_buf_init(out, 1u << 26);
	eh_buf_add(out, all.data, at);
	for (int k = 0; k < EH_MODALITIES; k++) {
		size_t unseen = m->part[k].skill.trained ? 4 + m->part[k].unseen.n * (4 + 8 * m->n_groups) : 0;

		eh_buf_add(out, all.data + at, left[k] - unseen);
		at += left[k];
	}
	eh_buf_add(out, tail.data, tail.len);
	eh_buf_free(&tail);
	eh_buf_free(&all);
}

static void what_the_outer_folds_said_is_kept(void **state)
{
	struct people p = people_make(40, 2, 2.0, 2.0, 4);
	struct eh_model *m = people_train(&p, 2, 7), *back = NULL;
	struct temp_project project;
	struct eh_txn *txn = NULL;
	struct eh_prediction q, r;

	(void)state;
	check_unseen(m, &p);
	assert_false(eh_model_unseen(m, 40, &q));
	temp_project_open(&project);
	txn = temp_txn(&project);
	assert_int_equal(eh_model_put(txn, m, 1, NULL), EH_OK);
	assert_int_equal(eh_model_get(txn, "sex", &back, NULL), EH_OK);
	assert_string_equal(eh_model_id(back), eh_model_id(m));
	for (size_t i = 0; i < 40; i++) {
		assert_true(eh_model_unseen(m, i, &q) && eh_model_unseen(back, i, &r));
		assert_memory_equal(&q, &r, sizeof q);
	}
	eh_model_free(&back);
	/* without skill no part speaks */
	for (int k = 0; k < EH_MODALITIES; k++)
		m->part[k].report.classifies = false;
	assert_false(eh_model_unseen(m, 0, &q));
	eh_model_free(&m);
	eh_txn_abort(&txn);
	temp_project_close(&project);
	people_free(&p);
}

/* A model from before is used on; it only has nothing to say of its contributors. */
static void a_model_of_the_version_before_still_classifies(void **state)
{
	struct people p = people_make(40, 2, 2.0, 2.0, 4);
	struct eh_model *m = people_train(&p, 2, 7), *back = NULL;
	unsigned char digest[EH_DIGEST_SIZE];
	struct eh_key key = eh_key_of("sex");
	struct eh_err err = EH_ERR_INIT;
	struct temp_project project;
	struct eh_txn *txn = NULL;
	struct eh_prediction q, r;
	struct eh_buf body, b;

	(void)state;
	encode_without_unseen(&body, m);
	eh_sha256(digest, body.data, body.len);
	eh_buf_init(&b, 1u << 26);
	eh_record_begin(&b, 4);
	eh_put_i64(&b, 1700000000);
	eh_put_blob(&b, digest, sizeof digest);
	eh_put_blob(&b, body.data, body.len);
	temp_project_open(&project);
	txn = temp_txn(&project);
	assert_int_equal(eh_txn_put(txn, EH_T_MODELS, eh_key_bytes(&key), (struct eh_bytes){ b.data, b.len }, NULL),
			 EH_OK);
	if (eh_model_get(txn, "sex", &back, &err) != EH_OK)
		fail_msg("%s", err.msg);
	assert_false(eh_model_unseen(back, 0, &q));
	assert_int_equal(eh_model_classify(m, &p.vector[0], NULL, &q, NULL), EH_OK);
	assert_int_equal(eh_model_classify(back, &p.vector[0], NULL, &r, NULL), EH_OK);
	assert_memory_equal(&q, &r, sizeof q);
	eh_model_free(&back);
	eh_model_free(&m);
	eh_txn_abort(&txn);
	temp_project_close(&project);
	eh_buf_free(&b);
	eh_buf_free(&body);
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
		cmocka_unit_test(what_the_outer_folds_said_is_kept),
		cmocka_unit_test(a_model_of_the_version_before_still_classifies),
		cmocka_unit_test(a_categorical_block_is_one_column_per_value),
		cmocka_unit_test(postcodes_and_columns_that_are_no_category_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
