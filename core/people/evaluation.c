/* Interviews and evaluations as versioned records; see people.h.  The ids are parts of the key. */
#include <math.h>
#include <string.h>

#include "people/people.h"
#include "people/record.h"
#include "store/codec.h"

#define INTERVIEW_VERSION 1
#define EVALUATION_VERSION 1

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

static int evaluation_check(const struct eh_evaluation *e, struct eh_err *err)
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

static int evaluation_decode(struct eh_evaluation *e, struct eh_bytes value, struct eh_err *err)
{
	struct eh_reader r;
	uint8_t decision = 0;
	int rc = eh_record_open(&r, value, EVALUATION_VERSION, NULL, "evaluation", err);

	if (rc != EH_OK)
		return rc;
	decision = eh_get_u8(&r);
	e->decision = (enum eh_decision_kind)decision;
	e->has_score = eh_get_u8(&r) != 0;
	e->score = eh_get_f64(&r);
	e->has_time = eh_get_u8(&r) != 0;
	e->decided_at = eh_get_i64(&r);
	if (decision > EH_HOLD || !isfinite(e->score))
		r.bad = true;
	return eh_record_close(&r, "evaluation", err);
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

int eh_evaluation_get(struct eh_txn *txn, struct eh_evaluation *out, struct eh_err *err)
{
	struct eh_key key = evaluation_key(out);
	struct eh_bytes value = { NULL, 0 };
	int rc = key.bad ? EH_ENOENT : eh_txn_get(txn, EH_T_EVALUATIONS, eh_key_bytes(&key), &value, err);

	if (rc == EH_ENOENT)
		return eh_err_set(err, EH_ENOENT, "there is no evaluation of '%.64s' by '%.64s'", out->candidate,
				  out->evaluator);
	return rc == EH_OK ? evaluation_decode(out, value, err) : rc;
}

int eh_evaluation_put(struct eh_txn *txn, const struct eh_evaluation *e, enum eh_change *change, struct eh_err *err)
{
	struct eh_key key = evaluation_key(e);
	struct eh_buf b;
	int rc = evaluation_check(e, err);

	if (rc != EH_OK)
		return rc;
	eh_buf_init(&b, EH_RECORD_MAX);
	eh_record_begin(&b, EVALUATION_VERSION);
	eh_put_u8(&b, (uint8_t)e->decision);
	eh_put_u8(&b, e->has_score);
	eh_put_f64(&b, e->has_score ? e->score : 0.0);
	eh_put_u8(&b, e->has_time);
	eh_put_i64(&b, e->has_time ? e->decided_at : 0);
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

static int evaluation_step(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	const struct evaluation_walk *w = ctx;
	struct eh_evaluation e;
	char *parts[5] = { e.evaluator, e.candidate, e.position, e.stage, e.question };
	int rc = EH_OK;

	memset(&e, 0, sizeof e);
	for (size_t i = 0; i < 5; i++)
		if (!eh_key_part(key, i, parts[i], sizeof e.evaluator))
			return eh_err_set(err, EH_EFORMAT, "evaluation: the stored key is damaged");
	rc = evaluation_decode(&e, value, err);
	return rc != EH_OK ? rc : w->fn(w->ctx, &e, err);
}

int eh_evaluations_each(struct eh_txn *txn, int (*fn)(void *ctx, const struct eh_evaluation *e, struct eh_err *err),
			void *ctx, struct eh_err *err)
{
	struct evaluation_walk w = { fn, ctx };

	return eh_txn_scan(txn, EH_T_EVALUATIONS, (struct eh_bytes){ NULL, 0 }, evaluation_step, &w, err);
}
