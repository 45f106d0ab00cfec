/*
 * What two HyperLogLog sketches have in common, by inclusion and exclusion:
 * |A and B| = |A| + |B| - |A or B|, and Jaccard's index |A and B| / |A or B|.
 *
 * While both are in LIST or SET mode the answer is that of their coupons: it
 * is exact but for coupons that fall together, for sets of m and n values in
 * m n / 2^27.6 cases.  Else its variance is that of the union,
 *
 *	1.04^2 / K * union^2 * max(min(p, q) + r, 2 p q + (r + r^2) / 2)
 *
 * where p, q and r are the shares of the union that are in A only, in B only
 * and in both: an upper envelope of simulated ones, which the test of this
 * module repeats.  It does not shrink with r, so an intersection that is much
 * smaller than the error of the union is not to be seen.
 *
 * Nothing is kept.  Cost: copies of both sketches and their union.
 */
#ifndef SK_SKETCH_HLL_OVERLAP_H
#define SK_SKETCH_HLL_OVERLAP_H

#include "sketch/hll.h"

struct sk_hll_share {
	double estimate;
	struct sk_hll_bounds bounds;
};

struct sk_hll_overlap {
	struct sk_hll_share both;    /* in A and in B */
	struct sk_hll_share jaccard; /* 0 to 1; of two empty sets 0 */
};

/* With bounds at 1, 2 or 3 standard deviations. */
struct sk_hll_overlap sk_hll_overlap(const struct sk_hll *a,
    const struct sk_hll *b, unsigned sds);

#endif
