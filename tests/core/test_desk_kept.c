/* desk/: an audit that stays open is at any time the audit that would be made anew, byte for byte; and what if. */
#include "desk_current.h"
#include "open_audit.h"

#include "base/rng.h"
#include "desk/inside.h"

#define EVALUATORS 5u
#define EACH 40u /* candidates of an evaluator at the beginning */

static struct eh_rng rng;
static unsigned next_candidate;

static size_t draw(size_t n) { return (size_t)eh_rng_below(&rng, n); }

/* ---- a project whose counts tell everything ---- */

static int notify_below(const struct eh_finding *f, struct eh_verdict *v)
{
	bool hit = f->below_limit == EH_YES && f->builtin != EH_TOO_FEW;

	v->kind = hit ? EH_NOTIFY : f->builtin == EH_TOO_FEW ? EH_TOO_FEW : EH_OK_VERDICT;
	v->scope = hit && f->evaluator[0] != '\0' ? EH_SCOPE_INDIVIDUAL : EH_SCOPE_NONE;
	(void)snprintf(v->reason, sizeof v->reason, "at %d/%d", f->limit_num, f->limit_den);
	return EH_OK;
}

static const char *const classes[] = { "f,a", "f,b", "m,a", "m,b" };

/* Candidates of one evaluator each, of the same four kinds of classes everywhere. */
static void add_people(unsigned each)
{
	struct eh_buf c, e;

	eh_buf_init(&c, 1u << 20);
	eh_buf_init(&e, 1u << 20);
	eh_buf_printf(&c, "candidate_id,jurisdiction,declared.sex,declared.race\n");
	eh_buf_printf(&e, "evaluator_id,candidate_id,decision\n");
	for (unsigned i = 0; i < each * EVALUATORS; i++, next_candidate++) {
		const size_t class = draw(4), k = i % EVALUATORS;
		const bool harsh = k == 0 && class < 2;

		eh_buf_printf(&c, "C%05u,US-IL,%s\n", next_candidate, classes[class]);
		eh_buf_printf(&e, "E%zu,C%05u,%s\n", k, next_candidate,
			      draw(30) == 0		   ? "hold"
			      : draw(10) < (harsh ? 3 : 6) ? "1"
							   : "0");
	}
	import(EH_IMPORT_CANDIDATES, "c.csv", eh_buf_cstr(&c));
	import(EH_IMPORT_EVALUATIONS, "e.csv", eh_buf_cstr(&e));
	eh_buf_free(&c);
	eh_buf_free(&e);
}

static int setup_counts(void **state)
{
	char dir[100];

	(void)state;
	chosen_check = notify_below;
	closed_in = NULL;
	load_fails = false;
	next_candidate = 0;
	eh_rng_seed(&rng, 11);
	temp_project_open(&temp);
	(void)snprintf(dir, sizeof dir, "%s/desk", temp.dir);
	assert_int_equal(eh_desk_init(dir, NULL), EH_OK);
	assert_int_equal(eh_desk_open(&desk, dir, &engine, NULL), EH_OK);
	temp_file(&temp, policy_path, "policy.lua", "return {}", 9);
	import(EH_IMPORT_EVALUATORS, "ev.csv", "evaluator_id\nE0\nE1\nE2\nE3\nE4\nE5\n");
	add_people(EACH);
	return 0;
}

static void evaluate(const char *rows)
{
	char text[256];

	(void)snprintf(text, sizeof text, "evaluator_id,candidate_id,decision\n%s", rows);
	import(EH_IMPORT_EVALUATIONS, "one.csv", text);
}

/* ---- what is proven ---- */

/* Persons of one to three decisions each, in strata of a position and a stage. */
static void judge_in_stages(size_t first, size_t n)
{
	static const char *const stages[] = { "phone", "room", "board" };
	struct eh_buf c, e;

	eh_buf_init(&c, 1u << 20);
	eh_buf_init(&e, 1u << 20);
	eh_buf_printf(&c, "candidate_id,jurisdiction,position_id,declared.sex\n");
	eh_buf_printf(&e, "evaluator_id,candidate_id,stage,decision\n");
	for (size_t i = first; i < first + n; i++) {
		eh_buf_printf(&c, "P%03zu,US-IL,%s,%s\n", i, draw(2) == 0 ? "cook" : "clerk",
			      draw(2) == 0 ? "f" : "m");
		for (size_t k = 0; k < 1 + i % 3; k++)
			eh_buf_printf(&e, "E%zu,P%03zu,%s,%s\n", i % 2, i, stages[k],
				      draw(20) == 0 ? "hold" : draw(2) == 0 ? "1" : "0");
	}
	import(EH_IMPORT_CANDIDATES, "c.csv", eh_buf_cstr(&c));
	import(EH_IMPORT_EVALUATIONS, "e.csv", eh_buf_cstr(&e));
	eh_buf_free(&c);
	eh_buf_free(&e);
}

static void persons_of_several_decisions_are_followed(void **state)
{
	unsigned seen[3] = { 0, 0, 0 };
	struct eh_open_audit *a = NULL;
	struct eh_refresh how;

	(void)state;
	judge_in_stages(0, 300);
	a = open_now(NULL);
	for (int step = 0; step < 60; step++) {
		judge_in_stages(draw(300), 1);
		seen[refresh(a, &how)]++;
		assert_current(a, NULL);
	}
	assert_true(seen[EH_REFRESH_COUNTED] > 10);
	eh_desk_audit_close(&a);
}

static void change_classes(void)
{
	char text[128];

	(void)snprintf(text, sizeof text, "candidate_id,jurisdiction,declared.sex,declared.race\nC%05zu,US-IL,%s\n",
		       draw(next_candidate), classes[draw(4)]);
	import(EH_IMPORT_CANDIDATES, "c.csv", text);
}

static void change_decision(void)
{
	char text[64];
	size_t c = draw(EACH * EVALUATORS);

	(void)snprintf(text, sizeof text, "E%zu,C%05zu,%s\n", c % EVALUATORS, c,
		       draw(6) == 0   ? "hold"
		       : draw(2) == 0 ? "1"
				      : "0");
	evaluate(text);
}

static void store_audit(void)
{
	struct eh_audit_result *r = eh_xcalloc(1, sizeof *r);

	assert_int_equal(eh_desk_audit(desk, policy_path, NULL, false, NULL, r, NULL), EH_OK);
	eh_audit_result_free(r);
	free(r);
}

static void everything_that_others_do_is_brought_in(void **state)
{
	unsigned seen[3] = { 0, 0, 0 };
	struct eh_open_audit *a = open_now(NULL);
	struct eh_refresh how;

	(void)state;
	assert_current(a, NULL);
	for (int step = 0; step < 60; step++) {
		switch (draw(6)) {
		case 0:
			add_people(1);
			break;
		case 1:
			change_classes();
			break;
		case 2:
			store_audit();
			break;
		case 3:
			break;
		default:
			change_decision();
			break;
		}
		seen[refresh(a, &how)]++;
		assert_true((how.how == EH_REFRESH_ANEW) == (how.why[0] != '\0'));
		assert_current(a, NULL);
	}
	assert_true(seen[EH_REFRESH_SAME] > 5);
	assert_true(seen[EH_REFRESH_COUNTED] > 10);
	assert_int_equal(refresh(a, &how), EH_REFRESH_SAME);
	eh_desk_audit_close(&a);
}

static void one_more_evaluation_reads_one_cube(void **state)
{
	struct eh_open_audit *a = open_now(NULL);
	struct eh_refresh how;

	(void)state;
	import(EH_IMPORT_CANDIDATES, "c.csv", "candidate_id,jurisdiction,declared.sex,declared.race\nNEW,US-IL,m,a\n");
	assert_int_equal(refresh(a, &how), EH_REFRESH_SAME);
	evaluate("E2,NEW,1\n");
	assert_int_equal(refresh(a, &how), EH_REFRESH_COUNTED);
	assert_int_equal(how.evaluators, 1);
	assert_current(a, NULL);
	/* the same once more is no change */
	evaluate("E2,NEW,1\n");
	assert_int_equal(refresh(a, &how), EH_REFRESH_SAME);
	/* between calls the store is free for whoever wants it, and its numbers may begin anew */
	assert_int_equal(eh_store_resume(desk->store, NULL), EH_OK);
	assert_int_equal(eh_store_compact(desk->store, NULL, &(bool){ false }, NULL), EH_OK);
	evaluate("E2,NEW,hold\n");
	assert_int_equal(refresh(a, &how), EH_REFRESH_COUNTED);
	assert_current(a, NULL);
	eh_desk_audit_close(&a);
}

static void what_counts_cannot_tell_is_gathered_anew_and_said(void **state)
{
	struct eh_open_audit *a = open_now(NULL);
	struct eh_refresh how;

	(void)state;
	import(EH_IMPORT_CANDIDATES, "c.csv",
	       "candidate_id,jurisdiction,declared.sex,declared.race\nNEW,US-IL,f,c\nNEX,US-IL,m,a\n");
	evaluate("E1,NEW,1\n");
	assert_int_equal(refresh(a, &how), EH_REFRESH_ANEW);
	assert_string_equal(how.why,
			    "evaluator E1: a candidate of a position, a place or with classes that nobody had before");
	assert_current(a, NULL);
	evaluate("E1,NEW,hold\n");
	assert_int_equal(refresh(a, &how), EH_REFRESH_ANEW);
	assert_string_equal(how.why, "evaluator E1: nobody is left of a position, a place, a stratum or with classes");
	assert_current(a, NULL);
	evaluate("E5,NEX,1\n");
	assert_int_equal(refresh(a, &how), EH_REFRESH_ANEW);
	assert_string_equal(how.why, "other evaluators than before decided");
	assert_current(a, NULL);
	/* counted again since */
	evaluate("E1,C00001,0\n");
	assert_true(refresh(a, &how) != EH_REFRESH_ANEW);
	/* a candidate of two evaluators: from now on the data are evaluations (test_desk_rowed.c) */
	evaluate("E3,C00001,1\n");
	assert_int_equal(refresh(a, &how), EH_REFRESH_ANEW);
	assert_non_null(strstr(how.why, "a candidate with two evaluators"));
	assert_current(a, NULL);
	assert_int_equal(refresh(a, &how), EH_REFRESH_SAME);
	evaluate("E3,C00001,0\n");
	assert_int_equal(refresh(a, &how), EH_REFRESH_COUNTED);
	assert_current(a, NULL);
	eh_desk_audit_close(&a);
}

/* Nobody has the store open between two calls. */
static uint64_t version_now(void)
{
	assert_int_equal(eh_store_resume(desk->store, NULL), EH_OK);
	return eh_desk_version(desk);
}

static void settings_are_tried(bool shared)
{
	struct eh_audit_overrides o = EH_AUDIT_OVERRIDES_INIT;
	struct eh_open_audit *a = NULL;
	struct eh_refresh how;
	uint64_t before;

	if (shared)
		evaluate("E3,C00001,1\n");
	a = open_now(NULL);
	before = version_now();
	for (int i = 0; i < 25; i++) {
		o = (struct eh_audit_overrides)EH_AUDIT_OVERRIDES_INIT;
		if (draw(4) != 0) {
			o.limit_num = 50 + (int32_t)draw(51);
			o.limit_den = 100;
		}
		if (draw(2) == 0)
			o.min_group = (int64_t)draw(30);
		if (draw(3) == 0)
			strcpy(o.family, draw(2) == 0 ? "holm" : "none");
		if (draw(6) == 0)
			strcpy(o.looks, "anytime");
		assert_int_equal(eh_desk_audit_settings(a, &o, &how, NULL), EH_OK);
		assert_current(a, &o);
		assert_int_equal(refresh(a, &how), EH_REFRESH_SAME);
	}
	/* nothing of that was stored */
	assert_int_equal(version_now(), before);
	o.limit_num = 5;
	o.limit_den = 4;
	assert_int_equal(eh_desk_audit_settings(a, &o, &how, NULL), EH_EINVAL);
	assert_true(eh_desk_audit_result(a)->findings.n > 0);
	o = (struct eh_audit_overrides)EH_AUDIT_OVERRIDES_INIT;
	strcpy(o.family, "blah");
	assert_int_equal(eh_desk_audit_settings(a, &o, &how, NULL), EH_EINVAL);
	evaluate("E2,C00002,1\n");
	(void)refresh(a, &how);
	assert_int_equal(eh_desk_audit_settings(a, NULL, &how, NULL), EH_OK);
	assert_current(a, NULL);
	eh_desk_audit_close(&a);
}

static void other_settings_give_what_an_audit_with_them_gives(void **state)
{
	(void)state;
	settings_are_tried(false);
	settings_are_tried(true);
}

/* Only the places of the gate, and the intersections, of the policy and the command are in it. */
static void gates_and_intersections_hold_in_it(void **state)
{
	static const char *const pairs[] = { "sex,race" };
	struct eh_audit_overrides o = EH_AUDIT_OVERRIDES_INIT;
	struct eh_open_audit *a = NULL;
	struct eh_refresh how;
	struct eh_buf c, e;

	(void)state;
	eh_buf_init(&c, 1 << 16);
	eh_buf_init(&e, 1 << 16);
	eh_buf_printf(&c, "candidate_id,jurisdiction,declared.sex,declared.race\n");
	for (int i = 0; i < 20; i++) {
		eh_buf_printf(&c, "D%02d,DE,%s\n", i, classes[i % 4]);
		eh_buf_printf(&e, "E4,D%02d,%d\n", i, i / 4 % 2);
	}
	import(EH_IMPORT_CANDIDATES, "c.csv", eh_buf_cstr(&c));
	eh_buf_reset(&c);
	eh_buf_printf(&c, "evaluator_id,candidate_id,decision\n%s", eh_buf_cstr(&e));
	import(EH_IMPORT_EVALUATIONS, "e.csv", eh_buf_cstr(&c));
	closed_in = "DE";
	o.pairs = pairs;
	o.n_pairs = 1;
	a = open_now(&o);
	assert_current(a, &o);
	evaluate("E4,D00,1\n");
	assert_int_equal(refresh(a, &how), EH_REFRESH_COUNTED);
	assert_current(a, &o);
	o.limit_num = 9;
	o.limit_den = 10;
	o.pairs = NULL;
	o.n_pairs = 0;
	assert_int_equal(eh_desk_audit_settings(a, &o, NULL, NULL), EH_OK);
	o.pairs = pairs;
	o.n_pairs = 1;
	assert_current(a, &o);
	eh_desk_audit_close(&a);
	closed_in = "US-IL";
	a = open_now(NULL);
	evaluate("E4,D00,0\n");
	assert_int_equal(refresh(a, &how), EH_REFRESH_COUNTED);
	assert_current(a, NULL);
	eh_desk_audit_close(&a);
	eh_buf_free(&c);
	eh_buf_free(&e);
}

static void a_replaced_evaluation_is_another_look(void **state)
{
	struct eh_open_audit *a = open_now(NULL);
	struct eh_refresh how;

	(void)state;
	assert_int_equal(eh_desk_audit_result(a)->head.look, 1);
	assert_int_equal(eh_desk_audit_store(a, NULL), EH_OK);
	assert_int_equal(eh_desk_audit_result(a)->head.seq, 1);
	(void)refresh(a, &how);
	assert_int_equal(eh_desk_audit_result(a)->head.look, 1);
	/* one way or the other it is a change, and the number of decisions stays */
	evaluate("E2,C00002,1\n");
	evaluate("E2,C00002,0\n");
	(void)refresh(a, &how);
	assert_int_equal(eh_desk_audit_result(a)->head.look, 2);
	assert_int_equal(eh_desk_audit_result(a)->findings.v[0].look, 2);
	assert_current(a, NULL);
	assert_int_equal(eh_desk_audit_store(a, NULL), EH_OK);
	assert_int_equal(eh_desk_audit_result(a)->head.seq, 2);
	/* what is there already is none */
	evaluate("E2,C00002,0\n");
	(void)refresh(a, &how);
	assert_int_equal(eh_desk_audit_result(a)->head.look, 2);
	eh_desk_audit_close(&a);
}

static int raises(const struct eh_finding *f, struct eh_verdict *v)
{
	(void)f;
	(void)v;
	return EH_EPOLICY;
}

static void a_policy_that_failed_once_may_judge_again(void **state)
{
	struct eh_open_audit *a = open_now(NULL);

	(void)state;
	chosen_check = raises;
	assert_int_equal(eh_desk_audit_settings(a, NULL, NULL, NULL), EH_OK);
	assert_int_equal(eh_desk_audit_result(a)->policy_status, EH_EPOLICY);
	assert_current(a, NULL);
	chosen_check = notify_below;
	assert_int_equal(eh_desk_audit_settings(a, NULL, NULL, NULL), EH_OK);
	assert_int_equal(eh_desk_audit_result(a)->policy_status, EH_OK);
	assert_current(a, NULL);
	eh_desk_audit_close(&a);
}

static void a_broken_policy_stays_broken(void **state)
{
	struct eh_open_audit *a = NULL;
	struct eh_refresh how;

	(void)state;
	load_fails = true;
	a = open_now(NULL);
	evaluate("E2,C00002,1\n");
	evaluate("E2,C00002,0\n");
	(void)refresh(a, &how);
	assert_current(a, NULL);
	assert_int_equal(eh_desk_audit_result(a)->policy_status, EH_EPOLICY);
	assert_int_equal(eh_desk_audit_result(a)->findings.v[0].verdict, EH_POLICY_ERROR);
	eh_desk_audit_close(&a);
}

/* ---- what if ---- */

static uint32_t raised_now(void)
{
	struct eh_audit_result *r = eh_xcalloc(1, sizeof *r);
	uint32_t n = 0;

	assert_int_equal(eh_desk_audit(desk, policy_path, NULL, false, NULL, r, NULL), EH_OK);
	n = r->raised + r->refreshed + r->answered;
	eh_audit_result_free(r);
	free(r);
	return n;
}

static size_t count_raises(const struct eh_standpoints *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += s->v[i].raises;
	return n;
}

static int systemic_women(const struct eh_finding *f, struct eh_verdict *v)
{
	bool hit = f->evaluator[0] != '\0' && strcmp(f->group, "f") == 0;

	v->kind = hit ? EH_NOTIFY : EH_OK_VERDICT;
	v->scope = hit ? EH_SCOPE_SYSTEMIC : EH_SCOPE_NONE;
	return EH_OK;
}

/* What is said to raise a notification is what raises one when it is stored. */
static void standpoints_raise_what_an_audit_raises(void **state)
{
	int (*const checks[])(const struct eh_finding *f, struct eh_verdict *v) = { notify_below, systemic_women };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct eh_standpoints s;
		struct eh_open_audit *a;

		chosen_check = checks[i];
		a = open_now(NULL);
		assert_int_equal(eh_desk_standpoints(eh_desk_audit_result(a), &s, NULL), EH_OK);
		assert_int_equal(count_raises(&s), raised_now());
		assert_true(i == 0 || count_raises(&s) == 1);
		eh_standpoints_free(&s);
		eh_desk_audit_close(&a);
	}
}

static void another_limit_shows_what_appears_and_vanishes(void **state)
{
	struct eh_audit_overrides o = EH_AUDIT_OVERRIDES_INIT;
	struct eh_open_audit *a = open_now(NULL);
	struct eh_standpoints before, after;
	struct eh_what_if w;
	size_t was, is;

	(void)state;
	assert_int_equal(eh_desk_standpoints(eh_desk_audit_result(a), &before, NULL), EH_OK);
	o.limit_num = 1;
	o.limit_den = 2;
	assert_int_equal(eh_desk_audit_settings(a, &o, NULL, NULL), EH_OK);
	assert_int_equal(eh_desk_standpoints(eh_desk_audit_result(a), &after, NULL), EH_OK);
	was = count_raises(&before);
	is = count_raises(&after);
	assert_true(was > is);
	assert_int_equal(eh_desk_what_if(&before, &after, &w, NULL), EH_OK);
	assert_int_equal(w.appear, 0);
	assert_int_equal(w.vanish, was - is);
	assert_int_equal(w.n, w.changed);
	for (size_t i = 0; i < w.n; i++) {
		assert_string_equal(w.v[i].before->evaluator, w.v[i].after->evaluator);
		assert_int_equal(w.v[i].before->verdict, EH_NOTIFY);
		assert_int_equal(w.v[i].after->verdict, EH_OK_VERDICT);
		assert_true(i == 0 || strcmp(w.v[i - 1].before->attribute, w.v[i].before->attribute) <= 0);
	}
	eh_what_if_free(&w);
	assert_int_equal(eh_desk_what_if(&after, &before, &w, NULL), EH_OK);
	assert_int_equal(w.appear, was - is);
	assert_int_equal(w.vanish, 0);
	eh_what_if_free(&w);
	assert_int_equal(eh_desk_what_if(&after, &after, &w, NULL), EH_OK);
	assert_int_equal(w.n, 0);
	eh_what_if_free(&w);
	/* findings that only one of them has, in another order */
	after.n--;
	memmove(after.v, after.v + 1, after.n * sizeof *after.v);
	after.v[0].raises = true;
	assert_int_equal(eh_desk_what_if(&after, &after, &w, NULL), EH_OK);
	assert_int_equal(w.n, 0);
	eh_what_if_free(&w);
	before.v[0].raises = true;
	assert_int_equal(eh_desk_what_if(&before, &after, &w, NULL), EH_OK);
	for (size_t i = 0, gone = 0; i < w.n; i++) {
		gone += w.v[i].after == NULL;
		assert_true(i + 1 < w.n || gone == 1);
	}
	eh_what_if_free(&w);
	eh_standpoints_free(&after);
	eh_mem_fail_at(0);
	assert_int_equal(eh_desk_standpoints(eh_desk_audit_result(a), &after, NULL), EH_OK);
	before.v[0].group[0] = 'z';
	for (uint64_t i = 1; i <= 3; i++) {
		eh_mem_fail_at(i);
		assert_int_equal(eh_desk_what_if(&before, &after, &w, NULL), EH_ENOMEM);
		assert_null(w.v);
	}
	eh_mem_fail_at(4);
	assert_int_equal(eh_desk_what_if(&before, &after, &w, NULL), EH_OK);
	eh_what_if_free(&w);
	eh_mem_fail_at(1);
	eh_standpoints_free(&after);
	assert_int_equal(eh_desk_standpoints(eh_desk_audit_result(a), &after, NULL), EH_ENOMEM);
	eh_mem_fail_at(0);
	eh_standpoints_free(&before);
	eh_standpoints_free(&after);
	eh_desk_audit_close(&a);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup_counts, teardown)
	const struct CMUnitTest tests[] = {
		TEST(everything_that_others_do_is_brought_in),
		TEST(persons_of_several_decisions_are_followed),
		TEST(one_more_evaluation_reads_one_cube),
		TEST(what_counts_cannot_tell_is_gathered_anew_and_said),
		TEST(other_settings_give_what_an_audit_with_them_gives),
		TEST(gates_and_intersections_hold_in_it),
		TEST(a_replaced_evaluation_is_another_look),
		TEST(a_policy_that_failed_once_may_judge_again),
		TEST(a_broken_policy_stays_broken),
		TEST(standpoints_raise_what_an_audit_raises),
		TEST(another_limit_shows_what_appears_and_vanishes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
