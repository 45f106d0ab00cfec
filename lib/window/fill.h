/*
 * --fill: the keys that have been seen, which have a row in windows without an
 * event of theirs, too, for `ttl` after the last window that had one.
 *
 * A zeroed fill knows no keys.
 */
#ifndef SK_WINDOW_FILL_H
#define SK_WINDOW_FILL_H

#include "window/kinds.h"

struct sk_fill {
	struct sk_table keys;
	int64_t next_ns; /* where the next window begins that may be filled */
};

/* The state of a key in the window at hand, or NULL. */
struct sk_fill_from {
	const void *(*get)(void *arg, struct sk_view key, uint32_t hash);
	void *arg;
};

void sk_fill_free(struct sk_fill *fill, const struct sk_window *window);

/* A key has events in the window that ends there. */
void sk_fill_seen(struct sk_fill *fill, const struct sk_window *window,
    struct sk_view key, uint32_t hash, int64_t end_ns);

/* The rows of all keys in a window. */
int sk_fill_put(struct sk_fill *fill, const struct sk_window *window,
    int64_t start_ns, int64_t end_ns, const struct sk_fill_from *from);

void sk_fill_save(struct sk_fill *fill, const struct sk_window *window,
    struct sk_buf *buf);
int sk_fill_load(struct sk_fill *fill, const struct sk_window *window,
    struct sk_view *bytes, struct sk_diag *diag);

#endif
