/*
 * Reductions: tools that fold the values of many events into a state, one for
 * each key (-k), and write what the states say at --every and at the end.
 *
 * The tool says how a state begins, takes values and is written; keys, their
 * limit, the order of the output and bad events are settled here, and with
 * images also --save, --load, --state, --merge and --info (stream/saved.h).
 * States are flat in the sense of stream/group.h: they may move in memory.
 */
#ifndef SK_STREAM_REDUCE_H
#define SK_STREAM_REDUCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/opt.h"
#include "field/field.h"
#include "stream/emit.h"
#include "stream/opts.h"

struct sk_reduce_rows;

struct sk_reduce {
	size_t size; /* of a state */
	void (*init)(void *state);
	void (*release)(void *state);
	/* Take n values, each with SK_PAD readable bytes behind it; returns how
	 * many were refused. */
	size_t (*add)(void *state, const struct sk_view *values, size_t n);
	/* Why a value was refused, or NULL if it was not. */
	const char *(*refused)(struct sk_view value);
	/* Write the records of a state: for each sk_reduce_begin(), its values,
	 * sk_reduce_end().  Returns what the last of these gave, or 0. */
	int (*put)(const void *state, struct sk_reduce_rows *rows);
	/* The names of the columns behind the keys, NULL at the end. */
	const char *const *columns;
	bool numbers;       /* values are numbers: `-` is none */
	const char *weight; /* FIELD of --weight, or NULL */
	/* Take a value with its weight, a text: NULL, or why it is refused. */
	const char *(*add_weighted)(void *state, struct sk_view value,
	    struct sk_view weight);

	/* The field of -t, or NULL, and what takes the time of the event that
	 * is added next: NULL, or why it is none. */
	const struct sk_field *time;
	const char *(*at)(struct sk_view time);

	/* Images: NULL where a tool has none.  `member` is their name in
	 * NDJSON.  fold adds what an image holds to a state, which may be
	 * empty; about writes what --info says: the name of the sketch, its
	 * parameters and the estimate, as three cells. */
	const char *member;
	int (*fold)(void *state, struct sk_view image, struct sk_diag *diag);
	void (*image)(const void *state, struct sk_buf *buf);
	int (*about)(struct sk_view image, struct sk_record *record,
	    struct sk_diag *diag);
};

/* A record with its key columns written. */
struct sk_record *sk_reduce_begin(struct sk_reduce_rows *rows);
int sk_reduce_end(struct sk_reduce_rows *rows);

/* Run over the inputs, as sk_stream_run() does; the options are parsed.  A
 * wrong FIELD ends the program with status 2. */
int sk_reduce_run(const struct sk_reduce *reduce, const struct sk_cmd *cmd,
    const struct sk_shared *shared, char **inputs);

/* Load a saved file into one state, over all keys, and have `ask` write the
 * records of each operand as `put` does.  The exit status; without operands the
 * program ends with status 2. */
int sk_reduce_query(const struct sk_reduce *reduce, const struct sk_cmd *cmd,
    const struct sk_shared *shared, const char *file, char **operands,
    int (*ask)(const void *state, struct sk_view operand,
	struct sk_reduce_rows *rows));

#endif
