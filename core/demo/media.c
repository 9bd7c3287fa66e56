/*
 * Interview files: a portrait that slowly grows and moves on a plain ground, with noise, and speech.
 *
 * Per answer: espeak-ng into NAME.wav.part, ffmpeg into NAME.part, rename to NAME.  So a file with its
 * final name is whole, and what is there needs not be made again.  ffmpeg runs on one thread each: its
 * output then does not depend on the machine's cores, and several files are made at once.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/paths.h"
#include "base/rng.h"
#include "demo/inside.h"

#define JOBS_MAX 64
#define ARGS_MAX 64
#define WHAT "making interviews"

struct answer {
	const struct eh_demo_person *person;
	unsigned question;
	unsigned frames;
	char path[4096], part[4096 + 8], wav[4096 + 16];
};

struct slot {
	struct eh_demo_child child;
	struct answer *answer;
};

struct pool {
	struct slot *slots;             /* [n_slots] */
	size_t n_slots, busy;
	struct answer *answers;         /* [n_answers] still to be made */
	size_t n_answers;
	size_t spoken, started;         /* answers before these are */
	uint64_t done, total;
	const struct eh_progress *progress;
};

static void remove_parts(const struct answer *a)
{
	unlink(a->part);
	unlink(a->wav);
}

struct args {
	char *v[ARGS_MAX + 1];
	size_t n;
};

static void arg(struct args *a, const char *text)
{
	if (a->n < ARGS_MAX)
		a->v[a->n++] = eh_xstrdup(text);
	a->v[a->n] = NULL;
}

/* Words that hold no blanks themselves. */
static void args_of_line(struct args *a, const char *line)
{
	char word[128];
	int used = 0;

	while (sscanf(line, "%127s%n", word, &used) == 1) {
		arg(a, word);
		line += used;
	}
}

static void args_free(struct args *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->v[i]);
	a->n = 0;
}

/* The portrait, 128 pixels wide, grows or shrinks between two heights; the window pans over the ground around it. */
static void filter_graph(char *out, size_t size, const struct answer *a)
{
	static const char *const grounds[] = { "0x6b7a86", "0x8a8378", "0x5d6b5f", "0x9aa3ad", "0x7a6f7d", "0xa39c8f" };
	unsigned small, large, from, to, noise, pan_x, pan_y, pace, noise_seed;
	const char *ground = NULL;
	struct eh_rng r;
	char name[32];

	snprintf(name, sizeof name, "%s picture q%u", a->person->id, a->question + 1);
	eh_rng_seed_named(&r, 0, name);
	/* 400..480 pixels high: sound portraits are found at every size there (facts/first_road.md 3) */
	small = 400 + (unsigned)eh_rng_below(&r, 31);
	large = 446 + (unsigned)eh_rng_below(&r, 33);
	from = eh_rng_below(&r, 2) == 0 ? small : large;
	to = from == small ? large : small;
	pan_x = 10 + (unsigned)eh_rng_below(&r, 31);
	pan_y = 3 + (unsigned)eh_rng_below(&r, 12);
	pace = 30 + (unsigned)eh_rng_below(&r, 40);
	noise = 5 + (unsigned)eh_rng_below(&r, 5);
	noise_seed = 1 + (unsigned)eh_rng_below(&r, 1000000);
	ground = grounds[eh_rng_below(&r, sizeof grounds / sizeof grounds[0])];
	snprintf(out, size,
		 "[0:v]format=yuv420p,loop=loop=-1:size=1,setpts=N/%d/TB,"
		 "scale=w=2*trunc((%u+(%d)*t/10)/2):h=2*trunc((%u+(%d)*t/10)/2):flags=bilinear:eval=frame,"
		 "pad=720:544:(ow-iw)/2:(oh-ih)/2:color=%s:eval=frame,"
		 "crop=640:480:40+%u*sin(t*%u/100):32+%u*cos(t*%u/130),"
		 "noise=c0_seed=%u:c0s=%u:c0f=t[v];[1:a]apad[a]",
		 EH_DEMO_FPS, from, (int)to - (int)from, from, (int)to - (int)from, ground, pan_x, pace, pan_y, pace,
		 noise_seed, noise);
}

/* ffmpeg's file names may be protocols; "file:" takes that meaning away. */
static void arg_file(struct args *a, const char *path)
{
	char *name = eh_xasprintf("file:%s", path);

	arg(a, name);
	free(name);
}

static int ffmpeg_args(struct args *args, const struct answer *a, struct eh_err *err)
{
	char portrait[4096], graph[1024], length[32];
	int rc = eh_data_path(portrait, sizeof portrait, EH_DATA_PORTRAIT, a->person->portrait, err);

	args->n = 0;
	if (rc != EH_OK)
		return rc;
	filter_graph(graph, sizeof graph, a);
	snprintf(length, sizeof length, "%u.%u", a->frames / EH_DEMO_FPS, a->frames % EH_DEMO_FPS * 10 / EH_DEMO_FPS);
	args_of_line(args, "ffmpeg -nostdin -hide_banner -loglevel error -y");
	args_of_line(args, "-threads 1 -filter_threads 1 -filter_complex_threads 1");
	/* none: a % in the directory's name is no pattern of numbers */
	args_of_line(args, "-f image2 -pattern_type none -framerate 15 -i");
	arg_file(args, portrait);
	arg(args, "-i");
	arg_file(args, a->wav);
	arg(args, "-filter_complex");
	arg(args, graph);
	args_of_line(args, "-map [v] -map [a] -t");
	arg(args, length);
	args_of_line(args, "-r 15");
	/* facts/first_road.md 5.  A negative -cpu-used is a fixed speed, a positive one follows the load. */
	if (a->person->webm)
		args_of_line(args, "-c:v libvpx -deadline realtime -cpu-used -8 -b:v 700k "
				   "-c:a libopus -b:a 48k -ar 48000 -f webm");
	else
		args_of_line(args, "-c:v libx264 -preset ultrafast -crf 28 -c:a aac -b:a 64k -f mp4");
	args_of_line(args, "-threads 1 -map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact");
	arg_file(args, a->part);
	return EH_OK;
}

static int start(struct slot *s, struct answer *a, struct eh_err *err)
{
	struct args args;
	int rc = ffmpeg_args(&args, a, err);

	if (rc == EH_OK)
		rc = eh_demo_start(&s->child, args.v, -1, err);
	if (rc == EH_OK)
		s->answer = a;
	else
		remove_parts(a);
	args_free(&args);
	return rc;
}

static int finish(const struct answer *a, struct eh_err *err)
{
	struct stat st = { 0 };
	int e = 0;

	unlink(a->wav);
	if (stat(a->part, &st) != 0)
		e = errno;
	else if (st.st_size == 0)
		e = ENODATA;
	else if (chmod(a->part, 0600) != 0 || rename(a->part, a->path) != 0)
		e = errno;
	if (e == 0)
		return EH_OK;
	unlink(a->part);
	return eh_err_set(err, e == ENOSPC ? EH_EFULL : EH_EIO, "%s: cannot keep the finished file: %s", a->path,
			  strerror(e));
}

/* Looks once at every running ffmpeg. */
static int reap(struct pool *p, struct eh_err *err)
{
	int rc = EH_OK;

	for (size_t i = 0; rc == EH_OK && i < p->n_slots; i++) {
		struct slot *s = &p->slots[i];
		bool ended = false;

		if (s->answer == NULL)
			continue;
		rc = eh_demo_poll(&s->child, &ended, err);
		if (!ended)
			continue;
		if (rc == EH_OK)
			rc = finish(s->answer, err);
		else
			(void)eh_err_prefix(err, "%s: ", s->answer->path);
		if (rc != EH_OK)
			remove_parts(s->answer);
		s->answer = NULL;
		p->busy--;
		if (rc == EH_OK)
			eh_progress_step(p->progress, WHAT, ++p->done, p->total);
	}
	return rc;
}

/* One piece of work: speak ahead by one answer, start where a slot is free, else wait a moment. */
static int advance(struct pool *p, struct eh_err *err)
{
	int rc = reap(p, err);

	if (rc != EH_OK)
		return rc;
	if (p->spoken == p->started && p->spoken < p->n_answers) {
		struct answer *a = &p->answers[p->spoken++];

		/* a program left over from a killed run may still hold the old part open: take its name away */
		remove_parts(a);
		return eh_demo_speak(a->wav, a->person, a->question, &a->frames, p->progress, err);
	}
	for (size_t i = 0; i < p->n_slots && p->started < p->spoken; i++) {
		if (p->slots[i].answer != NULL)
			continue;
		rc = start(&p->slots[i], &p->answers[p->started], err);
		if (rc == EH_OK) {
			p->started++;
			p->busy++;
		}
		return rc;
	}
	eh_demo_nap();
	return EH_OK;
}

static void stop(struct pool *p)
{
	for (size_t i = 0; i < p->n_slots; i++)
		if (p->slots[i].answer != NULL) {
			eh_demo_kill(&p->slots[i].child);
			remove_parts(p->slots[i].answer);
			p->slots[i].answer = NULL;
		}
	for (size_t i = p->started; i < p->spoken; i++)
		remove_parts(&p->answers[i]);
}

static int make_all(struct pool *p, struct eh_err *err)
{
	int rc = EH_OK;

	while (rc == EH_OK && (p->started < p->n_answers || p->busy > 0)) {
		if (eh_progress_cancelled(p->progress))
			rc = eh_demo_cancelled(err);
		else
			rc = advance(p, err);
	}
	if (rc != EH_OK)
		stop(p);
	return rc;
}

static unsigned cores(void)
{
	cpu_set_t set;
	int n = 0;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof set, &set) == 0)
		n = CPU_COUNT(&set);
	return n > 0 ? (unsigned)n : 1;
}

/* Fills p->answers with those of people[first..first+n-1] that have no file yet. */
static int missing(struct pool *p, const char *dir, const struct eh_demo_person *people, size_t first, size_t n,
		   struct eh_err *err)
{
	char name[EH_DEMO_NAME_SIZE];
	struct stat st = { 0 };

	for (size_t i = first; i < first + n; i++)
		for (unsigned q = 0; q < EH_DEMO_QUESTIONS; q++) {
			struct answer *a = &p->answers[p->n_answers];
			int rc = EH_OK;

			eh_demo_answer_name(name, &people[i], q);
			rc = eh_demo_path(a->path, sizeof a->path, dir, "media", name, err);
			if (rc != EH_OK)
				return rc;
			snprintf(a->part, sizeof a->part, "%s.part", a->path);
			snprintf(a->wav, sizeof a->wav, "%s.wav.part", a->path);
			a->person = &people[i];
			a->question = q;
			if (stat(a->path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
				p->done++;
			else
				p->n_answers++;
		}
	p->total = p->done + p->n_answers;
	return EH_OK;
}

/* Is all there that making needs?  Said before the first file, not after an hour. */
static int check_programs(const struct eh_demo_person *people, const struct eh_progress *progress, struct eh_err *err)
{
	char program[] = "ffmpeg", version[] = "-version";
	char *const argv[] = { program, version, NULL };
	int rc = eh_demo_run(argv, -1, progress, err);

	return rc == EH_OK ? eh_demo_voices_check(people, EH_DEMO_PERSONS, progress, err) : rc;
}

int eh_demo_media_of(const struct eh_demo_options *o, size_t first, size_t n, const struct eh_progress *progress,
		     struct eh_err *err)
{
	struct eh_demo_person people[EH_DEMO_PERSONS];
	struct pool p = { .progress = progress, .n_slots = o->jobs == 0 ? cores() : o->jobs };
	int rc = EH_OK;

	if (n > EH_DEMO_PERSONS || first > EH_DEMO_PERSONS - n)
		return eh_err_set(err, EH_EINVAL, "demo: there are only %d candidates", EH_DEMO_PERSONS);
	if (p.n_slots > JOBS_MAX)
		p.n_slots = JOBS_MAX;
	rc = eh_demo_make_dirs(o->dir, err);
	if (rc != EH_OK)
		return rc;
	eh_demo_roster(people);
	/* one more than can be missing: missing() fills before it decides */
	p.answers = eh_try_calloc(n * EH_DEMO_QUESTIONS + 1, sizeof *p.answers);
	p.slots = eh_try_calloc(p.n_slots, sizeof *p.slots);
	if (p.answers == NULL || p.slots == NULL) {
		rc = eh_err_set(err, EH_ENOMEM, "%s: out of memory for %zu interviews", o->dir, n * EH_DEMO_QUESTIONS);
		goto out;
	}
	rc = missing(&p, o->dir, people, first, n, err);
	if (rc == EH_OK && p.n_answers > 0)
		rc = check_programs(people, progress, err);
	if (rc != EH_OK)
		goto out;
	eh_progress_step(progress, WHAT, p.done, p.total);
	rc = make_all(&p, err);
out:
	free(p.answers);
	free(p.slots);
	return rc;
}

int eh_demo_make_media(const struct eh_demo_options *o, const struct eh_progress *progress, struct eh_err *err)
{
	return eh_demo_media_of(o, 0, EH_DEMO_PERSONS, progress, err);
}
