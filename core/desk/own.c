/* What a policy adds to an audit besides verdicts: findings of its own, the dates of its rule, refused classes. */
#include "policy/own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "desk/inside.h"
#include "policy/pack.h"

/* compute() counts for nothing: the run says so in the place of its findings. */
static void own_trouble(struct eh_audit_result *out, const char *message)
{
	const struct eh_own none = { .subject = "compute", .verdict = { .kind = EH_CANNOT_CONCLUDE } };

	if (eh_own_findings(&out->own, &none, 1, NULL, &out->policy.settings, NULL) != EH_OK)
		return;
	out->own.v[0].verdict = EH_POLICY_ERROR;
	eh_text_printable(out->own.v[0].reason, sizeof out->own.v[0].reason, message, strlen(message));
	out->policy_status = EH_EPOLICY;
	eh_text_printable(out->policy_message, sizeof out->policy_message, message, strlen(message));
}

static void take_own(struct eh_audit_result *out, const struct eh_policy_answer *a, const struct eh_audit_data *data,
		     const struct eh_audit_settings *s)
{
	struct eh_err why = EH_ERR_INIT;

	if (a->trouble[0] != '\0')
		own_trouble(out, a->trouble);
	else if (a->n_own > 0 && eh_own_findings(&out->own, a->own, a->n_own, data, s, &why) != EH_OK)
		own_trouble(out, why.msg);
}

void eh_desk_judge_all(const struct eh_policy_engine *engine, struct eh_policy *p, const struct eh_audit_data *data,
		       const struct eh_project *project, struct eh_findings *f, const struct eh_audit_settings *s,
		       struct eh_audit_result *out)
{
	const struct eh_policy_case c = { .findings = f->v, .n = f->n, .settings = s, .project = project };
	struct eh_policy_answer *a = NULL;
	struct eh_err why = EH_ERR_INIT;
	int rc = out->policy_status;

	eh_findings_free(&out->own);
	if (p == NULL || rc != EH_OK || engine->judge == NULL) {
		eh_desk_judge(engine, p, data, f, s, out);
		return;
	}
	a = eh_xcalloc(1, sizeof *a);
	a->verdicts = eh_xcalloc(f->n + 1, sizeof *a->verdicts);
	if (engine->lend != NULL)
		engine->lend(p, data);
	rc = engine->judge(p, &c, a, &why);
	if (engine->lend != NULL)
		engine->lend(p, NULL);
	out->use = a->use;
	if (rc != EH_OK) {
		out->policy_status = EH_EPOLICY;
		(void)snprintf(out->policy_message, sizeof out->policy_message, "%s", why.msg);
	}
	eh_desk_put_verdicts(f, a->verdicts, rc, out);
	if (rc == EH_OK)
		take_own(out, a, data, s);
	free(a->own);
	free(a->verdicts);
	free(a);
}

/* ---- dates ---- */

void eh_desk_apply_pack(struct eh_audit_result *out)
{
	const struct eh_pack *p = &out->policy.pack;
	eh_day today;

	eh_pack_day(today, eh_now());
	out->pack_state = eh_pack_state(p, today);
	eh_pack_text(out->pack, p, out->pack_state);
	(void)eh_pack_hold(p, out->pack_state, &out->findings);
	(void)eh_pack_hold(p, out->pack_state, &out->own);
}

/* ---- classes that a rule refuses ---- */

static uint64_t predicted_persons(const struct eh_attribute_data *a, const struct eh_audit_data *d)
{
	uint64_t n = 0;

	for (size_t i = 0; i < d->candidates.n; i++)
		if (a->provenance[i] == EH_PREDICTED)
			n += d->weight != NULL ? d->weight[i] : 1;
	return n;
}

static void refuse_attribute(struct eh_findings *f, const char *attribute, uint64_t n, const char *policy)
{
	for (size_t i = 0; i < f->n; i++) {
		struct eh_finding *x = &f->v[i];

		if (strcmp(x->attribute, attribute) != 0)
			continue;
		x->verdict = EH_NOT_ALLOWED;
		x->scope = EH_SCOPE_NONE;
		(void)snprintf(x->reason, sizeof x->reason,
			       "policy %s takes no predicted classes, and the class of %llu candidate%s here is "
			       "predicted (evenhand model remove %s takes predicted classes away)",
			       policy, (unsigned long long)n, n == 1 ? "" : "s", attribute);
	}
}

void eh_desk_refuse_predicted(struct eh_audit_result *out, const struct eh_audit_data *data)
{
	for (size_t k = 0; out->policy.declared_only && k < data->n_attributes; k++) {
		const struct eh_attribute_data *a = &data->attributes[k];
		const uint64_t n = predicted_persons(a, data);

		if (n == 0)
			continue;
		refuse_attribute(&out->findings, a->name, n, out->policy.name);
		refuse_attribute(&out->own, a->name, n, out->policy.name);
	}
}
