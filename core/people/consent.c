/* The consent ledger: append-only records under candidate 0 seq64; see consent.h. */
#include "people/consent.h"

#include <string.h>

#include "people/record.h"
#include "store/codec.h"

#define CONSENT_VERSION 1

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

/* key: candidate 0 seq64 */
static int consent_decode(struct eh_consent *out, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct eh_reader r;
	int rc;

	memset(out, 0, sizeof *out);
	rc = eh_record_open(&r, value, CONSENT_VERSION, NULL, "consent", err);
	if (rc != EH_OK)
		return rc;
	if (!eh_key_part(key, 0, out->candidate, sizeof out->candidate))
		return eh_err_set(err, EH_EFORMAT, "consent: the stored key is damaged");
	eh_get_str(&r, out->purpose, sizeof out->purpose);
	out->granted = eh_get_u8(&r) != 0;
	out->at = eh_get_i64(&r);
	eh_get_str(&r, out->notice, sizeof out->notice);
	out->expires = eh_get_i64(&r);
	return eh_record_close(&r, "consent", err);
}

static void consent_encode(struct eh_buf *b, const struct eh_consent *c)
{
	eh_record_begin(b, CONSENT_VERSION);
	eh_put_str(b, c->purpose);
	eh_put_u8(b, c->granted);
	eh_put_i64(b, c->at);
	eh_put_str(b, c->notice);
	eh_put_i64(b, c->expires);
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
