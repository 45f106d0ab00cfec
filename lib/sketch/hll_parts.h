/*
 * What the files of the HLL sketch share and nobody else includes: hll.c keeps
 * it up to date, hll_batch.c feeds it, hll_estimate.c reads it, hll_image.c and
 * hll_merge.c take it apart, hll_tables.c and hll_raw_*.c are data.
 */
#ifndef SK_SKETCH_HLL_PARTS_H
#define SK_SKETCH_HLL_PARTS_H

#include "sketch/hll.h"
#include "sketch/murmur.h"

#define SK_HLL_SEED UINT64_C(9001) /* of every DataSketches writer */
#define SK_HLL_ADDRESS 0x3ffffffu  /* the address of a coupon */
#define SK_HLL_LIST_CAP 8
#define SK_HLL_LG_SET_MIN 5
#define SK_HLL_SET_LGK 8   /* below, a LIST goes to HLL without a SET */
#define SK_HLL_VALUE_MAX 63

#define SK_HLL_COUPONS 40
#define SK_HLL_HARMONIC 25
#define SK_HLL_RAW 257
#define SK_HLL_LGK_TABLE 12 /* rel_err has rows up to this lgK */
#define SK_HLL_LGK_LOW 12   /* raw_low has rows up to this lgK */

extern const double sk_hll_coupon_x[SK_HLL_COUPONS];
extern const double sk_hll_coupon_y[SK_HLL_COUPONS];
extern const double sk_hll_harmonic[SK_HLL_HARMONIC];
extern const double sk_hll_stride[SK_HLL_LGK_MAX - SK_HLL_LGK_MIN + 1];
extern const double sk_hll_rel_err[4][SK_HLL_LGK_TABLE - SK_HLL_LGK_MIN + 1][3];
extern const double sk_hll_raw_low[9][SK_HLL_RAW];
extern const double sk_hll_raw_high[9][SK_HLL_RAW];

static inline uint32_t
sk_hll_size(const struct sk_hll *hll)
{
	return UINT32_C(1) << hll->lgk;
}

static inline unsigned
sk_hll_value(uint32_t coupon)
{
	return coupon >> 26;
}

static inline uint32_t
sk_hll_coupon(struct sk_murmur h)
{
	/* Bit 1 set keeps the leading zeros at 62: 63 is the most that six
	 * bits hold. */
	uint32_t value = (uint32_t)__builtin_clzll(h.h2 | 2) + 1;

	return value << 26 | ((uint32_t)h.h1 & SK_HLL_ADDRESS);
}

/* The cell of a coupon in a SET table of 2^lg cells with room: where it is,
 * or the empty one where it goes. */
static inline uint32_t *
sk_hll_set_find(uint32_t *set, unsigned lg, uint32_t coupon)
{
	uint32_t mask = (UINT32_C(1) << lg) - 1;
	uint32_t stride = (coupon & SK_HLL_ADDRESS) >> lg | 1;
	uint32_t at = coupon & mask;

	while (set[at] != 0 && set[at] != coupon)
		at = (at + stride) & mask;
	return &set[at];
}

/* Add a coupon, in any mode. */
void sk_hll_add_coupon(struct sk_hll *hll, uint32_t coupon);

/* The coupons held in LIST or SET mode: *n cells, empty ones among them. */
const uint32_t *sk_hll_cells(const struct sk_hll *hll, size_t *n);

/* Give hll, in any mode, K fresh registers: it is in HLL mode then. */
void sk_hll_start(struct sk_hll *hll);

/* Recompute kxq0, kxq1, cur_min and at_min from the registers. */
void sk_hll_recount(struct sk_hll *hll);

/* The map of HLL_4: put a slot's value; is the cell `at`, which is in use,
 * where its slot is looked for (the map has room); lg of its first size. */
void sk_hll_aux_put(struct sk_hll *hll, uint32_t slot, unsigned value);
bool sk_hll_aux_is_at(const struct sk_hll *hll, size_t at);
unsigned sk_hll_aux_lg_min(unsigned lgk);

/* The estimate of LIST and SET modes, from the number of coupons. */
double sk_hll_coupon_estimate(uint32_t n);

#endif
