/*
 * demo.h - makes the files of a synthetic organisation: portraits and spoken sentences become
 * interview files, evaluators decide with a known bias (facts/first_road.md 8).
 *
 * Only files are made here; what happens with them goes through desk/ like anybody's.  Voices
 * and faces are synthetic in use: sound portraits of an npm package, zoomed and panned, with
 * espeak-ng speech.  Uses the programs ffmpeg and espeak-ng.
 */
#ifndef EH_DEMO_DEMO_H
#define EH_DEMO_DEMO_H

#include <stdint.h>

#include "base/err.h"
#include "base/progress.h"

#define EH_DEMO_SEED 1

struct eh_demo_options {
	const char *dir;                /* files go to DIR/media/ and DIR/tables/ and DIR/truth.csv */
	uint64_t seed;                  /* of the decisions; media do not depend on it */
	unsigned jobs;                  /* 0 = one per core */
};

/* May a demo go there?  Yes when DIR is absent, empty, or a demo already (it holds truth_candidates.csv); anything else
 * is left alone, so that invented people never get into somebody's own project: EH_EEXIST. */
int eh_demo_check_dir(const char *dir, struct eh_err *err);
/* tables/evaluators.csv, candidates.csv, consents.csv, interviews.csv; truth.csv and truth_candidates.csv (which no
 * other command reads).  Makes DIR, DIR/media and DIR/tables when they are missing; tables are written anew. */
int eh_demo_make_people(const struct eh_demo_options *o, struct eh_err *err);
/* media/CANDIDATE-QUESTION.mp4|webm; files that are there already are kept.  EH_EENV: ffmpeg or espeak-ng missing;
 * EH_ENOENT: the portraits are not installed; EH_ECANCEL: finished files stay, half-made ones are removed. */
int eh_demo_make_media(const struct eh_demo_options *o, const struct eh_progress *progress, struct eh_err *err);
/* tables/evaluations.csv for the seed, and truth.csv with the counts that it gave. */
int eh_demo_make_decisions(const struct eh_demo_options *o, struct eh_err *err);

/* Known truth, as written to truth.csv. */
struct eh_demo_truth {
	const char *biased;             /* evaluator id */
	const char *harsh;
	const char *group;              /* disadvantaged: "female" */
	double biased_rate_focal, biased_rate_rest, fair_rate, harsh_rate;
	unsigned candidates;            /* all of them, the no_face ones included */
	unsigned evaluators, questions, no_face;
	unsigned no_consent;            /* without any consent at all */
};
const struct eh_demo_truth *eh_demo_truth(void);

#endif
