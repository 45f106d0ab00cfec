#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "window/sum.h"

struct sk_sum_more {
	sk_i128 upper;        /* half of the total */
	struct sk_exact real; /* numbers that are doubles */
};

static unsigned
scale_of(const struct sk_sum *sum)
{
	return (unsigned)(sum->tally % SK_SUM_ONE);
}

/* An integer of 256 bits, two's complement. */
struct wide {
	sk_u128 low;
	sk_i128 high;
};

static struct wide
widen(sk_i128 value)
{
	return (struct wide){ (sk_u128)value, value < 0 ? -1 : 0 };
}

static struct wide
wide_of(const struct sk_sum *sum)
{
	if (sum->more == NULL)
		return widen(sum->total);
	return (struct wide){ (sk_u128)sum->total, sum->more->upper };
}

static bool
is_narrow(struct wide w)
{
	return w.high == ((sk_i128)w.low < 0 ? -1 : 0);
}

static struct wide
wide_plus(struct wide a, struct wide b)
{
	sk_u128 low = a.low + b.low;

	return (struct wide){ low, (sk_i128)((sk_u128)a.high +
	    (sk_u128)b.high + (low < a.low)) };
}

/* The low 256 bits of the product, in which the sign takes care of itself. */
static struct wide
wide_times(struct wide a, uint64_t factor)
{
	sk_u128 p0 = (a.low & UINT64_MAX) * factor;
	sk_u128 p1 = (a.low >> 64) * factor + (p0 >> 64);

	return (struct wide){ p1 << 64 | (p0 & UINT64_MAX),
		(sk_i128)((sk_u128)a.high * factor + (p1 >> 64)) };
}

void
sk_sum_free(struct sk_sum *sum)
{
	if (sum->more != NULL)
		sk_exact_free(&sum->more->real);
	free(sum->more);
	*sum = (struct sk_sum){ 0 };
}

static struct sk_sum_more *
more_of(struct sk_sum *sum)
{
	if (sum->more == NULL) {
		sum->more = sk_xcalloc(1, sizeof(*sum->more));
		sum->more->upper = widen(sum->total).high;
	}
	return sum->more;
}

void
sk_sum_copy(struct sk_sum *to, const struct sk_sum *from)
{
	*to = *from;
	if (from->more == NULL)
		return;
	to->more = sk_xalloc(1, sizeof(*to->more));
	*to->more = *from->more;
	sk_exact_copy(&to->more->real, &from->more->real);
}

static void
set_total(struct sk_sum *sum, struct wide w)
{
	if (sum->more != NULL || !is_narrow(w))
		more_of(sum)->upper = w.high;
	sum->total = (sk_i128)w.low;
}

static void
add_wide(struct sk_sum *sum, struct wide w, unsigned scale)
{
	if (scale < scale_of(sum))
		w = wide_times(w, sk_decimal_power[scale_of(sum) - scale]);
	else if (scale > scale_of(sum)) {
		set_total(sum, wide_times(wide_of(sum),
		    sk_decimal_power[scale - scale_of(sum)]));
		sum->tally += scale - scale_of(sum);
	}
	set_total(sum, wide_plus(wide_of(sum), w));
}

void
sk_sum_add_any(struct sk_sum *sum, const struct sk_decimal *number)
{
	if (sk_decimal_is_exact(number))
		add_wide(sum, widen(number->mantissa), number->scale);
	else
		sk_exact_add_f64(&more_of(sum)->real, number->real);
	sum->tally += SK_SUM_ONE;
}

void
sk_sum_merge(struct sk_sum *into, const struct sk_sum *from)
{
	sk_i128 total;

	into->tally += sk_sum_n(from) * SK_SUM_ONE;
	if (SK_LIKELY(scale_of(from) == scale_of(into) && into->more == NULL &&
	    from->more == NULL && !__builtin_add_overflow(into->total,
	    from->total, &total))) {
		into->total = total;
		return;
	}
	add_wide(into, wide_of(from), scale_of(from));
	if (from->more != NULL && from->more->real.n > 0)
		sk_exact_merge(&more_of(into)->real, &from->more->real);
}

/* ---- results ---- */

double
sk_sum_over(const struct sk_sum *sum, uint64_t factor, uint64_t divisor)
{
	const sk_i128 whole = (sk_i128)1 << 53;
	sk_u128 below = (sk_u128)sk_decimal_power[scale_of(sum)] * divisor;
	struct wide w = wide_of(sum);
	struct sk_exact exact = { 0 }, above = { 0 };
	bool minus = w.high < 0;
	double value;

	/* A quotient of two doubles is rounded once. */
	if (factor == 1 && sum->more == NULL && sum->total <= whole &&
	    sum->total >= -whole && below <= (sk_u128)whole)
		return (double)(int64_t)sum->total / (double)(uint64_t)below;
	if (sum->more != NULL)
		sk_exact_add_times(&exact, &sum->more->real,
		    sk_decimal_power[scale_of(sum)]);
	if (minus) {
		w.low = ~w.low;
		w.high = ~w.high;
		w = wide_plus(w, widen(1));
	}
	sk_exact_add(&exact, minus, w.low, 0);
	sk_exact_add(&exact, minus, (sk_u128)w.high, 128);
	sk_exact_add_times(&above, &exact, factor);
	value = sk_exact_over(&above, below);
	sk_exact_free(&exact);
	sk_exact_free(&above);
	return value;
}

/* A whole number, in full. */
static int
put_whole(const struct sk_sum *sum, struct sk_record *record)
{
	sk_i128 power = (sk_i128)sk_decimal_power[scale_of(sum)];

	if (!is_narrow(wide_of(sum)) && scale_of(sum) == 0)
		return SK_ELIMIT;
	if (!is_narrow(wide_of(sum)) || sum->total % power != 0)
		return 0;
	sk_decimal_put_i128(sum->total / power, record);
	return 1;
}

int
sk_sum_put(const struct sk_sum *sum, struct sk_record *record)
{
	bool real = sum->more != NULL && sum->more->real.n > 0;
	int put = 0;
	double value;

	if (sk_sum_n(sum) == 0) {
		sk_record_null(record);
		return 0;
	}
	if (!real)
		put = put_whole(sum, record);
	if (put != 0)
		return put < 0 ? put : 0;
	value = sk_sum_over(sum, 1, 1);
	if (!isfinite(value))
		return SK_ELIMIT;
	sk_record_f64(record, value);
	return 0;
}

/* ---- bytes ---- */

#define HAS_UPPER UINT64_C(1)
#define HAS_REAL UINT64_C(2)
#define SCALE_SHIFT 2

void
sk_sum_save(const struct sk_sum *sum, struct sk_buf *buf)
{
	bool upper = !is_narrow(wide_of(sum));
	bool real = sum->more != NULL && sum->more->real.n > 0;

	sk_pack_u64(buf, sk_sum_n(sum));
	sk_pack_u64(buf, (uint64_t)scale_of(sum) << SCALE_SHIFT |
	    (real ? HAS_REAL : 0) | (upper ? HAS_UPPER : 0));
	sk_pack_i128(buf, sum->total);
	if (upper)
		sk_pack_i128(buf, sum->more->upper);
	if (real)
		sk_exact_save(&sum->more->real, buf);
}

void
sk_sum_load(struct sk_sum *sum, struct sk_unpack *from)
{
	uint64_t n, flags;

	*sum = (struct sk_sum){ 0 };
	n = sk_unpack_upto(from, SK_SUM_MAX);
	flags = sk_unpack_upto(from, (SK_DECIMAL_PLACES << SCALE_SHIFT) + 3);
	sum->tally = n * SK_SUM_ONE + (flags >> SCALE_SHIFT);
	sum->total = sk_unpack_i128(from);
	if ((flags & HAS_UPPER) != 0)
		more_of(sum)->upper = sk_unpack_i128(from);
	if ((flags & HAS_REAL) != 0)
		sk_exact_load(&more_of(sum)->real, from);
	if (from->bad)
		sk_sum_free(sum);
}
