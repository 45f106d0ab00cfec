/*
 * The usual step of a stream: the median of its last 31 intervals, and whether
 * an interval is a gap.
 *
 * Cost: some 20 ns.  Memory: the struct.
 */
#ifndef SK_DETECT_STEP_H
#define SK_DETECT_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define SK_STEP_LAST 31
#define SK_STEP_GAP 10 /* usual steps */

/* A zeroed one has seen nothing. */
struct sk_step {
	int64_t ring[SK_STEP_LAST], sorted[SK_STEP_LAST]; /* ns */
	uint32_t n, head;
	bool begun;
	int64_t last_ns;
};

/* An event at this time: whether it comes behind a gap. */
bool sk_step_is_gap(struct sk_step *step, int64_t t_ns);

void sk_step_save(const struct sk_step *step, struct sk_buf *buf);
bool sk_step_load(struct sk_step *step, struct sk_view *bytes);

#endif
