/* log/retain: what goes, what stays, and requests to a writer. */
#include "topic.h"

#include "io/sys.h"
#include "log/cursor.h"
#include "log/lock.h"
#include "log/retain.h"

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, topic_end)
#define HOUR_NS INT64_C(3600000000000)

static struct sk_log_policy policy;
static struct sk_log_retained done;

/* Five segments of ten lines and the newest, which is empty. */
static int
begin(void **state)
{
	topic_begin(state);
	topic_fill("web", (const char *const[]){ "segment_bytes", "1", NULL },
	    0, 50, 10);
	sk_log_policy_init(&policy);
	policy.cleanup = SK_CLEANUP_DELETE;
	return 0;
}

static int
retain(bool ignore_jobs, int64_t later_ns)
{
	return sk_log_retain("web", &policy, ignore_jobs,
	    sk_sys_clock_ns() + later_ns, &topic_notify, &done, NULL);
}

static uint64_t
size_of(uint64_t base)
{
	char *path = topic_file("web", base);
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	free(path);
	return (uint64_t)st.st_size;
}

static void
starts_at(uint64_t base)
{
	struct sk_listing listing;

	assert_int_equal(sk_listing_load(&listing, "web", NULL), 0);
	assert_int_equal(listing.bases[0], base);
	assert_int_equal(listing.bases[listing.n_segments - 1], 50);
	assert_int_equal(listing.n_segments, (50 - base) / 10 + 1);
	sk_listing_free(&listing);
	topic_holds("web", base, 50);
}

static void
removes_the_oldest_by_size(void **state)
{
	uint64_t rest = size_of(20) + size_of(30) + size_of(40) + size_of(50);
	uint64_t gone = size_of(0) + size_of(10);

	(void)state;
	policy.retention_bytes = rest + 1;
	assert_int_equal(retain(false, 0), 0);
	assert_int_equal(done.segments, 2);
	assert_int_equal(done.records, 20);
	assert_int_equal(done.nbytes, gone);
	assert_int_equal(done.start, 20);

	policy.retention_bytes = rest;
	assert_int_equal(retain(false, 0), 0);
	assert_int_equal(done.segments, 0);
	assert_int_equal(done.start, 20);
}

/* A reader calls what is gone removed only where the topic allows it. */
static void
allow(void)
{
	struct sk_buf conf = topic_load("web/topic.conf");

	sk_buf_str(&conf, "cleanup=delete\n");
	topic_store("web/topic.conf", conf.ptr, conf.len);
	sk_buf_free(&conf);
}

static void
removes_the_oldest_by_age(void **state)
{
	(void)state;
	allow();
	policy.retention_age_ns = HOUR_NS;
	assert_int_equal(retain(false, HOUR_NS - 60000000000), 0);
	assert_int_equal(done.segments, 0);
	starts_at(0);
	assert_int_equal(retain(false, HOUR_NS + 60000000000), 0);
	assert_int_equal(done.segments, 5);
	starts_at(50);
}

static void
the_newest_stays(void **state)
{
	(void)state;
	allow();
	policy.retention_bytes = 1;
	policy.retention_age_ns = 1;
	assert_int_equal(retain(false, HOUR_NS), 0);
	assert_int_equal(done.segments, 5);
	assert_int_equal(done.start, 50);
	assert_int_equal(retain(false, HOUR_NS), 0);
	assert_int_equal(done.segments, 0);
	starts_at(50);
	topic_fill("web", NULL, 50, 60, 10);
	topic_holds("web", 50, 60);
}

static void
without_cleanup_nothing_goes(void **state)
{
	(void)state;
	policy.cleanup = SK_CLEANUP_NONE;
	policy.retention_bytes = 1;
	policy.retention_age_ns = 1;
	assert_int_equal(retain(true, HOUR_NS), 0);
	assert_int_equal(done.segments, 0);
	starts_at(0);
}

static void
without_a_limit_nothing_goes(void **state)
{
	(void)state;
	assert_int_equal(retain(true, HOUR_NS), 0);
	assert_int_equal(done.segments, 0);
	starts_at(0);
}

static void
register_job(const char *path, uint64_t next)
{
	struct sk_cursor at = { .next = next };

	assert_int_equal(sk_cursor_save(path, &at, "web", NULL), 0);
}

static void
keeps_what_a_job_needs(void **state)
{
	(void)state;
	allow();
	assert_int_equal(mkdir("web/.jobs", 0777), 0);
	register_job("web/.jobs/daily", 25);
	register_job("web/.jobs/hourly", 44);
	policy.retention_bytes = 1;
	assert_int_equal(retain(false, 0), 0);
	assert_int_equal(done.start, 20);
	assert_string_equal(topic_said(), "web/00000000000000000020.zst: "
	    "kept, job daily needs records from 25 on (--ignore-jobs)\n");
	register_job("web/.jobs/daily", 30);
	assert_int_equal(retain(false, 0), 0);
	assert_int_equal(done.start, 30);
	assert_int_equal(retain(true, 0), 0);
	assert_int_equal(done.start, 50);
}

static void
a_job_that_cannot_be_read_keeps_all(void **state)
{
	(void)state;
	assert_int_equal(mkdir("web/.jobs", 0777), 0);
	topic_store("web/.jobs/daily", "next=soon\n", 10);
	policy.retention_bytes = 1;
	assert_int_equal(retain(false, 0), SK_EDATA);
	assert_int_equal(done.segments, 0);
	starts_at(0);
}

static void
a_damaged_segment_stays_and_all_behind_it(void **state)
{
	char *path = topic_file("web", 10);

	(void)state;
	policy.retention_bytes = 1;
	topic_flip(path, size_of(10) - 10, 1);
	assert_int_equal(retain(false, 0), SK_EDATA);
	assert_int_equal(done.segments, 1);
	assert_int_equal(done.start, 10);
	assert_int_equal(access(path, F_OK), 0);
	free(path);
}

static void
torn_tails_go_when_they_are_old(void **state)
{
	static const char torn[] = "web/00000000000000000000.torn-8192";

	(void)state;
	topic_store(torn, "x", 1);
	assert_int_equal(retain(false, policy.torn_keep_ns - HOUR_NS), 0);
	assert_int_equal(access(torn, F_OK), 0);
	policy.cleanup = SK_CLEANUP_NONE;
	assert_int_equal(retain(false, policy.torn_keep_ns + HOUR_NS), 0);
	assert_int_equal(access(torn, F_OK), 0);
	policy.cleanup = SK_CLEANUP_DELETE;
	assert_int_equal(retain(false, policy.torn_keep_ns + HOUR_NS), 0);
	assert_int_equal(done.torn, 1);
	assert_int_equal(access(torn, F_OK), -1);
}

static void
a_request_waits_for_a_writer(void **state)
{
	int lock;

	(void)state;
	assert_false(sk_log_request_pending("web", SK_LOG_REQUEST_TRIM));
	assert_int_equal(sk_log_request_done("web", SK_LOG_REQUEST_TRIM), 0);
	lock = sk_log_lock("web", NULL);
	assert_true(lock >= 0);
	assert_int_equal(sk_log_request_wait("web", SK_LOG_REQUEST_TRIM,
	    50000000), SK_EBUSY);
	assert_true(sk_log_request_pending("web", SK_LOG_REQUEST_TRIM));
	assert_false(sk_log_request_pending("web", SK_LOG_REQUEST_REPACK));
	sk_log_unlock(lock);
	assert_int_equal(sk_log_request_wait("web", SK_LOG_REQUEST_TRIM,
	    50000000), 0);
	assert_int_equal(sk_log_request_done("web", SK_LOG_REQUEST_TRIM), 0);
	assert_false(sk_log_request_pending("web", SK_LOG_REQUEST_TRIM));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(removes_the_oldest_by_size),
		TEST(removes_the_oldest_by_age),
		TEST(the_newest_stays),
		TEST(without_cleanup_nothing_goes),
		TEST(without_a_limit_nothing_goes),
		TEST(keeps_what_a_job_needs),
		TEST(a_job_that_cannot_be_read_keeps_all),
		TEST(a_damaged_segment_stays_and_all_behind_it),
		TEST(torn_tails_go_when_they_are_old),
		TEST(a_request_waits_for_a_writer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
