/* Versions of policies under name 0 hash, and their texts under the hash; see registry.h. */
#include "policy/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "policy/registry_inside.h"
#include "store/codec.h"

#define VERSION_LAYOUT 2 /* 2: who is behind the proposer */

void eh_registry_put_mark(struct eh_buf *b, const struct eh_policy_mark *m)
{
	eh_put_i64(b, m->at);
	eh_put_u32(b, m->who.uid);
	eh_put_str(b, m->who.login);
	eh_put_str(b, m->reason);
}

void eh_registry_get_mark(struct eh_reader *r, struct eh_policy_mark *m)
{
	m->at = eh_get_i64(r);
	m->who.uid = eh_get_u32(r);
	eh_get_str(r, m->who.login, sizeof m->who.login);
	eh_get_str(r, m->reason, sizeof m->reason);
}

static struct eh_key version_key(const char *name, const char *hash)
{
	struct eh_key k = eh_key_of(name);

	eh_key_str(&k, hash);
	return k;
}

int eh_registry_store(struct eh_txn *txn, const struct eh_policy_version *v, struct eh_err *err)
{
	struct eh_key k = version_key(v->name, v->hash);
	struct eh_buf b;
	int rc;

	eh_buf_init(&b, EH_RECORD_MAX);
	eh_record_begin(&b, VERSION_LAYOUT);
	eh_put_str(&b, v->name);
	eh_put_str(&b, v->version);
	eh_put_str(&b, v->hash);
	eh_put_u8(&b, (uint8_t)v->state);
	eh_put_u8(&b, v->shipped);
	eh_put_u8(&b, v->has_editor);
	eh_put_u32(&b, v->editor);
	eh_registry_put_mark(&b, &v->proposed);
	eh_registry_put_mark(&b, &v->approved);
	eh_registry_put_mark(&b, &v->retired);
	eh_put_str(&b, v->loosened);
	eh_put_u8(&b, v->has_behind);
	eh_put_u32(&b, v->behind);
	rc = b.failed ? eh_err_set(err, EH_ENOMEM, "policy version: out of memory")
		      : eh_txn_put(txn, EH_T_POLICIES, eh_key_bytes(&k), (struct eh_bytes){ b.data, b.len }, err);
	eh_buf_free(&b);
	return rc;
}

static int decode(struct eh_policy_version *v, struct eh_bytes value, struct eh_err *err)
{
	struct eh_reader r;
	uint16_t layout = 0;
	uint8_t state;
	int rc = eh_record_open(&r, value, VERSION_LAYOUT, &layout, "policy version", err);

	memset(v, 0, sizeof *v);
	if (rc != EH_OK)
		return rc;
	eh_get_str(&r, v->name, sizeof v->name);
	eh_get_str(&r, v->version, sizeof v->version);
	eh_get_str(&r, v->hash, sizeof v->hash);
	state = eh_get_u8(&r);
	v->shipped = eh_get_u8(&r) != 0;
	v->has_editor = eh_get_u8(&r) != 0;
	v->editor = eh_get_u32(&r);
	eh_registry_get_mark(&r, &v->proposed);
	eh_registry_get_mark(&r, &v->approved);
	eh_registry_get_mark(&r, &v->retired);
	eh_get_str(&r, v->loosened, sizeof v->loosened);
	if (layout >= 2) {
		v->has_behind = eh_get_u8(&r) != 0;
		v->behind = eh_get_u32(&r);
	}
	if (state != EH_POLICY_PROPOSED && state != EH_POLICY_ACTIVE && state != EH_POLICY_RETIRED)
		r.bad = true;
	else
		v->state = (enum eh_policy_state)state;
	return eh_record_close(&r, "policy version", err);
}

int eh_registry_get(struct eh_txn *txn, const char *name, const char *hash, struct eh_policy_version *out,
		    struct eh_err *err)
{
	struct eh_key k = version_key(name, hash);
	struct eh_bytes value;
	int rc = eh_txn_get(txn, EH_T_POLICIES, eh_key_bytes(&k), &value, err);

	return rc == EH_OK ? decode(out, value, err) : rc;
}

struct each {
	int (*fn)(void *ctx, const struct eh_policy_version *v, struct eh_err *err);
	void *ctx;
};

static int each_record(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	const struct each *e = ctx;
	struct eh_policy_version *v = eh_xcalloc(1, sizeof *v);
	int rc = decode(v, value, err);

	(void)key;
	if (rc == EH_OK)
		rc = e->fn(e->ctx, v, err);
	free(v);
	return rc;
}

int eh_registry_each(struct eh_txn *txn, const char *name,
		     int (*fn)(void *ctx, const struct eh_policy_version *v, struct eh_err *err), void *ctx,
		     struct eh_err *err)
{
	struct each e = { fn, ctx };
	struct eh_key k;

	if (name == NULL)
		return eh_txn_scan(txn, EH_T_POLICIES, (struct eh_bytes){ NULL, 0 }, each_record, &e, err);
	k = eh_key_of(name);
	eh_key_end(&k);
	return eh_txn_scan(txn, EH_T_POLICIES, eh_key_bytes(&k), each_record, &e, err);
}

/* ---- looking for one ---- */

struct search {
	enum eh_policy_state state;
	const char *prefix;             /* instead of the state; NULL = by state */
	size_t hits;
	struct eh_policy_version *out;
};

static int search_step(void *ctx, const struct eh_policy_version *v, struct eh_err *err)
{
	struct search *s = ctx;

	(void)err;
	if (s->prefix != NULL ? strncmp(v->hash, s->prefix, strlen(s->prefix)) == 0 : v->state == s->state) {
		s->hits++;
		*s->out = *v;
	}
	return EH_OK;
}

int eh_registry_in_state(struct eh_txn *txn, const char *name, enum eh_policy_state state,
			 struct eh_policy_version *out, struct eh_err *err)
{
	struct search s = { state, NULL, 0, out };
	int rc = eh_registry_each(txn, name, search_step, &s, err);

	return rc != EH_OK ? rc : s.hits > 0 ? EH_OK : EH_ENOENT;
}

static int check_prefix(const char *prefix, struct eh_err *err)
{
	size_t len = strlen(prefix);

	if (len >= 6 && len < EH_DIGEST_HEX && strspn(prefix, "0123456789abcdef") == len)
		return EH_OK;
	return eh_err_set(err, EH_EINVAL, "'%.64s' is no version: at least 6 of the first digits of a SHA-256 in lower "
			  "case (evenhand policy list --all shows them)", prefix);
}

int eh_registry_find(struct eh_txn *txn, const char *name, const char *prefix, struct eh_policy_version *out,
		     struct eh_err *err)
{
	struct search s = { EH_POLICY_ACTIVE, prefix, 0, out };
	int rc = check_prefix(prefix, err);

	if (rc == EH_OK)
		rc = eh_registry_each(txn, name, search_step, &s, err);
	if (rc != EH_OK)
		return rc;
	if (s.hits == 0)
		return eh_err_set(err, EH_ENOENT, "no version of policy %.95s begins with %s; evenhand policy list "
				  "--all shows them", name, prefix);
	if (s.hits > 1)
		return eh_err_set(err, EH_EINVAL, "%zu versions of policy %.95s begin with %s; give more digits",
				  s.hits, name, prefix);
	return EH_OK;
}

static int ended_default(void *ctx, const struct eh_policy_version *v, struct eh_err *err)
{
	bool *holds = ctx;

	(void)err;
	if (v->approved.at != 0 || (v->state == EH_POLICY_RETIRED && v->proposed.at == 0))
		*holds = false;
	return EH_OK;
}

int eh_registry_default(struct eh_txn *txn, bool *holds, struct eh_err *err)
{
	*holds = true;
	return eh_registry_each(txn, EH_POLICY_DEFAULT_NAME, ended_default, holds, err);
}

/* ---- texts ---- */

int eh_registry_text(struct eh_txn *txn, const char *hash, char **text, size_t *len, struct eh_err *err)
{
	struct eh_key k = eh_key_of(hash);
	struct eh_bytes value;
	char found[EH_DIGEST_HEX];
	int rc = eh_txn_get(txn, EH_T_POLICY_TEXTS, eh_key_bytes(&k), &value, err);

	*text = NULL;
	*len = 0;
	if (rc == EH_ENOENT)
		return eh_err_set(err, rc, "the text with SHA-256 %.12s is not kept in this project", hash);
	if (rc != EH_OK)
		return rc;
	/* what is run is what was approved: the name of a text is its content */
	eh_sha256_hex(found, value.data, value.len);
	if (strcmp(found, hash) != 0)
		return eh_err_set(err, EH_EFORMAT, "the kept text with SHA-256 %.12s was changed in the store; it is "
				  "not run: keep the directory as it is and take the last backup", hash);
	*text = eh_xstrndup((const char *)value.data, value.len);
	*len = value.len;
	return EH_OK;
}

struct text_search {
	size_t hits;
	char *hash;
};

static int text_step(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct text_search *s = ctx;

	(void)value;
	(void)err;
	s->hits++;
	(void)eh_key_part(key, 0, s->hash, EH_DIGEST_HEX);
	return EH_OK;
}

int eh_registry_find_text(struct eh_txn *txn, const char *prefix, char hash[EH_DIGEST_HEX], struct eh_err *err)
{
	struct text_search s = { 0, hash };
	int rc = check_prefix(prefix, err);

	if (rc == EH_OK)
		rc = eh_txn_scan(txn, EH_T_POLICY_TEXTS,
				 (struct eh_bytes){ (const unsigned char *)prefix, strlen(prefix) }, text_step, &s,
				 err);
	if (rc == EH_OK && s.hits == 0)
		rc = eh_err_set(err, EH_ENOENT, "no kept text has a SHA-256 that begins with %s", prefix);
	if (rc == EH_OK && s.hits > 1)
		rc = eh_err_set(err, EH_EINVAL, "%zu kept texts begin with %s; give more digits", s.hits, prefix);
	return rc;
}

int eh_registry_keep_text(struct eh_txn *txn, const char *hash, const void *text, size_t len, struct eh_err *err)
{
	struct eh_key k = eh_key_of(hash);
	struct eh_bytes value;
	int rc;

	if (len > EH_POLICY_SOURCE_MAX)
		return eh_err_set(err, EH_ERANGE, "a policy's text has at most 256 KiB");
	rc = eh_txn_get(txn, EH_T_POLICY_TEXTS, eh_key_bytes(&k), &value, err);
	if (rc != EH_ENOENT)
		return rc;
	return eh_txn_put(txn, EH_T_POLICY_TEXTS, eh_key_bytes(&k), (struct eh_bytes){ text, len }, err);
}

/* ---- what was active last ---- */

/* Kept apart from the versions: a text that is proposed again begins anew, and what ran last is known all the same. */
static struct eh_key last_key(const char *name)
{
	struct eh_key k = eh_key_of("policy.last");

	eh_key_str(&k, name);
	return k;
}

int eh_registry_put_last(struct eh_txn *txn, const struct eh_policy_version *v, struct eh_err *err)
{
	struct eh_key k = last_key(v->name);

	return eh_txn_put(txn, EH_T_META, eh_key_bytes(&k),
			  (struct eh_bytes){ (const unsigned char *)v->hash, strlen(v->hash) }, err);
}

struct last_active {
	char *hash;
	int64_t at;
};

/* Of a project from before it was kept.  One that was never proposed and has ended is the shipped default. */
static int later_active(void *ctx, const struct eh_policy_version *v, struct eh_err *err)
{
	struct last_active *l = ctx;
	const bool ran = v->approved.at != 0 || (v->state == EH_POLICY_RETIRED && v->proposed.at == 0);
	const int64_t at = v->state == EH_POLICY_ACTIVE ? INT64_MAX : v->retired.at;

	(void)err;
	if (!ran || v->state == EH_POLICY_PROPOSED || (l->hash[0] != '\0' && at < l->at))
		return EH_OK;
	memcpy(l->hash, v->hash, EH_DIGEST_HEX);
	l->at = at;
	return EH_OK;
}

int eh_registry_last_active(struct eh_txn *txn, const char *name, char hash[EH_DIGEST_HEX], struct eh_err *err)
{
	struct last_active l = { hash, 0 };
	struct eh_key k = last_key(name);
	struct eh_bytes value;
	int rc = eh_txn_get(txn, EH_T_META, eh_key_bytes(&k), &value, err);

	hash[0] = '\0';
	if (rc == EH_OK && value.len == EH_DIGEST_HEX - 1) {
		memcpy(hash, value.data, value.len);
		hash[value.len] = '\0';
		return EH_OK;
	}
	if (rc == EH_OK || rc == EH_ENOENT)
		rc = eh_registry_each(txn, name, later_active, &l, err);
	return rc == EH_OK && hash[0] == '\0' ? EH_ENOENT : rc;
}

/* ---- acts ---- */

int eh_registry_mark(struct eh_policy_mark *m, const struct eh_actor *who, int64_t now, const char *reason,
		     bool required, const char *act, struct eh_err *err)
{
	bool empty = strspn(reason, " \t\r\n") == strlen(reason);

	if (empty && required)
		return eh_err_set(err, EH_EINVAL, "%s needs a reason (--reason TEXT): it is what the journal shows "
				  "of it", act);
	if (strlen(reason) > EH_POLICY_REASON_MAX)
		return eh_err_set(err, EH_ERANGE, "the reason has more than %d bytes", EH_POLICY_REASON_MAX);
	if (!eh_text_clean(reason, true))
		return eh_err_set(err, EH_EINVAL, "the reason holds control characters or is not UTF-8; write it as "
				  "plain text");
	memset(m, 0, sizeof *m);
	/* 0 means that it did not happen, also where the clock stands there */
	m->at = now != 0 ? now : 1;
	m->who = *who;
	if (!empty)
		(void)snprintf(m->reason, sizeof m->reason, "%s", reason);
	return EH_OK;
}

/* Ends what another version takes the place of. */
static int supersede(struct eh_txn *txn, const struct eh_actor *who, int64_t now, const struct eh_policy_version *by,
		     enum eh_policy_state state, struct eh_err *err)
{
	struct eh_policy_version *old = eh_xcalloc(1, sizeof *old);
	char reason[EH_POLICY_REASON_MAX + 1];
	int rc = eh_registry_in_state(txn, by->name, state, old, err);

	if (rc == EH_OK && strcmp(old->hash, by->hash) != 0) {
		(void)snprintf(reason, sizeof reason, "replaced by %s %.12s", by->version, by->hash);
		old->state = EH_POLICY_RETIRED;
		rc = eh_registry_mark(&old->retired, who, now, reason, true, "retiring", err);
		if (rc == EH_OK)
			rc = eh_registry_store(txn, old, err);
	}
	free(old);
	return rc == EH_ENOENT ? EH_OK : rc;
}

int eh_registry_propose(struct eh_txn *txn, const struct eh_actor *who, int64_t now, const char *reason,
			struct eh_policy_version *v, const void *text, size_t len, struct eh_err *err)
{
	struct eh_policy_version *known = eh_xcalloc(1, sizeof *known);
	int rc = eh_registry_get(txn, v->name, v->hash, known, err);

	if (rc == EH_OK && known->state != EH_POLICY_RETIRED) {
		const struct eh_policy_mark *m = known->state == EH_POLICY_ACTIVE ? &known->approved : &known->proposed;

		rc = eh_err_set(err, EH_EEXIST, "this text of %.95s (sha256 %.12s) is %s already, by %s", v->name,
				v->hash, eh_policy_state_text(known->state), m->who.login);
	} else if (rc == EH_OK || rc == EH_ENOENT) {
		rc = v->loosened[0] != '\0' && strspn(reason, " \t\r\n") == strlen(reason)
			? eh_err_set(err, EH_EINVAL, "this loosens what was active (%.300s): give the reason with "
				     "--reason TEXT", v->loosened)
			: eh_registry_mark(&v->proposed, who, now, reason, false, "a proposal", err);
	}
	free(known);
	if (rc != EH_OK)
		return rc;
	v->state = EH_POLICY_PROPOSED;
	memset(&v->approved, 0, sizeof v->approved);
	memset(&v->retired, 0, sizeof v->retired);
	rc = supersede(txn, who, now, v, EH_POLICY_PROPOSED, err);
	if (rc == EH_OK)
		rc = eh_registry_keep_text(txn, v->hash, text, len, err);
	return rc == EH_OK ? eh_registry_store(txn, v, err) : rc;
}

int eh_registry_second_person(const struct eh_actor *who, const struct eh_policy_version *v, struct eh_err *err)
{
	const char *did = v->proposed.who.uid == who->uid ? "proposed" :
			  v->has_behind && v->behind == who->uid ? "proposed through sudo" :
			  v->has_editor && v->editor == who->uid ? "last edited" : NULL;

	if (did == NULL)
		return EH_OK;
	return eh_err_set(err, EH_EREFUSED, "%s (uid %u) %s %s %s and cannot approve it: a second person does, from "
			  "another account, with evenhand policy approve %s", who->login, (unsigned)who->uid, did,
			  v->name, v->version, v->name);
}

/* What was looked at may have changed since. */
int eh_registry_still(struct eh_txn *txn, const struct eh_policy_version *v, enum eh_policy_state wanted,
		      struct eh_err *err)
{
	struct eh_policy_version *now = eh_xcalloc(1, sizeof *now);
	int rc = eh_registry_get(txn, v->name, v->hash, now, err);

	if (rc == EH_ENOENT || (rc == EH_OK && now->state != wanted))
		rc = eh_err_set(err, EH_ESTALE, "%.95s %.12s is %s now, not %s: look again (evenhand policy list)",
				v->name, v->hash, rc == EH_OK ? eh_policy_state_text(now->state) : "gone",
				eh_policy_state_text(wanted));
	free(now);
	return rc;
}

int eh_registry_approve(struct eh_txn *txn, const struct eh_actor *who, int64_t now, const char *reason,
			struct eh_policy_version *v, struct eh_err *err)
{
	int rc = eh_registry_still(txn, v, EH_POLICY_PROPOSED, err);

	if (rc == EH_OK)
		rc = eh_registry_second_person(who, v, err);
	if (rc == EH_OK)
		rc = eh_registry_mark(&v->approved, who, now, reason, true, "an approval", err);
	if (rc == EH_OK)
		rc = supersede(txn, who, now, v, EH_POLICY_ACTIVE, err);
	if (rc != EH_OK)
		return rc;
	v->state = EH_POLICY_ACTIVE;
	rc = eh_registry_store(txn, v, err);
	if (rc == EH_OK)
		rc = eh_registry_forget_ending(txn, v->name, err);  /* asked for what it takes the place of */
	return rc == EH_OK ? eh_registry_put_last(txn, v, err) : rc;
}
