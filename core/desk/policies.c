/* Naming texts of policies, and proposing, approving, retiring them; see policies.h. */
#include "desk/policies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/paths.h"
#include "desk/inside.h"
#include "desk/policies_inside.h"

/* ---- sources ---- */

struct by_hash {
	const char *hash;
	struct eh_policy_version *out;
};

static int take_hash(void *ctx, const struct eh_policy_version *v, struct eh_err *err)
{
	const struct by_hash *b = ctx;

	(void)err;
	if (strcmp(v->hash, b->hash) == 0)
		*b->out = *v;
	return EH_OK;
}

/* Hash of the text that comes with the program under the default's name; "" = it cannot be read. */
static void shipped_default(char hash[EH_DIGEST_HEX])
{
	char path[1024], *text = NULL;
	uint32_t owner;
	size_t len;

	hash[0] = '\0';
	if (eh_data_path(path, sizeof path, EH_DATA_POLICY, EH_POLICY_DEFAULT_NAME ".lua", NULL) == EH_OK &&
	    eh_policy_read(path, &text, &len, &owner, NULL) == EH_OK)
		eh_sha256_hex(hash, text, len);
	free(text);
}

int eh_desk_policy_standing(struct eh_desk *d, const char *hash, struct eh_policy_version *out, struct eh_err *err)
{
	struct by_hash b = { hash, out };
	struct eh_txn *txn = NULL;
	char shipped[EH_DIGEST_HEX];
	bool holds = false;
	int rc;

	memset(out, 0, sizeof *out);
	if (d == NULL || hash[0] == '\0')
		return EH_OK;
	shipped_default(shipped);
	rc = eh_txn_begin(&txn, d->store, false, err);
	if (rc == EH_OK)
		rc = eh_registry_each(txn, NULL, take_hash, &b, err);
	/* proposed, say, it still runs as what came with the program */
	if (rc == EH_OK && out->state != EH_POLICY_ACTIVE && strcmp(shipped, hash) == 0)
		rc = eh_registry_default(txn, &holds, err);
	if (rc == EH_OK && out->state == EH_POLICY_NOT_RECORDED)
		out->state = EH_POLICY_DRAFT;
	if (rc == EH_OK && holds)
		out->state = EH_POLICY_DEFAULT;
	eh_txn_abort(&txn);
	return rc;
}

/* The shipped file, also where one of the project stands before it. */
static int shipped_path(char *out, size_t size, const char *name, struct eh_err *err)
{
	char file[EH_NAME_MAX + 5];

	if (!eh_attribute_valid(name, strlen(name)))
		return eh_err_set(err, EH_EINVAL, "\"%.64s\" is no policy name", name);
	(void)snprintf(file, sizeof file, "%s.lua", name);
	return eh_data_path(out, size, EH_DATA_POLICY, file, err);
}

static int read_file(struct eh_desk *d, struct eh_policy_source *s, struct eh_err *err)
{
	int rc = eh_policy_read(s->path, &s->text, &s->len, &s->owner, err);

	if (rc != EH_OK)
		return rc;
	s->has_owner = s->origin != EH_POLICY_SHIPPED;
	eh_sha256_hex(s->hash, s->text, s->len);
	return eh_desk_policy_standing(d, s->hash, &s->version, err);
}

/* NAME@active, NAME@HASH */
static int read_stored(struct eh_desk *d, const char *name, const char *which, struct eh_policy_source *s,
		       struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	int rc = eh_txn_begin(&txn, d->store, false, err);

	if (rc == EH_OK && strcmp(which, "active") == 0) {
		rc = eh_registry_in_state(txn, name, EH_POLICY_ACTIVE, &s->version, err);
		if (rc == EH_ENOENT)
			rc = eh_err_set(err, EH_ENOENT, "no text of policy \"%s\" is active; evenhand policy list "
					"shows what is", name);
	} else if (rc == EH_OK) {
		rc = eh_registry_find(txn, name, which, &s->version, err);
		/* a text that ran once is kept too, though nobody proposed it */
		if (rc == EH_ENOENT && eh_registry_find_text(txn, which, s->version.hash, NULL) == EH_OK)
			rc = EH_OK;
	}
	if (rc == EH_OK)
		rc = eh_registry_text(txn, s->version.hash, &s->text, &s->len, err);
	eh_txn_abort(&txn);
	if (rc != EH_OK)
		return rc;
	s->stored = true;
	s->origin = s->version.shipped ? EH_POLICY_SHIPPED : EH_POLICY_PROJECT;
	memcpy(s->hash, s->version.hash, sizeof s->hash);
	(void)snprintf(s->path, sizeof s->path, "%s@%.12s", name, s->hash);
	return EH_OK;
}

static int read_named(struct eh_desk *d, const char *spec, const char *at, struct eh_policy_source *s,
		      struct eh_err *err)
{
	char name[EH_NAME_MAX + 1] = "";
	size_t len = (size_t)(at - spec);
	bool holds = false;
	int rc = EH_OK;

	if (len >= sizeof name || !eh_attribute_valid(spec, len))
		return eh_err_set(err, EH_EINVAL, "\"%.64s\" names no version of a policy: NAME@active, NAME@default "
				  "or NAME@HASH (evenhand policy list)", spec);
	memcpy(name, spec, len);
	if (strcmp(at + 1, "default") == 0) {
		rc = shipped_path(s->path, sizeof s->path, name, err);
		s->origin = EH_POLICY_SHIPPED;
		return rc == EH_OK ? read_file(d, s, err) : rc;
	}
	if (d == NULL)
		return eh_err_set(err, EH_EINVAL, "%.100s: versions are kept in a project; name one with --project DIR",
				  spec);
	/* before anybody activated one, what comes with the program is what is active */
	if (strcmp(name, EH_POLICY_DEFAULT_NAME) == 0 && strcmp(at + 1, "active") == 0) {
		struct eh_txn *txn = NULL;

		rc = eh_txn_begin(&txn, d->store, false, err);
		if (rc == EH_OK)
			rc = eh_registry_default(txn, &holds, err);
		eh_txn_abort(&txn);
	}
	if (rc == EH_OK && holds)
		return read_named(d, EH_POLICY_DEFAULT_NAME "@default",
				  EH_POLICY_DEFAULT_NAME "@default" + strlen(EH_POLICY_DEFAULT_NAME), s, err);
	return rc == EH_OK ? read_stored(d, name, at + 1, s, err) : rc;
}

bool eh_desk_policy_is_version(const char *spec)
{
	size_t len = strlen(spec);

	return strchr(spec, '/') == NULL && strchr(spec, '@') != NULL &&
	       (len < 4 || strcmp(spec + len - 4, ".lua") != 0);
}

int eh_desk_policy_source(struct eh_desk *d, const char *spec, struct eh_policy_source *out, struct eh_err *err)
{
	const char *dir = d != NULL ? eh_desk_dir(d) : NULL;
	const char *at = spec != NULL && eh_desk_policy_is_version(spec) ? strchr(spec, '@') : NULL;
	int rc;

	memset(out, 0, sizeof *out);
	if (at != NULL) {
		rc = read_named(d, spec, at, out, err);
	} else {
		rc = eh_policy_find(out->path, sizeof out->path, dir, spec, err);
		if (rc == EH_OK) {
			out->origin = eh_policy_origin(dir, spec, &out->shadows);
			rc = read_file(d, out, err);
		}
	}
	if (rc != EH_OK)
		eh_policy_source_free(out);
	return rc;
}

void eh_policy_source_free(struct eh_policy_source *s)
{
	free(s->text);
	s->text = NULL;
	s->len = 0;
}

int eh_desk_policy_load(const struct eh_policy_engine *engine, struct eh_desk *d, const struct eh_policy_source *s,
			struct eh_policy **p, struct eh_err *err)
{
	*p = NULL;
	if (engine == NULL || engine->load_text == NULL)
		return eh_err_set(err, EH_EENV, "this program has no policy engine that runs kept texts");
	if (d != NULL)
		eh_store_suspend(d->store);     /* loading forks */
	return engine->load_text(p, s->path, s->text, s->len, err);
}

int eh_desk_policy_info(struct eh_desk *d, const struct eh_policy_source *s, struct eh_policy_info *out,
			struct eh_err *err)
{
	struct eh_policy *p = NULL;
	int rc = eh_desk_policy_load(d->engine, d, s, &p, err);

	if (rc != EH_OK)
		return rc;
	*out = *d->engine->info(p);
	d->engine->free(&p);
	return EH_OK;
}

/* ---- what a text would loosen ---- */

/* What to weigh a text against: what is active under its name, else what was active last; *runs: the first. */
static int weighed_against(struct eh_desk *d, const char *name, struct eh_policy_source *out, bool *runs,
			   struct eh_err *err)
{
	char hash[EH_DIGEST_HEX], spec[EH_NAME_MAX + 1 + EH_DIGEST_HEX];
	struct eh_txn *txn = NULL;
	int rc;

	(void)snprintf(spec, sizeof spec, "%s@active", name);
	rc = eh_desk_policy_source(d, spec, out, err);
	*runs = rc != EH_ENOENT;
	if (rc != EH_ENOENT)
		return rc;
	rc = eh_txn_begin(&txn, d->store, false, err);
	if (rc == EH_OK)
		rc = eh_registry_last_active(txn, name, hash, err);
	eh_txn_abort(&txn);
	if (rc != EH_OK)
		return rc;
	(void)snprintf(spec, sizeof spec, "%s@%s", name, hash);
	return eh_desk_policy_source(d, spec, out, err);
}

/* Name and version of the text, and what it loosens against what is or was active under that name; against: the hash
 * of what is now, "" = nothing is. */
static int weigh(struct eh_desk *d, const struct eh_policy_source *s, struct eh_policy_version *v,
		 char against[EH_DIGEST_HEX], struct eh_err *err)
{
	struct eh_policy_source *old = eh_xcalloc(1, sizeof *old);
	struct eh_policy *p = NULL, *q = NULL;
	bool runs = false;
	struct eh_err why = EH_ERR_INIT;
	int rc = eh_desk_policy_load(d->engine, d, s, &p, err);

	against[0] = '\0';
	if (rc != EH_OK)
		goto out;
	memcpy(v->name, d->engine->info(p)->name, sizeof v->name);
	memcpy(v->version, d->engine->info(p)->version, sizeof v->version);
	memcpy(v->hash, s->hash, sizeof v->hash);
	v->loosened[0] = '\0';
	rc = weighed_against(d, v->name, old, &runs, &why);
	if (rc == EH_ENOENT) {
		rc = EH_OK;
		goto out;
	}
	if (rc == EH_OK)
		rc = eh_desk_policy_load(d->engine, d, old, &q, &why);
	if (runs)
		memcpy(against, old->hash, EH_DIGEST_HEX);
	/* one that does not load any more must be replaceable, but not without a word */
	if (rc == EH_OK) {
		eh_policy_loosened(v->loosened, d->engine->info(q), d->engine->info(p));
	} else if (rc == EH_EPOLICY) {
		(void)snprintf(v->loosened, sizeof v->loosened, "what is active does not load: it is not compared");
		rc = EH_OK;
	} else {
		rc = eh_err_set(err, rc, "what is active now cannot be compared with: %s", why.msg);
	}
out:
	if (p != NULL)
		d->engine->free(&p);
	if (q != NULL)
		d->engine->free(&q);
	eh_policy_source_free(old);
	free(old);
	return rc;
}

/* Nobody activated another text between weighing and acting. */
static int unmoved(struct eh_txn *txn, const char *name, const char *against, struct eh_err *err)
{
	struct eh_policy_version *now = eh_xcalloc(1, sizeof *now);
	bool holds = false;
	int rc = eh_registry_in_state(txn, name, EH_POLICY_ACTIVE, now, err);

	if (rc == EH_ENOENT) {
		rc = EH_OK;
		if (strcmp(name, EH_POLICY_DEFAULT_NAME) == 0)
			rc = eh_registry_default(txn, &holds, err);
	}
	if (rc == EH_OK && !holds && strcmp(now->hash, against) != 0)
		rc = eh_err_set(err, EH_ESTALE, "somebody activated another text of %s meanwhile; look again, then act",
				name);
	free(now);
	return rc;
}

/* ---- acts ---- */

static int journal(struct eh_desk *d, struct eh_txn *txn, const char *verb, const struct eh_policy_version *v,
		   const char *reason, struct eh_err *err)
{
	char detail[EH_DETAIL_MAX + 1], sudo[64] = "";
	bool loosens = v->loosened[0] != '\0' && v->state != EH_POLICY_RETIRED;
	struct eh_actor behind;

	if (eh_actor_behind(&behind))
		(void)snprintf(sudo, sizeof sudo, "; through sudo from %s", behind.login);
	(void)snprintf(detail, sizeof detail, "version %s, sha256 %s%s%s%s%s%s", v->version, v->hash,
		       loosens ? "; loosens: " : "", loosens ? v->loosened : "", sudo, reason[0] != '\0' ? "; " : "",
		       reason);
	return eh_journal_append(txn, &d->actor, verb, v->name, detail, err);
}

/* Commits, and says of a refusal that it happened. */
static int finish(struct eh_desk *d, struct eh_txn **txn, int rc, const char *verb, const char *object,
		  struct eh_err *err)
{
	if (rc == EH_OK)
		rc = eh_txn_commit(txn, err);
	eh_txn_abort(txn);
	return eh_desk_note_refusal(d, rc, verb, object, err);
}

int eh_desk_policy_propose(struct eh_desk *d, const char *spec, const char *seen, const char *reason,
			   struct eh_policy_version *v, struct eh_err *err)
{
	struct eh_policy_source *s = eh_xcalloc(1, sizeof *s);
	char against[EH_DIGEST_HEX], path[1024], *text = NULL, shipped[EH_DIGEST_HEX];
	struct eh_txn *txn = NULL;
	struct eh_actor behind;
	uint32_t owner;
	size_t len;
	int rc;

	memset(v, 0, sizeof *v);
	rc = eh_desk_policy_source(d, spec, s, err);
	if (rc == EH_OK && seen != NULL && strcmp(seen, s->hash) != 0)
		rc = eh_err_set(err, EH_ESTALE, "%.300s has another text by now; look again, then propose", s->path);
	if (rc == EH_OK)
		rc = weigh(d, s, v, against, err);
	if (rc != EH_OK)
		goto out;
	/* a copy of a shipped text is that text: nobody here wrote it */
	if (shipped_path(path, sizeof path, v->name, NULL) == EH_OK &&
	    eh_policy_read(path, &text, &len, &owner, NULL) == EH_OK) {
		eh_sha256_hex(shipped, text, len);
		v->shipped = strcmp(shipped, v->hash) == 0;
	}
	v->has_editor = s->stored ? s->version.has_editor : s->has_owner && !v->shipped;
	v->editor = s->stored ? s->version.editor : v->has_editor ? s->owner : 0;
	v->has_behind = eh_actor_behind(&behind);
	v->behind = behind.uid;
	rc = eh_txn_begin(&txn, d->store, true, err);
	if (rc == EH_OK)
		rc = unmoved(txn, v->name, against, err);
	if (rc == EH_OK)
		rc = eh_registry_propose(txn, &d->actor, eh_now(), reason, v, s->text, s->len, err);
	if (rc == EH_OK)
		rc = journal(d, txn, "policy.propose", v, reason, err);
	rc = finish(d, &txn, rc, "policy.propose", v->name, err);
out:
	free(text);
	eh_policy_source_free(s);
	free(s);
	return rc;
}

static int pick(struct eh_desk *d, const char *name, const char *hash, enum eh_policy_state state,
		struct eh_policy_version *v, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	int rc = eh_txn_begin(&txn, d->store, false, err);

	if (rc == EH_OK)
		rc = hash != NULL ? eh_registry_find(txn, name, hash, v, err)
				  : eh_registry_in_state(txn, name, state, v, err);
	eh_txn_abort(&txn);
	if (rc == EH_ENOENT && hash == NULL)
		return eh_err_set(err, EH_ENOENT, "nobody proposed a text of policy \"%.95s\"; evenhand policy propose "
				  "%.95s does, evenhand policy list shows what waits", name, name);
	return rc;
}

int eh_desk_policy_approve(struct eh_desk *d, const char *name, const char *hash, const char *reason,
			   struct eh_policy_version *v, struct eh_err *err)
{
	struct eh_policy_source *s = eh_xcalloc(1, sizeof *s);
	char against[EH_DIGEST_HEX] = "", spec[EH_NAME_MAX + 1 + EH_DIGEST_HEX];
	struct eh_txn *txn = NULL;
	struct eh_actor behind;
	int rc;

	memset(v, 0, sizeof *v);
	rc = pick(d, name, hash, EH_POLICY_PROPOSED, v, err);
	if (rc == EH_OK) {
		(void)snprintf(spec, sizeof spec, "%s@%s", v->name, v->hash);
		rc = eh_desk_policy_source(d, spec, s, err);
	}
	if (rc == EH_OK)
		rc = weigh(d, s, v, against, err);
	if (rc == EH_OK)
		rc = eh_txn_begin(&txn, d->store, true, err);
	if (rc == EH_OK)
		rc = unmoved(txn, v->name, against, err);
	/* anna's sudo is no second person beside anna; the account that acts is asked below */
	if (rc == EH_OK && eh_actor_behind(&behind))
		rc = eh_registry_second_person(&behind, v, err);
	if (rc == EH_OK)
		rc = eh_registry_approve(txn, &d->actor, eh_now(), reason, v, err);
	if (rc == EH_OK)
		rc = journal(d, txn, "policy.approve", v, reason, err);
	rc = finish(d, &txn, rc, "policy.approve", v->name, err);
	eh_policy_source_free(s);
	free(s);
	return rc;
}

/* ---- retiring ---- */

static int count_active(void *ctx, const struct eh_policy_version *v, struct eh_err *err)
{
	(void)err;
	*(size_t *)ctx += v->state == EH_POLICY_ACTIVE;
	return EH_OK;
}

/* An audit that runs nothing would look like one that found nothing. */
static int not_the_last(struct eh_txn *txn, const char *name, struct eh_err *err)
{
	bool holds = false;
	size_t n = 0;
	int rc = eh_registry_each(txn, NULL, count_active, &n, err);

	if (rc == EH_OK)
		rc = eh_registry_default(txn, &holds, err);
	if (rc == EH_OK && n + holds <= 1)
		rc = eh_err_set(err, EH_EREFUSED, "%s is the only policy that an audit runs; activate another "
				"one first", name);
	return rc;
}

/* The default has no version of its own before it ends. */
static int describe_default(struct eh_desk *d, struct eh_policy_source *s, struct eh_policy_version *v,
			    struct eh_err *err)
{
	struct eh_policy *p = NULL;
	int rc = eh_desk_policy_source(d, EH_POLICY_DEFAULT_NAME "@default", s, err);

	if (rc == EH_OK)
		rc = eh_desk_policy_load(d->engine, d, s, &p, err);
	if (rc != EH_OK)
		return rc;
	memset(v, 0, sizeof *v);
	memcpy(v->name, EH_POLICY_DEFAULT_NAME, sizeof EH_POLICY_DEFAULT_NAME);
	memcpy(v->version, d->engine->info(p)->version, sizeof v->version);
	memcpy(v->hash, s->hash, sizeof v->hash);
	v->state = EH_POLICY_DEFAULT;
	d->engine->free(&p);
	return EH_OK;
}

static int pick_to_retire(struct eh_desk *d, const char *name, const char *hash, struct eh_policy_version *v,
			  bool *is_shipped_default, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	int rc;

	*is_shipped_default = false;
	if (hash != NULL)
		return pick(d, name, hash, EH_POLICY_ACTIVE, v, err);
	rc = eh_txn_begin(&txn, d->store, false, err);
	if (rc == EH_OK)
		rc = eh_registry_in_state(txn, name, EH_POLICY_ACTIVE, v, err);
	if (rc == EH_ENOENT && strcmp(name, EH_POLICY_DEFAULT_NAME) == 0)
		(void)eh_registry_default(txn, is_shipped_default, err);
	if (rc == EH_ENOENT && !*is_shipped_default)
		rc = eh_registry_in_state(txn, name, EH_POLICY_PROPOSED, v, err);
	eh_txn_abort(&txn);
	if (*is_shipped_default)
		return EH_OK;
	return rc == EH_ENOENT ? eh_err_set(err, EH_ENOENT, "no text of policy \"%.95s\" is active or proposed", name)
			       : rc;
}

int eh_desk_policy_retire(struct eh_desk *d, const char *name, const char *hash, const char *reason,
			  struct eh_policy_version *v, struct eh_err *err)
{
	struct eh_policy_source *s = eh_xcalloc(1, sizeof *s);
	struct eh_txn *txn = NULL;
	struct eh_actor behind;
	const struct eh_actor *sudo = eh_actor_behind(&behind) ? &behind : NULL;
	bool is_shipped_default;
	int rc;

	memset(v, 0, sizeof *v);
	rc = pick_to_retire(d, name, hash, v, &is_shipped_default, err);
	if (rc == EH_OK && is_shipped_default)
		rc = describe_default(d, s, v, err);
	if (rc == EH_OK)
		rc = eh_txn_begin(&txn, d->store, true, err);
	if (rc == EH_OK && v->state != EH_POLICY_PROPOSED)
		rc = not_the_last(txn, v->name, err);
	if (rc == EH_OK)
		rc = is_shipped_default ? eh_registry_retire_default(txn, &d->actor, sudo, eh_now(), reason, v, s->text,
								     s->len, err)
					: eh_registry_retire(txn, &d->actor, sudo, eh_now(), reason, v, err);
	if (rc == EH_OK)
		rc = journal(d, txn, v->state == EH_POLICY_RETIRED ? "policy.retire" : "policy.retire.ask", v, reason,
			     err);
	rc = finish(d, &txn, rc, "policy.retire", name, err);
	eh_policy_source_free(s);
	free(s);
	return rc;
}

int eh_desk_policy_stay(struct eh_desk *d, const char *name, const char *reason, struct eh_policy_version *v,
			struct eh_err *err)
{
	struct eh_policy_source *s = eh_xcalloc(1, sizeof *s);
	struct eh_txn *txn = NULL;
	bool is_shipped_default;
	int rc;

	memset(v, 0, sizeof *v);
	rc = pick_to_retire(d, name, NULL, v, &is_shipped_default, err);
	if (rc == EH_OK && is_shipped_default)
		rc = describe_default(d, s, v, err);
	if (rc == EH_OK)
		rc = eh_txn_begin(&txn, d->store, true, err);
	if (rc == EH_OK)
		rc = eh_registry_stay(txn, v->name, v->hash, reason, err);
	if (rc == EH_OK)
		rc = journal(d, txn, "policy.retire.undo", v, reason, err);
	rc = finish(d, &txn, rc, "policy.retire.undo", name, err);
	eh_policy_source_free(s);
	free(s);
	return rc;
}
