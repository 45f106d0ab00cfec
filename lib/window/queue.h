/*
 * The aggregate of a window that moves on: a queue of states, each with an id
 * that grows (a pane, a time, a number).
 *
 * Two stacks: entries that came before the last turn have the aggregate of
 * themselves and all behind them up to there, those that came since have one
 * in common; so what the window holds is one merge, however many entries it
 * has, and each entry is merged three times in its life.  An entry that is
 * changed late costs a turn, at the next question.
 *
 * Entries that the window has left are kept until they are dropped, so that
 * windows of the past can be asked for again.
 *
 * Memory: 8 bytes and up to two states an entry.  A zeroed queue is an empty
 * one.
 *
 * Source: Tangwongsan, Hirzel, Schneider: Low-Latency Sliding-Window
 * Aggregation in Worst-Case Constant Time (2017), section 2, two-stacks.
 */
#ifndef SK_WINDOW_QUEUE_H
#define SK_WINDOW_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "window/agg.h"

struct sk_queue {
	int64_t *id;
	char *raw;        /* a state an entry */
	char *sum;        /* of entries from..mid: all up to mid */
	char *back;       /* of entries mid..n, if there are any */
	uint32_t n, cap;
	uint32_t from;    /* the first entry of the window */
	uint32_t mid;
	int64_t from_id;  /* where the window begins */
	bool turned;      /* `sum` and `back` are right */
};

void sk_queue_free(struct sk_queue *queue, const struct sk_aggs *aggs);

/* Add a state, which becomes the queue's; with the id of the last entry it is
 * merged into that; an id below the last is late. */
void sk_queue_push(struct sk_queue *queue, const struct sk_aggs *aggs,
    int64_t id, void *state);

/* The entry of this id, made if there is none, to be added to. */
void *sk_queue_late(struct sk_queue *queue, const struct sk_aggs *aggs,
    int64_t id);

/* The window begins with this id; it never goes back. */
void sk_queue_slide(struct sk_queue *queue, const struct sk_aggs *aggs,
    int64_t id);

/* Drop entries below this id, which the window has left. */
void sk_queue_drop(struct sk_queue *queue, const struct sk_aggs *aggs,
    int64_t id);

/* What the window holds: a state that is the queue's, or `spare`, which is
 * overwritten then and the caller's to free; NULL: nothing. */
const void *sk_queue_get(struct sk_queue *queue, const struct sk_aggs *aggs,
    void *spare);

/* Add the entries from..to (not in) to a state; false: there are none. */
bool sk_queue_range(const struct sk_queue *queue, const struct sk_aggs *aggs,
    int64_t from, int64_t to, void *into);

/* As bytes, and back: what is read answers as what was saved, byte for byte.
 * SK_EDATA on bytes that are no queue. */
void sk_queue_save(const struct sk_queue *queue, const struct sk_aggs *aggs,
    struct sk_buf *buf);
int sk_queue_load(struct sk_queue *queue, const struct sk_aggs *aggs,
    struct sk_view *bytes, struct sk_diag *diag);

#endif
