/*
 * Cells of TSV as jq's @tsv writes them: \t \n \r \\ stand for TAB, newline,
 * CR and backslash; any other backslash is itself.
 */
#ifndef SK_FORMAT_TSV_H
#define SK_FORMAT_TSV_H

#include "base/buf.h"

/* The cell unescaped: itself if it holds no backslash, else a view of `out`,
 * to which it was added.  With room for the cell reserved in `out`, earlier
 * views into it stay valid. */
struct sk_view sk_tsv_unescape(struct sk_view cell, struct sk_buf *out);

#endif
