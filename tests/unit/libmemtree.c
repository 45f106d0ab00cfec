#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "libmemtree.h"

void
memfs_tree_init(struct memfs_tree *tree)
{
	tree->node = NULL;
	tree->n = 0;
	memfs_tree_add(tree, true);
}

size_t
memfs_tree_add(struct memfs_tree *tree, bool dir)
{
	struct memfs_node *node;

	tree->node = sk_xrealloc(tree->node, tree->n + 1, sizeof *tree->node);
	node = &tree->node[tree->n];
	memset(node, 0, sizeof *node);
	node->dir = dir;
	node->ino = (ino_t)(tree->n + 100);
	return tree->n++;
}

static void
copy_node(struct memfs_node *to, const struct memfs_node *from)
{
	size_t i;

	*to = *from;
	memset(&to->data, 0, sizeof to->data);
	if (from->data.len > 0)
		sk_buf_add(&to->data, from->data.ptr, from->data.len);
	to->entry = NULL;
	if (from->n > 0)
		to->entry = sk_xalloc(from->n, sizeof *to->entry);
	for (i = 0; i < from->n; i++) {
		size_t len = strlen(from->entry[i].name) + 1;

		to->entry[i].node = from->entry[i].node;
		to->entry[i].name = sk_xalloc(len, 1);
		memcpy(to->entry[i].name, from->entry[i].name, len);
	}
}

void
memfs_tree_copy(struct memfs_tree *to, const struct memfs_tree *from)
{
	size_t i;

	to->n = from->n;
	to->node = sk_xalloc(from->n, sizeof *to->node);
	for (i = 0; i < from->n; i++)
		copy_node(&to->node[i], &from->node[i]);
}

void
memfs_tree_free(struct memfs_tree *tree)
{
	size_t i, k;

	for (i = 0; i < tree->n; i++) {
		for (k = 0; k < tree->node[i].n; k++)
			free(tree->node[i].entry[k].name);
		free(tree->node[i].entry);
		sk_buf_free(&tree->node[i].data);
	}
	free(tree->node);
	tree->node = NULL;
	tree->n = 0;
}

size_t
memfs_tree_find(const struct memfs_tree *tree, size_t dir, const char *name,
    size_t len)
{
	const struct memfs_node *d = &tree->node[dir];
	size_t i;

	for (i = 0; i < d->n; i++)
		if (strncmp(d->entry[i].name, name, len) == 0 &&
		    d->entry[i].name[len] == '\0')
			return d->entry[i].node;
	return MEMFS_NONE;
}

void
memfs_tree_unlink(struct memfs_tree *tree, size_t dir, const char *name)
{
	struct memfs_node *d = &tree->node[dir];
	size_t i;

	for (i = 0; i < d->n; i++) {
		if (strcmp(d->entry[i].name, name) != 0)
			continue;
		free(d->entry[i].name);
		tree->node[d->entry[i].node].links--;
		d->n--;
		memmove(&d->entry[i], &d->entry[i + 1],
		    (d->n - i) * sizeof d->entry[0]);
		return;
	}
}

void
memfs_tree_link(struct memfs_tree *tree, size_t dir, const char *name,
    size_t node)
{
	struct memfs_node *d = &tree->node[dir];
	size_t i, len = strlen(name) + 1;

	memfs_tree_unlink(tree, dir, name);
	d->entry = sk_xrealloc(d->entry, d->n + 1, sizeof *d->entry);
	for (i = 0; i < d->n && strcmp(d->entry[i].name, name) < 0; i++)
		;
	memmove(&d->entry[i + 1], &d->entry[i],
	    (d->n - i) * sizeof d->entry[0]);
	d->entry[i].name = sk_xalloc(len, 1);
	memcpy(d->entry[i].name, name, len);
	d->entry[i].node = node;
	d->n++;
	tree->node[node].links++;
}

void
memfs_tree_length(struct memfs_tree *tree, size_t node, size_t len)
{
	struct sk_buf *data = &tree->node[node].data;

	if (len > data->len)
		sk_buf_zero(data, len - data->len);
	data->len = len;
}

void
memfs_tree_write(struct memfs_tree *tree, size_t node, size_t pos,
    const void *bytes, size_t len)
{
	struct sk_buf *data = &tree->node[node].data;

	if (len == 0)
		return;
	if (pos + len > data->len)
		memfs_tree_length(tree, node, pos + len);
	memcpy(data->ptr + pos, bytes, len);
}

static void
apply_rename(struct memfs_tree *tree, const struct memfs_change *change,
    const char *from, const char *to)
{
	size_t node = memfs_tree_find(tree, change->node, from, strlen(from));

	if (node == MEMFS_NONE)
		return;
	memfs_tree_link(tree, change->other, to, node);
	if (change->node != change->other || strcmp(from, to) != 0)
		memfs_tree_unlink(tree, change->node, from);
}

void
memfs_tree_apply(struct memfs_tree *tree, const struct memfs_tape *tape,
    const struct memfs_change *change, size_t len)
{
	const char *bytes = tape->arena.ptr + change->at;

	switch (change->kind) {
	case CHANGE_WRITE:
		memfs_tree_write(tree, change->node, change->pos, bytes, len);
		break;
	case CHANGE_LENGTH:
		memfs_tree_length(tree, change->node, change->pos);
		break;
	case CHANGE_CREATE:
		memfs_tree_link(tree, change->node, bytes, change->other);
		break;
	case CHANGE_RENAME:
		apply_rename(tree, change, bytes, tape->arena.ptr + change->to);
		break;
	case CHANGE_UNLINK:
		memfs_tree_unlink(tree, change->node, bytes);
		break;
	case CHANGE_SYNC:
	case CHANGE_SYNC_FAILED:
	case CHANGE_NOTE:
		break;
	}
}

void
memfs_tape_add(struct memfs_tape *tape, struct memfs_change change,
    const void *bytes, size_t nbytes, const char *to)
{
	if (tape->n == tape->cap) {
		tape->cap = tape->cap ? tape->cap * 2 : 64;
		tape->change = sk_xrealloc(tape->change, tape->cap,
		    sizeof *tape->change);
	}
	change.at = tape->arena.len;
	if (nbytes > 0)
		sk_buf_add(&tape->arena, bytes, nbytes);
	change.to = tape->arena.len;
	if (to != NULL)
		sk_buf_add(&tape->arena, to, strlen(to) + 1);
	tape->change[tape->n++] = change;
}
