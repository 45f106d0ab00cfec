/*
 * Reading a file whether it is packed or not.
 *
 * A file that begins with zstd's or gzip's magic (or a zstd skippable frame)
 * is unpacked as it is read; anything else passes as it is.  Several frames or
 * members in one file are one stream.  stdin is never unpacked: pass
 * SK_UNPACK_PLAIN, and look with sk_unpack_magic() whether a warning is due.
 *
 * The caller opens and closes the descriptor; one that does not block is
 * waited for.  Memory: none for plain files,
 * some 300 KiB for gzip, up to the window of the file (at most 128 MiB, 8 MiB
 * for everything that zstd writes up to level 19) for zstd.
 * A packed file that is cut off or damaged gives SK_EDATA, after everything
 * before the damage has been delivered.
 */
#ifndef SK_IO_UNPACK_H
#define SK_IO_UNPACK_H

#include <stddef.h>
#include <stdint.h>

enum sk_unpack_kind { SK_UNPACK_PLAIN, SK_UNPACK_ZSTD, SK_UNPACK_GZIP };

struct sk_unpack {
	int fd;
	enum sk_unpack_kind kind;
	int detect;         /* the first bytes are still to be looked at */
	void *codec;        /* ZSTD_DStream or z_stream */
	unsigned char *in;  /* what was read and not yet unpacked */
	size_t in_pos, in_len, in_cap;
	int ended;          /* the descriptor has given its end */
	int whole;          /* at a frame boundary */
};

/* What these first bytes of a file say it is. */
enum sk_unpack_kind sk_unpack_magic(const void *bytes, size_t len);

/* Begin to read fd; with `detect` its first bytes decide the kind, when they
 * are read. */
void sk_unpack_open(struct sk_unpack *unpack, int fd, int detect);

/* Up to cap bytes; 0 with *got == 0 is the end.  SK_ESYS or SK_EDATA. */
int sk_unpack_read(struct sk_unpack *unpack, void *bytes, size_t cap,
    size_t *got);

/* True when the next read cannot block: bytes are waiting in memory. */
int sk_unpack_ready(const struct sk_unpack *unpack);

void sk_unpack_close(struct sk_unpack *unpack); /* not the descriptor */

#endif
