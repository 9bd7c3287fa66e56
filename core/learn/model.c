/* A model's fields and its stored form; see learn.h and model.h. */
#include "learn/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "store/codec.h"

#define MODEL_VERSION 5                 /* 4: degraded copies that taught, sources of the classes */
#define UNSEEN_VERSION 5                /* what the outer folds said of the contributors */
#define OLDEST_VERSION 4
#define MODEL_RECORD_MAX (64u << 20)    /* [bytes]; about 100,000 support vectors of one modality */

void eh_model_free(struct eh_model **m)
{
	if (*m == NULL)
		return;
	for (int k = 0; k < EH_MODALITIES; k++)
		eh_part_clear(&(*m)->part[k]);
	free((*m)->contributor);
	free(*m);
	*m = NULL;
}

int eh_unseen_alloc(struct eh_unseen *u, size_t k, struct eh_err *err)
{
	u->who = eh_try_calloc(u->n, sizeof *u->who);
	u->p = eh_try_calloc(u->n, k * sizeof *u->p);
	if (u->n == 0 || (u->who != NULL && u->p != NULL))
		return EH_OK;
	eh_unseen_free(u);
	return eh_err_set(err, EH_ENOMEM, "out of memory for the out-of-fold probabilities of a model");
}

void eh_unseen_free(struct eh_unseen *u)
{
	free(u->who);
	free(u->p);
	*u = (struct eh_unseen){ 0, NULL, NULL };
}

/* What was learnt goes; what became of the indicators and the reason stay. */
void eh_part_clear(struct eh_part *p)
{
	eh_fit_free(&p->fit);
	eh_scope_free(&p->scope[0]);
	eh_scope_free(&p->scope[1]);
	eh_conformal_free(&p->conformal);
	eh_unseen_free(&p->unseen);
	memset(&p->skill, 0, sizeof p->skill);
	memset(&p->report, 0, sizeof p->report);
	memset(&p->quality, 0, sizeof p->quality);
	memset(p->copies, 0, sizeof p->copies);
	p->copied = 0;
}

const char *eh_model_attribute(const struct eh_model *m) { return m->attribute; }
const char *eh_model_id(const struct eh_model *m) { return m->id; }
const struct eh_skill *eh_model_skill(const struct eh_model *m, enum eh_modality which)
{
	return &m->part[which].skill;
}
const struct eh_report *eh_model_report(const struct eh_model *m, enum eh_modality which)
{
	return &m->part[which].report;
}

uint32_t eh_model_copied(const struct eh_model *m)
{
	uint32_t most = 0;

	for (int k = 0; k < EH_MODALITIES; k++)
		most = m->part[k].copied > most ? m->part[k].copied : most;
	return most;
}

const struct eh_skill *eh_model_baseline_f0(const struct eh_model *m) { return &m->f0; }
double eh_model_majority(const struct eh_model *m) { return m->majority; }

size_t eh_model_groups(const struct eh_model *m, const char *const **groups)
{
	*groups = m->group_text;
	return m->n_groups;
}

uint32_t eh_model_imported(const struct eh_model *m) { return m->imported_n; }
bool eh_model_declared_only(const struct eh_model *m) { return m->declared_only; }
uint64_t eh_model_seed(const struct eh_model *m) { return m->seed; }
int64_t eh_model_trained_at(const struct eh_model *m) { return m->trained_at; }

size_t eh_model_with(const struct eh_model *m, const char *const **names)
{
	*names = m->with_text;
	return m->n_with;
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

void eh_column_name(char *out, size_t size, const struct eh_model *m, uint16_t indicator)
{
	const struct eh_level *l = &m->level[indicator >= EH_VECTOR_N ? indicator - EH_VECTOR_N : 0];

	if (indicator < EH_VECTOR_N)
		(void)snprintf(out, size, "%s", eh_vector_info(indicator)->name);
	else
		(void)snprintf(out, size, "%s=%s", m->with[l->with], l->value);
}

void eh_part_raw(double *raw, const struct eh_model *m, const struct eh_part *p, const struct eh_vector *v,
		 const char *const *with)
{
	for (size_t c = 0; c < p->fit.d; c++) {
		const struct eh_level *l = NULL;

		if (p->indicator[c] < EH_VECTOR_N) {
			raw[c] = v->value[p->indicator[c]];
			continue;
		}
		l = &m->level[p->indicator[c] - EH_VECTOR_N];
		raw[c] = with != NULL && with[l->with] != NULL && strcmp(with[l->with], l->value) == 0 ? 1.0 : 0.0;
	}
}

/* ---- writing ---- */

int eh_model_encode(struct eh_buf *out, const struct eh_model *m, struct eh_err *err)
{
	eh_put_str(out, m->attribute);
	eh_put_u8(out, (uint8_t)m->n_groups);
	for (size_t g = 0; g < m->n_groups; g++)
		eh_put_str(out, m->group[g]);
	eh_put_u8(out, (uint8_t)m->n_with);
	for (size_t w = 0; w < m->n_with; w++)
		eh_put_str(out, m->with[w]);
	eh_put_u8(out, (uint8_t)m->n_levels);
	for (size_t l = 0; l < m->n_levels; l++) {
		eh_put_u8(out, m->level[l].with);
		eh_put_str(out, m->level[l].value);
	}
	eh_put_u64(out, m->seed);
	eh_put_u32(out, m->libsvm_version);
	eh_put_str(out, m->platform);
	eh_put_str(out, m->layout);
	eh_put_u32(out, m->contributors_n);
	for (uint32_t i = 0; i < m->contributors_n; i++)
		eh_put_str(out, m->contributor[i]);
	eh_put_u32(out, m->imported_n);
	eh_put_u8(out, m->declared_only);
	for (size_t g = 0; g < m->n_groups; g++)
		eh_put_f64(out, m->prior[g]);
	eh_put_f64(out, m->majority);
	for (int k = 0; k < EH_MODALITIES; k++)
		eh_part_put(out, &m->part[k], m->n_groups);
	eh_skill_put(out, &m->f0, m->n_groups);
	eh_curve_put(out, &m->curve);
	eh_importance_put(out, &m->importance);
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

static void get_with(struct eh_reader *r, struct eh_model *m)
{
	m->n_with = eh_get_u8(r);
	r->bad = r->bad || m->n_with > EH_WITH_MAX;
	for (size_t w = 0; !r->bad && w < m->n_with; w++) {
		eh_get_str(r, m->with[w], sizeof m->with[w]);
		m->with_text[w] = m->with[w];
	}
	m->n_levels = eh_get_u8(r);
	r->bad = r->bad || m->n_levels > EH_LEVELS_MAX;
	for (size_t l = 0; !r->bad && l < m->n_levels; l++) {
		m->level[l].with = eh_get_u8(r);
		r->bad = r->bad || m->level[l].with >= m->n_with;
		eh_get_str(r, m->level[l].value, sizeof m->level[l].value);
	}
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
	get_with(r, m);
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
	m->imported_n = eh_get_u32(r);
	m->declared_only = eh_get_u8(r) != 0;
	r->bad = r->bad || m->imported_n > (m->declared_only ? 0 : m->contributors_n);
	eh_prior_get(r, m->prior, m->n_groups);
	m->majority = eh_get_f64(r);
	r->bad = r->bad || !(m->majority >= 0.0 && m->majority <= 1.0);
	return EH_OK;
}

static int decode(struct eh_model *m, struct eh_bytes value, struct eh_err *err)
{
	unsigned char digest[EH_DIGEST_SIZE];
	struct eh_bytes stored, body;
	struct eh_reader r;
	uint16_t version = 0;
	int rc = eh_record_open(&r, value, MODEL_VERSION, &version, "model", err);

	if (rc != EH_OK)
		return rc;
	if (version < OLDEST_VERSION)
		return eh_err_set(err, EH_EFORMAT, "model: an older program made it; train it again");
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
		rc = eh_part_get(&r, &m->part[k], m->n_groups, m->n_levels, m->contributors_n,
				 version >= UNSEEN_VERSION, err);
	if (rc != EH_OK)
		return rc;
	eh_skill_get(&r, &m->f0, m->n_groups);
	eh_curve_get(&r, &m->curve);
	eh_importance_get(&r, &m->importance);
	for (int k = 0; k < EH_MODALITIES; k++)
		eh_report_judge(&m->part[k], m);
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
