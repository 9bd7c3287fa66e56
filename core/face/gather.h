/*
 * gather.h - one row of indicators per gated picture, and their summaries at the end.
 */
#ifndef EH_FACE_GATHER_H
#define EH_FACE_GATHER_H

#include <stddef.h>
#include <stdint.h>

#include "face/face.h"

/* 7200 s, the longest recording, at 15 pictures/s, the densest sampling that is foreseen (facts/vision.md 7). */
#define EH_GATHER_MAX (7200u * 15u)

/* Opening of the mouth up to which it counts as closed [1].  The mesh of 140 photographs of faces at rest
 * (facts/vision.md 11.2) gives 0.004 to 0.086, median 0.032 (measured). */
#define EH_MOUTH_CLOSED 0.10

/* [s] between two neighbours whose difference counts as a change: nearer ones are one picture shown twice, farther
 * ones have a gap between them (own choice). */
#define EH_CHANGE_MIN 0.01
#define EH_CHANGE_MAX 1.0

struct eh_gather_row {
	double time;                    /* [s] of the picture */
	double value[EH_FACE_N];
	uint8_t present[EH_FACE_N];
};

/* As it is kept: landmarks are floats, so that nothing is lost and an hour takes a few megabytes. */
struct eh_gather_kept {
	double time;
	float value[EH_FACE_N];
	uint8_t present[EH_FACE_N];
};

struct eh_gather {
	struct eh_gather_kept *row;
	size_t n, capacity;
	double *scratch;                /* [capacity] */
};

/* Forgets the rows, keeps the memory. */
void eh_gather_reset(struct eh_gather *g);

/* EH_ENOMEM; EH_ERANGE beyond EH_GATHER_MAX rows.  After an error the rows are as before. */
int eh_gather_add(struct eh_gather *g, const struct eh_gather_row *row, struct eh_err *err);

/*
 * Summary of each indicator into out->sum and out->present; nothing is present below EH_FACE_MIN_FRAMES rows.
 * Kind S: over the rows with the mouth closed where at least EH_FACE_MIN_FRAMES of them have it closed, else (a
 * talker, a smile) over all.  What describes the whole answer (shares, rates: share.h) has one value.
 */
void eh_gather_finish(struct eh_gather *g, struct eh_face_answer *out);
void eh_gather_free(struct eh_gather *g);

/* Median of v[n], n >= 1; the mean of the middle two where n is even.  Sorts v. */
double eh_median(double *v, size_t n);

#endif
