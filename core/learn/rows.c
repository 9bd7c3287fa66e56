/* Training rows: what is refused, their order, and who must share a fold; see matrix.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "learn/matrix.h"
#include "people/consent.h"

#define NAMED_MOST 3                    /* candidates of a class that is too small, by id */

/* ---- what is refused ---- */

static int check_row(const struct eh_train_row *row, size_t n_groups, struct eh_err *err)
{
	const struct eh_vector *v = row->vector;

	if (!eh_id_valid(v->candidate, strnlen(v->candidate, sizeof v->candidate)))
		return eh_err_set(err, EH_EINVAL, "a training row has no valid candidate id");
	if (row->copy > EH_COPY_KINDS)
		return eh_err_set(err, EH_EINVAL, "candidate '%s': there is no kind %u of degraded copies",
				  v->candidate, row->copy);
	if (row->group < 0 || (size_t)row->group >= n_groups)
		return eh_err_set(err, EH_EINVAL, "candidate '%s': group number %d is none of the %zu groups",
				  v->candidate, row->group, n_groups);
	if (v->layout != EH_LAYOUT)
		return eh_err_set(
			err, EH_EINVAL,
			"candidate '%s': the vector has layout %u, this program uses %d; extract the interviews again",
			v->candidate, v->layout, EH_LAYOUT);
	for (size_t i = 0; i < EH_VECTOR_N; i++) /* libsvm would train on NaN without a word (facts/learning.md 2) */
		if (v->present[i] && !isfinite(v->value[i]))
			return eh_err_set(err, EH_ERANGE,
					  "candidate '%s': %s is not a finite number; extract the interviews again",
					  v->candidate, eh_vector_info(i)->name);
	return EH_OK;
}

static int check_with(const struct eh_train_plan *plan, struct eh_err *err)
{
	if (plan->n_with > EH_WITH_MAX)
		return eh_err_set(err, EH_EINVAL, "%zu categorical columns; %d are the most", plan->n_with,
				  EH_WITH_MAX);
	for (size_t i = 0; i < plan->n_with; i++) {
		if (eh_gate_forbidden_column(plan->with[i]))
			return eh_err_set(err, EH_EREFUSED,
					  "column '%.40s' refused: postcodes and the like stand for race and income "
					  "and are never used (Illinois HB 3773)",
					  plan->with[i]);
		for (size_t j = 0; j < i; j++)
			if (strcmp(plan->with[i], plan->with[j]) == 0)
				return eh_err_set(err, EH_EINVAL, "column '%.40s' is named twice", plan->with[i]);
	}
	return EH_OK;
}

int eh_training_check_plan(const struct eh_train_plan *plan, struct eh_err *err)
{
	if (!eh_attribute_valid(plan->attribute, strlen(plan->attribute)))
		return eh_err_set(err, EH_EINVAL, "'%.40s' is no attribute name (small letters, digits, _)",
				  plan->attribute);
	if (plan->n_groups < 2 || plan->n_groups > EH_GROUPS_MAX)
		return eh_err_set(err, EH_EINVAL,
				  "%s has %zu group%s with candidates to learn from; 2 to %d are needed",
				  plan->attribute, plan->n_groups, plan->n_groups == 1 ? "" : "s", EH_GROUPS_MAX);
	for (size_t g = 0; g < plan->n_groups; g++) {
		if (!eh_group_valid(plan->groups[g], strlen(plan->groups[g])))
			return eh_err_set(err, EH_EINVAL, "%s: '%.40s' is no group name", plan->attribute,
					  plan->groups[g]);
		if (g > 0 && strcmp(plan->groups[g - 1], plan->groups[g]) >= 0)
			return eh_err_set(err, EH_EINVAL,
					  "%s: the groups must be sorted and differ ('%s' stands after '%s')",
					  plan->attribute, plan->groups[g], plan->groups[g - 1]);
	}
	return check_with(plan, err);
}

/* Originals before copies, these by kind: the order of the input decides nothing. */
static int row_cmp(const void *a, const void *b)
{
	const struct eh_train_row *x = a, *y = b;
	int order = strcmp(x->vector->candidate, y->vector->candidate);

	return order != 0 ? order : (int)x->copy - (int)y->copy;
}

static bool same_candidate(const struct eh_train_row *a, const struct eh_train_row *b)
{
	return strcmp(a->vector->candidate, b->vector->candidate) == 0;
}

static int check_neighbours(const struct eh_train_row *row, size_t n, const char *const *groups, struct eh_err *err)
{
	for (size_t i = 0; i < n; i++) {
		bool again = i > 0 && same_candidate(&row[i - 1], &row[i]);

		if (again && row[i].group != row[i - 1].group)
			return eh_err_set(err, EH_EINVAL,
					  "candidate '%s' stands in the rows of %s and of %s; one class each",
					  row[i].vector->candidate, groups[row[i - 1].group], groups[row[i].group]);
		if (again && row[i].copy == row[i - 1].copy)
			return eh_err_set(err, EH_EINVAL, "candidate '%s' stands in two training rows%s%s",
					  row[i].vector->candidate, row[i].copy > 0 ? " of kind " : "",
					  row[i].copy > 0 ? eh_copy_name((enum eh_copy_kind)(row[i].copy - 1)) : "");
		if (!again && row[i].copy)
			return eh_err_set(err, EH_EINVAL, "candidate '%s' has a degraded copy without its original",
					  row[i].vector->candidate);
	}
	return EH_OK;
}

static bool is_measured(const struct eh_vector *v)
{
	return eh_vector_has(v, EH_FACE_ONLY) || eh_vector_has(v, EH_VOICE_ONLY);
}

static int too_few(const struct eh_training *t, const struct eh_train_plan *plan, size_t g, uint32_t count,
		   struct eh_err *err)
{
	char ids[NAMED_MOST * (EH_ID_MAX + 4) + 8] = "";
	size_t len = 0;
	uint32_t named = 0;

	for (size_t i = 0; i < t->n && count <= NAMED_MOST; i++) {
		if (t->row[i].group != (int32_t)g || t->row[i].copy || named == NAMED_MOST)
			continue;
		len += (size_t)snprintf(ids + len, sizeof ids - len, "%s'%s'", named++ > 0 ? ", " : " (",
					t->row[i].vector->candidate);
	}
	return eh_err_set(err, EH_EREFUSED,
			  "%s: group '%s' has %u candidate%s%s%s to learn from, at least %d are needed; "
			  "declare and extract more candidates of this group",
			  plan->attribute, plan->groups[g], count, count == 1 ? "" : "s", ids, named > 0 ? ")" : "",
			  EH_MIN_PER_CLASS);
}

static int take_rows(struct eh_training *t, const struct eh_train_plan *plan, const struct eh_train_row *rows,
		     size_t n_rows, struct eh_err *err)
{
	uint32_t count[EH_GROUPS_MAX] = { 0 };
	int rc = EH_OK;

	for (size_t i = 0; i < n_rows; i++) {
		rc = check_row(&rows[i], plan->n_groups, err);
		if (rc != EH_OK)
			return rc;
		t->row[i] = rows[i];
	}
	if (n_rows > 1)
		qsort(t->row, n_rows, sizeof *t->row, row_cmp);
	rc = check_neighbours(t->row, n_rows, plan->groups, err);
	if (rc != EH_OK)
		return rc;
	t->n = 0;
	for (size_t i = 0; i < n_rows; i++) {
		/* a copy follows its original out */
		bool orphan = t->row[i].copy && (t->n == 0 || !same_candidate(&t->row[t->n - 1], &t->row[i]));

		if (!is_measured(t->row[i].vector) || orphan)
			continue;
		count[t->row[i].group] += !t->row[i].copy;
		t->row[t->n++] = t->row[i];
	}
	for (size_t g = 0; g < plan->n_groups; g++)
		if (count[g] < EH_MIN_PER_CLASS)
			return too_few(t, plan, g, count[g], err);
	return EH_OK;
}

/* ---- one recording under two ids ---- */

struct block {                          /* the face or the voice half of the vectors */
	const struct eh_train_row *row;
	size_t first, n;
};

static int block_cmp(const void *a, const void *b, void *ctx)
{
	const struct block *k = ctx;
	const struct eh_vector *x = k->row[*(const uint32_t *)a].vector, *y = k->row[*(const uint32_t *)b].vector;
	int order = memcmp(x->present + k->first, y->present + k->first, k->n);

	return order != 0 ? order : memcmp(x->value + k->first, y->value + k->first, k->n * sizeof x->value[0]);
}

static uint32_t root_of(uint32_t *parent, uint32_t i)
{
	while (parent[i] != i) {
		parent[i] = parent[parent[i]];
		i = parent[i];
	}
	return i;
}

static void join(uint32_t *parent, uint32_t a, uint32_t b)
{
	uint32_t x = root_of(parent, a), y = root_of(parent, b);

	if (x < y)
		parent[y] = x;
	else
		parent[x] = y;
}

static int contradiction(const struct eh_training *t, const struct eh_train_plan *plan, uint32_t a, uint32_t b,
			 bool face, struct eh_err *err)
{
	const struct eh_train_row *x = &t->row[a < b ? a : b], *y = &t->row[a < b ? b : a];

	return eh_err_set(err, EH_EINVAL,
			  "%s: candidates '%s' and '%s' have the same %s indicators to the last digit but declare '%s' "
			  "and '%s'; is one recording imported under two ids?",
			  plan->attribute, x->vector->candidate, y->vector->candidate, face ? "face" : "voice",
			  plan->groups[x->group], plan->groups[y->group]);
}

/* Originals with equal halves join, their copies follow them; of different classes they are an error. */
static int join_equal(struct eh_training *t, const struct eh_train_plan *plan, bool face, struct eh_err *err)
{
	struct block k = { t->row, face ? 0 : EH_FACE_N, face ? (size_t)EH_FACE_N : (size_t)EH_VOICE_N };
	uint32_t *v = eh_try_malloc(t->n, sizeof *v);
	size_t n = 0;
	int rc = EH_OK;

	if (v == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for %zu training rows", t->n);
	for (size_t i = 0; i < t->n; i++)
		if (!t->row[i].copy && eh_vector_has(t->row[i].vector, face ? EH_FACE_ONLY : EH_VOICE_ONLY))
			v[n++] = (uint32_t)i;
	if (n > 1)
		qsort_r(v, n, sizeof *v, block_cmp, &k);
	for (size_t i = 1; i < n && rc == EH_OK; i++) {
		if (block_cmp(&v[i - 1], &v[i], &k) != 0)
			continue;
		join(t->owner, v[i - 1], v[i]);
		if (t->row[v[i - 1]].group != t->row[v[i]].group)
			rc = contradiction(t, plan, v[i - 1], v[i], face, err);
	}
	free(v);
	return rc;
}

static int by_owner(const void *a, const void *b, void *owners)
{
	const uint32_t *owner = owners;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (owner[x] != owner[y])
		return owner[x] < owner[y] ? -1 : 1;
	return (x > y) - (x < y);
}

static int find_owners(struct eh_training *t, const struct eh_train_plan *plan, struct eh_err *err)
{
	int rc = EH_OK;

	for (size_t i = 0; i < t->n; i++) {
		t->owner[i] = t->order[i] = (uint32_t)i;
		if (i > 0 && same_candidate(&t->row[i - 1], &t->row[i]))
			join(t->owner, (uint32_t)(i - 1), (uint32_t)i);
	}
	rc = join_equal(t, plan, true, err);
	if (rc == EH_OK)
		rc = join_equal(t, plan, false, err);
	for (size_t i = 0; i < t->n && rc == EH_OK; i++)
		t->owner[i] = root_of(t->owner, (uint32_t)i);
	if (rc == EH_OK)
		qsort_r(t->order, t->n, sizeof *t->order, by_owner, t->owner);
	return rc;
}

/* ---- the categorical block ---- */

static int add_level(struct eh_model *m, size_t with, const char *value, struct eh_err *err)
{
	size_t at = 0;

	while (at < m->n_levels && (m->level[at].with < with ||
				    (m->level[at].with == with && strcmp(m->level[at].value, value) < 0)))
		at++;
	if (at < m->n_levels && m->level[at].with == with && strcmp(m->level[at].value, value) == 0)
		return EH_OK;
	if (m->n_levels == EH_LEVELS_MAX)
		return eh_err_set(err, EH_ERANGE,
				  "column '%s' has too many values: %d are the most for all columns together; it is "
				  "no category",
				  m->with[with], EH_LEVELS_MAX);
	memmove(&m->level[at + 1], &m->level[at], (m->n_levels - at) * sizeof m->level[0]);
	m->level[at].with = (uint8_t)with;
	(void)snprintf(m->level[at].value, sizeof m->level[at].value, "%s", value);
	m->n_levels++;
	return EH_OK;
}

int eh_training_levels(struct eh_training *t, struct eh_err *err)
{
	int rc = EH_OK;

	for (size_t i = 0; i < t->n && rc == EH_OK; i++)
		for (size_t w = 0; w < t->m->n_with && rc == EH_OK; w++)
			if (t->row[i].with[w] != NULL && t->row[i].with[w][0] != '\0')
				rc = add_level(t->m, w, t->row[i].with[w], err);
	return rc;
}

/* ---- */

int eh_training_open(struct eh_training *t, const struct eh_train_plan *plan, const struct eh_train_row *rows,
		     size_t n_rows, struct eh_err *err)
{
	int rc = EH_OK;

	t->row = eh_try_malloc(n_rows, sizeof *t->row);
	t->owner = eh_try_malloc(n_rows, sizeof *t->owner);
	t->order = eh_try_malloc(n_rows, sizeof *t->order);
	if (t->row == NULL || t->owner == NULL || t->order == NULL)
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for %zu training rows", n_rows);
	if (rc == EH_OK)
		rc = take_rows(t, plan, rows, n_rows, err);
	return rc == EH_OK ? find_owners(t, plan, err) : rc;
}

void eh_training_close(struct eh_training *t)
{
	free(t->order);
	free(t->owner);
	free(t->row);
}
