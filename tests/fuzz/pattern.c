/*
 * Any pattern, any lines: `flags, pattern, NUL, lines`.
 *
 * Whatever FORMAT takes a line, its record is one JSON object, and has as many
 * cells of CSV as there are columns.  Joined lines are the same in whatever
 * pieces they come.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "format/csv.h"
#include "format/lines.h"
#include "format/ndjson.h"
#include "libfuzz.h"
#include "parse/grok.h"
#include "parse/kinds.h"
#include "parse/multiline.h"
#include "parse/put.h"

enum { FLAG_UTF = 1, FLAG_RAW = 2, FLAG_JOIN = 4, FLAG_NAMED = 8 };

#define MOST_PATTERN 200
#define RECORDS 64

static struct {
	struct sk_zone zone;
	struct sk_year year;
	struct sk_grok grok;
	struct sk_parse_conf conf;
	struct sk_parsed parsed;
	struct sk_ndjson *ndjson;
	struct sk_csv *csv;
} rigs;

static void
open_all(void)
{
	if (rigs.ndjson != NULL)
		return;
	sk_grok_init(&rigs.grok);
	rigs.conf.zone = &rigs.zone;
	rigs.conf.year = &rigs.year;
	rigs.conf.grok = &rigs.grok;
	rigs.conf.delimiter = -1;
	rigs.conf.sep = '\n';
	rigs.year.year = 2026;
	sk_parsed_init(&rigs.parsed);
	rigs.ndjson = sk_ndjson_open(NULL, 0);
	rigs.csv = sk_csv_open(',', '\n');
}

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	static const char *const text[] = {
		"%{IP:ip} %{NUMBER:n:float} (?<t:time:%d.%m.%Y>\\S+)",
		"(?<a:int>\\d+)(?<b>[^ ]*)|(?<a>x)(?<b:bool>.)",
		"^(?:(?<k>\\w+)=(?<v>\"(?:[^\"\\\\]|\\\\.)*\"|\\S*) ?)+$",
		"%{COMBINEDAPACHELOG}", "%{SYSLOGTIMESTAMP:t:time} %{DATA:d}$",
		"csv", "logfmt", "ndjson", "auto",
	};

	sk_buf_char(out, (char)(n / 9));
	sk_buf_str(out, text[n % 9]);
	sk_buf_char(out, '\0');
	sk_buf_str(out, "1.2.3.4 5.5 01.02.2003\na,\"b\n\"\"c\"\n 12x k=v "
	    "k=\"\\\"\"\n{\"a\":[1,\"\\u0000\"]}\nMar  1 00:00:00 x\n");
}

/* ---- records ---- */

static void
check_record(struct sk_put *put, struct sk_put *cells, struct sk_view line)
{
	struct sk_buf out = { 0 };
	const struct sk_view *cell;
	const char *why;
	size_t n;

	why = sk_put_record(put, 0, &rigs.parsed, line, &out);
	if (why == NULL) {
		sk_buf_reserve(&out, SK_PAD);
		fuzz_check(sk_ndjson_check(rigs.ndjson,
		    sk_view(out.ptr, out.len)) == NULL, "no JSON");
	}
	if (cells != NULL) {
		sk_buf_reset(&out);
		why = sk_put_record(cells, 0, &rigs.parsed, line, &out);
		sk_buf_reserve(&out, SK_PAD);
		if (why == NULL)
			fuzz_check(sk_csv_cells(rigs.csv, sk_view(out.ptr,
			    out.len), &cell, &n) == NULL &&
			    n == cells->columns.n + (cells->conf.raw != NULL),
			    "other cells");
	}
	sk_buf_free(&out);
}

/* All records of the bytes; `piece` at a time, in `out`. */
static void
cut_all(const struct sk_cut *cut, struct sk_view bytes, size_t piece,
    struct sk_buf *out)
{
	struct sk_view record[RECORDS];
	size_t begin = 0, end = 0, i;
	struct sk_lines found;

	while (begin < bytes.len) {
		found = cut->cut(cut->self, bytes.ptr + begin, end - begin,
		    end == bytes.len, record, RECORDS);
		for (i = 0; i < found.n; i++) {
			sk_buf_view(out, record[i]);
			sk_buf_char(out, '\0');
		}
		begin += found.used;
		if (found.n == RECORDS)
			continue;
		if (end == bytes.len)
			return;
		end = end + piece < bytes.len ? end + piece : bytes.len;
	}
}

static void
check_join(struct sk_view bytes, size_t piece)
{
	struct sk_multiline_conf conf = { .start = sk_view_str("^\\S"),
		.grok = &rigs.grok, .max_lines = 5, .wait_ns = 1,
		.sep = '\n' };
	struct sk_buf whole = { 0 }, pieces = { 0 };
	struct sk_multiline multiline;

	fuzz_check(sk_multiline_init(&multiline, &conf, NULL) == 0, "start");
	cut_all(&multiline.cut, bytes, bytes.len, &whole);
	cut_all(&multiline.cut, bytes, piece, &pieces);
	fuzz_check(sk_view_equal(sk_view(whole.ptr, whole.len),
	    sk_view(pieces.ptr, pieces.len)), "other records in pieces");
	sk_multiline_free(&multiline);
	sk_buf_free(&whole);
	sk_buf_free(&pieces);
}

static void
check_lines(struct sk_parser *parser, struct sk_view bytes, bool raw)
{
	struct sk_put_conf conf = { .form = SK_RECORD_NDJSON, .sep = '\n',
		.raw = raw ? "raw" : NULL, .zone = &rigs.zone };
	const struct sk_cut *cut = &parser->cut;
	struct sk_view record[RECORDS];
	struct sk_put put, cells;
	struct sk_lines found;
	bool has_cells;
	size_t i;

	if (sk_put_init(&put, &conf, parser, 1, NULL) != 0)
		return; /* a group is called raw */
	conf.form = SK_RECORD_CSV;
	has_cells = sk_put_init(&cells, &conf, parser, 1, NULL) == 0;
	do {
		found = cut->cut != NULL ? cut->cut(cut->self, bytes.ptr,
		    bytes.len, true, record, RECORDS) :
		    sk_lines_split(bytes.ptr, bytes.len, '\n', false, record,
		    RECORDS);
		for (i = 0; i < found.n; i++)
			if (sk_parser_parse(parser, record[i], &rigs.parsed) ==
			    NULL && !rigs.parsed.none)
				check_record(&put, has_cells ? &cells : NULL,
				    record[i]);
		bytes = sk_view(bytes.ptr + found.used,
		    bytes.len - found.used);
	} while (found.n == RECORDS);
	sk_put_free(&put);
	if (has_cells)
		sk_put_free(&cells);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size > 0 ? memchr(data + 1, 0, size - 1) : NULL;
	struct sk_view format, bytes;
	struct sk_parser parser;
	struct sk_diag diag;
	char *copy;

	if (nul == NULL || nul - data > MOST_PATTERN)
		return 0;
	open_all();
	format = sk_view((const char *)data + 1, (size_t)(nul - data) - 1);
	size -= (size_t)(nul + 1 - data);
	copy = sk_xcalloc(1, size + 1 + SK_PAD);
	memcpy(copy, nul + 1, size);
	copy[size++] = '\n';
	bytes = sk_view(copy, size);
	rigs.conf.utf = (data[0] & FLAG_UTF) != 0;
	rigs.conf.no_header = (data[0] & FLAG_NAMED) != 0;
	if (data[0] & FLAG_JOIN)
		check_join(bytes, 1 + data[0] / 16);
	if (sk_parser_open(&parser, format, &rigs.conf, &diag) == 0) {
		check_lines(&parser, bytes, (data[0] & FLAG_RAW) != 0);
		sk_parser_close(&parser);
	}
	free(copy);
	return 0;
}
