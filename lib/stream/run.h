/*
 * The runner: it owns the loop of every filter.
 *
 * Records come from the INPUT operands, fields are taken from them in any
 * format, batches go to the operator, results come round with --every and at
 * the end.  Output is flushed exactly when the next read would block, or when
 * 64 KiB have gathered.  SIGINT, SIGTERM and SIGHUP are the end of input;
 * SIGUSR1 tells where things are; bad events are counted and said at the end.
 *
 * Of a framed stream (stream/unframe.h) an operator is given all data in front
 * of a watermark, then the watermark; of several with no data between, the
 * last; of several inputs, those of the last.  One that takes none lets them
 * pass.  Where a stream was cut off or damaged there is no result and no end.
 *
 * Memory: 256 KiB for lines (up to twice --max-line more while a long one
 * comes in), 17 bytes a line and field for 2048 lines or 65536 values, 64 KiB
 * of output, and what the operator holds.
 */
#ifndef SK_STREAM_RUN_H
#define SK_STREAM_RUN_H

#include "base/opt.h"
#include "format/cut.h"
#include "stream/op.h"
#include "stream/opts.h"

struct sk_run {
	const struct sk_cmd *cmd;
	const struct sk_shared *shared;
	struct sk_op op;
	const struct sk_view *columns; /* of its records: NULL ptr at the end */
	char **inputs;              /* operands, NULL at the end */
	const struct sk_cut *cut;   /* of records; NULL: as the format has it */
	const uint64_t *found;      /* what -e asks for; NULL: all lines */
};

/* The want of a FIELD that was given for `option`; NULL is the whole line.  A
 * wrong one ends the program with status 2. */
struct sk_want sk_run_want(const struct sk_cmd *cmd,
    const struct sk_shared *shared, const char *option, const char *field);

/* Run to the end of input; returns the exit status, for sk_stop_exit().  FIELDs
 * that do not go together end the program with status 2. */
int sk_stream_run(const struct sk_run *run);

#endif
