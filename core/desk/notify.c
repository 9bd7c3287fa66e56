/* Notifications, responses, journal and standing: what the screens and commands read and answer. */
#include "notify/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "desk/inside.h"
#include "desk/raise.h"
#include "policy/registry.h"

static int push_notification(void *ctx, const struct eh_notification *n, struct eh_err *err)
{
	(void)err;
	(void)eh_list_push(ctx, n);
	return EH_OK;
}

int eh_desk_notifications(struct eh_desk *d, struct eh_notification **v, size_t *n, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	struct eh_list list;
	int rc = eh_txn_begin(&txn, d->store, false, err);

	eh_list_init(&list, sizeof **v);
	if (rc == EH_OK)
		rc = eh_notifications_each(txn, push_notification, &list, err);
	eh_txn_abort(&txn);
	*v = list.v;
	*n = list.n;
	return rc;
}

static int push_line(void *ctx, const struct eh_notification_line *l, struct eh_err *err)
{
	(void)err;
	eh_notification_lines_add(ctx, l);
	return EH_OK;
}

int eh_desk_notification_lines(struct eh_desk *d, struct eh_notification_lines *out, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	int rc = eh_txn_begin(&txn, d->store, false, err);

	memset(out, 0, sizeof *out);
	if (rc == EH_OK)
		rc = eh_notification_lines_each(txn, push_line, out, err);
	eh_txn_abort(&txn);
	return rc;
}

static int push_response(void *ctx, const struct eh_response *r, struct eh_err *err)
{
	(void)err;
	(void)eh_list_push(ctx, r);
	return EH_OK;
}

int eh_desk_notification(struct eh_desk *d, uint64_t seq, struct eh_notification *out, struct eh_response **responses,
			 size_t *n, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	struct eh_list list;
	int rc = eh_txn_begin(&txn, d->store, false, err);

	eh_list_init(&list, sizeof **responses);
	if (rc == EH_OK)
		rc = eh_notification_get(txn, seq, out, err);
	if (rc == EH_OK)
		rc = eh_responses_each(txn, seq, push_response, &list, err);
	eh_txn_abort(&txn);
	*responses = list.v;
	*n = list.n;
	return rc;
}

struct members {
	const struct eh_notification *of;
	struct eh_list list;
};

static int push_member(void *ctx, uint32_t index, const struct eh_finding *f, struct eh_err *err)
{
	struct members *m = ctx;

	(void)index;
	(void)err;
	if (m->list.n < m->of->n_members && eh_desk_is_member(f, &m->of->finding))
		(void)eh_list_push(&m->list, f);
	return EH_OK;
}

int eh_desk_notification_members(struct eh_desk *d, const struct eh_notification *of, struct eh_finding **v, size_t *n,
				 struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	struct members m = { .of = of };
	int rc = eh_txn_begin(&txn, d->store, false, err);

	eh_list_init(&m.list, sizeof **v);
	if (rc == EH_OK && of->n_members > 0)
		rc = eh_findings_each(txn, of->audit, push_member, &m, err);
	eh_txn_abort(&txn);
	*v = m.list.v;
	*n = m.list.n;
	return rc;
}

struct eh_with_own eh_desk_with_own(const struct eh_notification *n)
{
	return (struct eh_with_own){ n->own_known, n->n_own, &n->members[n->n_members], n->own_named };
}

int eh_desk_respond_check(struct eh_desk *d, uint64_t seq, uint32_t revision, const struct eh_response *r,
			  struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	int rc = eh_txn_begin(&txn, d->store, false, err);

	if (rc == EH_OK)
		rc = eh_notification_check(txn, seq, revision, r, err);
	eh_txn_abort(&txn);
	return rc;
}

int eh_desk_respond(struct eh_desk *d, uint64_t seq, uint32_t revision, const struct eh_response *r, struct eh_err *err)
{
	static const char *const verbs[EH_N_STATES] = {
		"notification", "notification.confirm", "notification.reject", "notification.act", "notification.close"
	};
	struct eh_txn *txn = NULL;
	struct eh_response *next = eh_xcalloc(1, sizeof *next);
	char object[16], detail[EH_DETAIL_MAX + 1];
	int rc;

	*next = *r;
	next->at = eh_now();
	next->actor = d->actor;
	eh_notification_id(object, seq);
	rc = eh_txn_begin(&txn, d->store, true, err);
	if (rc == EH_OK)
		rc = eh_notification_respond(txn, seq, revision, next, err);
	if (rc == EH_OK) {
		if (next->n_actions > 0)
			(void)snprintf(detail, sizeof detail, "%u actions; %s", next->n_actions, next->reason);
		else
			(void)snprintf(detail, sizeof detail, "%s", next->reason);
		rc = eh_journal_append(txn, &d->actor, verbs[next->to], object, detail, err);
	}
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	free(next);
	return rc;
}

/* ---- journal ---- */

static int push_entry(void *ctx, const struct eh_journal_entry *e, struct eh_err *err)
{
	(void)err;
	(void)eh_list_push(ctx, e);
	return EH_OK;
}

int eh_desk_journal(struct eh_desk *d, uint64_t from, struct eh_journal_entry **v, size_t *n, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	struct eh_list list;
	int rc = eh_txn_begin(&txn, d->store, false, err);

	eh_list_init(&list, sizeof **v);
	if (rc == EH_OK)
		rc = eh_journal_each(txn, from, push_entry, &list, err);
	eh_txn_abort(&txn);
	*v = list.v;
	*n = list.n;
	return rc;
}

int eh_desk_journal_verify(struct eh_desk *d, struct eh_journal_state *out, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	int rc = eh_txn_begin(&txn, d->store, false, err);

	if (rc == EH_OK)
		rc = eh_journal_verify(txn, out, err);
	eh_txn_abort(&txn);
	return rc;
}

/* ---- standing ---- */

struct tally {
	struct eh_standing *s;
	struct eh_txn *txn;
	struct { eh_name attribute; uint32_t known, imported; } attributes[EH_DECLARED_MAX];
	size_t n_attributes;
	char giver[EH_NAME_MAX + 12];   /* id of the model whose classes count; "" = of none */
};

static int tally_candidate(void *ctx, const struct eh_candidate *c, struct eh_err *err)
{
	struct tally *t = ctx;

	(void)err;
	t->s->candidates++;
	for (size_t i = 0; i < c->n_declared; i++) {
		size_t k = 0;

		while (k < t->n_attributes && strcmp(t->attributes[k].attribute, c->declared[i].attribute) != 0)
			k++;
		if (k == EH_DECLARED_MAX)
			continue;
		if (k == t->n_attributes)
			memcpy(t->attributes[t->n_attributes++].attribute, c->declared[i].attribute, sizeof(eh_name));
		t->attributes[k].known++;
		t->attributes[k].imported += c->declared[i].source == EH_BY_RECORD;
	}
	return EH_OK;
}

static int tally_answer(void *ctx, const struct eh_answer_head *a, struct eh_err *err)
{
	struct tally *t = ctx;

	(void)err;
	if (a->status == EH_OK)
		t->s->answers_ok++;
	else
		t->s->answers_failed++;
	return EH_OK;
}

static int tally_vector(void *ctx, const struct eh_vector_head *v, struct eh_err *err)
{
	struct tally *t = ctx;

	(void)err;
	t->s->vectors++;
	t->s->with_face += v->has_face;
	t->s->with_voice += v->has_voice;
	return EH_OK;
}

static int tally_posterior(void *ctx, const struct eh_posterior *p, struct eh_err *err)
{
	struct tally *t = ctx;

	(void)err;
	if (strcmp(p->model, t->giver) != 0)
		return EH_OK;
	t->s->predicted++;
	t->s->undetermined += !eh_determined(p->set, p->scope);
	return EH_OK;
}

static int tally_notification(void *ctx, const struct eh_notification_line *n, struct eh_err *err)
{
	struct tally *t = ctx;

	(void)err;
	t->s->notifications++;
	t->s->pending += n->state == EH_N_PENDING;
	return EH_OK;
}

static void pick_attribute(struct tally *t)
{
	size_t best = 0;

	for (size_t i = 1; i < t->n_attributes; i++)
		if (t->attributes[i].known > t->attributes[best].known)
			best = i;
	if (t->n_attributes > 0) {
		memcpy(t->s->attribute, t->attributes[best].attribute, sizeof t->s->attribute);
		t->s->imported = t->attributes[best].imported;
		t->s->declared = t->attributes[best].known - t->s->imported;
	}
}

static int count_tables(struct tally *t, struct eh_err *err)
{
	uint64_t n = 0;
	int rc = eh_txn_count(t->txn, EH_T_EVALUATORS, &n, err);

	t->s->evaluators = (uint32_t)n;
	if (rc == EH_OK)
		rc = eh_txn_count(t->txn, EH_T_INTERVIEWS, &n, err);
	t->s->interviews = (uint32_t)n;
	if (rc == EH_OK)
		rc = eh_txn_count(t->txn, EH_T_EVALUATIONS, &t->s->evaluations, err);
	if (rc == EH_OK)
		rc = eh_txn_count(t->txn, EH_T_JOURNAL, &t->s->journal_entries, err);
	return rc;
}

/* The classes that count are those of a model that is not stale. */
static void pick_giver(struct tally *t, const struct eh_model_row *models, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool stale = eh_desk_model_stale(&models[i]);

		t->s->stale_models += stale;
		if (!stale && strcmp(models[i].attribute, t->s->attribute) == 0)
			memcpy(t->giver, models[i].id, sizeof t->giver);
	}
}

static int tally_policy(void *ctx, const struct eh_policy_version *v, struct eh_err *err)
{
	struct tally *t = ctx;

	(void)err;
	if (v->state != EH_POLICY_PROPOSED)
		return EH_OK;
	if (t->s->policies_proposed++ > 0)
		return EH_OK;
	memcpy(t->s->policy_proposed, v->name, sizeof t->s->policy_proposed);
	memcpy(t->s->policy_author, v->proposed.who.login, sizeof t->s->policy_author);
	return EH_OK;
}

static int tally_ending(void *ctx, const char *name, const struct eh_policy_mark *asked, struct eh_err *err)
{
	struct eh_standing *s = ((struct tally *)ctx)->s;

	(void)err;
	if (s->policies_ending++ > 0)
		return EH_OK;
	(void)snprintf(s->policy_ending, sizeof s->policy_ending, "%s", name);
	memcpy(s->ending_asked_by, asked->who.login, sizeof s->ending_asked_by);
	return EH_OK;
}

int eh_desk_standing(struct eh_desk *d, struct eh_standing *out, struct eh_err *err)
{
	struct tally t = { .s = out };
	struct eh_model_row *models = NULL;
	size_t n = 0;
	int rc;

	memset(out, 0, sizeof *out);
	rc = eh_txn_begin(&t.txn, d->store, false, err);
	if (rc == EH_OK)
		rc = count_tables(&t, err);
	if (rc == EH_OK)
		rc = eh_candidates_each(t.txn, tally_candidate, &t, err);
	if (rc == EH_OK)
		rc = eh_answer_heads_each(t.txn, NULL, tally_answer, &t, err);
	if (rc == EH_OK)
		rc = eh_vector_heads_each(t.txn, tally_vector, &t, err);
	if (rc == EH_OK)
		rc = eh_notification_lines_each(t.txn, tally_notification, &t, err);
	if (rc == EH_OK)
		rc = eh_desk_model_rows(t.txn, &models, &n, err);
	pick_attribute(&t);
	pick_giver(&t, models, n);
	if (rc == EH_OK && out->attribute[0] != '\0')
		rc = eh_posteriors_each(t.txn, out->attribute, tally_posterior, &t, err);
	if (rc == EH_OK)
		rc = eh_registry_each(t.txn, NULL, tally_policy, &t, err);
	if (rc == EH_OK)
		rc = eh_registry_endings_each(t.txn, tally_ending, &t, err);
	if (rc == EH_OK) {
		rc = eh_audit_head_last(t.txn, &out->audit, err);
		out->has_audit = rc == EH_OK;
		if (rc == EH_ENOENT)
			rc = EH_OK;
	}
	eh_txn_abort(&t.txn);
	free(models);
	return rc;
}
