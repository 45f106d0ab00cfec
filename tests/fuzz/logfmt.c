/* A few lines of any bytes: what is taken of a batch is what the pairs of each
 * line say, nothing stands outside it, and what was read is read again when it
 * is written with all its bytes escaped. */
#include <stdlib.h>
#include <string.h>

#include "format/logfmt.h"
#include "libfuzz.h"

#define LINES 64
#define KEYS 4

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	static const char *const text[] = {
		"level=info msg=\"a \\\"b\\\"\\n\" took=12ms ok\n",
		"a=\"\\u00e9\\ud83d\\ude00\" b= a=2\r\n",
		"a=\"not closed b=1\n",
		"a=\"b\"c =d e==f \"g\"\n"
	};

	sk_buf_str(out, text[n % 4]);
	sk_buf_str(out, text[n / 4 % 4]);
}

static void
put_escaped(struct sk_buf *buf, struct sk_view text)
{
	size_t i;

	sk_buf_char(buf, '"');
	for (i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] < 0x80)
			sk_buf_fmt(buf, "\\u%04X", (unsigned)text.ptr[i]);
		else
			sk_buf_char(buf, text.ptr[i]);
	sk_buf_char(buf, '"');
}

static void
check_again(const struct sk_logfmt_pair *pair, size_t n)
{
	struct sk_logfmt *logfmt = sk_logfmt_open(NULL, 0);
	const struct sk_logfmt_pair *again;
	struct sk_buf line = { 0 };
	size_t nagain, i;

	sk_buf_char(&line, ' ');
	for (i = 0; i < n; i++) {
		if (pair[i].key.len == 0)
			fuzz_check(0, "an empty key");
		sk_buf_view(&line, pair[i].key);
		if (!pair[i].alone) {
			sk_buf_char(&line, '=');
			put_escaped(&line, pair[i].value);
		}
		sk_buf_char(&line, ' ');
	}
	fuzz_check(sk_logfmt_pairs(logfmt, sk_view(line.ptr, line.len), &again,
	    &nagain) == NULL && nagain == n, "the same pairs");
	for (i = 0; i < n; i++)
		fuzz_check(sk_view_equal(pair[i].key, again[i].key) &&
		    sk_view_equal(pair[i].value, again[i].value) &&
		    pair[i].alone == again[i].alone, "the same pair");
	sk_buf_free(&line);
	sk_logfmt_close(logfmt);
}

static void
check_line(struct sk_view line, const char *why, const struct sk_view *key,
    struct sk_view value[KEYS][LINES], size_t i)
{
	struct sk_logfmt *logfmt = sk_logfmt_open(NULL, 0);
	const struct sk_logfmt_pair *pair;
	const char *reason;
	size_t n, f, k;

	reason = sk_logfmt_pairs(logfmt, line, &pair, &n);
	fuzz_check(reason == why, "another reason");
	for (f = 0; why == NULL && f < KEYS; f++) {
		for (k = 0; k < n; k++)
			if (sk_view_equal(pair[k].key, key[f]))
				break;
		fuzz_check((value[f][i].ptr != NULL) == (k < n),
		    "a value or none");
		fuzz_check(k == n || sk_view_equal(value[f][i], pair[k].value),
		    "another value");
	}
	if (why == NULL)
		check_again(pair, n);
	sk_logfmt_close(logfmt);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sk_view value[KEYS][LINES];
	struct sk_view *const values[KEYS] = { value[0], value[1], value[2],
		value[3] };
	struct sk_view key[KEYS] = { sk_view_str("a"), sk_view_str("msg"),
		sk_view_str("b"), sk_view_str("a") };
	const char *why[LINES];
	struct sk_values out = { values, NULL, why };
	struct sk_logfmt *logfmt = sk_logfmt_open(key, KEYS);
	struct sk_view line[LINES];
	size_t n = 0, nbad, bad = 0, i;

	/* Each line in a place of its own, to be caught outside it. */
	while (size > 0 && n < LINES) {
		const uint8_t *end = memchr(data, '\n', size);
		size_t len = end != NULL ? (size_t)(end - data) : size;
		char *copy = malloc(len > 0 ? len : 1);

		memcpy(copy, data, len);
		line[n++] = sk_view(copy, len);
		len += end != NULL;
		data += len;
		size -= len;
	}
	nbad = sk_logfmt_take(logfmt, line, n, &out);
	for (i = 0; i < n; i++) {
		bad += why[i] != NULL;
		check_line(line[i], why[i], key, value, i);
	}
	fuzz_check(nbad == bad, "the number of bad lines");
	for (i = 0; i < n; i++)
		free((void *)(uintptr_t)line[i].ptr);
	sk_logfmt_close(logfmt);
	return 0;
}
