/*
 * The parts of a KLL sketch, for the files that make it up.
 *
 * One block holds `room` numbers and, behind them, the starts of the levels:
 * level h is item[start[h]] to item[start[h + 1]], start[levels] is room, and
 * the free places are in front, where new numbers arrive downwards.  Levels
 * from 1 up are ascending.
 */
#ifndef SK_SKETCH_KLL_PARTS_H
#define SK_SKETCH_KLL_PARTS_H

#include "sketch/kll.h"

#define SK_KLL_SPARE 256 /* places beyond the image's, to compact in batches */
#define SK_KLL_M 8       /* the least capacity of a level */
#define SK_KLL_N_MAX ((UINT64_C(1) << 60) - 1)

static inline uint32_t *
sk_kll_starts(const struct sk_kll *kll)
{
	return (uint32_t *)(void *)(kll->item + kll->room);
}

static inline uint32_t
sk_kll_size(const struct sk_kll *kll, unsigned h)
{
	const uint32_t *start = sk_kll_starts(kll);

	return start[h + 1] - start[h];
}

/* The capacities of levels, and their sum; those that spare numbers hold
 * more at the bottom and less at the top, and sum up to no more. */
uint32_t sk_kll_capacities(
    unsigned k, unsigned levels, unsigned protect, uint32_t *cap);

/* A block of this size, the same numbers at its end. */
void sk_kll_resize(struct sk_kll *kll, uint32_t room, unsigned levels);

/* Compact until an image can hold the sketch. */
void sk_kll_compress(struct sk_kll *kll);

#endif
