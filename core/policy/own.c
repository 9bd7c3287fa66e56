/* What a policy says of its own findings, checked and counted again; see own.h. */
#include "policy/own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/measures.h"
#include "base/mem.h"
#include "base/text.h"
#include "policy/own_part.h"
#include "policy/pack.h"

#define COUNT_MAX ((uint64_t)1 << 40)   /* audit/table.h */
#define SMALL 100000                    /* decisions below which a second thread is not worth its start */

/* ---- is it one? ---- */

static bool plain(const char *s, size_t size) { return strnlen(s, size) < size && eh_text_clean(s, false); }

static bool plain_texts(const struct eh_own *o)
{
	return plain(o->attribute, sizeof o->attribute) && plain(o->group, sizeof o->group) &&
	       plain(o->reference, sizeof o->reference) && plain(o->evaluator, sizeof o->evaluator) &&
	       plain(o->position, sizeof o->position) && plain(o->stage, sizeof o->stage) &&
	       plain(o->question, sizeof o->question) && plain(o->period, sizeof o->period) &&
	       plain(o->subject, sizeof o->subject) && plain(o->verdict.reason, sizeof o->verdict.reason) &&
	       plain(o->verdict.rule, sizeof o->verdict.rule);
}

static bool is_subject(const char *s)
{
	return s[0] != '\0' && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_.-")] == '\0';
}

static bool is_month(const char *period)
{
	char day[16];

	(void)snprintf(day, sizeof day, "%s-01", period);
	return strlen(period) == 7 && eh_pack_day_valid(day);
}

static const char *wrong_topic(const struct eh_own *o)
{
	const bool group = o->attribute[0] != '\0' || o->group[0] != '\0' || o->reference[0] != '\0';

	if (o->subject[0] != '\0' && group)
		return "it has a subject and a group: a finding is about the project or about a group";
	if (o->subject[0] != '\0')
		return is_subject(o->subject) ? NULL : "subject must be 1 to 32 of a-z, 0-9, '_', '.' and '-'";
	if (o->attribute[0] == '\0' || o->group[0] == '\0')
		return "give attribute and group, or a subject such as \"consent\"";
	return NULL;
}

static const char *wrong_numbers(const struct eh_own *o)
{
	if (o->claimed != 0 && o->claimed != 1)
		return "claimed is neither yes nor no";
	if (o->claimed == 0 && (o->n | o->selected | o->ref_n | o->ref_selected) != 0)
		return "it has numbers that it does not claim";
	if (o->claimed != 0 && o->subject[0] != '\0')
		return "a finding about the project has no n and selected: put them into its reason";
	if (o->n > COUNT_MAX || o->ref_n > COUNT_MAX)
		return "n and ref_n are 0 to 2^40 decisions";
	if (o->selected > o->n || o->ref_selected > o->ref_n)
		return "more are selected than there are";
	return NULL;
}

static const char *wrong_keys(const struct eh_own *o)
{
	static const struct {
		size_t at;
		enum eh_crosstab_key key;
	} keys[] = {
		{ offsetof(struct eh_own, evaluator), EH_CROSSTAB_EVALUATOR },
		{ offsetof(struct eh_own, position), EH_CROSSTAB_POSITION },
		{ offsetof(struct eh_own, stage), EH_CROSSTAB_STAGE },
		{ offsetof(struct eh_own, question), EH_CROSSTAB_QUESTION },
		{ offsetof(struct eh_own, period), EH_CROSSTAB_PERIOD },
	};

	if (o->narrowed >> (EH_CROSSTAB_PERIOD + 1) != 0)
		return "it is narrowed by something that is no key";
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if ((o->narrowed >> keys[i].key & 1u) == 0 && ((const char *)o)[keys[i].at] != '\0')
			return "it names a key by which it is not narrowed";
	if ((o->narrowed >> EH_CROSSTAB_EVALUATOR & 1u) != 0 && o->evaluator[0] == '\0')
		return "evaluator is empty: leave it out for all of them";
	if ((o->narrowed >> EH_CROSSTAB_PERIOD & 1u) != 0 && !is_month(o->period))
		return "period must be a month such as \"2026-03\"";
	return NULL;
}

static const char *wrong_verdict(const struct eh_own *o)
{
	const struct eh_verdict *v = &o->verdict;

	if (v->kind < EH_OK_VERDICT || v->kind >= EH_VERDICT_COUNT || v->kind == EH_POLICY_ERROR)
		return "its verdict is none";
	if (v->kind != EH_NOTIFY)
		return v->scope == EH_SCOPE_NONE ? NULL : "it has a scope, and notifies nobody";
	if (v->scope != (o->evaluator[0] != '\0' ? EH_SCOPE_INDIVIDUAL : EH_SCOPE_SYSTEMIC))
		return "what names an evaluator is individual, what names none is systemic";
	return NULL;
}

const char *eh_own_wrong(const struct eh_own *o)
{
	const char *wrong = plain_texts(o) ? NULL : "a text is too long or not printable";

	if (wrong == NULL)
		wrong = wrong_topic(o);
	if (wrong == NULL)
		wrong = wrong_keys(o);
	if (wrong == NULL)
		wrong = wrong_numbers(o);
	return wrong != NULL ? wrong : wrong_verdict(o);
}

void eh_own_name(char out[EH_OWN_NAME_MAX], const struct eh_own *o, size_t i)
{
	const char *const parts[] = { o->evaluator, o->position, o->stage, o->question, o->period,
				      o->subject,   o->attribute, o->group };
	size_t len = (size_t)snprintf(out, EH_OWN_NAME_MAX, "finding %zu of compute()", i + 1);
	const char *between = " (";

	for (size_t k = 0; k < sizeof parts / sizeof parts[0] && len < EH_OWN_NAME_MAX; k++) {
		if (parts[k][0] == '\0')
			continue;
		len += (size_t)snprintf(out + len, EH_OWN_NAME_MAX - len, "%s%s", between, parts[k]);
		between = ", ";
	}
	if (between[0] == ',' && len < EH_OWN_NAME_MAX)
		(void)snprintf(out + len, EH_OWN_NAME_MAX - len, ")");
}

/* ---- to findings ---- */

/* One part of the decisions audited against one reference: what several findings share. */
struct look {
	const struct eh_own *of;        /* whose part and reference it is; NULL = none yet */
	struct eh_audit_data part;
	struct eh_findings found;       /* pooled first in each attribute */
};

struct work {
	struct eh_findings *out;
	const struct eh_own *v;
	size_t n;
	const struct eh_audit_data *d;
	const struct eh_audit_settings *s;
	struct eh_parts *parts;
	struct look look;
};

static int by_text(const char *a, const char *b, int before) { return before != 0 ? before : strcmp(a, b); }

static int order_of_parts(const struct eh_own *a, const struct eh_own *b)
{
	int c = (a->narrowed > b->narrowed) - (a->narrowed < b->narrowed);

	c = by_text(a->evaluator, b->evaluator, c);
	c = by_text(a->position, b->position, c);
	c = by_text(a->stage, b->stage, c);
	c = by_text(a->question, b->question, c);
	return by_text(a->period, b->period, c);
}

/* A fixed reference is a group of one attribute: the look is at that one alone then.  So it is for the largest group,
 * which the whole pool tells and not the part that is looked at. */
static bool is_fixed(const struct eh_own *o, const struct eh_audit_settings *s)
{
	return o->reference[0] == '\0' ? s->reference == EH_REF_FIXED || s->reference == EH_REF_MAJORITY :
	       strcmp(o->reference, "rest") != 0 && strcmp(o->reference, "highest") != 0;
}

static int order_of_looks(const struct eh_own *a, const struct eh_own *b)
{
	int c = by_text(a->reference, b->reference, order_of_parts(a, b));

	return by_text(a->attribute, b->attribute, c);
}

static int by_look(const void *a, const void *b)
{
	const struct eh_own *const *x = a, *const *y = b;
	int c = order_of_looks(*x, *y);

	return c != 0 ? c : (*x > *y) - (*x < *y);
}

static struct eh_audit_settings settings_of(const struct work *w, const struct eh_own *o, size_t decisions)
{
	struct eh_audit_settings s = *w->s;

	s.min_share = 0;
	s.anytime = false;
	s.look = 0;
	if (decisions < SMALL)
		s.threads = 1;
	if (strcmp(o->reference, "rest") == 0) {
		s.reference = EH_REF_REST;
	} else if (strcmp(o->reference, "highest") == 0) {
		s.reference = EH_REF_HIGHEST;
	} else if (strcmp(o->reference, "majority") == 0) {
		s.reference = EH_REF_MAJORITY;
	} else if (o->reference[0] != '\0') {
		s.reference = EH_REF_FIXED;
		memcpy(s.fixed_reference, o->reference, sizeof s.fixed_reference);
	}
	return s;
}

static size_t attribute_of(const struct eh_audit_data *d, const char *name)
{
	size_t i = 0;

	while (i < d->n_attributes && strcmp(d->attributes[i].name, name) != 0)
		i++;
	return i;
}

/* Audits the part again; with a fixed reference its one attribute. */
static int audit_part(struct work *w, const struct eh_own *o, struct eh_err *err)
{
	struct look *l = &w->look;
	struct eh_audit_data d = l->part;
	struct eh_audit_settings s = settings_of(w, o, d.n_decisions);

	eh_findings_free(&l->found);
	if (d.n_decisions == 0)
		return EH_OK;
	if (eh_parts_spend(w->parts, d.n_decisions, err) != EH_OK)
		return EH_ERANGE;
	if (s.reference == EH_REF_MAJORITY) {
		const size_t a = attribute_of(w->d, o->attribute);
		int largest = -1, rc = eh_audit_majority(&largest, w->d, a, s.known_only, err);

		if (rc != EH_OK)
			return rc;
		s.reference = EH_REF_FIXED;
		memcpy(s.fixed_reference, largest >= 0 ? w->d->attributes[a].groups[largest] : "",
		       largest >= 0 ? sizeof s.fixed_reference : 1);
	}
	if (is_fixed(o, w->s)) {
		d.attributes += attribute_of(&d, o->attribute);
		d.n_attributes = 1;
	}
	return eh_audit_run(&l->found, &d, &s, NULL, err);
}

/* w->look becomes that of o. */
static int look_at(struct work *w, const struct eh_own *o, struct eh_err *err)
{
	struct look *l = &w->look;
	const bool same_part = l->of != NULL && order_of_parts(l->of, o) == 0;
	int rc = EH_OK;

	if (same_part && strcmp(l->of->reference, o->reference) == 0 &&
	    (!is_fixed(o, w->s) || strcmp(l->of->attribute, o->attribute) == 0))
		return EH_OK;
	l->of = NULL;
	if (!same_part) {
		eh_part_free(&l->part);
		rc = eh_part_take(&l->part, w->parts, o, err);
	}
	if (rc == EH_OK)
		rc = audit_part(w, o, err);
	if (rc == EH_OK)
		l->of = o;
	return rc;
}

/* A finding of which nothing is known but what the policy says. */
static void start(struct eh_finding *f, const struct eh_audit_settings *s)
{
	const struct eh_num none = eh_undefined(EH_U_NOT_COUNTED);
	const struct eh_interval no_ends = { none, none };

	memset(f, 0, sizeof *f);
	f->rate = f->ref_rate = f->impact_ratio = f->z = f->p_z = f->p_fisher = f->p_mid = none;
	f->shortfall = f->mh_ratio = f->p_cmh = f->p_breslow_day = f->detectable = f->ratio = f->p = none;
	f->em_ratio = f->weighted_ratio = f->p_em = f->em_n = f->em_selected = f->p_anytime = none;
	f->interval = f->mh_interval = f->em_interval = f->ratio_interval = no_ends;
	f->below_limit = f->ratio_below = f->flips = EH_UNKNOWN;
	f->limit_num = s->limit_num;
	f->limit_den = s->limit_den;
	f->min_group = s->min_group;
	f->min_total = s->min_total;
	f->alpha = eh_num(s->alpha);
	f->builtin = EH_CANNOT_CONCLUDE;
	eh_measures_none(f, EH_U_NOT_COUNTED);
}

static const char *key_text(const struct eh_own *o, enum eh_crosstab_key key, const char *text)
{
	return (o->narrowed >> key & 1u) != 0 && text[0] == '\0' ? "(none)" : text;
}

static void put_topic(struct eh_finding *f, const struct eh_own *o)
{
	const struct eh_num no_q = eh_undefined(EH_U_NO_P);

	f->own = true;
	memcpy(f->evaluator, o->evaluator, sizeof f->evaluator);
	memcpy(f->attribute, o->attribute, sizeof f->attribute);
	memcpy(f->group, o->group, sizeof f->group);
	memcpy(f->period, o->period, sizeof f->period);
	memcpy(f->subject, o->subject, sizeof f->subject);
	(void)snprintf(f->position, sizeof f->position, "%s", key_text(o, EH_CROSSTAB_POSITION, o->position));
	(void)snprintf(f->stage, sizeof f->stage, "%s", key_text(o, EH_CROSSTAB_STAGE, o->stage));
	(void)snprintf(f->question, sizeof f->question, "%s", key_text(o, EH_CROSSTAB_QUESTION, o->question));
	if (f->reference[0] == '\0')
		memcpy(f->reference, o->reference, sizeof f->reference);
	f->q = f->q_holm = no_q;
	f->family_size = 0;
	(void)snprintf(f->family_method, sizeof f->family_method, "none");
	eh_finding_alone(f, EH_U_OWN);
	f->verdict = (enum eh_verdict_kind)o->verdict.kind;
	f->scope = (enum eh_scope)o->verdict.scope;
	memcpy(f->reason, o->verdict.reason, sizeof f->reason);
	memcpy(f->rule, o->verdict.rule, sizeof f->rule);
}

static int check_names(const struct work *w, const struct eh_own *o, const char *name, struct eh_err *err)
{
	const size_t i = attribute_of(w->d, o->attribute);
	const struct eh_attribute_data *a = &w->d->attributes[i];
	const char *fixed = o->reference[0] != '\0' ? o->reference : w->s->fixed_reference;
	const bool majority = strcmp(o->reference, "majority") == 0 ||
			      (o->reference[0] == '\0' && w->s->reference == EH_REF_MAJORITY);
	bool group = false, reference = !is_fixed(o, w->s) || majority;

	if (i == w->d->n_attributes)
		return eh_err_set(err, EH_EPOLICY, "%s: no class of %s is known here, or the policy does not look at "
				  "it", name, o->attribute);
	for (size_t g = 0; g < a->n_groups; g++) {
		group = group || strcmp(a->groups[g], o->group) == 0;
		reference = reference || strcmp(a->groups[g], fixed) == 0;
	}
	if (!group || !reference)
		return eh_err_set(err, EH_EPOLICY, "%s: %s has no group %s", name, o->attribute,
				  group ? fixed : o->group);
	return EH_OK;
}

static int check_claim(const struct eh_own *o, const struct eh_finding *f, const char *name, struct eh_err *err)
{
	const struct {
		const char *what;
		uint64_t says, is;
	} v[] = { { "n", o->n, f->n },
		  { "selected", o->selected, f->selected },
		  { "ref_n", o->ref_n, f->ref_n },
		  { "ref_selected", o->ref_selected, f->ref_selected } };

	for (size_t i = 0; o->claimed != 0 && i < sizeof v / sizeof v[0]; i++)
		if (v[i].says != v[i].is)
			return eh_err_set(err, EH_EPOLICY, "%s: it says %s = %llu, the counts say %llu", name,
					  v[i].what, (unsigned long long)v[i].says, (unsigned long long)v[i].is);
	return EH_OK;
}

/* Of a group in the part that is looked at. */
static int count_again(struct work *w, const struct eh_own *o, struct eh_finding *f, const char *name,
		       struct eh_err *err)
{
	int rc = check_names(w, o, name, err);

	if (rc != EH_OK)
		return rc;
	rc = look_at(w, o, err);
	if (rc == EH_EPOLICY || rc == EH_EINVAL || rc == EH_ERANGE) {
		const struct eh_err why = *err;

		return eh_err_set(err, EH_EPOLICY, "%s: %s", name, why.msg);
	}
	if (rc != EH_OK)
		return rc;
	for (size_t i = 0; i < w->look.found.n; i++) {
		const struct eh_finding *x = &w->look.found.v[i];

		if (x->evaluator[0] == '\0' && x->position[0] == '\0' && strcmp(x->attribute, o->attribute) == 0 &&
		    strcmp(x->group, o->group) == 0) {
			*f = *x;
			break;
		}
	}
	f->counted = true;
	return check_claim(o, f, name, err);
}

static int make_one(struct work *w, const struct eh_own *o, struct eh_err *err)
{
	struct eh_finding *f = &w->out->v[o - w->v];
	char name[EH_OWN_NAME_MAX];
	int rc = EH_OK;

	eh_own_name(name, o, (size_t)(o - w->v));
	start(f, w->s);
	if (o->subject[0] == '\0' && w->d != NULL)
		rc = count_again(w, o, f, name, err);
	put_topic(f, o);
	return rc;
}

static int check_all(const struct eh_own *v, size_t n, struct eh_err *err)
{
	for (size_t i = 0; i < n; i++) {
		const char *wrong = eh_own_wrong(&v[i]);

		if (wrong != NULL)
			return eh_err_set(err, EH_EPOLICY, "finding %zu of compute(): %s", i + 1, wrong);
	}
	return EH_OK;
}

int eh_own_findings(struct eh_findings *out, const struct eh_own *v, size_t n, const struct eh_audit_data *d,
		    const struct eh_audit_settings *s, struct eh_err *err)
{
	struct work w = { .out = out, .v = v, .n = n, .d = d, .s = s };
	const struct eh_own **order = eh_xcalloc(n + 1, sizeof *order);
	int rc = check_all(v, n, err);

	*out = (struct eh_findings){ eh_try_calloc(n + 1, sizeof *out->v), n };
	if (rc == EH_OK && out->v == NULL)
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for %zu findings of a policy's own", n);
	if (rc == EH_OK && d != NULL)
		w.parts = eh_parts_new(d);
	for (size_t i = 0; i < n; i++)
		order[i] = &v[i];
	if (rc == EH_OK)
		qsort(order, n, sizeof(const struct eh_own *), by_look);
	for (size_t i = 0; i < n && rc == EH_OK; i++)
		rc = make_one(&w, order[i], err);
	if (rc != EH_OK)
		eh_findings_free(out);
	eh_findings_free(&w.look.found);
	eh_part_free(&w.look.part);
	eh_parts_free(&w.parts);
	free(order);
	return rc;
}
