/* One finding as a JSON object (DESIGN.md 4.3); the document around it: json.c. */
#include "exchange/json_finding.h"

#include <string.h>

#include "audit/scores.h"
#include "audit/screening.h"
#include "audit/strata.h"
#include "exchange/exchange.h"

#define WHY_MAX 200 /* more than a finding has values */

/* The values that do not exist, and why not; and the p-values that are told as a bound (base/num.h). */
struct why {
	size_t n;
	struct {
		const char *part[3]; /* of the value's name, "" = not there */
		const char *text;
	} v[WHY_MAX];
};

/* Notes the reason of an undefined value under PREFIX.KEY.END; PREFIX and END may be "". */
static void reason_of(struct why *why, const char *prefix, const char *key, const char *end, struct eh_num v)
{
	const char *text = eh_num_remark(key, v);

	if (text == NULL || why->n == WHY_MAX)
		return;
	why->v[why->n].part[0] = prefix;
	why->v[why->n].part[1] = key;
	why->v[why->n].part[2] = end;
	why->v[why->n++].text = text;
}

static void reason(struct why *why, const char *prefix, const char *key, struct eh_num v)
{
	reason_of(why, prefix, key, "", v);
}

static void write_reasons(struct eh_json_out *j, const struct why *why)
{
	eh_json_out_object(j, "why");
	for (size_t i = 0; i < why->n; i++) {
		char name[64], *p = name;

		for (size_t k = 0; k < 3; k++) {
			const size_t len = strlen(why->v[i].part[k]);

			if (len == 0 || p + len + 2 > name + sizeof name)
				continue;
			if (p > name)
				*p++ = '.';
			memcpy(p, why->v[i].part[k], len);
			p += len;
		}
		*p = '\0';
		eh_json_out_str(j, name, why->v[i].text);
	}
	eh_json_out_close(j);
}

static void number(struct eh_json_out *j, struct why *why, const char *prefix, const char *key, struct eh_num v)
{
	eh_json_out_num(j, key, eh_num_told(key, v));
	reason(why, prefix, key, v);
}

/* A count that there is only where `what` is defined. */
static void count(struct eh_json_out *j, struct why *why, const char *prefix, const char *key, uint64_t n,
		  struct eh_num what)
{
	if (what.defined)
		eh_json_out_int(j, key, (int64_t)n);
	else
		number(j, why, prefix, key, what);
}

/* [low, high]; the reasons of ends that are null stand under PREFIX.KEY.low and .high. */
static void interval(struct eh_json_out *j, struct why *why, const char *prefix, const char *key, struct eh_interval v)
{
	eh_json_out_array(j, key);
	eh_json_out_num(j, NULL, v.low);
	eh_json_out_num(j, NULL, v.high);
	eh_json_out_close(j);
	reason_of(why, prefix, key, "low", v.low);
	reason_of(why, prefix, key, "high", v.high);
}

/* Why the swap of one person could not be tried. */
static struct eh_num swap_state(const struct eh_finding *f)
{
	if (f->flips != EH_UNKNOWN)
		return eh_num(f->flips);
	if (f->is_reference)
		return eh_undefined(EH_U_IS_REFERENCE);
	if (!f->impact_ratio.defined)
		return f->impact_ratio;
	return f->ratio.defined ? eh_undefined(EH_U_SWAP_IMPOSSIBLE) : f->ratio;
}

static void counts(struct eh_json_out *j, const struct eh_finding *f)
{
	eh_json_out_str(j, "evaluator", f->evaluator[0] != '\0' ? f->evaluator : NULL);
	eh_json_out_str(j, "attribute", f->attribute);
	eh_json_out_str(j, "group", f->group);
	eh_json_out_str(j, "position", f->position[0] != '\0' ? f->position : NULL);
	eh_json_out_str(j, "reference", f->reference);
	eh_json_out_bool(j, "is_reference", f->is_reference);
	eh_json_out_int(j, "n", (int64_t)f->n);
	eh_json_out_int(j, "selected", (int64_t)f->selected);
	eh_json_out_int(j, "ref_n", (int64_t)f->ref_n);
	eh_json_out_int(j, "ref_selected", (int64_t)f->ref_selected);
	eh_json_out_int(j, "persons", (int64_t)f->persons);
	eh_json_out_int(j, "ref_persons", (int64_t)f->ref_persons);
	eh_json_out_int(j, "strata", f->strata);
}

/* What a finding of the policy's own is about besides: others have none of it. */
static void own(struct eh_json_out *j, const struct eh_finding *f)
{
	if (!f->own)
		return;
	eh_json_out_object(j, "own");
	eh_json_out_str(j, "subject", f->subject[0] != '\0' ? f->subject : NULL);
	eh_json_out_str(j, "stage", f->stage[0] != '\0' ? f->stage : NULL);
	eh_json_out_str(j, "question", f->question[0] != '\0' ? f->question : NULL);
	eh_json_out_str(j, "period", f->period[0] != '\0' ? f->period : NULL);
	eh_json_out_bool(j, "counted", f->counted);
	eh_json_out_close(j);
}

/* The test of like strata that holds; null: none does, or an earlier version did not ask. */
static void homogeneity(struct eh_json_out *j, struct why *why, const struct eh_finding *f)
{
	const char *test = eh_strata_test_text(f->homogeneity_test);

	number(j, why, "", "p_homogeneity", f->p_homogeneity);
	eh_json_out_str(j, "homogeneity_test", test[0] != '\0' ? test : NULL);
	number(j, why, "", "homogeneity_inflation", f->homogeneity_inflation);
}

static void plain_table(struct eh_json_out *j, struct why *why, const struct eh_finding *f)
{
	number(j, why, "", "rate", f->rate);
	number(j, why, "", "ref_rate", f->ref_rate);
	number(j, why, "", "impact_ratio", f->impact_ratio);
	eh_json_out_str(j, "undefined", f->impact_ratio.defined ? NULL : eh_undef_text(f->impact_ratio.why));
	eh_json_out_tri(j, "below_limit", f->below_limit);
	eh_json_out_bool(j, "below_two_percent", f->below_two_percent);
	interval(j, why, "", "interval", f->interval);
	eh_json_out_str(j, "interval_method", f->interval_method);
	number(j, why, "", "z", f->z);
	number(j, why, "", "p_z", f->p_z);
	number(j, why, "", "p_fisher", f->p_fisher);
	number(j, why, "", "p_mid", f->p_mid);
	number(j, why, "", "shortfall", f->shortfall);
	eh_json_out_tri(j, "flips", f->flips);
	reason(why, "", "flips", swap_state(f));
	number(j, why, "", "mh_ratio", f->mh_ratio);
	interval(j, why, "", "mh_interval", f->mh_interval);
	number(j, why, "", "p_cmh", f->p_cmh);
	number(j, why, "", "p_breslow_day", f->p_breslow_day);
	homogeneity(j, why, f);
	number(j, why, "", "detectable", f->detectable);
}

static void further(struct eh_json_out *j, struct why *why, const struct eh_finding *f)
{
	number(j, why, "", "posterior", f->posterior);
	number(j, why, "", "cohen_h", f->cohen_h);
	number(j, why, "", "phi", f->phi);
	number(j, why, "", "odds_ratio", f->odds_ratio);
	interval(j, why, "", "odds_interval", f->odds_interval);
	number(j, why, "", "shortfall_pooled", f->shortfall_pooled);
	number(j, why, "", "p_boschloo", f->p_boschloo);
	eh_json_out_int(j, "uncertain_n", (int64_t)f->uncertain_n);
	eh_json_out_int(j, "uncertain_selected", (int64_t)f->uncertain_selected);
	number(j, why, "", "ratio_if_unknown_low", f->ratio_if_unknown_low);
	number(j, why, "", "ratio_if_unknown_high", f->ratio_if_unknown_high);
}

static void scores(struct eh_json_out *j, struct why *why, const struct eh_finding_scores *s)
{
	eh_json_out_object(j, "scores");
	eh_json_out_int(j, "n", (int64_t)s->n);
	eh_json_out_int(j, "ref_n", (int64_t)s->ref_n);
	number(j, why, "scores", "median", s->median);
	number(j, why, "scores", "scoring_rate", s->scoring_rate);
	number(j, why, "scores", "ref_scoring_rate", s->ref_scoring_rate);
	number(j, why, "scores", "scoring_ratio", s->scoring_ratio);
	number(j, why, "scores", "cohen_d", s->cohen_d);
	number(j, why, "scores", "hedges_g", s->hedges_g);
	number(j, why, "scores", "p_welch", s->p_welch);
	number(j, why, "scores", "p_mann_whitney", s->p_mann_whitney);
	eh_json_out_str(j, "rank_method", s->p_mann_whitney.defined ? eh_rank_method_text(s->rank_exact) : NULL);
	number(j, why, "scores", "ks", s->ks);
	eh_json_out_close(j);
}

void eh_json_looks(struct eh_json_out *j, bool anytime, uint32_t look)
{
	eh_json_out_str(j, "looks", anytime ? "anytime" : "once");
	if (look > 0)
		eh_json_out_int(j, "look", look);
	else
		eh_json_out_null(j, "look");
}

static void decisive(struct eh_json_out *j, struct why *why, const struct eh_finding *f)
{
	eh_json_out_str(j, "basis", f->basis == EH_BASIS_KNOWN ? "known" : "screening");
	number(j, why, "", "ratio", f->ratio);
	eh_json_out_str(j, "rests_on", eh_ratio_kind_text(f->rests_on));
	interval(j, why, "", "ratio_interval", f->ratio_interval);
	eh_json_out_tri(j, "ratio_below", f->ratio_below);
	number(j, why, "", "p", f->p);
	eh_json_out_str(j, "p_method", f->p_method);
	number(j, why, "", "q", f->q);
	number(j, why, "", "q_holm", f->q_holm);
	eh_json_out_int(j, "family_size", f->family_size);
	if (f->family_rank > 0)
		eh_json_out_int(j, "family_rank", f->family_rank);
	else
		eh_json_out_null(j, "family_rank");
	number(j, why, "", "p_anytime", f->p_anytime);
	eh_json_looks(j, f->anytime, f->look);
}

static const struct eh_num there = { 1.0, EH_U_NONE, true };

static void benchmark(struct eh_json_out *j, struct why *why, const struct eh_finding *f)
{
	const struct eh_num set = f->bench_evaluators > 0 ? there : f->bench_rate;
	/* a finding that an earlier version stored has the set, and does not say what of */
	const struct eh_num of = f->bench_kind != EH_BENCH_NONE ? there :
				 set.defined			? eh_undefined(EH_U_NOT_COMPUTED) : set;

	eh_json_out_object(j, "benchmark");
	count(j, why, "benchmark", "evaluators", f->bench_evaluators, set);
	eh_json_out_str(j, "same", f->bench_kind != EH_BENCH_NONE ? eh_bench_kind_text(f->bench_kind) : NULL);
	count(j, why, "benchmark", "strata", f->bench_strata, of);
	count(j, why, "benchmark", "n", f->bench_n, set);
	count(j, why, "benchmark", "selected", f->bench_selected, set);
	number(j, why, "benchmark", "rate", f->bench_rate);
	number(j, why, "benchmark", "impact_ratio", f->bench_ratio);
	interval(j, why, "benchmark", "interval", f->bench_interval);
	number(j, why, "benchmark", "deviation", f->deviation);
	interval(j, why, "benchmark", "deviation_interval", f->deviation_interval);
	eh_json_out_str(j, "deviation_method", eh_deviation_method(f)[0] != '\0' ? eh_deviation_method(f) : NULL);
	eh_json_out_close(j);
}

static void paired(struct eh_json_out *j, struct why *why, const struct eh_finding *f)
{
	const struct eh_finding_paired *x = &f->paired;
	const struct eh_num both = f->bench_kind == EH_BENCH_CANDIDATES ? there : x->p;

	eh_json_out_object(j, "paired");
	count(j, why, "paired", "pairs", x->pairs, both);
	count(j, why, "paired", "first", x->first, both);
	count(j, why, "paired", "second", x->second, both);
	count(j, why, "paired", "split", x->split, both);
	count(j, why, "paired", "ref_pairs", x->ref_pairs, both);
	count(j, why, "paired", "ref_first", x->ref_first, both);
	count(j, why, "paired", "ref_second", x->ref_second, both);
	count(j, why, "paired", "ref_split", (uint64_t)x->ref_split.value, x->ref_split);
	number(j, why, "paired", "p", x->p);
	number(j, why, "paired", "p_group", x->p_group);
	eh_json_out_str(j, "method", x->p.defined || x->p_group.defined ? EH_PAIRED_METHOD : NULL);
	eh_json_out_close(j);
}

static void peers(struct eh_json_out *j, struct why *why, const struct eh_finding *f)
{
	const struct eh_num others = f->peers_others;

	eh_json_out_object(j, "peers");
	number(j, why, "peers", "ratio", f->peers_ratio);
	if (others.defined)
		eh_json_out_bool(j, "corrected", f->peers_corrected);
	else
		number(j, why, "peers", "corrected", others);
	count(j, why, "peers", "evaluators", f->peers_evaluators, others);
	number(j, why, "peers", "impact_ratio", others);
	count(j, why, "peers", "n", f->peers_n, others);
	count(j, why, "peers", "selected", f->peers_selected, others);
	count(j, why, "peers", "ref_n", f->peers_ref_n, others);
	count(j, why, "peers", "ref_selected", f->peers_ref_selected, others);
	number(j, why, "peers", "z", f->peers_z);
	number(j, why, "peers", "p", f->peers_p);
	number(j, why, "peers", "q", f->peers_q);
	eh_json_out_close(j);
}

static void expected_classes(struct eh_json_out *j, struct why *why, const struct eh_finding *f)
{
	eh_json_out_object(j, "em");
	number(j, why, "em", "ratio", f->em_ratio);
	interval(j, why, "em", "interval", f->em_interval);
	number(j, why, "em", "p", f->p_em);
	number(j, why, "em", "weighted_ratio", f->weighted_ratio);
	number(j, why, "em", "n", f->em_n);
	number(j, why, "em", "selected", f->em_selected);
	eh_json_out_bool(j, "robust", f->robust);
	eh_json_out_str(j, "guard", f->guard[0] != '\0' ? f->guard : NULL);
	eh_json_out_close(j);
}

/* How far an answer with predicted classes rests on what is assumed; "supports": which of the three go below the limit.
 */
static void assumption(struct eh_json_out *j, struct why *why, const struct eh_finding *f)
{
	const struct eh_finding_assumption *a = &f->assume;
	const char *const in = "assumption";

	eh_json_out_object(j, in);
	eh_json_out_array(j, "interval");
	eh_json_out_num(j, NULL, eh_assumption_end(f, false));
	eh_json_out_num(j, NULL, eh_assumption_end(f, true));
	eh_json_out_close(j);
	interval(j, why, in, "bounds", a->bounds);
	eh_json_out_int(j, "cells", a->cells);
	eh_json_out_object(j, "supports");
	eh_json_out_bool(j, "em", a->em_supports);
	eh_json_out_bool(j, "weighted", f->robust);
	eh_json_out_bool(j, "bounds", a->bounds_support);
	eh_json_out_close(j);
	number(j, why, in, "n_eff", a->n_eff);
	number(j, why, in, "auc", a->auc);
	number(j, why, in, "auc_lo", a->auc_lo);
	number(j, why, in, "ece", a->ece);
	number(j, why, in, "out_of_scope", a->out_of_scope);
	number(j, why, in, "fit_p", a->fit_p);
	eh_json_out_int(j, "labelled", (int64_t)a->labelled);
	number(j, why, in, "p_score", a->p_score);
	number(j, why, in, "p_class", a->p_class);
	number(j, why, in, "threshold_ratio", a->threshold_ratio);
	number(j, why, in, "abstain_ratio", a->abstain_ratio);
	eh_json_out_int(j, "undetermined", (int64_t)a->undetermined);
	number(j, why, in, "matrix_ratio", a->matrix_ratio);
	number(j, why, in, "matrix_condition", a->matrix_condition);
	eh_json_out_close(j);
}

static void provenance(struct eh_json_out *j, const struct eh_finding *f)
{
	eh_json_out_object(j, "provenance");
	eh_json_out_int(j, "declared", (int64_t)f->declared);
	eh_json_out_int(j, "imported", (int64_t)f->imported);
	eh_json_out_int(j, "predicted", (int64_t)f->predicted);
	eh_json_out_int(j, "unknown", (int64_t)f->unknown);
	eh_json_out_int(j, "refused", (int64_t)f->assume.refused);
	eh_json_out_close(j);
}

/* What must be said beside a stratified ratio. */
static void notes(struct eh_json_out *j, const struct eh_finding *f)
{
	eh_json_out_array(j, "notes");
	for (unsigned bit = EH_NOTE_UNEQUAL; bit <= EH_NOTE_LAST; bit <<= 1)
		if ((eh_strata_notes(f) & bit) != 0)
			eh_json_out_str(j, NULL, eh_strata_note_text(f, bit));
	eh_json_out_close(j);
}

void eh_json_put_finding(struct eh_json_out *j, const char *key, const struct eh_finding *f)
{
	static const char *const scopes[] = { NULL, "individual", "systemic" };
	struct why why;

	why.n = 0;
	eh_json_out_object(j, key);
	counts(j, f);
	own(j, f);
	plain_table(j, &why, f);
	further(j, &why, f);
	if (f->scores.n + f->scores.ref_n > 0)
		scores(j, &why, &f->scores);
	else
		eh_json_out_null(j, "scores");
	decisive(j, &why, f);
	benchmark(j, &why, f);
	paired(j, &why, f);
	peers(j, &why, f);
	expected_classes(j, &why, f);
	if (f->basis == EH_BASIS_SCREENING || (f->guard[0] != '\0' && !f->is_reference))
		assumption(j, &why, f);
	else
		eh_json_out_null(j, "assumption");
	provenance(j, f);
	eh_json_out_str(j, "builtin", eh_verdict_text(f->builtin));
	eh_json_out_str(j, "verdict", eh_verdict_text(f->verdict));
	eh_json_out_str(j, "scope", (unsigned)f->scope < 3 ? scopes[f->scope] : NULL);
	eh_json_out_str(j, "reason", f->reason);
	eh_json_out_str(j, "rule", f->rule[0] != '\0' ? f->rule : NULL);
	notes(j, f);
	write_reasons(j, &why);
	eh_json_out_close(j);
}

struct eh_json *eh_json_finding(const struct eh_finding *f)
{
	struct eh_json_out *j = eh_json_out_new(NULL);

	eh_json_put_finding(j, NULL, f);
	return eh_json_out_tree(&j);
}
