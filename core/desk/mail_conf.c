/* PROJECT/mail.conf; see mail.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "desk/mail_inside.h"

#define NAME "mail.conf"
#define FILE_MAX 16384

static int wrong(struct eh_err *err, int line, const char *what)
{
	return eh_err_set(err, EH_EENV, NAME ":%d: %s", line, what);
}

static char *trimmed(char *s)
{
	char *end;

	s += strspn(s, " \t");
	end = s + strlen(s);
	while (end > s && strchr(" \t\r", end[-1]) != NULL)
		end--;
	*end = '\0';
	return s;
}

static bool role_word(const char *s)
{
	return s[0] != '\0' && strlen(s) <= 32 && s[strspn(s, "abcdefghijklmnopqrstuvwxyz_")] == '\0';
}

/* "a@example.org, b@example.org" */
static int take_addresses(struct eh_mail_role *r, char *value, int line, struct eh_err *err)
{
	char *rest = value, *one;

	while ((one = strsep(&rest, ",")) != NULL) {
		one = trimmed(one);
		if (!eh_address_valid(one))
			return wrong(err, line, "an address is wrong; write name@example.org, several with commas");
		if (r->n == EH_MAIL_TO_MAX)
			return wrong(err, line, "too many addresses; a list of the mail server is better");
		(void)snprintf(r->to[r->n++], sizeof r->to[0], "%s", one);
	}
	return EH_OK;
}

static int take_role(struct eh_mail_conf *c, const char *role, char *value, int line, struct eh_err *err)
{
	struct eh_mail_role *r = &c->roles[0];

	if (!role_word(role))
		return wrong(err, line, "a role is 1 to 32 of a-z and '_', such as to.supervisor");
	if (strcmp(role, "supervisor") != 0) {
		if (c->n_roles == EH_MAIL_ROLES_MAX)
			return wrong(err, line, "too many roles");
		r = &c->roles[c->n_roles++];
	}
	for (size_t i = 0; i < c->n_roles; i++)
		if (strcmp(c->roles[i].role, role) == 0 && c->roles[i].n > 0)
			return wrong(err, line, "this role was given before");
	(void)snprintf(r->role, sizeof r->role, "%s", role);
	return take_addresses(r, value, line, err);
}

static int take_line(struct eh_mail_conf *c, char *text, int line, struct eh_err *err)
{
	char *value = strchr(text, '='), *key;

	key = trimmed(text);
	if (key[0] == '\0' || key[0] == '#')
		return EH_OK;
	if (value == NULL)
		return wrong(err, line, "write key = value");
	*value++ = '\0';
	key = trimmed(text);
	value = trimmed(value);
	if (strncmp(key, "to.", 3) == 0)
		return take_role(c, key + 3, value, line, err);
	if (strcmp(key, "sendmail") == 0) {
		if (value[0] != '/' || strlen(value) >= sizeof c->sendmail)
			return wrong(err, line, "sendmail is the absolute path of a program");
		(void)snprintf(c->sendmail, sizeof c->sendmail, "%s", value);
	} else if (strcmp(key, "from") == 0) {
		if (!eh_address_valid(value))
			return wrong(err, line, "from is one address such as evenhand@example.org");
		(void)snprintf(c->from, sizeof c->from, "%s", value);
	} else if (strcmp(key, "after_audit") == 0) {
		if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
			return wrong(err, line, "after_audit is yes or no");
		c->after_audit = value[0] == 'y';
	} else {
		return wrong(err, line, "unknown key: there are sendmail, from, to.ROLE and after_audit");
	}
	return EH_OK;
}

/* Whoever can write it can have any program run, and whoever reads it knows the addresses. */
static int check_file(int fd, const char *dir, struct eh_err *err)
{
	struct stat st, home;

	if (fstat(fd, &st) != 0 || stat(dir, &home) != 0 || !S_ISREG(st.st_mode))
		return eh_err_set(err, EH_EENV, NAME " is no regular file");
	if ((st.st_mode & 077) != 0)
		return eh_err_set(err, EH_EENV, NAME " can be read or written by others; run: chmod 600 " NAME);
	if (st.st_uid != geteuid() && st.st_uid != 0 && st.st_uid != home.st_uid)
		return eh_err_set(err, EH_EENV, NAME " belongs to somebody else than you, root and the "
				  "project's owner");
	if (st.st_size >= FILE_MAX)
		return eh_err_set(err, EH_EENV, NAME " is longer than %d bytes", FILE_MAX - 1);
	return EH_OK;
}

static int read_file(char text[FILE_MAX], const char *dir, struct eh_err *err)
{
	char path[2048];
	ssize_t got;
	size_t n = 0;
	int fd, rc;

	(void)snprintf(path, sizeof path, "%s/" NAME, dir);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return eh_err_set(err, EH_ENOENT, "mail is off: the project has no " NAME);
	if (fd < 0) {
		const int saved = errno;

		return eh_err_set(err, EH_EENV, NAME " cannot be read: %s", strerror(saved));
	}
	rc = check_file(fd, dir, err);
	while (rc == EH_OK && n + 1 < FILE_MAX && (got = read(fd, text + n, FILE_MAX - 1 - n)) > 0)
		n += (size_t)got;
	close(fd);
	text[n] = '\0';
	return rc == EH_OK && strlen(text) != n ? eh_err_set(err, EH_EENV, NAME " holds a zero byte") : rc;
}

int eh_mail_conf_read(struct eh_mail_conf *out, const char *dir, struct eh_err *err)
{
	char text[FILE_MAX] = "", *rest = text, *one;
	int line = 0, rc = read_file(text, dir, err);

	memset(out, 0, sizeof *out);
	out->after_audit = true;
	out->n_roles = 1;
	while (rc == EH_OK && (one = strsep(&rest, "\n")) != NULL)
		rc = take_line(out, one, ++line, err);
	if (rc != EH_OK)
		return rc;
	if (out->sendmail[0] == '\0' || out->from[0] == '\0' || out->roles[0].n == 0)
		return eh_err_set(err, EH_EENV, NAME " lacks %s", out->sendmail[0] == '\0' ? "sendmail" :
				  out->from[0] == '\0' ? "from" : "to.supervisor");
	return EH_OK;
}

const struct eh_mail_role *eh_mail_conf_role(const struct eh_mail_conf *c, const char *role)
{
	for (size_t i = 0; i < c->n_roles; i++)
		if (strcmp(c->roles[i].role, role) == 0)
			return &c->roles[i];
	return &c->roles[0];
}
