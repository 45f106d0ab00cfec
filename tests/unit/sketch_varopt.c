/*
 * VarOpt samples: inclusion by weight, unbiased sums, merging; images against
 * those that another implementation made (../shared/vectors; skipped where
 * that is absent).  The rule of the tests of chance is in chi.h; inclusion is
 * tested item by item, where 5 standard deviations have a probability of 6e-7.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "chi.h"
#include "sketch/varopt.h"

#define FOLDER "../shared/vectors/varopt/"
#define N 20

static const double weights[N] = { 1, 100, 2, 3, 50, 1, 1, 8, 5, 13, 2, 1, 21,
	3, 0.5, 34, 1, 2, 40, 1 };

/* The threshold at which min(1, w / t) add up to k. */
static double
threshold(const double *weight, size_t n, uint32_t k)
{
	double low = 0, high = 1e6, t = 0, sum;
	int step;
	size_t i;

	for (step = 0; step < 200; step++) {
		t = (low + high) / 2;
		for (sum = 0, i = 0; i < n; i++)
			sum += weight[i] > t ? 1 : weight[i] / t;
		if (sum > k)
			low = t;
		else
			high = t;
	}
	return t;
}

static void
add_items(struct sk_varopt *opt, unsigned from, unsigned to,
    struct sk_rng *rng)
{
	char text = 0;

	for (; from < to; from++) {
		text = (char)('a' + from);
		sk_varopt_add(opt, sk_view(&text, 1), weights[from], from,
		    rng);
	}
}

/* The weight that item i of the sample stands for. */
static double
weight_of(const struct sk_varopt *opt, uint32_t i)
{
	return i < opt->heavy ? opt->item[i].weight :
	    opt->light_weight / opt->light;
}

static void
check_shape(const struct sk_varopt *opt, uint64_t n, uint32_t k)
{
	uint32_t i;

	assert_int_equal(opt->n, n);
	assert_int_equal(opt->heavy + opt->light, n < k ? n : k);
	for (i = 0; i < opt->heavy + opt->light; i++) {
		assert_int_equal(opt->item[i].len, 1);
		assert_int_equal(opt->item[i].ptr[0],
		    'a' + opt->item[i].number);
		if (i < opt->heavy)
			assert_true(opt->item[i].weight ==
			    weights[opt->item[i].number]);
		if (i < opt->heavy && opt->light > 0)
			assert_true(opt->item[i].weight * opt->light >=
			    opt->light_weight * (1 - 1e-12));
	}
}

struct tally {
	uint32_t count[N];
	double sum[N]; /* of the weights that stand for an item */
	uint32_t runs;
};

static void
take(struct tally *tally, const struct sk_varopt *opt)
{
	uint32_t i;

	for (i = 0; i < opt->heavy + opt->light; i++) {
		tally->count[opt->item[i].number]++;
		tally->sum[opt->item[i].number] += weight_of(opt, i);
	}
	tally->runs++;
}

/* With the threshold t each item is there with probability min(1, w / t), and
 * then stands for max(t, w): w on average. */
static void
check_tally(const struct tally *tally, double t)
{
	unsigned i;

	for (i = 0; i < N; i++) {
		double p = weights[i] > t ? 1 : weights[i] / t;
		double sd = sqrt(tally->runs * p * (1 - p));

		assert_true(fabs(tally->count[i] - tally->runs * p) <=
		    5 * sd + 1e-6);
		assert_true(fabs(tally->sum[i] - tally->runs * weights[i]) <=
		    (5 * sd * t + 1e-6) * (1 + 1e-9) + 1e-6 * tally->runs);
	}
}

static void
test_inclusion(void **state)
{
	static const uint32_t ks[] = { 1, 2, 3, 5, 10, 19, 20, 30 };
	uint32_t runs = chi_runs(), run;
	struct sk_varopt opt;
	struct sk_rng rng;
	double total = 0;
	size_t i;

	(void)state;
	for (i = 0; i < N; i++)
		total += weights[i];
	for (i = 0; i < sizeof(ks) / sizeof(ks[0]); i++) {
		struct tally tally = { .runs = 0 };

		for (run = 0; run < runs; run++) {
			sk_rng_init(&rng, run);
			sk_varopt_init(&opt, ks[i]);
			add_items(&opt, 0, N, &rng);
			check_shape(&opt, N, ks[i]);
			assert_true(fabs(sk_varopt_weight(&opt) - total) <
			    1e-9);
			take(&tally, &opt);
			sk_varopt_free(&opt);
		}
		check_tally(&tally, threshold(weights, N, ks[i]));
	}
}

/* Equal weights: a uniform sample, tested by its sets. */
static void
test_equal(void **state)
{
	uint32_t count[256] = { 0 }, packed[256], runs = chi_runs(), run, i;
	struct sk_varopt opt;
	struct sk_rng rng;
	unsigned set;
	size_t n;

	(void)state;
	for (run = 0; run < runs; run++) {
		sk_rng_init(&rng, run);
		sk_varopt_init(&opt, 3);
		for (i = 0; i < 7; i++)
			sk_varopt_add(&opt, sk_view("x", 1), 1, i, &rng);
		for (set = 0, i = 0; i < 3; i++)
			set |= 1U << opt.item[i].number;
		count[set]++;
		assert_true(sk_varopt_is_uniform(&opt));
		sk_varopt_free(&opt);
	}
	n = chi_sets(count, 7, 3, packed);
	assert_int_equal(n, 35);
	assert_true(chi_even("3 of 7", packed, n));
}

/* Shards of unequal sizes: as a sample of all with the smaller k. */
static void
merge(unsigned split, uint32_t ka, uint32_t kb, uint32_t want_k)
{
	struct tally tally = { .runs = 0 };
	uint32_t runs = chi_runs() / 2, run;
	struct sk_varopt a, b;
	struct sk_rng rng;

	for (run = 0; run < runs; run++) {
		sk_rng_init(&rng, run);
		sk_varopt_init(&a, ka);
		sk_varopt_init(&b, kb);
		add_items(&a, 0, split, &rng);
		add_items(&b, split, N, &rng);
		sk_varopt_merge(&a, &b, &rng);
		assert_null(b.item);
		check_shape(&a, N, want_k);
		take(&tally, &a);
		sk_varopt_free(&a);
	}
	/* The weights of a merged sample vary by more than one threshold, but
	 * are what they should be on average. */
	for (run = 0; run < N; run++)
		assert_true(fabs(tally.sum[run] / runs - weights[run]) <
		    5 * sqrt(weights[run] * 120 / (double)runs) + 1e-9);
}

static void
test_merge(void **state)
{
	(void)state;
	merge(10, 4, 4, 4);
	merge(17, 5, 5, 5);
	merge(3, 5, 5, 5);
	merge(10, 4, 7, 4);
	merge(10, 7, 4, 4);
	merge(0, 6, 3, 3);
	merge(0, 3, 6, 3);
	merge(20, 3, 6, 3);
	merge(5, 30, 30, 30);
}

static void
test_shrink(void **state)
{
	struct tally tally = { .runs = 0 };
	uint32_t runs = chi_runs(), run;
	struct sk_varopt opt;
	struct sk_rng rng;

	(void)state;
	for (run = 0; run < runs; run++) {
		sk_rng_init(&rng, run);
		sk_varopt_init(&opt, run % 2 == 0 ? 30 : 12);
		add_items(&opt, 0, N, &rng);
		sk_varopt_shrink(&opt, 4, &rng);
		check_shape(&opt, N, 4);
		take(&tally, &opt);
		sk_varopt_free(&opt);
	}
	check_tally(&tally, threshold(weights, N, 4));
}

static void
test_from_reservoir(void **state)
{
	struct sk_reservoir res;
	struct sk_varopt opt;
	struct sk_view item = sk_view("a", 1);
	struct sk_rng rng;
	int i;

	(void)state;
	sk_rng_init(&rng, 1);
	sk_reservoir_init(&res, 4);
	for (i = 0; i < 3; i++)
		sk_reservoir_add(&res, &item, 1, 0, &rng);
	sk_varopt_from_reservoir(&opt, &res);
	assert_int_equal(opt.heavy, 3);
	assert_true(sk_varopt_weight(&opt) == 3);
	sk_varopt_to_reservoir(&opt, &res);
	for (i = 0; i < 7; i++)
		sk_reservoir_add(&res, &item, 1, 0, &rng);
	sk_varopt_from_reservoir(&opt, &res);
	assert_int_equal(opt.light, 4);
	assert_true(sk_varopt_weight(&opt) == 10);
	sk_varopt_add(&opt, item, 1e6, 0, &rng);
	assert_int_equal(opt.heavy, 1);
	assert_int_equal(opt.light, 3);
	assert_false(sk_varopt_is_uniform(&opt));
	sk_varopt_free(&opt);
}

/* ---- images ---- */

static bool
read_file(const char *name, struct sk_buf *buf)
{
	FILE *file = fopen(name, "rb");
	char bytes[4096];
	size_t n;

	if (file == NULL)
		return false;
	while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0)
		sk_buf_add(buf, bytes, n);
	fclose(file);
	return true;
}

static void
load(struct sk_varopt *opt, const struct sk_buf *image)
{
	struct sk_diag diag = { "" };

	if (sk_varopt_load(opt, sk_view(image->ptr, image->len), 0, &diag) !=
	    0)
		fail_msg("%s", diag.text);
}

/* It is read, and written again byte for byte, as a reservoir too. */
static void
vector(const char *name, uint64_t n, uint32_t lines)
{
	struct sk_buf want = { 0 }, got = { 0 };
	struct sk_reservoir res;
	struct sk_varopt opt;

	if (!read_file(name, &want))
		skip();
	load(&opt, &want);
	assert_int_equal(opt.k, 32);
	assert_int_equal(opt.n, n);
	assert_int_equal(opt.heavy + opt.light, lines);
	assert_true(sk_varopt_weight(&opt) == (double)n);
	assert_true(sk_varopt_is_uniform(&opt));
	sk_varopt_save(&opt, &got);
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.ptr, want.ptr, want.len);
	sk_buf_reset(&got);
	sk_varopt_to_reservoir(&opt, &res);
	sk_reservoir_save(&res, &got);
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.ptr, want.ptr, want.len);
	sk_reservoir_free(&res);
	sk_buf_free(&got);
	sk_buf_free(&want);
}

static void
test_vectors(void **state)
{
	(void)state;
	vector(FOLDER "varopt_empty_k32.sk", 0, 0);
	vector(FOLDER "varopt_seq_k32_n10.sk", 10, 10);
	vector(FOLDER "varopt_seq_k32_n1000.sk", 1000, 32);
}

/* What we make of the inputs of the vectors: the same bytes, where nothing is
 * left to chance. */
static void
test_made(void **state)
{
	struct sk_buf want = { 0 }, got = { 0 };
	struct sk_varopt opt;
	struct sk_rng rng;
	char text[16];
	int i;

	(void)state;
	if (!read_file(FOLDER "varopt_seq_k32_n10.sk", &want))
		skip();
	sk_rng_init(&rng, 1);
	sk_varopt_init(&opt, 32);
	for (i = 1; i <= 10; i++) {
		snprintf(text, sizeof(text), "%d", i);
		sk_varopt_add(&opt, sk_view_str(text), 1, (uint64_t)i, &rng);
	}
	sk_varopt_save(&opt, &got);
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.ptr, want.ptr, want.len);
	sk_varopt_free(&opt);
	sk_buf_free(&got);
	sk_buf_free(&want);
}

/* A weighted sample through its image and back. */
static void
test_weighted_image(void **state)
{
	struct sk_buf image = { 0 }, again = { 0 };
	struct sk_varopt opt, got;
	struct sk_rng rng;
	uint32_t i;

	(void)state;
	sk_rng_init(&rng, 4);
	sk_varopt_init(&opt, 6);
	add_items(&opt, 0, N, &rng);
	assert_true(opt.heavy > 1 && opt.light > 1);
	sk_varopt_save(&opt, &image);
	load(&got, &image);
	assert_int_equal(got.heavy, opt.heavy);
	assert_int_equal(got.light, opt.light);
	assert_true(got.light_weight == opt.light_weight);
	for (i = 1; i < got.heavy; i++)
		assert_true(got.item[i].weight >= got.item[(i - 1) / 2].weight);
	sk_varopt_save(&got, &again);
	assert_int_equal(again.len, image.len);
	assert_memory_equal(again.ptr, image.ptr, image.len);
	sk_varopt_free(&got);
	sk_varopt_free(&opt);
	sk_buf_free(&image);
	sk_buf_free(&again);
}

/* A union's image has a bit for each heavy item behind the weights; heavy
 * items of any order become a heap. */
static void
test_marks(void **state)
{
	struct sk_buf image = { 0 };
	struct sk_varopt opt;
	static const char head[] = { (char)0xc4, 2, 13, (char)128, 3, 0, 0, 0,
		9, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0 };
	static const char two[] = { 0, 0, 0, 0, 0, 0, 0, 0x40 };
	static const char eight[] = { 0, 0, 0, 0, 0, 0, 0x20, 0x40 };
	static const char items[] = { 2, 1, 0, 0, 0, 'h', 1, 0, 0, 0, 'i',
		1, 0, 0, 0, 'r' };

	(void)state;
	sk_buf_add(&image, head, sizeof(head));
	sk_buf_add(&image, two, sizeof(two));
	sk_buf_add(&image, eight, sizeof(eight));
	sk_buf_add(&image, two, sizeof(two));
	sk_buf_add(&image, items, sizeof(items));
	load(&opt, &image);
	assert_int_equal(opt.n, 9);
	assert_int_equal(opt.item[0].ptr[0], 'i');
	assert_true(opt.item[0].weight == 2);
	assert_int_equal(opt.item[1].ptr[0], 'h');
	assert_int_equal(opt.item[2].ptr[0], 'r');
	assert_true(sk_varopt_weight(&opt) == 12);
	sk_varopt_free(&opt);
	sk_buf_free(&image);
}

/* Reservoirs of Java and Go: n below k, and above. */
static void
test_java(void **state)
{
	struct sk_buf image = { 0 };
	struct sk_varopt opt;
	static const char head[] = { (char)0xc2, 2, 11, 0, 3, 0, 0, 0,
		2, 0, 0, 0, 0, 0, 0, 0 };
	static const char empty[] = { (char)0xc1, 2, 11, 4, 3, 0, 0, 0 };
	static const char items[] = { 1, 0, 0, 0, 'a', 0, 0, 0, 0 };
	static const char third[] = { 2, 0, 0, 0, 'c', 'd' };

	(void)state;
	sk_buf_add(&image, empty, sizeof(empty));
	load(&opt, &image);
	assert_int_equal(opt.k, 3);
	assert_int_equal(opt.n, 0);
	sk_varopt_free(&opt);
	sk_buf_reset(&image);
	sk_buf_add(&image, head, sizeof(head));
	sk_buf_add(&image, items, sizeof(items));
	load(&opt, &image);
	assert_int_equal(opt.heavy, 2);
	assert_int_equal(opt.item[1].len, 0);
	assert_true(sk_varopt_is_uniform(&opt));
	sk_varopt_free(&opt);
	image.ptr[8] = 77;
	sk_buf_add(&image, third, sizeof(third));
	load(&opt, &image);
	assert_int_equal(opt.light, 3);
	assert_int_equal(opt.n, 77);
	assert_true(sk_varopt_is_uniform(&opt));
	sk_varopt_free(&opt);
	sk_buf_free(&image);
}

static void
refused(const struct sk_buf *image, size_t len, int err, const char *why)
{
	struct sk_diag diag = { "" };
	struct sk_varopt opt;

	assert_int_equal(sk_varopt_load(&opt, sk_view(image->ptr, len), 0,
	    &diag), err);
	assert_string_equal(diag.text, why);
	assert_null(opt.item);
}

static void
spoil(struct sk_buf *image, size_t at, int byte, int err, const char *why)
{
	char was = image->ptr[at];

	image->ptr[at] = (char)byte;
	refused(image, image->len, err, why);
	image->ptr[at] = was;
}

static void
test_refused(void **state)
{
	const char *counts = "a sample whose counts do not fit";
	struct sk_buf image = { 0 };
	struct sk_diag diag;
	struct sk_varopt opt;
	struct sk_rng rng;
	size_t len;

	(void)state;
	sk_rng_init(&rng, 4);
	sk_varopt_init(&opt, 6);
	add_items(&opt, 0, N, &rng);
	sk_varopt_save(&opt, &image);
	sk_varopt_free(&opt);
	for (len = 0; len < image.len; len++)
		assert_int_equal(sk_varopt_load(&opt, sk_view(image.ptr, len),
		    0, &diag), SK_EDATA);
	refused(&image, 3, SK_EDATA, "no sample: shorter than 8 bytes");
	refused(&image, image.len - 1, SK_EDATA, "a sample that is cut short");
	spoil(&image, 0, 3, SK_EDATA, counts);
	spoil(&image, 1, 1, SK_EDATA, "a sample of version 1, not 2");
	spoil(&image, 1, 3, SK_EVERSION, "a sample of version 3, not 2");
	spoil(&image, 2, 7, SK_EDATA, "no sample: a sketch of family 7");
	spoil(&image, 3, 4, SK_EDATA, counts);
	spoil(&image, 4, 0, SK_EDATA, "a sample of 0 places");
	spoil(&image, 4, 7, SK_EDATA, counts);
	spoil(&image, 7, 255, SK_EDATA, "a sample of 4278190086 places");
	spoil(&image, 8, 5, SK_EDATA, counts);
	spoil(&image, 15, 1, SK_EDATA, counts);
	spoil(&image, 16, 99, SK_EDATA, counts);
	spoil(&image, 31, 255, SK_EDATA, "a sample with a wrong weight");
	spoil(&image, 39, 255, SK_EDATA, "a sample with a wrong weight");
	sk_buf_char(&image, 0);
	refused(&image, image.len, SK_EDATA, "bytes behind the sample");
	sk_buf_free(&image);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inclusion),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_shrink),
		cmocka_unit_test(test_from_reservoir),
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_made),
		cmocka_unit_test(test_weighted_image),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_java),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
