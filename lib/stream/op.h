/*
 * The operator: what a filter does to the events of a stream.
 *
 * The runner (stream/run.h) owns the loop: reading, splitting, fields, bad
 * events, ticks, signals, flushing.  It calls the operator, and the operator
 * writes through the struct sk_emit that it is given.  An operator knows
 * nothing of options, inputs or descriptors.
 *
 * Events come one at a time (event) or in batches (batch, one call for up to
 * a few thousand lines); an operator has one of the two.  Views are valid
 * during the call, SK_PAD bytes behind each are readable.  An event whose
 * required fields have no value never arrives; empty lines neither.
 *
 * All calls return 0 or a negative enum sk_err, which ends the run.  A call
 * that an operator does not need is NULL.
 */
#ifndef SK_STREAM_OP_H
#define SK_STREAM_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "field/field.h"

struct sk_emit;

struct sk_event {
	struct sk_view line;         /* without its newline */
	const struct sk_view *field; /* in the order of sk_op.want */
};

struct sk_batch {
	size_t n;
	const struct sk_view *line;
	const struct sk_view *const *field; /* field[f][i]: f of event i */
	/* The same of kinds (format/value.h); NULL: all is text. */
	unsigned char *const *kind;
};

/* A field that the operator wants of each event. */
struct sk_want {
	struct sk_field field;
	bool required; /* an event without it is passed over and counted */
	bool number;   /* `-` is no value */
	bool any;      /* lists and objects too, else they are bad */
};

struct sk_op {
	void *self;
	const struct sk_want *want;
	size_t nwant;

	/* A further input begins. */
	void (*input)(void *self);
	/* It has this header line (CSV, TSV), which is no event.  NULL, or why
	 * the input cannot be taken: then it is left out. */
	const char *(*header)(void *self, struct sk_view line,
	    struct sk_emit *emit);
	int (*batch)(void *self, const struct sk_batch *batch,
	    struct sk_emit *emit);
	int (*event)(void *self, const struct sk_event *event,
	    struct sk_emit *emit);
	/* Watermarks will come (the header of a framed input says so): time
	 * need not be guessed from the events that follow. */
	void (*marked)(void *self);
	/* No event with a time before t_ns comes any more. */
	int (*watermark)(void *self, int64_t t_ns, struct sk_emit *emit);
	/* The next read would block, and nothing has come for so long; with
	 * idle_ns also when that has passed, and again each second or so. */
	int (*idle)(void *self, int64_t ns, struct sk_emit *emit);
	int64_t idle_ns;
	/* --every has come round: write the result so far. */
	int (*tick)(void *self, struct sk_emit *emit);
	/* The end of input: write the result. */
	int (*finish)(void *self, struct sk_emit *emit);
	/* The state as bytes, and back; load is called before any event and
	 * fails with SK_EDATA on bytes that are no state of this operator. */
	int (*save)(void *self, struct sk_buf *buf);
	int (*load)(void *self, const void *bytes, size_t len);
};

#endif
