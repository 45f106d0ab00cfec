/* The walk over a whole segment: it ends, forwards only, with what it says
 * inside the file, and the same with data frames unpacked or not. */
#include <fcntl.h>
#include <string.h>

#include "base/err.h"
#include "io/sys.h"
#include "libfuzz.h"
#include "../unit/libmemfs.h"
#include "log/walk.h"

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	fuzz_segment(n, out);
}

static uint64_t
walk_all(int fd, unsigned flags, uint64_t size)
{
	struct sk_walk walk;
	struct sk_index index = { 0 };
	struct sk_beyond beyond;
	struct sk_view data;
	uint64_t pos = 0;
	int err;

	if (sk_walk_open(&walk, fd, flags, &index) != 0)
		return 0;
	while ((err = sk_walk_next(&walk)) > 0) {
		fuzz_check(walk.frame_pos >= pos && walk.pos <= size,
		    "not forwards");
		fuzz_check(walk.chain.durable_pos <= walk.pos, "durable_pos");
		pos = walk.pos;
		if (walk.frame.type == 'B' && sk_walk_data(&walk, &data) == 0)
			fuzz_check(data.len == walk.frame.u.b.comp_len,
			    "the length of data");
	}
	fuzz_check(err == 0 || err == SK_EVERSION, "another error");
	fuzz_check(err != 0 || walk.stop != SK_WALK_END || walk.pos == size,
	    "the end is not the end");
	if (err == 0)
		fuzz_check(sk_walk_beyond(&walk, &beyond) == 0, "beyond");
	pos = walk.pos;
	sk_index_free(&index);
	sk_walk_close(&walk);
	return pos;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t shallow, hashed, deep;
	int fd;

	memfs_reset(1);
	memfs_put("file", data, size);
	fd = sk_sys_open("file", O_RDONLY, 0);
	shallow = walk_all(fd, 0, size);
	hashed = walk_all(fd, SK_WALK_DATA, size);
	deep = walk_all(fd, SK_WALK_DATA | SK_WALK_DEEP, size);
	fuzz_check(deep <= hashed && hashed <= shallow,
	    "more is valid when more is checked");
	sk_sys_close(fd);
	return 0;
}
