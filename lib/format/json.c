#include <stdint.h>
#include <string.h>

#include "format/json.h"

static const char no_end[] = "JSON that ends too early";
static const char no_string[] = "a string that does not end";
static const char control[] = "a control character in a string";
static const char bad_escape[] = "a backslash that escapes nothing";
static const char half[] = "half of a surrogate pair";
static const char no_number[] = "not a JSON number";

struct text {
	const char *at, *end;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static void
skip_blanks(struct text *text)
{
	while (text->at < text->end && sk_json_is_blank(*text->at))
		text->at++;
}

static bool
take_char(struct text *text, char c)
{
	if (text->at == text->end || *text->at != c)
		return false;
	text->at++;
	return true;
}

/* One digit or more. */
static bool
take_digits(struct text *text)
{
	const char *begin = text->at;

	while (text->at < text->end && is_digit(*text->at))
		text->at++;
	return text->at > begin;
}

static bool
take_number(struct text *text)
{
	take_char(text, '-');
	if (!take_char(text, '0') && !take_digits(text))
		return false;
	if (take_char(text, '.') && !take_digits(text))
		return false;
	if (take_char(text, 'e') || take_char(text, 'E')) {
		if (!take_char(text, '+'))
			take_char(text, '-');
		return take_digits(text);
	}
	return true;
}

bool
sk_json_is_number(struct sk_view view)
{
	struct text text = { view.ptr, view.ptr + view.len };

	return take_number(&text) && text.at == text.end;
}

bool
sk_json_is_word(struct sk_view text)
{
	return (text.len == 4 && (memcmp(text.ptr, "true", 4) == 0 ||
	    memcmp(text.ptr, "null", 4) == 0)) ||
	    (text.len == 5 && memcmp(text.ptr, "false", 5) == 0);
}

/* ---- strings ---- */

static int
hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The four digits behind \u; -1 if they are not there. */
static int32_t
take_hex(struct text *text)
{
	int32_t unit = 0;
	int i, digit;

	if (text->end - text->at < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		digit = hex_digit(text->at[i]);
		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	text->at += 4;
	return unit;
}

/* What stands behind \u, two of them for a pair. */
static const char *
take_unicode(struct text *text, int32_t *code)
{
	int32_t low;

	*code = take_hex(text);
	if (*code < 0)
		return bad_escape;
	if (*code < 0xd800 || *code > 0xdfff)
		return NULL;
	if (*code > 0xdbff || !take_char(text, '\\') || !take_char(text, 'u'))
		return half;
	low = take_hex(text);
	if (low < 0xdc00 || low > 0xdfff)
		return low < 0 ? bad_escape : half;
	*code = 0x10000 + ((*code & 0x3ff) << 10 | (low & 0x3ff));
	return NULL;
}

static size_t
put_utf8(char *out, int32_t code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

/* What stands behind a backslash; never longer than it was. */
static const char *
take_escape(struct text *text, char *out, size_t *len)
{
	static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
	const char *name, *why;
	int32_t code;

	*len = 0;
	if (take_char(text, 'u')) {
		why = take_unicode(text, &code);
		if (why == NULL)
			*len = put_utf8(out, code);
		return why;
	}
	if (text->at == text->end)
		return bad_escape;
	name = memchr(names, *text->at, sizeof(names) - 1);
	if (name == NULL)
		return bad_escape;
	text->at++;
	*out = means[name - names];
	*len = 1;
	return NULL;
}

const char *
sk_json_unescape(struct sk_view raw, char *out, size_t *len)
{
	struct text text = { raw.ptr, raw.ptr + raw.len };
	const char *why;
	size_t n;

	*len = 0;
	while (text.at < text.end) {
		if (*text.at == '"')
			return "text behind a string";
		if ((unsigned char)*text.at < 0x20)
			return control;
		if (*text.at != '\\') {
			out[(*len)++] = *text.at++;
			continue;
		}
		text.at++;
		why = take_escape(&text, out + *len, &n);
		if (why != NULL)
			return why;
		*len += n;
	}
	return NULL;
}

/* A string, whose first quote has been taken. */
static const char *
take_string(struct text *text)
{
	char escaped[4];
	const char *why;
	size_t len;

	while (text->at < text->end) {
		if (*text->at == '"') {
			text->at++;
			return NULL;
		}
		if ((unsigned char)*text->at < 0x20)
			return control;
		if (*text->at++ == '\\') {
			if (text->at == text->end)
				break;
			why = take_escape(text, escaped, &len);
			if (why != NULL)
				return why;
		}
	}
	return no_string;
}

/* ---- values ---- */

enum want { VALUE, FIRST_VALUE, KEY, FIRST_KEY, COMMA };

struct nest {
	uint64_t object[SK_JSON_DEPTH / 64]; /* bit: level is an object */
	size_t depth;
};

static bool
in_object(const struct nest *nest)
{
	size_t level = nest->depth - 1;

	return (nest->object[level / 64] >> level % 64 & 1) != 0;
}

static const char *
open_level(struct nest *nest, bool object)
{
	uint64_t bit = UINT64_C(1) << nest->depth % 64;
	uint64_t *word = &nest->object[nest->depth / 64];

	if (nest->depth == SK_JSON_DEPTH)
		return "JSON nested over 1024 levels";
	*word = object ? *word | bit : *word & ~bit;
	nest->depth++;
	return NULL;
}

static const char *
take_word(struct text *text)
{
	size_t len = (size_t)(text->end - text->at);

	if (len >= 4 && sk_json_is_word(sk_view(text->at, 4)))
		text->at += 4;
	else if (len >= 5 && sk_json_is_word(sk_view(text->at, 5)))
		text->at += 5;
	else
		return "not a JSON value";
	return NULL;
}

static const char *
take_value(struct text *text, struct nest *nest, enum want *want)
{
	char c = *text->at;

	*want = COMMA;
	if (c == '{' || c == '[') {
		text->at++;
		*want = c == '{' ? FIRST_KEY : FIRST_VALUE;
		return open_level(nest, c == '{');
	}
	if (take_char(text, '"'))
		return take_string(text);
	if (c == '-' || is_digit(c))
		return take_number(text) ? NULL : no_number;
	return take_word(text);
}

static const char *
take_key(struct text *text, enum want *want)
{
	const char *why;

	*want = VALUE;
	if (!take_char(text, '"'))
		return "a key that is no string";
	why = take_string(text);
	if (why != NULL)
		return why;
	skip_blanks(text);
	return take_char(text, ':') ? NULL : "a key without a colon";
}

/* A comma, or the end of the innermost level. */
static const char *
take_comma(struct text *text, struct nest *nest, enum want *want)
{
	bool object = in_object(nest);

	if (take_char(text, ',')) {
		*want = object ? KEY : VALUE;
		return NULL;
	}
	*want = COMMA;
	if (!take_char(text, object ? '}' : ']'))
		return object ? "a comma or } is missing" :
		    "a comma or ] is missing";
	nest->depth--;
	return NULL;
}

const char *
sk_json_check(struct sk_view view)
{
	struct text text = { view.ptr, view.ptr + view.len };
	enum want want = VALUE;
	struct nest nest;
	const char *why = NULL;

	nest.depth = 0;
	while (why == NULL) {
		skip_blanks(&text);
		if (want == COMMA && nest.depth == 0)
			return text.at == text.end ? NULL :
			    "text behind the JSON";
		if (text.at == text.end)
			return no_end;
		if (want == COMMA ||
		    (want == FIRST_KEY && *text.at == '}') ||
		    (want == FIRST_VALUE && *text.at == ']'))
			why = take_comma(&text, &nest, &want);
		else if (want == KEY || want == FIRST_KEY)
			why = take_key(&text, &want);
		else
			why = take_value(&text, &nest, &want);
	}
	return why;
}
