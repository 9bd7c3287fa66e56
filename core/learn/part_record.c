/* The stored form of one part of a model; see model.h. */
#include "learn/model.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "store/codec.h"

/* ---- writing ---- */

static void put_doubles(struct eh_buf *b, const double *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		eh_put_f64(b, v[i]);
}

/* ---- the report ---- */

static void put_figure(struct eh_buf *b, const struct eh_figure *f)
{
	put_doubles(b, (const double[]){ f->value, f->lo, f->hi }, 3);
}

static void put_class(struct eh_buf *b, const struct eh_class_figures *f)
{
	eh_put_u32(b, f->n);
	eh_put_u32(b, f->n_in);
	put_figure(b, &f->auc);
	put_figure(b, &f->ece);
	put_figure(b, &f->brier);
	put_figure(b, &f->log_loss);
	put_doubles(b, (const double[]){ f->reliability, f->resolution, f->uncertainty, f->within }, 4);
	eh_put_u8(b, (uint8_t)f->n_bins);
	for (size_t i = 0; i < f->n_bins; i++)
		put_doubles(b, (const double[]){ f->bin[i].n, f->bin[i].p, f->bin[i].share }, 3);
}

static void put_subgroup(struct eh_buf *b, const struct eh_subgroup *s)
{
	eh_put_str(b, s->attribute);
	eh_put_str(b, s->group);
	eh_put_u32(b, s->n);
	eh_put_u8(b, s->measured);
	if (!s->measured)
		return;
	put_figure(b, &s->accuracy);
	put_figure(b, &s->brier);
	put_figure(b, &s->ece);
	put_figure(b, &s->log_loss);
	eh_put_u8(b, s->has_auc);
	put_figure(b, &s->auc);
}

static void put_report(struct eh_buf *b, const struct eh_report *r, size_t k)
{
	for (size_t g = 0; g < k; g++)
		put_class(b, &r->of[g]);
	eh_put_u8(b, (uint8_t)r->n_subgroups);
	for (size_t i = 0; i < r->n_subgroups; i++)
		put_subgroup(b, &r->subgroup[i]);
	eh_put_u32(b, r->more_subgroups);
	for (size_t g = 0; g < k; g++) {
		eh_put_u32(b, r->decision[g].covered);
		eh_put_u32(b, r->decision[g].decided);
		eh_put_u32(b, r->decision[g].wrong);
	}
	eh_put_u32(b, r->out_of_scope);
}

static void put_conformal(struct eh_buf *b, const struct eh_conformal *c, size_t k)
{
	for (size_t g = 0; g < k; g++) {
		eh_put_u32(b, c->n[g]);
		put_doubles(b, c->score[g], c->n[g]);
	}
}

static void put_scope(struct eh_buf *b, const struct eh_scope_limit *s)
{
	eh_put_u16(b, (uint16_t)s->d);
	put_doubles(b, s->mean, s->d);
	put_doubles(b, s->inv_sd, s->d);
	put_doubles(b, s->chol, s->d * (s->d + 1) / 2);
	put_doubles(b, (const double[]){ s->shrinkage, s->limit }, 2);
}

/* ---- skill, fit, part ---- */

void eh_skill_put(struct eh_buf *b, const struct eh_skill *s, size_t k)
{
	eh_put_u8(b, s->trained);
	if (!s->trained)
		return;
	eh_put_u32(b, s->n);
	for (size_t g = 0; g < k; g++)
		eh_put_u32(b, s->n_class[g]);
	put_doubles(b,
		    (const double[]){ s->accuracy, s->accuracy_lo, s->accuracy_hi, s->auc, s->auc_lo, s->auc_hi,
				      s->brier, s->brier_lo, s->brier_hi, s->ece, s->ece_lo, s->ece_hi,
				      s->log_loss, s->log_loss_lo, s->log_loss_hi, s->balanced_accuracy },
		    16);
	for (size_t g = 0; g < k; g++)
		put_doubles(b, s->confusion[g], k);
}

static void put_fit(struct eh_buf *b, const struct eh_fit *f)
{
	eh_put_u32(b, (uint32_t)f->n_sv);
	put_doubles(b, f->scale.lo, 4 * f->d);          /* lo, hi, mean, inv_sd stand in one block */
	put_doubles(b, f->prior, f->k);
	for (size_t i = 0; i < f->n_sv; i++)
		eh_put_u32(b, f->sv_row[i]);
	put_doubles(b, f->sv, f->n_sv * f->d);
	for (size_t c = 0; c < f->columns; c++) {
		const struct eh_column *column = &f->column[c];

		put_doubles(b,
			    (const double[]){ column->c, column->gamma, column->loss, column->platt.a, column->platt.b,
					      column->rho },
			    6);
		put_doubles(b, column->coef, f->n_sv);
	}
}

void eh_part_put(struct eh_buf *b, const struct eh_part *p, size_t k)
{
	eh_skill_put(b, &p->skill, k);
	eh_buf_add(b, p->use, sizeof p->use);
	if (!p->skill.trained) {
		eh_put_str(b, p->reason);
		return;
	}
	eh_put_u32(b, p->outer_folds);
	eh_put_u32(b, p->quality.frames_least);
	eh_put_u32(b, p->quality.frames_most);
	put_doubles(b,
		    (const double[]){ p->quality.voiced_least, p->quality.voiced_most, p->quality.band_least,
				      p->quality.band_most, p->quality.snr_least, p->quality.snr_most },
		    6);
	eh_put_u8(b, EH_QUALITY_FLAGS);
	for (size_t i = 0; i < EH_QUALITY_FLAGS; i++)
		eh_put_u32(b, p->quality.flagged[i]);
	eh_put_u32(b, p->copied);
	eh_put_u8(b, EH_COPY_KINDS);
	for (size_t i = 0; i < EH_COPY_KINDS; i++)
		eh_put_u32(b, p->copies[i]);
	put_report(b, &p->report, k);
	put_conformal(b, &p->conformal, k);
	put_scope(b, &p->scope[0]);
	put_scope(b, &p->scope[1]);
	put_fit(b, &p->fit);
	eh_put_u32(b, p->unseen.n);
	for (size_t i = 0; i < p->unseen.n; i++)
		eh_put_u32(b, p->unseen.who[i]);
	put_doubles(b, p->unseen.p, p->unseen.n * k);
}

/* ---- reading ---- */

static void get_doubles(struct eh_reader *r, double *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		v[i] = eh_get_f64(r);
		if (!isfinite(v[i]))
			r->bad = true;
	}
}

/* Class shares divide the probabilities: none may be 0. */
void eh_prior_get(struct eh_reader *r, double *prior, size_t k)
{
	get_doubles(r, prior, k);
	for (size_t g = 0; g < k; g++)
		r->bad = r->bad || !(prior[g] > 0.0 && prior[g] <= 1.0);
}

/* ---- the report ---- */

static void get_figure(struct eh_reader *r, struct eh_figure *f)
{
	double v[3];

	get_doubles(r, v, 3);
	*f = (struct eh_figure){ v[0], v[1], v[2] };
}

static void get_class(struct eh_reader *r, struct eh_class_figures *f)
{
	double v[4];

	f->n = eh_get_u32(r);
	f->n_in = eh_get_u32(r);
	get_figure(r, &f->auc);
	get_figure(r, &f->ece);
	get_figure(r, &f->brier);
	get_figure(r, &f->log_loss);
	get_doubles(r, v, 4);
	f->reliability = v[0], f->resolution = v[1], f->uncertainty = v[2], f->within = v[3];
	f->n_bins = eh_get_u8(r);
	if (f->n_bins > EH_REPORT_BINS) {
		r->bad = true;
		f->n_bins = 0;
	}
	for (size_t i = 0; i < f->n_bins; i++) {
		get_doubles(r, v, 3);
		f->bin[i] = (struct eh_bin){ v[0], v[1], v[2] };
	}
}

static void get_subgroup(struct eh_reader *r, struct eh_subgroup *s)
{
	eh_get_str(r, s->attribute, sizeof s->attribute);
	eh_get_str(r, s->group, sizeof s->group);
	s->n = eh_get_u32(r);
	s->measured = eh_get_u8(r) != 0;
	if (!s->measured)
		return;
	get_figure(r, &s->accuracy);
	get_figure(r, &s->brier);
	get_figure(r, &s->ece);
	get_figure(r, &s->log_loss);
	s->has_auc = eh_get_u8(r) != 0;
	get_figure(r, &s->auc);
}

static void get_report(struct eh_reader *r, struct eh_report *out, size_t k)
{
	for (size_t g = 0; g < k; g++)
		get_class(r, &out->of[g]);
	out->n_subgroups = eh_get_u8(r);
	if (out->n_subgroups > EH_SUBGROUPS_MAX) {
		r->bad = true;
		out->n_subgroups = 0;
	}
	for (size_t i = 0; i < out->n_subgroups; i++)
		get_subgroup(r, &out->subgroup[i]);
	out->more_subgroups = eh_get_u32(r);
	for (size_t g = 0; g < k; g++) {
		out->decision[g].covered = eh_get_u32(r);
		out->decision[g].decided = eh_get_u32(r);
		out->decision[g].wrong = eh_get_u32(r);
	}
	out->out_of_scope = eh_get_u32(r);
}

/* ---- decision sets, scope ---- */

static size_t left(const struct eh_reader *r)
{
	return r->bad ? 0 : (size_t)(r->end - r->p);
}

static int get_conformal(struct eh_reader *r, struct eh_part *p, size_t k, struct eh_err *err)
{
	struct eh_conformal *c = &p->conformal;

	for (size_t g = 0; g < k; g++) {
		c->n[g] = eh_get_u32(r);
		if (c->n[g] > left(r) / sizeof(double)) {
			r->bad = true;
			c->n[g] = 0;
		}
		c->score[g] = eh_try_calloc(c->n[g], sizeof *c->score[g]);
		if (c->score[g] == NULL && c->n[g] > 0)
			return eh_err_set(err, EH_ENOMEM, "out of memory for the decision sets of a model");
		get_doubles(r, c->score[g], c->n[g]);
		for (size_t i = 1; i < c->n[g]; i++)
			r->bad = r->bad || c->score[g][i] < c->score[g][i - 1];
		p->report.decision[g].n = c->n[g];
		p->report.decision[g].can_exclude = eh_conformal_can_exclude(c->n[g]);
	}
	return EH_OK;
}

static int get_scope(struct eh_reader *r, struct eh_scope_limit *s, struct eh_err *err)
{
	size_t d = eh_get_u16(r);
	double v[2];
	int rc = EH_OK;

	if (d > EH_COLUMNS_MAX) {
		r->bad = true;
		return EH_OK;
	}
	if (d > 0)
		rc = eh_scope_alloc(s, d, err);
	if (rc != EH_OK)
		return rc;
	get_doubles(r, s->mean, d);
	get_doubles(r, s->inv_sd, d);
	get_doubles(r, s->chol, d * (d + 1) / 2);
	for (size_t i = 0; i < d; i++)                          /* divided by */
		r->bad = r->bad || !(s->chol[i * (i + 1) / 2 + i] > 0.0);
	get_doubles(r, v, 2);
	s->shrinkage = v[0];
	s->limit = v[1];
	return EH_OK;
}

/* ---- skill, fit, part ---- */

void eh_skill_get(struct eh_reader *r, struct eh_skill *s, size_t k)
{
	double v[16];

	s->trained = eh_get_u8(r) != 0;
	if (!s->trained)
		return;
	s->n = eh_get_u32(r);
	for (size_t g = 0; g < k; g++)
		s->n_class[g] = eh_get_u32(r);
	get_doubles(r, v, 16);
	s->accuracy = v[0], s->accuracy_lo = v[1], s->accuracy_hi = v[2];
	s->auc = v[3], s->auc_lo = v[4], s->auc_hi = v[5];
	s->brier = v[6], s->brier_lo = v[7], s->brier_hi = v[8];
	s->ece = v[9], s->ece_lo = v[10], s->ece_hi = v[11];
	s->log_loss = v[12], s->log_loss_lo = v[13], s->log_loss_hi = v[14];
	s->balanced_accuracy = v[15];
	for (size_t g = 0; g < k; g++)
		get_doubles(r, s->confusion[g], k);
}

static int get_fit(struct eh_reader *r, struct eh_fit *f, uint32_t contributors, struct eh_err *err)
{
	int rc = EH_OK;

	f->n_sv = eh_get_u32(r);
	/* bounds the allocation by the record's size */
	if (r->bad || f->d == 0 || f->n_sv > left(r) / (f->d * sizeof(double))) {
		r->bad = true;
		f->n_sv = 0;
		return EH_OK;
	}
	rc = eh_scale_alloc(&f->scale, f->d, err);
	if (rc == EH_OK)
		rc = eh_fit_alloc_vectors(f, err);
	if (rc != EH_OK)
		return rc;
	get_doubles(r, f->scale.lo, 4 * f->d);
	eh_prior_get(r, f->prior, f->k);
	for (size_t i = 0; i < f->n_sv; i++) {
		f->sv_row[i] = eh_get_u32(r);
		r->bad = r->bad || f->sv_row[i] >= contributors;
	}
	get_doubles(r, f->sv, f->n_sv * f->d);
	for (size_t c = 0; c < f->columns; c++) {
		struct eh_column *column = &f->column[c];
		double v[6];

		get_doubles(r, v, 6);
		column->c = v[0], column->gamma = v[1], column->loss = v[2];
		column->platt = (struct eh_platt){ v[3], v[4] };
		column->rho = v[5];
		get_doubles(r, column->coef, f->n_sv);
	}
	return EH_OK;
}

static int get_unseen(struct eh_reader *r, struct eh_unseen *u, size_t k, uint32_t contributors, struct eh_err *err)
{
	int rc;

	u->n = eh_get_u32(r);
	if (u->n > contributors || u->n > left(r) / (sizeof(uint32_t) + k * sizeof(double))) {
		r->bad = true;
		u->n = 0;
		return EH_OK;
	}
	rc = eh_unseen_alloc(u, k, err);
	if (rc != EH_OK)
		return rc;
	for (size_t i = 0; i < u->n; i++) {
		u->who[i] = eh_get_u32(r);
		r->bad = r->bad || u->who[i] >= contributors || (i > 0 && u->who[i] <= u->who[i - 1]);
	}
	get_doubles(r, u->p, u->n * k);
	for (size_t i = 0; i < u->n * k; i++)
		r->bad = r->bad || !(u->p[i] > 0.0 && u->p[i] < 1.0);
	return EH_OK;
}

int eh_part_get(struct eh_reader *r, struct eh_part *p, size_t k, size_t levels, uint32_t contributors,
		bool has_unseen, struct eh_err *err)
{
	uint8_t flags = 0;
	double v[6];
	int rc = EH_OK;

	eh_skill_get(r, &p->skill, k);
	for (size_t i = 0; i < EH_VECTOR_N; i++) {
		p->use[i] = eh_get_u8(r);
		if (p->use[i] == EH_USE_IN)
			p->indicator[p->fit.d++] = (uint16_t)i;
	}
	if (!p->skill.trained) {
		p->fit.d = 0;
		eh_get_str(r, p->reason, sizeof p->reason);
		return EH_OK;
	}
	for (size_t l = 0; l < levels; l++)
		p->indicator[p->fit.d++] = (uint16_t)(EH_VECTOR_N + l);
	p->outer_folds = eh_get_u32(r);
	p->quality.frames_least = eh_get_u32(r);
	p->quality.frames_most = eh_get_u32(r);
	get_doubles(r, v, 6);
	p->quality.voiced_least = v[0], p->quality.voiced_most = v[1];
	p->quality.band_least = v[2], p->quality.band_most = v[3];
	p->quality.snr_least = v[4], p->quality.snr_most = v[5];
	flags = eh_get_u8(r);
	for (size_t i = 0; i < flags; i++) {
		uint32_t n = eh_get_u32(r);

		if (i < EH_QUALITY_FLAGS)       /* a program of other flags wrote it: what both know */
			p->quality.flagged[i] = n;
	}
	p->copied = eh_get_u32(r);
	r->bad = r->bad || eh_get_u8(r) != EH_COPY_KINDS || p->copied > contributors;
	for (size_t i = 0; i < EH_COPY_KINDS; i++) {
		p->copies[i] = eh_get_u32(r);
		r->bad = r->bad || p->copies[i] > p->copied;
	}
	get_report(r, &p->report, k);
	rc = get_conformal(r, p, k, err);
	if (rc == EH_OK)
		rc = get_scope(r, &p->scope[0], err);
	if (rc == EH_OK)
		rc = get_scope(r, &p->scope[1], err);
	if (rc != EH_OK)
		return rc;
	p->fit.k = k;
	p->fit.columns = eh_columns_of(k);
	rc = get_fit(r, &p->fit, contributors, err);
	if (rc == EH_OK && has_unseen && !r->bad)
		rc = get_unseen(r, &p->unseen, k, contributors, err);
	return rc;
}
