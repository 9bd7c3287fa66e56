/*
 * words.h - numbers and states in the words that commands and screens share.
 */
#ifndef EH_TUI_PARTS_WORDS_H
#define EH_TUI_PARTS_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "desk/desk.h"

#define WORDS_P 24                      /* [bytes] words_p writes at most */
#define WORDS_EARLIER 128
#define WORDS_STANDING 40
#define WORDS_REASON (EH_REASON_MAX + 128)

/* The end of a regular plural: "%u row%s". */
const char *words_s(uint64_t n);
/* A probability with four decimals, "<0.0001" below that: nothing is shown as zero that is not.  "-" when undefined. */
const char *words_p(char out[WORDS_P], struct eh_num p);
/* " 0.61 [0.47 0.79]", " 0.61" where no end is known, " -" when undefined; the mark of an estimate with predicted
 * classes takes the blank's place. */
void words_ratio(char *out, size_t size, const struct eh_num *ratio, const struct eh_interval *i, bool screening);
/* "N0003 rejected 2026-11-25T10:00:00Z, on other evidence"; "" when the matter was not answered before. */
const char *words_earlier(char out[WORDS_EARLIER], const struct eh_notification *n);
/* " (draft, not activated)"; "" for what runs rightly, or by an earlier version. */
const char *words_standing(char out[WORDS_STANDING], enum eh_policy_state s);
/*
 * Was it raised by evaluators' own findings alone, all together not being notified?  Then the pooled numbers read as if
 * there were nothing: a list shows "N evaluators" in their place.
 */
bool words_by_members(uint32_t n_members, enum eh_verdict_kind all);
/* The policy's reason, with the evaluators in front where it is theirs that raised it. */
const char *words_reason(char out[WORDS_REASON], const struct eh_notification *n);
/* The card's words (eh_card_state_name), and "outdated" of a model stored by another version. */
const char *words_model_state(const struct eh_model_row *m);

#endif
