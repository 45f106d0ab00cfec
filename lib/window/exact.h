/*
 * Sums without any error, of numbers mantissa * 2^exponent: so they do not
 * depend on the order of what is added, and are rounded once, at the end.
 *
 * A sum is an array of limbs, each worth 2^32 of the one below it.  A limb has
 * 64 bits, so that carries wait; the array reaches from the lowest bit that
 * was added to the highest.  Numbers of like size take three or four limbs;
 * all doubles there are, 68; their squares, 136.
 *
 * A zeroed sum is 0 and has no memory; a copy is sk_exact_copy.  Adding costs
 * some 5 ns.
 *
 * Kulisch: Computer Arithmetic and Validity (2008), chapter 8.
 */
#ifndef SK_WINDOW_EXACT_H
#define SK_WINDOW_EXACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "window/pack.h"

__extension__ typedef __int128 sk_i128;
__extension__ typedef unsigned __int128 sk_u128;

struct sk_exact {
	int64_t *limb;
	int16_t low;    /* limb[0] is worth 2^(32 low) */
	uint16_t n;
	uint32_t adds;  /* since carries were passed on */
};

void sk_exact_free(struct sk_exact *sum);
/* to is overwritten: it holds nothing that would need a free. */
void sk_exact_copy(struct sk_exact *to, const struct sk_exact *from);

/* Add mantissa * 2^exponent, or take it away; the exponent is from -8000 to
 * 8000. */
void sk_exact_add(struct sk_exact *sum, bool minus, sk_u128 mantissa,
    int exponent);
/* Add a finite double, its square, another sum, another times a factor, and
 * take away the square of another sum. */
void sk_exact_add_f64(struct sk_exact *sum, double value);
void sk_exact_add_square(struct sk_exact *sum, double value);
void sk_exact_merge(struct sk_exact *into, const struct sk_exact *from);
void sk_exact_add_times(struct sk_exact *into, const struct sk_exact *from,
    uint64_t factor);
void sk_exact_less_square(struct sk_exact *into,
    const struct sk_exact *from);

/* The nearest double of sum / divisor, which is from 1 to 2^126; an infinity
 * if it is beyond all. */
double sk_exact_over(const struct sk_exact *sum, sk_u128 divisor);

void sk_exact_save(const struct sk_exact *sum, struct sk_buf *buf);
/* sum is overwritten, and 0 if the bytes are none. */
void sk_exact_load(struct sk_exact *sum, struct sk_unpack *from);

#endif
