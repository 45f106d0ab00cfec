/*
 * The header line of what passes on: that of the first input (CSV, TSV), with
 * what others must agree.
 */
#ifndef SK_STREAM_HEADLINE_H
#define SK_STREAM_HEADLINE_H

#include <stdbool.h>

#include "base/buf.h"

/* A zeroed one has no line yet. */
struct sk_headline {
	struct sk_buf line;
	bool given;
};

/* That of a further input: NULL, or why it cannot be taken; *first is set when
 * it is the first one. */
const char *sk_headline_take(struct sk_headline *head, struct sk_view line,
    bool *first);

void sk_headline_free(struct sk_headline *head);

/* A line without the CR of CRLF. */
struct sk_view sk_headline_bare(struct sk_view line);

#endif
