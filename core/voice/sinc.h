/*
 * sinc.h - the summit of a band-limited curve between its samples.
 */
#ifndef EH_VOICE_SINC_H
#define EH_VOICE_SINC_H

#define EH_SINC_HALF 12                 /* [samples] each side */
#define EH_SINC_STEPS 8                 /* positions between two samples */
#define EH_SINC_REACH (EH_SINC_STEPS / 2 + 1)   /* half a sample and one position more */

struct eh_sinc {
	/* Row EH_SINC_REACH + q interpolates at q / EH_SINC_STEPS samples from the middle one. */
	float row[2 * EH_SINC_REACH + 1][2 * EH_SINC_HALF + 1];
};

void eh_sinc_init(struct eh_sinc *s);

/* Where the parabola through (-1, a), (0, b), (1, c) is highest, within -1..1; *height is its value there. */
float eh_summit(float a, float b, float c, float *height);

/* *at: position of a local maximum to within half a sample, readable EH_SINC_HALF samples to each side of the nearest
 * sample; made exact.  *height: the value there. */
void eh_sinc_summit(const struct eh_sinc *s, const float *x, float *at, float *height);

#endif
