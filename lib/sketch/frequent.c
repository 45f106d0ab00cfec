/*
 * Images:
 *
 *	 0  preamble in 8-byte words: 4, or 1 if empty
 *	 1  serial version, 1
 *	 2  family, 10
 *	 3  lgMax   4  lgCur: the table has 2^lgCur cells
 *	 5  flags: 1 or 4 empty
 *	 6  0
 *	 8  u32 number of items n   12  0
 *	16  u64 total   24  u64 offset
 *	32  n * u64 weight
 *	    n * { u32 length, bytes }
 *
 * A reader elsewhere fills a table of three quarters of 2^lgMax items, so n is
 * at most that, and lgCur the least that holds n.
 *
 * Images are untrusted: the number of items is compared with the length before
 * memory is taken for them.  Weights are counts of distinct items of one
 * stream, so that their sum is at most the total; that, and no item standing
 * twice, is checked.  A weight of 0 says nothing, and is passed over.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/keys.h"
#include "base/mem.h"
#include "sketch/frequent.h"

#define SERIAL 1
#define PREAMBLE_EMPTY 1
#define PREAMBLE 4
#define EMPTY 5
#define HEAD 8
#define BEGIN 32

void
sk_frequent_free(struct sk_frequent *frequent)
{
	free(frequent->rows);
	*frequent = (struct sk_frequent){ 0 };
}

/* Items in a table of 2^lg cells. */
static uint64_t
room(unsigned lg)
{
	return (UINT64_C(3) << lg) / 4;
}

unsigned
sk_frequent_lg(uint64_t n)
{
	unsigned lg = SK_FREQUENT_LG_MIN;

	while (room(lg) < n)
		lg++;
	return lg;
}

/* ---- reading ---- */

static int
check_head(struct sk_view image, struct sk_diag *diag)
{
	const unsigned char *head = (const unsigned char *)image.ptr;

	if (image.len < HEAD)
		return sk_diag_set(diag, SK_EDATA, "cut short");
	if (head[2] != SK_FREQUENT_FAMILY)
		return sk_diag_set(diag, SK_EDATA,
		    "not a sketch of frequent items");
	if (head[1] != SERIAL)
		return sk_diag_set(diag, SK_EVERSION,
		    "frequent items of version %d", head[1]);
	if (head[0] != PREAMBLE && head[0] != PREAMBLE_EMPTY)
		return sk_diag_set(diag, SK_EDATA, "a wrong preamble");
	if (head[3] > SK_FREQUENT_LG_MAX || head[4] < SK_FREQUENT_LG_MIN ||
	    head[4] > head[3])
		return sk_diag_set(diag, SK_EDATA, "a wrong size of table");
	if ((head[0] == PREAMBLE_EMPTY) != ((head[5] & EMPTY) != 0))
		return sk_diag_set(diag, SK_EDATA, "wrong flags");
	return 0;
}

/* The weights and items; `all` is how many the image says it has.  What the
 * offset was taken from is in the total, at least once. */
static int
take_rows(struct sk_frequent *frequent, struct sk_view image, size_t all,
    struct sk_diag *diag)
{
	size_t at = BEGIN + all * sizeof(uint64_t), i;
	uint64_t left = frequent->total - frequent->offset;

	for (i = 0; i < all; i++) {
		uint64_t weight = sk_get64(
		    image.ptr + BEGIN + i * sizeof(weight));
		size_t len;

		if (image.len - at < sizeof(uint32_t))
			return sk_diag_set(diag, SK_EDATA, "cut short");
		len = sk_get32(image.ptr + at);
		at += sizeof(uint32_t);
		if (image.len - at < len)
			return sk_diag_set(diag, SK_EDATA, "cut short");
		if (weight > left)
			return sk_diag_set(diag, SK_EDATA,
			    "weights above the total");
		left -= weight;
		if (weight > 0)
			frequent->rows[frequent->n++] = (struct sk_items_row){
			    .count = weight,
			    .item = sk_view(image.ptr + at, len) };
		at += len;
	}
	if (at != image.len)
		return sk_diag_set(diag, SK_EDATA, "bytes behind the end");
	/* With no offset nothing was left out. */
	if (frequent->offset == 0 && left > 0)
		return sk_diag_set(diag, SK_EDATA,
		    "exact weights below the total");
	return 0;
}

static int
check_distinct(const struct sk_frequent *frequent, struct sk_diag *diag)
{
	struct sk_keys keys;
	size_t i;
	int err = 0;

	sk_keys_init(&keys, SK_KEYS_NONE - 1);
	for (i = 0; i < frequent->n && err == 0; i++)
		if (sk_keys_find(&keys, frequent->rows[i].item) != i)
			err = sk_diag_set(diag, SK_EDATA, "an item twice");
	sk_keys_free(&keys);
	return err;
}

static int
load_rows(struct sk_frequent *frequent, struct sk_view image,
    struct sk_diag *diag)
{
	uint64_t n;
	int err;

	if (image.len < BEGIN)
		return sk_diag_set(diag, SK_EDATA, "cut short");
	n = sk_get32(image.ptr + 8);
	frequent->total = sk_get64(image.ptr + 16);
	frequent->offset = sk_get64(image.ptr + 24);
	if (frequent->total > SK_ITEMS_TOTAL_MAX)
		return sk_diag_set(diag, SK_EDATA, "a total over 2^63");
	if (frequent->offset > frequent->total)
		return sk_diag_set(diag, SK_EDATA,
		    "an offset above the total");
	if (n > room(frequent->lg_max))
		return sk_diag_set(diag, SK_EDATA,
		    "more items than its table holds");
	if ((image.len - BEGIN) / (sizeof(uint64_t) + sizeof(uint32_t)) < n)
		return sk_diag_set(diag, SK_EDATA, "cut short");
	frequent->rows = sk_xalloc(n + 1, sizeof(*frequent->rows));
	err = take_rows(frequent, image, n, diag);
	return err == 0 ? check_distinct(frequent, diag) : err;
}

int
sk_frequent_load(struct sk_frequent *frequent, struct sk_view image,
    struct sk_diag *diag)
{
	int err = check_head(image, diag);

	*frequent = (struct sk_frequent){ 0 };
	if (err != 0)
		return err;
	frequent->lg_max = (unsigned char)image.ptr[3];
	if (image.ptr[0] == PREAMBLE)
		err = load_rows(frequent, image, diag);
	else if (image.len != HEAD)
		err = sk_diag_set(diag, SK_EDATA, "bytes behind the end");
	if (err != 0)
		sk_frequent_free(frequent);
	return err;
}

/* ---- writing ---- */

void
sk_frequent_save(const struct sk_frequent *frequent, struct sk_buf *buf)
{
	bool empty = frequent->total == 0;
	unsigned lg = sk_frequent_lg(frequent->n);
	char head[BEGIN] = { empty ? PREAMBLE_EMPTY : PREAMBLE, SERIAL,
		SK_FREQUENT_FAMILY, (char)frequent->lg_max, (char)lg,
		empty ? EMPTY : 0 };
	char bytes[8];
	size_t i;

	sk_put32(head + 8, (uint32_t)frequent->n);
	sk_put64(head + 16, frequent->total);
	sk_put64(head + 24, frequent->offset);
	sk_buf_add(buf, head, empty ? HEAD : BEGIN);
	for (i = 0; i < frequent->n; i++) {
		sk_put64(bytes, frequent->rows[i].count);
		sk_buf_add(buf, bytes, sizeof(uint64_t));
	}
	for (i = 0; i < frequent->n; i++) {
		sk_put32(bytes, (uint32_t)frequent->rows[i].item.len);
		sk_buf_add(buf, bytes, sizeof(uint32_t));
		sk_buf_view(buf, frequent->rows[i].item);
	}
}

void
sk_frequent_take(struct sk_frequent *frequent, const struct sk_items *items,
    uint64_t offset, uint64_t total, uint32_t counters)
{
	struct sk_items_row row;
	uint32_t i;

	*frequent = (struct sk_frequent){ .total = total, .offset = offset,
		.rows = sk_xalloc((size_t)items->n + 1, sizeof(row)) };
	for (i = 0; i < items->n; i++) {
		row = sk_items_row(items, i);
		if (row.count <= offset)
			continue;
		row.count -= offset;
		row.error = 0;
		frequent->rows[frequent->n++] = row;
	}
	sk_items_sort(frequent->rows, frequent->n);
	frequent->lg_max = sk_frequent_lg(frequent->n >= counters
	    ? frequent->n : counters - 1);
}

/* ---- merging ---- */

/* Both sides as rows: the weight, and in place of the error the lower bound of
 * the true count. */
static size_t
join(const struct sk_frequent *frequent, const struct sk_items *items,
    uint64_t offset, struct sk_items_row *rows)
{
	size_t n = items->n, i;

	for (i = 0; i < n; i++) {
		rows[i] = sk_items_row(items, (uint32_t)i);
		rows[i].error = rows[i].count - rows[i].error;
		rows[i].count -= offset;
	}
	for (i = 0; i < frequent->n; i++) {
		const struct sk_items_row *from = &frequent->rows[i];
		const struct sk_item *slot = sk_items_get(items, from->item);
		struct sk_items_row *to = &rows[n];

		if (slot != NULL) {
			to = &rows[slot - items->slots];
			to->count += from->count;
			to->error += from->count;
			continue;
		}
		*to = *from;
		to->error = from->count;
		n++;
	}
	return n;
}

/* A table of these rows, in their order. */
static void
build(struct sk_items *items, const struct sk_items_row *rows, size_t n,
    uint64_t offset, uint32_t most)
{
	struct sk_items made = *items;
	size_t i;

	made.n = made.cap = 0;
	made.slots = NULL;
	made.chains = NULL;
	made.errors = NULL;
	made.far = NULL;
	for (i = 0; i < n; i++) {
		struct sk_probe p = sk_items_probe(items, rows[i].item);
		uint64_t count = rows[i].count + offset;

		if (made.n == made.cap)
			sk_items_grow(&made, most);
		sk_items_append(&made, &p, NULL, count);
		if (count > rows[i].error) {
			sk_items_need_errors(&made);
			made.errors[i] = count - rows[i].error;
		}
	}
	sk_items_free(items);
	*items = made;
}

int
sk_frequent_fold(const struct sk_frequent *frequent, struct sk_items *items,
    uint64_t *offset, uint32_t counters, struct sk_diag *diag)
{
	struct sk_items_row *rows;
	uint64_t sum = *offset + frequent->offset, cut;
	size_t n, i;

	for (i = 0; i < frequent->n; i++)
		if (frequent->rows[i].item.len > items->max_item)
			return sk_diag_set(diag, SK_EDATA,
			    "an item of %zu bytes (--max-item)",
			    frequent->rows[i].item.len);
	rows = sk_xalloc(items->n + frequent->n + 1, sizeof(*rows));
	n = join(frequent, items, *offset, rows);
	sk_items_sort(rows, n);
	while (n > 0 && rows[n - 1].count == 0)
		n--;
	if (n > counters || (n == counters && sum > 0)) {
		cut = rows[counters - 1].count;
		sum += cut;
		for (n = 0; rows[n].count > cut; n++)
			rows[n].count -= cut;
	}
	build(items, rows, n, sum, counters);
	free(rows);
	*offset = sum;
	return 0;
}
