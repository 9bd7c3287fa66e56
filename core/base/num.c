/* Texts of the undefined reasons; see num.h. */
#include "base/num.h"

static const char *const texts[EH_U_COUNT] = {
#define X(name, text) [name] = text,
	EH_UNDEF_LIST(X)
#undef X
};

const char *eh_undef_text(enum eh_undef why)
{
	return (unsigned)why < EH_U_COUNT ? texts[why] : "unknown_reason";
}
