/* CSV of any bytes, in any pieces, gives the records and the cells that a
 * reader of single bytes finds. */
#include <stdlib.h>
#include <string.h>

#include "../unit/naivecsv.h"
#include "base/rng.h"
#include "format/csv.h"
#include "format/csvscan.h"
#include "libfuzz.h"

#define RECORDS 64
#define FIELDS 5

static const char commas[] = ",;\t |\xe9";
static const uint32_t wanted[FIELDS] = { 3, 0, UINT32_MAX, 1, 3 };

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	static const char *const text[] = {
		"a,b,c\r\n1,\"\",\"x\"\r\n",
		"a,\"b \"\"c\"\" d\"\n\"e\nf\",g\"h\"\n",
		"\"never closed,1\n2,3\n\n4\n",
		"\"text\"behind,1\n2,\"3\" \n"
	};

	sk_buf_zero(out, 8);
	if (n / 16 % 2 == 1)
		sk_buf_str(out, "\xef\xbb\xbf");
	sk_buf_str(out, text[n % 4]);
	sk_buf_str(out, text[n / 4 % 4]);
}

static bool
same(struct sk_view a, struct sk_view b)
{
	return a.ptr != NULL && sk_view_equal(a, b);
}

/* A good record: its cells, and those that are wanted. */
static void
check_cells(struct sk_csv *csv, const struct naive_cells *want,
    struct sk_view record, struct sk_view value[FIELDS][RECORDS], size_t i)
{
	const struct sk_view *cells;
	size_t n, k;

	for (k = 0; k < FIELDS; k++)
		if (wanted[k] == UINT32_MAX)
			fuzz_check(value[k][i].ptr == record.ptr, "the record");
		else if (wanted[k] >= want->n)
			fuzz_check(value[k][i].ptr == NULL, "no cell is one");
		else
			fuzz_check(same(value[k][i],
			    naive_cell(want, wanted[k])), "a wanted cell");
	fuzz_check(sk_csv_cells(csv, record, &cells, &n) == NULL,
	    "a good record is bad");
	fuzz_check(n == want->n, "the number of cells");
	for (k = 0; k < n; k++)
		fuzz_check(same(cells[k], naive_cell(want, k)), "a cell");
}

static void
check_records(struct sk_csv *csv, struct sk_csv *other,
    const struct sk_view *record, size_t n, char comma, char sep)
{
	static struct naive_cells want;
	static struct sk_view value[FIELDS][RECORDS];
	struct sk_view *const values[FIELDS] = { value[0], value[1], value[2],
		value[3], value[4] };
	const char *why[RECORDS];
	struct sk_values out = { values, NULL, why };
	size_t nbad = sk_csv_take(csv, record, n, &out), bad = 0, i;

	for (i = 0; i < n; i++) {
		naive_cells(&want, record[i], comma, sep);
		fuzz_check((why[i] != NULL) == (want.unclosed || want.behind),
		    "good or bad");
		bad += why[i] != NULL;
		if (why[i] == NULL)
			check_cells(other, &want, record[i], value, i);
	}
	fuzz_check(nbad == bad, "the number of bad records");
}

/* The length of the next record that is not empty; *pos moves to it. */
static size_t
next_record(const char *bytes, size_t len, size_t *pos, char comma, char sep)
{
	for (;;) {
		size_t bom = *pos == 0 && len >= 3 &&
		    !memcmp(bytes, "\xef\xbb\xbf", 3) ? 3 : 0;
		size_t n = bom + naive_record(bytes + *pos + bom,
		    len - *pos - bom, comma, sep);

		if (n > 1 || (n == 1 && (bytes[*pos] != '\r' || sep != '\n')) ||
		    *pos >= len)
			return n;
		*pos += n + 1;
	}
}

/* The records of `bytes`, of which more come when all were taken. */
static void
check_stream(struct sk_rng *rng, const char *bytes, size_t len, char comma,
    char sep, bool portable)
{
	struct sk_csv *csv = sk_csv_open(comma, sep);
	struct sk_csv *other = sk_csv_open(comma, sep);
	struct sk_cut cut = sk_csv_cut(csv);
	struct sk_csvscan scan;
	size_t at = 0, have = 0, piece = 1 + sk_rng_next(rng) % 300, i;

	sk_csv_want(csv, wanted, FIELDS);
	sk_csvscan_init(&scan, comma, sep);
	while (at < len) {
		size_t cap = 1 + sk_rng_next(rng) % RECORDS, pos = at;
		bool ended = at + have == len;
		char *copy = naive_copy(bytes + at, have);
		struct sk_view record[RECORDS];
		struct sk_lines found = portable ?
		    sk_csvscan_cut_portable(&scan, copy, have, ended, record,
		    cap) : cut.cut(cut.self, copy, have, ended, record, cap);

		fuzz_check(found.n <= cap && found.used <= have, "too much");
		for (i = 0; i < found.n; i++) {
			size_t n = next_record(bytes, len, &pos, comma, sep);

			fuzz_check(record[i].ptr == copy + (pos - at) &&
			    record[i].len == n, "a record");
			pos += n + 1;
		}
		fuzz_check(found.nseps == sk_lines_count(copy, found.used,
		    sep), "the number of lines");
		check_records(csv, other, record, found.n, comma, sep);
		fuzz_check(!ended || found.n == cap || found.used == have,
		    "something is left");
		if (found.n < cap)
			have += piece;
		at += found.used;
		have -= found.used;
		have = have < len - at ? have : len - at;
		free(copy);
	}
	sk_csv_close(other);
	sk_csv_close(csv);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sk_rng rng;
	char *bytes, comma, sep;

	if (size < 8 || size > 4000)
		return 0;
	comma = commas[data[0] % (sizeof(commas) - 1)];
	sep = data[1] % 4 == 1 ? '\0' : '\n';
	sk_rng_init(&rng, sk_get32(data + 4));
	size -= 8;
	bytes = malloc(size + 1);
	memcpy(bytes, data + 8, size);
	bytes[size] = sep;
	check_stream(&rng, bytes, size + 1, comma, sep, data[2] % 2 == 1);
	free(bytes);
	return 0;
}
