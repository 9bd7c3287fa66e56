/* Papers that laws ask for before a face or a voice is measured; see paper.h. */
#include "people/paper.h"

#include <stdio.h>
#include <string.h>

/* facts/law.md 2 and 4, which says that both are in force and not since when. */
static const struct eh_paper_rule rules[] = {
	{ .place = "US-IL",
	  .face = true,
	  .voice = true,
	  .paper = EH_PAPER_RELEASE,
	  .name = "Illinois BIPA",
	  .source = "740 ILCS 14, PA 103-0769",
	  .from = "",
	  .to = "" },
	/* facial recognition only: of voices it says nothing */
	{ .place = "US-MD",
	  .face = true,
	  .voice = false,
	  .paper = EH_PAPER_WAIVER,
	  .name = "Maryland facial recognition waiver",
	  .source = "Md. Code, Labor and Employment 3-717",
	  .from = "",
	  .to = "" },
};

const struct eh_paper_rule *eh_paper_rules(size_t *n)
{
	*n = sizeof rules / sizeof rules[0];
	return rules;
}

/* "US" without a state may be any of them: who does not say which is asked for what any of them asks. */
static bool there(const struct eh_paper_rule *r, const char *place)
{
	return strcmp(r->place, place) == 0 || (strcmp(place, "US") == 0 && strncmp(r->place, "US-", 3) == 0);
}

static bool in_force(const struct eh_paper_rule *r, int64_t now)
{
	char day[EH_TIME_TEXT];

	eh_format_time(day, now);
	day[strcspn(day, "T")] = '\0';
	return strcmp(day, r->from) >= 0 && (r->to[0] == '\0' || strcmp(day, r->to) <= 0);
}

const char *eh_paper_name(enum eh_paper paper) { return paper == EH_PAPER_RELEASE ? "written release" : "waiver"; }

static void name_field(char out[EH_PAPER_LACKS_MAX], bool lacks, const char *field)
{
	size_t used = strlen(out);

	if (lacks)
		(void)snprintf(out + used, EH_PAPER_LACKS_MAX - used, "%s%s", used > 0 ? ", " : "", field);
}

/* By the names of the columns of an import and the options of "consent grant". */
bool eh_paper_lacks(char out[EH_PAPER_LACKS_MAX], enum eh_paper paper, const struct eh_release *r, int64_t now)
{
	out[0] = '\0';
	if (paper == EH_PAPER_RELEASE) {
		name_field(out, r->id[0] == '\0', "release_id");
		name_field(out, r->signature[0] == '\0', "signature_sha256");
		name_field(out, r->purpose[0] == '\0', "purpose_text");
		name_field(out, r->term_until == 0, "term_until");
		name_field(out, r->term_until != 0 && r->term_until <= now, "term_until (it is over)");
		name_field(out, r->policy_version[0] == '\0', "policy_version");
	} else {
		name_field(out, r->signed_name != EH_SAID_YES, "signed_name_given");
		name_field(out, r->interview_date == 0, "interview_date");
		name_field(out, r->waiver_read == EH_NOT_SAID, "waiver_read");
		name_field(out, r->waiver_read == EH_SAID_NO, "waiver_read (it says no)");
	}
	return out[0] != '\0';
}

const struct eh_paper_rule *eh_paper_missing(char lacks[EH_PAPER_LACKS_MAX], const char *place, const char *purpose,
					     const struct eh_release *r, int64_t now)
{
	bool face = strcmp(purpose, "face") == 0, voice = strcmp(purpose, "voice") == 0;

	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (((face && rules[i].face) || (voice && rules[i].voice)) && there(&rules[i], place) &&
		    in_force(&rules[i], now) && eh_paper_lacks(lacks, rules[i].paper, r, now))
			return &rules[i];
	return NULL;
}

int eh_paper_refuse(const struct eh_paper_rule *rule, const char *lacks, const char *candidate, const char *place,
		    const char *purpose, struct eh_err *err)
{
	const bool stateless = strcmp(place, "US") == 0;

	return eh_err_set(
		err, EH_EREFUSED,
		"candidate '%s': %s refused%s%s: the %s lacks %s (%s, %s, in force%s%s); record it: evenhand "
		"consent grant %s %s%s",
		candidate, purpose, stateless ? ": its place names no state, so the strictest holds" : " in ",
		stateless ? "" : place, eh_paper_name(rule->paper), lacks, rule->name, rule->source,
		rule->from[0] != '\0' ? " since " : "", rule->from, candidate, purpose,
		rule->paper == EH_PAPER_RELEASE ? " --release-id ... (its help names the five fields)"
						: " --signed-name-given yes --interview-date DAY --waiver-read yes");
}
