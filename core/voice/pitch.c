/* Pitch candidates by autocorrelation and the path through them; see pitch.h. */
#include "voice/pitch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "voice/dot.h"

/* facts/audio.md 3 and 4.2 */
#define VOICING 0.45
#define SILENCE 0.03
#define OCTAVE_COST 0.01
#define OCTAVE_JUMP 0.35
#define VOICING_COST 0.14
#define FIRST_FLOOR 60.0                /* [Hz] */
#define FIRST_CEILING 600.0
#define LOW_QUARTILE_WITHOUT 100.0      /* [Hz] quartiles assumed where the first pass finds no voice */
#define HIGH_QUARTILE_WITHOUT 200.0

#define LEAST_R ((float)(0.5 * VOICING))        /* Boersma 1993: weaker maxima are no candidates */
#define LARGEST_R 0.999999f             /* the limit of single precision: a harmonics-to-noise ratio of 60 dB */
#define FIRST_LAG ((size_t)(EH_MEDIA_RATE / EH_PITCH_CEILING))
#define LAST_LAG ((size_t)(EH_MEDIA_RATE / EH_PITCH_FLOOR))
#define MIDDLE 268                      /* [samples] one period of the first floor around the middle of the frame */
_Static_assert(EH_MEDIA_RATE / 50 + EH_SINC_HALF + 1 < EH_PITCH_LAGS, "interpolation would leave the table");

void eh_pitch_init(struct eh_pitch *p)
{
	memset(p, 0, sizeof *p);
	for (int q = -EH_SINC_REACH; q <= EH_SINC_REACH; q++)
		for (int i = -EH_SINC_HALF; i <= EH_SINC_HALF; i++) {
			double d = (double)i - (double)q / EH_SINC_STEPS;
			double sinc = fabs(d) < 1e-9 ? 1.0 : sin(M_PI * d) / (M_PI * d);
			double taper = 0.5 + 0.5 * cos(M_PI * d / (EH_SINC_HALF + 1));

			p->sinc[q + EH_SINC_REACH][i + EH_SINC_HALF] = (float)(sinc * taper);
		}
}

/* Summit of the parabola through (-1, a), (0, b), (1, c); *height is its value there. */
static float summit(float a, float b, float c, float *height)
{
	float bend = 2.0f * b - a - c, lean = 0.5f * (c - a), d = 0.0f;

	*height = b;
	if (!(bend > 0.0f))
		return 0.0f;
	d = lean / bend;
	if (fabsf(d) > 1.0f)
		d = d > 0.0f ? 1.0f : -1.0f;
	*height = b + 0.5f * lean * d;
	return d;
}

/* A parabola over whole lags errs by several per mille at high pitch: look again on a finer raster. */
static void refine(const struct eh_pitch *p, float *lag, float *r)
{
	int middle = (int)lroundf(*lag);
	int q = (int)lroundf((*lag - (float)middle) * EH_SINC_STEPS);
	float v[3] = { 0.0f, 0.0f, 0.0f }, d = 0.0f;

	for (int i = -1; i <= 1; i++)
		v[i + 1] = eh_dot(p->sinc[q + i + EH_SINC_REACH], p->r + middle - EH_SINC_HALF, 2 * EH_SINC_HALF + 1);
	d = summit(v[0], v[1], v[2], r);
	*lag = (float)middle + ((float)q + d) / EH_SINC_STEPS;
	if (*r > LARGEST_R)
		*r = LARGEST_R;
}

/* Rank of a candidate while the range is still open: high strength, and short lag among equals. */
static double rank_of(float lag, float r)
{
	return (double)r - OCTAVE_COST * log2(EH_PITCH_FLOOR / EH_MEDIA_RATE * (double)lag);
}

static void insert(struct eh_frame *f, double *rank, float lag, float r)
{
	double own = rank_of(lag, r);
	uint32_t at = f->candidates;

	while (at > 0 && own > rank[at - 1])
		at--;
	if (at >= EH_CANDIDATES)
		return;
	if (f->candidates < EH_CANDIDATES)
		f->candidates++;
	for (uint32_t i = f->candidates - 1; i > at; i--) {
		rank[i] = rank[i - 1];
		f->lag[i] = f->lag[i - 1];
		f->r[i] = f->r[i - 1];
	}
	rank[at] = own;
	f->lag[at] = lag;
	f->r[at] = r;
}

static float peak_of(const float *x)
{
	float mean = eh_sum(x, EH_PITCH_WINDOW) / (float)EH_PITCH_WINDOW, peak = 0.0f;

	for (size_t i = (EH_PITCH_WINDOW - MIDDLE) / 2; i < (EH_PITCH_WINDOW + MIDDLE) / 2; i++) {
		float d = fabsf(x[i] - mean);

		peak = d > peak ? d : peak;
	}
	return peak;
}

void eh_pitch_candidates(struct eh_pitch *p, struct eh_spectrum *s, const float *x, struct eh_frame *f)
{
	double rank[EH_CANDIDATES] = { 0.0 };
	const float *r = p->r;

	f->candidates = 0;
	f->peak = peak_of(x);
	if (!eh_spectrum_autocorrelation(s, x, p->r))
		return;
	for (size_t lag = FIRST_LAG; lag <= LAST_LAG; lag++) {
		float height = 0.0f, d = 0.0f;

		if (!(r[lag] > LEAST_R && r[lag] > r[lag - 1] && r[lag] >= r[lag + 1]))
			continue;
		d = summit(r[lag - 1], r[lag], r[lag + 1], &height);
		insert(f, rank, (float)lag + d, height);
	}
	for (uint32_t i = 0; i < f->candidates; i++)
		refine(p, &f->lag[i], &f->r[i]);
}

/* State 0 is "unvoiced", state i + 1 the frame's candidate i. */
#define STATES (EH_CANDIDATES + 1)

struct states {
	double octave[STATES];          /* log2 of the lag */
	double strength[STATES];
	uint32_t n;
};

static void rate_states(struct states *t, const struct eh_frame *f, struct eh_pitch_range range, double full)
{
	double loudness = (double)f->peak / full * (1.0 + VOICING) / SILENCE;

	t->n = f->candidates + 1;
	t->octave[0] = 0.0;
	t->strength[0] = VOICING + (loudness < 2.0 ? 2.0 - loudness : 0.0);
	for (uint32_t i = 0; i < f->candidates; i++) {
		double hz = eh_pitch_hz(f, (uint8_t)i);

		t->octave[i + 1] = log2((double)f->lag[i]);
		t->strength[i + 1] = hz < range.floor || hz > range.ceiling
			? -INFINITY
			: (double)f->r[i] - OCTAVE_COST * (t->octave[i + 1] + log2(range.floor / EH_MEDIA_RATE));
	}
}

static double change_cost(const struct states *from, uint32_t a, const struct states *to, uint32_t b)
{
	if (a == 0 && b == 0)
		return 0.0;
	if (a == 0 || b == 0)
		return VOICING_COST;
	return OCTAVE_JUMP * fabs(from->octave[a] - to->octave[b]);
}

/* Viterbi; back: [n][STATES].  On equal totals the lower state wins, so unvoiced before voiced. */
static void find_path(const struct eh_series *s, struct eh_pitch_range range, double full, uint8_t *back,
		      uint8_t *chosen)
{
	struct states old = { { 0.0 }, { 0.0 }, 0 }, now = old;
	double total[STATES] = { 0.0 }, next[STATES] = { 0.0 };
	uint32_t best = 0;

	for (size_t i = 0; i < s->n; i++) {
		rate_states(&now, eh_series_at(s, i), range, full);
		for (uint32_t b = 0; b < now.n; b++) {
			double most = -INFINITY;
			uint32_t from = 0;

			for (uint32_t a = 0; a < old.n; a++) {
				double sum = total[a] - change_cost(&old, a, &now, b);

				if (sum > most) {
					most = sum;
					from = a;
				}
			}
			next[b] = (i == 0 ? 0.0 : most) + now.strength[b];
			back[i * STATES + b] = (uint8_t)from;
		}
		memcpy(total, next, sizeof total);
		old = now;
	}
	for (uint32_t a = 1; a < old.n; a++)
		if (total[a] > total[best])
			best = a;
	for (size_t i = s->n; i-- > 0;) {
		chosen[i] = best == 0 ? EH_PITCH_UNVOICED : (uint8_t)(best - 1);
		best = back[i * STATES + best];
	}
}

/* facts/audio.md 4.2: floor = max(50, .75 q25), ceiling = min(700, 2 q75) */
static struct eh_pitch_range second_range(const struct eh_series *s, const uint8_t *chosen, float *hz)
{
	double low = LOW_QUARTILE_WITHOUT, high = HIGH_QUARTILE_WITHOUT;
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (chosen[i] != EH_PITCH_UNVOICED)
			hz[n++] = (float)eh_pitch_hz(eh_series_at(s, i), chosen[i]);
	if (n > 0) {
		low = eh_quantile(hz, n, 0.25);
		high = eh_quantile(hz, n, 0.75);
	}
	return (struct eh_pitch_range){ fmax(EH_PITCH_FLOOR, 0.75 * low), fmin(EH_PITCH_CEILING, 2.0 * high) };
}

int eh_pitch_track(const struct eh_series *s, double full, uint8_t *chosen, struct eh_pitch_range *second,
		   struct eh_err *err)
{
	struct eh_pitch_range range = { FIRST_FLOOR, FIRST_CEILING };
	uint8_t *back = NULL;
	float *hz = NULL;
	int rc = EH_OK;

	if (s->n == 0)
		goto out;
	back = eh_try_malloc(s->n, STATES);
	hz = eh_try_malloc(s->n, sizeof *hz);
	if (back == NULL || hz == NULL) {
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for the pitch of %zu frames of sound", s->n);
		goto out;
	}
	find_path(s, range, full, back, chosen);
	range = second_range(s, chosen, hz);
	find_path(s, range, full, back, chosen);
	if (second != NULL)
		*second = range;
out:
	free(back);
	free(hz);
	return rc;
}
