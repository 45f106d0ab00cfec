#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/sys.h"
#include "io/tail.h"
#include "io/tailwho.h"

#define READS_MAX 64
#define TOLD_MAX 1000 /* names whose trouble is remembered, not to repeat it */

void
sk_tail_init(struct sk_tail *t, const struct sk_tail_conf *conf)
{
	memset(t, 0, sizeof(*t));
	t->conf = *conf;
}

void
sk_tail_know(struct sk_tail *t, const struct sk_tail_source *known)
{
	struct sk_tail_source *source = sk_tailwho_source(t, known->name);
	char *name = source->name;

	*source = *known;
	source->name = name;
	source->attached = false;
}

void
sk_tail_follow(struct sk_tail *t, const char *pattern)
{
	struct sk_tail_name *name;
	struct stat st;

	t->name = sk_xrealloc(t->name, t->n_names + 1, sizeof(*t->name));
	name = &t->name[t->n_names++];
	memset(name, 0, sizeof(*name));
	name->pattern = sk_xstrdup(pattern);
	name->glob = sk_glob_has_meta(pattern) &&
	    sk_sys_stat(pattern, &st) != 0;
}

/* ---- trouble with a name, said once ---- */

static bool
is_told(const struct sk_tail *t, const char *path, size_t *at)
{
	for (*at = 0; *at < t->told.n; ++*at)
		if (strcmp(t->told.item[*at], path) == 0)
			return true;
	return false;
}

static void
complain(struct sk_tail *t, const char *path, int error)
{
	size_t at;

	if (is_told(t, path, &at) || t->told.n >= TOLD_MAX)
		return;
	sk_paths_add(&t->told, sk_xstrdup(path));
	if (error == ENOENT && !t->conf.once)
		sk_notify(&t->conf.warn, "%s: not there yet, waiting for it",
		    path);
	else
		sk_notify(&t->conf.fail, "%s: %s", path, error == EINVAL ?
		    "not a regular file" : strerror(error));
}

static void
forget_trouble(struct sk_tail *t, const char *path)
{
	size_t at;

	if (!is_told(t, path, &at))
		return;
	sk_notify(&t->conf.info, "%s: there now", path);
	free(t->told.item[at]);
	t->told.item[at] = t->told.item[--t->told.n];
}

/* ---- names ---- */

struct newcomers {
	struct sk_newcomer *item;
	size_t n;
};

/* A name leads to a file that is open.  A packed one has no descriptor, so it
 * follows its new name. */
static void
seen_again(struct sk_tailfile *f, const char *path)
{
	if (strcmp(f->path, path) == 0)
		f->rotated = false;
	else if (f->packed) {
		free(f->path);
		f->path = sk_xstrdup(path);
		f->rotated = f->astray = false;
	}
}

static bool
among(struct newcomers *new, const struct stat *st)
{
	size_t i;

	for (i = 0; i < new->n; i++)
		if (new->item[i].file->dev == (uint64_t)st->st_dev &&
		    new->item[i].file->ino == (uint64_t)st->st_ino)
			return true;
	return false;
}

static void
visit(struct sk_tail *t, const char *path, bool by_pattern,
    struct newcomers *new)
{
	struct sk_newcomer *one;
	struct sk_tailfile *f;
	struct stat st;

	if (sk_sys_stat(path, &st) != 0) {
		/* Between rotation and creation a name leads nowhere. */
		if (errno != ENOENT || !t->begun)
			complain(t, path, errno);
		t->again |= errno != ENOENT;
		return;
	}
	f = sk_tailwho_find(t, &st);
	if (f != NULL) {
		seen_again(f, path);
		return;
	}
	if (among(new, &st))
		return;
	if (!S_ISREG(st.st_mode)) {
		complain(t, path, S_ISDIR(st.st_mode) ? EISDIR : EINVAL);
		return;
	}
	f = sk_xcalloc(1, sizeof(*f));
	new->item = sk_xrealloc(new->item, new->n + 1, sizeof(*new->item));
	one = &new->item[new->n];
	if (sk_tailfile_open(f, path, &one->head) != 0) {
		complain(t, path, errno);
		t->again = true;
		free(f);
		return;
	}
	forget_trouble(t, path);
	t->turned |= t->begun;
	f->by_pattern = by_pattern;
	one->file = f;
	new->n++;
}

/* A folder of a pattern cannot be read. */
static void
hear_folder(void *arg, const char *folder, int error)
{
	struct sk_tail *t = arg;

	complain(t, folder, error);
	t->again = true;
}

static void
visit_name(struct sk_tail *t, struct sk_tail_name *name,
    struct newcomers *new)
{
	const struct sk_glob_hear hear = { hear_folder, t };
	struct sk_paths paths = { 0 };
	size_t i;
	int err = 0;

	sk_paths_free(&name->dirs);
	if (name->glob)
		err = sk_glob_expand(name->pattern, &paths, &name->dirs, &hear);
	else {
		sk_paths_add(&paths, sk_xstrdup(name->pattern));
		sk_paths_add(&name->dirs, sk_path_folder(name->pattern));
	}
	for (i = 0; t->conf.watch != NULL && i < name->dirs.n; i++)
		sk_watch_add(t->conf.watch, name->dirs.item[i]);
	for (i = 0; i < paths.n; i++)
		visit(t, paths.item[i], name->glob, new);
	if (paths.n == 0 && err == 0 && !t->begun)
		sk_notify(&t->conf.warn, "%s: no file matches%s",
		    name->pattern, t->conf.once ? "" : " yet");
	sk_paths_free(&paths);
}

/* Files that are new to us at the first look begin at their end. */
static void
skip_new(struct sk_tail *t, size_t first, char *buf, size_t cap)
{
	struct sk_tailfile *f;
	size_t i;

	for (i = first; i < t->n_files; i++) {
		f = t->file[i];
		if (f->source == NULL || f->source->pos != 0 || f->rotated)
			continue;
		if (sk_tailfile_skip(f, buf, cap, t->conf.max_line) != 0)
			complain(t, f->path, errno);
		f->moved |= f->source->pos > 0;
	}
}

/* Does its name lead elsewhere?  If that cannot be said now, no. */
static bool
has_moved(const struct sk_tailfile *f)
{
	struct stat st;

	if (sk_sys_stat(f->path, &st) != 0)
		return errno == ENOENT || errno == ENOTDIR;
	return (uint64_t)st.st_dev != f->dev || (uint64_t)st.st_ino != f->ino;
}

/* A name that leads to another file, or to none, has rotated.  A packed file
 * that no name has led to is gone. */
static void
mark_rotated(struct sk_tail *t)
{
	struct sk_tailfile *f;
	size_t i;

	for (i = 0; i < t->n_files; i++) {
		f = t->file[i];
		if (f->astray) {
			f->rotated = f->deleted = f->settled = true;
			f->grown_ns = 0;
		}
		if (f->rotated || !has_moved(f))
			continue;
		f->rotated = t->turned = true;
		f->ready = true;
		sk_notify(&t->conf.info, "%s: rotated", f->path);
	}
}

static void
look_at_names(struct sk_tail *t, char *buf, size_t cap)
{
	struct newcomers new = { 0 };
	size_t i, first = t->n_files;

	t->again = false;
	for (i = 0; i < t->n_names; i++)
		visit_name(t, &t->name[i], &new);
	sk_tailwho_join(t, new.item, new.n);
	free(new.item);
	mark_rotated(t);
	if (!t->begun && t->conf.from_end)
		skip_new(t, first, buf, cap);
	if (!t->begun || t->turned)
		sk_tailwho_find_rests(t, true);
	t->begun = true;
	t->turned = false;
}

/* ---- files ---- */

static bool
quiet(const struct sk_tail *t, const struct sk_tailfile *f, int64_t now)
{
	if (t->conf.once)
		return sk_sys_clock_ns() - f->mtime_ns >=
		    t->conf.rotate_wait_ns;
	return now - f->grown_ns >= t->conf.rotate_wait_ns;
}

/* No more lines are expected behind what this file holds now. */
static bool
is_final(const struct sk_tailfile *f)
{
	return f->rotated || f->packed;
}

/* A later file of this name has been settled as well. */
static bool
outdone(const struct sk_tail *t, const struct sk_tailfile *f)
{
	const struct sk_tailfile *g;
	size_t i;

	for (i = 0; i < t->n_files; i++) {
		g = t->file[i];
		if (g != f && g->rotated && g->settled && g->source != NULL &&
		    f->source != NULL && g->mtime_ns >= f->mtime_ns &&
		    strcmp(g->source->name, f->source->name) == 0)
			return true;
	}
	return false;
}

/* The last rotated file of a name is kept: its writer may not have noticed
 * yet.  What is deleted and has been quiet, or older, goes. */
static bool
is_over(const struct sk_tail *t, const struct sk_tailfile *f, int64_t now)
{
	if (!f->rotated || !quiet(t, f, now))
		return false;
	if (f->source == NULL)
		return f->deleted || f->size == 0;
	return f->settled && (f->deleted || outdone(t, f));
}

static void
tell_damage(const struct sk_tail *t, struct sk_tailfile *f)
{
	if (!f->damaged || f->failed)
		return;
	f->failed = true;
	sk_notify(&t->conf.fail, "%s: damaged or cut off behind byte "
	    "%" PRIu64 " of its content", f->path,
	    f->source->pos + f->partial);
}

/* Nothing came for a while: the last bytes are a line. */
static void
settle(const struct sk_tail *t, struct sk_tailfile *f)
{
	f->ready = f->partial > 0 && !f->damaged;
	f->settled = !f->ready;
	if (f->settled)
		tell_damage(t, f);
}

static void
begin_anew(struct sk_tail *t, struct sk_tailfile *f)
{
	f->partial = 0;
	sk_tailwho_truncated(t, f);
	sk_tailwho_find_rests(t, false);
	t->turned = true;
}

static void
look_at_file(struct sk_tail *t, struct sk_tailfile *f, bool names,
    int64_t now)
{
	int err = sk_tailfile_look(f, now);

	/* Who it is matters before new names are joined to sources. */
	if (err == 0 && names && f->ready)
		err = sk_tailfile_check(f);
	if (err == SK_EDATA)
		begin_anew(t, f);
	else if (err != 0 && f->packed) {
		f->astray = true;
		f->ready = false;
	}
	if (is_final(f) && !f->settled && f->source != NULL &&
	    !f->ready && quiet(t, f, now))
		settle(t, f);
}

void
sk_tail_look(struct sk_tail *t, unsigned why, char *buf, size_t cap)
{
	bool names = (why & SK_WATCH_NAMES) != 0 || !t->begun || t->again;
	int64_t now = sk_sys_mono_ns();
	size_t i;

	/* Files first, names then: what was truncated gives its source free
	 * for the copy that a name may bring, and what has got its first bytes
	 * is known before its archive is. */
	for (i = 0; i < t->n_files; i++)
		look_at_file(t, t->file[i], names, now);
	sk_tailwho_release(t, now);
	if (names)
		look_at_names(t, buf, cap);
	sk_tailwho_release(t, now);
	for (i = t->n_files; i-- > 0;)
		if (is_over(t, t->file[i], now))
			sk_tailwho_drop(t, i);
}

/* ---- reading ---- */

/* 1: a chunk; 0: this file has nothing now. */
static int
read_file(struct sk_tail *t, struct sk_tailfile *f, char *buf, size_t cap,
    struct sk_tail_chunk *chunk)
{
	bool inside = f->inside;
	bool rest = is_final(f) && quiet(t, f, sk_sys_mono_ns());
	int end;

	chunk->start_pos = f->source->pos;
	end = sk_tailfile_read(f, buf, cap, t->conf.max_line, rest,
	    &chunk->len);
	t->packed = f->packed && f->ready ? f : NULL;
	if (end > 0) {
		chunk->end = (enum sk_tailfile_end)end;
		chunk->source = f->source;
		chunk->end_pos = f->source->pos;
		chunk->inside = inside;
		f->failed = false;
		return 1;
	}
	f->ready = false;
	if (end == SK_EDATA)
		begin_anew(t, f);
	else if (end < 0 && errno != ENOENT && !f->failed) {
		f->failed = true;
		sk_notify(&t->conf.fail, "%s: %s", f->path, strerror(errno));
	} else if (end == 0 && rest && (f->partial == 0 || f->damaged))
		settle(t, f);
	return 0;
}

/* Positions that moved without lines are told first. */
static bool
next_move(struct sk_tail *t, struct sk_tail_chunk *chunk)
{
	struct sk_tailfile *f;
	size_t i;

	for (i = 0; i < t->n_files; i++) {
		f = t->file[i];
		if (!f->moved || f->source == NULL)
			continue;
		f->moved = false;
		memset(chunk, 0, sizeof(*chunk));
		chunk->source = f->source;
		chunk->start_pos = chunk->end_pos = f->source->pos;
		return true;
	}
	return false;
}

/* One packed file is read through before another is begun, then come rotated
 * files, then the others, each to its end or for READS_MAX reads. */
static struct sk_tailfile *
choose(struct sk_tail *t)
{
	struct sk_tailfile *f;
	size_t i;

	if (t->packed != NULL && t->packed->ready)
		return t->packed;
	for (i = 0; i < t->n_files; i++)
		if (t->file[i]->ready && t->file[i]->rotated &&
		    t->file[i]->source != NULL)
			return t->file[i];
	for (i = 0; i <= t->n_files; i++, t->turn++, t->reads = 0) {
		if (t->turn >= t->n_files)
			t->turn = 0;
		f = t->n_files > 0 ? t->file[t->turn] : NULL;
		if (f != NULL && f->ready && f->source != NULL &&
		    (t->conf.once || t->reads++ < READS_MAX))
			return f;
	}
	return NULL;
}

int
sk_tail_next(struct sk_tail *t, char *buf, size_t cap,
    struct sk_tail_chunk *chunk)
{
	struct sk_tailfile *f;

	if (next_move(t, chunk))
		return 1;
	while ((f = choose(t)) != NULL)
		if (read_file(t, f, buf, cap, chunk))
			return 1;
	return 0;
}

int64_t
sk_tail_deadline(const struct sk_tail *t)
{
	const struct sk_tailfile *f;
	int64_t first = INT64_MAX, due;
	size_t i;

	for (i = 0; i < t->n_files; i++) {
		f = t->file[i];
		due = sk_tailwho_due(t, f);
		if (is_final(f) && !f->settled && f->source != NULL)
			due = f->grown_ns + t->conf.rotate_wait_ns;
		if (due < first)
			first = due;
	}
	return first;
}

size_t
sk_tail_unread(const struct sk_tail *t, uint64_t *nbytes, const char **path)
{
	size_t i, n = 0;

	*nbytes = 0;
	for (i = 0; i < t->n_files; i++) {
		if (t->file[i]->source == NULL || t->file[i]->partial == 0)
			continue;
		*nbytes += t->file[i]->partial;
		*path = t->file[i]->path;
		n++;
	}
	return n;
}

void
sk_tail_free(struct sk_tail *t)
{
	size_t i;

	while (t->n_files > 0)
		sk_tailwho_drop(t, t->n_files - 1);
	for (i = 0; i < t->n_sources; i++) {
		free(t->source[i]->name);
		free(t->source[i]);
	}
	for (i = 0; i < t->n_names; i++) {
		free(t->name[i].pattern);
		sk_paths_free(&t->name[i].dirs);
	}
	sk_paths_free(&t->told);
	free(t->name);
	free(t->source);
	free(t->file);
	free(t->foreign);
	memset(t, 0, sizeof(*t));
}
