/* topic.conf of any bytes. */
#include "base/err.h"
#include "libfuzz.h"
#include "../unit/libmemfs.h"
#include "../unit/librig.h"
#include "log/conf.h"

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	struct sk_view file;

	fuzz_world();
	memfs_get(FUZZ_DIR "/topic.conf", &file);
	sk_buf_view(out, file);
	if (n % 2)
		sk_buf_str(out, "# sync\nsync=interval:250ms\n"
		    "batch_bytes=64K\nlinger=1s\nlevel=3\n"
		    "segment_bytes=1G\nretention_age=7d\nmax_line=1M\n");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sk_log_conf conf;
	struct sk_buf text = { 0 };
	int err, key;

	fuzz_world();
	memfs_put(FUZZ_DIR "/topic.conf", data, size);
	err = sk_log_conf_load(&conf, FUZZ_DIR, &rig.diag);
	fuzz_check(err == 0 || err == SK_EDATA || err == SK_EVERSION,
	    "another error");
	fuzz_check(memfs_open_files() == 0, "a descriptor is left");
	if (err != 0)
		return 0;
	fuzz_check(conf.partitions == 1, "partitions");
	fuzz_check(conf.policy.batch_bytes >= 1 &&
	    conf.policy.max_line_bytes >= 1 && conf.policy.level >= 1 &&
	    conf.policy.level <= 19, "a value out of range");
	for (key = 0; key < SK_KEY_N; key++)
		sk_log_policy_put(&conf.policy, (enum sk_log_key)key, &text);
	sk_buf_free(&text);
	return 0;
}
