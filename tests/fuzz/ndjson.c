/*
 * NDJSON of any bytes: lines read as one batch give what each gives alone, in
 * memory of its own; a line that passes the check is never bad, and its fields
 * are those that a reader of single bytes finds.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "format/json.h"
#include "format/jsonscan.h"
#include "format/ndjson.h"
#include "libfuzz.h"

#define LINES 256
#define FIELDS 12

static const char *const fields[FIELDS] = { "user.id", "user.geo.city", "a",
	"a.b", "a[0]", "/a/1/b", "/0", "/", "a_long_name", "a_long_nose",
	"a[1][1]", "/user/a" };

static struct sk_path path[FIELDS];
static struct sk_ndjson *reader[2]; /* of batches, of single lines */
static struct sk_view value[2][FIELDS][LINES];
static unsigned char kind[2][FIELDS][LINES];
static const char *why[2][LINES];

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	static const char *const text[] = {
		"{\"a\":1,\"user\":{\"id\":7,\"geo\":{\"city\":\"Rom\"}}}",
		"{\"a\":[0,{\"b\":[]}],\"0\":null,\"\":true}",
		" { \"us\\u0065r\" : { \"id\" : \"\\\"\\ud83d\\ude00\" } }\r",
		"{\"a_long_name\":-1.5e+3,\"a_long_nose\":\"\",\"a_long\":{}}",
		"{\"a\":[[1],[2,[3]]],\"user\":{\"a\":{\"x\":[{}]}}}",
		"{\"a\":\"x", "not json", "{\"a\":1}}", "", "{}"
	};
	unsigned i;

	for (i = 0; i < 4; i++, n /= 10) {
		sk_buf_str(out, text[n % 10]);
		sk_buf_char(out, '\n');
	}
}

/* ---- a reader of single bytes, for text that is JSON ---- */

static const char *
blanks(const char *p)
{
	while (sk_json_is_blank(*p))
		p++;
	return p;
}

static const char *
past_string(const char *p)
{
	for (p++; *p != '"'; p++)
		p += *p == '\\';
	return p + 1;
}

static const char *
past_value(const char *p)
{
	size_t depth = 0;

	do {
		if (*p == '"') {
			p = past_string(p);
			continue;
		}
		depth += *p == '{' || *p == '[';
		depth -= *p == '}' || *p == ']';
		p++;
		while (depth == 0 && strchr("]},: \t\r\n", *p) == NULL &&
		    p[-1] != '}' && p[-1] != ']')
			p++;
	} while (depth > 0);
	return p;
}

static struct sk_view
unescaped(const char *p, char *out)
{
	const char *end = past_string(p);
	size_t len;

	fuzz_check(sk_json_unescape(sk_view(p + 1, (size_t)(end - p) - 2),
	    out, &len) == NULL, "a string");
	return sk_view(out, len);
}

/* The value that a step leads to from the one at p, or NULL. */
static const char *
step_to(const char *p, const struct sk_path_step *step, char *out)
{
	bool object = *p == '{', found;
	uint64_t i;

	if (!object && *p != '[')
		return NULL;
	p = blanks(p + 1);
	for (i = 0; *p != '}' && *p != ']'; i++) {
		p = blanks(*p == ',' ? p + 1 : p);
		found = step->is_index && i == step->index;
		if (object) {
			found = step->is_key && sk_view_equal(step->key,
			    unescaped(p, out));
			p = blanks(blanks(past_string(p)) + 1);
		}
		if (found)
			return p;
		p = blanks(past_value(p));
	}
	return NULL;
}

static void
check_value(struct sk_view line, size_t f, size_t i, char *out)
{
	struct sk_view got = value[0][f][i], want;
	enum sk_kind k = (enum sk_kind)kind[0][f][i];
	const char *p = line.ptr;
	size_t step;

	if (memcmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	p = blanks(p);
	for (step = 0; p != NULL && step < path[f].n; step++)
		p = step_to(p, &path[f].step[step], out);
	if (p == NULL || *p == 'n') {
		fuzz_check(k == SK_KIND_NONE && got.ptr == NULL, "no value");
		return;
	}
	want = *p == '"' ? unescaped(p, out) :
	    sk_view(p, (size_t)(past_value(p) - p));
	fuzz_check(got.ptr != NULL && sk_view_equal(got, want), "a value");
	fuzz_check(k == (*p == '"' ? SK_KIND_TEXT : *p == '{' || *p == '[' ?
	    SK_KIND_JSON : *p == 't' || *p == 'f' ? SK_KIND_BOOL :
	    SK_KIND_NUMBER), "a kind");
}

/* ---- the target ---- */

static size_t
take(int set, const struct sk_view *lines, size_t n)
{
	struct sk_view *values[FIELDS];
	unsigned char *kinds[FIELDS];
	struct sk_values out = { values, kinds, why[set] };
	size_t f;

	for (f = 0; f < FIELDS; f++) {
		values[f] = value[set][f];
		kinds[f] = kind[set][f];
	}
	return sk_ndjson_take(reader[set], lines, n, &out);
}

static void
open_reader(void)
{
	size_t f;

	for (f = 0; f < FIELDS; f++)
		fuzz_check(sk_path_parse(sk_view_str(fields[f]), &path[f],
		    NULL) == 0, "a path");
	reader[0] = sk_ndjson_open(path, FIELDS);
	reader[1] = sk_ndjson_open(path, FIELDS);
}

/* Both ways to find operators find the same. */
static void
check_scan(struct sk_view line)
{
	struct sk_jsonscan a = { 0 }, b = { 0 };
	size_t nbytes = (line.len + 63) / 64 * 8;

	fuzz_check(sk_jsonscan_text(&a, line) ==
	    sk_jsonscan_portable(&b, line), "other flags");
	fuzz_check(memcmp(a.op, b.op, nbytes) == 0, "operators");
	fuzz_check(memcmp(a.quote, b.quote, nbytes) == 0, "quotes");
	sk_jsonscan_free(&a);
	sk_jsonscan_free(&b);
}

/* Line i, good as a part of the batch or not, read alone. */
static size_t
check_line(struct sk_view line, size_t i)
{
	char *copy = sk_xalloc(line.len + SK_PAD, 1);
	const char *reason = sk_ndjson_check(reader[1], line);
	struct sk_view alone;
	size_t f, bad;

	memcpy(copy, line.ptr, line.len);
	memset(copy + line.len, "},\"\\]"[line.len % 5], SK_PAD);
	alone = sk_view(copy, line.len);
	bad = take(1, &alone, 1);
	fuzz_check(bad == (why[1][0] != NULL), "the number of bad lines");
	fuzz_check(why[0][i] == why[1][0], "another reason");
	fuzz_check(why[0][i] == NULL || why[0][i] == reason,
	    "what is JSON is bad");
	for (f = 0; bad == 0 && f < FIELDS; f++) {
		struct sk_view a = value[0][f][i], b = value[1][f][0];

		fuzz_check((a.ptr == NULL) == (b.ptr == NULL) &&
		    sk_view_equal(a, b) && kind[0][f][i] == kind[1][f][0],
		    "another value");
	}
	check_scan(line);
	free(copy);
	return bad;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = sk_xcalloc(size + SK_PAD, 1), *out, *end;
	struct sk_view lines[LINES];
	size_t n = 0, i, f, at, bad, nbad = 0;

	if (reader[0] == NULL)
		open_reader();
	memcpy(text, data, size);
	out = sk_xalloc(size + 1, 1);
	for (at = 0; at < size && n < LINES; at += lines[n++].len + 1) {
		end = memchr(text + at, '\n', size - at);
		lines[n] = sk_view(text + at, end == NULL ? size - at :
		    (size_t)(end - text) - at);
	}
	bad = take(0, lines, n);
	for (i = 0; i < n; i++) {
		nbad += check_line(lines[i], i);
		if (sk_ndjson_check(reader[1], lines[i]) == NULL)
			for (f = 0; f < FIELDS; f++)
				check_value(lines[i], f, i, out);
	}
	fuzz_check(bad == nbad, "the number of bad lines");
	free(out);
	free(text);
	return 0;
}
