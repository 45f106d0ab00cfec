/*
 * Count-Min: a table that answers how often any one item was seen, and beside
 * it the items that were seen most.
 *
 * An item adds to one of `buckets` cells in each of `rows` rows, and its count
 * is the least of its cells.  For any item, asked for later or listed:
 *
 *	true count <= count
 *	count - error <= true count	for each item with probability
 *					1 - 1/e^rows
 *
 * where error = e / buckets * total, rounded down.  So other than in topk.h the
 * lower bound is one of chance, on the hashes, not on the stream; but one who
 * knows them (they have no secret) can make items collide.
 *
 * Of the items, those with the greatest counts at the time they last came are
 * kept, `candidates` of them, in a heap.  Rows give their counts in the table.
 *
 * The caller owns the struct, which may be moved.  No argument is kept, items
 * are copied.  Results follow from the order of the stream alone, and those
 * of the table not even from that: tables merge exactly, in any order.
 *
 * Memory: 8 bytes * rows * buckets, 160 KiB as usual, from the first event on;
 * and up to 80 bytes for each candidate, long items as in topk.h.
 *
 * Cost: some 200 ns for an item of 15 bytes, with 5 rows.
 *
 * Images are those of the Count-Min sketch of Apache DataSketches in C++ with
 * its usual seed (rows hash with numbers of libstdc++'s generator, so that
 * images of Java and Go cannot be read).  The candidates stand behind the end
 * of what it reads, so that it reads ours.  Those of Python, which count in
 * doubles, are read if they counted whole numbers, and not written.
 *
 * Source: Cormode, Muthukrishnan: An Improved Data Stream Summary: The
 * Count-Min Sketch and its Applications (J. Algorithms 55, 2005), sections 3
 * and 5.2.
 */
#ifndef SK_SKETCH_COUNTMIN_H
#define SK_SKETCH_COUNTMIN_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "sketch/items.h"

#define SK_COUNTMIN_FAMILY 18
#define SK_COUNTMIN_ROWS 5
#define SK_COUNTMIN_ROWS_MAX 10
#define SK_COUNTMIN_BUCKETS_MIN 3
#define SK_COUNTMIN_BUCKETS_MAX (UINT32_C(1) << 24)

struct sk_countmin {
	uint32_t buckets;
	uint32_t rows;
	uint32_t candidates; /* how many are kept; 0: none */
	uint64_t total;
	uint64_t *cells;     /* row by row; NULL: nothing was added */
	struct sk_items items; /* the candidates */
	uint32_t *heap;      /* numbers of items, the least count first */
	uint32_t *place;     /* of an item in the heap */
};

/* seed is that of the candidates' table; 0: draw one.  It does not show in
 * any result. */
void sk_countmin_init(struct sk_countmin *cm, uint32_t buckets, uint32_t rows,
    uint32_t candidates, uint32_t max_item, uint64_t seed);
void sk_countmin_free(struct sk_countmin *cm); /* a zeroed one too */

/* As sk_topk_add(). */
int sk_countmin_add(struct sk_countmin *cm, struct sk_view item,
    uint64_t weight);

/* The count of any item. */
uint64_t sk_countmin_count(const struct sk_countmin *cm,
    struct sk_view item);

/* The error of every count, but that none is above the count itself. */
uint64_t sk_countmin_error(const struct sk_countmin *cm);

/* The least count of the candidates when they last came, if no more are kept:
 * without merges, no other item was seen more often.  Else 0. */
uint64_t sk_countmin_floor(const struct sk_countmin *cm);

/* The candidates as sk_items_list() has them, with counts of the table; room
 * for cm->items.n. */
size_t sk_countmin_list(const struct sk_countmin *cm,
    struct sk_items_row *rows);

/* Add the image to buf. */
void sk_countmin_save(const struct sk_countmin *cm, struct sk_buf *buf);

/*
 * Add an image to a sketch.  An empty sketch takes its rows and buckets, if
 * the image is not empty; another must have the same.  SK_EDATA or SK_EVERSION
 * with the reason in diag, and nothing changes, if it is damaged or foreign or
 * does not fit.
 */
int sk_countmin_fold(struct sk_countmin *cm, struct sk_view image,
    struct sk_diag *diag);

#endif
