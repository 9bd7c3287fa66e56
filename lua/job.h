/*
 * job.h - what runs in the child: one Lua state, one run, one record.
 */
#ifndef EH_LUA_JOB_H
#define EH_LUA_JOB_H

#include <stddef.h>

#include "lua/contract.h"
#include "lua/record.h"
#include "policy/policy.h"

enum eh_job_kind { EH_JOB_LOAD, EH_JOB_CHECK, EH_JOB_GATE, EH_JOB_NOTICE };

/* Everything is borrowed from the parent, whose memory the child inherits by fork. */
struct eh_job {
	enum eh_job_kind kind;
	struct eh_source source;
	const char *helper;             /* text of evenhand.lua */
	size_t helper_len;
	/* check */
	const struct eh_finding *findings;      /* [n] */
	size_t n;
	const struct eh_audit_settings *settings;
	const struct eh_audit_data *data;       /* what evenhand.counts counts; NULL = nothing */
	bool compute;                   /* the record ends with an eh_lua_own_list to be filled */
	const struct eh_project *project;       /* NULL = none */
	/* notice */
	const struct eh_hook_notice *notices;   /* [n] */
	/* gate */
	const char *jurisdiction, *attribute;
};

/* A worker's job (core/worker/worker.h): ctx is a struct eh_job, record an eh_lua_load_record for load,
 * an eh_lua_check_record for check, an eh_lua_notice_record for notice, an eh_lua_head for gate.  Returns with the
 * record filled, also at the end of the budget; its Lua state is left to _exit and never closed. */
void eh_job_run(void *ctx, int fd, void *record);

#endif
