#include <stdlib.h>

#include "base/keys.h"
#include "base/mem.h"
#include "format/pathtree.h"

/* So many keys are compared one by one; more have a hash table. */
#define FEW_KEYS 6

/* A node while lists still grow and move: numbers instead of pointers. */
struct draft {
	uint32_t path, npaths;    /* of the list of those that lead to it */
	uint32_t key, index, field, cell;
	uint32_t nkeys, nindices, nfields, mask;
	size_t depth;             /* steps that led to it */
};

struct build {
	struct sk_pathtree *tree;
	const struct sk_path *paths;
	struct draft *draft;
	uint32_t nnodes, cap_nodes;
	uint32_t *path;   /* the lists of all nodes */
	uint32_t npaths, cap_paths;
	uint32_t *child;  /* of each edge */
	uint32_t nedges, cap_edges;
	uint32_t nfields, ncells;
	uint64_t *pair;   /* scratch: number of a name, and a path of it */
};

static uint32_t
add_node(struct build *build, size_t depth)
{
	struct draft *draft;

	if (build->nnodes == build->cap_nodes) {
		build->cap_nodes = build->cap_nodes * 2 + 16;
		build->draft = sk_xrealloc(build->draft, build->cap_nodes,
		    sizeof(*build->draft));
	}
	draft = &build->draft[build->nnodes];
	memset(draft, 0, sizeof(*draft));
	draft->depth = depth;
	draft->path = build->npaths;
	return build->nnodes++;
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
	build->draft[build->nnodes - 1].npaths++;
}

static void
drop_node(struct build *build)
{
	build->npaths = build->draft[--build->nnodes].path;
}

static bool
same_list(const struct build *build, uint32_t a, uint32_t b)
{
	const struct draft *x = &build->draft[a], *y = &build->draft[b];

	return x->npaths == y->npaths &&
	    memcmp(build->path + x->path, build->path + y->path,
	    x->npaths * sizeof(*build->path)) == 0;
}

/* A child that is led to by a key and by an index is one node. */
static uint32_t
share(struct build *build, uint32_t node, uint32_t child)
{
	const struct draft *parent = &build->draft[node];
	uint32_t i, other;

	for (i = 0; i < parent->nkeys; i++) {
		other = build->child[parent->key + i];
		if (same_list(build, other, child)) {
			drop_node(build);
			return other;
		}
	}
	return child;
}

/* What a step is told apart by; ptr NULL: it does not lead on this way. */
static struct sk_view
step_name(const struct sk_path *path, size_t depth, bool by_key)
{
	const struct sk_path_step *step = &path->step[depth];

	if (depth < path->n && by_key && step->is_key)
		return step->key;
	if (depth < path->n && !by_key && step->is_index)
		return sk_view((const char *)&step->index,
		    sizeof(step->index));
	return sk_view(NULL, 0);
}

static void
set_word(struct sk_pathtree_edge *edge)
{
	size_t len = edge->key.len, n = len < 6 ? len + 2 : 8;
	unsigned char word[8] = { '"' }, mask[8] = { 0 }, head[8] = { 0 };

	memcpy(head, edge->key.ptr, len < 8 ? len : 8);
	edge->head = sk_get64(head);
	memcpy(word + 1, head, 7);
	if (len < 7)
		word[len + 1] = '"';
	if (memchr(edge->key.ptr, '"', len) != NULL ||
	    memchr(edge->key.ptr, '\\', len) != NULL)
		word[0] = 0;
	memset(mask, 0xff, n);
	memcpy(&edge->word, word, 8);
	memcpy(&edge->mask, mask, 8);
}

static void
add_edge(struct build *build, const struct sk_path_step *step, uint32_t child)
{
	struct sk_pathtree *tree = build->tree;
	struct sk_pathtree_edge *edge;

	if (build->nedges == build->cap_edges) {
		build->cap_edges = build->cap_edges * 2 + 16;
		tree->edge = sk_xrealloc(tree->edge, build->cap_edges,
		    sizeof(*tree->edge));
		build->child = sk_xrealloc(build->child, build->cap_edges,
		    sizeof(*build->child));
	}
	build->child[build->nedges] = child;
	edge = &tree->edge[build->nedges++];
	memset(edge, 0, sizeof(*edge));
	edge->key = step->key;
	edge->index = step->index;
	set_word(edge);
}

static int
compare_pairs(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The paths of a node that lead on, in groups of one name; how many. */
static uint32_t
sort_paths(struct build *build, uint32_t node, bool by_key)
{
	const struct draft *draft = &build->draft[node];
	struct sk_keys names;
	struct sk_view name;
	uint32_t i, path, n = 0;

	sk_keys_init(&names, draft->npaths + 1);
	for (i = 0; i < draft->npaths; i++) {
		path = build->path[draft->path + i];
		name = step_name(&build->paths[path], draft->depth, by_key);
		if (name.ptr != NULL)
			build->pair[n++] = path |
			    (uint64_t)sk_keys_find(&names, name) << 32;
	}
	sk_keys_free(&names);
	qsort(build->pair, n, sizeof(*build->pair), compare_pairs);
	return n;
}

/* One edge for each name of the steps that lead on from the node; how many. */
static uint32_t
add_edges(struct build *build, uint32_t node, bool by_key)
{
	uint32_t n = sort_paths(build, node, by_key), i, j, path, child;
	uint32_t first = build->nedges;
	size_t depth = build->draft[node].depth;

	for (i = 0; i < n; i = j) {
		child = add_node(build, depth + 1);
		for (j = i; j < n && build->pair[j] >> 32 ==
		    build->pair[i] >> 32; j++)
			add_path(build, (uint32_t)build->pair[j]);
		if (!by_key)
			child = share(build, node, child);
		path = (uint32_t)build->pair[i];
		add_edge(build, &build->paths[path].step[depth], child);
	}
	return build->nedges - first;
}

static void
add_fields(struct build *build, uint32_t node)
{
	struct sk_pathtree *tree = build->tree;
	struct draft *draft = &build->draft[node];
	uint32_t i, path;

	draft->field = build->nfields;
	for (i = 0; i < draft->npaths; i++) {
		path = build->path[draft->path + i];
		if (build->paths[path].n > draft->depth)
			continue;
		tree->field = sk_xrealloc(tree->field,
		    (size_t)build->nfields + 1, sizeof(*tree->field));
		tree->field[build->nfields++] = path;
		draft->nfields++;
	}
}

static void
add_cells(struct build *build, struct draft *draft)
{
	struct sk_pathtree *tree = build->tree;
	const struct sk_pathtree_edge *edge;
	uint32_t i, at, cap = 16, *cell;

	while (cap < 2 * draft->nkeys)
		cap *= 2;
	draft->cell = build->ncells;
	draft->mask = cap - 1;
	build->ncells += cap;
	tree->cell = sk_xrealloc(tree->cell, build->ncells,
	    sizeof(*tree->cell));
	cell = tree->cell + draft->cell;
	memset(cell, 0, cap * sizeof(*cell));
	for (i = 0; i < draft->nkeys; i++) {
		edge = &tree->edge[draft->key + i];
		at = sk_pathtree_hash(edge->key, edge->head);
		while (cell[at & draft->mask] != 0)
			at++;
		cell[at & draft->mask] = i + 1;
	}
}

/* Adding edges adds nodes, so drafts move. */
static void
finish_draft(struct build *build, uint32_t node)
{
	uint32_t first, n;

	add_fields(build, node);
	first = build->nedges;
	n = add_edges(build, node, true);
	build->draft[node].key = first;
	build->draft[node].nkeys = n;
	first = build->nedges;
	n = add_edges(build, node, false);
	build->draft[node].index = first;
	build->draft[node].nindices = n;
	if (build->draft[node].nkeys > FEW_KEYS)
		add_cells(build, &build->draft[node]);
}

static int
compare_indices(const void *a, const void *b)
{
	const struct sk_pathtree_edge *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

/* Nothing moves any more: numbers become pointers. */
static void
link_nodes(struct build *build)
{
	struct sk_pathtree *tree = build->tree;
	struct sk_pathtree_node *node, *child;
	const struct draft *draft;
	uint32_t i;

	tree->nnodes = build->nnodes;
	tree->node = sk_xcalloc(build->nnodes, sizeof(*tree->node));
	for (i = 0; i < build->nnodes; i++) {
		node = &tree->node[i];
		draft = &build->draft[i];
		node->number = i;
		if (draft->nkeys > 0)
			node->key = tree->edge + draft->key;
		if (draft->nindices > 0)
			node->index = tree->edge + draft->index;
		if (draft->nfields > 0)
			node->field = tree->field + draft->field;
		if (draft->mask > 0)
			node->cell = tree->cell + draft->cell;
		node->nkeys = draft->nkeys;
		node->nindices = draft->nindices;
		node->nfields = draft->nfields;
		node->mask = draft->mask;
	}
	for (i = 0; i < build->nedges; i++) {
		child = &tree->node[build->child[i]];
		tree->edge[i].child = child;
		tree->edge[i].leaf = child->nfields == 1 &&
		    child->nkeys == 0 && child->nindices == 0 ?
		    child->field[0] : SK_PATHTREE_NONE;
	}
	for (i = 0; i < build->nnodes; i++)
		if (build->draft[i].nindices > 1)
			qsort(tree->edge + build->draft[i].index,
			    build->draft[i].nindices, sizeof(*tree->edge),
			    compare_indices);
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
	for (i = 0; i < build.nnodes; i++)
		finish_draft(&build, i);
	link_nodes(&build);
	free(build.pair);
	free(build.path);
	free(build.child);
	free(build.draft);
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
