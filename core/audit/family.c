/* Benjamini-Hochberg, Holm, Benjamini-Yekutieli, Bonferroni, Hochberg; see family.h. */
#include "audit/family.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct ranked {
	double p;
	size_t at;
};

/* Two sorted stretches from..middle-1 and middle..to-1 of v become one of to.  Which comes next cannot be foretold, so
 * it is chosen without a branch. */
static void merge(struct ranked *to, const struct ranked *v, size_t from, size_t middle, size_t end)
{
	size_t i = from, j = middle, k = from;

	while (i < middle && j < end) {
		const size_t right = v[j].p < v[i].p;

		to[k++] = v[right != 0 ? j : i];
		j += right;
		i += 1 - right;
	}
	memcpy(to + k, v + (i < middle ? i : j), (i < middle ? middle - i : end - j) * sizeof *to);
}

/* By p; equal ones stay in the order of their places.  A call for every comparison, as qsort makes it, would be most of
 * the time; spare: room for as many.  Returns where the result is. */
static struct ranked *sort(struct ranked *v, struct ranked *spare, size_t n)
{
	for (size_t width = 1; width < n; width *= 2) {
		struct ranked *from = v;

		for (size_t i = 0; i < n; i += 2 * width) {
			const size_t middle = i + width < n ? i + width : n, to = i + 2 * width < n ? i + 2 * width : n;

			merge(spare, from, i, middle, to);
		}
		v = spare;
		spare = from;
	}
	return v;
}

int eh_family_parse(enum eh_family_method *out, const char *text, struct eh_err *err)
{
	static const char *const names[] = { "bh", "holm", "by", "none" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(text, names[i]) == 0) {
			*out = (enum eh_family_method)i;
			return EH_OK;
		}
	}
	return eh_err_set(err, EH_EINVAL, "family '%s' is not known; use bh, holm, by or none", text);
}

static void holm(struct eh_num *q, const struct ranked *r, size_t m)
{
	double top = 0.0;

	for (size_t i = 0; i < m; i++) {
		top = fmax(top, (double)(m - i) * r[i].p);
		q[r[i].at] = eh_num(fmin(1.0, top));
	}
}

static void step_up(struct eh_num *q, const struct ranked *r, size_t m, double factor)
{
	double low = 1.0;

	for (size_t i = m; i-- > 0;) {
		low = fmin(low, factor * (double)m * r[i].p / (double)(i + 1));
		q[r[i].at] = eh_num(low);
	}
}

static void bonferroni(struct eh_num *q, const struct ranked *r, size_t m)
{
	for (size_t i = 0; i < m; i++)
		q[r[i].at] = eh_num(fmin(1.0, (double)m * r[i].p));
}

static void hochberg(struct eh_num *q, const struct ranked *r, size_t m)
{
	double low = 1.0;

	for (size_t i = m; i-- > 0;) {
		low = fmin(low, (double)(m - i) * r[i].p);
		q[r[i].at] = eh_num(low);
	}
}

double eh_family_harmonic(size_t m)
{
	double sum = 0.0;

	for (size_t k = 1; k <= m; k++)
		sum += 1.0 / (double)k;
	return sum;
}

static void set_ranks(uint32_t *rank, const struct ranked *r, size_t m, enum eh_family_method method)
{
	const bool first = method == EH_FAMILY_HOLM || method == EH_FAMILY_HOCHBERG;
	size_t to;

	for (size_t from = 0; from < m; from = to) {
		for (to = from + 1; to < m && !(r[to].p > r[from].p); to++)
			;
		for (size_t i = from; i < to; i++)
			rank[r[i].at] = (uint32_t)(first ? from + 1 : to);
	}
}

static void apply(struct eh_num *q, const struct ranked *r, size_t m, enum eh_family_method method)
{
	if (method == EH_FAMILY_HOLM)
		holm(q, r, m);
	else if (method == EH_FAMILY_BONFERRONI)
		bonferroni(q, r, m);
	else if (method == EH_FAMILY_HOCHBERG)
		hochberg(q, r, m);
	else if (method != EH_FAMILY_NONE)
		step_up(q, r, m, method == EH_FAMILY_BY ? eh_family_harmonic(m) : 1.0);
}

int eh_family_adjust_both(struct eh_num *q, const struct eh_num *p, size_t n, enum eh_family_method method,
			  const struct eh_family_also *also, uint32_t *size, struct eh_err *err)
{
	struct ranked *room = n <= SIZE_MAX / 2 ? eh_try_malloc(2 * n + 1, sizeof *room) : NULL, *r = room;
	size_t m = 0;

	if (room == NULL)
		return eh_err_set(err, EH_ENOMEM, "family correction: out of memory for %zu tests", n);
	for (size_t i = 0; i < n; i++) {
		if (p[i].defined)
			r[m++] = (struct ranked){ p[i].value, i };
		q[i] = p[i].defined ? p[i] : eh_undefined(p[i].why != EH_U_NONE ? p[i].why : EH_U_NO_P);
		if (also != NULL)
			also->q[i] = q[i];
		if (also != NULL && also->rank != NULL)
			also->rank[i] = 0;
	}
	r = sort(room, room + n, m);
	apply(q, r, m, method);
	if (also != NULL)
		apply(also->q, r, m, also->method);
	if (also != NULL && also->rank != NULL)
		set_ranks(also->rank, r, m, method);
	if (size != NULL)
		*size = (uint32_t)m;
	free(room);
	return EH_OK;
}

int eh_family_adjust(struct eh_num *q, const struct eh_num *p, size_t n, enum eh_family_method method, uint32_t *size,
		     struct eh_err *err)
{
	return eh_family_adjust_both(q, p, n, method, NULL, size, err);
}
