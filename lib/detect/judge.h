/*
 * The judge: of each key, what its events are: usual, an alarm, or the end of
 * one.
 *
 * A key has a detector of numbers (detect/detector.h), a threshold
 * (detect/threshold.h) or a memory of categories (detect/novelty.h).  Events of
 * a key come in the order of time; one from before its last event is late, and
 * changes nothing.  But when 10 in a row are, their clock was set back, and the
 * time goes on from there, behind a gap.
 *
 * An incident has an id: 32 bits of a hash of the model, the key, and the time
 * of the event that it began with and its number among those of that time (or
 * of all of the key, where times are not known): the same in a replay.
 *
 * Memory, a key: base/table.h's, 160 bytes, and what those say.
 */
#ifndef SK_DETECT_JUDGE_H
#define SK_DETECT_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "detect/detector.h"
#include "detect/novelty.h"
#include "detect/threshold.h"

enum sk_judge_kind { SK_JUDGE_NUMBERS, SK_JUDGE_THRESHOLD, SK_JUDGE_NOVELTY };

struct sk_judge_conf {
	enum sk_judge_kind kind;
	const char *model; /* its name, a part of ids */
	struct sk_detector_conf detector;
	struct sk_threshold_conf threshold;
	struct sk_novelty_conf novelty;
	uint32_t max_keys;
};

struct sk_judge_event {
	struct sk_view key;
	uint32_t hash;       /* sk_table_hash() of sk_judge_seed() */
	double value;        /* a number */
	struct sk_view text; /* a category */
	bool timed;
	int64_t t_ns;
	int64_t local_ns;
};

struct sk_verdict {
	bool alarm, over;    /* an incident begins or alarms again; is over */
	uint32_t id;         /* of the incident, if either */
	double score;        /* 0 to 1, 6 decimals */
	double expected, low, high; /* NaN: not said */
	struct sk_view reason; /* until the next event; ptr NULL: neither */
	const char *view;    /* that spoke loudest, or the model's name */
	double surprise, oddity;
};

/* Of sk_judge_event(), beside 1 and 2. */
#define SK_JUDGE_LATE 0   /* *by_ns is set */
#define SK_JUDGE_FULL (-1) /* too many keys */

struct sk_judge;

/* conf is copied, the name is not. */
struct sk_judge *sk_judge_open(const struct sk_judge_conf *conf);
void sk_judge_close(struct sk_judge *judge);
uint64_t sk_judge_seed(const struct sk_judge *judge);

/* Whether there is room for a key, which takes it. */
bool sk_judge_key(struct sk_judge *judge, struct sk_view key, uint32_t hash);

/* How many verdicts there are: 1, or 2: an incident is over with the event that
 * begins another. */
int sk_judge_event(struct sk_judge *judge, const struct sk_judge_event *event,
    struct sk_verdict verdict[2], uint64_t *by_ns);

/* The id of an incident of this key that began at this time. */
uint32_t sk_judge_id(const char *model, struct sk_view key, uint64_t at,
    struct sk_buf *scratch);

void sk_judge_save(struct sk_judge *judge, struct sk_buf *buf);
/* Into one of the same conf, newly opened.  SK_EDATA with words in diag. */
int sk_judge_load(struct sk_judge *judge, struct sk_view *bytes,
    struct sk_diag *diag);

#endif
