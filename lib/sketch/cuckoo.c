#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sketch/cuckoo.h"

#define SLOTS 4      /* of a bucket */
#define TAG_BITS 3
#define TAG_MASK 7U
#define PUSHES 500   /* Fan et al., 4: as many until it counts as full */
#define FEW 16       /* one bucket of so many is remembered as written */
#define HEAD_BYTES 16

/* An item: its fingerprint and one of its buckets. */
struct place {
	uint32_t print;
	uint32_t bucket;
};

static uint32_t
scale(uint32_t hash, uint32_t n)
{
	return (uint32_t)((uint64_t)hash * n >> 32);
}

static struct place
place_of(const struct sk_cuckoo *filter, uint64_t hash)
{
	struct place place = { (uint32_t)(hash >> (filter->wide ? 35 : 51)),
		scale((uint32_t)hash, filter->nbuckets) };

	return place;
}

/* H(fingerprint) - bucket: applied twice it is the bucket again. */
static uint32_t
other_bucket(const struct sk_cuckoo *filter, struct place place)
{
	uint64_t mixed = (place.print + 1) * UINT64_C(0x9e3779b97f4a7c15);
	uint32_t sum = scale((uint32_t)(mixed >> 32), filter->nbuckets);

	return sum >= place.bucket ? sum - place.bucket :
	    sum + (filter->nbuckets - place.bucket);
}

static uint32_t
get(const struct sk_cuckoo *filter, size_t at)
{
	return filter->wide ? filter->slot.wide[at] : filter->slot.narrow[at];
}

static void
put(struct sk_cuckoo *filter, size_t at, uint32_t slot)
{
	if (filter->wide)
		filter->slot.wide[at] = slot;
	else
		filter->slot.narrow[at] = (uint16_t)slot;
}

static size_t
nslots(const struct sk_cuckoo *filter)
{
	return (size_t)filter->nbuckets * SLOTS;
}

static size_t
slot_bytes(const struct sk_cuckoo *filter)
{
	return filter->wide ? sizeof(uint32_t) : sizeof(uint16_t);
}

static uint32_t
few(const struct sk_cuckoo *filter)
{
	return filter->nbuckets / FEW + 1;
}

void
sk_cuckoo_init(struct sk_cuckoo *filter, uint64_t capacity, bool wide)
{
	memset(filter, 0, sizeof(*filter));
	filter->wide = wide;
	filter->nbuckets = (uint32_t)(capacity / SLOTS + capacity / SLOTS /
	    19 + 2);
	filter->slot.any = sk_xcalloc(nslots(filter), slot_bytes(filter));
	filter->written = sk_xalloc(few(filter), sizeof(*filter->written));
}

void
sk_cuckoo_free(struct sk_cuckoo *filter)
{
	free(filter->slot.any);
	free(filter->written);
	memset(filter, 0, sizeof(*filter));
}

static const void *
bucket_at(const struct sk_cuckoo *filter, uint32_t bucket)
{
	size_t at = (size_t)bucket * SLOTS;

	return filter->wide ? (const void *)(filter->slot.wide + at) :
	    (const void *)(filter->slot.narrow + at);
}

void
sk_cuckoo_prefetch(const struct sk_cuckoo *filter, uint64_t hash)
{
	struct place place = place_of(filter, hash);

	__builtin_prefetch(bucket_at(filter, place.bucket));
	__builtin_prefetch(bucket_at(filter, other_bucket(filter, place)));
}

static bool
stands_in(const struct sk_cuckoo *filter, uint32_t bucket, uint32_t print)
{
	size_t at = (size_t)bucket * SLOTS, i;
	bool found = false;
	uint32_t slot;

	for (i = 0; i < SLOTS; i++) {
		slot = get(filter, at + i);
		found |= slot >> TAG_BITS == print && (slot & TAG_MASK) != 0;
	}
	return found;
}

bool
sk_cuckoo_has(const struct sk_cuckoo *filter, uint64_t hash)
{
	struct place place = place_of(filter, hash);

	return stands_in(filter, place.bucket, place.print) ||
	    stands_in(filter, other_bucket(filter, place), place.print);
}

static void
note_written(struct sk_cuckoo *filter, uint32_t bucket)
{
	if (filter->nwritten == few(filter))
		filter->many = true;
	else
		filter->written[filter->nwritten++] = bucket;
}

/* Into an empty slot of the bucket, if there is one. */
static bool
settle(struct sk_cuckoo *filter, uint32_t bucket, uint32_t slot)
{
	size_t at = (size_t)bucket * SLOTS, i;

	for (i = 0; i < SLOTS; i++) {
		if (get(filter, at + i) != 0)
			continue;
		put(filter, at + i, slot);
		note_written(filter, bucket);
		return true;
	}
	return false;
}

bool
sk_cuckoo_add(struct sk_cuckoo *filter, uint64_t hash, unsigned generation)
{
	struct place place = place_of(filter, hash);
	uint32_t slot = place.print << TAG_BITS | generation, other;
	size_t at;
	int i;

	if (settle(filter, place.bucket, slot)) {
		filter->n++;
		return true;
	}
	for (i = 0; i < PUSHES; i++) {
		place.bucket = other_bucket(filter, place);
		if (settle(filter, place.bucket, slot)) {
			filter->n++;
			return true;
		}
		at = (size_t)place.bucket * SLOTS + filter->turn++ % SLOTS;
		other = get(filter, at);
		put(filter, at, slot);
		note_written(filter, place.bucket);
		slot = other;
		place.print = slot >> TAG_BITS;
	}
	return false;
}

/* Empties the slots of a bucket that hold these generations; whether there is
 * anything left. */
static bool
sweep(struct sk_cuckoo *filter, uint32_t bucket, unsigned generations)
{
	size_t at = (size_t)bucket * SLOTS, i;
	bool left = false;
	uint32_t slot;

	for (i = 0; i < SLOTS; i++) {
		slot = get(filter, at + i);
		if (slot == 0)
			continue;
		if ((generations >> (slot & TAG_MASK) & 1) == 0) {
			left = true;
			continue;
		}
		put(filter, at + i, 0);
		filter->n--;
	}
	return left;
}

uint64_t
sk_cuckoo_forget(struct sk_cuckoo *filter, unsigned generations)
{
	uint32_t n = filter->many ? filter->nbuckets : filter->nwritten;
	bool many = filter->many;
	uint64_t before = filter->n;
	uint32_t i, bucket;

	filter->nwritten = 0;
	filter->many = false;
	for (i = 0; i < n; i++) {
		bucket = many ? i : filter->written[i];
		if (sweep(filter, bucket, generations))
			note_written(filter, bucket);
	}
	return before - filter->n;
}

void
sk_cuckoo_save(const struct sk_cuckoo *filter, struct sk_buf *buf)
{
	size_t n = nslots(filter), i;
	char *to;

	sk_buf_reserve(buf, HEAD_BYTES + n * slot_bytes(filter));
	to = buf->ptr + buf->len;
	sk_put32(to, filter->wide);
	sk_put32(to + 4, filter->nbuckets);
	sk_put64(to + 8, filter->turn);
	to += HEAD_BYTES;
	for (i = 0; i < n; i++)
		if (filter->wide)
			sk_put32(to + 4 * i, filter->slot.wide[i]);
		else
			sk_put16(to + 2 * i, filter->slot.narrow[i]);
	buf->len += HEAD_BYTES + n * slot_bytes(filter);
}

/* False: a slot has a fingerprint without a generation. */
static bool
take_slots(struct sk_cuckoo *filter, const char *from)
{
	size_t n = nslots(filter), i;
	uint32_t slot;

	for (i = 0; i < n; i++) {
		slot = filter->wide ? sk_get32(from + 4 * i) :
		    sk_get16(from + 2 * i);
		if (slot == 0)
			continue;
		if ((slot & TAG_MASK) == 0)
			return false;
		put(filter, i, slot);
		filter->n++;
		note_written(filter, (uint32_t)(i / SLOTS));
	}
	return true;
}

int
sk_cuckoo_load(struct sk_cuckoo *filter, struct sk_view *bytes,
    struct sk_diag *diag)
{
	size_t size = nslots(filter) * slot_bytes(filter);

	if (bytes->len < HEAD_BYTES || bytes->len - HEAD_BYTES < size ||
	    sk_get32(bytes->ptr) != filter->wide ||
	    sk_get32(bytes->ptr + 4) != filter->nbuckets ||
	    sk_get64(bytes->ptr + 8) > UINT32_MAX)
		return sk_diag_set(diag, SK_EDATA,
		    "damaged: not a filter of this size");
	filter->turn = (uint32_t)sk_get64(bytes->ptr + 8);
	if (!take_slots(filter, bytes->ptr + HEAD_BYTES)) {
		memset(filter->slot.any, 0, size);
		filter->n = 0;
		filter->nwritten = 0;
		filter->many = false;
		return sk_diag_set(diag, SK_EDATA,
		    "damaged: a fingerprint of no generation");
	}
	*bytes = sk_view(bytes->ptr + HEAD_BYTES + size,
	    bytes->len - HEAD_BYTES - size);
	return 0;
}
