/*
 * detect.h - where the faces of a picture are: the short-range and the full-range detector (facts/vision.md 6,
 * items 1 to 7).
 */
#ifndef EH_FACE_DETECT_H
#define EH_FACE_DETECT_H

#include <stdint.h>

#include "base/err.h"
#include "face/crop.h"
#include "face/net.h"

#define EH_DETECT_ANCHORS 2304          /* of the full-range detector, which has more */
#define EH_DETECT_VALUES 16             /* box and six key points */
#define EH_DETECT_POINTS 6
#define EH_DETECT_MAX 16                /* faces told apart; more are not counted */

struct eh_detection {
	double x, y, w, h;              /* centre and size; [px], before eh_detect_unbox 0..1 of the letterbox */
	double point[EH_DETECT_POINTS][2]; /* as seen: left eye, right eye, nose, mouth, left ear, right ear */
	double score;                   /* 0.5..1 */
};

/* One of the two nets.  The full-range one finds faces below a fifth of the picture's height, which the other
 * misses, at three times its cost (facts/vision.md 7 and 10). */
struct eh_detector {
	int side;                       /* [px] of the input */
	uint32_t anchors;               /* at most EH_DETECT_ANCHORS */
	struct {
		uint32_t cells, each;   /* cells x cells centres, so many anchors on each */
	} grid[2];
	double min_score;               /* kept from here */
	struct eh_net_shape shape;
};
extern const struct eh_detector eh_detector_short, eh_detector_full;

/* Anchor centre of a row of the net, in 0..1: grid after grid, each by y, x, anchor. */
void eh_detect_anchor(const struct eh_detector *kind, uint32_t row, double *x, double *y);

/*
 * Net outputs to faces, best score first, still in the letterboxed square (0..1).  regressors:
 * [kind->anchors][EH_DETECT_VALUES], scores: [kind->anchors] before the sigmoid.  Kept: score at least
 * kind->min_score; boxes that overlap the best (intersection over union above 0.3) are averaged with it, weighted
 * by score.  Returns the number of faces, 0..EH_DETECT_MAX.
 */
uint32_t eh_detect_decode(struct eh_detection *out, const struct eh_detector *kind, const float *regressors,
			  const float *scores);

/* From the letterboxed square to pixels of a picture of width x height. */
void eh_detect_unbox(struct eh_detection *d, int width, int height);

/* Letterbox, net, decode.  *n faces of the picture, in pixels. */
int eh_detect(struct eh_detection out[EH_DETECT_MAX], uint32_t *n, const struct eh_detector *kind, struct eh_net *net,
	      const struct eh_net_io *io, const struct eh_image *image, struct eh_err *err);

/*
 * Which of n >= 1 faces is the person of the interview: the largest, most central one, which is the greatest
 *   longer edge of the box * (1 - distance of its centre from the picture's centre / diagonal of the picture)
 * so that a face in the corner (factor 0.5) must be twice as large as one in the middle.  On a tie the better
 * score, which stands first.
 */
uint32_t eh_detect_choose(const struct eh_detection *d, uint32_t n, int width, int height);

/* The square that the mesh looks at first: turned by the line of the eyes, 1.5 times the box. */
struct eh_region eh_detect_region(const struct eh_detection *d);

#endif
