#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/trace.h"
#include "io/file.h"
#include "io/sys.h"
#include "io/tailwho.h"

#define SOURCES_MAX 65536 /* as many as a log keeps */

/* ---- sources ---- */

/* Forget the first source that no file is at work on. */
static void
forget_one(struct sk_tail *t)
{
	size_t i;

	for (i = 0; i < t->n_sources && t->source[i]->attached; i++)
		;
	if (i == t->n_sources)
		return;
	free(t->source[i]->name);
	free(t->source[i]);
	memmove(t->source + i, t->source + i + 1,
	    (--t->n_sources - i) * sizeof(*t->source));
}

struct sk_tail_source *
sk_tailwho_source(struct sk_tail *t, const char *name)
{
	struct sk_tail_source *source;

	if (t->n_sources >= SOURCES_MAX)
		forget_one(t);
	source = sk_xcalloc(1, sizeof(*source));
	source->name = sk_xstrdup(name);
	t->source = sk_xrealloc(t->source, t->n_sources + 1,
	    sizeof(*t->source));
	t->source[t->n_sources++] = source;
	return source;
}

/* Of two that fit, the one that is surer, then the later one. */
static bool
fits_better(const struct sk_tail_source *a, const struct sk_tail_source *b)
{
	if (b == NULL || a->fp_len != b->fp_len)
		return b == NULL || a->fp_len > b->fp_len;
	if (a->last_day != b->last_day)
		return a->last_day > b->last_day;
	return a->pos > b->pos;
}

static bool
same_inode(const struct sk_tail_source *s, const struct sk_tailfile *f)
{
	return s->dev == f->dev && s->ino == f->ino;
}

static bool
ends_in(const char *name, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len > n && memcmp(name + len - n, end, n) == 0;
}

/* Is a file called as the source is, but for what rotation adds to a name:
 * digits, dots and hyphens, .gz and .zst, and what comes behind? */
static bool
same_stem(const char *source, const char *path)
{
	const char *name = sk_path_name(source);
	size_t len = strlen(name);

	if (ends_in(name, len, ".gz"))
		len -= 3;
	else if (ends_in(name, len, ".zst"))
		len -= 4;
	while (len > 0 && strchr("0123456789.-_", name[len - 1]) != NULL)
		len--;
	return strncmp(sk_path_name(path), name,
	    len > 0 ? len : strlen(name)) == 0;
}

/* The same content: by a full fingerprint; or by any together with the name,
 * if this is packed and the source not at hand, or the source is known to have
 * lost its file to a truncation. */
static bool
same_content(const struct sk_tail *t, const struct sk_tail_source *s,
    const struct sk_newcomer *new)
{
	size_t i;

	if (s->fp_len == 0 || !sk_tailfile_matches(s, &new->head))
		return false;
	if (s->fp_len == SK_TAIL_HEAD)
		return true;
	if (!same_stem(s->name, new->file->path))
		return false;
	if (!new->file->packed)
		return s->truncated && !s->attached &&
		    new->file->size >= s->pos;
	for (i = 0; s->attached && i < t->n_files; i++)
		if (t->file[i]->source == s && !t->file[i]->deleted)
			return false;
	return true;
}

static struct sk_tail_source *
find_by_inode(const struct sk_tail *t, const struct sk_newcomer *new)
{
	struct sk_tail_source *best = NULL, *s;
	size_t i;

	for (i = 0; i < t->n_sources; i++) {
		s = t->source[i];
		if (!s->attached && s->fp_len > 0 &&
		    same_inode(s, new->file) &&
		    sk_tailfile_matches(s, &new->head) && fits_better(s, best))
			best = s;
	}
	return best;
}

/* A source that is being read from another file is found too, but only if
 * there is no other. */
static struct sk_tail_source *
find_by_content(const struct sk_tail *t, const struct sk_newcomer *new)
{
	struct sk_tail_source *best = NULL, *s;
	size_t i;

	for (i = 0; i < t->n_sources; i++) {
		s = t->source[i];
		if (!same_content(t, s, new) ||
		    (best != NULL && !best->attached && s->attached))
			continue;
		if ((best != NULL && best->attached && !s->attached) ||
		    fits_better(s, best))
			best = s;
	}
	return best;
}

/* ---- files ---- */

/* Where a source went to another inode, that is told though no line comes. */
static void
attach(struct sk_tailfile *f, struct sk_tail_source *source)
{
	f->moved = source->fp_len > 0 && !same_inode(source, f);
	source->dev = f->dev;
	source->ino = f->ino;
	source->attached = true;
	source->truncated = false;
	f->source = source;
	f->copy_of = NULL;
	f->ready = true;
	sk_trace("tail", "file=%s source=%016" PRIx64 " pos=%" PRIu64,
	    f->path, source->id, source->pos);
}

static void
attach_new(struct sk_tail *t, struct sk_tailfile *f,
    const struct sk_tail_head *head)
{
	struct sk_tail_source *source = sk_tailwho_source(t, f->path);

	source->id = sk_sys_random();
	attach(f, source);
	if (head != NULL)
		sk_tailfile_stamp(source, head);
}

static void
detach(struct sk_tailfile *f)
{
	if (f->source != NULL)
		f->source->attached = false;
	f->source = NULL;
	f->inside = false;
}

static void
add_file(struct sk_tail *t, struct sk_tailfile *f)
{
	t->file = sk_xrealloc(t->file, t->n_files + 1, sizeof(*t->file));
	t->file[t->n_files++] = f;
}

/* A packed file has no descriptor that would keep its inode: that of a deleted
 * one may be another file's by now. */
struct sk_tailfile *
sk_tailwho_find(const struct sk_tail *t, const struct stat *st)
{
	struct sk_tailfile *f;
	size_t i;

	for (i = 0; i < t->n_files; i++) {
		f = t->file[i];
		if (f->dev == (uint64_t)st->st_dev &&
		    f->ino == (uint64_t)st->st_ino && (!f->packed ||
		    (f->size == (uint64_t)st->st_size &&
		    f->mtime_ns == sk_tailfile_mtime(st))))
			return f;
	}
	return NULL;
}

void
sk_tailwho_drop(struct sk_tail *t, size_t at)
{
	struct sk_tailfile *f = t->file[at];

	sk_trace("drop", "file=%s", f->path);
	if (t->packed == f)
		t->packed = NULL;
	detach(f);
	sk_tailfile_close(f);
	free(f);
	memmove(t->file + at, t->file + at + 1,
	    (--t->n_files - at) * sizeof(*t->file));
}

static void
warn_truncated(const struct sk_tail *t, const char *name, uint64_t pos)
{
	sk_notify(&t->conf.warn, "%s: truncated; lines written after byte "
	    "%" PRIu64 " and before that may be missing", name, pos);
}

void
sk_tailwho_truncated(struct sk_tail *t, struct sk_tailfile *f)
{
	struct sk_tail_head head;

	if (f->packed) {
		/* A packed copy that does not reach our position: nothing of
		 * it is missing. */
		f->copy_of = f->source;
		detach(f);
		f->ready = false;
		return;
	}
	warn_truncated(t, f->source->name, f->source->pos);
	f->source->truncated = true;
	detach(f);
	head.len = 0;
	sk_file_pread(f->fd, head.bytes, SK_TAIL_HEAD, 0, &head.len);
	attach_new(t, f, &head);
	f->settled = false;
}

/* The file that is at work on a source: NULL if there is none, or it turns
 * out not to be that file any more. */
static struct sk_tailfile *
file_of(struct sk_tail *t, const struct sk_tail_source *source)
{
	struct sk_tailfile *f;
	size_t i;

	for (i = 0; i < t->n_files; i++) {
		f = t->file[i];
		if (f->source != source)
			continue;
		if (sk_tailfile_check(f) != SK_EDATA)
			return f;
		sk_tailwho_truncated(t, f);
		return NULL;
	}
	return NULL;
}

static void
begin_anew(struct sk_tail *t, struct sk_newcomer *new,
    const struct sk_tail_source *old)
{
	warn_truncated(t, new->file->path, old->pos);
	attach_new(t, new->file, &new->head);
}

/* Sources whose inode this file has, and a name like theirs, but not their
 * content: it was truncated, or the inode is used again. */
static void
mark_truncated(struct sk_tail *t, const struct sk_tailfile *f)
{
	struct sk_tail_source *s;
	size_t i;

	for (i = 0; i < t->n_sources; i++) {
		s = t->source[i];
		if (!s->attached && same_inode(s, f) &&
		    same_stem(s->name, f->path))
			s->truncated = true;
	}
}

static bool
join_by_inode(struct sk_tail *t, struct sk_newcomer *new)
{
	struct sk_tailfile *f = new->file;
	struct sk_tail_source *source = find_by_inode(t, new);

	if (source == NULL) {
		mark_truncated(t, f);
		return false;
	}
	if (!f->packed && f->size < source->pos)
		begin_anew(t, new, source);
	else
		attach(f, source);
	return true;
}

static void
hold_back(struct sk_tail *t, struct sk_tailfile *f,
    struct sk_tail_source *source)
{
	sk_notify(&t->conf.info, "%s: a copy of %s, held back", f->path,
	    source->name);
	f->copy_of = source;
	f->ready = false;
}

static bool
join_by_content(struct sk_tail *t, struct sk_newcomer *new)
{
	struct sk_tailfile *f = new->file, *other;
	struct sk_tail_source *source = find_by_content(t, new);
	bool shorter;

	other = source != NULL ? file_of(t, source) : NULL;
	if (source == NULL ||
	    (other != NULL && !sk_tailfile_same_bytes(f, other)))
		return false;
	shorter = !f->packed && f->size < source->pos;
	if (shorter && !source->attached &&
	    strcmp(source->name, f->path) == 0)
		begin_anew(t, new, source);
	else if (shorter || source->attached)
		hold_back(t, f, source);
	else {
		sk_notify(&t->conf.info, "%s: holds what was read as %s, "
		    "going on at byte %" PRIu64, f->path, source->name,
		    source->pos);
		attach(f, source);
	}
	return true;
}

/* Does a file that is being read begin with these bytes? */
static bool
repeats_another(const struct sk_tail *t, const struct sk_newcomer *new)
{
	const struct sk_tailfile *g;
	char bytes[SK_TAIL_HEAD];
	size_t i, got;

	for (i = 0; i < t->n_files; i++) {
		g = t->file[i];
		if (g != new->file && g->fd >= 0 && g->size > new->head.len &&
		    sk_file_pread(g->fd, bytes, new->head.len, 0, &got) == 0 &&
		    got == new->head.len &&
		    memcmp(bytes, new->head.bytes, got) == 0)
			return true;
	}
	return false;
}

/*
 * A file that is being made tells too little of itself: a name is seen before
 * its bytes are there, and a copy or an archive of a known file must not be
 * taken for a new one.  So it is looked at again when it has grown, and not
 * for longer than sk_tailwho_due() says.
 */
static bool
in_doubt(const struct sk_tail *t, const struct sk_newcomer *new, int64_t now)
{
	const struct sk_tailfile *f = new->file;
	const struct sk_tail_head *head = &new->head;

	if (head->len == 0)
		return true;
	if (head->len == SK_TAIL_HEAD || t->conf.once ||
	    now >= sk_tailwho_due(t, f))
		return false;
	if (f->packed)
		return !head->whole;
	return sk_tailfile_undecided(head) ||
	    (t->begun && f->by_pattern && repeats_another(t, new));
}

int64_t
sk_tailwho_due(const struct sk_tail *t, const struct sk_tailfile *f)
{
	if (f->source != NULL || f->copy_of != NULL || f->size == 0 ||
	    t->conf.once)
		return INT64_MAX;
	return f->grown_ns +
	    (f->packed ? t->conf.rotate_wait_ns : SK_TAILWHO_DOUBT_NS);
}

static void
identify(struct sk_tail *t, struct sk_newcomer *new, int64_t now)
{
	new->file->ready = false;
	if (in_doubt(t, new, now))
		return;
	if (!join_by_inode(t, new) && !join_by_content(t, new))
		attach_new(t, new->file, &new->head);
}

void
sk_tailwho_join(struct sk_tail *t, struct sk_newcomer *new, size_t n)
{
	int64_t now = sk_sys_mono_ns();
	size_t i;

	for (i = 0; i < n; i++) {
		add_file(t, new[i].file);
		if (new[i].head.len == 0)
			mark_truncated(t, new[i].file);
		else if (!in_doubt(t, &new[i], now))
			join_by_inode(t, &new[i]);
	}
	for (i = 0; i < n; i++)
		if (new[i].file->source == NULL)
			identify(t, &new[i], now);
}

static void
release_copy(struct sk_tail *t, struct sk_tailfile *f)
{
	struct sk_tailfile *other = file_of(t, f->copy_of);

	if (other == NULL && (f->packed || f->size >= f->copy_of->pos))
		attach(f, f->copy_of);
	else if (other != NULL && f->ready &&
	    !sk_tailfile_same_bytes(f, other)) {
		f->copy_of = NULL;
		attach_new(t, f, NULL);
	}
	f->ready = f->source != NULL;
}

void
sk_tailwho_release(struct sk_tail *t, int64_t now)
{
	struct sk_newcomer again;
	struct sk_tailfile *f;
	size_t i;

	for (i = 0; i < t->n_files; i++) {
		f = t->file[i];
		if (f->copy_of != NULL)
			release_copy(t, f);
		else if (f->source == NULL &&
		    (f->ready || now >= sk_tailwho_due(t, f))) {
			again.file = f;
			if (sk_tailfile_head(f, &again.head) == 0)
				identify(t, &again, now);
		}
	}
}

/* ---- rotated files ---- */

/* Is this name of ours the one a source was read under? */
static bool
name_fits(const struct sk_tail_name *name, const struct sk_tail_source *s)
{
	const char *last = sk_path_name(s->name);

	return name->glob ? sk_glob_matches_name(name->pattern, last) :
	    strcmp(sk_path_name(name->pattern), last) == 0;
}

/* The sources of this name that no file is at work on: their rests may lie in
 * its folders. */
static size_t
lost_sources(const struct sk_tail *t, const struct sk_tail_name *name,
    struct sk_tail_source **lost)
{
	size_t i, n = 0;

	for (i = 0; i < t->n_sources; i++)
		if (!t->source[i]->attached && t->source[i]->fp_len > 0 &&
		    name_fits(name, t->source[i]))
			lost[n++] = t->source[i];
	return n;
}

static struct sk_tail_source *
choose(const struct sk_tail *t, struct sk_tail_source **lost, size_t n,
    const struct sk_newcomer *new)
{
	struct sk_tail_source *best = NULL;
	size_t i;

	for (i = 0; i < n; i++)
		if (!lost[i]->attached && (same_content(t, lost[i], new) ||
		    (same_inode(lost[i], new->file) &&
		    sk_tailfile_matches(lost[i], &new->head))) &&
		    fits_better(lost[i], best))
			best = lost[i];
	return best;
}

/* Take the file if bytes of a lost source are unread in it. */
static void
try_rest(struct sk_tail *t, const char *path, struct sk_tail_source **lost,
    size_t n)
{
	struct sk_newcomer new = { .file = NULL };
	struct sk_tail_source *source;
	struct stat st;

	if (sk_sys_stat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
	    sk_tailwho_find(t, &st) != NULL)
		return;
	new.file = sk_xcalloc(1, sizeof(*new.file));
	if (sk_tailfile_open(new.file, path, &new.head) != 0) {
		free(new.file);
		return;
	}
	source = choose(t, lost, n, &new);
	if (source == NULL ||
	    (!new.file->packed && new.file->size <= source->pos)) {
		sk_tailfile_close(new.file);
		free(new.file);
		return;
	}
	sk_notify(&t->conf.info, "%s: the rest of %s, from byte %" PRIu64,
	    path, source->name, source->pos);
	attach(new.file, source);
	new.file->rotated = true;
	add_file(t, new.file);
}

static void
search_folder(struct sk_tail *t, const char *dir,
    struct sk_tail_source **lost, size_t n_lost)
{
	char **names, *path;
	size_t n, i;

	if (sk_sys_list(dir, &names, &n) != 0)
		return;
	for (i = 0; i < n; i++) {
		path = sk_path_join(dir, names[i]);
		try_rest(t, path, lost, n_lost);
		free(path);
	}
	free(names);
}

void
sk_tailwho_find_rests(struct sk_tail *t)
{
	struct sk_tail_source **lost;
	const struct sk_tail_name *name;
	size_t n, i, k;

	lost = sk_xalloc(t->n_sources + 1, sizeof(*lost));
	for (i = 0; i < t->n_names; i++) {
		name = &t->name[i];
		n = lost_sources(t, name, lost);
		for (k = 0; n > 0 && k < name->dirs.n; k++)
			search_folder(t, name->dirs.item[k], lost, n);
	}
	free(lost);
}
