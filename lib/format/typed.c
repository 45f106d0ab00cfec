#include <strings.h>

#include "format/typed.h"

static size_t
digits(struct sk_view text, size_t at)
{
	size_t begin = at;

	while (at < text.len && (unsigned char)(text.ptr[at] - '0') <= 9)
		at++;
	return at - begin;
}

/* How far the text is JSON already: `-`, digits without zeros in front, a
 * point and digits; 0 if it is none so. */
static inline size_t
plain_len(struct sk_view text, bool point)
{
	size_t at = text.len > 0 && text.ptr[0] == '-', begin = at;

	while (at < text.len && (unsigned char)(text.ptr[at] - '0') <= 9)
		at++;
	if (at == begin || (text.ptr[begin] == '0' && at > begin + 1))
		return 0;
	if (!point || at == text.len || text.ptr[at] != '.')
		return at;
	begin = ++at;
	while (at < text.len && (unsigned char)(text.ptr[at] - '0') <= 9)
		at++;
	return at == begin ? 0 : at;
}

/* A number in its parts: [sign] whole [. part] [e [sign] digits]. */
struct number {
	size_t whole_at, whole;
	size_t rest_at;     /* behind the digits: the point, or the e */
	size_t part;        /* digits behind the point */
	size_t end;         /* what follows is no part of a number */
	bool point, empty;  /* empty: no digits, or none behind the e */
};

static struct number
scan(struct sk_view text)
{
	struct number n = { 0 };
	size_t at = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+');

	n.whole_at = at;
	n.whole = digits(text, at);
	n.rest_at = at += n.whole;
	if (at < text.len && text.ptr[at] == '.') {
		n.point = true;
		n.part = digits(text, at + 1);
		at += 1 + n.part;
	}
	n.empty = n.whole + n.part == 0;
	if (at < text.len && (text.ptr[at] | 0x20) == 'e') {
		size_t power;

		at++;
		if (at < text.len && (text.ptr[at] == '-' ||
		    text.ptr[at] == '+'))
			at++;
		power = digits(text, at);
		at += power;
		n.empty = n.empty || power == 0;
	}
	n.end = at;
	return n;
}

static bool
is_json(struct sk_view text, const struct number *n)
{
	return text.ptr[0] != '+' && n->whole > 0 &&
	    (n->whole == 1 || text.ptr[n->whole_at] != '0') &&
	    (!n->point || n->part > 0);
}

static void
put_json(struct sk_view text, const struct number *n, struct sk_buf *room)
{
	size_t at = n->whole_at, whole = n->whole, rest = n->rest_at;

	for (; whole > 1 && text.ptr[at] == '0'; whole--)
		at++;
	sk_buf_reset(room);
	sk_buf_reserve(room, text.len + 2 + SK_PAD);
	if (text.ptr[0] == '-')
		sk_buf_char(room, '-');
	if (whole == 0)
		sk_buf_char(room, '0');
	sk_buf_add(room, text.ptr + at, whole);
	if (n->point && n->part == 0)
		rest++;
	sk_buf_add(room, text.ptr + rest, text.len - rest);
}

/* No value at all, as sk_field_has_number() has it. */
static bool
is_nothing(struct sk_view text)
{
	return text.len == 0 || (text.len == 1 && text.ptr[0] == '-');
}

static bool
is_word(struct sk_view text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strlen(*words) == text.len &&
		    strncasecmp(text.ptr, *words, text.len) == 0)
			return true;
	return false;
}

static bool
give(struct sk_view text, const struct number *n, struct sk_view *out,
    struct sk_buf *room)
{
	*out = text;
	if (is_json(text, n))
		return true;
	put_json(text, n, room);
	*out = sk_view(room->ptr, room->len);
	return true;
}

bool
sk_typed_int(struct sk_view text, struct sk_view *out, struct sk_buf *room)
{
	struct number n;

	*out = text;
	if (text.len > 0 && plain_len(text, false) == text.len)
		return true;
	*out = sk_view(NULL, 0);
	if (is_nothing(text))
		return true;
	n = scan(text);
	return n.whole > 0 && n.rest_at == text.len &&
	    give(text, &n, out, room);
}

bool
sk_typed_float(struct sk_view text, struct sk_view *out, struct sk_buf *room)
{
	static const char *const none[] = { "nan", "inf", "infinity", NULL };
	struct number n;

	*out = text;
	if (text.len > 0 && plain_len(text, true) == text.len)
		return true;
	*out = sk_view(NULL, 0);
	if (is_nothing(text))
		return true;
	n = scan(text);
	if (n.end == text.len && !n.empty)
		return give(text, &n, out, room);
	return is_word(sk_view(text.ptr + n.whole_at, text.len - n.whole_at),
	    none);
}

bool
sk_typed_bool(struct sk_view text, struct sk_view *out)
{
	static const char yes[64] = "true", no[64] = "false";
	static const char *const yeses[] = { "true", "1", "yes", "on", NULL };
	static const char *const nos[] = { "false", "0", "no", "off", NULL };

	*out = sk_view(NULL, 0);
	if (is_nothing(text))
		return true;
	if (is_word(text, yeses))
		*out = sk_view(yes, 4);
	else if (is_word(text, nos))
		*out = sk_view(no, 5);
	return out->ptr != NULL;
}
