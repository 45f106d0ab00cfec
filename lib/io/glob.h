/*
 * Names that match a pattern, as a shell would list them: * ? and [...] in any
 * part of the path, a leading dot only by a dot, sorted as bytes.
 *
 * A list owns its paths; a zeroed one is empty.  A folder that cannot be read
 * holds no match, and the caller hears of it; what is not there, or is no
 * folder, has none either.
 */
#ifndef SK_IO_GLOB_H
#define SK_IO_GLOB_H

#include <stdbool.h>
#include <stddef.h>

struct sk_paths {
	char **item;
	size_t n;
};

/* Hears of each folder that is there but cannot be read, and of the errno. */
struct sk_glob_hear {
	void (*fn)(void *arg, const char *folder, int error);
	void *arg;
};

/* Does it hold one of * ? [ ? */
bool sk_glob_has_meta(const char *pattern);

/* Add the paths that match.  `dirs` (may be NULL) gets the folders that were
 * searched for them; `hear` may be NULL.  0, or SK_ESYS: some folder could not
 * be read, what the others hold is added. */
int sk_glob_expand(const char *pattern, struct sk_paths *paths,
    struct sk_paths *dirs, const struct sk_glob_hear *hear);

/* Does the last part of the pattern match this name (without a folder)? */
bool sk_glob_matches_name(const char *pattern, const char *name);

/* The folder that holds the path: `.`, `/`, or what stands before the last
 * slash.  To be freed. */
char *sk_path_folder(const char *path);
/* A name in a folder, without `./` in front.  To be freed. */
char *sk_path_join(const char *folder, const char *name);
/* What stands behind the last slash; points into path. */
const char *sk_path_name(const char *path);

void sk_paths_add(struct sk_paths *paths, char *path); /* takes it over */
void sk_paths_free(struct sk_paths *paths);

#endif
