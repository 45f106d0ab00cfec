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

/* How long a file that may still become a copy of another is held back. */
#define SK_TAILWHO_DOUBT_NS INT64_C(1000000000)

/* Add the newcomers to tail->file and find out whose they are; those whose
 * device and inode are known choose first.  The array is not freed. */
void sk_tailwho_join(struct sk_tail *tail, struct sk_newcomer *new, size_t n);

/* Look again at files that belong to no source. */
void sk_tailwho_release(struct sk_tail *tail, int64_t now_ns);

/* When to do so at the latest, for this file: INT64_MAX if not by the clock. */
int64_t sk_tailwho_due(const struct sk_tail *tail,
    const struct sk_tailfile *file);

/* The file is not what it was: its source stays where it is, and the file
 * gets a new one. */
void sk_tailwho_truncated(struct sk_tail *tail, struct sk_tailfile *file);

/* Look in the folders of the names for rotated files of which a rest is
 * unread, and add them; with `missed` also those that were never seen. */
void sk_tailwho_find_rests(struct sk_tail *tail, bool missed);

/* A source that nothing is known of, called `name`. */
struct sk_tail_source *sk_tailwho_source(struct sk_tail *tail,
    const char *name);

/* The file of this inode, NULL if it is not open. */
struct sk_tailfile *sk_tailwho_find(const struct sk_tail *tail,
    const struct stat *st);

/* Take a file out of the table and close it. */
void sk_tailwho_drop(struct sk_tail *tail, size_t at);

#endif
