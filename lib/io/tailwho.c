#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/trace.h"
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

/* The same content: by a full fingerprint, or, if this is packed, by any
 * together with its name. */
static bool
same_content(const struct sk_tail_source *s, const struct sk_newcomer *new)
{
	const char *name = sk_path_name(s->name);

	if (s->fp_len == 0 || !sk_tailfile_matches(s, &new->head))
		return false;
	return s->fp_len == SK_TAIL_HEAD || (new->file->packed &&
	    strncmp(sk_path_name(new->file->path), name, strlen(name)) == 0);
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
		if (!same_content(s, new) ||
		    (best != NULL && !best->attached && s->attached))
			continue;
		if ((best != NULL && best->attached && !s->attached) ||
		    fits_better(s, best))
			best = s;
	}
	return best;
}

static struct sk_tailfile *
file_of(const struct sk_tail *t, const struct sk_tail_source *source)
{
	size_t i;

	for (i = 0; i < t->n_files; i++)
		if (t->file[i]->source == source)
			return t->file[i];
	return NULL;
}

/* ---- files ---- */

static void
attach(struct sk_tailfile *f, struct sk_tail_source *source)
{
	source->dev = f->dev;
	source->ino = f->ino;
	source->attached = true;
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
	if (head != NULL)
		sk_tailfile_stamp(source, head);
	attach(f, source);
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
	if (f->packed) {
		/* A packed copy that does not reach our position: nothing of
		 * it is missing. */
		f->copy_of = f->source;
		detach(f);
		f->ready = false;
		return;
	}
	warn_truncated(t, f->source->name, f->source->pos);
	detach(f);
	attach_new(t, f, NULL);
	f->settled = false;
}

static void
begin_anew(struct sk_tail *t, struct sk_newcomer *new,
    const struct sk_tail_source *old)
{
	warn_truncated(t, new->file->path, old->pos);
	attach_new(t, new->file, &new->head);
}

static void
join_by_inode(struct sk_tail *t, struct sk_newcomer *new)
{
	struct sk_tailfile *f = new->file;
	struct sk_tail_source *source = find_by_inode(t, new);

	if (source == NULL)
		return;
	if (!f->packed && f->size < source->pos)
		begin_anew(t, new, source);
	else
		attach(f, source);
	add_file(t, f);
	new->file = NULL;
}

static void
join_by_content(struct sk_tail *t, struct sk_newcomer *new)
{
	struct sk_tailfile *f = new->file;
	struct sk_tail_source *source = find_by_content(t, new);
	const struct sk_tailfile *other;
	bool shorter;

	other = source != NULL && source->attached ? file_of(t, source) : NULL;
	if (other != NULL && !sk_tailfile_same_bytes(f, other))
		source = NULL;
	shorter = source != NULL && !f->packed && f->size < source->pos;
	if (source == NULL) {
		attach_new(t, f, &new->head);
	} else if (shorter && !source->attached &&
	    strcmp(source->name, f->path) == 0) {
		begin_anew(t, new, source);
	} else if (shorter || source->attached) {
		sk_notify(&t->conf.info, "%s: a copy of %s, held back",
		    f->path, source->name);
		f->copy_of = source;
		f->ready = false;
	} else {
		sk_notify(&t->conf.info, "%s: holds what was read as %s, "
		    "going on at byte %" PRIu64, f->path, source->name,
		    source->pos);
		attach(f, source);
	}
	add_file(t, f);
	new->file = NULL;
}

void
sk_tailwho_join(struct sk_tail *t, struct sk_newcomer *new, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		join_by_inode(t, &new[i]);
	for (i = 0; i < n; i++)
		if (new[i].file != NULL)
			join_by_content(t, &new[i]);
}

void
sk_tailwho_release(struct sk_tail *t)
{
	struct sk_tailfile *f, *other;
	size_t i;

	for (i = 0; i < t->n_files; i++) {
		f = t->file[i];
		if (f->copy_of == NULL)
			continue;
		other = f->copy_of->attached ? file_of(t, f->copy_of) : NULL;
		if (other == NULL && (f->packed || f->size >= f->copy_of->pos))
			attach(f, f->copy_of);
		else if (other != NULL && f->ready &&
		    !sk_tailfile_same_bytes(f, other))
			attach_new(t, f, NULL);
		f->ready = f->source != NULL;
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

static bool
is_open(const struct sk_tail *t, const struct stat *st)
{
	size_t i;

	for (i = 0; i < t->n_files; i++)
		if (t->file[i]->dev == (uint64_t)st->st_dev &&
		    t->file[i]->ino == (uint64_t)st->st_ino)
			return true;
	return false;
}

static struct sk_tail_source *
choose(struct sk_tail_source **lost, size_t n, const struct sk_newcomer *new)
{
	struct sk_tail_source *best = NULL;
	size_t i;

	for (i = 0; i < n; i++)
		if (!lost[i]->attached && (same_content(lost[i], new) ||
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
	    is_open(t, &st))
		return;
	new.file = sk_xcalloc(1, sizeof(*new.file));
	if (sk_tailfile_open(new.file, path, &new.head) != 0) {
		free(new.file);
		return;
	}
	source = choose(lost, n, &new);
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
