/* The cubes by months of one evaluator while they change; see cubes.h and cubes_inside.h. */
#include <stdlib.h>
#include <string.h>

#include "audit/cubes_inside.h"
#include "base/mem.h"
#include "store/codec.h"

#define FIRST_SLOTS 256 /* power of two */
#define SPAN 8		/* [bytes] of a key behind the evaluator */

/* The persons whose decisions are of these months. */
struct span {
	int32_t first, last;
	struct eh_kinds *kinds;
};

/* The word of a stratum with a month behind it. */
struct named {
	int32_t month;
	uint32_t stratum, word; /* stratum: word + 1, 0 = free slot */
};

struct eh_dated {
	struct eh_txn *txn;
	struct eh_name_builder *words;
	struct eh_key evaluator; /* with the zero byte behind it */
	struct span *v;		 /* [n] of the evaluator at hand, by first, last; those behind n wait for the next */
	size_t n, cap;
	bool anew;
	struct named *named; /* [slots] */
	size_t slots, used;
};

struct eh_dated *eh_dated_new(struct eh_txn *txn, struct eh_name_builder *words)
{
	struct eh_dated *d = eh_xcalloc(1, sizeof *d);

	d->txn = txn;
	d->words = words;
	d->slots = FIRST_SLOTS;
	d->named = eh_xcalloc(d->slots, sizeof *d->named);
	return d;
}

void eh_dated_free(struct eh_dated **dated)
{
	struct eh_dated *d = *dated;

	if (d == NULL)
		return;
	for (size_t i = 0; i < d->cap; i++)
		eh_kinds_free(&d->v[i].kinds);
	free(d->v);
	free(d->named);
	free(d);
	*dated = NULL;
}

void eh_dated_begin(struct eh_dated *d, const char *evaluator)
{
	d->evaluator = eh_key_of(evaluator);
	eh_key_end(&d->evaluator);
	d->n = 0;
}

void eh_dated_anew(struct eh_dated *d) { d->anew = true; }

/* ---- keys ---- */

/* Months in the order of the bytes, EH_PERIOD_NONE before all. */
static uint32_t ordered(int32_t month) { return (uint32_t)month ^ UINT32_C(0x80000000); }

static struct eh_key key_of(const struct eh_dated *d, const struct span *s)
{
	struct eh_key key = d->evaluator;

	eh_key_u32(&key, ordered(s->first));
	eh_key_u32(&key, ordered(s->last));
	return key;
}

int eh_dated_open(struct eh_bytes key, struct eh_dated_key *out, struct eh_err *err)
{
	const size_t len = key.len > SPAN ? key.len - SPAN - 1 : 0;
	uint64_t span;

	if (len == 0 || len >= sizeof out->evaluator || memchr(key.data, 0, len) != NULL || key.data[len] != 0)
		return eh_err_set(err, EH_EFORMAT, "count cube: the stored key is damaged; run: evenhand doctor");
	memcpy(out->evaluator, key.data, len);
	out->evaluator[len] = '\0';
	span = eh_key_get_u64(key, len + 1);
	out->first = (int32_t)((uint32_t)(span >> 32) ^ UINT32_C(0x80000000));
	out->last = (int32_t)((uint32_t)span ^ UINT32_C(0x80000000));
	return EH_OK;
}

/* ---- words ---- */

bool eh_stratum_month(const char *text, int32_t *month)
{
	const char *at = strrchr(text, '\x1f');

	*month = EH_PERIOD_NONE;
	return at != NULL && eh_month_read(month, at + 1);
}

char *eh_stratum_in_period(const char *text, enum eh_period by, int32_t month)
{
	const char *end = strrchr(text, '\x1f');
	const int len = end != NULL ? (int)(end - text) : (int)strlen(text);
	char period[EH_PERIOD_TEXT];

	eh_period_text(period, by, eh_period_of_month(by, month));
	return by != EH_NO_PERIOD ? eh_xasprintf("%.*s\x1f%s", len, text, period) : eh_xasprintf("%.*s", len, text);
}

static struct named *slot_of(struct eh_dated *d, uint32_t stratum, int32_t month)
{
	const uint64_t h = ((uint64_t)stratum << 32 | (uint32_t)month) * UINT64_C(0x9e3779b97f4a7c15);
	size_t at = (size_t)(h >> 32) & (d->slots - 1);

	while (d->named[at].stratum != 0 && (d->named[at].stratum != stratum + 1 || d->named[at].month != month))
		at = (at + 1) & (d->slots - 1);
	return &d->named[at];
}

static void more_slots(struct eh_dated *d)
{
	struct named *before = d->named;
	const size_t n = d->slots;

	d->slots *= 2;
	d->named = eh_xcalloc(d->slots, sizeof *d->named);
	for (size_t i = 0; i < n; i++)
		if (before[i].stratum != 0)
			*slot_of(d, before[i].stratum - 1, before[i].month) = before[i];
	free(before);
}

static uint32_t word_of(struct eh_dated *d, uint32_t stratum, int32_t month)
{
	struct named *x = slot_of(d, stratum, month);
	char period[EH_PERIOD_TEXT], *text = NULL;

	if (x->stratum != 0)
		return x->word;
	if (2 * ++d->used > d->slots) {
		more_slots(d);
		x = slot_of(d, stratum, month);
	}
	eh_period_text(period, EH_BY_MONTH, month);
	text = eh_xasprintf("%s\x1f%s", eh_names_text(d->words, stratum), period);
	*x = (struct named){ month, stratum + 1, eh_names_add(d->words, text) };
	free(text);
	return x->word;
}

/* ---- counting ---- */

static int load(struct eh_dated *d, const struct span *s, struct eh_err *err)
{
	const struct eh_key key = key_of(d, s);
	struct eh_bytes record;
	int rc = eh_txn_get(d->txn, EH_T_DATED, eh_key_bytes(&key), &record, err);

	if (rc != EH_OK)
		return rc == EH_ENOENT ? EH_OK : rc;
	return eh_kinds_load(s->kinds, record, err);
}

/* Place of the span, or where it belongs. */
static size_t place_of(const struct eh_dated *d, int32_t first, int32_t last)
{
	size_t lo = 0, hi = d->n;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;
		const struct span *s = &d->v[mid];

		if (s->first < first || (s->first == first && s->last < last))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int open_span(struct eh_dated *d, int32_t first, int32_t last, struct eh_kinds **out, struct eh_err *err)
{
	const size_t at = place_of(d, first, last);
	struct span s = { first, last, NULL };

	if (at < d->n && d->v[at].first == first && d->v[at].last == last) {
		*out = d->v[at].kinds;
		return EH_OK;
	}
	if (d->n == d->cap) {
		const size_t cap = d->cap != 0 ? 2 * d->cap : 32;

		d->v = eh_xrealloc(d->v, cap, sizeof *d->v);
		for (; d->cap < cap; d->cap++)
			d->v[d->cap].kinds = eh_kinds_new(d->words);
	}
	s.kinds = d->v[d->n].kinds;
	memmove(d->v + at + 1, d->v + at, (d->n - at) * sizeof *d->v);
	d->v[at] = s;
	d->n++;
	eh_kinds_clear(s.kinds);
	*out = s.kinds;
	return d->anew ? EH_OK : load(d, &s, err);
}

int eh_dated_count(struct eh_dated *d, uint32_t profile, struct eh_decided_list *l, int sign, struct eh_err *err)
{
	int32_t first = INT32_MAX, last = INT32_MIN;
	struct eh_kinds *k = NULL;
	size_t n = 0;
	int rc = EH_OK;

	for (size_t i = 0; i < l->n && rc == EH_OK; i++) {
		const struct eh_decided *x = &l->v[i];

		if (x->decision == EH_HOLD) {
			rc = open_span(d, x->month, x->month, &k, err);
			if (rc == EH_OK)
				eh_kinds_hold(k, sign);
			continue;
		}
		first = x->month < first ? x->month : first;
		last = x->month > last ? x->month : last;
		l->cell[n++] = (struct eh_kind_cell){ word_of(d, x->stratum, x->month), x->decision == EH_ADVANCE,
						      x->has_score, x->has_score ? x->score : 0.0 };
	}
	if (rc == EH_OK && n > 0)
		rc = open_span(d, first, last, &k, err);
	return rc == EH_OK && n > 0 ? eh_kinds_add(k, profile, l->cell, n, sign, err) : rc;
}

/* ---- storing ---- */

static int put_span(struct eh_dated *d, struct eh_cursor *at, const struct span *s, struct eh_err *err)
{
	const struct eh_key key = key_of(d, s);
	struct eh_buf b;
	struct eh_bytes found, value;
	int rc = eh_kinds_store_compact(s->kinds, &b, err);

	/* behind the last one they are appended */
	if (rc == EH_OK && b.len > 0)
		rc = eh_cursor_seek(at, eh_key_bytes(&key), &found, &value, err);
	rc = rc == EH_ENOENT ? EH_OK : rc;
	if (rc == EH_OK && b.len > 0)
		rc = eh_cursor_put(at, eh_key_bytes(&key), (struct eh_bytes){ b.data, b.len }, err);
	else if (rc == EH_OK)
		rc = eh_txn_del(d->txn, EH_T_DATED, eh_key_bytes(&key), err);
	eh_buf_free(&b);
	return rc == EH_ENOENT ? EH_OK : rc;
}

int eh_dated_put(struct eh_dated *d, struct eh_err *err)
{
	struct eh_cursor *at = NULL;
	int rc = d->n > 0 ? eh_cursor_open(&at, d->txn, EH_T_DATED, err) : EH_OK;

	for (size_t i = 0; i < d->n && rc == EH_OK; i++)
		rc = put_span(d, at, &d->v[i], err);
	eh_cursor_close(&at);
	d->n = 0;
	return rc;
}

static int compare_span(const struct eh_dated *d, const struct span *s, uint64_t *stored, uint64_t *wrong,
			struct eh_err *err)
{
	const struct eh_key key = key_of(d, s);
	struct eh_bytes record = { NULL, 0 };
	struct eh_buf b;
	int rc = eh_kinds_store_compact(s->kinds, &b, err);

	if (rc == EH_OK)
		rc = eh_txn_get(d->txn, EH_T_DATED, eh_key_bytes(&key), &record, err);
	*stored += rc == EH_OK;
	rc = rc == EH_ENOENT ? EH_OK : rc;
	*wrong += rc == EH_OK && (record.len != b.len || (b.len > 0 && memcmp(record.data, b.data, b.len) != 0));
	eh_buf_free(&b);
	return rc;
}

int eh_dated_compare(struct eh_dated *d, uint64_t *stored, uint64_t *wrong, struct eh_err *err)
{
	int rc = EH_OK;

	for (size_t i = 0; i < d->n && rc == EH_OK; i++)
		rc = compare_span(d, &d->v[i], stored, wrong, err);
	d->n = 0;
	return rc;
}
