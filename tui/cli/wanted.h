/*
 * wanted.h - which findings of a stored run a command is asked for, and what is said where there are none.
 */
#ifndef EH_CLI_WANTED_H
#define EH_CLI_WANTED_H

#include "cli/cli.h"

#define CLI_EVERYBODY "all"             /* the id of the findings on everybody together */

/* What of a run is wanted; NULL = everything. */
struct cli_wanted {
	const char *evaluator, *attribute, *group;
	bool evaluators_only;           /* not the pooled findings */
};

/* The wanted findings of the run that was asked for (--run, else the last); the attribute and group of the command line
 * join w.  Returns an exit status, 0 = done; the caller frees *v (eh_list_free) in any case. */
int cli_wanted_load(struct cli *c, struct cli_wanted *w, struct eh_audit_head *head, struct eh_finding **v, size_t *n);
/* The wanted of the policy's own findings of that run; likewise. */
int cli_wanted_own(struct cli *c, const struct cli_wanted *w, uint64_t run, struct eh_finding **v, size_t *n);
/* What of a run a list of its findings does not show: another policy than the active one, a window. */
void cli_say_run(const struct cli *c, const struct eh_audit_head *h);
/* Which of evaluator ("" = everybody together), attribute and group the run does not have, and what it has instead.
 * Returns the exit status. */
int cli_say_missing(struct cli *c, const struct cli_wanted *wanted);
/* "" stands for everybody in the findings: a shell's empty variable must not ask for that.  everybody: what does. */
bool cli_is_named(struct cli *c, const char *everybody);

#endif
