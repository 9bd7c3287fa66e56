/* Facts about a project from its store; see project_facts.h. */
#include "desk/project_facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "desk/inside.h"
#include "extract/extract.h"
#include "learn/vector.h"
#include "people/paper.h"
#include "policy/pack.h"

#define PURPOSES_MAX 32                 /* of one candidate; what is beyond is passed over */

struct person {
	eh_id id;
	uint32_t place;
	bool face, voice;               /* measured */
};

/* Of the candidate at hand, by purpose: the record that decides (people/gate.c). */
struct newest {
	struct eh_consent v[PURPOSES_MAX];
	size_t n;
	uint64_t records;               /* of all candidates so far */
	int64_t oldest;
};

/* A place while it is counted. */
struct place {
	struct eh_project_place p;
	struct eh_list consent, inferred;
};

struct facts {
	struct eh_desk *d;
	struct eh_txn *txn;
	struct eh_project *out;
	int64_t now;
	struct eh_list people;          /* struct person, by id */
	struct eh_list places;          /* struct place, by code once settled */
	struct newest newest;
	eh_name attribute;              /* whose predicted classes are walked through */
	int64_t oldest_decision, oldest_notice, oldest_pending, extracted, classified, recorded, described;
};

static void earlier(int64_t *oldest, int64_t t)
{
	if (*oldest == 0 || t < *oldest)
		*oldest = t;
}

static void put_day(eh_day out, int64_t t)
{
	out[0] = '\0';
	if (t != 0)
		eh_pack_day(out, t);
}

/* ---- people and places ---- */

static uint32_t place_of(struct facts *f, const char *code)
{
	struct place *v = f->places.v;
	size_t i = 0;

	while (i < f->places.n && strcmp(v[i].p.code, code) != 0)
		i++;
	if (i == f->places.n) {
		struct place *new = eh_list_push(&f->places, NULL);

		(void)snprintf(new->p.code, sizeof new->p.code, "%s", code);
		eh_list_init(&new->consent, sizeof(struct eh_project_consent));
		eh_list_init(&new->inferred, sizeof(struct eh_project_count));
	}
	return (uint32_t)i;
}

static struct place *place_at(struct facts *f, const struct person *p)
{
	return (struct place *)f->places.v + p->place;
}

static int take_candidate(void *ctx, const struct eh_candidate *c, struct eh_err *err)
{
	struct facts *f = ctx;
	struct person *p = eh_list_push(&f->people, NULL);

	(void)err;
	memcpy(p->id, c->id, sizeof p->id);
	p->place = place_of(f, c->jurisdiction);
	place_at(f, p)->p.candidates++;
	f->out->data.classes.n += c->n_declared;
	return EH_OK;
}

static int by_id(const void *a, const void *b) { return strcmp(a, ((const struct person *)b)->id); }

static struct person *find_person(const struct facts *f, const char *id)
{
	return f->people.n == 0 ? NULL : bsearch(id, f->people.v, f->people.n, sizeof(struct person), by_id);
}

static int take_interview(void *ctx, const struct eh_interview *i, struct eh_err *err)
{
	struct facts *f = ctx;
	const struct person *p = find_person(f, i->candidate);

	(void)err;
	f->out->data.recordings.n++;
	if (p != NULL)
		place_at(f, p)->p.recordings++;
	return EH_OK;
}

static int take_vector(void *ctx, const struct eh_vector_head *h, struct eh_err *err)
{
	struct facts *f = ctx;
	struct person *p = find_person(f, h->candidate);

	(void)err;
	f->out->data.vectors.n++;
	if (p == NULL || (!h->has_face && !h->has_voice))
		return EH_OK;
	p->face = h->has_face;
	p->voice = h->has_voice;
	place_at(f, p)->p.measured++;
	return EH_OK;
}

static int take_posterior(void *ctx, const struct eh_posterior *x, struct eh_err *err)
{
	struct facts *f = ctx;
	const struct person *p = find_person(f, x->candidate);
	struct eh_project_count *v;
	struct place *place;
	size_t i = 0;

	(void)err;
	f->out->data.posteriors.n++;
	if (p == NULL)
		return EH_OK;
	place = place_at(f, p);
	v = place->inferred.v;
	while (i < place->inferred.n && strcmp(v[i].attribute, f->attribute) != 0)
		i++;
	if (i == place->inferred.n)
		memcpy(((struct eh_project_count *)eh_list_push(&place->inferred, NULL))->attribute, f->attribute,
		       sizeof(eh_name));
	((struct eh_project_count *)place->inferred.v)[i].n++;
	return EH_OK;
}

/* ---- consents ---- */

static int take_consent(void *ctx, const struct eh_consent *c, struct eh_err *err)
{
	struct newest *n = ctx;
	size_t i = 0;

	(void)err;
	n->records++;
	earlier(&n->oldest, c->at);
	while (i < n->n && strcmp(n->v[i].purpose, c->purpose) != 0)
		i++;
	if (i == PURPOSES_MAX)
		return EH_OK;
	if (i == n->n)
		n->v[n->n++] = *c;
	else if (c->at >= n->v[i].at)
		n->v[i] = *c;
	return EH_OK;
}

static struct eh_project_consent *consent_of(struct place *p, const char *purpose)
{
	struct eh_project_consent *v = p->consent.v;

	for (size_t i = 0; i < p->consent.n; i++)
		if (strcmp(v[i].purpose, purpose) == 0)
			return &v[i];
	v = eh_list_push(&p->consent, NULL);
	(void)snprintf(v->purpose, sizeof v->purpose, "%s", purpose);
	return v;
}

static void count_consent(struct place *p, const struct eh_consent *c, int64_t now)
{
	struct eh_project_consent *count = consent_of(p, c->purpose);

	if (!c->granted)
		count->withdrawn++;
	else if (c->at <= now && c->expires != 0 && c->expires <= now)
		count->expired++;
	else if (c->at <= now)
		count->granted++;
}

static bool complete(enum eh_paper paper, const struct eh_consent *c, int64_t now)
{
	char lacks[EH_PAPER_LACKS_MAX];

	return !eh_paper_lacks(lacks, paper, &c->release, now);
}

/* The paper behind what was measured: that of the record that decides, as the gate asks for it. */
static void count_papers(struct place *p, const struct person *who, const struct newest *n, int64_t now)
{
	bool face = false, voice = false, waiver = false;

	for (size_t i = 0; i < n->n; i++) {
		const struct eh_consent *c = &n->v[i];

		if (strcmp(c->purpose, "face") == 0) {
			face = complete(EH_PAPER_RELEASE, c, now);
			waiver = complete(EH_PAPER_WAIVER, c, now);
		} else if (strcmp(c->purpose, "voice") == 0) {
			voice = complete(EH_PAPER_RELEASE, c, now);
		}
	}
	p->p.release_missing += (who->face && !face) || (who->voice && !voice);
	p->p.waiver_missing += who->face && !waiver;
}

static int walk_consents(struct facts *f, struct eh_err *err)
{
	const struct person *v = f->people.v;
	int rc = EH_OK;

	for (size_t i = 0; i < f->people.n && rc == EH_OK; i++) {
		struct place *p = place_at(f, &v[i]);

		f->newest.n = 0;
		rc = eh_consents_each(f->txn, v[i].id, take_consent, &f->newest, err);
		for (size_t k = 0; k < f->newest.n; k++)
			count_consent(p, &f->newest.v[k], f->now);
		count_papers(p, &v[i], &f->newest, f->now);
	}
	return rc;
}

/* The plain purposes in their order, then the others by name. */
static int rank_of(const char *purpose)
{
	static const char *const plain[] = { "watch", "face", "voice", "train" };

	for (int i = 0; i < 4; i++)
		if (strcmp(purpose, plain[i]) == 0)
			return i;
	return 4;
}

static int by_purpose(const void *a, const void *b)
{
	const struct eh_project_consent *x = a, *y = b;
	const int c = rank_of(x->purpose) - rank_of(y->purpose);

	return c != 0 ? c : strcmp(x->purpose, y->purpose);
}

static int by_code(const void *a, const void *b)
{
	return strcmp(((const struct place *)a)->p.code, ((const struct place *)b)->p.code);
}

static int by_attribute(const void *a, const void *b)
{
	return strcmp(((const struct eh_project_count *)a)->attribute, ((const struct eh_project_count *)b)->attribute);
}

/* Hands the places over; their lists are theirs. */
static void settle_places(struct facts *f)
{
	static const char *const plain[] = { "watch", "face", "voice", "train" };
	struct place *v = f->places.v;

	f->out->places = eh_xcalloc(f->places.n + 1, sizeof *f->out->places);
	f->out->n_places = f->places.n;
	if (f->places.n > 0)
		qsort(v, f->places.n, sizeof *v, by_code);
	for (size_t i = 0; i < f->places.n; i++) {
		struct eh_project_consent *consent;

		for (size_t k = 0; k < sizeof plain / sizeof plain[0]; k++)
			(void)consent_of(&v[i], plain[k]);
		consent = v[i].consent.v;
		for (size_t k = 0; k < v[i].consent.n; k++)
			consent[k].none = v[i].p.candidates - consent[k].granted - consent[k].withdrawn -
					  consent[k].expired;
		qsort(consent, v[i].consent.n, sizeof *consent, by_purpose);
		if (v[i].inferred.n > 0)
			qsort(v[i].inferred.v, v[i].inferred.n, sizeof(struct eh_project_count), by_attribute);
		v[i].p.consent = consent;
		v[i].p.n_consent = v[i].consent.n;
		v[i].p.inferred = v[i].inferred.v;
		v[i].p.n_inferred = v[i].inferred.n;
		f->out->places[i] = v[i].p;
	}
	free(f->places.v);
	f->places.v = NULL;
	f->places.n = 0;
}

/* ---- the rest ---- */

static int take_evaluation(void *ctx, const struct eh_evaluation *e, struct eh_err *err)
{
	struct facts *f = ctx;

	(void)err;
	f->out->data.evaluations.n++;
	if (e->has_time)
		earlier(&f->oldest_decision, e->decided_at);
	return EH_OK;
}

static int take_notification(void *ctx, const struct eh_notification *n, struct eh_err *err)
{
	struct facts *f = ctx;

	(void)err;
	f->out->data.notifications.n++;
	earlier(&f->oldest_notice, n->raised_at);
	switch (n->state) {
	case EH_N_PENDING:
		f->out->notifications.pending++;
		earlier(&f->oldest_pending, n->raised_at);
		break;
	case EH_N_CONFIRMED: f->out->notifications.confirmed++; break;
	case EH_N_REJECTED:  f->out->notifications.rejected++; break;
	case EH_N_ACTIONS:   f->out->notifications.actions++; break;
	default:             f->out->notifications.closed++; break;
	}
	return EH_OK;
}

static int take_entry(void *ctx, const struct eh_journal_entry *e, struct eh_err *err)
{
	struct facts *f = ctx;

	(void)err;
	f->out->data.journal.n++;
	if (f->out->data.journal.n == 1)
		put_day(f->out->data.journal.oldest, e->time);
	if (strcmp(e->verb, "extract") == 0)
		earlier(&f->extracted, e->time);
	else if (strcmp(e->verb, "classify") == 0)
		earlier(&f->classified, e->time);
	else if (strcmp(e->verb, "import") == 0 && strcmp(e->object, "interviews") == 0)
		earlier(&f->recorded, e->time);
	else if (strcmp(e->verb, "import") == 0 && strcmp(e->object, "candidates") == 0)
		earlier(&f->described, e->time);
	return EH_OK;
}

struct taken {
	const char *day;                /* of the run */
	struct eh_list *list;
};

static int take_declaration(void *ctx, const struct eh_declaration *d, struct eh_err *err)
{
	const struct taken *t = ctx;
	struct eh_project_declaration *x;

	(void)err;
	if (!eh_declare_holds(d->key, d->value, t->day))
		return EH_OK;
	x = eh_list_push(t->list, NULL);
	(void)snprintf(x->key, sizeof x->key, "%s", d->key);
	(void)snprintf(x->value, sizeof x->value, "%s", d->value);
	return EH_OK;
}

static int walk_models(struct facts *f, struct eh_err *err)
{
	struct eh_model_row *v = NULL;
	size_t n = 0;
	int rc = eh_desk_model_rows(f->txn, &v, &n, err);

	f->out->models = eh_xcalloc(n + 1, sizeof *f->out->models);
	for (size_t i = 0; i < n && rc == EH_OK; i++) {
		struct eh_project_model *m = &f->out->models[f->out->n_models++];

		memcpy(m->attribute, v[i].attribute, sizeof m->attribute);
		m->stale = eh_desk_model_stale(&v[i]);
		m->classifies = v[i].classifies && !v[i].outdated;
		m->auc = m->auc_lo = eh_undefined(EH_U_NOT_COMPUTED);
		if (!v[i].outdated) {
			m->auc = eh_num(v[i].auc);
			m->auc_lo = eh_num(v[i].auc_lo);
			put_day(m->trained, v[i].trained_at);
		}
		memcpy(f->attribute, v[i].attribute, sizeof f->attribute);
		rc = eh_posteriors_each(f->txn, f->attribute, take_posterior, f, err);
	}
	eh_list_free(&v);
	return rc;
}

static void settle_data(struct facts *f)
{
	struct eh_project *p = f->out;

	put_day(p->data.evaluations.oldest, f->oldest_decision);
	put_day(p->data.notifications.oldest, f->oldest_notice);
	put_day(p->data.vectors.oldest, p->data.vectors.n > 0 ? f->extracted : 0);
	put_day(p->data.posteriors.oldest, p->data.posteriors.n > 0 ? f->classified : 0);
	put_day(p->data.classes.oldest, p->data.classes.n > 0 ? f->described : 0);
	p->data.consents.n = f->newest.records;
	put_day(p->data.consents.oldest, f->newest.oldest);
	put_day(p->data.recordings.oldest, p->data.recordings.n > 0 ? f->recorded : 0);
	if (f->oldest_pending != 0 && f->now > f->oldest_pending)
		p->notifications.oldest_pending_days = (uint32_t)((f->now - f->oldest_pending) / 86400);
}

static int gather(struct facts *f, struct eh_err *err)
{
	struct eh_list declared;
	const struct taken taken = { f->out->as_of, &declared };
	uint64_t n = 0;
	int rc = eh_candidates_each(f->txn, take_candidate, f, err);

	eh_list_init(&declared, sizeof(struct eh_project_declaration));
	if (rc == EH_OK)
		rc = eh_interviews_each(f->txn, take_interview, f, err);
	if (rc == EH_OK)
		rc = eh_vector_heads_each(f->txn, take_vector, f, err);
	if (rc == EH_OK)
		rc = walk_models(f, err);
	if (rc == EH_OK)
		rc = walk_consents(f, err);
	if (rc == EH_OK)
		rc = eh_evaluations_each(f->txn, take_evaluation, f, err);
	if (rc == EH_OK)
		rc = eh_notifications_each(f->txn, take_notification, f, err);
	if (rc == EH_OK)
		rc = eh_journal_each(f->txn, 0, take_entry, f, err);
	if (rc == EH_OK)
		rc = eh_declare_each(f->txn, take_declaration, (void *)&taken, err);
	if (rc == EH_OK)
		rc = eh_txn_count(f->txn, EH_T_EVALUATORS, &n, err);
	f->out->evaluators = (uint32_t)n;
	f->out->declarations = declared.v;
	f->out->n_declarations = declared.n;
	settle_places(f);
	settle_data(f);
	return rc;
}

int eh_desk_project_facts(struct eh_desk *d, struct eh_project *out, struct eh_err *err)
{
	struct facts *f = eh_xcalloc(1, sizeof *f);
	int rc;

	memset(out, 0, sizeof *out);
	f->d = d;
	f->out = out;
	f->now = eh_now();
	eh_list_init(&f->people, sizeof(struct person));
	eh_list_init(&f->places, sizeof(struct place));
	eh_pack_day(out->as_of, f->now);
	rc = eh_txn_begin(&f->txn, d->store, false, err);
	if (rc == EH_OK)
		rc = gather(f, err);
	eh_txn_abort(&f->txn);
	if (rc != EH_OK)
		eh_project_free(out);
	free(f->people.v);
	free(f);
	return rc;
}

/* ---- declarations ---- */

/* A text may name a person: the journal guards it by its hash and does not repeat it. */
static void describe(char detail[EH_DETAIL_MAX + 1], const char *key, const char *value, const char *reason)
{
	const struct eh_declare_key *k = eh_declare_find(key);
	char hash[EH_DIGEST_HEX];
	const bool text = k != NULL && k->kind == EH_DECLARE_TEXT;

	eh_sha256_hex(hash, value, strlen(value));
	(void)snprintf(detail, EH_DETAIL_MAX + 1, "%s%s%s%s",
		       value[0] == '\0' ? "taken back" : text ? "text of sha256 " : "= ",
		       value[0] == '\0' ? "" : text ? hash : value, reason[0] != '\0' ? "; reason: " : "", reason);
}

static int same_key(void *ctx, const struct eh_declaration *d, struct eh_err *err)
{
	(void)err;
	return strcmp(d->key, ctx) == 0;
}

int eh_desk_declare(struct eh_desk *d, const char *key, const char *value, const char *reason, struct eh_err *err)
{
	struct eh_declaration *x = eh_xcalloc(1, sizeof *x);
	struct eh_txn *txn = NULL;
	char detail[EH_DETAIL_MAX + 1];
	int rc = eh_declare_check(key, value, err);

	if (rc == EH_OK)
		rc = eh_text_copy(x->key, sizeof x->key, key, "the key", err);
	if (rc == EH_OK)
		rc = eh_text_copy(x->value, sizeof x->value, value, "the value", err);
	if (rc == EH_OK)
		rc = eh_text_copy(x->reason, sizeof x->reason, reason, "the reason", err);
	if (rc == EH_OK && !eh_text_clean(reason, false))
		rc = eh_err_set(err, EH_EINVAL, "the reason holds control characters; take them away");
	x->at = eh_now();
	x->who = d->actor;
	describe(detail, key, value, reason);
	if (rc == EH_OK)
		rc = eh_txn_begin(&txn, d->store, true, err);
	if (rc == EH_OK && value[0] == '\0') {
		rc = eh_declare_each(txn, same_key, x->key, err);
		rc = rc == 1 ? EH_OK
		     : rc == EH_OK ? eh_err_set(err, EH_ENOENT, "%s is not declared: there is nothing to take back",
						key)
				   : rc;
	}
	if (rc == EH_OK)
		rc = eh_declare_put(txn, x, err);
	if (rc == EH_OK)
		rc = eh_journal_append(txn, &d->actor, "declare", key, detail, err);
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	free(x);
	return rc;
}

static int push_declaration(void *ctx, const struct eh_declaration *d, struct eh_err *err)
{
	(void)err;
	(void)eh_list_push(ctx, d);
	return EH_OK;
}

int eh_desk_declarations(struct eh_desk *d, struct eh_declaration **v, size_t *n, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	struct eh_list list;
	int rc = eh_txn_begin(&txn, d->store, false, err);

	eh_list_init(&list, sizeof **v);
	if (rc == EH_OK)
		rc = eh_declare_each(txn, push_declaration, &list, err);
	eh_txn_abort(&txn);
	*v = list.v;
	*n = list.n;
	return rc;
}
