/*
 * Paths into a JSON object.
 *
 *	user.id  items[0].sku  [0] is refused    names and indices from 0
 *	/user/id  /items/0/sku                   JSON Pointer (RFC 6901): ~1 is
 *	                                         `/` and ~0 is `~` in a key; a
 *	                                         step of digits is an index in a
 *	                                         list and a key in an object
 *
 * Names and tokens are any bytes but those of the notation; a path has at most
 * 1024 steps.  It owns the bytes of its steps, and sk_path_free() accepts a
 * zeroed one.
 */
#ifndef SK_FORMAT_PATH_H
#define SK_FORMAT_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct sk_path_step {
	struct sk_view key;
	uint64_t index;
	bool is_key;   /* may be a key */
	bool is_index; /* may be an index */
};

struct sk_path {
	struct sk_path_step *step;
	size_t n;         /* at least 1 */
	struct sk_buf keys;
};

/* SK_EUSAGE with words in `diag` (`a[x]: not a path ...`), *path zeroed. */
int sk_path_parse(struct sk_view text, struct sk_path *path,
    struct sk_diag *diag);
void sk_path_free(struct sk_path *path);

#endif
