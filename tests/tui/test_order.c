/* Rows in the order of a key: the same as a sort by comparison gives, and fast enough for a key press. */
#include "hidden_screen.h"

#include <math.h>

#include "base/rng.h"
#include "parts/order.h"

#define ROWS 3000

struct sample {
	bool defined[ROWS];
	double number[ROWS];
	char text[ROWS][24];
	bool reverse;
};

static int by_number(const void *a, const void *b, void *sample)
{
	const struct sample *s = sample;
	uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
	int order = s->number[i] < s->number[k] ? -1 : s->number[i] > s->number[k];

	if (s->defined[i] != s->defined[k])
		return s->defined[i] ? -1 : 1;
	if (!s->defined[i])
		order = 0;
	order = s->reverse ? -order : order;
	return order != 0 ? order : i < k ? -1 : i > k;
}

static int by_text(const void *a, const void *b, void *sample)
{
	const struct sample *s = sample;
	uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
	int order = strcmp(s->text[i], s->text[k]);

	order = s->reverse ? -order : order;
	return order != 0 ? order : i < k ? -1 : i > k;
}

static const char *text_of(void *sample, uint32_t row)
{
	return ((struct sample *)sample)->text[row];
}

static void same_order(const struct order_slot *v, uint32_t *want, size_t n, struct sample *s,
		       int (*compare)(const void *, const void *, void *))
{
	for (size_t i = 0; i < n; i++)
		want[i] = (uint32_t)i;
	qsort_r(want, n, sizeof *want, compare, s);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(v[i].row, want[i]);
}

/* Few values, so that many are equal; signs, zeros of both signs, infinities, very large and very small ones. */
static void make(struct sample *s, struct eh_rng *r, size_t n)
{
	static const double odd[] = { 0.0, -0.0, INFINITY, -INFINITY, 5e-324, -5e-324, 1.7e308, -1.7e308 };
	static const char *const begins[] = { "", "E", "evaluator-", "evaluator-\xc3\xa4" };
	const char *begin = begins[eh_rng_below(r, 4)];

	for (size_t i = 0; i < n; i++) {
		uint64_t kind = eh_rng_below(r, 10);

		s->defined[i] = kind > 0;
		s->number[i] = kind < 3 ? odd[eh_rng_below(r, 8)] : (double)eh_rng_below(r, 50) / 7.0 - 3.0;
		(void)snprintf(s->text[i], sizeof s->text[i], "%s%.*s", begin, (int)eh_rng_below(r, 13),
			       eh_rng_below(r, 2) == 0 ? "aaaaaaaab001" : "aaaaaaaac\xff" "9");
	}
}

static void it_is_the_order_of_a_sort_by_comparison(void **state)
{
	struct sample *s = calloc(1, sizeof *s);
	struct order_slot *v = calloc(ROWS, sizeof *v), *spare = calloc(ROWS, sizeof *spare);
	uint32_t *want = calloc(ROWS, sizeof *want);
	struct eh_rng r;

	(void)state;
	eh_rng_seed(&r, 7);
	for (int round = 0; round < 200; round++) {
		size_t n = round == 0 ? 0 : 1 + eh_rng_below(&r, round < 100 ? 12 : ROWS);

		make(s, &r, n);
		s->reverse = round % 2 != 0;
		for (size_t i = 0; i < n; i++)
			v[i] = (struct order_slot){ order_number(s->defined[i], s->number[i], s->reverse),
						    (uint32_t)i };
		order_sort(v, spare, n);
		same_order(v, want, n, s, by_number);
		for (size_t i = 0; i < n; i++)
			v[i] = (struct order_slot){ 0, (uint32_t)i };
		order_texts(v, spare, n, s->reverse, text_of, s);
		same_order(v, want, n, s, by_text);
	}
	free(want);
	free(spare);
	free(v);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(it_is_the_order_of_a_sort_by_comparison) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
