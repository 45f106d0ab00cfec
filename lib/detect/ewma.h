/*
 * The exponentially weighted mean and variance: an oddity is how many standard
 * deviations a value lies from the mean.
 *
 *	d = value - mean, oddity = |d| / sqrt(var)
 *	mean += w d, var = (1 - w) (var + w d^2), w = max(1/(i + 1), 0.01)
 *
 * so the last 100 values count most.  Expected: the mean, +-3 deviations.
 *
 * Paper: T. Finch, Incremental calculation of weighted mean and variance, 2009,
 * section 9.
 *
 * Memory, a stream: 24 bytes.  Cost, a value: 15 ns.
 */
#ifndef SK_DETECT_EWMA_H
#define SK_DETECT_EWMA_H

#include "detect/modelops.h"

extern const struct sk_model_ops sk_ewma_ops;

#endif
