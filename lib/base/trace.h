/*
 * SK_TRACE=1 (stderr) or SK_TRACE=FILE (appended): a line for each open, roll,
 * recovery and checkpoint, for debugging and for tests to wait on.
 * `TOOL EVENT key=value ...`; it never changes what is written elsewhere.
 */
#ifndef SK_BASE_TRACE_H
#define SK_BASE_TRACE_H

#include "base/compat.h"

void sk_trace(const char *event, const char *fmt, ...) SK_PRINTF(2, 3);

#endif
