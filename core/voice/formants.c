/* Resampling, Burg's method and formant frequencies; see formants.h. */
#include "voice/formants.h"

#include <math.h>
#include <string.h>

#include "media/media.h"
#include "voice/dot.h"
#include "voice/roots.h"

#define PRE_EMPHASIS_FROM 50.0          /* [Hz], facts/audio.md 3 */
#define LOWEST 50.0                     /* [Hz], facts/audio.md 3 */
#define HIGHEST 5450.0
#define NO_ENERGY 1e-20f                /* as for the autocorrelation: digital zero after rounding */
_Static_assert(EH_MEDIA_RATE * 11 == EH_FORMANT_RATE * 16, "the filter's phases are for 16 to 11 kHz");

static void init_filter(struct eh_formants *f)
{
	double share = (double)EH_FORMANT_RATE / EH_MEDIA_RATE;

	for (int phase = 0; phase < EH_RESAMPLE_PHASES; phase++) {
		double sum = 0.0, tap[2 * EH_RESAMPLE_HALF] = { 0.0 };

		for (int i = 0; i < 2 * EH_RESAMPLE_HALF; i++) {
			double d = (double)(i - EH_RESAMPLE_HALF + 1) - (double)phase / EH_RESAMPLE_PHASES;
			double sinc = fabs(d) < 1e-9 ? share : sin(M_PI * share * d) / (M_PI * d);

			tap[i] = sinc * (0.5 + 0.5 * cos(M_PI * d / (EH_RESAMPLE_HALF + 1)));
			sum += tap[i];
		}
		for (int i = 0; i < 2 * EH_RESAMPLE_HALF; i++)
			f->filter[phase][i] = (float)(tap[i] / sum);
	}
}

void eh_formants_init(struct eh_formants *f)
{
	/* A Gaussian that falls to e^-12 at the edges and is shifted to end at 0 there. */
	double edge = exp(-12.0), middle = 0.5 * (EH_FORMANT_WINDOW - 1);

	memset(f, 0, sizeof *f);
	init_filter(f);
	for (size_t i = 0; i < EH_FORMANT_WINDOW; i++) {
		double d = ((double)i - middle) / (EH_FORMANT_WINDOW + 1);

		f->window[i] = (float)((exp(-48.0 * d * d) - edge) / (1.0 - edge));
	}
}

/* Resampled and pre-emphasised values m0..m0+n-1 of the frame that starts at x. */
static void resample(struct eh_formants *f, const float *x, size_t m0, size_t n, float *out)
{
	const float factor = (float)exp(-2.0 * M_PI * PRE_EMPHASIS_FROM / EH_FORMANT_RATE);

	for (size_t m = m0; m < m0 + n; m++) {
		const float *from = x + (ptrdiff_t)(m * 16 / 11) - (EH_RESAMPLE_HALF - 1);
		float v = eh_dot(f->filter[m * 16 % 11], from, 2 * EH_RESAMPLE_HALF);

		*out++ = v - factor * f->before;
		f->before = v;
	}
}

/* One order of the lattice: f and b (n values each, f one sample ahead) become the next order's errors in place;
 * *cross and *power are the sums that give the next coefficient. */
static void lattice(float *f, float *b, size_t n, float k, float *cross, float *power)
{
	eh_lane4 c = { 0.0f, 0.0f, 0.0f, 0.0f }, p = c, k4 = { k, k, k, k };
	float c1 = 0.0f, p1 = 0.0f, ahead = 0.0f;
	size_t i = 0;

	/* Errors first, sums behind them: the sums pair f[i + 1] with b[i]. */
	for (; i + 4 <= n; i += 4) {
		eh_lane4 fi = eh_lane4_load(f + i), bi = eh_lane4_load(b + i);

		eh_lane4_store(f + i, fi + k4 * bi);
		eh_lane4_store(b + i, bi + k4 * fi);
	}
	for (; i < n; i++) {
		ahead = f[i];
		f[i] = ahead + k * b[i];
		b[i] += k * ahead;
	}
	for (i = 0; i + 5 <= n; i += 4) {
		eh_lane4 fi = eh_lane4_load(f + i + 1), bi = eh_lane4_load(b + i);

		c += fi * bi;
		p += fi * fi + bi * bi;
	}
	for (; i + 1 < n; i++) {
		c1 += f[i + 1] * b[i];
		p1 += f[i + 1] * f[i + 1] + b[i] * b[i];
	}
	*cross = eh_lane4_sum(c) + c1;
	*power = eh_lane4_sum(p) + p1;
}

/* Burg 1975: each coefficient makes the sum of both prediction errors least. */
static void burg(const float *x, float *k)
{
	float forward[EH_FORMANT_WINDOW] = { 0.0f }, backward[EH_FORMANT_WINDOW] = { 0.0f };
	float *f = forward, cross = 0.0f, power = 0.0f;
	size_t n = EH_FORMANT_WINDOW;

	memset(k, 0, EH_LPC_ORDER * sizeof *k);
	memcpy(forward, x, sizeof forward);
	memcpy(backward, x, sizeof backward);
	lattice(f, backward, n, 0.0f, &cross, &power);
	for (size_t m = 0; m < EH_LPC_ORDER && power > NO_ENERGY; m++) {
		k[m] = -2.0f * cross / power;
		f++;
		n--;
		lattice(f, backward, n, k[m], &cross, &power);
	}
}

void eh_formants_frame(struct eh_formants *f, const float *x, size_t i, int want, float *k)
{
	float framed[EH_FORMANT_WINDOW] = { 0.0f }, mean = 0.0f;
	size_t old = i == 0 ? 0 : EH_FORMANT_WINDOW - EH_FORMANT_HOP;

	if (i == 0)
		f->before = x[0];       /* as if the recording had begun earlier, at its first value */
	memmove(f->x, f->x + (EH_FORMANT_WINDOW - old), old * sizeof *f->x);
	resample(f, x, old, EH_FORMANT_WINDOW - old, f->x + old);
	if (!want)
		return;
	mean = eh_sum(f->x, EH_FORMANT_WINDOW) / (float)EH_FORMANT_WINDOW;
	for (size_t m = 0; m < EH_FORMANT_WINDOW; m++)
		framed[m] = (f->x[m] - mean) * f->window[m];
	burg(framed, k);
}

/* Coefficients of the prediction polynomial from the reflections (step-up recursion). */
static void step_up(const float *k, double *a)
{
	a[0] = 1.0;
	for (size_t m = 1; m <= EH_LPC_ORDER; m++) {
		double old[EH_LPC_ORDER + 1] = { 0.0 };

		memcpy(old, a, m * sizeof *a);
		for (size_t j = 1; j <= m; j++)
			a[j] = old[j] + (double)k[m - 1] * old[m - j];
	}
}

size_t eh_formants_of(const float *k, double *hz)
{
	double a[EH_LPC_ORDER + 1] = { 0.0 }, re[EH_LPC_ORDER] = { 0.0 }, im[EH_LPC_ORDER] = { 0.0 };
	size_t n = 0;

	step_up(k, a);
	if (a[EH_LPC_ORDER] == 0.0)     /* no energy below 5.5 kHz: ten roots in one point */
		return 0;
	if (!eh_roots(a, EH_LPC_ORDER, re, im))
		return 0;
	for (size_t i = 0; i < EH_LPC_ORDER; i++) {
		double f = atan2(im[i], re[i]) * EH_FORMANT_RATE / (2.0 * M_PI);
		size_t at = n;

		if (!(im[i] > 0.0 && f >= LOWEST && f <= HIGHEST))
			continue;
		while (at > 0 && f < hz[at - 1])
			at--;
		if (at >= EH_FORMANTS)
			continue;
		for (size_t j = n < EH_FORMANTS ? n : EH_FORMANTS - 1; j > at; j--)
			hz[j] = hz[j - 1];
		hz[at] = f;
		n = n < EH_FORMANTS ? n + 1 : n;
	}
	return n;
}
