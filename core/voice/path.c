/* The cheapest path through the pitch candidates, of the whole recording and while it passes; see pitch.h. */
#include "voice/pitch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* facts/audio.md 4.2 */
#define FIRST_FLOOR 60.0                /* [Hz] */
#define FIRST_CEILING 600.0
#define LOW_QUARTILE_WITHOUT 100.0      /* [Hz] quartiles assumed where the first pass finds no voice */
#define HIGH_QUARTILE_WITHOUT 200.0

/* A range as octaves of the lag, and the amplitude below which a frame begins to be silent (0: none is). */
struct limits {
	double shortest, longest, full;
};

static struct limits limits_of(struct eh_pitch_range range, double full)
{
	return (struct limits){ log2(EH_MEDIA_RATE / range.ceiling), log2(EH_MEDIA_RATE / range.floor), full };
}

static void rate_states(struct eh_path_states *t, const struct eh_frame *f, const struct limits *l)
{
	double loudness = l->full > 0.0 ? (double)f->peak / l->full * (1.0 + EH_PITCH_VOICING) / EH_PITCH_SILENCE : 2.0;

	t->n = (uint32_t)f->candidates + 1;
	t->octave[0] = 0.0f;
	t->strength[0] = EH_PITCH_VOICING + (loudness < 2.0 ? 2.0 - loudness : 0.0);
	for (uint32_t i = 1; i < t->n; i++) {
		double octave = eh_frame_octave(f, (uint8_t)(i - 1));

		t->octave[i] = (float)octave;
		t->strength[i] = octave < l->shortest || octave > l->longest
			? -INFINITY
			: eh_frame_r(f, (uint8_t)(i - 1)) - EH_PITCH_OCTAVE_COST * (octave - l->longest);
	}
}

static double change_cost(const struct eh_path_states *from, uint32_t a, const struct eh_path_states *to, uint32_t b)
{
	if (a == 0 || b == 0)
		return a == b ? 0.0 : EH_PITCH_VOICING_COST;
	return EH_PITCH_OCTAVE_JUMP * (double)fabsf(from->octave[a] - to->octave[b]);
}

/* Viterbi, one frame on; back: EH_STATES.  On equal totals the lower state wins, so unvoiced before voiced. */
static void step(struct eh_path *p, const struct eh_frame *f, const struct limits *l, uint8_t *back)
{
	struct eh_path_states now = { { 0.0f }, { 0.0 }, 0 };
	double next[EH_STATES] = { 0.0 };

	rate_states(&now, f, l);
	for (uint32_t b = 0; b < now.n; b++) {
		double most = p->n == 0 ? 0.0 : -INFINITY;
		uint32_t from = 0;

		for (uint32_t a = 0; a < p->old.n; a++) {
			double sum = p->total[a] - change_cost(&p->old, a, &now, b);

			if (sum > most) {
				most = sum;
				from = a;
			}
		}
		next[b] = most + now.strength[b];
		back[b] = (uint8_t)from;
	}
	memcpy(p->total, next, sizeof p->total);
	p->old = now;
	p->n++;
}

static uint32_t best_end(const struct eh_path *p)
{
	uint32_t best = 0;

	for (uint32_t a = 1; a < p->old.n; a++)
		if (p->total[a] > p->total[best])
			best = a;
	return best;
}

void eh_path_reset(struct eh_path *p)
{
	memset(p, 0, sizeof *p);
}

void eh_path_add(struct eh_path *p, const struct eh_frame *f, double full)
{
	const struct limits widest = limits_of((struct eh_pitch_range){ EH_PITCH_FLOOR, EH_PITCH_CEILING }, full);

	step(p, f, &widest, p->back[p->n % EH_PATH_RING]);
}

void eh_path_trace(const struct eh_path *p, size_t from, uint8_t *candidate)
{
	uint32_t state = best_end(p);

	for (size_t i = p->n; i-- > from;) {
		candidate[i - from] = state == 0 ? EH_UNVOICED : (uint8_t)(state - 1);
		state = p->back[i % EH_PATH_RING][state];
	}
}

/* back: [n][EH_STATES] */
static void find_path(const struct eh_series *s, struct eh_pitch_range range, double full, uint8_t *back)
{
	const struct limits l = limits_of(range, full);
	struct eh_path p;
	uint32_t state = 0;

	eh_path_reset(&p);
	for (size_t i = 0; i < s->n; i++)
		step(&p, eh_series_at(s, i), &l, back + i * EH_STATES);
	state = best_end(&p);
	for (size_t i = s->n; i-- > 0;) {
		eh_series_at(s, i)->chosen = state == 0 ? EH_UNVOICED : (uint8_t)(state - 1);
		state = back[i * EH_STATES + state];
	}
}

/* facts/audio.md 4.2: floor = max(50, .75 q25), ceiling = min(700, 2 q75) */
static struct eh_pitch_range second_range(const struct eh_series *s, uint16_t *scratch)
{
	double low = LOW_QUARTILE_WITHOUT, high = HIGH_QUARTILE_WITHOUT;
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct eh_frame *f = eh_series_at(s, i);

		f->first = f->chosen;
		if (f->chosen != EH_UNVOICED)
			scratch[n++] = f->octave[f->chosen];
	}
	if (n > 0) {    /* the longer the lag, the lower the pitch */
		low = EH_MEDIA_RATE / exp2(eh_decode(EH_OCTAVE_SCALE, eh_quantile(scratch, n, 0.75)));
		high = EH_MEDIA_RATE / exp2(eh_decode(EH_OCTAVE_SCALE, eh_quantile(scratch, n, 0.25)));
	}
	return (struct eh_pitch_range){ fmax(EH_PITCH_FLOOR, 0.75 * low), fmin(EH_PITCH_CEILING, 2.0 * high) };
}

int eh_pitch_track(const struct eh_series *s, double full, struct eh_pitch_range *second, struct eh_err *err)
{
	struct eh_pitch_range range = { FIRST_FLOOR, FIRST_CEILING };
	uint8_t *back = NULL;
	uint16_t *scratch = NULL;
	int rc = EH_OK;

	if (s->n == 0)
		return EH_OK;
	back = eh_try_malloc(s->n, EH_STATES);
	scratch = eh_try_malloc(s->n, sizeof *scratch);
	if (back == NULL || scratch == NULL) {
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for the pitch of %zu frames of sound", s->n);
		goto out;
	}
	find_path(s, range, full, back);
	range = second_range(s, scratch);
	find_path(s, range, full, back);
	if (second != NULL)
		*second = range;
out:
	free(back);
	free(scratch);
	return rc;
}
