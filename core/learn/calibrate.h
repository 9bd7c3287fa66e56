/*
 * calibrate.h - decision values to probabilities (Platt); used inside this room only.
 *
 * P(positive | f) = 1 / (1 + exp(a f + b)).  Fitted by Newton steps with the smoothed targets
 * t+ = (n+ + 1) / (n+ + 2), t- = 1 / (n- + 2) (Lin, Lin & Weng 2007, facts/learning.md 8), which keep
 * a and b finite when the values separate the classes.
 */
#ifndef EH_LEARN_CALIBRATE_H
#define EH_LEARN_CALIBRATE_H

#include <stddef.h>
#include <stdint.h>

#define EH_P_LEAST 1e-6                 /* no probability of a class below this, none above 1 - this */

struct eh_platt {
	double a, b;
};

/*
 * f [n] out-of-fold decision values, label [n] +1 or -1; weight [n] what each counts for, NULL = 1: less than 1
 * where copies of the same candidates are among them, who are no further persons.  Values that rank the classes the
 * wrong way round give a = 0, the class share for everybody: an accident of small numbers must not become a
 * classifier.  Returns the mean cross-entropy against the smoothed targets, the measure of the grid.
 */
double eh_platt_fit(struct eh_platt *out, const double *f, const int8_t *label, size_t n, const double *weight);
double eh_platt(struct eh_platt p, double f);

/*
 * Couples one-versus-rest probabilities: of two groups column[0] is the probability of group 1; the column[k] of
 * k > 2 groups are divided by their sum.  p [k] sums to 1 and lies in EH_P_LEAST .. 1 - EH_P_LEAST.
 */
void eh_couple(double *p, const double *column, size_t k);
void eh_bound(double *p, size_t k);     /* the same limits for p that sums to 1 */

#endif
