/*
 * State per key (-k): from the key fields of an event to the number of its
 * group, and from groups, in the order of their keys' bytes, to the key
 * columns of records.
 *
 * Several key fields make one key, framed so that keys sort as their values
 * do, field by field.  The caller's state is an array indexed by group number.
 */
#ifndef SK_STREAM_GROUP_H
#define SK_STREAM_GROUP_H

#include <stddef.h>
#include <stdint.h>

#include "base/keys.h"
#include "format/record.h"
#include "stream/op.h"
#include "stream/run.h"

#define SK_GROUP_FIELDS_MAX 16

struct sk_group {
	size_t nfields;
	struct sk_keys keys;
	struct sk_buf key; /* of the event at hand, when of several fields */
};

/* Parse -k behind the wants that stand there: the wants grow by one for each
 * key field.  A wrong FIELD ends the program with status 2. */
void sk_group_init(struct sk_group *group, const struct sk_cmd *cmd,
    const struct sk_shared *shared, struct sk_want *want, size_t *nwant);
void sk_group_free(struct sk_group *group);

/* The group of event i of a batch, whose key fields begin at field `first`;
 * SK_KEYS_NONE when there are too many keys. */
uint32_t sk_group_find(struct sk_group *group, const struct sk_batch *batch,
    size_t first, size_t i);

/* The key columns of a record. */
void sk_group_put(const struct sk_group *group, uint32_t number,
    struct sk_record *record);

#endif
