/* Bar of issue 3: every file of the shared hostile set and 500 seeded mutants end as "ok" or a clean refusal within
 * 60 s and 512 MB, and this process lives on.  The worker's own death, even with a message, misses the bar.
 * media_hostile FUZZ [SECONDS [SEED]] goes on with new mutants instead; a bad one is kept and its seed printed. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/bench/extract_bench.h"
#include "tests/fuzz/mutant.h"

#define MUTANTS 500
#define WALL_BAR 60.0           /* [s] */
#define MEMORY_BAR 512.0        /* [MB] */
#define SEEDS 2

struct tally {
	struct eh_extractor *x;
	unsigned files, ok, refused, bad;
	double slowest;         /* [s] */
	char slowest_name[200];
	struct eh_answer last;
};

static int take(void *ctx, const struct eh_extract_job *job, const struct eh_answer *answer, struct eh_err *err)
{
	(void)job;
	(void)err;
	((struct tally *)ctx)->last = *answer;
	return EH_OK;
}

static bool clean(const struct eh_answer *a)
{
	bool refusal = a->status == EH_EFORMAT || a->status == EH_ERANGE || a->status == EH_ENOMEM;

	return a->status == EH_OK || (refusal && a->message[0] != '\0' && strchr(a->message, '\n') == NULL);
}

/* false = the bar is missed. */
static bool one(struct tally *t, const char *path, const char *name)
{
	static const struct eh_extract_settings settings = { 1, false };
	static struct eh_extract_job job;
	struct eh_err err = EH_ERR_INIT;
	double start = eh_monotonic(), took = 0.0;
	bool good = false;
	int rc = EH_OK;

	(void)snprintf(job.path, sizeof job.path, "%s", path);
	job.want_face = job.want_voice = true;
	rc = eh_extract_run(t->x, &job, 1, &settings, take, t, NULL, &err);
	took = eh_monotonic() - start;
	good = rc == EH_OK && clean(&t->last) && took <= WALL_BAR;
	t->files++;
	t->ok += good && t->last.status == EH_OK;
	t->refused += good && t->last.status != EH_OK;
	t->bad += !good;
	if (took > t->slowest) {
		t->slowest = took;
		(void)snprintf(t->slowest_name, sizeof t->slowest_name, "%s", name);
	}
	if (!good)
		printf("BAD %s: %s (%.1f s)\n", name, rc == EH_OK ? t->last.message : err.msg, took);
	return good;
}

static void tree(struct tally *t, const char *dir)
{
	struct dirent **entry = NULL;
	int n = scandir(dir, &entry, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		char path[1000];
		struct stat st;

		(void)snprintf(path, sizeof path, "%s/%s", dir, entry[i]->d_name);
		if (entry[i]->d_name[0] != '.' && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
			tree(t, path);
		else if (entry[i]->d_name[0] != '.')
			(void)one(t, path, path);
		free(entry[i]);
	}
	free(entry);
}

static bool make_seeds(struct mutant_seed seed[SEEDS])
{
	static const char *const kinds[SEEDS][2] = { { "seed.mp4", "-c:v libx264 -c:a aac" },
						     { "seed.webm",
						       "-c:v libvpx -deadline realtime -cpu-used -5 -c:a libopus" } };

	for (int i = 0; i < SEEDS; i++) {
		char command[600], path[200];

		(void)snprintf(path, sizeof path, "%s/%s", bench_dir(), kinds[i][0]);
		(void)snprintf(command, sizeof command,
			       "ffmpeg -nostdin -v error -y -loop 1 -framerate 15 -i assets/portraits/female/1.jpg "
			       "-f lavfi -i sine=f=220 -t 2 -vf scale=320:240,format=yuv420p -threads 1 -fflags "
			       "+bitexact %s '%s'",
			       kinds[i][1], path);
		if (system(command) != 0 || mutant_load(&seed[i], path) != 0)
			return false;
	}
	return true;
}

static bool mutate(struct tally *t, const struct mutant_seed seed[SEEDS], uint64_t number)
{
	char path[200], name[64];

	(void)snprintf(name, sizeof name, "mutant of seed %llu", (unsigned long long)number);
	(void)snprintf(path, sizeof path, "%s/mutant", bench_dir());
	return mutant_write(path, &seed[number % SEEDS], number) == 0 && one(t, path, name);
}

static double peak_mb(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_CHILDREN, &u);
	return (double)u.ru_maxrss / 1024.0;
}

static bool report(const struct tally *t, const char *what)
{
	bool ok = t->bad == 0 && t->files > 0 && peak_mb() <= MEMORY_BAR;

	printf("%s: %u files: %u ok, %u refused, %u bad; slowest %.2f s (%s; bar %.0f s), peak of all workers %.0f MB "
	       "(bar %.0f): %s\n", what, t->files, t->ok, t->refused, t->bad, t->slowest, t->slowest_name, WALL_BAR,
	       peak_mb(), MEMORY_BAR, ok ? "met" : "MISSED");
	return ok;
}

static void fuzz(struct tally *t, const struct mutant_seed seed[SEEDS], double seconds, uint64_t first)
{
	double end = eh_monotonic() + seconds;

	printf("mutants from seed %llu on\n", (unsigned long long)first);
	for (uint64_t n = first; eh_monotonic() < end; n++) {
		if (!mutate(t, seed, n)) {
			char command[500];

			(void)snprintf(command, sizeof command, "cp '%s/mutant' /tmp/evenhand-mutant-%llu", bench_dir(),
				       (unsigned long long)n);
			if (system(command) == 0)
				printf("kept as /tmp/evenhand-mutant-%llu\n", (unsigned long long)n);
		}
	}
}

int main(int argc, char **argv)
{
	static struct tally t;
	struct mutant_seed seed[SEEDS] = { { NULL, 0 }, { NULL, 0 } };
	const char *shared = getenv("EVENHAND_SHARED");
	char hostile[1000];
	struct eh_err err = EH_ERR_INIT;
	bool fuzzing = argc > 1 && strcmp(argv[1], "FUZZ") == 0, ok = false;

	if (!bench_begin())
		return 3;
	if (eh_extractor_open(&t.x, &err) != EH_OK || !make_seeds(seed)) {
		(void)fprintf(stderr, "%s\n", err.code != EH_OK ? err.msg : "no files to start from");
		goto out;
	}
	(void)snprintf(hostile, sizeof hostile, "%s/data/hostile", shared != NULL ? shared : "../shared");
	if (fuzzing) {
		fuzz(&t, seed, argc > 2 ? atof(argv[2]) : 60.0,
		     argc > 3 ? strtoull(argv[3], NULL, 10) : (uint64_t)eh_now());
	} else {
		tree(&t, hostile);
		if (t.files == 0)
			printf("the hostile files are not there (%s): mutants only\n", hostile);
		else
			(void)report(&t, "hostile set");
		for (uint64_t n = 1; n <= MUTANTS; n++)
			(void)mutate(&t, seed, n);
	}
	ok = report(&t, fuzzing ? "fuzzing" : "hostile set and 500 mutants");
out:
	for (int i = 0; i < SEEDS; i++)
		free(seed[i].data);
	eh_extractor_close(&t.x);
	bench_end();
	return ok ? 0 : 1;
}
