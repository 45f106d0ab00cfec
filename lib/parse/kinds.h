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

/* Behind a FORMAT that is no name. */
extern const struct sk_parser_kind sk_parse_pattern;

#endif
