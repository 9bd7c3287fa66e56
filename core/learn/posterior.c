/* Posteriors: the stored classes of the second candidates; see learn.h. */
#include "learn/learn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/codec.h"

#define POSTERIOR_VERSION 2             /* 2: decision set and scope */
#define SUM_OFF 1e-9                    /* by which the sum of probabilities may miss 1 */

static int check(const struct eh_posterior *p, int code, struct eh_err *err)
{
	double sum = 0.0;

	if (p->n_groups < 2 || p->n_groups > EH_GROUPS_MAX || p->modality >= EH_MODALITIES ||
	    p->set >> p->n_groups != 0)
		return eh_err_set(err, code, "candidate '%.64s': malformed class probabilities of %.32s", p->candidate,
				  p->attribute);
	for (uint32_t g = 0; g < p->n_groups; g++)
		sum += p->p[g] >= 0.0 && p->p[g] <= 1.0 ? p->p[g] : NAN;
	if (!(fabs(sum - 1.0) <= SUM_OFF))
		return eh_err_set(err, code, "candidate '%.64s': the class probabilities of %.32s do not sum to 1",
				  p->candidate, p->attribute);
	return EH_OK;
}

int eh_posterior_put(struct eh_txn *txn, const struct eh_posterior *p, struct eh_err *err)
{
	struct eh_key key;
	struct eh_buf b;
	int rc = check(p, EH_EINVAL, err);

	if (rc != EH_OK)
		return rc;
	eh_key_init(&key);
	eh_key_str(&key, p->attribute);
	eh_key_str(&key, p->candidate);
	eh_buf_init(&b, EH_RECORD_MAX);
	eh_record_begin(&b, POSTERIOR_VERSION);
	eh_put_str(&b, p->model);
	eh_put_u8(&b, p->modality);
	eh_put_u32(&b, p->set);
	eh_put_u32(&b, p->scope);
	eh_put_u32(&b, p->n_groups);
	for (uint32_t g = 0; g < p->n_groups; g++) {
		eh_put_str(&b, p->groups[g]);
		eh_put_f64(&b, p->p[g]);
	}
	if (b.failed)
		rc = eh_err_set(err, EH_ENOMEM, "candidate '%s': out of memory for class probabilities", p->candidate);
	else
		rc = eh_txn_put(txn, EH_T_POSTERIORS, eh_key_bytes(&key), (struct eh_bytes){ b.data, b.len }, err);
	eh_buf_free(&b);
	return rc;
}

/* old: of a version without decision sets, to be passed over. */
static int decode(struct eh_posterior *p, bool *old, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct eh_reader r;
	uint16_t version = 0;
	int rc = EH_OK;

	memset(p, 0, sizeof *p);
	*old = false;
	if (!eh_key_part(key, 0, p->attribute, sizeof p->attribute) ||
	    !eh_key_part(key, 1, p->candidate, sizeof p->candidate))
		return eh_err_set(err, EH_EFORMAT, "posteriors: damaged key");
	rc = eh_record_open(&r, value, POSTERIOR_VERSION, &version, "posterior", err);
	*old = version < POSTERIOR_VERSION;
	if (rc != EH_OK || *old)
		return rc;
	eh_get_str(&r, p->model, sizeof p->model);
	p->modality = eh_get_u8(&r);
	p->set = eh_get_u32(&r);
	p->scope = eh_get_u32(&r);
	p->n_groups = eh_get_u32(&r);
	for (uint32_t g = 0; g < p->n_groups && g < EH_GROUPS_MAX; g++) {
		eh_get_str(&r, p->groups[g], sizeof p->groups[g]);
		p->p[g] = eh_get_f64(&r);
	}
	rc = eh_record_close(&r, "posterior", err);
	return rc == EH_OK ? check(p, EH_EFORMAT, err) : rc;
}

struct each {
	int (*fn)(void *ctx, const struct eh_posterior *p, struct eh_err *err);
	void *ctx;
};

static int each_posterior(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	const struct each *e = ctx;
	struct eh_posterior p;
	bool old = false;
	int rc = decode(&p, &old, key, value, err);

	return rc == EH_OK && !old ? e->fn(e->ctx, &p, err) : rc;
}

/* Prefix of the whole name, so that "sex" does not take in "sex_at_birth". */
static struct eh_key prefix_of(const char *attribute)
{
	struct eh_key key = eh_key_of(attribute);

	eh_key_end(&key);
	return key;
}

int eh_posteriors_each(struct eh_txn *txn, const char *attribute,
		       int (*fn)(void *ctx, const struct eh_posterior *p, struct eh_err *err), void *ctx,
		       struct eh_err *err)
{
	struct eh_key prefix = prefix_of(attribute);
	struct each e = { fn, ctx };

	return eh_txn_scan(txn, EH_T_POSTERIORS, eh_key_bytes(&prefix), each_posterior, &e, err);
}

struct keys {
	struct eh_key *v;
	size_t n, cap;
};

/* A scan may not write to its own table: keys first, then deletion. */
static int note_key(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct keys *k = ctx;
	struct eh_key *more = k->v;

	(void)value;
	if (k->n == k->cap) {
		k->cap = k->cap != 0 ? 2 * k->cap : 64;
		more = eh_try_realloc(k->v, k->cap, sizeof *k->v);
	}
	if (more == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the keys of %zu class probabilities", k->cap);
	k->v = more;
	memcpy(k->v[k->n].data, key.data, key.len);
	k->v[k->n].bad = false;
	k->v[k->n++].len = key.len;
	return EH_OK;
}

int eh_posteriors_clear(struct eh_txn *txn, const char *attribute, struct eh_err *err)
{
	struct eh_key prefix = prefix_of(attribute);
	struct keys k = { NULL, 0, 0 };
	int rc = eh_txn_scan(txn, EH_T_POSTERIORS, eh_key_bytes(&prefix), note_key, &k, err);

	for (size_t i = 0; i < k.n && rc == EH_OK; i++)
		rc = eh_txn_del(txn, EH_T_POSTERIORS, eh_key_bytes(&k.v[i]), err);
	free(k.v);
	return rc;
}
