/*
 * A key that is present has one item in `due`, a key that has been absent one
 * in `forget`.  An event only moves last_ns: an item may be earlier than its
 * key's moment, and is put where it belongs when it comes up.  It is never
 * later, so the first one that is right is the next moment of all.
 */
#include <stdlib.h>
#include <string.h>

#include "base/heap.h"
#include "base/image.h"
#include "base/mem.h"
#include "base/rng.h"
#include "detect/absence.h"

#define SAVED_BYTES 32 /* of a key, at least */

struct mark {
	int64_t last_ns;
	uint64_t nevents;
	bool absent;
	bool listed; /* in `forget` */
};

struct sk_absence {
	struct sk_absence_conf conf;
	uint64_t seed;
	struct sk_table table;
	struct sk_heap due;
	struct sk_heap forget;
	uint32_t *group; /* the slots of one moment */
	size_t n, cap;
};

struct sk_absence *
sk_absence_new(const struct sk_absence_conf *conf)
{
	struct sk_absence *absence = sk_xcalloc(1, sizeof(*absence));

	absence->conf = *conf;
	absence->seed = sk_rng_draw();
	sk_table_init(&absence->table, sizeof(struct mark));
	return absence;
}

void
sk_absence_free(struct sk_absence *absence)
{
	if (absence == NULL)
		return;
	free(absence->group);
	sk_heap_free(&absence->forget);
	sk_heap_free(&absence->due);
	sk_table_free(&absence->table);
	free(absence);
}

static int64_t
later(int64_t t_ns, int64_t by_ns)
{
	return t_ns > INT64_MAX - by_ns ? INT64_MAX : t_ns + by_ns;
}

static int64_t
due_at(const struct sk_absence *absence, const struct mark *mark)
{
	return later(mark->last_ns, absence->conf.for_ns);
}

static void
put(struct sk_heap *heap, int64_t at_ns, uint32_t slot)
{
	sk_heap_add(heap, (struct sk_heap_item){ .at_ns = at_ns,
		.len = slot });
}

int
sk_absence_add(struct sk_absence *absence, struct sk_view key, int64_t t_ns)
{
	uint32_t hash = sk_table_hash(key, absence->seed);
	uint32_t slot = sk_table_find(&absence->table, key, hash);
	int64_t was_ns;
	struct mark *mark;
	bool fresh = slot == SK_TABLE_NONE;

	if (fresh) {
		if (absence->table.n >= absence->conf.max_keys)
			return SK_ABSENCE_FULL;
		slot = sk_table_add(&absence->table, key, hash, &fresh);
	}
	mark = sk_table_at(&absence->table, slot);
	was_ns = mark->last_ns;
	mark->nevents++;
	if (!fresh && t_ns <= was_ns)
		return 0;
	mark->last_ns = t_ns;
	if (!fresh && !mark->absent)
		return 0;
	put(&absence->due, due_at(absence, mark), slot);
	if (fresh)
		return 0;
	mark->absent = false;
	return absence->conf.tell(absence->conf.arg, key, was_ns, t_ns,
	    mark->nevents - 1, true);
}

/* ---- time ---- */

/* The first item is put where `at_ns` says, if that is later. */
static bool
moves(struct sk_heap *heap, int64_t at_ns)
{
	if (heap->item[0].at_ns >= at_ns)
		return false;
	heap->item[0].at_ns = at_ns;
	sk_heap_sink(heap);
	return true;
}

/* Take the keys of the next moment out of `due`, if that has come. */
static int64_t
gather(struct sk_absence *absence, int64_t watermark_ns)
{
	struct sk_heap *due = &absence->due;
	int64_t at_ns = 0;
	uint32_t slot;

	absence->n = 0;
	while (due->n > 0 && due->item[0].at_ns <= watermark_ns) {
		slot = due->item[0].len;
		if (moves(due, due_at(absence, sk_table_at(&absence->table,
		    slot))))
			continue;
		if (absence->n > 0 && due->item[0].at_ns != at_ns)
			break;
		at_ns = due->item[0].at_ns;
		if (absence->n == absence->cap) {
			absence->cap = absence->cap > 0 ? 2 * absence->cap : 16;
			absence->group = sk_xrealloc(absence->group,
			    absence->cap, sizeof(*absence->group));
		}
		absence->group[absence->n++] = slot;
		sk_heap_drop(due);
	}
	return at_ns;
}

static int
by_bytes(const void *a, const void *b, void *arg)
{
	const struct sk_table *table = arg;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	uint64_t start = sk_table_prefix(table, x);
	uint64_t other = sk_table_prefix(table, y);

	if (start != other)
		return start < other ? -1 : 1;
	return sk_view_compare(sk_table_key(table, x), sk_table_key(table, y));
}

static int
tell_absent(struct sk_absence *absence, uint32_t slot, int64_t at_ns)
{
	const struct sk_absence_conf *conf = &absence->conf;
	struct mark *mark = sk_table_at(&absence->table, slot);

	mark->absent = true;
	if (conf->ttl_ns > 0 && !mark->listed) {
		mark->listed = true;
		put(&absence->forget, later(at_ns, conf->ttl_ns), slot);
	}
	return conf->tell(conf->arg, sk_table_key(&absence->table, slot),
	    mark->last_ns, at_ns, mark->nevents, false);
}

static void
forget(struct sk_absence *absence, int64_t watermark_ns)
{
	struct sk_heap *heap = &absence->forget;
	uint32_t slot;

	while (heap->n > 0 && heap->item[0].at_ns <= watermark_ns) {
		slot = heap->item[0].len;
		if (moves(heap, later(due_at(absence, sk_table_at(
		    &absence->table, slot)), absence->conf.ttl_ns)))
			continue;
		sk_heap_drop(heap);
		sk_table_remove(&absence->table, slot);
	}
}

int
sk_absence_advance(struct sk_absence *absence, int64_t watermark_ns)
{
	int64_t at_ns;
	size_t i;
	int told = 0;

	for (;;) {
		at_ns = gather(absence, watermark_ns);
		if (absence->n == 0)
			break;
		if (absence->n > 1)
			qsort_r(absence->group, absence->n,
			    sizeof(*absence->group), by_bytes,
			    &absence->table);
		for (i = 0; i < absence->n && told == 0; i++)
			told = tell_absent(absence, absence->group[i], at_ns);
		for (; i < absence->n; i++)
			put(&absence->due, at_ns, absence->group[i]);
		if (told != 0)
			return told;
	}
	forget(absence, watermark_ns);
	return 0;
}

/* ---- saved ---- */

void
sk_absence_save(struct sk_absence *absence, struct sk_buf *buf)
{
	const uint32_t *sorted = sk_table_sorted(&absence->table);
	const struct mark *mark;
	uint32_t i;

	sk_image_put(buf, absence->table.n);
	for (i = 0; i < absence->table.n; i++) {
		mark = sk_table_at(&absence->table, sorted[i]);
		sk_image_put(buf, (uint64_t)mark->last_ns);
		sk_image_put(buf, mark->nevents);
		sk_image_put(buf, mark->absent);
		sk_image_put_view(buf, sk_table_key(&absence->table,
		    sorted[i]));
	}
}

static bool
load_key(struct sk_absence *absence, struct sk_view *bytes)
{
	const struct sk_absence_conf *conf = &absence->conf;
	uint64_t nevents, absent;
	struct sk_view key;
	struct mark *mark;
	int64_t last_ns;
	uint32_t slot;
	bool fresh;

	if (!sk_image_take_i64(bytes, &last_ns) ||
	    !sk_image_take(bytes, &nevents) || nevents == 0 ||
	    !sk_image_take(bytes, &absent) || absent > 1 ||
	    !sk_image_take_view(bytes, &key) || key.len > UINT32_MAX)
		return false;
	slot = sk_table_add(&absence->table, key, sk_table_hash(key,
	    absence->seed), &fresh);
	if (!fresh)
		return false;
	mark = sk_table_at(&absence->table, slot);
	mark->last_ns = last_ns;
	mark->nevents = nevents;
	mark->absent = absent != 0;
	mark->listed = mark->absent && conf->ttl_ns > 0;
	if (!mark->absent)
		put(&absence->due, due_at(absence, mark), slot);
	if (mark->listed)
		put(&absence->forget, later(due_at(absence, mark),
		    conf->ttl_ns), slot);
	return true;
}

bool
sk_absence_load(struct sk_absence *absence, struct sk_view *bytes)
{
	uint32_t n;

	if (!sk_image_take_n(bytes, SAVED_BYTES, &n))
		return false;
	for (; n > 0; n--)
		if (!load_key(absence, bytes))
			return false;
	return true;
}
