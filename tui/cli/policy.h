/*
 * policy.h - what the commands of `evenhand policy` share.
 */
#ifndef EH_CLI_POLICY_H
#define EH_CLI_POLICY_H

#include "cli/cli.h"
#include "policy/author.h"
#include "policy/policy.h"

/* Sample facts: one for each way a check() is asked, so that a slip in any of its branches shows. */
enum policy_sample {
	SAMPLE_EVALUATOR, SAMPLE_POOLED, SAMPLE_REFERENCE, SAMPLE_FEW, SAMPLE_NO_RATIO, SAMPLE_PREDICTED, SAMPLES
};
extern const char *const policy_sample_names[SAMPLES];
/* Of the policy's own attribute, reference and limit. */
struct eh_finding policy_sample(const struct eh_policy_info *info, size_t i);

/* Path of the policy that the first argument names: of the project, where there is one. */
int policy_find(struct cli *c, char *path, size_t size);
/* The project's directory, or NULL. */
const char *policy_project(const struct cli *c, char *dir, size_t size);

#endif
