/* A model as libsvm's text and the table of its scale; see export.h. */
#include "learn/export.h"

#include <stdio.h>
#include <string.h>

#include "learn/model.h"

/* ---- libsvm's text ---- */

/* libsvm wants the support vectors of the first label, then those of the second: of C-SVC the sign tells. */
static void put_side(FILE *out, const struct eh_fit *f, const struct eh_column *column, double sign, bool first)
{
	for (size_t i = 0; i < f->n_sv; i++) {
		double coef = sign * column->coef[i];

		if (first ? !(coef > 0.0) : !(coef < 0.0))
			continue;
		fprintf(out, "%.17g", coef);
		for (size_t j = 0; j < f->d; j++)               /* absent = 0 to libsvm */
			if (f->sv[i * f->d + j] < 0.0 || f->sv[i * f->d + j] > 0.0)
				fprintf(out, " %zu:%.17g", j + 1, f->sv[i * f->d + j]);
		fputc('\n', out);
	}
}

int eh_fit_export(FILE *model, const struct eh_fit *fit, size_t column, bool turned, struct eh_err *err)
{
	const struct eh_column *c = &fit->column[column];
	const double sign = turned ? -1.0 : 1.0;
	size_t first = 0, second = 0;

	for (size_t i = 0; i < fit->n_sv; i++) {
		first += sign * c->coef[i] > 0.0;
		second += sign * c->coef[i] < 0.0;
	}
	fprintf(model, "svm_type c_svc\nkernel_type rbf\ngamma %.17g\nnr_class 2\ntotal_sv %zu\n", c->gamma,
		first + second);
	fprintf(model, "rho %.17g\nlabel 1 -1\nnr_sv %zu %zu\nSV\n", sign * c->rho, first, second);
	put_side(model, fit, c, sign, true);
	put_side(model, fit, c, sign, false);
	if (fflush(model) != 0 || ferror(model))
		return eh_err_set(err, EH_EIO, "the model text could not be written; is the disk full?");
	return EH_OK;
}

/* ---- the scale ---- */

static int put_scale(FILE *out, const struct eh_model *m, enum eh_modality which, size_t column, bool turned,
		     const char *group, struct eh_err *err)
{
	const struct eh_part *part = &m->part[which];
	const struct eh_scale *s = &part->fit.scale;
	const struct eh_platt platt = part->fit.column[column].platt;

	fprintf(out, "# model %s, %s, group %s; layout %s\n", m->id, eh_modality_name[which], group, m->layout);
	fprintf(out, "# z = (min(max(x, lo), hi) - mean) * inv_sd; 0 where inv_sd is 0\n");
	/* of the turned side 1 - 1 / (1 + exp(a f + b)) = 1 / (1 + exp(a f' - b)), f' = -f */
	fprintf(out, "# P(%s) = 1 / (1 + exp(a f + b)), a = %.17g, b = %.17g\n", group, platt.a,
		turned ? -platt.b : platt.b);
	fprintf(out, "index\tindicator\tunit\tlo\thi\tmean\tinv_sd\n");
	for (size_t j = 0; j < part->fit.d; j++) {
		const uint16_t at = part->indicator[j];
		char name[EH_ID_MAX + EH_NAME_MAX + 2];

		eh_column_name(name, sizeof name, m, at);
		fprintf(out, "%zu\t%s\t%s\t%.17g\t%.17g\t%.17g\t%.17g\n", j + 1, name,
			at < EH_VECTOR_N ? eh_vector_info(at)->unit : "1", s->lo[j], s->hi[j], s->mean[j],
			s->inv_sd[j]);
	}
	if (fflush(out) != 0 || ferror(out))
		return eh_err_set(err, EH_EIO, "the scale of the model could not be written; is the disk full?");
	return EH_OK;
}

/* ---- which column ---- */

static int no_group(const struct eh_model *m, const char *group, struct eh_err *err)
{
	char names[EH_GROUPS_MAX * (EH_NAME_MAX + 2)] = "";
	size_t at = 0;

	for (size_t g = 0; g < m->n_groups; g++)
		at += (size_t)snprintf(names + at, sizeof names - at, "%s%s", g == 0 ? "" : ", ", m->group[g]);
	if (group == NULL)
		return eh_err_set(err, EH_EINVAL, "%s has one column per group: say which of %.300s", m->attribute,
				  names);
	return eh_err_set(err, EH_EINVAL, "%s has no group '%.40s'; there are %.300s", m->attribute, group, names);
}

int eh_model_export(const struct eh_model *m, enum eh_modality which, const char *group, FILE *model, FILE *scale,
		    struct eh_err *err)
{
	size_t g = 0, column = 0;
	bool turned = false;
	int rc = EH_OK;

	if (!m->part[which].skill.trained)
		return eh_err_set(err, EH_ENOENT, "the model %s has no part for %s: %.200s", m->id,
				  eh_modality_name[which], m->part[which].reason);
	if (group == NULL && m->n_groups == 2)
		group = m->group[1];
	while (group != NULL && g < m->n_groups && strcmp(group, m->group[g]) != 0)
		g++;
	if (group == NULL || g == m->n_groups)
		return no_group(m, group, err);
	column = m->n_groups == 2 ? 0 : g;
	turned = m->n_groups == 2 && g == 0;
	rc = eh_fit_export(model, &m->part[which].fit, column, turned, err);
	if (rc == EH_OK)
		rc = put_scale(scale, m, which, column, turned, group, err);
	return rc;
}
