/* Mel bank and cepstral coefficients; see cepstra.h. */
#include "voice/cepstra.h"

#include <math.h>
#include <string.h>

#include "voice/dot.h"

#define MEL_LOW 20.0            /* [Hz], facts/audio.md 3, as the other constants here */
#define MEL_HIGH 8000.0
#define LIFTER 22.0
#define RELATIVE_FLOOR 1e-10f

static double mel(double hz)
{
	return 1127.0 * log(1.0 + hz / 700.0);
}

/* Triangles in mel, as the centres are spaced: 1 at the own centre, 0 at the neighbours'. */
static void init_band(struct eh_cepstra *c, size_t m)
{
	double step = (mel(MEL_HIGH) - mel(MEL_LOW)) / (EH_MEL_BANDS + 1);
	double centre = mel(MEL_LOW) + step * (double)(m + 1);
	size_t last = 0;

	c->first[m] = EH_SPECTRUM_BINS;
	for (size_t k = 0; k < EH_SPECTRUM_BINS; k++) {
		double w = 1.0 - fabs(mel((double)k * EH_SPECTRUM_STEP) - centre) / step;

		if (w <= 0.0)
			continue;
		c->weight[m][k] = (float)w;
		if (c->first[m] == EH_SPECTRUM_BINS)
			c->first[m] = (uint16_t)k;
		last = k;
	}
	c->count[m] = (uint16_t)(last + 1 - c->first[m]);
}

void eh_cepstra_init(struct eh_cepstra *c)
{
	memset(c, 0, sizeof *c);
	for (size_t m = 0; m < EH_MEL_BANDS; m++)
		init_band(c, m);
	for (size_t i = 0; i < EH_CEPSTRA; i++) {
		double n = (double)(i + 1);
		double scale = sqrt(2.0 / EH_MEL_BANDS) * (1.0 + 0.5 * LIFTER * sin(M_PI * n / LIFTER));

		for (size_t m = 0; m < EH_MEL_BANDS; m++)
			c->basis[i][m] = (float)(scale * cos(M_PI * n / EH_MEL_BANDS * ((double)m + 0.5)));
	}
}

bool eh_cepstra(const struct eh_cepstra *c, const float *power, float *out)
{
	float level[EH_MEL_BANDS] = { 0.0f }, sum = 0.0f, inverse = 0.0f;

	for (size_t m = 0; m < EH_MEL_BANDS; m++) {
		level[m] = eh_dot(c->weight[m] + c->first[m], power + c->first[m], c->count[m]);
		sum += level[m];
	}
	inverse = 1.0f / sum;
	if (!(sum > 0.0f) || !isfinite(inverse))
		return false;
	/* The common factor falls out of the cosine sums; taking it out first keeps the digits for what differs. */
	for (size_t m = 0; m < EH_MEL_BANDS; m++) {
		float v = level[m] * inverse;

		level[m] = logf(v > RELATIVE_FLOOR ? v : RELATIVE_FLOOR);
	}
	for (size_t i = 0; i < EH_CEPSTRA; i++)
		out[i] = eh_dot(c->basis[i], level, EH_MEL_BANDS);
	return true;
}
