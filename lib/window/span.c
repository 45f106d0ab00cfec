#include "window/span.h"
#include "window/sum.h"

#define SECOND UINT64_C(1000000000)

void
sk_span_init(struct sk_span *span)
{
	*span = (struct sk_span){ .first.scale = SK_DECIMAL_NONE,
		.last.scale = SK_DECIMAL_NONE };
}

static bool
is_empty(const struct sk_span *span)
{
	return sk_decimal_is_none(&span->first);
}

void
sk_span_add(struct sk_span *span, int64_t at_ns,
    const struct sk_decimal *number)
{
	if (is_empty(span) || at_ns < span->first_ns) {
		span->first_ns = at_ns;
		span->first = *number;
	}
	if (sk_decimal_is_none(&span->last) || at_ns >= span->last_ns) {
		span->last_ns = at_ns;
		span->last = *number;
	}
}

void
sk_span_merge(struct sk_span *into, const struct sk_span *from)
{
	if (is_empty(from))
		return;
	if (is_empty(into)) {
		*into = *from;
		return;
	}
	if (from->first_ns < into->first_ns) {
		into->first_ns = from->first_ns;
		into->first = from->first;
	}
	if (from->last_ns >= into->last_ns) {
		into->last_ns = from->last_ns;
		into->last = from->last;
	}
}

static struct sk_sum
difference(const struct sk_span *span)
{
	struct sk_decimal less = span->first;
	struct sk_sum sum = { 0 };

	less.mantissa = -less.mantissa;
	less.real = -less.real;
	sk_sum_add(&sum, &span->last);
	sk_sum_add(&sum, &less);
	return sum;
}

int
sk_span_put(const struct sk_span *span, struct sk_record *record)
{
	struct sk_sum sum;
	int err;

	if (is_empty(span)) {
		sk_record_null(record);
		return 0;
	}
	sum = difference(span);
	err = sk_sum_put(&sum, record);
	sk_sum_free(&sum);
	return err;
}

void
sk_span_put_rate(const struct sk_span *span, struct sk_record *record)
{
	uint64_t between = (uint64_t)span->last_ns - (uint64_t)span->first_ns;
	struct sk_sum sum;

	if (is_empty(span) || between == 0) {
		sk_record_null(record);
		return;
	}
	sum = difference(span);
	sk_record_f64(record, sk_sum_over(&sum, SECOND, between));
	sk_sum_free(&sum);
}

void
sk_span_save(const struct sk_span *span, struct sk_buf *buf)
{
	sk_decimal_save(&span->first, buf);
	if (is_empty(span))
		return;
	sk_pack_i64(buf, span->first_ns);
	sk_decimal_save(&span->last, buf);
	sk_pack_i64(buf, span->last_ns);
}

void
sk_span_load(struct sk_span *span, struct sk_unpack *from)
{
	sk_span_init(span);
	sk_decimal_load(&span->first, from);
	if (!is_empty(span)) {
		span->first_ns = sk_unpack_i64(from);
		sk_decimal_load(&span->last, from);
		span->last_ns = sk_unpack_i64(from);
		if (sk_decimal_is_none(&span->last) ||
		    span->last_ns < span->first_ns)
			from->bad = true;
	}
	if (from->bad)
		sk_span_init(span);
}
