#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/buf.h"
#include "base/rng.h"
#include "format/lines.h"
#include "parse/multiline.h"

static struct sk_grok grok;
static struct sk_multiline multiline;

static void
open(const char *start, size_t max_lines, char sep)
{
	struct sk_multiline_conf conf = { .start = sk_view_str(start),
		.grok = &grok, .max_lines = max_lines, .wait_ns = 5,
		.sep = sep };
	struct sk_diag diag = { "" };

	if (sk_multiline_init(&multiline, &conf, &diag) != 0)
		fail_msg("%s: %s", start, diag.text);
	assert_int_equal(multiline.cut.wait_ns, 5);
}

/* All records of a text that comes `piece` bytes at a time, `cap` records at a
 * time, in [brackets]; how many lines they took in *nseps. */
static void
cut(struct sk_view text, size_t piece, size_t cap, struct sk_buf *got,
    size_t *nseps)
{
	struct sk_view record[16];
	size_t begin = 0, end = 0, i;
	struct sk_lines found;
	struct sk_cut *use = &multiline.cut;

	*nseps = 0;
	sk_buf_reset(got);
	while (begin < text.len) {
		bool ended = end == text.len;

		found = use->cut(use->self, text.ptr + begin, end - begin,
		    ended, record, cap);
		assert_true(found.n <= cap);
		for (i = 0; i < found.n; i++) {
			sk_buf_char(got, '[');
			sk_buf_view(got, record[i]);
			sk_buf_char(got, ']');
		}
		begin += found.used;
		*nseps += found.nseps;
		if (found.n < cap && !ended)
			end = end + piece < text.len ? end + piece : text.len;
		else if (found.n < cap)
			assert_int_equal(begin, text.len);
	}
}

static void
expect(const char *text, const char *want)
{
	struct sk_view view = sk_view_str(text);
	struct sk_buf got = { 0 };
	size_t piece, cap, nseps;

	for (piece = 1; piece <= view.len; piece++)
		for (cap = 1; cap < 5; cap++) {
			cut(view, piece, cap, &got, &nseps);
			assert_string_equal(sk_buf_cstr(&got), want);
			assert_int_equal(nseps, sk_lines_count_portable(
			    view.ptr, view.len, multiline.sep));
		}
	sk_buf_free(&got);
}

static void
test_a_record_reaches_to_the_next_beginning(void **state)
{
	(void)state;
	open("^\\d", 100, '\n');
	expect("1 a\n b\n c\n2 d\n3 e\n f\n", "[1 a\n b\n c][2 d][3 e\n f]");
	expect("1\n", "[1]");
	sk_multiline_free(&multiline);
}

static void
test_lines_before_the_first_are_a_record(void **state)
{
	(void)state;
	open("^\\d", 100, '\n');
	expect(" a\n b\n1 c\n", "[ a\n b][1 c]");
	expect("x\ny\n", "[x\ny]");
	sk_multiline_free(&multiline);
}

static void
test_empty_lines_are_dropped_but_inside(void **state)
{
	(void)state;
	open("^\\d", 100, '\n');
	expect("\n\r\n1 a\n\n b\n\n\r\n2 c\r\n\n", "[1 a\n\n b][2 c]");
	expect("\n", "");
	expect("\n\n", "");
	sk_multiline_free(&multiline);
}

static void
test_a_record_has_a_limit_of_lines(void **state)
{
	(void)state;
	open("^\\d", 3, '\n');
	expect("1\na\nb\nc\nd\ne\nf\n2\n", "[1\na\nb][c\nd\ne][f][2]");
	sk_multiline_free(&multiline);
	open("^\\d", 1, '\n');
	expect("a\n1\nb\n", "[a][1][b]");
	sk_multiline_free(&multiline);
}

static void
test_names_and_another_separator(void **state)
{
	struct sk_buf got = { 0 };
	size_t nseps;

	(void)state;
	open("^%{MONTH} ", 9, '\0');
	cut(sk_view("Jan 1\n\0x\0Feb 2\0", 15), 15, 16, &got, &nseps);
	assert_int_equal(nseps, 3);
	assert_int_equal(got.len, 17);
	assert_memory_equal(got.ptr, "[Jan 1\n\0x][Feb 2]", 17);
	sk_multiline_free(&multiline);
	sk_buf_free(&got);
}

static void
test_silence_gives_what_is_there(void **state)
{
	struct sk_view record[4];
	struct sk_lines found;
	struct sk_cut *use = &multiline.cut;

	(void)state;
	open("^\\d", 100, '\n');
	found = use->cut(use->self, "1 a\n b\n", 7, false, record, 4);
	assert_int_equal(found.n, 0);
	assert_int_equal(found.used, 0);
	found = use->cut(use->self, "1 a\n b\n", 7, true, record, 4);
	assert_int_equal(found.n, 1);
	assert_int_equal(found.used, 7);
	assert_int_equal(found.nseps, 2);
	/* What comes then begins anew. */
	found = use->cut(use->self, " c\n2\n", 5, false, record, 4);
	assert_int_equal(found.n, 1);
	assert_true(sk_view_equal(record[0], sk_view_str(" c")));
	sk_multiline_free(&multiline);
}

static void
test_any_text_is_cut_alike_in_any_pieces(void **state)
{
	static const char letters[] = "1a\n\n\r ";
	struct sk_buf whole = { 0 }, pieces = { 0 };
	char text[65];
	struct sk_rng rng;
	size_t round, i, n, lines;

	(void)state;
	sk_rng_init(&rng, 7);
	open("^1", 4, '\n');
	for (round = 0; round < 3000; round++) {
		for (i = 0; i < 63; i++)
			text[i] = letters[sk_rng_next(&rng) % 6];
		text[63] = '\n';
		cut(sk_view(text, 64), 64, 16, &whole, &n);
		assert_int_equal(n, sk_lines_count_portable(text, 64, '\n'));
		cut(sk_view(text, 64), 1 + round % 7, 1 + round % 3, &pieces,
		    &lines);
		assert_int_equal(lines, n);
		assert_string_equal(sk_buf_cstr(&pieces), sk_buf_cstr(&whole));
	}
	sk_multiline_free(&multiline);
	sk_buf_free(&whole);
	sk_buf_free(&pieces);
}

static void
test_a_wrong_pattern_is_refused(void **state)
{
	struct sk_multiline_conf conf = { .grok = &grok, .sep = '\n' };
	struct sk_diag diag;

	(void)state;
	conf.start = sk_view_str("(");
	assert_int_equal(sk_multiline_init(&multiline, &conf, &diag),
	    SK_EUSAGE);
	conf.start = sk_view_str("%{NO_SUCH}");
	assert_int_equal(sk_multiline_init(&multiline, &conf, &diag),
	    SK_EUSAGE);
	sk_multiline_free(&multiline);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_record_reaches_to_the_next_beginning),
		cmocka_unit_test(test_lines_before_the_first_are_a_record),
		cmocka_unit_test(test_empty_lines_are_dropped_but_inside),
		cmocka_unit_test(test_a_record_has_a_limit_of_lines),
		cmocka_unit_test(test_names_and_another_separator),
		cmocka_unit_test(test_silence_gives_what_is_there),
		cmocka_unit_test(test_any_text_is_cut_alike_in_any_pieces),
		cmocka_unit_test(test_a_wrong_pattern_is_refused),
	};

	sk_grok_init(&grok);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
