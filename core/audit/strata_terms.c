/* Terms of many tables at a time; see strata_terms.h. */
#include "audit/strata_terms.h"

#include "base/wide.h"

/* Rounds of the moments: each leaves a tenth of the error and less, the larger the cells. */
#define ROUNDS 2
#define MORE_ROUNDS 2   /* where a fitted cell is below */
#define LARGE 16.0

typedef double lanes __attribute__((vector_size(8 * EH_TERM_LANES), aligned(8)));
typedef uint64_t bits __attribute__((vector_size(8 * EH_TERM_LANES), aligned(8)));

static void put(struct eh_columns *c, size_t i, const struct eh_fourfold *t)
{
	/* counts are far below 2^63, and a signed number is converted by one instruction */
	c->a[i] = (double)(int64_t)t->a;
	c->n1[i] = (double)(int64_t)t->n1;
	c->b[i] = (double)(int64_t)t->b;
	c->n2[i] = (double)(int64_t)t->n2;
}

static bool has_both(const struct eh_fourfold *t) { return t->n1 > 0 && t->n2 > 0; }

/* eh_table_state is EH_U_NONE. */
static bool is_mixed(const struct eh_fourfold *t)
{
	return has_both(t) && t->a + t->b > 0 && (t->a != t->n1 || t->b != t->n2);
}

size_t eh_columns_fill(struct eh_columns *c, const struct eh_fourfold *v, size_t from, size_t n, bool mixed)
{
	static const struct eh_fourfold filler = { 1, 2, 1, 2 };
	size_t k = from, m = 0;

	for (; k < n && m < EH_TERMS; k++) {
		put(c, m, &v[k]);
		m += mixed ? is_mixed(&v[k]) : has_both(&v[k]);
	}
	c->n = m;
	for (; m % EH_TERM_LANES != 0; m++)
		put(c, m, &filler);
	return k;
}

/* One group of lanes of the columns. */
struct group {
	lanes a, n1, b, n2, all;
};

EH_WIDE_PART void take(struct group *x, const struct eh_columns *c, size_t i)
{
	x->a = *(const lanes *)(c->a + i);
	x->n1 = *(const lanes *)(c->n1 + i);
	x->b = *(const lanes *)(c->b + i);
	x->n2 = *(const lanes *)(c->n2 + i);
	x->all = x->n1 + x->n2;
}

EH_WIDE_PART void put_ratio(struct eh_ratio_terms *out, size_t i, const struct group *x)
{
	/* cppcheck-suppress ctuuninitvar ; it is filled here */
	*(lanes *)(out->r + i) = x->a * x->n2 / x->all;
	*(lanes *)(out->s + i) = x->b * x->n1 / x->all;
	*(lanes *)(out->pg + i) = ((x->a + x->b) * x->n1 * x->n2 - x->a * x->b * x->all) / (x->all * x->all);
}

EH_WIDEST void eh_terms_ratio(struct eh_ratio_terms *out, const struct eh_columns *c)
{
	for (size_t i = 0; i < c->n; i += EH_TERM_LANES) {
		struct group x;

		take(&x, c, i);
		put_ratio(out, i, &x);
	}
}

EH_WIDEST void eh_terms_sums(struct eh_sum_terms *out, const struct eh_columns *c)
{
	for (size_t i = 0; i < c->n; i += EH_TERM_LANES) {
		struct group x;
		lanes m, expected, others, rest, p, q, r, s;

		take(&x, c, i);
		put_ratio(&out->ratio, i, &x);
		m = x.a + x.b;
		expected = x.n1 * m / x.all;
		*(lanes *)(out->shortfall + i) = x.n1 * x.b / x.n2 - x.a;
		*(lanes *)(out->u + i) = x.a - expected;
		*(lanes *)(out->expected + i) = expected;
		*(lanes *)(out->variance + i) = x.n1 * x.n2 * m * (x.all - m) / (x.all * x.all * (x.all - 1.0));
		others = x.n1 - x.a;
		rest = x.n2 - x.b;
		p = (x.a + rest) / x.all;
		q = (x.b + others) / x.all;
		r = x.a * rest / x.all;
		s = x.b * others / x.all;
		*(lanes *)(out->up + i) = r;
		*(lanes *)(out->down + i) = s;
		*(lanes *)(out->pr + i) = p * r;
		*(lanes *)(out->mixed + i) = p * s + q * r;
		*(lanes *)(out->qs + i) = q * s;
	}
}

/* As permute.c has it, of persons with one decision each. */
EH_WIDEST void eh_terms_exchange(struct eh_exchange_terms *out, const struct eh_columns *c)
{
	for (size_t i = 0; i < c->n; i += EH_TERM_LANES) {
		struct group x;
		lanes m, mean, left;

		take(&x, c, i);
		m = x.a + x.b;
		mean = m / x.all;
		left = m - x.all * mean * mean;
		left = (lanes)((bits)left & (bits)(left > 0.0));
		*(lanes *)(out->u + i) = x.a - x.n1 * mean;
		*(lanes *)(out->variance + i) = x.n1 * (x.all - x.n1) / (x.all * (x.all - 1.0)) * left;
	}
}

/* x where yes, else y. */
EH_WIDE_PART void choose(lanes *out, const bits *yes, const lanes *x, const lanes *y)
{
	*out = (lanes)(((bits)*x & *yes) | ((bits)*y & ~*yes));
}

/*
 * Fitted a of a stratum under the common odds ratio w: root of x(n2-m+x) = w(m-x)(n1-x) inside the margins, A = 1 - w,
 * B = n2 - m + w(m + n1), C = -w m n1.  One root in two forms: without division by 1 - w (w may be 1), and, for B < 0
 * (then w < 1), without cancellation.
 */
struct quadratic {
	lanes b, c;
};

EH_WIDE_PART void look(struct quadratic *q, const struct group *x, double w)
{
	const lanes m = x->a + x->b;

	q->b = x->n2 - m + w * (m + x->n1);
	q->c = -w * m * x->n1;
}

EH_WIDE_PART void solve(lanes *out, const struct quadratic *q, const double *root, double w)
{
	const bits up = (bits)(q->b >= 0.0);
	const lanes r = *(const lanes *)root, two_c = -2.0 * q->c, less = r - q->b, more = q->b + r;
	const lanes two_a = 0.0 * q->b + 2.0 * (1.0 - w);
	lanes above, below;

	choose(&above, &up, &two_c, &less);
	choose(&below, &up, &more, &two_a);
	*out = above / below;
}

EH_WIDE_PART void put_least(lanes *out, const struct group *x, const lanes *a)
{
	const lanes b = x->a + x->b - *a, c = x->n1 - *a, d = x->n2 - b;
	lanes least;
	bits less = (bits)(*a < b);

	choose(&least, &less, a, &b);
	less = (bits)(c < least);
	choose(&least, &less, &c, &least);
	less = (bits)(d < least);
	choose(out, &less, &d, &least);
}

EH_WIDEST void eh_terms_fit(struct eh_fit_terms *out, const struct eh_columns *c, double odds)
{
	struct group x;
	struct quadratic q;

	for (size_t i = 0; i < c->n; i += EH_TERM_LANES) {
		lanes under;

		take(&x, c, i);
		look(&q, &x, odds);
		under = q.b * q.b - 4.0 * (1.0 - odds) * q.c;
		*(lanes *)(out->a + i) = (lanes)((bits)under & (bits)(under > 0.0));
	}
	/* all of them first: a vector that is put together from single numbers would have to wait for each */
	eh_wide_roots(out->a, (c->n + 1) / 2 * 2);
	for (size_t i = 0; i < c->n; i += EH_TERM_LANES) {
		lanes m, a, inverse;

		take(&x, c, i);
		look(&q, &x, odds);
		m = x.a + x.b;
		solve(&a, &q, out->a + i, odds);
		inverse = 1.0 / a + 1.0 / (m - a) + 1.0 / (x.n1 - a) + 1.0 / (x.n2 - m + a);
		put_least((lanes *)(out->least + i), &x, &a);
		*(lanes *)(out->excess + i) = 1.0 / (x.all - 1.0);
		*(lanes *)(out->a + i) = a;
		*(lanes *)(out->inverse + i) = inverse;
		*(lanes *)(out->variance + i) = 1.0 / inverse;
	}
}

/* What the moments of a group rest on; q = 1 - w. */
struct moments {
	lanes mean, v, m3, m4, k5;
	lanes b, product;               /* n2 - m + w(m + n1), w m n1 */
};

/* To leading order: derivatives of the fitted a by the logarithm of the odds ratio, which are the cumulants. */
EH_WIDE_PART void begin(struct moments *x, const struct group *t, const lanes *a, const lanes *v)
{
	const lanes m = t->a + t->b, b = m - *a, c = t->n1 - *a, d = t->n2 - b;
	const lanes ra = 1.0 / *a, rb = 1.0 / b, rc = 1.0 / c, rd = 1.0 / d;
	const lanes s2 = ra * ra - rb * rb - rc * rc + rd * rd;
	const lanes s3 = ra * ra * ra + rb * rb * rb + rc * rc * rc + rd * rd * rd;
	const lanes s4 = ra * ra * ra * ra - rb * rb * rb * rb - rc * rc * rc * rc + rd * rd * rd * rd;
	const lanes more = t->all / (t->all - 1.0), v2 = *v * *v, v4 = v2 * v2;

	x->mean = *a;
	x->v = *v * more;
	x->m3 = v2 * *v * s2 * more * more;
	x->m4 = 3.0 * x->v * x->v + v4 * (3.0 * *v * s2 * s2 - 2.0 * s3);
	x->k5 = v4 * *v * (v2 * s2 * (15.0 * s2 * s2) - 20.0 * *v * s2 * s3 + 6.0 * s4);
}

/* One Newton step of the mean: (1 - w)(mean^2 + v) + B mean = w m n1. */
EH_WIDE_PART void step_mean(struct moments *x, double q)
{
	x->mean -= (q * (x->mean * x->mean + x->v) + x->b * x->mean - x->product) / (x->b + 2.0 * q * x->mean);
}

EH_WIDE_PART void step(struct moments *x, const struct group *t, const lanes *m, double w)
{
	const double q = 1.0 - w;
	lanes p0, q1, all;

	step_mean(x, q);
	p0 = x->mean * (t->n2 - *m + x->mean);
	q1 = *m + t->n1 - 2.0 * x->mean;
	all = x->b + 2.0 * q * x->mean;
	x->m4 = (q * x->v * x->m3 + 3.0 * (p0 + q * x->v) * x->v - 3.0 * w * q1 * (x->m3 + x->v) + 3.0 * w * x->m3 +
		 p0 + x->v - q * (10.0 * x->v * x->m3 + x->k5)) / (all - 3.0 * w);
	x->m3 = (q * x->v * x->v - 2.0 * w * q1 * x->v + p0 + x->v - q * x->m4) / (all - 2.0 * w);
	x->v = (p0 - q * x->m3) / (all - 1.0);
}

/* What a table gets is its own business: beside others with small cells it is left as it is. */
EH_WIDE_PART void go_on(struct moments *x, const struct group *t, const lanes *m, double w, const lanes *least)
{
	const struct moments before = *x;
	const bits large = (bits)(*least >= LARGE);

	if ((large[0] & large[1] & large[2] & large[3]) != 0)
		return;
	for (int k = 0; k < MORE_ROUNDS; k++)
		step(x, t, m, w);
	choose(&x->mean, &large, &before.mean, &x->mean);
	choose(&x->v, &large, &before.v, &x->v);
	choose(&x->m3, &large, &before.m3, &x->m3);
	choose(&x->m4, &large, &before.m4, &x->m4);
}

EH_WIDEST void eh_terms_moments(struct eh_moment_terms *out, const struct eh_columns *c, const struct eh_fit_terms *fit,
				double odds)
{
	for (size_t i = 0; i < c->n; i += EH_TERM_LANES) {
		struct group t;
		struct moments x;
		lanes m;

		take(&t, c, i);
		m = t.a + t.b;
		begin(&x, &t, (const lanes *)(fit->a + i), (const lanes *)(fit->variance + i));
		x.b = t.n2 - m + odds * (m + t.n1);
		x.product = odds * m * t.n1;
		for (int k = 0; k < ROUNDS; k++)
			step(&x, &t, &m, odds);
		go_on(&x, &t, &m, odds, (const lanes *)(fit->least + i));
		step_mean(&x, 1.0 - odds);
		*(lanes *)(out->mean + i) = x.mean;
		*(lanes *)(out->variance + i) = x.v;
		*(lanes *)(out->third + i) = x.m3;
		*(lanes *)(out->fourth + i) = x.m4;
	}
}
