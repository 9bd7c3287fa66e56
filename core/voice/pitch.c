/* Pitch candidates by autocorrelation; see pitch.h. */
#include "voice/pitch.h"

#include <math.h>
#include <string.h>

#include "voice/dot.h"

#define LEAST_R 0.225f                  /* half the voicing threshold, Boersma 1993: weaker maxima are no candidates */
#define LARGEST_R 0.999999f             /* the limit of single precision: a harmonics-to-noise ratio of 60 dB */
#define FIRST_LAG ((size_t)(EH_MEDIA_RATE / EH_PITCH_CEILING))
#define LAST_LAG ((size_t)(EH_MEDIA_RATE / EH_PITCH_FLOOR))
#define MIDDLE 264                      /* [samples] one period of the first floor around the middle of the frame */
_Static_assert(EH_MEDIA_RATE / 50 + EH_SINC_HALF + 1 < EH_PITCH_LAGS, "interpolation would leave the table");

void eh_pitch_init(struct eh_pitch *p)
{
	memset(p, 0, sizeof *p);
	eh_sinc_init(&p->sinc);
}

struct found {
	float lag[EH_CANDIDATES], rank[EH_CANDIDATES];
	uint32_t n;
};

/* Kept by rank: high strength, and short lag among equals. */
static void insert(struct found *c, float lag, float r)
{
	float own = r - (float)EH_PITCH_OCTAVE_COST * log2f(lag);
	uint32_t at = c->n;

	while (at > 0 && own > c->rank[at - 1])
		at--;
	if (at >= EH_CANDIDATES)
		return;
	if (c->n < EH_CANDIDATES)
		c->n++;
	for (uint32_t i = c->n - 1; i > at; i--) {
		c->rank[i] = c->rank[i - 1];
		c->lag[i] = c->lag[i - 1];
	}
	c->rank[at] = own;
	c->lag[at] = lag;
}

static float peak_of(const float *x)
{
	const float *middle = x + (EH_PITCH_WINDOW - MIDDLE) / 2;
	float mean = eh_sum(x, EH_PITCH_WINDOW) / (float)EH_PITCH_WINDOW, low = 0.0f, high = 0.0f;

	eh_extremes(middle, MIDDLE, &low, &high);
	return high - mean > mean - low ? high - mean : mean - low;
}

/* Is one of lag .. lag + 3 a maximum that counts?  Most are not. */
static bool any_maximum(const float *r, size_t lag)
{
	eh_lane4 v = eh_lane4_load(r + lag);
	eh_mask4 top = (v > LEAST_R) & (v > eh_lane4_load(r + lag - 1)) & (v >= eh_lane4_load(r + lag + 1));

	return (top[0] | top[1] | top[2] | top[3]) != 0;
}

static void candidates_of(const struct eh_pitch *p, const float *r, struct eh_frame *f)
{
	struct found c = { { 0.0f }, { 0.0f }, 0 };

	for (size_t lag = FIRST_LAG; lag <= LAST_LAG; lag++) {
		float height = 0.0f;

		while (lag + 3 <= LAST_LAG && !any_maximum(r, lag))
			lag += 4;
		if (r[lag] > LEAST_R && r[lag] > r[lag - 1] && r[lag] >= r[lag + 1]) {
			float d = eh_summit(r[lag - 1], r[lag], r[lag + 1], &height);

			insert(&c, (float)lag + d, height);
		}
	}
	f->candidates = (uint8_t)c.n;
	for (uint32_t i = 0; i < c.n; i++) {
		float height = 0.0f;

		eh_sinc_summit(&p->sinc, r, &c.lag[i], &height);
		height = height < LARGEST_R ? height : LARGEST_R;
		f->octave[i] = eh_code(EH_OCTAVE_SCALE, log2f(c.lag[i]));
		f->weakness[i] = eh_code(EH_WEAKNESS_SCALE, sqrtf(1.0f - height));
	}
}

/*
 * A voiced state is worth at most 1 and the octave cost of the widest range; an unvoiced one is worth more than that
 * and both changes of voicing where peak / full * (1 + voicing) / silence is below this (rate_states in path.c).
 */
#define MOST_OCTAVES 4.0                /* from 50 to 700 Hz, rounded up */
static const double hopeless =
	2.0 + EH_PITCH_VOICING - (1.0 + EH_PITCH_OCTAVE_COST * MOST_OCTAVES) - 2.0 * EH_PITCH_VOICING_COST;

void eh_pitch_candidates(struct eh_pitch *p, struct eh_spectrum *s, const float *const x[2],
			 struct eh_frame *const f[2], double full)
{
	float *const r[2] = { p->r[0], p->r[1] };
	const float *from[2] = { NULL, NULL };
	struct eh_frame *to[2] = { NULL, NULL };
	bool has[2] = { false, false };
	size_t n = 0;

	for (int j = 0; j < 2 && f[j] != NULL; j++) {
		f[j]->candidates = 0;
		f[j]->peak = peak_of(x[j]);
		if ((double)f[j]->peak * (1.0 + EH_PITCH_VOICING) / EH_PITCH_SILENCE < hopeless * full)
			continue;
		from[n] = x[j];
		to[n++] = f[j];
	}
	if (n > 0)
		eh_spectrum_autocorrelation(s, from, r, has);
	for (size_t j = 0; j < n; j++)
		if (has[j])
			candidates_of(p, p->r[j], to[j]);
}
