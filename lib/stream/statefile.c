#include <errno.h>
#include <string.h>

#include "base/hash.h"
#include "base/image.h"
#include "io/file.h"
#include "stream/statefile.h"

#define LETTERS 5
#define MAGIC_LEN 8
#define VERSION 1
#define STATE_MAX (SIZE_MAX / 2)

void
sk_statefile_option(struct sk_statefile *file, const char *name,
    const char *value)
{
	if (value != NULL)
		sk_buf_fmt(&file->options, "%s--%s=%s", file->options.len > 0 ?
		    " " : "", name, value);
}

void
sk_statefile_list(struct sk_statefile *file, const char *name,
    const struct sk_opt_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		sk_statefile_option(file, name, list->item[i]);
}

void
sk_statefile_number(struct sk_statefile *file, const char *name, int64_t value)
{
	if (value != 0)
		sk_buf_fmt(&file->options, "%s--%s=%lld", file->options.len > 0
		    ? " " : "", name, (long long)value);
}

void
sk_statefile_begin(struct sk_buf *buf, const char *magic,
    struct sk_view options)
{
	static const char rest[] = { 0x1a, VERSION, '\n' };

	sk_buf_add(buf, magic, LETTERS);
	sk_buf_add(buf, rest, sizeof(rest));
	sk_image_put_view(buf, options);
}

void
sk_statefile_end(struct sk_buf *buf)
{
	sk_image_put(buf, sk_hash_disk(buf->ptr, buf->len));
}

int
sk_statefile_open(const char *magic, const char *tool,
    struct sk_view options, struct sk_view bytes, struct sk_view *state,
    struct sk_diag *diag)
{
	struct sk_view saved;

	if (bytes.len < MAGIC_LEN || bytes.ptr[LETTERS] != 0x1a ||
	    memcmp(bytes.ptr, magic, LETTERS) != 0)
		return sk_diag_set(diag, SK_EDATA, "not a saved state of %s",
		    tool);
	if (bytes.ptr[LETTERS + 1] > VERSION)
		return sk_diag_set(diag, SK_EVERSION,
		    "saved by a newer version");
	if (bytes.len < MAGIC_LEN + 8 || sk_get64(bytes.ptr + bytes.len - 8) !=
	    sk_hash_disk(bytes.ptr, bytes.len - 8))
		return sk_diag_set(diag, SK_EDATA,
		    "damaged: the checksum differs");
	*state = sk_view(bytes.ptr + MAGIC_LEN, bytes.len - MAGIC_LEN - 8);
	if (!sk_image_take_view(state, &saved))
		return sk_diag_set(diag, SK_EDATA, "damaged: no options");
	if (!sk_view_equal(saved, options))
		return sk_diag_set(diag, SK_EDATA, "saved with other options: "
		    "%.*s", saved.len > 0 ? (int)saved.len : 4,
		    saved.len > 0 ? saved.ptr : "none");
	return 0;
}

static int
replace(const char *path, const struct sk_buf *bytes)
{
	int err = path == NULL ? 0 : sk_file_put(path, bytes->ptr,
	    bytes->len);

	if (err != 0)
		sk_error_sys("%s", path);
	return err;
}

int
sk_statefile_save(const struct sk_shared *shared, const struct sk_buf *bytes)
{
	int err = replace(shared->save, bytes);

	return err == 0 ? replace(shared->state, bytes) : err;
}

bool
sk_statefile_wanted(const struct sk_shared *shared)
{
	return shared->save != NULL || shared->state != NULL;
}

int
sk_statefile_put(const struct sk_statefile *file,
    const struct sk_shared *shared,
    void (*put)(void *arg, struct sk_buf *buf), void *arg)
{
	struct sk_buf buf = { 0 };
	int err;

	if (!sk_statefile_wanted(shared))
		return 0;
	sk_statefile_begin(&buf, file->magic,
	    sk_view(file->options.ptr, file->options.len));
	put(arg, &buf);
	sk_statefile_end(&buf);
	err = sk_statefile_save(shared, &buf);
	sk_buf_free(&buf);
	return err;
}

int
sk_statefile_load(const struct sk_statefile *file, const struct sk_cmd *cmd,
    const struct sk_shared *shared,
    int (*take)(void *arg, struct sk_view *state, struct sk_diag *diag),
    void *arg)
{
	const char *path = shared->state;
	struct sk_buf buf = { 0 };
	struct sk_view state;
	struct sk_diag diag;
	int err;

	if (shared->load.n + (shared->state != NULL) > 1)
		sk_opt_fail(cmd, "--load: only one state: they are not "
		    "merged");
	if (shared->load.n == 1)
		path = shared->load.item[0];
	if (path == NULL)
		return 0;
	err = sk_file_load(path, STATE_MAX, &buf);
	if (err != 0 && shared->state != NULL && errno == ENOENT)
		return 0;
	if (err != 0) {
		sk_error_sys("%s", path);
		return err;
	}
	err = sk_statefile_open(file->magic, file->tool,
	    sk_view(file->options.ptr, file->options.len),
	    sk_view(buf.ptr, buf.len), &state, &diag);
	if (err == 0)
		err = take(arg, &state, &diag);
	if (err != 0)
		sk_error("%s: %s", path, diag.text);
	sk_buf_free(&buf);
	return err;
}
