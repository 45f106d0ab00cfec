/*
 * Quantiles by KLL (sketch/kll.h) or t-digest (sketch/tdigest.h): one state
 * for tools that let their user choose.
 *
 * The caller owns the struct, which is flat: it may be moved.  Questions go to
 * a view, which holds the numbers in order and is valid until the state
 * changes.
 */
#ifndef SK_SKETCH_QUANTILE_H
#define SK_SKETCH_QUANTILE_H

#include "sketch/kll.h"
#include "sketch/tdigest.h"

enum sk_quantile_method { SK_QUANTILE_KLL, SK_QUANTILE_TDIGEST };

struct sk_quantile_conf {
	int method;     /* enum sk_quantile_method */
	bool chosen;    /* the method was given: an image has to be of it */
	uint64_t size;  /* k */
	bool fixed;     /* the size was given: an image does not change it */
	uint32_t exact; /* KLL: so many numbers are all kept */
	uint64_t seed;  /* KLL: of the coins */
};

struct sk_quantile {
	const struct sk_quantile_conf *conf;
	union {
		struct sk_kll kll;
		struct sk_tdigest digest;
	} of;
};

/* conf is kept. */
void sk_quantile_init(
    struct sk_quantile *state, const struct sk_quantile_conf *conf);
void sk_quantile_free(struct sk_quantile *state);

/* Add n numbers, texts with SK_PAD readable bytes behind each; returns how many
 * of them are none. */
size_t sk_quantile_add(
    struct sk_quantile *state, const struct sk_view *text, size_t n);
/* false, nothing done, if that makes 2^60 or more numbers. */
bool sk_quantile_add_weighted(
    struct sk_quantile *state, double value, uint64_t weight);

/* The first image decides on the method of all, where none was chosen. */
void sk_quantile_adopt(struct sk_quantile *state,
    struct sk_quantile_conf *conf, struct sk_view image);

/* Add what an image holds.  An empty state takes its size, unless that is
 * fixed.  SK_EDATA, SK_EVERSION with the reason in diag. */
int sk_quantile_fold(struct sk_quantile *state, struct sk_view image,
    struct sk_diag *diag);
void sk_quantile_save(const struct sk_quantile *state, struct sk_buf *buf);

/* What an image of either method is: its name (`kll`), its parameters (`k=200
 * n=9331 ...`), added to text, and its median (NaN if it is empty). */
int sk_quantile_about(struct sk_view image, const char **name,
    struct sk_buf *text, double *median, struct sk_diag *diag);

struct sk_quantile_view {
	uint64_t n;
	double min, max;
	double error; /* of a rank, in 99 of 100 cases; NaN: unknown */
	bool by_digest;
	struct sk_ranks ranks;
	struct sk_tdigest digest;
};

void sk_quantile_open(
    const struct sk_quantile *state, struct sk_quantile_view *view);
void sk_quantile_close(struct sk_quantile_view *view);

/* The value at a share of the numbers (nearest rank; min at 0 and below, max at
 * 1 and above), and how many are at most x, or less than x.  NaN, and 0, if
 * there are none. */
double sk_quantile_value(const struct sk_quantile_view *view, double share);
double sk_quantile_upto(const struct sk_quantile_view *view, double x);
double sk_quantile_below(const struct sk_quantile_view *view, double x);


/* The same with bounds that hold in 99 of 100 cases; NaN where none are
 * known, or there are no numbers.  The rank of x is the share at or below. */
struct sk_quantile_answer {
	double value, lower, upper;
};

struct sk_quantile_answer sk_quantile_value_bounds(
    const struct sk_quantile_view *view, double share);
struct sk_quantile_answer sk_quantile_rank_bounds(
    const struct sk_quantile_view *view, double x);

/* Range i of n from min to max, of equal width, and how many numbers are in it:
 * those at its lower end, not those at its upper one but for the last. */
struct sk_quantile_bin {
	double lower, upper;
	uint64_t count;
	double share; /* that count of all */
};

struct sk_quantile_bin sk_quantile_bin(
    const struct sk_quantile_view *view, uint64_t i, uint64_t n);

/* Step i of n of equal shares: the value below it (NaN at the first), that at
 * its end, and how many numbers are at or below that. */
struct sk_quantile_bin sk_quantile_step(
    const struct sk_quantile_view *view, uint64_t i, uint64_t n);

#endif
