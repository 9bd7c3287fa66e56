/* Power spectrum and autocorrelation by FFTW; see spectrum.h. */
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
	float *in, *pitch_in;           /* SIMD-aligned by FFTW, as the arrays below */
	fftwf_complex *out, *pitch_out;
	fftwf_plan forward, pitch_forward, pitch_inverse;
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

int eh_spectrum_open(struct eh_spectrum **out, struct eh_err *err)
{
	struct eh_spectrum *s = NULL;
	int rc = EH_OK;

	*out = NULL;
	s = eh_try_calloc(1, sizeof *s);
	if (s == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the tables of the sound analysis");
	s->in = fftwf_alloc_real(EH_SPECTRUM_SIZE);
	s->out = fftwf_alloc_complex(EH_SPECTRUM_BINS);
	s->pitch_in = fftwf_alloc_real(EH_PITCH_SIZE);
	s->pitch_out = fftwf_alloc_complex(EH_PITCH_SIZE / 2 + 1);
	if (s->in == NULL || s->out == NULL || s->pitch_in == NULL || s->pitch_out == NULL) {
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for the buffers of the sound analysis");
		goto out;
	}
	s->forward = fftwf_plan_dft_r2c_1d(EH_SPECTRUM_SIZE, s->in, s->out, FFTW_ESTIMATE);
	s->pitch_forward = fftwf_plan_dft_r2c_1d(EH_PITCH_SIZE, s->pitch_in, s->pitch_out, FFTW_ESTIMATE);
	s->pitch_inverse = fftwf_plan_dft_c2r_1d(EH_PITCH_SIZE, s->pitch_out, s->pitch_in, FFTW_ESTIMATE);
	if (s->forward == NULL || s->pitch_forward == NULL || s->pitch_inverse == NULL) {
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
	fftwf_destroy_plan((*s)->forward);
	fftwf_destroy_plan((*s)->pitch_forward);
	fftwf_destroy_plan((*s)->pitch_inverse);
	fftwf_free((*s)->in);
	fftwf_free((*s)->out);
	fftwf_free((*s)->pitch_in);
	fftwf_free((*s)->pitch_out);
	free(*s);
	*s = NULL;
}

const char *eh_fftw_version(void)
{
	return fftwf_version;
}

static float mean_of(const float *x, size_t n)
{
	return eh_sum(x, n) / (float)n;
}

static void squares(float *out, const fftwf_complex *z, size_t n)
{
	for (size_t k = 0; k < n; k++)
		out[k] = z[k][0] * z[k][0] + z[k][1] * z[k][1];
}

void eh_spectrum_power(struct eh_spectrum *s, const float *x, float *power, float *energy)
{
	float mean = mean_of(x, EH_SPECTRUM_WINDOW);

	for (size_t i = 0; i < EH_SPECTRUM_WINDOW; i++)
		s->in[i] = x[i] - mean;
	*energy = eh_dot(s->in, s->in, EH_SPECTRUM_WINDOW) / (float)EH_SPECTRUM_WINDOW;
	for (size_t i = 0; i < EH_SPECTRUM_WINDOW; i++)
		s->in[i] *= s->hann[i];
	memset(s->in + EH_SPECTRUM_WINDOW, 0, (EH_SPECTRUM_SIZE - EH_SPECTRUM_WINDOW) * sizeof *s->in);
	fftwf_execute(s->forward);
	squares(power, s->out, EH_SPECTRUM_BINS);
}

int eh_spectrum_autocorrelation(struct eh_spectrum *s, const float *x, float *r)
{
	float mean = mean_of(x, EH_PITCH_WINDOW), scale = 0.0f;

	for (size_t i = 0; i < EH_PITCH_WINDOW; i++)
		s->pitch_in[i] = (x[i] - mean) * s->pitch_hann[i];
	if (eh_dot(s->pitch_in, s->pitch_in, EH_PITCH_WINDOW) < NO_ENERGY)
		return 0;
	memset(s->pitch_in + EH_PITCH_WINDOW, 0, (EH_PITCH_SIZE - EH_PITCH_WINDOW) * sizeof *s->pitch_in);
	fftwf_execute(s->pitch_forward);
	for (size_t k = 0; k <= EH_PITCH_SIZE / 2; k++) {
		float *z = s->pitch_out[k];

		z[0] = z[0] * z[0] + z[1] * z[1];
		z[1] = 0.0f;
	}
	fftwf_execute(s->pitch_inverse);
	scale = 1.0f / s->pitch_in[0];
	for (size_t lag = 0; lag < EH_PITCH_LAGS; lag++)
		r[lag] = s->pitch_in[lag] * scale * s->flatten[lag];
	return 1;
}
