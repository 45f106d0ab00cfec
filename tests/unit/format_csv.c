#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "format/csv.h"
#include "naivecsv.h"

static size_t
below(struct sk_rng *rng, size_t limit)
{
	return (size_t)(sk_rng_next(rng) % limit);
}

static void
same(struct sk_view value, struct sk_view want)
{
	assert_non_null(value.ptr);
	assert_int_equal(value.len, want.len);
	assert_memory_equal(value.ptr, want.ptr, want.len);
}

/* ---- documents ---- */

/* The cells of a document: `|` behind each, a newline behind a record; a bad
 * record is its reason in brackets. */
static void
expect_open(struct sk_csv *csv, const char *text, size_t len, const char *want)
{
	struct sk_cut cut = sk_csv_cut(csv);
	char *copy = naive_copy(text, len);
	struct sk_buf have = { 0 };
	const struct sk_view *cells;
	struct sk_view records[20];
	struct sk_lines found;
	size_t i, k, n;

	found = cut.cut(cut.self, copy, len, true, records, 20);
	assert_int_equal(found.used, len);
	for (i = 0; i < found.n; i++) {
		const char *why = sk_csv_cells(csv, records[i], &cells, &n);

		if (why != NULL)
			sk_buf_fmt(&have, "(%s)", why);
		for (k = 0; why == NULL && k < n; k++) {
			sk_buf_view(&have, cells[k]);
			sk_buf_char(&have, '|');
		}
		sk_buf_char(&have, '\n');
	}
	assert_string_equal(sk_buf_cstr(&have), want);
	sk_buf_free(&have);
	free(copy);
}

static void
expect(const char *text, const char *want)
{
	struct sk_csv *csv = sk_csv_open(',', '\n');

	expect_open(csv, text, strlen(text), want);
	sk_csv_close(csv);
}

/* The files of max-mapper/csv-spectrum. */
static void
test_spectrum(void **state)
{
	(void)state;
	expect("first,last,address,city,zip\n"
	    "John,Doe,120 any st.,\"Anytown, WW\",08123\n",
	    "first|last|address|city|zip|\n"
	    "John|Doe|120 any st.|Anytown, WW|08123|\n");
	expect("a,b,c\n1,\"\",\"\"\n2,3,4\n", "a|b|c|\n1|||\n2|3|4|\n");
	expect("a,b,c\r\n1,\"\",\"\"\r\n2,3,4\n", "a|b|c|\n1|||\n2|3|4|\n");
	expect("a,b\n1,\"ha \"\"ha\"\" ha\"\n3,4\n",
	    "a|b|\n1|ha \"ha\" ha|\n3|4|\n");
	expect("key,val\n1,\"{\"\"type\"\": \"\"Point\"\", "
	    "\"\"coordinates\"\": [102.0, 0.5]}\"\n", "key|val|\n"
	    "1|{\"type\": \"Point\", \"coordinates\": [102.0, 0.5]}|\n");
	expect("Contact Phone Number,Location Coordinates,Cities,Counties\n"
	    "2095257564,37\xef\xbf\xbd""36'37.8\"N 121\xef\xbf\xbd""2'17.9\"W,"
	    "Modesto,Stanislaus\n",
	    "Contact Phone Number|Location Coordinates|Cities|Counties|\n"
	    "2095257564|37\xef\xbf\xbd""36'37.8\"N 121\xef\xbf\xbd""2'17.9\"W|"
	    "Modesto|Stanislaus|\n");
	expect("a,b,c\n1,2,3\n\"Once upon \na time\",5,6\n7,8,9\n",
	    "a|b|c|\n1|2|3|\nOnce upon \na time|5|6|\n7|8|9|\n");
	expect("a,b,c\r\n1,2,3\r\n\"Once upon \r\na time\",5,6\r\n7,8,9\r\n",
	    "a|b|c|\n1|2|3|\nOnce upon \r\na time|5|6|\n7|8|9|\n");
	expect("a,b\n1,\"ha \n\"\"ha\"\" \nha\"\n3,4\n",
	    "a|b|\n1|ha \n\"ha\" \nha|\n3|4|\n");
	expect("a,b,c\n1,2,3\n", "a|b|c|\n1|2|3|\n");
	expect("a,b,c\r\n1,2,3\r\n", "a|b|c|\n1|2|3|\n");
	expect("a,b,c\n1,2,3\n4,5,\xca\xa4\n",
	    "a|b|c|\n1|2|3|\n4|5|\xca\xa4|\n");
}

static void
test_examples(void **state)
{
	(void)state;
	expect("", "");
	expect("\n\r\n\n", "");
	expect("\"\"\n", "|\n");
	expect(",\n", "||\n");
	expect(" a , \"b\" ,c \n", " a | \"b\" |c |\n");
	expect("a\"b\",c\"\"\n", "a\"b\"|c\"\"|\n");
	expect("a\rb,c\r\r\n", "a\rb|c\r|\n");
	expect("\"a\r\"\r\n", "a\r|\n");
	expect("\"a\"b,c\nd\n", "(text behind a closing quote)\nd|\n");
	expect("\"a\" ,c\nd\n", "(text behind a closing quote)\nd|\n");
	expect("a,\"b\nc,d\ne\n", "(a quote that is not closed)\nc|d|\ne|\n");
	expect("\"\n\n\"\"\n", "(a quote that is not closed)\n|\n");
	expect("\"a\"b,\"\nc\n", "(a quote that is not closed)\nc|\n");
}

/* With NUL records newlines are text, and so is a CR at the end. */
static void
test_separators(void **state)
{
	static const char nul[] = "a\n,\"b\0\n\"\r\0\0c\r\0d;\"e\"\0";
	struct sk_csv *csv = sk_csv_open(',', '\0');

	(void)state;
	expect_open(csv, nul, sizeof(nul) - 1,
	    "(text behind a closing quote)\nc\r|\nd;\"e\"|\n");
	sk_csv_close(csv);
	csv = sk_csv_open(';', '\0');
	expect_open(csv, nul + 14, 7, "d|e|\n");
	sk_csv_close(csv);
	csv = sk_csv_open('\xe9', '\n');
	expect_open(csv, "a,\xe9\"\xe9\"\"\"\xe9\n", 11,
	    "a,|\xe9\"||\n");
	sk_csv_close(csv);
}

static void
test_bom(void **state)
{
	(void)state;
	same(sk_csv_bom(sk_view_str("\xef\xbb\xbf" "a,b")),
	    sk_view_str("a,b"));
	same(sk_csv_bom(sk_view_str("\xef\xbb\xbf")), sk_view_str(""));
	same(sk_csv_bom(sk_view_str("\xef\xbb" "a")),
	    sk_view_str("\xef\xbb" "a"));
}

/* ---- batches ---- */

#define RECORDS 40
#define FIELDS 12
#define RECORD_BYTES 700

struct batch {
	struct sk_view record[RECORDS], value[FIELDS][RECORDS];
	struct sk_view *values[FIELDS];
	const char *why[RECORDS];
	uint32_t column[FIELDS];
	size_t nrecords, nfields;
	char *space[RECORDS];
};

/* A record of cells of all kinds; one in 20 is spoiled. */
static size_t
make_record(struct sk_rng *rng, char *text)
{
	size_t ncells = 1 + below(rng, 40), n = 0, i, k;

	for (i = 0; i < ncells; i++) {
		size_t quoted = below(rng, 3), len = below(rng, 8);

		if (i > 0)
			text[n++] = ',';
		if (quoted > 0)
			text[n++] = '"';
		for (k = 0; k < len; k++) {
			text[n++] = "abcdefg\"\",\n\r"[below(rng,
			    quoted == 2 ? 12 : 7)];
			if (text[n - 1] == '"')
				text[n++] = '"';
		}
		if (quoted > 0)
			text[n++] = '"';
	}
	if (below(rng, 20) == 0)
		text[below(rng, n + 1)] = '"';
	if (n > 0 && below(rng, 4) == 0)
		text[n++] = '\r';
	return n;
}

static void
make_batch(struct sk_rng *rng, struct batch *batch)
{
	char text[2 * RECORD_BYTES];
	size_t i;

	batch->nrecords = below(rng, RECORDS + 1);
	batch->nfields = below(rng, FIELDS + 1);
	for (i = 0; i < batch->nfields; i++) {
		batch->column[i] = (uint32_t)below(rng, 1 + below(rng, 42));
		if (below(rng, 15) == 0)
			batch->column[i] = UINT32_MAX;
		batch->values[i] = batch->value[i];
	}
	for (i = 0; i < batch->nrecords; i++) {
		batch->record[i].len = make_record(rng, text);
		batch->space[i] = naive_copy(text, batch->record[i].len);
		batch->record[i].ptr = batch->space[i];
	}
}

static size_t
check_record(const struct batch *batch, size_t i)
{
	static struct naive_cells cells;
	struct sk_view record = batch->record[i];
	size_t f;

	naive_cells(&cells, record, ',', '\n');
	if (cells.unclosed || cells.behind) {
		assert_string_equal(batch->why[i], cells.unclosed ?
		    "a quote that is not closed" :
		    "text behind a closing quote");
		sk_buf_free(&cells.text);
		return 1;
	}
	assert_null(batch->why[i]);
	if (record.len > 0 && record.ptr[record.len - 1] == '\r')
		record.len--;
	for (f = 0; f < batch->nfields; f++) {
		struct sk_view value = batch->value[f][i];

		if (batch->column[f] == UINT32_MAX)
			same(value, record);
		else if (batch->column[f] < cells.n)
			same(value, naive_cell(&cells, batch->column[f]));
		else
			assert_null(value.ptr);
	}
	sk_buf_free(&cells.text);
	return 0;
}

/* Any columns of a batch, in any order and twice, all valid at its end. */
static void
test_take(void **state)
{
	struct sk_csv *csv = sk_csv_open(',', '\n');
	struct sk_rng rng;
	size_t round, i;

	(void)state;
	sk_rng_init(&rng, 7);
	for (round = 0; round < 2000; round++) {
		struct batch batch;
		struct sk_values out = { batch.values, NULL, batch.why };
		size_t nbad, bad = 0;

		make_batch(&rng, &batch);
		sk_csv_want(csv, batch.column, batch.nfields);
		nbad = sk_csv_take(csv, batch.record, batch.nrecords, &out);
		for (i = 0; i < batch.nrecords; i++) {
			bad += check_record(&batch, i);
			free(batch.space[i]);
		}
		assert_int_equal(nbad, bad);
	}
	sk_csv_close(csv);
}

/* Cells that were copied stay where they are until the end of a batch, also
 * when one is wanted twice. */
static void
test_stays(void **state)
{
	enum { N = 1310, BYTES = 100 };
	static struct sk_view record[N], value[2][N];
	static const char *why[N];
	static char text[N * BYTES + SK_PAD];
	static const uint32_t column[] = { 0, 0 };
	struct sk_view *values[] = { value[0], value[1] };
	struct sk_values out = { values, NULL, why };
	struct sk_csv *csv = sk_csv_open(',', '\n');
	size_t i;

	(void)state;
	for (i = 0; i < N; i++) {
		char *p = text + i * BYTES;

		snprintf(p, BYTES, "\"\"\"%04zu%0*d", i, BYTES - 8, 0);
		p[BYTES - 1] = '"';
		record[i] = sk_view(p, BYTES);
	}
	sk_csv_want(csv, column, 2);
	assert_int_equal(sk_csv_take(csv, record, N, &out), 0);
	for (i = 0; i < N; i++) {
		same(value[0][i], sk_view(record[i].ptr + 2, BYTES - 3));
		same(value[1][i], value[0][i]);
	}
	sk_csv_close(csv);
}

/* Thousands of columns, backwards, and all cells of such a record. */
static void
test_wide(void **state)
{
	enum { N = 5000 };
	struct sk_csv *csv = sk_csv_open(',', '\n');
	uint32_t *column = malloc(N * sizeof(*column));
	struct sk_view *value = malloc(N * sizeof(*value)), record;
	struct sk_view **values = malloc(N * sizeof(*values));
	const char *why;
	struct sk_values out = { values, NULL, &why };
	const struct sk_view *cells;
	struct sk_buf text = { 0 };
	size_t i, n;

	(void)state;
	for (i = 0; i < N; i++) {
		column[i] = (uint32_t)(N - 1 - i);
		values[i] = &value[i];
		sk_buf_fmt(&text, "%s\"a\"\"%zu\"", i > 0 ? "," : "", i);
	}
	sk_buf_zero(&text, SK_PAD);
	record = sk_view(text.ptr, text.len - SK_PAD);
	sk_csv_want(csv, column, N);
	assert_int_equal(sk_csv_take(csv, &record, 1, &out), 0);
	for (i = 0; i < N; i++) {
		char want[20];

		snprintf(want, sizeof(want), "a\"%zu", N - 1 - i);
		same(value[i], sk_view_str(want));
	}
	assert_null(sk_csv_cells(csv, record, &cells, &n));
	assert_int_equal(n, N);
	same(cells[N - 1], sk_view_str("a\"4999"));
	sk_buf_free(&text);
	free(values);
	free(value);
	free(column);
	sk_csv_close(csv);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spectrum),
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_separators),
		cmocka_unit_test(test_bom),
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_stays),
		cmocka_unit_test(test_wide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
