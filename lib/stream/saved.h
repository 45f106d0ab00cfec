/*
 * Saved states: what --save writes and --load, --state and --merge read.
 *
 * A file is one image, or NDJSON with a line for each key:
 *
 *	{"page":"/x","day":"2026-11-21","hll":"AgEHDA..."}
 *
 * the key fields under their names, and the image in base64 under the name of
 * the tool's images.  So such files can be joined by cat, and read by jq and
 * others.  Lines are grouped anew by the key fields of the run that reads
 * them; without key fields all images become one state.
 *
 * Files are replaced atomically.  Memory beside the states: one image.
 */
#ifndef SK_STREAM_SAVED_H
#define SK_STREAM_SAVED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "field/field.h"
#include "stream/group.h"

struct sk_saved {
	const char *member;   /* the name of images in NDJSON */
	struct sk_group *group;
	bool typed;           /* keys have kinds: the run reads NDJSON */
	/* Fold an image into a state, which may be empty; add that of a state
	 * to buf.  SK_EDATA, SK_EVERSION with the reason in diag. */
	int (*fold)(void *arg, void *state, struct sk_view image,
	    struct sk_diag *diag);
	void (*image)(void *arg, const void *state, struct sk_buf *buf);
	void *arg;
};

/* Each image of an input, for `take`: `where` is its name, with the line
 * number in NDJSON; values are those of the fields, the image not among them.
 * 0, or the first error, reported. */
struct sk_saved_image {
	const char *where;
	struct sk_view bytes;
	const struct sk_batch *keys; /* one event; NULL: it has none */
};

int sk_saved_each(const char *input, const struct sk_field *image,
    const struct sk_field *keys, size_t nkeys,
    int (*take)(void *arg, const struct sk_saved_image *image), void *arg);

/* The members that hold the key fields of a group, found behind `want`, under
 * their output names; `paths` is their memory. */
void sk_saved_keys(const struct sk_group *group, const struct sk_want *want,
    struct sk_field *keys, struct sk_buf *paths);

/* Fold a saved file into the group; `image` and `keys`, one for each key field,
 * say where its lines hold them.  0, or an error that was reported: then the
 * states are not to be used. */
int sk_saved_load(const struct sk_saved *saved, const char *input,
    const struct sk_field *image, const struct sk_field *keys);

/* The same for the files of --load, and that of --state if it is there. */
int sk_saved_restore(const struct sk_saved *saved,
    const struct sk_shared *shared, const struct sk_field *image,
    const struct sk_field *keys);

/* The same for the inputs of --merge, up to a NULL.  One that cannot be read is
 * reported and the others are taken; *status is SK_ESYS then, else 0. */
int sk_saved_merge(const struct sk_saved *saved, const char *const *inputs,
    const struct sk_field *image, const struct sk_field *keys, int *status);

/* Replace the file by the states of the group; `keys` give the names.  0, or
 * SK_ESYS, reported. */
int sk_saved_write(const struct sk_saved *saved, const char *path,
    const struct sk_field *keys);

/* The files of --save and --state, if any. */
int sk_saved_save(const struct sk_saved *saved,
    const struct sk_shared *shared, const struct sk_field *keys);

#endif
