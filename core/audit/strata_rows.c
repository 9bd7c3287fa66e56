/* The strata behind a finding, taken again from the data of its audit; see strata_rows.h. */
#include "audit/strata_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audit/counts.h"
#include "audit/run.h"
#include "base/mem.h"

#define SAME 1e-12                      /* relative: a ratio that went through a record keeps all its digits */
#define NONE UINT32_MAX

struct eh_strata_source {
	struct eh_run run;
	struct eh_audit_settings s;
	struct eh_slice *slice;
	/* what the slice is of, and the cube of its attribute */
	bool filled;
	eh_id evaluator, position;
	struct eh_cube cube;
	size_t attribute;               /* SIZE_MAX = no cube yet */
};

void eh_strata_rows_free(struct eh_strata_rows *r)
{
	for (size_t i = 0; i < r->n_evaluators; i++)
		free(r->evaluators[i]);
	for (size_t i = 0; i < r->n_strata; i++)
		free(r->strata[i]);
	free(r->evaluators);
	free(r->strata);
	free(r->v);
	*r = (struct eh_strata_rows){ .v = NULL };
}

/* The caller frees *t. */
static int tables(struct eh_fourfold **t, const struct eh_strata_rows *r, struct eh_err *err)
{
	*t = eh_try_malloc(r->n + 1, sizeof **t);
	if (*t == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for %zu strata", r->n);
	for (size_t i = 0; i < r->n; i++)
		(*t)[i] = r->v[i].t;
	return EH_OK;
}

int eh_strata_rows_sum(struct eh_strata *out, const struct eh_strata_rows *r, struct eh_err *err)
{
	struct eh_fourfold *t;
	int rc = tables(&t, r, err);

	if (rc < 0)
		return rc;
	eh_strata(out, t, r->n);
	free(t);
	return EH_OK;
}

int eh_strata_rows_homogeneity(struct eh_chi_check *check, struct eh_liang_self *sparse, const struct eh_strata_rows *r,
			       const struct eh_strata *s, double inflation, struct eh_err *err)
{
	struct eh_fourfold *t;
	int rc = tables(&t, r, err);

	if (rc < 0)
		return rc;
	eh_chi_check(check, s);
	eh_liang_self(sparse, s, t, r->n, inflation);
	free(t);
	return EH_OK;
}

bool eh_strata_rows_fit(const struct eh_strata_rows *r, const struct eh_finding *f)
{
	struct eh_fourfold all = r->aside;
	struct eh_strata sums;

	for (size_t i = 0; i < r->n; i++) {
		all.a += r->v[i].t.a;
		all.n1 += r->v[i].t.n1;
		all.b += r->v[i].t.b;
		all.n2 += r->v[i].t.n2;
	}
	if (all.a != f->selected || all.n1 != f->n || all.b != f->ref_selected || all.n2 != f->ref_n ||
	    r->n != f->strata || eh_strata_rows_sum(&sums, r, NULL) != EH_OK)
		return false;
	return !f->mh_ratio.defined || (sums.ratio.defined && fabs(sums.ratio.value - f->mh_ratio.value) <=
								      SAME * fabs(f->mh_ratio.value));
}

/* ---- the data ---- */

int eh_strata_source_new(struct eh_strata_source **out, const struct eh_audit_data *d,
			 const struct eh_audit_settings *s, struct eh_err *err)
{
	struct eh_strata_source *src = eh_try_calloc(1, sizeof *src);
	int rc;

	*out = NULL;
	if (src == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the strata");
	src->s = *s;
	src->run = (struct eh_run){ .d = d, .s = &src->s };
	src->attribute = SIZE_MAX;
	rc = eh_run_check(&src->s, &src->run.family, err);
	if (rc == EH_OK)
		rc = eh_run_prepare(&src->run, err);
	if (rc == EH_OK)
		rc = eh_slice_new(&src->slice, &src->run.order, false, err);
	if (rc != EH_OK) {
		eh_strata_source_free(&src);
		return rc;
	}
	*out = src;
	return EH_OK;
}

static void forget_cube(struct eh_strata_source *src)
{
	if (src->attribute != SIZE_MAX)
		eh_cube_free(&src->cube);
	src->attribute = SIZE_MAX;
}

void eh_strata_source_free(struct eh_strata_source **out)
{
	struct eh_strata_source *src = out != NULL ? *out : NULL;

	if (src == NULL)
		return;
	forget_cube(src);
	eh_slice_free(&src->slice);
	eh_run_free(&src->run);
	free(src);
	*out = NULL;
}

static int nothing_of(const struct eh_finding *f, const char *what, const char *name, struct eh_err *err)
{
	return eh_err_set(err, EH_ENOENT, "the decisions have no %s %s any more (finding on %s %s)", what, name,
			  f->attribute, f->group);
}

/* The scope that f is of, in src->slice. */
static int fill_slice(struct eh_strata_source *src, const struct eh_finding *f, struct eh_err *err)
{
	const struct eh_audit_data *d = src->run.d;
	uint32_t at = 0;
	int rc;

	if (src->filled && strcmp(src->evaluator, f->evaluator) == 0 && strcmp(src->position, f->position) == 0)
		return EH_OK;
	src->filled = false;
	forget_cube(src);
	if (f->evaluator[0] != '\0') {
		at = eh_names_find(&d->evaluators, f->evaluator);
		if (at == NONE)
			return nothing_of(f, "evaluator", f->evaluator, err);
		rc = eh_slice_evaluator(src->slice, at, err);
	} else if (f->position[0] != '\0') {
		at = d->position != NULL && src->run.order.position_at != NULL ?
			     eh_names_find(&d->positions, f->position) : NONE;
		if (at == NONE)
			return nothing_of(f, "position", f->position, err);
		rc = eh_slice_position(src->slice, at, err);
	} else {
		rc = eh_slice_everybody(src->slice, err);
	}
	src->filled = rc == EH_OK;
	memcpy(src->evaluator, f->evaluator, sizeof src->evaluator);
	memcpy(src->position, f->position, sizeof src->position);
	return rc;
}

static int fill_cube(struct eh_strata_source *src, const struct eh_finding *f, struct eh_err *err)
{
	const struct eh_audit_data *d = src->run.d;
	size_t a = 0;
	int rc;

	while (a < d->n_attributes && strcmp(d->attributes[a].name, f->attribute) != 0)
		a++;
	if (a == d->n_attributes)
		return nothing_of(f, "attribute", f->attribute, err);
	if (src->attribute == a)
		return EH_OK;
	forget_cube(src);
	rc = eh_cube_make(&src->cube, src->slice, a, err);
	if (rc == EH_OK)
		src->attribute = a;
	return rc;
}

static int group_of(const struct eh_attribute_data *a, const char *name)
{
	for (size_t g = 0; g < a->n_groups; g++)
		if (strcmp(a->groups[g], name) == 0)
			return (int)g;
	return -1;
}

/* Both sides as eh_assess_group chose them: the rest is all others above the smallest share. */
static int sides(const struct eh_strata_source *src, const struct eh_finding *f, size_t *group, eh_groups *reference,
		 struct eh_err *err)
{
	const struct eh_attribute_data *a = &src->run.d->attributes[src->attribute];
	const int g = group_of(a, f->group), r = group_of(a, f->reference);

	if (g < 0)
		return nothing_of(f, "group", f->group, err);
	*group = (size_t)g;
	*reference = src->run.layout[src->attribute].eligible & ~((eh_groups)1u << g);
	if (src->s.reference == EH_REF_REST)
		return EH_OK;
	if (r < 0)
		return nothing_of(f, "group", f->reference, err);
	*reference = (eh_groups)1u << r;
	return EH_OK;
}

/* ---- rows ---- */

static void put_rows(struct eh_strata_rows *out, const struct eh_strata_source *src, const struct eh_fourfold *t,
		     size_t n)
{
	for (size_t k = 0; k < n; k++) {
		struct eh_stratum_row *row = &out->v[out->n];

		if (t[k].n1 > 0 && t[k].n2 > 0) {
			row->stratum = eh_slice_stratum(src->slice, k, &row->evaluator);
			row->t = t[k];
			out->n++;
		} else if (t[k].n1 + t[k].n2 > 0) {
			out->aside.a += t[k].a;
			out->aside.n1 += t[k].n1;
			out->aside.b += t[k].b;
			out->aside.n2 += t[k].n2;
			out->n_aside++;
		}
	}
}

/* Names of the data's numbers that the rows have, and the rows' numbers in them. */
static bool take_names(char ***names, size_t *n, const struct eh_names *all, struct eh_stratum_row *v, size_t rows,
		       uint32_t *(*place)(struct eh_stratum_row *))
{
	uint32_t *number = eh_try_malloc(all->n + 1, sizeof *number);
	size_t met = 0;

	if (number == NULL)
		return false;
	memset(number, 0xff, (all->n + 1) * sizeof *number);
	for (size_t i = 0; i < rows; i++)
		if (number[*place(&v[i])] == NONE)
			number[*place(&v[i])] = (uint32_t)met++;
	*names = eh_try_calloc(met + 1, sizeof **names);
	*n = *names != NULL ? met : 0;
	for (size_t i = 0; i < rows && *names != NULL; i++) {
		uint32_t *at = place(&v[i]), k = number[*at];

		if ((*names)[k] == NULL)
			(*names)[k] = eh_xstrdup(all->v != NULL ? all->v[*at] : "");
		*at = k;
	}
	free(number);
	return *names != NULL;
}

static uint32_t *evaluator_place(struct eh_stratum_row *r) { return &r->evaluator; }
static uint32_t *stratum_place(struct eh_stratum_row *r) { return &r->stratum; }

int eh_strata_rows_of(struct eh_strata_rows *out, struct eh_strata_source *src, const struct eh_finding *f,
		      struct eh_err *err)
{
	struct eh_fourfold *t = NULL;
	eh_groups reference = 0;
	size_t g = 0, n;
	bool well;
	int rc = EH_OK;

	*out = (struct eh_strata_rows){ .v = NULL };
	if (f->is_reference || f->below_two_percent)
		return EH_OK;
	rc = fill_slice(src, f, err);
	if (rc == EH_OK)
		rc = fill_cube(src, f, err);
	if (rc == EH_OK)
		rc = sides(src, f, &g, &reference, err);
	if (rc != EH_OK)
		return rc;
	n = src->cube.n_strata;
	t = eh_try_malloc(n + 1, sizeof *t);
	out->v = eh_try_malloc(n + 1, sizeof *out->v);
	well = t != NULL && out->v != NULL;
	if (well) {
		eh_cube_strata(t, &src->cube, g, reference);
		put_rows(out, src, t, n);
		well = take_names(&out->evaluators, &out->n_evaluators, &src->run.d->evaluators, out->v, out->n,
				  evaluator_place) &&
		       take_names(&out->strata, &out->n_strata, &src->run.d->strata, out->v, out->n, stratum_place);
	}
	free(t);
	if (well)
		return EH_OK;
	eh_strata_rows_free(out);
	return eh_err_set(err, EH_ENOMEM, "out of memory for %zu strata", n);
}
