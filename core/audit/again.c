/* A kept audit; see again.h. */
#include "audit/again.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/benchmark.h"
#include "audit/measures.h"
#include "audit/run.h"
#include "base/mem.h"
#include "base/threads.h"

#define STRETCH 128 /* findings of one task, where each is given another limit */

struct eh_kept {
	struct eh_audit_data *d;
	struct eh_audit_settings s;
	struct eh_run run;
	struct eh_slice **pooled; /* [eh_run_pooled] everybody, then the positions */
	size_t n_pooled;
	struct eh_cube *cube;	/* [n_pooled][n_attributes] */
	uint32_t *scope_of;	/* [n_positions] scope of a position, 0 = none of its own */
	uint32_t *place;	/* [n_candidates] person in the slice of his position */
	struct eh_slice *alone; /* of an evaluator */
	struct eh_bench *bench;
	bool *touched;	/* [n_pooled + evaluators] scopes that something was counted in */
	uint32_t *list; /* those, each once */
	size_t n_list;
};

/* ---- keeping ---- */

static int no_memory(struct eh_err *err)
{
	return eh_err_set(err, EH_ENOMEM, "audit: out of memory to keep what was found");
}

static void forget(struct eh_kept *k)
{
	for (size_t i = 0; k->pooled != NULL && i < k->n_pooled; i++)
		eh_slice_free(&k->pooled[i]);
	for (size_t i = 0; k->cube != NULL && i < k->n_pooled * k->d->n_attributes; i++)
		eh_cube_free(&k->cube[i]);
	free(k->pooled);
	free(k->cube);
	free(k->scope_of);
	free(k->place);
	if (k->alone != NULL)
		eh_slice_free(&k->alone);
	eh_bench_free(&k->bench);
	free(k->touched);
	free(k->list);
	eh_run_free(&k->run);
	k->pooled = NULL;
	k->cube = NULL;
	k->scope_of = k->place = k->list = NULL;
	k->touched = NULL;
	k->n_list = 0;
	k->run.n = 0;
}

static int room(struct eh_kept *k, struct eh_err *err)
{
	const struct eh_audit_data *d = k->d;

	k->n_pooled = eh_run_pooled(&k->run);
	k->pooled = eh_try_calloc(k->n_pooled, sizeof(struct eh_slice *));
	k->cube = eh_try_calloc(k->n_pooled * d->n_attributes + 1, sizeof *k->cube);
	k->scope_of = eh_try_calloc(k->run.order.n_positions, sizeof *k->scope_of);
	k->place = eh_try_calloc(d->candidates.n + 1, sizeof *k->place);
	k->touched = eh_try_calloc(k->n_pooled + d->evaluators.n, sizeof *k->touched);
	k->list = eh_try_calloc(k->n_pooled + d->evaluators.n, sizeof *k->list);
	return k->pooled != NULL && k->cube != NULL && k->scope_of != NULL && k->place != NULL && k->touched != NULL &&
			       k->list != NULL
		       ? EH_OK
		       : no_memory(err);
}

/* Every candidate has decisions, so the persons of a slice are the candidates in the order of their list. */
static void note_places(struct eh_kept *k, uint32_t scope)
{
	const struct eh_order *o = &k->run.order;
	const uint32_t position = o->position[scope - 1];
	const uint32_t from = o->position_at[position], to = o->position_at[position + 1];

	for (uint32_t i = from; i < to; i++)
		k->place[o->by_position[i]] = i - from;
	k->scope_of[position] = scope;
}

static int keep_slices(struct eh_kept *k, struct eh_err *err)
{
	const struct eh_order *o = &k->run.order;
	int rc = EH_OK;

	for (size_t i = 0; i < k->n_pooled && rc == EH_OK; i++) {
		rc = eh_slice_new(&k->pooled[i], o, true, err);
		if (rc == EH_OK && i == 0)
			rc = eh_slice_everybody(k->pooled[i], err);
		else if (rc == EH_OK)
			rc = eh_slice_position(k->pooled[i], o->position[i - 1], err);
		for (size_t a = 0; a < k->d->n_attributes && rc == EH_OK; a++)
			rc = eh_cube_make(&k->cube[i * k->d->n_attributes + a], k->pooled[i], a, err);
		if (rc == EH_OK && i > 0)
			note_places(k, (uint32_t)i);
	}
	return rc == EH_OK ? eh_slice_new(&k->alone, o, false, err) : rc;
}

static int over_all(struct eh_kept *k, bool limit_only, struct eh_err *err);

static int make(struct eh_kept *k, const struct eh_progress *progress, struct eh_err *err)
{
	int rc = eh_run_check(&k->s, &k->run.family, err);

	k->run.d = k->d;
	k->run.s = &k->s;
	if (rc == EH_OK)
		rc = eh_run_prepare(&k->run, err);
	if (rc == EH_OK)
		rc = eh_run_all(&k->run, progress, err);
	if (rc == EH_OK)
		rc = eh_measures_scores(k->run.v, &k->run.order, &k->s, err);
	if (rc == EH_OK)
		rc = room(k, err);
	if (rc == EH_OK)
		rc = keep_slices(k, err);
	if (rc == EH_OK)
		rc = eh_bench_new(&k->bench, &k->run.order, err);
	return rc == EH_OK ? over_all(k, false, err) : rc;
}

int eh_kept_new(struct eh_kept **out, struct eh_audit_data *d, const struct eh_audit_settings *s,
		const struct eh_progress *progress, struct eh_err *err)
{
	struct eh_kept *k = NULL;
	int rc;

	*out = NULL;
	if (d->weight == NULL)
		return eh_err_set(err, EH_EINVAL, "audit: only counted persons can be kept");
	k = eh_xcalloc(1, sizeof *k);
	k->d = d;
	k->s = *s;
	rc = make(k, progress, err);
	if (rc != EH_OK)
		eh_kept_free(&k);
	*out = k;
	return rc;
}

void eh_kept_free(struct eh_kept **k)
{
	if (k == NULL || *k == NULL)
		return;
	forget(*k);
	free(*k);
	*k = NULL;
}

struct eh_findings eh_kept_findings(const struct eh_kept *k) { return (struct eh_findings){ k->run.v, k->run.n }; }

/* ---- counting ---- */

static size_t first_row(const struct eh_kept *k, uint32_t candidate)
{
	const struct eh_order *o = &k->run.order;

	/* else everybody has one row, in the order of the candidates */
	return o->row != NULL ? o->row[o->candidate_at[candidate]] : candidate;
}

static uint32_t owner_of(const struct eh_kept *k, size_t row)
{
	const size_t *at = k->d->evaluator_at;
	size_t lo = 0, hi = k->d->evaluators.n;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (at[mid] <= row)
			lo = mid;
		else
			hi = mid;
	}
	return (uint32_t)lo;
}

static bool same_classes(const struct eh_audit_data *d, uint32_t candidate, const int16_t *group)
{
	for (size_t a = 0; a < d->n_attributes; a++)
		if (d->attributes[a].group[candidate] != group[a])
			return false;
	return true;
}

uint32_t eh_kept_kind(const struct eh_kept *k, uint32_t evaluator, uint32_t position, const int16_t *group,
		      const uint32_t *stratum, const uint8_t *selected, size_t n)
{
	const struct eh_audit_data *d = k->d;
	const size_t end = d->evaluator_at[evaluator + 1];

	for (size_t i = d->evaluator_at[evaluator], next = i; i < end; i = next) {
		bool same = true;

		for (next = i + 1; next < end && d->candidate[next] == d->candidate[i]; next++)
			;
		same = next - i == n && eh_order_position(&k->run.order, d->candidate[i]) == position;
		for (size_t j = 0; j < n && same; j++)
			same = d->stratum[i + j] == stratum[j] && d->selected[i + j] == selected[j];
		if (same && same_classes(d, d->candidate[i], group))
			return d->candidate[i];
	}
	return UINT32_MAX;
}

static void touch(struct eh_kept *k, size_t scope)
{
	if (!k->touched[scope])
		k->list[k->n_list++] = (uint32_t)scope;
	k->touched[scope] = true;
}

static void count_in(struct eh_kept *k, size_t scope, size_t person, int32_t more)
{
	struct eh_slice *s = k->pooled[scope];
	const struct eh_person *who = &s->person[person];

	s->n += (size_t)((int64_t)eh_pattern_size(s, who->pattern) * more);
	s->n_persons += (size_t)(int64_t)more;
	for (size_t a = 0; a < s->n_attributes; a++) {
		struct eh_class_counts *c = &s->classes[a];
		const uint8_t code = c->code[who->candidate];

		eh_cube_count(&k->cube[scope * s->n_attributes + a], s, who->pattern, code, more);
		c->by_code[code] += (uint32_t)more;
		c->of[who->pattern * (c->n_groups + 1) + c->column[code]] += (uint32_t)more;
	}
}

int eh_kept_count(struct eh_kept *k, uint32_t candidate, int32_t more, struct eh_err *err)
{
	uint32_t *weight = &k->d->weight[candidate];
	size_t scope = k->scope_of[eh_order_position(&k->run.order, candidate)];

	if ((int64_t)*weight + more < 1 || (int64_t)*weight + more > UINT32_MAX)
		return eh_err_set(err, EH_ERANGE, "audit: nobody would be left of a kind; audit anew");
	*weight = (uint32_t)((int64_t)*weight + more);
	/* all candidates are in it, by their numbers */
	count_in(k, 0, candidate, more);
	touch(k, 0);
	if (scope > 0) {
		count_in(k, scope, k->place[candidate], more);
		touch(k, scope);
	}
	touch(k, k->n_pooled + owner_of(k, first_row(k, candidate)));
	return EH_OK;
}

/* ---- auditing again ---- */

static struct eh_scope_data scope_data(const struct eh_kept *k, const struct eh_slice *slice,
				       const struct eh_cube *cube, size_t attribute)
{
	const struct eh_run_layout *l = &k->run.layout[attribute];

	return (struct eh_scope_data){ slice, cube, &k->d->attributes[attribute], attribute, &k->s, l->eligible,
				       l->fixed, &l->classifier };
}

/* One group of one pooled scope that was touched. */
struct piece {
	uint32_t scope, attribute, group;
};

struct pieces {
	struct eh_kept *k;
	struct piece *v;
	size_t n;
};

static size_t place_of(const struct eh_kept *k, size_t scope, size_t attribute)
{
	return k->run.layout[attribute].base + scope * k->d->attributes[attribute].n_groups;
}

static int do_piece(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	const struct pieces *p = ctx;
	const struct piece *x = &p->v[i];
	struct eh_kept *k = p->k;
	struct eh_scope_data data = scope_data(k, k->pooled[x->scope],
					       &k->cube[x->scope * k->d->n_attributes + x->attribute], x->attribute);
	size_t first = place_of(k, x->scope, x->attribute);
	struct eh_finding *f = &k->run.v[first];
	uint32_t position = x->scope > 0 ? k->run.order.position[x->scope - 1] : 0;

	(void)slot;
	(void)inside;
	memset(&f[x->group], 0, sizeof *f);
	eh_run_name(&f[x->group], data.attribute, EH_POOLED_NAME, x->scope > 0 ? k->d->positions.v[position] : "");
	return eh_assess_group(f, &k->run.w[first], &data, x->group, err);
}

static int touched_pooled(struct eh_kept *k, struct eh_err *err)
{
	const struct eh_steps steps = { .jobs = k->s.threads };
	const struct eh_crew crew = eh_crew_of(&steps);
	struct pieces p = { .k = k };
	const size_t attributes = k->d->n_attributes;
	int rc = EH_OK;

	p.v = eh_try_calloc(k->n_list * attributes * EH_GROUPS_MAX + 1, sizeof *p.v);
	if (p.v == NULL)
		return no_memory(err);
	for (size_t i = 0; i < k->n_list; i++)
		for (size_t a = 0; a < attributes && k->list[i] < k->n_pooled; a++)
			for (uint32_t g = 0; g < k->d->attributes[a].n_groups; g++)
				p.v[p.n++] = (struct piece){ k->list[i], (uint32_t)a, g };
	if (rc == EH_OK && p.n > 0)
		rc = eh_crew_run(&crew, p.n, p.n, do_piece, &p, err);
	for (size_t i = 0; i < k->n_list && rc == EH_OK; i++)
		for (size_t a = 0; a < attributes && k->list[i] < k->n_pooled; a++) {
			const uint32_t scope = k->list[i];
			struct eh_scope_data data =
				scope_data(k, k->pooled[scope], &k->cube[scope * attributes + a], a);
			size_t first = place_of(k, scope, a);

			eh_assess_tie(&k->run.v[first], &k->run.w[first], &data);
		}
	free(p.v);
	return rc;
}

static int touched_evaluators(struct eh_kept *k, struct eh_err *err)
{
	int rc = EH_OK;

	for (size_t i = 0; i < k->n_list && rc == EH_OK; i++) {
		const size_t scope = k->list[i];

		if (scope < k->n_pooled)
			continue;
		for (size_t a = 0; a < k->d->n_attributes; a++)
			memset(&k->run.v[place_of(k, scope, a)], 0, k->d->attributes[a].n_groups * sizeof *k->run.v);
		rc = eh_slice_evaluator(k->alone, (uint32_t)(scope - k->n_pooled), err);
		if (rc == EH_OK)
			rc = eh_run_assess(&k->run, k->alone, scope, k->d->evaluators.v[scope - k->n_pooled], "", err);
	}
	return rc;
}

/* Another limit for the findings of one stretch of scopes that were not touched. */
static int limit_stretch(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	struct eh_kept *k = ctx;
	const size_t end = (i + 1) * STRETCH < k->run.n ? (i + 1) * STRETCH : k->run.n;

	(void)slot;
	(void)inside;
	(void)err;
	/* who was touched has it already: the same once more */
	for (size_t j = i * STRETCH; j < end; j++) {
		eh_assess_limit(&k->run.v[j], &k->run.w[j], &k->s);
		memset(k->run.v[j].family_method, 0, sizeof k->run.v[j].family_method);
		snprintf(k->run.v[j].family_method, sizeof k->run.v[j].family_method, "%s", k->s.family);
	}
	return EH_OK;
}

static int set_limit(struct eh_kept *k, struct eh_err *err)
{
	const struct eh_steps steps = { .jobs = k->s.threads };
	const struct eh_crew crew = eh_crew_of(&steps);
	const size_t tasks = (k->run.n + STRETCH - 1) / STRETCH;
	int rc = eh_crew_run(&crew, tasks, tasks, limit_stretch, k, err);

	for (size_t a = 0; a < k->d->n_attributes && rc == EH_OK; a++)
		for (size_t scope = 0; scope < k->n_pooled + k->d->evaluators.n; scope++) {
			struct eh_scope_data data = scope_data(k, NULL, NULL, a);
			size_t first = place_of(k, scope, a);

			eh_assess_tie(&k->run.v[first], &k->run.w[first], &data);
		}
	return rc;
}

/* ---- over all findings ---- */

struct rest {
	struct eh_kept *k;
	bool limit_only;
};

/* Three works that fill different fields and do not look at each other's: benchmark, families of p, and peers with the
 * family of theirs. */
static int do_rest(void *ctx, size_t slot, size_t i, const struct eh_crew *inside, struct eh_err *err)
{
	const struct rest *x = ctx;
	struct eh_kept *k = x->k;
	int rc = EH_OK;

	(void)slot;
	(void)inside;
	for (size_t a = 0; i == 0 && a < k->d->n_attributes && rc == EH_OK; a++)
		rc = eh_bench_fill(&k->run.v[place_of(k, k->n_pooled, a)], k->bench, a, k->run.layout[a].eligible,
				   k->s.reference, err);
	if (i == 0 || x->limit_only)
		return rc;
	if (i == 1) {
		rc = eh_run_correct(&k->run, false, EH_CORRECT_P, err);
		return rc == EH_OK ? eh_run_correct(&k->run, true, EH_CORRECT_P, err) : rc;
	}
	rc = eh_run_peers(&k->run, err);
	return rc == EH_OK ? eh_run_correct(&k->run, false, EH_CORRECT_PEERS, err) : rc;
}

static int over_all(struct eh_kept *k, bool limit_only, struct eh_err *err)
{
	const struct eh_steps steps = { .jobs = k->s.threads };
	const struct eh_crew crew = eh_crew_of(&steps);
	struct rest x = { k, limit_only };

	return eh_crew_run(&crew, 3, 3, do_rest, &x, err);
}

/* Settings that decide what is counted and tested, not where a limit is drawn. */
static bool same_ground(const struct eh_audit_settings *a, const struct eh_audit_settings *b)
{
	return a->reference == b->reference && strcmp(a->fixed_reference, b->fixed_reference) == 0 &&
	       a->alpha == b->alpha && a->seed == b->seed && a->known_only == b->known_only &&
	       a->plain_ratio == b->plain_ratio &&
	       a->min_share == b->min_share && a->boschloo == b->boschloo && a->median_known == b->median_known &&
	       a->anytime == b->anytime;
}

static bool same_limit(const struct eh_audit_settings *a, const struct eh_audit_settings *b)
{
	return a->limit_num == b->limit_num && a->limit_den == b->limit_den;
}

static bool same_groups(const struct eh_kept *k)
{
	static const double nobody[EH_GROUPS_MAX];

	for (size_t a = 0; a < k->d->n_attributes; a++) {
		const struct eh_class_counts *c = &k->pooled[0]->classes[a];
		uint64_t known[EH_CODES];

		for (size_t i = 0; i < EH_CODES; i++)
			known[i] = c->by_code[i];
		if (eh_run_share(&k->run, a, known, nobody) != k->run.layout[a].eligible)
			return false;
	}
	return true;
}

int eh_kept_again(struct eh_kept *k, const struct eh_audit_settings *s, struct eh_err *err)
{
	const struct eh_audit_settings before = k->s;
	const bool anew = !same_ground(&before, s) || !same_groups(k) || (s->anytime && !same_limit(&before, s));
	const bool family = memcmp(before.family, s->family, sizeof s->family) != 0;
	const bool limit = !same_limit(&before, s) || before.min_group != s->min_group ||
			   before.min_total != s->min_total || before.look != s->look || family;
	const bool counted = k->n_list > 0;
	int rc = eh_run_check(s, &k->run.family, err);

	k->s = *s;
	if (rc != EH_OK)
		return rc;
	if (anew) {
		forget(k);
		return make(k, NULL, err);
	}
	rc = touched_pooled(k, err);
	if (rc == EH_OK)
		rc = touched_evaluators(k, err);
	if (rc == EH_OK && limit)
		rc = set_limit(k, err);
	for (size_t i = 0; i < k->n_list; i++)
		k->touched[k->list[i]] = false;
	k->n_list = 0;
	return rc == EH_OK && (counted || limit) ? over_all(k, !counted && !family, err) : rc;
}
