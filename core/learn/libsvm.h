/*
 * libsvm.h - support vector machines of two classes over dense rows; used inside this room only.
 *
 * libsvm.c is the one file that sees libsvm.  Its probabilities, cross-validation and model files
 * are never used: they draw from rand(), split rows instead of candidates and round to 8 digits
 * (facts/learning.md 2).  Decision values are computed here; positive always means label +1.
 *
 * Classes weigh n / (2 n_class) each, so that a rare class is not drowned.
 */
#ifndef EH_LEARN_LIBSVM_H
#define EH_LEARN_LIBSVM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/threads.h"
#include "learn/kernel.h"

/* f(z) = sum coef[i] exp(-gamma |z - x[row[i]]|^2) - rho */
struct eh_svm {
	size_t cap, n_sv;
	uint32_t *row;                  /* [n_sv] ascending inside each class */
	double *coef;                   /* [n_sv] */
	double rho;
	void *scratch;                  /* of the training */
};

int eh_svm_alloc(struct eh_svm *s, size_t cap, struct eh_err *err);     /* for trainings of up to cap rows; EH_ENOMEM */
void eh_svm_free(struct eh_svm *s);

/*
 * The kernel of all pairs of rows in the form libsvm reads (facts/learning.md 4: in double the decision values equal
 * those of a plain run).  Several trainings may use it at the same time.
 */
struct eh_kernel;

/*
 * rows is borrowed until the end.  keep: the squared distances are computed now and kept, for many gammas;
 * else every gamma computes them anew.  EH_ENOMEM, EH_ECANCEL.
 */
int eh_kernel_open(struct eh_kernel **out, const struct eh_blocks *rows, bool keep, const struct eh_crew *crew,
		   struct eh_err *err);
int eh_kernel_gamma(struct eh_kernel *k, double gamma, const struct eh_crew *crew, struct eh_err *err); /* as open */
void eh_kernel_free(struct eh_kernel **k);
size_t eh_kernel_bytes(size_t n, bool keep);    /* memory of a kernel of n rows; SIZE_MAX when that is no size */

/*
 * Both: rows names n of the kernel's or x's rows ([..][d], finite); label is indexed by row, +1 or -1, and both must
 * occur.  out has room for n.  Told to stop, libsvm ends within 1,000 of its iterations.
 * EH_ENOMEM, EH_EINVAL (one class only, or libsvm refuses a parameter), EH_ECANCEL.
 */
int eh_svm_train_kernel(struct eh_svm *out, const struct eh_kernel *k, const uint32_t *rows, size_t n,
			const int8_t *label, double c, const struct eh_crew *crew, struct eh_err *err);
int eh_svm_train_rbf(struct eh_svm *out, const double *x, size_t d, const uint32_t *rows, size_t n, const int8_t *label,
		     double c, double gamma, const struct eh_crew *crew, struct eh_err *err);

double eh_svm_decide_kernel(const struct eh_svm *s, const struct eh_kernel *k, size_t row);
double eh_svm_decide_rbf(const struct eh_svm *s, const double *x, size_t d, double gamma, const double *z);

int eh_libsvm_version(void);

#endif
