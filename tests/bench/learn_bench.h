/*
 * learn_bench.h - the data of facts/learning.md 3 and the clock, for the bars of the learning.
 */
#ifndef TESTS_BENCH_LEARN_BENCH_H
#define TESTS_BENCH_LEARN_BENCH_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "base/rng.h"

#define BENCH_SHIFTED 20                /* columns that tell the class */
#define BENCH_SHIFT 0.25

struct bench_rows {
	double *x;                      /* [n][d] */
	int8_t *label;
	int32_t *group;
	uint32_t *owner, *fold;
};

static inline void *bench_alloc(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (p == NULL) {
		fprintf(stderr, "out of memory\n");
		exit(3);
	}
	return p;
}

/* Classes alternate; d independent N(0, 1), the first 20 moved by +-.25 with the class; fold (i / 2) mod 5. */
static inline struct bench_rows bench_rows(size_t n, size_t d)
{
	struct bench_rows r = { bench_alloc(n * d, sizeof(double)), bench_alloc(n, 1), bench_alloc(n, sizeof(int32_t)),
				bench_alloc(n, sizeof(uint32_t)), bench_alloc(n, sizeof(uint32_t)) };
	struct eh_rng rng;

	eh_rng_seed(&rng, 3);
	for (size_t i = 0; i < n; i++) {
		r.group[i] = i % 2 == 1;
		r.label[i] = r.group[i] ? 1 : -1;
		r.owner[i] = (uint32_t)i;
		r.fold[i] = (uint32_t)(i / 2 % 5);
		for (size_t j = 0; j < d; j++)
			r.x[i * d + j] = eh_rng_normal(&rng) + (j < BENCH_SHIFTED ? BENCH_SHIFT * r.label[i] : 0.0);
	}
	return r;
}

static inline void bench_free(struct bench_rows *r)
{
	free(r->fold);
	free(r->owner);
	free(r->group);
	free(r->label);
	free(r->x);
}

static inline double bench_now(void)    /* [s] */
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static inline double bench_peak(void)   /* [MiB] resident, at most so far */
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	return (double)u.ru_maxrss / 1024.0;
}

/* Prints figure and bar; 1 when it is missed. */
static inline int bench_bar(const char *what, double figure, const char *unit, int at_least, double bar)
{
	int missed = at_least ? !(figure >= bar) : !(figure <= bar);

	printf("%-44s %12.4g %-5s bar %s %g: %s\n", what, figure, unit, at_least ? ">=" : "<=", bar,
	       missed ? "MISSED" : "met");
	return missed;
}

#endif
