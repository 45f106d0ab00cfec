/*
 * The values beside the greatest (least) of some numbers: a list, in the order
 * of their times, since numbers may be equal.  48 bytes and the list.
 */
#ifndef SK_WINDOW_ARG_H
#define SK_WINDOW_ARG_H

#include "window/decimal.h"
#include "window/list.h"

struct sk_arg {
	struct sk_decimal number; /* none: it is empty */
	struct sk_list *list;
};

void sk_arg_init(struct sk_arg *arg);
void sk_arg_free(struct sk_arg *arg);
/* to is overwritten. */
void sk_arg_copy(struct sk_arg *to, const struct sk_arg *from);
/* sign: 1 for the greatest, -1 for the least; at most `max` values. */
void sk_arg_add(struct sk_arg *arg, int sign, int64_t at_ns,
    const struct sk_decimal *number, const struct sk_valued *value,
    uint32_t max);
void sk_arg_merge(struct sk_arg *into, int sign, const struct sk_arg *from,
    uint32_t max);
void sk_arg_save(const struct sk_arg *arg, struct sk_buf *buf);
/* arg is overwritten, and empty if the bytes are none. */
void sk_arg_load(struct sk_arg *arg, struct sk_unpack *from);

#endif
