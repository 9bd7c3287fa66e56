/* The strata of a policy's own finding, counted in its part of the decisions; see own.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "policy/own.h"
#include "policy/own_part.h"

#define NONE UINT32_MAX

static void narrow(struct eh_own *o, enum eh_crosstab_key key, char *to, size_t size, const char *text)
{
	if (text[0] == '\0')
		return;
	o->narrowed |= 1u << key;
	/* as own.c writes a key that decisions have not */
	(void)snprintf(to, size, "%s", strcmp(text, "(none)") == 0 ? "" : text);
}

/* What the finding looks at, in the policy's words. */
static struct eh_own topic_of(const struct eh_finding *f)
{
	struct eh_own o;

	memset(&o, 0, sizeof o);
	narrow(&o, EH_CROSSTAB_EVALUATOR, o.evaluator, sizeof o.evaluator, f->evaluator);
	narrow(&o, EH_CROSSTAB_POSITION, o.position, sizeof o.position, f->position);
	narrow(&o, EH_CROSSTAB_STAGE, o.stage, sizeof o.stage, f->stage);
	narrow(&o, EH_CROSSTAB_QUESTION, o.question, sizeof o.question, f->question);
	narrow(&o, EH_CROSSTAB_PERIOD, o.period, sizeof o.period, f->period);
	return o;
}

/* Both sides of the comparison as bits of groups; EH_ENOENT. */
static int sides(const struct eh_attribute_data **a, uint32_t *group, uint32_t *reference, const struct eh_finding *f,
		 const struct eh_audit_data *d, struct eh_err *err)
{
	*a = NULL;
	*group = *reference = 0;
	for (size_t i = 0; i < d->n_attributes; i++)
		if (strcmp(d->attributes[i].name, f->attribute) == 0)
			*a = &d->attributes[i];
	for (size_t g = 0; *a != NULL && g < (*a)->n_groups; g++) {
		*group |= strcmp((*a)->groups[g], f->group) == 0 ? 1u << g : 0;
		*reference |= strcmp((*a)->groups[g], f->reference) == 0 ? 1u << g : 0;
	}
	if (*a != NULL && strcmp(f->reference, "rest") == 0)
		*reference = ((1u << (*a)->n_groups) - 1u) & ~*group;
	return *group != 0 && *reference != 0 ? EH_OK :
		eh_err_set(err, EH_ENOENT, "nobody has the class %s %s, or that which it is compared with, any more",
			   f->attribute, f->group);
}

static void count(struct eh_fourfold *t, const struct eh_audit_data *part, const struct eh_attribute_data *a,
		  uint32_t group, uint32_t reference)
{
	for (size_t i = 0; i < part->n_decisions; i++) {
		const uint32_t c = part->candidate[i];
		const uint64_t n = part->weight != NULL ? part->weight[c] : 1, selected = part->selected[i] ? n : 0;
		const uint32_t is = a->group[c] >= 0 ? 1u << a->group[c] : 0;
		struct eh_fourfold *k = &t[part->stratum[i]];

		if ((is & group) != 0) {
			k->n1 += n;
			k->a += selected;
		} else if ((is & reference) != 0) {
			k->n2 += n;
			k->b += selected;
		}
	}
}

/* The number that names[of] has among those taken, taken now if it is new. */
static uint32_t name_of(char **taken, size_t *n, uint32_t *number, const struct eh_names *names, uint32_t of)
{
	if (number[of] == NONE) {
		taken[*n] = eh_xstrdup(names->v[of]);
		number[of] = (uint32_t)(*n)++;
	}
	return number[of];
}

static int put_rows(struct eh_strata_rows *out, const struct eh_fourfold *t, const struct eh_part_stratum *of, size_t n,
		    const struct eh_audit_data *d, struct eh_err *err)
{
	uint32_t *evaluator = eh_try_malloc(d->evaluators.n + 1, sizeof *evaluator);
	uint32_t *stratum = eh_try_malloc(d->strata.n + 1, sizeof *stratum);
	int rc = EH_OK;

	out->v = eh_try_calloc(n + 1, sizeof *out->v);
	out->evaluators = eh_try_calloc(n + 1, sizeof *out->evaluators);
	out->strata = eh_try_calloc(n + 1, sizeof *out->strata);
	if (evaluator == NULL || stratum == NULL || out->v == NULL || out->evaluators == NULL || out->strata == NULL)
		rc = eh_err_set(err, EH_ENOMEM, "out of memory for %zu strata", n);
	for (size_t e = 0; rc == EH_OK && e < d->evaluators.n; e++)
		evaluator[e] = NONE;
	for (size_t s = 0; rc == EH_OK && s < d->strata.n; s++)
		stratum[s] = NONE;
	for (size_t k = 0; rc == EH_OK && k < n; k++) {
		if (t[k].n1 > 0 && t[k].n2 > 0) {
			out->v[out->n++] = (struct eh_stratum_row){
				name_of(out->evaluators, &out->n_evaluators, evaluator, &d->evaluators,
					of[k].evaluator),
				name_of(out->strata, &out->n_strata, stratum, &d->strata, of[k].stratum), t[k]
			};
		} else if (t[k].n1 + t[k].n2 > 0) {
			out->aside.a += t[k].a;
			out->aside.n1 += t[k].n1;
			out->aside.b += t[k].b;
			out->aside.n2 += t[k].n2;
			out->n_aside++;
		}
	}
	free(evaluator);
	free(stratum);
	return rc;
}

/* The bound on looks is for what a policy asks for, not for what it was answered. */
static int take(struct eh_audit_data *part, struct eh_parts **parts, const struct eh_finding *f,
		const struct eh_audit_data *d, struct eh_err *err)
{
	const struct eh_own o = topic_of(f);
	int rc = EH_ERANGE;

	if (*parts != NULL)
		rc = eh_part_take(part, *parts, &o, err);
	if (rc == EH_ERANGE) {
		eh_parts_free(parts);
		*parts = eh_parts_new(d);
		rc = eh_part_take(part, *parts, &o, err);
	}
	/* no decision has a time */
	return rc == EH_EPOLICY ? EH_ENOENT : rc;
}

int eh_own_strata(struct eh_strata_rows *out, struct eh_parts **parts, const struct eh_finding *f,
		  const struct eh_audit_data *d, struct eh_err *err)
{
	const struct eh_attribute_data *a = NULL;
	struct eh_audit_data part = { .n_decisions = 0 };
	struct eh_fourfold *t = NULL;
	uint32_t group, reference;
	int rc = take(&part, parts, f, d, err);

	*out = (struct eh_strata_rows){ .v = NULL };
	if (rc == EH_OK)
		rc = sides(&a, &group, &reference, f, &part, err);
	if (rc == EH_OK) {
		t = eh_try_calloc(part.strata.n + 1, sizeof *t);
		rc = t != NULL ? EH_OK : eh_err_set(err, EH_ENOMEM, "out of memory for %zu strata", part.strata.n);
	}
	if (rc == EH_OK) {
		count(t, &part, a, group, reference);
		rc = put_rows(out, t, eh_part_strata(*parts), part.strata.n, d, err);
	}
	if (rc != EH_OK)
		eh_strata_rows_free(out);
	free(t);
	eh_part_free(&part);
	return rc;
}
