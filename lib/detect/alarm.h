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
 * For another threshold P an alarm is where y >= log(P / (1 - P)) / 3.
 *
 * The score is at least the threshold exactly when there is an alarm; in quiet
 * periods, for the first `warmup` events, and without evidence (e = 0), it
 * stays a thousandth below.  The first 50 events have the score 0 and no part
 * in what follows.  An alarm that is muted for warm-up, or since there is no
 * evidence, raises the bar and is followed by quiet as any other, but begins no
 * incident.  Quiet by time is over when the clock was set back behind it.
 *
 * An incident begins with an alarm, and is over with the 10th event in a row
 * that has y more than 0.3 below an alarm's.  It may last longer than the quiet
 * period, and alarm again: such an alarm is of the same incident, which is
 * known by `opened`.  Its nevents is above 1.
 *
 * Units: i and age are events of the stream.  Evidence is finite.  Cost: some
 * 50 ns.  Memory: the struct.
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
	uint64_t quiet;          /* events to the next alarm, if by_events */
	int64_t quiet_ns;        /* or this time, if by_time; not negative */
	bool by_events, by_time; /* neither: 30 and a hundredth of the age */
};

/* A zeroed one is a stream without events. */
struct sk_alarm {
	uint64_t i;              /* events so far */
	uint64_t last;           /* the event of the last alarm */
	double bump;
	double quiet_until;      /* an event */
	int64_t quiet_until_ns;
	bool open;               /* an incident is */
	uint32_t calm;           /* events in a row below */
	uint64_t opened;         /* the event that it began with, from 0 */
	double peak;             /* the highest score since, quiet or not */
};

/* What an event is. */
struct sk_alarm_sign {
	double score;            /* as it is to be shown: 6 decimals */
	bool alarm;
	bool over;               /* the incident is, with this event */
	uint64_t nevents;        /* since `opened`, this one too; 0: none is */
	double peak;             /* so far */
};

/* The next event. */
void sk_alarm_step(struct sk_alarm *alarm, const struct sk_alarm_conf *conf,
    double evidence, int64_t t_ns, struct sk_alarm_sign *sign);

/* As bytes, and back into the same; false: they are none, *alarm is anything.
 */
void sk_alarm_save(const struct sk_alarm *alarm, struct sk_buf *buf);
bool sk_alarm_load(struct sk_alarm *alarm, struct sk_view *bytes);

#endif
