/* The joint mode of the mixed model for one sd, and the best sd; see severity.h. */
#include <math.h>
#include <string.h>

#include "audit/severity_inside.h"

#define STEPS_MAX 60
#define DECREMENT 1e-9                  /* squared Newton decrement after which one more step is the last */
#define SD_MAX 12.0                     /* [logit] */
#define ETA_MAX 30.0                    /* [logit] */
#define PIVOT 1e-9                      /* of the diagonal: below it a column follows from those before it */

/* ---- Newton ---- */

static double log1pexp(double x)
{
	return x > 0.0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

/* Fills fixed, p, w; returns -2 log L + sum b^2 / sd^2 (the latter without sd: b is 0). */
static double evaluate(struct eh_severity_solver *v, double sd)
{
	const struct eh_cells *c = v->cells;
	struct eh_severity *s = v->s;
	double value = 0.0;

	for (size_t e = 0; e < c->n_evaluators; e++) {
		if (sd > 0.0)
			value += s->b[e] * s->b[e] / (sd * sd);
		for (size_t i = c->at[e]; i < c->at[e + 1]; i++) {
			const double n = (double)c->count[i], y = (double)c->selected[i];
			double x = 0.0;

			for (size_t k = 0; k < c->width; k++)
				x += eh_columns_of(c, i)[k] != EH_NO_COLUMN ? s->effect[eh_columns_of(c, i)[k]] : 0.0;
			s->fixed[i] = x;
			x = fmax(-ETA_MAX, fmin(ETA_MAX, x + s->b[e]));
			if (!s->used[i])
				continue;
			s->p[i] = 1.0 / (1.0 + exp(-x));
			v->w[i] = n * s->p[i] * (1.0 - s->p[i]);
			value += 2.0 * (n * log1pexp(x) - y * x);
		}
	}
	return value;
}

/* C of evaluator e into v->c; returns how many columns it touches. */
size_t eh_severity_gather(const struct eh_severity_solver *v, size_t e)
{
	const struct eh_cells *c = v->cells;
	size_t n = 0;

	for (size_t i = c->at[e]; i < c->at[e + 1]; i++) {
		for (size_t k = 0; v->s->used[i] && k < c->width; k++) {
			uint32_t at = eh_columns_of(c, i)[k];

			if (at == EH_NO_COLUMN)
				continue;
			if (!(v->c[at] > 0.0))
				v->touched[n++] = at;
			v->c[at] += v->w[i] > 0.0 ? v->w[i] : 1e-300;
		}
	}
	return n;
}

void eh_severity_clear(const struct eh_severity_solver *v, size_t n)
{
	for (size_t k = 0; k < n; k++)
		v->c[v->touched[k]] = 0.0;
}

/* Gradients and D; with free_b 0 the evaluators stand still (sd = 0). */
static void gradients(struct eh_severity_solver *v, double sd)
{
	const struct eh_cells *c = v->cells;
	const double prior = sd > 0.0 ? 1.0 / (sd * sd) : 0.0;

	memset(v->gradient, 0, c->n_columns * sizeof *v->gradient);
	for (size_t e = 0; e < c->n_evaluators; e++) {
		double g = 0.0, w = 0.0;

		for (size_t i = c->at[e]; i < c->at[e + 1]; i++) {
			double r = (double)c->selected[i] - (double)c->count[i] * v->s->p[i];

			if (!v->s->used[i])
				continue;
			g += r;
			w += v->w[i];
			for (size_t k = 0; k < c->width; k++)
				if (eh_columns_of(c, i)[k] != EH_NO_COLUMN)
					v->gradient[eh_columns_of(c, i)[k]] += r;
		}
		v->s->v[e].information = w;
		v->grad_b[e] = g - v->s->b[e] * prior;
		v->d[e] = w + prior;
	}
}

/* Lower triangle of A - sum C C'/D over all evaluators (A alone when they stand still). */
static void schur(struct eh_severity_solver *v, bool still)
{
	const struct eh_cells *c = v->cells;
	const size_t p = c->n_columns;

	memset(v->l, 0, p * p * sizeof *v->l);
	for (size_t i = 0; i < c->n; i++) {
		for (size_t k = 0; v->s->used[i] && k < c->width; k++) {
			for (size_t m = 0; m < c->width; m++) {
				uint32_t a = eh_columns_of(c, i)[k], b = eh_columns_of(c, i)[m];

				if (a != EH_NO_COLUMN && b <= a)
					v->l[a * p + b] += v->w[i];
			}
		}
	}
	for (size_t e = 0; !still && e < c->n_evaluators; e++) {
		size_t n = eh_severity_gather(v, e);

		for (size_t k = 0; k < n; k++) {
			double x = v->c[v->touched[k]] / v->d[e];

			for (size_t m = 0; m < n; m++)
				if (v->touched[m] <= v->touched[k])
					v->l[v->touched[k] * p + v->touched[m]] -= x * v->c[v->touched[m]];
		}
		eh_severity_clear(v, n);
	}
}

/* Cholesky factor in place; scale[k]: diagonal of A.  A column that follows from those before it gets a zero one:
 * its effect stays 0.  Returns the rank. */
static size_t factor(struct eh_severity_solver *v, const double *scale)
{
	const size_t p = v->cells->n_columns;
	size_t rank = 0;

	for (size_t j = 0; j < p; j++) {
		double *lj = v->l + j * p, pivot = lj[j];

		for (size_t k = 0; k < j; k++)
			pivot -= lj[k] * lj[k];
		if (!v->s->estimated[j] || !(pivot > PIVOT * scale[j]))
			pivot = 0.0;
		lj[j] = sqrt(pivot);
		rank += pivot > 0.0;
		for (size_t i = j + 1; i < p; i++) {
			double *li = v->l + i * p, x = li[j];

			for (size_t k = 0; k < j; k++)
				x -= li[k] * lj[k];
			li[j] = pivot > 0.0 ? x / lj[j] : 0.0;
		}
	}
	return rank;
}

/* x = L^-1 x, of a factor with zero columns. */
static void forward(const struct eh_severity_solver *v, double *x)
{
	const size_t p = v->cells->n_columns;

	for (size_t i = 0; i < p; i++) {
		const double *li = v->l + i * p;

		for (size_t k = 0; k < i; k++)
			x[i] -= li[k] * x[k];
		x[i] = li[i] > 0.0 ? x[i] / li[i] : 0.0;
	}
}

static void backward(const struct eh_severity_solver *v, double *x)
{
	const size_t p = v->cells->n_columns;

	for (size_t i = p; i-- > 0;) {
		const double *li = v->l + i * p;

		x[i] = li[i] > 0.0 ? x[i] / li[i] : 0.0;
		for (size_t k = 0; k < i; k++)
			x[k] -= li[k] * x[i];
	}
}

/* Diagonal of A into out. */
static void diagonal(const struct eh_severity_solver *v, double *out)
{
	const struct eh_cells *c = v->cells;

	memset(out, 0, c->n_columns * sizeof *out);
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; v->s->used[i] && k < c->width; k++)
			if (eh_columns_of(c, i)[k] != EH_NO_COLUMN)
				out[eh_columns_of(c, i)[k]] += v->w[i];
}

/* out = (A - sum C C'/D) x without forming it. */
static void multiply(const struct eh_severity_solver *v, double *out, const double *x, bool still)
{
	const struct eh_cells *c = v->cells;

	memset(out, 0, c->n_columns * sizeof *out);
	for (size_t e = 0; e < c->n_evaluators; e++) {
		double cx = 0.0;

		for (int pass = still ? 1 : 0; pass < 2; pass++) {
			double back = pass == 1 && !still && v->d[e] > 0.0 ? cx / v->d[e] : 0.0;

			for (size_t i = c->at[e]; i < c->at[e + 1]; i++) {
				double t = 0.0;

				if (!v->s->used[i])
					continue;
				for (size_t k = 0; k < c->width; k++)
					t += eh_columns_of(c, i)[k] != EH_NO_COLUMN ? x[eh_columns_of(c, i)[k]] : 0.0;
				if (pass == 0)
					cx += v->w[i] * t;
				for (size_t k = 0; pass == 1 && k < c->width; k++)
					if (eh_columns_of(c, i)[k] != EH_NO_COLUMN)
						out[eh_columns_of(c, i)[k]] += v->w[i] * (t - back);
			}
		}
	}
}

static double dot(const double *a, const double *b, size_t n)
{
	double s = 0.0;

	for (size_t i = 0; i < n; i++)
		s += a[i] * b[i];
	return s;
}

/* Jacobi-preconditioned conjugate gradients: Schur x = right. */
static void conjugate(struct eh_severity_solver *v, double *x, const double *right, bool still)
{
	const size_t p = v->cells->n_columns;
	double *diag = v->cg[0], *r = v->cg[1], *q = v->cg[2], *dir = v->cg[3], rz = 0.0, first;

	diagonal(v, diag);
	memset(x, 0, p * sizeof *x);
	memcpy(r, right, p * sizeof *r);
	for (size_t k = 0; k < p; k++) {
		dir[k] = diag[k] > 0.0 ? r[k] / diag[k] : 0.0;
		rz += r[k] * dir[k];
	}
	first = rz;
	for (unsigned step = 0; step < 500 && rz > 1e-20 * first && rz > 0.0; step++) {
		double alpha, next = 0.0, curve;

		multiply(v, q, dir, still);
		curve = dot(dir, q, p);
		if (!(curve > 0.0))
			break;
		alpha = rz / curve;
		for (size_t k = 0; k < p; k++) {
			x[k] += alpha * dir[k];
			r[k] -= alpha * q[k];
			next += diag[k] > 0.0 ? r[k] * r[k] / diag[k] : 0.0;
		}
		for (size_t k = 0; k < p; k++)
			dir[k] = (diag[k] > 0.0 ? r[k] / diag[k] : 0.0) + next / rz * dir[k];
		rz = next;
	}
}

/* Steps of the fixed effects and of b; returns the squared decrement. */
static double newton(struct eh_severity_solver *v, double sd)
{
	const struct eh_cells *c = v->cells;
	const bool still = !(sd > 0.0);
	double *right = v->beta_old;    /* saved again before it is needed */

	memcpy(right, v->gradient, c->n_columns * sizeof *right);
	for (size_t e = 0; !still && e < c->n_evaluators; e++) {
		size_t n = eh_severity_gather(v, e);

		for (size_t k = 0; k < n; k++)
			right[v->touched[k]] -= v->c[v->touched[k]] * v->grad_b[e] / v->d[e];
		eh_severity_clear(v, n);
	}
	if (v->l != NULL) {
		schur(v, still);
		diagonal(v, v->step);
		(void)factor(v, v->step);
		memcpy(v->step, right, c->n_columns * sizeof *right);
		forward(v, v->step);
		backward(v, v->step);
	} else {
		conjugate(v, v->step, right, still);
	}
	for (size_t e = 0; e < c->n_evaluators; e++) {
		size_t n = still ? 0 : eh_severity_gather(v, e);
		double x = still ? 0.0 : v->grad_b[e];

		for (size_t k = 0; k < n; k++)
			x -= v->c[v->touched[k]] * v->step[v->touched[k]];
		v->step_b[e] = still ? 0.0 : x / v->d[e];
		eh_severity_clear(v, n);
	}
	return dot(v->gradient, v->step, c->n_columns) + (still ? 0.0 : dot(v->grad_b, v->step_b, c->n_evaluators));
}

static void move(struct eh_severity_solver *v, double share)
{
	for (size_t k = 0; k < v->cells->n_columns; k++)
		v->s->effect[k] = v->beta_old[k] + share * v->step[k];
	for (size_t e = 0; e < v->cells->n_evaluators; e++)
		v->s->b[e] = v->b_old[e] + share * v->step_b[e];
}

/* To the joint mode for sd, from where the last search ended; returns the deviance. */
double eh_severity_mode(struct eh_severity_solver *v, double sd)
{
	const size_t p = v->cells->n_columns, n = v->cells->n_evaluators;
	double value, before, det = 0.0;
	bool last = false;

	if (!(sd > 0.0))
		memset(v->s->b, 0, n * sizeof *v->s->b);
	value = evaluate(v, sd);
	v->s->converged = false;
	for (unsigned step = 0; step < STEPS_MAX && !last; step++) {
		double share = 1.0;

		before = value;
		gradients(v, sd);
		last = newton(v, sd) < DECREMENT;
		memcpy(v->beta_old, v->s->effect, p * sizeof *v->beta_old);
		memcpy(v->b_old, v->s->b, n * sizeof *v->b_old);
		move(v, share);
		value = evaluate(v, sd);
		/* what rounding makes of a sum of this size is no step in the wrong direction */
		while (!last && value > before + 1e-10 * (1.0 + fabs(before)) && share > 1e-6) {
			share /= 2.0;
			move(v, share);
			value = evaluate(v, sd);
		}
		v->s->steps++;
	}
	v->s->converged = last;
	gradients(v, sd);
	for (size_t e = 0; sd > 0.0 && e < n; e++)
		det += log1p(sd * sd * v->s->v[e].information);
	return value + det;
}

/* ---- sd: Brent's minimum without derivatives ---- */

/* Where the smallest value so far lies between a and b; w, v: the second and third smallest. */
struct brent {
	double a, b, x, w, v, fx, fw, fv, d, e;
};

static double brent_next(struct brent *m, double tolerance)
{
	const double golden = 0.3819660112501051, middle = 0.5 * (m->a + m->b);
	double p = 0.0, q = 0.0, r, u, former = m->e;
	bool parabola = false;

	if (fabs(m->e) > tolerance) {
		r = (m->x - m->w) * (m->fx - m->fv);
		q = (m->x - m->v) * (m->fx - m->fw);
		p = (m->x - m->v) * q - (m->x - m->w) * r;
		q = 2.0 * (q - r);
		p = q > 0.0 ? -p : p;
		q = fabs(q);
		m->e = m->d;
		parabola = fabs(p) < fabs(0.5 * q * former) && p > q * (m->a - m->x) && p < q * (m->b - m->x);
	}
	if (parabola) {
		m->d = p / q;
		u = m->x + m->d;
		if (u - m->a < 2.0 * tolerance || m->b - u < 2.0 * tolerance)
			m->d = copysign(tolerance, middle - m->x);
	} else {
		m->e = m->x >= middle ? m->a - m->x : m->b - m->x;
		m->d = golden * m->e;
	}
	return m->x + (fabs(m->d) >= tolerance ? m->d : copysign(tolerance, m->d));
}

static void brent_take(struct brent *m, double u, double fu)
{
	if (fu <= m->fx) {
		if (u >= m->x)
			m->a = m->x;
		else
			m->b = m->x;
		m->v = m->w, m->fv = m->fw;
		m->w = m->x, m->fw = m->fx;
		m->x = u, m->fx = fu;
		return;
	}
	if (u < m->x)
		m->a = u;
	else
		m->b = u;
	if (fu <= m->fw || !(fabs(m->w - m->x) > 0.0)) {
		m->v = m->w, m->fv = m->fw;
		m->w = u, m->fw = fu;
	} else if (fu <= m->fv || !(fabs(m->v - m->x) > 0.0) || !(fabs(m->v - m->w) > 0.0)) {
		m->v = u, m->fv = fu;
	}
}

/* A first bracket by doubling, so that a usual sd of a few tenths is not sought between 0 and 12. */
double eh_severity_best_sd(struct eh_severity_solver *v)
{
	const double none = eh_severity_mode(v, 0.0);
	double top = 0.5, f = eh_severity_mode(v, top), next;
	struct brent m;

	while (top < SD_MAX && (next = eh_severity_mode(v, 2.0 * top)) < f) {
		top *= 2.0;
		f = next;
	}
	m = (struct brent){ .a = top > 0.5 ? top / 2.0 : 0.0, .b = 2.0 * top, .x = top, .w = top, .v = top,
			    .fx = f, .fw = f, .fv = f };
	for (unsigned i = 0; i < 60; i++) {
		const double tolerance = 1e-7 + 1e-6 * m.x;
		double u;

		if (fabs(m.x - 0.5 * (m.a + m.b)) <= 2.0 * tolerance - 0.5 * (m.b - m.a))
			break;
		u = brent_next(&m, tolerance);
		brent_take(&m, u, eh_severity_mode(v, u));
	}
	return m.fx < none ? m.x : 0.0;
}

/* ---- the factor, for what follows ---- */

size_t eh_severity_factor(struct eh_severity_solver *v, bool still)
{
	schur(v, still);
	diagonal(v, v->step);
	return factor(v, v->step);
}

double eh_severity_spread(const struct eh_severity_solver *v, double *x)
{
	forward(v, x);
	return dot(x, x, v->cells->n_columns);
}
