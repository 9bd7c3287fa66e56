/* Frechet bounds of the ratio of predicted classes; see bounds.h. */
#include "audit/bounds.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

static int by_double(double x, double y) { return (x > y) - (x < y); }

static int by_weight(const void *a, const void *b)
{
	const struct eh_bound_person *x = a, *y = b;
	int rc = by_double(x->focal, y->focal);

	rc = rc != 0 ? rc : by_double(x->reference, y->reference);
	/* so that sums do not depend on the order of the input */
	rc = rc != 0 ? rc : by_double(x->n, y->n);
	return rc != 0 ? rc : by_double(x->selected, y->selected);
}

size_t eh_bound_cells(struct eh_bound_cell out[EH_BOUND_CELLS], struct eh_bound_person *v, size_t n)
{
	size_t cells = n / EH_BOUND_LEAST, first = 0, used = 0, last = SIZE_MAX;

	cells = cells < 1 ? 1 : cells > EH_BOUND_CELLS ? EH_BOUND_CELLS : cells;
	if (n > 1)
		qsort(v, n, sizeof *v, by_weight);
	for (size_t i = 0; i < n; i++) {
		size_t cell;

		/* a tie goes where its first one goes */
		if (i == 0 || by_double(v[i].focal, v[i - 1].focal) != 0 ||
		    by_double(v[i].reference, v[i - 1].reference) != 0)
			first = i;
		cell = first * cells / n;
		if (cell != last)
			out[used++] = (struct eh_bound_cell){ 0.0, 0.0, 0.0, 0.0 };
		last = cell;
		out[used - 1].n += v[i].n;
		out[used - 1].selected += v[i].selected;
		out[used - 1].focal += v[i].focal * v[i].n;
		out[used - 1].reference += v[i].reference * v[i].n;
	}
	return used;
}

/* Selected of the first class where it takes all it can, and of the second where it then takes least. */
static void deal(double *most, double *least, const struct eh_bound_cell *c, double first, double second)
{
	double others = fmax(0.0, c->n - first - second);

	*most += fmin(first, c->selected);
	*least += fmin(second, fmax(0.0, c->selected - first - others));
}

struct eh_interval eh_bounds(const struct eh_bound_cell *cell, size_t n)
{
	double focal = 0.0, reference = 0.0, high_focal = 0.0, high_reference = 0.0, low_focal = 0.0,
	       low_reference = 0.0;
	struct eh_interval out;

	for (size_t i = 0; i < n; i++) {
		focal += cell[i].focal;
		reference += cell[i].reference;
		deal(&high_focal, &high_reference, &cell[i], cell[i].focal, cell[i].reference);
		deal(&low_reference, &low_focal, &cell[i], cell[i].reference, cell[i].focal);
	}
	if (!(focal > 0.0) || !(reference > 0.0)) {
		out.low = out.high = eh_undefined(EH_U_EMPTY_GROUP);
	} else if (!(high_focal > 0.0) && !(low_reference > 0.0)) {
		out.low = out.high = eh_undefined(EH_U_NOBODY_SELECTED);
	} else {
		out.low = low_reference > 0.0 ? eh_num(low_focal / focal / (low_reference / reference)) :
						eh_undefined(EH_U_REFERENCE_NONE_SELECTED);
		out.high = high_reference > 0.0 ? eh_num(high_focal / focal / (high_reference / reference)) :
						  eh_undefined(EH_U_UNBOUNDED);
	}
	return out;
}

struct eh_interval eh_bounds_unknown(const struct eh_fourfold *t, uint64_t n, uint64_t selected)
{
	const uint64_t y = selected, no = n - selected;
	struct eh_interval x = { eh_table_ratio(&(struct eh_fourfold){ t->a, t->n1 + no, t->b + y, t->n2 + y }),
				 eh_table_ratio(&(struct eh_fourfold){ t->a + y, t->n1 + y, t->b, t->n2 + no }) };

	if (x.high.why == EH_U_REFERENCE_NONE_SELECTED)
		x.high = eh_undefined(EH_U_UNBOUNDED);
	return x;
}
