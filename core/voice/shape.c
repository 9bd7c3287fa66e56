/* Moments, roll-off, flatness and flux of a power spectrum; see shape.h. */
#include "voice/shape.h"

#include <math.h>
#include <string.h>

#include "voice/dot.h"

#define N (EH_SPECTRUM_BINS - 1)
#define FLOOR 1e-10f            /* of the mean, as the mel bank's */
#define GROUP 16u               /* 16 factors of 1e-10 or of 256 are both far from a double's ends */

void eh_shape_reset(struct eh_shape *s)
{
	memset(s, 0, sizeof *s);
}

static void put(uint16_t *feature, enum eh_feature id, double v)
{
	feature[id] = eh_code(eh_scale_of(id), (float)v);
}

/* Central moments in bins. */
static void put_moments(const float *p, uint16_t *feature)
{
	eh_lane4 at = { 1.0f, 2.0f, 3.0f, 4.0f }, sum = { 0.0f, 0.0f, 0.0f, 0.0f }, s2 = sum, s3 = sum, s4 = sum;
	double mean = 0.0, m2 = 0.0;

	for (size_t k = 0; k < N; k += 4) {
		sum += eh_lane4_load(p + k) * at;
		at += 4.0f;
	}
	mean = (double)eh_lane4_sum(sum);
	at = (eh_lane4){ 1.0f, 2.0f, 3.0f, 4.0f } - (float)mean;
	for (size_t k = 0; k < N; k += 4) {
		eh_lane4 w = eh_lane4_load(p + k) * at * at;

		s2 += w;
		w *= at;
		s3 += w;
		s4 += w * at;
		at += 4.0f;
	}
	m2 = (double)eh_lane4_sum(s2);
	put(feature, EH_FE_CENTROID, mean * EH_SPECTRUM_STEP);
	put(feature, EH_FE_SD, sqrt(m2) * EH_SPECTRUM_STEP);
	if (!(m2 > 0.0))
		return;
	put(feature, EH_FE_SKEWNESS, (double)eh_lane4_sum(s3) / (m2 * sqrt(m2)));
	put(feature, EH_FE_KURTOSIS, (double)eh_lane4_sum(s4) / (m2 * m2) - 3.0);
}

/* A bin's power is spread evenly over the half steps around it. */
static void put_rolloff(const float *p, uint16_t *feature)
{
	static const double share[2] = { 0.85, 0.95 };
	static const enum eh_feature id[2] = { EH_FE_ROLLOFF85, EH_FE_ROLLOFF95 };
	double sum = 0.0;
	size_t k = 0;

	for (size_t i = 0; i < 2; i++) {
		while (k + 1 < N && sum + (double)p[k] < share[i])
			sum += (double)p[k++];
		double part = p[k] > 0.0f ? fmin(1.0, (share[i] - sum) / (double)p[k]) : 0.0;

		put(feature, id[i], ((double)k + 0.5 + part) * EH_SPECTRUM_STEP);
	}
}

/* The logarithm of a product is the sum of the logarithms, and 16 times as quick. */
static void put_flatness(const float *p, uint16_t *feature)
{
	double sum = 0.0;

	for (size_t at = 0; at < N; at += GROUP) {
		double product = 1.0;

		for (size_t k = at; k < at + GROUP; k++) {
			float v = (float)N * p[k];

			product *= (double)(v > FLOOR ? v : FLOOR);
		}
		sum += log10(product);
	}
	put(feature, EH_FE_FLATNESS, 10.0 * sum / N);
}

void eh_shape_frame(struct eh_shape *s, const float *power, uint16_t *feature)
{
	float p[N] = { 0.0f }, square = 0.0f, sum = eh_sum(power + 1, N);
	eh_lane4 inverse = { 0.0f, 0.0f, 0.0f, 0.0f };

	if (!(sum > 0.0f) || !isfinite(1.0f / sum)) {
		memset(s, 0, sizeof *s);
		return;
	}
	inverse += 1.0f / sum;
	for (size_t k = 0; k < N; k += 4)
		eh_lane4_store(p + k, eh_lane4_load(power + 1 + k) * inverse);
	if (feature != NULL) {
		float away[N] = { 0.0f };

		put_moments(p, feature);
		put_rolloff(p, feature);
		put_flatness(p, feature);
		for (size_t k = 0; k < N; k += 4)
			eh_lane4_store(away + k, eh_lane4_load(p + k) - eh_lane4_load(s->before + k));
		square = eh_dot(away, away, N);
		if (s->before[0] > 0.0f || eh_sum(s->before, N) > 0.0f)
			put(feature, EH_FE_FLUX, sqrt((double)square));
	}
	memcpy(s->before, p, sizeof p);
}
