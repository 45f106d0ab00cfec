/*
 * Several paths as one tree, so that one walk over a JSON value finds all of
 * them: a node says which members and elements lead on, and which fields end
 * there.
 *
 * A step that may be a key and an index leads on by either.  Steps of several
 * paths that one key or index fits lead to one node; a value is therefore
 * never at two nodes.
 *
 * The tree points into the keys of the paths.  Owns the rest.
 */
#ifndef SK_FORMAT_PATHTREE_H
#define SK_FORMAT_PATHTREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "format/path.h"

#define SK_PATHTREE_NONE UINT32_MAX

struct sk_pathtree_node;

struct sk_pathtree_edge {
	/* The first 8 bytes of the key in its quotes as it stands in JSON,
	 * in the order of this machine, and which of them count; 0 if JSON
	 * escapes some.  A key of more than 6 bytes that fits may still be
	 * another. */
	uint64_t word, mask;
	uint64_t head; /* of the key, see sk_pathtree_head() */
	struct sk_view key;
	uint64_t index;
	const struct sk_pathtree_node *child;
	uint32_t leaf;  /* the path, if one ends there and none leads on */
};

/* Edges, fields and cells are slices of the tree's lists. */
struct sk_pathtree_node {
	const struct sk_pathtree_edge *key;   /* edges by key */
	const struct sk_pathtree_edge *index; /* edges by index, in order */
	const uint32_t *field;                /* the paths that end here */
	const uint32_t *cell; /* hash table of many keys: edge + 1, or 0 */
	uint32_t nkeys, nindices, nfields;
	uint32_t mask;        /* of the cells; 0: there are none */
	uint32_t number;      /* of the node */
};

struct sk_pathtree {
	struct sk_pathtree_node *node; /* node 0 is the root */
	struct sk_pathtree_edge *edge;
	uint32_t *field;
	uint32_t *cell;
	uint32_t nnodes;
	size_t depth; /* of the longest path */
};

/* n paths, n below 2^24. */
void sk_pathtree_init(struct sk_pathtree *tree, const struct sk_path *paths,
    size_t n);
void sk_pathtree_free(struct sk_pathtree *tree);

/* The first 8 bytes of a key, zeros behind its end; SK_PAD bytes behind it
 * must be readable. */
static inline uint64_t
sk_pathtree_head(struct sk_view key)
{
	uint64_t head = sk_get64(key.ptr);

	if (key.len >= 8)
		return head;
	return head & ((UINT64_C(1) << 8 * key.len) - 1);
}

/* Of the first and the last 8 bytes.  The high bits of a product are those
 * that all bits of its factors reach. */
static inline uint32_t
sk_pathtree_hash(struct sk_view key, uint64_t head)
{
	uint64_t tail = key.len > 8 ? sk_get64(key.ptr + key.len - 8) : 0;
	uint64_t hash = (head ^ key.len) * UINT64_C(0x9e3779b97f4a7c15);

	hash = (hash ^ hash >> 32 ^ tail) * UINT64_C(0xc2b2ae3d27d4eb4f);
	return (uint32_t)__builtin_bswap64(hash);
}

static inline bool
sk_pathtree_fits(const struct sk_pathtree_edge *edge, struct sk_view key,
    uint64_t head)
{
	return edge->head == head && edge->key.len == key.len &&
	    (key.len <= 8 || memcmp(edge->key.ptr, key.ptr, key.len) == 0);
}

/* The edge that a key takes, NULL if none; SK_PAD as above. */
static inline const struct sk_pathtree_edge *
sk_pathtree_key(const struct sk_pathtree_node *node, struct sk_view key)
{
	uint64_t head = sk_pathtree_head(key);
	uint32_t i, cell;

	if (node->mask == 0) {
		for (i = 0; i < node->nkeys; i++)
			if (sk_pathtree_fits(node->key + i, key, head))
				return node->key + i;
		return NULL;
	}
	for (i = sk_pathtree_hash(key, head);; i++) {
		cell = node->cell[i & node->mask];
		if (cell == 0)
			return NULL;
		if (sk_pathtree_fits(node->key + cell - 1, key, head))
			return node->key + cell - 1;
	}
}

#endif
