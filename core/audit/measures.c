/* Effect sizes, posterior and bounds of a finding; see measures.h. */
#include "audit/measures.h"

#include "audit/bounds.h"
#include "audit/screening.h"

void eh_measures_none(struct eh_finding *f, enum eh_undef why)
{
	struct eh_num none = eh_undefined(why), no_scores = eh_undefined(EH_U_NO_SCORES);

	f->posterior = f->cohen_h = f->phi = f->odds_ratio = f->odds_interval.low = f->odds_interval.high = none;
	f->shortfall_pooled = f->p_boschloo = f->ratio_if_unknown_low = f->ratio_if_unknown_high = none;
	f->uncertain_n = f->uncertain_selected = 0;
	f->p_homogeneity = f->homogeneity_inflation = none;
	f->homogeneity_test = EH_STRATA_UNTESTED;
	f->scores = (struct eh_finding_scores){ 0,	   0,	      no_scores, no_scores, no_scores, no_scores,
						no_scores, no_scores, no_scores, no_scores, no_scores, false };
	eh_assumption_none(&f->assume, EH_U_NOT_COMPUTED);
}

/* In persons: the decisions' shortfall by the decisions of a person. */
static struct eh_num shortfall(const struct eh_finding *f, const struct eh_fourfold *t, const struct eh_strata *mh)
{
	struct eh_num missing = eh_table_shortfall_pooled(t);

	if (mh != NULL && mh->both > 0)
		missing = eh_num(mh->expected - (double)mh->comparable.a);
	else if (mh != NULL)
		missing = eh_undefined(mh->apart);
	return missing.defined ? eh_num(missing.value * ((double)f->persons / (double)t->n1)) : missing;
}

void eh_measures_table(struct eh_finding *f, const struct eh_fourfold *t, const struct eh_strata *mh, bool independent,
		       const struct eh_audit_settings *s)
{
	f->cohen_h = eh_table_h(t);
	f->phi = eh_table_phi(t);
	f->shortfall_pooled = shortfall(f, t, mh);
	f->odds_ratio = mh != NULL ? mh->odds : eh_table_odds(t);
	f->posterior = f->odds_interval.low = f->odds_interval.high = eh_undefined(EH_U_REPEATED);
	f->p_boschloo = eh_undefined(s->boschloo ? EH_U_REPEATED : EH_U_NOT_ASKED);
	if (!independent)
		return;
	f->posterior = eh_table_posterior(t, f->limit_num, f->limit_den);
	if (mh != NULL) {
		f->odds_interval = mh->odds_interval;
	} else {
		struct eh_strata plain;

		eh_strata(&plain, t, 1);
		f->odds_interval = plain.odds_interval;
	}
	if (s->boschloo)
		f->p_boschloo = eh_table_boschloo(t);
}

void eh_measures_unknown(struct eh_finding *f, const struct eh_fourfold *t, const struct eh_cube *cube)
{
	const struct eh_interval ends = eh_bounds_unknown(t, cube->unsure.n, cube->unsure.selected);

	f->uncertain_n = cube->unsure.n;
	f->uncertain_selected = cube->unsure.selected;
	f->ratio_if_unknown_low = ends.low;
	f->ratio_if_unknown_high = ends.high;
}
