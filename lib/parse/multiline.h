/*
 * Records of several lines: one begins at a line in which a pattern is found,
 * and reaches to the next such line (a stack trace goes with the message in
 * front of it).
 *
 * Empty lines at the end of a record are dropped.  Lines before the first
 * beginning are a record too.  A record of `max_lines` lines ends there; its
 * further lines are the next one.  Since a record is complete when the next
 * one begins, the last one waits for `wait_ns` of silence, or the end.
 */
#ifndef SK_PARSE_MULTILINE_H
#define SK_PARSE_MULTILINE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "format/cut.h"
#include "parse/grok.h"
#include "parse/regex.h"

struct sk_multiline {
	struct sk_regex start;
	size_t max_lines;
	char sep;
	/* Of the record that the bytes begin with: what is known already. */
	size_t seen, nlines;
	struct sk_cut cut;
};

struct sk_multiline_conf {
	struct sk_view start;       /* a pattern, with %{NAME} */
	const struct sk_grok *grok;
	bool utf;
	size_t max_lines;
	int64_t wait_ns;
	char sep;
};

/* Must not move while it is in use.  SK_EUSAGE with words in diag. */
int sk_multiline_init(struct sk_multiline *multiline,
    const struct sk_multiline_conf *conf, struct sk_diag *diag);
void sk_multiline_free(struct sk_multiline *multiline); /* a zeroed one too */

#endif
