/*
 * The parts of aggregates, for the files that make them up: what was asked for,
 * and the cells of a state that answer it.
 */
#ifndef SK_WINDOW_AGG_PARTS_H
#define SK_WINDOW_AGG_PARTS_H

#include "window/agg.h"
#include "window/decimal.h"
#include "window/tops.h"
#include "window/values.h"

enum sk_cell_kind {
	SK_CELL_COUNT,    /* uint64_t: all events */
	SK_CELL_VALUES,   /* uint64_t: events with a value */
	SK_CELL_SUM,      /* struct sk_sum */
	SK_CELL_MIN,      /* struct sk_decimal */
	SK_CELL_MAX,
	SK_CELL_MOMENTS,  /* struct sk_moments */
	SK_CELL_FIRST,    /* struct sk_kept */
	SK_CELL_LAST,
	SK_CELL_SPAN,     /* struct sk_span */
	SK_CELL_DISTINCT, /* struct sk_distinct * */
	SK_CELL_TOPS,     /* struct sk_topk * */
	SK_CELL_ARGMAX,   /* struct sk_arg */
	SK_CELL_ARGMIN,
	SK_CELL_KLL,      /* struct sk_kll * */
	SK_CELL_LIST,     /* struct sk_list * */
	SK_CELL_HLL       /* struct sk_hll * */
};

enum sk_agg_kind {
	SK_AGG_COUNT,
	SK_AGG_VALUES,
	SK_AGG_SUM,
	SK_AGG_MEAN,
	SK_AGG_MIN,
	SK_AGG_MAX,
	SK_AGG_VAR,
	SK_AGG_STDDEV,
	SK_AGG_KEPT,
	SK_AGG_DELTA,
	SK_AGG_RATE,
	SK_AGG_RATE_OF,
	SK_AGG_DISTINCT,
	SK_AGG_TOP,
	SK_AGG_ARG,
	SK_AGG_PERCENTILE,
	SK_AGG_LISTED,
	SK_AGG_HLL,
	SK_AGG_QUANTILE
};

/* What is wanted of a field. */
enum {
	SK_AGG_NUMBER = 1,
	SK_AGG_VALUE = 2,
	SK_AGG_SCALAR = 4, /* no list, no object */
	SK_AGG_ITEM = 8,   /* kind and text as one */
	SK_AGG_SHORT = 16  /* for tops: at most SK_TOPS_ITEM bytes */
};

struct sk_agg {
	enum sk_agg_kind kind;
	enum sk_cell_kind cell_kind;
	struct sk_view text;       /* as typed */
	struct sk_field field[2];
	unsigned char want[2];     /* of each */
	size_t nfields;
	size_t cell;
	char *column;
	char *error_column;        /* of distinct, or NULL */
	double share;              /* of a percentile */
	uint32_t top;
};

struct sk_agg_cell {
	enum sk_cell_kind kind;
	bool number;        /* of its first field a number is wanted */
	size_t at;          /* in the state */
	size_t field[2];
	struct sk_tops_plan tops;
};

/* A field of the event at hand. */
struct sk_agg_taken {
	unsigned want;
	bool has_number;
	struct sk_decimal number; /* if there is one */
	struct sk_valued value;   /* if more than a number is wanted; text
	                           * NULL: none */
	struct sk_buf item;
};

#endif
