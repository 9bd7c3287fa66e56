/*
 * findings.h - the table of findings that several commands print.
 */
#ifndef EH_CLI_FINDINGS_H
#define EH_CLI_FINDINGS_H

#include "cli/cli.h"

/* keep: NULL = all. */
void cli_findings_table(const struct cli *c, const struct eh_finding *v, size_t n,
			bool (*keep)(const struct eh_finding *));

/*
 * What a policy got wrong in a run, for a person: its own failure, or the number of findings it gave no verdict on with
 * the first reason.  NULL when nothing; else text.
 */
const char *cli_policy_error(const struct eh_audit_result *r, char *text, size_t size);

#endif
