#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/rng.h"
#include "libfuzz.h"
#include "../unit/libmemfs.h"
#include "../unit/librig.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
    unsigned seed);

void
fuzz_check(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fuzz: %s: %s\n%s", what, rig.diag.text, rig.said);
	abort();
}

/* ---- samples ---- */

static struct sk_buf segments[4], conf;

static void
make_segments(void)
{
	static struct rig_append shapes[4] = {
		{ .sync = "block", .blocks = 4, .lines = 4,
		    .segment_bytes = "100M" },
		{ .sync = "interval:1s", .blocks = 4, .lines = 4,
		    .segment_bytes = "100M", .reopen = 2 },
		{ .sync = "block", .blocks = 6, .lines = 5,
		    .segment_bytes = "1200" },
		{ .sync = "none", .blocks = 9, .lines = 5,
		    .segment_bytes = "1500" }
	};
	struct sk_view file;
	unsigned i;

	for (i = 0; i < 4; i++) {
		rig_forget();
		memfs_reset(1);
		rig_run_append(&shapes[i]);
		memfs_close_all();
		if (i == 3)
			rig_run_repack(NULL);
		fuzz_check(memfs_get(FUZZ_FILE, &file), "no sample");
		sk_buf_view(&segments[i], file);
		if (i == 0)
			segments[i].len -= 72; /* E: as if it was killed */
		fuzz_check(memfs_get(FUZZ_DIR "/topic.conf", &file), "no conf");
		conf.len = 0;
		sk_buf_view(&conf, file);
	}
}

void
fuzz_segment(unsigned n, struct sk_buf *out)
{
	if (segments[0].len == 0)
		make_segments();
	sk_buf_add(out, segments[n % 4].ptr, segments[n % 4].len);
}

void
fuzz_world(void)
{
	if (segments[0].len == 0)
		make_segments();
	rig_forget();
	memfs_reset(1);
	rig_make_folder();
	memfs_put(FUZZ_DIR "/topic.conf", conf.ptr, conf.len);
}

/* ---- the mutator ---- */

/* Set the hash of the frame at p, `left` bytes from the end, and of the data
 * behind a B first. */
static void
repair(uint8_t *p, size_t left)
{
	size_t len = (size_t)sk_get32(p + 4) + 8;
	uint32_t data;

	if (len < 72 || len > left)
		return;
	if (p[12] == 'B' && len >= 128) {
		data = sk_get32(p + 108);
		if (data <= left - len)
			sk_put64(p + 112, sk_hash_disk(p + len, data));
	}
	sk_put64(p + len - 8, sk_hash_disk(p, len - 8));
}

static void
repair_all(uint8_t *data, size_t size)
{
	size_t i;

	for (i = 0; i + 72 <= size; i++)
		if (sk_get32(data + i) == 0x184D2A53 &&
		    memcmp(data + i + 8, "SKLG", 4) == 0)
			repair(data + i, size - i);
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	struct sk_buf sample = { 0 };
	struct sk_rng rng;

	sk_rng_init(&rng, seed);
	if (size < 8 || sk_rng_next(&rng) % 512 == 0) {
		fuzz_sample((unsigned)sk_rng_next(&rng), &sample);
		if (sample.len <= max) {
			size = sample.len;
			memcpy(data, sample.ptr, size);
		}
		sk_buf_free(&sample);
	}
	size = LLVMFuzzerMutate(data, size, max);
	if (sk_rng_next(&rng) % 8 != 0)
		repair_all(data, size);
	return size;
}
