/*
 * version.h - the program's version, from git describe at build time.
 */
#ifndef EH_CLI_VERSION_H
#define EH_CLI_VERSION_H

extern const char *const cli_version_text;

#endif
