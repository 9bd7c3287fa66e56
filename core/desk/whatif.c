/* Which notifications of one result are not those of another; see desk.h. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "desk/inside.h"
#include "desk/raise.h"

int eh_desk_standpoints(const struct eh_audit_result *r, struct eh_standpoints *out, struct eh_err *err)
{
	bool *raises = eh_try_calloc(r->findings.n + 1, sizeof *raises);

	*out = (struct eh_standpoints){ eh_try_calloc(r->findings.n + 1, sizeof *out->v), r->findings.n };
	if (raises == NULL || out->v == NULL) {
		free(raises);
		eh_standpoints_free(out);
		return eh_err_set(err, EH_ENOMEM, "audit: out of memory to compare %zu findings", r->findings.n);
	}
	eh_desk_raises(&r->findings, raises);
	for (size_t i = 0; i < out->n; i++) {
		const struct eh_finding *f = &r->findings.v[i];
		struct eh_standpoint *s = &out->v[i];

		memcpy(s->evaluator, f->evaluator, sizeof s->evaluator);
		memcpy(s->attribute, f->attribute, sizeof s->attribute);
		memcpy(s->group, f->group, sizeof s->group);
		memcpy(s->position, f->position, sizeof s->position);
		s->verdict = f->verdict;
		s->scope = f->scope;
		s->raises = raises[i];
	}
	free(raises);
	return EH_OK;
}

void eh_standpoints_free(struct eh_standpoints *s)
{
	free(s->v);
	*s = (struct eh_standpoints){ NULL, 0 };
}

static int by_finding(const struct eh_standpoint *a, const struct eh_standpoint *b)
{
	int order = strcmp(a->attribute, b->attribute);

	if (order == 0)
		order = strcmp(a->group, b->group);
	if (order == 0)
		order = strcmp(a->evaluator, b->evaluator);
	return order != 0 ? order : strcmp(a->position, b->position);
}

static int by_place(const void *a, const void *b)
{
	return by_finding(*(const struct eh_standpoint *const *)a, *(const struct eh_standpoint *const *)b);
}

static int by_line(const void *a, const void *b)
{
	const struct eh_what_if_line *x = a, *y = b;

	return by_finding(x->before != NULL ? x->before : x->after, y->before != NULL ? y->before : y->after);
}

/* Adds the two where they differ; one of them may be NULL. */
static void compare(struct eh_what_if *w, const struct eh_standpoint *before, const struct eh_standpoint *after)
{
	const bool was = before != NULL && before->raises, is = after != NULL && after->raises;
	const bool verdict =
		before == NULL || after == NULL || before->verdict != after->verdict || before->scope != after->scope;

	if (!verdict && was == is)
		return;
	w->appear += is && !was;
	w->vanish += was && !is;
	w->changed += verdict;
	w->v[w->n++] = (struct eh_what_if_line){ before, after };
}

/* The usual case: another limit over the same findings. */
static bool same_findings(const struct eh_standpoints *a, const struct eh_standpoints *b)
{
	for (size_t i = 0; i < a->n && a->n == b->n; i++)
		if (by_finding(&a->v[i], &b->v[i]) != 0)
			return false;
	return a->n == b->n;
}

static const struct eh_standpoint **sorted(const struct eh_standpoints *s)
{
	const struct eh_standpoint **v = eh_try_malloc(s->n + 1, sizeof *v);

	for (size_t i = 0; v != NULL && i < s->n; i++)
		v[i] = &s->v[i];
	if (v != NULL && s->n > 1)
		qsort(v, s->n, sizeof *v, by_place);
	return v;
}

static bool merge(struct eh_what_if *w, const struct eh_standpoints *a, const struct eh_standpoints *b)
{
	const struct eh_standpoint **x = sorted(a), **y = sorted(b);
	const bool well = x != NULL && y != NULL;
	size_t i = 0, j = 0;

	while (well && (i < a->n || j < b->n)) {
		int order = i == a->n ? 1 : j == b->n ? -1 : by_finding(x[i], y[j]);

		compare(w, order <= 0 ? x[i] : NULL, order >= 0 ? y[j] : NULL);
		i += order <= 0;
		j += order >= 0;
	}
	free(x);
	free(y);
	return well;
}

int eh_desk_what_if(const struct eh_standpoints *before, const struct eh_standpoints *after, struct eh_what_if *out,
		    struct eh_err *err)
{
	bool well = true;

	*out = (struct eh_what_if){ .v = eh_try_malloc(before->n + after->n + 1, sizeof *out->v) };
	well = out->v != NULL;
	if (well && same_findings(before, after)) {
		for (size_t i = 0; i < before->n; i++)
			compare(out, &before->v[i], &after->v[i]);
		if (out->n > 1)
			qsort(out->v, out->n, sizeof *out->v, by_line);
	} else if (well) {
		well = merge(out, before, after);
	}
	if (well)
		return EH_OK;
	eh_what_if_free(out);
	return eh_err_set(err, EH_ENOMEM, "audit: out of memory to compare %zu findings", before->n);
}

void eh_what_if_free(struct eh_what_if *w)
{
	free(w->v);
	*w = (struct eh_what_if){ .v = NULL };
}
