/* The index and the seek table at the end of a file. */
#include <fcntl.h>

#include "base/err.h"
#include "io/sys.h"
#include "libfuzz.h"
#include "../unit/libmemfs.h"
#include "log/index.h"

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	fuzz_segment(n % 2 + 2, out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sk_index index = { 0 };
	struct sk_index_entry entry;
	struct sk_frame x;
	uint32_t i;
	int fd, rc;

	memfs_reset(1);
	memfs_put("file", data, size);
	fd = sk_sys_open("file", O_RDONLY, 0);
	rc = sk_index_load(&index, fd, size, &x);
	fuzz_check(rc == 1 || rc == 0 || rc == SK_EDATA || rc == SK_EVERSION,
	    "another error");
	for (i = 0; rc == 1 && i < index.n; i++) {
		entry = sk_index_at(&index, i);
		fuzz_check(entry.pos + entry.len + entry.comp_len <= size,
		    "a block outside of the file");
		fuzz_check(sk_index_by_offset(&index, entry.offset) >= i,
		    "an offset is not found");
		sk_index_by_clock(&index, entry.clock_ns);
		sk_index_by_event(&index, i, entry.event_max_ns);
	}
	sk_index_free(&index);
	sk_sys_close(fd);
	return 0;
}
