/*
 * What a user asks of windows, and what that is in lib/window.
 */
#ifndef SK_STREAM_WINSPEC_H
#define SK_STREAM_WINSPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/opt.h"
#include "stream/opts.h"
#include "window/window.h"

/* In the order of its choices. */
enum sk_winspec_emit {
	SK_WINSPEC_DEFAULT = -1, /* final; with --early or --lateness upsert */
	SK_WINSPEC_FINAL,
	SK_WINSPEC_UPSERT,
	SK_WINSPEC_CHANGELOG
};

/* Options as they were typed; NULL and 0: not given. */
struct sk_winspec {
	const char *tumble, *hop, *cumulate, *session, *slide, *count;
	bool global;
	const char *offset;
	int64_t max_length_ns;
	struct sk_opt_list aggs;
	int64_t delay_ns;
	bool delay_given;
	int64_t lateness_ns;
	struct sk_every early;
	int emit;                /* enum sk_winspec_emit */
	int fill;                /* enum sk_window_fill */
	int64_t ttl_ns;
	int64_t idle_ns;
	const char *late;
	bool final;
};

/* The kind of window, its rulers (with this zone, which stays where it is) and
 * limits; how it goes out is settled in spec->emit.  What does not go together
 * ends the program with status 2. */
void sk_winspec_conf(struct sk_winspec *spec, const struct sk_cmd *cmd,
    const struct sk_shared *shared, struct sk_zone *zone,
    struct sk_window_conf *conf);

#endif
