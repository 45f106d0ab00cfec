/*
 * INPUT operands as one stream of bytes: files, packed files, FIFOs, stdin
 * (`-` or no operand) and log directories, one after another.
 *
 * An input that cannot be opened or read is reported, the others are read, and
 * `status` holds the highest status met.
 */
#ifndef SK_STREAM_INPUT_H
#define SK_STREAM_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "io/unpack.h"
#include "log/reader.h"

struct sk_input {
	char **names;      /* the operands that are left, NULL at the end */
	const char *name;  /* of the open one, for messages */
	int status;
	/* Set by a caller that asks sk_input_blocks() before each read: a FIFO
	 * is opened without waiting for its writer. */
	bool nowait;

	bool open;
	bool piped;        /* a pipe or a socket */
	bool waits;        /* a read may block: a pipe, a terminal, a socket */
	bool first;        /* nothing was read of it yet */
	int fd;            /* -1 for a log */
	struct sk_unpack unpack;
	struct sk_reader *log;
	struct sk_reader_block block;
	size_t block_pos;
	struct sk_diag diag;
	struct sk_notify notify;
	uint64_t nbytes;   /* delivered in all */
};

/* `names` ends in NULL and must outlive the input; empty: stdin. */
void sk_input_init(struct sk_input *input, char **names);

/* Open the next operand that can be opened: 1, or 0 when none is left. */
int sk_input_next(struct sk_input *input);

/* Whether a read would block now (asks poll). */
bool sk_input_blocks(const struct sk_input *input);

/* Wait until the input or `stop_fd` is readable or the time is over; -1: no
 * limit.  Returns at once on a signal. */
void sk_input_wait(const struct sk_input *input, int stop_fd, int timeout_ms);

/* One read: *got == 0 is the end of this operand, which is closed.  Trouble is
 * reported, remembered in `status`, and ends the operand.  */
void sk_input_read(struct sk_input *input, char *bytes, size_t cap,
    size_t *got);

void sk_input_close(struct sk_input *input);

#endif
