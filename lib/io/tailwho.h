/*
 * Whose bytes are these: join files that were opened to the sources that are
 * known, by the rules of io/tail.h.  For lib/io/tail.c.
 */
#ifndef SK_IO_TAILWHO_H
#define SK_IO_TAILWHO_H

#include "io/tail.h"

/* A file that was opened and belongs to no source yet. */
struct sk_newcomer {
	struct sk_tailfile *file;
	struct sk_tail_head head;
};

/* Give each newcomer its source and move it to tail->file; the array is not
 * freed.  Those whose device and inode are known choose first. */
void sk_tailwho_join(struct sk_tail *tail, struct sk_newcomer *new, size_t n);

/* Look again at files that are held back as copies. */
void sk_tailwho_release(struct sk_tail *tail);

/* The file is not what it was: its source stays where it is, and the file
 * gets a new one. */
void sk_tailwho_truncated(struct sk_tail *tail, struct sk_tailfile *file);

/* Look in the folders of the names for rotated files of which a rest is
 * unread, and add them. */
void sk_tailwho_find_rests(struct sk_tail *tail);

/* A source that nothing is known of, called `name`. */
struct sk_tail_source *sk_tailwho_source(struct sk_tail *tail,
    const char *name);

/* Take a file out of the table and close it. */
void sk_tailwho_drop(struct sk_tail *tail, size_t at);

#endif
