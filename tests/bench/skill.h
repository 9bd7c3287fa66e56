/*
 * skill.h - measured recordings and pictures as rows of one matrix, and the skill of the whole pipeline on them.
 */
#ifndef EH_TESTS_SKILL_H
#define EH_TESTS_SKILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "learn/fit.h"
#include "learn/measure.h"
#include "learn/vector.h"

#define SKILL_KINDS 4                   /* the original and three kinds of copies */

struct skill_row {
	char owner[32], sex;            /* 'f', 'm' */
	uint8_t kind;                   /* 0 = original */
	uint8_t set;                    /* collection */
	struct eh_vector vector;
};

struct skill_rows {
	struct skill_row *v;
	size_t n, cap;
};

static inline struct skill_row *skill_add(struct skill_rows *r)
{
	if (r->n == r->cap) {
		r->cap = r->cap != 0 ? 2 * r->cap : 256;
		r->v = eh_xrealloc(r->v, r->cap, sizeof *r->v);
	}
	memset(&r->v[r->n], 0, sizeof r->v[r->n]);
	return &r->v[r->n++];
}

/* The matrix of those rows that `take` wants, in the columns of `column`; owners are neighbours already. */
struct skill_matrix {
	struct eh_rows rows;
	double *x;
	int32_t *group;
	uint32_t *owner;
	uint8_t *copy;
	size_t *from;                   /* row of skill_rows */
};

/* Columns of the class vector that every row has, within first..last. */
static inline size_t skill_columns(size_t *column, const struct skill_rows *r, size_t first, size_t last)
{
	size_t d = 0;

	for (size_t c = first; c < last; c++) {
		size_t there = 0;

		if (!eh_vector_in_class(c))
			continue;
		for (size_t i = 0; i < r->n; i++)
			there += r->v[i].vector.present[c];
		if (there == r->n)
			column[d++] = c;
		else
			printf("  left out: %s, in %zu of %zu rows\n", eh_vector_info(c)->name, there, r->n);
	}
	return d;
}

static inline struct skill_matrix skill_matrix_of(const struct skill_rows *r, const size_t *column, size_t d,
						  bool (*take)(const struct skill_row *row))
{
	struct skill_matrix m = { .x = eh_xcalloc(r->n * d, sizeof *m.x),
				  .group = eh_xcalloc(r->n, sizeof *m.group),
				  .owner = eh_xcalloc(r->n, sizeof *m.owner),
				  .copy = eh_xcalloc(r->n, sizeof *m.copy),
				  .from = eh_xcalloc(r->n, sizeof *m.from) };
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (!take(&r->v[i]))
			continue;
		for (size_t c = 0; c < d; c++)
			m.x[n * d + c] = r->v[i].vector.value[column[c]];
		m.group[n] = r->v[i].sex == 'm';
		m.owner[n] = n > 0 && strcmp(r->v[m.from[n - 1]].owner, r->v[i].owner) == 0 ? m.owner[n - 1]
											     : (uint32_t)n;
		m.copy[n] = r->v[i].kind > 0;
		m.from[n++] = i;
	}
	m.rows = (struct eh_rows){ m.x, m.group, m.owner, n, d, 2, m.copy };
	return m;
}

static inline void skill_matrix_free(struct skill_matrix *m)
{
	free(m->from);
	free(m->copy);
	free(m->owner);
	free(m->group);
	free(m->x);
}

/* Of the rows of one kind; p [n][2] for all rows of m. */
static inline struct eh_skill skill_of(const struct skill_rows *r, const struct skill_matrix *m, const double *p,
				       uint8_t kind)
{
	struct eh_skill s;
	double *q = eh_xcalloc(m->rows.n, 2 * sizeof *q);
	int32_t *group = eh_xcalloc(m->rows.n, sizeof *group);
	uint32_t *owner = eh_xcalloc(m->rows.n, sizeof *owner);
	struct eh_outcome o = { q, group, owner, 0, 2, NULL };

	for (size_t i = 0; i < m->rows.n; i++) {
		if (r->v[m->from[i]].kind != kind)
			continue;
		memcpy(q + 2 * o.n, p + 2 * i, 2 * sizeof *q);
		group[o.n] = m->group[i];
		owner[o.n++] = m->owner[i];
	}
	if (eh_measure(&s, &o, 1, NULL) != EH_OK)
		exit(3);
	free(owner);
	free(group);
	free(q);
	return s;
}

static inline void skill_say(const char *what, const struct eh_skill *s)
{
	printf("  %-34s n %3u  accuracy %.3f [%.3f %.3f]  AUC %.3f [%.3f %.3f]  ECE %.3f [%.3f %.3f]  Brier %.3f\n",
	       what, s->n, s->accuracy, s->accuracy_lo, s->accuracy_hi, s->auc, s->auc_lo, s->auc_hi, s->ece, s->ece_lo,
	       s->ece_hi, s->brier);
}

#define SKILL_REPEATS 3                 /* of the outer folds, facts/learning.md 5 */

/* Out-of-fold probabilities of the whole pipeline, caller frees. */
static inline double *skill_nested(const struct skill_matrix *m, uint64_t seed)
{
	double *p = eh_xcalloc(m->rows.n, 2 * sizeof *p);
	struct eh_steps steps = { .what = "skill" };
	struct eh_err err = EH_ERR_INIT;

	if (eh_nested_outcome(p, &m->rows, seed, &steps, &err) == EH_OK)
		return p;
	printf("%s\n", err.msg);
	exit(3);
}

static inline bool skill_bar(const char *what, double value, double bar, bool least)
{
	bool met = least ? value >= bar : value <= bar;

	printf("bar %-60s %.3f %s %.3f  %s\n", what, value, least ? ">=" : "<=", bar, met ? "met" : "MISSED");
	return met;
}

#endif
