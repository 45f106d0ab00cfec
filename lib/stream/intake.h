/*
 * Lines on their way into a log: what sk-append does to them between reading
 * and lib/log/writer.
 *
 * Most lines pass as they are, many in a call, without being looked at.  What
 * a line may need: to be split, refused or put aside because it is longer than
 * max_line; the name of its file in front (with_source); its event time, which
 * goes into the block.  The header line of csv and tsv, which has none, is the
 * first line of stdin, or of a file at its position 0; it is a line like
 * others.  Of a file that is read on it is not seen again, so a column is told
 * by its number there.
 *
 * A long line is known by the kinds of io/tailfile.h: a PIECE is max_line - 1
 * bytes of it (or a multiple), and `inside` says that the bytes begin in the
 * midst of one.  Split, a line becomes pieces of max_line - 1 bytes, each with
 * a newline of its own; a run that starts anew at any stored position cuts at
 * the same places.  Put aside (divert), it is added to a file when it comes,
 * whole, and the position passes it when its end has been seen: after a crash
 * it may be there twice.  Refused (fail), everything in front of it is stored.
 *
 * It prints: the first long line and the first event without a time in full,
 * and totals by sk_intake_close.
 *
 * Memory: none unless a line needs something; then a copy of the chunk.
 */
#ifndef SK_STREAM_INTAKE_H
#define SK_STREAM_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "io/tailfile.h"
#include "log/writer.h"
#include "stream/eventtime.h"

enum sk_overlong { SK_OVERLONG_SPLIT, SK_OVERLONG_FAIL, SK_OVERLONG_DIVERT };

struct sk_intake_conf {
	size_t max_line;        /* with the newline; at least 2; 0: that of the
	                         * topic, as the writer says */
	enum sk_overlong overlong;
	const char *divert;     /* the file of SK_OVERLONG_DIVERT */
	bool with_source;
	const struct sk_shared *shared; /* of -t; NULL: none */
	bool follows;           /* the inputs are files, which may be read on
	                         * from anywhere */
};

/* Bytes of one input, in order.  SK_PAD bytes behind them can be read and
 * one can be written. */
struct sk_intake_chunk {
	char *bytes;
	size_t len;
	enum sk_tailfile_end end;
	bool inside;
	const struct sk_tail_source *source; /* NULL: stdin */
	uint64_t start_pos, end_pos;         /* of a source */
};

struct sk_intake {
	struct sk_intake_conf conf;
	struct sk_log_writer *writer;
	uint64_t first_offset;  /* of the log when this began */
	bool timed;
	bool begun;             /* stdin has given its first line */
	bool lost;              /* its header line lacks the column */
	struct sk_eventtime when;
	int divert_fd;          /* -1: none */
	struct sk_buf cut;      /* a chunk whose long lines were split */
	struct sk_buf named;    /* a chunk with names in front of its lines */
	int64_t shift;          /* lines read less lines stored */
	uint64_t nbytes;        /* read */
	uint64_t overlong;      /* lines that were too long */
	uint64_t timeless;      /* events without a time */
	uint64_t timed_events;  /* events that were looked at for one */
	struct sk_buf first;    /* where the first long line was */
};

/* SK_EUSAGE when the time is wrong, SK_ESYS when the file of
 * SK_OVERLONG_DIVERT cannot be opened; words in diag. */
int sk_intake_init(struct sk_intake *intake, const struct sk_intake_conf *conf,
    struct sk_diag *diag);

/* Before the first add: where lines go.  The writer stays the caller's. */
void sk_intake_begin(struct sk_intake *intake, struct sk_log_writer *writer);

/* Give the writer what is in the chunk.  Errors as of sk_log_writer_add;
 * SK_ELIMIT: a line is too long (SK_OVERLONG_FAIL), what stood in front of it
 * is taken.  SK_ECLOSED: the file of SK_OVERLONG_DIVERT is not written. */
int sk_intake_add(struct sk_intake *intake,
    const struct sk_intake_chunk *chunk, struct sk_diag *diag);

/* Totals on stderr, and release. */
void sk_intake_close(struct sk_intake *intake);

/* The source as the log knows it. */
struct sk_source sk_intake_source(const struct sk_tail_source *source);

#endif
