/* The order of an audit: slices, statistics, families, peers, benchmark; see audit.h. */
#include "audit/audit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/assess.h"
#include "audit/benchmark.h"
#include "audit/family.h"
#include "base/mem.h"

#define LIMIT_MAX 1000000

/* Per attribute: n_groups findings pooled, n_groups per position (with more than one), n_groups per evaluator. */
struct layout {
	size_t base;                    /* index of the first finding */
	eh_groups eligible;
	int fixed;
};

struct run {
	const struct eh_audit_data *d;
	const struct eh_audit_settings *s;
	enum eh_family_method family;
	struct eh_order order;
	uint32_t *position;             /* [n_positions] those with decisions */
	size_t n_positions;             /* 0 when there is only one */
	struct layout *layout;          /* [n_attributes] */
	struct eh_finding *v;
	struct eh_work *w;              /* beside v */
	size_t n;
};

static size_t pooled_scopes(const struct run *r)
{
	return 1 + r->n_positions;
}

/* ---- what comes in ---- */

static int check_settings(const struct eh_audit_settings *s, enum eh_family_method *family, struct eh_err *err)
{
	if (s->limit_num <= 0 || s->limit_den <= 0 || s->limit_num > s->limit_den || s->limit_den > LIMIT_MAX)
		return eh_err_set(err, EH_EINVAL, "limit %d/%d: give a fraction between 0 and 1 such as 4/5",
				  s->limit_num, s->limit_den);
	if (!(s->alpha > 0.0 && s->alpha < 1.0))
		return eh_err_set(err, EH_EINVAL, "alpha %g: give a level between 0 and 1 such as 0.05", s->alpha);
	if (s->reference != EH_REF_HIGHEST && s->reference != EH_REF_REST && s->reference != EH_REF_FIXED)
		return eh_err_set(err, EH_EINVAL, "reference rule %d is not known; use highest, rest or a group",
				  (int)s->reference);
	return eh_family_parse(family, s->family, err);
}

static int check_person(const struct eh_audit_data *d, const struct eh_attribute_data *a, size_t i, struct eh_err *err)
{
	const double *p = a->prob != NULL ? &a->prob[i * a->n_groups] : NULL;
	double sum = 0.0;

	if (a->group[i] < -1 || a->group[i] >= (int16_t)a->n_groups || a->provenance[i] > EH_PREDICTED)
		return eh_err_set(err, EH_EINVAL, "%s of candidate %s: the class is not in the attribute's list",
				  a->name, d->candidates.v[i]);
	if (a->provenance[i] != EH_PREDICTED || p == NULL)
		return EH_OK;
	for (size_t g = 0; g < a->n_groups; g++) {
		if (!(p[g] >= 0.0 && p[g] <= 1.0))
			return eh_err_set(err, EH_EINVAL, "%s of candidate %s: a class probability is outside 0..1",
					  a->name, d->candidates.v[i]);
		sum += p[g];
	}
	/* room for probabilities that were printed with few digits */
	if (!(fabs(sum - 1.0) < 0.02))
		return eh_err_set(err, EH_EINVAL, "%s of candidate %s: the class probabilities sum to %.3f, not 1",
				  a->name, d->candidates.v[i], sum);
	return EH_OK;
}

static int no_such_reference(const struct eh_attribute_data *a, const char *group, struct eh_err *err)
{
	char list[160] = "";
	size_t used = 0;

	for (size_t g = 0; g < a->n_groups && used < sizeof list - 1; g++)
		used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", g > 0 ? ", " : "", a->groups[g]);
	return eh_err_set(err, EH_EINVAL,
			  "%s has no group '%s' to serve as the reference; its groups are %s. Name one of "
			  "them, use highest or rest, or look at one attribute at a time",
			  a->name, group, list);
}

static int check_attribute(const struct run *r, const struct eh_attribute_data *a, struct layout *l, struct eh_err *err)
{
	l->fixed = -1;
	if (a->n_groups < 2 || a->n_groups > EH_GROUPS_MAX)
		return eh_err_set(err, EH_EINVAL, "%s has %zu groups; an audit needs 2 to %d", a->name, a->n_groups,
				  EH_GROUPS_MAX);
	for (size_t i = 0; i < r->d->candidates.n; i++) {
		int rc = check_person(r->d, a, i, err);

		if (rc < 0)
			return rc;
	}
	if (r->s->reference != EH_REF_FIXED)
		return EH_OK;
	for (size_t g = 0; g < a->n_groups; g++)
		if (strcmp(a->groups[g], r->s->fixed_reference) == 0)
			l->fixed = (int)g;
	if (l->fixed < 0)
		return no_such_reference(a, r->s->fixed_reference, err);
	return EH_OK;
}

/*
 * Groups with at least two percent of the pool (50 n >= total): persons of a known class, and those of a predicted one
 * by their probabilities, so that a group nobody declared is not lost.  Whole persons are summed exactly.
 */
static eh_groups find_eligible(const struct eh_audit_data *d, const struct eh_attribute_data *a)
{
	double n[EH_GROUPS_MAX] = { 0.0 }, total = 0.0;
	eh_groups set = 0;

	for (size_t i = 0; i < d->candidates.n; i++) {
		bool known = a->provenance[i] == EH_DECLARED || a->provenance[i] == EH_IMPORTED;

		if (known && a->group[i] >= 0) {
			n[a->group[i]] += 1.0;
			total += 1.0;
		}
		for (size_t g = 0; a->provenance[i] == EH_PREDICTED && a->prob != NULL && g < a->n_groups; g++) {
			n[g] += a->prob[i * a->n_groups + g];
			total += a->prob[i * a->n_groups + g];
		}
	}
	for (size_t g = 0; g < a->n_groups; g++)
		if (50.0 * n[g] >= total)
			set |= (eh_groups)1u << g;
	return set;
}

static int find_positions(struct run *r)
{
	size_t all = r->d->positions.n != 0 ? r->d->positions.n : 1;

	r->position = eh_try_calloc(all, sizeof *r->position);
	if (r->position == NULL)
		return EH_ENOMEM;
	for (size_t p = 0; p < all; p++)
		if (r->order.position_at[p + 1] > r->order.position_at[p])
			r->position[r->n_positions++] = (uint32_t)p;
	if (r->n_positions < 2)
		r->n_positions = 0;
	return EH_OK;
}

static int prepare(struct run *r, struct eh_err *err)
{
	const struct eh_audit_data *d = r->d;
	int rc = EH_OK;

	r->layout = eh_try_calloc(d->n_attributes + 1, sizeof *r->layout);
	if (r->layout == NULL)
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory");
	for (size_t a = 0; a < d->n_attributes && rc == EH_OK; a++)
		rc = check_attribute(r, &d->attributes[a], &r->layout[a], err);
	if (rc == EH_OK)
		rc = eh_order_make(&r->order, d, err);
	if (rc == EH_OK && find_positions(r) < 0)
		rc = eh_err_set(err, EH_ENOMEM, "audit: out of memory for %zu positions", d->positions.n);
	if (rc < 0)
		return rc;
	for (size_t a = 0; a < d->n_attributes; a++) {
		r->layout[a].base = r->n;
		r->layout[a].eligible = find_eligible(d, &d->attributes[a]);
		r->n += d->attributes[a].n_groups * (pooled_scopes(r) + d->evaluators.n);
	}
	r->v = eh_try_calloc(r->n + 1, sizeof *r->v);
	r->w = eh_try_calloc(r->n + 1, sizeof *r->w);
	if (r->v == NULL || r->w == NULL)
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory for %zu findings", r->n);
	return EH_OK;
}

/* ---- one scope ---- */

/*
 * Everybody's decisions together are stratified by evaluator too: people who judge different candidates select at
 * different rates, and without that a class that applied to the strict ones would look disadvantaged (the Berkeley
 * admissions, facts/statistics.md 7).  The plain ratio stands beside it.
 */
static int assess_scope(struct run *r, const struct eh_row *rows, size_t n, size_t scope, const char *evaluator,
			const char *position, struct eh_err *err);

static int assess_pooled(struct run *r, const struct eh_row *rows, size_t n, size_t scope, const char *position,
			 struct eh_err *err)
{
	size_t evaluators = r->d->evaluators.n;
	struct eh_row *own = NULL;
	int rc;

	if ((uint64_t)evaluators * r->d->strata.n >= UINT32_MAX)
		return eh_err_set(err, EH_ERANGE, "audit: %zu evaluators times %zu strata are too many", evaluators,
				  r->d->strata.n);
	own = eh_try_calloc(n + 1, sizeof *own);
	if (own == NULL)
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory for %zu decisions", n);
	for (size_t i = 0; i < n; i++) {
		own[i] = rows[i];
		own[i].stratum = rows[i].stratum * (uint32_t)evaluators + rows[i].owner;
	}
	rc = assess_scope(r, own, n, scope, EH_POOLED_NAME, position, err);
	free(own);
	return rc;
}

/* scope: 0 pooled, then the positions, then the evaluators. */
static int assess_scope(struct run *r, const struct eh_row *rows, size_t n, size_t scope, const char *evaluator,
			const char *position, struct eh_err *err)
{
	struct eh_slice slice;
	int rc = eh_slice_make(&slice, rows, n, err);

	for (size_t a = 0; a < r->d->n_attributes && rc == EH_OK; a++) {
		const struct eh_attribute_data *attribute = &r->d->attributes[a];
		size_t first = r->layout[a].base + scope * attribute->n_groups;
		struct eh_cube cube;
		struct eh_scope_data data = { &slice, &cube, attribute, r->s, r->layout[a].eligible,
					     r->layout[a].fixed };

		rc = eh_cube_make(&cube, &slice, attribute, err);
		if (rc < 0)
			break;
		for (size_t g = 0; g < attribute->n_groups; g++) {
			struct eh_finding *f = &r->v[first + g];

			memcpy(f->attribute, attribute->name, sizeof f->attribute);
			snprintf(f->evaluator, sizeof f->evaluator, "%s", evaluator);
			snprintf(f->position, sizeof f->position, "%s", position);
		}
		rc = eh_assess(&r->v[first], &r->w[first], &data, err);
		eh_cube_free(&cube);
	}
	eh_slice_free(&slice);
	return rc;
}

static int assess_all(struct run *r, const struct eh_progress *progress, struct eh_err *err)
{
	const struct eh_order *o = &r->order;
	size_t total = pooled_scopes(r) + r->d->evaluators.n, done = 0;
	int rc = assess_pooled(r, o->by_candidate, o->n, 0, "", err);

	eh_progress_step(progress, "audit", ++done, total);
	for (size_t i = 0; i < r->n_positions && rc == EH_OK; i++) {
		uint32_t p = r->position[i];

		rc = assess_pooled(r, o->by_position + o->position_at[p], o->position_at[p + 1] - o->position_at[p],
				   1 + i, r->d->positions.v[p], err);
		eh_progress_step(progress, "audit", ++done, total);
	}
	for (size_t e = 0; e < r->d->evaluators.n && rc == EH_OK; e++) {
		if (eh_progress_cancelled(progress))
			return eh_err_set(err, EH_ECANCEL, "audit: stopped on request, nothing was kept");
		rc = assess_scope(r, o->by_evaluator + o->evaluator_at[e], o->evaluator_at[e + 1] - o->evaluator_at[e],
				  pooled_scopes(r) + e, r->d->evaluators.v[e], "", err);
		eh_progress_step(progress, "audit", ++done, total);
	}
	return rc;
}

/* ---- over all findings ---- */

static bool is_pooled(const struct eh_finding *f)
{
	return f->evaluator[0] == '\0';
}

/* Corrects field `which` (p or peers_p) of the findings of one family.  A mirrored finding shares the corrected
 * value. */
enum corrected { CORRECT_P, CORRECT_PEERS };

static int correct(struct run *r, bool pooled, enum corrected which, struct eh_err *err)
{
	struct eh_num *p = eh_try_calloc(r->n + 1, sizeof *p), *q = eh_try_calloc(r->n + 1, sizeof *q);
	struct eh_num *holm = eh_try_calloc(r->n + 1, sizeof *holm);
	uint32_t size = 0;
	size_t twin = 0;
	int rc = EH_ENOMEM;

	if (p == NULL || q == NULL || holm == NULL) {
		eh_err_set(err, rc, "audit: out of memory for a family of %zu findings", r->n);
		goto out;
	}
	for (size_t i = 0; i < r->n; i++) {
		const struct eh_finding *f = &r->v[i];
		bool in = is_pooled(f) == pooled && !r->w[i].mirror;

		p[i] = !in ? eh_undefined(EH_U_NO_P) : which == CORRECT_P ? f->p : f->peers_p;
	}
	rc = eh_family_adjust(q, p, r->n, which == CORRECT_P ? r->family : EH_FAMILY_BH, &size, err);
	if (rc == EH_OK)
		rc = eh_family_adjust(holm, p, r->n, EH_FAMILY_HOLM, NULL, err);
	for (size_t i = 0; i < r->n && rc == EH_OK; i++) {
		struct eh_finding *f = &r->v[i];

		if (is_pooled(f) != pooled)
			continue;
		/* a mirror follows its twin within the same scope: the last finding that is none and takes part */
		if (!r->w[i].mirror && !f->below_two_percent)
			twin = i;
		if (which == CORRECT_P) {
			f->q = q[r->w[i].mirror ? twin : i];
			f->q_holm = holm[r->w[i].mirror ? twin : i];
			f->family_size = size;
		} else {
			f->peers_q = q[r->w[i].mirror ? twin : i];
		}
	}
out:
	free(p);
	free(q);
	free(holm);
	return rc;
}

/* The group that serves as the reference among the groups of one evaluator, or n_groups: none does. */
static size_t reference_of(const struct eh_finding *f, size_t n_groups)
{
	size_t g = 0;

	while (g < n_groups && !f[g].is_reference)
		g++;
	return g;
}

/*
 * The ln ratio of group g to group `reference` as one evaluator's findings have it: his own finding on g, or the one
 * on `reference` the other way round when g is the highest with him.  Under a third reference he takes no part.
 */
static struct eh_peer peer_of(const struct eh_finding *f, const struct eh_work *w, size_t n_groups, size_t g,
			      size_t reference)
{
	size_t own = reference_of(f, n_groups);
	struct eh_peer out = { .has = false };

	if (own == reference)
		return w[g].peer;
	if (own == g && reference < n_groups) {
		out = w[reference].peer;
		out.y = -out.y;
	}
	return out;
}

/* All evaluators on group g against `reference`; the results go to those who have that reference. */
static void compare_pair(struct run *r, struct eh_peer *peer, size_t first, size_t groups, size_t g, size_t reference)
{
	size_t n = r->d->evaluators.n;

	for (size_t e = 0; e < n; e++)
		peer[e] = peer_of(&r->v[first + e * groups], &r->w[first + e * groups], groups, g, reference);
	eh_peers(peer, n);
	for (size_t e = 0; e < n; e++) {
		struct eh_finding *f = &r->v[first + e * groups + g];

		if (f->is_reference || reference_of(&r->v[first + e * groups], groups) != reference)
			continue;
		f->peers_ratio = peer[e].ratio;
		f->peers_z = peer[e].z;
		f->peers_p = peer[e].p;
	}
}

/* With the highest group as the reference it differs between evaluators: each is compared on his own pair of groups. */
static int compare_peers(struct run *r, struct eh_err *err)
{
	size_t n = r->d->evaluators.n;
	struct eh_peer *peer = eh_try_calloc(n + 1, sizeof *peer);

	if (peer == NULL)
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory for %zu evaluators", n);
	for (size_t a = 0; a < r->d->n_attributes; a++) {
		size_t groups = r->d->attributes[a].n_groups;
		size_t first = r->layout[a].base + pooled_scopes(r) * groups;

		for (size_t g = 0; g < groups; g++) {
			/* groups itself stands for "rest", or for an evaluator without a reference */
			for (size_t reference = 0; reference <= groups; reference++)
				if (reference != g)
					compare_pair(r, peer, first, groups, g, reference);
		}
	}
	free(peer);
	return EH_OK;
}

static int fill_benchmark(struct run *r, struct eh_err *err)
{
	struct eh_bench *b = NULL;
	int rc = eh_bench_new(&b, r->d, &r->order, err);

	for (size_t a = 0; a < r->d->n_attributes && rc == EH_OK; a++) {
		size_t groups = r->d->attributes[a].n_groups;

		rc = eh_bench_fill(&r->v[r->layout[a].base + pooled_scopes(r) * groups], b, &r->d->attributes[a],
				   r->layout[a].eligible, r->s->reference, err);
	}
	eh_bench_free(&b);
	return rc;
}

static void forget_free(struct eh_audit_data *d)
{
	for (size_t a = 0; d->attributes != NULL && a < d->n_attributes; a++)
		free(d->attributes[a].provenance);
	free(d->attributes);
}

/* View of d in which a predicted class is an unknown one; only what differs is its own. */
static int forget_predicted(struct eh_audit_data *out, const struct eh_audit_data *d)
{
	*out = *d;
	out->attributes = eh_try_calloc(d->n_attributes + 1, sizeof *out->attributes);
	for (size_t a = 0; out->attributes != NULL && a < d->n_attributes; a++) {
		struct eh_attribute_data *to = &out->attributes[a];

		*to = d->attributes[a];
		to->prob = NULL;
		to->provenance = eh_try_calloc(d->candidates.n + 1, sizeof *to->provenance);
		if (to->provenance == NULL)
			return EH_ENOMEM;
		for (size_t i = 0; i < d->candidates.n; i++)
			if (d->attributes[a].provenance[i] != EH_PREDICTED)
				to->provenance[i] = d->attributes[a].provenance[i];
	}
	return out->attributes != NULL ? EH_OK : EH_ENOMEM;
}

int eh_audit_run(struct eh_findings *out, const struct eh_audit_data *d, const struct eh_audit_settings *s,
		 const struct eh_progress *progress, struct eh_err *err)
{
	struct eh_audit_data known = { 0 };
	struct run r = { .d = s->known_only ? &known : d, .s = s };
	int rc = check_settings(s, &r.family, err);

	*out = (struct eh_findings){ NULL, 0 };
	if (rc == EH_OK && s->known_only && forget_predicted(&known, d) < 0)
		rc = eh_err_set(err, EH_ENOMEM, "audit: out of memory for %zu candidates", d->candidates.n);
	if (rc == EH_OK)
		rc = prepare(&r, err);
	if (rc == EH_OK)
		rc = assess_all(&r, progress, err);
	if (rc == EH_OK)
		rc = compare_peers(&r, err);
	if (rc == EH_OK)
		rc = correct(&r, false, CORRECT_P, err);
	if (rc == EH_OK)
		rc = correct(&r, true, CORRECT_P, err);
	if (rc == EH_OK)
		rc = correct(&r, false, CORRECT_PEERS, err);
	if (rc == EH_OK)
		rc = fill_benchmark(&r, err);
	if (rc == EH_OK) {
		*out = (struct eh_findings){ r.v, r.n };
		r.v = NULL;
	}
	free(r.v);
	free(r.w);
	free(r.layout);
	free(r.position);
	eh_order_free(&r.order);
	forget_free(&known);
	return rc;
}

void eh_findings_free(struct eh_findings *f)
{
	free(f->v);
	*f = (struct eh_findings){ NULL, 0 };
}
