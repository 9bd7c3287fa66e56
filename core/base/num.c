/* Texts of the undefined reasons; see num.h. */
#include "base/num.h"

#include <string.h>

static const char *const texts[EH_U_COUNT] = {
#define X(name, text) [name] = text,
	EH_UNDEF_LIST(X)
#undef X
};

const char *eh_undef_text(enum eh_undef why)
{
	return (unsigned)why < EH_U_COUNT ? texts[why] : "unknown_reason";
}

/* "p", "q", "p_fisher", "q_holm", "fit_p" */
static bool names_p(const char *name)
{
	const size_t len = strlen(name);

	return ((name[0] == 'p' || name[0] == 'q') && (name[1] == '\0' || name[1] == '_')) ||
	       (len > 2 && strcmp(name + len - 2, "_p") == 0);
}

bool eh_num_below(const char *name, struct eh_num v)
{
	return v.defined && v.value < EH_P_SMALLEST && names_p(name);
}

struct eh_num eh_num_told(const char *name, struct eh_num v)
{
	return eh_num_below(name, v) ? eh_num(EH_P_SMALLEST) : v;
}

const char *eh_num_remark(const char *name, struct eh_num v)
{
	if (!v.defined)
		return eh_undef_text(v.why);
	return eh_num_below(name, v) ? EH_P_BELOW_TEXT : NULL;
}
