/*
 * Sources: the files a tail takes lines from, as the log knows them.
 *
 * Each block says in a SOURCE TLV for every file that gave lines to it where
 * those lines began and ended in the file; S holds the whole table.  So lines
 * and position are stored together or not at all, and the last segment is
 * enough to know them all.
 *
 *   0 u64 id   8 u64 dev   16 u64 ino   24 u32 fp_len   28 u32 last_day
 *  32 u64 fp_hash   40 u64 start_pos   48 u64 end_pos   56 name (<= 255)
 *
 * The fingerprint is XXH64 of the first fp_len = min(size, 1024) bytes.
 */
#ifndef SK_LOG_SOURCE_H
#define SK_LOG_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum {
	SK_SOURCE_FIXED = 56,
	SK_SOURCE_NAME_MAX = 255,
	SK_SOURCES_MAX = 65536,
	SK_SOURCE_FP_MAX = 1024
};

struct sk_source {
	uint64_t id;        /* random, drawn when the file is first seen */
	uint64_t dev;
	uint64_t ino;
	uint32_t fp_len;
	uint32_t last_day;  /* days since 1970 of the last line taken */
	uint64_t fp_hash;
	uint64_t start_pos; /* in S and P equal to end_pos */
	uint64_t end_pos;
	struct sk_view name; /* only a hint; cut to 255 bytes when stored */
};

/* Add a SOURCE TLV to buf. */
void sk_source_add(struct sk_buf *buf, const struct sk_source *source);

/* Decode the value of a SOURCE TLV; the name points into it.  SK_EDATA if its
 * length is wrong. */
int sk_source_decode(struct sk_view value, struct sk_source *source);

/* The table of live sources, sorted by id.  It owns copies of the names; an
 * entry is valid until the next put, drop or free.  A zeroed one is empty. */
struct sk_sources {
	struct sk_source *item;
	size_t n;
	size_t cap;
};

void sk_sources_free(struct sk_sources *sources);
struct sk_source *sk_sources_find(const struct sk_sources *sources,
    uint64_t id);

/* Add, or replace that of the same id: 0, or SK_ELIMIT when the table holds
 * SK_SOURCES_MAX others. */
int sk_sources_put(struct sk_sources *sources, const struct sk_source *source);

/* Take an entry out. */
void sk_sources_remove(struct sk_sources *sources, struct sk_source *source);

/* Put every SOURCE of a frame's TLVs.  SK_EDATA, SK_ELIMIT. */
int sk_sources_take(struct sk_sources *sources, struct sk_view tlvs);

/* Drop those whose last_day is before `day`. */
void sk_sources_drop(struct sk_sources *sources, uint32_t day);

/* Add all of them as TLVs, start_pos = end_pos, as S has them. */
void sk_sources_add(const struct sk_sources *sources, struct sk_buf *buf);

#endif
