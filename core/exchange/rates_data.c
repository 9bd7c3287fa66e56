/* From the rows of a `rates` table to sorted audit data: repeats, strata, classes; see exchange.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "exchange/deal.h"
#include "exchange/rates.h"

struct place {
	uint64_t who; /* evaluator, stratum */
	uint32_t candidate;
	uint32_t row;
};

static int by_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->who != y->who)
		return x->who < y->who ? -1 : 1;
	if (x->candidate != y->candidate)
		return x->candidate < y->candidate ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

/* The rows whose evaluator decided about the candidate in the stratum before, each with the first one; caller frees. */
static int find_repeats(const struct eh_rates_table *r, struct eh_rates_twin **twin, size_t *n, struct eh_err *err)
{
	struct place *v = eh_try_malloc(r->n_rows, sizeof *v);
	size_t first = 0;

	*twin = NULL;
	*n = 0;
	if (v == NULL)
		return eh_err_set(err, EH_ENOMEM, "no memory to compare %zu decisions", r->n_rows);
	for (size_t i = 0; i < r->n_rows; i++)
		v[i] = (struct place){ (uint64_t)r->rows[i].evaluator << 32 | r->rows[i].stratum, r->rows[i].candidate,
				       (uint32_t)i };
	if (r->n_rows > 1)
		qsort(v, r->n_rows, sizeof *v, by_place);
	for (size_t i = 1; i < r->n_rows; i++)
		*n += v[i].who == v[i - 1].who && v[i].candidate == v[i - 1].candidate;
	*twin = *n > 0 ? eh_try_malloc(*n, sizeof **twin) : NULL;
	if (*n > 0 && *twin == NULL) {
		free(v);
		return eh_err_set(err, EH_ENOMEM, "no memory to compare %zu decisions", r->n_rows);
	}
	*n = 0;
	for (size_t i = 1; i < r->n_rows; i++) {
		if (v[i].who != v[i - 1].who || v[i].candidate != v[i - 1].candidate)
			first = i;
		else
			(*twin)[(*n)++] = (struct eh_rates_twin){ v[i].row, v[first].row, r->n_classes, -1, -1 };
	}
	free(v);
	return EH_OK;
}

/* Puts the event into the stratum of every row: strata and events are finished, r->rows hold sorted indexes. */
static void join_event(struct eh_names *strata, const struct eh_names *events, struct eh_rates_table *r)
{
	struct eh_name_builder *b = eh_names_new();
	struct eh_names joined = { NULL, 0 };
	uint32_t *map = NULL;

	for (size_t i = 0; i < r->n_rows; i++) {
		const char *stratum = strata->v[r->rows[i].stratum];
		char *name = eh_xasprintf("%s%s%s", stratum, stratum[0] != '\0' ? EH_RATES_JOINT : "",
					  events->v[r->rows[i].event]);

		r->rows[i].stratum = eh_names_add(b, name);
		free(name);
	}
	eh_names_finish(&b, &joined, &map);
	for (size_t i = 0; i < r->n_rows; i++)
		r->rows[i].stratum = map[r->rows[i].stratum];
	free(map);
	eh_names_free(strata);
	*strata = joined;
}

void eh_rates_note_event(struct eh_csv_table *t, const struct eh_rates_table *r, uint64_t repeats)
{
	eh_rates_note(
		t,
		"%llu rows repeat a decision of the same evaluator about the same candidate, so column '%s' became "
		"part of the stratum; name other columns with --stratum",
		(unsigned long long)repeats, r->event_name);
}

void eh_rates_note_holds(struct eh_csv_table *t, uint64_t holds)
{
	if (holds > 0)
		eh_rates_note(t, "%llu row%s on hold left out: not decided yet", (unsigned long long)holds,
			      holds == 1 ? "" : "s");
}

static int refuse_repeats(const struct eh_audit_data *out, struct eh_rates_table *r, struct eh_rates_twin *twin,
			  size_t n, struct eh_csv_table *t, struct eh_err *err)
{
	size_t least = 0;

	t->report->note[0] = '\0';
	if (t->skip)
		return eh_rates_drop(r, twin, n, &out->evaluators, &out->candidates, err);
	for (size_t i = 1; i < n; i++)
		least = twin[i].row < twin[least].row ? i : least;
	return eh_rates_fail(t, err, r->rows[twin[least].row].line, 1,
			     "evaluator '%s' decided about candidate '%s' already in line %u (%zu such rows); keep one "
			     "row, or name the column that tells them apart with --stratum COLUMN",
			     eh_shown(out->evaluators.v[r->rows[twin[least].row].evaluator]).text,
			     eh_rates_shown(out->candidates.v[r->rows[twin[least].row].candidate]).text,
			     r->rows[twin[least].first].line, n);
}

static int settle_strata(struct eh_audit_data *out, struct eh_rates_table *r, const struct eh_names *events,
			 struct eh_csv_table *t, struct eh_err *err)
{
	struct eh_rates_twin *twin = NULL;
	size_t n = 0;
	int rc = find_repeats(r, &twin, &n, err);

	if (rc == EH_OK && n > 0 && r->event != EH_RATES_NO_COLUMN) {
		join_event(&out->strata, events, r);
		eh_rates_note_event(t, r, n);
		free(twin);
		rc = find_repeats(r, &twin, &n, err);
	}
	if (rc == EH_OK && n > 0)
		rc = refuse_repeats(out, r, twin, n, t, err);
	free(twin);
	return rc;
}

static int16_t group_index(const struct eh_attribute_data *a, const char *group)
{
	for (size_t g = 0; g < a->n_groups; g++)
		if (strcmp(a->groups[g], group) == 0)
			return (int16_t)g;
	return -1;
}

static int by_group(const void *a, const void *b) { return strcmp(a, b); }

/* The column that stands in for the class where it is empty; NULL = none. */
static const struct eh_rates_class *beside(const struct eh_rates_table *r, const struct eh_rates_class *k)
{
	const size_t next = k != NULL ? (size_t)(k - r->classes) + 1 : r->n_classes;

	return next < r->n_classes && r->classes[next].beside ? &r->classes[next] : NULL;
}

/* All groups of the class columns and of the probabilities, sorted; false when there are too many. */
static bool collect_groups(struct eh_attribute_data *a, const struct eh_rates_class *k,
			   const struct eh_rates_class *other, const struct eh_rates_prob *p)
{
	const eh_name *lists[3] = { k != NULL ? k->groups : NULL, other != NULL ? other->groups : NULL,
				    p != NULL ? p->groups : NULL };
	const size_t counts[3] = { k != NULL ? k->n_groups : 0, other != NULL ? other->n_groups : 0,
				   p != NULL ? p->n : 0 };

	for (size_t i = 0; i < 3; i++)
		for (size_t g = 0; g < counts[i]; g++) {
			if (group_index(a, lists[i][g]) >= 0)
				continue;
			if (a->n_groups == EH_GROUPS_MAX)
				return false;
			memcpy(a->groups[a->n_groups++], lists[i][g], sizeof(eh_name));
		}
	qsort(a->groups, a->n_groups, sizeof a->groups[0], by_group);
	return true;
}

/* Shares of the groups among the labelled: [prob's groups]; false: fewer than EH_RATES_LABELLED_MIN of one of them. */
static bool labelled_shares(double *share, const struct eh_attribute_data *a, const struct eh_rates_prob *p, size_t n)
{
	uint64_t labelled[EH_GROUPS_MAX] = { 0 }, all = 0;
	bool enough = true;

	for (size_t c = 0; c < n; c++)
		if (a->labelled[c])
			labelled[a->group[c]]++;
	for (size_t g = 0; g < p->n; g++) {
		uint64_t of_group = labelled[group_index(a, p->groups[g])];

		enough = enough && of_group >= EH_RATES_LABELLED_MIN;
		all += of_group;
	}
	for (size_t g = 0; g < p->n && enough; g++)
		share[g] = (double)labelled[group_index(a, p->groups[g])] / (double)all;
	return enough;
}

/* Of the predicted, in the order of the sorted candidates: the sum must not depend on the order of the rows.  Returns
 * how many they are. */
static size_t mean_shares(double *share, const struct eh_attribute_data *a, const struct eh_rates_prob *p, size_t n)
{
	size_t predicted = 0;

	memset(share, 0, p->n * sizeof *share);
	for (size_t c = 0; c < n; c++) {
		if (a->provenance[c] != EH_PREDICTED)
			continue;
		predicted++;
		for (size_t g = 0; g < p->n; g++)
			share[g] += a->prob[c * a->n_groups + (size_t)group_index(a, p->groups[g])];
	}
	for (size_t g = 0; g < p->n && predicted > 0; g++)
		share[g] /= (double)predicted;
	return predicted;
}

/* Puts in what the user gives; the other groups keep their proportions in what is left. */
static void given_shares(double *share, const struct eh_rates_prob *p, const struct eh_rates_options *o)
{
	double left = 1.0, others = 0.0, given[EH_GROUPS_MAX];
	size_t n_others = 0;

	for (size_t g = 0; g < p->n; g++) {
		given[g] = 0.0;
		for (size_t i = 0; i < o->n_shares; i++)
			if (strcmp(o->shares[i].group, p->groups[g]) == 0)
				given[g] = o->shares[i].share;
		left -= given[g];
		n_others += !(given[g] > 0.0);
		others += given[g] > 0.0 ? 0.0 : share[g];
	}
	for (size_t g = 0; g < p->n; g++) {
		if (given[g] > 0.0)
			share[g] = n_others > 0 ? given[g] : given[g] / (1.0 - left);
		else
			share[g] = left * (others > 0.0 ? share[g] / others : 1.0 / (double)n_others);
	}
}

/*
 * The shares that the probabilities were made with (facts/statistics.md 12: those of the calibration set): as the user
 * says, else the labelled persons' shares of the groups.  The mean probability of the predicted instead would take
 * their own prevalence for that of the calibration and bias the likelihoods wherever the two differ; it serves only
 * where too few of a group are labelled.
 */
static void fill_prior(struct eh_attribute_data *a, const struct eh_rates_prob *p, const struct eh_rates_options *o,
		       size_t n, struct eh_import_prior *told)
{
	double share[EH_GROUPS_MAX];

	told->source = labelled_shares(share, a, p, n) ? EH_PRIOR_LABELLED : EH_PRIOR_MEAN;
	if (told->source == EH_PRIOR_MEAN && mean_shares(share, a, p, n) == 0)
		told->source = EH_PRIOR_NONE; /* nobody to take it from, nor to use it for */
	if (o->n_shares > 0) {
		told->source = EH_PRIOR_GIVEN;
		given_shares(share, p, o);
	}
	memcpy(told->attribute, a->name, sizeof told->attribute);
	told->n = a->n_groups;
	for (size_t g = 0; g < p->n; g++)
		a->prior[group_index(a, p->groups[g])] = share[g];
	for (size_t g = 0; g < a->n_groups; g++) {
		memcpy(told->groups[g], a->groups[g], sizeof told->groups[g]);
		told->share[g] = a->prior[g];
	}
}

static void tell_prior(const struct eh_audit_data *out, struct eh_attribute_data *a, const struct eh_rates_prob *p,
		       struct eh_csv_table *t)
{
	const struct eh_rates_table *r = t->ctx;
	size_t c = 0;

	fill_prior(a, p, r->options, out->candidates.n, &t->report->prior);
	while (c < out->candidates.n && a->provenance[c] != EH_PREDICTED)
		c++;
	if (c == out->candidates.n)
		eh_rates_note(t,
			      "nobody without a class of '%s' has probabilities, so there is nobody whose class is "
			      "estimated; --prob changes nothing here",
			      a->name);
}

static void fill_predicted(struct eh_attribute_data *a, const struct eh_rates_prob *p, const uint32_t *map, size_t n)
{
	for (size_t old = 0; old < n; old++) {
		size_t c = map[old];

		if (p->line[old] == 0)
			continue;
		/* a class that stands in the table always wins; the probabilities beside it tell how good they are */
		if (a->provenance[c] == EH_UNKNOWN_CLASS)
			a->provenance[c] = EH_PREDICTED;
		else
			a->labelled[c] = 1;
		for (size_t g = 0; g < p->n; g++)
			a->prob[c * a->n_groups + (size_t)group_index(a, p->groups[g])] = p->p[old * p->n + g];
	}
}

/* Of those whose class is not known yet. */
static void fill_known(struct eh_attribute_data *a, const struct eh_rates_class *k, const uint32_t *map, size_t n)
{
	for (size_t old = 0; k != NULL && old < n; old++)
		if (k->value[old] >= 0 && a->group[map[old]] < 0) {
			a->group[map[old]] = group_index(a, k->groups[k->value[old]]);
			a->provenance[map[old]] = k->declared ? EH_DECLARED : EH_IMPORTED;
		}
}

/* map: provisional to sorted candidate.  After an error a is freed with the audit data it stands in. */
static int fill_attribute(struct eh_attribute_data *a, const struct eh_rates_class *k,
			  const struct eh_rates_class *other, const struct eh_rates_prob *p, const uint32_t *map,
			  size_t n, struct eh_err *err)
{
	a->group = eh_try_malloc(n, sizeof *a->group);
	a->provenance = eh_try_calloc(n, sizeof *a->provenance);
	a->prob = p != NULL ? eh_try_calloc(n * a->n_groups, sizeof *a->prob) : NULL;
	a->labelled = p != NULL ? eh_try_calloc(n, sizeof *a->labelled) : NULL;
	if (a->group == NULL || a->provenance == NULL || (p != NULL && (a->prob == NULL || a->labelled == NULL)))
		return eh_err_set(err, EH_ENOMEM, "no memory for the classes of %zu candidates", n);
	memset(a->group, 0xff, n * sizeof *a->group); /* -1 */
	fill_known(a, k, map, n);
	fill_known(a, other, map, n);
	if (p != NULL)
		fill_predicted(a, p, map, n);
	return EH_OK;
}

/* "Female" and "female" are two groups; most likely nobody meant that. */
static void note_lookalikes(const struct eh_attribute_data *a, const char *column, struct eh_csv_table *t)
{
	for (size_t g = 1; g < a->n_groups; g++)
		for (size_t k = 0; k < g; k++)
			if (strcasecmp(a->groups[g], a->groups[k]) == 0)
				eh_rates_note(t, "column '%s': '%s' and '%s' are counted as two groups", column,
					      a->groups[k], a->groups[g]);
}

/* Probabilities that were lent to a class of another name must be of its groups. */
static int match_groups(const struct eh_rates_table *r, struct eh_csv_table *t, struct eh_err *err)
{
	const char *prob = r->options->prob;

	for (size_t c = 0; r->prob.lent && c < r->n_classes; c++)
		for (size_t g = 0; g < r->classes[c].n_groups; g++) {
			const struct eh_rates_class *k = &r->classes[c];
			size_t i = 0;

			while (i < r->prob.n && strcmp(r->prob.groups[i], k->groups[g]) != 0)
				i++;
			if (i < r->prob.n)
				continue;
			return eh_rates_fail(t, err, k->at_line, k->at_column,
					     "--class %.64s and --prob %.64s are of different groups: there is no "
					     "column '%.64s.%.64s'; give both the same groups, or leave one option out",
					     k->column, prob, prob, k->groups[g]);
	}
	return EH_OK;
}

/* What one column lacks is no reason to keep back what the others show. */
static void leave_out(struct eh_csv_table *t, const struct eh_attribute_data *a, const char *column)
{
	struct eh_import_report *report = t->report;
	struct eh_import_left *left = NULL;
	const bool none = a->n_groups == 0;

	eh_rates_note(t,
		      "column '%s' has %s%s%s and is not compared; at least two groups are needed, so give more "
		      "persons their class or leave the column out",
		      column, none ? "no known class" : "one group only ('", none ? "" : a->groups[0],
		      none ? "" : "')");
	if (report->n_left == EH_IMPORT_LEFT_MAX)
		return;
	left = &report->left[report->n_left++];
	memcpy(left->attribute, a->name, sizeof left->attribute);
	memcpy(left->group, a->groups[0], sizeof left->group);
}

/* Adds one attribute, its cells when there is a map; one without two groups is left out with a note. */
static int add_attribute(struct eh_audit_data *out, struct eh_rates_class *k, const struct eh_rates_prob *p,
			 const uint32_t *map, struct eh_csv_table *t, struct eh_err *err)
{
	struct eh_attribute_data *a = &out->attributes[out->n_attributes];
	const struct eh_rates_table *r = t->ctx;
	const char *name = k != NULL ? k->column : p->attribute;
	int rc = EH_OK;

	memcpy(a->name, k != NULL ? k->attribute : p->attribute, sizeof a->name);
	if (!collect_groups(a, k, beside(r, k), p))
		return eh_rates_fail(t, err, k != NULL ? k->at_line : 1, k != NULL ? k->at_column : 1,
				     "attribute '%s' has more than %d groups in "
				     "the class and probability columns together",
				     a->name, EH_GROUPS_MAX);
	note_lookalikes(a, name, t);
	a->auc_lo = eh_undefined(EH_U_NOT_COMPUTED);
	if (k != NULL)
		k->into = a->n_groups >= 2 ? out->n_attributes : EH_RATES_NO_COLUMN;
	if (a->n_groups >= 2) {
		out->n_attributes++;
		if (map != NULL)
			rc = fill_attribute(a, k, beside(r, k), p, map, out->candidates.n, err);
		if (map != NULL && rc == EH_OK && p != NULL)
			tell_prior(out, a, p, t);
		return rc;
	}
	leave_out(t, a, name);
	memset(a, 0, sizeof *a);
	return EH_OK;
}

static int fill_attributes(struct eh_audit_data *out, struct eh_rates_table *r, const uint32_t *map,
			   struct eh_csv_table *t, struct eh_err *err)
{
	bool joined = false;
	int rc = match_groups(r, t, err);

	out->attributes = eh_xcalloc(r->n_classes + 1, sizeof *out->attributes);
	for (size_t k = 0; k < r->n_classes && rc == EH_OK; k++) {
		if (r->classes[k].beside)
			continue; /* is in the one before it */
		bool both = r->prob.used && strcmp(r->classes[k].attribute, r->prob.attribute) == 0;

		joined = joined || both;
		rc = add_attribute(out, &r->classes[k], both ? &r->prob : NULL, map, t, err);
	}
	if (rc == EH_OK && r->prob.used && !joined)
		rc = add_attribute(out, NULL, &r->prob, map, t, err);
	if (rc == EH_OK && out->n_attributes == 0)
		rc = eh_rates_fail(t, err, r->n_classes == 1 ? r->classes[0].at_line : 1,
				   r->n_classes == 1 ? r->classes[0].at_column : 1,
				   "no attribute has two known groups, so there is nothing to compare; %s",
				   t->report->note[0] != '\0' ? t->report->note : "give more persons their class");
	return rc;
}

int eh_rates_attributes(struct eh_audit_data *out, struct eh_rates_table *r, struct eh_csv_table *t, struct eh_err *err)
{
	return fill_attributes(out, r, NULL, t, err);
}

static int fill_days(struct eh_audit_data *out, const struct eh_rates_table *r, struct eh_err *err)
{
	bool some = false;

	for (size_t i = 0; r->row_day != NULL && i < r->n_rows && !some; i++)
		some = r->row_day[i] != EH_NO_DAY;
	if (!some)
		return EH_OK;
	out->decided = eh_try_malloc(r->n_rows, sizeof *out->decided);
	if (out->decided == NULL)
		return eh_err_set(err, EH_ENOMEM, "no memory for the days of %zu decisions", r->n_rows);
	memcpy(out->decided, r->row_day, r->n_rows * sizeof *out->decided);
	return EH_OK;
}

static int fill_decisions(struct eh_audit_data *out, const struct eh_rates_table *r, struct eh_csv_table *t,
			  struct eh_err *err)
{
	const bool scores = r->score != EH_RATES_NO_COLUMN;
	int rc = eh_audit_data_room(out, r->n_rows, scores, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < r->n_rows; i++) {
		const struct eh_rates_row *x = &r->rows[i];

		out->evaluator[i] = x->evaluator;
		out->candidate[i] = x->candidate;
		out->stratum[i] = x->stratum;
		out->selected[i] = x->selected;
		if (scores) {
			out->has_score[i] = x->has_score;
			out->score[i] = x->score;
		}
	}
	eh_rates_note_holds(t, r->holds);
	out->holds = r->holds;
	return fill_days(out, r, err);
}

/* Sorts the candidates; map: provisional to sorted index, caller frees. */
static int settle_candidates(struct eh_audit_data *out, struct eh_rates_table *r, uint32_t **map,
			     struct eh_csv_table *t, struct eh_err *err)
{
	struct eh_name_builder *b = NULL;
	int rc = EH_OK;

	if (r->n_conflicts == 0) {
		eh_names_finish(&r->candidates, &out->candidates, map);
		return EH_OK;
	}
	out->candidates = eh_rates_arrived(&r->candidates);
	rc = eh_rates_split(r, &out->evaluators, &out->candidates, t, err);
	if (rc != EH_OK)
		return rc;
	b = eh_names_new();
	for (size_t i = 0; i < out->candidates.n; i++)
		(void)eh_names_add(b, out->candidates.v[i]);
	eh_names_free(&out->candidates);
	eh_names_finish(&b, &out->candidates, map);
	return EH_OK;
}

static void remap(struct eh_rates_table *r, const uint32_t *evaluator, const uint32_t *candidate,
		  const uint32_t *stratum, const uint32_t *event)
{
	for (size_t i = 0; i < r->n_rows; i++) {
		struct eh_rates_row *x = &r->rows[i];

		if (evaluator != NULL)
			x->evaluator = evaluator[x->evaluator];
		if (candidate != NULL)
			x->candidate = candidate[x->candidate];
		if (stratum != NULL)
			x->stratum = stratum[x->stratum];
		if (event != NULL && r->event != EH_RATES_NO_COLUMN)
			x->event = event[x->event];
	}
}

/* From here on nobody asks for ids, and both readers number candidates alike (deal.h). */
static int renumber(struct eh_audit_data *out, struct eh_rates_table *r, uint32_t *map, struct eh_err *err)
{
	const size_t n = out->candidates.n;
	uint32_t *rank = eh_try_malloc(n + 1, sizeof *rank);

	if (rank == NULL || eh_deal_rank(rank, out->candidates.v, n) < 0) {
		free(rank);
		return eh_err_set(err, EH_ENOMEM, "no memory for %zu candidates", n);
	}
	remap(r, NULL, rank, NULL, NULL);
	for (size_t i = 0; i < n; i++)
		map[i] = rank[map[i]];
	free(rank);
	eh_names_free(&out->candidates);
	out->candidates.n = n;
	return EH_OK;
}

int eh_rates_finish(struct eh_audit_data *out, struct eh_rates_table *r, struct eh_csv_table *t, struct eh_err *err)
{
	struct eh_name_builder *positions = eh_names_new();
	struct eh_names events = { NULL, 0 };
	uint32_t *evaluator = NULL, *candidate = NULL, *stratum = NULL, *event = NULL;
	int rc = EH_OK;

	(void)eh_names_add(positions, ""); /* one table is one position */
	eh_names_finish(&positions, &out->positions, NULL);
	eh_names_finish(&r->evaluators, &out->evaluators, &evaluator);
	eh_names_finish(&r->stratum_names, &out->strata, &stratum);
	eh_names_finish(&r->event_names, &events, &event);
	remap(r, evaluator, NULL, stratum, event);
	if (r->n_rows == 0)
		rc = eh_rates_fail(t, err, 1, 1, "the table has no row with a decision (advance, reject, 1 or 0)");
	if (rc == EH_OK)
		rc = settle_candidates(out, r, &candidate, t, err);
	if (rc == EH_OK) {
		remap(r, NULL, candidate, NULL, NULL);
		rc = settle_strata(out, r, &events, t, err);
	}
	if (rc == EH_OK)
		rc = renumber(out, r, candidate, err);
	if (rc == EH_OK)
		rc = fill_attributes(out, r, candidate, t, err);
	if (rc == EH_OK)
		rc = fill_decisions(out, r, t, err);
	if (rc == EH_OK)
		rc = eh_audit_data_sort(out, err);
	eh_names_free(&events);
	free(evaluator);
	free(candidate);
	free(stratum);
	free(event);
	return rc;
}
