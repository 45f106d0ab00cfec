#include <string.h>

#include "base/err.h"
#include "io/file.h"
#include "log/scan.h"

enum { WINDOW = 65536, MARK_AT = 8 };

void
sk_scan_free(struct sk_scan *scan)
{
	sk_buf_free(&scan->win);
}

/* At least `len` bytes from `pos` on into the window, where the file has
 * them; *have is what there is. */
static int
look(struct sk_scan *scan, uint64_t pos, size_t len, const char **at,
    size_t *have)
{
	uint64_t end = scan->win_pos + scan->win.len;
	size_t want = len > WINDOW ? len : WINDOW, got;
	int err;

	if (pos < scan->win_pos || pos + len > end) {
		sk_buf_reset(&scan->win);
		if (pos >= scan->size)
			want = 0;
		else if (want > scan->size - pos)
			want = (size_t)(scan->size - pos);
		sk_buf_reserve(&scan->win, want + 1);
		err = sk_file_pread(scan->fd, scan->win.ptr, want, pos, &got);
		/* What is needed may lie in front of an unreadable place. */
		if (err != 0 && want > len)
			err = sk_file_pread(scan->fd, scan->win.ptr, len, pos,
			    &got);
		if (err != 0)
			return err;
		scan->win.len = got;
		scan->win_pos = pos;
		end = pos + got;
	}
	*at = scan->win.ptr + (pos - scan->win_pos);
	*have = (size_t)(end - pos);
	return 0;
}

int
sk_scan_bytes(struct sk_scan *scan, uint64_t pos, size_t len,
    struct sk_view *bytes)
{
	const char *at;
	size_t have;
	int err = look(scan, pos, len, &at, &have);

	if (err != 0)
		return err;
	*bytes = sk_view(at, len);
	return have < len ? SK_EDATA : 0;
}

int
sk_scan_at(struct sk_scan *scan, uint64_t pos, struct sk_frame *frame)
{
	struct sk_view bytes;
	size_t len;
	int err;

	err = sk_scan_bytes(scan, pos, SK_FRAME_PROBE, &bytes);
	if (err != 0)
		return err == SK_EDATA ? 0 : err;
	len = sk_frame_probe(bytes.ptr);
	if (len == 0 || len > scan->size - pos)
		return 0;
	err = sk_scan_bytes(scan, pos, len, &bytes);
	if (err == 0)
		err = sk_frame_decode(bytes.ptr, bytes.len, frame);
	if (err == SK_EDATA)
		return 0;
	return err == 0 ? 1 : err;
}

int
sk_scan_find(struct sk_scan *scan, uint64_t *pos, struct sk_frame *frame)
{
	const char *at, *hit;
	size_t have;
	int err;

	for (;;) {
		err = look(scan, *pos, SK_FRAME_MIN, &at, &have);
		if (err != 0 || have < SK_FRAME_MIN)
			return err;
		hit = memmem(at + MARK_AT, have - MARK_AT, "SKLG", 4);
		if (hit == NULL) {
			/* A mark may begin in the last three bytes. */
			*pos += have - MARK_AT - 3;
			continue;
		}
		*pos += (uint64_t)(hit - MARK_AT - at);
		err = sk_scan_at(scan, *pos, frame);
		if (err != 0)
			return err;
		++*pos;
	}
}
