/* One group in one slice; see assess.h. */
#include "audit/assess.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/basis.h"
#include "audit/cluster.h"
#include "audit/history.h"
#include "audit/homogeneity.h"
#include "audit/measures.h"
#include "audit/screening.h"
#include "audit/sequential.h"
#include "audit/strata.h"
#include "audit/table.h"
#include "base/mem.h"

#define SCORE_NAME "score (Miettinen-Nurminen)"
#define SCORE_PERSONS_NAME "MN score on persons"
#define ROBUST_NAME "log, cluster-robust"
#define MH_NAME "log, Greenland-Robins"
#define MID_P_NAME "mid-p two-sided (a)"

/* The material of one finding. */
struct view {
	const struct eh_scope_data *d;
	size_t g;
	eh_groups reference;
	struct eh_sides *side;          /* [n_patterns], NULL = not needed yet: need_sides */
	struct eh_fourfold t;           /* over all strata */
	struct eh_fourfold *strata;     /* [n_strata] */
	bool independent;               /* one decision per person */
	bool stratified;                /* decisions in more than one stratum */
	bool by_strata;                 /* and they decide */
	struct eh_strata plain, mh;
	struct eh_num var_plain, var_mh;        /* of ln ratio; var_mh only when stratified */
	struct eh_slice flat;           /* the same decisions in one stratum; only while the plain table decides */
	bool by_history;                /* of flat: who has more decisions depends on what was decided before */
	struct eh_evidence evidence;    /* behind p_anytime */
};

bool eh_scope_predicted(const struct eh_scope_data *d)
{
	return d->refused == NULL && d->cube->predicted > 0 && d->attribute->prob != NULL;
}

static struct eh_interval no_interval(enum eh_undef why)
{
	return (struct eh_interval){ eh_undefined(why), eh_undefined(why) };
}

/* Every statistic undefined for one reason; what exists is filled in afterwards.  NOT_COMPUTED: the group is compared,
 * and what it has nevertheless not has its own reason. */
static void set_undefined(struct eh_finding *f, enum eh_undef why)
{
	const bool compared = why == EH_U_NOT_COMPUTED;
	const enum eh_undef unseen = compared && f->predicted == 0 ? EH_U_NOBODY_PREDICTED : why;
	const struct eh_num none = eh_undefined(why);

	f->ref_rate = f->impact_ratio = f->z = f->p_z = f->p_fisher = f->p_mid = f->shortfall = none;
	f->mh_ratio = f->p_cmh = f->p_breslow_day = f->detectable = f->ratio = f->p = f->p_anytime = none;
	f->interval = f->mh_interval = f->ratio_interval = no_interval(why);
	f->below_limit = f->ratio_below = f->flips = EH_UNKNOWN;
	f->em_ratio = f->weighted_ratio = f->p_em = f->em_n = f->em_selected = eh_undefined(unseen);
	f->em_interval = no_interval(unseen);
	f->q = f->q_holm = eh_undefined(why != EH_U_NONE ? why : EH_U_NO_P);
	eh_finding_alone(f, compared && f->evaluator[0] == '\0' ? EH_U_POOLED : why);
	eh_measures_none(f, why);
}

/* Every person once, with the share of his group's decisions in t (all, or those of the comparable strata): wider than
 * any dependence between decisions could ask for. */
static struct eh_interval person_interval(const struct eh_finding *f, const struct eh_fourfold *t)
{
	double n1, n2;

	if (t->n1 == 0 || t->n2 == 0)
		return no_interval(EH_U_EMPTY_GROUP);
	/* the persons' share of decisions that can be compared */
	n1 = (double)f->persons * ((double)t->n1 / (double)f->n);
	n2 = (double)f->ref_persons * ((double)t->n2 / (double)f->ref_n);
	return eh_score_interval((double)t->a / (double)t->n1 * n1, n1, (double)t->b / (double)t->n2 * n2, n2, true);
}

/* The plain ratio's interval and, with strata, that of the Mantel-Haenszel ratio. */
static void name_intervals(struct eh_finding *f, const struct view *v, const char *plain)
{
	const char *mh = !v->var_mh.defined ? SCORE_PERSONS_NAME : v->independent ? MH_NAME : ROBUST_NAME;

	if (v->stratified)
		snprintf(f->interval_method, sizeof f->interval_method, "%s; MH: %s", plain, mh);
	else
		snprintf(f->interval_method, sizeof f->interval_method, "%s", plain);
}

static void set_plain(struct eh_finding *f, const struct view *v)
{
	struct eh_exact exact;

	f->impact_ratio = eh_table_ratio(&v->t);
	f->below_limit = eh_table_below(&v->t, f->limit_num, f->limit_den);
	if (v->independent) {
		f->interval = eh_score_interval((double)v->t.a, (double)v->t.n1, (double)v->t.b, (double)v->t.n2, true);
		name_intervals(f, v, SCORE_NAME);
	} else if (v->var_plain.defined) {
		f->interval = eh_log_interval(f->impact_ratio.value, v->var_plain.value);
		name_intervals(f, v, ROBUST_NAME);
	} else {
		f->interval = person_interval(f, &v->t);
		name_intervals(f, v, SCORE_PERSONS_NAME);
	}
	f->z = f->p_z = f->p_fisher = f->p_mid = eh_undefined(EH_U_REPEATED);
	if (!v->independent)
		return;
	exact = eh_table_exact(&v->t);
	f->z = eh_table_z(&v->t);
	f->p_z = eh_p_of_z(f->z);
	f->p_fisher = exact.fisher;
	f->p_mid = exact.mid_a;
}

/* In no stratum is a person twice (strata_rows.h), but one in several ties them together. */
static void set_homogeneity(struct eh_finding *f, const struct view *v)
{
	const double each = (double)(v->t.n1 + v->t.n2) / (double)(f->persons + f->ref_persons);
	const double inflation = v->independent ? 1.0 : eh_homogeneity_inflation(v->var_mh, v->mh.var_ln, each);
	const struct eh_homogeneity h = eh_homogeneity(&v->mh, v->strata, v->d->cube->n_strata, inflation);

	f->homogeneity_test = h.test;
	f->p_homogeneity = h.p;
	f->homogeneity_inflation = eh_num(inflation);
}

static void set_strata(struct eh_finding *f, const struct view *v)
{
	f->mh_ratio = f->p_cmh = f->p_breslow_day = eh_undefined(EH_U_ONE_STRATUM);
	f->p_homogeneity = f->homogeneity_inflation = f->mh_ratio;
	f->homogeneity_test = EH_STRATA_UNTESTED;
	f->mh_interval = no_interval(EH_U_ONE_STRATUM);
	if (!v->stratified)
		return;
	f->mh_ratio = v->mh.ratio;
	f->p_cmh = v->mh.p_cmh;
	f->p_breslow_day = v->mh.p_breslow_day;
	set_homogeneity(f, v);
	f->mh_interval = v->var_mh.defined ? eh_log_interval(v->mh.ratio.value, v->var_mh.value) :
			 v->mh.both == 0 ? no_interval(v->mh.apart) : person_interval(f, &v->mh.comparable);
}

/* The strata decide, and none of them has both sides. */
static bool apart(const struct view *v)
{
	return v->by_strata && v->mh.both == 0;
}

/* Of the table, or tables, that decide. */
static const struct eh_strata *weighed(const struct view *v)
{
	return v->by_strata ? &v->mh : &v->plain;
}

static const struct eh_slice *deciding(const struct view *v)
{
	return v->flat.cell != NULL ? &v->flat : v->d->slice;
}

/* Pattern by pattern the slice's, in one stratum: persons with as many decisions as each other are then one block.  All
 * but cell and block is borrowed. */
static int flatten(struct view *v, struct eh_err *err)
{
	const struct eh_slice *s = v->d->slice;
	const size_t cells = s->start[s->n_patterns];
	const struct eh_units *units = NULL;
	struct eh_units own;
	int rc;

	if (!v->stratified || v->by_strata || v->independent)
		return EH_OK;
	rc = eh_units_of(&units, &own, s, err);
	if (rc < 0)
		return rc;
	v->by_history = units->nested || units->unknown;
	eh_units_free(&own);
	v->flat = *s;
	v->flat.units = NULL;
	v->flat.cell = eh_try_malloc(cells + 1, sizeof *v->flat.cell);
	v->flat.block = eh_try_malloc(s->n_patterns + 1, sizeof *v->flat.block);
	if (v->flat.cell == NULL || v->flat.block == NULL)
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory for %zu decisions", s->n);
	v->flat.n_strata = 1;
	v->flat.n_blocks = 0;
	for (size_t i = 0; i < cells; i++)
		v->flat.cell[i] = s->cell[i] & 1u;
	for (size_t p = 0; p < s->n_patterns; p++) {
		v->flat.block[p] = eh_pattern_size(s, p);
		if (v->flat.block[p] >= v->flat.n_blocks)
			v->flat.n_blocks = (size_t)v->flat.block[p] + 1;
	}
	return EH_OK;
}

static double spread_of(const struct eh_finding *f)
{
	return eh_anytime_spread(f->limit_num, f->limit_den);
}

/* Undefined for the same reason as the p for one look. */
static void set_anytime(struct eh_finding *f, struct view *v, struct eh_evidence e)
{
	v->evidence = e;
	f->p_anytime = f->p.defined ? eh_anytime_p(e, spread_of(f)) : f->p;
}

/* The predicted classes have taken over p: its evidence is that of the estimate. */
static void set_anytime_screened(struct eh_finding *f, struct view *v, const struct eh_peer *peer)
{
	const double n = (double)(v->t.n1 + v->t.n2);

	if (f->basis != EH_BASIS_SCREENING)
		return;
	set_anytime(f, v, eh_evidence_of_p(f->p, peer->has ? peer->v : 0.0,
					   n > 0.0 ? (double)(v->t.a + v->t.b) / n : 1.0));
}

/* Where everybody has one decision nothing looks at them. */
static int need_sides(struct view *v, struct eh_err *err)
{
	const struct eh_slice *s = v->d->slice;

	if (v->side != NULL)
		return EH_OK;
	v->side = eh_try_malloc(s->n_patterns + 1, sizeof *v->side);
	if (v->side == NULL)
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory for %zu persons", s->n_persons);
	eh_cube_sides(v->side, s, v->d->index, v->g, v->reference);
	return EH_OK;
}

static int test_clusters(struct eh_cluster_test *out, struct view *v, struct eh_err *err)
{
	int rc = EH_OK;

	if (v->independent && eh_cluster_strata(out, v->d->slice, v->strata))
		return EH_OK;
	rc = need_sides(v, err);
	/* blocks of people with as many decisions would be blocks of the advanced and of the others */
	if (rc == EH_OK && v->by_history)
		return eh_cluster_sandwich(out, deciding(v), v->side, err);
	return rc == EH_OK ? eh_cluster_test(out, deciding(v), v->side, err) : rc;
}

/* p of the finding: the candidate is the unit. */
static int set_p(struct eh_finding *f, struct view *v, struct eh_err *err)
{
	struct eh_cluster_test test;
	enum eh_undef state = eh_table_state(&v->t);
	int rc;

	if (v->independent && !v->by_strata) {
		f->p = f->p_mid;
		snprintf(f->p_method, sizeof f->p_method, MID_P_NAME);
		set_anytime(f, v,
			    eh_evidence((double)v->t.a - v->plain.expected, v->plain.variance, v->plain.variance));
		return EH_OK;
	}
	rc = test_clusters(&test, v, err);
	if (rc < 0)
		return rc;
	f->p = !test.p.defined && apart(v) ? eh_undefined(v->mh.apart) :
	       !test.p.defined && state != EH_U_NONE ? eh_undefined(state) : test.p;
	snprintf(f->p_method, sizeof f->p_method, "%s", eh_cluster_method_text(test.method));
	set_anytime(f, v, eh_evidence(test.score, test.variance, weighed(v)->variance));
	return EH_OK;
}

/* At the level that one comparison alone has to reach. */
static void set_detectable(struct eh_finding *f, const struct eh_work *w)
{
	const double alpha = f->alpha.value;

	f->detectable = eh_undefined(EH_U_EMPTY_GROUP);
	if (w->by_strata && w->mh_ratio.why == EH_U_NO_COMMON_STRATUM)
		f->detectable = w->mh_ratio;
	else if (f->persons > 0 && f->ref_persons > 0)
		f->detectable = eh_detectable(w->focal, w->rest, f->ref_rate.value,
					      f->anytime ? eh_anytime_level(alpha, w->evidence.information,
									    spread_of(f)) :
							   alpha);
}

static int set_effective(struct eh_work *w, const struct eh_finding *f, const struct view *v, struct eh_err *err)
{
	w->focal = (double)f->persons;
	w->rest = (double)f->ref_persons;
	if (v->independent || f->persons == 0 || f->ref_persons == 0)
		return EH_OK;
	return eh_cluster_effective(&w->focal, &w->rest, deciding(v), v->side,
				    v->flat.cell != NULL ? &v->t : v->strata, err);
}

static void set_shortfall(struct eh_finding *f, const struct view *v)
{
	uint64_t most = eh_cube_most(v->d->cube, v->g, v->reference);
	struct eh_num missing = v->by_strata ? eh_num(v->mh.shortfall) : eh_table_shortfall(&v->t);

	if (apart(v))
		missing = eh_undefined(v->mh.apart);
	f->shortfall = missing.defined && !v->independent ?
		       eh_num(missing.value * (double)f->persons / (double)v->t.n1) : missing;
	/* the order that decides: a plain order that the strata reverse says nothing about it */
	f->flips = v->by_strata ? eh_strata_flips(&v->mh, most) : eh_table_flips(&v->t, most);
}

static void set_decision(struct eh_finding *f, const struct view *v)
{
	f->basis = EH_BASIS_KNOWN;
	f->rests_on = v->by_strata ? EH_RATIO_STRATIFIED : EH_RATIO_PLAIN;
	f->ratio = v->by_strata ? f->mh_ratio : f->impact_ratio;
	f->ratio_interval = v->by_strata ? f->mh_interval : f->interval;
	f->ratio_below = v->by_strata ? eh_strata_below(&v->mh, f->limit_num, f->limit_den) : f->below_limit;
}

static int look(struct view *v, struct eh_finding *f, struct eh_err *err)
{
	const struct eh_cube *c = v->d->cube;
	size_t occupied = 0;
	int rc = EH_OK;

	eh_cube_strata(v->strata, c, v->g, v->reference);
	v->t = eh_cube_table(c, v->g, v->reference);
	f->ref_n = v->t.n2;
	f->ref_selected = v->t.b;
	f->ref_persons = eh_cube_persons(c, v->reference);
	f->ref_rate = eh_rate(v->t.b, v->t.n2);
	v->independent = v->t.n1 == f->persons && v->t.n2 == f->ref_persons;
	for (size_t k = 0; k < c->n_strata; k++)
		occupied += v->strata[k].n1 + v->strata[k].n2 > 0;
	v->stratified = occupied > 1;
	v->by_strata = v->stratified && !v->d->settings->plain_ratio;
	eh_strata(&v->plain, &v->t, 1);
	eh_strata(&v->mh, v->strata, c->n_strata);
	f->strata = v->mh.both;
	if (!v->independent)
		rc = need_sides(v, err);
	if (rc != EH_OK)
		return rc;
	v->var_plain = v->independent ? v->plain.var_ln :
		       eh_cluster_var_ln(v->d->slice, v->side, &v->t, true, &v->plain);
	v->var_mh = !v->stratified ? eh_undefined(EH_U_ONE_STRATUM) : v->independent ? v->mh.var_ln :
		    eh_cluster_var_ln(v->d->slice, v->side, v->strata, false, &v->mh);
	return EH_OK;
}

static enum eh_verdict_kind builtin(const struct eh_finding *f, uint64_t known_persons)
{
	if (f->persons < f->min_group || f->ref_persons < f->min_group || known_persons < f->min_total)
		return EH_TOO_FEW;
	if (f->below_limit == EH_YES)
		return EH_WATCH;
	/* without a ratio nothing is clean, unless it is the group alone that had anybody selected */
	if (f->below_limit == EH_UNKNOWN && !f->is_reference && (f->selected == 0 || f->ref_n == 0))
		return EH_CANNOT_CONCLUDE;
	return EH_OK_VERDICT;
}

/* A group against a reference that is not itself. */
static int compare(struct eh_finding *f, struct eh_work *w, const struct eh_scope_data *d, size_t g,
		   eh_groups reference, struct eh_err *err)
{
	struct view v = { .d = d, .g = g, .reference = reference };
	int rc = EH_ENOMEM;

	v.strata = eh_try_malloc(d->slice->n_strata + 1, sizeof *v.strata);
	if (v.strata == NULL) {
		eh_err_set(err, rc, "audit: out of memory for %zu strata", d->slice->n_strata);
		goto out;
	}
	rc = look(&v, f, err);
	if (rc != EH_OK)
		goto out;
	set_plain(f, &v);
	set_strata(f, &v);
	set_shortfall(f, &v);
	set_decision(f, &v);
	eh_measures_table(f, &v.t, v.by_strata ? &v.mh : NULL, v.independent, d->settings);
	eh_measures_unknown(f, &v.t, d->cube);
	rc = flatten(&v, err);
	if (rc == EH_OK)
		rc = set_p(f, &v, err);
	if (rc == EH_OK)
		rc = set_effective(w, f, &v, err);
	w->peer = eh_peer_of(&v.t, f->ratio, v.by_strata ? v.var_mh : v.var_plain, f->persons, f->ref_persons);
	f->builtin = builtin(f, d->cube->known_persons);
	w->compared = true;
	w->by_strata = v.by_strata;
	w->r = v.mh.r;
	w->s = v.mh.s;
	w->mh_ratio = v.mh.ratio;
	w->evidence = v.evidence;
	set_detectable(f, w);
	if (rc == EH_OK && eh_scope_predicted(d))
		rc = eh_screen(f, &w->peer, d, g, reference, err);
	w->peer.t = v.t;
	if (rc == EH_OK)
		set_anytime_screened(f, &v, &w->peer);
out:
	free(v.flat.cell);
	free(v.flat.block);
	free(v.side);
	free(v.strata);
	return rc;
}

/* The reference's own row: a ratio of 1 where it exists, nothing to test. */
static void set_reference(struct eh_finding *f, const struct eh_scope_data *d, size_t g)
{
	struct eh_fourfold self = eh_cube_table(d->cube, g, (eh_groups)1u << g);

	f->is_reference = true;
	f->ref_n = f->n;
	f->ref_selected = f->selected;
	f->ref_persons = f->persons;
	f->ref_rate = f->rate;
	f->impact_ratio = f->ratio = eh_table_ratio(&self);
	f->below_limit = f->ratio_below = f->impact_ratio.defined ? EH_NO : EH_UNKNOWN;
	f->builtin = builtin(f, d->cube->known_persons);
}

/* The reference group by rule, or -1: none (rest, or nobody has decisions). */
static int choose_reference(const struct eh_scope_data *d)
{
	switch (d->settings->reference) {
	case EH_REF_HIGHEST:
		if (eh_scope_predicted(d))
			return eh_screen_highest(d, d->eligible);
		return eh_cube_highest(d->cube, d->eligible);
	case EH_REF_FIXED:
	case EH_REF_MAJORITY:
		return d->fixed;
	default:
		return -1;
	}
}

static void begin(struct eh_finding *f, const struct eh_scope_data *d, size_t g)
{
	const struct eh_cube *c = d->cube;

	memcpy(f->group, d->attribute->groups[g], sizeof f->group);
	f->n = c->total[g].n;
	f->selected = c->total[g].selected;
	f->persons = c->persons[g];
	f->rate = eh_rate(f->selected, f->n);
	f->declared = c->declared;
	f->imported = c->imported;
	f->predicted = c->predicted;
	f->unknown = c->unknown;
	f->limit_num = d->settings->limit_num;
	f->limit_den = d->settings->limit_den;
	f->min_group = d->settings->min_group;
	f->min_total = d->settings->min_total;
	f->min_share = d->settings->min_share;
	f->alpha = eh_num(d->settings->alpha);
	f->anytime = d->settings->anytime;
	f->look = d->settings->look;
	f->below_two_percent = (d->eligible >> g & 1u) == 0;
	f->builtin = EH_TOO_FEW;
	f->verdict = EH_OK_VERDICT;
	f->scope = EH_SCOPE_NONE;
	snprintf(f->family_method, sizeof f->family_method, "%s", d->settings->family);
	set_undefined(f, EH_U_NOT_COMPUTED);
}

/* Two groups against each other are one test told twice. */
void eh_assess_tie(struct eh_finding *f, struct eh_work *w, const struct eh_scope_data *d)
{
	int first = -1, second = -1;

	if (d->settings->reference != EH_REF_REST)
		return;
	for (size_t g = 0; g < d->attribute->n_groups; g++) {
		if ((d->eligible >> g & 1u) == 0)
			continue;
		if (first >= 0 && second >= 0)
			return;
		if (first < 0)
			first = (int)g;
		else
			second = (int)g;
	}
	if (second < 0)
		return;
	w[second].mirror = true;
	f[second].p = f[first].p;
	f[second].p_anytime = f[first].p_anytime;
	f[second].p_em = f[first].p_em;
}

static int assess_group(struct eh_finding *f, struct eh_work *w, const struct eh_scope_data *d, size_t g,
			struct eh_err *err)
{
	int reference = choose_reference(d);
	eh_groups set = d->eligible & ~((eh_groups)1u << g);
	enum eh_undef why = EH_U_NONE;

	w[g] = (struct eh_work){ .mirror = false, .known_persons = d->cube->known_persons };
	begin(&f[g], d, g);
	if (d->settings->reference == EH_REF_REST) {
		snprintf(f[g].reference, sizeof f[g].reference, "rest");
	} else if (reference >= 0) {
		memcpy(f[g].reference, d->attribute->groups[reference], sizeof(eh_name));
		set = (eh_groups)1u << reference;
	}
	if (f[g].below_two_percent || (d->fixed >= 0 && (d->eligible & set) == 0))
		why = EH_U_BELOW_TWO_PERCENT;
	else if (d->settings->reference != EH_REF_REST && reference < 0)
		why = EH_U_EMPTY_GROUP;
	else if (reference == (int)g)
		why = EH_U_IS_REFERENCE;
	else
		return compare(&f[g], &w[g], d, g, set, err);
	set_undefined(&f[g], why);
	w[g].peer.why = why;
	if (why == EH_U_IS_REFERENCE)
		set_reference(&f[g], d, g);
	return EH_OK;
}

int eh_assess_group(struct eh_finding *f, struct eh_work *w, const struct eh_scope_data *d, size_t g,
		    struct eh_err *err)
{
	char guard[EH_GUARD_MAX + 1];
	int rc = assess_group(f, w, d, g, err);

	if (rc == EH_OK && d->refused != NULL)
		eh_basis_refuse(&f[g], d, d->refused);
	else if (rc == EH_OK && d->cube->refused > 0 && eh_basis_words(guard, d->classifier))
		eh_basis_refuse(&f[g], d, guard);
	return rc;
}

/* Only whom and what it is about. */
static void forget(struct eh_finding *f)
{
	struct eh_finding blank;

	memset(&blank, 0, sizeof blank);
	memcpy(blank.evaluator, f->evaluator, sizeof blank.evaluator);
	memcpy(blank.attribute, f->attribute, sizeof blank.attribute);
	memcpy(blank.position, f->position, sizeof blank.position);
	memcpy(f, &blank, sizeof blank);
}

static int every_group(struct eh_finding *f, struct eh_work *w, const struct eh_scope_data *d, struct eh_err *err)
{
	int rc = EH_OK;

	for (size_t g = 0; g < d->attribute->n_groups && rc == EH_OK; g++)
		rc = eh_assess_group(f, w, d, g, err);
	return rc;
}

int eh_assess(struct eh_finding *f, struct eh_work *w, const struct eh_scope_data *d, struct eh_err *err)
{
	char guard[EH_GUARD_MAX + 1];
	struct eh_scope_data x = *d;
	int rc;

	if (eh_scope_predicted(d) && eh_basis_guard(guard, d))
		x.refused = guard;
	rc = every_group(f, w, &x, err);
	if (rc == EH_OK && eh_scope_predicted(&x) && eh_basis_settle(guard, f, w, &x)) {
		for (size_t g = 0; g < d->attribute->n_groups; g++)
			forget(&f[g]);
		x.refused = guard;
		rc = every_group(f, w, &x, err);
	}
	if (rc == EH_OK)
		eh_assess_tie(f, w, &x);
	return rc;
}

static void set_limit(struct eh_finding *f, const struct eh_work *w)
{
	const struct eh_fourfold t = { f->selected, f->n, f->ref_selected, f->ref_n };
	const struct eh_strata mh = { .r = w->r, .s = w->s, .ratio = w->mh_ratio };

	f->below_limit = eh_table_below(&t, f->limit_num, f->limit_den);
	f->ratio_below = w->by_strata ? eh_strata_below(&mh, f->limit_num, f->limit_den) : f->below_limit;
	f->p_anytime = f->p.defined ? eh_anytime_p(w->evidence, spread_of(f)) : f->p;
}

void eh_assess_limit(struct eh_finding *f, struct eh_work *w, const struct eh_audit_settings *s)
{
	const bool limit = f->limit_num != s->limit_num || f->limit_den != s->limit_den;
	const bool level = f->alpha.value < s->alpha || f->alpha.value > s->alpha || f->anytime != s->anytime ||
			   (limit && s->anytime);

	f->limit_num = s->limit_num;
	f->limit_den = s->limit_den;
	f->min_group = s->min_group;
	f->min_total = s->min_total;
	f->min_share = s->min_share;
	f->alpha = eh_num(s->alpha);
	f->anytime = s->anytime;
	f->look = s->look;
	memset(f->family_method, 0, sizeof f->family_method);
	memcpy(f->family_method, s->family, strnlen(s->family, sizeof f->family_method - 1));
	if (w->compared && limit)
		set_limit(f, w);
	w->late_limit = w->late_limit || (w->compared && limit);
	w->late_level = w->late_level || (w->compared && level);
	if (w->compared || f->is_reference)
		f->builtin = builtin(f, w->known_persons);
}

void eh_assess_late(struct eh_finding *f, struct eh_work *w)
{
	const struct eh_fourfold t = { f->selected, f->n, f->ref_selected, f->ref_n };

	if (w->late_limit && t.n1 == f->persons && t.n2 == f->ref_persons)
		f->posterior = eh_table_posterior(&t, f->limit_num, f->limit_den);
	if (w->late_level)
		set_detectable(f, w);
	w->late_limit = w->late_level = false;
}
