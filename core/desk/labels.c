/* Who may teach which column; see labels.h. */
#include "desk/labels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const char *label_of(const struct eh_declared_by *d, const char *attribute)
{
	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->of[i].attribute, attribute) == 0)
			return d->of[i].group;
	return NULL;
}

static const struct eh_declared_by *classes_of(const struct eh_label_row *row, const struct eh_label_column *k)
{
	return k->plan.declared_only ? &row->declared : &row->known;
}

static void add_class(struct eh_declared_by *d, const struct eh_declared *class_)
{
	memcpy(d->of[d->n].attribute, class_->attribute, sizeof d->of[d->n].attribute);
	memcpy(d->of[d->n].group, class_->group, sizeof d->of[d->n].group);
	d->n++;
}

/* Who has a label but cannot teach is counted in each column by reason.  True: no column has use for the candidate. */
static bool cannot_teach(const struct eh_label_matrix *m, const struct eh_candidate *c)
{
	bool consent = eh_gate(m->txn, c->id, "train", m->now, NULL) == EH_OK, any = false;

	for (size_t k = 0; k < m->n; k++) {
		struct eh_train_report *r = m->column[k].report;
		const struct eh_declared *known = eh_candidate_class(c, m->column[k].attribute);

		if (known == NULL)
			continue;
		if (known->source == EH_BY_RECORD && m->column[k].plan.declared_only) {
			r->imported_left_out++;
			continue;
		}
		/* measuring the skill classifies everybody who teaches the model, out of fold */
		if (!consent)
			r->without_consent++;
		else if (eh_gate_infer(c->jurisdiction, m->column[k].attribute, NULL) != EH_OK)
			r->closed_place++;
		else
			any = true;
	}
	return !any;
}

static void without_vector(const struct eh_label_matrix *m, const struct eh_candidate *c)
{
	for (size_t k = 0; k < m->n; k++) {
		const struct eh_declared *known = eh_candidate_class(c, m->column[k].attribute);

		m->column[k].report->without_vector +=
			known != NULL && (known->source == EH_BY_CANDIDATE || !m->column[k].plan.declared_only) &&
			eh_gate_infer(c->jurisdiction, m->column[k].attribute, NULL) == EH_OK;
	}
}

static int collect(void *ctx, const struct eh_candidate *c, struct eh_err *err)
{
	struct eh_label_matrix *m = ctx;
	struct eh_label_row *row = NULL;
	int rc = EH_OK;

	if (cannot_teach(m, c))
		return EH_OK;
	row = eh_xcalloc(1, sizeof *row);
	rc = eh_vector_get(m->txn, c->id, &row->vector, err);
	if (rc == EH_OK)
		eh_desk_keep_consented(m->txn, &row->vector, m->now);
	if (rc == EH_OK && (row->vector.has_face || row->vector.has_voice)) {
		memcpy(row->jurisdiction, c->jurisdiction, sizeof row->jurisdiction);
		memcpy(row->position, c->position, sizeof row->position);
		for (size_t i = 0; i < c->n_declared; i++) {
			add_class(&row->known, &c->declared[i]);
			if (c->declared[i].source == EH_BY_CANDIDATE)
				add_class(&row->declared, &c->declared[i]);
		}
		(void)eh_list_push(&m->rows, row);
	} else if (rc == EH_OK || rc == EH_ENOENT) {
		without_vector(m, c);
		rc = EH_OK;
	}
	free(row);
	return rc;
}

/* May this row teach this column? */
static const char *label_in(const struct eh_label_row *row, const struct eh_label_column *k)
{
	return eh_gate_infer(row->jurisdiction, k->attribute, NULL) == EH_OK
		       ? label_of(classes_of(row, k), k->attribute)
		       : NULL;
}

/* The groups that occur, sorted. */
static int list_groups(const struct eh_label_matrix *m, const struct eh_label_column *k, struct eh_err *err)
{
	struct eh_train_report *r = k->report;
	const struct eh_label_row *rows = m->rows.v;

	for (size_t i = 0; i < m->rows.n; i++) {
		const char *label = label_in(&rows[i], k);
		size_t at = 0;

		if (label == NULL)
			continue;
		while (at < r->n_groups && strcmp(r->groups[at], label) < 0)
			at++;
		if (at < r->n_groups && strcmp(r->groups[at], label) == 0)
			continue;
		if (r->n_groups == EH_GROUPS_MAX)
			return eh_err_set(err, EH_ERANGE, "%s has more than %d groups", k->attribute, EH_GROUPS_MAX);
		memmove(r->groups[at + 1], r->groups[at], (r->n_groups - at) * sizeof r->groups[0]);
		(void)snprintf(r->groups[at], sizeof r->groups[at], "%s", label);
		r->n_groups++;
	}
	if (r->n_groups < 2)
		return eh_err_set(err, EH_EINVAL,
				  "%s: %zu %s group%s to learn from, at least two are needed; left out: %u without "
				  "consent to train, %u without indicators, %u where the place forbids it, %u imported "
				  "(run evenhand extract and evenhand consent list)",
				  k->attribute, r->n_groups, k->plan.declared_only ? "declared" : "known",
				  r->n_groups == 1 ? "" : "s", r->without_consent, r->without_vector, r->closed_place,
				  r->imported_left_out);
	return EH_OK;
}

static int32_t index_of(const struct eh_train_report *r, const char *label)
{
	int32_t g = 0;

	while (strcmp(r->groups[g], label) != 0)
		g++;
	return g;
}

static const char *with_of(const struct eh_label_row *row, const char *column)
{
	return strcmp(column, "position") == 0 ? row->position : row->jurisdiction;
}

int eh_labels_read(struct eh_label_matrix *m, struct eh_err *err)
{
	return eh_candidates_each(m->txn, collect, m, err);
}

int eh_labels_column(struct eh_train_row *rows, size_t *n, const struct eh_label_matrix *m, struct eh_label_column *k,
		     struct eh_err *err)
{
	const struct eh_label_row *all = m->rows.v;
	int rc = list_groups(m, k, err);

	*n = 0;
	for (size_t i = 0; i < m->rows.n && rc == EH_OK; i++) {
		const char *label = label_in(&all[i], k);
		struct eh_train_row *row = &rows[*n];

		if (label == NULL)
			continue;
		row->vector = &all[i].vector;
		row->declared = classes_of(&all[i], k);
		row->imported = label_of(&all[i].declared, k->attribute) == NULL;
		k->report->imported += row->imported;
		row->group = index_of(k->report, label);
		for (size_t w = 0; w < k->plan.n_with; w++)
			row->with[w] = with_of(&all[i], k->with[w]);
		++*n;
	}
	for (size_t g = 0; g < k->report->n_groups; g++)
		k->group[g] = k->report->groups[g];
	k->plan.groups = k->group;
	k->plan.n_groups = k->report->n_groups;
	k->report->candidates = (uint32_t)*n;
	k->report->declared = k->report->candidates - k->report->imported;
	return rc;
}
