/*
 * What a kind of model does: the rows of the table of detect/model.c.
 *
 * A state is nbytes() of memory, aligned as malloc's; it is zeroed before
 * init().  Values are finite, at most SK_MODEL_FAR from 0, and never -0.
 */
#ifndef SK_DETECT_MODELOPS_H
#define SK_DETECT_MODELOPS_H

#include <math.h>
#include <stddef.h>

#include "detect/model.h"

#define SK_MODEL_FAR 1e150
/* A model says nothing before it has seen so many values. */
#define SK_MODEL_YOUNG 10

struct sk_model_ops {
	double theta;
	bool expects;
	/* The oddity that this share of values has at most, if all is as the
	 * model says; NULL: 0. */
	double (*usual)(double share);
	size_t (*nbytes)(const struct sk_model_conf *conf);
	void (*init)(void *state, const struct sk_model_conf *conf);
	void (*free)(void *state); /* may be NULL, gap() too */
	void (*gap)(void *state);
	/* The guess is of a model that says nothing until step() fills it. */
	void (*step)(void *state, const struct sk_model_value *value,
	    struct sk_model_guess *guess);
	void (*words)(const void *state, double value,
	    const struct sk_model_guess *guess, struct sk_buf *buf);
	void (*save)(const void *state, struct sk_buf *buf);
	bool (*load)(void *state, struct sk_view *bytes);
};

/* The weight of value number i (from 0) in a mean: all alike first, then the
 * share `last`. */
static inline double
sk_model_weight(uint64_t i, double last)
{
	double w = 1 / ((double)i + 1);

	return w > last ? w : last;
}

/* What a value is off: rounding noise is none. */
static inline double
sk_model_off(double value, double expected)
{
	double off = value - expected;

	return fabs(off) < 1e-9 * (fabs(value) + 1) ? 0 : off;
}

/* |off| in scales, at most SK_MODEL_MOST: that is also how odd it is to differ
 * from what was constant. */
static inline double
sk_model_oddity(double off, double scale)
{
	double far = fabs(off);

	return far == 0 ? 0 :
	    far >= scale * SK_MODEL_MOST ? SK_MODEL_MOST : far / scale;
}

/* The same of a standard normal, without its sign: the inverse error function,
 * to 2e-3 (S. Winitzki, 2008). */
static inline double
sk_model_normal(double share)
{
	double l = log1p(-share * share), a = 0.147;
	double b = 2 / (3.14159265358979 * a) + l / 2;

	return sqrt(2 * (sqrt(b * b - l / a) - b));
}

/* A number of three digits for people: `5.21`, `12.3`, `48213`. */
void sk_model_put_number(struct sk_buf *buf, double number);
/* `5.21 UNIT above ` or below: how a value lies to what was expected. */
void sk_model_put_far(struct sk_buf *buf, const char *unit, double value,
    const struct sk_model_guess *guess);

#endif
