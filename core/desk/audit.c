/* One audit: gather, compute, ask the policy, raise notifications; and reading what was found. */
#include "audit/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "desk/inside.h"
#include "desk/policies_inside.h"
#include "desk/raise.h"

/* Name of a policy that cannot say its own: of a file the last part of its path, without what all of them end in. */
static void name_of_file(char out[EH_NAME_MAX + 1], const char *name)
{
	const char *slash = strrchr(name, '/'), *base = slash != NULL ? slash + 1 : name;
	size_t len = strlen(base);

	if (len > 4 && strcmp(base + len - 4, ".lua") == 0)
		len -= 4;
	else if (slash == NULL)
		len = strcspn(base, "@");
	eh_text_printable(out, EH_NAME_MAX + 1, base, len);
}

/* A version of the registry is loaded from the text that is kept of it, everything else from its file. */
static int load_source(struct eh_desk *d, const char *name, char path[1024], struct eh_policy **p,
		       struct eh_audit_result *out, struct eh_err *why, struct eh_err *err)
{
	struct eh_policy_source *s = NULL;
	int rc;

	if (!eh_desk_policy_is_version(name)) {
		rc = eh_policy_find(path, 1024, eh_desk_dir(d), name, err);
		if (rc == EH_OK) {
			out->origin = eh_policy_origin(eh_desk_dir(d), name, &out->shadows);
			rc = d->engine->load(p, path, why);
		}
		return rc;
	}
	s = eh_xcalloc(1, sizeof *s);
	rc = eh_desk_policy_source(d, name, s, err);
	if (rc == EH_OK) {
		out->origin = s->origin;
		memcpy(path, s->path, sizeof s->path);
		memcpy(out->policy.hash, s->hash, sizeof out->policy.hash);
		eh_store_suspend(d->store);     /* loading forks */
		rc = s->stored ? eh_desk_policy_load(d->engine, d, s, p, why) : d->engine->load(p, path, why);
	}
	eh_policy_source_free(s);
	free(s);
	return rc;
}

int eh_desk_load_policy(struct eh_desk *d, const char *name, struct eh_policy **p, struct eh_audit_result *out,
			struct eh_err *err)
{
	static const struct eh_audit_settings defaults = EH_AUDIT_SETTINGS_INIT;
	char path[1024] = "";
	struct eh_err why = EH_ERR_INIT, place = EH_ERR_INIT;
	int rc;

	if (d->engine == NULL)
		return eh_err_set(err, EH_EENV, "this program has no policy engine");
	rc = load_source(d, name, path, p, out, &why, &place);
	if (place.code != EH_OK)
		return eh_err_set(err, rc, "%s", place.msg);
	if (rc == EH_OK) {
		out->policy = *d->engine->info(*p);
		return eh_desk_policy_stand(d, out, err);
	}
	if (rc != EH_EPOLICY && rc != EH_EWORKER)
		return eh_err_set(err, rc, "%s", why.msg);
	out->policy_status = EH_EPOLICY;
	(void)snprintf(out->policy_message, sizeof out->policy_message, "%s", why.msg);
	name_of_file(out->policy.name, name);
	(void)snprintf(out->policy.path, sizeof out->policy.path, "%s", path);
	out->policy.settings = defaults;
	return eh_desk_policy_stand(d, out, err);
}

static bool wants_attribute(const struct eh_policy_info *p, const char *attribute)
{
	for (size_t i = 0; i < p->n_attributes; i++)
		if (strcmp(p->attributes[i], attribute) == 0)
			return true;
	return p->n_attributes == 0;
}

static bool has_attribute(const struct eh_audit_data *data, const char *name)
{
	for (size_t i = 0; i < data->n_attributes; i++)
		if (strcmp(data->attributes[i].name, name) == 0)
			return true;
	return false;
}

void eh_desk_look_for_attributes(struct eh_audit_result *out, const struct eh_audit_data *data)
{
	const struct eh_policy_info *p = &out->policy;
	char named[256] = "", known[256] = "";
	size_t len = 0;

	out->nothing[0] = '\0';
	out->n_missing = 0;
	for (size_t i = 0; i < p->n_attributes; i++)
		if (!has_attribute(data, p->attributes[i]))
			memcpy(out->missing[out->n_missing++], p->attributes[i], sizeof p->attributes[i]);
	if (p->n_attributes == 0 || out->n_missing < p->n_attributes)
		return;
	for (size_t i = 0; i < out->n_missing && len < sizeof named; i++)
		len += (size_t)snprintf(named + len, sizeof named - len, "%s%s", i > 0 ? ", " : "", out->missing[i]);
	len = 0;
	for (size_t i = 0; i < data->n_attributes && len < sizeof known; i++)
		len += (size_t)snprintf(known + len, sizeof known - len, "%s%s", i > 0 ? ", " : "",
					data->attributes[i].name);
	(void)snprintf(out->nothing, sizeof out->nothing,
		       "nothing to look at: it looks at %s, and here two groups are known only of %s", named, known);
}

void eh_desk_keep_attributes(struct eh_audit_data *data, const struct eh_policy_info *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < data->n_attributes; i++) {
		struct eh_attribute_data a = data->attributes[i];

		if (wants_attribute(p, a.name)) {
			data->attributes[kept++] = a;
		} else {
			free(a.group);
			free(a.provenance);
			free(a.prob);
			free(a.labelled);
			free(a.out_of_scope);
		}
	}
	data->n_attributes = kept;
}

void eh_desk_put_verdicts(struct eh_findings *f, const struct eh_verdict *v, int rc, struct eh_audit_result *out)
{
	for (size_t i = 0; i < f->n; i++) {
		struct eh_finding *x = &f->v[i];

		x->verdict = rc == EH_OK ? (enum eh_verdict_kind)v[i].kind : EH_POLICY_ERROR;
		x->scope = rc == EH_OK ? (enum eh_scope)v[i].scope : EH_SCOPE_NONE;
		memcpy(x->reason, v[i].reason, sizeof x->reason);
		memcpy(x->rule, v[i].rule, sizeof x->rule);
		if (rc != EH_OK)
			eh_text_printable(x->reason, sizeof x->reason, out->policy_message,
					  strlen(out->policy_message));
	}
}

void eh_desk_judge(const struct eh_policy_engine *engine, struct eh_policy *p,
		   const struct eh_audit_data *data, struct eh_findings *f,
		   const struct eh_audit_settings *s, struct eh_audit_result *out)
{
	struct eh_verdict *v = eh_xcalloc(f->n, sizeof *v);
	struct eh_err why = EH_ERR_INIT;
	int rc = out->policy_status;

	if (p != NULL && rc == EH_OK) {
		if (engine->lend != NULL)
			engine->lend(p, data);
		rc = engine->check(p, f->v, f->n, s, v, &out->use, &why);
		if (engine->lend != NULL)
			engine->lend(p, NULL);
		if (rc != EH_OK) {
			out->policy_status = EH_EPOLICY;
			(void)snprintf(out->policy_message, sizeof out->policy_message, "%s", why.msg);
		}
	}
	eh_desk_put_verdicts(f, v, rc, out);
	free(v);
}

void eh_desk_count_errors(struct eh_audit_result *out, const struct eh_findings *f)
{
	const struct eh_finding *first = NULL;
	char text[1024];
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].verdict != EH_POLICY_ERROR)
			continue;
		n++;
		first = first != NULL ? first : &f->v[i];
	}
	if (out->policy_status != EH_OK || first == NULL)
		return;
	out->policy_status = EH_EPOLICY;
	(void)snprintf(text, sizeof text, "no verdict on %zu of %zu findings; %s, %s: %s", n, f->n,
		       first->evaluator[0] != '\0' ? first->evaluator : "(all)", first->group, first->reason);
	eh_text_printable(out->policy_message, sizeof out->policy_message, text, strlen(text));
}

void eh_desk_mark_closed(struct eh_findings *f, const struct eh_audit_data *data, const bool *closed)
{
	for (size_t i = 0; i < f->n; i++)
		for (size_t k = 0; k < data->n_attributes; k++)
			if (closed[k] && strcmp(f->v[i].attribute, data->attributes[k].name) == 0) {
				f->v[i].verdict = EH_NOT_ALLOWED;
				f->v[i].scope = EH_SCOPE_NONE;
				(void)snprintf(
					f->v[i].reason, sizeof f->v[i].reason,
					"the policy's gate is closed for %s in every jurisdiction of these candidates",
					f->v[i].attribute);
			}
}

void eh_desk_ask_gate(struct eh_desk *d, struct eh_policy *p, struct eh_audit_data *data, eh_place *places,
		      bool *closed, struct eh_audit_result *out)
{
	struct eh_err why = EH_ERR_INIT;

	if (eh_desk_close_places(d->engine, p, data, places, closed, &why) != EH_OK) {
		out->policy_status = EH_EPOLICY;
		(void)snprintf(out->policy_message, sizeof out->policy_message, "%s", why.msg);
	}
}

static void count_verdicts(struct eh_audit_head *h, const struct eh_findings *v)
{
	for (size_t i = 0; i < v->n; i++) {
		const struct eh_finding *f = &v->v[i];

		h->notify += f->verdict == EH_NOTIFY;
		h->watch += f->verdict == EH_WATCH;
		h->too_few += f->verdict == EH_TOO_FEW;
		h->ok += f->verdict == EH_OK_VERDICT;
	}
}

void eh_desk_fill_head(struct eh_audit_result *out, const struct eh_audit_data *data, const struct eh_audit_settings *s)
{
	struct eh_audit_head *h = &out->head;

	h->at = eh_now();
	memcpy(h->policy, out->policy.name, sizeof h->policy);
	memcpy(h->policy_version, out->policy.version, sizeof h->policy_version);
	memcpy(h->policy_hash, out->policy.hash, sizeof h->policy_hash);
	h->policy_state = out->state;
	memcpy(h->policy_author, out->author, sizeof h->policy_author);
	memcpy(h->policy_approver, out->approver, sizeof h->policy_approver);
	h->alpha = eh_num(s->alpha);
	h->min_group = s->min_group;
	h->min_total = s->min_total;
	h->min_share = s->min_share;
	h->limit_num = s->limit_num;
	h->limit_den = s->limit_den;
	memcpy(h->author, out->policy.author, sizeof h->author);
	memcpy(h->pack, out->pack, sizeof h->pack);
	h->pack_state = out->pack_state;
	memcpy(h->reason, out->reason, sizeof h->reason);
	h->instructions = out->use.instructions;
	h->memory = out->use.memory;
	h->seconds = eh_num(out->use.seconds);
	h->own = (uint32_t)out->own.n;
	h->findings = (uint32_t)(out->findings.n + out->own.n);
	h->evaluators = (uint32_t)data->evaluators.n;
	h->decisions = eh_audit_data_total(data);
	h->holds = data->holds;
	memcpy(h->family_method, s->family, sizeof h->family_method);
	h->look = s->look;
	h->anytime = s->anytime;
	for (size_t i = 0; i < out->findings.n; i++)
		if (out->findings.v[i].evaluator[0] != '\0')
			h->family_size = out->findings.v[i].family_size;
	count_verdicts(h, &out->findings);
	count_verdicts(h, &out->own);
	h->other = h->findings - h->notify - h->watch - h->too_few - h->ok;
}

void eh_desk_note_aside(struct eh_audit_result *out, const struct eh_audit_data *data)
{
	out->n_aside = 0;
	for (size_t i = 0; i < data->n_attributes && out->n_aside < EH_POLICY_ATTRIBUTES_MAX; i++) {
		const struct eh_attribute_data *a = &data->attributes[i];
		struct eh_aside *aside = &out->aside[out->n_aside];

		if (a->aside == 0)
			continue;
		memcpy(aside->attribute, a->name, sizeof aside->attribute);
		memcpy(aside->why, a->aside_why, sizeof aside->why);
		aside->candidates = a->aside;
		out->n_aside++;
	}
}

/* A run without findings would hide the last one that has some: of this there is the journal's word alone. */
static int note_nothing(struct eh_desk *d, const struct eh_audit_result *r, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	char detail[EH_DETAIL_MAX + 1];
	int rc = eh_txn_begin(&txn, d->store, true, err);

	(void)snprintf(detail, sizeof detail, "no run: %s; policy %s %s, sha256 %s, %s, %s%s%s%s", r->nothing,
		       r->policy.name, r->policy.version, r->policy.hash, eh_policy_origin_text(r->origin),
		       eh_policy_state_text(r->state), eh_policy_state_open(r->state) ? ", not activated" : "",
		       r->pack[0] != '\0' ? "; pack " : "", r->pack);
	if (rc == EH_OK)
		rc = eh_journal_append(txn, &d->actor, "audit", r->policy.name, detail, err);
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	return rc;
}

int eh_desk_store_run(struct eh_desk *d, struct eh_audit_result *out, const struct eh_audit_data *data,
		      struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	struct eh_audit_head *h = &out->head;
	char detail[EH_DETAIL_MAX + 1], *text = NULL;
	size_t text_len = 0;
	int rc;

	if (out->nothing[0] != '\0')
		return note_nothing(d, out, err);
	eh_desk_policy_ran(out, &text, &text_len);
	rc = eh_txn_begin(&txn, d->store, true, err);
	if (rc == EH_OK)
		rc = eh_txn_next(txn, "audit", &h->seq, err);
	if (rc == EH_OK)
		rc = eh_audit_head_put(txn, h, err);
	for (size_t i = 0; i < out->findings.n && rc == EH_OK; i++)
		rc = eh_finding_put(txn, h->seq, (uint32_t)i, &out->findings.v[i], err);
	for (size_t i = 0; i < out->own.n && rc == EH_OK; i++)
		rc = eh_finding_put(txn, h->seq, (uint32_t)(out->findings.n + i), &out->own.v[i], err);
	if (rc == EH_OK)
		rc = eh_desk_policy_keep(txn, out, text, text_len, err);
	if (rc == EH_OK)
		rc = eh_desk_raise(txn, out, data, err);
	eh_desk_describe_run(detail, sizeof detail, out);
	for (size_t i = 0, len = strlen(detail); i < out->n_aside && len < sizeof detail; i++)
		len += (size_t)snprintf(detail + len, sizeof detail - len, "; classes predicted for %s not used: %u",
					out->aside[i].attribute, out->aside[i].candidates);
	for (size_t i = 0, len = strlen(detail); i < out->n_missing && len < sizeof detail; i++)
		len += (size_t)snprintf(detail + len, sizeof detail - len, "%s%s",
					i > 0 ? ", " : "; no two groups known of ", out->missing[i]);
	if (rc == EH_OK)
		rc = eh_journal_append(txn, &d->actor, "audit", h->policy, detail, err);
	if (rc == EH_OK)
		rc = eh_txn_commit(&txn, err);
	eh_txn_abort(&txn);
	free(text);
	return rc;
}

void eh_audit_result_free(struct eh_audit_result *r)
{
	eh_findings_free(&r->findings);
	eh_findings_free(&r->own);
}

int eh_desk_rates_policy(struct eh_policy **out, const struct eh_policy_engine *engine, struct eh_err *err)
{
	char path[1024];
	int rc = eh_policy_find(path, sizeof path, NULL, EH_POLICY_DEFAULT_NAME, err);

	*out = NULL;
	if (rc != EH_OK)
		return rc;
	return engine->load_ahead != NULL ? engine->load_ahead(out, path, err) : engine->load(out, path, err);
}

int eh_desk_rates_judge(const struct eh_policy_engine *engine, struct eh_policy *policy, struct eh_audit_data *data,
			const struct eh_audit_settings *s, struct eh_findings *out, struct eh_err *err)
{
	struct eh_audit_result *r = eh_xcalloc(1, sizeof *r);
	int rc = engine->ready != NULL ? engine->ready(policy, err) : EH_OK;

	if (rc == EH_OK)
		rc = eh_audit_data_sort(data, err);
	if (rc == EH_OK)
		rc = eh_audit_run(out, data, s, NULL, err);
	if (rc == EH_OK) {
		eh_desk_judge(engine, policy, data, out, s, r);
		eh_desk_count_errors(r, out);
	}
	if (rc == EH_OK && r->policy_status != EH_OK) {
		rc = eh_err_set(err, EH_EPOLICY, "%s", r->policy_message);
		eh_findings_free(out);
	}
	free(r);
	return rc;
}

int eh_desk_rates(const struct eh_policy_engine *engine, struct eh_audit_data *data, const struct eh_audit_settings *s,
		  struct eh_findings *out, struct eh_err *err)
{
	struct eh_policy *p = NULL;
	int rc = eh_desk_rates_policy(&p, engine, err);

	if (rc == EH_OK)
		rc = eh_desk_rates_judge(engine, p, data, s, out, err);
	if (p != NULL)
		engine->free(&p);
	return rc;
}

/* ---- reading ---- */

static int push_finding(void *ctx, uint32_t index, const struct eh_finding *f, struct eh_err *err)
{
	(void)index;
	(void)err;
	if (!f->own)
		(void)eh_list_push(ctx, f);
	return EH_OK;
}

static int push_own(void *ctx, uint32_t index, const struct eh_finding *f, struct eh_err *err)
{
	(void)index;
	(void)err;
	if (f->own)
		(void)eh_list_push(ctx, f);
	return EH_OK;
}

int eh_desk_own_findings(struct eh_desk *d, uint64_t seq, struct eh_finding **v, size_t *n, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	struct eh_list list;
	int rc = eh_txn_begin(&txn, d->store, false, err);

	eh_list_init(&list, sizeof **v);
	if (rc == EH_OK)
		rc = eh_findings_each(txn, seq, push_own, &list, err);
	eh_txn_abort(&txn);
	*v = list.v;
	*n = list.n;
	return rc;
}

int eh_desk_audit_head(struct eh_desk *d, uint64_t seq, struct eh_audit_head *out, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	int rc = eh_txn_begin(&txn, d->store, false, err);

	if (rc == EH_OK)
		rc = eh_audit_head_get(txn, seq, out, err);
	eh_txn_abort(&txn);
	return rc;
}

int eh_desk_findings(struct eh_desk *d, uint64_t seq, struct eh_audit_head *head, struct eh_finding **v, size_t *n,
		     struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	struct eh_list list;
	int rc = eh_txn_begin(&txn, d->store, false, err);

	eh_list_init(&list, sizeof **v);
	if (rc == EH_OK)
		rc = seq == 0 ? eh_audit_head_last(txn, head, err) : eh_audit_head_get(txn, seq, head, err);
	if (rc == EH_ENOENT)
		rc = eh_err_set(err, EH_ENOENT,
				seq == 0 ? "there is no audit yet; run: evenhand audit"
					 : "there is no audit run of that number");
	if (rc == EH_OK)
		rc = eh_findings_each(txn, head->seq, push_finding, &list, err);
	eh_txn_abort(&txn);
	*v = list.v;
	*n = list.n;
	return rc;
}
