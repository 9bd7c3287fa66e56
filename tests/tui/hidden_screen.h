/*
 * hidden_screen.h - a screen of 80 x 24 that nobody sees, for tests of what is drawn; include it first.
 */
#ifndef EH_TESTS_TUI_HIDDEN_SCREEN_H
#define EH_TESTS_TUI_HIDDEN_SCREEN_H

#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "cli/cli.h"
#include "parts/term.h"

/* the commands are linked in, main.c with their list is not */
const struct cli_entry *const cli_entries[] = { NULL };

static inline void ascii(bool on)
{
	const struct tui_options o = { TUI_COLOR_NEVER, on, false };

	term_charset(&o);
}

static inline int open_screen(void **state)
{
	FILE *null = fopen("/dev/null", "r+");

	*state = null;
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	(void)setenv("LINES", "24", 1);
	(void)setenv("COLUMNS", "80", 1);
	if (null == NULL || newterm("xterm", null, null) == NULL)
		return -1;
	ascii(false);
	return LINES == 24 && COLS == 80 ? 0 : -1;
}

static inline int close_screen(void **state)
{
	(void)endwin();
	return fclose(*state);
}

/* Columns x .. x + n - 1 of a line, as UTF-8. */
static inline const char *at(int y, int x, int n)
{
	static char text[400];
	wchar_t line[200];
	size_t used = 0;
	int column = 0;

	assert_true(mvinnwstr(y, 0, line, 199) >= 0);
	for (const wchar_t *p = line; *p != L'\0' && column < x + n; p++) {
		if (column >= x)
			used += (size_t)wctomb(text + used, *p);
		column += wcwidth(*p);
	}
	text[used] = '\0';
	return text;
}

#endif
