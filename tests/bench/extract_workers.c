/* Bar of issue 3: two workers on two cores do at least 1.8 times the work of one.  Wall clock, so the machine has to be
 * idle: one and two workers take turns, and the best time of each counts. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tests/bench/extract_bench.h"

#define ROUNDS 5
#define FILES 8
#define SECONDS 20
#define BAR 1.8

static int count(void *ctx, const struct eh_extract_job *job, const struct eh_answer *answer, struct eh_err *err)
{
	(void)job;
	(void)err;
	*(int *)ctx += answer->status == EH_OK;
	return EH_OK;
}

/* [s] of wall clock; negative = failed. */
static double run(struct eh_extractor *x, const struct eh_extract_job *jobs, unsigned workers)
{
	struct eh_extract_settings settings = { workers, false };
	struct eh_err err = EH_ERR_INIT;
	int done = 0;
	double start = eh_monotonic();
	int rc = eh_extract_run(x, jobs, FILES, &settings, count, &done, NULL, &err);

	return rc == EH_OK && done == FILES ? eh_monotonic() - start : -1.0;
}

static bool measure(struct eh_extractor *x, const char *path)
{
	static struct eh_extract_job jobs[FILES];
	double one[ROUNDS], two[ROUNDS], speed = 0.0;

	for (int i = 0; i < FILES; i++) {
		(void)snprintf(jobs[i].candidate, sizeof jobs[i].candidate, "c%d", i);
		(void)snprintf(jobs[i].question, sizeof jobs[i].question, "q");
		(void)snprintf(jobs[i].path, sizeof jobs[i].path, "%s", path);
		jobs[i].want_face = jobs[i].want_voice = true;
	}
	for (int r = 0; r < ROUNDS; r++) {
		one[r] = run(x, jobs, 1);
		two[r] = run(x, jobs, 2);
		if (one[r] < 0 || two[r] < 0)
			return false;
		printf("  round %d: one worker %.2f s, two %.2f s: %.2f times\n", r + 1, one[r], two[r],
		       one[r] / two[r]);
	}
	speed = bench_min(one, ROUNDS) / bench_min(two, ROUNDS);
	printf("two workers / one worker, %d recordings of %d s at 640x480: %.2f times (best of %d each); bar %.1f: "
	       "%s\n",
	       FILES, SECONDS, speed, ROUNDS, BAR, speed >= BAR ? "met" : "MISSED");
	return speed >= BAR;
}

static int cores(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

int main(void)
{
	static const struct bench_clip clip = { 640, 480, 25, SECONDS, 1000, 1, "" };
	struct eh_extractor *x = NULL;
	struct eh_err err = EH_ERR_INIT;
	char path[128];
	bool ok = false;

	if (cores() < 2) {
		(void)fprintf(stderr, "one core only: two workers cannot be compared with one\n");
		return 3;
	}
	if (!bench_begin())
		return 3;
	(void)snprintf(path, sizeof path, "%s/clip.mp4", bench_dir());
	if (eh_extractor_open(&x, &err) != EH_OK)
		(void)fprintf(stderr, "%s\n", err.msg);
	else
		ok = bench_make("clip.mp4", &clip) && measure(x, path);
	eh_extractor_close(&x);
	bench_end();
	return ok ? 0 : 1;
}
