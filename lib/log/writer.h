/*
 * The writer: lines in, blocks out, acknowledgements back.
 *
 * It gathers lines into a block until batch_bytes are there or `linger` has
 * passed, appends each block with one writev, syncs by the policy, and tells by
 * a callback which offset is durable: never before fdatasync has returned.  It
 * has no loop and no thread of its own.  The caller
 *
 *     feeds    sk_log_writer_add        whatever it has read
 *     waits    sk_log_writer_idle       before it would block, then polls
 *                                       until sk_log_writer_deadline
 *     ticks    sk_log_writer_tick       after each wait
 *     ends     sk_log_writer_close
 *
 * sync=block: a block is written, synced and acknowledged when it is full and
 * in sk_log_writer_idle.  interval: synced at most once an interval, by add
 * and tick.  none: synced at roll and close only.
 *
 * Failures.  SK_ESYS from a write (disk full): the file is cut back to its
 * last whole block and nothing is lost; the same block is tried again by the
 * next call (sk_log_writer_tick will do), or the caller gives up and says that
 * sk_log_writer_unstored() lines were taken but not stored.  Lines of an add
 * are taken when it returns 0 or SK_ESYS.  A failed sync is final: "not
 * durable since offset A"; so is SK_EDATA, somebody else wrote to the file:
 * nothing is touched any more.  sk_log_writer_failed() says so; what is left is
 * sk_log_writer_close.
 *
 * Memory: two blocks raw and one packed, the compressor, the index of the
 * segment, the table of sources.
 */
#ifndef SK_LOG_WRITER_H
#define SK_LOG_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "log/batch.h"
#include "log/conf.h"
#include "log/source.h"

struct sk_log_writer;

/* Everything below `next_offset` is durable. */
struct sk_log_ack {
	void (*fn)(void *arg, uint32_t partition, uint64_t next_offset);
	void *arg;
};

/*
 * Open a topic for writing: make it if it is not there (`policy` is stored),
 * lock, recover, begin an incarnation.  `policy` (may be NULL) holds the values
 * for this run.  NULL on failure: *err is SK_EBUSY (being written: the caller
 * may try again), SK_ESYS, SK_EDATA, SK_EVERSION, and diag says why.
 */
struct sk_log_writer *sk_log_writer_open(const char *topic,
    const struct sk_log_policy *policy, const struct sk_log_ack *ack,
    const struct sk_notify *notify, int *err, struct sk_diag *diag);

/* Take a run of lines (log/batch.h). */
int sk_log_writer_add(struct sk_log_writer *writer,
    const struct sk_log_run *run, struct sk_diag *diag);

/* A source stands at source->end_pos without having given lines (a new or
 * rotated file): stored by a P at the next idle or flush. */
int sk_log_writer_moved(struct sk_log_writer *writer,
    const struct sk_source *source, struct sk_diag *diag);

/* Nothing more to read at once. */
int sk_log_writer_idle(struct sk_log_writer *writer, struct sk_diag *diag);

/* When to call tick, on the clock of sk_sys_mono_ns. */
int64_t sk_log_writer_deadline(const struct sk_log_writer *writer);

/* What is due: linger, sync interval, age of the segment, requests, a block
 * that could not be written. */
int sk_log_writer_tick(struct sk_log_writer *writer, struct sk_diag *diag);

/* Store the lines taken so far; with `sync` also sync and acknowledge. */
int sk_log_writer_flush(struct sk_log_writer *writer, bool sync,
    struct sk_diag *diag);

/* Seal the segment and begin the next, if it has records. */
int sk_log_writer_roll(struct sk_log_writer *writer, struct sk_diag *diag);

/* Flush, sync, E, sync, unlock.  Lines that could not be stored at the last
 * attempt are not tried again.  After a failure what can still be synced is,
 * there is no E, and the error is returned.  Always frees the writer. */
int sk_log_writer_close(struct sk_log_writer *writer, struct sk_diag *diag);

/* Lines taken that are not in the file. */
uint64_t sk_log_writer_unstored(const struct sk_log_writer *writer);
/* A failure that cannot be tried again. */
bool sk_log_writer_failed(const struct sk_log_writer *writer);

struct sk_log_writer_stat {
	uint64_t next_offset;    /* of the next line taken */
	uint64_t stored_offset;  /* behind the last line written */
	uint64_t durable_offset; /* behind the last line acknowledged */
	uint64_t segment_base;
	uint64_t blocks;         /* written by this writer */
	uint64_t raw_bytes;
	uint64_t stored_bytes;
};

void sk_log_writer_stat(const struct sk_log_writer *writer,
    struct sk_log_writer_stat *stat);

/* The sources known to the log: the registry a tail starts from. */
const struct sk_sources *sk_log_writer_sources(
    const struct sk_log_writer *writer);
const struct sk_log_policy *sk_log_writer_policy(
    const struct sk_log_writer *writer);

#endif
