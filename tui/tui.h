/*
 * tui.h - the screens: one call that takes the terminal, runs until the person leaves, and gives it back.
 */
#ifndef EH_TUI_TUI_H
#define EH_TUI_TUI_H

#include <stdbool.h>

#include "base/err.h"
#include "desk/desk.h"

enum tui_color { TUI_COLOR_AUTO, TUI_COLOR_ALWAYS, TUI_COLOR_NEVER };

struct tui_options {
	enum tui_color color;           /* auto: NO_COLOR, TERM and the terminal's own count decide */
	bool ascii;                     /* no character above 0x7f; also when the locale is not UTF-8 */
	bool mouse;                     /* off: not one mouse sequence is sent */
};

/* EH_EENV: no terminal, unknown TERM, no cursor addressing (the text names the line commands instead). */
int tui_run(struct eh_desk *desk, const struct tui_options *o, struct eh_err *err);

#endif
