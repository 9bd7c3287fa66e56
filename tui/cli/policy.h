/*
 * policy.h - what the commands of `evenhand policy` share.
 */
#ifndef EH_CLI_POLICY_H
#define EH_CLI_POLICY_H

#include "cli/cli.h"
#include "desk/policies.h"
#include "policy/author.h"
#include "policy/library.h"
#include "policy/policy.h"
#include "policy/project.h"

/* Sample facts: one for each way a check() is asked, so that a slip in any of its branches shows. */
enum policy_sample {
	SAMPLE_EVALUATOR, SAMPLE_POOLED, SAMPLE_REFERENCE, SAMPLE_FEW, SAMPLE_NO_RATIO, SAMPLE_PREDICTED, SAMPLES
};
extern const char *const policy_sample_names[SAMPLES];
/* Of the policy's own attribute, reference and limit. */
struct eh_finding policy_sample(const struct eh_policy_info *info, size_t i);
/* Decisions (sorted; eh_audit_data_free) and a project (eh_project_free) for compute(): two evaluators, one place, the
 * policy's attributes or the usual ones with two groups each.  EH_ENOMEM. */
int policy_sample_data(struct eh_audit_data *d, const struct eh_policy_info *info, struct eh_err *err);
void policy_sample_project(struct eh_project *p);

/* Path of the policy that the first argument names: of the project, where there is one. */
int policy_find(struct cli *c, char *path, size_t size);
/* The project's directory, or NULL. */
const char *policy_project(const struct cli *c, char *dir, size_t size);
/* The whole text that the first argument names, wherever it is (desk/policies.h); eh_policy_source_free it. */
int policy_source(struct cli *c, struct eh_policy_source *s);
int policy_load_source(const struct cli *c, const struct eh_policy_source *s, struct eh_policy **p, struct eh_err *err);
/* The libraries that a whole text carries: name, hash, whether it is the shipped text. */
struct eh_json *policy_libraries_json(const char *text, size_t len);

#endif
