/* Bar: landmarks against hand-placed points, medians per group in % of IOD (mapping: facts/vision.md 11.2). */
#include "tests/bench/face_bench.h"

#include "face/gather.h"

#define TEMPLATE 189                    /* points of one photograph */
#define SETS 2

enum group { EYE_CORNERS, LIDS, MOUTH_CORNERS, NOSE_WINGS, CHIN, OTHERS, GROUPS };

static const struct {
	const char *name;
	double bar;                     /* [% of IOD], 0 = only shown */
} groups[GROUPS] = {
	{ "eye corners", 2.5 }, { "lids", 2.5 }, { "mouth corners", 2.5 }, { "nose wings", 4.5 }, { "chin", 6.0 },
	{ "lips, below nose", 0.0 },
};

static const struct {
	enum group group;
	int landmark, point;
} pairs[] = {
	{ EYE_CORNERS, 33, 18 }, { EYE_CORNERS, 263, 27 }, { EYE_CORNERS, 133, 22 }, { EYE_CORNERS, 362, 23 },
	{ LIDS, 159, 20 }, { LIDS, 386, 25 }, { LIDS, 145, 6 }, { LIDS, 374, 14 },
	{ MOUTH_CORNERS, 61, 87 }, { MOUTH_CORNERS, 291, 93 },
	{ NOSE_WINGS, 129, 62 }, { NOSE_WINGS, 358, 67 },
	{ CHIN, 152, 129 },
	{ OTHERS, 0, 90 }, { OTHERS, 17, 106 }, { OTHERS, 13, 96 }, { OTHERS, 14, 101 }, { OTHERS, 2, 55 },
};

#define N_PAIRS (sizeof pairs / sizeof pairs[0])

struct found {
	double v[SETS][GROUPS][4 * 140 + 140];
	size_t n[SETS][GROUPS];
};

/* The template points of one photograph: image, width, height, n_points, x0, y0, x1 ... */
static bool points_of(double (*out)[2], const char *csv, const char *name)
{
	const char *at = strstr(csv, name);
	const char *p = at != NULL ? strchr(at, ',') : NULL;
	char *end = NULL;

	if (p == NULL || strtol(p + 1, &end, 10) <= 0 || strtol(end + 1, &end, 10) <= 0 ||
	    strtol(end + 1, &end, 10) != TEMPLATE)
		return false;
	for (int i = 0; i < 2 * TEMPLATE; i++) {
		if (*end != ',')
			return false;
		out[i / 2][i % 2] = strtod(end + 1, &end);
	}
	return true;
}

static char *read_csv(const char *below)
{
	char *path = shared_dir(below), *text = eh_xcalloc(1, 1 << 20);
	FILE *f = fopen(path, "r");

	if (f != NULL) {
		text[fread(text, 1, (1 << 20) - 1, f)] = '\0';
		(void)fclose(f);
	}
	free(path);
	return text;
}

static void compare(struct found *all, size_t set, const float *xyz, const double (*points)[2])
{
	double iod = hypot((double)(xyz[3 * 33] - xyz[3 * 263]), (double)(xyz[3 * 33 + 1] - xyz[3 * 263 + 1]));

	for (size_t k = 0; k < N_PAIRS; k++) {
		const float *p = xyz + 3 * pairs[k].landmark;
		const double *q = points[pairs[k].point];

		all->v[set][pairs[k].group][all->n[set][pairs[k].group]++] =
			100.0 * hypot((double)p[0] - q[0], (double)p[1] - q[1]) / iod;
	}
}

static int report(struct found *all, const char *const names[SETS])
{
	int missed = 0;

	for (size_t s = 0; s < SETS; s++) {
		for (size_t g = 0; g < GROUPS; g++) {
			double *v = all->v[s][g], median = 0.0;
			size_t n = all->n[s][g];
			bool good = false;

			if (n == 0)
				return 1;
			median = eh_median(v, n);
			good = groups[g].bar <= 0.0 || median <= groups[g].bar;
			missed += good ? 0 : 1;
			printf("%-8s %-18s median %.2f  p95 %.2f %% of IOD", names[s], groups[g].name, median,
			       v[n * 95 / 100]);
			if (groups[g].bar > 0.0)
				printf("  (bar %.1f)%s", groups[g].bar, good ? "" : "  MISSED");
			printf("\n");
		}
	}
	return missed;
}

int main(void)
{
	static const char *const names[SETS] = { "3dsk", "canada" };
	static const char *const files[SETS] = { "data/landmarks/3dsk_webmorph.csv",
						 "data/landmarks/canada_webmorph.csv" };
	static struct found all;
	struct bench b;
	char *csv[SETS] = { NULL, NULL };
	int rc = bench_open(&b, "check-landmarks");

	if (rc != 0)
		goto out;
	for (size_t s = 0; s < SETS; s++)
		csv[s] = read_csv(files[s]);
	for (size_t i = 0; i < b.n; i++) {
		const char *name = bench_name(&b, i);
		size_t set = strncmp(name, names[0], strlen(names[0])) == 0 ? 0 : 1;
		struct eh_image im = bench_photo(&b, i);
		double points[TEMPLATE][2], presence = 0.0;
		float xyz[EH_LANDMARKS * 3];
		uint32_t faces = 0;

		if (eh_face_still(b.face, &im, xyz, &faces, &presence, NULL) == EH_OK && presence >= 0.5 &&
		    points_of(points, csv[set], name))
			compare(&all, set, xyz, (const double (*)[2])points);
		else
			printf("%s: not compared\n", name);
		picture_free(&im);
	}
	rc = report(&all, names);
	printf("landmarks: %zu photographs, %d medians above their bar\n", b.n, rc);
	rc = rc == 0 ? 0 : 1;
out:
	for (size_t s = 0; s < SETS; s++)
		free(csv[s]);
	bench_close(&b);
	return rc;
}
