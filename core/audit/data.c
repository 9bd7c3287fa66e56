/* The content of an audit: its order and its end; see data.h. */
#include "audit/data.h"

#include <stdlib.h>
#include <string.h>

#include "audit/score_kinds.h"
#include "base/mem.h"
#include "base/threads.h"

#define SPAN_MAX ((size_t)1 << 18)      /* rows sorted at once; more are dealt out first: the room stays small */
#define DEAL 64                         /* parts of a span that is too long: their ends stay in the nearest cache */
#define DEAL_BITS 6
#define SHARE_WORTH ((size_t)1 << 16)   /* rows from which on a second thread is worth its start */
#define FEW 48                          /* rows up to which insertion beats counting */

/* A row's place in the order, and where it is. */
struct item {
	uint64_t key;                   /* candidate, stratum */
	uint32_t row;
};

struct sorter {
	struct eh_audit_data *d;
	struct item *a, *b;             /* [cap] */
	size_t cap;
};

/* All rows by evaluator, dealt once: the parts that are left are tasks of their own. */
struct parts {
	struct sorter *sorter;          /* [threads] */
	unsigned shift;                 /* a part has 2^shift evaluators */
	bool by_evaluator;              /* the parts must still be dealt to their evaluators */
};

int eh_audit_data_room(struct eh_audit_data *d, size_t n, bool with_score, struct eh_err *err)
{
	const size_t room = n != 0 ? n : 1;

	d->n_decisions = n;
	d->evaluator = eh_try_calloc(room, sizeof *d->evaluator);
	d->candidate = eh_try_calloc(room, sizeof *d->candidate);
	d->stratum = eh_try_calloc(room, sizeof *d->stratum);
	d->selected = eh_try_calloc(room, sizeof *d->selected);
	d->score = with_score ? eh_try_calloc(room, sizeof *d->score) : NULL;
	d->has_score = with_score ? eh_try_calloc(room, sizeof *d->has_score) : NULL;
	if (d->evaluator != NULL && d->candidate != NULL && d->stratum != NULL && d->selected != NULL &&
	    (!with_score || (d->score != NULL && d->has_score != NULL)))
		return EH_OK;
	free(d->evaluator);
	free(d->candidate);
	free(d->stratum);
	free(d->selected);
	free(d->score);
	free(d->has_score);
	d->evaluator = d->candidate = d->stratum = NULL;
	d->selected = d->has_score = NULL;
	d->score = NULL;
	d->n_decisions = 0;
	return eh_err_set(err, EH_ENOMEM, "no memory for %zu decisions", n);
}

int32_t eh_day_of(int64_t t)
{
	const int64_t day = t / 86400 - (t % 86400 < 0);

	return day > -1000000 && day < 10000000 ? (int32_t)day : EH_NO_DAY;
}

uint64_t eh_audit_data_total(const struct eh_audit_data *d)
{
	uint64_t n = d->weight == NULL ? d->n_decisions : 0;

	for (size_t i = 0; d->weight != NULL && i < d->n_decisions; i++)
		n += d->weight[d->candidate[i]];
	return n;
}

void eh_audit_data_free(struct eh_audit_data *d)
{
	for (size_t i = 0; d->scored != NULL && i < d->evaluators.n; i++)
		eh_score_kinds_free(&d->scored[i]);
	free(d->scored);
	for (size_t i = 0; i < d->n_attributes; i++) {
		free(d->attributes[i].group);
		free(d->attributes[i].provenance);
		free(d->attributes[i].prob);
		free(d->attributes[i].labelled);
		free(d->attributes[i].out_of_scope);
	}
	free(d->attributes);
	free(d->evaluator);
	free(d->evaluator_at);
	free(d->candidate);
	free(d->stratum);
	free(d->selected);
	free(d->score);
	free(d->has_score);
	free(d->decided);
	free(d->weight);
	free(d->position);
	free(d->place);
	eh_names_free(&d->places);
	eh_names_free(&d->evaluators);
	eh_names_free(&d->candidates);
	eh_names_free(&d->strata);
	eh_names_free(&d->positions);
	memset(d, 0, sizeof *d);
}

static void swap_u32(uint32_t *v, size_t i, size_t j)
{
	uint32_t x = v[i];

	v[i] = v[j];
	v[j] = x;
}

static void swap_u8(uint8_t *v, size_t i, size_t j)
{
	uint8_t x = v[i];

	v[i] = v[j];
	v[j] = x;
}

static void swap_rows(struct eh_audit_data *d, size_t i, size_t j)
{
	if (d->evaluator != NULL)
		swap_u32(d->evaluator, i, j);
	swap_u32(d->candidate, i, j);
	swap_u32(d->stratum, i, j);
	swap_u8(d->selected, i, j);
	if (d->score != NULL) {
		double x = d->score[i];

		d->score[i] = d->score[j];
		d->score[j] = x;
		swap_u8(d->has_score, i, j);
	}
	if (d->decided != NULL) {
		int32_t x = d->decided[i];

		d->decided[i] = d->decided[j];
		d->decided[j] = x;
	}
}

/*
 * Deals the rows from..at their buckets in place (the "American flag" sort): every swap puts one row home.
 * key: a column of d, which moves with the rows.  at [n + 1] first row of each bucket, n <= DEAL.
 */
static void deal(struct eh_audit_data *d, const uint32_t *key, uint32_t base, unsigned shift, const size_t *at,
		 size_t n)
{
	size_t head[DEAL];

	memcpy(head, at, n * sizeof *head);
	for (size_t k = 0; k < n; k++) {
		while (head[k] < at[k + 1]) {
			size_t home = (key[head[k]] - base) >> shift;

			if (home == k)
				head[k]++;
			else
				swap_rows(d, head[k], head[home]++);
		}
	}
}

/* Where each bucket of the rows from..to-1 begins. */
static void count_buckets(size_t *at, size_t n, const uint32_t *key, uint32_t base, unsigned shift, size_t from,
			  size_t to)
{
	memset(at, 0, (n + 1) * sizeof *at);
	for (size_t i = from; i < to; i++)
		at[((key[i] - base) >> shift) + 1]++;
	at[0] = from;
	for (size_t k = 0; k < n; k++)
		at[k + 1] += at[k];
}

static uint64_t key_at(const struct eh_audit_data *d, size_t i)
{
	return (uint64_t)d->candidate[i] << 32 | d->stratum[i];
}

static bool in_order(const struct eh_audit_data *d, size_t from, size_t to)
{
	for (size_t i = from + 1; i < to; i++)
		if (key_at(d, i - 1) > key_at(d, i))
			return false;
	return true;
}

static void insert_items(struct item *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct item x = v[i];
		size_t k = i;

		for (; k > 0 && v[k - 1].key > x.key; k--)
			v[k] = v[k - 1];
		v[k] = x;
	}
}

/* Counting sort by the bytes in which keys differ, from the last one up; returns where the result is. */
static struct item *sort_items(struct sorter *s, size_t n)
{
	struct item *a = s->a, *b = s->b;
	uint64_t differ = 0;

	if (n <= FEW) {
		insert_items(a, n);
		return a;
	}
	for (size_t i = 1; i < n; i++)
		differ |= a[i].key ^ a[0].key;
	for (unsigned shift = 0; shift < 64; shift += 8) {
		uint32_t at[257] = { 0 };
		struct item *t = a;

		if ((differ >> shift & 0xff) == 0)
			continue;
		for (size_t i = 0; i < n; i++)
			at[(a[i].key >> shift & 0xff) + 1]++;
		for (size_t k = 0; k < 256; k++)
			at[k + 1] += at[k];
		for (size_t i = 0; i < n; i++)
			b[at[a[i].key >> shift & 0xff]++] = a[i];
		a = b;
		b = t;
	}
	return a;
}

static int need_items(struct sorter *s, size_t n)
{
	if (n <= s->cap)
		return EH_OK;
	free(s->a);
	free(s->b);
	s->cap = n + n / 2;
	s->a = eh_try_malloc(s->cap, sizeof *s->a);
	s->b = eh_try_malloc(s->cap, sizeof *s->b);
	if (s->a != NULL && s->b != NULL)
		return EH_OK;
	free(s->a);
	free(s->b);
	s->a = s->b = NULL;
	s->cap = 0;
	return EH_ENOMEM;
}

/* Puts the rest of the rows where the sorted items say; the spare items hold what is moved. */
static void move_rows(struct sorter *s, const struct item *v, size_t from, size_t n)
{
	struct eh_audit_data *d = s->d;
	void *spare = v == s->a ? s->b : s->a;
	uint8_t *bytes = spare;
	double *scores = spare;
	int32_t *days = spare;

	for (size_t i = 0; i < n; i++)
		bytes[i] = d->selected[from + v[i].row];
	memcpy(d->selected + from, bytes, n);
	for (size_t i = 0; i < n; i++) {
		d->candidate[from + i] = (uint32_t)(v[i].key >> 32);
		d->stratum[from + i] = (uint32_t)v[i].key;
	}
	for (size_t i = 0; d->decided != NULL && i < n; i++)
		days[i] = d->decided[from + v[i].row];
	if (d->decided != NULL)
		memcpy(d->decided + from, days, n * sizeof *days);
	if (d->score == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		bytes[i] = d->has_score[from + v[i].row];
	memcpy(d->has_score + from, bytes, n);
	for (size_t i = 0; i < n; i++)
		scores[i] = d->score[from + v[i].row];
	memcpy(d->score + from, scores, n * sizeof *scores);
}

/* The rows from..to-1 of one evaluator. */
static int sort_span(struct sorter *s, size_t from, size_t to)
{
	struct eh_audit_data *d = s->d;
	size_t n = to - from, at[DEAL + 1];
	uint32_t least = UINT32_MAX, most = 0;
	const struct item *sorted = NULL;
	unsigned shift = 0;
	int rc = EH_OK;

	if (in_order(d, from, to))
		return EH_OK;
	for (size_t i = from; n > SPAN_MAX && i < to; i++) {
		least = d->candidate[i] < least ? d->candidate[i] : least;
		most = d->candidate[i] > most ? d->candidate[i] : most;
	}
	if (least < most) {
		while ((most - least) >> shift >= DEAL)
			shift++;
		count_buckets(at, DEAL, d->candidate, least, shift, from, to);
		deal(d, d->candidate, least, shift, at, DEAL);
		for (size_t k = 0; k < DEAL && rc == EH_OK; k++)
			rc = sort_span(s, at[k], at[k + 1]);
		return rc;
	}
	if (need_items(s, n) < 0)
		return EH_ENOMEM;
	for (size_t i = 0; i < n; i++)
		s->a[i] = (struct item){ key_at(d, from + i), (uint32_t)i };
	sorted = sort_items(s, n);
	move_rows(s, sorted, from, n);
	return EH_OK;
}

static int check_ranges(const struct eh_audit_data *d, struct eh_err *err)
{
	const size_t candidates = d->candidates.n, strata = d->strata.n, evaluators = d->evaluators.n;

	if (d->n_decisions >= EH_DECISIONS_MAX)
		return eh_err_set(err, EH_ERANGE, "%s: %zu decisions are too many; the most is %zu", d->source,
				  d->n_decisions, EH_DECISIONS_MAX - 1);
	for (size_t i = 0; i < d->n_decisions; i++)
		if ((d->evaluator != NULL && d->evaluator[i] >= evaluators) || d->candidate[i] >= candidates ||
		    d->stratum[i] >= strata)
			return eh_err_set(err, EH_EFORMAT, "%s: decision %zu names an evaluator, candidate or stratum "
					  "that is not in the tables", d->source, i + 1);
	return EH_OK;
}

/* Deals the rows of the evaluators from base on, up to 2^(shift + DEAL_BITS) of them, to parts of 2^shift; returns the
 * number of parts. */
static size_t deal_evaluators(struct eh_audit_data *d, size_t base, unsigned shift)
{
	size_t at[DEAL + 1], n = 0;

	for (; n < DEAL && base + (n << shift) < d->evaluators.n; n++)
		at[n] = d->evaluator_at[base + (n << shift)];
	at[n] = d->evaluator_at[base + (n << shift) < d->evaluators.n ? base + (n << shift) : d->evaluators.n];
	deal(d, d->evaluator, (uint32_t)base, shift, at, n);
	return n;
}

/* The same down to single evaluators. */
static void deal_part(struct eh_audit_data *d, size_t base, unsigned bits)
{
	unsigned shift = bits > DEAL_BITS ? bits - DEAL_BITS : 0;
	size_t n;

	if (bits == 0)
		return;
	n = deal_evaluators(d, base, shift);
	for (size_t k = 0; shift > 0 && k < n; k++)
		deal_part(d, base + (k << shift), shift);
}

static int sort_part(void *ctx, size_t slot, size_t part, const struct eh_crew *inside, struct eh_err *err)
{
	struct parts *p = ctx;
	struct sorter *s = &p->sorter[slot];
	size_t from = part << p->shift, to = (part + 1) << p->shift;
	int rc = EH_OK;

	(void)inside;
	if (p->by_evaluator)
		deal_part(s->d, from, p->shift);
	for (size_t e = from; e < to && e < s->d->evaluators.n && rc == EH_OK; e++)
		rc = sort_span(s, s->d->evaluator_at[e], s->d->evaluator_at[e + 1]);
	return rc < 0 ? eh_err_set(err, rc, "%s: no memory to sort %zu decisions", s->d->source,
				   s->d->n_decisions) : rc;
}

static size_t n_parts(const struct eh_audit_data *d, unsigned shift)
{
	return (d->evaluators.n + ((size_t)1 << shift) - 1) >> shift;
}

/* Who has how many rows, and how large the parts are; without evaluators in the rows they lie with theirs already. */
static int begin_parts(struct parts *p, struct eh_audit_data *d)
{
	const size_t n = d->evaluators.n;
	size_t *at = NULL;

	while (n_parts(d, p->shift) > DEAL)
		p->shift += DEAL_BITS;
	p->by_evaluator = d->evaluator != NULL;
	if (!p->by_evaluator)
		return EH_OK;
	at = eh_try_calloc(n + 1, sizeof *at);
	if (at == NULL)
		return EH_ENOMEM;
	count_buckets(at, n, d->evaluator, 0, 0, 0, d->n_decisions);
	free(d->evaluator_at);
	d->evaluator_at = at;
	return EH_OK;
}

static int refuse_repeats(const struct eh_audit_data *d, size_t evaluator, struct eh_err *err)
{
	for (size_t i = d->evaluator_at[evaluator] + 1; i < d->evaluator_at[evaluator + 1]; i++) {
		const char *name = d->candidates.v != NULL ? d->candidates.v[d->candidate[i]] : "(without a name)";

		if (key_at(d, i - 1) == key_at(d, i))
			return eh_err_set(err, EH_EFORMAT,
					  "%s: evaluator %s decided more than once on candidate %s in stratum '%s'; "
					  "keep one decision, or name the column that tells them apart as a stratum",
					  d->source, d->evaluators.v[evaluator], name, d->strata.v[d->stratum[i]]);
	}
	return EH_OK;
}

static int sort_parts(struct parts *p, struct eh_audit_data *d, struct eh_err *err)
{
	const struct eh_steps steps = { .jobs = d->n_decisions < SHARE_WORTH ? 1 : d->threads };
	const struct eh_crew crew = eh_crew_of(&steps);
	size_t n = n_parts(d, p->shift);
	size_t threads = eh_crew_threads(&crew, n, n);
	int rc = EH_OK;

	p->sorter = eh_try_calloc(threads, sizeof *p->sorter);
	if (p->sorter == NULL)
		return eh_err_set(err, EH_ENOMEM, "%s: no memory to sort", d->source);
	for (size_t i = 0; i < threads; i++)
		p->sorter[i].d = d;
	if (p->by_evaluator && n > 0)
		(void)deal_evaluators(d, 0, p->shift);
	if (threads > 1)
		rc = eh_crew_run(&crew, n, n, sort_part, p, err);
	for (size_t i = 0; threads == 1 && i < n && rc == EH_OK; i++)
		rc = sort_part(p, 0, i, &crew, err);
	for (size_t i = 0; i < threads; i++) {
		free(p->sorter[i].a);
		free(p->sorter[i].b);
	}
	free(p->sorter);
	return rc;
}

int eh_audit_data_sort(struct eh_audit_data *d, struct eh_err *err)
{
	struct parts p = { .shift = 0 };
	int rc = EH_OK;

	if (d->in_order)
		return EH_OK;
	rc = check_ranges(d, err);
	if (rc < 0)
		return rc;
	if (begin_parts(&p, d) < 0)
		return eh_err_set(err, EH_ENOMEM, "%s: no memory for %zu evaluators", d->source, d->evaluators.n);
	rc = sort_parts(&p, d, err);
	if (rc < 0)
		return rc;
	free(d->evaluator);
	d->evaluator = NULL;
	for (size_t e = 0; e < d->evaluators.n && rc == EH_OK; e++)
		rc = refuse_repeats(d, e, err);
	return rc;
}
