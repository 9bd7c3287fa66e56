/* Copies of a recording as a worker hands them in and as they are stored: EH_T_COPIES, key candidate 0 question. */
#include "extract/copies.h"

#include <math.h>
#include <string.h>

#include "extract/inside.h"
#include "extract/record.h"
#include "store/codec.h"

#define VERSION 1
#define WHAT "degraded copies"
#define OTHER_VERSION "made by another version of this program; run: evenhand train"
#define SECONDS_MAX 7201.0      /* [s]; media.h accepts 7200 */
#define SAME_LENGTH 0.01        /* [s] */

/* ---- what they may hold ---- */

static int check_nothing(const struct eh_copies *c, struct eh_err *err)
{
	static const struct eh_voice_answer none;

	for (int k = 0; k < EH_COPY_KINDS; k++) {
		const struct eh_voice_answer *v = &c->voice[k];
		bool empty = v->seconds == 0.0 && v->voiced_seconds == 0.0 && v->bandwidth == 0.0 && v->snr == 0.0 &&
			     v->clipping == 0.0 && v->level == 0.0;

		if (!empty || memcmp(v->present, none.present, sizeof none.present) != 0 ||
		    eh_record_check_voice(v, 0.0, err) < 0)
			return eh_record_bad(err, "a copy that was not made");
	}
	return EH_OK;
}

int eh_copies_check(const struct eh_copies *c, struct eh_err *err)
{
	struct eh_err why = EH_ERR_INIT;

	if (!eh_record_status_known(c->status))
		return eh_record_bad(err, "status");
	if (memchr(c->message, '\0', sizeof c->message) == NULL)
		return eh_record_bad(err, "message");
	if (!eh_record_origin_fit(&c->origin))
		return eh_record_bad(err, "origin");
	if (c->status != EH_OK)
		return check_nothing(c, err);
	for (int k = 0; k < EH_COPY_KINDS; k++) {
		if (eh_record_check_voice(&c->voice[k], SECONDS_MAX, &why) < 0)
			return eh_err_set(err, EH_EFORMAT, "%s (copy %s)", why.msg, eh_copy_name((enum eh_copy_kind)k));
		if (fabs(c->voice[k].seconds - c->voice[0].seconds) > SAME_LENGTH)
			return eh_record_bad(err, "voice.seconds of a copy, against the others,");
	}
	return EH_OK;
}

void eh_copies_failed(struct eh_copies *c, int status, const char *message)
{
	memset(c, 0, sizeof *c);
	c->status = status;
	eh_text_printable(c->message, sizeof c->message, message, strlen(message));
}

void eh_copies_receive(struct eh_copies *c)
{
	char message[sizeof c->message];
	struct eh_err err = EH_ERR_INIT;
	int status = c->status;

	if (eh_copies_check(c, &err) < 0) {
		eh_copies_failed(c, EH_EFORMAT, err.msg);
		return;
	}
	memcpy(message, c->message, sizeof message);
	if (status != EH_OK)
		eh_copies_failed(c, status, message);
	else
		memset(c->message, 0, sizeof c->message);
}

/* ---- stored form ---- */

/* Kinds of copies and indicators, their names, units and order: values must not be read under the name of others. */
static uint64_t layout_mark(void)
{
	struct eh_buf b;
	uint64_t mark = 0;

	eh_buf_init(&b, EH_RECORD_MAX);
	for (int k = 0; k < EH_COPY_KINDS; k++)
		eh_put_str(&b, eh_copy_name((enum eh_copy_kind)k));
	eh_record_add_names(&b, eh_voice_info, EH_VOICE_N);
	mark = eh_record_mark(b.data, b.len);
	eh_buf_free(&b);
	return mark;
}

int eh_copies_put(struct eh_txn *txn, const char *candidate, const char *question, const struct eh_copies *c,
		  struct eh_err *err)
{
	struct eh_key key;
	struct eh_buf b;
	int rc = eh_record_answer_key(&key, WHAT, candidate, question, err);

	if (rc == EH_OK)
		rc = eh_copies_check(c, err);
	if (rc < 0)
		return rc;
	eh_buf_init(&b, EH_RECORD_MAX);
	eh_record_begin(&b, VERSION);
	eh_put_u64(&b, layout_mark());
	eh_put_i64(&b, c->status);
	eh_put_str(&b, c->message);
	eh_record_put_origin(&b, &c->origin);
	for (int k = 0; k < EH_COPY_KINDS; k++)
		eh_record_put_voice(&b, &c->voice[k]);
	if (b.failed)
		rc = eh_err_set(err, EH_ENOMEM, "%s of candidate %s: no memory for the record", WHAT, candidate);
	else
		rc = eh_txn_put(txn, EH_T_COPIES, eh_key_bytes(&key), (struct eh_bytes){ b.data, b.len }, err);
	eh_buf_free(&b);
	return rc;
}

/* mark: layout_mark(), which a walk asks for once. */
static int decode(struct eh_copies *out, struct eh_bytes value, uint64_t mark, struct eh_err *err)
{
	struct eh_reader r;
	uint16_t version = 0;
	int rc = eh_record_open(&r, value, VERSION, &version, WHAT, err);

	memset(out, 0, sizeof *out);
	if (rc < 0)
		return rc;
	if (version < VERSION || eh_get_u64(&r) != mark) {
		eh_copies_failed(out, EH_ESTALE, OTHER_VERSION);
		return EH_OK;
	}
	out->status = (int32_t)eh_get_i64(&r);
	eh_get_str(&r, out->message, sizeof out->message);
	eh_record_get_origin(&r, &out->origin);
	for (int k = 0; k < EH_COPY_KINDS; k++)
		eh_record_get_voice(&r, &out->voice[k]);
	rc = eh_record_close(&r, WHAT, err);
	if (rc == EH_OK)
		rc = eh_copies_check(out, err);
	if (rc < 0)
		memset(out, 0, sizeof *out);
	return rc;
}

int eh_copies_get(struct eh_txn *txn, const char *candidate, const char *question, struct eh_copies *out,
		  struct eh_err *err)
{
	struct eh_key key;
	struct eh_bytes value = { NULL, 0 };
	int rc = eh_record_answer_key(&key, WHAT, candidate, question, err);

	if (rc == EH_OK)
		rc = eh_txn_get(txn, EH_T_COPIES, eh_key_bytes(&key), &value, err);
	return rc == EH_OK ? decode(out, value, layout_mark(), err) : rc;
}

struct each {
	int (*fn)(void *ctx, const char *candidate, const char *question, const struct eh_copies *c,
		  struct eh_err *err);
	void *ctx;
	uint64_t mark;
};

static int one_record(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct each *e = ctx;
	struct eh_copies c;
	eh_id candidate = "", question = "";
	int rc = EH_OK;

	if (!eh_key_part(key, 0, candidate, sizeof candidate) || !eh_key_part(key, 1, question, sizeof question))
		return eh_err_set(err, EH_EFORMAT, "the table of degraded copies has a damaged key");
	rc = decode(&c, value, e->mark, err);
	if (rc < 0) {
		(void)eh_err_prefix(err, "candidate %s, question %s: ", candidate, question);
		return rc;
	}
	return e->fn(e->ctx, candidate, question, &c, err);
}

/* NULL: every key begins with it. */
static int prefix_of(struct eh_key *k, const char *candidate, struct eh_err *err)
{
	eh_key_init(k);
	if (candidate == NULL)
		return EH_OK;
	eh_key_str(k, candidate);
	eh_key_end(k);
	if (k->bad)
		return eh_err_set(err, EH_ERANGE, "%s: the candidate id is longer than %d bytes", WHAT, EH_KEY_MAX);
	return EH_OK;
}

int eh_copies_each(struct eh_txn *txn, const char *candidate,
		   int (*fn)(void *ctx, const char *candidate, const char *question, const struct eh_copies *c,
			     struct eh_err *err),
		   void *ctx, struct eh_err *err)
{
	struct each e = { fn, ctx, layout_mark() };
	struct eh_key prefix;
	int rc = prefix_of(&prefix, candidate, err);

	return rc == EH_OK ? eh_txn_scan(txn, EH_T_COPIES, eh_key_bytes(&prefix), one_record, &e, err) : rc;
}

static int first_key(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct eh_key *k = ctx;

	(void)value;
	(void)err;
	memcpy(k->data, key.data, key.len);
	k->len = key.len;
	k->bad = false;
	return 1;
}

int eh_copies_remove(struct eh_txn *txn, const char *candidate, const char *question, struct eh_err *err)
{
	struct eh_key key, prefix;
	int rc = EH_OK;

	if (question != NULL) {
		rc = eh_record_answer_key(&key, WHAT, candidate, question, err);
		if (rc == EH_OK)
			rc = eh_txn_del(txn, EH_T_COPIES, eh_key_bytes(&key), err);
		return rc == EH_ENOENT ? EH_OK : rc;
	}
	rc = prefix_of(&prefix, candidate, err);
	/* a scan must not write: one key is found, then taken away */
	while (rc == EH_OK) {
		rc = eh_txn_scan(txn, EH_T_COPIES, eh_key_bytes(&prefix), first_key, &key, err);
		if (rc != 1)
			return rc;
		rc = eh_txn_del(txn, EH_T_COPIES, eh_key_bytes(&key), err);
	}
	return rc;
}
