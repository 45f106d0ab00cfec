/* Aggregates: names, plans, and what each of them says, whatever the order of
 * the events and however states are merged, copied, saved and loaded. */
#include "aggs.h"

/* ---- names and plans ---- */

static void
refused(const char *list, const char *want)
{
	struct sk_diag diag = { "" };
	struct sk_aggs aggs;
	int err;

	sk_aggs_init(&aggs);
	err = sk_aggs_parse(&aggs, list, &diag);
	if (err == 0)
		err = sk_aggs_plan(&aggs, &diag);
	assert_int_equal(err, SK_EUSAGE);
	assert_string_equal(diag.text, want);
	sk_aggs_done(&aggs);
}

static void
test_refused(void **unused)
{
	(void)unused;
	refused("", ": no such aggregate");
	refused("sum", "sum: a FIELD is missing");
	refused("sum:", "sum:: a FIELD is missing");
	refused("average:x", "average:x: no such aggregate");
	refused("count,=count", "=count: no name before =");
	refused("sum:0", "sum:0: 0: columns count from 1");
	refused("count,count",
	    "count: two columns have that name (NAME=KIND:FIELD)");
	refused("sum:a.x,min:y,sum:b.x",
	    "sum_x: two columns have that name (NAME=KIND:FIELD)");
	refused("distinct:x,n=count,distinct_x_error=count", "distinct_x_error:"
	    " two columns have that name (NAME=KIND:FIELD)");
	refused("top:x", "top:x: top1 to top1000");
	refused("top0:x", "top0:x: top1 to top1000");
	refused("top5", "top5: a FIELD is missing");
	refused("p:x", "p:x: p0 to p100");
	refused("p101:x", "p101:x: p0 to p100");
	refused("p-1:x", "p-1:x: p0 to p100");
	refused("count5", "count5: no such aggregate");
	refused("argmax:x", "argmax:x: two FIELDs are wanted");
	refused("argmax:x:", "argmax:x:: a FIELD is missing");
	refused("list", "list: a FIELD is missing");
}

static void
test_plan(void **unused)
{
	struct rigged rig;
	const struct sk_aggs *aggs = &rig.aggs;

	(void)unused;
	rigged_init(&rig, "n=count,sum:user.bytes,mean:/user/b:c,total=sum:x,"
	    "first:x");
	assert_true(sk_view_equal(aggs->column[0], sk_view_str("n")));
	assert_true(sk_view_equal(aggs->column[1], sk_view_str("sum_bytes")));
	assert_true(sk_view_equal(aggs->column[2], sk_view_str("mean_b:c")));
	assert_true(sk_view_equal(aggs->column[3], sk_view_str("total")));
	assert_true(sk_view_equal(aggs->column[4], sk_view_str("first_x")));
	assert_null(aggs->column[5].ptr);
	assert_int_equal(aggs->nfields, 3);
	assert_true(aggs->number[0] && aggs->number[1] && aggs->number[2]);
	assert_true(!aggs->any[0] && !aggs->any[1] && aggs->any[2]);
	rigged_done(&rig);
	rigged_init(&rig, "count,sum:bytes,mean:bytes");
	assert_int_equal(rig.aggs.size, 48);
	rigged_done(&rig);
}

/* ---- numbers ---- */

static void
test_sums(void **unused)
{
	(void)unused;
	EXPECT("count,sum:x,mean:x", false,
	    "{\"count\":4,\"sum_x\":6,\"mean_x\":2}", "1", "2", "3", "-");
	EXPECT("sum:x", false, "{\"sum_x\":0.3}", "0.1", "0.2");
	EXPECT("count:x,sum:x,mean:x,min:x,first:x", false, "{\"count_x\":0,"
	    "\"sum_x\":null,\"mean_x\":null,\"min_x\":null,\"first_x\":null}",
	    "", "", "");
	EXPECT("sum:x", false,
	    "{\"sum_x\":170141183460469231731687303715884105727}",
	    "170141183460469231731687303715884105727",
	    "170141183460469231731687303715884105727",
	    "-170141183460469231731687303715884105727");
	EXPECT("sum:x", false, "sum_x: beyond 128 bits",
	    "170141183460469231731687303715884105727", "2", "-1");
	EXPECT("sum:x", false, "{\"sum_x\":1.5}", "1e300", "1.5", "-1e300");
	EXPECT("min:x,max:x", false, "{\"min_x\":-1.250,\"max_x\":1000}",
	    "999.999", "1e3", "-1.250", "-0.5", "1000.0");
}

static void
test_values(void **unused)
{
	(void)unused;
	EXPECT("first:x,last:x,any:x", true,
	    "{\"first_x\":200,\"last_x\":[1,2],\"any_x\":200}",
	    "n", "200", "\"seventeen_letters\"", "true", "[1,2]", "n");
}

static void
test_spread(void **unused)
{
	(void)unused;
	EXPECT("var:x,stddev:x", false,
	    "{\"var_x\":4.571428571428571,\"stddev_x\":2.138089935299395}",
	    "2", "4", "4", "4", "5", "5", "7", "9");
	EXPECT("var:x,stddev:x", false, "{\"var_x\":null,\"stddev_x\":null}",
	    "2", "-", "");
	EXPECT("var:x", false, "{\"var_x\":0}", "0.1", "0.1", "0.1", "0.1");
	EXPECT("var:x", false, "{\"var_x\":1}", "1000000000000001",
	    "1000000000000002", "1000000000000003");
}

static void
test_times(void **unused)
{
	(void)unused;
	EXPECT("delta:x,rate:x,rate", false, "{\"delta_x\":-0.5,"
	    "\"rate_x\":-250000000,\"rate\":0.05}", "1.75", "9", "1.25");
	EXPECT("delta:x,rate:x", false, "{\"delta_x\":0,\"rate_x\":null}",
	    "-", "1.75");
	EXPECT("delta:x,rate:x", false, "{\"delta_x\":null,\"rate_x\":null}",
	    "-");
	EXPECT("list:x", true, "{\"list_x\":[1,\"1\",true,[1,2],1.0]}",
	    "1", "\"1\"", "n", "true", "[1,2]", "1.0");
	EXPECT("list:x", false, "{\"list_x\":null}", "", "");
	EXPECT("argmax:x:y,argmin:x:y", true, "{\"argmax_x_y\":[\"b\",\"d\"],"
	    "\"argmin_x_y\":[7]}", "1 7", "2 \"b\"", "1.5 7", "3 n",
	    "2.0 \"d\"", "n 5");
}

static void
test_frequent(void **unused)
{
	(void)unused;
	EXPECT("distinct:x,top2:x", true, "{\"distinct_x\":4,"
	    "\"distinct_x_error\":0,\"top2_x\":["
	    "{\"item\":200,\"count\":3,\"error\":0},"
	    "{\"item\":\"200\",\"count\":2,\"error\":0}]}",
	    "200", "\"200\"", "200", "n", "200", "\"200\"", "404", "true");
	EXPECT("distinct:x,top2:x", false, "{\"distinct_x\":0,"
	    "\"distinct_x_error\":0,\"top2_x\":null}", "", "");
	EXPECT("top3:x", false, "{\"top3_x\":["
	    "{\"item\":\"-\",\"count\":1,\"error\":0},"
	    "{\"item\":\"a\",\"count\":1,\"error\":0},"
	    "{\"item\":\"seventeen_letters\",\"count\":1,\"error\":0}]}",
	    "seventeen_letters", "-", "a");
}

static void
test_percentiles(void **unused)
{
	(void)unused;
	EXPECT("p0:x,p50:x,p75:x,p99.9:x,p100:x", false, "{\"p0_x\":-1,"
	    "\"p50_x\":2,\"p75_x\":2.5,\"p99.9_x\":30,\"p100_x\":30}",
	    "30", "-1", "2", "2.50");
	EXPECT("p50:x", false, "{\"p50_x\":null}", "-");
}

static void
test_bad(void **unused)
{
	struct rigged rig;
	void *state;

	(void)unused;
	rigged_init(&rig, "sum:x,count:y");
	state = rigged_state(&rig);
	rigged_add(&rig, state, 1, "5 y");
	assert_string_equal(rigged_take(&rig, 1, "5x y"), "not a number");
	assert_string_equal(rigged_take(&rig, 1, "1e400 y"), "not a number");
	assert_string_equal(rigged_put(&rig, state),
	    "{\"sum_x\":5,\"count_y\":1}");
	rigged_release(&rig, state);
	rigged_done(&rig);
	rigged_init(&rig, "distinct:x,count:x,sum:y,list:y");
	rig.typed = true;
	assert_string_equal(rigged_take(&rig, 1, "[1] 2"),
	    "a list or an object where a value is due");
	assert_string_equal(rigged_take(&rig, 1, "1 [2]"), "not a number");
	assert_string_equal(rigged_take(&rig, 1, "1 true"), "not a number");
	assert_null(rigged_take(&rig, 1, "true \"2\""));
	rigged_done(&rig);
}

/* Columns that hold JSON, and values as they came. */
static void
test_columns(void **unused)
{
	struct rigged rig;
	void *state;

	(void)unused;
	rigged_init(&rig, "first:x,list:x,top1:x,argmax:x:x,min:x");
	rig.record.form = SK_RECORD_TSV;
	state = rigged_state(&rig);
	assert_string_equal(rigged_put(&rig, state), "\t\t\t\t");
	rigged_add(&rig, state, 2, "007");
	rigged_add(&rig, state, 1, "7.0");
	assert_string_equal(rigged_put(&rig, state), "7.0\t[\"7.0\",\"007\"]\t"
	    "[{\"item\":\"007\",\"count\":1,\"error\":0}]\t"
	    "[\"7.0\",\"007\"]\t7");
	rigged_release(&rig, state);
	rigged_done(&rig);
}

static const char everything[] = "count,count:x,sum:x,mean:x,min:x,max:x,var:x,"
    "stddev:x,first:x,last:x,any:x,delta:x,rate,rate:x,distinct:x,top3:x,"
    "argmax:x:y,argmin:x:y,p50:x,list:x,hll:x,quantile:x";

static void
test_empty(void **unused)
{
	static const char *const want[] = { "\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t"
	    "\t\t\t\t\t\t", "0\t0\t0\t\t\t\t\t\t\t\t\t\t0\t\t0\t0\t"
	    "\t\t\t\t\t\t" };
	struct rigged rig;
	void *state;
	int zero;

	(void)unused;
	rigged_init(&rig, everything);
	rig.record.form = SK_RECORD_TSV;
	for (zero = 0; zero < 2; zero++) {
		sk_buf_reset(&rig.out);
		sk_record_begin(&rig.record, &rig.out);
		sk_aggs_put_empty(&rig.aggs, zero != 0, &rig.record);
		sk_record_end(&rig.record);
		rig.out.len--;
		assert_string_equal(sk_buf_cstr(&rig.out), want[zero]);
	}
	/* An empty state says what it can. */
	state = rigged_state(&rig);
	rigged_resume(&rig, state);
	assert_string_equal(rigged_put(&rig, state),
	    "0\t0\t\t\t\t\t\t\t\t\t\t\t0\t\t0\t0\t\t\t\t\t\t\t");
	rigged_release(&rig, state);
	rigged_done(&rig);
}

/* What is cut short is none, and leaves an empty state. */
static void
test_cut(void **unused)
{
	struct rigged rig;
	struct sk_buf buf = { 0 };
	struct sk_diag diag;
	struct sk_view bytes;
	char *empty, *copy;
	void *state;
	size_t len;

	(void)unused;
	rigged_init(&rig, everything);
	state = rigged_state(&rig);
	empty = sk_xstrdup(rigged_put(&rig, state));
	rigged_add(&rig, state, 1, "170141183460469231731687303715884105727 a");
	rigged_add(&rig, state, 2, "1e300 seventeen_letters");
	rigged_add(&rig, state, 3, "-1.25 b");
	sk_aggs_save(&rig.aggs, state, &buf);
	rigged_release(&rig, state);
	state = rigged_state(&rig);
	for (len = 0; len < buf.len; len++) {
		copy = sk_xalloc(len + 1, 1);
		memcpy(copy, buf.ptr, len);
		bytes = sk_view(copy, len);
		assert_int_equal(sk_aggs_load(&rig.aggs, state, &bytes, &diag),
		    SK_EDATA);
		assert_int_equal(bytes.len, len);
		assert_string_equal(rigged_put(&rig, state), empty);
		rigged_release(&rig, state);
		state = rigged_state(&rig);
		free(copy);
	}
	free(empty);
	sk_buf_free(&buf);
	rigged_release(&rig, state);
	rigged_done(&rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_frequent),
		cmocka_unit_test(test_percentiles),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
