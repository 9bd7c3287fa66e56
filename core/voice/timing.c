/* Stretches of voice, pauses and syllables; see timing.h. */
#include "voice/timing.h"

#include <math.h>
#include <stdbool.h>

#include "voice/level.h"

#define PAUSE_FRAMES 25u                /* 0.25 s, facts/audio.md 3 */
#define BRIDGED_FRAMES 5u               /* timing.h */
#define SMOOTH 3                        /* frames to each side */
#define DIP 2.0                         /* [dB], facts/audio.md 3 */
#define BELOW_LOUDEST 25.0              /* [dB], de Jong & Wempe 2009 */

struct span {
	size_t first, last;             /* voiced frames */
	bool any;
};

static struct span span_of(const struct eh_series *s)
{
	struct span span = { 0, 0, false };

	for (size_t i = 0; i < s->n; i++) {
		if (eh_series_at(s, i)->chosen == EH_UNVOICED)
			continue;
		span.first = span.any ? span.first : i;
		span.last = i;
		span.any = true;
	}
	return span;
}

static void stretches(const struct eh_series *s, const struct span *span, struct eh_timing *out)
{
	size_t gap = 0;

	out->segments++;
	for (size_t i = span->first; i <= span->last; i++) {
		if (eh_series_at(s, i)->chosen == EH_UNVOICED) {
			gap++;
			continue;
		}
		out->segments += gap > BRIDGED_FRAMES ? 1 : 0;
		out->segment_frames += 1 + (gap <= BRIDGED_FRAMES ? gap : 0);
		out->pauses += gap >= PAUSE_FRAMES ? 1 : 0;
		out->pause_frames += gap >= PAUSE_FRAMES ? gap : 0;
		gap = 0;
	}
}

/* Triangular mean of the energies around frame i, as a level. */
static double smooth_level(const struct eh_series *s, size_t i)
{
	double sum = 0.0;

	for (int d = -SMOOTH; d <= SMOOTH; d++) {
		size_t at = i + (size_t)(d + SMOOTH);

		at = at < SMOOTH ? 0 : at - SMOOTH < s->n ? at - SMOOTH : s->n - 1;
		sum += (double)(SMOOTH + 1 - (d < 0 ? -d : d)) * (double)eh_series_at(s, at)->energy;
	}
	return eh_level(sum / ((SMOOTH + 1) * (SMOOTH + 1)));
}

/* Rising and falling by turns; a turn counts once the level has moved by DIP from the last extreme. */
static size_t nuclei(const struct eh_series *s, const struct span *span, const uint16_t *level)
{
	double least = eh_decode(EH_LEVEL_SCALE, eh_quantile(level, s->n, 0.99)) - BELOW_LOUDEST;
	double top = -INFINITY, valley = INFINITY;
	size_t n = 0;
	bool rising = true, voiced = false;

	for (size_t i = span->first; i <= span->last; i++) {
		double v = eh_decode(EH_LEVEL_SCALE, (double)level[i]);

		if (rising && v > top) {
			top = v;
			voiced = eh_series_at(s, i)->chosen != EH_UNVOICED;
		}
		valley = !rising && v < valley ? v : valley;
		if (rising && v <= top - DIP) {
			n += voiced && top >= least ? 1 : 0;
			rising = false;
			valley = v;
		} else if (!rising && v >= valley + DIP) {
			rising = true;
			top = v;
			voiced = eh_series_at(s, i)->chosen != EH_UNVOICED;
		}
	}
	return n + (rising && voiced && top >= least ? 1 : 0);
}

void eh_timing_add(struct eh_timing *t, const struct eh_series *s, uint16_t *scratch)
{
	struct span span = span_of(s);

	if (!span.any)
		return;
	t->frames += span.last - span.first + 1;
	stretches(s, &span, t);
	for (size_t i = 0; i < s->n; i++)
		scratch[i] = eh_code(EH_LEVEL_SCALE, (float)smooth_level(s, i));
	t->syllables += nuclei(s, &span, scratch);
}
