/* One finding in words and numbers for a person, 80 columns wide. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "audit/strata.h"
#include "base/mem.h"
#include "exchange/exchange.h"

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
static void __attribute__((format(printf, 3, 4))) para(struct eh_buf *b, const char *label, const char *fmt, ...)
{
	char text[1400];
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

struct shown {
	char text[128];
};

static struct shown real(struct eh_num v, const char *fmt)
{
	struct shown s = { "" };

	if (!v.defined)
		(void)snprintf(s.text, sizeof s.text, "not defined (%.36s)", eh_undef_text(v.why));
	else if (strcmp(fmt, "p") == 0)
		(void)snprintf(s.text, sizeof s.text, v.value != 0.0 && v.value < 1e-4 ? "%.1e" : "%.4f", v.value);
	else if (strcmp(fmt, "+") == 0)
		(void)snprintf(s.text, sizeof s.text, "%+.3f", v.value);
	else
		(void)snprintf(s.text, sizeof s.text, "%.3f", v.value);
	return s;
}

static struct shown ends(struct eh_interval v)
{
	struct shown s = { "" };

	if (!v.low.defined && !v.high.defined)
		(void)snprintf(s.text, sizeof s.text, "not defined (%.36s)", eh_undef_text(v.low.why));
	else
		(void)snprintf(s.text, sizeof s.text, "%.56s to %.56s",
			       v.low.defined ? real(v.low, "").text : "no lower end",
			       v.high.defined ? real(v.high, "").text : "no upper end");
	return s;
}

/* Appends ", NAME VALUE" for a number that is defined. */
static void add(char *list, size_t size, const char *name, struct eh_num v, const char *fmt)
{
	size_t used = strlen(list);

	if (v.defined && used < size)
		(void)snprintf(list + used, size - used, "%s%s %s", used > 0 ? ", " : "", name, real(v, fmt).text);
}

static const char *unit(const struct eh_finding *f)
{
	return f->persons == f->n && f->ref_persons == f->ref_n ? "persons" : "decisions";
}

static const char *reference(const struct eh_finding *f)
{
	return strcmp(f->reference, "rest") == 0 ? "the rest" : f->reference;
}

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

static void head(struct eh_buf *b, const struct eh_finding *f)
{
	static const char *const scopes[] = { "", ", individual: the evaluator also differs from the others",
					      ", systemic: the others show it too, so it is addressed to the process" };

	para(b, "Finding", "%s%s%s%s, %s: %s against %s",
	     f->evaluator[0] != '\0' ? "evaluator " : "all evaluators together", f->evaluator,
	     f->position[0] != '\0' ? ", position " : "", f->position, f->attribute, f->group,
	     f->is_reference ? "nobody, it is the reference group" : reference(f));
	para(b, "Verdict", "%s%s", eh_verdict_text(f->verdict), (unsigned)f->scope < 3 ? scopes[f->scope] : "");
	if (f->verdict == EH_NOTIFY)
		para(b, "",
		     "A potential violation of the policy's limit: a reason to look and to hear the evaluator, nothing "
		     "more.");
	if (f->reason[0] != '\0')
		para(b, "Policy says", "%s", f->reason);
	para(b, "Built in", "four-fifths result %s, shown beside every policy's verdict", eh_verdict_text(f->builtin));
}

static void counts(struct eh_buf *b, const struct eh_finding *f)
{
	para(b, "Counts", "%s: %llu of %llu decisions favourable, rate %s, %llu persons", f->group,
	     (unsigned long long)f->selected, (unsigned long long)f->n, real(f->rate, "").text,
	     (unsigned long long)f->persons);
	if (f->is_reference)
		return;
	para(b, "", "%s: %llu of %llu decisions favourable, rate %s, %llu persons", reference(f),
	     (unsigned long long)f->ref_selected, (unsigned long long)f->ref_n, real(f->ref_rate, "").text,
	     (unsigned long long)f->ref_persons);
	if (f->below_two_percent)
		para(b, "", "The group is below 2 %% of the pool: listed only, neither compared nor a reference.");
}

/* A product in digits: it can be longer than 64 bits. */
static struct shown digits(wide v)
{
	struct shown s = { "" };
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
	para(b, "Limit",
	     "%d/%d, compared as whole numbers: %d x %llu x %llu = %s, %d x %llu x %llu = %s; the first is %s, so "
	     "the plain ratio is %s the limit",
	     f->limit_num, f->limit_den, f->limit_den, (unsigned long long)f->selected, (unsigned long long)f->ref_n,
	     digits(left).text, f->limit_num, (unsigned long long)f->ref_selected, (unsigned long long)f->n,
	     digits(right).text,
	     left < right    ? "less"
	     : left == right ? "equal"
			     : "more",
	     f->below_limit == EH_YES ? "below" : "not below");
}

static void ratios(struct eh_buf *b, const struct eh_finding *f)
{
	enum eh_ratio_kind kind = f->rests_on;
	struct eh_num other = eh_finding_other_ratio(f);
	char beside[128] = "";

	if (f->is_reference)
		return;
	if (f->impact_ratio.defined)
		para(b, "Ratio",
		     "rate of the group / rate of the reference = (%llu/%llu) / (%llu/%llu) = %s; 95 %% interval %s, "
		     "%s",
		     (unsigned long long)f->selected, (unsigned long long)f->n, (unsigned long long)f->ref_selected,
		     (unsigned long long)f->ref_n, real(f->impact_ratio, "").text, ends(f->interval).text,
		     f->interval_method);
	else
		para(b, "Ratio", "rate of the group / rate of the reference: %s", real(f->impact_ratio, "").text);
	limit_line(b, f);
	if (f->strata > 1)
		para(b, "By stratum",
		     "%u strata (%sposition, stage, question); Mantel-Haenszel ratio %s, 95 %% interval %s%s%s",
		     f->strata, f->evaluator[0] == '\0' ? "evaluator, " : "", real(f->mh_ratio, "").text,
		     ends(f->mh_interval).text,
		     f->p_breslow_day.defined ? "; are the strata alike (Breslow-Day): p " : "",
		     f->p_breslow_day.defined ? real(f->p_breslow_day, "p").text : "");
	for (unsigned bit = EH_NOTE_UNEQUAL; bit <= EH_NOTE_REVERSED; bit <<= 1)
		if ((eh_strata_notes(f) & bit) != 0)
			para(b, "Warning", "%s", eh_strata_note_text(bit));
	if (f->predicted > 0)
		para(b, "Predicted",
		     "screening only: with the probabilities of predicted classes the ratio is %s (EM), interval %s, p "
		     "%s; weighted ratio %s; %s%s%s",
		     real(f->em_ratio, "").text, ends(f->em_interval).text, real(f->p_em, "p").text,
		     real(f->weighted_ratio, "").text, f->robust ? "robust" : "depends on the model's assumptions",
		     f->guard[0] != '\0' ? "; not judged: " : "", f->guard);
	if (other.defined)
		(void)snprintf(beside, sizeof beside, "; the %s ratio beside it is %.60s",
			       kind == EH_RATIO_PLAIN ? "stratified" : "plain", real(other, "").text);
	para(b, "Decisive", "%s ratio %s, 95 %% interval %s, from %s: %s the limit%s", eh_ratio_kind_text(kind),
	     real(f->ratio, "").text, ends(f->ratio_interval).text,
	     f->basis == EH_BASIS_KNOWN ? "known classes only" : "known and predicted classes (screening)",
	     f->ratio_below == EH_YES  ? "below"
	     : f->ratio_below == EH_NO ? "not below"
				       : "cannot be compared with",
	     beside);
}

static void tests(struct eh_buf *b, const struct eh_finding *f)
{
	char plain[256] = "";

	if (f->is_reference)
		return;
	para(b, "Test", "p %s, %s; candidates, not decisions, are the unit", real(f->p, "p").text,
	     f->p_method[0] != '\0' ? f->p_method : "no test possible");
	add(plain, sizeof plain, "Fisher p", f->p_fisher, "p");
	add(plain, sizeof plain, "mid-p", f->p_mid, "p");
	add(plain, sizeof plain, "z", f->z, "+");
	add(plain, sizeof plain, "p of z", f->p_z, "p");
	add(plain, sizeof plain, "Cochran-Mantel-Haenszel p", f->p_cmh, "p");
	if (plain[0] != '\0')
		para(b, "", "counted as single decisions: %s", plain);
	if (f->q.defined)
		para(b, "Correction", "q %s by %s over the %u comparisons of this run; Holm %s", real(f->q, "p").text,
		     f->family_method, f->family_size, real(f->q_holm, "p").text);
	else
		para(b, "Correction", "no corrected p: %s", real(f->q, "p").text);
	para(b, "Effect", "shortfall %s persons against the reference's rate; the swap of one person %s",
	     real(f->shortfall, "").text,
	     f->flips == EH_YES	 ? "would turn the order round (small numbers)"
	     : f->flips == EH_NO ? "would not turn the order round"
				 : "cannot be tried");
}

static void others(struct eh_buf *b, const struct eh_finding *f)
{
	char apart[256] = "";

	if (f->is_reference || f->evaluator[0] == '\0')
		return;
	add(apart, sizeof apart, "ratio divided by that of all others", f->peers_ratio, "");
	add(apart, sizeof apart, "this evaluator's distance from them z", f->peers_z, "+");
	add(apart, sizeof apart, "p", f->peers_p, "p");
	add(apart, sizeof apart, "corrected p", f->peers_q, "p");
	if (apart[0] != '\0')
		para(b, "Peers", "%s", apart);
	else
		para(b, "Peers", "no comparison with other evaluators: %s", real(f->peers_z, "").text);
	if (f->bench_evaluators > 0)
		para(b, "Benchmark",
		     "second set of %u evaluator%s within the limit: %llu of %llu favourable, ratio %s; deviation %s",
		     f->bench_evaluators, f->bench_evaluators == 1 ? "" : "s", (unsigned long long)f->bench_selected,
		     (unsigned long long)f->bench_n, real(f->bench_ratio, "").text, real(f->deviation, "+").text);
	else
		para(b, "Benchmark",
		     "no second set of evaluators within the limit, so there is no modelled outcome to compare with");
}

/* Counts that would put the plain ratio on the other side of the limit. */
static void turn(struct eh_buf *b, const struct eh_finding *f, const char *label)
{
	uint64_t need = selected_at_limit(f);

	if (f->below_limit == EH_YES) {
		uint64_t moved = moved_at_limit(f);

		if (need <= f->n)
			para(b, label,
			     "%llu more of the %llu %s of %s selected (%llu instead of %llu) would bring the plain "
			     "ratio to the limit%s",
			     (unsigned long long)(need - f->selected), (unsigned long long)f->n, unit(f), f->group,
			     (unsigned long long)need, (unsigned long long)f->selected,
			     f->rests_on == EH_RATIO_STRATIFIED
				? "; with strata the decisive ratio weighs each by its size" : "");
		else
			para(b, label, "not even all of %s selected would bring the plain ratio to the limit",
			     f->group);
		para(b, "", "With the same number selected in all, %llu selection%s would have to go from %s to %s.",
		     (unsigned long long)moved, moved == 1 ? "" : "s", reference(f), f->group);
	} else if (f->below_limit == EH_NO && need >= 1 && f->selected >= need) {
		uint64_t fewer = f->selected - need + 1;

		para(b, label,
		     "%llu fewer of %s selected (%llu instead of %llu) would put the plain ratio below the limit",
		     (unsigned long long)fewer, f->group, (unsigned long long)(f->selected - fewer),
		     (unsigned long long)f->selected);
	}
}

static void what_if(struct eh_buf *b, const struct eh_finding *f)
{
	const char *label = "What if";
	size_t before = b->len;

	if (f->is_reference)
		return;
	if (f->verdict == EH_TOO_FEW)
		para(b, label,
		     "at least %u persons in the group and in the reference and %u in all are needed; there are %llu "
		     "and %llu. With these "
		     "numbers the smallest ratio that could be found with power .8 is %s.",
		     f->min_group, f->min_total, (unsigned long long)f->persons, (unsigned long long)f->ref_persons,
		     real(f->detectable, "").text);
	turn(b, f, b->len == before ? label : "");
	if (f->verdict == EH_WATCH && f->ratio_below == EH_YES)
		para(b, b->len == before ? label : "",
		     "The ratio is below the limit but the evidence is not enough for a notification: corrected "
		     "p %s, shortfall %s persons, %s.",
		     real(f->q, "p").text, real(f->shortfall, "").text,
		     f->flips == EH_YES ? "turned round by the swap of one" : "not turned round by the swap of one");
	if (f->verdict != EH_TOO_FEW && f->detectable.defined)
		para(b, b->len == before ? label : "",
		     "The smallest ratio that these numbers could find with power .8 is %s.",
		     real(f->detectable, "").text);
}

char *eh_explain_text(const struct eh_finding *f)
{
	char *text = NULL;
	struct eh_buf b;

	eh_buf_init(&b, TEXT_MAX);
	head(&b, f);
	counts(&b, f);
	ratios(&b, f);
	tests(&b, f);
	others(&b, f);
	if (f->limit_den > 0 && f->ref_n > 0)
		what_if(&b, f);
	para(&b, "Classes", "%llu declared, %llu imported, %llu predicted, %llu unknown (left out)",
	     (unsigned long long)f->declared, (unsigned long long)f->imported, (unsigned long long)f->predicted,
	     (unsigned long long)f->unknown);
	para(&b, "Note",
	     "This is no legal advice. The limit is an engineering limit of the policy; a person must look at the "
	     "evidence, hear the "
	     "evaluator and decide.");
	text = eh_xstrdup(eh_buf_cstr(&b));
	eh_buf_free(&b);
	return text;
}
