/* The append-only, hash-chained journal; see journal.h. */
#include "journal/journal.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/codec.h"

#define RECORD_VERSION 1
#define LEAF_PREFIX 0x00        /* RFC 6962 2.1: leaves and inner nodes are hashed with different first bytes */

static void actor_of(struct eh_actor *out, uint32_t uid)
{
	struct passwd pw, *found = NULL;
	char scratch[4096];

	memset(out, 0, sizeof *out);
	out->uid = uid;
	if (getpwuid_r((uid_t)out->uid, &pw, scratch, sizeof scratch, &found) == 0 && found != NULL)
		(void)snprintf(out->login, sizeof out->login, "%s", pw.pw_name);
	else
		(void)snprintf(out->login, sizeof out->login, "uid%u", out->uid);
}

void eh_actor_self(struct eh_actor *out) { actor_of(out, (uint32_t)getuid()); }

bool eh_actor_behind(struct eh_actor *out)
{
	static const char *const names[] = { "SUDO_UID", "PKEXEC_UID" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *text = getenv(names[i]);
		char *end = NULL;
		unsigned long long uid = 0;

		if (text == NULL || text[0] < '0' || text[0] > '9')
			continue;
		uid = strtoull(text, &end, 10);
		if (*end != '\0' || uid >= UINT32_MAX || uid == getuid())
			continue;
		actor_of(out, (uint32_t)uid);
		return true;
	}
	memset(out, 0, sizeof *out);
	return false;
}

/* Canonical bytes: everything but the hash itself. */
static void encode(struct eh_buf *b, const struct eh_journal_entry *e)
{
	eh_record_begin(b, RECORD_VERSION);
	eh_put_u64(b, e->seq);
	eh_put_i64(b, e->time);
	eh_put_u32(b, e->actor.uid);
	eh_put_str(b, e->actor.login);
	eh_put_str(b, e->verb);
	eh_put_str(b, e->object);
	eh_put_str(b, e->detail);
	eh_buf_add(b, e->previous, sizeof e->previous);
}

static void leaf_hash(unsigned char out[EH_DIGEST_SIZE], const struct eh_journal_entry *e)
{
	struct eh_buf b, leaf;
	static const unsigned char prefix = LEAF_PREFIX;

	eh_buf_init(&b, EH_RECORD_MAX);
	eh_buf_init(&leaf, EH_RECORD_MAX);
	encode(&b, e);
	eh_buf_add(&leaf, &prefix, 1);
	eh_buf_add(&leaf, b.data, b.len);
	eh_sha256(out, leaf.data, leaf.len);
	eh_buf_free(&leaf);
	eh_buf_free(&b);
}

static void get_fixed(struct eh_reader *r, unsigned char *out, size_t len)
{
	if (r->bad || (size_t)(r->end - r->p) < len) {
		r->bad = true;
		memset(out, 0, len);
		return;
	}
	memcpy(out, r->p, len);
	r->p += len;
}

static int decode(struct eh_journal_entry *e, struct eh_bytes value, struct eh_err *err)
{
	struct eh_reader r;
	int rc = eh_record_open(&r, value, RECORD_VERSION, NULL, "journal entry", err);

	memset(e, 0, sizeof *e);
	if (rc != EH_OK)
		return rc;
	e->seq = eh_get_u64(&r);
	e->time = eh_get_i64(&r);
	e->actor.uid = eh_get_u32(&r);
	eh_get_str(&r, e->actor.login, sizeof e->actor.login);
	eh_get_str(&r, e->verb, sizeof e->verb);
	eh_get_str(&r, e->object, sizeof e->object);
	eh_get_str(&r, e->detail, sizeof e->detail);
	get_fixed(&r, e->previous, sizeof e->previous);
	get_fixed(&r, e->hash, sizeof e->hash);
	return eh_record_close(&r, "journal entry", err);
}

/* A cut must not leave half a character behind: copy through the printable filter.  An entry is one line, a reason
 * may have several. */
static void copy_text(char *out, size_t size, const char *s)
{
	char *line = eh_xstrdup(s != NULL ? s : "");

	for (char *p = line; *p != '\0'; p++)
		if (*p == '\n' || *p == '\t')
			*p = ' ';
	eh_text_printable(out, size, line, strlen(line));
	free(line);
}

int eh_journal_append(struct eh_txn *txn, const struct eh_actor *actor, const char *verb, const char *object,
		      const char *detail, struct eh_err *err)
{
	struct eh_journal_entry *e = eh_xcalloc(1, sizeof *e);
	struct eh_journal_entry *last = eh_xcalloc(1, sizeof *last);
	struct eh_bytes key, value;
	struct eh_key k;
	struct eh_buf b;
	int rc;

	eh_buf_init(&b, EH_RECORD_MAX);
	e->seq = 1;
	rc = eh_txn_last(txn, EH_T_JOURNAL, (struct eh_bytes){ NULL, 0 }, &key, &value, err);
	if (rc == EH_OK) {
		rc = decode(last, value, err);
		if (rc != EH_OK)
			goto out;
		e->seq = last->seq + 1;
		memcpy(e->previous, last->hash, sizeof e->previous);
	} else if (rc != EH_ENOENT) {
		goto out;
	}
	e->time = eh_now();
	e->actor = *actor;
	copy_text(e->verb, sizeof e->verb, verb);
	copy_text(e->object, sizeof e->object, object);
	copy_text(e->detail, sizeof e->detail, detail);
	leaf_hash(e->hash, e);
	encode(&b, e);
	eh_buf_add(&b, e->hash, sizeof e->hash);
	eh_key_init(&k);
	eh_key_u64(&k, e->seq);
	rc = b.failed ? eh_err_set(err, EH_ENOMEM, "journal: out of memory")
		      : eh_txn_put(txn, EH_T_JOURNAL, eh_key_bytes(&k), (struct eh_bytes){ b.data, b.len }, err);
out:
	eh_buf_free(&b);
	free(last);
	free(e);
	return rc;
}

struct each {
	uint64_t from;
	int (*fn)(void *ctx, const struct eh_journal_entry *e, struct eh_err *err);
	void *ctx;
};

static int each_entry(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct each *each = ctx;
	struct eh_journal_entry e;
	int rc;

	if (eh_key_get_u64(key, 0) < each->from)
		return EH_OK;
	rc = decode(&e, value, err);
	return rc == EH_OK ? each->fn(each->ctx, &e, err) : rc;
}

int eh_journal_each(struct eh_txn *txn, uint64_t from,
		    int (*fn)(void *ctx, const struct eh_journal_entry *e, struct eh_err *err), void *ctx,
		    struct eh_err *err)
{
	struct each each = { from, fn, ctx };

	return eh_txn_scan(txn, EH_T_JOURNAL, (struct eh_bytes){ NULL, 0 }, each_entry, &each, err);
}

static int verify_entry(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct eh_journal_state *st = ctx;
	uint64_t expected = st->entries + 1;
	struct eh_journal_entry e;
	unsigned char hash[EH_DIGEST_SIZE];
	const char *why = NULL;

	if (eh_key_get_u64(key, 0) != expected)
		why = "an entry is missing";
	else if (decode(&e, value, NULL) != EH_OK)
		why = "the entry cannot be read";
	else if (e.seq != expected)
		why = "the entry stands at another's place";
	else if (memcmp(e.previous, st->head, sizeof e.previous) != 0)
		why = "the entry does not follow the one before it";
	if (why == NULL) {
		leaf_hash(hash, &e);
		if (memcmp(hash, e.hash, sizeof hash) != 0)
			why = "the entry was changed after it was written";
	}
	if (why != NULL) {
		st->broken_at = expected;
		return eh_err_set(err, EH_EFORMAT, "journal entry %llu: %s; keep the file and compare it with a backup",
				  (unsigned long long)expected, why);
	}
	st->entries = expected;
	memcpy(st->head, e.hash, sizeof st->head);
	return EH_OK;
}

int eh_journal_verify(struct eh_txn *txn, struct eh_journal_state *out, struct eh_err *err)
{
	memset(out, 0, sizeof *out);
	return eh_txn_scan(txn, EH_T_JOURNAL, (struct eh_bytes){ NULL, 0 }, verify_entry, out, err);
}
