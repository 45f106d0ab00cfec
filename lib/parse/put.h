/*
 * Parsed records as NDJSON, TSV or CSV.
 *
 * The records of several parsers go into one output.  TSV and CSV need to know
 * their columns: those of the parsers, each name once, in the order of the
 * parsers.  Columns that only a header line names are known when it has come;
 * those of the first one count from then on.
 *
 * Behind the members stand the line itself, if it is wanted, and members that
 * are the same in each record.
 */
#ifndef SK_PARSE_PUT_H
#define SK_PARSE_PUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/keys.h"
#include "format/plain.h"
#include "format/record.h"
#include "parse/parser.h"
#include "time/zone.h"

struct sk_put_member {
	struct sk_view name, value;
};

struct sk_put_conf {
	enum sk_record_form form;
	bool header;         /* of TSV and CSV */
	char sep;            /* behind the header line */
	const char *raw;     /* the member that holds the line, or NULL */
	const char *const *add; /* constant members, NAME=VALUE each */
	size_t nadd;
	struct sk_zone *zone; /* of times; never NULL */
};

struct sk_put_source;

struct sk_put {
	struct sk_put_conf conf;
	const struct sk_parser *parsers;
	size_t nparsers;
	struct sk_put_source *source; /* what is known of each parser */
	struct sk_put_member *add;    /* constant members */
	struct sk_buf tail;           /* the same, as they are written */
	struct sk_buf raw_key;
	struct sk_plain plain;        /* what cells take as it is */
	struct sk_keys columns;       /* of TSV and CSV */
	bool settled;                 /* they are known */
	bool begun;                   /* a record was written */
	int64_t last_ns;              /* the last time, and its text */
	struct sk_buf last;
};

/* The parsers must outlive this.  SK_EUSAGE with words in diag: a parser whose
 * members differ from line to line has no columns; a constant member is no
 * NAME=VALUE; two members have one name. */
int sk_put_init(struct sk_put *put, const struct sk_put_conf *conf,
    const struct sk_parser *parsers, size_t nparsers, struct sk_diag *diag);
void sk_put_free(struct sk_put *put); /* a zeroed one too */

/* Add a record of parser `p` to `out`, without the separator at its end; NULL,
 * or why it cannot be written, a static text. */
const char *sk_put_record(struct sk_put *put, size_t p,
    const struct sk_parsed *parsed, struct sk_view line, struct sk_buf *out);

#endif
