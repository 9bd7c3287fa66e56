/* Wrapping a card's text, and the sentences every card has; see card_page.h. */
#include "learn/card_page.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "learn/importance.h"
#include "learn/measure.h"

#define TEXT_OF(macro) TEXT_OF_(macro)
#define TEXT_OF_(text) #text
#define LABEL 19                        /* [columns] before the text of a field */
#define LABEL_TEXT 16

const char *const card_not_for[] = {
	"any decision about a candidate, and telling what one person is",
	"any place whose law forbids the inference, and any candidate without consent to it",
	"candidates of another project or site, and recordings of another kind than those it was taught with",
	"emotion, health, personality or ability: it measures shapes and sounds that go with a known class",
	NULL
};
const char *const card_metrics[] = {
	"AUC: how often a candidate of the group gets a higher probability than one of the others; 0.5 is "
	"chance. A part whose interval reaches below " TEXT_OF(EH_CLASSIFY_AUC) " classifies nobody.",
	"Brier score and log loss: distance of the probabilities from what is known; 0 is perfect.",
	"Calibration error: how far the probabilities are from the shares that they stand for, over ten lines "
	"of equal mass; with few candidates it is above 0 by chance alone.",
	"Intervals are 95 %: accuracy by Wilson, the others by " TEXT_OF(EH_BOOTSTRAP) " resamples of "
	"candidates; that of the AUC holds a score interval besides.",
	NULL
};
const char *const card_evaluation[] = {
	"The same candidates serve training and evaluation, never at once: folds are by candidate, and no "
	"part of the fit (scale, search, calibration, support vectors) sees a candidate whom it is judged on.",
	"Only recordings as they are are judged; degraded copies, where any were made to teach, never are.",
	NULL
};
const char *const card_ethics[] = {
	"The model holds measurements of faces and voices of its candidates: it is personal, biometric data "
	"and does not leave this site.",
	"A declared class always wins over an imported one, a known class over a predicted one. Probabilities are "
	"weights in a screening of evaluators; they never stand in a decision about the person they are of.",
	"The groups are those that candidates could declare; who finds no group of theirs is not in it.",
	NULL
};
const char *const card_caveats[] = {
	"The calibration stands for recordings like those above; another channel moves the threshold more "
	"than the order.",
	"Language and recording device are not kept by this program: whether the skill differs by them is not "
	"known.",
	"The error of a ratio corrected with these probabilities is not measured here; the audit gives its "
	"own interval.",
	NULL
};
const char *const card_verdict_name[4] = { "not measured", "enough", "more needed", "cannot tell" };

void page_init(struct page *p, int width)
{
	eh_buf_init(&p->b, EH_PAGE_MAX);
	p->width = width < EH_CARD_WIDTH_LEAST ? EH_CARD_WIDTH_LEAST : width;
}

char *page_end(struct page *p)
{
	char *text = eh_xstrdup(eh_buf_cstr(&p->b));

	eh_buf_free(&p->b);
	return text;
}

void page_row(struct page *p, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	eh_buf_printf(&p->b, "%s\n", text);
}

/* Words after `used` columns of the first line; further lines begin at `indent`. */
static void wrap(struct page *p, size_t used, size_t indent, const char *text)
{
	bool first = true;

	for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " ")) {
		size_t len = strcspn(text, " "), room = (size_t)p->width - indent;

		len = len < room ? len : room;          /* a hash may be longer than a line */
		if (!first && used + 1 + len > (size_t)p->width) {
			eh_buf_printf(&p->b, "\n%*s", (int)indent, "");
			used = indent;
			first = true;
		}
		eh_buf_printf(&p->b, "%s%.*s", first ? "" : " ", (int)len, text);
		used += len + !first;
		first = false;
		text += len;
	}
	eh_buf_printf(&p->b, "\n");
}

void page_para(struct page *p, int indent, const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	eh_buf_printf(&p->b, "%*s", indent, "");
	wrap(p, (size_t)indent, (size_t)indent, text);
}

void page_item(struct page *p, const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	eh_buf_printf(&p->b, "  - ");
	wrap(p, 4, 4, text);
}

double card_round(double v)
{
	return fabs(v) < 0.0005 ? 0.0 : v;
}

void page_field(struct page *p, const char *label, const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	eh_buf_printf(&p->b, "  %-*s ", LABEL_TEXT, label);
	wrap(p, LABEL, LABEL, text);
}

void card_group_name(char *out, size_t size, const struct eh_importance *i, size_t group)
{
	const char *first = "";
	size_t n = 0;

	for (size_t k = 0; k < EH_VECTOR_N; k++)
		if (i->group_of[k] == group + 1 && n++ == 0)
			first = eh_vector_info(k)->name;
	if (n > 1)
		(void)snprintf(out, size, "%.30s and %zu more", first, n - 1);
	else
		(void)snprintf(out, size, "%s", first);
}

void card_recall(struct eh_figure *out, const struct eh_skill *s, size_t group)
{
	out->value = s->confusion[group][group] / s->n_class[group];
	eh_wilson(&out->lo, &out->hi, (uint64_t)s->confusion[group][group], s->n_class[group]);
}

void card_bin_interval(double *lo, double *hi, const struct eh_bin *b)
{
	double n = fmax(1.0, round(b->n));

	eh_wilson(lo, hi, (uint64_t)fmin(n, round(b->share * n)), (uint64_t)n);
}
