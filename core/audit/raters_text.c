/* What is found about an evaluator, in one sentence; see raters.h. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "audit/raters_inside.h"

#define TOLD 1.959963984540054       /* standard errors */

struct sentence {
	char *text;
	size_t size, len;
	bool difference;                /* something was found */
};

static void add(struct sentence *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void add(struct sentence *s, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (s->len > 0 && s->len + 2 < s->size) {
		memcpy(s->text + s->len, "; ", 3);
		s->len += 2;
	}
	va_start(ap, fmt);
	n = vsnprintf(s->text + s->len, s->size - s->len, fmt, ap);
	va_end(ap);
	s->len = n < 0 ? s->len : s->len + (size_t)n < s->size ? s->len + (size_t)n : s->size - 1;
}

static bool found(const struct eh_raters_work *w, struct eh_num q)
{
	return q.defined && q.value < w->s->alpha;
}

/* His severity comes from one group alone: to the rest of his persons he is not so. */
static bool of_one_group(const struct eh_raters_work *w, const struct eh_rater *v)
{
	const double sign = v->severity.value > 0.0 ? 1.0 : -1.0;

	for (size_t i = 0; i < w->out->n_bias; i++) {
		const struct eh_rater_bias *b = &v->bias[i];

		if (found(w, b->q) && sign * b->size.value < 0.0 && b->rest.defined &&
		    sign * b->rest.value < TOLD * b->rest_se.value)
			return true;
	}
	return false;
}

static void severity(struct sentence *s, const struct eh_raters_work *w, const struct eh_rater *v)
{
	if (v->extreme)
		add(s, "advanced %s of %llu decisions: the place leans on the others", v->selected > 0 ? "all" : "none",
		    (unsigned long long)v->informing);
	if (!v->severity.defined && v->severity.why == EH_U_NO_PEERS)
		add(s, "nobody decided in the same strata: not comparable");
	else if (!v->severity.defined)
		add(s, "no decision that tells anything: in these strata everybody or nobody was advanced");
	if (!found(w, v->q) || of_one_group(w, v))
		return;
	add(s, "%s to all: the odds of advancing are %.2f times those under an average evaluator",
	    v->severity.value > 0.0 ? "harsh" : "lenient", exp(-v->severity.value));
	if (w->out->n_bias == 0)
		add(s, "or to one group only, which cannot be told: no classes are known");
	s->difference = true;
}

static void bias(struct sentence *s, const struct eh_raters_work *w, const struct eh_rater_bias *b)
{
	const struct eh_attribute_data *a = &w->d->attributes[b->attribute];

	/* of two groups, lenient to the one is harsh to the other: said once, of the one that loses */
	if (!found(w, b->q) || (a->n_groups == 2 && b->size.value > 0.0))
		return;
	add(s, "%s to %s: odds %.2f times those that this severity and the other evaluators' treatment of %s give",
	    b->size.value < 0.0 ? "harsh" : "lenient", a->groups[b->group], exp(b->size.value), a->name);
	s->difference = true;
}

static void rest(struct sentence *s, const struct eh_raters_work *w, const struct eh_rater *v)
{
	if (found(w, v->drift.q))
		add(s, "grows %s over time: odds %.2f times in 30 days, beyond the trend of all",
		    v->drift.size.value > 0.0 ? "harsher" : "milder", exp(-v->drift.size.value));
	if (v->scores.spread.defined && !(v->scores.spread.value > 0.0))
		add(s, "gives everybody the same score");
	else if (found(w, v->scores.q))
		add(s, "scores %s: their spread is %.2f times that of the others",
		    v->scores.spread.value < 1.0 ? "bunch in the middle" : "go to the ends", v->scores.spread.value);
	s->difference = s->difference || found(w, v->drift.q) || found(w, v->scores.q);
}

/* Nobody can be told apart on a handful of persons; that is not the same as being like the others. */
static bool too_few(const struct eh_raters_work *w, const struct eh_rater *v)
{
	return v->persons < 2 * (uint64_t)w->s->min_group;
}

void eh_raters_sentence(const struct eh_raters_work *w, uint32_t evaluator)
{
	struct eh_rater *v = &w->out->v[evaluator];
	struct sentence s = { v->sentence, sizeof v->sentence, 0, false };

	v->sentence[0] = '\0';
	severity(&s, w, v);
	for (size_t i = 0; i < w->out->n_bias; i++)
		bias(&s, w, &v->bias[i]);
	rest(&s, w, v);
	if (s.difference || !v->severity.defined)
		return;
	if (too_few(w, v))
		add(&s, "no difference that could be told: %llu persons are too few", (unsigned long long)v->persons);
	else
		add(&s, "no difference that could be told");
}
