/*
 * raters_world.h - evaluators with planted severity and bias, and the raters made of them.
 */
#ifndef TESTS_CORE_RATERS_WORLD_H
#define TESTS_CORE_RATERS_WORLD_H

#include "tests/core/audit_build.h"

#include <math.h>

#include "audit/raters.h"
#include "base/rng.h"

static const char *const sexes[] = { "female", "male" };

/* What is planted; [logit] */
struct world {
	unsigned evaluators, each;     /* persons of each evaluator */
	unsigned questions;	       /* decisions of one evaluator on one person */
	double severity[64], bias[64]; /* bias: on women */
	double person;		       /* SD of a person's own effect */
	double drift[64];	       /* severity in 30 days */
	bool alone[64];		       /* decides in strata of his own */
};

static inline double logistic(double x) { return 1.0 / (1.0 + exp(-x)); }

static inline void make(struct eh_audit_data *d, const struct world *w, uint64_t seed)
{
	struct build b = { 0 };
	struct eh_rng rng;
	int32_t *day = eh_xcalloc((size_t)w->evaluators * w->each * w->questions, sizeof *day);
	size_t n = 0;

	eh_rng_seed(&rng, seed);
	for (unsigned e = 0; e < w->evaluators; e++) {
		for (unsigned i = 0; i < w->each; i++) {
			char who[32], person[32], stratum[64];
			int group = (int)eh_rng_below(&rng, 2);
			double own = w->person * eh_rng_normal(&rng);

			(void)snprintf(who, sizeof who, "E%02hhu", (unsigned char)e);
			(void)snprintf(person, sizeof person, "p%02hhu-%05hu", (unsigned char)e, (unsigned short)i);
			build_person(&b, person, i % 2 != 0 ? "clerk" : "cook", group);
			for (unsigned q = 0; q < w->questions; q++) {
				double x = own + 0.3 * q + (i % 2 != 0 ? -0.4 : 0.2) - w->severity[e];

				day[n] = (int32_t)i % 300;
				x += (group == 0 ? w->bias[e] : 0.3) - w->drift[e] * day[n] / 30.0;
				(void)snprintf(stratum, sizeof stratum, "%s%s-q%hhu", w->alone[e] ? who : "",
					       i % 2 != 0 ? "clerk" : "cook", (unsigned char)q);
				build_row(&b, who, person, stratum, eh_rng_unit(&rng) < logistic(x));
				n++;
			}
		}
	}
	build_finish(d, &b, sexes, 2);
	d->decided = day; /* names sort as they were made: rows stayed where they were */
}

static inline struct eh_raters_settings settings(void)
{
	struct eh_raters_settings s = EH_RATERS_SETTINGS_INIT;

	s.draws = 50;
	return s;
}

static inline void run(struct eh_raters *out, const struct eh_audit_data *d, const struct eh_raters_settings *s)
{
	struct eh_err err = EH_ERR_INIT;

	if (eh_raters_run(out, d, s, &err) != EH_OK)
		fail_msg("%s", err.msg);
}

static inline void run_world(struct eh_raters *out, struct eh_audit_data *d, const struct world *w, uint64_t seed)
{
	struct eh_raters_settings s = settings();

	make(d, w, seed);
	run(out, d, &s);
}

static inline void done(struct eh_raters *r, struct eh_audit_data *d)
{
	eh_raters_free(r);
	eh_audit_data_free(d);
}

static inline struct world fair(unsigned evaluators, unsigned each)
{
	struct world w = { .evaluators = evaluators, .each = each, .questions = 1 };

	return w;
}

/* Persons and selections of evaluator, stratum, group in a design without a draw. */
static inline unsigned cell_n(unsigned e, unsigned s, unsigned g) { return 12 + (5 * e + 3 * s + 7 * g) % 9; }

static inline unsigned cell_y(unsigned e, unsigned s, unsigned g)
{
	unsigned n = cell_n(e, s, g);

	return e == 7 ? n : (n * (2 + (e * 3 + s + 2 * g) % 5)) / 8;
}

#endif
