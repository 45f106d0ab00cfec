/*
 * The period of a series, by autocorrelation of its last 2048 values.
 *
 * The values, less their straight line and cut off at 3 deviations, are
 * correlated with themselves at lags from 2 to a third of their number.  The
 * period is the shortest lag that is a peak behind the first negative
 * correlation, is within a tenth of the highest such peak, and is as good as
 * SK_PERIOD_LEAST at twice the lag too: it has been seen three times.  Within a
 * tenth of it the lag counts whose first 8 multiples correlate best.
 *
 * It is looked for when 256, 512, 1024 and 2048 values have come and then every
 * 2048; one that was found is kept while its correlation is SK_PERIOD_LEAST.
 *
 * Cost: some 0.15 ms to look, up to 1 more to find, 0.05 to see that the one
 * found still holds.
 * Memory: 16.5 KiB.
 */
#ifndef SK_DETECT_PERIOD_H
#define SK_DETECT_PERIOD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define SK_PERIOD_WINDOW 2048
#define SK_PERIOD_MOST (SK_PERIOD_WINDOW / 3)
#define SK_PERIOD_LEAST 0.4

/* A zeroed one has had no value. */
struct sk_period {
	uint64_t n;      /* values that came; value i is ring[i % WINDOW] */
	uint32_t period; /* 0: none */
	double ring[SK_PERIOD_WINDOW];
};

/* The next value, at most 1e150 from 0; whether the period is another one. */
bool sk_period_add(struct sk_period *period, double value);

void sk_period_save(const struct sk_period *period, struct sk_buf *buf);
/* Into a zeroed one. */
bool sk_period_load(struct sk_period *period, struct sk_view *bytes);

#endif
