/*
 * Values as the readers of formats give them: the text, and what kind of thing
 * it was.  Out of columns, CSV, TSV and logfmt everything is text; JSON tells
 * kinds apart.
 *
 * A batch of n records gives value[f][i] and kind[f][i] for field f of record
 * i, and why[i], NULL for a good record, else the reason why it is bad, a
 * static text; the values of a bad record are undefined.
 */
#ifndef SK_FORMAT_VALUE_H
#define SK_FORMAT_VALUE_H

#include "base/buf.h"

enum sk_kind {
	SK_KIND_NONE,   /* absent or null: the view's ptr is NULL */
	SK_KIND_TEXT,   /* a string, unescaped */
	SK_KIND_NUMBER, /* a JSON number, as written */
	SK_KIND_BOOL,   /* true or false */
	SK_KIND_JSON    /* a list or an object, its JSON text */
};

struct sk_values {
	struct sk_view *const *value;
	unsigned char *const *kind;  /* enum sk_kind */
	const char **why;
};

#endif
