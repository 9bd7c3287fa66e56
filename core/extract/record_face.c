/* The visual indicators of a stored answer: written, read, looked at. */
#include "extract/record.h"

#include <math.h>
#include <string.h>

#define FACES_MAX 3200u         /* anchors of both detectors: 896 + 2304, facts/vision.md 6.2 */

/* The lists of indicators grow at their end only; the count says how many a record has. */
static void put_values(struct eh_buf *b, const uint8_t *present, const double *v, const double *spread, uint16_t n)
{
	eh_put_u16(b, n);
	for (uint16_t i = 0; i < n; i++) {
		eh_put_u8(b, present[i]);
		eh_put_f64(b, v[i]);
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
		spread[i] = eh_get_f64(r);
	}
}

void eh_record_put_face(struct eh_buf *b, const struct eh_face_answer *f)
{
	eh_put_u32(b, f->frames_sampled);
	eh_put_u32(b, f->frames_found);
	eh_put_u32(b, f->frames_used);
	eh_put_u32(b, f->max_faces);
	eh_put_u32(b, f->frames_many);
	eh_put_f64(b, f->mean_presence);
	put_values(b, f->present, f->median, f->mad, EH_FACE_N);
}

void eh_record_get_face(struct eh_reader *r, struct eh_face_answer *f)
{
	f->frames_sampled = eh_get_u32(r);
	f->frames_found = eh_get_u32(r);
	f->frames_used = eh_get_u32(r);
	f->max_faces = eh_get_u32(r);
	f->frames_many = eh_get_u32(r);
	f->mean_presence = eh_get_f64(r);
	get_values(r, f->present, f->median, f->mad, EH_FACE_N);
}

struct range {
	double low, high;
};

/* Own choice: far outside what a person or a microphone can give, near enough to catch garbage. */
static struct range face_range(const struct eh_indicator_info *info)
{
	if (strcmp(info->unit, "deg") == 0)
		return (struct range){ -180.0, 180.0 };
	return (struct range){ 0.0, 100.0 };    /* lengths per IOD and shares */
}

int eh_record_check_face(const struct eh_answer *a, struct eh_err *err)
{
	const struct eh_face_answer *f = &a->face;

	if (f->frames_sampled > a->media.frames_sampled)
		return eh_record_bad(err, "face.frames_sampled");
	if (f->frames_found > f->frames_sampled)
		return eh_record_bad(err, "face.frames_found");
	if (f->frames_used > f->frames_found)
		return eh_record_bad(err, "face.frames_used");
	if (f->frames_many > f->frames_sampled)
		return eh_record_bad(err, "face.frames_many");
	if (f->max_faces > FACES_MAX)
		return eh_record_bad(err, "face.max_faces");
	if (!eh_record_within(f->mean_presence, 0.0, 1.0))
		return eh_record_bad(err, "face.mean_presence");
	for (int i = 0; i < EH_FACE_N; i++) {
		struct range r = face_range(&eh_face_info[i]);

		if (f->present[i] > 1 || (f->present[i] == 1 && f->frames_used == 0) || !isfinite(f->median[i]) ||
		    !isfinite(f->mad[i]))
			return eh_record_bad(err, eh_face_info[i].name);
		if (f->present[i] == 1 && (!eh_record_within(f->median[i], r.low, r.high) || !eh_record_within(f->mad[i], 0.0, r.high - r.low)))
			return eh_record_bad(err, eh_face_info[i].name);
	}
	return EH_OK;
}
