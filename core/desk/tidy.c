/* What was deleted leaves the store's file too: at once when nobody else has the project open, else at the next
 * opening by whoever is alone. */
#include <stdio.h>

#include "desk/inside.h"
#include "store/codec.h"

/* meta: "tidy" -> one byte, while something deleted may still stand in free pages */
static struct eh_key tidy_key(void)
{
	return eh_key_of("tidy");
}

int eh_desk_want_tidy(struct eh_txn *txn, struct eh_err *err)
{
	static const unsigned char yes[] = { 1 };
	struct eh_key k = tidy_key();

	return eh_txn_put(txn, EH_T_META, eh_key_bytes(&k), (struct eh_bytes){ yes, sizeof yes }, err);
}

static int wanted(struct eh_desk *d, bool *out, struct eh_err *err)
{
	struct eh_key k = tidy_key();
	struct eh_bytes v;
	struct eh_txn *txn = NULL;
	int rc = eh_txn_begin(&txn, d->store, false, err);

	*out = false;
	if (rc == EH_OK)
		rc = eh_txn_get(txn, EH_T_META, eh_key_bytes(&k), &v, err);
	*out = rc == EH_OK;
	eh_txn_abort(&txn);
	return rc == EH_ENOENT ? EH_OK : rc;
}

#define TELL_FROM (UINT64_C(1) << 30) /* [bytes]; 1.7 GB took 16 s of a busy machine of two cores (own measurement) */
#define TIDY_RATE 100e6 /* [bytes/s], the same measurement */

struct telling {
	const struct eh_progress *to;
	bool told;
};

/* The first step comes when nobody else is in and the rewriting has begun.  Who withdrew one consent would not
 * understand why it takes so long. */
static void hear(void *ctx, const char *what, uint64_t done, uint64_t total)
{
	struct telling *t = ctx;
	char line[256];

	if (!t->told && total >= TELL_FROM) {
		(void)snprintf(line, sizeof line,
			       "the store (%.1f GB) is rewritten so that what was deleted stands nowhere in its file; "
			       "about %.0f s; when interrupted it is done at the next opening",
			       (double)total / 1e9, (double)total / TIDY_RATE);
		eh_progress_note(t->to, line);
	}
	t->told = true;
	eh_progress_step(t->to, what, done, total);
}

int eh_desk_tidy(struct eh_desk *d, bool *done, struct eh_err *err)
{
	struct telling telling = { .to = d->progress };
	const struct eh_progress progress = { .step = hear, .ctx = &telling };
	struct eh_key k = tidy_key();
	struct eh_txn *txn = NULL;
	bool want = false, rewritten = false;
	int rc = wanted(d, &want, err);

	*done = rc == EH_OK && !want;
	if (rc != EH_OK || !want)
		return rc;
	rc = eh_store_compact(d->store, d->progress != NULL ? &progress : NULL, &rewritten, err);
	if (rc != EH_OK || !rewritten)
		return rc;
	rc = eh_txn_begin(&txn, d->store, true, err);
	if (rc == EH_OK)
		rc = eh_txn_del(txn, EH_T_META, eh_key_bytes(&k), err);
	if (rc == EH_ENOENT)
		rc = EH_OK;
	if (rc == EH_OK)
		rc = eh_journal_append(txn, &d->actor, "store.tidy", "store", "rewritten without its free pages", err);
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	*done = rc == EH_OK;
	return rc;
}
