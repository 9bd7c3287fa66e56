/*
 * Bar: the same face under 45 known transforms, all 140 photographs (EVENHAND_FACES=10 takes ten, evenly spread):
 * median 0.7 and 95th percentile 2.0 % of IOD, no view missed.
 */
#include "tests/bench/face_bench.h"

#include "tests/core/face_views.h"

#define MEDIAN_BAR 0.7
#define HIGH_BAR 2.0

int main(void)
{
	static double at[POINTS][VIEWS];
	const char *want = getenv("EVENHAND_FACES");
	struct bench b;
	double *off = NULL, median = 0.0, high = 0.0;
	size_t faces = 0, n = 0, missed = 0;
	int rc = bench_open(&b, "check-transforms");

	if (rc != 0)
		goto out;
	faces = want != NULL && atoi(want) > 0 && (size_t)atoi(want) < b.n ? (size_t)atoi(want) : b.n;
	off = eh_xcalloc(faces * EH_LANDMARKS * VIEWS, sizeof *off);
	for (size_t i = 0; i < faces; i++) {
		struct eh_image im = bench_photo(&b, i * b.n / faces);
		double iod = 0.0;
		size_t views = all_views(b.face, &im, at, &iod);

		missed += VIEWS - views;
		if (views > 0)
			n += view_scatter(off + n, at, views, iod);
		picture_free(&im);
	}
	if (n > 0) {
		median = eh_median(off, n);     /* and now off is sorted */
		high = off[n * 95 / 100];
	}
	printf("transforms: %zu faces, %d views each, %zu missed: median %.3f (bar %.1f), 95th percentile %.3f "
	       "(bar %.1f) %% of IOD\n", faces, VIEWS, missed, median, MEDIAN_BAR, high, HIGH_BAR);
	rc = n > 0 && missed == 0 && median <= MEDIAN_BAR && high <= HIGH_BAR ? 0 : 1;
out:
	free(off);
	bench_close(&b);
	return rc;
}
