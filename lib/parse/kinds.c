#include "parse/kinds.h"

const struct sk_parser_kind *const sk_parser_kinds[] = {
	NULL
};
