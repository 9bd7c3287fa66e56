/* desk/: kinds of persons that come and go are counted into an open audit; it stays the audit that would be made anew.
 * Hundreds of small projects, each changed some times by what is drawn. */
#include "desk_current.h"

#include "base/rng.h"
#include "desk/inside.h"

#define PROJECTS 250
#define STEPS 6
#define PEOPLE_MAX 80

static struct eh_rng rng;

static size_t draw(size_t n) { return (size_t)eh_rng_below(&rng, n); }

static int always_fine(const struct eh_finding *f, struct eh_verdict *v)
{
	(void)f;
	v->kind = EH_OK_VERDICT;
	return EH_OK;
}

struct drawn {
	size_t people, evaluators, positions, stages;
};

static const char *pick(const char *const *v, size_t n) { return v[draw(n)]; }

static void print_candidate(struct eh_buf *b, const struct drawn *p, size_t i)
{
	static const char *const positions[] = { "cook", "clerk", "guard" }, *const places[] = { "US-IL", "DE" };
	static const char *const sexes[] = { "f", "m", "m", "f", "f", "m", "m", "" };
	static const char *const races[] = { "a", "b", "c", "b", "a", "b", "" };

	eh_buf_printf(b, "C%03zu,%s,%s,%s,%s\n", i, pick(places, 1 + draw(2)), pick(positions, p->positions),
		      pick(sexes, 8), pick(races, 7));
}

/* Candidate i has evaluator i modulo their number, so nobody has two. */
static void print_decision(struct eh_buf *b, const struct drawn *p, size_t i)
{
	static const char *const stages[] = { "phone", "room", "board" };
	static const char *const decisions[] = { "1", "0", "0", "1", "0", "1", "0", "hold" };

	eh_buf_printf(b, "E%zu,C%03zu,%s,%s\n", i % p->evaluators, i, pick(stages, p->stages), pick(decisions, 8));
}

static void bring(enum eh_import_kind kind, struct eh_buf *rows)
{
	struct eh_buf all;

	eh_buf_init(&all, 1u << 20);
	eh_buf_printf(&all, "%s\n%s",
		      kind == EH_IMPORT_CANDIDATES
			      ? "candidate_id,jurisdiction,position_id,declared.sex,declared.race"
			      : "evaluator_id,candidate_id,stage,decision",
		      eh_buf_cstr(rows));
	import(kind, kind == EH_IMPORT_CANDIDATES ? "c.csv" : "e.csv", eh_buf_cstr(&all));
	eh_buf_free(&all);
	eh_buf_reset(rows);
}

static void add_people(struct drawn *p, size_t n)
{
	struct eh_buf b;
	const size_t first = p->people;

	eh_buf_init(&b, 1u << 20);
	for (; p->people < first + n; p->people++)
		print_candidate(&b, p, p->people);
	bring(EH_IMPORT_CANDIDATES, &b);
	/* once each: the same key twice in one file is an error of the file */
	for (size_t i = first; i < p->people; i++)
		print_decision(&b, p, i);
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
		print_decision(&b, p, draw(p->people));
		bring(EH_IMPORT_EVALUATIONS, &b);
		break;
	}
	eh_buf_free(&b);
}

static void change_settings(struct eh_audit_overrides *o)
{
	switch (draw(5)) {
	case 0:
		o->limit_num = 50 + (int32_t)draw(51);
		o->limit_den = 100;
		break;
	case 1:
		o->alpha = 0.001 * (double)(1 + draw(300));
		break;
	case 2:
		o->min_share = (int32_t)draw(800);
		break;
	case 3:
		o->min_group = (int64_t)draw(12);
		break;
	default:
		strcpy(o->looks, draw(2) == 0 ? "anytime" : "once");
		break;
	}
}

static void open_project(uint64_t seed)
{
	char dir[100], name[32];

	(void)snprintf(name, sizeof name, "desk%llu", (unsigned long long)seed);
	(void)snprintf(dir, sizeof dir, "%s/%s", temp.dir, name);
	assert_int_equal(eh_desk_init(dir, NULL), EH_OK);
	assert_int_equal(eh_desk_open(&desk, dir, &engine, NULL), EH_OK);
	import(EH_IMPORT_EVALUATORS, "ev.csv", "evaluator_id\nE0\nE1\nE2\nE3\n");
}

static void follow(uint64_t seed, unsigned seen[3])
{
	struct eh_audit_overrides o = EH_AUDIT_OVERRIDES_INIT;
	struct eh_open_audit *a = NULL;
	struct eh_err err = EH_ERR_INIT;
	struct eh_refresh how;
	struct drawn p = { 0 };

	eh_rng_seed(&rng, seed);
	p = (struct drawn){ 0, 1 + draw(4), 1 + draw(3), 1 + draw(3) };
	open_project(seed);
	add_people(&p, 8 + draw(PEOPLE_MAX - 8));
	if (eh_desk_audit_open(&a, desk, policy_path, &o, NULL, &err) != EH_OK)
		fail_msg("project %llu: %s", (unsigned long long)seed, err.msg);
	for (int step = 0; step < STEPS; step++) {
		for (size_t i = 1 + draw(3); i > 0; i--)
			change_something(&p);
		if (eh_desk_audit_refresh(a, NULL, &how, &err) != EH_OK)
			fail_msg("project %llu: %s", (unsigned long long)seed, err.msg);
		seen[how.how]++;
		assert_current(a, &o);
		if (draw(2) == 0) {
			change_settings(&o);
			assert_int_equal(eh_desk_audit_settings(a, &o, NULL, NULL), EH_OK);
			assert_current(a, &o);
		}
	}
	eh_desk_audit_close(&a);
	eh_desk_close(&desk);
}

static void kinds_that_come_and_go_are_counted_in(void **state)
{
	unsigned seen[3] = { 0, 0, 0 };

	(void)state;
	chosen_check = always_fine;
	closed_in = NULL;
	load_fails = false;
	temp_project_open(&temp);
	temp_file(&temp, policy_path, "policy.lua", "return {}", 9);
	for (uint64_t seed = 1; seed <= PROJECTS; seed++)
		follow(seed, seen);
	temp_project_close(&temp);
	/* most of it without gathering anew */
	assert_true(seen[EH_REFRESH_COUNTED] > seen[EH_REFRESH_ANEW]);
	assert_true(seen[EH_REFRESH_ANEW] > 0);
}

/* What made it necessary to gather anew in another time: the first of a kind with an evaluator, and the last. */
static void the_first_and_the_last_of_a_kind_are_changes_like_others(void **state)
{
	struct eh_open_audit *a = NULL;
	struct eh_refresh how;
	struct drawn p = { 0, 2, 1, 1 };
	struct eh_buf b;

	(void)state;
	chosen_check = always_fine;
	temp_project_open(&temp);
	temp_file(&temp, policy_path, "policy.lua", "return {}", 9);
	eh_rng_seed(&rng, 5);
	open_project(0);
	add_people(&p, 60);
	eh_buf_init(&b, 1u << 16);
	eh_buf_printf(&b, "S,US-IL,cook,f,a\nT,US-IL,cook,f,a\nU,DE,cook,f,a\n");
	bring(EH_IMPORT_CANDIDATES, &b);
	eh_buf_printf(&b, "E0,S,phone,1\nE0,U,phone,1\n");
	bring(EH_IMPORT_EVALUATIONS, &b);
	assert_int_equal(eh_desk_audit_open(&a, desk, policy_path, NULL, NULL, NULL), EH_OK);
	/* until now nobody of this kind is E1's: he comes, is put on hold, comes again, is decided otherwise */
	for (int i = 0; i < 6; i++) {
		static const char *const decisions[] = { "0", "hold", "1", "0", "hold", "1" };

		eh_buf_printf(&b, "E1,T,phone,%s\n", decisions[i]);
		bring(EH_IMPORT_EVALUATIONS, &b);
		assert_int_equal(eh_desk_audit_refresh(a, NULL, &how, NULL), EH_OK);
		assert_int_equal(how.how, EH_REFRESH_COUNTED);
		assert_int_equal(how.evaluators, 1);
		assert_current(a, NULL);
	}
	eh_desk_audit_close(&a);
	eh_desk_close(&desk);
	temp_project_close(&temp);
	eh_buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_that_come_and_go_are_counted_in),
		cmocka_unit_test(the_first_and_the_last_of_a_kind_are_changes_like_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
