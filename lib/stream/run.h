/*
 * The runner: it owns the loop of every filter.
 *
 * Lines come from the INPUT operands, fields are taken from them, batches go
 * to the operator, results come round with --every and at the end.  Output is
 * flushed exactly when the next read would block, or when 64 KiB have
 * gathered.  SIGINT, SIGTERM and SIGHUP are the end of input; SIGUSR1 tells
 * where things are; bad events are counted and said at the end.
 *
 * Memory: 256 KiB for lines (up to twice --max-line more while a long one
 * comes in), 16 bytes a line and field for 2048 lines, 64 KiB of output, and
 * what the operator holds.
 */
#ifndef SK_STREAM_RUN_H
#define SK_STREAM_RUN_H

#include "base/opt.h"
#include "stream/op.h"
#include "stream/opts.h"

struct sk_run {
	const struct sk_cmd *cmd;
	const struct sk_shared *shared;
	struct sk_op op;
	const char *const *columns; /* of its records; NULL: lines pass */
	char **inputs;              /* operands, NULL at the end */
};

/* Parse --value (the whole line without it) into a want; a wrong FIELD ends
 * the program with status 2. */
struct sk_want sk_run_value(const struct sk_cmd *cmd,
    const struct sk_shared *shared);

/* Run to the end of input; returns the exit status, for sk_stop_exit(). */
int sk_stream_run(const struct sk_run *run);

#endif
