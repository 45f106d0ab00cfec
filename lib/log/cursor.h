/*
 * A saved position in a log: a small text file that a person can read and
 * edit, and that is replaced as a whole or not at all.
 *
 *	# sk-replay --cursor; next= may be changed by hand
 *	topic=web
 *	uuid=5f0c4e3a9b7d41d2a6c8e1f09b3d7a54
 *	partition=0
 *	next=10000
 *	record=9999
 *	incarnation=8d21f00c6a5be913
 *
 * `next` is the offset to go on with.  `record` and `incarnation` tell that
 * the log is still the one that was read: the incarnation of the block that
 * holds `record` when the position was saved.  They stand apart from `next`
 * so that `next` alone can be set to another number.  Without a record, as
 * when nothing was read yet, both lines are missing.  `topic` is a hint for
 * people.  Lines that begin with `#` and empty lines are passed over.
 *
 * Flat, nothing is owned.  Sources: the saved position of sk-log(5).
 */
#ifndef SK_LOG_CURSOR_H
#define SK_LOG_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "log/reader.h"

struct sk_cursor {
	unsigned char uuid[16];
	uint32_t partition;
	uint64_t next;
	bool has_record;
	uint64_t record;
	uint64_t incarnation;
};

/* Read the file: 1; 0 if there is none (*cursor untouched).  SK_ESYS, or
 * SK_EDATA with "FILE:LINE: reason" in diag. */
int sk_cursor_load(const char *path, struct sk_cursor *cursor,
    struct sk_diag *diag);

/* Replace the file durably: written beside it, synced, renamed.  `topic` is
 * the hint.  0 or SK_ESYS, the old file being whole then. */
int sk_cursor_save(const char *path, const struct sk_cursor *cursor,
    const char *topic, struct sk_diag *diag);

/* Is the log that this reader reads still the one that the position was taken
 * from?  A record that was removed by retention is not compared.  0, or an
 * error with words in diag; `path` and `topic` are for them. */
int sk_cursor_check(const struct sk_cursor *cursor, const char *path,
    struct sk_reader *reader, const char *topic, struct sk_diag *diag);

/* Hold the position against a second run, by a lock on the file `path`.lock,
 * which is never removed.  0 and a descriptor to close at the end, SK_EBUSY if
 * another process holds it, SK_ESYS. */
int sk_cursor_lock(const char *path, int *fd, struct sk_diag *diag);

#endif
