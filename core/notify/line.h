/*
 * line.h - what a list shows of a notification, without its evidence, and which notifications are of one matter.
 *
 * A notification is a record of kilobytes; a desk lists 100,000 of them between two key presses.  The lines stand in a
 * table of their own, written with the notification in the same transaction.  In a project whose notifications were
 * stored by a program that knew no lines they are made by the next writer, and read from the notifications until then.
 */
#ifndef EH_NOTIFY_LINE_H
#define EH_NOTIFY_LINE_H

#include <stdint.h>

#include "base/arena.h"
#include "notify/notify.h"

struct eh_notification_line {
	uint64_t seq;
	int64_t raised_at;
	uint32_t n_members;             /* of a systemic one: evaluators it lists */
	enum eh_notification_state state;
	enum eh_basis basis;
	enum eh_verdict_kind verdict;
	bool systemic;
	struct eh_num ratio, q;         /* of the finding, as the verdict rests on them */
	struct eh_interval ratio_interval;
	/* what the finding is about; never NULL */
	const char *evaluator, *attribute, *group, *position;
	const char *part;               /* stage, question or period of a policy's own finding, "" = none */
	const char *subject;            /* that a policy gave its own finding, "" = none */
};

/* The lines of all, systemic ones first, then by seq.  The line and its texts are borrowed until fn returns. */
int eh_notification_lines_each(struct eh_txn *txn,
			       int (*fn)(void *ctx, const struct eh_notification_line *l, struct eh_err *err),
			       void *ctx, struct eh_err *err);

struct eh_notification_lines {          /* all zero = empty */
	struct eh_notification_line *v; /* [n] */
	size_t n, cap;
	struct eh_arena texts;
};
/* Appends a copy. */
void eh_notification_lines_add(struct eh_notification_lines *list, const struct eh_notification_line *l);
void eh_notification_lines_free(struct eh_notification_lines *list);

/* ---- inside the room ---- */

/* Line and matter of a notification that is being stored. */
int eh_notification_line_store(struct eh_txn *txn, const struct eh_notification *n, struct eh_err *err);
/* Makes the lines of notifications that have none. */
int eh_notification_lines_complete(struct eh_txn *txn, struct eh_err *err);
/* Calls fn with the seq of every notification that can be of the matter of n, in order; a few others may be among
 * them.  A value other than 0 from fn ends it and is returned. */
int eh_notification_matter_each(struct eh_txn *txn, const struct eh_notification *n,
				int (*fn)(void *ctx, uint64_t seq, struct eh_err *err), void *ctx, struct eh_err *err);

#endif
