/* Dates of rule packs; see pack.h. */
#include "policy/pack.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum eh_pack_date eh_pack_date(const char *text)
{
	const size_t len = strlen(text);
	int64_t t;

	if (len == 0)
		return EH_PACK_OPEN;
	if (strcmp(text, EH_PACK_UNKNOWN) == 0)
		return EH_PACK_NOT_KNOWN;
	if (strncmp(text, "19", 2) != 0 && text[0] != '2')
		return EH_PACK_BAD;
	if (len == 4 && strspn(text, "0123456789") == 4)
		return EH_PACK_YEAR;
	/* a date only: eh_parse_time takes times too */
	return len == 10 && eh_parse_time(&t, text, NULL) == EH_OK ? EH_PACK_DAY : EH_PACK_BAD;
}

bool eh_pack_day_valid(const char *day) { return eh_pack_date(day) == EH_PACK_DAY; }

const char *eh_pack_date_text(enum eh_pack_date d)
{
	static const char *const texts[] = { "open", "day", "year", "unknown", "bad" };

	return texts[d];
}

static bool known(const char *text) { return text[0] != '\0' && strcmp(text, EH_PACK_UNKNOWN) != 0; }

/* Of dates of that form the beginnings are in order as texts: a year is before none of its days, and after none. */
static int compare(const char *a, const char *b)
{
	const size_t n = strlen(a) < strlen(b) ? strlen(a) : strlen(b);

	return strncmp(a, b, n);
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
	if (eh_pack_date(p->from) == EH_PACK_BAD || p->from[0] == '\0')
		return "from is the first day in force, such as \"1978-09-25\", its year, or \"unknown\"";
	if (eh_pack_date(p->to) == EH_PACK_BAD)
		return "to is the last day in force, such as \"2026-12-31\", its year, \"unknown\" (it is over), or "
		       "left out";
	if (known(p->from) && known(p->to) && compare(p->to, p->from) < 0)
		return "to is before from: the pack is never in force";
	return NULL;
}

enum eh_pack_state eh_pack_state(const struct eh_pack *p, const char *day)
{
	if (p->name[0] == '\0')
		return EH_PACK_NONE;
	if (known(p->from) && compare(day, p->from) < 0)
		return EH_PACK_BEFORE;
	if (p->to[0] == '\0')
		return EH_PACK_IN_FORCE;
	return !known(p->to) || compare(day, p->to) > 0 ? EH_PACK_OVER : EH_PACK_IN_FORCE;
}

/* The first day on which it is in force no more. */
static void day_after(char out[11], const char *last)
{
	char day[24];
	int64_t t = 0;

	(void)snprintf(day, sizeof day, "%.10s%s", last, eh_pack_date(last) == EH_PACK_YEAR ? "-12-31" : "");
	(void)eh_parse_time(&t, day, NULL);
	eh_pack_day(out, t + 86400);
}

static void when_text(char *out, size_t size, const struct eh_pack *p, enum eh_pack_state s)
{
	static const char since[] = "(since when is not known)";
	char day[11];

	if (s == EH_PACK_BEFORE) {
		(void)snprintf(out, size, "not in force before %s", p->from);
	} else if (s == EH_PACK_OVER && !known(p->to)) {
		(void)snprintf(out, size, "no longer in force %s", since);
	} else if (s == EH_PACK_OVER) {
		day_after(day, p->to);
		(void)snprintf(out, size, "no longer in force since %s", day);
	} else if (p->to[0] != '\0') {
		(void)snprintf(out, size, known(p->from) ? "in force from %s to %s" : "in force %s to %s",
			       known(p->from) ? p->from : since, p->to);
	} else if (known(p->from)) {
		(void)snprintf(out, size, "in force since %s", p->from);
	} else {
		(void)snprintf(out, size, "in force %s", since);
	}
}

void eh_pack_text(char out[EH_PACK_TEXT_MAX + 1], const struct eh_pack *p, enum eh_pack_state s)
{
	char when[64] = "";

	out[0] = '\0';
	if (s == EH_PACK_NONE || p->name[0] == '\0')
		return;
	when_text(when, sizeof when, p, s);
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
