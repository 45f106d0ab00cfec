/*
 * From bytes to records: the buffer between the input and the operator.
 *
 * A record is a line, unless a cutter (format/cut.h) says otherwise.
 * sk_feed_lines() gives the complete ones that are in the buffer, without
 * copying; when there are none left, sk_feed_fill() reads once.  The last line
 * of an input that lacks its newline gets one.  SK_PAD bytes behind every
 * record are readable.  Views are valid until the next fill.
 *
 * A line over max_line is not buffered: it is told to `overlong` with its
 * first max_line bytes when its end has come, and is no record.  So is a
 * complete record over max_line.  When a cutter finds no end within max_line
 * it is made to take what is there as complete.
 *
 * Of a framed stream (stream/unframe.h) the records are those up to the next
 * control line, which sk_feed_control() gives when there are none left.  To a
 * cutter a control line is what the end of the input is: what is in front of it
 * is complete.  A line that the end of the input cut off is no record.  Control
 * lines have line numbers.
 *
 * Memory: `bytes` from the first fill on, 256 KiB unless the caller sets it
 * before, and up to twice max_line more while a long line comes in.
 */
#ifndef SK_STREAM_FEED_H
#define SK_STREAM_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "format/cut.h"
#include "stream/input.h"
#include "stream/unframe.h"

struct sk_feed {
	struct sk_input *input;
	const struct sk_cut *cut; /* NULL: lines */
	char sep;
	size_t max_line;
	void (*overlong)(void *arg, struct sk_view start, uint64_t number);
	void *arg;

	size_t bytes;
	char *buf;
	size_t cap, start, end;  /* bytes start..end are not taken yet */
	size_t searched;         /* so many of them hold no separator */
	uint64_t lines_before;   /* of this input, in front of `start` */
	uint64_t taken_before;   /* the same, before the last sk_feed_lines */
	const char *taken_from;
	bool skipping;           /* inside a line over max_line */
	struct sk_buf skipped;   /* its first bytes */
	/* Of a framed stream; the mode is raw unless the caller sets it.  Bytes
	 * start..end are data, nraw bytes at `raw` are behind them. */
	enum sk_unframe_mode mode;
	struct sk_unframe unframe;
	size_t raw, nraw;
	bool at_first;           /* the stream has given no record yet */
	bool ended;              /* what is there is complete */
	uint64_t ninputs;        /* that were opened */
};

void sk_feed_init(struct sk_feed *feed, struct sk_input *input, char sep,
    size_t max_line);
void sk_feed_free(struct sk_feed *feed);

/* Up to cap records; 0: fill first. */
size_t sk_feed_lines(struct sk_feed *feed, struct sk_view *out, size_t cap);

/* The control line that comes next, when sk_feed_lines has nothing left: 1, 0
 * if none is at hand, or an error that was reported.  The view is valid until
 * the next call of any of these. */
int sk_feed_control(struct sk_feed *feed, struct sk_control *control);

/* One read, of the next input if one has ended: 1, 0 at the end of all, or an
 * error of a framed stream that was reported. */
int sk_feed_fill(struct sk_feed *feed);

/* Leave out what is left of the open input. */
void sk_feed_skip(struct sk_feed *feed);

/* Whether a cutter waits for more before it gives what is there. */
bool sk_feed_holds(const struct sk_feed *feed);

/* The input was silent for long enough: the lines that a cutter holds back are
 * complete. */
void sk_feed_release(struct sk_feed *feed);

/* Whether the next fill would block. */
bool sk_feed_blocks(const struct sk_feed *feed);

/* The line number of a record of the last sk_feed_lines(), from 1 in each
 * input. */
uint64_t sk_feed_number(const struct sk_feed *feed, struct sk_view line);

#endif
