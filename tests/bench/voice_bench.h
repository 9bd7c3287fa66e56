/*
 * voice_bench.h - what the measurements of the voice room share: a recording through core/media into the indicators.
 */
#ifndef EH_TESTS_VOICE_BENCH_H
#define EH_TESTS_VOICE_BENCH_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "media/media.h"
#include "voice/voice.h"

static inline int voice_bench_sound(void *ctx, const float *pcm, size_t n, struct eh_err *err)
{
	return eh_voice_sound(ctx, pcm, n, err);
}

/* false, with a line on stderr, where the file cannot be measured. */
static inline bool voice_bench_hear(struct eh_voice *voice, const char *path, struct eh_voice_answer *out)
{
	struct eh_media_options options = EH_MEDIA_OPTIONS_INIT;
	struct eh_media_sink sink = { NULL, voice_bench_sound, voice };
	struct eh_media_info info;
	struct eh_media *m = NULL;
	struct eh_err err = EH_ERR_INIT;
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = EH_ENOENT;

	options.sample_rate = 0.0;
	options.want_sound = true;
	if (fd >= 0)
		rc = eh_media_prepare(&m, fd, &options, &err);
	if (rc == EH_OK)
		rc = eh_voice_begin(voice, &err);
	if (rc == EH_OK)
		rc = eh_media_decode(m, &sink, &info, &err);
	if (rc == EH_OK)
		rc = eh_voice_finish(voice, out, &err);
	if (rc < 0)
		(void)fprintf(stderr, "%s: %s\n", path, fd < 0 ? "cannot be opened" : err.msg);
	eh_media_free(&m);
	if (fd >= 0)
		(void)close(fd);
	return rc == EH_OK;
}

/* [s] of CPU of this process, user and system. */
static inline double voice_bench_cpu(void)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#endif
