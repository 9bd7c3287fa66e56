/* One recording from samples to audio indicators: frames as the sound comes in, medians at the end; see voice.h. */
#include "voice/voice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "voice/balance.h"
#include "voice/cepstra.h"
#include "voice/formants.h"
#include "voice/pitch.h"
#include "voice/series.h"
#include "voice/spectrum.h"

#define HOP 160                         /* [samples] 10 ms, facts/audio.md 3 */
#define FRAMES_PER_SECOND ((double)EH_MEDIA_RATE / HOP)
#define MARGIN EH_RESAMPLE_HALF         /* [samples] the resampling filter reads around a frame */
#define CAPACITY 8192u                  /* [samples] of sound held at a time */
#define SPECTRUM_AT ((EH_PITCH_WINDOW - EH_SPECTRUM_WINDOW) / 2)        /* windows of a frame share their middle */

#define LARGEST_SAMPLE 4.0f             /* decoders overshoot 1 a little; beyond this it is no sound */
#define SMALLEST_SAMPLE 1e-12f          /* below every converter; what is smaller only makes arithmetic slow */
#define FULL_SCALE 0.99f                /* own choice: resampling moves a clipped sample off 1 */
#define LEAST_LEVEL (-100.0)            /* [dB] stands for digital zero; one step of 16 bits is -90 dB */
#define LEAST_VOICED 10u                /* frames: 0.1 s; own choice, a median of less is a coincidence */
#define PAUSE_FRAMES 25u                /* 0.25 s, facts/audio.md 3 */
#define SEMITONE_ZERO 27.5              /* [Hz], facts/audio.md 3 */

struct eh_voice {
	struct eh_spectrum *spectrum;
	struct eh_cepstra cepstra;
	struct eh_pitch pitch;
	struct eh_formants formants;
	struct eh_balance balance;
	struct eh_series series;
	/* hold[0] is MARGIN samples before the next frame; before the first sample its value is repeated. */
	float hold[CAPACITY];
	size_t held;
	uint64_t samples, clipped;
	double sum;
	float lowest, highest;
};

const struct eh_indicator_info eh_voice_info[EH_VOICE_N] = {
#define X(id, name, unit, kind, what) [id] = { name, unit, what, #kind[0] },
	EH_VOICE_LIST(X)
#undef X
};

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
	eh_series_reset(&v->series);
	eh_balance_reset(&v->balance);
	v->held = 0;
	v->samples = v->clipped = 0;
	v->sum = 0.0;
	v->lowest = v->highest = 0.0f;
	return EH_OK;
}

static int add_frame(struct eh_voice *v, const float *x, struct eh_err *err)
{
	float power[EH_SPECTRUM_BINS] = { 0.0f };
	struct eh_frame *f = NULL;
	size_t i = v->series.n;
	int rc = eh_series_add(&v->series, &f, err);

	if (rc < 0)
		return rc;
	eh_spectrum_power(v->spectrum, x + SPECTRUM_AT, power, &f->energy);
	eh_balance_add(&v->balance, power);
	eh_pitch_candidates(&v->pitch, v->spectrum, x, f);
	/* Without a candidate a frame can never be voiced, and only voiced frames are asked for the rest. */
	eh_formants_frame(&v->formants, x, i, f->candidates > 0, f->reflection);
	if (f->candidates > 0) {
		eh_cepstra(&v->cepstra, power, f->cepstrum);
		f->centroid = eh_centroid(power);
	}
	return EH_OK;
}

/* Works off the frames whose samples and right margin are there. */
static int work_off(struct eh_voice *v, struct eh_err *err)
{
	size_t at = 0;
	int rc = EH_OK;

	while (rc == EH_OK && v->held - at >= MARGIN + EH_PITCH_WINDOW + MARGIN) {
		rc = add_frame(v, v->hold + at + MARGIN, err);
		at += HOP;
	}
	memmove(v->hold, v->hold + at, (v->held - at) * sizeof *v->hold);
	v->held -= at;
	return rc;
}

static float cleaned(float x)
{
	if (!(fabsf(x) >= SMALLEST_SAMPLE))             /* NaN too */
		return 0.0f;
	if (fabsf(x) > LARGEST_SAMPLE)
		return x > 0.0f ? LARGEST_SAMPLE : -LARGEST_SAMPLE;
	return x;
}

static void take(struct eh_voice *v, float raw)
{
	float x = cleaned(raw);

	if (v->samples == 0) {
		for (size_t i = 0; i < MARGIN; i++)
			v->hold[v->held++] = x;
		v->lowest = v->highest = x;
	}
	v->hold[v->held++] = x;
	v->samples++;
	v->sum += (double)x;
	v->lowest = x < v->lowest ? x : v->lowest;
	v->highest = x > v->highest ? x : v->highest;
	v->clipped += fabsf(x) >= FULL_SCALE ? 1 : 0;
}

int eh_voice_sound(struct eh_voice *v, const float *pcm, size_t n, struct eh_err *err)
{
	for (size_t i = 0; i < n; i++) {
		take(v, pcm[i]);
		if (v->held == CAPACITY) {
			int rc = work_off(v, err);

			if (rc < 0)
				return rc;
		}
	}
	return EH_OK;
}

/* The last value repeated where the filter reads beyond the end. */
static int flush(struct eh_voice *v, struct eh_err *err)
{
	float last = 0.0f;
	int rc = v->samples == 0 ? EH_OK : work_off(v, err);

	if (rc < 0 || v->samples == 0)
		return rc;
	last = v->hold[v->held - 1];
	for (size_t i = 0; i < MARGIN; i++)
		v->hold[v->held++] = last;
	return work_off(v, err);
}

static void put(struct eh_voice_answer *out, enum eh_voice_indicator id, double value)
{
	out->present[id] = isfinite(value) ? 1 : 0;
	out->value[id] = isfinite(value) ? value : 0.0;
}

static double level_of(double mean_square)
{
	double db = mean_square > 0.0 ? 10.0 * log10(mean_square) : LEAST_LEVEL;

	return db > LEAST_LEVEL ? db : LEAST_LEVEL;
}

static double semitone(double hz)
{
	return 12.0 * log2(hz / SEMITONE_ZERO);
}

/* What the medians are taken over: the voiced frames, and scratch for one value of each. */
struct voiced {
	const struct eh_frame **frame;
	const uint8_t *choice;          /* of each of them */
	float *scratch;
	size_t n;
};

static void put_pitch(const struct voiced *w, struct eh_voice_answer *out)
{
	double low = 0.0, high = 0.0;

	for (size_t i = 0; i < w->n; i++)
		w->scratch[i] = (float)semitone(eh_pitch_hz(w->frame[i], w->choice[i]));
	low = eh_quantile(w->scratch, w->n, 0.2);
	high = eh_quantile(w->scratch, w->n, 0.8);
	put(out, EH_V_F0_MEDIAN, eh_quantile(w->scratch, w->n, 0.5));
	put(out, EH_V_F0_P20, low);
	put(out, EH_V_F0_P80, high);
	put(out, EH_V_F0_SPREAD, high - low);
	for (size_t i = 0; i < w->n; i++)
		w->scratch[i] = w->frame[i]->r[w->choice[i]];
	low = eh_quantile(w->scratch, w->n, 0.5);       /* the ratio rises with r: its median is that of r */
	put(out, EH_V_HNR, 10.0 * log10(low / (1.0 - low)));
}

static void put_cepstra(const struct voiced *w, struct eh_voice_answer *out)
{
	for (size_t c = 0; c < EH_CEPSTRA; c++) {
		for (size_t i = 0; i < w->n; i++)
			w->scratch[i] = w->frame[i]->cepstrum[c];
		put(out, (enum eh_voice_indicator)(EH_V_MFCC1 + c), eh_quantile(w->scratch, w->n, 0.5));
	}
	for (size_t i = 0; i < w->n; i++)
		w->scratch[i] = w->frame[i]->centroid;
	put(out, EH_V_CENTROID, eh_quantile(w->scratch, w->n, 0.5));
}

/* A formant that too few frames have is not there. */
static int put_formants(const struct voiced *w, struct eh_voice_answer *out, struct eh_err *err)
{
	float *all = eh_try_malloc(w->n, EH_FORMANTS * sizeof *all);
	size_t count[EH_FORMANTS] = { 0 };

	if (all == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the formants of %zu frames of sound", w->n);
	for (size_t i = 0; i < w->n; i++) {
		double hz[EH_FORMANTS] = { 0.0 };
		size_t have = eh_formants_of(w->frame[i]->reflection, hz);

		for (size_t k = 0; k < have; k++)
			all[k * w->n + count[k]++] = (float)hz[k];
	}
	for (size_t k = 0; k < EH_FORMANTS; k++)
		put(out, (enum eh_voice_indicator)(EH_V_F1 + k),
		    count[k] >= LEAST_VOICED ? eh_quantile(all + k * w->n, count[k], 0.5) : (double)NAN);
	free(all);
	return EH_OK;
}

/* Pauses between the first and the last voiced frame: silence before and after is not the speaker's. */
static double pause_rate(const uint8_t *chosen, size_t n)
{
	size_t first = 0, last = 0, run = 0, pauses = 0;
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (chosen[i] == EH_PITCH_UNVOICED) {
			run++;
			continue;
		}
		if (any && run >= PAUSE_FRAMES)
			pauses++;
		first = any ? first : i;
		any = true;
		last = i;
		run = 0;
	}
	return any ? (double)pauses * FRAMES_PER_SECOND / (double)(last - first + 1) : (double)NAN;
}

static void put_balance(const struct eh_balance_values *b, struct eh_voice_answer *out)
{
	put(out, EH_V_ALPHA, b->alpha);
	put(out, EH_V_HAMMARBERG, b->hammarberg);
	put(out, EH_V_SLOPE_LOW, b->slope_low);
	put(out, EH_V_SLOPE_MID, b->slope_mid);
}

/* choice: the series' chosen candidates on entry, those of the voiced frames, closed up, afterwards. */
static void gather_voiced(const struct eh_series *s, uint8_t *choice, struct voiced *w, double *mean_square)
{
	double sum = 0.0;

	for (size_t i = 0; i < s->n; i++) {
		if (choice[i] == EH_PITCH_UNVOICED)
			continue;
		w->frame[w->n] = eh_series_at(s, i);
		sum += (double)w->frame[w->n]->energy;
		choice[w->n++] = choice[i];
	}
	w->choice = choice;
	*mean_square = w->n > 0 ? sum / (double)w->n : 0.0;
}

static double signal_to_noise(const struct eh_series *s, float *scratch)
{
	for (size_t i = 0; i < s->n; i++)
		scratch[i] = (float)level_of((double)eh_series_at(s, i)->energy);
	return eh_quantile(scratch, s->n, 0.95) - eh_quantile(scratch, s->n, 0.10);
}

static int measure(struct eh_voice *v, double full, struct eh_voice_answer *out, struct eh_err *err)
{
	struct eh_balance_values balance;
	struct voiced w = { NULL, NULL, NULL, 0 };
	size_t n = v->series.n;
	double mean_square = 0.0, pauses = 0.0;
	uint8_t *chosen = eh_try_malloc(n, 1);
	int rc = EH_OK;

	w.frame = eh_try_malloc(n, sizeof *w.frame);
	w.scratch = eh_try_malloc(n, sizeof *w.scratch);
	if (chosen == NULL || w.frame == NULL || w.scratch == NULL) {
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for the indicators of %zu frames of sound", n);
		goto out;
	}
	rc = eh_pitch_track(&v->series, full, chosen, NULL, err);
	if (rc < 0)
		goto out;
	pauses = pause_rate(chosen, n);
	gather_voiced(&v->series, chosen, &w, &mean_square);
	eh_balance_finish(&v->balance, &balance);
	out->voiced_seconds = (double)w.n / FRAMES_PER_SECOND;
	out->level = level_of(mean_square);
	out->snr = signal_to_noise(&v->series, w.scratch);
	out->bandwidth = balance.bandwidth;
	if (w.n < LEAST_VOICED)
		goto out;
	put_pitch(&w, out);
	put_cepstra(&w, out);
	put_balance(&balance, out);
	put(out, EH_V_VOICED_SHARE, (double)w.n / (double)n);
	put(out, EH_V_PAUSE_RATE, pauses);
	rc = put_formants(&w, out, err);
out:
	free(chosen);
	free(w.frame);
	free(w.scratch);
	return rc;
}

int eh_voice_finish(struct eh_voice *v, struct eh_voice_answer *out, struct eh_err *err)
{
	struct eh_voice_answer answer;
	double mean = 0.0, full = 0.0;
	int rc = flush(v, err);

	if (rc < 0)
		return rc;
	memset(&answer, 0, sizeof answer);
	answer.level = LEAST_LEVEL;
	answer.seconds = (double)v->samples / EH_MEDIA_RATE;
	if (v->samples > 0) {
		answer.clipping = (double)v->clipped / (double)v->samples;
		mean = v->sum / (double)v->samples;
		full = fmax((double)v->highest - mean, mean - (double)v->lowest);
	}
	/* Digital zero, a constant, or less than one frame: nothing was said. */
	if (v->series.n > 0 && full > 0.0)
		rc = measure(v, full, &answer, err);
	if (rc == EH_OK)
		memcpy(out, &answer, sizeof *out);      /* the padding too: the bytes of a record are compared */
	return rc;
}
