/* Long-term spectrum, its slopes, ratios and bandwidth; see balance.h. */
#include "voice/balance.h"

#include <math.h>
#include <string.h>

#define BAND_BINS 4u            /* 125 Hz: single bins of a short recording scatter by 10 dB and more */
#define BANDS ((EH_SPECTRUM_BINS - 1) / BAND_BINS)
#define BANDWIDTH_DEPTH 1e-4    /* -40 dB, facts/audio.md 6 */

void eh_balance_reset(struct eh_balance *b)
{
	memset(b, 0, sizeof *b);
}

void eh_balance_add(struct eh_balance *b, const float *power)
{
	for (size_t k = 0; k < EH_SPECTRUM_BINS; k++)
		b->sum[k] += (double)power[k];
}

static size_t bin_of(double hz)
{
	return (size_t)ceil(hz / EH_SPECTRUM_STEP);
}

static double energy(const struct eh_balance *b, double from, double below)
{
	double sum = 0.0;

	for (size_t k = bin_of(from); k < bin_of(below); k++)
		sum += b->sum[k];
	return sum;
}

static double largest(const struct eh_balance *b, double from, double below)
{
	double most = 0.0;

	for (size_t k = bin_of(from); k < bin_of(below); k++)
		most = fmax(most, b->sum[k]);
	return most;
}

static double decibel(double over, double under)
{
	return over > 0.0 && under > 0.0 ? 10.0 * log10(over / under) : (double)NAN;
}

/* Both limits included where a bin lies on them. */
static double slope(const struct eh_balance *b, double from, double to)
{
	size_t first = bin_of(from), last = (size_t)(to / EH_SPECTRUM_STEP);
	double n = (double)(last - first + 1), mean_f = 0.5 * (double)(first + last) * EH_SPECTRUM_STEP;
	double mean_db = 0.0, cross = 0.0, square = 0.0;

	for (size_t k = first; k <= last; k++) {
		if (!(b->sum[k] > 0.0))
			return (double)NAN;
		mean_db += 10.0 * log10(b->sum[k]) / n;
	}
	for (size_t k = first; k <= last; k++) {
		double f = (double)k * EH_SPECTRUM_STEP - mean_f;

		cross += f * (10.0 * log10(b->sum[k]) - mean_db);
		square += f * f;
	}
	return cross / square;
}

static double bandwidth(const struct eh_balance *b)
{
	double band[BANDS] = { 0.0 }, most = 0.0;

	for (size_t i = 0; i < BANDS; i++) {
		for (size_t k = 1; k <= BAND_BINS; k++)
			band[i] += b->sum[i * BAND_BINS + k];
		most = fmax(most, band[i]);
	}
	if (!(most > 0.0))
		return 0.0;
	for (size_t i = BANDS; i-- > 0;)
		if (band[i] >= most * BANDWIDTH_DEPTH)
			return (double)((i + 1) * BAND_BINS) * EH_SPECTRUM_STEP;
	return 0.0;
}

/* Band i around 1000 * 2^(i/3 - 3) Hz: exact thirds of an octave (IEC 61260-1, base two). */
static double third(const struct eh_balance *b, size_t i, double total)
{
	double centre = 1000.0 * exp2(((double)i - EH_THIRDS_BELOW) / 3.0), edge = exp2(1.0 / 6.0);

	return decibel(energy(b, centre / edge, centre * edge), total);
}

void eh_balance_finish(const struct eh_balance *b, struct eh_balance_values *out)
{
	double total = energy(b, EH_SPECTRUM_STEP, EH_MEDIA_RATE / 2.0 + 1.0);

	for (size_t i = 0; i < EH_THIRDS; i++)
		out->third[i] = third(b, i, total);
	out->alpha = decibel(energy(b, 1000.0, 5000.0), energy(b, EH_SPECTRUM_STEP, 1000.0));
	out->hammarberg = decibel(largest(b, EH_SPECTRUM_STEP, 2000.0), largest(b, 2000.0, 5000.0));
	out->slope_low = slope(b, EH_SPECTRUM_STEP, 500.0);
	out->slope_mid = slope(b, 500.0, 1500.0);
	out->bandwidth = bandwidth(b);
}
