#include "base/hash.h"
#include "base/num.h"
#include "stream/control.h"

#define SUM_LEN 11 /* ` c=XXXXXXXX` */

bool
sk_control_is_header(struct sk_view bytes)
{
	static const char header[] = { SK_CONTROL_DLE, 'H', ' ', 'v', '=' };

	return bytes.len >= sizeof(header) &&
	    memcmp(bytes.ptr, header, sizeof(header)) == 0;
}

static bool
is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Bytes of a value that stand for themselves. */
static bool
is_plain(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("._-/:,@+", c) != NULL);
}

static bool
is_key(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	    c >= 'A' && c <= 'F' ? c - 'A' + 10 :
	    c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The key and the value, as it is written, of the first of the words, which
 * leaves them; false: they begin with something else. */
static bool
next_word(struct sk_view *words, struct sk_view *key, struct sk_view *value)
{
	const char *at = words->ptr, *end = at + words->len;

	if (at == end || *at++ != ' ')
		return false;
	key->ptr = at;
	while (at < end && is_key(*at))
		at++;
	key->len = (size_t)(at - key->ptr);
	if (key->len == 0 || at == end || *at++ != '=')
		return false;
	value->ptr = at;
	for (; at < end && *at != ' '; at++) {
		if (is_plain(*at))
			continue;
		if (*at != '%' || end - at < 3 || hex_digit(at[1]) < 0 ||
		    hex_digit(at[2]) < 0)
			return false;
		at += 2;
	}
	value->len = (size_t)(at - value->ptr);
	*words = sk_view(at, (size_t)(end - at));
	return true;
}

static bool
well_formed(struct sk_view words)
{
	struct sk_view key, value;

	while (words.len > 0)
		if (!next_word(&words, &key, &value))
			return false;
	return true;
}

/* Whether the line ends in the sum of what stands before it. */
static bool
is_whole(struct sk_view line)
{
	size_t len = line.len - SUM_LEN;
	const char *sum = line.ptr + len;
	uint64_t value;

	return memcmp(sum, " c=", 3) == 0 &&
	    sk_num_hex64(sk_view(sum + 3, SUM_LEN - 3), &value) == 0 &&
	    value == (sk_hash_disk(line.ptr, len) & UINT32_MAX);
}

int
sk_control_parse(struct sk_view line, struct sk_control *control,
    struct sk_diag *diag)
{
	if (line.len < 2 + SUM_LEN || line.len >= SK_CONTROL_MAX ||
	    line.ptr[0] != SK_CONTROL_DLE || !is_letter(line.ptr[1]))
		return sk_diag_set(diag, SK_EDATA, "damaged control line: it "
		    "has not the form of one");
	if (!is_whole(line))
		return sk_diag_set(diag, SK_EDATA, "damaged control line: its "
		    "checksum is wrong");
	control->type = line.ptr[1];
	control->line = line;
	control->words = sk_view(line.ptr + 2, line.len - 2 - SUM_LEN);
	if (!well_formed(control->words))
		return sk_diag_set(diag, SK_EDATA, "damaged control line: its "
		    "words are not key=value");
	return 0;
}

static bool
find(const struct sk_control *control, const char *name, struct sk_view *value)
{
	struct sk_view words = control->words, key;

	while (next_word(&words, &key, value))
		if (sk_view_equal(key, sk_view_str(name)))
			return true;
	return false;
}

bool
sk_control_get(const struct sk_control *control, const char *key,
    struct sk_buf *buf)
{
	struct sk_view value;
	size_t i;

	sk_buf_reset(buf);
	if (!find(control, key, &value))
		return false;
	for (i = 0; i < value.len; i++) {
		if (value.ptr[i] != '%') {
			sk_buf_char(buf, value.ptr[i]);
			continue;
		}
		sk_buf_char(buf, (char)(hex_digit(value.ptr[i + 1]) << 4 |
		    hex_digit(value.ptr[i + 2])));
		i += 2;
	}
	return true;
}

int
sk_control_int(const struct sk_control *control, const char *key,
    int64_t *out)
{
	struct sk_view value;

	if (!find(control, key, &value))
		return 0;
	return sk_num_i64(value, out) == 0 ? 1 : SK_EDATA;
}

size_t
sk_control_begin(struct sk_buf *buf, char type)
{
	size_t start = buf->len;

	sk_buf_char(buf, SK_CONTROL_DLE);
	sk_buf_char(buf, type);
	return start;
}

void
sk_control_put(struct sk_buf *buf, const char *key, struct sk_view value)
{
	size_t i;

	sk_buf_fmt(buf, " %s=", key);
	for (i = 0; i < value.len; i++)
		if (is_plain(value.ptr[i]))
			sk_buf_char(buf, value.ptr[i]);
		else
			sk_buf_fmt(buf, "%%%02X", (unsigned char)value.ptr[i]);
}

void
sk_control_put_int(struct sk_buf *buf, const char *key, int64_t value)
{
	sk_buf_fmt(buf, " %s=%lld", key, (long long)value);
}

void
sk_control_end(struct sk_buf *buf, size_t start)
{
	uint64_t sum = sk_hash_disk(buf->ptr + start, buf->len - start);

	sk_buf_fmt(buf, " c=%08x\n", (unsigned)(sum & UINT32_MAX));
	sk_assert(buf->len - start <= SK_CONTROL_MAX);
}
