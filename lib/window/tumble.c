/*
 * Windows that follow one another, and the one window for all time: each is a
 * pane.
 */
#include <stdlib.h>
#include <string.h>

#include "base/image.h"
#include "base/mem.h"
#include "window/fill.h"
#include "window/pane.h"

#define AHEAD 8 /* rows that are brought near before they are written */

struct tumble {
	struct sk_window window;
	struct sk_panes panes;
	struct sk_fill fill;
};

static struct tumble *
self_of(struct sk_window *window)
{
	return (struct tumble *)(void *)window;
}

static struct sk_window *
tumble_open(void)
{
	struct tumble *self = sk_xcalloc(1, sizeof(*self));

	return &self->window;
}

static void
tumble_close(struct sk_window *window)
{
	struct tumble *self = self_of(window);

	sk_panes_free(&self->panes, window->conf.aggs);
	sk_fill_free(&self->fill, window);
	free(self);
}

/* The window of a time, and when it is forgotten. */
static int64_t
bounds(struct tumble *self, int64_t t_ns, int64_t *end_ns)
{
	struct sk_window_conf *conf = &self->window.conf;

	if (conf->kind != SK_WINDOW_GLOBAL)
		return sk_ruler_span(&conf->pane, t_ns, end_ns);
	*end_ns = INT64_MAX;
	return INT64_MIN;
}

/* The next watermark at which a window goes out, or is forgotten. */
static void
set_due(struct tumble *self)
{
	struct sk_window *window = &self->window;
	int64_t due = INT64_MAX, at;
	uint32_t i;

	for (i = 0; i < self->panes.n; i++) {
		const struct sk_pane *pane = self->panes.pane[i];

		at = pane->closed ? sk_window_later(pane->end_ns,
		    window->conf.lateness_ns) : pane->end_ns;
		due = at < due ? at : due;
	}
	if (self->fill.keys.n > 0) {
		bounds(self, self->fill.next_ns, &at);
		due = at < due ? at : due;
	}
	window->due_ns = due;
}

static int
tumble_add(struct sk_window *window, int64_t t_ns, struct sk_view key,
    uint32_t hash)
{
	struct tumble *self = self_of(window);
	int64_t end_ns, start_ns = bounds(self, t_ns, &end_ns);
	struct sk_window_cell *cell;
	struct sk_pane *pane;

	if (end_ns <= window->watermark_ns && sk_window_later(end_ns,
	    window->conf.lateness_ns) <= window->watermark_ns)
		return SK_WINDOW_LATE;
	pane = sk_panes_get(&self->panes, window, start_ns, start_ns, end_ns);
	cell = sk_window_cell_add(window, &pane->cells, key, hash);
	if (cell == NULL)
		return SK_WINDOW_FULL;
	pane->changed = true;
	if (end_ns > window->watermark_ns) {
		window->due_ns = end_ns < window->due_ns ? end_ns :
		    window->due_ns;
		return 0;
	}
	if (!pane->closed) {
		pane->closed = true;
		set_due(self);
	}
	cell->changed = false;
	return sk_window_row(window, SK_WINDOW_AGAIN, start_ns, end_ns, key,
	    cell->state);
}

/* All keys of a window, or those that have changed. */
static int
put_pane(struct sk_window *window, struct sk_pane *pane,
    enum sk_window_what what, bool changed)
{
	const uint32_t *order = sk_table_sorted(&pane->cells);
	struct sk_window_cell *cell;
	uint32_t i;
	int err = 0;

	pane->changed = false;
	for (i = 0; i < pane->cells.n && err == 0; i++) {
		if (i + AHEAD < pane->cells.n)
			__builtin_prefetch(sk_table_at(&pane->cells,
			    order[i + AHEAD]));
		cell = sk_table_at(&pane->cells, order[i]);
		if (changed && !cell->changed)
			continue;
		cell->changed = false;
		err = sk_window_row(window, what, pane->start_ns,
		    pane->end_ns, sk_table_key(&pane->cells, order[i]),
		    cell->state);
	}
	return err;
}

static const void *
state_in(void *arg, struct sk_view key, uint32_t hash)
{
	struct sk_table *cells = arg;
	uint32_t slot = sk_table_find(cells, key, hash);
	struct sk_window_cell *cell;

	if (slot == SK_TABLE_NONE)
		return NULL;
	cell = sk_table_at(cells, slot);
	return cell->state;
}

/* Windows without any event, up to a time. */
static int
fill_until(struct tumble *self, int64_t t_ns)
{
	struct sk_window *window = &self->window;
	struct sk_table none = { 0 };
	const struct sk_fill_from from = { state_in, &none };
	int64_t start_ns, end_ns;
	int err = 0;

	while (err == 0 && self->fill.keys.n > 0) {
		start_ns = bounds(self, self->fill.next_ns, &end_ns);
		if (end_ns > t_ns)
			break;
		err = sk_fill_put(&self->fill, window, start_ns, end_ns,
		    &from);
		self->fill.next_ns = end_ns;
	}
	return err;
}

static int
put_filled(struct tumble *self, struct sk_pane *pane)
{
	struct sk_window *window = &self->window;
	const struct sk_fill_from from = { state_in, &pane->cells };
	int err = fill_until(self, pane->start_ns);
	size_t at = 0;
	uint32_t slot;

	while ((slot = sk_table_next(&pane->cells, &at)) != SK_TABLE_NONE)
		sk_fill_seen(&self->fill, window,
		    sk_table_key(&pane->cells, slot),
		    sk_table_hash_of(&pane->cells, slot), pane->end_ns);
	if (err == 0)
		err = sk_fill_put(&self->fill, window, pane->start_ns,
		    pane->end_ns, &from);
	self->fill.next_ns = pane->end_ns;
	return err;
}

static int
put_closed(struct tumble *self, struct sk_pane *pane)
{
	pane->closed = true;
	if (self->window.conf.fill != SK_WINDOW_FILL_NONE)
		return put_filled(self, pane);
	return put_pane(&self->window, pane, SK_WINDOW_FINAL, false);
}

static int
tumble_advance(struct sk_window *window)
{
	struct tumble *self = self_of(window);
	struct sk_panes *panes = &self->panes;
	int64_t watermark = window->watermark_ns;
	uint32_t done = 0, i;
	int err = 0;

	for (i = 0; i < panes->n && err == 0 &&
	    panes->pane[i]->end_ns <= watermark; i++) {
		if (!panes->pane[i]->closed)
			err = put_closed(self, panes->pane[i]);
		if (done == i && sk_window_later(panes->pane[i]->end_ns,
		    window->conf.lateness_ns) <= watermark)
			done++;
	}
	if (err == 0 && watermark < INT64_MAX)
		err = fill_until(self, watermark);
	sk_panes_drop(panes, window->conf.aggs, done);
	set_due(self);
	return err;
}

static int
tumble_show(struct sk_window *window, bool changed)
{
	struct sk_panes *panes = &self_of(window)->panes;
	uint32_t i;
	int err = 0;

	for (i = 0; i < panes->n && err == 0; i++)
		if (!panes->pane[i]->closed &&
		    (!changed || panes->pane[i]->changed))
			err = put_pane(window, panes->pane[i],
			    SK_WINDOW_EARLY, changed);
	return err;
}

static int64_t
tumble_oldest(struct sk_window *window)
{
	struct tumble *self = self_of(window);
	int64_t past_ns, end_ns;

	if (window->watermark_ns == INT64_MIN ||
	    window->watermark_ns == INT64_MAX ||
	    __builtin_sub_overflow(window->watermark_ns,
	    window->conf.lateness_ns, &past_ns))
		return window->watermark_ns;
	return bounds(self, past_ns, &end_ns);
}

static void
tumble_save(struct sk_window *window, struct sk_buf *buf)
{
	struct tumble *self = self_of(window);

	sk_panes_save(&self->panes, window->conf.aggs, buf);
	sk_fill_save(&self->fill, window, buf);
}

static int
tumble_load(struct sk_window *window, struct sk_view *bytes,
    struct sk_diag *diag)
{
	struct tumble *self = self_of(window);
	int err = sk_panes_load(&self->panes, window, bytes, diag);

	if (err == 0)
		err = sk_fill_load(&self->fill, window, bytes, diag);
	return err;
}

static const struct sk_table *
tumble_table(const struct sk_window *window)
{
	return sk_panes_table(&((const struct tumble *)
	    (const void *)window)->panes);
}

const struct sk_window_kind_ops sk_window_panes = { tumble_open, tumble_close,
	tumble_add, tumble_table, NULL, tumble_advance, tumble_show,
	tumble_oldest, tumble_save, tumble_load };
