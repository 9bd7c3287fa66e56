/* Which classes the findings of a scope rest on; see basis.h. */
#include "audit/basis.h"

#include <stdio.h>
#include <string.h>

#include "audit/screening.h"

bool eh_basis_unfit(const struct eh_classifier *k)
{
	return !k->auc_lo.defined || k->auc_lo.value < EH_GUARD_AUC || eh_fit_fails(&k->fit);
}

struct eh_num eh_basis_out_of_scope(const struct eh_scope_data *d)
{
	const struct eh_slice *s = d->slice;
	const uint8_t *out = d->attribute->out_of_scope, *code = s->classes[d->index].code;
	double n = 0.0, predicted = 0.0;

	for (size_t p = 0; p < s->n_persons && out != NULL; p++) {
		const uint32_t candidate = s->person[p].candidate;

		predicted += code[candidate] == EH_CODE_PREDICTED;
		n += code[candidate] == EH_CODE_PREDICTED && out[candidate] != 0;
	}
	return predicted > 0.0 ? eh_num(n / predicted) : eh_undefined(EH_U_NOT_COMPUTED);
}

bool eh_basis_words(char *guard, const struct eh_classifier *k)
{
	guard[0] = '\0';
	if (!k->auc_lo.defined)
		snprintf(guard, EH_GUARD_MAX + 1, "the classifier's skill is not known (no AUC interval)");
	else if (k->auc_lo.value < EH_GUARD_AUC)
		snprintf(guard, EH_GUARD_MAX + 1,
			 "classifier too weak: lower end of its AUC interval %.3f, needed %.1f", k->auc_lo.value,
			 EH_GUARD_AUC);
	else if (eh_fit_fails(&k->fit))
		snprintf(guard, EH_GUARD_MAX + 1,
			 "the scores of the predicted fit no mixture of the labelled ones: %.0f %% off, chi-square "
			 "p %.1e",
			 100.0 * k->fit.distance.value, k->fit.p.value);
	return guard[0] != '\0';
}

bool eh_basis_guard(char *guard, const struct eh_scope_data *d)
{
	const struct eh_num out = eh_basis_out_of_scope(d);

	if (!out.defined || !(out.value > EH_GUARD_SCOPE))
		return false;
	snprintf(guard, EH_GUARD_MAX + 1,
		 "%.0f %% of the predicted persons are out of the classifier's scope or of low quality, allowed %.0f %%",
		 100.0 * out.value, 100.0 * EH_GUARD_SCOPE);
	return true;
}

void eh_basis_refuse(struct eh_finding *f, const struct eh_scope_data *d, const char *guard)
{
	const struct eh_num none = eh_undefined(EH_U_GUARD);

	f->predicted = 0;
	f->unknown = d->cube->unknown + d->cube->predicted;
	snprintf(f->guard, sizeof f->guard, "%s", guard);
	eh_assumption_none(&f->assume, EH_U_GUARD);
	f->assume.refused = d->cube->refused + d->cube->predicted;
	f->assume.auc = d->classifier->auc;
	f->assume.auc_lo = d->classifier->auc_lo;
	f->assume.ece = d->classifier->ece;
	f->assume.fit_p = d->classifier->fit.p;
	/* who they are is no more asked where nobody is left whose class is predicted */
	if (d->cube->predicted > 0)
		f->assume.out_of_scope = eh_basis_out_of_scope(d);
	if (f->is_reference || f->below_two_percent)
		return;
	f->em_ratio = f->weighted_ratio = f->p_em = f->em_n = f->em_selected = none;
	f->em_interval.low = f->em_interval.high = none;
}

/* The two groups that share one test, or false. */
static bool shared_test(size_t pair[2], const struct eh_scope_data *d)
{
	size_t n = 0;

	for (size_t g = 0; g < d->attribute->n_groups; g++) {
		if ((d->eligible >> g & 1u) == 0)
			continue;
		if (n == 2)
			return false;
		pair[n++] = g;
	}
	return d->settings->reference == EH_REF_REST && n == 2;
}

bool eh_basis_settle(char *guard, struct eh_finding *f, const struct eh_work *w, const struct eh_scope_data *d)
{
	const char *first = NULL;
	bool estimated = false, again = false;
	size_t pair[2] = { 0, 0 };

	for (size_t g = 0; g < d->attribute->n_groups; g++) {
		if (!w[g].compared)
			continue;
		estimated = estimated || f[g].basis == EH_BASIS_SCREENING;
		if (first == NULL && f[g].basis == EH_BASIS_KNOWN)
			first = f[g].guard;
	}
	if (first == NULL)
		return false;
	snprintf(guard, EH_GUARD_MAX + 1, "%s", first);
	if (estimated)
		return shared_test(pair, d) && f[pair[0]].basis != f[pair[1]].basis;
	for (size_t g = 0; g < d->attribute->n_groups; g++)
		again = again || (f[g].is_reference && d->settings->reference == EH_REF_HIGHEST &&
				  eh_cube_highest(d->cube, d->eligible) != (int)g);
	for (size_t g = 0; g < d->attribute->n_groups && !again; g++)
		if (!w[g].compared)
			eh_basis_refuse(&f[g], d, guard);
	return again;
}
