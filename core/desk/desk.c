/* Projects: making, finding, opening; import and consent; see desk.h. */
#include "desk/desk.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "desk/inside.h"

#define MARK_FILE "evenhand.project"

void eh_list_init(struct eh_list *l, size_t size)
{
	*l = (struct eh_list){ NULL, 0, 0, size };
}

void *eh_list_push(struct eh_list *l, const void *element)
{
	char *slot;

	if (l->n == l->cap) {
		l->cap = l->cap != 0 ? 2 * l->cap : 16;
		l->v = eh_xrealloc(l->v, l->cap, l->size);
	}
	slot = (char *)l->v + l->n++ * l->size;
	if (element != NULL)
		memcpy(slot, element, l->size);
	else
		memset(slot, 0, l->size);
	return slot;
}

void eh_list_free_(void **v)
{
	free(*v);
	*v = NULL;
}

static int open_at(struct eh_desk **out, const char *dir, const struct eh_policy_engine *engine, struct eh_err *err)
{
	struct eh_desk *d = eh_xcalloc(1, sizeof *d);
	int rc = eh_store_open(&d->store, dir, err);

	if (rc != EH_OK) {
		free(d);
		return rc;
	}
	d->engine = engine;
	eh_actor_self(&d->actor);
	*out = d;
	return EH_OK;
}

int eh_desk_init(const char *dir, struct eh_err *err)
{
	struct eh_desk *d = NULL;
	struct eh_txn *txn = NULL;
	int rc = eh_store_create(dir, err);

	if (rc == EH_OK)
		rc = open_at(&d, dir, NULL, err);
	if (rc != EH_OK)
		return rc;
	rc = eh_txn_begin(&txn, d->store, true, err);
	if (rc == EH_OK)
		rc = eh_journal_append(txn, &d->actor, "init", "project", "", err);
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	eh_desk_close(&d);
	return rc;
}

static bool is_project(const char *dir)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof path, "%s/%s", dir, MARK_FILE) < (int)sizeof path && access(path, F_OK) == 0;
}

int eh_desk_find_project(char *out, size_t size, const char *given, struct eh_err *err)
{
	const char *env = getenv("EVENHAND_PROJECT");
	char dir[PATH_MAX];

	if (given == NULL && env != NULL && env[0] != '\0')
		given = env;
	if (given != NULL) {
		if (!is_project(given))
			return eh_err_set(err, EH_ENOENT, "%.300s is no Evenhand project; make one with: evenhand init %.100s", given, given);
		if (realpath(given, dir) == NULL)
			return eh_err_set(err, EH_EIO, "%.300s: %s", given, strerror(errno));
		return eh_text_copy(out, size, dir, "the project's path", err);
	}
	if (getcwd(dir, sizeof dir) == NULL)
		return eh_err_set(err, EH_EIO, "current directory: %s", strerror(errno));
	for (;;) {
		char *slash;

		if (is_project(dir))
			return eh_text_copy(out, size, dir, "the project's path", err);
		slash = strrchr(dir, '/');
		if (slash == NULL || slash == dir)
			break;
		*slash = '\0';
	}
	return eh_err_set(err, EH_ENOENT, "no project here or above; name one with --project DIR, or make one with: evenhand init DIR");
}

int eh_desk_open(struct eh_desk **out, const char *dir, const struct eh_policy_engine *engine, struct eh_err *err)
{
	*out = NULL;
	return open_at(out, dir, engine, err);
}

void eh_desk_close(struct eh_desk **d)
{
	if (d == NULL || *d == NULL)
		return;
	eh_store_close(&(*d)->store);
	free(*d);
	*d = NULL;
}

const char *eh_desk_dir(const struct eh_desk *d)
{
	return eh_store_dir(d->store);
}

const struct eh_actor *eh_desk_actor(const struct eh_desk *d)
{
	return &d->actor;
}

uint64_t eh_desk_version(struct eh_desk *d)
{
	return eh_store_version(d->store);
}

/* ---- in ---- */

int eh_desk_import(struct eh_desk *d, enum eh_import_kind kind, const char *path, bool dry_run,
		   struct eh_import_report *report, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	char detail[EH_DETAIL_MAX + 1];
	int rc = eh_txn_begin(&txn, d->store, true, err);

	if (rc != EH_OK)
		return rc;
	rc = eh_import_csv(txn, kind, path, report, err);
	if (rc != EH_OK || dry_run)
		goto out;
	/* the same file twice changes nothing and is no act */
	if (report->fresh + report->changed > 0) {
		(void)snprintf(detail, sizeof detail, "%llu rows: %llu new, %llu changed, %llu the same",
			       (unsigned long long)report->rows, (unsigned long long)report->fresh,
			       (unsigned long long)report->changed, (unsigned long long)report->same);
		rc = eh_journal_append(txn, &d->actor, "import", eh_import_kind_text(kind), detail, err);
	}
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	if (rc == EH_OK && kind == EH_IMPORT_CONSENTS)
		rc = eh_desk_sweep(d, NULL, err);
out:
	eh_txn_abort(&txn);
	return rc;
}

int eh_desk_consent(struct eh_desk *d, const struct eh_consent *c, enum eh_change *change, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	struct eh_candidate *who = eh_xcalloc(1, sizeof *who);
	char object[EH_OBJECT_MAX + 1];
	int rc = eh_purpose_check(c->purpose, err);

	if (rc == EH_OK)
		rc = eh_txn_begin(&txn, d->store, true, err);
	if (rc == EH_OK)
		rc = eh_candidate_get(txn, c->candidate, who, err);
	if (rc == EH_OK)
		rc = eh_consent_put(txn, c, change, err);
	if (rc == EH_OK && *change != EH_SAME) {
		(void)snprintf(object, sizeof object, "candidate %s", c->candidate);
		rc = eh_journal_append(txn, &d->actor, c->granted ? "consent.grant" : "consent.withdraw", object, c->purpose, err);
	}
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	if (rc == EH_OK && !c->granted)
		rc = eh_desk_sweep(d, c->candidate, err);
	free(who);
	return rc;
}

static int push_consent(void *ctx, const struct eh_consent *c, struct eh_err *err)
{
	(void)err;
	(void)eh_list_push(ctx, c);
	return EH_OK;
}

int eh_desk_consents(struct eh_desk *d, const char *candidate, struct eh_consent **v, size_t *n, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	struct eh_list list;
	int rc = eh_txn_begin(&txn, d->store, false, err);

	eh_list_init(&list, sizeof **v);
	if (rc == EH_OK)
		rc = eh_consents_each(txn, candidate, push_consent, &list, err);
	eh_txn_abort(&txn);
	*v = list.v;
	*n = list.n;
	return rc;
}
