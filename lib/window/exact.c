#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "window/exact.h"

#define LOW_MIN (-512)     /* of limbs: far beyond all that is added */
#define LIMBS_MAX 1024
#define LOAD_MAX 80        /* of limbs: the squares of all doubles are within */
#define ADDS_MAX (1u << 30) /* of less than 2^32 each */
#define MASK UINT32_MAX
#define F64_BITS 53
#define F64_LAST (-1074) /* the last bit of the smallest double */

void
sk_exact_free(struct sk_exact *sum)
{
	free(sum->limb);
	*sum = (struct sk_exact){ 0 };
}

void
sk_exact_copy(struct sk_exact *to, const struct sk_exact *from)
{
	*to = *from;
	if (from->n == 0)
		return;
	to->limb = sk_xalloc(from->n, sizeof(*to->limb));
	memcpy(to->limb, from->limb, from->n * sizeof(*to->limb));
}

/* The quotient by 32, downwards. */
static inline int
limb_of(int exponent)
{
	return exponent >= 0 ? exponent / 32 : -((31 - exponent) / 32);
}

/* Have limbs from `low` on, up to but without `end`. */
static void
reach(struct sk_exact *sum, int low, int end)
{
	int old_end = sum->low + sum->n;
	int64_t *limb;

	if (sum->n == 0)
		sum->low = (int16_t)(old_end = low);
	if (low > sum->low)
		low = sum->low;
	if (end < old_end)
		end = old_end;
	if (end - low == sum->n)
		return;
	sk_assert(low >= LOW_MIN && end - low <= LIMBS_MAX);
	limb = sk_xcalloc((size_t)(end - low), sizeof(*limb));
	if (sum->n > 0)
		memcpy(limb + (sum->low - low), sum->limb,
		    sum->n * sizeof(*limb));
	free(sum->limb);
	sum->limb = limb;
	sum->low = (int16_t)low;
	sum->n = (uint16_t)(end - low);
}

/* Pass carries on: all limbs but the last are below 2^32, the last has the
 * sign and lies within 32 bits of it. */
static void
carry(struct sk_exact *sum)
{
	int64_t up;
	size_t i;

	sum->adds = 0;
	for (i = 0; i + 1u < sum->n; i++) {
		up = (sum->limb[i] - (sum->limb[i] & MASK)) /
		    (INT64_C(1) << 32);
		sum->limb[i] &= MASK;
		sum->limb[i + 1] += up;
	}
	while (sum->n > 0 && (sum->limb[i] > INT32_MAX ||
	    sum->limb[i] < INT32_MIN)) {
		reach(sum, sum->low, sum->low + sum->n + 1);
		up = (sum->limb[i] - (sum->limb[i] & MASK)) /
		    (INT64_C(1) << 32);
		sum->limb[i] &= MASK;
		sum->limb[++i] += up;
	}
}

void
sk_exact_add(struct sk_exact *sum, bool minus, sk_u128 mantissa,
    int exponent)
{
	int at = limb_of(exponent);
	unsigned shift = (unsigned)(exponent - 32 * at), n = 1;
	uint64_t part = (uint64_t)mantissa << shift & MASK;
	sk_u128 left = mantissa >> (32 - shift);
	int64_t *limb;

	if (mantissa == 0)
		return;
	while (left >> (32 * (n - 1)) != 0 && ++n < 5)
		continue;
	if (at < sum->low || at + (int)n > sum->low + sum->n || sum->n == 0)
		reach(sum, at, at + (int)n);
	for (limb = sum->limb + (at - sum->low);; limb++) {
		*limb += minus ? -(int64_t)part : (int64_t)part;
		if (left == 0)
			break;
		part = (uint64_t)left & MASK;
		left >>= 32;
	}
	if (++sum->adds == ADDS_MAX)
		carry(sum);
}

/* A finite double as an odd mantissa and an exponent; 0 for 0. */
static uint64_t
split(double value, int *exponent)
{
	uint64_t bits = sk_bits_of(value), mantissa;
	int zeros;

	*exponent = (int)(bits >> 52 & 0x7ff);
	mantissa = bits & ((UINT64_C(1) << 52) - 1);
	if (*exponent > 0)
		mantissa |= UINT64_C(1) << 52;
	else
		*exponent = 1;
	if (mantissa == 0)
		return 0;
	zeros = __builtin_ctzll(mantissa);
	*exponent += zeros - 1075;
	return mantissa >> zeros;
}

void
sk_exact_add_f64(struct sk_exact *sum, double value)
{
	int exponent;
	uint64_t mantissa = split(value, &exponent);

	sk_exact_add(sum, signbit(value) != 0, mantissa, exponent);
}

void
sk_exact_add_square(struct sk_exact *sum, double value)
{
	int exponent;
	uint64_t mantissa = split(value, &exponent);

	sk_exact_add(sum, false, (sk_u128)mantissa * mantissa, 2 * exponent);
}

void
sk_exact_merge(struct sk_exact *into, const struct sk_exact *from)
{
	sk_exact_add_times(into, from, 1);
}

void
sk_exact_add_times(struct sk_exact *into, const struct sk_exact *from,
    uint64_t factor)
{
	for (size_t i = 0; i < from->n; i++) {
		int64_t limb = from->limb[i];
		uint64_t size = limb < 0 ? 0 - (uint64_t)limb : (uint64_t)limb;

		sk_exact_add(into, limb < 0, (sk_u128)size * factor,
		    32 * (from->low + (int)i));
	}
}

/* ---- reading ---- */

/* A sum as its sign and digits of 32 bits, those at `low` first; the sum is
 * taken. */
struct digits {
	struct sk_exact size;
	bool minus;
};

static struct digits
take_digits(struct sk_exact sum)
{
	struct digits d = { sum, false };
	size_t i;

	carry(&d.size);
	d.minus = d.size.n > 0 && d.size.limb[d.size.n - 1] < 0;
	if (d.minus) {
		for (i = 0; i < d.size.n; i++)
			d.size.limb[i] = -d.size.limb[i];
		carry(&d.size);
	}
	while (d.size.n > 0 && d.size.limb[d.size.n - 1] == 0)
		d.size.n--;
	return d;
}

void
sk_exact_less_square(struct sk_exact *into, const struct sk_exact *from)
{
	struct sk_exact copy;
	struct digits d;
	size_t i, j;

	sk_exact_copy(&copy, from);
	d = take_digits(copy);
	for (i = 0; i < d.size.n; i++)
		for (j = 0; j < d.size.n; j++)
			sk_exact_add(into, true, (sk_u128)(uint64_t)
			    d.size.limb[i] * (uint64_t)d.size.limb[j],
			    64 * d.size.low + 32 * (int)(i + j));
	sk_exact_free(&d.size);
}

/* Long division, bit by bit from the top: the first bits of the quotient, up to
 * one more than a double has, and whether there is more behind them. */
static double
divide(const struct digits *d, sk_u128 divisor)
{
	int low = 32 * d->size.low, bit = low + 32 * (int)d->size.n;
	int last = F64_LAST - 1;
	uint64_t quotient = 0;
	sk_u128 rest = 0;

	while (--bit >= last) {
		rest <<= 1;
		if (bit >= low)
			rest |= (sk_u128)(d->size.limb[(bit - low) / 32] >>
			    (bit - low) % 32 & 1);
		quotient <<= 1;
		if (rest < divisor)
			continue;
		if (quotient == 0 && bit - F64_BITS > last)
			last = bit - F64_BITS;
		rest -= divisor;
		quotient |= 1;
	}
	bit++;
	for (int i = low; i < bit && rest == 0; i++)
		rest = (sk_u128)(d->size.limb[(i - low) / 32] >>
		    (i - low) % 32 & 1);
	/* The last bit is worth a half of what a double has. */
	quotient = (quotient >> 1) + ((quotient & 1) != 0 &&
	    (rest != 0 || (quotient & 2) != 0));
	return ldexp((double)quotient, bit + 1);
}

double
sk_exact_over(const struct sk_exact *sum, sk_u128 divisor)
{
	struct sk_exact copy;
	struct digits d;
	double value = 0;

	sk_exact_copy(&copy, sum);
	d = take_digits(copy);
	if (d.size.n > 0)
		value = divide(&d, divisor);
	sk_exact_free(&d.size);
	return d.minus ? -value : value;
}

/* ---- bytes ---- */

void
sk_exact_save(const struct sk_exact *sum, struct sk_buf *buf)
{
	struct sk_exact copy;
	size_t i;

	sk_exact_copy(&copy, sum);
	carry(&copy);
	sk_pack_u64(buf, copy.n);
	if (copy.n > 0)
		sk_pack_i64(buf, copy.low);
	for (i = 0; i < copy.n; i++)
		sk_pack_i64(buf, copy.limb[i]);
	sk_exact_free(&copy);
}

void
sk_exact_load(struct sk_exact *sum, struct sk_unpack *from)
{
	size_t n = (size_t)sk_unpack_upto(from, 2 * LOAD_MAX), i;
	int64_t low = n > 0 ? sk_unpack_i64(from) : 0;

	*sum = (struct sk_exact){ 0 };
	if (low < -LOAD_MAX || low + (int64_t)n > LOAD_MAX)
		from->bad = true;
	if (from->bad || n == 0)
		return;
	reach(sum, (int)low, (int)low + (int)n);
	for (i = 0; i < n; i++) {
		sum->limb[i] = sk_unpack_i64(from);
		if (sum->limb[i] < INT32_MIN || sum->limb[i] > MASK)
			from->bad = true;
	}
	if (from->bad)
		sk_exact_free(sum);
}
