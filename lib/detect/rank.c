/*
 * What is sorted stands dense in blocks, each of them a ring:
 *
 *	sorted  | 2 3 0 1 | 4 5 6 7 | 9 10 11 8 | ...   least  0 4 8 ...
 *	              ^     ^                 ^         first  2 0 3 ...
 *
 * Number i is in block i / BLOCK, so a position is a rank.  An insertion moves
 * all from its place to the hole that a removal left: within the two blocks of
 * these one by one, in the blocks between by one step of each ring.  At 8192
 * numbers that is some 100 moves; one sorted array makes 2700.
 *
 * A position is found by counting what is below, of the least ones and then in
 * one block; that needs no order, so no ring is unrolled, and no branch.  What
 * is not in use is infinite.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/image.h"
#include "base/mem.h"
#include "detect/rank.h"

#define BLOCK SK_RANK_BLOCK
#define BLOCKS (SK_RANK_MAX / SK_RANK_BLOCK)
#define TAIL 20 /* numbers that the tail is fitted to, and the fewest to judge */
#define NEPERS 2.302585092994046 /* ln 10 */

void
sk_rank_init(struct sk_rank *rank, uint32_t zeros)
{
	*rank = (struct sk_rank){ .zeros = zeros, .n = zeros };
}

void
sk_rank_free(struct sk_rank *rank)
{
	free(rank->arrival);
	free(rank->sorted);
	*rank = (struct sk_rank){ 0 };
}

/* Room for so many that came, in powers of two from a block on. */
static void
reserve(struct sk_rank *rank, uint32_t n)
{
	uint32_t cap = rank->cap;

	if (n <= cap)
		return;
	for (uint32_t b = 0; cap == 0 && b < BLOCKS; b++)
		rank->least[b] = INFINITY;
	while (cap < n)
		cap = cap == 0 ? BLOCK : 2 * cap;
	rank->arrival = sk_xrealloc(rank->arrival, cap, sizeof(float));
	rank->sorted = sk_xrealloc(rank->sorted, cap, sizeof(float));
	for (uint32_t i = rank->cap; i < cap; i++)
		rank->sorted[i] = INFINITY;
	rank->cap = cap;
}

static inline uint32_t
count_below(const float *v, uint32_t n, float x)
{
	int32_t below = 0;

	for (uint32_t i = 0; i < n; i++)
		below += v[i] < x;
	return (uint32_t)below;
}

/* How many of those that came are below x. */
static uint32_t
position(const struct sk_rank *rank, float x)
{
	uint32_t b;

	if (rank->cap == 0)
		return 0;
	b = count_below(rank->least, BLOCKS, x);
	if (b == 0)
		return 0;
	return (b - 1) * BLOCK +
	    count_below(rank->sorted + (b - 1) * BLOCK, BLOCK, x);
}

static float *
slot(const struct sk_rank *rank, uint32_t b, uint32_t i)
{
	return &rank->sorted[b * BLOCK + (rank->first[b] + i) % BLOCK];
}

/* x at i of a block; those from there on move up, the one at j falls out. */
static float
push(struct sk_rank *rank, uint32_t b, uint32_t i, uint32_t j, float x)
{
	float out = *slot(rank, b, j);

	if (i == 0)
		rank->least[b] = x;
	if (i == 0 && j == BLOCK - 1)
		rank->first[b] = (uint8_t)((rank->first[b] + j) % BLOCK);
	else
		for (; j > i; j--)
			*slot(rank, b, j) = *slot(rank, b, j - 1);
	*slot(rank, b, i) = x;
	return out;
}

/* x at j of a block; those up to there move down, the one at i falls out. */
static float
pull(struct sk_rank *rank, uint32_t b, uint32_t i, uint32_t j, float x)
{
	float out = *slot(rank, b, i);

	if (i == 0 && j == BLOCK - 1)
		rank->first[b] = (uint8_t)((rank->first[b] + 1) % BLOCK);
	else
		for (uint32_t k = i; k < j; k++)
			*slot(rank, b, k) = *slot(rank, b, k + 1);
	*slot(rank, b, j) = x;
	if (i == 0)
		rank->least[b] = *slot(rank, b, 0);
	return out;
}

/* x where it belongs, and nothing at the hole any more. */
static void
insert(struct sk_rank *rank, uint32_t hole, float x)
{
	uint32_t at = position(rank, x), last = hole / BLOCK, b;

	if (at <= hole) {
		for (b = at / BLOCK; b < last; b++) {
			x = push(rank, b, at % BLOCK, BLOCK - 1, x);
			at = 0;
		}
		push(rank, b, at % BLOCK, hole % BLOCK, x);
		return;
	}
	at--;
	for (b = at / BLOCK; b > last; b--) {
		x = pull(rank, b, 0, at % BLOCK, x);
		at = BLOCK - 1;
	}
	pull(rank, b, hole % BLOCK, at % BLOCK, x);
}

void
sk_rank_add(struct sk_rank *rank, float x)
{
	uint32_t came = rank->n - rank->zeros;

	if (came == SK_RANK_MAX) {
		float old = rank->arrival[rank->oldest];

		rank->arrival[rank->oldest] = x;
		rank->oldest = (rank->oldest + 1) % SK_RANK_MAX;
		insert(rank, position(rank, old), x);
		return;
	}
	reserve(rank, came + 1);
	rank->arrival[came] = x;
	insert(rank, came, x);
	if (rank->n == SK_RANK_MAX)
		rank->zeros--;
	else
		rank->n++;
}

/* The i-th of all that are kept, from the least. */
static float
kept(const struct sk_rank *rank, uint32_t i)
{
	if (i < rank->zeros)
		return 0;
	i -= rank->zeros;
	return *slot(rank, i / BLOCK, i % BLOCK);
}

/* What the mean excess of the k largest says of x. */
static double
tail(const struct sk_rank *rank, uint32_t k, float x)
{
	uint32_t n = rank->n;
	double base = kept(rank, n - k), mean = 0, range;

	for (uint32_t i = n - k; i < n; i++)
		mean += kept(rank, i) - base;
	mean /= k;
	range = kept(rank, n - 1) - kept(rank, 0);
	if (mean < 1e-6 * range + 1e-12)
		mean = 0.01 * range + 1e-9;
	return fmax(0, -log10((k + 1.0) / (n + 1.0)) +
	    (x - base) / mean / NEPERS);
}

double
sk_rank_surprise(const struct sk_rank *rank, float x)
{
	uint32_t n = rank->n, k = n / 4, least;
	double seen, beyond;

	if (n < TAIL)
		return 0;
	least = n - position(rank, x) - (x > 0 ? rank->zeros : 0);
	seen = -log10((least + 1.0) / (n + 1.0));
	if (least >= TAIL)
		return seen;
	beyond = tail(rank, k < TAIL ? k : TAIL, x);
	if (least > 0)
		beyond = fmin(beyond, seen + 0.3);
	return fmin(beyond, SK_RANK_TOP);
}

void
sk_rank_save(const struct sk_rank *rank, struct sk_buf *buf)
{
	uint32_t came = rank->n - rank->zeros;

	sk_image_put(buf, rank->zeros);
	sk_image_put(buf, came);
	if (came == 0)
		return;
	sk_image_put_f32s(buf, rank->arrival + rank->oldest,
	    came - rank->oldest);
	sk_image_put_f32s(buf, rank->arrival, rank->oldest);
}

static bool
load(struct sk_rank *rank, struct sk_view *bytes)
{
	uint64_t zeros;
	uint32_t n;

	if (!sk_image_take(bytes, &zeros) || zeros > SK_RANK_MAX ||
	    !sk_image_take_n(bytes, sizeof(float), &n) ||
	    n > SK_RANK_MAX - zeros)
		return false;
	reserve(rank, n);
	if (!sk_image_take_f32s(bytes, rank->arrival, n))
		return false;
	rank->zeros = (uint32_t)zeros;
	rank->n = rank->zeros + n;
	for (uint32_t i = 0; i < n; i++) {
		if (signbit(rank->arrival[i]))
			return false;
		insert(rank, i, rank->arrival[i]);
	}
	return true;
}

bool
sk_rank_load(struct sk_rank *rank, struct sk_view *bytes)
{
	sk_rank_free(rank);
	if (load(rank, bytes))
		return true;
	sk_rank_free(rank);
	return false;
}
