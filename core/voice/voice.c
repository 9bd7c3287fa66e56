/* One recording from samples to audio indicators: frames as the sound comes in, medians at the end; see voice.h. */
#include "voice/voice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "voice/balance.h"
#include "voice/cepstra.h"
#include "voice/cycles.h"
#include "voice/dot.h"
#include "voice/formants.h"
#include "voice/level.h"
#include "voice/pitch.h"
#include "voice/series.h"
#include "voice/shape.h"
#include "voice/spectrum.h"
#include "voice/summary.h"
#include "voice/yin.h"

/*
 * The sound passes two places.  At the first, every frame gives its pitch candidates and the path goes one step on.
 * EH_PATH_DELAY frames behind it, where the path is all but settled, voiced frames and their neighbours are looked at
 * closely.  Both take frames in pairs from an even one on (spectrum.h), so that pieces of any size give the same pairs.
 */
#define HOP 160                         /* [samples] 10 ms, facts/audio.md 3 */
#define BEFORE 304                      /* [samples] readable before a frame: cycles begin 700 before its middle */
#define AFTER 304                       /* and behind it */
#define CAPACITY 16384u                 /* [samples] of sound held at a time */
#define SPECTRUM_AT ((EH_PITCH_WINDOW - EH_SPECTRUM_WINDOW) / 2)        /* windows of a frame share their middle */
#define AROUND 2u                       /* frames next to a voiced one: the final path may differ by a few */
_Static_assert(BEFORE + EH_PITCH_WINDOW / 2 >= EH_CYCLE_BEHIND && AFTER + EH_PITCH_WINDOW / 2 > EH_CYCLE_AHEAD,
	       "cycles would be sought outside of the sound held");
_Static_assert(BEFORE >= EH_FORMANT_REACH && AFTER >= EH_FORMANT_REACH, "resampling would read outside");
_Static_assert(BEFORE + (EH_PATH_DELAY + 5) * HOP + EH_PITCH_WINDOW + 2 * AFTER < CAPACITY, "sound would not fit");
_Static_assert(EH_PATH_DELAY % 2 == 0 && EH_PATH_DELAY >= AROUND, "pairs stay pairs, neighbours are known");

#define LARGEST_SAMPLE 4.0f             /* decoders overshoot 1 a little; beyond this it is no sound */
#define SMALLEST_SAMPLE 1e-12f          /* below every converter; what is smaller only makes arithmetic slow */
#define FULL_SCALE 0.99f                /* own choice: resampling moves a clipped sample off 1 */

struct eh_voice {
	struct eh_spectrum *spectrum;
	struct eh_cepstra cepstra;
	struct eh_pitch pitch;
	struct eh_path path;
	struct eh_formants formants;
	struct eh_shape shape;
	struct eh_cycles cycles;
	struct eh_balance balance;
	struct eh_series series;        /* of the stretch that passes */
	struct eh_tally tally;          /* of the stretches before */
	bool done;                      /* finished or failed: the next call must be begin */
	size_t heard;                   /* frames that have passed the second place */
	unsigned quiet;                 /* frames since the last voiced one there, at most AROUND + 1 */
	/* hold[start] is BEFORE samples before frame `heard`; before the first sample its value is repeated. */
	float hold[CAPACITY];
	size_t start, held;             /* held: where the next sample goes */
	uint64_t samples, clipped;
	double sum;
	float lowest, highest;
};

const struct eh_indicator_info eh_voice_info[EH_VOICE_N] = {
#define X(id, name, unit, kind, low, high, source, what) [id] = { name, unit, what, source, #kind[0], low, high },
	EH_VOICE_LIST(X)
#undef X
};

static void begin_stretch(struct eh_voice *v)
{
	eh_series_reset(&v->series);
	eh_path_reset(&v->path);
	eh_formants_reset(&v->formants);
	eh_cycles_reset(&v->cycles);
	v->heard = 0;
	v->quiet = AROUND + 1;
}

int eh_voice_open(struct eh_voice **out, struct eh_err *err)
{
	struct eh_voice *v = NULL;
	int rc = EH_OK;

	*out = NULL;
	v = eh_try_calloc(1, sizeof *v);
	if (v == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the sound analysis");
	rc = eh_spectrum_open(&v->spectrum, err);
	if (rc < 0)
		goto out;
	eh_cepstra_init(&v->cepstra);
	eh_pitch_init(&v->pitch);
	eh_formants_init(&v->formants);
	eh_cycles_init(&v->cycles);
	(void)eh_voice_begin(v, err);
	*out = v;
	v = NULL;
out:
	eh_voice_close(&v);
	return rc;
}

void eh_voice_close(struct eh_voice **v)
{
	if (v == NULL || *v == NULL)
		return;
	eh_series_free(&(*v)->series);
	eh_tally_free(&(*v)->tally);
	eh_spectrum_close(&(*v)->spectrum);
	free(*v);
	*v = NULL;
}

const char *eh_voice_version(void)
{
	return eh_fftw_version();
}

int eh_voice_begin(struct eh_voice *v, struct eh_err *err)
{
	(void)err;
	begin_stretch(v);
	eh_tally_reset(&v->tally);
	eh_balance_reset(&v->balance);
	eh_shape_reset(&v->shape);
	v->done = false;
	v->start = v->held = 0;
	v->samples = v->clipped = 0;
	v->sum = 0.0;
	v->lowest = v->highest = 0.0f;
	return EH_OK;
}

/* Sample 0 of frame i; i >= v->heard. */
static const float *frame_at(const struct eh_voice *v, size_t i)
{
	return v->hold + v->start + BEFORE + (i - v->heard) * HOP;
}

/* ---- the second place ---- */

static void look_closely(struct eh_voice *v, size_t i, const float *power, struct eh_frame *f)
{
	float cepstrum[EH_CEPSTRA] = { 0.0f };

	eh_formants_frame(&v->formants, frame_at(v, i), i, f->feature);
	if (!eh_cepstra(&v->cepstra, power, cepstrum))
		return;
	for (size_t c = 0; c < EH_CEPSTRA; c++) {
		enum eh_feature at = (enum eh_feature)(EH_FE_MFCC1 + c);

		f->feature[at] = eh_code(eh_scale_of(at), cepstrum[c]);
	}
}

/* voiced[]: candidates of frames v->heard .. of which n are known; the first one's turn. */
static void hear_frame(struct eh_voice *v, size_t i, const float *power, const uint8_t *voiced, size_t n)
{
	struct eh_frame *f = eh_series_at(&v->series, i);
	const float *x = frame_at(v, i);
	bool close = false;

	f->heard = voiced[0];
	v->quiet = voiced[0] != EH_UNVOICED ? 0 : v->quiet > AROUND ? v->quiet : v->quiet + 1;
	close = v->quiet <= AROUND;
	for (size_t j = 1; j <= AROUND && j < n; j++)
		close = close || voiced[j] != EH_UNVOICED;
	eh_balance_add(&v->balance, power);
	eh_shape_frame(&v->shape, power, close ? f->feature : NULL);
	if (close)
		look_closely(v, i, power, f);
	if (f->heard == EH_UNVOICED) {
		eh_cycles_reset(&v->cycles);
		return;
	}
	eh_cycles_frame(&v->cycles, x + EH_PITCH_WINDOW / 2, (double)(i * HOP + EH_PITCH_WINDOW / 2),
			exp2(eh_frame_octave(f, f->heard)), f);
	if (i % EH_YIN_EVERY == 0) {
		float lag = eh_yin(v->spectrum, x);

		f->second = lag > 0.0f ? eh_code(EH_OCTAVE_SCALE, log2f(lag)) : 0;
	}
}

/* The next pair of frames, or the last single one; the path knows all frames there are up to now. */
static void hear(struct eh_voice *v)
{
	float power[2][EH_SPECTRUM_BINS] = { { 0.0f } }, energy[2] = { 0.0f, 0.0f };
	float *const to[2] = { power[0], power[1] };
	uint8_t voiced[EH_PATH_RING] = { 0 };
	size_t first = v->heard, known = v->path.n - first, n = known < 2 ? known : 2;
	const float *const x[2] = { frame_at(v, first) + SPECTRUM_AT,
				    n == 2 ? frame_at(v, first + 1) + SPECTRUM_AT : NULL };

	eh_path_trace(&v->path, first, voiced);
	eh_spectrum_power(v->spectrum, x, to, energy);
	for (size_t j = 0; j < n; j++) {
		eh_series_at(&v->series, first + j)->energy = energy[j];
		hear_frame(v, first + j, power[j], voiced + j, known - j);
	}
	v->heard += n;
	v->start += n * HOP;
}

/* ---- the first place ---- */

/* What the whole recording is asked for, of n samples; added up in stretches that do not depend on the pieces. */
static void count(struct eh_voice *v, const float *x, size_t n)
{
	float low = v->lowest, high = v->highest;

	v->sum += (double)eh_sum(x, n);
	if (n % 8 == 0 && n > 0)
		eh_extremes(x, n, &low, &high);
	for (size_t i = 0; n % 8 != 0 && i < n; i++) {
		low = x[i] < low ? x[i] : low;
		high = x[i] > high ? x[i] : high;
	}
	v->lowest = low < v->lowest ? low : v->lowest;
	v->highest = high > v->highest ? high : v->highest;
	for (size_t i = 0; (low <= -FULL_SCALE || high >= FULL_SCALE) && i < n; i++)
		v->clipped += fabsf(x[i]) >= FULL_SCALE ? 1 : 0;
}

static int add_frames(struct eh_voice *v, size_t n, struct eh_err *err)
{
	struct eh_frame *f[2] = { NULL, NULL };
	const float *x[2] = { NULL, NULL };
	double full = 0.0;

	if (v->tally.frames + v->series.n + n > EH_RECORDING_MAX)
		return eh_err_set(err, EH_ERANGE,
				  "more than %u frames (two hours) of sound in one recording; cut it into answers",
				  EH_RECORDING_MAX);
	for (size_t j = 0; j < n; j++) {
		int rc = EH_OK;

		x[j] = frame_at(v, v->series.n);
		rc = eh_series_add(&v->series, &f[j], err);
		if (rc < 0)
			return rc;
		count(v, x[j], HOP);
	}
	/* Wherever the mean will lie, the largest distance from it will be at least half of what the sound spans. */
	full = 0.5 * ((double)v->highest - (double)v->lowest);
	eh_pitch_candidates(&v->pitch, v->spectrum, x, f, full);
	for (size_t j = 0; j < n; j++)
		eh_path_add(&v->path, f[j], full);
	return EH_OK;
}

/* Whole frames in the sound held that have not passed the first place. */
static size_t waiting(const struct eh_voice *v)
{
	size_t ahead = v->start + BEFORE + (v->series.n - v->heard) * HOP + EH_PITCH_WINDOW + AFTER;

	return v->held < ahead ? 0 : (v->held - ahead) / HOP + 1;
}

/* The largest distance from the mean so far. */
static double full_of(const struct eh_voice *v, double samples)
{
	double mean = v->sum / samples;

	return fmax((double)v->highest - mean, mean - (double)v->lowest);
}

/* The stretch that passes is summed up.  One without any sound at all has no pitch to look for. */
static int end_stretch(struct eh_voice *v, double samples, struct eh_err *err)
{
	while (v->heard < v->path.n)
		hear(v);
	return v->series.n > 0 ? eh_tally_add(&v->tally, &v->series, full_of(v, samples), err) : EH_OK;
}

static int work_off(struct eh_voice *v, struct eh_err *err)
{
	while (waiting(v) >= 2) {
		int rc = EH_OK;

		if (v->series.n == EH_SERIES_MAX) {
			rc = end_stretch(v, (double)(v->tally.frames + v->series.n) * HOP, err);
			begin_stretch(v);
		}
		if (rc == EH_OK)
			rc = add_frames(v, 2, err);
		if (rc < 0)
			return rc;
		if (v->path.n - v->heard > EH_PATH_DELAY)
			hear(v);
	}
	memmove(v->hold, v->hold + v->start, (v->held - v->start) * sizeof *v->hold);
	v->held -= v->start;
	v->start = 0;
	return EH_OK;
}

static float cleaned(float x)
{
	if (!(fabsf(x) >= SMALLEST_SAMPLE))             /* NaN too */
		return 0.0f;
	if (fabsf(x) > LARGEST_SAMPLE)
		return x > 0.0f ? LARGEST_SAMPLE : -LARGEST_SAMPLE;
	return x;
}

/* The same for many, four at a time. */
static void clean(float *out, const float *x, size_t n)
{
	const eh_mask4 magnitude = { INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX };
	const eh_mask4 sign = ~magnitude;
	eh_lane4 least = { 0.0f, 0.0f, 0.0f, 0.0f }, most = least;
	size_t i = 0;

	least += SMALLEST_SAMPLE;
	most += LARGEST_SAMPLE;
	for (; i + 4 <= n; i += 4) {
		eh_lane4 v = eh_lane4_load(x + i), size = (eh_lane4)((eh_mask4)v & magnitude);
		eh_lane4 capped = (eh_lane4)((eh_mask4)most | ((eh_mask4)v & sign));

		v = eh_lane4_pick(size > most, capped, v);
		eh_lane4_store(out + i, (eh_lane4)((eh_mask4)v & (size >= least)));
	}
	for (; i < n; i++)
		out[i] = cleaned(x[i]);
}

static void repeat(struct eh_voice *v, float x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		v->hold[v->held++] = x;
}

static int not_begun(struct eh_err *err)
{
	return eh_err_set(err, EH_EINVAL, "sound after the end of a recording; begin another first");
}

int eh_voice_sound(struct eh_voice *v, const float *pcm, size_t n, struct eh_err *err)
{
	if (v->done)
		return not_begun(err);
	if (v->samples == 0 && n > 0) {
		v->lowest = v->highest = cleaned(pcm[0]);
		repeat(v, v->lowest, BEFORE);
	}
	v->samples += n;
	while (n > 0) {
		size_t part = CAPACITY - v->held < n ? CAPACITY - v->held : n;
		int rc = EH_OK;

		clean(v->hold + v->held, pcm, part);
		v->held += part;
		pcm += part;
		n -= part;
		if (v->held == CAPACITY)
			rc = work_off(v, err);
		if (rc < 0) {
			v->done = true;
			return rc;
		}
	}
	return EH_OK;
}

/* The last value repeated where filters read beyond the end; then what is left of both places. */
static int flush(struct eh_voice *v, struct eh_err *err)
{
	int rc = v->samples == 0 ? EH_OK : work_off(v, err);

	if (rc < 0 || v->samples == 0)
		return rc;
	repeat(v, v->hold[v->held - 1], AFTER);         /* work_off left room for it */
	rc = work_off(v, err);
	if (rc == EH_OK && waiting(v) == 1 && v->series.n < EH_SERIES_MAX)
		rc = add_frames(v, 1, err);
	if (rc < 0)
		return rc;
	count(v, frame_at(v, v->series.n), (size_t)v->samples - (v->tally.frames + v->series.n) * HOP);
	return end_stretch(v, (double)v->samples, err);
}

int eh_voice_finish(struct eh_voice *v, struct eh_voice_answer *out, struct eh_err *err)
{
	struct eh_voice_answer answer;
	int rc = v->done ? not_begun(err) : flush(v, err);

	v->done = true;
	if (rc < 0)
		return rc;
	memset(&answer, 0, sizeof answer);
	answer.level = EH_LEAST_LEVEL;
	answer.seconds = (double)v->samples / EH_MEDIA_RATE;
	if (v->samples > 0)
		answer.clipping = (double)v->clipped / (double)v->samples;
	/* Digital zero, a constant, or less than one frame: nothing was said. */
	if (v->tally.frames > 0 && full_of(v, (double)v->samples) > 0.0)
		rc = eh_tally_finish(&v->tally, &v->balance, &answer, err);
	if (rc == EH_OK)
		memcpy(out, &answer, sizeof *out);      /* the padding too: the bytes of a record are compared */
	return rc;
}

size_t eh_voice_frames(const struct eh_voice *v)
{
	return v->series.n;
}

double eh_voice_hz(const struct eh_voice *v, size_t i)
{
	const struct eh_frame *f = eh_series_at(&v->series, i);

	return f->chosen == EH_UNVOICED ? 0.0 : eh_pitch_hz(f, f->chosen);
}

double eh_voice_first_hz(const struct eh_voice *v, size_t i)
{
	const struct eh_frame *f = eh_series_at(&v->series, i);

	return f->first == EH_UNVOICED ? 0.0 : eh_pitch_hz(f, f->first);
}
