/*
 * Panes: spans of time that do not overlap, each with the states of its keys.
 * Those that hold something are kept in the order of their times.
 */
#ifndef SK_WINDOW_PANE_H
#define SK_WINDOW_PANE_H

#include "window/kinds.h"

struct sk_pane {
	int64_t id;               /* grows with time */
	int64_t start_ns, end_ns;
	bool closed;              /* it went out */
	bool changed;             /* since the last sk_window_show() */
	struct sk_table cells;    /* struct sk_window_cell */
};

struct sk_panes {
	struct sk_pane **pane;
	uint32_t n, cap;
	uint32_t last;            /* that was found */
};

/* The pane of this id, made empty with these bounds if there is none. */
struct sk_pane *sk_panes_get(struct sk_panes *panes,
    const struct sk_window *window, int64_t id, int64_t start_ns,
    int64_t end_ns);

/* The cells of the pane that was found last, or NULL. */
static inline const struct sk_table *
sk_panes_table(const struct sk_panes *panes)
{
	return panes->last < panes->n ? &panes->pane[panes->last]->cells :
	    NULL;
}

/* The first n panes go. */
void sk_panes_drop(struct sk_panes *panes, const struct sk_aggs *aggs,
    uint32_t n);
void sk_panes_free(struct sk_panes *panes, const struct sk_aggs *aggs);

void sk_panes_save(const struct sk_panes *panes, const struct sk_aggs *aggs,
    struct sk_buf *buf);
int sk_panes_load(struct sk_panes *panes, const struct sk_window *window,
    struct sk_view *bytes, struct sk_diag *diag);

#endif
