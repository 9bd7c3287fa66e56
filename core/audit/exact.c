/* Fisher's exact test, the mid-p forms and the conditional odds ratio; see table.h. */
#include "audit/table.h"

#include <math.h>

#define TIE 1e-7L                       /* relative; facts/statistics.md 5 */
#define NEGLIGIBLE 1e-24L               /* of the observed mass: beyond it a tail adds nothing to 17 digits */

/* The hypergeometric distribution of the focal selections, given all margins. */
struct margins {
	uint64_t n1, n2, k;
	uint64_t lo, hi;                /* smallest and largest a */
};

struct sums {
	long double observed;           /* mass of the observed table, the mode being 1 */
	long double total, less, greater, two, tied;
};

/* mass(x + 1) / mass(x) */
static long double step_up(const struct margins *m, uint64_t x)
{
	return (long double)(m->n1 - x) * (long double)(m->k - x) /
	       ((long double)(x + 1) * ((long double)m->n2 - (long double)m->k + (long double)x + 1.0L));
}

static uint64_t mode_of(const struct margins *m)
{
	long double n1 = (long double)m->n1, n2 = (long double)m->n2, k = (long double)m->k;
	long double x = floorl((n1 + 1.0L) * (k + 1.0L) / (n1 + n2 + 2.0L));
	uint64_t mode = (uint64_t)x;

	return mode < m->lo ? m->lo : mode > m->hi ? m->hi : mode;
}

static void add(struct sums *s, uint64_t x, uint64_t a, long double mass)
{
	s->total += mass;
	if (x <= a)
		s->less += mass;
	if (x >= a)
		s->greater += mass;
	if (mass <= s->observed * (1.0L + TIE)) {
		s->two += mass;
		if (mass >= s->observed * (1.0L - TIE))
			s->tied += mass;
	}
}

static long double mass_at(const struct margins *m, uint64_t mode, uint64_t a)
{
	long double mass = 1.0L;

	for (uint64_t x = mode; x < a && mass > 0.0L; x++)
		mass *= step_up(m, x);
	for (uint64_t x = mode; x > a && mass > 0.0L; x--)
		mass /= step_up(m, x - 1);
	return mass;
}

static struct sums walk(const struct margins *m, uint64_t a)
{
	uint64_t mode = mode_of(m);
	struct sums s = { .observed = mass_at(m, mode, a) };
	long double stop = s.observed * NEGLIGIBLE;
	long double mass = 1.0L;

	add(&s, mode, a, 1.0L);
	for (uint64_t x = mode; x < m->hi && mass > stop; x++) {
		mass *= step_up(m, x);
		add(&s, x + 1, a, mass);
	}
	mass = 1.0L;
	for (uint64_t x = mode; x > m->lo && mass > stop; x--) {
		mass /= step_up(m, x - 1);
		add(&s, x - 1, a, mass);
	}
	return s;
}

static struct eh_num share(long double part, const struct sums *s)
{
	return eh_num((double)fminl(1.0L, fmaxl(0.0L, part / s->total)));
}

struct eh_exact eh_table_exact(const struct eh_fourfold *t)
{
	struct margins m = { t->n1, t->n2, t->a + t->b, 0, 0 };
	enum eh_undef state = eh_table_state(t);
	struct eh_num none = eh_undefined(state);
	struct eh_exact e = { none, none, none, none, none, none, none };
	struct sums s;

	if (state == EH_U_NOBODY_SELECTED || state == EH_U_EVERYBODY_SELECTED)
		e.fisher = e.less = e.greater = eh_num(1.0);
	if (state != EH_U_NONE)
		return e;
	m.lo = m.k > m.n2 ? m.k - m.n2 : 0;
	m.hi = m.k < m.n1 ? m.k : m.n1;
	s = walk(&m, t->a);
	e.fisher = share(s.two, &s);
	e.less = share(s.less, &s);
	e.greater = share(s.greater, &s);
	e.mid_less = share(s.less - 0.5L * s.observed, &s);
	e.mid_greater = share(s.greater - 0.5L * s.observed, &s);
	e.mid_a = share(s.two - 0.5L * s.tied, &s);
	e.mid_b = eh_num(fmin(1.0, 2.0 * fmin(e.mid_less.value, e.mid_greater.value)));
	return e;
}

/* Mean and variance of the focal selections at the odds ratio exp(theta), summed outward from a. */
static void moments(const struct margins *m, uint64_t a, double theta, double *mean, double *var)
{
	long double psi = expl((long double)theta), total = 1.0L, first = 0.0L, second = 0.0L, most = 1.0L;
	long double mass = 1.0L;

	for (uint64_t x = a; x < m->hi; x++) {
		long double d = (long double)(x + 1 - a);

		mass *= step_up(m, x) * psi;
		most = fmaxl(most, mass);
		total += mass;
		first += mass * d;
		second += mass * d * d;
		if (mass < most * NEGLIGIBLE)
			break;
	}
	mass = 1.0L;
	for (uint64_t x = a; x > m->lo; x--) {
		long double d = (long double)(a - (x - 1));

		mass /= step_up(m, x - 1) * psi;
		most = fmaxl(most, mass);
		total += mass;
		first -= mass * d;
		second += mass * d * d;
		if (mass < most * NEGLIGIBLE)
			break;
	}
	*mean = (double)(first / total);
	*var = (double)(second / total - (first / total) * (first / total));
}

/* The mean, counted from a, rises with theta: Newton from the sample's odds ratio, whose mean is within a person of a;
 * a step that leaves the bracket is halved. */
static double solve(const struct margins *m, uint64_t a, double theta)
{
	double lo = -INFINITY, hi = INFINITY;

	for (int i = 0; i < 100; i++) {
		double mean, var, next;

		moments(m, a, theta, &mean, &var);
		if (mean < 0.0)
			lo = theta;
		else
			hi = theta;
		next = theta - mean / var;
		if (!(next > lo))
			next = isfinite(hi) ? 0.5 * (lo + hi) : lo + 1.0;
		else if (!(next < hi))
			next = isfinite(lo) ? 0.5 * (lo + hi) : hi - 1.0;
		if (fabs(next - theta) <= 1e-14 * fmax(1.0, fabs(theta)))
			return next;
		theta = next;
	}
	return theta;
}

struct eh_num eh_table_odds_conditional(const struct eh_fourfold *t)
{
	struct margins m = { t->n1, t->n2, t->a + t->b, 0, 0 };
	struct eh_num sample = eh_table_odds(t);

	if (!sample.defined || !(sample.value > 0.0))
		return sample;
	m.lo = m.k > m.n2 ? m.k - m.n2 : 0;
	m.hi = m.k < m.n1 ? m.k : m.n1;
	return eh_num(exp(solve(&m, t->a, log(sample.value))));
}
