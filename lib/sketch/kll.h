/*
 * KLL: the quantiles of a stream of numbers, in a few KiB.
 *
 * The sketch of Apache DataSketches for doubles, which Spark, Druid and the
 * Postgres extension read.  Numbers lie in levels; one of level h stands for
 * 2^h numbers of the stream.  When there is no more room, a level is sorted
 * and every second number of it goes up a level: the odd ones or the even
 * ones, as a coin falls, so that ranks are off by at most one of its weight,
 * up as often as down.
 *
 * The error is one of rank: with k = 200 what is said to be p50 is in truth
 * between p48.7 and p51.3, in 99 of 100 cases.  That is little in the middle
 * and much at p99.9.  So, beyond the library, a compaction may spare the
 * greatest numbers of a level (`protect`): at the upper end ranks are then off
 * by a part of their distance to it, and the image is still one that everyone
 * reads.  With protect 0 the algorithm is the library's, coin by coin.
 *
 * The caller owns the struct; a copy is sk_kll_copy, not an assignment.
 * Memory: the struct and 16 bytes a number up to `exact` numbers, which are
 * all kept; then about 3.1 k numbers of 8 bytes and SK_KLL_SPARE more.
 *
 * Cost: 10 to 15 ns a number in a batch, 1 while they are all kept.
 *
 * Sources: Karnin, Lang, Liberty: Optimal Quantile Approximation in Streams
 * (2016).  Cormode, Karnin, Liberty, Thaler, Vesely: Relative Error Streaming
 * Quantiles (2021), for what is spared.
 */
#ifndef SK_SKETCH_KLL_H
#define SK_SKETCH_KLL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "sketch/ranks.h"

#define SK_KLL_K_MIN 8
#define SK_KLL_K_MAX 65535
#define SK_KLL_K 200 /* the usual size: 1.3 % */
#define SK_KLL_LEVELS_MAX 61

/* How sketches are made and kept.  The zeroed one with a k is the library's,
 * with coins that fall 0, 1, 0, 1 ... */
struct sk_kll_plan {
	uint16_t k;
	uint16_t protect; /* numbers that a compaction of a level spares */
	uint32_t exact;   /* so many numbers are all kept */
	uint64_t seed;    /* of the coins; 0: they take turns */
};

struct sk_kll {
	uint64_t n;
	double min, max; /* of the stream, if n > 0 */
	double *item;    /* `room` numbers, and the starts of the levels */
	uint32_t room;
	uint32_t exact;
	uint32_t full;   /* it is compacted when the first level starts here */
	uint16_t k;
	uint16_t min_k;  /* of all that was merged */
	uint16_t protect;
	uint8_t levels;
	bool seeded;
	uint64_t coin;   /* the generator, or the next coin */
	uint64_t turn;   /* bit h: the next coin of level h undoes the last */
	uint64_t last;   /* bit h: the last coin of level h */
};

/* What is spared by default: a twelfth of k. */
struct sk_kll_plan sk_kll_plan(unsigned k, uint32_t exact, uint64_t seed);

void sk_kll_init(struct sk_kll *kll, const struct sk_kll_plan *plan);
void sk_kll_free(struct sk_kll *kll); /* a zeroed one too */
/* out is overwritten: it holds nothing that would need a free. */
void sk_kll_copy(struct sk_kll *out, const struct sk_kll *kll);

/* Add a number; NaN is none. */
void sk_kll_add(struct sk_kll *kll, double value);
/* Add n numbers, none of them NaN. */
void sk_kll_add_batch(struct sk_kll *kll, const double *value, size_t n);
/* Add a number as often as `weight` says; false, nothing done, if that makes
 * 2^60 or more numbers.  Takes time with the bits set in the weight. */
bool sk_kll_add_weighted(struct sk_kll *kll, double value, uint64_t weight);

/* Merge from into kll, which keeps its k; the error is that of the smaller k
 * (min_k).  false, nothing done, if that makes 2^60 or more numbers.  from is
 * not changed; it is not kll. */
bool sk_kll_merge(struct sk_kll *kll, const struct sk_kll *from);

/* Numbers held, and the most that an image of this size may hold. */
uint32_t sk_kll_held(const struct sk_kll *kll);
uint32_t sk_kll_total(unsigned k, unsigned levels);

/* Whether all numbers are held, so that answers are exact. */
bool sk_kll_exact(const struct sk_kll *kll);

/* The error of a rank in 99 of 100 cases: of a single one, and of a difference
 * of two (a share between two values), as a part of n. */
double sk_kll_error(const struct sk_kll *kll);
double sk_kll_error_pmf(const struct sk_kll *kll);

/* The numbers with their ranks, for questions; to be freed by
 * sk_ranks_free. */
void sk_kll_ranks(const struct sk_kll *kll, struct sk_ranks *ranks);

/* Add the image to buf: at most 8 bytes a number of sk_kll_total and 36 + 4 a
 * level.  A sketch that holds more is compacted for it, but not changed. */
void sk_kll_save(const struct sk_kll *kll, struct sk_buf *buf);

/*
 * Read an image into kll, which is overwritten (it holds nothing that would
 * need a free); it goes on as `plan` says, but for its k.  SK_EDATA with the
 * reason in diag if it is not one that this or another writer can have made,
 * SK_EVERSION if it is newer; kll is zeroed then.
 */
int sk_kll_load(struct sk_kll *kll, const struct sk_kll_plan *plan,
    struct sk_view image, struct sk_diag *diag);

#endif
