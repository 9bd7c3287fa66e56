/* Aggregation over the pictures of a recording; see gather.h. */
#include "face/gather.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define FIRST_CAPACITY 64u              /* 13 s at five pictures a second */
#define TENTH 0.1

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

/* Of sorted v[n], n >= 1: linear between neighbours, at p * (n - 1) counted from 0; p in 0..1. */
static double quantile(const double *v, size_t n, double p)
{
	double at = p * (double)(n - 1);
	size_t low = (size_t)at;

	return low + 1 < n ? v[low] + (at - (double)low) * (v[low + 1] - v[low]) : v[n - 1];
}

void eh_gather_reset(struct eh_gather *g)
{
	g->n = 0;
}

static int grow(struct eh_gather *g, struct eh_err *err)
{
	size_t capacity = g->capacity == 0 ? FIRST_CAPACITY : 2 * g->capacity;
	struct eh_gather_kept *row = NULL;
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
	struct eh_gather_kept *to = NULL;

	if (g->n >= EH_GATHER_MAX)
		return eh_err_set(err, EH_ERANGE, "more than %u pictures in one recording; sample fewer per second",
				  EH_GATHER_MAX);
	if (g->n == g->capacity) {
		int rc = grow(g, err);

		if (rc < 0)
			return rc;
	}
	to = &g->row[g->n++];
	to->time = row->time;
	for (size_t k = 0; k < EH_FACE_N; k++)
		to->value[k] = (float)row->value[k];
	memcpy(to->present, row->present, sizeof to->present);
	return EH_OK;
}

static bool closed(const struct eh_gather_kept *row)
{
	return row->present[EH_F_MOUTH_OPENING] && row->value[EH_F_MOUTH_OPENING] <= (float)EH_MOUTH_CLOSED;
}

/* The rows that count for an indicator, into scratch; and *change, their mean |difference| per second. */
static size_t collect(struct eh_gather *g, size_t indicator, bool only_closed, double *change)
{
	const struct eh_gather_kept *last = NULL;
	double moved = 0.0, seconds = 0.0;
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		const struct eh_gather_kept *row = &g->row[i];
		double dt = last != NULL ? row->time - last->time : 0.0;

		if (!row->present[indicator] || (only_closed && !closed(row)))
			continue;
		if (dt >= EH_CHANGE_MIN && dt <= EH_CHANGE_MAX) {
			moved += fabs((double)row->value[indicator] - (double)last->value[indicator]);
			seconds += dt;
		}
		last = row;
		g->scratch[n++] = (double)row->value[indicator];
	}
	*change = seconds > 0.0 ? moved / seconds : 0.0;
	return n;
}

/* Of scratch[n], which is lost; all but the change. */
static void summarise(struct eh_summary *out, double *v, size_t n)
{
	double sum = 0.0, squares = 0.0;

	for (size_t i = 0; i < n; i++)
		sum += v[i];
	out->mean = sum / (double)n;
	for (size_t i = 0; i < n; i++)
		squares += (v[i] - out->mean) * (v[i] - out->mean);
	out->sd = n > 1 ? sqrt(squares / (double)(n - 1)) : 0.0;
	out->median = eh_median(v, n);
	out->p10 = quantile(v, n, TENTH);
	out->p90 = quantile(v, n, 1.0 - TENTH);
	for (size_t i = 0; i < n; i++)
		v[i] = fabs(v[i] - out->median);
	out->mad = eh_median(v, n);
}

void eh_gather_finish(struct eh_gather *g, struct eh_face_answer *out)
{
	size_t n_closed = 0;

	for (size_t i = 0; i < g->n; i++)
		n_closed += closed(&g->row[i]) ? 1 : 0;
	memset(out->sum, 0, sizeof out->sum);
	memset(out->present, 0, sizeof out->present);
	for (size_t k = 0; k < EH_FACE_N; k++) {
		bool only_closed = eh_face_info[k].kind == 'S' && n_closed >= EH_FACE_MIN_FRAMES;
		double change = 0.0;
		size_t n = g->n > 0 ? collect(g, k, only_closed, &change) : 0;

		if (n < EH_FACE_MIN_FRAMES)
			continue;
		out->present[k] = 1;
		out->sum[k].change = change;
		summarise(&out->sum[k], g->scratch, n);
	}
}

void eh_gather_free(struct eh_gather *g)
{
	free(g->row);
	free(g->scratch);
	*g = (struct eh_gather){ NULL, 0, 0, NULL };
}
