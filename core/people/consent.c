/* The consent ledger: append-only records under candidate 0 seq64; see consent.h. */
#include "people/consent.h"

#include <string.h>

#include "people/record.h"
#include "store/codec.h"

#define CONSENT_VERSION 2               /* 2: the release; without one a record is written as 1, the bytes of before */

static const char infer[] = "infer:";

int eh_purpose_check(const char *purpose, struct eh_err *err)
{
	static const char *const plain[] = { "watch", "face", "voice", "train" };
	const char *attribute = purpose + sizeof infer - 1;

	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
		if (strcmp(purpose, plain[i]) == 0)
			return EH_OK;
	if (strncmp(purpose, infer, sizeof infer - 1) == 0 && eh_attribute_valid(attribute, strlen(attribute)))
		return EH_OK;
	return eh_err_set(err, EH_EFORMAT,
			  "'%.60s' is not a purpose; write watch, face, voice, train or infer:ATTRIBUTE", purpose);
}

static bool has_release(const struct eh_release *r)
{
	return r->id[0] != '\0' || r->signature[0] != '\0' || r->purpose[0] != '\0' || r->term_until != 0 ||
	       r->policy_version[0] != '\0' || r->signed_name != EH_NOT_SAID || r->interview_date != 0 ||
	       r->waiver_read != EH_NOT_SAID;
}

int eh_signature_check(const char *text, struct eh_err *err)
{
	if (strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64)
		return EH_OK;
	return eh_err_set(err, EH_EFORMAT, "a signature is the SHA-256 of what was signed: 64 digits of 0-9 and a-f");
}

static uint8_t get_answered(struct eh_reader *r)
{
	uint8_t v = eh_get_u8(r);

	r->bad = r->bad || v > EH_SAID_NO;
	return v;
}

static void release_decode(struct eh_reader *r, struct eh_release *out)
{
	eh_get_str(r, out->id, sizeof out->id);
	eh_get_str(r, out->signature, sizeof out->signature);
	eh_get_str(r, out->purpose, sizeof out->purpose);
	out->term_until = eh_get_i64(r);
	eh_get_str(r, out->policy_version, sizeof out->policy_version);
	out->signed_name = get_answered(r);
	out->interview_date = eh_get_i64(r);
	out->waiver_read = get_answered(r);
}

static void release_encode(struct eh_buf *b, const struct eh_release *r)
{
	eh_put_str(b, r->id);
	eh_put_str(b, r->signature);
	eh_put_str(b, r->purpose);
	eh_put_i64(b, r->term_until);
	eh_put_str(b, r->policy_version);
	eh_put_u8(b, r->signed_name);
	eh_put_i64(b, r->interview_date);
	eh_put_u8(b, r->waiver_read);
}

/* key: candidate 0 seq64 */
static int consent_decode(struct eh_consent *out, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct eh_reader r;
	uint16_t version = 0;
	int rc;

	memset(out, 0, sizeof *out);
	rc = eh_record_open(&r, value, CONSENT_VERSION, &version, "consent", err);
	if (rc != EH_OK)
		return rc;
	if (!eh_key_part(key, 0, out->candidate, sizeof out->candidate))
		return eh_err_set(err, EH_EFORMAT, "consent: the stored key is damaged");
	eh_get_str(&r, out->purpose, sizeof out->purpose);
	out->granted = eh_get_u8(&r) != 0;
	out->at = eh_get_i64(&r);
	eh_get_str(&r, out->notice, sizeof out->notice);
	out->expires = eh_get_i64(&r);
	if (version >= 2)
		release_decode(&r, &out->release);
	return eh_record_close(&r, "consent", err);
}

static void consent_encode(struct eh_buf *b, const struct eh_consent *c)
{
	const bool release = has_release(&c->release);

	eh_record_begin(b, release ? CONSENT_VERSION : 1);
	eh_put_str(b, c->purpose);
	eh_put_u8(b, c->granted);
	eh_put_i64(b, c->at);
	eh_put_str(b, c->notice);
	eh_put_i64(b, c->expires);
	if (release)
		release_encode(b, &c->release);
}

struct ledger_look {
	struct eh_bytes record; /* looked for */
	bool found;
	uint64_t last; /* highest number of this candidate */
};

static int ledger_step(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct ledger_look *l = ctx;

	(void)err;
	l->last = eh_key_get_u64(key, key.len - 8);
	if (value.len == l->record.len && memcmp(value.data, l->record.data, value.len) == 0)
		l->found = true;
	return EH_OK;
}

static struct eh_key ledger_prefix(const char *candidate)
{
	struct eh_key key = eh_key_of(candidate);

	eh_key_end(&key);
	return key;
}

static int consent_check(const struct eh_consent *c, struct eh_err *err)
{
	int rc = eh_record_id(c->candidate, "candidate", err);

	if (rc == EH_OK)
		rc = eh_purpose_check(c->purpose, err);
	if (rc == EH_OK && c->release.signature[0] != '\0')
		rc = eh_signature_check(c->release.signature, err);
	if (rc != EH_OK)
		return rc;
	if (c->expires != 0 && c->expires <= c->at)
		return eh_err_set(err, EH_ERANGE, "consent of '%s' for %s ends before it begins", c->candidate,
				  c->purpose);
	return EH_OK;
}

int eh_consent_put(struct eh_txn *txn, const struct eh_consent *c, enum eh_change *change, struct eh_err *err)
{
	struct eh_key key = ledger_prefix(c->candidate);
	struct ledger_look look = { { NULL, 0 }, false, 0 };
	struct eh_buf b;
	int rc = consent_check(c, err);

	if (rc != EH_OK)
		return rc;
	eh_buf_init(&b, EH_RECORD_MAX);
	consent_encode(&b, c);
	look.record = (struct eh_bytes){ b.data, b.len };
	rc = b.failed ? eh_err_set(err, EH_ENOMEM, "consent: no memory for the record")
		      : eh_txn_scan(txn, EH_T_CONSENTS, eh_key_bytes(&key), ledger_step, &look, err);
	if (rc == EH_OK && look.found) {
		if (change != NULL)
			*change = EH_SAME;
	} else if (rc == EH_OK) {
		eh_key_u64(&key, look.last + 1);
		return eh_record_put(txn, EH_T_CONSENTS, &key, &b, change, "consent", err);
	}
	eh_buf_free(&b);
	return rc;
}

struct consent_walk {
	int (*fn)(void *ctx, const struct eh_consent *c, struct eh_err *err);
	void *ctx;
};

static int consent_step(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	const struct consent_walk *w = ctx;
	struct eh_consent c;
	int rc = consent_decode(&c, key, value, err);

	return rc != EH_OK ? rc : w->fn(w->ctx, &c, err);
}

int eh_consents_each(struct eh_txn *txn, const char *candidate,
		     int (*fn)(void *ctx, const struct eh_consent *c, struct eh_err *err), void *ctx,
		     struct eh_err *err)
{
	struct consent_walk w = { fn, ctx };
	struct eh_key key;

	if (candidate == NULL)
		return eh_txn_scan(txn, EH_T_CONSENTS, (struct eh_bytes){ NULL, 0 }, consent_step, &w, err);
	if (!eh_id_valid(candidate, strlen(candidate)))
		return EH_OK; /* nobody of that name can be in the ledger */
	key = ledger_prefix(candidate);
	return eh_txn_scan(txn, EH_T_CONSENTS, eh_key_bytes(&key), consent_step, &w, err);
}
