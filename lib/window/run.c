/*
 * Windows that follow the events of a key one by one: those of the last while,
 * at each event (slide), and the last so many, at every so many (count).
 *
 * With event time they wait in a heap until the watermark has passed, and are
 * taken in the order of their times.
 */
#include <stdlib.h>
#include <string.h>

#include "base/heap.h"
#include "base/image.h"
#include "base/mem.h"
#include "window/kinds.h"
#include "window/queue.h"

#define SWEEP_MIN 1024

/* An event that waits. */
struct waiting {
	struct waiting *free; /* the next one that is not in use */
	int64_t t_ns;
	uint64_t number;
	uint32_t key;
	_Alignas(SK_AGG_ALIGN) char state[];
};

/* What a key has. */
struct run {
	struct sk_queue queue; /* ids: times of slide, panes of count */
	uint32_t waiting;
	uint64_t n;         /* count: events so far */
	uint64_t told;      /* the same at its last row */
	void *pane;         /* count: the last events, fewer than a pane */
	uint32_t npane;
	int64_t *first_ns;  /* count: of each pane of a window, by number */
	int64_t last_ns;
};

struct runs {
	struct sk_window window;
	struct sk_table keys;  /* struct run */
	struct sk_heap heap;   /* struct waiting */
	struct waiting *free;
	uint64_t number;       /* of events so far */
	uint64_t swept;        /* the same at the last sweep */
	uint32_t kept;         /* keys that were left by it */
	int64_t pane;          /* count: events of a pane */
	void *spare;
};

static struct runs *
self_of(struct sk_window *window)
{
	return (struct runs *)(void *)window;
}

static struct sk_window *
run_open(void)
{
	struct runs *self = sk_xcalloc(1, sizeof(*self));

	sk_table_init(&self->keys, sizeof(struct run));
	return &self->window;
}

static bool
is_slide(const struct runs *self)
{
	return self->window.conf.kind == SK_WINDOW_SLIDE;
}

static int64_t
pane_of(struct runs *self)
{
	int64_t a = self->window.conf.size, b = self->window.conf.hop, rest;

	if (self->pane == 0) {
		while (b != 0) {
			rest = a % b;
			a = b;
			b = rest;
		}
		self->pane = a;
	}
	return self->pane;
}

static struct run *
run_at(const struct runs *self, uint32_t key)
{
	return sk_table_at(&self->keys, key);
}

static void
free_run(struct runs *self, struct run *run)
{
	const struct sk_aggs *aggs = self->window.conf.aggs;

	sk_queue_free(&run->queue, aggs);
	if (run->npane > 0)
		sk_aggs_free(aggs, run->pane);
	free(run->pane);
	free(run->first_ns);
}

static void
run_close(struct sk_window *window)
{
	struct runs *self = self_of(window);
	struct waiting *one;
	size_t at = 0, i;
	uint32_t slot;

	for (i = 0; i < self->heap.n; i++) {
		one = self->heap.item[i].ref;
		sk_aggs_free(window->conf.aggs, one->state);
		free(one);
	}
	while ((one = self->free) != NULL) {
		self->free = one->free;
		free(one);
	}
	while ((slot = sk_table_next(&self->keys, &at)) != SK_TABLE_NONE)
		free_run(self, run_at(self, slot));
	sk_heap_free(&self->heap);
	sk_table_free(&self->keys);
	free(self->spare);
	free(self);
}

/* ---- rows ---- */

static int
put_window(struct runs *self, uint32_t key, enum sk_window_what what,
    int64_t start_ns, int64_t end_ns)
{
	struct sk_window *window = &self->window;
	const struct sk_aggs *aggs = window->conf.aggs;
	const void *state;
	int err = 0;

	if (self->spare == NULL)
		self->spare = sk_xaligned(SK_AGG_ALIGN, aggs->size);
	state = sk_queue_get(&run_at(self, key)->queue, aggs, self->spare);
	if (state != NULL)
		err = sk_window_row(window, what, start_ns, end_ns,
		    sk_table_key(&self->keys, key), state);
	if (state == self->spare)
		sk_aggs_free(aggs, self->spare);
	return err;
}

/* ---- count ---- */

static int64_t
panes_of_window(struct runs *self)
{
	return self->window.conf.size / pane_of(self);
}

static int64_t
min_i64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Of the panes before `pane`, the first that a window up to there holds. */
static int64_t
window_from(struct runs *self, int64_t pane)
{
	return pane - min_i64(pane, panes_of_window(self));
}

/* The first pane of the window that is put next after a pane. */
static int64_t
next_from(struct runs *self, int64_t pane)
{
	int64_t hop = self->window.conf.hop / pane_of(self);

	return window_from(self, (pane / hop + 1) * hop);
}

static void
push_pane(struct runs *self, struct run *run, int64_t pane)
{
	const struct sk_aggs *aggs = self->window.conf.aggs;

	if (pane < next_from(self, pane))
		sk_aggs_free(aggs, run->pane);
	else
		sk_queue_push(&run->queue, aggs, pane, run->pane);
	run->npane = 0;
}

/* A window from a pane to the last event. */
static int
put_count(struct runs *self, uint32_t key, int64_t from)
{
	const struct sk_window_conf *conf = &self->window.conf;
	struct run *run = run_at(self, key);
	int64_t start, end;
	int err;

	sk_queue_slide(&run->queue, conf->aggs, from);
	start = conf->timed ? run->first_ns[from % panes_of_window(self)] :
	    from * pane_of(self);
	end = conf->timed ? run->last_ns : (int64_t)run->n;
	err = put_window(self, key, SK_WINDOW_FINAL, start, end);
	sk_queue_drop(&run->queue, conf->aggs, from);
	run->told = run->n;
	return err;
}

/* The state of an event becomes a part of its key's. */
static int
take_count(struct runs *self, uint32_t key, int64_t t_ns, void *state)
{
	const struct sk_window_conf *conf = &self->window.conf;
	struct run *run = run_at(self, key);
	int64_t pane = (int64_t)run->n / pane_of(self);

	if (run->pane == NULL)
		run->pane = sk_xaligned(SK_AGG_ALIGN, conf->aggs->size);
	if (conf->timed && run->first_ns == NULL)
		run->first_ns = sk_xcalloc((size_t)panes_of_window(self),
		    sizeof(*run->first_ns));
	if (run->npane == 0) {
		memcpy(run->pane, state, conf->aggs->size);
		if (conf->timed)
			run->first_ns[pane % panes_of_window(self)] = t_ns;
	} else {
		sk_aggs_merge(conf->aggs, run->pane, state);
		sk_aggs_free(conf->aggs, state);
	}
	run->last_ns = t_ns;
	run->npane++;
	run->n++;
	if (run->npane < pane_of(self))
		return 0;
	push_pane(self, run, pane);
	return run->n % (uint64_t)conf->hop == 0 ?
	    put_count(self, key, window_from(self, pane + 1)) : 0;
}

/* At the end: what there is of the windows that would be put next. */
static int
finish_count(struct runs *self)
{
	const uint32_t *order = sk_table_sorted(&self->keys);
	struct run *run;
	int64_t pane;
	uint32_t i;
	int err = 0;

	for (i = 0; i < self->keys.n && err == 0; i++) {
		run = run_at(self, order[i]);
		if (run->told == run->n)
			continue;
		pane = ((int64_t)run->n - 1) / pane_of(self);
		if (run->npane > 0)
			push_pane(self, run, pane);
		if (run->queue.n > 0)
			err = put_count(self, order[i], next_from(self, pane));
	}
	return err;
}

/* ---- events ---- */

static struct waiting *
new_waiting(struct runs *self)
{
	struct waiting *one = self->free;

	if (one != NULL)
		self->free = one->free;
	else
		one = sk_xaligned(SK_AGG_ALIGN, sizeof(*one) +
		    self->window.conf.aggs->size);
	return one;
}

/* Its state has gone elsewhere. */
static void
free_waiting(struct runs *self, struct waiting *one)
{
	one->free = self->free;
	self->free = one;
}

static void
wait(struct runs *self, struct waiting *one)
{
	struct sk_heap_item item = { .at_ns = one->t_ns,
		.number = one->number, .ref = one };

	sk_heap_add(&self->heap, item);
	run_at(self, one->key)->waiting++;
	self->window.due_ns = sk_window_later(
	    self->heap.item[0].at_ns, 1);
}

/* Keys of which nothing is held any more go, if there were so many events since
 * they did last. */
static void
sweep(struct runs *self, uint64_t since)
{
	const struct sk_window *window = &self->window;
	uint32_t *gone, slot, n = 0;
	const struct run *run;
	size_t at = 0;

	if (!is_slide(self) || self->number - self->swept < since)
		return;
	self->swept = self->number;
	gone = sk_xalloc((size_t)self->keys.n + 1, sizeof(*gone));
	while ((slot = sk_table_next(&self->keys, &at)) != SK_TABLE_NONE) {
		run = run_at(self, slot);
		if (run->waiting == 0 && (run->queue.n == 0 ||
		    sk_window_later(run->queue.id[run->queue.n - 1],
		    window->conf.span_ns) < window->watermark_ns))
			gone[n++] = slot;
	}
	while (n > 0) {
		slot = gone[--n];
		free_run(self, run_at(self, slot));
		sk_table_remove(&self->keys, slot);
	}
	self->kept = self->keys.n;
	free(gone);
}

/* The slot of a key; SK_TABLE_NONE: there are too many.  Those that are not
 * needed any more are looked for again after every so many refusals. */
static uint32_t
slot_of(struct runs *self, struct sk_view key, uint32_t hash)
{
	uint32_t slot = sk_table_find(&self->keys, key, hash);
	bool fresh;

	if (slot != SK_TABLE_NONE)
		return slot;
	if (self->keys.n >= self->window.conf.max_keys) {
		self->number++;
		sweep(self, self->keys.n / 8);
		if (self->keys.n >= self->window.conf.max_keys)
			return SK_TABLE_NONE;
	}
	return sk_table_add(&self->keys, key, hash, &fresh);
}

static int
run_add(struct sk_window *window, int64_t t_ns, struct sk_view key,
    uint32_t hash)
{
	struct runs *self = self_of(window);
	const struct sk_aggs *aggs = window->conf.aggs;
	bool timed = is_slide(self) || window->conf.timed;
	struct waiting *one;
	uint32_t slot;
	int err = 0;

	if (timed && t_ns < window->watermark_ns)
		return SK_WINDOW_LATE;
	slot = slot_of(self, key, hash);
	if (slot == SK_TABLE_NONE)
		return SK_WINDOW_FULL;
	one = new_waiting(self);
	one->t_ns = t_ns;
	one->number = self->number++;
	one->key = slot;
	sk_aggs_new(aggs, one->state);
	sk_aggs_add(aggs, one->state);
	if (timed)
		wait(self, one);
	else {
		err = take_count(self, slot, t_ns, one->state);
		free_waiting(self, one);
	}
	return err;
}

/* ---- slide ---- */

static int
by_key(const void *a, const void *b, void *arg)
{
	const struct runs *self = arg;
	const struct waiting *x = *(struct waiting *const *)a;
	const struct waiting *y = *(struct waiting *const *)b;

	if (x->key == y->key)
		return x->number < y->number ? -1 : 1;
	return sk_view_compare(sk_table_key(&self->keys, x->key),
	    sk_table_key(&self->keys, y->key));
}

/* The events of one time, in the order of their keys; those of one key are
 * one entry, and each has a row. */
static int
take_peers(struct runs *self, struct waiting **peer, size_t n)
{
	const struct sk_window_conf *conf = &self->window.conf;
	int64_t t_ns = peer[0]->t_ns, start_ns;
	struct sk_queue *queue;
	size_t from, to, i;
	int err = 0;

	if (__builtin_sub_overflow(t_ns, conf->span_ns, &start_ns))
		start_ns = INT64_MIN;
	for (from = 0; from < n; from = to) {
		for (to = from + 1; to < n &&
		    peer[to]->key == peer[from]->key; to++) {
			sk_aggs_merge(conf->aggs, peer[from]->state,
			    peer[to]->state);
			sk_aggs_free(conf->aggs, peer[to]->state);
		}
		queue = &run_at(self, peer[from]->key)->queue;
		sk_queue_push(queue, conf->aggs, t_ns, peer[from]->state);
		sk_queue_slide(queue, conf->aggs, start_ns);
		for (i = from; i < to && err == 0; i++)
			err = put_window(self, peer[from]->key,
			    SK_WINDOW_FINAL, start_ns, t_ns);
		sk_queue_drop(queue, conf->aggs, start_ns);
	}
	return err;
}

/* ---- time ---- */

/* The next events of one time that the watermark has passed. */
static size_t
next_peers(struct runs *self, struct waiting ***peer, size_t *cap)
{
	struct sk_heap *heap = &self->heap;
	int64_t watermark = self->window.watermark_ns, t_ns;
	size_t n = 0;

	if (heap->n == 0 || (heap->item[0].at_ns >= watermark &&
	    watermark < INT64_MAX))
		return 0;
	t_ns = heap->item[0].at_ns;
	while (heap->n > 0 && heap->item[0].at_ns == t_ns) {
		if (n == *cap) {
			*cap = *cap > 0 ? 2 * *cap : 16;
			*peer = sk_xrealloc(*peer, *cap,
			    sizeof(struct waiting *));
		}
		(*peer)[n++] = heap->item[0].ref;
		sk_heap_drop(heap);
	}
	return n;
}

static int
take_all(struct runs *self, struct waiting **peer, size_t n)
{
	size_t i;
	int err = 0;

	if (n > 1)
		qsort_r(peer, n, sizeof(struct waiting *), by_key, self);
	if (is_slide(self))
		err = take_peers(self, peer, n);
	for (i = 0; i < n; i++) {
		if (!is_slide(self) && err == 0)
			err = take_count(self, peer[i]->key, peer[i]->t_ns,
			    peer[i]->state);
		else if (!is_slide(self))
			sk_aggs_free(self->window.conf.aggs, peer[i]->state);
		run_at(self, peer[i]->key)->waiting--;
		free_waiting(self, peer[i]);
	}
	return err;
}

static int
run_advance(struct sk_window *window)
{
	struct runs *self = self_of(window);
	struct waiting **peer = NULL;
	size_t cap = 0, n;
	int err = 0;

	while (err == 0 && (n = next_peers(self, &peer, &cap)) > 0)
		err = take_all(self, peer, n);
	free(peer);
	sweep(self, (uint64_t)self->kept + SWEEP_MIN);
	if (err == 0 && window->watermark_ns == INT64_MAX && !is_slide(self))
		err = finish_count(self);
	window->due_ns = self->heap.n == 0 ? INT64_MAX :
	    sk_window_later(self->heap.item[0].at_ns, 1);
	return err;
}

/* Each result is final: there are no early ones. */
static int
run_show(struct sk_window *window, bool changed)
{
	(void)window;
	(void)changed;
	return 0;
}

static int64_t
run_oldest(struct sk_window *window)
{
	struct runs *self = self_of(window);
	int64_t oldest = window->watermark_ns, past_ns, from;
	struct run *run;
	size_t at = 0;
	uint32_t slot;

	if (oldest == INT64_MIN || oldest == INT64_MAX)
		return oldest;
	if (is_slide(self))
		return __builtin_sub_overflow(oldest, window->conf.span_ns,
		    &past_ns) ? INT64_MIN : past_ns;
	while ((slot = sk_table_next(&self->keys, &at)) != SK_TABLE_NONE) {
		run = run_at(self, slot);
		from = window_from(self, (int64_t)run->n / pane_of(self) + 1);
		if (run->first_ns != NULL && run->n > 0 &&
		    run->first_ns[from % panes_of_window(self)] < oldest)
			oldest = run->first_ns[from % panes_of_window(self)];
	}
	return oldest;
}

/* ---- saved ---- */

static int
by_number(const void *a, const void *b)
{
	const struct waiting *x = *(struct waiting *const *)a;
	const struct waiting *y = *(struct waiting *const *)b;

	return x->number < y->number ? -1 : 1;
}

static void
save_waiting(struct runs *self, struct sk_buf *buf)
{
	size_t n = self->heap.n, i;
	struct waiting **list = sk_xalloc(n + 1, sizeof(*list));

	for (i = 0; i < n; i++)
		list[i] = self->heap.item[i].ref;
	qsort(list, n, sizeof(*list), by_number);
	sk_image_put(buf, n);
	for (i = 0; i < n; i++) {
		sk_image_put(buf, (uint64_t)list[i]->t_ns);
		sk_image_put_view(buf, sk_table_key(&self->keys,
		    list[i]->key));
		sk_aggs_save(self->window.conf.aggs, list[i]->state, buf);
	}
	free(list);
}

static void
save_run(struct runs *self, const struct run *run, struct sk_buf *buf)
{
	int64_t i, n = run->first_ns != NULL ? panes_of_window(self) : 0;

	sk_queue_save(&run->queue, self->window.conf.aggs, buf);
	sk_image_put(buf, run->n);
	sk_image_put(buf, run->told);
	sk_image_put(buf, (uint64_t)run->last_ns);
	sk_image_put(buf, run->npane);
	if (run->npane > 0)
		sk_aggs_save(self->window.conf.aggs, run->pane, buf);
	sk_image_put(buf, (uint64_t)n);
	for (i = 0; i < n; i++)
		sk_image_put(buf, (uint64_t)run->first_ns[i]);
}

static void
run_save(struct sk_window *window, struct sk_buf *buf)
{
	struct runs *self = self_of(window);
	const uint32_t *order = sk_table_sorted(&self->keys);
	uint32_t i;

	sk_image_put(buf, self->keys.n);
	for (i = 0; i < self->keys.n; i++) {
		sk_image_put_view(buf, sk_table_key(&self->keys, order[i]));
		save_run(self, run_at(self, order[i]), buf);
	}
	save_waiting(self, buf);
}

static int
load_run(struct runs *self, struct run *run, struct sk_view *bytes,
    struct sk_diag *diag)
{
	const struct sk_aggs *aggs = self->window.conf.aggs;
	uint64_t npane;
	uint32_t n, i;
	int err = sk_queue_load(&run->queue, aggs, bytes, diag);

	if (err != 0)
		return err;
	if (!sk_image_take(bytes, &run->n) ||
	    !sk_image_take(bytes, &run->told) ||
	    !sk_image_take_i64(bytes, &run->last_ns) ||
	    !sk_image_take(bytes, &npane) || run->n > INT64_MAX ||
	    run->told > run->n || (!is_slide(self) &&
	    npane != run->n % (uint64_t)pane_of(self)) ||
	    (is_slide(self) && npane != 0))
		return sk_image_bad(diag);
	if (npane > 0) {
		run->pane = sk_xaligned(SK_AGG_ALIGN, aggs->size);
		run->npane = (uint32_t)npane;
		err = sk_aggs_load(aggs, run->pane, bytes, diag);
		if (err != 0)
			return err;
	}
	if (!sk_image_take_n(bytes, 8, &n) || (n != 0 && (is_slide(self) ||
	    n != panes_of_window(self))))
		return sk_image_bad(diag);
	if (n > 0)
		run->first_ns = sk_xcalloc(n, sizeof(*run->first_ns));
	for (i = 0; i < n; i++)
		if (!sk_image_take_i64(bytes, &run->first_ns[i]))
			return sk_image_bad(diag);
	return 0;
}

static int
load_waiting(struct runs *self, struct sk_view *bytes, struct sk_diag *diag)
{
	struct waiting *one;
	struct sk_view key;
	int64_t t_ns;
	int err;

	if (!sk_image_take_i64(bytes, &t_ns) ||
	    !sk_image_take_view(bytes, &key))
		return sk_image_bad(diag);
	one = new_waiting(self);
	one->t_ns = t_ns;
	one->number = self->number++;
	one->key = sk_table_find(&self->keys, key, sk_table_hash(key,
	    self->window.seed));
	err = one->key == SK_TABLE_NONE ? sk_image_bad(diag) :
	    sk_aggs_load(self->window.conf.aggs, one->state, bytes, diag);
	if (err != 0)
		free_waiting(self, one);
	else
		wait(self, one);
	return err;
}

static int
run_load(struct sk_window *window, struct sk_view *bytes,
    struct sk_diag *diag)
{
	struct runs *self = self_of(window);
	struct sk_view key;
	uint32_t n, i;
	bool fresh;
	int err = 0;

	if (!sk_image_take_n(bytes, 40, &n))
		return sk_image_bad(diag);
	for (i = 0; i < n && err == 0; i++) {
		if (!sk_image_take_view(bytes, &key))
			return sk_image_bad(diag);
		err = load_run(self, run_at(self, sk_table_add(&self->keys,
		    key, sk_table_hash(key, window->seed), &fresh)), bytes,
		    diag);
		if (err == 0 && !fresh)
			return sk_image_bad(diag);
	}
	if (err != 0 || !sk_image_take_n(bytes, 16, &n))
		return err != 0 ? err : sk_image_bad(diag);
	for (i = 0; i < n && err == 0; i++)
		err = load_waiting(self, bytes, diag);
	return err;
}

static const struct sk_table *
run_table(const struct sk_window *window)
{
	return &((const struct runs *)(const void *)window)->keys;
}

const struct sk_window_kind_ops sk_window_runs = { run_open, run_close,
	run_add, run_table, NULL, run_advance, run_show, run_oldest, run_save,
	run_load };
