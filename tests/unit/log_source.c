/* log/source: the TLV of a file, and the table of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "log/frame.h"
#include "log/source.h"

static struct sk_source
source(uint64_t id, const char *name)
{
	struct sk_source s = { id, 2049, 77, 1024, 20779, 99, 10, 20,
	    sk_view_str(name) };

	return s;
}

static void
is_56_bytes_and_a_name(void **state)
{
	struct sk_source in = source(0x0807060504030201, "/a"), out;
	struct sk_buf buf = { 0 };
	struct sk_view rest;
	struct sk_tlv tlv;

	(void)state;
	sk_source_add(&buf, &in);
	assert_int_equal(buf.len, 8 + 64);
	assert_memory_equal(buf.ptr, "\1\0\0\0\72\0\0\0"
	    "\1\2\3\4\5\6\7\10", 16);
	assert_int_equal(sk_get64(buf.ptr + 8 + 40), 10);
	assert_int_equal(sk_get64(buf.ptr + 8 + 48), 20);
	assert_memory_equal(buf.ptr + 8 + 56, "/a\0\0\0\0\0\0", 8);
	rest = sk_view(buf.ptr, buf.len);
	assert_int_equal(sk_tlv_next(&rest, &tlv), 1);
	assert_int_equal(sk_source_decode(tlv.value, &out), 0);
	assert_int_equal(out.id, in.id);
	assert_int_equal(out.last_day, 20779);
	assert_true(sk_view_equal(out.name, in.name));
	tlv.value.len = 55;
	assert_int_equal(sk_source_decode(tlv.value, &out), SK_EDATA);
	sk_buf_free(&buf);
}

static void
a_long_name_is_cut(void **state)
{
	struct sk_source in = source(1, ""), out;
	struct sk_sources table = { 0 };
	struct sk_buf buf = { 0 };
	char name[300];

	(void)state;
	memset(name, 'n', sizeof(name));
	in.name = sk_view(name, sizeof(name));
	sk_source_add(&buf, &in);
	assert_int_equal(sk_source_decode(sk_view(buf.ptr + 8, 56 + 255),
	    &out), 0);
	assert_int_equal(sk_sources_put(&table, &in), 0);
	assert_int_equal(table.item[0].name.len, 255);
	assert_int_equal(sk_sources_put(&table, &in), 0);
	sk_sources_free(&table);
	sk_buf_free(&buf);
}

static void
the_table_knows_each_id_once(void **state)
{
	struct sk_sources table = { 0 }, copy = { 0 };
	struct sk_source in;
	struct sk_buf buf = { 0 };
	uint64_t i;

	(void)state;
	for (i = 0; i < 100; i++) {
		in = source(i * 7919 % 100, "first");
		assert_int_equal(sk_sources_put(&table, &in), 0);
	}
	in = source(50, "renamed");
	in.end_pos = 1000;
	in.last_day = 5;
	assert_int_equal(sk_sources_put(&table, &in), 0);
	assert_int_equal(table.n, 100);
	for (i = 0; i < 100; i++)
		assert_int_equal(table.item[i].id, i);
	assert_int_equal(sk_sources_find(&table, 50)->end_pos, 1000);
	assert_int_equal(sk_sources_find(&table, 50)->start_pos, 1000);
	assert_null(sk_sources_find(&table, 100));

	sk_sources_add(&table, &buf);
	assert_int_equal(sk_sources_take(&copy,
	    sk_view(buf.ptr, buf.len)), 0);
	assert_int_equal(copy.n, 100);
	assert_true(sk_view_equal(sk_sources_find(&copy, 50)->name,
	    sk_view_str("renamed")));
	sk_sources_drop(&copy, 6);
	assert_int_equal(copy.n, 99);
	assert_null(sk_sources_find(&copy, 50));
	sk_sources_remove(&copy, sk_sources_find(&copy, 0));
	assert_int_equal(copy.n, 98);
	assert_int_equal(copy.item[0].id, 1);
	sk_sources_free(&table);
	sk_sources_free(&copy);
	sk_buf_free(&buf);
}

static void
the_table_has_an_end(void **state)
{
	struct sk_sources table = { 0 };
	struct sk_source in = source(0, "");

	(void)state;
	for (in.id = 0; in.id < SK_SOURCES_MAX; in.id++)
		assert_int_equal(sk_sources_put(&table, &in), 0);
	assert_int_equal(sk_sources_put(&table, &in), SK_ELIMIT);
	in.id = 3;
	assert_int_equal(sk_sources_put(&table, &in), 0);
	sk_sources_free(&table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_56_bytes_and_a_name),
		cmocka_unit_test(a_long_name_is_cut),
		cmocka_unit_test(the_table_knows_each_id_once),
		cmocka_unit_test(the_table_has_an_end),
	};

	return cmocka_run_group_tests_name("log/source", tests, NULL, NULL);
}
