/* The stored form of an answer: EH_T_ANSWERS, key candidate 0 question. */
#include "extract/extract.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "extract/inside.h"
#include "extract/record.h"
#include "store/codec.h"

#define VERSION 4               /* 4: the file that was measured, tracks not taken */
#define WHAT "answer"
#define OTHER_VERSION "measured by another version of this program; run: evenhand extract"

void eh_record_add_names(struct eh_buf *b, const struct eh_indicator_info *info, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		eh_put_str(b, info[i].name);
		eh_put_str(b, info[i].unit);
	}
}

void eh_record_put_origin(struct eh_buf *b, const struct eh_answer_origin *o)
{
	eh_put_str(b, o->extractor);
	eh_put_i64(b, o->landlock_abi);
	eh_put_u8(b, o->seccomp);
	eh_put_u8(b, o->fast);
	eh_put_u64(b, o->path_mark);
	eh_put_u64(b, o->file_bytes);
	eh_put_i64(b, o->file_mtime);
}

void eh_record_get_origin(struct eh_reader *r, struct eh_answer_origin *o)
{
	eh_get_str(r, o->extractor, sizeof o->extractor);
	o->landlock_abi = (int32_t)eh_get_i64(r);
	o->seccomp = eh_get_u8(r);
	o->fast = eh_get_u8(r);
	o->path_mark = eh_get_u64(r);
	o->file_bytes = eh_get_u64(r);
	o->file_mtime = eh_get_i64(r);
}

/* Names, units and order of the indicators in one number: values must not be read under the name of others. */
static uint64_t layout_mark(void)
{
	struct eh_buf b;
	uint64_t mark = 0;

	eh_buf_init(&b, EH_RECORD_MAX);
	eh_record_add_names(&b, eh_face_info, EH_FACE_N);
	eh_record_add_names(&b, eh_voice_info, EH_VOICE_N);
	mark = eh_record_mark(b.data, b.len);
	eh_buf_free(&b);
	return mark;
}

int eh_record_answer_key(struct eh_key *k, const char *what, const char *candidate, const char *question,
			 struct eh_err *err)
{
	eh_key_init(k);
	eh_key_str(k, candidate);
	eh_key_str(k, question);
	if (k->bad)
		return eh_err_set(err, EH_ERANGE, "%s: candidate and question id together are longer than %d bytes",
				  what, EH_KEY_MAX);
	return EH_OK;
}

int eh_answer_put(struct eh_txn *txn, const char *candidate, const char *question, const struct eh_answer *a,
		  struct eh_err *err)
{
	struct eh_key key;
	struct eh_buf b;
	int rc = eh_record_answer_key(&key, WHAT, candidate, question, err);

	if (rc == EH_OK)
		rc = eh_answer_check(a, err);
	if (rc < 0)
		return rc;
	eh_buf_init(&b, EH_RECORD_MAX);
	eh_record_begin(&b, VERSION);
	eh_put_u64(&b, layout_mark());
	eh_put_i64(&b, a->status);
	eh_put_str(&b, a->message);
	eh_put_u8(&b, a->did_face);
	eh_put_u8(&b, a->did_voice);
	eh_record_put_origin(&b, &a->origin);
	eh_record_put_media(&b, &a->media);
	eh_record_put_face(&b, &a->face);
	eh_record_put_voice(&b, &a->voice);
	if (b.failed)
		rc = eh_err_set(err, EH_ENOMEM, "answer of candidate %s: no memory for the record", candidate);
	else
		rc = eh_txn_put(txn, EH_T_ANSWERS, eh_key_bytes(&key), (struct eh_bytes){ b.data, b.len }, err);
	eh_buf_free(&b);
	return rc;
}

/* Status, message and what was measured; r stands behind them when *fits, else the answer is of another version. */
static int decode_head(struct eh_answer *out, struct eh_reader *r, struct eh_bytes value, uint64_t mark, bool *fits,
		       struct eh_err *err)
{
	uint16_t version = 0;
	int rc = eh_record_open(r, value, VERSION, &version, WHAT, err);

	*fits = rc == EH_OK && version == VERSION && eh_get_u64(r) == mark;
	if (rc < 0)
		return rc;
	if (!*fits) {
		eh_answer_failed(out, EH_ESTALE, OTHER_VERSION);
		return EH_OK;
	}
	out->status = (int32_t)eh_get_i64(r);
	eh_get_str(r, out->message, sizeof out->message);
	out->did_face = eh_get_u8(r);
	out->did_voice = eh_get_u8(r);
	return r->bad ? eh_record_close(r, WHAT, err) : EH_OK;
}

/* mark: layout_mark(), which a walk asks for once. */
static int decode(struct eh_answer *out, struct eh_bytes value, uint64_t mark, struct eh_err *err)
{
	struct eh_reader r;
	bool fits = false;
	int rc;

	memset(out, 0, sizeof *out);
	rc = decode_head(out, &r, value, mark, &fits, err);
	if (rc < 0)
		memset(out, 0, sizeof *out);
	if (rc < 0 || !fits)
		return rc;
	eh_record_get_origin(&r, &out->origin);
	eh_record_get_media(&r, &out->media);
	eh_record_get_face(&r, &out->face);
	eh_record_get_voice(&r, &out->voice);
	rc = eh_record_close(&r, WHAT, err);
	if (rc == EH_OK)
		rc = eh_answer_check(out, err);
	if (rc < 0)
		memset(out, 0, sizeof *out);
	return rc;
}

int eh_answer_get(struct eh_txn *txn, const char *candidate, const char *question, struct eh_answer *out,
		  struct eh_err *err)
{
	struct eh_key key;
	struct eh_bytes value = { NULL, 0 };
	int rc = eh_record_answer_key(&key, WHAT, candidate, question, err);

	if (rc == EH_OK)
		rc = eh_txn_get(txn, EH_T_ANSWERS, eh_key_bytes(&key), &value, err);
	return rc == EH_OK ? decode(out, value, layout_mark(), err) : rc;
}

struct each {
	int (*fn)(void *ctx, const char *candidate, const char *question, const struct eh_answer *a,
		  struct eh_err *err);
	void *ctx;
	uint64_t mark;
};

static int one_answer(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct each *e = ctx;
	struct eh_answer a;
	eh_id candidate = "", question = "";
	int rc = EH_OK;

	if (!eh_key_part(key, 0, candidate, sizeof candidate) || !eh_key_part(key, 1, question, sizeof question))
		return eh_err_set(err, EH_EFORMAT, "the table of answers has a damaged key");
	rc = decode(&a, value, e->mark, err);
	if (rc < 0) {
		(void)eh_err_prefix(err, "candidate %s, question %s: ", candidate, question);
		return rc;
	}
	return e->fn(e->ctx, candidate, question, &a, err);
}

struct heads {
	int (*fn)(void *ctx, const struct eh_answer_head *h, struct eh_err *err);
	void *ctx;
	uint64_t mark;
	struct eh_answer scratch;       /* its head alone is written */
};

static int one_head(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct heads *e = ctx;
	struct eh_answer_head head;
	struct eh_reader r;
	bool fits = false;
	int rc = EH_OK;

	if (!eh_key_part(key, 0, head.candidate, sizeof head.candidate) ||
	    !eh_key_part(key, 1, head.question, sizeof head.question))
		return eh_err_set(err, EH_EFORMAT, "the table of answers has a damaged key");
	rc = decode_head(&e->scratch, &r, value, e->mark, &fits, err);
	if (rc < 0) {
		(void)eh_err_prefix(err, "candidate %s, question %s: ", head.candidate, head.question);
		return rc;
	}
	head.status = e->scratch.status;
	head.did_face = fits && e->scratch.did_face;
	head.did_voice = fits && e->scratch.did_voice;
	return e->fn(e->ctx, &head, err);
}

int eh_answer_heads_each(struct eh_txn *txn, const char *candidate,
			 int (*fn)(void *ctx, const struct eh_answer_head *h, struct eh_err *err), void *ctx,
			 struct eh_err *err)
{
	struct heads *e = eh_xcalloc(1, sizeof *e);
	struct eh_key prefix;
	int rc = EH_OK;

	*e = (struct heads){ .fn = fn, .ctx = ctx, .mark = layout_mark() };
	eh_key_init(&prefix);
	if (candidate != NULL) {
		eh_key_str(&prefix, candidate);
		eh_key_end(&prefix);
		if (prefix.bad)
			rc = eh_err_set(err, EH_ERANGE, "answers: the candidate id is longer than %d bytes",
					EH_KEY_MAX);
	}
	if (rc == EH_OK)
		rc = eh_txn_scan(txn, EH_T_ANSWERS, eh_key_bytes(&prefix), one_head, e, err);
	free(e);
	return rc;
}

int eh_answers_each(struct eh_txn *txn, const char *candidate,
		    int (*fn)(void *ctx, const char *candidate, const char *question, const struct eh_answer *a,
			      struct eh_err *err),
		    void *ctx, struct eh_err *err)
{
	struct each e = { fn, ctx, layout_mark() };
	struct eh_key prefix;

	eh_key_init(&prefix);
	if (candidate != NULL) {
		eh_key_str(&prefix, candidate);
		eh_key_end(&prefix);
		if (prefix.bad)
			return eh_err_set(err, EH_ERANGE, "answers: the candidate id is longer than %d bytes",
					  EH_KEY_MAX);
	}
	return eh_txn_scan(txn, EH_T_ANSWERS, eh_key_bytes(&prefix), one_answer, &e, err);
}
