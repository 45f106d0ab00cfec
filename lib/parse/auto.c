/*
 * The kind `auto`: becomes one of the formats that can tell their lines.
 *
 * The lines that stand in the first piece of the input, 64 at most, decide:
 * the format that is surest of them, if at least half of them are of it.  It
 * stays with that one, in all inputs.  The cutter sees the input first, so the
 * records are cut as the chosen format has them from the first one on.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "format/lines.h"
#include "parse/kinds.h"

#define LINES 64

struct automatic {
	enum sk_auto state;
	struct sk_parser chosen;
};

/* ---- the decision ---- */

static const struct sk_parser_kind *
surest(const struct sk_view *lines, size_t n)
{
	const struct sk_parser_kind *const *kind, *best = NULL;
	long most = 0;

	for (kind = sk_parser_kinds; *kind != NULL; kind++) {
		size_t fitting = 0, i;
		long sum = 0;

		for (i = 0; i < n && (*kind)->guess != NULL; i++) {
			int sure = (*kind)->guess(lines[i]);

			fitting += sure > 0;
			sum += sure;
		}
		if (fitting * 2 >= n && sum > most) {
			most = sum;
			best = *kind;
		}
	}
	return best;
}

static void
decide(struct sk_parser *parser, struct sk_view *lines, size_t n)
{
	struct automatic *own = parser->own;
	const struct sk_parser_kind *kind;
	size_t i;

	for (i = 0; i < n; i++)
		if (lines[i].len > 0 && lines[i].ptr[lines[i].len - 1] == '\r')
			lines[i].len--;
	kind = surest(lines, n);
	own->state = SK_AUTO_NONE;
	if (kind == NULL || sk_parser_open(&own->chosen,
	    sk_view_str(kind->name), parser->conf, NULL) != 0)
		return;
	own->state = SK_AUTO_TAKEN;
	parser->columns = own->chosen.columns;
	parser->layout++;
}

static struct sk_lines
auto_cut(void *self, const char *bytes, size_t len, bool ended,
    struct sk_view *out, size_t cap)
{
	struct sk_parser *parser = self;
	struct automatic *own = parser->own;
	struct sk_view lines[LINES];

	if (own->state == SK_AUTO_OPEN) {
		struct sk_lines found = sk_lines_split(bytes, len,
		    parser->conf->sep, false, lines, LINES);

		if (found.n == 0)
			return found;
		decide(parser, lines, found.n);
		parser->cut.torn = own->chosen.cut.torn;
		parser->cut.wait_ns = own->chosen.cut.wait_ns;
	}
	if (own->chosen.cut.cut == NULL)
		return sk_lines_split(bytes, len, parser->conf->sep, false,
		    out, cap);
	return own->chosen.cut.cut(own->chosen.cut.self, bytes, len, ended,
	    out, cap);
}

enum sk_auto
sk_parse_auto_state(const struct sk_parser *parser, const char **name)
{
	const struct automatic *own = parser->own;

	if (own->state == SK_AUTO_TAKEN)
		*name = own->chosen.kind->name;
	return own->state;
}

/* ---- the kind ---- */

static int
auto_open(struct sk_parser *parser, struct sk_diag *diag)
{
	struct automatic *own = sk_xcalloc(1, sizeof(*own));

	(void)diag;
	parser->own = own;
	parser->cut.self = parser;
	parser->cut.cut = auto_cut;
	return 0;
}

static void
auto_close(struct sk_parser *parser)
{
	struct automatic *own = parser->own;

	sk_parser_close(&own->chosen);
	free(own);
}

static const char *
auto_parse(struct sk_parser *parser, struct sk_view line,
    struct sk_parsed *out)
{
	struct automatic *own = parser->own;
	const char *why;

	if (own->state == SK_AUTO_OPEN)
		decide(parser, &line, 1);
	if (own->state == SK_AUTO_NONE)
		return "no built-in format fits";
	why = own->chosen.kind->parse(&own->chosen, line, out);
	if (own->chosen.layout + 1 != parser->layout) {
		parser->layout = own->chosen.layout + 1;
		parser->columns = own->chosen.columns;
	}
	return why;
}

static void
auto_input(struct sk_parser *parser)
{
	struct automatic *own = parser->own;

	if (own->state == SK_AUTO_TAKEN)
		sk_parser_input(&own->chosen);
}

const struct sk_parser_kind sk_parse_auto = {
	.name = "auto",
	.help = "the one of these that fits the first lines",
	.open = auto_open,
	.parse = auto_parse,
	.input = auto_input,
	.close = auto_close,
};
