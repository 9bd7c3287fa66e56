/* The reasons of undefined numbers in plain words; see exchange.h. */
#include "exchange/exchange.h"

static const char *const words[EH_U_COUNT] = {
	[EH_U_EMPTY_GROUP] = "one side has no decisions on persons of a known class",
	[EH_U_NOBODY_SELECTED] = "nobody at all was selected, so there is no rate to compare with",
	[EH_U_EVERYBODY_SELECTED] = "everybody was selected, so nothing differs",
	[EH_U_FOCAL_NONE_SELECTED] = "nobody of the group was selected",
	[EH_U_REFERENCE_NONE_SELECTED] = "nobody of the reference was selected, so its rate cannot be divided by",
	[EH_U_BELOW_TWO_PERCENT] = "the group's share of the pool is too small to be compared",
	[EH_U_SWAP_IMPOSSIBLE] = "there is nobody to swap",
	[EH_U_ZERO_VARIANCE] = "nothing varies, so chance cannot be measured",
	[EH_U_ONE_PERSON] = "one side has a single person",
	[EH_U_ONE_STRATUM] = "there is only one stratum",
	[EH_U_IS_REFERENCE] = "it is the reference itself",
	[EH_U_NO_PEERS] = "there are no others to compare with",
	[EH_U_NO_P] = "there is no p to correct",
	[EH_U_NOT_DETECTABLE] = "not even a ratio of 0 would be found with these numbers",
	[EH_U_UNBOUNDED] = "it has no upper end",
	[EH_U_GUARD] = "a guard of the predicted classes is not met",
	[EH_U_NOT_COMPUTED] = "it was not computed",
	[EH_U_TOO_FEW] = "there are too few",
	[EH_U_NO_DISCORDANT_PAIR] = "both sides decided alike on every pair",
	[EH_U_NO_SCORES] = "there are no scores",
	[EH_U_ONE_CATEGORY] = "all ratings are the same, so chance alone agrees",
	[EH_U_ONE_RATING] = "nothing was rated twice",
	[EH_U_NOT_CROSSED] = "not everybody rated everything",
	[EH_U_NO_TIMES] = "the decisions have no times",
	[EH_U_ILL_CONDITIONED] = "the classifier tells the classes apart too badly for it",
	[EH_U_NEGATIVE_COUNT] = "it would need fewer than no persons",
	[EH_U_DISCONNECTED] = "no other evaluator shares a candidate, a position or a stratum",
	[EH_U_NO_CLASSES] = "of no attribute two groups are known",
	[EH_U_NOT_IDENTIFIED] = "the probabilities do not tell the classes apart, so any ratio fits alike",
	[EH_U_NO_COMMON_STRATUM] = "no stratum holds both groups, so nobody can be compared with somebody judged alike",
	[EH_U_NO_SHARED_CANDIDATE] = "the evaluator and the second set share no candidate",
	[EH_U_POOLED] = "it is of all evaluators together, beside whom there is nobody",
	[EH_U_NOBODY_PREDICTED] = "nobody's class is predicted",
	[EH_U_REPEATED] = "persons were decided on more than once, and it takes each decision for a person of its own",
	[EH_U_NOT_ASKED] = "it was not asked for",
	[EH_U_NOT_COUNTED] = "the policy says it without counts",
	[EH_U_OWN] = "findings of the policy's own are in no family and compared with no other evaluator",
};

const char *eh_undef_words(enum eh_undef why)
{
	return (unsigned)why < EH_U_COUNT && words[why] != NULL ? words[why] : eh_undef_text(why);
}
