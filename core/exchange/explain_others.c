/* One finding beside all the others: the family of its p, the other evaluators, the second set. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audit/family.h"
#include "exchange/exchange.h"
#include "exchange/explain.h"

static unsigned long long whole(uint64_t n) { return (unsigned long long)n; }

static const char *plural(uint64_t n) { return n == 1 ? "" : "s"; }

/* ---- the family ---- */

static const char *family_words(const char *method)
{
	return strcmp(method, "bh") == 0     ? "Benjamini-Hochberg: few of those notified are innocent"
	       : strcmp(method, "holm") == 0 ? "Holm: few runs accuse anybody innocent"
	       : strcmp(method, "by") == 0   ? "Benjamini-Yekutieli: as bh, whatever depends on what"
					     : "no correction";
}

/* A number of the formula: more digits than a p is shown with, or the product could not be followed. */
static struct eh_words digits(double v)
{
	struct eh_words s = { "" };

	(void)snprintf(s.text, sizeof s.text, "%.4g", v);
	return s;
}

/* How q is made of p; what the steps of the others make of it is told in words. */
static void formula(struct eh_buf *b, const struct eh_finding *f, double p)
{
	const double m = f->family_size, rank = f->family_rank;
	const double harmonic = eh_family_harmonic(strcmp(f->family_method, "by") == 0 ? f->family_size : 1);
	const double step = p * m * harmonic / rank, down = p * (m - rank + 1.0);

	if (strcmp(f->family_method, "bh") == 0)
		eh_para(b, "",
			"q = p x m / rank = %s x %u / %u = %s, then made monotone from the largest p down (at most 1 "
			"and "
			"what the next larger p got): %s",
			digits(p).text, f->family_size, f->family_rank, digits(step).text, digits(f->q.value).text);
	else if (strcmp(f->family_method, "by") == 0)
		eh_para(b, "",
			"q = p x m x h / rank = %s x %u x %s / %u = %s, h = 1 + 1/2 + ... + 1/%u; then made monotone "
			"from the largest p down (at most 1 and what the next larger p got): %s",
			digits(p).text, f->family_size, digits(harmonic).text, f->family_rank, digits(step).text,
			f->family_size, digits(f->q.value).text);
	else if (strcmp(f->family_method, "holm") == 0)
		eh_para(b, "",
			"q = p x (m - rank + 1) = %s x (%u - %u + 1) = %s, then made monotone from the smallest p up "
			"(at "
			"least what the next smaller p got, at most 1): %s",
			digits(p).text, f->family_size, f->family_rank, digits(down).text, digits(f->q.value).text);
}

void eh_explain_family(struct eh_buf *b, const struct eh_finding *f)
{
	const struct eh_num p = f->anytime ? f->p_anytime : f->p;

	if (!f->q.defined) {
		eh_para(b, "Correction", "no corrected p: %s", eh_undef_words(f->q.why));
		return;
	}
	eh_para(b, "Correction",
		"corrected p (q) %s by %s over the %u comparison%s of this run (%s); by Bonferroni p x %u = %s, "
		"by Holm %s",
		eh_real(f->q, "p").text, f->family_method, f->family_size, plural(f->family_size),
		family_words(f->family_method), f->family_size,
		eh_real(eh_num(fmin(1.0, p.value * f->family_size)), "p").text, eh_real(f->q_holm, "p").text);
	if (f->family_rank > 0 && p.defined)
		formula(b, f, p.value);
}

/* ---- the others ---- */

/* Stored by an earlier version, or there is nobody: no counts. */
static void peers_alone(struct eh_buf *b, const struct eh_finding *f)
{
	char apart[256] = "";

	eh_listed(apart, sizeof apart, "ratio divided by that of all others", f->peers_ratio, "");
	eh_listed(apart, sizeof apart, "this evaluator's distance from them z", f->peers_z, "+");
	eh_listed(apart, sizeof apart, "p", f->peers_p, "p");
	eh_listed(apart, sizeof apart, "corrected p", f->peers_q, "p");
	if (apart[0] != '\0')
		eh_para(b, "Peers", "%s", apart);
	else
		eh_para(b, "Peers", "no comparison with other evaluators: %s", eh_undef_words(f->peers_z.why));
}

static void peers(struct eh_buf *b, const struct eh_finding *f)
{
	struct eh_num own = f->ratio;

	if (!f->peers_ratio.defined || !f->peers_others.defined) {
		peers_alone(b, f);
		return;
	}
	if (f->peers_corrected)
		own = eh_num(f->peers_ratio.value * f->peers_others.value);
	eh_para(b, "Peers",
		"this evaluator: %llu of %llu against %llu of %llu, ratio %s%s; the %u other%s together: %llu of %llu "
		"against %llu of %llu, ratio %s (each weighted by how surely his is known)",
		whole(f->selected), whole(f->n), whole(f->ref_selected), whole(f->ref_n), eh_real(own, "").text,
		f->peers_corrected ? " with half a person added to each cell (continuity correction: its logarithm, or "
				     "the variance of that, does not exist without)"
				   : "",
		f->peers_evaluators, plural(f->peers_evaluators), whole(f->peers_selected), whole(f->peers_n),
		whole(f->peers_ref_selected), whole(f->peers_ref_n), eh_real(f->peers_others, "").text);
	eh_para(b, "",
		"ratio divided by that of all others = %s / %s = %s; this evaluator's distance from them z %s, p %s, "
		"corrected p %s",
		eh_real(own, "").text, eh_real(f->peers_others, "").text, eh_real(f->peers_ratio, "").text,
		eh_real(f->peers_z, "+").text, eh_real(f->peers_p, "p").text, eh_real(f->peers_q, "p").text);
}

/* ---- the second set ---- */

const char *eh_bench_words(const struct eh_finding *f)
{
	switch (f->bench_kind) {
	case EH_BENCH_CANDIDATES:
		return "on the same candidates";
	case EH_BENCH_STRATA:
		return "in the strata (position x stage x question) where this evaluator decided";
	case EH_BENCH_POSITIONS:
		return "in the same positions";
	default:
		return "";
	}
}

/* "ratio 1.057 (95 % interval 0.912 to 1.225), stratified over 3 strata" */
static struct eh_words set_ratio(const struct eh_finding *f)
{
	const struct eh_interval *i = &f->bench_interval;
	const bool ends = i->low.defined || i->high.defined;
	struct eh_words s = { "" };

	(void)snprintf(s.text, sizeof s.text, "ratio %.16s%s%.32s%s", eh_real(f->bench_ratio, "").text,
		       ends ? " (95 % interval " : "", ends ? eh_ends(*i).text : "", ends ? ")" : "");
	if (f->bench_kind != EH_BENCH_NONE && f->bench_ratio.defined) {
		const size_t len = strlen(s.text);

		if (f->bench_strata > 0)
			(void)snprintf(s.text + len, sizeof s.text - len,
				       ", stratified over %u strat%s (Mantel-Haenszel)", f->bench_strata,
				       f->bench_strata == 1 ? "um" : "a");
		else
			(void)snprintf(s.text + len, sizeof s.text - len, ", plain");
	}
	return s;
}

static void deviation(struct eh_buf *b, const struct eh_finding *f)
{
	const struct eh_interval *i = &f->deviation_interval;

	if (f->bench_kind == EH_BENCH_NONE)
		return;
	if (i->low.defined || i->high.defined)
		eh_para(b, "",
			"95 %% interval of the deviation %s, %s: both ratios vary by chance. That the set was chosen "
			"because it is within the limit is not in it.",
			eh_ends(*i).text, eh_deviation_method(f));
	else
		eh_para(b, "", "no interval of the deviation: %s", eh_undef_words(i->low.why));
}

/* Whom both judged, and who is in neither number of pairs. */
static void no_pairs(struct eh_buf *b, const struct eh_finding *f)
{
	const struct eh_finding_paired *x = &f->paired;
	const uint64_t ref = x->ref_split.defined ? (uint64_t)x->ref_split.value : 0, all = x->split + ref;

	if (!x->ref_split.defined && x->split > 0)
		eh_para(b, "",
			"%llu more of %s %s no pair and not counted: one side was divided evenly. How many of %s were "
			"none is not stored.",
			whole(x->split), f->group, x->split == 1 ? "is" : "are", eh_against(f));
	else if (all > 0)
		eh_para(b, "", "%llu more of %s and %llu more of %s %s no pair and not counted: one side was divided "
			"evenly.",
			whole(x->split), f->group, whole(ref), eh_against(f), all == 1 ? "is" : "are");
}

static void pairs(struct eh_buf *b, const struct eh_finding *f)
{
	const struct eh_finding_paired *x = &f->paired;

	if (f->bench_kind == EH_BENCH_NONE)
		return;
	if (f->bench_kind != EH_BENCH_CANDIDATES || x->pairs + x->ref_pairs == 0) {
		const bool shared = f->bench_kind == EH_BENCH_CANDIDATES &&
				    (x->split > 0 || (x->ref_split.defined && x->ref_split.value > 0.0));

		eh_para(b, "Pairs", "no paired test: %s",
			shared ? "one side was divided evenly on each candidate whom both judged"
			       : eh_undef_words(EH_U_NO_SHARED_CANDIDATE));
		if (shared)
			no_pairs(b, f);
		return;
	}
	eh_para(b, "Pairs",
		"of %llu candidate%s of %s whom both judged, %llu %s advanced by this evaluator only and %llu by the "
		"set "
		"only: McNemar mid-p %s%s%s",
		whole(x->pairs), plural(x->pairs), f->group, whole(x->first), x->first == 1 ? "was" : "were",
		whole(x->second), eh_real(x->p, "p").text, x->p.defined ? "" : ", ",
		x->p.defined ? "" : eh_undef_words(x->p.why));
	eh_para(b, "",
		"of %llu of %s %llu and %llu; does the disagreement go another way on %s? mid-p of %llu in %llu "
		"against %llu in %llu = %s (Gart's exact test)%s%s",
		whole(x->ref_pairs), eh_against(f), whole(x->ref_first), whole(x->ref_second), f->group,
		whole(x->first), whole(x->first + x->second), whole(x->ref_first),
		whole(x->ref_first + x->ref_second), eh_real(x->p_group, "p").text, x->p_group.defined ? "" : ": ",
		x->p_group.defined ? "" : eh_undef_words(x->p_group.why));
	no_pairs(b, f);
}

static void benchmark(struct eh_buf *b, const struct eh_finding *f)
{
	const char *same = eh_bench_words(f), *space = same[0] != '\0' ? " " : "";

	if (f->bench_evaluators > 0 && f->bench_n == 0)
		eh_para(b, "Benchmark",
			"the second set of %u evaluator%s within the limit has no decision on a person of known class, "
			"so "
			"there is nothing to compare with",
			f->bench_evaluators, plural(f->bench_evaluators));
	else if (f->bench_evaluators > 0 && !f->deviation.defined)
		eh_para(b, "Benchmark",
			"second set of %u evaluator%s within the limit%s%s: %llu of %llu favourable, %s; no "
			"deviation from it: %s",
			f->bench_evaluators, plural(f->bench_evaluators), space, same, whole(f->bench_selected),
			whole(f->bench_n), set_ratio(f).text, eh_undef_words(f->deviation.why));
	else if (f->bench_evaluators > 0)
		eh_para(b, "Benchmark",
			"second set of %u evaluator%s within the limit%s%s: %llu of %llu favourable, %s; deviation = "
			"this evaluator's ratio "
			"less that of the set = %s - %s = %s",
			f->bench_evaluators, plural(f->bench_evaluators), space, same, whole(f->bench_selected),
			whole(f->bench_n), set_ratio(f).text, eh_real(f->ratio, "").text,
			eh_real(f->bench_ratio, "").text, eh_real(f->deviation, "+").text);
	else if (f->deviation.why == EH_U_DISCONNECTED)
		eh_para(b, "Benchmark",
			"refused: no other evaluator shares a candidate, a position or a stratum with this one. The "
			"design is "
			"disconnected, so a difference could be one of the candidates as well as one of the "
			"evaluators.");
	else if (f->deviation.why != EH_U_NO_PEERS)
		eh_para(b, "Benchmark", "none: %s", eh_undef_words(f->deviation.why));
	else
		eh_para(b, "Benchmark",
			"no second set of evaluators within the limit, so there is no modelled outcome to compare "
			"with");
	if (f->deviation.defined)
		deviation(b, f);
	pairs(b, f);
}

void eh_explain_others(struct eh_buf *b, const struct eh_finding *f)
{
	if (f->is_reference || f->evaluator[0] == '\0')
		return;
	peers(b, f);
	benchmark(b, f);
}
