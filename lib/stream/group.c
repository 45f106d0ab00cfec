#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "stream/group.h"

/* The next state, empty. */
static void
add_state(struct sk_group *group)
{
	if (group->n == group->cap) {
		group->cap = group->cap > 0 ? 2 * group->cap : 1;
		group->states = sk_xrealloc(group->states, group->cap,
		    group->size);
	}
	group->init(group->states + group->n++ * group->size);
}

void
sk_group_init(struct sk_group *group, const struct sk_cmd *cmd,
    const struct sk_shared *shared, struct sk_want *want, size_t *nwant,
    size_t size, void (*init)(void *state))
{
	memset(group, 0, sizeof(*group));
	sk_keys_init(&group->keys, shared->max_keys < SK_KEYS_NONE
	    ? (uint32_t)shared->max_keys : SK_KEYS_NONE);
	sk_key_init(&group->key, cmd, shared, want, nwant);
	group->size = size;
	group->init = init;
	if (group->key.nfields == 0)
		add_state(group);
}

void
sk_group_free(struct sk_group *group, void (*release)(void *state))
{
	uint32_t i;

	for (i = 0; i < group->n; i++)
		release(sk_group_get(group, i));
	free(group->states);
	sk_keys_free(&group->keys);
	sk_key_free(&group->key);
}

void *
sk_group_get(const struct sk_group *group, uint32_t number)
{
	return group->states + number * group->size;
}

uint32_t *
sk_group_sorted(const struct sk_group *group)
{
	if (group->key.nfields == 0)
		return sk_xcalloc(1, sizeof(uint32_t));
	return sk_keys_sorted(&group->keys);
}

void *
sk_group_state(struct sk_group *group, const struct sk_batch *batch, size_t i)
{
	return sk_group_keyed(group, batch, i,
	    group->key.first);
}

void *
sk_group_keyed(struct sk_group *group, const struct sk_batch *batch, size_t i,
    size_t first)
{
	uint32_t number = 0;

	if (group->key.nfields > 0)
		number = sk_keys_find(&group->keys,
		    sk_key_of(&group->key, batch, i, first));
	if (number == SK_KEYS_NONE)
		return NULL;
	if (number == group->n)
		add_state(group);
	return sk_group_get(group, number);
}

void
sk_group_put(const struct sk_group *group, uint32_t number,
    struct sk_record *record)
{
	if (group->key.nfields > 0)
		sk_key_put(&group->key, sk_keys_get(&group->keys, number),
		    record);
}
