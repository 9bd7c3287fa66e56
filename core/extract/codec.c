/* The stored form of an answer: EH_T_ANSWERS, key candidate 0 question. */
#include "extract/extract.h"

#include <string.h>

#include "store/codec.h"

#define VERSION 1
#define WHAT "answer"

/* The lists of indicators grow at their end only; the count says how many a record has. */
static void put_values(struct eh_buf *b, const uint8_t *present, const double *v, const double *spread, uint16_t n)
{
	eh_put_u16(b, n);
	for (uint16_t i = 0; i < n; i++) {
		eh_put_u8(b, present[i]);
		eh_put_f64(b, v[i]);
		if (spread != NULL)
			eh_put_f64(b, spread[i]);
	}
}

static void get_values(struct eh_reader *r, uint8_t *present, double *v, double *spread, uint16_t n)
{
	if (eh_get_u16(r) != n) {
		r->bad = true;
		return;
	}
	for (uint16_t i = 0; i < n; i++) {
		present[i] = eh_get_u8(r);
		v[i] = eh_get_f64(r);
		if (spread != NULL)
			spread[i] = eh_get_f64(r);
	}
}

static void put_media(struct eh_buf *b, const struct eh_media_info *m)
{
	eh_put_f64(b, m->container_seconds);
	eh_put_f64(b, m->decoded_video_seconds);
	eh_put_f64(b, m->decoded_audio_seconds);
	eh_put_u32(b, m->width);
	eh_put_u32(b, m->height);
	eh_put_u32(b, m->frames_decoded);
	eh_put_u32(b, m->frames_sampled);
	eh_put_u32(b, m->audio_rate);
	eh_put_u32(b, m->audio_channels);
	eh_put_i64(b, m->rotation);
	eh_put_u32(b, m->video_streams);
	eh_put_u32(b, m->audio_streams);
	eh_put_u32(b, m->decode_errors);
	eh_put_str(b, m->container);
	eh_put_str(b, m->video_codec);
	eh_put_str(b, m->audio_codec);
}

static void get_media(struct eh_reader *r, struct eh_media_info *m)
{
	m->container_seconds = eh_get_f64(r);
	m->decoded_video_seconds = eh_get_f64(r);
	m->decoded_audio_seconds = eh_get_f64(r);
	m->width = eh_get_u32(r);
	m->height = eh_get_u32(r);
	m->frames_decoded = eh_get_u32(r);
	m->frames_sampled = eh_get_u32(r);
	m->audio_rate = eh_get_u32(r);
	m->audio_channels = eh_get_u32(r);
	m->rotation = (int32_t)eh_get_i64(r);
	m->video_streams = eh_get_u32(r);
	m->audio_streams = eh_get_u32(r);
	m->decode_errors = eh_get_u32(r);
	eh_get_str(r, m->container, sizeof m->container);
	eh_get_str(r, m->video_codec, sizeof m->video_codec);
	eh_get_str(r, m->audio_codec, sizeof m->audio_codec);
}

static void put_face(struct eh_buf *b, const struct eh_face_answer *f)
{
	eh_put_u32(b, f->frames_sampled);
	eh_put_u32(b, f->frames_found);
	eh_put_u32(b, f->frames_used);
	eh_put_u32(b, f->max_faces);
	eh_put_u32(b, f->frames_many);
	eh_put_f64(b, f->mean_presence);
	put_values(b, f->present, f->median, f->mad, EH_FACE_N);
}

static void get_face(struct eh_reader *r, struct eh_face_answer *f)
{
	f->frames_sampled = eh_get_u32(r);
	f->frames_found = eh_get_u32(r);
	f->frames_used = eh_get_u32(r);
	f->max_faces = eh_get_u32(r);
	f->frames_many = eh_get_u32(r);
	f->mean_presence = eh_get_f64(r);
	get_values(r, f->present, f->median, f->mad, EH_FACE_N);
}

static void put_voice(struct eh_buf *b, const struct eh_voice_answer *v)
{
	eh_put_f64(b, v->seconds);
	eh_put_f64(b, v->voiced_seconds);
	eh_put_f64(b, v->bandwidth);
	eh_put_f64(b, v->snr);
	eh_put_f64(b, v->clipping);
	eh_put_f64(b, v->level);
	put_values(b, v->present, v->value, NULL, EH_VOICE_N);
}

static void get_voice(struct eh_reader *r, struct eh_voice_answer *v)
{
	v->seconds = eh_get_f64(r);
	v->voiced_seconds = eh_get_f64(r);
	v->bandwidth = eh_get_f64(r);
	v->snr = eh_get_f64(r);
	v->clipping = eh_get_f64(r);
	v->level = eh_get_f64(r);
	get_values(r, v->present, v->value, NULL, EH_VOICE_N);
}

static int answer_key(struct eh_key *k, const char *candidate, const char *question, struct eh_err *err)
{
	eh_key_init(k);
	eh_key_str(k, candidate);
	eh_key_str(k, question);
	if (k->bad)
		return eh_err_set(err, EH_ERANGE, "answer: candidate and question id together are longer than %d bytes",
				  EH_KEY_MAX);
	return EH_OK;
}

int eh_answer_put(struct eh_txn *txn, const char *candidate, const char *question, const struct eh_answer *a,
		  struct eh_err *err)
{
	struct eh_key key;
	struct eh_buf b;
	int rc = answer_key(&key, candidate, question, err);

	if (rc == EH_OK)
		rc = eh_answer_check(a, err);
	if (rc < 0)
		return rc;
	eh_buf_init(&b, EH_RECORD_MAX);
	eh_record_begin(&b, VERSION);
	eh_put_i64(&b, a->status);
	eh_put_str(&b, a->message);
	eh_put_u8(&b, a->did_face);
	eh_put_u8(&b, a->did_voice);
	put_media(&b, &a->media);
	put_face(&b, &a->face);
	put_voice(&b, &a->voice);
	if (b.failed)
		rc = eh_err_set(err, EH_ENOMEM, "answer of candidate %s: no memory for the record", candidate);
	else
		rc = eh_txn_put(txn, EH_T_ANSWERS, eh_key_bytes(&key), (struct eh_bytes){ b.data, b.len }, err);
	eh_buf_free(&b);
	return rc;
}

static int decode(struct eh_answer *out, struct eh_bytes value, struct eh_err *err)
{
	struct eh_reader r;
	int rc = eh_record_open(&r, value, VERSION, NULL, WHAT, err);

	memset(out, 0, sizeof *out);
	if (rc < 0)
		return rc;
	out->status = (int32_t)eh_get_i64(&r);
	eh_get_str(&r, out->message, sizeof out->message);
	out->did_face = eh_get_u8(&r);
	out->did_voice = eh_get_u8(&r);
	get_media(&r, &out->media);
	get_face(&r, &out->face);
	get_voice(&r, &out->voice);
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
	int rc = answer_key(&key, candidate, question, err);

	if (rc == EH_OK)
		rc = eh_txn_get(txn, EH_T_ANSWERS, eh_key_bytes(&key), &value, err);
	return rc == EH_OK ? decode(out, value, err) : rc;
}

struct each {
	int (*fn)(void *ctx, const char *candidate, const char *question, const struct eh_answer *a, struct eh_err *err);
	void *ctx;
};

static int one_answer(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct each *e = ctx;
	struct eh_answer a;
	eh_id candidate = "", question = "";
	int rc = EH_OK;

	if (!eh_key_part(key, 0, candidate, sizeof candidate) || !eh_key_part(key, 1, question, sizeof question))
		return eh_err_set(err, EH_EFORMAT, "the table of answers has a damaged key");
	rc = decode(&a, value, err);
	if (rc < 0) {
		(void)eh_err_prefix(err, "candidate %s, question %s: ", candidate, question);
		return rc;
	}
	return e->fn(e->ctx, candidate, question, &a, err);
}

int eh_answers_each(struct eh_txn *txn, const char *candidate,
		    int (*fn)(void *ctx, const char *candidate, const char *question, const struct eh_answer *a, struct eh_err *err),
		    void *ctx, struct eh_err *err)
{
	struct each e = { fn, ctx };
	struct eh_key prefix;

	eh_key_init(&prefix);
	if (candidate != NULL) {
		eh_key_str(&prefix, candidate);
		eh_key_end(&prefix);
		if (prefix.bad)
			return eh_err_set(err, EH_ERANGE, "answers: the candidate id is longer than %d bytes", EH_KEY_MAX);
	}
	return eh_txn_scan(txn, EH_T_ANSWERS, eh_key_bytes(&prefix), one_answer, &e, err);
}
