#include <stdlib.h>

#include "base/keys.h"
#include "base/mem.h"
#include "format/pathtree.h"

/* So many keys are compared one by one; more have a hash table. */
#define FEW_KEYS 6

/* A list of paths for each node: those that lead to it. */
struct build {
	struct sk_pathtree *tree;
	const struct sk_path *paths;
	uint32_t *path;   /* the lists, one behind the other */
	size_t npaths, cap_paths;
	uint32_t *first;  /* of each node's list, and one behind the last */
	size_t *depth;    /* steps that led to the node */
	uint64_t *pair;   /* scratch: number of a name, and a path of it */
	uint32_t cap_nodes;
};

static uint32_t
add_node(struct build *build, size_t depth)
{
	struct sk_pathtree *tree = build->tree;
	uint32_t cap = build->cap_nodes;

	if (tree->nnodes == cap) {
		cap = cap == 0 ? 16 : cap * 2;
		tree->node = sk_xrealloc(tree->node, cap, sizeof(*tree->node));
		build->first = sk_xrealloc(build->first, cap + 1,
		    sizeof(*build->first));
		build->depth = sk_xrealloc(build->depth, cap,
		    sizeof(*build->depth));
		build->cap_nodes = cap;
	}
	memset(&tree->node[tree->nnodes], 0, sizeof(*tree->node));
	build->depth[tree->nnodes] = depth;
	build->first[tree->nnodes] = (uint32_t)build->npaths;
	build->first[tree->nnodes + 1] = (uint32_t)build->npaths;
	return tree->nnodes++;
}

/* Add to the list of the newest node. */
static void
add_path(struct build *build, uint32_t path)
{
	if (build->npaths == build->cap_paths) {
		build->cap_paths = build->cap_paths * 2 + 16;
		build->path = sk_xrealloc(build->path, build->cap_paths,
		    sizeof(*build->path));
	}
	build->path[build->npaths++] = path;
	build->first[build->tree->nnodes] = (uint32_t)build->npaths;
}

static bool
same_list(const struct build *build, uint32_t a, uint32_t b)
{
	uint32_t n = build->first[a + 1] - build->first[a];

	return n == build->first[b + 1] - build->first[b] &&
	    memcmp(build->path + build->first[a],
	    build->path + build->first[b], n * sizeof(*build->path)) == 0;
}

static void
drop_node(struct build *build)
{
	build->npaths = build->first[--build->tree->nnodes];
}

/* What a step is told apart by; ptr NULL: it does not lead on this way. */
static struct sk_view
step_name(const struct build *build, uint32_t path, size_t depth, bool by_key)
{
	const struct sk_path *p = &build->paths[path];

	if (depth == p->n)
		return sk_view(NULL, 0);
	if (by_key)
		return p->step[depth].is_key ? p->step[depth].key :
		    sk_view(NULL, 0);
	return p->step[depth].is_index ?
	    sk_view((const char *)&p->step[depth].index,
	    sizeof(p->step[depth].index)) : sk_view(NULL, 0);
}

static void
add_edge(struct sk_pathtree *tree, const struct sk_path_step *step,
    uint32_t child)
{
	struct sk_pathtree_edge *edge;
	unsigned char head[8] = { 0 }, word[8] = { '"' };
	size_t len = step->key.len;

	tree->edge = sk_xrealloc(tree->edge, (size_t)tree->nedges + 1,
	    sizeof(*edge));
	edge = &tree->edge[tree->nedges++];
	memcpy(head, step->key.ptr, len < 8 ? len : 8);
	edge->head = sk_get64(head);
	memcpy(word + 1, head, 7);
	if (len < 7)
		word[len + 1] = '"';
	memcpy(&edge->word, word, 8);
	memset(word, 0, sizeof(word));
	memset(word, 0xff, len < 6 ? len + 2 : 8);
	memcpy(&edge->mask, word, 8);
	edge->key = step->key;
	edge->escaped = memchr(step->key.ptr, '"', len) != NULL ||
	    memchr(step->key.ptr, '\\', len) != NULL;
	edge->index = step->index;
	edge->child = child;
}

static void
add_field(struct sk_pathtree *tree, uint32_t path)
{
	tree->field = sk_xrealloc(tree->field, (size_t)tree->nfields + 1,
	    sizeof(*tree->field));
	tree->field[tree->nfields++] = path;
}

/* A child that is led to by a key and by an index is one node. */
static uint32_t
share(struct build *build, uint32_t node, uint32_t child)
{
	struct sk_pathtree *tree = build->tree;
	const struct sk_pathtree_node *parent = &tree->node[node];
	uint32_t i, other;

	for (i = 0; i < parent->nkeys; i++) {
		other = tree->edge[parent->key + i].child;
		if (same_list(build, other, child)) {
			drop_node(build);
			return other;
		}
	}
	return child;
}

static int
compare_pairs(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* One edge for each name of the steps that lead on from the node; how many. */
static uint32_t
add_edges(struct build *build, uint32_t node, bool by_key)
{
	uint32_t begin = build->first[node], end = build->first[node + 1];
	uint32_t i, j, path, child = 0, n = 0, nedges = 0;
	size_t depth = build->depth[node];
	struct sk_keys names;
	struct sk_view name;

	sk_keys_init(&names, end - begin + 1);
	for (i = begin; i < end; i++) {
		path = build->path[i];
		name = step_name(build, path, depth, by_key);
		if (name.ptr != NULL)
			build->pair[n++] = path |
			    (uint64_t)sk_keys_find(&names, name) << 32;
	}
	sk_keys_free(&names);
	qsort(build->pair, n, sizeof(*build->pair), compare_pairs);
	for (i = 0; i < n; i = j) {
		child = add_node(build, depth + 1);
		for (j = i; j < n && build->pair[j] >> 32 ==
		    build->pair[i] >> 32; j++)
			add_path(build, (uint32_t)build->pair[j]);
		if (!by_key)
			child = share(build, node, child);
		path = (uint32_t)build->pair[i];
		add_edge(build->tree, &build->paths[path].step[depth], child);
		nedges++;
	}
	return nedges;
}

static void
add_cells(struct sk_pathtree *tree, struct sk_pathtree_node *node)
{
	const struct sk_pathtree_edge *edge;
	uint32_t i, at, cap = 16;

	while (cap < 2 * node->nkeys)
		cap *= 2;
	node->cell = tree->ncells;
	node->mask = cap - 1;
	tree->ncells += cap;
	tree->cell = sk_xrealloc(tree->cell, tree->ncells,
	    sizeof(*tree->cell));
	memset(tree->cell + node->cell, 0, cap * sizeof(*tree->cell));
	for (i = 0; i < node->nkeys; i++) {
		edge = &tree->edge[node->key + i];
		at = sk_pathtree_hash(edge->key, edge->head);
		while (tree->cell[node->cell + (at & node->mask)] != 0)
			at++;
		tree->cell[node->cell + (at & node->mask)] = node->key + i + 1;
	}
}

static int
compare_indices(const void *a, const void *b)
{
	const struct sk_pathtree_edge *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

/* Edges make nodes, so the node moves in memory. */
static void
finish_node(struct build *build, uint32_t node)
{
	struct sk_pathtree *tree = build->tree;
	uint32_t i, path, first, n;

	first = tree->nfields;
	for (i = build->first[node]; i < build->first[node + 1]; i++) {
		path = build->path[i];
		if (build->paths[path].n == build->depth[node])
			add_field(tree, path);
	}
	tree->node[node].field = first;
	tree->node[node].nfields = tree->nfields - first;
	first = tree->nedges;
	n = add_edges(build, node, true);
	tree->node[node].key = first;
	tree->node[node].nkeys = n;
	first = tree->nedges;
	n = add_edges(build, node, false);
	tree->node[node].index = first;
	tree->node[node].nindices = n;
	if (n > 1)
		qsort(tree->edge + first, n, sizeof(*tree->edge),
		    compare_indices);
	if (tree->node[node].nkeys > FEW_KEYS)
		add_cells(tree, &tree->node[node]);
}

static void
mark_leaves(struct sk_pathtree *tree)
{
	const struct sk_pathtree_node *child;
	uint32_t i;

	for (i = 0; i < tree->nedges; i++) {
		child = &tree->node[tree->edge[i].child];
		tree->edge[i].leaf = child->nfields == 1 &&
		    child->nkeys == 0 && child->nindices == 0 ?
		    tree->field[child->field] : SK_PATHTREE_NONE;
	}
}

void
sk_pathtree_init(struct sk_pathtree *tree, const struct sk_path *paths,
    size_t n)
{
	struct build build = { .tree = tree, .paths = paths };
	uint32_t i;

	memset(tree, 0, sizeof(*tree));
	build.pair = sk_xalloc(n, sizeof(*build.pair));
	add_node(&build, 0);
	for (i = 0; i < n; i++) {
		add_path(&build, i);
		if (paths[i].n > tree->depth)
			tree->depth = paths[i].n;
	}
	for (i = 0; i < tree->nnodes; i++)
		finish_node(&build, i);
	mark_leaves(tree);
	free(build.pair);
	free(build.path);
	free(build.first);
	free(build.depth);
}

void
sk_pathtree_free(struct sk_pathtree *tree)
{
	free(tree->node);
	free(tree->edge);
	free(tree->field);
	free(tree->cell);
	memset(tree, 0, sizeof(*tree));
}
