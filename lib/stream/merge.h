/*
 * Many inputs, one order: a K-way merge by event time.
 *
 * Each input is a stream of its own that may be out of order by at most
 * `delay`.  Its watermark is the latest time seen in it less the delay; an
 * event before the watermark of its own input is late.  All others go out in
 * the order of (time, input, place in the input), and this order is all that
 * decides: not when bytes arrive, nor how many at a time.
 *
 * An event goes out when no input can give one any more that comes before it,
 * so when (its time, its input) is not behind the least (watermark, input) of
 * all open inputs; proof: what an input gives later is late or has a time of
 * at least its watermark.  Only the input that has the least watermark is read.
 * The others are left alone until they hold the rest back, so nothing is kept
 * of an input that is ahead, and its writer waits.  With no delay one event of
 * each input is looked at and none is kept.
 *
 * Late events and bad ones are met where their input's watermark stands in
 * that order, so that --late and --bad get the same bytes every time (but for
 * lines over max_line, which are told when they are read).
 *
 * Two things let events go out early, and only then the result may depend on
 * more than the data: an input that was idle for `idle` is left out until it
 * gives something, and when more than `max_held` is held the first event goes.
 * The second follows from the data alone (stream/hold.h).  Afterwards
 * the time that went out is a floor under all watermarks, so the output stays
 * in order and what comes behind is late.
 *
 * A framed input whose header says that it has watermarks (stream/unframe.h)
 * is as far as they say, not as far as `delay` says.  A framed output has a
 * watermark at most every 1024 events and before a wait: what is the least of
 * the inputs then is a floor under inputs that were left out.
 *
 * Memory: for each input a feed of 64 KiB (less beyond 64 inputs, down to 16
 * KiB) and 24 KiB (48 KiB for CSV), up to twice max_line more while a long line
 * comes in, and what unpacking takes; max_held, half as much again where lines
 * are short, and a line; 64 KiB of output, twice with late.
 */
#ifndef SK_STREAM_MERGE_H
#define SK_STREAM_MERGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/opt.h"
#include "stream/opts.h"

struct sk_merge {
	const struct sk_cmd *cmd;
	const struct sk_shared *shared; /* its time is set */
	int64_t delay_ns;
	int64_t idle_ns;   /* 0: an idle input is waited for */
	const char *late;  /* a file for late events, or NULL */
	uint64_t max_held; /* bytes */
	char **inputs;     /* operands, NULL at the end; none: stdin */
};

/* Run to the end of all inputs; returns the exit status, for sk_stop_exit().
 * A wrong FIELD ends the program with status 2. */
int sk_merge_run(const struct sk_merge *merge);

#endif
