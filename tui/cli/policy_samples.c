/* Made-up findings for authors; see policy.h. */
#include "cli/policy.h"

#include <stdio.h>
#include <string.h>

#include "audit/screening.h"

const char *const policy_sample_names[SAMPLES] = {
	"an evaluator: 15 of 50 against 30 of 50",
	"all evaluators together: the same",
	"the reference group itself",
	"few persons: 1 of 4 against 3 of 4",
	"nobody of the reference advanced: no ratio",
	"predicted classes: estimated ratio 0.5",
};

/* What the audit leaves undefined in a plain table without strata, predictions and other evaluators. */
static void sample_undefined(struct eh_finding *f)
{
	f->mh_ratio = f->p_cmh = f->p_breslow_day = f->p_homogeneity = eh_undefined(EH_U_ONE_STRATUM);
	f->mh_interval.low = f->mh_interval.high = eh_undefined(EH_U_ONE_STRATUM);
	f->cohen_h = f->phi = f->odds_ratio = f->odds_interval.low = f->odds_interval.high = f->shortfall_pooled =
		f->posterior = f->p_boschloo = f->p_anytime = f->ratio_if_unknown_low = f->ratio_if_unknown_high =
			eh_undefined(EH_U_NOT_COMPUTED);
	f->scores.median = f->scores.scoring_rate = f->scores.ref_scoring_rate = f->scores.scoring_ratio =
		f->scores.cohen_d = f->scores.hedges_g = f->scores.p_welch = f->scores.p_mann_whitney = f->scores.ks =
			eh_undefined(EH_U_NOT_COMPUTED);
	f->z = f->p_z = f->p_fisher = f->p_mid = eh_undefined(EH_U_NOT_COMPUTED);
	f->em_ratio = f->weighted_ratio = f->p_em = f->em_n = f->em_selected = eh_undefined(EH_U_NOBODY_PREDICTED);
	f->em_interval.low = f->em_interval.high = f->em_ratio;
	eh_assumption_none(&f->assume, EH_U_NOT_COMPUTED);
	eh_finding_alone(f, EH_U_NO_PEERS);
}

static struct eh_finding sample_base(const struct eh_policy_info *info)
{
	const struct eh_audit_settings *s = &info->settings;
	struct eh_finding f;

	memset(&f, 0, sizeof f);
	(void)snprintf(f.evaluator, sizeof f.evaluator, "SAMPLE");
	(void)snprintf(f.attribute, sizeof f.attribute, "%s", info->n_attributes > 0 ? info->attributes[0] : "sex");
	(void)snprintf(f.group, sizeof f.group, "female");
	(void)snprintf(f.reference, sizeof f.reference, "%s",
		       s->reference == EH_REF_REST    ? "rest"
		       : s->reference == EH_REF_FIXED ? s->fixed_reference
						      : "male");
	(void)snprintf(f.family_method, sizeof f.family_method, "%s", s->family);
	f.n = f.persons = f.ref_n = f.ref_persons = 50;
	f.selected = 15;
	f.ref_selected = 30;
	f.strata = 1;
	f.rate = eh_num(0.3);
	f.ref_rate = eh_num(0.6);
	f.impact_ratio = f.ratio = eh_num(0.5);
	f.below_limit = f.ratio_below = s->limit_den < 2 * s->limit_num ? EH_YES : EH_NO;
	f.flips = EH_NO;
	f.interval.low = f.ratio_interval.low = eh_num(0.31);
	f.interval.high = f.ratio_interval.high = eh_num(0.79);
	f.shortfall = eh_num(15.0);
	f.p = f.q = f.q_holm = eh_num(0.003);
	f.detectable = eh_num(0.55);
	f.family_size = 2;
	f.declared = 100;
	f.limit_num = s->limit_num;
	f.limit_den = s->limit_den;
	f.min_group = s->min_group;
	f.min_total = s->min_total;
	f.builtin = f.below_limit == EH_YES ? EH_WATCH : EH_OK_VERDICT;
	sample_undefined(&f);
	return f;
}

static void sample_without_test(struct eh_finding *f, enum eh_undef why)
{
	f->interval.low = f->interval.high = f->ratio_interval.low = f->ratio_interval.high = eh_undefined(why);
	f->p = f->q = f->q_holm = f->shortfall = f->detectable = eh_undefined(why);
	f->flips = EH_UNKNOWN;
}

static void sample_reference(struct eh_finding *f)
{
	f->is_reference = true;
	(void)snprintf(f->reference, sizeof f->reference, "%s", f->group);
	f->ref_selected = f->selected;
	f->ref_rate = f->rate;
	f->impact_ratio = f->ratio = eh_num(1.0);
	f->below_limit = f->ratio_below = EH_NO;
	f->builtin = EH_OK_VERDICT;
	sample_without_test(f, EH_U_IS_REFERENCE);
}

static void sample_few(struct eh_finding *f)
{
	f->n = f->persons = f->ref_n = f->ref_persons = 4;
	f->selected = 1;
	f->ref_selected = 3;
	f->rate = eh_num(0.25);
	f->ref_rate = eh_num(0.75);
	f->impact_ratio = f->ratio = eh_num(1.0 / 3.0);
	f->below_limit = f->ratio_below = 3 * f->limit_num > f->limit_den ? EH_YES : EH_NO;
	f->shortfall = eh_num(2.0);
	f->p = f->q = f->q_holm = eh_num(0.3);
	f->detectable = eh_undefined(EH_U_NOT_DETECTABLE);
	f->flips = EH_YES;
	f->declared = 8;
	f->builtin = EH_TOO_FEW;
}

static void sample_predicted(struct eh_finding *f)
{
	f->basis = EH_BASIS_SCREENING;
	f->em_ratio = f->ratio;
	f->weighted_ratio = eh_num(0.6);
	f->p_em = f->p;
	f->em_interval = f->ratio_interval;
	f->em_n = eh_num(50.0);
	f->em_selected = eh_num(15.0);
	f->robust = f->assume.em_supports = true;
	f->assume.bounds.low = eh_num(0.2);
	f->assume.bounds.high = eh_num(1.4);
	f->assume.cells = 5;
	f->assume.n_eff = eh_num(70.0);
	f->assume.auc = eh_num(0.93);
	f->assume.auc_lo = eh_num(0.88);
	f->assume.ece = eh_num(0.04);
	f->n = f->persons = f->ref_n = f->ref_persons = 25;
	f->selected = 8;
	f->ref_selected = 15;
	f->rate = eh_num(0.32);
	f->impact_ratio = eh_num(0.32 / 0.6);
	f->declared = f->predicted = 50;
}

struct eh_finding policy_sample(const struct eh_policy_info *info, size_t i)
{
	struct eh_finding f = sample_base(info);

	switch (i) {
	case SAMPLE_POOLED:
		f.evaluator[0] = '\0';
		break;
	case SAMPLE_REFERENCE:
		sample_reference(&f);
		break;
	case SAMPLE_FEW:
		sample_few(&f);
		break;
	case SAMPLE_NO_RATIO:
		f.ref_selected = 0;
		f.ref_rate = eh_num(0.0);
		f.impact_ratio = f.ratio = eh_undefined(EH_U_REFERENCE_NONE_SELECTED);
		f.below_limit = f.ratio_below = EH_UNKNOWN;
		f.builtin = EH_OK_VERDICT;
		sample_without_test(&f, EH_U_REFERENCE_NONE_SELECTED);
		break;
	case SAMPLE_PREDICTED:
		sample_predicted(&f);
		break;
	default:
		break;
	}
	return f;
}
