/*
 * Lines to blocks, in memory: the part of the writer that knows no file.
 *
 * Runs of whole lines are gathered into the open block; it is packed when it
 * has batch_bytes, 2^20 records or 64 MiB, or when it is closed, and then
 * waits in a queue.  A line longer than batch_bytes is a block of its own.
 * For each file that gave lines to a block the block says where in the file
 * they begin and end.
 *
 * A run that holds a whole block by itself is packed from where it lies; what
 * remains is copied, once.  Memory: batch_bytes or the longest line, a packed
 * block a place of the queue, the compressor.
 */
#ifndef SK_LOG_BATCH_H
#define SK_LOG_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "io/zstd.h"
#include "log/conf.h"
#include "log/frame.h"
#include "log/source.h"

enum sk_run_flag {
	SK_RUN_SYNTHETIC_NL = 1 /* the last newline was added at end of input */
};

/* Whole lines, the last newline included.  None longer than 64 MiB - 1. */
struct sk_log_run {
	const char *bytes;
	size_t len;
	unsigned flags;
	bool timed;             /* event_min_ns and event_max_ns are known */
	int64_t event_min_ns;
	int64_t event_max_ns;
	const struct sk_source *source; /* NULL: no file */
	uint64_t source_pos;    /* of the first byte in the file */
	uint64_t source_end;    /* behind the last: not pos + len where newlines
	                         * were added or lines left out */
};

/* A block between packing and writing.  Where it stands in the log is not in
 * it yet. */
struct sk_packed {
	struct sk_frame b;         /* type, flags and body */
	struct sk_buf data;
	uint32_t checksum;
	struct sk_buf tlvs;        /* SOURCE, for b.tlvs */
	struct sk_sources sources; /* the same, for the registry */
};

struct sk_batch {
	uint64_t batch_bytes;
	int level;
	struct sk_zstd zstd;

	/* the open block */
	struct sk_buf raw;
	uint64_t records;
	int64_t begun_ns; /* of its first line, on the monotonic clock */
	uint16_t flags;
	bool timed;
	int64_t event_min_ns;
	int64_t event_max_ns;
	struct sk_source *sources; /* with names of its own */
	size_t n_sources;
	size_t cap_sources;

	/* packed, oldest first; those behind n are kept for their memory */
	struct sk_packed *queue;
	size_t n_queue;
	size_t cap_queue;
	uint64_t queued_records;
};

void sk_batch_init(struct sk_batch *batch, const struct sk_log_policy *policy);
void sk_batch_free(struct sk_batch *batch);

/* Take the run from *at on and move *at: true when a block was packed, false
 * when the run is used up.  `day` is today, for the sources. */
bool sk_batch_add(struct sk_batch *batch, const struct sk_log_run *run,
    size_t *at, uint32_t day);

/* Pack the open block, if it has lines. */
void sk_batch_close(struct sk_batch *batch);

/* A source has gone on to source->end_pos without lines: true if the open
 * block has lines of it and says so now. */
bool sk_batch_moved(struct sk_batch *batch, const struct sk_source *source,
    uint32_t day);

/* The first of the queue is done with. */
void sk_batch_shift(struct sk_batch *batch);

#endif
