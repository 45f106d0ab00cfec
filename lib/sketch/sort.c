/*
 * Runs of 8 by a network, then merges of two runs from both ends at once, so
 * that neither run can end before the other and nothing is tested: no branch
 * depends on the data.  Merges compare keys, integers in the order of the
 * numbers, since that takes a third of the time.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sketch/sort.h"

#define RUN 8
#define ON_STACK 1024

/* ---- runs ---- */

#if defined(__SSE2__)
#include <emmintrin.h>

/* Places of two runs that are sorted side by side. */
struct pair {
	__m128d both;
};

static inline struct pair
get_pair(const double *v)
{
	struct pair p = { _mm_loadh_pd(_mm_load_sd(v), v + RUN) };

	return p;
}

static inline void
put_pair(double *v, struct pair p)
{
	_mm_storel_pd(v, p.both);
	_mm_storeh_pd(v + RUN, p.both);
}

static inline void
order(struct pair *a, struct pair *b)
{
	__m128d x = a->both;

	a->both = _mm_min_pd(x, b->both);
	b->both = _mm_max_pd(x, b->both);
}

#else

struct pair {
	double low, high;
};

static inline struct pair
get_pair(const double *v)
{
	struct pair p = { v[0], v[RUN] };

	return p;
}

static inline void
put_pair(double *v, struct pair p)
{
	v[0] = p.low;
	v[RUN] = p.high;
}

static inline void
order(struct pair *a, struct pair *b)
{
	struct pair x = *a, y = *b;

	a->low = x.low < y.low ? x.low : y.low;
	b->low = x.low < y.low ? y.low : x.low;
	a->high = x.high < y.high ? x.high : y.high;
	b->high = x.high < y.high ? y.high : x.high;
}

#endif

/* Batcher's odd-even merge sort of 8, of two runs. */
static void
sort_runs(double *v)
{
	struct pair a = get_pair(v), b = get_pair(v + 1), c = get_pair(v + 2);
	struct pair d = get_pair(v + 3), e = get_pair(v + 4);
	struct pair f = get_pair(v + 5), g = get_pair(v + 6);
	struct pair h = get_pair(v + 7);

	order(&a, &b), order(&c, &d), order(&e, &f), order(&g, &h);
	order(&a, &c), order(&b, &d), order(&e, &g), order(&f, &h);
	order(&b, &c), order(&f, &g);
	order(&a, &e), order(&b, &f), order(&c, &g), order(&d, &h);
	order(&c, &e), order(&d, &f);
	order(&b, &c), order(&d, &e), order(&f, &g);
	put_pair(v, a), put_pair(v + 1, b), put_pair(v + 2, c);
	put_pair(v + 3, d), put_pair(v + 4, e), put_pair(v + 5, f);
	put_pair(v + 6, g), put_pair(v + 7, h);
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

/* ---- keys ---- */

/* The bits of a negative number fall as it rises. */
static inline int64_t
flip(int64_t bits)
{
	return bits ^ (int64_t)((uint64_t)(bits >> 63) >> 1);
}

static void
to_keys(int64_t *key, const double *v, size_t n)
{
	memcpy(key, v, n * sizeof(*key));
	for (size_t i = 0; i < n; i++)
		key[i] = flip(key[i]);
}

static void
from_keys(double *v, int64_t *key, size_t n)
{
	for (size_t i = 0; i < n; i++)
		key[i] = flip(key[i]);
	memcpy(v, key, n * sizeof(*key));
}

/* ---- merges ---- */

/* Two runs of n each: the lower half from below, the upper from above. */
static inline void
merge_even(int64_t *out, const int64_t *v, size_t n)
{
	const int64_t *a = v, *b = v + n, *y = v + 2 * n - 1;
	int64_t *high = out + 2 * n - 1;
	size_t low = 0, top = 0; /* taken of a from below, of b from above */

	for (size_t i = 0; i < n; i++) {
		int64_t p = a[low], q = b[i - low];
		int64_t r = *(b - 1 - (i - top)), s = *(y - top);

		out[i] = p <= q ? p : q;
		low += p <= q;
		*(high - i) = r > s ? r : s;
		top += r <= s;
	}
}

/* Two such merges at once, since either waits for its own loads. */
static inline void
merge_even_two(int64_t *out, const int64_t *v, size_t n)
{
	const int64_t *w = v + 2 * n;
	int64_t *out2 = out + 2 * n;
	size_t low = 0, top = 0, low2 = 0, top2 = 0;

	for (size_t i = 0; i < n; i++) {
		int64_t p = v[low], q = v[n + i - low];
		int64_t r = v[n - 1 - i + top], s = v[2 * n - 1 - top];
		int64_t p2 = w[low2], q2 = w[n + i - low2];
		int64_t r2 = w[n - 1 - i + top2], s2 = w[2 * n - 1 - top2];

		out[i] = p <= q ? p : q;
		low += p <= q;
		out[2 * n - 1 - i] = r > s ? r : s;
		top += r <= s;
		out2[i] = p2 <= q2 ? p2 : q2;
		low2 += p2 <= q2;
		out2[2 * n - 1 - i] = r2 > s2 ? r2 : s2;
		top2 += r2 <= s2;
	}
}

static void
merge_odd(int64_t *out, const int64_t *a, size_t na, const int64_t *b,
    size_t nb)
{
	size_t i = 0, j = 0;

	while (i < na && j < nb) {
		int64_t p = a[i], q = b[j];

		out[i + j] = p <= q ? p : q;
		i += p <= q;
		j += p > q;
	}
	memcpy(out + i + j, a + i, (na - i) * sizeof(*a));
	memcpy(out + na + j, b + j, (nb - j) * sizeof(*b));
}

static void
merge_runs(int64_t *to, const int64_t *from, size_t n, size_t run)
{
	size_t i;

	for (i = 0; i + 4 * run <= n; i += 4 * run)
		merge_even_two(to + i, from + i, run);
	for (; i + 2 * run <= n; i += 2 * run)
		merge_even(to + i, from + i, run);
	if (i + run < n)
		merge_odd(to + i, from + i, run, from + i + run, n - i - run);
	else
		memcpy(to + i, from + i, (n - i) * sizeof(*to));
}

/* `key` has room for 2 n. */
static void
sort_with(double *v, size_t n, int64_t *key)
{
	int64_t *other = key + n, *swap;
	size_t i, run;

	for (i = 0; i + 2 * RUN <= n; i += 2 * RUN)
		sort_runs(v + i);
	for (; i < n; i += RUN)
		sort_few(v + i, n - i < RUN ? n - i : RUN);
	if (n <= RUN)
		return;
	to_keys(key, v, n);
	for (run = RUN; run < n; run *= 2) {
		merge_runs(other, key, n, run);
		swap = key;
		key = other;
		other = swap;
	}
	from_keys(v, key, n);
}

static void
sort_all(double *v, size_t n)
{
	int64_t few[2 * ON_STACK], *many;

	if (n <= ON_STACK) {
		sort_with(v, n, few);
		return;
	}
	many = sk_xalloc(2 * n, sizeof(*many));
	sort_with(v, n, many);
	free(many);
}

void
sk_sort_f64(double *value, size_t n)
{
	double end[ON_STACK / 8];
	size_t few, rest;

	for (few = n > 0; few < n; few++)
		if (value[n - few - 1] > value[n - few])
			break;
	if (few == n)
		return;
	rest = n - few + (few - n) % (2 * RUN); /* whole runs are faster */
	few = rest < n ? n - rest : 0;
	if (few < RUN || few > sizeof(end) / sizeof(end[0])) {
		sort_all(value, n);
		return;
	}
	sort_all(value, rest);
	memcpy(end, value + rest, few * sizeof(*end));
	while (few > 0 && rest > 0) {
		bool last = end[few - 1] >= value[rest - 1];

		value[few + rest - 1] = last ? end[few - 1] : value[rest - 1];
		few -= last;
		rest -= !last;
	}
	memcpy(value, end, few * sizeof(*end));
}

void
sk_sort_merge_f64(double *out, const double *a, size_t na, const double *b,
    size_t nb)
{
	while (na > 0 && nb > 0)
		if (SK_LIKELY(*a < *b)) {
			*out++ = *a++;
			na--;
		} else {
			*out++ = *b++;
			nb--;
		}
	memcpy(out, a, na * sizeof(*a));
	if (out + na != b)
		memmove(out + na, b, nb * sizeof(*b));
}
