/*
 * What the evaluators decide, with a bias that is known because it is put in here.
 *
 * Fixed counts: of n persons of a sex, an evaluator advances floor(rate x n + U) per question, and
 * the seed chooses who (facts/first_road.md 7C).  So nobody is unfair by accident: over all
 * candidates of a sex, the ones without a usable face included, the fair evaluators' rates of the
 * two sexes differ by less than one decision per question.
 */
#include <math.h>
#include <stdio.h>

#include "base/rng.h"
#include "base/text.h"
#include "demo/inside.h"

#define BIASED 6                        /* index: E07 */
#define HARSH 2                         /* E03 */
#define DECIDED_TIME INT64_C(1759305600)        /* 2025-10-01T08:00:00Z */

/* Strengths that meet every bar at 60 candidates: facts/first_road.md 8. */
static const struct eh_demo_truth truth = {
	.biased = "E07",
	.harsh = "E03",
	.group = "female",
	.biased_rate_focal = 0.25,
	.biased_rate_rest = 0.75,
	.fair_rate = 0.60,
	.harsh_rate = 0.30,
	.candidates = EH_DEMO_PERSONS,
	.evaluators = EH_DEMO_EVALUATORS,
	.questions = EH_DEMO_QUESTIONS,
	.no_face = EH_DEMO_NO_FACE,
	.no_consent = 1,
};

const struct eh_demo_truth *eh_demo_truth(void)
{
	return &truth;
}

double eh_demo_rate(unsigned evaluator, bool female)
{
	if (evaluator == BIASED)
		return female ? truth.biased_rate_focal : truth.biased_rate_rest;
	return evaluator == HARSH ? truth.harsh_rate : truth.fair_rate;
}

static void draw_cell(uint8_t advance[EH_DEMO_PERSONS], const struct eh_demo_person *people, unsigned evaluator,
		      bool female, unsigned question, uint64_t seed)
{
	uint32_t who[EH_DEMO_PERSONS];
	uint32_t n = 0, chosen = 0;
	struct eh_rng r;
	char name[32];

	for (uint32_t i = 0; i < EH_DEMO_PERSONS; i++)
		if (people[i].female == female)
			who[n++] = i;
	/* a stream of its own: a change of one cell leaves the others as they are */
	snprintf(name, sizeof name, "E%02u %s q%u", evaluator + 1, female ? "female" : "male", question + 1);
	eh_rng_seed_named(&r, seed, name);
	chosen = (uint32_t)floor(eh_demo_rate(evaluator, female) * n + eh_rng_unit(&r));
	eh_rng_shuffle(&r, who, n);
	for (uint32_t i = 0; i < n; i++)
		advance[who[i]] = i < chosen;
}

void eh_demo_draw(struct eh_demo_draw *out, const struct eh_demo_person people[EH_DEMO_PERSONS], uint64_t seed)
{
	for (unsigned e = 0; e < EH_DEMO_EVALUATORS; e++)
		for (unsigned q = 0; q < EH_DEMO_QUESTIONS; q++)
			for (unsigned s = 0; s < 2; s++)
				draw_cell(out->advance[e][q], people, e, s == 0, q, seed);
}

static void evaluations_table(struct eh_buf *b, const struct eh_demo_person *people, const struct eh_demo_draw *d)
{
	char when[EH_TIME_TEXT];

	eh_buf_printf(b, "evaluator_id,candidate_id,question_id,decision,decided_at\n");
	for (unsigned e = 0; e < EH_DEMO_EVALUATORS; e++)
		for (unsigned i = 0; i < EH_DEMO_PERSONS; i++)
			for (unsigned q = 0; q < EH_DEMO_QUESTIONS; q++) {
				/* five candidates a day, twenty minutes each */
				eh_format_time(when, DECIDED_TIME + (int64_t)(i / 5) * 86400 +
							     (int64_t)(i % 5 * 1200 + q * 600 + e * 30));
				eh_buf_printf(b, "E%02u,%s,q%u,%s,%s\n", e + 1, people[i].id, q + 1,
					      d->advance[e][q][i] ? "advance" : "reject", when);
			}
}

static void truth_row(struct eh_buf *b, const struct eh_demo_person *people, const struct eh_demo_draw *d, unsigned e,
		      uint64_t seed)
{
	eh_buf_printf(b, "E%02u,%s,%.2f,%.2f,%llu", e + 1, e == BIASED ? "biased" : e == HARSH ? "harsh" : "fair",
		      eh_demo_rate(e, true), eh_demo_rate(e, false), (unsigned long long)seed);
	for (unsigned s = 0; s < 2; s++)
		for (unsigned q = 0; q < EH_DEMO_QUESTIONS; q++) {
			unsigned n = 0, advanced = 0;

			for (size_t i = 0; i < EH_DEMO_PERSONS; i++) {
				if (people[i].female != (s == 0))
					continue;
				n++;
				advanced += d->advance[e][q][i];
			}
			eh_buf_printf(b, ",%u,%u", advanced, n);
		}
	eh_buf_printf(b, "\n");
}

/* Counts over all candidates of the true sex: whether or not they declare it, show a face or consent. */
int eh_demo_write_truth(const struct eh_demo_options *o, struct eh_err *err)
{
	struct eh_demo_person people[EH_DEMO_PERSONS];
	struct eh_demo_draw d = { { { { 0 } } } };
	char path[4096];
	struct eh_buf b;
	int rc = eh_demo_path(path, sizeof path, o->dir, "", "truth.csv", err);

	if (rc != EH_OK)
		return rc;
	eh_demo_roster(people);
	eh_demo_draw(&d, people, o->seed);
	eh_buf_init(&b, 1u << 16);
	eh_buf_printf(&b, "evaluator_id,kind,rate_female,rate_male,seed,"
			  "female_q1_advanced,female_q1_judged,female_q2_advanced,female_q2_judged,"
			  "male_q1_advanced,male_q1_judged,male_q2_advanced,male_q2_judged\n");
	for (unsigned e = 0; e < EH_DEMO_EVALUATORS; e++)
		truth_row(&b, people, &d, e, o->seed);
	return eh_demo_write(path, &b, err);
}

int eh_demo_make_decisions(const struct eh_demo_options *o, struct eh_err *err)
{
	struct eh_demo_person people[EH_DEMO_PERSONS];
	struct eh_demo_draw d = { { { { 0 } } } };
	char path[4096];
	struct eh_buf b;
	int rc = eh_demo_make_dirs(o->dir, err);

	if (rc == EH_OK)
		rc = eh_demo_path(path, sizeof path, o->dir, "tables", "evaluations.csv", err);
	if (rc != EH_OK)
		return rc;
	eh_demo_roster(people);
	eh_demo_draw(&d, people, o->seed);
	eh_buf_init(&b, 1u << 20);
	evaluations_table(&b, people, &d);
	rc = eh_demo_write(path, &b, err);
	return rc == EH_OK ? eh_demo_write_truth(o, err) : rc;
}
