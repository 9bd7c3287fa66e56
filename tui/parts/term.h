/*
 * term.h - taking the terminal and giving it back; colours by element, never by number.
 */
#ifndef EH_TUI_PARTS_TERM_H
#define EH_TUI_PARTS_TERM_H

#include <stdbool.h>

#include "base/err.h"
#include "tui.h"

/* What is drawn, not how: the table in term.c gives each element attributes and, where there are
 * colours, a pair.  State is always a word and a symbol as well (facts/terminal.md 1). */
enum element {
	E_TEXT, E_TITLE, E_RULE, E_HEAD, E_SELECTED, E_KEY, E_FOOTER, E_ALARM, E_WATCH, E_FIELD, E_MESSAGE,
	E_COUNT
};

enum symbol {
	S_RULE, S_POINTER, S_BAR_LEFT, S_BAR_LINE, S_BAR_RIGHT, S_BAR_POINT, S_BAR_LIMIT, S_BAR_ONE, S_BAR_CROSS,
	S_BAR_BEYOND_LEFT, S_BAR_BEYOND_RIGHT, S_SORT_UP, S_SORT_DOWN, S_ELLIPSIS, S_CHOSEN, S_FREE, S_SCREENING,
	S_COUNT
};

/* ASCII or not: before the first text is made. */
void term_charset(const struct tui_options *o);
/* EH_EENV when there is no usable terminal; nothing was changed then. */
int term_open(const struct tui_options *o, struct eh_err *err);
void term_close(void);                  /* safe to call twice, and from every exit path */
bool term_ascii(void);
const char *term_symbol(enum symbol s);
int term_attr(enum element e);          /* for attrset() */
bool term_ended(void);                  /* SIGTERM, SIGHUP or SIGINT came, or the terminal is gone */
/* Leaves the screen for an editor and takes it again; nothing where none is open. */
void term_suspend(void);
void term_resume(void);

#endif
