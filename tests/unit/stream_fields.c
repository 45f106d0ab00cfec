/* stream/fields: which format is read, which FIELDs it takes, and that the
 * same values come out of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stream/fields.h"

#define FIELDS 8
#define RECORDS 8

/* Fields of a few records, as a runner takes them. */
struct rig {
	struct sk_shared shared;
	struct sk_field field[FIELDS];
	size_t n;
	struct sk_fields fields;
	struct sk_diag diag;
	int err;
	char text[4096]; /* the records, padded */
	struct sk_view record[RECORDS];
	struct sk_view value[FIELDS][RECORDS];
	unsigned char kind[FIELDS][RECORDS];
	const char *why[RECORDS];
	size_t nbad;
};

static void
begin(struct rig *rig, int format, const char *list)
{
	memset(rig, 0, sizeof(*rig));
	sk_shared_init(&rig->shared, 0);
	rig->shared.format = format;
	if (list == NULL)
		rig->field[rig->n++] = sk_field_line();
	else
		assert_int_equal(sk_field_parse_list(sk_view_str(list),
		    rig->field, FIELDS, &rig->n, &rig->diag), 0);
}

static void
init(struct rig *rig)
{
	rig->err = sk_fields_init(&rig->fields, &rig->shared, rig->field,
	    rig->n, &rig->diag);
}

/* The records stand in `lines`, each ended by a newline; a header line comes
 * first where one is due. */
static void
take(struct rig *rig, const char *lines)
{
	struct sk_view *value[FIELDS];
	unsigned char *kind[FIELDS];
	const struct sk_values out = { value, kind, rig->why };
	const char *at = rig->text, *end;
	size_t n = 0, f;

	assert_true(strlen(lines) + SK_PAD < sizeof(rig->text));
	strcpy(rig->text, lines);
	for (; (end = strchr(at, '\n')) != NULL; at = end + 1)
		rig->record[n++] = sk_view(at, (size_t)(end - at));
	at = NULL;
	if (rig->fields.has_header) {
		rig->err = sk_fields_header(&rig->fields, rig->record[0],
		    &rig->diag);
		memmove(rig->record, rig->record + 1, --n *
		    sizeof(rig->record[0]));
	}
	for (f = 0; f < rig->n; f++) {
		value[f] = rig->value[f];
		kind[f] = rig->kind[f];
	}
	if (rig->err == 0)
		rig->nbad = sk_fields_take(&rig->fields, rig->record, n,
		    &out);
}

static void
is(const struct rig *rig, size_t f, size_t i, const char *want)
{
	struct sk_view got = rig->value[f][i];

	assert_int_equal(rig->err, 0);
	assert_null(rig->why[i]);
	if (want == NULL) {
		assert_int_equal(got.len, 0);
		return;
	}
	assert_int_equal(got.len, strlen(want));
	assert_memory_equal(got.ptr, want, got.len);
}

static void
refused(int format, int header, const char *list, const char *why)
{
	struct rig rig;

	begin(&rig, format, list);
	rig.shared.header = header;
	init(&rig);
	assert_int_equal(rig.err, SK_EUSAGE);
	assert_string_equal(rig.diag.text, why);
	sk_fields_free(&rig.fields);
}

static void
picks(int format, const char *list, enum sk_format want)
{
	struct rig rig;

	begin(&rig, format, list);
	init(&rig);
	assert_int_equal(rig.err, 0);
	assert_int_equal(rig.fields.format, want);
	sk_fields_free(&rig.fields);
}

static void
the_kind_of_field_picks_the_format(void **state)
{
	(void)state;
	picks(SK_FORMAT_DEFAULT, NULL, SK_FORMAT_RAW);
	picks(SK_FORMAT_DEFAULT, "1,2-4", SK_FORMAT_RAW);
	picks(SK_FORMAT_DEFAULT, "user.id,/a", SK_FORMAT_NDJSON);
	picks(SK_FORMAT_NDJSON, NULL, SK_FORMAT_NDJSON);
	picks(SK_FORMAT_RAW, "3", SK_FORMAT_RAW);
	picks(SK_FORMAT_CSV, "3,name", SK_FORMAT_CSV);
	picks(SK_FORMAT_TSV, NULL, SK_FORMAT_TSV);
	picks(SK_FORMAT_LOGFMT, "name,/1", SK_FORMAT_LOGFMT);
}

static void
refuses_what_a_format_has_not(void **state)
{
	(void)state;
	refused(SK_FORMAT_DEFAULT, -1, "1,user",
	    "user: columns and paths do not go together");
	refused(SK_FORMAT_RAW, -1, "user", "-F raw takes columns (3, 2-4, 5-)");
	refused(SK_FORMAT_NDJSON, -1, "3",
	    "-F ndjson takes paths (user.id; a key of digits is /3)");
	refused(SK_FORMAT_CSV, -1, "2-3",
	    "2-3: a range; -F csv takes single columns");
	refused(SK_FORMAT_TSV, -1, "2-",
	    "2-: a range; -F tsv takes single columns");
	refused(SK_FORMAT_CSV, 0, "1,user",
	    "user: not a number, and there is no header line");
	refused(SK_FORMAT_LOGFMT, -1, "a,3", "3: not a key of logfmt");
}

/* The same values out of every format. */
static void
all_formats_give_the_same(void **state)
{
	static const struct {
		int format;
		const char *list, *lines;
	} cases[] = {
		{ SK_FORMAT_DEFAULT, "2,1", "1 a\n22 b\n" },
		{ SK_FORMAT_DEFAULT, "u.name,u.id",
		    "{\"u\":{\"id\":1,\"name\":\"a\"}}\n"
		    "{\"u\":{\"name\":\"b\",\"id\":22}}\n" },
		{ SK_FORMAT_CSV, "name,id", "id,name\n1,a\n22,b\n" },
		{ SK_FORMAT_CSV, "2,id", "id,name\r\n1,a\r\n22,\"b\"\r\n" },
		{ SK_FORMAT_TSV, "name,id", "id\tname\n1\ta\n22\tb\r\n" },
		{ SK_FORMAT_TSV, "2,1", "id\tname\r\n1\ta\r\n22\tb\n" },
		{ SK_FORMAT_LOGFMT, "name,id",
		    "id=1 name=a\nname=\"b\" id=22\r\n" },
	};
	struct rig rig;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin(&rig, cases[i].format, cases[i].list);
		init(&rig);
		assert_int_equal(rig.err, 0);
		assert_false(rig.fields.plain);
		take(&rig, cases[i].lines);
		assert_int_equal(rig.nbad, 0);
		is(&rig, 0, 0, "a");
		is(&rig, 1, 0, "1");
		is(&rig, 0, 1, "b");
		is(&rig, 1, 1, "22");
		sk_fields_free(&rig.fields);
	}
}

/* A whole line beside fields is the record as it came. */
static void
whole_lines_go_with_any(void **state)
{
	static const struct {
		int format;
		const char *field, *lines, *want;
	} cases[] = {
		{ SK_FORMAT_RAW, "2", "1 a \n", "1 a " },
		{ SK_FORMAT_DEFAULT, "b", " {\"b\":\"a\"}\r\n",
		    " {\"b\":\"a\"}\r" },
		{ SK_FORMAT_CSV, "b", "a,b\n\"1\",a\n", "\"1\",a" },
		{ SK_FORMAT_TSV, "b", "a\tb\n\\\\\ta\n", "\\\\\ta" },
		{ SK_FORMAT_LOGFMT, "b", "b=a \n", "b=a " },
	};
	struct rig rig;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin(&rig, cases[i].format, NULL);
		assert_int_equal(sk_field_parse_list(sk_view_str(
		    cases[i].field), rig.field, FIELDS, &rig.n, &rig.diag), 0);
		init(&rig);
		take(&rig, cases[i].lines);
		is(&rig, 0, 0, cases[i].want);
		is(&rig, 1, 0, "a");
		sk_fields_free(&rig.fields);
	}
}

static void
plain_lines_need_no_fields(void **state)
{
	struct rig rig;

	(void)state;
	begin(&rig, SK_FORMAT_CSV, NULL);
	init(&rig);
	assert_int_equal(rig.err, 0);
	assert_true(rig.fields.plain);
	assert_true(rig.fields.has_header);
	sk_fields_free(&rig.fields);
}

/* Each input has a header line of its own. */
static void
columns_are_found_in_each_header(void **state)
{
	static const int formats[] = { SK_FORMAT_CSV, SK_FORMAT_TSV };
	static const char *const first[] = { "a,b,c\n1,2,3\n4\n",
		"a\tb\tc\n1\t2\t3\n4\n" };
	static const char *const second[] = { "c,x,b\n1,2,3\n",
		"c\tx\tb\n1\t2\t3\n" };
	struct rig rig;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		begin(&rig, formats[i], "c,b");
		init(&rig);
		take(&rig, first[i]);
		is(&rig, 0, 0, "3");
		is(&rig, 1, 0, "2");
		is(&rig, 0, 1, NULL); /* a short record */
		is(&rig, 1, 1, NULL);
		take(&rig, second[i]);
		is(&rig, 0, 0, "1");
		is(&rig, 1, 0, "3");
		sk_fields_free(&rig.fields);
	}
}

static void
a_header_that_lacks_the_column(void **state)
{
	struct rig rig;
	char cells[1024] = "";
	size_t i;

	(void)state;
	begin(&rig, SK_FORMAT_CSV, "user");
	init(&rig);
	take(&rig, "id,na\tme\n1,2\n");
	assert_int_equal(rig.err, SK_EDATA);
	assert_string_equal(rig.diag.text,
	    "no column user; there are id, na\tme");
	take(&rig, "id\n1\n");
	assert_string_equal(rig.diag.text, "no column user; there is id");
	for (i = 0; i < 100; i++)
		strcat(cells, "column,");
	strcat(cells, "user2\n1\n");
	take(&rig, cells);
	assert_int_equal(rig.err, SK_EDATA);
	assert_true(strlen(rig.diag.text) < 300);
	assert_non_null(strstr(rig.diag.text, ", ..."));
	rig.err = 0;
	take(&rig, "\"id\"x,user\n1,2\n");
	assert_int_equal(rig.err, SK_EDATA);
	assert_string_equal(rig.diag.text, "text behind a closing quote");
	sk_fields_free(&rig.fields);
}

/* Names that look like something else: digits, a slash, dots, quotes. */
static void
odd_names(void **state)
{
	struct rig rig;

	(void)state;
	begin(&rig, SK_FORMAT_CSV, "/7,/a,x.y,q=a b");
	init(&rig);
	take(&rig, "7,/a,x.y,\"a b\",7,a b\n1,2,3,4,5,6\n");
	is(&rig, 0, 0, "1");
	is(&rig, 1, 0, "2");
	is(&rig, 2, 0, "3");
	is(&rig, 3, 0, "4");
	sk_fields_free(&rig.fields);

	begin(&rig, SK_FORMAT_TSV, "a\\b");
	init(&rig);
	take(&rig, "x\ta\\\\b\n1\t2\n");
	is(&rig, 0, 0, "2");
	sk_fields_free(&rig.fields);

	begin(&rig, SK_FORMAT_LOGFMT, "/7,x.y");
	init(&rig);
	take(&rig, "7=1 x.y=2\n");
	is(&rig, 0, 0, "1");
	is(&rig, 1, 0, "2");
	sk_fields_free(&rig.fields);
}

static void
named(const char *text, int format, const char *want)
{
	struct sk_field field;
	struct sk_diag diag;

	assert_int_equal(sk_field_parse(sk_view_str(text), &field, &diag), 0);
	sk_fields_name(&field, format);
	assert_int_equal(field.name.len, strlen(want));
	assert_memory_equal(field.name.ptr, want, field.name.len);
}

static void
names_in_the_output(void **state)
{
	(void)state;
	named("user.id", SK_FORMAT_DEFAULT, "id");
	named("user.id", SK_FORMAT_NDJSON, "id");
	named("user.id", SK_FORMAT_CSV, "user.id");
	named("user.id", SK_FORMAT_LOGFMT, "user.id");
	named("who=user.id", SK_FORMAT_TSV, "who");
	named("/7", SK_FORMAT_CSV, "7");
	named("3", SK_FORMAT_CSV, "3");
}

/* TSV: unescaped where it holds a backslash, in memory that does not move. */
static void
tsv_is_unescaped(void **state)
{
	struct rig rig;

	(void)state;
	begin(&rig, SK_FORMAT_TSV, "2,1");
	rig.shared.header = 0;
	init(&rig);
	take(&rig, "a\\tb\t\\\\\nplain\tc\\nd\\r\\x\n\\\t\\\r\n");
	is(&rig, 0, 0, "\\");
	is(&rig, 1, 0, "a\tb");
	is(&rig, 0, 1, "c\nd\r\\x");
	is(&rig, 1, 1, "plain");
	is(&rig, 0, 2, "\\");
	is(&rig, 1, 2, "\\");
	sk_fields_free(&rig.fields);
}

static void
cr_belongs_to_raw_lines_alone(void **state)
{
	struct rig rig;

	(void)state;
	begin(&rig, SK_FORMAT_RAW, "2");
	init(&rig);
	take(&rig, "1 a\r\n");
	is(&rig, 0, 0, "a\r");
	sk_fields_free(&rig.fields);

	begin(&rig, SK_FORMAT_TSV, "1,2");
	rig.shared.header = 0;
	init(&rig);
	take(&rig, "1\r\t2\r\n3\r\n");
	is(&rig, 0, 0, "1\r");
	is(&rig, 1, 0, "2");
	is(&rig, 0, 1, "3");
	sk_fields_free(&rig.fields);
}

static void
kinds_out_of_json(void **state)
{
	struct rig rig;
	size_t i;

	(void)state;
	begin(&rig, SK_FORMAT_DEFAULT, "a");
	init(&rig);
	take(&rig, "{\"a\":\"1\"}\n{\"a\":1e400}\n{\"a\":true}\n"
	    "{\"a\":[1, 2]}\n{\"a\":null}\n{}\n{\"a\":\"\"}\n[1]\n");
	is(&rig, 0, 0, "1");
	is(&rig, 0, 1, "1e400");
	is(&rig, 0, 2, "true");
	is(&rig, 0, 3, "[1, 2]");
	is(&rig, 0, 4, NULL);
	is(&rig, 0, 5, NULL);
	is(&rig, 0, 6, NULL);
	assert_non_null(rig.why[7]);
	assert_int_equal(rig.nbad, 1);
	for (i = 0; i < 7; i++) {
		static const unsigned char want[] = { SK_KIND_TEXT,
			SK_KIND_NUMBER, SK_KIND_BOOL, SK_KIND_JSON,
			SK_KIND_NONE, SK_KIND_NONE, SK_KIND_TEXT };

		assert_int_equal(rig.kind[0][i], want[i]);
	}
	sk_fields_free(&rig.fields);
}

static void
hinted(const char *list, const char *line, const char *want)
{
	struct rig rig;

	begin(&rig, SK_FORMAT_DEFAULT, list);
	init(&rig);
	assert_string_equal(sk_fields_hint(&rig.fields, sk_view_str(line)),
	    want);
	sk_fields_free(&rig.fields);
}

static void
says_what_a_line_looks_like(void **state)
{
	(void)state;
	hinted("a", "id,name", "; -F csv?");
	hinted("a", "id\tname, first", "; -F tsv?");
	hinted("a", "level=info", "; -F logfmt?");
	hinted("a", "plain words", "");
	hinted("a", "{\"a\":1,", "");
	hinted("1", "id,name", "");
}

static void
commas_that_csv_cannot_have(void **state)
{
	static const char bad[] = "\"\r\n";
	struct rig rig;
	size_t i;

	(void)state;
	for (i = 0; bad[i] != '\0'; i++) {
		begin(&rig, SK_FORMAT_CSV, "1");
		rig.shared.delimiter = bad[i];
		init(&rig);
		assert_int_equal(rig.err, SK_EUSAGE);
		assert_string_equal(rig.diag.text, "-d: a quote, a CR and a "
		    "newline separate no columns of CSV");
		sk_fields_free(&rig.fields);
	}
	begin(&rig, SK_FORMAT_CSV, "2");
	rig.shared.delimiter = ';';
	init(&rig);
	take(&rig, "a;b\n1,0;2\n");
	is(&rig, 0, 0, "2");
	sk_fields_free(&rig.fields);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kind_of_field_picks_the_format),
		cmocka_unit_test(refuses_what_a_format_has_not),
		cmocka_unit_test(all_formats_give_the_same),
		cmocka_unit_test(whole_lines_go_with_any),
		cmocka_unit_test(plain_lines_need_no_fields),
		cmocka_unit_test(columns_are_found_in_each_header),
		cmocka_unit_test(a_header_that_lacks_the_column),
		cmocka_unit_test(odd_names),
		cmocka_unit_test(names_in_the_output),
		cmocka_unit_test(tsv_is_unescaped),
		cmocka_unit_test(cr_belongs_to_raw_lines_alone),
		cmocka_unit_test(kinds_out_of_json),
		cmocka_unit_test(says_what_a_line_looks_like),
		cmocka_unit_test(commas_that_csv_cannot_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
