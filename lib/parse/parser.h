/*
 * Parsers: from a log line to named, typed values.
 *
 * A parser is a built-in format (`combined`, `syslog`), a pattern, or `auto`,
 * which becomes one of the others.  It is opened by name, told where inputs
 * begin, and called for each record:
 *
 *	struct sk_parsed parsed;
 *	sk_parsed_init(&parsed);
 *	sk_parser_open(&parser, sk_view_str("combined"), &conf, &diag);
 *	why = sk_parser_parse(parser, line, &parsed);
 *
 * Members come in the order of the format's table; their names are unique.
 * The CR of CRLF is dropped before the line is parsed.
 * Names and values point into the line, into the parser or into parsed->text,
 * and are valid until the next call.  SK_PAD bytes behind the line must be
 * readable.
 *
 * Times are instants.  One without an offset is of conf->zone; one without a
 * year is of the year that conf->year says.
 */
#ifndef SK_PARSE_PARSER_H
#define SK_PARSE_PARSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "format/cut.h"
#include "time/time.h"
#include "time/zone.h"

enum sk_type {
	SK_TYPE_NULL,
	SK_TYPE_TEXT,
	SK_TYPE_NUMBER, /* text that is a JSON number, as written */
	SK_TYPE_BOOL,
	SK_TYPE_JSON,   /* text that is JSON */
	SK_TYPE_TIME    /* ns */
};

struct sk_member {
	struct sk_view name;
	enum sk_type type;
	struct sk_view text;
	int64_t ns;
};

struct sk_parsed {
	struct sk_member *member;
	size_t n, cap;
	bool none; /* good, but no event: a header line */
	/* The record is a JSON object already, in good form: its text, and no
	 * members.  ptr NULL else. */
	struct sk_view object;
	struct sk_buf text; /* for values that do not stand in the line */
};

/* How a parser reads what a line leaves open. */
struct sk_parse_conf {
	struct sk_zone *zone;  /* of times without an offset; never NULL */
	struct sk_year *year;  /* of times without a year; never NULL */
	int delimiter;         /* of csv, or -1: a comma */
	bool no_header;        /* csv: columns are called 1, 2, 3 ... */
	bool utf;              /* patterns match characters, not bytes */
	char sep;              /* that ends a record */
	const struct sk_grok *grok; /* names for %{NAME}; never NULL */
};

struct sk_parser;

/* What a parser is made of; a built-in format has a static one. */
struct sk_parser_kind {
	const char *name;
	const char *help;           /* half a line, for a list of formats */
	/* The names of its members, NULL at the end: those that every line
	 * has, in order, with null for what is missing; a line may lack some
	 * at the end.  NULL: they differ from line to line. */
	const char *const *columns;
	bool names_columns; /* found in a header line */
	int (*open)(struct sk_parser *parser, struct sk_diag *diag);
	const char *(*parse)(struct sk_parser *parser, struct sk_view line,
	    struct sk_parsed *out);
	void (*input)(struct sk_parser *parser); /* a further input begins */
	void (*close)(struct sk_parser *parser);
	/* auto: how sure a line is of this format, 0 (it is not) to 100. */
	int (*guess)(struct sk_view line);
};

struct sk_parser {
	const struct sk_parser_kind *kind;
	const struct sk_parse_conf *conf; /* must outlive the parser */
	struct sk_view text;              /* the pattern */
	struct sk_time time;              /* for the formats' own times */
	struct sk_cut cut;                /* cut.cut NULL: lines */
	void *own;                        /* of the kind */
	/* Those of the kind, or found when it was opened, or in a header
	 * line. */
	const char *const *columns;
	uint32_t layout;                  /* counts changes of columns */
};

/* A FORMAT of letters, digits and `-` is a built-in name, all else a pattern.
 * SK_EUSAGE with words in diag. */
int sk_parser_open(struct sk_parser *parser, struct sk_view format,
    const struct sk_parse_conf *conf, struct sk_diag *diag);
void sk_parser_close(struct sk_parser *parser); /* a zeroed one too */

/* NULL and *out, or why the line is bad, a static text. */
const char *sk_parser_parse(struct sk_parser *parser, struct sk_view line,
    struct sk_parsed *out);

/* A further input begins. */
void sk_parser_input(struct sk_parser *parser);

/* All built-in formats, in the order of their names; NULL at the end. */
extern const struct sk_parser_kind *const sk_parser_kinds[];

/* Add them to `out` for eyes, and the names that patterns know. */
void sk_parser_list(struct sk_buf *out);

/* ---- for parsers: the members of a record ---- */

void sk_parsed_init(struct sk_parsed *parsed);
void sk_parsed_free(struct sk_parsed *parsed);

/* An empty record, with room in `text` for `room` bytes that do not move.
 * sk_parser_parse() does it with room for the line. */
void sk_parsed_reset(struct sk_parsed *parsed, size_t room);

void sk_parsed_grow(struct sk_parsed *parsed); /* room for one more */

/* Any type, under a name that is a view. */
static inline void
sk_parsed_add(struct sk_parsed *parsed, struct sk_view name,
    enum sk_type type, struct sk_view text)
{
	struct sk_member *member;

	if (SK_UNLIKELY(parsed->n == parsed->cap))
		sk_parsed_grow(parsed);
	member = &parsed->member[parsed->n++];
	member->name = name;
	member->type = type;
	member->text = text;
}

static inline void
sk_parsed_null(struct sk_parsed *parsed, const char *name)
{
	sk_parsed_add(parsed, sk_view_str(name), SK_TYPE_NULL,
	    sk_view(NULL, 0));
}

static inline void
sk_parsed_text(struct sk_parsed *parsed, const char *name, struct sk_view text)
{
	sk_parsed_add(parsed, sk_view_str(name), SK_TYPE_TEXT, text);
}

static inline void
sk_parsed_number(struct sk_parsed *parsed, const char *name,
    struct sk_view number)
{
	sk_parsed_add(parsed, sk_view_str(name), SK_TYPE_NUMBER, number);
}

static inline void
sk_parsed_time(struct sk_parsed *parsed, const char *name, int64_t ns)
{
	sk_parsed_add(parsed, sk_view_str(name), SK_TYPE_TIME,
	    sk_view(NULL, 0));
	parsed->member[parsed->n - 1].ns = ns;
}

#endif
