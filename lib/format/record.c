#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/num.h"
#include "format/record.h"

/* ---- text in the three forms ---- */

/* Length of the UTF-8 character at p, 0 if there is none (RFC 3629: no
 * overlong forms, no surrogates, nothing above U+10FFFF). */
static size_t
utf8_len(const char *p, size_t len)
{
	const unsigned char *s = (const unsigned char *)p;
	unsigned char low = 0x80, high = 0xbf;
	size_t n, i;

	if (s[0] < 0xc2 || s[0] > 0xf4)
		return s[0] < 0x80;
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (len < n)
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (i = 2; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

/* Eight copies of a byte. */
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The top bits of bytes that JSON escapes or that begin no ASCII character;
 * right up to the first of them. */
static inline uint64_t
special_bytes(uint64_t w)
{
	uint64_t quote = w ^ EACH('"'), slash = w ^ EACH('\\');

	return (((w - EACH(0x20)) & ~w) | ((quote - EACH(1)) & ~quote) |
	    ((slash - EACH(1)) & ~slash) | w) & EACH(0x80);
}

/* The last n < 8 bytes of a text of `len` bytes that ends at `end`, blanks
 * above them; nothing is read beyond the text. */
static inline uint64_t
last_bytes(const char *end, size_t n, size_t len)
{
	uint64_t w;

	if (len >= 8)
		w = sk_get64(end - 8) >> (8 * (8 - n));
	else if (n >= 4)
		w = sk_get32(end - n) |
		    (uint64_t)sk_get32(end - 4) << (8 * (n - 4));
	else if (n >= 2)
		w = (uint64_t)sk_get16(end - n) |
		    (uint64_t)sk_get16(end - 2) << (8 * (n - 2));
	else
		w = (unsigned char)end[-1];
	return w | EACH(0x20) << (8 * n);
}

/* Copy what needs no care from the front of a text, up to 7 bytes beyond; how
 * many bytes that is. */
static size_t
copy_plain(char *to, const char *text, size_t len)
{
	uint64_t w, special;
	size_t i = 0;

	for (; len - i >= 8; i += 8) {
		w = sk_get64(text + i);
		sk_put64(to + i, w);
		special = special_bytes(w);
		if (special != 0)
			return i + (size_t)__builtin_ctzll(special) / 8;
	}
	if (i == len)
		return len;
	w = last_bytes(text + len, len - i, len);
	sk_put64(to + i, w);
	special = special_bytes(w);
	return special != 0 ? i + (size_t)__builtin_ctzll(special) / 8 : len;
}

/* What begins a text and needs care: its length, and what is written for it,
 * at most 6 bytes. */
static size_t
put_special(char *to, size_t *wrote, const char *text, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char c = (unsigned char)text[0];
	size_t n = utf8_len(text, len);

	if (c == '"' || c == '\\') {
		to[0] = '\\';
		to[1] = (char)c;
		*wrote = 2;
	} else if (c < 0x20) {
		memcpy(to, "\\u00", 4);
		to[4] = hex[c >> 4];
		to[5] = hex[c & 15];
		*wrote = 6;
	} else if (n > 0) {
		memcpy(to, text, n);
		*wrote = n;
	} else {
		memcpy(to, "\xef\xbf\xbd", 3);
		*wrote = 3;
	}
	return n > 0 ? n : 1;
}

void
sk_record_put_json(struct sk_buf *buf, struct sk_view text)
{
	const char *from = text.ptr;
	size_t left = text.len, n, wrote;
	char *to;

	sk_buf_reserve(buf, left + 16);
	to = buf->ptr + buf->len;
	*to++ = '"';
	while (left > 0) {
		n = copy_plain(to, from, left);
		to += n;
		from += n;
		left -= n;
		if (left == 0)
			break;
		n = put_special(to, &wrote, from, left);
		from += n;
		left -= n;
		buf->len = (size_t)(to + wrote - buf->ptr);
		sk_buf_reserve(buf, left + 16);
		to = buf->ptr + buf->len;
	}
	*to++ = '"';
	buf->len = (size_t)(to - buf->ptr);
}

void
sk_record_put_csv(struct sk_buf *buf, struct sk_view text, char comma)
{
	bool quotes = false;
	size_t i;

	for (i = 0; i < text.len && !quotes; i++)
		quotes = text.ptr[i] == comma || text.ptr[i] == '"' ||
		    text.ptr[i] == '\n' || text.ptr[i] == '\r';
	if (!quotes) {
		sk_buf_view(buf, text);
		return;
	}
	sk_buf_char(buf, '"');
	for (i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"')
			sk_buf_char(buf, '"');
		sk_buf_char(buf, text.ptr[i]);
	}
	sk_buf_char(buf, '"');
}

void
sk_record_put_tsv(struct sk_buf *buf, struct sk_view text)
{
	size_t i, begin = 0;

	for (i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		char letter = c == '\t' ? 't' : c == '\n' ? 'n' :
		    c == '\r' ? 'r' : c == '\\' ? '\\' : '\0';

		if (letter == '\0')
			continue;
		sk_buf_add(buf, text.ptr + begin, i - begin);
		sk_buf_char(buf, '\\');
		sk_buf_char(buf, letter);
		begin = i + 1;
	}
	sk_buf_add(buf, text.ptr + begin, text.len - begin);
}

/* ---- the description ---- */

void
sk_record_init(struct sk_record *record, enum sk_record_form form)
{
	memset(record, 0, sizeof(*record));
	record->form = form;
	record->comma = ',';
	record->end = '\n';
}

void
sk_record_free(struct sk_record *record)
{
	free(record->hashes);
	free(record->ends);
	free(record->key_ends);
	sk_buf_free(&record->names);
	sk_buf_free(&record->keys);
	memset(record, 0, sizeof(*record));
}

/* Text i of those that stand one behind the other in buf. */
static struct sk_view
part(const struct sk_buf *buf, const size_t *ends, size_t i)
{
	size_t begin = i > 0 ? ends[i - 1] : 0;

	return sk_view(buf->ptr + begin, ends[i] - begin);
}

int
sk_record_column(struct sk_record *record, struct sk_view name)
{
	uint64_t hash = sk_hash_table(name.ptr, name.len, 0);
	size_t n = record->n, i;

	for (i = 0; i < n; i++)
		if (record->hashes[i] == hash && sk_view_equal(
		    part(&record->names, record->ends, i), name))
			return SK_EUSAGE;
	record->hashes = sk_xrealloc(record->hashes, n + 1, sizeof(uint64_t));
	record->hashes[n] = hash;
	record->ends = sk_xrealloc(record->ends, n + 1, sizeof(size_t));
	record->key_ends = sk_xrealloc(record->key_ends, n + 1, sizeof(size_t));
	sk_buf_view(&record->names, name);
	record->ends[n] = record->names.len;
	sk_buf_char(&record->keys, n > 0 ? ',' : '{');
	sk_record_put_json(&record->keys, name);
	sk_buf_char(&record->keys, ':');
	record->key_ends[n] = record->keys.len;
	record->n++;
	return 0;
}

/* ---- a record ---- */

/* What stands before value number i. */
static void
put_lead(const struct sk_record *record, struct sk_buf *out, size_t i)
{
	if (record->form == SK_RECORD_NDJSON)
		sk_buf_view(out, part(&record->keys, record->key_ends, i));
	else if (i > 0)
		sk_buf_char(out, record->form == SK_RECORD_TSV ? '\t' :
		    record->comma);
}

static void
put_cell(const struct sk_record *record, struct sk_buf *out,
    struct sk_view text)
{
	if (record->form == SK_RECORD_CSV)
		sk_record_put_csv(out, text, record->comma);
	else if (record->escape)
		sk_record_put_tsv(out, text);
	else
		sk_buf_view(out, text);
}

void
sk_record_header(const struct sk_record *record, struct sk_buf *out)
{
	size_t i;

	if (record->form == SK_RECORD_NDJSON)
		return;
	for (i = 0; i < record->n; i++) {
		put_lead(record, out, i);
		put_cell(record, out, part(&record->names, record->ends, i));
	}
	sk_buf_char(out, record->end);
}

void
sk_record_begin(struct sk_record *record, struct sk_buf *out)
{
	record->out = out;
	record->start = out->len;
	record->at = 0;
}

static struct sk_buf *
lead(struct sk_record *record)
{
	sk_assert(record->out != NULL && record->at < record->n);
	put_lead(record, record->out, record->at++);
	return record->out;
}

void
sk_record_null(struct sk_record *record)
{
	struct sk_buf *out = lead(record);

	if (record->form == SK_RECORD_NDJSON)
		sk_buf_str(out, "null");
}

void
sk_record_u64(struct sk_record *record, uint64_t value)
{
	sk_num_put_u64(lead(record), value);
}

void
sk_record_i64(struct sk_record *record, int64_t value)
{
	struct sk_buf *out = lead(record);

	if (value < 0)
		sk_buf_char(out, '-');
	sk_num_put_u64(out, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void
sk_record_f64(struct sk_record *record, double value)
{
	if (isfinite(value))
		sk_num_put_f64(lead(record), value);
	else
		sk_record_null(record);
}

void
sk_record_fixed(struct sk_record *record, double value, int decimals)
{
	if (isfinite(value))
		sk_buf_fmt(lead(record), "%.*f", decimals, value);
	else
		sk_record_null(record);
}

void
sk_record_bool(struct sk_record *record, bool value)
{
	sk_buf_str(lead(record), value ? "true" : "false");
}

void
sk_record_text(struct sk_record *record, struct sk_view text)
{
	struct sk_buf *out;

	if (text.ptr == NULL) {
		sk_record_null(record);
		return;
	}
	out = lead(record);
	if (record->form == SK_RECORD_NDJSON)
		sk_record_put_json(out, text);
	else
		put_cell(record, out, text);
}

void
sk_record_json(struct sk_record *record, struct sk_view json)
{
	struct sk_buf *out;

	if (json.ptr == NULL) {
		sk_record_null(record);
		return;
	}
	out = lead(record);
	if (record->form == SK_RECORD_NDJSON)
		sk_buf_view(out, json);
	else
		put_cell(record, out, json);
}

/* As jq's @tsv, and a NUL as \0. */
static void
put_escaped(struct sk_buf *buf, struct sk_view text)
{
	size_t i, begin = 0;

	for (i = 0; i < text.len; i++) {
		if (text.ptr[i] != '\0')
			continue;
		sk_record_put_tsv(buf, sk_view(text.ptr + begin, i - begin));
		sk_buf_str(buf, "\\0");
		begin = i + 1;
	}
	sk_record_put_tsv(buf, sk_view(text.ptr + begin, i - begin));
}

/* A newline is safe in the quotes of CSV, a NUL is not. */
void
sk_record_line(struct sk_record *record, struct sk_view line)
{
	struct sk_buf *out = lead(record), escaped = { 0 };

	if (record->form == SK_RECORD_NDJSON) {
		sk_record_put_json(out, line);
		return;
	}
	if ((record->form == SK_RECORD_TSV || record->end == '\0') &&
	    line.len > 0 && memchr(line.ptr, record->end, line.len) != NULL) {
		put_escaped(&escaped, line);
		line = sk_view(escaped.ptr, escaped.len);
	}
	if (record->form == SK_RECORD_CSV)
		sk_record_put_csv(out, line, record->comma);
	else
		sk_buf_view(out, line);
	sk_buf_free(&escaped);
}

void
sk_record_raw(struct sk_record *record, struct sk_view text, size_t n)
{
	sk_assert(record->out != NULL && record->at + n <= record->n);
	sk_buf_view(record->out, text);
	record->at += n;
}

void
sk_record_end(struct sk_record *record)
{
	struct sk_buf *out = record->out;

	sk_assert(out != NULL && record->at == record->n);
	if (record->form == SK_RECORD_NDJSON)
		sk_buf_str(out, record->n > 0 ? "}" : "{}");
	else if (record->form == SK_RECORD_CSV && out->len == record->start)
		sk_buf_str(out, "\"\"");
	sk_buf_char(out, record->end);
	record->out = NULL;
}
