/* One finding in words and numbers for a person, 80 columns wide. */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "audit/sequential.h"
#include "audit/strata.h"
#include "base/mem.h"
#include "exchange/exchange.h"
#include "exchange/explain.h"

#define WIDTH 80 /* [columns]; facts/terminal.md: the smallest terminal */
#define LABEL 12 /* [columns] in front of the text */
#define TEXT_MAX 65536

__extension__ typedef unsigned __int128 wide; /* counts up to 2^40 times each other times a limit below 2^20 */

/* Columns of the UTF-8 bytes: one per character (wide ones are rare in ids and cost only a ragged edge). */
static size_t columns(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

/* Appends a paragraph: label in the first LABEL columns, words wrapped beside it. */
void eh_para(struct eh_buf *b, const char *label, const char *fmt, ...)
{
	char text[2000];
	size_t at = LABEL;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	eh_buf_printf(b, "%-*s", LABEL, label);
	for (const char *p = text; *p != '\0';) {
		size_t len = strcspn(p, " "), wide_as = columns(p, len);

		if (at > LABEL && at + 1 + wide_as > WIDTH) {
			eh_buf_printf(b, "\n%*s", LABEL, "");
			at = LABEL;
		} else if (at > LABEL) {
			eh_buf_printf(b, " ");
			at++;
		}
		eh_buf_add(b, p, len);
		at += wide_as;
		p += len;
		p += strspn(p, " ");
	}
	eh_buf_printf(b, "\n");
}

struct eh_words eh_real(struct eh_num v, const char *fmt)
{
	struct eh_words s = { "" };

	if (!v.defined)
		(void)snprintf(s.text, sizeof s.text, "not defined");
	else if (strcmp(fmt, "posterior") == 0 && v.value > 0.9999) /* nothing is certain */
		(void)snprintf(s.text, sizeof s.text, "above 0.9999");
	else if (strcmp(fmt, "posterior") == 0 && v.value < 0.0001)
		(void)snprintf(s.text, sizeof s.text, "below 0.0001");
	else if (strcmp(fmt, "posterior") == 0)
		(void)snprintf(s.text, sizeof s.text, "%.4f", v.value);
	else if (strcmp(fmt, "p") == 0 && v.value < 1e-300) /* what is smaller has lost digits, or is stored as 0 */
		(void)snprintf(s.text, sizeof s.text, "below 1e-300");
	else if (strcmp(fmt, "p") == 0)
		(void)snprintf(s.text, sizeof s.text, v.value < 1e-4 ? "%.1e" : "%.4f", v.value);
	else if (strcmp(fmt, "+") == 0)
		(void)snprintf(s.text, sizeof s.text, "%+.3f", v.value);
	else
		(void)snprintf(s.text, sizeof s.text, "%.3f", v.value);
	return s;
}

struct eh_words eh_ends(struct eh_interval v)
{
	struct eh_words s = { "" };

	if (!v.low.defined && !v.high.defined)
		(void)snprintf(s.text, sizeof s.text, "not defined");
	else
		(void)snprintf(s.text, sizeof s.text, "%.56s to %.56s",
			       v.low.defined ? eh_real(v.low, "").text : "no lower end",
			       v.high.defined ? eh_real(v.high, "").text : "no upper end");
	return s;
}

void eh_listed(char *list, size_t size, const char *name, struct eh_num v, const char *fmt)
{
	size_t used = strlen(list);

	if (v.defined && used < size)
		(void)snprintf(list + used, size - used, "%s%s %s", used > 0 ? ", " : "", name, eh_real(v, fmt).text);
}

const char *eh_unit(const struct eh_finding *f)
{
	return f->persons == f->n && f->ref_persons == f->ref_n ? "persons" : "decisions";
}

const char *eh_against(const struct eh_finding *f)
{
	return strcmp(f->reference, "rest") == 0 ? "the rest" : f->reference;
}

const char *eh_swap_words(enum eh_tri flips)
{
	return flips == EH_YES	? "would turn the order round (small numbers)"
	       : flips == EH_NO ? "would not turn the order round"
				: "cannot be tried";
}

/* A finding of the policy's own: what it is about, and whose the numbers are. */
static void own_head(struct eh_buf *b, const struct eh_finding *f)
{
	char where[600] = "";
	const struct {
		const char *name, *text;
	} parts[] = { { "position", f->position }, { "stage", f->stage },
		      { "question", f->question }, { "month", f->period } };

	for (size_t i = 0, len = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (parts[i].text[0] != '\0' && len < sizeof where)
			len += (size_t)snprintf(where + len, sizeof where - len, ", %s %s", parts[i].name,
						parts[i].text);
	eh_para(b, "Finding", "%s%s%s%s%s%s%s", f->evaluator[0] != '\0' ? "evaluator " : "",
		f->evaluator[0] != '\0' ? f->evaluator : f->subject[0] != '\0' ? "the project" :
		"all evaluators together", where, f->subject[0] != '\0' ? ": " : ", ",
		f->subject[0] != '\0' ? f->subject : f->attribute, f->subject[0] != '\0' ? "" : ": ", f->group);
	eh_para(b, "", "%s", f->counted
		? "The policy's own finding, from compute(): the program counted these decisions again and computed "
		  "the numbers. It is in no family of corrected p-values."
		: "The policy's own finding, from compute(): what it says is in its reason; the program counted "
		  "nothing here.");
}

static void head(struct eh_buf *b, const struct eh_finding *f, size_t members)
{
	if (f->own) {
		own_head(b, f);
		eh_explain_verdict(b, f, members);
		return;
	}
	eh_para(b, "Finding", "%s%s%s%s, %s: %s against %s",
		f->evaluator[0] != '\0' ? "evaluator " : "all evaluators together", f->evaluator,
		f->position[0] != '\0' ? ", position " : "", f->position, f->attribute, f->group,
		f->is_reference ? "nobody, it is the reference group" : eh_against(f));
	eh_explain_verdict(b, f, members);
}

/* What is known of the classifier, or "". */
static void classifier(struct eh_buf *b, const struct eh_finding_assumption *a)
{
	char text[400] = "";

	eh_listed(text, sizeof text, "AUC", a->auc, "");
	eh_listed(text, sizeof text, "lower end of its interval", a->auc_lo, "");
	eh_listed(text, sizeof text, "calibration error (ECE)", a->ece, "");
	eh_listed(text, sizeof text, "share of the predicted out of scope", a->out_of_scope, "");
	eh_listed(text, sizeof text, "scores a mixture of the labelled, p", a->fit_p, "p");
	if (text[0] != '\0')
		eh_para(b, "", "Classifier: %s.", text);
}

/* Could the unknown classes turn what the known ones say of the limit? */
static const char *turned_words(const struct eh_finding *f)
{
	const double limit = (double)f->limit_num / (double)f->limit_den;
	const struct eh_num low = f->ratio_if_unknown_low, high = f->ratio_if_unknown_high;

	if (f->below_limit == EH_UNKNOWN || !low.defined)
		return "what they are can change the answer";
	if (f->below_limit == EH_NO)
		return low.value < limit ? "were all of them on one side, the plain ratio could lie below the limit, "
					   "which the verdict does not see"
					 : "whatever they are, the plain ratio is not below the limit";
	return high.defined && high.value < limit
		       ? "whatever they are, the plain ratio is below the limit"
		       : "were all of them on one side, the plain ratio could lie at the limit or above, which the "
			 "verdict does not see";
}

/* Predicted classes that a guard refused: what the finding rests on, how many that is, and what is left open. */
static void refused(struct eh_buf *b, const struct eh_finding *f)
{
	const uint64_t known = f->declared + f->imported, all = known + f->predicted + f->unknown;

	eh_para(b, "Predicted", "refused: %s. There is no estimate.", f->guard);
	eh_para(b, "",
		"The %llu persons whose class was predicted count as unknown. The finding rests on the %llu of %llu "
		"persons whose class is known (%.0f %%); who declares a class may be treated otherwise than who does "
		"not.",
		(unsigned long long)f->assume.refused, (unsigned long long)known, (unsigned long long)all,
		all > 0 ? 100.0 * (double)known / (double)all : 0.0);
	if (!f->is_reference)
		eh_para(b, "", "Of the unknown: %s.", turned_words(f));
	classifier(b, &f->assume);
}

/* The decisions on persons of known class; false: there are none, nor an estimate, so there is nothing to explain. */
static bool counts(struct eh_buf *b, const struct eh_finding *f)
{
	if (f->n + f->ref_n == 0 && f->basis == EH_BASIS_KNOWN) {
		eh_para(b, "Counts",
			"no decision on a person whose class is known and may be used here, so there is no rate, no "
			"ratio and no test");
		if (f->guard[0] != '\0')
			refused(b, f);
		return false;
	}
	eh_para(b, "Counts", "%s%s: %llu of %llu decisions favourable, rate %s, %llu persons",
		f->basis == EH_BASIS_SCREENING ? "of known class, " : "", f->group, (unsigned long long)f->selected,
		(unsigned long long)f->n, eh_real(f->rate, "").text, (unsigned long long)f->persons);
	if (f->is_reference)
		return true;
	eh_para(b, "", "%s: %llu of %llu decisions favourable, rate %s, %llu persons", eh_against(f),
		(unsigned long long)f->ref_selected, (unsigned long long)f->ref_n, eh_real(f->ref_rate, "").text,
		(unsigned long long)f->ref_persons);
	if (f->below_two_percent)
		eh_para(b, "", "The group is below %g %% of the pool: listed only, neither compared nor a reference.",
			f->min_share / 100.0);
	return true;
}

/* A product in digits: it can be longer than 64 bits. */
static struct eh_words digits(wide v)
{
	struct eh_words s = { "" };
	char reversed[48];
	size_t n = 0;

	do {
		reversed[n++] = (char)('0' + (int)(v % 10));
		v /= 10;
	} while (v > 0 && n < sizeof reversed);
	for (size_t i = 0; i < n; i++)
		s.text[i] = reversed[n - 1 - i];
	s.text[n] = '\0';
	return s;
}

static void limit_line(struct eh_buf *b, const struct eh_finding *f)
{
	wide left = (wide)(uint32_t)f->limit_den * f->selected * f->ref_n;
	wide right = (wide)(uint32_t)f->limit_num * f->ref_selected * f->n;

	if (f->below_limit == EH_UNKNOWN)
		return;
	eh_para(b, "Limit",
		"%d/%d, compared as whole numbers: %d x %llu x %llu = %s, %d x %llu x %llu = %s; the first is %s, so "
		"the plain ratio is %s the limit",
		f->limit_num, f->limit_den, f->limit_den, (unsigned long long)f->selected, (unsigned long long)f->ref_n,
		digits(left).text, f->limit_num, (unsigned long long)f->ref_selected, (unsigned long long)f->n,
		digits(right).text,
		left < right	? "less"
		: left == right ? "equal"
				: "more",
		f->below_limit == EH_YES ? "below" : "not below");
}

/* Does what is known of labelled persons speak against one of the two assumptions? */
static void assumption(struct eh_buf *b, const struct eh_finding_assumption *a)
{
	const double alpha = 0.05;
	const bool score = a->p_score.defined && a->p_score.value < alpha;
	const bool class = a->p_class.defined && a->p_class.value < alpha;

	if (!a->p_score.defined || !a->p_class.defined) {
		eh_para(b, "",
			"Which of the two holds cannot be checked on the %llu persons of known class with a score: %s.",
			(unsigned long long)a->labelled, eh_undef_words(a->p_score.why));
		return;
	}
	eh_para(b, "", "Checked on %llu persons of known class: score given class p %s, class given score p %s; %s.",
		(unsigned long long)a->labelled, eh_real(a->p_score, "p").text, eh_real(a->p_class, "p").text,
		score && class ? "both matter, so the truth may lie between the two"
		: score	       ? "appearance matters beyond class, which speaks for the weighted ratio"
		: class	       ? "class matters beyond appearance, which speaks for the EM ratio"
			       : "neither is told from chance");
}

/* Classes that nobody declared: the estimates, what each assumes, and what supports a notification. */
static void unseen(struct eh_buf *b, const struct eh_finding *f)
{
	const struct eh_finding_assumption *a = &f->assume;
	char others[256] = "";

	eh_para(b, "Predicted",
		"screening only, never proof: %llu persons declared, %llu imported, %llu predicted, %llu "
		"unknown",
		(unsigned long long)f->declared, (unsigned long long)f->imported, (unsigned long long)f->predicted,
		(unsigned long long)f->unknown);
	eh_para(b, "", "Bias acts on class: ratio %s (EM), 95 %% interval %s, p %s.", eh_real(f->em_ratio, "").text,
		eh_ends(f->em_interval).text, eh_real(f->p_em, "p").text);
	if (f->em_n.defined && f->em_selected.defined)
		eh_para(b, "", "By it %.1f of %.1f decisions on %s are favourable, known and predicted ones together.",
			f->em_selected.value, f->em_n.value, f->group);
	eh_para(b, "", "Bias acts on appearance as the model sees it: ratio %s (weighted).",
		eh_real(f->weighted_ratio, "").text);
	eh_para(b, "", "Without any assumption: %s (Frechet bounds on %u cell%s of predicted persons).",
		eh_ends(a->bounds).text, a->cells, a->cells == 1 ? "" : "s");
	eh_para(b, "", "Below the limit by EM: %s; by the weighted ratio: %s; by the bounds: %s. So the answer %s.",
		a->em_supports ? "yes" : "no", f->robust ? "yes" : "no", a->bounds_support ? "yes" : "no",
		a->bounds_support	      ? "holds whatever is assumed"
		: !f->em_ratio.defined	      ? "is open: there is no estimate to go by"
		: f->robust == a->em_supports ? "is robust: both assumptions give it"
					      : "depends on the assumption");
	assumption(b, a);
	if (a->n_eff.defined)
		eh_para(b, "", "These decisions tell as much as %.0f on persons of known class.", a->n_eff.value);
	classifier(b, a);
	eh_listed(others, sizeof others, "most probable class", a->threshold_ratio, "");
	eh_listed(others, sizeof others, "only those above 0.8", a->abstain_ratio, "");
	eh_listed(others, sizeof others, "corrected by the confusion matrix", a->matrix_ratio, "");
	if (others[0] != '\0')
		eh_para(b, "", "For comparison, not decided by: %s.", others);
	if (f->guard[0] != '\0')
		eh_para(b, "", "Not judged: %s.", f->guard);
}

/* The two parts of interval_method: of the plain ratio and of the strata's. */
static void methods(char plain[EH_METHOD_MAX + 1], char strata[EH_METHOD_MAX + 1], const struct eh_finding *f)
{
	static const char between[] = "; MH: ";
	const char *at = strstr(f->interval_method, between);

	(void)snprintf(plain, EH_METHOD_MAX + 1, "%.*s",
		       (int)(at != NULL ? (size_t)(at - f->interval_method) : strlen(f->interval_method)),
		       f->interval_method);
	(void)snprintf(strata, EH_METHOD_MAX + 1, "%s", at != NULL ? at + sizeof between - 1 : "");
}

static void ratios(struct eh_buf *b, const struct eh_finding *f)
{
	enum eh_ratio_kind kind = f->rests_on;
	struct eh_num other = eh_finding_other_ratio(f);
	char beside[128] = "", plain[EH_METHOD_MAX + 1], strata[EH_METHOD_MAX + 1];

	if (f->is_reference)
		return;
	methods(plain, strata, f);
	if (f->impact_ratio.defined)
		eh_para(b, "Ratio",
			"rate of the group / rate of the reference = (%llu/%llu) / (%llu/%llu) = %s; 95 %% interval "
			"%s, "
			"%s",
			(unsigned long long)f->selected, (unsigned long long)f->n, (unsigned long long)f->ref_selected,
			(unsigned long long)f->ref_n, eh_real(f->impact_ratio, "").text, eh_ends(f->interval).text,
			plain);
	else
		eh_para(b, "Ratio", "rate of the group / rate of the reference: not defined (%s): %s",
			eh_undef_text(f->impact_ratio.why), eh_undef_words(f->impact_ratio.why));
	limit_line(b, f);
	if (f->strata > 1)
		eh_para(b, "By stratum",
			"%u strata (%sposition, stage, question); Mantel-Haenszel ratio = sum of a x n2 / N over the "
			"strata / sum of b x n1 / N = %s (a of n1 of the group selected, b of n2 of the reference, N "
			"both); 95 %% interval %s%s%s%s",
			f->strata, f->evaluator[0] == '\0' ? "evaluator, " : "", eh_real(f->mh_ratio, "").text,
			eh_ends(f->mh_interval).text, strata[0] != '\0' ? ", " : "", strata,
			eh_alike_words(f, "; are the strata alike: ").text);
	for (unsigned bit = EH_NOTE_UNEQUAL; bit <= EH_NOTE_LAST; bit <<= 1)
		if ((eh_strata_notes(f) & bit) != 0)
			eh_para(b, "Warning", "%s", eh_strata_note_text(f, bit));
	if (f->basis == EH_BASIS_SCREENING)
		unseen(b, f);
	else if (f->guard[0] != '\0')
		refused(b, f);
	if (other.defined)
		(void)snprintf(beside, sizeof beside, "; the %s ratio beside it is %.60s",
			       kind == EH_RATIO_PLAIN ? "stratified" : "plain", eh_real(other, "").text);
	eh_para(b, "Decisive", "%s ratio %s, 95 %% interval %s, from %s: %s the limit%s", eh_ratio_kind_text(kind),
		eh_real(f->ratio, "").text, eh_ends(f->ratio_interval).text,
		f->basis == EH_BASIS_KNOWN ? "known classes only" : "known and predicted classes (screening)",
		f->ratio_below == EH_YES  ? "below"
		: f->ratio_below == EH_NO ? "not below"
					  : "cannot be compared with",
		beside);
}

/* Do shortfall and odds ratio go stratum by stratum? */
static bool by_strata(const struct eh_finding *f) { return f->strata > 1 && f->rests_on != EH_RATIO_PLAIN; }

/* What describes the difference without deciding anything. */
static void sizes(struct eh_buf *b, const struct eh_finding *f)
{
	char size[256] = "", score[400] = "";

	eh_listed(size, sizeof size, "Cohen's h", f->cohen_h, "+");
	eh_listed(size, sizeof size, "phi", f->phi, "+");
	eh_listed(size, sizeof size, by_strata(f) ? "Mantel-Haenszel odds ratio" : "odds ratio", f->odds_ratio, "");
	eh_listed(size, sizeof size, "probability of a true ratio below the limit (Jeffreys priors)", f->posterior,
		  "posterior");
	eh_listed(size, sizeof size, "Boschloo p", f->p_boschloo, "p");
	if (size[0] != '\0')
		eh_para(b, "", "%s%s", f->basis == EH_BASIS_SCREENING ? "known classes alone: " : "", size);
	eh_listed(score, sizeof score, "share above the median", f->scores.scoring_rate, "");
	eh_listed(score, sizeof score, "the reference's", f->scores.ref_scoring_rate, "");
	eh_listed(score, sizeof score, "their ratio", f->scores.scoring_ratio, "");
	eh_listed(score, sizeof score, "Cohen's d", f->scores.cohen_d, "+");
	eh_listed(score, sizeof score, "rank test p", f->scores.p_mann_whitney, "p");
	if (score[0] != '\0')
		eh_para(b, "Scores", "%llu and %llu persons: %s", (unsigned long long)f->scores.n,
			(unsigned long long)f->scores.ref_n, score);
}

/* The two-standard-deviations statistic of the plain table. */
static void z_line(struct eh_buf *b, const struct eh_finding *f)
{
	const double all = (double)(f->n + f->ref_n);

	if (f->z.defined)
		eh_para(b, "",
			"z = (%.3f - %.3f) / sqrt(%.3f x %.3f x (1/%llu + 1/%llu)) = %+.3f, %.3f being the rate of "
			"both together",
			f->rate.value, f->ref_rate.value, (double)(f->selected + f->ref_selected) / all,
			1.0 - (double)(f->selected + f->ref_selected) / all, (unsigned long long)f->n,
			(unsigned long long)f->ref_n, f->z.value, (double)(f->selected + f->ref_selected) / all);
}

/* Growing data that are looked at again and again: which p this is. */
static void looks(struct eh_buf *b, const struct eh_finding *f)
{
	char look[48] = "Look";

	if (f->look > 0)
		(void)snprintf(look, sizeof look, "look %u on these data", f->look);
	if (!f->p_anytime.defined)
		return;
	if (f->anytime)
		eh_para(b, "Looks",
			"%s; the correction took the p that holds at any number of looks, %s (normal mixture, Robbins "
			"1970, spread "
			"%.3f of the log odds ratio), not the p of one look",
			f->look > 0 ? look : "repeated looks", eh_real(f->p_anytime, "p").text,
			eh_anytime_spread(f->limit_num, f->limit_den));
	else if (f->look > 1)
		eh_para(b, "Looks",
			"%s; p is for one look, and who looks often accuses the innocent. The p for any number of "
			"looks is %s; "
			"audit with --looks anytime, or set looks = \"anytime\" in the policy.",
			look, eh_real(f->p_anytime, "p").text);
}

struct eh_words eh_shortfall_words(const struct eh_finding *f)
{
	struct eh_words s = { "" };

	(void)snprintf(s.text, sizeof s.text, "%.1f persons %s than at the reference's rate", fabs(f->shortfall.value),
		       f->shortfall.value < 0.0 ? "more" : "fewer");
	return s;
}

static void shortfall(struct eh_buf *b, const struct eh_finding *f)
{
	const bool plain = !by_strata(f) && f->persons == f->n && f->ref_persons == f->ref_n &&
			   f->basis == EH_BASIS_KNOWN && f->shortfall.defined;

	if (plain)
		eh_para(b, "Effect",
			"shortfall %llu x %llu/%llu - %llu = %s: %s",
			(unsigned long long)f->n, (unsigned long long)f->ref_selected, (unsigned long long)f->ref_n,
			(unsigned long long)f->selected, eh_real(f->shortfall, "").text, eh_shortfall_words(f).text);
	else if (f->shortfall.defined)
		eh_para(b, "Effect", "shortfall %s: %s%s", eh_real(f->shortfall, "").text, eh_shortfall_words(f).text,
			f->basis == EH_BASIS_SCREENING ? ", expected by the predicted classes"
			: by_strata(f)		       ? ", stratum by stratum"
						       : "");
	else
		eh_para(b, "Effect", "no shortfall in persons: %s", eh_undef_words(f->shortfall.why));
}

static void tests(struct eh_buf *b, const struct eh_finding *f)
{
	char plain[256] = "";

	if (f->is_reference)
		return;
	if (f->p.defined)
		eh_para(b, "Test", "p %s, %s; candidates, not decisions, are the unit", eh_real(f->p, "p").text,
			f->p_method[0] != '\0' ? f->p_method : "no test named");
	else
		eh_para(b, "Test", "none: %s", eh_undef_words(f->p.why));
	eh_listed(plain, sizeof plain, "Fisher p", f->p_fisher, "p");
	eh_listed(plain, sizeof plain, "mid-p", f->p_mid, "p");
	eh_listed(plain, sizeof plain, "z", f->z, "+");
	eh_listed(plain, sizeof plain, "p of z", f->p_z, "p");
	eh_listed(plain, sizeof plain, "Cochran-Mantel-Haenszel p", f->p_cmh, "p");
	if (plain[0] != '\0')
		eh_para(b, "", "%scounted as single decisions: %s",
			f->basis == EH_BASIS_SCREENING ? "known classes alone, " : "", plain);
	z_line(b, f);
	eh_explain_family(b, f);
	looks(b, f);
	shortfall(b, f);
	eh_para(b, "", "The swap of one person %s.", eh_swap_words(f->flips));
	sizes(b, f);
}

char *eh_explain_pooled(const struct eh_finding *f, size_t members)
{
	char *text = NULL;
	struct eh_buf b;
	bool known;

	eh_buf_init(&b, TEXT_MAX);
	head(&b, f, members);
	known = (!f->own || f->counted) && counts(&b, f);
	if (known) {
		ratios(&b, f);
		tests(&b, f);
	}
	/* what an own finding asks for, only its policy knows */
	if (known && !f->own)
		eh_explain_others(&b, f);
	if (!f->own) {
		eh_explain_conditions(&b, f);
		eh_explain_what_if(&b, f);
	}
	if (!f->own || f->counted)
		eh_para(&b, "Classes", "persons: %llu declared, %llu imported, %llu predicted, %llu unknown",
			(unsigned long long)f->declared, (unsigned long long)f->imported,
			(unsigned long long)f->predicted, (unsigned long long)f->unknown);
	if (known && f->uncertain_n > 0 && f->ratio_if_unknown_low.defined)
		eh_para(&b, "",
			"%llu decision%s on persons whose class is %s: whatever these classes are, with them the plain "
			"ratio would lie between %s and %s.",
			(unsigned long long)f->uncertain_n, f->uncertain_n == 1 ? " is" : "s are",
			f->predicted > 0 ? "predicted or unknown" : "unknown, and left out",
			eh_real(f->ratio_if_unknown_low, "").text,
			f->ratio_if_unknown_high.defined ? eh_real(f->ratio_if_unknown_high, "").text : "no upper end");
	eh_para(&b, "Note",
		"This is no legal advice. The limit is an engineering limit of the policy; a person must look at the "
		"evidence, hear the %s and decide.",
		f->evaluator[0] != '\0' ? "evaluator" : "people concerned");
	text = eh_xstrdup(eh_buf_cstr(&b));
	eh_buf_free(&b);
	return text;
}

char *eh_explain_text(const struct eh_finding *f) { return eh_explain_pooled(f, 0); }
