#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "stream/hold.h"

#define BLOCK_BYTES 16384

/* A line in a block stands behind the address of the block, on a multiple of
 * its size. */
struct sk_hold_block {
	size_t size, used;
	size_t nlive; /* events */
	struct sk_hold_block *home[];
};

static size_t
words_of(size_t len)
{
	return 1 + (len + sizeof(void *) - 1) / sizeof(void *);
}

static size_t
block_bytes(const struct sk_hold_block *block)
{
	return sizeof(*block) + block->size * sizeof(block->home[0]);
}

/* A block with room for so many words; sizes are in words. */
static struct sk_hold_block *
room(struct sk_hold *hold, size_t words)
{
	struct sk_hold_block *block = hold->block;
	size_t size = (BLOCK_BYTES - sizeof(*block)) / sizeof(block->home[0]);

	if (block != NULL && block->size - block->used >= words)
		return block;
	if (block != NULL && block->nlive == 0) {
		hold->nbytes -= block_bytes(block);
		free(block);
	}
	if (size < words)
		size = words;
	block = sk_xalloc(sizeof(*block) + size * sizeof(block->home[0]), 1);
	block->size = size;
	block->used = block->nlive = 0;
	hold->block = block;
	hold->nbytes += block_bytes(block);
	return block;
}

void
sk_hold_add(struct sk_hold *hold, int64_t at_ns, uint32_t rank,
    struct sk_view line)
{
	size_t words = words_of(line.len);
	struct sk_hold_block *block = room(hold, words);
	struct sk_heap_item item = { at_ns, hold->number++, rank,
		(uint32_t)line.len, &block->home[block->used] };

	sk_assert(line.len <= UINT32_MAX);
	block->home[block->used] = block;
	memcpy(&block->home[block->used + 1], line.ptr, line.len);
	block->used += words;
	block->nlive++;
	sk_heap_add(&hold->heap, item);
}

struct sk_view
sk_hold_line(const struct sk_hold *hold)
{
	const struct sk_heap_item *first = &hold->heap.item[0];

	return sk_view((const char *)first->ref + sizeof(void *), first->len);
}

/* The block of a line that goes: back to the start if it takes lines. */
static void
leave(struct sk_hold *hold, struct sk_hold_block *block)
{
	if (--block->nlive > 0)
		return;
	if (block == hold->block) {
		block->used = 0;
		return;
	}
	hold->nbytes -= block_bytes(block);
	free(block);
}

void
sk_hold_drop(struct sk_hold *hold)
{
	struct sk_hold_block **home = hold->heap.item[0].ref;

	leave(hold, *home);
	sk_heap_drop(&hold->heap);
}

size_t
sk_hold_bytes(const struct sk_hold *hold)
{
	return hold->nbytes + hold->heap.n * sizeof(struct sk_heap_item);
}

void
sk_hold_free(struct sk_hold *hold)
{
	while (hold->heap.n > 0)
		sk_hold_drop(hold);
	sk_heap_free(&hold->heap);
	free(hold->block);
	memset(hold, 0, sizeof(*hold));
}
