/*
 * Recovery of any bytes as the only segment of a topic: refused with nothing
 * changed, or cut to a prefix; the second run changes and says nothing; then
 * the reader agrees with what zstd prints.
 */
#include <string.h>

#include "base/err.h"
#include "libfuzz.h"
#include "../unit/libmemfs.h"
#include "../unit/librig.h"

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	fuzz_segment(n, out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sk_buf raw, again;
	struct sk_view file;
	uint64_t before, base;
	int err;

	if (size == 0)
		return 0;
	fuzz_world();
	memfs_put(FUZZ_FILE, data, size);
	err = rig_read_all(&raw, NULL);
	fuzz_check(err == 0 || err == SK_EDATA || err == SK_EVERSION,
	    "the reader has another error");
	before = memfs_digest(FUZZ_DIR);
	rig_hush();
	rig_run_recover(NULL);
	fuzz_check(memfs_open_files() == 0, "a descriptor is left");
	if (rig.err != 0) {
		fuzz_check(rig.err == SK_EDATA || rig.err == SK_EVERSION,
		    "recovery has another error");
		fuzz_check(memfs_digest(FUZZ_DIR) == before,
		    "refused, but changed");
		return 0;
	}
	before = memfs_digest(FUZZ_DIR);
	rig_hush();
	rig_run_recover(NULL);
	fuzz_check(rig.err == 0 && rig.notices == 0, "not quiet at once");
	fuzz_check(memfs_digest(FUZZ_DIR) == before, "not done at once");
	if (!memfs_get(FUZZ_FILE, &file) || file.len == 0)
		return 0;
	if (file.len <= size && memcmp(file.ptr, data, file.len) == 0 &&
	    rig_read_all(&again, NULL) == 0)
		fuzz_check(err != 0 || (again.len <= raw.len &&
		    memcmp(again.ptr, raw.ptr, again.len) == 0),
		    "the reader had given other lines");
	/* A block may have the hash of nonsense: zstd fails, it ends. */
	if (rig_read_all(&again, NULL) == 0 && rig_content(&raw, &base) == NULL)
		fuzz_check(raw.len == again.len &&
		    (raw.len == 0 || memcmp(raw.ptr, again.ptr, raw.len) == 0),
		    "zstd and the reader do not agree");
	return 0;
}
