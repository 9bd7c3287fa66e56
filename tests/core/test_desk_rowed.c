/* desk/: an audit kept open over panels, candidates judged by several evaluators, takes in what changed and is at any
 * time the audit that would be made anew, byte for byte. */
#include "desk_current.h"
#include "open_audit.h"

#include "base/rng.h"
#include "desk/inside.h"

#define EVALUATORS 6u
#define BEGIN 150u /* candidates */

static struct eh_rng rng;
static unsigned next_candidate;

static size_t draw(size_t n) { return (size_t)eh_rng_below(&rng, n); }

static int notify_below(const struct eh_finding *f, struct eh_verdict *v)
{
	v->kind = f->below_limit == EH_YES ? EH_NOTIFY : EH_OK_VERDICT;
	(void)snprintf(v->reason, sizeof v->reason, "at %d/%d", f->limit_num, f->limit_den);
	return EH_OK;
}

static const char *const classes[] = { "f,a", "f,b", "m,a", "m,b" };
static const char *const jobs[] = { "cook", "clerk" };

/* What the tables have beside decisions. */
static bool with_scores, with_times, with_questions;

static void begin_rows(struct eh_buf *e)
{
	eh_buf_init(e, 1u << 20);
	eh_buf_printf(e, "evaluator_id,candidate_id,decision%s%s%s\n", with_questions ? ",question_id" : "",
		      with_scores ? ",score" : "", with_times ? ",decided_at" : "");
}

static void one_row(struct eh_buf *e, size_t evaluator, unsigned c, size_t question)
{
	eh_buf_printf(e, "E%zu,C%05u,%s", evaluator, c, draw(15) == 0 ? "hold" : draw(5) < 2 + c % 2 ? "1" : "0");
	if (with_questions)
		eh_buf_printf(e, ",q%zu", question);
	if (with_scores && draw(5) > 0)
		eh_buf_printf(e, ",%zu", draw(9));
	else if (with_scores)
		eh_buf_printf(e, ",");
	if (with_times)
		eh_buf_printf(e, ",2026-%02zu-10T10:00:00Z", 1 + draw(9));
	eh_buf_printf(e, "\n");
}

/* By two to four evaluators, on one to three questions each. */
static void judge(struct eh_buf *e, unsigned c)
{
	const size_t first = draw(EVALUATORS), n = 2 + draw(3);

	for (size_t k = 0; k < n; k++)
		for (size_t q = 0; q < (with_questions ? 1 + draw(3) : 1); q++)
			one_row(e, (first + k) % EVALUATORS, c, q);
}

static void take_rows(struct eh_buf *e)
{
	import(EH_IMPORT_EVALUATIONS, "e.csv", eh_buf_cstr(e));
	eh_buf_free(e);
}

static void add_people(unsigned n, bool classes_of_the_first)
{
	struct eh_buf c, e;

	eh_buf_init(&c, 1u << 20);
	begin_rows(&e);
	eh_buf_printf(&c, "candidate_id,jurisdiction,position_id,declared.sex,declared.race\n");
	for (unsigned i = 0; i < n; i++, next_candidate += 7) {
		/* not in the order of their names, so that newcomers are in the middle too */
		const unsigned name = next_candidate % 10007;

		eh_buf_printf(&c, "C%05u,US-IL,%s,%s\n", name, jobs[draw(2)], classes_of_the_first ? "f,a"
											       : classes[draw(4)]);
		judge(&e, name);
	}
	import(EH_IMPORT_CANDIDATES, "c.csv", eh_buf_cstr(&c));
	eh_buf_free(&c);
	take_rows(&e);
}

static void start(bool scores, bool times, bool questions)
{
	char dir[100];

	with_scores = scores;
	with_times = times;
	with_questions = questions;
	chosen_check = notify_below;
	closed_in = NULL;
	load_fails = false;
	next_candidate = 9000;
	eh_rng_seed(&rng, 5);
	temp_project_open(&temp);
	(void)snprintf(dir, sizeof dir, "%s/desk", temp.dir);
	assert_int_equal(eh_desk_init(dir, NULL), EH_OK);
	assert_int_equal(eh_desk_open(&desk, dir, &engine, NULL), EH_OK);
	temp_file(&temp, policy_path, "policy.lua", "return {}", 9);
	import(EH_IMPORT_EVALUATORS, "ev.csv", "evaluator_id\nE0\nE1\nE2\nE3\nE4\nE5\nE6\n");
	add_people(BEGIN, false);
}

static void stop(void)
{
	eh_desk_close(&desk);
	temp_project_close(&temp);
}

/* Somebody's decision, there or not. */
static void change_some(void)
{
	struct eh_buf e;

	begin_rows(&e);
	for (size_t i = 1 + draw(3); i > 0; i--)
		one_row(&e, draw(EVALUATORS), (9000 + 7 * (unsigned)draw(BEGIN)) % 10007,
			with_questions ? draw(3) : 0);
	take_rows(&e);
}

static void change_class(void)
{
	char text[160];

	(void)snprintf(text, sizeof text,
		       "candidate_id,jurisdiction,position_id,declared.sex,declared.race\nC%05u,US-IL,%s,%s\n",
		       (9000 + 7 * (unsigned)draw(BEGIN)) % 10007, jobs[draw(2)], classes[draw(4)]);
	import(EH_IMPORT_CANDIDATES, "c.csv", text);
}

static void follow(bool scores, bool times, bool questions)
{
	unsigned seen[3] = { 0, 0, 0 };
	struct eh_open_audit *a = NULL;
	struct eh_refresh how;

	start(scores, times, questions);
	a = open_now(NULL);
	assert_current(a, NULL);
	for (int step = 0; step < 40; step++) {
		switch (draw(8)) {
		case 0:
			change_class();
			break;
		case 1:
		case 2:
			add_people(1 + (unsigned)draw(2), false);
			break;
		case 3:
			break;
		default:
			change_some();
			break;
		}
		seen[refresh(a, &how)]++;
		assert_true((how.how == EH_REFRESH_ANEW) == (how.why[0] != '\0'));
		if (how.how == EH_REFRESH_ANEW && strstr(how.why, "another position") == NULL &&
		    strstr(how.why, "nobody is left") == NULL)
			fail_msg("%s", how.why);
		assert_current(a, NULL);
	}
	assert_true(seen[EH_REFRESH_COUNTED] > 20);
	assert_true(seen[EH_REFRESH_SAME] > 0);
	assert_int_equal(refresh(a, &how), EH_REFRESH_SAME);
	eh_desk_audit_close(&a);
	stop();
}

static void panels_are_followed(void **state)
{
	(void)state;
	follow(false, false, false);
	follow(false, true, true);
	follow(true, true, false);
	follow(true, false, true);
}

static void settings_and_pairs_hold_over_it(void **state)
{
	static const char *const pairs[] = { "sex,race" };
	struct eh_audit_overrides o = EH_AUDIT_OVERRIDES_INIT;
	struct eh_open_audit *a = NULL;
	struct eh_refresh how;

	(void)state;
	start(false, false, true);
	o.pairs = pairs;
	o.n_pairs = 1;
	a = open_now(&o);
	add_people(2, false);
	assert_int_equal(refresh(a, &how), EH_REFRESH_COUNTED);
	assert_current(a, &o);
	o.limit_num = 9;
	o.limit_den = 10;
	assert_int_equal(eh_desk_audit_settings(a, &o, &how, NULL), EH_OK);
	assert_current(a, &o);
	change_some();
	(void)refresh(a, &how);
	assert_current(a, &o);
	eh_desk_audit_close(&a);
	stop();
}

/* Both of the same classes: what E0 decided about either is counted alike before and after, what the others did about
 * the one is beside something else. */
static void two_who_exchange_their_decisions_are_a_change(void **state)
{
	struct eh_open_audit *a = NULL;
	struct eh_refresh how;

	(void)state;
	start(false, false, false);
	import(EH_IMPORT_CANDIDATES, "c.csv",
	       "candidate_id,jurisdiction,position_id,declared.sex,declared.race\n"
	       "X1,US-IL,cook,f,a\nX2,US-IL,cook,f,a\n");
	import(EH_IMPORT_EVALUATIONS, "e.csv",
	       "evaluator_id,candidate_id,decision\nE0,X1,1\nE0,X2,0\nE1,X1,1\nE1,X2,0\n");
	a = open_now(NULL);
	import(EH_IMPORT_EVALUATIONS, "e.csv", "evaluator_id,candidate_id,decision\nE0,X1,0\nE0,X2,1\n");
	assert_int_equal(refresh(a, &how), EH_REFRESH_COUNTED);
	assert_int_equal(how.evaluators, 1);
	assert_current(a, NULL);
	/* and another look */
	assert_int_equal(eh_desk_audit_store(a, NULL), EH_OK);
	assert_int_equal(eh_desk_audit_result(a)->head.look, 1);
	import(EH_IMPORT_EVALUATIONS, "e.csv", "evaluator_id,candidate_id,decision\nE0,X1,1\nE0,X2,0\n");
	(void)refresh(a, &how);
	assert_int_equal(eh_desk_audit_result(a)->head.look, 2);
	assert_current(a, NULL);
	eh_desk_audit_close(&a);
	stop();
}

static void what_the_data_cannot_take_in_is_said(void **state)
{
	static const struct {
		const char *candidate, *evaluation, *why;
	} cases[] = {
		{ "Y1,US-IL,cook,f,c", "E1,Y1,1\nE2,Y1,0\n", "with classes that nobody had before" },
		{ "Y2,US-IL,baker,f,a", "E1,Y2,1\n", "of a position, a place or with classes that nobody had before" },
		{ "Y3,DE,cook,f,a", "E1,Y3,1\n", "of a position, a place or with classes that nobody had before" },
		{ "Y4,US-IL,cook,f,a", "E6,Y4,1\n", "other evaluators than before" },
		{ "Y3,US-IL,cook,f,a", "E1,Y3,1\n", "another position, place or class" },
		{ "Y1,US-IL,cook,f,c", "E1,Y1,hold\nE2,Y1,hold\n", "nobody is left who decided on a candidate" },
	};
	struct eh_open_audit *a = NULL;
	struct eh_refresh how;
	char text[256];

	(void)state;
	start(false, false, false);
	a = open_now(NULL);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)snprintf(text, sizeof text,
			       "candidate_id,jurisdiction,position_id,declared.sex,declared.race\n%s\n",
			       cases[i].candidate);
		import(EH_IMPORT_CANDIDATES, "c.csv", text);
		(void)snprintf(text, sizeof text, "evaluator_id,candidate_id,decision\n%s", cases[i].evaluation);
		import(EH_IMPORT_EVALUATIONS, "e.csv", text);
		assert_int_equal(refresh(a, &how), EH_REFRESH_ANEW);
		if (strstr(how.why, cases[i].why) == NULL)
			fail_msg("%zu: %s", i, how.why);
		assert_current(a, NULL);
	}
	eh_desk_audit_close(&a);
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(panels_are_followed),
		cmocka_unit_test(settings_and_pairs_hold_over_it),
		cmocka_unit_test(two_who_exchange_their_decisions_are_a_change),
		cmocka_unit_test(what_the_data_cannot_take_in_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
