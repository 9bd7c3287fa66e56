/* Rows, their codes and quantiles, and the path through pitch candidates. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "tests/core/vowel.h"
#include "voice/pitch.h"
#include "voice/series.h"

static void assert_near(double is, double wanted, double tolerance, const char *what)
{
	if (!(fabs(is - wanted) <= tolerance))
		fail_msg("%s is %.9g, not %.9g +- %.3g", what, is, wanted, tolerance);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void quantiles_interpolate_between_order_statistics(void **state)
{
	static const uint16_t few[4] = { 300, 65535, 2, 0 };
	static uint16_t v[1001];
	static double sorted[1001];
	struct eh_rng rng;

	(void)state;
	assert_true(eh_quantile(few, 1, 0.5) == 300.0);
	assert_true(eh_quantile(few, 4, 0.0) == 0.0);
	assert_true(eh_quantile(few, 4, 0.5) == 151.0);
	assert_true(eh_quantile(few, 4, 1.0) == 65535.0);
	assert_near(eh_quantile(few, 4, 0.2), 0.6 * 2.0, 1e-12, "20 % quantile of four");
	eh_rng_seed(&rng, 6);
	for (size_t i = 0; i < 1001; i++) {
		v[i] = i % 7 == 0 ? 257 : (uint16_t)eh_rng_below(&rng, i % 5 == 0 ? 300 : 65536);
		sorted[i] = (double)v[i];
	}
	qsort(sorted, 1001, sizeof *sorted, ascending);
	for (size_t i = 0; i <= 1000; i++)
		assert_near(eh_quantile(v, 1001, (double)i / 1000.0), sorted[i], 1e-6, "quantile");
}

static void codes_keep_half_a_step_and_stay_inside(void **state)
{
	(void)state;
	for (int f = 0; f < EH_FEATURES; f++) {
		struct eh_scale s = eh_scale_of((enum eh_feature)f);

		for (double x = 100.0; x < 65000.0; x += 777.3) {
			double v = (double)s.low + (double)s.step * x;

			assert_near(eh_decode(s, eh_code(s, (float)v)), v, 0.51 * (double)s.step + 1e-6 * fabs(v),
				    "decoded");
		}
		assert_int_equal(eh_code(s, -1e30f), 1);
		assert_int_equal(eh_code(s, 1e30f), 65535);
		assert_int_equal(eh_code(s, NAN), 1);
	}
}

static void add(struct eh_series *s, float peak, uint32_t n, const float *hz, const float *r)
{
	struct eh_frame *f = NULL;

	assert_int_equal(eh_series_add(s, &f, NULL), EH_OK);
	assert_int_equal(f->chosen, EH_UNVOICED);
	f->peak = peak;
	f->candidates = (uint8_t)n;
	for (uint32_t i = 0; i < n; i++) {
		f->octave[i] = eh_code(EH_OCTAVE_SCALE, log2f(16000.0f / hz[i]));
		f->weakness[i] = eh_code(EH_WEAKNESS_SCALE, sqrtf(1.0f - r[i]));
	}
}

static void the_path_keeps_to_the_octave_and_drops_the_silent(void **state)
{
	static const float hz[2] = { 100.0f, 200.0f }, usual[2] = { 0.9f, 0.6f }, tempting[2] = { 0.85f, 0.99f };
	static const float weak[2] = { 0.3f, 0.25f };
	static struct eh_series s;
	struct eh_pitch_range range = { 0.0, 0.0 };

	(void)state;
	for (int i = 0; i < 50; i++)
		add(&s, i >= 40 ? 0.001f : 0.5f, 2, hz, i == 10 ? tempting : i >= 20 && i < 30 ? weak : usual);
	assert_int_equal(eh_pitch_track(&s, 1.0, &range, NULL), EH_OK);
	for (size_t i = 0; i < 40; i++)
		assert_int_equal(eh_series_at(&s, i)->chosen, i >= 20 && i < 30 ? EH_UNVOICED : 0);
	for (size_t i = 40; i < 50; i++)        /* as periodic as the others, but 60 dB below the loudest */
		assert_int_equal(eh_series_at(&s, i)->chosen, EH_UNVOICED);
	assert_near(range.floor, 75.0, 1e-2, "floor of the second pass");
	assert_near(range.ceiling, 200.0, 1e-2, "ceiling of the second pass");
	eh_series_free(&s);
}

static void a_second_pass_without_a_first_voice_uses_the_stated_range(void **state)
{
	static struct eh_series s;
	struct eh_pitch_range range = { 0.0, 0.0 };

	(void)state;
	for (int i = 0; i < 5; i++)
		add(&s, 0.5f, 0, NULL, NULL);
	assert_int_equal(eh_pitch_track(&s, 1.0, &range, NULL), EH_OK);
	assert_near(range.floor, 75.0, 1e-9, "floor");
	assert_near(range.ceiling, 400.0, 1e-9, "ceiling");
	assert_int_equal(eh_series_at(&s, 4)->chosen, EH_UNVOICED);
	eh_series_free(&s);
}

/* With EH_PATH_DELAY frames of foresight the path of the moment is that of the whole. */
static void the_path_of_the_moment_is_the_final_one_a_little_later(void **state)
{
	static const float hz[2] = { 100.0f, 150.0f };
	static struct eh_series s;
	struct eh_path path;
	struct eh_rng rng;
	size_t same = 0;

	(void)state;
	eh_path_reset(&path);
	eh_rng_seed(&rng, 12);
	for (size_t i = 0; i < 1000; i++) {
		float r[2] = { (float)(0.3 + 0.6 * eh_rng_unit(&rng)), (float)(0.3 + 0.5 * eh_rng_unit(&rng)) };

		add(&s, 0.5f, i % 90 < 30 ? 0 : 2, hz, r);
		eh_path_add(&path, eh_series_at(&s, i), 0.5);
		if (i >= EH_PATH_DELAY) {
			uint8_t candidate[EH_PATH_RING] = { 0 };

			eh_path_trace(&path, i - EH_PATH_DELAY, candidate);
			eh_series_at(&s, i - EH_PATH_DELAY)->heard = candidate[0];
		}
	}
	assert_int_equal(eh_pitch_track(&s, 0.5, NULL, NULL), EH_OK);
	for (size_t i = 0; i + EH_PATH_DELAY < 1000; i++)
		same += eh_series_at(&s, i)->heard == eh_series_at(&s, i)->chosen ? 1 : 0;
	assert_true(same >= 970);
	eh_series_free(&s);
}

/* A loud vowel, then the same from 20 to 45 dB below: what is given no candidates could not have been voiced. */
static void frames_passed_over_as_silent_change_nothing(void **state)
{
	static struct eh_series all, some;
	static float x[VOWEL_N];
	static struct eh_pitch pitch;
	struct eh_spectrum *s = NULL;
	float *v = vowel(VOWEL_N, 130.0, vowel_formant[1], 0.01, 0.05, 5, NULL);
	size_t passed = 0, voiced = 0;

	(void)state;
	assert_int_equal(eh_spectrum_open(&s, NULL), EH_OK);
	eh_pitch_init(&pitch);
	for (size_t i = 0; i < VOWEL_N; i++)
		x[i] = v[i] * (float)(i < VOWEL_N / 4 ? 1.0 : pow(10.0, -1.0 - 1.25 * (double)i / VOWEL_N));
	free(v);
	for (size_t i = 0; 160 * i + EH_PITCH_WINDOW <= VOWEL_N; i++) {
		const float *const from[2] = { x + 160 * i, NULL };
		struct eh_frame *f[2] = { NULL, NULL };

		assert_int_equal(eh_series_add(&all, &f[0], NULL), EH_OK);
		eh_pitch_candidates(&pitch, s, from, f, 0.0);
		assert_int_equal(eh_series_add(&some, &f[0], NULL), EH_OK);
		eh_pitch_candidates(&pitch, s, from, f, 0.7);
		passed += eh_series_at(&all, i)->candidates > 0 && f[0]->candidates == 0 ? 1 : 0;
	}
	assert_int_equal(eh_pitch_track(&all, 0.77, NULL, NULL), EH_OK);
	assert_int_equal(eh_pitch_track(&some, 0.77, NULL, NULL), EH_OK);
	for (size_t i = 0; i < all.n; i++) {
		assert_int_equal(eh_series_at(&all, i)->chosen, eh_series_at(&some, i)->chosen);
		voiced += eh_series_at(&all, i)->chosen != EH_UNVOICED ? 1 : 0;
	}
	assert_true(passed > 20 && voiced > 45);
	eh_series_free(&all);
	eh_series_free(&some);
	eh_spectrum_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_interpolate_between_order_statistics),
		cmocka_unit_test(codes_keep_half_a_step_and_stay_inside),
		cmocka_unit_test(the_path_keeps_to_the_octave_and_drops_the_silent),
		cmocka_unit_test(a_second_pass_without_a_first_voice_uses_the_stated_range),
		cmocka_unit_test(frames_passed_over_as_silent_change_nothing),
		cmocka_unit_test(the_path_of_the_moment_is_the_final_one_a_little_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
