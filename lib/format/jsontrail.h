/*
 * The way that walks over lines of JSON take, so that the next line need only
 * be compared with it: programs write one object after another with the same
 * members in the same order.
 *
 * A step is a member (its key byte for byte, what became of its value, and
 * what stood behind that) or the end of an object.  Steps of several kinds of
 * lines are one tree: `next` is the step behind this one, `other` is to be
 * tried where this one does not fit.
 *
 * A walk is written down step by step: sk_jsontrail_begin(), then
 * sk_jsontrail_note() for each.  What was noted before a walk is given up
 * stays, and leads nowhere.
 *
 * Memory: 40 KiB.  Points into the tree of the paths, of which there are at
 * most 64.
 */
#ifndef SK_FORMAT_JSONTRAIL_H
#define SK_FORMAT_JSONTRAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "format/pathtree.h"

#define SK_JSONTRAIL_KEY_MAX 40 /* bytes of a key, with what is around it */

enum sk_jsontrail_kind {
	SK_JSONTRAIL_SKIP,  /* a member that is a scalar and not wanted */
	SK_JSONTRAIL_TAKE,  /* a scalar of a field */
	SK_JSONTRAIL_ENTER, /* an object that holds more */
	SK_JSONTRAIL_NEST,  /* a list or object, of a field if edge is set */
	SK_JSONTRAIL_COMMA, /* a comma behind a bracket */
	SK_JSONTRAIL_POP,   /* the end of an object */
	SK_JSONTRAIL_LEAVE, /* the same, what is left of it passed over */
	SK_JSONTRAIL_END    /* the end of the line */
};

struct sk_jsontrail_step {
	struct sk_jsontrail_step *next, *other;
	/* What it is; unused bytes are 0. */
	struct sk_jsontrail_fact {
		/* The first 16 bytes from behind an operator to a value, in
		 * the order of this machine, and which of them count. */
		uint64_t word[2], mask[2];
		char rest[SK_JSONTRAIL_KEY_MAX - 16];
		const struct sk_pathtree_edge *edge; /* of a field */
		uint64_t missing; /* ends: a bit for each field not met */
		uint32_t leaf;    /* the field of the edge */
		uint16_t depth;   /* objects that the walk is in */
		uint8_t len;      /* of the key, with what is around it */
		uint8_t kind;
		char follow;      /* the next operator */
		bool ends;        /* nothing more is wanted */
		bool strict;      /* SKIP: the value is looked at */
		bool brackets;    /* NEST, POP, LEAVE, END */
	} fact;
};

struct sk_jsontrail { /* zeroed to begin with */
	struct sk_jsontrail_step *root;
	struct sk_jsontrail_step *step;
	size_t n;
	struct sk_jsontrail_step **at; /* where the next one is noted */
};

/* Write down a walk from its beginning. */
void sk_jsontrail_begin(struct sk_jsontrail *trail);
/* The next step; false: there is no room. */
bool sk_jsontrail_note(struct sk_jsontrail *trail,
    const struct sk_jsontrail_fact *fact);
/* Forget all. */
void sk_jsontrail_reset(struct sk_jsontrail *trail);
void sk_jsontrail_free(struct sk_jsontrail *trail);

/* Set the key: the text between an operator and a value, of at most
 * SK_JSONTRAIL_KEY_MAX bytes. */
void sk_jsontrail_set_key(struct sk_jsontrail_fact *fact, struct sk_view key);

/* Whether this key begins at p; SK_PAD bytes behind it must be readable. */
static inline bool
sk_jsontrail_fits(const struct sk_jsontrail_fact *fact, const char *p)
{
	uint64_t word[2];

	memcpy(word, p, sizeof(word));
	return (word[0] & fact->mask[0]) == fact->word[0] &&
	    (fact->len <= 8 || ((word[1] & fact->mask[1]) == fact->word[1] &&
	    (fact->len <= 16 ||
	    memcmp(p + 16, fact->rest, fact->len - 16u) == 0)));
}

#endif
