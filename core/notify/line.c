/* Lines and matters of notifications; see line.h. */
#include "notify/line.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "notify/record.h"
#include "store/codec.h"

#define LINE_VERSION 1

/* ---- a line as bytes ---- */

/* With its NUL: a list reads the texts where they lie in the store. */
static void put_text(struct eh_buf *b, const char *s)
{
	eh_put_blob(b, s, strlen(s) + 1);
}

static const char *get_text(struct eh_reader *r)
{
	struct eh_bytes s = eh_get_blob(r);

	if (s.len == 0 || s.data[s.len - 1] != '\0') {
		r->bad = true;
		return "";
	}
	return (const char *)s.data;
}

static struct eh_notification_line line_of(const struct eh_notification *n)
{
	const struct eh_finding *f = &n->finding;

	return (struct eh_notification_line){
		.seq = n->seq, .raised_at = n->raised_at, .n_members = n->n_members, .state = n->state,
		.basis = f->basis, .verdict = f->verdict, .systemic = n->systemic, .ratio = f->ratio, .q = f->q,
		.ratio_interval = f->ratio_interval, .evaluator = f->evaluator, .attribute = f->attribute,
		.group = f->group, .position = f->position,
		.part = f->stage[0] != '\0' ? f->stage : f->question[0] != '\0' ? f->question : f->period,
		.subject = f->subject
	};
}

/* Those addressed to the process come first. */
static struct eh_key line_key(const struct eh_notification *n)
{
	struct eh_key k;

	eh_key_init(&k);
	eh_key_u32(&k, n->systemic ? 0 : 1);
	eh_key_u64(&k, n->seq);
	return k;
}

static int put_line(struct eh_txn *txn, const struct eh_notification *n, struct eh_err *err)
{
	const struct eh_notification_line l = line_of(n);
	struct eh_key k = line_key(n);
	struct eh_buf b;
	int rc;

	eh_buf_init(&b, EH_RECORD_MAX);
	eh_record_begin(&b, LINE_VERSION);
	eh_put_u64(&b, l.seq);
	eh_put_i64(&b, l.raised_at);
	eh_put_u32(&b, l.n_members);
	eh_put_u8(&b, (uint8_t)l.state);
	eh_put_u8(&b, (uint8_t)l.basis);
	eh_put_u8(&b, (uint8_t)l.verdict);
	eh_put_u8(&b, l.systemic);
	eh_put_num(&b, l.ratio);
	eh_put_num(&b, l.q);
	eh_put_num(&b, l.ratio_interval.low);
	eh_put_num(&b, l.ratio_interval.high);
	put_text(&b, l.evaluator);
	put_text(&b, l.attribute);
	put_text(&b, l.group);
	put_text(&b, l.position);
	put_text(&b, l.part);
	put_text(&b, l.subject);
	rc = b.failed ? eh_err_set(err, EH_ENOMEM, "notification: out of memory")
		      : eh_txn_put(txn, EH_T_LINES, eh_key_bytes(&k), (struct eh_bytes){ b.data, b.len }, err);
	eh_buf_free(&b);
	return rc;
}

static int get_line(struct eh_notification_line *l, struct eh_bytes value, struct eh_err *err)
{
	struct eh_reader r;
	uint8_t state, basis, verdict;
	int rc = eh_record_open(&r, value, LINE_VERSION, NULL, "line of a notification", err);

	if (rc != EH_OK)
		return rc;
	l->seq = eh_get_u64(&r);
	l->raised_at = eh_get_i64(&r);
	l->n_members = eh_get_u32(&r);
	state = eh_get_u8(&r);
	basis = eh_get_u8(&r);
	verdict = eh_get_u8(&r);
	l->systemic = eh_get_u8(&r) != 0;
	l->ratio = eh_get_num(&r);
	l->q = eh_get_num(&r);
	l->ratio_interval.low = eh_get_num(&r);
	l->ratio_interval.high = eh_get_num(&r);
	l->evaluator = get_text(&r);
	l->attribute = get_text(&r);
	l->group = get_text(&r);
	l->position = get_text(&r);
	l->part = get_text(&r);
	l->subject = get_text(&r);
	r.bad = r.bad || state >= EH_N_STATES || basis > EH_BASIS_SCREENING || verdict >= EH_VERDICT_COUNT;
	l->state = (enum eh_notification_state)state;
	l->basis = (enum eh_basis)basis;
	l->verdict = (enum eh_verdict_kind)verdict;
	return eh_record_close(&r, "line of a notification", err);
}

/* ---- which are of one matter ---- */

/* What a matter is: notify.h.  A fingerprint, for its parts together are longer than a key may be. */
static struct eh_key matter_key(const struct eh_notification *n)
{
	const struct eh_finding *f = &n->finding;
	const char *const parts[] = {
		n->policy, n->systemic ? "1" : "0", f->own ? "1" : "0", f->evaluator, f->attribute, f->group,
		f->position, f->stage, f->question, f->period, f->subject, f->own ? f->rule : ""
	};
	unsigned char print[EH_FINGERPRINT_SIZE];
	struct eh_key k;
	struct eh_buf b;

	eh_buf_init(&b, EH_RECORD_MAX);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		put_text(&b, parts[i]);
	eh_fingerprint(print, b.data, b.len);
	eh_buf_free(&b);
	eh_key_init(&k);
	for (size_t i = 0; i < sizeof print; i += 4)
		eh_key_u32(&k, (uint32_t)print[i] << 24 | (uint32_t)print[i + 1] << 16 | (uint32_t)print[i + 2] << 8 |
			       print[i + 3]);
	return k;
}

int eh_notification_line_store(struct eh_txn *txn, const struct eh_notification *n, struct eh_err *err)
{
	struct eh_key matter = matter_key(n);
	int rc = put_line(txn, n, err);

	eh_key_u64(&matter, n->seq);
	if (rc == EH_OK)
		rc = eh_txn_put(txn, EH_T_MATTERS, eh_key_bytes(&matter), (struct eh_bytes){ NULL, 0 }, err);
	return rc;
}

struct of_matter {
	int (*fn)(void *ctx, uint64_t seq, struct eh_err *err);
	void *ctx;
};

static int one_of_matter(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	const struct of_matter *m = ctx;

	(void)value;
	return m->fn(m->ctx, eh_key_get_u64(key, EH_FINGERPRINT_SIZE), err);
}

int eh_notification_matter_each(struct eh_txn *txn, const struct eh_notification *n,
				int (*fn)(void *ctx, uint64_t seq, struct eh_err *err), void *ctx, struct eh_err *err)
{
	struct of_matter m = { fn, ctx };
	struct eh_key matter = matter_key(n);

	return eh_txn_scan(txn, EH_T_MATTERS, eh_key_bytes(&matter), one_of_matter, &m, err);
}

/* ---- projects of an earlier version ---- */

static int complete(struct eh_txn *txn, bool *yes, struct eh_err *err)
{
	uint64_t notifications = 0, lines = 0;
	int rc = eh_txn_count(txn, EH_T_NOTIFICATIONS, &notifications, err);

	if (rc == EH_OK)
		rc = eh_txn_count(txn, EH_T_LINES, &lines, err);
	*yes = notifications == lines;
	return rc;
}

static int make_line(void *ctx, const struct eh_notification *n, struct eh_err *err)
{
	return eh_notification_line_store(ctx, n, err);
}

int eh_notification_lines_complete(struct eh_txn *txn, struct eh_err *err)
{
	bool yes = false;
	int rc = complete(txn, &yes, err);

	if (rc != EH_OK || yes)
		return rc;
	rc = eh_txn_clear(txn, EH_T_LINES, err);
	if (rc == EH_OK)
		rc = eh_txn_clear(txn, EH_T_MATTERS, err);
	return rc == EH_OK ? eh_notifications_each(txn, make_line, txn, err) : rc;
}

/* ---- reading them ---- */

struct each_line {
	int (*fn)(void *ctx, const struct eh_notification_line *l, struct eh_err *err);
	void *ctx;
};

static int stored_line(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	const struct each_line *each = ctx;
	struct eh_notification_line l;
	int rc = get_line(&l, value, err);

	(void)key;
	return rc == EH_OK ? each->fn(each->ctx, &l, err) : rc;
}

static int line_from_whole(void *ctx, const struct eh_notification *n, struct eh_err *err)
{
	const struct each_line *each = ctx;
	const struct eh_notification_line l = line_of(n);

	return each->fn(each->ctx, &l, err);
}

int eh_notification_lines_each(struct eh_txn *txn,
			       int (*fn)(void *ctx, const struct eh_notification_line *l, struct eh_err *err),
			       void *ctx, struct eh_err *err)
{
	struct each_line each = { fn, ctx };
	bool yes = false;
	int rc = complete(txn, &yes, err);

	if (rc != EH_OK)
		return rc;
	if (!yes)
		return eh_notifications_each(txn, line_from_whole, &each, err);
	return eh_txn_scan(txn, EH_T_LINES, (struct eh_bytes){ NULL, 0 }, stored_line, &each, err);
}

void eh_notification_lines_add(struct eh_notification_lines *list, const struct eh_notification_line *l)
{
	const char **texts[6];
	struct eh_notification_line *to;

	if (list->n == list->cap) {
		list->cap = list->cap != 0 ? 2 * list->cap : 256;
		list->v = eh_xrealloc(list->v, list->cap, sizeof *list->v);
	}
	to = &list->v[list->n++];
	*to = *l;
	texts[0] = &to->evaluator;
	texts[1] = &to->attribute;
	texts[2] = &to->group;
	texts[3] = &to->position;
	texts[4] = &to->part;
	texts[5] = &to->subject;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		*texts[i] = (*texts[i])[0] != '\0' ? eh_arena_text(&list->texts, *texts[i], strlen(*texts[i])) : "";
}

void eh_notification_lines_free(struct eh_notification_lines *list)
{
	free(list->v);
	eh_arena_free(&list->texts);
	list->v = NULL;
	list->n = list->cap = 0;
}
