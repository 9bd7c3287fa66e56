/* A model's fields and its stored form; see learn.h and model.h. */
#include "learn/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "store/codec.h"

#define MODEL_VERSION 2                 /* 2: the number of quality flags is in it */
#define MODEL_RECORD_MAX (64u << 20)    /* [bytes]; about 100,000 support vectors of one modality */

void eh_model_free(struct eh_model **m)
{
	if (*m == NULL)
		return;
	for (int k = 0; k < EH_MODALITIES; k++)
		eh_fit_free(&(*m)->part[k].fit);
	free((*m)->contributor);
	free(*m);
	*m = NULL;
}

const char *eh_model_attribute(const struct eh_model *m) { return m->attribute; }
const char *eh_model_id(const struct eh_model *m) { return m->id; }
const struct eh_skill *eh_model_skill(const struct eh_model *m, enum eh_modality which)
{
	return &m->part[which].skill;
}
const struct eh_skill *eh_model_baseline_f0(const struct eh_model *m) { return &m->f0; }
double eh_model_majority(const struct eh_model *m) { return m->majority; }

size_t eh_model_groups(const struct eh_model *m, const char *const **groups)
{
	*groups = m->group_text;
	return m->n_groups;
}

size_t eh_model_contributors(const struct eh_model *m, const eh_id **ids)
{
	*ids = m->contributor;
	return m->contributors_n;
}

void eh_model_prior(const struct eh_model *m, double *prior)
{
	memcpy(prior, m->prior, m->n_groups * sizeof *prior);
}

/* ---- writing ---- */

static void put_doubles(struct eh_buf *b, const double *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		eh_put_f64(b, v[i]);
}

static void put_skill(struct eh_buf *b, const struct eh_skill *s, size_t k)
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
				      s->balanced_accuracy },
		    13);
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

static void put_part(struct eh_buf *b, const struct eh_part *p, size_t k)
{
	put_skill(b, &p->skill, k);
	eh_buf_add(b, p->use, sizeof p->use);
	if (!p->skill.trained) {
		eh_put_str(b, p->reason);
		return;
	}
	eh_put_u32(b, p->outer_folds);
	eh_put_u32(b, p->quality.frames_least);
	eh_put_u32(b, p->quality.frames_most);
	eh_put_f64(b, p->quality.voiced_least);
	eh_put_f64(b, p->quality.voiced_most);
	eh_put_u8(b, EH_QUALITY_FLAGS);
	for (size_t i = 0; i < EH_QUALITY_FLAGS; i++)
		eh_put_u32(b, p->quality.flagged[i]);
	put_fit(b, &p->fit);
}

int eh_model_encode(struct eh_buf *out, const struct eh_model *m, struct eh_err *err)
{
	eh_put_str(out, m->attribute);
	eh_put_u8(out, (uint8_t)m->n_groups);
	for (size_t g = 0; g < m->n_groups; g++)
		eh_put_str(out, m->group[g]);
	eh_put_u64(out, m->seed);
	eh_put_u32(out, m->libsvm_version);
	eh_put_str(out, m->platform);
	eh_put_str(out, m->layout);
	eh_put_u32(out, m->contributors_n);
	for (uint32_t i = 0; i < m->contributors_n; i++)
		eh_put_str(out, m->contributor[i]);
	put_doubles(out, m->prior, m->n_groups);
	eh_put_f64(out, m->majority);
	for (int k = 0; k < EH_MODALITIES; k++)
		put_part(out, &m->part[k], m->n_groups);
	put_skill(out, &m->f0, m->n_groups);
	if (out->failed)
		return eh_err_set(err, EH_ENOMEM, "%s: the model needs more than %u MiB or memory ran out",
				  m->attribute, MODEL_RECORD_MAX >> 20);
	return EH_OK;
}

static void name_after(struct eh_model *m, const void *body, size_t len)
{
	char hex[EH_DIGEST_HEX];

	eh_sha256_hex(hex, body, len);
	(void)snprintf(m->id, sizeof m->id, "%s-%.8s", m->attribute, hex);
}

int eh_model_name(struct eh_model *m, struct eh_err *err)
{
	struct eh_buf body;
	int rc = EH_OK;

	eh_buf_init(&body, MODEL_RECORD_MAX);
	rc = eh_model_encode(&body, m, err);
	if (rc == EH_OK)
		name_after(m, body.data, body.len);
	eh_buf_free(&body);
	return rc;
}

/* version, time, sha256 of the body, body */
int eh_model_put(struct eh_txn *txn, const struct eh_model *m, int64_t trained_at, struct eh_err *err)
{
	struct eh_key key = eh_key_of(m->attribute);
	unsigned char digest[EH_DIGEST_SIZE];
	struct eh_buf body, b;
	int rc = EH_OK;

	eh_buf_init(&body, MODEL_RECORD_MAX);
	eh_buf_init(&b, MODEL_RECORD_MAX + 256);
	rc = eh_model_encode(&body, m, err);
	if (rc != EH_OK)
		goto out;
	eh_sha256(digest, body.data, body.len);
	eh_record_begin(&b, MODEL_VERSION);
	eh_put_i64(&b, trained_at);
	eh_put_blob(&b, digest, sizeof digest);
	eh_put_blob(&b, body.data, body.len);
	if (b.failed)
		rc = eh_err_set(err, EH_ENOMEM, "%s: out of memory for the record of the model", m->attribute);
	else
		rc = eh_txn_put(txn, EH_T_MODELS, eh_key_bytes(&key), (struct eh_bytes){ b.data, b.len }, err);
out:
	eh_buf_free(&b);
	eh_buf_free(&body);
	return rc;
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
static void get_prior(struct eh_reader *r, double *prior, size_t k)
{
	get_doubles(r, prior, k);
	for (size_t g = 0; g < k; g++)
		r->bad = r->bad || !(prior[g] > 0.0 && prior[g] <= 1.0);
}

static void get_skill(struct eh_reader *r, struct eh_skill *s, size_t k)
{
	double v[13];

	s->trained = eh_get_u8(r) != 0;
	if (!s->trained)
		return;
	s->n = eh_get_u32(r);
	for (size_t g = 0; g < k; g++)
		s->n_class[g] = eh_get_u32(r);
	get_doubles(r, v, 13);
	s->accuracy = v[0], s->accuracy_lo = v[1], s->accuracy_hi = v[2];
	s->auc = v[3], s->auc_lo = v[4], s->auc_hi = v[5];
	s->brier = v[6], s->brier_lo = v[7], s->brier_hi = v[8];
	s->ece = v[9], s->ece_lo = v[10], s->ece_hi = v[11];
	s->balanced_accuracy = v[12];
	for (size_t g = 0; g < k; g++)
		get_doubles(r, s->confusion[g], k);
}

static int get_fit(struct eh_reader *r, struct eh_fit *f, uint32_t contributors, struct eh_err *err)
{
	int rc = EH_OK;

	f->n_sv = eh_get_u32(r);
	if (r->bad || f->n_sv > contributors || f->d == 0) {    /* before anything of that size is allocated */
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
	get_prior(r, f->prior, f->k);
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

/* Before the parts: their length depends on the layout. */
static int check_layout(const struct eh_model *m, struct eh_err *err)
{
	char layout[65];

	eh_layout_hash(layout);
	if (strcmp(layout, m->layout) != 0)
		return eh_err_set(err, EH_EFORMAT,
				  "model of %s: it was trained on another set of indicators; train it again",
				  m->attribute);
	return EH_OK;
}

static int get_part(struct eh_reader *r, struct eh_part *p, size_t k, uint32_t contributors, struct eh_err *err)
{
	uint8_t flags = 0;

	get_skill(r, &p->skill, k);
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
	p->outer_folds = eh_get_u32(r);
	p->quality.frames_least = eh_get_u32(r);
	p->quality.frames_most = eh_get_u32(r);
	get_doubles(r, &p->quality.voiced_least, 1);
	get_doubles(r, &p->quality.voiced_most, 1);
	flags = eh_get_u8(r);
	for (size_t i = 0; i < flags; i++) {
		uint32_t n = eh_get_u32(r);

		if (i < EH_QUALITY_FLAGS)       /* a program of other flags wrote it: what both know */
			p->quality.flagged[i] = n;
	}
	p->fit.k = k;
	p->fit.columns = eh_columns_of(k);
	return get_fit(r, &p->fit, contributors, err);
}

static int get_head(struct eh_reader *r, struct eh_model *m, struct eh_err *err)
{
	eh_get_str(r, m->attribute, sizeof m->attribute);
	m->n_groups = eh_get_u8(r);
	if (m->n_groups < 2 || m->n_groups > EH_GROUPS_MAX)
		return eh_err_set(err, EH_EFORMAT, "model: the stored record is damaged");
	for (size_t g = 0; g < m->n_groups; g++) {
		eh_get_str(r, m->group[g], sizeof m->group[g]);
		m->group_text[g] = m->group[g];
	}
	m->seed = eh_get_u64(r);
	m->libsvm_version = eh_get_u32(r);
	eh_get_str(r, m->platform, sizeof m->platform);
	eh_get_str(r, m->layout, sizeof m->layout);
	m->contributors_n = eh_get_u32(r);
	/* each id takes at least its length and one byte: bounds the allocation by the record's size */
	if (r->bad || m->contributors_n > (size_t)(r->end - r->p) / 5)
		return eh_err_set(err, EH_EFORMAT, "model of %s: the stored record is damaged", m->attribute);
	m->contributor = eh_try_calloc(m->contributors_n, sizeof *m->contributor);
	if (m->contributor == NULL)
		return eh_err_set(err, EH_ENOMEM, "model of %s: out of memory for %u ids", m->attribute,
				  m->contributors_n);
	for (uint32_t i = 0; i < m->contributors_n; i++)
		eh_get_str(r, m->contributor[i], sizeof m->contributor[i]);
	get_prior(r, m->prior, m->n_groups);
	get_doubles(r, &m->majority, 1);
	return EH_OK;
}

static int decode(struct eh_model *m, struct eh_bytes value, struct eh_err *err)
{
	unsigned char digest[EH_DIGEST_SIZE];
	struct eh_bytes stored, body;
	struct eh_reader r;
	int rc = eh_record_open(&r, value, MODEL_VERSION, NULL, "model", err);

	if (rc != EH_OK)
		return rc;
	m->trained_at = eh_get_i64(&r);
	stored = eh_get_blob(&r);
	body = eh_get_blob(&r);
	eh_sha256(digest, body.data, body.len);
	if (r.bad || stored.len != sizeof digest || memcmp(stored.data, digest, sizeof digest) != 0)
		return eh_err_set(err, EH_EFORMAT,
				  "model: the stored record does not match its checksum; train the model again");
	eh_reader_init(&r, body.data, body.len);
	rc = get_head(&r, m, err);
	if (rc == EH_OK && !r.bad)
		rc = check_layout(m, err);
	for (int k = 0; k < EH_MODALITIES && rc == EH_OK; k++)
		rc = get_part(&r, &m->part[k], m->n_groups, m->contributors_n, err);
	if (rc != EH_OK)
		return rc;
	get_skill(&r, &m->f0, m->n_groups);
	name_after(m, body.data, body.len);
	return eh_record_close(&r, "model", err);
}

int eh_model_get(struct eh_txn *txn, const char *attribute, struct eh_model **out, struct eh_err *err)
{
	struct eh_key key = eh_key_of(attribute);
	struct eh_bytes value = { NULL, 0 };
	struct eh_model *m = NULL;
	int rc = eh_txn_get(txn, EH_T_MODELS, eh_key_bytes(&key), &value, err);

	*out = NULL;
	if (rc == EH_ENOENT)
		return eh_err_set(err, EH_ENOENT, "there is no model of '%.40s'; run: evenhand train %.40s", attribute,
				  attribute);
	if (rc != EH_OK)
		return rc;
	m = eh_xcalloc(1, sizeof *m);
	rc = decode(m, value, err);
	if (rc != EH_OK)
		eh_model_free(&m);
	*out = m;
	return rc;
}

int eh_model_remove(struct eh_txn *txn, const char *attribute, struct eh_err *err)
{
	struct eh_key key = eh_key_of(attribute);
	int rc = eh_txn_del(txn, EH_T_MODELS, eh_key_bytes(&key), err);

	if (rc == EH_ENOENT)
		return eh_err_set(err, EH_ENOENT, "there is no model of '%.40s' to remove", attribute);
	return rc;
}
