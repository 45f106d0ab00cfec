#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/image.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/rng.h"
#include "base/table.h"
#include "detect/judge.h"
#include "detect/shape.h"

#define SET_BACK 10 /* late events in a row: the clock was set back */
#define SPREAD 0x9e3779b97f4a7c15U /* 2^64 / the golden ratio */

struct judged {
	struct sk_detector *detector;
	struct sk_novelty *novelty;
	struct sk_threshold threshold;
	uint64_t n;      /* events */
	int64_t last_ns;
	uint64_t same;   /* events of that time, before the last one */
	uint32_t nback;  /* late events in a row */
	uint32_t id;     /* of the last incident */
};

struct sk_judge {
	struct sk_judge_conf conf;
	struct sk_table keys;
	uint64_t seed;
	struct sk_buf words[2], scratch;
};

struct sk_judge *
sk_judge_open(const struct sk_judge_conf *conf)
{
	struct sk_judge *judge = sk_xcalloc(1, sizeof(*judge));

	judge->conf = *conf;
	judge->seed = sk_rng_draw();
	sk_table_init(&judge->keys, sizeof(struct judged));
	return judge;
}

static void
forget(struct judged *judged)
{
	if (judged->detector != NULL)
		sk_detector_free(judged->detector);
	if (judged->novelty != NULL)
		sk_novelty_free(judged->novelty);
}

void
sk_judge_close(struct sk_judge *judge)
{
	size_t at = 0;
	uint32_t slot;

	if (judge == NULL)
		return;
	while ((slot = sk_table_next(&judge->keys, &at)) != SK_TABLE_NONE)
		forget(sk_table_at(&judge->keys, slot));
	sk_table_free(&judge->keys);
	sk_buf_free(&judge->words[0]);
	sk_buf_free(&judge->words[1]);
	sk_buf_free(&judge->scratch);
	free(judge);
}

uint64_t
sk_judge_seed(const struct sk_judge *judge)
{
	return judge->seed;
}

/* ---- keys ---- */

static void
begin(struct sk_judge *judge, struct judged *judged)
{
	judged->last_ns = INT64_MIN;
	if (judge->conf.kind == SK_JUDGE_NUMBERS)
		judged->detector = sk_detector_new(&judge->conf.detector);
	if (judge->conf.kind == SK_JUDGE_NOVELTY)
		judged->novelty = sk_novelty_new();
}

/* NULL: there is no room for a further one. */
static struct judged *
judged_of(struct sk_judge *judge, struct sk_view key, uint32_t hash)
{
	struct judged *judged;
	uint32_t slot;
	bool fresh;

	if (judge->keys.n >= judge->conf.max_keys &&
	    sk_table_find(&judge->keys, key, hash) == SK_TABLE_NONE)
		return NULL;
	judged = sk_table_entry(&judge->keys, key, hash, &slot, &fresh);
	if (fresh)
		begin(judge, judged);
	return judged;
}

bool
sk_judge_key(struct sk_judge *judge, struct sk_view key, uint32_t hash)
{
	return judged_of(judge, key, hash) != NULL;
}

uint32_t
sk_judge_id(const char *model, struct sk_view key, uint64_t at,
    struct sk_buf *scratch)
{
	char bytes[8];

	sk_put64(bytes, at);
	sk_buf_reset(scratch);
	sk_buf_str(scratch, model);
	sk_buf_zero(scratch, 1);
	sk_buf_view(scratch, key);
	sk_buf_zero(scratch, 1);
	sk_buf_add(scratch, bytes, sizeof(bytes));
	return (uint32_t)sk_hash_disk(scratch->ptr, scratch->len);
}

static void
begin_incident(struct sk_judge *judge, struct judged *judged,
    const struct sk_judge_event *event)
{
	uint64_t at = event->timed ? (uint64_t)event->t_ns + SPREAD *
	    judged->same : judged->n;

	judged->id = sk_judge_id(judge->conf.model, event->key, at,
	    &judge->scratch);
}

/* Whether the event is late; *by_ns is set then. */
static bool
is_late(struct judged *judged, const struct sk_judge_event *event,
    uint64_t *by_ns)
{
	if (!event->timed)
		return false;
	if (event->t_ns < judged->last_ns && ++judged->nback < SET_BACK) {
		*by_ns = (uint64_t)judged->last_ns - (uint64_t)event->t_ns;
		return true;
	}
	judged->nback = 0;
	judged->same = event->t_ns == judged->last_ns ? judged->same + 1 : 0;
	judged->last_ns = event->t_ns;
	return false;
}

/* ---- verdicts ---- */

static struct sk_buf *
words_of(struct sk_judge *judge, int i)
{
	sk_buf_reset(&judge->words[i]);
	return &judge->words[i];
}

static struct sk_view
view_of(const struct sk_buf *buf)
{
	return sk_view(buf->ptr, buf->len);
}

static void
put_over(struct sk_buf *buf, uint64_t n)
{
	sk_buf_str(buf, "over after ");
	sk_num_put_u64(buf, n);
	sk_buf_str(buf, n == 1 ? " event, peak " : " events, peak ");
}

/* As people write it: as many digits as it takes, six at most. */
static void
put_number(struct sk_buf *buf, double value)
{
	sk_buf_fmt(buf, "%.6g", value);
}

static int
judge_number(struct sk_judge *judge, struct judged *judged,
    const struct sk_judge_event *event, struct sk_verdict *verdict)
{
	const struct sk_detector_value value = { event->value, event->timed,
		event->t_ns, event->local_ns };
	struct sk_buf *words = words_of(judge, 0);
	struct sk_detector_sign sign;

	sk_detector_step(judged->detector, &judge->conf.detector, &value,
	    &sign);
	verdict->score = sign.alarm.score;
	verdict->expected = sign.guess.expected;
	verdict->low = sign.guess.low;
	verdict->high = sign.guess.high;
	verdict->surprise = sign.surprise;
	verdict->oddity = sign.oddity;
	verdict->view = sign.view >= 0 ? sk_shape_view_name(sign.view) :
	    judge->conf.model;
	verdict->alarm = sign.alarm.alarm;
	verdict->over = sign.alarm.over;
	if (sign.alarm.alarm && sign.alarm.nevents == 1)
		begin_incident(judge, judged, event);
	if (sign.alarm.alarm) {
		sk_detector_words(judged->detector, &value, &sign, words);
	} else if (sign.alarm.over) {
		put_over(words, sign.alarm.nevents);
		sk_buf_fmt(words, "%.2f", sign.alarm.peak);
	} else {
		return 1;
	}
	verdict->id = judged->id;
	verdict->reason = view_of(words);
	return 1;
}

static void
put_lasted(struct sk_buf *buf, int64_t for_ns)
{
	if (for_ns <= 0)
		return;
	sk_buf_str(buf, " for ");
	sk_num_put_duration(buf, for_ns);
}

static void
put_side(const struct sk_threshold_conf *conf, enum sk_threshold_side side,
    struct sk_buf *buf)
{
	if (!isnan(conf->high)) {
		sk_buf_str(buf, "at or above ");
		put_number(buf, conf->high);
	} else if (side == SK_THRESHOLD_ABOVE) {
		sk_buf_str(buf, "above ");
		put_number(buf, conf->max);
	} else {
		sk_buf_str(buf, "below ");
		put_number(buf, conf->min);
	}
	put_lasted(buf, conf->for_ns);
}

static int
judge_threshold(struct sk_judge *judge, struct judged *judged,
    const struct sk_judge_event *event, struct sk_verdict *verdict)
{
	struct sk_threshold_sign sign;
	struct sk_buf *words = words_of(judge, 0);
	int n = 0;

	sk_threshold_step(&judged->threshold, &judge->conf.threshold,
	    event->value, event->t_ns, &sign);
	if (sign.over) {
		put_over(words, sign.was.n);
		put_number(words, sign.was.peak);
		verdict[n].over = true;
		verdict[n].id = judged->id;
		verdict[n++].reason = view_of(words);
	}
	if (n == 1 && !sign.alarm)
		n = 0;
	if (judged->threshold.side != SK_THRESHOLD_NONE)
		verdict[n].score = 0.499;
	if (sign.alarm) {
		begin_incident(judge, judged, event);
		words = words_of(judge, 1);
		put_side(&judge->conf.threshold, judged->threshold.side,
		    words);
		verdict[n].alarm = true;
		verdict[n].score = 1;
		verdict[n].id = judged->id;
		verdict[n].reason = view_of(words);
	}
	verdict[n].oddity = event->value;
	return n + 1;
}

static int
judge_category(struct sk_judge *judge, struct judged *judged,
    const struct sk_judge_event *event, struct sk_verdict *verdict)
{
	struct sk_buf *words = words_of(judge, 0);
	struct sk_novelty_sign sign;

	sk_novelty_step(judged->novelty, &judge->conf.novelty, event->text,
	    event->t_ns, &sign);
	verdict->score = sign.score;
	verdict->surprise = sign.share > 0 ? -log10(sign.share) : 0;
	verdict->oddity = 1 - sign.share;
	if (sign.what == SK_NOVELTY_USUAL)
		return 1;
	begin_incident(judge, judged, event);
	if (sign.what == SK_NOVELTY_RARE)
		sk_buf_fmt(words, "rare: %.3g %% of what came",
		    100 * sign.share);
	else
		sk_buf_fmt(words, "new beside %llu known value%s",
		    (unsigned long long)sign.nvalues,
		    sk_num_plural(sign.nvalues));
	verdict->alarm = true;
	verdict->id = judged->id;
	verdict->reason = view_of(words);
	return 1;
}

int
sk_judge_event(struct sk_judge *judge, const struct sk_judge_event *event,
    struct sk_verdict verdict[2], uint64_t *by_ns)
{
	struct judged *judged = judged_of(judge, event->key, event->hash);
	int i;

	if (judged == NULL)
		return SK_JUDGE_FULL;
	if (is_late(judged, event, by_ns))
		return SK_JUDGE_LATE;
	judged->n++;
	for (i = 0; i < 2; i++) {
		memset(&verdict[i], 0, sizeof(verdict[i]));
		verdict[i].expected = verdict[i].low = verdict[i].high = NAN;
		verdict[i].view = judge->conf.model;
	}
	if (judge->conf.kind == SK_JUDGE_NUMBERS)
		return judge_number(judge, judged, event, verdict);
	if (judge->conf.kind == SK_JUDGE_THRESHOLD)
		return judge_threshold(judge, judged, event, verdict);
	return judge_category(judge, judged, event, verdict);
}

/* ---- as bytes ---- */

static void
save_key(const struct sk_judge *judge, const struct judged *judged,
    struct sk_buf *buf)
{
	sk_image_put(buf, judged->n);
	sk_image_put(buf, (uint64_t)judged->last_ns);
	sk_image_put(buf, judged->same);
	sk_image_put(buf, judged->nback);
	sk_image_put(buf, judged->id);
	if (judge->conf.kind == SK_JUDGE_NUMBERS)
		sk_detector_save(judged->detector, buf);
	else if (judge->conf.kind == SK_JUDGE_THRESHOLD)
		sk_threshold_save(&judged->threshold, buf);
	else
		sk_novelty_save(judged->novelty, buf);
}

void
sk_judge_save(struct sk_judge *judge, struct sk_buf *buf)
{
	const uint32_t *slot = sk_table_sorted(&judge->keys);
	uint32_t i;

	sk_image_put(buf, judge->keys.n);
	for (i = 0; i < judge->keys.n; i++) {
		sk_image_put_view(buf, sk_table_key(&judge->keys, slot[i]));
		save_key(judge, sk_table_at(&judge->keys, slot[i]), buf);
	}
}

static bool
load_key(struct sk_judge *judge, struct judged *judged, struct sk_view *bytes)
{
	uint64_t nback, id;

	if (!sk_image_take(bytes, &judged->n) ||
	    !sk_image_take_i64(bytes, &judged->last_ns) ||
	    !sk_image_take(bytes, &judged->same) ||
	    !sk_image_take(bytes, &nback) || nback >= SET_BACK ||
	    !sk_image_take(bytes, &id) || id > UINT32_MAX)
		return false;
	judged->nback = (uint32_t)nback;
	judged->id = (uint32_t)id;
	if (judge->conf.kind == SK_JUDGE_NUMBERS)
		return sk_detector_load(judged->detector, bytes);
	if (judge->conf.kind == SK_JUDGE_THRESHOLD)
		return sk_threshold_load(&judged->threshold, bytes);
	return sk_novelty_load(judged->novelty, bytes);
}

int
sk_judge_load(struct sk_judge *judge, struct sk_view *bytes,
    struct sk_diag *diag)
{
	struct judged *judged;
	struct sk_view key;
	uint32_t n, slot;
	bool fresh;

	if (!sk_image_take_n(bytes, 8, &n))
		return sk_image_bad(diag);
	for (; n > 0; n--) {
		if (!sk_image_take_view(bytes, &key))
			return sk_image_bad(diag);
		judged = sk_table_entry(&judge->keys, key,
		    sk_table_hash(key, judge->seed), &slot, &fresh);
		if (!fresh)
			return sk_image_bad(diag);
		begin(judge, judged);
		if (!load_key(judge, judged, bytes))
			return sk_image_bad(diag);
	}
	return 0;
}
