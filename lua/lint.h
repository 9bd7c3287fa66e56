/*
 * lint.h - looks through a policy's text without running it.
 *
 * Finds names that are not there (globals, functions of the libraries, facts), verdict words that are none, and facts
 * that are read but not in `needs` or the reverse, also in branches that no run came to, and in the functions of the
 * libraries that it hands facts to.  What is a fact it concludes
 * from the text: the parameter of check, what it is handed on to, what it is called locally.  Where that is not sure
 * it says nothing.
 */
#ifndef EH_LUA_LINT_H
#define EH_LUA_LINT_H

#include "policy/author.h"

/* See struct eh_author_tools; out->v is the caller's to free. */
void eh_lint_text(struct eh_lint *out, const char *text, size_t len, const struct eh_policy_info *info);

#endif
