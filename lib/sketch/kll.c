/*
 * What a compaction does to level h with p numbers of which t are spared:
 *
 *	before	| free |  lower  |.| p - t numbers  | t |   level h + 1   |
 *	after	|    free   |  lower  |.| t |  (p - t)/2 + level h + 1    |
 *
 * The dot is a number that stays because p - t is odd.  All moves are upwards
 * by the (p - t)/2 numbers that are dropped.
 *
 * The coins of a level come in pairs, the second the opposite of the first:
 * two errors of the same rank then cancel, which halves the variance.  A coin
 * is a hash of the seed and of a number of what is compacted, so that sketches
 * of different data, made with one seed, do not err alike when they are
 * merged.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/rng.h"
#include "sketch/kll_parts.h"
#include "sketch/sort.h"

#define ROOM_MIN 4 /* places of a sketch that begins */

/* ---- capacities ---- */

/* round(k (2/3)^d), as the library rounds. */
static uint64_t
shrink(uint64_t k, unsigned d)
{
	uint64_t power = 1;
	unsigned i;

	for (i = 0; i < d; i++)
		power *= 3;
	return ((2 * k << d) / power + 1) >> 1;
}

/* Of a level so far from the top one. */
static uint32_t
capacity(unsigned k, unsigned d)
{
	uint64_t r = d > 30 ? shrink(shrink(k, d / 2), d - d / 2) :
	    shrink(k, d);

	return r < SK_KLL_M ? SK_KLL_M : (uint32_t)r;
}

uint32_t
sk_kll_capacities(
    unsigned k, unsigned levels, unsigned protect, uint32_t *cap)
{
	uint32_t total = 0, least = protect + 2;
	uint64_t missing, above;
	unsigned h;

	for (h = levels; h-- > 0;)
		total += cap[h] = h + 1 < levels && cap[h + 1] == SK_KLL_M ?
		    SK_KLL_M : capacity(k, levels - h - 1);
	if (protect == 0)
		return total;
	for (;; least = least / 2 + 1) {
		missing = above = 0;
		for (h = 0; h < levels; h++)
			if (cap[h] < least)
				missing += least - cap[h];
			else
				above += cap[h] - least;
		if (4 * missing <= 3 * above || least <= SK_KLL_M)
			break;
	}
	for (h = 0; h < levels; h++)
		if (cap[h] <= least)
			cap[h] = least > SK_KLL_M ? least : SK_KLL_M;
		else if (missing > 0)
			cap[h] -= (uint32_t)((missing * (cap[h] - least) +
			    above - 1) / above);
	return total;
}

uint32_t
sk_kll_total(unsigned k, unsigned levels)
{
	uint32_t cap[SK_KLL_LEVELS_MAX];

	return sk_kll_capacities(k, levels, 0, cap);
}

/* ---- blocks ---- */

void
sk_kll_resize(struct sk_kll *kll, uint32_t room, unsigned levels)
{
	const uint32_t *old = kll->item == NULL ? NULL : sk_kll_starts(kll);
	uint32_t held = sk_kll_held(kll), *start;
	size_t nbytes = room * sizeof(double) + (levels + 1) * sizeof(*start);
	double *item = sk_xalloc(nbytes, 1);
	unsigned h;

	start = (uint32_t *)(void *)(item + room);
	for (h = 0; h <= levels; h++)
		start[h] = h < kll->levels ?
		    room - (kll->room - old[h]) : room;
	if (held > 0)
		memcpy(item + room - held, kll->item + kll->room - held,
		    held * sizeof(*item));
	free(kll->item);
	kll->item = item;
	kll->room = room;
	kll->full = 0;
	kll->levels = (uint8_t)levels;
}

struct sk_kll_plan
sk_kll_plan(unsigned k, uint32_t exact, uint64_t seed)
{
	struct sk_kll_plan plan = { .k = (uint16_t)k,
		.protect = (uint16_t)(k / 12), .exact = exact, .seed = seed };

	return plan;
}

void
sk_kll_init(struct sk_kll *kll, const struct sk_kll_plan *plan)
{
	*kll = (struct sk_kll){ .exact = plan->exact, .k = plan->k,
		.min_k = plan->k, .protect = plan->protect,
		.seeded = plan->seed != 0, .coin = plan->seed };
	sk_kll_resize(kll, ROOM_MIN, 1);
}

void
sk_kll_free(struct sk_kll *kll)
{
	free(kll->item);
	kll->item = NULL;
}

void
sk_kll_copy(struct sk_kll *out, const struct sk_kll *kll)
{
	size_t nbytes = kll->room * sizeof(double) +
	    (kll->levels + 1u) * sizeof(uint32_t);

	*out = *kll;
	out->item = sk_xalloc(nbytes, 1);
	memcpy(out->item, kll->item, nbytes);
}

uint32_t
sk_kll_held(const struct sk_kll *kll)
{
	return kll->item == NULL ? 0 : kll->room - *sk_kll_starts(kll);
}

bool
sk_kll_exact(const struct sk_kll *kll)
{
	return kll->levels == 1 || sk_kll_held(kll) == kll->n;
}

/* ---- compaction ---- */

static unsigned
toss(struct sk_kll *kll, unsigned h, double value)
{
	uint64_t bit = UINT64_C(1) << h;
	struct sk_rng rng;

	if (!kll->seeded) {
		kll->coin ^= 1;
		return (unsigned)(kll->coin ^ 1) & 1;
	}
	kll->turn ^= bit;
	if ((kll->turn & bit) == 0) {
		kll->last ^= bit;
		return (kll->last & bit) != 0;
	}
	sk_rng_init(&rng, kll->coin ^ sk_bits_of(value));
	kll->coin = sk_rng_next(&rng);
	kll->last = (kll->last & ~bit) | (kll->coin >> 63) << h;
	return (unsigned)(kll->coin >> 63);
}

static void
compact(struct sk_kll *kll, unsigned h, uint32_t spared)
{
	uint32_t *start = sk_kll_starts(kll), begin = start[h];
	uint32_t end = start[h + 1], above = start[h + 2] - end;
	uint32_t odd, half, front, i;
	double *item = kll->item, left = item[begin];
	unsigned coin;

	sk_assert(spared + 2 <= end - begin);
	odd = (end - begin - spared) & 1;
	half = (end - begin - spared) / 2;
	front = begin + odd;
	if (h == 0)
		sk_sort_f64(item + front, end - front);
	coin = toss(kll, h, item[front + half]);
	if (above == 0)
		coin ^= 1;
	for (i = 0; i < half; i++)
		item[front + i] = item[front + 2 * i + coin];
	memmove(item + front + half, item + end - spared,
	    spared * sizeof(*item));
	sk_sort_merge_f64(item + end - half, item + front, half, item + end,
	    above);
	if (odd)
		item[begin + half] = left;
	memmove(item + start[0] + half, item + start[0],
	    (begin - start[0]) * sizeof(*item));
	for (i = 0; i <= h; i++)
		start[i] += half;
	start[h] = end - half - spared - odd;
	start[h + 1] = end - half;
}

/* The lowest level that is full; there is one when a sketch is. */
static unsigned
lowest_full(const struct sk_kll *kll, const uint32_t *cap)
{
	unsigned h = 0;

	while (h < kll->levels && sk_kll_size(kll, h) < cap[h])
		h++;
	sk_assert(h < kll->levels);
	return h;
}

static uint32_t
add_level(struct sk_kll *kll, uint32_t *cap)
{
	unsigned levels = kll->levels + 1u;
	uint32_t total = sk_kll_capacities(kll->k, levels, kll->protect, cap);

	sk_assert(levels <= SK_KLL_LEVELS_MAX);
	sk_kll_resize(kll, kll->room + cap[0], levels);
	return total;
}

/* How many numbers of a level are spared: what its capacity has places for. */
static uint32_t
spares(const struct sk_kll *kll, uint32_t cap)
{
	return kll->protect + 2u <= cap ? kll->protect : cap - 2;
}

static void
compress_once(struct sk_kll *kll, uint32_t *cap, uint32_t *total)
{
	unsigned h = lowest_full(kll, cap);

	if (h == kll->levels - 1u) {
		*total = add_level(kll, cap);
		if (kll->protect > 0 && sk_kll_held(kll) <= *total)
			return;
	}
	compact(kll, h, kll->protect > 0 ? spares(kll, cap[h]) : 0);
}

void
sk_kll_compress(struct sk_kll *kll)
{
	uint32_t cap[SK_KLL_LEVELS_MAX];
	uint32_t total = sk_kll_capacities(kll->k, kll->levels, kll->protect,
	    cap);

	do
		compress_once(kll, cap, &total);
	while (sk_kll_held(kll) > total);
}

/* The most places it may have before it is compacted. */
static uint32_t
limit(const struct sk_kll *kll)
{
	uint32_t total = sk_kll_total(kll->k, kll->levels);

	if (kll->exact == 0)
		return total;
	if (kll->levels == 1 && kll->exact > total)
		return kll->exact;
	return total + SK_KLL_SPARE;
}

static void
make_room(struct sk_kll *kll)
{
	uint32_t most, room, held;
	unsigned levels = kll->levels;

	most = kll->full > 0 ? kll->room : limit(kll);
	if (kll->room < most) {
		room = kll->room > most / 2 ? most : 2 * kll->room;
		sk_kll_resize(kll, room < ROOM_MIN ? ROOM_MIN : room,
		    kll->levels);
		return;
	}
	sk_kll_compress(kll);
	if (kll->levels != levels || kll->full == 0)
		most = limit(kll);
	if (kll->room != most)
		sk_kll_resize(kll, most, kll->levels);
	if (kll->exact == 0)
		return;
	held = sk_kll_held(kll);
	while (held <= most - SK_KLL_SPARE)
		held += SK_KLL_SPARE;
	kll->full = most - held;
}

/* ---- adding ---- */

static void
stretch(struct sk_kll *kll, double min, double max)
{
	if (kll->n == 0 || min < kll->min)
		kll->min = min;
	if (kll->n == 0 || max > kll->max)
		kll->max = max;
}

/* A number of weight 1, which n does not count yet. */
static inline void
push(struct sk_kll *kll, double value)
{
	if (*sk_kll_starts(kll) == kll->full)
		make_room(kll);
	kll->item[--*sk_kll_starts(kll)] = value;
}

void
sk_kll_add(struct sk_kll *kll, double value)
{
	if (isnan(value))
		return;
	push(kll, value);
	stretch(kll, value, value);
	kll->n++;
}

/* Two minima and two maxima, which do not wait for each other. */
static void
add_some(struct sk_kll *kll, const double *value, uint32_t n)
{
	uint32_t *start = sk_kll_starts(kll);
	double *to = kll->item + *start, last = value[n - 1];
	double min = last, max = last, min2 = last, max2 = last;

	for (uint32_t i = 0; i + 1 < n; i += 2) {
		double a = value[i], b = value[i + 1];

		*--to = a;
		*--to = b;
		min = a < min ? a : min;
		max = a > max ? a : max;
		min2 = b < min2 ? b : min2;
		max2 = b > max2 ? b : max2;
	}
	if (n % 2 != 0)
		*--to = last;
	*start -= n;
	stretch(kll, min < min2 ? min : min2, max > max2 ? max : max2);
	kll->n += n;
}

void
sk_kll_add_batch(struct sk_kll *kll, const double *value, size_t n)
{
	uint32_t some;

	while (n > 0) {
		if (*sk_kll_starts(kll) == kll->full)
			make_room(kll);
		some = *sk_kll_starts(kll) - kll->full;
		if (some > n)
			some = (uint32_t)n;
		add_some(kll, value, some);
		value += some;
		n -= some;
	}
}

/* A number into level h, from 1 up, which is there. */
static void
insert(struct sk_kll *kll, unsigned h, double value)
{
	uint32_t *start, low, high, middle, i;
	double *item;

	if (*sk_kll_starts(kll) == kll->full)
		make_room(kll);
	start = sk_kll_starts(kll);
	item = kll->item;
	low = start[h];
	high = start[h + 1];
	while (low < high) {
		middle = low + (high - low) / 2;
		if (item[middle] < value)
			low = middle + 1;
		else
			high = middle;
	}
	memmove(item + start[0] - 1, item + start[0],
	    (low - start[0]) * sizeof(*item));
	item[low - 1] = value;
	for (i = 0; i <= h; i++)
		start[i]--;
}

bool
sk_kll_add_weighted(struct sk_kll *kll, double value, uint64_t weight)
{
	unsigned h;

	if (weight > SK_KLL_N_MAX - kll->n)
		return false;
	if (isnan(value) || weight == 0)
		return true;
	h = 63 - (unsigned)__builtin_clzll(weight);
	if (h >= kll->levels)
		sk_kll_resize(kll, kll->room, h + 1);
	for (; h > 0; h--)
		if (weight >> h & 1)
			insert(kll, h, value);
	if (weight & 1)
		push(kll, value);
	stretch(kll, value, value);
	kll->n += weight;
	return true;
}

/* ---- merging ---- */

/* The levels from 1 up of both, and level 0 of kll. */
static void
join(struct sk_kll *kll, const struct sk_kll *from)
{
	unsigned levels = kll->levels > from->levels ?
	    kll->levels : from->levels, h;
	uint32_t room = sk_kll_held(kll) + sk_kll_held(from), at;
	const uint32_t *b = sk_kll_starts(from), *a;
	struct sk_kll both = *kll;
	uint32_t *start;

	sk_kll_resize(kll, kll->room, levels);
	a = sk_kll_starts(kll);
	both.item = NULL;
	both.room = 0;
	both.full = 0;
	both.item = sk_xalloc(room * sizeof(double) +
	    (levels + 1u) * sizeof(*start), 1);
	both.room = room;
	both.levels = (uint8_t)levels;
	start = sk_kll_starts(&both);
	start[levels] = at = room;
	for (h = levels; h-- > 0;) {
		uint32_t na = a[h + 1] - a[h];
		uint32_t nb = h > 0 && h < from->levels ? b[h + 1] - b[h] : 0;

		start[h] = at -= na + nb;
		sk_sort_merge_f64(both.item + at, from->item +
		    (nb > 0 ? b[h] : 0), nb, kll->item + a[h], na);
	}
	free(kll->item);
	*kll = both;
}

/* The library's pass from below, and what it leaves over. */
static void
compress_all(struct sk_kll *kll)
{
	uint32_t cap[SK_KLL_LEVELS_MAX];
	uint32_t total = sk_kll_capacities(kll->k, kll->levels, kll->protect,
	    cap);
	unsigned h;

	for (h = 0; h < kll->levels; h++) {
		if (sk_kll_held(kll) < total || sk_kll_size(kll, h) < cap[h])
			continue;
		if (h == kll->levels - 1u)
			total = add_level(kll, cap);
		compact(kll, h, kll->protect > 0 ? spares(kll, cap[h]) : 0);
	}
	if (sk_kll_held(kll) > total)
		sk_kll_compress(kll);
}

bool
sk_kll_merge(struct sk_kll *kll, const struct sk_kll *from)
{
	uint64_t n = kll->n + from->n;
	const uint32_t *b = sk_kll_starts(from);
	uint32_t i;

	if (from->n > SK_KLL_N_MAX - kll->n)
		return false;
	if (from->n == 0)
		return true;
	stretch(kll, from->min, from->max);
	for (i = b[0]; i < b[1]; i++)
		push(kll, from->item[i]);
	if (from->levels > 1) {
		join(kll, from);
		compress_all(kll);
		if (from->min_k < kll->min_k)
			kll->min_k = from->min_k;
	}
	kll->n = n;
	return true;
}

/* ---- answers ---- */

double
sk_kll_error(const struct sk_kll *kll)
{
	return 2.296 / pow(kll->min_k, 0.9723);
}

double
sk_kll_error_pmf(const struct sk_kll *kll)
{
	return 2.446 / pow(kll->min_k, 0.9433);
}

void
sk_kll_ranks(const struct sk_kll *kll, struct sk_ranks *ranks)
{
	uint32_t held = sk_kll_held(kll), at[SK_KLL_LEVELS_MAX], i;
	const uint32_t *start = sk_kll_starts(kll);
	double *zero = NULL, value;
	unsigned h, least;

	sk_ranks_init(ranks, held);
	if (held == 0)
		return;
	zero = sk_xalloc(sk_kll_size(kll, 0) + 1, sizeof(*zero));
	memcpy(zero, kll->item + start[0],
	    sk_kll_size(kll, 0) * sizeof(*zero));
	sk_sort_f64(zero, sk_kll_size(kll, 0));
	memcpy(at, start, kll->levels * sizeof(*at));
	for (i = 0; i < held; i++) {
		for (least = kll->levels, h = 0; h < kll->levels; h++) {
			if (at[h] == start[h + 1])
				continue;
			value = h == 0 ? zero[at[0] - start[0]] :
			    kll->item[at[h]];
			if (least < kll->levels && value >= ranks->value[i])
				continue;
			ranks->value[i] = value;
			least = h;
		}
		at[least]++;
		ranks->total += UINT64_C(1) << least;
		ranks->upto[i] = ranks->total;
	}
	free(zero);
}
