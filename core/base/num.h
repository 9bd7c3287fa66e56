/*
 * num.h - a number that may be undefined, with the reason (facts/statistics.md 3).
 *
 * Nothing in the program stands 0, 1, NaN or infinity in for "no answer".
 */
#ifndef EH_BASE_NUM_H
#define EH_BASE_NUM_H

#include <stdbool.h>

/* The texts are part of the JSON contract ("undefined": reason). */
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
	X(EH_U_TOO_FEW,                 "too_few")

enum eh_undef {
#define X(name, text) name,
	EH_UNDEF_LIST(X)
#undef X
	EH_U_COUNT
};

struct eh_num {
	bool defined;
	double value;           /* finite when defined, 0 otherwise */
	enum eh_undef why;      /* EH_U_NONE when defined */
};

static inline struct eh_num eh_num(double value)
{
	return (struct eh_num){ true, value, EH_U_NONE };
}

static inline struct eh_num eh_undefined(enum eh_undef why)
{
	return (struct eh_num){ false, 0.0, why };
}

/* Yes, no, or not answerable. */
enum eh_tri { EH_NO = 0, EH_YES = 1, EH_UNKNOWN = 2 };

const char *eh_undef_text(enum eh_undef why);

#endif
