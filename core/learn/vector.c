/* The combined vector: its layout and stored form; see vector.h. */
#include "learn/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "store/codec.h"

#define VECTOR_VERSION 3                /* 3: bandwidth and signal-to-noise ratio of the sound */
#define VECTOR_OLDEST 2

const struct eh_indicator_info *eh_vector_info(size_t index)
{
	return index < EH_FACE_N ? &eh_face_info[index] : &eh_voice_info[index - EH_FACE_N];
}

static const uint16_t class_vector[] = {
	EH_F_INNER_CANTHI, EH_F_EYE_WIDTH_L, EH_F_EYE_WIDTH_R, EH_F_NOSE_WIDTH, EH_F_NOSE_LENGTH, EH_F_MOUTH_WIDTH,
	EH_F_LIP_HEIGHT, EH_F_PHILTRUM, EH_F_CHIN, EH_F_HEIGHT, EH_F_BIZYGOMATIC, EH_F_JAW, EH_F_BROW_EYE, EH_F_MIDFACE,
	EH_F_ASYMMETRY, EH_F_EYE_CANT, EH_F_CANTHAL_TILT, EH_F_JAW_ANGLE_L, EH_F_JAW_ANGLE_R, EH_F_CHIN_ANGLE,
	EH_F_NOSE_MOUTH,
#define V(id) EH_FACE_N + (id)
	V(EH_V_F0_MEDIAN), V(EH_V_F0_P20), V(EH_V_F0_P80), V(EH_V_F0_SPREAD), V(EH_V_HNR), V(EH_V_F1), V(EH_V_F2),
	V(EH_V_F3), V(EH_V_F4), V(EH_V_JITTER), V(EH_V_SHIMMER), V(EH_V_MFCC1), V(EH_V_MFCC2), V(EH_V_MFCC3),
	V(EH_V_MFCC4), V(EH_V_MFCC5), V(EH_V_MFCC6), V(EH_V_MFCC7), V(EH_V_MFCC8), V(EH_V_MFCC9), V(EH_V_MFCC10),
	V(EH_V_MFCC11),
	V(EH_V_MFCC12), V(EH_V_MFCC13), V(EH_V_CENTROID), V(EH_V_ALPHA), V(EH_V_HAMMARBERG), V(EH_V_SLOPE_LOW),
	V(EH_V_SLOPE_MID),
#undef V
};

bool eh_vector_in_class(size_t index)
{
	for (size_t i = 0; i < sizeof class_vector / sizeof class_vector[0]; i++)
		if (class_vector[i] == index)
			return true;
	return false;
}

const char *eh_quality_text(uint32_t bit)
{
	switch (bit) {
#define X(id, value, text, moves) case id: return text;
	EH_QF_LIST(X)
#undef X
	default: return NULL;
	}
}

uint32_t eh_quality_moving(unsigned modalities)
{
	uint32_t out = 0;

#define X(id, bit, text, moves) out |= (modalities & EH_QM_##moves) != 0 ? (bit) : 0u;
	EH_QF_LIST(X)
#undef X
	return out;
}

void eh_layout_hash(char out[65])
{
	char *text = eh_xasprintf("%d", EH_LAYOUT);

	for (size_t i = 0; i < EH_VECTOR_N; i++) {
		const struct eh_indicator_info *info = eh_vector_info(i);
		char *longer = eh_xasprintf("%s\n%s\t%s\t%c%s", text, info->name, info->unit, info->kind,
					    eh_vector_in_class(i) ? "\tclass" : "");

		free(text);
		text = longer;
	}
	eh_sha256_hex(out, text, strlen(text));
	free(text);
}

/* ---- stored form ---- */

/* The first bytes of the layout's hash: names, units and order in one number. */
uint64_t eh_vector_mark(void)
{
	char hash[65];

	eh_layout_hash(hash);
	hash[16] = '\0';
	return (uint64_t)strtoull(hash, NULL, 16);
}

static int other_layout(struct eh_vector *v)
{
	eh_id candidate;

	memcpy(candidate, v->candidate, sizeof candidate);
	memset(v, 0, sizeof *v);
	memcpy(v->candidate, candidate, sizeof candidate);
	v->layout = EH_LAYOUT;
	v->quality = EH_QF_OTHER_LAYOUT;
	return EH_OK;
}

int eh_vector_put(struct eh_txn *txn, const struct eh_vector *v, struct eh_err *err)
{
	struct eh_key key = eh_key_of(v->candidate);
	struct eh_buf b;
	int rc = EH_OK;

	if (!eh_id_valid(v->candidate, strnlen(v->candidate, sizeof v->candidate)))
		return eh_err_set(err, EH_EINVAL, "a combined vector needs a valid candidate id");
	for (size_t i = 0; i < EH_VECTOR_N; i++)
		if (v->present[i] && !isfinite(v->value[i]))
			return eh_err_set(err, EH_ERANGE,
					  "candidate '%s': %s is not a finite number; extract the interviews again",
					  v->candidate, eh_vector_info(i)->name);
	eh_buf_init(&b, EH_RECORD_MAX);
	eh_record_begin(&b, VECTOR_VERSION);
	eh_put_u16(&b, v->layout);
	eh_put_u8(&b, v->has_face);
	eh_put_u8(&b, v->has_voice);
	eh_put_u32(&b, v->quality);
	eh_put_u32(&b, v->answers);
	eh_put_u32(&b, v->frames_sampled);
	eh_put_u32(&b, v->frames_found);
	eh_put_u32(&b, v->frames_used);
	eh_put_f64(&b, v->voiced_seconds);
	eh_put_f64(&b, v->bandwidth);
	eh_put_f64(&b, v->snr);
	eh_put_u16(&b, EH_VECTOR_N);
	eh_put_u64(&b, eh_vector_mark());
	for (size_t i = 0; i < EH_VECTOR_N; i++) {
		eh_put_u8(&b, v->present[i] != 0);
		eh_put_f64(&b, v->present[i] ? v->value[i] : 0.0);
	}
	if (b.failed)
		rc = eh_err_set(err, EH_ENOMEM, "candidate '%s': out of memory for the combined vector", v->candidate);
	else
		rc = eh_txn_put(txn, EH_T_VECTORS, eh_key_bytes(&key), (struct eh_bytes){ b.data, b.len }, err);
	eh_buf_free(&b);
	return rc;
}

static int get_values(struct eh_reader *r, struct eh_vector *v, struct eh_err *err)
{
	for (size_t i = 0; i < EH_VECTOR_N; i++) {
		v->present[i] = eh_get_u8(r) != 0;
		v->value[i] = eh_get_f64(r);
		if (!isfinite(v->value[i]))
			return eh_err_set(err, EH_EFORMAT,
					  "candidate '%s': the stored %s is not a number; extract the interviews again",
					  v->candidate, eh_vector_info(i)->name);
	}
	return EH_OK;
}

/* All but the values; r stands before them when *fits, else the vector is of another layout. */
static int decode_head(struct eh_vector *v, struct eh_reader *r, struct eh_bytes value, uint64_t mark, bool *fits,
		       struct eh_err *err)
{
	uint16_t count = 0, version = 0;
	uint64_t layout = 0;
	int rc = eh_record_open(r, value, VECTOR_VERSION, &version, "combined vector", err);

	*fits = false;
	if (rc != EH_OK || version < VECTOR_OLDEST)
		return rc;
	v->layout = eh_get_u16(r);
	v->has_face = eh_get_u8(r) != 0;
	v->has_voice = eh_get_u8(r) != 0;
	v->quality = eh_get_u32(r);
	v->answers = eh_get_u32(r);
	v->frames_sampled = eh_get_u32(r);
	v->frames_found = eh_get_u32(r);
	v->frames_used = eh_get_u32(r);
	v->voiced_seconds = eh_get_f64(r);
	v->bandwidth = version >= 3 ? eh_get_f64(r) : 0.0;
	v->snr = version >= 3 ? eh_get_f64(r) : 0.0;
	count = eh_get_u16(r);
	layout = eh_get_u64(r);
	if (r->bad)
		return eh_record_close(r, "combined vector", err);
	*fits = v->layout == EH_LAYOUT && count == EH_VECTOR_N && layout == mark;
	return EH_OK;
}

/* mark: eh_vector_mark(), which a walk asks for once. */
static int decode(struct eh_vector *v, struct eh_bytes key, struct eh_bytes value, uint64_t mark, struct eh_err *err)
{
	struct eh_reader r;
	bool fits = false;
	int rc = EH_OK;

	memset(v, 0, sizeof *v);
	if (!eh_key_part(key, 0, v->candidate, sizeof v->candidate))
		return eh_err_set(err, EH_EFORMAT, "vectors: damaged key");
	rc = decode_head(v, &r, value, mark, &fits, err);
	if (rc != EH_OK)
		return rc;
	if (!fits)
		return other_layout(v);
	if (!(isfinite(v->voiced_seconds) && isfinite(v->bandwidth) && isfinite(v->snr)))
		return eh_err_set(err, EH_EFORMAT,
				  "candidate '%s': the stored voiced seconds or the sound's quality are not a number; "
				  "extract the interviews again",
				  v->candidate);
	rc = get_values(&r, v, err);
	return rc == EH_OK ? eh_record_close(&r, "combined vector", err) : rc;
}

int eh_vector_get(struct eh_txn *txn, const char *candidate, struct eh_vector *out, struct eh_err *err)
{
	return eh_vector_get_marked(txn, candidate, eh_vector_mark(), out, err);
}

int eh_vector_get_marked(struct eh_txn *txn, const char *candidate, uint64_t mark, struct eh_vector *out,
			 struct eh_err *err)
{
	struct eh_key key = eh_key_of(candidate);
	struct eh_bytes value = { NULL, 0 };
	int rc = eh_txn_get(txn, EH_T_VECTORS, eh_key_bytes(&key), &value, err);

	if (rc == EH_ENOENT)
		return eh_err_set(err, EH_ENOENT, "candidate '%.64s' has no combined vector; run: evenhand extract",
				  candidate);
	return rc == EH_OK ? decode(out, eh_key_bytes(&key), value, mark, err) : rc;
}

struct each {
	int (*fn)(void *ctx, const struct eh_vector *v, struct eh_err *err);
	void *ctx;
	uint64_t mark;
};

static int each_vector(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	const struct each *e = ctx;
	struct eh_vector v;
	int rc = decode(&v, key, value, e->mark, err);

	return rc == EH_OK ? e->fn(e->ctx, &v, err) : rc;
}

struct heads {
	int (*fn)(void *ctx, const struct eh_vector_head *h, struct eh_err *err);
	void *ctx;
	uint64_t mark;
};

static int each_head(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	const struct heads *e = ctx;
	struct eh_vector_head head;
	struct eh_vector v;
	struct eh_reader r;
	bool fits = false;
	int rc;

	if (!eh_key_part(key, 0, head.candidate, sizeof head.candidate))
		return eh_err_set(err, EH_EFORMAT, "vectors: damaged key");
	rc = decode_head(&v, &r, value, e->mark, &fits, err);
	if (rc != EH_OK)
		return rc;
	head.has_face = fits && v.has_face;
	head.has_voice = fits && v.has_voice;
	head.quality = fits ? v.quality : EH_QF_OTHER_LAYOUT;
	return e->fn(e->ctx, &head, err);
}

int eh_vector_heads_each(struct eh_txn *txn, int (*fn)(void *ctx, const struct eh_vector_head *h, struct eh_err *err),
			 void *ctx, struct eh_err *err)
{
	struct heads e = { fn, ctx, eh_vector_mark() };

	return eh_txn_scan(txn, EH_T_VECTORS, (struct eh_bytes){ NULL, 0 }, each_head, &e, err);
}

int eh_vectors_each(struct eh_txn *txn, int (*fn)(void *ctx, const struct eh_vector *v, struct eh_err *err), void *ctx,
		    struct eh_err *err)
{
	struct each e = { fn, ctx, eh_vector_mark() };

	return eh_txn_scan(txn, EH_T_VECTORS, (struct eh_bytes){ NULL, 0 }, each_vector, &e, err);
}
