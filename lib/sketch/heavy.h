/*
 * Heavy hitters by any of three methods, and with decay: what sk-topk keeps
 * for each key.
 *
 *	Space-Saving     topk.h      a fixed number of counters; the best
 *	                             bounds for the memory
 *	Lossy Counting   lossy.h     the same bound on errors; counts are exact
 *	                             or were forgotten, more memory
 *	Count-Min        countmin.h  a table that answers for any item, with
 *	                             bounds of chance; merges exactly
 *
 * Decay is forward decay over Space-Saving: an event at time t weighs
 * 2^((t - t0) / half-life), where t0 is moved on before numbers become too
 * large, and all counts are seen from the time they are asked for.  So the
 * order in which events come does not matter, but for what Space-Saving takes
 * over.
 *
 * The first two are saved as frequent items, and each reads the other's;
 * Count-Min as itself; what decays is not saved.
 *
 * The caller owns the struct, which may be moved; conf stays where it is.
 *
 * Source of decay: Cormode, Shkapenyuk, Srivastava, Xu: Forward Decay: A
 * Practical Time Decay Model for Streaming Systems (ICDE 2009).
 */
#ifndef SK_SKETCH_HEAVY_H
#define SK_SKETCH_HEAVY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "sketch/countmin.h"
#include "sketch/items.h"
#include "sketch/lossy.h"
#include "sketch/topk.h"

enum sk_heavy_method {
	SK_HEAVY_SPACE_SAVING,
	SK_HEAVY_LOSSY_COUNTING,
	SK_HEAVY_COUNT_MIN
};

struct sk_heavy_conf {
	int method;           /* enum sk_heavy_method */
	bool chosen;          /* it was given: an image has to be of it */
	uint64_t counters;    /* counters, width or buckets: up to 2^24 */
	bool fixed;           /* an image with more items brings no counters */
	uint64_t max_item;    /* up to 2^24 bytes */
	uint64_t rows;        /* of Count-Min, up to 10 */
	int64_t half_life_ns; /* 0: no decay; else with Space-Saving only */
	uint64_t seed;        /* of tables, for all sketches; not 0 */
};

struct sk_heavy {
	const struct sk_heavy_conf *conf;
	int64_t since_ns; /* t0; INT64_MIN: no event yet */
	union {
		struct sk_topk topk;
		struct sk_lossy lossy;
		struct sk_countmin cm;
	} of;
};

void sk_heavy_init(struct sk_heavy *heavy, const struct sk_heavy_conf *conf);
void sk_heavy_free(struct sk_heavy *heavy);

/* As sk_topk_add() and sk_topk_add_batch().  The time of the events matters
 * with decay only; one so long before the latest that it counts for nothing is
 * passed over. */
int sk_heavy_add(struct sk_heavy *heavy, struct sk_view item,
    uint64_t weight, int64_t at_ns);
size_t sk_heavy_add_batch(struct sk_heavy *heavy, const struct sk_view *items,
    size_t n, int64_t at_ns);

/* Rows, and how many there may be.  With decay counts and errors are doubles,
 * see sk_topk_real(), to be multiplied by sk_heavy_factor(), else 1. */
size_t sk_heavy_rows(const struct sk_heavy *heavy);
size_t sk_heavy_list(const struct sk_heavy *heavy, struct sk_items_row *rows);
double sk_heavy_factor(const struct sk_heavy *heavy, int64_t now_ns);

/* The weight of all events, and the count that items without a row have at
 * most (with Count-Min likely); doubles as above with decay. */
uint64_t sk_heavy_total(const struct sk_heavy *heavy);
uint64_t sk_heavy_floor(const struct sk_heavy *heavy);

/* The row of any item, whether it has one or not; without decay. */
struct sk_items_row sk_heavy_ask(const struct sk_heavy *heavy,
    struct sk_view item);

/* Images, without decay.  SK_EDATA, SK_EVERSION with the reason in diag, and
 * nothing changes, for one that is damaged, foreign or does not fit. */
void sk_heavy_save(const struct sk_heavy *heavy, struct sk_buf *buf);
int sk_heavy_fold(struct sk_heavy *heavy, struct sk_view image,
    struct sk_diag *diag);

/* The first image decides on the method of all, where none was chosen. */
void sk_heavy_adopt(struct sk_heavy *heavy, struct sk_heavy_conf *conf,
    struct sk_view image);

/* What an image holds, in words added to buf, and its total. */
int sk_heavy_about(struct sk_view image, struct sk_buf *buf, uint64_t *total,
    struct sk_diag *diag);

#endif
