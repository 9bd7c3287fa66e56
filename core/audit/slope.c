/* One penalised logistic slope; see severity.h. */
#include "audit/severity.h"

#include <math.h>
#include <string.h>

#define STEPS_MAX 100
#define STEP_MAX 2.0                    /* [logit] */

/* Information of (a, slope): the penalised score is U + sum h (1/2 - p) x, h = w x' I^-1 x. */
struct information {
	double aa, az, zz;
};

static double inverse_form(const struct information *i, double det, double z)
{
	return (i->zz - 2.0 * i->az * z + i->aa * z * z) / det;
}

static struct information weigh(size_t rows, const double *offset, const double *z, const double *n, double a, double s)
{
	struct information i = { 0.0, 0.0, 0.0 };

	for (size_t k = 0; k < rows; k++) {
		double p = 1.0 / (1.0 + exp(-(offset[k] + a + s * z[k]))), w = n[k] * p * (1.0 - p);

		i.aa += w;
		i.az += w * z[k];
		i.zz += w * z[k] * z[k];
	}
	return i;
}

static enum eh_undef state(size_t rows, const double *z, const double *n, const double *y)
{
	double all = 0.0, selected = 0.0;
	bool varies = false;

	for (size_t k = 0; k < rows; k++) {
		all += n[k];
		selected += y[k];
		varies = varies || fabs(z[k] - z[0]) > 0.0;
	}
	return !(all > 0.0)		   ? EH_U_EMPTY_GROUP :
	       !varies			   ? EH_U_ZERO_VARIANCE :
	       !(selected > 0.0)	   ? EH_U_NOBODY_SELECTED :
	       !(selected < all)	   ? EH_U_EVERYBODY_SELECTED :
					     EH_U_NONE;
}

static struct eh_slope none(enum eh_undef why)
{
	return (struct eh_slope){ eh_undefined(why), eh_undefined(why), eh_undefined(why), eh_undefined(why) };
}

static double bounded(double step)
{
	return fmax(-STEP_MAX, fmin(STEP_MAX, step));
}

struct eh_slope eh_slope_fit(size_t rows, const double *offset, const double *z, const double *n, const double *y)
{
	const enum eh_undef why = state(rows, z, n, y);
	double a = 0.0, s = 0.0, det = 0.0;
	struct information info = { 0.0, 0.0, 0.0 };

	if (why != EH_U_NONE)
		return none(why);
	for (unsigned step = 0; step < STEPS_MAX; step++) {
		double ua = 0.0, us = 0.0, da, ds;

		info = weigh(rows, offset, z, n, a, s);
		det = info.aa * info.zz - info.az * info.az;
		if (!(det > 1e-300))
			break;
		for (size_t k = 0; k < rows; k++) {
			double p = 1.0 / (1.0 + exp(-(offset[k] + a + s * z[k]))), w = n[k] * p * (1.0 - p);
			double r = y[k] - n[k] * p + w * inverse_form(&info, det, z[k]) * (0.5 - p);

			ua += r;
			us += r * z[k];
		}
		da = bounded((info.zz * ua - info.az * us) / det);
		ds = bounded((info.aa * us - info.az * ua) / det);
		a += da;
		s += ds;
		if (fabs(da) < 1e-10 && fabs(ds) < 1e-10)
			return (struct eh_slope){ eh_num(s), eh_num(sqrt(info.aa / det)), eh_num(a),
						  eh_num(sqrt(info.zz / det)) };
	}
	return none(EH_U_NOT_COMPUTED);
}
