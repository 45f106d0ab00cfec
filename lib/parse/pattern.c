#include "parse/kinds.h"

static int
pattern_open(struct sk_parser *parser, struct sk_diag *diag)
{
	return sk_diag_set(diag, SK_EUSAGE, "%.*s: no such format",
	    (int)parser->text.len, parser->text.ptr);
}

const struct sk_parser_kind sk_parser_pattern = {
	.name = "pattern",
	.help = "named groups of a regular expression (PCRE2)",
	.open = pattern_open,
};
