/*
 * A rig for aggregates: events are texts, one for each field of the plan, a
 * result is a line of NDJSON.  A text is a value out of columns, or with
 * `typed` JSON: what stands in quotes is a string, without escapes.
 */
#ifndef SK_TEST_AGGS_H
#define SK_TEST_AGGS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "window/agg.h"

#define AGGS_FIELDS 16

struct rigged {
	struct sk_aggs aggs;
	struct sk_record record;
	struct sk_buf out;
	char text[AGGS_FIELDS][2048 + SK_PAD];
	bool typed;
};

static inline void
rigged_init(struct rigged *rig, const char *list)
{
	struct sk_diag diag = { "" };
	size_t i;

	memset(rig, 0, sizeof(*rig));
	sk_aggs_init(&rig->aggs);
	if (sk_aggs_parse(&rig->aggs, list, &diag) != 0 ||
	    sk_aggs_plan(&rig->aggs, &diag) != 0)
		fail_msg("%s", diag.text);
	assert_true(rig->aggs.nfields <= AGGS_FIELDS);
	sk_record_init(&rig->record, SK_RECORD_NDJSON);
	for (i = 0; rig->aggs.column[i].ptr != NULL; i++)
		assert_int_equal(sk_record_column(&rig->record,
		    rig->aggs.column[i]), 0);
}

static inline void
rigged_done(struct rigged *rig)
{
	sk_aggs_done(&rig->aggs);
	sk_record_free(&rig->record);
	sk_buf_free(&rig->out);
}

static inline void *
rigged_state(const struct rigged *rig)
{
	void *state = sk_xaligned(SK_AGG_ALIGN, rig->aggs.size);

	sk_aggs_new(&rig->aggs, state);
	return state;
}

static inline void
rigged_release(const struct rigged *rig, void *state)
{
	sk_aggs_free(&rig->aggs, state);
	free(state);
}

/* Why the event is bad, or NULL; the values of fields are between blanks. */
static inline const char *
rigged_take(struct rigged *rig, int64_t at, const char *values)
{
	struct sk_view value[AGGS_FIELDS] = { { NULL, 0 } };
	unsigned char kind[AGGS_FIELDS] = { 0 };
	struct sk_agg_event event = { at, value, rig->typed ? kind : NULL };
	size_t f, len;
	const char *v = values;
	char c;

	for (f = 0; f < rig->aggs.nfields && *v != '\0'; f++) {
		len = strcspn(v, " ");
		assert_true(len < 2048);
		memcpy(rig->text[f], v, len);
		memset(rig->text[f] + len, '7', SK_PAD);
		value[f] = sk_view(rig->text[f], len);
		c = *v;
		kind[f] = SK_KIND_NUMBER;
		if (c == '"') {
			kind[f] = SK_KIND_TEXT;
			value[f] = sk_view(rig->text[f] + 1, len - 2);
		} else if (c == 't' || c == 'f')
			kind[f] = SK_KIND_BOOL;
		else if (c == '[' || c == '{')
			kind[f] = SK_KIND_JSON;
		else if (c == 'n') {
			kind[f] = SK_KIND_NONE;
			value[f] = sk_view(NULL, 0);
		}
		v += len + (v[len] == ' ');
	}
	return sk_aggs_take(&rig->aggs, &event);
}

static inline void
rigged_add(struct rigged *rig, void *state, int64_t at, const char *values)
{
	const char *why = rigged_take(rig, at, values);

	if (why != NULL)
		fail_msg("%s: %s", values, why);
	sk_aggs_add(&rig->aggs, state);
}

/* Valid until the next one. */
static inline const char *
rigged_put(struct rigged *rig, const void *state)
{
	struct sk_diag diag = { "" };

	sk_buf_reset(&rig->out);
	sk_record_begin(&rig->record, &rig->out);
	if (sk_aggs_put(&rig->aggs, state, INT64_C(60000000000), &rig->record,
	    &diag) != 0) {
		sk_buf_reset(&rig->out);
		sk_buf_str(&rig->out, diag.text);
	} else {
		sk_record_end(&rig->record);
		rig->out.len--;
	}
	return sk_buf_cstr(&rig->out);
}

/* Save it, and load it again in its place. */
static inline void
rigged_resume(const struct rigged *rig, void *state)
{
	struct sk_buf buf = { 0 };
	struct sk_diag diag = { "" };
	struct sk_view bytes;

	sk_aggs_save(&rig->aggs, state, &buf);
	sk_aggs_free(&rig->aggs, state);
	sk_buf_str(&buf, "behind");
	bytes = sk_view(buf.ptr, buf.len);
	if (sk_aggs_load(&rig->aggs, state, &bytes, &diag) != 0)
		fail_msg("%s", diag.text);
	assert_true(sk_view_equal(bytes, sk_view_str("behind")));
	sk_buf_free(&buf);
}

/*
 * All events, their times 0, 1, 2 ..., in a random order, into states that are
 * merged, copied, saved and loaded at random: what is said in the end.
 */
static inline char *
rigged_shuffle(struct rigged *rig, const char *const *events, size_t n,
    uint64_t seed)
{
	size_t *order = sk_xalloc(n + 1, sizeof(*order)), i, j;
	void *state[4], *copy;
	struct sk_rng rng;
	char *said;

	sk_rng_init(&rng, seed);
	for (i = 0; i < 4; i++)
		state[i] = rigged_state(rig);
	for (i = 0; i < n; i++) {
		j = sk_rng_next(&rng) % (i + 1);
		order[i] = order[j];
		order[j] = i;
	}
	for (i = 0; i < n; i++) {
		uint64_t dice = sk_rng_next(&rng);
		size_t a = dice >> 8 & 3, b = dice >> 10 & 3;

		rigged_add(rig, state[a], (int64_t)order[i],
		    events[order[i]]);
		if (dice % 7 == 0)
			rigged_resume(rig, state[b]);
		if (dice % 11 == 0 && a != b) {
			sk_aggs_merge(&rig->aggs, state[a], state[b]);
			rigged_release(rig, state[b]);
			state[b] = rigged_state(rig);
		}
		if (dice % 13 == 0) {
			copy = sk_xaligned(SK_AGG_ALIGN, rig->aggs.size);
			sk_aggs_copy(&rig->aggs, copy, state[b]);
			rigged_release(rig, state[b]);
			state[b] = copy;
		}
	}
	for (i = 1; i < 4; i++) {
		sk_aggs_merge(&rig->aggs, state[0], state[i]);
		rigged_release(rig, state[i]);
	}
	said = sk_xstrdup(rigged_put(rig, state[0]));
	rigged_release(rig, state[0]);
	free(order);
	return said;
}

/* The same for many orders. */
static inline void
rigged_expect(const char *list, bool typed, const char *const *events,
    size_t n, const char *want)
{
	struct rigged rig;
	uint64_t seed;
	char *said;

	rigged_init(&rig, list);
	rig.typed = typed;
	for (seed = 0; seed < 50; seed++) {
		said = rigged_shuffle(&rig, events, n, seed);
		assert_string_equal(said, want);
		free(said);
	}
	rigged_done(&rig);
}

#define EXPECT(list, typed, want, ...) do { \
	static const char *const events_[] = { __VA_ARGS__ }; \
	rigged_expect(list, typed, events_, \
	    sizeof(events_) / sizeof(events_[0]), want); \
} while (0)

#endif
