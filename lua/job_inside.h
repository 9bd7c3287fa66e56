/*
 * job_inside.h - what the files of a worker's job share; nobody else includes it.
 */
#ifndef EH_LUA_JOB_INSIDE_H
#define EH_LUA_JOB_INSIDE_H

#include "lua/job.h"
#include "lua/sandbox.h"

/* Moves the message on the stack into out[size], with the file where Lua's own has none. */
void eh_job_message(struct eh_sandbox *sb, char *out, size_t size);

/* The policy's parts (its functions, taken out raw) are a table at stack index 1.  What goes wrong with compute(), or
 * with on_notification() of one notice, is in out and nowhere else. */
void eh_job_compute(struct eh_sandbox *sb, const struct eh_project *project, struct eh_lua_own_list *out);
void eh_job_notices(struct eh_sandbox *sb, const char *policy, const struct eh_hook_notice *v, size_t n,
		    struct eh_hook_answer *out);

#endif
