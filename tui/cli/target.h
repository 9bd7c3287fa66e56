/*
 * target.h - a file that a command writes and that appears whole or not at all: under another name in the same
 * directory until it is kept.  Mode 0600: what commands write is about persons.
 */
#ifndef EH_CLI_TARGET_H
#define EH_CLI_TARGET_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"

struct cli_target {
	char *path, *temporary;
	FILE *f;                        /* for reading and writing */
};

/* The file will be path and suffix.  EH_EIO; cli_target_close is right after an error too. */
int cli_target_open(struct cli_target *t, const char *path, const char *suffix, struct eh_err *err);
/* To the disk and to its name.  Without force a file that came meanwhile is not replaced.  EH_EIO. */
int cli_target_keep(struct cli_target *t, bool force, struct eh_err *err);
/* Frees it; nothing stays of what was not kept. */
void cli_target_close(struct cli_target *t);

#endif
