/*
 * The median and the median absolute deviation of the last 288 values: an
 * oddity is how many robust deviations a value lies from the median.  A burst
 * does not widen its own yardstick until it fills half of the values.
 *
 *	oddity = |value - median| / (1.4826 MAD)
 *
 * When more than half of the values are the same, MAD is 0 and the yardstick is
 * 1.2533 times the mean absolute deviation; both factors make it the standard
 * deviation of normal values.  Expected: the median, +-3 robust deviations.
 *
 * Paper: P. Rousseeuw, C. Croux, Alternatives to the median absolute deviation,
 * 1993, section 1.
 *
 * Memory, a stream: 4.6 KiB.  Cost, a value: 140 ns.
 */
#ifndef SK_DETECT_MAD_H
#define SK_DETECT_MAD_H

#include "detect/modelops.h"

extern const struct sk_model_ops sk_mad_ops;

#endif
