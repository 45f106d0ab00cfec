/*
 * A value's weight is kept as it will be: an event adds 2^lift, where lift
 * grows by one with every half-life, and weights are left alone until lift is
 * LIFT_MAX.  Then all are scaled by a power of two, which is exact.  So weights
 * of all times compare as they are.
 *
 * Values stand in `entry` in the order of their places; `cells` finds them by
 * hash (open addressing, at most half full).  Which value has the least weight
 * is asked only when all places are taken.  From then on `order` has an item
 * for each, with its weight and when it was seen, as they were: both only
 * grow, so the first item that is up to date has the least.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/heap.h"
#include "base/image.h"
#include "base/mem.h"
#include "detect/novelty.h"

#define FIRST_CAP 4
#define LIFT_MAX 512
#define SHIFT_MAX 4000     /* leaves no weight of any */
#define WEIGHT_MAX 0x1p600 /* more than 2^64 events of 2^LIFT_MAX */
#define USUAL_SCORE 0.499
#define ENTRY_BYTES 24

struct entry {
	uint64_t hash;
	double weight;
	uint64_t seen; /* the event, from 0 */
};

struct sk_novelty {
	struct entry *entry;
	uint32_t *cells; /* twice cap; 0: empty; else the entry + 1 */
	size_t cap;
	uint32_t n;
	struct sk_heap order; /* of all entries, or not made */
	uint64_t nevents;
	int64_t last_ns;
	double total;
	double lift;
};

struct sk_novelty *
sk_novelty_new(void)
{
	return sk_xcalloc(1, sizeof(struct sk_novelty));
}

void
sk_novelty_free(struct sk_novelty *seen)
{
	if (seen == NULL)
		return;
	sk_heap_free(&seen->order);
	free(seen->cells);
	free(seen->entry);
	free(seen);
}

/* ---- places ---- */

static size_t
mask_of(const struct sk_novelty *seen)
{
	return 2 * seen->cap - 1;
}

/* The cell of a hash, or the empty one where it would be. */
static size_t
seek(const struct sk_novelty *seen, uint64_t hash)
{
	size_t at = hash & mask_of(seen);

	while (seen->cells[at] != 0 &&
	    seen->entry[seen->cells[at] - 1].hash != hash)
		at = (at + 1) & mask_of(seen);
	return at;
}

static struct entry *
find(const struct sk_novelty *seen, uint64_t hash)
{
	size_t at;

	if (seen->n == 0)
		return NULL;
	at = seek(seen, hash);
	return seen->cells[at] == 0 ? NULL :
	    &seen->entry[seen->cells[at] - 1];
}

static void
grow(struct sk_novelty *seen)
{
	uint32_t i;

	seen->cap = seen->cap > 0 ? 2 * seen->cap : FIRST_CAP;
	seen->entry = sk_xrealloc(seen->entry, seen->cap,
	    sizeof(*seen->entry));
	free(seen->cells);
	seen->cells = sk_xcalloc(2 * seen->cap, sizeof(*seen->cells));
	for (i = 0; i < seen->n; i++)
		seen->cells[seek(seen, seen->entry[i].hash)] = i + 1;
}

/* Empty the cell of a hash; those behind it that would not be found any more
 * move up (Knuth, The Art of Computer Programming, 6.4, algorithm R). */
static void
empty_cell(struct sk_novelty *seen, uint64_t hash)
{
	size_t mask = mask_of(seen), at = seek(seen, hash), next = at, home;

	for (;;) {
		next = (next + 1) & mask;
		if (seen->cells[next] == 0)
			break;
		home = seen->entry[seen->cells[next] - 1].hash & mask;
		if (((next - home) & mask) < ((next - at) & mask))
			continue;
		seen->cells[at] = seen->cells[next];
		at = next;
	}
	seen->cells[at] = 0;
}

/* ---- the least ---- */

/* Doubles that are not negative sort as the integers of their bits. */
static struct sk_heap_item
item_of(const struct sk_novelty *seen, uint32_t number)
{
	const struct entry *entry = &seen->entry[number];
	struct sk_heap_item item = { .number = entry->seen, .len = number };

	memcpy(&item.at_ns, &entry->weight, sizeof(item.at_ns));
	return item;
}

/* The value of the least weight, the first of `order`.  One that takes its
 * place is first until the next is asked for. */
static uint32_t
least(struct sk_novelty *seen)
{
	struct sk_heap_item item;
	uint32_t i;

	if (seen->order.n != seen->n)
		for (seen->order.n = 0, i = 0; i < seen->n; i++)
			sk_heap_add(&seen->order, item_of(seen, i));
	for (;;) {
		item = item_of(seen, seen->order.item[0].len);
		if (item.number == seen->order.item[0].number)
			return item.len;
		seen->order.item[0] = item;
		sk_heap_sink(&seen->order);
	}
}

static void
add(struct sk_novelty *seen, uint64_t hash, double weight, uint32_t most)
{
	uint32_t number = seen->n;

	if (number > 0 && number >= most) {
		number = least(seen);
		seen->total = fmax(0, seen->total -
		    seen->entry[number].weight);
		empty_cell(seen, seen->entry[number].hash);
	} else {
		if (number == seen->cap)
			grow(seen);
		seen->n++;
	}
	seen->cells[seek(seen, hash)] = number + 1;
	seen->entry[number] = (struct entry){ .hash = hash, .weight = weight,
		.seen = seen->nevents };
}

/* ---- events ---- */

static void
scale(struct sk_novelty *seen)
{
	double steps = floor(seen->lift);
	uint32_t i;

	seen->total = 0;
	for (i = 0; i < seen->n; i++) {
		seen->entry[i].weight = ldexp(seen->entry[i].weight,
		    -(int)fmin(steps, SHIFT_MAX));
		seen->total += seen->entry[i].weight;
	}
	seen->lift -= steps;
	seen->order.n = 0;
}

static void
come_to(struct sk_novelty *seen, const struct sk_novelty_conf *conf,
    int64_t t_ns)
{
	if (seen->nevents == 0)
		seen->last_ns = t_ns;
	else if (conf->half_events > 0)
		seen->lift += 1 / (double)conf->half_events;
	if (t_ns > seen->last_ns) {
		if (conf->half_ns > 0)
			seen->lift += (double)((uint64_t)t_ns -
			    (uint64_t)seen->last_ns) / (double)conf->half_ns;
		seen->last_ns = t_ns;
	}
	if (seen->lift > LIFT_MAX)
		scale(seen);
}

void
sk_novelty_step(struct sk_novelty *seen, const struct sk_novelty_conf *conf,
    struct sk_view value, int64_t t_ns, struct sk_novelty_sign *sign)
{
	uint64_t hash = sk_hash_disk(value.ptr, value.len);
	struct entry *entry = find(seen, hash);
	double one, weight, likely;

	come_to(seen, conf, t_ns);
	one = seen->lift > 0 ? exp2(seen->lift) : 1;
	weight = entry != NULL ? entry->weight : 0;
	sign->share = seen->total > 0 ? fmin(1, weight / seen->total) : 0;
	sign->nvalues = seen->n;
	sign->what = SK_NOVELTY_USUAL;
	if (seen->nevents >= conf->warmup && entry == NULL)
		sign->what = SK_NOVELTY_NEW;
	else if (seen->nevents >= conf->warmup && sign->share < conf->rare)
		sign->what = SK_NOVELTY_RARE;
	likely = (weight / one + 1) / (seen->total / one + seen->n + 2);
	likely = fmin(1, likely);
	sign->score = sign->what == SK_NOVELTY_USUAL ?
	    (1 - likely) * USUAL_SCORE : 1 - likely / 2;
	if (entry == NULL) {
		add(seen, hash, one, conf->most);
	} else {
		entry->weight += one;
		entry->seen = seen->nevents;
	}
	seen->total += one;
	seen->nevents++;
}

/* ---- saved ---- */

void
sk_novelty_save(const struct sk_novelty *seen, struct sk_buf *buf)
{
	uint32_t i;

	sk_image_put(buf, seen->nevents);
	sk_image_put(buf, (uint64_t)seen->last_ns);
	sk_image_put_f64(buf, seen->total);
	sk_image_put_f64(buf, seen->lift);
	sk_image_put(buf, seen->n);
	for (i = 0; i < seen->n; i++) {
		sk_image_put(buf, seen->entry[i].hash);
		sk_image_put_f64(buf, seen->entry[i].weight);
		sk_image_put(buf, seen->entry[i].seen);
	}
}

static bool
is_weight(double weight)
{
	return weight >= 0 && weight <= WEIGHT_MAX;
}

static bool
load_entry(struct sk_novelty *seen, struct sk_view *bytes)
{
	struct entry entry;
	size_t at;

	if (!sk_image_take(bytes, &entry.hash) ||
	    !sk_image_take_f64(bytes, &entry.weight) ||
	    !sk_image_take(bytes, &entry.seen) ||
	    !is_weight(entry.weight) || entry.seen >= seen->nevents)
		return false;
	if (seen->n == seen->cap)
		grow(seen);
	at = seek(seen, entry.hash);
	if (seen->cells[at] != 0)
		return false;
	seen->entry[seen->n++] = entry;
	seen->cells[at] = seen->n;
	return true;
}

bool
sk_novelty_load(struct sk_novelty *seen, struct sk_view *bytes)
{
	uint32_t n;

	if (!sk_image_take(bytes, &seen->nevents) ||
	    !sk_image_take_i64(bytes, &seen->last_ns) ||
	    !sk_image_take_f64(bytes, &seen->total) ||
	    !sk_image_take_f64(bytes, &seen->lift) ||
	    !is_weight(seen->total) || seen->lift < 0 ||
	    seen->lift > LIFT_MAX || !sk_image_take_n(bytes, ENTRY_BYTES, &n))
		return false;
	for (; n > 0; n--)
		if (!load_entry(seen, bytes))
			return false;
	return true;
}
