/* Control lines and framed streams: a line whose sum is made right parses or
 * is refused, and the pieces in which a stream comes make no difference. */
#include <string.h>

#include "base/err.h"
#include "libfuzz.h"
#include "stream/control.h"
#include "stream/unframe.h"

#define PIECES 3 /* ways of cutting the stream */

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	static const char *const lines[] = { "H v=1 esc=1 hop=1 src=sk-x w=1",
		"W t=1795255200000000000", "W t=1 p=0", "k", "x a=%20b",
		"E reason=end" };
	size_t start, i, count = sizeof(lines) / sizeof(lines[0]);

	for (i = 0; i < count; i++) {
		if (i > 0 && i + 1 < count && (n >> i & 1) != 0)
			continue;
		start = out->len;
		sk_buf_fmt(out, "\020%s", lines[i]);
		sk_control_end(out, start);
		sk_buf_str(out, "data\n\020\020data\n");
	}
}

static void
try_line(const char *bytes, size_t len)
{
	struct sk_buf line = { 0 }, value = { 0 }, again = { 0 };
	struct sk_control control;
	int64_t n;

	sk_buf_char(&line, SK_CONTROL_DLE);
	sk_buf_add(&line, bytes, len);
	sk_control_end(&line, 0);
	if (sk_control_parse(sk_view(line.ptr, line.len - 1), &control,
	    NULL) == 0) {
		sk_control_int(&control, "t", &n);
		sk_control_get(&control, "a", &value);
		sk_control_begin(&again, control.type);
		sk_control_put(&again, "a", sk_view(value.ptr, value.len));
		sk_control_end(&again, 0);
		fuzz_check(sk_control_parse(sk_view(again.ptr,
		    again.len - 1), &control, NULL) == 0, "no way back");
		sk_buf_reset(&line);
		sk_control_get(&control, "a", &line);
		fuzz_check(sk_view_equal(sk_view(line.ptr, line.len),
		    sk_view(value.ptr, value.len)), "another value");
	}
	sk_buf_free(&line);
	sk_buf_free(&value);
	sk_buf_free(&again);
}

struct strip {
	struct sk_unframe unframe;
	struct sk_buf raw, data;
	struct sk_diag diag;
};

static int
take(struct strip *strip)
{
	char *from = strip->raw.ptr, *to = from, *end = from + strip->raw.len;
	struct sk_control control;
	size_t used;
	int got;

	do {
		used = 0;
		got = sk_unframe_take(&strip->unframe, &to, &from, end,
		    &strip->diag);
		if (got == 0 && end - from > 1)
			got = sk_unframe_control(&strip->unframe,
			    sk_view(from, (size_t)(end - from)), &control,
			    &used, &strip->diag);
		from += used;
	} while (got == 1);
	sk_buf_add(&strip->data, strip->raw.ptr,
	    (size_t)(to - strip->raw.ptr));
	sk_buf_drop(&strip->raw, (size_t)(from - strip->raw.ptr));
	return got;
}

/* The stream in pieces: 0 or an error, and the data in front of it. */
static int
feed(struct strip *strip, const char *bytes, size_t len, size_t piece)
{
	size_t at, n;
	int got = 0;

	sk_unframe_begin(&strip->unframe, SK_UNFRAME_ANY, true);
	for (at = 0; got >= 0; at += n) {
		n = len - at < piece ? len - at : piece;
		sk_buf_add(&strip->raw, bytes + at, n);
		got = sk_unframe_first(&strip->unframe,
		    sk_view(strip->raw.ptr, strip->raw.len), n == 0,
		    &strip->diag);
		if (got == 1 && strip->unframe.framed)
			got = n == 0 ? sk_unframe_end(&strip->unframe,
			    &strip->diag) : take(strip);
		else if (got == 1) {
			sk_buf_add(&strip->data, strip->raw.ptr,
			    strip->raw.len);
			sk_buf_reset(&strip->raw);
		}
		if (n == 0)
			break;
	}
	return got < 0 ? got : 0;
}

static void
try_stream(const char *bytes, size_t len)
{
	const size_t piece[PIECES] = { len + 1, 1, len / 3 + 1 };
	struct strip strip[PIECES];
	int err[PIECES];
	size_t i;

	memset(strip, 0, sizeof(strip));
	for (i = 0; i < PIECES; i++) {
		err[i] = feed(&strip[i], bytes, len, piece[i]);
		fuzz_check(err[i] == err[0], "another error in pieces");
		fuzz_check(sk_view_equal(sk_view(strip[i].data.ptr,
		    strip[i].data.len), sk_view(strip[0].data.ptr,
		    strip[0].data.len)), "other data in pieces");
	}
	for (i = 0; i < PIECES; i++) {
		sk_buf_free(&strip[i].raw);
		sk_buf_free(&strip[i].data);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;

	if (size < SK_CONTROL_MAX / 2)
		try_line(bytes, size);
	try_stream(bytes, size);
	return 0;
}
