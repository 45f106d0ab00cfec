/* Any bytes as a saved summary of frequent items or a Count-Min table: what is
 * refused changes nothing; what is read is written and read again as the same
 * bytes, and merges with itself and goes on counting within its bounds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libfuzz.h"
#include "sketch/heavy.h"

static const struct sk_heavy_conf conf[] = {
	{ .method = SK_HEAVY_SPACE_SAVING, .counters = 8, .max_item = 100,
	    .rows = 2, .seed = 1 },
	{ .method = SK_HEAVY_SPACE_SAVING, .counters = 8, .fixed = true,
	    .max_item = 100, .rows = 2, .seed = 1 },
	{ .method = SK_HEAVY_LOSSY_COUNTING, .counters = 8, .max_item = 100,
	    .rows = 2, .seed = 1 },
	{ .method = SK_HEAVY_COUNT_MIN, .counters = 8, .max_item = 100,
	    .rows = 2, .seed = 1 },
};

#define CONFS (sizeof(conf) / sizeof(conf[0]))

static void
add(struct sk_heavy *heavy, unsigned n)
{
	char text[48];

	for (unsigned i = 0; i < n; i++) {
		snprintf(text, sizeof(text), i % 3 == 0
		    ? "an item that is not short %u" : "%u", i % 13);
		sk_heavy_add(heavy, sk_view_str(text), 1 + i % 5, 0);
	}
}

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	struct sk_heavy heavy;

	sk_heavy_init(&heavy, &conf[n % CONFS]);
	add(&heavy, n / CONFS % 4 * 15);
	sk_heavy_save(&heavy, out);
	sk_heavy_free(&heavy);
}

static void
check_rows(const struct sk_heavy *heavy)
{
	struct sk_items_row *row = malloc((sk_heavy_rows(heavy) + 1) *
	    sizeof(*row));
	size_t n = sk_heavy_list(heavy, row), i;

	for (i = 0; i < n; i++) {
		fuzz_check(row[i].error <= row[i].count, "an error too large");
		fuzz_check(i == 0 || row[i].count <= row[i - 1].count,
		    "rows in order");
		fuzz_check(sk_heavy_ask(heavy, row[i].item).count ==
		    row[i].count, "the count that is asked for");
	}
	free(row);
}

/* Written, read by an empty one and written again.  The size of the table that
 * others are to use, byte 3, is that of counters which an image brings. */
static void
check_again(const struct sk_heavy *heavy)
{
	struct sk_buf first = { 0 }, again = { 0 };
	struct sk_heavy other;
	struct sk_diag diag;

	sk_heavy_init(&other, heavy->conf);
	sk_heavy_save(heavy, &first);
	fuzz_check(sk_heavy_fold(&other, sk_view(first.ptr, first.len),
	    &diag) == 0, "our own image");
	sk_heavy_save(&other, &again);
	if (!heavy->conf->fixed)
		first.ptr[3] = again.ptr[3];
	fuzz_check(first.len == again.len &&
	    memcmp(first.ptr, again.ptr, first.len) == 0, "the same image");
	sk_buf_free(&first);
	sk_buf_free(&again);
	sk_heavy_free(&other);
}

static void
check(struct sk_view image, const struct sk_heavy_conf *how, bool known)
{
	struct sk_heavy heavy;
	struct sk_diag diag;
	uint64_t total;

	sk_heavy_init(&heavy, how);
	if (sk_heavy_fold(&heavy, image, &diag) != 0) {
		fuzz_check(sk_heavy_total(&heavy) == 0 &&
		    sk_heavy_rows(&heavy) == 0, "nothing was added");
		sk_heavy_free(&heavy);
		return;
	}
	fuzz_check(known, "an image that --info refuses");
	total = sk_heavy_total(&heavy);
	check_rows(&heavy);
	check_again(&heavy);
	if (sk_heavy_fold(&heavy, image, &diag) == 0)
		fuzz_check(sk_heavy_total(&heavy) == 2 * total, "the total");
	add(&heavy, 50);
	check_rows(&heavy);
	check_again(&heavy);
	sk_heavy_free(&heavy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1);
	struct sk_buf text = { 0 };
	struct sk_diag diag;
	uint64_t total;
	bool known;

	memcpy(copy, data, size);
	known = sk_heavy_about(sk_view(copy, size), &text, &total, &diag) == 0;
	for (size_t i = 0; i < CONFS; i++)
		check(sk_view(copy, size), &conf[i], known);
	sk_buf_free(&text);
	free(copy);
	return 0;
}
