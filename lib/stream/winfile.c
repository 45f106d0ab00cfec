#include <string.h>

#include "base/hash.h"
#include "stream/winfile.h"
#include "window/image.h"

#define MAGIC "skwin\x1a\x01\n"
#define MAGIC_LEN 8
#define VERSION_AT 6

void
sk_winfile_begin(struct sk_buf *buf, struct sk_view options)
{
	sk_buf_add(buf, MAGIC, MAGIC_LEN);
	sk_image_put_view(buf, options);
}

void
sk_winfile_end(struct sk_buf *buf)
{
	sk_image_put(buf, sk_hash_disk(buf->ptr, buf->len));
}

int
sk_winfile_open(struct sk_view bytes, struct sk_view options,
    struct sk_view *state, struct sk_diag *diag)
{
	struct sk_view saved;

	if (bytes.len < MAGIC_LEN || memcmp(bytes.ptr, MAGIC, VERSION_AT) != 0)
		return sk_diag_set(diag, SK_EDATA,
		    "not a saved state of sk-window");
	if (bytes.ptr[VERSION_AT] > MAGIC[VERSION_AT])
		return sk_diag_set(diag, SK_EVERSION,
		    "saved by a newer version");
	if (bytes.len < MAGIC_LEN + 8 || sk_get64(bytes.ptr + bytes.len - 8) !=
	    sk_hash_disk(bytes.ptr, bytes.len - 8))
		return sk_diag_set(diag, SK_EDATA,
		    "damaged: the checksum differs");
	*state = sk_view(bytes.ptr + MAGIC_LEN, bytes.len - MAGIC_LEN - 8);
	if (!sk_image_take_view(state, &saved))
		return sk_image_bad(diag);
	if (!sk_view_equal(saved, options))
		return sk_diag_set(diag, SK_EDATA, "saved with other options: "
		    "%.*s", (int)saved.len, saved.ptr);
	return 0;
}
