#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <csv.h>

#include "base/rng.h"
#include "format/csvscan.h"
#include "naivecsv.h"

typedef struct sk_lines cut_fn(struct sk_csvscan *, const char *, size_t, bool,
    struct sk_view *, size_t);
typedef struct sk_csvscan_cells cells_fn(char, struct sk_view,
    const uint32_t *, size_t, size_t *);

static cut_fn *const cuts[] = { sk_csvscan_cut, sk_csvscan_cut_portable };
static cells_fn *const scans[] = { sk_csvscan_cells,
	sk_csvscan_cells_portable };

static size_t
below(struct sk_rng *rng, size_t limit)
{
	return (size_t)(sk_rng_next(rng) % limit);
}

/* ---- streams ---- */

/* Bytes of which one in `plain` matters: most are bad CSV. */
static void
add_noise(struct sk_rng *rng, struct sk_buf *buf, size_t len, size_t plain)
{
	while (len-- > 0)
		sk_buf_char(buf, below(rng, plain) > 0 ? 'x' :
		    "\"\"\",\n\r \0"[below(rng, 8)]);
}

static void
add_cell(struct sk_rng *rng, struct sk_buf *buf, char comma)
{
	size_t len = below(rng, below(rng, 20) == 0 ? 300 : 12), i;
	bool quoted = below(rng, 3) == 0, begun = quoted;

	if (quoted)
		sk_buf_char(buf, '"');
	for (i = 0; i < len; i++) {
		const char *text = "abcdefghijkl \"\n\r,";
		char c = text[below(rng, quoted ? 18 : 14)];

		if (quoted && c == '"')
			sk_buf_char(buf, '"');
		if (c == '"' && !begun)
			continue;
		sk_buf_char(buf, c == ',' ? comma : c);
		begun = true;
	}
	if (quoted)
		sk_buf_char(buf, '"');
}

/* Good CSV: quotes, also in the midst of cells, newlines and CRs in quotes,
 * LF and CRLF, empty lines. */
static void
add_records(struct sk_rng *rng, struct sk_buf *buf, size_t n, char comma)
{
	while (n-- > 0) {
		size_t ncells = below(rng, 6), i;

		for (i = 0; i < ncells; i++) {
			if (i > 0)
				sk_buf_char(buf, comma);
			add_cell(rng, buf, comma);
		}
		sk_buf_str(buf, below(rng, 3) == 0 ? "\r\n" : "\n");
	}
}

/* ---- records ---- */

struct record {
	size_t begin, len;
	uint64_t number;
};

static struct record want[20000];
static size_t nwant;

static size_t
find_wanted(const char *bytes, size_t len, char comma, char sep)
{
	size_t at = 0, i, nseps = 0;

	for (nwant = 0; at < len;) {
		size_t n = naive_record(bytes + at, len - at, comma, sep);

		if (n > 1 || (n == 1 && (sep != '\n' || bytes[at] != '\r'))) {
			want[nwant].begin = at;
			want[nwant].len = n;
			want[nwant++].number = nseps + 1;
		}
		for (i = at; i <= at + n && i < len; i++)
			nseps += bytes[i] == sep;
		at += n + 1;
	}
	return nseps;
}

/* Records and their line numbers come out the same however the bytes come
 * in: up to `piece` at a time, up to `cap` records in a call. */
static void
check_cut(cut_fn *cut, struct sk_rng *rng, const char *bytes, size_t len,
    char comma, char sep, size_t piece, size_t cap)
{
	size_t at = 0, have = 0, nseps = 0, all, n = 0, i;
	struct sk_csvscan scan;
	struct sk_view out[90];

	all = find_wanted(bytes, len, comma, sep);
	sk_csvscan_init(&scan, comma, sep);
	while (at < len) {
		bool ended = at + have == len;
		char *copy = naive_copy(bytes + at, have);
		struct sk_lines found = cut(&scan, copy, have, ended, out, cap);

		assert_true(found.n <= cap && found.used <= have);
		for (i = 0; i < found.n; i++, n++) {
			assert_true(n < nwant);
			assert_int_equal(at + (size_t)(out[i].ptr - copy),
			    want[n].begin);
			assert_int_equal(out[i].len, want[n].len);
			assert_int_equal(nseps + 1 + sk_lines_count(copy,
			    (size_t)(out[i].ptr - copy), sep), want[n].number);
		}
		assert_int_equal(found.nseps,
		    sk_lines_count(copy, found.used, sep));
		if (found.n < cap) {
			assert_true(!ended || found.used == have);
			have += 1 + below(rng, piece);
		}
		nseps += found.nseps;
		at += found.used;
		have -= found.used;
		if (have > len - at)
			have = len - at;
		free(copy);
	}
	assert_int_equal(n, nwant);
	assert_int_equal(nseps, all);
}

static void
check_stream(struct sk_rng *rng, const struct sk_buf *buf, char comma, char sep)
{
	size_t k;

	for (k = 0; k < 2; k++) {
		check_cut(cuts[k], rng, buf->ptr, buf->len, comma, sep,
		    buf->len, 90);
		check_cut(cuts[k], rng, buf->ptr, buf->len, comma, sep,
		    below(rng, 2) == 0 ? 20 : 200, 1 + below(rng, 90));
	}
}

static void
test_noise(void **state)
{
	static const size_t plain[] = { 1, 2, 5, 30, 200 };
	struct sk_buf buf = { 0 };
	struct sk_rng rng;
	size_t round;

	(void)state;
	sk_rng_init(&rng, 1);
	for (round = 0; round < 8000; round++) {
		char sep = below(&rng, 5) == 0 ? '\0' : '\n';

		sk_buf_reset(&buf);
		add_noise(&rng, &buf, below(&rng, 400), plain[round % 5]);
		sk_buf_char(&buf, sep);
		check_stream(&rng, &buf, ',', sep);
	}
	sk_buf_free(&buf);
}

static void
test_records(void **state)
{
	struct sk_buf buf = { 0 };
	struct sk_rng rng;
	size_t round;

	(void)state;
	sk_rng_init(&rng, 2);
	for (round = 0; round < 1000; round++) {
		char comma = ",;\t\xe9"[round % 4];

		sk_buf_reset(&buf);
		add_records(&rng, &buf, 1 + below(&rng, 60), comma);
		check_stream(&rng, &buf, comma, '\n');
	}
	sk_buf_free(&buf);
}

/* ---- as libcsv has it ---- */

struct rows {
	struct sk_buf text; /* cells, each behind its length */
	size_t n;
};

static void
libcsv_cell(void *text, size_t len, void *arg)
{
	struct rows *rows = arg;

	sk_buf_fmt(&rows->text, "%zu:", len);
	sk_buf_add(&rows->text, text, len);
}

static void
libcsv_row(int end, void *arg)
{
	struct rows *rows = arg;

	(void)end;
	sk_buf_char(&rows->text, '\n');
	rows->n++;
}

static int
no_space(unsigned char c)
{
	(void)c;
	return 0;
}

/* A whole stream through libcsv gives the rows, and the cells, that the
 * records found by the scanner are. */
static void
check_libcsv(const struct sk_buf *buf, char comma)
{
	static struct naive_cells cells;
	struct rows theirs = { { 0 }, 0 }, ours = { { 0 }, 0 };
	struct csv_parser parser;
	struct sk_csvscan scan;
	struct sk_view out[90];
	struct sk_lines found;
	char *copy = naive_copy(buf->ptr, buf->len);
	size_t i, k;

	csv_init(&parser, 0);
	csv_set_delim(&parser, (unsigned char)comma);
	csv_set_space_func(&parser, no_space);
	csv_parse(&parser, buf->ptr, buf->len, libcsv_cell, libcsv_row,
	    &theirs);
	csv_fini(&parser, libcsv_cell, libcsv_row, &theirs);
	csv_free(&parser);
	sk_csvscan_init(&scan, comma, '\n');
	found = sk_csvscan_cut(&scan, copy, buf->len, false, out, 90);
	assert_int_equal(found.used, buf->len);
	for (i = 0; i < found.n; i++) {
		naive_cells(&cells, out[i], comma, '\n');
		assert_false(cells.unclosed || cells.behind);
		for (k = 0; k < cells.n; k++) {
			struct sk_view cell = naive_cell(&cells, k);

			libcsv_cell((void *)(uintptr_t)cell.ptr, cell.len,
			    &ours);
		}
		libcsv_row('\n', &ours);
	}
	assert_int_equal(ours.n, theirs.n);
	assert_int_equal(ours.text.len, theirs.text.len);
	if (ours.text.len > 0)
		assert_memory_equal(ours.text.ptr, theirs.text.ptr,
		    ours.text.len);
	sk_buf_free(&cells.text);
	sk_buf_free(&ours.text);
	sk_buf_free(&theirs.text);
	free(copy);
}

static void
test_libcsv(void **state)
{
	struct sk_buf buf = { 0 };
	struct sk_rng rng;
	size_t round;

	(void)state;
	sk_rng_init(&rng, 4);
	for (round = 0; round < 3000; round++) {
		char comma = ",;\t\xe9"[round % 4];

		sk_buf_reset(&buf);
		add_records(&rng, &buf, 1 + below(&rng, 80), comma);
		check_libcsv(&buf, comma);
	}
	sk_buf_free(&buf);
}

/* ---- the delimiters of a record ---- */

/* All delimiters outside quotes; false: the record is bad. */
static bool
naive_commas(struct sk_view record, char comma, size_t *place, size_t *n)
{
	static struct naive_cells cells;
	bool inside = false, begins = true;
	size_t i;

	for (*n = i = 0; i < record.len; i++) {
		char c = record.ptr[i];

		if (inside) {
			/* A doubled quote closes, and opens again. */
			inside = c != '"';
			begins = !inside;
			continue;
		}
		inside = begins && c == '"';
		begins = c == comma;
		if (begins)
			place[(*n)++] = i;
	}
	naive_cells(&cells, record, comma, '\0');
	sk_buf_free(&cells.text);
	return !cells.unclosed && !cells.behind;
}

static void
check_commas(struct sk_rng *rng, struct sk_view record, char comma)
{
	static size_t place[4096], wanted[4096];
	static uint32_t which[4096];
	char *copy = naive_copy(record.ptr, record.len);
	size_t step = 1 + below(rng, 3), n, nwhich = 0, i, k;
	bool good = naive_commas(record, comma, place, &n);

	for (i = below(rng, 3); i < n + 5; i += step)
		which[nwhich++] = (uint32_t)i;
	for (k = 0; k < 2; k++) {
		struct sk_csvscan_cells found = scans[k](comma,
		    sk_view(copy, record.len), which, nwhich, wanted);

		assert_int_equal(found.why == NULL, good);
		assert_true(found.quoted ||
		    memchr(record.ptr, '"', record.len) == NULL);
		if (!good)
			continue;
		for (i = 0; i < nwhich && which[i] < n; i++)
			assert_int_equal(wanted[i], place[which[i]]);
		assert_int_equal(found.n, i);
	}
	free(copy);
}

static void
test_commas(void **state)
{
	struct sk_buf buf = { 0 };
	struct sk_rng rng;
	size_t round, i;

	(void)state;
	sk_rng_init(&rng, 5);
	for (round = 0; round < 20000; round++) {
		size_t n = below(&rng, 12);

		sk_buf_reset(&buf);
		sk_buf_char(&buf, ',');
		for (i = 0; i < n; i++) {
			add_cell(&rng, &buf, ',');
			if (below(&rng, 30) == 0)
				sk_buf_str(&buf, "\"");
			sk_buf_char(&buf, ',');
		}
		check_commas(&rng, sk_view(buf.ptr, buf.len), ',');
		sk_buf_reset(&buf);
		add_noise(&rng, &buf, 1 + below(&rng, 200), 1 + round % 9);
		check_commas(&rng, sk_view(buf.ptr, buf.len), ',');
	}
	sk_buf_free(&buf);
}

/* A quoted cell that comes in small pieces is looked at once. */
static void
test_slow(void **state)
{
	const size_t len = (size_t)1 << 22;
	char *bytes = malloc(len + SK_PAD);
	struct sk_csvscan scan;
	struct sk_lines found;
	struct sk_view out;
	size_t have;

	(void)state;
	memset(bytes, 'x', len + SK_PAD);
	bytes[0] = '"';
	bytes[1000] = '\n';
	bytes[len - 2] = '"';
	bytes[len - 1] = '\n';
	sk_csvscan_init(&scan, ',', '\n');
	for (have = 1; have < len; have += 61) {
		found = sk_csvscan_cut(&scan, bytes, have, false, &out, 1);
		assert_int_equal(found.used, 0);
		assert_true(scan.nbytes + 64 > have);
	}
	found = sk_csvscan_cut(&scan, bytes, len, false, &out, 1);
	assert_int_equal(found.n, 1);
	assert_int_equal(found.nseps, 2);
	assert_int_equal(out.len, len - 1);
	found = sk_csvscan_cut(&scan, bytes, len - 2, false, &out, 1);
	assert_int_equal(found.used, 0);
	found = sk_csvscan_cut(&scan, bytes, 0, true, NULL, 0);
	assert_int_equal(found.used, 0);
	assert_int_equal(scan.nbytes, 0);
	found = sk_csvscan_cut(&scan, "ab\n" /* and padding */
	    "................................................................",
	    3, false, &out, 1);
	assert_int_equal(found.n, 1);
	assert_int_equal(out.len, 2);
	free(bytes);
}

/* Told that all has ended, it looks at what it is given and at nothing else. */
static void
test_ended(void **state)
{
	char *bytes = malloc(250 + SK_PAD);
	struct sk_csvscan scan;
	struct sk_lines found;
	struct sk_view out[90];

	(void)state;
	memset(bytes, '"', 200);
	sk_csvscan_init(&scan, ',', '\n');
	found = sk_csvscan_cut(&scan, bytes, 199, false, out, 90);
	assert_int_equal(found.used, 0);
	memset(bytes, 'x', 250);
	bytes[50] = bytes[249] = '\n';
	found = sk_csvscan_cut(&scan, bytes, 250, true, out, 90);
	assert_int_equal(found.n, 2);
	assert_int_equal(found.used, 250);
	assert_int_equal(out[1].len, 198);
	free(bytes);
}

/* Behind a byte order mark a cell begins; in later records it is text. */
static void
test_bom(void **state)
{
	static const char text[] = "\xef\xbb\xbf\"a\nb\"\n"
	    "\xef\xbb\xbf\"a\nb\"\n";
	struct sk_csvscan scan;
	struct sk_lines found;
	struct sk_view out[9];
	char *copy;
	size_t have, k, round;

	(void)state;
	for (k = 0; k < 2; k++) {
		sk_csvscan_init(&scan, ',', '\n');
		for (have = 0; have <= 9; have++) {
			copy = naive_copy(text, have);
			found = cuts[k](&scan, copy, have, false, out, 9);
			assert_int_equal(found.n, have == 9 ? 1 : 0);
			free(copy);
		}
		sk_csvscan_init(&scan, ',', '\n');
		copy = naive_copy(text, 18);
		for (round = 0; round < 3; round++) {
			found = cuts[k](&scan, copy, 18, true, out, 9);
			assert_int_equal(found.n, 3);
			assert_int_equal(out[0].len, 8);
			assert_int_equal(out[1].len, 5);
		}
		free(copy);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_libcsv),
		cmocka_unit_test(test_commas),
		cmocka_unit_test(test_slow),
		cmocka_unit_test(test_ended),
		cmocka_unit_test(test_bom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
