/*
 * overlay.h - what is drawn over or below every screen from the table of keys: footer, palette, help.
 */
#ifndef EH_TUI_VIEWS_OVERLAY_H
#define EH_TUI_VIEWS_OVERLAY_H

#include "parts/line.h"
#include "views/view.h"

#define HELP_LAST 1000000               /* scrolls to the end */

/* The last line: help, palette and the ways out always, the other keys that do something here as many as fit. */
void footer_draw(const struct view *v);

/* Actions possible here that hold every word typed; out has room for ACT_COUNT; returns the number. */
size_t palette_rows(const struct view *v, const char *typed, const struct action_info **out);
/* Draws them with the line that is typed, and puts the cursor there; returns the row chosen, clamped. */
size_t palette_draw(const struct view *v, const struct line *typed, size_t chosen);

/* What the screen is for, its keys, verdicts and words of the tables, from line *scroll on, which is clamped. */
void help_draw(const struct view *v, int *scroll);

#endif
