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
#include "voice/roots.h"
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
	assert_near(a.value[EH_V_CENTROID], median(centroid, FRAMES), 0.07, "centroid"); /* kept in steps of 0.125 Hz */
	assert_near(a.value[EH_V_ALPHA], 10.0 * log10(span(total, 32, 159, 0) / span(total, 1, 31, 0)), 1e-3,
		    "alpha ratio");
	assert_near(a.value[EH_V_HAMMARBERG], 10.0 * log10(span(total, 1, 63, 1) / span(total, 64, 159, 1)), 1e-3,
		    "hammarberg");
	assert_near(a.value[EH_V_SLOPE_LOW], decibel_slope(total, 1, 16), 1e-5, "slope 0-500");
	assert_near(a.value[EH_V_SLOPE_MID], decibel_slope(total, 16, 48), 1e-5, "slope 500-1500");
	eh_voice_close(&v);
	free(x);
}

/* Both of a pair, one 60 dB below the other, and each alone. */
static void the_spectrum_of_noise_agrees_bin_by_bin(void **state)
{
	static float x[2][400], power[2][EH_SPECTRUM_BINS];
	float energy[2] = { 0.0f }, cepstrum[EH_CEPSTRA] = { 0.0f };
	double direct[BINS] = { 0.0 }, direct_c[13] = { 0.0 };
	static struct eh_cepstra bank;
	struct eh_spectrum *s = NULL;

	(void)state;
	white_noise(x[0], 400, 0.2, 21);
	white_noise(x[1], 400, 0.0002, 23);
	for (size_t i = 0; i < 400; i++)
		x[0][i] += 0.3f;
	assert_int_equal(eh_spectrum_open(&s, NULL), EH_OK);
	eh_cepstra_init(&bank);
	for (size_t pair = 0; pair < 3; pair++) {       /* both; the first alone; the second alone */
		const float *const from[2] = { pair == 2 ? x[1] : x[0], pair == 0 ? x[1] : NULL };
		float *const to[2] = { power[0], power[1] };

		eh_spectrum_power(s, from, to, energy);
		for (size_t j = 0; j < 2 && from[j] != NULL; j++) {
			double mean = 0.0, square = 0.0, rms = from[j] == x[0] ? 0.2 : 0.0002;

			for (size_t i = 0; i < 400; i++)
				mean += (double)from[j][i] / 400.0;
			for (size_t i = 0; i < 400; i++)
				square += ((double)from[j][i] - mean) * ((double)from[j][i] - mean) / 400.0;
			direct_power(from[j], direct);
			for (size_t k = 0; k < BINS; k++)
				assert_near((double)power[j][k], direct[k], 1e-4 * (direct[k] + 25.0 * rms * rms),
					    "power");
			assert_near((double)energy[j], square, 1e-5 * square, "energy");
			assert_true(eh_cepstra(&bank, power[j], cepstrum));
			for (size_t k = 0; k < BINS; k++)       /* the sheet's floor of 1e-10 is far below */
				direct[k] *= 1e6;
			direct_cepstra(direct, direct_c);
			for (size_t i = 0; i < EH_CEPSTRA; i++)
				assert_near((double)cepstrum[i], direct_c[i], 1e-3, "cepstrum");
		}
	}
	memset(x, 0, sizeof x);
	eh_spectrum_power(s, (const float *const[2]){ x[0], x[1] }, (float *const[2]){ power[0], power[1] }, energy);
	for (size_t k = 0; k < BINS; k++)
		assert_true(power[0][k] == 0.0f && power[1][k] == 0.0f);
	assert_false(eh_cepstra(&bank, power[0], cepstrum));
	eh_spectrum_close(&s);
	assert_null(s);
}

static void direct_autocorrelation(const float *x, double *r)
{
	static double w[EH_PITCH_WINDOW], y[EH_PITCH_WINDOW];
	double mean = 0.0, energy[2] = { 0.0, 0.0 };

	for (size_t i = 0; i < EH_PITCH_WINDOW; i++)
		mean += (double)x[i] / EH_PITCH_WINDOW;
	for (size_t i = 0; i < EH_PITCH_WINDOW; i++) {
		w[i] = 0.5 - 0.5 * cos(2.0 * M_PI * ((double)i + 0.5) / EH_PITCH_WINDOW);
		y[i] = ((double)x[i] - mean) * w[i];
		energy[0] += y[i] * y[i];
		energy[1] += w[i] * w[i];
	}
	for (size_t lag = 0; lag < EH_PITCH_LAGS; lag++) {
		double sum[2] = { 0.0, 0.0 };

		for (size_t i = 0; i + lag < EH_PITCH_WINDOW; i++) {
			sum[0] += y[i] * y[i + lag];
			sum[1] += w[i] * w[i + lag];
		}
		r[lag] = sum[0] / energy[0] / (sum[1] / energy[1]);
	}
}

static void correlations_agree_lag_by_lag(void **state)
{
	static float x[2][EH_PITCH_WINDOW], r[2][EH_PITCH_LAGS], cross[EH_CROSS_LAGS];
	static double direct[EH_PITCH_LAGS];
	float *const to[2] = { r[0], r[1] };
	struct eh_spectrum *s = NULL;
	bool has[2] = { false, false };

	(void)state;
	for (size_t j = 0; j < 2; j++) {
		white_noise(x[j], EH_PITCH_WINDOW, j == 0 ? 0.2 : 0.0001, 22 + j);
		for (size_t i = 0; i < EH_PITCH_WINDOW; i++)
			x[j][i] += (float)((j == 0 ? 1.0 : 0.001) * sin((double)i / (9.0 + (double)j)));
	}
	assert_int_equal(eh_spectrum_open(&s, NULL), EH_OK);
	eh_spectrum_autocorrelation(s, (const float *const[2]){ x[0], x[1] }, to, has);
	for (size_t j = 0; j < 2; j++) {
		assert_true(has[j]);
		direct_autocorrelation(x[j], direct);
		for (size_t lag = 0; lag < EH_PITCH_LAGS; lag++)
			assert_near((double)r[j][lag], direct[lag], 1e-5, "autocorrelation");
	}
	eh_spectrum_cross(s, x[0], cross);
	for (size_t lag = 0; lag < EH_CROSS_LAGS; lag++) {
		double sum = 0.0;

		for (size_t i = 0; i < EH_CROSS_WINDOW; i++)
			sum += (double)x[0][i] * (double)x[0][i + lag];
		assert_near((double)cross[lag], sum, 1e-3, "cross product");
	}
	memset(x[0], 0, sizeof x[0]);
	eh_spectrum_autocorrelation(s, (const float *const[2]){ x[0], x[1] }, to, has);
	assert_true(!has[0] && has[1]);
	eh_spectrum_autocorrelation(s, (const float *const[2]){ x[0], NULL }, to, has);
	assert_true(!has[0] && !has[1]);
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
	assert_true(eh_roots(c, n, found_re, found_im, false));
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

/* Coefficients of a polynomial of degree 10 with five pairs, or four and two real roots. */
static void polynomial(const double *radius, const double *angle, bool real, double *c)
{
	memset(c, 0, 11 * sizeof *c);
	c[0] = 1.0;
	for (int p = 0; p < 5; p++) {
		bool on_axis = real && p == 4;
		double b = on_axis ? -(radius[p] - angle[p] / M_PI) : -2.0 * radius[p] * cos(angle[p]);
		double d = on_axis ? -radius[p] * angle[p] / M_PI : radius[p] * radius[p];

		for (int j = 10; j >= 1; j--)
			c[j] += b * c[j - 1] + (j >= 2 ? d * c[j - 2] : 0.0);
	}
}

/* Formants move a little from frame to frame, and now and then a pair becomes two real roots or back. */
static void roots_are_found_from_those_of_a_neighbour_too(void **state)
{
	double radius[5] = { 0.97, 0.95, 0.9, 0.85, 0.6 }, angle[5] = { 0.3, 0.9, 1.5, 2.1, 0.8 };
	double re[10] = { 0.0 }, im[10] = { 0.0 }, c[11] = { 0.0 };
	struct eh_rng rng;

	(void)state;
	eh_rng_seed(&rng, 9);
	for (int frame = 0; frame < 2000; frame++) {
		for (int p = 0; p < 5; p++) {
			radius[p] = fmin(0.995, fmax(0.3, radius[p] + 0.02 * eh_rng_normal(&rng)));
			angle[p] = fmin(3.0, fmax(0.1, angle[p] + 0.05 * eh_rng_normal(&rng)));
		}
		polynomial(radius, angle, frame % 7 < 3, c);
		assert_true(eh_roots(c, 10, re, im, frame > 0));
		for (int k = 0; k < 10; k++) {
			double pr = 1.0, pi = 0.0;

			for (int i = 1; i <= 10; i++) {
				double r = pr * re[k] - pi * im[k] + c[i];

				pi = pr * im[k] + pi * re[k];
				pr = r;
			}
			assert_near(hypot(pr, pi), 0.0, 1e-9, "value at a root");
			for (int j = 0; j < k; j++)     /* none is found twice: the drawn ones lie apart */
				if (hypot(re[j] - re[k], im[j] - im[k]) < 1e-7)
					fail_msg("root %.9g %+.9gi is there twice", re[k], im[k]);
		}
	}
}

/* Burg's recursion as it is written in textbooks, in doubles. */
static void direct_burg(const float *x, size_t n, double *k)
{
	static double f[EH_FORMANT_WINDOW], b[EH_FORMANT_WINDOW];

	for (size_t i = 0; i < n; i++)
		f[i] = b[i] = (double)x[i];
	for (size_t m = 0; m < EH_LPC_ORDER; m++) {
		double cross = 0.0, power = 0.0;

		for (size_t i = m + 1; i < n; i++) {
			cross += f[i] * b[i - 1];
			power += f[i] * f[i] + b[i - 1] * b[i - 1];
		}
		k[m] = -2.0 * cross / power;
		for (size_t i = n - 1; i > m; i--) {
			double ahead = f[i];

			f[i] = ahead + k[m] * b[i - 1];
			b[i] = b[i - 1] + k[m] * ahead;
		}
	}
}

static void reflections_are_those_of_the_lattice(void **state)
{
	static float x[EH_FORMANT_WINDOW];
	double direct[EH_LPC_ORDER] = { 0.0 };
	float k[EH_LPC_ORDER] = { 0.0f };

	(void)state;
	for (uint64_t seed = 0; seed < 40; seed++) {
		double p1 = 0.0, p2 = 0.0, radius = 0.7 + 0.0073 * (double)seed;
		size_t n = seed % 2 == 0 ? EH_FORMANT_WINDOW : 64;

		white_noise(x, n, 0.1, seed);
		for (size_t i = 0; i < n; i++) {        /* a resonance that is not windowed: the edges count */
			double v = (double)x[i] + 2.0 * radius * cos(0.4) * p1 - radius * radius * p2;

			p2 = p1;
			p1 = v;
			x[i] = (float)v;
		}
		eh_burg(x, n, k);
		direct_burg(x, n, direct);
		for (size_t m = 0; m < EH_LPC_ORDER; m++)
			assert_near((double)k[m], direct[m], 1e-6, "reflection coefficient");
	}
	memset(x, 0, sizeof x);
	eh_burg(x, EH_FORMANT_WINDOW, k);
	for (size_t m = 0; m < EH_LPC_ORDER; m++)
		assert_true(k[m] == 0.0f);
}

static void formants_and_bandwidths_are_those_of_the_resonators(void **state)
{
	static const double hz[4] = { 700.0, 1200.0, 2500.0, 3600.0 }, width[4] = { 60.0, 90.0, 120.0, 200.0 };
	static struct eh_formants f;
	double a[11] = { 1.0 }, b[11] = { 0.0 }, found[EH_FORMANTS] = { 0.0 }, wide[EH_FORMANTS] = { 0.0 };
	float k[EH_LPC_ORDER] = { 0.0f };

	(void)state;
	for (int p = 0; p < 5; p++) {
		double r = p < 4 ? exp(-M_PI * width[p] / 11000.0) : 0.3,
		       t = p < 4 ? 2.0 * M_PI * hz[p] / 11000.0 : 3.1;

		for (int j = 10; j >= 1; j--)
			a[j] += -2.0 * r * cos(t) * a[j - 1] + (j >= 2 ? r * r * a[j - 2] : 0.0);
	}
	for (int m = 10; m >= 1; m--) {         /* step down to the reflections */
		k[m - 1] = (float)a[m];
		for (int j = 0; j <= m; j++)
			b[j] = (a[j] - a[m] * a[m - j]) / (1.0 - a[m] * a[m]);
		memcpy(a, b, sizeof a);
	}
	eh_formants_init(&f);
	assert_int_equal(eh_formants_of(&f, k, found, wide), 4);
	for (int p = 0; p < 4; p++) {
		assert_near(found[p], hz[p], 1.0, "formant");
		assert_near(wide[p], width[p], 1.5, "bandwidth");
	}
	memset(k, 0, sizeof k);                 /* a flat prediction */
	assert_int_equal(eh_formants_of(&f, k, found, wide), 0);
}

static void every_indicator_says_what_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < EH_VOICE_N; i++) {
		const struct eh_indicator_info *info = &eh_voice_info[i];

		assert_memory_equal(info->name, "voice.", 6);
		assert_true(info->unit[0] != '\0' && info->what[0] != '\0' && info->source[0] != '\0');
		assert_true(info->kind == 'S' || info->kind == 'B' || info->kind == 'Q');
		assert_true(info->low < info->high);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(info->name, eh_voice_info[j].name);
	}
	assert_int_equal(eh_voice_info[EH_V_F0_MEDIAN].kind, 'S');
	assert_int_equal(eh_voice_info[EH_V_PAUSE_RATE].kind, 'B');
	assert_int_equal(eh_voice_info[EH_V_F1_P20].kind, 'B');
	assert_int_equal(eh_voice_info[EH_V_PITCH_AGREEMENT].kind, 'Q');
	assert_non_null(strstr(eh_voice_version(), "fftw"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cepstra_and_balance_are_those_of_a_direct_transform),
		cmocka_unit_test(the_spectrum_of_noise_agrees_bin_by_bin),
		cmocka_unit_test(correlations_agree_lag_by_lag),
		cmocka_unit_test(all_roots_are_found),
		cmocka_unit_test(roots_are_found_from_those_of_a_neighbour_too),
		cmocka_unit_test(reflections_are_those_of_the_lattice),
		cmocka_unit_test(formants_and_bandwidths_are_those_of_the_resonators),
		cmocka_unit_test(every_indicator_says_what_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
