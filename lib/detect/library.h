/*
 * A library of remembered vectors: how far the third nearest is.
 *
 * The last `max` vectors are kept.  A vector is a place on the face of a
 * clock, two numbers, where the library has a clock, and then its lags.  The
 * distance of two is Euclidean, squares of the clock's part times a weight:
 *
 *	weight * (dx^2 + dy^2) + d1^2 + d2^2 + ...
 *
 * All vectors count, always: the answer is exact, and the same with and
 * without AVX2.
 *
 * Units: lags within SK_LIBRARY_LIMIT of 0, places within 4 of it, weights not
 * negative and at most 4 times the square of the limit.  Cost: 1000 vectors of
 * 14 numbers some 1 us with AVX2, 2 us without, or half when most are far off.
 * Memory: grows with the vectors that come, in powers of two, to 4 bytes a
 * number.
 */
#ifndef SK_DETECT_LIBRARY_H
#define SK_DETECT_LIBRARY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define SK_LIBRARY_LIMIT 1e18F
#define SK_LIBRARY_DIMS 14 /* at most, with the clock's two */

struct sk_library {
	/* private to library.c */
	uint32_t dims;
	uint32_t max;
	uint32_t n;
	uint32_t next;    /* the place of the next; when full, the oldest's */
	uint32_t cap;     /* blocks */
	uint32_t near[3]; /* blocks that may have the nearest */
	bool clock;
	bool avx2;
	float *vectors;
};

/* lags: 2, 3, 4, 6 or 12. */
void sk_library_init(struct sk_library *library, uint32_t lags, bool clock,
    uint32_t max);
void sk_library_free(struct sk_library *library);

/* The square of the distance from z to the third nearest; infinite: there are
 * not three.  Without `clock` the places are not looked at: for those who know
 * that they are all the same. */
float sk_library_third(struct sk_library *library, const float *z,
    float weight, bool clock);
/* The oldest goes when it is full. */
void sk_library_add(struct sk_library *library, const float *z);

/* As bytes, and back into one made alike, that is then as the one that was
 * saved; false: they are none, and it is empty. */
void sk_library_save(const struct sk_library *library, struct sk_buf *buf);
bool sk_library_load(struct sk_library *library, struct sk_view *bytes);

#endif
