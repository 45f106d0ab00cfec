#include <stdlib.h>
#include <string.h>

#include "io/file.h"
#include "log/index.h"

#define TABLE_MAGIC UINT32_C(0x184D2A5E)
#define FOOTER_MAGIC UINT32_C(0x8F92EAB1)
#define EMPTY_CHECKSUM UINT32_C(0x51D8E999) /* XXH64 of nothing, low half */

enum { TABLE_HEAD = 8, TABLE_ENTRY = 12, TABLE_DESCRIPTOR = 0x80 };

/* The end of a sealed file: the entry of X and the footer. */
enum { FILE_END = TABLE_ENTRY + SK_TABLE_FOOTER };

void
sk_index_reset(struct sk_index *index)
{
	sk_buf_reset(&index->entries);
	sk_buf_reset(&index->table);
	index->n = 0;
	index->n_frames = 0;
	index->pos = 0;
	index->raw_bytes = 0;
	index->event_min_ns = SK_NO_TIME;
	index->event_max_ns = SK_NO_TIME;
}

void
sk_index_free(struct sk_index *index)
{
	sk_buf_free(&index->entries);
	sk_buf_free(&index->table);
	memset(index, 0, sizeof(*index));
}

static void
add_table(struct sk_buf *table, uint32_t comp, uint32_t raw, uint32_t checksum)
{
	char entry[TABLE_ENTRY];

	sk_put32(entry, comp);
	sk_put32(entry + 4, raw);
	sk_put32(entry + 8, checksum);
	sk_buf_add(table, entry, sizeof(entry));
}

void
sk_index_add_frame(struct sk_index *index, size_t len)
{
	add_table(&index->table, (uint32_t)len, 0, EMPTY_CHECKSUM);
	index->n_frames++;
	index->pos += len;
}

/* One block without event times leaves the segment without. */
static void
add_times(struct sk_index *index, int64_t min, int64_t max)
{
	if (index->n == 0) {
		index->event_min_ns = min;
		index->event_max_ns = max;
	} else if (min == SK_NO_TIME || index->event_min_ns == SK_NO_TIME) {
		index->event_min_ns = SK_NO_TIME;
		index->event_max_ns = SK_NO_TIME;
	} else {
		if (min < index->event_min_ns)
			index->event_min_ns = min;
		if (max > index->event_max_ns)
			index->event_max_ns = max;
	}
}

void
sk_index_add_block(struct sk_index *index, const struct sk_frame *b,
    uint32_t checksum)
{
	char entry[SK_INDEX_ENTRY];

	sk_put64(entry, index->pos);
	sk_put64(entry + 8, b->offset);
	sk_put64(entry + 16, (uint64_t)b->clock_ns);
	sk_put64(entry + 24, (uint64_t)b->u.b.event_min_ns);
	sk_put64(entry + 32, (uint64_t)b->u.b.event_max_ns);
	sk_put64(entry + 40, b->topic_seq);
	sk_put32(entry + 48, (uint32_t)b->len);
	sk_put32(entry + 52, b->u.b.comp_len);
	sk_buf_add(&index->entries, entry, sizeof(entry));
	add_times(index, b->u.b.event_min_ns, b->u.b.event_max_ns);
	index->n++;
	sk_index_add_frame(index, b->len);
	add_table(&index->table, b->u.b.comp_len, b->u.b.raw_len, checksum);
	index->n_frames++;
	index->pos += b->u.b.comp_len;
	index->raw_bytes += b->u.b.raw_len;
}

void
sk_index_seal(const struct sk_index *index, struct sk_frame *x,
    struct sk_buf *out)
{
	uint64_t frames = index->n_frames + 1;
	char head[TABLE_HEAD], footer[SK_TABLE_FOOTER];

	x->type = 'X';
	x->flags = 0;
	x->durable_pos = index->pos;
	x->tlvs = sk_view(NULL, 0);
	x->u.x.event_min_ns = index->event_min_ns;
	x->u.x.event_max_ns = index->event_max_ns;
	x->u.x.n = index->n;
	x->u.x.entries = sk_view(index->entries.ptr, index->entries.len);
	sk_frame_encode(x, out);

	sk_put32(head, TABLE_MAGIC);
	sk_put32(head + 4, (uint32_t)(frames * TABLE_ENTRY + SK_TABLE_FOOTER));
	sk_buf_add(out, head, sizeof(head));
	if (index->table.len > 0)
		sk_buf_add(out, index->table.ptr, index->table.len);
	add_table(out, (uint32_t)x->len, 0, EMPTY_CHECKSUM);
	sk_put32(footer, (uint32_t)frames);
	footer[4] = (char)TABLE_DESCRIPTOR;
	sk_put32(footer + 5, FOOTER_MAGIC);
	sk_buf_add(out, footer, sizeof(footer));
}

bool
sk_index_agrees(const struct sk_index *index, const struct sk_frame *x)
{
	return x->u.x.n == index->n &&
	    x->u.x.event_min_ns == index->event_min_ns &&
	    x->u.x.event_max_ns == index->event_max_ns &&
	    sk_view_equal(x->u.x.entries,
	    sk_view(index->entries.ptr, index->entries.len));
}

/* Read exactly len bytes at the end of `buf` (emptied first). */
static int
read_at(int fd, struct sk_buf *buf, uint64_t pos, size_t len)
{
	size_t got;
	int err;

	sk_buf_reset(buf);
	sk_buf_reserve(buf, len);
	err = sk_file_pread(fd, buf->ptr, len, pos, &got);
	if (err != 0)
		return err;
	buf->len = got;
	return got == len ? 0 : SK_EDATA;
}

/* The table in index->table says what X says and fills the file up to X. */
static bool
table_agrees(struct sk_index *index)
{
	const char *at = index->table.ptr;
	uint64_t pos = 0, i;
	uint32_t comp, raw, block = 0;
	struct sk_index_entry entry = { 0 };
	bool data = false; /* the frame before was a B */

	for (i = 0; i < index->n_frames; i++, at += TABLE_ENTRY) {
		comp = sk_get32(at);
		raw = sk_get32(at + 4);
		if (data && comp != entry.comp_len)
			return false;
		if (!data && (raw != 0 || sk_get32(at + 8) != EMPTY_CHECKSUM))
			return false;
		if (data) {
			data = false;
		} else if (block < index->n) {
			entry = sk_index_at(index, block);
			data = entry.pos == pos && entry.len == comp;
			block += data;
		}
		index->raw_bytes += raw;
		pos += comp;
	}
	return block == index->n && !data && pos == index->pos;
}

static int
load_x(struct sk_index *index, int fd, uint32_t len, struct sk_frame *x)
{
	int err = read_at(fd, &index->entries, index->pos, len);

	if (err == 0)
		err = sk_frame_decode(index->entries.ptr, len, x);
	if (err != 0)
		return err;
	if (x->type != 'X' || x->len != len || x->durable_pos != index->pos)
		return SK_EDATA;
	sk_buf_drop(&index->entries,
	    (size_t)(x->u.x.entries.ptr - index->entries.ptr));
	index->entries.len = x->u.x.entries.len;
	index->n = x->u.x.n;
	index->event_min_ns = x->u.x.event_min_ns;
	index->event_max_ns = x->u.x.event_max_ns;
	x->u.x.entries = sk_view(index->entries.ptr, index->entries.len);
	x->tlvs = sk_view(NULL, 0);
	return 0;
}

/* The seek table of `frames` frames that ends the file: index->table becomes
 * all of it but X's entry, whose length is *x_len. */
static int
load_table(struct sk_index *index, int fd, uint64_t size, uint32_t frames,
    uint32_t *x_len)
{
	uint64_t len = (uint64_t)frames * TABLE_ENTRY + SK_TABLE_FOOTER;
	int err;

	if (frames < 2 || TABLE_HEAD + len > size)
		return SK_EDATA;
	err = read_at(fd, &index->table, size - len - TABLE_HEAD,
	    TABLE_HEAD + (size_t)len);
	if (err != 0)
		return err;
	if (sk_get32(index->table.ptr) != TABLE_MAGIC ||
	    sk_get32(index->table.ptr + 4) != len)
		return SK_EDATA;
	sk_buf_drop(&index->table, TABLE_HEAD);
	index->n_frames = frames - 1;
	index->table.len = (size_t)index->n_frames * TABLE_ENTRY;
	*x_len = sk_get32(index->table.ptr + index->table.len);
	if (sk_get32(index->table.ptr + index->table.len + 4) != 0 ||
	    sk_get32(index->table.ptr + index->table.len + 8) !=
	    EMPTY_CHECKSUM)
		return SK_EDATA;
	if (*x_len < SK_FRAME_MIN || *x_len > SK_FRAME_MAX ||
	    *x_len > size - len - TABLE_HEAD)
		return SK_EDATA;
	index->pos = size - len - TABLE_HEAD - *x_len;
	return 0;
}

int
sk_index_load(struct sk_index *index, int fd, uint64_t size,
    struct sk_frame *x)
{
	char end[SK_TABLE_FOOTER];
	uint32_t x_len = 0;
	size_t got;
	int err;

	sk_index_reset(index);
	if (size < FILE_END + TABLE_HEAD + SK_FRAME_MIN)
		return 0;
	err = sk_file_pread(fd, end, sizeof(end), size - sizeof(end), &got);
	if (err != 0)
		return err;
	if (got < sizeof(end) || sk_get32(end + 5) != FOOTER_MAGIC)
		return 0;
	if ((unsigned char)end[4] != TABLE_DESCRIPTOR)
		return SK_EDATA;
	err = load_table(index, fd, size, sk_get32(end), &x_len);
	if (err == 0)
		err = load_x(index, fd, x_len, x);
	if (err == 0 && !table_agrees(index))
		err = SK_EDATA;
	return err == 0 ? 1 : err;
}

struct sk_index_entry
sk_index_at(const struct sk_index *index, uint32_t i)
{
	const char *at = index->entries.ptr + (size_t)i * SK_INDEX_ENTRY;
	struct sk_index_entry entry;

	entry.pos = sk_get64(at);
	entry.offset = sk_get64(at + 8);
	entry.clock_ns = (int64_t)sk_get64(at + 16);
	entry.event_min_ns = (int64_t)sk_get64(at + 24);
	entry.event_max_ns = (int64_t)sk_get64(at + 32);
	entry.topic_seq = sk_get64(at + 40);
	entry.len = sk_get32(at + 48);
	entry.comp_len = sk_get32(at + 52);
	return entry;
}

uint32_t
sk_index_by_offset(const struct sk_index *index, uint64_t offset)
{
	uint32_t low = 0, high = index->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (sk_index_at(index, mid).offset <= offset)
			low = mid + 1;
		else
			high = mid;
	}
	return low > 0 ? low - 1 : index->n;
}

uint32_t
sk_index_by_clock(const struct sk_index *index, int64_t t)
{
	uint32_t low = 0, high = index->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (sk_index_at(index, mid).clock_ns < t)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

uint32_t
sk_index_by_event(const struct sk_index *index, uint32_t from, int64_t t)
{
	struct sk_index_entry entry;

	for (; from < index->n; from++) {
		entry = sk_index_at(index, from);
		if (entry.event_max_ns == SK_NO_TIME ||
		    entry.event_max_ns >= t)
			break;
	}
	return from;
}
