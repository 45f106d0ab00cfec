/*
 * Late events: counted, and added to a file as they came if the user wants
 * them (--late).  They do not change the status.
 */
#ifndef SK_STREAM_LATE_H
#define SK_STREAM_LATE_H

#include <stdint.h>

#include "base/buf.h"
#include "io/out.h"

struct sk_late {
	uint64_t n;
	int64_t most_ns;  /* that one was late by */
	const char *path; /* of --late, or NULL */
	char sep;
	struct sk_out out;
};

/* Opens the file for appending, NULL: none; `sep` ends lines.  0, or SK_ESYS,
 * reported; sk_late_close() may be called in any case. */
int sk_late_open(struct sk_late *late, const char *path, char sep);

/* One late event, so much behind the time that it had to come by: 0, or what
 * ends the run, reported. */
int sk_late_event(struct sk_late *late, struct sk_view line, uint64_t by_ns);

/* Before waiting for input: 0, or what ends the run, reported. */
int sk_late_flush(struct sk_late *late);

/* `12 of 10000 events late, by up to 59s (--delay)`, if there were any; the
 * option is what can be done about it. */
void sk_late_say(const struct sk_late *late, uint64_t nevents,
    const char *option);

/* The status of what went into the file; closes it. */
int sk_late_close(struct sk_late *late);

#endif
