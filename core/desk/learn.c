/* Training on known classes, behind consent and jurisdiction gates; what is stale is made anew. */
#include "learn/learn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "desk/labels.h"

void eh_desk_keep_consented(struct eh_txn *txn, struct eh_vector *v, int64_t now)
{
	static const char *const purposes[] = { "face", "voice" };
	bool may[2];

	eh_gate_each(txn, v->candidate, NULL, purposes, 2, now, may);
	v->has_face = v->has_face && may[0];
	v->has_voice = v->has_voice && may[1];
}

const char *eh_desk_with(const struct eh_candidate *c, const char *column)
{
	if (strcmp(column, "position") == 0)
		return c->position;
	return strcmp(column, "jurisdiction") == 0 ? c->jurisdiction : NULL;
}

/* ---- degraded copies ---- */

static bool has_voice(const struct eh_label_matrix *m, const char *candidate)
{
	struct eh_vector *v = eh_xcalloc(1, sizeof *v);
	bool has = eh_vector_get(m->txn, candidate, v, NULL) == EH_OK && v->has_voice;

	free(v);
	return has;
}

static int note_teacher(void *ctx, const struct eh_candidate *c, struct eh_err *err)
{
	struct eh_label_matrix *m = ctx;
	bool may = c->n_declared > 0 && eh_desk_may_copy(m->txn, c->id, m->now, NULL) && has_voice(m, c->id);

	(void)err;
	for (size_t k = 0; k < m->n && may; k++) {
		const struct eh_label_column *column = &m->column[k];
		const struct eh_declared *known = eh_candidate_class(c, column->attribute);
		struct eh_desk_teacher *t = NULL;

		if (!column->copies || column->report->state == EH_KEPT || known == NULL ||
		    (known->source == EH_BY_RECORD && column->plan.declared_only) ||
		    eh_gate_infer(c->jurisdiction, column->attribute, NULL) != EH_OK)
			continue;
		t = eh_list_push(&m->teachers, NULL);
		memcpy(t->candidate, c->id, sizeof t->candidate);
		memcpy(t->group, known->group, sizeof t->group);
		t->column = k;
	}
	return EH_OK;
}

static int make_copies(struct eh_desk *d, struct eh_label_matrix *m, const struct eh_train_options *o,
		       const struct eh_progress *progress, struct eh_err *err)
{
	int rc = eh_txn_begin(&m->txn, d->store, false, err);

	if (rc == EH_OK)
		rc = eh_candidates_each(m->txn, note_teacher, m, err);
	eh_txn_abort(&m->txn);
	return rc == EH_OK ? eh_desk_copies_make(d, &m->copies, &m->teachers, o, progress, err) : rc;
}

/* Behind the originals; what training asks for is their order by candidate, and it sorts itself. */
static size_t add_copies(const struct eh_label_matrix *m, const struct eh_label_column *k, struct eh_train_row *rows,
			 size_t n)
{
	size_t end = n;

	for (size_t i = 0; i < n && k->copies; i++) {
		size_t copies = 0;
		const struct eh_copied *c = eh_desk_copies_of(&m->copies, rows[i].vector->candidate, &copies);

		if (eh_desk_copies_has(&m->copies, rows[i].vector->candidate))
			eh_desk_copies_gaps(&m->copies, rows[i].vector->candidate, &k->report->copies_unread,
					    &k->report->copies_failed);
		k->report->copied += copies > 0;
		for (size_t j = 0; j < copies; j++) {
			rows[end] = rows[i];
			rows[end].vector = &c[j].vector;
			rows[end++].copy = (uint8_t)(1 + c[j].kind);
		}
	}
	return end;
}

/* ---- one column ---- */

static int train_column(const struct eh_label_matrix *m, struct eh_label_column *k,
			const struct eh_progress *progress, struct eh_err *err)
{
	struct eh_train_row *rows = eh_xcalloc(m->rows.n * (1 + EH_COPY_KINDS), sizeof *rows);
	size_t n = 0;
	int rc = eh_labels_column(rows, &n, m, k, err);

	n = add_copies(m, k, rows, n);
	if (rc == EH_OK)
		rc = eh_model_train(&k->model, &k->plan, rows, n, progress, err);
	free(rows);
	return rc;
}

/* ---- storing ---- */

/* Vectors of one column's rows, by candidate, for the note of what each contributor gave. */
static int put_uses(struct eh_txn *txn, const struct eh_label_matrix *m, const struct eh_label_column *k,
		    struct eh_err *err)
{
	const struct eh_label_row *rows = m->rows.v;
	const struct eh_vector **v = eh_xcalloc(m->rows.n, sizeof *v);
	int rc = EH_OK;

	for (size_t i = 0; i < m->rows.n; i++)
		v[i] = &rows[i].vector;
	rc = eh_desk_uses_put(txn, k->model, v, m->rows.n, err);
	free(v);
	return rc;
}

static int replaces_stale(struct eh_txn *txn, const char *attribute, bool *stale, struct eh_err *err)
{
	struct eh_model *old = NULL;
	uint32_t withdrawn = 0;
	int rc = eh_model_get(txn, attribute, &old, NULL);

	*stale = rc == EH_EFORMAT;              /* who stands in it cannot be told */
	if (rc == EH_OK)
		rc = eh_desk_model_withdrawn(txn, old, eh_now(), &withdrawn, err);
	*stale = *stale || withdrawn > 0;
	eh_model_free(&old);
	return rc == EH_ENOENT || rc == EH_EFORMAT ? EH_OK : rc;
}

static int journal_column(struct eh_desk *d, struct eh_txn *txn, const struct eh_label_column *k, struct eh_err *err)
{
	char detail[EH_DETAIL_MAX + 1];

	if (k->model == NULL)
		return eh_journal_append(txn, &d->actor, "model.remove", k->attribute, k->report->reason, err);
	(void)snprintf(detail, sizeof detail,
		       "%u candidates, classes of %u declared and of %u imported%s, %u as degraded copies too, seed "
		       "%llu%s%s",
		       k->report->candidates, k->report->declared, k->report->imported,
		       k->plan.declared_only ? " (declared only)" : "", k->report->copied,
		       (unsigned long long)k->plan.seed, k->plan.n_with > 0 ? ", with " : "",
		       k->plan.n_with > 0 ? k->with[0] : "");
	return eh_journal_append(txn, &d->actor, "train", eh_model_id(k->model), detail, err);
}

/* Training takes its time: a consent withdrawn meanwhile must not end in the model. */
static int store_column(struct eh_desk *d, struct eh_txn *txn, const struct eh_label_matrix *m,
			const struct eh_label_column *k, struct eh_err *err)
{
	uint32_t withdrawn = 0;
	bool stale = false;
	int rc = replaces_stale(txn, k->attribute, &stale, err);

	if (rc == EH_OK && stale)
		rc = eh_desk_want_tidy(txn, err);
	/* posteriors of another model must not stand beside the new one */
	if (rc == EH_OK)
		rc = eh_desk_model_drop(txn, k->attribute, err);
	if (rc == EH_OK && k->model != NULL)
		rc = eh_model_put(txn, k->model, eh_now(), err);
	if (rc == EH_OK && k->model != NULL)
		rc = put_uses(txn, m, k, err);
	if (rc == EH_OK && k->model != NULL)
		rc = eh_desk_model_withdrawn(txn, k->model, eh_now(), &withdrawn, err);
	if (rc == EH_OK && withdrawn > 0)
		rc = eh_err_set(err, EH_EREFUSED,
				"%s: %u consent%s withdrawn while the model was made; nothing was stored, train again",
				k->attribute, withdrawn, withdrawn == 1 ? " was" : "s were");
	return rc == EH_OK ? journal_column(d, txn, k, err) : rc;
}

static int store_models(struct eh_desk *d, const struct eh_label_matrix *m, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	int rc = eh_txn_begin(&txn, d->store, true, err);

	for (size_t k = 0; k < m->n && rc == EH_OK; k++)
		if (m->column[k].report->state != EH_KEPT)
			rc = store_column(d, txn, m, &m->column[k], err);
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	return rc;
}

/* ---- what is asked for ---- */

static int open_column(struct eh_label_matrix *m, struct eh_train_report *report, const char *attribute, uint64_t seed,
		       const char *const *with, size_t n_with, bool declared_only, struct eh_err *err)
{
	struct eh_label_column *k = &m->column[m->n];
	int rc = EH_OK;

	if (!eh_attribute_valid(attribute, strlen(attribute)))
		return eh_err_set(err, EH_EUSAGE, "'%.40s' is no attribute name (small letters, digits, _)", attribute);
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->column[i].attribute, attribute) == 0)
			return eh_err_set(err, EH_EUSAGE, "attribute '%.40s' is named twice", attribute);
	/* what may be inferred nowhere is not learnt either; the place of each candidate is asked besides */
	rc = eh_gate_infer("US", attribute, err);
	if (rc != EH_OK)
		return rc;
	memset(k, 0, sizeof *k);
	memset(report, 0, sizeof *report);
	(void)snprintf(k->attribute, sizeof k->attribute, "%s", attribute);
	memcpy(report->attribute, k->attribute, sizeof report->attribute);
	k->report = report;
	report->declared_only = declared_only;
	k->plan = (struct eh_train_plan){
		.attribute = k->attribute, .n_with = n_with, .seed = seed, .declared_only = declared_only
	};
	for (size_t w = 0; w < n_with; w++) {
		(void)snprintf(k->with[w], sizeof k->with[w], "%s", with[w]);
		k->plan.with[w] = k->with[w];
	}
	m->n++;
	return EH_OK;
}

static int check_with(const struct eh_train_options *o, struct eh_err *err)
{
	static const struct eh_candidate nobody = { .id = "" };

	if (o->n_with > EH_WITH_MAX)
		return eh_err_set(err, EH_EUSAGE, "at most %d columns can stand beside the indicators", EH_WITH_MAX);
	for (size_t w = 0; w < o->n_with; w++) {
		if (eh_gate_forbidden_column(o->with[w]))
			return eh_err_set(err, EH_EREFUSED,
					  "column '%.40s' refused: postcodes and the like stand for race and income "
					  "and are never used (Illinois HB 3773)",
					  o->with[w]);
		if (eh_desk_with(&nobody, o->with[w]) == NULL)
			return eh_err_set(err, EH_EUSAGE,
					  "'%.40s' is no column that may stand beside the indicators; there are: "
					  "position, jurisdiction",
					  o->with[w]);
	}
	return EH_OK;
}

/* Columns in the order asked for. */
static int open_columns(struct eh_label_matrix *m, const struct eh_train_options *o, struct eh_train_report *reports,
			struct eh_err *err)
{
	int rc = check_with(o, err);

	for (size_t i = 0; i < o->n && rc == EH_OK; i++)
		rc = open_column(m, &reports[i], o->attributes[i], o->seed, o->with, o->n_with, o->declared_only, err);
	for (size_t k = 0; k < m->n; k++)
		m->column[k].copies = !o->no_copies;
	return rc;
}

/* Seed, block, sources, and copies or none are those of the model there is. */
static int open_stale(struct eh_label_matrix *m, const struct eh_model_row *row, struct eh_train_report *report,
		      uint64_t seed, bool declared_only, struct eh_err *err)
{
	const char *const *with = NULL;
	struct eh_model *old = NULL;
	size_t n_with = 0;
	int rc = row->outdated ? EH_OK : eh_model_get(m->txn, row->attribute, &old, err);

	if (rc == EH_OK && old != NULL) {
		seed = eh_model_seed(old);
		n_with = eh_model_with(old, &with);
		declared_only = eh_model_declared_only(old);
	}
	if (rc == EH_OK)
		rc = open_column(m, report, row->attribute, seed, with, n_with, declared_only, err);
	if (rc == EH_OK)
		m->column[m->n - 1].copies = old == NULL || eh_model_copied(old) > 0;
	if (rc == EH_OK && row->withdrawn == 0 && !row->outdated)
		report->state = EH_KEPT;
	eh_model_free(&old);
	return rc;
}

static bool asked_for(const struct eh_train_options *o, const char *attribute)
{
	bool named = o->n == 0;

	for (size_t i = 0; i < o->n; i++)
		named = named || strcmp(o->attributes[i], attribute) == 0;
	return named;
}

static int open_refresh(struct eh_desk *d, struct eh_label_matrix *m, const struct eh_train_options *o,
			struct eh_train_report *reports, size_t max, struct eh_err *err)
{
	struct eh_model_row *v = NULL;
	size_t n = 0;
	int rc = eh_desk_models(d, &v, &n, err);

	for (size_t i = 0; i < o->n && rc == EH_OK; i++) {
		size_t at = 0;

		while (at < n && strcmp(v[at].attribute, o->attributes[i]) != 0)
			at++;
		if (at == n)
			rc = eh_err_set(err, EH_ENOENT, "there is no model of '%.40s'; run: evenhand train %.40s",
					o->attributes[i], o->attributes[i]);
	}
	for (size_t i = 0; i < n && m->n < max && rc == EH_OK; i++)
		if (asked_for(o, v[i].attribute))
			rc = open_stale(m, &v[i], &reports[m->n], o->seed, o->declared_only, err);
	for (size_t k = 0; k < m->n && o->no_copies; k++)
		m->column[k].copies = false;
	eh_list_free(&v);
	return rc;
}

/* ---- the verb ---- */

static void fill_report(struct eh_label_column *k)
{
	struct eh_train_report *r = k->report;
	size_t len = 0;

	(void)snprintf(r->model, sizeof r->model, "%s", eh_model_id(k->model));
	r->classifies = eh_model_classifies(k->model, NULL, 0);
	for (int i = 0; i < EH_MODALITIES; i++) {
		const struct eh_report *report = eh_model_report(k->model, (enum eh_modality)i);

		r->skill[i] = *eh_model_skill(k->model, (enum eh_modality)i);
		if (!report->classifies)
			memcpy(r->refusal[i], report->refusal, sizeof r->refusal[i]);
		for (size_t g = 0; g < r->n_groups && report->classifies; g++)
			if (!report->decision[g].can_exclude && len < sizeof r->undecided)
				len += (size_t)snprintf(r->undecided + len, sizeof r->undecided - len, "%s%s (%u)",
							len > 0 ? ", " : "", r->groups[g], report->decision[g].n);
	}
	r->baseline_f0 = *eh_model_baseline_f0(k->model);
	r->majority = eh_model_majority(k->model);
	r->card = eh_model_card(k->model);
}

/* A stale model that cannot be made anew goes: it must not keep who withdrew. */
static int train_or_remove(const struct eh_label_matrix *m, struct eh_label_column *k, bool refresh,
			   const struct eh_progress *progress, struct eh_err *err)
{
	struct eh_err why = EH_ERR_INIT;
	int rc = train_column(m, k, progress, &why);

	if (rc == EH_OK)
		return EH_OK;
	if (refresh && (rc == EH_EINVAL || rc == EH_EREFUSED || rc == EH_ERANGE)) {
		k->report->state = EH_REMOVED;
		(void)snprintf(k->report->reason, sizeof k->report->reason, "%s", why.msg);
		return EH_OK;
	}
	return eh_err_set(err, rc, "%s", why.msg);
}

static int make_models(struct eh_desk *d, struct eh_label_matrix *m, const struct eh_train_options *o,
		       const struct eh_progress *progress, struct eh_err *err)
{
	int rc = make_copies(d, m, o, progress, err);

	m->now = eh_now();              /* copies take minutes, and consents may have ended */
	if (rc == EH_OK)
		rc = eh_txn_begin(&m->txn, d->store, false, err);
	if (rc == EH_OK)
		rc = eh_labels_read(m, err);
	if (rc == EH_OK)
		rc = eh_desk_copies_pool(m->txn, &m->copies, m->now, err);
	eh_txn_abort(&m->txn);
	for (size_t k = 0; k < m->n && rc == EH_OK; k++)
		if (m->column[k].report->state != EH_KEPT)
			rc = train_or_remove(m, &m->column[k], o->refresh, progress, err);
	return rc == EH_OK ? store_models(d, m, err) : rc;
}

int eh_desk_train(struct eh_desk *d, const struct eh_train_options *o, const struct eh_progress *progress,
		  struct eh_train_report *reports, size_t max, size_t *n, bool *tidy, struct eh_err *err)
{
	struct eh_label_matrix m = { .now = eh_now() };
	bool clean = false;
	int rc = EH_OK;

	*n = 0;
	if (o->n > max)
		return eh_err_set(err, EH_EUSAGE, "at most %zu attributes at once", max);
	eh_list_init(&m.rows, sizeof(struct eh_label_row));
	eh_list_init(&m.teachers, sizeof(struct eh_desk_teacher));
	eh_desk_copies_init(&m.copies);
	m.column = eh_xcalloc(max, sizeof *m.column);
	rc = eh_txn_begin(&m.txn, d->store, false, err);
	if (rc == EH_OK)
		rc = o->refresh ? open_refresh(d, &m, o, reports, max, err) : open_columns(&m, o, reports, err);
	eh_txn_abort(&m.txn);
	if (rc == EH_OK)
		rc = make_models(d, &m, o, progress, err);
	for (size_t k = 0; k < m.n && rc == EH_OK; k++)
		if (m.column[k].model != NULL)
			fill_report(&m.column[k]);
	*n = rc == EH_OK ? m.n : 0;
	for (size_t k = 0; k < m.n; k++)
		eh_model_free(&m.column[k].model);
	free(m.column);
	free(m.rows.v);
	free(m.teachers.v);
	eh_desk_copies_free(&m.copies);
	if (rc == EH_OK && eh_desk_tidy(d, &clean, NULL) != EH_OK)
		clean = false;
	if (tidy != NULL)
		*tidy = clean;
	return eh_desk_note_refusal(d, rc, "train", o->n > 0 ? o->attributes[0] : "refresh", err);
}
