/* Bar of issue 3: one worker's memory over an hour of video: at most 120 MB resident and flat.  The hour is a minute of
 * 640x480 repeated without encoding it again; minutes of work.  media_memory [SECONDS] takes another length. */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/bench/extract_bench.h"

#define BAR_MB 120.0
/* [kB] per second of recording.  Only the series that the medians need may grow (facts/audio.md 12): at most 100 rows
 * of 62 bytes of voiced sound (voice.h) and 5 of about 600 of pictures.  Packets or pictures that stay would be far
 * more. */
#define FLAT_KB 10.0
#define SAMPLES_MAX 8192

struct watch {
	double mb[SAMPLES_MAX];
	size_t n;
	double next;            /* eh_monotonic() */
	struct eh_answer answer;
};

/* [MB] resident of the child of this process, 0 = none. */
static double child_mb(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *e = NULL;
	double mb = 0.0;

	while (proc != NULL && (e = readdir(proc)) != NULL) {
		char path[300], line[256];
		long parent = 0, kb = 0;
		FILE *f = NULL;

		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		(void)snprintf(path, sizeof path, "/proc/%s/status", e->d_name);
		f = fopen(path, "r");
		while (f != NULL && fgets(line, sizeof line, f) != NULL) {
			(void)sscanf(line, "PPid: %ld", &parent);
			(void)sscanf(line, "VmRSS: %ld", &kb);
		}
		if (f != NULL)
			(void)fclose(f);
		if (parent == getpid() && kb > 0)
			mb = (double)kb / 1024.0;
	}
	if (proc != NULL)
		(void)closedir(proc);
	return mb;
}

/* The pool asks five times a second whether to stop: a good moment to look. */
static bool look(void *ctx)
{
	struct watch *w = ctx;
	double mb = 0.0;

	if (eh_monotonic() < w->next)
		return false;
	w->next = eh_monotonic() + 0.5;
	mb = child_mb();
	if (mb > 0 && w->n < SAMPLES_MAX)
		w->mb[w->n++] = mb;
	return false;
}

static int take(void *ctx, const struct eh_extract_job *job, const struct eh_answer *answer, struct eh_err *err)
{
	(void)job;
	(void)err;
	((struct watch *)ctx)->answer = *answer;
	return EH_OK;
}

/* The last nine tenths count: in the first one buffers find their sizes. */
static bool judge(const struct watch *w, int seconds, double took)
{
	const struct eh_media_info *m = &w->answer.media;
	double peak = 0.0, tenth = w->n > 0 ? w->mb[w->n / 10] : 0.0, growth = 0.0;
	bool ok = true;

	for (size_t i = 0; i < w->n; i++)
		peak = w->mb[i] > peak ? w->mb[i] : peak;
	for (size_t i = 0; i <= 10 && w->n > 10; i++)
		printf("  at %3zu %%: %.1f MB\n", i * 10, w->mb[i * (w->n - 1) / 10]);
	growth = 1024.0 * (peak - tenth) / (0.9 * seconds);
	ok = w->answer.status == EH_OK && w->n > 10 && peak <= BAR_MB && growth <= FLAT_KB;
	if (w->answer.status != EH_OK)
		printf("  %s\n", w->answer.message);
	printf("one worker, %d s of 640x480 (%u frames decoded, %.0f s of sound) in %.0f s: peak %.1f MB (bar %.0f),\n"
	       "growth %.1f kB per second of recording (bar %.0f): %s\n", seconds, m->frames_decoded,
	       m->decoded_audio_seconds, took, peak, BAR_MB, growth, FLAT_KB, ok ? "met" : "MISSED");
	return ok;
}

int main(int argc, char **argv)
{
	static const struct bench_clip minute = { 640, 480, 25, 60, 1000, 1, "" };
	static const struct eh_extract_settings settings = { 1, false };
	static struct watch w;
	static struct eh_extract_job job;
	struct eh_progress progress = { NULL, NULL, look, &w };
	struct eh_extractor *x = NULL;
	struct eh_err err = EH_ERR_INIT;
	char command[1600];
	int seconds = argc > 1 ? atoi(argv[1]) : 3600;
	double start = 0.0;
	bool ok = false;

	if (!bench_begin())
		return 3;
	if (!bench_make("minute.mp4", &minute) || eh_extractor_open(&x, &err) != EH_OK)
		goto out;
	(void)snprintf(job.path, sizeof job.path, "%s/hour.mp4", bench_dir());
	(void)snprintf(command, sizeof command,
		       "ffmpeg -nostdin -v error -y -stream_loop -1 -i '%s/minute.mp4' -t %d -c copy '%s'", bench_dir(),
		       seconds, job.path);
	if (system(command) != 0)
		goto out;
	job.want_face = job.want_voice = true;
	start = eh_monotonic();
	if (eh_extract_run(x, &job, 1, &settings, take, &w, &progress, &err) == EH_OK)
		ok = judge(&w, seconds, eh_monotonic() - start);
out:
	if (err.code != EH_OK)
		(void)fprintf(stderr, "%s\n", err.msg);
	eh_extractor_close(&x);
	bench_end();
	return ok ? 0 : 1;
}
