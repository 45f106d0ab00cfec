/*
 * Values that are kept as they were written, with their kinds.
 *
 * A kept value of up to 16 bytes stands in the struct; a longer one has memory
 * of its own, which the values that come after it use again.  Zeroed ones are
 * empty.
 */
#ifndef SK_WINDOW_VALUES_H
#define SK_WINDOW_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/record.h"
#include "format/value.h"
#include "window/pack.h"

#define SK_KEPT_NEAR 16

/* A value and its kind; the text of none is NULL. */
struct sk_valued {
	struct sk_view text;
	unsigned char kind; /* enum sk_kind */
};

struct sk_kept {
	int64_t at_ns;
	union {
		char near[SK_KEPT_NEAR];
		struct {
			char *ptr;
			size_t cap;
		} far;
	} bytes;
	uint32_t len;
	unsigned char kind; /* SK_KIND_NONE: empty */
	bool is_far;
};

void sk_kept_free(struct sk_kept *kept);
/* to is overwritten: it holds nothing that would need a free. */
void sk_kept_copy(struct sk_kept *to, const struct sk_kept *from);
/* It holds this value instead of its own; up to 2^32 - 1 bytes. */
void sk_kept_set(struct sk_kept *kept, int64_t at_ns,
    const struct sk_valued *value);
/* text NULL if it is empty; valid until it changes or moves. */
struct sk_valued sk_kept_get(const struct sk_kept *kept);

void sk_kept_save(const struct sk_kept *kept, struct sk_buf *buf);
/* kept is overwritten, and empty if the bytes are none. */
void sk_kept_load(struct sk_kept *kept, struct sk_unpack *from);

/* A cell of a record; and as JSON text. */
void sk_valued_put(const struct sk_valued *value, struct sk_record *record);
void sk_valued_json(const struct sk_valued *value, struct sk_buf *buf);

void sk_valued_save(const struct sk_valued *value, struct sk_buf *buf);
/* A view into the bytes. */
struct sk_valued sk_valued_load(struct sk_unpack *from);

#endif
