/*
 * beta.h - the Beta distribution of a rate, on the scale of the angle t with rate = sin(t)^2.
 *
 * On this scale the density is sin(t)^u cos(t)^v with u = 2 alpha - 1 and v = 2 beta - 1: smooth up to both ends and
 * of nearly the same width everywhere, 1/(2 sqrt(n)) with n = (u + v)/2, so that Gauss-Legendre panels of a fixed
 * number of widths integrate it at every size and for every extreme table.
 */
#ifndef EH_AUDIT_BETA_H
#define EH_AUDIT_BETA_H

#define EH_GAUSS 10                     /* nodes of a panel */

struct eh_beta {
	double u, v;                    /* exponents, >= 0 */
	double mode, s0, c0;            /* [rad] of the density's top; its sine and cosine */
	double cot, tan;                /* of the mode; 0 where the power that would use it is 0 */
	double top;                     /* density at the mode [1/rad] */
	double width;                   /* 1/(2 sqrt(n)) [rad] */
	double lo, hi;                  /* [rad] beyond which the density is below e^-40 of its top */
};

/* alpha, beta >= 1/2, finite. */
void eh_beta_init(struct eh_beta *b, double alpha, double beta);

/* Density per radian at the angle whose sine and cosine are given. */
double eh_beta_density(const struct eh_beta *b, double sine, double cosine);

/* Mass between the angles from <= to, in 0..pi/2 [rad]. */
double eh_beta_mass(const struct eh_beta *b, double from, double to);

/* Mass below and above the angle t. */
double eh_beta_below(const struct eh_beta *b, double t);
double eh_beta_above(const struct eh_beta *b, double t);

/* The rate below (or with upper above) which the mass p lies, 0 < p < 1. */
double eh_beta_quantile(const struct eh_beta *b, double p, int upper);

/* A panel's rule on -1..1, and in upto[i][j] the weights that integrate from -1 to node i. */
struct eh_gauss {
	double node[EH_GAUSS], weight[EH_GAUSS], upto[EH_GAUSS][EH_GAUSS];
};
const struct eh_gauss *eh_gauss(void);

#endif
