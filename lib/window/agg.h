/*
 * Aggregates: what is said of the events of a window.
 *
 *	[NAME=]KIND[:FIELD[:FIELD]]
 *
 *	count  count:F      events; those with a value of F
 *	sum mean            of integers and decimals of up to 18 places exact,
 *	                    of other numbers the nearest doubles are summed
 *	                    without error; rounded once, at the end
 *	min max             numbers, as they were written
 *	var stddev          of a sample (n - 1); null for a single number
 *	first last          the value of the earliest, the latest event
 *	any                 the value of one event: the earliest
 *	delta               last number less the first one
 *	rate  rate:F        events a second of the window; delta a second of the
 *	                    time between the two, null if there is none
 *	distinct:F          exact to 1000 (or 1 MiB of them), then HyperLogLog;
 *	                    a second column NAME_error has its relative
 *	                    standard error, 0 while exact
 *	top5:F              the most frequent values, a list of {"item","count",
 *	                    "error"}; up to top1000; exact to 1024 distinct
 *	                    values, or 64 for each of more than 16
 *	argmax:F:G argmin   G of the events in which the number F is greatest
 *	                    (least): a list, since there may be ties
 *	p50:F p99.9:F       percentiles, by nearest rank; exact to 1000
 *	list:F              all values, a list, up to a limit: the earliest
 *	hll:F quantile:F    the image of a sketch in base64, to be merged later
 *
 * The column is called KIND_F, with F's last name (sum_bytes, p99.9_ms,
 * top5_path), argmax_F_G, or KIND alone; NAME= gives another.
 *
 * An event without a value of a field is passed over by the aggregates of that
 * field; where there were none, the result is null, or 0 for counts.  A whole
 * number is written in full, others as the shortest text of the nearest double.
 * Values are written as they came: out of NDJSON with their kinds, in lists of
 * columns as strings.
 *
 * Of two events of equal time the one that was added first is the earlier.  All
 * that is not a sketch beyond its exact part is the same for any order in which
 * the events of distinct times are added and states merged.
 *
 * Aggregates that need the same (p50:ms, p99:ms) share a cell of the state.  A
 * state is flat but for what its cells own: it may be moved, is aligned to 16
 * bytes, and is released by sk_aggs_free().
 *
 * Bytes of a state, rounded up to 16 together:
 *
 *	count                    8
 *	sum and mean            32; 72 allocated once a double comes, or 128
 *	                        bits overflow
 *	min, max                32 each
 *	var and stddev          40, and some 100 allocated
 *	first, last, any        32 each, and values of over 16 bytes
 *	delta and rate:F        80
 *	argmax, argmin          48, and a list
 *	list                     8, 72, 32 a value and its bytes; up to twice it
 *	distinct                 8, 56, 13 a value and its bytes, up to twice
 *	                        that; then 4 KiB
 *	top5                     8, 120, up to 74 a counter (sketch/topk.h)
 *	percentiles, quantile    8, 88, 8 to 16 a number up to 1000; then 8 KiB
 *	hll                      8, 64, up to 4 KiB
 *
 * So a count and a sum take 48.  An event costs them 8 ns, 15 with decimals;
 * another cell 5 to 20 ns.  Nothing is allocated per event once values fit.
 */
#ifndef SK_WINDOW_AGG_H
#define SK_WINDOW_AGG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "field/field.h"
#include "format/record.h"
#include "format/value.h"

#define SK_AGGS_MAX 64   /* aggregates of a command */
#define SK_AGG_ALIGN 16  /* of a state */
#define SK_AGG_LIST 1000 /* values of a list, by default */

struct sk_agg;
struct sk_agg_cell;
struct sk_agg_taken;

struct sk_aggs {
	struct sk_agg *agg;         /* in the order they were given */
	size_t n;
	struct sk_agg_cell *cell;   /* what states are made of */
	size_t ncells;
	size_t size;                /* of a state, in steps of the alignment */
	struct sk_field *field;     /* the fields of all, each once */
	bool *number;               /* of each: a number is wanted */
	bool *any;                  /* of each: lists and objects too */
	size_t nfields;
	struct sk_view *column;     /* names, a NULL ptr at the end */
	uint32_t list_max;          /* of list:, argmax:; may be set */

	struct sk_agg_taken *taken; /* of each field: the event at hand */
	int64_t at_ns;              /* its time */
	bool plain;                 /* cells are a count and at most one sum */
	bool sums;                  /* there is that one */
	size_t count_at, sum_at;    /* where they stand */
	uint64_t seed;              /* of tables; it does not show */
};

/* What an event gives to states: the values of its fields, looked at once, with
 * SK_PAD readable bytes behind each. */
struct sk_agg_event {
	int64_t at_ns;
	const struct sk_view *value;  /* of each field; ptr NULL: none */
	const unsigned char *kind;    /* enum sk_kind of each; NULL: text */
};

void sk_aggs_init(struct sk_aggs *aggs);
/* Add a list `count,sum:bytes`, which has to stand as long as aggs does.
 * SK_EUSAGE with words in diag. */
int sk_aggs_parse(struct sk_aggs *aggs, const char *list,
    struct sk_diag *diag);
/* All are there (count, if none was given): fields, columns, the size.
 * SK_EUSAGE if two columns have one name. */
int sk_aggs_plan(struct sk_aggs *aggs, struct sk_diag *diag);
void sk_aggs_done(struct sk_aggs *aggs);

/* Look at an event: NULL, or why it is bad (static text).  The next
 * sk_aggs_add()s add this one. */
const char *sk_aggs_take(struct sk_aggs *aggs,
    const struct sk_agg_event *event);

void sk_aggs_new(const struct sk_aggs *aggs, void *state);
void sk_aggs_free(const struct sk_aggs *aggs, void *state);
void sk_aggs_add(const struct sk_aggs *aggs, void *state);
/* to is overwritten; into takes what from has, which stays.  Where times are
 * equal, into is the earlier. */
void sk_aggs_copy(const struct sk_aggs *aggs, void *to, const void *from);
void sk_aggs_merge(const struct sk_aggs *aggs, void *into, const void *from);

/* How many events a state of a plain count is of. */
uint64_t sk_aggs_count(const struct sk_aggs *aggs, const void *state);

/* How many values the lists of a state left out, being full. */
uint64_t sk_aggs_left_out(const struct sk_aggs *aggs, const void *state);

/* The cells of a record, for a window of this length (0: it has none, and no
 * rate).  SK_ELIMIT with words in diag, the record not to be used: a sum or a
 * delta is beyond 128 bits, or beyond all doubles. */
int sk_aggs_put(const struct sk_aggs *aggs, const void *state,
    int64_t length_ns, struct sk_record *record, struct sk_diag *diag);
/* Those of a window without events: 0 for counts (also distinct ones, and the
 * rate of events) and sums if `zero`, null for all else. */
void sk_aggs_put_empty(const struct sk_aggs *aggs, bool zero,
    struct sk_record *record);

/* A state as bytes, and back: what is read goes on exactly as what was saved.
 * sk_aggs_load overwrites state and takes its bytes from the front of *bytes;
 * SK_EDATA with words in diag, the state empty, if they are none. */
void sk_aggs_save(const struct sk_aggs *aggs, const void *state,
    struct sk_buf *buf);
int sk_aggs_load(const struct sk_aggs *aggs, void *state,
    struct sk_view *bytes, struct sk_diag *diag);

#endif
