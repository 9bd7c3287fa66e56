/* Codecs of notifications and responses; see record.h. */
#include "notify/record.h"

#include <stddef.h>
#include <string.h>

#include "audit/codec.h"
#include "notify/line.h"
#include "store/codec.h"

/* 2: the earlier one of the same matter; 3, 4: the finding's layouts 2, 3; 5: the policy's state; 6: the finding's
 * layout 4 and the rule pack; 7: the window; 8: the finding's layout 5; 9: its layout 6 and who has a notification of
 * his own */
#define NOTIFICATION_VERSION 9
#define RESPONSE_VERSION 1

static void put_own(struct eh_buf *b, const struct eh_notification *n)
{
	eh_put_u8(b, n->own_known);
	eh_put_u32(b, n->n_own);
	eh_put_u32(b, n->own_named);
	for (uint32_t i = 0; i < n->own_named; i++)
		eh_put_str(b, n->members[n->n_members + i]);
}

static void get_own(struct eh_reader *r, struct eh_notification *n)
{
	const uint8_t known = eh_get_u8(r);

	n->own_known = known == 1;
	n->n_own = eh_get_u32(r);
	n->own_named = eh_get_u32(r);
	if (known > 1 || n->own_named > n->n_own || n->n_members > EH_MEMBERS_MAX ||
	    n->own_named > EH_MEMBERS_MAX - n->n_members)
		r->bad = true;
	for (uint32_t i = 0; i < n->own_named && !r->bad; i++)
		eh_get_str(r, n->members[n->n_members + i], sizeof n->members[0]);
}

int eh_notification_store(struct eh_txn *txn, const struct eh_notification *n, struct eh_err *err)
{
	struct eh_buf b;
	struct eh_key k;
	int rc;

	eh_buf_init(&b, EH_RECORD_MAX);
	eh_record_begin(&b, NOTIFICATION_VERSION);
	eh_put_u64(&b, n->seq);
	eh_put_u8(&b, (uint8_t)n->state);
	eh_put_u32(&b, n->revision);
	eh_put_i64(&b, n->raised_at);
	eh_put_u64(&b, n->audit);
	eh_put_str(&b, n->policy);
	eh_put_str(&b, n->policy_version);
	eh_put_str(&b, n->policy_hash);
	eh_put_u8(&b, n->systemic);
	eh_put_u32(&b, n->responses);
	eh_put_u32(&b, n->n_members);
	for (uint32_t i = 0; i < n->n_members; i++)
		eh_put_str(&b, n->members[i]);
	eh_finding_encode(&b, &n->finding);
	eh_put_u64(&b, n->earlier);
	eh_put_u8(&b, (uint8_t)n->earlier_state);
	eh_put_i64(&b, n->earlier_at);
	eh_put_u8(&b, (uint8_t)n->policy_state);
	eh_put_str(&b, n->pack);
	eh_put_str(&b, n->window.from);
	eh_put_str(&b, n->window.to);
	eh_put_u8(&b, n->window.period);
	put_own(&b, n);
	eh_key_init(&k);
	eh_key_u64(&k, n->seq);
	rc = b.failed ? eh_err_set(err, EH_ENOMEM, "notification: out of memory")
		      : eh_txn_put(txn, EH_T_NOTIFICATIONS, eh_key_bytes(&k), (struct eh_bytes){ b.data, b.len }, err);
	eh_buf_free(&b);
	return rc == EH_OK ? eh_notification_line_store(txn, n, err) : rc;
}

static unsigned finding_layout(uint16_t version)
{
	if (version >= 8)
		return version == 8 ? 5 : 6;
	if (version >= 6)
		return 4;
	return version >= 4 ? 3 : version == 3 ? 2 : 1;
}

int eh_notification_decode(struct eh_notification *n, struct eh_bytes value, struct eh_err *err)
{
	struct eh_reader r;
	uint8_t state, earlier;
	uint16_t version = 0;
	int rc = eh_record_open(&r, value, NOTIFICATION_VERSION, &version, "notification", err);

	/* not the room for members, 64 KiB that nobody looks at beyond n_members: a raise decodes every notification */
	memset(n, 0, offsetof(struct eh_notification, members));
	memset(&n->responses, 0, sizeof *n - offsetof(struct eh_notification, responses));
	if (rc != EH_OK)
		return rc;
	n->seq = eh_get_u64(&r);
	state = eh_get_u8(&r);
	n->state = state < EH_N_STATES ? (enum eh_notification_state)state : EH_N_PENDING;
	n->revision = eh_get_u32(&r);
	n->raised_at = eh_get_i64(&r);
	n->audit = eh_get_u64(&r);
	eh_get_str(&r, n->policy, sizeof n->policy);
	eh_get_str(&r, n->policy_version, sizeof n->policy_version);
	eh_get_str(&r, n->policy_hash, sizeof n->policy_hash);
	n->systemic = eh_get_u8(&r) != 0;
	n->responses = eh_get_u32(&r);
	n->n_members = eh_get_u32(&r);
	if (state >= EH_N_STATES || n->n_members > sizeof n->members / sizeof n->members[0])
		r.bad = true;
	for (uint32_t i = 0; i < n->n_members && !r.bad; i++)
		eh_get_str(&r, n->members[i], sizeof n->members[i]);
	eh_finding_decode(&r, &n->finding, finding_layout(version));
	if (version >= 2) {
		n->earlier = eh_get_u64(&r);
		earlier = eh_get_u8(&r);
		n->earlier_state = earlier < EH_N_STATES ? (enum eh_notification_state)earlier : EH_N_PENDING;
		n->earlier_at = eh_get_i64(&r);
		r.bad = r.bad || earlier >= EH_N_STATES;
	}
	if (version >= 5) {
		uint8_t policy_state = eh_get_u8(&r);

		n->policy_state = policy_state < EH_POLICY_STATES ? (enum eh_policy_state)policy_state : 0;
		r.bad = r.bad || policy_state >= EH_POLICY_STATES;
	}
	if (version >= 6)
		eh_get_str(&r, n->pack, sizeof n->pack);
	if (version >= 7) {
		eh_get_str(&r, n->window.from, sizeof n->window.from);
		eh_get_str(&r, n->window.to, sizeof n->window.to);
		n->window.period = eh_get_u8(&r);
		r.bad = r.bad || n->window.period > EH_BY_YEAR;
	}
	if (version >= 9)
		get_own(&r, n);
	return eh_record_close(&r, "notification", err);
}

int eh_response_store(struct eh_txn *txn, uint64_t notification, const struct eh_response *r, struct eh_err *err)
{
	struct eh_buf b;
	struct eh_key k;
	int rc;

	eh_buf_init(&b, EH_RECORD_MAX);
	eh_record_begin(&b, RESPONSE_VERSION);
	eh_put_u32(&b, r->seq);
	eh_put_u8(&b, (uint8_t)r->to);
	eh_put_i64(&b, r->at);
	eh_put_u32(&b, r->actor.uid);
	eh_put_str(&b, r->actor.login);
	eh_put_str(&b, r->reason);
	eh_put_u32(&b, r->n_actions);
	for (uint32_t i = 0; i < r->n_actions; i++) {
		eh_put_str(&b, r->actions[i].text);
		eh_put_str(&b, r->actions[i].owner);
		eh_put_str(&b, r->actions[i].due);
	}
	eh_key_init(&k);
	eh_key_u64(&k, notification);
	eh_key_u32(&k, r->seq);
	rc = b.failed ? eh_err_set(err, EH_ENOMEM, "response: out of memory")
		      : eh_txn_put(txn, EH_T_RESPONSES, eh_key_bytes(&k), (struct eh_bytes){ b.data, b.len }, err);
	eh_buf_free(&b);
	return rc;
}

int eh_response_decode(struct eh_response *r, struct eh_bytes value, struct eh_err *err)
{
	struct eh_reader rd;
	uint8_t to;
	int rc = eh_record_open(&rd, value, RESPONSE_VERSION, NULL, "response", err);

	memset(r, 0, sizeof *r);
	if (rc != EH_OK)
		return rc;
	r->seq = eh_get_u32(&rd);
	to = eh_get_u8(&rd);
	r->to = to < EH_N_STATES ? (enum eh_notification_state)to : EH_N_PENDING;
	r->at = eh_get_i64(&rd);
	r->actor.uid = eh_get_u32(&rd);
	eh_get_str(&rd, r->actor.login, sizeof r->actor.login);
	eh_get_str(&rd, r->reason, sizeof r->reason);
	r->n_actions = eh_get_u32(&rd);
	if (to >= EH_N_STATES || r->n_actions > EH_ACTIONS_MAX)
		rd.bad = true;
	for (uint32_t i = 0; i < r->n_actions && !rd.bad; i++) {
		eh_get_str(&rd, r->actions[i].text, sizeof r->actions[i].text);
		eh_get_str(&rd, r->actions[i].owner, sizeof r->actions[i].owner);
		eh_get_str(&rd, r->actions[i].due, sizeof r->actions[i].due);
	}
	return eh_record_close(&rd, "response", err);
}
