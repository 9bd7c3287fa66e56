/* Progress bars with rate and time left, interrupts, and the pager. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/cli.h"

#define REDRAW_EVERY 0.25       /* [s]; facts/terminal.md 8: at most four updates per second */

static volatile sig_atomic_t interrupted;

static struct {
	bool show;
	bool drawn;
	bool quiet;
	bool plain;                     /* what is whole erases itself: nobody calls cli_progress_end */
	char what[64];
	double started, last;
	uint64_t first;                 /* done at the start: what was there before is no speed of ours */
	struct sigaction old_int, old_term;
} bar;

static void on_signal(int sig)
{
	(void)sig;
	interrupted = 1;
}

bool cli_interrupted(void)
{
	return interrupted != 0;
}

static void erase(void)
{
	if (bar.drawn)
		fputs("\r\033[K", stderr);
	bar.drawn = false;
}

static void draw(const char *what, uint64_t done, uint64_t total, double now)
{
	double spent = now - bar.started;
	double rate = spent > 0.5 && done > bar.first ? (double)(done - bar.first) / spent : 0.0;
	int width = cli_columns(STDERR_FILENO) - 60;
	int full;

	width = width < 10 ? 10 : width > 40 ? 40 : width;
	full = total > 0 ? (int)((double)done / (double)total * width) : 0;
	fprintf(stderr, "\r\033[K%-20.20s [", what);
	for (int i = 0; i < width; i++)
		fputc(i < full ? '#' : '.', stderr);
	fprintf(stderr, "] %llu/%llu", (unsigned long long)done, (unsigned long long)total);
	if (rate > 0.0) {
		long left = (long)((double)(total - done) / rate + 0.5);

		fprintf(stderr, "  %.1f/s  %ld:%02ld left", rate, left / 60, left % 60);
	}
	fflush(stderr);
	bar.drawn = true;
}

static void on_step(void *ctx, const char *what, uint64_t done, uint64_t total)
{
	double now = eh_monotonic();

	(void)ctx;
	if (!bar.show)
		return;
	if (strcmp(bar.what, what) != 0) {
		(void)snprintf(bar.what, sizeof bar.what, "%s", what);
		bar.started = now;
		bar.first = done;
		bar.last = 0.0;
	}
	if (now - bar.last < REDRAW_EVERY && done < total)
		return;
	bar.last = now;
	if (bar.plain && done >= total)
		erase();
	else
		draw(what, done, total, now);
}

static void on_note(void *ctx, const char *line)
{
	(void)ctx;
	if (bar.plain && bar.quiet)
		return;
	erase();
	fprintf(stderr, "%s\n", line);
}

static bool on_cancelled(void *ctx)
{
	(void)ctx;
	return interrupted != 0;
}

static const struct eh_progress progress = { on_step, on_note, on_cancelled, NULL };

const struct eh_progress *cli_progress_plain(const struct cli *c)
{
	bar.quiet = c->quiet;
	bar.show = !c->quiet && isatty(STDERR_FILENO);
	bar.plain = true;
	return &progress;
}

const struct eh_progress *cli_progress_begin(const struct cli *c)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof sa);
	sa.sa_handler = on_signal;      /* no SA_RESTART: poll() must wake up */
	(void)sigaction(SIGINT, &sa, &bar.old_int);
	(void)sigaction(SIGTERM, &sa, &bar.old_term);
	bar.show = !c->quiet && isatty(STDERR_FILENO);
	bar.plain = false;
	bar.what[0] = '\0';
	return &progress;
}

void cli_progress_end(void)
{
	erase();
	bar.plain = true;
	(void)sigaction(SIGINT, &bar.old_int, NULL);
	(void)sigaction(SIGTERM, &bar.old_term, NULL);
}

FILE *cli_pager_begin(const struct cli *c)
{
	const char *pager = getenv("PAGER");
	FILE *f = NULL;

	if (!isatty(STDOUT_FILENO) || c->no_input || (pager != NULL && pager[0] == '\0'))
		return stdout;
	(void)setenv("LESS", "FRX", 0);
	fflush(stdout);
	f = popen(pager != NULL ? pager : "less", "w");
	return f != NULL ? f : stdout;
}

void cli_pager_end(FILE *f)
{
	if (f != stdout)
		(void)pclose(f);
}
