/* Mantel-Haenszel risk and odds ratio, CMH and Breslow-Day; see strata.h. */
#include "audit/strata.h"

#include <math.h>

#include "audit/strata_terms.h"

/* Relative room at the limit: the rounding of the two sums, far below anything counts can make. */
#define LIMIT_ROOM 1e-12

/* Sums of the Mantel-Haenszel odds ratio: up = sum r, down = sum s with r = a d/T, s = b c/T; and of its variance with
 * p = (a + d)/T, q = (b + c)/T. */
struct odds {
	double up, down;
	double pr, mixed, qs;
};

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

/* What the terms of a stretch are added to; pg: of the variance of ln ratio, u: of CMH. */
struct sums {
	struct eh_strata *o;
	double pg, u;
	struct odds odds;
};

/* Term by term, table by table, each to its sum: the chains of additions run beside each other. */
static void add_terms(struct sums *sums, const struct eh_sum_terms *t, size_t n)
{
	struct eh_strata *o = sums->o;
	double r = o->r, s = o->s, pg = sums->pg, shortfall = o->shortfall, u = sums->u;
	double expected = o->expected, variance = o->variance;
	struct odds odds = sums->odds;

	for (size_t i = 0; i < n; i++) {
		r += t->ratio.r[i];
		s += t->ratio.s[i];
		pg += t->ratio.pg[i];
		shortfall += t->shortfall[i];
		u += t->u[i];
		expected += t->expected[i];
		variance += t->variance[i];
		odds.up += t->up[i];
		odds.down += t->down[i];
		odds.pr += t->pr[i];
		odds.mixed += t->mixed[i];
		odds.qs += t->qs[i];
	}
	o->r = r;
	o->s = s;
	o->shortfall = shortfall;
	o->expected = expected;
	o->variance = variance;
	sums->pg = pg;
	sums->u = u;
	sums->odds = odds;
}

/* Whole numbers, in which order does not matter. */
static void count(struct eh_strata *o, const struct eh_fourfold *v, size_t n)
{
	uint64_t a = 0, n1 = 0, b = 0, n2 = 0;
	size_t k = 0;

	for (k = 0; k < n; k++) {
		const struct eh_fourfold *t = &v[k];
		const uint64_t both = t->n1 > 0 && t->n2 > 0 ? UINT64_MAX : 0;

		a += t->a & both;
		n1 += t->n1 & both;
		b += t->b & both;
		n2 += t->n2 & both;
	}
	o->comparable = (struct eh_fourfold){ a, n1, b, n2 };
	for (k = 0; k < n && !o->swappable; k++)
		o->swappable = v[k].n2 > 0 && v[k].b > 0 && v[k].a < v[k].n1;
}

bool eh_stratum_fit(struct eh_stratum_fit *out, const struct eh_fourfold *t, double odds)
{
	struct eh_columns one;
	struct eh_fit_terms fit;

	(void)eh_columns_fill(&one, t, 0, 1, true);
	if (one.n == 0)
		return false;
	eh_terms_fit(&fit, &one, odds);
	*out = (struct eh_stratum_fit){ fit.a[0], fit.inverse[0] };
	return true;
}

static void count_small(struct eh_strata *o, const struct eh_columns *c, const struct eh_fit_terms *fit, size_t i)
{
	const double a = fit->a[i], m = c->a[i] + c->b[i];
	const double cell[4] = { a, m - a, c->n1[i] - a, c->n2[i] - m + a };

	for (size_t k = 0; k < 4; k++) {
		o->below_one += cell[k] < 1.0;
		o->below_five += cell[k] < 5.0;
	}
}

static void breslow_day(struct eh_strata *o, const struct eh_fourfold *v, size_t n, const struct odds *odds)
{
	double chi = 0.0, sum = 0.0, var = 0.0;
	struct eh_columns c;
	struct eh_fit_terms fit;

	o->breslow_day = o->p_breslow_day = o->tarone = o->p_tarone = eh_undefined(EH_U_ZERO_VARIANCE);
	if (!(odds->up > 0.0) || !(odds->down > 0.0))
		return;
	/* one table alone is only counted */
	if (n == 1)
		o->used = eh_table_state(v) == EH_U_NONE;
	for (size_t k = 0; k < n && n > 1;) {
		k = eh_columns_fill(&c, v, k, n, true);
		eh_terms_fit(&fit, &c, odds->up / odds->down);
		for (size_t i = 0; i < c.n; i++) {
			const double off = c.a[i] - fit.a[i];

			chi += off * off * fit.inverse[i];
			sum += off;
			var += fit.variance[i];
			o->excess += fit.excess[i];
			if (fit.least[i] < 5.0)
				count_small(o, &c, &fit, i);
		}
		o->used += (uint32_t)c.n;
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

	for (size_t k = 0; k < n && !(focal && reference); k++) {
		focal = focal || v[k].n1 > 0;
		reference = reference || v[k].n2 > 0;
	}
	return focal && reference ? EH_U_NO_COMMON_STRATUM : EH_U_EMPTY_GROUP;
}

void eh_strata(struct eh_strata *out, const struct eh_fourfold *v, size_t n)
{
	struct sums sums = { .o = out };
	struct eh_columns c;
	struct eh_sum_terms terms;

	*out = (struct eh_strata){ .both = 0, .apart = why_apart(v, n) };
	for (size_t k = 0; k < n;) {
		k = eh_columns_fill(&c, v, k, n, false);
		eh_terms_sums(&terms, &c);
		add_terms(&sums, &terms, c.n);
		out->both += (uint32_t)c.n;
	}
	count(out, v, n);
	conclude_ratio(out, sums.pg);
	conclude_cmh(out, sums.u);
	conclude_odds(out, &sums.odds);
	breslow_day(out, v, n, &sums.odds);
}

struct eh_strata_ratio eh_strata_ratio(const struct eh_fourfold *v, size_t n)
{
	struct eh_strata sums = { .both = 0, .apart = why_apart(v, n) };
	struct eh_columns c;
	struct eh_ratio_terms terms;
	double pg = 0.0;

	for (size_t k = 0; k < n;) {
		k = eh_columns_fill(&c, v, k, n, false);
		eh_terms_ratio(&terms, &c);
		for (size_t i = 0; i < c.n; i++) {
			sums.r += terms.r[i];
			sums.s += terms.s[i];
			pg += terms.pg[i];
		}
		sums.both += (uint32_t)c.n;
	}
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

	if (f->p_homogeneity.defined && f->p_homogeneity.value < EH_STRATA_DIFFER_P)
		notes |= EH_NOTE_UNEQUAL;
	if (!f->p_homogeneity.defined && f->p_homogeneity.why == EH_U_NOT_COMPUTED)
		notes |= f->p_breslow_day.defined ? EH_NOTE_UNCHECKED : 0;
	else if (!f->p_homogeneity.defined && f->mh_ratio.defined && f->strata > 1)
		notes |= EH_NOTE_UNTESTED;
	if (f->mh_ratio.defined && f->below_limit != EH_UNKNOWN && f->basis == EH_BASIS_KNOWN) {
		double room = f->mh_ratio.value * f->limit_den - f->limit_num * (1.0 - LIMIT_ROOM);

		if (f->below_limit != (room < 0.0 ? EH_YES : EH_NO))
			notes |= EH_NOTE_REVERSED;
	}
	return notes;
}

const char *eh_strata_note_text(const struct eh_finding *f, unsigned bit)
{
	switch (bit) {
	case EH_NOTE_UNEQUAL:
		return f->homogeneity_test == EH_STRATA_BRESLOW_DAY ?
			       "the strata differ (Breslow-Day p < .05): one common ratio hides something" :
			       "the strata differ (Liang-Self p < .05): one common ratio hides something";
	case EH_NOTE_REVERSED:
		return "the plain and the stratified ratio fall on different sides of the limit";
	case EH_NOTE_UNTESTED:
		return "cannot tell whether the strata differ: there is too little in them for a test";
	case EH_NOTE_UNCHECKED:
		return "cannot tell whether the strata differ: an earlier version stored the Breslow-Day p without "
		       "asking whether that test holds in these strata; audit again";
	default:
		return "";
	}
}

const char *eh_strata_test_name(enum eh_strata_test t)
{
	return t == EH_STRATA_BRESLOW_DAY ? "Breslow-Day" : t == EH_STRATA_LIANG_SELF ? "Liang-Self" : "";
}
