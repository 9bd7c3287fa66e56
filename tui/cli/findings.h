/*
 * findings.h - the table of findings that several commands print.
 */
#ifndef EH_CLI_FINDINGS_H
#define EH_CLI_FINDINGS_H

#include "cli/cli.h"

/* keep: NULL = all. */
void cli_findings_table(const struct cli *c, const struct eh_finding *v, size_t n,
			bool (*keep)(const struct eh_finding *));

#endif
