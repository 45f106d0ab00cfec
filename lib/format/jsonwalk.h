/*
 * A walk over a line of JSON along the tree of some paths, and what it writes
 * down for the lines that follow.
 *
 * It goes from one operator (format/jsonscan.h) to the next.  A member that is
 * not wanted costs a look at its key, whatever its length, and lists and
 * objects that are not wanted are left by counting brackets.  The walk ends
 * with the last value that is wanted.
 *
 * The walk never leaves the line: `last` is a closing bracket outside strings,
 * so behind every other operator there is one more, and behind it nothing is
 * taken.
 *
 * Values are those of format/ndjson.h: parts of the lines, or of `text` where
 * they were unescaped.  Places are counted from `s`.  Cost: 20 ns a member.
 * Memory: what is counted in format/ndjson.h.
 */
#ifndef SK_FORMAT_JSONWALK_H
#define SK_FORMAT_JSONWALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "format/jsonscan.h"
#include "format/jsontrail.h"
#include "format/pathtree.h"
#include "format/value.h"

/* An object or a list that the walk is in. */
struct sk_jsonwalk_frame {
	const struct sk_pathtree_node *node;
	uint64_t index; /* list: of this element */
	uint32_t next;  /* list: the first edge ahead */
	uint32_t left;  /* edges not yet taken */
	bool object;
};

struct sk_jsonwalk {
	struct sk_pathtree tree;
	size_t nfields;
	struct sk_jsonscan scan;
	struct sk_jsontrail trail;
	struct sk_jsonwalk_frame *frame; /* for each step of the longest path */
	uint64_t *seen;      /* by node: the walk that took it */
	uint64_t serial;     /* of this walk */

	/* Set by the caller for a batch, `text` emptied. */
	const struct sk_view *lines;
	size_t n, i;         /* lines, and the present one */
	const struct sk_values *out;
	struct sk_buf text;  /* what was unescaped */
	bool has_room;       /* in it for the batch; false at first */

	/* Set by the caller for a line. */
	const char *s;       /* the text that was scanned */
	size_t last;         /* the closing bracket of the line */
	bool escape;         /* there may be backslashes */

	size_t at;           /* the operators from here on are ahead */
	size_t depth;        /* frames */
	size_t wanted;       /* edges not yet taken, of all frames */
	bool learns;         /* this walk is written down */
	bool open;           /* what is behind the last step is not */
	uint64_t missing;    /* fields not met */
};

void sk_jsonwalk_init(struct sk_jsonwalk *walk, const struct sk_path *paths,
    size_t n);
void sk_jsonwalk_free(struct sk_jsonwalk *walk);

/* The fields of the line whose first bracket is at `begin`; false: it is
 * bad. */
bool sk_jsonwalk_line(struct sk_jsonwalk *walk, size_t begin);

/* The scalar at begin..end - 1, blanks behind it left out, which begins with
 * none, is the value of a node; false: it is none. */
bool sk_jsonwalk_scalar(struct sk_jsonwalk *walk,
    const struct sk_pathtree_node *node, size_t begin, size_t end);

/* Brackets of a step that was written down: from *at, the operator that it
 * begins with, to the one behind it.  False: there is none, or what is in a
 * list or object that is wanted is no JSON. */
bool sk_jsonwalk_brackets(struct sk_jsonwalk *walk,
    const struct sk_jsontrail_fact *fact, size_t *at);

/* The last quote of the string that begins at `at`.  It has one, since the
 * strings of the line end. */
static inline size_t
sk_jsonwalk_string_end(const struct sk_jsonwalk *walk, size_t at)
{
	return sk_jsonscan_next(walk->scan.quote, at + 1);
}

/* The high bit of each byte of a word that is no digit. */
static inline uint64_t
sk_jsonwalk_no_digits(uint64_t word)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t x = word ^ UINT64_C(0x3030303030303030);

	return (((x & low) + UINT64_C(0x7676767676767676)) | x) & ~low;
}

/* Whether it is a number of at most 8 bytes, digits and perhaps a point; false:
 * look closer. */
static inline bool
sk_jsonwalk_is_short_number(const char *p, size_t len)
{
	uint64_t word = sk_get64(p), others;
	size_t point;

	if (len == 0 || len > 8)
		return false;
	others = sk_jsonwalk_no_digits(word) & UINT64_MAX >> (64 - 8 * len);
	if (others == 0)
		return *p != '0' || len == 1;
	point = (size_t)__builtin_ctzll(others) / 8;
	return (others & (others - 1)) == 0 && p[point] == '.' && point > 0 &&
	    point + 1 < len && (*p != '0' || point == 1);
}

#endif
