/*
 * sk-window: events into windows, and rows out of them.
 *
 * The watermark is the largest event time less --delay, event by event, so
 * what is late does not depend on how the input is cut into reads; or what a
 * framed stream says, unless --delay is given.
 */
#ifndef SK_STREAM_WINDOW_H
#define SK_STREAM_WINDOW_H

#include "base/opt.h"
#include "stream/opts.h"
#include "stream/winspec.h"

/* Run over the inputs, as sk_stream_run() does; the options are parsed.  What
 * does not go together ends the program with status 2.  The exit status. */
int sk_windows_run(struct sk_winspec *spec, const struct sk_cmd *cmd,
    const struct sk_shared *shared, char **inputs);

#endif
