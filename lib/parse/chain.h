/*
 * Formats that are tried on each line in order; the first that fits takes it.
 *
 * A format that finds its records itself, as csv does, stands alone.
 */
#ifndef SK_PARSE_CHAIN_H
#define SK_PARSE_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/opt.h"
#include "format/cut.h"
#include "parse/parser.h"

struct sk_chain {
	struct sk_parser *parser;
	uint64_t *taken; /* lines, by each */
	size_t n;
};

/* A format and those that are tried behind it; all must outlive them, and
 * `conf` too.  SK_EUSAGE with words in diag, *chain zeroed. */
int sk_chain_open(struct sk_chain *chain, const char *format,
    const struct sk_opt_list *others, const struct sk_parse_conf *conf,
    struct sk_diag *diag);
void sk_chain_close(struct sk_chain *chain); /* a zeroed one too */

/* How the stream is cut into records; NULL: into lines. */
const struct sk_cut *sk_chain_cut(const struct sk_chain *chain);

/* A further input begins. */
void sk_chain_input(struct sk_chain *chain);

/* NULL, *out and the number of the parser in *by, or why no format fits, a
 * static text. */
const char *sk_chain_parse(struct sk_chain *chain, struct sk_view line,
    struct sk_parsed *out, size_t *by);

#endif
