/*
 * Names for pieces of patterns, as grok has them, and types of groups.
 *
 *	%{NAME}              what the name stands for
 *	%{NAME:field}        the same, as a group of that name
 *	%{NAME:field:type}   of that type
 *	(?<field:type>...)   a group of the pattern, of that type
 *
 * A name's text may hold names itself, to 32 levels.  Files of names have a
 * line `NAME pattern` each; empty lines and lines that begin with # count for
 * nothing.  The last line for a name is the one that counts.
 */
#ifndef SK_PARSE_GROK_H
#define SK_PARSE_GROK_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct sk_grok_name {
	struct sk_view name;
	struct sk_view text;
};

struct sk_grok {
	struct sk_grok_name *name;
	size_t n;
	char **file; /* bytes of those that were loaded */
	size_t nfiles;
};

/* The names that are built in, in the form of a file. */
extern const char sk_grok_names[];

/* With the names that are built in. */
void sk_grok_init(struct sk_grok *grok);
void sk_grok_free(struct sk_grok *grok); /* a zeroed one too */

/* Add the names of a file, whose bytes must outlive `grok`.  SK_EUSAGE with
 * words in diag: `2: not a NAME ...`. */
int sk_grok_add(struct sk_grok *grok, struct sk_view file,
    struct sk_diag *diag);

/* The same with a file, of 1 MiB at most.  SK_EUSAGE with words in diag:
 * `FILE:2: not a NAME ...`; SK_ESYS: it cannot be read. */
int sk_grok_load(struct sk_grok *grok, const char *path,
    struct sk_diag *diag);

/* A group of the expanded pattern: the name that PCRE2 knows, what the user
 * calls it, and the text behind the colon, empty without one. */
struct sk_grok_field {
	char group[33];
	struct sk_view name;
	struct sk_view type;
};

struct sk_grok_expanded {
	struct sk_buf regex;
	struct sk_grok_field *field; /* of groups with a type, or a name that
	                              * PCRE2 does not take */
	size_t n;
};

/* SK_EUSAGE with words in diag: no such name, too deep, or too long (1 MiB).
 * Views point into `pattern` and the names. */
int sk_grok_expand(const struct sk_grok *grok, struct sk_view pattern,
    struct sk_grok_expanded *out, struct sk_diag *diag);
void sk_grok_expanded_free(struct sk_grok_expanded *expanded);

#endif
