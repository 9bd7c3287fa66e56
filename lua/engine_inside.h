/*
 * engine_inside.h - what the authors' tools take from the engine; for source.c, author.c, spec.c and repl.c, nobody
 * else.
 */
#ifndef EH_LUA_ENGINE_INSIDE_H
#define EH_LUA_ENGINE_INSIDE_H

#include "lua/job.h"
#include "lua/sandbox.h"
#include "policy/author.h"
#include "worker/worker.h"

/* The policy's source and helper library, borrowed until it is freed. */
struct eh_job eh_engine_job(const struct eh_policy *p);
/* A regular file of at most EH_POLICY_SOURCE_MAX bytes of text; caller frees.  As a policy's own file is read. */
int eh_engine_read(char **out, size_t *len, const char *path, struct eh_err *err);
/* EH_EPOLICY: what may not be a policy's text, from whatever place. */
int eh_engine_check(const char *text, size_t n, const char *path, struct eh_err *err);
/* "path: why", EH_EPOLICY. */
int eh_engine_refuse(struct eh_err *err, const char *path, const char *why);

/* ---- author.c ---- */

extern const struct eh_author_tools eh_lua_author;

struct eh_author_child {
	struct eh_sandbox sandbox;
	const struct eh_job *job;       /* the policy's */
	struct eh_lua_head *head;
	struct eh_policy_info info;     /* of the policy's table, once it is loaded */
};

/*
 * Runs main (called with c as light userdata) in a fresh state under the policy's budgets; outcome, message and cost go
 * into c->head.  file: what messages begin with.  main calls eh_author_open first.
 */
void eh_author_child_run(struct eh_author_child *c, const char *file, lua_CFunction main);
/* Fills the environment and runs the policy: leaves its table on the stack.  Raises. */
void eh_author_open(lua_State *L, struct eh_author_child *c);

/* Starts the worker and waits for it.  0: *out has its record, whatever its head says; the caller frees *out. */
int eh_author_wait(struct eh_worker **out, const struct eh_worker_spec *spec, const char *file, struct eh_err *err);

int eh_spec_run(struct eh_spec_result *out, struct eh_policy *p, const char *path, struct eh_err *err);

struct eh_repl *eh_repl_new(struct eh_policy *p, const struct eh_policy_case *c);
enum eh_repl_outcome eh_repl_run(struct eh_repl *r, const char *line, char **text);
size_t eh_repl_complete(struct eh_repl *r, const char *line, char (*names)[EH_REPL_NAME_MAX], size_t max);
void eh_repl_free(struct eh_repl **r);

#endif
