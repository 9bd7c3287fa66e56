/* Candidates of a `rates` table whose class changes between rows, and the words about a table as a whole; see
 * exchange.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "exchange/rates.h"

const char *eh_prior_source_text(enum eh_prior_source source)
{
	static const char *const texts[] = { "none", "given", "labelled", "mean" };

	return (unsigned)source < sizeof texts / sizeof texts[0] ? texts[source] : "none";
}

int eh_rates_fail(struct eh_csv_table *t, struct eh_err *err, uint64_t line, uint64_t column, const char *fmt, ...)
{
	char text[270];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	eh_table_error(t, line, column, "%s", text);
	return eh_err_set(err, EH_EFORMAT, "%s", t->last);
}

void eh_rates_note(struct eh_csv_table *t, const char *fmt, ...)
{
	char *note = t->report->note;
	size_t size = sizeof t->report->note, used = strlen(note);
	va_list ap;

	if (used > 0)
		used += (size_t)snprintf(note + used, size - used, "; ");
	if (used >= size)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(note + used, size - used, fmt, ap);
	va_end(ap);
}

struct pair {
	uint32_t evaluator, candidate;
	uint32_t row;
};

static int by_pair(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->evaluator != y->evaluator)
		return x->evaluator < y->evaluator ? -1 : 1;
	if (x->candidate != y->candidate)
		return x->candidate < y->candidate ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

/* Does the row contradict what the rows before it said?  known, source: [n_classes], which row said what. */
static bool contradicts(const struct eh_rates_table *r, uint32_t row, int16_t *known, uint32_t *source,
			struct eh_rates_twin *twin)
{
	const int16_t *x = r->row_class + row * r->n_classes;

	for (size_t k = 0; k < r->n_classes; k++)
		if (x[k] >= 0 && known[k] >= 0 && x[k] != known[k]) {
			*twin = (struct eh_rates_twin){ row, source[k], k, x[k], known[k] };
			return true;
		}
	for (size_t k = 0; k < r->n_classes; k++)
		if (x[k] >= 0 && known[k] < 0) {
			known[k] = x[k];
			source[k] = row;
		}
	return false;
}

/* One evaluator who says two things about one candidate has made a mistake. */
static int check_evaluators(struct eh_rates_table *r, const struct eh_names *evaluators,
			    const struct eh_names *candidates, struct eh_csv_table *t, struct eh_err *err)
{
	struct pair *v = eh_try_malloc(r->n_rows, sizeof *v);
	struct eh_rates_twin *twin = eh_try_malloc(r->n_rows, sizeof *twin);
	int16_t known[EH_RATES_CLASSES_MAX];
	uint32_t source[EH_RATES_CLASSES_MAX];
	size_t n = 0, bad = 0, least = 0;
	char text[270];
	int rc = EH_OK;

	if (v == NULL || twin == NULL) {
		rc = eh_err_set(err, EH_ENOMEM, "no memory to compare %zu decisions", r->n_rows);
		goto out;
	}
	for (size_t i = 0; i < r->n_rows; i++)
		if (r->conflict[r->rows[i].candidate])
			v[n++] = (struct pair){ r->rows[i].evaluator, r->rows[i].candidate, (uint32_t)i };
	if (n > 1)
		qsort(v, n, sizeof *v, by_pair);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || v[i].evaluator != v[i - 1].evaluator || v[i].candidate != v[i - 1].candidate)
			memset(known, 0xff, sizeof known); /* -1 */
		if (!contradicts(r, v[i].row, known, source, &twin[bad]))
			continue;
		least = twin[bad].row < twin[least].row ? bad : least;
		bad++;
	}
	if (bad > 0 && t->skip) {
		rc = eh_rates_drop(r, twin, bad, evaluators, candidates, err);
	} else if (bad > 0) {
		eh_rates_twin_text(text, sizeof text, r, &twin[least], evaluators, candidates);
		rc = eh_rates_fail(t, err, r->rows[twin[least].row].line, 1, "%s", text);
	}
out:
	free(twin);
	free(v);
	return rc;
}

/* "C1", the joint and "[male/40_plus]": no candidate's own id, the same in whatever order the rows stand */
static char *variant_name(const struct eh_rates_table *r, const char *id, const int16_t *classes)
{
	char text[EH_RATES_CLASSES_MAX * (EH_NAME_MAX + 1) + 1] = "";
	size_t used = 0;

	for (size_t k = 0; k < r->n_classes; k++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", k > 0 ? "/" : "",
					 classes[k] >= 0 ? r->classes[k].groups[classes[k]] : "?");
	return eh_xasprintf("%s%s[%s]", id, EH_RATES_JOINT, text);
}

/* What the new candidate `to` has: the classes v, and the probabilities of the one it came from. */
struct target {
	int16_t *value[EH_RATES_CLASSES_MAX];
	double *p;
	uint32_t *line;
};

static void carry(struct target *new, const struct eh_rates_table *r, uint32_t to, uint32_t from, const int16_t *v)
{
	for (size_t k = 0; k < r->n_classes; k++)
		new->value[k][to] = v != NULL ? v[k] : r->classes[k].value[from];
	if (!r->prob.used)
		return;
	memcpy(new->p + to * r->prob.n, r->prob.p + from * r->prob.n, r->prob.n * sizeof *new->p);
	new->line[to] = r->prob.line[from];
}

static bool target_alloc(struct target *new, const struct eh_rates_table *r, size_t cap)
{
	bool good = true;

	memset(new, 0, sizeof *new);
	for (size_t k = 0; k < r->n_classes; k++)
		good = (new->value[k] = eh_try_calloc(cap, sizeof *new->value[k])) != NULL && good;
	if (r->prob.used) {
		good = (new->p = eh_try_calloc(cap * r->prob.n, sizeof *new->p)) != NULL && good;
		good = (new->line = eh_try_calloc(cap, sizeof *new->line)) != NULL && good;
	}
	return good;
}

/* Exchanges the arrays of r for those of new, or frees those of new. */
static void target_settle(struct target *new, struct eh_rates_table *r, bool take)
{
	for (size_t k = 0; k < r->n_classes; k++) {
		free(take ? r->classes[k].value : new->value[k]);
		if (take)
			r->classes[k].value = new->value[k];
	}
	free(take ? r->prob.p : new->p);
	free(take ? r->prob.line : new->line);
	if (take) {
		r->prob.p = new->p;
		r->prob.line = new->line;
	}
}

struct eh_names eh_rates_arrived(struct eh_name_builder **b)
{
	struct eh_names sorted = { NULL, 0 }, names = { NULL, 0 };
	uint32_t *map = NULL;

	eh_names_finish(b, &sorted, &map);
	names.n = sorted.n;
	names.v = eh_xcalloc(sorted.n != 0 ? sorted.n : 1, sizeof *names.v);
	for (size_t i = 0; i < sorted.n; i++)
		names.v[i] = sorted.v[map[i]];
	free(sorted.v);
	free(map);
	return names;
}

/* Who declared a class in any row has it, whatever another record says of him: that is no contradiction. */
static int forget_records(struct eh_rates_table *r, size_t n, struct eh_err *err)
{
	bool *declared = eh_try_calloc(n + 1, sizeof *declared);

	if (declared == NULL)
		return eh_err_set(err, EH_ENOMEM, "no memory to compare the classes of %zu candidates", n);
	for (size_t k = 1; k < r->n_classes; k++) {
		if (!r->classes[k].beside)
			continue;
		for (size_t c = 0; c < n; c++)
			declared[c] = r->conflict[c] && r->classes[k - 1].value[c] >= 0;
		for (size_t i = 0; i < r->n_rows; i++)
			if (declared[r->rows[i].candidate])
				r->row_class[i * r->n_classes + k] = r->classes[k].value[r->rows[i].candidate] = -1;
	}
	free(declared);
	memset(r->conflict, 0, n * sizeof *r->conflict);
	r->n_conflicts = 0;
	for (size_t i = 0; i < r->n_rows; i++)
		for (size_t k = 0; k < r->n_classes; k++) {
			const uint32_t c = r->rows[i].candidate;
			const int16_t here = r->row_class[i * r->n_classes + k], first = r->classes[k].value[c];

			if (here < 0 || first < 0 || here == first || r->conflict[c])
				continue;
			r->conflict[c] = true;
			r->n_conflicts++;
		}
	return EH_OK;
}

int eh_rates_split(struct eh_rates_table *r, const struct eh_names *evaluators, struct eh_names *candidates,
		   struct eh_csv_table *t, struct eh_err *err)
{
	struct eh_name_builder *b = NULL;
	struct target new;
	struct eh_names names = { NULL, 0 };
	int rc = forget_records(r, candidates->n, err);

	if (rc == EH_OK && r->n_conflicts == 0)
		return EH_OK;
	if (rc == EH_OK)
		rc = check_evaluators(r, evaluators, candidates, t, err);
	if (rc != EH_OK)
		return rc;
	/* every row could be a candidate of its own at worst */
	if (!target_alloc(&new, r, candidates->n + r->n_rows)) {
		target_settle(&new, r, false);
		return eh_err_set(err, EH_ENOMEM, "no memory for the classes of %zu rows", r->n_rows);
	}
	b = eh_names_new();
	for (size_t i = 0; i < candidates->n; i++)
		if (!r->conflict[i])
			carry(&new, r, eh_names_add(b, candidates->v[i]), (uint32_t)i, NULL);
	for (size_t i = 0; i < r->n_rows; i++) {
		const int16_t *v = r->row_class + i * r->n_classes;
		uint32_t from = r->rows[i].candidate;
		char *name = r->conflict[from] ? variant_name(r, candidates->v[from], v) : NULL;

		r->rows[i].candidate = eh_names_add(b, name != NULL ? name : candidates->v[from]);
		if (name != NULL)
			carry(&new, r, r->rows[i].candidate, from, v);
		free(name);
	}
	target_settle(&new, r, true);
	names = eh_rates_arrived(&b);
	eh_names_free(candidates);
	*candidates = names;
	eh_rates_note(t,
		      "candidates with different classes in different rows: %zu; each counts as one person per class",
		      r->n_conflicts);
	return EH_OK;
}
