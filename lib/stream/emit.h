/*
 * What an operator writes: records, or lines that pass.
 *
 * A record goes through sk_emit_begin(), the sk_record_* calls for its
 * columns, and sk_emit_end(); the form (TSV, CSV, NDJSON), the header line and
 * the `at` of running results are settled here.  With --output each block of
 * results (the last, or one of --every) replaces the file when it is complete;
 * what is no regular file is written as it comes.
 *
 * With --framed the output is a framed stream (stream/control.h): a header in
 * front, watermarks where they are told, an end when all went well; a line
 * that begins with DLE is escaped, in bulk before it leaves the buffer.
 * Without it these calls do nothing and cost nothing.
 *
 * Failures are kept: sk_emit_err() and every later call give them.
 */
#ifndef SK_STREAM_EMIT_H
#define SK_STREAM_EMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "format/record.h"
#include "io/out.h"
#include "stream/opts.h"
#include "stream/unframe.h"

struct sk_emit {
	struct sk_out out;
	struct sk_record record;
	bool header;       /* a header line is due before the next record */
	bool wants_header;
	bool with_at;      /* records begin with `at` */
	struct sk_buf at;
	bool at_number;    /* `at` is a count, not a time */
	char sep;
	uint64_t nwritten; /* records and lines */
	const char *path;  /* of --output; a file is replaced after a block */
	char *tmp;
	bool open;
	bool framed;
	bool started;      /* the header line was written */
	bool escapes;      /* false: whoever writes lines escapes them */
	size_t clean;      /* bytes of out.buf that are escaped */
	size_t mark_from;  /* the W line that stands in out.buf, if any */
	size_t mark_to;
	int64_t mark_ns;   /* the last watermark that was written */
	bool marked;       /* there was one */
	/* Set by the runner, for sk_emit_bad. */
	int (*bad)(void *arg, struct sk_view line, const char *reason);
	void *bad_arg;
};

/* Open the output: 0, or an error that was reported.  The form follows the
 * format of the input unless --to names one.  `columns` are the names of the
 * records' columns, a NULL ptr at the end; NULL: only lines pass. */
int sk_emit_open(struct sk_emit *emit, const struct sk_shared *shared,
    enum sk_format format, const struct sk_view *columns);

/* The `at` of the records that follow. */
void sk_emit_at_count(struct sk_emit *emit, uint64_t nevents);
void sk_emit_at_time(struct sk_emit *emit, int64_t now_ns, int64_t every_ns);

struct sk_record *sk_emit_begin(struct sk_emit *emit);
int sk_emit_end(struct sk_emit *emit);
/* The record that was begun is none. */
void sk_emit_drop(struct sk_emit *emit);
int sk_emit_line(struct sk_emit *emit, struct sk_view line);

/* A record that the operator writes itself: into this buffer, without the
 * separator, then sk_emit_text_end(). */
struct sk_buf *sk_emit_text(struct sk_emit *emit);
int sk_emit_text_end(struct sk_emit *emit);
/* The same for n records that have their separators: without a call each.
 * Some 64 KiB of them is enough at a time. */
int sk_emit_text_ends(struct sk_emit *emit, size_t n);

/* The operator calls an event of the batch at hand bad: 0, or what ends the
 * run (--strict). */
int sk_emit_bad(struct sk_emit *emit, struct sk_view line,
    const char *reason);

/* Framed streams.  The header goes out before anything else: `from` is the
 * framed stream that comes in, NULL: it begins here.  `marked`: this tool
 * writes watermarks of its own.  Only the first call counts. */
int sk_emit_start(struct sk_emit *emit, const struct sk_unframe *from,
    bool marked);
/* No event with a time before t_ns is written behind this.  One that is not
 * later than the last is dropped, and so is the last, if nothing was written
 * since. */
int sk_emit_watermark(struct sk_emit *emit, int64_t t_ns);
/* A control line that passes as it is, without its newline. */
int sk_emit_control(struct sk_emit *emit, struct sk_view line);
/* The end, once, behind everything. */
int sk_emit_finish(struct sk_emit *emit, enum sk_unframe_reason reason);

/* The end of a block of results: the file of --output takes its place. */
int sk_emit_block(struct sk_emit *emit);

int sk_emit_flush(struct sk_emit *emit);

/* The status of what went out, reported; `commit` false: a file of --output
 * stays as it was. */
int sk_emit_close(struct sk_emit *emit, bool commit);

#endif
