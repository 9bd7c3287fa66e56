/*
 * author.h - what an engine offers to those who write policies: looking through a text, running its spec, a prompt.
 *
 * Like policy.h an interface that the core owns and lua/ implements.  Texts are strangers' here too: they are looked at
 * without being run (lint), or run in the same locked worker and under the same budgets as a policy's (spec, repl).
 * What comes back is checked and printable.
 */
#ifndef EH_POLICY_AUTHOR_H
#define EH_POLICY_AUTHOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "policy/policy.h"

/* ---- looking through a text ---- */

struct eh_lint_remark {
	uint32_t line;
	bool error;                     /* false: a warning */
	char text[240];                 /* what, and the mend; printable */
};
struct eh_lint {
	struct eh_lint_remark *v;       /* [n] by line, caller frees */
	size_t n, errors;
	char reads[1024];               /* facts that the text reads, blank-separated, by name */
};

/* ---- specs ---- */

enum eh_spec_outcome { EH_SPEC_PASSED, EH_SPEC_FAILED, EH_SPEC_ERROR, EH_SPEC_PENDING, EH_SPEC_OUTCOMES };
#define EH_SPEC_CASES_MAX 1000

struct eh_spec_case {
	int32_t outcome;                /* enum eh_spec_outcome */
	char name[160];                 /* "describe: it"; printable */
	char message[448];              /* "file:line: what"; "" = passed */
};
struct eh_spec_result {
	struct eh_spec_case *v;         /* [n] in the order of the spec, caller frees */
	size_t n;
	struct eh_policy_use use;
};

/* ---- a prompt ---- */

struct eh_repl;
enum eh_repl_outcome {
	EH_REPL_DONE,
	EH_REPL_INCOMPLETE,             /* the text goes on in the next line */
	EH_REPL_ERROR,                  /* text says file:line and what */
	EH_REPL_STOPPED                 /* budget or worker: what it did is undone */
};
#define EH_REPL_TEXT_MAX (64u * 1024u)
#define EH_REPL_NAME_MAX 64

enum eh_author_page { EH_PAGE_STUB, EH_PAGE_LUARC, EH_PAGE_LUACHECK, EH_PAGE_MANUAL };

struct eh_author_tools {
	/* text of a policy or a spec; info: the loaded policy's, or NULL.  A text that is not Lua is passed over as far
	 * as it goes: load says what is wrong with it. */
	void (*lint)(struct eh_lint *out, const char *text, size_t len, const struct eh_policy_info *info);
	/* Runs the spec at path on p in one fresh locked worker.  EH_EPOLICY: the spec as a whole could not be run;
	 * out then holds the cases that had ended. */
	int (*spec)(struct eh_spec_result *out, struct eh_policy *p, const char *path, struct eh_err *err);
	/* c is borrowed, and what was lent to p.  p: the policy that stands as `policy` and `check`.  NULL: the
	 * program's files are not at hand. */
	struct eh_repl *(*repl_new)(struct eh_policy *p, const struct eh_policy_case *c);
	/* One line or several; *text (freed by the caller) is what to show: printable, with newlines. */
	enum eh_repl_outcome (*repl_run)(struct eh_repl *r, const char *line, char **text);
	/* Names that go on from the end of line, "facts.ra" gives "facts.rate", ...; at most max, sorted. */
	size_t (*repl_complete)(struct eh_repl *r, const char *line, char (*names)[EH_REPL_NAME_MAX], size_t max);
	void (*repl_free)(struct eh_repl **r);
	void (*page)(FILE *out, enum eh_author_page page);
};

#endif
