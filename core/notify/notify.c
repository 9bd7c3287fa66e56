/* Notifications and responses; see notify.h. */
#include "notify/notify.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "notify/line.h"
#include "notify/record.h"
#include "store/codec.h"

static const char *const state_texts[EH_N_STATES] = { "pending", "confirmed", "rejected", "actions", "closed" };

const char *eh_notification_state_text(enum eh_notification_state s)
{
	return (unsigned)s < EH_N_STATES ? state_texts[s] : "unknown";
}

void eh_notification_id(char out[16], uint64_t seq)
{
	int digits = 4;

	/* by hand: a list of 100,000 asks for as many between two keys */
	seq %= UINT64_C(100000000000000);
	for (uint64_t rest = seq / 10000; rest > 0; rest /= 10)
		digits++;
	out[0] = 'N';
	out[digits + 1] = '\0';
	for (int i = digits; i > 0; i--, seq /= 10)
		out[i] = (char)('0' + seq % 10);
}

int eh_notification_parse(uint64_t *seq, const char *id, struct eh_err *err)
{
	const char *digits = id[0] == 'N' || id[0] == 'n' ? id + 1 : id;
	int64_t v;

	if (digits[0] == '+' || eh_parse_i64(&v, digits, 1, INT64_MAX, NULL) != EH_OK)
		return eh_err_set(err, EH_EUSAGE, "'%.40s' is no notification; write it as N0001", id);
	*seq = (uint64_t)v;
	return EH_OK;
}

/* ---- raise and refresh ---- */

struct search {
	struct eh_txn *txn;
	const struct eh_notification *wanted;
	struct eh_notification found;   /* the last one of the matter */
	struct eh_notification at_hand;
	bool hit;
};

/* Of the policy's own findings there may be several about one group, or none. */
static bool same_topic(const struct eh_finding *a, const struct eh_finding *b)
{
	return strcmp(a->stage, b->stage) == 0 && strcmp(a->question, b->question) == 0 &&
	       strcmp(a->period, b->period) == 0 && strcmp(a->subject, b->subject) == 0 &&
	       (!a->own || strcmp(a->rule, b->rule) == 0);
}

static bool same_matter(const struct eh_notification *a, const struct eh_notification *b)
{
	return strcmp(a->policy, b->policy) == 0 && a->systemic == b->systemic &&
	       strcmp(a->finding.evaluator, b->finding.evaluator) == 0 &&
	       strcmp(a->finding.attribute, b->finding.attribute) == 0 &&
	       strcmp(a->finding.group, b->finding.group) == 0 &&
	       strcmp(a->finding.position, b->finding.position) == 0 && a->finding.own == b->finding.own &&
	       same_topic(&a->finding, &b->finding);
}

/* Far above the rounding of a fit, far below what a changed posterior does to it. */
#define ESTIMATE_SAME 1e-6

static bool same_estimate(const struct eh_finding *a, const struct eh_finding *b)
{
	if (a->basis != EH_BASIS_SCREENING)
		return true;
	if (!a->em_ratio.defined || !b->em_ratio.defined)
		return a->em_ratio.defined == b->em_ratio.defined;
	return fabs(a->em_ratio.value - b->em_ratio.value) <= ESTIMATE_SAME * fabs(a->em_ratio.value);
}

static bool same_members(const struct eh_notification *a, const struct eh_notification *b)
{
	if (a->n_members != b->n_members)
		return false;
	for (uint32_t i = 0; i < a->n_members; i++)
		if (strcmp(a->members[i], b->members[i]) != 0)
			return false;
	return true;
}

static bool same_evidence(const struct eh_notification *a, const struct eh_notification *b)
{
	const struct eh_finding *x = &a->finding, *y = &b->finding;

	return x->n == y->n && x->selected == y->selected && x->ref_n == y->ref_n &&
	       x->ref_selected == y->ref_selected && x->persons == y->persons && x->ref_persons == y->ref_persons &&
	       x->predicted == y->predicted && x->unknown == y->unknown && strcmp(x->reference, y->reference) == 0 &&
	       x->basis == y->basis && x->verdict == y->verdict && x->scope == y->scope && same_estimate(x, y) &&
	       x->counted == y->counted && (!x->own || x->counted || strcmp(x->reason, y->reason) == 0) &&
	       same_members(a, b);
}

bool eh_notification_is_open(const struct eh_notification *n)
{
	return n->state != EH_N_CLOSED && n->state != EH_N_REJECTED;
}

/* An open one stands for the matter whatever came after it; else the last answered one. */
static int search_matter(void *ctx, uint64_t seq, struct eh_err *err)
{
	struct search *s = ctx;
	int rc = eh_notification_get(s->txn, seq, &s->at_hand, err);

	if (rc == EH_OK && same_matter(&s->at_hand, s->wanted)) {
		s->found = s->at_hand;
		s->hit = true;
		rc = eh_notification_is_open(&s->found) ? 1 : EH_OK;
	}
	return rc;
}

static int last_answer(void *ctx, const struct eh_response *r, struct eh_err *err)
{
	(void)err;
	*(int64_t *)ctx = r->at;
	return EH_OK;
}

static void refresh(struct eh_notification *next, const struct eh_notification *open)
{
	next->seq = open->seq;
	next->state = open->state;
	next->revision = open->revision + 1;
	next->responses = open->responses;
	next->raised_at = open->raised_at;
	next->earlier = open->earlier;
	next->earlier_state = open->earlier_state;
	next->earlier_at = open->earlier_at;
}

static int begin_new(struct eh_txn *txn, struct eh_notification *next, const struct eh_notification *answered,
		     struct eh_err *err)
{
	int rc = eh_txn_next(txn, "notification", &next->seq, err);

	next->state = EH_N_PENDING;
	next->revision = 1;
	next->responses = 0;
	next->earlier = 0;
	next->earlier_state = EH_N_PENDING;
	next->earlier_at = 0;
	if (rc != EH_OK || answered == NULL)
		return rc;
	next->earlier = answered->seq;
	next->earlier_state = answered->state;
	return eh_responses_each(txn, answered->seq, last_answer, &next->earlier_at, err);
}

int eh_notification_raise(struct eh_txn *txn, const struct eh_notification *n, uint64_t *seq, enum eh_raised *how,
			  struct eh_err *err)
{
	struct search *s = eh_xcalloc(1, sizeof *s);
	struct eh_notification *next = eh_xcalloc(1, sizeof *next);
	int rc;

	s->txn = txn;
	s->wanted = n;
	rc = eh_notification_lines_complete(txn, err);
	if (rc == EH_OK)
		rc = eh_notification_matter_each(txn, n, search_matter, s, err);
	if (rc < 0)
		goto out;
	rc = EH_OK;
	*next = *n;
	*how = !s->hit ? EH_RAISED_NEW : eh_notification_is_open(&s->found) ? EH_RAISED_REFRESHED :
	       same_evidence(&s->found, n) ? EH_RAISED_ANSWERED : EH_RAISED_NEW;
	if (*how == EH_RAISED_ANSWERED) {
		*seq = s->found.seq;
		goto out;
	}
	if (*how == EH_RAISED_REFRESHED)
		refresh(next, &s->found);
	else
		rc = begin_new(txn, next, s->hit ? &s->found : NULL, err);
	if (rc == EH_OK)
		rc = eh_notification_store(txn, next, err);
	if (rc == EH_OK)
		*seq = next->seq;
out:
	free(next);
	free(s);
	return rc;
}

int eh_notification_get(struct eh_txn *txn, uint64_t seq, struct eh_notification *out, struct eh_err *err)
{
	struct eh_bytes value;
	struct eh_key k;
	int rc;

	eh_key_init(&k);
	eh_key_u64(&k, seq);
	rc = eh_txn_get(txn, EH_T_NOTIFICATIONS, eh_key_bytes(&k), &value, err);
	if (rc == EH_ENOENT)
		return eh_err_set(err, EH_ENOENT, "there is no notification N%04llu", (unsigned long long)seq);
	return rc == EH_OK ? eh_notification_decode(out, value, err) : rc;
}

struct each {
	int (*fn)(void *ctx, const struct eh_notification *n, struct eh_err *err);
	void *ctx;
	bool systemic;
};

static int each_of_kind(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct each *each = ctx;
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	int rc;

	(void)key;
	rc = eh_notification_decode(n, value, err);
	if (rc == EH_OK && n->systemic == each->systemic)
		rc = each->fn(each->ctx, n, err);
	free(n);
	return rc;
}

int eh_notifications_each(struct eh_txn *txn, int (*fn)(void *ctx, const struct eh_notification *n, struct eh_err *err),
			  void *ctx, struct eh_err *err)
{
	struct each each = { fn, ctx, true };
	int rc = eh_txn_scan(txn, EH_T_NOTIFICATIONS, (struct eh_bytes){ NULL, 0 }, each_of_kind, &each, err);

	if (rc != EH_OK)
		return rc;
	each.systemic = false;
	return eh_txn_scan(txn, EH_T_NOTIFICATIONS, (struct eh_bytes){ NULL, 0 }, each_of_kind, &each, err);
}

/* ---- responses ---- */

static bool has_visible(const char *s)
{
	return strspn(s, " \t\r\n") != strlen(s);
}

static int check_actions(const struct eh_response *r, struct eh_err *err)
{
	int64_t when;

	if (r->n_actions > EH_ACTIONS_MAX)
		return eh_err_set(err, EH_EINVAL, "at most %d actions", EH_ACTIONS_MAX);
	if ((r->to == EH_N_ACTIONS) != (r->n_actions > 0))
		return eh_err_set(err, EH_EINVAL,
				  r->to == EH_N_ACTIONS ? "list at least one action"
							: "actions belong to the answer 'actions' only");
	for (uint32_t i = 0; i < r->n_actions; i++) {
		const struct eh_action *a = &r->actions[i];

		if (!has_visible(a->text))
			return eh_err_set(err, EH_EINVAL, "action %u has no text", i + 1);
		if (!eh_text_clean(a->text, false) || !eh_text_clean(a->owner, false))
			return eh_err_set(err, EH_EINVAL,
					  "action %u holds control characters; write it as plain text on one line",
					  i + 1);
		if (a->due[0] != '\0' && (strlen(a->due) != 10 || eh_parse_time(&when, a->due, NULL) != EH_OK))
			return eh_err_set(err, EH_EINVAL, "action %u: '%s' is no date; write it as 2026-12-01", i + 1,
					  a->due);
	}
	return EH_OK;
}

static int check_response(const struct eh_notification *n, uint32_t revision, const struct eh_response *r,
			  struct eh_err *err)
{
	char id[16];

	eh_notification_id(id, n->seq);
	if (n->revision != revision)
		return eh_err_set(err, EH_ESTALE,
				  "%s was changed by somebody else meanwhile (it is %s now); look again, then answer",
				  id, eh_notification_state_text(n->state));
	if (n->state == EH_N_CLOSED)
		return eh_err_set(err, EH_EINVAL, "%s is closed", id);
	if (r->to != EH_N_CONFIRMED && r->to != EH_N_REJECTED && r->to != EH_N_ACTIONS && r->to != EH_N_CLOSED)
		return eh_err_set(err, EH_EINVAL, "an answer is confirm, reject, act or close");
	if (r->to == EH_N_CLOSED && n->responses == 0)
		return eh_err_set(err, EH_EINVAL,
				  "%s has no answer yet: confirm, reject or list actions before closing it", id);
	if (!has_visible(r->reason))
		return eh_err_set(err, EH_EINVAL, "a reason is required");
	if (!eh_text_clean(r->reason, true))
		return eh_err_set(err, EH_EINVAL,
				  "the reason holds control characters or is not UTF-8; write it as plain text");
	return check_actions(r, err);
}

int eh_notification_check(struct eh_txn *txn, uint64_t seq, uint32_t revision, const struct eh_response *r,
			  struct eh_err *err)
{
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	int rc = eh_notification_get(txn, seq, n, err);

	if (rc == EH_OK)
		rc = check_response(n, revision, r, err);
	free(n);
	return rc;
}

int eh_notification_respond(struct eh_txn *txn, uint64_t seq, uint32_t revision, const struct eh_response *r,
			    struct eh_err *err)
{
	struct eh_notification *n = eh_xcalloc(1, sizeof *n);
	struct eh_response *next = eh_xcalloc(1, sizeof *next);
	int rc = eh_notification_get(txn, seq, n, err);

	if (rc == EH_OK)
		rc = check_response(n, revision, r, err);
	if (rc == EH_OK) {
		*next = *r;
		next->seq = n->responses + 1;
		n->responses++;
		n->revision++;
		n->state = r->to;
		rc = eh_response_store(txn, seq, next, err);
	}
	if (rc == EH_OK)
		rc = eh_notification_store(txn, n, err);
	free(next);
	free(n);
	return rc;
}

struct each_response {
	int (*fn)(void *ctx, const struct eh_response *r, struct eh_err *err);
	void *ctx;
};

static int each_response(void *ctx, struct eh_bytes key, struct eh_bytes value, struct eh_err *err)
{
	struct each_response *each = ctx;
	struct eh_response *r = eh_xcalloc(1, sizeof *r);
	int rc;

	(void)key;
	rc = eh_response_decode(r, value, err);
	if (rc == EH_OK)
		rc = each->fn(each->ctx, r, err);
	free(r);
	return rc;
}

int eh_responses_each(struct eh_txn *txn, uint64_t seq,
		      int (*fn)(void *ctx, const struct eh_response *r, struct eh_err *err), void *ctx,
		      struct eh_err *err)
{
	struct each_response each = { fn, ctx };
	struct eh_key k;

	eh_key_init(&k);
	eh_key_u64(&k, seq);
	return eh_txn_scan(txn, EH_T_RESPONSES, eh_key_bytes(&k), each_response, &each, err);
}
