/*
 * Formats that name their members themselves: ndjson, logfmt and csv.
 *
 *	ndjson  the object as it stands, once all of it is known to be one
 *	logfmt  a member for each key; a key alone is true, all else is text
 *	csv     the cells under the names of the first record of each input,
 *	        or 1, 2, 3 ...; a record with more or fewer cells is bad
 */
#include <limits.h>
#include <stdlib.h>

#include "base/keys.h"
#include "base/mem.h"
#include "base/num.h"
#include "format/csv.h"
#include "format/logfmt.h"
#include "format/ndjson.h"
#include "parse/kinds.h"

/* ---- ndjson ---- */

static int
ndjson_open(struct sk_parser *parser, struct sk_diag *diag)
{
	(void)diag;
	parser->own = sk_ndjson_open(NULL, 0);
	return 0;
}

static void
ndjson_close(struct sk_parser *parser)
{
	sk_ndjson_close(parser->own);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *
ndjson_parse(struct sk_parser *parser, struct sk_view line,
    struct sk_parsed *out)
{
	const char *why = sk_ndjson_check(parser->own, line);

	while (line.len > 0 && is_blank(line.ptr[0]))
		line = sk_view(line.ptr + 1, line.len - 1);
	while (line.len > 0 && is_blank(line.ptr[line.len - 1]))
		line.len--;
	out->object = line;
	return why;
}

static int
ndjson_guess(struct sk_view line)
{
	while (line.len > 0 && is_blank(line.ptr[line.len - 1]))
		line.len--;
	return line.len > 1 && line.ptr[0] == '{' &&
	    line.ptr[line.len - 1] == '}' ? 90 : 0;
}

const struct sk_parser_kind sk_parse_ndjson = {
	.name = "ndjson",
	.help = "a JSON object in each line, checked as a whole",
	.open = ndjson_open,
	.parse = ndjson_parse,
	.close = ndjson_close,
	.guess = ndjson_guess,
};

/* ---- logfmt ---- */

static int
logfmt_open(struct sk_parser *parser, struct sk_diag *diag)
{
	(void)diag;
	parser->own = sk_logfmt_open(NULL, 0);
	return 0;
}

static void
logfmt_close(struct sk_parser *parser)
{
	sk_logfmt_close(parser->own);
}

/* Of few pairs: each with those before it. */
static bool
is_repeated(const struct sk_logfmt_pair *pairs, size_t i)
{
	size_t before;

	for (before = 0; before < i; before++)
		if (sk_view_equal(pairs[before].key, pairs[i].key))
			return true;
	return false;
}

#define MOST_PAIRS 1024

static const char *
logfmt_parse(struct sk_parser *parser, struct sk_view line,
    struct sk_parsed *out)
{
	const struct sk_logfmt_pair *pairs;
	size_t n, i;
	const char *why = sk_logfmt_pairs(parser->own, line, &pairs, &n);

	if (why != NULL)
		return why;
	if (n > MOST_PAIRS)
		return "more than 1024 keys";
	for (i = 0; i < n; i++)
		if (!is_repeated(pairs, i))
			sk_parsed_add(out, pairs[i].key, pairs[i].alone ?
			    SK_TYPE_BOOL : SK_TYPE_TEXT, pairs[i].alone ?
			    sk_view_str("true") : pairs[i].value);
	return NULL;
}

/* Words of which most are `key=value`, two at least. */
static int
logfmt_guess(struct sk_view line)
{
	size_t words = 0, pairs = 0, i = 0;

	while (i < line.len) {
		size_t begin = i;
		bool quoted = false, pair = false;

		for (; i < line.len && (quoted || line.ptr[i] != ' '); i++) {
			if (line.ptr[i] == '=' && i > begin && !quoted)
				pair = true;
			else if (line.ptr[i] == '\\' && quoted)
				i++;
			else if (line.ptr[i] == '"')
				quoted = !quoted;
		}
		words += i > begin;
		pairs += pair;
		i++;
	}
	return pairs >= 2 && pairs * 10 >= words * 9 ? 60 : 0;
}

const struct sk_parser_kind sk_parse_logfmt = {
	.name = "logfmt",
	.help = "key=value pairs, with quotes where needed",
	.open = logfmt_open,
	.parse = logfmt_parse,
	.close = logfmt_close,
	.guess = logfmt_guess,
};

/* ---- csv ---- */

struct csv {
	struct sk_csv *reader;
	bool begun;          /* this input has given a record */
	const char **names;  /* NULL at the end; NULL: none yet */
	struct sk_view *view; /* of each name */
	size_t n;
};

static int
csv_open(struct sk_parser *parser, struct sk_diag *diag)
{
	const struct sk_parse_conf *conf = parser->conf;
	struct csv *own = sk_xcalloc(1, sizeof(*own));

	(void)diag;
	own->reader = sk_csv_open(conf->delimiter < 0 ? ',' :
	    (char)conf->delimiter, conf->sep);
	parser->own = own;
	parser->cut = sk_csv_cut(own->reader);
	return 0;
}

static void
forget_names(struct csv *own)
{
	size_t i;

	for (i = 0; i < own->n; i++)
		free((void *)(uintptr_t)own->names[i]);
	free(own->names);
	free(own->view);
	own->names = NULL;
	own->view = NULL;
	own->n = 0;
}

static void
csv_close(struct sk_parser *parser)
{
	struct csv *own = parser->own;

	sk_csv_close(own->reader);
	forget_names(own);
	free(own);
}

static void
csv_input(struct sk_parser *parser)
{
	struct csv *own = parser->own;

	own->begun = false;
}

/* Of several with one name the further ones have the number of their column
 * behind, as `name_3`; no name is that number. */
static char *
column_name(struct sk_keys *seen, struct sk_view cell, size_t at)
{
	int len = cell.len < INT_MAX ? (int)cell.len : INT_MAX;
	char *name = cell.len == 0 ? sk_xasprintf("%zu", at + 1) :
	    sk_xasprintf("%.*s", len, cell.ptr);

	while (sk_keys_find(seen, sk_view_str(name)) != at) {
		char *longer = sk_xasprintf("%s_%zu", name, at + 1);

		free(name);
		name = longer;
	}
	return name;
}

/* The names of n columns: those of the header line, or numbers. */
static void
name_columns(struct sk_parser *parser, const struct sk_view *cells, size_t n)
{
	struct csv *own = parser->own;
	struct sk_keys seen;
	size_t i;

	forget_names(own);
	sk_keys_init(&seen, UINT32_MAX - 2);
	own->names = sk_xcalloc(n + 1, sizeof(*own->names));
	own->view = sk_xcalloc(n, sizeof(*own->view));
	for (i = 0; i < n; i++) {
		own->names[i] = column_name(&seen, cells != NULL ? cells[i] :
		    sk_view(NULL, 0), i);
		own->view[i] = sk_view_str(own->names[i]);
	}
	own->n = n;
	sk_keys_free(&seen);
	parser->columns = own->names;
	parser->layout++;
}

static const char *
csv_parse(struct sk_parser *parser, struct sk_view line,
    struct sk_parsed *out)
{
	struct csv *own = parser->own;
	const struct sk_view *cells;
	const char *why;
	size_t n, i;

	if (!own->begun)
		line = sk_csv_bom(line);
	why = sk_csv_cells(own->reader, line, &cells, &n);
	if (why != NULL)
		return why;
	if (!own->begun) {
		own->begun = true;
		out->none = !parser->conf->no_header;
		name_columns(parser, out->none ? cells : NULL, n);
		if (out->none)
			return NULL;
	}
	if (n != own->n)
		return n < own->n ? "fewer cells than columns" :
		    "more cells than columns";
	for (i = 0; i < n; i++)
		sk_parsed_add(out, own->view[i], SK_TYPE_TEXT, cells[i]);
	return NULL;
}

const struct sk_parser_kind sk_parse_csv = {
	.name = "csv",
	.help = "cells under the names of a header line (RFC 4180)",
	.names_columns = true,
	.open = csv_open,
	.parse = csv_parse,
	.input = csv_input,
	.close = csv_close,
};
