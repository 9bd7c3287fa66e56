/* Components of the graph of evaluators and what they judged; see connect.h. */
#include "audit/connect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define FEW_ROWS 64u                    /* of an evaluator: as many at most before all of them */

/* Root of i, halving the path on the way. */
static uint32_t root(uint32_t *parent, uint32_t i)
{
	while (parent[i] != i) {
		parent[i] = parent[parent[i]];
		i = parent[i];
	}
	return i;
}

/* Components while links are still being found. */
struct parts {
	uint32_t *parent;               /* [evaluators] */
	size_t n;                       /* parts that those who decided something still fall into */
};

/* The smaller index stays the root, so that a component is known by its first evaluator. */
static void join(struct parts *p, uint32_t a, uint32_t b)
{
	a = root(p->parent, a);
	b = root(p->parent, b);
	if (a == b)
		return;
	if (a < b)
		p->parent[b] = a;
	else
		p->parent[a] = b;
	p->n--;
}

/* What links: the things of the rows, or what these are part of. */
struct links {
	const uint32_t *thing;          /* [rows] */
	const uint32_t *of;             /* [things] what a thing is part of; NULL = it links itself */
	size_t n;                       /* of what links */
	uint32_t *owner;                /* [n] some evaluator who judged it, EH_NO_COMPONENT = nobody yet */
};

/* Up to `most` rows of everybody.  Ends when one part is left: no further link can change anything. */
static void join_rows(struct parts *p, const struct links *l, const struct eh_audit_data *d, size_t most)
{
	for (uint32_t e = 0; e < d->evaluators.n && p->n > 1; e++) {
		const size_t from = d->evaluator_at[e], n = d->evaluator_at[e + 1] - from;

		for (size_t i = from; i < from + (n < most ? n : most); i++) {
			uint32_t *first = &l->owner[l->of != NULL ? l->of[l->thing[i]] : l->thing[i]];

			if (*first == EH_NO_COMPONENT)
				*first = e;
			else if (*first != e)
				join(p, e, *first);
		}
	}
}

/* Where places are few, some rows of everybody mostly link all, and often the first. */
static void join_all(struct parts *p, const struct links *l, const struct eh_audit_data *d)
{
	memset(l->owner, 0xff, l->n * sizeof *l->owner);
	for (size_t most = 1; most <= FEW_ROWS; most *= 8)
		join_rows(p, l, d, most);
	join_rows(p, l, d, SIZE_MAX);
}

/* owner: room for the most of the three; what is not used of it is not touched.  Positions and strata come first: they
 * are few. */
static void join_links(struct parts *p, uint32_t *owner, const struct eh_audit_data *d, enum eh_link link)
{
	const bool by_position = link == EH_LINK_WORK && d->position != NULL && d->positions.n > 1;
	const struct links candidates = { d->candidate, NULL, d->candidates.n, owner };
	const struct links strata = { d->stratum, NULL, d->strata.n, owner };
	const struct links positions = { d->candidate, d->position, d->positions.n, owner };

	if (link != EH_LINK_CANDIDATE)
		join_all(p, by_position ? &positions : &strata, d);
	if (link != EH_LINK_STRATUM && p->n > 1)
		join_all(p, &candidates, d);
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static void number(struct eh_connect *c, uint32_t *parent, const struct eh_audit_data *d)
{
	for (uint32_t e = 0; e < c->n_evaluators; e++) {
		uint32_t r = root(parent, e);

		if (d->evaluator_at[e] == d->evaluator_at[e + 1]) {
			c->of[e] = EH_NO_COMPONENT;
			continue;
		}
		if (r == e) {
			c->of[e] = (uint32_t)c->n;
			c->first[c->n++] = e;
		} else {
			c->of[e] = c->of[r];
		}
		c->size[c->of[e]]++;
	}
}

int eh_connect_make(struct eh_connect *out, const struct eh_audit_data *d, enum eh_link link, struct eh_err *err)
{
	const size_t n = d->evaluators.n, things = larger(larger(d->candidates.n, d->strata.n), d->positions.n);
	uint32_t *owner = eh_try_malloc(things + 1, sizeof *owner);
	struct parts p = { .parent = eh_try_malloc(n + 1, sizeof *p.parent) };

	*out = (struct eh_connect){ .link = link, .n_evaluators = n };
	out->of = eh_try_calloc(n + 1, sizeof *out->of);
	out->size = eh_try_calloc(n + 1, sizeof *out->size);
	out->first = eh_try_calloc(n + 1, sizeof *out->first);
	if (p.parent == NULL || owner == NULL || out->of == NULL || out->size == NULL || out->first == NULL) {
		free(p.parent);
		free(owner);
		eh_connect_free(out);
		return eh_err_set(err, EH_ENOMEM, "no memory to connect %zu evaluators", n);
	}
	for (uint32_t e = 0; e < n; e++) {
		p.parent[e] = e;
		p.n += d->evaluator_at[e] < d->evaluator_at[e + 1];
	}
	join_links(&p, owner, d, link);
	number(out, p.parent, d);
	free(p.parent);
	free(owner);
	return EH_OK;
}

void eh_connect_free(struct eh_connect *c)
{
	free(c->of);
	free(c->size);
	free(c->first);
	*c = (struct eh_connect){ .n = 0 };
}

void eh_connect_text(char *out, size_t size, const struct eh_connect *c, const struct eh_audit_data *d, uint32_t k)
{
	size_t len = 0, named = 0;

	out[0] = '\0';
	for (uint32_t e = c->first[k]; e < c->n_evaluators && named < EH_CONNECT_NAMED && len < size; e++) {
		if (c->of[e] != k)
			continue;
		len += (size_t)snprintf(out + len, size - len, "%s%s", named > 0 ? ", " : "", d->evaluators.v[e]);
		named++;
	}
	if (named < c->size[k] && len < size)
		(void)snprintf(out + len, size - len, " and %zu more", (size_t)c->size[k] - named);
}

static const char *links(const struct eh_connect *c)
{
	switch (c->link) {
	case EH_LINK_CANDIDATE: return "candidate";
	case EH_LINK_STRATUM:   return "stratum";
	default:                return "candidate, position or stratum";
	}
}

int eh_connect_check(const struct eh_connect *c, const struct eh_audit_data *d, uint32_t a, uint32_t b,
		     struct eh_err *err)
{
	char of_a[200], of_b[200];

	if (a >= c->n_evaluators || b >= c->n_evaluators || c->of[a] == EH_NO_COMPONENT || c->of[b] == EH_NO_COMPONENT)
		return eh_err_set(err, EH_EINVAL, "an evaluator who decided nothing cannot be compared");
	if (c->of[a] == c->of[b])
		return EH_OK;
	eh_connect_text(of_a, sizeof of_a, c, d, c->of[a]);
	eh_connect_text(of_b, sizeof of_b, c, d, c->of[b]);
	return eh_err_set(err, EH_EREFUSED,
			  "no %s links the evaluators (%s) with (%s): they are not compared; let somebody of the one "
			  "part judge in the other", links(c), of_a, of_b);
}

int eh_connect_check_all(const struct eh_connect *c, const struct eh_audit_data *d, struct eh_err *err)
{
	char text[400] = "", one[120];
	size_t len = 0;

	if (c->n <= 1)
		return EH_OK;
	for (uint32_t k = 0; k < c->n && k < EH_CONNECT_NAMED && len < sizeof text; k++) {
		eh_connect_text(one, sizeof one, c, d, k);
		len += (size_t)snprintf(text + len, sizeof text - len, "%s(%s)", k > 0 ? ", " : "", one);
	}
	return eh_err_set(err, EH_EREFUSED, "no %s links %zu parts of the evaluators: %s%s", links(c), c->n, text,
			  c->n > EH_CONNECT_NAMED ? " and more" : "");
}
