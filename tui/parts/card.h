/*
 * card.h - a model card as lines, with its figures: what the command prints and the screen scrolls.
 */
#ifndef EH_TUI_PARTS_CARD_H
#define EH_TUI_PARTS_CARD_H

#include <stddef.h>

#include "learn/card.h"
#include "parts/term.h"

struct card_line {
	enum element element;           /* E_TITLE: the first line of a section */
	char *text;
};

struct card_lines {
	struct card_line *v;
	size_t n, cap;
};

/* Lines for a terminal of `width` columns; wider ones of tables go on below themselves.  term_charset decides on
 * ASCII. */
void card_lines_make(struct card_lines *out, const struct eh_card *c, int width);
void card_lines_free(struct card_lines *l);

#endif
