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
	eh_formants_reset(f);
	init_filter(f);
	f->pre_emphasis = (float)exp(-2.0 * M_PI * PRE_EMPHASIS_FROM / EH_FORMANT_RATE);
	for (size_t i = 0; i < EH_FORMANT_WINDOW; i++) {
		double d = ((double)i - middle) / (EH_FORMANT_WINDOW + 1);

		f->window[i] = (float)((exp(-48.0 * d * d) - edge) / (1.0 - edge));
	}
}

void eh_formants_reset(struct eh_formants *f)
{
	f->last = SIZE_MAX;
	f->rooted = false;
}

/* Resampled values m0..m0+n-1 of the frame that starts at x; value m lies at 16 m / 11 samples. */
static void resample(const struct eh_formants *f, const float *x, long m0, size_t n, float *out)
{
	long whole = m0 < 0 ? -2 : 16 * m0 / 11, phase = 16 * m0 - 11 * whole;

	for (size_t i = 0; i < n; i++) {
		*out++ = eh_dot(f->filter[phase], x + whole - (EH_RESAMPLE_HALF - 1), 2 * EH_RESAMPLE_HALF);
		phase += 5;
		whole += phase >= 11 ? 2 : 1;
		phase -= phase >= 11 ? 11 : 0;
	}
}

typedef double lane2 __attribute__((vector_size(16)));

static lane2 load2(const double *p)
{
	lane2 v = { 0.0, 0.0 };

	memcpy(&v, p, sizeof v);
	return v;
}

static void store2(double *p, lane2 v)
{
	memcpy(p, &v, sizeof v);
}

/* c[j] = sum of x[i] x[i + j], j < WIDE; x holds n samples, n even, and WIDE zeros behind them. */
#define WIDE 12                         /* EH_LPC_ORDER + 1, rounded up to whole lanes */
static void products(const double *x, size_t n, double *c)
{
	for (size_t j = 0; j < WIDE; j += 4) {
		lane2 s0 = { 0.0, 0.0 }, s1 = s0, s2 = s0, s3 = s0;

		for (size_t i = 0; i < n; i += 2) {
			lane2 own = load2(x + i);

			s0 += own * load2(x + i + j);
			s1 += own * load2(x + i + j + 1);
			s2 += own * load2(x + i + j + 2);
			s3 += own * load2(x + i + j + 3);
		}
		c[j] = s0[0] + s0[1];
		c[j + 1] = s1[0] + s1[1];
		c[j + 2] = s2[0] + s2[1];
		c[j + 3] = s3[0] + s3[1];
	}
}

/* row[i][j] = sum of x[t - i] x[t - j] over t = m .. n - 1, i, j <= m; what lies beyond is of no meaning. */
struct products {
	double c[WIDE];                 /* row 0 to come */
	double row[WIDE][WIDE + 2];
	double end[WIDE + 2];           /* end[j] = x[n - j] */
};

/* From the sums of order m - 1 to those of order m: one step along the diagonal and one sample less at each end. */
static void next_products(struct products *s, const double *x, size_t m)
{
	for (size_t i = m; i > 0; i--) {
		lane2 last = { s->end[i], s->end[i] };

		for (size_t j = 1; j <= m; j += 2)
			store2(s->row[i] + j, load2(s->row[i - 1] + j - 1) - last * load2(s->end + j));
	}
	for (size_t j = 0; j < m; j++)
		s->c[j] -= x[m - 1] * x[m - 1 - j];
	for (size_t j = 0; j <= m; j++)
		s->row[0][j] = s->row[j][0] = s->c[j];
}

/* Sums of the products (*cross) and of the squares (*power) of the forward errors and the backward ones a sample
 * before, both of the prediction a[0] .. a[m - 1]. */
static void errors(const struct products *s, const double *a, size_t m, double *cross, double *power)
{
	double ahead[WIDE] = { 0.0 }, back[WIDE] = { 0.0 };

	for (size_t i = 0; i < m; i++) {
		lane2 w = { a[i], a[i] };

		for (size_t j = 0; j <= m; j += 2) {
			store2(ahead + j, load2(ahead + j) + w * load2(s->row[i] + j));
			store2(back + j, load2(back + j) + w * load2(s->row[m - i] + j));
		}
	}
	*cross = *power = 0.0;
	for (size_t j = 0; j < m; j++) {
		*cross += a[j] * ahead[m - j];
		*power += a[j] * (ahead[j] + back[m - j]);
	}
}

/*
 * Each coefficient makes the sum of both prediction errors least.  The sums over the errors are those of the signal's
 * own products weighted by the coefficients found so far, so that the signal is walked through once and not twice per
 * order (the idea of Vos 2013, "A fast implementation of Burg's method"); in doubles, as they cancel.
 */
void eh_burg(const float *x, size_t n, float *k)
{
	double y[EH_FORMANT_WINDOW + WIDE] = { 0.0 }, a[WIDE] = { 1.0 }, before[WIDE] = { 0.0 };
	struct products s = { { 0.0 }, { { 0.0 } }, { 0.0 } };

	memset(k, 0, EH_LPC_ORDER * sizeof *k);
	for (size_t i = 0; i < n; i++)
		y[i] = (double)x[i];
	products(y, n, s.c);
	s.row[0][0] = s.c[0];
	for (size_t j = 1; j < WIDE; j++)
		s.end[j] = y[n - j];
	for (size_t m = 1; m <= EH_LPC_ORDER; m++) {
		double cross = 0.0, power = 0.0, next = 0.0;

		next_products(&s, y, m);
		errors(&s, a, m, &cross, &power);
		if (!(power > NO_ENERGY))
			return;
		next = -2.0 * cross / power;
		if (!(fabs(next) < 1.0))        /* all that is left is rounding */
			return;
		k[m - 1] = (float)next;
		memcpy(before, a, sizeof a);
		for (size_t i = 1; i <= m; i++)
			a[i] = before[i] + next * before[m - i];
	}
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

size_t eh_formants_of(struct eh_formants *f, const float *k, double *hz, double *width)
{
	double a[EH_LPC_ORDER + 1] = { 0.0 };
	size_t n = 0;

	step_up(k, a);
	if (a[EH_LPC_ORDER] == 0.0)     /* no energy below 5.5 kHz: ten roots in one point */
		return 0;
	f->rooted = eh_roots(a, EH_LPC_ORDER, f->re, f->im, f->rooted);
	for (size_t i = 0; f->rooted && i < EH_LPC_ORDER; i++) {
		double v = f->im[i] > 0.0 ? atan2(f->im[i], f->re[i]) * EH_FORMANT_RATE / (2.0 * M_PI) : 0.0;
		size_t at = n;

		if (!(v >= LOWEST && v <= HIGHEST))
			continue;
		while (at > 0 && v < hz[at - 1])
			at--;
		if (at >= EH_FORMANTS)
			continue;
		for (size_t j = n < EH_FORMANTS ? n : EH_FORMANTS - 1; j > at; j--) {
			hz[j] = hz[j - 1];
			width[j] = width[j - 1];
		}
		hz[at] = v;
		width[at] = -0.5 * log(f->re[i] * f->re[i] + f->im[i] * f->im[i]) * EH_FORMANT_RATE / M_PI;
		n = n < EH_FORMANTS ? n + 1 : n;
	}
	return n;
}

/* The value before the window's first is resampled too: pre-emphasis needs it. */
static void pre_emphasise(const struct eh_formants *f, float before, float *out)
{
	const float factor = f->pre_emphasis;

	out[0] = f->x[0] - factor * before;
	for (size_t m = 1; m + 4 <= EH_FORMANT_WINDOW; m += 4)
		eh_lane4_store(out + m, eh_lane4_load(f->x + m) - factor * eh_lane4_load(f->x + m - 1));
	out[EH_FORMANT_WINDOW - 1] = f->x[EH_FORMANT_WINDOW - 1] - factor * f->x[EH_FORMANT_WINDOW - 2];
}

void eh_formants_frame(struct eh_formants *f, const float *x, size_t i, uint16_t *feature)
{
	float framed[EH_FORMANT_WINDOW] = { 0.0f }, k[EH_LPC_ORDER] = { 0.0f }, before = 0.0f, mean = 0.0f;
	double hz[EH_FORMANTS] = { 0.0 }, width[EH_FORMANTS] = { 0.0 };
	size_t old = f->last + 1 == i && i > 0 ? EH_FORMANT_WINDOW - EH_FORMANT_HOP : 0, n = 0;

	memmove(f->x, f->x + (EH_FORMANT_WINDOW - old), old * sizeof *f->x);
	resample(f, x, (long)old, EH_FORMANT_WINDOW - old, f->x + old);
	f->last = i;
	resample(f, x, -1, 1, &before);
	pre_emphasise(f, before, framed);
	mean = eh_sum(framed, EH_FORMANT_WINDOW) / (float)EH_FORMANT_WINDOW;
	for (size_t m = 0; m < EH_FORMANT_WINDOW; m++)
		framed[m] = (framed[m] - mean) * f->window[m];
	eh_burg(framed, EH_FORMANT_WINDOW, k);
	n = eh_formants_of(f, k, hz, width);
	for (size_t j = 0; j < n; j++) {
		enum eh_feature at = (enum eh_feature)(EH_FE_F1 + j), wide = (enum eh_feature)(EH_FE_B1 + j);

		feature[at] = eh_code(eh_scale_of(at), (float)hz[j]);
		feature[wide] = eh_code(eh_scale_of(wide), (float)width[j]);
	}
}
