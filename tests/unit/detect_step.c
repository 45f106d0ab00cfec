/* The usual step: gaps told by sorting the last intervals anew each time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "detect/step.h"

#define N 3000

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Intervals that are mostly alike, often 0, seldom long. */
static void
make_times(uint64_t seed, int64_t *t_ns)
{
	struct sk_rng rng;
	size_t i;
	int64_t at_ns = -500;

	sk_rng_init(&rng, seed);
	for (i = 0; i < N; i++) {
		uint64_t r = sk_rng_next(&rng);

		at_ns += r % 50 == 0 ? (int64_t)(r / 64 % 3000) :
		    r % 5 == 0 ? 0 : (int64_t)(90 + r / 64 % 20);
		t_ns[i] = at_ns;
	}
}

static bool
is_gap(const int64_t *t_ns, size_t i)
{
	int64_t last[SK_STEP_LAST];
	size_t n = 0, k;

	for (k = i - 1; k >= 1 && n < SK_STEP_LAST; k--)
		last[n++] = t_ns[k] - t_ns[k - 1];
	if (n < 5)
		return false;
	qsort(last, n, sizeof(last[0]), by_size);
	return last[n / 2] > 0 &&
	    t_ns[i] - t_ns[i - 1] > SK_STEP_GAP * last[n / 2];
}

static void
tells_gaps_as_sorting_does(void **state)
{
	static int64_t t_ns[N];
	uint64_t seed;
	size_t i;
	int ngaps = 0;

	(void)state;
	for (seed = 1; seed <= 20; seed++) {
		struct sk_step step = { 0 };

		make_times(seed, t_ns);
		for (i = 0; i < N; i++) {
			bool gap = sk_step_is_gap(&step, t_ns[i]);

			assert_int_equal(gap, i > 0 && is_gap(t_ns, i));
			ngaps += gap;
		}
	}
	assert_true(ngaps > 100);
}

static void
a_clock_that_is_set_back_is_a_gap(void **state)
{
	struct sk_step step = { 0 };
	int64_t t_ns;

	(void)state;
	for (t_ns = 0; t_ns < 1000; t_ns += 10)
		assert_false(sk_step_is_gap(&step, t_ns));
	assert_true(sk_step_is_gap(&step, 500));
	assert_false(sk_step_is_gap(&step, 510));
	assert_true(sk_step_is_gap(&step, INT64_MAX));
	assert_true(sk_step_is_gap(&step, INT64_MIN));
}

static void
goes_on_from_a_saved_state(void **state)
{
	static int64_t t_ns[N];
	struct sk_step step = { 0 }, back;
	struct sk_buf buf = { 0 };
	struct sk_view bytes;
	size_t i, len;

	(void)state;
	make_times(7, t_ns);
	for (i = 0; i < N; i++) {
		sk_buf_reset(&buf);
		sk_step_save(&step, &buf);
		bytes = sk_view(buf.ptr, buf.len);
		assert_true(sk_step_load(&back, &bytes));
		assert_int_equal(bytes.len, 0);
		assert_int_equal(sk_step_is_gap(&back, t_ns[i]),
		    sk_step_is_gap(&step, t_ns[i]));
		step = back;
	}
	for (len = 0; len < buf.len; len++) {
		bytes = sk_view(buf.ptr, len);
		assert_false(sk_step_load(&back, &bytes));
	}
	sk_buf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_gaps_as_sorting_does),
		cmocka_unit_test(a_clock_that_is_set_back_is_a_gap),
		cmocka_unit_test(goes_on_from_a_saved_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
