/* Rows of a `rates` table that other rows show to be wrong: their words, and leaving them out; see rates.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "exchange/rates.h"

struct eh_shown eh_rates_shown(const char *name)
{
	struct eh_shown s = { "" };

	eh_text_printable(s.text, 41, name, strcspn(name, EH_RATES_JOINT));
	return s;
}

void eh_rates_twin_text(char *out, size_t size, const struct eh_rates_table *r, const struct eh_rates_twin *twin,
			const struct eh_names *evaluators, const struct eh_names *candidates)
{
	const struct eh_rates_row *row = &r->rows[twin->row];
	const char *candidate = candidates->v[row->candidate];
	unsigned first = r->rows[twin->first].line;

	if (twin->class < r->n_classes)
		(void)snprintf(
			out, size,
			"candidate '%s' is '%s' here and '%s' in line %u of the same evaluator; a candidate has one "
			"class, correct one of them",
			eh_rates_shown(candidate).text, r->classes[twin->class].groups[twin->here],
			r->classes[twin->class].groups[twin->there], first);
	else
		(void)snprintf(
			out, size,
			"evaluator '%s' decided about candidate '%s' already in line %u; keep one row, or name the "
			"column that tells them apart with --stratum COLUMN",
			eh_shown(evaluators->v[row->evaluator]).text, eh_rates_shown(candidate).text, first);
}

static int by_row(const void *a, const void *b)
{
	const struct eh_rates_twin *x = a, *y = b;

	return (x->row > y->row) - (x->row < y->row);
}

static int by_line(const void *a, const void *b)
{
	const struct eh_rates_drop *x = a, *y = b;

	return (x->line > y->line) - (x->line < y->line);
}

int eh_rates_drop(struct eh_rates_table *r, struct eh_rates_twin *twin, size_t n, const struct eh_names *evaluators,
		  const struct eh_names *candidates, struct eh_err *err)
{
	struct eh_rates_drops *d = r->drops;
	struct eh_rates_drop *v = eh_try_realloc(d->v, d->n + n, sizeof *v);

	if (v == NULL)
		return eh_err_set(err, EH_ENOMEM, "no memory for %zu rows that are left out", n);
	d->v = v;
	qsort(twin, n, sizeof *twin, by_row);
	for (size_t i = 0; i < n; i++) {
		char text[270];

		v[d->n + i] = (struct eh_rates_drop){ r->rows[twin[i].row].line,
						      twin[i].class < r->n_classes ? EH_FAULT_CONTRADICTED :
										     EH_FAULT_REPEATED,
						      NULL };
		if (i >= EH_IMPORT_ERRORS && r->options->list == NULL)
			continue; /* whatever else is wrong, a list of that many is full before */
		eh_rates_twin_text(text, sizeof text, r, &twin[i], evaluators, candidates);
		v[d->n + i].text = eh_xstrdup(text);
	}
	d->n += n;
	qsort(d->v, d->n, sizeof *d->v, by_line);
	return EH_RATES_AGAIN;
}

bool eh_rates_dropped(const struct eh_rates_drops *d, struct eh_csv_table *t, uint64_t line)
{
	const struct eh_rates_drop key = { line, EH_FAULT_OTHER, NULL },
				   *found = d->n > 0 ? bsearch(&key, d->v, d->n, sizeof *d->v, by_line) : NULL;

	if (found != NULL)
		eh_table_fault(t, found->fault, line, 1, "%s",
			       found->text != NULL ? found->text : "another row contradicts it");
	return found != NULL;
}

void eh_rates_drops_free(struct eh_rates_drops *d)
{
	for (size_t i = 0; i < d->n; i++)
		free(d->v[i].text);
	free(d->v);
	memset(d, 0, sizeof *d);
}
