/*
 * Images:
 *
 *	 0  preamble in 8-byte words, 2
 *	 1  serial version, 1
 *	 2  family, 18
 *	 3  flags: 1 empty
 *	 4  0
 *	 8  u32 buckets   12  u8 rows   13  u16 hash of the seed   15  0
 *	if not empty
 *	16  u64 total
 *	24  rows * buckets * u64, row by row
 *	    or the total and these as f64, which is the form of Python
 *	of ours, if there are candidates
 *	    u32 number of candidates
 *	    n * { u32 length, bytes }, by descending count, then by item
 *
 * The column of an item in a row is the first word of MurmurHash3 with the
 * seed of the row, modulo the buckets.  Every event adds its weight to each
 * row once, so the sum of a row is the total: that is checked of an image.
 */
#include <math.h>
#include <stdlib.h>

#include "base/keys.h"
#include "base/mem.h"
#include "base/rng.h"
#include "sketch/countmin.h"
#include "sketch/murmur.h"

#define SERIAL 1
#define PREAMBLE 2
#define EMPTY 1
#define HEAD 16
#define BEGIN 24
#define SEED_HASH 37836 /* of 9001 */

/* What libstdc++'s default engine and distribution draw, plus the seed 9001:
 * figures of the format, not of ours. */
static const uint64_t row_seed[SK_COUNTMIN_ROWS_MAX] = {
	UINT64_C(4480857443237086988), UINT64_C(6631161516192699342),
	UINT64_C(11350819014790094519), UINT64_C(4160660749069251172),
	UINT64_C(10069924727803572716), UINT64_C(5184791504480112213),
	UINT64_C(16791997112976329316), UINT64_C(12902553155504951388),
	UINT64_C(5663555706476353813), UINT64_C(10974657732958497165)
};

void
sk_countmin_init(struct sk_countmin *cm, uint32_t buckets, uint32_t rows,
    uint32_t candidates, uint32_t max_item, uint64_t seed)
{
	sk_assert(buckets >= SK_COUNTMIN_BUCKETS_MIN &&
	    buckets <= SK_COUNTMIN_BUCKETS_MAX);
	sk_assert(rows >= 1 && rows <= SK_COUNTMIN_ROWS_MAX);
	sk_assert(candidates <= SK_COUNTMIN_BUCKETS_MAX);
	*cm = (struct sk_countmin){ .buckets = buckets, .rows = rows,
		.candidates = candidates };
	sk_items_init(&cm->items, max_item, seed != 0 ? seed : sk_rng_draw());
}

void
sk_countmin_free(struct sk_countmin *cm)
{
	free(cm->cells);
	free(cm->heap);
	free(cm->place);
	sk_items_free(&cm->items);
	*cm = (struct sk_countmin){ 0 };
}

static uint64_t *
cell_of(const struct sk_countmin *cm, struct sk_view item, uint32_t row)
{
	struct sk_murmur h = sk_murmur(item.ptr, item.len, row_seed[row]);

	return &cm->cells[(size_t)row * cm->buckets + h.h1 % cm->buckets];
}

static size_t
ncells(const struct sk_countmin *cm)
{
	return (size_t)cm->rows * cm->buckets;
}

static void
need_cells(struct sk_countmin *cm)
{
	if (cm->cells == NULL)
		cm->cells = sk_xcalloc(ncells(cm), sizeof(*cm->cells));
}

uint64_t
sk_countmin_count(const struct sk_countmin *cm, struct sk_view item)
{
	uint64_t least = UINT64_MAX;
	uint32_t row;

	if (cm->cells == NULL)
		return 0;
	for (row = 0; row < cm->rows; row++) {
		uint64_t count = *cell_of(cm, item, row);

		least = count < least ? count : least;
	}
	return least;
}

uint64_t
sk_countmin_error(const struct sk_countmin *cm)
{
	return (uint64_t)(exp(1) / cm->buckets * (double)cm->total);
}

/* ---- candidates ---- */

/* The lower number first of equal counts, so that all is determined. */
static bool
before(const struct sk_countmin *cm, uint32_t a, uint32_t b)
{
	const struct sk_item *x = &cm->items.slots[a];
	const struct sk_item *y = &cm->items.slots[b];

	return x->count != y->count ? x->count < y->count : a < b;
}

static void
put(struct sk_countmin *cm, uint32_t at, uint32_t number)
{
	cm->heap[at] = number;
	cm->place[number] = at;
}

/* The count of the item at this place of the heap has grown. */
static void
sink(struct sk_countmin *cm, uint32_t at)
{
	uint32_t number = cm->heap[at], n = cm->items.n, below;

	while ((below = 2 * at + 1) < n) {
		if (below + 1 < n && before(cm, cm->heap[below + 1],
		    cm->heap[below]))
			below++;
		if (!before(cm, cm->heap[below], number))
			break;
		put(cm, at, cm->heap[below]);
		at = below;
	}
	put(cm, at, number);
}

/* The last item of the heap is new. */
static void
rise(struct sk_countmin *cm)
{
	uint32_t at = cm->items.n - 1, number = at;

	while (at > 0 && before(cm, number, cm->heap[(at - 1) / 2])) {
		put(cm, at, cm->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	put(cm, at, number);
}

static void
add_candidate(struct sk_countmin *cm, struct sk_view item, uint64_t count)
{
	struct sk_items *items = &cm->items;
	struct sk_item *slot;
	struct sk_probe p;
	uint32_t *end = NULL;

	if (items->n == cm->candidates &&
	    (items->n == 0 || count < items->slots[cm->heap[0]].count))
		return;
	if (items->cap == 0) {
		sk_items_grow(items, cm->candidates);
		cm->heap = sk_xalloc(items->cap, sizeof(*cm->heap));
		cm->place = sk_xalloc(items->cap, sizeof(*cm->place));
	}
	p = sk_items_probe(items, item);
	slot = sk_items_find(items, &p, &end);
	if (slot != NULL) {
		slot->count = count;
		sink(cm, cm->place[slot - items->slots]);
	} else if (items->n == cm->candidates) {
		if (count == items->slots[cm->heap[0]].count)
			return;
		sk_items_replace(items, cm->heap[0], &p, end, count);
		sink(cm, 0);
	} else {
		if (items->n == items->cap) {
			sk_items_grow(items, cm->candidates);
			cm->heap = sk_xrealloc(cm->heap, items->cap,
			    sizeof(*cm->heap));
			cm->place = sk_xrealloc(cm->place, items->cap,
			    sizeof(*cm->place));
			end = NULL;
		}
		sk_items_append(items, &p, end, count);
		rise(cm);
	}
}

int
sk_countmin_add(struct sk_countmin *cm, struct sk_view item, uint64_t weight)
{
	uint64_t least = UINT64_MAX;
	uint32_t row;

	if (item.len == 0 || weight == 0)
		return 0;
	if (item.len > cm->items.max_item || weight > SK_ITEMS_TOTAL_MAX ||
	    cm->total > SK_ITEMS_TOTAL_MAX - weight)
		return SK_ELIMIT;
	need_cells(cm);
	cm->total += weight;
	for (row = 0; row < cm->rows; row++) {
		uint64_t count = *cell_of(cm, item, row) += weight;

		least = count < least ? count : least;
	}
	add_candidate(cm, item, least);
	return 0;
}

uint64_t
sk_countmin_floor(const struct sk_countmin *cm)
{
	if (cm->items.n == 0 || cm->items.n < cm->candidates)
		return 0;
	return cm->items.slots[cm->heap[0]].count;
}

size_t
sk_countmin_list(const struct sk_countmin *cm, struct sk_items_row *rows)
{
	uint64_t error = sk_countmin_error(cm);
	uint32_t i;

	for (i = 0; i < cm->items.n; i++) {
		rows[i] = sk_items_row(&cm->items, i);
		rows[i].count = sk_countmin_count(cm, rows[i].item);
		rows[i].error = error < rows[i].count ? error :
		    rows[i].count;
	}
	sk_items_sort(rows, cm->items.n);
	return cm->items.n;
}

/* ---- images ---- */

void
sk_countmin_save(const struct sk_countmin *cm, struct sk_buf *buf)
{
	char head[HEAD] = { PREAMBLE, SERIAL, SK_COUNTMIN_FAMILY,
		cm->total == 0 ? EMPTY : 0 };
	struct sk_items_row *rows;
	size_t n, i;

	sk_put32(head + 8, cm->buckets);
	head[12] = (char)cm->rows;
	sk_put16(head + 13, SEED_HASH);
	sk_buf_add(buf, head, sizeof(head));
	if (cm->total == 0)
		return;
	sk_buf_put64(buf, cm->total);
	sk_buf_reserve(buf, ncells(cm) * sizeof(uint64_t));
	for (i = 0; i < ncells(cm); i++)
		sk_buf_put64(buf, cm->cells[i]);
	if (cm->items.n == 0)
		return;
	rows = sk_xalloc(cm->items.n, sizeof(*rows));
	n = sk_countmin_list(cm, rows);
	sk_buf_put32(buf, (uint32_t)n);
	for (i = 0; i < n; i++) {
		sk_buf_put32(buf, (uint32_t)rows[i].item.len);
		sk_buf_view(buf, rows[i].item);
	}
	free(rows);
}

struct image {
	uint32_t buckets;
	uint32_t rows;
	uint64_t total;
	const char *cells;
	struct sk_view candidates;
	uint32_t ncandidates;
	bool doubles;
};

static int
check_head(struct image *from, struct sk_view image, struct sk_diag *diag)
{
	const unsigned char *head = (const unsigned char *)image.ptr;

	if (image.len < HEAD && (image.len < 3 ||
	    head[2] == SK_COUNTMIN_FAMILY))
		return sk_diag_set(diag, SK_EDATA, "cut short");
	if (head[2] != SK_COUNTMIN_FAMILY)
		return sk_diag_set(diag, SK_EDATA, "not a Count-Min sketch");
	if (head[1] != SERIAL)
		return sk_diag_set(diag, SK_EVERSION,
		    "a Count-Min sketch of version %d", head[1]);
	if (head[0] != PREAMBLE)
		return sk_diag_set(diag, SK_EDATA, "a wrong preamble");
	from->buckets = sk_get32(head + 8);
	from->rows = head[12];
	if (sk_get16(head + 13) != SEED_HASH)
		return sk_diag_set(diag, SK_EDATA,
		    "a Count-Min sketch with another seed");
	if (from->rows < 1 || from->rows > SK_COUNTMIN_ROWS_MAX ||
	    from->buckets < SK_COUNTMIN_BUCKETS_MIN ||
	    from->buckets > SK_COUNTMIN_BUCKETS_MAX)
		return sk_diag_set(diag, SK_EDATA,
		    "%u rows of %u buckets", from->rows, from->buckets);
	return 0;
}

/* That the candidates are distinct items which end where the image does. */
static int
check_candidates(struct image *from, const struct sk_countmin *cm,
    struct sk_diag *diag)
{
	struct sk_view at = from->candidates;
	struct sk_keys keys;
	uint32_t i;
	size_t len;
	int err = 0;

	sk_keys_init(&keys, SK_KEYS_NONE - 1);
	for (i = 0; i < from->ncandidates && err == 0; i++) {
		if (at.len < sizeof(uint32_t) ||
		    at.len - sizeof(uint32_t) < (len = sk_get32(at.ptr)))
			err = sk_diag_set(diag, SK_EDATA, "cut short");
		else if (len > cm->items.max_item)
			err = sk_diag_set(diag, SK_EDATA,
			    "an item of %zu bytes (--max-item)", len);
		else if (sk_keys_find(&keys, sk_view(at.ptr +
		    sizeof(uint32_t), len)) != i)
			err = sk_diag_set(diag, SK_EDATA, "an item twice");
		else
			at = sk_view(at.ptr + sizeof(uint32_t) + len,
			    at.len - sizeof(uint32_t) - len);
	}
	sk_keys_free(&keys);
	if (err == 0 && at.len != 0)
		err = sk_diag_set(diag, SK_EDATA, "bytes behind the end");
	return err;
}

/* A number of the image; more than any total if it is not a whole one. */
static uint64_t
number(const struct image *from, const char *at)
{
	double v = sk_get_f64(at);

	if (!from->doubles)
		return sk_get64(at);
	return v >= 0 && v < 0x1p53 && v == floor(v) ? (uint64_t)v :
	    UINT64_MAX;
}

static bool
row_is_total(const struct image *from, uint32_t row)
{
	const char *cells = from->cells +
	    (size_t)row * from->buckets * sizeof(uint64_t);
	uint64_t left = from->total;
	uint32_t i;

	for (i = 0; i < from->buckets; i++) {
		uint64_t count = number(from, cells + i * sizeof(count));

		if (count > left)
			return false;
		left -= count;
	}
	return left == 0;
}

static bool
rows_are_total(struct image *from, bool doubles)
{
	uint32_t row = 0;

	from->doubles = doubles;
	from->total = number(from, from->cells - sizeof(from->total));
	if (from->total == UINT64_MAX)
		return false;
	while (row < from->rows && row_is_total(from, row))
		row++;
	return row == from->rows;
}

/* Everything is checked before anything is changed. */
static int
check_image(struct image *from, const struct sk_countmin *cm,
    struct sk_view image, struct sk_diag *diag)
{
	int err = check_head(from, image, diag);
	size_t end;

	if (err != 0)
		return err;
	if ((image.ptr[3] & EMPTY) != 0)
		return image.len == HEAD ? 0 : sk_diag_set(diag, SK_EDATA,
		    "bytes behind the end");
	end = BEGIN + (size_t)from->rows * from->buckets * sizeof(uint64_t);
	if (image.len < end)
		return sk_diag_set(diag, SK_EDATA, "cut short");
	from->cells = image.ptr + BEGIN;
	if (!rows_are_total(from, true) && !rows_are_total(from, false))
		return sk_diag_set(diag, SK_EDATA,
		    "a row that is not the total");
	if (from->total > SK_ITEMS_TOTAL_MAX - cm->total)
		return sk_diag_set(diag, SK_EDATA, "a total over 2^63");
	if (image.len - end >= sizeof(uint32_t)) {
		from->ncandidates = sk_get32(image.ptr + end);
		end += sizeof(uint32_t);
	}
	from->candidates = sk_view(image.ptr + end, image.len - end);
	return check_candidates(from, cm, diag);
}

/* Candidates of both sides, with the counts of the table that they now have.
 * Those of this sketch come from it, so they are put out of its way. */
static void
fold_candidates(struct sk_countmin *cm, const struct image *from)
{
	struct sk_countmin old = *cm;
	struct sk_items_row *rows = sk_xalloc((size_t)cm->items.n +
	    from->ncandidates + 1, sizeof(*rows));
	const char *at = from->candidates.ptr;
	size_t n, i;

	n = sk_countmin_list(cm, rows);
	for (i = 0; i < from->ncandidates; i++) {
		struct sk_view item = sk_view(at + sizeof(uint32_t),
		    sk_get32(at));

		at = item.ptr + item.len;
		if (sk_items_get(&cm->items, item) != NULL)
			continue;
		rows[n].item = item;
		rows[n++].count = sk_countmin_count(cm, item);
	}
	sk_items_sort(rows, n);
	cm->items.n = cm->items.cap = 0;
	cm->items.slots = NULL;
	cm->items.chains = NULL;
	cm->items.errors = NULL;
	cm->items.far = NULL;
	cm->heap = NULL;
	cm->place = NULL;
	for (i = 0; i < n && i < cm->candidates; i++)
		add_candidate(cm, rows[i].item, rows[i].count);
	free(rows);
	sk_items_free(&old.items);
	free(old.heap);
	free(old.place);
}

int
sk_countmin_fold(struct sk_countmin *cm, struct sk_view image,
    struct sk_diag *diag)
{
	struct image from = { 0 };
	int err = check_image(&from, cm, image, diag);
	size_t i;

	if (err != 0)
		return err;
	if (from.total == 0)
		return 0;
	if (cm->cells == NULL) {
		cm->rows = from.rows;
		cm->buckets = from.buckets;
	}
	if (cm->rows != from.rows || cm->buckets != from.buckets)
		return sk_diag_set(diag, SK_EDATA,
		    "%u rows of %u buckets do not merge with %u of %u",
		    from.rows, from.buckets, cm->rows, cm->buckets);
	need_cells(cm);
	for (i = 0; i < ncells(cm); i++)
		cm->cells[i] += number(&from, from.cells +
		    i * sizeof(uint64_t));
	cm->total += from.total;
	fold_candidates(cm, &from);
	return 0;
}
