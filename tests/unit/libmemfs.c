#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/rng.h"
#include "io/sys.h"
#include "libmemfs.h"
#include "libmemtree.h"

struct memfs_world memfs;

void
memfs_broken(const char *why, const char *what)
{
	fprintf(stderr, "memfs: %s: %s\n", why, what);
	abort();
}

/* ---- paths and changes ---- */

/* The folder and the last name of a path; false with errno. */
bool
memfs_locate(const char *path, size_t *dir, const char **name)
{
	const char *slash;
	size_t at = 0, len;

	for (;;) {
		while (*path == '/')
			path++;
		slash = strchr(path, '/');
		len = slash ? (size_t)(slash - path) : strlen(path);
		if (slash == NULL || slash[strspn(slash, "/")] == '\0')
			break;
		if (!(len == 1 && *path == '.'))
			at = memfs_tree_find(&memfs.tree, at, path, len);
		if (at == MEMFS_NONE) {
			errno = ENOENT;
			return false;
		}
		if (!memfs.tree.node[at].dir) {
			errno = ENOTDIR;
			return false;
		}
		path = slash;
	}
	*dir = at;
	*name = path;
	return true;
}

/* The last name without slashes behind it. */
static const char *
plain(const char *name, char *buf, size_t cap)
{
	size_t len = strcspn(name, "/");

	if (len >= cap)
		memfs_broken("name too long", name);
	memcpy(buf, name, len);
	buf[len] = '\0';
	return buf;
}

size_t
memfs_lookup(const char *path)
{
	const char *name;
	size_t dir, node, len;

	if (!memfs_locate(path, &dir, &name))
		return MEMFS_NONE;
	len = strcspn(name, "/");
	if (len == 0 || (len == 1 && name[0] == '.'))
		return dir;
	node = memfs_tree_find(&memfs.tree, dir, name, len);
	if (node == MEMFS_NONE)
		errno = ENOENT;
	return node;
}

void
memfs_do(enum memfs_change_kind kind, size_t node, size_t other, uint64_t pos,
    size_t len, const void *bytes, size_t nbytes, const char *to)
{
	struct memfs_change c = { kind, node, other, pos, len, 0, 0 };

	memfs_tape_add(memfs.tape, c, bytes, nbytes, to);
	memfs_tree_apply(&memfs.tree, memfs.tape,
	    &memfs.tape->change[memfs.tape->n - 1], len);
	if (node < memfs.tree.n)
		memfs.tree.node[node].mtime_ns = memfs.clock_ns;
}

size_t
memfs_create(const char *path, bool dir)
{
	char buf[300];
	const char *name;
	size_t parent, node;

	if (!memfs_locate(path, &parent, &name))
		return MEMFS_NONE;
	name = plain(name, buf, sizeof buf);
	node = memfs_tree_add(&memfs.tree, dir);
	if (memfs.reuse && memfs.n_free > 0)
		memfs.tree.node[node].ino = memfs.free_ino[--memfs.n_free];
	memfs.tree.node[node].mtime_ns = memfs.clock_ns;
	memfs_do(CHANGE_CREATE, parent, node, memfs.tree.node[node].ino, dir,
	    name, strlen(name) + 1, NULL);
	return node;
}

void
memfs_forget(size_t node)
{
	size_t i;

	if (node == MEMFS_NONE || memfs.tree.node[node].links > 0)
		return;
	for (i = 0; i < MEMFS_FD_MAX; i++)
		if (memfs.file[i].used && memfs.file[i].node == node)
			return;
	if (memfs.n_free < MEMFS_INO_MAX)
		memfs.free_ino[memfs.n_free++] = memfs.tree.node[node].ino;
}

int
memfs_rename(const char *from, const char *to)
{
	char from_buf[300], to_buf[300];
	const char *from_name, *to_name;
	size_t from_dir, to_dir, over;

	if (memfs_lookup(from) == MEMFS_NONE ||
	    !memfs_locate(from, &from_dir, &from_name) ||
	    !memfs_locate(to, &to_dir, &to_name))
		return -1;
	from_name = plain(from_name, from_buf, sizeof from_buf);
	to_name = plain(to_name, to_buf, sizeof to_buf);
	over = memfs_tree_find(&memfs.tree, to_dir, to_name, strlen(to_name));
	memfs_do(CHANGE_RENAME, from_dir, to_dir, 0, 0, from_name,
	    strlen(from_name) + 1, to_name);
	memfs_forget(over);
	return 0;
}

int
memfs_unlink(const char *path)
{
	char buf[300];
	const char *name;
	size_t dir, node = memfs_lookup(path);

	if (node == MEMFS_NONE)
		return -1;
	memfs_locate(path, &dir, &name);
	name = plain(name, buf, sizeof buf);
	memfs_do(CHANGE_UNLINK, dir, 0, 0, 0, name, strlen(name) + 1, NULL);
	memfs_forget(node);
	return 0;
}

/* ---- the world ---- */

static void
new_tape(void)
{
	memfs.tape = sk_xcalloc(1, sizeof *memfs.tape);
	memfs_tree_copy(&memfs.tape->base, &memfs.tree);
	memfs.tape->solid = memfs.solid;
}

void
memfs_reset(uint64_t seed)
{
	memfs_tree_free(&memfs.tree);
	memfs_tape_free(memfs.tape);
	memset(&memfs, 0, sizeof memfs);
	memfs_tree_init(&memfs.tree);
	memfs.clock_ns = INT64_C(1795305600000000000);
	memfs.mono_ns = INT64_C(1000000000);
	sk_rng_init(&memfs.rng, seed);
	new_tape();
}

void
memfs_world_set(struct memfs_tree *tree)
{
	memfs_close_all();
	memfs_tree_free(&memfs.tree);
	memfs_tape_free(memfs.tape);
	memfs.tree = *tree;
	memset(&memfs.plan, 0, sizeof memfs.plan);
	memfs.calls = 0;
	memfs.n_free = 0;
	new_tape();
}

size_t
memfs_points(void)
{
	return memfs.tape->n;
}

struct memfs_tape *
memfs_take(void)
{
	struct memfs_tape *tape = memfs.tape;

	new_tape();
	return tape;
}

void
memfs_note(int what, uint64_t value)
{
	struct memfs_change c = { CHANGE_NOTE, MEMFS_NONE, (size_t)what, value,
		0, 0, 0 };

	memfs_tape_add(memfs.tape, c, NULL, 0, NULL);
}

bool
memfs_get(const char *path, struct sk_view *bytes)
{
	size_t node = memfs_lookup(path);

	if (node == MEMFS_NONE)
		return false;
	*bytes = sk_view(memfs.tree.node[node].data.ptr,
	    memfs.tree.node[node].data.len);
	return true;
}

static size_t
need(const char *path)
{
	size_t node = memfs_lookup(path);

	if (node == MEMFS_NONE)
		node = memfs_create(path, false);
	if (node == MEMFS_NONE)
		memfs_broken("no such folder", path);
	return node;
}

void
memfs_put(const char *path, const void *bytes, size_t len)
{
	const char *name;
	size_t dir, node = need(path);

	memfs_do(CHANGE_LENGTH, node, 0, 0, 0, NULL, 0, NULL);
	memfs_do(CHANGE_WRITE, node, 0, 0, len, bytes, len, NULL);
	memfs_do(CHANGE_SYNC, node, 0, 0, 0, NULL, 0, NULL);
	memfs_locate(path, &dir, &name);
	memfs_do(CHANGE_SYNC, dir, 0, 0, 0, NULL, 0, NULL);
}

void
memfs_add(const char *path, const void *bytes, size_t len)
{
	size_t node = need(path);

	memfs_do(CHANGE_WRITE, node, 0, memfs.tree.node[node].data.len, len,
	    bytes, len, NULL);
}

void
memfs_move(const char *from, const char *to)
{
	if (memfs_rename(from, to) != 0)
		memfs_broken("cannot move", from);
}

void
memfs_delete(const char *path)
{
	if (memfs_unlink(path) != 0)
		memfs_broken("cannot delete", path);
}

void
memfs_cut_file(const char *path, size_t len)
{
	memfs_do(CHANGE_LENGTH, need(path), 0, len, 0, NULL, 0, NULL);
}

char **
memfs_list(size_t dir, size_t *n)
{
	const struct memfs_node *d = &memfs.tree.node[dir];
	size_t bytes = 0, i;
	char **names, *at;

	for (i = 0; i < d->n; i++)
		bytes += strlen(d->entry[i].name) + 1;
	names = sk_xalloc(1, (d->n + 1) * sizeof *names + bytes);
	at = (char *)(names + d->n + 1);
	for (i = 0; i < d->n; i++) {
		size_t len = strlen(d->entry[i].name) + 1;

		names[i] = memcpy(at, d->entry[i].name, len);
		at += len;
	}
	names[i] = NULL;
	*n = d->n;
	return names;
}

char **
memfs_names(const char *path, size_t *n)
{
	size_t node = memfs_lookup(path);

	if (node == MEMFS_NONE)
		memfs_broken("no such folder", path);
	return memfs_list(node, n);
}

uint64_t
memfs_digest(const char *path)
{
	const struct memfs_node *d, *f;
	size_t node = memfs_lookup(path), i;
	uint64_t sum = 0;

	if (node == MEMFS_NONE)
		return 0;
	d = &memfs.tree.node[node];
	for (i = 0; i < d->n; i++) {
		f = &memfs.tree.node[d->entry[i].node];
		if (strcmp(d->entry[i].name, ".lock") == 0)
			continue;
		sum = sk_hash_table(d->entry[i].name, strlen(d->entry[i].name),
		    sum);
		if (!f->dir)
			sum = sk_hash_table(f->data.ptr, f->data.len, sum);
	}
	return sum;
}

void
memfs_clock_add(int64_t ns)
{
	memfs.clock_ns += ns;
	if (ns > 0)
		memfs.mono_ns += ns;
}

void
memfs_on_poll(void (*fn)(void *arg, int timeout_ms), void *arg)
{
	memfs.poll_fn = fn;
	memfs.poll_arg = arg;
}

void
memfs_reuse_inodes(bool on)
{
	memfs.reuse = on;
}

/* ---- faults ---- */

uint64_t
memfs_calls(void)
{
	return memfs.calls;
}

void
memfs_count_from_zero(void)
{
	memfs.calls = 0;
}

void
memfs_kill(uint64_t n, enum memfs_when when)
{
	memfs.plan.kill = n;
	memfs.plan.when = when;
}

void
memfs_fail(uint64_t n, int err, unsigned mask, uint64_t more)
{
	memfs.plan.from = n;
	memfs.plan.to = more > UINT64_MAX - n ? UINT64_MAX : n + more;
	memfs.plan.err = err;
	memfs.plan.mask = mask;
}

void
memfs_short(uint64_t n, bool most_but_one, uint64_t more)
{
	memfs.plan.short_from = n;
	memfs.plan.short_to = more > UINT64_MAX - n ? UINT64_MAX : n + more;
	memfs.plan.most_but_one = most_but_one;
}

void
memfs_jump(uint64_t n, int64_t ns)
{
	memfs.plan.jump = n;
	memfs.plan.jump_ns = ns;
}

bool
memfs_fault_hit(void)
{
	return memfs.plan.hit;
}

const char *
memfs_fault_call(void)
{
	return memfs.plan.call ? memfs.plan.call : "none";
}

void
memfs_no_faults(void)
{
	bool hit = memfs.plan.hit;
	const char *call = memfs.plan.call;

	memset(&memfs.plan, 0, sizeof memfs.plan);
	memfs.plan.hit = hit;
	memfs.plan.call = call;
}

bool
memfs_run(void (*fn)(void *arg), void *arg)
{
	if (memfs.running)
		memfs_broken("a scenario in a scenario", "memfs_run");
	if (setjmp(memfs.out) != 0) {
		memfs.running = false;
		memfs_close_all();
		memfs_no_faults();
		return false;
	}
	memfs.running = true;
	fn(arg);
	memfs.running = false;
	return true;
}

void
memfs_close_all(void)
{
	size_t i;

	for (i = 0; i < MEMFS_FD_MAX; i++) {
		if (!memfs.file[i].used)
			continue;
		memfs.file[i].used = false;
		if (!memfs.file[i].watch)
			memfs_forget(memfs.file[i].node);
	}
}

size_t
memfs_open_files(void)
{
	size_t i, n = 0;

	for (i = 0; i < MEMFS_FD_MAX; i++)
		n += memfs.file[i].used;
	return n;
}

static void
note_hit(const char *name)
{
	if (!memfs.plan.hit)
		memfs.plan.call = name;
	memfs.plan.hit = true;
}

void
memfs_solid(const char *path)
{
	memfs.solid = memfs.tape->solid = memfs_lookup(path);
}

void
memfs_stop(void)
{
	if (!memfs.running)
		memfs_broken("killed outside of memfs_run", "plan");
	longjmp(memfs.out, 1);
}

bool
memfs_dies_now(enum memfs_when when)
{
	return memfs.plan.kill != 0 && memfs.calls == memfs.plan.kill &&
	    memfs.plan.when == when;
}

/* Begin a call: true if it is to fail, errno set. */
bool
memfs_enter(enum memfs_call call, const char *name)
{
	memfs.calls++;
	if (memfs.plan.kill == memfs.calls)
		note_hit(name);
	if (memfs.plan.jump == memfs.calls) {
		note_hit(name);
		memfs.clock_ns += memfs.plan.jump_ns;
	}
	if (memfs_dies_now(MEMFS_BEFORE))
		memfs_stop();
	if (memfs.plan.from == 0 || memfs.calls < memfs.plan.from ||
	    memfs.calls > memfs.plan.to || !(memfs.plan.mask >> call & 1))
		return false;
	note_hit(name);
	errno = memfs.plan.err;
	return true;
}

/* End a call that worked. */
void
memfs_leave(void)
{
	if (memfs_dies_now(MEMFS_AFTER) || memfs_dies_now(MEMFS_MIDDLE))
		memfs_stop();
}

size_t
memfs_shortened(size_t len, const char *name)
{
	if (memfs.plan.short_from == 0 || memfs.calls < memfs.plan.short_from ||
	    memfs.calls > memfs.plan.short_to || len < 2)
		return len;
	note_hit(name);
	return memfs.plan.most_but_one ? len - 1 : 1;
}
