/* What the tests of the built-in formats share: a line through a parser, and
 * its members as JSON. */
#ifndef SK_TEST_PARSED_H
#define SK_TEST_PARSED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "format/record.h"
#include "parse/formats.h"
#include "parse/parser.h"

/* Where a line leaves it open: UTC, and the year 2005. */
struct rig {
	struct sk_zone zone;
	struct sk_year year;
	struct sk_parse_conf conf;
	struct sk_parser parser;
	struct sk_parsed parsed;
	struct sk_buf json;
};

static void
rig_open_sep(struct rig *rig, const char *format, char sep)
{
	struct sk_diag diag;

	memset(rig, 0, sizeof(*rig));
	rig->year.year = 2005;
	rig->conf.zone = &rig->zone;
	rig->conf.year = &rig->year;
	rig->conf.delimiter = -1;
	rig->conf.sep = sep;
	sk_parsed_init(&rig->parsed);
	if (sk_parser_open(&rig->parser, sk_view_str(format), &rig->conf,
	    &diag) != 0)
		fail_msg("%s", diag.text);
}

static void
rig_open(struct rig *rig, const char *format)
{
	rig_open_sep(rig, format, '\n');
}

static void
rig_close(struct rig *rig)
{
	sk_parser_close(&rig->parser);
	sk_parsed_free(&rig->parsed);
	sk_buf_free(&rig->json);
}

static void
put_member(struct sk_buf *json, const struct sk_member *member)
{
	sk_buf_str(json, json->len > 0 ? "," : "");
	sk_record_put_json(json, member->name);
	sk_buf_char(json, ':');
	switch (member->type) {
	case SK_TYPE_NULL:
		sk_buf_str(json, "null");
		break;
	case SK_TYPE_TEXT:
		sk_record_put_json(json, member->text);
		break;
	case SK_TYPE_TIME:
		sk_buf_char(json, '"');
		sk_time_put(json, member->ns);
		sk_buf_char(json, '"');
		break;
	case SK_TYPE_NUMBER:
	case SK_TYPE_BOOL:
	case SK_TYPE_JSON:
		sk_buf_view(json, member->text);
		break;
	}
}

/* NULL and the members that are not null in rig->json, or why the line is
 * bad.  All members stand in the order of the columns.  The line is copied, so
 * that a byte read behind its padding is found. */
static const char *
rig_parse(struct rig *rig, const char *line, size_t len)
{
	const char *const *column = rig->parser.columns;
	char *copy = sk_xcalloc(1, len + SK_PAD);
	const char *why;
	size_t i;

	memcpy(copy, line, len);
	sk_buf_reset(&rig->json);
	why = sk_parser_parse(&rig->parser, sk_view(copy, len), &rig->parsed);
	for (i = 0; why == NULL && i < rig->parsed.n; i++, column++) {
		assert_non_null(*column);
		assert_true(sk_view_equal(rig->parsed.member[i].name,
		    sk_view_str(*column)));
		if (rig->parsed.member[i].type != SK_TYPE_NULL)
			put_member(&rig->json, &rig->parsed.member[i]);
	}
	if (why == NULL)
		assert_true(*column == NULL || !strcmp(*column, "extra"));
	free(copy);
	return why;
}

/* What a line gives: its members without braces, or the reason why it is bad
 * with a `!` in front. */
static void
rig_gives(struct rig *rig, const char *line, size_t len, const char *want)
{
	const char *why = rig_parse(rig, line, len), *got;

	if (why != NULL)
		sk_buf_fmt(&rig->json, "!%s", why);
	got = sk_buf_cstr(&rig->json);
	if (strcmp(got, want) != 0)
		fail_msg("%.*s\n got %s\nwant %s", (int)len, line, got, want);
}

static void
gives(const char *format, const char *line, const char *want)
{
	struct rig rig;

	rig_open(&rig, format);
	rig_gives(&rig, line, strlen(line), want);
	rig_close(&rig);
}

/* How sure the format is of a line. */
static int
sure(const char *format, const char *line)
{
	size_t len = strlen(line);
	char *copy = sk_xcalloc(1, len + SK_PAD);
	struct rig rig;
	int guess;

	memcpy(copy, line, len);
	rig_open(&rig, format);
	guess = rig.parser.kind->guess(sk_view(copy, len));
	rig_close(&rig);
	free(copy);
	return guess;
}

#endif
