/*
 * The kind behind a FORMAT that is no name: named groups of a pattern, which
 * is searched in the line, become members in the order of the groups.
 *
 * A group that took no part is null.  Types (see parse/grok.h) are int, float
 * and bool (format/typed.h), and time, or `time:FORMAT` (time/time.h); any
 * other text for such a group makes the line bad.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "format/typed.h"
#include "parse/grok.h"
#include "parse/kinds.h"
#include "parse/regex.h"

enum want { WANT_TEXT, WANT_INT, WANT_FLOAT, WANT_BOOL, WANT_TIME };

struct column {
	struct sk_view name;
	enum want want;
	uint32_t *number; /* its groups: the first that took part counts */
	size_t n;
	struct sk_time time;
	struct sk_buf text; /* a number that is written otherwise */
	char *why;        /* it is not what is wanted */
};

struct pattern {
	struct sk_grok_expanded expanded;
	struct sk_regex regex;
	struct column *column;
	size_t n;
	const char **names;
};

/* ---- opening ---- */

/* What the user said of a group; NULL if nothing. */
static const struct sk_grok_field *
field_of(const struct sk_grok_expanded *expanded, struct sk_view group)
{
	const struct sk_grok_field *found = NULL;
	size_t i;

	for (i = 0; i < expanded->n; i++)
		if (sk_view_equal(group,
		    sk_view_str(expanded->field[i].group)) && (found == NULL ||
		    (found->type.len == 0 && expanded->field[i].type.len > 0)))
			found = &expanded->field[i];
	return found;
}

static bool
begins(struct sk_view text, const char *start)
{
	size_t len = strlen(start);

	return text.len >= len && !memcmp(text.ptr, start, len);
}

static int
set_type(struct sk_parser *parser, struct column *column, struct sk_view type,
    struct sk_diag *diag)
{
	static const char *const words[] = { "", "an integer", "a number",
		"true or false", "a time" };
	static const char *const types[] = { "text", "int", "float", "bool",
		"time" };
	struct sk_view form = sk_view(NULL, 0);
	size_t i = 0;

	if (type.len > 0 && begins(type, "time:")) {
		form = sk_view(type.ptr + 5, type.len - 5);
		type.len = 4;
	}
	while (type.len > 0 && i < 5 &&
	    !sk_view_equal(type, sk_view_str(types[i])))
		i++;
	if (i == 5)
		return sk_diag_set(diag, SK_EUSAGE, "%.*s:%.*s: no such type; "
		    "there are int, float, bool, time and text",
		    (int)column->name.len, column->name.ptr, (int)type.len,
		    type.ptr);
	column->want = (enum want)i;
	column->why = sk_xasprintf("%.*s: not %s", (int)column->name.len,
	    column->name.ptr, words[i]);
	if (column->want != WANT_TIME)
		return 0;
	if (sk_time_init(&column->time, form, diag) != 0)
		return SK_EUSAGE;
	column->time.zone = parser->conf->zone;
	column->time.use_year = parser->conf->year;
	return 0;
}

static struct column *
column_named(struct pattern *own, struct sk_view name)
{
	size_t i = 0;

	while (i < own->n && !sk_view_equal(own->column[i].name, name))
		i++;
	if (i == own->n) {
		own->n++;
		own->column[i].name = name;
	}
	return &own->column[i];
}

static int
list_columns(struct sk_parser *parser, struct sk_diag *diag)
{
	struct pattern *own = parser->own;
	size_t ngroups = own->regex.ngroups, i;
	int err = 0;

	if (ngroups == 0)
		return sk_diag_set(diag, SK_EUSAGE, "%.*s: no named group, as "
		    "(?<name>\\S+) or %%{WORD:name}, so there are no fields",
		    (int)parser->text.len, parser->text.ptr);
	own->column = sk_xcalloc(ngroups, sizeof(*own->column));
	own->names = sk_xcalloc(ngroups + 1, sizeof(*own->names));
	for (i = 0; i < ngroups && err == 0; i++) {
		const struct sk_regex_group *group = &own->regex.group[i];
		const struct sk_grok_field *field = field_of(&own->expanded,
		    group->name);
		struct column *column = column_named(own, field != NULL ?
		    field->name : group->name);

		column->number = sk_xrealloc(column->number, column->n + 1,
		    sizeof(*column->number));
		column->number[column->n++] = group->number;
		if (column->n == 1)
			err = set_type(parser, column, field != NULL ?
			    field->type : sk_view(NULL, 0), diag);
	}
	for (i = 0; i < own->n; i++)
		own->names[i] = sk_xstrndup(own->column[i].name.ptr,
		    own->column[i].name.len);
	parser->columns = own->names;
	return err;
}

static void
pattern_close(struct sk_parser *parser)
{
	struct pattern *own = parser->own;
	size_t i;

	for (i = 0; i < own->n; i++) {
		free(own->column[i].number);
		free(own->column[i].why);
		sk_buf_free(&own->column[i].text);
		free((void *)(uintptr_t)own->names[i]);
	}
	free(own->names);
	free(own->column);
	sk_regex_close(&own->regex);
	sk_grok_expanded_free(&own->expanded);
	free(own);
}

static int
pattern_open(struct sk_parser *parser, struct sk_diag *diag)
{
	struct pattern *own = sk_xcalloc(1, sizeof(*own));
	int err;

	parser->own = own;
	err = sk_grok_expand(parser->conf->grok, parser->text, &own->expanded,
	    diag);
	if (err == 0)
		err = sk_regex_open(&own->regex, sk_view(
		    own->expanded.regex.ptr, own->expanded.regex.len),
		    parser->conf->utf, diag);
	if (err == 0)
		err = list_columns(parser, diag);
	if (err != 0)
		pattern_close(parser);
	return err;
}

/* ---- values ---- */

/* Whether `text` is what is wanted; then it is added. */
static bool
add_typed(struct sk_parsed *out, struct column *column, struct sk_view text)
{
	enum sk_type type = SK_TYPE_NUMBER;
	struct sk_view value = sk_view(NULL, 0);
	bool good = true;
	int64_t ns = 0;

	if (column->want == WANT_INT) {
		good = sk_typed_int(text, &value, &column->text);
	} else if (column->want == WANT_FLOAT) {
		good = sk_typed_float(text, &value, &column->text);
	} else if (column->want == WANT_BOOL) {
		good = sk_typed_bool(text, &value);
		type = SK_TYPE_BOOL;
	} else if (text.len > 0 && !(text.len == 1 && text.ptr[0] == '-')) {
		good = sk_time_parse(&column->time, text, &ns) == 0;
		type = SK_TYPE_TIME;
		value = text;
	}
	if (!good)
		return false;
	sk_parsed_add(out, column->name, value.ptr != NULL ? type :
	    SK_TYPE_NULL, value);
	out->member[out->n - 1].ns = ns;
	return true;
}

static const char *
pattern_parse(struct sk_parser *parser, struct sk_view line,
    struct sk_parsed *out)
{
	struct pattern *own = parser->own;
	const char *why = "the pattern does not match";
	size_t i, g;

	if (sk_regex_match(&own->regex, line, &why) <= 0)
		return why;
	for (i = 0; i < own->n; i++) {
		struct column *column = &own->column[i];
		struct sk_view text = sk_regex_get(&own->regex, line,
		    column->number[0]);

		for (g = 1; g < column->n && text.ptr == NULL; g++)
			text = sk_regex_get(&own->regex, line,
			    column->number[g]);
		if (text.ptr == NULL)
			sk_parsed_add(out, column->name, SK_TYPE_NULL, text);
		else if (column->want == WANT_TEXT)
			sk_parsed_add(out, column->name, SK_TYPE_TEXT, text);
		else if (!add_typed(out, column, text))
			return column->why;
	}
	return NULL;
}

const struct sk_parser_kind sk_parse_pattern = {
	.name = "pattern",
	.help = "named groups of a regular expression",
	.open = pattern_open,
	.parse = pattern_parse,
	.close = pattern_close,
};
