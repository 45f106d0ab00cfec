/* format/grid: columns as wide as their widest cell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/grid.h"

static void
shows(const struct sk_grid *grid, const char *want)
{
	struct sk_buf out = { 0 };

	sk_grid_put(grid, &out);
	assert_string_equal(sk_buf_cstr(&out), want);
	sk_buf_free(&out);
}

static void
columns_are_aligned(void **state)
{
	struct sk_grid grid;

	(void)state;
	sk_grid_init(&grid, 3, 1 << 1);
	sk_grid_cell(&grid, "name");
	sk_grid_cell(&grid, "n");
	sk_grid_cell(&grid, "state");
	sk_grid_cell(&grid, "a");
	sk_grid_cell(&grid, "%d", 12345);
	sk_grid_cell(&grid, "ok");
	shows(&grid,
	    "name      n  state\n"
	    "a     12345  ok\n");
	sk_grid_free(&grid);
}

static void
no_line_ends_in_blanks(void **state)
{
	struct sk_grid grid;

	(void)state;
	sk_grid_init(&grid, 3, 0);
	sk_grid_cell(&grid, "one");
	sk_grid_cell(&grid, "two");
	sk_grid_cell(&grid, "three");
	sk_grid_cell(&grid, "x");
	sk_grid_cell(&grid, "%s", "");
	sk_grid_cell(&grid, "%s", "");
	shows(&grid,
	    "one  two  three\n"
	    "x\n");
	sk_grid_free(&grid);
}

static void
a_row_is_shown_when_it_is_complete(void **state)
{
	struct sk_grid grid;

	(void)state;
	sk_grid_init(&grid, 2, 0);
	shows(&grid, "");
	sk_grid_cell(&grid, "a");
	shows(&grid, "");
	sk_grid_cell(&grid, "b");
	sk_grid_cell(&grid, "c");
	shows(&grid, "a  b\n");
	sk_grid_free(&grid);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_aligned),
		cmocka_unit_test(no_line_ends_in_blanks),
		cmocka_unit_test(a_row_is_shown_when_it_is_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
