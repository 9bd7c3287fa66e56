/* Sound to audio indicators: known truth, invariance, borders (facts/audio.md 7, 9, 13). */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/core/vowel.h"
#include "voice/voice.h"

static struct eh_voice *voice;

static int open_voice(void **state)
{
	(void)state;
	return eh_voice_open(&voice, NULL);
}

static int close_voice(void **state)
{
	(void)state;
	eh_voice_close(&voice);
	return voice == NULL ? 0 : 1;
}

static struct eh_voice_answer hear(const float *x, size_t n)
{
	struct eh_voice_answer a;
	struct eh_err err = EH_ERR_INIT;

	memset(&a, 0xff, sizeof a);
	if (eh_voice_begin(voice, &err) < 0 || eh_voice_sound(voice, x, n, &err) < 0 ||
	    eh_voice_finish(voice, &a, &err) < 0)
		fail_msg("%s", err.msg);
	return a;
}

static double hz_of(double semitone)
{
	return 27.5 * pow(2.0, semitone / 12.0);
}

static void assert_near(double is, double wanted, double tolerance, const char *what)
{
	if (!(fabs(is - wanted) <= tolerance))
		fail_msg("%s is %.6g, not %.6g +- %.3g", what, is, wanted, tolerance);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof *v, ascending);
	return n % 2 == 1 ? v[n / 2] : 0.5 * (v[n / 2 - 1] + v[n / 2]);
}

static void assert_nothing_present(const struct eh_voice_answer *a)
{
	assert_true(a->voiced_seconds == 0.0);
	for (size_t i = 0; i < EH_VOICE_N; i++) {
		assert_int_equal(a->present[i], 0);
		assert_true(a->value[i] == 0.0);
	}
	assert_true(isfinite(a->level) && isfinite(a->snr) && isfinite(a->bandwidth));
}

/* Bars of facts/audio.md 9, on the whole set of 96. */
static void vowels_have_the_pitch_and_formants_that_were_put_in(void **state)
{
	double pitch[96] = { 0.0 }, formant[3][60] = { { 0.0 } }, worst = 0.0;
	size_t n = 0, n_low = 0;

	(void)state;
	for (size_t f = 0; f < 8; f++)
		for (size_t k = 0; k < 12; k++) {
			double truth = 0.0, rough = k / 6 == 0 ? 0.0 : 1.0;
			float *x = vowel(VOWEL_N, vowel_f0[f], vowel_formant[k % 6], 0.01 * rough, 0.05 * rough,
					 12 * f + k, &truth);
			struct eh_voice_answer a = hear(x, VOWEL_N);

			free(x);
			assert_int_equal(a.present[EH_V_F0_MEDIAN], 1);
			pitch[n] = fabs(hz_of(a.value[EH_V_F0_MEDIAN]) / truth - 1.0);
			worst = fmax(worst, pitch[n++]);
			assert_true(a.value[EH_V_VOICED_SHARE] > 0.95);
			for (size_t i = 0; vowel_f0[f] < 200.0 && i < 3; i++) {
				assert_int_equal(a.present[EH_V_F1 + i], 1);
				formant[i][n_low] = fabs(a.value[EH_V_F1 + i] / vowel_formant[k % 6][i] - 1.0);
			}
			n_low += vowel_f0[f] < 200.0 ? 1 : 0;
		}
	assert_int_equal(n, 96);
	assert_int_equal(n_low, 60);
	assert_true(worst <= 0.01);
	assert_true(median(pitch, n) <= 0.001);
	assert_true(median(formant[0], n_low) <= 0.05);
	assert_true(median(formant[1], n_low) <= 0.02);
	assert_true(median(formant[2], n_low) <= 0.02);
}

static void a_pure_sine_has_its_frequency(void **state)
{
	static const double hz[] = { 62.0, 99.5, 150.0, 233.3, 410.0, 590.0 };
	static float x[VOWEL_N];

	(void)state;
	for (size_t k = 0; k < sizeof hz / sizeof hz[0]; k++) {
		struct eh_voice_answer a;

		for (size_t i = 0; i < VOWEL_N; i++)
			x[i] = (float)(0.3 * sin(2.0 * M_PI * hz[k] * (double)i / VOWEL_RATE));
		a = hear(x, VOWEL_N);
		assert_near(hz_of(a.value[EH_V_F0_MEDIAN]) / hz[k], 1.0, 0.001, "pitch of a sine");
		assert_true(a.value[EH_V_VOICED_SHARE] == 1.0);
		assert_true(a.value[EH_V_HNR] > 25.0);
		assert_near(a.level, 20.0 * log10(0.3) - 10.0 * log10(2.0), 0.6, "level");
	}
}

static void white_noise_is_unvoiced(void **state)
{
	static float x[10 * VOWEL_RATE];
	struct eh_voice_answer a;

	(void)state;
	white_noise(x, 10 * VOWEL_RATE, 0.1, 5);
	a = hear(x, 10 * VOWEL_RATE);
	assert_true(a.voiced_seconds <= 0.1);
	assert_true(a.bandwidth == 8000.0);
}

static void harmonics_to_noise_ratio_is_that_of_the_mixture(void **state)
{
	static float x[5 * VOWEL_RATE], noise[5 * VOWEL_RATE];

	(void)state;
	for (double db = 5.0; db <= 20.0; db += 5.0) {
		/* ten harmonics of rms 0.1 / sqrt 2 */
		double rms = sqrt(10.0 * 0.005) * pow(10.0, -db / 20.0);
		struct eh_voice_answer a;

		white_noise(noise, 5 * VOWEL_RATE, rms, 11);
		for (size_t i = 0; i < 5 * VOWEL_RATE; i++) {
			x[i] = noise[i];
			for (int h = 1; h <= 10; h++)
				x[i] += (float)(0.1 * sin(2.0 * M_PI * 160.0 * h * (double)i / VOWEL_RATE + h * h));
		}
		a = hear(x, 5 * VOWEL_RATE);
		assert_near(a.value[EH_V_HNR], db, 1.0, "harmonics-to-noise ratio");
	}
}

static void quantiles_and_pauses_are_those_of_the_recording(void **state)
{
	/* 1 s at 100 Hz, 0.5 s of nothing, 1 s at 200 Hz, 0.2 s of nothing, 1 s at 200 Hz */
	static float x[59200];
	static const size_t at[3] = { 4000, 28000, 47200 - 4000 };
	struct eh_voice_answer a;

	(void)state;
	for (size_t k = 0; k < 3; k++) {
		float *v = vowel(16000, k == 0 ? 100.0 : 200.0, vowel_formant[1], 0.0, 0.0, 1, NULL);

		memcpy(x + at[k], v, 16000 * sizeof *x);
		free(v);
	}
	a = hear(x, 59200);
	assert_near(hz_of(a.value[EH_V_F0_P20]), 100.0, 0.5, "20 % quantile");
	assert_near(hz_of(a.value[EH_V_F0_MEDIAN]), 200.0, 0.5, "median");
	assert_near(hz_of(a.value[EH_V_F0_P80]), 200.0, 0.5, "80 % quantile");
	assert_near(a.value[EH_V_F0_SPREAD], 12.0, 0.1, "spread");
	assert_near(a.voiced_seconds, 3.0, 0.15, "voiced seconds");
	assert_near(a.seconds, 3.7, 1e-12, "seconds");
	assert_near(a.value[EH_V_PAUSE_RATE], 1.0 / 3.45, 0.01, "pauses per second");
}

/* Two steps in which a row keeps numbers of this kind (voice/series.h), 1.5 times that for deviations from medians. */
static double resolution(const struct eh_indicator_info *info)
{
	if (strstr(info->name, "mfcc") != NULL)
		return 0.03;
	if (strstr(info->name, "kurtosis") != NULL)
		return 0.015;
	return strcmp(info->unit, "Hz") == 0 ? 0.4 : strcmp(info->unit, "dB") == 0 ? 0.006 : 0.003;
}

/* Numbers that the level or an offset may not change; tolerance relative to the larger of 1 and the value.  exact:
 * rows hold the same steps. */
static void assert_same_voice(const struct eh_voice_answer *a, const struct eh_voice_answer *b, double tolerance,
			      bool exact)
{
	for (size_t i = 0; i < EH_VOICE_N; i++) {
		const struct eh_indicator_info *info = &eh_voice_info[i];
		double slack = tolerance * fmax(1.0, fabs(a->value[i]));

		assert_int_equal(a->present[i], b->present[i]);
		assert_near(b->value[i], a->value[i], slack + (exact ? 0.0 : resolution(info)), info->name);
	}
	assert_true(a->voiced_seconds == b->voiced_seconds && a->bandwidth == b->bandwidth);
}

static void neither_level_nor_offset_changes_an_indicator(void **state)
{
	static float changed[VOWEL_N];

	(void)state;
	for (size_t k = 0; k < 6; k++) {
		float *x = vowel(VOWEL_N, vowel_f0[k], vowel_formant[k], 0.01, 0.05, 40 + k, NULL);
		struct eh_voice_answer a = hear(x, VOWEL_N), b;

		for (size_t i = 0; i < VOWEL_N; i++)
			changed[i] = 0.1f * x[i];
		b = hear(changed, VOWEL_N);
		assert_same_voice(&a, &b, 1e-4, false);
		assert_near(b.level, a.level - 20.0, 1e-3, "level");
		for (size_t i = 0; i < VOWEL_N; i++)
			changed[i] = 0.5f * x[i];
		b = hear(changed, VOWEL_N);
		assert_same_voice(&a, &b, 1e-6,
				  true); /* a power of two: only the long-term spectrum's logarithms round anew */
		for (size_t i = 0; i < VOWEL_N; i++)
			changed[i] = x[i] + 0.125f;
		b = hear(changed, VOWEL_N);
		assert_same_voice(&a, &b, 1e-4, false);
		assert_near(b.level, a.level, 1e-3, "level");
		free(x);
	}
}

static void pieces_of_any_size_and_repeated_runs_give_the_same_bytes(void **state)
{
	static const size_t piece[] = { 1, 7, 159, 160, 161, 799, 4097, 8192, 20011 };
	size_t n = 3 * VOWEL_N + 77;
	float *x = calloc(n, sizeof *x);
	struct eh_voice_answer whole, again, parts;

	(void)state;
	assert_non_null(x);
	for (size_t k = 0; k < 3; k++) {
		float *v = vowel(VOWEL_N - 3000, 110.0 + 60.0 * (double)k, vowel_formant[k + 1], 0.01, 0.05, k, NULL);

		memcpy(x + k * VOWEL_N, v, (VOWEL_N - 3000) * sizeof *x);
		free(v);
	}
	whole = hear(x, n);
	again = hear(x, n);
	assert_memory_equal(&whole, &again, sizeof whole);
	for (size_t k = 0; k < sizeof piece / sizeof piece[0]; k++) {
		assert_int_equal(eh_voice_begin(voice, NULL), EH_OK);
		for (size_t at = 0; at < n; at += piece[k])
			assert_int_equal(eh_voice_sound(voice, x + at, n - at < piece[k] ? n - at : piece[k], NULL),
					 EH_OK);
		assert_int_equal(eh_voice_finish(voice, &parts, NULL), EH_OK);
		assert_memory_equal(&whole, &parts, sizeof whole);
	}
	free(x);
}

static void another_instance_gives_the_same_bytes(void **state)
{
	float *x = vowel(VOWEL_N, 140.0, vowel_formant[4], 0.01, 0.05, 9, NULL);
	struct eh_voice_answer a = hear(x, VOWEL_N), b;
	struct eh_voice *other = NULL;

	(void)state;
	assert_int_equal(eh_voice_open(&other, NULL), EH_OK);
	assert_int_equal(eh_voice_sound(other, x, VOWEL_N, NULL), EH_OK);
	assert_int_equal(eh_voice_finish(other, &b, NULL), EH_OK);
	assert_memory_equal(&a, &b, sizeof a);
	eh_voice_close(&other);
	free(x);
}

static void silence_and_too_short_sound_have_no_indicator(void **state)
{
	static float x[3 * VOWEL_RATE];
	struct eh_voice_answer a = hear(x, 0);

	(void)state;
	assert_nothing_present(&a);
	assert_true(a.seconds == 0.0);
	a = hear(x, 3 * VOWEL_RATE);
	assert_nothing_present(&a);
	assert_true(a.seconds == 3.0 && a.bandwidth == 0.0 && a.snr == 0.0);
	for (size_t i = 0; i < 3 * VOWEL_RATE; i++)
		x[i] = 0.25f;
	a = hear(x, 3 * VOWEL_RATE);
	assert_nothing_present(&a);
	for (size_t i = 0; i < 3 * VOWEL_RATE; i++)
		x[i] = (float)(0.3 * sin(2.0 * M_PI * 200.0 * (double)i / VOWEL_RATE));
	for (size_t n = 1; n < 800; n += 57) {
		a = hear(x, n);
		assert_nothing_present(&a);
	}
	a = hear(x, 800);               /* one frame */
	assert_near(a.voiced_seconds, 0.01, 1e-12, "voiced seconds");
	for (size_t i = 0; i < EH_VOICE_N; i++)
		assert_int_equal(a.present[i], 0);
}

static void no_input_makes_a_value_that_is_not_finite(void **state)
{
	static const float odd[] = { NAN, INFINITY, -INFINITY, 3e38f, -1e30f, 1e-42f, 0.0f, 1.0f };
	static float x[2 * VOWEL_RATE];
	struct eh_rng rng;
	struct eh_voice_answer a;

	(void)state;
	eh_rng_seed(&rng, 3);
	for (size_t i = 0; i < 2 * VOWEL_RATE; i++)
		x[i] = i % 3 == 0 ? odd[eh_rng_below(&rng, 8)]
				  : (float)(0.3 * sin(2.0 * M_PI * 200.0 * (double)i / VOWEL_RATE));
	a = hear(x, 2 * VOWEL_RATE);
	for (size_t i = 0; i < EH_VOICE_N; i++)
		assert_true(isfinite(a.value[i]));
	assert_true(isfinite(a.level) && isfinite(a.snr) && isfinite(a.bandwidth));
	assert_true(a.clipping >= 0.0 && a.clipping <= 1.0);
	for (size_t i = 0; i < 2 * VOWEL_RATE; i++)
		x[i] = NAN;
	a = hear(x, 2 * VOWEL_RATE);
	assert_nothing_present(&a);
}

/* Pieces of sound that nobody recorded: numbers that are none, jumps, squares, single impulses, constants. */
static void hostile_piece(float *x, size_t n, struct eh_rng *rng)
{
	static const float odd[] = { NAN, INFINITY, -INFINITY, 3e38f, -1e30f, 1e-42f, 1e-13f, 0.0f, 1.0f, -4.0f };
	uint64_t kind = eh_rng_below(rng, 7);
	double level = pow(10.0, 10.0 * eh_rng_unit(rng) - 9.0), period = 2.0 + 400.0 * eh_rng_unit(rng);
	float constant = odd[eh_rng_below(rng, 10)];

	for (size_t i = 0; i < n; i++) {
		double phase = fmod((double)i, period) / period, noise = eh_rng_normal(rng);

		x[i] = kind == 0 ? odd[eh_rng_below(rng, 10)] : kind == 1 ? constant
		       : kind == 2 ? (float)(level * (phase < 0.5 ? 1.0 : -1.0))
		       : kind == 3 ? (float)(phase < 1.0 / period ? level : 0.0)
		       : kind == 4 ? (float)(level * sin(2.0 * M_PI * phase))
		       : kind == 5 ? (float)(level * noise)
				   : (float)(0.7 + level * 1e-6 * sin(2.0 * M_PI * phase));
	}
}

static void hostile_sound_gives_only_values_that_are_believed(void **state)
{
	enum { N = VOWEL_RATE };
	static float x[N];
	const char *more = getenv("EVENHAND_HOSTILE_SEEDS");
	uint64_t seeds = more != NULL ? strtoull(more, NULL, 10) : 60;
	struct eh_rng rng;

	(void)state;
	for (uint64_t seed = 0; seed < seeds; seed++) {
		struct eh_voice_answer a;

		eh_rng_seed(&rng, 9000 + seed);
		for (size_t at = 0, n = 0; at < N; at += n) {
			n = 200 + (size_t)eh_rng_below(&rng, 6000);
			n = n < N - at ? n : N - at;
			hostile_piece(x + at, n, &rng);
		}
		a = hear(x, N);
		for (size_t i = 0; i < EH_VOICE_N; i++)
			if (!isfinite(a.value[i]) ||
			    (a.present[i] ? a.value[i] < eh_voice_info[i].low || a.value[i] > eh_voice_info[i].high
					  : a.value[i] != 0.0))
				fail_msg("seed %llu: %s is %g", (unsigned long long)seed, eh_voice_info[i].name,
					 a.value[i]);
		assert_true(isfinite(a.level) && isfinite(a.snr) && a.snr >= 0.0 && a.bandwidth >= 0.0 &&
			    a.bandwidth <= 8000.0);
		assert_true(a.clipping >= 0.0 && a.clipping <= 1.0 && a.voiced_seconds <= a.seconds);
	}
}

/* A channel of 8 kHz sampling keeps nothing above 4 kHz (facts/audio.md 6). */
static void a_narrow_channel_shows_in_the_bandwidth(void **state)
{
	static float x[3 * VOWEL_RATE], y[3 * VOWEL_RATE];
	struct eh_voice_answer a;

	(void)state;
	white_noise(x, 3 * VOWEL_RATE, 0.02, 8);
	for (size_t i = 0; i < 3 * VOWEL_RATE; i += 123)        /* impulses at 130 Hz: a flat, voiced spectrum */
		x[i] += 0.9f;
	a = hear(x, 3 * VOWEL_RATE);
	assert_true(a.voiced_seconds > 2.0 && a.bandwidth == 8000.0);
	for (long i = 64; i < 3 * VOWEL_RATE - 64; i++) {
		double sum = 0.0;

		for (long d = -64; d <= 64; d++) {
			double h = d == 0 ? 0.48 : sin(M_PI * 0.48 * (double)d) / (M_PI * (double)d);

			sum += h * (0.5 + 0.5 * cos(M_PI * (double)d / 65.0)) * (double)x[i - d];
		}
		y[i] = (float)sum;
	}
	a = hear(y, 3 * VOWEL_RATE);
	assert_true(a.voiced_seconds > 2.0);
	assert_true(a.bandwidth >= 3500.0 && a.bandwidth <= 4250.0);
}

static void clipping_and_noise_are_measured(void **state)
{
	static float x[2 * VOWEL_RATE];
	struct eh_voice_answer a;

	(void)state;
	for (size_t i = 0; i < 2 * VOWEL_RATE; i++) {
		double v = 2.0 * sin(2.0 * M_PI * 200.0 * (double)i / VOWEL_RATE);

		x[i] = (float)(v > 1.0 ? 1.0 : v < -1.0 ? -1.0 : v);
	}
	a = hear(x, 2 * VOWEL_RATE);
	assert_near(a.clipping, 2.0 / 3.0, 0.03, "clipping");   /* |2 sin| > 1 two thirds of the time */
	for (size_t i = 0; i < 2 * VOWEL_RATE; i++)             /* half loud, half 30 dB below */
		x[i] = (float)((i < VOWEL_RATE ? 0.5 : 0.5 * pow(10.0, -1.5)) *
			       sin(2.0 * M_PI * 200.0 * (double)i / VOWEL_RATE));
	a = hear(x, 2 * VOWEL_RATE);
	assert_true(a.clipping == 0.0);
	assert_near(a.snr, 30.0, 0.1, "signal to noise");
}

static void every_failing_allocation_is_reported_and_leaves_the_answer_alone(void **state)
{
	float *x = vowel(VOWEL_N, 140.0, vowel_formant[4], 0.01, 0.05, 9, NULL);
	struct eh_voice_answer untouched, a;
	int rc = EH_ENOMEM;

	(void)state;
	memset(&untouched, 0x5a, sizeof untouched);
	for (uint64_t n = 1; rc != EH_OK; n++) {
		struct eh_voice *v = NULL;
		struct eh_err err = EH_ERR_INIT;

		assert_true(n < 50);
		memcpy(&a, &untouched, sizeof a);
		eh_mem_fail_at(n);
		rc = eh_voice_open(&v, &err);
		rc = rc == EH_OK ? eh_voice_begin(v, &err) : rc;
		rc = rc == EH_OK ? eh_voice_sound(v, x, VOWEL_N, &err) : rc;
		rc = rc == EH_OK ? eh_voice_finish(v, &a, &err) : rc;
		eh_mem_fail_at(0);
		eh_voice_close(&v);
		assert_true(rc == EH_OK || (rc == EH_ENOMEM && strstr(err.msg, "out of memory") != NULL));
		if (rc != EH_OK)
			assert_memory_equal(&a, &untouched, sizeof a);
	}
	free(x);
}

/* Longer than the ten minutes that are summed up at a time: what is steady stays what it is, pieces do not matter. */
static void a_long_recording_is_the_sum_of_its_stretches(void **state)
{
	enum { SECONDS = 620 };
	float *v = vowel(VOWEL_N - 8000, 125.0, vowel_formant[1], 0.01, 0.05, 8, NULL), *x = calloc(VOWEL_N, sizeof *x);
	struct eh_voice_answer shorter, a, b;

	(void)state;
	assert_non_null(x);
	memcpy(x, v, (VOWEL_N - 8000) * sizeof *x);     /* 1.5 s of voice, half a second of nothing */
	free(v);
	for (int run = 0; run < 3; run++) {
		size_t total = (size_t)(run == 0 ? 60 : SECONDS) * VOWEL_RATE, piece = run == 2 ? 20011 : VOWEL_N;

		assert_int_equal(eh_voice_begin(voice, NULL), EH_OK);
		for (size_t at = 0; at < total;) {
			size_t from = at % VOWEL_N, n = VOWEL_N - from < piece ? VOWEL_N - from : piece;

			n = n < total - at ? n : total - at;
			assert_int_equal(eh_voice_sound(voice, x + from, n, NULL), EH_OK);
			at += n;
		}
		assert_int_equal(eh_voice_finish(voice, run == 0 ? &shorter : run == 1 ? &a : &b, NULL), EH_OK);
	}
	assert_memory_equal(&a, &b, sizeof a);
	assert_true(eh_voice_frames(voice) < 60000);    /* of the last stretch */
	assert_near(a.seconds, SECONDS, 1e-9, "seconds");
	assert_near(a.voiced_seconds / a.seconds, shorter.voiced_seconds / shorter.seconds, 0.002, "voiced share");
	for (size_t i = 0; i < EH_VOICE_N; i++) {
		assert_int_equal(a.present[i], shorter.present[i]);
		assert_near(a.value[i], shorter.value[i], 0.03 * fmax(1.0, fabs(shorter.value[i])),
			    eh_voice_info[i].name);
	}
	free(x);
}

static void a_recording_longer_than_two_hours_is_refused(void **state)
{
	static float x[VOWEL_RATE];
	struct eh_err err = EH_ERR_INIT;
	int rc = EH_OK;

	(void)state;
	assert_int_equal(eh_voice_begin(voice, NULL), EH_OK);
	for (int i = 0; i < 7200; i++)
		assert_int_equal(eh_voice_sound(voice, x, VOWEL_RATE, NULL), EH_OK);
	for (int i = 0; i < 60 && rc == EH_OK; i++)
		rc = eh_voice_sound(voice, x, VOWEL_RATE, &err);
	assert_int_equal(rc, EH_ERANGE);
	assert_non_null(strstr(err.msg, "two hours"));
}

static void a_recording_that_ended_takes_no_more_sound(void **state)
{
	static float x[VOWEL_RATE];
	struct eh_voice_answer a = hear(x, VOWEL_RATE), b;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	assert_int_equal(eh_voice_sound(voice, x, VOWEL_RATE, &err), EH_EINVAL);
	assert_non_null(strstr(err.msg, "begin"));
	memcpy(&b, &a, sizeof b);
	assert_int_equal(eh_voice_finish(voice, &b, &err), EH_EINVAL);
	assert_memory_equal(&a, &b, sizeof a);
	b = hear(x, VOWEL_RATE);
	assert_memory_equal(&a, &b, sizeof a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vowels_have_the_pitch_and_formants_that_were_put_in),
		cmocka_unit_test(a_pure_sine_has_its_frequency),
		cmocka_unit_test(white_noise_is_unvoiced),
		cmocka_unit_test(harmonics_to_noise_ratio_is_that_of_the_mixture),
		cmocka_unit_test(quantiles_and_pauses_are_those_of_the_recording),
		cmocka_unit_test(neither_level_nor_offset_changes_an_indicator),
		cmocka_unit_test(pieces_of_any_size_and_repeated_runs_give_the_same_bytes),
		cmocka_unit_test(another_instance_gives_the_same_bytes),
		cmocka_unit_test(silence_and_too_short_sound_have_no_indicator),
		cmocka_unit_test(no_input_makes_a_value_that_is_not_finite),
		cmocka_unit_test(hostile_sound_gives_only_values_that_are_believed),
		cmocka_unit_test(a_narrow_channel_shows_in_the_bandwidth),
		cmocka_unit_test(clipping_and_noise_are_measured),
		cmocka_unit_test(every_failing_allocation_is_reported_and_leaves_the_answer_alone),
		cmocka_unit_test(a_recording_that_ended_takes_no_more_sound),
		cmocka_unit_test(a_long_recording_is_the_sum_of_its_stretches),
		cmocka_unit_test(a_recording_longer_than_two_hours_is_refused),
	};

	return cmocka_run_group_tests(tests, open_voice, close_voice);
}
