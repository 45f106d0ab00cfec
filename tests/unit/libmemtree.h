/*
 * Inside libmemfs: trees of files, and the recording of changes to one.
 */
#ifndef SK_TEST_MEMTREE_H
#define SK_TEST_MEMTREE_H

#include <sys/types.h>

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rng.h"
#include "libmemfs.h"

#define MEMFS_NONE ((size_t)-1)

struct memfs_entry {
	char *name;
	size_t node;
};

/* A file or a folder.  Nodes are never reused: a deleted one stays, so that
 * descriptors and recordings can speak of it by its number. */
struct memfs_node {
	bool dir;
	ino_t ino;
	int64_t mtime_ns;
	unsigned links;
	struct sk_buf data;
	struct memfs_entry *entry; /* sorted by name */
	size_t n;
};

struct memfs_tree {
	struct memfs_node *node; /* 0 is the root */
	size_t n;
};

enum memfs_change_kind {
	CHANGE_WRITE,  /* node, pos, len, bytes at `at` */
	CHANGE_LENGTH, /* node, pos: the new length */
	CHANGE_CREATE, /* folder node, new node `other` (len 1: dir), name */
	CHANGE_RENAME, /* folder node, name, to folder `other`, name at `to` */
	CHANGE_UNLINK, /* folder node, name */
	CHANGE_SYNC,
	CHANGE_SYNC_FAILED,
	CHANGE_NOTE /* what: other, value: pos */
};

struct memfs_change {
	enum memfs_change_kind kind;
	size_t node, other;
	uint64_t pos;
	size_t len;
	size_t at, to; /* in the arena */
};

struct memfs_tape {
	struct memfs_tree base;
	struct memfs_change *change;
	size_t n, cap;
	struct sk_buf arena;
	size_t solid; /* a folder where all is durable at once, or 0 */
};

void memfs_tree_init(struct memfs_tree *tree);
void memfs_tree_copy(struct memfs_tree *to, const struct memfs_tree *from);
void memfs_tree_free(struct memfs_tree *tree);
size_t memfs_tree_add(struct memfs_tree *tree, bool dir);

/* The node of a name in a folder, MEMFS_NONE if there is none. */
size_t memfs_tree_find(const struct memfs_tree *tree, size_t dir,
    const char *name, size_t len);
void memfs_tree_link(struct memfs_tree *tree, size_t dir, const char *name,
    size_t node);
void memfs_tree_unlink(struct memfs_tree *tree, size_t dir, const char *name);
void memfs_tree_length(struct memfs_tree *tree, size_t node, size_t len);
void memfs_tree_write(struct memfs_tree *tree, size_t node, size_t pos,
    const void *bytes, size_t len);
/* Make a change of a tape, of a write only the first `len` bytes. */
void memfs_tree_apply(struct memfs_tree *tree, const struct memfs_tape *tape,
    const struct memfs_change *change, size_t len);

/* Add a change to a tape; name and to may be NULL. */
void memfs_tape_add(struct memfs_tape *tape, struct memfs_change change,
    const void *bytes, size_t nbytes, const char *to);

enum { MEMFS_FD_FIRST = 1000, MEMFS_FD_MAX = 256, MEMFS_INO_MAX = 64 };

struct memfs_file {
	bool used;
	size_t node;
	int flags;
	size_t pos;
	int lock; /* 0, 1 shared, 2 exclusive */
	bool watch;
};

struct memfs_plan {
	uint64_t from, to; /* calls that fail; 0: none */
	int err;
	unsigned mask;
	uint64_t short_from, short_to;
	bool most_but_one;
	uint64_t kill;
	uint64_t jump;
	int64_t jump_ns;
	enum memfs_when when;
	bool hit;
	const char *call;
};

/* The world; only libmemfs.c and libmemcalls.c touch it. */
struct memfs_world {
	struct memfs_tree tree;
	struct memfs_tape *tape;
	struct memfs_file file[MEMFS_FD_MAX];
	int64_t clock_ns, mono_ns;
	struct sk_rng rng;
	uint64_t calls;
	struct memfs_plan plan;
	jmp_buf out;
	bool running;
	void (*poll_fn)(void *arg, int timeout_ms);
	void *poll_arg;
	size_t solid;
	bool reuse;
	ino_t free_ino[MEMFS_INO_MAX];
	size_t n_free;
};

extern struct memfs_world memfs;

/* Put a tree in place of the world. */
void memfs_world_set(struct memfs_tree *tree);

void memfs_broken(const char *why, const char *what);
/* The folder and the last name of a path; false with errno. */
bool memfs_locate(const char *path, size_t *dir, const char **name);
size_t memfs_lookup(const char *path); /* MEMFS_NONE with errno */
/* Make a change and record it. */
void memfs_do(enum memfs_change_kind kind, size_t node, size_t other,
    uint64_t pos, size_t len, const void *bytes, size_t nbytes,
    const char *to);
size_t memfs_create(const char *path, bool dir);
void memfs_forget(size_t node); /* its inode number, when nothing holds it */
int memfs_rename(const char *from, const char *to);
int memfs_unlink(const char *path);
char **memfs_list(size_t dir, size_t *n);

/* Begin a call: true if it is to fail, errno set. */
bool memfs_enter(enum memfs_call call, const char *name);
void memfs_leave(void); /* end a call that worked */
bool memfs_dies_now(enum memfs_when when);
size_t memfs_shortened(size_t len, const char *name);

#endif
