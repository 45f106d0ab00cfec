/* stream/cols: lists of fields and types; records are those that the calls of
 * format/record.h would write, by whichever way the values come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "format/value.h"
#include "stream/cols.h"

#define FIELDS 4
#define LINE_MAX_BYTES 400

struct rig {
	struct sk_shared shared;
	struct sk_cols cols;
	struct sk_emit emit;
	struct sk_diag diag;
	char bad[200];
};

static int
on_bad(void *arg, struct sk_view line, const char *reason)
{
	struct rig *rig = arg;

	(void)line;
	snprintf(rig->bad, sizeof(rig->bad), "%s", reason);
	return 0;
}

static int
parse(struct rig *rig, const char *list)
{
	memset(rig, 0, sizeof(*rig));
	sk_shared_init(&rig->shared, 0);
	return sk_cols_init(&rig->cols, sk_view_str(list), &rig->shared,
	    &rig->diag);
}

/* The output stays in the buffer: nothing is written. */
static void
open_emit(struct rig *rig, enum sk_record_form form, bool escape)
{
	size_t f;

	memset(&rig->emit, 0, sizeof(rig->emit));
	sk_record_init(&rig->emit.record, form);
	rig->emit.record.escape = escape;
	rig->emit.sep = '\n';
	rig->emit.bad = on_bad;
	rig->emit.bad_arg = rig;
	sk_out_init(&rig->emit.out, -1);
	for (f = 0; f < rig->cols.n; f++)
		assert_int_equal(sk_record_column(&rig->emit.record,
		    rig->cols.field[f].field.name), 0);
}

static void
begin(struct rig *rig, const char *list, enum sk_record_form form,
    bool escape)
{
	assert_int_equal(parse(rig, list), 0);
	open_emit(rig, form, escape);
}

static void
end(struct rig *rig)
{
	sk_buf_free(&rig->emit.out.buf);
	sk_record_free(&rig->emit.record);
	sk_cols_free(&rig->cols);
}

/* One event of these values through a batch; what was written. */
static struct sk_view
give(struct rig *rig, const struct sk_view *value, const unsigned char *kind)
{
	const struct sk_view *field[FIELDS + 1];
	unsigned char copy[FIELDS], *kinds[FIELDS];
	struct sk_batch batch = { 1, value, field, kind != NULL ? kinds :
		NULL };
	struct sk_buf *buf = &rig->emit.out.buf;
	size_t f;

	for (f = 0; f < rig->cols.n + rig->cols.exact; f++)
		field[f] = &value[f];
	for (f = 0; kind != NULL && f < rig->cols.n; f++) {
		copy[f] = kind[f];
		kinds[f] = &copy[f];
	}
	sk_buf_reset(buf);
	*rig->bad = '\0';
	assert_int_equal(sk_cols_batch(&rig->cols, &batch, &rig->emit), 0);
	return sk_view(buf->ptr, buf->len);
}

#define ASSERT_TEXT(view, text) do { \
	struct sk_view got_ = (view); \
	\
	if (!sk_view_equal(got_, sk_view_str(text))) \
		fail_msg("%.*s, not %s", (int)got_.len, got_.ptr, text); \
} while (0)

static void
test_lists(void **state)
{
	struct rig rig;

	(void)state;
	assert_int_equal(parse(&rig, "a,b=c.d:int,/x:y:text,"
	    "t:time:%d/%m/%Y %H:%M:%S,/k:float:bool"), 0);
	assert_int_equal(rig.cols.n, 5);
	assert_int_equal(rig.cols.field[0].type, SK_COLS_ANY);
	ASSERT_TEXT(rig.cols.field[1].field.name, "b");
	ASSERT_TEXT(rig.cols.field[1].field.text, "c.d");
	assert_int_equal(rig.cols.field[1].type, SK_COLS_INT);
	ASSERT_TEXT(rig.cols.field[2].field.text, "/x:y");
	assert_int_equal(rig.cols.field[2].type, SK_COLS_TEXT);
	ASSERT_TEXT(rig.cols.field[3].field.text, "t");
	assert_int_equal(rig.cols.field[3].time.form, SK_TIME_PATTERN);
	ASSERT_TEXT(rig.cols.field[4].field.text, "/k:float");
	assert_int_equal(rig.cols.field[4].type, SK_COLS_BOOL);
	sk_cols_free(&rig.cols);
}

static void
test_wrong_lists(void **state)
{
	static const char *const wrong[] = { "", ",", "a,", ",a", "a,,b", ":",
		"a:", "a:in", "a:integer", "a:int:", "a:time:", "a:time:%Q",
		"=a", "a=", "a=:int", "0", "3-2:int", "a:b" };
	struct rig rig;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (parse(&rig, wrong[i]) != SK_EUSAGE)
			fail_msg("%s is taken", wrong[i]);
		assert_true(strlen(rig.diag.text) > 0);
		sk_cols_free(&rig.cols);
	}
}

static void
test_kinds(void **state)
{
	static const unsigned char kind[FIELDS] = { SK_KIND_NUMBER,
		SK_KIND_BOOL, SK_KIND_JSON, SK_KIND_NONE };
	char text[3][128] = { "1.50", "true", "[1, \"\\t\"]" };
	struct sk_view value[FIELDS] = { sk_view(text[0], 4),
		sk_view(text[1], 4), sk_view(text[2], 9), sk_view(NULL, 0) };
	struct rig rig;

	(void)state;
	begin(&rig, "a,b,c,d", SK_RECORD_NDJSON, true);
	ASSERT_TEXT(give(&rig, value, kind),
	    "{\"a\":1.50,\"b\":true,\"c\":[1, \"\\t\"],\"d\":null}\n");
	end(&rig);
	begin(&rig, "a,b,c,d", SK_RECORD_TSV, true);
	ASSERT_TEXT(give(&rig, value, kind),
	    "1.50\ttrue\t[1, \"\\\\t\"]\t\n");
	end(&rig);
	begin(&rig, "a:text,b:text,c:text,d:text", SK_RECORD_NDJSON, true);
	ASSERT_TEXT(give(&rig, value, kind), "{\"a\":\"1.50\",\"b\":\"true\","
	    "\"c\":\"[1, \\\"\\\\t\\\"]\",\"d\":null}\n");
	end(&rig);
	begin(&rig, "a:float,b:bool,c,d:int", SK_RECORD_CSV, true);
	ASSERT_TEXT(give(&rig, value, kind),
	    "1.50,true,\"[1, \"\"\\t\"\"]\",\n");
	end(&rig);
}

static void
test_wrong_type(void **state)
{
	static const unsigned char number = SK_KIND_NUMBER,
		list = SK_KIND_JSON;
	char text[128] = "1.5";
	struct sk_view value = sk_view(text, 3);
	struct rig rig;

	(void)state;
	begin(&rig, "x=a.b:int", SK_RECORD_TSV, true);
	assert_int_equal(give(&rig, &value, &number).len, 0);
	assert_string_equal(rig.bad, "x: not an integer");
	end(&rig);
	begin(&rig, "a:float", SK_RECORD_TSV, true);
	assert_int_equal(give(&rig, &value, &list).len, 0);
	assert_string_equal(rig.bad, "a: not a number");
	ASSERT_TEXT(give(&rig, &value, NULL), "1.5\n");
	assert_string_equal(rig.bad, "");
	end(&rig);
}

/* Values that grow: true for 1, a time for digits, the default for nothing. */
static void
test_growth(void **state)
{
	char text[FIELDS][128] = { "0", "-1", "", ".1" };
	struct sk_view value[FIELDS] = { sk_view(text[0], 1),
		sk_view(text[1], 2), sk_view(text[2], 0),
		sk_view(text[3], 2) };
	char missing[3000];
	struct sk_buf want = { 0 };
	struct rig rig;
	size_t i;

	(void)state;
	memset(missing, 'm', sizeof(missing) - 1);
	missing[sizeof(missing) - 1] = '\0';
	begin(&rig, "a:bool,b:time,c,d:float", SK_RECORD_NDJSON, true);
	rig.cols.missing = missing;
	sk_buf_fmt(&want, "{\"a\":false,\"b\":\"1969-12-31T23:59:59Z\","
	    "\"c\":\"%s\",\"d\":0.1}\n", missing);
	for (i = 0; i < 50; i++)
		ASSERT_TEXT(give(&rig, value, NULL), sk_buf_cstr(&want));
	sk_buf_free(&want);
	end(&rig);
}

/* ---- the same as sk_record_text() ---- */

static void
random_cell(struct sk_rng *rng, struct sk_buf *buf)
{
	static const char odd[] = "\t\n\r\\\"\x01\x7f,; \0\xff";
	size_t len = sk_rng_next(rng) % 3 == 0 ? sk_rng_next(rng) % 90 :
	    sk_rng_next(rng) % 8;
	uint64_t often = 1 + sk_rng_next(rng) % 40;

	while (len-- > 0)
		if (sk_rng_next(rng) % often == 0)
			sk_buf_char(buf, odd[sk_rng_next(rng) %
			    sizeof(odd)]);
		else
			sk_buf_str(buf, sk_rng_next(rng) % 20 == 0 ?
			    "\xc3\xa9" : "a");
}

/* The record of n cells of a line, as format/record.h writes it. */
static void
want_record(struct rig *rig, const struct sk_view *value, struct sk_buf *want)
{
	size_t f;

	sk_buf_reset(want);
	sk_record_begin(&rig->emit.record, want);
	for (f = 0; f < rig->cols.n; f++)
		sk_record_text(&rig->emit.record, value[f]);
	sk_record_end(&rig->emit.record);
}

static void
check_random(enum sk_record_form form, bool escape, uint64_t seed)
{
	struct sk_buf text = { 0 }, line = { 0 }, want = { 0 };
	struct sk_view value[FIELDS + 1], got;
	size_t round, f, end_of[FIELDS];
	struct sk_rng rng;
	struct rig rig;

	sk_rng_init(&rng, seed);
	begin(&rig, "a,bb,c c,d", form, escape);
	rig.cols.escaped = true;
	for (round = 0; round < 3000; round++) {
		sk_buf_reset(&text);
		for (f = 0; f < FIELDS; f++) {
			random_cell(&rng, &text);
			end_of[f] = text.len;
		}
		sk_buf_reserve(&text, SK_PAD);
		sk_buf_reset(&line);
		for (f = 0; f < FIELDS; f++) {
			size_t at = f > 0 ? end_of[f - 1] : 0;

			value[f] = sk_view(text.ptr + at, end_of[f] - at);
			if (f > 0)
				sk_buf_char(&line, '\t');
			sk_record_put_tsv(&line, value[f]);
		}
		value[FIELDS] = sk_view(NULL, 0);
		want_record(&rig, value, &want);
		got = give(&rig, value, NULL);
		assert_true(sk_view_equal(got, sk_view(want.ptr, want.len)));

		/* The same cells as a line of TSV. */
		sk_buf_reserve(&line, SK_PAD);
		value[0] = sk_view(line.ptr, line.len);
		rig.cols.delimiter = '\t';
		got = give(&rig, value, NULL);
		assert_true(sk_view_equal(got, sk_view(want.ptr, want.len)));
		rig.cols.delimiter = -1;
	}
	end(&rig);
	sk_buf_free(&text);
	sk_buf_free(&line);
	sk_buf_free(&want);
}

static void
test_random(void **state)
{
	(void)state;
	check_random(SK_RECORD_NDJSON, true, 1);
	check_random(SK_RECORD_TSV, true, 2);
	check_random(SK_RECORD_TSV, false, 3);
	check_random(SK_RECORD_CSV, true, 4);
}

static void
test_lines(void **state)
{
	static const struct {
		const char *line, *want, *bad;
	} row[] = {
		{ "1\t2", "{\"a\":\"1\",\"b\":\"2\"}\n", "" },
		{ "1\t2\r", "{\"a\":\"1\",\"b\":\"2\"}\n", "" },
		{ "1", "{\"a\":\"1\",\"b\":null}\n", "" },
		{ "\t", "{\"a\":\"\",\"b\":\"\"}\n", "" },
		{ "\\t\t\\x\\", "{\"a\":\"\\u0009\",\"b\":\"\\\\x\\\\\"}\n",
		    "" },
		{ "1\t2\t", "", "more columns than names" },
	};
	char text[LINE_MAX_BYTES];
	struct sk_view line;
	struct rig rig;
	size_t i;

	(void)state;
	begin(&rig, "a,b", SK_RECORD_NDJSON, true);
	rig.cols.delimiter = '\t';
	rig.cols.escaped = true;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		memset(text, 'x', sizeof(text));
		memcpy(text, row[i].line, strlen(row[i].line));
		line = sk_view(text, strlen(row[i].line));
		ASSERT_TEXT(give(&rig, &line, NULL), row[i].want);
		assert_string_equal(rig.bad, row[i].bad);
	}
	end(&rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_wrong_lists),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_wrong_type),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests_name("stream/cols", tests, NULL, NULL);
}
