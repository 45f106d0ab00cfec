/*
 * Rows of windows: start, end, the keys, the aggregates; and with updates what
 * the row does to those that went out before.
 *
 *	_op    +I a new row; +U in place of the last one of that window and
 *	       key; -U the row that the next one replaces (changelog); -D a
 *	       row that is no more: its session has grown into another
 *	_pane  0 for the first row of a window and key, 1 for the next ...
 *
 * A row that would be the same as the last one does not go out.  For this the
 * last rows of windows that may change are kept as they were written.
 */
#ifndef SK_STREAM_WINROWS_H
#define SK_STREAM_WINROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/table.h"
#include "stream/emit.h"
#include "stream/key.h"
#include "stream/winspec.h"
#include "time/time.h"
#include "window/window.h"

struct sk_winrows {
	const struct sk_aggs *aggs;
	const struct sk_key *key;
	enum sk_winspec_emit mode;
	enum sk_window_fill fill;
	bool bounds;            /* rows have start and end */
	bool timed;             /* which are times */
	struct sk_time *time;   /* written as the last one was */
	struct sk_view *column; /* names, a NULL ptr at the end */
	struct sk_emit *emit;   /* of the call at hand */
	uint64_t n;             /* rows so far */
	int64_t last_ns;        /* the last end of a window that went out */
	uint64_t left_out;      /* values that their lists had no room for */

	struct sk_buf start, end; /* the last bounds, as text */
	int64_t start_ns, end_ns;
	bool put;               /* they hold */
	struct sk_table last;   /* rows that may change */
	uint64_t seed;
	uint32_t kept;          /* how many there were after the last sweep */
	struct sk_buf scratch, text;
};

/* aggs, key, mode, fill, bounds, timed and time are set; names come from the
 * wants of the keys. */
void sk_winrows_init(struct sk_winrows *rows, const struct sk_want *want);
void sk_winrows_free(struct sk_winrows *rows);

/* A row: 0, or what ends the run, reported. */
int sk_winrows_put(struct sk_winrows *rows, const struct sk_window_row *row);

/* Windows that end before this do not change any more. */
void sk_winrows_forget(struct sk_winrows *rows, int64_t end_ns);

void sk_winrows_save(struct sk_winrows *rows, struct sk_buf *buf);
int sk_winrows_load(struct sk_winrows *rows, struct sk_view *bytes,
    struct sk_diag *diag);

#endif
