/*
 * HyperLogLog: how many distinct items, in a few KiB.
 *
 * The sketch of Apache DataSketches, which Spark, Druid, BigQuery and the
 * Postgres extension read: an item's hash gives a coupon (26 bits of address,
 * 6 bits of value).  A few coupons are kept as they are (LIST of up to 7, SET
 * of up to 3/32 of K), many become K = 2^lgK registers of the greatest value
 * seen (HLL).  In order, that is without a merge, the estimate is the running
 * HIP sum; after a merge it is the composite one.
 *
 * Error of one standard deviation: 0.83/sqrt(K) in order (1.3 % at lgK 12),
 * 1.04/sqrt(K) after a merge; nearly none in LIST and SET.
 *
 * The caller owns the struct; a copy is sk_hll_copy, not an assignment.  No
 * argument is kept.  An empty item is no item: it is passed over everywhere.
 * The three types differ in their images only (4, 6 and 8 bits a register);
 * memory is the struct, 64 bytes, and 0 (LIST), up to K/2 (SET) or K bytes
 * (HLL), and a few hundred bytes more with HLL_4.
 *
 * Cost: 3 to 4 ns an item of up to 15 bytes in a batch (8 without AVX2), and
 * about 0.15 ns each further byte.
 *
 * Sources: Flajolet, Fusy, Gandouet, Meunier: HyperLogLog: the analysis of a
 * near-optimal cardinality estimation algorithm (2007).  Cohen: All-Distances
 * Sketches, Revisited: HIP Estimators (2014).  Ting: Streamed Approximate
 * Counting of Distinct Elements (2014).  Lang: Back to the Future: an Even More
 * Nearly Optimal Cardinality Estimation Algorithm (2017).
 */
#ifndef SK_SKETCH_HLL_H
#define SK_SKETCH_HLL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define SK_HLL_LGK_MIN 4
#define SK_HLL_LGK_MAX 21
#define SK_HLL_LGK 12 /* the usual size: 4096 registers */

enum sk_hll_type { SK_HLL_4 = 0, SK_HLL_6 = 1, SK_HLL_8 = 2 };
enum sk_hll_mode { SK_HLL_LIST = 0, SK_HLL_SET = 1, SK_HLL_HLL = 2 };

struct sk_hll {
	uint8_t lgk;
	uint8_t type;      /* enum sk_hll_type */
	uint8_t mode;      /* enum sk_hll_mode */
	bool out_of_order; /* merged: hip means nothing */
	uint8_t cur_min;   /* HLL: the least register */
	uint8_t lg_set;    /* SET: 2^lg_set cells */
	uint8_t lg_aux;    /* HLL_4: 2^lg_aux cells, when aux is not NULL */
	union {
		uint32_t n;      /* LIST, SET: coupons held */
		uint32_t at_min; /* HLL: registers that equal cur_min */
	};
	uint32_t aux_n;    /* HLL_4: cells in use */
	union {
		uint32_t list[8]; /* LIST: coupons in the order they came */
		struct {          /* HLL */
			double hip;    /* the running estimate */
			double kxq0;   /* sum of 2^-r over registers r < 32 */
			double kxq1;   /* the same over the others */
			uint32_t *aux; /* HLL_4: registers of cur_min + 15
			                * and above */
		};
	};
	uint32_t *set;     /* SET: open addressing, 0 is an empty cell */
	uint8_t *regs;     /* HLL: K registers */
};

/* An empty sketch; lgk from SK_HLL_LGK_MIN to SK_HLL_LGK_MAX. */
void sk_hll_init(struct sk_hll *hll, unsigned lgk, enum sk_hll_type type);
void sk_hll_free(struct sk_hll *hll); /* a zeroed one too */
void sk_hll_reset(struct sk_hll *hll); /* empty again, memory released */
bool sk_hll_empty(const struct sk_hll *hll);
/* out is overwritten: it holds nothing that would need a free. */
void sk_hll_copy(struct sk_hll *out, const struct sk_hll *hll);

/* Add bytes as a string is added elsewhere: valid UTF-8 is comparable. */
void sk_hll_add(struct sk_hll *hll, struct sk_view item);
/* The same for n items, with SK_PAD readable bytes behind each one; the
 * second without AVX2, to be compared with. */
void sk_hll_add_batch(
    struct sk_hll *hll, const struct sk_view *items, size_t n);
void sk_hll_add_batch_portable(
    struct sk_hll *hll, const struct sk_view *items, size_t n);
/* Add a number as Spark and the libraries hash it: other bytes than its
 * digits, so the two are not comparable. */
void sk_hll_add_i64(struct sk_hll *hll, int64_t value);
void sk_hll_add_f64(struct sk_hll *hll, double value);

/* The best estimate there is, and the one that does not depend on order. */
double sk_hll_estimate(const struct sk_hll *hll);
double sk_hll_composite(const struct sk_hll *hll);

/* Bounds at 1, 2 or 3 standard deviations. */
struct sk_hll_bounds {
	double lower;
	double upper;
};

struct sk_hll_bounds sk_hll_bounds(const struct sk_hll *hll, unsigned sds);

/*
 * Merge from into hll: what hll estimates then is the union.  hll becomes
 * HLL_8 (sk_hll_convert makes it what is wanted) and takes the smaller lgK of
 * the two once from is in HLL mode.  from is not changed; it is not hll.
 */
void sk_hll_merge(struct sk_hll *hll, const struct sk_hll *from);

/* Before a merge that is to keep the precision of its inputs: an empty sketch
 * takes this lgK, one in LIST or SET mode if it is the larger. */
void sk_hll_widen(struct sk_hll *hll, unsigned lgk);

/* Change the type, and with it the image, to the bytes other writers have. */
void sk_hll_convert(struct sk_hll *hll, enum sk_hll_type type);

/* Add the image to buf: compact, or the updatable one that Spark writes. */
void sk_hll_save(
    const struct sk_hll *hll, struct sk_buf *buf, bool updatable);

/*
 * Read an image of any kind into hll, which is overwritten (it holds nothing
 * that would need a free).  SK_EDATA with the reason in diag if it is not one
 * that this or another writer can have made, SK_EVERSION if it is newer; hll
 * is zeroed then.  No image makes it read out of bounds or run for long.
 */
int sk_hll_load(
    struct sk_hll *hll, struct sk_view image, struct sk_diag *diag);

#endif
