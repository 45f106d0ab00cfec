#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "format/lines.h"
#include "stream/feed.h"

#define FEED_BYTES ((size_t)256 << 10)

void
sk_feed_init(struct sk_feed *feed, struct sk_input *input, char sep,
    size_t max_line)
{
	memset(feed, 0, sizeof(*feed));
	feed->input = input;
	feed->sep = sep;
	feed->max_line = max_line;
	feed->bytes = FEED_BYTES;
	feed->at_first = true;
}

void
sk_feed_free(struct sk_feed *feed)
{
	free(feed->buf);
	sk_buf_free(&feed->skipped);
}

static void
tell_overlong(struct sk_feed *feed, struct sk_view line, uint64_t number)
{
	if (line.len > feed->max_line)
		line.len = feed->max_line;
	feed->overlong(feed->arg, line, number);
}

/* Complete lines over max_line leave the batch; only looked for when the
 * buffer is large enough to hold one. */
static size_t
drop_overlong(struct sk_feed *feed, struct sk_view *out, size_t n)
{
	size_t kept = 0, i;

	for (i = 0; i < n; i++) {
		if (out[i].len > feed->max_line)
			tell_overlong(feed, out[i],
			    sk_feed_number(feed, out[i]));
		else
			out[kept++] = out[i];
	}
	return kept;
}

/* The bytes up to the last separator of the buffer. */
static size_t
whole_lines(const struct sk_feed *feed)
{
	size_t len = feed->end - feed->start;
	const char *at = feed->buf, *sep = NULL;

	if (len > 0) {
		at += feed->start;
		sep = memrchr(at, feed->sep, len);
	}
	return sep == NULL ? 0 : (size_t)(sep - at) + 1;
}

/* Lines; a long one that comes in pieces is searched once. */
static struct sk_lines
find_lines(struct sk_feed *feed, struct sk_view *out, size_t cap)
{
	size_t len = feed->end - feed->start;
	struct sk_lines found = { 0 };

	if (feed->searched == 0 || memchr(feed->taken_from + feed->searched,
	    feed->sep, len - feed->searched) != NULL)
		found = sk_lines_split(feed->taken_from, len, feed->sep, false,
		    out, cap);
	feed->searched = found.used == 0 ? len : 0;
	return found;
}

static struct sk_lines
find_records(struct sk_feed *feed, struct sk_view *out, size_t cap)
{
	const struct sk_cut *cut = feed->cut;
	size_t len = feed->end - feed->start;
	/* One raw byte may still be that of an escaped line. */
	bool ended = feed->ended || feed->nraw > 1;

	if (cut == NULL)
		return find_lines(feed, out, cap);
	if (ended)
		len = whole_lines(feed);
	return cut->cut(cut->self, feed->taken_from, len, ended, out, cap);
}

size_t
sk_feed_lines(struct sk_feed *feed, struct sk_view *out, size_t cap)
{
	size_t len = feed->end - feed->start, n = 0;
	struct sk_lines found;

	while (n == 0 && feed->start < feed->end && !feed->skipping) {
		feed->taken_before = feed->lines_before;
		feed->taken_from = feed->buf + feed->start;
		found = find_records(feed, out, cap);
		if (found.used == 0)
			break;
		feed->start += found.used;
		feed->lines_before += found.nseps;
		n = len > feed->max_line
		    ? drop_overlong(feed, out, found.n) : found.n;
	}
	if (n == 0)
		feed->ended = false;
	return n;
}

void
sk_feed_skip(struct sk_feed *feed)
{
	sk_input_close(feed->input);
	feed->start = feed->end = feed->nraw = feed->searched = 0;
	if (feed->cut != NULL)
		feed->cut->cut(feed->cut->self, feed->buf, 0, true, NULL, 0);
}

bool
sk_feed_holds(const struct sk_feed *feed)
{
	return feed->cut != NULL && whole_lines(feed) > 0;
}

void
sk_feed_release(struct sk_feed *feed)
{
	feed->ended = true;
}

uint64_t
sk_feed_number(const struct sk_feed *feed, struct sk_view line)
{
	return feed->taken_before + 1 + sk_lines_count(feed->taken_from,
	    (size_t)(line.ptr - feed->taken_from), feed->sep);
}

bool
sk_feed_blocks(const struct sk_feed *feed)
{
	return sk_input_blocks(feed->input);
}

/* The rest of a line over max_line goes by until its separator has come. */
static void
skip(struct sk_feed *feed, bool ended)
{
	char *at = feed->buf + feed->start;
	char *sep = memchr(at, feed->sep, feed->end - feed->start);

	if (sep == NULL && !ended) {
		feed->start = feed->end = 0;
		return;
	}
	feed->start = sep != NULL ? (size_t)(sep + 1 - feed->buf) : feed->end;
	feed->skipping = false;
	tell_overlong(feed, sk_view(feed->skipped.ptr, feed->skipped.len),
	    ++feed->lines_before);
	sk_buf_reset(&feed->skipped);
}

/* Move the incomplete record to the front; room for at least half a
 * buffer. */
static void
make_room(struct sk_feed *feed)
{
	size_t len = feed->end - feed->start;

	if (len > feed->max_line) {
		sk_buf_add(&feed->skipped, feed->buf + feed->start,
		    feed->max_line);
		feed->skipping = true;
		feed->searched = len = 0;
	}
	if (feed->start > 0 && len > 0)
		memmove(feed->buf, feed->buf + feed->start, len);
	if (feed->nraw > 0)
		memmove(feed->buf + len, feed->buf + feed->raw, feed->nraw);
	feed->start = 0;
	feed->end = len;
	len += feed->nraw;
	if (len > feed->cap / 2) {
		feed->cap *= 2;
		feed->buf = sk_xrealloc(feed->buf, feed->cap + SK_PAD + 1, 1);
	} else if (len == 0 && feed->cap != feed->bytes) {
		feed->cap = feed->bytes;
		feed->buf = sk_xrealloc(feed->buf, feed->cap + SK_PAD + 1, 1);
	}
}

/* A cutter that has found no end within max_line takes what is there; the
 * start of a line over max_line is no record to it. */
static bool
burst(struct sk_feed *feed)
{
	size_t len = feed->end - feed->start;

	if (feed->cut == NULL || feed->skipping || len <= feed->max_line)
		return false;
	if (whole_lines(feed) > 0) {
		feed->ended = true;
		return true;
	}
	feed->cut->cut(feed->cut->self, feed->buf + feed->start, 0, true, NULL,
	    0);
	return false;
}

static int
fail(struct sk_feed *feed, int err, const struct sk_diag *diag)
{
	sk_error("%s:%" PRIu64 ": %s", feed->input->name,
	    feed->lines_before + 1, diag->text);
	sk_input_close(feed->input);
	return err;
}

/* The raw bytes up to a control line are data. */
static int
sift_framed(struct sk_feed *feed)
{
	char *from = feed->buf + feed->raw, *to = feed->buf + feed->end;
	char *end = from + feed->nraw;
	struct sk_diag diag;
	int err = sk_unframe_take(&feed->unframe, &to, &from, end, &diag);

	if (err != 0)
		return fail(feed, err, &diag);
	feed->end = (size_t)(to - feed->buf);
	feed->raw = (size_t)(from - feed->buf);
	feed->nraw = (size_t)(end - from);
	return 0;
}

/* Of an input that is framed or not known. */
static int
sift(struct sk_feed *feed, bool ended)
{
	struct sk_unframe *unframe = &feed->unframe;
	struct sk_diag diag;
	int got = sk_unframe_first(unframe, sk_view(feed->buf + feed->raw,
	    feed->nraw), ended, &diag), err = 0;

	if (got == 1 && !unframe->framed) {
		feed->end += feed->nraw;
		feed->nraw = 0;
	} else if (got == 1 && !ended)
		err = sift_framed(feed);
	else if (got == 1)
		got = sk_unframe_end(unframe, &diag);
	if (got < 0)
		err = fail(feed, got, &diag);
	return err;
}

int
sk_feed_control(struct sk_feed *feed, struct sk_control *control)
{
	struct sk_diag diag;
	size_t used;
	int got;

	if (feed->nraw < 2 || feed->start < feed->end)
		return 0;
	got = sk_unframe_control(&feed->unframe, sk_view(feed->buf +
	    feed->raw, feed->nraw), control, &used, &diag);
	if (got < 0)
		return fail(feed, got, &diag);
	if (got == 0)
		return 0;
	feed->lines_before++;
	feed->nraw -= used;
	feed->raw += used;
	feed->start = feed->end = feed->raw;
	got = sift_framed(feed);
	return got < 0 ? got : 1;
}

int
sk_feed_fill(struct sk_feed *feed)
{
	struct sk_input *in = feed->input;
	size_t got, len;
	int err;

	if (burst(feed))
		return 1;
	if (!in->open) {
		if (sk_input_next(in) == 0)
			return 0;
		feed->lines_before = 0;
		feed->ninputs++;
	}
	if (in->first) /* the caller may have opened it */
		sk_unframe_begin(&feed->unframe, feed->mode, in->piped);
	make_room(feed);
	len = feed->end + feed->nraw;
	sk_input_read(in, feed->buf + len, feed->cap - len, &got);
	if (feed->unframe.begun && !feed->unframe.framed)
		feed->end += got;
	else {
		feed->raw = feed->end;
		feed->nraw += got;
		err = sift(feed, got == 0);
		if (err != 0)
			return err;
	}
	if (feed->skipping)
		skip(feed, got == 0);
	else if (got == 0 && feed->end > feed->start &&
	    feed->buf[feed->end - 1] != feed->sep)
		feed->buf[feed->end++] = feed->sep;
	if (got == 0)
		feed->ended = true;
	return 1;
}
