/*
 * Follow files by name: from the beginning of each, across rotation, and on
 * from where an earlier run stopped.
 *
 * The caller says which sources it knows (what it has stored of each file),
 * names the files, and takes lines:
 *
 *	sk_tail_init(&t, &conf);
 *	sk_tail_know(&t, ...);                  for each stored source
 *	sk_tail_follow(&t, "access.log");       for each name
 *	sk_tail_look(&t, SK_TAIL_NAMES);
 *	while (sk_tail_next(&t, buf, cap, &chunk) == 1)
 *		store the chunk and its position together;
 *	wait until the folder changes or sk_tail_deadline(), look, and so on
 *
 * It keeps no file of its own: whoever stores source and position with the
 * lines, and hands them back after a crash, has every line exactly once.
 *
 * Names.  A name is followed, not a file: when it leads to another file, the
 * old one is read to its end, and when that has not grown for rotate_wait_ns
 * its last bytes are taken as a line though no newline ends them.  A name that
 * does not exist yet is waited for.  A pattern (* ? [...]) also takes files
 * that appear later.  Rotated files that were read before under such a name
 * are looked for in the folder at the start and after a rotation, and their
 * rest is taken; also those that bore the name when nobody looked: called as
 * rotation calls them, and later than one that was read.
 *
 * Which file is it (see io/tailfile.h)?  Device, inode and fingerprint as
 * known: the same, go on.  Only a full fingerprint (1024 bytes): moved, copied
 * or packed, go on in it; but while the other one is still there it is a copy,
 * and held back until they differ or the other one is gone.  A packed file
 * that is called as the source is, with something behind (access.log.1.gz), is
 * also taken for it by a shorter fingerprint.  Shorter than what was read, or
 * other content in the same inode: truncated; a new source from position 0.
 *
 * Memory: one descriptor and about 300 bytes a plain file, 100 bytes a source;
 * one packed file at a time is unpacked.
 */
#ifndef SK_IO_TAIL_H
#define SK_IO_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "io/glob.h"
#include "io/tailfile.h"
#include "io/watch.h"

struct sk_tail_conf {
	size_t max_line;        /* with the newline; at least 2 */
	int64_t rotate_wait_ns;
	bool from_end;          /* files not known at the first look: only what
	                         * comes from now on */
	bool once;              /* nothing is waited for */
	struct sk_watch *watch; /* gets the folders; may be NULL */
	struct sk_notify info;  /* what happens to files */
	struct sk_notify warn;  /* lines may be missing; a name is waited for */
	struct sk_notify fail;  /* a file could not be read: status 3 */
};

struct sk_tail_name {
	char *pattern;
	bool glob;
	struct sk_paths dirs; /* where it looks */
};

struct sk_tail_inode {
	uint64_t dev, ino;
};

struct sk_tail {
	struct sk_tail_conf conf;
	struct sk_tail_name *name;
	size_t n_names;
	struct sk_tail_source **source;
	size_t n_sources;
	struct sk_tailfile **file;
	size_t n_files;
	size_t turn;           /* whose turn it is to be read */
	unsigned reads;        /* of that file, one after another */
	struct sk_paths told;  /* names that could not be opened, said once */
	struct sk_tailfile *packed; /* the one that is being unpacked */
	bool begun;            /* the first look is over */
	bool again;            /* a name could not be looked at: do it soon */
	bool turned;           /* a file was rotated or truncated, or came,
	                        * since the folders were searched */
	struct sk_tail_inode *foreign; /* rotated files that are not ours */
	size_t n_foreign;
};

struct sk_tail_chunk {
	enum sk_tailfile_end end;
	size_t len;            /* bytes in buf; 0: only the position moved, or
	                        * the file did */
	const struct sk_tail_source *source; /* valid until the next call */
	uint64_t start_pos;
	uint64_t end_pos;
	bool inside;           /* begins in the midst of a line: a PIECE of the
	                        * same source came before */
};

void sk_tail_init(struct sk_tail *tail, const struct sk_tail_conf *conf);

/* Before the first look: what is known of a file.  The name is copied. */
void sk_tail_know(struct sk_tail *tail, const struct sk_tail_source *source);

void sk_tail_follow(struct sk_tail *tail, const char *pattern);

/* Look what has changed; `why` are SK_WATCH_NAMES and SK_WATCH_DATA.  buf is
 * room of cap bytes as for sk_tail_next. */
void sk_tail_look(struct sk_tail *tail, unsigned why, char *buf, size_t cap);

/* The next lines of some file: 1, or 0 when there is nothing now.  Rotated
 * files come first, then the others in the order in which they were found,
 * each to its end; but one that grows all the time has to let others pass.
 * cap >= max_line and >= SK_TAIL_READ. */
int sk_tail_next(struct sk_tail *tail, char *buf, size_t cap,
    struct sk_tail_chunk *chunk);

/* When to look at the latest, on the clock of sk_sys_mono_ns; INT64_MAX: no
 * file waits for anything. */
int64_t sk_tail_deadline(const struct sk_tail *tail);

/* How many bytes behind the last newlines are left unread, in how many files
 * (for the end of a run with `once`); *path is one of them, valid until the
 * next call, and untouched if there is none. */
size_t sk_tail_unread(const struct sk_tail *tail, uint64_t *nbytes,
    const char **path);

void sk_tail_free(struct sk_tail *tail);

#endif
