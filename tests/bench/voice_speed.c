/* Bar: sound to indicators at 300 x real time or more on one thread, decoding included (issue 3; facts/audio.md 12).
 * voice_speed RUNS FILE...: CPU time of each file through core/media and core/voice, and of decoding alone, in turn;
 * the median of the runs counts.  Exit 1 when a file misses the bar. */
#include <stdlib.h>
#include <string.h>

#include "tests/bench/voice_bench.h"

#define BAR 300.0
#define RUNS_MAX 99

static int drop(void *ctx, const float *pcm, size_t n, struct eh_err *err)
{
	(void)pcm;
	(void)err;
	*(size_t *)ctx += n;
	return EH_OK;
}

/* [s] of CPU; negative where the file cannot be decoded. */
static double decode_only(const char *path)
{
	struct eh_media_options options = EH_MEDIA_OPTIONS_INIT;
	size_t samples = 0;
	struct eh_media_sink sink = { NULL, drop, &samples };
	struct eh_media_info info;
	struct eh_media *m = NULL;
	double before = voice_bench_cpu();
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = EH_ENOENT;

	options.sample_rate = 0.0;
	if (fd >= 0)
		rc = eh_media_prepare(&m, fd, &options, NULL);
	if (rc == EH_OK)
		rc = eh_media_decode(m, &sink, &info, NULL);
	eh_media_free(&m);
	if (fd >= 0)
		(void)close(fd);
	return rc == EH_OK && samples > 0 ? voice_bench_cpu() - before : -1.0;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static bool measure(struct eh_voice *voice, const char *path, size_t runs)
{
	double whole[RUNS_MAX] = { 0.0 }, decoding[RUNS_MAX] = { 0.0 }, own = 0.0, speed = 0.0;
	struct eh_voice_answer a;

	for (size_t i = 0; i < runs; i++) {
		double before = voice_bench_cpu();

		if (!voice_bench_hear(voice, path, &a))
			return false;
		whole[i] = voice_bench_cpu() - before;
		decoding[i] = decode_only(path);
		if (decoding[i] < 0.0)
			return false;
	}
	qsort(whole, runs, sizeof *whole, ascending);
	qsort(decoding, runs, sizeof *decoding, ascending);
	speed = a.seconds / whole[runs / 2];
	own = 1e3 * (whole[runs / 2] - decoding[runs / 2]) / a.seconds;
	printf("%-24.24s %6.1f s, voiced %5.1f s: %5.0f x real time (best %5.0f, worst %5.0f)  bar %.0f  %s\n",
	       strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path, a.seconds, a.voiced_seconds, speed,
	       a.seconds / whole[0], a.seconds / whole[runs - 1], BAR, speed >= BAR ? "met" : "MISSED");
	printf("    decoding %.3f ms, voice %.3f ms of CPU per second of sound (voice alone %.0f x); whole / decoding "
	       "%.2f\n",
	       1e3 * decoding[runs / 2] / a.seconds, own, 1e3 / own, whole[runs / 2] / decoding[runs / 2]);
	return speed >= BAR;
}

int main(int argc, char **argv)
{
	struct eh_voice *voice = NULL;
	size_t runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	bool ok = argc > 2 && runs > 0 && runs <= RUNS_MAX;

	eh_media_global_init();
	if (!ok || eh_voice_open(&voice, NULL) < 0)
		return 2;
	for (int i = 2; i < argc; i++)
		ok = measure(voice, argv[i], runs) && ok;
	eh_voice_close(&voice);
	return ok ? 0 : 1;
}
