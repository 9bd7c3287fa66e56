/* Shape of a spectrum, thirds of an octave and timing against direct evaluation of their definitions in doubles. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "tests/core/vowel.h"
#include "voice/balance.h"
#include "voice/level.h"
#include "voice/shape.h"
#include "voice/timing.h"

#define BINS 257
#define STEP 31.25

static void assert_near(double is, double wanted, double tolerance, const char *what)
{
	if (!(fabs(is - wanted) <= tolerance))
		fail_msg("%s is %.9g, not %.9g +- %.3g", what, is, wanted, tolerance);
}

static double value_of(const uint16_t *feature, enum eh_feature f)
{
	assert_int_not_equal(feature[f], 0);
	return eh_decode(eh_scale_of(f), (double)feature[f]);
}

/* Within half a step of the scale and the digits of single precision. */
static void assert_feature(const uint16_t *feature, enum eh_feature f, double wanted, const char *what)
{
	assert_near(value_of(feature, f), wanted, 0.51 * (double)eh_scale_of(f).step + 2e-5 * fabs(wanted), what);
}

static double rolloff(const float *power, double sum, double share)
{
	double below = 0.0;

	for (int k = 1; k < BINS; k++) {
		double p = (double)power[k] / sum;

		if (below + p >= share)         /* inside this bin, which reaches half a step to each side */
			return ((double)k - 0.5 + (share - below) / p) * STEP;
		below += p;
	}
	return 8000.0;
}

static void random_power(float *power, uint64_t seed)
{
	struct eh_rng rng;

	eh_rng_seed(&rng, seed);
	for (int k = 0; k < BINS; k++)
		power[k] = (float)(exp(eh_rng_normal(&rng) - 0.02 * (double)seed * k) * (k % 7 == 0 ? 30.0 : 1.0));
}

static void the_shape_is_that_of_the_formulas(void **state)
{
	static float power[BINS], before[BINS];
	struct eh_shape s;

	(void)state;
	eh_shape_reset(&s);
	for (uint64_t seed = 0; seed < 12; seed++) {
		uint16_t feature[EH_FEATURES] = { 0 };
		double sum = 0.0, old = 0.0, mean = 0.0, m[5] = { 0.0 }, logs = 0.0, flux = 0.0;

		memcpy(before, power, sizeof before);
		random_power(power, seed);
		eh_shape_frame(&s, power, feature);
		for (int k = 1; k < BINS; k++) {
			sum += (double)power[k];
			old += (double)before[k];
		}
		for (int k = 1; k < BINS; k++)
			mean += (double)power[k] / sum * k * STEP;
		for (int k = 1; k < BINS; k++) {
			double p = (double)power[k] / sum, d = k * STEP - mean;

			for (int i = 2; i <= 4; i++)
				m[i] += p * pow(d, i);
			logs += log10(fmax(256.0 * p, 1e-10)) / 256.0;
			flux += seed > 0 ? pow(p - (double)before[k] / old, 2.0) : 0.0;
		}
		assert_feature(feature, EH_FE_CENTROID, mean, "centroid");
		assert_feature(feature, EH_FE_SD, sqrt(m[2]), "standard deviation");
		assert_feature(feature, EH_FE_SKEWNESS, m[3] / pow(m[2], 1.5), "skewness");
		assert_feature(feature, EH_FE_KURTOSIS, m[4] / (m[2] * m[2]) - 3.0, "kurtosis");
		assert_feature(feature, EH_FE_ROLLOFF85, rolloff(power, sum, 0.85), "85 % roll-off");
		assert_feature(feature, EH_FE_ROLLOFF95, rolloff(power, sum, 0.95), "95 % roll-off");
		assert_feature(feature, EH_FE_FLATNESS, 10.0 * logs, "flatness");
		if (seed > 0)
			assert_feature(feature, EH_FE_FLUX, sqrt(flux), "flux");
		else
			assert_int_equal(feature[EH_FE_FLUX], 0);
	}
}

static void a_spectrum_without_power_has_no_shape_and_breaks_the_flux(void **state)
{
	static float power[BINS];
	uint16_t feature[EH_FEATURES] = { 0 }, none[EH_FEATURES] = { 0 };
	struct eh_shape s;

	(void)state;
	eh_shape_reset(&s);
	random_power(power, 1);
	eh_shape_frame(&s, power, NULL);
	eh_shape_frame(&s, power, feature);
	assert_true(value_of(feature, EH_FE_FLUX) < 1e-4);      /* the same spectrum twice */
	memset(power, 0, sizeof power);
	memset(feature, 0, sizeof feature);
	eh_shape_frame(&s, power, feature);
	assert_memory_equal(feature, none, sizeof none);
	random_power(power, 2);
	eh_shape_frame(&s, power, feature);
	assert_int_equal(feature[EH_FE_FLUX], 0);
	assert_int_not_equal(feature[EH_FE_CENTROID], 0);
}

static void one_bin_alone_has_all_moments_in_range(void **state)
{
	static float power[BINS];
	uint16_t feature[EH_FEATURES] = { 0 };
	struct eh_shape s;

	(void)state;
	eh_shape_reset(&s);
	power[40] = 1e-30f;
	eh_shape_frame(&s, power, feature);
	assert_near(value_of(feature, EH_FE_CENTROID), 1250.0, 0.1, "centroid");
	assert_near(value_of(feature, EH_FE_ROLLOFF85), (39.5 + 0.85) * STEP, 0.1, "85 % roll-off");
	assert_true(value_of(feature, EH_FE_FLATNESS) < -90.0);
}

static void thirds_of_an_octave_add_up_to_the_bins_they_cover(void **state)
{
	static float power[BINS];
	struct eh_balance b;
	struct eh_balance_values v;
	double total = 0.0;

	(void)state;
	eh_balance_reset(&b);
	random_power(power, 3);
	eh_balance_add(&b, power);
	eh_balance_finish(&b, &v);
	for (int k = 1; k < BINS; k++)
		total += (double)power[k];
	for (int i = 0; i < EH_THIRDS; i++) {
		double centre = 1000.0 * pow(2.0, (i - 9) / 3.0), sum = 0.0;

		for (int k = 1; k < BINS; k++)
			sum += k * STEP >= centre / pow(2.0, 1.0 / 6.0) && k * STEP < centre * pow(2.0, 1.0 / 6.0)
				       ? (double)power[k]
				       : 0.0;
		assert_true(sum > 0.0);         /* even the narrowest band has a bin */
		assert_near(v.third[i], 10.0 * log10(sum / total), 1e-5, "third of an octave");
	}
}

/* n rows at a level [dB], voiced or not. */
static void rows(struct eh_series *s, size_t n, double db, bool voiced)
{
	for (size_t i = 0; i < n; i++) {
		struct eh_frame *f = NULL;

		assert_int_equal(eh_series_add(s, &f, NULL), EH_OK);
		f->energy = (float)pow(10.0, db / 10.0);
		f->chosen = voiced ? 0 : EH_UNVOICED;
	}
}

static void pauses_stretches_and_syllables_are_counted(void **state)
{
	static struct eh_series s;
	static uint16_t scratch[2000];
	struct eh_timing t = { 0, 0, 0, 0, 0, 0 };

	(void)state;
	rows(&s, 50, -70.0, false);             /* before: not the speaker's */
	rows(&s, 20, -20.0, true);
	rows(&s, 5, -40.0, false);              /* bridged */
	rows(&s, 15, -20.0, true);
	rows(&s, 24, -60.0, false);             /* ends a stretch, no pause */
	rows(&s, 30, -22.0, true);
	rows(&s, 25, -60.0, false);             /* the shortest pause */
	rows(&s, 20, -20.0, true);
	rows(&s, 75, -60.0, false);
	rows(&s, 20, -50.0, true);              /* too soft for a syllable */
	rows(&s, 25, -60.0, false);
	rows(&s, 21, -20.0, true);
	rows(&s, 100, -70.0, false);
	eh_timing_add(&t, &s, scratch);
	assert_int_equal(t.frames, 280);
	assert_int_equal(t.pauses, 3);
	assert_int_equal(t.pause_frames, 125);
	assert_int_equal(t.segments, 5);
	assert_int_equal(t.segment_frames, 131);
	assert_int_equal(t.syllables, 5);
	eh_series_reset(&s);
	rows(&s, 30, -20.0, false);             /* a stretch without voice adds nothing */
	eh_timing_add(&t, &s, scratch);
	assert_int_equal(t.frames, 280);
	eh_series_reset(&s);
	rows(&s, 30, -20.0, true);
	eh_timing_add(&t, &s, scratch);
	assert_int_equal(t.frames, 310);
	assert_int_equal(t.pauses, 3);
	assert_int_equal(t.segments, 6);
	assert_int_equal(t.syllables, 6);
	eh_series_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shape_is_that_of_the_formulas),
		cmocka_unit_test(a_spectrum_without_power_has_no_shape_and_breaks_the_flux),
		cmocka_unit_test(one_bin_alone_has_all_moments_in_range),
		cmocka_unit_test(thirds_of_an_octave_add_up_to_the_bins_they_cover),
		cmocka_unit_test(pauses_stretches_and_syllables_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
