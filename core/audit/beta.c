/* The Beta distribution on the angular scale; see beta.h. */
#include "audit/beta.h"

#include <math.h>
#include <stdbool.h>

#include <pthread.h>

#define HALF_PI 1.5707963267948966
#define DEPTH 40.0                      /* ln of what is left out, against the top */
#define PANEL 3.0                       /* widths per panel: ten nodes then leave about 1e-12 */
#define PANEL_MAX 0.8                   /* [rad] where there are few persons */
#define SMALL 16.0                      /* below it lgamma loses no digit, above it Stirling's series is exact */

/* Positive nodes and weights of the ten-point Gauss-Legendre rule. */
static const double nodes[] = { 0.14887433898163122, 0.43339539412924719, 0.67940956829902441, 0.86506336668898451,
				0.97390652851717172 };
static const double weights[] = { 0.29552422471475287, 0.26926671930999636, 0.21908636251598204,
				  0.14945134915058059, 0.06667134430868814 };

static struct eh_gauss rule;
static pthread_once_t made = PTHREAD_ONCE_INIT;

/* Legendre polynomials 0..EH_GAUSS at x. */
static void legendre(double *p, double x)
{
	p[0] = 1.0;
	p[1] = x;
	for (int k = 1; k < EH_GAUSS; k++)
		p[k + 1] = ((2 * k + 1) * x * p[k] - k * p[k - 1]) / (k + 1);
}

/* The integral of the interpolating polynomial, by its Legendre series: the integral of P_k from -1 to x is
 * (P_(k+1)(x) - P_(k-1)(x))/(2k + 1). */
static void make_rule(void)
{
	double at[EH_GAUSS][EH_GAUSS + 1];

	for (int i = 0; i < EH_GAUSS; i++) {
		int k = i < EH_GAUSS / 2 ? EH_GAUSS / 2 - 1 - i : i - EH_GAUSS / 2;

		rule.node[i] = i < EH_GAUSS / 2 ? -nodes[k] : nodes[k];
		rule.weight[i] = weights[k];
		legendre(at[i], rule.node[i]);
	}
	for (int i = 0; i < EH_GAUSS; i++) {
		for (int j = 0; j < EH_GAUSS; j++) {
			double sum = 0.5 * (rule.node[i] + 1.0);

			for (int k = 1; k < EH_GAUSS; k++)
				sum += 0.5 * at[j][k] * (at[i][k + 1] - at[i][k - 1]);
			rule.upto[i][j] = rule.weight[j] * sum;
		}
	}
}

const struct eh_gauss *eh_gauss(void)
{
	(void)pthread_once(&made, make_rule);
	return &rule;
}

static double ln_gamma(double x)
{
	int sign = 0;

	return lgamma_r(x, &sign);
}

/* ln gamma(k + 1/2) - (k ln k - k) - ln(2 pi)/2 */
static double half_rest(double k)
{
	double r = 1.0 / k;

	if (k < SMALL)
		return ln_gamma(k + 0.5) - (k > 0.0 ? k * log(k) - k : 0.0) - 0.91893853320467274;
	return r * (-1.0 / 24.0 + r * r * (7.0 / 2880.0 + r * r * (-31.0 / 40320.0 + r * r * 127.0 / 215040.0)));
}

/* ln gamma(k + 1) - (k ln k - k) - ln(2 pi k)/2, k >= SMALL */
static double whole_rest(double k)
{
	double r = 1.0 / k;

	return r * (1.0 / 12.0 + r * r * (-1.0 / 360.0 + r * r * (1.0 / 1260.0 - r * r / 1680.0)));
}

/* The integral of the density over its top: B(alpha, beta)/2 with the large logarithms taken against each other by
 * hand, so that no digit is lost at millions. */
static double area(double u, double v, double s0, double c0)
{
	double a = 0.5 * u, b = 0.5 * v, n = a + b;

	if (n < SMALL)
		return 0.5 * exp(ln_gamma(a + 0.5) + ln_gamma(b + 0.5) - ln_gamma(n + 1.0) -
				 (u > 0.0 ? u * log(s0) : 0.0) - (v > 0.0 ? v * log(c0) : 0.0));
	return 0.5 * sqrt(4.0 * HALF_PI / n) * exp(half_rest(a) + half_rest(b) - whole_rest(n));
}

/*
 * The lower end: where ln density has fallen by DEPTH from the top.  It is concave, so Newton's steps from outside
 * never pass the root; sin^u cos^v falls at least as exp(-n d^2), which gives the outside.
 */
static double lower_end(double u, double v, double mode)
{
	double t = mode - sqrt(2.0 * DEPTH / fmax(u + v, 1e-300));
	bool cut = t < 1e-3 * mode;

	if (u <= 0.0)
		return fmax(0.0, t);
	if (cut)
		t = 1e-3 * mode;
	for (int i = 0; i < 4; i++) {
		double over = u * log(sin(t) / sin(mode)) + (v > 0.0 ? v * log(cos(t) / cos(mode)) : 0.0) + DEPTH;
		double slope = u / tan(t) - v * tan(t);

		if (over >= 0.0)
			return i == 0 && cut ? 0.0 : t;
		t -= over / slope;
	}
	return t;
}

void eh_beta_init(struct eh_beta *b, double alpha, double beta)
{
	double u = 2.0 * alpha - 1.0, v = 2.0 * beta - 1.0;

	*b = (struct eh_beta){ .u = u, .v = v, .s0 = 1.0 };
	if (u + v > 0.0) {
		b->s0 = sqrt(u / (u + v));
		b->c0 = sqrt(v / (u + v));
	}
	b->mode = u > 0.0 || v > 0.0 ? atan2(b->s0, b->c0) : HALF_PI / 2.0;
	b->cot = u > 0.0 ? b->c0 / b->s0 : 0.0;
	b->tan = v > 0.0 ? b->s0 / b->c0 : 0.0;
	b->top = 1.0 / area(u, v, b->s0, b->c0);
	b->width = 0.5 / sqrt(fmax(0.5 * (u + v), 0.01));
	b->lo = lower_end(u, v, b->mode);
	b->hi = HALF_PI - lower_end(v, u, HALF_PI - b->mode);
}

/*
 * By the distance d from the mode: sin t/sin t0 = cos d + cot t0 sin d, and likewise the cosine.  The two terms linear
 * in d cancel exactly (u cot = v tan), so rounding does not grow with the counts as it would in u ln sin + v ln cos.
 */
double eh_beta_density(const struct eh_beta *b, double sine, double cosine)
{
	double sd = sine * b->c0 - cosine * b->s0;
	double cd = cosine * b->c0 + sine * b->s0;
	double flat = cd > 0.0 ? -sd * sd / (1.0 + cd) : cd - 1.0;
	double x = flat + b->cot * sd, y = flat - b->tan * sd;
	double ln = 0.0;

	if ((b->u > 0.0 && x <= -1.0) || (b->v > 0.0 && y <= -1.0))
		return 0.0;
	if (b->u > 0.0)
		ln += b->u * log1p(x);
	if (b->v > 0.0)
		ln += b->v * log1p(y);
	return b->top * exp(ln);
}

double eh_beta_mass(const struct eh_beta *b, double from, double to)
{
	const struct eh_gauss *g = eh_gauss();
	double x0 = fmax(from, b->lo), x1 = fmin(to, b->hi);
	int panels = (int)ceil((x1 - x0) / fmin(PANEL * b->width, PANEL_MAX));
	double half, sum = 0.0;

	if (!(x1 > x0))
		return 0.0;
	half = 0.5 * (x1 - x0) / panels;
	for (int p = 0; p < panels; p++) {
		double middle = x0 + half * (2 * p + 1);

		for (int i = 0; i < EH_GAUSS; i++) {
			double t = middle + half * g->node[i];

			sum += g->weight[i] * eh_beta_density(b, sin(t), cos(t));
		}
	}
	return half * sum;
}

double eh_beta_below(const struct eh_beta *b, double t)
{
	return t <= b->mode ? eh_beta_mass(b, 0.0, t) : 1.0 - eh_beta_mass(b, t, HALF_PI);
}

double eh_beta_above(const struct eh_beta *b, double t)
{
	return t > b->mode ? eh_beta_mass(b, t, HALF_PI) : 1.0 - eh_beta_mass(b, 0.0, t);
}

double eh_beta_quantile(const struct eh_beta *b, double p, int upper)
{
	double lo = b->lo, hi = b->hi, t = b->mode, last = -1.0;

	for (int i = 0; i < 200 && t != last; i++) {
		double over = upper ? p - eh_beta_above(b, t) : eh_beta_below(b, t) - p;
		double next;

		if (over < 0.0)
			lo = t;
		else
			hi = t;
		last = t;
		next = t - over / eh_beta_density(b, sin(t), cos(t));
		t = next > lo && next < hi ? next : 0.5 * (lo + hi);
		if (fabs(t - last) <= 1e-15 * t)
			break;
	}
	return sin(t) * sin(t);
}
