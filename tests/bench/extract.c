/*
 * Bar of issue 3: CPU time of the whole extraction (sound and picture) over that of decoding alone, same file, one
 * thread each: at most 1.45 at 640x480 and 1.20 at 1280x720, 25 frames/s, 5 samples/s, H.264 (B-frames, as in
 * facts/vision.md 7) + AAC.  The extraction leaves frames out that change none of its pictures (media.h); what the
 * ratio would be with every frame decoded, and what it is for a recording without such frames, is printed beside it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/extract_bench.h"

#define ROUNDS 7
#define SHARE_ROUNDS 3          /* in which the parts are measured too */
#define SECONDS 20

static const struct size {
	struct bench_clip clip;
	double bar;             /* 0 = none: for information */
} sizes[] = {
	/* bit rates of usual webcam recordings (own choice; the decoding time is printed) */
	{ { 640, 480, 25, SECONDS, 1000, 1, "" }, 1.45 },
	{ { 1280, 720, 25, SECONDS, 2500, 1, "" }, 1.20 },
	{ { 640, 480, 25, SECONDS, 1000, 1, "-bf 0" }, 0.0 },
	{ { 1280, 720, 25, SECONDS, 2500, 1, "-bf 0" }, 0.0 }
};

/* What is measured: decoding, then core/media with ever more to do, then the whole road. */
enum {
	DECODE, DECODE_SOUND,
	MEDIA_SOUND,            /* sound alone */
	EVERY,                  /* every frame, nothing converted */
	CONVERT,                /* every frame, all of each picture converted */
	MEDIA,                  /* as in an extraction, nothing converted */
	VOICE,                  /* sound alone, measured */
	WHOLE,
	N_WAYS
};

static bool round_of(double cpu[N_WAYS], bool parts, struct eh_extractor *x, const char *path, struct bench_decoded *d,
		     struct eh_answer *a)
{
	static const struct bench_drop both = { true, true }, sound = { false, true };
	static const struct eh_media_options usual = EH_MEDIA_OPTIONS_INIT;
	struct eh_media_options o = usual;
	struct bench_decoded ignored;
	struct eh_media_info info;

	if (parts) {
		cpu[DECODE_SOUND] = bench_decode_only(path, &sound, &ignored);
		o.sample_rate = 0.0;
		cpu[MEDIA_SOUND] = bench_media_only(path, &o, &info);
		o = usual;
		o.every_frame = true;
		cpu[CONVERT] = bench_media_only(path, &o, &info);
		o.on_demand = true;
		cpu[EVERY] = bench_media_only(path, &o, &info);
		o.every_frame = false;
		cpu[MEDIA] = bench_media_only(path, &o, &info);
		cpu[VOICE] = bench_extract(x, path, false, true, false, a);
	}
	cpu[DECODE] = bench_decode_only(path, &both, d);
	cpu[WHOLE] = bench_extract(x, path, true, true, false, a);
	for (int i = 0; i < N_WAYS; i++)
		if (!(cpu[i] > 0) && (parts || i == DECODE || i == WHOLE))
			return false;
	return true;
}

static void print_shares(const double best[N_WAYS], const struct eh_answer *a)
{
	double ms = 1000.0 / SECONDS, each = a->face.frames_sampled > 0 ? 1000.0 / a->face.frames_sampled : 0.0;
	double convert = best[CONVERT] - best[EVERY], voice = best[VOICE] - best[MEDIA_SOUND];
	double face = best[WHOLE] - best[MEDIA] - voice, saved = best[EVERY] - best[MEDIA];

	printf("  ms of CPU per second of recording (best): decode-only %.2f (sound %.2f), whole %.2f\n",
	       ms * best[DECODE], ms * best[DECODE_SOUND], ms * best[WHOLE]);
	printf("  shares: mixing and resampling %.2f, voice %.2f, face and the parts of pictures it asks for %.2f\n"
	       "  (%.2f ms per picture; converting all of one would cost %.3f); frames left out save %.2f\n",
	       ms * (best[MEDIA_SOUND] - best[DECODE_SOUND]), ms * voice, ms * face, each * face, each * convert,
	       ms * saved);
	printf("  with every frame decoded the ratio would be %.3f\n", (best[WHOLE] + saved) / best[DECODE]);
}

static bool measure(struct eh_extractor *x, const struct size *s)
{
	static double cpu[N_WAYS][ROUNDS], ratio[ROUNDS];
	static struct eh_answer a;
	double best[N_WAYS], median = 0.0;
	struct bench_decoded d = { 0, 0, 0 };
	int rounds = s->bar > 0 ? ROUNDS : SHARE_ROUNDS;
	char path[128];

	(void)snprintf(path, sizeof path, "%s/clip.mp4", bench_dir());
	if (!bench_make("clip.mp4", &s->clip))
		return false;
	for (int r = 0; r < rounds; r++) {
		double one[N_WAYS] = { 0.0 };

		if (!round_of(one, r < SHARE_ROUNDS, x, path, &d, &a))
			return false;
		for (int i = 0; i < N_WAYS; i++)
			cpu[i][r] = one[i];
		ratio[r] = one[WHOLE] / one[DECODE];
	}
	for (int i = 0; i < N_WAYS; i++)
		best[i] = bench_min(cpu[i], (size_t)(i == DECODE || i == WHOLE ? rounds : SHARE_ROUNDS));
	median = bench_median(ratio, (size_t)rounds);
	printf("%dx%d %s, %d s: %u frames, %u of them decoded by the extraction, %u looked at, face in %u, %.1f s "
	       "voiced\n",
	       s->clip.width, s->clip.height, s->clip.more, SECONDS, d.frames, a.media.frames_decoded,
	       a.face.frames_sampled, a.face.frames_found, a.voice.voiced_seconds);
	print_shares(best, &a);
	printf("  whole / decode-only, %d rounds: median %.3f, of best times %.3f, lowest %.3f; ", rounds, median,
	       best[WHOLE] / best[DECODE], bench_min(ratio, (size_t)rounds));
	if (s->bar > 0)
		printf("bar %.2f: %s\n", s->bar, median <= s->bar ? "met" : "MISSED");
	else
		printf("no bar\n");
	return !(s->bar > 0) || median <= s->bar;
}

int main(void)
{
	struct eh_extractor *x = NULL;
	struct eh_err err = EH_ERR_INIT;
	bool ok = true;

	if (!bench_begin())
		return 3;
	if (eh_extractor_open(&x, &err) != EH_OK) {
		(void)fprintf(stderr, "%s\n", err.msg);
		bench_end();
		return 3;
	}
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		ok = measure(x, &sizes[i]) && ok;
	eh_extractor_close(&x);
	bench_end();
	return ok ? 0 : 1;
}
