/*
 * An audit that stays open, where evaluators come to advance nobody of one of two groups and leave that again: the two
 * groups are one test told twice, and one of them may have no distance from the others.  It is the audit that would be
 * made anew, byte for byte.
 */
#include "desk_current.h"
#include "open_audit.h"

#include "base/rng.h"

#define EVALUATORS 5u
#define EACH 40u /* candidates of an evaluator */

static struct eh_rng rng;

static size_t draw(size_t n) { return (size_t)eh_rng_below(&rng, n); }

/* Every second candidate is a woman; E0 advances none of them, E1 no man. */
static bool advances(unsigned evaluator, unsigned candidate)
{
	const bool woman = candidate % 2 == 0;

	if ((evaluator == 0 && woman) || (evaluator == 1 && !woman))
		return false;
	return draw(10) < (woman ? 4u : 7u);
}

static int setup_mirror(void **state)
{
	struct eh_buf c, e;
	char dir[100];

	(void)state;
	chosen_check = says_ok;
	closed_in = NULL;
	load_fails = wants_project = false;
	eh_rng_seed(&rng, 195);
	temp_project_open(&temp);
	(void)snprintf(dir, sizeof dir, "%s/desk", temp.dir);
	assert_int_equal(eh_desk_init(dir, NULL), EH_OK);
	assert_int_equal(eh_desk_open(&desk, dir, &engine, NULL), EH_OK);
	temp_file(&temp, policy_path, "policy.lua", "return {}", 9);
	import(EH_IMPORT_EVALUATORS, "ev.csv", "evaluator_id\nE0\nE1\nE2\nE3\nE4\n");
	eh_buf_init(&c, 1u << 20);
	eh_buf_init(&e, 1u << 20);
	eh_buf_printf(&c, "candidate_id,jurisdiction,declared.sex\n");
	eh_buf_printf(&e, "evaluator_id,candidate_id,decision\n");
	for (unsigned i = 0; i < EVALUATORS * EACH; i++) {
		eh_buf_printf(&c, "C%03u,US-IL,%s\n", i, i % 2 == 0 ? "f" : "m");
		eh_buf_printf(&e, "E%u,C%03u,%d\n", i / EACH, i, advances(i / EACH, i));
	}
	import(EH_IMPORT_CANDIDATES, "c.csv", eh_buf_cstr(&c));
	import(EH_IMPORT_EVALUATIONS, "e.csv", eh_buf_cstr(&e));
	eh_buf_free(&c);
	eh_buf_free(&e);
	return 0;
}

static void decide(unsigned evaluator, size_t candidate, bool advance)
{
	char text[128];

	(void)snprintf(text, sizeof text, "evaluator_id,candidate_id,decision\nE%u,C%03zu,%d\n", evaluator, candidate,
		       advance);
	import(EH_IMPORT_EVALUATIONS, "one.csv", text);
}

/* Evaluators of whom one group has a distance from the others, and the other has none. */
static unsigned one_sided(const struct eh_open_audit *a)
{
	const struct eh_findings *f = &eh_desk_audit_result(a)->findings;
	unsigned n = 0;

	for (size_t i = 0; i + 1 < f->n; i++)
		n += f->v[i].evaluator[0] != '\0' && strcmp(f->v[i].evaluator, f->v[i + 1].evaluator) == 0 &&
		     f->v[i].peers_p.defined != f->v[i + 1].peers_p.defined;
	return n;
}

/* Of E0's women and E1's men one at a time is advanced and rejected again; others decide anew meanwhile. */
static void follow(struct eh_open_audit *a)
{
	unsigned sides[2] = { 0, 0 };
	struct eh_refresh how;

	for (int step = 0; step < 24; step++) {
		const unsigned e = (unsigned)step / 2 % 2;

		decide(e, e * EACH + 2 * (size_t)(step / 4) + e, step % 2 == 0);
		if (draw(3) == 0) {
			const size_t c = draw(3 * EACH);

			decide(2 + (unsigned)(c / EACH), 2 * EACH + c, draw(2) == 0);
		}
		assert_int_equal(refresh(a, &how), EH_REFRESH_COUNTED);
		assert_current(a, NULL);
		sides[0] += one_sided(a) == 1;
		sides[1] += one_sided(a) == 2;
	}
	assert_true(sides[0] >= 6 && sides[1] >= 6);
}

static void it_is_followed_in_counts(void **state)
{
	struct eh_open_audit *a = open_now(NULL);

	(void)state;
	assert_int_equal(one_sided(a), 2);
	follow(a);
	eh_desk_audit_close(&a);
}

/* A candidate of two evaluators: the data are evaluations. */
static void it_is_followed_in_evaluations(void **state)
{
	struct eh_open_audit *a = NULL;

	(void)state;
	decide(3, 2 * EACH, true);
	a = open_now(NULL);
	assert_int_equal(one_sided(a), 2);
	follow(a);
	eh_desk_audit_close(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_is_followed_in_counts, setup_mirror, teardown),
		cmocka_unit_test_setup_teardown(it_is_followed_in_evaluations, setup_mirror, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
