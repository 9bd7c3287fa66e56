/*
 * Bar: 100,000 candidates of 44 indicators (face 15, voice 20 and some more) by machines of 300, 1,000 and 2,000
 * support vectors, scale and calibration included, on all cores.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "learn/fit.h"
#include "tests/bench/learn_bench.h"

#define CANDIDATES 100000
#define WIDTH 44
#define BAR 20000.0                     /* [1/s] */

/* Random support vectors: the time does not depend on what was learnt. */
static struct eh_fit fit_make(size_t n_sv)
{
	struct eh_fit f = { .d = WIDTH, .k = 2, .columns = 1, .n_sv = n_sv };
	struct eh_rng rng;

	eh_rng_seed(&rng, 5);
	if (eh_scale_alloc(&f.scale, WIDTH, NULL) != EH_OK || eh_fit_alloc_vectors(&f, NULL) != EH_OK)
		exit(3);
	for (size_t j = 0; j < WIDTH; j++) {
		f.scale.lo[j] = -3.0;
		f.scale.hi[j] = 3.0;
		f.scale.inv_sd[j] = 1.0;
	}
	for (size_t i = 0; i < n_sv * WIDTH; i++)
		f.sv[i] = eh_rng_normal(&rng);
	for (size_t i = 0; i < n_sv; i++)
		f.column[0].coef[i] = eh_rng_normal(&rng);
	f.column[0].gamma = 1.0 / WIDTH;
	f.column[0].platt.a = -1.0;
	return f;
}

static int one_size(size_t n_sv, const double *raw, double *p)
{
	struct eh_fit f = fit_make(n_sv);
	char what[64];
	double begin = bench_now(), seconds = 0.0, alone = 0.0, q[2];
	size_t differ = 0;
	int missed = 0;

	if (eh_fit_apply_many(&f, raw, CANDIDATES, p, 0, NULL) != EH_OK)
		exit(3);
	seconds = bench_now() - begin;
	begin = bench_now();
	for (size_t i = 0; i < 1000; i++) {
		eh_fit_apply(&f, raw + i * WIDTH, q);
		differ += memcmp(q, p + 2 * i, sizeof q) != 0;
	}
	alone = bench_now() - begin;
	(void)snprintf(what, sizeof what, "%zu support vectors", n_sv);
	missed += bench_bar(what, CANDIDATES / seconds, "/s", 1, BAR);
	printf("  one by one on one core: %.0f /s\n", 1000 / alone);
	missed += bench_bar("  of 1,000 differ from the single call", (double)differ, "", 0, 0.0);
	eh_fit_free(&f);
	return missed;
}

int main(void)
{
	double *raw = bench_alloc((size_t)CANDIDATES * WIDTH, sizeof *raw), *p = bench_alloc(2 * CANDIDATES, sizeof *p);
	struct eh_rng rng;
	int missed = 0;

	eh_rng_seed(&rng, 6);
	for (size_t i = 0; i < (size_t)CANDIDATES * WIDTH; i++)
		raw[i] = eh_rng_normal(&rng);
	printf("%d candidates, %d indicators, %zu core(s)\n", CANDIDATES, WIDTH, eh_jobs(0));
	missed += one_size(300, raw, p);
	missed += one_size(1000, raw, p);
	missed += one_size(2000, raw, p);
	free(p);
	free(raw);
	return missed != 0;
}
