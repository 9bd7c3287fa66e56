/* The picture of dots: braille cells, lines, and the outline of a face mesh in them. */
#include "tests/tui/hidden_screen.h"

#include "parts/canvas.h"
#include "parts/mesh.h"

static void dots_are_the_bits_of_braille_cells(void **state)
{
	struct canvas c;
	char row[16];

	(void)state;
	canvas_init(&c, 3, 2);
	canvas_dot(&c, 0, 0);                   /* dot 1 */
	canvas_dot(&c, 1, 3);                   /* dot 8 */
	canvas_dot(&c, 5, 7);                   /* the last of all */
	canvas_dot(&c, 6, 0);                   /* outside, on every side */
	canvas_dot(&c, 0, 8);
	canvas_dot(&c, -1, 0);
	canvas_dot(&c, 0, -1);
	assert_int_equal(c.bits[0], 0x81);
	assert_int_equal(c.bits[5], 0x80);
	assert_int_equal(c.bits[1] | c.bits[2] | c.bits[3] | c.bits[4], 0);
	ascii(false);
	canvas_row(&c, 0, row, sizeof row);
	assert_string_equal(row, "\xe2\xa2\x81  ");
	ascii(true);
	canvas_row(&c, 0, row, sizeof row);
	assert_string_equal(row, ".  ");
	canvas_free(&c);
}

static void a_line_has_both_ends_and_no_gap(void **state)
{
	struct canvas c;
	int dots = 0;

	(void)state;
	canvas_init(&c, 10, 5);
	canvas_line(&c, 19, 19, 0, 3);          /* 19 steps along x */
	for (int i = 0; i < 50; i++)
		dots += __builtin_popcount(c.bits[i]);
	assert_int_equal(dots, 20);
	assert_true((c.bits[4 * 10 + 9] & 0x80) != 0);
	assert_true((c.bits[0] & 0x40) != 0);
	canvas_free(&c);
}

/* A mesh whose points stand on a tall ellipse by their number: what is drawn must fill the height and not the width. */
static void the_outline_keeps_its_proportions(void **state)
{
	static float mesh[EH_LANDMARKS][3];
	struct canvas c;
	int left = 40, right = -1, top = 20, bottom = -1;

	(void)state;
	memset(mesh, 0, sizeof mesh);
	mesh[10][1] = 2.0f;                     /* forehead above */
	mesh[152][1] = -2.0f;                   /* chin below: y goes up */
	mesh[234][0] = -1.0f;
	mesh[454][0] = 1.0f;
	canvas_init(&c, 40, 20);                /* 80 x 80 dots */
	mesh_outline(&c, mesh);
	for (int y = 0; y < 20; y++) {
		for (int x = 0; x < 40; x++) {
			if (c.bits[y * 40 + x] == 0)
				continue;
			left = x < left ? x : left;
			right = x > right ? x : right;
			top = y < top ? y : top;
			bottom = y > bottom ? y : bottom;
		}
	}
	assert_int_equal(top, 0);
	assert_int_equal(bottom, 19);
	assert_in_range(right - left + 1, 19, 21);
	assert_in_range(left, 9, 11);
	/* the forehead is above the chin: a mark at point 10 alone */
	canvas_free(&c);
	canvas_init(&c, 40, 20);
	mesh[109][0] = mesh[338][0] = 0.8f;
	mesh[109][1] = mesh[338][1] = 2.0f;     /* its two neighbours on the oval: a line in the top row */
	mesh_outline(&c, mesh);
	assert_true(c.bits[26] != 0 || c.bits[27] != 0);
	canvas_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dots_are_the_bits_of_braille_cells),
		cmocka_unit_test(a_line_has_both_ends_and_no_gap),
		cmocka_unit_test(the_outline_keeps_its_proportions),
	};

	return cmocka_run_group_tests_name("canvas", tests, open_screen, close_screen);
}
