/* Histograms of scores: what is made from one is what the persons one by one give; parts can be exchanged. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "audit/score_table.h"
#include "audit/scores.h"
#include "base/mem.h"
#include "base/rng.h"

#define CANDIDATES 64
#define GROUPS 3
#define MOST 20000

static struct eh_rng rng;
static uint8_t classes[CANDIDATES];
static uint8_t *codes[] = { classes };
static struct eh_attribute_data attribute = { .n_groups = GROUPS };
static const struct eh_audit_data data = { .attributes = &attribute, .n_attributes = 1 };
static const struct eh_order order = { .d = &data, .code = codes };

static size_t draw(size_t n) { return (size_t)eh_rng_below(&rng, n); }

static void draw_classes(void)
{
	for (size_t c = 0; c < CANDIDATES; c++)
		classes[c] = draw(GROUPS + 1) == 0 ? EH_CODE_UNKNOWN : (uint8_t)(EH_CODE_DECLARED + draw(GROUPS));
}

static double draw_value(size_t scale)
{
	switch (scale) {
	case 0:
		return (double)(1 + draw(5));
	case 1:
		return 0.1 * (double)draw(100) - 5.0;
	default:
		return 1e6 * (eh_rng_unit(&rng) - 0.5) * (draw(2) == 0 ? 1e-9 : 1.0);
	}
}

static void draw_persons(struct eh_scored_persons *v, size_t n, size_t scale, uint32_t most)
{
	for (size_t i = 0; i < n; i++)
		v[i] = (struct eh_scored_persons){ draw_value(scale), (uint32_t)draw(CANDIDATES),
						   1 + (uint32_t)draw(most) };
}

static size_t persons_of(double *out, const struct eh_scored_persons *v, size_t n, int group)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < v[i].persons && eh_code_group(classes[v[i].candidate]) == group; k++)
			out[m++] = v[i].value;
	return m;
}

/* Two groups of a table, as eh_score_test_counts wants them. */
struct sides {
	double *value;
	uint32_t *count[2];
	size_t n;
};

static void take_sides(struct sides *s, const struct eh_score_table *t)
{
	s->n = 0;
	for (size_t i = 0; i < t->n; i++) {
		const struct eh_score_line *line = &t->v[i];

		assert_true(line->persons > 0);
		if (i > 0)
			assert_true(t->v[i - 1].value < line->value ||
				    (t->v[i - 1].value <= line->value && t->v[i - 1].group < line->group));
		if (line->group > 1)
			continue;
		if (s->n == 0 || s->value[s->n - 1] < line->value) {
			s->value[s->n] = line->value;
			s->count[0][s->n] = s->count[1][s->n] = 0;
			s->n++;
		}
		s->count[line->group][s->n - 1] += line->persons;
	}
}

static void a_table_gives_what_the_persons_give(void **state)
{
	struct eh_scored_persons *v = eh_xcalloc(MOST, sizeof *v);
	double *x = eh_xcalloc(3 * MOST, sizeof *x), *y = eh_xcalloc(3 * MOST, sizeof *y);
	double *all = eh_xcalloc(6 * MOST, sizeof *all);
	struct sides s = { eh_xcalloc(MOST, sizeof *s.value),
			   { eh_xcalloc(MOST, sizeof *s.count[0]), eh_xcalloc(MOST, sizeof *s.count[1]) }, 0 };

	(void)state;
	eh_rng_seed(&rng, 1);
	for (int round = 0; round < 300; round++) {
		/* some beyond the size from which on digits are sorted */
		const size_t n = round % 50 == 0 ? 9000 + draw(MOST - 9000) : 1 + draw(200);
		const size_t scale = draw(3);
		struct eh_score_test by_persons, by_counts;
		struct eh_score_table t;
		size_t a, b;
		double median, counted;

		draw_classes();
		draw_persons(v, n, scale, 3);
		a = persons_of(x, v, n, 0);
		b = persons_of(y, v, n, 1);
		assert_int_equal(eh_score_table_make(&t, &order, 0, v, n, NULL), EH_OK);
		take_sides(&s, &t);
		if (a > 0 && b > 0) {
			memcpy(all, x, a * sizeof *all);
			median = eh_score_median(all, a);
			counted = eh_score_median_counts(s.value, s.count[0], s.n);
			assert_memory_equal(&median, &counted, sizeof median);
			memset(&by_persons, 0, sizeof by_persons);
			memset(&by_counts, 0, sizeof by_counts);
			assert_int_equal(eh_score_test(&by_persons, x, a, y, b, median, NULL), EH_OK);
			assert_int_equal(eh_score_test_counts(&by_counts, s.value, s.count[0], s.count[1], s.n, median,
							      NULL),
					 EH_OK);
			assert_int_equal(by_counts.n, a);
			assert_memory_equal(&by_persons.cohen_d.value, &by_counts.cohen_d.value, sizeof(double));
			assert_memory_equal(&by_persons.p_welch.value, &by_counts.p_welch.value, sizeof(double));
			assert_memory_equal(&by_persons.p_rank.value, &by_counts.p_rank.value, sizeof(double));
			assert_memory_equal(&by_persons.u.value, &by_counts.u.value, sizeof(double));
			assert_memory_equal(&by_persons.ks.value, &by_counts.ks.value, sizeof(double));
			assert_memory_equal(&by_persons.scoring_rate.value, &by_counts.scoring_rate.value,
					    sizeof(double));
		}
		eh_score_table_free(&t);
	}
	free(v);
	free(x);
	free(y);
	free(all);
	free(s.value);
	free(s.count[0]);
	free(s.count[1]);
}

static void assert_same(const struct eh_score_table *a, const struct eh_score_table *b)
{
	assert_int_equal(a->n, b->n);
	if (a->n > 0)
		assert_memory_equal(a->v, b->v, a->n * sizeof *a->v);
}

/* Whoever goes and whoever comes: the table is that of who is there then. */
static void a_part_is_exchanged(void **state)
{
	struct eh_scored_persons v[300], copy[300];

	(void)state;
	eh_rng_seed(&rng, 2);
	for (int round = 0; round < 500; round++) {
		const size_t stay = draw(100), go = draw(100), come = draw(100), scale = draw(3);
		struct eh_score_table t, less, more, now;

		draw_classes();
		draw_persons(v, stay + go + come, scale, 4);
		memcpy(copy, v, (stay + go) * sizeof *v);
		assert_int_equal(eh_score_table_make(&t, &order, 0, copy, stay + go, NULL), EH_OK);
		memcpy(copy, v + stay, go * sizeof *v);
		assert_int_equal(eh_score_table_make(&less, &order, 0, copy, go, NULL), EH_OK);
		memcpy(copy, v + stay + go, come * sizeof *v);
		assert_int_equal(eh_score_table_make(&more, &order, 0, copy, come, NULL), EH_OK);
		memcpy(copy, v, stay * sizeof *v);
		memcpy(copy + stay, v + stay + go, come * sizeof *v);
		assert_int_equal(eh_score_table_make(&now, &order, 0, copy, stay + come, NULL), EH_OK);
		assert_int_equal(eh_score_table_exchange(&t, &less, &more, NULL), EH_OK);
		assert_same(&t, &now);
		eh_score_table_free(&t);
		eh_score_table_free(&less);
		eh_score_table_free(&more);
		eh_score_table_free(&now);
	}
}

static void without_memory_nothing_is_changed(void **state)
{
	struct eh_scored_persons *v = eh_xcalloc(MOST, sizeof *v);
	struct eh_score_table t, part, now;
	struct eh_err err = EH_ERR_INIT;

	(void)state;
	eh_rng_seed(&rng, 3);
	draw_classes();
	draw_persons(v, MOST, 2, 1);
	/* without room for digits it is sorted by comparing */
	eh_mem_fail_at(1);
	assert_int_equal(eh_score_table_make(&t, &order, 0, v, MOST, &err), EH_OK);
	eh_mem_fail_at(0);
	assert_int_equal(eh_score_table_make(&now, &order, 0, v, MOST, NULL), EH_OK);
	assert_same(&t, &now);
	assert_int_equal(eh_score_table_make(&part, &order, 0, v, 10, NULL), EH_OK);
	eh_mem_fail_at(1);
	assert_int_equal(eh_score_table_exchange(&t, &part, &part, &err), EH_ENOMEM);
	eh_mem_fail_at(0);
	assert_same(&t, &now);
	eh_score_table_free(&t);
	eh_mem_fail_at(1);
	assert_int_equal(eh_score_table_make(&t, &order, 0, v, 10, &err), EH_ENOMEM);
	eh_mem_fail_at(0);
	assert_int_equal(t.n, 0);
	eh_score_table_free(&t);
	eh_score_table_free(&now);
	eh_score_table_free(&part);
	free(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_gives_what_the_persons_give),
		cmocka_unit_test(a_part_is_exchanged),
		cmocka_unit_test(without_memory_nothing_is_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
