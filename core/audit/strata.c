/* Mantel-Haenszel risk ratio, CMH and Breslow-Day; see strata.h. */
#include "audit/strata.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

/* Relative room at the limit: the rounding of the two sums, far below anything counts can make. */
#define LIMIT_ROOM 1e-12

struct odds {
	double up, down;                /* sums of the Mantel-Haenszel odds ratio */
};

static void add_ratio(struct eh_strata *o, const struct eh_fourfold *t, double *pg)
{
	double a = (double)t->a, n1 = (double)t->n1, b = (double)t->b, n2 = (double)t->n2;
	double all = n1 + n2;

	o->both++;
	o->r += a * n2 / all;
	o->s += b * n1 / all;
	*pg += ((a + b) * n1 * n2 - a * b * all) / (all * all);
	o->shortfall += n1 * b / n2 - a;
	o->comparable.a += t->a;
	o->comparable.n1 += t->n1;
	o->comparable.b += t->b;
	o->comparable.n2 += t->n2;
	o->swappable = o->swappable || (t->b > 0 && t->a < t->n1);
}

static void add_cmh(const struct eh_fourfold *t, double *u, double *v)
{
	double n1 = (double)t->n1, n2 = (double)t->n2, m = (double)(t->a + t->b);
	double all = n1 + n2;

	if (all <= 1.0)
		return;
	*u += (double)t->a - n1 * m / all;
	*v += n1 * n2 * m * (all - m) / (all * all * (all - 1.0));
}

/* Fitted a of a stratum under the common odds ratio w: root of x(n2-m+x) = w(m-x)(n1-x) inside the margins. */
static double fitted(const struct eh_fourfold *t, double w)
{
	double n1 = (double)t->n1, n2 = (double)t->n2, m = (double)(t->a + t->b);
	double qa = 1.0 - w;
	double qb = n2 - m + w * (m + n1);
	double qc = -w * m * n1;

	double root = sqrt(fmax(0.0, qb * qb - 4.0 * qa * qc));

	/* one root in two forms: without division by 1 - w (w may be 1), and, for B < 0 (then w < 1), without
	 * cancellation */
	return qb >= 0.0 ? -2.0 * qc / (qb + root) : (root - qb) / (2.0 * qa);
}

static void breslow_day(struct eh_strata *o, const struct eh_fourfold *v, size_t n, const struct odds *odds)
{
	double chi = 0.0;

	if (!(odds->up > 0.0) || !(odds->down > 0.0)) {
		o->breslow_day = o->p_breslow_day = eh_undefined(EH_U_ZERO_VARIANCE);
		return;
	}
	for (size_t k = 0; k < n; k++) {
		const struct eh_fourfold *t = &v[k];
		double n1 = (double)t->n1, n2 = (double)t->n2, m = (double)(t->a + t->b);
		double x, inverse;

		if (eh_table_state(t) != EH_U_NONE)
			continue;
		x = fitted(t, odds->up / odds->down);
		inverse = 1.0 / x + 1.0 / (m - x) + 1.0 / (n1 - x) + 1.0 / (n2 - m + x);
		chi += ((double)t->a - x) * ((double)t->a - x) * inverse;
		o->used++;
	}
	if (o->used < 2 || !isfinite(chi)) {
		o->breslow_day = o->p_breslow_day = eh_undefined(o->used < 2 ? EH_U_ONE_STRATUM : EH_U_ZERO_VARIANCE);
		return;
	}
	o->breslow_day = eh_num(chi);
	o->p_breslow_day = eh_num(gsl_cdf_chisq_Q(chi, (double)(o->used - 1)));
}

static void conclude_ratio(struct eh_strata *o, double pg)
{
	enum eh_undef why = EH_U_NONE;

	if (o->both == 0)
		why = EH_U_EMPTY_GROUP;
	else if (!(o->r > 0.0) && !(o->s > 0.0))
		why = EH_U_NOBODY_SELECTED;
	else if (!(o->s > 0.0))
		why = EH_U_REFERENCE_NONE_SELECTED;
	o->ratio = why == EH_U_NONE ? eh_num(o->r / o->s) : eh_undefined(why);
	if (why == EH_U_NONE && !(o->r > 0.0))
		why = EH_U_FOCAL_NONE_SELECTED;
	if (why == EH_U_NONE && !(pg > 0.0))
		why = EH_U_ZERO_VARIANCE;
	o->var_ln = why == EH_U_NONE ? eh_num(pg / (o->r * o->s)) : eh_undefined(why);
}

void eh_strata(struct eh_strata *out, const struct eh_fourfold *v, size_t n)
{
	struct odds odds = { 0.0, 0.0 };
	double pg = 0.0, u = 0.0, var = 0.0;

	*out = (struct eh_strata){ .both = 0 };
	for (size_t k = 0; k < n; k++) {
		const struct eh_fourfold *t = &v[k];
		double all = (double)t->n1 + (double)t->n2;

		if (t->n1 == 0 || t->n2 == 0)
			continue;
		add_ratio(out, t, &pg);
		add_cmh(t, &u, &var);
		odds.up += (double)t->a * (double)(t->n2 - t->b) / all;
		odds.down += (double)t->b * (double)(t->n1 - t->a) / all;
	}
	conclude_ratio(out, pg);
	out->cmh = out->p_cmh = eh_undefined(out->both == 0 ? EH_U_EMPTY_GROUP : EH_U_ZERO_VARIANCE);
	if (var > 0.0) {
		out->cmh = eh_num(u * u / var);
		out->p_cmh = eh_num(gsl_cdf_chisq_Q(u * u / var, 1.0));
	}
	breslow_day(out, v, n, &odds);
}

enum eh_tri eh_strata_below(const struct eh_strata *s, int32_t num, int32_t den)
{
	if (!s->ratio.defined)
		return EH_UNKNOWN;
	return s->r * den < s->s * num * (1.0 - LIMIT_ROOM) ? EH_YES : EH_NO;
}

enum eh_tri eh_strata_flips(const struct eh_strata *s, uint64_t m)
{
	if (!s->swappable)
		return EH_UNKNOWN;
	return s->r + (double)m > s->s * (1.0 + LIMIT_ROOM) ? EH_YES : EH_NO;
}

unsigned eh_strata_notes(const struct eh_finding *f)
{
	unsigned notes = 0;

	if (f->p_breslow_day.defined && f->p_breslow_day.value < 0.05)
		notes |= EH_NOTE_UNEQUAL;
	if (f->mh_ratio.defined && f->below_limit != EH_UNKNOWN && f->basis == EH_BASIS_KNOWN) {
		double room = f->mh_ratio.value * f->limit_den - f->limit_num * (1.0 - LIMIT_ROOM);

		if (f->below_limit != (room < 0.0 ? EH_YES : EH_NO))
			notes |= EH_NOTE_REVERSED;
	}
	return notes;
}

const char *eh_strata_note_text(unsigned bit)
{
	switch (bit) {
	case EH_NOTE_UNEQUAL:  return "the strata differ (Breslow-Day p < .05): one common ratio hides something";
	case EH_NOTE_REVERSED: return "the plain and the stratified ratio fall on different sides of the limit";
	default:               return "";
	}
}
