/* The models there are, and whether the consents that they rest on still hold. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "desk/inside.h"
#include "store/codec.h"

#define USES_VERSION 1
#define USES_FACE 1u
#define USES_VOICE 2u

/* ---- what each contributor gave ---- */

/* Consent to train, the place's gate, and the consents for what of the indicators was used. */
static bool may_teach(struct eh_txn *txn, const char *candidate, const char *attribute, unsigned uses, int64_t now)
{
	static const char *const purposes[] = { "train", "face", "voice" };
	struct eh_candidate c;
	bool may[3];

	eh_gate_each(txn, candidate, NULL, purposes, 3, now, may);
	return may[0] && ((uses & USES_FACE) == 0 || may[1]) && ((uses & USES_VOICE) == 0 || may[2]) &&
	       eh_candidate_get(txn, candidate, &c, NULL) == EH_OK &&
	       eh_gate_infer(c.jurisdiction, attribute, NULL) == EH_OK;
}

/* meta: "uses" 0 attribute -> model id, one byte of USES_* per contributor in the model's order.  No ids: those
 * stand in the model alone. */
static struct eh_key uses_key(const char *attribute)
{
	struct eh_key k = eh_key_of("uses");

	eh_key_str(&k, attribute);
	return k;
}

static int by_candidate(const void *id, const void *vector)
{
	return strcmp(id, (*(const struct eh_vector *const *)vector)->candidate);
}

int eh_desk_uses_put(struct eh_txn *txn, const struct eh_model *m, const struct eh_vector *const *v, size_t n,
		     struct eh_err *err)
{
	struct eh_key k = uses_key(eh_model_attribute(m));
	const eh_id *ids;
	size_t members = eh_model_contributors(m, &ids);
	unsigned char *uses = eh_xcalloc(members, 1);
	struct eh_buf b;
	int rc;

	for (size_t i = 0; i < members; i++) {
		const struct eh_vector *const *at = bsearch(ids[i], v, n, sizeof *v, by_candidate);

		if (at != NULL)
			uses[i] = (unsigned char)(((*at)->has_face ? USES_FACE : 0u) |
						  ((*at)->has_voice ? USES_VOICE : 0u));
	}
	eh_buf_init(&b, EH_RECORD_MAX + members);
	eh_record_begin(&b, USES_VERSION);
	eh_put_str(&b, eh_model_id(m));
	eh_put_blob(&b, uses, members);
	rc = b.failed ? eh_err_set(err, EH_ENOMEM, "model %s: out of memory", eh_model_id(m))
		      : eh_txn_put(txn, EH_T_META, eh_key_bytes(&k), (struct eh_bytes){ b.data, b.len }, err);
	eh_buf_free(&b);
	free(uses);
	return rc;
}

static int uses_remove(struct eh_txn *txn, const char *attribute, struct eh_err *err)
{
	struct eh_key k = uses_key(attribute);
	int rc = eh_txn_del(txn, EH_T_META, eh_key_bytes(&k), err);

	return rc == EH_ENOENT ? EH_OK : rc;
}

/* Bytes borrowed from the store; a record of another model, or none, says that everything may have been used. */
static int uses_get(struct eh_txn *txn, const struct eh_model *m, struct eh_bytes *uses, struct eh_err *err)
{
	struct eh_key k = uses_key(eh_model_attribute(m));
	struct eh_bytes value;
	struct eh_reader r;
	char id[EH_NAME_MAX + 12];
	const eh_id *ids;
	int rc = eh_txn_get(txn, EH_T_META, eh_key_bytes(&k), &value, err);

	*uses = (struct eh_bytes){ NULL, 0 };
	if (rc != EH_OK)
		return rc == EH_ENOENT ? EH_OK : rc;
	rc = eh_record_open(&r, value, USES_VERSION, NULL, "model uses", err);
	if (rc != EH_OK)
		return rc;
	eh_get_str(&r, id, sizeof id);
	*uses = eh_get_blob(&r);
	rc = eh_record_close(&r, "model uses", err);
	if (rc != EH_OK || strcmp(id, eh_model_id(m)) != 0 || uses->len != eh_model_contributors(m, &ids))
		*uses = (struct eh_bytes){ NULL, 0 };
	return rc;
}

int eh_desk_model_withdrawn(struct eh_txn *txn, const struct eh_model *m, int64_t now, uint32_t *withdrawn,
			    struct eh_err *err)
{
	struct eh_bytes uses;
	const eh_id *ids;
	size_t n = eh_model_contributors(m, &ids);
	int rc = uses_get(txn, m, &uses, err);

	*withdrawn = 0;
	for (size_t i = 0; i < n && rc == EH_OK; i++) {
		unsigned used = uses.data != NULL ? uses.data[i] : USES_FACE | USES_VOICE;

		*withdrawn += !may_teach(txn, ids[i], eh_model_attribute(m), used, now);
	}
	return rc;
}

int eh_desk_model_unseen(struct eh_txn *txn, const struct eh_model *m, int64_t now,
			 void (*fn)(void *ctx, const char *candidate, const struct eh_prediction *p), void *ctx,
			 struct eh_err *err)
{
	struct eh_bytes uses;
	const eh_id *ids;
	size_t n = eh_model_contributors(m, &ids);
	int rc = uses_get(txn, m, &uses, err);

	for (size_t i = 0; i < n && rc == EH_OK; i++) {
		unsigned used = uses.data != NULL ? uses.data[i] : USES_FACE | USES_VOICE;
		struct eh_prediction p;

		if (eh_model_unseen(m, i, &p) && may_teach(txn, ids[i], eh_model_attribute(m), used, now))
			fn(ctx, ids[i], &p);
	}
	return rc;
}

/* ---- models there are ---- */

struct model_names {
	struct eh_txn *txn;
	struct eh_list rows;            /* struct eh_model_row */
};

/* The part that would answer first: of those that classify, else of all, the surest. */
static void fill_skill(struct eh_model_row *row, const struct eh_model *m)
{
	double best = -1.0;

	row->classifies = eh_model_classifies(m, NULL, 0);
	for (int k = 0; k < EH_MODALITIES; k++) {
		const struct eh_skill *s = eh_model_skill(m, (enum eh_modality)k);

		if (!s->trained || (row->classifies && !eh_model_report(m, (enum eh_modality)k)->classifies) ||
		    s->auc_lo <= best)
			continue;
		best = row->auc_lo = s->auc_lo;
		row->auc = s->auc;
		row->auc_hi = s->auc_hi;
	}
}

static int list_model(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct model_names *m = ctx;
	struct eh_model_row *row = eh_list_push(&m->rows, NULL);
	struct eh_model *model = NULL;
	const eh_id *ids;
	int rc;

	(void)value;
	if (!eh_key_part(key, 0, row->attribute, sizeof row->attribute))
		return eh_err_set(err, EH_EFORMAT, "models: damaged key");
	rc = eh_model_get(m->txn, row->attribute, &model, err);
	if (rc == EH_EFORMAT) {
		row->outdated = true;
		return EH_OK;
	}
	if (rc != EH_OK)
		return rc;
	rc = eh_desk_model_withdrawn(m->txn, model, eh_now(), &row->withdrawn, err);
	(void)snprintf(row->id, sizeof row->id, "%s", eh_model_id(model));
	row->candidates = (uint32_t)eh_model_contributors(model, &ids);
	fill_skill(row, model);
	row->trained_at = eh_model_trained_at(model);
	eh_model_free(&model);
	return rc;
}

int eh_desk_model_rows(struct eh_txn *txn, struct eh_model_row **v, size_t *n, struct eh_err *err)
{
	struct model_names m = { .txn = txn };
	int rc;

	eh_list_init(&m.rows, sizeof **v);
	rc = eh_txn_scan(txn, EH_T_MODELS, (struct eh_bytes){ NULL, 0 }, list_model, &m, err);
	*v = m.rows.v;
	*n = m.rows.n;
	return rc;
}

int eh_desk_models(struct eh_desk *d, struct eh_model_row **v, size_t *n, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	int rc = eh_txn_begin(&txn, d->store, false, err);

	*v = NULL;
	*n = 0;
	if (rc == EH_OK)
		rc = eh_desk_model_rows(txn, v, n, err);
	eh_txn_abort(&txn);
	return rc;
}

bool eh_desk_model_stale(const struct eh_model_row *row) { return row->withdrawn > 0 || row->outdated; }

int eh_desk_model_drop(struct eh_txn *txn, const char *attribute, struct eh_err *err)
{
	int rc = eh_model_remove(txn, attribute, NULL);

	if (rc == EH_OK || rc == EH_ENOENT)
		rc = uses_remove(txn, attribute, err);
	else
		return eh_err_set(err, rc, "%s: the old model cannot be removed", attribute);
	return rc == EH_OK ? eh_posteriors_clear(txn, attribute, err) : rc;
}

int eh_desk_model_remove(struct eh_desk *d, const char *attribute, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	bool clean = false;
	int rc = eh_txn_begin(&txn, d->store, true, err);

	if (rc == EH_OK)
		rc = eh_model_remove(txn, attribute, err);
	if (rc == EH_OK)
		rc = eh_desk_model_drop(txn, attribute, err);
	if (rc == EH_OK)
		rc = eh_desk_want_tidy(txn, err);
	if (rc == EH_OK)
		rc = eh_journal_append(txn, &d->actor, "model.remove", attribute, "model and its posteriors", err);
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	if (rc == EH_OK)
		(void)eh_desk_tidy(d, &clean, NULL);    /* what is not rewritten now is at the next opening */
	return rc;
}
