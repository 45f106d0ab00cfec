/* stream/unframe: the data of framed streams, however their bytes come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "stream/unframe.h"

#define ROOM 4096

static void
put(struct sk_buf *buf, char type, const char *key, const char *value)
{
	size_t start = sk_control_begin(buf, type);

	if (key != NULL)
		sk_control_put(buf, key, sk_view_str(value));
	sk_control_end(buf, start);
}

static void
put_header(struct sk_buf *buf)
{
	sk_buf_str(buf, "\020H v=1 esc=1 hop=4 src=sk-x w=1");
	sk_control_end(buf, 0);
}

struct rig {
	struct sk_unframe unframe;
	struct sk_buf said; /* data, and <TYPE> for a control line */
	struct sk_diag diag;
	char bytes[ROOM];
	size_t n;           /* that are left */
};

/* What is at hand: 0, or an error. */
static int
take(struct rig *rig)
{
	char *from = rig->bytes, *to, *end = from + rig->n;
	struct sk_control control;
	const char *data;
	size_t used;
	int got;

	do {
		data = to = from;
		used = 0;
		got = sk_unframe_take(&rig->unframe, &to, &from, end,
		    &rig->diag);
		sk_buf_add(&rig->said, data, (size_t)(to - data));
		if (got == 0 && end - from > 1)
			got = sk_unframe_control(&rig->unframe, sk_view(from,
			    (size_t)(end - from)), &control, &used,
			    &rig->diag);
		from += used;
		if (got == 1)
			sk_buf_fmt(&rig->said, "<%c>", control.type);
	} while (got == 1);
	rig->n = (size_t)(end - from);
	memmove(rig->bytes, from, rig->n);
	return got;
}

/* The stream in pieces of so many bytes: 0, or an error. */
static int
feed(struct rig *rig, enum sk_unframe_mode mode, bool piped,
    struct sk_view stream, size_t piece)
{
	size_t at, n;
	int got = 0;

	sk_buf_reset(&rig->said);
	rig->n = 0;
	rig->diag.text[0] = '\0';
	sk_unframe_begin(&rig->unframe, mode, piped);
	for (at = 0; at <= stream.len && got >= 0; at += n) {
		n = stream.len - at < piece ? stream.len - at : piece;
		if (n > 0)
			memcpy(rig->bytes + rig->n, stream.ptr + at, n);
		rig->n += n;
		got = sk_unframe_first(&rig->unframe, sk_view(rig->bytes,
		    rig->n), n == 0, &rig->diag);
		if (got == 1 && rig->unframe.framed)
			got = n == 0 ? sk_unframe_end(&rig->unframe,
			    &rig->diag) : take(rig);
		else if (got == 1) {
			sk_buf_add(&rig->said, rig->bytes, rig->n);
			rig->n = 0;
		}
		if (n == 0)
			break;
	}
	return got < 0 ? got : 0;
}

/* In pieces of any size the stream gives this. */
static void
expect(struct sk_view stream, const char *want, size_t len)
{
	struct rig rig;
	size_t piece;

	memset(&rig, 0, sizeof(rig));
	for (piece = 1; piece <= stream.len; piece++) {
		assert_int_equal(feed(&rig, SK_UNFRAME_TAKE, true, stream,
		    piece), 0);
		assert_int_equal(rig.said.len, len);
		assert_memory_equal(rig.said.ptr, want, len);
	}
	sk_buf_free(&rig.said);
}

/* It ends in this error, with these words. */
static void
refuse(struct sk_view stream, int err, const char *words)
{
	struct rig rig;
	size_t piece;

	memset(&rig, 0, sizeof(rig));
	for (piece = 1; piece <= stream.len + 1; piece++) {
		assert_int_equal(feed(&rig, SK_UNFRAME_TAKE, true, stream,
		    piece), err);
		if (strstr(rig.diag.text, words) == NULL)
			fail_msg("%s: not of %s", rig.diag.text, words);
	}
	sk_buf_free(&rig.said);
}

static struct sk_view
view(const struct sk_buf *buf)
{
	return sk_view(buf->ptr, buf->len);
}

static void
test_data(void **state)
{
	static const char want[] = "<H>a\n\020b\n\n\020\020\n<W>\020\nc\020\n"
	    "\020\0\n<k>d\n<W><E>";
	struct sk_buf buf = { 0 };

	(void)state;
	put_header(&buf);
	sk_buf_str(&buf, "a\n\020\020b\n\n\020\020\020\n");
	put(&buf, 'W', "t", "7");
	sk_buf_str(&buf, "\020\020\nc\020\n");
	sk_buf_add(&buf, "\020\020\0\n", 4);
	put(&buf, 'k', NULL, NULL);
	sk_buf_str(&buf, "d\n");
	put(&buf, 'W', "t", "5");
	put(&buf, 'E', "reason", "stop");
	expect(view(&buf), want, sizeof(want) - 1);
	sk_buf_free(&buf);
}

static void
test_told(void **state)
{
	struct sk_buf buf = { 0 };
	struct rig rig;

	(void)state;
	memset(&rig, 0, sizeof(rig));
	put_header(&buf);
	put(&buf, 'W', "t", "7");
	put(&buf, 'W', "t", "-5");
	put(&buf, 'E', "reason", "drain");
	assert_int_equal(feed(&rig, SK_UNFRAME_TAKE, true, view(&buf), 999),
	    0);
	assert_true(rig.unframe.marked);
	assert_int_equal(rig.unframe.hop, 4);
	assert_string_equal(rig.unframe.src, "sk-x");
	assert_true(rig.unframe.has_mark);
	assert_int_equal(rig.unframe.mark_ns, 7);
	assert_int_equal(rig.unframe.reason, SK_REASON_DRAIN);
	sk_buf_free(&buf);
	sk_buf_free(&rig.said);
}

static void
test_cut_off(void **state)
{
	struct sk_buf buf = { 0 };
	size_t len;

	(void)state;
	put_header(&buf);
	sk_buf_str(&buf, "a\n\020\020b\n");
	put(&buf, 'W', "t", "7");
	put(&buf, 'E', "reason", "end");
	for (len = 5; len < buf.len; len++)
		refuse(sk_view(buf.ptr, len), SK_EDATA, "cut off");
	sk_buf_free(&buf);
}

static void
test_behind_the_end(void **state)
{
	struct sk_buf buf = { 0 };
	size_t len;

	(void)state;
	put_header(&buf);
	put(&buf, 'E', "reason", "end");
	len = buf.len;
	sk_buf_str(&buf, "a\n");
	refuse(view(&buf), SK_EDATA, "behind its end");
	buf.len = len;
	put_header(&buf);
	refuse(view(&buf), SK_EDATA, "behind its end");
	sk_buf_free(&buf);
}

/* A header, a control line, and an end. */
static void
refuse_line(char type, const char *key, const char *value, int err,
    const char *words)
{
	struct sk_buf buf = { 0 };

	put_header(&buf);
	put(&buf, type, key, value);
	put(&buf, 'E', "reason", "end");
	refuse(view(&buf), err, words);
	sk_buf_free(&buf);
}

static void
test_refused_lines(void **state)
{
	struct sk_buf buf = { 0 };

	(void)state;
	refuse_line('B', "e", "1", SK_EVERSION, "type B");
	refuse_line('R', "e", "0", SK_EVERSION, "type R");
	refuse_line('H', "v", "1", SK_EDATA, "second header");
	refuse_line('W', "x", "1", SK_EDATA, "without a time");
	refuse_line('W', "t", "1.5", SK_EDATA, "without a time");
	refuse_line('E', "reason", "tired", SK_EVERSION, "unknown reason");
	sk_buf_str(&buf, "\020H v=2 esc=1");
	sk_control_end(&buf, 0);
	refuse(view(&buf), SK_EVERSION, "another version");
	sk_buf_reset(&buf);
	sk_buf_str(&buf, "\020H v=1 job=j esc=1");
	sk_control_end(&buf, 0);
	refuse(view(&buf), SK_EVERSION, "of a job");
	sk_buf_reset(&buf);
	put_header(&buf);
	sk_buf_str(&buf, "\020W t=1 c=00000000\n");
	refuse(view(&buf), SK_EDATA, "checksum");
	buf.len -= 2;
	sk_buf_str(&buf, "1 t=1 c=0000\n\020\n");
	refuse(view(&buf), SK_EDATA, "damaged");
	sk_buf_free(&buf);
}

/* It has no end, and is not gathered without a limit. */
static void
test_endless_line(void **state)
{
	struct sk_unframe unframe;
	struct sk_control control;
	struct sk_buf buf = { 0 };
	struct sk_diag diag;
	size_t used;

	(void)state;
	put_header(&buf);
	sk_unframe_begin(&unframe, SK_UNFRAME_TAKE, true);
	assert_int_equal(sk_unframe_first(&unframe, view(&buf), false, &diag),
	    1);
	sk_buf_reset(&buf);
	sk_buf_str(&buf, "\020W t=");
	while (buf.len < SK_CONTROL_MAX - 1)
		sk_buf_char(&buf, '1');
	assert_int_equal(sk_unframe_control(&unframe, view(&buf), &control,
	    &used, &diag), 0);
	sk_buf_char(&buf, '1');
	assert_int_equal(sk_unframe_control(&unframe, view(&buf), &control,
	    &used, &diag), SK_EDATA);
	sk_buf_free(&buf);
}

static void
begins(enum sk_unframe_mode mode, bool piped, const char *text, int want,
    bool framed)
{
	struct rig rig;
	size_t piece;

	memset(&rig, 0, sizeof(rig));
	for (piece = 1; piece <= strlen(text) + 1; piece++) {
		assert_int_equal(feed(&rig, mode, piped, sk_view_str(text),
		    piece), want);
		assert_true(rig.unframe.framed == framed);
		if (want == 0 && !framed)
			assert_string_equal(sk_buf_cstr(&rig.said), text);
	}
	sk_buf_free(&rig.said);
}

static void
test_first_bytes(void **state)
{
	static const char end[] = "\020E reason=end c=513407af\n";
	static const char odd[] = "\020E reason=end c=513407ae\na\n";

	(void)state;
	begins(SK_UNFRAME_REFUSE, true, "", 0, false);
	begins(SK_UNFRAME_REFUSE, true, "a\n", 0, false);
	begins(SK_UNFRAME_REFUSE, true, "\020\020a\n", 0, false);
	begins(SK_UNFRAME_REFUSE, true, "\020H v", 0, false);
	begins(SK_UNFRAME_REFUSE, true, odd, 0, false);
	begins(SK_UNFRAME_REFUSE, true, end, SK_EDATA, false);
	begins(SK_UNFRAME_REFUSE, false, "\020H v=x\n", SK_EVERSION, false);
	begins(SK_UNFRAME_RAW, true, "\020H v=1\n", 0, false);
	begins(SK_UNFRAME_RAW, true, end, 0, false);
	begins(SK_UNFRAME_TAKE, false, "a\n", 0, false);
	begins(SK_UNFRAME_TAKE, false, "", 0, false);
	begins(SK_UNFRAME_TAKE, true, "a\n", SK_EDATA, false);
	begins(SK_UNFRAME_TAKE, true, "", SK_EDATA, false);
	begins(SK_UNFRAME_TAKE, true, "\020a\n", SK_EDATA, false);
	begins(SK_UNFRAME_TAKE, true, "\020H v=x\n", SK_EDATA, true);
	begins(SK_UNFRAME_ANY, true, "a\n", 0, false);
	begins(SK_UNFRAME_ANY, true, end, SK_EDATA, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_behind_the_end),
		cmocka_unit_test(test_refused_lines),
		cmocka_unit_test(test_endless_line),
		cmocka_unit_test(test_first_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
