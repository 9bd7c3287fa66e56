/* From a file to indicators: sample rates, channels, offsets, and copies that a channel has made worse
 * (facts/audio.md 11 and 13). */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/voice_bench.h"
#include "tests/core/vowel.h"

static struct eh_voice *voice;
static char path[64];

static int begin(void **state)
{
	int fd = -1;

	(void)state;
	(void)strcpy(path, "/tmp/evenhand-voice-XXXXXX");
	fd = mkstemp(path);
	eh_media_global_init();
	return fd < 0 || close(fd) != 0 ? 1 : eh_voice_open(&voice, NULL);
}

static int end(void **state)
{
	(void)state;
	eh_voice_close(&voice);
	return unlink(path);
}

static void assert_near(double is, double wanted, double tolerance, const char *what)
{
	if (!(fabs(is - wanted) <= tolerance))
		fail_msg("%s is %.9g, not %.9g +- %.3g", what, is, wanted, tolerance);
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v);
	put16(p + 2, v >> 16);
}

/* 16-bit wav of n frames; channel[c] is c's sound. */
static struct eh_voice_answer hear(const float *const *channel, unsigned channels, size_t n, unsigned rate)
{
	uint8_t head[44] = "RIFF....WAVEfmt ";
	struct eh_voice_answer a;
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	put32(head + 4, (uint32_t)(36 + 2 * channels * n));
	put32(head + 16, 16);
	put16(head + 20, 1);
	put16(head + 22, channels);
	put32(head + 24, rate);
	put32(head + 28, rate * channels * 2);
	put16(head + 32, channels * 2);
	put16(head + 34, 16);
	memcpy(head + 36, "data", 4);
	put32(head + 40, (uint32_t)(2 * channels * n));
	assert_int_equal(fwrite(head, 1, sizeof head, f), sizeof head);
	for (size_t i = 0; i < n; i++)
		for (unsigned c = 0; c < channels; c++) {
			long v = lround((double)channel[c][i] * 32768.0);
			uint8_t two[2] = { 0 };

			put16(two, (uint32_t)(v > 32767 ? 32767 : v < -32768 ? -32768 : v));
			assert_int_equal(fwrite(two, 1, 2, f), 2);
		}
	assert_int_equal(fclose(f), 0);
	assert_true(voice_bench_hear(voice, path, &a));
	for (size_t i = 0; i < EH_VOICE_N; i++) {
		assert_true(isfinite(a.value[i]));
		if (a.present[i])
			assert_true(a.value[i] >= eh_voice_info[i].low && a.value[i] <= eh_voice_info[i].high);
	}
	return a;
}

static struct eh_voice_answer hear_one(const float *x, size_t n, unsigned rate)
{
	return hear(&x, 1, n, rate);
}

/* Three seconds of harmonics up to 7.5 kHz or what the rate holds, falling by 6 dB per octave. */
static float *harmonics(double hz, unsigned rate, size_t *n)
{
	float *x = calloc(3 * rate, sizeof *x);

	assert_non_null(x);
	*n = 3 * rate;
	for (size_t i = 0; i < *n; i++)
		for (int h = 1; h * hz < fmin(7500.0, 0.46 * rate); h++)
			x[i] += (float)(0.12 / h * sin(2.0 * M_PI * hz * h * (double)i / rate + 0.7 * h * h));
	return x;
}

static double hz_of(const struct eh_voice_answer *a)
{
	return 27.5 * pow(2.0, a->value[EH_V_F0_MEDIAN] / 12.0);
}

static void pitch_does_not_depend_on_the_rate_and_8_khz_is_recognised(void **state)
{
	static const unsigned rate[5] = { 8000, 16000, 22050, 44100, 48000 };

	(void)state;
	for (double hz = 90.0; hz < 400.0; hz *= 1.9)
		for (size_t r = 0; r < 5; r++) {
			size_t n = 0;
			float *x = harmonics(hz, rate[r], &n);
			struct eh_voice_answer a = hear_one(x, n, rate[r]);

			free(x);
			assert_near(hz_of(&a) / hz, 1.0, 0.001, "pitch");
			assert_near(a.seconds, 3.0, 0.01, "seconds");
			assert_true(a.value[EH_V_VOICED_SHARE] > 0.98);
			assert_true(a.value[EH_V_JITTER] < 0.001);
			assert_true(rate[r] == 8000 ? a.bandwidth < 5000.0 : a.bandwidth > 7000.0);
		}
}

static void neither_order_of_channels_nor_offset_changes_an_indicator(void **state)
{
	float *left = vowel(VOWEL_N, 130.0, vowel_formant[1], 0.01, 0.05, 3, NULL),
	      *right = calloc(VOWEL_N, sizeof *right);
	struct eh_voice_answer a, b, c;

	(void)state;
	assert_non_null(right);
	white_noise(right, VOWEL_N, 0.01, 5);
	a = hear((const float *const[2]){ left, right }, 2, VOWEL_N, VOWEL_RATE);
	b = hear((const float *const[2]){ right, left }, 2, VOWEL_N, VOWEL_RATE);
	assert_memory_equal(&a, &b, sizeof a);
	for (size_t i = 0; i < VOWEL_N; i++) {          /* 2^-5 is a whole number of 16-bit steps */
		left[i] += 0.03125f;
		right[i] += 0.03125f;
	}
	c = hear((const float *const[2]){ left, right }, 2, VOWEL_N, VOWEL_RATE);
	for (size_t i = 0; i < EH_VOICE_N; i++) {
		assert_int_equal(a.present[i], c.present[i]);
		assert_near(c.value[i], a.value[i], 2e-3 * fmax(1.0, fabs(a.value[i])) + 0.03, eh_voice_info[i].name);
	}
	free(left);
	free(right);
}

/* A voice for the degraded copies: three vowels, one after another, on changing pitch. */
static float *speech(size_t *n)
{
	float *all = calloc(3 * VOWEL_N, sizeof *all);

	assert_non_null(all);
	*n = 3 * VOWEL_N;
	for (size_t k = 0; k < 3; k++) {
		float *v = vowel(VOWEL_N - 6000, 110.0 + 12.0 * (double)k, vowel_formant[k], 0.01, 0.05, 60 + k, NULL);

		memcpy(all + k * VOWEL_N, v, (VOWEL_N - 6000) * sizeof *all);
		free(v);
	}
	return all;
}

/* What a channel with 8 kHz sampling leaves: nothing above 3.8 kHz (facts/audio.md 11, band8k). */
static void band_limit(float *x, size_t n)
{
	float *y = calloc(n, sizeof *y);

	assert_non_null(y);
	for (long i = 0; i < (long)n; i++) {
		double sum = 0.0;

		for (long d = -64; d <= 64; d++) {
			double h = d == 0 ? 0.475 : sin(M_PI * 0.475 * (double)d) / (M_PI * (double)d);

			if (i - d >= 0 && i - d < (long)n)
				sum += h * (0.5 + 0.5 * cos(M_PI * (double)d / 65.0)) * (double)x[i - d];
		}
		y[i] = (float)sum;
	}
	memcpy(x, y, n * sizeof *x);
	free(y);
}

static double rms_of(const float *x, size_t n)
{
	double sum = 0.0;

	for (size_t i = 0; i < n; i++)
		sum += (double)x[i] * (double)x[i] / (double)n;
	return sqrt(sum);
}

static void a_narrow_copy_keeps_the_pitch_and_is_recognised(void **state)
{
	size_t n = 0;
	float *x = harmonics(124.0, VOWEL_RATE, &n);
	struct eh_voice_answer clean = hear_one(x, n, VOWEL_RATE), narrow;

	(void)state;
	band_limit(x, n);
	narrow = hear_one(x, n, VOWEL_RATE);
	assert_near(hz_of(&narrow) / hz_of(&clean), 1.0, 0.001, "pitch of the narrow copy");
	assert_true(clean.bandwidth > 7000.0);
	assert_true(narrow.bandwidth > 3000.0 && narrow.bandwidth < 4500.0);
	free(x);
}

/* Noise at 0.178 and 0.562 of the voice's RMS (facts/audio.md 11, white here): the pitch stays, the numbers that are to
 * tell of noise do. */
static void noise_shows_in_the_quality_and_not_in_the_pitch(void **state)
{
	static const double share[3] = { 0.0, 0.178, 0.562 };
	size_t n = 0;
	float *x = speech(&n), *noise = calloc(n, sizeof *noise), *sum = calloc(n, sizeof *sum);
	struct eh_voice_answer a[3];

	(void)state;
	assert_true(noise != NULL && sum != NULL);
	for (size_t k = 0; k < 3; k++) {
		white_noise(noise, n, share[k] * rms_of(x, n), 7);
		for (size_t i = 0; i < n; i++)
			sum[i] = x[i] + noise[i];
		a[k] = hear_one(sum, n, VOWEL_RATE);
		assert_near(hz_of(&a[k]) / hz_of(&a[0]), 1.0, 0.02, "pitch in noise");
	}
	assert_true(a[0].snr > 40.0 && a[1].snr < 25.0 && a[2].snr < 12.0);
	assert_true(a[0].value[EH_V_HNR] > a[1].value[EH_V_HNR] && a[1].value[EH_V_HNR] > a[2].value[EH_V_HNR] + 3.0);
	free(x);
	free(noise);
	free(sum);
}

static void a_clipped_copy_says_so_and_keeps_the_pitch(void **state)
{
	size_t n = 0;
	float *x = speech(&n);
	struct eh_voice_answer clean = hear_one(x, n, VOWEL_RATE), clipped;

	(void)state;
	for (size_t i = 0; i < n; i++)
		x[i] = fmaxf(-1.0f, fminf(1.0f, 4.0f * x[i]));
	clipped = hear_one(x, n, VOWEL_RATE);
	assert_true(clean.clipping == 0.0 && clipped.clipping > 0.005);
	assert_near(hz_of(&clipped) / hz_of(&clean), 1.0, 0.01, "pitch of the clipped copy");
	free(x);
}

/* facts/audio.md 13: splitting a recording gives the whole, to the frames at the joins. */
static void two_halves_weighted_by_their_voice_give_the_whole(void **state)
{
	size_t n = 0;
	float *x = speech(&n);
	struct eh_voice_answer whole = hear_one(x, n, VOWEL_RATE), part[2];

	(void)state;
	part[0] = hear_one(x, VOWEL_N, VOWEL_RATE);     /* split where nobody speaks */
	part[1] = hear_one(x + VOWEL_N, n - VOWEL_N, VOWEL_RATE);
	assert_near(part[0].voiced_seconds + part[1].voiced_seconds, whole.voiced_seconds, 0.05, "voiced seconds");
	assert_near(part[0].seconds + part[1].seconds, whole.seconds, 0.01, "seconds");
	for (int i = 0; i < 2; i++)
		assert_true(part[i].value[EH_V_F0_MEDIAN] > whole.value[EH_V_F0_MEDIAN] - 2.0 &&
			    part[i].value[EH_V_F0_MEDIAN] < whole.value[EH_V_F0_MEDIAN] + 2.0);
	free(x);
}

/* facts/audio.md 13: a stated result for each, never a number that is none. */
static void edge_files_have_a_stated_result(void **state)
{
	static const struct {
		const char *name;
		bool voiced, narrow, clipped;
	} file[] = {
		{ "audio_8k.mp4", true, true, false },        { "audio_only.mp4", true, false, false },
		{ "clipped_audio.mp4", true, false, true },   { "no_audio.mp4", false, false, false },
		{ "silent_audio.mp4", false, false, false },  { "one_frame.mp4", false, false, false },
		{ "two_audio_tracks.mp4", true, false, false }, { "truncated_faststart_60pct.mp4", true, false, false },
	};
	const char *shared = getenv("EVENHAND_SHARED");

	(void)state;
	for (size_t k = 0; k < sizeof file / sizeof file[0]; k++) {
		struct eh_voice_answer a;
		char name[1024];

		(void)snprintf(name, sizeof name, "%s/data/hostile/derived/%s", shared != NULL ? shared : "../shared",
			       file[k].name);
		if (access(name, R_OK) != 0) {
			print_message("# no outside recordings (%s)\n", name);
			skip();
		}
		memset(&a, 0, sizeof a);
		(void)voice_bench_hear(voice, name, &a); /* a file without sound may be refused: nothing is there */
		assert_true(file[k].voiced ? a.voiced_seconds > 0.5 : a.voiced_seconds == 0.0);
		assert_int_equal(a.present[EH_V_F0_MEDIAN], file[k].voiced);
		for (size_t i = 0; i < EH_VOICE_N; i++)
			assert_true(a.present[i]
					    ? a.value[i] >= eh_voice_info[i].low && a.value[i] <= eh_voice_info[i].high
					    : a.value[i] == 0.0);
		if (file[k].narrow)
			assert_true(a.bandwidth < 5000.0);
		if (file[k].clipped)
			assert_true(a.clipping > 0.001);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pitch_does_not_depend_on_the_rate_and_8_khz_is_recognised),
		cmocka_unit_test(neither_order_of_channels_nor_offset_changes_an_indicator),
		cmocka_unit_test(a_narrow_copy_keeps_the_pitch_and_is_recognised),
		cmocka_unit_test(noise_shows_in_the_quality_and_not_in_the_pitch),
		cmocka_unit_test(a_clipped_copy_says_so_and_keeps_the_pitch),
		cmocka_unit_test(edge_files_have_a_stated_result),
		cmocka_unit_test(two_halves_weighted_by_their_voice_give_the_whole),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
