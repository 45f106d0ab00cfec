/*
 * A cuckoo filter with generations: has this hash been added, in a few bytes
 * an item?  It never says no where the answer is yes, and says yes where it is
 * no with a small probability.
 *
 * The filter has buckets of four slots; an item may stand in two of them, which
 * follow from each other and the item's fingerprint, so that those that are in
 * the way can move on.  A slot is
 *
 *	fingerprint (13 bits, or 29 if it is wide) | generation (3 bits)
 *
 * and 0 if it is empty.  Generations are 1 to 7; all items of some of them can
 * be forgotten at once, so what is old goes and the filter lasts for ever.
 *
 * Error: eight slots are looked at, so a hash that was not added is found with
 * a probability of at most 8 / 2^13 = 0.098 %, wide 8 / 2^29 = 0.0000015 %.
 * Room: up to 95 % of the slots can be in use; beyond, adding an item pushes
 * another one out, and it is then forgotten.
 *
 * Cost: two cache misses a look-up, some more to add.  Forgetting looks at the
 * buckets that have been written to if they are few (a sixteenth), else at
 * all.  Memory: 2.1 bytes an item of the capacity, or 4.2, and 0.04.
 *
 * Hashes are the caller's: 64 bits, all of them good.  What is saved holds
 * while the caller hashes alike.
 *
 * Source: B. Fan, D. G. Andersen, M. Kaminsky, M. D. Mitzenmacher: Cuckoo
 * Filter: Practically Better Than Bloom, CoNEXT 2014; section 3.  The other
 * bucket is H(fingerprint) - bucket (mod n) here, so n is any number.
 */
#ifndef SK_SKETCH_CUCKOO_H
#define SK_SKETCH_CUCKOO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define SK_CUCKOO_GENERATIONS 7
#define SK_CUCKOO_ERROR (8.0 / (1 << 13))
#define SK_CUCKOO_ERROR_WIDE (8.0 / (1 << 29))
#define SK_CUCKOO_CAPACITY_MAX UINT64_C(16000000000)

struct sk_cuckoo {
	bool wide;
	uint32_t nbuckets;
	union {
		uint16_t *narrow;
		uint32_t *wide;
		void *any;
	} slot;
	uint64_t n;        /* items */
	uint32_t turn;     /* which slot of a full bucket goes next */
	uint32_t *written; /* buckets, some twice */
	uint32_t nwritten;
	bool many;         /* more than there is room for */
};

/* Room for so many items, from 1 to SK_CUCKOO_CAPACITY_MAX. */
void sk_cuckoo_init(struct sk_cuckoo *filter, uint64_t capacity, bool wide);
void sk_cuckoo_free(struct sk_cuckoo *filter);

/* Say that this hash will be asked for. */
void sk_cuckoo_prefetch(const struct sk_cuckoo *filter, uint64_t hash);
bool sk_cuckoo_has(const struct sk_cuckoo *filter, uint64_t hash);

/* Add one that is not there; false: another one was pushed out. */
bool sk_cuckoo_add(struct sk_cuckoo *filter, uint64_t hash,
    unsigned generation);

/* Forget all items of these generations, given as bits (1 << generation); how
 * many they were. */
uint64_t sk_cuckoo_forget(struct sk_cuckoo *filter, unsigned generations);

/* The filter as bytes, at the end of buf; and back from the front of *bytes,
 * into a filter that was made by the same sk_cuckoo_init().  SK_EDATA with
 * words in diag, the filter is empty then. */
void sk_cuckoo_save(const struct sk_cuckoo *filter, struct sk_buf *buf);
int sk_cuckoo_load(struct sk_cuckoo *filter, struct sk_view *bytes,
    struct sk_diag *diag);

#endif
