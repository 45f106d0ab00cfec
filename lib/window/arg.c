#include "window/arg.h"

void
sk_arg_init(struct sk_arg *arg)
{
	*arg = (struct sk_arg){ .number.scale = SK_DECIMAL_NONE };
}

void
sk_arg_free(struct sk_arg *arg)
{
	sk_list_free(&arg->list);
	sk_arg_init(arg);
}

void
sk_arg_copy(struct sk_arg *to, const struct sk_arg *from)
{
	to->number = from->number;
	sk_list_copy(&to->list, from->list);
}

/* Whether values beside this number are to be kept; those beside a number that
 * it exceeds are dropped. */
static bool
rise(struct sk_arg *arg, int sign, const struct sk_decimal *number)
{
	int order = sk_decimal_is_none(&arg->number) ? 1 :
	    sign * sk_decimal_compare(number, &arg->number);

	if (order > 0) {
		sk_list_reset(arg->list);
		arg->number = *number;
	}
	return order >= 0;
}

void
sk_arg_add(struct sk_arg *arg, int sign, int64_t at_ns,
    const struct sk_decimal *number, const struct sk_valued *value,
    uint32_t max)
{
	if (rise(arg, sign, number))
		sk_list_add(&arg->list, at_ns, value, max);
}

void
sk_arg_merge(struct sk_arg *into, int sign, const struct sk_arg *from,
    uint32_t max)
{
	if (!sk_decimal_is_none(&from->number) &&
	    rise(into, sign, &from->number))
		sk_list_merge(&into->list, from->list, max);
}

void
sk_arg_save(const struct sk_arg *arg, struct sk_buf *buf)
{
	sk_decimal_save(&arg->number, buf);
	sk_list_save(arg->list, buf);
}

void
sk_arg_load(struct sk_arg *arg, struct sk_unpack *from)
{
	sk_decimal_load(&arg->number, from);
	sk_list_load(&arg->list, from);
	if (sk_decimal_is_none(&arg->number) != (arg->list == NULL))
		from->bad = true;
	if (from->bad)
		sk_arg_free(arg);
}
