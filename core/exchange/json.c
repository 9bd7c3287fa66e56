/* Findings as JSON: the finding object and the document around it (DESIGN.md 4.3). */
#include <string.h>

#include "audit/strata.h"
#include "exchange/exchange.h"

/* Notes the reason of an undefined value under PREFIX.KEY in `why`. */
static void reason(struct eh_json *why, const char *prefix, const char *key, struct eh_num v)
{
	char name[64];

	if (v.defined)
		return;
	(void)snprintf(name, sizeof name, "%s%s%s", prefix, prefix[0] != '\0' ? "." : "", key);
	eh_json_str(why, name, eh_undef_text(v.why));
}

static void number(struct eh_json *obj, struct eh_json *why, const char *prefix, const char *key, struct eh_num v)
{
	eh_json_num(obj, key, v);
	reason(why, prefix, key, v);
}

/* [low, high]; the reasons of ends that are null stand under PREFIX.KEY.low and .high. */
static void interval(struct eh_json *obj, struct eh_json *why, const char *prefix, const char *key,
		     struct eh_interval v)
{
	struct eh_json *a = eh_json_array();
	char name[64];

	eh_json_push_num(a, v.low);
	eh_json_push_num(a, v.high);
	eh_json_set(obj, key, a);
	(void)snprintf(name, sizeof name, "%s%s%s", prefix, prefix[0] != '\0' ? "." : "", key);
	reason(why, name, "low", v.low);
	reason(why, name, "high", v.high);
}

/* Why the swap of one person could not be tried. */
static struct eh_num swap_state(const struct eh_finding *f)
{
	if (f->flips != EH_UNKNOWN)
		return eh_num(f->flips);
	if (f->is_reference)
		return eh_undefined(EH_U_IS_REFERENCE);
	return f->impact_ratio.defined ? eh_undefined(EH_U_SWAP_IMPOSSIBLE) : f->impact_ratio;
}

static void counts(struct eh_json *j, const struct eh_finding *f)
{
	eh_json_str(j, "evaluator", f->evaluator[0] != '\0' ? f->evaluator : NULL);
	eh_json_str(j, "attribute", f->attribute);
	eh_json_str(j, "group", f->group);
	eh_json_str(j, "position", f->position[0] != '\0' ? f->position : NULL);
	eh_json_str(j, "reference", f->reference);
	eh_json_bool(j, "is_reference", f->is_reference);
	eh_json_int(j, "n", (int64_t)f->n);
	eh_json_int(j, "selected", (int64_t)f->selected);
	eh_json_int(j, "ref_n", (int64_t)f->ref_n);
	eh_json_int(j, "ref_selected", (int64_t)f->ref_selected);
	eh_json_int(j, "persons", (int64_t)f->persons);
	eh_json_int(j, "ref_persons", (int64_t)f->ref_persons);
	eh_json_int(j, "strata", f->strata);
}

static void plain_table(struct eh_json *j, struct eh_json *why, const struct eh_finding *f)
{
	number(j, why, "", "rate", f->rate);
	number(j, why, "", "ref_rate", f->ref_rate);
	number(j, why, "", "impact_ratio", f->impact_ratio);
	eh_json_str(j, "undefined", f->impact_ratio.defined ? NULL : eh_undef_text(f->impact_ratio.why));
	eh_json_tri(j, "below_limit", f->below_limit);
	eh_json_bool(j, "below_two_percent", f->below_two_percent);
	interval(j, why, "", "interval", f->interval);
	eh_json_str(j, "interval_method", f->interval_method);
	number(j, why, "", "z", f->z);
	number(j, why, "", "p_z", f->p_z);
	number(j, why, "", "p_fisher", f->p_fisher);
	number(j, why, "", "p_mid", f->p_mid);
	number(j, why, "", "shortfall", f->shortfall);
	eh_json_tri(j, "flips", f->flips);
	reason(why, "", "flips", swap_state(f));
	number(j, why, "", "mh_ratio", f->mh_ratio);
	interval(j, why, "", "mh_interval", f->mh_interval);
	number(j, why, "", "p_cmh", f->p_cmh);
	number(j, why, "", "p_breslow_day", f->p_breslow_day);
	number(j, why, "", "detectable", f->detectable);
}

static void decisive(struct eh_json *j, struct eh_json *why, const struct eh_finding *f)
{
	eh_json_str(j, "basis", f->basis == EH_BASIS_KNOWN ? "known" : "screening");
	number(j, why, "", "ratio", f->ratio);
	eh_json_str(j, "rests_on", eh_ratio_kind_text(f->rests_on));
	interval(j, why, "", "ratio_interval", f->ratio_interval);
	eh_json_tri(j, "ratio_below", f->ratio_below);
	number(j, why, "", "p", f->p);
	eh_json_str(j, "p_method", f->p_method);
	number(j, why, "", "q", f->q);
	number(j, why, "", "q_holm", f->q_holm);
	eh_json_int(j, "family_size", f->family_size);
}

static struct eh_json *benchmark(struct eh_json *why, const struct eh_finding *f)
{
	struct eh_json *j = eh_json_object();

	eh_json_int(j, "evaluators", f->bench_evaluators);
	eh_json_int(j, "n", (int64_t)f->bench_n);
	eh_json_int(j, "selected", (int64_t)f->bench_selected);
	number(j, why, "benchmark", "rate", f->bench_rate);
	number(j, why, "benchmark", "impact_ratio", f->bench_ratio);
	number(j, why, "benchmark", "deviation", f->deviation);
	return j;
}

static struct eh_json *peers(struct eh_json *why, const struct eh_finding *f)
{
	struct eh_json *j = eh_json_object();

	number(j, why, "peers", "ratio", f->peers_ratio);
	number(j, why, "peers", "z", f->peers_z);
	number(j, why, "peers", "p", f->peers_p);
	number(j, why, "peers", "q", f->peers_q);
	return j;
}

static struct eh_json *expected_classes(struct eh_json *why, const struct eh_finding *f)
{
	struct eh_json *j = eh_json_object();

	number(j, why, "em", "ratio", f->em_ratio);
	interval(j, why, "em", "interval", f->em_interval);
	number(j, why, "em", "p", f->p_em);
	number(j, why, "em", "weighted_ratio", f->weighted_ratio);
	number(j, why, "em", "n", f->em_n);
	number(j, why, "em", "selected", f->em_selected);
	eh_json_bool(j, "robust", f->robust);
	eh_json_str(j, "guard", f->guard[0] != '\0' ? f->guard : NULL);
	return j;
}

static struct eh_json *provenance(const struct eh_finding *f)
{
	struct eh_json *j = eh_json_object();

	eh_json_int(j, "declared", (int64_t)f->declared);
	eh_json_int(j, "imported", (int64_t)f->imported);
	eh_json_int(j, "predicted", (int64_t)f->predicted);
	eh_json_int(j, "unknown", (int64_t)f->unknown);
	return j;
}

/* What must be said beside a stratified ratio. */
static struct eh_json *notes(const struct eh_finding *f)
{
	struct eh_json *list = eh_json_array();

	for (unsigned bit = EH_NOTE_UNEQUAL; bit <= EH_NOTE_REVERSED; bit <<= 1)
		if ((eh_strata_notes(f) & bit) != 0)
			eh_json_push_str(list, eh_strata_note_text(bit));
	return list;
}

struct eh_json *eh_json_finding(const struct eh_finding *f)
{
	static const char *const scopes[] = { NULL, "individual", "systemic" };
	struct eh_json *j = eh_json_object();
	struct eh_json *why = eh_json_object();

	counts(j, f);
	plain_table(j, why, f);
	decisive(j, why, f);
	eh_json_set(j, "benchmark", benchmark(why, f));
	eh_json_set(j, "peers", peers(why, f));
	eh_json_set(j, "em", expected_classes(why, f));
	eh_json_set(j, "provenance", provenance(f));
	eh_json_str(j, "builtin", eh_verdict_text(f->builtin));
	eh_json_str(j, "verdict", eh_verdict_text(f->verdict));
	eh_json_str(j, "scope", (unsigned)f->scope < 3 ? scopes[f->scope] : NULL);
	eh_json_str(j, "reason", f->reason);
	eh_json_set(j, "notes", notes(f));
	eh_json_set(j, "why", why);
	return j;
}

/* {KEY: name, "groups": [...]} pushed to list; the groups array is handed back to be filled. */
static struct eh_json *open_groups(struct eh_json *list, const char *key, const char *name)
{
	struct eh_json *j = eh_json_object();
	struct eh_json *groups = eh_json_array();

	eh_json_str(j, key, name);
	eh_json_set(j, "groups", groups);
	eh_json_push(list, j);
	return groups;
}

/* v[0..n) are all of one attribute, in the order of struct eh_findings. */
static struct eh_json *attribute(const struct eh_finding *v, size_t n)
{
	struct eh_json *j = eh_json_object(), *pooled = eh_json_object(), *pooled_groups = eh_json_array();
	struct eh_json *positions = eh_json_array(), *evaluators = eh_json_array(), *groups = NULL;
	const char *last_position = "", *last_evaluator = "";
	bool known = false;

	eh_json_str(j, "attribute", v[0].attribute);
	eh_json_null(j, "unknown");
	for (size_t i = 0; i < n; i++) {
		const struct eh_finding *f = &v[i];
		bool pool = f->evaluator[0] == '\0';

		if (pool && f->position[0] == '\0') {
			if (!known)
				eh_json_int(j, "unknown", (int64_t)f->unknown);
			known = true;
			eh_json_push(pooled_groups, eh_json_finding(f));
			continue;
		}
		if (pool && strcmp(last_position, f->position) != 0) {
			groups = open_groups(positions, "position", f->position);
			last_position = f->position;
		} else if (!pool && strcmp(last_evaluator, f->evaluator) != 0) {
			groups = open_groups(evaluators, "evaluator", f->evaluator);
			last_evaluator = f->evaluator;
		}
		eh_json_push(groups, eh_json_finding(f));
	}
	eh_json_set(pooled, "groups", pooled_groups);
	eh_json_set(j, "pooled", pooled);
	eh_json_set(j, "positions", positions);
	eh_json_set(j, "evaluators", evaluators);
	return j;
}

struct eh_json *eh_json_findings(const char *schema, const char *source, uint64_t rows,
				 const struct eh_audit_settings *s, const struct eh_finding *v, size_t n)
{
	const char *reference = s->reference == EH_REF_HIGHEST ? "highest"
				: s->reference == EH_REF_REST  ? "rest"
							       : s->fixed_reference;
	struct eh_json *j = eh_json_object(), *limit = eh_json_array(), *family = eh_json_object(),
		       *attributes = eh_json_array();
	uint32_t size = 0;

	/* the evaluators' family; where there is none, the pooled one.  Every finding carries its own. */
	for (size_t i = 0; i < n; i++)
		if (i == 0 || v[i].evaluator[0] != '\0')
			size = v[i].family_size;
	eh_json_push_int(limit, s->limit_num);
	eh_json_push_int(limit, s->limit_den);
	eh_json_str(family, "method", s->family);
	eh_json_int(family, "size", size);
	eh_json_str(j, "schema", schema);
	eh_json_str(j, "source", source);
	eh_json_int(j, "rows", (int64_t)rows);
	eh_json_set(j, "limit", limit);
	eh_json_str(j, "reference", reference);
	eh_json_set(j, "family", family);
	eh_json_int(j, "min_group", s->min_group);
	eh_json_int(j, "min_total", s->min_total);
	eh_json_int(j, "seed", (int64_t)s->seed);
	for (size_t i = 0, end = 0; i < n; i = end) {
		for (end = i + 1; end < n && strcmp(v[end].attribute, v[i].attribute) == 0; end++)
			;
		eh_json_push(attributes, attribute(&v[i], end - i));
	}
	eh_json_set(j, "attributes", attributes);
	return j;
}
