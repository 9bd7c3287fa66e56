/*
 * Scores in the stored counts: an audit from them is, byte for byte, the audit from the evaluations, on one thread and
 * two, after any sequence of imports, corrections and changed classes; a policy's own part of the decisions too; and an
 * audit that stays open counts scores in.  Hundreds of random projects.
 */
#include "desk_current.h"

#include "audit/codec.h"
#include "audit/cubes.h"
#include "base/rng.h"
#include "desk/inside.h"
#include "policy/own.h"
#include "store/codec.h"

#define PROJECTS 90
#define STEPS 4
#define EVALUATORS 4

static struct eh_rng rng;

static size_t draw(size_t n) { return (size_t)eh_rng_below(&rng, n); }
static const char *pick(const char *const *v, size_t n) { return v[draw(n)]; }

static int always_fine(const struct eh_finding *f, struct eh_verdict *v)
{
	(void)f;
	v->kind = EH_OK_VERDICT;
	return EH_OK;
}

/* ---- tables ---- */

enum scale { STARS, TENTHS, ANYTHING, SCALES };

struct drawn {
	size_t people, evaluators, positions, stages;
	enum scale scale;
	size_t unscored; /* of 10 */
};

static void print_candidate(struct eh_buf *b, const struct drawn *p, size_t i)
{
	static const char *const positions[] = { "cook", "clerk", "guard", "" }, *const places[] = { "US-IL", "DE" };
	static const char *const sexes[] = { "f", "m", "m", "f", "f", "m", "m", "" };
	static const char *const races[] = { "a", "b", "c", "b", "a", "b", "" };

	eh_buf_printf(b, "C%03zu,%s,%s,%s,%s\n", i, pick(places, 2), pick(positions, p->positions), pick(sexes, 8),
		      pick(races, 7));
}

static void print_score(struct eh_buf *b, const struct drawn *p)
{
	if (draw(10) < p->unscored)
		eh_buf_printf(b, "\n");
	else if (p->scale == STARS)
		eh_buf_printf(b, "%zu\n", 1 + draw(5));
	else if (p->scale == TENTHS)
		eh_buf_printf(b, "%.1f\n", 0.1 * (double)draw(40) - 2.0);
	else
		eh_buf_printf(b, "%.17g\n", 1e3 * eh_rng_unit(&rng) - 300.0);
}

/* Candidate i has evaluator i modulo their number, and a position of its own or the evaluation's, so that nobody is
 * judged twice in one stratum; some have several scores, whose sum depends on its order. */
static void print_decisions(struct eh_buf *b, const struct drawn *p, size_t i)
{
	static const char *const stages[] = { "room", "phone", "board", "" };
	static const char *const decisions[] = { "1", "0", "0", "1", "0", "1", "0", "hold" };
	const char *position = i % 4 == 3 ? "cook" : "";

	for (size_t s = 0, n = 1 + draw(p->stages); s < n; s++) {
		eh_buf_printf(b, "E%zu,C%03zu,%s,%s,%s,", i % p->evaluators, i, position, stages[s],
			      pick(decisions, 8));
		print_score(b, p);
	}
}

static void bring(enum eh_import_kind kind, struct eh_buf *rows)
{
	struct eh_buf all;

	eh_buf_init(&all, 1u << 20);
	eh_buf_printf(&all, "%s\n%s",
		      kind == EH_IMPORT_CANDIDATES ? "candidate_id,jurisdiction,position_id,declared.sex,declared.race"
						   : "evaluator_id,candidate_id,position_id,stage,decision,score",
		      eh_buf_cstr(rows));
	import(kind, kind == EH_IMPORT_CANDIDATES ? "c.csv" : "e.csv", eh_buf_cstr(&all));
	eh_buf_free(&all);
	eh_buf_reset(rows);
}

static void add_people(struct drawn *p, size_t n)
{
	const size_t first = p->people;
	struct eh_buf b;

	eh_buf_init(&b, 1u << 20);
	for (; p->people < first + n; p->people++)
		print_candidate(&b, p, p->people);
	bring(EH_IMPORT_CANDIDATES, &b);
	for (size_t i = first; i < p->people; i++)
		print_decisions(&b, p, i);
	bring(EH_IMPORT_EVALUATIONS, &b);
	eh_buf_free(&b);
}

static void change_something(struct drawn *p)
{
	struct eh_buf b;

	eh_buf_init(&b, 1u << 16);
	switch (draw(5)) {
	case 0:
		add_people(p, 1 + draw(2));
		break;
	case 1:
		print_candidate(&b, p, draw(p->people));
		bring(EH_IMPORT_CANDIDATES, &b);
		break;
	default:
		print_decisions(&b, p, draw(p->people));
		bring(EH_IMPORT_EVALUATIONS, &b);
		break;
	}
	eh_buf_free(&b);
}

static void open_project(struct drawn *p, uint64_t seed)
{
	char dir[100];

	eh_rng_seed(&rng, seed);
	*p = (struct drawn){ 0, 1 + draw(EVALUATORS), 1 + draw(4), 1 + draw(4), (enum scale)draw(SCALES), draw(11) };
	(void)snprintf(dir, sizeof dir, "%s/desk%llu", temp.dir, (unsigned long long)seed);
	assert_int_equal(eh_desk_init(dir, NULL), EH_OK);
	assert_int_equal(eh_desk_open(&desk, dir, &engine, NULL), EH_OK);
	import(EH_IMPORT_EVALUATORS, "ev.csv", "evaluator_id\nE0\nE1\nE2\nE3\n");
	add_people(p, 8 + draw(70));
}

/* ---- the audit of the counts and that of the rows ---- */

static void assert_cubes_right(void)
{
	struct eh_txn *txn = NULL;
	uint64_t wrong = 1;

	assert_int_equal(eh_txn_begin(&txn, desk->store, false, NULL), EH_OK);
	assert_int_equal(eh_cubes_check(txn, &wrong, NULL), EH_OK);
	eh_txn_abort(&txn);
	assert_int_equal(wrong, 0);
}

static bool same_number(struct eh_num a, struct eh_num b)
{
	return a.defined == b.defined && a.why == b.why && memcmp(&a.value, &b.value, sizeof a.value) == 0;
}

/* Every number of the scores, to the last bit; *seen counts those that are defined. */
static void assert_same_scores(const struct eh_finding *a, const struct eh_finding *b, size_t *seen)
{
	const struct eh_finding_scores *x = &a->scores, *y = &b->scores;
	const struct eh_num p[] = { x->median,	      x->scoring_rate,	 x->ref_scoring_rate,
				    x->scoring_ratio, x->cohen_d,	 x->hedges_g,
				    x->p_welch,	      x->p_mann_whitney, x->ks };
	const struct eh_num q[] = { y->median,	      y->scoring_rate,	 y->ref_scoring_rate,
				    y->scoring_ratio, y->cohen_d,	 y->hedges_g,
				    y->p_welch,	      y->p_mann_whitney, y->ks };

	assert_string_equal(a->evaluator, b->evaluator);
	assert_string_equal(a->position, b->position);
	assert_string_equal(a->group, b->group);
	assert_int_equal(x->n, y->n);
	assert_int_equal(x->ref_n, y->ref_n);
	assert_int_equal(x->rank_exact, y->rank_exact);
	for (size_t i = 0; i < sizeof p / sizeof p[0]; i++) {
		if (!same_number(p[i], q[i]))
			fail_msg("%s %s %s: number %zu: %.17g, %.17g", a->evaluator, a->position, a->group, i,
				 p[i].value, q[i].value);
		*seen += p[i].defined;
	}
}

static void draw_settings(struct eh_audit_settings *s)
{
	static const enum eh_reference_rule rules[] = { EH_REF_REST, EH_REF_HIGHEST, EH_REF_MAJORITY };

	s->reference = rules[draw(3)];
	s->median_known = draw(2) == 0;
	s->min_share = draw(3) == 0 ? 2500 : 0;
	s->seed = 1;
}

static void compare_roads(size_t *seen)
{
	struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data rows, counts;
	struct eh_findings a, b;
	eh_place *places[2] = { NULL, NULL };
	struct eh_err err = EH_ERR_INIT;

	if (eh_desk_gather(desk, &rows, &places[0], &err) != EH_OK ||
	    eh_desk_gather_counts(desk, &counts, &places[1], &err) != EH_OK)
		fail_msg("%s", err.msg);
	assert_non_null(counts.weight);
	assert_null(counts.score);
	assert_int_equal(counts.scored != NULL, rows.score != NULL);
	draw_settings(&s);
	for (s.threads = 1; s.threads <= 2; s.threads++) {
		if (eh_audit_run(&a, &rows, &s, NULL, &err) != EH_OK ||
		    eh_audit_run(&b, &counts, &s, NULL, &err) != EH_OK)
			fail_msg("%s", err.msg);
		assert_int_equal(a.n, b.n);
		for (size_t i = 0; i < a.n; i++)
			assert_same_scores(&a.v[i], &b.v[i], seen);
		eh_findings_free(&a);
		eh_findings_free(&b);
	}
	eh_audit_data_free(&rows);
	eh_audit_data_free(&counts);
	free(places[0]);
	free(places[1]);
}

static void counts_give_the_scores_of_the_rows(void **state)
{
	size_t seen = 0;
	struct drawn p;

	(void)state;
	temp_project_open(&temp);
	for (uint64_t seed = 1; seed <= PROJECTS; seed++) {
		open_project(&p, seed);
		for (int step = 0; step < STEPS; step++) {
			compare_roads(&seen);
			assert_cubes_right();
			change_something(&p);
		}
		eh_desk_close(&desk);
	}
	temp_project_close(&temp);
	assert_true(seen > 10000);
}

/* ---- parts that a policy asks for ---- */

static struct eh_own draw_own(void)
{
	static const char *const stages[] = { "room", "phone", "board", "" };
	struct eh_own o = { .attribute = "sex", .group = "f", .verdict = { .kind = EH_OK_VERDICT } };

	if (draw(2) == 0) {
		o.narrowed |= 1u << EH_CROSSTAB_EVALUATOR;
		(void)snprintf(o.evaluator, sizeof o.evaluator, "E%zu", draw(EVALUATORS));
	}
	if (draw(2) == 0) {
		o.narrowed |= 1u << EH_CROSSTAB_STAGE;
		(void)snprintf(o.stage, sizeof o.stage, "%s", pick(stages, 4));
	}
	if (draw(3) == 0) {
		o.narrowed |= 1u << EH_CROSSTAB_POSITION;
		(void)snprintf(o.position, sizeof o.position, "cook");
	}
	return o;
}

static void a_policys_part_has_the_scores_of_the_rows(void **state)
{
	const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct drawn p;
	size_t seen = 0;

	(void)state;
	temp_project_open(&temp);
	for (uint64_t seed = 1000; seed < 1000 + PROJECTS; seed++) {
		struct eh_audit_data rows, counts;
		eh_place *places[2] = { NULL, NULL };
		struct eh_findings a, b;

		open_project(&p, seed);
		assert_int_equal(eh_desk_gather(desk, &rows, &places[0], NULL), EH_OK);
		assert_int_equal(eh_desk_gather_counts(desk, &counts, &places[1], NULL), EH_OK);
		for (int i = 0; i < 8; i++) {
			const struct eh_own o = draw_own();
			const int rc = eh_own_findings(&a, &o, 1, &rows, &s, NULL);

			assert_int_equal(eh_own_findings(&b, &o, 1, &counts, &s, NULL), rc);
			if (rc != EH_OK)
				continue;
			assert_int_equal(a.v[0].n, b.v[0].n);
			assert_same_scores(&a.v[0], &b.v[0], &seen);
			eh_findings_free(&a);
			eh_findings_free(&b);
		}
		eh_audit_data_free(&rows);
		eh_audit_data_free(&counts);
		free(places[0]);
		free(places[1]);
		eh_desk_close(&desk);
	}
	temp_project_close(&temp);
	assert_true(seen > 1000);
}

/* ---- an audit that stays open ---- */

static void open_temp(void)
{
	chosen_check = always_fine;
	closed_in = NULL;
	load_fails = false;
	temp_project_open(&temp);
	temp_file(&temp, policy_path, "policy.lua", "return {}", 9);
}

static void an_open_audit_counts_scores_in(void **state)
{
	unsigned seen[3] = { 0, 0, 0 };
	struct drawn p;

	(void)state;
	open_temp();
	for (uint64_t seed = 2000; seed < 2000 + PROJECTS; seed++) {
		struct eh_audit_overrides o = EH_AUDIT_OVERRIDES_INIT;
		struct eh_open_audit *a = NULL;
		struct eh_err err = EH_ERR_INIT;
		struct eh_refresh how;

		open_project(&p, seed);
		if (eh_desk_audit_open(&a, desk, policy_path, &o, NULL, &err) != EH_OK)
			fail_msg("%s", err.msg);
		for (int step = 0; step < STEPS; step++) {
			change_something(&p);
			if (eh_desk_audit_refresh(a, NULL, &how, &err) != EH_OK)
				fail_msg("project %llu: %s", (unsigned long long)seed, err.msg);
			seen[how.how]++;
			assert_current(a, &o);
			o.limit_num = 50 + (int32_t)draw(51);
			o.limit_den = 100;
			assert_int_equal(eh_desk_audit_settings(a, &o, NULL, NULL), EH_OK);
			assert_current(a, &o);
		}
		eh_desk_audit_close(&a);
		eh_desk_close(&desk);
	}
	temp_project_close(&temp);
	assert_true(seen[EH_REFRESH_COUNTED] > seen[EH_REFRESH_ANEW]);
}

/* Another score and nothing else: the audit is of it. */
static void another_score_is_a_change(void **state)
{
	static const char head[] = "evaluator_id,candidate_id,position_id,stage,decision,score\n";
	struct eh_open_audit *a = NULL;
	struct eh_refresh how;
	struct drawn p;
	char text[256];

	(void)state;
	open_temp();
	open_project(&p, 7);
	(void)snprintf(text, sizeof text, "%sE0,C000,cook,board,1,3\n", head);
	import(EH_IMPORT_EVALUATIONS, "e.csv", text);
	assert_int_equal(eh_desk_audit_open(&a, desk, policy_path, NULL, NULL, NULL), EH_OK);
	for (int score = 4; score < 8; score++) {
		(void)snprintf(text, sizeof text, "%sE0,C000,cook,board,1,%d\n", head, score);
		import(EH_IMPORT_EVALUATIONS, "e.csv", text);
		assert_int_equal(eh_desk_audit_refresh(a, NULL, &how, NULL), EH_OK);
		assert_int_equal(how.how, EH_REFRESH_COUNTED);
		assert_int_equal(how.evaluators, 1);
		assert_current(a, NULL);
		/* the same once more is none */
		import(EH_IMPORT_EVALUATIONS, "e.csv", text);
		assert_int_equal(eh_desk_audit_refresh(a, NULL, &how, NULL), EH_OK);
		assert_int_equal(how.how, EH_REFRESH_SAME);
	}
	eh_desk_audit_close(&a);
	eh_desk_close(&desk);
	temp_project_close(&temp);
}

/* ---- what an older program left ---- */

/* The mark of the format before: not current, so the rows are read, until the next import counts. */
static void a_project_of_the_program_before_is_counted_anew(void **state)
{
	const struct eh_bytes mark = { (const unsigned char *)"cubes", 5 };
	struct eh_cubes_state found;
	struct eh_audit_data d;
	eh_place *places = NULL;
	struct eh_txn *txn = NULL;
	struct eh_bytes value;
	struct drawn p;
	struct eh_buf b;
	size_t seen = 0;

	(void)state;
	temp_project_open(&temp);
	open_project(&p, 3);
	p.unscored = 0;
	add_people(&p, 20);
	assert_int_equal(eh_txn_begin(&txn, desk->store, true, NULL), EH_OK);
	assert_int_equal(eh_txn_get(txn, EH_T_META, mark, &value, NULL), EH_OK);
	eh_buf_init(&b, 100);
	eh_put_u16(&b, 2);
	eh_buf_add(&b, value.data + 2, value.len - 2);
	assert_int_equal(eh_txn_put(txn, EH_T_META, mark, (struct eh_bytes){ b.data, b.len }, NULL), EH_OK);
	/* cubes of that time cannot be read, and nobody tries */
	assert_int_equal(eh_txn_put(txn, EH_T_CUBES, (struct eh_bytes){ (const unsigned char *)"E0", 2 },
				    (struct eh_bytes){ b.data, b.len }, NULL),
			 EH_OK);
	assert_int_equal(eh_txn_commit(&txn, NULL), EH_OK);
	eh_buf_free(&b);
	assert_int_equal(eh_desk_gather_counts(desk, &d, &places, NULL), EH_OK);
	assert_null(d.weight);
	assert_non_null(d.score);
	eh_audit_data_free(&d);
	free(places);
	add_people(&p, 1);
	assert_int_equal(eh_txn_begin(&txn, desk->store, false, NULL), EH_OK);
	assert_int_equal(eh_cubes_state(txn, &found, NULL), EH_OK);
	eh_txn_abort(&txn);
	assert_true(found.current);
	assert_cubes_right();
	compare_roads(&seen);
	assert_true(seen > 0);
	eh_desk_close(&desk);
	temp_project_close(&temp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_give_the_scores_of_the_rows),
		cmocka_unit_test(a_policys_part_has_the_scores_of_the_rows),
		cmocka_unit_test(an_open_audit_counts_scores_in),
		cmocka_unit_test(another_score_is_a_change),
		cmocka_unit_test(a_project_of_the_program_before_is_counted_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
