/*
 * Novelty of categories: a value that its key has never had, or that has
 * become rare.
 *
 * For each key up to `most` values are remembered, as 64-bit hashes with a
 * weight: how often each was seen, halved with every half-life (in events of
 * the key, or in time).  A value is new when it is not among them; rare when
 * its share of the weight of all is below `rare`.  What is new to a key that
 * has had fewer than `warmup` events is no news, nor is it rare.  When all
 * places are taken the value of the least weight is forgotten, of those the
 * one that was seen longest ago.
 *
 * The score says how sure that is.  With w the weight of the value, W that of
 * all n that are remembered, as decayed, before the event,
 *
 *	p = (w + 1) / (W + n + 2)
 *	score = 1 - p / 2 if new or rare, else 0.499 (1 - p)
 *
 * so it is above 0.5 in the one case and below in the other, and nears 1 for
 * what is new to a key of a long past.
 *
 * Two values of one hash are taken for one: at a million values the chance
 * that any two are is 3e-8.
 *
 * Units: shares from 0 to 1.  Cost: 30 to 50 ns for a short value, some 100
 * more when another is forgotten for it.  Memory, a key: 88 bytes, 32 a value
 * in twos to the next power, and once all places are taken 32 more a value.
 */
#ifndef SK_DETECT_NOVELTY_H
#define SK_DETECT_NOVELTY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define SK_NOVELTY_MOST 1000

struct sk_novelty_conf {
	uint32_t most;        /* values of a key, at least 1 */
	uint64_t warmup;      /* events of a key; 1: its first value is usual */
	double rare;          /* 0: only what is new */
	uint64_t half_events; /* half-life; 0: not by events */
	int64_t half_ns;      /* 0: not by time */
};

struct sk_novelty;

enum sk_novelty_what { SK_NOVELTY_USUAL, SK_NOVELTY_NEW, SK_NOVELTY_RARE };

struct sk_novelty_sign {
	enum sk_novelty_what what;
	double share;       /* of the value, before this event */
	uint64_t nvalues;   /* that are remembered, before this event */
	double score;       /* >= 0.5 exactly when new or rare */
};

struct sk_novelty *sk_novelty_new(void);
void sk_novelty_free(struct sk_novelty *seen);

/* t_ns counts only with half_ns; a time before the last one is taken for it. */
void sk_novelty_step(struct sk_novelty *seen,
    const struct sk_novelty_conf *conf, struct sk_view value, int64_t t_ns,
    struct sk_novelty_sign *sign);

/* As bytes, and back into a newly made one; false: they are none, and all that
 * can be done with *seen is to free it. */
void sk_novelty_save(const struct sk_novelty *seen, struct sk_buf *buf);
bool sk_novelty_load(struct sk_novelty *seen, struct sk_view *bytes);

#endif
