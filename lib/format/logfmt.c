/*
 * One pass over a line finds its pairs; a value in quotes is checked then, and
 * copied only if it has escapes and is wanted.  A pair whose key has a length
 * that no wanted key has is passed over; other keys are looked up in a table,
 * in which each wanted key stands once.
 */
#include <stdlib.h>

#include "base/keys.h"
#include "base/mem.h"
#include "format/logfmt.h"

struct sk_logfmt {
	struct sk_keys keys;
	uint64_t lengths;    /* bit: a key has this length, or 63 or more */
	uint32_t *slot;      /* of each field: the number of its key */
	size_t nfields;
	struct sk_view *value; /* of each key in the line at hand */
	struct sk_logfmt_pair *pair;
	size_t cap;
	struct sk_buf arena;
	bool reserved;       /* it has room for all values of this call */
};

/* A pair as it stands in the line. */
struct raw {
	struct sk_view key, value;
	bool alone, escaped;
};

/* Padded, as every value is. */
static const char true_text[4 + SK_PAD] = "true";

struct sk_logfmt *
sk_logfmt_open(const struct sk_view *keys, size_t n)
{
	struct sk_logfmt *logfmt = sk_xcalloc(1, sizeof(*logfmt));
	size_t i;

	sk_keys_init(&logfmt->keys, SK_KEYS_NONE - 1);
	logfmt->slot = sk_xalloc(n, sizeof(*logfmt->slot));
	logfmt->nfields = n;
	for (i = 0; i < n; i++) {
		logfmt->slot[i] = sk_keys_find(&logfmt->keys, keys[i]);
		logfmt->lengths |= UINT64_C(1) <<
		    (keys[i].len < 63 ? keys[i].len : 63);
	}
	logfmt->keys.max = logfmt->keys.n;
	logfmt->value = sk_xalloc(logfmt->keys.n, sizeof(*logfmt->value));
	return logfmt;
}

void
sk_logfmt_close(struct sk_logfmt *logfmt)
{
	if (logfmt == NULL)
		return;
	sk_buf_free(&logfmt->arena);
	free(logfmt->pair);
	free(logfmt->value);
	free(logfmt->slot);
	sk_keys_free(&logfmt->keys);
	free(logfmt);
}

/* ---- strings ---- */

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The number of the four hex digits at p, -1: they are none. */
static int32_t
get_unit(const char *p, const char *end)
{
	int32_t unit = 0;
	int i;

	if (end - p < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		int digit = hex_value(p[i]);

		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

/* The character of an escape `\u`, whose digits are at *p; *p moves behind
 * it.  -1: it is none, as is half of a surrogate pair. */
static int32_t
get_unicode(const char **p, const char *end)
{
	int32_t high = get_unit(*p, end), low;

	if (high < 0 || (high >= 0xdc00 && high < 0xe000))
		return -1;
	*p += 4;
	if (high < 0xd800 || high >= 0xe000)
		return high;
	if (end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u')
		return -1;
	low = get_unit(*p + 2, end);
	if (low < 0xdc00 || low >= 0xe000)
		return -1;
	*p += 6;
	return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

/* What a letter behind a backslash stands for; 0: nothing. */
static char
meaning(char letter)
{
	switch (letter) {
	case '"': return '"';
	case '\\': return '\\';
	case '/': return '/';
	case 'b': return '\b';
	case 'f': return '\f';
	case 'n': return '\n';
	case 'r': return '\r';
	case 't': return '\t';
	default: return '\0';
	}
}

/* Pass the escape whose backslash is at *p; false: it is none. */
static bool
pass_escape(const char **p, const char *end)
{
	const char *at = *p + 1;

	if (at == end)
		return false;
	if (*at == 'u') {
		at++;
		if (get_unicode(&at, end) < 0)
			return false;
	} else if (meaning(*at++) == '\0')
		return false;
	*p = at;
	return true;
}

static void
put_utf8(struct sk_buf *out, int32_t c)
{
	char bytes[4];
	size_t n = 0;

	if (c < 0x80)
		bytes[n++] = (char)c;
	else if (c < 0x800)
		bytes[n++] = (char)(0xc0 | c >> 6);
	else {
		if (c < 0x10000)
			bytes[n++] = (char)(0xe0 | c >> 12);
		else {
			bytes[n++] = (char)(0xf0 | c >> 18);
			bytes[n++] = (char)(0x80 | (c >> 12 & 0x3f));
		}
		bytes[n++] = (char)(0x80 | (c >> 6 & 0x3f));
	}
	if (c >= 0x80)
		bytes[n++] = (char)(0x80 | (c & 0x3f));
	sk_buf_add(out, bytes, n);
}

/* The text of a string whose escapes are good.  There is room for it: an
 * escape is longer than what it stands for. */
static struct sk_view
unescape(struct sk_view text, struct sk_buf *out)
{
	const char *at = text.ptr, *end = at + text.len, *next;
	size_t begin = out->len;

	while ((next = memchr(at, '\\', (size_t)(end - at))) != NULL) {
		sk_buf_add(out, at, (size_t)(next - at));
		at = next + 2;
		if (next[1] == 'u')
			put_utf8(out, get_unicode(&at, end));
		else
			sk_buf_char(out, meaning(next[1]));
	}
	sk_buf_add(out, at, (size_t)(end - at));
	return sk_view(out->ptr + begin, out->len - begin);
}

/* ---- pairs ---- */

static inline bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The value in quotes that begins at *p, which moves behind it. */
static const char *
next_string(const char **p, const char *end, struct raw *raw)
{
	const char *at = *p + 1, *begin = at;

	for (;;) {
		while (at < end && *at != '"' && *at != '\\')
			at++;
		if (at == end)
			return "a quote that is not closed";
		if (*at == '"')
			break;
		raw->escaped = true;
		if (!pass_escape(&at, end))
			return at + 1 == end ? "a quote that is not closed" :
			    "an escape that is none of JSON";
	}
	raw->value = sk_view(begin, (size_t)(at - begin));
	*p = ++at;
	return at < end && !is_blank(*at) ? "text behind a closing quote" :
	    NULL;
}

/* The pair that begins at *p, which moves behind it: NULL, or why it is bad.
 * *p < end is no blank. */
static inline const char *
next_pair(const char **p, const char *end, struct raw *raw)
{
	const char *at = *p, *begin = at;

	while (at < end && !is_blank(*at) && *at != '=' && *at != '"')
		at++;
	raw->key = sk_view(begin, (size_t)(at - begin));
	raw->escaped = false;
	raw->alone = at == end || is_blank(*at);
	if (raw->alone) {
		raw->value = sk_view_str(true_text);
		*p = at;
		return NULL;
	}
	if (*at == '"')
		return "a quote that begins no value";
	if (at == begin)
		return "no key in front of =";
	begin = ++at;
	if (at < end && *at == '"') {
		*p = at;
		return next_string(p, end, raw);
	}
	if (at < end && *at == '=')
		return "a value that begins with =";
	while (at < end && !is_blank(*at))
		at++;
	raw->value = sk_view(begin, (size_t)(at - begin));
	*p = at;
	return NULL;
}

static inline const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p;
}

/* Where the line ends, without the CR of CRLF. */
static inline const char *
line_end(struct sk_view line)
{
	const char *end = line.ptr + line.len;

	return line.len > 0 && end[-1] == '\r' ? end - 1 : end;
}

/* ---- lines ---- */

/* The number of a wanted key, SK_KEYS_NONE: it is not. */
static inline uint32_t
find_key(struct sk_logfmt *logfmt, struct sk_view key)
{
	size_t length = key.len < 63 ? key.len : 63;

	if ((logfmt->lengths >> length & 1) == 0)
		return SK_KEYS_NONE;
	return sk_keys_find(&logfmt->keys, key);
}

/* Room for all values of these lines. */
static void
reserve(struct sk_logfmt *logfmt, const struct sk_view *lines, size_t n)
{
	size_t i, nbytes = 0;

	for (i = 0; i < n; i++)
		nbytes += lines[i].len;
	sk_buf_reserve(&logfmt->arena, nbytes);
	logfmt->reserved = true;
}

/* The values of the first of `lines`, of which n are left. */
static const char *
take_line(struct sk_logfmt *logfmt, const struct sk_view *lines, size_t n)
{
	const char *p = lines->ptr, *end = line_end(*lines), *why;
	struct raw raw;
	uint32_t key;

	for (key = 0; key < logfmt->keys.n; key++)
		logfmt->value[key] = sk_view(NULL, 0);
	while ((p = skip_blanks(p, end)) < end) {
		why = next_pair(&p, end, &raw);
		if (why != NULL)
			return why;
		key = find_key(logfmt, raw.key);
		if (key == SK_KEYS_NONE || logfmt->value[key].ptr != NULL)
			continue;
		if (raw.escaped && !logfmt->reserved)
			reserve(logfmt, lines, n);
		logfmt->value[key] = raw.escaped ?
		    unescape(raw.value, &logfmt->arena) : raw.value;
	}
	return NULL;
}

size_t
sk_logfmt_take(struct sk_logfmt *logfmt, const struct sk_view *lines, size_t n,
    const struct sk_values *out)
{
	size_t i, f, nbad = 0;

	sk_buf_reset(&logfmt->arena);
	logfmt->reserved = false;
	for (i = 0; i < n; i++) {
		out->why[i] = take_line(logfmt, lines + i, n - i);
		if (out->why[i] != NULL) {
			nbad++;
			continue;
		}
		for (f = 0; f < logfmt->nfields; f++)
			out->value[f][i] = logfmt->value[logfmt->slot[f]];
	}
	return nbad;
}

const char *
sk_logfmt_pairs(struct sk_logfmt *logfmt, struct sk_view line,
    const struct sk_logfmt_pair **pairs, size_t *n)
{
	const char *p = line.ptr, *end = line_end(line), *why;
	struct raw raw;
	size_t npairs = 0;

	sk_buf_reset(&logfmt->arena);
	sk_buf_reserve(&logfmt->arena, line.len);
	while ((p = skip_blanks(p, end)) < end) {
		struct sk_logfmt_pair *pair;

		why = next_pair(&p, end, &raw);
		if (why != NULL)
			return why;
		if (npairs == logfmt->cap) {
			logfmt->cap = npairs == 0 ? 32 : 2 * npairs;
			logfmt->pair = sk_xrealloc(logfmt->pair, logfmt->cap,
			    sizeof(*logfmt->pair));
		}
		pair = &logfmt->pair[npairs++];
		pair->key = raw.key;
		pair->alone = raw.alone;
		pair->value = raw.escaped ?
		    unescape(raw.value, &logfmt->arena) : raw.value;
	}
	*pairs = logfmt->pair;
	*n = npairs;
	return NULL;
}
