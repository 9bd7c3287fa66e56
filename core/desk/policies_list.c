/* Which texts of policies there are, and which of them an audit runs; see policies.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/paths.h"
#include "desk/inside.h"
#include "desk/policies_inside.h"

#define RUNS_LOOKED_AT 1000             /* stored audits, from the last: journal and findings tell of older ones */

/* ---- what an audit runs ---- */

static int add_active(void *ctx, const struct eh_policy_version *v, struct eh_err *err)
{
	eh_policy_spec spec;

	(void)err;
	if (v->state == EH_POLICY_ACTIVE) {
		(void)snprintf(spec, sizeof spec, "%s@active", v->name);
		(void)eh_list_push(ctx, spec);
	}
	return EH_OK;
}

int eh_desk_policies_active(struct eh_desk *d, eh_policy_spec **v, size_t *n, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	struct eh_list list;
	bool holds = false;
	int rc = eh_txn_begin(&txn, d->store, false, err);

	eh_list_init(&list, sizeof **v);
	if (rc == EH_OK)
		rc = eh_registry_each(txn, NULL, add_active, &list, err);
	if (rc == EH_OK)
		rc = eh_registry_default(txn, &holds, err);
	eh_txn_abort(&txn);
	if (rc == EH_OK && holds)
		(void)snprintf(eh_list_push(&list, NULL), sizeof **v, "%s@default", EH_POLICY_DEFAULT_NAME);
	/* '@' stands before every letter of a name, so the words sort as the names do */
	if (rc == EH_OK && list.n > 1)
		qsort(list.v, list.n, sizeof **v, (int (*)(const void *, const void *))strcmp);
	*v = list.v;
	*n = list.n;
	return rc;
}

/* ---- all of them ---- */

struct listing {
	struct eh_desk *d;              /* NULL = no project */
	const struct eh_policy_engine *engine;
	struct eh_list rows;
	bool holds;                     /* the shipped default */
};

static struct eh_policy_row *row_of(struct listing *l, const char *hash)
{
	struct eh_policy_row *v = l->rows.v;

	for (size_t i = 0; i < l->rows.n && hash[0] != '\0'; i++)
		if (strcmp(v[i].hash, hash) == 0)
			return &v[i];
	return NULL;
}

static int add_version(void *ctx, const struct eh_policy_version *v, struct eh_err *err)
{
	struct listing *l = ctx;
	struct eh_policy_row *r = eh_list_push(&l->rows, NULL);

	(void)err;
	memcpy(r->name, v->name, sizeof r->name);
	memcpy(r->version, v->version, sizeof r->version);
	memcpy(r->hash, v->hash, sizeof r->hash);
	r->state = v->state;
	r->stored = *v;
	r->origin = v->shipped ? EH_POLICY_SHIPPED : EH_POLICY_PROJECT;
	(void)snprintf(r->spec, sizeof r->spec, "%s@%s", v->name, v->hash);
	return EH_OK;
}

/* What its table says of itself. */
static void take_info(struct eh_policy_row *r, const struct eh_policy_info *info)
{
	enum eh_pack_state state;
	char day[11];

	eh_pack_day(day, eh_now());
	state = eh_pack_state(&info->pack, day);
	memcpy(r->name, info->name, sizeof r->name);
	memcpy(r->version, info->version, sizeof r->version);
	memcpy(r->author, info->author, sizeof r->author);
	eh_pack_text(r->pack, &info->pack, state);
	r->pack_holds = state == EH_PACK_IN_FORCE;
}

static void describe(struct listing *l, struct eh_policy_row *r, const char *name)
{
	struct eh_err why = EH_ERR_INIT;
	struct eh_policy *p = NULL;
	char *text = NULL;
	uint32_t owner;
	size_t len;

	if (eh_policy_read(r->path, &text, &len, &owner, NULL) == EH_OK)
		eh_sha256_hex(r->hash, text, len);
	free(text);
	(void)snprintf(r->name, sizeof r->name, "%s", name);
	if (l->engine == NULL)
		return;
	if (l->engine->load(&p, r->path, &why) != EH_OK) {
		eh_text_printable(r->error, sizeof r->error, why.msg, strlen(why.msg));
		return;
	}
	take_info(r, l->engine->info(p));
	l->engine->free(&p);
}

/* Kept texts that may run; a retired one is not loaded to be listed. */
static void describe_kept(struct listing *l)
{
	struct eh_policy_row *v = l->rows.v;

	for (size_t i = 0; i < l->rows.n && l->engine != NULL; i++) {
		struct eh_policy_source *s = NULL;
		struct eh_policy_info *info = NULL;
		struct eh_err why = EH_ERR_INIT;

		if (v[i].state == EH_POLICY_RETIRED)
			continue;
		s = eh_xcalloc(1, sizeof *s);
		info = eh_xcalloc(1, sizeof *info);
		if (eh_desk_policy_source(l->d, v[i].spec, s, &why) == EH_OK &&
		    eh_desk_policy_info(l->d, s, info, &why) == EH_OK)
			take_info(&v[i], info);
		else
			eh_text_printable(v[i].error, sizeof v[i].error, why.msg, strlen(why.msg));
		eh_policy_source_free(s);
		free(s);
		free(info);
	}
}

/* A file: the row of its bytes, or a draft. */
static void add_file(struct listing *l, const char *name, const char *path, enum eh_policy_origin origin, bool shadows)
{
	struct eh_policy_row *f = eh_xcalloc(1, sizeof *f), *known;
	bool is_default = l->holds && origin == EH_POLICY_SHIPPED && strcmp(name, EH_POLICY_DEFAULT_NAME) == 0;

	(void)snprintf(f->path, sizeof f->path, "%s", path);
	describe(l, f, name);
	known = row_of(l, f->hash);
	if (known == NULL) {
		f->state = EH_POLICY_DRAFT;
		(void)snprintf(f->spec, sizeof f->spec, "%s", name);
		known = eh_list_push(&l->rows, f);
	}
	memcpy(known->path, path, strlen(path) + 1);
	known->origin = origin;
	known->shadows = shadows;
	if (is_default) {
		known->state = EH_POLICY_DEFAULT;
		(void)snprintf(known->spec, sizeof known->spec, "%s@default", name);
	}
	free(f);
}

static void add_files(struct listing *l)
{
	const char *dir = l->d != NULL ? eh_desk_dir(l->d) : NULL;
	char **names, path[1024];
	size_t n = eh_policy_names(&names, dir);

	for (size_t i = 0; i < n; i++) {
		enum eh_policy_origin origin;
		bool shadows;

		if (eh_policy_find(path, sizeof path, dir, names[i], NULL) != EH_OK)
			continue;
		origin = eh_policy_origin(dir, names[i], &shadows);
		add_file(l, names[i], path, origin, shadows);
		/* what runs must be seen, also behind a file that hides it */
		if (shadows && l->holds && strcmp(names[i], EH_POLICY_DEFAULT_NAME) == 0 &&
		    eh_data_path(path, sizeof path, EH_DATA_POLICY, EH_POLICY_DEFAULT_NAME ".lua", NULL) == EH_OK)
			add_file(l, names[i], path, EH_POLICY_SHIPPED, false);
	}
	eh_policy_names_free(&names, n);
}

static int order_of(enum eh_policy_state s)
{
	static const int order[EH_POLICY_STATES] = {
		[EH_POLICY_ACTIVE] = 0, [EH_POLICY_DEFAULT] = 1, [EH_POLICY_PROPOSED] = 2, [EH_POLICY_DRAFT] = 3,
		[EH_POLICY_RETIRED] = 4, [EH_POLICY_NOT_RECORDED] = 5,
	};

	return order[s];
}

static int compare_rows(const void *a, const void *b)
{
	const struct eh_policy_row *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	if (c == 0)
		c = order_of(x->state) - order_of(y->state);
	return c != 0 ? c : strcmp(x->hash, y->hash);
}

/* A file of a name that has other bytes than what runs under it. */
static void mark_drift(struct eh_list *rows)
{
	struct eh_policy_row *v = rows->v;

	for (size_t i = 0; i < rows->n; i++)
		for (size_t k = 0; k < rows->n; k++)
			if ((v[i].state == EH_POLICY_ACTIVE || v[i].state == EH_POLICY_DEFAULT) && k != i &&
			    v[k].path[0] != '\0' && strcmp(v[i].name, v[k].name) == 0)
				v[i].drifted = true;
}

static int add_runs(struct listing *l, struct eh_txn *txn, struct eh_err *err)
{
	struct eh_audit_head h;
	int rc = eh_audit_head_last(txn, &h, err);

	for (uint64_t seq = rc == EH_OK ? h.seq : 0, n = 0; seq > 0 && n < RUNS_LOOKED_AT; seq--, n++) {
		struct eh_policy_row *r;

		rc = eh_audit_head_get(txn, seq, &h, NULL);
		r = rc == EH_OK ? row_of(l, h.policy_hash) : NULL;
		if (r != NULL && !r->has_run) {
			r->has_run = true;
			r->run = h;
		}
		if (rc != EH_OK && rc != EH_ENOENT)
			return eh_err_set(err, rc, "audit %llu cannot be read", (unsigned long long)seq);
	}
	return rc == EH_ENOENT ? EH_OK : rc;
}

static int add_endings(struct listing *l, struct eh_txn *txn, struct eh_err *err)
{
	struct eh_policy_row *v = l->rows.v;

	for (size_t i = 0; i < l->rows.n; i++) {
		int rc = EH_ENOENT;

		if (v[i].state == EH_POLICY_ACTIVE || v[i].state == EH_POLICY_DEFAULT)
			rc = eh_registry_ending(txn, v[i].name, v[i].hash, &v[i].ending, err);
		if (rc == EH_ENOENT)
			memset(&v[i].ending, 0, sizeof v[i].ending);
		else if (rc != EH_OK)
			return rc;
	}
	return EH_OK;
}

static void drop_retired(struct eh_list *rows)
{
	struct eh_policy_row *v = rows->v;
	size_t kept = 0;

	for (size_t i = 0; i < rows->n; i++)
		if (v[i].state != EH_POLICY_RETIRED || v[i].path[0] != '\0')
			v[kept++] = v[i];
	rows->n = kept;
}

int eh_desk_policy_rows(struct eh_desk *d, const struct eh_policy_engine *engine, bool all, struct eh_policy_row **v,
			size_t *n, struct eh_err *err)
{
	struct listing l = { d, d != NULL ? d->engine : engine, { 0 }, d == NULL };
	struct eh_txn *txn = NULL;
	int rc = EH_OK;

	eh_list_init(&l.rows, sizeof **v);
	if (d != NULL) {
		rc = eh_txn_begin(&txn, d->store, false, err);
		if (rc == EH_OK)
			rc = eh_registry_each(txn, NULL, add_version, &l, err);
		if (rc == EH_OK)
			rc = eh_registry_default(txn, &l.holds, err);
		eh_txn_abort(&txn);
		if (rc == EH_OK)
			describe_kept(&l);
		eh_store_suspend(d->store);     /* loading forks */
	}
	if (rc == EH_OK)
		add_files(&l);
	if (!all)
		drop_retired(&l.rows);
	if (l.rows.n > 1)
		qsort(l.rows.v, l.rows.n, sizeof **v, compare_rows);
	mark_drift(&l.rows);
	if (rc == EH_OK && d != NULL) {
		rc = eh_txn_begin(&txn, d->store, false, err);
		if (rc == EH_OK)
			rc = add_endings(&l, txn, err);
		if (rc == EH_OK)
			rc = add_runs(&l, txn, err);
		eh_txn_abort(&txn);
	}
	*v = l.rows.v;
	*n = l.rows.n;
	return rc;
}
