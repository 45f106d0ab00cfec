#include <stdlib.h>

#include "base/mem.h"
#include "parse/grok.h"
#include "parse/kinds.h"
#include "parse/parser.h"

/* ---- records ---- */

void
sk_parsed_init(struct sk_parsed *parsed)
{
	memset(parsed, 0, sizeof(*parsed));
}

void
sk_parsed_free(struct sk_parsed *parsed)
{
	free(parsed->member);
	sk_buf_free(&parsed->text);
	memset(parsed, 0, sizeof(*parsed));
}

void
sk_parsed_reset(struct sk_parsed *parsed, size_t room)
{
	parsed->n = 0;
	parsed->none = false;
	parsed->object = sk_view(NULL, 0);
	sk_buf_reset(&parsed->text);
	sk_buf_reserve(&parsed->text, room);
}

void
sk_parsed_grow(struct sk_parsed *parsed)
{
	parsed->cap = parsed->cap > 0 ? parsed->cap * 2 : 16;
	parsed->member = sk_xrealloc(parsed->member, parsed->cap,
	    sizeof(*parsed->member));
}

/* ---- parsers ---- */

static bool
is_name(struct sk_view format)
{
	size_t i;

	for (i = 0; i < format.len; i++) {
		unsigned char c = (unsigned char)format.ptr[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') &&
		    !(c >= 'A' && c <= 'Z') && c != '-')
			return false;
	}
	return format.len > 0;
}

static const struct sk_parser_kind *
find_kind(struct sk_view name)
{
	const struct sk_parser_kind *const *kind = sk_parser_kinds;

	while (*kind != NULL && !sk_view_equal(name,
	    sk_view_str((*kind)->name)))
		kind++;
	return *kind;
}

static int
no_such_format(struct sk_view name, struct sk_diag *diag)
{
	const struct sk_parser_kind *const *kind;
	struct sk_buf names = { 0 };
	int err;

	for (kind = sk_parser_kinds; *kind != NULL; kind++)
		sk_buf_fmt(&names, "%s%s", names.len > 0 ? ", " : "",
		    (*kind)->name);
	err = sk_diag_set(diag, SK_EUSAGE, "%.*s: no such format; there are %s",
	    (int)name.len, name.ptr, sk_buf_cstr(&names));
	sk_buf_free(&names);
	return err;
}

int
sk_parser_open(struct sk_parser *parser, struct sk_view format,
    const struct sk_parse_conf *conf, struct sk_diag *diag)
{
	struct sk_view automatic = sk_view(NULL, 0);
	const struct sk_parser_kind *kind;
	int err;

	memset(parser, 0, sizeof(*parser));
	if (format.len == 0)
		return sk_diag_set(diag, SK_EUSAGE, "an empty FORMAT");
	kind = is_name(format) ? find_kind(format) : &sk_parse_pattern;
	if (kind == NULL)
		return no_such_format(format, diag);
	parser->kind = kind;
	parser->conf = conf;
	parser->text = format;
	parser->columns = kind->columns;
	err = sk_time_init(&parser->time, automatic, diag);
	parser->time.zone = conf->zone;
	parser->time.use_year = conf->year;
	if (err == 0 && kind->open != NULL)
		err = kind->open(parser, diag);
	if (err != 0)
		memset(parser, 0, sizeof(*parser));
	return err;
}

void
sk_parser_close(struct sk_parser *parser)
{
	if (parser->kind != NULL && parser->kind->close != NULL)
		parser->kind->close(parser);
	memset(parser, 0, sizeof(*parser));
}

const char *
sk_parser_parse(struct sk_parser *parser, struct sk_view line,
    struct sk_parsed *out)
{
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	sk_parsed_reset(out, line.len + SK_PAD);
	return parser->kind->parse(parser, line, out);
}

void
sk_parser_input(struct sk_parser *parser)
{
	if (parser->kind->input != NULL)
		parser->kind->input(parser);
}

void
sk_parser_list(struct sk_buf *out)
{
	const struct sk_parser_kind *const *kind;
	const char *const *column;

	sk_buf_str(out, "# formats\n");
	for (kind = sk_parser_kinds; *kind != NULL; kind++) {
		sk_buf_fmt(out, "#   %-13s%s\n", (*kind)->name,
		    (*kind)->help);
		column = (*kind)->columns;
		for (; column != NULL && *column != NULL; column++)
			sk_buf_fmt(out, "%s%s", column == (*kind)->columns ?
			    "#     " : " ", *column);
		sk_buf_str(out, (*kind)->columns != NULL ? "\n" : "");
	}
	sk_buf_fmt(out, "\n%s", sk_grok_names);
}
