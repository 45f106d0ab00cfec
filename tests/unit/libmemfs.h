/*
 * A file system in memory behind the functions of io/sys.h, for tests that
 * let calls fail, kill the program between two calls, or cut the power.
 *
 * Link libmemfs.o in front of libsk.a: its sk_sys_* are then taken instead of
 * the library's.  There is one world, of this process: a tree of files as the
 * page cache shows it, descriptors, OFD locks, a clock that only moves when
 * asked or waited on, and a random number sequence.
 *
 * Two views.  What the calls see is the page cache.  What a power cut leaves
 * is computed from a recording: the tree at its beginning (all of it durable)
 * and every change since, each with its data, in order.  A change to the
 * bytes or the length of a file is durable when a later fsync or fdatasync of
 * that file succeeded; a change to a folder (create, rename, unlink, mkdir)
 * when a later fsync of that folder succeeded, and not by syncing the file.
 * After a failed sync of a file the bytes before it stay readable but no later
 * sync makes them durable: they are gone unless written again.  Names are
 * journalled in order: a later sync of the folder covers them.
 *
 * Everything follows from the seeds given: the same calls give the same
 * world.  A broken test ends the process with abort().
 */
#ifndef SK_TEST_MEMFS_H
#define SK_TEST_MEMFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* The kinds of calls, for masks and names. */
enum memfs_call {
	MEMFS_OPEN,
	MEMFS_CLOSE,
	MEMFS_READ,  /* read, pread */
	MEMFS_WRITE, /* write, writev, pwrite */
	MEMFS_TRUNCATE,
	MEMFS_SYNC, /* fsync, fdatasync */
	MEMFS_RENAME,
	MEMFS_UNLINK,
	MEMFS_MKDIR,
	MEMFS_STAT, /* stat, fstat */
	MEMFS_LOCK,
	MEMFS_LIST,
	MEMFS_POLL,
	MEMFS_INOTIFY,
	MEMFS_CALLS
};

/* ---- the world ---- */

/* An empty tree, recording begins, no faults, the clock at 2026-11-22. */
void memfs_reset(uint64_t seed);

/* A file's bytes as the page cache has them; false: there is none.  The view
 * is valid until the file changes. */
bool memfs_get(const char *path, struct sk_view *bytes);
/* Make a file or replace its bytes, durably and without counting calls. */
void memfs_put(const char *path, const void *bytes, size_t len);
/* Add to a file, rename, delete: as another process would, not counted.
 * They are changes of the recording like any other. */
void memfs_add(const char *path, const void *bytes, size_t len);
void memfs_move(const char *from, const char *to);
void memfs_delete(const char *path);
/* Shorten (or lengthen by zeros), not counted. */
void memfs_cut_file(const char *path, size_t len);
/* From now on what happens to this folder and its files is durable at once:
 * they are another's.  One folder. */
void memfs_solid(const char *path);
/* Names of a folder: malloc'ed as by sk_sys_list; not counted. */
char **memfs_names(const char *path, size_t *n);
/* A hash over all names and bytes below a folder (.lock excepted). */
uint64_t memfs_digest(const char *path);

void memfs_clock_add(int64_t ns);
/* Called in every sk_sys_poll with the timeout; may change files.  NULL: off.
 * Without it poll moves the clock by the timeout. */
void memfs_on_poll(void (*fn)(void *arg, int timeout_ms), void *arg);
/* Give the inode number of deleted files to new ones, as ext4 does. */
void memfs_reuse_inodes(bool on);

/* ---- faults ---- */

/* Calls made since memfs_reset, memfs_boot or memfs_count_from_zero. */
uint64_t memfs_calls(void);
void memfs_count_from_zero(void);

enum memfs_when { MEMFS_BEFORE, MEMFS_MIDDLE, MEMFS_AFTER };

/* End the running scenario at the n-th call (from 1).  MIDDLE: a write has
 * taken half of its bytes; for other calls it is AFTER. */
void memfs_kill(uint64_t n, enum memfs_when when);

/* The n-th call fails with errno `err` if its kind is in `mask` (bits 1 <<
 * enum memfs_call); so do the next `more` calls of these kinds.  A failing
 * sync loses the unsynced bytes. */
void memfs_fail(uint64_t n, int err, unsigned mask, uint64_t more);

/* The n-th call and the next `more`, if reads or writes, take only one byte
 * (most_but_one: all but one). */
void memfs_short(uint64_t n, bool most_but_one, uint64_t more);

/* At the n-th call the wall clock jumps by ns. */
void memfs_jump(uint64_t n, int64_t ns);

/* End the running scenario now. */
void memfs_stop(void);

/* Whether the planned fault or kill happened, and the last call's name. */
bool memfs_fault_hit(void);
const char *memfs_fault_call(void);
void memfs_no_faults(void);

/* Run fn(arg): false if it was killed.  Then all descriptors are closed, as
 * the kernel does, and faults are off. */
bool memfs_run(void (*fn)(void *arg), void *arg);

/* Close all descriptors and release all locks. */
void memfs_close_all(void);
size_t memfs_open_files(void);

/* ---- power ---- */

/* Put a number into the recording: the driver's word on what happened. */
void memfs_note(int what, uint64_t value);

/* Changes recorded so far: the point that lies behind them. */
size_t memfs_points(void);
/* The recording so far, taken out; the world goes on as a new beginning in
 * which all is durable. */
struct memfs_tape *memfs_take(void);
void memfs_tape_free(struct memfs_tape *tape);
/* Points of a recording: 0 ... n, point p lies before change p. */
size_t memfs_tape_points(const struct memfs_tape *tape);
/* The first point from `point` on that no note follows: on the way to it only
 * what is known has changed, not what is on the disk. */
size_t memfs_tape_settled(const struct memfs_tape *tape, size_t point);
/* The largest value noted for `what` before a point; 0: none. */
uint64_t memfs_tape_note(const struct memfs_tape *tape, size_t point,
    int what);
/* Changes before a point that are not durable there. */
size_t memfs_tape_loose(const struct memfs_tape *tape, size_t point);
/* Sectors that those of them cover which write data: for model C. */
size_t memfs_tape_sectors(const struct memfs_tape *tape, size_t point);

/*
 * The models of what a power cut leaves besides what is durable:
 *   A  nothing
 *   B  the first `choice` of the loose changes; with an odd seed the next
 *      one is a write and a part of it is there too
 *   C  of each 512-byte sector the new, the old, zeros or garbage, by the
 *      seed, or by the bits of `choice` (new or old) if seed is 0; a size
 *      between the durable one and the full one
 *   D  all lengths, names and truncations, but no data: zeros
 *   E  of each file and folder a prefix of its own, by the seed
 *   F  as C, lost sectors filled with what stood there in this file before
 *      it was cut, or in another segment
 */
enum memfs_model {
	MEMFS_A,
	MEMFS_B,
	MEMFS_C,
	MEMFS_D,
	MEMFS_E,
	MEMFS_F
};

/* Power cut at `point`, then power on: the world is what the model left, no
 * descriptors, a new recording. */
void memfs_boot(const struct memfs_tape *tape, size_t point,
    enum memfs_model model, uint64_t choice, uint64_t seed);

#endif
