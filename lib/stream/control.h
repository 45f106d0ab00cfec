/*
 * Control lines: a line that begins with DLE (0x10) in a framed stream.
 *
 * This version reads raw streams only, where every line is data whatever its
 * first byte.  A framed stream says so in its first line (`DLE H v=...`); it
 * is refused, since its control lines would be counted as events.
 */
#ifndef SK_STREAM_CONTROL_H
#define SK_STREAM_CONTROL_H

#include <stdbool.h>

#include "base/buf.h"

#define SK_CONTROL_DLE 0x10

/* Whether the first line of a stream is the header of a framed one.  The one
 * place that looks at a line's first byte. */
bool sk_control_framed(struct sk_view first_line);

#endif
