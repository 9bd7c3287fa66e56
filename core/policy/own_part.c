/* One part of the decisions as data of its own; see own_part.h. */
#include "policy/own_part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/score_kinds.h"
#include "base/mem.h"
#include "base/text.h"

#define PART_WORK 2000                  /* [rows] what a part costs besides its rows: 40 microseconds */
#define NOT_MET UINT32_MAX

/* What has to do with each stratum, in ascending order: item[at[s]] to item[at[s + 1] - 1]. */
struct by_stratum {
	size_t *at;                     /* [strata + 1]; NULL until needed */
	uint32_t *item;
};

struct eh_parts {
	const struct eh_audit_data *d;
	uint64_t taken;                 /* rows looked at, for all parts */
	struct by_stratum rows;
	struct by_stratum scored;       /* kinds by score, numbered through all evaluators */
	size_t *scored_at;              /* [evaluators + 1] first of each there */
	uint32_t *candidate;            /* [candidates] number in the part that is made, or NOT_MET */
	uint32_t *stratum;              /* [strata] likewise, of the evaluator at hand */
	uint32_t *met;                  /* [strata] those of the evaluator at hand */
	size_t n_met;
	bool *asked;                    /* [strata] */
	struct eh_part_stratum *of;     /* [of_cap] of the part made last */
	size_t of_cap;
};

struct eh_parts *eh_parts_new(const struct eh_audit_data *d)
{
	struct eh_parts *p = eh_xcalloc(1, sizeof *p);

	p->d = d;
	p->candidate = eh_xcalloc(d->candidates.n + 1, sizeof *p->candidate);
	p->stratum = eh_xcalloc(d->strata.n + 1, sizeof *p->stratum);
	p->met = eh_xcalloc(d->strata.n + 1, sizeof *p->met);
	p->asked = eh_xcalloc(d->strata.n + 1, sizeof *p->asked);
	memset(p->candidate, 0xff, (d->candidates.n + 1) * sizeof *p->candidate);
	memset(p->stratum, 0xff, (d->strata.n + 1) * sizeof *p->stratum);
	return p;
}

void eh_parts_free(struct eh_parts **p)
{
	if (p == NULL || *p == NULL)
		return;
	free((*p)->candidate);
	free((*p)->stratum);
	free((*p)->met);
	free((*p)->rows.at);
	free((*p)->rows.item);
	free((*p)->scored.at);
	free((*p)->scored.item);
	free((*p)->scored_at);
	free((*p)->asked);
	free((*p)->of);
	free(*p);
	*p = NULL;
}

int eh_parts_spend(struct eh_parts *p, uint64_t rows, struct eh_err *err)
{
	p->taken += rows + PART_WORK;
	if (p->taken > EH_PARTS_WORK_MAX)
		return eh_err_set(err, EH_ERANGE, "the findings of compute() up to this one look at more than %llu "
				  "million decisions in all: return fewer, or narrow them to an evaluator, a position "
				  "or a stage", (unsigned long long)(EH_PARTS_WORK_MAX / 1000000));
	return EH_OK;
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

/* The evaluators asked for: from *first to *last - 1. */
static void ask_evaluators(const struct eh_parts *p, const struct eh_own *o, size_t *first, size_t *last)
{
	*first = 0;
	*last = p->d->evaluators.n;
	if (narrowed(o, EH_CROSSTAB_EVALUATOR)) {
		uint32_t e = eh_names_find(&p->d->evaluators, o->evaluator);

		*first = e == UINT32_MAX ? 0 : e;
		*last = e == UINT32_MAX ? 0 : e + (size_t)1;
	}
}

/* ---- what a part has, without a look at everything ---- */

/*
 * A policy that looks at each position asks for as many parts as there are positions, and together they are the
 * decisions once.  So the rows are dealt to their strata once, and a part takes its strata's: a walk over all rows for
 * each part would take a second for each ten million decisions times a hundred positions.
 */
static int deal_rows(struct eh_parts *p, struct eh_err *err)
{
	const struct eh_audit_data *d = p->d;
	const size_t strata = d->strata.n;

	if (p->rows.at != NULL)
		return EH_OK;
	p->rows.at = eh_xcalloc(strata + 2, sizeof *p->rows.at);
	p->rows.item = eh_try_malloc(d->n_decisions + 1, sizeof *p->rows.item);
	if (p->rows.item == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for %zu decisions", d->n_decisions);
	/* one place further on: the dealing moves each beginning to its end */
	for (size_t i = 0; i < d->n_decisions; i++)
		p->rows.at[d->stratum[i] + 2]++;
	for (size_t s = 0; s < strata; s++)
		p->rows.at[s + 2] += p->rows.at[s + 1];
	for (size_t i = 0; i < d->n_decisions; i++)
		p->rows.item[p->rows.at[d->stratum[i] + 1]++] = (uint32_t)i;
	return EH_OK;
}

static int deal_scores(struct eh_parts *p, struct eh_err *err)
{
	const struct eh_audit_data *d = p->d;
	size_t cells = 0, kinds = 0;

	if (p->scored.at != NULL)
		return EH_OK;
	p->scored_at = eh_xcalloc(d->evaluators.n + 1, sizeof *p->scored_at);
	p->scored.at = eh_xcalloc(d->strata.n + 2, sizeof *p->scored.at);
	for (size_t e = 0; e < d->evaluators.n; e++) {
		const struct eh_score_kinds *k = &d->scored[e];

		for (size_t c = 0; c < k->n_cells; c++)
			p->scored.at[k->cell[c].stratum + 2]++;
		cells += k->n_cells;
		kinds += k->n;
		p->scored_at[e + 1] = kinds;
	}
	p->scored.item = eh_try_malloc(cells + 1, sizeof *p->scored.item);
	if (p->scored.item == NULL || kinds >= UINT32_MAX)
		return eh_err_set(err, EH_ENOMEM, "out of memory for %zu scores", cells);
	for (size_t s = 0; s < d->strata.n; s++)
		p->scored.at[s + 2] += p->scored.at[s + 1];
	for (size_t e = 0; e < d->evaluators.n; e++)
		for (size_t i = 0; i < d->scored[e].n; i++) {
			const struct eh_score_kind *kind = &d->scored[e].kind[i];

			for (size_t c = kind->first; c < kind->first + kind->n; c++)
				p->scored.item[p->scored.at[d->scored[e].cell[c].stratum + 1]++] =
					(uint32_t)(p->scored_at[e] + i);
		}
	return EH_OK;
}

static int by_number(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static size_t first_from(const struct by_stratum *b, size_t s, uint32_t from)
{
	size_t lo = b->at[s], hi = b->at[s + 1];

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;

		if (b->item[mid] < from)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Items from..to-1 of the asked strata in ascending order, each once; caller frees. */
static int take_items(uint32_t **out, size_t *n, const struct eh_parts *p, const struct by_stratum *b, size_t from,
		      size_t to, struct eh_err *err)
{
	size_t room = 0, kept = 0, strata = 0;

	*n = 0;
	for (size_t s = 0; s < p->d->strata.n; s++)
		if (p->asked[s])
			room += first_from(b, s, (uint32_t)to) - first_from(b, s, (uint32_t)from);
	*out = eh_try_malloc(room + 1, sizeof **out);
	if (*out == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for %zu decisions", room);
	for (size_t s = 0; s < p->d->strata.n; s++) {
		const size_t first = p->asked[s] ? first_from(b, s, (uint32_t)from) : 0;
		const size_t many = p->asked[s] ? first_from(b, s, (uint32_t)to) - first : 0;

		if (many > 0)
			memcpy(*out + *n, b->item + first, many * sizeof **out);
		*n += many;
		strata += many > 0;
	}
	if (strata < 2)
		return EH_OK;
	qsort(*out, *n, sizeof **out, by_number);
	for (size_t i = 0; i < *n; i++)
		if (i == 0 || (*out)[i] != (*out)[kept - 1])
			(*out)[kept++] = (*out)[i];
	*n = kept;
	return EH_OK;
}

/* Where much of a range is asked, a look at each is cheaper than putting strata together. */
static void keep_asked(const struct eh_parts *p, uint32_t *row, size_t *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++)
		if (p->asked[p->d->stratum[row[i]]])
			row[kept++] = row[i];
	*n = kept;
}

/* Rows of the strata asked for among from..to-1, where these are many. */
static bool is_most(const struct eh_parts *p, size_t from, size_t to)
{
	size_t asked = 0;

	for (size_t s = 0; s < p->d->strata.n; s++)
		if (p->asked[s])
			asked += first_from(&p->rows, s, (uint32_t)to) - first_from(&p->rows, s, (uint32_t)from);
	return asked > (to - from) / 8;
}

/* All of them, where no stratum is left out. */
static int take_range(uint32_t **out, size_t *n, size_t from, size_t to, struct eh_err *err)
{
	*out = eh_try_malloc(to - from + 1, sizeof **out);
	*n = 0;
	if (*out == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for %zu decisions", to - from);
	for (size_t i = from; i < to; i++)
		(*out)[(*n)++] = (uint32_t)i;
	return EH_OK;
}

static bool asks_all_strata(const struct eh_own *o)
{
	return !narrowed(o, EH_CROSSTAB_POSITION) && !narrowed(o, EH_CROSSTAB_STAGE) &&
	       !narrowed(o, EH_CROSSTAB_QUESTION);
}

/* Leaves out who stands for nobody and what another time decided; *owner [n]: whose rows they are, caller frees. */
static int keep_rows(const struct eh_parts *p, uint32_t *row, uint32_t **owner, size_t *n, size_t e, int32_t from,
		     int32_t to, struct eh_err *err)
{
	const struct eh_audit_data *d = p->d;
	size_t kept = 0;

	*owner = eh_try_malloc(*n + 1, sizeof **owner);
	if (*owner == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for %zu decisions", *n);
	for (size_t i = 0; i < *n; i++) {
		const uint32_t r = row[i];

		while (r >= d->evaluator_at[e + 1])
			e++;
		if ((d->weight == NULL || d->weight[d->candidate[r]] > 0) &&
		    (from == to || (d->decided[r] >= from && d->decided[r] < to))) {
			row[kept] = r;
			(*owner)[kept++] = (uint32_t)e;
		}
	}
	*n = kept;
	return EH_OK;
}

/* Rows of the part, in their order, and whose they are; caller frees. */
static int find_rows(struct eh_parts *p, const struct eh_own *o, uint32_t **out, uint32_t **owner, size_t *n,
		     struct eh_err *err)
{
	const struct eh_audit_data *d = p->d;
	size_t first = 0, last = 0;
	int32_t from = 0, to = 0;
	int rc = EH_OK;

	*out = *owner = NULL;
	*n = 0;
	ask_evaluators(p, o, &first, &last);
	if (narrowed(o, EH_CROSSTAB_PERIOD) && d->decided == NULL)
		return eh_err_set(err, EH_EPOLICY, "period %s, and no decision here has a time", o->period);
	if (narrowed(o, EH_CROSSTAB_PERIOD))
		month_days(o->period, &from, &to);
	ask_strata(p, o);
	if (asks_all_strata(o)) {
		rc = take_range(out, n, d->evaluator_at[first], d->evaluator_at[last], err);
	} else {
		rc = deal_rows(p, err);
		if (rc == EH_OK && is_most(p, d->evaluator_at[first], d->evaluator_at[last])) {
			rc = take_range(out, n, d->evaluator_at[first], d->evaluator_at[last], err);
			if (rc == EH_OK)
				keep_asked(p, *out, n);
		} else if (rc == EH_OK)
			rc = take_items(out, n, p, &p->rows, d->evaluator_at[first], d->evaluator_at[last], err);
	}
	if (rc == EH_OK)
		rc = eh_parts_spend(p, *n, err);
	return rc == EH_OK ? keep_rows(p, *out, owner, n, first, from, to, err) : rc;
}

/* ---- the part as data ---- */

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

/* The strata of one evaluator's rows get the numbers from `strata` on, in their order: sums over them must not depend
 * on who came first.  Returns the next number. */
static size_t number_strata(struct eh_parts *p, const uint32_t *row, const uint32_t *owner, size_t from, size_t n,
			    size_t strata)
{
	const struct eh_audit_data *d = p->d;
	size_t met = 0;

	for (size_t i = from; i < n && owner[i] == owner[from]; i++) {
		const uint32_t s = d->stratum[row[i]];

		if (p->stratum[s] != NOT_MET)
			continue;
		p->stratum[s] = 0;
		p->met[met++] = s;
	}
	qsort(p->met, met, sizeof *p->met, by_number);
	for (size_t i = 0; i < met; i++) {
		p->of[strata] = (struct eh_part_stratum){ owner[from], p->met[i] };
		p->stratum[p->met[i]] = (uint32_t)strata++;
	}
	p->n_met = met;
	return strata;
}

/* The next evaluator's are others. */
static void forget_strata(struct eh_parts *p)
{
	for (size_t i = 0; i < p->n_met; i++)
		p->stratum[p->met[i]] = NOT_MET;
	p->n_met = 0;
}

/* A part has no more strata than rows. */
static int room_for_strata(struct eh_parts *p, size_t n, struct eh_err *err)
{
	void *v = n > p->of_cap ? eh_try_realloc(p->of, n, sizeof *p->of) : p->of;

	if (v == NULL && n > 0)
		return eh_err_set(err, EH_ENOMEM, "out of memory for %zu strata", n);
	p->of = v;
	p->of_cap = n > p->of_cap ? n : p->of_cap;
	return EH_OK;
}

static void fill_rows(struct eh_audit_data *out, struct eh_parts *p, const uint32_t *row, const uint32_t *owner,
		      size_t n)
{
	const struct eh_audit_data *d = p->d;
	size_t strata = 0;

	for (size_t i = 0; i < n; i++) {
		if (i > 0 && owner[i] != owner[i - 1])
			forget_strata(p);
		if (i == 0 || owner[i] != owner[i - 1])
			strata = number_strata(p, row, owner, i, n, strata);
		out->evaluator[i] = 0;
		out->candidate[i] = p->candidate[d->candidate[row[i]]];
		out->stratum[i] = p->stratum[d->stratum[row[i]]];
		out->selected[i] = d->selected[row[i]];
		if (d->score != NULL) {
			out->score[i] = d->score[row[i]];
			out->has_score[i] = d->has_score[row[i]];
		}
	}
	forget_strata(p);
	out->strata.n = strata;
}

/* Scores in the strata asked for, of one kind; the cells' strata stay those of the whole, which are in order. */
static bool take_kind(struct eh_score_kinds *out, const struct eh_parts *p, size_t evaluator, size_t i)
{
	const struct eh_score_kinds *k = &p->d->scored[evaluator];
	const uint32_t first = p->d->candidate[p->d->evaluator_at[evaluator]];
	const struct eh_score_kind *kind = &k->kind[i];
	bool any = false, well = true;

	for (size_t c = kind->first; c < kind->first + kind->n && well; c++) {
		if (!p->asked[k->cell[c].stratum])
			continue;
		well = any || eh_score_kinds_push(out, p->candidate[first + kind->who], kind->persons);
		well = well && eh_score_kinds_cell(out, k->cell[c].stratum, k->cell[c].score);
		any = true;
	}
	return well;
}

static int fill_scores(struct eh_audit_data *out, struct eh_parts *p, const struct eh_own *o, struct eh_err *err)
{
	size_t first = 0, last = 0, n = 0;
	uint32_t *kind = NULL;
	bool well = true;
	int rc = EH_OK;

	if (p->d->scored == NULL)
		return EH_OK;
	out->scored = eh_xcalloc(1, sizeof *out->scored);
	ask_evaluators(p, o, &first, &last);
	rc = deal_scores(p, err);
	if (rc == EH_OK && asks_all_strata(o))
		rc = take_range(&kind, &n, p->scored_at[first], p->scored_at[last], err);
	else if (rc == EH_OK)
		rc = take_items(&kind, &n, p, &p->scored, p->scored_at[first], p->scored_at[last], err);
	for (size_t i = 0, e = first; i < n && rc == EH_OK && well; i++) {
		while (kind[i] >= p->scored_at[e + 1])
			e++;
		well = take_kind(out->scored, p, e, kind[i] - p->scored_at[e]);
	}
	free(kind);
	return rc != EH_OK || well ? rc : eh_err_set(err, EH_ENOMEM, "out of memory for scores");
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
	if (rc == EH_OK)
		rc = room_for_strata(p, n, err);
	if (rc == EH_OK) {
		of = number_candidates(p, row, n, &candidates);
		fill_rows(out, p, row, owner, n);
		rc = fill_scores(out, p, o, err);
		fill_candidates(out, p, of, candidates);
		name_all(out, o);
		memcpy(out->source, p->d->source, sizeof out->source);
		out->threads = p->d->threads;
		if (rc == EH_OK)
			rc = eh_audit_data_sort(out, err);
	}
	free(of);
	free(row);
	free(owner);
	if (rc != EH_OK)
		eh_part_free(out);
	return rc;
}

const struct eh_part_stratum *eh_part_strata(const struct eh_parts *p) { return p->of; }

void eh_part_free(struct eh_audit_data *part)
{
	/* the names of the strata are nobody's */
	free(part->strata.v);
	part->strata.v = NULL;
	part->strata.n = 0;
	eh_audit_data_free(part);
}
