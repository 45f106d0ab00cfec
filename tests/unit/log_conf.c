/* log/conf: topic.conf is read, refused and made; values go both ways. */
#include "topic.h"

#include <errno.h>

#define UUID "000102030405060708090a0b0c0d0eff"

static int
load(const char *text, struct sk_log_conf *conf, struct sk_diag *diag)
{
	topic_store("topic.conf", text, strlen(text));
	return sk_log_conf_load(conf, topic_dir, diag);
}

static void
is_read(void **state)
{
	struct sk_log_conf conf;
	struct sk_diag diag;

	(void)state;
	assert_int_equal(load("# made by hand\n\nformat=1\nuuid=" UUID
	    "\npartitions=1\nhash=xxh64-mod\nunknown=x\nsync=block\n"
	    "segment_bytes=1M\nlinger=0s\ncleanup=delete", &conf, &diag), 0);
	assert_int_equal(conf.uuid[1], 1);
	assert_int_equal(conf.uuid[15], 255);
	assert_int_equal(conf.policy.sync, SK_SYNC_BLOCK);
	assert_int_equal(conf.policy.segment_bytes, 1048576);
	assert_int_equal(conf.policy.linger_ns, 0);
	assert_int_equal(conf.policy.cleanup, SK_CLEANUP_DELETE);
	assert_int_equal(conf.policy.batch_bytes, 262144);
	assert_int_equal(conf.policy.given, 1u << SK_KEY_SYNC |
	    1u << SK_KEY_SEGMENT_BYTES | 1u << SK_KEY_LINGER |
	    1u << SK_KEY_CLEANUP);
	assert_true(sk_log_conf_there(topic_dir));
}

static void
is_refused(void **state)
{
	struct sk_log_conf conf;
	struct sk_diag diag;

	(void)state;
	assert_int_equal(load("format=2\nuuid=" UUID "\n", &conf, &diag),
	    SK_EVERSION);
	assert_int_equal(load("format=1\nuuid=" UUID "\npartitions=2\n",
	    &conf, &diag), SK_EVERSION);
	assert_int_equal(load("format=1\nuuid=" UUID "\nhash=crc\n", &conf,
	    &diag), SK_EVERSION);
	assert_int_equal(load("format=1\nuuid=" UUID "\ncleanup=compact\n",
	    &conf, &diag), SK_EVERSION);
	assert_int_equal(load("uuid=" UUID "\n", &conf, &diag), SK_EDATA);
	assert_int_equal(load("format=1\n", &conf, &diag), SK_EDATA);
	assert_int_equal(load("format=1\nuuid=12\n", &conf, &diag),
	    SK_EDATA);
	assert_int_equal(load("format=1\nuuid=" UUID "\nwhat\n", &conf,
	    &diag), SK_EDATA);
	assert_int_equal(load("format=1\nuuid=" UUID "\nlinger=5\n", &conf,
	    &diag), SK_EDATA);
	assert_non_null(strstr(diag.text, "topic.conf:3: linger=5: "));
	assert_int_equal(load("", &conf, &diag), SK_EDATA);
}

static void
is_missing(void **state)
{
	struct sk_log_conf conf;
	struct sk_diag diag;

	(void)state;
	assert_int_equal(unlink("topic.conf"), 0);
	assert_false(sk_log_conf_there(topic_dir));
	assert_int_equal(sk_log_conf_load(&conf, topic_dir, &diag), SK_ESYS);
	assert_int_equal(errno, ENOENT);
	topic_store("00000000000000000000.zst", "", 0);
	assert_int_equal(sk_log_conf_load(&conf, topic_dir, &diag), SK_EDATA);
	assert_int_equal(unlink("00000000000000000000.zst"), 0);
	assert_int_equal(sk_log_conf_load(&conf, "/nowhere/at/all", &diag),
	    SK_ESYS);
	assert_int_equal(errno, ENOENT);
}

static void
is_made_with_what_was_given(void **state)
{
	struct sk_log_policy policy;
	struct sk_log_conf made, conf;
	struct sk_buf text = { 0 };
	char want[256], uuid[33];
	struct sk_diag diag;

	(void)state;
	sk_log_policy_init(&policy);
	assert_int_equal(sk_log_policy_set(&policy, "segment-bytes", "64K",
	    NULL, 0), 0);
	assert_int_equal(sk_log_policy_set(&policy, "sync", "interval:1500ms",
	    NULL, 0), 0);
	assert_int_equal(sk_log_conf_create(&made, topic_dir, &policy, &diag),
	    0);
	assert_int_equal(sk_file_load("topic.conf", 1000, &text), 0);
	sk_log_uuid_text(made.uuid, uuid);
	snprintf(want, sizeof(want), "format=1\nuuid=%s\npartitions=1\n"
	    "hash=xxh64-mod\nsync=interval:1500ms\nsegment_bytes=65536\n"
	    "cleanup=none\n", uuid);
	assert_string_equal(sk_buf_cstr(&text), want);
	assert_int_equal(sk_log_conf_load(&conf, topic_dir, &diag), 0);
	assert_memory_equal(conf.uuid, made.uuid, SK_UUID_LEN);
	assert_int_equal(conf.policy.sync_ns, 1500000000);
	assert_false(topic_has(".new-topic.conf"));
	sk_buf_free(&text);
	assert_int_equal(unlink("topic.conf"), 0);
}

static void
values_go_both_ways(void **state)
{
	static const char *const values[][2] = {
		{ "sync", "none" }, { "sync", "block" },
		{ "sync", "interval:1h" }, { "batch_bytes", "1" },
		{ "linger", "1500us" }, { "level", "19" },
		{ "segment_bytes", "4294967296" }, { "segment_age", "90m" },
		{ "cleanup", "delete" }, { "retention_bytes", "0" },
		{ "retention_age", "7d" }, { "max_line", "67108863" },
		{ "source_age", "0s" }, { "torn_keep", "1ns" },
	};
	struct sk_log_policy a, b;
	struct sk_buf text = { 0 };
	int key;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		sk_log_policy_init(&a);
		sk_log_policy_init(&b);
		assert_int_equal(sk_log_policy_set(&a, values[i][0],
		    values[i][1], NULL, 0), 0);
		for (key = 0; a.given != 1u << key; key++)
			assert_true(key < SK_KEY_N);
		assert_string_equal(sk_log_key_name((enum sk_log_key)key),
		    values[i][0]);
		sk_log_policy_over(&b, &a);
		assert_int_equal(b.given, a.given);
		sk_buf_reset(&text);
		sk_log_policy_put(&b, (enum sk_log_key)key, &text);
		assert_string_equal(sk_buf_cstr(&text), values[i][1]);
	}
	sk_buf_free(&text);
}

static void
values_out_of_range_change_nothing(void **state)
{
	static const char *const values[][2] = {
		{ "sync", "interval:0s" }, { "sync", "often" },
		{ "batch-bytes", "0" }, { "batch-bytes", "65M" },
		{ "linger", "5" }, { "level", "0" }, { "level", "20" },
		{ "segment-bytes", "5G" }, { "cleanup", "all" },
		{ "max-line", "64M" }, { "nothing", "1" }, { "level", "" },
	};
	struct sk_log_policy policy, untouched;
	char why[64] = "";
	size_t i;

	(void)state;
	sk_log_policy_init(&policy);
	untouched = policy;
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		why[0] = '\0';
		assert_int_equal(sk_log_policy_set(&policy, values[i][0],
		    values[i][1], why, sizeof(why)), SK_EUSAGE);
		assert_true(why[0] != '\0');
		assert_memory_equal(&policy, &untouched, sizeof(policy));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_read),
		cmocka_unit_test(is_refused),
		cmocka_unit_test(is_missing),
		cmocka_unit_test(is_made_with_what_was_given),
		cmocka_unit_test(values_go_both_ways),
		cmocka_unit_test(values_out_of_range_change_nothing),
	};

	return cmocka_run_group_tests_name("log/conf", tests, topic_begin,
	    topic_end_empty);
}
