/* From new notifications to letters that are handed over; see mail.h. */
#include "desk/mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "desk/mail_inside.h"
#include "policy/registry.h"

/* A notification that waits, and what is said of it to whom. */
struct item {
	struct eh_notification n;
	char id[16];
	struct eh_hook_answer hook;
	bool answered;                  /* in no letter */
};

struct post {
	struct eh_desk *d;
	struct eh_mail_conf conf;
	struct eh_mail_report *report;
	int spool;
	struct eh_list items;           /* struct item * */
	struct eh_list letters;         /* struct eh_mail */
};

bool eh_desk_mail_on(const struct eh_desk *d)
{
	char path[2048];

	(void)snprintf(path, sizeof path, "%s/mail.conf", eh_desk_dir(d));
	return access(path, F_OK) == 0;
}

static struct item *item_at(const struct post *p, size_t i) { return ((struct item **)p->items.v)[i]; }

static void say_trouble(struct eh_mail_report *r, const char *text)
{
	if (r->trouble[0] == '\0')
		eh_text_printable(r->trouble, sizeof r->trouble, text, strlen(text));
}

/* ---- what waits ---- */

static int push_seq(void *ctx, uint64_t seq, struct eh_err *err)
{
	(void)err;
	(void)eh_list_push(ctx, &seq);
	return EH_OK;
}

static int push_letter(void *ctx, const struct eh_mail *m, struct eh_err *err)
{
	(void)err;
	(void)eh_list_push(ctx, m);
	return EH_OK;
}

/* Also of the time when mail was off; what was answered meanwhile needs no letter any more. */
static int load_items(struct eh_list *items, struct eh_txn *txn, struct eh_err *err)
{
	struct eh_list seqs;
	int rc;

	eh_list_init(&seqs, sizeof(uint64_t));
	rc = eh_mail_waiting(txn, push_seq, &seqs, err);
	for (size_t i = 0; i < seqs.n && rc == EH_OK; i++) {
		struct item *x = eh_xcalloc(1, sizeof *x);

		x->hook.silent = 1;
		(void)eh_list_push(items, &x);
		rc = eh_notification_get(txn, ((const uint64_t *)seqs.v)[i], &x->n, err);
		eh_notification_id(x->id, x->n.seq);
		x->answered = x->n.state != EH_N_PENDING;
	}
	free(seqs.v);
	return rc;
}

/* ---- what the policies say ---- */

/* The text that raised it, from the registry: what on_notification() of another text says is not asked. */
static int load_hook(struct post *p, const struct eh_notification *n, struct eh_policy **policy, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	char *text = NULL, file[EH_NAME_MAX + 8];
	size_t len = 0;
	int rc = eh_txn_begin(&txn, p->d->store, false, err);

	*policy = NULL;
	if (rc == EH_OK)
		rc = eh_registry_text(txn, n->policy_hash, &text, &len, err);
	eh_txn_abort(&txn);
	eh_store_suspend(p->d->store);          /* loading forks */
	(void)snprintf(file, sizeof file, "%s.lua", n->policy);
	if (rc == EH_OK)
		rc = p->d->engine->load_text(policy, file, text, len, err);
	free(text);
	return rc;
}

/* The letter names the notification all the same, without the policy's words. */
static void say_hook_trouble(struct eh_mail_report *r, const struct item *x)
{
	char text[sizeof x->hook.trouble + 64];

	if (x->hook.trouble[0] == '\0')
		return;
	(void)snprintf(text, sizeof text, "on_notification() of %s: %s", x->id, x->hook.trouble);
	say_trouble(r, text);
}

/* Asks one policy about all its notifications, from the first one on. */
static void ask_policy(struct post *p, size_t first)
{
	struct eh_hook_notice *v = eh_xcalloc(p->items.n, sizeof *v);
	struct eh_hook_answer *a = eh_xcalloc(p->items.n, sizeof *a);
	const char *hash = item_at(p, first)->n.policy_hash;
	struct eh_policy *policy = NULL;
	struct eh_err why = EH_ERR_INIT;
	size_t n = 0;
	int rc = load_hook(p, &item_at(p, first)->n, &policy, &why);

	for (size_t i = first; i < p->items.n; i++) {
		struct item *x = item_at(p, i);

		if (x->answered || strcmp(x->n.policy_hash, hash) != 0)
			continue;
		memcpy(v[n].id, x->id, sizeof v[n].id);
		v[n].finding = &x->n.finding;
		v[n].systemic = x->n.systemic;
		v[n++].members = x->n.n_members;
	}
	if (rc == EH_OK)
		rc = p->d->engine->notice(policy, v, n, a, &why);
	for (size_t i = first, k = 0; rc == EH_OK && i < p->items.n; i++)
		if (!item_at(p, i)->answered && strcmp(item_at(p, i)->n.policy_hash, hash) == 0) {
			item_at(p, i)->hook = a[k++];
			say_hook_trouble(p->report, item_at(p, i));
		}
	if (rc != EH_OK && rc != EH_ENOENT)
		say_trouble(p->report, why.msg);
	if (policy != NULL)
		p->d->engine->free(&policy);
	free(v);
	free(a);
}

static void ask_hooks(struct post *p)
{
	const struct eh_policy_engine *e = p->d->engine;

	if (e == NULL || e->notice == NULL || e->load_text == NULL)
		return;
	for (size_t i = 0; i < p->items.n; i++) {
		const char *hash = item_at(p, i)->n.policy_hash;
		bool asked = hash[0] == '\0' || item_at(p, i)->answered;

		for (size_t k = 0; k < i && !asked; k++)
			asked = !item_at(p, k)->answered && strcmp(item_at(p, k)->n.policy_hash, hash) == 0;
		if (!asked)
			ask_policy(p, i);
	}
}

/* ---- letters ---- */

/* Is the notification for those behind the role?  Without a word of the policy it is the supervisor's. */
static bool is_for(const struct post *p, const struct item *x, const struct eh_mail_role *role)
{
	if (x->answered)
		return false;
	if (x->hook.silent != 0 || x->hook.n_roles == 0)
		return role == &p->conf.roles[0];
	for (uint32_t i = 0; i < x->hook.n_roles; i++)
		if (eh_mail_conf_role(&p->conf, x->hook.roles[i]) == role)
			return true;
	return false;
}

static void put_item(struct eh_buf *b, const struct item *x)
{
	eh_buf_printf(b, "%s\n", x->id);
	if (x->hook.silent == 0)
		eh_buf_printf(b, "    %s\n", x->hook.text);
}

/* Appends the letter to a role; *n notifications, 0 = there is none. */
static int compose(struct post *p, const struct eh_mail_role *role, struct eh_mail *m, struct eh_buf *out,
		   struct eh_err *err)
{
	const char *to[EH_MAIL_TO_MAX];
	char subject[128], id[64], name[16];
	struct eh_buf body;
	int rc;

	eh_buf_init(&body, 1u << 20);
	for (size_t i = 0; i < role->n; i++)
		to[i] = role->to[i];
	eh_mail_id(name, m->seq);
	(void)snprintf(subject, sizeof subject, "Evenhand: %u notification%s to answer", m->notifications,
		       m->notifications == 1 ? "" : "s");
	(void)snprintf(id, sizeof id, "evenhand.%s.%lld", name, (long long)m->at);
	eh_buf_printf(&body, "%u notification%s of an audit wait%s for an answer:\n\n", m->notifications,
		      m->notifications == 1 ? "" : "s", m->notifications == 1 ? "s" : "");
	for (size_t i = 0; i < p->items.n; i++)
		if (is_for(p, item_at(p, i), role))
			put_item(&body, item_at(p, i));
	eh_buf_printf(&body, "\nLook at each with: evenhand notifications show ID\nA notification is a reason to look, "
		      "not a finding of fault. This is no legal advice.\n");
	rc = body.failed ? eh_err_set(err, EH_ENOMEM, "mail: out of memory")
			 : eh_letter_write(out,
					   &(struct eh_letter){ .date = m->at, .from = p->conf.from, .to = to,
								.n_to = role->n, .id = id, .subject = subject,
								.body = eh_buf_cstr(&body) },
					   err);
	eh_buf_free(&body);
	return rc;
}

/* Numbers of the letters to be written, m [roles] with 0 where there is none to a role: taken before the files are
 * written, so that no transaction waits for a file. */
static int take_numbers(struct post *p, struct eh_mail *m, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	int rc = eh_txn_begin(&txn, p->d->store, true, err);

	for (size_t r = 0; r < p->conf.n_roles && rc == EH_OK; r++) {
		m[r] = (struct eh_mail){ .at = eh_now(), .state = EH_MAIL_SPOOLED };
		(void)snprintf(m[r].role, sizeof m[r].role, "%s", p->conf.roles[r].role);
		for (size_t i = 0; i < p->items.n; i++)
			m[r].notifications += is_for(p, item_at(p, i), &p->conf.roles[r]);
		if (m[r].notifications > 0)
			rc = eh_txn_next(txn, "letter", &m[r].seq, err);
	}
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	return rc;
}

/* Its file comes first: a record without a file could never be sent. */
static int write_file(struct post *p, const struct eh_mail_role *role, struct eh_mail *m, struct eh_err *err)
{
	struct eh_buf letter;
	int rc;

	eh_buf_init(&letter, 2u << 20);
	rc = compose(p, role, m, &letter, err);
	if (rc == EH_OK)
		rc = eh_spool_write(p->spool, m->seq, &letter, err);
	eh_buf_free(&letter);
	return rc;
}

static int write_letters(struct post *p, struct eh_err *err)
{
	struct eh_mail m[EH_MAIL_ROLES_MAX];
	struct eh_txn *txn = NULL;
	int rc;

	if (p->items.n == 0)
		return EH_OK;
	ask_hooks(p);
	rc = take_numbers(p, m, err);
	for (size_t r = 0; r < p->conf.n_roles && rc == EH_OK; r++)
		if (m[r].seq != 0)
			rc = write_file(p, &p->conf.roles[r], &m[r], err);
	if (rc == EH_OK)
		rc = eh_txn_begin(&txn, p->d->store, true, err);
	for (size_t r = 0; r < p->conf.n_roles && rc == EH_OK; r++)
		if (m[r].seq != 0) {
			rc = eh_mail_put(txn, &m[r], err);
			p->report->written++;
		}
	for (size_t i = 0; i < p->items.n && rc == EH_OK; i++)
		rc = eh_mail_done(txn, item_at(p, i)->n.seq, err);
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	return rc;
}

/* ---- handing over ---- */

static bool to_be_tried(const struct eh_mail *m, bool again)
{
	return m->state == EH_MAIL_SPOOLED || m->state == EH_MAIL_FAILED || (again && m->state == EH_MAIL_GIVEN_UP);
}

static void try_letter(struct post *p, struct eh_mail *m)
{
	char why[200] = "", text[256], id[16];

	m->tries++;
	m->tried_at = eh_now();
	if (eh_spool_send(p->spool, m->seq, p->conf.sendmail, why)) {
		m->state = EH_MAIL_SENT;
		m->error[0] = '\0';
		p->report->sent++;
		return;
	}
	m->state = m->tries >= EH_MAIL_TRIES_MAX ? EH_MAIL_GIVEN_UP : EH_MAIL_FAILED;
	(void)snprintf(m->error, sizeof m->error, "%s", why);
	p->report->failed++;
	eh_mail_id(id, m->seq);
	(void)snprintf(text, sizeof text, "letter %s: %s", id, why);
	say_trouble(p->report, text);
}

static int record(struct post *p, const struct eh_mail *v, size_t n, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	char detail[EH_DETAIL_MAX + 1];
	int rc = eh_txn_begin(&txn, p->d->store, true, err);

	for (size_t i = 0; i < n && rc == EH_OK; i++)
		rc = eh_mail_put(txn, &v[i], err);
	(void)snprintf(detail, sizeof detail, "%u written, %u handed over, %u failed%s%s", p->report->written,
		       p->report->sent, p->report->failed, p->report->trouble[0] != '\0' ? "; " : "",
		       p->report->trouble);
	if (rc == EH_OK)
		rc = eh_journal_append(txn, &p->d->actor, "mail.send", "letters", detail, err);
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	return rc;
}

/* A letter that was given up keeps its file: it may be tried again. */
static void sweep(const struct post *p)
{
	const struct eh_mail *v = p->letters.v;
	uint64_t *keep = eh_xcalloc(p->letters.n + 1, sizeof *keep);
	size_t n = 0;

	for (size_t i = 0; i < p->letters.n; i++)
		if (v[i].state != EH_MAIL_SENT)
			keep[n++] = v[i].seq;
	eh_spool_sweep(p->spool, keep, n);
	free(keep);
}

static int send_letters(struct post *p, bool again, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	struct eh_mail *v;
	size_t n = 0;
	int rc = eh_txn_begin(&txn, p->d->store, false, err);

	if (rc == EH_OK)
		rc = eh_mails_each(txn, push_letter, &p->letters, err);
	eh_txn_abort(&txn);
	v = p->letters.v;
	if (rc == EH_OK)
		sweep(p);
	for (size_t i = 0; i < p->letters.n && rc == EH_OK; i++)
		if (to_be_tried(&v[i], again))
			v[n++] = v[i];
	if (rc != EH_OK || (n == 0 && p->report->written == 0))
		return rc;
	eh_store_suspend(p->d->store);          /* another program is started */
	for (size_t i = 0; i < n; i++)
		try_letter(p, &v[i]);
	return record(p, v, n, err);
}

int eh_desk_mail_send(struct eh_desk *d, bool again, struct eh_mail_report *out, struct eh_err *err)
{
	struct post *p = eh_xcalloc(1, sizeof *p);
	struct eh_txn *txn = NULL;
	int rc = eh_mail_conf_read(&p->conf, eh_desk_dir(d), err);

	memset(out, 0, sizeof *out);
	p->d = d;
	p->report = out;
	p->spool = -1;
	eh_list_init(&p->items, sizeof(struct item *));
	eh_list_init(&p->letters, sizeof(struct eh_mail));
	if (rc == EH_OK)
		rc = eh_spool_open(&p->spool, eh_desk_dir(d), err);
	if (rc == EH_OK)
		rc = eh_txn_begin(&txn, d->store, false, err);
	if (rc == EH_OK)
		rc = load_items(&p->items, txn, err);
	eh_txn_abort(&txn);
	if (rc == EH_OK)
		rc = write_letters(p, err);
	if (rc == EH_OK)
		rc = send_letters(p, again, err);
	out->waiting = rc == EH_OK ? 0 : (uint32_t)p->items.n;
	for (size_t i = 0; i < p->items.n; i++)
		free(item_at(p, i));
	free(p->items.v);
	free(p->letters.v);
	if (p->spool >= 0)
		close(p->spool);
	free(p);
	return rc;
}

int eh_desk_mail_after_audit(struct eh_desk *d, struct eh_mail_report *out, struct eh_err *err)
{
	struct eh_mail_conf *conf = eh_xcalloc(1, sizeof *conf);
	bool wanted = false;
	int rc = EH_OK;

	memset(out, 0, sizeof *out);
	if (eh_desk_mail_on(d))
		rc = eh_mail_conf_read(conf, eh_desk_dir(d), err);
	wanted = rc == EH_OK && conf->after_audit && conf->sendmail[0] != '\0';
	free(conf);
	return wanted ? eh_desk_mail_send(d, false, out, err) : rc;
}

/* Pending notifications that no letter told of, however long mail is on or off. */
static int count_waiting(struct eh_txn *txn, uint32_t *waiting, struct eh_err *err)
{
	struct eh_list items;
	int rc;

	eh_list_init(&items, sizeof(struct item *));
	rc = load_items(&items, txn, err);
	for (size_t i = 0; i < items.n; i++) {
		struct item *x = ((struct item **)items.v)[i];

		*waiting += !x->answered;
		free(x);
	}
	free(items.v);
	return rc;
}

int eh_desk_mail_status(struct eh_desk *d, struct eh_mail **v, size_t *n, uint32_t *waiting, char problem[512],
			struct eh_err *err)
{
	struct eh_mail_conf *conf = eh_xcalloc(1, sizeof *conf);
	struct eh_err why = EH_ERR_INIT;
	struct eh_txn *txn = NULL;
	struct eh_list list;
	int rc = eh_txn_begin(&txn, d->store, false, err);

	eh_list_init(&list, sizeof **v);
	*waiting = 0;
	problem[0] = '\0';
	if (eh_mail_conf_read(conf, eh_desk_dir(d), &why) != EH_OK)
		(void)snprintf(problem, 512, "%s", why.msg);
	if (rc == EH_OK)
		rc = eh_mails_each(txn, push_letter, &list, err);
	if (rc == EH_OK)
		rc = count_waiting(txn, waiting, err);
	eh_txn_abort(&txn);
	free(conf);
	*v = list.v;
	*n = list.n;
	return rc;
}
