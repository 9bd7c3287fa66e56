/* The end of what audits run: one person asks for it, another carries it out; see registry.h. */
#include <string.h>

#include "policy/registry.h"
#include "policy/registry_inside.h"
#include "store/codec.h"

#define ENDING_LAYOUT 1

static struct eh_key ending_key(const char *name)
{
	struct eh_key k = eh_key_of("policy.ending");

	eh_key_str(&k, name);
	return k;
}

int eh_registry_forget_ending(struct eh_txn *txn, const char *name, struct eh_err *err)
{
	struct eh_key k = ending_key(name);
	int rc = eh_txn_del(txn, EH_T_META, eh_key_bytes(&k), err);

	return rc == EH_ENOENT ? EH_OK : rc;
}

/* What was asked, of which text, and by whom through sudo. */
struct ending {
	char of[EH_DIGEST_HEX];
	struct eh_policy_mark asked;
	bool has_behind;
	uint32_t behind;
};

static int decode_ending(struct ending *e, struct eh_bytes value, struct eh_err *err)
{
	struct eh_reader r;
	int rc = eh_record_open(&r, value, ENDING_LAYOUT, NULL, "end of a policy", err);

	if (rc != EH_OK)
		return rc;
	eh_get_str(&r, e->of, sizeof e->of);
	eh_registry_get_mark(&r, &e->asked);
	e->has_behind = eh_get_u8(&r) != 0;
	e->behind = eh_get_u32(&r);
	return eh_record_close(&r, "end of a policy", err);
}

/* EH_ENOENT also where it was asked for another text, which this one took the place of since. */
static int find_ending(struct eh_txn *txn, const char *name, const char *hash, struct ending *e, struct eh_err *err)
{
	struct eh_key k = ending_key(name);
	struct eh_bytes value;
	int rc = eh_txn_get(txn, EH_T_META, eh_key_bytes(&k), &value, err);

	memset(e, 0, sizeof *e);
	if (rc == EH_OK)
		rc = decode_ending(e, value, err);
	return rc == EH_OK && strcmp(e->of, hash) != 0 ? EH_ENOENT : rc;
}

int eh_registry_ending(struct eh_txn *txn, const char *name, const char *hash, struct eh_policy_mark *asked,
		       struct eh_err *err)
{
	struct ending e;
	int rc = find_ending(txn, name, hash, &e, err);

	*asked = e.asked;
	return rc;
}

struct each_ending {
	int (*fn)(void *ctx, const char *name, const struct eh_policy_mark *asked, struct eh_err *err);
	void *ctx;
};

static int ending_step(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	const struct each_ending *e = ctx;
	char name[EH_NAME_MAX + 1];
	struct ending ending;
	int rc = decode_ending(&ending, value, err);

	if (rc == EH_OK && eh_key_part(key, 1, name, sizeof name))
		rc = e->fn(e->ctx, name, &ending.asked, err);
	return rc;
}

int eh_registry_endings_each(struct eh_txn *txn,
			     int (*fn)(void *ctx, const char *name, const struct eh_policy_mark *asked,
				       struct eh_err *err), void *ctx, struct eh_err *err)
{
	struct each_ending e = { fn, ctx };
	struct eh_key k = eh_key_of("policy.ending");

	eh_key_end(&k);
	return eh_txn_scan(txn, EH_T_META, eh_key_bytes(&k), ending_step, &e, err);
}

static int ask(struct eh_txn *txn, const char *name, const char *hash, const struct eh_policy_mark *m,
	       const struct eh_actor *behind, struct eh_err *err)
{
	struct eh_key k = ending_key(name);
	struct eh_buf b;
	int rc;

	eh_buf_init(&b, EH_RECORD_MAX);
	eh_record_begin(&b, ENDING_LAYOUT);
	eh_put_str(&b, hash);
	eh_registry_put_mark(&b, m);
	eh_put_u8(&b, behind != NULL);
	eh_put_u32(&b, behind != NULL ? behind->uid : 0);
	rc = b.failed ? eh_err_set(err, EH_ENOMEM, "end of a policy: out of memory")
		      : eh_txn_put(txn, EH_T_META, eh_key_bytes(&k), (struct eh_bytes){ b.data, b.len }, err);
	eh_buf_free(&b);
	return rc;
}

static bool same_person(const struct ending *e, const struct eh_actor *who, const struct eh_actor *behind)
{
	return e->asked.who.uid == who->uid || (e->has_behind && e->behind == who->uid) ||
	       (behind != NULL && (e->asked.who.uid == behind->uid || (e->has_behind && e->behind == behind->uid)));
}

/* *ends: another person asked for it before; else this one does now. */
static int end_by_two(struct eh_txn *txn, const struct eh_policy_version *v, const struct eh_policy_mark *m,
		      const struct eh_actor *behind, bool *ends, struct eh_err *err)
{
	struct ending e;
	int rc = find_ending(txn, v->name, v->hash, &e, err);

	*ends = rc == EH_OK;
	if (rc == EH_ENOENT)
		return ask(txn, v->name, v->hash, m, behind, err);
	if (rc == EH_OK && same_person(&e, &m->who, behind))
		rc = eh_err_set(err, EH_EREFUSED, "%s (uid %u) asked for the end of %s %s; a second person carries it "
				"out, from another account, with evenhand policy retire %s", e.asked.who.login,
				(unsigned)e.asked.who.uid, v->name, v->version, v->name);
	return rc == EH_OK ? eh_registry_forget_ending(txn, v->name, err) : rc;
}

int eh_registry_stay(struct eh_txn *txn, const char *name, const char *hash, const char *reason, struct eh_err *err)
{
	static const struct eh_actor nobody;
	struct eh_policy_mark asked, said;
	int rc = eh_registry_ending(txn, name, hash, &asked, err);

	if (rc == EH_ENOENT)
		return eh_err_set(err, EH_ENOENT, "nobody asked for the end of policy %.95s", name);
	if (rc == EH_OK)
		rc = eh_registry_mark(&said, &nobody, 1, reason, true, "keeping a policy", err);
	return rc == EH_OK ? eh_registry_forget_ending(txn, name, err) : rc;
}

/* ---- retiring ---- */

int eh_registry_retire(struct eh_txn *txn, const struct eh_actor *who, const struct eh_actor *behind, int64_t now,
		       const char *reason, struct eh_policy_version *v, struct eh_err *err)
{
	struct eh_policy_mark m;
	bool ends = true;
	int rc = v->state == EH_POLICY_ACTIVE || v->state == EH_POLICY_PROPOSED
		? eh_registry_still(txn, v, v->state, err)
		: eh_err_set(err, EH_EINVAL, "%.95s %.12s is %s, not active", v->name, v->hash,
			     eh_policy_state_text(v->state));

	if (rc == EH_OK)
		rc = eh_registry_mark(&m, who, now, reason, true, "retiring a policy", err);
	if (rc == EH_OK && v->state == EH_POLICY_ACTIVE)
		rc = end_by_two(txn, v, &m, behind, &ends, err);
	if (rc != EH_OK || !ends)
		return rc;
	v->retired = m;
	v->state = EH_POLICY_RETIRED;
	return eh_registry_store(txn, v, err);
}

int eh_registry_retire_default(struct eh_txn *txn, const struct eh_actor *who, const struct eh_actor *behind,
			       int64_t now, const char *reason, struct eh_policy_version *v, const void *text,
			       size_t len, struct eh_err *err)
{
	struct eh_policy_mark m;
	bool ends = false;
	int rc = eh_registry_mark(&m, who, now, reason, true, "retiring a policy", err);

	v->state = EH_POLICY_DEFAULT;
	if (rc == EH_OK)
		rc = end_by_two(txn, v, &m, behind, &ends, err);
	if (rc == EH_OK && ends)
		rc = eh_registry_keep_text(txn, v->hash, text, len, err);
	if (rc != EH_OK || !ends)
		return rc;
	v->retired = m;
	v->state = EH_POLICY_RETIRED;
	v->shipped = true;
	rc = eh_registry_store(txn, v, err);
	return rc == EH_OK ? eh_registry_put_last(txn, v, err) : rc;
}
