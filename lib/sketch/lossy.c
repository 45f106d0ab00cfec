/*
 * The paper's entry (item, f, delta) is a row here with the count f + delta
 * and the error delta.  `floor` is the paper's b_current at the last time that
 * some were forgotten: those with f + delta <= floor were.  An item that comes
 * anew may have been among them, so its error is floor.
 */
#include "base/mem.h"
#include "base/rng.h"
#include "sketch/lossy.h"

void
sk_lossy_init(struct sk_lossy *lossy, uint32_t width, uint32_t max_item,
    uint64_t seed)
{
	sk_assert(width >= 1 && width <= SK_LOSSY_WIDTH_MAX);
	*lossy = (struct sk_lossy){ .width = width };
	sk_items_init(&lossy->items, max_item,
	    seed != 0 ? seed : sk_rng_draw());
}

void
sk_lossy_free(struct sk_lossy *lossy)
{
	sk_items_free(&lossy->items);
	*lossy = (struct sk_lossy){ 0 };
}

/* The floor may be above total / width when an image brought a larger one. */
static void
forget(struct sk_lossy *lossy)
{
	uint64_t floor = lossy->total / lossy->width;

	lossy->fresh = 0;
	if (floor <= lossy->floor)
		return;
	lossy->floor = floor;
	sk_items_drop(&lossy->items, floor);
}

int
sk_lossy_add(struct sk_lossy *lossy, struct sk_view item, uint64_t weight)
{
	struct sk_items *items = &lossy->items;
	struct sk_item *slot;
	struct sk_probe p;
	uint32_t *end = NULL;

	if (item.len == 0 || weight == 0)
		return 0;
	if (item.len > items->max_item || weight > SK_ITEMS_TOTAL_MAX ||
	    lossy->total > SK_ITEMS_TOTAL_MAX - weight)
		return SK_ELIMIT;
	if (items->cap == 0)
		sk_items_grow(items, SK_ITEMS_MAX);
	p = sk_items_probe(items, item);
	lossy->total += weight;
	slot = sk_items_find(items, &p, &end);
	if (slot != NULL) {
		slot->count += weight;
		return 0;
	}
	if (items->n == items->cap) {
		sk_items_grow(items, SK_ITEMS_MAX);
		end = NULL;
	}
	sk_items_append(items, &p, end, lossy->floor + weight);
	if (lossy->floor > 0) {
		sk_items_need_errors(items);
		items->errors[items->n - 1] = lossy->floor;
	}
	if (++lossy->fresh >= lossy->width)
		forget(lossy);
	return 0;
}

int
sk_lossy_fold(struct sk_lossy *lossy, const struct sk_frequent *frequent,
    struct sk_diag *diag)
{
	int err;

	if (frequent->total > SK_ITEMS_TOTAL_MAX - lossy->total)
		return sk_diag_set(diag, SK_EDATA, "a total over 2^63");
	err = sk_frequent_fold(frequent, &lossy->items, &lossy->floor,
	    SK_ITEMS_MAX, diag);
	if (err != 0)
		return err;
	lossy->total += frequent->total;
	if (lossy->floor > 0)
		sk_items_need_errors(&lossy->items);
	sk_items_drop(&lossy->items, lossy->floor);
	/* What is read back alone stays as it was written. */
	if (lossy->total > frequent->total)
		forget(lossy);
	return 0;
}

void
sk_lossy_take(const struct sk_lossy *lossy, struct sk_frequent *frequent)
{
	sk_frequent_take(frequent, &lossy->items, lossy->floor, lossy->total,
	    lossy->width);
}
