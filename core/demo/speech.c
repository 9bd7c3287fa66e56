/* What candidates say, in whose voice, and for how long. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/rng.h"
#include "demo/inside.h"

#define SENTENCES 12
/*
 * Speech of 8.5..9.9 s in an interview of 9..10 s: two answers then hold more than the 10 s of
 * voiced speech that the audio indicator asks for (facts/first_road.md 4).
 */
#define SPEECH_MIN_MS 8500u
#define SPEECH_MAX_MS 9900u
#define FRAMES_MIN (9u * EH_DEMO_FPS)
#define FRAMES_MAX (10u * EH_DEMO_FPS)
#define FRAMES_STEP 3u                  /* 0.2 s: a length that is exact in decimal digits */

static const char *const sentences[EH_DEMO_QUESTIONS][SENTENCES] = {
	{
		"The work I like to remember most is a small booking system for the town library.",
		"We were three people with six weeks, and none of us had done it before.",
		"I wrote down every step so that nobody had to guess what came next.",
		"In the end the staff could find any book within a minute.",
		"My part was to talk to the people at the desk and turn their wishes into a plan.",
		"Half of the first version went into the bin, because we had not listened long enough.",
		"After that I showed them a new sketch each Friday and changed what was hard to follow.",
		"The numbers in the monthly report finally agreed, and that saved us about two days.",
		"I learned to keep things simple, to measure first, and to ask when I am not sure.",
		"What made me proud was that another office took our work over without any help.",
		"It began with a list of complaints that had been lying in a drawer for more than a year.",
		"We tested every change with five real users and wrote down where each of them stopped to think.",
	},
	{
		"Last winter I sent a wrong table to a customer and only noticed it that evening.",
		"I called them the same night and sent a corrected one before breakfast.",
		"Since then a second person looks at every table, and it takes five minutes.",
		"When two of us could not agree, I asked each to explain the other one's view.",
		"It turned out that both wanted the same thing in a different order.",
		"Under pressure I first make a short list, then I do what others are waiting for.",
		"My manager asked for a date I could not promise, so I showed her what would be left out.",
		"She chose the smaller version, and we delivered it two days earlier than expected.",
		"I do not mind being wrong, as long as we find out soon and nobody is afraid to say it.",
		"The hardest part was to stay calm on the phone while the machine behind me made a terrible noise.",
		"Looking back, I should have asked for help on the first day and not at the end of the week.",
		"Now I write a short note after each such day, and read them once a month.",
	},
};

/* The table of `espeak-ng --voices=variant`, whole; caller frees. */
static int variants_read(char **out, const struct eh_progress *progress, struct eh_err *err)
{
	char program[] = "espeak-ng", list[] = "--voices=variant";
	char *const argv[] = { program, list, NULL };
	struct stat st = { 0 };
	char *text = NULL;
	ssize_t n = 0;
	int rc = EH_OK;
	int fd = memfd_create("voices", MFD_CLOEXEC);

	*out = NULL;
	if (fd < 0)
		return eh_err_set(err, EH_EENV, "espeak-ng: no place for its list of voices: %s", strerror(errno));
	rc = eh_demo_run(argv, fd, progress, err);
	if (rc != EH_OK)
		goto out;
	if (fstat(fd, &st) != 0 || st.st_size <= 0 || st.st_size > 1 << 20) {
		rc = eh_err_set(err, EH_EENV, "espeak-ng: it lists no voices; reinstall it with espeak-ng-data");
		goto out;
	}
	text = eh_try_malloc((size_t)st.st_size + 1, 1);
	if (text == NULL) {
		rc = eh_err_set(err, EH_ENOMEM, "espeak-ng: out of memory for its list of voices");
		goto out;
	}
	n = pread(fd, text, (size_t)st.st_size, 0);
	text[n > 0 ? n : 0] = '\0';
	*out = text;
out:
	close(fd);
	return rc;
}

/* File names stand in the list as "!v/NAME" and then a blank or the end of the line. */
static bool variant_listed(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = strstr(list, "!v/"); p != NULL; p = strstr(p, "!v/")) {
		p += 3;
		if (strncmp(p, name, len) == 0 && (p[len] == ' ' || p[len] == '\n' || p[len] == '\r' || p[len] == '\0'))
			return true;
	}
	return false;
}

int eh_demo_voices_check(const struct eh_demo_person *people, size_t n, const struct eh_progress *progress,
			 struct eh_err *err)
{
	char *list = NULL;
	int rc = variants_read(&list, progress, err);

	/* an unknown variant would be the base voice, without a word (facts/first_road.md 2) */
	for (size_t i = 0; rc == EH_OK && i < n; i++)
		if (!variant_listed(list, people[i].voice))
			rc = eh_err_set(err, EH_EENV, "espeak-ng: no voice variant '%s'; install espeak-ng 1.51",
					people[i].voice);
	free(list);
	return rc;
}

static uint32_t le32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Length of a file that espeak-ng wrote: 44 bytes of header, then 16-bit mono samples. */
static int wav_ms(const char *path, unsigned *ms, struct eh_err *err)
{
	unsigned char h[44];
	struct stat st = { 0 };
	uint32_t bytes_per_second = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool good = fd >= 0 && read(fd, h, sizeof h) == (ssize_t)sizeof h && fstat(fd, &st) == 0;

	if (fd >= 0)
		close(fd);
	if (good)
		bytes_per_second = le32(h + 28);
	if (!good || memcmp(h, "RIFF", 4) != 0 || memcmp(h + 8, "WAVE", 4) != 0 || bytes_per_second < 8000 ||
	    bytes_per_second > 200000 || st.st_size > 1 << 26)
		return eh_err_set(err, EH_EIO, "%s: espeak-ng wrote no usable sound (is the disk full?)", path);
	*ms = (unsigned)((uint64_t)(st.st_size - (off_t)sizeof h) * 1000 / bytes_per_second);
	return EH_OK;
}

static int speak_once(const char *wav, const struct eh_demo_person *p, const char *text, unsigned speed, unsigned *ms,
		      const struct eh_progress *progress, struct eh_err *err)
{
	char program[] = "espeak-ng", v[] = "-v", pitch_flag[] = "-p", speed_flag[] = "-s", w[] = "-w";
	char voice[32], pitch[16], rate[16];
	char *argv[] = { program, v, voice, pitch_flag, pitch, speed_flag, rate, w, NULL, NULL, NULL };
	int rc = EH_OK;

	snprintf(voice, sizeof voice, "en+%s", p->voice);
	snprintf(pitch, sizeof pitch, "%u", p->pitch);
	snprintf(rate, sizeof rate, "%u", speed);
	argv[8] = eh_xstrdup(wav);
	argv[9] = eh_xstrdup(text);
	rc = eh_demo_run(argv, -1, progress, err);
	if (rc == EH_OK)
		rc = wav_ms(wav, ms, err);
	free(argv[8]);
	free(argv[9]);
	return rc;
}

/* The speed at which what took ms at `speed` would take the middle of the window, within what sounds natural. */
static unsigned better_speed(unsigned speed, unsigned ms)
{
	unsigned s = speed * ms / ((SPEECH_MIN_MS + SPEECH_MAX_MS) / 2);

	return s < 145 ? 145 : s > 185 ? 185 : s;
}

int eh_demo_speak(const char *wav, const struct eh_demo_person *p, unsigned question, unsigned *frames,
		  const struct eh_progress *progress, struct eh_err *err)
{
	unsigned ms = 0, speed = p->speed, wanted = 0;
	struct eh_rng r;
	char text[512];
	char name[32];
	int rc = EH_OK;

	snprintf(name, sizeof name, "%s speech q%u", p->id, question + 1);
	eh_rng_seed_named(&r, 0, name);
	/* voices differ in pace by more than the window is wide: other words first, then another speed */
	for (unsigned attempt = 0; attempt < 4 * SENTENCES; attempt++) {
		unsigned a = (unsigned)eh_rng_below(&r, SENTENCES);
		unsigned b = (a + 1 + (unsigned)eh_rng_below(&r, SENTENCES - 1)) % SENTENCES;

		snprintf(text, sizeof text, "%s %s", sentences[question][a], sentences[question][b]);
		rc = speak_once(wav, p, text, speed, &ms, progress, err);
		if (rc != EH_OK)
			return rc;
		if (ms >= SPEECH_MIN_MS && ms <= SPEECH_MAX_MS)
			break;
		if (attempt % 3 == 2)
			speed = better_speed(speed, ms);
	}
	if (ms < SPEECH_MIN_MS || ms > SPEECH_MAX_MS)
		return eh_err_set(err, EH_FAIL, "espeak-ng: voice %s takes %u ms for an answer of 9 to 10 s; "
				  "install espeak-ng 1.51", p->voice, ms);
	wanted = (ms + 100) * EH_DEMO_FPS / 1000 + FRAMES_STEP;
	wanted -= wanted % FRAMES_STEP;
	*frames = wanted < FRAMES_MIN ? FRAMES_MIN : wanted > FRAMES_MAX ? FRAMES_MAX : wanted;
	return EH_OK;
}
