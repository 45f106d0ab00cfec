/* A cursor file of any bytes: what loads saves and loads the same. */
#include <string.h>

#include "base/err.h"
#include "libfuzz.h"
#include "../unit/libmemfs.h"
#include "../unit/librig.h"
#include "log/cursor.h"

void
fuzz_sample(unsigned n, struct sk_buf *out)
{
	sk_buf_fmt(out, "# by hand\ntopic=web\n"
	    "uuid=5f0c4e3a9b7d41d2a6c8e1f09b3d7a54\npartition=0\nnext=%u\n", n);
	if (n % 2)
		sk_buf_fmt(out, "record=%u\nincarnation=8d21f00c6a5be913\n", n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sk_cursor cursor, again;
	int rc;

	memfs_reset(1);
	memfs_put("c", data, size);
	memset(&cursor, 0, sizeof cursor);
	memset(&again, 0, sizeof again);
	rc = sk_cursor_load("c", &cursor, &rig.diag);
	fuzz_check(rc == 1 || rc == SK_EDATA || rc == SK_EVERSION ||
	    rc == SK_ESYS, "another error");
	if (rc != 1)
		return 0;
	fuzz_check(sk_cursor_save("c", &cursor, "web", &rig.diag) == 0,
	    "cannot save");
	fuzz_check(sk_cursor_load("c", &again, &rig.diag) == 1,
	    "cannot load what was saved");
	fuzz_check(memcmp(cursor.uuid, again.uuid, 16) == 0 &&
	    cursor.next == again.next && cursor.record == again.record &&
	    cursor.has_record == again.has_record &&
	    cursor.incarnation == again.incarnation, "it is another position");
	return 0;
}
