#include <stdlib.h>
#include <string.h>

#include "base/image.h"
#include "base/mem.h"
#include "window/pane.h"

/* The first pane that is not below id. */
static uint32_t
find(const struct sk_panes *panes, int64_t id)
{
	uint32_t low = 0, high = panes->n, half;

	/* Nearly always it is the last one. */
	if (high > 0 && panes->pane[high - 1]->id < id)
		return high;
	while (low < high) {
		half = low + (high - low) / 2;
		if (panes->pane[half]->id < id)
			low = half + 1;
		else
			high = half;
	}
	return low;
}

static struct sk_pane *
insert(struct sk_panes *panes, uint32_t at, const struct sk_pane *from)
{
	struct sk_pane *pane = sk_xalloc(1, sizeof(*pane));

	if (panes->n == panes->cap) {
		panes->cap = panes->cap > 0 ? 2 * panes->cap : 4;
		panes->pane = sk_xrealloc(panes->pane, panes->cap,
		    sizeof(*panes->pane));
	}
	memmove(panes->pane + at + 1, panes->pane + at,
	    (panes->n - at) * sizeof(*panes->pane));
	*pane = *from;
	panes->pane[at] = pane;
	panes->n++;
	return pane;
}

static struct sk_pane *
add_pane(struct sk_panes *panes, const struct sk_window *window, uint32_t at,
    int64_t id, int64_t start_ns, int64_t end_ns)
{
	struct sk_pane fresh = { .id = id, .start_ns = start_ns,
		.end_ns = end_ns };

	sk_window_cells(&fresh.cells, window->conf.aggs);
	return insert(panes, at, &fresh);
}

struct sk_pane *
sk_panes_get(struct sk_panes *panes, const struct sk_window *window,
    int64_t id, int64_t start_ns, int64_t end_ns)
{
	uint32_t at = panes->last;

	if (at < panes->n && panes->pane[at]->id == id)
		return panes->pane[at];
	at = find(panes, id);
	panes->last = at;
	if (at < panes->n && panes->pane[at]->id == id)
		return panes->pane[at];
	return add_pane(panes, window, at, id, start_ns, end_ns);
}

void
sk_panes_drop(struct sk_panes *panes, const struct sk_aggs *aggs, uint32_t n)
{
	uint32_t i;

	if (n == 0)
		return;
	for (i = 0; i < n; i++) {
		sk_window_cells_free(&panes->pane[i]->cells, aggs);
		free(panes->pane[i]);
	}
	panes->n -= n;
	memmove(panes->pane, panes->pane + n,
	    panes->n * sizeof(*panes->pane));
	panes->last = 0;
}

void
sk_panes_free(struct sk_panes *panes, const struct sk_aggs *aggs)
{
	sk_panes_drop(panes, aggs, panes->n);
	free(panes->pane);
	memset(panes, 0, sizeof(*panes));
}

void
sk_panes_save(const struct sk_panes *panes, const struct sk_aggs *aggs,
    struct sk_buf *buf)
{
	struct sk_pane *pane;
	uint32_t i;

	sk_image_put(buf, panes->n);
	for (i = 0; i < panes->n; i++) {
		pane = panes->pane[i];
		sk_image_put(buf, (uint64_t)pane->id);
		sk_image_put(buf, (uint64_t)pane->start_ns);
		sk_image_put(buf, (uint64_t)pane->end_ns);
		sk_image_put(buf, (uint64_t)pane->closed |
		    (uint64_t)pane->changed << 1);
		sk_window_cells_save(&pane->cells, aggs, buf);
	}
}

static int
load_pane(struct sk_pane *pane, const struct sk_window *window,
    struct sk_view *bytes, struct sk_diag *diag)
{
	uint64_t flags;

	sk_window_cells(&pane->cells, window->conf.aggs);
	if (!sk_image_take_i64(bytes, &pane->start_ns) ||
	    !sk_image_take_i64(bytes, &pane->end_ns) ||
	    !sk_image_take(bytes, &flags) || pane->start_ns > pane->end_ns)
		return sk_image_bad(diag);
	pane->closed = (flags & 1) != 0;
	pane->changed = (flags & 2) != 0;
	return sk_window_cells_load(window, &pane->cells, bytes, diag);
}

int
sk_panes_load(struct sk_panes *panes, const struct sk_window *window,
    struct sk_view *bytes, struct sk_diag *diag)
{
	struct sk_pane *pane;
	struct sk_pane fresh = { 0 };
	uint32_t n, i;
	int err;

	if (!sk_image_take_n(bytes, 40, &n))
		return sk_image_bad(diag);
	for (i = 0; i < n; i++) {
		if (!sk_image_take_i64(bytes, &fresh.id) ||
		    (i > 0 && fresh.id <= panes->pane[i - 1]->id))
			return sk_image_bad(diag);
		pane = insert(panes, i, &fresh);
		err = load_pane(pane, window, bytes, diag);
		if (err != 0)
			return err;
	}
	return 0;
}
