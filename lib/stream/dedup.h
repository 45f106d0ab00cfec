/*
 * sk-dedup: of the events of a key, the first one passes, or the last.
 *
 * How far time is, is the largest event time less --delay, event by event, so
 * the result does not depend on how the input is cut into reads; or it is what
 * a framed stream says.  With either, events are held back until it has come to
 * them and are decided in the order of time: what comes in any order within the
 * delay gives the same.  An event from before it is late, unless it is a
 * duplicate of what passed.
 *
 * With neither nothing is held: events are decided as they come, and are late
 * only where what would decide them is forgotten.
 *
 * Memory: what window/dedup.h or window/latest.h says, and the events that are
 * held (stream/hold.h).
 */
#ifndef SK_STREAM_DEDUP_H
#define SK_STREAM_DEDUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/opt.h"
#include "stream/opts.h"

enum sk_dedup_keep { SK_DEDUP_KEEP_FIRST, SK_DEDUP_KEEP_LAST };

struct sk_dedup_spec {
	int64_t within_ns; /* 0: no horizon of time */
	uint64_t last;     /* keys; 0: no such horizon */
	int64_t delay_ns;
	bool delay_given;
	int keep;          /* enum sk_dedup_keep */
	const char *late;  /* a file for late events, or NULL */
	bool final;        /* what is held goes out at the end in any case */
	bool approximate;
	bool wide;         /* its filter */
	uint64_t capacity; /* of it, in keys */
};

/* Run over the inputs, as sk_stream_run() does; the options are parsed and go
 * together.  A wrong FIELD ends the program with status 2.  The exit status. */
int sk_dedup_run(const struct sk_dedup_spec *spec, const struct sk_cmd *cmd,
    const struct sk_shared *shared, char **inputs);

#endif
