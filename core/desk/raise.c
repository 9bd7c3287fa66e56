/* Verdicts to notifications; see raise.h. */
#include "desk/raise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "notify/mail.h"

static void start(struct eh_notification *n, const struct eh_audit_result *run, const struct eh_finding *f)
{
	memset(n, 0, sizeof *n);
	n->raised_at = run->head.at;
	n->audit = run->head.seq;
	memcpy(n->policy, run->head.policy, sizeof n->policy);
	memcpy(n->policy_version, run->head.policy_version, sizeof n->policy_version);
	memcpy(n->policy_hash, run->head.policy_hash, sizeof n->policy_hash);
	n->policy_state = run->head.policy_state;
	memcpy(n->pack, run->head.pack, sizeof n->pack);
	n->window = run->head.window;
	n->finding = *f;
}

static int raise_one(struct eh_txn *txn, struct eh_audit_result *run, const struct eh_notification *n,
		     struct eh_err *err)
{
	uint64_t seq;
	enum eh_raised how;
	int rc = eh_notification_raise(txn, n, &seq, &how, err);

	if (rc == EH_OK && how == EH_RAISED_NEW && run->mail)
		rc = eh_mail_wait(txn, seq, err);
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

bool eh_desk_is_member(const struct eh_finding *f, const struct eh_finding *pooled)
{
	return pooled->position[0] == '\0' && is_systemic_member(f) && same_cell(f, pooled);
}

/* The process's notification of one pooled finding: with its members, or because it stands by itself. */
static int raise_pooled(struct eh_txn *txn, struct eh_audit_result *run, const struct eh_finding *pooled,
			struct eh_err *err)
{
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	int rc = EH_OK;

	start(n, run, pooled);
	n->systemic = true;
	for (size_t i = 0; i < run->findings.n; i++) {
		const struct eh_finding *f = &run->findings.v[i];

		if (eh_desk_is_member(f, pooled) && n->n_members < EH_MEMBERS_MAX)
			memcpy(n->members[n->n_members++], f->evaluator, sizeof n->members[0]);
	}
	if (n->n_members > 0 || pooled->verdict == EH_NOTIFY)
		rc = raise_one(txn, run, n, err);
	free(n);
	return rc;
}

static bool is_individual(const struct eh_finding *f)
{
	return f->evaluator[0] != '\0' && f->verdict == EH_NOTIFY && f->scope != EH_SCOPE_SYSTEMIC;
}

/* Pooled findings come first in each attribute, so every systemic member finds his after it. */
void eh_desk_raises(const struct eh_findings *f, bool *raises)
{
	size_t last = 0;                /* pooled over all positions, the one met before */

	for (size_t i = 0; i < f->n; i++) {
		const struct eh_finding *x = &f->v[i];

		raises[i] = is_individual(x) || (x->evaluator[0] == '\0' && x->verdict == EH_NOTIFY);
		if (x->evaluator[0] == '\0' && x->position[0] == '\0')
			last = i;
		/* the groups of an attribute stand side by side */
		for (size_t g = last + 1; is_systemic_member(x) && g-- > 0 && f->v[g].evaluator[0] == '\0';)
			if (same_cell(&f->v[g], x)) {
				raises[g] = true;
				break;
			}
	}
}

/* The policy's own stand by themselves. */
static int raise_own(struct eh_txn *txn, struct eh_audit_result *run, struct eh_notification *n, struct eh_err *err)
{
	int rc = EH_OK;

	for (size_t i = 0; i < run->own.n && rc == EH_OK; i++) {
		const struct eh_finding *f = &run->own.v[i];

		if (f->verdict != EH_NOTIFY)
			continue;
		start(n, run, f);
		n->systemic = f->evaluator[0] == '\0';
		rc = raise_one(txn, run, n, err);
	}
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
		} else if (is_individual(f)) {
			start(n, run, f);
			rc = raise_one(txn, run, n, err);
		}
	}
	if (rc == EH_OK)
		rc = raise_own(txn, run, n, err);
	free(n);
	return rc;
}
