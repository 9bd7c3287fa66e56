/* The face detectors; see detect.h.  All numbers: facts/vision.md 6. */
#include "face/detect.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define MAX_RAW 100.0                   /* scores are cut here before the sigmoid */
#define OVERLAP 0.3                     /* intersection over union above which two boxes are one face */
#define ENLARGE 1.5

#define SHORT_SIDE 128
#define SHORT_ANCHORS 896
#define FULL_SIDE 192
#define FULL_ANCHORS 2304

const struct eh_detector eh_detector_short = {
	SHORT_SIDE, SHORT_ANCHORS, { { 16, 2 }, { 8, 6 } }, 0.5,
	{ SHORT_SIDE * SHORT_SIDE * 3, { SHORT_ANCHORS * EH_DETECT_VALUES, SHORT_ANCHORS } }
};

const struct eh_detector eh_detector_full = {
	FULL_SIDE, FULL_ANCHORS, { { 48, 1 }, { 0, 0 } }, 0.6,
	{ FULL_SIDE * FULL_SIDE * 3, { FULL_ANCHORS * EH_DETECT_VALUES, FULL_ANCHORS } }
};

void eh_detect_anchor(const struct eh_detector *kind, uint32_t row, double *x, double *y)
{
	uint32_t first = kind->grid[0].cells * kind->grid[0].cells * kind->grid[0].each;
	int g = row < first ? 0 : 1;
	uint32_t cells = kind->grid[g].cells, cell = (g == 0 ? row : row - first) / kind->grid[g].each;

	*x = (cell % cells + 0.5) / cells;
	*y = (cell / cells + 0.5) / cells;
}

/* Box and points as one row of numbers, so that the weighted mean is one loop. */
enum { CX, CY, WIDTH, HEIGHT, N_VALUES = EH_DETECT_VALUES };

struct candidate {
	double v[N_VALUES];
	double score;
	bool taken;
};

static bool decode_row(struct candidate *c, const struct eh_detector *kind, uint32_t row, const float *r,
		       float raw)
{
	double ax = 0.0, ay = 0.0;
	double cut = fmin(fmax((double)raw, -MAX_RAW), MAX_RAW);

	c->taken = false;
	c->score = 1.0 / (1.0 + exp(-cut));
	if (!(c->score >= kind->min_score))
		return false;
	eh_detect_anchor(kind, row, &ax, &ay);
	for (int k = 0; k < N_VALUES; k++) {
		c->v[k] = (double)r[k] / kind->side;
		if (k != WIDTH && k != HEIGHT)
			c->v[k] += k % 2 == 0 ? ax : ay;
		if (!isfinite(c->v[k]))
			return false;
	}
	return c->v[WIDTH] > 0.0 && c->v[HEIGHT] > 0.0;
}

static double shared_length(double a, double length_a, double b, double length_b)
{
	double low = fmax(a - 0.5 * length_a, b - 0.5 * length_b);
	double high = fmin(a + 0.5 * length_a, b + 0.5 * length_b);

	return fmax(high - low, 0.0);
}

static double overlap(const struct candidate *a, const struct candidate *b)
{
	double both = shared_length(a->v[CX], a->v[WIDTH], b->v[CX], b->v[WIDTH]) *
		      shared_length(a->v[CY], a->v[HEIGHT], b->v[CY], b->v[HEIGHT]);

	return both / (a->v[WIDTH] * a->v[HEIGHT] + b->v[WIDTH] * b->v[HEIGHT] - both);
}

/* Takes the best and all that overlap it out of the candidates; their mean, weighted by score, is one face. */
static void merge(struct eh_detection *out, struct candidate *c, uint32_t n, uint32_t best)
{
	double sum[N_VALUES] = { 0.0 }, weight = 0.0;
	struct candidate top = c[best];

	for (uint32_t i = 0; i < n; i++) {
		if (c[i].taken || (i != best && !(overlap(&top, &c[i]) > OVERLAP)))
			continue;
		c[i].taken = true;
		weight += c[i].score;
		for (int k = 0; k < N_VALUES; k++)
			sum[k] += c[i].score * c[i].v[k];
	}
	for (int k = 0; k < N_VALUES; k++)
		sum[k] /= weight;
	out->x = sum[CX];
	out->y = sum[CY];
	out->w = sum[WIDTH];
	out->h = sum[HEIGHT];
	memcpy(out->point, sum + 4, sizeof out->point);
	out->score = top.score;
}

uint32_t eh_detect_decode(struct eh_detection *out, const struct eh_detector *kind, const float *regressors,
			  const float *scores)
{
	struct candidate c[EH_DETECT_ANCHORS];
	uint32_t n = 0, faces = 0;

	for (uint32_t row = 0; row < kind->anchors; row++)
		if (decode_row(&c[n], kind, row, regressors + (size_t)row * EH_DETECT_VALUES, scores[row]))
			n++;
	while (faces < EH_DETECT_MAX) {
		uint32_t best = n;

		for (uint32_t i = 0; i < n; i++)
			if (!c[i].taken && (best == n || c[i].score > c[best].score))
				best = i;
		if (best == n)
			break;
		merge(&out[faces++], c, n, best);
	}
	return faces;
}

void eh_detect_unbox(struct eh_detection *d, int width, int height)
{
	double longer = width > height ? width : height;
	double left = 0.5 * (longer - width), top = 0.5 * (longer - height);

	d->x = d->x * longer - left;
	d->y = d->y * longer - top;
	d->w *= longer;
	d->h *= longer;
	for (int k = 0; k < EH_DETECT_POINTS; k++) {
		d->point[k][0] = d->point[k][0] * longer - left;
		d->point[k][1] = d->point[k][1] * longer - top;
	}
}

int eh_detect(struct eh_detection out[EH_DETECT_MAX], uint32_t *n, const struct eh_detector *kind, struct eh_net *net,
	      const struct eh_net_io *io, const struct eh_image *image, struct eh_err *err)
{
	int rc = EH_OK;

	*n = 0;
	rc = eh_image_need(image, 0, 0, image->width, image->height, err);
	if (rc < 0)
		return rc;
	eh_letterbox(io->input, kind->side, image);
	rc = eh_net_run(net, err);
	if (rc < 0)
		return rc;
	*n = eh_detect_decode(out, kind, io->output[0], io->output[1]);
	for (uint32_t i = 0; i < *n; i++)
		eh_detect_unbox(&out[i], image->width, image->height);
	return EH_OK;
}

uint32_t eh_detect_choose(const struct eh_detection *d, uint32_t n, int width, int height)
{
	double diagonal = hypot(width, height), best = -1.0;
	uint32_t chosen = 0;

	for (uint32_t i = 0; i < n; i++) {
		double away = hypot(d[i].x - 0.5 * width, d[i].y - 0.5 * height);
		double rank = fmax(d[i].w, d[i].h) * (1.0 - fmin(away / diagonal, 0.5));

		if (rank > best) {
			best = rank;
			chosen = i;
		}
	}
	return chosen;
}

struct eh_region eh_detect_region(const struct eh_detection *d)
{
	double dx = d->point[1][0] - d->point[0][0], dy = d->point[1][1] - d->point[0][1];
	struct eh_region r = { d->x, d->y, ENLARGE * fmax(d->w, d->h), 0.0 };

	/* vision.md writes -atan2(-dy, dx), which is this */
	r.angle = atan2(dy, dx);
	return r;
}
