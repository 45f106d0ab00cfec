/*
 * The key of an event: the values of the fields of -k, as one text.
 *
 * It is the value itself for one field of text.  Several are framed so that
 * keys sort as their values do, field by field.  Out of NDJSON the kind of a
 * value is a part of it: the number 200 and the string "200" are two keys, and
 * go out as they came.
 */
#ifndef SK_STREAM_KEY_H
#define SK_STREAM_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "format/record.h"
#include "stream/op.h"
#include "stream/run.h"

#define SK_KEY_FIELDS_MAX 16

struct sk_key {
	size_t nfields;    /* 0: without -k all events have one, empty, key */
	size_t first;      /* the first key field among the wants */
	bool typed;        /* kinds are part of the keys */
	struct sk_buf buf; /* of the event at hand, when it is put together */
};

/* Parse -k behind the wants that stand there: the wants grow by one for each
 * key field.  A wrong FIELD ends the program with status 2. */
void sk_key_init(struct sk_key *key, const struct sk_cmd *cmd,
    const struct sk_shared *shared, struct sk_want *want, size_t *nwant);
void sk_key_free(struct sk_key *key);

/* What --save, --state, --load and --merge keep has the key fields under their
 * names beside the image, which is called `member`: where that runs, two equal
 * names end the program with status 2. */
void sk_key_saved(const struct sk_key *key, const struct sk_cmd *cmd,
    const struct sk_shared *shared, const struct sk_want *want,
    const char *member);

/* The key of event i of a batch, whose key fields are at field[first]; valid
 * until the next call, or as long as the batch. */
struct sk_view sk_key_of(struct sk_key *key, const struct sk_batch *batch,
    size_t i, size_t first);

/* The key columns of a record. */
void sk_key_put(const struct sk_key *key, struct sk_view text,
    struct sk_record *record);

#endif
