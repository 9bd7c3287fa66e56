/* Counts by key and class; see crosstab.h. */
#include "audit/crosstab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/intersect.h"
#include "audit/period.h"
#include "base/mem.h"

#define US '\x1f'
#define PARTS 3		    /* position, stage, question */
#define NO_PLACE UINT64_MAX /* the row is not asked for */
#define FIRST_SLOTS 1024
#define DIRECT_MAX ((uint64_t)1 << 15)  /* so few places have a slot each: nothing is searched */

struct eh_crosstab {
	const struct eh_audit_data *d;
	bool split; /* parts and part_of are there */
	struct eh_names part[PARTS];
	uint32_t *part_of[PARTS]; /* [strata] */
	bool met, shared;	  /* shared: somebody was judged by two evaluators */
	uint32_t *row;		  /* [n_decisions] rows by candidate; NULL until needed */
	bool dated;
	int32_t first_month, last_month; /* since January of year 0 */
};

/* How a place is made of the keys: by[0] is its highest digit, the group its lowest. */
struct eh_crosstab_names {
	const struct eh_crosstab *t;
	enum eh_crosstab_key by[EH_CROSSTAB_KEYS];
	size_t n_by;
	uint64_t size[EH_CROSSTAB_KEYS], step[EH_CROSSTAB_KEYS]; /* of each key; step 0: not in by */
	uint64_t places;
	size_t n_groups;					 /* without the unknown; 0 with n_attributes 0 */
	bool classed;
	size_t n_second;		      /* groups of the second attribute; 0 = no pair */
	uint32_t *rank;			      /* [n_groups] of a pair in byte order of the names */
	char (*group)[EH_CROSSTAB_GROUP_MAX]; /* [n_groups] in that order */
	char month[16];
};

struct slot {
	struct eh_crosstab_cell cell; /* place NO_PLACE: free */
	uint64_t last;		      /* number of the last person counted here */
};

struct table {
	struct slot *v; /* [n_slots], a power of two */
	size_t n_slots, n;
	bool direct;                    /* a place is its slot's number */
};

/* One count on its way. */
struct count {
	struct eh_crosstab *t;
	const struct eh_crosstab_query *q;
	struct eh_crosstab_names *names;
	uint64_t *stratum; /* [strata] share of the place, or NO_PLACE */
	struct table table;
	int64_t group;	  /* rank asked for; -1 = all, -2 = none there is */
	int32_t month;	  /* asked for; -1 = all */
	int64_t where;	  /* place asked for; -1 = all, -2 = none there is */
	uint64_t persons; /* met so far */
};

/* ---- what the counts share ---- */

struct eh_crosstab *eh_crosstab_new(const struct eh_audit_data *d)
{
	struct eh_crosstab *t = eh_xcalloc(1, sizeof *t);

	t->d = d;
	return t;
}

void eh_crosstab_free(struct eh_crosstab **t)
{
	if (t == NULL || *t == NULL)
		return;
	for (size_t p = 0; p < PARTS; p++) {
		eh_names_free(&(*t)->part[p]);
		free((*t)->part_of[p]);
	}
	free((*t)->row);
	free(*t);
	*t = NULL;
}

/* The parts of a stratum's name; text is cut up. */
static void cut(char *text, const char *out[PARTS])
{
	char *end = NULL;

	out[0] = text;
	for (size_t p = 1; p < PARTS; p++) {
		end = strchr(out[p - 1], US);
		out[p] = "";
		if (end == NULL)
			continue;
		*end = '\0';
		out[p] = end + 1;
	}
	/* a period behind them is read from the decision's day */
	end = strchr(out[PARTS - 1], US);
	if (end != NULL)
		*end = '\0';
}

static void split_strata(struct eh_crosstab *t)
{
	const struct eh_names *strata = &t->d->strata;
	struct eh_name_builder *b[PARTS];
	uint32_t *map = NULL;

	if (t->split)
		return;
	for (size_t p = 0; p < PARTS; p++) {
		b[p] = eh_names_new();
		t->part_of[p] = eh_xcalloc(strata->n + 1, sizeof *t->part_of[p]);
	}
	for (size_t i = 0; i < strata->n; i++) {
		char *text = eh_xstrdup(strata->v[i]);
		const char *part[PARTS];

		cut(text, part);
		for (size_t p = 0; p < PARTS; p++)
			t->part_of[p][i] = eh_names_add(b[p], part[p]);
		free(text);
	}
	for (size_t p = 0; p < PARTS; p++) {
		eh_names_finish(&b[p], &t->part[p], &map);
		for (size_t i = 0; i < strata->n; i++)
			t->part_of[p][i] = map[t->part_of[p][i]];
		free(map);
	}
	t->split = true;
}

static int32_t month_of(int32_t day) { return eh_period_of(EH_BY_MONTH, day); }

static void find_months(struct eh_crosstab *t)
{
	const struct eh_audit_data *d = t->d;
	int32_t first = INT32_MAX, last = EH_NO_DAY;

	if (t->dated || d->decided == NULL)
		return;
	for (size_t i = 0; i < d->n_decisions; i++) {
		if (d->decided[i] == EH_NO_DAY)
			continue;
		first = d->decided[i] < first ? d->decided[i] : first;
		last = d->decided[i] > last ? d->decided[i] : last;
	}
	/* nobody has a day: no month is left between */
	t->first_month = last != EH_NO_DAY ? month_of(first) : 0;
	t->last_month = last != EH_NO_DAY ? month_of(last) : -1;
	t->dated = true;
}

/* Was anybody judged by two evaluators? */
static int find_shared(struct eh_crosstab *t)
{
	const struct eh_audit_data *d = t->d;
	uint8_t *seen = NULL;

	if (t->met || d->weight != NULL)
		return EH_OK;
	seen = eh_try_calloc(d->candidates.n + 1, sizeof *seen);
	if (seen == NULL)
		return EH_ENOMEM;
	for (size_t e = 0; e < d->evaluators.n && !t->shared; e++)
		for (size_t i = d->evaluator_at[e]; i < d->evaluator_at[e + 1]; i++) {
			if (i > d->evaluator_at[e] && d->candidate[i] == d->candidate[i - 1])
				continue;
			t->shared = t->shared || seen[d->candidate[i]] != 0;
			seen[d->candidate[i]] = 1;
		}
	free(seen);
	t->met = true;
	return EH_OK;
}

static int order_rows(struct eh_crosstab *t)
{
	const struct eh_audit_data *d = t->d;
	uint32_t *at = NULL;

	if (t->row != NULL)
		return EH_OK;
	at = eh_try_calloc(d->candidates.n + 1, sizeof *at);
	t->row = eh_try_malloc(d->n_decisions + 1, sizeof *t->row);
	if (at == NULL || t->row == NULL) {
		free(at);
		free(t->row);
		t->row = NULL;
		return EH_ENOMEM;
	}
	for (size_t i = 0; i < d->n_decisions; i++)
		at[d->candidate[i] + 1]++;
	for (size_t c = 0; c < d->candidates.n; c++)
		at[c + 1] += at[c];
	for (size_t i = 0; i < d->n_decisions; i++)
		t->row[at[d->candidate[i]]++] = (uint32_t)i;
	free(at);
	return EH_OK;
}

/* ---- places ---- */

static int find_sizes(struct eh_crosstab_names *m, const struct eh_crosstab_query *q, struct eh_err *err)
{
	const struct eh_crosstab *t = m->t;
	const uint64_t months = t->dated ? (uint64_t)(t->last_month - t->first_month + 1) : 0;
	const uint64_t size[EH_CROSSTAB_KEYS] = { t->d->evaluators.n, t->part[0].n, t->part[1].n, t->part[2].n,
						  months + 1, t->d->places.n };
	uint64_t step = m->n_groups + 1;

	memcpy(m->size, size, sizeof size);
	for (size_t k = q->n_by; k-- > 0;) {
		m->by[k] = q->by[k];
		m->step[q->by[k]] = step;
		if (__builtin_mul_overflow(step, size[q->by[k]] + 1, &step))
			return eh_err_set(err, EH_ERANGE, "there are too many combinations: count by fewer keys");
	}
	m->n_by = q->n_by;
	m->places = step;
	return EH_OK;
}

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

/* Names and order of the groups, of pairs too. */
static int name_groups(struct eh_crosstab_names *m, const struct eh_crosstab_query *q)
{
	const struct eh_attribute_data *a = m->t->d->attributes;
	const struct eh_attribute_data *one = &a[q->attribute[0]], *two = NULL;

	m->classed = q->n_attributes > 0;
	if (!m->classed)
		return EH_OK;
	two = q->n_attributes > 1 ? &a[q->attribute[1]] : NULL;
	m->n_second = two != NULL ? two->n_groups : 0;
	m->n_groups = one->n_groups * (two != NULL ? two->n_groups : 1);
	m->group = eh_try_calloc(m->n_groups + 1, sizeof *m->group);
	m->rank = eh_try_calloc(m->n_groups + 1, sizeof *m->rank);
	if (m->group == NULL || m->rank == NULL)
		return EH_ENOMEM;
	for (size_t i = 0; i < m->n_groups; i++)
		(void)snprintf(m->group[i], sizeof m->group[i], "%s%s%s",
			       one->groups[two != NULL ? i / two->n_groups : i], two != NULL ? EH_INTERSECT_JOIN : "",
			       two != NULL ? two->groups[i % two->n_groups] : "");
	qsort(m->group, m->n_groups, sizeof *m->group, by_name);
	for (size_t i = 0; i < m->n_groups; i++) {
		char name[EH_CROSSTAB_GROUP_MAX];
		const char(*at)[EH_CROSSTAB_GROUP_MAX];

		(void)snprintf(name, sizeof name, "%s%s%s", one->groups[two != NULL ? i / two->n_groups : i],
			       two != NULL ? EH_INTERSECT_JOIN : "", two != NULL ? two->groups[i % two->n_groups] : "");
		at = bsearch(name, m->group, m->n_groups, sizeof *m->group, by_name);
		m->rank[i] = at != NULL ? (uint32_t)(at - (const char(*)[EH_CROSSTAB_GROUP_MAX])m->group) : 0;
	}
	return EH_OK;
}

static void names_free(struct eh_crosstab_names **m)
{
	if (*m == NULL)
		return;
	free((*m)->group);
	free((*m)->rank);
	free(*m);
	*m = NULL;
}

static int16_t known(const struct eh_attribute_data *a, uint32_t candidate)
{
	const uint8_t p = a->provenance[candidate];

	return p == EH_DECLARED || p == EH_IMPORTED ? a->group[candidate] : -1;
}

/* Rank of the candidate's group; n_groups = unknown. */
static uint64_t group_of(const struct count *c, uint32_t candidate)
{
	const struct eh_crosstab_names *m = c->names;
	const struct eh_attribute_data *a = c->t->d->attributes;
	int16_t one = -1, two = 0;

	if (!m->classed)
		return 0;
	one = known(&a[c->q->attribute[0]], candidate);
	if (m->n_second > 0)
		two = known(&a[c->q->attribute[1]], candidate);
	if (one < 0 || two < 0)
		return m->n_groups;
	return m->rank[m->n_second > 0 ? (size_t)one * m->n_second + (size_t)two : (size_t)one];
}

static uint64_t period_of(const struct eh_crosstab *t, size_t row)
{
	const int32_t day = t->d->decided[row];

	return day == EH_NO_DAY ? 0 : (uint64_t)(month_of(day) - t->first_month) + 1;
}

/* ---- cells ---- */

static size_t slot_of(const struct table *t, uint64_t place)
{
	size_t at = 0;

	if (t->direct)
		return (size_t)place;
	at = (size_t)((place * UINT64_C(0x9e3779b97f4a7c15)) >> 20) & (t->n_slots - 1);

	while (t->v[at].cell.place != NO_PLACE && t->v[at].cell.place != place)
		at = (at + 1) & (t->n_slots - 1);
	return at;
}

static int table_room(struct table *t, size_t n_slots)
{
	struct table next = { eh_try_malloc(n_slots, sizeof *next.v), n_slots, t->n, t->direct };

	if (next.v == NULL)
		return EH_ENOMEM;
	for (size_t i = 0; i < n_slots; i++)
		next.v[i].cell.place = NO_PLACE;
	for (size_t i = 0; i < t->n_slots; i++)
		if (t->v[i].cell.place != NO_PLACE)
			next.v[slot_of(&next, t->v[i].cell.place)] = t->v[i];
	free(t->v);
	*t = next;
	return EH_OK;
}

static int fresh_cell(struct table *t, uint64_t place, struct slot **out, struct eh_err *err)
{
	if (t->n == EH_CROSSTAB_CELLS_MAX)
		return eh_err_set(err, EH_ERANGE,
				  "more than %d rows come out: count by fewer keys, or only a part of "
				  "the decisions",
				  EH_CROSSTAB_CELLS_MAX);
	if (!t->direct && 2 * (t->n + 1) > t->n_slots && table_room(t, 2 * t->n_slots) != EH_OK)
		return eh_err_set(err, EH_ENOMEM, "no memory for the counts");
	*out = &t->v[slot_of(t, place)];
	**out = (struct slot){ { place, 0, 0, 0 }, 0 };
	t->n++;
	return EH_OK;
}

/* One decision of person number c->persons. */
static int take_row(struct count *c, size_t row, uint64_t place, struct eh_err *err)
{
	const struct eh_audit_data *d = c->t->d;
	const uint64_t share = c->stratum[d->stratum[row]];
	const uint64_t weight = d->weight != NULL ? d->weight[d->candidate[row]] : 1;
	struct slot *s = NULL;

	if (share == NO_PLACE)
		return EH_OK;
	place += share;
	if (c->names->step[EH_CROSSTAB_PERIOD] != 0 || c->month >= 0) {
		const uint64_t period = period_of(c->t, row);

		if (c->month >= 0 && period != (uint64_t)c->month)
			return EH_OK;
		place += period * c->names->step[EH_CROSSTAB_PERIOD];
	}
	s = &c->table.v[slot_of(&c->table, place)];
	if (s->cell.place == NO_PLACE) {
		int rc = fresh_cell(&c->table, place, &s, err);

		if (rc != EH_OK)
			return rc;
	}
	s->cell.n += weight;
	/* a mask, because a branch on a coin's throw costs more than all the rest */
	s->cell.selected += weight & -(uint64_t)(d->selected[row] != 0);
	if (s->last != c->persons) {
		s->last = c->persons;
		s->cell.persons += weight;
	}
	return EH_OK;
}

/* Rows from..to-1 (of the order, where there is one), which have a candidate's rows side by side. */
static int walk(struct count *c, const uint32_t *order, size_t from, size_t to, uint64_t base, struct eh_err *err)
{
	const struct eh_audit_data *d = c->t->d;
	const uint64_t step = c->names->step[EH_CROSSTAB_PLACE];
	uint32_t before = UINT32_MAX;
	uint64_t group = 0, at = 0;
	bool there = true;
	int rc = EH_OK;

	for (size_t i = from; i < to && rc == EH_OK; i++) {
		const size_t row = order != NULL ? order[i] : i;

		if (d->candidate[row] != before) {
			before = d->candidate[row];
			group = group_of(c, before);
			there = c->group == -1 || (uint64_t)c->group == group;
			there = there && (c->where == -1 || d->place[before] == (uint64_t)c->where);
			at = step != 0 ? d->place[before] * step : 0;
			c->persons++;
		}
		if (there)
			rc = take_row(c, row, base + at + group, err);
	}
	return rc;
}

/* ---- one count ---- */

/* "2026-03" as a period, "" = 0; -2: no decision has it. */
static int32_t find_month(const struct eh_crosstab *t, const char *text)
{
	int year = 0, month = 0, used = 0;

	if (text[0] == '\0')
		return 0;
	if (strlen(text) != 7 || sscanf(text, "%4d-%2d%n", &year, &month, &used) != 2 || used != 7 || month < 1 ||
	    month > 12)
		return -2;
	month += year * 12 - 1;
	return month >= t->first_month && month <= t->last_month ? month - t->first_month + 1 : -2;
}

static int64_t find_group(const struct eh_crosstab_names *m, const char *name)
{
	if (name == NULL)
		return -1;
	for (size_t i = 0; i < m->n_groups; i++)
		if (strcmp(m->group[i], name) == 0)
			return (int64_t)i;
	return -2;
}

static int place_strata(struct count *c)
{
	const struct eh_crosstab *t = c->t;
	const size_t n = t->d->strata.n;

	c->stratum = eh_try_calloc(n + 1, sizeof *c->stratum);
	for (size_t p = 0; p < PARTS && c->stratum != NULL; p++) {
		const char *wanted = c->q->where[EH_CROSSTAB_POSITION + p];
		const uint32_t only = wanted != NULL ? eh_names_find(&t->part[p], wanted) : 0;
		const uint64_t step = c->names->step[EH_CROSSTAB_POSITION + p];

		for (size_t i = 0; i < n; i++) {
			if (wanted != NULL && t->part_of[p][i] != only)
				c->stratum[i] = NO_PLACE;
			else if (c->stratum[i] != NO_PLACE)
				c->stratum[i] += t->part_of[p][i] * step;
		}
	}
	return c->stratum != NULL ? EH_OK : EH_ENOMEM;
}

static int compare_cells(const void *a, const void *b)
{
	const struct eh_crosstab_cell *x = a, *y = b;

	return (x->place > y->place) - (x->place < y->place);
}

static int take_result(struct count *c, struct eh_crosstab_result *out)
{
	out->v = eh_try_malloc(c->table.n + 1, sizeof *out->v);
	if (out->v == NULL)
		return EH_ENOMEM;
	for (size_t i = 0; i < c->table.n_slots; i++)
		if (c->table.v[i].cell.place != NO_PLACE)
			out->v[out->n++] = c->table.v[i].cell;
	qsort(out->v, out->n, sizeof *out->v, compare_cells);
	out->names = c->names;
	c->names = NULL;
	return EH_OK;
}

static int walk_all(struct count *c, struct eh_err *err)
{
	const struct eh_audit_data *d = c->t->d;
	const uint64_t step = c->names->step[EH_CROSSTAB_EVALUATOR];
	const char *who = c->q->where[EH_CROSSTAB_EVALUATOR];
	const uint32_t only = who != NULL ? eh_names_find(&d->evaluators, who) : 0;
	size_t from = who == NULL ? 0 : only, to = who == NULL ? d->evaluators.n : (size_t)only + 1;
	int rc = EH_OK;

	if ((who != NULL && only == UINT32_MAX) || c->group == -2 || c->month == -2 || c->where == -2)
		return EH_OK;
	/* a person whom two evaluators judged counts once where evaluators are taken together */
	if (who == NULL && step == 0) {
		rc = find_shared(c->t);
		if (rc == EH_OK && c->t->shared)
			rc = order_rows(c->t);
		if (rc != EH_OK)
			return eh_err_set(err, rc, "no memory to count %zu decisions", d->n_decisions);
		if (c->t->shared)
			return walk(c, c->t->row, 0, d->n_decisions, 0, err);
	}
	for (size_t e = from; e < to && rc == EH_OK; e++)
		rc = walk(c, NULL, d->evaluator_at[e], d->evaluator_at[e + 1], e * step, err);
	return rc;
}

static bool asks_for(const struct eh_crosstab_query *q, enum eh_crosstab_key key)
{
	bool asks = q->where[key] != NULL;

	for (size_t k = 0; k < q->n_by; k++)
		asks = asks || q->by[k] == key;
	return asks;
}

static int64_t find_place(const struct eh_crosstab *t, const char *code)
{
	const uint32_t at = code != NULL ? eh_names_find(&t->d->places, code) : 0;

	if (code == NULL)
		return -1;
	return at == UINT32_MAX ? -2 : (int64_t)at;
}

uint64_t eh_crosstab_rows(const struct eh_crosstab *t, const struct eh_crosstab_query *q)
{
	const char *who = q->where[EH_CROSSTAB_EVALUATOR];
	uint32_t e = who != NULL ? eh_names_find(&t->d->evaluators, who) : 0;

	if (who == NULL)
		return t->d->n_decisions;
	return e == UINT32_MAX ? 0 : t->d->evaluator_at[e + 1] - t->d->evaluator_at[e];
}

int eh_crosstab_count(struct eh_crosstab *t, const struct eh_crosstab_query *q, struct eh_crosstab_result *out,
		      struct eh_err *err)
{
	struct count c = { .t = t, .q = q, .month = -1 };
	int rc = EH_OK;

	memset(out, 0, sizeof *out);
	if (asks_for(q, EH_CROSSTAB_PLACE) && t->d->place == NULL)
		return eh_err_set(err, EH_EINVAL, "these decisions carry no jurisdictions: they are known in an audit "
				  "of a project");
	if (asks_for(q, EH_CROSSTAB_PERIOD) && t->d->decided == NULL)
		return eh_err_set(err, EH_EINVAL, "these data have no decided_at: import evaluations with that "
				  "column; a table needs it too");
	split_strata(t);
	if (asks_for(q, EH_CROSSTAB_PERIOD))
		find_months(t);
	c.names = eh_xcalloc(1, sizeof *c.names);
	c.names->t = t;
	rc = name_groups(c.names, q);
	if (rc == EH_OK)
		rc = find_sizes(c.names, q, err);
	if (rc == EH_OK)
		rc = place_strata(&c);
	c.table.direct = rc == EH_OK && c.names->places <= DIRECT_MAX;
	if (rc == EH_OK)
		rc = table_room(&c.table, c.table.direct ? (size_t)c.names->places : FIRST_SLOTS);
	if (rc == EH_ENOMEM)
		(void)eh_err_set(err, rc, "no memory for the counts");
	if (rc == EH_OK) {
		c.group = find_group(c.names, q->group);
		c.month = q->where[EH_CROSSTAB_PERIOD] != NULL ? find_month(t, q->where[EH_CROSSTAB_PERIOD]) : -1;
		c.where = find_place(t, q->where[EH_CROSSTAB_PLACE]);
		rc = walk_all(&c, err);
	}
	if (rc == EH_OK && take_result(&c, out) != EH_OK)
		rc = eh_err_set(err, EH_ENOMEM, "no memory for the counts");
	free(c.stratum);
	free(c.table.v);
	names_free(&c.names);
	return rc;
}

void eh_crosstab_result_free(struct eh_crosstab_result *r)
{
	free(r->v);
	names_free(&r->names);
	memset(r, 0, sizeof *r);
}

/* ---- what a place says ---- */

const char *eh_crosstab_text(const struct eh_crosstab_result *r, size_t cell, size_t k)
{
	struct eh_crosstab_names *m = r->names;
	const struct eh_crosstab *t = m->t;
	const enum eh_crosstab_key key = m->by[k];
	const uint64_t at = r->v[cell].place / m->step[key] % (m->size[key] + 1);

	if (key == EH_CROSSTAB_EVALUATOR)
		return t->d->evaluators.v[at];
	if (key == EH_CROSSTAB_PLACE)
		return t->d->places.v[at];
	if (key != EH_CROSSTAB_PERIOD)
		return t->part[key - EH_CROSSTAB_POSITION].v[at];
	m->month[0] = '\0';
	if (at > 0) {
		const int32_t month = t->first_month + (int32_t)at - 1;

		(void)snprintf(m->month, sizeof m->month, "%04d-%02d", month / 12, month % 12 + 1);
	}
	return m->month;
}

const char *eh_crosstab_group(const struct eh_crosstab_result *r, size_t cell)
{
	const uint64_t at = r->v[cell].place % (r->names->n_groups + 1);

	return r->names->classed && at < r->names->n_groups ? r->names->group[at] : NULL;
}
