/*
 * The kinds of parsers that are no log formats of their own (for those see
 * parse/formats.h).
 */
#ifndef SK_PARSE_KINDS_H
#define SK_PARSE_KINDS_H

#include "parse/parser.h"

/* In sk_parser_kinds as well. */
extern const struct sk_parser_kind sk_parse_auto;
extern const struct sk_parser_kind sk_parse_csv;
extern const struct sk_parser_kind sk_parse_logfmt;
extern const struct sk_parser_kind sk_parse_ndjson;

/* What `auto` has come to; a parser of it must not move.  With SK_AUTO_TAKEN
 * the name of the format is in *name. */
enum sk_auto { SK_AUTO_OPEN, SK_AUTO_TAKEN, SK_AUTO_NONE };

enum sk_auto sk_parse_auto_state(const struct sk_parser *parser,
    const char **name);

/* Behind a FORMAT that is no name. */
extern const struct sk_parser_kind sk_parse_pattern;

#endif
