/* Aggregates that become sketches: exact first, within their bounds then, the
 * same in any order where they say so, and saved so that they go on exactly. */
#include <math.h>

#include "aggs.h"
#include "base/base64.h"
#include "sketch/hll.h"
#include "sketch/quantile.h"

/* The number behind `"NAME":` in a result. */
static double
member(const char *said, const char *name)
{
	char key[64];
	const char *at;

	snprintf(key, sizeof(key), "\"%s\":", name);
	at = strstr(said, key);
	assert_non_null(at);
	return strtod(at + strlen(key), NULL);
}

/* ---- saved at any moment, it goes on as if it was not ---- */

static const char *
next_value(struct sk_rng *rng, char *text, size_t size)
{
	uint64_t dice = sk_rng_next(rng);

	if (dice % 50 == 0)
		snprintf(text, size, "a_longer_value_%llu",
		    (unsigned long long)(dice >> 8 & 1023));
	else if (dice % 3 == 0)
		snprintf(text, size, "%llu",
		    (unsigned long long)(dice >> 8 & 15));
	else
		snprintf(text, size, "%llu",
		    (unsigned long long)(dice >> 8 & 8191));
	return text;
}

static void
goes_on(const char *list, bool numbers)
{
	struct rigged rig;
	void *plain, *stopped, *copy;
	struct sk_rng rng;
	char text[64], *want;
	unsigned i;

	rigged_init(&rig, list);
	plain = rigged_state(&rig);
	stopped = rigged_state(&rig);
	sk_rng_init(&rng, 11);
	for (i = 0; i < 12000; i++) {
		do
			next_value(&rng, text, sizeof(text));
		while (numbers && text[0] == 'a');
		rigged_add(&rig, plain, i, text);
		rigged_add(&rig, stopped, i, text);
		if (i % 37 == 0 && (i < 1100 || i % 259 == 0))
			rigged_resume(&rig, stopped);
		if (i % 997 == 0) {
			copy = sk_xaligned(SK_AGG_ALIGN, rig.aggs.size);
			sk_aggs_copy(&rig.aggs, copy, stopped);
			rigged_release(&rig, stopped);
			stopped = copy;
		}
		if (i % 500 == 0 || i > 11990) {
			want = sk_xstrdup(rigged_put(&rig, plain));
			assert_string_equal(rigged_put(&rig, stopped), want);
			free(want);
		}
	}
	rigged_release(&rig, plain);
	rigged_release(&rig, stopped);
	rigged_done(&rig);
}

static void
test_goes_on(void **unused)
{
	(void)unused;
	goes_on("distinct:x", false);
	goes_on("top1000:x", false);
	goes_on("hll:x", false);
	goes_on("quantile:x,p1:x,p50:x,p99.9:x", true);
	goes_on("var:x,sum:x,list:x,argmax:x:x,last:x", true);
}

/* Two states that take turns, merged into one again and again. */
static void
test_merges_go_on(void **unused)
{
	struct rigged rig;
	void *state[2], *from[2];
	struct sk_rng rng;
	char text[64], *want;
	unsigned i, j;

	(void)unused;
	rigged_init(&rig, "top20:x,hll:x,distinct:x");
	for (j = 0; j < 2; j++) {
		state[j] = rigged_state(&rig);
		from[j] = rigged_state(&rig);
	}
	sk_rng_init(&rng, 12);
	for (i = 1; i <= 20000; i++) {
		next_value(&rng, text, sizeof(text));
		for (j = 0; j < 2; j++)
			rigged_add(&rig, i % 3 == 0 ? from[j] : state[j], i,
			    text);
		if (i % 400 == 0)
			rigged_resume(&rig, state[1]);
		if (i % 700 == 0)
			rigged_resume(&rig, from[1]);
		if (i % 4000 != 0)
			continue;
		for (j = 0; j < 2; j++) {
			sk_aggs_merge(&rig.aggs, state[j], from[j]);
			rigged_release(&rig, from[j]);
			from[j] = rigged_state(&rig);
		}
		want = sk_xstrdup(rigged_put(&rig, state[0]));
		assert_string_equal(rigged_put(&rig, state[1]), want);
		free(want);
	}
	for (j = 0; j < 2; j++) {
		rigged_release(&rig, state[j]);
		rigged_release(&rig, from[j]);
	}
	rigged_done(&rig);
}

/* ---- distinct ---- */

static char *
distinct(size_t n, uint64_t seed)
{
	const char **event = sk_xalloc(2 * n, sizeof(*event));
	struct rigged rig;
	char *said;
	size_t i;

	for (i = 0; i < n; i++)
		event[i] = event[n + i] = sk_xasprintf("value_%zu", i * 7919);
	rigged_init(&rig, "distinct:x");
	said = rigged_shuffle(&rig, event, 2 * n, seed);
	for (i = 0; i < n; i++)
		free((void *)(uintptr_t)event[i]);
	free(event);
	rigged_done(&rig);
	return said;
}

static void
test_distinct(void **unused)
{
	static const size_t sizes[] = { 999, 1000, 1001, 1500, 4000 };
	char *said, *other;
	double value, error;
	uint64_t seed;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		said = distinct(sizes[i], 1);
		value = member(said, "distinct_x");
		error = member(said, "distinct_x_error");
		assert_true(value == floor(value));
		if (sizes[i] <= 1000)
			assert_true(value == (double)sizes[i] && error == 0);
		else {
			assert_true(error == 0.01625);
			assert_true(fabs(value - (double)sizes[i]) <
			    4 * error * (double)sizes[i]);
		}
		for (seed = 2; seed < 6; seed++) {
			other = distinct(sizes[i], seed);
			assert_string_equal(other, said);
			free(other);
		}
		free(said);
	}
}

/* Long values: the exact set has a limit in bytes too. */
static void
test_distinct_long(void **unused)
{
	struct rigged rig;
	void *state;
	char text[2048];
	unsigned i;

	(void)unused;
	rigged_init(&rig, "distinct:x");
	state = rigged_state(&rig);
	memset(text, 'x', sizeof(text));
	for (i = 0; i < 600; i++) {
		snprintf(text, sizeof(text), "%u", i);
		text[strlen(text)] = '_';
		text[2000] = '\0';
		rigged_add(&rig, state, 0, text);
	}
	assert_true(member(rigged_put(&rig, state), "distinct_x_error") > 0);
	assert_true(fabs(member(rigged_put(&rig, state), "distinct_x") -
	    600) < 30);
	rigged_release(&rig, state);
	rigged_done(&rig);
}

/* ---- frequent values ---- */

static void
test_tops(void **unused)
{
	struct rigged rig;
	void *state;
	char text[64], longest[1026] = "", *want = NULL;
	const char *event[1000];
	struct sk_rng rng;
	size_t i;
	uint64_t seed;

	(void)unused;
	/* Exact while there are counters for all, whatever the order. */
	rigged_init(&rig, "top5:x");
	for (i = 0; i < 1000; i++)
		event[i] = sk_xasprintf("%zu", i * i % 997);
	for (seed = 0; seed < 10; seed++) {
		char *said = rigged_shuffle(&rig, event, 1000, seed);

		if (want != NULL)
			assert_string_equal(said, want);
		free(want);
		want = said;
	}
	free(want);
	for (i = 0; i < 1000; i++)
		free((void *)(uintptr_t)event[i]);
	/* Beyond, the frequent ones are found, counts within their errors. */
	state = rigged_state(&rig);
	sk_rng_init(&rng, 5);
	for (i = 0; i < 30000; i++) {
		if (i % 3 == 0)
			snprintf(text, sizeof(text), "often%zu", i % 5);
		else
			snprintf(text, sizeof(text), "%llu",
			    (unsigned long long)sk_rng_next(&rng));
		rigged_add(&rig, state, 0, text);
	}
	want = sk_xstrdup(rigged_put(&rig, state));
	for (i = 0; i < 5; i++) {
		snprintf(text, sizeof(text), "often%zu\",\"count", i);
		assert_non_null(strstr(want, text));
		assert_true(member(strstr(want, text), "count") >= 2000);
	}
	free(want);
	memset(longest, 'x', 1025);
	assert_string_equal(rigged_take(&rig, 0, longest),
	    "a value of over 1024 bytes");
	longest[1024] = '\0';
	assert_null(rigged_take(&rig, 0, longest));
	rigged_release(&rig, state);
	rigged_done(&rig);
}

/* ---- percentiles ---- */

static void
test_percentiles(void **unused)
{
	struct rigged rig;
	const char *event[1000];
	char *said;
	size_t i;
	uint64_t seed;

	(void)unused;
	for (i = 0; i < 1000; i++)
		event[i] = sk_xasprintf("%zu", 1 + i * 389 % 1000);
	rigged_init(&rig, "p0.1:x,p50:x,p95:x,p99.9:x,p100:x");
	for (seed = 0; seed < 5; seed++) {
		said = rigged_shuffle(&rig, event, 1000, seed);
		assert_string_equal(said, "{\"p0.1_x\":1,\"p50_x\":500,"
		    "\"p95_x\":950,\"p99.9_x\":999,\"p100_x\":1000}");
		free(said);
	}
	for (i = 0; i < 1000; i++)
		free((void *)(uintptr_t)event[i]);
	rigged_done(&rig);
}

static void
test_many_percentiles(void **unused)
{
	struct rigged rig;
	void *state[2];
	char text[64];
	const char *said;
	size_t i;

	(void)unused;
	rigged_init(&rig, "p10:x,p50:x,p99:x");
	state[0] = rigged_state(&rig);
	state[1] = rigged_state(&rig);
	for (i = 0; i < 50000; i++) {
		snprintf(text, sizeof(text), "%zu", i * 38903 % 50000);
		rigged_add(&rig, state[i % 2], 0, text);
	}
	sk_aggs_merge(&rig.aggs, state[0], state[1]);
	said = rigged_put(&rig, state[0]);
	assert_true(fabs(member(said, "p10_x") - 5000) < 1000);
	assert_true(fabs(member(said, "p50_x") - 25000) < 1000);
	assert_true(fabs(member(said, "p99_x") - 49500) < 1000);
	rigged_release(&rig, state[0]);
	rigged_release(&rig, state[1]);
	rigged_done(&rig);
}

/* ---- images ---- */

static struct sk_view
image_of(const char *said, const char *name, struct sk_buf *bytes)
{
	char key[64];
	const char *at;

	snprintf(key, sizeof(key), "\"%s\":\"", name);
	at = strstr(said, key);
	assert_non_null(at);
	at += strlen(key);
	assert_int_equal(sk_base64_get(bytes, sk_view(at, strcspn(at, "\""))),
	    0);
	return sk_view(bytes->ptr, bytes->len);
}

static void
test_images(void **unused)
{
	static const struct sk_quantile_conf conf = { .size = SK_KLL_K,
		.seed = 1 };
	struct sk_buf bytes = { 0 };
	struct sk_quantile quantile;
	struct sk_quantile_view view;
	struct sk_diag diag;
	struct rigged rig;
	struct sk_hll hll, own;
	char text[64];
	void *state;
	unsigned i;

	(void)unused;
	rigged_init(&rig, "hll:x,quantile:x");
	state = rigged_state(&rig);
	assert_string_equal(rigged_put(&rig, state),
	    "{\"hll_x\":null,\"quantile_x\":null}");
	sk_hll_init(&own, SK_HLL_LGK, SK_HLL_8);
	for (i = 1; i <= 5000; i++) {
		snprintf(text, sizeof(text), "%u", i);
		rigged_add(&rig, state, 0, text);
		sk_hll_add(&own, sk_view_str(text));
	}
	assert_int_equal(sk_hll_load(&hll, image_of(rigged_put(&rig, state),
	    "hll_x", &bytes), &diag), 0);
	assert_true(sk_hll_estimate(&hll) == sk_hll_estimate(&own));
	sk_hll_free(&hll);
	sk_hll_free(&own);
	sk_buf_reset(&bytes);
	sk_quantile_init(&quantile, &conf);
	assert_int_equal(sk_quantile_fold(&quantile, image_of(rigged_put(&rig,
	    state), "quantile_x", &bytes), &diag), 0);
	sk_quantile_open(&quantile, &view);
	assert_int_equal(view.n, 5000);
	assert_true(view.min == 1 && view.max == 5000);
	assert_true(fabs(sk_quantile_value(&view, 0.5) - 2500) < 100);
	sk_quantile_close(&view);
	sk_quantile_free(&quantile);
	sk_buf_free(&bytes);
	rigged_release(&rig, state);
	rigged_done(&rig);
}

/* ---- lists ---- */

static void
test_lists(void **unused)
{
	struct rigged rig;
	const char *event[300];
	char *said, *want = sk_xstrdup("{\"list_x\":["), *more;
	void *state;
	size_t i;
	uint64_t seed;

	(void)unused;
	rigged_init(&rig, "list:x");
	rig.aggs.list_max = 100;
	for (i = 0; i < 300; i++) {
		event[i] = sk_xasprintf("%zu%s", i, i % 7 == 0 ?
		    "_and_a_long_tail_of_it_that_takes_room" : "");
		if (i >= 100)
			continue;
		more = sk_xasprintf("%s%s\"%s\"", want, i > 0 ? "," : "",
		    event[i]);
		free(want);
		want = more;
	}
	more = sk_xasprintf("%s]}", want);
	for (seed = 0; seed < 20; seed++) {
		said = rigged_shuffle(&rig, event, 300, seed);
		assert_string_equal(said, more);
		free(said);
	}
	state = rigged_state(&rig);
	for (i = 300; i-- > 0;)
		rigged_add(&rig, state, (int64_t)i, event[i]);
	assert_string_equal(rigged_put(&rig, state), more);
	assert_int_equal(sk_aggs_left_out(&rig.aggs, state), 200);
	rigged_resume(&rig, state);
	assert_int_equal(sk_aggs_left_out(&rig.aggs, state), 200);
	for (i = 0; i < 300; i++)
		free((void *)(uintptr_t)event[i]);
	free(want);
	free(more);
	rigged_release(&rig, state);
	rigged_done(&rig);
}

/* Of equal times what was added first is the earlier, and in a merge what into
 * has. */
static void
test_ties(void **unused)
{
	struct rigged rig;
	void *state[2];

	(void)unused;
	rigged_init(&rig, "first:x,last:x,list:x,delta:x,argmax:y:x");
	state[0] = rigged_state(&rig);
	state[1] = rigged_state(&rig);
	rigged_add(&rig, state[0], 9, "5 1");
	rigged_add(&rig, state[1], 9, "9 1");
	rigged_add(&rig, state[0], 5, "1 8");
	rigged_add(&rig, state[0], 5, "2 7");
	rigged_add(&rig, state[1], 5, "4 8");
	rigged_add(&rig, state[1], 5, "8 8.0");
	rigged_add(&rig, state[0], 5, "3 8");
	sk_aggs_merge(&rig.aggs, state[0], state[1]);
	assert_string_equal(rigged_put(&rig, state[0]), "{\"first_x\":\"1\","
	    "\"last_x\":\"9\",\"list_x\":[\"1\",\"2\",\"3\",\"4\",\"8\","
	    "\"5\",\"9\"],\"delta_x\":8,"
	    "\"argmax_y_x\":[\"1\",\"3\",\"4\",\"8\"]}");
	rigged_release(&rig, state[0]);
	rigged_release(&rig, state[1]);
	rigged_done(&rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goes_on),
		cmocka_unit_test(test_merges_go_on),
		cmocka_unit_test(test_distinct),
		cmocka_unit_test(test_distinct_long),
		cmocka_unit_test(test_tops),
		cmocka_unit_test(test_percentiles),
		cmocka_unit_test(test_many_percentiles),
		cmocka_unit_test(test_images),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_ties),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
