/*
 * The stored count cubes: after any sequence of imports, corrections, changed classes, withdrawals and kills they are
 * what a recount finds; and an audit from them is the audit from the evaluations.
 */
#include "tests/core/temp_project.h"

#include <math.h>
#include <signal.h>
#include <sys/wait.h>

#include "audit/cubes.h"
#include "base/rng.h"
#include "desk/inside.h"
#include "exchange/exchange.h"
#include "store/codec.h"

#define EVALUATORS 7
#define CANDIDATES 60

static struct temp_project project;
static struct eh_rng rng;

static int setup(void **state)
{
	(void)state;
	temp_project_open(&project);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	temp_project_close(&project);
	return 0;
}

static size_t draw(size_t n) { return (size_t)eh_rng_below(&rng, n); }

static const char *one_of(const char *const *v, size_t n) { return v[draw(n)]; }

/* ---- tables ---- */

static void import(enum eh_import_kind kind, const char *text, bool commit)
{
	struct eh_import_report *r = calloc(1, sizeof *r);
	struct eh_err err = EH_ERR_INIT;
	struct eh_txn *txn = NULL;
	char path[128];

	temp_file(&project, path, "in.csv", text, strlen(text));
	txn = temp_txn(&project);
	if (eh_import_csv(txn, kind, path, r, &err) != EH_OK)
		fail_msg("%s", err.msg);
	if (commit && eh_txn_commit(&txn, &err) != EH_OK)
		fail_msg("%s", err.msg);
	eh_txn_abort(&txn);
	free(r);
}

static void add_candidate(struct eh_buf *b, size_t c)
{
	static const char *const sexes[] = { "f", "m", "m", "" }, *const races[] = { "x", "y", "z", "" };
	static const char *const places[] = { "DE", "US-IL" }, *const positions[] = { "", "cook", "clerk" };

	eh_buf_printf(b, "C%02zu,%s,%s,%s,%s,%s\n", c, one_of(places, 2), one_of(positions, 3), one_of(sexes, 4),
		      one_of(races, 4), one_of(races, 4));
}

static const char candidate_header[] =
	"candidate_id,jurisdiction,position_id,declared.sex,declared.race,imported.race\n";

static void begin_project(void)
{
	struct eh_buf b;

	eh_buf_init(&b, 1 << 20);
	eh_buf_printf(&b, "evaluator_id\n");
	for (size_t e = 0; e < EVALUATORS; e++)
		eh_buf_printf(&b, "E%zu\n", e);
	import(EH_IMPORT_EVALUATORS, eh_buf_cstr(&b), true);
	eh_buf_reset(&b);
	eh_buf_printf(&b, "%s", candidate_header);
	for (size_t c = 0; c < CANDIDATES; c++)
		add_candidate(&b, c);
	import(EH_IMPORT_CANDIDATES, eh_buf_cstr(&b), true);
	eh_buf_free(&b);
}

/* Rows with different keys; shared: a candidate may be judged by anybody, else by one evaluator. */
static char *random_evaluations(bool shared, bool scores)
{
	static const char *const decisions[] = { "advance", "reject", "1", "0", "hold" };
	static const char *const stages[] = { "", "phone", "room" }, *const positions[] = { "", "", "cook" };
	static const char *const scored[] = { "", "3", "4.5" };
	struct eh_buf b;
	char *out = NULL;
	size_t at = draw(CANDIDATES), n = 1 + draw(40);

	eh_buf_init(&b, 1 << 20);
	eh_buf_printf(&b, "evaluator_id,candidate_id,position_id,stage,question_id,decision%s\n",
		      scores ? ",score" : "");
	for (size_t i = 0; i < n; i++) {
		size_t c = (at + i) % CANDIDATES;

		eh_buf_printf(&b, "E%zu,C%02zu,%s,%s,%s,%s%s%s\n", shared ? draw(EVALUATORS) : c % EVALUATORS, c,
			      one_of(positions, 3), one_of(stages, 3), draw(3) == 0 ? "q" : "", one_of(decisions, 5),
			      scores ? "," : "", scores ? one_of(scored, 3) : "");
	}
	out = strdup(eh_buf_cstr(&b));
	eh_buf_free(&b);
	return out;
}

static char *random_candidates(void)
{
	struct eh_buf b;
	char *out = NULL;
	size_t at = draw(CANDIDATES), n = 1 + draw(5);

	eh_buf_init(&b, 1 << 20);
	eh_buf_printf(&b, "%s", candidate_header);
	for (size_t i = 0; i < n; i++)
		add_candidate(&b, (at + i) % CANDIDATES);
	out = strdup(eh_buf_cstr(&b));
	eh_buf_free(&b);
	return out;
}

static void random_step(bool commit)
{
	char text[128], *table = NULL;

	switch (draw(4)) {
	case 0:
		table = random_candidates();
		import(EH_IMPORT_CANDIDATES, table, commit);
		break;
	case 1:
		(void)snprintf(text, sizeof text, "candidate_id,purpose,granted,at\nC%02zu,train,%s,2026-01-0%zu\n",
			       draw(CANDIDATES), draw(2) == 0 ? "yes" : "no", 1 + draw(9));
		import(EH_IMPORT_CONSENTS, text, commit);
		break;
	default:
		table = random_evaluations(draw(3) == 0, draw(2) == 0);
		import(EH_IMPORT_EVALUATIONS, table, commit);
		break;
	}
	free(table);
}

/* ---- checks ---- */

static uint64_t count_shared(struct eh_txn *txn);

static uint64_t wrong_cubes(void)
{
	struct eh_txn *txn = temp_txn(&project);
	struct eh_cubes_state state;
	struct eh_err err = EH_ERR_INIT;
	uint64_t wrong = 0;

	if (eh_cubes_state(txn, &state, &err) != EH_OK || eh_cubes_check(txn, &wrong, &err) != EH_OK)
		fail_msg("%s", err.msg);
	assert_true(state.current);
	assert_int_equal(state.shared, count_shared(txn));
	eh_txn_abort(&txn);
	return wrong;
}

/* Candidates with decisions of two evaluators or more, from the evaluations alone. */
struct sharing {
	char first[CANDIDATES][8];
	bool shared[CANDIDATES];
};

static int look(void *ctx, const struct eh_evaluation *e, struct eh_err *err)
{
	struct sharing *s = ctx;
	size_t c = (size_t)atoi(e->candidate + 1);

	(void)err;
	s->shared[c] = s->shared[c] || (s->first[c][0] != '\0' && strcmp(s->first[c], e->evaluator) != 0);
	(void)snprintf(s->first[c], sizeof s->first[c], "%.7s", e->evaluator);
	return EH_OK;
}

static uint64_t count_shared(struct eh_txn *txn)
{
	struct sharing s = { .shared = { false } };
	uint64_t n = 0;

	assert_int_equal(eh_evaluations_each(txn, look, &s, NULL), EH_OK);
	for (size_t c = 0; c < CANDIDATES; c++)
		n += s.shared[c];
	return n;
}

static void test_random_sequences(void **state)
{
	(void)state;
	eh_rng_seed(&rng, 5);
	begin_project();
	for (int i = 0; i < 300; i++) {
		random_step(draw(5) != 0);
		if (wrong_cubes() != 0)
			fail_msg("after step %d", i);
	}
}

/* A process that imports is killed at any moment: what is committed has its cubes. */
static void test_killed(void **state)
{
	(void)state;
	eh_rng_seed(&rng, 6);
	begin_project();
	for (int i = 0; i < 12; i++) {
		pid_t child = 0;
		int status = 0;

		eh_store_suspend(project.store);
		child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			eh_rng_seed(&rng, 100 + (uint64_t)i);
			for (;;)
				random_step(true);
		}
		(void)usleep((useconds_t)(2000 + draw(30000)));
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(eh_store_resume(project.store, NULL), EH_OK);
		assert_int_equal(wrong_cubes(), 0);
	}
}

/* A mark that does not fit is noticed, and the next import counts anew; a wrong cube is found. */
static void test_stale(void **state)
{
	struct eh_bytes key = { (const unsigned char *)"E0", 2 };
	struct eh_cubes_state found;
	struct eh_txn *txn = NULL;
	uint64_t wrong = 0;

	(void)state;
	eh_rng_seed(&rng, 7);
	begin_project();
	import(EH_IMPORT_EVALUATIONS, "evaluator_id,candidate_id,decision\nE0,C00,1\nE0,C01,0\nE1,C02,1\n", true);
	txn = temp_txn(&project);
	assert_int_equal(eh_txn_del(txn, EH_T_CUBES, key, NULL), EH_OK);
	assert_int_equal(eh_cubes_check(txn, &wrong, NULL), EH_OK);
	assert_int_equal(wrong, 1);
	/* an evaluation put past the cubes, as an older program would */
	assert_int_equal(
		eh_evaluation_put(txn, &(struct eh_evaluation){ .evaluator = "E2", .candidate = "C05" }, NULL, NULL),
		EH_OK);
	assert_int_equal(eh_cubes_state(txn, &found, NULL), EH_OK);
	assert_false(found.current);
	assert_int_equal(eh_txn_commit(&txn, NULL), EH_OK);
	import(EH_IMPORT_EVALUATIONS, "evaluator_id,candidate_id,decision\nE1,C02,0\n", true);
	assert_int_equal(wrong_cubes(), 0);
}

/* What an older program stored: read, told to be the same, and counted by the first import. */
static void test_old_records(void **state)
{
	static const unsigned char key[] = "E2\0C05\0\0\0";
	struct eh_import_report *r = calloc(1, sizeof *r);
	struct eh_err err = EH_ERR_INIT;
	struct eh_txn *txn = NULL;
	struct eh_buf b;
	char path[128];
	const char *text = "evaluator_id,candidate_id,decision,score\nE2,C05,advance,2.5\n";

	(void)state;
	eh_rng_seed(&rng, 11);
	begin_project();
	eh_buf_init(&b, 100);
	eh_put_u16(&b, 1);
	eh_put_u8(&b, EH_ADVANCE);
	eh_put_u8(&b, 1);
	eh_put_f64(&b, 2.5);
	eh_put_u8(&b, 0);
	eh_put_i64(&b, 0);
	txn = temp_txn(&project);
	assert_int_equal(eh_txn_put(txn, EH_T_EVALUATIONS, (struct eh_bytes){ key, sizeof key - 1 },
				    (struct eh_bytes){ b.data, b.len }, NULL),
			 EH_OK);
	temp_file(&project, path, "in.csv", text, strlen(text));
	if (eh_import_csv(txn, EH_IMPORT_EVALUATIONS, path, r, &err) != EH_OK)
		fail_msg("%s", err.msg);
	assert_int_equal(r->same, 1);
	assert_int_equal(r->fresh + r->changed, 0);
	assert_int_equal(eh_txn_commit(&txn, NULL), EH_OK);
	assert_int_equal(wrong_cubes(), 0);
	eh_buf_free(&b);
	free(r);
}

/* More changed candidates than are moved one by one. */
static void test_many_moves(void **state)
{
	struct eh_buf b;

	(void)state;
	eh_rng_seed(&rng, 8);
	begin_project();
	eh_buf_init(&b, 1 << 22);
	for (int round = 0; round < 2; round++) {
		eh_buf_reset(&b);
		eh_buf_printf(&b, "candidate_id,jurisdiction,declared.sex\n");
		for (int i = 0; i < 1500; i++)
			eh_buf_printf(&b, "D%04d,DE,%s\n", i, (i + round) % 2 == 0 ? "f" : "m");
		import(EH_IMPORT_CANDIDATES, eh_buf_cstr(&b), true);
		eh_buf_reset(&b);
		eh_buf_printf(&b, "evaluator_id,candidate_id,decision\n");
		for (int i = 0; i < 1500; i++)
			eh_buf_printf(&b, "E%d,D%04d,%d\n", i % EVALUATORS, i, i % 3 == 0);
		import(EH_IMPORT_EVALUATIONS, eh_buf_cstr(&b), true);
		{
			struct eh_txn *txn = temp_txn(&project);
			uint64_t wrong = 1;

			assert_int_equal(eh_cubes_check(txn, &wrong, NULL), EH_OK);
			assert_int_equal(wrong, 0);
			eh_txn_abort(&txn);
		}
	}
	eh_buf_free(&b);
}

/* ---- an audit ---- */

static void assert_near(struct eh_num a, struct eh_num b)
{
	assert_int_equal(a.defined, b.defined);
	if (a.defined && fabs(a.value - b.value) > 1e-9 * fmax(1.0, fabs(b.value)))
		fail_msg("%.17g is not %.17g", a.value, b.value);
}

static void compare_audits(bool scores)
{
	struct eh_desk desk = { .store = project.store };
	static const struct eh_audit_settings s = EH_AUDIT_SETTINGS_INIT;
	struct eh_audit_data rows, counts;
	struct eh_findings a, b;
	eh_place *p = NULL, *q = NULL;
	struct eh_err err = EH_ERR_INIT;

	if (eh_desk_gather(&desk, &rows, &p, &err) != EH_OK ||
	    eh_desk_gather_counts(&desk, &counts, &q, &err) != EH_OK ||
	    eh_audit_run(&a, &rows, &s, NULL, &err) != EH_OK || eh_audit_run(&b, &counts, &s, NULL, &err) != EH_OK)
		fail_msg("%s", err.msg);
	assert_null(counts.candidates.v);
	assert_non_null(counts.weight);
	assert_int_equal(counts.scored != NULL, scores);
	assert_int_equal(eh_audit_data_total(&counts), rows.n_decisions);
	assert_int_equal(counts.holds, rows.holds);
	assert_int_equal(a.n, b.n);
	for (size_t i = 0; i < a.n; i++) {
		const struct eh_finding *x = &a.v[i], *y = &b.v[i];

		assert_string_equal(x->evaluator, y->evaluator);
		assert_string_equal(x->attribute, y->attribute);
		assert_string_equal(x->group, y->group);
		assert_string_equal(x->position, y->position);
		assert_int_equal(x->n, y->n);
		assert_int_equal(x->selected, y->selected);
		assert_int_equal(x->persons, y->persons);
		assert_int_equal(x->ref_persons, y->ref_persons);
		assert_int_equal(x->declared, y->declared);
		assert_int_equal(x->imported, y->imported);
		assert_int_equal(x->unknown, y->unknown);
		assert_int_equal(x->strata, y->strata);
		assert_int_equal(x->bench_n, y->bench_n);
		assert_int_equal(x->bench_evaluators, y->bench_evaluators);
		assert_int_equal(x->below_limit, y->below_limit);
		assert_int_equal(x->builtin, y->builtin);
		assert_string_equal(x->p_method, y->p_method);
		assert_near(y->ratio, x->ratio);
		assert_near(y->p, x->p);
		assert_near(y->q, x->q);
		assert_near(y->ratio_interval.low, x->ratio_interval.low);
		assert_near(y->mh_ratio, x->mh_ratio);
		assert_near(y->peers_p, x->peers_p);
		assert_near(y->bench_ratio, x->bench_ratio);
		assert_near(y->ratio_if_unknown_low, x->ratio_if_unknown_low);
		assert_int_equal(x->scores.n, y->scores.n);
		assert_near(y->scores.median, x->scores.median);
		assert_near(y->scores.p_mann_whitney, x->scores.p_mann_whitney);
	}
	eh_findings_free(&a);
	eh_findings_free(&b);
	eh_audit_data_free(&rows);
	eh_audit_data_free(&counts);
	free(p);
	free(q);
}

/* Every row with its own stratum per person, so that nobody is judged twice in one. */
static void evaluate_all(bool scores)
{
	static const char *const stages[] = { "phone", "room", "board" };
	struct eh_buf b;

	eh_buf_init(&b, 1 << 20);
	eh_buf_printf(&b, "evaluator_id,candidate_id,stage,decision%s\n", scores ? ",score" : "");
	for (size_t c = 0; c < CANDIDATES; c++)
		for (size_t k = 0; k < 1 + c % 3; k++) {
			eh_buf_printf(&b, "E%zu,C%02zu,%s,%s", c % 3, c, stages[k],
				      draw(9) == 0   ? "hold"
				      : draw(2) == 0 ? "1"
						     : "0");
			eh_buf_printf(&b, scores ? ",%zu\n" : "\n", 1 + draw(5));
		}
	import(EH_IMPORT_EVALUATIONS, eh_buf_cstr(&b), true);
	eh_buf_free(&b);
}

static void test_audit(void **state)
{
	(void)state;
	eh_rng_seed(&rng, 9);
	begin_project();
	for (int i = 0; i < 20; i++) {
		evaluate_all(false);
		random_step(false);
		compare_audits(false);
	}
	evaluate_all(true);
	compare_audits(true);
}

/* With a shared candidate the counts of evaluators are not enough: the evaluations are read. */
static void test_shared_reads_rows(void **state)
{
	struct eh_desk desk = { .store = project.store };
	struct eh_audit_data d;
	eh_place *places = NULL;

	(void)state;
	eh_rng_seed(&rng, 10);
	begin_project();
	evaluate_all(false);
	import(EH_IMPORT_EVALUATIONS, "evaluator_id,candidate_id,decision\nE6,C00,1\n", true);
	assert_int_equal(eh_desk_gather_counts(&desk, &d, &places, NULL), EH_OK);
	assert_non_null(d.candidates.v);
	assert_null(d.weight);
	eh_audit_data_free(&d);
	free(places);
}

static void assert_same_data(const struct eh_audit_data *a, const struct eh_audit_data *b)
{
	assert_int_equal(a->candidates.n, b->candidates.n);
	assert_int_equal(a->evaluators.n, b->evaluators.n);
	assert_int_equal(a->n_decisions, b->n_decisions);
	assert_int_equal(a->n_attributes, b->n_attributes);
	assert_int_equal(a->holds, b->holds);
	for (size_t i = 0; i < a->candidates.n; i++) {
		assert_string_equal(a->candidates.v[i], b->candidates.v[i]);
		assert_string_equal(a->positions.v[a->position[i]], b->positions.v[b->position[i]]);
	}
	assert_memory_equal(a->evaluator_at, b->evaluator_at, (a->evaluators.n + 1) * sizeof *a->evaluator_at);
	assert_memory_equal(a->candidate, b->candidate, a->n_decisions * sizeof *a->candidate);
	assert_memory_equal(a->selected, b->selected, a->n_decisions);
	for (size_t i = 0; i < a->n_decisions; i++)
		assert_string_equal(a->strata.v[a->stratum[i]], b->strata.v[b->stratum[i]]);
	for (size_t k = 0; k < a->n_attributes; k++) {
		const struct eh_attribute_data *x = &a->attributes[k], *y = &b->attributes[k];

		assert_string_equal(x->name, y->name);
		assert_int_equal(x->n_groups, y->n_groups);
		assert_memory_equal(x->groups, y->groups, x->n_groups * sizeof x->groups[0]);
		assert_memory_equal(x->group, y->group, a->candidates.n * sizeof *x->group);
		assert_memory_equal(x->provenance, y->provenance, a->candidates.n);
	}
}

/* The evaluations are the same whether the judges number the candidates or their names do. */
static void test_judges_give_the_rows(void **state)
{
	struct eh_desk desk = { .store = project.store };
	struct eh_bytes mark = { (const unsigned char *)"cubes", 5 };

	(void)state;
	eh_rng_seed(&rng, 12);
	begin_project();
	/* whom nobody decided about is in no audit, and neither is what is only known of him */
	import(EH_IMPORT_CANDIDATES,
	       "candidate_id,jurisdiction,position_id,declared.sex\nC999,DE,pilot,other\n", true);
	import(EH_IMPORT_EVALUATIONS, "evaluator_id,candidate_id,decision\nE6,C999,hold\n", true);
	for (int i = 0; i < 20; i++) {
		struct eh_audit_data by_judges, by_names;
		eh_place *p = NULL, *q = NULL;
		struct eh_err err = EH_ERR_INIT;
		struct eh_txn *txn = NULL;

		char text[128], *people = random_candidates();

		evaluate_all(false);
		import(EH_IMPORT_CANDIDATES, people, true);
		(void)snprintf(text, sizeof text, "evaluator_id,candidate_id,decision\nE%zu,C%02zu,%s\n",
			       3 + draw(4), draw(CANDIDATES), draw(3) == 0 ? "hold" : "1");
		import(EH_IMPORT_EVALUATIONS, text, true);
		free(people);
		if (eh_desk_gather(&desk, &by_judges, &p, &err) != EH_OK)
			fail_msg("%s", err.msg);
		txn = temp_txn(&project);
		assert_int_equal(eh_txn_del(txn, EH_T_META, mark, NULL), EH_OK);
		assert_int_equal(eh_txn_commit(&txn, NULL), EH_OK);
		if (eh_desk_gather(&desk, &by_names, &q, &err) != EH_OK)
			fail_msg("%s", err.msg);
		assert_same_data(&by_judges, &by_names);
		assert_memory_equal(p, q, by_names.candidates.n * sizeof *p);
		assert_int_equal(eh_names_find(&by_judges.candidates, "C999"), UINT32_MAX);
		assert_int_equal(eh_names_find(&by_judges.positions, "pilot"), UINT32_MAX);
		eh_audit_data_free(&by_judges);
		eh_audit_data_free(&by_names);
		free(p);
		free(q);
	}
}

/* A list of judges that does not fit is said, with the mend. */
static void test_judges_out_of_step(void **state)
{
	struct eh_desk desk = { .store = project.store };
	struct eh_audit_data d;
	eh_place *places = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_txn *txn = NULL;
	struct eh_key pair = eh_key_of("C01");

	(void)state;
	eh_rng_seed(&rng, 13);
	begin_project();
	evaluate_all(false);
	eh_key_str(&pair, "E1");
	txn = temp_txn(&project);
	assert_int_equal(eh_txn_del(txn, EH_T_JUDGES, eh_key_bytes(&pair), NULL), EH_OK);
	assert_int_equal(eh_txn_commit(&txn, NULL), EH_OK);
	assert_int_equal(eh_desk_gather(&desk, &d, &places, &err), EH_EFORMAT);
	assert_non_null(strstr(err.msg, "evaluator 'E1' and candidate 'C01'; run: evenhand doctor"));
	assert_null(places);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_random_sequences, setup, teardown),
		cmocka_unit_test_setup_teardown(test_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stale, setup, teardown),
		cmocka_unit_test_setup_teardown(test_old_records, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_moves, setup, teardown),
		cmocka_unit_test_setup_teardown(test_audit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shared_reads_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_judges_give_the_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_judges_out_of_step, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
