/* Dates of rule packs; see pack.h. */
#include "policy/pack.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

bool eh_pack_day_valid(const char *day)
{
	int64_t t;

	/* a date only: eh_parse_time takes times too */
	if (strlen(day) != 10 || (strncmp(day, "19", 2) != 0 && day[0] != '2'))
		return false;
	return eh_parse_time(&t, day, NULL) == EH_OK;
}

void eh_pack_day(char out[11], int64_t t)
{
	char text[EH_TIME_TEXT];

	eh_format_time(text, t);
	(void)snprintf(out, 11, "%.10s", text);
}

const char *eh_pack_wrong(const struct eh_pack *p)
{
	if (p->name[0] == '\0')
		return p->source[0] != '\0' || p->from[0] != '\0' || p->to[0] != '\0' || p->note[0] != '\0'
			       ? "a pack needs a name, such as \"UGESP\""
			       : NULL;
	if (p->source[0] == '\0')
		return "a pack names its source, such as \"29 CFR 1607\"";
	if (!eh_pack_day_valid(p->from))
		return "from is the first day in force, such as \"1978-09-25\"";
	if (p->to[0] != '\0' && !eh_pack_day_valid(p->to))
		return "to is the last day in force, such as \"2026-12-31\", or left out";
	if (p->to[0] != '\0' && strcmp(p->to, p->from) < 0)
		return "to is before from: the pack is never in force";
	return NULL;
}

/* Dates of that form are in order as texts. */
enum eh_pack_state eh_pack_state(const struct eh_pack *p, const char *day)
{
	if (p->name[0] == '\0')
		return EH_PACK_NONE;
	if (strcmp(day, p->from) < 0)
		return EH_PACK_BEFORE;
	return p->to[0] != '\0' && strcmp(day, p->to) > 0 ? EH_PACK_OVER : EH_PACK_IN_FORCE;
}

/* The first day on which it is in force no more. */
static void day_after(char out[11], const char *day)
{
	int64_t t = 0;

	(void)eh_parse_time(&t, day, NULL);
	eh_pack_day(out, t + 86400);
}

void eh_pack_text(char out[EH_PACK_TEXT_MAX + 1], const struct eh_pack *p, enum eh_pack_state s)
{
	char when[64] = "", day[11];

	out[0] = '\0';
	if (s == EH_PACK_NONE || p->name[0] == '\0')
		return;
	if (s == EH_PACK_BEFORE) {
		(void)snprintf(when, sizeof when, "not in force before %s", p->from);
	} else if (s == EH_PACK_OVER) {
		day_after(day, p->to);
		(void)snprintf(when, sizeof when, "no longer in force since %s", day);
	} else if (p->to[0] != '\0') {
		(void)snprintf(when, sizeof when, "in force from %s to %s", p->from, p->to);
	} else {
		(void)snprintf(when, sizeof when, "in force since %s", p->from);
	}
	(void)snprintf(out, EH_PACK_TEXT_MAX + 1, "%s (%s), %s", p->name, p->source, when);
}

size_t eh_pack_hold(const struct eh_pack *p, enum eh_pack_state s, struct eh_findings *f)
{
	char text[EH_PACK_TEXT_MAX + 1], reason[EH_REASON_MAX + EH_PACK_TEXT_MAX + 64];
	size_t n = 0;

	if (s != EH_PACK_BEFORE && s != EH_PACK_OVER)
		return 0;
	eh_pack_text(text, p, s);
	for (size_t i = 0; i < f->n; i++) {
		struct eh_finding *x = &f->v[i];

		if (x->verdict != EH_NOTIFY)
			continue;
		x->verdict = EH_WATCH;
		x->scope = EH_SCOPE_NONE;
		(void)snprintf(reason, sizeof reason, "Not notified: pack %s. %s", text, x->reason);
		eh_text_printable(x->reason, sizeof x->reason, reason, strlen(reason));
		n++;
	}
	return n;
}
