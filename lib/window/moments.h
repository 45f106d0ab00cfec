/*
 * The variance of numbers: their sum and the sum of their squares, without any
 * error, so neither the order of the numbers nor a great mean matters.  Each
 * number is its nearest double.
 *
 * 40 bytes and some 100 allocated.  A zeroed one is empty.
 */
#ifndef SK_WINDOW_MOMENTS_H
#define SK_WINDOW_MOMENTS_H

#include "window/exact.h"

struct sk_moments {
	uint64_t n;
	struct sk_exact sum, squares;
};

void sk_moments_free(struct sk_moments *moments);
/* to is overwritten: it holds nothing that would need a free. */
void sk_moments_copy(struct sk_moments *to, const struct sk_moments *from);
void sk_moments_add(struct sk_moments *moments, double value);
void sk_moments_merge(struct sk_moments *into,
    const struct sk_moments *from);

/* Of a sample: the nearest double of (n sum(x^2) - sum(x)^2) / (n (n - 1)); NaN
 * for less than two numbers. */
double sk_moments_variance(const struct sk_moments *moments);

void sk_moments_save(const struct sk_moments *moments, struct sk_buf *buf);
/* moments is overwritten, and empty if the bytes are none. */
void sk_moments_load(struct sk_moments *moments, struct sk_unpack *from);

#endif
