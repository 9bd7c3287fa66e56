/* Cycle by cycle: jitter and shimmer of known truth, the second pitch method, and what breaks a chain. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/core/vowel.h"
#include "voice/cycles.h"
#include "voice/voice.h"
#include "voice/yin.h"

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
	return 0;
}

static struct eh_voice_answer hear(const float *x, size_t n)
{
	struct eh_voice_answer a;

	assert_int_equal(eh_voice_begin(voice, NULL), EH_OK);
	assert_int_equal(eh_voice_sound(voice, x, n, NULL), EH_OK);
	assert_int_equal(eh_voice_finish(voice, &a, NULL), EH_OK);
	return a;
}

static void assert_near(double is, double wanted, double tolerance, const char *what)
{
	if (!(fabs(is - wanted) <= tolerance))
		fail_msg("%s is %.9g, not %.9g +- %.3g", what, is, wanted, tolerance);
}

static double mean(const double *v, size_t n)
{
	double sum = 0.0;

	for (size_t i = 0; i < n; i++)
		sum += v[i] / (double)n;
	return sum;
}

/* facts/audio.md 9: within 20 %; make check-vowels runs the whole set. */
static void jitter_and_shimmer_are_those_that_were_drawn(void **state)
{
	double jitter[2][12] = { { 0.0 } }, shimmer[2][12] = { { 0.0 } };

	(void)state;
	for (size_t k = 0; k < 12; k++) {
		struct vowel_truth truth;
		float *x = vowel_with_truth(VOWEL_N, k < 6 ? 100.0 : 160.0, vowel_formant[k % 6], 0.01, 0.05, 500 + k,
					    &truth);
		struct eh_voice_answer a = hear(x, VOWEL_N);

		free(x);
		assert_int_equal(a.present[EH_V_JITTER] && a.present[EH_V_SHIMMER], 1);
		jitter[0][k] = truth.jitter;
		jitter[1][k] = a.value[EH_V_JITTER];
		shimmer[0][k] = truth.shimmer;
		shimmer[1][k] = a.value[EH_V_SHIMMER];
	}
	assert_near(mean(jitter[1], 12) / mean(jitter[0], 12), 1.0, 0.2, "jitter read / drawn");
	assert_near(mean(shimmer[1], 12) / mean(shimmer[0], 12), 1.0, 0.25, "shimmer read / drawn");
}

/* 100, 125 and 160 Hz lie on the raster of the synthesis: not even rounding makes them unsteady. */
static void a_steady_voice_has_neither_jitter_nor_shimmer(void **state)
{
	static const double hz[3] = { 100.0, 125.0, 160.0 };

	(void)state;
	for (size_t k = 0; k < 18; k++) {
		float *x = vowel(VOWEL_N, hz[k % 3], vowel_formant[k / 3], 0.0, 0.0, 1, NULL);
		struct eh_voice_answer a = hear(x, VOWEL_N);

		free(x);
		assert_true(a.value[EH_V_JITTER] <= 1e-5);
		assert_true(a.value[EH_V_SHIMMER] <= 1e-4);
	}
}

/* A period between two samples is the case that whole-sample marks get wrong. */
static void periods_are_found_between_samples(void **state)
{
	static float x[VOWEL_N];

	(void)state;
	for (double hz = 90.3; hz < 500.0; hz *= 1.37) {
		struct eh_voice_answer a;

		for (size_t i = 0; i < VOWEL_N; i++) {
			x[i] = 0.0f;
			for (int h = 1; h <= 5; h++)
				x[i] += (float)(0.15 / h * cos(2.0 * M_PI * hz * h * (double)i / VOWEL_RATE));
		}
		a = hear(x, VOWEL_N);
		assert_int_equal(a.present[EH_V_JITTER], 1);
		assert_true(a.value[EH_V_JITTER] <= 2e-4);
		assert_true(a.value[EH_V_SHIMMER] <= 2e-3);
	}
}

/* facts/audio.md 3: pairs of periods with a ratio above 1.3 are a slip, not jitter. */
static void a_break_in_the_voice_is_no_jitter(void **state)
{
	static float x[2 * VOWEL_N];

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		float *v = vowel(VOWEL_N - 3000, k == 0 ? 100.0 : 160.0, vowel_formant[1], 0.0, 0.0, 1, NULL);

		memcpy(x + k * VOWEL_N, v, (VOWEL_N - 3000) * sizeof *x);
		free(v);
	}
	assert_true(hear(x, 2 * VOWEL_N).value[EH_V_JITTER] <= 1e-4);
}

static void noise_has_no_cycles(void **state)
{
	static float x[3 * VOWEL_RATE];
	struct eh_voice_answer a;

	(void)state;
	white_noise(x, 3 * VOWEL_RATE, 0.1, 4);
	a = hear(x, 3 * VOWEL_RATE);
	assert_int_equal(a.present[EH_V_JITTER], 0);
	assert_int_equal(a.present[EH_V_SHIMMER], 0);
}

/* The chain reads as far as the header says and no further; the sanitizer build sees the rest. */
static void cycles_stay_within_the_sound_they_were_given(void **state)
{
	size_t n = EH_CYCLE_BEHIND + EH_CYCLE_AHEAD + 1;
	float *x = calloc(n, sizeof *x);
	struct eh_cycles c;
	struct eh_frame f;

	(void)state;
	assert_non_null(x);
	eh_cycles_init(&c);
	for (double period = 22.8; period <= 320.0; period += 7.1)
		for (uint64_t seed = 0; seed < 3; seed++) {
			white_noise(x, n, 0.1, seed);
			for (size_t i = 0; seed < 2 && i < n; i++)
				x[i] += (float)cos(2.0 * M_PI * (double)i / period);
			memset(&f, 0, sizeof f);
			eh_cycles_reset(&c);
			for (int frame = 0; frame < 3; frame++)
				eh_cycles_frame(&c, x + EH_CYCLE_BEHIND, 160.0 * frame, period, &f);
			assert_true(isfinite(f.period_change) && isfinite(f.period_sum) && f.period_change >= 0.0f);
			assert_true(isfinite(f.top_change) && isfinite(f.top_sum) && f.top_change >= 0.0f);
		}
	free(x);
}

static void the_second_method_finds_the_period(void **state)
{
	static float x[EH_PITCH_WINDOW];
	struct eh_spectrum *s = NULL;

	(void)state;
	assert_int_equal(eh_spectrum_open(&s, NULL), EH_OK);
	assert_true(eh_yin(s, x) == 0.0f);
	for (double hz = 60.0; hz < 600.0; hz *= 1.21) {
		for (size_t i = 0; i < EH_PITCH_WINDOW; i++)
			x[i] = (float)(0.2 + 0.1 * sin(2.0 * M_PI * hz * (double)i / VOWEL_RATE) +
				       0.1 * sin(4.0 * M_PI * hz * (double)i / VOWEL_RATE + 1.0));
		assert_near(VOWEL_RATE / (double)eh_yin(s, x) / hz, 1.0, 0.01, "pitch by the second method");
	}
	eh_spectrum_close(&s);
}

/* Two voices at once: what is periodic to one method need not be to the other, and the number says so. */
static void agreement_is_full_for_a_vowel_and_less_for_two_voices(void **state)
{
	float *x = vowel(VOWEL_N, 120.0, vowel_formant[1], 0.0, 0.0, 1, NULL);
	float *y = vowel(VOWEL_N, 167.0, vowel_formant[3], 0.05, 0.3, 2, NULL);
	struct eh_voice_answer one = hear(x, VOWEL_N), two;

	(void)state;
	for (size_t i = 0; i < VOWEL_N; i++)
		x[i] += y[i];
	two = hear(x, VOWEL_N);
	assert_true(one.value[EH_V_PITCH_AGREEMENT] > 0.98);
	assert_true(two.value[EH_V_PITCH_AGREEMENT] < one.value[EH_V_PITCH_AGREEMENT]);
	free(x);
	free(y);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jitter_and_shimmer_are_those_that_were_drawn),
		cmocka_unit_test(a_steady_voice_has_neither_jitter_nor_shimmer),
		cmocka_unit_test(periods_are_found_between_samples),
		cmocka_unit_test(a_break_in_the_voice_is_no_jitter),
		cmocka_unit_test(noise_has_no_cycles),
		cmocka_unit_test(cycles_stay_within_the_sound_they_were_given),
		cmocka_unit_test(the_second_method_finds_the_period),
		cmocka_unit_test(agreement_is_full_for_a_vowel_and_less_for_two_voices),
	};

	return cmocka_run_group_tests(tests, open_voice, close_voice);
}
