/*
 * editor.h - a line of text taken to the person's own editor and back.
 */
#ifndef EH_TUI_PARTS_EDITOR_H
#define EH_TUI_PARTS_EDITOR_H

#include <stdbool.h>

#include "base/err.h"
#include "parts/line.h"

/*
 * Opens $VISUAL or $EDITOR on a file (mode 0600, in $TMPDIR or /tmp, removed afterwards) that holds the line.  What is
 * left there becomes the line: line ends and tabs as blanks, other control characters as marks; *cut tells that it was
 * longer than l->max.  The terminal is given to the editor meanwhile.
 *
 * Returns 0, or with the line as it was
 *   EH_EENV  neither variable is set
 *   EH_EIO   no file can be written, or none is left
 *   EH_FAIL  the editor did not end with status 0
 */
int editor_edit(struct line *l, bool *cut, struct eh_err *err);

#endif
