/* Power spectrum and correlations by FFTW; see spectrum.h. */
#include "voice/spectrum.h"

#include <fftw3.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "voice/dot.h"

#define NO_ENERGY 1e-20f        /* far below one step of 24-bit sound in every frame: digital zero after rounding */

struct eh_spectrum {
	float hann[EH_SPECTRUM_WINDOW];
	float pitch_hann[EH_PITCH_WINDOW];
	float flatten[EH_PITCH_LAGS];   /* r_w(0) / r_w(lag) of pitch_hann */
	float frame[2][EH_PITCH_WINDOW];
	float *in, *out;                /* complex, SIMD-aligned by FFTW; room for the longer transform */
	fftwf_plan spectrum, pitch, back;
};

static void make_hann(float *w, size_t n)
{
	for (size_t i = 0; i < n; i++)
		w[i] = (float)(0.5 - 0.5 * cos(2.0 * M_PI * ((double)i + 0.5) / (double)n));
}

static void make_flatten(struct eh_spectrum *s)
{
	double zero = 0.0;

	for (size_t lag = 0; lag < EH_PITCH_LAGS; lag++) {
		double sum = 0.0;

		for (size_t i = 0; i + lag < EH_PITCH_WINDOW; i++)
			sum += (double)s->pitch_hann[i] * (double)s->pitch_hann[i + lag];
		if (lag == 0)
			zero = sum;
		s->flatten[lag] = (float)(zero / sum);
	}
}

static fftwf_plan plan(struct eh_spectrum *s, int size, int sign)
{
	return fftwf_plan_dft_1d(size, (fftwf_complex *)s->in, (fftwf_complex *)s->out, sign, FFTW_ESTIMATE);
}

int eh_spectrum_open(struct eh_spectrum **out, struct eh_err *err)
{
	struct eh_spectrum *s = NULL;
	int rc = EH_OK;

	*out = NULL;
	s = eh_try_calloc(1, sizeof *s);
	if (s == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the tables of the sound analysis");
	s->in = fftwf_alloc_real(2 * EH_PITCH_SIZE);
	s->out = fftwf_alloc_real(2 * EH_PITCH_SIZE);
	if (s->in == NULL || s->out == NULL) {
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for the buffers of the sound analysis");
		goto out;
	}
	s->spectrum = plan(s, EH_SPECTRUM_SIZE, FFTW_FORWARD);
	s->pitch = plan(s, EH_PITCH_SIZE, FFTW_FORWARD);
	s->back = plan(s, EH_PITCH_SIZE, FFTW_BACKWARD);
	if (s->spectrum == NULL || s->pitch == NULL || s->back == NULL) {
		rc = eh_err_set(err, EH_EENV, "FFTW made no plan for %d and %d points; reinstall libfftw3-single3",
				EH_SPECTRUM_SIZE, EH_PITCH_SIZE);
		goto out;
	}
	make_hann(s->hann, EH_SPECTRUM_WINDOW);
	make_hann(s->pitch_hann, EH_PITCH_WINDOW);
	make_flatten(s);
	*out = s;
	s = NULL;
out:
	eh_spectrum_close(&s);
	return rc;
}

void eh_spectrum_close(struct eh_spectrum **s)
{
	if (s == NULL || *s == NULL)
		return;
	fftwf_destroy_plan((*s)->spectrum);
	fftwf_destroy_plan((*s)->pitch);
	fftwf_destroy_plan((*s)->back);
	fftwf_free((*s)->in);
	fftwf_free((*s)->out);
	free(*s);
	*s = NULL;
}

const char *eh_fftw_version(void)
{
	return fftwf_version;
}

/* n is a multiple of 4 in all that follows. */
static void subtract_mean(float *out, const float *x, size_t n)
{
	float mean = eh_sum(x, n) / (float)n;
	eh_lane4 m = { mean, mean, mean, mean };

	for (size_t i = 0; i < n; i += 4)
		eh_lane4_store(out + i, eh_lane4_load(x + i) - m);
}

static void weigh(float *x, const float *w, size_t n)
{
	for (size_t i = 0; i < n; i += 4)
		eh_lane4_store(x + i, eh_lane4_load(x + i) * eh_lane4_load(w + i));
}

/* 1 / |x| where there is energy, else 0: the frame is then silent for its partner. */
static float unit_of(float energy)
{
	return energy >= NO_ENERGY ? 1.0f / sqrtf(energy) : 0.0f;
}

/* a * x + i b * y, then zeros up to `size` points, in s->in. */
static void interleave(struct eh_spectrum *s, const float *x, float a, const float *y, float b, size_t n, size_t size)
{
	eh_lane4 va = { a, a, a, a }, vb = { b, b, b, b };

	for (size_t i = 0; i < n; i += 4) {
		eh_lane4 re = va * eh_lane4_load(x + i), im = vb * eh_lane4_load(y + i);

		eh_lane4_store(s->in + 2 * i, __builtin_shufflevector(re, im, 0, 4, 1, 5));
		eh_lane4_store(s->in + 2 * i + 4, __builtin_shufflevector(re, im, 2, 6, 3, 7));
	}
	memset(s->in + 2 * n, 0, 2 * (size - n) * sizeof *s->in);
}

/*
 * The transform z of x + i y, both real: 4 |X(k)|^2 + 4 i |Y(k)|^2 of two neighbouring k from a = z(k), z(k + 1) and
 * b = z(n - k), z(n - k - 1): X(k) = (a + b*) / 2, Y(k) = (a - b*) / 2i.
 */
static eh_lane4 two_powers(eh_lane4 a, eh_lane4 b)
{
	eh_lane4 sum = a + b, diff = a - b;

	sum *= sum;
	diff *= diff;
	return __builtin_shufflevector(sum, diff, 0, 4, 2, 6) + __builtin_shufflevector(diff, sum, 1, 5, 3, 7);
}

/* z(n - k), z(n - k - 1) for k >= 1. */
static eh_lane4 mirrored(const float *z, size_t n, size_t k)
{
	eh_lane4 v = eh_lane4_load(z + 2 * (n - k - 1));

	return __builtin_shufflevector(v, v, 2, 3, 0, 1);
}

void eh_spectrum_power(struct eh_spectrum *s, const float *const x[2], float *const power[2], float energy[2])
{
	const size_t n = EH_SPECTRUM_WINDOW, size = EH_SPECTRUM_SIZE;
	float unit[2] = { 0.0f, 0.0f }, scale[2] = { 0.0f, 0.0f };

	for (int j = 0; j < 2; j++) {
		energy[j] = 0.0f;
		if (x[j] == NULL)
			continue;
		subtract_mean(s->frame[j], x[j], n);
		energy[j] = eh_dot(s->frame[j], s->frame[j], n) / (float)n;
		weigh(s->frame[j], s->hann, n);
		unit[j] = unit_of(energy[j]);
		scale[j] = unit[j] > 0.0f ? 0.25f * energy[j] : 0.0f;
	}
	interleave(s, s->frame[0], unit[0], s->frame[1], unit[1], n, size);
	fftwf_execute(s->spectrum);
	for (int j = 0; j < 2 && x[j] != NULL; j++)     /* bins 0 and 256 mirror themselves */
		for (size_t k = 0; k <= size / 2; k += size / 2)
			power[j][k] = 4.0f * scale[j] * s->out[2 * k + (size_t)j] * s->out[2 * k + (size_t)j];
	for (size_t k = 1; k < size / 2; k += 2) {
		eh_lane4 p = two_powers(eh_lane4_load(s->out + 2 * k), mirrored(s->out, size, k));
		size_t more = k + 1 < size / 2 ? 1 : 0;

		power[0][k] = scale[0] * p[0];
		power[0][k + more] = scale[0] * p[2 * more];
		if (x[1] == NULL)
			continue;
		power[1][k] = scale[1] * p[1];
		power[1][k + more] = scale[1] * p[2 * more + 1];
	}
}

/* The two functions in s->out, each over its value at lag 0. */
static void spread(const struct eh_spectrum *s, float *const r[2], const bool has[2])
{
	float first = has[0] ? 1.0f / s->out[0] : 0.0f, second = has[1] ? 1.0f / s->out[1] : 0.0f;

	for (size_t lag = 0; lag < EH_PITCH_LAGS; lag += 4) {
		eh_lane4 a = eh_lane4_load(s->out + 2 * lag), b = eh_lane4_load(s->out + 2 * lag + 4);
		eh_lane4 flatten = eh_lane4_load(s->flatten + lag);

		if (has[0])
			eh_lane4_store(r[0] + lag, __builtin_shufflevector(a, b, 0, 2, 4, 6) * first * flatten);
		if (has[1])
			eh_lane4_store(r[1] + lag, __builtin_shufflevector(a, b, 1, 3, 5, 7) * second * flatten);
	}
}

void eh_spectrum_autocorrelation(struct eh_spectrum *s, const float *const x[2], float *const r[2], bool has[2])
{
	const size_t n = EH_PITCH_WINDOW, size = EH_PITCH_SIZE;
	float unit[2] = { 0.0f, 0.0f };

	for (int j = 0; j < 2; j++) {
		has[j] = false;
		if (x[j] == NULL)
			continue;
		subtract_mean(s->frame[j], x[j], n);
		weigh(s->frame[j], s->pitch_hann, n);
		unit[j] = unit_of(eh_dot(s->frame[j], s->frame[j], n));
		has[j] = unit[j] > 0.0f;
	}
	if (!has[0] && !has[1])
		return;
	interleave(s, s->frame[0], unit[0], s->frame[1], unit[1], n, size);
	fftwf_execute(s->pitch);
	/* Spectra of powers are even, so their transform back is two real functions in one again. */
	for (size_t k = 0; k <= size / 2; k += size / 2)
		for (size_t j = 0; j < 2; j++)
			s->in[2 * k + j] = 4.0f * s->out[2 * k + j] * s->out[2 * k + j];
	for (size_t k = 1; k < size / 2; k += 2) {
		eh_lane4 p = two_powers(eh_lane4_load(s->out + 2 * k), mirrored(s->out, size, k));

		if (k + 1 < size / 2)
			eh_lane4_store(s->in + 2 * k, p);
		else
			memcpy(s->in + 2 * k, &p, 2 * sizeof *s->in);
		if (k + 1 < size / 2)
			eh_lane4_store(s->in + 2 * (size - k - 1), __builtin_shufflevector(p, p, 2, 3, 0, 1));
		else
			memcpy(s->in + 2 * (size - k), &p, 2 * sizeof *s->in);
	}
	fftwf_execute(s->back);
	spread(s, r, has);
}

void eh_spectrum_cross(struct eh_spectrum *s, const float *x, float *c)
{
	const size_t size = EH_PITCH_SIZE;
	const float *z = s->out;

	/* the short stretch as real part, the whole frame as imaginary one */
	memcpy(s->frame[0], x, EH_CROSS_WINDOW * sizeof *x);
	memset(s->frame[0] + EH_CROSS_WINDOW, 0, (EH_PITCH_WINDOW - EH_CROSS_WINDOW) * sizeof *x);
	interleave(s, s->frame[0], 1.0f, x, 1.0f, EH_PITCH_WINDOW, size);
	fftwf_execute(s->pitch);
	for (size_t k = 0; k < size; k++) {
		size_t m = k == 0 ? 0 : size - k;
		float ar = z[2 * k] + z[2 * m], ai = z[2 * k + 1] - z[2 * m + 1];      /* 2 A(k) */
		float br = z[2 * k + 1] + z[2 * m + 1], bi = z[2 * m] - z[2 * k];      /* 2 B(k) */

		s->in[2 * k] = ar * br + ai * bi;
		s->in[2 * k + 1] = ar * bi - ai * br;
	}
	fftwf_execute(s->back);
	for (size_t lag = 0; lag < EH_CROSS_LAGS; lag++)
		c[lag] = s->out[2 * lag] / (4.0f * (float)size);
}
