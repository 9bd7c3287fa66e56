/* Cycle marks by waveform matching; see cycles.h. */
#include "voice/cycles.h"

#include <math.h>
#include <string.h>

#include "voice/dot.h"

#define HALF_HOP 80.0                   /* [samples] 5 ms */
#define SHORTEST_STEP 0.8               /* periods; the range Praat's manual states for its cross-correlation marks */
#define LONGEST_STEP 1.25
#define LEAST_ALIKE 0.5                 /* correlation below which a cycle has no successor, facts/audio.md 4.1 */
/* [periods] around the marks that are compared.  A whole period also compares what rings on from the cycle before and
 * reads the jitter of the known vowels 10 % low at the median, 0.6 of one 3 % (make check-vowels). */
#define ALIKE_OVER 0.6
#define NEAR_MARK 0.3                   /* periods around a mark in which its extreme is sought */
#define LEAST_HEIGHT 0.4                /* of the cycle before; below, only resonances of a voice that ended ring on */
#define PERIOD_RATIO 1.3                /* facts/audio.md 3, as the next ones */
#define TOP_RATIO 1.6
#define SHORTEST_PERIOD (0.0001 * EH_MEDIA_RATE)
#define LONGEST_PERIOD (0.02 * EH_MEDIA_RATE)

#define LAGS (EH_CYCLE_LONGEST / 2 + 2 * EH_SINC_HALF + 8)       /* 0.45 of the longest period and margins */
#define STRETCH (3 * EH_CYCLE_LONGEST)

void eh_cycles_init(struct eh_cycles *c)
{
	memset(c, 0, sizeof *c);
	eh_sinc_init(&c->sinc);
}

void eh_cycles_reset(struct eh_cycles *c)
{
	c->running = false;
}

static float mean_of(const float *x, long from, long n)
{
	return eh_sum(x + from, (size_t)n) / (float)n;
}

/* The extreme of sign * x within `reach` samples of `at`, between samples; *height is over the mean of one period. */
static double extreme(const struct eh_cycles *c, const float *x, double at, double reach, double period, float sign,
		      double *height)
{
	long first = lround(at - reach), last = lround(at + reach), best = first, n = lround(period);
	float near[2 * EH_SINC_HALF + 3] = { 0.0f }, where = EH_SINC_HALF + 1, top = 0.0f;

	for (long i = first; i <= last; i++)
		if (sign * x[i] > sign * x[best])
			best = i;
	for (long i = -EH_SINC_HALF - 1; i <= EH_SINC_HALF + 1; i++)
		near[i + EH_SINC_HALF + 1] = sign * x[best + i];
	where += eh_summit(near[EH_SINC_HALF], near[EH_SINC_HALF + 1], near[EH_SINC_HALF + 2], &top);
	eh_sinc_summit(&c->sinc, near, &where, &top);
	*height = (double)(top - sign * mean_of(x, lround(at) - n / 2, n));
	return (double)best + (double)where - (EH_SINC_HALF + 1);
}

/* A stretch of sound without its mean, and the n samples at its beginning that are compared. */
struct stretch {
	float y[STRETCH];
	size_t n;
	float own;                      /* energy of the n samples */
};

static void take_stretch(struct stretch *s, const float *x, long at, size_t n, size_t most_lag)
{
	const float *from = x + at - (long)(n / 2);
	size_t whole = n + most_lag;
	float mean = eh_sum(from, whole) / (float)whole;

	s->n = n;
	for (size_t i = 0; i < whole; i++)
		s->y[i] = from[i] - mean;
	s->own = eh_dot(s->y, s->y, n);
}

/* r[k]: normalised correlation with the sound first + k samples on, k < count. */
static void correlate(const struct stretch *s, size_t first, size_t count, float *r)
{
	float other = 0.0f;

	for (size_t k = 0; k < count; k++) {
		const float *on = s->y + first + k;

		if (k % 16 == 0)        /* anew before rounding piles up */
			other = eh_dot(on, on, s->n);
		r[k] = s->own > 0.0f && other > 0.0f ? eh_dot(s->y, on, s->n) / sqrtf(s->own * other) : 0.0f;
		other += on[s->n] * on[s->n] - on[0] * on[0];
	}
}

/* From the mark at `at` to the next; 0 where nothing is alike enough. */
static double next_step(const struct eh_cycles *c, const float *x, double at, double period)
{
	struct stretch s;
	float r[LAGS] = { 0.0f }, height = 0.0f, where = 0.0f;
	size_t shortest = (size_t)lround(SHORTEST_STEP * period), longest = (size_t)lround(LONGEST_STEP * period);
	size_t first = shortest - EH_SINC_HALF - 1, count = longest - shortest + 1, best = EH_SINC_HALF + 1;
	size_t need = 0, have = EH_SINC_HALF + 1 + count;

	take_stretch(&s, x, lround(at), (size_t)lround(ALIKE_OVER * period), longest + EH_SINC_HALF + 2);
	correlate(&s, shortest, count, r + EH_SINC_HALF + 1);
	for (size_t k = EH_SINC_HALF + 1; k < have; k++)
		best = r[k] > r[best] ? k : best;
	if (!((double)r[best] >= LEAST_ALIKE))
		return 0.0;
	/* interpolation reads a little beyond the range of the search where the best lies near its end */
	need = best + EH_SINC_HALF + 2;
	if (best < 2 * (EH_SINC_HALF + 1))
		correlate(&s, first, EH_SINC_HALF + 1, r);
	if (need > have)
		correlate(&s, first + have, need - have, r + have);
	where = (float)best + eh_summit(r[best - 1], r[best], r[best + 1], &height);
	eh_sinc_summit(&c->sinc, r, &where, &height);
	return (double)first + (double)where;
}

static bool close_to(double a, double b, double ratio)
{
	return a > 0.0 && b > 0.0 && a <= ratio * b && b <= ratio * a;
}

static void add_pair(struct eh_frame *f, double period, double before, double top, double top_before)
{
	if (!close_to(period, before, PERIOD_RATIO) || fmin(period, before) < SHORTEST_PERIOD ||
	    fmax(period, before) > LONGEST_PERIOD)
		return;
	f->period_change += (float)fabs(period - before);
	f->period_sum += (float)(0.5 * (period + before));
	if (!close_to(top, top_before, TOP_RATIO))
		return;
	f->top_change += (float)fabs(top - top_before);
	f->top_sum += (float)(0.5 * (top + top_before));
}

/* The chain begins at the largest distance from the mean within half a cycle of the middle. */
static void begin(struct eh_cycles *c, const float *x, double middle, double period)
{
	double up = 0.0, down = 0.0, at[2] = { 0.0, 0.0 };

	at[0] = extreme(c, x, 0.0, 0.5 * period, period, 1.0f, &up);
	at[1] = extreme(c, x, 0.0, 0.5 * period, period, -1.0f, &down);
	c->sign = down > up ? -1.0f : 1.0f;
	c->mark = middle + (down > up ? at[1] : at[0]);
	c->top = fmax(up, down);
	c->period = 0.0;
	c->running = true;
}

void eh_cycles_frame(struct eh_cycles *c, const float *x, double middle, double period, struct eh_frame *f)
{
	if (!(period > 0.0)) {
		c->running = false;
		return;
	}
	/* A chain that fell behind, by marks that lie before this frame's own stretch, begins anew. */
	if (!c->running || c->mark < middle - HALF_HOP - LONGEST_STEP * period)
		begin(c, x, middle, period);
	while (c->running && c->mark < middle + HALF_HOP) {
		double at = c->mark - middle, step = next_step(c, x, at, period), top = 0.0;

		if (step > 0.0)
			(void)extreme(c, x, at + step, NEAR_MARK * period, period, c->sign, &top);
		if (!(top > LEAST_HEIGHT * c->top)) {
			c->running = false;
			break;
		}
		if (c->period > 0.0)
			add_pair(f, step, c->period, top, c->top);
		c->mark += step;
		c->period = step;
		c->top = top;
	}
}
