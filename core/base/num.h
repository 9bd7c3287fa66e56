/*
 * num.h - a number that may be undefined, with the reason (facts/statistics.md 3).
 *
 * Nothing in the program stands 0, 1, NaN or infinity in for "no answer".
 */
#ifndef EH_BASE_NUM_H
#define EH_BASE_NUM_H

#include <stdbool.h>

/* The texts are part of the JSON contract ("undefined": reason); the places are stored: new ones go to the end. */
#define EH_UNDEF_LIST(X)                                                      \
	X(EH_U_NONE,                    "")                                   \
	X(EH_U_EMPTY_GROUP,             "empty_group")                        \
	X(EH_U_NOBODY_SELECTED,         "nobody_selected")                    \
	X(EH_U_EVERYBODY_SELECTED,      "everybody_selected")                 \
	X(EH_U_FOCAL_NONE_SELECTED,     "focal_none_selected")                \
	X(EH_U_REFERENCE_NONE_SELECTED, "reference_none_selected")            \
	X(EH_U_BELOW_TWO_PERCENT,       "below_two_percent")                  \
	X(EH_U_SWAP_IMPOSSIBLE,         "swap_impossible")                    \
	X(EH_U_ZERO_VARIANCE,           "zero_variance")                      \
	X(EH_U_ONE_PERSON,              "one_person")                         \
	X(EH_U_ONE_STRATUM,             "one_stratum")                        \
	X(EH_U_IS_REFERENCE,            "is_reference")                       \
	X(EH_U_NO_PEERS,                "no_peers")                           \
	X(EH_U_NO_P,                    "no_p")                               \
	X(EH_U_NOT_DETECTABLE,          "not_detectable")                     \
	X(EH_U_UNBOUNDED,               "unbounded")                          \
	X(EH_U_GUARD,                   "guard_not_met")                      \
	X(EH_U_NOT_COMPUTED,            "not_computed")                       \
	X(EH_U_TOO_FEW,                 "too_few")                            \
	X(EH_U_NO_DISCORDANT_PAIR,      "no_discordant_pair")                 \
	X(EH_U_NO_SCORES,               "no_scores")                          \
	X(EH_U_ONE_CATEGORY,            "one_category")                       \
	X(EH_U_ONE_RATING,              "one_rating")                         \
	X(EH_U_NOT_CROSSED,             "not_crossed")                        \
	X(EH_U_NO_TIMES,                "no_times")                           \
	X(EH_U_ILL_CONDITIONED,         "ill_conditioned")                    \
	X(EH_U_NEGATIVE_COUNT,          "negative_count")                     \
	X(EH_U_DISCONNECTED,            "disconnected")                       \
	X(EH_U_NO_CLASSES,              "no_classes")                         \
	X(EH_U_NOT_IDENTIFIED,          "not_identified")                     \
	X(EH_U_NO_COMMON_STRATUM,       "no_common_stratum")                  \
	X(EH_U_NO_SHARED_CANDIDATE,     "no_shared_candidate")                \
	X(EH_U_POOLED,                  "pooled")                             \
	X(EH_U_NOBODY_PREDICTED,        "nobody_predicted")                   \
	X(EH_U_REPEATED,                "repeated_decisions")                 \
	X(EH_U_NOT_ASKED,               "not_asked")                          \
	X(EH_U_NOT_COUNTED,             "not_counted")                        \
	X(EH_U_OWN,                     "own_finding")

enum eh_undef {
#define X(name, text) name,
	EH_UNDEF_LIST(X)
#undef X
	EH_U_COUNT
};

/* 16 bytes: a finding has some seventy. */
struct eh_num {
	double value;           /* finite when defined, 0 otherwise */
	enum eh_undef why;      /* EH_U_NONE when defined */
	bool defined;
};

static inline struct eh_num eh_num(double value)
{
	return (struct eh_num){ value, EH_U_NONE, true };
}

static inline struct eh_num eh_undefined(enum eh_undef why)
{
	return (struct eh_num){ 0.0, why, false };
}

/* Yes, no, or not answerable. */
enum eh_tri { EH_NO = 0, EH_YES = 1, EH_UNKNOWN = 2 };

const char *eh_undef_text(enum eh_undef why);

/*
 * A p-value below this has lost digits, or is stored as 0 because no double is so small; 0 it never is.  So it is told
 * as this bound, which compares with every level as the p itself does, with EH_P_BELOW_TEXT in the place of a reason.
 */
#define EH_P_SMALLEST 1e-300
#define EH_P_BELOW_TEXT "below_smallest"

/* Is v, a number called so in the program's documents ("p", "q", "p_...", "q_...", "..._p"), a p that is told as a
 * bound? */
bool eh_num_below(const char *name, struct eh_num v);
/* v, or the bound. */
struct eh_num eh_num_told(const char *name, struct eh_num v);
/* What is said beside it: why it is undefined, or EH_P_BELOW_TEXT; else NULL. */
const char *eh_num_remark(const char *name, struct eh_num v);

#endif
