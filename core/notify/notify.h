/*
 * notify.h - notifications and the responses of supervisors.
 *
 * struct eh_notification is large (it can list a thousand evaluators): keep it on the heap.
 *
 * A notification holds a snapshot of the finding that raised it.  States: pending, confirmed,
 * rejected, actions, closed.  Responses are appended, never changed; the last one sets the state.
 */
#ifndef EH_NOTIFY_NOTIFY_H
#define EH_NOTIFY_NOTIFY_H

#include <stdint.h>

#include "audit/finding.h"
#include "base/err.h"
#include "journal/journal.h"
#include "store/store.h"

enum eh_notification_state { EH_N_PENDING, EH_N_CONFIRMED, EH_N_REJECTED, EH_N_ACTIONS, EH_N_CLOSED, EH_N_STATES };

#define EH_MEMBERS_MAX 1024             /* evaluators of a project to design for (DESIGN.md 6) */
#define EH_ACTIONS_MAX 8
#define EH_ACTION_TEXT_MAX 159
#define EH_RESPONSE_REASON_MAX 999

struct eh_action {
	char text[EH_ACTION_TEXT_MAX + 1];
	char owner[EH_ID_MAX + 1];      /* "" = not named */
	char due[11];                   /* "2026-12-01", "" = none */
};

struct eh_response {
	uint32_t seq;                   /* from 1 */
	enum eh_notification_state to;  /* confirmed, rejected, actions, closed */
	int64_t at;
	struct eh_actor actor;
	char reason[EH_RESPONSE_REASON_MAX + 1];        /* required, at least one visible character */
	uint32_t n_actions;
	struct eh_action actions[EH_ACTIONS_MAX];
};

struct eh_notification {
	uint64_t seq;                   /* printed as N0001 */
	enum eh_notification_state state;
	uint32_t revision;              /* raised by every response and every refresh: stale answers are refused */
	int64_t raised_at;
	uint64_t audit;                 /* run that raised or last refreshed it */
	char policy[EH_NAME_MAX + 1], policy_version[16], policy_hash[65];
	enum eh_policy_state policy_state;              /* of that text when it raised this */
	char pack[EH_PACK_TEXT_MAX + 1];                /* its rule pack then, in words; "" = none */
	struct eh_window window;        /* of the decisions that the finding is made of */
	bool systemic;                  /* addressed to the process: finding is the pooled one */
	struct eh_finding finding;
	uint32_t n_members;             /* systemic: evaluators it lists */
	/*
	 * Systemic, of all positions: who stands out on the same attribute and group, so that the run told of him on
	 * his own, and who is none of the members for that.  Not known: of one position, or stored by an earlier
	 * version.
	 */
	bool own_known;
	uint32_t n_own;                 /* evaluators */
	uint32_t own_named;             /* of them, those whose ids are kept: behind the members', smallest p first */
	eh_id members[EH_MEMBERS_MAX];  /* n_members + own_named <= EH_MEMBERS_MAX */
	uint32_t responses;
	uint64_t earlier;               /* the answered notification of the same matter before it, 0 = none */
	enum eh_notification_state earlier_state;       /* rejected or closed */
	int64_t earlier_at;             /* of its last response */
};

enum eh_raised { EH_RAISED_NEW, EH_RAISED_REFRESHED, EH_RAISED_ANSWERED };

/* Neither closed nor rejected. */
bool eh_notification_is_open(const struct eh_notification *n);
const char *eh_notification_state_text(enum eh_notification_state s);
void eh_notification_id(char out[16], uint64_t seq);                    /* "N0001" */
int eh_notification_parse(uint64_t *seq, const char *id, struct eh_err *err);   /* "N0001", "n1", "1" */

/*
 * The same matter is the same policy, evaluator, attribute, group, position; of a policy's own finding also the same
 * stage, question, period, subject and rule.  The days an audit looked at are none of it: the window tells what the
 * snapshot is of.  *seq is the notification that stands for
 * it, *how what was done:
 *   EH_RAISED_REFRESHED  the open one (state not closed or rejected): the snapshot changes, not the state
 *   EH_RAISED_ANSWERED   the last one was rejected or closed on the same evidence: nothing is written
 *   EH_RAISED_NEW        there was none, or the evidence is another than the answered one: a new one, with earlier_*
 * Evidence: counts, persons by provenance, reference, basis, verdict, scope, members, and the estimate of a screening;
 * of an own finding without counts what the policy says of it.  Who has a notification of his own is none of it: that
 * one is answered for itself.
 */
int eh_notification_raise(struct eh_txn *txn, const struct eh_notification *n, uint64_t *seq, enum eh_raised *how,
			  struct eh_err *err);
int eh_notification_get(struct eh_txn *txn, uint64_t seq, struct eh_notification *out, struct eh_err *err);
/* Systemic ones first, then by seq. */
int eh_notifications_each(struct eh_txn *txn, int (*fn)(void *ctx, const struct eh_notification *n, struct eh_err *err),
			  void *ctx, struct eh_err *err);

/*
 * Appends a response.  revision: what the answerer saw; EH_ESTALE when the stored one is another.
 * EH_EINVAL: empty reason, control characters, actions without `to` = actions or the reverse, a due date that is no
 * date, closing what has no response yet.
 */
int eh_notification_respond(struct eh_txn *txn, uint64_t seq, uint32_t revision, const struct eh_response *r,
			    struct eh_err *err);
/* The checks of respond alone, with the same errors; nothing is written. */
int eh_notification_check(struct eh_txn *txn, uint64_t seq, uint32_t revision, const struct eh_response *r,
			  struct eh_err *err);
int eh_responses_each(struct eh_txn *txn, uint64_t seq,
		      int (*fn)(void *ctx, const struct eh_response *r, struct eh_err *err), void *ctx,
		      struct eh_err *err);

#endif
