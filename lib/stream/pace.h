/*
 * Replaying at the speed at which things once happened, or a multiple of it.
 *
 * The first event is due at once; each later one is due its distance from the
 * one before, divided by the speed, behind that one's due time.  Due times are
 * absolute, so waiting too long once does not delay the rest: events that are
 * late go out at once until the schedule is met again.  A time that steps back
 * is due at once, and pauses are measured from the latest time seen.
 *
 * A pause can be capped (max_gap), so that a night without events does not
 * take a night.
 *
 * Flat, owns nothing, calls no clock: the caller gives monotonic time.
 * All times and spans are in nanoseconds.
 */
#ifndef SK_STREAM_PACE_H
#define SK_STREAM_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sk_pace {
	double speed;       /* 0: no pauses at all */
	int64_t max_gap_ns; /* 0: no cap */
	bool started;
	int64_t latest_ns; /* the latest event time seen */
	int64_t due_ns;    /* of that event, on the caller's clock */
};

void sk_pace_init(struct sk_pace *pace, double speed, int64_t max_gap_ns);

/* Take the next event, of time event_ns, at now_ns: how long to wait until it
 * is due; 0 for at once. */
int64_t sk_pace_next(struct sk_pace *pace, int64_t event_ns, int64_t now_ns);

/* A SK_OPT_PARSE parser for --speed: `max` is 0, or a number from 1e-6 to
 * 1e9, into a double. */
int sk_pace_parse(const char *text, void *speed, char *why, size_t cap);

#endif
