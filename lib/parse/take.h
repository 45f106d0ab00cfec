/*
 * Small pieces of which the built-in formats are made: what is left of a line,
 * and functions that take something off its front.  One that returns bool
 * leaves the rest untouched when what it looks for is not there.
 */
#ifndef SK_PARSE_TAKE_H
#define SK_PARSE_TAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"
#include "parse/parser.h"

struct sk_take {
	const char *at, *end;
};

static inline struct sk_take
sk_take(struct sk_view text)
{
	struct sk_take take = { text.ptr, text.ptr + text.len };

	return take;
}

static inline size_t
sk_take_left(const struct sk_take *take)
{
	return (size_t)(take->end - take->at);
}

static inline bool
sk_take_is_digit(char c)
{
	return (unsigned char)(c - '0') <= 9;
}

static inline bool
sk_take_is_letter(char c)
{
	return (unsigned char)((c | 0x20) - 'a') <= 'z' - 'a';
}

/* Blanks of the end of a text: a record of several lines ends in any. */
static inline bool
sk_take_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static inline bool
sk_take_char(struct sk_take *take, char c)
{
	if (take->at == take->end || *take->at != c)
		return false;
	take->at++;
	return true;
}

static inline bool
sk_take_str(struct sk_take *take, const char *s)
{
	size_t len = strlen(s);

	if (sk_take_left(take) < len || memcmp(take->at, s, len) != 0)
		return false;
	take->at += len;
	return true;
}

/* At least `least` blanks, all there are. */
static inline bool
sk_take_blanks(struct sk_take *take, size_t least)
{
	const char *at = take->at;

	while (at < take->end && *at == ' ')
		at++;
	if ((size_t)(at - take->at) < least)
		return false;
	take->at = at;
	return true;
}

/* The text up to the first `c`, which is taken too. */
static inline bool
sk_take_until(struct sk_take *take, char c, struct sk_view *text)
{
	const char *found = take->at == take->end ? NULL :
	    memchr(take->at, c, sk_take_left(take));

	if (found == NULL)
		return false;
	*text = sk_view(take->at, (size_t)(found - take->at));
	take->at = found + 1;
	return true;
}

/* What stands up to a blank or the end, which may be nothing. */
static inline struct sk_view
sk_take_word(struct sk_take *take)
{
	const char *begin = take->at;

	while (take->at < take->end && *take->at != ' ')
		take->at++;
	return sk_view(begin, (size_t)(take->at - begin));
}

/* The digits in front, which may be none. */
static inline struct sk_view
sk_take_digits(struct sk_take *take)
{
	const char *begin = take->at;

	while (take->at < take->end && sk_take_is_digit(*take->at))
		take->at++;
	return sk_view(begin, (size_t)(take->at - begin));
}

/* A text without the blanks at its end. */
static inline struct sk_view
sk_take_trim(struct sk_view text)
{
	while (text.len > 0 && sk_take_is_blank(text.ptr[text.len - 1]))
		text.len--;
	return text;
}

/* All that is left, without the blanks at its end. */
static inline struct sk_view
sk_take_rest(struct sk_take *take)
{
	struct sk_view rest = sk_view(take->at, sk_take_left(take));

	take->at = take->end;
	return sk_take_trim(rest);
}

static inline bool
sk_take_is_digits(struct sk_view text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		if (!sk_take_is_digit(text.ptr[i]))
			return false;
	return text.len > 0;
}

static inline bool
sk_take_is_dash(struct sk_view text)
{
	return text.len == 1 && text.ptr[0] == '-';
}

/* ---- members ---- */

/* A text, or null: absent, or a dash. */
static inline void
sk_take_put(struct sk_parsed *out, const char *name, struct sk_view text)
{
	if (text.ptr == NULL || sk_take_is_dash(text))
		sk_parsed_null(out, name);
	else
		sk_parsed_text(out, name, text);
}

/* Digits as a number, without zeros in front; other text as text; or null. */
static inline void
sk_take_put_number(struct sk_parsed *out, const char *name,
    struct sk_view text)
{
	if (text.ptr == NULL || !sk_take_is_digits(text)) {
		sk_take_put(out, name, text);
		return;
	}
	while (text.len > 1 && text.ptr[0] == '0') {
		text.ptr++;
		text.len--;
	}
	sk_parsed_number(out, name, text);
}

/* Who a process is: digits without a zero in front as a number, else text. */
static inline void
sk_take_put_id(struct sk_parsed *out, const char *name, struct sk_view text)
{
	if (text.len > 1 && text.ptr[0] == '0')
		sk_take_put(out, name, text);
	else
		sk_take_put_number(out, name, text);
}

#endif
