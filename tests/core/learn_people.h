/*
 * learn_people.h - synthetic candidates for the tests of learning: combined vectors with a known class.
 */
#ifndef TESTS_CORE_LEARN_PEOPLE_H
#define TESTS_CORE_LEARN_PEOPLE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "learn/learn.h"

#define PITCH_AT (EH_FACE_N + EH_V_F0_MEDIAN)

static const char *const two_groups[] = { "female", "male" };
static const char *const three_groups[] = { "alpha", "beta", "gamma" };

struct people {
	size_t n;
	struct eh_vector *vector;
	struct eh_train_row *row;
};

/*
 * n candidates, class i mod k.  Face indicators 0..7 move by face_shift standard deviations per class,
 * voice indicators 0..7 by voice_shift; all others are noise.  Units differ by indicator.
 */
static inline struct people people_make(size_t n, size_t k, double face_shift, double voice_shift, uint64_t seed)
{
	struct people p = { n, calloc(n, sizeof *p.vector), calloc(n, sizeof *p.row) };
	struct eh_rng rng;

	eh_rng_seed(&rng, seed);
	for (size_t i = 0; i < n; i++) {
		struct eh_vector *v = &p.vector[i];
		double away = (double)(i % k);

		(void)snprintf(v->candidate, sizeof v->candidate, "c%04zu", i);
		v->layout = EH_LAYOUT;
		v->has_face = v->has_voice = 1;
		v->answers = 2;
		v->frames_sampled = v->frames_found = v->frames_used = (uint32_t)(100 + i);
		v->voiced_seconds = 12.0 + 0.1 * (double)i;
		v->bandwidth = 7000.0;
		v->snr = 30.0;
		for (size_t c = 0; c < EH_VECTOR_N; c++) {
			size_t at = c < EH_FACE_N ? c : c - EH_FACE_N;
			double shift = at < 8 ? (c < EH_FACE_N ? face_shift : voice_shift) : 0.0;

			/* with three groups the middle one must stand out in some direction of its own */
			if (k > 2 && at % 2 == 1)
				shift *= away == 1.0 ? 2.0 : 0.0;
			v->present[c] = 1;
			v->value[c] = (double)(c + 1) * (10.0 + eh_rng_normal(&rng) + shift * away);
		}
		p.row[i] = (struct eh_train_row){ .vector = v, .group = (int32_t)(i % k) };
	}
	return p;
}

static inline void people_free(struct people *p)
{
	free(p->vector);
	free(p->row);
}

/* Another order of the rows; vectors and classes stay together. */
static inline void people_shuffle_rows(struct people *p, uint64_t seed)
{
	uint32_t *order = calloc(p->n, sizeof *order);
	struct eh_train_row *mixed = calloc(p->n, sizeof *mixed);
	struct eh_rng rng;

	for (uint32_t i = 0; i < p->n; i++)
		order[i] = i;
	eh_rng_seed(&rng, seed);
	eh_rng_shuffle(&rng, order, p->n);
	for (size_t i = 0; i < p->n; i++)
		mixed[i] = p->row[order[i]];
	free(p->row);
	free(order);
	p->row = mixed;
}

/* The same classes, given to other candidates. */
static inline void people_permute_labels(struct people *p, uint64_t seed)
{
	int32_t *group = calloc(p->n, sizeof *group);

	people_shuffle_rows(p, seed);
	for (size_t i = 0; i < p->n; i++)
		group[i] = p->row[i].group;
	for (size_t i = 0; i < p->n; i++)
		p->row[i] = (struct eh_train_row){ .vector = &p->vector[i], .group = group[i] };
	free(group);
}

/* Indicators that may tell a class, of face and voice together. */
static inline size_t class_indicators(void)
{
	size_t n = 0;

	for (size_t i = 0; i < EH_VECTOR_N; i++)
		n += eh_vector_in_class(i);
	return n;
}

static inline struct eh_train_plan people_plan(const char *const *groups, size_t k, uint64_t seed)
{
	return (struct eh_train_plan){ .attribute = "sex", .groups = groups, .n_groups = k, .seed = seed };
}

static inline struct eh_model *people_train(const struct people *p, size_t k, uint64_t seed)
{
	struct eh_err err = EH_ERR_INIT;
	struct eh_model *m = NULL;
	struct eh_train_plan plan = people_plan(k == 2 ? two_groups : three_groups, k, seed);

	if (eh_model_train(&m, &plan, p->row, p->n, NULL, &err) != EH_OK)
		fail_msg("%s", err.msg);
	return m;
}

#endif
