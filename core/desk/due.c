/* What time alone changes, without any commit: consents begin and run out, terms of releases end, days begin. */
#include "base/clock.h"
#include "desk/inside.h"

#define DAY 86400

struct soonest {
	int64_t now, at;
};

static void sooner(struct soonest *s, int64_t t)
{
	if (t > s->now && t < s->at)
		s->at = t;
}

static int look_at(void *ctx, const struct eh_consent *c, struct eh_err *err)
{
	struct soonest *s = ctx;

	(void)err;
	sooner(s, c->at);
	if (c->expires != 0)
		sooner(s, c->expires);
	if (c->release.term_until != 0)
		sooner(s, c->release.term_until);
	return EH_OK;
}

int64_t eh_desk_next_day(int64_t now)
{
	int64_t rest = now % DAY;

	return now - (rest < 0 ? rest + DAY : rest) + DAY;
}

/* The ledger is only added to, so that as many records as before are the same records. */
int eh_desk_due(struct eh_desk *d, struct eh_txn *txn, int64_t now, int64_t *due, struct eh_err *err)
{
	struct eh_ledger_due *known = &d->ledger;
	struct soonest s = { now, INT64_MAX };
	uint64_t records = 0;
	int rc = eh_txn_count(txn, EH_T_CONSENTS, &records, err);

	if (rc == EH_OK && (!known->is || records != known->records || now < known->since || now >= known->at)) {
		rc = eh_consents_each(txn, NULL, look_at, &s, err);
		*known = (struct eh_ledger_due){ rc == EH_OK, records, now, s.at };
	}
	*due = rc == EH_OK ? known->at : now;
	return rc;
}

/* What cannot be read now is asked again at the next commit or the next day. */
static void look_ahead(struct eh_desk *d, uint64_t version, int64_t now)
{
	struct eh_txn *txn = NULL;
	int64_t due = INT64_MAX, day = eh_desk_next_day(now);

	if (eh_txn_begin(&txn, d->store, false, NULL) == EH_OK)
		(void)eh_desk_due(d, txn, now, &due, NULL);
	eh_txn_abort(&txn);
	d->turn.version = version;
	d->turn.at = due > now && due < day ? due : day;
}

uint64_t eh_desk_version(struct eh_desk *d)
{
	const uint64_t version = eh_store_version(d->store);
	const int64_t now = eh_now();
	const bool first = d->turn.at == 0;

	if (version == 0) /* the store is away from a worker */
		return 0;
	if (!first && now >= d->turn.at)
		d->turn.n++;
	if (first || now >= d->turn.at || version != d->turn.version)
		look_ahead(d, version, now);
	return version + d->turn.n;
}
