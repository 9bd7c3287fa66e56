/* Verdicts to notifications; see raise.h. */
#include "desk/raise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "desk/strata.h"
#include "notify/mail.h"

struct raising {
	struct eh_txn *txn;
	struct eh_audit_result *run;
	struct eh_raise_strata strata;
	struct eh_list open;            /* struct eh_matter, of the policy, before this run */
	struct eh_list told;            /* struct eh_matter of the process over all positions, by this run */
};

/* Whom an open notification is about, and on what. */
struct eh_matter {
	eh_id evaluator, position;      /* "" = the process; all positions */
	eh_name attribute, group;
};

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

static int raise_one(struct raising *r, const struct eh_notification *n, struct eh_err *err)
{
	struct eh_audit_result *run = r->run;
	uint64_t seq = 0;
	enum eh_raised how = EH_RAISED_ANSWERED;
	int rc = eh_notification_raise(r->txn, n, &seq, &how, err);

	if (rc == EH_OK && how == EH_RAISED_NEW)
		rc = eh_mail_wait(r->txn, seq, err);
	if (rc == EH_OK && how != EH_RAISED_ANSWERED)
		rc = eh_desk_keep_strata(r->txn, &r->strata, seq, &n->finding, err);
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

static bool is_individual(const struct eh_finding *f)
{
	return f->evaluator[0] != '\0' && f->verdict == EH_NOTIFY && f->scope != EH_SCOPE_SYSTEMIC;
}

bool eh_desk_is_member(const struct eh_finding *f, const struct eh_finding *pooled)
{
	return pooled->position[0] == '\0' && is_systemic_member(f) && same_cell(f, pooled);
}

static struct eh_matter matter_of(const struct eh_finding *f)
{
	struct eh_matter m;

	memcpy(m.evaluator, f->evaluator, sizeof m.evaluator);
	memcpy(m.position, f->position, sizeof m.position);
	memcpy(m.attribute, f->attribute, sizeof m.attribute);
	memcpy(m.group, f->group, sizeof m.group);
	return m;
}

static int note_open(void *ctx, const struct eh_notification *n, struct eh_err *err)
{
	struct raising *r = ctx;
	const struct eh_matter m = matter_of(&n->finding);

	(void)err;
	if (eh_notification_is_open(n) && !n->finding.own && strcmp(n->policy, r->run->head.policy) == 0)
		(void)eh_list_push(&r->open, &m);
	return EH_OK;
}

static int by_matter(const void *x, const void *y)
{
	const struct eh_matter *a = x, *b = y;
	int order = strcmp(a->evaluator, b->evaluator);

	if (order == 0)
		order = strcmp(a->position, b->position);
	if (order == 0)
		order = strcmp(a->attribute, b->attribute);
	return order != 0 ? order : strcmp(a->group, b->group);
}

/* Is a notification on exactly this open: about the evaluator, or, of a pooled finding, about the process? */
static bool has_open(const struct raising *r, const struct eh_finding *f)
{
	const struct eh_matter m = matter_of(f);

	return r->open.n > 0 && bsearch(&m, r->open.v, r->open.n, sizeof m, by_matter) != NULL;
}

/* Has this run told the process what lists f?  Pooled findings come before the evaluators'. */
static bool is_told(const struct raising *r, const struct eh_finding *f)
{
	const struct eh_matter *v = r->told.v;

	for (size_t i = 0; i < r->told.n; i++)
		if (strcmp(v[i].attribute, f->attribute) == 0 && strcmp(v[i].group, f->group) == 0)
			return true;
	return false;
}

static int find_open(struct raising *r, struct eh_err *err)
{
	bool asked = false;
	int rc;

	/* only a systemic finding asks */
	for (size_t i = 0; i < r->run->findings.n && !asked; i++)
		asked = is_systemic_member(&r->run->findings.v[i]);
	if (!asked)
		return EH_OK;
	rc = eh_notifications_each(r->txn, note_open, r, err);
	if (rc == EH_OK && r->open.n > 1)
		qsort(r->open.v, r->open.n, sizeof(struct eh_matter), by_matter);
	return rc;
}

/* One who stands out, and the p by which he stands in the list. */
struct apart {
	const struct eh_finding *f;
	struct eh_num p;
};

/* Smallest p first, those without one last; of equal ones in the order of the findings. */
static int by_p(const void *x, const void *y)
{
	const struct apart *a = x, *b = y;

	if (a->p.defined != b->p.defined)
		return a->p.defined ? -1 : 1;
	if (a->p.defined && (a->p.value < b->p.value || a->p.value > b->p.value))
		return a->p.value < b->p.value ? -1 : 1;
	return a->f < b->f ? -1 : a->f > b->f;
}

/* Who has a notification of his own beside the process's. */
static void note_apart(struct eh_notification *n, const struct eh_findings *findings, const struct eh_finding *pooled)
{
	struct apart *v = eh_xcalloc(findings->n + 1, sizeof *v);
	const uint32_t room = EH_MEMBERS_MAX - n->n_members;

	n->own_known = pooled->position[0] == '\0';
	for (size_t i = 0; n->own_known && i < findings->n; i++) {
		const struct eh_finding *f = &findings->v[i];

		if (is_individual(f) && same_cell(f, pooled))
			v[n->n_own++] = (struct apart){ f, f->anytime ? f->p_anytime : f->p };
	}
	qsort(v, n->n_own, sizeof *v, by_p);
	n->own_named = n->n_own < room ? n->n_own : room;
	for (uint32_t i = 0; i < n->own_named; i++)
		memcpy(n->members[n->n_members + i], v[i].f->evaluator, sizeof n->members[0]);
	free(v);
}

/* The process's notification of one pooled finding: with its members, or because it stands by itself. */
static int raise_pooled(struct raising *r, const struct eh_finding *pooled, struct eh_err *err)
{
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	bool wanted = pooled->verdict == EH_NOTIFY;
	int rc = EH_OK;

	start(n, r->run, pooled);
	n->systemic = true;
	for (size_t i = 0; i < r->run->findings.n; i++) {
		const struct eh_finding *f = &r->run->findings.v[i];

		if (!eh_desk_is_member(f, pooled) || n->n_members == EH_MEMBERS_MAX)
			continue;
		memcpy(n->members[n->n_members++], f->evaluator, sizeof n->members[0]);
		wanted = wanted || !has_open(r, f);
	}
	if (wanted || (n->n_members > 0 && has_open(r, pooled))) {
		const struct eh_matter m = matter_of(pooled);

		note_apart(n, &r->run->findings, pooled);
		if (n->n_members > 0)
			(void)eh_list_push(&r->told, &m);
		rc = raise_one(r, n, err);
	}
	free(n);
	return rc;
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
static int raise_own(struct raising *r, struct eh_notification *n, struct eh_err *err)
{
	int rc = EH_OK;

	for (size_t i = 0; i < r->run->own.n && rc == EH_OK; i++) {
		const struct eh_finding *f = &r->run->own.v[i];

		if (f->verdict != EH_NOTIFY)
			continue;
		start(n, r->run, f);
		n->systemic = f->evaluator[0] == '\0';
		rc = raise_one(r, n, err);
	}
	return rc;
}

int eh_desk_raise(struct eh_txn *txn, struct eh_audit_result *run, const struct eh_audit_data *data, struct eh_err *err)
{
	struct raising r = { .txn = txn, .run = run, .strata = { .data = data, .s = &run->policy.settings } };
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	int rc;

	eh_list_init(&r.open, sizeof(struct eh_matter));
	eh_list_init(&r.told, sizeof(struct eh_matter));
	rc = find_open(&r, err);
	for (size_t i = 0; i < run->findings.n && rc == EH_OK; i++) {
		const struct eh_finding *f = &run->findings.v[i];

		if (f->evaluator[0] == '\0') {
			rc = raise_pooled(&r, f, err);
		} else if (is_individual(f) || (is_systemic_member(f) && !is_told(&r, f))) {
			start(n, run, f);
			rc = raise_one(&r, n, err);
		}
	}
	if (rc == EH_OK)
		rc = raise_own(&r, n, err);
	free(r.open.v);
	free(r.told.v);
	eh_raise_strata_free(&r.strata);
	free(n);
	return rc;
}
