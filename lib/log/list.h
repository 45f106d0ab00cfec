/*
 * What a topic holds, a row a segment: the data of `sk-log ls`.
 *
 * A sealed segment is described by its index, the newest by the headers of
 * its blocks; no data frame is read.  So this is fast, and not a proof:
 * sk_log_check is.  No lock is taken.
 *
 * Cost: three small reads a sealed segment, one a block of the newest.
 */
#ifndef SK_LOG_LIST_H
#define SK_LOG_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "log/segment.h"

enum sk_log_state {
	SK_LIST_OPEN,     /* the newest, where lines are added */
	SK_LIST_SEALED,
	SK_LIST_REPACKED, /* sealed, and rewritten with larger blocks */
	SK_LIST_TORN,     /* the newest: not whole at its end, and no writer */
	SK_LIST_DAMAGED   /* sealed in vain, or not at all: see sk_log_check */
};

struct sk_log_row {
	uint32_t partition;
	uint64_t first;      /* offset of the first line */
	uint64_t next;       /* behind the last */
	uint64_t lines;
	uint64_t blocks;
	uint64_t nbytes;     /* of the file */
	uint64_t raw_nbytes; /* of the lines */
	int64_t from_ns;     /* append times of the first and the last block; */
	int64_t to_ns;       /* SK_NO_TIME: no lines */
	enum sk_log_state state;
	char file[SK_SEGMENT_NAME];
};

/* The rows, by offset.  A zeroed one is empty. */
struct sk_log_list {
	struct sk_log_row *rows;
	size_t n;
};

/* 0; SK_ESYS, the topic or a segment cannot be read; SK_EDATA, it is no
 * topic; SK_EVERSION.  After a failure the list is empty. */
int sk_log_list_load(struct sk_log_list *list, const char *dir,
    struct sk_diag *diag);
void sk_log_list_free(struct sk_log_list *list);

/* `open`, `sealed`, `repacked`, `torn`, `damaged`. */
const char *sk_log_state_name(enum sk_log_state state);

#endif
