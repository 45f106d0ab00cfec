#include <math.h>

#include "window/moments.h"

#define N_MAX ((UINT64_C(1) << 62) - 1)

void
sk_moments_free(struct sk_moments *moments)
{
	sk_exact_free(&moments->sum);
	sk_exact_free(&moments->squares);
	moments->n = 0;
}

void
sk_moments_copy(struct sk_moments *to, const struct sk_moments *from)
{
	to->n = from->n;
	sk_exact_copy(&to->sum, &from->sum);
	sk_exact_copy(&to->squares, &from->squares);
}

void
sk_moments_add(struct sk_moments *moments, double value)
{
	moments->n++;
	sk_exact_add_f64(&moments->sum, value);
	sk_exact_add_square(&moments->squares, value);
}

void
sk_moments_merge(struct sk_moments *into, const struct sk_moments *from)
{
	into->n += from->n;
	sk_exact_merge(&into->sum, &from->sum);
	sk_exact_merge(&into->squares, &from->squares);
}

double
sk_moments_variance(const struct sk_moments *moments)
{
	struct sk_exact above = { 0 };
	double value;

	if (moments->n < 2 || moments->n > N_MAX)
		return NAN;
	sk_exact_add_times(&above, &moments->squares, moments->n);
	sk_exact_less_square(&above, &moments->sum);
	value = sk_exact_over(&above,
	    (sk_u128)moments->n * (moments->n - 1));
	sk_exact_free(&above);
	return value;
}

void
sk_moments_save(const struct sk_moments *moments, struct sk_buf *buf)
{
	sk_pack_u64(buf, moments->n);
	sk_exact_save(&moments->sum, buf);
	sk_exact_save(&moments->squares, buf);
}

void
sk_moments_load(struct sk_moments *moments, struct sk_unpack *from)
{
	moments->n = sk_unpack_upto(from, N_MAX);
	sk_exact_load(&moments->sum, from);
	sk_exact_load(&moments->squares, from);
	if (from->bad)
		sk_moments_free(moments);
}
