/*
 * Aggregates: what is said of the events of a window.
 *
 *	[NAME=]KIND[:FIELD[:FIELD]]
 *
 *	count  count:F      events; those with a value of F
 *	sum mean            integers exact in 128 bits; decimals of up to 18
 *	                    places exact too, others compensated
 *	min max             numbers
 *	var stddev          of a sample (n - 1); null for a single number
 *	first last any      the value of the earliest, the latest, one event
 *	delta               last number less the first one
 *	rate  rate:F        events a second of the window; delta a second of the
 *	                    time between the two, null if there is none
 *	distinct:F          exact to 1000, then HyperLogLog; a second column
 *	                    NAME_error has its relative standard error, 0 while
 *	                    exact
 *	top5:F              the most frequent values, a list of {"item","count",
 *	                    "error"}
 *	argmax:F:G argmin   G of the events in which the number F is greatest
 *	                    (least): a list, since there may be ties
 *	p50:F p99.9:F       percentiles, by nearest rank; exact to 1000
 *	list:F              all values, a list, up to a limit
 *	hll:F quantile:F    the image of a sketch in base64, to be merged later
 *
 * The column is called KIND_F, with F's last name (sum_bytes, p99.9_ms,
 * top5_path), argmax_F_G, or KIND alone; NAME= gives another.
 *
 * An event without a value of a field is passed over by the aggregates of that
 * field.  Of two events of equal time the one that was added first is the
 * earlier.  All that is not a sketch beyond its exact part is the same for any
 * order in which the events of distinct times are added and states merged.
 *
 * Aggregates that need the same (p50:ms, p99:ms) share a cell of the state.  A
 * state is flat but for what its cells own: it may be moved, is aligned to 16
 * bytes, and is released by sk_aggs_free().
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
	size_t size;                /* of a state, a multiple of the alignment */
	struct sk_field *field;     /* the fields of all, each once */
	bool *number;               /* of each: a number is wanted */
	bool *any;                  /* of each: lists and objects are values too */
	size_t nfields;
	struct sk_view *column;     /* names, a NULL ptr at the end */
	uint32_t list_max;          /* of list:, argmax:; may be set */

	struct sk_agg_taken *taken; /* of each field: the event at hand */
	int64_t at_ns;              /* its time */
	bool plain;                 /* cells are one count and one sum ... */
	size_t count_at, sum_at;    /* ... that stand here */
	uint64_t seed;              /* of tables; it does not show */
};

/* What an event gives to states: the values of its fields, looked at once. */
struct sk_agg_event {
	int64_t at_ns;
	const struct sk_view *value;  /* of each field; ptr NULL: none */
	const unsigned char *kind;    /* enum sk_kind of each; NULL: text */
};

void sk_aggs_init(struct sk_aggs *aggs);
/* Add a list `count,sum:bytes`.  SK_EUSAGE with words in diag. */
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

/* How many values the lists of a state left out, being full. */
uint64_t sk_aggs_left_out(const struct sk_aggs *aggs, const void *state);

/* The cells of a record, for a window of this length.  SK_ELIMIT with words in
 * diag: a sum is beyond 128 bits. */
int sk_aggs_put(const struct sk_aggs *aggs, const void *state,
    int64_t length_ns, struct sk_record *record, struct sk_diag *diag);
/* Those of a window without events: 0 for counts and sums if `zero`, null for
 * all else. */
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
