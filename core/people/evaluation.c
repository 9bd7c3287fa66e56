/* Interviews and evaluations as versioned records; see people.h.  The ids are parts of the key. */
#include <math.h>
#include <string.h>

#include "people/people.h"
#include "people/record.h"
#include "store/codec.h"

#define INTERVIEW_VERSION 1
#define EVALUATION_VERSION 2            /* 1: decision u8, has_score u8, score f64, has_time u8, time i64 */

/* Of version 2: one byte, and after it what it says is there. */
#define DECISION 3u
#define HAS_SCORE 4u
#define HAS_TIME 8u

int eh_interview_put(struct eh_txn *txn, const struct eh_interview *i, enum eh_change *change, struct eh_err *err)
{
	struct eh_key key;
	struct eh_buf b;
	int rc = eh_record_id(i->candidate, "candidate", err);

	if (rc == EH_OK)
		rc = eh_record_id(i->question, "question", err);
	if (rc != EH_OK)
		return rc;
	if (i->path[0] == '\0')
		return eh_err_set(err, EH_EFORMAT, "interview of '%s', question '%s': the path is empty", i->candidate,
				  i->question);
	eh_key_init(&key);
	eh_key_str(&key, i->candidate);
	eh_key_str(&key, i->question);
	eh_buf_init(&b, EH_RECORD_MAX);
	eh_record_begin(&b, INTERVIEW_VERSION);
	eh_put_str(&b, i->path);
	return eh_record_put(txn, EH_T_INTERVIEWS, &key, &b, change, "interview", err);
}

static bool optional_id(const char *id) { return id[0] == '\0' || eh_id_valid(id, strlen(id)); }

int eh_evaluation_check(const struct eh_evaluation *e, struct eh_err *err)
{
	int rc = eh_record_id(e->evaluator, "evaluator", err);

	if (rc == EH_OK)
		rc = eh_record_id(e->candidate, "candidate", err);
	if (rc != EH_OK)
		return rc;
	if (!optional_id(e->position) || !optional_id(e->stage) || !optional_id(e->question))
		return eh_err_set(err, EH_EFORMAT,
				  "evaluation of '%s' by '%s': position, stage or question is not an id", e->candidate,
				  e->evaluator);
	if (e->decision != EH_REJECT && e->decision != EH_ADVANCE && e->decision != EH_HOLD)
		return eh_err_set(err, EH_ERANGE, "evaluation of '%s' by '%s': unknown decision %d", e->candidate,
				  e->evaluator, (int)e->decision);
	if (e->has_score && !isfinite(e->score))
		return eh_err_set(err, EH_ERANGE, "evaluation of '%s' by '%s': the score is not a finite number",
				  e->candidate, e->evaluator);
	return EH_OK;
}

static void decode_1(struct eh_evaluation *e, struct eh_reader *r)
{
	uint8_t decision = eh_get_u8(r);

	e->has_score = eh_get_u8(r) != 0;
	e->score = eh_get_f64(r);
	e->has_time = eh_get_u8(r) != 0;
	e->decided_at = eh_get_i64(r);
	e->decision = (enum eh_decision_kind)(decision <= EH_HOLD ? decision : EH_REJECT);
	r->bad |= decision > EH_HOLD;
}

static void decode_2(struct eh_evaluation *e, struct eh_reader *r)
{
	uint8_t what = eh_get_u8(r);

	e->has_score = (what & HAS_SCORE) != 0;
	e->score = e->has_score ? eh_get_f64(r) : 0.0;
	e->has_time = (what & HAS_TIME) != 0;
	e->decided_at = e->has_time ? eh_get_i64(r) : 0;
	e->decision = (enum eh_decision_kind)((what & DECISION) <= EH_HOLD ? what & DECISION : EH_REJECT);
	r->bad |= (what & DECISION) > EH_HOLD || (what & ~(DECISION | HAS_SCORE | HAS_TIME)) != 0;
}

static int evaluation_decode(struct eh_evaluation *e, struct eh_bytes value, struct eh_err *err)
{
	struct eh_reader r;
	uint16_t version = 0;
	int rc = eh_record_open(&r, value, EVALUATION_VERSION, &version, "evaluation", err);

	if (rc != EH_OK)
		return rc;
	if (version == 1)
		decode_1(e, &r);
	else
		decode_2(e, &r);
	r.bad |= !isfinite(e->score);
	return eh_record_close(&r, "evaluation", err);
}

size_t eh_evaluation_write(unsigned char out[EH_EVALUATION_RECORD], const struct eh_evaluation *e)
{
	uint64_t bits = 0;
	size_t n = 3;

	out[0] = EVALUATION_VERSION;
	out[1] = 0;
	out[2] = (unsigned char)((unsigned)e->decision | (e->has_score ? HAS_SCORE : 0) | (e->has_time ? HAS_TIME : 0));
	memcpy(&bits, &e->score, sizeof bits);
	for (unsigned i = 0; i < 8 && e->has_score; i++)
		out[n++] = (unsigned char)(bits >> 8 * i);
	for (unsigned i = 0; i < 8 && e->has_time; i++)
		out[n++] = (unsigned char)((uint64_t)e->decided_at >> 8 * i);
	return n;
}

static struct eh_key evaluation_key(const struct eh_evaluation *e)
{
	const char *parts[5] = { e->evaluator, e->candidate, e->position, e->stage, e->question };
	struct eh_key key;

	eh_key_init(&key);
	for (size_t i = 0; i < 5; i++)
		eh_key_str(&key, parts[i]);
	return key;
}

int eh_evaluation_put(struct eh_txn *txn, const struct eh_evaluation *e, enum eh_change *change, struct eh_err *err)
{
	struct eh_key key = evaluation_key(e);
	unsigned char record[EH_EVALUATION_RECORD];
	struct eh_buf b;
	int rc = eh_evaluation_check(e, err);

	if (rc != EH_OK)
		return rc;
	eh_buf_init(&b, EH_RECORD_MAX);
	eh_buf_add(&b, record, eh_evaluation_write(record, e));
	return eh_record_put(txn, EH_T_EVALUATIONS, &key, &b, change, "evaluation", err);
}

struct interview_walk {
	int (*fn)(void *ctx, const struct eh_interview *i, struct eh_err *err);
	void *ctx;
};

static int interview_step(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	const struct interview_walk *w = ctx;
	struct eh_interview i;
	struct eh_reader r;
	int rc;

	memset(&i, 0, sizeof i);
	rc = eh_record_open(&r, value, INTERVIEW_VERSION, NULL, "interview", err);
	if (rc != EH_OK)
		return rc;
	if (!eh_key_part(key, 0, i.candidate, sizeof i.candidate) ||
	    !eh_key_part(key, 1, i.question, sizeof i.question))
		return eh_err_set(err, EH_EFORMAT, "interview: the stored key is damaged");
	eh_get_str(&r, i.path, sizeof i.path);
	rc = eh_record_close(&r, "interview", err);
	return rc != EH_OK ? rc : w->fn(w->ctx, &i, err);
}

int eh_interviews_each(struct eh_txn *txn, int (*fn)(void *ctx, const struct eh_interview *i, struct eh_err *err),
		       void *ctx, struct eh_err *err)
{
	struct interview_walk w = { fn, ctx };

	return eh_txn_scan(txn, EH_T_INTERVIEWS, (struct eh_bytes){ NULL, 0 }, interview_step, &w, err);
}

struct evaluation_walk {
	int (*fn)(void *ctx, const struct eh_evaluation *e, struct eh_err *err);
	void *ctx;
};

int eh_evaluation_read(struct eh_evaluation *out, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	char *parts[5] = { out->evaluator, out->candidate, out->position, out->stage, out->question };
	const unsigned char *p = key.data, *end = key.data + key.len;

	for (size_t i = 0; i < 5; i++) {
		const unsigned char *stop = i < 4 ? memchr(p, 0, (size_t)(end - p)) : end;
		size_t len = stop != NULL ? (size_t)(stop - p) : SIZE_MAX;

		if (len >= sizeof out->evaluator)
			return eh_err_set(err, EH_EFORMAT, "evaluation: the stored key is damaged");
		memcpy(parts[i], p, len);
		parts[i][len] = '\0';
		p = stop + 1;
	}
	return evaluation_decode(out, value, err);
}

static int evaluation_step(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	const struct evaluation_walk *w = ctx;
	struct eh_evaluation e;
	int rc;

	memset(&e, 0, sizeof e);
	rc = eh_evaluation_read(&e, key, value, err);
	return rc != EH_OK ? rc : w->fn(w->ctx, &e, err);
}

int eh_evaluations_each(struct eh_txn *txn, int (*fn)(void *ctx, const struct eh_evaluation *e, struct eh_err *err),
			void *ctx, struct eh_err *err)
{
	struct evaluation_walk w = { fn, ctx };

	return eh_txn_scan(txn, EH_T_EVALUATIONS, (struct eh_bytes){ NULL, 0 }, evaluation_step, &w, err);
}

int eh_evaluations_of(struct eh_txn *txn, const char *evaluator,
		      int (*fn)(void *ctx, const struct eh_evaluation *e, struct eh_err *err), void *ctx,
		      struct eh_err *err)
{
	struct evaluation_walk w = { fn, ctx };
	struct eh_key k = eh_key_of(evaluator);

	eh_key_end(&k);
	return eh_txn_scan(txn, EH_T_EVALUATIONS, eh_key_bytes(&k), evaluation_step, &w, err);
}
