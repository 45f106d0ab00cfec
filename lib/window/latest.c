#include <stdlib.h>
#include <string.h>

#include "base/image.h"
#include "base/mem.h"
#include "base/rng.h"
#include "window/latest.h"

#define PARTED 40 /* bytes of a saved group, at least */

struct group {
	int64_t start_ns;
	int64_t at_ns;     /* of the event that is kept */
	uint64_t number;
	char *line;
	uint32_t len, cap;
};

void
sk_latest_init(struct sk_latest *latest, int64_t within_ns)
{
	memset(latest, 0, sizeof(*latest));
	latest->within_ns = within_ns;
	latest->now_ns = INT64_MIN;
	latest->seed = sk_rng_draw();
	sk_table_init(&latest->table, sizeof(struct group));
}

static struct group *
group_at(const struct sk_latest *latest, uint32_t slot)
{
	return sk_table_at(&latest->table, slot);
}

void
sk_latest_free(struct sk_latest *latest)
{
	size_t at = 0;
	uint32_t slot;

	while ((slot = sk_table_next(&latest->table, &at)) != SK_TABLE_NONE)
		free(group_at(latest, slot)->line);
	sk_table_free(&latest->table);
	sk_heap_free(&latest->ends);
}

static int64_t
end_of(const struct sk_latest *latest, int64_t start_ns)
{
	int64_t end_ns;

	return __builtin_add_overflow(start_ns, latest->within_ns, &end_ns) ?
	    INT64_MAX : end_ns;
}

bool
sk_latest_is_past(const struct sk_latest *latest, int64_t t_ns)
{
	return latest->within_ns > 0 &&
	    end_of(latest, t_ns) <= latest->now_ns;
}

bool
sk_latest_knows(const struct sk_latest *latest, struct sk_view key,
    int64_t t_ns)
{
	uint32_t slot = sk_table_find(&latest->table, key,
	    sk_table_hash(key, latest->seed));

	return slot != SK_TABLE_NONE &&
	    end_of(latest, t_ns) > group_at(latest, slot)->start_ns;
}

/* What an entry is of: the slot's address would not do, since it says nothing
 * of the table. */
static void
add_end(struct sk_latest *latest, uint32_t slot)
{
	struct sk_heap_item item = { .len = slot };

	if (latest->within_ns == 0)
		return;
	item.at_ns = end_of(latest, group_at(latest, slot)->start_ns);
	sk_heap_add(&latest->ends, item);
}

static void
keep_line(struct group *group, struct sk_view line)
{
	sk_assert(line.len <= UINT32_MAX / 2);
	if (line.len > group->cap) {
		group->cap = (uint32_t)(line.len + line.len / 4);
		free(group->line);
		group->line = sk_xalloc(group->cap, 1);
	}
	if (line.len > 0)
		memcpy(group->line, line.ptr, line.len);
	group->len = (uint32_t)line.len;
}

void
sk_latest_add(struct sk_latest *latest, struct sk_view key, int64_t t_ns,
    struct sk_view line)
{
	uint32_t hash = sk_table_hash(key, latest->seed), slot;
	struct group *group;
	bool fresh;

	slot = sk_table_add(&latest->table, key, hash, &fresh);
	group = group_at(latest, slot);
	if (fresh) {
		group->start_ns = group->at_ns = t_ns;
		add_end(latest, slot);
	}
	latest->number++;
	if (t_ns < group->at_ns)
		return;
	group->at_ns = t_ns;
	group->number = latest->number;
	keep_line(group, line);
}

/* ---- going out ---- */

struct going {
	const struct group *group;
	uint32_t slot;
};

static int
by_time(const void *a, const void *b)
{
	const struct group *x = ((const struct going *)a)->group;
	const struct group *y = ((const struct going *)b)->group;

	if (x->at_ns != y->at_ns)
		return x->at_ns < y->at_ns ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

/* Groups of one end. */
static int
put_groups(struct sk_latest *latest, struct going *going, size_t n)
{
	struct group *group;
	int err = 0;
	size_t i;

	qsort(going, n, sizeof(*going), by_time);
	for (i = 0; i < n; i++) {
		group = group_at(latest, going[i].slot);
		if (err == 0)
			err = latest->put(latest->arg,
			    sk_view(group->line, group->len));
		free(group->line);
		sk_table_remove(&latest->table, going[i].slot);
	}
	return err;
}

/* The groups of the end that comes first. */
static int
put_first(struct sk_latest *latest)
{
	struct sk_buf buf = { 0 };
	const struct sk_heap_item *first = latest->ends.item;
	int64_t end_ns = first->at_ns;
	struct going going;
	size_t n;
	int err;

	for (n = 0; latest->ends.n > 0 && first->at_ns == end_ns; n++) {
		going.slot = first->len;
		going.group = group_at(latest, going.slot);
		sk_buf_add(&buf, &going, sizeof(going));
		sk_heap_drop(&latest->ends);
		first = latest->ends.item;
	}
	err = put_groups(latest, (struct going *)(void *)buf.ptr, n);
	sk_buf_free(&buf);
	return err;
}

int
sk_latest_advance(struct sk_latest *latest, int64_t now_ns)
{
	int err = 0;

	if (now_ns <= latest->now_ns)
		return 0;
	latest->now_ns = now_ns;
	while (err == 0 && latest->ends.n > 0 &&
	    latest->ends.item[0].at_ns <= now_ns)
		err = put_first(latest);
	return err;
}

int
sk_latest_finish(struct sk_latest *latest)
{
	struct going *going;
	size_t at = 0, n = 0;
	uint32_t slot;
	int err = 0;

	while (err == 0 && latest->ends.n > 0)
		err = put_first(latest);
	if (err != 0 || latest->table.n == 0)
		return err;
	going = sk_xalloc(latest->table.n, sizeof(*going));
	while ((slot = sk_table_next(&latest->table, &at)) != SK_TABLE_NONE) {
		going[n].group = group_at(latest, slot);
		going[n++].slot = slot;
	}
	err = put_groups(latest, going, n);
	free(going);
	return err;
}

int64_t
sk_latest_oldest(const struct sk_latest *latest)
{
	return latest->ends.n == 0 ? INT64_MAX :
	    group_at(latest, latest->ends.item[0].len)->start_ns;
}

/* ---- saved ---- */

void
sk_latest_save(struct sk_latest *latest, struct sk_buf *buf)
{
	const uint32_t *slot = sk_table_sorted(&latest->table);
	const struct group *group;
	uint32_t i;

	sk_image_put(buf, (uint64_t)latest->now_ns);
	sk_image_put(buf, latest->number);
	sk_image_put(buf, latest->table.n);
	for (i = 0; i < latest->table.n; i++) {
		group = group_at(latest, slot[i]);
		sk_image_put(buf, (uint64_t)group->start_ns);
		sk_image_put(buf, (uint64_t)group->at_ns);
		sk_image_put(buf, group->number);
		sk_image_put_view(buf, sk_table_key(&latest->table, slot[i]));
		sk_image_put_view(buf, sk_view(group->line, group->len));
	}
}

static bool
load_group(struct sk_latest *latest, struct sk_view *bytes)
{
	struct group group = { 0 }, *made;
	struct sk_view key, line;
	uint32_t slot;
	bool fresh;

	if (!sk_image_take_i64(bytes, &group.start_ns) ||
	    !sk_image_take_i64(bytes, &group.at_ns) ||
	    !sk_image_take(bytes, &group.number) ||
	    !sk_image_take_view(bytes, &key) ||
	    !sk_image_take_view(bytes, &line) ||
	    key.len > UINT32_MAX / 2 || line.len > UINT32_MAX / 2 ||
	    group.at_ns < group.start_ns || group.number > latest->number)
		return false;
	slot = sk_table_add(&latest->table, key, sk_table_hash(key,
	    latest->seed), &fresh);
	if (!fresh)
		return false;
	made = group_at(latest, slot);
	*made = group;
	keep_line(made, line);
	add_end(latest, slot);
	return true;
}

int
sk_latest_load(struct sk_latest *latest, struct sk_view *bytes,
    struct sk_diag *diag)
{
	uint32_t n;

	if (!sk_image_take_i64(bytes, &latest->now_ns) ||
	    !sk_image_take(bytes, &latest->number) ||
	    !sk_image_take_n(bytes, PARTED, &n))
		return sk_image_bad(diag);
	for (; n > 0; n--)
		if (!load_group(latest, bytes))
			return sk_image_bad(diag);
	return 0;
}
