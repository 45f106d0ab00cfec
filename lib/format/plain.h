/*
 * Plain bytes: those that a form of output takes as they are.  Nearly all text
 * is plain to its end, so it is copied 32 bytes at a time, with AVX2 where the
 * CPU has it, and looked at on the way; what is not plain is for whoever
 * escapes it (format/record.h).
 *
 *	n = sk_plain_copy(&sk_plain_tsv, to, from, len);
 *	if (n < len)
 *		from[n] is the first byte that needs care
 *
 * Cost: memory speed, and 2 ns a text or cell.  Nothing is allocated.
 */
#ifndef SK_FORMAT_PLAIN_H
#define SK_FORMAT_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * A set of bytes that are not plain: byte c is in it when low[c & 15] and
 * high[c >> 4] share a bit.  Each bit stands for one pattern of 16 bytes, so
 * a set has at most eight different ones.
 */
struct sk_plain {
	unsigned char low[16], high[16];
};

/* Not plain: control bytes, `"`, `\` and what is no ASCII. */
extern const struct sk_plain sk_plain_json;
/* Not plain: TAB, LF, CR and `\`, as in jq's @tsv. */
extern const struct sk_plain sk_plain_tsv;

/* Not plain: what makes a cell of CSV need quotes. */
struct sk_plain sk_plain_csv(char comma);

/* One byte more; two can be added to each of those above. */
void sk_plain_add(struct sk_plain *plain, char c);

/* Copy text up to its first byte that is not plain: how many bytes are, len if
 * all.  Up to SK_PAD bytes behind text + len are read and up to SK_PAD bytes
 * behind to + len are written. */
size_t sk_plain_copy(const struct sk_plain *plain, char *to, const char *text,
    size_t len);

/* The cells of a line that every `delimiter` divides, and whether they are
 * plain: how many there are, looking no further than `cap`.  SK_PAD bytes
 * behind the line are read. */
struct sk_plain_cell {
	struct sk_view text;
	bool plain;
};

size_t sk_plain_cells(const struct sk_plain *plain, char delimiter,
    struct sk_view line, struct sk_plain_cell *cells, size_t cap);

/* The same two without AVX2, to be compared with. */
size_t sk_plain_copy_portable(const struct sk_plain *plain, char *to,
    const char *text, size_t len);
size_t sk_plain_cells_portable(const struct sk_plain *plain, char delimiter,
    struct sk_view line, struct sk_plain_cell *cells, size_t cap);

#endif
