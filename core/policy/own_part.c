/* One part of the decisions as data of its own; see own_part.h. */
#include "policy/own_part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define ROWS_MAX ((uint64_t)1 << 32)   /* a few seconds */
#define NOT_MET UINT32_MAX

struct eh_parts {
	const struct eh_audit_data *d;
	uint64_t taken;                 /* rows walked over, for all parts */
	uint32_t *candidate;            /* [candidates] number in the part that is made, or NOT_MET */
	uint32_t *stratum;              /* [strata] likewise, of the evaluator at hand */
	bool *asked;                    /* [strata] */
};

struct eh_parts *eh_parts_new(const struct eh_audit_data *d)
{
	struct eh_parts *p = eh_xcalloc(1, sizeof *p);

	p->d = d;
	p->candidate = eh_xcalloc(d->candidates.n + 1, sizeof *p->candidate);
	p->stratum = eh_xcalloc(d->strata.n + 1, sizeof *p->stratum);
	p->asked = eh_xcalloc(d->strata.n + 1, sizeof *p->asked);
	memset(p->candidate, 0xff, (d->candidates.n + 1) * sizeof *p->candidate);
	return p;
}

void eh_parts_free(struct eh_parts **p)
{
	if (p == NULL || *p == NULL)
		return;
	free((*p)->candidate);
	free((*p)->stratum);
	free((*p)->asked);
	free(*p);
	*p = NULL;
}

static bool narrowed(const struct eh_own *o, enum eh_crosstab_key key) { return (o->narrowed >> key & 1u) != 0; }

/* Is the part-th piece of a stratum's name ("position US stage US question") the wanted one? */
static bool piece_is(const char *stratum, unsigned part, const char *wanted)
{
	size_t len;

	for (; part > 0 && *stratum != '\0'; part--) {
		stratum += strcspn(stratum, "\x1f");
		stratum += *stratum != '\0';
	}
	len = strcspn(stratum, "\x1f");
	return strlen(wanted) == len && memcmp(stratum, wanted, len) == 0;
}

static void ask_strata(struct eh_parts *p, const struct eh_own *o)
{
	const struct eh_names *strata = &p->d->strata;

	for (size_t i = 0; i < strata->n; i++)
		p->asked[i] = (!narrowed(o, EH_CROSSTAB_POSITION) || piece_is(strata->v[i], 0, o->position)) &&
			      (!narrowed(o, EH_CROSSTAB_STAGE) || piece_is(strata->v[i], 1, o->stage)) &&
			      (!narrowed(o, EH_CROSSTAB_QUESTION) || piece_is(strata->v[i], 2, o->question));
}

/* First day of the month and of the next one; "2026-03". */
static void month_days(const char *period, int32_t *from, int32_t *to)
{
	char day[16];
	int64_t t = 0;

	(void)snprintf(day, sizeof day, "%.7s-01", period);
	(void)eh_parse_time(&t, day, NULL);
	*from = eh_day_of(t);
	for (*to = *from + 28; *to < *from + 31; (*to)++) {
		char next[EH_TIME_TEXT];

		eh_format_time(next, (int64_t)*to * 86400);
		if (strncmp(next, period, 7) != 0)
			break;
	}
}

/* Rows of the part, in their order; caller frees. */
static int find_rows(struct eh_parts *p, const struct eh_own *o, uint32_t **out, uint32_t **owner, size_t *n,
		     struct eh_err *err)
{
	const struct eh_audit_data *d = p->d;
	size_t first = 0, last = d->evaluators.n, room = 0;
	int32_t from = 0, to = 0;

	*out = *owner = NULL;
	*n = 0;
	if (narrowed(o, EH_CROSSTAB_EVALUATOR)) {
		uint32_t e = eh_names_find(&d->evaluators, o->evaluator);

		first = e == UINT32_MAX ? 0 : e;
		last = e == UINT32_MAX ? 0 : e + (size_t)1;
	}
	if (narrowed(o, EH_CROSSTAB_PERIOD) && d->decided == NULL)
		return eh_err_set(err, EH_EPOLICY, "period %s, and no decision here has a time", o->period);
	if (narrowed(o, EH_CROSSTAB_PERIOD))
		month_days(o->period, &from, &to);
	ask_strata(p, o);
	room = first < last ? d->evaluator_at[last] - d->evaluator_at[first] : 0;
	*out = eh_try_malloc(room + 1, sizeof **out);
	*owner = eh_try_malloc(room + 1, sizeof **owner);
	if (*out == NULL || *owner == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for %zu decisions", room);
	for (size_t e = first; e < last; e++)
		for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++)
			if (p->asked[d->stratum[i]] && (d->weight == NULL || d->weight[d->candidate[i]] > 0) &&
			    (from == to || (d->decided[i] >= from && d->decided[i] < to))) {
				(*out)[*n] = (uint32_t)i;
				(*owner)[(*n)++] = (uint32_t)e;
			}
	p->taken += room;
	if (p->taken > ROWS_MAX)
		return eh_err_set(err, EH_ERANGE, "more decisions in all parts together than may be counted again");
	return EH_OK;
}

/* Candidates with a row get numbers; *of: who they are in the data, caller frees. */
static uint32_t *number_candidates(struct eh_parts *p, const uint32_t *row, size_t n, size_t *candidates)
{
	uint32_t *of = eh_xcalloc(n + 1, sizeof *of);

	*candidates = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t c = p->d->candidate[row[i]];

		if (p->candidate[c] != NOT_MET)
			continue;
		p->candidate[c] = (uint32_t)*candidates;
		of[(*candidates)++] = c;
	}
	return of;
}

static void fill_rows(struct eh_audit_data *out, struct eh_parts *p, const uint32_t *row, const uint32_t *owner,
		      size_t n)
{
	const struct eh_audit_data *d = p->d;
	size_t strata = 0;

	for (size_t i = 0; i < n; i++) {
		if (i == 0 || owner[i] != owner[i - 1])
			memset(p->stratum, 0xff, d->strata.n * sizeof *p->stratum);
		if (p->stratum[d->stratum[row[i]]] == NOT_MET)
			p->stratum[d->stratum[row[i]]] = (uint32_t)strata++;
		out->evaluator[i] = 0;
		out->candidate[i] = p->candidate[d->candidate[row[i]]];
		out->stratum[i] = p->stratum[d->stratum[row[i]]];
		out->selected[i] = d->selected[row[i]];
		if (d->score != NULL) {
			out->score[i] = d->score[row[i]];
			out->has_score[i] = d->has_score[row[i]];
		}
	}
	out->strata.n = strata;
}

/* The candidates' classes; labelled ones that did not take part are left out with their candidates. */
static void fill_attribute(struct eh_attribute_data *out, const struct eh_attribute_data *a, const uint32_t *of,
			   size_t n)
{
	*out = *a;
	out->group = eh_xcalloc(n + 1, sizeof *out->group);
	out->provenance = eh_xcalloc(n + 1, sizeof *out->provenance);
	out->prob = a->prob != NULL ? eh_xcalloc((n + 1) * a->n_groups, sizeof *out->prob) : NULL;
	out->labelled = a->labelled != NULL ? eh_xcalloc(n + 1, sizeof *out->labelled) : NULL;
	out->out_of_scope = a->out_of_scope != NULL ? eh_xcalloc(n + 1, sizeof *out->out_of_scope) : NULL;
	for (size_t i = 0; i < n; i++) {
		out->group[i] = a->group[of[i]];
		out->provenance[i] = a->provenance[of[i]];
		if (a->prob != NULL)
			memcpy(out->prob + i * a->n_groups, a->prob + of[i] * a->n_groups,
			       a->n_groups * sizeof *a->prob);
		if (a->labelled != NULL)
			out->labelled[i] = a->labelled[of[i]];
		if (a->out_of_scope != NULL)
			out->out_of_scope[i] = a->out_of_scope[of[i]];
	}
}

static void fill_candidates(struct eh_audit_data *out, struct eh_parts *p, const uint32_t *of, size_t n)
{
	const struct eh_audit_data *d = p->d;

	out->candidates.n = n;
	if (d->weight != NULL)
		out->weight = eh_xcalloc(n + 1, sizeof *out->weight);
	for (size_t i = 0; i < n; i++) {
		if (d->weight != NULL)
			out->weight[i] = d->weight[of[i]];
		p->candidate[of[i]] = NOT_MET;
	}
	out->attributes = eh_xcalloc(d->n_attributes + 1, sizeof *out->attributes);
	out->n_attributes = d->n_attributes;
	for (size_t k = 0; k < d->n_attributes; k++)
		fill_attribute(&out->attributes[k], &d->attributes[k], of, n);
}

/* Tables of names are looked at in messages only. */
static void name_all(struct eh_audit_data *out, const struct eh_own *o)
{
	static char nothing[1] = "";
	char *who = eh_xstrdup(o->evaluator);

	out->evaluators.v = eh_xcalloc(1, sizeof *out->evaluators.v);
	out->evaluators.v[0] = who;
	out->evaluators.n = 1;
	out->strata.v = eh_xcalloc(out->strata.n + 1, sizeof *out->strata.v);
	for (size_t i = 0; i < out->strata.n; i++)
		out->strata.v[i] = nothing;
}

int eh_part_take(struct eh_audit_data *out, struct eh_parts *p, const struct eh_own *o, struct eh_err *err)
{
	uint32_t *row = NULL, *owner = NULL, *of = NULL;
	size_t n = 0, candidates = 0;
	int rc = find_rows(p, o, &row, &owner, &n, err);

	memset(out, 0, sizeof *out);
	if (rc == EH_OK)
		rc = eh_audit_data_room(out, n, p->d->score != NULL, err);
	if (rc == EH_OK) {
		of = number_candidates(p, row, n, &candidates);
		fill_rows(out, p, row, owner, n);
		fill_candidates(out, p, of, candidates);
		name_all(out, o);
		memcpy(out->source, p->d->source, sizeof out->source);
		out->threads = p->d->threads;
		rc = eh_audit_data_sort(out, err);
	}
	free(of);
	free(row);
	free(owner);
	if (rc != EH_OK)
		eh_part_free(out);
	return rc;
}

void eh_part_free(struct eh_audit_data *part)
{
	/* the names of the strata are nobody's */
	free(part->strata.v);
	part->strata.v = NULL;
	part->strata.n = 0;
	eh_audit_data_free(part);
}
