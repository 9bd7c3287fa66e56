/* What one set of settings lets through that another one notifies about; see registry.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "policy/registry.h"

static void say(char out[EH_LOOSENED_MAX + 1], const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(char out[EH_LOOSENED_MAX + 1], const char *fmt, ...)
{
	char part[EH_LOOSENED_MAX + 1];
	size_t len = strlen(out);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(part, sizeof part, fmt, ap);
	va_end(ap);
	(void)snprintf(out + len, EH_LOOSENED_MAX + 1 - len, "%s%s", len > 0 ? "; " : "", part);
}

/* Of the corrections that a policy may name, the later ones let fewer findings through; of holm and by neither always
 * does, so a change between them counts as loosening one way only. */
static int strictness(const char *family)
{
	static const char *const by_strictness[] = { "none", "bh", "hochberg", "holm", "bonferroni", "by" };

	for (int i = 0; i < (int)(sizeof by_strictness / sizeof by_strictness[0]); i++)
		if (strcmp(by_strictness[i], family) == 0)
			return i;
	return 0;
}

static bool looks_at(const struct eh_policy_info *p, const char *attribute)
{
	for (size_t i = 0; i < p->n_attributes; i++)
		if (strcmp(p->attributes[i], attribute) == 0)
			return true;
	return p->n_attributes == 0;
}

static bool crosses(const struct eh_policy_info *p, const char *a, const char *b)
{
	for (size_t i = 0; i < p->n_intersect; i++)
		if ((strcmp(p->intersect[i][0], a) == 0 && strcmp(p->intersect[i][1], b) == 0) ||
		    (strcmp(p->intersect[i][0], b) == 0 && strcmp(p->intersect[i][1], a) == 0))
			return true;
	return false;
}

static void scope(char *out, const struct eh_policy_info *before, const struct eh_policy_info *now)
{
	if (before->n_attributes == 0 && now->n_attributes > 0)
		say(out, "looks at %zu named attribute%s instead of at all", now->n_attributes,
		    now->n_attributes == 1 ? "" : "s");
	for (size_t i = 0; i < before->n_attributes; i++)
		if (!looks_at(now, before->attributes[i]))
			say(out, "looks at %s no more", before->attributes[i]);
	for (size_t i = 0; i < before->n_intersect; i++)
		if (!crosses(now, before->intersect[i][0], before->intersect[i][1]))
			say(out, "crosses %s and %s no more", before->intersect[i][0], before->intersect[i][1]);
	if ((!before->settings.known_only && now->settings.known_only) ||
	    (!before->declared_only && now->declared_only))
		say(out, "predicted classes no more used");
	if (before->has_compute && !now->has_compute)
		say(out, "makes no findings of its own any more");
	if (!before->has_gate && now->has_gate)
		say(out, "has a gate that can close attributes");
}

static bool known(const char *date) { return strcmp(date, EH_PACK_UNKNOWN) != 0; }

/* Outside of a pack's days a policy notifies nobody; dates as texts sort as they follow each other.  A begin that is
 * not known is over, and so is such an end. */
static void days(char *out, const struct eh_pack *before, const struct eh_pack *now)
{
	if (now->name[0] == '\0')
		return;
	if (known(now->from) &&
	    (before->name[0] == '\0' || !known(before->from) || strcmp(now->from, before->from) > 0))
		say(out, "notifies nobody before %s", now->from);
	if (now->to[0] == '\0' || (before->name[0] != '\0' && strcmp(before->to, EH_PACK_UNKNOWN) == 0))
		return;
	if (!known(now->to))
		say(out, "notifies nobody any more");
	else if (before->name[0] == '\0' || before->to[0] == '\0' || strcmp(now->to, before->to) < 0)
		say(out, "notifies nobody after %s", now->to);
}

void eh_policy_loosened(char out[EH_LOOSENED_MAX + 1], const struct eh_policy_info *before,
			const struct eh_policy_info *now)
{
	const struct eh_audit_settings *a = &before->settings, *b = &now->settings;

	out[0] = '\0';
	if ((int64_t)b->limit_num * a->limit_den < (int64_t)a->limit_num * b->limit_den)
		say(out, "limit %d/%d to %d/%d", a->limit_num, a->limit_den, b->limit_num, b->limit_den);
	if (b->min_group > a->min_group)
		say(out, "minimum of a group %u to %u persons", a->min_group, b->min_group);
	if (b->min_total > a->min_total)
		say(out, "minimum in all %u to %u persons", a->min_total, b->min_total);
	if (b->min_share > a->min_share)
		say(out, "smallest share %.2f to %.2f %%", a->min_share / 100.0, b->min_share / 100.0);
	if (b->alpha < a->alpha)
		say(out, "alpha %g to %g", a->alpha, b->alpha);
	if (strictness(b->family) > strictness(a->family))
		say(out, "correction %s to %s", a->family, b->family);
	if (!a->anytime && b->anytime)
		say(out, "p for any number of looks");
	scope(out, before, now);
	days(out, &before->pack, &now->pack);
}
