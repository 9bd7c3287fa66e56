/* Records of strata; see strata.h. */
#include "notify/strata.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/codec.h"

#define VERSION 1

static struct eh_key key_of(uint64_t seq, uint32_t part)
{
	struct eh_key k;

	eh_key_init(&k);
	eh_key_u64(&k, seq);
	eh_key_u32(&k, part);
	return k;
}

#define NONE UINT32_MAX

static uint32_t evaluator_of(const struct eh_stratum_row *r) { return r->evaluator; }
static uint32_t stratum_of(const struct eh_stratum_row *r) { return r->stratum; }

/* The names that rows from..to-1 have, in the order in which they are met; number [all names]: theirs in the record. */
static void put_names(struct eh_buf *b, const struct eh_strata_rows *r, size_t from, size_t to, char *const *names,
		      size_t n_names, uint32_t (*of)(const struct eh_stratum_row *), uint32_t *number)
{
	uint32_t met = 0;

	memset(number, 0xff, (n_names + 1) * sizeof *number);
	for (size_t i = from; i < to; i++)
		if (number[of(&r->v[i])] == NONE)
			number[of(&r->v[i])] = met++;
	eh_put_u32(b, met);
	met = 0;
	for (size_t i = from; i < to; i++)
		if (number[of(&r->v[i])] == met) {
			eh_put_str(b, names[of(&r->v[i])]);
			met++;
		}
}

/* Rows from..to-1, with the names they have; the first record also what is left out and how many there are in all. */
static int put_part(struct eh_txn *txn, uint64_t seq, uint32_t part, const struct eh_strata_rows *r, size_t from,
		    size_t to, struct eh_err *err)
{
	const struct eh_key k = key_of(seq, part);
	uint32_t *evaluator = eh_xcalloc(r->n_evaluators + 1, sizeof *evaluator);
	uint32_t *stratum = eh_xcalloc(r->n_strata + 1, sizeof *stratum);
	struct eh_buf b;
	int rc;

	eh_buf_init(&b, EH_RECORD_MAX);
	eh_record_begin(&b, VERSION);
	if (part == 0) {
		eh_put_u32(&b, r->n_aside);
		eh_put_u64(&b, r->aside.a);
		eh_put_u64(&b, r->aside.n1);
		eh_put_u64(&b, r->aside.b);
		eh_put_u64(&b, r->aside.n2);
		eh_put_u64(&b, r->n);
	}
	put_names(&b, r, from, to, r->evaluators, r->n_evaluators, evaluator_of, evaluator);
	put_names(&b, r, from, to, r->strata, r->n_strata, stratum_of, stratum);
	eh_put_u32(&b, (uint32_t)(to - from));
	for (size_t i = from; i < to; i++) {
		const struct eh_stratum_row *row = &r->v[i];

		eh_put_u32(&b, evaluator[row->evaluator]);
		eh_put_u32(&b, stratum[row->stratum]);
		eh_put_u64(&b, row->t.a);
		eh_put_u64(&b, row->t.n1);
		eh_put_u64(&b, row->t.b);
		eh_put_u64(&b, row->t.n2);
	}
	rc = b.failed ? eh_err_set(err, EH_ENOMEM, "notification: out of memory for %zu strata", r->n)
		      : eh_txn_put(txn, EH_T_STRATA, eh_key_bytes(&k), (struct eh_bytes){ b.data, b.len }, err);
	eh_buf_free(&b);
	free(evaluator);
	free(stratum);
	return rc;
}

int eh_notification_strata_drop(struct eh_txn *txn, uint64_t seq, struct eh_err *err)
{
	int rc = EH_OK;

	for (uint32_t part = 0; rc == EH_OK; part++) {
		const struct eh_key k = key_of(seq, part);

		rc = eh_txn_del(txn, EH_T_STRATA, eh_key_bytes(&k), err);
	}
	return rc == EH_ENOENT ? EH_OK : rc;
}

int eh_notification_strata_put(struct eh_txn *txn, uint64_t seq, const struct eh_strata_rows *r, struct eh_err *err)
{
	int rc = eh_notification_strata_drop(txn, seq, err);
	size_t from = 0;

	for (uint32_t part = 0; rc == EH_OK && (part == 0 || from < r->n); part++) {
		const size_t to = r->n - from > EH_STRATA_PART ? from + EH_STRATA_PART : r->n;

		rc = put_part(txn, seq, part, r, from, to, err);
		from = to;
	}
	return rc;
}

/* ---- reading ---- */

struct reading {
	struct eh_strata_rows *out;
	size_t expected;
	bool begun;
};

/* Adds a record's names behind those of the records before it. */
static bool get_names(struct eh_reader *r, char ***names, size_t *n)
{
	const uint32_t count = eh_get_u32(r);
	char **v;

	if (r->bad || count > EH_STRATA_PART)
		return false;
	v = eh_try_realloc(*names, *n + count + 1, sizeof *v);
	if (v == NULL)
		return false;
	*names = v;
	for (uint32_t i = 0; i < count && !r->bad; i++)
		v[(*n)++] = eh_get_strdup(r);
	return !r->bad;
}

static void get_head(struct eh_reader *r, struct reading *x)
{
	struct eh_strata_rows *o = x->out;

	o->n_aside = eh_get_u32(r);
	o->aside.a = eh_get_u64(r);
	o->aside.n1 = eh_get_u64(r);
	o->aside.b = eh_get_u64(r);
	o->aside.n2 = eh_get_u64(r);
	x->expected = (size_t)eh_get_u64(r);
	x->begun = true;
}

static bool get_row(struct eh_reader *r, struct eh_stratum_row *row)
{
	row->evaluator = eh_get_u32(r);
	row->stratum = eh_get_u32(r);
	row->t.a = eh_get_u64(r);
	row->t.n1 = eh_get_u64(r);
	row->t.b = eh_get_u64(r);
	row->t.n2 = eh_get_u64(r);
	return !r->bad && row->t.n1 > 0 && row->t.n2 > 0 && row->t.a <= row->t.n1 && row->t.b <= row->t.n2;
}

static bool get_rows(struct eh_reader *r, struct reading *x)
{
	struct eh_strata_rows *o = x->out;
	const size_t evaluators = o->n_evaluators, strata = o->n_strata;
	struct eh_stratum_row *v;
	uint32_t n;

	if (!get_names(r, &o->evaluators, &o->n_evaluators) || !get_names(r, &o->strata, &o->n_strata))
		return false;
	n = eh_get_u32(r);
	if (r->bad || n > EH_STRATA_PART || o->n + n > x->expected)
		return false;
	v = eh_try_realloc(o->v, o->n + n + 1, sizeof *v);
	if (v == NULL)
		return false;
	o->v = v;
	for (uint32_t i = 0; i < n; i++) {
		struct eh_stratum_row *row = &v[o->n];

		if (!get_row(r, row) || row->evaluator >= o->n_evaluators - evaluators ||
		    row->stratum >= o->n_strata - strata)
			return false;
		row->evaluator += (uint32_t)evaluators;
		row->stratum += (uint32_t)strata;
		o->n++;
	}
	return true;
}

static int part_step(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct reading *x = ctx;
	struct eh_reader r;
	int rc = eh_record_open(&r, value, VERSION, NULL, "strata of a notification", err);

	(void)key;
	if (rc != EH_OK)
		return rc;
	if (!x->begun)
		get_head(&r, x);
	if (!get_rows(&r, x))
		r.bad = true;
	return eh_record_close(&r, "strata of a notification", err);
}

int eh_notification_strata_get(struct eh_txn *txn, uint64_t seq, struct eh_strata_rows *out, struct eh_err *err)
{
	struct reading x = { .out = out };
	struct eh_key k;
	int rc;

	*out = (struct eh_strata_rows){ .v = NULL };
	eh_key_init(&k);
	eh_key_u64(&k, seq);
	rc = eh_txn_scan(txn, EH_T_STRATA, eh_key_bytes(&k), part_step, &x, err);
	if (rc == EH_OK && !x.begun)
		return EH_ENOENT;
	if (rc == EH_OK && out->n != x.expected)
		rc = eh_err_set(err, EH_EFORMAT, "strata of a notification: %zu of %zu are there", out->n, x.expected);
	if (rc != EH_OK)
		eh_strata_rows_free(out);
	return rc;
}
