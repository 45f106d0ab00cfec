/*
 * From evidence to alarms: the bar, the refractory period, the incident.
 *
 * Evidence e is a surprise, -log10 of a chance (detect/rank.h), smoothed.  The
 * bar rises with the log of how many events there were, since records get
 * rarer as 1/i: e counts by how much odder it is than the oddest that was to be
 * expected by now.  An alarm is followed by a quiet period, and raises the bar
 * by a bump that fades, so a stream that has become noisy for good stops
 * shouting:
 *
 *	x = e - log10(min(i, 8192) + 1) - theta
 *	y = x - bump * exp(-(i - last) / (0.4 * age + 20)), age = min(i, 25000)
 *	score = 1 / (1 + exp(-3 y)), an alarm where y >= 0
 *
 * The score is at least the threshold exactly when there is an alarm; in quiet
 * periods, and for the first `warmup` events, it stays below.
 *
 * An incident begins with an alarm, and is over when y was below -0.3 for 10
 * events in a row.
 *
 * Units: i and age are events of the stream.  Cost: some 30 ns.
 */
#ifndef SK_DETECT_ALARM_H
#define SK_DETECT_ALARM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define SK_ALARM_WARMUP 200

struct sk_alarm_conf {
	double theta;
	double threshold;        /* of scores, from 0.000001 to 0.999999 */
	uint64_t warmup;         /* events without alarms */
	uint64_t quiet;          /* events after an alarm, if by_events */
	int64_t quiet_ns;        /* or this time, if by_time */
	bool by_events, by_time; /* neither: 30 and a hundredth of the age */
};

struct sk_alarm {
	uint64_t i;              /* events so far */
	uint64_t last;           /* the event of the last alarm */
	double bump;
	double quiet_until;      /* an event */
	int64_t quiet_until_ns;
	bool open;               /* an incident is */
	uint32_t calm;           /* events in a row below */
	uint64_t opened;         /* the event that it began with */
	double peak;             /* the highest score since */
};

/* What an event is. */
struct sk_alarm_sign {
	double score;            /* as it is to be shown: 6 decimals */
	bool alarm;
	bool over;               /* the incident is, with this event */
	uint64_t nevents;        /* of the incident */
	double peak;
};

/* The next event. */
void sk_alarm_step(struct sk_alarm *alarm, const struct sk_alarm_conf *conf,
    double evidence, int64_t t_ns, struct sk_alarm_sign *sign);

void sk_alarm_save(const struct sk_alarm *alarm, struct sk_buf *buf);
bool sk_alarm_load(struct sk_alarm *alarm, struct sk_view *bytes);

#endif
