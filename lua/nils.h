/*
 * nils.h - which values were nil when a policy read them, so that an error about a nil can say whose it was.
 *
 * Lua's message of a comparison names no variable.  What reads a fact, a result's field or a project's field notes each
 * that has no value; the message is then completed with those that the failing line names.
 */
#ifndef EH_LUA_NILS_H
#define EH_LUA_NILS_H

#include <stddef.h>

#define EH_NILS_MAX 8                   /* the last ones are kept */

struct eh_nil {
	const char *outer;              /* "em" of em.interval.low, or NULL; the three live as long as the state */
	const char *section;            /* "interval", "Effects"; NULL = a finding's own field */
	const char *name;
	char why[48];                   /* its reason, "" = none */
};

struct eh_nils {
	struct eh_nil v[EH_NILS_MAX];   /* a ring */
	unsigned n;                     /* noted since eh_nils_forget */
	const char *text;               /* [len] the policy's source, borrowed; NULL = not known */
	size_t len;
};

void eh_nils_note(struct eh_nils *x, const char *outer, const char *section, const char *name, const char *why);
void eh_nils_forget(struct eh_nils *x);

/*
 * What can be said behind the message, "; fact ratio is nil here (...): ..."; "" where it is about no nil, or about one
 * that was noted nowhere.  file: the policy's, as the message has it in front of its line.
 */
void eh_nils_hint(char *out, size_t size, const struct eh_nils *x, const char *file, const char *message);

#endif
