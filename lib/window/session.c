/*
 * Sessions: for each key a list of those that are open, in order; nearly
 * always one.
 *
 * Each has a timer in a heap.  It is not moved when the session grows: it is
 * looked at when it comes up, and set again if it was early, so an event costs
 * no more than its look-up.
 *
 * Where sessions are cut (length_ns) it matters which events come first, so
 * those that may not be the next ones in time wait until the watermark has
 * passed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "base/image.h"
#include "base/mem.h"
#include "window/kinds.h"

#define POOL_FIRST 16 /* sessions of the first block */
#define POOL_BLOCKS 32
/* Looking for the oldest session costs a step a key: as it never goes back, it
 * may be told as it was, so often for so many keys. */
#define STALE 64
#define AHEAD 8       /* rows that are brought near before they are written */

struct session {
	int64_t start_ns, last_ns; /* of its events */
	struct session *next;      /* of the key, later; NULL */
	uint32_t key;              /* slot */
	uint32_t timers;           /* that point here */
	bool dead;                 /* only timers know it */
	bool closed;               /* it went out complete */
	bool shown;                /* it went out */
	bool changed;              /* since then */
	bool listed;               /* it is about to go out */
	_Alignas(SK_AGG_ALIGN) char state[];
};

struct list {
	struct session *first;
	uint32_t waiting;
};

/* Where sessions are: blocks that double in size. */
struct pool {
	char *block[POOL_BLOCKS];
	unsigned n;
	size_t left;           /* in the last block */
	struct session *free;  /* by `next` */
};

struct sessions {
	struct sk_window window;
	struct pool pool;
	struct sk_table keys;   /* struct list */
	struct sk_heap timers;
	uint32_t n;
	struct sk_heap waiting; /* sessions of one event, of no list */
	uint64_t number;        /* of those that have waited */
	int64_t oldest_ns;      /* as it was told last */
	uint32_t stale;         /* how often it may be told again */
};

static struct sessions *
self_of(struct sk_window *window)
{
	return (struct sessions *)(void *)window;
}

static struct sk_window *
session_open(void)
{
	struct sessions *self = sk_xcalloc(1, sizeof(*self));

	sk_table_init(&self->keys, sizeof(struct list));
	return &self->window;
}

static struct list *
list_of(const struct sessions *self, uint32_t key)
{
	return sk_table_at(&self->keys, key);
}

static void
free_state(struct sessions *self, struct session *s)
{
	if (!s->dead)
		sk_aggs_free(self->window.conf.aggs, s->state);
	s->dead = true;
}

static void
session_close(struct sk_window *window)
{
	struct sessions *self = self_of(window);
	size_t i;

	for (i = 0; i < self->timers.n; i++)
		free_state(self, self->timers.item[i].ref);
	for (i = 0; i < self->waiting.n; i++)
		free_state(self, self->waiting.item[i].ref);
	for (i = 0; i < self->pool.n; i++)
		free(self->pool.block[i]);
	sk_heap_free(&self->waiting);
	sk_heap_free(&self->timers);
	sk_table_free(&self->keys);
	free(self);
}

/* ---- the pool ---- */

static size_t
session_size(const struct sessions *self)
{
	return sizeof(struct session) + self->window.conf.aggs->size;
}

static struct session *
take_session(struct sessions *self)
{
	struct pool *pool = &self->pool;
	struct session *s = pool->free;
	size_t cap;

	if (s != NULL) {
		pool->free = s->next;
		return s;
	}
	if (pool->left == 0) {
		sk_assert(pool->n < POOL_BLOCKS);
		pool->left = (size_t)POOL_FIRST << pool->n;
		pool->block[pool->n++] = sk_xaligned(SK_AGG_ALIGN,
		    pool->left * session_size(self));
	}
	cap = (size_t)POOL_FIRST << (pool->n - 1);
	return (struct session *)(void *)(pool->block[pool->n - 1] +
	    (cap - pool->left--) * session_size(self));
}

static void
give_session(struct sessions *self, struct session *s)
{
	s->next = self->pool.free;
	self->pool.free = s;
}

/* ---- one session ---- */

static int64_t
end_of(const struct sessions *self, const struct session *s)
{
	const struct sk_window_conf *conf = &self->window.conf;
	int64_t end = sk_window_later(s->last_ns, conf->gap_ns), most;

	if (conf->length_ns == 0)
		return end;
	most = sk_window_later(s->start_ns, conf->length_ns);
	return end < most ? end : most;
}

/* The watermark at which it goes out, or is forgotten: an event at its very
 * end may still join it. */
static int64_t
due_of(const struct sessions *self, const struct session *s)
{
	int64_t end = end_of(self, s);

	if (s->closed)
		end = sk_window_later(end, self->window.conf.lateness_ns);
	return sk_window_later(end, 1);
}

static void
set_due(struct sessions *self)
{
	int64_t due = INT64_MAX, wait;

	if (self->timers.n > 0)
		due = self->timers.item[0].at_ns;
	if (self->waiting.n > 0) {
		wait = sk_window_later(self->waiting.item[0].at_ns, 1);
		due = wait < due ? wait : due;
	}
	self->window.due_ns = due;
}

static void
set_timer(struct sessions *self, struct session *s)
{
	struct sk_heap_item item = { .at_ns = due_of(self, s), .ref = s };

	sk_heap_add(&self->timers, item);
	s->timers++;
	set_due(self);
}

static int
put_session(struct sessions *self, enum sk_window_what what, struct session *s)
{
	s->shown = what != SK_WINDOW_UNDO;
	s->changed = false;
	return sk_window_row(&self->window, what, s->start_ns,
	    end_of(self, s), sk_table_key(&self->keys, s->key),
	    what == SK_WINDOW_UNDO ? NULL : s->state);
}

/* A row that will not stand as it is. */
static int
take_back(struct sessions *self, struct session *s)
{
	return s->shown ? put_session(self, SK_WINDOW_UNDO, s) : 0;
}

static void
unlink_session(struct sessions *self, struct session *s)
{
	struct session **at = &list_of(self, s->key)->first;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	free_state(self, s);
	self->n--;
	if (list_of(self, s->key)->first == NULL &&
	    list_of(self, s->key)->waiting == 0)
		sk_table_remove(&self->keys, s->key);
}

static void
link_session(struct sessions *self, struct session *s, struct session **at)
{
	s->next = *at;
	*at = s;
	self->n++;
}

static struct session *
new_session(struct sessions *self, uint32_t key, int64_t t_ns)
{
	struct session *s = take_session(self);

	memset(s, 0, sizeof(*s));
	s->start_ns = s->last_ns = t_ns;
	s->key = key;
	return s;
}

/* ---- events ---- */

/* Whether the events from..to are one session. */
static bool
fits(const struct sessions *self, int64_t from_ns, int64_t to_ns)
{
	int64_t length = self->window.conf.length_ns;

	return length == 0 || sk_window_later(from_ns, length) > to_ns;
}

static bool
joins(const struct sessions *self, const struct session *s, int64_t t_ns)
{
	int64_t gap = self->window.conf.gap_ns;

	return sk_window_later(s->last_ns, gap) >= t_ns &&
	    sk_window_later(t_ns, gap) >= s->start_ns &&
	    fits(self, t_ns < s->start_ns ? t_ns : s->start_ns,
	    t_ns > s->last_ns ? t_ns : s->last_ns);
}

/* The session has grown to the next one: they are one. */
static int
join_next(struct sessions *self, struct session *s)
{
	struct session *next = s->next;
	int err;

	if (next == NULL || !fits(self, s->start_ns, next->last_ns) ||
	    sk_window_later(s->last_ns, self->window.conf.gap_ns) <
	    next->start_ns)
		return 0;
	err = take_back(self, next);
	if (err == 0)
		err = take_back(self, s);
	s->last_ns = next->last_ns;
	s->closed = s->closed && next->closed;
	sk_aggs_merge(self->window.conf.aggs, s->state, next->state);
	unlink_session(self, next);
	return err;
}

/* After a late event: it goes out again, or is open again. */
static int
settle(struct sessions *self, struct session *s)
{
	if (end_of(self, s) < self->window.watermark_ns) {
		s->closed = true;
		return put_session(self, SK_WINDOW_AGAIN, s);
	}
	s->closed = false;
	set_timer(self, s);
	return 0;
}

/* By the event that was taken, or by one that has waited. */
static int
extend(struct sessions *self, struct session *s, int64_t t_ns,
    const struct session *event)
{
	bool late = s->closed;
	int err = 0;

	if (t_ns < s->start_ns || t_ns > s->last_ns) {
		if (s->shown)
			err = take_back(self, s);
		s->start_ns = t_ns < s->start_ns ? t_ns : s->start_ns;
		s->last_ns = t_ns > s->last_ns ? t_ns : s->last_ns;
	}
	if (event != NULL)
		sk_aggs_merge(self->window.conf.aggs, s->state, event->state);
	else
		sk_aggs_add(self->window.conf.aggs, s->state);
	s->changed = true;
	if (s->next != NULL && err == 0)
		err = join_next(self, s);
	return late && err == 0 ? settle(self, s) : err;
}

/* A session of the event that was taken. */
static struct session *
new_event(struct sessions *self, uint32_t key, int64_t t_ns)
{
	const struct sk_aggs *aggs = self->window.conf.aggs;
	struct session *s = new_session(self, key, t_ns);

	sk_aggs_new(aggs, s->state);
	sk_aggs_add(aggs, s->state);
	return s;
}

static void
begin(struct sessions *self, struct session *s)
{
	struct session **at = &list_of(self, s->key)->first;

	while (*at != NULL && (*at)->start_ns < s->start_ns)
		at = &(*at)->next;
	link_session(self, s, at);
	s->changed = true;
	set_timer(self, s);
}

static bool
is_late(const struct sessions *self, int64_t t_ns)
{
	const struct sk_window *window = &self->window;

	return sk_window_later(sk_window_later(t_ns, window->conf.gap_ns),
	    window->conf.lateness_ns) < window->watermark_ns;
}

/* The session of a key that an event belongs to, or NULL.  One that is late
 * does not make a session longer at its front: that would be no end. */
static struct session *
session_of(const struct sessions *self, uint32_t key, int64_t t_ns)
{
	struct session *s;

	for (s = list_of(self, key)->first; s != NULL; s = s->next)
		if (joins(self, s, t_ns) &&
		    (t_ns >= s->start_ns || !is_late(self, t_ns)))
			return s;
	return NULL;
}

static void
wait(struct sessions *self, struct session *s)
{
	struct sk_heap_item item = { .at_ns = s->start_ns,
		.number = self->number++, .ref = s };

	sk_heap_add(&self->waiting, item);
	list_of(self, s->key)->waiting++;
	set_due(self);
}

static int
session_add(struct sk_window *window, int64_t t_ns, struct sk_view key,
    uint32_t hash)
{
	struct sessions *self = self_of(window);
	uint32_t slot = sk_table_find(&self->keys, key, hash);
	bool waits = window->conf.length_ns > 0 &&
	    t_ns >= window->watermark_ns, fresh;
	struct session *s = NULL;

	if (slot != SK_TABLE_NONE && !waits)
		s = session_of(self, slot, t_ns);
	if (s != NULL)
		return extend(self, s, t_ns, NULL);
	if (is_late(self, t_ns))
		return SK_WINDOW_LATE;
	if (slot == SK_TABLE_NONE) {
		if (self->keys.n >= window->conf.max_keys)
			return SK_WINDOW_FULL;
		slot = sk_table_add(&self->keys, key, hash, &fresh);
	}
	s = new_event(self, slot, t_ns);
	if (waits) {
		wait(self, s);
		return 0;
	}
	begin(self, s);
	if (end_of(self, s) >= window->watermark_ns)
		return 0;
	s->closed = true;
	return put_session(self, SK_WINDOW_AGAIN, s);
}

/* Those that have waited long enough, in the order of their times. */
static int
take_waiting(struct sessions *self)
{
	int64_t watermark = self->window.watermark_ns;
	struct session *event, *s;
	int err = 0;

	while (err == 0 && self->waiting.n > 0 &&
	    (self->waiting.item[0].at_ns < watermark ||
	    watermark == INT64_MAX)) {
		event = self->waiting.item[0].ref;
		sk_heap_drop(&self->waiting);
		list_of(self, event->key)->waiting--;
		s = session_of(self, event->key, event->start_ns);
		if (s == NULL) {
			begin(self, event);
			continue;
		}
		err = extend(self, s, event->start_ns, event);
		free_state(self, event);
		give_session(self, event);
	}
	return err;
}

/* ---- sessions close ---- */

/* A session beside what it is sorted by. */
struct ranked {
	int64_t end_ns, start_ns;
	uint64_t prefix; /* of its key */
	struct session *session;
};

static int
by_order(const void *a, const void *b, void *arg)
{
	const struct sessions *self = arg;
	const struct ranked *x = a, *y = b;

	if (x->end_ns != y->end_ns)
		return x->end_ns < y->end_ns ? -1 : 1;
	if (x->start_ns != y->start_ns)
		return x->start_ns < y->start_ns ? -1 : 1;
	if (x->prefix != y->prefix)
		return x->prefix < y->prefix ? -1 : 1;
	return sk_view_compare(sk_table_key(&self->keys, x->session->key),
	    sk_table_key(&self->keys, y->session->key));
}

static void
sort_sessions(struct sessions *self, struct session **list, size_t n)
{
	struct ranked *ranked = sk_xalloc(n + 1, sizeof(*ranked));
	size_t i;

	for (i = 0; i < n; i++)
		ranked[i] = (struct ranked){ end_of(self, list[i]),
			list[i]->start_ns, sk_table_prefix(&self->keys,
			list[i]->key), list[i] };
	qsort_r(ranked, n, sizeof(*ranked), by_order, self);
	for (i = 0; i < n; i++)
		list[i] = ranked[i].session;
	free(ranked);
}

/* The session of a timer that has come up, which goes; NULL: there is none. */
static struct session *
take_timer(struct sessions *self)
{
	struct sk_heap *timers = &self->timers;
	int64_t watermark = self->window.watermark_ns, due;
	struct session *s;

	while (timers->n > 0 && timers->item[0].at_ns <= watermark) {
		s = timers->item[0].ref;
		due = due_of(self, s);
		if (watermark == INT64_MAX) /* all go, in any order */
			s = timers->item[--timers->n].ref;
		else if (!s->dead && due > watermark) {
			timers->item[0].at_ns = due;
			sk_heap_sink(timers);
			continue;
		} else
			sk_heap_drop(timers);
		s->timers--;
		return s;
	}
	return NULL;
}

/* The sessions that are complete. */
static struct session **
take_due(struct sessions *self, size_t *n)
{
	struct session **list = NULL, *s;
	size_t cap = 0;

	*n = 0;
	while ((s = take_timer(self)) != NULL) {
		if (s->listed)
			continue;
		if (s->dead || s->closed) {
			if (!s->dead)
				unlink_session(self, s);
			if (s->timers == 0)
				give_session(self, s);
			continue;
		}
		if (*n == cap) {
			cap = cap > 0 ? 2 * cap : 16;
			list = sk_xrealloc(list, cap, sizeof(struct session *));
		}
		s->closed = s->listed = true;
		list[(*n)++] = s;
	}
	return list;
}

/* It went out: it is kept for late events, or it goes. */
static void
retire(struct sessions *self, struct session *s)
{
	s->listed = false;
	if (due_of(self, s) > self->window.watermark_ns) {
		set_timer(self, s);
		return;
	}
	unlink_session(self, s);
	if (s->timers == 0)
		give_session(self, s);
}

static int
session_advance(struct sk_window *window)
{
	struct sessions *self = self_of(window);
	struct session **list;
	size_t n, i;
	int err = take_waiting(self);

	list = take_due(self, &n);
	if (n > 1)
		sort_sessions(self, list, n);
	for (i = 0; i < n; i++) {
		if (i + AHEAD < n)
			__builtin_prefetch(sk_table_at(&self->keys,
			    list[i + AHEAD]->key));
		if (i + 2 * AHEAD < n)
			__builtin_prefetch(list[i + 2 * AHEAD]);
		if (err == 0)
			err = put_session(self, SK_WINDOW_FINAL, list[i]);
		retire(self, list[i]);
	}
	free(list);
	set_due(self);
	return err;
}

/* ---- what is open ---- */

static struct session **
all_sessions(struct sessions *self)
{
	struct session **list = sk_xalloc((size_t)self->n + 1, sizeof(*list));
	struct session *s;
	size_t at = 0, n = 0;
	uint32_t slot;

	while ((slot = sk_table_next(&self->keys, &at)) != SK_TABLE_NONE)
		for (s = list_of(self, slot)->first; s != NULL; s = s->next)
			list[n++] = s;
	sort_sessions(self, list, n);
	return list;
}

static int
session_show(struct sk_window *window, bool changed)
{
	struct sessions *self = self_of(window);
	struct session **list = all_sessions(self);
	uint32_t i;
	int err = 0;

	for (i = 0; i < self->n && err == 0; i++)
		if (!list[i]->closed && (!changed || list[i]->changed))
			err = put_session(self, SK_WINDOW_EARLY, list[i]);
	free(list);
	return err;
}

static int64_t
session_oldest(struct sk_window *window)
{
	struct sessions *self = self_of(window);
	int64_t oldest;
	const struct session *s;
	size_t at = 0;
	uint32_t slot;

	if (window->watermark_ns == INT64_MIN ||
	    window->watermark_ns == INT64_MAX)
		return window->watermark_ns;
	if (self->stale > 0) {
		self->stale--;
		return self->oldest_ns;
	}
	if (__builtin_sub_overflow(window->watermark_ns,
	    sk_window_later(window->conf.lateness_ns, window->conf.gap_ns),
	    &oldest))
		oldest = INT64_MIN;
	while ((slot = sk_table_next(&self->keys, &at)) != SK_TABLE_NONE) {
		s = list_of(self, slot)->first;
		if (s != NULL && s->start_ns < oldest)
			oldest = s->start_ns;
	}
	self->stale = self->keys.n / STALE;
	self->oldest_ns = oldest;
	return oldest;
}

/* ---- saved ---- */

static int
by_number(const void *a, const void *b)
{
	const struct sk_heap_item *x = a, *y = b;

	return x->number < y->number ? -1 : 1;
}

static void
save_waiting(struct sessions *self, struct sk_buf *buf)
{
	size_t n = self->waiting.n, i;
	struct sk_heap_item *item = sk_xalloc(n + 1, sizeof(*item));
	struct session *s;

	if (n > 0)
		memcpy(item, self->waiting.item, n * sizeof(*item));
	qsort(item, n, sizeof(*item), by_number);
	sk_image_put(buf, n);
	for (i = 0; i < n; i++) {
		s = item[i].ref;
		sk_image_put_view(buf, sk_table_key(&self->keys, s->key));
		sk_image_put(buf, (uint64_t)s->start_ns);
		sk_aggs_save(self->window.conf.aggs, s->state, buf);
	}
	free(item);
}

static void
session_save(struct sk_window *window, struct sk_buf *buf)
{
	struct sessions *self = self_of(window);
	struct session **list = all_sessions(self), *s;
	uint32_t i;

	sk_image_put(buf, self->n);
	for (i = 0; i < self->n; i++) {
		s = list[i];
		sk_image_put_view(buf, sk_table_key(&self->keys, s->key));
		sk_image_put(buf, (uint64_t)s->start_ns);
		sk_image_put(buf, (uint64_t)s->last_ns);
		sk_image_put(buf, (uint64_t)s->closed |
		    (uint64_t)s->shown << 1 | (uint64_t)s->changed << 2);
		sk_aggs_save(window->conf.aggs, s->state, buf);
	}
	free(list);
	save_waiting(self, buf);
}

static int
load_one(struct sessions *self, struct sk_view *bytes, struct sk_diag *diag)
{
	struct session **at, *s;
	int64_t start_ns, last_ns;
	struct sk_view key;
	uint64_t flags;
	uint32_t slot;
	bool fresh;
	int err;

	if (!sk_image_take_view(bytes, &key) ||
	    !sk_image_take_i64(bytes, &start_ns) ||
	    !sk_image_take_i64(bytes, &last_ns) ||
	    !sk_image_take(bytes, &flags) || start_ns > last_ns)
		return sk_image_bad(diag);
	slot = sk_table_add(&self->keys, key, sk_table_hash(key,
	    self->window.seed), &fresh);
	at = &list_of(self, slot)->first;
	while (*at != NULL && (*at)->start_ns < start_ns)
		at = &(*at)->next;
	s = new_session(self, slot, start_ns);
	link_session(self, s, at);
	s->last_ns = last_ns;
	s->closed = (flags & 1) != 0;
	s->shown = (flags & 2) != 0;
	s->changed = (flags & 4) != 0;
	err = sk_aggs_load(self->window.conf.aggs, s->state, bytes, diag);
	set_timer(self, s);
	return err;
}

static int
load_waiting(struct sessions *self, struct sk_view *bytes,
    struct sk_diag *diag)
{
	struct session *s;
	struct sk_view key;
	int64_t t_ns;
	bool fresh;
	int err;

	if (self->window.conf.length_ns == 0 ||
	    !sk_image_take_view(bytes, &key) ||
	    !sk_image_take_i64(bytes, &t_ns))
		return sk_image_bad(diag);
	s = new_session(self, sk_table_add(&self->keys, key,
	    sk_table_hash(key, self->window.seed), &fresh), t_ns);
	err = sk_aggs_load(self->window.conf.aggs, s->state, bytes, diag);
	wait(self, s);
	return err;
}

static int
session_load(struct sk_window *window, struct sk_view *bytes,
    struct sk_diag *diag)
{
	struct sessions *self = self_of(window);
	uint32_t n, i;
	int err = 0;

	if (!sk_image_take_n(bytes, 32, &n))
		return sk_image_bad(diag);
	for (i = 0; i < n && err == 0; i++)
		err = load_one(self, bytes, diag);
	if (err != 0 || !sk_image_take_n(bytes, 16, &n))
		return err != 0 ? err : sk_image_bad(diag);
	for (i = 0; i < n && err == 0; i++)
		err = load_waiting(self, bytes, diag);
	return err;
}

static const struct sk_table *
session_table(const struct sk_window *window)
{
	return &((const struct sessions *)(const void *)window)->keys;
}

static void
session_warm(const struct sk_window *window, uint32_t slot)
{
	const struct list *list = sk_table_at(session_table(window), slot);

	__builtin_prefetch(list->first);
	__builtin_prefetch((const char *)list->first + 64);
}

const struct sk_window_kind_ops sk_window_sessions = { session_open,
	session_close, session_add, session_table, session_warm,
	session_advance, session_show,
	session_oldest, session_save, session_load };
