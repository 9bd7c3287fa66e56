/* The period of a frame by its difference function; see yin.h. */
#include "voice/yin.h"

#include "voice/dot.h"
#include "voice/sinc.h"

#define THRESHOLD 0.15          /* facts/audio.md 3 gives 0.1-0.15 */
#define FIRST_LAG 22u           /* 700 to 50 Hz, the range of the first method */
#define LAST_LAG (EH_CROSS_LAGS - 1u)
#define NO_ENERGY 1e-20

/* d'(lag) for lag <= LAST_LAG; false without energy. */
static bool differences(struct eh_spectrum *s, const float *x, double *d)
{
	float y[EH_PITCH_WINDOW] = { 0.0f }, cross[EH_CROSS_LAGS] = { 0.0f };
	float mean = eh_sum(x, EH_PITCH_WINDOW) / (float)EH_PITCH_WINDOW;
	double own = 0.0, moved = 0.0, total = 0.0;

	for (size_t i = 0; i < EH_PITCH_WINDOW; i++)
		y[i] = x[i] - mean;
	own = moved = (double)eh_dot(y, y, EH_CROSS_WINDOW);
	if (!(own > NO_ENERGY))
		return false;
	eh_spectrum_cross(s, y, cross);
	d[0] = 1.0;
	for (size_t lag = 1; lag <= LAST_LAG; lag++) {
		double in = (double)y[lag + EH_CROSS_WINDOW - 1], out = (double)y[lag - 1], raw = 0.0;

		moved += in * in - out * out;
		raw = own + moved - 2.0 * (double)cross[lag];
		total += raw > 0.0 ? raw : 0.0;
		d[lag] = total > 0.0 ? raw * (double)lag / total : 1.0;
	}
	return true;
}

float eh_yin(struct eh_spectrum *s, const float *x)
{
	double d[EH_CROSS_LAGS] = { 0.0 };
	size_t best = FIRST_LAG, lag = FIRST_LAG;
	float height = 0.0f;

	if (!differences(s, x, d))
		return 0.0f;
	for (; lag < LAST_LAG && d[lag] >= THRESHOLD; lag++)
		if (d[lag] < d[best])
			best = lag;
	if (lag < LAST_LAG) {
		while (lag + 1 < LAST_LAG && d[lag + 1] < d[lag])
			lag++;
		best = lag;
	}
	return (float)best + eh_summit(-(float)d[best - 1], -(float)d[best], -(float)d[best + 1], &height);
}
