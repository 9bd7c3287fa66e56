/*
 * project.h - the facts about a project (policy/project.h) as a policy sees them: read-only, in fixed order.
 *
 * A field that does not exist raises with its name; what stands under names that the data give (jurisdictions,
 * purposes, attributes, declarations) is nil where there is nothing.  Described in evenhand-policy(5).
 */
#ifndef EH_LUA_PROJECT_H
#define EH_LUA_PROJECT_H

#include "policy/project.h"

struct lua_State;

/* Pushes it; p NULL = nil: the run is not over a project.  Raises; called protected. */
void eh_project_push(struct lua_State *L, const struct eh_project *p);

#endif
