/*
 * sk-anomaly: which events are odd.
 *
 * Numbers, or categories, are judged as they come; with --per the numbers of
 * events in intervals of time are, when the watermark has passed an interval;
 * with the model `absence` the keys that nothing has come of.  What judges is
 * lib/detect; a detector knows nothing of formats, lines or files.
 *
 * Events are passed on as they came, with the verdict behind them
 * (stream/alarmrow.h); intervals and absences are records.
 *
 * The result depends on the events alone, not on how they are cut into reads,
 * but where times are those of arrival.
 */
#ifndef SK_STREAM_ANOMALY_H
#define SK_STREAM_ANOMALY_H

#include "base/opt.h"
#include "stream/anomspec.h"
#include "stream/opts.h"

/* Run over the inputs, as sk_stream_run() does, the options settled.  A
 * wrong FIELD ends the program with status 2.  The exit status. */
int sk_anomaly_run(const struct sk_anomspec *spec, const struct sk_cmd *cmd,
    const struct sk_shared *shared, char **inputs);

/* The same for --per and absence (stream/intervals.c). */
int sk_intervals_run(const struct sk_anomspec *spec, const struct sk_cmd *cmd,
    const struct sk_shared *shared, char **inputs);

#endif
