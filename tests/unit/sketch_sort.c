/* Sorting numbers, of all lengths and shapes, against qsort. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "sketch/sort.h"

#define MOST 3000

static int
compare(const void *a, const void *b)
{
	double x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return x < y ? -1 : x > y;
}

static double
shape(struct sk_rng *rng, unsigned kind, size_t i, size_t n)
{
	uint64_t r = sk_rng_next(rng);
	double odd[] = { 0, -0.0, INFINITY, -INFINITY, 1, -1, 5e-324, 1e308 };

	switch (kind) {
	case 0:
		return (double)(int64_t)r;
	case 1:
		return (double)i;
	case 2:
		return -(double)i;
	case 3:
		return (double)(r % 3);
	case 4:
		return i < n / 2 ? (double)(r % 1000) : (double)(1000 + i);
	case 5:
		return odd[r % 8];
	default:
		return i < n - n / 8 ? (double)(r % 1000) : (double)i;
	}
}

static void
test_sort(void **state)
{
	static double got[MOST], want[MOST];
	struct sk_rng rng;

	(void)state;
	sk_rng_init(&rng, 1);
	for (size_t n = 0; n <= MOST; n += n < 300 ? 1 : 97)
		for (unsigned kind = 0; kind < 7; kind++) {
			for (size_t i = 0; i < n; i++)
				got[i] = want[i] = shape(&rng, kind, i, n);
			sk_sort_f64(got, n);
			qsort(want, n, sizeof(*want), compare);
			for (size_t i = 0; i < n; i++)
				if (got[i] != want[i])
					fail_msg("n %zu kind %u at %zu: %g %g",
					    n, kind, i, got[i], want[i]);
		}
}

static void
test_merge(void **state)
{
	double list[12] = { 1, 3, 3, 9, 0, 0, 0, 0, 2, 3, 4, 10 };
	const double want[8] = { 1, 2, 3, 3, 3, 4, 9, 10 };

	(void)state;
	sk_sort_merge_f64(list + 4, list, 4, list + 8, 4);
	assert_memory_equal(list + 4, want, sizeof(want));
	sk_sort_merge_f64(list, want, 8, list, 0);
	assert_memory_equal(list, want, sizeof(want));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sort),
		cmocka_unit_test(test_merge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
