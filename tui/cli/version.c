/* The program's version; see version.h. */
#include "cli/version.h"

#ifndef EVENHAND_VERSION
#define EVENHAND_VERSION "0.1"
#endif

const char *const cli_version_text = EVENHAND_VERSION;
