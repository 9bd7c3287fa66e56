/* Selection rates period by period; see trend.h. */
#include "desk/trend.h"

#include <stdlib.h>
#include <string.h>

#include "audit/family.h"
#include "base/mem.h"
#include "desk/inside.h"

/* A point before it has its place. */
struct made {
	uint32_t line;                  /* scope x groups of all attributes + group */
	bool twin;                      /* of two groups the second: the same test as the point before it */
	struct eh_trend_point x;
};

struct work {
	const struct eh_trend_options *o;
	struct eh_trend *out;
	struct eh_audit_data d;         /* the evaluations */
	struct eh_audit_settings s;
	size_t n_groups;                /* of all attributes */
	size_t n_periods;
	size_t *row_at;                 /* [periods + 1] in row */
	uint32_t *row;                  /* rows of one period after the other, each in the order of the data */
	struct eh_list made;
};

/* ---- what is asked for ---- */

static int check_names(const struct work *w, struct eh_err *err)
{
	const struct eh_trend_options *o = w->o;
	bool attribute = o->attribute == NULL, group = o->group == NULL;

	for (size_t a = 0; a < w->d.n_attributes; a++) {
		const struct eh_attribute_data *x = &w->d.attributes[a];
		const bool hit = o->attribute == NULL || strcmp(o->attribute, x->name) == 0;

		attribute = attribute || hit;
		group = group || (hit && eh_desk_group_index(x, o->group) >= 0);
	}
	if (!attribute)
		return eh_err_set(err, EH_ENOENT, "no classes of '%.95s' are known of these candidates", o->attribute);
	if (!group)
		return eh_err_set(err, EH_ENOENT, "there is no group '%.95s' among these candidates", o->group);
	return EH_OK;
}

static bool asked(const struct work *w, const struct eh_attribute_data *a, size_t g)
{
	return (w->o->attribute == NULL || strcmp(w->o->attribute, a->name) == 0) &&
	       (w->o->group == NULL || strcmp(w->o->group, a->groups[g]) == 0);
}

/* ---- periods ---- */

static int find_periods(struct work *w, struct eh_err *err)
{
	const struct eh_audit_data *d = &w->d;
	int32_t first = INT32_MAX, last = EH_PERIOD_NONE;

	for (size_t i = 0; i < d->n_decisions; i++) {
		const int32_t p = eh_period_of(w->o->by, d->decided[i]);

		first = p < first ? p : first;
		last = p > last ? p : last;
	}
	w->out->first = first;
	w->out->last = last;
	w->n_periods = (size_t)((int64_t)last - first + 1);
	if (w->n_periods > EH_TREND_PERIODS_MAX)
		return eh_err_set(err, EH_ERANGE, "the decisions are %zu %ss apart, more than %d: give --from and "
				  "--to, or a longer period",
				  w->n_periods, eh_period_name(w->o->by), EH_TREND_PERIODS_MAX);
	return EH_OK;
}

static int deal_rows(struct work *w, struct eh_err *err)
{
	const struct eh_audit_data *d = &w->d;

	w->row_at = eh_try_calloc(w->n_periods + 2, sizeof *w->row_at);
	w->row = eh_try_malloc(d->n_decisions + 1, sizeof *w->row);
	if (w->row_at == NULL || w->row == NULL)
		return eh_err_set(err, EH_ENOMEM, "trend: out of memory for %zu decisions", d->n_decisions);
	for (size_t i = 0; i < d->n_decisions; i++)
		w->row_at[eh_period_of(w->o->by, d->decided[i]) - w->out->first + 2]++;
	for (size_t p = 2; p < w->n_periods + 2; p++)
		w->row_at[p] += w->row_at[p - 1];
	for (size_t i = 0; i < d->n_decisions; i++)
		w->row[w->row_at[eh_period_of(w->o->by, d->decided[i]) - w->out->first + 1]++] = (uint32_t)i;
	return EH_OK;
}

/* ---- one period ---- */

/*
 * The rows of a period as data of their own, which borrow candidates, classes and names from the whole: those who
 * decided something then, with their rows in the order they had.  who: [evaluators of the part] theirs in the whole.
 * The caller frees the columns, evaluators.v and evaluator_at.
 */
static int take_part(struct eh_audit_data *part, uint32_t **who, const struct work *w, size_t period,
		     struct eh_err *err)
{
	const struct eh_audit_data *d = &w->d;
	const size_t at = w->row_at[period], n = w->row_at[period + 1] - at;
	size_t e = 0;

	*part = *d;
	part->decided = NULL;
	part->position = NULL;
	part->evaluators = (struct eh_names){ eh_xcalloc(d->evaluators.n + 1, sizeof(char *)), 0 };
	part->evaluator_at = eh_xcalloc(d->evaluators.n + 1, sizeof *part->evaluator_at);
	part->threads = w->o->threads;
	*who = eh_xcalloc(d->evaluators.n + 1, sizeof **who);
	if (eh_audit_data_room(part, n, false, err) != EH_OK)
		return EH_ENOMEM;
	free(part->evaluator);
	part->evaluator = NULL;
	for (size_t i = 0; i < n; i++) {
		const size_t row = w->row[at + i];

		while (d->evaluator_at[e + 1] <= row)
			e++;
		if (part->evaluators.n == 0 || (*who)[part->evaluators.n - 1] != e) {
			(*who)[part->evaluators.n] = (uint32_t)e;
			part->evaluator_at[part->evaluators.n] = i;
			part->evaluators.v[part->evaluators.n++] = d->evaluators.v[e];
		}
		part->candidate[i] = d->candidate[row];
		part->stratum[i] = d->stratum[row];
		part->selected[i] = d->selected[row];
	}
	part->evaluator_at[part->evaluators.n] = n;
	return EH_OK;
}

static void free_part(struct eh_audit_data *part)
{
	free(part->evaluators.v);
	free(part->evaluator_at);
	free(part->candidate);
	free(part->stratum);
	free(part->selected);
}

/* The built-in result, by the ratio that is shown. */
static enum eh_verdict_kind state_of(const struct eh_finding *f)
{
	if (f->builtin == EH_TOO_FEW)
		return EH_TOO_FEW;
	if (f->ratio_below == EH_UNKNOWN)
		return f->builtin == EH_WATCH ? EH_CANNOT_CONCLUDE : f->builtin;
	return f->ratio_below == EH_YES ? EH_WATCH : EH_OK_VERDICT;
}

static struct eh_trend_point point_of(const struct eh_finding *f, int32_t period)
{
	return (struct eh_trend_point){
		.period = period, .state = state_of(f), .n = f->n, .selected = f->selected, .ref_n = f->ref_n,
		.ref_selected = f->ref_selected, .persons = f->persons, .ref_persons = f->ref_persons,
		.rate = f->rate, .ref_rate = f->ref_rate, .ratio = f->ratio, .rests_on = f->rests_on,
		.interval = f->ratio_interval, .p = f->p, .q = eh_undefined(EH_U_TOO_FEW),
	};
}

/* f: the findings of one scope and attribute, by group. */
static void make_points(struct work *w, const struct eh_finding *f, const struct eh_attribute_data *a, size_t base,
			size_t scope, int32_t period)
{
	bool before = false;

	for (size_t g = 0; g < a->n_groups; g++) {
		struct made *m = NULL;

		if (f[g].n == 0 || !asked(w, a, g))
			continue;
		m = eh_list_push(&w->made, NULL);
		m->line = (uint32_t)(scope * w->n_groups + base + g);
		m->twin = a->n_groups == 2 && before;
		m->x = point_of(&f[g], period);
		before = true;
	}
}

/* Findings stand by attribute; in each everybody's come first, then those of the part's evaluators. */
static void take_findings(struct work *w, const struct eh_findings *f, const struct eh_audit_data *part,
			  const uint32_t *who, int32_t period)
{
	size_t at = 0, base = 0;

	for (size_t a = 0; a < part->n_attributes; a++) {
		const struct eh_attribute_data *x = &part->attributes[a];

		for (size_t scope = 0; scope <= part->evaluators.n; scope++, at += x->n_groups)
			if (scope > 0 || w->o->evaluator == NULL)
				make_points(w, &f->v[at], x, base, scope > 0 ? 1 + who[scope - 1] : 0, period);
		base += x->n_groups;
	}
}

static int look_at_period(struct work *w, size_t period, struct eh_err *err)
{
	struct eh_findings f = { NULL, 0 };
	struct eh_audit_data part;
	uint32_t *who = NULL;
	int rc;

	if (w->row_at[period] == w->row_at[period + 1])
		return EH_OK;
	rc = take_part(&part, &who, w, period, err);
	if (rc == EH_OK)
		rc = eh_audit_run(&f, &part, &w->s, NULL, err);
	if (rc == EH_OK)
		take_findings(w, &f, &part, who, w->out->first + (int32_t)period);
	eh_findings_free(&f);
	free_part(&part);
	free(who);
	return rc;
}

/* ---- the families, and every point at its place ---- */

static int correct(struct work *w, bool all, uint32_t *size, struct eh_err *err)
{
	struct made *m = w->made.v;
	struct eh_num *q = eh_xcalloc(w->made.n + 1, sizeof *q);
	enum eh_family_method method = EH_FAMILY_BH;
	size_t n = 0;
	int rc = eh_family_parse(&method, w->o->family, err);

	for (size_t i = 0; i < w->made.n; i++) {
		q[i] = eh_undefined(EH_U_TOO_FEW);
		if ((m[i].line < w->n_groups) == all && !m[i].twin && m[i].x.state != EH_TOO_FEW) {
			q[i] = m[i].x.p;
			n += q[i].defined;
		}
	}
	*size = (uint32_t)n;
	if (rc == EH_OK)
		rc = eh_family_adjust(q, q, w->made.n, method, size, err);
	for (size_t i = 0; i < w->made.n && rc == EH_OK; i++)
		if ((m[i].line < w->n_groups) == all && m[i].x.state != EH_TOO_FEW)
			m[i].x.q = m[i].twin ? m[i - 1].x.q : q[i];
	free(q);
	return rc;
}

static void name_line(struct eh_trend_line *l, const struct work *w, size_t line)
{
	const size_t scope = line / w->n_groups;
	size_t g = line % w->n_groups, a = 0;

	for (; g >= w->d.attributes[a].n_groups; a++)
		g -= w->d.attributes[a].n_groups;
	if (scope > 0)
		memcpy(l->evaluator, w->d.evaluators.v[scope - 1], strlen(w->d.evaluators.v[scope - 1]) + 1);
	memcpy(l->attribute, w->d.attributes[a].name, sizeof l->attribute);
	memcpy(l->group, w->d.attributes[a].groups[g], sizeof l->group);
}

/* They were made period by period. */
static int place(struct work *w, struct eh_err *err)
{
	const size_t n_lines = (w->d.evaluators.n + 1) * w->n_groups;
	const struct made *m = w->made.v;
	struct eh_trend *t = w->out;
	size_t *at = eh_try_calloc(n_lines + 2, sizeof *at);

	t->points = eh_try_calloc(w->made.n + 1, sizeof *t->points);
	t->lines = eh_try_calloc(n_lines + 1, sizeof *t->lines);
	if (at == NULL || t->points == NULL || t->lines == NULL) {
		free(at);
		return eh_err_set(err, EH_ENOMEM, "trend: out of memory for %zu points", w->made.n);
	}
	for (size_t i = 0; i < w->made.n; i++)
		at[m[i].line + 1]++;
	for (size_t k = 0; k < n_lines; k++) {
		if (at[k + 1] > 0) {
			t->lines[t->n_lines].at = at[k];
			t->lines[t->n_lines].n = at[k + 1];
			name_line(&t->lines[t->n_lines++], w, k);
		}
		at[k + 1] += at[k];
	}
	for (size_t i = 0; i < w->made.n; i++)
		t->points[at[m[i].line]++] = m[i].x;
	t->n_points = w->made.n;
	free(at);
	return EH_OK;
}

/* ---- all of it ---- */

static int check_options(const struct eh_trend_options *o, struct eh_err *err)
{
	enum eh_family_method method;

	if (o->by < EH_BY_MONTH || o->by > EH_BY_YEAR)
		return eh_err_set(err, EH_EINVAL, "a trend is by month, quarter or year");
	if (o->min_group == 0 || o->min_total == 0)
		return eh_err_set(err, EH_EINVAL, "the minimum is at least one person");
	return eh_family_parse(&method, o->family, err);
}

/* A group that is small in the pool is compared all the same: of one evaluator the pool is not read, and min_group
 * keeps out what is too small.  The family is made over all periods, not in each. */
static struct eh_audit_settings settings_of(const struct eh_trend_options *o)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;

	s.limit_num = o->limit_num;
	s.limit_den = o->limit_den;
	s.min_group = o->min_group;
	s.min_total = o->min_total;
	s.alpha = o->alpha;
	s.threads = o->threads;
	s.known_only = true;
	s.min_share = 0;
	memcpy(s.family, "none", sizeof "none");
	return s;
}

int eh_desk_trend(struct eh_desk *d, const struct eh_trend_options *o, struct eh_trend *out, struct eh_err *err)
{
	struct eh_wanted_rows rows = { .window = o->days, .evaluator = o->evaluator, .timed = true,
				       .known_only = true, .months = true, .unscored = true };
	struct work w = { .o = o, .out = out, .s = settings_of(o) };
	eh_place *places = NULL;
	int rc = check_options(o, err);

	memset(out, 0, sizeof *out);
	out->by = o->by;
	rows.window.period = EH_NO_PERIOD;
	eh_list_init(&w.made, sizeof(struct made));
	if (rc == EH_OK)
		rc = eh_desk_gather_dated(d, &rows, &w.d, &places, &out->untimed, err);
	free(places);
	if (rc != EH_OK)
		return rc;
	out->decisions = eh_audit_data_total(&w.d);
	out->holds = w.d.holds;
	for (size_t a = 0; a < w.d.n_attributes; a++)
		w.n_groups += w.d.attributes[a].n_groups;
	rc = check_names(&w, err);
	if (rc == EH_OK)
		rc = find_periods(&w, err);
	if (rc == EH_OK)
		rc = deal_rows(&w, err);
	for (size_t p = 0; p < w.n_periods && rc == EH_OK; p++)
		rc = look_at_period(&w, p, err);
	if (rc == EH_OK)
		rc = correct(&w, false, &out->family, err);
	if (rc == EH_OK)
		rc = correct(&w, true, &out->family_all, err);
	if (rc == EH_OK)
		rc = place(&w, err);
	free(w.made.v);
	free(w.row_at);
	free(w.row);
	eh_audit_data_free(&w.d);
	return rc;
}

void eh_trend_free(struct eh_trend *t)
{
	free(t->lines);
	free(t->points);
	memset(t, 0, sizeof *t);
}
