#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "format/logfmt.h"

#define UNCLOSED "(a quote that is not closed)"
#define BEHIND "(text behind a closing quote)"
#define ESCAPE "(an escape that is none of JSON)"
#define NO_KEY "(no key in front of =)"
#define STRAY "(a quote that begins no value)"
#define EQUALS "(a value that begins with =)"

static size_t
below(struct sk_rng *rng, size_t limit)
{
	return (size_t)(sk_rng_next(rng) % limit);
}

/* The pairs of a line, `key=value|` each, `key!` for one that stands alone. */
static void
expect_bytes(const char *line, size_t len, const char *want, size_t want_len)
{
	struct sk_logfmt *logfmt = sk_logfmt_open(NULL, 0);
	const struct sk_logfmt_pair *pairs;
	struct sk_buf have = { 0 };
	char *copy = malloc(len + 1);
	const char *why;
	size_t n, i;

	memcpy(copy, line, len);
	copy = realloc(copy, len > 0 ? len : 1);
	why = sk_logfmt_pairs(logfmt, sk_view(copy, len), &pairs, &n);
	if (why != NULL)
		sk_buf_fmt(&have, "(%s)", why);
	for (i = 0; why == NULL && i < n; i++) {
		sk_buf_view(&have, pairs[i].key);
		if (pairs[i].alone) {
			assert_int_equal(pairs[i].value.len, 4);
			assert_memory_equal(pairs[i].value.ptr, "true", 4);
			sk_buf_char(&have, '!');
			continue;
		}
		assert_non_null(pairs[i].value.ptr);
		sk_buf_char(&have, '=');
		sk_buf_view(&have, pairs[i].value);
		sk_buf_char(&have, '|');
	}
	assert_int_equal(have.len, want_len);
	if (want_len > 0)
		assert_memory_equal(have.ptr, want, want_len);
	sk_buf_free(&have);
	free(copy);
	sk_logfmt_close(logfmt);
}

static void
expect(const char *line, const char *want)
{
	expect_bytes(line, strlen(line), want, strlen(want));
}

static void
test_pairs(void **state)
{
	(void)state;
	expect("level=info msg=\"a \\\"b\\\"\\n\" took=12ms ok",
	    "level=info|msg=a \"b\"\n|took=12ms|ok!");
	expect("", "");
	expect(" \t ", "");
	expect("\r", "");
	expect("a=1\r", "a=1|");
	expect("a=1\r\r", "a=1\r|");
	expect("ok\r", "ok!");
	expect(" a=1\t\tb=2 ", "a=1|b=2|");
	expect("a= b=\"\" c=", "a=|b=|c=|");
	expect("a=1 a=2 a", "a=1|a=2|a!");
	expect("url=http://h/?q=1&r=\"x\"", "url=http://h/?q=1&r=\"x\"|");
	expect("a=\"b=c d\" \xe9\xff=\x01", "a=b=c d|\xe9\xff=\x01|");
	expect_bytes("a\0b=c\0", 6, "a\0b=c\0|", 7);
	expect("a=b\"", "a=b\"|");
}

static void
test_escapes(void **state)
{
	(void)state;
	expect("a=\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "a=\"\\/\b\f\n\r\t|");
	expect("a=\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"",
	    "a=A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80|");
	expect_bytes("a=\"\\u0000\"", 10, "a=\0|", 4);
	expect("a=\"\\uffff\\ud7ff\\ue000\\u07ff\\u0800\"",
	    "a=\xef\xbf\xbf\xed\x9f\xbf\xee\x80\x80\xdf\xbf\xe0\xa0\x80|");
	expect("a=\"\\udbff\\udfff\\ud800\\udc00\"",
	    "a=\xf4\x8f\xbf\xbf\xf0\x90\x80\x80|");
	expect("a=\"\\x\"", ESCAPE);
	expect("a=\"\\a\"", ESCAPE);
	expect("a=\"\\u12\"", ESCAPE);
	expect("a=\"\\u123g\"", ESCAPE);
	expect("a=\"\\u\"", ESCAPE);
	expect("a=\"\\ud800\"", ESCAPE);
	expect("a=\"\\ud800\\n\"", ESCAPE);
	expect("a=\"\\ud800\\u0041\"", ESCAPE);
	expect("a=\"\\udc00\"", ESCAPE);
	expect("a=\"\\udc00\\udc00\"", ESCAPE);
	expect("a=\"\\ud83d\\ude0", ESCAPE);
	expect("a=\\n", "a=\\n|");
}

static void
test_bad(void **state)
{
	(void)state;
	expect("a=1 b=\"c", UNCLOSED);
	expect("a=\"", UNCLOSED);
	expect("a=\"b\\\"", UNCLOSED);
	expect("a=\"b\\", UNCLOSED);
	expect("a=\"b\"c", BEHIND);
	expect("a=\"b\"\"c\"", BEHIND);
	expect("a=\"b\"=", BEHIND);
	expect("=1", NO_KEY);
	expect("a =1", NO_KEY);
	expect("\"a\"=1", STRAY);
	expect("a\"b\"=1", STRAY);
	expect("a=1 \"b\"", STRAY);
	expect("a==1", EQUALS);
}

/* ---- batches ---- */

#define LINES 30
#define FIELDS 9

static const char *const names[] = { "a", "b", "cc", "level", "msg", "msh",
	"x.y", "",
	"a.key.of.more.than.sixty.three.bytes.that.is.looked.for.all.the.same"
};

#define NAMES (sizeof(names) / sizeof(names[0]))

static void
make_line(struct sk_rng *rng, struct sk_buf *line)
{
	size_t n = below(rng, 12), i, k;

	for (i = 0; i < n; i++) {
		size_t len = below(rng, 10), kind = below(rng, 6);

		sk_buf_str(line, names[below(rng, NAMES)]);
		if (kind > 0)
			sk_buf_char(line, '=');
		if (kind > 2)
			sk_buf_char(line, '"');
		for (k = 0; kind > 0 && k < len; k++)
			if (kind > 4 && below(rng, 3) == 0)
				sk_buf_str(line, below(rng, 2) == 0 ?
				    "\\u00e9" : "\\\"");
			else
				sk_buf_char(line, "xyz"[below(rng, 3)]);
		if (kind > 2)
			sk_buf_char(line, '"');
		sk_buf_str(line, below(rng, 3) == 0 ? " \t" : " ");
	}
	if (below(rng, 10) == 0)
		sk_buf_char(line, '"');
}

/* The values of any keys, some twice, are those of the first pairs, and all
 * stay until the end of the batch. */
static void
check_batch(struct sk_rng *rng)
{
	struct sk_view line[LINES], key[FIELDS], value[FIELDS][LINES];
	struct sk_view *values[FIELDS];
	struct sk_buf text[LINES] = { { 0 } };
	const char *why[LINES];
	struct sk_values out = { values, NULL, why };
	const struct sk_logfmt_pair *pair;
	struct sk_logfmt *logfmt, *other = sk_logfmt_open(NULL, 0);
	size_t nkeys = below(rng, FIELDS + 1), nbad, bad = 0, i, f, k, n;

	for (f = 0; f < nkeys; f++) {
		key[f] = sk_view_str(names[below(rng, NAMES)]);
		values[f] = value[f];
	}
	for (i = 0; i < LINES; i++) {
		sk_buf_reserve(&text[i], 1);
		make_line(rng, &text[i]);
		line[i] = sk_view(text[i].ptr, text[i].len);
	}
	logfmt = sk_logfmt_open(key, nkeys);
	nbad = sk_logfmt_take(logfmt, line, LINES, &out);
	for (i = 0; i < LINES; i++) {
		const char *want = sk_logfmt_pairs(other, line[i], &pair, &n);

		assert_ptr_equal(why[i], want);
		bad += want != NULL;
		for (f = 0; want == NULL && f < nkeys; f++) {
			for (k = 0; k < n; k++)
				if (sk_view_equal(pair[k].key, key[f]))
					break;
			assert_int_equal(value[f][i].ptr != NULL, k < n);
			if (k < n)
				assert_true(sk_view_equal(value[f][i],
				    pair[k].value));
		}
		sk_buf_free(&text[i]);
	}
	assert_int_equal(nbad, bad);
	sk_logfmt_close(logfmt);
	sk_logfmt_close(other);
}

static void
test_take(void **state)
{
	struct sk_rng rng;
	size_t round;

	(void)state;
	sk_rng_init(&rng, 9);
	for (round = 0; round < 3000; round++)
		check_batch(&rng);
	sk_logfmt_close(NULL);
}

/* Values that were unescaped stay where they are until the end of a batch. */
static void
test_stays(void **state)
{
	enum { N = 1000 };
	static struct sk_view line[N], value[N];
	static const char *why[N];
	struct sk_view *values[] = { value }, key = sk_view_str("a");
	struct sk_values out = { values, NULL, why };
	struct sk_logfmt *logfmt = sk_logfmt_open(&key, 1);
	static char text[N][16];
	size_t i;

	(void)state;
	for (i = 0; i < N; i++)
		line[i] = sk_view(text[i], (size_t)snprintf(text[i],
		    sizeof(text[i]), "a=\"%04zu\\t\"", i));
	assert_int_equal(sk_logfmt_take(logfmt, line, N, &out), 0);
	for (i = 0; i < N; i++) {
		assert_int_equal(value[i].len, 5);
		assert_memory_equal(value[i].ptr, text[i] + 3, 4);
		assert_int_equal(value[i].ptr[4], '\t');
	}
	sk_logfmt_close(logfmt);
}

/* As many keys as pairs, thousands. */
static void
test_many(void **state)
{
	enum { N = 5000 };
	static char name[N][8];
	struct sk_view *key = malloc(N * sizeof(*key)), line;
	struct sk_view *value = malloc(N * sizeof(*value));
	struct sk_view **values = malloc(N * sizeof(*values));
	const char *why;
	struct sk_values out = { values, NULL, &why };
	struct sk_buf text = { 0 };
	struct sk_logfmt *logfmt;
	size_t i;

	(void)state;
	for (i = 0; i < N; i++) {
		snprintf(name[i], sizeof(name[i]), "k%zu", i);
		key[i] = sk_view_str(name[i]);
		values[i] = &value[i];
		sk_buf_fmt(&text, "k%zu=\"\\t%zu\" ", N - 1 - i, N - 1 - i);
	}
	line = sk_view(text.ptr, text.len);
	logfmt = sk_logfmt_open(key, N);
	assert_int_equal(sk_logfmt_take(logfmt, &line, 1, &out), 0);
	for (i = 0; i < N; i++) {
		assert_int_equal(value[i].len, strlen(name[i]));
		assert_int_equal(value[i].ptr[0], '\t');
		assert_memory_equal(value[i].ptr + 1, name[i] + 1,
		    value[i].len - 1);
	}
	sk_logfmt_close(logfmt);
	sk_buf_free(&text);
	free(values);
	free(value);
	free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_stays),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
