/* The visual indicators of a stored answer: written, read, looked at. */
#include "extract/record.h"

#include <math.h>
#include <string.h>

#define FACES_MAX 3200u         /* anchors of both detectors: 896 + 2304, facts/vision.md 6.2 */
#define CHANGE_MAX 100.0        /* [1/s] whole ranges: neighbours are at least 10 ms apart (face/gather.h) */

/* The lists of indicators grow at their end only; the count says how many a record has. */
static void put_values(struct eh_buf *b, const struct eh_face_answer *f)
{
	eh_put_u16(b, EH_FACE_N);
	for (int i = 0; i < EH_FACE_N; i++) {
		const struct eh_summary *s = &f->sum[i];

		eh_put_u8(b, f->present[i]);
		if (f->present[i] == 0)
			continue;
		eh_put_f64(b, s->median);
		eh_put_f64(b, s->mad);
		eh_put_f64(b, s->mean);
		eh_put_f64(b, s->sd);
		eh_put_f64(b, s->p10);
		eh_put_f64(b, s->p90);
		eh_put_f64(b, s->change);
	}
}

static void get_values(struct eh_reader *r, struct eh_face_answer *f)
{
	if (eh_get_u16(r) != EH_FACE_N) {
		r->bad = true;
		return;
	}
	for (int i = 0; i < EH_FACE_N; i++) {
		struct eh_summary *s = &f->sum[i];

		f->present[i] = eh_get_u8(r);
		if (f->present[i] == 0)
			continue;
		s->median = eh_get_f64(r);
		s->mad = eh_get_f64(r);
		s->mean = eh_get_f64(r);
		s->sd = eh_get_f64(r);
		s->p10 = eh_get_f64(r);
		s->p90 = eh_get_f64(r);
		s->change = eh_get_f64(r);
	}
}

static void put_mesh(struct eh_buf *b, const struct eh_face_answer *f)
{
	eh_put_u8(b, f->has_mesh);
	for (int i = 0; f->has_mesh != 0 && i < EH_LANDMARKS * 3; i++) {
		uint32_t bits = 0;

		memcpy(&bits, &f->mesh[i / 3][i % 3], sizeof bits);
		eh_put_u32(b, bits);
	}
}

static void get_mesh(struct eh_reader *r, struct eh_face_answer *f)
{
	f->has_mesh = eh_get_u8(r);
	for (int i = 0; f->has_mesh != 0 && i < EH_LANDMARKS * 3; i++) {
		uint32_t bits = eh_get_u32(r);

		memcpy(&f->mesh[i / 3][i % 3], &bits, sizeof bits);
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
	put_values(b, f);
	put_mesh(b, f);
}

void eh_record_get_face(struct eh_reader *r, struct eh_face_answer *f)
{
	f->frames_sampled = eh_get_u32(r);
	f->frames_found = eh_get_u32(r);
	f->frames_used = eh_get_u32(r);
	f->max_faces = eh_get_u32(r);
	f->frames_many = eh_get_u32(r);
	f->mean_presence = eh_get_f64(r);
	get_values(r, f);
	get_mesh(r, f);
}

static bool summary_believable(const struct eh_summary *s, double low, double high)
{
	return eh_record_within(s->median, low, high) && eh_record_within(s->mean, low, high) &&
	       eh_record_within(s->p10, low, high) && eh_record_within(s->p90, s->p10, high) &&
	       eh_record_within(s->mad, 0.0, high - low) && eh_record_within(s->sd, 0.0, high - low) &&
	       eh_record_within(s->change, 0.0, CHANGE_MAX * (high - low));
}

static int check_values(const struct eh_face_answer *f, struct eh_err *err)
{
	static const struct eh_summary none;

	for (int i = 0; i < EH_FACE_N; i++) {
		const struct eh_indicator_info *info = &eh_face_info[i];
		bool good = f->present[i] == 0 && memcmp(&f->sum[i], &none, sizeof none) == 0;

		if (f->present[i] == 1)
			good = f->frames_used > 0 && summary_believable(&f->sum[i], info->low, info->high);
		if (!good)
			return eh_record_bad(err, info->name);
	}
	return EH_OK;
}

/* NaN fails every comparison, so that it needs no look of its own. */
static bool mesh_believable(const struct eh_face_answer *f)
{
	double most = f->has_mesh == 1 ? EH_MESH_REACH : 0.0;

	if (f->has_mesh > 1 || (f->has_mesh == 1 && f->frames_used == 0))
		return false;
	for (int i = 0; i < EH_LANDMARKS * 3; i++)
		if (!(fabs((double)f->mesh[i / 3][i % 3]) <= most))
			return false;
	return true;
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
	if (!mesh_believable(f))
		return eh_record_bad(err, "face.mesh");
	return check_values(f, err);
}
