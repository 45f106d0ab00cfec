/*
 * State per key (-k): each distinct value of the key fields has a state of the
 * tool's, made when its first event comes.  Without key fields there is one
 * state, which is there from the start.
 *
 * States are numbered in the order their keys came, and written in the order
 * of the keys' bytes.  They may move in memory when a further one is made, so
 * a state holds no pointer into itself.
 *
 * Memory: the states, the bytes of the keys, and up to 27 bytes a key.
 */
#ifndef SK_STREAM_GROUP_H
#define SK_STREAM_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/keys.h"
#include "stream/key.h"

struct sk_group {
	struct sk_key key;
	struct sk_keys keys;
	char *states;
	size_t size;       /* of a state */
	uint32_t n, cap;
	void (*init)(void *state);
};

/* Parse -k as sk_key_init() does.  `init` makes an empty state of `size`
 * bytes. */
void sk_group_init(struct sk_group *group, const struct sk_cmd *cmd,
    const struct sk_shared *shared, struct sk_want *want, size_t *nwant,
    size_t size, void (*init)(void *state));
void sk_group_free(struct sk_group *group, void (*release)(void *state));

/* The state of event i of a batch; NULL when there are too many keys. */
void *sk_group_state(struct sk_group *group, const struct sk_batch *batch,
    size_t i);

/* The same with the key fields at field[first] of the batch. */
void *sk_group_keyed(struct sk_group *group, const struct sk_batch *batch,
    size_t i, size_t first);

/* The state of this number, below group->n. */
void *sk_group_get(const struct sk_group *group, uint32_t number);

/* The numbers of all states in the order of their keys, for free(). */
uint32_t *sk_group_sorted(const struct sk_group *group);

/* The key columns of a record. */
void sk_group_put(const struct sk_group *group, uint32_t number,
    struct sk_record *record);

#endif
