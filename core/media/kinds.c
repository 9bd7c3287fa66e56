/* Names of the kinds of copies: linked into the program and into the module, as both need them without the other. */
#include "media/degrade.h"

const char *eh_copy_name(enum eh_copy_kind kind)
{
	static const char *const names[EH_COPY_KINDS] = { "band8k", "noise15", "opus12" };

	return (unsigned)kind < EH_COPY_KINDS ? names[kind] : NULL;
}
