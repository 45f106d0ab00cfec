/*
 * Cutters: how a stream of bytes becomes records, where a record is not just a
 * line.  CSV has newlines inside quotes, a stack trace is many lines.
 *
 * A cutter takes the complete records of a buffer as sk_lines_split() does, as
 * views into it, each without its last separator.  With `ended` nothing more
 * comes (the input has ended, or was silent for long enough): what is
 * left is complete as well, and `used` must be len.  The last byte of such a
 * buffer is a separator.
 *
 * A record that outgrows max_line is bad, and reading goes on behind its first
 * line; `torn` is the reason then, NULL for the one of long lines.
 */
#ifndef SK_FORMAT_CUT_H
#define SK_FORMAT_CUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "format/lines.h"

struct sk_cut {
	void *self;
	struct sk_lines (*cut)(void *self, const char *bytes, size_t len,
	    bool ended, struct sk_view *out, size_t cap);
	const char *torn;
	/* Silence after which what is there is complete; 0: it never is. */
	int64_t wait_ns;
};

#endif
