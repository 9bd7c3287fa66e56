/* desk/: which of many candidates have degraded copies. */
#include "desk_project.h"

#include "desk/copies.h"
#include "desk/inside.h"

/* A training grows with the square of its rows: a share of many candidates has copies. */
static void of_many_candidates_a_share_has_copies(void **state)
{
	(void)state;
	assert_int_equal(eh_desk_copies_limit(20), 20);
	assert_int_equal(eh_desk_copies_limit(500), 500);
	assert_int_equal(eh_desk_copies_limit(501), 499);
	assert_int_equal(eh_desk_copies_limit(800), 400);
	assert_int_equal(eh_desk_copies_limit(1100), 300);
	assert_int_equal(eh_desk_copies_limit(10000), 300);
}

static void add_teachers(struct eh_list *t, size_t column, int first, int end, int step, int one_in)
{
	for (int i = first; i != end; i += step) {
		struct eh_desk_teacher *one = eh_list_push(t, NULL);

		(void)snprintf(one->candidate, sizeof one->candidate, "X%04d", i);
		(void)snprintf(one->group, sizeof one->group, "%s", i % one_in == 0 ? "a" : "b");
		one->column = column;
	}
}

static struct eh_desk_copies chosen(struct eh_list *t)
{
	const struct eh_train_options o = { .workers = 1 };
	struct eh_desk_copies c;

	eh_desk_copies_init(&c);
	assert_int_equal(eh_desk_copies_make(desk, &c, t, &o, NULL, NULL), EH_OK);
	free(t->v);
	eh_list_init(t, sizeof(struct eh_desk_teacher));
	return c;
}

/* The lots are the candidates' own: neither the order nor a second column changes them. */
static void who_has_copies_does_not_depend_on_the_order(void **state)
{
	struct eh_list t;
	struct eh_desk_copies a, b;

	(void)state;
	eh_list_init(&t, sizeof(struct eh_desk_teacher));
	add_teachers(&t, 0, 0, 600, 1, 2);
	a = chosen(&t);
	assert_int_equal(a.who.n, 466);
	for (size_t i = 1; i < a.who.n; i++)
		assert_true(strcmp(((eh_id *)a.who.v)[i - 1], ((eh_id *)a.who.v)[i]) < 0);
	add_teachers(&t, 1, 599, -1, -1, 3);
	add_teachers(&t, 0, 599, -1, -1, 2);
	b = chosen(&t);
	assert_int_equal(b.who.n, a.who.n);
	assert_memory_equal(a.who.v, b.who.v, a.who.n * sizeof(eh_id));
	eh_desk_copies_free(&a);
	eh_desk_copies_free(&b);
	add_teachers(&t, 0, 0, 70, 1, 10); /* seven of a class: no part with a voice could be trained */
	a = chosen(&t);
	assert_int_equal(a.who.n, 0);
	eh_desk_copies_free(&a);
	add_teachers(&t, 0, 0, 80, 1, 10);
	add_teachers(&t, 1, 100, 170, 1, 10); /* a column of its own, with its own count */
	a = chosen(&t);
	assert_int_equal(a.who.n, 80);
	assert_false(eh_desk_copies_has(&a, "X0100"));
	assert_true(eh_desk_copies_has(&a, "X0079"));
	eh_desk_copies_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_many_candidates_a_share_has_copies),
		cmocka_unit_test_setup_teardown(who_has_copies_does_not_depend_on_the_order, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
