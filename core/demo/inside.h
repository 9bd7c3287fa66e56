/*
 * inside.h - what the files of this room share; nothing outside core/demo and its test includes it.
 *
 * The people are the same for every seed: who they are, what they look and sound like, what they
 * consented to.  Only the decisions are drawn from the caller's seed.
 */
#ifndef EH_DEMO_INSIDE_H
#define EH_DEMO_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "demo/demo.h"

#define EH_DEMO_WOMEN 30                /* with a sound portrait; facts/first_road.md 8 */
#define EH_DEMO_MEN 30
#define EH_DEMO_NO_FACE 3               /* pictures that are no usable face; facts/first_road.md 3 */
#define EH_DEMO_PERSONS (EH_DEMO_WOMEN + EH_DEMO_MEN + EH_DEMO_NO_FACE)
#define EH_DEMO_EVALUATORS 12
#define EH_DEMO_QUESTIONS 2
#define EH_DEMO_ANSWERS (EH_DEMO_PERSONS * EH_DEMO_QUESTIONS)
#define EH_DEMO_MARK "truth_candidates.csv"     /* written first: by it a directory is known as a demo's */
#define EH_DEMO_FPS 15                  /* [frames/s]; facts/first_road.md 5 */

enum eh_demo_consent {
	EH_DEMO_CONSENT_ALL,
	EH_DEMO_CONSENT_NONE,
	EH_DEMO_CONSENT_NO_FACE,
	EH_DEMO_CONSENT_NO_VOICE,
	EH_DEMO_CONSENT_NO_INFER,
	EH_DEMO_CONSENT_WITHDRAWN,      /* "watch" taken back later */
	EH_DEMO_CONSENT_EXPIRED,        /* every purpose, in the past */
	EH_DEMO_CONSENT_KINDS
};

struct eh_demo_person {
	char id[8];                     /* "C001" */
	bool female;
	bool first;                     /* declares the sex; the others are the second population */
	bool face;                      /* the portrait is usable for the face nets */
	bool webm;
	char portrait[24];              /* "female/1.jpg", for eh_data_path */
	const char *voice;              /* variant of espeak-ng */
	unsigned pitch;                 /* espeak-ng -p, 0..99 */
	unsigned speed;                 /* espeak-ng -s, 145..185 */
	const char *position;
	const char *jurisdiction;
	enum eh_demo_consent consent;
};

/* people.c: everybody, sorted by id. */
void eh_demo_roster(struct eh_demo_person out[EH_DEMO_PERSONS]);
const char *eh_demo_consent_text(enum eh_demo_consent c);
#define EH_DEMO_NAME_SIZE 32
void eh_demo_answer_name(char out[EH_DEMO_NAME_SIZE], const struct eh_demo_person *p, unsigned question);

/* decisions.c: 1 = advance; evaluator E01 is index 0, persons as in the roster. */
struct eh_demo_draw {
	uint8_t advance[EH_DEMO_EVALUATORS][EH_DEMO_QUESTIONS][EH_DEMO_PERSONS];
};
void eh_demo_draw(struct eh_demo_draw *out, const struct eh_demo_person people[EH_DEMO_PERSONS], uint64_t seed);
double eh_demo_rate(unsigned evaluator, bool female);
int eh_demo_write_truth(const struct eh_demo_options *o, struct eh_err *err);

/* files.c */
/* DIR/SUB/NAME ("" leaves a part out); EH_ERANGE when it does not fit. */
int eh_demo_path(char *out, size_t size, const char *dir, const char *sub, const char *name, struct eh_err *err);
int eh_demo_make_dirs(const char *dir, struct eh_err *err);
/* Writes PATH.part, then renames: a reader never sees half a table.  Frees b. */
int eh_demo_write(const char *path, struct eh_buf *b, struct eh_err *err);

/* run.c: other programs, without a shell. */
struct eh_demo_child {
	pid_t pid;                      /* 0 = none */
	int said;                       /* descriptor of what it wrote to standard error */
	char program[32];               /* its name, for messages */
};
/* argv ends with NULL.  out_fd takes its standard output (-1: nobody reads it). EH_EENV: argv[0] is not installed. */
int eh_demo_start(struct eh_demo_child *c, char *const argv[], int out_fd, struct eh_err *err);
/* *ended = false while it runs.  EH_FAIL with its last words when it ended badly. */
int eh_demo_poll(struct eh_demo_child *c, bool *ended, struct eh_err *err);
void eh_demo_kill(struct eh_demo_child *c);
/* Start, wait, and ask progress for cancellation meanwhile. */
int eh_demo_run(char *const argv[], int out_fd, const struct eh_progress *progress, struct eh_err *err);
void eh_demo_nap(void);
int eh_demo_cancelled(struct eh_err *err);       /* EH_ECANCEL and its sentence */

/* speech.c */
/* Are the voices of all these people known?  An unknown variant would silently be the base voice. */
int eh_demo_voices_check(const struct eh_demo_person *people, size_t n, const struct eh_progress *progress,
			 struct eh_err *err);
/* Speaks an answer into the file wav; *frames = length of the interview [frames at EH_DEMO_FPS], 9..10 s. */
int eh_demo_speak(const char *wav, const struct eh_demo_person *p, unsigned question, unsigned *frames,
		  const struct eh_progress *progress, struct eh_err *err);

/* media.c: as eh_demo_make_media for n people of the roster from index first on. */
int eh_demo_media_of(const struct eh_demo_options *o, size_t first, size_t n, const struct eh_progress *progress,
		     struct eh_err *err);

#endif
