/* The strata behind findings; see strata.h and desk.h. */
#include "desk/strata.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/intersect.h"
#include "base/mem.h"
#include "desk/counted.h"
#include "exchange/explain_strata.h"
#include "notify/strata.h"
#include "policy/own.h"

/* ---- with a notification ---- */

void eh_raise_strata_free(struct eh_raise_strata *x)
{
	eh_strata_source_free(&x->source);
	eh_parts_free(&x->parts);
}

int eh_desk_keep_strata(struct eh_txn *txn, struct eh_raise_strata *x, uint64_t seq, const struct eh_finding *f,
			struct eh_err *err)
{
	struct eh_strata_rows rows = { .v = NULL };
	int rc = EH_OK;

	if (x->data == NULL || f->strata < 2)
		return eh_notification_strata_drop(txn, seq, err);
	if (x->source == NULL && !f->own)
		rc = eh_strata_source_new(&x->source, x->data, x->s, err);
	/* the part of a policy's own finding is not a scope of the audit */
	if (rc == EH_OK)
		rc = f->own ? eh_own_strata(&rows, &x->parts, f, x->data, err) :
			      eh_strata_rows_of(&rows, x->source, f, err);
	if (rc != EH_OK)
		return rc;
	/* counts that are not the finding's are no evidence for it */
	rc = eh_strata_rows_fit(&rows, f) ? eh_notification_strata_put(txn, seq, &rows, err)
					  : eh_notification_strata_drop(txn, seq, err);
	eh_strata_rows_free(&rows);
	return rc;
}

/* ---- what is known ---- */

const char *eh_strata_known_text(enum eh_strata_known known)
{
	static const char *const texts[] = {
#define X(name, text) [name] = text,
		EH_STRATA_KNOWN_LIST(X)
#undef X
	};

	return (unsigned)known < EH_STRATA_STATES ? texts[known] : "";
}

/* EH_STRATA_THERE: there must be strata somewhere. */
static enum eh_strata_known needed(const struct eh_finding *f)
{
	if (f->own && !f->counted)
		return EH_STRATA_OWN;
	return f->strata < 2 || f->is_reference || f->below_two_percent ? EH_STRATA_ONE : EH_STRATA_THERE;
}

int eh_desk_notification_strata(struct eh_desk *d, const struct eh_notification *n, struct eh_strata_rows *out,
				enum eh_strata_known *known, struct eh_err *err)
{
	struct eh_txn *txn = NULL;
	int rc;

	*out = (struct eh_strata_rows){ .v = NULL };
	*known = needed(&n->finding);
	if (*known != EH_STRATA_THERE)
		return EH_OK;
	rc = eh_txn_begin(&txn, d->store, false, err);
	if (rc == EH_OK)
		rc = eh_notification_strata_get(txn, n->seq, out, err);
	eh_txn_abort(&txn);
	if (rc != EH_ENOENT)
		return rc;
	*known = EH_STRATA_NOT_KEPT;
	return EH_OK;
}

char *eh_desk_notification_text(struct eh_desk *d, const struct eh_notification *n, const struct eh_finding *members,
				size_t n_members)
{
	char *text = eh_explain_process_text(&n->finding, members, n_members, n->n_members, eh_desk_with_own(n));
	char *strata, *both;
	enum eh_strata_known known = EH_STRATA_THERE;
	struct eh_strata_rows rows;

	if (eh_desk_notification_strata(d, n, &rows, &known, NULL) != EH_OK)
		known = EH_STRATA_NOT_KEPT;
	strata = eh_strata_text(&n->finding, &rows, eh_strata_known_text(known));
	both = eh_xasprintf("%s%s%s", text, strata[0] != '\0' ? "\n" : "", strata);
	eh_strata_rows_free(&rows);
	free(strata);
	free(text);
	return both;
}

/* ---- of a run ---- */

struct eh_run_strata {
	struct eh_desk *desk;
	struct eh_audit_head head;
	bool changed;                   /* the counts are of another version than the run's */
	bool gathered;
	struct eh_audit_data data;
	struct eh_audit_settings s;
	struct eh_strata_source *source;
	size_t attributes;              /* that the data had when it was made */
	struct eh_parts *parts;
};

static int look_at_version(struct eh_run_strata *x, struct eh_err *err)
{
	struct eh_cubes_state state = { .current = false };
	struct eh_txn *txn = NULL;
	int rc = eh_txn_begin(&txn, x->desk->store, false, err);

	if (rc == EH_OK)
		rc = eh_cubes_state(txn, &state, err);
	eh_txn_abort(&txn);
	/* a run of certain days, or of before there were versions, has none: its counts have to tell */
	x->changed = rc == EH_OK && x->head.counts != 0 && (!state.current || state.version != x->head.counts);
	return rc;
}

int eh_desk_run_strata_open(struct eh_run_strata **out, struct eh_desk *d, const struct eh_audit_head *head,
			    struct eh_err *err)
{
	static const struct eh_audit_settings settings = EH_AUDIT_SETTINGS_INIT;
	struct eh_run_strata *x = eh_xcalloc(1, sizeof *x);
	int rc;

	*out = NULL;
	x->desk = d;
	x->head = *head;
	x->s = settings;
	rc = look_at_version(x, err);
	if (rc == EH_OK)
		*out = x;
	else
		free(x);
	return rc;
}

void eh_desk_run_strata_close(struct eh_run_strata **out)
{
	struct eh_run_strata *x = out != NULL ? *out : NULL;

	if (x == NULL)
		return;
	eh_strata_source_free(&x->source);
	eh_parts_free(&x->parts);
	eh_audit_data_free(&x->data);
	free(x);
	*out = NULL;
}

static int gather(struct eh_run_strata *x, struct eh_err *err)
{
	const struct eh_wanted_rows dated = { .window = x->head.window };
	eh_place *places = NULL;
	uint64_t untimed = 0;
	int rc;

	if (eh_window_dated(&x->head.window))
		rc = eh_desk_gather_rows(x->desk, &dated, &x->data, &places, &untimed, err);
	else
		rc = eh_desk_gather_counts(x->desk, &x->data, &places, err);
	free(places);
	x->gathered = rc == EH_OK;
	return rc;
}

/* An attribute "sex x race" is crossed here as it was for the audit. */
static void cross(struct eh_audit_data *d, const char *name)
{
	const char *join = strstr(name, EH_INTERSECT_JOIN);
	struct eh_intersect_rare rare;
	char pair[2 * EH_NAME_MAX + 2];
	size_t a = 0, b = 0;

	for (size_t i = 0; i < d->n_attributes; i++)
		if (strcmp(d->attributes[i].name, name) == 0)
			return;
	if (join == NULL)
		return;
	(void)snprintf(pair, sizeof pair, "%.*s,%s", (int)(join - name), name, join + strlen(EH_INTERSECT_JOIN));
	/* what cannot be crossed has no strata either, which the caller says */
	if (eh_intersect_parse(&a, &b, d, pair, NULL) == EH_OK)
		(void)eh_intersect(d, a, b, &rare, NULL);
}

/* The source as f was audited: whom it is compared with, and whether predicted classes count for the groups' shares. */
static int source_for(struct eh_run_strata *x, const struct eh_finding *f, struct eh_err *err)
{
	struct eh_audit_settings s = x->s;

	s.reference = strcmp(f->reference, "rest") == 0 ? EH_REF_REST : EH_REF_HIGHEST;
	s.min_share = f->min_share;
	s.known_only = f->predicted == 0 && f->assume.refused == 0;
	if (x->source != NULL && x->attributes == x->data.n_attributes && s.reference == x->s.reference &&
	    s.min_share == x->s.min_share && s.known_only == x->s.known_only)
		return EH_OK;
	eh_strata_source_free(&x->source);
	x->s = s;
	x->attributes = x->data.n_attributes;
	return eh_strata_source_new(&x->source, &x->data, &x->s, err);
}

int eh_desk_run_strata_of(struct eh_run_strata *x, const struct eh_finding *f, struct eh_strata_rows *out,
			  enum eh_strata_known *known, struct eh_err *err)
{
	struct eh_err why = EH_ERR_INIT;
	int rc = EH_OK;

	*out = (struct eh_strata_rows){ .v = NULL };
	*known = needed(f);
	if (*known == EH_STRATA_THERE && x->changed)
		*known = EH_STRATA_CHANGED;
	if (*known != EH_STRATA_THERE)
		return EH_OK;
	if (!x->gathered)
		rc = gather(x, &why);
	if (rc == EH_OK)
		cross(&x->data, f->attribute);
	if (rc == EH_OK && f->own)
		rc = eh_own_strata(out, &x->parts, f, &x->data, &why);
	else if (rc == EH_OK) {
		rc = source_for(x, f, &why);
		if (rc == EH_OK)
			rc = eh_strata_rows_of(out, x->source, f, &why);
	}
	/* nobody has such a class, or there is no such evaluator, any more */
	if (rc == EH_ENOENT || rc == EH_EINVAL)
		*known = EH_STRATA_CHANGED;
	else if (rc != EH_OK)
		return eh_err_set(err, rc, "%s", why.msg);
	else if (!eh_strata_rows_fit(out, f))
		*known = x->head.counts != 0 ? EH_STRATA_DIFFER : EH_STRATA_CHANGED;
	if (*known != EH_STRATA_THERE)
		eh_strata_rows_free(out);
	return EH_OK;
}
