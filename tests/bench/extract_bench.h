/*
 * extract_bench.h - what the measurements of the media road share: test recordings, CPU time of a worker, and a
 * decoder of its own that drops what it decodes (the denominator of every bar; issue 3, facts/vision.md 10).
 *
 * Everything measured runs in a locked worker of its own, the decode-only loop too, so that fork and lock-down are on
 * both sides of each ratio.  CPU time is that of the reaped children (getrusage), user and system.
 */
#ifndef EH_TESTS_EXTRACT_BENCH_H
#define EH_TESTS_EXTRACT_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "extract/extract.h"

struct bench_clip {
	int width, height, fps;
	int seconds;
	int kbit;               /* [kbit/s] of the pictures */
	int portrait;           /* which of the portraits */
	const char *more;       /* further options of the encoder, "" = none */
};

/* A folder of its own, removed by bench_end; false with a line on stderr when something is missing. */
bool bench_begin(void);
void bench_end(void);
const char *bench_dir(void);

/* Makes NAME in the folder: a portrait that grows and sways with noise, and speech.  H.264 (with B-frames) and AAC. */
bool bench_make(const char *name, const struct bench_clip *clip);

struct bench_decoded {
	uint32_t frames, samples;       /* pictures; frames of sound */
	int32_t status;                 /* 0, or the failing step */
};

struct bench_drop {
	bool pictures, sound;
};

/* [s] of CPU of one locked worker that decodes both tracks (or one) and drops them; negative: failed. */
double bench_decode_only(const char *path, const struct bench_drop *what, struct bench_decoded *out);
/* The same through core/media with a sink that looks at nothing. */
double bench_media_only(const char *path, const struct eh_media_options *options, struct eh_media_info *info);
/* The whole road of one recording. */
double bench_extract(struct eh_extractor *x, const char *path, bool face, bool voice, bool fast,
		     struct eh_answer *answer);

double bench_children_cpu(void);        /* [s] user + system of all reaped children */
/* Of n values, sorted in place. */
double bench_min(double *v, size_t n);
double bench_median(double *v, size_t n);

#endif
