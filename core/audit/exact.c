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

/* The factors of step_up, moved from x to x as signed numbers: the processor takes those as they are, unsigned ones it
 * does not.  Counts are below 2^41. */
struct factors {
	int64_t one, two, three, four;
};

static struct factors factors_at(const struct margins *m, uint64_t x)
{
	return (struct factors){ (int64_t)(m->n1 - x), (int64_t)(m->k - x), (int64_t)(x + 1),
				 (int64_t)m->n2 - (int64_t)m->k + (int64_t)x + 1 };
}

static inline void move(struct factors *f, int64_t by)
{
	f->one -= by;
	f->two -= by;
	f->three += by;
	f->four += by;
}

static inline long double step_of(const struct factors *f)
{
	return (long double)f->one * (long double)f->two / ((long double)f->three * (long double)f->four);
}

static uint64_t mode_of(const struct margins *m)
{
	long double n1 = (long double)m->n1, n2 = (long double)m->n2, k = (long double)m->k;
	long double x = floorl((n1 + 1.0L) * (k + 1.0L) / (n1 + n2 + 2.0L));
	uint64_t mode = (uint64_t)x;

	return mode < m->lo ? m->lo : mode > m->hi ? m->hi : mode;
}

static long double mass_at(const struct margins *m, uint64_t mode, uint64_t a)
{
	long double mass = 1.0L;
	struct factors f = factors_at(m, mode);

	for (uint64_t x = mode; x < a && mass > 0.0L; x++) {
		mass *= step_of(&f);
		move(&f, 1);
	}
	for (uint64_t x = mode; x > a && mass > 0.0L; x--) {
		move(&f, -1);
		mass /= step_of(&f);
	}
	return mass;
}

/* On the way outward from the mode. */
struct walk {
	struct factors f;
	long double mass;
	uint64_t left;                  /* steps to the end of the range */
};

/*
 * At most n steps, whose tables are on one side of the observed one.  The sums are kept in variables: eighty-bit
 * numbers that go through memory cost more than all that is done with them.
 */
static inline void stretch(struct sums *s, long double *side, struct walk *w, uint64_t n, int way)
{
	const long double stop = s->observed * NEGLIGIBLE, most = s->observed * (1.0L + TIE),
			  least = s->observed * (1.0L - TIE);
	long double mass = w->mass, total = s->total, one = *side, two = s->two;
	struct factors f = w->f;

	for (; n > 0 && mass > stop; n--, w->left--) {
		if (way < 0)
			move(&f, -1);
		mass = way < 0 ? mass / step_of(&f) : mass * step_of(&f);
		if (way > 0)
			move(&f, 1);
		total += mass;
		one += mass;
		if (mass <= most) {
			two += mass;
			if (mass >= least)
				s->tied += mass;
		}
	}
	*w = (struct walk){ f, mass, w->left };
	s->total = total;
	s->two = two;
	*side = one;
}

/* From the mode outward; to_observed: steps after which the observed table is met, 0 = it lies the other way. */
static inline void outward(struct sums *s, struct walk w, uint64_t to_observed, int way)
{
	long double *before = way > 0 ? &s->less : &s->greater, *beyond = way > 0 ? &s->greater : &s->less;

	if (to_observed > 0) {
		stretch(s, before, &w, to_observed, way);
		*beyond += w.mass;
	}
	stretch(s, beyond, &w, w.left, way);
}

static struct sums walk(const struct margins *m, uint64_t a)
{
	const uint64_t mode = mode_of(m);
	struct sums s = { .observed = mass_at(m, mode, a), .total = 1.0L };

	s.less = mode <= a ? 1.0L : 0.0L;
	s.greater = mode >= a ? 1.0L : 0.0L;
	if (1.0L <= s.observed * (1.0L + TIE)) {
		s.two = 1.0L;
		s.tied = 1.0L >= s.observed * (1.0L - TIE) ? 1.0L : 0.0L;
	}
	outward(&s, (struct walk){ factors_at(m, mode), 1.0L, m->hi - mode }, a > mode ? a - mode : 0, 1);
	outward(&s, (struct walk){ factors_at(m, mode), 1.0L, mode - m->lo }, a < mode ? mode - a : 0, -1);
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
