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
#define TAIL 20 /* numbers that the tail is fitted to; with fewer no judging */
#define NEPERS 2.302585092994046 /* ln 10 */

typedef float fours __attribute__((vector_size(16)));
typedef int32_t int_fours __attribute__((vector_size(16)));

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

/* -1 for each of four numbers that is below. */
static inline int_fours
below(const float *v, fours x)
{
	fours w;

	memcpy(&w, v, sizeof(w));
	return w < x;
}

/* How many of n numbers, a multiple of 16, are below x. */
static inline uint32_t
count_below(const float *v, uint32_t n, float x)
{
	fours than = { x, x, x, x };
	int_fours a = { 0 }, b = { 0 };

	for (uint32_t i = 0; i < n; i += 16) {
		a += below(v + i, than) + below(v + i + 4, than);
		b += below(v + i + 8, than) + below(v + i + 12, than);
	}
	a += b;
	return (uint32_t)-(a[0] + a[1] + a[2] + a[3]);
}

/* How many of those that came are below x. */
static uint32_t
position(const struct sk_rank *rank, float x)
{
	uint32_t b;

	if (rank->cap == 0)
		return 0;
	b = rank->least[32] < x ? 32 : 0;
	b += rank->least[b + 16] < x ? 16 : 0;
	b += count_below(rank->least + b, 16, x);
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

/* Those at i to j - 1 of a block move up. */
static void
move_up(const struct sk_rank *rank, uint32_t b, uint32_t i, uint32_t j)
{
	float *block = rank->sorted + b * BLOCK;
	uint32_t from = rank->first[b] + i, to = rank->first[b] + j;

	if (from >= BLOCK || to < BLOCK) {
		from %= BLOCK;
		memmove(block + from + 1, block + from,
		    (j - i) * sizeof(*block));
		return;
	}
	memmove(block + 1, block, (to - BLOCK) * sizeof(*block));
	block[0] = block[BLOCK - 1];
	memmove(block + from + 1, block + from,
	    (BLOCK - 1 - from) * sizeof(*block));
}

/* Those at i + 1 to j of a block move down. */
static void
move_down(const struct sk_rank *rank, uint32_t b, uint32_t i, uint32_t j)
{
	float *block = rank->sorted + b * BLOCK;
	uint32_t to = rank->first[b] + i, from = rank->first[b] + j;

	if (to >= BLOCK || from < BLOCK) {
		to %= BLOCK;
		memmove(block + to, block + to + 1, (j - i) * sizeof(*block));
		return;
	}
	memmove(block + to, block + to + 1, (BLOCK - 1 - to) * sizeof(*block));
	block[BLOCK - 1] = block[0];
	memmove(block, block + 1, (from - BLOCK) * sizeof(*block));
}

/* x at i of a block; those from there on move up, the one at j falls out. */
static float
push(struct sk_rank *rank, uint32_t b, uint32_t i, uint32_t j, float x)
{
	float out = *slot(rank, b, j);

	if (i < BLOCK / 2 && j == BLOCK - 1) {
		rank->first[b] = (rank->first[b] + BLOCK - 1) % BLOCK;
		move_down(rank, b, 0, i);
	} else
		move_up(rank, b, i, j);
	*slot(rank, b, i) = x;
	rank->least[b] = *slot(rank, b, 0);
	return out;
}

/* x at j of a block; those up to there move down, the one at i falls out. */
static float
pull(struct sk_rank *rank, uint32_t b, uint32_t i, uint32_t j, float x)
{
	float out = *slot(rank, b, i);

	if (i == 0 && j >= BLOCK / 2) {
		rank->first[b] = (rank->first[b] + 1) % BLOCK;
		move_up(rank, b, j, BLOCK - 1);
	} else
		move_down(rank, b, i, j);
	*slot(rank, b, j) = x;
	rank->least[b] = *slot(rank, b, 0);
	return out;
}

/* The same with a whole block. */
static inline float
push_whole(struct sk_rank *rank, uint32_t b, float x)
{
	uint32_t first = (rank->first[b] + BLOCK - 1) % BLOCK;
	float *last = &rank->sorted[b * BLOCK + first];
	float out = *last;

	*last = x;
	rank->least[b] = x;
	rank->first[b] = first;
	return out;
}

static inline float
pull_whole(struct sk_rank *rank, uint32_t b, float x)
{
	float *block = rank->sorted + b * BLOCK;
	uint32_t first = rank->first[b];
	float out = block[first];

	block[first] = x;
	first = (first + 1) % BLOCK;
	rank->least[b] = block[first];
	rank->first[b] = first;
	return out;
}

/* x at the position where it belongs, and nothing at the hole any more. */
static void
insert(struct sk_rank *rank, uint32_t hole, uint32_t at, float x)
{
	uint32_t b, last = hole / BLOCK;

	at -= at > hole;
	b = at / BLOCK;
	if (b < last) {
		x = push(rank, b, at % BLOCK, BLOCK - 1, x);
		while (++b < last)
			x = push_whole(rank, b, x);
		at = 0;
	} else if (b > last) {
		x = pull(rank, b, 0, at % BLOCK, x);
		while (--b > last)
			x = pull_whole(rank, b, x);
		at = BLOCK - 1;
	}
	at %= BLOCK;
	hole %= BLOCK;
	if (at <= hole)
		push(rank, b, at, hole, x);
	else
		pull(rank, b, hole, at, x);
}

/* The next one, where it belongs. */
static void
add_at(struct sk_rank *rank, uint32_t at, float x)
{
	uint32_t came = rank->n - rank->zeros;

	if (came == SK_RANK_MAX) {
		float old = rank->arrival[rank->oldest];

		rank->arrival[rank->oldest] = x;
		rank->oldest = (rank->oldest + 1) % SK_RANK_MAX;
		insert(rank, position(rank, old), at, x);
		return;
	}
	reserve(rank, came + 1);
	rank->arrival[came] = x;
	insert(rank, came, at, x);
	if (rank->n == SK_RANK_MAX)
		rank->zeros--;
	else
		rank->n++;
}

void
sk_rank_add(struct sk_rank *rank, float x)
{
	add_at(rank, position(rank, x), x);
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

/* x has so many below it that came. */
static double
surprise_at(const struct sk_rank *rank, uint32_t at, float x)
{
	uint32_t n = rank->n, k = n / 4, least;
	double seen, beyond;

	if (n < TAIL)
		return 0;
	least = n - at - (x > 0 ? rank->zeros : 0);
	seen = -log10((least + 1.0) / (n + 1.0));
	if (least >= TAIL)
		return seen;
	beyond = tail(rank, k < TAIL ? k : TAIL, x);
	if (least > 0)
		beyond = fmin(beyond, seen + 0.3);
	return fmin(beyond, SK_RANK_TOP);
}

double
sk_rank_surprise(const struct sk_rank *rank, float x)
{
	return surprise_at(rank, position(rank, x), x);
}

double
sk_rank_pass(struct sk_rank *rank, float x)
{
	uint32_t at = position(rank, x);
	double surprise = surprise_at(rank, at, x);

	add_at(rank, at, x);
	return surprise;
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
		insert(rank, i, position(rank, rank->arrival[i]),
		    rank->arrival[i]);
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
