/* The numbers of one finding without the formulas: one line a kind, in the words of explain and the names of --json. */
#include <stdlib.h>
#include <string.h>

#include "audit/strata.h"
#include "base/mem.h"
#include "exchange/exchange.h"
#include "exchange/explain.h"

#define TEXT_MAX 32768
/* Why Breslow-Day's p is not gone by. */
static const char *unfit(const struct eh_finding *f)
{
	return f->homogeneity_inflation.defined && f->homogeneity_inflation.value > 1.0 ?
		       "the same persons are in several strata" :
		       "the strata are too small for that test";
}

struct eh_clause eh_alike_words(const struct eh_finding *f, const char *before)
{
	const bool older = !f->p_homogeneity.defined && f->p_homogeneity.why == EH_U_NOT_COMPUTED;
	const enum eh_strata_test test = f->homogeneity_test;
	char beside[192] = "";
	struct eh_clause c = { "" };

	if (f->p_breslow_day.defined && test != EH_STRATA_BRESLOW_DAY)
		(void)snprintf(beside, sizeof beside, "Breslow-Day p %.60s %s", eh_real(f->p_breslow_day, "p").text,
			       older ? "of an earlier version, which did not ask whether that test holds here" :
				       "does not hold, as ");
	if (beside[0] != '\0' && !older)
		(void)snprintf(beside + strlen(beside), sizeof beside - strlen(beside), "%s", unfit(f));
	if (f->p_homogeneity.defined)
		(void)snprintf(c.text, sizeof c.text, "%s%s p %.60s: %s%s%s", before, eh_strata_test_name(test),
			       eh_real(f->p_homogeneity, "p").text,
			       f->p_homogeneity.value < EH_STRATA_DIFFER_P ?
				       "they DISAGREE, one common ratio hides that" :
				       "no sign that they differ",
			       beside[0] != '\0' ? "; " : "", beside);
	else if (older && beside[0] != '\0')
		(void)snprintf(c.text, sizeof c.text, "%s%s", before, beside);
	else if (!older)
		(void)snprintf(c.text, sizeof c.text, "%scannot be told (%s)%s%s", before,
			       eh_undef_text(f->p_homogeneity.why), beside[0] != '\0' ? "; " : "", beside);
	return c;
}

static void tests(struct eh_buf *b, const struct eh_finding *f)
{
	char plain[256] = "";

	/* of the reference itself, and of what cannot be tested, there is no test to name */
	if (f->p.defined && f->p_method[0] != '\0')
		eh_para(b, "Test", "p %s, %s; corrected p %s, family %s over %u%s%s", eh_real(f->p, "p").text,
			f->p_method, eh_real(f->q, "p").text, f->family_method[0] != '\0' ? f->family_method : "none",
			f->family_size, f->p_anytime.defined ? "; p for any number of looks " : "",
			f->p_anytime.defined ? eh_real(f->p_anytime, "p").text : "");
	eh_listed(plain, sizeof plain, "Fisher p", f->p_fisher, "p");
	eh_listed(plain, sizeof plain, "mid-p", f->p_mid, "p");
	eh_listed(plain, sizeof plain, "z", f->z, "+");
	eh_listed(plain, sizeof plain, "Cochran-Mantel-Haenszel p", f->p_cmh, "p");
	eh_listed(plain, sizeof plain, "Boschloo p", f->p_boschloo, "p");
	if (plain[0] != '\0')
		eh_para(b, "", "counted as single decisions: %s", plain);
	if (f->strata > 1 && !f->is_reference)
		eh_para(b, "Strata", "%u strata%s", f->strata, eh_alike_words(f, "; ").text);
	for (unsigned bit = EH_NOTE_UNEQUAL; bit <= EH_NOTE_LAST; bit <<= 1)
		if ((eh_strata_notes(f) & bit) != 0)
			eh_para(b, "Warning", "%s", eh_strata_note_text(f, bit));
}

static void sizes(struct eh_buf *b, const struct eh_finding *f)
{
	char size[256] = "";
	const char *odds = f->strata > 1 && f->rests_on != EH_RATIO_PLAIN ? "Mantel-Haenszel odds ratio" : "odds ratio";

	if (f->is_reference)
		return;
	if (f->shortfall.defined && f->shortfall.value < 0.0)
		(void)snprintf(size, sizeof size, "%s", eh_shortfall_words(f).text);
	else if (f->shortfall.defined)
		(void)snprintf(size, sizeof size, "shortfall %.1f persons", f->shortfall.value);
	eh_listed(size, sizeof size, "Cohen's h", f->cohen_h, "+");
	eh_listed(size, sizeof size, "phi", f->phi, "+");
	eh_listed(size, sizeof size, odds, f->odds_ratio, "");
	if (size[0] != '\0')
		eh_para(b, "Effect", "%s%s%s%s", size, f->odds_interval.low.defined ? " (95 % interval " : "",
			f->odds_interval.low.defined ? eh_ends(f->odds_interval).text : "",
			f->odds_interval.low.defined ? ")" : "");
	if (f->posterior.defined)
		eh_para(b, "Posterior", "probability of a true ratio below the limit (Jeffreys priors) %s",
			eh_real(f->posterior, "posterior").text);
	eh_para(b, "One person", "the swap of one person %s", eh_swap_words(f->flips));
	if (f->detectable.defined)
		eh_para(b, "Detectable", "the smallest ratio that these numbers could find with power .8 is %s",
			eh_real(f->detectable, "").text);
	else
		eh_para(b, "Detectable", "the smallest ratio that could be found is not defined: %s",
			eh_undef_words(f->detectable.why));
}

static void others(struct eh_buf *b, const struct eh_finding *f)
{
	char apart[256] = "";

	eh_listed(apart, sizeof apart, "ratio divided by that of all others", f->peers_ratio, "");
	eh_listed(apart, sizeof apart, "theirs", f->peers_others, "");
	eh_listed(apart, sizeof apart, "z", f->peers_z, "+");
	eh_listed(apart, sizeof apart, "p", f->peers_p, "p");
	eh_listed(apart, sizeof apart, "corrected p", f->peers_q, "p");
	if (apart[0] != '\0')
		eh_para(b, "Peers", "%s", apart);
	if (f->bench_n > 0)
		eh_para(b, "Benchmark",
			"%u evaluator%s within the limit: %llu of %llu favourable, ratio %s%s%s; deviation %s%s%s",
			f->bench_evaluators, f->bench_evaluators == 1 ? "" : "s", (unsigned long long)f->bench_selected,
			(unsigned long long)f->bench_n, eh_real(f->bench_ratio, "").text,
			f->bench_interval.low.defined ? ", 95 % interval " : "",
			f->bench_interval.low.defined ? eh_ends(f->bench_interval).text : "",
			eh_real(f->deviation, "+").text,
			f->deviation_interval.low.defined ? ", 95 % interval " : "",
			f->deviation_interval.low.defined ? eh_ends(f->deviation_interval).text : "");
	else if (f->evaluator[0] != '\0' && !f->is_reference)
		eh_para(b, "Benchmark", "none: %s", eh_undef_words(f->deviation.why));
	if (f->paired.pairs > 0)
		eh_para(b, "Pairs",
			"%llu shared: %llu advanced by the evaluator only, %llu by the set only, mid-p %s; against the "
			"reference %s",
			(unsigned long long)f->paired.pairs, (unsigned long long)f->paired.first,
			(unsigned long long)f->paired.second, eh_real(f->paired.p, "p").text,
			eh_real(f->paired.p_group, "p").text);
	if (eh_scope_words(f)[0] != '\0')
		eh_para(b, "Grade", "%s", eh_scope_words(f));
}

static void predicted(struct eh_buf *b, const struct eh_finding *f)
{
	const struct eh_finding_assumption *a = &f->assume;

	if (f->basis == EH_BASIS_KNOWN && f->guard[0] != '\0')
		eh_para(b, "Predicted", "refused, %llu persons count as unknown: %s",
			(unsigned long long)f->assume.refused, f->guard);
	if (f->basis != EH_BASIS_SCREENING || !f->em_ratio.defined)
		return;
	eh_para(b, "Predicted", "bias acts on class: %s; on appearance as the model sees it: %s (%s)",
		eh_real(f->em_ratio, "").text, eh_real(f->weighted_ratio, "").text,
		f->robust == a->em_supports ? "both say the same" : "they differ on the limit");
	eh_para(b, "", "without any assumption: %s (Frechet bounds)", eh_ends(a->bounds).text);
	if (a->auc.defined)
		eh_para(b, "", "classifier: AUC %s, lower end %s", eh_real(a->auc, "").text,
			eh_real(a->auc_lo, "").text);
}

static void scores(struct eh_buf *b, const struct eh_finding_scores *s)
{
	char share[256] = "", distance[256] = "";

	eh_listed(share, sizeof share, "median", s->median, "");
	eh_listed(share, sizeof share, "share above it", s->scoring_rate, "");
	eh_listed(share, sizeof share, "the reference's", s->ref_scoring_rate, "");
	eh_listed(share, sizeof share, "their ratio", s->scoring_ratio, "");
	eh_listed(distance, sizeof distance, "Cohen's d", s->cohen_d, "+");
	eh_listed(distance, sizeof distance, "Hedges' g", s->hedges_g, "+");
	eh_listed(distance, sizeof distance, "rank test p", s->p_mann_whitney, "p");
	eh_listed(distance, sizeof distance, "Welch p", s->p_welch, "p");
	eh_listed(distance, sizeof distance, "largest distance", s->ks, "");
	if (share[0] != '\0')
		eh_para(b, "Scores", "%llu and %llu persons: %s", (unsigned long long)s->n,
			(unsigned long long)s->ref_n, share);
	if (distance[0] != '\0')
		eh_para(b, share[0] != '\0' ? "" : "Scores", "%s", distance);
}

/* "60 (83 %)" */
static struct eh_words part(uint64_t n, uint64_t all)
{
	struct eh_words s = { "" };

	(void)snprintf(s.text, sizeof s.text, "%llu (%.0f %%)", (unsigned long long)n,
		       all > 0 ? 100.0 * (double)n / (double)all : 0.0);
	return s;
}

static void classes(struct eh_buf *b, const struct eh_finding *f)
{
	const uint64_t all = f->declared + f->imported + f->predicted + f->unknown;

	eh_para(b, "Classes", "persons: declared %s, imported %s, predicted %s, unknown %s",
		part(f->declared, all).text, part(f->imported, all).text, part(f->predicted, all).text,
		part(f->unknown, all).text);
	if (f->uncertain_n > 0 && f->ratio_if_unknown_low.defined)
		eh_para(b, "",
			"%llu decision%s on persons of %s class: with them the plain ratio would lie between %s and %s",
			(unsigned long long)f->uncertain_n, f->uncertain_n == 1 ? "" : "s",
			f->predicted > 0 ? "predicted or unknown" : "unknown",
			eh_real(f->ratio_if_unknown_low, "").text,
			f->ratio_if_unknown_high.defined ? eh_real(f->ratio_if_unknown_high, "").text : "no upper end");
}

char *eh_numbers_text(const struct eh_finding *f)
{
	char *text = NULL;
	struct eh_buf b;

	eh_buf_init(&b, TEXT_MAX);
	tests(&b, f);
	sizes(&b, f);
	others(&b, f);
	predicted(&b, f);
	scores(&b, &f->scores);
	classes(&b, f);
	eh_para(&b, "Built in", "four-fifths result %s", eh_verdict_text(f->builtin));
	text = eh_xstrdup(eh_buf_cstr(&b));
	eh_buf_free(&b);
	return text;
}
