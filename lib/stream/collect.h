/*
 * The loop of sk-append: from stdin or followed files into a log, until the
 * end of input, a signal or trouble.
 *
 * stdin is read into the memory from which it is stored, many lines a call.
 * Of a framed stream the data lines are stored, if that was asked for; one that
 * was cut off or damaged ends the run with what came before, without a line
 * that has no end.
 * When nothing can be read at once the writer is told so (sync=block stores
 * and acknowledges then); the waits end at the writer's deadlines.  SIGINT,
 * SIGTERM and SIGHUP end the input; SIGUSR1 stores the open block and prints a
 * status line.
 *
 * A full disk: with wait_full the input is held and the block tried again
 * every second, else the run ends.  Everything is printed here; the result is
 * an exit status.  The writer is closed in any case.
 *
 * Memory: max_line + 256 KiB, beside that of the writer and the tail.
 */
#ifndef SK_STREAM_COLLECT_H
#define SK_STREAM_COLLECT_H

#include <stdbool.h>
#include <stdint.h>

#include "io/tail.h"
#include "io/watch.h"
#include "log/writer.h"
#include "stream/intake.h"
#include "stream/unframe.h"

struct sk_collect {
	const char *topic;
	struct sk_log_writer *writer;
	struct sk_intake *intake;
	bool wait_full;
	bool progress;
	int ack_fd;             /* -1: none */
	enum sk_unframe_mode mode; /* of stdin */
	/* Of files: */
	bool once;              /* take what is there and end */
	bool from_end;
	int64_t rotate_wait_ns;
	/* The rest is set here: */
	struct sk_tail *tail;   /* NULL: stdin */
	struct sk_watch *watch; /* of the tail; NULL with once */
	int status;             /* so far */
	bool ack_lost;          /* ack_fd cannot be written any more */
	bool ack_pipe;          /* since its reader has gone */
	int64_t start_ns;       /* when it began, monotonic */
	int64_t progress_ns;    /* when the next line of --progress is due */
	uint64_t held;          /* lines read that the writer never got */
	char *buf;
	size_t cap;
};

/* For struct sk_log_ack: write `A PARTITION OFFSET` to ack_fd. */
void sk_collect_ack(void *collect, uint32_t partition, uint64_t next_offset);

/* Run to the end and close the writer; the exit status.  They end the program
 * by SIGPIPE when the reader of ack_fd has gone. */
int sk_collect_stdin(struct sk_collect *collect);
int sk_collect_files(struct sk_collect *collect, char **files, size_t n);

#endif
