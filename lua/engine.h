/*
 * engine.h - the Lua 5.4 engine behind core/policy/policy.h; the only public header of lua/.
 *
 * Every load, check and gate runs in a fresh Lua state inside a fresh locked worker
 * (core/worker/worker.h, EH_WORKER_POLICY); nothing survives to the next.  The file is read by
 * the parent, once, at load: a later check runs exactly the bytes that info()->hash names.
 *
 * Budgets of one run (facts/reliability.md 4; no setting of a policy raises them):
 * 50 million VM instructions, 32 MiB of Lua memory, 2 s of wall time, 256 KiB of source.
 * A run is load, or check() of all findings plus summarise(), or one gate().
 *
 * What the engine decides where policy.h leaves it open:
 *   - a finding whose attribute is not in the policy's attributes is not given to check(); its verdict is
 *     cannot_conclude and says so;
 *   - notify without a scope is individual for an evaluator and systemic for a pooled finding;
 *   - summarise() that raises, or returns what it must not, fails the run as a whole.
 *
 * The caller suspends the store around load, check and gate (store.h): they fork.
 */
#ifndef EH_LUA_ENGINE_H
#define EH_LUA_ENGINE_H

#include "policy/policy.h"

#define EH_LUA_INSTRUCTIONS 50000000u           /* VM instructions */
#define EH_LUA_MEMORY (32u * 1024u * 1024u)     /* [bytes] */
#define EH_LUA_WALL 2.0                         /* [s] */
#define EH_LUA_PART 3072u                       /* [findings] of a stateless policy that share a state */

const struct eh_policy_engine *eh_lua_engine(void);

#endif
