/*
 * The kinds of windows behind window/window.h: each owns what is open in it.
 */
#ifndef SK_WINDOW_KINDS_H
#define SK_WINDOW_KINDS_H

#include "base/table.h"
#include "window/window.h"

/* What all kinds have; the first member of each. */
struct sk_window {
	const struct sk_window_kind_ops *ops;
	struct sk_window_conf conf;
	uint64_t seed;        /* of the tables */
	int64_t watermark_ns;
	int64_t due_ns;
};

struct sk_window_kind_ops {
	struct sk_window *(*open)(void);
	void (*close)(struct sk_window *window);
	int (*add)(struct sk_window *window, int64_t t_ns, struct sk_view key,
	    uint32_t hash);
	/* The table that the next events are looked up in, or NULL. */
	const struct sk_table *(*table)(const struct sk_window *window);
	/* Bring near what the entry of a key points to; may be NULL. */
	void (*warm)(const struct sk_window *window, uint32_t slot);
	/* To window->watermark_ns; sets due_ns. */
	int (*advance)(struct sk_window *window);
	int (*show)(struct sk_window *window, bool changed);
	int64_t (*oldest)(struct sk_window *window);
	void (*save)(struct sk_window *window, struct sk_buf *buf);
	int (*load)(struct sk_window *window, struct sk_view *bytes,
	    struct sk_diag *diag);
};

extern const struct sk_window_kind_ops sk_window_panes;    /* tumble, global */
extern const struct sk_window_kind_ops sk_window_hops;     /* hop, cumulate */
extern const struct sk_window_kind_ops sk_window_sessions;
extern const struct sk_window_kind_ops sk_window_runs;     /* slide, count */

/* An entry of an open window: a state. */
struct sk_window_cell {
	bool changed; /* since the last sk_window_show() */
	bool some;    /* it has events */
	_Alignas(SK_AGG_ALIGN) char state[];
};

static inline void
sk_window_cells(struct sk_table *table, const struct sk_aggs *aggs)
{
	sk_table_init(table, sizeof(struct sk_window_cell) + aggs->size);
}

/* Add the event that was taken to the cell of its key; NULL: too many keys. */
struct sk_window_cell *sk_window_cell_add(const struct sk_window *window,
    struct sk_table *table, struct sk_view key, uint32_t hash);
void sk_window_cells_free(struct sk_table *table, const struct sk_aggs *aggs);
void sk_window_cells_save(struct sk_table *table,
    const struct sk_aggs *aggs, struct sk_buf *buf);
int sk_window_cells_load(const struct sk_window *window,
    struct sk_table *table, struct sk_view *bytes, struct sk_diag *diag);

/* Merge the cells of a later pane; all were shown. */
void sk_window_cells_merge(struct sk_table *into, const struct sk_table *from,
    const struct sk_aggs *aggs);
void sk_window_cells_seen(struct sk_table *table);

static inline int
sk_window_row(const struct sk_window *window, enum sk_window_what what,
    int64_t start_ns, int64_t end_ns, struct sk_view key, const void *state)
{
	const struct sk_window_row row = { what, start_ns, end_ns, key, state };

	return window->conf.row(window->conf.arg, &row);
}

#endif
