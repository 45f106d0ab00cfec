/*
 * One followed file: who it is, and its whole lines from a position on.
 *
 * A file is known by (device, inode) and by the fingerprint of its content,
 * XXH64 of the first min(size, 1024) bytes.  Neither is enough alone: inodes
 * are used again, and files are copied and truncated in place.  For a packed
 * file (zstd, gzip) bytes, sizes and positions are those of the unpacked
 * stream, so a log that was compressed after its rotation is still the same.
 *
 * A source is what was taken from such a file: its identity and the position
 * behind the last line given out.  The file object is a descriptor at work on
 * a source.
 *
 * Reading gives whole lines; what stands behind the last newline is read again
 * when the file has grown.  After each read the fingerprint is compared once
 * more, so bytes of a file that was truncated meanwhile are not given out.
 *
 * Cost: a read is two preads, one of 1 KiB.  A packed file is unpacked from its
 * beginning to the position first, and what was unpacked and not yet given out
 * is kept.  Memory of a packed file while it is read: io/unpack.h.
 */
#ifndef SK_IO_TAILFILE_H
#define SK_IO_TAILFILE_H

#include <sys/stat.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "io/unpack.h"

#define SK_TAIL_HEAD 1024      /* bytes of a fingerprint */
#define SK_TAIL_READ 262144    /* bytes of a read, if the lines are shorter */

struct sk_tail_source {
	uint64_t id;       /* random, drawn when the file is first seen */
	uint64_t dev, ino;
	uint64_t fp;       /* XXH64 of the first fp_len bytes */
	uint32_t fp_len;   /* 0: nothing is known of the content */
	uint32_t last_day; /* of the last line, in days: tells equals apart */
	uint64_t pos;      /* the next byte to give out */
	char *name;        /* as it was followed */
	bool attached;     /* a file object is at work on it */
	bool truncated;    /* its file was: its bytes may be in a copy */
};

/* The first bytes of a file, unpacked. */
struct sk_tail_head {
	char bytes[SK_TAIL_HEAD];
	size_t len;
	bool packed;
	bool whole; /* there is no more, or as much as a head holds */
};

struct sk_tailfile {
	int fd;             /* -1: closed (a packed file not read now) */
	char *path;         /* where it was opened */
	uint64_t dev, ino;
	uint64_t size;      /* on disk, at the last look */
	int64_t mtime_ns;   /* the same */
	int64_t grown_ns;   /* monotonic: when it was last seen to change */
	struct sk_tail_source *source;  /* NULL: not known yet, or a copy */
	struct sk_tail_source *copy_of; /* whose bytes these are as well */
	bool by_pattern;    /* no name that was asked for leads to it */
	bool packed;
	bool unpacking;     /* unpack is open, at `unpacked` */
	bool damaged;       /* packed: cut off or damaged when last read */
	bool ready;         /* there may be lines to read */
	bool moved;         /* the position moved without lines: to be told */
	bool failed;        /* it could not be read, which was said */
	size_t partial;     /* bytes behind the last newline, when last read */
	bool deleted;       /* no name leads to it */
	bool astray;        /* packed: its path leads elsewhere */
	bool rotated;       /* its name leads elsewhere, or nowhere */
	bool settled;       /* and its last bytes were taken */
	bool inside;        /* the position is in the midst of a line */
	struct sk_unpack unpack;
	uint64_t unpacked;  /* position of the next byte out of unpack */
	struct sk_buf held; /* unpacked bytes before that, from source->pos */
};

enum sk_tailfile_end {
	SK_TAIL_LINES = 1, /* bytes that end in a newline */
	SK_TAIL_PIECE,     /* max_line - 1 bytes of a longer line, or a
	                    * multiple of that; the line goes on */
	SK_TAIL_REST       /* the last bytes of a file, without a newline */
};

/* Open a regular file and read its head: 0, or SK_ESYS with errno (EISDIR and
 * EINVAL for what cannot be followed).  *f is zeroed first. */
int sk_tailfile_open(struct sk_tailfile *f, const char *path,
    struct sk_tail_head *head);

/* Read the head again; the file may turn out to be packed. */
int sk_tailfile_head(struct sk_tailfile *f, struct sk_tail_head *head);

/* Too few bytes to tell whether this is a packed file? */
bool sk_tailfile_undecided(const struct sk_tail_head *head);

/* Does the content begin as the source's does? */
bool sk_tailfile_matches(const struct sk_tail_source *source,
    const struct sk_tail_head *head);

/* Make the fingerprint that of the head. */
void sk_tailfile_stamp(struct sk_tail_source *source,
    const struct sk_tail_head *head);

/* When a file was last changed, as in mtime_ns. */
int64_t sk_tailfile_mtime(const struct stat *st);

/* Look at size and time of change: `ready` is set when they are others.
 * SK_EDATA: it is shorter than what was taken from it.  SK_ESYS. */
int sk_tailfile_look(struct sk_tailfile *f, int64_t now_ns);

/* Is a plain file still what it was?  SK_EDATA: truncated or begun anew. */
int sk_tailfile_check(const struct sk_tailfile *f);

/*
 * Read on from source->pos and move it: a positive sk_tailfile_end with *len
 * bytes in buf; 0 when there is no whole line now (`ready` is false then);
 * SK_ESYS; SK_EDATA when the file is not what it was, truncated or begun
 * anew, with the position as it was.  With `rest` the bytes behind the last
 * newline are given too.  cap >= max_line >= 2 and
 * cap >= SK_TAIL_READ.
 */
int sk_tailfile_read(struct sk_tailfile *f, char *buf, size_t cap,
    size_t max_line, bool rest, size_t *len);

/* Move source->pos behind the last newline there is now (--from-end). */
int sk_tailfile_skip(struct sk_tailfile *f, char *buf, size_t cap,
    size_t max_line);

/* Are the bytes of both the same, as far as both go?  Compares what stands
 * before the shorter end, at most 64 KiB of it.  Plain files only; with a
 * packed one: true. */
bool sk_tailfile_same_bytes(const struct sk_tailfile *a,
    const struct sk_tailfile *b);

void sk_tailfile_close(struct sk_tailfile *f);

#endif
