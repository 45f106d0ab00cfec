/*
 * FIELD: what a user types to name a part of a line.
 *
 *	3  2-4  5-                 columns, from 1
 *	user.id  items[0]  /a/b    a path (NDJSON), or the name of a column
 *	name=FIELD                 the same field, called `name` in the output
 *
 * The kind is seen from the text alone: what begins with a digit is columns,
 * all else is a path.  Whether a path leads into NDJSON or names a column of
 * a header line is the caller's to know.  A text that begins with `/` is a
 * path as a whole, so a key may hold `=`; and an option that puts `:FORMAT`
 * behind FIELD cuts that off first.
 *
 * The output name of columns is their text (`3`, `2-4`); of a path its last
 * name (`user.id`, `/user/id` and `user.id[0]`: `id`).
 *
 * A field holds views into the text it was parsed from and owns nothing.
 * Extraction of columns is field/columns.h.
 */
#ifndef SK_FIELD_FIELD_H
#define SK_FIELD_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum sk_field_kind {
	SK_FIELD_LINE,    /* the whole line: no FIELD was given */
	SK_FIELD_COLUMNS, /* first to last */
	SK_FIELD_PATH     /* text */
};

/* The last column of `5-`. */
#define SK_FIELD_END UINT32_MAX

struct sk_field {
	enum sk_field_kind kind;
	uint32_t first, last; /* columns, from 1; first <= last */
	struct sk_view text;  /* as typed, behind `name=` */
	struct sk_view name;  /* in the output */
};

/* The whole line, called `line`. */
struct sk_field sk_field_line(void);

/* Parse one FIELD.  SK_EUSAGE with words in `diag` (`0: columns count from
 * 1`), *field untouched. */
int sk_field_parse(struct sk_view text, struct sk_field *field,
    struct sk_diag *diag);

/* Parse `FIELD,FIELD...` behind the *n fields that stand in `fields`, so that
 * a list option may be repeated; at most `cap` in all.  On failure *n is
 * untouched. */
int sk_field_parse_list(struct sk_view text, struct sk_field *fields,
    size_t cap, size_t *n, struct sk_diag *diag);

/* All FIELDs of a command are of one kind; whole lines go with any.  *kind
 * becomes that kind, or is left as it was when there is none but lines; begin
 * with SK_FIELD_LINE and call for each option.  SK_EUSAGE when they differ. */
int sk_field_same_kind(const struct sk_field *fields, size_t n,
    enum sk_field_kind *kind, struct sk_diag *diag);

/* Absent and empty are the same: no value. */
static inline bool
sk_field_has_value(struct sk_view value)
{
	return value.ptr != NULL && value.len > 0;
}

/* The same where a number or a time is wanted: `-` is no value either. */
static inline bool
sk_field_has_number(struct sk_view value)
{
	return sk_field_has_value(value) &&
	    !(value.len == 1 && value.ptr[0] == '-');
}

#endif
