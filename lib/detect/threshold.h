/*
 * Thresholds with state: on at or above `high` until at or below `low`; or
 * outside of a range; only after it has lasted, ended by a gap.
 *
 * With `high` and `low` (hysteresis) a run begins with a value >= high and ends
 * with one <= low; if the two are one, with one below it.  With `min` and `max`
 * a run is of values above max, or of values below min: it ends with one
 * inside, or with one of the other kind, which begins another.  A value that
 * comes more than gap_ns after the last one ends a run before it is looked at.
 * A run alarms once: at its first value, or at the first that is for_ns or more
 * after it.  The value that ends a run is none of its values.
 *
 * Values are finite.  A time before the last one counts as no later, and time
 * goes on from there.  Cost: a few ns.  Memory: the struct.
 */
#ifndef SK_DETECT_THRESHOLD_H
#define SK_DETECT_THRESHOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum sk_threshold_side {
	SK_THRESHOLD_NONE,
	SK_THRESHOLD_ABOVE,
	SK_THRESHOLD_BELOW
};

/* Bounds that are not set are NaN; low is high if only that is set, and the
 * other way round.  Not hysteresis and a range at once. */
struct sk_threshold_conf {
	double high, low;
	double min, max;
	int64_t for_ns; /* 0: at once */
	int64_t gap_ns; /* 0: no gap ends a run */
};

/* A zeroed one is no run. */
struct sk_threshold {
	enum sk_threshold_side side; /* of the run at hand */
	bool alarmed;                /* it has */
	int64_t since_ns, last_ns;   /* its first value, its last */
	uint64_t n;                  /* its values */
	double peak;                 /* the one farthest out */
};

/* What a value does.  A run that ends, and had alarmed, is in `was` (its n, its
 * peak, its times).  The value that ends one may begin, and alarm, another. */
struct sk_threshold_sign {
	bool alarm;
	bool over;
	struct sk_threshold was;
};

void sk_threshold_step(struct sk_threshold *run,
    const struct sk_threshold_conf *conf, double value, int64_t t_ns,
    struct sk_threshold_sign *sign);

/* As bytes, and back into the same; false: they are none, *run is anything. */
void sk_threshold_save(const struct sk_threshold *run, struct sk_buf *buf);
bool sk_threshold_load(struct sk_threshold *run, struct sk_view *bytes);

#endif
