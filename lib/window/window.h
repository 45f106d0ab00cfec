/*
 * Windows: the states of what is open, by window and key.
 *
 * The caller says what comes (sk_window_add) and how far time has come
 * (sk_window_advance, the watermark: no event before it comes any more but
 * late ones); windows that are complete then go out as rows, in the order of
 * end, start, key bytes.  Time windows hold the events start <= t < end.
 *
 *	tumble   one window after another
 *	hop      windows of `size` panes, one every `hop` panes; an event costs
 *	         the same however they overlap
 *	cumulate from the start of the outer window to the end of each pane
 *	session  events of a key that are at most `gap` apart; to the last one
 *	         and `gap`
 *	slide    for each event, those from `span` before it to its own time,
 *	         both in
 *	count    the last `size` events of a key, at every `hop`th one
 *	global   one window for all time
 *
 * With `lateness` windows are kept so long after they went out; a late event
 * then changes those it is of, and they go out again at once.  A session that
 * a late event joins with another is taken back first.
 *
 * What follows is the same for any order of events of different times that
 * brings none of them behind the watermark.
 *
 * Memory: for each open window (pane) and key a table entry (base/table.h)
 * with a state of the aggregates and 16 bytes; for hop and cumulate, a queue a
 * key besides (window/queue.h); for slide, count by time and sessions that are
 * cut, a state for each event that the watermark has not passed.
 *
 * Sources: Akidau et al.: The Dataflow Model (2015), for windows, watermarks
 * and lateness.  Li, Maier, Tufte, Papadimos, Tucker: No Pane, No Gain (2005).
 */
#ifndef SK_WINDOW_WINDOW_H
#define SK_WINDOW_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/table.h"
#include "window/agg.h"
#include "window/ruler.h"

enum sk_window_kind {
	SK_WINDOW_NONE,
	SK_WINDOW_TUMBLE,
	SK_WINDOW_HOP,
	SK_WINDOW_CUMULATE,
	SK_WINDOW_SESSION,
	SK_WINDOW_SLIDE,
	SK_WINDOW_COUNT,
	SK_WINDOW_GLOBAL
};

/* Rows of keys that have been seen, in windows without an event of theirs. */
enum sk_window_fill {
	SK_WINDOW_FILL_NONE,
	SK_WINDOW_FILL_ZERO,
	SK_WINDOW_FILL_NULL,
	SK_WINDOW_FILL_LAST
};

/* What a row is to those that went out before. */
enum sk_window_what {
	SK_WINDOW_FINAL, /* the window is complete */
	SK_WINDOW_AGAIN, /* it went out complete, and has changed */
	SK_WINDOW_EARLY, /* it is still open */
	SK_WINDOW_UNDO   /* it went out, and is none: no state */
};

struct sk_window_row {
	enum sk_window_what what;
	int64_t start_ns, end_ns;
	struct sk_view key;
	const void *state; /* NULL: of no event */
};

struct sk_window_conf {
	enum sk_window_kind kind;
	const struct sk_aggs *aggs;
	struct sk_ruler pane;   /* of tumble, hop; the steps of cumulate */
	struct sk_ruler outer;  /* of cumulate */
	int64_t size, hop;      /* of hop: panes; of count: events */
	int64_t gap_ns;         /* of session */
	int64_t length_ns;      /* of session: the longest; 0: no limit */
	int64_t span_ns;        /* of slide */
	bool timed;             /* of count: by event time, else as they come */
	int64_t lateness_ns;
	enum sk_window_fill fill; /* of tumble and hop */
	int64_t ttl_ns;         /* of keys that are filled; 0: for ever */
	uint32_t max_keys;      /* of a window; of session and count: of all */
	int (*row)(void *arg, const struct sk_window_row *row);
	void *arg;
};

/* Of sk_window_add(). */
#define SK_WINDOW_LATE 1 /* the event's windows are gone */
#define SK_WINDOW_FULL 2 /* too many keys */

struct sk_window;

/* conf is copied, but not what it points to.  The rulers are ready. */
struct sk_window *sk_window_open(const struct sk_window_conf *conf);
void sk_window_close(struct sk_window *window);

/* The hash that goes with a key is sk_table_hash() of this seed. */
uint64_t sk_window_seed(const struct sk_window *window);

/* Add the event that sk_aggs_take() took: 0, one of the above, or what row()
 * gave. */
int sk_window_add(struct sk_window *window, int64_t t_ns, struct sk_view key,
    uint32_t hash);

/* With many keys each is somewhere else in memory: bring it near, in steps 0,
 * 1 and 2, some events apart and ahead of sk_window_add(). */
bool sk_window_is_wide(const struct sk_window *window);
void sk_window_warm(struct sk_window *window, uint32_t hash, int step);

/* Let what is complete at this watermark go out.  sk_window_due() is the
 * watermark at which there is next anything to do. */
int sk_window_advance(struct sk_window *window, int64_t watermark_ns);
int64_t sk_window_due(const struct sk_window *window);

/* The end: all windows are complete.  Another stream may go on from the given
 * watermark then. */
int sk_window_finish(struct sk_window *window);
void sk_window_restart(struct sk_window *window, int64_t watermark_ns);

/* Rows of what is open; with `changed` only of that which has changed since
 * the last call. */
int sk_window_show(struct sk_window *window, bool changed);

/* No row that comes from now on has a start before this. */
int64_t sk_window_oldest(struct sk_window *window);

/* What is open as bytes, and back into a window of the same conf, newly
 * opened: it goes on as the one that was saved.  SK_EDATA with words in
 * diag. */
void sk_window_save(struct sk_window *window, struct sk_buf *buf);
int sk_window_load(struct sk_window *window, struct sk_view *bytes,
    struct sk_diag *diag);

/* t + span, or the end of time. */
static inline int64_t
sk_window_later(int64_t t_ns, int64_t span_ns)
{
	int64_t later;

	return __builtin_add_overflow(t_ns, span_ns, &later) ? INT64_MAX :
	    later;
}

#endif
