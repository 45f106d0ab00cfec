/*
 * What a power cut leaves of a recording.  Two trees are computed: `old`, with
 * the durable changes only, and the result, which begins as old or as the
 * page cache by the model.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "libmemfs.h"
#include "libmemtree.h"

enum { SECTOR = 512 };

void
memfs_tape_free(struct memfs_tape *tape)
{
	if (tape == NULL)
		return;
	memfs_tree_free(&tape->base);
	sk_buf_free(&tape->arena);
	free(tape->change);
	free(tape);
}

size_t
memfs_tape_points(const struct memfs_tape *tape)
{
	return tape->n;
}

uint64_t
memfs_tape_note(const struct memfs_tape *tape, size_t point, int what)
{
	uint64_t max = 0;
	size_t i;

	for (i = 0; i < point; i++)
		if (tape->change[i].kind == CHANGE_NOTE &&
		    tape->change[i].other == (size_t)what &&
		    tape->change[i].pos > max)
			max = tape->change[i].pos;
	return max;
}

size_t
memfs_tape_settled(const struct memfs_tape *tape, size_t point)
{
	while (point < tape->n && tape->change[point].kind == CHANGE_NOTE)
		point++;
	return point;
}

static bool
changes_disk(const struct memfs_change *change)
{
	return change->kind != CHANGE_SYNC && change->kind != CHANGE_NOTE &&
	    change->kind != CHANGE_SYNC_FAILED;
}

static size_t
count_nodes(const struct memfs_tape *tape)
{
	size_t n = tape->base.n, i;

	for (i = 0; i < tape->n; i++)
		n += tape->change[i].kind == CHANGE_CREATE;
	return n;
}

/* The nodes that are durable at once. */
static bool *
find_solid(const struct memfs_tape *tape)
{
	bool *solid = sk_xcalloc(count_nodes(tape), 1);
	const struct memfs_node *dir = &tape->base.node[tape->solid];
	size_t i;

	if (tape->solid == 0)
		return solid;
	solid[tape->solid] = true;
	for (i = 0; i < dir->n; i++)
		solid[dir->entry[i].node] = true;
	for (i = 0; i < tape->n; i++)
		if (tape->change[i].kind == CHANGE_CREATE &&
		    tape->change[i].node == tape->solid)
			solid[tape->change[i].other] = true;
	return solid;
}

/* loose[i] for each change before the point: not durable there. */
static size_t
find_loose(const struct memfs_tape *tape, size_t point, bool *loose)
{
	bool *synced = sk_xcalloc(count_nodes(tape), 1);
	bool *solid = find_solid(tape);
	size_t i, n = 0;

	for (i = point; i-- > 0;) {
		const struct memfs_change *c = &tape->change[i];

		loose[i] = false;
		if (c->kind == CHANGE_SYNC)
			synced[c->node] = true;
		else if (c->kind == CHANGE_SYNC_FAILED)
			synced[c->node] = false;
		else if (changes_disk(c))
			loose[i] = !synced[c->node] && !solid[c->node];
		n += loose[i];
	}
	free(solid);
	free(synced);
	return n;
}

size_t
memfs_tape_loose(const struct memfs_tape *tape, size_t point)
{
	bool *loose = sk_xcalloc(point + 1, 1);
	size_t n = find_loose(tape, point, loose);

	free(loose);
	return n;
}

/* A copy of the base in which all nodes of the tape exist, unnamed. */
static void
begin_tree(struct memfs_tree *tree, const struct memfs_tape *tape)
{
	size_t i, node;

	memfs_tree_copy(tree, &tape->base);
	for (i = 0; i < tape->n; i++) {
		const struct memfs_change *c = &tape->change[i];

		if (c->kind != CHANGE_CREATE)
			continue;
		node = memfs_tree_add(tree, c->len != 0);
		tree->node[node].ino = (ino_t)c->pos;
	}
}

/* The first bytes of a torn write: up to a sector's end, or any number. */
static size_t
torn_len(const struct memfs_change *c, struct sk_rng *rng)
{
	size_t len = (size_t)(sk_rng_next(rng) % (c->len + 1));
	size_t over = (size_t)((c->pos + len) % SECTOR);

	if (sk_rng_next(rng) % 2 == 0 && over < len)
		len -= over;
	return len;
}

static void
apply_prefix(struct memfs_tree *tree, const struct memfs_tape *tape,
    size_t point, const bool *loose, uint64_t choice, uint64_t seed)
{
	struct sk_rng rng;
	uint64_t seen = 0;
	size_t i;

	sk_rng_init(&rng, seed);
	for (i = 0; i < point; i++) {
		const struct memfs_change *c = &tape->change[i];

		if (!loose[i] || seen < choice)
			memfs_tree_apply(tree, tape, c, c->len);
		else if (seen == choice && (seed & 1) &&
		    c->kind == CHANGE_WRITE)
			memfs_tree_apply(tree, tape, c, torn_len(c, &rng));
		seen += loose[i];
	}
}

/* All names and lengths, no data: a loose write only makes the file longer. */
static void
apply_metadata(struct memfs_tree *tree, const struct memfs_tape *tape,
    size_t point, const bool *loose)
{
	size_t i;

	for (i = 0; i < point; i++) {
		const struct memfs_change *c = &tape->change[i];

		if (!loose[i] || c->kind != CHANGE_WRITE)
			memfs_tree_apply(tree, tape, c, c->len);
		else if (c->pos + c->len > tree->node[c->node].data.len)
			memfs_tree_length(tree, c->node,
			    (size_t)(c->pos + c->len));
	}
}

/* Of each node a random number of its loose changes. */
static void
apply_each(struct memfs_tree *tree, const struct memfs_tape *tape,
    size_t point, const bool *loose, uint64_t seed, bool files_whole)
{
	size_t *left = sk_xcalloc(tree->n, sizeof *left), i;
	struct sk_rng rng;

	sk_rng_init(&rng, seed);
	for (i = 0; i < point; i++)
		if (loose[i])
			left[tape->change[i].node]++;
	for (i = 0; i < tree->n; i++)
		if (!files_whole || tree->node[i].dir)
			left[i] = (size_t)(sk_rng_next(&rng) % (left[i] + 1));
	for (i = 0; i < point; i++) {
		const struct memfs_change *c = &tape->change[i];

		if (loose[i] && left[c->node] == 0)
			continue;
		if (loose[i])
			left[c->node]--;
		memfs_tree_apply(tree, tape, c, c->len);
	}
	free(left);
}

/* ---- sectors: models C and F ---- */

struct sectors {
	struct sk_rng rng;
	bool by_bits; /* new or old by the bits of choice */
	uint64_t choice;
	bool stale;
	struct memfs_tree ghost;
};

static unsigned char
byte_at(const struct sk_buf *data, size_t pos)
{
	return pos < data->len ? (unsigned char)data->ptr[pos] : 0;
}

static bool
sector_differs(const struct sk_buf *a, const struct sk_buf *b, size_t at)
{
	size_t i;

	for (i = at; i < at + SECTOR; i++)
		if (byte_at(a, i) != byte_at(b, i))
			return true;
	return false;
}

/* What stood in each file before it was last cut; of the others nothing. */
static void
begin_ghosts(struct memfs_tree *ghost, const struct memfs_tape *tape,
    size_t point)
{
	size_t *cut, i;

	begin_tree(ghost, tape);
	cut = sk_xcalloc(ghost->n, sizeof *cut);
	for (i = 0; i < point; i++)
		if (tape->change[i].kind == CHANGE_LENGTH)
			cut[tape->change[i].node] = i;
	for (i = 0; i < point; i++) {
		const struct memfs_change *c = &tape->change[i];

		if (c->kind == CHANGE_WRITE && i < cut[c->node])
			memfs_tree_apply(ghost, tape, c, c->len);
	}
	free(cut);
}

static void
lose_sector(struct sectors *s, struct memfs_tree *tree, size_t node,
    const struct sk_buf *old, size_t at)
{
	struct sk_buf *data = &tree->node[node].data;
	uint64_t how = sk_rng_next(&s->rng) % 4;
	const struct sk_buf *stale = sk_rng_next(&s->rng) % 2 && s->stale ?
	    &s->ghost.node[node].data :
	    &tree->node[sk_rng_next(&s->rng) % tree->n].data;
	size_t i, end = at + SECTOR;

	if (end > data->len)
		end = data->len;
	if (s->by_bits)
		how = 1;
	else if (how == 0)
		return;
	for (i = at; i < end; i++) {
		if (i < old->len)
			data->ptr[i] = old->ptr[i];
		else if (how == 1)
			data->ptr[i] = 0;
		else if (s->stale)
			data->ptr[i] = (char)byte_at(stale, i);
		else if (how == 2)
			data->ptr[i] = 0;
		else
			data->ptr[i] = (char)sk_rng_next(&s->rng);
	}
}

static void
lose_sectors(struct sectors *s, struct memfs_tree *tree, size_t node,
    const struct sk_buf *old)
{
	struct sk_buf *data = &tree->node[node].data;
	size_t full = data->len, at, len;

	for (at = 0; at < full; at += SECTOR) {
		if (!sector_differs(data, old, at))
			continue;
		if (!s->by_bits) {
			lose_sector(s, tree, node, old, at);
			continue;
		}
		if (!(s->choice & 1))
			lose_sector(s, tree, node, old, at);
		s->choice >>= 1;
	}
	if (s->by_bits || full == old->len)
		return;
	len = full < old->len ? full : old->len;
	at = full < old->len ? old->len : full;
	switch (sk_rng_next(&s->rng) % 4) {
	case 0: /* all of it */
		return;
	case 1:
		len = old->len;
		break;
	default:
		len += (size_t)(sk_rng_next(&s->rng) % (at - len + 1));
		break;
	}
	if (len > full) {
		memfs_tree_length(tree, node, len);
		memcpy(data->ptr + full, old->ptr + full, len - full);
	}
	data->len = len;
}

size_t
memfs_tape_sectors(const struct memfs_tape *tape, size_t point)
{
	bool *loose = sk_xcalloc(point + 1, 1);
	struct memfs_tree old, new;
	size_t i, at, n = 0;

	find_loose(tape, point, loose);
	begin_tree(&old, tape);
	begin_tree(&new, tape);
	apply_prefix(&old, tape, point, loose, 0, 0);
	apply_prefix(&new, tape, point, loose, UINT64_MAX, 0);
	for (i = 0; i < new.n; i++)
		for (at = 0; at < new.node[i].data.len; at += SECTOR)
			n += sector_differs(&new.node[i].data,
			    &old.node[i].data, at);
	memfs_tree_free(&old);
	memfs_tree_free(&new);
	free(loose);
	return n;
}

static void
apply_sectors(struct memfs_tree *tree, const struct memfs_tape *tape,
    size_t point, const bool *loose, struct sectors *s, uint64_t seed)
{
	struct memfs_tree old;
	size_t i;

	begin_tree(&old, tape);
	apply_prefix(&old, tape, point, loose, 0, 0);
	if (s->by_bits)
		apply_prefix(tree, tape, point, loose, UINT64_MAX, 0);
	else
		apply_each(tree, tape, point, loose, seed, true);
	for (i = 0; i < tree->n; i++)
		if (!tree->node[i].dir)
			lose_sectors(s, tree, i, &old.node[i].data);
	memfs_tree_free(&old);
}

void
memfs_boot(const struct memfs_tape *tape, size_t point,
    enum memfs_model model, uint64_t choice, uint64_t seed)
{
	bool *loose = sk_xcalloc(point + 1, 1);
	struct sectors s = { .choice = choice };
	struct memfs_tree tree;

	sk_rng_init(&s.rng, seed + 1);
	s.by_bits = model == MEMFS_C && seed == 0;
	s.stale = model == MEMFS_F;
	find_loose(tape, point, loose);
	begin_tree(&tree, tape);
	if (s.stale)
		begin_ghosts(&s.ghost, tape, point);
	switch (model) {
	case MEMFS_A:
		apply_prefix(&tree, tape, point, loose, 0, 0);
		break;
	case MEMFS_B:
		apply_prefix(&tree, tape, point, loose, choice, seed);
		break;
	case MEMFS_D:
		apply_metadata(&tree, tape, point, loose);
		break;
	case MEMFS_E:
		apply_each(&tree, tape, point, loose, seed, false);
		break;
	case MEMFS_C:
	case MEMFS_F:
		apply_sectors(&tree, tape, point, loose, &s, seed);
		break;
	}
	free(loose);
	memfs_tree_free(&s.ghost);
	memfs_world_set(&tree);
}
