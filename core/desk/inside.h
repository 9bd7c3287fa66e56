/*
 * inside.h - what the files of desk/ share; nobody else includes it.
 */
#ifndef EH_DESK_INSIDE_H
#define EH_DESK_INSIDE_H

#include "desk/desk.h"
#include "policy/project.h"

/* Of a ledger with so many records: the first instant after `since` at which time alone changes what is allowed. */
struct eh_ledger_due {
	bool is;
	uint64_t records;
	int64_t since, at;
};

struct eh_desk {
	struct eh_store *store;
	const struct eh_policy_engine *engine;
	struct eh_actor actor;
	const struct eh_progress *progress;     /* of rewriting the store; NULL = nobody is told */
	struct eh_ledger_due ledger;
	/* of eh_desk_version: instants passed so far, the next one (0 = not looked for yet), for which store */
	struct { uint64_t n, version; int64_t at; } turn;
};

/*
 * The next instant after now [s since 1970 UTC] at which a consent begins or runs out or the term of a release is over;
 * INT64_MAX: none.  The ledger is read only when it has grown or the instant has passed.
 */
int eh_desk_due(struct eh_desk *d, struct eh_txn *txn, int64_t now, int64_t *due, struct eh_err *err);
int64_t eh_desk_next_day(int64_t now);          /* [s] when the day after now's begins, UTC */

/* Growing list for read verbs: element size fixed at init, push copies.  The list is handed to the caller. */
struct eh_list {
	void *v;
	size_t n, cap, size;
};
void eh_list_init(struct eh_list *l, size_t size);
void *eh_list_push(struct eh_list *l, const void *element);     /* the copy inside the list; element NULL: zeroed */

typedef char eh_place[EH_JURISDICTION_MAX + 1];

/* Audit data of the whole project (desk/gather.c): declared classes, posteriors, decisions.
 * places: [candidates.n] jurisdiction of each candidate, caller frees. */
int eh_desk_gather(struct eh_desk *d, struct eh_audit_data *out, eh_place **places, struct eh_err *err);
/* Which rows of the store are wanted, and how; all zero: every one. */
struct eh_wanted_rows {
	struct eh_window window;
	const char *evaluator;          /* only his; NULL = everybody's */
	bool timed;                     /* none without a time, as in a bounded window */
	bool known_only;                /* predicted classes stay unknown */
	bool months;                    /* it is asked when something was decided, to the month */
	bool unscored;                  /* nobody asks for scores */
};
/* eh_desk_gather of these rows.  *untimed: decisions without a time among them, or left out because of that.
 * EH_EINVAL: the window, or a period is asked for and nothing has a time. */
int eh_desk_gather_rows(struct eh_desk *d, const struct eh_wanted_rows *want, struct eh_audit_data *out,
			eh_place **places, uint64_t *untimed, struct eh_err *err);
/*
 * The same from the stored counts by months (desk/cube.c), where they hold all of it: the window begins and ends with
 * a month, they are current, no candidate was judged by two evaluators, no predicted class counts.  Kinds of persons
 * with weights then, as in eh_desk_gather_counts; the day of a decision is the first of its month, and there is none
 * unless months is set.  Else, and where there is nothing to audit or something is wrong, eh_desk_gather_rows.
 */
int eh_desk_gather_dated(struct eh_desk *d, const struct eh_wanted_rows *want, struct eh_audit_data *out,
			 eh_place **places, uint64_t *untimed, struct eh_err *err);
/* The first half of it: *done false with EH_OK where they do not, and out is empty. */
int eh_desk_gather_months(struct eh_desk *d, const struct eh_wanted_rows *want, struct eh_audit_data *out,
			  eh_place **places, uint64_t *untimed, bool *done, struct eh_err *err);
/* The same, where eh_desk_gather says EH_ENOENT too because no attribute has two known groups: out has none then. */
int eh_desk_gather_any(struct eh_desk *d, struct eh_audit_data *out, eh_place **places, struct eh_err *err);

/*
 * The same for an audit (desk/cube.c), from the stored counts where they hold all that it needs: they are current,
 * nobody has a predicted class, no candidate was judged by two evaluators; each kind of persons is then one candidate
 * without a name, with a weight, or where there are scores one for each person.  Else the evaluations themselves.
 */
int eh_desk_gather_counts(struct eh_desk *d, struct eh_audit_data *out, eh_place **places, struct eh_err *err);

/* Attributes while they are collected: found by name or added; a group's place kept in byte order; index or -1. */
struct eh_attribute_data *eh_desk_attribute_of(struct eh_list *list, const char *name);
int eh_desk_add_group(struct eh_attribute_data *a, const char *group, struct eh_err *err);
int16_t eh_desk_group_index(const struct eh_attribute_data *a, const char *group);
/* Sorts them, and gives up those with one group: they have nobody to compare with. */
void eh_desk_settle_attributes(struct eh_audit_data *d, struct eh_list *list);

/* Attributes and groups of n profiles (people/people.h) into d; what each of them says of each, [n][n_attributes], the
 * caller frees. */
struct eh_said {
	int16_t group;                  /* -1 = nothing */
	uint8_t provenance;
};
int eh_desk_list_attributes(const struct eh_candidate *v, size_t n, struct eh_audit_data *d, struct eh_err *err);
struct eh_said *eh_desk_list_said(const struct eh_candidate *v, size_t n, const struct eh_audit_data *d);

/* The policy's own gate (desk/closed.c): classes of candidates in places that it closes for an attribute become
 * unknown.  closed[k] = attribute k is closed in every place.  EH_EPOLICY when the gate raises. */
int eh_desk_close_places(const struct eh_policy_engine *engine, struct eh_policy *p, struct eh_audit_data *data,
			 eh_place *const places, bool *closed, struct eh_err *err);

/* ---- the steps of an audit (desk/audit.c), for who runs them many times (desk/calibrate.c) ---- */

/* out->policy, origin, shadows.  A policy that cannot be loaded still gets its run, *p stays NULL: policy_status is
 * EH_EPOLICY and every finding will say policy_error.  Forks: the store is suspended. */
int eh_desk_load_policy(struct eh_desk *d, const char *name, struct eh_policy **p, struct eh_audit_result *out,
			struct eh_err *err);
/* ---- settings that are not the policy's (desk/overrides.c) ---- */
void eh_desk_override(struct eh_audit_settings *s, const struct eh_audit_overrides *o /* or NULL */);
void eh_desk_text_settings(struct eh_head_settings *out, const struct eh_audit_settings *text);
/* r->loosened and reason.  EH_EINVAL: the run is stored, its settings let through what those of an active or shipped
 * text notify about, and nobody says why; or the reason is no plain text.  EH_ERANGE: it is too long. */
int eh_desk_ask_reason(struct eh_audit_result *r, const struct eh_audit_settings *text,
		       const struct eh_audit_settings *used, const struct eh_audit_overrides *o /* or NULL */,
		       bool stored, struct eh_err *err);
/* The journal's words on a run. */
void eh_desk_describe_run(char *out, size_t size, const struct eh_audit_result *r);

/* Attributes the policy does not name leave before the run: they would enlarge the family for nothing. */
void eh_desk_keep_attributes(struct eh_audit_data *data, const struct eh_policy_info *p);
/* out->nothing and missing, of the project's attributes before others leave. */
void eh_desk_look_for_attributes(struct eh_audit_result *out, const struct eh_audit_data *data);
/* eh_desk_close_places; a gate that fails closes the policy (policy_status), not the audit. */
void eh_desk_ask_gate(struct eh_desk *d, struct eh_policy *p, struct eh_audit_data *data, eh_place *places,
		      bool *closed, struct eh_audit_result *out);
/* Adds out->policy's intersections and the command's; *closed grows with the attributes.  EH_EUSAGE: the command names
 * attributes that are not there (desk/intersect.c). */
int eh_desk_intersect(struct eh_audit_data *data, const struct eh_audit_overrides *o /* or NULL */, bool **closed,
		      struct eh_audit_result *out, struct eh_err *err);
/* Verdicts into the findings; what went wrong into out->policy_status.  Forks: the store is suspended.
 * f->v stays where it is: it may be that of an audit that is kept (audit/again.h). */
void eh_desk_judge(const struct eh_policy_engine *engine, struct eh_policy *p,
		   const struct eh_audit_data *data /* the findings are of */, struct eh_findings *f,
		   const struct eh_audit_settings *s, struct eh_audit_result *out);
/* v [f->n] into the findings; rc not EH_OK: policy_error for all, with out->policy_message. */
void eh_desk_put_verdicts(struct eh_findings *f, const struct eh_verdict *v, int rc, struct eh_audit_result *out);
/* ---- what a policy adds (desk/own.c) ---- */
/* eh_desk_judge, and what compute() adds into out->own; project NULL = no facts about it. */
void eh_desk_judge_all(const struct eh_policy_engine *engine, struct eh_policy *p, const struct eh_audit_data *data,
		       const struct eh_project *project, struct eh_findings *f, const struct eh_audit_settings *s,
		       struct eh_audit_result *out);
/* Where somebody's class is predicted and the policy takes declared ones only, nothing is said. */
void eh_desk_refuse_predicted(struct eh_audit_result *out, const struct eh_audit_data *data);
/* The rule pack on the day of now: out->pack, pack_state; outside of its dates nothing is notified. */
void eh_desk_apply_pack(struct eh_audit_result *out);
/* An attribute that the policy's gate closes everywhere is said to be so, whatever check() made of it. */
void eh_desk_mark_closed(struct eh_findings *f, const struct eh_audit_data *data, const bool *closed);
/* check() may fail on single findings: a run in which one verdict is missing is not a sound run. */
void eh_desk_count_errors(struct eh_audit_result *out, const struct eh_findings *f);
/* out->head, which is empty before, when all verdicts are there; seq and counts are the caller's. */
void eh_desk_fill_head(struct eh_audit_result *out, const struct eh_audit_data *data,
		       const struct eh_audit_settings *s);
void eh_desk_note_aside(struct eh_audit_result *out, const struct eh_audit_data *data);
/* Stores findings, raises notifications with their strata, journals; in one transaction.  data: what was audited. */
int eh_desk_store_run(struct eh_desk *d, struct eh_audit_result *out, const struct eh_audit_data *data,
		      struct eh_err *err);

/* A refusal is an act too: when rc is EH_EREFUSED, its text goes into the journal as "VERB.refused", in a transaction
 * of its own.  Returns rc. */
int eh_desk_note_refusal(struct eh_desk *d, int rc, const char *verb, const char *object, const struct eh_err *err);

/* Pools the candidate's stored answers anew; without answers the vector goes (desk/extract.c). */
int eh_desk_repool(struct eh_txn *txn, const char *candidate, struct eh_err *err);

/* Takes away what was measured or inferred under a consent that no longer holds (desk/sweep.c), with a journal entry
 * when there was something.  candidate NULL = everybody.  taken: answers, classes, and candidates whose copies
 * went; may be NULL. */
int eh_desk_sweep_in(struct eh_txn *txn, const struct eh_actor *actor, const char *candidate, size_t *taken,
		     struct eh_err *err);
/* The same in a transaction of its own. */
int eh_desk_sweep(struct eh_desk *d, const char *candidate, struct eh_err *err);

/* May this inferred class be used now?  Consent to infer, the place's gate, and the consents for the indicators it
 * was inferred from (desk/sweep.c). */
bool eh_desk_may_use(struct eh_txn *txn, const struct eh_posterior *p, int64_t now);

/* ---- what was deleted leaves the file too (desk/tidy.c) ---- */

/* In the transaction that deletes. */
int eh_desk_want_tidy(struct eh_txn *txn, struct eh_err *err);
/* Rewrites the store when that is wanted and nobody else has it open; *done = nothing is left to do.  The act before is
 * on disk whatever this returns. */
int eh_desk_tidy(struct eh_desk *d, bool *done, struct eh_err *err);

/* ---- models and the consents they rest on (desk/models.c) ---- */

/* Keeps beside the model which indicators of each contributor it was taught with: vectors, sorted by candidate. */
int eh_desk_uses_put(struct eh_txn *txn, const struct eh_model *m, const struct eh_vector *const *v, size_t n,
		     struct eh_err *err);

/* Contributors whose consent no longer holds, into *withdrawn. */
int eh_desk_model_withdrawn(struct eh_txn *txn, const struct eh_model *m, int64_t now, uint32_t *withdrawn,
			    struct eh_err *err);

/*
 * Calls fn for every contributor whose consents still hold with what the model said of him unseen
 * (eh_model_unseen).  It serves to measure and check the model, which the consent to train covers; a class is not
 * inferred from it.
 */
int eh_desk_model_unseen(struct eh_txn *txn, const struct eh_model *m, int64_t now,
			 void (*fn)(void *ctx, const char *candidate, const struct eh_prediction *p), void *ctx,
			 struct eh_err *err);

/* Model, what it notes of its contributors, and the classes it gave. */
int eh_desk_model_drop(struct eh_txn *txn, const char *attribute, struct eh_err *err);

/* A withdrawn consent for face or voice ends the use of what was measured under it (desk/learn.c). */
void eh_desk_keep_consented(struct eh_txn *txn, struct eh_vector *v, int64_t now);
/* Value of a column of the categorical block: position, jurisdiction (desk/learn.c).  NULL = no such column. */
const char *eh_desk_with(const struct eh_candidate *c, const char *column);

/* eh_desk_models in a transaction of the caller's. */
int eh_desk_model_rows(struct eh_txn *txn, struct eh_model_row **v, size_t *n, struct eh_err *err);
/* Made with a consent that was withdrawn, or by another version: it classifies nobody, and what it gave counts
 * nowhere. */
bool eh_desk_model_stale(const struct eh_model_row *row);

#endif
