/*
 * The state of a tool in a file (--save, --load, --state): what it goes on
 * with, and the options it was made with.
 *
 *	8 bytes   the magic: five letters, 1a, the version 01, 0a
 *	counted   the options, as text; another text is refused
 *	...       the state, little-endian (base/image.h)
 *	8 bytes   XXH64 of all before
 *
 * The file is replaced as a whole (io/file.h).
 */
#ifndef SK_STREAM_STATEFILE_H
#define SK_STREAM_STATEFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/opt.h"
#include "stream/opts.h"

struct sk_statefile {
	const char *magic; /* five letters */
	const char *tool;  /* its name, for messages */
	struct sk_buf options;
};

/* Add to the text of options: those that are not given leave no trace. */
void sk_statefile_option(struct sk_statefile *file, const char *name,
    const char *value);
void sk_statefile_list(struct sk_statefile *file, const char *name,
    const struct sk_opt_list *list);
void sk_statefile_number(struct sk_statefile *file, const char *name,
    int64_t value);

/* The bytes of a file: begin, the state, end. */
void sk_statefile_begin(struct sk_buf *buf, const char *magic,
    struct sk_view options);
void sk_statefile_end(struct sk_buf *buf);
/* What stands between; into the bytes that were read.  SK_EDATA, SK_EVERSION
 * with words in diag. */
int sk_statefile_open(const char *magic, const char *tool,
    struct sk_view options, struct sk_view bytes, struct sk_view *state,
    struct sk_diag *diag);

/* Whether the state is to be saved. */
bool sk_statefile_wanted(const struct sk_shared *shared);
/* Save what `put` puts, if it is wanted: 0, or SK_ESYS, reported. */
int sk_statefile_put(const struct sk_statefile *file,
    const struct sk_shared *shared,
    void (*put)(void *arg, struct sk_buf *buf), void *arg);

/* The files of --save and --state, if any, are replaced by these bytes.  0, or
 * SK_ESYS, reported. */
int sk_statefile_save(const struct sk_shared *shared,
    const struct sk_buf *bytes);

/* Give the state in the file of --load or --state, if there is one, to `take`,
 * which takes all of it or fails with words in diag.  0, or an error,
 * reported; more than one --load ends the program with status 2. */
int sk_statefile_load(const struct sk_statefile *file,
    const struct sk_cmd *cmd, const struct sk_shared *shared,
    int (*take)(void *arg, struct sk_view *state, struct sk_diag *diag),
    void *arg);

#endif
