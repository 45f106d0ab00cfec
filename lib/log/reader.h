/*
 * Reading a log: verified blocks of lines, in the order of their offsets.
 *
 *	struct sk_reader *reader;
 *	struct sk_reader_block block;
 *
 *	err = sk_reader_open(&reader, "web", &opts, &notify, &diag);
 *	err = sk_reader_seek_offset(reader, 1000);       (default: the start)
 *	while ((err = sk_reader_next(reader, &block)) > 0)
 *		write(1, block.bytes, block.nbytes);
 *	sk_reader_close(reader);
 *
 * A record is a line with its newline; its offset is its number, from 0.  A
 * block holds whole lines, `count` of them, the first with offset `first`.
 * Times are nanoseconds since 1970 UTC, positions are bytes.
 *
 * Nothing is handed out from a block whose header hash, data hash and content
 * checksum did not all verify, and every frame obeys the chain rules of the
 * format; see sk-log(5), "Readers".  Where the log cannot be read on,
 * sk_reader_next() fails and `diag` says where: "TOPIC/FILE: reason".
 *
 * The log is only read.  No lock is taken: a writer may append, roll, repack
 * and remove segments meanwhile.  What is not completely there at the end of
 * the newest segment is "not yet there" unless some frame proves that it was
 * durable once.
 *
 * Ownership: the bytes of a block are the reader's and valid until the next
 * call; SK_PAD bytes behind them are readable.  notify and diag must live as
 * long as the reader; both may be NULL.
 *
 * Errors: SK_ESYS a system call failed or the topic does not exist (errno
 * stands), SK_EDATA damage, a missing or foreign segment, a log that was
 * rewritten, SK_EVERSION needs a newer version.  After an error the reader
 * can only be closed.
 *
 * Cost: a start anywhere in sealed segments takes the S frame, the footer and
 * the index of one segment and one block; in the newest, one small read a
 * block before it.  Memory: one block packed and unpacked, 60 bytes a block
 * of the segment that was searched, 8 bytes a segment.
 */
#ifndef SK_LOG_READER_H
#define SK_LOG_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct sk_reader;

struct sk_reader_opts {
	bool follow;       /* the end is where to wait, not where to stop */
	bool skip_damaged; /* name each damaged gap and go on behind it */
	bool skip_removed; /* the same for what retention has removed */
};

struct sk_reader_block {
	const char *bytes;
	size_t nbytes;
	uint64_t first;       /* offset of the first line */
	uint64_t count;       /* lines, >= 1 */
	int64_t clock_ns;     /* append time of all its lines */
	int64_t event_min_ns; /* INT64_MIN, both: no line has an event time */
	int64_t event_max_ns;
	uint64_t incarnation; /* of the writer that stored it */
};

/* Open the topic in the folder `path` at its first record.  `opts` may be
 * NULL: none of them. */
int sk_reader_open(struct sk_reader **reader, const char *path,
    const struct sk_reader_opts *opts, const struct sk_notify *notify,
    struct sk_diag *diag);
/* NULL is accepted. */
void sk_reader_close(struct sk_reader *reader);

/* The topic's uuid, 16 bytes in the order of the S frame. */
const unsigned char *sk_reader_uuid(const struct sk_reader *reader);

/* Where the log begins: the base of its first segment. */
uint64_t sk_reader_start(const struct sk_reader *reader);

/* The offset behind the last record that is completely there now.  The data
 * of the last block is verified, of those before only the headers. */
int sk_reader_end(struct sk_reader *reader, uint64_t *next);

/* The offset of the next record that sk_reader_next() would give.  After a
 * seek by time: where the search ended. */
uint64_t sk_reader_next_offset(const struct sk_reader *reader);

/*
 * Begin elsewhere.  Offsets before the start of the log were removed by
 * retention (SK_EDATA, or a notice with skip_removed) or are missing
 * (SK_EDATA, or a notice with skip_damaged).  Behind the end is no error: the
 * reader gives nothing before that record is there.
 */
int sk_reader_seek_offset(struct sk_reader *reader, uint64_t offset);
/* The first block with an append time >= ns. */
int sk_reader_seek_time(struct sk_reader *reader, int64_t ns);
/* The last n records that are there now; all of them if there are fewer. */
int sk_reader_seek_last(struct sk_reader *reader, uint64_t n);

/* Pass over blocks that by their headers hold no line with an event time in
 * [from, until).  Blocks without event times count as possible. */
void sk_reader_prune(struct sk_reader *reader, int64_t from_ns,
    int64_t until_ns);

/*
 * The next block: 1; 0 at the end of what is there.  Without `follow` the
 * 0 is final, and if no writer runs a notice has said what stands behind the
 * last record, if anything, or that the end mark is missing.  With `follow`
 * wait (sk_reader_wait) and call again.
 */
int sk_reader_next(struct sk_reader *reader, struct sk_reader_block *block);

/* With skip_damaged: whether something was passed over. */
bool sk_reader_skipped(const struct sk_reader *reader);

/* With follow: wait until the topic may have changed, at most a second and at
 * most timeout_ms (-1: no limit of the caller's), or until one of n further
 * descriptors has an event.  0, or SK_ESYS. */
struct pollfd;
int sk_reader_wait(struct sk_reader *reader, struct pollfd *fds, size_t n,
    int timeout_ms);

/* The incarnation of the block that holds `offset`: 1; 0 if that record was
 * removed or is not there.  Does not move the reader. */
int sk_reader_incarnation(struct sk_reader *reader, uint64_t offset,
    uint64_t *incarnation);

/* Forget the first n lines of a block, or all but the first n.  The bytes are
 * scanned for newlines; n must not be greater than count. */
void sk_reader_drop(struct sk_reader_block *block, uint64_t n);
void sk_reader_keep(struct sk_reader_block *block, uint64_t n);

#endif
