/*
 * The parts of aggregates, for the files that make them up: what was asked for,
 * and the cells of a state that answer it.
 */
#ifndef SK_WINDOW_AGG_PARTS_H
#define SK_WINDOW_AGG_PARTS_H

#include "window/agg.h"
#include "window/decimal.h"
#include "window/values.h"

enum sk_cell_kind {
	SK_CELL_COUNT,    /* uint64_t: all events */
	SK_CELL_VALUES,   /* uint64_t: events with a value */
	SK_CELL_SUM,      /* struct sk_sum */
	SK_CELL_MIN,      /* struct sk_decimal */
	SK_CELL_MAX,
	SK_CELL_FIRST,    /* struct sk_kept */
	SK_CELL_LAST
};

enum sk_agg_kind {
	SK_AGG_COUNT,
	SK_AGG_VALUES,
	SK_AGG_SUM,
	SK_AGG_MEAN,
	SK_AGG_MIN,
	SK_AGG_MAX,
	SK_AGG_FIRST,
	SK_AGG_LAST
};

/* What is wanted of a field. */
enum {
	SK_AGG_NUMBER = 1,
	SK_AGG_SCALAR = 2, /* no list, no object */
	SK_AGG_ITEM = 4    /* kind and text as one key */
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
};

struct sk_agg_cell {
	enum sk_cell_kind kind;
	size_t at;          /* in the state */
	size_t field[2];
};

/* A field of the event at hand. */
struct sk_agg_taken {
	unsigned want;
	bool has_number;
	struct sk_valued value;   /* text NULL: none */
	struct sk_decimal number;
};

static inline void *
sk_cell_of(const struct sk_agg_cell *cell, void *state)
{
	return (char *)state + cell->at;
}

static inline const void *
sk_cell_in(const struct sk_agg_cell *cell, const void *state)
{
	return (const char *)state + cell->at;
}

size_t sk_cell_size(enum sk_cell_kind kind);

#endif
