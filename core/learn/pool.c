/* The answers of one candidate become one vector, one set of summaries, one mesh; see vector.h. */
#include "learn/vector.h"

#include <math.h>
#include <string.h>

#define NARROW_BAND 5000.0              /* [Hz]; own choice, facts/audio.md 6 asks for one */
#define NOISY 15.0                      /* [dB]; the milder of the two measured noise levels, facts/audio.md 6 and 11 */
#define CLIPPED 0.01                    /* [1]; own choice, facts/audio.md 6 asks for one */

struct pool {
	double sum[EH_VECTOR_N];
	double weight[EH_VECTOR_N];
	double heard;                           /* [s] voiced, of any bandwidth */
};

/* What an answer is marked with before its values are looked at. */
static uint32_t remarks_of(const struct eh_answer *a)
{
	uint32_t remarks = 0;

	if (a->status != EH_OK)
		return a->status == EH_ESTALE ? EH_QF_OTHER_LAYOUT : EH_QF_FAILED;
	if (a->origin.fast)
		remarks |= EH_QF_FAST;
	if (a->origin.landlock_abi == 0 || !a->origin.seccomp)
		remarks |= EH_QF_UNLOCKED;
	if (a->media.dropped[0] != '\0')
		remarks |= EH_QF_DROPPED;
	return remarks;
}

static void pool_add(struct pool *p, size_t first, const uint8_t *present, const double *value, size_t n, double weight)
{
	for (size_t i = 0; i < n; i++) {
		if (!present[i])
			continue;
		p->sum[first + i] += weight * value[i];
		p->weight[first + i] += weight;
	}
}

static void pool_face(struct pool *p, struct eh_vector *v, const struct eh_face_answer *f)
{
	v->frames_sampled += f->frames_sampled;
	v->frames_found += f->frames_found;
	v->frames_used += f->frames_used;
	if (f->frames_many > 0)
		v->quality |= EH_QF_SECOND_FACE;
	if (f->frames_used > 0)
		for (size_t i = 0; i < EH_FACE_N; i++)
			pool_add(p, i, &f->present[i], &f->sum[i].median, 1, (double)f->frames_used);
}

/* Sound below the bandwidth gate gives neither indicators nor seconds: a telephone moves formants by
 * 12-16 % (facts/audio.md 6) and would move the pooled mean.  Silence has no bandwidth and is passed over. */
static void pool_voice(struct pool *p, struct eh_vector *v, const struct eh_voice_answer *a)
{
	if (!(a->voiced_seconds > 0.0))
		return;
	p->heard += a->voiced_seconds;
	if (a->bandwidth < NARROW_BAND)
		v->quality |= EH_QF_NARROW_BAND;
	if (a->snr < NOISY)
		v->quality |= EH_QF_NOISY;
	if (a->clipping > CLIPPED)
		v->quality |= EH_QF_CLIPPED;
	if (a->bandwidth < EH_VOICE_MIN_BANDWIDTH)
		return;
	v->voiced_seconds += a->voiced_seconds;
	v->bandwidth += a->voiced_seconds * a->bandwidth;
	v->snr += a->voiced_seconds * a->snr;
	pool_add(p, EH_FACE_N, a->present, a->value, EH_VOICE_N, a->voiced_seconds);
}

/* copies NULL: the recordings as they are. */
static void pool_all(struct eh_vector *out, const char *candidate, const struct eh_answer *answers,
		     const struct eh_copies *copies, size_t n, enum eh_copy_kind kind, struct eh_pool_gates gates)
{
	struct pool p = { .sum = { 0.0 } };
	size_t len = strnlen(candidate, EH_ID_MAX);
	bool looked = false, listened = false;  /* was allowed to in an answer */

	memset(out, 0, sizeof *out);
	memcpy(out->candidate, candidate, len);
	out->layout = EH_LAYOUT;
	for (size_t i = 0; i < n; i++) {
		out->quality |= remarks_of(&answers[i]);
		if (answers[i].status != EH_OK)
			continue;
		out->answers++;
		looked = looked || answers[i].did_face;
		listened = listened || answers[i].did_voice;
		if (answers[i].did_face)
			pool_face(&p, out, &answers[i].face);
		if (answers[i].did_voice && copies == NULL)
			pool_voice(&p, out, &answers[i].voice);
		else if (answers[i].did_voice && copies[i].status == EH_OK)
			pool_voice(&p, out, &copies[i].voice[kind]);
	}
	if (out->voiced_seconds > 0.0) {
		out->bandwidth /= out->voiced_seconds;
		out->snr /= out->voiced_seconds;
	}
	out->has_face = out->frames_used >= gates.frames;
	out->has_voice = out->voiced_seconds >= gates.voiced;
	if (looked && !out->has_face)
		out->quality |= EH_QF_NO_FACE;
	if (listened && !(p.heard > 0.0))
		out->quality |= EH_QF_NO_VOICE;
	if (2 * (uint64_t)out->frames_found < out->frames_sampled)
		out->quality |= EH_QF_LOW_COVERAGE;
	else if (2 * (uint64_t)out->frames_used < out->frames_sampled)
		out->quality |= EH_QF_TURNED;
	if (out->voiced_seconds > 0.0 && !out->has_voice)
		out->quality |= EH_QF_SHORT_VOICE;
	for (size_t i = 0; i < EH_VECTOR_N; i++) {
		/* below its gate a modality has no indicator, not a poor one */
		if (!(i < EH_FACE_N ? out->has_face : out->has_voice) || !(p.weight[i] > 0.0))
			continue;
		out->present[i] = 1;
		out->value[i] = p.sum[i] / p.weight[i];
	}
}

static const struct eh_pool_gates usual = { EH_FACE_MIN_FRAMES, EH_VOICE_MIN_SECONDS };

void eh_vector_pool(struct eh_vector *out, const char *candidate, const struct eh_answer *answers, size_t n)
{
	pool_all(out, candidate, answers, NULL, n, EH_COPY_KINDS, usual);
}

void eh_vector_pool_gated(struct eh_vector *out, const char *candidate, const struct eh_answer *answers, size_t n,
			  struct eh_pool_gates gates)
{
	pool_all(out, candidate, answers, NULL, n, EH_COPY_KINDS, gates);
}

void eh_vector_pool_copy(struct eh_vector *out, const char *candidate, const struct eh_answer *answers,
			 const struct eh_copies *copies, size_t n, enum eh_copy_kind kind)
{
	pool_all(out, candidate, answers, copies, n, kind, usual);
}

/* ---- what a person is shown beside the vector ---- */

/* Mean and sd as of all frames together; of the others the weighted mean, as in the vector. */
static void add_summary(struct eh_summary *sum, const struct eh_summary *s, double w)
{
	sum->median += w * s->median;
	sum->mad += w * s->mad;
	sum->mean += w * s->mean;
	sum->sd += w * (s->sd * s->sd + s->mean * s->mean);
	sum->p10 += w * s->p10;
	sum->p90 += w * s->p90;
	sum->change += w * s->change;
}

static void divide_summary(struct eh_summary *sum, double w)
{
	double variance;

	sum->median /= w;
	sum->mad /= w;
	sum->mean /= w;
	variance = sum->sd / w - sum->mean * sum->mean;
	sum->sd = variance > 0.0 ? sqrt(variance) : 0.0;
	sum->p10 /= w;
	sum->p90 /= w;
	sum->change /= w;
}

static bool has_face(const struct eh_answer *a)
{
	return a->status == EH_OK && a->did_face && a->face.frames_used > 0;
}

void eh_pool_summaries(struct eh_summary out[EH_FACE_N], uint8_t present[EH_FACE_N], const struct eh_answer *answers,
		       size_t n)
{
	double weight[EH_FACE_N] = { 0.0 };

	memset(out, 0, EH_FACE_N * sizeof *out);
	for (size_t k = 0; k < n; k++) {
		if (!has_face(&answers[k]))
			continue;
		for (size_t i = 0; i < EH_FACE_N; i++) {
			if (!answers[k].face.present[i])
				continue;
			add_summary(&out[i], &answers[k].face.sum[i], (double)answers[k].face.frames_used);
			weight[i] += (double)answers[k].face.frames_used;
		}
	}
	for (size_t i = 0; i < EH_FACE_N; i++) {
		present[i] = weight[i] > 0.0;
		if (present[i])
			divide_summary(&out[i], weight[i]);
	}
}

bool eh_pool_mesh(float out[EH_LANDMARKS][3], const struct eh_answer *answers, size_t n)
{
	double weight = 0.0;

	memset(out, 0, EH_LANDMARKS * sizeof *out);
	for (size_t k = 0; k < n; k++)
		if (has_face(&answers[k]) && answers[k].face.has_mesh)
			weight += (double)answers[k].face.frames_used;
	for (size_t k = 0; k < n; k++) {
		if (!has_face(&answers[k]) || !answers[k].face.has_mesh)
			continue;
		for (size_t i = 0; i < EH_LANDMARKS; i++)
			for (size_t c = 0; c < 3; c++)
				out[i][c] += (float)((double)answers[k].face.frames_used / weight) *
					     answers[k].face.mesh[i][c];
	}
	return weight > 0.0;
}
