/* Numbers and states in words; see words.h. */
#include "parts/words.h"

#include <stdio.h>

#include "base/text.h"
#include "learn/card.h"
#include "parts/term.h"

const char *words_s(uint64_t n)
{
	return n == 1 ? "" : "s";
}

const char *words_p(char out[WORDS_P], struct eh_num p)
{
	if (!p.defined)
		(void)snprintf(out, WORDS_P, "-");
	else if (p.value < 0.0001)
		(void)snprintf(out, WORDS_P, "<0.0001");
	else
		(void)snprintf(out, WORDS_P, "%.4f", p.value);
	return out;
}

void words_ratio(char *out, size_t size, const struct eh_num *ratio, const struct eh_interval *i, bool screening)
{
	const char *sign = screening ? term_symbol(S_SCREENING) : " ";
	char low[16] = "-", high[16] = "-";

	if (i->low.defined)
		(void)snprintf(low, sizeof low, "%.2f", i->low.value);
	if (i->high.defined)
		(void)snprintf(high, sizeof high, "%.2f", i->high.value);
	if (!ratio->defined)
		(void)snprintf(out, size, " -");
	else if (!i->low.defined && !i->high.defined)
		(void)snprintf(out, size, "%s%.2f", sign, ratio->value);
	else
		(void)snprintf(out, size, "%s%.2f [%s %s]", sign, ratio->value, low, high);
}

const char *words_earlier(char out[WORDS_EARLIER], const struct eh_notification *n)
{
	char id[16], at[EH_TIME_TEXT];

	out[0] = '\0';
	if (n->earlier == 0)
		return out;
	eh_notification_id(id, n->earlier);
	eh_format_time(at, n->earlier_at);
	(void)snprintf(out, WORDS_EARLIER, "%s %s %s, on other evidence", id,
		       eh_notification_state_text(n->earlier_state), at);
	return out;
}

const char *words_standing(char out[WORDS_STANDING], enum eh_policy_state s)
{
	out[0] = '\0';
	if (eh_policy_state_open(s))
		(void)snprintf(out, WORDS_STANDING, " (%s, not activated)", eh_policy_state_text(s));
	return out;
}

const char *words_model_state(const struct eh_model_row *m)
{
	if (m->outdated)
		return "outdated";
	return eh_card_state_name[m->withdrawn > 0 ? EH_CARD_STALE
				  : m->classifies  ? EH_CARD_IN_USE
						   : EH_CARD_REFUSED];
}

bool words_by_members(uint32_t n_members, enum eh_verdict_kind all)
{
	return n_members > 0 && all != EH_NOTIFY;
}

const char *words_reason(char out[WORDS_REASON], const struct eh_notification *n)
{
	if (words_by_members(n->n_members, n->finding.verdict))
		(void)snprintf(out, WORDS_REASON,
			       "%u evaluator%s notified by findings of their own, see the evidence.  All together: %s",
			       n->n_members, words_s(n->n_members), n->finding.reason);
	else
		(void)snprintf(out, WORDS_REASON, "%s", n->finding.reason);
	return out;
}
