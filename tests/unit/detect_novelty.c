/* Novelty against a list of values whose weights are decayed at every event,
 * for few and many places, half-lives of events and of time. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "detect/novelty.h"

enum { VALUES = 60 };

/* By value. */
struct naive {
	double weight[VALUES];
	int seen[VALUES];
	bool known[VALUES];
	uint32_t n;
	int nevents;
	int64_t last_ns;
};

static void
naive_forget(struct naive *s)
{
	int v, worst = -1;

	for (v = 0; v < VALUES; v++)
		if (s->known[v] && (worst < 0 ||
		    s->weight[v] < s->weight[worst] ||
		    (s->weight[v] == s->weight[worst] &&
		    s->seen[v] < s->seen[worst])))
			worst = v;
	s->known[worst] = false;
	s->n--;
}

static void
naive_step(struct naive *s, const struct sk_novelty_conf *conf, int value,
    int64_t t_ns, struct sk_novelty_sign *sign)
{
	double total = 0, halves = 0, w, p;
	bool told = s->nevents >= (int)conf->warmup;
	int v;

	if (s->nevents > 0 && conf->half_events > 0)
		halves += 1 / (double)conf->half_events;
	if (s->nevents > 0 && conf->half_ns > 0 && t_ns > s->last_ns)
		halves += (double)(t_ns - s->last_ns) / (double)conf->half_ns;
	for (v = 0; v < VALUES; v++) {
		s->weight[v] *= exp2(-halves);
		total += s->known[v] ? s->weight[v] : 0;
	}
	w = s->known[value] ? s->weight[value] : 0;
	sign->share = total > 0 ? w / total : 0;
	sign->nvalues = s->n;
	sign->what = SK_NOVELTY_USUAL;
	if (told && !s->known[value])
		sign->what = SK_NOVELTY_NEW;
	else if (told && sign->share < conf->rare)
		sign->what = SK_NOVELTY_RARE;
	p = (w + 1) / (total + s->n + 2);
	sign->score = sign->what != SK_NOVELTY_USUAL ? 1 - p / 2 :
	    0.499 * (1 - p);
	if (!s->known[value]) {
		if (s->n == conf->most)
			naive_forget(s);
		s->known[value] = true;
		s->weight[value] = 0;
		s->n++;
	}
	s->weight[value]++;
	s->seen[value] = s->nevents++;
	if (s->nevents == 1 || t_ns > s->last_ns)
		s->last_ns = t_ns;
}

static void
step(struct sk_novelty *seen, const struct sk_novelty_conf *conf, int value,
    int64_t t_ns, struct sk_novelty_sign *sign)
{
	char text[32];

	snprintf(text, sizeof(text), "value %d", value);
	sk_novelty_step(seen, conf, sk_view_str(text), t_ns, sign);
}

static int
pick(struct sk_rng *rng)
{
	uint64_t n = VALUES;

	while (n > 1 && sk_rng_next(rng) % 3 != 0)
		n = 1 + sk_rng_next(rng) % n;
	return (int)(sk_rng_next(rng) % n);
}

static struct sk_novelty *
again(struct sk_novelty *seen)
{
	struct sk_novelty *back = sk_novelty_new();
	struct sk_buf one = { 0 }, two = { 0 };
	struct sk_view bytes;

	sk_novelty_save(seen, &one);
	bytes = sk_view(one.ptr, one.len);
	assert_true(sk_novelty_load(back, &bytes));
	assert_int_equal(bytes.len, 0);
	sk_novelty_save(back, &two);
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.ptr, two.ptr, one.len);
	sk_novelty_free(seen);
	sk_buf_free(&one);
	sk_buf_free(&two);
	return back;
}

/* Times go back now and then, and rarely jump by hundreds of half-lives; the
 * steps are multiples of 8. */
static void
check_run(const struct sk_novelty_conf *conf, uint64_t seed)
{
	struct sk_novelty *seen = sk_novelty_new();
	struct sk_novelty_sign is, was;
	struct naive naive = { 0 };
	struct sk_rng rng;
	int64_t t = -4000;
	int i, value, count[3] = { 0 };

	sk_rng_init(&rng, seed);
	for (i = 0; i < 6000; i++) {
		value = pick(&rng);
		t += 8 * ((int64_t)(sk_rng_next(&rng) % 4) - 1);
		if (sk_rng_next(&rng) % 500 == 0)
			t += 8 * (int64_t)(sk_rng_next(&rng) % 700);
		step(seen, conf, value, t, &is);
		naive_step(&naive, conf, value, t, &was);
		assert_int_equal(is.what, was.what);
		assert_int_equal(is.nvalues, was.nvalues);
		assert_true(fabs(is.share - was.share) < 1e-9);
		assert_true(fabs(is.score - was.score) < 1e-9);
		assert_int_equal(is.score >= 0.5, is.what !=
		    SK_NOVELTY_USUAL);
		assert_true(is.score > 0 && is.score < 1);
		count[is.what]++;
		if (i % 100 == 77)
			seen = again(seen);
	}
	assert_true(count[SK_NOVELTY_USUAL] > 100);
	assert_true(count[SK_NOVELTY_NEW] > 10);
	assert_int_equal(count[SK_NOVELTY_RARE] > 10, conf->rare > 0);
	sk_novelty_free(seen);
}

static void
follows_the_rule(void **state)
{
	static const uint32_t most[] = { 1, 2, 3, 4, 5, 7, 16, 17, 33, 1000 };
	struct sk_novelty_conf conf;
	size_t k;
	int half;

	(void)state;
	for (k = 0; k < sizeof(most) / sizeof(most[0]); k++)
		for (half = 0; half < 4; half++) {
			conf = (struct sk_novelty_conf){ .most = most[k],
				.warmup = k, .half_events = half & 1,
				.half_ns = half & 2 ? 8 : 0,
				.rare = most[k] > 4 ? 0.0123 : 0 };
			check_run(&conf, k);
		}
}

/* Weights of any fraction; no two are ever near enough for the way of
 * rounding to decide, but for the least, so none is forgotten. */
static void
decays_by_any_half_life(void **state)
{
	struct sk_novelty_conf conf = { .most = VALUES, .warmup = 1,
		.rare = 0.0123 };
	int k;

	(void)state;
	for (k = 1; k < 20; k++) {
		conf.half_events = (uint64_t)(k % 3 * k * k);
		conf.half_ns = k % 2 ? 3 * k * k : 0;
		check_run(&conf, (uint64_t)k);
	}
}

static void
the_first_country_is_usual(void **state)
{
	static const int country[] = { 3, 3, 1, 3, 1, 2, 2, 3, 7 };
	static const bool new[] = { 0, 0, 1, 0, 0, 1, 0, 0, 1 };
	const struct sk_novelty_conf conf = { .most = SK_NOVELTY_MOST,
		.warmup = 1 };
	struct sk_novelty *seen = sk_novelty_new();
	struct sk_novelty_sign sign;
	size_t k;

	(void)state;
	for (k = 0; k < sizeof(country) / sizeof(country[0]); k++) {
		step(seen, &conf, country[k], 0, &sign);
		assert_int_equal(sign.what, new[k] ? SK_NOVELTY_NEW :
		    SK_NOVELTY_USUAL);
	}
	assert_true(sign.score == 1 - 1.0 / (8 + 3 + 2) / 2);
	sk_novelty_free(seen);
}

static void
values_are_any_bytes(void **state)
{
	const struct sk_novelty_conf conf = { .most = 10 };
	static const char bytes[] = "a\0b\0\xff\xfe";
	struct sk_novelty *seen = sk_novelty_new();
	struct sk_novelty_sign sign;
	size_t len;

	(void)state;
	for (len = 0; len < sizeof(bytes); len++) {
		sk_novelty_step(seen, &conf, sk_view(bytes, len), 0, &sign);
		assert_int_equal(sign.what, SK_NOVELTY_NEW);
		sk_novelty_step(seen, &conf, sk_view(bytes, len), 0, &sign);
		assert_int_equal(sign.what, SK_NOVELTY_USUAL);
	}
	sk_novelty_free(seen);
}

static void
stands_at_the_ends_of_time(void **state)
{
	static const int64_t times[] = { INT64_MIN, INT64_MIN, INT64_MAX, 0,
		INT64_MAX };
	const struct sk_novelty_conf conf = { .most = 2, .half_ns = 1 };
	struct sk_novelty *seen = sk_novelty_new();
	struct sk_novelty_sign sign;
	size_t k;

	(void)state;
	for (k = 0; k < sizeof(times) / sizeof(times[0]); k++) {
		step(seen, &conf, (int)k % 2, times[k], &sign);
		assert_true(sign.share >= 0 && sign.share <= 1);
		assert_true(sign.score > 0 && sign.score < 1);
		seen = again(seen);
	}
	assert_int_equal(sign.what, SK_NOVELTY_USUAL);
	sk_novelty_free(seen);
}

/* Of bytes that end where they are said to. */
static bool
loads(const char *ptr, size_t len)
{
	const struct sk_novelty_conf conf = { .most = 3, .warmup = 1,
		.half_events = 5 };
	struct sk_novelty *seen = sk_novelty_new();
	struct sk_novelty_sign sign;
	struct sk_view bytes;
	char *copy = sk_xalloc(len + 1, 1);
	bool loaded;
	int i;

	memcpy(copy, ptr, len);
	bytes = sk_view(copy, len);
	loaded = sk_novelty_load(seen, &bytes);
	free(copy);
	for (i = 0; loaded && i < 20; i++) {
		step(seen, &conf, i % 7, i, &sign);
		assert_true(sign.score >= 0 && sign.score <= 1);
	}
	sk_novelty_free(seen);
	return loaded;
}

static void
refuses_what_is_no_state(void **state)
{
	const struct sk_novelty_conf conf = { .most = 5 };
	struct sk_novelty *seen = sk_novelty_new();
	struct sk_novelty_sign sign;
	struct sk_buf buf = { 0 };
	size_t at;
	int i;

	(void)state;
	for (i = 0; i < 4; i++)
		step(seen, &conf, i, 0, &sign);
	sk_novelty_save(seen, &buf);
	assert_true(loads(buf.ptr, buf.len));
	for (at = 0; at < buf.len; at++)
		assert_false(loads(buf.ptr, at));
	for (at = 0; at < buf.len; at++)
		for (i = 1; i < 256; i += 2) {
			buf.ptr[at] = (char)(buf.ptr[at] ^ i);
			loads(buf.ptr, buf.len);
			buf.ptr[at] = (char)(buf.ptr[at] ^ i);
		}
	memcpy(buf.ptr + 40, buf.ptr + 64, 8); /* a hash twice */
	assert_false(loads(buf.ptr, buf.len));
	sk_novelty_free(seen);
	sk_buf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_the_rule),
		cmocka_unit_test(decays_by_any_half_life),
		cmocka_unit_test(the_first_country_is_usual),
		cmocka_unit_test(values_are_any_bytes),
		cmocka_unit_test(stands_at_the_ends_of_time),
		cmocka_unit_test(refuses_what_is_no_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
