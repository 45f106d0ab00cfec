/*
 * The cells of a state, by their kind: what each operation on states does with
 * each of them.
 */
#ifndef SK_WINDOW_CELLS_H
#define SK_WINDOW_CELLS_H

#include "window/agg_parts.h"

size_t sk_cell_size(enum sk_cell_kind kind);

/* A zeroed cell becomes an empty one. */
void sk_cell_init(const struct sk_agg_cell *cell, void *at);
/* Release what it owns. */
void sk_cell_free(const struct sk_agg_cell *cell, void *at);
/* `to` has the bytes of `from`; it gets memory of its own. */
void sk_cell_copy(const struct sk_agg_cell *cell, void *to,
    const void *from);
void sk_cell_merge(const struct sk_aggs *aggs,
    const struct sk_agg_cell *cell, void *into, const void *from);
void sk_cell_save(const struct sk_agg_cell *cell, const void *at,
    struct sk_buf *buf);
/* Over an empty cell; which it is again if the bytes are none. */
void sk_cell_load(const struct sk_aggs *aggs, const struct sk_agg_cell *cell,
    void *at, struct sk_unpack *from);

#endif
