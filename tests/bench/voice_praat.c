/* Bar: pitch on real speech against Praat, frame by frame, best common shift within 4 frames (facts/audio.md 8 and 9):
 * what the indicators are made of against Praat's pass 1, as the sheet counts, and each pass against its like.
 * voice_praat FILE.wav...: each with the FILE.praat.txt that voice.praat wrote.  Exit 1 when a bar is missed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/voice_bench.h"

#define FRAMES_MAX 400000
#define FILES_MAX 1024
#define SHIFT_MAX 4
#define GROSS 1.2                       /* facts/audio.md 8 */

struct list {
	double v[FRAMES_MAX];
	size_t n;
};

struct shift {
	size_t frames, both, gross, disagree;
	struct list fine;               /* [semitone] */
};

/* Which of our passes is held against which of Praat's. */
enum comparison { FINAL_FIRST, FIRST_FIRST, FINAL_SECOND, COMPARISONS };
static const char *const comparison_name[COMPARISONS] = {
	"final pitch against Praat's pass 1", "pass 1 against Praat's pass 1", "final pitch against Praat's pass 2",
};
static struct shift shifts[COMPARISONS][2 * SHIFT_MAX + 1];
static struct list hnr, hnr_praat, formant[4], formant_praat[4], jitter_ratio, shimmer_ratio, ours[2], praats[2],
	agreement;

static void add(struct list *l, double v)
{
	if (l->n < FRAMES_MAX)
		l->v[l->n++] = v;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(struct list *l)
{
	if (l->n == 0)
		return (double)NAN;
	qsort(l->v, l->n, sizeof *l->v, ascending);
	return l->n % 2 == 1 ? l->v[l->n / 2] : 0.5 * (l->v[l->n / 2 - 1] + l->v[l->n / 2]);
}

/* One frame of Praat's; frames of ours that are not there are no comparison. */
static void compare(const struct eh_voice *voice, enum comparison c, double time, double hz)
{
	for (int k = -SHIFT_MAX; k <= SHIFT_MAX; k++) {
		struct shift *s = &shifts[c][k + SHIFT_MAX];
		long i = lround((time - 0.025) * 100.0) + k;
		double own = 0.0;

		if (i < 0 || (size_t)i >= eh_voice_frames(voice))
			continue;
		own = c == FIRST_FIRST ? eh_voice_first_hz(voice, (size_t)i) : eh_voice_hz(voice, (size_t)i);
		s->frames++;
		s->disagree += (own > 0.0) != (hz > 0.0) ? 1 : 0;
		if (!(own > 0.0 && hz > 0.0))
			continue;
		s->both++;
		if (own > GROSS * hz || hz > GROSS * own)
			s->gross++;
		else
			add(&s->fine, 12.0 * fabs(log2(own / hz)));
	}
}

/* Praat's pass 2 against its pass 1: how much of a difference lies in the second pass itself. */
static size_t own_both, own_gross;
static double own_first[FRAMES_MAX];

static void compare_praat(bool second, double time, double hz)
{
	size_t i = (size_t)(time * 100.0);      /* both passes have the same frames to within one */

	if (i >= FRAMES_MAX)
		return;
	if (!second) {
		own_first[i] = hz;
	} else if (hz > 0.0 && own_first[i] > 0.0) {
		own_both++;
		own_gross += own_first[i] > GROSS * hz || hz > GROSS * own_first[i] ? 1 : 0;
	}
}

static void read_praat(const struct eh_voice *voice, const struct eh_voice_answer *a, FILE *f)
{
	static struct list own[4], own_hnr;
	char line[256];

	memset(own, 0, sizeof own);
	memset(own_first, 0, sizeof own_first);
	memset(&own_hnr, 0, sizeof own_hnr);
	while (fgets(line, sizeof line, f) != NULL) {
		double v[4] = { 0.0 };

		if (sscanf(line, "P %lf %lf", &v[0], &v[1]) == 2) {
			compare(voice, FINAL_FIRST, v[0], v[1]);
			compare(voice, FIRST_FIRST, v[0], v[1]);
			compare_praat(false, v[0], v[1]);
		} else if (sscanf(line, "Q %lf %lf", &v[0], &v[1]) == 2) {
			compare(voice, FINAL_SECOND, v[0], v[1]);
			compare_praat(true, v[0], v[1]);
		} else if (sscanf(line, "F %lf %lf %lf %lf", &v[0], &v[1], &v[2], &v[3]) == 4)
			for (int k = 0; k < 4; k++)
				if (v[k] > 0.0)
					add(&own[k], v[k]);
		if (sscanf(line, "H %lf", &v[0]) == 1)
			add(&own_hnr, v[0]);
		if (sscanf(line, "J %lf", &v[0]) == 1 && a->present[EH_V_JITTER] && v[0] > 0.0) {
			add(&jitter_ratio, a->value[EH_V_JITTER] / v[0]);
			add(&ours[0], a->value[EH_V_JITTER]);
			add(&praats[0], v[0]);
		}
		if (sscanf(line, "S %lf", &v[0]) == 1 && a->present[EH_V_SHIMMER] && v[0] > 0.0) {
			add(&shimmer_ratio, a->value[EH_V_SHIMMER] / v[0]);
			add(&ours[1], a->value[EH_V_SHIMMER]);
			add(&praats[1], v[0]);
		}
	}
	for (int k = 0; k < 4; k++) {
		int id = k < 3 ? EH_V_F1 + k : EH_V_F4;

		if (own[k].n == 0 || !a->present[id])
			continue;
		add(&formant_praat[k], median(&own[k]));
		add(&formant[k], a->value[id]);
	}
	if (own_hnr.n > 0 && a->present[EH_V_HNR]) {
		add(&hnr_praat, median(&own_hnr));
		add(&hnr, a->value[EH_V_HNR]);
	}
}

static bool measure(struct eh_voice *voice, const char *wav)
{
	struct eh_voice_answer a;
	char path[1024];
	FILE *f = NULL;

	if (!voice_bench_hear(voice, wav, &a))
		return false;
	(void)snprintf(path, sizeof path, "%.*s.praat.txt", (int)(strlen(wav) - 4), wav);
	f = fopen(path, "r");
	if (f == NULL) {
		(void)fprintf(stderr, "%s: Praat wrote nothing\n", path);
		return false;
	}
	read_praat(voice, &a, f);
	if (a.present[EH_V_PITCH_AGREEMENT])
		add(&agreement, a.value[EH_V_PITCH_AGREEMENT]);
	return fclose(f) == 0;
}

static bool within(const char *what, double is, double bar)
{
	printf("%-44s %9.4f  bar %7.4f  %s\n", what, is, bar, is <= bar ? "met" : "MISSED");
	return is <= bar;
}

/* The shift with the fewest errors of both kinds. */
static struct shift *best_shift(enum comparison c)
{
	struct shift *best = NULL;

	for (int k = 0; k <= 2 * SHIFT_MAX; k++)
		if (shifts[c][k].frames > 0 &&
		    (best == NULL || shifts[c][k].gross + shifts[c][k].disagree < best->gross + best->disagree))
			best = &shifts[c][k];
	return best;
}

static bool judge(enum comparison c)
{
	struct shift *best = best_shift(c);
	bool ok = false;

	if (best == NULL || best->both == 0)
		return false;
	printf("%s: %zu frames, %zu voiced in both, best shift %+d frames\n", comparison_name[c], best->frames,
	       best->both, (int)(best - shifts[c]) - SHIFT_MAX);
	ok = within("gross errors (> 20 %), share of voiced in both", (double)best->gross / (double)best->both, 0.02);
	ok = within("pitch of the rest, median [semitone]", median(&best->fine), 0.1) && ok;
	return within("voicing disagreement, share of frames", (double)best->disagree / (double)best->frames, 0.08) &&
	       ok;
}

int main(int argc, char **argv)
{
	struct eh_voice *voice = NULL;
	bool ok = argc > 1;

	eh_media_global_init();
	if (eh_voice_open(&voice, NULL) < 0)
		return 3;
	for (int i = 1; i < argc; i++)
		ok = measure(voice, argv[i]) && ok;
	eh_voice_close(&voice);
	for (int c = 0; c < COMPARISONS; c++)
		ok = judge((enum comparison)c) && ok;
	printf("for comparison: Praat's pass 2 against its pass 1: gross errors %.4f\n",
	       own_both > 0 ? (double)own_gross / (double)own_both : 0.0);
	for (int k = 0; k < 4; k++)
		printf("F%d, median of files: ours %.0f Hz, Praat %.0f Hz\n", k + 1, median(&formant[k]),
		       median(&formant_praat[k]));
	printf("harmonicity, median of files: ours %.1f dB, Praat %.1f dB (its own method, cc)\n", median(&hnr),
	       median(&hnr_praat));
	printf("jitter, median of files: ours %.4f, Praat %.4f, median ratio %.2f\n", median(&ours[0]),
	       median(&praats[0]), median(&jitter_ratio));
	printf("shimmer, median of files: ours %.4f, Praat %.4f (of levels, not heights), median ratio %.2f\n",
	       median(&ours[1]), median(&praats[1]), median(&shimmer_ratio));
	printf("agreement of our two pitch methods, median of files: %.3f\n", median(&agreement));
	return ok ? 0 : 1;
}
