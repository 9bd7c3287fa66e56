/* What each fact means, in a few words: the fields themselves are the table in facts.c. */
#include <string.h>

#include "lua/names.h"

#define N_OF(a) (sizeof(a) / sizeof(a)[0])

static const struct {
	const char *name, *doc; /* "section.field" */
} docs[] = {
	{ "facts.evaluator", "the evaluator's id; \"\" in a pooled finding" },
	{ "facts.attribute", "such as \"sex\"" },
	{ "facts.group", "the group this finding is about" },
	{ "facts.position", "pooled per position; \"\" is all positions" },
	{ "facts.pooled", "over all evaluators" },
	{ "facts.reference", "\"rest\", or the name of the reference group" },
	{ "facts.is_reference", "this group is the reference itself" },
	{ "facts.n", "decisions on the group's persons with a known class" },
	{ "facts.selected", "of these, advanced" },
	{ "facts.ref_n", "decisions on the reference" },
	{ "facts.ref_selected", "of these, advanced" },
	{ "facts.persons", "persons of the group, the unit of every p and interval" },
	{ "facts.ref_persons", "persons of the reference" },
	{ "facts.strata", "position x stage x question with both sides present" },
	{ "facts.rate", "selected / n" },
	{ "facts.ref_rate", "ref_selected / ref_n" },
	{ "facts.impact_ratio", "rate / ref_rate" },
	{ "facts.undefined", "why impact_ratio is nil" },
	{ "facts.below_limit", "impact_ratio below the limit, by exact integers" },
	{ "facts.below_two_percent", "less than min_share of the pool: listed, not compared" },
	{ "facts.interval", "95 % interval of impact_ratio" },
	{ "facts.interval_method", "its name" },
	{ "facts.z", "of the plain table, only when persons are decisions" },
	{ "facts.p_z", "two-sided p of z" },
	{ "facts.p_fisher", "Fisher's exact test, two-sided" },
	{ "facts.p_mid", "two-sided mid-p" },
	{ "facts.shortfall", "persons fewer than at the reference's rate" },
	{ "facts.flips", "the swap of one person turns the order round" },
	{ "facts.mh_ratio", "Mantel-Haenszel ratio, with more than one stratum" },
	{ "facts.mh_interval", "its 95 % interval" },
	{ "facts.p_cmh", "Cochran-Mantel-Haenszel test" },
	{ "facts.p_breslow_day", "homogeneity of the strata" },
	{ "facts.detectable", "smallest ratio findable with power .8" },
	{ "facts.posterior", "probability that the true ratio is below the limit" },
	{ "facts.cohen_h", "effect size h, negative = the group is lower" },
	{ "facts.phi", "effect size phi, negative = the group is lower" },
	{ "facts.odds_ratio", "with strata Mantel-Haenszel's" },
	{ "facts.odds_interval", "its 95 % interval" },
	{ "facts.shortfall_pooled", "persons fewer than at the rate of both together" },
	{ "facts.p_boschloo", "Boschloo's test, computed when needs names it" },
	{ "facts.uncertain_n", "decisions on persons without a certain class" },
	{ "facts.uncertain_selected", "of these, advanced" },
	{ "facts.ratio_if_unknown_low", "impact_ratio at the least, wherever these belong" },
	{ "facts.ratio_if_unknown_high", "impact_ratio at the most" },
	{ "facts.scores", "scores of the group against its reference" },
	{ "facts.em", "the estimate with predicted classes" },
	{ "facts.assumption", "how far that rests on what is assumed about them" },
	{ "facts.basis", "known classes only, or with predicted ones" },
	{ "facts.ratio", "what decides: plain, Mantel-Haenszel or EM ratio" },
	{ "facts.ratio_interval", "its 95 % interval" },
	{ "facts.ratio_below", "ratio below the limit" },
	{ "facts.p", "candidate-clustered p of ratio" },
	{ "facts.p_method", "its name" },
	{ "facts.q", "p corrected in the family of the run" },
	{ "facts.q_holm", "p corrected by Holm" },
	{ "facts.family", "the correction that filled q" },
	{ "facts.p_anytime", "p of the same comparison that holds at any number of looks at growing data" },
	{ "facts.anytime", "q corrects p_anytime (looks = \"anytime\")" },
	{ "facts.look", "how often these growing data were audited, this time included; 0 = not known" },
	{ "facts.benchmark", "the second set of evaluators: the modelled outcome" },
	{ "facts.peers", "the evaluator against all others, leave-one-out" },
	{ "facts.provenance", "persons by where their class comes from" },
	{ "facts.limit", "the limit in force" },
	{ "facts.min_group", "smallest number of persons per group in force" },
	{ "facts.min_total", "smallest number of persons in all in force" },
	{ "facts.min_share", "smallest share of the pool that is compared" },
	{ "facts.alpha", "level of the tests in force" },
	{ "facts.builtin", "the built-in four-fifths result" },
	{ "facts.why", "reason why a number of this table is nil, by its name" },
	{ "facts.verdict", "only in summarise(): what check() said" },
	{ "facts.scope", "only in summarise()" },
	{ "facts.reason", "only in summarise()" },
	{ "facts.rule", "only in summarise()" },
	{ "interval.low", "lower end" },
	{ "interval.high", "upper end; nil where there is none" },
	{ "benchmark.evaluators", "evaluators in it" },
	{ "benchmark.n", "their decisions on the group" },
	{ "benchmark.selected", "of these, advanced" },
	{ "benchmark.rate", "selected / n" },
	{ "benchmark.impact_ratio", "of the benchmark's own counts" },
	{ "benchmark.deviation", "ratio minus the benchmark's" },
	{ "peers.ratio", "ratio to the others' ratio" },
	{ "peers.z", "of that ratio against 1" },
	{ "peers.p", "two-sided p of z" },
	{ "peers.q", "p corrected in its own family" },
	{ "em.ratio", "maximum-likelihood ratio" },
	{ "em.weighted", "posterior-weighted ratio" },
	{ "em.p", "likelihood-ratio p" },
	{ "em.interval", "95 % of ratio" },
	{ "em.n", "expected decisions of the group" },
	{ "em.selected", "of these, advanced" },
	{ "em.robust", "weighted is below the limit too" },
	{ "em.guard", "\"\" = guards met, else which was not" },
	{ "scores.n", "persons of the group with a score" },
	{ "scores.ref_n", "persons of the reference with a score" },
	{ "scores.median", "of everybody in the scope" },
	{ "scores.scoring_rate", "share strictly above the median" },
	{ "scores.ref_scoring_rate", "the same of the reference" },
	{ "scores.scoring_ratio", "scoring_rate / ref_scoring_rate" },
	{ "scores.cohen_d", "difference in pooled standard deviations" },
	{ "scores.hedges_g", "cohen_d corrected for small numbers" },
	{ "scores.p_welch", "Welch's t test, two-sided" },
	{ "scores.p_mann_whitney", "rank test, two-sided" },
	{ "scores.ks", "largest distance of the two distributions" },
	{ "supports.em", "em.ratio below the limit, its interval below 1" },
	{ "supports.weighted", "em.weighted below the limit" },
	{ "supports.bounds", "bounds.high below the limit" },
	{ "assumption.bounds", "of the ratio whatever decisions go by (Frechet)" },
	{ "assumption.cells", "of predicted persons behind bounds" },
	{ "assumption.supports", "which estimates find the ratio below the limit" },
	{ "assumption.n_eff", "decisions of known class that would tell as much" },
	{ "assumption.auc", "of the classifier, on persons unknown to it" },
	{ "assumption.auc_lo", "lower end of its 95 % interval" },
	{ "assumption.ece", "its calibration error" },
	{ "assumption.out_of_scope", "share of the predicted unlike the training" },
	{ "assumption.fit_p", "pool a mixture of the labelled scores, chi-square p" },
	{ "assumption.labelled", "persons of known class with a score" },
	{ "assumption.p_score", "score given class: small speaks against em.ratio" },
	{ "assumption.p_class", "class given score: small speaks against em.weighted" },
	{ "assumption.threshold_ratio", "most probable class taken as known; to compare only" },
	{ "assumption.abstain_ratio", "the same, of those above 0.8 alone" },
	{ "assumption.undetermined", "persons that abstain_ratio leaves out" },
	{ "assumption.matrix_ratio", "corrected by the confusion matrix (Rogan-Gladen)" },
	{ "assumption.matrix_condition", "condition number of that matrix" },
	{ "provenance.declared", "said by themselves" },
	{ "provenance.imported", "said by another record" },
	{ "provenance.predicted", "estimated by a model" },
	{ "provenance.unknown", "of no known class" },
	{ "limit.num", "4 of 4/5" },
	{ "limit.den", "5 of 4/5" },
	{ "family.method", "bh, holm, by or none" },
	{ "family.size", "tests in the family" },
};

static const struct {
	const char *section, *doc;
} sections[] = {
	{ "facts", "One evaluator x attribute x group, read-only.  A field that is not listed here raises." },
	{ "interval", "Two ends of an interval, nil where there is none." },
	{ "benchmark", "The second set of evaluators: the modelled outcome." },
	{ "peers", "The evaluator against all others, leave-one-out." },
	{ "em", "Estimates with predicted classes; nil when nobody is predicted." },
	{ "scores", "One score per person of the group and of its reference; nil where there are none." },
	{ "supports", "Which estimates find the ratio below the limit." },
	{ "assumption",
	  "How far em.ratio rests on what is assumed about unseen classes; nil when nobody is predicted." },
	{ "provenance", "Persons by where their class comes from." },
	{ "limit", "Two integers: a ratio of exactly num/den is not below it." },
	{ "family", "The tests that were corrected together." },
};

const char *eh_script_fact_doc(const char *section, const char *field)
{
	size_t len = strlen(section);

	for (size_t i = 0; i < N_OF(docs); i++)
		if (strncmp(docs[i].name, section, len) == 0 && docs[i].name[len] == '.' &&
		    strcmp(docs[i].name + len + 1, field) == 0)
			return docs[i].doc;
	return NULL;
}

const char *eh_script_section_doc(const char *section)
{
	for (size_t i = 0; i < N_OF(sections); i++)
		if (strcmp(sections[i].section, section) == 0)
			return sections[i].doc;
	return NULL;
}

const char *eh_script_fact_doc_at(size_t i) { return i < N_OF(docs) ? docs[i].name : NULL; }
