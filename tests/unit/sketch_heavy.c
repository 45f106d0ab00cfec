/* The methods behind one interface, and decay against exact sums. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <math.h>

#include <cmocka.h>

#include "base/mem.h"
#include "counted.h"
#include "sketch/heavy.h"

#define S INT64_C(1000000000)

static const struct sk_heavy_conf confs[] = {
	{ .method = SK_HEAVY_SPACE_SAVING, .counters = 100, .max_item = 64,
	    .rows = 5, .seed = 1 },
	{ .method = SK_HEAVY_LOSSY_COUNTING, .counters = 100, .max_item = 64,
	    .rows = 5, .seed = 1 },
	{ .method = SK_HEAVY_COUNT_MIN, .counters = 1000, .max_item = 64,
	    .rows = 5, .seed = 1 },
};

static void
assert_image(const struct sk_buf *buf, enum sk_heavy_method method,
    uint64_t total)
{
	struct sk_view image = sk_view(buf->ptr, buf->len);
	struct sk_buf text = { 0 };
	struct sk_diag diag;
	uint64_t got;

	assert_int_equal(sk_heavy_about(image, &text, &got, &diag), 0);
	assert_int_equal(got, total);
	assert_non_null(strstr(sk_buf_cstr(&text),
	    method == SK_HEAVY_COUNT_MIN ? "type=count-min rows=5 buckets="
	    : "type=frequent lgmax="));
	assert_true(sk_heavy_about(sk_view(buf->ptr, buf->len - 1), &text,
	    &got, &diag) < 0);
	sk_buf_free(&text);
}

static void
assert_asked(const struct sk_heavy *heavy, const struct counted *s)
{
	for (uint32_t i = 0; i < s->d; i++) {
		struct sk_items_row row = sk_heavy_ask(heavy,
		    counted_item(s, i));

		assert_true(row.count >= s->exact[i]);
		if (heavy->conf->method != SK_HEAVY_COUNT_MIN)
			assert_true(row.count - row.error <= s->exact[i]);
	}
}

static void
test_every_method(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(confs) / sizeof(confs[0]); i++) {
		const struct sk_heavy_conf *conf = &confs[i];
		struct sk_buf image = { 0 };
		struct sk_heavy heavy, back;
		struct sk_diag diag;
		struct counted s;
		struct sk_view item;

		counted_make(&s, COUNTED_ZIPF, 20000, 700, 1, 4);
		sk_heavy_init(&heavy, conf);
		sk_heavy_init(&back, conf);
		for (uint32_t j = 0; j < s.n; j++) {
			item = counted_item(&s, s.number[j]);
			s.exact[s.number[j]]++;
			assert_int_equal(sk_heavy_add_batch(&heavy, &item, 1,
			    0), 0);
		}
		assert_int_equal(sk_heavy_total(&heavy), s.n);
		assert_true(sk_heavy_factor(&heavy, 5) == 1);
		assert_asked(&heavy, &s);
		sk_heavy_save(&heavy, &image);
		assert_image(&image, conf->method == SK_HEAVY_COUNT_MIN
		    ? SK_HEAVY_COUNT_MIN : SK_HEAVY_SPACE_SAVING, s.n);
		assert_int_equal(sk_heavy_fold(&back,
		    sk_view(image.ptr, image.len), &diag), 0);
		assert_asked(&back, &s);
		assert_true(sk_heavy_rows(&back) <= sk_heavy_rows(&heavy));
		item = sk_view_str(s.text[0]);
		item.len = 65;
		assert_int_equal(sk_heavy_add_batch(&back, &item, 1, 0), 1);
		sk_buf_free(&image);
		sk_heavy_free(&heavy);
		sk_heavy_free(&back);
		counted_free(&s);
	}
}

static void
test_images_of_another_method(void **state)
{
	struct sk_heavy heavy, other;
	struct sk_buf image = { 0 };
	struct sk_diag diag;

	(void)state;
	sk_heavy_init(&heavy, &confs[2]);
	sk_heavy_init(&other, &confs[0]);
	sk_heavy_save(&heavy, &image);
	assert_int_equal(sk_heavy_fold(&other, sk_view(image.ptr, image.len),
	    &diag), SK_EDATA);
	assert_string_equal(diag.text,
	    "a Count-Min sketch (--method count-min)");
	sk_buf_reset(&image);
	sk_heavy_save(&other, &image);
	assert_int_equal(sk_heavy_fold(&heavy, sk_view(image.ptr, image.len),
	    &diag), SK_EDATA);
	assert_string_equal(diag.text, "not a Count-Min sketch");
	sk_buf_free(&image);
	sk_heavy_free(&heavy);
	sk_heavy_free(&other);
}

/* An image with more items than counters brings counters along, unless their
 * number was asked for. */
static void
test_counters_follow_the_image(void **state)
{
	struct sk_heavy_conf large = confs[0], small = confs[0];
	struct sk_heavy from, to;
	struct sk_buf image = { 0 };
	struct sk_diag diag;
	char text[8];

	(void)state;
	large.counters = 1000;
	small.counters = 10;
	sk_heavy_init(&from, &large);
	for (unsigned i = 0; i < 500; i++) {
		snprintf(text, sizeof(text), "%u", i);
		sk_heavy_add(&from, sk_view_str(text), 1 + i % 3, 0);
	}
	sk_heavy_save(&from, &image);
	for (int fixed = 0; fixed < 2; fixed++) {
		small.fixed = fixed;
		sk_heavy_init(&to, &small);
		assert_int_equal(sk_heavy_fold(&to,
		    sk_view(image.ptr, image.len), &diag), 0);
		assert_int_equal(to.of.topk.counters, fixed ? 10 : 501);
		assert_true(fixed ? sk_heavy_floor(&to) > 0
		    : sk_heavy_rows(&to) == 500);
		sk_heavy_free(&to);
	}
	sk_buf_free(&image);
	sk_heavy_free(&from);
}

/* ---- decay ---- */

/* Events of `d` items at times with the given step (and some of them earlier),
 * seen from the end: exact sums of 2^(-age / half-life). */
static void
check_decay(uint32_t counters, uint32_t d, int64_t step_ns, uint64_t seed)
{
	struct sk_heavy_conf conf = confs[0];
	struct sk_items_row row;
	struct sk_heavy heavy;
	struct counted s;
	double *exact = sk_xcalloc(d, sizeof(*exact)), sum = 0, factor;
	int64_t at = 1700000000 * S, last = 0;

	counted_make(&s, COUNTED_ZIPF, 5000, d, 9, seed);
	conf.counters = counters;
	conf.half_life_ns = 60 * S;
	sk_heavy_init(&heavy, &conf);
	for (uint32_t i = 0; i < s.n; i++) {
		int64_t when = (at += step_ns) - (int64_t)(i % 7) * step_ns;

		last = when > last ? when : last;
		assert_int_equal(sk_heavy_add(&heavy,
		    counted_item(&s, s.number[i]), s.weight[i], when), 0);
	}
	at = 1700000000 * S;
	for (uint32_t i = 0; i < s.n; i++) {
		int64_t when = (at += step_ns) - (int64_t)(i % 7) * step_ns;
		double w = (double)s.weight[i] *
		    exp2((double)(when - last) / (60 * S));

		exact[s.number[i]] += w;
		sum += w;
	}
	factor = sk_heavy_factor(&heavy, last);
	assert_true(fabs(sk_topk_real(sk_heavy_total(&heavy)) * factor -
	    sum) <= 1e-9 * sum);
	for (uint32_t i = 0; i < d; i++) {
		double count, error;

		row = sk_heavy_ask(&heavy, counted_item(&s, i));
		count = sk_topk_real(row.count) * factor;
		error = sk_topk_real(row.error) * factor;
		assert_true(count >= exact[i] * (1 - 1e-9));
		assert_true(count - error <= exact[i] + 1e-9 * sum);
		assert_true(error <= sum / counters * (1 + 1e-9));
	}
	sk_heavy_free(&heavy);
	counted_free(&s);
	free(exact);
}

static void
test_decay(void **state)
{
	/* From a fraction of the half-life to 30 of them an event: t0 is moved
	 * on again and again. */
	static const int64_t steps[] = { 0, S / 100, S, 60 * S, 1800 * S };

	(void)state;
	for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		for (uint32_t counters = 1; counters <= 1000; counters *= 10)
			check_decay(counters, 300, steps[i], i + 1);
}

static void
test_decay_of_any_times(void **state)
{
	static const int64_t times[] = { 0, INT64_MAX, INT64_MIN + 1, 1, -1,
		INT64_MAX - 1, 0, INT64_MAX };
	struct sk_heavy_conf conf = confs[0];
	struct sk_items_row rows[4];
	struct sk_heavy heavy;
	size_t n;

	(void)state;
	conf.counters = 2;
	for (conf.half_life_ns = 1; conf.half_life_ns > 0 &&
	    conf.half_life_ns < INT64_MAX / 1000; conf.half_life_ns *= 1000) {
		sk_heavy_init(&heavy, &conf);
		for (unsigned i = 0; i < 8; i++)
			assert_int_equal(sk_heavy_add(&heavy,
			    sk_view_str(&"abcdefgh"[i]), UINT64_MAX,
			    times[i]), 0);
		n = sk_heavy_list(&heavy, rows);
		for (size_t i = 0; i < n; i++) {
			double count = sk_topk_real(rows[i].count) *
			    sk_heavy_factor(&heavy, INT64_MAX);

			assert_true(count >= 0 && count <= 0x1p68);
		}
		sk_heavy_free(&heavy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_method),
		cmocka_unit_test(test_images_of_another_method),
		cmocka_unit_test(test_counters_follow_the_image),
		cmocka_unit_test(test_decay),
		cmocka_unit_test(test_decay_of_any_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
