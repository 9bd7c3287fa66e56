/* Aggregation over the pictures of a recording; see gather.h. */
#include "face/gather.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

#define FIRST_CAPACITY 64u              /* 13 s at five pictures a second */

static void sift(double *v, size_t at, size_t n)
{
	double moved = v[at];

	while (2 * at + 1 < n) {
		size_t child = 2 * at + 1;

		if (child + 1 < n && v[child + 1] > v[child])
			child++;
		if (!(v[child] > moved))
			break;
		v[at] = v[child];
		at = child;
	}
	v[at] = moved;
}

/* Heap sort, not qsort: glibc's asks the system for the size of memory at its first large array, and the
 * worker's filter kills for that (facts/first_road.md 2). */
static void sort(double *v, size_t n)
{
	for (size_t i = n / 2; i-- > 0;)
		sift(v, i, n);
	for (size_t left = n; left-- > 1;) {
		double top = v[0];

		v[0] = v[left];
		v[left] = top;
		sift(v, 0, left);
	}
}

double eh_median(double *v, size_t n)
{
	sort(v, n);
	return n % 2 == 1 ? v[n / 2] : 0.5 * (v[n / 2 - 1] + v[n / 2]);
}

void eh_gather_reset(struct eh_gather *g)
{
	g->n = 0;
}

static int grow(struct eh_gather *g, struct eh_err *err)
{
	size_t capacity = g->capacity == 0 ? FIRST_CAPACITY : 2 * g->capacity;
	struct eh_gather_row *row = NULL;
	double *scratch = NULL;

	row = eh_try_realloc(g->row, capacity, sizeof *row);
	if (row != NULL)
		g->row = row;
	scratch = eh_try_realloc(g->scratch, capacity, sizeof *scratch);
	if (scratch != NULL)
		g->scratch = scratch;
	if (row == NULL || scratch == NULL)
		return eh_err_set(err, EH_ENOMEM, "out of memory for the indicators of %zu pictures", capacity);
	g->capacity = capacity;
	return EH_OK;
}

int eh_gather_add(struct eh_gather *g, const struct eh_gather_row *row, struct eh_err *err)
{
	if (g->n >= EH_GATHER_MAX)
		return eh_err_set(err, EH_ERANGE, "more than %u pictures in one recording; sample fewer per second",
				  EH_GATHER_MAX);
	if (g->n == g->capacity) {
		int rc = grow(g, err);

		if (rc < 0)
			return rc;
	}
	g->row[g->n++] = *row;
	return EH_OK;
}

static bool closed(const struct eh_gather_row *row)
{
	return row->present[EH_F_MOUTH_OPENING] && row->value[EH_F_MOUTH_OPENING] <= EH_MOUTH_CLOSED;
}

static size_t collect(struct eh_gather *g, size_t indicator, bool only_closed)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++)
		if (g->row[i].present[indicator] && (!only_closed || closed(&g->row[i])))
			g->scratch[n++] = g->row[i].value[indicator];
	return n;
}

void eh_gather_finish(struct eh_gather *g, struct eh_face_answer *out)
{
	size_t n_closed = 0;

	for (size_t i = 0; i < g->n; i++)
		n_closed += closed(&g->row[i]) ? 1 : 0;
	for (size_t k = 0; k < EH_FACE_N; k++) {
		bool only_closed = eh_face_info[k].kind == 'S' && n_closed >= EH_FACE_MIN_FRAMES;
		size_t n = g->n > 0 ? collect(g, k, only_closed) : 0;

		out->present[k] = n >= EH_FACE_MIN_FRAMES ? 1 : 0;
		out->median[k] = out->mad[k] = 0.0;
		if (!out->present[k])
			continue;
		out->median[k] = eh_median(g->scratch, n);
		for (size_t i = 0; i < n; i++)
			g->scratch[i] = fabs(g->scratch[i] - out->median[k]);
		out->mad[k] = eh_median(g->scratch, n);
	}
}

void eh_gather_free(struct eh_gather *g)
{
	free(g->row);
	free(g->scratch);
	*g = (struct eh_gather){ NULL, 0, 0, NULL };
}
