/*
 * The live segment: the file a writer appends to.
 *
 * Frames go out in one writev each, on a descriptor opened for appending,
 * behind a look at the size of the file: if it is not what was left there,
 * somebody else has written, and nothing is touched any more.  After a failed
 * write the file is cut back to its last whole frame, and the same may be tried
 * again.  A failed sync is final.
 *
 * Errors: SK_ESYS; SK_EDATA, somebody else wrote.  After a final one (`failed`)
 * every call but free fails in the same words.
 */
#ifndef SK_LOG_LIVE_H
#define SK_LOG_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "log/conf.h"
#include "log/index.h"
#include "log/recover.h"
#include "log/walk.h"

struct sk_live {
	const char *topic;
	const struct sk_log_conf *conf;
	uint64_t incarnation;
	int fd;                  /* -1: sealed, the next is not begun */
	char *path;
	bool begun;              /* the topic has a segment: chain is set */
	struct sk_chain chain;   /* behind the last frame */
	struct sk_index index;
	int64_t first_clock_ns;  /* of its S */
	uint64_t pos;            /* where the file ends */
	uint64_t durable_pos;
	uint64_t durable_offset; /* records below it are durable */
	bool dirty;              /* frames that are not durable */
	bool marked;             /* nothing to mark since the last sync */
	bool uncut;              /* a torn write is behind pos */
	int failed;              /* final: an sk_err */
	int failed_errno;
	struct sk_diag why;
	struct sk_buf head;
};

/* Take over a recovered topic: index and chain move out of `state`.  Opens the
 * newest segment unless it is sealed or there is none. */
int sk_live_open(struct sk_live *live, const char *topic,
    const struct sk_log_conf *conf, struct sk_recovered *state,
    struct sk_diag *diag);

/* Close the descriptor and free, without a word to the file. */
void sk_live_free(struct sk_live *live);

/* Begin the next segment, with this table of sources, if none is open. */
int sk_live_begin(struct sk_live *live, const struct sk_sources *sources,
    struct sk_diag *diag);

/* Append a block: type, flags, body and tlvs of *b are set. */
int sk_live_block(struct sk_live *live, struct sk_frame *b,
    const struct sk_buf *data, uint32_t checksum, struct sk_diag *diag);

/* Append a P (flags: the reason) or E without data. */
int sk_live_mark(struct sk_live *live, char type, uint16_t flags,
    struct sk_view tlvs, struct sk_diag *diag);

/* fdatasync: everything appended is durable. */
int sk_live_sync(struct sk_live *live, struct sk_diag *diag);

/* Sync, X and table, sync, close. */
int sk_live_seal(struct sk_live *live, struct sk_diag *diag);

/* Sync, E, sync, close. */
int sk_live_end(struct sk_live *live, struct sk_diag *diag);

#endif
