/* The queue of mail; see mail.h.  Keys: 0 notification64 for who waits, 1 letter64 for letters. */
#include "notify/mail.h"

#include <stdio.h>
#include <string.h>

#include "store/codec.h"

#define MAIL_VERSION 1
#define WAITING 0u
#define LETTER 1u

const char *eh_mail_state_text(enum eh_mail_state s)
{
	static const char *const words[] = {
#define X(id, text) [id] = text,
		EH_MAIL_STATE_LIST(X)
#undef X
	};

	return (unsigned)s < EH_MAIL_STATES ? words[s] : "unknown";
}

void eh_mail_id(char out[16], uint64_t seq)
{
	(void)snprintf(out, 16, "L%04llu", (unsigned long long)(seq % UINT64_C(100000000000000)));
}

static struct eh_key key_of(uint32_t kind, uint64_t seq)
{
	struct eh_key k;

	eh_key_init(&k);
	eh_key_u32(&k, kind);
	eh_key_u64(&k, seq);
	return k;
}

static struct eh_key prefix_of(uint32_t kind)
{
	struct eh_key k;

	eh_key_init(&k);
	eh_key_u32(&k, kind);
	return k;
}

int eh_mail_wait(struct eh_txn *txn, uint64_t notification, struct eh_err *err)
{
	static const unsigned char yes = 1;
	struct eh_key k = key_of(WAITING, notification);

	return eh_txn_put(txn, EH_T_MAIL, eh_key_bytes(&k), (struct eh_bytes){ &yes, 1 }, err);
}

int eh_mail_done(struct eh_txn *txn, uint64_t notification, struct eh_err *err)
{
	struct eh_key k = key_of(WAITING, notification);
	int rc = eh_txn_del(txn, EH_T_MAIL, eh_key_bytes(&k), err);

	return rc == EH_ENOENT ? EH_OK : rc;
}

struct waiting_walk {
	int (*fn)(void *ctx, uint64_t notification, struct eh_err *err);
	void *ctx;
};

static int waiting_step(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	const struct waiting_walk *w = ctx;

	(void)value;
	return w->fn(w->ctx, eh_key_get_u64(key, 4), err);
}

int eh_mail_waiting(struct eh_txn *txn, int (*fn)(void *ctx, uint64_t notification, struct eh_err *err), void *ctx,
		    struct eh_err *err)
{
	struct eh_key k = prefix_of(WAITING);
	struct waiting_walk w = { fn, ctx };

	return eh_txn_scan(txn, EH_T_MAIL, eh_key_bytes(&k), waiting_step, &w, err);
}

int eh_mail_put(struct eh_txn *txn, const struct eh_mail *m, struct eh_err *err)
{
	struct eh_key k = key_of(LETTER, m->seq);
	struct eh_buf b;
	int rc;

	eh_buf_init(&b, EH_RECORD_MAX);
	eh_record_begin(&b, MAIL_VERSION);
	eh_put_i64(&b, m->at);
	eh_put_str(&b, m->role);
	eh_put_u32(&b, m->notifications);
	eh_put_u8(&b, (uint8_t)m->state);
	eh_put_u32(&b, m->tries);
	eh_put_i64(&b, m->tried_at);
	eh_put_str(&b, m->error);
	rc = b.failed ? eh_err_set(err, EH_ENOMEM, "mail: out of memory")
		      : eh_txn_put(txn, EH_T_MAIL, eh_key_bytes(&k), (struct eh_bytes){ b.data, b.len }, err);
	eh_buf_free(&b);
	return rc;
}

struct letter_walk {
	int (*fn)(void *ctx, const struct eh_mail *m, struct eh_err *err);
	void *ctx;
};

static int letter_step(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	const struct letter_walk *w = ctx;
	struct eh_reader r;
	struct eh_mail m;
	uint8_t state;
	int rc = eh_record_open(&r, value, MAIL_VERSION, NULL, "mail", err);

	memset(&m, 0, sizeof m);
	if (rc != EH_OK)
		return rc;
	m.seq = eh_key_get_u64(key, 4);
	m.at = eh_get_i64(&r);
	eh_get_str(&r, m.role, sizeof m.role);
	m.notifications = eh_get_u32(&r);
	state = eh_get_u8(&r);
	m.tries = eh_get_u32(&r);
	m.tried_at = eh_get_i64(&r);
	eh_get_str(&r, m.error, sizeof m.error);
	if (state >= EH_MAIL_STATES)
		r.bad = true;
	else
		m.state = (enum eh_mail_state)state;
	rc = eh_record_close(&r, "mail", err);
	return rc == EH_OK ? w->fn(w->ctx, &m, err) : rc;
}

int eh_mails_each(struct eh_txn *txn, int (*fn)(void *ctx, const struct eh_mail *m, struct eh_err *err), void *ctx,
		  struct eh_err *err)
{
	struct eh_key k = prefix_of(LETTER);
	struct letter_walk w = { fn, ctx };

	return eh_txn_scan(txn, EH_T_MAIL, eh_key_bytes(&k), letter_step, &w, err);
}
