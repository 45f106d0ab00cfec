/*
 * Samples of events: lines that pass as they are, some of them.
 *
 *	reservoir  n of all events (sketch/reservoir.h), with -k of each key
 *	weight     the same, heavy events more often (sketch/varopt.h)
 *	within     n of the events of the last span of event time
 *	           (sketch/recent.h)
 *	rate       each event with this probability, when it comes
 *	by         all events of this share of the values of a field: those
 *	           whose hash with the seed is below it, on every machine
 *
 * The first two are saved and merged (stream/saved.h).  Lines go out in the
 * order they came, those of saved samples before others, or shuffled.  CSV and
 * TSV keep their header line; an input of another one is left out.
 *
 * Memory: what the sketches say, 72 bytes a key, and 24 bytes a line while a
 * result is written.
 */
#ifndef SK_STREAM_SAMPLE_H
#define SK_STREAM_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/opt.h"
#include "stream/opts.h"

struct sk_sample {
	const struct sk_cmd *cmd;
	const struct sk_shared *shared;
	bool passing;       /* rate is given */
	double rate;        /* from 0 to 1 */
	const char *by;     /* FIELD, or NULL; needs rate */
	const char *weight; /* FIELD, or NULL */
	int64_t within_ns;  /* 0: all events; else the shared time is given */
	bool shuffle;
	uint64_t seed;
	char **inputs;      /* operands, NULL at the end */
};

#define SK_SAMPLE_NUMBER 10 /* without -n or a saved sample */

/* Run to the end of input; returns the exit status, for sk_stop_exit().  A
 * wrong FIELD ends the program with status 2. */
int sk_sample_run(const struct sk_sample *sample);

#endif
