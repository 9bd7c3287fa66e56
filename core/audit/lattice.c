/*
 * The posterior on a lattice; see lattice.h.
 *
 * With rate = sin(t)^2 and Jeffreys priors the density of t is sin(t)^2a cos(t)^2c: whole powers of two numbers, so
 * neither logarithm nor exponential is needed, and a trigonometric polynomial, so that equal weights at equal
 * distances integrate it to the last digit as soon as its waves are resolved.  The focal rate x is taken at the angle
 * t of the reference's rate y with x = L y: sin s = sqrt(L) sin t.  As a function of t its density f is even about 0
 * and odd about pi/2, a series of cos (2l+1)t; from the nodes t_i = (i + 1/2) h, h = pi/2N, that series is integrated
 * from 0 to t_i exactly:
 *   F(t_i) = h sum_j f(t_j) (Q(i - j) + Q(i + j + 1)),   Q(k) = 2/pi sum over odd m < 2N of sin(m k h)/m,
 * a square wave of +-1/2 without the waves that the lattice cannot tell apart.  The density of y times F is a series
 * of sin (2l+1)t, whose integral over the quarter has the weights 2 h Q(i + 1/2).  Where f has died away before an
 * end, its image beyond that end is only summed with alternating signs, which leaves nothing: then Q(i + j + 1) is
 * 1/2, the weights are h, and the wave of an endless lattice serves too.
 *
 * The step.  A density about as wide as a normal one of deviation d has waves exp(-d^2 w^2/2).  What is mistaken for
 * the integral is exp(-2 pi^2 d^2/h^2) with 1/d^2 = 1/d_x^2 + 1/d_y^2: 7e-13 at h = STEP d.  s(t) has a branch point
 * acosh(1/sqrt(L)) beside pi/2, which adds exp(-2 pi near/h) where f has not died away there.
 *
 * The powers: a base is right to two units in the last place, the powers of n <= 16384 persons so to 4 n of them,
 * 8e-12, and what the nodes have in common cancels against the sums.
 */
#include "audit/lattice.h"

#include <math.h>
#include <stdatomic.h>

#include <pthread.h>

#include "audit/beta.h"
#include "base/wide.h"

#define HALF_PI 1.5707963267948966
#define STEP 0.84
#define SMOOTH 11       /* selected of both: enough for equal weights near 0 (needed) */
#define CUT 1e-14       /* of the top: what is left out at either end */
#define BRANCH 15.0     /* near * N from which on the branch point leaves 1e-13 */
#define FAR 6.5         /* deviations: 4e-11 */
#define TAIL 25.0       /* ln of what is left out of a small probability */
#define FLOOR 1e-9      /* a smaller result has lost digits to the terms that cancel */
#define BLOCK 8         /* nodes taken together */
#define ROOM 256        /* nodes of one density */
#define ENDLESS (3 * ROOM + BLOCK)
#define WAVE_MAX 256    /* the largest lattice with a wave of its own */

static const int sizes[] = { 16,  24,  32,  40,  48,  64,  80,  96,  112, 128,
			     160, 192, 224, 256, 320, 384, 448, 512, 640, 768 };

#define SIZES (sizeof sizes / sizeof *sizes)
#define NODES 4544      /* sum of sizes */
#define WAVES 14        /* those up to WAVE_MAX */
#define WAVE_NODES 1472 /* and their sum */

typedef double lanes __attribute__((vector_size(8 * BLOCK), aligned(8)));
typedef uint64_t bits __attribute__((vector_size(8 * BLOCK), aligned(8)));

struct lattice {
	int n;
	const double *sin2, *cos2;      /* [n] squared, at the nodes */
	double *wave;                   /* its own Q(k), k from -2n to 2n; the middle.  NULL above WAVE_MAX */
	double *weight;                 /* [n] 2 Q(i + 1/2) */
	atomic_bool ready;              /* they are there */
};

static struct lattice lattices[SIZES];
static double squares[2 * NODES], waves[4 * WAVE_NODES + WAVES], weights[WAVE_NODES];
/* of a lattice without end: k from -ENDLESS to ENDLESS */
static double endless[2 * ENDLESS + 1], endless_weights[ENDLESS];
static pthread_once_t made = PTHREAD_ONCE_INIT;
static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;

/* Q(k/2); sine: of r h/2, r = 0..8n-1. */
static double wave_at(const double *sine, int n, int k)
{
	double sum = 0.0;
	int at = k;

	for (int m = 1; m < 2 * n; m += 2) {
		sum += sine[at] / m;
		at += 2 * k;
		at -= at >= 8 * n ? 8 * n : 0;
	}
	return sum / HALF_PI;
}

static void make_own(struct lattice *l)
{
	const int n = l->n;
	double sine[8 * WAVE_MAX];

	for (int r = 0; r < 8 * n; r++)
		sine[r] = sin(r * HALF_PI / (2 * n));
	for (int k = 0; k <= n; k++) {
		const double q = k > 0 ? wave_at(sine, n, 2 * k) : 0.0;

		l->wave[k] = l->wave[2 * n - k] = q;
		l->wave[-k] = l->wave[k - 2 * n] = -q;
	}
	for (int i = 0; i < n; i++)
		l->weight[i] = 2.0 * wave_at(sine, n, 2 * i + 1);
}

/* Few tables need one, and it takes up to 0.1 ms: made when it is first asked for. */
static void own_wave(struct lattice *l)
{
	if (atomic_load_explicit(&l->ready, memory_order_acquire))
		return;
	(void)pthread_mutex_lock(&making);
	if (!atomic_load_explicit(&l->ready, memory_order_relaxed)) {
		make_own(l);
		atomic_store_explicit(&l->ready, true, memory_order_release);
	}
	(void)pthread_mutex_unlock(&making);
}

/* Of an endless lattice: the integral of sin(pi u)/(pi u) from 0 on, by half steps. */
static void make_endless(double *middle, double *weight)
{
	const struct eh_gauss *g = eh_gauss();
	double q = 0.0;

	for (int r = 0; r < 2 * ENDLESS; r++) {
		double sum = 0.0;

		for (int i = 0; i < EH_GAUSS; i++) {
			const double u = 0.25 * (1.0 + g->node[i]) + 0.5 * (r % 2);

			sum += g->weight[i] * sin(2.0 * HALF_PI * u) / (u + r / 2);
		}
		q += 0.25 * sum / (2.0 * HALF_PI) * (r / 2 % 2 == 0 ? 1.0 : -1.0);
		if (r % 2 == 0) {
			weight[r / 2] = 2.0 * q;
		} else {
			middle[r / 2 + 1] = q;
			middle[-(r / 2) - 1] = -q;
		}
	}
}

static void make(void)
{
	double *square = squares, *wave = waves, *weight = weights;

	make_endless(endless + ENDLESS, endless_weights);
	for (size_t k = 0; k < SIZES; k++) {
		const int n = sizes[k];
		struct lattice *l = &lattices[k];

		for (int i = 0; i < n; i++) {
			const double s = sin((i + 0.5) * HALF_PI / n);

			square[i] = square[2 * n - 1 - i] = s * s;
		}
		l->n = n;
		l->sin2 = square;
		l->cos2 = square + n;
		square += 2 * n;
		if (n > WAVE_MAX)
			continue;
		l->wave = wave + 2 * n;
		l->weight = weight;
		wave += 4 * n + 1;
		weight += n;
	}
}

/* One rate, at the nodes' angles or, times sqrt(share), below them. */
struct rate {
	uint64_t yes, no;
	double most_yes, most_no;       /* 1 over the squares of sine and cosine at the top */
	double share;                   /* L; 1 = at the angles themselves */
};

struct sampled {
	double room[2 * ROOM];
	int from, to;                   /* nodes that are there */
	const double *f;                /* of node `from` */
	double sum;
};

static struct rate rate_of(uint64_t yes, uint64_t n, double share)
{
	return (struct rate){ yes, n - yes, yes > 0 ? (double)n / (double)yes : 1.0,
			      n > yes ? (double)n / (double)(n - yes) : 1.0, share };
}

/* The angle of the density's top; pi/2 where that is above the limit. */
static double top_of(const struct rate *r)
{
	const double n = (double)(r->yes + r->no), yes = (double)r->yes;

	return atan2(sqrt(yes), sqrt(fmax(0.0, r->share * n - yes)));
}

EH_WIDE_PART double sum_of(const lanes *of)
{
	const lanes v = *of;

	return ((v[0] + v[4]) + (v[1] + v[5])) + ((v[2] + v[6]) + (v[3] + v[7]));
}

EH_WIDE_PART void times_power(lanes *f, lanes *base, uint64_t power)
{
	for (; power > 0; power >>= 1) {
		if (power & 1u)
			*f *= *base;
		*base *= *base;
	}
}

/* The density over its top, times ds/dt. */
EH_WIDE_PART void block_of(double *f, const struct rate *r, const struct lattice *l, int at)
{
	const lanes sin2 = *(const lanes *)(l->sin2 + at), cos2 = *(const lanes *)(l->cos2 + at);
	const double rest = 1.0 - r->share;
	lanes under = cos2 + rest * sin2, out = r->share * cos2 / under, base = r->share * sin2 * r->most_yes;

	for (int i = 0; i < BLOCK; i++)
		out[i] = rest > 0.0 ? sqrt(out[i]) : 1.0;
	under *= r->most_no;
	times_power(&out, &base, r->yes);
	times_power(&out, &under, r->no);
	/* above 1 only where one power is infinite: beyond eleven deviations, where nothing is left */
	*(lanes *)f = (lanes)((bits)out & (bits)(out <= 2.0));
}

/* From the top on both ways until nothing is left: ln density is concave.  false: more nodes than there is room for. */
EH_WIDEST static bool sample(struct sampled *s, const struct rate *r, const struct lattice *l, double top)
{
	const int middle = (int)(top * l->n / HALF_PI) / BLOCK * BLOCK;
	const int first = middle < l->n ? middle : l->n - BLOCK;
	/* cppcheck-suppress ctuuninitvar ; it is filled here */
	double *f = s->room + ROOM;
	lanes all = { 0.0 };

	s->from = s->to = first;
	do {
		if (s->to - first == ROOM)
			return false;
		block_of(&f[s->to - first], r, l, s->to);
		s->to += BLOCK;
	} while (s->to < l->n && f[s->to - 1 - first] > CUT);
	while (s->from > 0 && f[s->from - first] > CUT) {
		if (first - s->from == ROOM)
			return false;
		s->from -= BLOCK;
		block_of(&f[s->from - first], r, l, s->from);
	}
	s->f = &f[s->from - first];
	for (int i = 0; i < s->to - s->from; i += BLOCK)
		all += *(const lanes *)(s->f + i);
	s->sum = sum_of(&all);
	return s->to - s->from <= ROOM;
}

/* The wave of one integration, and which images count: none, those beyond 0, or those beyond pi/2.  Where a density
 * touches both ends the lattice's own wave has all images in those beyond 0. */
struct image {
	const double *wave, *weight;
	enum { IMAGE_NONE, IMAGE_LOW, IMAGE_HIGH } side;
};

/* false: there is none. */
static bool choose_image(struct image *w, const struct sampled *x, const struct sampled *y, struct lattice *l)
{
	const bool low = x->from == 0 || y->from == 0, high = x->to == l->n || y->to == l->n;

	*w = (struct image){ endless + ENDLESS, endless_weights, high ? IMAGE_HIGH : low ? IMAGE_LOW : IMAGE_NONE };
	if (!low || !high)
		return true;
	if (l->wave == NULL)
		return false;
	own_wave(l);
	*w = (struct image){ l->wave, l->weight, IMAGE_LOW };
	return true;
}

/* F at the nodes of a block, without h. */
EH_WIDE_PART void below(lanes *to, const struct sampled *x, const struct lattice *l, const struct image *w, int at)
{
	lanes sum = { 0.0 };

	if (w->side == IMAGE_NONE)
		sum += 0.5 * x->sum;
	for (int j = x->from; j < x->to; j++)
		sum += x->f[j - x->from] * *(const lanes *)(w->wave + at - j);
	for (int j = x->from; j < x->to && w->side == IMAGE_LOW; j++)
		sum += x->f[j - x->from] * *(const lanes *)(w->wave + at + j + 1);
	for (int j = x->from; j < x->to && w->side == IMAGE_HIGH; j++) {
		const double *high = w->wave + 2 * l->n - at - j - 1;

		sum += x->f[j - x->from] * (lanes){ high[0], high[-1], high[-2], high[-3],
						    high[-4], high[-5], high[-6], high[-7] };
	}
	*to = sum;
}

/* Also where all of F is below: the waves that are left in it cancel over the whole of y only. */
EH_WIDEST static double integrate(const struct sampled *x, const struct sampled *y, const struct lattice *l,
			       const struct image *w, bool weighted)
{
	lanes sum = { 0.0 };

	for (int at = y->from; at < y->to; at += BLOCK) {
		lanes part;

		below(&part, x, l, w, at);
		part *= *(const lanes *)(y->f + at - y->from);
		sum += weighted ? *(const lanes *)(w->weight + at) * part : part;
	}
	return sum_of(&sum);
}

/* The coarsest lattice with at least that many nodes; NULL: there is none. */
static struct lattice *choose(double n)
{
	(void)pthread_once(&made, make);
	for (size_t k = 0; k < SIZES; k++)
		if (sizes[k] >= n)
			return &lattices[k];
	return NULL;
}

static bool both_low(const struct sampled *x, const struct sampled *y, const struct eh_fourfold *t)
{
	return x->from == 0 && y->from == 0 && t->a + t->b < SMOOTH;
}

/*
 * The nodes that what was sampled asks for.
 *
 * Near 0 the integrand goes as t^(2(a + b) + 1): with SMOOTH selected the equal weights do not see its kink, with fewer
 * all its waves have to be on the lattice, at half the step.  F then has waves about the lattice's finest, of height
 * exp(-pi^2 d_x^2/2h^2); the density of y cancels them unless it ends at 0 with few selected (its half transform at
 * pi/h is (2b)!/Gamma(b + 1/2) r^(2b + 1), r = sqrt(n2) h/pi, below 1e-10 for r < .0115 (b - 1.5)).
 */
static double needed(const struct sampled *x, const struct sampled *y, const struct lattice *l,
		     const struct eh_fourfold *t, double share)
{
	double n = 0.0;

	if (both_low(x, y, t))
		n = 2.0 * (2.0 * HALF_PI / STEP) * sqrt((double)t->n1 + (double)t->n2);
	if (y->from == 0 && sqrt((double)t->n2) / (2.0 * l->n) > 0.0115 * ((double)t->b - 1.5))
		n = fmax(n, 2.0 * (2.0 * HALF_PI / STEP) * sqrt((double)t->n1));
	if (x->to == l->n)
		n = fmax(n, BRANCH / acosh(1.0 / sqrt(share)));
	return n;
}

/* Both densities, on a lattice as fine as they turn out to need; NULL: not here. */
static struct lattice *sample_both(struct sampled *x, struct sampled *y, const struct rate *rx,
					 const struct rate *ry, const struct eh_fourfold *t)
{
	const double top_x = top_of(rx), top_y = top_of(ry);
	struct lattice *l = choose(2.0 * HALF_PI / STEP * sqrt((double)t->n1 + (double)t->n2));
	double need;

	if (l == NULL || !sample(x, rx, l, top_x) || !sample(y, ry, l, top_y))
		return NULL;
	need = needed(x, y, l, t, rx->share);
	if (need <= l->n)
		return l;
	l = choose(need);
	return l != NULL && sample(x, rx, l, top_x) && sample(y, ry, l, top_y) ? l : NULL;
}

/* The density of the distance t_y - t_x at k steps, times those of x->sum and y->sum over h. */
EH_WIDEST static double at_distance(const struct sampled *x, const struct sampled *y, int k)
{
	const int from = y->from > x->from + k ? y->from : x->from + k;
	const int to = y->to < x->to + k ? y->to : x->to + k;
	const double *fx = x->f + from - x->from - k, *fy = y->f + from - y->from;
	lanes sum = { 0.0 };
	double rest = 0.0;
	int i = 0;

	for (; i + BLOCK <= to - from; i += BLOCK)
		sum += *(const lanes *)(fx + i) * *(const lanes *)(fy + i);
	for (; i < to - from; i++)
		rest += fx[i] * fy[i];
	return sum_of(&sum) + rest;
}

/*
 * A small probability: the density of the distance beyond 0.  Every term is positive, so its digits are kept, about
 * five: the logarithm of the density, nearly a parabola, is interpolated between the steps by third powers (Bessel) and
 * each step integrated by four Gauss points.
 */
static double tail(const struct sampled *x, const struct sampled *y)
{
	static const double node[] = { 0.069431844202973712, 0.33000947820757187, 0.66999052179242813,
				       0.93056815579702629 };
	static const double weight[] = { 0.17392742256872693, 0.32607257743127307, 0.32607257743127307,
					 0.17392742256872693 };
	double ln[4], first, sum = 0.0;

	for (int k = 0; k < 4; k++)
		ln[k] = log(at_distance(x, y, k - 1));
	first = ln[1];
	for (int k = 3; isfinite(ln[3]) && ln[1] > first - TAIL; k++) {
		const double slope = ln[2] - ln[1], bend = 0.25 * (ln[3] - ln[2] - ln[1] + ln[0]);
		const double skew = (ln[3] - 3.0 * (ln[2] - ln[1]) - ln[0]) / 12.0;

		for (int i = 0; i < 4; i++) {
			const double u = node[i], uu = u * (u - 1.0);

			sum += weight[i] * exp(ln[1] + u * slope + uu * (bend + (2.0 * u - 1.0) * skew));
		}
		ln[0] = ln[1];
		ln[1] = ln[2];
		ln[2] = ln[3];
		ln[3] = log(at_distance(x, y, k));
	}
	return sum;
}

/* By their tops and deviations the one is so far above the other that the probability is small. */
static bool far_above(const struct rate *x, const struct rate *y)
{
	const double n1 = (double)(x->yes + x->no), n2 = (double)(y->yes + y->no);

	return top_of(x) - top_of(y) > FAR * 0.5 * sqrt(1.0 / n1 + 1.0 / n2);
}

/* The mass of x in the same measure as x->sum: what lies above the limit itself is at no node.  0: no room for it. */
static double mass_of(const struct sampled *x, const struct lattice *l, const struct eh_fourfold *t)
{
	const struct rate whole = rate_of(t->a, t->n1, 1.0);
	struct sampled all;

	if (x->to < l->n)
		return x->sum;
	return sample(&all, &whole, l, top_of(&whole)) ? all.sum : 0.0;
}

bool eh_lattice_posterior(double *p, const struct eh_fourfold *t, int32_t num, int32_t den)
{
	const struct rate x = rate_of(t->a, t->n1, (double)num / den), y = rate_of(t->b, t->n2, 1.0);
	struct lattice *l;
	struct sampled fx, fy;
	struct image image;
	double all, sum = 0.0;
	bool inside;

	if (t->n1 > EH_LATTICE_PERSONS || t->n2 > EH_LATTICE_PERSONS)
		return false;
	l = sample_both(&fx, &fy, &x, &y, t);
	if (l == NULL || !choose_image(&image, &fx, &fy, l))
		return false;
	if (fy.from >= fx.to || fx.from >= fy.to) {
		*p = fy.from >= fx.to ? 1.0 : 0.0;
		return true;
	}
	all = mass_of(&fx, l, t) * fy.sum;
	if (!(all > 0.0))
		return false;
	/* nothing of the product at either end */
	inside = (fx.from > 0 || fy.from > 0) && (fx.to < l->n || fy.to < l->n);
	if (!inside || fx.to == l->n || !far_above(&x, &y))
		sum = integrate(&fx, &fy, l, &image, both_low(&fx, &fy, t)) / all;
	if (!(sum > FLOOR) && !inside)
		return false;
	*p = sum > FLOOR ? fmin(1.0, sum) : tail(&fx, &fy) / all;
	return true;
}
