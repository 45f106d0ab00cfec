/*
 * Values in the order of their times; of equal times in the order they were
 * added.  A list keeps no more than `max` of them, the earliest, and counts
 * those that it left out.
 *
 * A list is its pointer, NULL while it is empty.  Memory: 72 bytes, 32 a value
 * and its bytes, and up to twice that.  A value that is not earlier than the
 * last one is added without moving any.
 */
#ifndef SK_WINDOW_LIST_H
#define SK_WINDOW_LIST_H

#include "window/values.h"

struct sk_listed {
	int64_t at_ns;
	size_t begin;      /* in bytes */
	uint32_t len;
	unsigned char kind;
};

struct sk_list {
	struct sk_listed *item;
	uint32_t n, cap;
	uint64_t left_out;
	struct sk_buf bytes;
	size_t unused;     /* of the bytes: of values that are gone */
};

void sk_list_free(struct sk_list **list);
/* to is overwritten. */
void sk_list_copy(struct sk_list **to, const struct sk_list *from);
void sk_list_reset(struct sk_list *list); /* empty, memory kept; NULL too */
void sk_list_add(struct sk_list **list, int64_t at_ns,
    const struct sk_valued *value, uint32_t max);
/* Where times are equal, those of into are the earlier. */
void sk_list_merge(struct sk_list **into, const struct sk_list *from,
    uint32_t max);

/* Value i, below the n of the list; valid until it changes. */
struct sk_valued sk_list_get(const struct sk_list *list, uint32_t i);
/* A list of JSON; null if it is empty. */
void sk_list_put(const struct sk_list *list, struct sk_record *record);

void sk_list_save(const struct sk_list *list, struct sk_buf *buf);
/* list is overwritten, and empty if the bytes are none. */
void sk_list_load(struct sk_list **list, struct sk_unpack *from);

#endif
