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
	struct eh_verdict verdicts[];   /* [n] in the order of the findings */
};

/* May the parent use it?  Every number in range, every bool 0 or 1, every text terminated and printable. */
bool eh_lua_info_valid(const struct eh_policy_info *info);
bool eh_lua_verdict_valid(const struct eh_verdict *v);

#endif
