/*
 * A level and an offset for each phase of a season, additive, without a trend:
 * an oddity is how many times the usual error a value is off.
 *
 *	r = value - level - offset[phase], oddity = |r| / scale
 *	level += 0.02 r, offset[phase] += max(1/(n + 1), 0.02) r
 *	scale += max(1/(i + 1), 0.005) (|r| - scale)
 *
 * where n values of that phase and i in all came before.  The season is one of
 *
 *	period events       as many phases
 *	period_ns of time   phases of an hour, at most 8784; 24 phases if it is
 *	                    shorter than a day
 *	neither, timed      24 hours
 *	neither, untimed    found in the values (detect/period.h); until then,
 *	                    and if there is none, one phase
 *
 * Whether a stream is timed is up to its first value; a value without a time in
 * one that is, is judged and learnt as of the first phase.
 *
 * Expected: level and offset, +-3 deviations of normal errors of that scale
 * (1.2533 of it each).  A gap makes a season that was found begin anew.
 *
 * Paper: P. Winters, Forecasting sales by exponentially weighted moving
 * averages, 1960.
 *
 * Memory, a stream: 16 bytes a phase; 28 KiB where periods are found.  Cost, a
 * value: 30 ns, and 40 more on average while no period is found.
 */
#ifndef SK_DETECT_SEASONAL_H
#define SK_DETECT_SEASONAL_H

#include "detect/modelops.h"

extern const struct sk_model_ops sk_seasonal_ops;

#endif
