#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "sketch/ranks.h"

void
sk_ranks_init(struct sk_ranks *ranks, size_t n)
{
	ranks->value = n == 0 ? NULL : sk_xalloc(n, sizeof(*ranks->value));
	ranks->upto = n == 0 ? NULL : sk_xalloc(n, sizeof(*ranks->upto));
	ranks->n = n;
	ranks->total = 0;
}

void
sk_ranks_free(struct sk_ranks *ranks)
{
	free(ranks->value);
	free(ranks->upto);
	*ranks = (struct sk_ranks){ 0 };
}

double
sk_ranks_quantile(const struct sk_ranks *ranks, double rank, bool inclusive)
{
	size_t low = 0, high = ranks->n, middle;
	double want = rank * (double)ranks->total;

	if (ranks->n == 0)
		return NAN;
	want = inclusive ? ceil(want) : floor(want);
	while (low < high) {
		middle = low + (high - low) / 2;
		if (inclusive ? (double)ranks->upto[middle] >= want :
				(double)ranks->upto[middle] > want)
			high = middle;
		else
			low = middle + 1;
	}
	return ranks->value[low < ranks->n ? low : ranks->n - 1];
}

double
sk_ranks_at(const struct sk_ranks *ranks, uint64_t weight)
{
	size_t low = 0, high = ranks->n, middle;

	if (ranks->n == 0)
		return NAN;
	while (low < high) {
		middle = low + (high - low) / 2;
		if (ranks->upto[middle] >= weight)
			high = middle;
		else
			low = middle + 1;
	}
	return ranks->value[low < ranks->n ? low : ranks->n - 1];
}

uint64_t
sk_ranks_weight(const struct sk_ranks *ranks, double x, bool inclusive)
{
	size_t low = 0, high = ranks->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (inclusive ? ranks->value[middle] > x :
				ranks->value[middle] >= x)
			high = middle;
		else
			low = middle + 1;
	}
	return low == 0 ? 0 : ranks->upto[low - 1];
}
