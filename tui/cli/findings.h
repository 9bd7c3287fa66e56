/*
 * findings.h - the table of findings that several commands print.
 */
#ifndef EH_CLI_FINDINGS_H
#define EH_CLI_FINDINGS_H

#include "cli/cli.h"

/* The estimate of a screening is always told as one (DESIGN.md 7): for people "~0.284", and a line below the table. */
bool cli_is_estimate(const struct eh_finding *f);
void cli_ratio_cell(struct cli_table *t, const struct eh_finding *f, int decimals);
void cli_tell_estimates(const struct cli *c, bool any);

/* keep: NULL = all. */
void cli_findings_table(const struct cli *c, const struct eh_finding *v, size_t n,
			bool (*keep)(const struct eh_finding *));

#endif
