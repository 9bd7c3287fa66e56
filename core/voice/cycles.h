/*
 * cycles.h - marks the cycles of the voice one by one and sums up how neighbours differ (jitter, shimmer).
 *
 * facts/audio.md 3: from the mark of one cycle the next is where the sound, one period long, is most like itself
 * (highest normalised correlation between 0.8 and 1.25 periods on), found between samples by band-limited
 * interpolation.  The height of a cycle is its extreme near the mark, likewise between samples.
 * jitter = mean |T(i) - T(i-1)| / mean T over pairs with ratio <= 1.3 and periods of 0.0001-0.02 s;
 * shimmer = mean |A(i) - A(i-1)| / mean A over those of them with ratio <= 1.6.
 */
#ifndef EH_VOICE_CYCLES_H
#define EH_VOICE_CYCLES_H

#include <stdbool.h>
#include <stddef.h>

#include "media/media.h"
#include "voice/series.h"
#include "voice/sinc.h"

#define EH_CYCLE_LONGEST 321            /* [samples], 50 Hz */
/* Sound readable before and behind the middle of a frame: a cycle before the mark, and up to 1.25 + 0.5 cycles from a
 * mark that lies half a frame's hop behind it, with the margin of the interpolation. */
#define EH_CYCLE_BEHIND 700
#define EH_CYCLE_AHEAD 700

struct eh_cycles {
	struct eh_sinc sinc;
	bool running;
	double mark;                    /* [samples] of the recording */
	double period, top;             /* of the last cycle; 0 = none yet */
	float sign;                     /* the direction in which the voice's extremes point, 1 or -1 */
};

void eh_cycles_init(struct eh_cycles *c);
void eh_cycles_reset(struct eh_cycles *c);

/*
 * Frames in order, every one.  middle: sample number of the frame's middle in the recording; x: that sample, readable
 * from x[-EH_CYCLE_BEHIND] to x[EH_CYCLE_AHEAD].  period: [samples] of the path, 0 = unvoiced: the chain of cycles is
 * broken.  Adds to the sums of f the pairs of cycles whose later mark lies in the 10 ms around the middle.
 */
void eh_cycles_frame(struct eh_cycles *c, const float *x, double middle, double period, struct eh_frame *f);

#endif
