/*
 * mail_inside.h - what the files of desk/mail share; nobody else includes it.
 */
#ifndef EH_DESK_MAIL_INSIDE_H
#define EH_DESK_MAIL_INSIDE_H

#include "desk/inside.h"
#include "desk/mail.h"
#include "exchange/letter.h"

#define EH_MAIL_ROLES_MAX 16
#define EH_MAIL_TO_MAX 8

struct eh_mail_role {
	char role[33];
	size_t n;
	char to[EH_MAIL_TO_MAX][EH_ADDRESS_MAX + 1];
};

struct eh_mail_conf {
	char sendmail[1024];            /* absolute */
	char from[EH_ADDRESS_MAX + 1];
	bool after_audit;
	size_t n_roles;
	struct eh_mail_role roles[EH_MAIL_ROLES_MAX];   /* the first is the supervisor's */
};

/* PROJECT/mail.conf.  EH_ENOENT: there is none; EH_EENV: unsafe mode or owner, or a line that is wrong. */
int eh_mail_conf_read(struct eh_mail_conf *out, const char *dir, struct eh_err *err);
/* Whom a role's letters go to: the supervisor where the file has no such role. */
const struct eh_mail_role *eh_mail_conf_role(const struct eh_mail_conf *c, const char *role);

/* Makes PROJECT/spool (0700) where it is not, and keeps others from sending until the descriptor is closed.  EH_EENV:
 * unsafe; EH_ESTALE: somebody else is sending. */
int eh_spool_open(int *fd, const char *dir, struct eh_err *err);
/* Takes away what no letter [n] of keep needs any more: what a crash left. */
void eh_spool_sweep(int fd, const uint64_t *keep, size_t n);
/* PROJECT/spool/L0001.eml, 0600, in one step and on disk.  EH_EENV. */
int eh_spool_write(int fd, uint64_t seq, const struct eh_buf *letter, struct eh_err *err);
/* Gives it to the program's standard input, lines ended by \n as it wants them, and takes the file away when the
 * program says that it took it.  false: why says what happened, without addresses. */
bool eh_spool_send(int fd, uint64_t seq, const char *sendmail, char why[200]);

#endif
