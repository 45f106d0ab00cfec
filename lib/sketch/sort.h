/*
 * Sorting numbers: a merge sort without branches that data decides, so that
 * neither order nor attackers change its cost: about n/4 * log2(n) ns.
 * NaN has no place in an order: there must be none.
 */
#ifndef SK_SKETCH_SORT_H
#define SK_SKETCH_SORT_H

#include <stddef.h>

/* Ascending.  Takes memory for n numbers while it works if n is over 1024. */
void sk_sort_f64(double *value, size_t n);

/* Merge two ascending lists into out.  `b` may be the end of out, which is
 * then read before it is overwritten; of equal numbers those of b go first. */
void sk_sort_merge_f64(double *out, const double *a, size_t na,
    const double *b, size_t nb);

#endif
