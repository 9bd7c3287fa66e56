/* A notification addressed to the process: the evaluators that it rests on, one by one, then all of them together. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "exchange/exchange.h"
#include "exchange/explain.h"

#define DEFAULT_ALPHA 0.05 /* of findings stored before they carried their level */
#define TEXT_MAX (1u << 20) /* EH_MEMBERS_MAX evaluators of about 600 bytes, and the pooled finding */

static const char *beside_the_limit(const struct eh_finding *f)
{
	return f->ratio_below == EH_YES	 ? "below the limit"
	       : f->ratio_below == EH_NO ? "not below the limit"
					 : "not to be compared with the limit";
}

/* A policy may notify by another measure than the limit. */
static bool all_below(const struct eh_finding *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].ratio_below != EH_YES)
			return false;
	return n > 0;
}

/* "E3, E17, E4 and 22 more" */
static void ids(char *out, size_t size, const struct eh_with_own *own)
{
	const size_t told = own->named < EH_OWN_NAMED ? own->named : EH_OWN_NAMED;
	size_t used = 0;

	for (size_t i = 0; i < told && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s", i > 0 ? ", " : "", own->id[i]);
	if (told < own->n && used < size)
		(void)snprintf(out + used, size - used, " and %zu more", own->n - told);
}

static void with_own(struct eh_buf *b, const struct eh_finding *pooled, const struct eh_with_own *own)
{
	char list[EH_OWN_NAMED * (EH_ID_MAX + 3) + 40] = "";

	if (!own->known || own->n == 0)
		return;
	ids(list, sizeof list, own);
	eh_para(b, "Apart", "%zu evaluator%s with a notification of %s own on %s %s, the smallest p first: %s", own->n,
		own->n == 1 ? "" : "s", own->n == 1 ? "his" : "their", pooled->attribute, pooled->group, list);
}

static void first_line(struct eh_buf *b, const struct eh_finding *pooled, const char *what, size_t n,
		       const struct eh_with_own *own)
{
	char alone[200] = "", apart[100] = "";

	if (pooled->verdict != EH_NOTIFY)
		(void)snprintf(alone, sizeof alone, "; on all of them together the policy alone would say %s",
			       eh_verdict_text(pooled->verdict));
	if (!own->known)
		(void)snprintf(apart, sizeof apart,
			       "without those who stand out and have a notification of their own");
	else if (own->n == 0)
		(void)snprintf(apart, sizeof apart, "and nobody stands out and has a notification of his own");
	else
		(void)snprintf(apart, sizeof apart, "without the %zu who stand%s out and ha%s a notification of %s own",
			       own->n, own->n == 1 ? "s" : "", own->n == 1 ? "s" : "ve",
			       own->n == 1 ? "his" : "their");
	eh_para(b, "Process",
		"%zu evaluator%s %s on %s %s, %s; all together: %s (ratio %s)%s", n, n == 1 ? "" : "s", what,
		pooled->attribute, pooled->group, apart, beside_the_limit(pooled), eh_real(pooled->ratio, "").text,
		alone);
	with_own(b, pooled, own);
}

static void why_systemic(struct eh_buf *b, const struct eh_finding *f)
{
	const double alpha = f->alpha.defined ? f->alpha.value : DEFAULT_ALPHA;

	if (!f->peers_ratio.defined) {
		eh_para(b, "", "Systemic: cannot be told from the others, %s.", eh_undef_words(f->peers_ratio.why));
		return;
	}
	eh_para(b, "", "Systemic: %s (ratio divided by that of all others %s, corrected p %s).",
		f->peers_ratio.value >= 1.0 ? "is not below the others"
		: f->peers_q.defined && f->peers_q.value < alpha
			? "the policy says so, although the distance from the others is told from chance"
			: "does not stand out from the others",
		eh_real(f->peers_ratio, "").text, eh_real(f->peers_q, "p").text);
}

static void member(struct eh_buf *b, const struct eh_finding *f)
{
	eh_para(b, "Evaluator", "%s: %s %llu of %llu decisions favourable, %s %llu of %llu%s", f->evaluator, f->group,
		(unsigned long long)f->selected, (unsigned long long)f->n, eh_against(f),
		(unsigned long long)f->ref_selected, (unsigned long long)f->ref_n,
		f->basis == EH_BASIS_SCREENING ? " (of known class)" : "");
	eh_para(b, "", "%s ratio %s%s, 95 %% interval %s; corrected p (q) %s%s%s", eh_ratio_kind_text(f->rests_on),
		eh_real(f->ratio, "").text,
		f->basis == EH_BASIS_SCREENING ? " (screening, estimated with predicted classes)" : "",
		eh_ends(f->ratio_interval).text, eh_real(f->q, "p").text,
		f->rule[0] != '\0' ? "; rule: " : "", f->rule);
	why_systemic(b, f);
}

char *eh_explain_process_text(const struct eh_finding *pooled, const struct eh_finding *v, size_t n, size_t listed,
			      struct eh_with_own own)
{
	char *text = NULL, *together = eh_explain_pooled(pooled, listed);
	struct eh_buf b;

	eh_buf_init(&b, TEXT_MAX);
	if (listed == 0)
		with_own(&b, pooled, &own);
	else
		first_line(&b, pooled, all_below(v, n) ? "below the limit" : "notified by findings of their own",
			   listed, &own);
	for (size_t i = 0; i < n; i++)
		member(&b, &v[i]);
	if (n == 0 && listed > 0)
		eh_para(&b, "Evaluators",
			"their findings are no longer stored: the audit run that found them was removed");
	eh_buf_printf(&b, "%s%s", b.len > 0 ? "\n" : "", together);
	text = eh_xstrdup(eh_buf_cstr(&b));
	eh_buf_free(&b);
	free(together);
	return text;
}
