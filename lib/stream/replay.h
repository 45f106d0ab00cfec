/*
 * Replaying logs to stdout: what sk-replay does between its options and
 * log/reader.h.
 *
 * Blocks go out as they are unpacked, without a look at their lines, unless an
 * option needs lines: an event time, offsets in front, a number.  Where event
 * times are asked for in csv or tsv the header line goes out first, wherever
 * reading begins (stream/logtime.h).  Output is flushed before any wait.  With
 * a cursor the position is saved, at most once a second and at the end, behind
 * what the output has taken: a crash between the two repeats lines and loses
 * none.
 *
 * A framed stream begins here: lines are escaped, there are no watermarks.
 *
 * It prints its errors and notices.  Memory: that of a reader and 64 KiB.
 */
#ifndef SK_STREAM_REPLAY_H
#define SK_STREAM_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "stream/opts.h"

enum sk_replay_bound {
	SK_REPLAY_NONE,
	SK_REPLAY_OFFSET,
	SK_REPLAY_TIME, /* append time, or event time with shared->time */
	SK_REPLAY_LAST  /* of `from` only: the last so many lines */
};

struct sk_replay_point {
	enum sk_replay_bound bound;
	int64_t value; /* an offset or number is not negative */
	const char *text; /* of `from` and `until`, as typed */
};

struct sk_replay {
	const struct sk_shared *shared;
	struct sk_replay_point from;  /* in */
	struct sk_replay_point until; /* out */
	bool follow;
	bool with_offset;
	bool skip_damaged;
	bool skip_removed;
	const char *cursor;   /* FILE, or NULL */
	double speed;         /* 0: as fast as can be */
	int64_t max_gap_ns;   /* 0: no cap */
};

/* A SK_OPT_PARSE parser for --from and --until. */
int sk_replay_parse_point(const char *text, void *point, char *why,
    size_t cap);

/*
 * Replay the topics, a NULL at their end, one after another; exactly one with
 * follow or cursor.  SK_EUSAGE with words in diag, nothing read, if
 * shared->time or shared->tz is wrong; else 0 and *status, for sk_stop_exit().
 * Ends the program by SIGPIPE when the reader of stdout has gone.
 */
int sk_stream_replay(const struct sk_replay *replay, char **topics,
    int *status, struct sk_diag *diag);

#endif
