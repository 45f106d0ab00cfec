/*
 * What torture and fuzzing have found in the log, so that it stays found, and
 * forged frames whose hash is right: made by hand, for no random damage makes
 * them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "libmemfs.h"
#include "librig.h"
#include "log/reader.h"

#define FILE_0 RIG_TOPIC "/00000000000000000000.zst"

static struct sk_buf bytes;

/* A small log, and the bytes of its first segment. */
static void
make(const struct rig_append *how)
{
	struct sk_view file;

	rig_forget();
	memfs_reset(1);
	rig_run_append((void *)(uintptr_t)how);
	assert_int_equal(rig.err, 0);
	memfs_close_all();
	assert_true(memfs_get(FILE_0, &file));
	sk_buf_reset(&bytes);
	sk_buf_view(&bytes, file);
}

/* The n-th frame of ours of a type: where it begins. */
static size_t
frame_at(char type, unsigned n)
{
	size_t pos = 0, len;
	char found;

	for (;;) {
		assert_true(pos < bytes.len);
		len = sk_get32(bytes.ptr + pos + 4) + 8;
		found = bytes.ptr[pos + 12];
		if (found == type && n-- == 0)
			return pos;
		pos += len;
		if (found == 'B')
			pos += sk_get32(bytes.ptr + pos - len + 108);
	}
}

/* Make the hash of the frame right again. */
static void
rehash(size_t pos)
{
	size_t len = sk_get32(bytes.ptr + pos + 4) + 8;

	sk_put64(bytes.ptr + pos + len - 8,
	    sk_hash_disk(bytes.ptr + pos, len - 8));
}

/* Recovery and the reader refuse with this error; nothing is changed. */
static void
refused(int err)
{
	static struct sk_buf raw;
	uint64_t before;

	memfs_put(FILE_0, bytes.ptr, bytes.len);
	before = memfs_digest(RIG_TOPIC);
	rig_hush();
	rig_run_recover(NULL);
	assert_int_equal(rig.err, err);
	assert_true(memfs_digest(RIG_TOPIC) == before);
	assert_int_equal(rig_read_all(&raw, NULL), err);
}

static const struct rig_append unsealed = { .sync = "interval:1s",
	.blocks = 8, .lines = 4, .segment_bytes = "100M", .reopen = 3 };
static const struct rig_append sealed = { .sync = "block", .blocks = 9,
	.lines = 6, .segment_bytes = "1500", .reopen = 2 };

/* It was taken for a torn tail from byte 0 on, and all put aside. */
static void
a_header_that_breaks_a_rule_is_damage(void **state)
{
	(void)state;
	make(&unsealed);
	sk_put64(bytes.ptr + 48, 1 << 24); /* durable_pos of S */
	rehash(0);
	refused(SK_EDATA);
}

/* The data of a newest sealed segment is not hashed; when the seal did not
 * hold either, the first recovery kept damaged blocks and the second did
 * not. */
static void
a_seal_that_breaks_a_rule_is_no_seal(void **state)
{
	char **names, path[64];
	size_t x, b, n;

	(void)state;
	make(&sealed);
	names = memfs_names(RIG_TOPIC, &n);
	while (n-- > 0) {
		snprintf(path, sizeof path, RIG_TOPIC "/%s", names[n]);
		if (strstr(path, ".zst") != NULL && strcmp(path, FILE_0) != 0)
			memfs_delete(path);
	}
	free(names);
	x = frame_at('X', 0);
	b = frame_at('B', 1);
	sk_put64(bytes.ptr + x + 56, 7); /* its clock falls */
	rehash(x);
	bytes.ptr[b + 200] ^= 1; /* inside the data frame */
	refused(SK_EDATA);
}

/* A later version, unknown type, flag and critical TLV are no tears. */
static void
what_is_newer_is_left_alone(void **state)
{
	static const struct {
		size_t at;
		char value;
	} news[] = { { 13, 2 }, { 12, 'Q' }, { 15, 1 } };
	size_t i, e;

	(void)state;
	for (i = 0; i < 3; i++) {
		make(&unsealed);
		e = frame_at('E', 2);
		bytes.ptr[e + news[i].at] = news[i].value;
		rehash(e);
		refused(SK_EVERSION);
	}
}

/*
 * An idle mark gives way to a P of a new writer; what stood behind it is stale
 * then, whatever it claims: not taken, and no proof of damage.
 */
static void
stale_frames_are_a_tear(void **state)
{
	struct rig_append how = { .sync = "block", .blocks = 9, .lines = 4,
		.segment_bytes = "100M", .leave = true };
	struct sk_view file;
	size_t p;

	(void)state;
	make(&how);
	p = frame_at('P', 1);
	assert_int_equal(sk_get16(bytes.ptr + p + 14), 3);
	sk_put16(bytes.ptr + p + 14, 1);
	sk_put64(bytes.ptr + p + 24, UINT64_C(0x1234567812345678));
	rehash(p);
	memfs_put(FILE_0, bytes.ptr, bytes.len);
	rig.acked = 0;
	assert_null(rig_verify(RIG_TWICE | RIG_READ));
	assert_true(memfs_get(FILE_0, &file));
	assert_int_equal(file.len, p + 72);
}

/* Segments in each other's place, and one that is not there. */
static void
segments_are_where_they_belong(void **state)
{
	static struct sk_buf raw, other;
	struct sk_view file;
	char **names, second[64] = "";
	size_t n, i;

	(void)state;
	make(&sealed);
	names = memfs_names(RIG_TOPIC, &n);
	for (i = 0; i < n; i++)
		if (strstr(names[i], ".zst") != NULL &&
		    strstr(FILE_0, names[i]) == NULL && second[0] == '\0')
			snprintf(second, sizeof second, RIG_TOPIC "/%s",
			    names[i]);
	free(names);
	sk_buf_reset(&other);
	assert_true(memfs_get(second, &file));
	sk_buf_view(&other, file);
	memfs_put(FILE_0, other.ptr, other.len);
	memfs_put(second, bytes.ptr, bytes.len);
	assert_int_equal(rig_read_all(&raw, NULL), SK_EDATA);
	assert_int_equal(raw.len, 0);
	assert_non_null(strstr(rig.diag.text, "does not belong here"));
	rig_hush();
	rig_run_recover(NULL);
	assert_int_equal(rig.err, SK_EDATA);
	memfs_put(second, other.ptr, other.len);
	memfs_delete(FILE_0);
	assert_int_equal(rig_read_all(&raw, NULL), SK_EDATA);
	assert_non_null(strstr(rig.diag.text, "missing"));
	memfs_put(FILE_0, bytes.ptr, bytes.len);
	memfs_delete(second);
	assert_int_equal(rig_read_all(&raw, NULL), SK_EDATA);
	assert_non_null(strstr(rig.diag.text, "missing"));
	rig_hush();
	rig_run_recover(NULL);
	assert_int_equal(rig.err, SK_EDATA);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_that_breaks_a_rule_is_damage),
		cmocka_unit_test(a_seal_that_breaks_a_rule_is_no_seal),
		cmocka_unit_test(what_is_newer_is_left_alone),
		cmocka_unit_test(stale_frames_are_a_tear),
		cmocka_unit_test(segments_are_where_they_belong),
	};

	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	fflush(stdout);
	_exit(failed); /* what a killed writer held is no leak */
}
