#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "io/glob.h"
#include "io/sys.h"

bool
sk_glob_has_meta(const char *pattern)
{
	return strpbrk(pattern, "*?[") != NULL;
}

void
sk_paths_add(struct sk_paths *paths, char *path)
{
	/* Doubled at each power of two. */
	if ((paths->n & (paths->n - 1)) == 0)
		paths->item = sk_xrealloc(paths->item,
		    paths->n == 0 ? 1 : paths->n * 2, sizeof(*paths->item));
	paths->item[paths->n++] = path;
}

void
sk_paths_free(struct sk_paths *paths)
{
	size_t i;

	for (i = 0; i < paths->n; i++)
		free(paths->item[i]);
	free(paths->item);
	memset(paths, 0, sizeof(*paths));
}

char *
sk_path_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return sk_xstrdup(".");
	return sk_xstrndup(path, slash == path ? 1 : (size_t)(slash - path));
}

char *
sk_path_join(const char *folder, const char *name)
{
	size_t len = strlen(folder);

	if (strcmp(folder, ".") == 0)
		return sk_xstrdup(name);
	return sk_xasprintf("%s%s%s", folder,
	    len > 0 && folder[len - 1] == '/' ? "" : "/", name);
}

const char *
sk_path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* What is not there, or is no folder, holds no match. */
static int
cannot_list(const char *base, const struct sk_glob_hear *hear)
{
	int error = errno;
	char *folder;

	if (error == ENOENT || error == ENOTDIR)
		return 0;
	folder = sk_path_folder(base);
	if (hear != NULL)
		hear->fn(hear->arg, folder, error);
	free(folder);
	return SK_ESYS;
}

/* `base` is empty or ends in a slash.  0, or SK_ESYS. */
static int
match_in(const char *base, const char *part, struct sk_paths *found,
    const struct sk_glob_hear *hear)
{
	char **names;
	size_t n, i;

	if (!sk_glob_has_meta(part)) {
		sk_paths_add(found, sk_xasprintf("%s%s", base, part));
		return 0;
	}
	if (sk_sys_list(*base == '\0' ? "." : base, &names, &n) != 0)
		return cannot_list(base, hear);
	for (i = 0; i < n; i++)
		if (fnmatch(part, names[i], FNM_PERIOD) == 0)
			sk_paths_add(found,
			    sk_xasprintf("%s%s", base, names[i]));
	free(names);
	return 0;
}

/* One more part of the pattern, behind each path found so far. */
static int
descend(struct sk_paths *bases, const char *part,
    const struct sk_glob_hear *hear)
{
	struct sk_paths found = { 0 };
	size_t i;
	int err = 0;

	for (i = 0; i < bases->n; i++)
		if (match_in(bases->item[i], part, &found, hear) != 0)
			err = SK_ESYS;
	sk_paths_free(bases);
	*bases = found;
	return err;
}

static void
add_slashes(struct sk_paths *paths)
{
	char *old;
	size_t i;

	for (i = 0; i < paths->n; i++) {
		old = paths->item[i];
		paths->item[i] = sk_xasprintf("%s/", old);
		free(old);
	}
}

/* A literal last part was put behind each folder without a look. */
static bool
is_there(const char *path)
{
	struct stat st;

	return sk_sys_stat(path, &st) == 0 ||
	    (errno != ENOENT && errno != ENOTDIR);
}

int
sk_glob_expand(const char *pattern, struct sk_paths *paths,
    struct sk_paths *dirs, const struct sk_glob_hear *hear)
{
	struct sk_paths found = { 0 };
	const char *at = pattern, *slash;
	char *part;
	size_t i;
	int err = 0;

	sk_paths_add(&found, sk_xstrdup(*at == '/' ? "/" : ""));
	while (*at == '/')
		at++;
	while ((slash = strchr(at, '/')) != NULL) {
		part = sk_xstrndup(at, (size_t)(slash - at));
		if (descend(&found, part, hear) != 0)
			err = SK_ESYS;
		add_slashes(&found);
		free(part);
		for (at = slash; *at == '/'; at++)
			;
	}
	for (i = 0; dirs != NULL && i < found.n; i++)
		sk_paths_add(dirs, *found.item[i] == '\0' ? sk_xstrdup(".") :
		    sk_xstrdup(found.item[i]));
	if (descend(&found, at, hear) != 0)
		err = SK_ESYS;
	for (i = 0; i < found.n; i++)
		if (sk_glob_has_meta(at) || is_there(found.item[i]))
			sk_paths_add(paths, found.item[i]);
		else
			free(found.item[i]);
	free(found.item);
	return err;
}

bool
sk_glob_matches_name(const char *pattern, const char *name)
{
	return fnmatch(sk_path_name(pattern), name, FNM_PERIOD) == 0;
}
