#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/sys.h"
#include "log/conf.h"
#include "log/index.h"
#include "log/list.h"
#include "log/lock.h"
#include "log/walk.h"

const char *
sk_log_state_name(enum sk_log_state state)
{
	static const char *const names[] = { "open", "sealed", "repacked",
		"torn", "damaged" };

	return names[state];
}

static void
count_block(struct sk_log_row *row, const struct sk_frame *b)
{
	if (row->blocks++ == 0)
		row->from_ns = b->clock_ns;
	row->to_ns = b->clock_ns;
	row->lines += b->u.b.records;
	row->raw_nbytes += b->u.b.raw_len;
	row->next = b->offset + b->u.b.span;
}

/* By the headers of its blocks, as far as they are valid. */
static int
by_headers(struct sk_log_row *row, int fd, enum sk_walk_stop *stop)
{
	struct sk_walk walk;
	int err, got = 0;

	err = sk_walk_open(&walk, fd, 0, NULL);
	while (err == 0 && (got = sk_walk_next(&walk)) > 0)
		if (walk.frame.type == 'B')
			count_block(row, &walk.frame);
	*stop = walk.stop;
	sk_walk_close(&walk);
	return err != 0 ? err : got;
}

static void
by_index(struct sk_log_row *row, const struct sk_index *index,
    const struct sk_frame *x)
{
	row->blocks = index->n;
	row->next = x->offset;
	row->lines = x->offset - row->first;
	row->raw_nbytes = index->raw_bytes;
	if (index->n > 0) {
		row->from_ns = sk_index_at(index, 0).clock_ns;
		row->to_ns = sk_index_at(index, index->n - 1).clock_ns;
	}
}

static int
describe(struct sk_log_row *row, int fd, bool newest, bool writer)
{
	struct sk_index index = { 0 };
	struct sk_buf buf = { 0 };
	struct sk_frame s, x;
	enum sk_walk_stop stop;
	int err;

	err = sk_segment_head(fd, &buf, &s);
	row->state = SK_LIST_DAMAGED;
	if (err == SK_EDATA)
		err = 0;
	else if (err == 0 && s.offset == row->first) {
		err = sk_index_load(&index, fd, row->nbytes, &x);
		if (err == 1 && x.salt == s.salt && x.offset >= row->first) {
			row->state = (s.flags & SK_S_REPACKED) != 0
			    ? SK_LIST_REPACKED : SK_LIST_SEALED;
			by_index(row, &index, &x);
		} else if (err >= 0 || err == SK_EDATA) {
			err = by_headers(row, fd, &stop);
			if (newest && (stop == SK_WALK_END || writer))
				row->state = SK_LIST_OPEN;
			else if (newest)
				row->state = SK_LIST_TORN;
		}
	}
	sk_index_free(&index);
	sk_buf_free(&buf);
	return err < 0 ? err : 0;
}

/* 1 and a row; 0 if the segment was removed meanwhile. */
static int
look(struct sk_log_row *row, const char *dir, uint64_t base, bool newest,
    bool writer, struct sk_diag *diag)
{
	char *path = sk_segment_path(dir, base);
	struct stat st;
	int fd, err;

	memset(row, 0, sizeof(*row));
	row->first = row->next = base;
	row->from_ns = row->to_ns = SK_NO_TIME;
	sk_segment_name(base, row->file);
	fd = sk_sys_open(path, O_RDONLY, 0);
	if (fd < 0) {
		err = errno == ENOENT ? 0 : sk_diag_sys(diag, "%s", path);
		goto out;
	}
	err = SK_ESYS;
	if (sk_sys_fstat(fd, &st) == 0) {
		row->nbytes = (uint64_t)st.st_size;
		err = describe(row, fd, newest, writer);
	}
	if (err == SK_ESYS)
		sk_diag_sys(diag, "%s", path);
	else if (err == SK_EVERSION)
		sk_diag_set(diag, err, "%s: needs a newer version", path);
	else
		err = 1;
	sk_sys_close(fd);
out:
	free(path);
	return err;
}

int
sk_log_list_load(struct sk_log_list *list, const char *dir,
    struct sk_diag *diag)
{
	struct sk_listing listing = { 0 };
	struct sk_log_conf conf;
	size_t i;
	int err, writer;

	memset(list, 0, sizeof(*list));
	err = sk_log_conf_load(&conf, dir, diag);
	if (err != 0)
		return err;
	writer = sk_log_locked(dir, NULL, 0);
	err = sk_listing_load(&listing, dir, diag);
	if (err != 0)
		return err;
	list->rows = sk_xcalloc(listing.n_segments + 1, sizeof(*list->rows));
	for (i = 0; err >= 0 && i < listing.n_segments; i++) {
		err = look(&list->rows[list->n], dir, listing.bases[i],
		    i + 1 == listing.n_segments, writer == 1, diag);
		list->n += err > 0;
	}
	sk_listing_free(&listing);
	if (err < 0)
		sk_log_list_free(list);
	return err < 0 ? err : 0;
}

void
sk_log_list_free(struct sk_log_list *list)
{
	free(list->rows);
	memset(list, 0, sizeof(*list));
}
