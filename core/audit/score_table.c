/* Histograms of scores; see score_table.h. */
#include "audit/score_table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define MANY 8192 /* persons from which on digits are worth their tables */
#define DIGIT_BITS 11
#define DIGITS ((size_t)1 << DIGIT_BITS)

static int by_value(const void *a, const void *b)
{
	const struct eh_scored_persons *x = a, *y = b;

	return (x->value > y->value) - (x->value < y->value);
}

/* Doubles in their order as integers; no value is a negative zero, as sums from zero are not. */
static uint64_t key_of(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof bits);
	return (bits >> 63) != 0 ? ~bits : bits | (uint64_t)1 << 63;
}

/* One pass of sorting by digits: from `from` into `to`; false: all have the same digit, and nothing was moved. */
static bool deal_by_digit(struct eh_scored_persons *to, const struct eh_scored_persons *from, size_t n, unsigned shift,
			  size_t *at)
{
	memset(at, 0, (DIGITS + 1) * sizeof *at);
	for (size_t i = 0; i < n; i++)
		at[(key_of(from[i].value) >> shift & (DIGITS - 1)) + 1]++;
	if (at[(key_of(from[0].value) >> shift & (DIGITS - 1)) + 1] == n)
		return false;
	for (size_t d = 1; d <= DIGITS; d++)
		at[d] += at[d - 1];
	for (size_t i = 0; i < n; i++)
		to[at[key_of(from[i].value) >> shift & (DIGITS - 1)]++] = from[i];
	return true;
}

/* False: no room for it. */
static bool sort_by_digits(struct eh_scored_persons *v, size_t n)
{
	struct eh_scored_persons *spare = eh_try_malloc(n, sizeof *spare), *from = v, *to = spare;
	size_t *at = eh_try_malloc(DIGITS + 1, sizeof *at);
	const bool well = spare != NULL && at != NULL;

	for (unsigned shift = 0; shift < 64 && well; shift += DIGIT_BITS) {
		struct eh_scored_persons *x = from;

		if (!deal_by_digit(to, from, n, shift, at))
			continue;
		from = to;
		to = x;
	}
	if (well && from != v)
		memcpy(v, from, n * sizeof *v);
	free(spare);
	free(at);
	return well;
}

/* Comparing a million different values takes five times as long as dealing them out. */
static void sort(struct eh_scored_persons *v, size_t n)
{
	size_t sorted = 1;

	while (sorted < n && v[sorted - 1].value <= v[sorted].value)
		sorted++;
	if (sorted < n && (n < MANY || !sort_by_digits(v, n)))
		qsort(v, n, sizeof *v, by_value);
}

static int make_room(struct eh_score_table *t, size_t n, struct eh_err *err)
{
	*t = (struct eh_score_table){ eh_try_malloc(n + 1, sizeof *t->v), 0 };
	return t->v != NULL ? EH_OK : eh_err_set(err, EH_ENOMEM, "audit: out of memory for %zu scores", n);
}

/* Lines that a table of v [n], sorted, has at most. */
static size_t lines_of(const struct eh_scored_persons *v, size_t n, size_t groups)
{
	size_t distinct = n > 0;

	for (size_t i = 1; i < n; i++)
		distinct += v[i].value > v[i - 1].value;
	return distinct * (groups + 1) < n ? distinct * (groups + 1) : n;
}

int eh_score_table_make(struct eh_score_table *out, const struct eh_order *o, size_t attribute,
			struct eh_scored_persons *v, size_t n, struct eh_err *err)
{
	const uint8_t *code = o->code[attribute];
	const uint32_t groups = (uint32_t)o->d->attributes[attribute].n_groups;
	uint32_t persons[EH_GROUPS_MAX + 1] = { 0 };
	int rc;

	sort(v, n);
	rc = make_room(out, lines_of(v, n, groups), err);
	for (size_t i = 0, next = 0; i < n && rc == EH_OK; i = next) {
		for (next = i; next < n && v[next].value <= v[i].value; next++) {
			const int g = eh_code_group(code[v[next].candidate]);

			persons[g >= 0 ? (uint32_t)g : groups] += v[next].persons;
		}
		for (uint32_t g = 0; g <= groups; g++) {
			if (persons[g] > 0)
				out->v[out->n++] = (struct eh_score_line){ v[i].value, g, persons[g] };
			persons[g] = 0;
		}
	}
	return rc;
}

void eh_score_table_free(struct eh_score_table *t)
{
	free(t->v);
	*t = (struct eh_score_table){ NULL, 0 };
}

/* A table on its way into another: its next line is taken when it is its turn. */
struct source {
	const struct eh_score_table *t;
	size_t next;
	uint32_t sign; /* 1, or -1 modulo 2^32 */
};

static bool is_before(const struct eh_score_line *a, const struct eh_score_line *b)
{
	return a->value < b->value || (a->value <= b->value && a->group < b->group);
}

static const struct eh_score_line *next_line(const struct source *s, size_t n)
{
	const struct eh_score_line *first = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct eh_score_line *line = s[i].next < s[i].t->n ? &s[i].t->v[s[i].next] : NULL;

		if (line != NULL && (first == NULL || is_before(line, first)))
			first = line;
	}
	return first;
}

int eh_score_table_exchange(struct eh_score_table *t, const struct eh_score_table *less,
			    const struct eh_score_table *more, struct eh_err *err)
{
	struct source from[3] = { { t, 0, 1 }, { less, 0, UINT32_MAX }, { more, 0, 1 } };
	const struct eh_score_line *first = NULL;
	struct eh_score_table out;
	int rc = make_room(&out, t->n + less->n + more->n, err);

	while (rc == EH_OK && (first = next_line(from, 3)) != NULL) {
		struct eh_score_line line = { first->value, first->group, 0 };

		for (size_t i = 0; i < 3; i++)
			if (from[i].next < from[i].t->n && !is_before(first, &from[i].t->v[from[i].next]))
				line.persons += from[i].sign * from[i].t->v[from[i].next++].persons;
		if (line.persons > 0)
			out.v[out.n++] = line;
	}
	if (rc != EH_OK)
		return rc;
	eh_score_table_free(t);
	*t = out;
	return EH_OK;
}
