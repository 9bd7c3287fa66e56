/* Projects: making, finding, opening; import and consent; see desk.h. */
#include "desk/desk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "desk/inside.h"

#define MARK_FILE "evenhand.project"
#define PIPE_MAX (UINT64_C(4) << 30)    /* [bytes] kept in memory of a table that comes from a pipe */

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

static int open_at(struct eh_desk **out, const char *dir, const struct eh_policy_engine *engine,
		   const struct eh_progress *progress, struct eh_err *err)
{
	struct eh_desk *d = eh_xcalloc(1, sizeof *d);
	bool clean = false;
	int rc = eh_store_open(&d->store, dir, err);

	if (rc != EH_OK) {
		free(d);
		return rc;
	}
	d->engine = engine;
	d->progress = progress;
	eh_actor_self(&d->actor);
	*out = d;
	/* what was deleted while others had the project open; it stays wanted where it does not succeed */
	(void)eh_desk_tidy(d, &clean, NULL);
	return EH_OK;
}

static int journal_init(struct eh_txn *txn, void *ctx, struct eh_err *err)
{
	struct eh_actor self;

	(void)ctx;
	eh_actor_self(&self);
	return eh_journal_append(txn, &self, "init", "project", "", err);
}

int eh_desk_init(const char *dir, struct eh_err *err)
{
	return eh_store_create(dir, journal_init, NULL, err);
}

/* EH_ENOENT: none; EH_EENV: what is there may not be looked at, and err says whose it is. */
static int is_project(const char *dir, struct eh_err *err)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof path, "%s/%s", dir, MARK_FILE) >= (int)sizeof path)
		return eh_err_set(err, EH_ERANGE, "%.200s: path too long", dir);
	if (access(path, F_OK) == 0)
		return EH_OK;
	if (errno == EACCES)
		return eh_store_refuse_foreign(dir, err);
	return eh_err_set(err, EH_ENOENT, "%.300s is no Evenhand project; make one with: evenhand init %.100s", dir,
			  dir);
}

int eh_desk_find_project(char *out, size_t size, const char *given, struct eh_err *err)
{
	const char *env = getenv("EVENHAND_PROJECT");
	char dir[PATH_MAX];
	int rc;

	if (given == NULL && env != NULL && env[0] != '\0')
		given = env;
	if (given != NULL) {
		rc = is_project(given, err);
		if (rc != EH_OK)
			return rc;
		if (realpath(given, dir) == NULL)
			return eh_err_set(err, EH_EIO, "%.300s: %s", given, strerror(errno));
		return eh_text_copy(out, size, dir, "the project's path", err);
	}
	if (getcwd(dir, sizeof dir) == NULL)
		return eh_err_set(err, EH_EIO, "current directory: %s", strerror(errno));
	for (;;) {
		char *slash;

		/* a directory above that is not ours to look into is no project of ours */
		if (is_project(dir, NULL) == EH_OK)
			return eh_text_copy(out, size, dir, "the project's path", err);
		slash = strrchr(dir, '/');
		if (slash == NULL || slash == dir)
			break;
		*slash = '\0';
	}
	return eh_err_set(err, EH_ENOENT,
			  "no project here or above; name one with --project DIR, or make one with: evenhand init DIR");
}

int eh_desk_note_refusal(struct eh_desk *d, int rc, const char *verb, const char *object, const struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	char entry[EH_VERB_MAX + 1];

	if (rc != EH_EREFUSED)
		return rc;
	(void)snprintf(entry, sizeof entry, "%.20s.refused", verb);
	/* what was refused stays refused when the note cannot be stored: the caller's error is the one that counts */
	if (eh_txn_begin(&txn, d->store, true, NULL) == EH_OK &&
	    eh_journal_append(txn, &d->actor, entry, object, err != NULL ? err->msg : "", NULL) == EH_OK)
		(void)eh_txn_commit(&txn, NULL);
	eh_txn_abort(&txn);
	return rc;
}

int eh_desk_open(struct eh_desk **out, const char *dir, const struct eh_policy_engine *engine, struct eh_err *err)
{
	return eh_desk_open_told(out, dir, engine, NULL, err);
}

int eh_desk_open_told(struct eh_desk **out, const char *dir, const struct eh_policy_engine *engine,
		      const struct eh_progress *progress, struct eh_err *err)
{
	*out = NULL;
	return open_at(out, dir, engine, progress, err);
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

/* ---- in ---- */

/* What a pipe still has to say is waited for before the transaction begins, not in it: the table's bytes go to memory,
 * and standard input reads them from there. */
static int settle_pipe(const char **path, struct eh_err *err)
{
	char block[1 << 16];
	struct stat st;
	uint64_t total = 0;
	ssize_t n = 0;
	int in, memory, why = 0;

	if (strcmp(*path, "-") != 0 && (stat(*path, &st) != 0 || S_ISREG(st.st_mode)))
		return EH_OK;           /* a file that cannot be read is the importer's to tell */
	in = strcmp(*path, "-") == 0 ? STDIN_FILENO : open(*path, O_RDONLY | O_CLOEXEC);
	memory = in >= 0 ? memfd_create("evenhand-import", MFD_CLOEXEC) : -1;
	if (memory < 0)
		why = errno;
	while (why == 0 && (n = read(in, block, sizeof block)) != 0) {
		if (n < 0 && errno != EINTR)
			why = errno;
		total += n > 0 ? (uint64_t)n : 0;
		if (total > PIPE_MAX)
			why = EFBIG;
		for (ssize_t done = 0, put = 0; done < n && why == 0; done += put) {
			put = write(memory, block + done, (size_t)(n - done));
			why = put < 0 ? errno : 0;
		}
	}
	if (why == 0 && (lseek(memory, 0, SEEK_SET) < 0 || dup2(memory, STDIN_FILENO) < 0))
		why = errno;
	if (in > STDIN_FILENO)
		(void)close(in);
	if (memory >= 0)
		(void)close(memory);
	if (why != 0)
		return eh_err_set(err, EH_EIO, "%.300s: %s", strcmp(*path, "-") == 0 ? "standard input" : *path,
				  strerror(why));
	clearerr(stdin);
	*path = "-";
	return EH_OK;
}

static int store_import(struct eh_desk *d, struct eh_txn *txn, enum eh_import_kind kind,
			const struct eh_import_report *report, struct eh_err *err)
{
	char detail[EH_DETAIL_MAX + 1];
	int rc = EH_OK;

	/* the same file twice changes nothing and is no act */
	if (report->fresh + report->changed > 0) {
		(void)snprintf(detail, sizeof detail, "%llu rows: %llu new, %llu changed, %llu the same",
			       (unsigned long long)report->rows, (unsigned long long)report->fresh,
			       (unsigned long long)report->changed, (unsigned long long)report->same);
		rc = eh_journal_append(txn, &d->actor, "import", eh_import_kind_text(kind), detail, err);
	}
	/* a withdrawal, or another place with other gates, ends what rests on the old state */
	if (rc == EH_OK && (kind == EH_IMPORT_CONSENTS || kind == EH_IMPORT_CANDIDATES))
		rc = eh_desk_sweep_in(txn, &d->actor, NULL, NULL, err);
	return rc;
}

int eh_desk_import(struct eh_desk *d, enum eh_import_kind kind, const char *path, bool dry_run,
		   struct eh_import_report *report, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	bool clean = false;
	int rc;

	memset(report, 0, sizeof *report);
	rc = settle_pipe(&path, err);
	if (rc == EH_OK)
		rc = eh_txn_begin(&txn, d->store, true, err);
	if (rc == EH_OK)
		rc = eh_import_csv(txn, kind, path, report, err);
	if (rc == EH_OK && !dry_run)
		rc = store_import(d, txn, kind, report, err);
	if (rc == EH_OK && !dry_run)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	if (rc == EH_OK && !dry_run)
		(void)eh_desk_tidy(d, &clean, NULL);
	return rc;
}

/* Of the release and the waiver; what a release says for people is guarded by its hash and not repeated. */
static void describe_paper(char *out, size_t size, const struct eh_release *r)
{
	static const char *const answered[] = { "not said", "yes", "no" };
	char day[EH_TIME_TEXT], purpose[EH_DIGEST_HEX];
	size_t used = strlen(out);

	if (r->id[0] != '\0' || r->signature[0] != '\0' || r->purpose[0] != '\0' || r->term_until != 0 ||
	    r->policy_version[0] != '\0') {
		eh_format_time(day, r->term_until);
		eh_sha256_hex(purpose, r->purpose, strlen(r->purpose));
		(void)snprintf(out + used, size - used,
			       ", release %s, signature %s, purpose of sha256 %s, term until %s, policy %s", r->id,
			       r->signature, purpose, r->term_until != 0 ? day : "", r->policy_version);
	}
	used = strlen(out);
	if (r->signed_name == EH_NOT_SAID && r->interview_date == 0 && r->waiver_read == EH_NOT_SAID)
		return;
	eh_format_time(day, r->interview_date);
	(void)snprintf(out + used, size - used, ", waiver with name: %s, interview %s, read: %s",
		       answered[r->signed_name], r->interview_date != 0 ? day : "", answered[r->waiver_read]);
}

/* What the ledger holds, so that the journal's hashes guard it too. */
static int journal_consent(struct eh_desk *d, struct eh_txn *txn, const struct eh_consent *c, struct eh_err *err)
{
	char object[EH_OBJECT_MAX + 1], detail[EH_DETAIL_MAX + 1], at[EH_TIME_TEXT], expires[EH_TIME_TEXT];

	eh_format_time(at, c->at);
	eh_format_time(expires, c->expires);
	(void)snprintf(object, sizeof object, "candidate %s", c->candidate);
	(void)snprintf(detail, sizeof detail, "%s, %s%s%s%s%s", c->purpose, at, c->expires != 0 ? " until " : "",
		       c->expires != 0 ? expires : "", c->notice[0] != '\0' ? ", notice " : "", c->notice);
	describe_paper(detail, sizeof detail, &c->release);
	return eh_journal_append(txn, &d->actor, c->granted ? "consent.grant" : "consent.withdraw", object, detail,
				 err);
}

int eh_desk_consent(struct eh_desk *d, const struct eh_consent *c, enum eh_change *change, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	struct eh_candidate *who = eh_xcalloc(1, sizeof *who);
	bool clean = false;
	int rc = eh_purpose_check(c->purpose, err);

	/* what was recorded by an older program can still be withdrawn */
	if (rc == EH_OK && c->granted)
		rc = eh_gate_purpose(c->purpose, err);
	if (rc == EH_OK)
		rc = eh_txn_begin(&txn, d->store, true, err);
	if (rc == EH_OK)
		rc = eh_candidate_get(txn, c->candidate, who, err);
	if (rc == EH_OK)
		rc = eh_consent_put(txn, c, change, err);
	if (rc == EH_OK && *change != EH_SAME)
		rc = journal_consent(d, txn, c, err);
	/* one act: the withdrawal and the end of what rests on it */
	if (rc == EH_OK && !c->granted)
		rc = eh_desk_sweep_in(txn, &d->actor, c->candidate, NULL, err);
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	free(who);
	/* the withdrawal stands; where the store cannot be rewritten now it is at the next opening */
	if (rc == EH_OK && !c->granted)
		(void)eh_desk_tidy(d, &clean, NULL);
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
	/* an empty ledger of somebody whom nobody knows is a slip of the pen */
	if (rc == EH_OK && candidate != NULL && list.n == 0) {
		struct eh_candidate *who = eh_xcalloc(1, sizeof *who);

		rc = eh_candidate_get(txn, candidate, who, err);
		free(who);
	}
	eh_txn_abort(&txn);
	*v = list.v;
	*n = list.n;
	return rc;
}
