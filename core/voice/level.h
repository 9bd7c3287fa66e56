/*
 * level.h - mean squares as levels.
 */
#ifndef EH_VOICE_LEVEL_H
#define EH_VOICE_LEVEL_H

#include <math.h>

#include "voice/series.h"

#define EH_LEAST_LEVEL (-100.0)         /* [dB re full scale] stands for digital zero; one step of 16 bits is -90 dB */
#define EH_LEVEL_SCALE ((struct eh_scale){ -110.0f, 0.002f })   /* up to 21 dB */

static inline double eh_level(double mean_square)
{
	double db = mean_square > 0.0 ? 10.0 * log10(mean_square) : EH_LEAST_LEVEL;

	return db > EH_LEAST_LEVEL ? db : EH_LEAST_LEVEL;
}

#endif
