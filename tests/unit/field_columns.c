#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "field/columns.h"

#define FIELDS 64

typedef void take_fn(const struct sk_columns *, const struct sk_view *, size_t,
    struct sk_view *const *);

static take_fn *const takes[] = { sk_columns_take, sk_columns_take_portable };

static size_t
below(struct sk_rng *rng, size_t limit)
{
	return (size_t)(sk_rng_next(rng) % limit);
}

static bool
is_sep(char c, int delimiter)
{
	if (delimiter == SK_COLUMNS_BLANKS)
		return c == ' ' || c == '\t';
	return c == (char)delimiter;
}

/* All columns of a line, one byte at a time. */
static size_t
naive_columns(struct sk_view line, int delimiter, struct sk_view *out)
{
	size_t i = 0, n = 0, begin;

	if (delimiter != SK_COLUMNS_BLANKS) {
		for (begin = 0; i <= line.len; i++)
			if (i == line.len || is_sep(line.ptr[i], delimiter)) {
				out[n++] = sk_view(line.ptr + begin, i - begin);
				begin = i + 1;
			}
		return n;
	}
	for (;;) {
		while (i < line.len && is_sep(line.ptr[i], delimiter))
			i++;
		if (i == line.len)
			return n;
		for (begin = i; i < line.len; i++)
			if (is_sep(line.ptr[i], delimiter))
				break;
		out[n++] = sk_view(line.ptr + begin, i - begin);
	}
}

static struct sk_view
naive_field(const struct sk_field *field, struct sk_view line, int delimiter)
{
	struct sk_view columns[600], last;
	size_t n = naive_columns(line, delimiter, columns);
	const char *begin;

	if (field->kind == SK_FIELD_LINE)
		return line;
	if (field->first > n)
		return sk_view(NULL, 0);
	begin = columns[field->first - 1].ptr;
	last = columns[(field->last > n ? n : field->last) - 1];
	return sk_view(begin, (size_t)(last.ptr + last.len - begin));
}

static struct sk_field
random_field(struct sk_rng *rng)
{
	struct sk_field field = sk_field_line();
	size_t kind = below(rng, 10);

	if (kind == 0)
		return field;
	field.kind = SK_FIELD_COLUMNS;
	field.first = (uint32_t)below(rng, below(rng, 2) == 0 ? 4 : 60) + 1;
	field.last = field.first;
	if (kind == 1)
		field.last = SK_FIELD_END;
	else if (kind < 4)
		field.last += (uint32_t)below(rng, 5);
	return field;
}

static void
check(const struct sk_field *fields, size_t nfields, int delimiter,
    const struct sk_view *lines, size_t n)
{
	struct sk_view **out = malloc(nfields * sizeof(*out));
	struct sk_columns columns;
	size_t f, i, k;

	assert_int_equal(sk_columns_init(&columns, fields, nfields, delimiter),
	    0);
	for (f = 0; f < nfields; f++)
		out[f] = malloc(n * sizeof(*out[f]));
	for (k = 0; k < 2; k++) {
		takes[k](&columns, lines, n, out);
		for (f = 0; f < nfields; f++)
			for (i = 0; i < n; i++) {
				struct sk_view want = naive_field(&fields[f],
				    lines[i], delimiter);

				assert_ptr_equal(out[f][i].ptr, want.ptr);
				assert_int_equal(out[f][i].len, want.len);
			}
	}
	for (f = 0; f < nfields; f++)
		free(out[f]);
	free(out);
	sk_columns_free(&columns);
}

/* Lines of every length up to 300 at any alignment, the bytes behind them
 * full of separators, dense and rare; any set of fields. */
static void
test_random(void **state)
{
	static const int delimiters[] = { SK_COLUMNS_BLANKS, ',', '\t', ' ',
		0xff, 0 };
	static const unsigned share[] = { 2, 3, 8, 30, 200 };
	struct sk_field fields[FIELDS];
	struct sk_view lines[8];
	char *space = malloc(8 * 400 + SK_PAD);
	struct sk_rng rng;
	size_t round, i, j, n;

	(void)state;
	sk_rng_init(&rng, 3);
	for (round = 0; round < 6000; round++) {
		int delimiter = delimiters[below(&rng, 6)];
		bool blanks = delimiter == SK_COLUMNS_BLANKS;
		size_t s = below(&rng, 5);

		for (i = 0; i < 8 * 400 + SK_PAD; i++)
			space[i] = below(&rng, share[s]) > 0 ? 'x' :
			    !blanks ? (char)delimiter :
			    below(&rng, 2) == 0 ? ' ' : '\t';
		for (i = 0; i < 8; i++)
			lines[i] = sk_view(space + i * 400 + below(&rng, 99),
			    below(&rng, below(&rng, 3) == 0 ? 9 : 301));
		n = below(&rng, 20) == 0 ? FIELDS : below(&rng, 5);
		for (j = 0; j < n; j++)
			fields[j] = random_field(&rng);
		check(fields, n, delimiter, lines, 8);
	}
	free(space);
}

/* Every line of up to six bytes of two kinds, every field of few columns. */
static void
test_exhaustive(void **state)
{
	char space[8 + SK_PAD];
	struct sk_field fields[24], field = sk_field_line();
	size_t len, bits, i, n = 0;
	uint32_t first, last;

	(void)state;
	field.kind = SK_FIELD_COLUMNS;
	for (first = 1; first < 5; first++)
		for (last = first; last < 7; last++) {
			field.first = first;
			field.last = last == 6 ? SK_FIELD_END : last;
			fields[n++] = field;
		}
	for (len = 0; len <= 6; len++)
		for (bits = 0; bits < (size_t)1 << len; bits++) {
			struct sk_view line = sk_view(space, len);

			memset(space, ' ', sizeof(space));
			for (i = 0; i < len; i++)
				space[i] = (bits >> i & 1) != 0 ? 'x' : ' ';
			check(fields, n, SK_COLUMNS_BLANKS, &line, 1);
			check(fields, n, ' ', &line, 1);
			check(fields, n, ',', &line, 1);
		}
}

static void
expect(const char *text, const char *spec, int delimiter, const char *want)
{
	char space[200] = { 0 };
	struct sk_view line, value, *out = &value;
	struct sk_field field;
	struct sk_columns columns;

	strcpy(space, text);
	line = sk_view(space, strlen(text));
	assert_int_equal(sk_field_parse(sk_view_str(spec), &field, NULL), 0);
	assert_int_equal(sk_columns_init(&columns, &field, 1, delimiter), 0);
	sk_columns_take(&columns, &line, 1, &out);
	sk_columns_free(&columns);
	if (want == NULL) {
		assert_null(value.ptr);
		return;
	}
	assert_non_null(value.ptr);
	assert_int_equal(value.len, strlen(want));
	assert_memory_equal(value.ptr, want, value.len);
}

static void
test_examples(void **state)
{
	const char *log = "1.2.3.4 - - [20/May/2015:21:05:00 +0000] "
	    "\"GET / HTTP/1.1\" 200 37932 \"-\" \"Mozilla/5.0 (X11)\"";

	(void)state;
	expect(log, "1", SK_COLUMNS_BLANKS, "1.2.3.4");
	expect(log, "4-5", SK_COLUMNS_BLANKS, "[20/May/2015:21:05:00 +0000]");
	expect(log, "10", SK_COLUMNS_BLANKS, "37932");
	expect(log, "12-", SK_COLUMNS_BLANKS, "\"Mozilla/5.0 (X11)\"");
	expect(log, "14", SK_COLUMNS_BLANKS, NULL);
	expect(log, "2", '"', "GET / HTTP/1.1");
	expect(" a \t b ", "2", SK_COLUMNS_BLANKS, "b");
	expect(" a \t b ", "1-9", SK_COLUMNS_BLANKS, "a \t b");
	expect("a,,c", "2", ',', "");
	expect("a,,c", "2-", ',', ",c");
	expect("a,", "2", ',', "");
	expect("a,", "3", ',', NULL);
	expect("abc", "1", ',', "abc");
	expect("a b\r", "2", SK_COLUMNS_BLANKS, "b\r");
	expect("a,b\r", "2", ',', "b\r");
	expect("", "1", ',', "");
	expect("", "1", SK_COLUMNS_BLANKS, NULL);
}

static void
test_limits(void **state)
{
	struct sk_field *fields = malloc((SK_COLUMNS_MAX + 1) *
	    sizeof(*fields));
	struct sk_columns columns;
	size_t i;

	(void)state;
	for (i = 0; i <= SK_COLUMNS_MAX; i++)
		fields[i] = sk_field_line();
	assert_int_equal(sk_columns_init(&columns, fields, SK_COLUMNS_MAX + 1,
	    ','), SK_ELIMIT);
	sk_columns_free(&columns);
	fields[1].kind = SK_FIELD_PATH;
	assert_int_equal(sk_columns_init(&columns, fields, 2, ','), SK_EUSAGE);
	sk_columns_free(&columns);
	assert_int_equal(sk_columns_init(&columns, NULL, 0, ','), 0);
	sk_columns_free(&columns);
	free(fields);
}

/* As many fields as there may be, in an order that is none, some twice, of a
 * line that has most of them: planned and taken in an instant. */
static void
test_many(void **state)
{
	struct sk_field *fields = malloc(SK_COLUMNS_MAX * sizeof(*fields));
	struct sk_view *value = malloc(SK_COLUMNS_MAX * sizeof(*value));
	struct sk_view **out = malloc(SK_COLUMNS_MAX * sizeof(*out));
	char *space = malloc(6 * SK_COLUMNS_MAX + SK_PAD), text[8];
	struct sk_columns columns;
	struct sk_view line = { space, 0 };
	size_t i, k;

	(void)state;
	for (i = 1; i <= SK_COLUMNS_MAX - 9; i++)
		line.len += (size_t)sprintf(space + line.len, "%s%zu",
		    i > 1 ? "," : "", i);
	for (i = 0; i < SK_COLUMNS_MAX; i++) {
		fields[i] = sk_field_line();
		fields[i].kind = SK_FIELD_COLUMNS;
		fields[i].first = (uint32_t)(i * 7919 % SK_COLUMNS_MAX / 2 * 2
		    + 1);
		fields[i].last = fields[i].first;
		out[i] = &value[i];
	}
	assert_int_equal(sk_columns_init(&columns, fields, SK_COLUMNS_MAX,
	    ','), 0);
	for (k = 0; k < 2; k++) {
		takes[k](&columns, &line, 1, out);
		for (i = 0; i < SK_COLUMNS_MAX; i++) {
			if (fields[i].first > SK_COLUMNS_MAX - 9) {
				assert_null(value[i].ptr);
				continue;
			}
			sprintf(text, "%u", (unsigned)fields[i].first);
			assert_int_equal(value[i].len, strlen(text));
			assert_memory_equal(value[i].ptr, text, value[i].len);
		}
	}
	sk_columns_free(&columns);
	free(space);
	free(out);
	free(value);
	free(fields);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_exhaustive),
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
