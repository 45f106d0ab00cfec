/* What the tests of models share: streams of numbers, steps, and what a saved
 * state owes. */
#ifndef SK_TEST_MODELS_H
#define SK_TEST_MODELS_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/rng.h"
#include "detect/model.h"

#define MODELS_HOUR_NS INT64_C(3600000000000)

static inline double
models_uniform(struct sk_rng *rng)
{
	return (double)(sk_rng_next(rng) >> 11) * 0x1p-53;
}

/* About normal: the sum of twelve. */
static inline double
models_normal(struct sk_rng *rng)
{
	double sum = -6;
	int i;

	for (i = 0; i < 12; i++)
		sum += models_uniform(rng);
	return sum;
}

static inline struct sk_model *
models_new(enum sk_model_kind kind)
{
	const struct sk_model_conf conf = { .kind = kind };

	return sk_model_new(&conf);
}

static inline struct sk_model_guess
models_step(struct sk_model *model, double value)
{
	const struct sk_model_value given = { .value = value };
	struct sk_model_guess guess;

	sk_model_step(model, &given, &guess);
	assert_true(guess.oddity >= 0 && guess.oddity <= SK_MODEL_MOST);
	return guess;
}

/* The words for a value, valid until the next call. */
static inline const char *
models_words(struct sk_model *model, double value)
{
	static char text[200];
	const struct sk_model_value given = { .value = value };
	struct sk_model_guess guess = models_step(model, value);
	struct sk_buf buf = { 0 };

	sk_model_words(model, &given, &guess, &buf);
	assert_true(buf.len < sizeof(text));
	memcpy(text, sk_buf_cstr(&buf), buf.len + 1);
	sk_buf_free(&buf);
	return text;
}

static inline void
models_assert_near(double got, double want, double share)
{
	if (!(fabs(got - want) <= share * (fabs(want) + 1e-12)))
		fail_msg("%.17g is not %.17g", got, want);
}

/* A stream that is cut after any of its values goes on as if it were not. */
static inline void
models_resume(const struct sk_model_conf *conf,
    const struct sk_model_value *value, size_t n, size_t every)
{
	struct sk_model *whole = sk_model_new(conf);
	struct sk_model *part = sk_model_new(conf);
	struct sk_model_guess a, b;
	struct sk_buf buf = { 0 }, other = { 0 };
	struct sk_view bytes;
	size_t i;

	for (i = 0; i < n; i++) {
		sk_model_step(whole, &value[i], &a);
		sk_model_step(part, &value[i], &b);
		assert_memory_equal(&a, &b, sizeof(a));
		if (i % every != 0)
			continue;
		sk_buf_reset(&buf);
		sk_model_save(part, &buf);
		sk_model_free(part);
		part = sk_model_new(conf);
		bytes = sk_view(buf.ptr, buf.len);
		assert_true(sk_model_load(part, &bytes));
		assert_int_equal(bytes.len, 0);
	}
	sk_buf_reset(&buf);
	sk_model_save(whole, &buf);
	sk_model_save(part, &other);
	assert_int_equal(buf.len, other.len);
	assert_memory_equal(buf.ptr, other.ptr, buf.len);
	sk_buf_free(&buf);
	sk_buf_free(&other);
	sk_model_free(whole);
	sk_model_free(part);
}

/* Bytes of its own size, so that a read beyond them is seen. */
static inline bool
models_load(const struct sk_model_conf *conf, const char *ptr, size_t len,
    const struct sk_model_value *value)
{
	struct sk_model *model = sk_model_new(conf);
	char *copy = malloc(len + 1);
	struct sk_model_guess guess;
	struct sk_view bytes;
	bool loaded;
	int i;

	assert_non_null(copy);
	memcpy(copy, ptr, len);
	copy = realloc(copy, len > 0 ? len : 1);
	bytes = sk_view(copy, len);
	loaded = sk_model_load(model, &bytes);
	for (i = 0; loaded && i < 3; i++) {
		sk_model_step(model, value, &guess);
		assert_true(guess.oddity >= 0);
		assert_true(guess.oddity <= SK_MODEL_MOST);
	}
	free(copy);
	sk_model_free(model);
	return loaded;
}

/* A state of these values that is cut off is refused; one with other bits in it
 * is refused, or judges. */
static inline void
models_damage(const struct sk_model_conf *conf,
    const struct sk_model_value *value, size_t n)
{
	struct sk_model *model = sk_model_new(conf);
	struct sk_rng rng = { 5 };
	struct sk_model_guess guess;
	struct sk_buf buf = { 0 };
	size_t i, at, step;
	char kept;

	for (i = 0; i < n; i++)
		sk_model_step(model, &value[i], &guess);
	sk_model_save(model, &buf);
	sk_model_free(model);
	assert_true(models_load(conf, buf.ptr, buf.len, value));
	step = buf.len / 300 + 1;
	for (i = 0; i < buf.len; i += step)
		assert_false(models_load(conf, buf.ptr, i, value));
	assert_false(models_load(conf, buf.ptr, buf.len - 1, value));
	for (i = 0; i < 1000; i++) {
		at = sk_rng_next(&rng) % (i % 2 == 0 ? buf.len : 56);
		at = at < buf.len ? at : 0;
		kept = buf.ptr[at];
		buf.ptr[at] = (char)(kept ^ (1 << sk_rng_next(&rng) % 8));
		models_load(conf, buf.ptr, buf.len, value);
		buf.ptr[at] = kept;
	}
	sk_buf_free(&buf);
}

#endif
