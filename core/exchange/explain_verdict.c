/* What a verdict means, what it rests on and what would have changed it, in plain words. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "audit/table.h"
#include "exchange/exchange.h"
#include "exchange/explain.h"

#define DEFAULT_ALPHA 0.05 /* of findings stored before they carried their level */

__extension__ typedef unsigned __int128 wide; /* counts up to 2^40 times each other times a limit below 2^20 */

static double alpha_of(const struct eh_finding *f) { return f->alpha.defined ? f->alpha.value : DEFAULT_ALPHA; }

static bool lacks_persons(const struct eh_finding *f)
{
	return f->persons < f->min_group || f->ref_persons < f->min_group ||
	       f->persons + f->ref_persons < f->min_total;
}

/* A verdict is the policy's word; what these sentences say of limit and minima is what the numbers say. */
static const char *meaning_ok(const struct eh_finding *f)
{
	if (f->is_reference || f->below_two_percent)
		return "Nothing in this comparison asks for a response.";
	if (f->ratio_below == EH_UNKNOWN)
		return f->builtin == EH_OK_VERDICT
			       ? "Nothing in this comparison asks for a response."
			       : "The policy asks for no response. There is no ratio that could be below the limit or "
				 "not, so the numbers do not say that nothing is there.";
	if (f->ratio_below == EH_YES)
		return "The policy asks for no response although the ratio is below the limit: that is the policy's "
		       "word, not what the numbers say.";
	if (f->basis == EH_BASIS_KNOWN && lacks_persons(f))
		return "Not below the limit, with fewer persons than the run asks for: that is no certificate.";
	return "Not below the limit, with as many persons as the policy asks for. That is no certificate: smaller "
	       "differences than the smallest that could be found may be there.";
}

static const char *meaning_watch(const struct eh_finding *f)
{
	if (f->ratio_below == EH_YES)
		return "Below the limit, but not all that the policy wants for a notification is there: keep an eye on "
		       "it.";
	return f->ratio_below == EH_NO ? "The policy keeps an eye on it by a rule of its own: the ratio is not below "
					 "the limit."
				       : "The policy keeps an eye on it by a rule of its own: there is no ratio that "
					 "could be below the limit.";
}

static const char *meaning_notify(const struct eh_finding *f)
{
	const bool one = f->evaluator[0] != '\0';

	if (f->ratio_below == EH_YES)
		return one ? "A potential violation of the policy's limit: a reason to look and to hear the evaluator, "
			     "nothing more."
			   : "A potential violation of the policy's limit: a reason to look at how people are selected "
			     "here, nothing more.";
	return one ? "A potential violation by a rule of the policy's own, the ratio not being below the limit: a "
		     "reason to look and to hear the evaluator, nothing more."
		   : "A potential violation by a rule of the policy's own, the ratio not being below the limit: a "
		     "reason to look at how people are selected here, nothing more.";
}

/* About the project itself: there is no comparison behind it. */
static const char *meaning_subject(enum eh_verdict_kind v)
{
	switch (v) {
	case EH_OK_VERDICT: return "The policy found nothing here that asks for a response.";
	case EH_WATCH: return "The policy keeps an eye on it.";
	default: return "The policy asks for a response: a reason to look, nothing more.";
	}
}

static const char *meaning(const struct eh_finding *f)
{
	if (f->own && !f->counted && (f->verdict == EH_OK_VERDICT || f->verdict == EH_WATCH || f->verdict == EH_NOTIFY))
		return meaning_subject(f->verdict);
	switch (f->verdict) {
	case EH_OK_VERDICT: return meaning_ok(f);
	case EH_WATCH: return meaning_watch(f);
	case EH_NOTIFY: return meaning_notify(f);
	case EH_TOO_FEW:
		return f->own && !f->counted ? "Too few to say anything: this is neither clean nor a violation."
		       : f->basis == EH_BASIS_SCREENING || f->below_two_percent || f->is_reference || lacks_persons(f)
			       ? "Too few persons to say anything: this is neither clean nor a violation."
			       : "The policy says that there are too few persons, although the minima of the run are "
				 "met: this is neither clean nor a violation.";
	case EH_NOT_ALLOWED:
		return "The policy may not be used on this attribute where these candidates are: no verdict was "
		       "formed, whatever the numbers are.";
	case EH_CANNOT_CONCLUDE:
		return "The data give no answer that the policy accepts: this is neither clean nor a violation.";
	default:
		return "The policy failed on this finding, so there is no verdict: never read it as \"no violation\".";
	}
}

/* What the built-in result says, where the policy's verdict may say otherwise. */
static void builtin(struct eh_buf *b, const struct eh_finding *f)
{
	char why[120] = "";

	if (f->builtin == EH_WATCH || (f->builtin == EH_OK_VERDICT && f->below_limit == EH_NO))
		(void)snprintf(why, sizeof why, ": the plain ratio %.40s is %s %d/%d",
			       eh_real(f->impact_ratio, "").text, f->builtin == EH_WATCH ? "below" : "not below",
			       f->limit_num, f->limit_den);
	eh_para(b, "Built in", "four-fifths result %s%s, shown beside every policy's verdict%s",
		eh_verdict_text(f->builtin), why,
		f->builtin == EH_WATCH && f->verdict == EH_OK_VERDICT ? "; it does not agree with the policy's ok"
								      : "");
}

const char *eh_scope_words(const struct eh_finding *f)
{
	if (f->verdict != EH_NOTIFY)
		return "";
	/* a policy that names no scope addresses whom it is about, whatever the others do */
	if (f->scope == EH_SCOPE_INDIVIDUAL)
		return f->peers_q.defined && f->peers_q.value < alpha_of(f)
			       ? "individual: the evaluator also differs from the others"
			       : "individual: the policy addresses it to the evaluator; that the evaluator differs "
				 "from the others is not told from chance";
	if (f->scope != EH_SCOPE_SYSTEMIC)
		return "";
	if (f->evaluator[0] != '\0' && !f->peers_ratio.defined)
		return "systemic: there is no comparison with others that would set the evaluator apart, so it is "
		       "addressed to the process";
	return f->evaluator[0] == '\0'
		       ? "systemic: it is about all evaluators together, so it is addressed to the process"
		       : "systemic: the evaluator does not stand out from the others, so it is addressed to the "
			 "process";
}

void eh_explain_verdict(struct eh_buf *b, const struct eh_finding *f, size_t members)
{
	const char *scope = eh_scope_words(f);

	if (members > 0 && f->verdict != EH_NOTIFY)
		eh_para(b, "Verdict",
			"notify, systemic: by the evaluators' own findings above; of all together alone: %s",
			eh_verdict_text(f->verdict));
	else
		eh_para(b, "Verdict", "%s%s%s", eh_verdict_text(f->verdict), scope[0] != '\0' ? ", " : "", scope);
	eh_para(b, "", "%s", meaning(f));
	if (f->rule[0] != '\0')
		eh_para(b, "Rule", "the policy's rule that spoke: %s", f->rule);
	if (f->reason[0] != '\0')
		eh_para(b, f->verdict == EH_POLICY_ERROR ? "Error" : "Policy says", "%s", f->reason);
	if (f->own && !f->counted)
		return;
	builtin(b, f);
}

/* ---- conditions ---- */

static const char *met(enum eh_tri t) { return t == EH_YES ? "yes: " : t == EH_NO ? "no: " : "not known: "; }

static enum eh_tri tri(bool yes) { return yes ? EH_YES : EH_NO; }

/* Predicted persons are on one side or the other, which nobody can count: the policy estimates. */
static void enough(struct eh_buf *b, const struct eh_finding *f, const char *label)
{
	const uint64_t all = f->persons + f->ref_persons;

	if (f->basis == EH_BASIS_SCREENING)
		eh_para(b, label,
			"enough persons: at least %u of either side and %u in all; the policy counts predicted ones by "
			"their probabilities, and says above where they are too few",
			f->min_group, f->min_total);
	else
		eh_para(b, label,
			"%senough persons: %llu and %llu, at least %u of either side; %llu in all, at least %u",
			met(tri(f->persons >= f->min_group && f->ref_persons >= f->min_group && all >= f->min_total)),
			(unsigned long long)f->persons, (unsigned long long)f->ref_persons, f->min_group,
			(unsigned long long)all, f->min_total);
}

void eh_explain_conditions(struct eh_buf *b, const struct eh_finding *f)
{
	const double alpha = alpha_of(f);

	if (f->is_reference || f->below_two_percent || f->verdict == EH_NOT_ALLOWED)
		return;
	enough(b, f, "Conditions");
	eh_para(b, "", "%sratio below %d/%d: %s", met(f->ratio_below), f->limit_num, f->limit_den,
		eh_real(f->ratio, "").text);
	eh_para(b, "", "%scorrected p below %g: %s", met(f->q.defined ? tri(f->q.value < alpha) : EH_UNKNOWN), alpha,
		eh_real(f->q, "p").text);
	if (f->basis == EH_BASIS_SCREENING) {
		const struct eh_num high = f->em_interval.high;

		eh_para(b, "", "%sthe guards of predicted classes: %s", met(tri(f->guard[0] == '\0')),
			f->guard[0] == '\0' ? "met" : f->guard);
		eh_para(b, "", "%sinterval below 1: its upper end is %s",
			met(high.defined ? tri(high.value < 1.0) : EH_NO), eh_real(high, "").text);
	} else {
		eh_para(b, "", "%sat least one person short: %s",
			met(f->shortfall.defined ? tri(f->shortfall.value >= 1.0) : EH_UNKNOWN),
			eh_real(f->shortfall, "").text);
		eh_para(b, "", "%sthe swap of one person leaves the order as it is",
			met(f->flips == EH_UNKNOWN ? EH_UNKNOWN : tri(f->flips == EH_NO)));
		if (f->guard[0] != '\0')
			eh_para(b, "", "(No estimate with predicted classes stands beside these: %s.)", f->guard);
	}
	eh_para(b, "",
		"(These are what the policy evaluator_screen asks for a notification; another policy may weigh them "
		"otherwise: its own words are above.)");
}

/* ---- what if ---- */

/* selected needed for the ratio to stand at the limit or above: ceil(num b n1 / (den n2)) */
static uint64_t selected_at_limit(const struct eh_finding *f)
{
	wide top = (wide)(uint32_t)f->limit_num * f->ref_selected * f->n;
	wide under = (wide)(uint32_t)f->limit_den * f->ref_n;

	return (uint64_t)((top + under - 1) / under);
}

/* Selections that would have to go from the reference to the group, the numbers of persons as they are. */
static uint64_t moved_at_limit(const struct eh_finding *f)
{
	wide have = (wide)(uint32_t)f->limit_den * f->selected * f->ref_n;
	wide want = (wide)(uint32_t)f->limit_num * f->ref_selected * f->n;
	wide step = (wide)(uint32_t)f->limit_den * f->ref_n + (wide)(uint32_t)f->limit_num * f->n;

	return want > have ? (uint64_t)((want - have + step - 1) / step) : 0;
}

/* Label of the first paragraph of a section, then none. */
static const char *first(const char **label)
{
	const char *now = *label;

	*label = "";
	return now;
}

/* The counts are those of the plain ratio; what to say where another one decides. */
static const char *decides_otherwise(const struct eh_finding *f)
{
	if (f->basis == EH_BASIS_SCREENING)
		return ", which is that of the known classes alone; the estimate that decides would move too, by how "
		       "much "
		       "only a new audit can tell";
	return f->strata > 1 && f->rests_on != EH_RATIO_PLAIN
		       ? "; with strata the decisive ratio weighs each by its size"
		       : "";
}

/* Counts that would put the plain ratio on the other side of the limit. */
static void turn(struct eh_buf *b, const struct eh_finding *f, const char **label)
{
	uint64_t need, moved = moved_at_limit(f);

	if (f->ref_n == 0 || f->n == 0)
		return;
	need = selected_at_limit(f);
	if (f->below_limit == EH_YES) {
		if (need <= f->n)
			eh_para(b, first(label),
				"%llu more of the %llu %s of %s selected (%llu instead of %llu) would bring the plain "
				"ratio to the limit%s",
				(unsigned long long)(need - f->selected), (unsigned long long)f->n, eh_unit(f),
				f->group, (unsigned long long)need, (unsigned long long)f->selected,
				decides_otherwise(f));
		else
			eh_para(b, first(label), "not even all of %s selected would bring the plain ratio to the limit",
				f->group);
		eh_para(b, "", "With the same number selected in all, %llu selection%s would have to go from %s to %s.",
			(unsigned long long)moved, moved == 1 ? "" : "s", eh_against(f), f->group);
	} else if (f->below_limit == EH_NO && need >= 1 && f->selected >= need) {
		uint64_t fewer = f->selected - need + 1;

		eh_para(b, first(label),
			"%llu fewer of %s selected (%llu instead of %llu) would put the plain ratio below the "
			"limit%s%s",
			(unsigned long long)fewer, f->group, (unsigned long long)(f->selected - fewer),
			(unsigned long long)f->selected, decides_otherwise(f),
			f->verdict == EH_OK_VERDICT ? "; below it begins what is watched or notified" : "");
	}
}

/*
 * How many fewer selected would bring the corrected p below alpha, the other comparisons as they are: the correction
 * multiplies p by q/p, about.  0: not to be told (several strata, several decisions on a person, or not even at 0).
 */
static uint64_t fewer_for_evidence(const struct eh_finding *f)
{
	const double factor = f->q.defined && f->p.defined && f->p.value > 0.0 ? f->q.value / f->p.value : 0.0;

	if (!(factor > 0.0) || f->anytime || f->strata > 1 || f->basis != EH_BASIS_KNOWN || !f->p_mid.defined)
		return 0;
	for (uint64_t a = f->selected; a-- > 0;) {
		const struct eh_fourfold t = { a, f->n, f->ref_selected, f->ref_n };
		struct eh_num p = eh_table_exact(&t).mid_a;

		if (p.defined && p.value * factor < alpha_of(f) && a * f->ref_n < f->ref_selected * f->n)
			return f->selected - a;
	}
	return 0;
}

static void if_watch(struct eh_buf *b, const struct eh_finding *f, const char **label)
{
	uint64_t fewer = 0;

	if (f->ratio_below != EH_YES)
		return;
	eh_para(b, first(label),
		"The ratio is below the limit but the evidence is not enough for a notification: corrected "
		"p %s, shortfall %s persons, %s.",
		eh_real(f->q, "p").text, eh_real(f->shortfall, "").text,
		f->flips == EH_YES ? "turned round by the swap of one" : "not turned round by the swap of one");
	if (f->q.defined && f->q.value >= alpha_of(f))
		fewer = fewer_for_evidence(f);
	if (fewer > 0)
		eh_para(b, "",
			"With about %llu fewer of %s selected, all else as it is, the corrected p would be below %g.",
			(unsigned long long)fewer, f->group, alpha_of(f));
	else if (f->q.defined && f->q.value >= alpha_of(f))
		eh_para(b, "", "With a corrected p below %g, and the other conditions met, it would be notify.",
			alpha_of(f));
}

/* Persons of both sides in the shares that there are, for a ratio of 3/4 of the limit (4/5: .6) to be found. */
static uint64_t persons_to_find(const struct eh_finding *f, double ratio)
{
	const double n1 = (double)f->persons, n2 = (double)f->ref_persons;
	double m = 1.0;

	if (f->persons == 0 || f->ref_persons == 0 || !f->ref_rate.defined)
		return 0;
	for (; m < 1e6; m *= 1.05) {
		struct eh_num r = eh_detectable(n1 * m, n2 * m, f->ref_rate.value, alpha_of(f));

		if (r.defined && r.value >= ratio)
			return (uint64_t)ceil((n1 + n2) * m);
		if (!r.defined && r.why != EH_U_NOT_DETECTABLE)
			return 0;
	}
	return 0;
}

static void if_too_few(struct eh_buf *b, const struct eh_finding *f, const char **label)
{
	const double ratio = 0.75 * (double)f->limit_num / (double)f->limit_den;
	uint64_t persons;

	if (f->below_two_percent) {
		eh_para(b, first(label),
			"a share of at least %g %% of the pool; until then nothing can be said about %s",
			f->min_share / 100.0, f->group);
		return;
	}
	eh_para(b, first(label),
		f->basis == EH_BASIS_KNOWN && !lacks_persons(f)
			? "the run asks for at least %u persons in the group and in the reference and %u in all, and "
			  "there are %llu and %llu: what the policy misses its own words say. %s%s."
			: "at least %u persons in the group and in the reference and %u in all are needed; there are "
			  "%llu and %llu. %s%s.",
		f->min_group, f->min_total, (unsigned long long)f->persons, (unsigned long long)f->ref_persons,
		f->detectable.defined ? "With these numbers the smallest ratio that could be found with power .8 is "
		: f->detectable.why == EH_U_NOT_DETECTABLE
			? ""
			: "The smallest ratio that could be found is not defined: ",
		f->detectable.defined ? eh_real(f->detectable, "").text
		: f->detectable.why == EH_U_NOT_DETECTABLE
			? "With these numbers not even a ratio of 0 would be found with power .8"
			: eh_undef_words(f->detectable.why));
	persons = persons_to_find(f, ratio);
	if (persons > 0)
		eh_para(b, "",
			"To find a ratio of %.2f four times out of five, about %llu persons in the same shares would "
			"be "
			"needed, before any correction for the number of comparisons.",
			ratio, (unsigned long long)persons);
}

static void if_cannot(struct eh_buf *b, const struct eh_finding *f, const char **label)
{
	if (f->guard[0] != '\0')
		eh_para(b, first(label),
			"the guard of the predicted classes: %s. Asking the candidates for their class is worth "
			"more than any better classifier.",
			f->guard);
	if (f->guard[0] != '\0' && f->basis == EH_BASIS_KNOWN && lacks_persons(f))
		eh_para(b, first(label),
			"of known class alone at least %u persons in the group and in the reference and %u in all are "
			"needed; there are %llu and %llu.",
			f->min_group, f->min_total, (unsigned long long)f->persons, (unsigned long long)f->ref_persons);
	else if (f->guard[0] != '\0' && f->basis == EH_BASIS_SCREENING)
		return;
	else if (!f->ratio.defined)
		eh_para(b, first(label), "the ratio is not defined: %s.%s", eh_undef_words(f->ratio.why),
			f->ratio.why == EH_U_REFERENCE_NONE_SELECTED || f->ratio.why == EH_U_NOBODY_SELECTED
				? " One selection of the reference would give a ratio."
				: "");
	else
		eh_para(b, first(label), "the reason above says what the policy misses.");
}

static void if_notify(struct eh_buf *b, const struct eh_finding *f)
{
	const double alpha = alpha_of(f);

	if (f->ratio_below == EH_YES && f->q.defined && f->q.value < alpha)
		eh_para(b, "", "At a corrected p of %g or more (now %s) it would be watch.", alpha,
			eh_real(f->q, "p").text);
	if (f->scope == EH_SCOPE_INDIVIDUAL && f->peers_q.defined && f->peers_q.value < alpha)
		eh_para(b, "",
			"Were the distance from the other evaluators not told from chance (corrected p now %s), it "
			"would "
			"be addressed to the process, not to the evaluator.",
			eh_real(f->peers_q, "p").text);
	if (f->scope == EH_SCOPE_SYSTEMIC && f->evaluator[0] != '\0' && f->peers_q.defined)
		eh_para(b, "",
			"Were the distance from the other evaluators told from chance (corrected p now %s), it would "
			"be "
			"about this evaluator.",
			eh_real(f->peers_q, "p").text);
	if (f->basis == EH_BASIS_SCREENING)
		eh_para(b, "",
			"Classes that the candidates declare would take the place of the predicted ones, and of the "
			"estimate.");
}

void eh_explain_what_if(struct eh_buf *b, const struct eh_finding *f)
{
	const char *label = "What if";

	if (f->verdict == EH_NOT_ALLOWED) {
		eh_para(b, label, "No count would change this. The policy's gate() says where it may be used on %s.",
			f->attribute);
		return;
	}
	if (f->verdict == EH_POLICY_ERROR) {
		eh_para(b, first(&label),
			"Mend the policy (evenhand policy check FILE names the line), then audit again. Until "
			"then the built-in result and the numbers here are all there is.");
		return;
	}
	if (f->is_reference) {
		eh_para(b, label, "The reference is not compared with itself: look at the other groups.");
		return;
	}
	if (f->verdict == EH_TOO_FEW)
		if_too_few(b, f, &label);
	if (f->verdict == EH_CANNOT_CONCLUDE)
		if_cannot(b, f, &label);
	if (f->limit_den > 0)
		turn(b, f, &label);
	if (f->verdict == EH_OK_VERDICT && f->basis == EH_BASIS_SCREENING && f->ratio_below == EH_NO)
		eh_para(b, first(&label),
			"An estimate below %d/%d (now %s) would be watched, and notified with a corrected p below %g "
			"and an "
			"interval below 1.",
			f->limit_num, f->limit_den, eh_real(f->ratio, "").text, alpha_of(f));
	if (f->verdict == EH_WATCH)
		if_watch(b, f, &label);
	if (f->verdict == EH_NOTIFY)
		if_notify(b, f);
	if (f->verdict != EH_TOO_FEW && f->detectable.defined)
		eh_para(b, first(&label),
			"The smallest ratio that these numbers could find with power .8 is %s; milder differences "
			"would mostly be "
			"missed.",
			eh_real(f->detectable, "").text);
	else if (f->verdict != EH_TOO_FEW && f->persons > 0 && f->ref_persons > 0)
		eh_para(b, first(&label), "The smallest ratio that could be found is not defined: %s.",
			eh_undef_words(f->detectable.why));
}
