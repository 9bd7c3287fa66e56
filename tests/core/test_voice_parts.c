/* The blocks of the sound analysis against direct evaluation in double precision. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/core/vowel.h"
#include "voice/balance.h"
#include "voice/cepstra.h"
#include "voice/formants.h"
#include "voice/pitch.h"
#include "voice/roots.h"
#include "voice/series.h"
#include "voice/spectrum.h"
#include "voice/voice.h"

#define BINS 257

static void assert_near(double is, double wanted, double tolerance, const char *what)
{
	if (!(fabs(is - wanted) <= tolerance))
		fail_msg("%s is %.9g, not %.9g +- %.3g", what, is, wanted, tolerance);
}

/* |DFT|^2 of 400 mean-free, Hann-windowed samples at the 512-point raster, term by term. */
static void direct_power(const float *x, double *power)
{
	static double cosine[512], sine[512];
	double w[400] = { 0.0 }, mean = 0.0;

	for (size_t i = 0; i < 512; i++) {
		cosine[i] = cos(2.0 * M_PI * (double)i / 512.0);
		sine[i] = sin(2.0 * M_PI * (double)i / 512.0);
	}
	for (size_t i = 0; i < 400; i++)
		mean += (double)x[i] / 400.0;
	for (size_t i = 0; i < 400; i++)
		w[i] = ((double)x[i] - mean) * (0.5 - 0.5 * cos(2.0 * M_PI * ((double)i + 0.5) / 400.0));
	for (size_t k = 0; k < BINS; k++) {
		double re = 0.0, im = 0.0;

		for (size_t i = 0; i < 400; i++) {
			re += w[i] * cosine[i * k % 512];
			im -= w[i] * sine[i * k % 512];
		}
		power[k] = re * re + im * im;
	}
}

/* The formulas of facts/audio.md 3 as they stand. */
static void direct_cepstra(const double *power, double *out)
{
	double low = 1127.0 * log(1.0 + 20.0 / 700.0), high = 1127.0 * log(1.0 + 8000.0 / 700.0), level[26] = { 0.0 };

	for (int m = 0; m < 26; m++) {
		double left = low + (high - low) * m / 27.0, mid = low + (high - low) * (m + 1) / 27.0;
		double right = low + (high - low) * (m + 2) / 27.0;

		for (int k = 0; k < BINS; k++) {
			double at = 1127.0 * log(1.0 + k * 31.25 / 700.0);

			if (at > left && at < right)
				level[m] += power[k] *
					    (at <= mid ? (at - left) / (mid - left) : (right - at) / (right - mid));
		}
	}
	for (int i = 1; i <= 13; i++) {
		double sum = 0.0;

		for (int m = 0; m < 26; m++)
			sum += log(fmax(level[m], 1e-10)) * cos(M_PI * i / 26.0 * (m + 0.5));
		out[i - 1] = sqrt(2.0 / 26.0) * sum * (1.0 + 11.0 * sin(M_PI * i / 22.0));
	}
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

static double decibel_slope(const double *power, int first, int last)
{
	double n = last - first + 1, sf = 0.0, sd = 0.0, sff = 0.0, sfd = 0.0;

	for (int k = first; k <= last; k++) {
		double f = k * 31.25, d = 10.0 * log10(power[k]);

		sf += f;
		sd += d;
		sff += f * f;
		sfd += f * d;
	}
	return (n * sfd - sf * sd) / (n * sff - sf * sf);
}

static double span(const double *power, int first, int last, int largest)
{
	double v = 0.0;

	for (int k = first; k <= last; k++)
		v = largest ? fmax(v, power[k]) : v + power[k];
	return v;
}

/* A vowel voiced throughout, so that the medians run over all its frames. */
static void cepstra_and_balance_are_those_of_a_direct_transform(void **state)
{
	enum { FRAMES = (VOWEL_N - 2400 - 800) / 160 + 1 };
	static double c[13][FRAMES], centroid[FRAMES], power[BINS], total[BINS];
	float *x = vowel(VOWEL_N, 150.0, vowel_formant[4], 0.01, 0.05, 77, NULL);
	struct eh_voice *v = NULL;
	struct eh_voice_answer a;

	(void)state;
	for (size_t t = 0; t < FRAMES; t++) {
		double own[13] = { 0.0 }, sum = 0.0, moment = 0.0;

		direct_power(x + 160 * t + 200, power);
		direct_cepstra(power, own);
		for (size_t i = 0; i < 13; i++)
			c[i][t] = own[i];
		for (size_t k = 1; k < BINS; k++) {
			sum += power[k];
			moment += power[k] * 31.25 * (double)k;
			total[k] += power[k];
		}
		centroid[t] = moment / sum;
	}
	assert_int_equal(eh_voice_open(&v, NULL), EH_OK);
	assert_int_equal(eh_voice_sound(v, x, VOWEL_N - 2400, NULL), EH_OK);
	assert_int_equal(eh_voice_finish(v, &a, NULL), EH_OK);
	assert_true(a.value[EH_V_VOICED_SHARE] == 1.0);
	assert_near(a.voiced_seconds, FRAMES / 100.0, 1e-9, "voiced seconds");
	for (size_t i = 0; i < 13; i++)
		assert_near(a.value[EH_V_MFCC1 + i], median(c[i], FRAMES), 1e-2, eh_voice_info[EH_V_MFCC1 + i].name);
	assert_near(a.value[EH_V_CENTROID], median(centroid, FRAMES), 0.01, "centroid");
	assert_near(a.value[EH_V_ALPHA], 10.0 * log10(span(total, 32, 159, 0) / span(total, 1, 31, 0)), 1e-3,
		    "alpha ratio");
	assert_near(a.value[EH_V_HAMMARBERG], 10.0 * log10(span(total, 1, 63, 1) / span(total, 64, 159, 1)), 1e-3,
		    "hammarberg");
	assert_near(a.value[EH_V_SLOPE_LOW], decibel_slope(total, 1, 16), 1e-5, "slope 0-500");
	assert_near(a.value[EH_V_SLOPE_MID], decibel_slope(total, 16, 48), 1e-5, "slope 500-1500");
	eh_voice_close(&v);
	free(x);
}

static void the_spectrum_of_noise_agrees_bin_by_bin(void **state)
{
	float x[400] = { 0.0f }, power[EH_SPECTRUM_BINS] = { 0.0f }, energy = 0.0f, cepstrum[EH_CEPSTRA] = { 0.0f };
	double direct[BINS] = { 0.0 }, direct_c[13] = { 0.0 }, mean = 0.0, square = 0.0;
	static struct eh_cepstra bank;
	struct eh_spectrum *s = NULL;

	(void)state;
	white_noise(x, 400, 0.2, 21);
	for (size_t i = 0; i < 400; i++)
		x[i] += 0.3f;
	for (size_t i = 0; i < 400; i++)
		mean += (double)x[i] / 400.0;
	for (size_t i = 0; i < 400; i++)
		square += ((double)x[i] - mean) * ((double)x[i] - mean) / 400.0;
	assert_int_equal(eh_spectrum_open(&s, NULL), EH_OK);
	eh_spectrum_power(s, x, power, &energy);
	direct_power(x, direct);
	for (size_t k = 0; k < BINS; k++)
		assert_near((double)power[k], direct[k], 1e-4 + 1e-4 * direct[k], "power");
	assert_near((double)energy, square, 1e-6, "energy");
	eh_cepstra_init(&bank);
	eh_cepstra(&bank, power, cepstrum);
	direct_cepstra(direct, direct_c);
	for (size_t i = 0; i < EH_CEPSTRA; i++)
		assert_near((double)cepstrum[i], direct_c[i], 1e-3, "cepstrum");
	eh_spectrum_close(&s);
	assert_null(s);
}

static void the_autocorrelation_agrees_lag_by_lag(void **state)
{
	static float x[EH_PITCH_WINDOW], r[EH_PITCH_LAGS];
	static double w[EH_PITCH_WINDOW], y[EH_PITCH_WINDOW];
	struct eh_spectrum *s = NULL;
	double mean = 0.0, energy[2] = { 0.0, 0.0 };

	(void)state;
	white_noise(x, EH_PITCH_WINDOW, 0.2, 22);
	for (size_t i = 0; i < EH_PITCH_WINDOW; i++)
		x[i] += (float)sin((double)i / 9.0);
	for (size_t i = 0; i < EH_PITCH_WINDOW; i++)
		mean += (double)x[i] / EH_PITCH_WINDOW;
	for (size_t i = 0; i < EH_PITCH_WINDOW; i++) {
		w[i] = 0.5 - 0.5 * cos(2.0 * M_PI * ((double)i + 0.5) / EH_PITCH_WINDOW);
		y[i] = ((double)x[i] - mean) * w[i];
		energy[0] += y[i] * y[i];
		energy[1] += w[i] * w[i];
	}
	assert_int_equal(eh_spectrum_open(&s, NULL), EH_OK);
	assert_int_equal(eh_spectrum_autocorrelation(s, x, r), 1);
	for (size_t lag = 0; lag < EH_PITCH_LAGS; lag++) {
		double sum[2] = { 0.0, 0.0 };

		for (size_t i = 0; i + lag < EH_PITCH_WINDOW; i++) {
			sum[0] += y[i] * y[i + lag];
			sum[1] += w[i] * w[i + lag];
		}
		assert_near((double)r[lag], sum[0] / energy[0] / (sum[1] / energy[1]), 1e-5, "autocorrelation");
	}
	memset(x, 0, sizeof x);
	assert_int_equal(eh_spectrum_autocorrelation(s, x, r), 0);
	eh_spectrum_close(&s);
}

/* Each given root is found once; re[k] + i im[k], with conjugates listed. */
static void assert_roots(const double *re, const double *im, size_t n, double tolerance)
{
	double c[EH_ROOTS_MAX + 1] = { 1.0 }, ci[EH_ROOTS_MAX + 1] = { 0.0 };
	double found_re[EH_ROOTS_MAX] = { 0.0 }, found_im[EH_ROOTS_MAX] = { 0.0 };
	int used[EH_ROOTS_MAX] = { 0 };

	for (size_t k = 0; k < n; k++)
		for (size_t j = k + 1; j >= 1; j--) {
			double r = c[j - 1], i = ci[j - 1];

			c[j] -= r * re[k] - i * im[k];
			ci[j] -= r * im[k] + i * re[k];
		}
	assert_true(eh_roots(c, n, found_re, found_im));
	for (size_t k = 0; k < n; k++) {
		size_t j = 0;

		while (j < n && (used[j] || hypot(found_re[j] - re[k], found_im[j] - im[k]) > tolerance))
			j++;
		if (j == n)
			fail_msg("root %.6g %+.6gi is not found", re[k], im[k]);
		used[j] = 1;
	}
}

static void all_roots_are_found(void **state)
{
	static const double real_re[4] = { 0.9, 0.5, -0.2, -0.95 }, zero[10] = { 0.0 };
	static const double pair_re[4] = { 0.6, 0.6, 0.99, 0.98 }, pair_im[4] = { 0.7, -0.7, 0.0, 0.0 };
	static const double twice_re[3] = { 0.5, 0.5, -0.3 };
	struct eh_rng rng;

	(void)state;
	assert_roots(real_re, zero, 1, 1e-9);
	assert_roots(real_re, zero, 4, 1e-9);
	assert_roots(pair_re, pair_im, 4, 1e-9);
	assert_roots(twice_re, zero, 3, 1e-4);
	eh_rng_seed(&rng, 4);
	for (int trial = 0; trial < 2000; trial++) {
		double re[10] = { 0.0 }, im[10] = { 0.0 };
		size_t pairs = (size_t)eh_rng_below(&rng, 6);

		for (size_t k = 0; k < 10; k++) {
			double radius = 0.3 + 0.69 * eh_rng_unit(&rng), angle = M_PI * eh_rng_unit(&rng);

			if (k < 2 * pairs && k % 2 == 1) {
				re[k] = re[k - 1];
				im[k] = -im[k - 1];
			} else if (k < 2 * pairs) {
				re[k] = radius * cos(angle);
				im[k] = radius * sin(angle);
			} else {
				re[k] = 1.96 * eh_rng_unit(&rng) - 0.98;
			}
		}
		assert_roots(re, im, 10, 1e-3);
	}
}

static void a_flat_prediction_has_no_formants(void **state)
{
	float k[EH_LPC_ORDER] = { 0.0f };
	double hz[EH_FORMANTS] = { 0.0 };

	(void)state;
	assert_int_equal(eh_formants_of(k, hz), 0);
}

static void quantiles_interpolate_between_order_statistics(void **state)
{
	static const float few[4] = { 3.0f, -1.0f, 2.0f, -7.5f };
	static float v[1001];
	static double sorted[1001];
	struct eh_rng rng;

	(void)state;
	assert_true(eh_quantile(few, 1, 0.5) == 3.0);
	assert_true(eh_quantile(few, 4, 0.0) == -7.5);
	assert_true(eh_quantile(few, 4, 0.5) == 0.5);
	assert_true(eh_quantile(few, 4, 1.0) == 3.0);
	assert_near(eh_quantile(few, 4, 0.2), -7.5 + 0.6 * 6.5, 1e-12, "20 % quantile of four");
	eh_rng_seed(&rng, 6);
	for (size_t i = 0; i < 1001; i++) {
		v[i] = (float)(eh_rng_normal(&rng) * (i % 5 == 0 ? 1e-3 : 100.0));
		if (i % 7 == 0)
			v[i] = 1.5f;
		sorted[i] = (double)v[i];
	}
	qsort(sorted, 1001, sizeof *sorted, ascending);
	for (size_t i = 0; i <= 1000; i += 25)
		assert_near(eh_quantile(v, 1001, (double)i / 1000.0), sorted[i], 1e-9 * fabs(sorted[i]) + 1e-12,
			    "quantile");
}

static void add(struct eh_series *s, float peak, uint32_t n, const float *hz, const float *r)
{
	struct eh_frame *f = NULL;

	assert_int_equal(eh_series_add(s, &f, NULL), EH_OK);
	f->peak = peak;
	f->candidates = n;
	for (uint32_t i = 0; i < n; i++) {
		f->lag[i] = 16000.0f / hz[i];
		f->r[i] = r[i];
	}
}

static void the_path_keeps_to_the_octave_and_drops_the_silent(void **state)
{
	static const float hz[2] = { 100.0f, 200.0f }, usual[2] = { 0.9f, 0.6f }, tempting[2] = { 0.85f, 0.99f };
	static const float weak[2] = { 0.3f, 0.25f };
	static struct eh_series s;
	struct eh_pitch_range range = { 0.0, 0.0 };
	uint8_t chosen[50] = { 0 };

	(void)state;
	for (int i = 0; i < 50; i++)
		add(&s, i >= 40 ? 0.001f : 0.5f, 2, hz, i == 10 ? tempting : i >= 20 && i < 30 ? weak : usual);
	assert_int_equal(eh_pitch_track(&s, 1.0, chosen, &range, NULL), EH_OK);
	for (int i = 0; i < 40; i++)
		assert_int_equal(chosen[i], i >= 20 && i < 30 ? EH_PITCH_UNVOICED : 0);
	for (int i = 40; i < 50; i++)           /* as periodic as the others, but 60 dB below the loudest */
		assert_int_equal(chosen[i], EH_PITCH_UNVOICED);
	assert_near(range.floor, 75.0, 1e-6, "floor of the second pass");
	assert_near(range.ceiling, 200.0, 1e-4, "ceiling of the second pass");
	eh_series_free(&s);
}

static void a_second_pass_without_a_first_voice_uses_the_stated_range(void **state)
{
	static struct eh_series s;
	struct eh_pitch_range range = { 0.0, 0.0 };
	uint8_t chosen[5] = { 0 };

	(void)state;
	for (int i = 0; i < 5; i++)
		add(&s, 0.5f, 0, NULL, NULL);
	assert_int_equal(eh_pitch_track(&s, 1.0, chosen, &range, NULL), EH_OK);
	assert_near(range.floor, 75.0, 1e-9, "floor");
	assert_near(range.ceiling, 400.0, 1e-9, "ceiling");
	assert_int_equal(chosen[4], EH_PITCH_UNVOICED);
	eh_series_free(&s);
}

static void every_indicator_says_what_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < EH_VOICE_N; i++) {
		assert_memory_equal(eh_voice_info[i].name, "voice.", 6);
		assert_true(eh_voice_info[i].unit[0] != '\0' && eh_voice_info[i].what[0] != '\0');
		assert_true(eh_voice_info[i].kind == 'S' || eh_voice_info[i].kind == 'B');
	}
	assert_int_equal(eh_voice_info[EH_V_F0_MEDIAN].kind, 'S');
	assert_int_equal(eh_voice_info[EH_V_PAUSE_RATE].kind, 'B');
	assert_non_null(strstr(eh_voice_version(), "fftw"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cepstra_and_balance_are_those_of_a_direct_transform),
		cmocka_unit_test(the_spectrum_of_noise_agrees_bin_by_bin),
		cmocka_unit_test(the_autocorrelation_agrees_lag_by_lag),
		cmocka_unit_test(all_roots_are_found),
		cmocka_unit_test(a_flat_prediction_has_no_formants),
		cmocka_unit_test(quantiles_interpolate_between_order_statistics),
		cmocka_unit_test(the_path_keeps_to_the_octave_and_drops_the_silent),
		cmocka_unit_test(a_second_pass_without_a_first_voice_uses_the_stated_range),
		cmocka_unit_test(every_indicator_says_what_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
