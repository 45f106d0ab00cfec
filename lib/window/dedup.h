/*
 * Which keys have been seen: of all time, within a horizon of time, or among
 * the last N that came.
 *
 *	ever     a key is seen for ever
 *	within   so long after (and before) an event of it that was new; further
 *	         events of the key do not make it longer
 *	last     as long as fewer than `last` other keys have come since it did;
 *	         with last = 1 it is the line before that counts
 *
 * Of `within`, the caller says how far time has come (sk_dedup_advance): what
 * is `within_ns` before that is forgotten, and an event from before it cannot
 * be decided any more.
 *
 * Exact: a table of the keys; the cost is a cache miss or two an event.
 * Memory (base/table.h): 32 bytes (with a time or an order 48) and 11 to 22
 * bytes a key, and keys of more than 24 bytes themselves.
 *
 * Approximate: a filter of a fixed size (sketch/cuckoo.h) with room for
 * `capacity` keys.  It forgets in sixths: of `within` up to a fifth of the
 * horizon later, of `ever` what came before the last `capacity` keys.  What is
 * forgotten because there is no room is counted.  Memory: 2.6 bytes a key of
 * the capacity, or 5.2 if it is wide.
 */
#ifndef SK_WINDOW_DEDUP_H
#define SK_WINDOW_DEDUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/table.h"
#include "sketch/cuckoo.h"

#define SK_DEDUP_CAPACITY_MAX (SK_CUCKOO_CAPACITY_MAX / 6 * 5)

struct sk_dedup_conf {
	int64_t within_ns;  /* 0: no horizon of time */
	uint32_t last;      /* 0: no such horizon; not with within_ns */
	bool approximate;   /* not with last */
	bool wide;
	uint64_t capacity;
};

struct sk_dedup {
	struct sk_dedup_conf conf;
	int64_t now_ns;        /* how far time has come */
	struct sk_table table;
	uint64_t seed;
	uint32_t first;        /* of the list of keys, oldest first */
	uint32_t newest;
	struct sk_cuckoo filter;
	int64_t generation;    /* the newest */
	int64_t span;          /* of one: ns, or keys */
	uint64_t filled;       /* keys of the newest */
	uint64_t nforgotten;   /* for want of room */
};

void sk_dedup_init(struct sk_dedup *dedup, const struct sk_dedup_conf *conf);
void sk_dedup_free(struct sk_dedup *dedup);

/* The hash of a key, for the calls below. */
uint64_t sk_dedup_hash(const struct sk_dedup *dedup, struct sk_view key);

/* The two steps of having at hand what a key needs. */
void sk_dedup_prefetch(const struct sk_dedup *dedup, uint64_t hash);
void sk_dedup_prefetch_entry(const struct sk_dedup *dedup, uint64_t hash);
/* The same for the n keys that are forgotten next. */
void sk_dedup_prefetch_oldest(const struct sk_dedup *dedup, size_t n);

/* Time has come so far; earlier than before: nothing happens. */
void sk_dedup_advance(struct sk_dedup *dedup, int64_t now_ns);

/* Is an event of this time from before what is remembered? */
bool sk_dedup_is_past(const struct sk_dedup *dedup, int64_t t_ns);

/* An event of this time, which is not past: is its key new?  Then it is seen
 * from now on. */
bool sk_dedup_is_new(struct sk_dedup *dedup, struct sk_view key,
    uint64_t hash, int64_t t_ns);

/* The opposite, and nothing changes. */
bool sk_dedup_knows(const struct sk_dedup *dedup, struct sk_view key,
    uint64_t hash, int64_t t_ns);

/* What is remembered as bytes, and back into one of the same conf, newly made:
 * it goes on as the one that was saved.  SK_EDATA with words in diag. */
void sk_dedup_save(const struct sk_dedup *dedup, struct sk_buf *buf);
int sk_dedup_load(struct sk_dedup *dedup, struct sk_view *bytes,
    struct sk_diag *diag);

#endif
