/*
 * mail.h - telling supervisors of new notifications by mail: off unless the project has a mail.conf.
 *
 * PROJECT/mail.conf, mode 0600, owned by who uses it, by the owner of the project or by root:
 *   sendmail = /usr/sbin/sendmail       a program that takes -i -t and a message on its standard input
 *   from = evenhand@example.org
 *   to.supervisor = a@example.org, b@example.org       required; to.ROLE for the other roles of on_notification()
 *   after_audit = no                    (yes) hand letters over when an audit has raised something
 * A letter holds ids, a count, and what the policy's on_notification() says, which knows ids and counts only.
 * Addresses stand in mail.conf and, until it is handed over, in the letter's file PROJECT/spool/L0001.eml (0600, in a
 * directory of 0700), never in an argument, the store or the journal.
 */
#ifndef EH_DESK_MAIL_H
#define EH_DESK_MAIL_H

#include "desk/desk.h"
#include "notify/mail.h"

/* Is there a mail.conf?  What it says is looked at when letters are written. */
bool eh_desk_mail_on(const struct eh_desk *d);

struct eh_mail_report {
	uint32_t written;               /* letters, in this call */
	uint32_t sent, failed;          /* handed over, or not, in this call */
	uint32_t waiting;               /* notifications without a letter after it */
	char trouble[512];              /* what a person should know: of a hook, of the first letter that failed */
};

/*
 * Writes the letters of the pending notifications that wait, those raised while mail was off among them, and hands
 * over those and the ones that failed before; again: also those given up.  EH_ENOENT: no mail.conf; EH_EENV: it is
 * unsafe or wrong (the text names the line), or the spool cannot be used; EH_ESTALE: somebody else is sending.  A
 * letter that fails is no error of this function.  Journalled: "mail.send", without addresses.
 */
int eh_desk_mail_send(struct eh_desk *d, bool again, struct eh_mail_report *out, struct eh_err *err);
/* eh_desk_mail_send after an audit, where mail.conf exists and does not say no. */
int eh_desk_mail_after_audit(struct eh_desk *d, struct eh_mail_report *out, struct eh_err *err);

/* EH_OK with *problem "" = mail.conf is fine; else what is wrong.  v [n] letters, caller frees; *waiting pending
 * notifications without a letter, also those raised while mail was off. */
int eh_desk_mail_status(struct eh_desk *d, struct eh_mail **v, size_t *n, uint32_t *waiting, char problem[512],
			struct eh_err *err);

#endif
