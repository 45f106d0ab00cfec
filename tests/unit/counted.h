/* Streams of numbered items with their exact counts, for the summaries of
 * frequent items. */
#ifndef SK_TEST_COUNTED_H
#define SK_TEST_COUNTED_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "sketch/items.h"

#define COUNTED_TEXT 32

enum counted_kind {
	COUNTED_ZIPF,    /* item i about 1 / i as often as the first */
	COUNTED_UNIFORM,
	COUNTED_ROUND,   /* one after another, round and round */
	COUNTED_LATE,    /* all once, then a few of them again and again */
	COUNTED_KINDS
};

struct counted {
	uint32_t n, d;
	uint32_t *number; /* of the items, in their order */
	uint64_t *weight;
	uint64_t *exact;  /* of each item, up to the event added last */
	char (*text)[COUNTED_TEXT + SK_PAD];
};

static inline struct sk_view
counted_item(const struct counted *s, uint32_t number)
{
	return sk_view_str(s->text[number]);
}

/* Every third item is too long for a slot. */
static inline void
counted_make(struct counted *s, enum counted_kind kind, uint32_t n,
    uint32_t d, uint64_t weight_max, uint64_t seed)
{
	struct sk_rng rng;
	uint32_t i;

	sk_rng_init(&rng, seed);
	s->n = n;
	s->d = d;
	s->number = sk_xalloc(n, sizeof(*s->number));
	s->weight = sk_xalloc(n, sizeof(*s->weight));
	s->exact = sk_xcalloc(d, sizeof(*s->exact));
	s->text = sk_xcalloc(d, sizeof(*s->text));
	for (i = 0; i < d; i++)
		snprintf(s->text[i], COUNTED_TEXT, i % 3 == 2
		    ? "/a/longer/item/%u" : "%u", i);
	for (i = 0; i < n; i++) {
		uint64_t number = sk_rng_next(&rng) % d;

		if (kind == COUNTED_ZIPF)
			while (sk_rng_next(&rng) % 8 != 0)
				number = sk_rng_next(&rng) % (number + 1);
		else if (kind == COUNTED_ROUND)
			number = i % d;
		else if (kind == COUNTED_LATE)
			number = i < d ? i : number % 5;
		s->number[i] = (uint32_t)number;
		s->weight[i] = 1 + sk_rng_next(&rng) % weight_max;
	}
}

static inline void
counted_free(struct counted *s)
{
	free(s->number);
	free(s->weight);
	free(s->exact);
	free(s->text);
}

/* The number of an item, from its text. */
static inline uint32_t
counted_number(struct sk_view item)
{
	size_t i = item.len;

	while (i > 0 && item.ptr[i - 1] >= '0' && item.ptr[i - 1] <= '9')
		i--;
	return (uint32_t)strtoul(item.ptr + i, NULL, 10);
}

/* That rows bound the exact counts, are in order, and that no item without a
 * row was seen more than `floor` times.  NULL, or what is wrong. */
static inline const char *
counted_wrong(const struct counted *s, const struct sk_items_row *rows,
    size_t n, uint64_t floor)
{
	bool *listed = sk_xcalloc(s->d, sizeof(*listed));
	const char *wrong = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		uint64_t exact;
		char text[COUNTED_TEXT];
		uint32_t number;

		snprintf(text, sizeof(text), "%.*s", (int)rows[i].item.len,
		    rows[i].item.ptr);
		number = counted_number(sk_view_str(text));
		exact = s->exact[number];
		if (listed[number])
			wrong = "an item twice";
		listed[number] = true;
		if (rows[i].count < exact)
			wrong = "a count below the truth";
		if (rows[i].error > rows[i].count ||
		    rows[i].count - rows[i].error > exact)
			wrong = "a lower bound above the truth";
		if (i > 0 && (rows[i - 1].count < rows[i].count ||
		    (rows[i - 1].count == rows[i].count && sk_view_compare(
		    rows[i - 1].item, rows[i].item) >= 0)))
			wrong = "rows out of order";
	}
	for (i = 0; i < s->d; i++)
		if (!listed[i] && s->exact[i] > floor)
			wrong = "an item missing";
	free(listed);
	return wrong;
}

#endif
