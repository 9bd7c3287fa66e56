/*
 * record.h - what a policy worker may say: records of fixed size, without pointers.
 *
 * The child fills them, the parent trusts no byte of them: every range is checked before a value is used.
 */
#ifndef EH_LUA_RECORD_H
#define EH_LUA_RECORD_H

#include <stdbool.h>

#include "policy/policy.h"

#define EH_LUA_LIMIT_MAX 1000           /* largest denominator; facts/statistics.md 3 compares exactly */
#define EH_LUA_PERSONS_MAX 1000000      /* [persons] largest minimum */
#define EH_LUA_MESSAGE_MAX 447          /* fits a verdict's reason and, with a path in front, an eh_err */

enum eh_lua_outcome {
	EH_LUA_SILENT = 0,      /* the zeroed record: the child never got to an answer */
	EH_LUA_DONE,
	EH_LUA_ERROR,           /* message names file:line */
	EH_LUA_OUT_OF_BUDGET
};

struct eh_lua_head {
	int32_t outcome;                /* enum eh_lua_outcome */
	int32_t gate_open;              /* 0 or 1, only after a gate */
	uint64_t instructions;
	uint64_t memory;                /* [bytes] largest */
	char message[EH_LUA_MESSAGE_MAX + 1];
};

struct eh_lua_load_record {
	struct eh_lua_head head;
	struct eh_policy_info info;     /* without hash and path: those are the parent's */
};

struct eh_lua_check_record {
	struct eh_lua_head head;
	struct eh_verdict verdicts[];   /* [n] in the order of the findings; then one eh_lua_own_list */
};
_Static_assert(sizeof(struct eh_verdict) % _Alignof(struct eh_own) == 0 &&
	       sizeof(struct eh_lua_head) % _Alignof(struct eh_own) == 0, "what follows the verdicts is aligned");

/* May the parent use it?  Every number in range, every bool 0 or 1, every text terminated and printable; of a head the
 * message is made printable by who shows it. */
bool eh_lua_head_valid(const struct eh_lua_head *h);
bool eh_lua_info_valid(const struct eh_policy_info *info);
/* What compute() handed over, behind the verdicts of a check. */
enum eh_lua_own_state { EH_LUA_OWN_NONE = 0, EH_LUA_OWN_DONE, EH_LUA_OWN_TROUBLE };
struct eh_lua_own_list {
	int32_t state;
	uint32_t n;
	char message[EH_REASON_MAX + 1];        /* of trouble */
	struct eh_own v[EH_OWN_MAX];
};

struct eh_lua_notice_record {
	struct eh_lua_head head;
	struct eh_hook_answer answers[];        /* [n] in the order of the notices */
};
/* A word for whom a letter is for: 1 to 32 of a-z and '_'. */
bool eh_lua_role_valid(const char *s, size_t len);
bool eh_lua_answer_valid(const struct eh_hook_answer *a);

bool eh_lua_verdict_valid(const struct eh_verdict *v);

#endif
