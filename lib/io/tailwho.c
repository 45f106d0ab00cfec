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
    const struct sk_tail_head *head, const char *name)
{
	struct sk_tail_source *source = sk_tailwho_source(t, name);

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
	attach_new(t, f, &head, f->path);
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
	attach_new(t, new->file, &new->head, new->file->path);
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
			s->truncated = t->turned = true;
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
		attach_new(t, new->file, &new->head, new->file->path);
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
		attach_new(t, f, NULL, f->path);
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

/* The length of the part of a name up to a dot, hyphen or underscore. */
static size_t
part_len(const char *name)
{
	return strcspn(name, ".-_");
}

static bool
has_part(const char *name, const char *part, size_t len)
{
	size_t n;

	for (;; name += n + 1) {
		n = part_len(name);
		if (n == len && memcmp(name, part, n) == 0)
			return true;
		if (name[n] == '\0')
			return false;
	}
}

/* Does a file of the same folder have a name that rotation gives?  It begins
 * as the old one does, and has besides only parts of that, numbers, dates,
 * `old`, and what packing adds: access.log.1, access-20261122.log.gz. */
static bool
rotated_name(const char *old, const char *path)
{
	const char *name = sk_path_name(path), *base = sk_path_name(old);
	size_t n = part_len(base);

	if (n == 0 || part_len(name) != n || memcmp(name, base, n) != 0 ||
	    strcmp(name, base) == 0)
		return false;
	for (name += n; *name != '\0'; name += n) {
		name++;
		n = part_len(name);
		if (!(*name >= '0' && *name <= '9') &&
		    !has_part(base, name, n) &&
		    !has_part("old.gz.zst", name, n))
			return false;
	}
	return true;
}

/* A search of the folders of one name. */
struct search {
	struct sk_tail *t;
	const struct sk_tail_name *name;
	bool missed;               /* look for files never seen as well */
	struct sk_tail_source **lost;
	size_t n_lost;
	int64_t newest_ns;         /* of the rotated files that are known */
	struct sk_newcomer *other; /* rotated files of no known source */
	size_t n_other;
};

static struct sk_tail_source *
choose(const struct search *search, const struct sk_newcomer *new)
{
	struct sk_tail_source *best = NULL, *s;
	size_t i;

	for (i = 0; i < search->n_lost; i++) {
		s = search->lost[i];
		if (!s->attached && fits_better(s, best) &&
		    ((same_inode(s, new->file) &&
		    sk_tailfile_matches(s, &new->head)) ||
		    (rotated_name(s->name, new->file->path) &&
		    same_content(search->t, s, new))))
			best = s;
	}
	return best;
}

static void
forget(struct sk_tailfile *f)
{
	sk_tailfile_close(f);
	free(f);
}

/* A file of a known source: take it if some of it is unread. */
static void
take_rest(struct search *search, struct sk_tailfile *f,
    struct sk_tail_source *source)
{
	if (f->mtime_ns > search->newest_ns)
		search->newest_ns = f->mtime_ns;
	if (!f->packed && f->size <= source->pos) {
		forget(f);
		return;
	}
	sk_notify(&search->t->conf.info, "%s: the rest of %s, from byte %"
	    PRIu64, f->path, source->name, source->pos);
	attach(f, source);
	f->rotated = true;
	add_file(search->t, f);
}

static bool
is_known(const struct sk_tail *t, const struct sk_tail_head *head)
{
	size_t i;

	for (i = 0; i < t->n_sources; i++)
		if (t->source[i]->fp_len > 0 &&
		    sk_tailfile_matches(t->source[i], head))
			return true;
	return false;
}

static bool
is_foreign(const struct sk_tail *t, const struct sk_tailfile *f)
{
	size_t i;

	for (i = 0; i < t->n_foreign; i++)
		if (t->foreign[i].dev == f->dev && t->foreign[i].ino == f->ino)
			return true;
	return false;
}

/* A rotated file that is not ours now will not be later. */
static void
reject(struct sk_tail *t, struct sk_tailfile *f)
{
	if (!is_foreign(t, f)) {
		t->foreign = sk_xrealloc(t->foreign, t->n_foreign + 1,
		    sizeof(*t->foreign));
		t->foreign[t->n_foreign].dev = f->dev;
		t->foreign[t->n_foreign++].ino = f->ino;
	}
	forget(f);
}

static void
try_file(struct search *search, const char *path)
{
	struct sk_newcomer new = { .file = NULL };
	struct sk_tail_source *source;
	bool ours = search->missed && !search->name->glob &&
	    rotated_name(search->name->pattern, path);
	struct stat st;

	if ((!ours && search->n_lost == 0) || sk_sys_stat(path, &st) != 0 ||
	    !S_ISREG(st.st_mode) || sk_tailwho_find(search->t, &st) != NULL)
		return;
	new.file = sk_xcalloc(1, sizeof(*new.file));
	if (sk_tailfile_open(new.file, path, &new.head) != 0) {
		free(new.file);
		return;
	}
	source = choose(search, &new);
	if (source != NULL)
		take_rest(search, new.file, source);
	else if (ours && new.head.len > 0 &&
	    !is_foreign(search->t, new.file) &&
	    !is_known(search->t, &new.head)) {
		search->other = sk_xrealloc(search->other,
		    search->n_other + 1, sizeof(*search->other));
		search->other[search->n_other++] = new;
	} else
		forget(new.file);
}

static int
by_time(const void *a, const void *b)
{
	const struct sk_newcomer *left = a, *right = b;

	return (left->file->mtime_ns > right->file->mtime_ns) -
	    (left->file->mtime_ns < right->file->mtime_ns);
}

/* Rotated files later than one that was read bore the name when nobody
 * looked: they are taken as well, the oldest first. */
static void
take_missed(struct search *search)
{
	struct sk_tailfile *f;
	size_t i;

	if (search->n_other > 0)
		qsort(search->other, search->n_other, sizeof(*search->other),
		    by_time);
	for (i = 0; i < search->n_other; i++) {
		f = search->other[i].file;
		if (search->newest_ns == INT64_MIN ||
		    f->mtime_ns < search->newest_ns) {
			reject(search->t, f);
			continue;
		}
		sk_notify(&search->t->conf.info, "%s: was %s meanwhile",
		    f->path, search->name->pattern);
		attach_new(search->t, f, &search->other[i].head,
		    search->name->pattern);
		f->rotated = true;
		add_file(search->t, f);
	}
	free(search->other);
}

static void
search_folder(struct search *search, const char *dir)
{
	char **names, *path;
	size_t n, i;

	if (sk_sys_list(dir, &names, &n) != 0)
		return;
	for (i = 0; i < n; i++) {
		path = sk_path_join(dir, names[i]);
		try_file(search, path);
		free(path);
	}
	free(names);
}

/* The time of the latest rotated file of this name that is open. */
static int64_t
newest_open(const struct sk_tail *t, const struct sk_tail_name *name)
{
	const struct sk_tailfile *f;
	int64_t newest = INT64_MIN;
	size_t i;

	for (i = 0; i < t->n_files; i++) {
		f = t->file[i];
		if (f->rotated && f->source != NULL &&
		    name_fits(name, f->source) && f->mtime_ns > newest)
			newest = f->mtime_ns;
	}
	return newest;
}

void
sk_tailwho_find_rests(struct sk_tail *t, bool missed)
{
	struct search search = { .t = t, .missed = missed };
	const struct sk_tail_name *name;
	size_t i, k;

	search.lost = sk_xalloc(t->n_sources + 1, sizeof(*search.lost));
	for (i = 0; i < t->n_names; i++) {
		name = search.name = &t->name[i];
		search.n_lost = lost_sources(t, name, search.lost);
		search.newest_ns = newest_open(t, name);
		search.other = NULL;
		search.n_other = 0;
		for (k = 0; (missed || search.n_lost > 0) && k < name->dirs.n;
		    k++)
			search_folder(&search, name->dirs.item[k]);
		take_missed(&search);
	}
	free(search.lost);
}
