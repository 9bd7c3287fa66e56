/*
 * diff.h - two texts line by line: which lines went, which came.
 *
 * Shortest edit by Myers' O(ND) method (E. W. Myers, Algorithmica 1, 1986); where two texts have more than
 * EH_DIFF_EDITS_MAX differences the rest is told as one block that went and one that came.  The same texts give the
 * same lines always.  Lines end with \n; a last line without one is a line too.
 */
#ifndef EH_POLICY_DIFF_H
#define EH_POLICY_DIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define EH_DIFF_EDITS_MAX 1000

struct eh_diff_line {
	char kind;                      /* ' ' in both, '-' only in the old, '+' only in the new */
	const char *text;               /* borrowed from the text, len bytes without \n */
	size_t len;
	size_t old_line, new_line;      /* from 1; 0 where it is not there */
};

/* *v: caller frees.  Returns the number of lines; *changes = those that are not in both. */
size_t eh_diff_lines(struct eh_diff_line **v, const char *before, size_t before_len, const char *after,
		     size_t after_len, size_t *changes);

/* The unified form with `context` lines around each change, as patch(1) reads it; nothing where nothing changed. */
void eh_diff_unified(struct eh_buf *out, const struct eh_diff_line *v, size_t n, const char *before_name,
		     const char *after_name, size_t context);

#endif
