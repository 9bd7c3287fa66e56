/* Intersections of the project's attributes for an audit: what the policy asks for and what the command adds. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/intersect.h"
#include "base/mem.h"
#include "desk/inside.h"

/* A note for the person who runs the audit; what finds no room is left out. */
static void __attribute__((format(printf, 2, 3))) note(struct eh_audit_result *out, const char *fmt, ...)
{
	size_t used = strlen(out->note);
	va_list ap;

	if (used > 0 && used + 2 < sizeof out->note) {
		memcpy(out->note + used, "; ", 3);
		used += 2;
	}
	va_start(ap, fmt);
	(void)vsnprintf(out->note + used, sizeof out->note - used, fmt, ap);
	va_end(ap);
}

static bool is_there(const struct eh_audit_data *d, size_t a, size_t b)
{
	char name[2 * EH_NAME_MAX + sizeof EH_INTERSECT_JOIN];

	(void)snprintf(name, sizeof name, "%s%s%s", d->attributes[a].name, EH_INTERSECT_JOIN, d->attributes[b].name);
	for (size_t i = 0; i < d->n_attributes; i++)
		if (strcmp(d->attributes[i].name, name) == 0)
			return true;
	return false;
}

/* A pair that the gate closes, or of which nobody is, is said and left out: the rest of the audit stands. */
static int add(struct eh_audit_data *d, size_t a, size_t b, bool **closed, struct eh_audit_result *out,
	       struct eh_err *err)
{
	struct eh_err why = EH_ERR_INIT;
	struct eh_intersect_rare rare;
	int rc;

	if (is_there(d, a, b))
		return EH_OK;
	if ((*closed)[a] || (*closed)[b]) {
		note(out, "%s is not crossed with %s: the policy's gate is closed for %s", d->attributes[a].name,
		     d->attributes[b].name, d->attributes[(*closed)[a] ? a : b].name);
		return EH_OK;
	}
	rc = eh_intersect(d, a, b, &rare, &why);
	if (rc == EH_ENOENT) {
		note(out, "%s", why.msg);
		return EH_OK;
	}
	if (rc != EH_OK)
		return eh_err_set(err, rc, "%s", why.msg);
	*closed = eh_xrealloc(*closed, d->n_attributes, sizeof **closed);
	(*closed)[d->n_attributes - 1] = false;
	if (rare.pairs > 0)
		note(out, "%s has more than %d groups, so those with the fewest persons count as unknown: %s",
		     d->attributes[d->n_attributes - 1].name, EH_GROUPS_MAX, rare.named);
	return EH_OK;
}

int eh_desk_intersect(struct eh_audit_data *d, const struct eh_audit_overrides *o, bool **closed,
		      struct eh_audit_result *out, struct eh_err *err)
{
	const struct eh_policy_info *p = &out->policy;
	int rc = EH_OK;

	for (size_t i = 0; i < p->n_intersect && rc == EH_OK; i++) {
		char text[2 * EH_NAME_MAX + 2];
		struct eh_err why = EH_ERR_INIT;
		size_t a = 0, b = 0;

		(void)snprintf(text, sizeof text, "%s,%s", p->intersect[i][0], p->intersect[i][1]);
		/* an attribute that nobody declared here is the project's matter, not the policy's fault */
		if (eh_intersect_parse(&a, &b, d, text, &why) != EH_OK)
			note(out, "%s of policy %s", why.msg, p->name);
		else
			rc = add(d, a, b, closed, out, err);
	}
	for (size_t i = 0; o != NULL && i < o->n_pairs && rc == EH_OK; i++) {
		size_t a = 0, b = 0;

		rc = eh_intersect_parse(&a, &b, d, o->pairs[i], err);
		if (rc == EH_OK)
			rc = add(d, a, b, closed, out, err);
	}
	return rc;
}
