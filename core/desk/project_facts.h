/*
 * project_facts.h - facts about a project for its policies (policy/project.h), and declarations as verbs.
 */
#ifndef EH_DESK_PROJECT_FACTS_H
#define EH_DESK_PROJECT_FACTS_H

#include "desk/desk.h"
#include "policy/declare.h"
#include "policy/project.h"

/*
 * Of the project as it is now, on the day of eh_now().  One read transaction and a walk over candidates, consents,
 * answers, posteriors and evaluations: some seconds for ten million.  Freed by eh_project_free; after an error there is
 * nothing to free.
 *
 * Oldest: evaluations by their own time; recordings by the time of the file that was measured; notifications by when
 * they were raised.  Vectors and predicted classes carry no time: they are no older than the first extraction or
 * classification in the journal, and that day stands for them.
 */
int eh_desk_project_facts(struct eh_desk *d, struct eh_project *out, struct eh_err *err);

/* value "" takes a declaration back.  Journalled; EH_EINVAL as eh_declare_check. */
int eh_desk_declare(struct eh_desk *d, const char *key, const char *value, const char *reason, struct eh_err *err);
/* What stands, by key; caller frees. */
int eh_desk_declarations(struct eh_desk *d, struct eh_declaration **v, size_t *n, struct eh_err *err);

#endif
