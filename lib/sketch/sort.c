#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sketch/sort.h"

#define RUN 8       /* sorted by a network */
#define ON_STACK 1024

static inline void
order(double *a, double *b)
{
	double x = *a, y = *b;

	*a = x < y ? x : y;
	*b = x < y ? y : x;
}

/* Batcher's odd-even merge sort of 8. */
static inline void
sort_run(double *v)
{
	double a = v[0], b = v[1], c = v[2], d = v[3];
	double e = v[4], f = v[5], g = v[6], h = v[7];

	order(&a, &b), order(&c, &d), order(&e, &f), order(&g, &h);
	order(&a, &c), order(&b, &d), order(&e, &g), order(&f, &h);
	order(&b, &c), order(&f, &g);
	order(&a, &e), order(&b, &f), order(&c, &g), order(&d, &h);
	order(&c, &e), order(&d, &f);
	order(&b, &c), order(&d, &e), order(&f, &g);
	v[0] = a, v[1] = b, v[2] = c, v[3] = d;
	v[4] = e, v[5] = f, v[6] = g, v[7] = h;
}

static void
sort_few(double *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		double x = v[i];
		size_t j = i;

		for (; j > 0 && v[j - 1] > x; j--)
			v[j] = v[j - 1];
		v[j] = x;
	}
}

/* Merge two runs of n each: the lower half from below, the upper from above.
 * Neither half can run out of a run, so nothing is tested, and the two chains
 * of loads do not wait for each other. */
static inline void
merge_even(double *out, const double *v, size_t n)
{
	const double *a = v, *b = v + n;
	const double *x = v + n - 1, *y = v + 2 * n - 1;
	double *low = out, *high = out + 2 * n - 1;

	for (size_t i = 0; i < n; i++) {
		double p = *a, q = *b, r = *x, s = *y;
		ptrdiff_t first = p <= q, last = r > s;

		*low++ = first ? p : q;
		a += first;
		b += 1 - first;
		*high-- = last ? r : s;
		x -= last;
		y -= 1 - last;
	}
}

void
sk_sort_merge_f64(double *out, const double *a, size_t na, const double *b,
    size_t nb)
{
	while (na > 0 && nb > 0) {
		ptrdiff_t first = *a < *b;

		*out++ = first ? *a : *b;
		a += first;
		na -= (size_t)first;
		b += 1 - first;
		nb -= (size_t)(1 - first);
	}
	memcpy(out, a, na * sizeof(*a));
	if (out + na != b)
		memmove(out + na, b, nb * sizeof(*b));
}

static void
sort_with(double *v, size_t n, double *other)
{
	double *from = v, *to = other, *swap;
	size_t i, run;

	for (i = 0; i + RUN <= n; i += RUN)
		sort_run(v + i);
	sort_few(v + i, n - i);
	for (run = RUN; run < n; run *= 2) {
		for (i = 0; i + 2 * run <= n; i += 2 * run)
			merge_even(to + i, from + i, run);
		if (i + run < n)
			sk_sort_merge_f64(to + i, from + i, run,
			    from + i + run, n - i - run);
		else
			memcpy(to + i, from + i, (n - i) * sizeof(*to));
		swap = from;
		from = to;
		to = swap;
	}
	if (from != v)
		memcpy(v, from, n * sizeof(*v));
}

void
sk_sort_f64(double *value, size_t n)
{
	double few[ON_STACK], *many;

	if (n <= ON_STACK) {
		sort_with(value, n, few);
		return;
	}
	many = sk_xalloc(n, sizeof(*many));
	sort_with(value, n, many);
	free(many);
}
