/*
 * The sum and the mean of numbers: exact, rounded once when it is asked for, so
 * the order of the numbers does not matter.
 *
 * Exact numbers are summed as integers times 10^scale, the greatest scale there
 * was, in 128 bits, and in 256 when those overflow; doubles in a sum of their
 * own (window/exact.h).
 *
 * 32 bytes; more is allocated when 128 bits overflow or a double comes.  A
 * zeroed one is empty.
 */
#ifndef SK_WINDOW_SUM_H
#define SK_WINDOW_SUM_H

#include "window/decimal.h"

struct sk_sum_more;

struct sk_sum {
	sk_i128 total;       /* the lower half, if there is more */
	uint64_t tally;      /* numbers, and in the lowest 8 bits the scale */
	struct sk_sum_more *more;
};

#define SK_SUM_ONE UINT64_C(256) /* number more in a tally */
#define SK_SUM_MAX (UINT64_MAX / SK_SUM_ONE) /* numbers */

static inline uint64_t
sk_sum_n(const struct sk_sum *sum)
{
	return sum->tally / SK_SUM_ONE;
}

void sk_sum_free(struct sk_sum *sum);
/* to is overwritten: it holds nothing that would need a free. */
void sk_sum_copy(struct sk_sum *to, const struct sk_sum *from);
void sk_sum_add_any(struct sk_sum *sum, const struct sk_decimal *number);
void sk_sum_merge(struct sk_sum *into, const struct sk_sum *from);

static inline void
sk_sum_add(struct sk_sum *sum, const struct sk_decimal *number)
{
	sk_i128 total;

	if (SK_LIKELY(number->scale == (uint8_t)sum->tally &&
	    sum->more == NULL && !__builtin_add_overflow(sum->total,
	    number->mantissa, &total))) {
		sum->total = total;
		sum->tally += SK_SUM_ONE;
	} else
		sk_sum_add_any(sum, number);
}

/* A whole number in full, else the nearest double; null if there were no
 * numbers.  SK_ELIMIT, nothing put, if all were integers and the sum is beyond
 * 128 bits, or the double is beyond all. */
int sk_sum_put(const struct sk_sum *sum, struct sk_record *record);
/* The nearest double of sum * factor / divisor, which is not 0; an infinity if
 * it is beyond all. */
double sk_sum_over(const struct sk_sum *sum, uint64_t factor,
    uint64_t divisor);

void sk_sum_save(const struct sk_sum *sum, struct sk_buf *buf);
/* sum is overwritten, and empty if the bytes are none. */
void sk_sum_load(struct sk_sum *sum, struct sk_unpack *from);

#endif
