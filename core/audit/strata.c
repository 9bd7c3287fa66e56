/* Mantel-Haenszel risk and odds ratio, CMH and Breslow-Day; see strata.h. */
#include "audit/strata.h"

#include <math.h>

/* Relative room at the limit: the rounding of the two sums, far below anything counts can make. */
#define LIMIT_ROOM 1e-12

/* Sums of the Mantel-Haenszel odds ratio: up = sum r, down = sum s with r = a d/T, s = b c/T; and of its variance with
 * p = (a + d)/T, q = (b + c)/T. */
struct odds {
	double up, down;
	double pr, mixed, qs;
};

static void add_odds(struct odds *o, const struct eh_fourfold *t)
{
	double a = (double)t->a, c = (double)(t->n1 - t->a), b = (double)t->b, d = (double)(t->n2 - t->b);
	double all = a + b + c + d;
	double p = (a + d) / all, q = (b + c) / all, r = a * d / all, s = b * c / all;

	o->up += r;
	o->down += s;
	o->pr += p * r;
	o->mixed += p * s + q * r;
	o->qs += q * s;
}

static void conclude_odds(struct eh_strata *o, const struct odds *sum)
{
	struct eh_num none = eh_undefined(o->both == 0 ? o->apart : EH_U_ZERO_VARIANCE);
	double var;

	o->odds = sum->up > 0.0 ? eh_undefined(EH_U_UNBOUNDED) : none;
	if (sum->down > 0.0)
		o->odds = eh_num(sum->up / sum->down);
	o->odds_interval = (struct eh_interval){ none, none };
	if (!(sum->up > 0.0) || !(sum->down > 0.0))
		return;
	var = sum->pr / (2.0 * sum->up * sum->up) + sum->mixed / (2.0 * sum->up * sum->down) +
	      sum->qs / (2.0 * sum->down * sum->down);
	o->odds_interval = eh_log_interval(sum->up / sum->down, var);
}

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

static void add_cmh(struct eh_strata *o, const struct eh_fourfold *t, double *u)
{
	double n1 = (double)t->n1, n2 = (double)t->n2, m = (double)(t->a + t->b);
	double all = n1 + n2;

	if (all <= 1.0)
		return;
	*u += (double)t->a - n1 * m / all;
	o->expected += n1 * m / all;
	o->variance += n1 * n2 * m * (all - m) / (all * all * (all - 1.0));
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

bool eh_stratum_fit(struct eh_stratum_fit *out, const struct eh_fourfold *t, double odds)
{
	double n1 = (double)t->n1, n2 = (double)t->n2, m = (double)(t->a + t->b);

	if (eh_table_state(t) != EH_U_NONE)
		return false;
	out->a = fitted(t, odds);
	out->inverse = 1.0 / out->a + 1.0 / (m - out->a) + 1.0 / (n1 - out->a) + 1.0 / (n2 - m + out->a);
	return true;
}

static void breslow_day(struct eh_strata *o, const struct eh_fourfold *v, size_t n, const struct odds *odds)
{
	double chi = 0.0, sum = 0.0, var = 0.0;

	o->breslow_day = o->p_breslow_day = o->tarone = o->p_tarone = eh_undefined(EH_U_ZERO_VARIANCE);
	if (!(odds->up > 0.0) || !(odds->down > 0.0))
		return;
	for (size_t k = 0; k < n; k++) {
		struct eh_stratum_fit fit;
		double off;

		if (!eh_stratum_fit(&fit, &v[k], odds->up / odds->down))
			continue;
		off = (double)v[k].a - fit.a;
		chi += off * off * fit.inverse;
		sum += off;
		var += 1.0 / fit.inverse;
		o->used++;
	}
	if (o->used < 2)
		o->breslow_day = o->p_breslow_day = o->tarone = o->p_tarone = eh_undefined(EH_U_ONE_STRATUM);
	if (o->used < 2 || !isfinite(chi) || !(var > 0.0))
		return;
	o->breslow_day = eh_num(chi);
	o->p_breslow_day = eh_p_of_chi(o->breslow_day, (double)(o->used - 1));
	o->tarone = eh_num(fmax(0.0, chi - sum * sum / var));
	o->p_tarone = eh_p_of_chi(o->tarone, (double)(o->used - 1));
}

static void conclude_ratio(struct eh_strata *o, double pg)
{
	enum eh_undef why = EH_U_NONE;

	if (o->both == 0)
		why = o->apart;
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

static void conclude_cmh(struct eh_strata *o, double u)
{
	double yates = fmax(0.0, fabs(u) - 0.5);

	o->cmh = o->cmh_yates = o->p_cmh = eh_undefined(o->both == 0 ? o->apart : EH_U_ZERO_VARIANCE);
	if (!(o->variance > 0.0))
		return;
	o->cmh = eh_num(u * u / o->variance);
	o->cmh_yates = eh_num(yates * yates / o->variance);
	o->p_cmh = eh_p_of_chi(o->cmh, 1.0);
}

static enum eh_undef why_apart(const struct eh_fourfold *v, size_t n)
{
	bool focal = false, reference = false;

	for (size_t k = 0; k < n; k++) {
		focal = focal || v[k].n1 > 0;
		reference = reference || v[k].n2 > 0;
	}
	return focal && reference ? EH_U_NO_COMMON_STRATUM : EH_U_EMPTY_GROUP;
}

void eh_strata(struct eh_strata *out, const struct eh_fourfold *v, size_t n)
{
	struct odds odds = { 0.0, 0.0, 0.0, 0.0, 0.0 };
	double pg = 0.0, u = 0.0;

	*out = (struct eh_strata){ .both = 0, .apart = why_apart(v, n) };
	for (size_t k = 0; k < n; k++) {
		const struct eh_fourfold *t = &v[k];

		if (t->n1 == 0 || t->n2 == 0)
			continue;
		add_ratio(out, t, &pg);
		add_cmh(out, t, &u);
		add_odds(&odds, t);
	}
	conclude_ratio(out, pg);
	conclude_cmh(out, u);
	conclude_odds(out, &odds);
	breslow_day(out, v, n, &odds);
}

struct eh_strata_ratio eh_strata_ratio(const struct eh_fourfold *v, size_t n)
{
	struct eh_strata sums = { .both = 0, .apart = why_apart(v, n) };
	double pg = 0.0;

	for (size_t k = 0; k < n; k++)
		if (v[k].n1 > 0 && v[k].n2 > 0)
			add_ratio(&sums, &v[k], &pg);
	conclude_ratio(&sums, pg);
	return (struct eh_strata_ratio){ sums.both, sums.ratio, sums.var_ln, sums.r };
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
