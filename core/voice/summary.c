/* What is kept of each stretch of a recording, and medians, quantiles and ratios at its end; see summary.h. */
#include "voice/summary.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "voice/level.h"
#include "voice/pitch.h"

#define FRAMES_PER_SECOND 100.0
#define LEAST_VOICED 10u                /* frames: 0.1 s; own choice, a median of less is a coincidence */
#define LEAST_CYCLES 10u                /* frames with pairs of cycles, the same */
#define SEMITONE_ZERO 27.5              /* [Hz], facts/audio.md 3 */
#define NORMAL_MAD 1.4826               /* standard deviation / median distance of a normal distribution */
#define AGREE 1.2                       /* the two pitch methods, as gross errors are counted in facts/audio.md 8 */

static const struct eh_scale hnr_scale = { -10.0f, 0.002f };    /* [dB] */

/* Where each feature's median and variation go. */
struct place {
	enum eh_voice_indicator median, variation;
};

static void put(struct eh_voice_answer *out, enum eh_voice_indicator id, double value)
{
	out->present[id] = isfinite(value) ? 1 : 0;
	out->value[id] = isfinite(value) ? value : 0.0;
}

static struct place place_of(enum eh_feature f)
{
	static const struct place place[EH_FEATURES] = {
#define AT(id, name) [EH_FE_##id] = { EH_V_##name, EH_V_##name##_P20 }
		AT(F1, F1), AT(F2, F2), AT(F3, F3), AT(F4, F4), AT(B1, B1), AT(B2, B2), AT(B3, B3), AT(B4, B4),
		AT(MFCC1, MFCC1), AT(MFCC2, MFCC2), AT(MFCC3, MFCC3), AT(MFCC4, MFCC4), AT(MFCC5, MFCC5),
		AT(MFCC6, MFCC6), AT(MFCC7, MFCC7), AT(MFCC8, MFCC8), AT(MFCC9, MFCC9), AT(MFCC10, MFCC10),
		AT(MFCC11, MFCC11), AT(MFCC12, MFCC12), AT(MFCC13, MFCC13), AT(CENTROID, CENTROID),
		AT(SD, SPECTRAL_SD), AT(SKEWNESS, SKEWNESS), AT(KURTOSIS, KURTOSIS), AT(ROLLOFF85, ROLLOFF85),
		AT(ROLLOFF95, ROLLOFF95), AT(FLATNESS, FLATNESS), AT(FLUX, FLUX)
#undef AT
	};

	return place[f];
}

/* Codes of the voiced frames that have a feature. */
struct codes {
	uint16_t *v;
	size_t n;
};

/* Robust standard deviation in steps; v is overwritten by distances from the median. */
static double robust_deviation(struct codes *c, double median)
{
	uint16_t middle = (uint16_t)(median + 0.5);

	for (size_t i = 0; i < c->n; i++)
		c->v[i] = c->v[i] > middle ? (uint16_t)(c->v[i] - middle) : (uint16_t)(middle - c->v[i]);
	return NORMAL_MAD * eh_quantile(c->v, c->n, 0.5);
}

/* A feature that too few frames have is not there. */
static void put_feature(struct codes *c, struct eh_scale scale, struct place at, struct eh_voice_answer *out)
{
	double median = 0.0;

	if (c->n < LEAST_VOICED)
		return;
	median = eh_quantile(c->v, c->n, 0.5);
	put(out, at.median, eh_decode(scale, median));
	put(out, at.variation, eh_decode(scale, eh_quantile(c->v, c->n, 0.2)));
	put(out, (enum eh_voice_indicator)(at.variation + 1), eh_decode(scale, eh_quantile(c->v, c->n, 0.8)));
	put(out, (enum eh_voice_indicator)(at.variation + 2), (double)scale.step * robust_deviation(c, median));
}

static const struct eh_kept *kept(const struct eh_tally *t, size_t i)
{
	return &t->block[i / EH_KEPT_BLOCK][i % EH_KEPT_BLOCK];
}

static void put_features(const struct eh_tally *t, struct codes *c, struct eh_voice_answer *out)
{
	for (int f = 0; f < EH_FEATURES; f++) {
		c->n = 0;
		for (size_t i = 0; i < t->n; i++)
			if (kept(t, i)->feature[f] != 0)
				c->v[c->n++] = kept(t, i)->feature[f];
		put_feature(c, eh_scale_of((enum eh_feature)f), place_of((enum eh_feature)f), out);
	}
}

static double semitone(double octave)
{
	return 12.0 * (log2(EH_MEDIA_RATE / SEMITONE_ZERO) - eh_decode(EH_OCTAVE_SCALE, octave));
}

/* Quantiles of the lag are those of the pitch from the other end. */
static void put_pitch(const struct eh_tally *t, struct codes *c, struct eh_voice_answer *out)
{
	double low = 0.0, high = 0.0, median = 0.0;

	for (c->n = 0; c->n < t->n; c->n++)
		c->v[c->n] = kept(t, c->n)->octave;
	low = semitone(eh_quantile(c->v, c->n, 0.8));
	high = semitone(eh_quantile(c->v, c->n, 0.2));
	median = eh_quantile(c->v, c->n, 0.5);
	put(out, EH_V_F0_MEDIAN, semitone(median));
	put(out, EH_V_F0_P20, low);
	put(out, EH_V_F0_P80, high);
	put(out, EH_V_F0_SPREAD, high - low);
	put(out, EH_V_F0_HZ, EH_MEDIA_RATE / exp2(eh_decode(EH_OCTAVE_SCALE, median)));
	put(out, EH_V_F0_RSD, 12.0 * (double)EH_OCTAVE_SCALE.step * robust_deviation(c, median));
}

static void put_harmonicity(const struct eh_tally *t, struct codes *c, struct eh_voice_answer *out)
{
	for (c->n = 0; c->n < t->n; c->n++)
		c->v[c->n] = kept(t, c->n)->hnr;
	put_feature(c, hnr_scale, (struct place){ EH_V_HNR, EH_V_HNR_P20 }, out);
}

static void put_cycles(const struct eh_tally *t, struct eh_voice_answer *out)
{
	if (t->cycle_frames < LEAST_CYCLES)
		return;
	put(out, EH_V_JITTER, t->period_change / t->period_sum);
	if (t->top_sum > 0.0)
		put(out, EH_V_SHIMMER, t->top_change / t->top_sum);
}

static void put_balance(const struct eh_balance_values *b, struct eh_voice_answer *out)
{
	put(out, EH_V_ALPHA, b->alpha);
	put(out, EH_V_HAMMARBERG, b->hammarberg);
	put(out, EH_V_SLOPE_LOW, b->slope_low);
	put(out, EH_V_SLOPE_MID, b->slope_mid);
	for (int i = 0; i < EH_THIRDS; i++)
		put(out, (enum eh_voice_indicator)(EH_V_LTAS0 + i), b->third[i]);
}

/* What has no events has no length of one. */
static double ratio(double over, double under)
{
	return under > 0.0 ? over / under : (double)NAN;
}

static void put_timing(const struct eh_tally *t, struct eh_voice_answer *out)
{
	const struct eh_timing *m = &t->timing;
	double seconds = (double)m->frames / FRAMES_PER_SECOND;

	put(out, EH_V_VOICED_SHARE, (double)t->n / (double)t->frames);
	put(out, EH_V_PAUSE_RATE, ratio((double)m->pauses, seconds));
	put(out, EH_V_PAUSE_LENGTH, ratio((double)m->pause_frames / FRAMES_PER_SECOND, (double)m->pauses));
	put(out, EH_V_SEGMENT_RATE, ratio((double)m->segments, seconds));
	put(out, EH_V_SEGMENT_LENGTH, ratio((double)m->segment_frames / FRAMES_PER_SECOND, (double)m->segments));
	put(out, EH_V_SYLLABLE_RATE, ratio((double)m->syllables, seconds));
	put(out, EH_V_PITCH_AGREEMENT, ratio((double)t->agreed, (double)t->looked));
}

/* Level of the share q of all frames, to one step of the scale. */
static double level_at(const struct eh_tally *t, double q)
{
	size_t k = (size_t)(q * (double)(t->frames - 1)), code = 0;

	while (k >= t->level[code])
		k -= t->level[code++];
	return eh_decode(EH_LEVEL_SCALE, (double)code);
}

int eh_tally_finish(const struct eh_tally *t, const struct eh_balance *balance, struct eh_voice_answer *out,
		      struct eh_err *err)
{
	struct eh_balance_values values;
	struct codes c = { NULL, 0 };

	eh_balance_finish(balance, &values);
	out->bandwidth = values.bandwidth;
	out->voiced_seconds = (double)t->n / FRAMES_PER_SECOND;
	out->level = t->n > 0 ? eh_level(t->energy / (double)t->n) : EH_LEAST_LEVEL;
	out->snr = level_at(t, 0.95) - level_at(t, 0.10);
	if (t->n < LEAST_VOICED)
		return EH_OK;
	c.v = eh_try_malloc(t->n, sizeof *c.v);
	if (c.v == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the indicators of %zu frames of sound", t->n);
	put_pitch(t, &c, out);
	put_harmonicity(t, &c, out);
	put_features(t, &c, out);
	put_cycles(t, out);
	put_balance(&values, out);
	put_timing(t, out);
	free(c.v);
	return EH_OK;
}

/* ---- stretch by stretch ---- */

void eh_tally_reset(struct eh_tally *t)
{
	size_t keep = offsetof(struct eh_tally, n);

	memset((char *)t + keep, 0, sizeof *t - keep);
}

void eh_tally_free(struct eh_tally *t)
{
	for (size_t i = 0; i < EH_KEPT_BLOCKS; i++)
		free(t->block[i]);
	memset(t, 0, sizeof *t);
}

static int keep_frame(struct eh_tally *t, const struct eh_frame *f, struct eh_err *err)
{
	struct eh_kept **block = &t->block[t->n / EH_KEPT_BLOCK], *k = NULL;
	double r = eh_frame_r(f, f->chosen);

	if (*block == NULL)
		*block = eh_try_malloc(EH_KEPT_BLOCK, sizeof **block);
	if (*block == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the indicators of %zu frames of sound", t->n + 1);
	k = &(*block)[t->n++ % EH_KEPT_BLOCK];
	k->octave = f->octave[f->chosen];
	k->hnr = eh_code(hnr_scale, (float)(10.0 * log10(r / (1.0 - r))));
	memcpy(k->feature, f->feature, sizeof k->feature);
	return EH_OK;
}

static void add_voiced(struct eh_tally *t, const struct eh_frame *f)
{
	t->energy += (double)f->energy;
	/* Cycles were marked along the path of the moment: only where the final path agrees do they count. */
	if (f->chosen == f->heard && f->period_sum > 0.0f) {
		t->period_change += (double)f->period_change;
		t->period_sum += (double)f->period_sum;
		t->top_change += (double)f->top_change;
		t->top_sum += (double)f->top_sum;
		t->cycle_frames++;
	}
	if (f->second != 0) {
		double away = eh_decode(EH_OCTAVE_SCALE, (double)f->second) - eh_frame_octave(f, f->chosen);

		t->looked++;
		t->agreed += fabs(away) <= log2(AGREE) ? 1 : 0;
	}
}

int eh_tally_add(struct eh_tally *t, const struct eh_series *s, double full, struct eh_err *err)
{
	uint16_t *scratch = eh_try_malloc(s->n, sizeof *scratch);
	int rc = EH_OK;

	if (scratch == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the timing of %zu frames of sound", s->n);
	rc = eh_pitch_track(s, full, NULL, err);
	for (size_t i = 0; rc == EH_OK && i < s->n; i++) {
		const struct eh_frame *f = eh_series_at(s, i);

		t->level[eh_code(EH_LEVEL_SCALE, (float)eh_level((double)f->energy))]++;
		if (f->chosen == EH_UNVOICED)
			continue;
		rc = keep_frame(t, f, err);
		if (rc == EH_OK)
			add_voiced(t, f);
	}
	if (rc == EH_OK) {
		t->frames += s->n;
		eh_timing_add(&t->timing, s, scratch);
	}
	free(scratch);
	return rc;
}
