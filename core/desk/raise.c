/* Verdicts to notifications; see raise.h. */
#include "desk/raise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void start(struct eh_notification *n, const struct eh_audit_result *run, const struct eh_finding *f)
{
	memset(n, 0, sizeof *n);
	n->raised_at = run->head.at;
	n->audit = run->head.seq;
	memcpy(n->policy, run->head.policy, sizeof n->policy);
	memcpy(n->policy_version, run->head.policy_version, sizeof n->policy_version);
	memcpy(n->policy_hash, run->head.policy_hash, sizeof n->policy_hash);
	n->finding = *f;
}

static int raise_one(struct eh_txn *txn, struct eh_audit_result *run, const struct eh_notification *n,
		     struct eh_err *err)
{
	uint64_t seq;
	enum eh_raised how;
	int rc = eh_notification_raise(txn, n, &seq, &how, err);

	if (rc == EH_OK) {
		run->raised += how == EH_RAISED_NEW;
		run->refreshed += how == EH_RAISED_REFRESHED;
		run->answered += how == EH_RAISED_ANSWERED;
	}
	return rc;
}

static bool same_cell(const struct eh_finding *a, const struct eh_finding *b)
{
	return strcmp(a->attribute, b->attribute) == 0 && strcmp(a->group, b->group) == 0;
}

static bool is_systemic_member(const struct eh_finding *f)
{
	return f->evaluator[0] != '\0' && f->verdict == EH_NOTIFY && f->scope == EH_SCOPE_SYSTEMIC;
}

/* The process's notification of one pooled finding: with its members, or because it stands by itself. */
static int raise_pooled(struct eh_txn *txn, struct eh_audit_result *run, const struct eh_finding *pooled,
			struct eh_err *err)
{
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	int rc = EH_OK;

	start(n, run, pooled);
	n->systemic = true;
	for (size_t i = 0; i < run->findings.n && pooled->position[0] == '\0'; i++) {
		const struct eh_finding *f = &run->findings.v[i];

		if (is_systemic_member(f) && same_cell(f, pooled) && n->n_members < EH_MEMBERS_MAX)
			memcpy(n->members[n->n_members++], f->evaluator, sizeof n->members[0]);
	}
	if (n->n_members > 0 || pooled->verdict == EH_NOTIFY)
		rc = raise_one(txn, run, n, err);
	free(n);
	return rc;
}

int eh_desk_raise(struct eh_txn *txn, struct eh_audit_result *run, struct eh_err *err)
{
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	int rc = EH_OK;

	for (size_t i = 0; i < run->findings.n && rc == EH_OK; i++) {
		const struct eh_finding *f = &run->findings.v[i];

		if (f->evaluator[0] == '\0') {
			rc = raise_pooled(txn, run, f, err);
		} else if (f->verdict == EH_NOTIFY && f->scope != EH_SCOPE_SYSTEMIC) {
			start(n, run, f);
			rc = raise_one(txn, run, n, err);
		}
	}
	free(n);
	return rc;
}
