/*
 * libsvm.h - support vector machines of two classes over dense rows; used inside this room only.
 *
 * libsvm.c is the one file that sees libsvm.  Its probabilities, cross-validation and model files
 * are never used: they draw from rand(), split rows instead of candidates and round to 8 digits
 * (facts/learning.md 2).  Decision values are computed here; positive always means label +1.
 *
 * x is [n_all][d], row-major, finite; rows names n of its rows; label is indexed by the row of x,
 * +1 or -1, and both must occur among rows.  Classes weigh n / (2 n_class) each, so that a rare
 * class is not drowned.
 */
#ifndef EH_LEARN_LIBSVM_H
#define EH_LEARN_LIBSVM_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* f(z) = sum coef[i] exp(-gamma |z - x[row[i]]|^2) - rho */
struct eh_svm {
	size_t cap, n_sv;
	uint32_t *row;                  /* [n_sv] ascending inside each class */
	double *coef;                   /* [n_sv] */
	double rho;
};

int eh_svm_alloc(struct eh_svm *s, size_t cap, struct eh_err *err);     /* room for cap support vectors; EH_ENOMEM */
void eh_svm_free(struct eh_svm *s);

/* Squared distances of all rows, computed once, and the kernel of one gamma at a time (facts/learning.md 4:
 * in double the decision values equal those of a plain run). */
struct eh_kernel;
int eh_kernel_open(struct eh_kernel **out, const double *x, size_t n_all, size_t d, struct eh_err *err); /* EH_ENOMEM */
void eh_kernel_gamma(struct eh_kernel *k, double gamma);
void eh_kernel_free(struct eh_kernel **k);

/* Both: out has room for n; EH_ENOMEM, EH_EINVAL (one class only, or libsvm refuses a parameter). */
int eh_svm_train_kernel(struct eh_svm *out, const struct eh_kernel *k, const uint32_t *rows, size_t n,
			const int8_t *label, double c, struct eh_err *err);
int eh_svm_train_rbf(struct eh_svm *out, const double *x, size_t d, const uint32_t *rows, size_t n, const int8_t *label,
		     double c, double gamma, struct eh_err *err);

double eh_svm_decide_kernel(const struct eh_svm *s, const struct eh_kernel *k, size_t row);
double eh_svm_decide_rbf(const struct eh_svm *s, const double *x, size_t d, double gamma, const double *z);
double eh_rbf(const double *a, const double *b, size_t d, double gamma);        /* exp(-gamma |a - b|^2) */

int eh_libsvm_version(void);

#endif
