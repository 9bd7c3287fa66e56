/*
 * share.h - what describes a whole answer: shares of its pictures and rates.
 */
#ifndef EH_FACE_SHARE_H
#define EH_FACE_SHARE_H

#include "face/face.h"
#include "face/gather.h"

/* Eye aspect ratio below which an eye may be closed (Soukupova & Cech 2016).  Alone it would call narrow eyes closed,
 * so that the opening must also be below this share of the person's own median (own choice). */
#define EH_EYE_CLOSED 0.2
#define EH_EYE_CLOSED_OWN 0.7

/* A smile is a form of the mouth here, nothing more: corners at least EH_SMILE_CORNER IOD above the middle of the lips
 * and the mouth at least EH_SMILE_STRETCH IOD wide.  Of 140 faces asked to rest (facts/vision.md 11.2) one has both,
 * of 50 portraits for show 29 (measured). */
#define EH_SMILE_CORNER 0.0
#define EH_SMILE_STRETCH 0.60

#define EH_BLINK_RATE 15.0              /* [pictures/s] from which blinks can be counted, facts/vision.md 7 */
#define EH_BLINK_MAX 0.5                /* [s] that a blink lasts at most: 0.1 to 0.4, facts/vision.md 7 */

/*
 * Shares and rates over the rows into out->sum and out->present, after eh_gather_finish; the counts of pictures in
 * *out are read.  Each has one value: median, mean, p10 and p90 are the same, mad, sd and change 0.  Present from
 * EH_FACE_MIN_FRAMES rows that have what it needs.
 */
void eh_share_finish(const struct eh_gather *g, struct eh_face_answer *out);

#endif
