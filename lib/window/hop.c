/*
 * Windows that overlap: of several panes, one every few panes (hop), or from
 * the start of an outer window to the end of each pane in it (cumulate).
 *
 * An event goes into its pane.  When a window closes, the panes that it is the
 * first to hold are moved, key by key, into queues that know the aggregate of
 * what the window holds: an event costs the same however many windows it is
 * of.
 */
#include <stdlib.h>
#include <string.h>

#include "base/image.h"
#include "base/mem.h"
#include "window/fill.h"
#include "window/pane.h"
#include "window/queue.h"

/* A window: the ids of its panes, and its bounds. */
struct span {
	int64_t number; /* of hop */
	int64_t from, to;
	int64_t start_ns, end_ns;
};

struct hop {
	struct sk_window window;
	struct sk_panes panes;   /* that no window has closed over */
	struct sk_table tracks;  /* struct sk_queue, of the others */
	struct sk_fill fill;
	struct span next;        /* that closes next */
	bool begun;              /* there is a next */
	bool live;               /* queues hold panes of it */
	void *spare;             /* a state */
	bool spare_used;
};

static struct hop *
self_of(struct sk_window *window)
{
	return (struct hop *)(void *)window;
}

static struct sk_window *
hop_open(void)
{
	struct hop *self = sk_xcalloc(1, sizeof(*self));

	sk_table_init(&self->tracks, sizeof(struct sk_queue));
	return &self->window;
}

static void
release_spare(struct hop *self)
{
	if (self->spare_used)
		sk_aggs_free(self->window.conf.aggs, self->spare);
	self->spare_used = false;
}

/* A place for a state, of which the last one was released. */
static void *
spare_of(struct hop *self)
{
	release_spare(self);
	if (self->spare == NULL)
		self->spare = sk_xaligned(SK_AGG_ALIGN,
		    self->window.conf.aggs->size);
	return self->spare;
}

/* What a window holds of a key, until the next call; NULL: nothing. */
static const void *
state_of(struct hop *self, struct sk_queue *queue)
{
	void *spare = spare_of(self);
	const void *state = sk_queue_get(queue, self->window.conf.aggs,
	    spare);

	self->spare_used = state == spare;
	return state;
}

static void
hop_close(struct sk_window *window)
{
	struct hop *self = self_of(window);
	size_t at = 0;
	uint32_t slot;

	while ((slot = sk_table_next(&self->tracks, &at)) != SK_TABLE_NONE)
		sk_queue_free(sk_table_at(&self->tracks, slot),
		    window->conf.aggs);
	sk_table_free(&self->tracks);
	sk_panes_free(&self->panes, window->conf.aggs);
	sk_fill_free(&self->fill, window);
	release_spare(self);
	free(self->spare);
	free(self);
}

/* ---- which windows there are ---- */

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static bool
is_hop(const struct hop *self)
{
	return self->window.conf.kind == SK_WINDOW_HOP;
}

/* The bounds of the pane of a time, and its id. */
static int64_t
pane_at(struct hop *self, int64_t t_ns, int64_t *start_ns, int64_t *end_ns)
{
	struct sk_window_conf *conf = &self->window.conf;
	int64_t outer_ns, outer_end_ns;

	if (is_hop(self)) {
		*start_ns = sk_ruler_span(&conf->pane, t_ns, end_ns);
		return conf->pane.index;
	}
	outer_ns = sk_ruler_span(&conf->outer, t_ns, &outer_end_ns);
	if (conf->pane.unit == SK_RULER_NS) {
		*start_ns = outer_ns + (t_ns - outer_ns) / conf->pane.n *
		    conf->pane.n;
		*end_ns = sk_window_later(*start_ns, conf->pane.n);
	} else
		*start_ns = sk_ruler_span(&conf->pane, t_ns, end_ns);
	if (*start_ns < outer_ns)
		*start_ns = outer_ns;
	if (*end_ns > outer_end_ns)
		*end_ns = outer_end_ns;
	return *start_ns;
}

static struct span
hop_span(struct hop *self, int64_t number)
{
	const struct sk_window_conf *conf = &self->window.conf;
	int64_t from = number * conf->hop, to = from + conf->size;
	struct span span = { number, from, to,
		sk_ruler_start(&conf->pane, from),
		sk_ruler_start(&conf->pane, to) };

	return span;
}

/* The window up to the end of the pane of a time. */
static struct span
cumulate_span(struct hop *self, int64_t t_ns)
{
	int64_t outer_end_ns, start_ns, end_ns;
	int64_t outer_ns = sk_ruler_span(&self->window.conf.outer, t_ns,
	    &outer_end_ns);
	struct span span;

	pane_at(self, t_ns, &start_ns, &end_ns);
	span = (struct span){ 0, outer_ns, end_ns, outer_ns, end_ns };
	return span;
}

/* The first window that holds a pane. */
static struct span
first_span(struct hop *self, int64_t id)
{
	const struct sk_window_conf *conf = &self->window.conf;

	if (!is_hop(self))
		return cumulate_span(self, id);
	return hop_span(self, floor_div(id - conf->size, conf->hop) + 1);
}

/* Behind the last window of all time there is an empty one. */
static struct span
span_after(struct hop *self, const struct span *span)
{
	const struct span none = { 0, INT64_MAX, INT64_MAX, INT64_MAX,
		INT64_MAX };

	if (is_hop(self))
		return hop_span(self, span->number + 1);
	return span->end_ns == INT64_MAX ? none :
	    cumulate_span(self, span->end_ns);
}

static bool
holds(const struct span *span, int64_t id)
{
	return span->from <= id && id < span->to;
}

/* The end of the last window that holds a pane; false: none does. */
static bool
last_end(struct hop *self, int64_t id, int64_t *end_ns)
{
	const struct sk_window_conf *conf = &self->window.conf;
	struct span span;

	if (!is_hop(self)) {
		sk_ruler_span(&self->window.conf.outer, id, end_ns);
		return true;
	}
	span = hop_span(self, floor_div(id, conf->hop));
	*end_ns = span.end_ns;
	return holds(&span, id);
}

/* The first window that is not over at this time. */
static struct span
span_at(struct hop *self, int64_t t_ns)
{
	struct sk_window_conf *conf = &self->window.conf;

	if (!is_hop(self))
		return cumulate_span(self, t_ns);
	return hop_span(self, floor_div(sk_ruler_index(&conf->pane, t_ns) -
	    conf->size, conf->hop) + 1);
}

/* ---- events ---- */

/* The next window to close is the first open one of this pane, but for those
 * that are open because of others. */
static void
expect(struct hop *self, int64_t id, bool others)
{
	struct span span = first_span(self, id);

	if (span.end_ns <= self->window.watermark_ns)
		span = span_at(self, self->window.watermark_ns);
	if (!self->begun || !others || span.end_ns < self->next.end_ns)
		self->next = span;
	self->begun = true;
	self->window.due_ns = self->next.end_ns;
}

/* With nothing to go back for, all panes of an outer window are one entry. */
static int64_t
entry_of(struct hop *self, int64_t id)
{
	if (is_hop(self) || self->window.conf.lateness_ns > 0)
		return id;
	return first_span(self, id).from;
}

static int
put_state(struct hop *self, enum sk_window_what what, const struct span *span,
    struct sk_view key, const void *state)
{
	return sk_window_row(&self->window, what, span->start_ns,
	    span->end_ns, key, state);
}

/* Windows that are closed, and hold this pane, go out again. */
static int
put_again(struct hop *self, int64_t id, struct sk_view key,
    const struct sk_queue *queue)
{
	const struct sk_window_conf *conf = &self->window.conf;
	struct span span = first_span(self, id);
	void *state = spare_of(self);
	int64_t past_ns;
	int err = 0;

	if (conf->lateness_ns == 0)
		return 0;
	if (!__builtin_sub_overflow(self->window.watermark_ns,
	    conf->lateness_ns, &past_ns) && span.end_ns <= past_ns)
		span = span_at(self, past_ns);
	for (; err == 0 && holds(&span, id) &&
	    span.end_ns <= self->window.watermark_ns;
	    span = span_after(self, &span)) {
		sk_aggs_new(conf->aggs, state);
		sk_queue_range(queue, conf->aggs, span.from, span.to, state);
		err = put_state(self, SK_WINDOW_AGAIN, &span, key, state);
		sk_aggs_free(conf->aggs, state);
	}
	return err;
}

/* Whether windows are open. */
static bool
is_open(const struct hop *self)
{
	return self->live || self->panes.n > 0 || self->fill.keys.n > 0;
}

/* An event of a pane that a window has closed over. */
static int
add_late(struct hop *self, int64_t id, bool open, struct sk_view key,
    uint32_t hash)
{
	struct sk_window *window = &self->window;
	const struct sk_aggs *aggs = window->conf.aggs;
	struct sk_queue *queue;
	bool fresh;
	uint32_t slot = sk_table_add(&self->tracks, key, hash, &fresh);

	queue = sk_table_at(&self->tracks, slot);
	if (fresh && self->tracks.n > window->conf.max_keys) {
		sk_table_remove(&self->tracks, slot);
		return SK_WINDOW_FULL;
	}
	if (open) {
		expect(self, id, is_open(self));
		self->live = true;
	}
	if (fresh)
		queue->from_id = self->begun ? self->next.from :
		    span_at(self, window->watermark_ns).from;
	sk_aggs_add(aggs, sk_queue_late(queue, aggs, entry_of(self, id)));
	return put_again(self, id, key, queue);
}

static int
hop_add(struct sk_window *window, int64_t t_ns, struct sk_view key,
    uint32_t hash)
{
	struct hop *self = self_of(window);
	int64_t start_ns, end_ns, last_end_ns;
	int64_t id = pane_at(self, t_ns, &start_ns, &end_ns);
	struct sk_window_cell *cell;
	struct sk_pane *pane;
	bool others = is_open(self);

	if (!last_end(self, id, &last_end_ns))
		return 0;
	if (sk_window_later(last_end_ns, window->conf.lateness_ns) <=
	    window->watermark_ns)
		return SK_WINDOW_LATE;
	if (end_ns <= window->watermark_ns &&
	    first_span(self, id).end_ns <= window->watermark_ns)
		return add_late(self, id, last_end_ns > window->watermark_ns,
		    key, hash);
	pane = sk_panes_get(&self->panes, window, id, start_ns, end_ns);
	cell = sk_window_cell_add(window, &pane->cells, key, hash);
	if (cell == NULL)
		return SK_WINDOW_FULL;
	pane->changed = true;
	if (pane->cells.n == 1)
		expect(self, id, others);
	return 0;
}

/* ---- windows close ---- */

static struct sk_queue *
track_of(struct hop *self, struct sk_view key, uint32_t hash)
{
	bool fresh;
	uint32_t slot = sk_table_add(&self->tracks, key, hash, &fresh);
	struct sk_queue *queue = sk_table_at(&self->tracks, slot);

	if (fresh)
		queue->from_id = self->next.from;
	return queue;
}

/* The states of a pane move into the queues of their keys. */
static void
push_pane(struct hop *self, struct sk_pane *pane)
{
	const struct sk_aggs *aggs = self->window.conf.aggs;
	int64_t entry = entry_of(self, pane->id);
	struct sk_window_cell *cell;
	size_t at = 0;
	uint32_t slot;

	while ((slot = sk_table_next(&pane->cells, &at)) != SK_TABLE_NONE) {
		cell = sk_table_at(&pane->cells, slot);
		sk_queue_push(track_of(self, sk_table_key(&pane->cells, slot),
		    sk_table_hash_of(&pane->cells, slot)), aggs, entry,
		    cell->state);
		sk_aggs_new(aggs, cell->state);
	}
}

static void
push_panes(struct hop *self, const struct span *span)
{
	struct sk_panes *panes = &self->panes;
	uint32_t n;

	for (n = 0; n < panes->n && panes->pane[n]->id < span->to; n++)
		push_pane(self, panes->pane[n]);
	sk_panes_drop(panes, self->window.conf.aggs, n);
}

static const void *
state_in(void *arg, struct sk_view key, uint32_t hash)
{
	struct hop *self = arg;
	uint32_t slot = sk_table_find(&self->tracks, key, hash);

	return slot == SK_TABLE_NONE ? NULL :
	    state_of(self, sk_table_at(&self->tracks, slot));
}

static int
put_filled(struct hop *self, const struct span *span)
{
	struct sk_window *window = &self->window;
	const struct sk_fill_from from = { state_in, self };
	struct sk_queue *queue;
	size_t at = 0;
	uint32_t slot;

	while ((slot = sk_table_next(&self->tracks, &at)) != SK_TABLE_NONE) {
		queue = sk_table_at(&self->tracks, slot);
		if (queue->from < queue->n)
			sk_fill_seen(&self->fill, window,
			    sk_table_key(&self->tracks, slot),
			    sk_table_hash_of(&self->tracks, slot),
			    span->end_ns);
	}
	return sk_fill_put(&self->fill, window, span->start_ns, span->end_ns,
	    &from);
}

static int
put_span(struct hop *self, const struct span *span)
{
	const uint32_t *order;
	const void *state;
	uint32_t i;
	int err = 0;

	if (self->window.conf.fill != SK_WINDOW_FILL_NONE)
		return put_filled(self, span);
	order = sk_table_sorted(&self->tracks);
	for (i = 0; i < self->tracks.n && err == 0; i++) {
		state = state_of(self, sk_table_at(&self->tracks, order[i]));
		if (state != NULL)
			err = put_state(self, SK_WINDOW_FINAL, span,
			    sk_table_key(&self->tracks, order[i]), state);
	}
	return err;
}

static void
slide_all(struct hop *self, int64_t from)
{
	size_t at = 0;
	uint32_t slot;

	while ((slot = sk_table_next(&self->tracks, &at)) != SK_TABLE_NONE)
		sk_queue_slide(sk_table_at(&self->tracks, slot),
		    self->window.conf.aggs, from);
}

/* Panes that no window needs any more go, and keys that have none left. */
static void
clean(struct hop *self, int64_t from)
{
	const struct sk_window_conf *conf = &self->window.conf;
	int64_t keep = from, past_ns, past;
	struct sk_queue *queue;
	uint32_t *gone = sk_xalloc((size_t)self->tracks.n + 1, sizeof(*gone));
	uint32_t slot, ngone = 0;
	size_t at = 0;

	if (conf->lateness_ns > 0 && !__builtin_sub_overflow(
	    self->window.watermark_ns, conf->lateness_ns, &past_ns)) {
		past = span_at(self, past_ns).from;
		keep = past < keep ? past : keep;
	}
	self->live = false;
	while ((slot = sk_table_next(&self->tracks, &at)) != SK_TABLE_NONE) {
		queue = sk_table_at(&self->tracks, slot);
		sk_queue_drop(queue, conf->aggs, keep);
		self->live = self->live || queue->from < queue->n;
		if (queue->n == 0)
			gone[ngone++] = slot;
	}
	while (ngone > 0) {
		slot = gone[--ngone];
		sk_queue_free(sk_table_at(&self->tracks, slot), conf->aggs);
		sk_table_remove(&self->tracks, slot);
	}
	free(gone);
}

/* The next window that has something to say; false: there is none. */
static bool
find_next(struct hop *self)
{
	struct span span;

	if (self->live || (self->fill.keys.n > 0 &&
	    (self->panes.n > 0 || self->window.watermark_ns < INT64_MAX)))
		return true;
	if (self->panes.n == 0)
		return false;
	span = first_span(self, self->panes.pane[0]->id);
	if (span.end_ns > self->next.end_ns)
		self->next = span;
	return true;
}

static int
hop_advance(struct sk_window *window)
{
	struct hop *self = self_of(window);
	struct span span;
	int err = 0;

	window->due_ns = INT64_MAX;
	while (err == 0 && find_next(self)) {
		span = self->next;
		window->due_ns = span.end_ns;
		if (span.end_ns > window->watermark_ns)
			break;
		push_panes(self, &span);
		slide_all(self, span.from);
		err = put_span(self, &span);
		self->next = span_after(self, &span);
		slide_all(self, self->next.from);
		clean(self, self->next.from);
		window->due_ns = INT64_MAX;
	}
	return err;
}

/* ---- what is open ---- */

/* The states of a window that is open, key by key, into a table of cells. */
static void
gather(struct hop *self, const struct span *span, struct sk_table *cells)
{
	const struct sk_aggs *aggs = self->window.conf.aggs;
	struct sk_window_cell *to;
	struct sk_pane *pane;
	size_t at = 0;
	uint32_t slot, i;
	bool fresh;

	while ((slot = sk_table_next(&self->tracks, &at)) != SK_TABLE_NONE) {
		to = sk_table_at(cells, sk_table_add(cells,
		    sk_table_key(&self->tracks, slot),
		    sk_table_hash_of(&self->tracks, slot), &fresh));
		sk_aggs_new(aggs, to->state);
		to->some = sk_queue_range(sk_table_at(&self->tracks, slot),
		    aggs, span->from, span->to, to->state);
	}
	for (i = 0; i < self->panes.n; i++) {
		pane = self->panes.pane[i];
		if (holds(span, pane->id))
			sk_window_cells_merge(cells, &pane->cells, aggs);
	}
}

static int
show_span(struct hop *self, const struct span *span, bool changed)
{
	struct sk_table cells;
	const struct sk_window_cell *cell;
	const uint32_t *order;
	uint32_t i;
	int err = 0;

	sk_window_cells(&cells, self->window.conf.aggs);
	gather(self, span, &cells);
	order = sk_table_sorted(&cells);
	for (i = 0; i < cells.n && err == 0; i++) {
		cell = sk_table_at(&cells, order[i]);
		if (changed ? cell->changed : cell->some)
			err = put_state(self, SK_WINDOW_EARLY, span,
			    sk_table_key(&cells, order[i]), cell->state);
	}
	sk_window_cells_free(&cells, self->window.conf.aggs);
	return err;
}

/* Whether a window holds a pane that has changed since it was shown. */
static bool
has_changed(const struct hop *self, const struct span *span)
{
	uint32_t i;

	for (i = 0; i < self->panes.n; i++)
		if (self->panes.pane[i]->changed &&
		    holds(span, self->panes.pane[i]->id))
			return true;
	return false;
}

/* The last pane that is open, or has changed; INT64_MIN: there is none. */
static int64_t
last_pane(struct hop *self, bool changed)
{
	int64_t id = INT64_MIN;
	const struct sk_queue *queue;
	size_t at = 0;
	uint32_t slot, i;

	for (i = 0; i < self->panes.n; i++)
		if (!changed || self->panes.pane[i]->changed)
			id = self->panes.pane[i]->id;
	if (changed)
		return id;
	while ((slot = sk_table_next(&self->tracks, &at)) != SK_TABLE_NONE) {
		queue = sk_table_at(&self->tracks, slot);
		if (queue->from < queue->n && queue->id[queue->n - 1] > id)
			id = queue->id[queue->n - 1];
	}
	return id;
}

static int
hop_show(struct sk_window *window, bool changed)
{
	struct hop *self = self_of(window);
	int64_t until = last_pane(self, changed);
	struct span span = self->next;
	uint32_t i;
	int err = 0;

	if (self->begun && span.end_ns <= window->watermark_ns)
		span = span_at(self, window->watermark_ns);
	for (; self->begun && err == 0 && span.from <= until;
	    span = span_after(self, &span))
		if (!changed || has_changed(self, &span))
			err = show_span(self, &span, changed);
	for (i = 0; i < self->panes.n; i++) {
		sk_window_cells_seen(&self->panes.pane[i]->cells);
		self->panes.pane[i]->changed = false;
	}
	return err;
}

static int64_t
hop_oldest(struct sk_window *window)
{
	struct hop *self = self_of(window);
	int64_t past_ns;

	if (window->watermark_ns == INT64_MIN ||
	    window->watermark_ns == INT64_MAX ||
	    __builtin_sub_overflow(window->watermark_ns,
	    window->conf.lateness_ns, &past_ns))
		return window->watermark_ns;
	return span_at(self, past_ns).start_ns;
}

/* ---- saved ---- */

static void
hop_save(struct sk_window *window, struct sk_buf *buf)
{
	struct hop *self = self_of(window);
	const uint32_t *order = sk_table_sorted(&self->tracks);
	uint32_t i;

	sk_image_put(buf, (uint64_t)self->begun | (uint64_t)self->live << 1);
	sk_image_put(buf, (uint64_t)self->next.number);
	sk_image_put(buf, (uint64_t)self->next.from);
	sk_image_put(buf, (uint64_t)self->next.to);
	sk_image_put(buf, (uint64_t)self->next.start_ns);
	sk_image_put(buf, (uint64_t)self->next.end_ns);
	sk_panes_save(&self->panes, window->conf.aggs, buf);
	sk_image_put(buf, self->tracks.n);
	for (i = 0; i < self->tracks.n; i++) {
		sk_image_put_view(buf, sk_table_key(&self->tracks, order[i]));
		sk_queue_save(sk_table_at(&self->tracks, order[i]),
		    window->conf.aggs, buf);
	}
	sk_fill_save(&self->fill, window, buf);
}

static int
load_tracks(struct hop *self, struct sk_view *bytes, struct sk_diag *diag)
{
	struct sk_view key;
	uint32_t n, i, slot;
	bool fresh;
	int err = 0;

	if (!sk_image_take_n(bytes, 40, &n))
		return sk_image_bad(diag);
	for (i = 0; i < n && err == 0; i++) {
		if (!sk_image_take_view(bytes, &key))
			return sk_image_bad(diag);
		slot = sk_table_add(&self->tracks, key, sk_table_hash(key,
		    self->window.seed), &fresh);
		if (!fresh)
			return sk_image_bad(diag);
		err = sk_queue_load(sk_table_at(&self->tracks, slot),
		    self->window.conf.aggs, bytes, diag);
	}
	return err;
}

static int
hop_load(struct sk_window *window, struct sk_view *bytes,
    struct sk_diag *diag)
{
	struct hop *self = self_of(window);
	uint64_t flags;
	int err;

	if (!sk_image_take(bytes, &flags) ||
	    !sk_image_take_i64(bytes, &self->next.number) ||
	    !sk_image_take_i64(bytes, &self->next.from) ||
	    !sk_image_take_i64(bytes, &self->next.to) ||
	    !sk_image_take_i64(bytes, &self->next.start_ns) ||
	    !sk_image_take_i64(bytes, &self->next.end_ns))
		return sk_image_bad(diag);
	self->begun = (flags & 1) != 0;
	self->live = (flags & 2) != 0;
	err = sk_panes_load(&self->panes, window, bytes, diag);
	if (err == 0)
		err = load_tracks(self, bytes, diag);
	if (err == 0)
		err = sk_fill_load(&self->fill, window, bytes, diag);
	return err;
}

static const struct sk_table *
hop_table(const struct sk_window *window)
{
	return sk_panes_table(&((const struct hop *)
	    (const void *)window)->panes);
}

const struct sk_window_kind_ops sk_window_hops = { hop_open, hop_close,
	hop_add, hop_table, NULL, hop_advance, hop_show, hop_oldest, hop_save,
	hop_load };
