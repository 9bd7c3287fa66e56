/* Made-up decisions and a made-up project for authors; see policy.h. */
#include "cli/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define EVALUATORS 2
#define EACH 40                 /* persons of an evaluator */
#define FIRST_DAY 20454         /* [d] 2026-01-01 */

/* What policies that name no attributes may count. */
static const char *const usual[] = { "age", "disability", "ethnicity", "race", "sex" };

static void name_groups(struct eh_attribute_data *a, const char *name)
{
	static const char *const groups[][3] = {
		{ "age", "40_and_over", "under_40" },
		{ "disability", "no", "yes" },
		{ "ethnicity", "hispanic", "not_hispanic" },
		{ "race", "black", "white" },
	};

	(void)snprintf(a->name, sizeof a->name, "%s", name);
	a->n_groups = 2;
	for (size_t g = 0; g < 2; g++) {
		(void)snprintf(a->groups[g], sizeof a->groups[g], "%s", g == 0 ? "female" : "male");
		for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
			if (strcmp(name, groups[i][0]) == 0)
				(void)snprintf(a->groups[g], sizeof a->groups[g], "%s", groups[i][g + 1]);
	}
	a->group = eh_xcalloc((size_t)EVALUATORS * EACH, sizeof *a->group);
	a->provenance = eh_xcalloc((size_t)EVALUATORS * EACH, sizeof *a->provenance);
	a->auc_lo = a->auc = a->ece = eh_undefined(EH_U_NOT_COMPUTED);
}

static void one_name(struct eh_names *out, const char *const *v, size_t n)
{
	out->v = eh_xcalloc(n, sizeof *out->v);
	for (out->n = 0; out->n < n; out->n++)
		out->v[out->n] = eh_xstrdup(v[out->n]);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct eh_attribute_data *)a)->name, ((const struct eh_attribute_data *)b)->name);
}

int policy_sample_data(struct eh_audit_data *d, const struct eh_policy_info *info, struct eh_err *err)
{
	static const char *const evaluators[] = { "OTHER", "SAMPLE" }, *const strata[] = { "clerk\x1f" "S1\x1fQ1" };
	static const char *const places[] = { "US-IL" };
	const size_t n = (size_t)EVALUATORS * EACH;

	memset(d, 0, sizeof *d);
	if (eh_audit_data_room(d, n, false, err) != EH_OK)
		return EH_ENOMEM;
	one_name(&d->evaluators, evaluators, EVALUATORS);
	one_name(&d->strata, strata, 1);
	one_name(&d->places, places, 1);
	d->place = eh_xcalloc(n, sizeof *d->place);
	d->decided = eh_xcalloc(n, sizeof *d->decided);
	d->candidates.n = n;
	d->n_attributes = info->n_attributes > 0 ? info->n_attributes : sizeof usual / sizeof usual[0];
	d->attributes = eh_xcalloc(d->n_attributes, sizeof *d->attributes);
	for (size_t a = 0; a < d->n_attributes; a++)
		name_groups(&d->attributes[a], info->n_attributes > 0 ? info->attributes[a] : usual[a]);
	qsort(d->attributes, d->n_attributes, sizeof *d->attributes, by_name);
	for (size_t i = 0; i < n; i++) {
		const int16_t group = (int16_t)(i % 2);

		d->evaluator[i] = (uint32_t)(i / EACH);
		d->candidate[i] = (uint32_t)i;
		/* 6 of 20 against 12 of 20, as the made-up findings have it */
		d->selected[i] = i / 2 % 10 < (group == 0 ? 3u : 6u);
		d->decided[i] = FIRST_DAY + (int32_t)(i % EACH) * 8;
		for (size_t a = 0; a < d->n_attributes; a++) {
			d->attributes[a].group[i] = group;
			d->attributes[a].provenance[i] = EH_DECLARED;
		}
	}
	d->threads = 1;
	return eh_audit_data_sort(d, err);
}

void policy_sample_project(struct eh_project *p)
{
	static const char *const purposes[] = { "watch", "face", "voice", "train" };
	struct eh_project_place *place;

	memset(p, 0, sizeof *p);
	(void)snprintf(p->as_of, sizeof p->as_of, "2026-11-30");
	p->places = eh_xcalloc(1, sizeof *p->places);
	p->n_places = 1;
	place = &p->places[0];
	(void)snprintf(place->code, sizeof place->code, "US-IL");
	place->candidates = place->recordings = (uint32_t)EVALUATORS * EACH;
	place->measured = EACH;
	place->consent = eh_xcalloc(4, sizeof *place->consent);
	for (; place->n_consent < 4; place->n_consent++) {
		struct eh_project_consent *c = &place->consent[place->n_consent];

		(void)snprintf(c->purpose, sizeof c->purpose, "%s", purposes[place->n_consent]);
		c->granted = EACH;
		c->none = EACH;
	}
	p->evaluators = EVALUATORS;
	p->data.evaluations.n = (uint64_t)EVALUATORS * EACH;
	(void)snprintf(p->data.evaluations.oldest, sizeof p->data.evaluations.oldest, "2026-01-01");
}
