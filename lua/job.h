/*
 * job.h - what runs in the child: one run, one record; one Lua state, or for a policy without memory one for each part.
 */
#ifndef EH_LUA_JOB_H
#define EH_LUA_JOB_H

#include <stddef.h>

#include "lua/contract.h"
#include "lua/record.h"
#include "policy/policy.h"

/* where, or the file; EH_LUA_INSTRUCTIONS in millions */
#define EH_LUA_SPENT "%s: refused: instruction budget of %u million used up"

enum eh_job_kind { EH_JOB_LOAD, EH_JOB_CHECK, EH_JOB_GATE, EH_JOB_NOTICE };

/* Everything is borrowed from the parent, whose memory the child inherits by fork. */
struct eh_job {
	enum eh_job_kind kind;
	struct eh_source source;
	const char *helper;             /* text of evenhand.lua */
	size_t helper_len;
	const char *libraries;          /* what the policy's text carries behind itself (policy/library.h) */
	size_t libraries_len;
	/* check */
	const struct eh_finding *findings;      /* [n] */
	size_t n;
	size_t part;                    /* so many findings each have a fresh state, > 0; more than n = one for all */
	const struct eh_audit_settings *settings;
	const struct eh_audit_data *data;       /* what evenhand.counts counts; NULL = nothing */
	bool compute;                   /* in the last part: the record ends with an eh_lua_own_list to be filled */
	const struct eh_project *project;       /* NULL = none */
	/* notice */
	const struct eh_hook_notice *notices;   /* [n] */
	/* gate */
	const char *jurisdiction, *attribute;
};

/* A worker's job (core/worker/worker.h): ctx is a struct eh_job, record an eh_lua_load_record for load,
 * an eh_lua_check_record for check, an eh_lua_notice_record for notice, an eh_lua_head for gate.  Returns with the
 * record filled, also at the end of the budget; its last Lua state is left to _exit and never closed.  Of several parts
 * the first that fails is the last: the head then says why, instructions are those until there.  No part may spend more
 * than the budget, nor all of them together. */
void eh_job_run(void *ctx, int fd, void *record);

#endif
