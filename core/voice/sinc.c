/* Band-limited interpolation; see sinc.h. */
#include "voice/sinc.h"

#include <math.h>

#include "voice/dot.h"

void eh_sinc_init(struct eh_sinc *s)
{
	for (int q = -EH_SINC_REACH; q <= EH_SINC_REACH; q++)
		for (int i = -EH_SINC_HALF; i <= EH_SINC_HALF; i++) {
			double d = (double)i - (double)q / EH_SINC_STEPS;
			double sinc = fabs(d) < 1e-9 ? 1.0 : sin(M_PI * d) / (M_PI * d);
			double taper = 0.5 + 0.5 * cos(M_PI * d / (EH_SINC_HALF + 1));

			s->row[q + EH_SINC_REACH][i + EH_SINC_HALF] = (float)(sinc * taper);
		}
}

float eh_summit(float a, float b, float c, float *height)
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

/* A parabola over whole samples errs by several per mille where the curve is narrow: look again on a finer raster. */
void eh_sinc_summit(const struct eh_sinc *s, const float *x, float *at, float *height)
{
	int middle = (int)lroundf(*at);
	int q = (int)lroundf((*at - (float)middle) * EH_SINC_STEPS);
	float v[3] = { 0.0f, 0.0f, 0.0f };

	for (int i = -1; i <= 1; i++)
		v[i + 1] = eh_dot(s->row[q + i + EH_SINC_REACH], x + middle - EH_SINC_HALF, 2 * EH_SINC_HALF + 1);
	*at = (float)middle + ((float)q + eh_summit(v[0], v[1], v[2], height)) / EH_SINC_STEPS;
}
