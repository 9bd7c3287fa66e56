/*
 * learn_project DIR FIRST SECOND: makes DIR a project of synthetic candidates, as extraction leaves it.  FIRST declared
 * sex and agreed to training, SECOND declared nothing; each has one measured answer, its vector, the consents and a
 * decision of one of twenty evaluators.  Twelve indicators of the class vector move by half a standard deviation with
 * the class: an AUC of about .9.  The same numbers give the same project.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/rng.h"
#include "desk/desk.h"
#include "store/codec.h"
#include "tests/core/paper.h"

#define EVALUATORS 20
#define TELLING 12		      /* indicators that tell the class */
#define SHIFT 0.5		      /* [sd] */
#define BATCH 5000		      /* candidates of one transaction */
#define AGREED_AT INT64_C(1767225600) /* [s] 2026-01-01 */

static const char *const groups[2] = { "female", "male" };

static void need(int rc, const struct eh_err *err)
{
	if (rc == EH_OK)
		return;
	fprintf(stderr, "learn_project: %s\n", err->msg);
	exit(1);
}

static double value_of(const struct eh_indicator_info *info, double away)
{
	return info->low + (info->high - info->low) * (0.3 + 0.02 * away);
}

/* Standard deviations that indicator i of a candidate of this class lies from the middle. */
static double away_of(struct eh_rng *rng, size_t i, int group)
{
	static size_t nth[EH_VECTOR_N];
	double shift = 0.0;

	if (nth[i] == 0)
		for (size_t k = 0; k <= i; k++)
			nth[i] += eh_vector_in_class(k);
	/* every other one, so that face and voice both tell */
	if (eh_vector_in_class(i) && nth[i] % 4 == 1 && nth[i] / 4 < TELLING)
		shift = group == 0 ? -0.5 * SHIFT : 0.5 * SHIFT;
	return eh_rng_normal(rng) + shift;
}

static void fill_face(struct eh_face_answer *f, struct eh_rng *rng, int group)
{
	f->frames_sampled = f->frames_found = 600;
	f->frames_used = 500 + (uint32_t)eh_rng_below(rng, 100);
	f->max_faces = 1;
	f->mean_presence = 0.98;
	for (size_t i = 0; i < EH_FACE_N; i++) {
		double v = value_of(&eh_face_info[i], away_of(rng, i, group));

		f->present[i] = 1;
		f->sum[i] = (struct eh_summary){ .median = v, .mean = v, .p10 = v, .p90 = v };
	}
	f->has_mesh = 1;
	for (size_t i = 0; i < EH_LANDMARKS; i++)
		for (size_t k = 0; k < 3; k++)
			f->mesh[i][k] = (float)(eh_rng_unit(rng) - 0.5);
}

static void fill_voice(struct eh_voice_answer *v, struct eh_rng *rng, int group)
{
	v->seconds = 60.0;
	v->voiced_seconds = 20.0 + 10.0 * eh_rng_unit(rng);
	v->bandwidth = 7000.0 + 500.0 * eh_rng_unit(rng);
	v->snr = 30.0 + eh_rng_unit(rng);
	v->level = -20.0;
	for (size_t i = 0; i < EH_VOICE_N; i++) {
		v->present[i] = 1;
		v->value[i] = value_of(&eh_voice_info[i], away_of(rng, EH_FACE_N + i, group));
	}
}

static void fill_answer(struct eh_answer *a, struct eh_rng *rng, int group)
{
	memset(a, 0, sizeof *a);
	a->did_face = a->did_voice = 1;
	(void)snprintf(a->origin.extractor, sizeof a->origin.extractor, "synthetic");
	a->origin.landlock_abi = 1;
	a->origin.seccomp = 1;
	a->media.container_seconds = a->media.decoded_video_seconds = a->media.decoded_audio_seconds = 60.0;
	a->media.width = 640;
	a->media.height = 480;
	a->media.frames_decoded = 1800;
	a->media.frames_sampled = 600;
	fill_face(&a->face, rng, group);
	fill_voice(&a->voice, rng, group);
}

static void put_people(struct eh_txn *txn, const char *id, bool first, int group, size_t i, struct eh_err *err)
{
	static const char *const purposes[] = { "watch", "face", "voice", "infer:sex", "train" };
	struct eh_candidate c = { .n_declared = first };
	struct eh_evaluation e = { .decision = i / 2 % 3 == 0 ? EH_ADVANCE : EH_REJECT };
	struct eh_consent con = { .granted = true, .at = AGREED_AT };
	struct eh_interview view = { .question = "Q1" };

	(void)snprintf(c.id, sizeof c.id, "%s", id);
	(void)snprintf(c.jurisdiction, sizeof c.jurisdiction, "%s", i % 3 == 0 ? "DE" : "US-IL");
	(void)snprintf(c.position, sizeof c.position, "%s", i % 5 == 0 ? "nurse" : "engineer");
	(void)snprintf(c.declared[0].attribute, sizeof c.declared[0].attribute, "sex");
	(void)snprintf(c.declared[0].group, sizeof c.declared[0].group, "%s", groups[group]);
	need(eh_candidate_put(txn, &c, NULL, err), err);
	memcpy(con.candidate, c.id, sizeof con.candidate);
	for (size_t k = 0; k < (first ? 5u : 4u); k++) {
		(void)snprintf(con.purpose, sizeof con.purpose, "%s", purposes[k]);
		paper_sign(&con.release);
		need(eh_consent_put(txn, &con, NULL, err), err);
	}
	memcpy(view.candidate, c.id, sizeof view.candidate);
	(void)snprintf(view.path, sizeof view.path, "/nowhere/%s.mp4", id);
	need(eh_interview_put(txn, &view, NULL, err), err);
	(void)snprintf(e.evaluator, sizeof e.evaluator, "E%02d", (int)(i / 2 % EVALUATORS));
	memcpy(e.candidate, c.id, sizeof e.candidate);
	need(eh_evaluation_put(txn, &e, NULL, err), err);
}

static void put_candidate(struct eh_txn *txn, bool first, size_t i, struct eh_rng *rng, struct eh_err *err)
{
	static struct eh_answer answer;
	static struct eh_vector vector;
	int group = (int)(i % 2);
	char id[16];

	(void)snprintf(id, sizeof id, "%c%06zu", first ? 'A' : 'B', i);
	put_people(txn, id, first, group, i, err);
	fill_answer(&answer, rng, group);
	need(eh_answer_put(txn, id, "Q1", &answer, err), err);
	eh_vector_pool(&vector, id, &answer, 1);
	need(eh_vector_put(txn, &vector, err), err);
}

static void put_evaluators(struct eh_txn *txn, struct eh_err *err)
{
	for (int i = 0; i < EVALUATORS; i++) {
		struct eh_evaluator e = { .name = "" };

		(void)snprintf(e.id, sizeof e.id, "E%02d", i);
		need(eh_evaluator_put(txn, &e, NULL, err), err);
	}
}

int main(int argc, char **argv)
{
	size_t first = argc == 4 ? strtoul(argv[2], NULL, 10) : 0, second = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
	struct eh_err err = EH_ERR_INIT;
	struct eh_store *s = NULL;
	struct eh_txn *txn = NULL;
	struct eh_rng rng;

	if (first + second == 0 || first + second > 999999) {
		fprintf(stderr, "usage: learn_project DIR FIRST SECOND\n");
		return 2;
	}
	eh_rng_seed(&rng, 11);
	need(eh_desk_init(argv[1], &err), &err);
	need(eh_store_open(&s, argv[1], &err), &err);
	for (size_t i = 0; i < first + second; i++) {
		if (txn == NULL)
			need(eh_txn_begin(&txn, s, true, &err), &err);
		if (i == 0)
			put_evaluators(txn, &err);
		put_candidate(txn, i < first, i, &rng, &err);
		if ((i + 1) % BATCH == 0 || i + 1 == first + second)
			need(eh_txn_commit(&txn, &err), &err);
	}
	eh_store_close(&s);
	return 0;
}
