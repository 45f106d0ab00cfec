/*
 * Bad events: told, counted, kept in a file if the user wants them.
 *
 * The first one is reported in full when it comes; the total is said at the
 * end.  Without --bad or --lenient they make the status 4, with --strict the
 * first one stops the run.
 */
#ifndef SK_STREAM_BAD_H
#define SK_STREAM_BAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "stream/opts.h"

struct sk_bad {
	uint64_t n;
	int strictness;   /* enum sk_strictness */
	const char *path; /* of --bad, or NULL */
	int fd;
};

/* Opens the file of --bad for appending: 0, or SK_ESYS, reported. */
int sk_bad_open(struct sk_bad *bad, const struct sk_shared *shared);

/* One bad event, `INPUT:LINE TAB reason TAB the line`: 0, SK_EDATA if the run
 * must stop (--strict), SK_ESYS if it could not be written, reported. */
int sk_bad_event(struct sk_bad *bad, const char *input, uint64_t number,
    const char *reason, struct sk_view line);

/* What the bad events make of the status; closes the file. */
int sk_bad_close(struct sk_bad *bad);

#endif
