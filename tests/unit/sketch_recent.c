/*
 * Samples of a sliding window against a model that keeps everything, and by
 * chi-square.  The rule of the tests of chance is in chi.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "chi.h"
#include "sketch/recent.h"

/* All items ever, for comparison. */
struct model {
	int64_t *at_ns;
	uint64_t *priority;
	size_t n;
};

/* The k highest priorities behind since_ns: item i is one if fewer than k are
 * above it. */
static bool
is_sampled(const struct model *model, size_t i, uint32_t k, int64_t since_ns)
{
	uint32_t above = 0;
	size_t j;

	for (j = 0; j < model->n; j++)
		above += model->at_ns[j] > since_ns &&
		    model->priority[j] > model->priority[i];
	return model->at_ns[i] > since_ns && above < k;
}

static void
compare(struct sk_recent *recent, const struct model *model, uint32_t k,
    int64_t since_ns)
{
	const struct sk_recent_item *item[64];
	size_t n = sk_recent_sample(recent, k, since_ns, item), i, at = 0;
	struct sk_view view;
	char text[32];

	for (i = 0; i < model->n; i++) {
		if (!is_sampled(model, i, k, since_ns))
			continue;
		assert_true(at < n);
		assert_int_equal(item[at]->number, i);
		snprintf(text, sizeof(text), "line %zu", i);
		view = sk_recent_view(recent, item[at++]);
		assert_int_equal(view.len, strlen(text));
		assert_memory_equal(view.ptr, text, view.len);
	}
	assert_int_equal(at, n);
}

/* n items, times out of order by up to `jitter`. */
static void
against_model(uint32_t k, size_t n, int64_t window, uint64_t jitter)
{
	struct model model = { sk_xcalloc(n, sizeof(int64_t)),
		sk_xcalloc(n, sizeof(uint64_t)), 0 };
	struct sk_recent recent = { 0 };
	int64_t latest = INT64_MIN / 2;
	struct sk_rng rng;
	char text[32];
	size_t i;

	sk_rng_init(&rng, k + n);
	for (i = 0; i < n; i++) {
		int64_t at = (int64_t)(i / 2 + sk_rng_next(&rng) % jitter);

		snprintf(text, sizeof(text), "line %zu", i);
		latest = at > latest ? at : latest;
		model.at_ns[i] = at;
		model.priority[i] = sk_rng_next(&rng);
		model.n++;
		sk_recent_add(&recent, k, sk_view_str(text), at, i,
		    model.priority[i], latest - window);
		if (i % 97 == 0)
			compare(&recent, &model, k, latest - window);
	}
	compare(&recent, &model, k, latest - window);
	compare(&recent, &model, k, latest - window / 3);
	sk_recent_free(&recent);
	free(model.at_ns);
	free(model.priority);
}

static void
test_model(void **state)
{
	(void)state;
	against_model(1, 2000, 100, 1);
	against_model(5, 3000, 200, 1);
	against_model(5, 3000, 200, 50);
	against_model(5, 3000, 200, 5000);
	against_model(64, 3000, 1000, 20);
	against_model(10, 1000, 3, 1);
}

static void
test_empty(void **state)
{
	const struct sk_recent_item *item[4];
	struct sk_recent recent = { 0 };

	(void)state;
	assert_int_equal(sk_recent_sample(&recent, 4, 0, item), 0);
	sk_recent_add(&recent, 4, sk_view("", 0), 5, 0, 1, 0);
	assert_int_equal(sk_recent_sample(&recent, 4, 0, item), 1);
	assert_int_equal(item[0]->len, 0);
	assert_int_equal(sk_recent_sample(&recent, 4, 5, item), 0);
	sk_recent_free(&recent);
}

/* What is kept grows by the logarithm of the window. */
static void
test_bounded(void **state)
{
	enum { K = 10, LINES = 200000 };
	struct sk_recent recent = { 0 };
	size_t most = 0, i;
	struct sk_rng rng;

	(void)state;
	sk_rng_init(&rng, 8);
	for (i = 0; i < LINES; i++) {
		sk_recent_add(&recent, K, sk_view("0123456789", 10),
		    (int64_t)i, i, sk_rng_next(&rng), 0);
		most = recent.n > most ? recent.n : most;
	}
	assert_true((double)most <
	    2 * K * (1 + log((double)LINES / K)) * 1.5 + 64);
	assert_true(recent.bytes.cap < 64 * most);
	sk_recent_free(&recent);
}

/* All sets of 3 of the 8 items in the window, of 100 that came. */
static void
test_sets(void **state)
{
	uint32_t count[256] = { 0 }, packed[256], runs = chi_runs(), run;
	const struct sk_recent_item *item[3];
	struct sk_recent recent = { 0 };
	struct sk_rng rng;
	unsigned set;
	size_t n, i;

	(void)state;
	for (run = 0; run < runs; run++) {
		sk_rng_init(&rng, run);
		for (i = 0; i < 100; i++)
			sk_recent_add(&recent, 3, sk_view("x", 1), (int64_t)i,
			    i, sk_rng_next(&rng), (int64_t)i - 8);
		n = sk_recent_sample(&recent, 3, 91, item);
		assert_int_equal(n, 3);
		for (set = 0, i = 0; i < 3; i++)
			set |= 1U << (item[i]->number - 92);
		count[set]++;
		sk_recent_free(&recent);
	}
	n = chi_sets(count, 8, 3, packed);
	assert_int_equal(n, 56);
	assert_true(chi_even("3 of 8 in the window", packed, n));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
