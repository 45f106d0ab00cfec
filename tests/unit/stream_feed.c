/* stream/feed: lines and the records of a cutter, however the bytes come. */
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "format/csv.h"
#include "stream/feed.h"

/* What came out: `NUMBER:RECORD|`, and `NUMBER!START|` for a long line. */
struct rig {
	int fd[2];
	char name[32];
	char *names[2];
	struct sk_input input;
	struct sk_feed feed;
	struct sk_csv *csv;
	struct sk_cut cut;
	struct sk_buf said;
};

static void
say(struct rig *rig, uint64_t number, char mark, struct sk_view text)
{
	sk_buf_fmt(&rig->said, "%" PRIu64 "%c%.*s|", number, mark,
	    (int)text.len, text.ptr);
}

static void
on_overlong(void *arg, struct sk_view start, uint64_t number)
{
	say(arg, number, '!', start);
}

static void
begin(struct rig *rig, size_t max_line)
{
	memset(rig, 0, sizeof(*rig));
	assert_int_equal(pipe(rig->fd), 0);
	snprintf(rig->name, sizeof(rig->name), "/dev/fd/%d", rig->fd[0]);
	rig->names[0] = rig->name;
	sk_input_init(&rig->input, rig->names);
	sk_feed_init(&rig->feed, &rig->input, '\n', max_line);
	rig->feed.overlong = on_overlong;
	rig->feed.arg = rig;
}

/* Blocks: a record begins with a line that does not begin with a blank. */
static struct sk_lines
cut_blocks(void *self, const char *bytes, size_t len, bool ended,
    struct sk_view *out, size_t cap)
{
	struct sk_lines found = { 0 };
	size_t at = 0, end, next;

	(void)self;
	while (found.n < cap && at < len) {
		for (end = at; ; end = next) {
			const char *stop = memchr(bytes + end, '\n',
			    len - end);

			if (stop == NULL)
				return found;
			next = (size_t)(stop - bytes) + 1;
			if (next == len && !ended)
				return found;
			if (next == len || bytes[next] != ' ')
				break;
		}
		out[found.n++] = sk_view(bytes + at, next - at - 1);
		found.nseps += sk_lines_count(bytes + at, next - at, '\n');
		at = found.used = next;
	}
	return found;
}

static void
use_blocks(struct rig *rig, int64_t wait_ns)
{
	rig->cut = (struct sk_cut){ NULL, cut_blocks, "not a block", wait_ns };
	rig->feed.cut = &rig->cut;
}

static void
use_csv(struct rig *rig)
{
	rig->csv = sk_csv_open(',', '\n');
	rig->cut = sk_csv_cut(rig->csv);
	rig->feed.cut = &rig->cut;
}

/* All that can be had without a further read, so many at a time. */
static void
drain(struct rig *rig, size_t cap)
{
	struct sk_view record[128];
	size_t n, i;

	while ((n = sk_feed_lines(&rig->feed, record, cap)) > 0)
		for (i = 0; i < n; i++)
			say(rig, sk_feed_number(&rig->feed, record[i]), ':',
			    record[i]);
}

static void
send_by(struct rig *rig, const char *text, size_t cap)
{
	assert_int_equal(write(rig->fd[1], text, strlen(text)),
	    strlen(text));
	assert_int_equal(sk_feed_fill(&rig->feed), 1);
	drain(rig, cap);
}

static void
send(struct rig *rig, const char *text)
{
	send_by(rig, text, 128);
}

static void
said(struct rig *rig, const char *want)
{
	assert_string_equal(sk_buf_cstr(&rig->said), want);
	sk_buf_reset(&rig->said);
}

/* The end of the input, after which `want` has come out. */
static void
end(struct rig *rig, const char *want)
{
	close(rig->fd[1]);
	while (sk_feed_fill(&rig->feed) == 1)
		drain(rig, 128);
	said(rig, want);
	sk_feed_free(&rig->feed);
	sk_input_close(&rig->input);
	sk_csv_close(rig->csv);
	sk_buf_free(&rig->said);
	close(rig->fd[0]);
}

static void
lines_come_when_they_end(void **state)
{
	struct rig rig;

	(void)state;
	begin(&rig, 1000);
	send(&rig, "a\nb");
	said(&rig, "1:a|");
	send(&rig, "c\n\nd");
	said(&rig, "2:bc|");
	end(&rig, "4:d|");
}

static void
long_lines_are_told(void **state)
{
	struct rig rig;

	(void)state;
	begin(&rig, 4);
	send(&rig, "1234\n12345\n1\n123");
	said(&rig, "2!1234|1:1234|3:1|");
	send(&rig, "45");
	send(&rig, "6789");
	said(&rig, "");
	send(&rig, "0\nx\n");
	said(&rig, "4!1234|5:x|");
	send(&rig, "never ended");
	end(&rig, "6!neve|");
}

static void
quotes_hold_newlines(void **state)
{
	struct rig rig;

	(void)state;
	begin(&rig, 1000);
	use_csv(&rig);
	send(&rig, "a,b\n1,\"x");
	said(&rig, "1:a,b|");
	send(&rig, "\ny\"\"\n");
	said(&rig, "");
	assert_true(sk_feed_holds(&rig.feed));
	send(&rig, "\"\n2,z\n");
	said(&rig, "2:1,\"x\ny\"\"\n\"|5:2,z|");
	assert_false(sk_feed_holds(&rig.feed));
	send(&rig, "3,\"q\nr\"");
	end(&rig, "6:3,\"q\nr\"|");
}

/* The end of the input makes the rest complete: a quote that is not closed
 * takes its line and no more. */
static void
an_open_quote_ends_with_the_input(void **state)
{
	struct rig rig;

	(void)state;
	begin(&rig, 1000);
	use_csv(&rig);
	send(&rig, "1,\"x\n2,y\n\n3");
	said(&rig, "");
	end(&rig, "1:1,\"x|2:2,y|4:3|");
}

static void
an_open_quote_ends_with_max_line(void **state)
{
	struct rig rig;

	(void)state;
	begin(&rig, 10);
	use_csv(&rig);
	send(&rig, "1,\"x\n2,y\n3");
	said(&rig, "");
	send(&rig, ",z\n4,a\n");
	/* More than max_line is there: the next fill gives it. */
	assert_int_equal(sk_feed_fill(&rig.feed), 1);
	drain(&rig, 128);
	said(&rig, "1:1,\"x|2:2,y|3:3,z|4:4,a|");
	send(&rig, "5,b\n");
	end(&rig, "5:5,b|");
}

static void
a_record_over_max_line_is_told(void **state)
{
	struct rig rig;

	(void)state;
	begin(&rig, 10);
	use_csv(&rig);
	send(&rig, "1,a\n2,\"456\n8901\"\n3,b\n");
	said(&rig, "2!2,\"456\n890|1:1,a|4:3,b|");
	/* One line, no end in sight: no record to the cutter. */
	send(&rig, "\"34567890123");
	send(&rig, "4567\nx\"\n");
	send(&rig, "y\n");
	end(&rig, "5!\"345678901|6:x\"|7:y|");
}

static void
a_cutter_holds_back_until_more_comes(void **state)
{
	struct rig rig;

	(void)state;
	begin(&rig, 1000);
	use_blocks(&rig, 1000);
	send(&rig, "a\n b\n c");
	said(&rig, "");
	assert_true(sk_feed_holds(&rig.feed));
	send(&rig, "d\nnext\n");
	said(&rig, "1:a\n b\n cd|");
	assert_true(sk_feed_holds(&rig.feed));
	end(&rig, "4:next|");
}

/* Released, what is there is complete, but for a line that is not. */
static void
silence_releases_what_is_held(void **state)
{
	struct rig rig;

	(void)state;
	begin(&rig, 1000);
	use_blocks(&rig, 1000);
	send(&rig, "a\n b\n par");
	said(&rig, "");
	sk_feed_release(&rig.feed);
	drain(&rig, 128);
	said(&rig, "1:a\n b|");
	assert_false(sk_feed_holds(&rig.feed));
	send(&rig, "t\nnext\n");
	said(&rig, "3: part|");
	/* Once: what comes after is held again. */
	assert_true(sk_feed_holds(&rig.feed));
	end(&rig, "4:next|");
}

static void
nothing_to_release(void **state)
{
	struct rig rig;

	(void)state;
	begin(&rig, 1000);
	use_blocks(&rig, 1000);
	send(&rig, "part");
	assert_false(sk_feed_holds(&rig.feed));
	sk_feed_release(&rig.feed);
	drain(&rig, 128);
	said(&rig, "");
	send(&rig, " of a line\n");
	said(&rig, "");
	end(&rig, "1:part of a line|");
}

static void
few_at_a_time(void **state)
{
	struct rig rig;

	(void)state;
	begin(&rig, 1000);
	use_csv(&rig);
	send_by(&rig, "1\n\"\n\"\n3\n4\n\"\n", 1);
	said(&rig, "1:1|2:\"\n\"|4:3|5:4|");
	send_by(&rig, "\"\n7\n", 2);
	said(&rig, "6:\"\n\"|8:7|");
	end(&rig, "");
}

/* Send a text in pieces of each size; what comes out is the same. */
static void
send_in_pieces(const char *text, bool csv, const char *want)
{
	size_t n = strlen(text), step, at, len;
	char *piece = malloc(n + 1);
	struct rig rig;

	for (step = 1; step <= n; step++) {
		begin(&rig, 1000);
		if (csv)
			use_csv(&rig);
		for (at = 0; at < n; at += len) {
			len = n - at < step ? n - at : step;
			memcpy(piece, text + at, len);
			piece[len] = '\0';
			send(&rig, piece);
		}
		end(&rig, want);
	}
	free(piece);
}

static void
pieces_do_not_matter(void **state)
{
	static const char text[] = "a,\"b\nc\",d\n\"e\"\"\n\"\"\nf\"\n\n\r\ng\n"
	    "\"h\n\ni\",\"j\"k\nl,\"m\"\n\"n\no";
	static const char want[] = "1:a,\"b\nc\",d|3:\"e\"\"\n\"\"\nf\"|"
	    "8:g|9:\"h\n\ni\",\"j\"k|12:l,\"m\"|13:\"n|14:o|";

	(void)state;
	send_in_pieces(text, true, want);
	send_in_pieces("a\n\nbcdef\n123456789\nx\n\n\nlast one", false,
	    "1:a|3:bcdef|4:123456789|5:x|8:last one|");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_when_they_end),
		cmocka_unit_test(long_lines_are_told),
		cmocka_unit_test(quotes_hold_newlines),
		cmocka_unit_test(an_open_quote_ends_with_the_input),
		cmocka_unit_test(an_open_quote_ends_with_max_line),
		cmocka_unit_test(a_record_over_max_line_is_told),
		cmocka_unit_test(a_cutter_holds_back_until_more_comes),
		cmocka_unit_test(silence_releases_what_is_held),
		cmocka_unit_test(nothing_to_release),
		cmocka_unit_test(few_at_a_time),
		cmocka_unit_test(pieces_do_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
