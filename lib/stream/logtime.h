/*
 * Event times of a log's lines: -t FIELD[:FORMAT] where reading may begin
 * anywhere in a log.
 *
 * With csv and tsv the header line is the log's first one, at offset 0, and is
 * looked up there wherever reading begins.  A line that equals it is a header
 * line again, of a file that was stored later.  Header lines and empty lines
 * are no events: they have no time and are not bad.
 *
 * Times without a year take it from the events before them, so blocks may be
 * passed over only where times say theirs; the log's first lines tell.
 *
 * Memory: SK_EVENTTIME_BATCH fields, and the header line; while a topic
 * begins, that of a reader.
 */
#ifndef SK_STREAM_LOGTIME_H
#define SK_STREAM_LOGTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "stream/eventtime.h"

struct sk_logtime {
	struct sk_eventtime when;
	struct sk_year year;  /* as it is when a topic begins */
	bool headed;          /* the first line is a header line */
	bool known;           /* and was read */
	bool in_order;        /* no block may be passed over */
	struct sk_buf header; /* with its newline */
};

/* SK_EUSAGE with words in diag, as sk_eventtime_open(); it stays where it is
 * in memory, and sk_logtime_close() is called in any case. */
int sk_logtime_open(struct sk_logtime *times, const struct sk_shared *shared,
    struct sk_diag *diag);
void sk_logtime_close(struct sk_logtime *times);

/* Another topic: look at its first lines.  SK_EDATA with words in diag if the
 * header line lacks the column.  What cannot be read is left to the reader to
 * tell. */
int sk_logtime_begin(struct sk_logtime *times, const char *topic,
    struct sk_diag *diag);

/* The times of n lines without their newlines, the first of which has this
 * offset, at most SK_EVENTTIME_BATCH: ns[i], or why[i] is set, for a line that
 * is no event to sk_eventtime_none.  0, or SK_EDATA with words in diag: a
 * header line that comes only now lacks the column, or the column has a name
 * and the header line was removed. */
int sk_logtime_take(struct sk_logtime *times, const struct sk_view *lines,
    size_t n, uint64_t offset, int64_t *ns, const char **why,
    struct sk_diag *diag);

#endif
