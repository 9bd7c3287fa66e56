/*
 * learn_columns.h - rows with informative and empty columns, for the tests of learning curve and importance.
 */
#ifndef TESTS_CORE_LEARN_COLUMNS_H
#define TESTS_CORE_LEARN_COLUMNS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "learn/importance.h"

struct columns {
	struct eh_rows rows;
	double *x;
	int32_t *group;
	uint32_t *owner;
	uint16_t *indicator;
};

/* n candidates of two classes, half of the d columns face, half voice: the first `informative` ones, voice or face,
 * move by shift with the class; the last three of the voice are one value and a little noise. */
static inline struct columns columns_make(size_t n, size_t d, bool voice, size_t informative, double shift,
					  uint64_t seed)
{
	struct columns c = { .x = calloc(n * d, sizeof *c.x), .group = calloc(n, sizeof *c.group),
			     .owner = calloc(n, sizeof *c.owner), .indicator = calloc(d, sizeof *c.indicator) };
	struct eh_rng rng;

	eh_rng_seed(&rng, seed);
	for (size_t i = 0; i < n; i++) {
		double common = eh_rng_normal(&rng);

		c.group[i] = (int32_t)(i % 2);
		c.owner[i] = (uint32_t)i;
		for (size_t j = 0; j < d; j++) {
			size_t at = voice ? j - d / 2 : j;      /* wraps round for face columns when voice tells */

			c.x[i * d + j] = eh_rng_normal(&rng) + (at < informative ? shift * c.group[i] : 0.0);
			if (j + 3 >= d)
				c.x[i * d + j] = common + 0.3 * eh_rng_normal(&rng);
		}
	}
	for (size_t j = 0; j < d; j++)
		c.indicator[j] = (uint16_t)(j < d / 2 ? j : EH_FACE_N + j - d / 2);
	c.rows = (struct eh_rows){ c.x, c.group, c.owner, n, d, 2, NULL };
	return c;
}

static inline void columns_free(struct columns *c)
{
	free(c->x);
	free(c->group);
	free(c->owner);
	free(c->indicator);
}

static inline void columns_run(const struct columns *c, struct eh_curve *curve, struct eh_importance *i, size_t jobs)
{
	struct eh_err err = EH_ERR_INIT;
	struct eh_steps steps = { .what = "test", .jobs = jobs };

	if (eh_importance_make(i, curve, &c->rows, c->indicator, 7, &steps, &err) != EH_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(steps.done, EH_CURVE_STEPS);
}

#endif
