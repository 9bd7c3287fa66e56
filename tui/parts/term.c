/* Terminal set-up, restoration on every way out, colour elements, symbols; see term.h. */
#define NCURSES_WIDECHAR 1
#include "parts/term.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

#include "base/mem.h"

#define ESCDELAY_DEFAULT 100    /* [ms]; facts/terminal.md 5: survives slow links, still feels at once */

static SCREEN *screen;
static bool is_open, ascii;
static volatile sig_atomic_t ended;

static const struct {
	int attr;               /* always */
	short fg;               /* -1 = the terminal's own */
	int attr_mono;          /* instead of attr without colours */
} elements[E_COUNT] = {
	[E_TEXT] = { A_NORMAL, -1, A_NORMAL },
	[E_TITLE] = { A_BOLD, -1, A_BOLD },
	[E_RULE] = { A_NORMAL, COLOR_CYAN, A_NORMAL },
	[E_HEAD] = { A_NORMAL, COLOR_CYAN, A_UNDERLINE },
	[E_SELECTED] = { A_REVERSE, -1, A_REVERSE },
	[E_KEY] = { A_BOLD, COLOR_CYAN, A_BOLD },
	[E_FOOTER] = { A_NORMAL, -1, A_NORMAL },
	[E_ALARM] = { A_BOLD, COLOR_YELLOW, A_BOLD },
	[E_WATCH] = { A_NORMAL, COLOR_YELLOW, A_NORMAL },
	[E_FIELD] = { A_UNDERLINE, -1, A_UNDERLINE },
	[E_MESSAGE] = { A_BOLD, COLOR_YELLOW, A_REVERSE },
};
static bool colours;

static const char *const symbols[S_COUNT][2] = {
	[S_RULE] = { "─", "-" },
	[S_POINTER] = { "▸", ">" },
	[S_BAR_LEFT] = { "├", "[" },
	[S_BAR_LINE] = { "─", "-" },
	[S_BAR_RIGHT] = { "┤", "]" },
	[S_BAR_POINT] = { "●", "o" },
	[S_BAR_LIMIT] = { "┊", "|" },
	[S_BAR_ONE] = { "│", ":" },
	[S_BAR_CROSS] = { "┼", "+" },
	[S_BAR_BEYOND_LEFT] = { "◂", "<" },
	[S_BAR_BEYOND_RIGHT] = { "▸", ">" },
	[S_SORT_UP] = { "▴", "^" },
	[S_SORT_DOWN] = { "▾", "v" },
	[S_ELLIPSIS] = { "…", ">" },
	[S_CHOSEN] = { "(•)", "(*)" },
	[S_FREE] = { "( )", "( )" },
	[S_SCREENING] = { "≈", "~" },
};

bool term_ascii(void) { return ascii; }
const char *term_symbol(enum symbol s) { return symbols[s][ascii]; }

/* Reading from a terminal that is gone fails at once: without the question the loop would turn for ever. */
bool term_ended(void)
{
	return ended != 0 || !isatty(STDIN_FILENO);
}

int term_attr(enum element e)
{
	if (!colours)
		return elements[e].attr_mono;
	return elements[e].attr | (int)COLOR_PAIR(elements[e].fg >= 0 ? e + 1 : 0);
}

static void on_end(int sig)
{
	(void)sig;
	ended = 1;
}

/* A crash must not leave the person with a dead terminal. */
static void on_crash(int sig)
{
	term_close();
	(void)signal(sig, SIG_DFL);
	(void)raise(sig);
}

static void set_signals(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof sa);
	sa.sa_handler = on_end;
	(void)sigaction(SIGTERM, &sa, NULL);
	(void)sigaction(SIGHUP, &sa, NULL);
	(void)sigaction(SIGINT, &sa, NULL);
	sa.sa_handler = on_crash;
	(void)sigaction(SIGABRT, &sa, NULL);
	(void)sigaction(SIGSEGV, &sa, NULL);
	(void)sigaction(SIGBUS, &sa, NULL);
	(void)sigaction(SIGFPE, &sa, NULL);
}

static bool want_colours(const struct tui_options *o)
{
	const char *no = getenv("NO_COLOR");

	if (o->color == TUI_COLOR_NEVER)
		return false;
	if (o->color == TUI_COLOR_AUTO && no != NULL && no[0] != '\0')
		return false;
	return has_colors();
}

static void set_colours(const struct tui_options *o)
{
	colours = false;
	if (!want_colours(o) || start_color() == ERR || use_default_colors() == ERR)
		return;
	colours = true;
	for (int e = 0; e < E_COUNT; e++)
		if (elements[e].fg >= 0)
			(void)init_pair((short)(e + 1), elements[e].fg, -1);
}

static void take(void)
{
	(void)raw();            /* Ctrl-S must reach the program: no flow control */
	(void)noecho();
	(void)nonl();
	(void)keypad(stdscr, TRUE);
	(void)meta(stdscr, TRUE);
	timeout(250);           /* [ms]; polls the store's version (facts/reliability.md 2.2) */
}

void term_charset(const struct tui_options *o)
{
	ascii = o->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

int term_open(const struct tui_options *o, struct eh_err *err)
{
	const char *name = getenv("TERM");

	screen = newterm(NULL, stdout, stdin);
	if (screen == NULL)
		return eh_err_set(err, EH_EENV,
				  "the terminal type '%.40s' is not known here; try TERM=xterm, "
				  "install ncurses-term, or use the line commands (evenhand evaluators, notifications "
				  "list)",
				  name != NULL ? name : "");
	if (tigetstr("cup") == NULL || tigetstr("cup") == (char *)-1) {
		(void)endwin();
		delscreen(screen);
		screen = NULL;
		return eh_err_set(err, EH_EENV, "the terminal type '%.40s' cannot place the cursor; try TERM=xterm, "
				  "or use the line commands (evenhand evaluators, notifications list)",
				  name != NULL ? name : "");
	}
	is_open = true;
	(void)atexit(term_close);
	eh_mem_on_exhausted(term_close);
	if (getenv("ESCDELAY") == NULL)
		(void)set_escdelay(ESCDELAY_DEFAULT);
	set_signals();
	set_colours(o);
	take();
	if (o->mouse)
		(void)mousemask(BUTTON1_CLICKED | BUTTON1_DOUBLE_CLICKED, NULL);
	return EH_OK;
}

void term_close(void)
{
	if (!is_open)
		return;
	is_open = false;
	(void)endwin();
}

void term_suspend(void)
{
	if (!is_open)           /* a command, not the screens: the terminal is free already */
		return;
	(void)def_prog_mode();
	(void)endwin();
}

void term_resume(void)
{
	if (!is_open)
		return;
	(void)reset_prog_mode();
	take();
	(void)redrawwin(stdscr);
	(void)refresh();
}
