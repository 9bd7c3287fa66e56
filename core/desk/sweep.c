/* When a consent was withdrawn or ran out, indicators, copies and classes that rest on it leave the tables. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "desk/copies.h"
#include "desk/inside.h"
#include "extract/extract.h"
#include "store/codec.h"

struct stale_answer {
	eh_id candidate, question;
	bool drop_face, drop_voice;
};

struct stale_posterior {
	eh_name attribute;
	eh_id candidate;
};

struct sweep {
	struct eh_txn *txn;
	const char *candidate;          /* NULL = everybody */
	int64_t now;
	struct eh_list attributes;      /* eh_name: those that have posteriors */
	struct eh_list answers;         /* struct stale_answer */
	struct eh_list posteriors;      /* struct stale_posterior */
	struct eh_list copied;          /* eh_id: whose degraded copies go */
	eh_id last;                     /* whose copies were looked at last */
};

bool eh_desk_may_use(struct eh_txn *txn, const struct eh_posterior *p, int64_t now)
{
	char purpose[EH_PURPOSE_MAX + 1];
	const char *const purposes[] = { purpose, "face", "voice" };
	bool may[3];

	(void)snprintf(purpose, sizeof purpose, "infer:%s", p->attribute);
	eh_gate_each(txn, p->candidate, NULL, purposes, 3, now, may);
	return may[0] && (p->modality == EH_VOICE_ONLY || may[1]) && (p->modality == EH_FACE_ONLY || may[2]);
}

static int look_at_answer(void *ctx, const struct eh_answer_head *a, struct eh_err *err)
{
	static const char *const purposes[] = { "face", "voice" };
	struct sweep *s = ctx;
	struct stale_answer stale;
	bool may[2];

	(void)err;
	memset(&stale, 0, sizeof stale);
	eh_gate_each(s->txn, a->candidate, NULL, purposes, 2, s->now, may);
	stale.drop_face = !may[0];
	stale.drop_voice = !may[1];
	/* the note of a file that could not be measured goes when nothing may be measured any more */
	if (a->status == EH_OK || !(stale.drop_face && stale.drop_voice)) {
		stale.drop_face = stale.drop_face && a->did_face;
		stale.drop_voice = stale.drop_voice && a->did_voice;
	}
	if (stale.drop_face || stale.drop_voice) {
		memcpy(stale.candidate, a->candidate, sizeof stale.candidate);
		memcpy(stale.question, a->question, sizeof stale.question);
		(void)eh_list_push(&s->answers, &stale);
	}
	return EH_OK;
}

/* Copies come by candidate; one consent ends all of one. */
static int look_at_copies(void *ctx, const char *candidate, const char *question, const struct eh_copies *c,
			  struct eh_err *err)
{
	struct sweep *s = ctx;

	(void)question;
	(void)c;
	(void)err;
	if (strcmp(s->last, candidate) == 0)
		return EH_OK;
	(void)snprintf(s->last, sizeof s->last, "%s", candidate);
	if (!eh_desk_may_copy(s->txn, candidate, s->now, NULL))
		(void)eh_list_push(&s->copied, s->last);
	return EH_OK;
}

/* Keys come sorted by attribute. */
static int note_attribute(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct sweep *s = ctx;
	const eh_name *known = s->attributes.v;
	eh_name name;

	(void)value;
	if (!eh_key_part(key, 0, name, sizeof name))
		return eh_err_set(err, EH_EFORMAT, "posteriors: damaged key");
	if (s->attributes.n == 0 || strcmp(known[s->attributes.n - 1], name) != 0)
		(void)eh_list_push(&s->attributes, name);
	return EH_OK;
}

static int look_at_posterior(void *ctx, const struct eh_posterior *p, struct eh_err *err)
{
	struct sweep *s = ctx;
	struct stale_posterior stale;

	(void)err;
	if ((s->candidate != NULL && strcmp(s->candidate, p->candidate) != 0) || eh_desk_may_use(s->txn, p, s->now))
		return EH_OK;
	memcpy(stale.attribute, p->attribute, sizeof stale.attribute);
	memcpy(stale.candidate, p->candidate, sizeof stale.candidate);
	(void)eh_list_push(&s->posteriors, &stale);
	return EH_OK;
}

static int look(struct sweep *s, struct eh_err *err)
{
	const eh_name *attribute;
	int rc = eh_answer_heads_each(s->txn, s->candidate, look_at_answer, s, err);

	if (rc == EH_OK)
		rc = eh_copies_each(s->txn, s->candidate, look_at_copies, s, err);
	if (rc == EH_OK)
		rc = eh_txn_scan(s->txn, EH_T_POSTERIORS, (struct eh_bytes){ NULL, 0 }, note_attribute, s, err);
	attribute = s->attributes.v;
	for (size_t i = 0; i < s->attributes.n && rc == EH_OK; i++)
		rc = eh_posteriors_each(s->txn, attribute[i], look_at_posterior, s, err);
	return rc;
}

/* What is still allowed of an answer stays; an answer without anything goes. */
static int strip_answer(struct eh_txn *txn, const struct stale_answer *stale, struct eh_err *err)
{
	struct eh_answer *a = eh_xcalloc(1, sizeof *a);
	struct eh_key k = eh_key_of(stale->candidate);
	int rc = eh_answer_get(txn, stale->candidate, stale->question, a, err);

	eh_key_str(&k, stale->question);
	if (rc == EH_OK && stale->drop_face) {
		a->did_face = 0;
		memset(&a->face, 0, sizeof a->face);
	}
	if (rc == EH_OK && stale->drop_voice) {
		a->did_voice = 0;
		memset(&a->voice, 0, sizeof a->voice);
	}
	if (rc == EH_OK && (a->did_face || a->did_voice))
		rc = eh_answer_put(txn, stale->candidate, stale->question, a, err);
	else if (rc == EH_OK)
		rc = eh_txn_del(txn, EH_T_ANSWERS, eh_key_bytes(&k), err);
	free(a);
	return rc;
}

static int strip_posterior(struct eh_txn *txn, const struct stale_posterior *stale, struct eh_err *err)
{
	struct eh_key k = eh_key_of(stale->attribute);

	eh_key_str(&k, stale->candidate);
	return eh_txn_del(txn, EH_T_POSTERIORS, eh_key_bytes(&k), err);
}

static int strip(struct sweep *s, const struct eh_actor *actor, struct eh_err *err)
{
	const struct stale_answer *answers = s->answers.v;
	const struct stale_posterior *posteriors = s->posteriors.v;
	const eh_id *copied = s->copied.v;
	char detail[EH_DETAIL_MAX + 1];
	int rc = EH_OK;

	for (size_t i = 0; i < s->answers.n && rc == EH_OK; i++) {
		rc = strip_answer(s->txn, &answers[i], err);
		if (rc == EH_OK)
			rc = eh_desk_repool(s->txn, answers[i].candidate, err);
	}
	for (size_t i = 0; i < s->posteriors.n && rc == EH_OK; i++)
		rc = strip_posterior(s->txn, &posteriors[i], err);
	for (size_t i = 0; i < s->copied.n && rc == EH_OK; i++)
		rc = eh_copies_remove(s->txn, copied[i], NULL, err);
	(void)snprintf(detail, sizeof detail,
		       "indicators of %zu answers, degraded copies of %zu candidates and %zu inferred classes, whose "
		       "consent was withdrawn or ran out",
		       s->answers.n, s->copied.n, s->posteriors.n);
	if (rc == EH_OK)
		rc = eh_desk_want_tidy(s->txn, err);
	if (rc == EH_OK)
		rc = eh_journal_append(s->txn, actor, "consent.sweep", "indicators", detail, err);
	return rc;
}

int eh_desk_sweep_in(struct eh_txn *txn, const struct eh_actor *actor, const char *candidate, size_t *taken,
		     struct eh_err *err)
{
	struct sweep s = { .txn = txn, .candidate = candidate, .now = eh_now() };
	int rc;

	eh_list_init(&s.attributes, sizeof(eh_name));
	eh_list_init(&s.answers, sizeof(struct stale_answer));
	eh_list_init(&s.posteriors, sizeof(struct stale_posterior));
	eh_list_init(&s.copied, sizeof(eh_id));
	rc = look(&s, err);
	if (rc == EH_OK && s.answers.n + s.posteriors.n + s.copied.n > 0)
		rc = strip(&s, actor, err);
	if (taken != NULL)
		*taken = s.answers.n + s.posteriors.n + s.copied.n;
	free(s.attributes.v);
	free(s.answers.v);
	free(s.posteriors.v);
	free(s.copied.v);
	return rc;
}

int eh_desk_sweep(struct eh_desk *d, const char *candidate, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	size_t taken = 0;
	int rc = eh_txn_begin(&txn, d->store, true, err);

	if (rc == EH_OK)
		rc = eh_desk_sweep_in(txn, &d->actor, candidate, &taken, err);
	if (rc == EH_OK && taken > 0)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	return rc;
}
